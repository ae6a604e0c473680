//! The ledger's promises: durable before use, answered once, nothing lost, nothing readable at rest.

use yinzheng::domain::{Instant, SealAct, SealStatus};
use yinzheng::ledger::{Intent, Keyring, Ledger, LedgerError, Outcome, Reserved, SealEvent, Sealed, State};

const KEYS: &str = r#"{"data":[{"id":1,"key":"0101010101010101010101010101010101010101010101010101010101010101"}],"blind":"0202020202020202020202020202020202020202020202020202020202020202"}"#;

pub(crate) fn keyring() -> Keyring {
    Keyring::read(KEYS).unwrap()
}

pub(crate) fn at(seconds: i64) -> Instant {
    Instant::from_seconds(1_800_000_000 + seconds).unwrap()
}

pub(crate) fn intent(key: Option<&str>, holder: &str) -> Intent {
    let code = holder.to_owned();
    Intent {
        slug: "volunteer-passport".to_owned(),
        seal: "certificate".to_owned(),
        type_version: 1,
        template_digest: [9; 32],
        year: 2026,
        naming: Box::new(|_, serial, version| {
            (format!("第{serial:05}号"), format!("1.2.156.3005.2.{serial}.{version:03}"))
        }),
        replaces: None,
        holders: Vec::new(),
        codes: vec![format!("CODE-{code}"), format!("CODE-{code}-2")],
        application: format!("{{\"name\":\"张䶮明{holder}\"}}"),
        matter: vec![holder.to_owned()],
        confirmed: false,
        hourly_ceiling: None,
        valid_until: None,
        key_fingerprint: [7; 32],
        seal_filing: [0; 32],
        operator: "console".to_owned(),
        authority: "console".to_owned(),
        idempotency_key: key.map(str::to_owned),
        at: at(0),
    }
}

pub(crate) fn fresh(ledger: &Ledger, intent: Intent) -> Reserved {
    match ledger.reserve(intent).unwrap() {
        Outcome::Fresh(reserved) => reserved,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn record(ledger: &Ledger, reserved: Reserved, pdf: &[u8]) -> yinzheng::ledger::Entry {
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
    assert!(one.application.unwrap().contains("张䶮明a"));
    record(&ledger, one.reserved, b"%PDF");
    assert!(ledger.unfinished().unwrap().is_empty());
    assert_eq!(ledger.find(&number).unwrap().unwrap().state, State::Issued);
}

#[test]
fn a_reservation_nobody_works_on_is_finished_by_whoever_asks_again() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(&folder.path().join("l.db"), keyring()).unwrap();
    let reserved = fresh(&ledger, intent(Some("k"), "a"));
    assert!(ledger.unfinished().unwrap().is_empty(), "somebody works on it");
    let number = reserved.number.clone();
    drop(reserved);
    let resumed = match ledger.reserve(intent(Some("k"), "a")).unwrap() {
        Outcome::Resume(open) => *open,
        other => panic!("{other:?}"),
    };
    assert_eq!(resumed.reserved.number, number);
    let meanwhile = ledger.reserve(intent(Some("k"), "a"));
    assert!(matches!(meanwhile, Err(LedgerError::InProgress { number: same }) if same == number));
    record(&ledger, resumed.reserved, b"%PDF");
    assert!(matches!(ledger.reserve(intent(Some("k"), "a")).unwrap(), Outcome::Replay(_)));
    assert_eq!(ledger.gaps().unwrap(), []);
}

#[test]
fn a_living_process_keeps_its_reservations_and_a_dead_one_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let one = Ledger::create(&path, keyring()).unwrap();
    let other = Ledger::open(&path, keyring()).unwrap();
    let held = fresh(&one, intent(Some("k"), "a"));
    drop(fresh(&one, intent(Some("idle"), "b")));
    assert!(other.unfinished().unwrap().is_empty(), "their owner lives");
    assert!(matches!(other.reserve(intent(Some("k"), "a")), Err(LedgerError::InProgress { .. })));
    assert!(matches!(other.reserve(intent(Some("idle"), "b")), Err(LedgerError::InProgress { .. })));
    // As if the machine had lost the lock: taken over, and the first owner is fenced off.
    for file in std::fs::read_dir(folder.path().join("l.db-owners")).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    let taken = other.unfinished().unwrap();
    assert_eq!(taken.len(), 2);
    let sealed = Sealed { pdf: b"%PDF late", covered_digest: &[1; 32], signature_digest: &[2; 32] };
    assert!(matches!(one.record(held, &sealed, at(1)), Err(LedgerError::Closed)));
    for open in taken {
        record(&other, open.reserved, b"%PDF in time");
    }
    let entry = one.find("CODE-a").unwrap().unwrap();
    assert_eq!(one.document(&entry.document.unwrap()).unwrap().unwrap(), b"%PDF in time");
}

#[test]
fn nothing_personal_is_readable_at_rest_and_another_key_opens_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let ledger = Ledger::create(&path, keyring()).unwrap();
    let reserved = fresh(&ledger, intent(None, "a"));
    record(&ledger, reserved, "张䶮明 in a document".as_bytes());
    drop(fresh(&ledger, intent(None, "b")));
    let files = std::fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
    for file in files.filter(|path| path.is_file()) {
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(6).any(|w| w == "张䶮".as_bytes()), "a name lies open");
    }
    drop(ledger);
    let stranger = Keyring::read(&Keyring::generate().unwrap()).unwrap();
    assert!(matches!(Ledger::open(&path, stranger), Err(LedgerError::WrongKeys { id: 1 })));
    let other_blind = Keyring::read(&KEYS.replace("0202", "0303")).unwrap();
    assert!(matches!(Ledger::open(&path, other_blind), Err(LedgerError::WrongKeys { id: 1 })));
}

#[test]
fn keys_change_while_the_ledger_works_and_old_ones_can_go() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let ledger = Ledger::create(&path, keyring()).unwrap();
    let issue = |ledger: &Ledger, name: &str| {
        let reserved = fresh(ledger, intent(Some(name), name));
        record(ledger, reserved, format!("%PDF {name}").as_bytes())
    };
    let before: Vec<_> = (0..10).map(|n| issue(&ledger, &format!("old{n}"))).collect();
    let open = fresh(&ledger, intent(Some("open"), "open"));
    let rotated = Keyring::rotated(KEYS).unwrap();
    let guest = Ledger::open(&path, keyring()).unwrap();
    let refused = ledger.adopt(Keyring::read(&rotated).unwrap());
    assert!(matches!(refused, Err(LedgerError::NotAlone)), "a process with old keys is at work");
    drop(guest);
    ledger.adopt(Keyring::read(&rotated).unwrap()).unwrap();
    let after = issue(&ledger, "new");
    assert!(matches!(ledger.retire_old_keys(), Err(LedgerError::StillSealed { columns: 21 })));
    assert!(
        matches!(Ledger::open(&path, keyring()), Err(LedgerError::WrongKeys { id: 2 })),
        "an old key file"
    );
    let mut progress = yinzheng::ledger::Resealing::default();
    while ledger.reseal(&mut progress, 3).unwrap() {
        issue(&ledger, &format!("meanwhile{}", progress.resealed));
    }
    assert_eq!((progress.resealed, progress.damaged), (21, 0));
    ledger.retire_old_keys().unwrap();
    record(&ledger, open, b"%PDF open");
    drop(ledger);
    let retired = Keyring::retired(&rotated).unwrap();
    assert!(!retired.contains("0101"), "the old key has left the file");
    let ledger = Ledger::open(&path, Keyring::read(&retired).unwrap()).unwrap();
    for (n, entry) in before.iter().enumerate() {
        let pdf = ledger.document(&entry.document.unwrap()).unwrap().unwrap();
        assert_eq!(pdf, format!("%PDF old{n}").as_bytes());
    }
    assert!(ledger.document(&after.document.unwrap()).unwrap().is_some());
    assert!(matches!(Ledger::open(&path, keyring()), Err(LedgerError::WrongKeys { .. })));
}

#[test]
fn a_backup_taken_at_work_opens_with_the_key_file_and_holds_what_was_answered() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(&folder.path().join("l.db"), keyring()).unwrap();
    let copy = folder.path().join("copy.db");
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for n in 0..200 {
                let reserved = fresh(&ledger, intent(None, &n.to_string()));
                record(&ledger, reserved, format!("%PDF {n}").as_bytes());
            }
        });
        while ledger.find("CODE-20").unwrap().is_none_or(|e| e.state != State::Issued) {
            std::thread::yield_now();
        }
        ledger.backup(&copy).unwrap();
        writer.join().unwrap();
    });
    assert!(ledger.backup(&copy).is_err(), "a backup is never overwritten");
    let restored = Ledger::open(&copy, keyring()).unwrap();
    let issued: Vec<_> =
        restored.list(0, 1000).unwrap().into_iter().filter(|e| e.state == State::Issued).collect();
    assert!(issued.len() > 20, "{}", issued.len());
    for entry in issued {
        assert!(restored.document(&entry.document.unwrap()).unwrap().is_some());
    }
    assert_eq!(restored.gaps().unwrap(), []);
    assert!(restored.unfinished().unwrap().len() <= 1, "the one under way when it was taken");
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

#[test]
fn a_ceiling_counts_the_numbers_of_an_hour_and_lets_repetitions_through() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(&folder.path().join("ledger.db"), keyring()).unwrap();
    let limited = |key, holder| Intent { hourly_ceiling: Some(2), ..intent(key, holder) };
    fresh(&ledger, limited(None, "a"));
    let _held = fresh(&ledger, limited(Some("b"), "b"));
    let third = ledger.reserve(limited(None, "c")).map(|_| ()).unwrap_err();
    assert!(matches!(third, LedgerError::Ceiling { ceiling: 2, .. }), "{third}");
    let again = ledger.reserve(limited(Some("b"), "b")).map(|_| ()).unwrap_err();
    assert!(matches!(again, LedgerError::InProgress { .. }), "what was asked before is not new: {again}");
    let new_year = ledger.reserve(Intent { year: 2027, ..limited(None, "c") }).map(|_| ()).unwrap_err();
    assert!(matches!(new_year, LedgerError::Ceiling { .. }), "a new year is not a new hour: {new_year}");
    let later = limited(None, "d");
    let at = Instant::from_seconds(later.at.seconds() + 3600).unwrap();
    fresh(&ledger, Intent { at, ..later });
}

#[test]
fn a_seal_that_is_not_in_use_takes_no_number_and_answers_what_it_answered() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(&folder.path().join("ledger.db"), keyring()).unwrap();
    let act = |act, seconds| {
        let event = SealEvent {
            seal: "certificate".to_owned(),
            at: at(seconds),
            act,
            reason: "test".to_owned(),
            certificate: None,
            filing: None,
            operator: "manager".to_owned(),
            authority: "console".to_owned(),
        };
        ledger.act_on_seal(event).unwrap()
    };
    act(SealAct::File, 0);
    record(&ledger, fresh(&ledger, intent(Some("done"), "a")), b"%PDF a");
    drop(fresh(&ledger, intent(Some("begun"), "b")));
    act(SealAct::Suspend, 10);
    let refused = |intent| ledger.reserve(intent).map(|_| ()).unwrap_err();
    for intent in [intent(None, "c"), intent(Some("begun"), "b")] {
        let why = refused(intent);
        assert!(matches!(why, LedgerError::SealNotInUse { status: SealStatus::Suspended, .. }), "{why}");
    }
    assert!(matches!(ledger.reserve(intent(Some("done"), "a")).unwrap(), Outcome::Replay(_)));
    fresh(&ledger, Intent { seal: "another".to_owned(), ..intent(None, "d") });
    act(SealAct::Lift, 20);
    assert!(matches!(ledger.reserve(intent(Some("begun"), "b")).unwrap(), Outcome::Resume(_)));
    assert_eq!(ledger.gaps().unwrap(), []);
}
