//! The writer under real faults: a full database, a transaction ended under its feet, a lock held elsewhere.

use super::writer::Writer;
use super::{Cause, LedgerError, schema};
use rusqlite::Connection;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

fn connection(path: &Path) -> Connection {
    let mut connection = Connection::open(path).unwrap();
    schema::prepare(&mut connection).unwrap();
    connection.busy_timeout(Duration::from_millis(200)).unwrap();
    connection
}

fn writer(path: &Path) -> Writer {
    Writer::start(connection(path), "me".to_owned())
}

fn insert(name: &str, bytes: i64) -> impl FnOnce(&Connection) -> Result<String, LedgerError> + Send + use<> {
    let name = name.to_owned();
    move |connection| {
        let sql = "INSERT INTO document VALUES (?1, ?2, zeroblob(?2))";
        connection.execute(sql, rusqlite::params![name.as_bytes(), bytes])?;
        Ok(name)
    }
}

fn stored(path: &Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut statement = connection.prepare("SELECT address FROM document ORDER BY rowid").unwrap();
    let names = statement.query_map([], |row| row.get::<_, Vec<u8>>(0)).unwrap();
    names.map(|name| String::from_utf8(name.unwrap()).unwrap()).collect()
}

/// Sends jobs that all find themselves in one transaction, because the first of them waits for the others.
fn together<T: Send + 'static>(writer: &Writer, jobs: Vec<Work<T>>) -> Vec<Result<T, LedgerError>> {
    let (go, wait) = channel::<()>();
    std::thread::scope(|scope| {
        let first = scope.spawn(move || {
            writer.run(move |_| {
                let _ = wait.recv();
                Ok(())
            })
        });
        std::thread::sleep(Duration::from_millis(50));
        let mut answers = Vec::new();
        for job in jobs {
            answers.push(scope.spawn(move || writer.run(job)));
            std::thread::sleep(Duration::from_millis(20));
        }
        go.send(()).unwrap();
        let _ = first.join().unwrap();
        answers.into_iter().map(|answer| answer.join().unwrap()).collect()
    })
}

type Work<T> = Box<dyn FnOnce(&Connection) -> Result<T, LedgerError> + Send>;

#[test]
fn a_full_database_in_mid_batch_is_no_success_for_anybody_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let writer = writer(&path);
    writer.run(insert("before", 10)).unwrap();
    let pages: i64 = writer.run(|c| Ok(c.pragma_query_value(None, "page_count", |r| r.get(0))?)).unwrap();
    writer.run(move |c| Ok(c.pragma_update(None, "max_page_count", pages + 4)?)).unwrap();
    let ends: Work<String> = Box::new(|c| {
        let result = insert("huge", 1 << 20)(c);
        assert!(c.is_autocommit(), "SQLite ended the whole transaction");
        result
    });
    let answers = together(&writer, vec![Box::new(insert("early", 10)), ends, Box::new(insert("late", 10))]);
    let [early, huge, late] = &answers[..] else { panic!("three answers") };
    assert!(matches!(early, Err(LedgerError::NotWritten { cause: Cause::Full })), "{early:?}");
    assert!(matches!(huge, Err(LedgerError::NotWritten { cause: Cause::Full })), "{huge:?}");
    assert_eq!(late.as_ref().unwrap(), "late", "the next transaction is a sound one");
    assert_eq!(stored(&path), ["before", "late"], "what was answered is what is on record");
    writer.run(|c| Ok(c.pragma_update(None, "max_page_count", 1 << 30)?)).unwrap();
    writer.run(insert("huge", 1 << 20)).unwrap();
    assert_eq!(stored(&path), ["before", "late", "huge"], "room is made, work goes on");
}

#[test]
fn a_refusal_spoils_neither_its_neighbours_nor_rests_on_rows_that_went() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let writer = writer(&path);
    let refuse = || -> Work<String> {
        Box::new(|c| {
            insert("half done", 10)(c)?;
            Err(LedgerError::InProgress { number: "1".to_owned() })
        })
    };
    let answers = together(&writer, vec![Box::new(insert("a", 10)), refuse(), Box::new(insert("b", 10))]);
    assert!(matches!(answers[1], Err(LedgerError::InProgress { .. })), "{answers:?}");
    assert_eq!(stored(&path), ["a", "b"]);
    // The whole transaction is taken away: a refusal that saw its rows is no answer either.
    let ends: Work<String> = Box::new(|c| {
        c.execute_batch("ROLLBACK")?;
        Ok("taken for a success".to_owned())
    });
    let answers = together(&writer, vec![Box::new(insert("c", 10)), refuse(), ends]);
    for answer in &answers {
        assert!(matches!(answer, Err(LedgerError::NotWritten { .. })), "{answers:?}");
    }
    assert_eq!(stored(&path), ["a", "b"]);
}

#[test]
fn while_another_holds_the_lock_no_job_runs_and_afterwards_all_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let writer = writer(&path);
    let other = connection(&path);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let ran: Work<String> = Box::new(|_| panic!("a job ran outside a transaction"));
    let refused = writer.run(ran);
    assert!(matches!(refused, Err(LedgerError::NotWritten { cause: Cause::Busy })), "{refused:?}");
    other.execute_batch("ROLLBACK").unwrap();
    writer.run(insert("after", 10)).unwrap();
    assert_eq!(stored(&path), ["after"]);
}

#[test]
fn a_commit_that_cannot_be_done_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let writer = writer(&path);
    // A deferred foreign key is weighed by COMMIT itself, which then fails with the transaction still open.
    let breaks: Work<()> = Box::new(|c| {
        let sql = "PRAGMA defer_foreign_keys = ON; CREATE TABLE t (a BLOB REFERENCES document (address));
                   INSERT INTO t VALUES (x'00')";
        Ok(c.execute_batch(sql)?)
    });
    let answer = writer.run(breaks);
    assert!(matches!(answer, Err(LedgerError::NotWritten { cause: Cause::Other })), "{answer:?}");
    writer.run(insert("after", 10)).unwrap();
    assert_eq!(stored(&path), ["after"]);
}

#[test]
fn a_file_that_became_read_only_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let writer = writer(&path);
    writer.run(insert("before", 10)).unwrap();
    // What a remount does to a connection, as far as SQLite can be told without one.
    let _ = writer.run(|c| Ok(c.pragma_update(None, "query_only", true)?));
    let refused = writer.run(insert("never", 10));
    assert!(matches!(refused, Err(LedgerError::NotWritten { cause: Cause::ReadOnly })), "{refused:?}");
    assert_eq!(stored(&path), ["before"]);
}

#[test]
fn a_ledger_of_the_first_version_is_brought_forward_and_a_newer_one_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("l.db");
    let mut old = Connection::open(&path).unwrap();
    old.execute_batch(&format!("{} PRAGMA user_version = 1", schema::STEPS[0])).unwrap();
    let row = "INSERT INTO certificate (record, slug, type_version, template_digest, year, serial, number, identifier,
               code, state, reserved_at, key_fingerprint, operator, authority, request_digest, matter_index,
               application) VALUES (1, 's', 1, x'', 2026, 1, 'n', 'i', 'c', 'reserved', 0, x'', 'o', 'a', x'', x'', x'')";
    old.execute_batch(row).unwrap();
    schema::prepare(&mut old).unwrap();
    let owner: Option<String> = old.query_row("SELECT owner FROM certificate", [], |r| r.get(0)).unwrap();
    assert_eq!(owner, None, "anybody may finish it");
    let refused = old.execute_batch("UPDATE certificate SET number = 'other'");
    assert!(refused.is_err(), "a number never changes");
    old.execute_batch(
        "UPDATE certificate SET state = 'void', closed_at = 1; UPDATE certificate SET application = x'01'",
    )
    .unwrap();
    assert!(old.execute_batch("UPDATE certificate SET void_reason = 'x'").is_err(), "closed is closed");
    old.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(schema::prepare(&mut old), Err(LedgerError::Newer { found: 99, .. })));
}
