//! An office whose seals are national ones too (GB/T 38540): both halves in one signature, judged as one, and neither
//! taken away unnoticed. What programs of others say of them is asked in `scripts/judges/national.py`.

use crate::offices::{example, issue};
use crate::stamping::{brought, centre, stamp};
use std::path::Path;
use yinzheng::config::SubFilterName;
use yinzheng::crypto;
use yinzheng::pdf::Limits;
use yinzheng::service::doctor::{self, Health};
use yinzheng::service::found;
use yinzheng::service::keys::{self, CaPlace};
use yinzheng::service::national;
use yinzheng::service::{Office, OpenError};
use yinzheng::ses::{Seal, Signers, Version};
use yinzheng::verify::{Integrity, Unseen, Verdict, hand_over, verify_unseen};

/// DER of the attribute's name: 2.999.990000.2.
const ATTRIBUTE: &[u8] = b"06068837bcb63002";

fn national_office(state: &Path) {
    found::national_demonstration(state, &crypto::ECDSA_P256_SHA256, SubFilterName::EtsiCades).unwrap();
}

fn ca(state: &Path) -> CaPlace {
    let passphrase = std::fs::read_to_string(state.join("keys/passphrase")).unwrap();
    CaPlace { folder: state.join("ca"), passphrase: passphrase.into() }
}

#[test]
fn both_halves_are_one_signature() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    national_office(&state);
    let office = Office::open(&state, Vec::new()).unwrap();
    let issued = issue(&office, "elder-care-filing-receipt", &example("elder-care-filing-receipt"));
    let judgement = office.check(&issued.pdf).unwrap();
    assert_eq!(judgement.verdict, Verdict::GenuineInForce);
    let [signature] = &judgement.signatures[..] else { panic!("{}", judgement.signatures.len()) };
    let seal = signature.seal.as_ref().unwrap();
    let facts = seal.facts.as_ref().unwrap();
    assert_eq!(facts.name, "示例市民政局");
    let shown =
        serde_json::to_value(&judgement).unwrap()["signatures"][0]["seal"]["picture"]["shown"].clone();
    assert_eq!(shown, "same", "{}", serde_json::to_string_pretty(seal).unwrap());
    // Each octet of the attribute's first part stands under the signature around it.
    let at =
        issued.pdf.windows(ATTRIBUTE.len()).position(|some| some.eq_ignore_ascii_case(ATTRIBUTE)).unwrap();
    for place in (at..at + 800).step_by(37) {
        let mut changed = issued.pdf.clone();
        changed[place] = if changed[place] == b'0' { b'1' } else { b'0' };
        let judgement = office.check(&changed).unwrap();
        assert_ne!(judgement.verdict, Verdict::GenuineInForce, "{place}");
        assert_ne!(judgement.signatures.first().map(|one| one.integrity), Some(Integrity::Ok), "{place}");
    }
}

#[test]
fn a_document_of_others_is_stamped_with_both() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    national_office(&state);
    let office = Office::open(&state, Vec::new()).unwrap();
    let stamped = stamp(&office, &brought(true), &centre(), None).unwrap();
    let judgement = office.check(&stamped.pdf).unwrap();
    let report = serde_json::to_value(&judgement).unwrap();
    let seal = &report["signatures"][0]["seal"];
    // Handed out by itself, it is judged by itself: over the same bytes, by its own digest.
    let pressing = hand_over(&stamped.pdf, &Limits::DEFAULT, 1).unwrap().pressing.unwrap();
    assert_eq!(pressing.algorithm, "sm3");
    let digest = hex::decode(&pressing.digest).unwrap();
    for (digest, integrity) in [(digest.clone(), Integrity::Ok), (vec![7; 32], Integrity::Broken)] {
        let unseen = Unseen::new(&pressing.algorithm, &digest, &pressing.der, None).unwrap();
        let judged = verify_unseen(&unseen, &office.rules(true));
        assert_eq!(judged.signatures[0].integrity, integrity);
    }
    assert_eq!(
        (&seal["picture"]["shown"], &seal["standard"]),
        (&"same".into(), &"GB/T 38540-2020".into()),
        "{seal:#}"
    );
}

#[test]
fn the_seals_are_made_once_and_list_their_signers() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    national_office(&state);
    assert!(
        national::ceremony(&state, &ca(&state), Vec::new(), Version::V4).is_err(),
        "no key is overwritten"
    );
    let seal = std::fs::read(state.join("keys/marriage.esl")).unwrap();
    let read = Seal::read(&seal).unwrap();
    assert_eq!(read.name, "示例市民政局婚姻登记专用章");
    assert!(read.deviations.is_empty(), "{:?}", read.deviations);
    assert!(read.picture.data.len() <= 22 << 10, "{} bytes", read.picture.data.len());
    assert!(matches!(&read.signers, Signers::Certificates(all) if all.len() == 1));
    let roles: Vec<String> = keys::list(&state).unwrap().into_iter().map(|row| row.role).collect();
    assert_eq!(roles.iter().filter(|role| role.ends_with("(SM2)")).count(), 5, "{roles:?}");
    let ailing =
        doctor::examine(Some(&state), Vec::new()).into_iter().filter(|one| one.health == Health::Bad);
    assert_eq!(ailing.map(|one| one.subject).collect::<Vec<_>>(), Vec::<String>::new());
    // Both authorities' lists are renewed.
    let number = |name: &str| {
        let pem = std::fs::read_to_string(state.join("trust").join(name)).unwrap();
        let der = yinzheng::x509::pem_blocks(&pem, "X509 CRL").remove(0);
        yinzheng::x509::Crl::from_der(&der).unwrap().number()
    };
    keys::renew_list(&state, &ca(&state)).unwrap();
    assert_eq!((number("issuing.crl"), number("national-issuing.crl")), (Some(2), Some(2)));
    // A seal that lists somebody else is not pressed.
    std::fs::copy(state.join("keys/adoption.esl"), state.join("keys/bureau.esl")).unwrap();
    let refused = Office::open(&state, Vec::new()).map(|_| ()).unwrap_err();
    assert!(matches!(refused, OpenError::Electronic { .. }), "{refused}");
}
