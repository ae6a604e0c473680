//! What a certificate costs on this machine: per stage, end to end, and in memory.
//!
//! Measured on a throw-away demonstration with the examples of every type in turn, every step as in
//! production: same reservation, same inspection, same durable record. Nothing is warmed or skipped save
//! a first certificate of each type.

use super::access::Mandate;
use super::assets::Assets;
use super::issue::{Accepted, Inspected, IssueError, Request};
use super::office::Office;
use super::{bulk, check, clock};
use crate::domain::Particulars;
use crate::ledger::{Entry, Intent, Keyring, KeyringError, Ledger, LedgerError, Outcome, Reserved};
use crate::pdf::UnsignedPdf;
use crate::sign::SealedPdf;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// How much is measured.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Certificates issued end to end.
    pub count: u64,
    /// Certificates walked through the stages one by one.
    pub singly: usize,
    /// How long each rate is measured.
    pub period: Duration,
    /// Reservations made for each figure of the ledger alone.
    pub rows: u64,
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// The machine and the build.
    pub machine: Machine,
    /// Certificates walked through the stages one by one on one thread.
    pub singly: usize,
    /// Microseconds by stage, in the order of the line.
    pub stages: Vec<Stage>,
    /// Mean size of a sealed file in bytes.
    pub bytes_per_certificate: u64,
    /// Certificates issued end to end by all cores, durable.
    pub issued: u64,
    /// Certificates issued a second, end to end.
    pub issued_per_second: f64,
    /// How many were under way at once.
    pub under_way: usize,
    /// Processor time of one certificate, all threads and the system's part: what is left when other
    /// programs and the disk are taken out of the rate.
    pub cpu_us_per_certificate: Option<f64>,
    /// Verifications of our own certificates a second on one core: file, seal, ledger, second opinion.
    pub verified_per_second_per_core: f64,
    /// The same without ledger and second opinion, as at inspection.
    pub inspected_per_second_per_core: f64,
    /// Signatures a second on one core, by suite.
    pub signed_per_second_per_core: BTreeMap<&'static str, f64>,
    /// Durable reservations a second of the ledger alone, by number of waiting callers.
    pub reserved_per_second: BTreeMap<usize, f64>,
    /// Peak of resident memory in KiB after the first tenth of the certificates, but at most 10,000.
    pub peak_kib_early: Option<Peak>,
    /// The same after all of them.
    pub peak_kib: Option<u64>,
}

/// Peak of resident memory after some certificates.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Peak {
    /// Certificates issued until then.
    pub after: u64,
    /// KiB.
    pub kib: u64,
}

/// Facts without which no figure means anything.
#[derive(Clone, Debug, Serialize)]
pub struct Machine {
    /// Cores this process may use.
    pub cores: usize,
    /// `release` or `debug`.
    pub build: &'static str,
    /// Processor architecture.
    pub arch: &'static str,
    /// Operating system.
    pub os: &'static str,
}

/// One stage's times.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// Its name in the line.
    pub stage: &'static str,
    /// Mean: what counts for the rate, as types differ much.
    pub mean_us: f64,
    /// Half of the certificates took no longer.
    pub median_us: f64,
    /// 99 of 100 took no longer.
    pub p99_us: f64,
}

/// Why nothing was measured.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A certificate was not issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A key file.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A type has no usable example.
    #[error("{0}: 没有可用的 example.json / no usable example.json")]
    Example(String),
    /// A key did not sign.
    #[error("印章密钥不可用 / a seal's key does not sign")]
    Key,
}

impl From<crate::render::RenderError> for BenchError {
    fn from(why: crate::render::RenderError) -> Self {
        Self::Issue(why.into())
    }
}

impl From<crate::sign::SealError> for BenchError {
    fn from(why: crate::sign::SealError) -> Self {
        Self::Issue(why.into())
    }
}

/// The six stages, to be walked one at a time on the examples of every type in turn.
pub struct Workshop<'o> {
    office: &'o Office,
    mandate: Mandate,
    examples: Vec<(String, serde_json::Value)>,
}

/// An accepted application.
pub struct Piece<'o>(Accepted<'o>, usize);

/// A sealed file that passed inspection.
pub struct Passed(Inspected);

impl<'o> Workshop<'o> {
    /// Takes the examples of every type the office has.
    ///
    /// # Errors
    /// A type without example.
    pub fn new(office: &'o Office, assets: &Assets) -> Result<Self, BenchError> {
        let mut examples = Vec::new();
        for slug in office.kinds().keys() {
            let found = assets.find(&format!("{slug}/example.json")).ok();
            let example = found.and_then(|file| serde_json::from_slice(&file.bytes).ok());
            examples.push((slug.clone(), example.ok_or_else(|| BenchError::Example(slug.clone()))?));
        }
        if examples.is_empty() {
            return Err(BenchError::Example("*".to_owned()));
        }
        Ok(Self { office, mandate: Mandate::at_console(Some("bench".to_owned())), examples })
    }

    /// Number of types.
    #[must_use]
    pub fn types(&self) -> usize {
        self.examples.len()
    }

    fn request(&self, nth: usize) -> Request<'_> {
        let (slug, application) = &self.examples[nth % self.examples.len()];
        Request { confirm_duplicate: true, ..Request::new(slug, application) }
    }

    /// Stage 1 for the nth application.
    ///
    /// # Errors
    /// Of the stage.
    pub fn accept(&self, nth: usize) -> Result<Piece<'o>, BenchError> {
        let request = self.request(nth);
        Ok(Piece(self.office.accept(request.slug, request.application, clock::now())?, nth))
    }

    /// Stage 2.
    ///
    /// # Errors
    /// Of the stage.
    pub fn reserve(&self, piece: &Piece<'o>) -> Result<(Reserved, Particulars), BenchError> {
        match self.office.reserve(&self.mandate, &piece.0, &self.request(piece.1))? {
            Outcome::Fresh(reserved) => {
                let particulars = self.office.particulars(&piece.0, &reserved);
                Ok((reserved, particulars))
            }
            Outcome::Replay(_) | Outcome::Resume(_) => Err(LedgerError::Closed.into()),
        }
    }

    /// Stage 3.
    ///
    /// # Errors
    /// Of the stage.
    pub fn render(&self, piece: &Piece<'o>, particulars: &Particulars) -> Result<UnsignedPdf, BenchError> {
        Ok(piece.0.render(particulars)?)
    }

    /// Stage 4.
    ///
    /// # Errors
    /// Of the stage.
    pub fn seal(&self, piece: &Piece<'o>, page: UnsignedPdf) -> Result<SealedPdf, BenchError> {
        Ok(piece.0.press(page, piece.0.at)?)
    }

    /// Stage 5.
    ///
    /// # Errors
    /// Of the stage.
    pub fn inspect(&self, sealed: SealedPdf, particulars: &Particulars) -> Result<Passed, BenchError> {
        Ok(Passed(self.office.inspect(sealed, particulars)?))
    }

    /// Stage 6.
    ///
    /// # Errors
    /// Of the stage.
    pub fn record(&self, reserved: Reserved, passed: &Passed) -> Result<Entry, BenchError> {
        Ok(self.office.record(reserved, &passed.0)?)
    }

    /// The whole line as the service walks it; the file's length.
    ///
    /// # Errors
    /// Of any stage.
    pub fn issue(&self, nth: usize) -> Result<Vec<u8>, BenchError> {
        Ok(self.office.issue(&self.mandate, self.request(nth))?.pdf)
    }
}

/// Measures everything. `progress` is told the number of certificates issued so far.
///
/// # Errors
/// [`BenchError`]
pub fn run(
    office: &Office,
    assets: &Assets,
    plan: Plan,
    progress: impl FnMut(u64),
) -> Result<Figures, BenchError> {
    let workshop = Workshop::new(office, assets)?;
    let own: Vec<Vec<u8>> = (0..workshop.types()).map(|n| workshop.issue(n)).collect::<Result<_, _>>()?;
    let stages = stages(&workshop, plan.singly)?;
    let spent = cpu();
    let (issued_per_second, peak_kib_early) = end_to_end(&workshop, plan.count, progress)?;
    let spent = cpu().zip(spent).map(|(after, before)| after.saturating_sub(before));
    let peak_kib = peak();
    let verified =
        rate(plan.period, |n| office.check(&own[n % own.len()]).map(drop).map_err(BenchError::from))?;
    let inspected = rate(plan.period, |n| {
        let judgement = check::unrecorded(office, &own[n % own.len()]);
        if judgement.signatures.is_empty() { Err(BenchError::Key) } else { Ok(()) }
    })?;
    let mut signed = BTreeMap::new();
    for seal in office.seals.values() {
        let message = [7; 256];
        let per_second =
            rate(plan.period, |_| seal.key.sign(&message).map(drop).map_err(|_| BenchError::Key))?;
        signed.insert(seal.key.suite().id, per_second);
    }
    let mut reserved = BTreeMap::new();
    for callers in [1, 16, 64, 256] {
        reserved.insert(callers, ledger_alone(office.config().state(), callers, plan.rows)?);
    }
    Ok(Figures {
        machine: machine(),
        singly: plan.singly,
        stages,
        bytes_per_certificate: mean_length(&own),
        issued: plan.count,
        issued_per_second,
        under_way: bulk::under_way(),
        cpu_us_per_certificate: spent.map(|spent| each_us(spent, plan.count)),
        verified_per_second_per_core: verified,
        inspected_per_second_per_core: inspected,
        signed_per_second_per_core: signed,
        reserved_per_second: reserved,
        peak_kib_early,
        peak_kib,
    })
}

/// Facts of this machine and build.
#[must_use]
pub fn machine() -> Machine {
    Machine {
        cores: bulk::cores(),
        build: if cfg!(debug_assertions) { "debug" } else { "release" },
        arch: std::env::consts::ARCH,
        os: std::env::consts::OS,
    }
}

const STAGES: [&str; 6] = ["accept", "reserve", "render", "seal", "inspect", "record"];

fn stages(workshop: &Workshop<'_>, count: usize) -> Result<Vec<Stage>, BenchError> {
    let mut times: [Vec<Duration>; 6] = std::array::from_fn(|_| Vec::with_capacity(count));
    for nth in 0..count {
        let mut laps = Laps::start();
        let piece = workshop.accept(nth)?;
        laps.lap();
        let (reserved, particulars) = workshop.reserve(&piece)?;
        laps.lap();
        let page = workshop.render(&piece, &particulars)?;
        laps.lap();
        let sealed = workshop.seal(&piece, page)?;
        laps.lap();
        let passed = workshop.inspect(sealed, &particulars)?;
        laps.lap();
        workshop.record(reserved, &passed)?;
        laps.lap();
        times.iter_mut().zip(laps.times).for_each(|(all, time)| all.push(time));
    }
    Ok(STAGES.iter().zip(times).map(|(stage, times)| percentiles(stage, times)).collect())
}

struct Laps {
    last: Instant,
    times: Vec<Duration>,
}

impl Laps {
    fn start() -> Self {
        Self { last: now(), times: Vec::with_capacity(STAGES.len()) }
    }

    fn lap(&mut self) {
        let at = now();
        self.times.push(at - self.last);
        self.last = at;
    }
}

fn percentiles(stage: &'static str, mut times: Vec<Duration>) -> Stage {
    times.sort_unstable();
    let us = |time: Duration| (time.as_secs_f64() * 1e7).round() / 10.0;
    let at = |share: usize| {
        let rank = (times.len() * share).div_ceil(100).saturating_sub(1);
        times.get(rank).map_or(0.0, |time| us(*time))
    };
    let all: Duration = times.iter().sum();
    let mean_us = us(all / u32::try_from(times.len().max(1)).unwrap_or(u32::MAX));
    Stage { stage, mean_us, median_us: at(50), p99_us: at(99) }
}

fn end_to_end(
    workshop: &Workshop<'_>,
    count: u64,
    mut progress: impl FnMut(u64),
) -> Result<(f64, Option<Peak>), BenchError> {
    let early = (count / 10).clamp(1, 10_000);
    let (mut done, mut early_peak, mut failed) = (0, None, None);
    let begun = now();
    let work = |_, nth: u64| workshop.issue(usize::try_from(nth).unwrap_or(0)).map(drop);
    bulk::in_order(bulk::under_way(), 0..count, work, |result| {
        failed = result.err();
        done += 1;
        if done == early {
            early_peak = peak().map(|kib| Peak { after: done, kib });
        }
        progress(done);
        failed.is_none()
    });
    match failed {
        Some(why) => Err(why),
        None => Ok((per_second(done, begun.elapsed()), early_peak)),
    }
}

/// How often a second `work` can be done on this thread.
fn rate(period: Duration, mut work: impl FnMut(usize) -> Result<(), BenchError>) -> Result<f64, BenchError> {
    let begun = now();
    let mut done = 0;
    while begun.elapsed() < period {
        work(done)?;
        done += 1;
    }
    Ok(per_second(u64::try_from(done).unwrap_or(0), begun.elapsed()))
}

/// Reservations a second when so many callers wait at once, on a ledger of its own.
fn ledger_alone(folder: &Path, callers: usize, rows: u64) -> Result<f64, BenchError> {
    let path = folder.join(format!("bench-{callers}.db"));
    let ledger = Ledger::create(&path, Keyring::read(&Keyring::generate()?)?)?;
    let (at, mut failed) = (clock::now(), None);
    let begun = now();
    let work = |_, nth: u64| {
        let intent = Intent {
            slug: "bench".to_owned(),
            seal: "bench".to_owned(),
            type_version: 1,
            template_digest: [0; 32],
            year: 2026,
            naming: Box::new(|_, serial, _| (format!("第{serial}号"), format!("bench.{serial}"))),
            replaces: None,
            holders: Vec::new(),
            codes: vec![format!("{nth:012}")],
            application: "x".repeat(600),
            matter: vec![nth.to_string()],
            confirmed: false,
            hourly_ceiling: None,
            valid_until: None,
            key_fingerprint: [0; 32],
            seal_filing: [0; 32],
            operator: "bench".to_owned(),
            authority: "bench".to_owned(),
            idempotency_key: Some(nth.to_string()),
            at,
        };
        ledger.reserve(intent).map(drop)
    };
    bulk::in_order(callers, 0..rows, work, |result| {
        failed = result.err();
        failed.is_none()
    });
    match failed {
        Some(why) => Err(why.into()),
        None => Ok(per_second(rows, begun.elapsed())),
    }
}

fn mean_length(files: &[Vec<u8>]) -> u64 {
    let all: usize = files.iter().map(Vec::len).sum();
    u64::try_from(all / files.len().max(1)).unwrap_or(0)
}

#[allow(clippy::cast_precision_loss, reason = "a rate, not an account")]
fn per_second(count: u64, time: Duration) -> f64 {
    (count as f64 / time.as_secs_f64().max(1e-9) * 10.0).round() / 10.0
}

#[allow(clippy::cast_precision_loss, reason = "a mean")]
fn each_us(time: Duration, count: u64) -> f64 {
    (time.as_secs_f64() * 1e7 / count.max(1) as f64).round() / 10.0
}

/// Processor time of this process so far, where the system tells (Linux, in hundredths of a second).
#[expect(clippy::disallowed_methods, reason = "the system's own account of this process")]
fn cpu() -> Option<Duration> {
    let status = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The name in parentheses may hold anything; user and system time are the 12th and 13th fields behind it.
    let mut fields = status.rsplit_once(')')?.1.split_whitespace().skip(11);
    let ticks = fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks.checked_mul(10)?))
}

/// Peak of resident memory in KiB, where the system tells (Linux).
#[expect(clippy::disallowed_methods, reason = "the system's own account of this process")]
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches("kB").trim().parse().ok()
}

#[expect(clippy::disallowed_methods, reason = "timing is this file's purpose")]
fn now() -> Instant {
    Instant::now()
}
