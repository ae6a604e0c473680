//! Our own seals under our own verifier: whole, touched anywhere, under other anchors, and without a seal.

use crate::sealing::{SUITES, authority, now, press};
use yinzheng::crypto::{self, KeyPurpose};
use yinzheng::domain::Instant;
use yinzheng::pdf::Limits;
use yinzheng::verify::{
    Changes, Coverage, Integrity, Judgement, LedgerWord, Level, Light, Policy, Rules, Verdict, verify,
};
use yinzheng::x509::ceremony::{Authority, certificates};
use yinzheng::x509::{Certificate, Checker, Crl, pem_blocks};

struct Trust {
    anchors: Vec<Certificate>,
    crls: Vec<Crl>,
    checker: Checker,
    at: Instant,
}

impl Trust {
    fn of(made: &Authority) -> Self {
        let lists = [&made.root_crl, &made.issuing_crl];
        let crls = lists.iter().flat_map(|pem| pem_blocks(pem, "X509 CRL"));
        Self {
            anchors: certificates(&made.root).unwrap(),
            crls: crls.map(|der| Crl::from_der(&der).unwrap()).collect(),
            checker: Checker::new(crypto::ALL),
            at: Instant::from_seconds(now().seconds() + 60).unwrap(),
        }
    }

    fn judge(&self, bytes: &[u8]) -> Judgement {
        let rules = Rules {
            anchors: &self.anchors,
            crls: &self.crls,
            sought: None,
            suites: crypto::ALL,
            checker: &self.checker,
            at: self.at,
            policy: Policy::built_in("counter").unwrap(),
            known: &[],
            distrusted: &[],
            limits: Limits::DEFAULT,
            second_opinion: true,
            rendering: true,
        };
        verify(bytes, &rules).weigh(LedgerWord::NotAsked)
    }
}

fn genuine(judgement: &Judgement) -> bool {
    matches!(judgement.verdict, Verdict::GenuineInForce | Verdict::GenuineNotInForce)
}

#[test]
fn a_seal_of_every_suite_is_read_back() {
    let made = authority(true, &SUITES.map(|(_, purpose)| purpose));
    let trust = Trust::of(&made);
    let stranger = Trust::of(&authority(true, &[KeyPurpose::P256]));
    for ((suite, _), files) in SUITES.iter().zip(&made.seals) {
        let sealed = press(files, suite);
        let judgement = trust.judge(sealed.bytes());
        let json = serde_json::to_string(&judgement).unwrap();
        assert_eq!(judgement.verdict, Verdict::GenuineInForce, "{json}");
        assert_eq!((judgement.lights.file, judgement.lights.seal), (Light::Green, Light::Green), "{json}");
        assert_eq!(judgement.lights.certificate, Light::None);
        let [signature] = &judgement.signatures[..] else { panic!("{json}") };
        assert_eq!(signature.integrity, Integrity::Ok);
        assert_eq!(signature.coverage, Coverage::Whole);
        assert_eq!(signature.changes, Changes::None);
        assert_eq!(signature.level, Level::BaselineB, "{json}");
        assert_eq!(signature.algorithm.as_deref(), Some(suite.label));
        assert_eq!(signature.covered_digest.as_ref(), Some(sealed.covered_digest()));
        assert_eq!(signature.signature_digest.as_ref(), Some(sealed.signature_digest()));
        // Nobody's word for the root: not known, and not called forged.
        let judgement = stranger.judge(sealed.bytes());
        assert_eq!(judgement.verdict, Verdict::Indeterminate);
        assert_eq!(judgement.signatures[0].integrity, Integrity::Ok);
    }
}

#[test]
fn appended_bytes_and_absent_seals() {
    let made = authority(true, &[KeyPurpose::P256]);
    let trust = Trust::of(&made);
    let sealed = press(&made.seals[0], &crypto::ECDSA_P256_SHA256);
    let mut longer = sealed.bytes().to_vec();
    // A line end is what transfers add; a zero byte is not.
    longer.push(b'\n');
    assert_eq!(trust.judge(&longer).verdict, Verdict::GenuineInForce);
    longer.push(0);
    assert_eq!(trust.judge(&longer).verdict, Verdict::Indeterminate);
    longer.extend(b"1 0 obj null endobj");
    assert_eq!(trust.judge(&longer).verdict, Verdict::NotTrusted);
    let shorter = &sealed.bytes()[..sealed.bytes().len() - 40];
    assert_eq!(trust.judge(shorter).verdict, Verdict::NotTrusted);
    assert_eq!(trust.judge(b"\xff\xd8\xff a picture").verdict, Verdict::Unsigned);
    let plain = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\nxref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<</Size 2/Root 1 0 R>>\nstartxref\n42\n%%EOF\n";
    assert_eq!(trust.judge(plain).verdict, Verdict::Unsigned);
    // The judgement lies after the certificate's end, and only the file says when it was sealed.
    let late = Trust { at: Instant::from_seconds(trust.at.seconds() + 60 * 365 * 86_400).unwrap(), ..trust };
    assert!(!genuine(&late.judge(sealed.bytes())));
}

/// Every offset; inside the zero padding of the hole, where all offsets are alike, every 61st in a debug build.
#[test]
fn no_changed_byte_stays_green() {
    let made = authority(true, &[KeyPurpose::P256]);
    let mut trust = Trust::of(&made);
    let sealed = press(&made.seals[0], &crypto::ECDSA_P256_SHA256);
    let whole = sealed.bytes();
    assert!(genuine(&trust.judge(whole)));
    trust.crls.truncate(2);
    let padding = whole.windows(64).position(|window| window.iter().all(|byte| *byte == b'0')).unwrap();
    let padding = padding..padding + whole[padding..].iter().take_while(|byte| **byte == b'0').count();
    let step = if cfg!(debug_assertions) { 61 } else { 1 };
    let mut case_only = 0;
    for at in (0..whole.len()).filter(|at| !padding.contains(at) || at % step == 0) {
        for mask in [0x01, 0x20, 0x80] {
            let mut other = whole.to_vec();
            other[at] ^= mask;
            let letter = |byte: u8| byte.is_ascii_hexdigit() && byte.is_ascii_alphabetic();
            if letter(whole[at]) && other[at].eq_ignore_ascii_case(&whole[at]) && at < padding.start {
                case_only += 1;
            } else {
                let judgement = trust.judge(&other);
                // Only a certificate beside the signature may change and leave the file what it is: no path then.
                let beside = judgement.lights.seal != Light::Green
                    && judgement.signatures.iter().flat_map(|signature| &signature.findings).any(|finding| {
                        matches!(finding.code(), "signed.unbound_certificate" | "trust.no_path")
                    });
                assert!(
                    !genuine(&judgement) && (beside || judgement.lights.file != Light::Green),
                    "byte {at} mask {mask:#x}"
                );
            }
        }
    }
    assert!(case_only > 0);
}
