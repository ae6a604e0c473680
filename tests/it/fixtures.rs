//! `fixtures/`: documents of ours and attacks on them, each with what is expected of it beside it, made by
//! `examples/fixtures`. All are judged at the instant their expectation names, with the second reader.

use crate::expectations::{Bench, Case, Expected, codes, contradictions, folder, word_of};
use std::path::{Path, PathBuf};
use yinzheng::domain::Instant;
use yinzheng::service::selftest::Set;
use yinzheng::verify::{Effect, Indication, Judgement, LedgerWord, Light, Policy, Verdict, Word};
use yinzheng::x509::Certificate;

#[test]
fn every_fixture_is_judged_as_expected() {
    let bench = Bench::of_fixtures();
    let (mut wrong, mut names, mut size) = (Vec::new(), Vec::new(), 0);
    for path in documents() {
        let bytes = std::fs::read(&path).unwrap();
        size += bytes.len();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        wrong.extend(differences(&bench, &path, &bytes).into_iter().map(|what| format!("{name}: {what}")));
        names.push(name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(names.len() >= 18, "{names:?}");
    assert!(size < 3 << 20, "{size} bytes");
}

/// Every document of `ours` and `attacks`, in order.
fn documents() -> Vec<PathBuf> {
    let kinds = ["ours", "attacks"].map(|kind| std::fs::read_dir(folder().join(kind)).unwrap());
    let files = kinds.into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut documents: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|extension| extension == "pdf")).collect();
    documents.sort();
    documents
}

/// Anchors, instant and ledger of a document's expectation.
fn circumstances(path: &Path) -> (Vec<Certificate>, Instant, LedgerWord, Expected) {
    let case = Case::read(&path.with_extension("expect.toml"));
    (case.anchors, case.at, case.word, case.expect)
}

fn differences(bench: &Bench, path: &Path, bytes: &[u8]) -> Vec<String> {
    let (anchors, at, word, expect) = circumstances(path);
    let judgement = bench.judge(bytes, at, &anchors, word.clone(), (Policy::strict(), true));
    let mut found = Vec::new();
    let lights = judgement.lights;
    let said = [lights.file, lights.seal, lights.certificate].map(word_of);
    if (word_of(judgement.verdict), &said) != (expect.verdict.clone(), &expect.lights) {
        found.push(format!("{:?} {said:?}", judgement.verdict));
    }
    if codes(&judgement) != expect.findings {
        found.push(format!("findings {:?}", codes(&judgement)));
    }
    // Without the second reader the walker alone must see every attack.
    let genuine = |judgement: &Judgement| {
        matches!(judgement.verdict, Verdict::GenuineInForce | Verdict::GenuineNotInForce)
    };
    let alone = bench.judge(bytes, at, &anchors, word, (Policy::strict(), false));
    if genuine(&alone) != genuine(&judgement) {
        found.push(format!("without the second reader {:?}", alone.verdict));
    }
    found.extend(contradictions(&judgement));
    found
}

/// Under `integrity-only` what is intact is genuine, whoever signed; what is not, never.
#[test]
fn the_policies_differ_in_trust_and_agree_on_integrity() {
    let bench = Bench::of_fixtures();
    let integrity = Policy::built_in("integrity-only").unwrap();
    let mut genuine = Vec::new();
    for path in documents() {
        let bytes = std::fs::read(&path).unwrap();
        let (anchors, at, _, _) = circumstances(&path);
        let judgement = bench.judge(&bytes, at, &anchors, LedgerWord::NotAsked, (integrity, true));
        assert_eq!(contradictions(&judgement), Vec::<String>::new(), "{}", path.display());
        assert!(judgement.verdict == Verdict::Unsigned || judgement.lights.seal == Light::None);
        assert_eq!(judgement.policy.name, "integrity-only");
        if judgement.verdict == Verdict::GenuineInForce {
            assert!(judgement.headline.zh.contains("不判断是否可信"), "{}", judgement.headline.zh);
            assert_eq!(judgement.counter.word, Word::Refer);
            genuine.push(path.file_stem().unwrap().to_str().unwrap().to_owned());
        }
        let demanding = Policy::built_in("counter").unwrap();
        let counter = bench.judge(&bytes, at, &anchors, LedgerWord::NotAsked, (demanding, true));
        let strict = bench.judge(&bytes, at, &anchors, LedgerWord::NotAsked, (Policy::strict(), true));
        assert!(counter.verdict != Verdict::GenuineInForce || strict.verdict == Verdict::GenuineInForce);
        assert_eq!(counter.lights.file, strict.lights.file, "{}", path.display());
    }
    let honest = ["unknown-anchor", "expired", "genuine-ledger-not-asked", "genuine", "sealed-page"];
    assert_eq!(genuine, honest);
}

fn policy(changes: &[(&str, &str)]) -> Policy {
    let text = include_str!("../../policies/strict.toml").to_owned();
    let text = changes.iter().fold(text, |text, (from, to)| {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text.replace(from, to)
    });
    Policy::read(&text).unwrap()
}

/// Two seals, of which the first was tampered with and the second is whole.
#[test]
fn of_several_seals_those_decide_that_the_policy_names() {
    let bench = Bench::of_fixtures();
    let path = folder().join("attacks/shared-appearance.pdf");
    let (anchors, at, word, _) = circumstances(&path);
    let bytes = std::fs::read(&path).unwrap();
    let judge = |policy: &Policy| bench.judge(&bytes, at, &anchors, word.clone(), (policy, true));
    assert_eq!(judge(Policy::strict()).verdict, Verdict::NotTrusted);
    for one in ["last", "any"] {
        let judgement = judge(&policy(&[("signatures = \"all\"", &format!("signatures = \"{one}\""))]));
        assert_eq!(judgement.verdict, Verdict::GenuineInForce, "{one}");
        let [first, second] = &judgement.signatures[..] else { panic!("{one}") };
        assert_ne!(first.indication, Indication::TotalPassed, "{one}");
        assert_eq!(second.indication, Indication::TotalPassed, "{one}");
        // What is passed over is still said.
        assert!(first.findings.iter().any(|finding| finding.effect() == Effect::Warning), "{one}");
    }
    // Of bad ones alone there is none to name: the worst counts.
    let any = policy(&[("signatures = \"all\"", "signatures = \"any\"")]);
    for name in ["one-byte-changed", "appended-revision"] {
        let path = folder().join(format!("attacks/{name}.pdf"));
        let (anchors, at, word, _) = circumstances(&path);
        let judgement = bench.judge(&std::fs::read(&path).unwrap(), at, &anchors, word, (&any, true));
        assert_eq!(judgement.verdict, Verdict::NotTrusted, "{name}");
    }
}

/// What is demanded is amber, what is refused is red, what is reported is said; the seal is never green without proof.
#[test]
fn each_demand_has_its_effect() {
    let bench = Bench::of_fixtures();
    let judge = |name: &str, policy: &Policy| {
        let path = folder().join(name);
        let (anchors, at, _, _) = circumstances(&path);
        let bytes = std::fs::read(&path).unwrap();
        bench.judge(&bytes, at, &anchors, LedgerWord::NotAsked, (policy, true))
    };
    let ledger = ("ledger = \"demanded\"", "ledger = \"reported\"");
    for (name, rule) in [("ours/expired.pdf", "expiry"), ("attacks/unknown-anchor.pdf", "path")] {
        let with = |word: &str| {
            let from = format!("\n{rule} = \"demanded\"");
            policy(&[ledger, (&from, &format!("\n{rule} = \"{word}\""))])
        };
        let amber = judge(name, &with("demanded"));
        assert_eq!((amber.verdict, amber.lights.seal), (Verdict::Indeterminate, Light::Amber), "{name}");
        let red = judge(name, &with("refused"));
        assert_eq!((red.verdict, red.lights.seal), (Verdict::NotTrusted, Light::Red), "{name}");
    }
    let lenient = policy(&[ledger, ("\nexpiry = \"demanded\"", "\nexpiry = \"reported\"")]);
    let said = judge("ours/expired.pdf", &lenient);
    assert_eq!((said.verdict, said.lights.seal), (Verdict::GenuineInForce, Light::None));
    assert!(
        said.headline.zh.contains("只作说明") && said.counter.word == Word::Refer,
        "{}",
        said.headline.zh
    );
    // The path is demanded still.
    assert_eq!(judge("attacks/unknown-anchor.pdf", &lenient).verdict, Verdict::Indeterminate);
    let annotated = "attacks/annotation-over-page.pdf";
    assert_eq!(judge(annotated, Policy::strict()).lights.file, Light::Amber);
    let accepting = policy(&[("annotations = \"report\"", "annotations = \"accept\"")]);
    assert_eq!(judge(annotated, &accepting).verdict, Verdict::GenuineInForce);
    assert_eq!(judge("attacks/clobbered-object.pdf", &accepting).verdict, Verdict::NotTrusted);
    // A suite whose last day has passed is weak, as demanded.
    let day = "suite = \"ecdsa-p256-sha256\"\nuntil = \"2020-01-01\"";
    for (word, verdict) in [
        ("demanded", Verdict::Indeterminate),
        ("refused", Verdict::NotTrusted),
        ("reported", Verdict::GenuineInForce),
    ] {
        let weak = ("weak_algorithms = \"demanded\"", &*format!("weak_algorithms = \"{word}\""));
        let sunset = policy(&[weak, ("digest = \"sha1\"\nuntil = \"2017-02-23\"", day)]);
        let judgement = judge("ours/sealed-page.pdf", &sunset);
        assert_eq!(judgement.verdict, verdict, "{word}");
        assert!(codes(&judgement).contains(&"signed.weak_algorithm"), "{word}");
    }
}

/// The same bytes, evidence, policy and instant: the same report, byte for byte, whatever was judged before.
#[test]
fn a_verdict_can_be_replayed() {
    let (bench, policies) = (Bench::of_fixtures(), Policy::all());
    let said = |bench: &Bench, path: &Path, policy: &Policy| {
        let (anchors, at, word, _) = circumstances(path);
        let bytes = std::fs::read(path).unwrap();
        let judgement = bench.judge(&bytes, at, &anchors, word, (policy, true));
        serde_json::to_string(&judgement).unwrap()
    };
    let cases = || documents().into_iter().flat_map(|path| policies.iter().map(move |p| (path.clone(), p)));
    let first: Vec<String> = cases().map(|(path, policy)| said(&bench, &path, policy)).collect();
    assert!(first.len() >= 3 * 18);
    let again = cases().rev().map(|(path, policy)| said(&bench, &path, policy));
    for (once, twice) in first.iter().rev().zip(again) {
        assert_eq!(*once, twice);
    }
    for ((path, policy), once) in cases().zip(&first) {
        assert_eq!(*once, said(&Bench::of_fixtures(), &path, policy), "{} {}", path.display(), policy.name);
    }
}

/// The shipped set says what this test says; a verifier that errs must show.
#[test]
fn the_self_test_finds_one_wrong_expectation() {
    let tested = Set::shipped().run().unwrap();
    assert!(tested.passed && tested.failed == 0, "{:?}", tested.cases);
    assert_eq!(tested.refused + tested.recognised, documents().len());
    let copy = tempfile::tempdir().unwrap();
    for part in ["attacks", "ours", "trust"] {
        std::fs::create_dir(copy.path().join(part)).unwrap();
        for entry in std::fs::read_dir(folder().join(part)).unwrap() {
            let from = entry.unwrap().path();
            std::fs::copy(&from, copy.path().join(part).join(from.file_name().unwrap())).unwrap();
        }
    }
    let flip = |name: &str, from: &str, to: &str| {
        let path = copy.path().join(name);
        let text = std::fs::read_to_string(&path).unwrap();
        let wanted = text.replace(&format!("verdict = \"{from}\""), &format!("verdict = \"{to}\""));
        assert_ne!(text, wanted);
        std::fs::write(path, wanted).unwrap();
    };
    let run = || {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_yinzheng"));
        let output = command.args(["verify", "--selftest", "--cases"]).arg(copy.path()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    assert_eq!(run().0, Some(0), "{}", run().1);
    // A verifier that let this attack pass, or one that no longer knew this certificate, would look like this.
    flip("attacks/one-byte-changed.expect.toml", "not_trusted", "genuine_in_force");
    let (code, said) = run();
    assert!(code == Some(1) && said.contains("WRONG         one-byte-changed"), "{said}");
    flip("attacks/one-byte-changed.expect.toml", "genuine_in_force", "not_trusted");
    flip("ours/genuine.expect.toml", "genuine_in_force", "not_trusted");
    let (code, said) = run();
    assert!(code == Some(1) && said.contains("WRONG         genuine"), "{said}");
    // Without its expectation a document is not passed over, and an empty set is no success.
    std::fs::remove_file(copy.path().join("ours/genuine.expect.toml")).unwrap();
    assert_eq!(run().0, Some(1));
    for part in ["attacks", "ours"] {
        std::fs::remove_dir_all(copy.path().join(part)).unwrap();
        std::fs::create_dir(copy.path().join(part)).unwrap();
    }
    assert_eq!(run().0, Some(1), "{}", run().1);
}
