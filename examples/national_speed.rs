//! SM2 with SM3 on one core: signatures made and checked a second.
//!
//! `cargo run --release --example national_speed -- [SECONDS]`; beside it, on the same core, `openssl speed -seconds 3 sm2`
//! (`scripts/speed-national` runs both).
#![allow(clippy::disallowed_methods, reason = "a measurement needs the clock")]

use std::time::{Duration, Instant as Clock};
use yinzheng::crypto::{self, KeyPurpose, Signer, SoftwareKey, generate_pkcs8};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seconds = std::env::args().nth(1).map_or(Ok(3), |word| word.parse())?;
    let length = Duration::from_secs(seconds);
    let key =
        SoftwareKey::from_pkcs8(&generate_pkcs8(KeyPurpose::Sm2)?, &crypto::SM2_SM3, Vec::new(), Vec::new())?;
    // As long as the signed attributes of a CMS.
    let message = [7; 256];
    let made = rate(length, || key.sign(&message).map(drop).map_err(|why| format!("{why:?}")))?;
    let (public, signature) = (key.public_key(), key.sign(&message).map_err(|why| format!("{why:?}"))?);
    let checked = rate(length, || {
        crypto::SM2_SM3.verify(&public, &message, &signature).map_err(|why| format!("{why:?}"))
    })?;
    println!("sm2-sm3 sign {made:.0}/s verify {checked:.0}/s");
    Ok(())
}

fn rate(length: Duration, mut work: impl FnMut() -> Result<(), String>) -> Result<f64, String> {
    let (begun, mut done) = (Clock::now(), 0_u32);
    while begun.elapsed() < length {
        for _ in 0..50 {
            work()?;
        }
        done += 50;
    }
    Ok(f64::from(done) / begun.elapsed().as_secs_f64())
}
