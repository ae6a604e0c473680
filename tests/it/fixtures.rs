//! `fixtures/`: documents of ours and attacks on them, each with what is expected of it beside it, made by
//! `examples/fixtures`. All are judged at the instant their expectation names, with the second reader.

use serde::Deserialize;
use std::path::{Path, PathBuf};
use yinzheng::crypto;
use yinzheng::domain::{Bilingual, Instant};
use yinzheng::pdf::Limits;
use yinzheng::verify::{
    Finding, Judgement, LedgerState, LedgerWord, RevocationRule, Rules, SameFile, Verdict, verify,
};
use yinzheng::x509::ceremony::certificates;
use yinzheng::x509::{Certificate, Checker, Crl, pem_blocks};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    about: String,
    at: String,
    anchor: String,
    expect: Expected,
    ledger: Option<Ledger>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    verdict: String,
    /// File, seal, certificate.
    lights: [String; 3],
    /// Every finding's code, sorted, each once.
    findings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ledger {
    number: String,
    recorded_at: String,
    state: String,
    same_file: String,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn instant(text: &str) -> Instant {
    let parsed = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).unwrap();
    Instant::from_seconds(parsed.unix_timestamp()).unwrap()
}

impl Ledger {
    fn word(self) -> LedgerWord {
        let state = match self.state.split_once(':') {
            None if self.state == "in_force" => LedgerState::InForce,
            Some(("expired", day)) => {
                let format = time::macros::format_description!("[year]-[month]-[day]");
                LedgerState::Expired { since: time::Date::parse(day, format).unwrap() }
            }
            _ => panic!("state {}", self.state),
        };
        let same_file = match self.same_file.as_str() {
            "identical" => SameFile::Identical,
            "signature_only" => SameFile::SignatureOnly,
            "different" => SameFile::Different,
            other => panic!("same_file {other}"),
        };
        LedgerWord::OnRecord {
            number: self.number,
            recorded_at: instant(&self.recorded_at),
            state,
            same_file,
            type_name: Bilingual::new("样例", "specimen"),
        }
    }
}

struct Bench {
    checker: Checker,
    crls: Vec<Crl>,
}

impl Bench {
    fn new() -> Self {
        let lists = ["root.crl", "issuing.crl"].map(|name| {
            let text = std::fs::read_to_string(folder().join("trust").join(name)).unwrap();
            Crl::from_der(&pem_blocks(&text, "X509 CRL")[0]).unwrap()
        });
        Self { checker: Checker::new(crypto::ALL), crls: lists.to_vec() }
    }

    fn judge(
        &self,
        bytes: &[u8],
        at: Instant,
        anchors: &[Certificate],
        word: LedgerWord,
        second: bool,
    ) -> Judgement {
        let rules = Rules {
            anchors,
            crls: &self.crls,
            suites: crypto::ALL,
            checker: &self.checker,
            at,
            revocation: RevocationRule::WhenAvailable,
            distrusted: &[],
            limits: Limits::DEFAULT,
            second_opinion: second,
            rendering: second,
        };
        verify(bytes, &rules).weigh(word)
    }
}

fn word_of(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

fn codes(judgement: &Judgement) -> Vec<&'static str> {
    let of_signatures = judgement.signatures.iter().flat_map(|signature| &signature.findings);
    let mut codes: Vec<&str> = of_signatures.chain(&judgement.findings).map(Finding::code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

#[test]
fn every_fixture_is_judged_as_expected() {
    let bench = Bench::new();
    let (mut wrong, mut names, mut size) = (Vec::new(), Vec::new(), 0);
    for kind in ["ours", "attacks"] {
        for entry in std::fs::read_dir(folder().join(kind)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|extension| extension != "pdf") {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            size += bytes.len();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            wrong
                .extend(differences(&bench, &path, &bytes).into_iter().map(|what| format!("{name}: {what}")));
            names.push(name);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(names.len() >= 18, "{names:?}");
    assert!(size < 3 << 20, "{size} bytes");
}

fn differences(bench: &Bench, path: &Path, bytes: &[u8]) -> Vec<String> {
    let text = std::fs::read_to_string(path.with_extension("expect.toml")).unwrap();
    let expectation: Expectation = toml::from_str(&text).unwrap();
    assert!(!expectation.about.is_empty());
    let anchor = folder().join("trust").join(&expectation.anchor);
    let anchors = certificates(&std::fs::read_to_string(anchor).unwrap()).unwrap();
    let at = instant(&expectation.at);
    let word = expectation.ledger.map_or(LedgerWord::NotAsked, Ledger::word);
    let judgement = bench.judge(bytes, at, &anchors, word.clone(), true);
    let mut found = Vec::new();
    let lights = judgement.lights;
    let said = [lights.file, lights.seal, lights.certificate].map(word_of);
    if (word_of(judgement.verdict), &said) != (expectation.expect.verdict.clone(), &expectation.expect.lights)
    {
        found.push(format!("{:?} {said:?}", judgement.verdict));
    }
    if codes(&judgement) != expectation.expect.findings {
        found.push(format!("findings {:?}", codes(&judgement)));
    }
    // Without the second reader the walker alone must see every attack.
    let genuine = |judgement: &Judgement| {
        matches!(judgement.verdict, Verdict::GenuineInForce | Verdict::GenuineNotInForce)
    };
    let alone = bench.judge(bytes, at, &anchors, word, false);
    if genuine(&alone) != genuine(&judgement) {
        found.push(format!("without the second reader {:?}", alone.verdict));
    }
    found
}
