//! What was switched on after sealing shows in a picture, whatever each rule for itself permits.

use crate::sealing::{authority, now};
use yinzheng::cms::IssuerAndSerial;
use yinzheng::crypto::{self, KeyPurpose, SoftwareKey};
use yinzheng::domain::Instant;
use yinzheng::pdf::{Limits, UnsignedPdf, open};
use yinzheng::verify::{Judgement, LedgerWord, Light, Policy, Rules, verify};
use yinzheng::x509::ceremony::certificates;
use yinzheng::x509::{Certificate, Checker};

const DIGITS: usize = 16_384;

/// A page with a word of paint, an empty text field, an empty signature field, and a seal that allows changes.
fn sealed() -> (Vec<u8>, Vec<Certificate>) {
    let content = "0 0 1 rg 20 150 100 20 re f";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 7 0 R 8 0 R]/SigFlags 3>>>>".to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 6 0 R/Annots[4 0 R 7 0 R 8 0 R]>>"
            .to_owned(),
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal1)/V 5 0 R/P 3 0 R/Rect[0 0 0 0]/F 132>>".to_owned(),
        format!(
            "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[{:<40}]/Contents<{}>>>",
            "RANGE",
            "0".repeat(DIGITS)
        ),
        format!("<</Length {}>>stream\n{content}\nendstream", content.len()),
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(Name)/P 3 0 R/Rect[20 100 120 120]/F 4>>".to_owned(),
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal2)/P 3 0 R/Rect[10 10 190 190]/F 4>>".to_owned(),
    ];
    let mut bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let offsets = written(&mut bytes, &(1..).zip(objects).collect::<Vec<_>>());
    closed(&mut bytes, "0 1\n0000000000 65535 f \n", &offsets, "");
    let find = |needle: &[u8]| bytes.windows(needle.len()).position(|w| w == needle).unwrap();
    let start = find(b"/Contents<") + 9;
    let contents = start..start + DIGITS + 2;
    let range = format!("0 {} {} {}", contents.start, contents.end, bytes.len() - contents.end);
    let at = find(b"RANGE");
    bytes[at..at + 40].copy_from_slice(format!("{range:<40}").as_bytes());
    let made = authority(true, &[KeyPurpose::P256]);
    let chain = certificates(&made.seals[0].certificates).unwrap();
    let issuing = chain[1..].iter().map(|c| c.der().to_vec()).collect();
    let suite = &crypto::ECDSA_P256_SHA256;
    let key =
        SoftwareKey::from_pkcs8(made.seals[0].key.as_ref().unwrap(), suite, chain[0].der().to_vec(), issuing)
            .unwrap();
    let name = IssuerAndSerial { issuer: chain[0].issuer_raw(), serial: chain[0].serial() };
    let sealed = yinzheng::sign::seal(UnsignedPdf { bytes, contents }, &key, &name).unwrap();
    (sealed.bytes().to_vec(), certificates(&made.root).unwrap())
}

fn written(bytes: &mut Vec<u8>, objects: &[(u32, String)]) -> Vec<(u32, usize)> {
    let mut offsets = Vec::new();
    for (number, body) in objects {
        offsets.push((*number, bytes.len()));
        bytes.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    }
    offsets
}

fn closed(bytes: &mut Vec<u8>, first: &str, offsets: &[(u32, usize)], prev: &str) {
    let xref = bytes.len();
    bytes.extend_from_slice(format!("xref\n{first}").as_bytes());
    for (number, offset) in offsets {
        bytes.extend_from_slice(format!("{number} 1\n{offset:010} 00000 n \n").as_bytes());
    }
    let trailer = format!("trailer\n<</Size 20/Root 1 0 R{prev}>>\nstartxref\n{xref}\n%%EOF\n");
    bytes.extend_from_slice(trailer.as_bytes());
}

fn updated(sealed: &[u8], objects: &[(u32, &str)]) -> Vec<u8> {
    let prev = open(sealed, &Limits::DEFAULT).unwrap().revisions()[0].xref_at;
    let mut bytes = sealed.to_vec();
    let objects: Vec<_> = objects.iter().map(|(number, body)| (*number, (*body).to_owned())).collect();
    let offsets = written(&mut bytes, &objects);
    closed(&mut bytes, "", &offsets, &format!("/Prev {prev}"));
    bytes
}

fn judge(bytes: &[u8], anchors: &[Certificate], rendering: bool) -> Judgement {
    let rules = Rules {
        anchors,
        crls: &[],
        sought: None,
        suites: crypto::ALL,
        checker: &Checker::new(crypto::ALL),
        at: Instant::from_seconds(now().seconds() + 60).unwrap(),
        policy: Policy::strict(),
        known: &[],
        distrusted: &[],
        limits: Limits::DEFAULT,
        second_opinion: false,
        rendering,
    };
    verify(bytes, &rules).weigh(LedgerWord::NotAsked)
}

/// Code and severity of what was found about the document, and the file light.
fn said(judgement: &Judgement) -> (Vec<(String, String)>, Light) {
    let all = judgement.findings.iter().chain(judgement.signatures.iter().flat_map(|one| &one.findings));
    let words = |finding| serde_json::to_value(finding).unwrap();
    let pair = |value: serde_json::Value| {
        (value["code"].as_str().unwrap().to_owned(), value["severity"].as_str().unwrap().to_owned())
    };
    (all.map(|finding| pair(words(finding))).collect(), judgement.lights.file)
}

const FACE: &str = "<</Subtype/Form/BBox[0 0 100 20]/Length 25>>stream\n1 0 0 rg 0 0 100 20 re f \nendstream";

#[test]
fn what_is_filled_may_look_filled() {
    let (sealed, anchors) = sealed();
    assert_eq!(said(&judge(&sealed, &anchors, true)).1, Light::Green);
    let field =
        "<</Type/Annot/Subtype/Widget/FT/Tx/T(Name)/P 3 0 R/Rect[20 100 120 120]/F 4/V(x)/AP<</N 9 0 R>>>>";
    let (codes, light) = said(&judge(&updated(&sealed, &[(7, field), (9, FACE)]), &anchors, true));
    assert!(codes.iter().any(|(code, _)| code == "document.form_filled"), "{codes:?}");
    assert!(!codes.iter().any(|(code, _)| code.contains("looks") || code.contains("pages")), "{codes:?}");
    assert_eq!(light, Light::Amber, "nobody sealed what was filled in");
}

#[test]
fn what_covers_the_page_is_shown() {
    let (sealed, anchors) = sealed();
    // A signature as large as the page: signing is permitted, its face hides what was sealed.
    let field = "<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal2)/P 3 0 R/Rect[10 10 190 190]/F 4/V 10 0 R/AP<</N 9 0 R>>>>";
    let value =
        "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<00>>>";
    let updated = updated(&sealed, &[(8, field), (9, FACE), (10, value)]);
    let (codes, _) = said(&judge(&updated, &anchors, true));
    assert!(codes.contains(&("document.looks_different".into(), "warning".into())), "{codes:?}");
    let (codes, _) = said(&judge(&updated, &anchors, false));
    assert!(!codes.iter().any(|(code, _)| code == "document.looks_different"), "{codes:?}");
}

#[test]
fn an_annotation_shows_and_so_does_a_forbidden_change() {
    let (sealed, anchors) = sealed();
    let page =
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Contents 6 0 R/Annots[4 0 R 7 0 R 8 0 R 11 0 R]>>";
    let stamp = "<</Type/Annot/Subtype/Stamp/P 3 0 R/Rect[20 150 120 170]/F 4/AP<</N 9 0 R>>>>";
    let (codes, light) =
        said(&judge(&updated(&sealed, &[(3, page), (9, FACE), (11, stamp)]), &anchors, true));
    assert!(codes.contains(&("document.annotated".into(), "warning".into())), "{codes:?}");
    assert!(codes.contains(&("document.looks_different".into(), "warning".into())), "{codes:?}");
    assert_eq!(light, Light::Amber);
    // A forbidden change is red already; the picture only says what it looks like.
    let content = "<</Length 28>>stream\n1 0 0 rg 20 150 100 20 re f \nendstream";
    let (codes, light) = said(&judge(&updated(&sealed, &[(6, content)]), &anchors, true));
    assert!(codes.contains(&("document.changed".into(), "error".into())), "{codes:?}");
    assert!(codes.contains(&("document.looks_different".into(), "note".into())), "{codes:?}");
    assert_eq!(light, Light::Red);
    // Evidence shows nothing.
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 7 0 R 8 0 R]/SigFlags 3>>/DSS<</Type/DSS/Certs[12 0 R]>>>>";
    let certificate = "<</Length 1>>stream\nx\nendstream";
    let (codes, light) = said(&judge(&updated(&sealed, &[(1, catalog), (12, certificate)]), &anchors, true));
    assert!(codes.contains(&("document.evidence_added".into(), "note".into())), "{codes:?}");
    assert!(!codes.iter().any(|(code, _)| code.contains("looks") || code.contains("pages")), "{codes:?}");
    assert_eq!(light, Light::Green);
}
