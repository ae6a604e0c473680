//! Reports: the same judgement gives the same bytes in every form, nothing found is left out, and strangers' words
//! stay words.

use crate::offices::{demonstration, example, issue};
use std::path::Path;
use yinzheng::domain::{Act, Instant, SealAct};
use yinzheng::report::{self, Subject};
use yinzheng::service::access::Mandate;
use yinzheng::service::check::{self, Asked};
use yinzheng::service::report::{SealedReportError, unsealed_report};
use yinzheng::service::{Office, clock, office};
use yinzheng::verify::{Finding, Judgement, Verdict};

/// Forms that are text.
const FORMS: [&str; 4] = ["text", "json", "html", "xml"];

fn written(form: &str, judgement: &Judgement, name: &str) -> String {
    let subject = Subject { name: Some(name), office: Some("示例市民政局") };
    match form {
        "text" => report::text(judgement, subject),
        "json" => report::object(judgement, subject).unwrap().to_string(),
        "html" => report::html(judgement, subject).unwrap(),
        _ => report::xml(judgement).unwrap(),
    }
}

/// The same instant again gives the same report in every form, whatever was put on record since.
#[test]
fn reports_are_replayed_byte_for_byte() {
    let folder = tempfile::tempdir().unwrap();
    demonstration(folder.path());
    let office = Office::open(folder.path(), Vec::new()).unwrap();
    let issued = issue(&office, "volunteer-passport", &example("volunteer-passport"));
    let all = |office: &Office, at: Instant| {
        let asked = Asked { at: Some(at), ..Asked::default() };
        let judgement = office.check_asked(&issued.pdf, &asked).unwrap();
        let paper = hex::encode(paper(&judgement, "passport.pdf"));
        let mut all = FORMS.map(|form| written(form, &judgement, "passport.pdf")).to_vec();
        all.push(paper);
        all
    };
    let then = clock::now();
    let before = all(&office, then);
    std::thread::sleep(std::time::Duration::from_millis(5));
    office.act(&Mandate::at_console(None), &issued.entry.number, Act::Suspend, "核查中", None).unwrap();
    assert_eq!(all(&office, then), before);
    let now = all(&office, clock::now());
    now.iter().zip(&before).for_each(|(now, before)| assert_ne!(now, before));
    drop(office);
    let office = Office::open(folder.path(), Vec::new()).unwrap();
    assert_eq!(all(&office, then), before);
}

/// Our own documents and the attacks on them, judged with the anchor of the first.
fn judged() -> Vec<(String, Judgement)> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let anchors = office::anchors(&fixtures.join("trust/root.pem")).unwrap();
    let mut all = Vec::new();
    for folder in ["ours", "attacks"] {
        for entry in std::fs::read_dir(fixtures.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "pdf") {
                let bytes = std::fs::read(&path).unwrap();
                let at = Instant::from_rfc3339("2026-11-25T12:00:00+08:00");
                let asked = Asked { at, anchors: &anchors, ..Asked::default() };
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                all.push((name, check::without_office(&bytes, &asked)));
            }
        }
    }
    for (name, bytes) in [("empty.pdf", &b""[..]), ("traces.pdf", b"%PDF-1.7\n/Type/Sig/ByteRange[0 1 2 3]")]
    {
        all.push((name.to_owned(), check::without_office(bytes, &Asked::default())));
    }
    assert!(all.len() > 20);
    all
}

fn findings(judgement: &Judgement) -> impl Iterator<Item = &Finding> {
    let of_signatures = judgement.signatures.iter().flat_map(|signature| &signature.findings);
    of_signatures.chain(&judgement.findings)
}

#[test]
fn no_form_leaves_a_finding_out() {
    for (name, judgement) in judged() {
        for form in FORMS {
            let text = written(form, &judgement, &name);
            for finding in findings(&judgement) {
                assert!(text.contains(finding.code()), "{name} as {form}: {}", finding.code());
            }
            assert!(text.contains(judgement.sha256.as_deref().unwrap()) || form == "xml", "{name} as {form}");
        }
        // Each finding stands in exactly one step.
        let of_steps = judgement.signatures.iter().flat_map(|signature| &signature.steps);
        let told: usize = of_steps.chain(&judgement.steps).map(|step| step.findings.len()).sum();
        assert_eq!(told, findings(&judgement).count(), "{name}");
    }
}

/// Well-formed, and every identifier leads to an object.
#[test]
fn xml_is_well_formed_and_resolves() {
    use quick_xml::events::Event;
    for (name, judgement) in judged() {
        let xml = written("xml", &judgement, &name);
        let (mut ids, mut references, mut open) = (Vec::new(), Vec::new(), 0_i32);
        let mut reader = quick_xml::Reader::from_str(&xml);
        reader.config_mut().check_end_names = true;
        loop {
            match reader.read_event().unwrap() {
                Event::Start(element) | Event::Empty(element) => {
                    for attribute in element.attributes().map(Result::unwrap) {
                        let value = attribute.value.into_owned();
                        match attribute.key.as_ref() {
                            "id" => ids.push(value),
                            "VOReference" => references.push(value),
                            _ => {}
                        }
                    }
                    open += 1;
                }
                Event::Eof => break,
                _ => {}
            }
        }
        assert!(open > 30, "{name}");
        assert!(references.iter().all(|one| ids.contains(one)), "{name}: {references:?} {ids:?}");
        let once: std::collections::BTreeSet<_> = ids.iter().collect();
        assert_eq!(once.len(), ids.len(), "{name}");
    }
}

/// A page that stands alone: no script, nothing fetched, no frame, no link that leads out.
#[test]
fn html_stands_alone_and_strangers_words_stay_words() {
    let hostile = "<script>alert(1)</script>\u{202e}\"'><img src=http://x>\u{1b}[2J.pdf";
    let mut longest = String::new();
    for (_, mut judgement) in judged() {
        for signature in &mut judgement.signatures {
            signature.field = Some(hostile.to_owned());
            signature.subfilter = hostile.repeat(200);
            if let Some(signer) = &mut signature.signer {
                signer.subject = hostile.to_owned();
                signer.organisation = Some(hostile.to_owned());
            }
        }
        for form in FORMS {
            let text = written(form, &judgement, hostile);
            let shown =
                form == "json" || !text.chars().any(|c| c == '\u{202e}' || c == '\u{1b}' || c == '\0');
            assert!(shown, "{form}");
            if form == "html" || form == "xml" {
                for wrong in ["<script", "<img", "<iframe", "javascript:", "@import", "url("] {
                    assert!(!text.contains(wrong), "{form}: {wrong}");
                }
            }
            if text.len() > longest.len() && form == "html" {
                longest = text;
            }
        }
    }
    assert!(longest.contains("&#60;script&#62;") || longest.contains("&lt;script&gt;"));
    assert_eq!(longest.matches("href=").count(), 1, "the empty icon, and no other");
    assert!(longest.len() < 200_000, "{}", longest.len());
}

fn paper(judgement: &Judgement, name: &str) -> Vec<u8> {
    let subject = Subject { name: Some(name), office: Some("示例市民政局") };
    unsealed_report(judgement, subject, Vec::new()).unwrap()
}

/// Nobody sealed it, and it says so; what no font has stands there by its code point, and nothing is refused.
#[test]
fn an_unsealed_paper_is_replayed_and_never_looks_sealed() {
    for (name, mut judgement) in judged() {
        let drawn = paper(&judgement, &name);
        assert_eq!(drawn, paper(&judgement, &name), "{name}");
        let read = check::with_anchors(&drawn, &[]);
        assert_eq!(read.verdict, Verdict::Unsigned, "{name}");
        for signature in &mut judgement.signatures {
            signature.field = Some("\u{1f480} \u{627}\u{644} \u{e000} 𪚥龘\u{10ffff}".repeat(40));
        }
        assert!(paper(&judgement, "\u{1f480}.pdf").starts_with(b"%PDF-1.7"), "{name}");
    }
}

/// Before the key is used the decision is on record, with the digest of what the seal covers; the seal is genuine.
#[test]
fn a_sealed_report_is_on_record_and_genuine() {
    let folder = tempfile::tempdir().unwrap();
    demonstration(folder.path());
    let office = Office::open(folder.path(), Vec::new()).unwrap();
    let issued = issue(&office, "volunteer-passport", &example("volunteer-passport"));
    let judgement = office.check(&issued.pdf).unwrap();
    let subject = Subject { name: Some("passport.pdf"), ..Subject::default() };
    let mandate = Mandate::at_console(None);
    let recorded = || office.ledger().decisions(0, 1000).unwrap();
    let before = recorded().len();
    let refused = office.sealed_report(&mandate, &judgement, subject, Some("nobody"));
    assert!(matches!(refused, Err(SealedReportError::NoSeal { .. })));
    assert_eq!(recorded().len(), before);
    office.register_seals().unwrap();
    for (act, sealed) in [(SealAct::Suspend, false), (SealAct::Lift, true)] {
        office.act_on_seal(&mandate, "bureau", act, "保管人变动").unwrap();
        let report = office.sealed_report(&mandate, &judgement, subject, Some("bureau"));
        assert_eq!(report.is_ok(), sealed, "{act:?}");
    }
    let before = recorded().len();
    let pdf = office.sealed_report(&mandate, &judgement, subject, None).unwrap();
    let read = office.check(&pdf).unwrap();
    assert_eq!(read.verdict, Verdict::GenuineInForce);
    let [seal] = &read.signatures[..] else { panic!("one seal") };
    assert_eq!((seal.level.name(), seal.certified), ("B-B", Some(1)));
    let covered = hex::encode(seal.covered_digest.unwrap());
    let all = recorded();
    let (_, decision) = all.last().unwrap();
    assert_eq!((all.len(), decision.right.as_str(), decision.granted), (before + 1, "seal_report", true));
    let target = decision.target.as_deref().unwrap();
    assert!(target.contains(&covered) && target.contains(judgement.sha256.as_deref().unwrap()), "{target}");
    // One byte of it changed is not genuine.
    let mut changed = pdf;
    changed[3_000] ^= 1;
    assert_eq!(office.check(&changed).unwrap().verdict, Verdict::NotTrusted);
}
