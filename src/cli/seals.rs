//! `seals`: the register of seals.

use super::arguments::SealsVerb;
use super::output::{Exit, Output};
use super::{Answer, mandate, open};
use crate::domain::{Instant, SealAct};
use serde_json::json;
use std::path::PathBuf;

pub(super) fn run(output: Output, verb: &SealsVerb, templates: &[PathBuf]) -> Answer {
    match verb {
        SealsVerb::List { state, at } => {
            let at = at.as_deref().map(instant).transpose()?;
            let office = open(output, &state.state, templates)?;
            for seal in office.registered(at)? {
                if output.json {
                    output.object(&seal.to_json());
                    continue;
                }
                let status = seal.status.map_or_else(
                    || "当时不在册 not in the register then".to_owned(),
                    |status| format!("{} {}", status.name().zh, status.name().en),
                );
                output.line(&format!("{}: {status}", seal.seal));
                for event in &seal.history {
                    let (act, at) = (event.act.name(), event.at.rfc3339());
                    output.line(&format!(
                        "  {at}  {} {}  {}({})",
                        act.zh, act.en, event.reason, event.operator
                    ));
                }
            }
        }
        SealsVerb::Act { state, seal, act, reason } => {
            let office = open(output, &state.state, templates)?;
            let act = SealAct::of_word(act).ok_or("不认识的动作 / no such act")?;
            let status = office.act_on_seal(&mandate(), seal, act, reason)?;
            if output.json {
                output.object(&json!({ "seal": seal, "act": act.word(), "status": status.word() }));
            } else {
                output.line(&format!("✔ {seal}: {} / {}", status.name().zh, status.name().en));
            }
        }
    }
    Ok(Exit::Ok)
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::from_rfc3339(text).ok_or_else(|| "--at 须为 RFC 3339 时刻 / an RFC 3339 instant".to_owned())
}
