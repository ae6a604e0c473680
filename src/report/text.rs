//! The report as lines of text, 中文 first.

use super::seal::{Certificate, Seal, Stamp, StepRow};
use super::sheet::{Row, Sheet};
use std::fmt::Write;

const RULE: &str = "────────────────────────────────────────";

/// Writes the sheet. Writing to a `String` cannot fail.
pub(super) fn write(sheet: &Sheet) -> String {
    let mut out = String::from("核验报告 Verification report\n");
    rows(&mut out, "  ", &sheet.subject);
    heading(&mut out, "结论 Verdict");
    let _ = writeln!(out, "{} {} {}", sheet.mark(), sheet.word.zh, sheet.word.en);
    let _ = writeln!(out, "  {}\n  {}", sheet.headline.zh, sheet.headline.en);
    if let Some(reason) = &sheet.reason {
        let _ = writeln!(out, "  因为 because: {}\n    {}", reason.zh, reason.en);
    }
    let _ = writeln!(out, "  → {}\n    {}", sheet.next.zh, sheet.next.en);
    heading(&mut out, "三个问题 Three questions");
    for light in &sheet.lights {
        let (mark, name, state) = (light.tone.mark(), &light.name, &light.state);
        let _ = writeln!(out, "  {mark} {} {}: {} {}", name.zh, name.en, state.zh, state.en);
    }
    sheet.seals.iter().for_each(|seal| one(&mut out, seal));
    heading(&mut out, "整个文件 The document as a whole");
    steps(&mut out, &sheet.document);
    heading(&mut out, "依据 Evidence");
    rows(&mut out, "  ", &sheet.evidence);
    out
}

fn heading(out: &mut String, words: &str) {
    let _ = writeln!(out, "\n{RULE}\n{words}");
}

fn rows(out: &mut String, indent: &str, rows: &[Row]) {
    for row in rows {
        let _ = writeln!(out, "{indent}{} {}: {}", row.label.zh, row.label.en, row.value);
    }
}

fn one(out: &mut String, seal: &Seal) {
    let (number, title) = (seal.number, &seal.title);
    heading(out, &format!("签名 {number}:{} Signature {number}: {}", title.zh, title.en));
    let _ = writeln!(out, "{} {}", seal.tone.mark(), seal.status);
    rows(out, "  ", &seal.facts);
    let _ = writeln!(out, "  步骤 Steps");
    steps(out, &seal.steps);
    if !seal.chain.is_empty() {
        let _ = writeln!(out, "  证书链,签名者在先 Chain, signer first");
    }
    seal.chain.iter().enumerate().for_each(|(at, link)| certificate(out, at, link));
    if !seal.stamps.is_empty() {
        let _ = writeln!(out, "  时间戳 Time-stamps");
        seal.stamps.iter().for_each(|stamp| stamped(out, stamp));
    }
}

fn steps(out: &mut String, steps: &[StepRow]) {
    for step in steps {
        let (mark, title, outcome) = (step.tone.mark(), &step.title, &step.outcome);
        let _ = writeln!(out, "  {mark} {} {}: {} {}", title.zh, title.en, outcome.zh, outcome.en);
        let _ = writeln!(out, "      {} {}", step.words.zh, step.words.en);
        for said in &step.findings {
            let _ = writeln!(
                out,
                "      {} [{}] {} {}",
                said.tone.mark(),
                said.code,
                said.words.zh,
                said.words.en
            );
        }
        if step.more > 0 {
            let _ = writeln!(out, "      … 另有 {0} 条 {0} more", step.more);
        }
    }
}

fn certificate(out: &mut String, at: usize, link: &Certificate) {
    let _ = writeln!(out, "    {}. {} · {}", at + 1, link.subject, link.organisation);
    let _ = writeln!(out, "       颁发者 issuer: {}", link.issuer);
    let _ = writeln!(out, "       序列号 serial: {}", link.serial);
    let _ = writeln!(out, "       有效期 valid: {}", link.valid);
    let _ = writeln!(out, "       SHA-256: {}", link.sha256);
}

fn stamped(out: &mut String, stamp: &Stamp) {
    let (mark, kind, state) = (stamp.tone.mark(), &stamp.kind, &stamp.state);
    let _ = writeln!(
        out,
        "  {mark} {} {}: {} · {} · {} {}",
        kind.zh, kind.en, stamp.at, stamp.authority, state.zh, state.en
    );
}
