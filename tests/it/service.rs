//! The service on a real socket: `openapi.yaml` against the router both ways, every answer against its schema, a
//! counter's day, a citizen's download, and what strangers must not learn.

use crate::offices::{demonstration, example};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use yinzheng::http::{House, ROUTES, app};
use yinzheng::service::Office;
use yinzheng::service::access::{KeyWish, Mandate, Role};

pub(crate) struct Service {
    base: String,
    pub(crate) office: Arc<Office>,
    _folder: tempfile::TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

pub(crate) fn service() -> Service {
    let folder = tempfile::tempdir().unwrap();
    demonstration(folder.path());
    let office = Arc::new(Office::open(folder.path(), Vec::new()).unwrap());
    let figures = metrics_exporter_prometheus::PrometheusBuilder::new().build_recorder().handle();
    let house = House::new(Arc::clone(&office), figures);
    let (told, heard) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            tokio::spawn(Arc::clone(&house).carry_out_batches());
            told.send(listener.local_addr().unwrap()).unwrap();
            axum::serve(
                listener,
                app(house, yinzheng::web::pages()).into_make_service_with_connect_info::<SocketAddr>(),
            )
            .await
            .unwrap();
        });
    });
    Service { base: format!("http://{}", heard.recv().unwrap()), office, _folder: folder }
}

impl Service {
    pub(crate) fn key(&self, role: Role, slugs: Option<&[&str]>) -> String {
        let wish = KeyWish {
            role,
            organisation: "示例机构".to_owned(),
            label: "test".to_owned(),
            slugs: slugs.map(|slugs| slugs.iter().map(|slug| (*slug).to_owned()).collect()),
            items: None,
            days: 1,
        };
        self.office.create_key(&Mandate::at_console(None), wish).unwrap().1.to_string()
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let agent: ureq::Agent =
            ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build().into();
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut response = agent.run(request.body(body.to_vec()).unwrap()).unwrap();
        Answer {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body_mut().with_config().limit(64 << 20).read_to_vec().unwrap(),
        }
    }

    pub(crate) fn get(&self, key: &str, path: &str) -> Answer {
        self.send("GET", path, &[("Authorization", &format!("Bearer {key}"))], b"")
    }

    pub(crate) fn post(&self, key: &str, path: &str, body: &Value) -> Answer {
        self.post_keyed(key, path, body, "one")
    }

    fn post_keyed(&self, key: &str, path: &str, body: &Value, idempotency: &str) -> Answer {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("Idempotency-Key", idempotency),
        ];
        self.send("POST", path, &headers, body.to_string().as_bytes())
    }

    fn issue(&self, key: &str, slug: &str, application: &Value, idempotency: &str) -> Answer {
        let body = json!({ "type": slug, "application": application });
        self.post_keyed(key, "/v1/certificates", &body, idempotency)
    }
}

/// The contract, read once.
fn contract() -> &'static Value {
    static CONTRACT: OnceLock<Value> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.yaml");
        serde_yaml_ng::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    })
}

/// The answer must be one that the contract foresees for this operation, and its body must be as it says.
pub(crate) fn as_promised(method: &str, path: &str, answer: &Answer) {
    let operation = &contract()["paths"][path][method];
    let mut response = &operation["responses"][answer.status.to_string()];
    if let Some(reference) = response["$ref"].as_str() {
        response = contract().pointer(reference.trim_start_matches('#')).unwrap();
    }
    assert!(!response.is_null(), "{method} {path}: {} is not foreseen: {}", answer.status, answer.text());
    let kind = answer.header("content-type").split(';').next().unwrap().to_owned();
    let Some(content) = response["content"].as_object() else { return };
    let described = content.get(&kind).unwrap_or_else(|| panic!("{method} {path}: {kind} is not foreseen"));
    if kind.ends_with("json") && !described["schema"].is_null() {
        let mut schema = described["schema"].clone();
        schema["components"] = contract()["components"].clone();
        let validator = jsonschema::validator_for(&schema).unwrap();
        let body = answer.json();
        let errors: Vec<String> =
            validator.iter_errors(&body).map(|e| format!("{} at {}", e, e.instance_path())).collect();
        assert!(errors.is_empty(), "{method} {path}: {errors:?}\n{body}");
    }
}

#[test]
fn contract_and_router_are_equal() {
    let service = service();
    let mut promised = BTreeSet::new();
    for (path, operations) in contract()["paths"].as_object().unwrap() {
        for method in operations.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            promised.insert(format!("{} {path}", method.to_uppercase()));
        }
    }
    assert_eq!(promised, ROUTES.iter().map(|route| (*route).to_owned()).collect());
    for route in ROUTES {
        let (method, path) = route.split_once(' ').unwrap();
        let path = ["{type}", "{id}", "{code}", "{page}", "{seal}"]
            .iter()
            .fold(path.to_owned(), |path, part| path.replace(part, "none"));
        let other = service.send("PATCH", &path, &[], b"");
        assert_eq!(other.status, 405, "{route} is not routed");
        assert_ne!(service.send(method, &path, &[], b"").status, 405, "{route}");
    }
    let nowhere = service.send("GET", "/v1/nothing", &[], b"");
    assert_eq!((nowhere.status, nowhere.header("content-type")), (404, "application/problem+json"));
    assert_eq!(service.send("GET", "/openapi.yaml", &[], b"").text(), include_str!("../../openapi.yaml"));
}

#[test]
fn a_day_at_the_counter() {
    let service = service();
    let (issuer, counter) = (service.key(Role::Issuer, None), service.key(Role::Counter, None));
    let application = example("volunteer-passport");
    let issued = service.issue(&issuer, "volunteer-passport", &application, "counter-7/1");
    as_promised("post", "/v1/certificates", &issued);
    assert_eq!((issued.status, issued.header("idempotent-replayed")), (201, "false"));
    let id = issued.json()["identifier"].as_str().unwrap().to_owned();
    assert_eq!(issued.header("location"), format!("/v1/certificates/{id}"));
    let mut other = application.clone();
    other["organisation"] = "示例市另一服务中心".into();
    repeated_and_refused(&service, &issuer, &id, &application, &other);
    let pdf = in_three_forms(&service, &issuer, &id);
    looked_up_and_suspended(&service, (&issuer, &counter), &id, &pdf);
    replaced(&service, &issuer, &id, &other);
    on_record(&service, &issuer);
}

fn repeated_and_refused(service: &Service, issuer: &str, id: &str, application: &Value, other: &Value) {
    // The same again is the same; another application under its key is refused; a duplicate must be confirmed.
    let again = service.issue(issuer, "volunteer-passport", application, "counter-7/1");
    assert_eq!(
        (again.json()["identifier"].as_str(), again.header("idempotent-replayed")),
        (Some(id), "true")
    );
    let reused = service.issue(issuer, "volunteer-passport", other, "counter-7/1");
    let duplicate = service.issue(issuer, "volunteer-passport", application, "counter-7/2");
    let mut wrong = application.clone();
    wrong["birth_date"] = "1998-08-17".into();
    wrong["name"] = "".into();
    let fields = service.issue(issuer, "volunteer-passport", &wrong, "counter-7/3");
    for (answer, status, kind) in [
        (&reused, 422, "idempotency_key_reused"),
        (&duplicate, 409, "duplicate_matter"),
        (&fields, 422, "fields"),
    ] {
        as_promised("post", "/v1/certificates", answer);
        assert_eq!(answer.status, status, "{}", answer.text());
        assert_eq!(answer.json()["type"], format!("urn:yinzheng:problem:{kind}"));
    }
    assert!(fields.json()["errors"].as_array().unwrap().len() >= 2);
}

fn in_three_forms(service: &Service, issuer: &str, id: &str) -> Answer {
    // In three forms, with a strong tag.
    let one = "/v1/certificates/{id}";
    let pdf = service.get(issuer, &format!("/v1/certificates/{id}.pdf"));
    as_promised("get", one, &pdf);
    assert!(pdf.body.starts_with(b"%PDF-1.7"));
    let bearer = format!("Bearer {issuer}");
    let headers = [("Authorization", bearer.as_str()), ("If-None-Match", pdf.header("etag"))];
    assert_eq!(service.send("GET", &format!("/v1/certificates/{id}.pdf"), &headers, b"").status, 304);
    assert!(service.get(issuer, &format!("/v1/certificates/{id}.png")).body.starts_with(b"\x89PNG"));
    pdf
}

/// Whoever comes while one is under way is asked to come again.
fn one_self_test_at_a_time(service: &Service) {
    let answers: Vec<Answer> = std::thread::scope(|scope| {
        let ask = || service.send("POST", "/v1/verifications/selftest", &[], b"");
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    answers.iter().for_each(|answer| as_promised("post", "/v1/verifications/selftest", answer));
    let count = |status| answers.iter().filter(|answer| answer.status == status).count();
    assert!(count(200) >= 1 && count(503) >= 1 && count(200) + count(503) == 4);
}

/// The report in the form that is asked for; a page brings its style and its policy for browsers along.
fn reported(service: &Service, pdf: &[u8]) {
    let ask = |accept: &str| {
        let headers = [("Content-Type", "application/pdf"), ("Accept", accept)];
        let answer = service.send("POST", "/v1/verifications", &headers, pdf);
        as_promised("post", "/v1/verifications", &answer);
        answer
    };
    for (accept, kind, begins) in [
        ("*/*", "application/json", "{\"counter\":{\"word\":\"accept\""),
        ("text/html,application/xml;q=0.9,*/*;q=0.8", "text/html; charset=utf-8", "<!doctype html>"),
        ("text/plain", "text/plain; charset=utf-8", "核验报告"),
        (
            "application/xml",
            "application/xml",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ValidationReport",
        ),
    ] {
        let answer = ask(accept);
        assert_eq!((answer.status, answer.header("content-type")), (200, kind), "{accept}");
        assert!(answer.text().trim_start().starts_with(begins), "{}", answer.text());
        assert_eq!(answer.header("vary"), "Accept");
        let own_style = answer.header("content-security-policy").contains("style-src 'sha256-");
        assert_eq!(own_style, kind.starts_with("text/html"), "{accept}");
    }
    assert_eq!(ask("image/png").status, 406);
}

fn looked_up_and_suspended(service: &Service, (issuer, counter): (&str, &str), id: &str, pdf: &Answer) {
    // Verified, by whichever way it travels.
    let verdict =
        service.send("POST", "/v1/verifications", &[("Content-Type", "application/pdf")], &pdf.body);
    as_promised("post", "/v1/verifications", &verdict);
    assert_eq!(verdict.json()["verdict"], "genuine_in_force");
    assert_eq!(verdict.json()["counter"]["zh"], "可收");
    assert_eq!(verdict.json()["policy"]["name"], "strict");
    assert_eq!(verdict.json()["signatures"][0]["indication"], "TOTAL-PASSED");
    reported(service, &pdf.body);
    let tested = service.send("POST", "/v1/verifications/selftest", &[], b"");
    as_promised("post", "/v1/verifications/selftest", &tested);
    assert_eq!((tested.status, &tested.json()["passed"]), (200, &json!(true)), "{}", tested.text());
    one_self_test_at_a_time(service);
    // Looked up by number and name together.
    let mut asked = json!({
        "subject": { "document": "citizen_id", "number": "990101199808161280", "name": "欧阳𠅤" },
        "certificate_type": "volunteer-passport", "item_code": "310-001", "case_number": "A-17", "operator": "窗口一",
        "legal_basis": "示例条例第一条", "purpose": "入学", "fields": ["name", "document", "photo", "valid_period"],
    });
    let found = service.post(counter, "/v1/lookups", &asked);
    as_promised("post", "/v1/lookups", &found);
    assert_eq!(found.json()["exempt"], true);
    let handed: Vec<String> =
        found.json()["certificate"]["fields"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(handed, ["name", "valid_period"], "identity numbers and photos are not handed out");
    asked["subject"]["name"] = "欧阳某".into();
    let missed = service.post(counter, "/v1/lookups", &asked);
    assert_eq!(
        (missed.json()["exempt"].clone(), missed.json()["certificate"].clone()),
        (false.into(), Value::Null)
    );
    // Suspended: found, and not exempt. A second suspension says what is allowed.
    let suspend = json!({ "act": "suspend", "reason": "核查中" });
    let acts = format!("/v1/certificates/{id}/acts");
    let suspended = service.post(issuer, &acts, &suspend);
    as_promised("post", "/v1/certificates/{id}/acts", &suspended);
    assert_eq!(suspended.json()["status"]["word"], "suspended");
    let refused = service.post(issuer, &acts, &suspend);
    as_promised("post", "/v1/certificates/{id}/acts", &refused);
    assert!(refused.status == 409 && refused.text().contains("发还"), "{}", refused.text());
    asked["subject"]["name"] = "欧阳𠅤".into();
    assert_eq!(service.post(counter, "/v1/lookups", &asked).json()["reason"], "not_in_force");
    let verdict =
        service.send("POST", "/v1/verifications", &[("Content-Type", "application/pdf")], &pdf.body);
    assert_eq!(verdict.json()["verdict"], "genuine_not_in_force");
    service.post(issuer, &acts, &json!({ "act": "lift", "reason": "已核实" }));
}

fn replaced(service: &Service, issuer: &str, id: &str, other: &Value) {
    let one = "/v1/certificates/{id}";
    // Replaced: both ways linked, the number kept, the version raised.
    let replaced = service.post_keyed(
        issuer,
        &format!("/v1/certificates/{id}/replacement"),
        &json!({ "application": other }),
        "counter-7/4",
    );
    as_promised("post", "/v1/certificates/{id}/replacement", &replaced);
    assert_eq!((replaced.status, &replaced.json()["version"]), (201, &json!(2)), "{}", replaced.text());
    let before = service.get(issuer, &format!("/v1/certificates/{id}"));
    as_promised("get", one, &before);
    assert_eq!(before.json()["status"]["word"], "replaced");
    assert_eq!(before.json()["successor"], replaced.json()["identifier"]);
    assert_eq!(before.json()["number"], replaced.json()["number"]);
    // Yesterday it was not there yet.
    let yesterday = service.get(issuer, &format!("/v1/certificates/{id}?at=2020-01-01T00:00:00Z"));
    assert_eq!(yesterday.json()["status"], Value::Null);
    let history = service.get(issuer, &format!("/v1/certificates/{id}/history"));
    as_promised("get", "/v1/certificates/{id}/history", &history);
    let acts: Vec<Value> =
        history.json()["items"].as_array().unwrap().iter().map(|e| e["act"].clone()).collect();
    assert_eq!(acts, ["issue", "suspend", "lift", "replace"]);
}

fn on_record(service: &Service, issuer: &str) {
    let auditor = service.key(Role::Auditor, None);
    // All of it is on record.
    for (path, least) in [("/v1/audit/lookups", 3), ("/v1/audit/decisions", 8)] {
        let record = service.get(&auditor, path);
        as_promised("get", path, &record);
        assert!(record.json()["items"].as_array().unwrap().len() >= least, "{}", record.text());
        assert_eq!(service.get(issuer, path).status, 403);
    }
    let list = service.get(issuer, "/v1/certificates?limit=1");
    as_promised("get", "/v1/certificates", &list);
    assert_eq!(list.json()["items"].as_array().unwrap().len(), 1);
}

#[test]
fn keys_open_what_they_cover_and_nothing_else() {
    let service = service();
    let narrow = service.key(Role::Issuer, Some(&["elder-care-filing-receipt"]));
    let wide = service.key(Role::Issuer, None);
    let application = example("volunteer-passport");
    let denied = service.issue(&narrow, "volunteer-passport", &application, "a");
    as_promised("post", "/v1/certificates", &denied);
    assert_eq!(denied.status, 403);
    // Secret types must be named in the key.
    let adoption = example("adoption-registration");
    assert_eq!(service.issue(&wide, "adoption-registration", &adoption, "b").status, 403);
    let named = service.key(Role::Issuer, Some(&["adoption-registration"]));
    assert_eq!(service.issue(&named, "adoption-registration", &adoption, "c").status, 201);
    for key in
        ["", "yz_test_000000000000_AAAA", "yz_test_000000000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
    {
        let unknown = service.get(key, "/v1/certificates");
        as_promised("get", "/v1/certificates", &unknown);
        assert_eq!((unknown.status, unknown.header("www-authenticate")), (401, "Bearer"));
    }
    let name = wide.rsplit_once('_').map(|_| wide.split('_').take(3).collect::<Vec<_>>().join("_")).unwrap();
    assert!(service.office.ledger().revoke_caller(&name, yinzheng::service::clock::now()).unwrap());
    assert_eq!(service.get(&wide, "/v1/certificates").status, 401);
    let missing =
        service.send("POST", "/v1/certificates", &[("Authorization", &format!("Bearer {narrow}"))], b"{}");
    as_promised("post", "/v1/certificates", &missing);
    assert!(missing.text().contains("idempotency_key_missing"), "{}", missing.text());
}

#[test]
fn strangers_see_masks_buttons_and_no_secrets() {
    let service = service();
    let key = service.key(Role::Issuer, Some(&["volunteer-passport", "adoption-registration"]));
    let passport = service.issue(&key, "volunteer-passport", &example("volunteer-passport"), "p").json();
    let adoption =
        service.issue(&key, "adoption-registration", &example("adoption-registration"), "a").json();
    let code = |certificate: &Value| certificate["code"].as_str().unwrap().to_owned();
    let seen = service.send("GET", &format!("/v1/checks/{}", code(&passport)), &[], b"");
    as_promised("get", "/v1/checks/{code}", &seen);
    assert!(
        !seen.text().contains("欧阳𠅤") && !seen.text().contains("990101199808161280"),
        "{}",
        seen.text()
    );
    for path in [format!("/v/{}", code(&passport)), format!("/V/{}", code(&passport).to_lowercase())] {
        let page = service.send("GET", &path, &[], b"");
        assert!(page.status == 200 && page.text().contains("有效") && !page.text().contains("欧阳𠅤"));
        assert!(
            !page.text().contains("<script")
                && page.header("content-security-policy").contains("default-src 'none'")
        );
    }
    // An adoption shows nothing: neither type, number nor anybody's name.
    let (check, page) = (format!("/v1/checks/{}", code(&adoption)), format!("/v/{}", code(&adoption)));
    for path in [check, page] {
        let text = service.send("GET", &path, &[], b"").text();
        assert!(
            !text.contains("收养") && !text.contains("李") && !text.contains("收字") && !text.contains("990"),
            "{text}"
        );
    }
    assert_eq!(service.send("GET", "/v1/checks/0000-0000-0000", &[], b"").status, 404);
    // A preview does not use the link up; pressing the button does, once.
    let id = passport["identifier"].as_str().unwrap();
    let offered = service.post(&key, &format!("/v1/certificates/{id}/downloads"), &json!({ "minutes": 5 }));
    as_promised("post", "/v1/certificates/{id}/downloads", &offered);
    let link = offered.json()["link"].as_str().unwrap().to_owned();
    for _ in 0..2 {
        let page = service.send("GET", &link, &[], b"");
        assert!(page.status == 200 && page.text().contains("<button"), "{}", page.text());
    }
    let taken = service.send("POST", &link, &[], b"");
    assert!(taken.status == 200 && taken.body.starts_with(b"%PDF"));
    assert_eq!(service.send("POST", &link, &[], b"").status, 410);
    assert_eq!(service.send("GET", &link, &[], b"").status, 410);
    // A form's file is judged as a raw one is.
    let mut form = b"--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n".to_vec();
    form.extend_from_slice(&taken.body);
    form.extend_from_slice(b"\r\n--x--\r\n");
    let kind = [("Content-Type", "multipart/form-data; boundary=x")];
    let page = service.send("POST", "/verify", &kind, &form);
    assert!(page.status == 200 && page.text().contains("真实有效"), "{}", page.text());
    assert!(page.text().contains("可收") && page.text().contains("TOTAL-PASSED"), "{}", page.text());
    assert_eq!(service.send("POST", "/v1/verifications", &kind, &form).json()["verdict"], "genuine_in_force");
    for path in ["/", "/verify", "/check", "/style.css"] {
        assert_eq!(service.send("GET", path, &[], b"").status, 200);
    }
}

#[test]
fn a_digest_and_its_value_are_judged_over_the_wire() {
    use base64::Engine;
    let service = service();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/ours/sealed-page.pdf");
    let handed = yinzheng::service::unseen::from_file(&std::fs::read(path).unwrap(), 1).unwrap();
    let cms = base64::engine::general_purpose::STANDARD.encode(&handed.cms);
    let good = json!({ "digest_algorithm": "sha256", "digest": handed.digest, "cms": cms });
    let ask = |body: &Value| {
        let kind = [("Content-Type", "application/json")];
        let answer = service.send("POST", "/v1/verifications/digests", &kind, body.to_string().as_bytes());
        as_promised("post", "/v1/verifications/digests", &answer);
        answer
    };
    let verdict = ask(&good).json();
    assert_eq!(
        (&verdict["verdict"], &verdict["counter"]["word"]),
        (&json!("indeterminate"), &json!("refer"))
    );
    let signature = &verdict["signatures"][0];
    assert_eq!((&signature["integrity"], &verdict["sha256"]), (&json!("ok"), &Value::Null));
    assert_eq!((&signature["coverage"], &signature["changes"]), (&json!("not_judged"), &json!("not_judged")));
    let with = |member: &str, value: Value| {
        let mut body = good.clone();
        body[member] = value;
        ask(&body)
    };
    assert_eq!(with("digest", json!("0".repeat(64))).json()["verdict"], "not_trusted");
    for (member, value) in [
        ("digest", json!("00")),
        ("digest_algorithm", json!("md5")),
        ("cms", json!("***")),
        ("cms", json!("")),
        ("sub_filter", json!("Example.Unknown")),
        ("file", json!("x")),
    ] {
        assert_eq!(with(member, value).status, 400, "{member}");
    }
}

/// A form of two parts.
fn form(document: &[u8], request: &Value) -> Vec<u8> {
    let mut body = b"--edge\r\nContent-Disposition: form-data; name=\"request\"\r\n\r\n".to_vec();
    body.extend(request.to_string().bytes());
    body.extend(b"\r\n--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n");
    body.extend(document);
    body.extend(b"\r\n--edge--\r\n");
    body
}

impl Service {
    fn bring(&self, key: &str, query: &str, idempotency: &str, document: &[u8], request: &Value) -> Answer {
        let bearer = format!("Bearer {key}");
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "multipart/form-data; boundary=edge"),
            ("Idempotency-Key", idempotency),
        ];
        let answer = self.send("POST", &format!("/v1/stampings{query}"), &headers, &form(document, request));
        as_promised("post", "/v1/stampings", &answer);
        answer
    }

    fn decide(&self, key: &str, id: &str, body: &Value) -> Answer {
        let answer = self.post(key, &format!("/v1/stampings/{id}/approval"), body);
        as_promised("post", "/v1/stampings/{id}/approval", &answer);
        answer
    }
}

#[test]
fn a_seal_is_asked_for_by_one_and_granted_by_another() {
    let service = service();
    let [stamper, other, approver, auditor] =
        [Role::Stamper, Role::Stamper, Role::Approver, Role::Auditor].map(|role| service.key(role, None));
    let document = crate::stamping::brought(false);
    let mut asked = json!({
        "seal": "bureau", "placement": { "pages": "all", "x_mm": 100, "y_mm": 100, "page_edge": { "side": "right" } },
        "reason": "社会组织章程核准", "applicant": "经办甲",
    });
    let rehearsed = service.bring(&stamper, "?dry_run=true", "-", &document, &asked);
    assert_eq!(rehearsed.status, 200, "{}", rehearsed.text());
    assert_eq!(rehearsed.json()["pages"].as_array().unwrap().len(), 2);
    assert_eq!(service.office.ledger().stampings(0, 9).unwrap(), [], "a rehearsal leaves no trace");
    let taken = service.bring(&stamper, "", "case-1", &document, &asked);
    assert_eq!((taken.status, taken.json()["state"].as_str()), (202, Some("requested")), "{}", taken.text());
    let (id, sha256) = (taken.json()["id"].as_str().unwrap().to_owned(), taken.json()["sha256"].clone());
    let again = service.bring(&stamper, "", "case-1", &document, &asked);
    assert_eq!((again.status, again.header("idempotent-replayed")), (202, "true"));
    asked["placement"]["x_mm"] = json!(90);
    assert_eq!(service.bring(&stamper, "", "case-1", &document, &asked).status, 422);
    for (key, status) in [(&stamper, 200), (&other, 404), (&approver, 200), (&auditor, 200)] {
        let seen = service.get(key, &format!("/v1/stampings/{id}"));
        as_promised("get", "/v1/stampings/{id}", &seen);
        assert_eq!(seen.status, status);
    }
    let picture = service.get(&approver, &format!("/v1/stampings/{id}/pages/1.png"));
    assert!(picture.status == 200 && picture.body.starts_with(b"\x89PNG"), "{}", picture.text());
    let decision = |approver: &str, sha256: &Value| json!({ "decision": "approve", "sha256": sha256, "approver": approver, "reason": "材料齐全" });
    let same = service.decide(&approver, &id, &decision("经办甲", &sha256));
    assert_eq!((same.status, same.json()["errors"][0]["code"].as_str()), (403, Some("approval.same_person")));
    assert_eq!(service.decide(&stamper, &id, &decision("审批乙", &sha256)).status, 403);
    let differs = service.decide(&approver, &id, &decision("审批乙", &json!("00".repeat(32))));
    assert_eq!(
        (differs.status, differs.json()["errors"][0]["code"].as_str()),
        (409, Some("approval.differs"))
    );
    assert_eq!(service.get(&stamper, &format!("/v1/stampings/{id}.pdf")).status, 404);
    let granted = service.decide(&approver, &id, &decision("审批乙", &sha256));
    assert_eq!(
        (granted.status, granted.json()["state"].as_str()),
        (200, Some("stamped")),
        "{}",
        granted.text()
    );
    assert_eq!(granted.json()["use_number"], 1);
    let repeated = service.decide(&approver, &id, &decision("审批乙", &sha256));
    assert_eq!(repeated.json(), granted.json(), "the same decision, the same answer");
    let pdf = service.get(&stamper, &format!("/v1/stampings/{id}.pdf"));
    assert!(pdf.body.starts_with(&document));
    let judged = service.office.check(&pdf.body).unwrap();
    assert_eq!(judged.signatures[0].page_edge.as_ref().map(|edge| edge.slices.len()), Some(2));
    assert_eq!(service.office.ledger().stampings(0, 9).unwrap().len(), 1);
    let listed = service.get(&auditor, "/v1/stampings");
    as_promised("get", "/v1/stampings", &listed);
    assert_eq!(listed.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(service.get(&other, "/v1/stampings").json()["items"], json!([]));
}

/// A document that would be refused is written anew: what is shown, granted and certified is the new one.
#[test]
fn a_document_with_actions_is_written_anew_and_certified() {
    let service = service();
    let [stamper, approver] = [Role::Stamper, Role::Approver].map(|role| service.key(role, None));
    // As long as what it takes the place of, so that every offset stays right.
    let acting =
        String::from_utf8(crate::stamping::brought(false)).unwrap().replace("/Rotate 90", "/AA<<>>   ");
    let acting = acting.as_bytes();
    let mut asked = json!({
        "seal": "bureau", "placement": { "x_mm": 100, "y_mm": 100 }, "reason": "章程核准", "applicant": "经办甲",
    });
    let refused = service.bring(&stamper, "", "a", acting, &asked);
    assert_eq!((refused.status, refused.json()["errors"][0]["code"].as_str()), (422, Some("gate.action")));
    asked["mode"] = json!("rewrite");
    let rehearsed = service.bring(&stamper, "?dry_run=true", "-", acting, &asked);
    assert_eq!(
        rehearsed.json()["rewritten"],
        json!({ "drawn": 0, "dropped": 0, "silenced": 1 }),
        "{}",
        rehearsed.text()
    );
    let taken = service.bring(&stamper, "", "a", acting, &asked).json();
    assert_eq!(taken["placement"]["certify"], true);
    assert_ne!(
        taken["sha256"],
        hex::encode(yinzheng::crypto::sha256(&[acting])),
        "what is granted is the new one"
    );
    let id = taken["id"].as_str().unwrap();
    let decision =
        json!({ "decision": "approve", "sha256": taken["sha256"], "approver": "审批乙", "reason": "同意" });
    assert_eq!(service.decide(&approver, id, &decision).json()["state"], "stamped");
    let pdf = service.get(&stamper, &format!("/v1/stampings/{id}.pdf")).body;
    let judged = service.office.check(&pdf).unwrap();
    assert_eq!(judged.signatures[0].certified, Some(1));
    assert_eq!(judged.lights.seal, yinzheng::verify::Light::Green);
    asked["placement"]["certify"] = json!(true);
    assert_eq!(service.bring(&stamper, "", "b", acting, &asked).status, 400, "that is not asked for");
}

/// What is on file of a seal, and its picture: for its keeper, not for who uses it.
fn on_file(service: &Service, manager: &str, stamper: &str) {
    let seals = service.get(manager, "/v1/seals");
    as_promised("get", "/v1/seals", &seals);
    let seals = seals.json();
    let bureau = seals["items"].as_array().unwrap().iter().find(|one| one["seal"] == "bureau").unwrap();
    let filing = &bureau["filing"];
    assert_eq!(filing["owner"]["uscc"].as_str().map(str::len), Some(18), "{filing}");
    assert_eq!((filing["kind"].as_str(), filing["picture"]["width_mm"].as_f64()), (Some("unit"), Some(42.0)));
    assert_eq!(filing["certificates"][0]["sha256"], bureau["history"][0]["certificate_sha256"]);
    for (form, key) in [("svg", "svg_sha256"), ("png", "png_sha256")] {
        let picture = service.get(manager, &format!("/v1/seals/bureau/picture.{form}"));
        as_promised("get", "/v1/seals/{seal}/{picture}", &picture);
        let digest = hex::encode(yinzheng::crypto::sha256(&[&picture.body]));
        assert_eq!((picture.status, filing["picture"][key].as_str()), (200, Some(digest.as_str())));
    }
    assert_eq!(service.get(stamper, "/v1/seals/bureau/picture.png").status, 403);
    assert_eq!(service.get(manager, "/v1/seals/bureau/picture.gif").status, 404);
    let early = "/v1/seals/bureau/picture.svg?at=2020-01-01T00:00:00Z";
    assert_eq!(service.get(manager, early).status, 404, "not on file then");
}

#[test]
fn a_seal_that_is_suspended_is_not_used_and_who_manages_it_does_not_use_it() {
    let service = service();
    service.office.register_seals().unwrap();
    let [stamper, approver, manager, issuer] =
        [Role::Stamper, Role::Approver, Role::SealManager, Role::Issuer].map(|role| service.key(role, None));
    let act = |key: &str, act: &str| {
        let body = json!({ "act": act, "reason": "保管人变动", "operator": "保管丙" });
        let answer = service.post(key, "/v1/seals/bureau/acts", &body);
        as_promised("post", "/v1/seals/{seal}/acts", &answer);
        answer
    };
    let document = crate::stamping::brought(true);
    let mut asked = json!({
        "seal": "bureau", "placement": { "x_mm": 148, "y_mm": 105 }, "reason": "年检", "applicant": "经办甲",
    });
    let before = service.bring(&stamper, "", "a", &document, &asked).json();
    assert_eq!(act(&stamper, "suspend").status, 403);
    let suspended = act(&manager, "suspend");
    assert_eq!((suspended.status, suspended.json()["status"].as_str()), (200, Some("suspended")));
    assert_eq!(act(&manager, "suspend").status, 409);
    let refused = service.bring(&stamper, "", "b", &document, &asked);
    assert_eq!(
        (refused.status, refused.json()["errors"][0]["code"].as_str()),
        (409, Some("seal.not_in_use"))
    );
    let (slug, application) = ("elder-care-filing-receipt", example("elder-care-filing-receipt"));
    let issued = service.issue(&issuer, slug, &application, "c");
    assert_eq!(issued.status, 409, "{}", issued.text());
    // What was asked for before is not stamped either; the decision stands and is carried out once the seal is back.
    let id = before["id"].as_str().unwrap();
    let decision =
        json!({ "decision": "approve", "sha256": before["sha256"], "approver": "审批乙", "reason": "同意" });
    assert_eq!(service.decide(&approver, id, &decision).status, 409);
    assert_eq!(service.get(&approver, &format!("/v1/stampings/{id}")).json()["state"], "approved");
    assert_eq!(act(&manager, "lift").json()["status"], "in_use");
    on_file(&service, &manager, &stamper);
    assert_eq!(service.decide(&approver, id, &decision).json()["state"], "stamped");
    asked["applicant"] = json!("保管丙");
    let managing = service.bring(&stamper, "", "d", &document, &asked);
    assert_eq!(
        (managing.status, managing.json()["errors"][0]["code"].as_str()),
        (403, Some("approval.manages_seal"))
    );
    let stamped = service.get(&stamper, &format!("/v1/stampings/{id}.pdf")).body;
    act(&manager, "destroy");
    let judged = service.office.check(&stamped).unwrap();
    let registered = judged.signatures[0].registered.as_ref().unwrap();
    assert_eq!(registered.seal, "bureau");
    assert_eq!(registered.now.map(|status| status.word()), Some("destroyed"));
    assert_eq!(registered.use_number, Some(1));
    // Asked for before it was suspended, sealed after it was lifted.
    assert_eq!(registered.at_signing.map(|status| status.word()), Some("in_use"));
    let register = service.get(&manager, "/v1/seals");
    as_promised("get", "/v1/seals", &register);
    let bureau =
        register.json()["items"].as_array().unwrap().iter().find(|seal| seal["seal"] == "bureau").cloned();
    let acts: Vec<String> = bureau.unwrap()["history"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["act"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(acts, ["file", "suspend", "lift", "destroy"]);
}
