//! What was reserved, what was issued, what was voided, and what the record says of a document.
//!
//! SQLite in WAL mode with `synchronous=FULL`; one writer thread commits for many callers at once. A
//! reservation makes number, code and encrypted intent durable before any key is used; `record` takes the
//! reservation by value. Several processes may work on one ledger: each reservation has a living owner or
//! may be taken over. Personal columns and documents are sealed under a [`Keyring`] that lives outside
//! the database. Opening never creates: state begins by [`Ledger::create`] only. No proofs yet: a
//! transparency log joins here.

mod batches;
mod callers;
mod entry;
mod error;
mod examine;
mod keyring;
mod lives;
mod orders;
mod presence;
mod reseal;
mod rows;
mod schema;
mod seal_requests;
mod seals;
mod stampings;
mod tally;
#[cfg(test)]
mod tests;
mod uses;
mod writer;

pub use batches::{Batch, BatchAct, BatchCounts, BatchItem, BatchState, BatchWish, ItemWish};
pub use callers::{Caller, Decision};
pub use entry::{Entry, Intent, Naming, Outcome, Reserved, Sealed, State, Unfinished};
pub use error::{Cause, LedgerError};
pub use examine::{Damage, Examination, Open, OpenStamping, compare, examine, examine_backup};
pub use keyring::{Keyring, KeyringError};
pub use lives::{Event, Life};
pub use orders::{Adopted, OrderRecord};
pub use reseal::Resealing;
pub use seal_requests::{GrantFault, RequestState, SealGrant, SealRequest, SealWish};
pub use seals::SealEvent;
pub use stampings::{ReservedStamping, StampIntent, StampOutcome, StampState, Stamping};
pub use tally::KeyEntries;
pub use uses::{Held, LinkRefusal, Use, Used};

use crate::crypto::sha256;
use crate::domain::Instant;
use presence::Presence;
use rusqlite::{Connection, OpenFlags, params};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, RwLock};
use std::time::Duration;
use writer::Writer;

/// How long a process waits for another one's transaction before it says so.
const PATIENCE: Duration = Duration::from_secs(5);

/// Reservations taken over at once by [`Ledger::unfinished`]: a crash under load leaves some hundreds.
const TAKEN_OVER: usize = 64;

/// The open ledger. Dropping it waits for the writer.
pub struct Ledger {
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
    path: PathBuf,
    keyring: RwLock<Arc<Keyring>>,
    presence: Arc<Presence>,
}

impl Ledger {
    /// Makes a new ledger file and opens it.
    ///
    /// # Errors
    /// The file exists, or cannot be made.
    pub fn create(path: &Path, keyring: Keyring) -> Result<Self, LedgerError> {
        if path.exists() {
            return Err(LedgerError::Exists(path.to_owned()));
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
        let mut connection = Connection::open_with_flags(path, flags)?;
        schema::prepare(&mut connection)?;
        drop(connection);
        Self::open(path, keyring)
    }

    /// Opens a ledger that exists, migrating older versions. A newer key of the key file seals from now on.
    ///
    /// # Errors
    /// Missing, newer than this program, unreadable, or the key file is not this ledger's.
    pub fn open(path: &Path, keyring: Keyring) -> Result<Self, LedgerError> {
        if !path.is_file() {
            return Err(LedgerError::Missing(path.to_owned()));
        }
        let mut connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        schema::prepare(&mut connection)?;
        let presence = Arc::new(Presence::begin(path)?);
        let writer = Writer::start(connection, presence.owner().to_owned());
        let ledger = Self {
            writer,
            readers: Mutex::new(Vec::new()),
            path: path.to_owned(),
            keyring: RwLock::new(Arc::new(keyring)),
            presence,
        };
        ledger.admit(&*ledger.keyring()?)?;
        ledger.forget_the_dead()?;
        Ok(ledger)
    }

    /// Takes the next number of (type, year) and makes the intent durable.
    ///
    /// # Errors
    /// Idempotency, duplicate matter, or a failure.
    pub fn reserve(&self, intent: Intent) -> Result<Outcome, LedgerError> {
        let (keyring, presence) = (self.keyring()?, Arc::clone(&self.presence));
        self.writer.run(move |connection| rows::reserve(connection, &keyring, &presence, intent))
    }

    /// Puts a sealed document on record. The reservation is spent.
    ///
    /// # Errors
    /// The reservation is closed, or a failure; the reservation then stays open, for a retry under its
    /// idempotency key or for [`Ledger::unfinished`].
    pub fn record(&self, reserved: Reserved, sealed: &Sealed<'_>, at: Instant) -> Result<Entry, LedgerError> {
        let address = sha256(&[sealed.pdf]);
        let body = rows::seal_document(&*self.keyring()?, &address, sealed.pdf)?;
        let row = rows::Final {
            owner: self.presence.owner().to_owned(),
            record: reserved.record,
            address,
            body,
            length: sealed.pdf.len(),
            covered: *sealed.covered_digest,
            signature: *sealed.signature_digest,
            at,
        };
        // `reserved` stays in hand until the answer is here.
        self.writer.run(move |connection| rows::record(connection, &row))
    }

    /// Closes a reservation that cannot be finished; its number stays accounted for.
    ///
    /// # Errors
    /// The reservation is closed, or a failure; the reservation then stays open.
    pub fn void(&self, reserved: Reserved, reason: &str, at: Instant) -> Result<(), LedgerError> {
        let (record, reason) = (reserved.record, reason.to_owned());
        let owner = self.presence.owner().to_owned();
        self.writer.run(move |connection| rows::void(connection, record, &owner, &reason, at))
    }

    /// Takes over some of the reservations that nobody living works on, oldest first, with what is needed
    /// to finish them. Empty when none is left.
    ///
    /// # Errors
    /// A failure.
    pub fn unfinished(&self) -> Result<Vec<Unfinished>, LedgerError> {
        let (keyring, presence) = (self.keyring()?, Arc::clone(&self.presence));
        if self.open_reservations()? == 0 {
            return Ok(Vec::new());
        }
        self.writer.run(move |connection| rows::unfinished(connection, &keyring, &presence, TAKEN_OVER))
    }

    /// How many reservations are neither issued nor void, whoever works on them.
    ///
    /// # Errors
    /// A failure.
    pub fn open_reservations(&self) -> Result<u64, LedgerError> {
        self.read(rows::count_open)
    }

    /// Opens and ends a transaction that could write, and counts open reservations: what readiness asks.
    ///
    /// # Errors
    /// The ledger cannot be written now.
    pub fn writable(&self) -> Result<u64, LedgerError> {
        self.writer.run(|connection| {
            connection.execute_batch("CREATE TEMP TABLE IF NOT EXISTS breath (drawn INTEGER)")?;
            rows::count_open(connection)
        })
    }

    /// True when another living process has this ledger open.
    ///
    /// # Errors
    /// The folder in which processes show that they live.
    pub fn others_at_work(&self) -> Result<bool, LedgerError> {
        self.presence.others_at_work()
    }

    /// The entry with this number, identifier or verification code.
    ///
    /// # Errors
    /// A failure.
    pub fn find(&self, which: &str) -> Result<Option<Entry>, LedgerError> {
        self.read(|connection| rows::find(connection, which))
    }

    /// Entries after a record number, oldest first.
    ///
    /// # Errors
    /// A failure.
    pub fn list(&self, after: u64, limit: u32) -> Result<Vec<Entry>, LedgerError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.read(|connection| {
            let sql = format!("{} WHERE record > ?1 ORDER BY record LIMIT ?2", rows::SELECT);
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![after, limit], rows::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The document at an address, as it was sealed.
    ///
    /// # Errors
    /// A failure, or bytes that no longer hash to their address.
    pub fn document(&self, address: &[u8; 32]) -> Result<Option<Vec<u8>>, LedgerError> {
        let keyring = self.keyring()?;
        self.read(|connection| rows::document(connection, &keyring, address))
    }

    /// Numbers that are missing from their (type, year) sequence: always empty in a sound ledger.
    ///
    /// # Errors
    /// A failure.
    pub fn gaps(&self) -> Result<Vec<(String, i32, u64)>, LedgerError> {
        self.read(rows::gaps)
    }

    /// A consistent copy of the database, taken while the ledger works. The key file is copied apart.
    ///
    /// # Errors
    /// A failure, or a target that exists.
    pub fn backup(&self, target: &Path) -> Result<(), LedgerError> {
        let target = target.to_string_lossy().into_owned();
        self.read(|connection| Ok(connection.execute("VACUUM INTO ?1", [target.as_str()]).map(drop)?))
    }

    fn keyring(&self) -> Result<Arc<Keyring>, LedgerError> {
        self.keyring.read().map(|keyring| Arc::clone(&keyring)).map_err(|_| LedgerError::Stopped)
    }

    /// Rows of workers that are no more: they only ever served the worker itself.
    fn forget_the_dead(&self) -> Result<(), LedgerError> {
        let sql = "SELECT owner FROM worker";
        let known: Vec<String> = self.read(|connection| {
            let mut statement = connection.prepare(sql)?;
            let owners = statement.query_map([], |row| row.get(0))?;
            Ok(owners.collect::<Result<_, _>>()?)
        })?;
        let dead: Vec<String> = known.into_iter().filter(|owner| !self.presence.is_at_work(owner)).collect();
        if dead.is_empty() {
            return Ok(());
        }
        self.writer.run(move |connection| {
            let mut statement = connection.prepare_cached("DELETE FROM worker WHERE owner = ?1")?;
            dead.iter().try_for_each(|owner| statement.execute([owner]).map(drop)).map_err(LedgerError::from)
        })
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, LedgerError>) -> Result<T, LedgerError> {
        let idle = self.readers.lock().map_err(|_| LedgerError::Stopped)?.pop();
        let connection = match idle {
            Some(connection) => connection,
            None => {
                let fresh = Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
                schema::settle(&fresh)?;
                fresh
            }
        };
        let answer = work(&connection);
        if let Ok(mut readers) = self.readers.lock() {
            readers.push(connection);
        }
        answer
    }
}
