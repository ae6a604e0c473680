//! Time-stamps and OCSP answers made by openssl: what they prove, and what they do not.

use crate::judges::{run, words};
use crate::sealing::{authority, now, press, press_as};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use std::path::{Path, PathBuf};
use yinzheng::asn1::{Reader, oid, tag, write};
use yinzheng::crypto::{self, KeyPurpose};
use yinzheng::domain::Instant;
use yinzheng::pdf::Limits;
use yinzheng::verify::{Finding, Judgement, LedgerWord, Level, Light, Policy, Rules, Verdict, verify};
use yinzheng::x509::ceremony::certificates;
use yinzheng::x509::{Certificate, Checker, pem_blocks};

const DAY: i64 = 86_400;

fn later(days: i64) -> Instant {
    Instant::from_seconds(now().seconds() + days * DAY).unwrap()
}

fn judge(bytes: &[u8], anchors: &[Certificate], at: Instant, policy: &Policy) -> Judgement {
    let rules = Rules {
        anchors,
        crls: &[],
        sought: None,
        suites: crypto::ALL,
        checker: &Checker::new(crypto::ALL),
        at,
        policy,
        known: &[],
        distrusted: &[],
        limits: Limits::DEFAULT,
        second_opinion: true,
        rendering: false,
    };
    verify(bytes, &rules).weigh(LedgerWord::NotAsked)
}

fn says(judgement: &Judgement, code: &str) -> bool {
    let of_signatures = judgement.signatures.iter().flat_map(|signature| &signature.findings);
    of_signatures.chain(&judgement.findings).map(Finding::code).any(|said| said == code)
}

/// An authority with one certificate and key for a purpose, as files.
struct Made {
    folder: tempfile::TempDir,
    root: Certificate,
    leaf: Certificate,
    key: Vec<u8>,
}

impl Made {
    fn new(usage: KeyUsagePurpose, purpose: ExtendedKeyUsagePurpose) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut root = CertificateParams::default();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        root.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        root.distinguished_name.push(DnType::CommonName, "示例根 Example Root");
        let root_key = KeyPair::generate().unwrap();
        let root_pem = root.self_signed(&root_key).unwrap().pem();
        let mut leaf = CertificateParams::default();
        leaf.distinguished_name.push(DnType::CommonName, "示例 Example");
        leaf.key_usages = vec![usage];
        leaf.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().unwrap();
        std::fs::write(folder.path().join("root.key"), root_key.serialize_pem()).unwrap();
        let leaf_pem = leaf.signed_by(&key, &Issuer::new(root, root_key)).unwrap().pem();
        for (name, text) in
            [("root.pem", &root_pem), ("leaf.pem", &leaf_pem), ("leaf.key", &key.serialize_pem())]
        {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        let read = |pem: &str| Certificate::from_der(&pem_blocks(pem, "CERTIFICATE")[0]).unwrap();
        Self { root: read(&root_pem), leaf: read(&leaf_pem), key: key.serialize_der(), folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}

/// A time-stamping authority whose certificate openssl made (ExtendedKeyUsage critical), with its root.
pub(crate) struct Stamper {
    folder: tempfile::TempDir,
    pub(crate) root: Certificate,
}

impl Stamper {
    /// `None` without openssl.
    pub(crate) fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
        let config = "[req]\ndistinguished_name=dn\n[dn]\n[ca]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n[stamp]\nkeyUsage=critical,digitalSignature\nextendedKeyUsage=critical,timeStamping\n[tsa]\nserial=SERIAL\ndefault_policy=2.999.1\ndigests=sha256,sha512\nsigner_digest=sha256\naccuracy=secs:1\ness_cert_id_chain=no\n";
        std::fs::write(at("c.cnf"), config.replace("SERIAL", &at("serial"))).unwrap();
        std::fs::write(at("serial"), "01\n").unwrap();
        let (config, root, root_key, leaf, leaf_key, request) =
            (at("c.cnf"), at("root.pem"), at("root.key"), at("tsa.pem"), at("tsa.key"), at("tsa.csr"));
        let new_key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-config", &config];
        let mut whole =
            vec!["req", "-x509", "-days", "7300", "-subj", "/CN=Example TSA Root", "-extensions", "ca"];
        whole.extend(new_key);
        whole.extend(["-keyout", &root_key, "-out", &root]);
        step(&whole)?;
        let mut whole = vec!["req", "-new", "-subj", "/CN=Example TSA"];
        whole.extend(new_key);
        whole.extend(["-keyout", &leaf_key, "-out", &request]);
        step(&whole)?;
        step(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &root,
            "-CAkey",
            &root_key,
            "-CAcreateserial",
            "-days",
            "7000",
            "-extfile",
            &config,
            "-extensions",
            "stamp",
            "-out",
            &leaf,
        ])?;
        let pem = std::fs::read_to_string(&root).unwrap();
        let root = Certificate::from_der(&pem_blocks(&pem, "CERTIFICATE")[0]).unwrap();
        Some(Self { folder, root })
    }

    /// A token over the SHA-256 of these bytes.
    pub(crate) fn token(&self, bytes: &[u8]) -> Vec<u8> {
        let at = |name: &str| self.folder.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(at("data"), bytes).unwrap();
        step(&["ts", "-query", "-data", &at("data"), "-sha256", "-cert", "-out", &at("q.tsq")]).unwrap();
        step(&[
            "ts",
            "-reply",
            "-queryfile",
            &at("q.tsq"),
            "-config",
            &at("c.cnf"),
            "-section",
            "tsa",
            "-signer",
            &at("tsa.pem"),
            "-inkey",
            &at("tsa.key"),
            "-token_out",
            "-out",
            &at("token.der"),
        ])
        .unwrap();
        std::fs::read(at("token.der")).unwrap()
    }
}

fn step(arguments: &[&str]) -> Option<()> {
    let output = run("openssl", arguments)?;
    assert!(output.status.success(), "openssl {arguments:?}: {}", words(&output));
    Some(())
}

/// The sealed page with something put into the unsigned attributes of its signature.
fn with_unsigned(page: &[u8], token: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let start = page.windows(10).position(|ten| ten == b"/Contents<").unwrap() + 10;
    let end = start + page[start..].iter().position(|byte| *byte == b'>').unwrap();
    let padded = hex::decode(&page[start..end]).unwrap();
    let info = Reader::new(&padded).any().unwrap();
    let mut parts = info.open().unwrap();
    let kind = parts.any().unwrap().raw;
    let mut data = parts.any().unwrap().open().unwrap().any().unwrap().open().unwrap();
    let head: Vec<&[u8]> = (0..4).map(|_| data.any().unwrap().raw).collect();
    let signer = data.any().unwrap().open().unwrap().any().unwrap();
    let mut fields = signer.open().unwrap();
    let value = std::iter::from_fn(|| fields.any().ok()).find(|one| one.tag == tag::OCTET_STRING).unwrap();
    let attribute = write::sequence(&[
        &write::oid(oid::SIGNATURE_TIME_STAMP),
        &write::value(tag::SET, &token(value.content)),
    ]);
    let signer = write::sequence(&[signer.content, &write::value(tag::CONTEXT_1, &attribute)]);
    let data = write::sequence(&[&head.concat(), &write::value(tag::SET, &signer)]);
    let der = write::sequence(&[kind, &write::value(tag::CONTEXT_0, &data)]);
    let mut stamped = page.to_vec();
    let digits = hex::encode(der);
    stamped[start..end].fill(b'0');
    stamped[start..start + digits.len()].copy_from_slice(digits.as_bytes());
    stamped
}

#[test]
fn a_trusted_time_stamp_outlives_the_certificate_and_no_other_does() {
    let Some(stamper) = Stamper::new() else { return };
    let made = authority(true, &[KeyPurpose::P256]);
    let sealed = press(&made.seals[0], &crypto::ECDSA_P256_SHA256);
    let ours = certificates(&made.root).unwrap();
    let both = [ours.clone(), vec![stamper.root.clone()]].concat();
    let stamped = with_unsigned(sealed.bytes(), |value| stamper.token(value));
    let when_available = Policy::strict();
    let now = judge(&stamped, &both, later(1), when_available);
    assert_eq!((now.verdict, now.signatures[0].level), (Verdict::GenuineInForce, Level::BaselineT));
    assert!(says(&now, "signed.stamped") && says(&now, "trust.timestamp_vouches"));
    assert!(now.signatures[0].timestamps[0].trusted);
    // A seal certificate lives three years.
    let late = judge(&stamped, &both, later(4 * 366), when_available);
    assert_eq!(late.verdict, Verdict::GenuineInForce, "{:?}", late.signatures[0].findings);
    // The authority itself expires too, and nothing later proves its time-stamp.
    let too_late = judge(&stamped, &both, later(7100), when_available);
    assert_eq!((too_late.verdict, too_late.lights.seal), (Verdict::Indeterminate, Light::Amber));
    // Unknown authority: the level is reached, the time is not proven.
    let unknown = judge(&stamped, &ours, later(4 * 366), when_available);
    assert_eq!((unknown.verdict, unknown.signatures[0].level), (Verdict::Indeterminate, Level::BaselineT));
    assert!(says(&unknown, "signed.stamped_untrusted") && says(&unknown, "trust.expired_now"));
    // Over something else.
    let elsewhere = with_unsigned(sealed.bytes(), |_| stamper.token(b"something else"));
    let wrong = judge(&elsewhere, &both, later(4 * 366), when_available);
    assert_eq!((wrong.verdict, wrong.signatures[0].level), (Verdict::Indeterminate, Level::BaselineB));
    assert!(says(&wrong, "signed.stamp_wrong"));
    // A token with one octet of its signature changed.
    let broken = with_unsigned(sealed.bytes(), |value| {
        let mut token = stamper.token(value);
        *token.last_mut().unwrap() ^= 1;
        token
    });
    let broken = judge(&broken, &both, later(4 * 366), when_available);
    assert!(broken.verdict == Verdict::Indeterminate && says(&broken, "signed.stamp_wrong"));
}

/// The sealed page with a document security store that holds one OCSP response.
fn with_answer(page: &[u8], answer: &[u8]) -> Vec<u8> {
    let mut bytes = page.to_vec();
    let xref = bytes.windows(5).rposition(|five| five == b"\nxref").unwrap() + 1;
    let mut offsets = Vec::new();
    let objects = [
        (1, b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>/Perms<</DocMDP 5 0 R>>/DSS 6 0 R>>".to_vec()),
        (6, b"<</Type/DSS/OCSPs[7 0 R]>>".to_vec()),
        (7, [format!("<</Length {}>>stream\n", answer.len()).as_bytes(), answer, b"\nendstream"].concat()),
    ];
    for (number, body) in objects {
        offsets.push((number, bytes.len()));
        bytes.extend(format!("{number} 0 obj\n").bytes());
        bytes.extend(body);
        bytes.extend(b"\nendobj\n");
    }
    let table = bytes.len();
    bytes.extend(b"xref\n");
    for (number, offset) in offsets {
        bytes.extend(format!("{number} 1\n{offset:010} 00000 n \n").bytes());
    }
    bytes.extend(format!("trailer\n<</Size 8/Root 1 0 R/Prev {xref}>>\nstartxref\n{table}\n%%EOF\n").bytes());
    bytes
}

fn answered(made: &Made, line: &str) -> Option<Vec<u8>> {
    let index: PathBuf = made.folder.path().join("index.txt");
    let serial = hex::encode_upper(made.leaf.serial());
    std::fs::write(&index, line.replace("SERIAL", &serial)).unwrap();
    let (index, root, key, leaf, out) = (
        index.to_str().unwrap(),
        made.path("root.pem"),
        made.path("root.key"),
        made.path("leaf.pem"),
        made.path("answer"),
    );
    step(&[
        "ocsp",
        "-index",
        index,
        "-CA",
        &root,
        "-rsigner",
        &root,
        "-rkey",
        &key,
        "-issuer",
        &root,
        "-cert",
        &leaf,
        "-ndays",
        "7",
        "-noverify",
        "-respout",
        &out,
    ])?;
    Some(std::fs::read(Path::new(&out)).unwrap())
}

#[test]
fn an_answer_in_the_store_speaks_of_revocation() {
    let made = Made::new(KeyUsagePurpose::DigitalSignature, ExtendedKeyUsagePurpose::EmailProtection);
    let chain = [made.leaf.clone(), made.root.clone()];
    let sealed = press_as("ETSI.CAdES.detached", &made.key, &chain);
    let anchors = [made.root.clone()];
    // Demanded and nowhere to be learned: not trusted.
    let silent = judge(sealed.bytes(), &anchors, later(1), Policy::built_in("counter").unwrap());
    assert_eq!(silent.verdict, Verdict::Indeterminate);
    assert!(says(&silent, "trust.revocation_unknown"));
    let Some(good) = answered(&made, "V\t401231000000Z\t\tSERIAL\tunknown\t/CN=Example\n") else { return };
    let with_good = with_answer(sealed.bytes(), &good);
    let judged = judge(&with_good, &anchors, later(1), Policy::built_in("counter").unwrap());
    assert_eq!(judged.verdict, Verdict::GenuineInForce, "{:?}", judged.signatures[0].findings);
    assert!(says(&judged, "document.evidence_added"));
    // It speaks for seven days, and nothing proves that the seal was used then.
    let stale = judge(&with_good, &anchors, later(30), Policy::built_in("counter").unwrap());
    assert_eq!(stale.verdict, Verdict::Indeterminate);
    // Another authority with the same name did not say so.
    let other = Made::new(KeyUsagePurpose::DigitalSignature, ExtendedKeyUsagePurpose::EmailProtection);
    std::fs::copy(made.path("leaf.pem"), other.path("leaf.pem")).unwrap();
    let forged = answered(
        &Made { leaf: made.leaf.clone(), ..other },
        "V\t401231000000Z\t\tSERIAL\tunknown\t/CN=Example\n",
    );
    let forged = with_answer(sealed.bytes(), &forged.unwrap());
    assert_eq!(
        judge(&forged, &anchors, later(1), Policy::built_in("counter").unwrap()).verdict,
        Verdict::Indeterminate
    );
    let revoked = answered(&made, "R\t401231000000Z\t260101000000Z\tSERIAL\tunknown\t/CN=Example\n").unwrap();
    let judged = judge(&with_answer(sealed.bytes(), &revoked), &anchors, later(1), Policy::strict());
    assert_eq!((judged.verdict, judged.lights.seal), (Verdict::NotTrusted, Light::Red));
    assert!(says(&judged, "trust.revoked"));
}
