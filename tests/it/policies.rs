//! An office's own policy, and a verdict replayed after the ledger went on.

use crate::offices::{demonstration, example, issue};
use std::path::Path;
use yinzheng::domain::{Act, Instant};
use yinzheng::service::access::Mandate;
use yinzheng::service::check::Asked;
use yinzheng::service::{Office, OpenError, clock, doctor};
use yinzheng::verify::{Policy, Verdict};

/// The same instant again gives the same report, byte for byte, whatever was put on record since.
#[test]
fn a_verdict_is_replayed_after_the_ledger_went_on() {
    let folder = tempfile::tempdir().unwrap();
    demonstration(folder.path());
    let office = Office::open(folder.path(), Vec::new()).unwrap();
    let issued = issue(&office, "volunteer-passport", &example("volunteer-passport"));
    let judge = |at: Instant| {
        let asked = Asked { at: Some(at), ..Asked::default() };
        office.check_asked(&issued.pdf, &asked).unwrap()
    };
    let text = |at: Instant| serde_json::to_string(&judge(at)).unwrap();
    let then = clock::now();
    let before = text(then);
    assert_eq!(judge(then).verdict, Verdict::GenuineInForce, "{before}");
    std::thread::sleep(std::time::Duration::from_millis(5));
    office.act(&Mandate::at_console(None), &issued.entry.number, Act::Suspend, "核查中", None).unwrap();
    assert_eq!(judge(clock::now()).verdict, Verdict::GenuineNotInForce);
    assert_eq!(text(then), before);
    // What the report says of its instant is enough to replay it.
    let said: serde_json::Value = serde_json::from_str(&before).unwrap();
    let read = Instant::from_rfc3339(said["at"].as_str().unwrap()).unwrap();
    assert_eq!(text(read), before);
    drop(office);
    let office = Office::open(folder.path(), Vec::new()).unwrap();
    let again = office.check_asked(&issued.pdf, &Asked { at: Some(then), ..Asked::default() }).unwrap();
    assert_eq!(serde_json::to_string(&again).unwrap(), before);
    // Before it was reserved the ledger held nothing of the kind.
    let early = Instant::from_millis(issued.entry.reserved_at.millis() - 1).unwrap();
    let asked = Asked { at: Some(early), ..Asked::default() };
    assert!(!office.check_asked(&issued.pdf, &asked).unwrap().ledger.on_record);
}

fn configure(state: &Path, policy: &str) {
    let path = state.join("yinzheng.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let before = text.lines().find(|line| line.starts_with("policy = ")).unwrap().to_owned();
    std::fs::write(path, text.replace(&before, &format!("policy = {policy:?}"))).unwrap();
}

#[test]
fn an_office_judges_under_its_own_policy() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path();
    demonstration(state);
    let health = |subject: &str| {
        let examined = doctor::examine(Some(state), Vec::new());
        examined.into_iter().find(|one| one.subject == subject).unwrap().health
    };
    assert_eq!(health("verifier"), doctor::Health::Good);
    assert_eq!(health("policy"), doctor::Health::Good);
    let own = include_str!("../../policies/counter.toml").replace("\"counter\"", "\"window-3\"");
    std::fs::write(state.join("own.toml"), &own).unwrap();
    configure(state, "own.toml");
    let office = Office::open(state, Vec::new()).unwrap();
    let issued = issue(&office, "volunteer-passport", &example("volunteer-passport"));
    let judgement = office.check(&issued.pdf).unwrap();
    assert_eq!((judgement.verdict, &*judgement.policy.name), (Verdict::GenuineInForce, "window-3"));
    // Another one for once.
    let asked = Asked { policy: Some(Policy::strict()), ..Asked::default() };
    assert_eq!(office.check_asked(&issued.pdf, &asked).unwrap().policy.name, "strict");
    drop(office);
    // Lists out of date: the stricter policy no longer calls the seal trusted by itself.
    for list in ["root.crl", "issuing.crl"] {
        std::fs::remove_file(state.join("trust").join(list)).unwrap();
    }
    let office = Office::open(state, Vec::new()).unwrap();
    assert_eq!(office.check(&issued.pdf).unwrap().verdict, Verdict::Indeterminate);
    assert_eq!(office.check_asked(&issued.pdf, &asked).unwrap().verdict, Verdict::GenuineInForce);
    drop(office);
    std::fs::write(state.join("own.toml"), own.replace("path = \"demanded\"", "path = \"no\"")).unwrap();
    let refused = Office::open(state, Vec::new()).map(|_| ()).unwrap_err();
    assert!(
        matches!(refused, OpenError::Policy(_)) && refused.to_string().contains("trust.path"),
        "{refused}"
    );
    assert_eq!(health("policy"), doctor::Health::Bad);
    configure(state, "lenient");
    let refused = Office::open(state, Vec::new()).map(|_| ()).unwrap_err();
    assert!(refused.to_string().contains("verify.policy"), "{refused}");
    configure(state, "integrity-only");
    assert_eq!(health("policy"), doctor::Health::Attention);
}
