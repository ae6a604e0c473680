//! Invented names, numbers and addresses planted in everything that the service is sent, and then looked for where they
//! must not be: its log in both forms, figures, response headers, error bodies, every column of the ledger, every file of
//! the state folder. A control plants them there in every wrapping that is looked through.

use crate::offices::example;
use crate::process::{Client, Estate, Reply, citizen, identifier};
use crate::traces::{Traces, columns, wrapped};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use yinzheng::service::access::Role;

/// Accepted: a volunteer, two adopters, a child, an address.
const VOLUNTEER: &str = "司徒雅琴";
const ADOPTER: &str = "端木秋白";
const CHILD: &str = "端木小满";
const STREET: &str = "金丝雀路";
/// Refused wherever it is sent.
const STRANGER: &str = "闻人飞雪";

struct Numbers {
    volunteer: String,
    adopter: String,
    child: String,
    stranger: String,
}

impl Numbers {
    fn new() -> Self {
        Self {
            volunteer: citizen("19980816", "246"),
            adopter: citizen("19830612", "135"),
            child: citizen("20180601", "357"),
            stranger: citizen("19710203", "975"),
        }
    }

    fn traces(&self) -> Traces {
        let values = [VOLUNTEER, ADOPTER, CHILD, STREET, STRANGER];
        let numbers = [&self.volunteer, &self.adopter, &self.child, &self.stranger];
        Traces::of(&values.into_iter().chain(numbers.map(String::as_str)).collect::<Vec<_>>())
    }

    fn passport(&self) -> Value {
        let mut application = example("volunteer-passport");
        application["name"] = VOLUNTEER.into();
        application["document"]["number"] = self.volunteer.clone().into();
        application
    }

    fn adoption(&self) -> Value {
        let mut application = example("adoption-registration");
        let adopter = &mut application["adopters"][0];
        adopter["name"] = ADOPTER.into();
        adopter["document"]["number"] = self.adopter.clone().into();
        adopter["address"] = format!("示例市{STREET} 77 弄 8 号 9 室").into();
        application["adoptee"]["name"] = CHILD.into();
        application["adoptee"]["document"]["number"] = self.child.clone().into();
        application
    }

    fn lookup(&self, slug: &str, number: &str, name: &str) -> Value {
        json!({
            "subject": { "document": "citizen_id", "number": number, "name": name },
            "certificate_type": slug, "item_code": "310-001", "case_number": "A-17", "operator": "窗口一",
            "legal_basis": "示例条例第一条", "purpose": format!("为{name}办理"), "fields": ["name", "valid_period"],
        })
    }
}

/// An answer, and whether its body may tell the caller what it told.
struct Seen {
    what: String,
    reply: Reply,
    may_tell: bool,
}

/// Plants, and keeps every answer.
struct Planter<'a> {
    client: Client,
    keys: &'a [String],
    numbers: &'a Numbers,
    seen: Vec<Seen>,
}

impl Planter<'_> {
    fn send(
        &mut self,
        may_tell: bool,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> u16 {
        let reply = self.client.send(method, path, headers, body).unwrap();
        let status = reply.status;
        let what = format!("{} {method} {} → {status}", self.seen.len(), path.split('?').next().unwrap());
        self.seen.push(Seen { what, reply, may_tell });
        status
    }

    fn json(&mut self, may_tell: bool, key: usize, path: &str, body: &Value, idempotency: &str) -> u16 {
        let bearer = format!("Bearer {}", self.keys[key]);
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("Idempotency-Key", idempotency),
        ];
        self.send(may_tell, "POST", path, &headers, body.to_string().as_bytes())
    }

    fn last(&self) -> &Reply {
        &self.seen.last().unwrap().reply
    }

    /// What goes well: issue, look up, verify, download, act, replace.
    fn accepted(&mut self) {
        let numbers = self.numbers;
        for (slug, application, number) in [
            ("volunteer-passport", numbers.passport(), &numbers.volunteer),
            ("adoption-registration", numbers.adoption(), &numbers.adopter),
        ] {
            // A client may make its idempotency key of a person's number.
            let issue = json!({ "type": slug, "application": application });
            assert_eq!(
                self.json(false, 0, "/v1/certificates", &issue, number),
                201,
                "{}",
                self.last().text()
            );
            let id = identifier(self.last());
            let code = self.last().json()["code"].as_str().unwrap().to_owned();
            let bearer = format!("Bearer {}", self.keys[0]);
            let known = [("Authorization", bearer.as_str())];
            assert_eq!(self.send(true, "GET", &format!("/v1/certificates/{id}.pdf"), &known, b""), 200);
            let pdf = self.last().body.clone();
            self.send(false, "POST", "/v1/verifications", &[("Content-Type", "application/pdf")], &pdf);
            self.send(false, "GET", &format!("/v1/checks/{code}"), &[], b"");
            self.send(false, "GET", &format!("/v/{code}"), &[], b"");
            self.json(false, 0, &format!("/v1/certificates/{id}/downloads"), &json!({ "minutes": 5 }), "d");
            let link = self.last().json()["link"].as_str().unwrap().to_owned();
            self.send(false, "GET", &link, &[], b"");
            assert_eq!(self.send(true, "POST", &link, &[], b""), 200);
            assert_eq!(self.send(false, "POST", &link, &[], b""), 410);
            for act in
                [json!({ "act": "suspend", "reason": "核查" }), json!({ "act": "lift", "reason": "核毕" })]
            {
                self.json(false, 0, &format!("/v1/certificates/{id}/acts"), &act, "x");
            }
            let again = json!({ "application": application });
            let place = format!("/v1/certificates/{id}/replacement");
            assert_eq!(self.json(false, 0, &place, &again, &format!("{number}-2")), 201);
            let duplicate = json!({ "type": slug, "application": application });
            assert_eq!(self.json(false, 0, "/v1/certificates", &duplicate, "dup"), 409);
        }
        let hit = numbers.lookup("volunteer-passport", &numbers.volunteer, VOLUNTEER);
        assert_eq!(self.json(true, 1, "/v1/lookups", &hit, "l"), 200);
        assert_eq!(self.last().json()["exempt"], true, "{}", self.last().text());
        for (slug, number, name) in [
            ("volunteer-passport", &numbers.volunteer, STRANGER),
            ("volunteer-passport", &numbers.stranger, STRANGER),
            ("adoption-registration", &numbers.adopter, ADOPTER),
            (STRANGER, &numbers.stranger, STRANGER),
        ] {
            let miss = numbers.lookup(slug, number, name);
            assert_eq!(self.json(false, 1, "/v1/lookups", &miss, "l"), 200);
        }
    }

    /// Bodies that are refused.
    fn refused_bodies(&mut self) {
        let (number, path) = (self.numbers.stranger.clone(), "/v1/certificates");
        let base = json!({ "type": "volunteer-passport", "application": self.numbers.passport() });
        let with = |pointer: &str, value: Value| {
            let mut body = base.clone();
            *body.pointer_mut(pointer).unwrap() = value;
            body
        };
        let mut unknown = base.clone();
        unknown["application"][STRANGER] = number.clone().into();
        unknown["application"][&number] = STRANGER.into();
        let mut stray = base.clone();
        stray[STRANGER] = number.clone().into();
        for (body, status) in [
            (with("/application/name", number.clone().into()), 422),
            (with("/application/name", STRANGER.repeat(60).into()), 422),
            (with("/application/birth_date", number.clone().into()), 422),
            (with("/application/sex", STRANGER.into()), 422),
            (with("/application/document/type", STRANGER.into()), 422),
            (with("/application/document/number", STRANGER.into()), 422),
            (with("/application/document/number", number.clone().into()), 422),
            (with("/application/photo", STRANGER.into()), 422),
            (with("/application/valid_period/from", number.clone().into()), 422),
            (with("/application", STRANGER.into()), 422),
            (with("/application/organisation", format!("{STRANGER}\u{1F600}").into()), 422),
            (with("/type", STRANGER.into()), 404),
            (with("/type", json!({ STRANGER: number })), 400),
            (unknown, 422),
            (stray, 400),
        ] {
            assert_eq!(self.json(false, 0, path, &body, "refused"), status, "{}", self.last().text());
        }
        let mut case = self.numbers.lookup("volunteer-passport", &number, STRANGER);
        case["case_number"] = format!("办-{number}").into();
        assert_eq!(self.json(false, 1, "/v1/lookups", &case, "l"), 400);
        let mut long = self.numbers.lookup("volunteer-passport", &number, &STRANGER.repeat(60));
        assert_eq!(self.json(false, 1, "/v1/lookups", &long, "l"), 400);
        long["subject"] = STRANGER.into();
        assert_eq!(self.json(false, 1, "/v1/lookups", &long, "l"), 400);
        // A role that may not, and a key that is none.
        assert_eq!(self.json(false, 1, path, &base, "role"), 403);
        let act = json!({ "act": STRANGER, "reason": number });
        assert_eq!(self.json(false, 0, "/v1/certificates/x/acts", &act, "a"), 400);
    }

    /// Paths, queries and headers that are refused.
    fn refused_paths(&mut self) {
        let number = self.numbers.stranger.clone();
        let name: String = STRANGER.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let bearer = format!("Bearer {}", self.keys[0]);
        let known = ("Authorization", bearer.as_str());
        let told =
            [("User-Agent", STRANGER), ("Referer", number.as_str()), ("X-Request-Id", number.as_str())];
        for value in [number.as_str(), name.as_str()] {
            for path in [
                format!("/v1/certificates/{value}"),
                format!("/v1/certificates/{value}.pdf"),
                format!("/v1/certificates/{value}/history"),
                format!("/v1/certificates/x?at={value}"),
                format!("/v1/certificates/x?{value}=1"),
                format!("/v1/certificates?after={value}x"),
                format!("/v1/certificates?{value}=1"),
                format!("/v1/certificate-types/{value}"),
                format!("/v1/certificate-types/{value}/schema"),
                format!("/v1/checks/{value}"),
                format!("/v/{value}"),
                format!("/d/{value}"),
                format!("/{value}?{value}={value}"),
            ] {
                let status = self.send(false, "GET", &path, &[&[known][..], &told].concat(), b"");
                assert!((400..500).contains(&status), "GET {path}: {status}");
            }
            assert_eq!(self.send(false, "PATCH", &format!("/v1/checks/{value}"), &told, b""), 405);
            let form = [("Content-Type", "application/x-www-form-urlencoded")];
            assert_eq!(self.send(false, "POST", "/check", &form, format!("code={value}").as_bytes()), 404);
            assert_eq!(self.send(false, "POST", "/check", &form, format!("{value}=1").as_bytes()), 400);
            assert_eq!(self.send(false, "POST", &format!("/d/{value}"), &[], b""), 410);
        }
        let strange = format!("X{number}");
        assert_eq!(self.send(false, &strange, "/v1/certificates", &told, b""), 405);
        for key in [format!("Bearer {number}"), number.clone()] {
            assert_eq!(self.send(false, "GET", "/v1/certificates", &[("Authorization", &key)], b""), 401);
        }
        let body =
            json!({ "type": "volunteer-passport", "application": self.numbers.passport() }).to_string();
        for (headers, status) in [
            (vec![known, ("Content-Type", "application/json")], 400),
            (vec![known, ("Content-Type", "application/json"), ("Idempotency-Key", STRANGER)], 400),
            (vec![known, ("Content-Type", STRANGER), ("Idempotency-Key", "k")], 415),
        ] {
            assert_eq!(self.send(false, "POST", "/v1/certificates", &headers, body.as_bytes()), status);
        }
        assert_eq!(self.send(false, "GET", "/v1/certificates/x", &[known, ("Accept", &number)], b""), 406);
    }

    /// Uploads: not a PDF, hardly one, a form with a telling file name, one that is too large; then too many requests.
    fn uploads(&mut self) {
        let number = self.numbers.stranger.clone();
        let text = format!("{STRANGER} {number} {STREET}");
        let hardly = format!(
            "%PDF-1.7\n1 0 obj\n<</{text} ({text})>>\nendobj\nxref {text}\ntrailer <</Root 1 0 R/{text} ({text})>>\nstartxref\n9\n%%EOF"
        );
        let large = text.repeat((1 << 20) / text.len() + 2);
        let form = |inner: &str| {
            format!(
                "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{text}.pdf\"\r\n\r\n{inner}\r\n--x--\r\n"
            )
        };
        let stray = form("x").replace("\"file\"", &format!("\"{text}\""));
        for path in ["/v1/verifications", "/verify"] {
            for (kind, body, status) in [
                ("application/pdf", text.clone(), 200),
                ("application/pdf", hardly.clone(), 200),
                ("application/pdf", large.clone(), 413),
                ("multipart/form-data; boundary=x", form(&text), 200),
                ("multipart/form-data; boundary=x", form(&hardly), 200),
                ("multipart/form-data; boundary=x", stray.clone(), 400),
                ("multipart/form-data; boundary=x", text.clone(), 413),
                (&format!("multipart/form-data; {number}"), text.clone(), 400),
                (&format!("text/{number}"), text.clone(), 415),
            ] {
                let told = self.send(false, "POST", path, &[("Content-Type", kind)], body.as_bytes());
                assert_eq!(told, status, "{path} {kind}: {}", self.last().text());
            }
        }
        self.json(false, 0, "/v1/certificates", &json!({ "type": large, "application": {} }), "large");
        assert_eq!(self.last().status, 413);
        for _ in 0..200 {
            if self.send(false, "GET", &format!("/v1/checks/{number}"), &[], b"") == 429 {
                return;
            }
        }
        panic!("no limit was felt");
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for item in std::fs::read_dir(folder).unwrap() {
        let path = item.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

/// Where values were found that must not be there.
fn leaks(traces: &Traces, seen: &[Seen], more: &[(String, Vec<u8>)]) -> Vec<String> {
    let mut leaks = Vec::new();
    let mut look = |what: &str, bytes: &[u8]| {
        let found = traces.found(bytes);
        if !found.is_empty() {
            leaks.push(format!("{what}: {found:?}"));
        }
    };
    for Seen { what, reply, may_tell } in seen {
        let headers = reply
            .headers
            .iter()
            .map(|(name, value)| [name.as_str().as_bytes(), b": ", value.as_bytes()].concat());
        look(&format!("headers of {what}"), &headers.collect::<Vec<_>>().join(&b'\n'));
        if !may_tell {
            look(&format!("body of {what}"), &reply.body);
        }
    }
    more.iter().for_each(|(what, bytes)| look(what, bytes));
    leaks
}

fn planted_and_looked_for(log: &str) {
    let estate = Estate::new();
    estate.configure("log", &format!("{log:?}"));
    estate.configure("body_mib", "1");
    let types = ["volunteer-passport", "adoption-registration"];
    let keys = estate.keys(&[(Role::Issuer, Some(&types)), (Role::Counter, Some(&["volunteer-passport"]))]);
    let numbers = Numbers::new();
    let mut service = estate.serve();
    let mut planter = Planter { client: service.client(), keys: &keys, numbers: &numbers, seen: Vec::new() };
    planter.accepted();
    planter.refused_bodies();
    let seen = std::mem::take(&mut planter.seen);
    // The limit of public requests is counted anew.
    service.kill();
    let first_log = std::fs::read(&service.log).unwrap();
    service = estate.serve();
    planter = Planter { client: service.client(), keys: &keys, numbers: &numbers, seen };
    planter.refused_paths();
    planter.uploads();
    let figures = planter.client.send("GET", "/metrics", &[], b"").unwrap().body;
    service.kill();
    let logged = std::fs::read(&service.log).unwrap();
    assert!(logged.len() > 10_000 && figures.len() > 1_000, "the log and the figures speak of the requests");
    assert_eq!(log == "json", logged.split(|b| *b == b'\n').nth(4).unwrap().starts_with(b"{"));
    let mut more = vec![("log".to_owned(), [first_log, logged].concat()), ("/metrics".to_owned(), figures)];
    more.extend(
        files(&estate.state)
            .into_iter()
            .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap())),
    );
    assert!(
        more.iter().any(|(name, bytes)| name.ends_with("-wal") && !bytes.is_empty()),
        "the log of the ledger is there"
    );
    let ledger = std::fs::read(estate.ledger()).unwrap();
    more.extend(columns(&estate.ledger()));
    let traces = numbers.traces();
    let found = leaks(&traces, &planter.seen, &more);
    assert!(found.is_empty(), "{log}: {} leaks\n{}", found.len(), found.join("\n"));
    println!("{log}: {} answers, {} files and columns, nothing found", planter.seen.len(), more.len());
    controls(&traces, &numbers, &planter.seen, &ledger);
}

/// In a copy of the ledger every wrapping is found; and in the documents that were handed out, which hold them.
fn controls(traces: &Traces, numbers: &Numbers, seen: &[Seen], ledger: &[u8]) {
    let sentence = format!("{VOLUNTEER},{},{STREET}", numbers.volunteer);
    for (how, bytes) in wrapped(&sentence) {
        let planted = [ledger, b"\0\0", &bytes, b"\0\0", &ledger[..100]].concat();
        let found = traces.found(&planted);
        assert!(found.len() == 3, "planted {how}: only {found:?} found");
    }
    let documents: Vec<_> = seen.iter().filter(|seen| seen.reply.body.starts_with(b"%PDF")).collect();
    assert!(documents.len() >= 4);
    for Seen { reply, what, .. } in documents {
        assert!(!traces.found(&reply.body).is_empty(), "{what}: a certificate tells its holder");
    }
}

#[test]
fn nothing_personal_is_left_behind_with_a_log_for_people() {
    planted_and_looked_for("human");
}

#[test]
fn nothing_personal_is_left_behind_with_a_log_for_programs() {
    planted_and_looked_for("json");
}
