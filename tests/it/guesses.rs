//! What may be learnt by guessing: nothing. A look-up that misses, one that is denied and one of a type that is not the
//! caller's are answered alike, in status, headers, shape, length and time; so are records that are not there and records
//! that are not the caller's. Guessed codes and download tokens hit nothing, and the limits bite.
//!
//! Three thousand guesses in the ordinary run, a million with `YINZHENG_FULL=1`.

use crate::offices::example;
use crate::process::{Client, Estate, Process, Reply, citizen, identifier, length};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use yinzheng::crypto::random;
use yinzheng::domain::VerificationCode;
use yinzheng::service::access::Role;

/// Values that differ from answer to answer and tell nothing: receipts, instants.
fn masked(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let mask = |(name, value): (&String, &Value)| {
                let told = ["receipt", "looked_up_at"].contains(&name.as_str());
                let length = value.as_str().map_or(0, str::len);
                (name.clone(), if told { json!(length) } else { masked(value) })
            };
            Value::Object(members.iter().map(mask).collect())
        }
        other => other.clone(),
    }
}

/// All that an answer shows save receipts and instants.
fn shape(reply: &Reply) -> String {
    let told = ["date", "x-request-id"];
    let headers = reply.headers.iter().filter(|(name, _)| !told.contains(&name.as_str()));
    let headers: BTreeSet<String> = headers.map(|(name, value)| format!("{name}: {value:?}")).collect();
    format!("{} {headers:?} {}", reply.status, masked(&reply.json()))
}

fn lookup(slug: &str, item: &str, number: &str, name: &str) -> Value {
    json!({
        "subject": { "document": "citizen_id", "number": number, "name": name },
        "certificate_type": slug, "item_code": item, "case_number": "A-17", "operator": "窗口一",
        "legal_basis": "示例条例第一条", "purpose": "入学", "fields": ["valid_period"],
    })
}

/// Medians of the times that kinds of request take, asked in turn so that a busy machine is busy for all of them.
fn medians(kinds: &[(&str, &dyn Fn() -> Reply)], samples: usize) -> Vec<(String, Duration)> {
    let mut times = vec![Vec::new(); kinds.len()];
    for nth in 0..samples {
        for at in 0..kinds.len() {
            let at = (at + nth) % kinds.len();
            let begun = Instant::now();
            kinds[at].1();
            times[at].push(begun.elapsed());
        }
    }
    let median = |((name, _), mut times): (&(&str, &dyn Fn() -> Reply), Vec<Duration>)| {
        times.sort();
        ((*name).to_owned(), times[times.len() / 2])
    };
    kinds.iter().zip(times).map(median).collect()
}

/// Alike in all that is shown, and not told apart by the clock.
fn alike(kinds: &[(&str, &dyn Fn() -> Reply)]) {
    let shapes: Vec<String> = kinds.iter().map(|(_, ask)| shape(&ask())).collect();
    for ((name, _), other) in kinds.iter().zip(&shapes) {
        assert_eq!(*other, shapes[0], "{name} is told apart from {}", kinds[0].0);
    }
    let medians = medians(kinds, length(60, 1000));
    println!("{medians:?}");
    let times: Vec<Duration> = medians.iter().map(|(_, time)| *time).collect();
    let (least, most) = (*times.iter().min().unwrap(), *times.iter().max().unwrap());
    // Each writes once to the disk, whose own wavering is greater than what a row more or less costs.
    assert!(most <= least * 3 / 2 + Duration::from_millis(2), "told apart by the clock: {medians:?}");
}

struct Scene {
    service: Process,
    keys: Vec<String>,
    adoption: String,
    passport: String,
}

fn scene(per_minute: &str) -> (Estate, Scene) {
    let estate = Estate::new();
    estate.configure("public_per_minute", per_minute);
    estate.configure("key_per_minute", "1000000");
    let (passport, both) = (["volunteer-passport"], ["volunteer-passport", "adoption-registration"]);
    let keys = estate.keys(&[
        (Role::Issuer, Some(&both)),
        (Role::Counter, Some(&passport)),
        (Role::Issuer, Some(&passport)),
    ]);
    let service = estate.serve();
    let client = service.client();
    let issue = |slug| identifier(&client.issue(&keys[0], slug, &example(slug), slug).unwrap());
    let (passport, adoption) = (issue(passport[0]), issue("adoption-registration"));
    (estate, Scene { service, keys, adoption, passport })
}

#[test]
fn misses_denials_and_other_types_are_answered_alike() {
    let (_estate, Scene { service, keys, adoption, passport }) = scene("1000000");
    let client = service.client();
    let ask = |slug: &str, number: &str, name: &str| {
        client.post(&keys[1], "/v1/lookups", &lookup(slug, "310-001", number, name), &[]).unwrap()
    };
    let nobody = citizen("19710203", "975");
    let holder = "990101199808161280";
    // The control: what is there, is the caller's and is asked for rightly is told apart, by the same measure.
    let hit = ask("volunteer-passport", holder, "欧阳𠅤");
    assert_eq!(hit.json()["exempt"], true, "{}", hit.text());
    assert_ne!(shape(&hit), shape(&ask("volunteer-passport", &nobody, "欧阳某")));
    alike(&[
        ("nobody's number", &|| ask("volunteer-passport", &nobody, "欧阳某")),
        ("a right number under a wrong name", &|| ask("volunteer-passport", holder, "欧阳某")),
        ("another's type, there", &|| ask("adoption-registration", "990101198306120310", "李𫖯")),
        ("another's type, not there", &|| ask("adoption-registration", &nobody, "李某")),
        ("no type", &|| ask("no-such-type", holder, "欧阳𠅤")),
    ]);
    // Records by identifier, for an issuer of passports alone.
    let absent = format!("{}X", &adoption[..adoption.len() - 1]);
    let read = |id: &str| client.get(&keys[2], &format!("/v1/certificates/{id}"));
    assert_eq!((read(&passport).status, read(&adoption).status), (200, 404));
    alike(&[("another's record", &|| read(&adoption)), ("no record", &|| read(&absent))]);
    for (path, body) in [
        ("acts", json!({ "act": "suspend", "reason": "核查" })),
        ("replacement", json!({ "application": {} })),
        ("downloads", json!({ "minutes": 5 })),
    ] {
        let ask = |id: &str| {
            let more = [("Idempotency-Key", "k")];
            client.post(&keys[2], &format!("/v1/certificates/{id}/{path}"), &body, &more).unwrap()
        };
        assert_eq!(shape(&ask(&adoption)), shape(&ask(&absent)), "{path}");
        assert_eq!(ask(&absent).status, 404, "{path}");
    }
    let history = |id: &str| shape(&client.get(&keys[2], &format!("/v1/certificates/{id}/history")));
    assert_eq!(history(&adoption), history(&absent));
}

/// A guess that is well formed: the check character fits, the token has its length.
fn guess(nth: usize) -> (&'static str, String) {
    let code = || VerificationCode::from_random(random().unwrap()).to_string();
    let token = || URL_SAFE_NO_PAD.encode(random::<32>().unwrap());
    match nth % 4 {
        0 => ("GET", format!("/v1/checks/{}", code())),
        1 => ("GET", format!("/v/{}", code())),
        2 => ("GET", format!("/d/{}", token())),
        _ => ("POST", format!("/d/{}", token())),
    }
}

/// How many of the guesses were answered with anything but a refusal.
fn hits(client: &Client, guesses: impl Iterator<Item = (&'static str, String)>) -> usize {
    let refused = |(method, path): &(&str, String)| {
        let status = client.send(method, path, &[], b"").unwrap().status;
        assert!([200, 404, 410].contains(&status), "{method} {path}: {status}");
        status != 200
    };
    guesses.filter(|guess| !refused(guess)).count()
}

#[test]
fn guessed_codes_and_tokens_hit_nothing() {
    let (_estate, Scene { service, keys, passport, .. }) = scene("1000000");
    let (guesses, clients) = (length(3_000, 1_000_000), 8);
    let begun = Instant::now();
    let hit: usize = std::thread::scope(|scope| {
        let one = |_| {
            let client = service.client();
            scope.spawn(move || hits(&client, (0..guesses / clients).map(guess)))
        };
        let all: Vec<_> = (0..clients).map(one).collect();
        all.into_iter().map(|one| one.join().unwrap()).sum()
    });
    println!("{guesses} guesses in {:?}, {hit} hits", begun.elapsed());
    assert_eq!(hit, 0);
    // The control: the right code and the right token are counted.
    let client = service.client();
    let code = client.get(&keys[0], &format!("/v1/certificates/{passport}")).json()["code"]
        .as_str()
        .unwrap()
        .to_owned();
    let offer = client.post(&keys[0], &format!("/v1/certificates/{passport}/downloads"), &json!({}), &[]);
    let link = offer.unwrap().json()["link"].as_str().unwrap().to_owned();
    let right = [
        ("GET", format!("/v1/checks/{code}")),
        ("GET", format!("/v/{code}")),
        ("GET", link.clone()),
        ("POST", link),
    ];
    assert_eq!(hits(&client, right.into_iter()), 4);
}

#[test]
fn the_limits_bite() {
    let (_estate, Scene { service, .. }) = scene("60");
    let client = service.client();
    let replies: Vec<Reply> =
        (0..400).map(guess).map(|(method, path)| client.send(method, &path, &[], b"").unwrap()).collect();
    let refused: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 429).collect();
    let answered = replies.len() - refused.len();
    println!("{answered} of 400 guesses were weighed before the limit of 60 a minute");
    assert!((60..200).contains(&answered), "{answered}");
    for reply in refused {
        let seconds: u64 = reply.header("retry-after").parse().unwrap();
        assert!((1..=60).contains(&seconds));
    }
}
