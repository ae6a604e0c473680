//! What must never be called genuine although a signature verifies: signers who may not, times that are not proven,
//! forms that are not understood.

use crate::sealing::{authority, now, press, press_as};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, Issuer, KeyPair, KeyUsagePurpose};
use yinzheng::crypto::{self, KeyPurpose};
use yinzheng::domain::{Bilingual, Instant};
use yinzheng::pdf::Limits;
use yinzheng::verify::{
    Changes, Finding, Judgement, LedgerState, LedgerWord, Light, Policy, Rules, SameFile, Verdict, verify,
};
use yinzheng::x509::ceremony::{Authority, certificates};
use yinzheng::x509::{Certificate, Checker, pem_blocks};

const DAY: i64 = 86_400;

struct Trust<'t> {
    anchors: Vec<Certificate>,
    distrusted: &'t [[u8; 32]],
    at: Instant,
    word: LedgerWord,
}

impl Trust<'_> {
    fn of(made: &Authority) -> Self {
        Self {
            anchors: certificates(&made.root).unwrap(),
            distrusted: &[],
            at: later(1),
            word: LedgerWord::NotAsked,
        }
    }

    fn judge(&self, bytes: &[u8]) -> Judgement {
        let rules = Rules {
            known: &[],
            anchors: &self.anchors,
            crls: &[],
            sought: None,
            suites: crypto::ALL,
            checker: &Checker::new(crypto::ALL),
            at: self.at,
            policy: Policy::strict(),
            distrusted: self.distrusted,
            limits: Limits::DEFAULT,
            second_opinion: true,
            rendering: true,
        };
        verify(bytes, &rules).weigh(self.word.clone())
    }
}

fn later(days: i64) -> Instant {
    Instant::from_seconds(now().seconds() + days * DAY).unwrap()
}

fn says(judgement: &Judgement, code: &str) -> bool {
    let of_signatures = judgement.signatures.iter().flat_map(|signature| &signature.findings);
    of_signatures.chain(&judgement.findings).map(Finding::code).any(|said| said == code)
}

fn p256() -> Authority {
    authority(true, &[KeyPurpose::P256])
}

#[test]
fn an_unknown_form_is_present_and_not_understood() {
    let made = p256();
    let chain = certificates(&made.seals[0].certificates).unwrap();
    let forms = [
        ("Example.Unknown", "form.subfilter_unknown"),
        ("GM.PKILite", "form.subfilter_unknown"),
        // The value is CMS, where a bare PKCS#1 signature belongs.
        ("adbe.x509.rsa_sha1", "form.contents_unknown"),
        // The digest inside, which this form demands, is missing.
        ("adbe.pkcs7.sha1", "signed.inconsistent"),
    ];
    for (form, code) in forms {
        let judgement =
            Trust::of(&made).judge(press_as(form, made.seals[0].key.as_ref().unwrap(), &chain).bytes());
        assert_eq!(judgement.verdict, Verdict::Indeterminate, "{form}");
        assert_eq!(judgement.signatures.len(), 1, "{form}");
        assert!(says(&judgement, code) && judgement.lights.file != Light::Green, "{form}");
    }
    let known = Trust::of(&made)
        .judge(press_as("adbe.pkcs7.detached", made.seals[0].key.as_ref().unwrap(), &chain).bytes());
    assert_eq!(known.verdict, Verdict::GenuineInForce);
}

#[test]
fn a_certification_loosened_afterwards_is_a_change() {
    let made = p256();
    let sealed = press(&made.seals[0], &crypto::ECDSA_P256_SHA256);
    let whole = sealed.bytes();
    // In place: the signature covers it.
    let at = whole.windows(4).position(|four| four == b"/P 1").unwrap();
    let mut loosened = whole.to_vec();
    loosened[at + 3] = b'3';
    let judgement = Trust::of(&made).judge(&loosened);
    assert_eq!(judgement.verdict, Verdict::NotTrusted);
    // In an update that repeats the signature with another permission.
    let value = whole.windows(9).position(|nine| nine == b"\n5 0 obj\n").unwrap() + 1;
    let end = value + whole[value..].windows(6).position(|six| six == b"endobj").unwrap() + 7;
    let xref = whole.windows(5).rposition(|five| five == b"\nxref").unwrap() + 1;
    let mut updated = whole.to_vec();
    let offset = updated.len();
    updated.extend(&loosened[value..end]);
    let table = updated.len();
    updated.extend(
        format!("xref\n5 1\n{offset:010} 00000 n \ntrailer\n<</Size 6/Root 1 0 R/Prev {xref}>>\nstartxref\n{table}\n%%EOF\n").bytes(),
    );
    let judgement = Trust::of(&made).judge(&updated);
    assert_eq!(judgement.verdict, Verdict::NotTrusted);
    assert_eq!(judgement.signatures[0].changes, Changes::Forbidden);
    // The issued permission is the one that counts.
    assert_eq!(judgement.signatures[0].certified, Some(1));
}

#[test]
fn whoever_is_distrusted_stays_so() {
    let made = p256();
    let sealed = press(&made.seals[0], &crypto::ECDSA_P256_SHA256);
    let chain = certificates(&made.seals[0].certificates).unwrap();
    let root = certificates(&made.root).unwrap();
    for one in [&chain[0], &chain[1], &root[0]] {
        let list = [one.fingerprint()];
        let judgement = Trust { distrusted: &list, ..Trust::of(&made) }.judge(sealed.bytes());
        assert_eq!((judgement.verdict, judgement.lights.seal), (Verdict::NotTrusted, Light::Red));
        assert!(says(&judgement, "trust.distrusted"));
    }
}

/// A certificate of a fresh root for these uses, and its key.
fn made_for(usages: &[KeyUsagePurpose], extended: &[ExtendedKeyUsagePurpose]) -> (Vec<u8>, Vec<Certificate>) {
    let mut root = CertificateParams::new(Vec::new()).unwrap();
    root.distinguished_name.push(DnType::CommonName, "示例根 Example Root");
    root.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    root.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let root_key = KeyPair::generate().unwrap();
    let root_certificate = root.self_signed(&root_key).unwrap();
    let mut leaf = CertificateParams::new(Vec::new()).unwrap();
    leaf.distinguished_name.push(DnType::CommonName, "示例证书 Example");
    leaf.key_usages = usages.to_vec();
    leaf.extended_key_usages = extended.to_vec();
    let key = KeyPair::generate().unwrap();
    let leaf = leaf.signed_by(&key, &Issuer::new(root, root_key)).unwrap();
    let pem = format!("{}{}", leaf.pem(), root_certificate.pem());
    let chain =
        pem_blocks(&pem, "CERTIFICATE").iter().map(|der| Certificate::from_der(der).unwrap()).collect();
    (key.serialize_der(), chain)
}

#[test]
fn a_certificate_made_for_something_else_seals_nothing() {
    use ExtendedKeyUsagePurpose::{ClientAuth, CodeSigning, EmailProtection, ServerAuth, TimeStamping};
    use KeyUsagePurpose::{ContentCommitment, DigitalSignature, KeyAgreement, KeyEncipherment};
    let cases: [(&[KeyUsagePurpose], &[ExtendedKeyUsagePurpose], bool); 7] = [
        (&[DigitalSignature], &[], true),
        (&[ContentCommitment], &[EmailProtection], true),
        (&[KeyEncipherment], &[], false),
        (&[KeyAgreement], &[EmailProtection], false),
        (&[DigitalSignature], &[ServerAuth, ClientAuth], false),
        (&[DigitalSignature], &[TimeStamping], false),
        (&[DigitalSignature], &[CodeSigning], false),
    ];
    for (usages, extended, may) in cases {
        let (key, chain) = made_for(usages, extended);
        let sealed = press_as("ETSI.CAdES.detached", &key, &chain);
        let trust = Trust { anchors: chain[1..].to_vec(), ..Trust::of(&p256()) };
        let judgement = trust.judge(sealed.bytes());
        let wanted = if may { Verdict::GenuineInForce } else { Verdict::Indeterminate };
        assert_eq!(judgement.verdict, wanted, "{usages:?} {extended:?}");
        assert_eq!(says(&judgement, "trust.wrong_use"), !may, "{usages:?} {extended:?}");
    }
}

fn on_record(recorded_at: Instant) -> LedgerWord {
    LedgerWord::OnRecord {
        number: "1".into(),
        reserved_at: recorded_at,
        recorded_at,
        state: LedgerState::InForce,
        same_file: SameFile::Identical,
        type_name: Bilingual::new("样例", "specimen"),
    }
}

/// A seal certificate lives three years.
#[test]
fn only_a_proven_time_outlives_the_certificate() {
    let made = p256();
    let sealed = press(&made.seals[0], &crypto::ECDSA_P256_SHA256);
    let judge = |word| Trust { at: later(4 * 366), word, ..Trust::of(&made) }.judge(sealed.bytes());
    // The file's own word for its time is no proof.
    let claimed = judge(LedgerWord::NotAsked);
    assert_eq!((claimed.verdict, claimed.lights.seal), (Verdict::Indeterminate, Light::Amber));
    assert!(says(&claimed, "trust.expired_now"));
    // Recorded in time: the ledger vouches.
    assert_eq!(judge(on_record(later(1))).verdict, Verdict::GenuineInForce);
    // Sealed when the certificate had expired, or before it was valid.
    for when in [4 * 366 - 1, -2] {
        let expired = judge(on_record(later(when)));
        assert_eq!((expired.verdict, expired.lights.seal), (Verdict::Indeterminate, Light::Amber), "{when}");
    }
    // Another file than the recorded one: its time proves nothing.
    let LedgerWord::OnRecord { number, reserved_at, recorded_at, state, type_name, .. } = on_record(later(1))
    else {
        panic!()
    };
    let other = LedgerWord::OnRecord {
        number,
        reserved_at,
        recorded_at,
        state,
        type_name,
        same_file: SameFile::SignatureOnly,
    };
    assert_eq!(judge(other).verdict, Verdict::Indeterminate);
}

#[test]
fn a_demonstration_is_nothing_to_the_anchors_of_others() {
    let (demonstration, real) = (p256(), authority(false, &[KeyPurpose::P256]));
    let sealed = press(&demonstration.seals[0], &crypto::ECDSA_P256_SHA256);
    for anchors in [certificates(&real.root).unwrap(), Vec::new()] {
        let judgement = Trust { anchors, ..Trust::of(&real) }.judge(sealed.bytes());
        assert_eq!((judgement.verdict, judgement.lights.seal), (Verdict::Indeterminate, Light::Amber));
        // Even on record: somebody else's ledger does not make an unknown seal trusted.
        let recorded = Trust { anchors: Vec::new(), word: on_record(now()), ..Trust::of(&real) };
        assert_eq!(recorded.judge(sealed.bytes()).verdict, Verdict::Indeterminate);
    }
}
