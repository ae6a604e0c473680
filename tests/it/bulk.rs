//! Many at once through the command line: the list of results, exit codes, two processes, a kill under load.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::LazyLock;
use yinzheng::domain::Instant;
use yinzheng::ledger::State;
use yinzheng::service::Office;
use yinzheng::service::access::Mandate;
use yinzheng::service::issue::{IssueError, Issued, Request};

const PROGRAM: &str = env!("CARGO_BIN_EXE_yinzheng");

static EXAMPLE: LazyLock<Value> = LazyLock::new(|| {
    let path =
        concat!(env!("CARGO_MANIFEST_DIR"), "/certificate-templates/elder-care-filing-receipt/example.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
});
const SLUG: &str = "elder-care-filing-receipt";

fn state(folder: &Path) -> PathBuf {
    let state = folder.join("state");
    let made = Command::new(PROGRAM).args(["init", "--demo"]).arg(&state).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    state
}

/// Lines of distinct matters: each names another institution.
fn lines(folder: &Path, name: &str, count: usize) -> PathBuf {
    let path = folder.join(format!("{name}.jsonl"));
    let lines: Vec<String> = (0..count)
        .map(|n| {
            let mut application = EXAMPLE.clone();
            application["institution_name"] = json!(format!("示例市第{n}{name}养老院"));
            application.to_string()
        })
        .collect();
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    path
}

fn issue(state: &Path, input: &Path, out: &Path, more: &[&str]) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(["issue", "--quiet", "--confirm-duplicate", "--state"]).arg(state).arg(SLUG).arg(input);
    command.arg("--out").arg(out).args(more);
    command
}

fn objects(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn all_genuine(state: &Path, files: impl Iterator<Item = PathBuf>) {
    let verified =
        Command::new(PROGRAM).arg("verify").arg("--state").arg(state).args(files).output().unwrap();
    assert_eq!(verified.status.code(), Some(0), "{}", String::from_utf8_lossy(&verified.stdout));
}

fn pdfs(folder: &Path) -> Vec<PathBuf> {
    let files = std::fs::read_dir(folder).unwrap().map(|f| f.unwrap().path());
    files.filter(|p| p.extension().is_some_and(|e| e == "pdf")).collect()
}

#[test]
fn results_are_listed_in_order_and_failures_do_not_stop_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let state = state(folder.path());
    let input = lines(folder.path(), "乙", 30);
    let mut text = std::fs::read_to_string(&input).unwrap();
    text.push_str("{not json\n{\"institution_name\": \"只有名称\"}\n");
    std::fs::write(&input, text).unwrap();
    let out = folder.path().join("out");
    let run = issue(&state, &input, &out, &["--idempotency-key", "batch"]).output().unwrap();
    let (said, problems) = (String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert_eq!(run.status.code(), Some(14), "{said}{problems}");
    assert!(said.contains("未签发 not issued: 2 · 已签发 issued: 30"), "{said}");
    assert!(problems.contains("not valid JSON") && problems.contains("/uscc"), "{problems}");
    let mut list = csv::Reader::from_path(out.join("results.csv")).unwrap();
    let rows: Vec<csv::StringRecord> = list.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 32);
    for (n, row) in rows.iter().enumerate() {
        assert!(row[0].ends_with(&format!(":{}", n + 1)), "{row:?}");
        assert_eq!(&row[1], if n < 30 { "issued" } else { "failed" }, "{row:?}");
        assert_eq!(Path::new(&row[5]).is_file(), n < 30, "{row:?}");
        assert_eq!(row[6].is_empty(), n < 30, "{row:?}");
    }
    all_genuine(&state, pdfs(&out).into_iter());
    // The same batch again issues nothing new, and does not touch the first list.
    let again = issue(&state, &input, &out, &["--idempotency-key", "batch", "--json"]).output().unwrap();
    assert_eq!(again.status.code(), Some(14));
    let said = objects(&again);
    assert_eq!(said.last().unwrap()["summary"]["issued"], 30);
    for (object, row) in said.iter().zip(&rows).take(30) {
        assert_eq!((&object["result"], object["number"].as_str()), (&json!("replayed"), Some(&row[2])));
    }
    assert!(out.join("results-2.csv").is_file());
    let none = folder.path().join("bad.jsonl");
    std::fs::write(&none, "{}\n").unwrap();
    let none = issue(&state, &none, &out, &[]).output().unwrap();
    assert_eq!(none.status.code(), Some(1), "none issued is not “some failed”");
}

#[test]
fn two_processes_issue_at_once_and_leave_each_other_alone() {
    let folder = tempfile::tempdir().unwrap();
    let state = state(folder.path());
    let run = |name: &str| {
        let input = lines(folder.path(), name, 40);
        let mut command = issue(&state, &input, &folder.path().join(name), &["--json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let both = [run("甲"), run("乙")];
    let mut numbers = Vec::new();
    for child in both {
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
        let said = objects(&output);
        numbers.extend(said.iter().filter_map(|o| o["number"].as_str().map(str::to_owned)));
    }
    numbers.sort();
    numbers.dedup();
    assert_eq!(numbers.len(), 80);
    let office = Office::open(&state, Vec::new()).unwrap();
    assert_eq!((office.ledger().open_reservations().unwrap(), office.ledger().gaps().unwrap()), (0, vec![]));
    assert!(office.ledger().list(0, 100).unwrap().iter().all(|e| e.void_reason.is_none()));
}

#[test]
fn killed_in_mid_batch_and_run_again_each_application_has_one_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let state = state(folder.path());
    let (input, out) = (lines(folder.path(), "丙", 60), folder.path().join("out"));
    let more = ["--idempotency-key", "k", "--json"];
    let mut told = Vec::new();
    for after in [3, 17, 31] {
        let mut child =
            issue(&state, &input, &out, &more).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        told.extend(lines.take(after).map(|line| serde_json::from_str::<Value>(&line).unwrap()));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let last = issue(&state, &input, &out, &more).output().unwrap();
    assert_eq!(last.status.code(), Some(0), "{}", String::from_utf8_lossy(&last.stderr));
    let said = objects(&last);
    for before in told {
        let now = said.iter().find(|o| o["origin"] == before["origin"]).unwrap();
        assert_eq!(now["number"], before["number"], "an acknowledged number stays");
    }
    let office = Office::open(&state, Vec::new()).unwrap();
    let entries = office.ledger().list(0, 1000).unwrap();
    assert_eq!(entries.len(), 60, "one for each, none twice");
    assert!(entries.iter().all(|e| e.document.is_some()));
    assert_eq!(office.ledger().gaps().unwrap(), []);
    assert_eq!(pdfs(&out).len(), 60);
    all_genuine(&state, pdfs(&out).into_iter());
    assert!(entries.iter().all(|e| e.closed_at.is_some_and(|at: Instant| at >= e.reserved_at)));
}

fn ask(office: &Office, key: &str) -> Result<Issued, IssueError> {
    let request = Request {
        idempotency_key: Some(key.to_owned()),
        confirm_duplicate: true,
        ..Request::new(SLUG, &EXAMPLE)
    };
    office.issue(&Mandate::at_console(None), request)
}

/// Another process takes the write lock between reservation and record, and keeps it too long.
#[test]
fn a_certificate_whose_recording_failed_is_finished_by_the_retry() {
    let folder = tempfile::tempdir().unwrap();
    let state = state(folder.path());
    let office = Office::open(&state, Vec::new()).unwrap();
    let other = rusqlite::Connection::open(state.join("ledger.db")).unwrap();
    let interrupted = (0..10).find_map(|attempt| {
        let key = format!("key {attempt}");
        std::thread::scope(|scope| {
            let asked = scope.spawn(|| ask(&office, &key));
            while office.ledger().open_reservations().unwrap() == 0 && !asked.is_finished() {
                std::thread::yield_now();
            }
            other.execute_batch("BEGIN IMMEDIATE").unwrap();
            let answer = asked.join().unwrap();
            other.execute_batch("ROLLBACK").unwrap();
            match answer {
                Ok(_) => None, // It was faster than our lock.
                Err(IssueError::Interrupted { number, .. }) => Some((key.clone(), number)),
                Err(why) => panic!("{why}"),
            }
        })
    });
    let (key, number) = interrupted.expect("the lock came in time at least once");
    assert_eq!(office.ledger().find(&number).unwrap().unwrap().state, State::Reserved);
    let issued = ask(&office, &key).unwrap();
    assert_eq!((issued.entry.number.as_str(), issued.replayed), (number.as_str(), false));
    let again = ask(&office, &key).unwrap();
    assert_eq!((again.entry, again.pdf, again.replayed), (issued.entry, issued.pdf, true));
    assert_eq!((office.ledger().open_reservations().unwrap(), office.recover().unwrap().len()), (0, 0));
}
