//! Adoptions and annulled marriages: nothing that the public may ask about them names a holder or a number of one. A
//! control with a public type and one with a masked type show what is allowed, by the same measure.

use crate::offices::example;
use crate::process::{Client, Estate, Reply};
use crate::traces::Traces;
use serde_json::{Value, json};
use yinzheng::service::access::Role;

const SECRET: [&str; 3] = ["adoption-registration", "adoption-dissolution", "marriage-annulment-decision"];

/// Every name, number and address of an application, wherever it stands.
fn personal(value: &Value, out: &mut Vec<String>) {
    let telling = |name: &str| {
        ["name", "number", "address", "uscc"].iter().any(|end| name.ends_with(end)) && name != "registry_name"
    };
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str() {
                    Some(text) if telling(name) => out.push(text.to_owned()),
                    _ => personal(value, out),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| personal(item, out)),
        _ => {}
    }
}

/// Every public answer about a certificate.
fn public(client: &Client, key: &str, issued: &Value) -> Vec<(String, Reply)> {
    let text = |name: &str| issued[name].as_str().unwrap().to_owned();
    let (id, code, number) = (text("identifier"), text("code"), text("number"));
    let pdf = client.get(key, &format!("/v1/certificates/{id}.pdf")).body;
    let offer = client.post(key, &format!("/v1/certificates/{id}/downloads"), &json!({}), &[]).unwrap();
    let link = offer.json()["link"].as_str().unwrap().to_owned();
    let number: String = number.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut all = Vec::new();
    let mut ask = |method: &str, path: String, kind: &str, body: &[u8]| {
        let reply = client.send(method, &path, &[("Content-Type", kind)], body).unwrap();
        all.push((format!("{method} {path}"), reply));
    };
    for place in [&code, &id, &number, &code.to_lowercase()] {
        for path in ["/v1/checks/", "/v/", "/V/", "/d/", "/v1/certificates/", "/"] {
            ask("GET", format!("{path}{place}"), "-", b"");
        }
        for rest in [".pdf", ".png", ".json", "/history"] {
            ask("GET", format!("/v1/certificates/{place}{rest}"), "-", b"");
        }
        ask(
            "POST",
            "/check".to_owned(),
            "application/x-www-form-urlencoded",
            format!("code={place}").as_bytes(),
        );
        ask("POST", format!("/v1/certificates/{place}/acts"), "application/json", b"{}");
    }
    ask("GET", "/v1/certificates".to_owned(), "-", b"");
    ask("GET", "/v1/audit/lookups".to_owned(), "-", b"");
    ask("GET", "/metrics".to_owned(), "-", b"");
    ask("GET", link.clone(), "-", b"");
    let mut changed = pdf.clone();
    let middle = changed.len() / 2;
    changed[middle] ^= 1;
    for file in [&pdf, &changed, &pdf[..pdf.len() - 100].to_vec()] {
        ask("POST", "/v1/verifications".to_owned(), "application/pdf", file);
        ask("POST", "/verify".to_owned(), "application/pdf", file);
    }
    all
}

/// The values of the application that stand in the public answers, with the answers they stand in.
fn told(client: &Client, key: &str, slug: &str) -> Vec<String> {
    let application = example(slug);
    let mut values = Vec::new();
    personal(&application, &mut values);
    assert!(values.len() >= 2, "{slug}: whom is it about?");
    let body = json!({ "type": slug, "application": application });
    let issued = client.post(key, "/v1/certificates", &body, &[("Idempotency-Key", slug)]).unwrap();
    assert_eq!(issued.status, 201, "{}", issued.text());
    let traces = Traces::of(&values.iter().map(String::as_str).collect::<Vec<_>>());
    let answers = public(client, key, &issued.json());
    let seen = answers.iter().filter(|(_, reply)| reply.status == 200).count();
    assert!(seen > 8, "{slug}: only {seen} answers to look at");
    let mut told = Vec::new();
    for (what, reply) in answers {
        let headers: Vec<u8> = reply.headers.values().flat_map(|value| value.as_bytes().to_vec()).collect();
        for value in traces.found(&[headers, reply.body].concat()) {
            told.push(format!("{what} tells {value}"));
        }
    }
    told
}

#[test]
fn of_secret_types_the_public_learns_nobody() {
    let estate = Estate::new();
    estate.configure("public_per_minute", "100000");
    let all = [&SECRET[..], &["volunteer-passport", "elder-care-filing-receipt"]].concat();
    let key = estate.keys(&[(Role::Issuer, Some(&all))]).remove(0);
    let service = estate.serve();
    let client = service.client();
    for slug in SECRET {
        let told = told(&client, &key, slug);
        assert!(told.is_empty(), "{slug}: {told:#?}");
    }
    // Masked: the public compares, and reads no whole value.
    let masked = told(&client, &key, "volunteer-passport");
    assert!(masked.is_empty(), "{masked:#?}");
    // Open: the public reads the institution and its code where a code is checked.
    let open = told(&client, &key, "elder-care-filing-receipt");
    for path in ["/v1/checks/", "/v/", "/check"] {
        assert!(
            open.iter().any(|told| told.contains(path) && told.contains("示例市朝晖养老服务中心")),
            "{open:#?}"
        );
    }
}
