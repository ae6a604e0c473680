//! A ceremony, a seal pressed on a page by every suite, and what outside judges say of it.

use crate::judges::{run, words};
use std::path::Path;
use yinzheng::cms::{IssuerAndSerial, SignedData};
use yinzheng::crypto::{self, KeyPurpose, Signer, SoftwareKey, Suite};
use yinzheng::domain::Instant;
use yinzheng::pdf::UnsignedPdf;
use yinzheng::sign::{SealedPdf, seal};
use yinzheng::x509::ceremony::{Authority, CeremonyError, Continued, Plan, SealKey, certificates, hold};
use yinzheng::x509::{
    self, Certificate, Checker, Crl, KeyRefusal, PathError, Revocation, pem_blocks, seal_ready,
};

pub(crate) const SUITES: [(&Suite, KeyPurpose); 4] = [
    (&crypto::ECDSA_P256_SHA256, KeyPurpose::P256),
    (&crypto::ECDSA_P384_SHA384, KeyPurpose::P384),
    (&crypto::RSA_PKCS1_SHA256, KeyPurpose::Rsa3072),
    (&crypto::RSA_PSS_SHA256, KeyPurpose::Rsa3072),
];

pub(crate) fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    Instant::from_seconds(i64::try_from(since.as_secs()).unwrap() - 60).unwrap()
}

pub(crate) fn authority(demonstration: bool, purposes: &[KeyPurpose]) -> Authority {
    let seals = purposes
        .iter()
        .enumerate()
        .map(|(n, p)| (format!("role{n}"), format!("示例市民政局 印章 {n}"), SealKey::Fresh(*p)));
    let organisation = "示例市民政局".to_owned();
    hold(&Plan { organisation, demonstration, at: now(), seals: seals.collect() }).unwrap()
}

/// The smallest page with one certifying signature field and an empty hole.
fn page() -> UnsignedPdf {
    page_as("ETSI.CAdES.detached")
}

pub(crate) fn page_as(sub_filter: &str) -> UnsignedPdf {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>/Perms<</DocMDP 5 0 R>>>>"
            .to_owned(),
        "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Annots[4 0 R]>>".to_owned(),
        "<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal1)/V 5 0 R/P 3 0 R/Rect[0 0 0 0]/F 132>>".to_owned(),
        format!(
            "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/{sub_filter}/M(D:20260102030405+08'00')/ByteRange[{:<40}]/Contents<{}>/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]>>",
            "RANGE",
            "0".repeat(16_384)
        ),
    ];
    let mut bytes = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
    let mut offsets = Vec::new();
    for (n, body) in objects.iter().enumerate() {
        offsets.push(bytes.len());
        bytes.extend_from_slice(format!("{} 0 obj\n{body}\nendobj\n", n + 1).as_bytes());
    }
    let xref = bytes.len();
    bytes.extend_from_slice(b"xref\n0 6\n0000000000 65535 f \n");
    offsets.iter().for_each(|o| bytes.extend_from_slice(format!("{o:010} 00000 n \n").as_bytes()));
    bytes
        .extend_from_slice(format!("trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n").as_bytes());
    let find = |needle: &[u8]| bytes.windows(needle.len()).position(|w| w == needle).unwrap();
    let start = find(b"/Contents<") + 9;
    let contents = start..start + 16_386;
    let range = format!("0 {} {} {}", contents.start, contents.end, bytes.len() - contents.end);
    let at = find(b"RANGE");
    bytes[at..at + 40].copy_from_slice(format!("{range:<40}").as_bytes());
    UnsignedPdf { bytes, contents }
}

pub(crate) fn press(files: &yinzheng::x509::ceremony::SealFiles, suite: &'static Suite) -> SealedPdf {
    let chain = certificates(&files.certificates).unwrap();
    let issuing = chain[1..].iter().map(|c| c.der().to_vec()).collect();
    let key = SoftwareKey::from_pkcs8(files.key.as_ref().unwrap(), suite, chain[0].der().to_vec(), issuing)
        .unwrap();
    let name = IssuerAndSerial { issuer: chain[0].issuer_raw(), serial: chain[0].serial() };
    seal(page(), &key, &name).unwrap()
}

/// The page under another `/SubFilter`, sealed by the first of `chain`.
pub(crate) fn press_as(sub_filter: &str, key: &[u8], chain: &[Certificate]) -> SealedPdf {
    let issuing = chain[1..].iter().map(|c| c.der().to_vec()).collect();
    let suite = &crypto::ECDSA_P256_SHA256;
    let key = SoftwareKey::from_pkcs8(key, suite, chain[0].der().to_vec(), issuing).unwrap();
    let name = IssuerAndSerial { issuer: chain[0].issuer_raw(), serial: chain[0].serial() };
    seal(page_as(sub_filter), &key, &name).unwrap()
}

fn text(path: &Path) -> String {
    path.to_str().unwrap().to_owned()
}

#[test]
fn every_suite_is_accepted_by_openssl_and_poppler() {
    let purposes = SUITES.map(|(_, purpose)| purpose);
    let made = authority(true, &purposes);
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("root.pem");
    std::fs::write(&root, &made.root).unwrap();
    for ((suite, _), files) in SUITES.iter().zip(&made.seals) {
        let sealed = press(files, suite);
        let pdf = folder.path().join(format!("{}.pdf", suite.id));
        std::fs::write(&pdf, sealed.bytes()).unwrap();
        let contents = page().contents;
        let der = hex::decode(&sealed.bytes()[contents.start + 1..contents.end - 1]).unwrap();
        let length = SignedData::read(&der).unwrap().length;
        assert!(der[length..].iter().all(|b| *b == 0));
        let (cms, covered) = (folder.path().join("s.der"), folder.path().join("covered.bin"));
        std::fs::write(&cms, &der[..length]).unwrap();
        std::fs::write(
            &covered,
            [&sealed.bytes()[..contents.start], &sealed.bytes()[contents.end..]].concat(),
        )
        .unwrap();
        let (cms, covered, root) = (text(&cms), text(&covered), text(&root));
        let arguments = ["cms", "-verify", "-binary", "-inform", "DER", "-in", &cms, "-content", &covered];
        let arguments =
            [&arguments[..], &["-CAfile", &root, "-purpose", "any", "-out", "/dev/null"]].concat();
        if let Some(output) = run("openssl", &arguments) {
            assert!(output.status.success(), "{}: {}", suite.id, words(&output));
        }
        if let Some(output) = run("pdfsig", &["-nocert", &text(&pdf)]) {
            let words = words(&output);
            assert!(words.contains("Signature is Valid."), "{}: {words}", suite.id);
            assert!(words.contains("Total document signed"), "{}: {words}", suite.id);
        }
    }
}

#[test]
fn openssl_accepts_the_chain_and_the_revocation_list() {
    let made = authority(true, &[KeyPurpose::P256]);
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        text(&path)
    };
    let trust = path("trust.pem", &format!("{}{}{}", made.root, made.root_crl, made.issuing_crl));
    let issuing = path("issuing.pem", &made.issuing);
    let seal = path("seal.pem", &made.seals[0].certificates);
    let arguments =
        ["verify", "-crl_check_all", "-x509_strict", "-CAfile", &trust, "-untrusted", &issuing, &seal];
    if let Some(output) = run("openssl", &arguments) {
        assert!(output.status.success(), "{}", words(&output));
    }
}

#[test]
fn paths_are_built_only_from_signatures_that_verify() {
    let checker = Checker::new(crypto::ALL);
    let (made, other) = (authority(true, &[KeyPurpose::P256]), authority(true, &[KeyPurpose::P256]));
    let chain = certificates(&made.seals[0].certificates).unwrap();
    let root = certificates(&made.root).unwrap();
    let path = x509::build(&chain[0], &chain[1..], &root, &checker).unwrap();
    assert_eq!(path.certificates().len(), 3);
    assert!(path.valid_at(now()).is_ok());
    let late = Instant::from_seconds(now().seconds() + 4 * 366 * 86_400).unwrap();
    assert!(path.valid_at(late).is_err(), "a seal certificate lives three years");
    // The other authority has the same names and other keys.
    let stranger = certificates(&other.root).unwrap();
    let refused = x509::build(&chain[0], &chain[1..], &stranger, &checker);
    assert!(matches!(refused, Err(PathError::BadSignature { .. })), "{refused:?}");
    assert_eq!(x509::build(&chain[0], &[], &root, &checker), Err(PathError::NoAnchor));
    // A seal certificate is no authority, whatever it signs.
    assert!(!chain[0].may_sign_certificates() && chain[0].authority().is_none());
}

#[test]
fn a_revocation_list_speaks_only_for_its_issuer() {
    let checker = Checker::new(crypto::ALL);
    let made = authority(true, &[KeyPurpose::P256]);
    let chain = certificates(&made.seals[0].certificates).unwrap();
    let list = Crl::from_der(&pem_blocks(&made.issuing_crl, "X509 CRL")[0]).unwrap();
    assert!(matches!(list.says(&chain[0], &chain[1], &checker, now()), Ok(Revocation::Good { .. })));
    let stale = Instant::from_seconds(now().seconds() + 40 * 86_400).unwrap();
    // Asked later than it speaks for, it says until when it knew.
    let late = list.says(&chain[0], &chain[1], &checker, stale);
    assert!(matches!(late, Ok(Revocation::Good { until }) if until < stale));
    assert!(list.says(&chain[0], &chain[0], &checker, now()).is_err());
}

#[test]
fn seals_are_refused_at_start_for_every_reason() {
    let checker = Checker::new(crypto::ALL);
    let made = authority(true, &[KeyPurpose::P256, KeyPurpose::P256]);
    let root = certificates(&made.root).unwrap();
    let chain = certificates(&made.seals[0].certificates).unwrap();
    let key = |n: usize| {
        SoftwareKey::from_pkcs8(
            made.seals[n].key.as_ref().unwrap(),
            &crypto::ECDSA_P256_SHA256,
            Vec::new(),
            Vec::new(),
        )
        .unwrap()
    };
    let weigh = |key: &SoftwareKey, certificate: &Certificate, at, demo| {
        seal_ready(&key.public_key(), certificate, &chain[1..], &root, &checker, at, demo)
    };
    assert_eq!(weigh(&key(0), &chain[0], now(), true), Ok(()));
    assert_eq!(weigh(&key(0), &chain[0], now(), false), Err(KeyRefusal::Demonstration));
    assert_eq!(weigh(&key(1), &chain[0], now(), true), Err(KeyRefusal::Mismatch));
    let late = Instant::from_seconds(now().seconds() + 4 * 366 * 86_400).unwrap();
    assert!(matches!(weigh(&key(0), &chain[0], late, true), Err(KeyRefusal::OutOfDate { .. })));
}

#[test]
fn key_files_open_with_their_passphrase_only() {
    let plain = crypto::generate_pkcs8(KeyPurpose::P256).unwrap();
    let pem = crypto::encrypt_pkcs8(&plain, b"correct horse").unwrap();
    let open = |passphrase: &[u8]| {
        SoftwareKey::open(&pem, passphrase, &crypto::ECDSA_P256_SHA256, Vec::new(), Vec::new())
    };
    let key = open(b"correct horse").unwrap();
    assert!(open(b"wrong").is_err());
    let signature = key.sign(b"message").unwrap();
    assert!(key.suite().verify(&key.public_key(), b"message", &signature).is_ok());
    assert!(key.suite().verify(&key.public_key(), b"massage", &signature).is_err());
    assert!(!format!("{key:?}").contains(&hex::encode(&plain[40..60])));
}

/// A path of certificates has one kind of algorithm: national programs know SM2 alone, the others do not know it.
#[test]
fn seals_with_sm2_and_others_are_not_certified_by_one_authority() {
    let seals = [KeyPurpose::P256, KeyPurpose::Sm2]
        .map(|kind| ("role".to_owned(), "印章".to_owned(), SealKey::Fresh(kind)));
    let mut plan = Plan {
        organisation: "示例市民政局".to_owned(),
        demonstration: true,
        at: now(),
        seals: seals.to_vec(),
    };
    assert!(matches!(hold(&plan), Err(CeremonyError::Mixed)));
    plan.seals.truncate(1);
    let usual = hold(&plan).unwrap();
    plan.seals[0].2 = SealKey::Fresh(KeyPurpose::Sm2);
    let national = hold(&plan).unwrap();
    let of_usual = Continued::new(&usual.issuing, &usual.issuing_key).unwrap();
    let of_national = Continued::new(&national.issuing, &national.issuing_key).unwrap();
    assert!(matches!(of_usual.seals(&plan), Err(CeremonyError::Mixed)));
    assert_eq!(of_national.seals(&plan).unwrap().len(), 1);
    assert_eq!(of_national.public_key(), certificates(&national.issuing).unwrap()[0].key().octets);
    // Dates from 2050 on are written in the other form.
    plan.at = Instant::from_rfc3339("2045-06-01T00:00:00Z").unwrap();
    let late = hold(&plan).unwrap();
    let root = &certificates(&late.root).unwrap()[0];
    assert_eq!(root.not_before(), plan.at);
    assert_eq!(root.not_after().rfc3339(), "2065-06-01T08:00:00+08:00");
}
