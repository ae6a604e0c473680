//! The library in thirty lines: found a demonstration office, issue one certificate, judge it with anchors alone.
//!
//! `cargo run --example one_certificate -- volunteer-passport passport.pdf`

#![allow(clippy::disallowed_methods, reason = "an example writes its file")]

use std::error::Error;
use yinzheng::config::SubFilterName;
use yinzheng::crypto::ECDSA_P256_SHA256;
use yinzheng::service::access::Mandate;
use yinzheng::service::assets::Assets;
use yinzheng::service::issue::Request;
use yinzheng::service::{Office, check, found, office};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let slug = arguments.next().unwrap_or_else(|| "volunteer-passport".to_owned());
    let out = arguments.next().unwrap_or_else(|| "certificate.pdf".to_owned());

    let state = std::env::temp_dir().join(format!("yinzheng-example-{}", std::process::id()));
    found::demonstration(&state, &ECDSA_P256_SHA256, SubFilterName::EtsiCades)?;
    let open = Office::open(&state, Vec::new())?;

    let example = Assets::default().find(&format!("{slug}/example.json"))?.bytes;
    let application = serde_json::from_slice(&example)?;
    let issued = open.issue(&Mandate::at_console(None), Request::new(&slug, &application))?;
    std::fs::write(&out, &issued.pdf)?;
    println!("{} {} → {out}", issued.entry.number, issued.entry.code);

    let with_ledger = open.check(&issued.pdf)?;
    let anchors = office::anchors(&state.join("trust/root.pem"))?;
    let alone = check::with_anchors(&issued.pdf, &anchors);
    println!("{}\n{}", with_ledger.headline.zh, alone.headline.zh);
    std::fs::remove_dir_all(&state)?;
    Ok(())
}
