//! The ledger's promises: durable before use, answered once, nothing lost, nothing readable at rest.

use std::path::Path;
use std::process::{Command, Stdio};
use yinzheng::domain::Instant;
use yinzheng::ledger::{Intent, Keyring, Ledger, LedgerError, Outcome, Reserved, Sealed, State};

const KEYS: &str = r#"{"data":[{"id":1,"key":"0101010101010101010101010101010101010101010101010101010101010101"}],"blind":"0202020202020202020202020202020202020202020202020202020202020202"}"#;

fn keyring() -> Keyring {
    Keyring::read(KEYS).unwrap()
}

fn at(seconds: i64) -> Instant {
    Instant::from_seconds(1_800_000_000 + seconds).unwrap()
}

fn intent(key: Option<&str>, holder: &str) -> Intent {
    let code = holder.to_owned();
    Intent {
        slug: "volunteer-passport".to_owned(),
        type_version: 1,
        template_digest: [9; 32],
        year: 2026,
        naming: Box::new(|serial| (format!("第{serial:05}号"), format!("1.2.156.3005.2.{serial}"))),
        codes: vec![format!("CODE-{code}"), format!("CODE-{code}-2")],
        application: format!("{{\"name\":\"张䶮明{holder}\"}}"),
        matter: vec![holder.to_owned()],
        confirmed: false,
        valid_until: None,
        key_fingerprint: [7; 32],
        operator: "console".to_owned(),
        authority: "console".to_owned(),
        idempotency_key: key.map(str::to_owned),
        at: at(0),
    }
}

fn fresh(ledger: &Ledger, intent: Intent) -> Reserved {
    match ledger.reserve(intent).unwrap() {
        Outcome::Fresh(reserved) => reserved,
        Outcome::Replay(entry) => panic!("replayed {}", entry.number),
    }
}

fn record(ledger: &Ledger, reserved: Reserved, pdf: &[u8]) -> yinzheng::ledger::Entry {
    let sealed = Sealed { pdf, covered_digest: &[1; 32], signature_digest: &[2; 32] };
    ledger.record(reserved, &sealed, at(1)).unwrap()
}

#[test]
fn numbers_are_consecutive_and_documents_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let ledger = Ledger::create(&path, keyring()).unwrap();
    for n in 1..=3 {
        let reserved = fresh(&ledger, intent(None, &n.to_string()));
        assert_eq!(reserved.number, format!("第{n:05}号"));
        let pdf = format!("%PDF document {n}").into_bytes();
        let entry = record(&ledger, reserved, &pdf);
        assert_eq!(ledger.document(&entry.document.unwrap()).unwrap().unwrap(), pdf);
        assert_eq!(ledger.find(&entry.code).unwrap().unwrap(), entry);
    }
    assert_eq!(ledger.gaps().unwrap(), []);
    assert_eq!(ledger.list(1, 10).unwrap().len(), 2);
    assert!(matches!(Ledger::create(&path, keyring()), Err(LedgerError::Exists(_))));
    let elsewhere = folder.path().join("other.db");
    assert!(matches!(Ledger::open(&elsewhere, keyring()), Err(LedgerError::Missing(_))));
    assert!(!elsewhere.exists(), "opening never creates");
}

#[test]
fn an_idempotency_key_is_answered_once() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(&folder.path().join("l.db"), keyring()).unwrap();
    let reserved = fresh(&ledger, intent(Some("k"), "a"));
    assert!(matches!(ledger.reserve(intent(Some("k"), "a")), Err(LedgerError::InProgress { .. })));
    assert!(matches!(ledger.reserve(intent(Some("k"), "b")), Err(LedgerError::IdempotencyKeyReused)));
    let entry = record(&ledger, reserved, b"%PDF");
    let again = ledger.reserve(intent(Some("k"), "a")).unwrap();
    assert!(matches!(again, Outcome::Replay(same) if *same == entry));
    let voided = fresh(&ledger, intent(Some("v"), "c"));
    ledger.void(voided, "template gone", at(2)).unwrap();
    assert!(matches!(ledger.reserve(intent(Some("v"), "c")), Err(LedgerError::ReservationVoid { .. })));
    assert_eq!(ledger.gaps().unwrap(), [], "a void number stays accounted for");
}

#[test]
fn the_same_matter_twice_must_be_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(&folder.path().join("l.db"), keyring()).unwrap();
    let first = fresh(&ledger, intent(None, "a"));
    let refused = ledger.reserve(intent(None, "a"));
    assert!(matches!(refused, Err(LedgerError::DuplicateMatter { number }) if number == first.number));
    fresh(&ledger, Intent { confirmed: true, ..intent(None, "a") });
    ledger.void(first, "x", at(1)).unwrap();
}

#[test]
fn what_was_reserved_is_found_after_a_restart_and_can_be_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let ledger = Ledger::create(&path, keyring()).unwrap();
    let reserved = fresh(&ledger, intent(Some("k"), "a"));
    let number = reserved.number.clone();
    drop((reserved, ledger));
    let ledger = Ledger::open(&path, keyring()).unwrap();
    let mut open = ledger.unfinished().unwrap();
    let one = open.pop().unwrap();
    assert!(open.is_empty());
    assert_eq!((one.reserved.number.as_str(), one.reserved.at), (number.as_str(), at(0)));
    assert!(one.application.contains("张䶮明a"));
    record(&ledger, one.reserved, b"%PDF");
    assert!(ledger.unfinished().unwrap().is_empty());
    assert_eq!(ledger.find(&number).unwrap().unwrap().state, State::Issued);
}

#[test]
fn nothing_personal_is_readable_at_rest_and_another_key_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let ledger = Ledger::create(&path, keyring()).unwrap();
    let reserved = fresh(&ledger, intent(None, "a"));
    let entry = record(&ledger, reserved, "张䶮明 in a document".as_bytes());
    drop(fresh(&ledger, intent(None, "b")));
    drop(ledger);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(6).any(|w| w == "张䶮".as_bytes()), "a name lies open");
    }
    let rotated = Keyring::rotated(KEYS).unwrap();
    let ledger = Ledger::open(&path, Keyring::read(&rotated).unwrap()).unwrap();
    assert!(ledger.document(&entry.document.unwrap()).unwrap().is_some(), "old keys still open");
    let stranger = Keyring::read(&Keyring::generate().unwrap()).unwrap();
    let ledger = Ledger::open(&path, stranger).unwrap();
    assert!(matches!(ledger.document(&entry.document.unwrap()), Err(LedgerError::Sealed)));
    assert!(matches!(ledger.unfinished(), Err(LedgerError::Sealed)));
}

#[test]
fn many_writers_share_commits_and_none_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(&folder.path().join("l.db"), keyring()).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let ledger = &ledger;
            scope.spawn(move || {
                for n in 0..20 {
                    let reserved = fresh(ledger, intent(None, &format!("{thread}/{n}")));
                    record(ledger, reserved, format!("%PDF {thread}/{n}").as_bytes());
                }
            });
        }
    });
    let entries = ledger.list(0, 1000).unwrap();
    assert_eq!(entries.len(), 320);
    assert!(entries.iter().all(|e| e.state == State::Issued));
    assert_eq!(ledger.gaps().unwrap(), []);
}

/// Not a test of its own: the process that the next test kills.
#[test]
#[ignore = "run by killed_without_warning_nothing_acknowledged_is_lost"]
fn writes_until_killed() {
    let Some(path) = std::env::var_os("YINZHENG_TEST_LEDGER") else { return };
    let ledger = Ledger::open(Path::new(&path), keyring()).unwrap();
    for n in 0.. {
        let reserved = fresh(&ledger, intent(None, &format!("{n}")));
        println!("reserved {}", reserved.number);
        if n % 3 != 0 {
            let entry = record(&ledger, reserved, format!("%PDF {n}").as_bytes());
            println!("issued {}", entry.number);
        }
    }
}

#[test]
fn killed_without_warning_nothing_acknowledged_is_lost() {
    use std::io::{BufRead, BufReader};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    drop(Ledger::create(&path, keyring()).unwrap());
    let mut said = Vec::new();
    for round in 1..=3 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["ledger::writes_until_killed", "--exact", "--ignored", "--nocapture"])
            .env("YINZHENG_TEST_LEDGER", &path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        for line in lines.filter(|l| l.contains('第')).take(if round == 1 { 100 } else { 1 }) {
            said.push(line);
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(said.len() >= 100, "the writer wrote");
    let ledger = Ledger::open(&path, keyring()).unwrap();
    let open: Vec<String> = ledger.unfinished().unwrap().into_iter().map(|u| u.reserved.number).collect();
    for line in &said {
        let (what, number) = line.rsplit_once(' ').unwrap();
        let entry = ledger.find(number).unwrap().expect("every acknowledged number is on record");
        if what.ends_with("issued") {
            assert_eq!(entry.state, State::Issued);
        } else {
            assert!(entry.state == State::Issued || open.contains(&entry.number));
        }
    }
    assert_eq!(ledger.gaps().unwrap(), []);
}
