//! What every handler shares: the open office, the edge, the limits, the figures.

use super::Problem;
use super::edge::{Edge, Weight};
use crate::config::ServerFile;
use crate::service::key_count::KeyAudit;
use crate::service::{Office, clock};
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics_exporter_prometheus::PrometheusHandle;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// Forms with documents at a time: of the largest, two GiB.
const FORMS: usize = 16;
/// Long answers at a time.
const LISTENERS: usize = 64;
const MINUTE: Duration = Duration::from_secs(60);
/// How often batches are looked for that another process granted or an interruption left.
const LOOK: Duration = Duration::from_secs(2);

/// An office with its doors open.
pub struct House {
    pub(super) office: Arc<Office>,
    pub(super) server: ServerFile,
    pub(super) figures: PrometheusHandle,
    /// One self-test at a time.
    pub(super) self_test: Arc<Semaphore>,
    /// Rung when there may be a batch to go on with.
    pub(super) granted: Notify,
    /// Long answers at a time: events, zips.
    pub(super) listeners: Arc<Semaphore>,
    /// Forms that are held in memory at a time.
    pub(super) forms: Arc<Semaphore>,
    edge: Edge,
    strangers: DefaultKeyedRateLimiter<IpAddr>,
    callers: DefaultKeyedRateLimiter<String>,
    closing: AtomicBool,
}

impl House {
    /// Opens the doors of an office.
    #[must_use]
    pub fn new(office: Arc<Office>, figures: PrometheusHandle) -> Arc<Self> {
        let server = office.config().server().clone();
        let a_minute = |most: u32| Quota::per_minute(NonZeroU32::new(most).unwrap_or(NonZeroU32::MIN));
        Arc::new(Self {
            self_test: Arc::new(Semaphore::new(1)),
            granted: Notify::new(),
            listeners: Arc::new(Semaphore::new(LISTENERS)),
            forms: Arc::new(Semaphore::new(FORMS)),
            edge: Edge::new(&server),
            strangers: RateLimiter::keyed(a_minute(server.public_per_minute)),
            callers: RateLimiter::keyed(a_minute(server.key_per_minute)),
            closing: AtomicBool::new(false),
            office,
            server,
            figures,
        })
    }

    /// Says that no new work is wanted: readiness fails from now on, accepted work is finished.
    pub fn close(&self) {
        self.closing.store(true, Ordering::SeqCst);
    }

    /// True once closing has begun.
    #[must_use]
    pub fn is_closing(&self) -> bool {
        self.closing.load(Ordering::SeqCst)
    }

    /// The office.
    pub(crate) fn office(&self) -> &Office {
        &self.office
    }

    /// Largest body in MiB.
    pub(crate) fn body_mib(&self) -> u16 {
        self.server.body_mib
    }

    /// Runs a use case on the edge.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        weight: Weight,
        work: impl FnOnce(&Office) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.edge.run(&self.office, weight, work).await
    }

    /// Counts a public request of an address.
    pub(crate) fn limit_stranger(&self, address: IpAddr) -> Result<(), Problem> {
        self.strangers.check_key(&address).map_err(|until| wait(&until))
    }

    /// Counts a request of a key.
    pub(crate) fn limit_key(&self, caller: &str) -> Result<(), Problem> {
        self.callers.check_key(&caller.to_owned()).map_err(|until| wait(&until))
    }

    /// Stamps what batches were granted until the doors close: at once when a decision came in here, soon when it came
    /// from elsewhere, and from the start what an interruption left.
    pub async fn carry_out_batches(self: Arc<Self>) {
        while !self.is_closing() {
            let house = Arc::clone(&self);
            let round = move || house.office.carry_out_batches(&|| house.is_closing());
            match tokio::task::spawn_blocking(round).await {
                Ok(Ok(0)) => {}
                Ok(Ok(stamped)) => {
                    metrics::counter!("stampings_total").increment(stamped);
                    tracing::info!(stamped, "batches");
                }
                Ok(Err(why)) => tracing::warn!(cause = %why, "batches wait for the ledger"),
                Err(_) => tracing::error!("batches: the work panicked"),
            }
            let _ = tokio::time::timeout(LOOK, self.granted.notified()).await;
        }
    }

    /// Holds what each key counted itself against the record: at the start, and each day after midnight in Beijing. Into
    /// the log and the figures; what does not agree is an error there.
    pub async fn audit_daily(self: Arc<Self>) {
        let mut done = None;
        while !self.is_closing() {
            let today = clock::now().beijing_date();
            if done != Some(today) {
                let house = Arc::clone(&self);
                match tokio::task::spawn_blocking(move || house.office.audit_keys()).await {
                    Ok(Ok(keys)) => {
                        done = Some(today);
                        keys.iter().for_each(audited);
                    }
                    Ok(Err(why)) => tracing::warn!(cause = %why, "the audit of keys waits for the ledger"),
                    Err(_) => tracing::error!("audit of keys: the work panicked"),
                }
            }
            tokio::time::sleep(MINUTE).await;
        }
    }

    /// Forgets addresses and keys that have been quiet; to be called now and then.
    pub fn tidy(&self) {
        self.strangers.retain_recent();
        self.callers.retain_recent();
    }
}

fn audited(key: &KeyAudit) {
    let alarm = u8::from(key.balance.is_alarming());
    let (seal, balance) = (key.seal.clone().unwrap_or_else(|| "renewed".to_owned()), key.balance.word());
    metrics::gauge!("key_audit_alarm", "seal" => seal.clone()).set(f64::from(alarm));
    let (made, on_record) = (key.made.unwrap_or_default(), key.entries.least() + key.entries.reports);
    if key.balance.is_alarming() {
        tracing::error!(seal, balance, made, on_record, "audit of keys: yinzheng ledger audit");
    } else {
        tracing::info!(seal, balance, made, on_record, "audit of keys");
    }
}

fn wait(until: &governor::NotUntil<<DefaultClock as Clock>::Instant>) -> Problem {
    let seconds = until.wait_time_from(DefaultClock::default().now()).as_secs();
    Problem::too_many(u32::try_from(seconds).unwrap_or(u32::MAX).saturating_add(1))
}
