//! Signed documents made by others, judged whole. Runs when `YINZHENG_CORPUS` names the folder with
//! `manifest.jsonl`; the documents are not part of this package. Trust is not asked (no anchors), only what the
//! file light says; then each is judged under the policy `integrity-only`, whose verdict must be the expected one.
//! `corpus-exceptions.toml` lists every known divergence; one that heals fails the test too.

use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::{Duration, Instant as Clock};
use yinzheng::crypto::ALL;
use yinzheng::domain::Instant;
use yinzheng::pdf::Limits;
use yinzheng::verify::{
    Changes, Effect, Finding, Judgement, LedgerWord, Light, Policy, Rules, Verdict, verify,
};
use yinzheng::x509::Checker;

/// Generous for a debug build: the slowest tool of the trade needed 106 s for one of the classes.
const SLOWEST: Duration = Duration::from_secs(5);

#[derive(Deserialize)]
struct Case {
    id: String,
    file: String,
    expected: Expected,
}

#[derive(Deserialize)]
struct Expected {
    each: Vec<Each>,
    signatures: usize,
    #[serde(default)]
    doc_timestamps: usize,
    overall: String,
}

#[derive(Deserialize)]
struct Each {
    field: Option<String>,
    integrity: Option<String>,
    coverage: Option<String>,
    modified_after: Option<String>,
}

#[derive(Deserialize)]
struct Exceptions {
    #[serde(default)]
    exception: Vec<Exception>,
}

#[derive(Deserialize)]
struct Exception {
    id: String,
    actual: String,
    #[allow(dead_code)]
    expected: String,
    reason: String,
}

#[test]
fn documents_of_others() {
    let Some(folder) = std::env::var_os("YINZHENG_CORPUS").map(PathBuf::from) else {
        eprintln!("YINZHENG_CORPUS is not set: skipped");
        return;
    };
    let listed: Exceptions = toml::from_str(include_str!("corpus-exceptions.toml")).unwrap();
    assert!(listed.exception.iter().all(|one| !one.reason.is_empty()));
    let mut known: BTreeMap<String, String> =
        listed.exception.into_iter().map(|one| (one.id, one.actual)).collect();
    let manifest = std::fs::read_to_string(folder.join("manifest.jsonl")).unwrap();
    let integrity = Policy::built_in("integrity-only").unwrap();
    let (mut wrong, mut agreed) = (Vec::new(), 0);
    for line in manifest.lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let bytes = std::fs::read(folder.join(&case.file)).unwrap();
        let clock = Clock::now();
        let judgement = judge(&bytes, Policy::strict());
        assert!(clock.elapsed() < SLOWEST, "{} took {:?}", case.id, clock.elapsed());
        // Nothing here is trusted, so nothing may be called genuine.
        assert!(
            !matches!(judgement.verdict, Verdict::GenuineInForce | Verdict::GenuineNotInForce),
            "{}",
            case.id
        );
        let lenient = judge(&bytes, integrity);
        let mut divergences = divergences(&case.expected, &lenient);
        let accepted = lenient.verdict == Verdict::GenuineInForce;
        let wanted = case.expected.overall == "accept-if-trusted";
        if accepted == wanted {
            agreed += usize::from(divergences.is_empty());
        } else {
            divergences.push(why(&lenient));
        }
        // A forgery that is accepted is no exception, whatever the list says.
        assert!(!accepted || wanted, "{}: {}", case.id, why(&lenient));
        let divergences = divergences.join("; ");
        match (divergences.as_str(), known.remove(&case.id)) {
            ("", None) => {}
            ("", Some(was)) => wrong.push(format!("{}: healed, was {was}", case.id)),
            (now, Some(was)) if now == was => {}
            (now, _) => wrong.push(format!("{}: {now}", case.id)),
        }
    }
    eprintln!("{agreed} of {} agree under integrity-only", manifest.lines().count());
    wrong.extend(known.keys().map(|id| format!("{id}: in the list, not in the corpus")));
    assert!(wrong.is_empty(), "{} divergences\n{}", wrong.len(), wrong.join("\n"));
}

/// The verdict, and what lowers a light.
fn why(judgement: &Judgement) -> String {
    let of_signatures = judgement.signatures.iter().flat_map(|signature| &signature.findings);
    let lowering = of_signatures
        .chain(&judgement.findings)
        .filter(|finding| matches!(finding.effect(), Effect::Amber(_) | Effect::Red(_)))
        .map(Finding::code);
    format!("{:?} {:?}", judgement.verdict, lowering.collect::<BTreeSet<_>>())
}

fn judge(bytes: &[u8], policy: &Policy) -> Judgement {
    let rules = Rules {
        anchors: &[],
        crls: &[],
        sought: None,
        suites: ALL,
        checker: &Checker::new(ALL),
        at: Instant::from_seconds(1_790_000_000).unwrap(),
        policy,
        known: &[],
        distrusted: &[],
        limits: Limits::DEFAULT,
        second_opinion: false,
        rendering: false,
    };
    verify(bytes, &rules).weigh(LedgerWord::NotAsked)
}

/// A rejected document must not be green; an accepted one must be read as the others read it.
fn divergences(expected: &Expected, judgement: &Judgement) -> Vec<String> {
    if expected.overall == "reject" {
        return if judgement.lights.file == Light::Green { vec!["file green".into()] } else { Vec::new() };
    }
    let word = |value: serde_json::Value| value.as_str().unwrap_or("?").to_owned();
    let mut found = Vec::new();
    // Accepted by the others if its signers are trusted: then the file itself is beyond doubt.
    if judgement.lights.file != Light::Green {
        found.push(format!("file {}", word(serde_json::to_value(judgement.lights.file).unwrap())));
    }
    let mut left: Vec<_> = judgement.signatures.iter().collect();
    for each in &expected.each {
        let named = left.iter().position(|signature| signature.field == each.field).or(if left.is_empty() {
            None
        } else {
            Some(0)
        });
        let Some(signature) = named.map(|at| left.remove(at)) else {
            found.push("a signature is missing".into());
            continue;
        };
        let integrity = word(serde_json::to_value(signature.integrity).unwrap());
        let coverage = word(serde_json::to_value(signature.coverage).unwrap());
        if each.integrity.as_ref().is_some_and(|wanted| *wanted != integrity) {
            found.push(format!("integrity {integrity}"));
        }
        if each.coverage.as_ref().is_some_and(|wanted| *wanted != coverage) {
            found.push(format!("coverage {coverage}"));
        }
        let changes = match signature.changes {
            Changes::None => "none",
            Changes::Evidence | Changes::Form | Changes::Annotations => "allowed",
            Changes::Forbidden | Changes::NotJudged => "forbidden",
        };
        if each.modified_after.as_ref().is_some_and(|wanted| wanted != changes) {
            found.push(format!("changes {changes}"));
        }
    }
    // Some cases describe fewer signatures than they count.
    let more = judgement.signatures.len().saturating_sub(expected.signatures + expected.doc_timestamps);
    if more > 0 {
        found.push(format!("{more} signatures too many"));
    }
    found
}
