//! 用印: every use of a seal on a document that somebody brought, reserved before the key is used.
//!
//! Each seal counts its uses from 1 without a gap; what could not be finished is void, with its number accounted for.
//! The stamped document is kept like an issued one, so that the same request under the same idempotency key is answered
//! with the same file.

use super::presence::{Hold, Presence};
use super::rows::{self, instant, kept_key};
use super::{Keyring, Ledger, LedgerError, Sealed, seal_requests, seals};
use crate::crypto::sha256;
use crate::domain::Instant;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::sync::Arc;

/// A use of a seal that is to happen.
#[derive(Clone, Debug)]
pub struct StampIntent {
    /// Role of the seal.
    pub seal: String,
    /// SHA-256 of the document as it was brought.
    pub source: [u8; 32],
    /// Where it goes, in words that the same place always has.
    pub place: String,
    /// Fingerprint of the seal certificate whose key will be used.
    pub key_fingerprint: [u8; 32],
    /// SHA-256 of what is on file of the seal as it will be used.
    pub seal_filing: [u8; 32],
    /// Who acts.
    pub operator: String,
    /// On what authority.
    pub authority: String,
    /// The caller's idempotency key.
    pub idempotency_key: Option<String>,
    /// The request under which the use was granted.
    pub request: Option<String>,
    /// The instant that will stand in the signature.
    pub at: Instant,
}

/// A use that is reserved and in our hands. Spent by `record_stamping` or `void_stamping`.
#[derive(Debug)]
pub struct ReservedStamping {
    stamping: i64,
    /// Held, never read.
    _hold: Hold,
    /// The seal's own running number, from 1.
    pub use_number: u64,
    /// The instant.
    pub at: Instant,
}

/// What a reservation led to.
#[derive(Debug)]
pub enum StampOutcome {
    /// Go on.
    Reserved(ReservedStamping),
    /// The same request was answered before; here is the answer.
    Replay(Box<Stamping>),
}

/// How far a use got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StampState {
    /// Number taken, nothing stamped yet.
    Reserved,
    /// On record.
    Stamped,
    /// Accounted for; nothing left the house.
    Void,
}

impl StampState {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Stamped => "stamped",
            Self::Void => "void",
        }
    }
}

/// One use of a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamping {
    /// Running number over all seals.
    pub stamping: u64,
    /// Role of the seal.
    pub seal: String,
    /// The seal's own running number, from 1.
    pub use_number: u64,
    /// How far it got.
    pub state: StampState,
    /// SHA-256 of the document as it was brought.
    pub source: [u8; 32],
    /// Where the seal went.
    pub place: String,
    /// When reserved: the durable time before the key was used.
    pub reserved_at: Instant,
    /// When recorded or voided.
    pub closed_at: Option<Instant>,
    /// Why voided.
    pub void_reason: Option<String>,
    /// SHA-256 of the stamped document.
    pub document: Option<[u8; 32]>,
    /// SHA-256 of the bytes that the seal covers.
    pub covered_digest: Option<[u8; 32]>,
    /// Who asked for it.
    pub operator: String,
}

const SELECT: &str = "SELECT stamping, seal, use_number, state, source, place, reserved_at, closed_at, void_reason, \
     document, covered_digest, operator FROM stamping";

impl Ledger {
    /// Takes the seal's next number and makes the intent durable.
    ///
    /// # Errors
    /// Idempotency, or a failure.
    pub fn reserve_stamping(&self, intent: StampIntent) -> Result<StampOutcome, LedgerError> {
        let (keyring, presence) = (self.keyring()?, Arc::clone(&self.presence));
        self.writer.run(move |connection| reserve(connection, &keyring, &presence, intent))
    }

    /// Puts a stamped document on record. The reservation is spent.
    ///
    /// # Errors
    /// The reservation is closed, or a failure; then it stays open.
    pub fn record_stamping(
        &self,
        reserved: ReservedStamping,
        sealed: &Sealed<'_>,
        at: Instant,
    ) -> Result<Stamping, LedgerError> {
        let address = sha256(&[sealed.pdf]);
        let body = rows::seal_document(&*self.keyring()?, &address, sealed.pdf)?;
        let (covered, signature) = (*sealed.covered_digest, *sealed.signature_digest);
        let (length, owner) = (sealed.pdf.len(), self.presence.owner().to_owned());
        let stamping = reserved.stamping;
        self.writer.run(move |connection| {
            rows::keep_document(connection, &address, length, &body)?;
            let sql = "UPDATE stamping SET state = 'stamped', closed_at = ?2, document = ?3, covered_digest = ?4, \
                       signature_digest = ?5 WHERE stamping = ?1 AND state = 'reserved' AND owner = ?6";
            let row = params![stamping, at.millis(), address, covered, signature, owner];
            if connection.prepare_cached(sql)?.execute(row)? != 1 {
                return Err(LedgerError::Closed);
            }
            let sql = "SELECT request FROM stamping WHERE stamping = ?1";
            let request: Option<String> =
                connection.prepare_cached(sql)?.query_row([stamping], |row| row.get(0))?;
            request.map_or(Ok(()), |request| seal_requests::forget(connection, &request))?;
            let sql = format!("{SELECT} WHERE stamping = ?1");
            Ok(connection.prepare_cached(&sql)?.query_row([stamping], from_row)?)
        })
    }

    /// Closes a use that cannot be finished; its number stays accounted for.
    ///
    /// # Errors
    /// The reservation is closed, or a failure; then it stays open.
    pub fn void_stamping(
        &self,
        reserved: ReservedStamping,
        reason: &str,
        at: Instant,
    ) -> Result<(), LedgerError> {
        let (stamping, reason, owner) =
            (reserved.stamping, reason.to_owned(), self.presence.owner().to_owned());
        self.writer.run(move |connection| {
            let sql = "UPDATE stamping SET state = 'void', closed_at = ?2, void_reason = ?3 \
                       WHERE stamping = ?1 AND state = 'reserved' AND owner = ?4";
            let row = params![stamping, at.millis(), reason, owner];
            let changed = connection.prepare_cached(sql)?.execute(row)?;
            if changed == 1 { Ok(()) } else { Err(LedgerError::Closed) }
        })
    }

    /// Voids the uses that nobody living works on and that no idempotency key can finish: what was brought is not kept
    /// before it is stamped, so only whoever brought it can ask again.
    ///
    /// # Errors
    /// A failure.
    pub fn void_orphaned_stampings(&self, at: Instant) -> Result<Vec<(String, u64)>, LedgerError> {
        if self.read(|connection| open(connection).map(|open| open.is_empty()))? {
            return Ok(Vec::new());
        }
        let presence = Arc::clone(&self.presence);
        self.writer.run(move |connection| {
            let mut voided = Vec::new();
            for (stamping, seal, use_number, owner) in open(connection)? {
                if owner != presence.owner() && presence.is_at_work(&owner) {
                    continue;
                }
                let Some(_hold) = presence.take(hold_of(stamping)) else { continue };
                let sql = "UPDATE stamping SET state = 'void', closed_at = ?2, void_reason = 'interrupted' \
                           WHERE stamping = ?1 AND state = 'reserved'";
                connection.prepare_cached(sql)?.execute(params![stamping, at.millis()])?;
                voided.push((seal, use_number.unsigned_abs()));
            }
            Ok(voided)
        })
    }

    /// The use whose seal covers these bytes.
    ///
    /// # Errors
    /// A failure.
    pub fn stamping_of(&self, covered_digest: &[u8; 32]) -> Result<Option<Stamping>, LedgerError> {
        self.read(|connection| {
            let sql = format!("{SELECT} WHERE covered_digest = ?1 AND covered_digest IS NOT NULL LIMIT 1");
            Ok(connection.prepare_cached(&sql)?.query_row([covered_digest], from_row).optional()?)
        })
    }

    /// Uses after a running number, oldest first.
    ///
    /// # Errors
    /// A failure.
    pub fn stampings(&self, after: u64, limit: u32) -> Result<Vec<Stamping>, LedgerError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.read(|connection| {
            let sql = format!("{SELECT} WHERE stamping > ?1 ORDER BY stamping LIMIT ?2");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![after, limit], from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// Certificates and stampings share one set of what is in hand: stampings have the negative numbers.
fn hold_of(stamping: i64) -> i64 {
    stamping.saturating_neg()
}

fn open(connection: &Connection) -> Result<Vec<(i64, String, i64, String)>, LedgerError> {
    let sql = "SELECT stamping, seal, use_number, owner FROM stamping WHERE state = 'reserved' \
               AND idempotency_key IS NULL ORDER BY stamping";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn reserve(
    connection: &Connection,
    keyring: &Keyring,
    presence: &Presence,
    intent: StampIntent,
) -> Result<StampOutcome, LedgerError> {
    let request = sha256(&[intent.seal.as_bytes(), b"\0", &intent.source, intent.place.as_bytes()]);
    let key = intent.idempotency_key.as_deref().map(|key| kept_key(keyring, key));
    if let Some(key) = &key
        && let Some(outcome) = replay(connection, presence, (key, &intent.seal_filing), &request)?
    {
        return Ok(outcome);
    }
    seals::in_use(connection, &intent.seal, &intent.seal_filing)?;
    if let Some(granted) = &intent.request {
        seal_requests::weigh(connection, granted, &intent)?;
    }
    let sql = "INSERT INTO stamping (seal, use_number, state, source, place, key_fingerprint, operator, authority, \
               idempotency_key, request_digest, reserved_at, owner, request) VALUES (?1, \
               (SELECT coalesce(max(use_number), 0) + 1 FROM stamping WHERE seal = ?1), \
               'reserved', ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) RETURNING stamping, use_number";
    let (stamping, use_number): (i64, i64) = connection.prepare_cached(sql)?.query_row(
        params![
            intent.seal,
            intent.source,
            intent.place,
            intent.key_fingerprint,
            intent.operator,
            intent.authority,
            key,
            request,
            intent.at.millis(),
            presence.owner(),
            intent.request,
        ],
        |row| Ok((row.get(0)?, row.get(1)?)),
    )?;
    let hold = presence.take(hold_of(stamping)).ok_or(LedgerError::Closed)?;
    let use_number = use_number.unsigned_abs();
    Ok(StampOutcome::Reserved(ReservedStamping { stamping, _hold: hold, use_number, at: intent.at }))
}

/// The answer of the same request, or its reservation if nobody living works on it.
fn replay(
    connection: &Connection,
    presence: &Presence,
    (key, filing): (&str, &[u8; 32]),
    request: &[u8; 32],
) -> Result<Option<StampOutcome>, LedgerError> {
    let sql = "SELECT request_digest, owner FROM stamping WHERE idempotency_key = ?1";
    let before: Option<([u8; 32], String)> =
        connection.prepare_cached(sql)?.query_row([key], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
    let Some((before, owner)) = before else { return Ok(None) };
    if before != *request {
        return Err(LedgerError::IdempotencyKeyReused);
    }
    let sql = format!("{SELECT} WHERE idempotency_key = ?1");
    let known = connection.prepare_cached(&sql)?.query_row([key], from_row)?;
    let number = format!("{} {}", known.seal, known.use_number);
    match known.state {
        StampState::Stamped => Ok(Some(StampOutcome::Replay(Box::new(known)))),
        StampState::Void => Err(LedgerError::ReservationVoid { number }),
        StampState::Reserved => {
            if owner != presence.owner() && presence.is_at_work(&owner) {
                return Err(LedgerError::InProgress { number });
            }
            seals::in_use(connection, &known.seal, filing)?;
            let stamping = i64::try_from(known.stamping).unwrap_or(i64::MAX);
            let Some(hold) = presence.take(hold_of(stamping)) else {
                return Err(LedgerError::InProgress { number });
            };
            let sql = "UPDATE stamping SET owner = ?2, attempts = attempts + 1 WHERE stamping = ?1";
            connection.prepare_cached(sql)?.execute(params![stamping, presence.owner()])?;
            let (use_number, at) = (known.use_number, known.reserved_at);
            Ok(Some(StampOutcome::Reserved(ReservedStamping { stamping, _hold: hold, use_number, at })))
        }
    }
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<Stamping> {
    let state: String = row.get(3)?;
    let closed: Option<i64> = row.get(7)?;
    Ok(Stamping {
        stamping: row.get::<_, i64>(0)?.unsigned_abs(),
        seal: row.get(1)?,
        use_number: row.get::<_, i64>(2)?.unsigned_abs(),
        state: match state.as_str() {
            "stamped" => StampState::Stamped,
            "void" => StampState::Void,
            _ => StampState::Reserved,
        },
        source: row.get(4)?,
        place: row.get(5)?,
        reserved_at: instant(row, 6)?,
        closed_at: closed.and_then(Instant::from_millis),
        void_reason: row.get(8)?,
        document: row.get(9)?,
        covered_digest: row.get(10)?,
        operator: row.get(11)?,
    })
}
