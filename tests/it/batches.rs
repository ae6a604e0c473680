//! Batches over REST: many documents asked for in one form, granted by one decision, stamped by the service in its own
//! time, each once — also when the process is killed in the midst of it.

use crate::process::{Client, Estate, length};
use crate::service::{Answer, Service, as_promised, service};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Read;
use std::time::Duration;
use yinzheng::ledger::{StampIntent, StampOutcome};
use yinzheng::service::access::Role;
use yinzheng::service::{Office, clock, keys};

/// A form of many files.
fn form(files: &[(&str, Vec<u8>)], request: &Value) -> Vec<u8> {
    let mut body = b"--edge\r\nContent-Disposition: form-data; name=\"request\"\r\n\r\n".to_vec();
    body.extend(request.to_string().bytes());
    for (name, file) in files {
        let head = format!(
            "\r\n--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"
        );
        body.extend(head.bytes());
        body.extend(file);
    }
    body.extend(b"\r\n--edge--\r\n");
    body
}

fn wanted() -> Value {
    json!({
        "seal": "bureau", "placement": { "x_mm": 100, "y_mm": 100, "page_edge": { "side": "right" } },
        "reason": "章程核准", "applicant": "经办甲",
    })
}

fn approval(batch: &Value) -> Value {
    json!({ "decision": "approve", "sha256": batch["sha256"], "approver": "审批乙", "reason": "材料齐全" })
}

impl Service {
    fn bring_batch(
        &self,
        key: &str,
        idempotency: &str,
        files: &[(&str, Vec<u8>)],
        request: &Value,
    ) -> Answer {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "multipart/form-data; boundary=edge"),
            ("Idempotency-Key", idempotency),
        ];
        let answer = self.send("POST", "/v1/batches", &headers, &form(files, request));
        as_promised("post", "/v1/batches", &answer);
        answer
    }

    fn of_batch(&self, key: &str, id: &str, below: &str) -> Answer {
        let answer = self.get(key, &format!("/v1/batches/{id}{below}"));
        as_promised("get", &format!("/v1/batches/{{id}}{below}"), &answer);
        answer
    }

    fn to_batch(&self, key: &str, id: &str, below: &str, body: &Value) -> Answer {
        let answer = self.post(key, &format!("/v1/batches/{id}{below}"), body);
        as_promised("post", &format!("/v1/batches/{{id}}{below}"), &answer);
        answer
    }

    fn until(&self, key: &str, id: &str, state: &str) -> Value {
        for _ in 0..600 {
            let batch = self.of_batch(key, id, "").json();
            if batch["state"] == state {
                return batch;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("never {state}: {}", self.of_batch(key, id, "").text());
    }
}

fn three() -> Vec<(&'static str, Vec<u8>)> {
    let mut crafty = crate::stamping::brought(false);
    crafty.truncate(100);
    vec![
        ("甲.pdf", crate::stamping::brought(false)),
        ("坏.pdf", crafty),
        ("甲.pdf", crate::stamping::brought(true)),
    ]
}

#[test]
fn many_documents_by_one_decision() {
    let service = service();
    let [stamper, other, approver, auditor] =
        [Role::Stamper, Role::Stamper, Role::Approver, Role::Auditor].map(|role| service.key(role, None));
    let files = three();
    let taken = service.bring_batch(&stamper, "b-1", &files, &wanted());
    let batch = taken.json();
    assert_eq!((taken.status, batch["state"].as_str()), (202, Some("requested")), "{}", taken.text());
    assert_eq!(batch["counts"], json!({ "total": 3, "refused": 1, "waiting": 2, "stamped": 0, "failed": 0 }));
    let id = batch["id"].as_str().unwrap().to_owned();
    assert_eq!(taken.header("location"), format!("/v1/batches/{id}"));
    let again = service.bring_batch(&stamper, "b-1", &files, &wanted());
    assert_eq!(
        (again.header("idempotent-replayed"), again.json()["id"].as_str()),
        ("true", Some(id.as_str()))
    );
    assert_eq!(service.bring_batch(&stamper, "b-1", &files[..1], &wanted()).status, 422);
    for (key, status) in [(&stamper, 200), (&other, 404), (&approver, 200), (&auditor, 200)] {
        assert_eq!(service.of_batch(key, &id, "").status, status);
    }
    let items = service.of_batch(&approver, &id, "/items").json();
    let states: Vec<&Value> = items["items"].as_array().unwrap().iter().map(|item| &item["state"]).collect();
    assert_eq!(states, ["waiting", "refused", "waiting"]);
    assert_eq!(items["items"][1]["error"]["code"], "document.unreadable");
    // One file of it is looked at like any request, and is not decided alone.
    let request = items["items"][0]["links"]["request"].as_str().unwrap().to_owned();
    assert_eq!(service.get(&approver, &format!("{request}/pages/1.png")).status, 200);
    let mut alone = approval(&batch);
    alone["sha256"] = items["items"][0]["sha256"].clone();
    let refused = service.post(&approver, &format!("{request}/approval"), &alone);
    assert_eq!(
        (refused.status, refused.json()["errors"][0]["code"].as_str()),
        (409, Some("approval.of_batch"))
    );
    decided(&service, (&stamper, &approver), &id, &batch);
    taken_away(&service, &auditor, &id);
    let stampings = service.office.ledger().stampings(0, 9).unwrap();
    assert_eq!(stampings.iter().map(|use_| use_.use_number).collect::<Vec<_>>(), [1, 2]);
    assert!(stampings.iter().all(|one| one.operator == "经办甲"));
    let listed = service.get(&auditor, "/v1/batches");
    as_promised("get", "/v1/batches", &listed);
    assert_eq!(listed.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(service.get(&other, "/v1/batches").json()["items"], json!([]));
}

fn decided(service: &Service, (stamper, approver): (&str, &str), id: &str, batch: &Value) {
    let mut same = approval(batch);
    same["approver"] = json!("经办甲");
    let same = service.to_batch(approver, id, "/approval", &same);
    assert_eq!((same.status, same.json()["errors"][0]["code"].as_str()), (403, Some("approval.same_person")));
    assert_eq!(service.to_batch(stamper, id, "/approval", &approval(batch)).status, 403);
    let mut differs = approval(batch);
    differs["sha256"] = json!("00".repeat(32));
    assert_eq!(service.to_batch(approver, id, "/approval", &differs).status, 409);
    assert_eq!(service.to_batch(stamper, id, "/acts", &json!({ "act": "pause" })).status, 409, "not begun");
    let granted = service.to_batch(approver, id, "/approval", &approval(batch));
    assert_eq!(granted.status, 200, "{}", granted.text());
    // Who listens hears how it goes, and the end.
    let told = service.of_batch(stamper, id, "/events").text();
    assert!(told.contains("event: end"), "{told}");
    let last = told.lines().rev().find_map(|line| line.strip_prefix("data: ")).unwrap();
    let last: Value = serde_json::from_str(last).unwrap();
    assert_eq!(last["counts"], json!({ "total": 3, "refused": 1, "waiting": 0, "stamped": 2, "failed": 0 }));
    let repeated = service.to_batch(approver, id, "/approval", &approval(batch));
    assert_eq!(repeated.json()["state"], "finished", "the same decision, the same answer");
    let late = service.to_batch(stamper, id, "/acts", &json!({ "act": "cancel" }));
    assert_eq!((late.status, late.json()["type"].as_str()), (409, Some("urn:yinzheng:problem:batch_status")));
}

/// Every PDF of the zip in it is what is on record and right.
fn taken_away(service: &Service, auditor: &str, id: &str) {
    let table = service.of_batch(auditor, id, "/results.csv").text();
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), 4, "{table}");
    assert!(rows[1].starts_with("1,甲.pdf,stamped,") && rows[2].starts_with("2,坏.pdf,refused,"), "{table}");
    let zip = service.of_batch(auditor, id, "/results.zip");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(zip.body)).unwrap();
    let names: BTreeSet<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, ["results.csv", "甲 (3).pdf", "甲.pdf"].map(str::to_owned).into());
    for name in names.iter().filter(|name| name.ends_with(".pdf")) {
        let mut pdf = Vec::new();
        zip.by_name(name).unwrap().read_to_end(&mut pdf).unwrap();
        let judged = service.office.check(&pdf).unwrap();
        assert!(judged.signatures.len() == 1 && judged.signatures[0].page_edge.is_some(), "{name}");
        assert!(table.contains(&hex::encode(yinzheng::crypto::sha256(&[&pdf]))), "{name}");
    }
}

#[test]
fn a_batch_of_nothing_is_not_taken() {
    let service = service();
    let stamper = service.key(Role::Stamper, None);
    let refused = service.bring_batch(&stamper, "b-1", &three()[1..2], &wanted());
    assert_eq!((refused.status, refused.json()["errors"][0]["pointer"].as_str()), (422, Some("/file/0")));
    assert_eq!(service.bring_batch(&stamper, "b-2", &[], &wanted()).status, 400);
    let mut unknown = wanted();
    unknown["seal"] = json!("no-such");
    assert_eq!(service.bring_batch(&stamper, "b-3", &three(), &unknown).status, 422);
    assert_eq!(service.office.ledger().batches(0, 9).unwrap(), []);
}

#[test]
fn a_batch_is_called_off_and_a_suspended_seal_holds_it() {
    let service = service();
    service.office.register_seals().unwrap();
    let [stamper, approver, manager] =
        [Role::Stamper, Role::Approver, Role::SealManager].map(|role| service.key(role, None));
    let batch = service.bring_batch(&stamper, "b-1", &three(), &wanted()).json();
    let id = batch["id"].as_str().unwrap().to_owned();
    let off = service.to_batch(&stamper, &id, "/acts", &json!({ "act": "cancel" }));
    assert_eq!((off.status, off.json()["state"].as_str()), (200, Some("cancelled")));
    let late = service.to_batch(&approver, &id, "/approval", &approval(&batch));
    assert_eq!((late.status, late.json()["errors"][0]["code"].as_str()), (409, Some("approval.withdrawn")));
    let items = service.of_batch(&stamper, &id, "/items").json();
    assert_eq!(items["items"][0]["state"], "unstamped");
    assert_eq!(service.to_batch(&stamper, &id, "/acts", &json!({ "act": "resume" })).status, 409);

    let batch = service.bring_batch(&stamper, "b-2", &three(), &wanted()).json();
    let id = batch["id"].as_str().unwrap().to_owned();
    let act = |act: &str| {
        let body = json!({ "act": act, "reason": "核查", "operator": "管理丙" });
        let done = service.post(&manager, "/v1/seals/bureau/acts", &body);
        assert_eq!(done.status, 200, "{}", done.text());
    };
    act("suspend");
    assert_eq!(service.to_batch(&approver, &id, "/approval", &approval(&batch)).status, 200);
    let held = service.until(&stamper, &id, "paused");
    assert_eq!(
        (held["halted_by"].as_str(), held["counts"]["stamped"].as_u64()),
        (Some("seal.not_in_use"), Some(0))
    );
    act("lift");
    failed_before(&service, &id);
    assert_eq!(service.to_batch(&stamper, &id, "/acts", &json!({ "act": "resume" })).status, 200);
    let counts = &service.until(&stamper, &id, "finished")["counts"];
    assert_eq!((counts["stamped"].as_u64(), counts["failed"].as_u64()), (Some(1), Some(1)));
    let items = service.of_batch(&stamper, &id, "/items").json();
    assert_eq!(
        (items["items"][0]["state"].as_str(), items["items"][0]["error"]["code"].as_str()),
        (Some("failed"), Some("inspection"))
    );
    assert_eq!(service.to_batch(&stamper, &id, "/acts", &json!({ "act": "retry" })).status, 200);
    assert_eq!(service.until(&stamper, &id, "finished")["counts"]["stamped"], 2);
    let uses = service.office.ledger().stampings(0, 9).unwrap();
    let states: Vec<&str> = uses.iter().map(|one| one.state.word()).collect();
    assert_eq!(
        states,
        ["void", "stamped", "stamped"],
        "what was void keeps its number, and is tried under a new one"
    );
}

/// What a failed try leaves: a use that is void, and a fault of the file.
fn failed_before(service: &Service, id: &str) {
    let ledger = service.office.ledger();
    let item = ledger.batch_items(id, 0, 1).unwrap().remove(0);
    let request = ledger.seal_request(item.request.as_ref().unwrap()).unwrap().unwrap();
    let intent = StampIntent {
        seal: request.seal,
        source: request.source,
        place: request.place,
        key_fingerprint: [0; 32],
        seal_filing: [0; 32],
        operator: request.applicant,
        authority: "test".to_owned(),
        idempotency_key: Some(format!("seal request/{}", request.request)),
        request: Some(request.request),
        at: clock::now(),
    };
    let StampOutcome::Reserved(reserved) = ledger.reserve_stamping(intent).unwrap() else { panic!() };
    ledger.void_stamping(reserved, "inspection", clock::now()).unwrap();
    ledger.fail_item(id, &item, "inspection", "自检未通过 / failed inspection").unwrap();
}

impl Client {
    fn bring_batch(&self, key: &str, files: &[(&str, Vec<u8>)]) -> Value {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "multipart/form-data; boundary=edge"),
            ("Idempotency-Key", "killed"),
        ];
        let taken = self.send("POST", "/v1/batches", &headers, &form(files, &wanted())).unwrap();
        assert_eq!(taken.status, 202, "{}", taken.text());
        taken.json()
    }
}

/// Killed again and again while a batch is stamped: it goes on by itself after each start, and in the end every document
/// has exactly one use on record.
#[test]
fn a_killed_service_goes_on_with_its_batch() {
    let estate = Estate::new();
    let roles = estate.keys(&[(Role::Stamper, None), (Role::Approver, None)]);
    let (stamper, approver) = (&roles[0], &roles[1]);
    let many = length(120, 300);
    let files: Vec<_> = (0..many).map(|_| ("文.pdf", crate::stamping::brought(false))).collect();
    let mut service = estate.serve();
    let batch = service.client().bring_batch(stamper, &files);
    let place = format!("/v1/batches/{}", batch["id"].as_str().unwrap());
    let decision = format!("{place}/approval");
    let granted = service.client().post(approver, &decision, &approval(&batch), &[]).unwrap();
    assert_eq!(granted.status, 200, "{}", granted.text());
    let stamped = |client: &Client| client.get(stamper, &place).json()["counts"]["stamped"].as_u64().unwrap();
    let mut rounds = 0;
    loop {
        let client = service.client();
        let before = stamped(&client);
        while stamped(&client) < (before + 8).min(many as u64) {
            std::thread::sleep(Duration::from_millis(2));
        }
        if stamped(&client) == many as u64 {
            break;
        }
        service.kill();
        rounds += 1;
        service = estate.serve();
    }
    assert!(rounds > 0, "it was never killed: {many} were stamped at once");
    let ended = service.client().get(stamper, &place).json();
    assert_eq!(ended["state"], "finished", "{ended}");
    drop(service);
    // The names are kept under the ledger's newest key, like everything sealed.
    let resealed = keys::rotate_ledger(&estate.state).unwrap();
    assert_eq!(resealed.damaged, 0);
    let office = Office::open(&estate.state, Vec::new()).unwrap();
    let items = office.ledger().batch_items(batch["id"].as_str().unwrap(), 0, 1000).unwrap();
    assert!(items.len() == many && items.iter().all(|item| item.name == "文.pdf"));
    office.ledger().retire_old_keys().unwrap();
    drop(office);
    let ledger = rusqlite::Connection::open(estate.ledger()).unwrap();
    let count = |sql: &str| ledger.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let many = i64::try_from(many).unwrap();
    assert_eq!(count("SELECT count(*) FROM stamping WHERE state = 'stamped'"), many);
    assert_eq!(count("SELECT count(DISTINCT request) FROM stamping WHERE state = 'stamped'"), many);
    assert_eq!(count("SELECT count(*) FROM stamping WHERE state = 'reserved'"), 0);
    assert_eq!(count("SELECT max(use_number) - count(*) FROM stamping"), 0, "every number is accounted for");
    assert_eq!(
        count("SELECT count(*) FROM seal_request WHERE brought IS NOT NULL"),
        0,
        "nothing is kept that is done"
    );
}
