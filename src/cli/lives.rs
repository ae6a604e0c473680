//! `act`, `revoke`, `replace`, `lookup`, `apikey`, `audit`: the service's use cases from the console.

use super::arguments::{ActVerb, ApiKeyVerb, AuditWhat, LookUpVerb, Replace, Revoke};
use super::output::{Exit, Output};
use super::{Answer, mandate, open, read, write};
use crate::domain::Act;
use crate::ledger::{Caller, Life};
use crate::service::access::{KeyWish, Role};
use crate::service::look_up::LookUp;
use serde_json::json;
use std::path::PathBuf;

pub(super) fn act(output: Output, verb: &ActVerb, templates: &[PathBuf]) -> Answer {
    let office = open(output, &verb.state.state, templates)?;
    let act = Act::of_word(&verb.act).ok_or("不认识的动作 / no such act")?;
    show(output, &office.act(&mandate(), &verb.which, act, &verb.reason, verb.detail.clone())?);
    Ok(Exit::Ok)
}

pub(super) fn revoke(output: Output, verb: &Revoke, templates: &[PathBuf]) -> Answer {
    let office = open(output, &verb.state.state, templates)?;
    show(output, &office.act(&mandate(), &verb.which, Act::Revoke, &verb.reason, None)?);
    Ok(Exit::Ok)
}

pub(super) fn replace(output: Output, replace: &Replace, templates: &[PathBuf]) -> Answer {
    let office = open(output, &replace.state.state, templates)?;
    let application = serde_json::from_slice(&read(&replace.application)?)?;
    let issued = office.replace(&mandate(), &replace.which, &application, replace.idempotency_key.clone())?;
    if let Some(out) = &replace.out {
        write(out, &issued.pdf)?;
    }
    let life = office.life(&issued.entry.identifier, None)?.ok_or("台账里没有它 / not on record")?;
    show(output, &life);
    Ok(Exit::Ok)
}

pub(super) fn look_up(output: Output, verb: &LookUpVerb, templates: &[PathBuf]) -> Answer {
    let office = open(output, &verb.state.state, templates)?;
    let asked: LookUp = serde_json::from_slice(&read(&verb.request)?)?;
    let answer = office.look_up(&mandate().used_by(&asked.operator), &asked)?;
    if output.json {
        output.object(&serde_json::to_value(&answer)?);
    } else {
        let mark = if answer.exempt { "✔" } else { "✘" };
        output.line(&format!("{mark} {} / {}", answer.words.zh, answer.words.en));
        if let Some(found) = &answer.certificate {
            output.line(&format!("  {}  {}", found.number, found.identifier));
        }
        output.line(&format!("  回执 receipt: {}", answer.receipt));
    }
    Ok(Exit::Ok)
}

pub(super) fn api_key(output: Output, verb: &ApiKeyVerb, templates: &[PathBuf]) -> Answer {
    match verb {
        ApiKeyVerb::Create { state, role, organisation, label, types, items, days } => {
            let office = open(output, &state.state, templates)?;
            let list = |given: &Vec<String>| (!given.is_empty()).then(|| given.clone());
            let wish = KeyWish {
                role: Role::of_word(role).ok_or("不认识的角色 / no such role")?,
                organisation: organisation.clone(),
                label: label.clone(),
                slugs: list(types),
                items: list(items),
                days: *days,
            };
            let (caller, text) = office.create_key(&mandate(), wish)?;
            if output.json {
                output.object(&json!({ "caller": caller.caller, "key": *text, "expires_at": caller.expires_at.rfc3339() }));
            } else {
                output.line(&format!("{}\n只显示这一次。Shown this once.", *text));
            }
        }
        ApiKeyVerb::List(state) => {
            let office = open(output, &state.state, templates)?;
            callers(output, &office.ledger().callers()?);
        }
        ApiKeyVerb::Revoke { state, caller } => {
            let office = open(output, &state.state, templates)?;
            if !office.ledger().revoke_caller(caller, crate::service::clock::now())? {
                return Err("没有这把密钥,或早已吊销 / no such key, or revoked before".into());
            }
            output.line(&format!("✔ {caller} 已吊销 revoked"));
        }
    }
    Ok(Exit::Ok)
}

pub(super) fn audit(output: Output, what: &AuditWhat, templates: &[PathBuf]) -> Answer {
    match what {
        AuditWhat::Lookups { state, after, limit } => {
            let office = open(output, &state.state, templates)?;
            for used in office.ledger().uses(*after, *limit)? {
                output.object(&json!({
                    "lookup": used.lookup, "at": used.at.rfc3339(), "receipt": used.receipt, "caller": used.caller,
                    "organisation": used.organisation, "operator": used.operator, "type": used.slug,
                    "item_code": used.item, "case_number": used.case_number, "outcome": used.outcome,
                }));
            }
        }
        AuditWhat::Decisions { state, after, limit } => {
            let office = open(output, &state.state, templates)?;
            for (number, decision) in office.ledger().decisions(*after, *limit)? {
                output.object(&json!({
                    "decision": number, "at": decision.at.rfc3339(), "caller": decision.caller,
                    "right": decision.right, "target": decision.target, "granted": decision.granted,
                    "reason": decision.reason,
                }));
            }
        }
    }
    Ok(Exit::Ok)
}

fn show(output: Output, life: &Life) {
    let status = life.status.map(|status| status.name());
    if output.json {
        output.object(&json!({
            "identifier": life.entry.identifier, "number": life.entry.number, "version": life.entry.version,
            "code": life.entry.code, "status": life.status,
            "successor": life.history.iter().rev().find_map(|event| event.successor.clone()),
        }));
        return;
    }
    let words = status.map_or_else(|| "–".to_owned(), |name| format!("{} {}", name.zh, name.en));
    output.line(&format!("✔ {}  {}  {words}", life.entry.number, life.entry.identifier));
    for event in &life.history {
        output.line(&format!("  {}  {}  {}", event.at.rfc3339(), event.act.name().zh, event.reason));
    }
}

fn callers(output: Output, callers: &[Caller]) {
    if output.json {
        for caller in callers {
            output.object(&json!({
                "caller": caller.caller, "role": caller.role, "organisation": caller.organisation,
                "label": caller.label, "types": caller.slugs, "items": caller.items,
                "expires_at": caller.expires_at.rfc3339(),
                "revoked_at": caller.revoked_at.map(|at| at.rfc3339()),
            }));
        }
        return;
    }
    let row = |caller: &Caller| {
        let state = match caller.revoked_at {
            Some(_) => "已吊销 revoked".to_owned(),
            None => format!("至 until {}", caller.expires_at.beijing_date()),
        };
        vec![
            caller.caller.clone(),
            caller.role.clone(),
            caller.organisation.clone(),
            caller.label.clone(),
            state,
        ]
    };
    let rows: Vec<_> = callers.iter().map(row).collect();
    output.table(&["密钥 key", "角色 role", "机构 organisation", "用途 label", "状态 state"], &rows);
}
