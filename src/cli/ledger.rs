//! `ledger check`, `backup`, `restore`: whether the record is whole, a copy of it, and the way back.

use super::arguments::{Backup, LedgerVerb, Restore};
use super::output::{Exit, Output};
use super::{Answer, open};
use crate::ledger::Examination;
use crate::service::{Office, restore};
use serde_json::json;
use std::path::PathBuf;

pub(super) fn run(output: Output, verb: &LedgerVerb, templates: &[PathBuf]) -> Answer {
    match verb {
        LedgerVerb::Check { state, sample } => {
            let examination = restore::check_ledger(&state.state, *sample)?;
            show(output, &examination);
            Ok(exit(&examination))
        }
        LedgerVerb::Audit { state } => audit(output, &open(output, &state.state, templates)?),
    }
}

fn audit(output: Output, office: &Office) -> Answer {
    let mut good = true;
    for key in office.audit_keys()? {
        good &= !key.balance.is_alarming();
        if output.json {
            output.object(&key.to_json());
            continue;
        }
        let seal = key.seal.as_deref().unwrap_or("已换发 renewed");
        let made = key.made.map_or_else(|| "—".to_owned(), |made| made.to_string());
        let entries = &key.entries;
        output.line(&format!(
            "{seal} {}: 密钥所计 by the key {made};台账 on record: 签发 issued {}、盖章 stamped {}、报告 reports {}、作废 void {}、未了 open {} — {}",
            &hex::encode(key.fingerprint)[..16],
            entries.issued,
            entries.stamped,
            entries.reports,
            entries.void,
            entries.open,
            key.words()
        ));
    }
    Ok(if good { Exit::Ok } else { Exit::Failed })
}

pub(super) fn backup(output: Output, backup: &Backup, templates: &[PathBuf]) -> Answer {
    let office = open(output, &backup.state.state, templates)?;
    office.ledger().backup(&backup.out)?;
    let keys = "密钥文件 ledger-keys.json 不在其中,请另行备份。The key file is not in it: back it up apart.";
    output.line(&format!("✔ {}\n{keys}", backup.out.display()));
    Ok(Exit::Ok)
}

pub(super) fn restore(output: Output, restore: &Restore) -> Answer {
    let keys = match (&restore.keys, &restore.state) {
        (Some(keys), _) => keys.clone(),
        (None, Some(state)) => state.join("ledger-keys.json"),
        (None, None) => {
            return Err("须用 --keys 给出密钥文件,或用 --state 给出状态目录 / give the key file with --keys, or a state folder with --state".into());
        }
    };
    if restore.check {
        let live = restore.state.as_deref().filter(|state| state.join("ledger.db").exists());
        let examination = restore::check_backup(&restore.backup, &keys, live, restore.sample)?;
        show(output, &examination);
        return Ok(exit(&examination));
    }
    let state = restore.state.as_ref().ok_or(
        "须用 --state 给出要恢复到的目录,或加 --check 只检查 / say where to with --state, or only look with --check",
    )?;
    match restore::restore(&restore.backup, &keys, state, restore.sample) {
        Err(restore::RestoreError::Damaged(damage)) if output.json => {
            show(output, &Examination { damage, ..Examination::default() });
            Ok(Exit::Failed)
        }
        Err(why) => Err(why.into()),
        Ok(examination) => {
            show(output, &examination);
            output.remark(&format!(
                "✔ 已恢复到 restored into {}\n  下一步 next: yinzheng doctor --state {}\n  备份之后签发的编号会再次发出,请先查明 / numbers issued since the backup would be given again: find them first",
                state.display(),
                state.display()
            ));
            Ok(Exit::Ok)
        }
    }
}

fn exit(examination: &Examination) -> Exit {
    if examination.damage.is_empty() { Exit::Ok } else { Exit::Failed }
}

fn show(output: Output, found: &Examination) {
    if output.json {
        let open = found.open.iter().map(|open| {
            json!({ "number": open.number, "type": open.slug, "since": open.since.rfc3339(), "in_hand": open.in_hand })
        });
        let uses = found.open_stampings.iter().map(|open| {
            json!({ "seal": open.seal, "use_number": open.use_number, "since": open.since.rfc3339(), "in_hand": open.in_hand })
        });
        let damage =
            found.damage.iter().map(|damage| json!({ "code": damage.code(), "what": damage.to_string() }));
        output.object(&json!({
            "sound": found.damage.is_empty(), "schema": found.schema, "issued": found.issued, "void": found.void,
            "documents": found.documents, "acts": found.events, "lookups": found.lookups,
            "stampings": found.stampings, "open_stampings": uses.collect::<Vec<_>>(),
            "last_number": found.last.as_ref().map(|entry| &entry.number),
            "last_at": found.last.as_ref().map(|entry| entry.reserved_at.rfc3339()),
            "sampled": found.sampled, "open": open.collect::<Vec<_>>(), "problems": damage.collect::<Vec<_>>(),
        }));
        return;
    }
    let Examination { schema, issued, void, documents, events, lookups, sampled, .. } = found;
    output.line(&format!(
        "版本 version {schema}:签发 issued {issued},作废 void {void},存档 documents {documents},变更 acts {events},查询 look-ups {lookups}"
    ));
    if found.stampings > 0 {
        output.line(&format!("用印 uses of seals on documents: {}", found.stampings));
    }
    if let Some(last) = &found.last {
        output.line(&format!("最后一号 last: {}  {}", last.number, last.reserved_at.rfc3339()));
    }
    output.line(&format!("用密钥打开 opened with the keys: {sampled}"));
    for open in &found.open {
        let state = if open.in_hand {
            "正在办理 in progress"
        } else {
            "无人办理;下一条打开状态目录的命令会补办或作废 / nobody works on it: the next verb that opens the folder finishes or voids it"
        };
        output.line(&format!(
            "! 已预留未入账 reserved, not on record: {}  {}  {state}",
            open.number,
            open.since.rfc3339()
        ));
    }
    for open in &found.open_stampings {
        let state = if open.in_hand {
            "正在办理 in progress"
        } else {
            "无人办理;以同一防重键重交即可办完 / nobody works on it: the same request under its idempotency key finishes it"
        };
        let (since, number) = (open.since.rfc3339(), open.use_number);
        output.line(&format!(
            "! 用印未完 use of a seal not finished: {} {number}  {since}  {state}",
            open.seal
        ));
    }
    for damage in &found.damage {
        output.line(&format!("✘ {}: {damage}", damage.code()));
    }
    if found.damage.is_empty() {
        output.line("✔ 完好 sound");
    }
}
