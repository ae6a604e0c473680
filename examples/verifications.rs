//! How many of our own certificates one core verifies in a second.
//!
//! `yinzheng demo --no-serve --out DIR`, then `cargo run --release --example verifications -- DIR`. Each certificate
//! is judged with the office's anchors, revocation lists and ledger, with and without the second reader.
#![allow(clippy::disallowed_methods, reason = "a measurement needs the clock and the disk")]

use std::path::PathBuf;
use std::time::{Duration, Instant};
use yinzheng::service::Office;
use yinzheng::verify::{Judgement, Verdict};

/// Long enough for a steady figure.
const SPAN: Duration = Duration::from_secs(2);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let state = std::env::args().nth(1).map(PathBuf::from).ok_or("verifications DIR")?;
    let office = Office::open(&state, Vec::new())?;
    let mut files: Vec<PathBuf> = std::fs::read_dir(state.join("certificates"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    files.sort();
    for file in files {
        let bytes = std::fs::read(&file)?;
        let bulk = rate(|| Ok(office.check_in_bulk(&bytes)?))?;
        let close = rate(|| Ok(office.check(&bytes)?))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        println!("{name:<44} {:>7} bytes {bulk:>8.0}/s, with the second reader {close:>6.0}/s", bytes.len());
    }
    Ok(())
}

/// Verdicts in a second of this thread's own processor time, so that a busy machine measures the same.
fn rate(
    verdict: impl Fn() -> Result<Judgement, Box<dyn std::error::Error>>,
) -> Result<f64, Box<dyn std::error::Error>> {
    let (start, begun, mut count) = (Instant::now(), processor_time()?, 0_u32);
    while start.elapsed() < SPAN {
        let judgement = verdict()?;
        if !matches!(judgement.verdict, Verdict::GenuineInForce | Verdict::GenuineNotInForce) {
            return Err("not genuine".into());
        }
        count += 1;
    }
    Ok(f64::from(count) / (processor_time()? - begun))
}

/// Linux counts it in nanoseconds.
fn processor_time() -> Result<f64, Box<dyn std::error::Error>> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    Ok(text.split(' ').next().ok_or("schedstat")?.parse::<f64>()? / 1e9)
}
