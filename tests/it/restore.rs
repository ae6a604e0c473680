//! `revoke`, `ledger check`, `backup` and `restore` as an operator types them, on sound and on damaged files.

use crate::offices::{demonstration, example, issue};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use yinzheng::service::Office;

const PROGRAM: &str = env!("CARGO_BIN_EXE_yinzheng");

fn run(arguments: &[&str], paths: &[&Path]) -> Output {
    Command::new(PROGRAM).args(arguments).args(paths).env_remove("YINZHENG_STATE").output().unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {}", crate::judges::words(output)))
}

/// Codes of the problems an examination told, and its exit code.
fn problems(output: &Output) -> (Vec<String>, i32) {
    let told = json(output);
    let codes =
        told["problems"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned());
    let codes: Vec<String> = codes.collect();
    assert_eq!(told["sound"], codes.is_empty());
    (codes, output.status.code().unwrap())
}

/// A demonstration with one certificate, and its backup.
fn backed_up(folder: &Path) -> (PathBuf, PathBuf, String) {
    let (state, backup) = (folder.join("state"), folder.join("backup.db"));
    demonstration(&state);
    let office = Office::open(&state, Vec::new()).unwrap();
    let number =
        issue(&office, "elder-care-filing-receipt", &example("elder-care-filing-receipt")).entry.number;
    drop(office);
    let made = run(&["backup", "--state"], &[&state, &backup]);
    assert!(made.status.success(), "{}", crate::judges::words(&made));
    (state, backup, number)
}

#[test]
fn a_backup_is_examined_and_becomes_a_ledger_again() {
    let folder = tempfile::tempdir().unwrap();
    let (state, backup, number) = backed_up(folder.path());
    let checked = run(&["restore", "--json", "--check", "--state"], &[&state, &backup]);
    assert_eq!(problems(&checked), (Vec::new(), 0));
    let told = json(&checked);
    assert_eq!(
        (&told["issued"], &told["sampled"], &told["last_number"]),
        (&1.into(), &1.into(), &number.into())
    );
    // A ledger is never overwritten.
    let before = std::fs::read(state.join("ledger.db")).unwrap();
    let refused = run(&["restore", "--state"], &[&state, &backup]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(crate::judges::words(&refused).contains("从不覆盖"), "{}", crate::judges::words(&refused));
    assert_eq!(std::fs::read(state.join("ledger.db")).unwrap(), before);
    // Into a fresh folder, with the key file; the rest of the state is copied as files.
    let fresh = folder.path().join("fresh");
    let keys = state.join("ledger-keys.json");
    let restored = run(&["restore", "--keys"], &[&keys, Path::new("--state"), &fresh, &backup]);
    assert!(restored.status.success(), "{}", crate::judges::words(&restored));
    for name in ["yinzheng.toml", "trust", "keys"] {
        let copied = Command::new("cp").arg("-r").arg(state.join(name)).arg(&fresh).status().unwrap();
        assert!(copied.success());
    }
    let office = Office::open(&fresh, Vec::new()).unwrap();
    let entry = office.ledger().list(0, 10).unwrap().remove(0);
    assert!(office.ledger().document(&entry.document.unwrap()).unwrap().is_some());
    // The same certificate is revoked by the ready-made verb, once.
    let revoke = ["revoke", "--json", "--reason", "冒名申请", &entry.number, "--state"];
    assert_eq!(json(&run(&revoke, &[&fresh]))["status"], "revoked");
    assert_eq!(run(&revoke, &[&fresh]).status.code(), Some(1));
    // Now the older backup is still one of this ledger; that of another is not.
    assert_eq!(problems(&run(&["restore", "--json", "--check", "--state"], &[&fresh, &backup])).1, 0);
}

#[test]
fn a_damaged_backup_is_refused_with_a_code() {
    let folder = tempfile::tempdir().unwrap();
    let (state, backup, _) = backed_up(folder.path());
    let (keys, target) = (state.join("ledger-keys.json"), folder.path().join("target"));
    let whole = std::fs::read(&backup).unwrap();
    let damaged = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let mut flipped = whole.clone();
    // Every page but the first: whatever lies there, SQLite or the keys notice.
    flipped[8192..].iter_mut().step_by(61).for_each(|byte| *byte ^= 0x55);
    let text = damaged("text.db", b"not a database at all, only words");
    let cases = [
        (text, "unreadable"),
        (damaged("flipped.db", &flipped), "unreadable|integrity"),
        (damaged("cut.db", &whole[..whole.len() / 2]), "unreadable|integrity"),
    ];
    for (path, expected) in cases {
        for mode in [&["restore", "--json", "--check", "--keys"][..], &["restore", "--json", "--keys"]] {
            let answer = run(mode, &[&keys, Path::new("--state"), &target, &path]);
            let (codes, exit) = problems(&answer);
            assert_eq!(exit, 1, "{path:?}");
            assert!(
                codes.iter().all(|code| expected.split('|').any(|one| one == code)),
                "{path:?}: {codes:?}"
            );
            assert!(!codes.is_empty() && !target.join("ledger.db").exists(), "{path:?}");
        }
    }
    // One byte of a sealed column: the database is whole, the keys notice.
    let connection = rusqlite::Connection::open(&backup).unwrap();
    let sql = "DROP TRIGGER certificate_closed; UPDATE certificate SET application = zeroblob(100)";
    connection.execute_batch(sql).unwrap();
    drop(connection);
    let check = ["restore", "--json", "--check", "--keys"];
    assert_eq!(problems(&run(&check, &[&keys, &backup])).0, ["sealed"]);
    // Another ledger's keys, another ledger, and a copy of a file at work.
    let (other, other_backup, _) = backed_up(&folder.path().join("other"));
    assert_eq!(problems(&run(&check, &[&keys, &other_backup])).0, ["wrong_keys"]);
    let mixed = run(&check, &[&other.join("ledger-keys.json"), Path::new("--state"), &state, &other_backup]);
    assert_eq!(problems(&mixed).0, ["foreign"]);
    std::fs::write(folder.path().join("other/backup.db-wal"), b"").unwrap();
    let beside = run(&check, &[&other.join("ledger-keys.json"), &other_backup]);
    assert_eq!(problems(&beside).0, ["log_beside"]);
}

#[test]
fn a_ledger_at_work_is_examined_and_says_what_is_reserved() {
    let folder = tempfile::tempdir().unwrap();
    let (state, _, _) = backed_up(folder.path());
    let check = ["ledger", "check", "--json", "--state"];
    let office = Office::open(&state, Vec::new()).unwrap();
    let reserved = crate::ledger::fresh(office.ledger(), crate::ledger::intent(None, "某人"));
    let told = json(&run(&check, &[&state]));
    assert_eq!((&told["sound"], &told["open"][0]["in_hand"]), (&true.into(), &true.into()));
    assert_eq!(told["open"][0]["number"], reserved.number);
    drop(reserved);
    drop(office);
    // Looking finishes and voids nothing.
    for _ in 0..2 {
        let told = json(&run(&check, &[&state]));
        assert_eq!(told["open"][0]["in_hand"], false);
    }
    let connection = rusqlite::Connection::open(state.join("ledger.db")).unwrap();
    connection.execute_batch("UPDATE sequence SET last = last + 2").unwrap();
    drop(connection);
    let (codes, exit) = problems(&run(&check, &[&state]));
    assert_eq!((codes.iter().all(|code| code == "gap"), codes.is_empty(), exit), (true, false, 1));
}
