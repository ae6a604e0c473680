//! The one asynchronous edge: a permit, a blocking thread, a deadline.
//!
//! Work that draws, seals or judges takes a heavy permit; work that waits for the ledger's disk takes a light one, so that
//! neither starves the other. What cannot wait in the queue is answered 503 at once: memory never grows with the load.

use super::Problem;
use crate::config::ServerFile;
use crate::service::Office;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Heavy works under way for each core: a certificate waits twice for the disk.
const HEAVY_PER_CORE: usize = 8;
/// Light works under way: what one group commit serves at once.
const LIGHT: usize = 256;

/// What kind of work a request is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weight {
    /// Draws, seals or judges.
    Heavy,
    /// Reads or writes the ledger.
    Light,
}

/// Permits and deadline.
pub(super) struct Edge {
    heavy: Arc<Semaphore>,
    light: Arc<Semaphore>,
    queue: Arc<Semaphore>,
    deadline: Duration,
}

impl Edge {
    pub(super) fn new(server: &ServerFile) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            heavy: Arc::new(Semaphore::new(cores * HEAVY_PER_CORE)),
            light: Arc::new(Semaphore::new(LIGHT)),
            queue: Arc::new(Semaphore::new(usize::from(server.queue))),
            deadline: Duration::from_secs(u64::from(server.deadline_seconds)),
        }
    }

    /// Runs `work` on a blocking thread. Past the deadline it goes on, and the caller is told to ask again.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        office: &Arc<Office>,
        weight: Weight,
        work: impl FnOnce(&Office) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let office = Arc::clone(office);
        let waited = tokio::time::timeout(self.deadline, self.permit(weight)).await;
        let permit = waited.map_err(|_| Problem::overloaded())??;
        let task = tokio::task::spawn_blocking(move || {
            let _permit = permit;
            work(&office)
        });
        match tokio::time::timeout(self.deadline, task).await {
            Err(_) => Err(Problem::too_slow()),
            // What a panic says may quote what it was handed.
            Ok(Err(_)) => Err(Problem::failure(&"the work panicked")),
            Ok(Ok(answer)) => answer,
        }
    }

    async fn permit(&self, weight: Weight) -> Result<OwnedSemaphorePermit, Problem> {
        let works = match weight {
            Weight::Heavy => &self.heavy,
            Weight::Light => &self.light,
        };
        if let Ok(permit) = Arc::clone(works).try_acquire_owned() {
            return Ok(permit);
        }
        let _waiting = self.queue.try_acquire().map_err(|_| Problem::overloaded())?;
        Arc::clone(works).acquire_owned().await.map_err(|_| Problem::overloaded())
    }
}
