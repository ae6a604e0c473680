//! `fixtures/findings/`: every finding that the verifier can say, with a document that makes it say so, made by
//! `scripts/judges/gallery.py`. Each is named by its code and judged in the circumstances beside it.

use crate::expectations::{Bench, Case, codes, contradictions, findings, folder, word_of};
use regex::Regex;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Codes that no document makes the verifier say, and why.
const NEVER: [(&str, &str); 1] = [(
    "pdf.bytes_after_end",
    "the reader's own note; the verifier says document.white_after_end or document.bytes_after_end instead",
)];

/// Every code that a finding can have, read from the sources that name them.
fn codes_of_findings() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap();
    let rooms = std::fs::read_dir(root.join("src/verify/finding")).unwrap();
    let mut text: String = rooms.map(|entry| read(entry.unwrap().path())).collect();
    // Before it stand the errors, which are no findings.
    text += read(root.join("src/pdf/error.rs")).split_once("pub enum Irregularity").unwrap().1;
    let code = Regex::new(r#""((document|form|ses|signed|trust|ledger|claim|pdf)\.[a-z0-9_]+)""#).unwrap();
    let codes: BTreeSet<String> = code.captures_iter(&text).map(|found| found[1].to_owned()).collect();
    assert!(codes.len() > 130, "{codes:?}");
    codes
}

/// `fixtures/findings`, or one made anew (`scripts/test gallery`).
fn place() -> PathBuf {
    std::env::var_os("YINZHENG_GALLERY").map_or_else(|| folder().join("findings"), PathBuf::from)
}

/// Expectations of the gallery, in order: name and file.
fn gallery() -> Vec<(String, PathBuf)> {
    let files = std::fs::read_dir(place()).unwrap().map(|entry| entry.unwrap().path());
    let named = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".expect.toml")?.to_owned();
        Some((name, path))
    };
    let mut cases: Vec<_> = files.filter_map(named).collect();
    cases.sort();
    cases
}

/// The code that a fixture is for: `CODE`, or `CODE-HOW` for a second one.
fn code_of(name: &str) -> &str {
    name.split('-').next().unwrap()
}

#[test]
fn every_finding_has_a_fixture() {
    let made: BTreeSet<String> = gallery().iter().map(|(name, _)| code_of(name).to_owned()).collect();
    let never: BTreeSet<String> = NEVER.iter().map(|(code, _)| (*code).to_owned()).collect();
    let known = codes_of_findings();
    let without: Vec<_> =
        known.iter().filter(|code| !made.contains(*code) && !never.contains(*code)).collect();
    assert!(without.is_empty(), "no fixture for {without:?}");
    let unknown: Vec<_> = made.union(&never).filter(|code| !known.contains(*code)).collect();
    assert!(unknown.is_empty(), "no such code {unknown:?}");
    let both: Vec<_> = made.intersection(&never).collect();
    assert!(both.is_empty(), "said never, and yet there is a fixture for {both:?}");
}

#[test]
fn every_finding_is_said_of_its_fixture() {
    let mut wrong = Vec::new();
    for (name, path) in gallery() {
        wrong.extend(differences(&name, &path).into_iter().map(|what| format!("{name}: {what}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn differences(name: &str, path: &Path) -> Vec<String> {
    let case = Case::read(path);
    let bytes = std::fs::read(&case.document).unwrap();
    let bench = Bench::of(&case);
    let judgement = bench.judge_case(&case, &bytes);
    let (mut found, said) = (contradictions(&judgement), codes(&judgement));
    if !said.contains(&code_of(name)) {
        found.push("its own code is not said".to_owned());
    }
    let lights = judgement.lights;
    let lights = [lights.file, lights.seal, lights.certificate].map(word_of);
    let verdict = word_of(judgement.verdict);
    let expect = case.expect;
    if verdict != expect.verdict || lights != expect.lights || said != expect.findings {
        found.push(format!("verdict = \"{verdict}\"\nlights = {lights:?}\nfindings = {said:?}"));
    }
    let chinese = |text: &str| text.chars().any(|letter| ('一'..='龥').contains(&letter));
    for finding in findings(&judgement) {
        let words = finding.words();
        if !chinese(&words.zh) || words.en.is_empty() || chinese(&words.en) {
            found.push(format!("{}: {words:?}", finding.code()));
        }
    }
    if !chinese(&case.about) {
        found.push(format!("about {}", case.about));
    }
    found
}

/// What is wrong with a seal inside another signature is asked of the seal's authority, not of the signature's.
#[test]
fn a_step_names_the_authority_that_it_is_about() {
    let case = Case::read(&place().join("ses.signer_no_path.expect.toml"));
    let bytes = std::fs::read(&case.document).unwrap();
    let bench = Bench::of(&case);
    let judgement = bench.judge_case(&case, &bytes);
    let step = &judgement.counter.next_step;
    assert!(step.zh.contains("样例外人") && step.en.contains("样例外人"), "{step:?}");
}

/// The gallery is for reading: small files, and no file of it is left over.
#[test]
fn the_gallery_is_small_and_complete() {
    let mut size = 0;
    let documents: BTreeSet<PathBuf> = gallery().iter().map(|(_, path)| Case::read(path).document).collect();
    for entry in std::fs::read_dir(place()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pdf") {
            assert!(documents.contains(&path), "{} has no expectation", path.display());
            let bytes = std::fs::metadata(&path).unwrap().len();
            assert!(bytes < 64 << 10, "{}: {bytes} bytes", path.display());
            size += bytes;
        }
    }
    assert!(size < 2 << 20, "{size} bytes");
}
