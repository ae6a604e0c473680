//! The service on a disk that fills up (a small file system of its own, its log included): nothing is acknowledged that
//! is not on record, what needs no new record goes on, and work goes on by itself once there is room.

use crate::killed::{SLUG, Told, Wrong, all_there, application, audit};
use crate::process::{Client, Estate, Reply, identifier};
use serde_json::{Value, json};
use std::io::Write;
use std::path::Path;
use std::time::{Duration, Instant};
use yinzheng::crypto::sha256;
use yinzheng::service::access::Role;

/// Writes until nothing fits any more.
fn fill(room: &Path) {
    let mut filler = std::fs::File::create(room.join("filler")).unwrap();
    for block in [vec![7; 1 << 16], vec![7; 512]] {
        while filler.write_all(&block).is_ok() {}
    }
}

fn issue(client: &Client, key: &str, idempotency: &str) -> Reply {
    client.issue(key, SLUG, &application(idempotency), idempotency).unwrap()
}

fn look_up(client: &Client, key: &str) -> Reply {
    let asked = json!({
        "subject": { "document": "uscc", "number": "52990000000001001X", "name": "示例机构" },
        "certificate_type": SLUG, "item_code": "990000-01", "case_number": "案-1", "operator": "甲",
        "legal_basis": "示例依据", "purpose": "示例", "fields": [],
    });
    client.post(key, "/v1/lookups", &asked, &[]).unwrap()
}

/// A refusal that says when to come back, and never success.
fn refused(reply: &Reply) {
    assert_eq!(reply.status, 503, "{}", reply.text());
    assert!(reply.header("retry-after").parse::<u32>().is_ok_and(|seconds| (1..=5).contains(&seconds)));
    assert_eq!(reply.header("content-type"), "application/problem+json");
}

/// Asks until the first refusal; what was acknowledged before is kept. The key of the refused request.
fn issue_until_refused(client: &Client, key: &str, told: &mut Told) -> String {
    for nth in 0..500 {
        let idempotency = format!("full-{nth}");
        let reply = issue(client, key, &idempotency);
        if reply.status != 201 {
            refused(&reply);
            return idempotency;
        }
        told.insert(idempotency, (identifier(&reply), sha256(&[&reply.body])));
    }
    panic!("500 certificates on a full disk");
}

const PDF: &[(&str, &str)] = &[("Content-Type", "application/pdf")];

/// The ledger of a service at rest, copied out: SQLite would follow the way into its file system back to ours.
fn audit_copy(room: &Path, told: &Told) -> Wrong {
    let out = tempfile::tempdir().unwrap();
    for name in ["ledger.db", "ledger.db-wal"] {
        std::fs::copy(room.join(name), out.path().join(name)).unwrap();
    }
    audit(&out.path().join("ledger.db"), told)
}

struct Before {
    read: (String, Vec<u8>),
    unread: String,
    code: String,
    report: Value,
}

/// One certificate that was read, one that was not, and what the public is told of the first.
fn before(client: &Client, issuer: &str, auditor: &str) -> Before {
    let (read, unread) = (issue(client, issuer, "read"), issue(client, issuer, "unread"));
    let id = identifier(&read);
    let shown = client.get(issuer, &format!("/v1/certificates/{id}")).json();
    assert_eq!(client.get(issuer, &format!("/v1/certificates/{id}.pdf")).body, read.body);
    assert_eq!(client.get(auditor, "/v1/audit/decisions").status, 200);
    let report = client.send("POST", "/v1/verifications", PDF, &read.body).unwrap();
    let code = shown["code"].as_str().unwrap().to_owned();
    Before { read: (id, read.body), unread: identifier(&unread), code, report: report.json() }
}

fn goes_on(client: &Client, issuer: &str, auditor: &str, before: &Before) {
    let (id, pdf) = &before.read;
    let again = client.get(issuer, &format!("/v1/certificates/{id}.pdf"));
    assert_eq!((again.status, &again.body), (200, pdf), "a read that was authorised on record");
    assert_eq!(client.get(auditor, "/v1/audit/decisions").status, 200);
    let report = client.send("POST", "/v1/verifications", PDF, pdf).unwrap();
    assert_eq!((report.status, &report.json()["verdict"]), (200, &before.report["verdict"]));
    for path in [&format!("/v1/checks/{}", before.code), "/v1/certificate-types", "/healthz", "/"] {
        assert_eq!(client.send("GET", path, &[], b"").unwrap().status, 200, "{path}");
    }
}

#[test]
fn on_a_full_disk_nothing_is_acknowledged_and_reading_goes_on() {
    let estate = Estate::new();
    let wishes = [(Role::Issuer, None), (Role::Auditor, None), (Role::Counter, None)];
    let [issuer, auditor, counter]: [String; 3] = estate.keys(&wishes).try_into().unwrap();
    let Some((service, room)) = estate.serve_in_little_room(24) else { return };
    let client = service.client();
    let mut told = Told::new();
    let before = before(&client, &issuer, &auditor);
    told.insert("read".to_owned(), (before.read.0.clone(), sha256(&[&before.read.1])));
    fill(&room);
    let mut unanswered = vec![issue_until_refused(&client, &issuer, &mut told)];
    for nth in 0..3 {
        fill(&room);
        let idempotency = format!("more-{nth}");
        refused(&issue(&client, &issuer, &idempotency));
        unanswered.push(idempotency);
        refused(&look_up(&client, &counter));
        // Authorised for another certificate is not authorised for this one, nor is another's authority one's own.
        refused(&client.get(&issuer, &format!("/v1/certificates/{}.pdf", before.unread)));
        refused(&client.get(&auditor, &format!("/v1/certificates/{}.pdf", before.read.0)));
        refused(&client.get(&auditor, "/v1/audit/lookups"));
        assert_eq!(client.send("GET", "/readyz", &[], b"").unwrap().status, 503);
        goes_on(&client, &issuer, &auditor, &before);
    }
    assert_eq!(audit_copy(&room, &told).lost, 0);
    std::fs::remove_file(room.join("filler")).unwrap();
    let begun = Instant::now();
    heals(&client, (&issuer, &counter), begun);
    for idempotency in unanswered {
        let reply = issue(&client, &issuer, &idempotency);
        told.insert(idempotency, (identifier(&reply), sha256(&[&reply.body])));
    }
    all_there(&client, &issuer, &told);
    assert_eq!(audit_copy(&room, &told), Wrong::default());
}

/// Issuing, looking up and readiness, five seconds after there is room at the latest.
fn heals(client: &Client, (issuer, counter): (&str, &str), begun: Instant) {
    let healed = || {
        let ready = client.send("GET", "/readyz", &[], b"").unwrap().status;
        (issue(client, issuer, "healed").status, look_up(client, counter).status, ready)
    };
    loop {
        let now = healed();
        if now == (201, 200, 200) {
            println!("healed after {:?}", begun.elapsed());
            return;
        }
        assert!(begun.elapsed() < Duration::from_secs(5), "not healed: {now:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
