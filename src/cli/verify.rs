//! `verify`: the word for the counter, one sentence, three lights, then what was found; and the morning's self-test.

use super::output::{Exit, Output};
use super::verify_arguments::Verify;
use super::verify_reports::Reports;
use super::{Answer, open, pdfs, verify_digest, verify_many, write};
use crate::domain;
use crate::ledger::LedgerError;
use crate::net::{AllowError, AllowList};
use crate::report::{self, ReportError, Subject};
use crate::service::check::{self, Asked};
use crate::service::revocation::Fetcher;
use crate::service::selftest::{Kind, SelfTest, Set};
use crate::service::unseen::{Sent, UnseenCheckError};
use crate::service::{Office, office, policies};
use crate::verify::{Coverage, Finding, Judgement, Light, Verdict, Word};
use serde_json::Value;
use std::path::PathBuf;

/// Who judges, and under what.
pub(super) struct Judge<'a> {
    office: Option<&'a Office>,
    asked: Asked<'a>,
}

impl Judge<'_> {
    /// # Errors
    /// The ledger failed.
    pub(super) fn judge(&self, bytes: &[u8]) -> Result<Judgement, LedgerError> {
        match self.office {
            Some(office) => office.check_asked(bytes, &self.asked),
            None => Ok(check::without_office(bytes, &self.asked)),
        }
    }

    /// Without the file.
    ///
    /// # Errors
    /// The sender's mistake, or the ledger failed.
    pub(super) fn unseen(&self, sent: &Sent) -> Result<Judgement, UnseenCheckError> {
        match self.office {
            Some(office) => office.check_unseen(sent, &self.asked),
            None => Ok(sent.check(&self.asked)?),
        }
    }
}

pub(super) fn run(output: Output, verify: &Verify, templates: &[PathBuf]) -> Answer {
    if verify.selftest {
        return self_test(output, verify);
    }
    if let Some(which) = verify.extract_cms {
        return verify_digest::extract(output, verify, which);
    }
    if let Some(which) = verify.extract_ses {
        return verify_digest::extract_ses(output, verify, which);
    }
    let office = verify.state.as_ref().map(|state| open(output, state, templates)).transpose()?;
    let mut anchors = Vec::new();
    for path in &verify.trust {
        anchors.extend(office::anchors(path)?);
    }
    let policy = verify.policy.as_deref().map(policies::find).transpose()?;
    let fetcher = fetcher(&verify.fetch_revocation)?;
    let asked =
        Asked { policy: policy.as_ref(), at: verify.at, anchors: &anchors, fetcher: fetcher.as_ref() };
    let many = verify.results.is_some() || verify.files.iter().any(|path| path.is_dir());
    if verify.extract.is_some() && (verify.files.len() != 1 || many) {
        return Err("--extract 一次只取一个文件 / --extract takes one file at a time".into());
    }
    let judge = Judge { office: office.as_ref(), asked };
    let mut reports = Reports::asked(verify, many, office.as_ref(), templates)?;
    if let Some(digest) = &verify.digest {
        return verify_digest::run(output, verify, digest, &judge, reports.as_mut());
    }
    if many && reports.is_none() {
        return verify_many::run(output, verify, &judge);
    }
    few(output, verify, &judge, reports.as_mut())
}

/// Who may fetch from the addresses that were named; nobody when none was.
fn fetcher(allowed: &[String]) -> Result<Option<Fetcher>, String> {
    if allowed.is_empty() {
        return Ok(None);
    }
    let list = AllowList::read(allowed).map_err(|wrong| {
        let word = |(at, why): &(usize, AllowError)| {
            format!("--fetch-revocation {}: {why}", allowed.get(*at).map_or("", String::as_str))
        };
        wrong.iter().map(word).collect::<Vec<_>>().join("\n")
    })?;
    Ok(Some(Fetcher::new(list)))
}

/// File after file, each with its whole report.
fn few(output: Output, verify: &Verify, judge: &Judge<'_>, mut reports: Option<&mut Reports<'_>>) -> Answer {
    let mut worst = Exit::Ok;
    for found in pdfs::find(&verify.files)? {
        let path = &found.path;
        let bytes = match found.read() {
            Ok(bytes) => bytes,
            Err(why) => {
                output.problem(&format!("✘ {why}"));
                worst = Exit::Failed;
                continue;
            }
        };
        let judgement = judge.judge(&bytes)?;
        let exit = exit(judgement.verdict);
        if exit.weight() > worst.weight() {
            worst = exit;
        }
        let name = path.display().to_string();
        if let Some(reports) = reports.as_deref_mut() {
            reports.report(output, path, &judgement)?;
        } else if output.json {
            output.object(&line(&name, &judgement)?);
        } else {
            show(output, &name, &judgement);
        }
        if let (Some(which), Some(out)) = (verify.extract, &verify.out) {
            let revision = signed_revision(&judgement, &bytes, which)?;
            write(out, revision)?;
            output.remark(&format!(
                "✔ 已写出 {}:第 {which} 个印章所盖的 {} 字节 / written: the bytes that signature {which} was made over",
                out.display(),
                revision.len()
            ));
        }
    }
    Ok(worst)
}

/// The file as it was when a signature was made, counted from 1: its own value included, nothing behind it.
fn signed_revision<'b>(judgement: &Judgement, bytes: &'b [u8], which: usize) -> Result<&'b [u8], String> {
    let signature = which.checked_sub(1).and_then(|at| judgement.signatures.get(at)).ok_or_else(|| {
        let count = judgement.signatures.len();
        format!("没有第 {which} 个印章,文件里共 {count} 个 / no signature {which}: the file holds {count}")
    })?;
    let covered = signature.covered_bytes.filter(|_| signature.coverage != Coverage::Partial);
    covered.and_then(|end| bytes.get(..end)).ok_or_else(|| {
        format!(
            "第 {which} 个印章没有覆盖完整的一版文件,取不出 / signature {which} covers no whole revision: nothing to write"
        )
    })
}

/// One line of JSON: the file, then the judgement.
pub(super) fn line(name: &str, judgement: &Judgement) -> Result<Value, ReportError> {
    report::object(judgement, Subject { name: Some(name), ..Subject::default() })
}

pub(super) fn exit(verdict: Verdict) -> Exit {
    match verdict {
        Verdict::GenuineInForce => Exit::Ok,
        Verdict::GenuineNotInForce => Exit::NotInForce,
        Verdict::Indeterminate => Exit::Indeterminate,
        Verdict::NotTrusted => Exit::Invalid,
        Verdict::Unsigned => Exit::NoSignature,
    }
}

pub(super) fn words(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::GenuineInForce => "✔ 真实有效 genuine",
        Verdict::GenuineNotInForce => "! 真实,但已失效 not in force",
        Verdict::Indeterminate => "? 暂时无法确定 indeterminate",
        Verdict::NotTrusted => "✘ 不可信 not trusted",
        Verdict::Unsigned => "– 没有电子印章 unsigned",
    }
}

fn light(light: Light) -> &'static str {
    match light {
        Light::None => "– 不适用 not weighed",
        Light::Green => "✔ 是 yes",
        Light::Amber => "? 未能确定 unknown",
        Light::Red => "✘ 否 no",
    }
}

/// Longest text of a stranger on the screen, in characters.
const LONGEST: usize = 1000;

/// Strangers' words, as names of files, fields and certificates are, must not steer the screen.
pub(super) fn plain(text: &str) -> String {
    domain::plain::plain(text, LONGEST)
}

pub(super) fn show(output: Output, name: &str, judgement: &Judgement) {
    let counter = &judgement.counter;
    let mark = match counter.word {
        Word::Accept => "✔",
        Word::Refuse => "✘",
        Word::Refer => "?",
    };
    output.line(&format!("{mark} {} {}  {}", counter.zh, counter.word.en(), plain(name)));
    output.line(&format!("  {}\n  {}", plain(&judgement.headline.zh), plain(&judgement.headline.en)));
    output.line(&format!("  → {}\n    {}", counter.next_step.zh, counter.next_step.en));
    let lights = [
        ("文件完整 file intact", judgement.lights.file),
        ("印章可信 seal trusted", judgement.lights.seal),
        ("证照有效 certificate in force", judgement.lights.certificate),
    ];
    lights.iter().for_each(|(what, state)| output.line(&format!("  {what}: {}", light(*state))));
    for signature in &judgement.signatures {
        let signer = signature.signer.as_ref().map_or("?", |s| s.subject.as_str());
        let status = signature.indication.name();
        let why = signature.sub_indication.map_or_else(String::new, |why| format!(" / {}", why.name()));
        output.line(&format!(
            "  印章 seal: {}, {}, {status}{why}",
            plain(signer),
            signature.algorithm.as_deref().unwrap_or("?")
        ));
        signature.findings.iter().for_each(|f| finding(output, f));
    }
    judgement.findings.iter().for_each(|f| finding(output, f));
    let policy = &judgement.policy;
    output.line(&format!("  策略 policy: {} {} · 时刻 at: {}", policy.name, policy.version, judgement.at));
    output.line("");
}

/// A word as the JSON spells it.
pub(super) fn word(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn finding(output: Output, finding: &Finding) {
    let words = finding.words();
    output.line(&format!("  · {} / {}", plain(&words.zh), plain(&words.en)));
}

fn self_test(output: Output, verify: &Verify) -> Answer {
    let set = verify.cases.as_deref().map_or_else(|| Ok(Set::shipped()), Set::read)?;
    let tested = set.run()?;
    if output.json {
        output.object(&serde_json::to_value(&tested)?);
    } else {
        show_test(output, &tested);
    }
    Ok(if tested.passed { Exit::Ok } else { Exit::Failed })
}

fn show_test(output: Output, tested: &SelfTest) {
    for case in &tested.cases {
        let verdict = word(case.verdict);
        let said = match (case.passed, case.kind) {
            (true, Kind::Attack) => format!("✔ 已拒绝 refused     {}", case.name),
            (true, Kind::Honest) => format!("✔ 已识别 recognised  {}", case.name),
            (false, _) => format!("✘ 错误 WRONG         {}", case.name),
        };
        let wanted = if case.passed { String::new() } else { format!(",应为 must be {}", case.expected) };
        output.line(&format!("{said}: {verdict}{wanted}\n    {}", case.about));
    }
    let sum = format!(
        "攻击样本已拒绝 attacks refused: {} · 真实文件已识别 honest recognised: {} · 错误 wrong: {}",
        tested.refused, tested.recognised, tested.failed
    );
    let (mark, words) = if tested.passed {
        ("✔", "本程序今天能识破这些伪造。 This program sees through these forgeries today.")
    } else {
        (
            "✘",
            "请勿用本程序核验,报告技术人员。 Do not verify with this program; report it to the technical desk.",
        )
    };
    output.line(&format!("\n{mark} {sum}\n{words}"));
}
