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

#[test]
fn a_renewed_signer_means_a_seal_made_anew() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    national_office(&state);
    let office = Office::open(&state, Vec::new()).unwrap();
    office.recover().unwrap();
    let before = stamp(&office, &brought(true), &centre(), None).unwrap().pdf;
    drop(office);
    let file = state.join("keys/bureau.esl");
    let old = std::fs::read(&file).unwrap();
    keys::rotate(&state, "bureau", &ca(&state), false).unwrap();
    let row = national::rotate(&state, "bureau", &ca(&state), Vec::new(), true).unwrap();
    assert_eq!(row.role, "bureau (SM2)");
    let new = std::fs::read(&file).unwrap();
    let (one, other) = (Seal::read(&old).unwrap(), Seal::read(&new).unwrap());
    assert_ne!(one.id, other.id, "another seal has another code");
    assert_eq!((one.picture.data, one.maker_certificate), (other.picture.data, other.maker_certificate));
    let Signers::Certificates(listed) = &other.signers else { panic!("by digest") };
    assert_eq!(yinzheng::crypto::sha256(&[listed[0]]), row.fingerprint);
    let kept = std::fs::read_dir(state.join("keys"))
        .unwrap()
        .filter_map(|entry| std::fs::read(entry.ok()?.path()).ok());
    assert_eq!(kept.filter(|bytes| *bytes == old).count(), 1, "the old seal is kept");

    let office = Office::open(&state, Vec::new()).unwrap();
    office.recover().unwrap();
    let after = stamp(&office, &brought(true), &centre(), None).unwrap().pdf;
    let seals = |pdf: &[u8]| {
        let report = serde_json::to_value(office.check(pdf).unwrap()).unwrap();
        let signature = &report["signatures"][0];
        (
            signature["integrity"].clone(),
            signature["seal"]["id"].clone(),
            signature["seal"]["picture"]["shown"].clone(),
        )
    };
    assert_eq!(seals(&after), ("ok".into(), other.id.as_str().into(), "same".into()));
    assert_eq!(seals(&before), ("ok".into(), one.id.as_str().into(), "same".into()));
    // Its signer was revoked, and that is said.
    let revoked = office.check(&before).unwrap();
    let said = revoked.signatures[0].findings.iter().any(|finding| finding.code() == "ses.signer_revoked");
    assert!(said, "{:?}", revoked.signatures[0].findings);
    let history =
        office.registered(None).unwrap().into_iter().find(|seal| seal.seal == "bureau").unwrap().history;
    assert_eq!(history.last().unwrap().act.word(), "change");
}

#[test]
fn a_seal_alone_stands_in_the_file_for_national_software() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    found::national_demonstration(&state, &crypto::ECDSA_P256_SHA256, SubFilterName::GmSm2).unwrap();
    let office = Office::open(&state, Vec::new()).unwrap();
    let issued = issue(&office, "elder-care-filing-receipt", &example("elder-care-filing-receipt")).pdf;
    let stamped = stamp(&office, &brought(true), &centre(), None).unwrap().pdf;
    for pdf in [&issued, &stamped] {
        let holds = |word: &[u8]| pdf.windows(word.len()).any(|some| some == word);
        assert!(holds(b"/GM.PKILite") && holds(b"/GM.SM2") && !holds(b"Adobe.PPKLite"));
        let judgement = office.check(pdf).unwrap();
        let report = serde_json::to_value(&judgement).unwrap();
        let signature = &report["signatures"][0];
        assert_eq!(signature["integrity"], "ok", "{signature:#}");
        assert_eq!(signature["seal"]["standard"], "GB/T 38540-2020");
        assert_eq!(signature["seal"]["picture"]["shown"], "same");
        let mut changed = pdf.clone();
        changed[20] ^= 1;
        assert_ne!(
            office.check(&changed).unwrap().signatures.first().map(|one| one.integrity),
            Some(Integrity::Ok)
        );
    }
    assert_eq!(office.check(&issued).unwrap().verdict, Verdict::GenuineInForce);
}

#[test]
fn the_content_types_of_gbt_35275_are_written_on_demand() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    found::demonstration(&state, &crypto::SM2_SM3, SubFilterName::EtsiCades).unwrap();
    let path = state.join("yinzheng.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let shaped = |suite: &str| {
        text.replace("suite = \"sm2-sm3\"", &format!("suite = \"{suite}\"\ncms = \"gbt35275\""))
    };
    std::fs::write(&path, shaped("ecdsa-p256-sha256")).unwrap();
    assert!(matches!(Office::open(&state, Vec::new()), Err(OpenError::Config(_))));
    std::fs::write(&path, shaped("sm2-sm3")).unwrap();
    let office = Office::open(&state, Vec::new()).unwrap();
    let issued = issue(&office, "elder-care-filing-receipt", &example("elder-care-filing-receipt")).pdf;
    // signedData and data of GB/T 35275, and SM2 without its digest.
    for name in ["060a2a811ccf550601040202", "060a2a811ccf550601040201", "06092a811ccf5501822d01"] {
        let digits = name.as_bytes();
        assert!(issued.windows(digits.len()).any(|some| some.eq_ignore_ascii_case(digits)), "{name}");
    }
    let judgement = office.check(&issued).unwrap();
    assert_eq!(judgement.verdict, Verdict::GenuineInForce);
}
