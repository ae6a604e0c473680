//! Judging without the file: digest and CMS value alone, from the fixtures, from openssl and over the wire.

use crate::judges::run;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use yinzheng::crypto::{Digest, sha256};
use yinzheng::service::check::{Asked, without_office};
use yinzheng::service::office::anchors;
use yinzheng::service::unseen::{Sent, from_file};
use yinzheng::verify::{Changes, Coverage, Finding, Integrity, Judgement, Light, Policy, Verdict, Word};

const PROGRAM: &str = env!("CARGO_BIN_EXE_yinzheng");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn fixtures() -> Vec<PathBuf> {
    let folders = ["attacks", "ours"].map(|kind| Path::new(ROOT).join("fixtures").join(kind));
    let entries = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "pdf"))
        .collect()
}

fn has(judgement: &Judgement, code: &str) -> bool {
    let of_signatures = judgement.signatures.iter().flat_map(|signature| &signature.findings);
    of_signatures.chain(&judgement.findings).map(Finding::code).any(|said| said == code)
}

#[test]
fn no_policy_makes_a_digest_more_than_indeterminate() {
    let trust = anchors(&Path::new(ROOT).join("fixtures/trust/root.pem")).unwrap();
    let mut judged = 0;
    for path in fixtures() {
        let bytes = std::fs::read(&path).unwrap();
        for which in 1..=3 {
            let Ok(handed) = from_file(&bytes, which) else { continue };
            let digest = format!("{}:{}", handed.algorithm, handed.digest);
            for policy in Policy::all() {
                let asked = Asked { policy: Some(policy), anchors: &trust, ..Asked::default() };
                for sub_filter in [None, Some("adbe.pkcs7.detached".to_owned())] {
                    let sent = Sent::typed(&digest, handed.cms.clone(), sub_filter).unwrap();
                    let judgement = sent.check(&asked).unwrap();
                    assert!(
                        matches!(judgement.verdict, Verdict::Indeterminate | Verdict::NotTrusted),
                        "{}",
                        path.display()
                    );
                    assert_ne!(judgement.lights.file, Light::Green);
                    assert_ne!(judgement.counter.word, Word::Accept);
                    assert!(has(&judgement, "document.not_seen"));
                    assert_eq!((&judgement.sha256, judgement.bytes), (&None, None));
                    let [signature] = &judgement.signatures[..] else { panic!() };
                    assert_eq!(
                        (signature.coverage, signature.changes),
                        (Coverage::NotJudged, Changes::NotJudged)
                    );
                    assert!(signature.intact.is_none());
                    // What the value itself tells is what the file's report tells.
                    let whole = without_office(&bytes, &asked);
                    let same = &whole.signatures[which - 1];
                    assert_eq!((signature.integrity, &signature.signer), (same.integrity, &same.signer));
                    assert_eq!(
                        (signature.covered_digest, &signature.chain),
                        (same.covered_digest, &same.chain)
                    );
                    judged += 1;
                }
            }
        }
    }
    assert!(judged > 100, "{judged}");
}

/// A certificate and key, and `openssl cms` over some words.
struct Openssl(tempfile::TempDir);

impl Openssl {
    fn new(key: &[&str]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        run("openssl", &["version"])?;
        let one = Self(folder);
        std::fs::write(one.0.path().join("words"), "signed words").unwrap();
        let more =
            ["-nodes", "-days", "30", "-subj", "/CN=Example Signer", "-keyout", "key", "-out", "cert.pem"];
        one.run(&[&["req", "-x509", "-addext", "keyUsage=digitalSignature", "-newkey"], key, &more].concat());
        Some(one)
    }

    fn run(&self, arguments: &[&str]) {
        let done = Command::new("openssl").args(arguments).current_dir(self.0.path()).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", crate::judges::words(&done));
    }

    fn sign(&self, more: &[&str]) -> Vec<u8> {
        let whole = ["cms", "-sign", "-binary", "-in", "words", "-signer", "cert.pem", "-inkey", "key"];
        self.run(&[&whole[..], &["-outform", "DER", "-out", "value"], more].concat());
        std::fs::read(self.0.path().join("value")).unwrap()
    }

    fn judge(&self, digest: &str, cms: &[u8]) -> Judgement {
        let trust = anchors(&self.0.path().join("cert.pem")).unwrap();
        let sent = Sent::typed(digest, cms.to_vec(), None).unwrap();
        sent.check(&Asked { anchors: &trust, ..Asked::default() }).unwrap()
    }
}

fn digest(algorithm: &str, words: &[u8]) -> String {
    format!("{algorithm}:{}", hex::encode(Digest::by_name(algorithm).unwrap().of(&[words])))
}

#[test]
fn with_and_without_signed_attributes_openssl_s_are_judged_right() {
    for key in [&["rsa:2048"][..], &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]] {
        let Some(openssl) = Openssl::new(key) else { return };
        for (algorithm, more) in [
            ("sha256", &["-md", "sha256"][..]),
            ("sha512", &["-md", "sha512"]),
            ("sha1", &["-md", "sha1"]),
            // The plain digest is what is signed then.
            ("sha256", &["-md", "sha256", "-noattr"]),
            ("sha384", &["-md", "sha384", "-noattr"]),
            ("sha256", &["-md", "sha256", "-stream"]),
        ] {
            let cms = openssl.sign(more);
            let right = openssl.judge(&digest(algorithm, b"signed words"), &cms);
            let [signature] = &right.signatures[..] else { panic!() };
            assert_eq!(signature.integrity, Integrity::Ok, "{more:?} {:?}", signature.findings);
            assert_eq!(signature.signer.as_ref().unwrap().subject, "Example Signer");
            assert_eq!((right.verdict, right.counter.word), (Verdict::Indeterminate, Word::Refer));
            assert_eq!(right.lights.seal, Light::Green, "{more:?} {:?}", signature.findings);
            let wrong = openssl.judge(&digest(algorithm, b"other words"), &cms);
            assert_eq!((wrong.verdict, wrong.counter.word), (Verdict::NotTrusted, Word::Refuse), "{more:?}");
            assert_eq!(wrong.lights.file, Light::Red);
            let other = openssl.judge(&digest("sha3-256", b"signed words"), &cms);
            assert!(has(&other, "signed.other_digest"), "{more:?}");
            assert_eq!(
                (other.verdict, other.signatures[0].integrity),
                (Verdict::Indeterminate, Integrity::Unverifiable)
            );
            // Padding of the hole may come along; anything else may not.
            assert_eq!(
                openssl.judge(&digest(algorithm, b"signed words"), &[&cms[..], &[0; 90]].concat()).verdict,
                Verdict::Indeterminate
            );
            let longer = openssl.judge(&digest(algorithm, b"signed words"), &[&cms[..], b"x"].concat());
            assert!(has(&longer, "form.padding_not_zero"));
        }
    }
}

#[test]
fn nonsense_is_no_signature_and_mistakes_are_named() {
    let zeros = "0".repeat(64);
    for cms in [&b"x"[..], &[0x30, 0x80], &[0; 50], &[0x04, 0x01, 0x00], b"-----BEGIN CMS-----"] {
        let judgement = Sent::typed(&format!("sha256:{zeros}"), cms.to_vec(), None)
            .unwrap()
            .check(&Asked::default())
            .unwrap();
        assert_eq!(judgement.verdict, Verdict::Indeterminate, "{cms:?}");
        assert_ne!(judgement.lights.file, Light::Green);
    }
    for (digest, sub_filter) in [
        ("sha256", None),
        ("md5:00112233445566778899aabbccddeeff", None),
        ("sha512:00", None),
        ("sha256:zz", None),
        (&*format!("sha256:{zeros}"), Some("adbe.x509.rsa_sha1")),
    ] {
        assert!(Sent::typed(digest, vec![0x30], sub_filter.map(str::to_owned)).is_err(), "{digest}");
    }
    assert!(Sent::typed(&format!("sha256:{zeros}"), Vec::new(), None).is_err());
}

fn program(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(PROGRAM).arg("verify").args(arguments).current_dir(folder).output().unwrap()
}

#[test]
fn the_owner_takes_both_out_and_the_other_side_judges_them() {
    let folder = tempfile::tempdir().unwrap();
    let own = Path::new(ROOT).join("fixtures/ours/sealed-page.pdf");
    let root = Path::new(ROOT).join("fixtures/trust/root.pem");
    let (own, root) = (own.to_str().unwrap(), root.to_str().unwrap());
    let taken = program(folder.path(), &["--extract-cms", "1", "-o", "x.p7s", own]);
    let digest = String::from_utf8(taken.stdout).unwrap().trim().to_owned();
    assert!(taken.status.success() && digest.starts_with("sha256:") && digest.len() == 71, "{digest}");
    let judged = program(folder.path(), &["--trust", root, "--digest", &digest, "--cms", "x.p7s"]);
    let said = String::from_utf8_lossy(&judged.stdout).into_owned();
    assert_eq!(judged.status.code(), Some(11), "{said}");
    assert!(said.contains("Not judged: file not seen.") && said.contains("转人工 refer"), "{said}");
    assert!(
        said.contains("文件完整 file intact: ? ") && said.contains("印章可信 seal trusted: ✔ "),
        "{said}"
    );
    let report =
        program(folder.path(), &["--trust", root, "--digest", &digest, "--cms", "x.p7s", "--format", "xml"]);
    let report = String::from_utf8_lossy(&report.stdout).into_owned();
    assert!(report.contains("<DocHashOnly>true</DocHashOnly>"), "{report}");
    let wrong = format!("sha256:{}", hex::encode(sha256(&[b"another file"])));
    let judged = program(folder.path(), &["--trust", root, "--digest", &wrong, "--cms", "x.p7s"]);
    assert_eq!(judged.status.code(), Some(10));
    for (arguments, code) in [
        (&["--digest", &*digest][..], 2),
        (&["--cms", "x.p7s"], 2),
        (&["--digest", &*digest, "--cms", "x.p7s", own], 2),
        (&["-o", "y", own], 2),
        (&["--extract-cms", "1", own], 2),
        (&["--extract-cms", "2", "-o", "y", own], 1),
        (&["--extract-cms", "1", "-o", "y", "x.p7s"], 1),
        (&["--digest", "sha256:00", "--cms", "x.p7s"], 1),
    ] {
        assert_eq!(program(folder.path(), arguments).status.code(), Some(code), "{arguments:?}");
    }
}
