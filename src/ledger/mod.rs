//! What was reserved, what was issued, what was voided, and what the record says of a document.
//!
//! SQLite in WAL mode with `synchronous=FULL`; one writer thread commits for many callers at once. A
//! reservation makes number, code and encrypted intent durable before any key is used; `record` takes the
//! reservation by value. Personal columns and documents are sealed under a [`Keyring`] that lives outside
//! the database. Opening never creates: state begins by [`Ledger::create`] only. No proofs yet: a
//! transparency log joins here.

mod entry;
mod keyring;
mod schema;
mod writer;

pub use entry::{Entry, Intent, Naming, Outcome, Reserved, Sealed, State, Unfinished};
pub use keyring::{Keyring, KeyringError};

use crate::crypto::sha256;
use crate::domain::Instant;
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use writer::Writer;

/// Why the ledger did not do what it was asked. The first group is the caller's, the second ours.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The idempotency key was used for another application.
    #[error("防重键已用于另一申请 / idempotency key reused for another application")]
    IdempotencyKeyReused,
    /// The reservation behind the idempotency key was voided; use a fresh key.
    #[error("该预留已作废 {number},请换防重键重来 / reservation_void: {number} was voided, use a fresh key")]
    ReservationVoid {
        /// Its number, which stays accounted for.
        number: String,
    },
    /// The same request is being worked on.
    #[error("同一申请正在办理 {number} / the same request is in progress as {number}")]
    InProgress {
        /// Its number.
        number: String,
    },
    /// The same holder, type and matter has a certificate; confirm to issue another.
    #[error(
        "同一持证人、同类、同一事项已有 {number},确需再发请确认 / {number} exists for the same holder, type and matter; confirm to issue another"
    )]
    DuplicateMatter {
        /// The existing number.
        number: String,
    },
    /// No such ledger file: it is never made by opening.
    #[error("没有台账 {0} / no ledger at {0}")]
    Missing(PathBuf),
    /// A file stands where a ledger is to be made; nothing is ever overwritten.
    #[error("{0} 已存在 / already exists")]
    Exists(PathBuf),
    /// Made by a newer program.
    #[error(
        "台账版本 {found} 比程序新({known})/ ledger version {found} is newer than this program ({known})"
    )]
    Newer {
        /// Version of the file.
        found: u32,
        /// Version this program knows.
        known: u32,
    },
    /// The reservation is no longer open.
    #[error("预留已了结 / the reservation is closed")]
    Closed,
    /// SQLite failed.
    #[error("台账失败 / ledger failure: {0}")]
    Store(#[from] rusqlite::Error),
    /// Sealed data does not open: wrong key file, or altered.
    #[error("台账密文打不开 / sealed data does not open")]
    Sealed,
    /// The common commit failed; nothing of it is on record.
    #[error("台账提交失败 / the commit failed")]
    Commit,
    /// The writer has stopped.
    #[error("台账已停 / the ledger has stopped")]
    Stopped,
}

/// The open ledger. Dropping it waits for the writer.
pub struct Ledger {
    writer: Writer,
    readers: Mutex<Vec<Connection>>,
    path: PathBuf,
    keyring: Arc<Keyring>,
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
        let connection = Connection::open_with_flags(path, flags)?;
        schema::create(&connection)?;
        drop(connection);
        Self::open(path, keyring)
    }

    /// Opens a ledger that exists, migrating older versions.
    ///
    /// # Errors
    /// Missing, newer than this program, unreadable.
    pub fn open(path: &Path, keyring: Keyring) -> Result<Self, LedgerError> {
        if !path.is_file() {
            return Err(LedgerError::Missing(path.to_owned()));
        }
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        schema::prepare(&connection)?;
        let writer = Writer::start(connection);
        Ok(Self {
            writer,
            readers: Mutex::new(Vec::new()),
            path: path.to_owned(),
            keyring: Arc::new(keyring),
        })
    }

    /// Takes the next number of (type, year) and makes the intent durable.
    ///
    /// # Errors
    /// Idempotency, duplicate matter, or a failure.
    pub fn reserve(&self, intent: Intent) -> Result<Outcome, LedgerError> {
        let keyring = Arc::clone(&self.keyring);
        self.writer.run(move |connection| entry::reserve(connection, &keyring, intent))
    }

    /// Puts a sealed document on record. The reservation is spent.
    ///
    /// # Errors
    /// The reservation is closed, or a failure; the reservation then stays open for start-up to finish.
    pub fn record(&self, reserved: Reserved, sealed: &Sealed<'_>, at: Instant) -> Result<Entry, LedgerError> {
        let address = sha256(&[sealed.pdf]);
        let body = entry::seal_document(&self.keyring, &address, sealed.pdf)?;
        let row = entry::Final {
            record: reserved.record(),
            address,
            body,
            length: sealed.pdf.len(),
            covered: *sealed.covered_digest,
            signature: *sealed.signature_digest,
            at,
        };
        self.writer.run(move |connection| entry::record(connection, &row))
    }

    /// Closes a reservation that cannot be finished; its number stays accounted for.
    ///
    /// # Errors
    /// The reservation is closed, or a failure.
    pub fn void(&self, reserved: Reserved, reason: &str, at: Instant) -> Result<(), LedgerError> {
        let (record, reason) = (reserved.record(), reason.to_owned());
        self.writer.run(move |connection| entry::void(connection, record, &reason, at))
    }

    /// Reservations neither recorded nor voided, oldest first, with what is needed to finish them.
    ///
    /// # Errors
    /// A failure, or a key file that does not open them.
    pub fn unfinished(&self) -> Result<Vec<Unfinished>, LedgerError> {
        self.read(|connection| entry::unfinished(connection, &self.keyring))
    }

    /// The entry with this number, identifier or verification code.
    ///
    /// # Errors
    /// A failure.
    pub fn find(&self, which: &str) -> Result<Option<Entry>, LedgerError> {
        self.read(|connection| {
            let sql = format!("{} WHERE number = ?1 OR identifier = ?1 OR code = ?1", entry::SELECT);
            Ok(connection.prepare_cached(&sql)?.query_row([which], entry::from_row).optional()?)
        })
    }

    /// Entries after a record number, oldest first.
    ///
    /// # Errors
    /// A failure.
    pub fn list(&self, after: u64, limit: u32) -> Result<Vec<Entry>, LedgerError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.read(|connection| {
            let sql = format!("{} WHERE record > ?1 ORDER BY record LIMIT ?2", entry::SELECT);
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![after, limit], entry::from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The document at an address, as it was sealed.
    ///
    /// # Errors
    /// A failure, or bytes that no longer hash to their address.
    pub fn document(&self, address: &[u8; 32]) -> Result<Option<Vec<u8>>, LedgerError> {
        self.read(|connection| entry::document(connection, &self.keyring, address))
    }

    /// Numbers that are missing from their (type, year) sequence: always empty in a sound ledger.
    ///
    /// # Errors
    /// A failure.
    pub fn gaps(&self) -> Result<Vec<(String, i32, u64)>, LedgerError> {
        self.read(entry::gaps)
    }

    /// A consistent copy of the database, taken while the ledger works. The key file is copied apart.
    ///
    /// # Errors
    /// A failure, or a target that exists.
    pub fn backup(&self, target: &Path) -> Result<(), LedgerError> {
        let target = target.to_string_lossy().into_owned();
        self.read(|connection| Ok(connection.execute("VACUUM INTO ?1", [target.as_str()]).map(drop)?))
    }

    fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, LedgerError>) -> Result<T, LedgerError> {
        let idle = self.readers.lock().map_err(|_| LedgerError::Stopped)?.pop();
        let connection = match idle {
            Some(connection) => connection,
            None => Connection::open_with_flags(&self.path, OpenFlags::SQLITE_OPEN_READ_ONLY)?,
        };
        let answer = work(&connection);
        if let Ok(mut readers) = self.readers.lock() {
            readers.push(connection);
        }
        answer
    }
}
