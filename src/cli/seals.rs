//! `seals`: the register of seals.

use super::arguments::SealsVerb;
use super::output::{Exit, Output};
use super::{Answer, mandate, open};
use crate::domain::{Instant, SealAct, SealStatus};
use serde_json::json;
use std::path::PathBuf;

pub(super) fn run(output: Output, verb: &SealsVerb, templates: &[PathBuf]) -> Answer {
    match verb {
        SealsVerb::List { state, at } => {
            let at = at.as_deref().map(instant).transpose()?;
            let office = open(output, &state.state, templates)?;
            for seal in office.registered(at)? {
                let history: Vec<_> = seal
                    .history
                    .iter()
                    .map(|event| {
                        json!({ "at": event.at.rfc3339(), "act": event.act.word(), "reason": event.reason,
                                "operator": event.operator, "certificate_sha256": event.certificate.map(hex::encode) })
                    })
                    .collect();
                if output.json {
                    let status = seal.status.map(SealStatus::word);
                    output.object(&json!({ "seal": seal.seal, "status": status, "history": history }));
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
    let parsed = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok();
    let instant = parsed.and_then(|at| Instant::from_seconds(at.unix_timestamp()));
    instant.ok_or_else(|| "--at 须为 RFC 3339 时刻 / an RFC 3339 instant".to_owned())
}
