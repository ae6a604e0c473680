//! Fills a state folder for a load test: `cargo run --release --example seed_ledger -- DIR COUNT [REQUESTS]`.
//!
//! COUNT elder-care filing receipts of distinct, invented institutions, each accepted by its type and put on record by
//! the ledger's own verbs (`reserve`, `record`) with many callers waiting, as in service. No PDF is drawn or sealed:
//! the document on record is a line of text, so look-ups and issuing can be measured and verification cannot. DIR is
//! founded as a demonstration if it does not exist. It also gets `load/lookups.jsonl` (REQUESTS bodies for
//! `POST /v1/lookups`, spread evenly over the holders, default 50,000), `load/issues.jsonl` (bodies for
//! `POST /v1/certificates`, the seven types in turn), and `load/counter.key`, `load/issuer.key`.
#![allow(clippy::disallowed_methods, reason = "a measurement needs the clock and the disk")]

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;
use yinzheng::config::SubFilterName;
use yinzheng::crypto;
use yinzheng::domain::{AcceptContext, VerificationCode};
use yinzheng::fonts::FontSet;
use yinzheng::ledger::{Intent, LedgerError, Outcome, Sealed};
use yinzheng::service::access::{KeyWish, Mandate, Role};
use yinzheng::service::assets::Assets;
use yinzheng::service::{Office, bulk, clock, found, office};

const SLUG: &str = "elder-care-filing-receipt";
/// Callers that wait at once: what one group commit serves.
const CALLERS: usize = 256;
const REQUESTS: u64 = 50_000;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let state = arguments.next().map(PathBuf::from).ok_or("seed_ledger DIR COUNT [REQUESTS]")?;
    let count: u64 = arguments.next().ok_or("seed_ledger DIR COUNT [REQUESTS]")?.parse()?;
    let requests = arguments.next().map_or(Ok(REQUESTS), |text| text.parse())?.min(count).max(1);
    if !state.exists() {
        found::demonstration(&state, &crypto::ECDSA_P256_SHA256, SubFilterName::EtsiCades)?;
    }
    let office = Office::open(&state, Vec::new())?;
    let assets = Assets::new(Vec::new(), None);
    let seeds =
        Seeds { office: &office, fonts: &*office::load_fonts(&assets)?, pattern: example(&assets, SLUG)? };
    let (begun, mut failed, mut done) = (Instant::now(), None, 0_u64);
    bulk::in_order(
        CALLERS,
        0..count,
        |_, nth| seeds.plant(nth),
        |result| {
            failed = result.err();
            done += 1;
            if done.is_multiple_of(100_000) {
                eprintln!("{done} in {:.0} s", begun.elapsed().as_secs_f64());
            }
            failed.is_none()
        },
    );
    if let Some(why) = failed {
        return Err(why.into());
    }
    let took = begun.elapsed().as_secs_f64();
    println!("{count} certificates on record in {took:.1} s, each in two commits shared by up to {CALLERS}");
    let folder = state.join("load");
    std::fs::create_dir_all(&folder)?;
    lookups(&folder.join("lookups.jsonl"), count, requests)?;
    issues(&folder.join("issues.jsonl"), &office, &assets)?;
    let slugs: Vec<String> = office.kinds().keys().cloned().collect();
    for (role, file) in [(Role::Counter, "counter.key"), (Role::Issuer, "issuer.key")] {
        let wish = KeyWish {
            role,
            organisation: "示例负载".to_owned(),
            label: "load".to_owned(),
            slugs: Some(slugs.clone()),
            items: None,
            days: 30,
        };
        std::fs::write(folder.join(file), office.create_key(&Mandate::at_console(None), wish)?.1.as_bytes())?;
    }
    Ok(())
}

struct Seeds<'a> {
    office: &'a Office,
    fonts: &'a FontSet,
    pattern: Value,
}

impl Seeds<'_> {
    fn plant(&self, nth: u64) -> Result<(), String> {
        let (name, code) = holder(nth);
        let mut raw = self.pattern.clone();
        raw["institution_name"] = name.into();
        raw["uscc"] = code.into();
        self.record(nth, &raw).map_err(|why| format!("{nth}: {why}"))
    }

    fn record(&self, nth: u64, raw: &Value) -> Result<(), Failure> {
        let kind = &self.office.kinds()[SLUG];
        let (kind_type, issuer) = (kind.template.kind().clone(), self.office.config().issuer().clone());
        let at = clock::now();
        let context = AcceptContext { today: at.beijing_date(), demo: true, repertoire: self.fonts };
        let application = kind_type.accept(raw, &context).map_err(|problems| format!("{problems:?}"))?;
        let mut matter: Vec<String> = application.holders().into_iter().map(|holder| holder.code).collect();
        matter.push(application.matter());
        let outcome = self.office.ledger().reserve(Intent {
            slug: SLUG.to_owned(),
            seal: kind_type.seal_role().to_owned(),
            type_version: kind_type.version(),
            template_digest: kind.digest,
            year: at.beijing_date().year(),
            naming: Box::new(move |year, serial, version| {
                let number = kind_type.number(&issuer, year, serial);
                (number, kind_type.identifier(&issuer, year, serial, version))
            }),
            replaces: None,
            holders: application.holders(),
            codes: vec![
                VerificationCode::from_random(crypto::random().ok_or(LedgerError::Random)?).to_string(),
            ],
            application: application.to_json().to_string(),
            matter,
            confirmed: false,
            hourly_ceiling: None,
            valid_until: application.valid_until(at.beijing_date()).map(|date| date.to_string()),
            key_fingerprint: [0; 32],
            seal_filing: crypto::sha256(&[]),
            operator: "load".to_owned(),
            authority: "console".to_owned(),
            idempotency_key: Some(format!("seed/{nth}")),
            at,
        })?;
        // Run again on the same folder, it goes on where it had stopped.
        let reserved = match outcome {
            Outcome::Fresh(reserved) => reserved,
            Outcome::Resume(open) => open.reserved,
            Outcome::Replay(_) => return Ok(()),
        };
        let pdf = format!("seed {nth}");
        let digest = crypto::sha256(&[pdf.as_bytes()]);
        let sealed = Sealed { pdf: pdf.as_bytes(), covered_digest: &digest, signature_digest: &digest };
        self.office.ledger().record(reserved, &sealed, clock::now())?;
        Ok(())
    }
}

/// The nth invented institution: its name, and a unified code of the unreal region with right check characters.
fn holder(nth: u64) -> (String, String) {
    const SYMBOLS: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    let at = |index: u32| SYMBOLS.chars().nth(index as usize).unwrap_or('0');
    let value = |c: char| c.to_digit(36).unwrap_or(0);
    let first = format!("52990000{nth:08}");
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = first[8..].chars().zip(weights).map(|(c, weight)| value(c) * weight).sum();
    let organisation = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10).unwrap_or('0'),
    };
    let seventeen = format!("{first}{organisation}");
    let (mut weight, mut sum) = (1, 0);
    for c in seventeen.chars() {
        sum += u32::try_from(SYMBOLS.find(c).unwrap_or(0)).unwrap_or(0) * weight;
        weight = weight * 3 % 31;
    }
    (format!("示例市第{nth}养老服务中心"), format!("{seventeen}{}", at((31 - sum % 31) % 31)))
}

fn example(assets: &Assets, slug: &str) -> Result<Value, Failure> {
    Ok(serde_json::from_slice(&assets.find(&format!("{slug}/example.json"))?.bytes)?)
}

/// Bodies of look-ups, each for a holder of its own, in an order that jumps about the ledger.
fn lookups(path: &Path, count: u64, requests: u64) -> Result<(), Failure> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let step = count / requests;
    for nth in 0..requests {
        // 7919 is prime to every number of requests that it does not divide: each holder once.
        let (name, number) = holder((nth * 7919 % requests) * step);
        let body = json!({
            "subject": { "document": "uscc", "number": number, "name": name }, "certificate_type": SLUG,
            "item_code": "310-001", "case_number": format!("L-{nth}"), "operator": "窗口一",
            "legal_basis": "示例条例第一条", "purpose": "负载测试", "fields": ["institution_name", "beds"],
        });
        writeln!(file, "{body}")?;
    }
    Ok(file.flush()?)
}

/// Bodies of applications, one of each type; the same matter again is meant.
fn issues(path: &Path, office: &Office, assets: &Assets) -> Result<(), Failure> {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path)?);
    let kinds: BTreeMap<&String, _> = office.kinds().iter().collect();
    for slug in kinds.keys() {
        let body = json!({ "type": slug, "application": example(assets, slug)?, "confirm_duplicate": true });
        writeln!(file, "{body}")?;
    }
    Ok(file.flush()?)
}
