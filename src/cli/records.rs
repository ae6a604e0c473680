//! `list` and `show`: what is on record, without personal data.

use super::arguments::{List, Show};
use super::output::{Exit, Output};
use super::{Answer, open, write};
use crate::ledger::{Entry, State};
use serde_json::{Value, json};
use std::path::PathBuf;

pub(super) fn list(output: Output, list: &List, templates: &[PathBuf]) -> Answer {
    let office = open(output, &list.state.state, templates)?;
    let entries = office.ledger().list(list.after, list.limit)?;
    if output.json {
        entries.iter().for_each(|entry| output.object(&object(entry)));
        return Ok(Exit::Ok);
    }
    let rows: Vec<Vec<String>> = entries.iter().map(row).collect();
    output.table(&["记录 record", "类型 type", "编号 number", "核验码 code", "状态 state", "时间 reserved"], &rows);
    Ok(Exit::Ok)
}

pub(super) fn show(output: Output, show: &Show, templates: &[PathBuf]) -> Answer {
    let office = open(output, &show.state.state, templates)?;
    let Some(entry) = office.ledger().find(show.which.trim())? else {
        return Err("台账里没有这份证照 / no such certificate on record".into());
    };
    if let (Some(out), Some(address)) = (&show.out, &entry.document) {
        let pdf = office.ledger().document(address)?.ok_or("文件不在存档中 / the file is not on record")?;
        write(out, &pdf)?;
    }
    if output.json {
        output.object(&object(&entry));
    } else {
        let object = object(&entry);
        for (name, value) in object.as_object().into_iter().flatten() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            output.line(&format!("{name}: {text}"));
        }
    }
    Ok(Exit::Ok)
}

fn state(entry: &Entry) -> &'static str {
    match entry.state {
        State::Reserved => "reserved",
        State::Issued => "issued",
        State::Void => "void",
    }
}

fn row(entry: &Entry) -> Vec<String> {
    vec![
        entry.record.to_string(),
        entry.slug.clone(),
        entry.number.clone(),
        entry.code.clone(),
        state(entry).to_owned(),
        entry.reserved_at.rfc3339(),
    ]
}

fn object(entry: &Entry) -> Value {
    json!({
        "record": entry.record, "type": entry.slug, "number": entry.number, "identifier": entry.identifier,
        "code": entry.code, "state": state(entry), "reserved_at": entry.reserved_at.rfc3339(),
        "closed_at": entry.closed_at.map(|t| t.rfc3339()), "valid_until": entry.valid_until,
        "document": entry.document.map(hex::encode), "void_reason": entry.void_reason, "operator": entry.operator,
    })
}
