//! State folders as an operator founds them: a demonstration, a real office, and what must be refused at opening.

use std::path::{Path, PathBuf};
use yinzheng::config::SubFilterName;
use yinzheng::crypto::{self, Suite};
use yinzheng::domain::{Bilingual, Issuer};
use yinzheng::service::access::Mandate;
use yinzheng::service::assets::Assets;
use yinzheng::service::found::{self, FoundError, Foundation, PassphrasePlace};
use yinzheng::service::issue::{Issued, Request};
use yinzheng::service::keys::{self, CaPlace, KeysError};
use yinzheng::service::{Office, OpenError, doctor, starter};
use yinzheng::verify::{Judgement, Light, Verdict};
use yinzheng::x509::KeyRefusal;
use zeroize::Zeroizing;

const PASSPHRASE: &str = "an invented passphrase";

/// A code with right check characters (GB 11714, GB 32100), computed here and not by the product.
fn uscc(first_sixteen: &str) -> String {
    const SYMBOLS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let value = |c: char| c.to_digit(36).unwrap();
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = first_sixteen[8..].chars().zip(weights).map(|(c, w)| value(c) * w).sum();
    let organisation = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap(),
    };
    let seventeen = format!("{first_sixteen}{organisation}");
    let mut weight = 1;
    let mut sum = 0;
    for c in seventeen.chars() {
        sum += SYMBOLS.find(c).unwrap() * weight;
        weight = weight * 3 % 31;
    }
    format!("{seventeen}{}", SYMBOLS.chars().nth((31 - sum % 31) % 31).unwrap())
}

fn ca(state: &Path) -> CaPlace {
    CaPlace { folder: state.join("ca"), passphrase: Zeroizing::new(PASSPHRASE.to_owned()) }
}

/// A real office of an invented bureau.
fn production(state: &Path, suite: &'static Suite) {
    let code = uscc("1131000000000001");
    let secret = state.with_extension("passphrase");
    std::fs::write(&secret, PASSPHRASE).unwrap();
    let foundation = Foundation {
        issuer: Issuer {
            name: Bilingual::new("虚构市民政局", "Civil Affairs Bureau of Nowhere"),
            short_name: "虚民".to_owned(),
            uscc: code.clone(),
            definer_uscc: code,
            region: "310000".to_owned(),
        },
        mode: yinzheng::config::Mode::Production,
        passphrase: PassphrasePlace::File(secret),
        ..Foundation::demonstration(suite, SubFilterName::EtsiCades)
    };
    found::found(state, &foundation).unwrap();
    keys::ceremony(state, &ca(state)).unwrap();
}

pub(crate) fn demonstration(state: &Path) {
    found::demonstration(state, &crypto::ECDSA_P256_SHA256, SubFilterName::EtsiCades).unwrap();
}

pub(crate) fn example(slug: &str) -> serde_json::Value {
    serde_json::from_slice(&Assets::default().find(&format!("{slug}/example.json")).unwrap().bytes).unwrap()
}

pub(crate) fn issue(office: &Office, slug: &str, application: &serde_json::Value) -> Issued {
    office.issue(&Mandate::at_console(None), Request::new(slug, application)).unwrap()
}

fn codes(judgement: &Judgement) -> Vec<&'static str> {
    let of_seals = judgement.signatures.iter().flat_map(|s| &s.findings);
    of_seals.chain(&judgement.findings).map(yinzheng::verify::Finding::code).collect()
}

#[test]
fn a_real_office_issues_papers_that_do_not_say_specimen() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    production(&state, &crypto::ECDSA_P384_SHA384);
    let office = Office::open(&state, Vec::new()).unwrap();
    let mut application = example("elder-care-filing-receipt");
    application["uscc"] = uscc("5231000000000002").into();
    let issued = issue(&office, "elder-care-filing-receipt", &application);
    let judgement = office.check(&issued.pdf).unwrap();
    assert_eq!(judgement.verdict, Verdict::GenuineInForce, "{:?}", codes(&judgement));
    assert!(!judgement.claim.as_ref().unwrap().specimen);
    assert_eq!(judgement.signatures[0].algorithm.as_deref(), Some("ECDSA P-384, SHA-384"));
    // The unreal province is for demonstrations.
    let unreal = example("elder-care-filing-receipt");
    let request = Request::new("elder-care-filing-receipt", &unreal);
    let refused = office.issue(&Mandate::at_console(None), request).map(|_| ()).unwrap_err();
    assert!(format!("{refused:?}").contains("uscc.unreal_region"), "{refused:?}");
    let attended = |state: &Path| {
        let examined = doctor::examine(Some(state), Vec::new());
        let wanting = examined.into_iter().filter(|one| one.health != doctor::Health::Good);
        wanting.map(|one| one.subject).collect::<Vec<_>>()
    };
    assert_eq!(
        attended(&state),
        ["officers", "secrets"],
        "nobody appointed; a passphrase that others may read"
    );
    let secret = state.with_extension("passphrase");
    std::fs::set_permissions(secret, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    assert_eq!(attended(&state), ["officers"]);
}

/// The published keys of `keys/demonstration` and fresh ones of a demonstration alike.
#[test]
fn demonstration_keys_open_no_real_office() {
    let folder = tempfile::tempdir().unwrap();
    let (real, demo) = (folder.path().join("real"), folder.path().join("demo"));
    production(&real, &crypto::ECDSA_P256_SHA256);
    demonstration(&demo);
    let published = Path::new(env!("CARGO_MANIFEST_DIR")).join("keys/demonstration");
    for (trust, keys) in [(demo.join("trust"), demo.join("keys")), (published.clone(), published)] {
        for file in ["root.pem", "root.crl", "issuing.crl"] {
            std::fs::copy(trust.join(file), real.join("trust").join(file)).unwrap();
        }
        for role in ["bureau", "adoption", "marriage"] {
            for file in [format!("{role}.key"), format!("{role}.pem")] {
                std::fs::copy(keys.join(&file), real.join("keys").join(&file)).unwrap();
            }
        }
        std::fs::copy(keys.join("passphrase"), real.with_extension("passphrase")).unwrap();
        let refused = Office::open(&real, Vec::new()).map(|_| ()).unwrap_err();
        assert!(
            // The published certificates end in 2029; then they are refused for that.
            matches!(
                refused,
                OpenError::Refused { why: KeyRefusal::Demonstration | KeyRefusal::OutOfDate { .. }, .. }
            ),
            "{refused}"
        );
        let examined = doctor::examine(Some(&real), Vec::new());
        assert_eq!(examined.iter().filter(|one| one.health == doctor::Health::Bad).count(), 3);
    }
}

#[test]
fn a_renewed_seal_leaves_its_old_papers_genuine() {
    renewed(&crypto::ECDSA_P256_SHA256);
}

/// Certificates and lists by rcgen for the others, by our own hand here.
#[test]
fn a_renewed_seal_with_sm2_leaves_its_old_papers_genuine() {
    renewed(&crypto::SM2_SM3);
}

fn renewed(suite: &'static Suite) {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    production(&state, suite);
    let mut application = example("elder-care-filing-receipt");
    application["uscc"] = uscc("5231000000000002").into();
    let before = issue(&Office::open(&state, Vec::new()).unwrap(), "elder-care-filing-receipt", &application);
    // Revocation counts from whole seconds: the seal must lie before it.
    std::thread::sleep(std::time::Duration::from_millis(1_100));
    let old = keys::list(&state).unwrap();
    let fresh = keys::rotate(&state, "bureau", &ca(&state), true).unwrap();
    assert!(old.iter().all(|row| row.fingerprint != fresh.fingerprint));
    keys::rotate_ledger(&state).unwrap();
    let office = Office::open(&state, Vec::new()).unwrap();
    let judgement = office.check(&before.pdf).unwrap();
    assert_eq!(judgement.verdict, Verdict::GenuineInForce, "{:?}", codes(&judgement));
    assert!(codes(&judgement).contains(&"trust.ledger_vouches"), "{:?}", codes(&judgement));
    // Without the ledger nobody proves when it was sealed.
    let anchors = yinzheng::service::office::anchors(&state.join("trust/root.pem")).unwrap();
    assert_ne!(
        yinzheng::service::check::with_anchors(&before.pdf, &anchors).verdict,
        Verdict::GenuineInForce
    );
    application["uscc"] = uscc("5231000000000003").into();
    let after = issue(&office, "elder-care-filing-receipt", &application);
    let judgement = office.check(&after.pdf).unwrap();
    assert_eq!(judgement.verdict, Verdict::GenuineInForce);
    assert_eq!(judgement.signatures[0].algorithm.as_deref(), Some(suite.label));
    assert!(keys::renew_list(&state, &ca(&state)).is_ok());
    let wrong = CaPlace { passphrase: Zeroizing::new("another passphrase".to_owned()), ..ca(&state) };
    assert!(matches!(keys::renew_list(&state, &wrong), Err(KeysError::Key { .. })));
    assert!(matches!(keys::ceremony(&state, &ca(&state)), Err(KeysError::Exists(_))));
}

#[test]
fn an_eighth_type_is_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (state, types) = (folder.path().join("state"), folder.path().join("types"));
    demonstration(&state);
    let made = starter::begin(&Assets::default(), &types, "old-age-card", "敬老卡", "Old-age Card").unwrap();
    let office = Office::open(&state, vec![types.clone()]).unwrap();
    assert_eq!(office.kinds().len(), 8);
    let application = serde_json::from_slice(&std::fs::read(made.join("example.json")).unwrap()).unwrap();
    let schema = office.kinds()["old-age-card"].template.kind().schema();
    assert!(jsonschema::validator_for(&schema).unwrap().is_valid(&application));
    let issued = issue(&office, "old-age-card", &application);
    let judgement = office.check(&issued.pdf).unwrap();
    assert_eq!(judgement.verdict, Verdict::GenuineInForce, "{:?}", codes(&judgement));
    // The same code twice would give two certificates one identifier.
    let twin = types.join("twin");
    std::fs::create_dir(&twin).unwrap();
    for file in ["type.toml", "layout.toml", "example.json"] {
        std::fs::copy(made.join(file), twin.join(file)).unwrap();
    }
    drop(office);
    let refused = Office::open(&state, vec![types]).map(|_| ()).unwrap_err();
    assert!(matches!(refused, OpenError::TypeCode { .. }), "{refused}");
}

#[test]
fn a_certificate_past_its_last_day_is_genuine_and_not_in_force() {
    let folder = tempfile::tempdir().unwrap();
    demonstration(folder.path());
    let office = Office::open(folder.path(), Vec::new()).unwrap();
    let mut application = example("volunteer-passport");
    application["application_date"] = "2019-03-01".into();
    application["valid_period"] = serde_json::json!({ "from": "2019-03-05", "to": "2020-03-04" });
    let issued = issue(&office, "volunteer-passport", &application);
    let judgement = office.check(&issued.pdf).unwrap();
    assert_eq!(judgement.verdict, Verdict::GenuineNotInForce, "{:?}", codes(&judgement));
    assert_eq!((judgement.lights.file, judgement.lights.seal), (Light::Green, Light::Green));
    assert_eq!(judgement.lights.certificate, Light::Red);
}

#[test]
fn a_folder_with_something_in_it_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let note: PathBuf = folder.path().join("note.txt");
    std::fs::write(&note, "mine").unwrap();
    let refused = found::demonstration(folder.path(), &crypto::ECDSA_P256_SHA256, SubFilterName::EtsiCades);
    assert!(matches!(refused, Err(FoundError::NotEmpty(_))));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
