//! The one writer: gathers waiting jobs into a single transaction, commits once, then answers all.
//!
//! ```text
//!            BEGIN fails                    a job ends the transaction          COMMIT fails
//! idle ──► [begin] ───────► Nothing   [run] ───────────────► Nothing   [commit] ───────────► [settle]
//!             └──► [run] each job in its savepoint ──► [commit] ──► Durable        Durable · Nothing · Unknown
//! ```
//!
//! No job runs outside a transaction, and nobody is answered before the end of the batch is known. A
//! failed COMMIT is the hard case: its pages may lie in the log although SQLite gave them up, and a crash
//! would bring them back. Each batch therefore leaves a mark of its own; [`Batches::settle`] commits once
//! more, which decides the matter for good, and reads there which mark stands.

use super::{Cause, LedgerError};
use rusqlite::{Connection, OptionalExtension, params};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Jobs in one commit: beyond this the figures gain nothing, and latency grows.
const MOST: usize = 256;

/// How the common transaction ended, for everyone in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// On the disk.
    Durable,
    /// Nothing of it is on record, and nothing will be.
    Nothing(Cause),
    /// It may be on record after a crash.
    Unknown(Cause),
}

trait Job: Send {
    /// Runs inside the open transaction. `Err` means that the transaction is not to be committed.
    fn run(&mut self, connection: &Connection) -> Result<(), Cause>;

    fn answer(self: Box<Self>, end: End);
}

pub(super) struct Writer {
    jobs: Option<SyncSender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    #[expect(clippy::disallowed_methods, reason = "the ledger's writer is this thread's purpose")]
    pub(super) fn start(connection: Connection, owner: String) -> Self {
        let (jobs, queue) = sync_channel(MOST * 4);
        let thread = std::thread::spawn(move || {
            let mut batches = Batches { connection, owner, mark: 0 };
            while let Ok(first) = queue.recv() {
                batches.serve(first, &queue);
            }
        });
        Self { jobs: Some(jobs), thread: Some(thread) }
    }

    /// Runs `work` in the next common transaction and waits until its end is known.
    pub(super) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (reply, waiting) = sync_channel(1);
        let jobs = self.jobs.as_ref().ok_or(LedgerError::Stopped)?;
        let task = Task { work: Some(work), result: None, reply };
        jobs.send(Box::new(task)).map_err(|_| LedgerError::Stopped)?;
        waiting.recv().map_err(|_| LedgerError::Stopped)?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Task<T, W> {
    work: Option<W>,
    result: Option<Result<T, LedgerError>>,
    reply: SyncSender<Result<T, LedgerError>>,
}

impl<T, W> Job for Task<T, W>
where
    T: Send,
    W: FnOnce(&Connection) -> Result<T, LedgerError> + Send,
{
    fn run(&mut self, connection: &Connection) -> Result<(), Cause> {
        let Some(work) = self.work.take() else { return Ok(()) };
        connection.execute_batch("SAVEPOINT job").map_err(|e| Cause::of(&e))?;
        let result = work(connection);
        let end = if result.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" };
        // A full or failing disk makes SQLite end the whole transaction under our feet.
        let closed = if connection.is_autocommit() {
            Err(cause(&result).unwrap_or(Cause::Other))
        } else {
            connection.execute_batch(end).map_err(|e| Cause::of(&e))
        };
        self.result = Some(result);
        closed
    }

    fn answer(self: Box<Self>, end: End) {
        let result = match (end, self.result) {
            (End::Durable, Some(result)) => match cause(&result) {
                Some(cause) if cause != Cause::Other => Err(LedgerError::NotWritten { cause }),
                _ => result,
            },
            (End::Durable, None) => Err(LedgerError::Stopped),
            // Even a refusal may rest on rows of this transaction that are no more.
            (End::Nothing(cause), _) => Err(LedgerError::NotWritten { cause }),
            (End::Unknown(cause), _) => Err(LedgerError::Unsettled { cause }),
        };
        let _ = self.reply.send(result);
    }
}

/// The disk's part in a failure, if it had one.
fn cause<T>(result: &Result<T, LedgerError>) -> Option<Cause> {
    match result {
        Err(LedgerError::Store(error)) => Some(Cause::of(error)),
        _ => None,
    }
}

struct Batches {
    connection: Connection,
    owner: String,
    /// Number of the last transaction begun; it is written by that transaction.
    mark: i64,
}

impl Batches {
    fn serve(&mut self, first: Box<dyn Job>, queue: &Receiver<Box<dyn Job>>) {
        let mut jobs = vec![first];
        let end = match self.begin() {
            Ok(()) => match run_all(&self.connection, &mut jobs, queue) {
                Ok(()) => self.commit(),
                Err(cause) => self.roll_back(cause),
            },
            Err(cause) => {
                // Those who waited meanwhile need not wait for the same refusal one after the other.
                jobs.extend(queue.try_iter().take(MOST));
                End::Nothing(cause)
            }
        };
        jobs.into_iter().for_each(|job| job.answer(end));
    }

    fn begin(&mut self) -> Result<(), Cause> {
        self.roll_back(Cause::Other);
        self.connection.execute_batch("BEGIN IMMEDIATE").map_err(|e| Cause::of(&e))?;
        self.mark += 1;
        let sql = "INSERT INTO worker VALUES (?1, ?2) ON CONFLICT DO UPDATE SET batch = ?2";
        let marked =
            self.connection.prepare_cached(sql).and_then(|mut s| s.execute(params![self.owner, self.mark]));
        marked.map(drop).map_err(|e| {
            let cause = Cause::of(&e);
            self.roll_back(cause);
            cause
        })
    }

    fn roll_back(&self, cause: Cause) -> End {
        if !self.connection.is_autocommit() {
            // Should this fail, the next BEGIN fails too and nothing is written.
            let _ = self.connection.execute_batch("ROLLBACK");
        }
        End::Nothing(cause)
    }

    fn commit(&mut self) -> End {
        match self.connection.execute_batch("COMMIT") {
            Ok(()) => End::Durable,
            Err(why) if !self.connection.is_autocommit() => self.roll_back(Cause::of(&why)),
            Err(why) => self.settle(Cause::of(&why)),
        }
    }

    /// Decides an unclear COMMIT by a further one: whatever the log holds of the first is kept or overwritten then.
    fn settle(&mut self, cause: Cause) -> End {
        let unclear = self.mark;
        let sql = "SELECT batch FROM worker WHERE owner = ?1";
        let stands = self.connection.query_row(sql, [&self.owner], |row| row.get::<_, i64>(0)).optional();
        let (Ok(stands), Ok(())) = (stands, self.begin()) else { return End::Unknown(cause) };
        if self.connection.execute_batch("COMMIT").is_err() {
            self.roll_back(cause);
            return End::Unknown(cause);
        }
        if stands == Some(unclear) { End::Durable } else { End::Nothing(cause) }
    }
}

/// Runs the jobs and whoever arrives meanwhile, until one of them breaks the transaction.
fn run_all(
    connection: &Connection,
    jobs: &mut Vec<Box<dyn Job>>,
    queue: &Receiver<Box<dyn Job>>,
) -> Result<(), Cause> {
    let mut at = 0;
    while let Some(job) = jobs.get_mut(at) {
        job.run(connection)?;
        at += 1;
        if at < MOST
            && at == jobs.len()
            && let Ok(next) = queue.try_recv()
        {
            jobs.push(next);
        }
    }
    Ok(())
}
