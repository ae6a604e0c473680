//! `doctor`: every check on its own line, what to do under it, and an exit code for the operator's script.

use super::Answer;
use super::arguments::Doctor;
use super::output::{Exit, Output};
use super::tls;
use crate::config::Config;
use crate::service::doctor::{self, Examined, Health};
use std::path::PathBuf;

pub(super) fn run(output: Output, doctor: &Doctor, templates: &[PathBuf]) -> Answer {
    let mut examined = doctor::examine(doctor.state.as_deref(), templates.to_vec());
    // The configuration's own problems are told by then.
    let config = doctor.state.as_deref().and_then(|state| Config::read(state).ok());
    examined.extend(config.iter().flat_map(tls::examine));
    for one in &examined {
        if output.json {
            output.object(&serde_json::to_value(one)?);
        } else {
            show(output, one);
        }
    }
    let count = |health| examined.iter().filter(|one| one.health == health).count();
    let (bad, attention) = (count(Health::Bad), count(Health::Attention));
    if !output.json {
        output.line(&format!(
            "\n{bad} 处不可用,{attention} 处须留意 / {bad} not working, {attention} to attend to"
        ));
    }
    Ok(if bad == 0 { Exit::Ok } else { Exit::Failed })
}

fn show(output: Output, one: &Examined) {
    let mark = match one.health {
        Health::Good => "✔",
        Health::Attention => "!",
        Health::Bad => "✘",
    };
    let words = match one.found.en.as_str() {
        "" => one.found.zh.clone(),
        en => format!("{} / {en}", one.found.zh),
    };
    output.line(&format!("{mark} {}: {words}", one.subject));
    if let Some(next) = &one.next {
        output.line(&format!("    → {} / {}", next.zh, next.en));
    }
}
