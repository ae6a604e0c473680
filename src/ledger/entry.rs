//! Rows of the ledger: intent → reserved → issued or void.

use super::{Keyring, LedgerError};
use crate::crypto::sha256;
use crate::domain::Instant;
use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::io::{Read, Write};

/// Largest document taken back from the store, in bytes.
const LARGEST: u64 = 64 << 20;
/// Fresh codes tried before giving up: 2^55 codes make one collision in ten million years at our rate.
const CODES: usize = 4;

pub(super) const SELECT: &str = "SELECT record, slug, type_version, number, identifier, code, state, reserved_at, \
     valid_until, closed_at, void_reason, document, covered_digest, signature_digest, operator FROM certificate";

/// Prints number and identifier of a serial within (type, year), from 1.
pub type Naming = Box<dyn FnOnce(u64) -> (String, String) + Send>;

/// What is to be issued, complete enough that start-up can finish it.
pub struct Intent {
    /// Type.
    pub slug: String,
    /// Version of the type file.
    pub type_version: u32,
    /// SHA-256 of type file and layout.
    pub template_digest: [u8; 32],
    /// Year of the number.
    pub year: i32,
    /// Number and identifier from the serial.
    pub naming: Naming,
    /// Fresh verification codes, tried in order.
    pub codes: Vec<String>,
    /// The application's canonical JSON; sealed before it touches the disk.
    pub application: String,
    /// Holder codes and matter: what makes a second certificate the same.
    pub matter: Vec<String>,
    /// True when a second certificate for the same matter is meant.
    pub confirmed: bool,
    /// Last day of validity, `YYYY-MM-DD`; `None` is 长期.
    pub valid_until: Option<String>,
    /// Fingerprint of the seal certificate whose key will be used.
    pub key_fingerprint: [u8; 32],
    /// Who acts.
    pub operator: String,
    /// On what authority.
    pub authority: String,
    /// The caller's idempotency key.
    pub idempotency_key: Option<String>,
    /// The instant that will be printed and sealed.
    pub at: Instant,
}

/// An open reservation. Spent by `record` or `void`; not clonable, so recording twice does not compile.
#[derive(Debug, PartialEq, Eq)]
pub struct Reserved {
    record: i64,
    /// Printed number.
    pub number: String,
    /// GB/T 36904 identifier.
    pub identifier: String,
    /// Verification code.
    pub code: String,
    /// The instant.
    pub at: Instant,
}

impl Reserved {
    pub(super) fn record(&self) -> i64 {
        self.record
    }
}

/// What a reservation led to.
#[derive(Debug)]
pub enum Outcome {
    /// A fresh number: go on.
    Fresh(Reserved),
    /// The same request was answered before; here is the answer.
    Replay(Box<Entry>),
}

/// State of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Number taken, nothing issued yet.
    Reserved,
    /// On record.
    Issued,
    /// Accounted for, never issued.
    Void,
}

/// One record, without personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Record number.
    pub record: u64,
    /// Type.
    pub slug: String,
    /// Version of the type file.
    pub type_version: u32,
    /// Printed number.
    pub number: String,
    /// GB/T 36904 identifier.
    pub identifier: String,
    /// Verification code.
    pub code: String,
    /// State.
    pub state: State,
    /// When reserved: the durable time before the key was used.
    pub reserved_at: Instant,
    /// Last day of validity, `YYYY-MM-DD`.
    pub valid_until: Option<String>,
    /// When recorded or voided.
    pub closed_at: Option<Instant>,
    /// Why voided.
    pub void_reason: Option<String>,
    /// SHA-256 of the document.
    pub document: Option<[u8; 32]>,
    /// SHA-256 of the bytes its signature covers.
    pub covered_digest: Option<[u8; 32]>,
    /// SHA-256 of its signature value.
    pub signature_digest: Option<[u8; 32]>,
    /// Who asked for it.
    pub operator: String,
}

/// A sealed document on its way into the record.
pub struct Sealed<'a> {
    /// The file.
    pub pdf: &'a [u8],
    /// SHA-256 of the bytes its signature covers.
    pub covered_digest: &'a [u8; 32],
    /// SHA-256 of its signature value.
    pub signature_digest: &'a [u8; 32],
}

/// A reservation that start-up must finish or void.
#[derive(Debug)]
pub struct Unfinished {
    /// The reservation.
    pub reserved: Reserved,
    /// Type.
    pub slug: String,
    /// Version of the type file it was made for.
    pub type_version: u32,
    /// SHA-256 of type file and layout it was made for.
    pub template_digest: [u8; 32],
    /// The application's JSON.
    pub application: String,
    /// Last day of validity.
    pub valid_until: Option<String>,
}

pub(super) struct Final {
    pub(super) record: i64,
    pub(super) address: [u8; 32],
    pub(super) body: Vec<u8>,
    pub(super) length: usize,
    pub(super) covered: [u8; 32],
    pub(super) signature: [u8; 32],
    pub(super) at: Instant,
}

pub(super) fn reserve(
    connection: &Connection,
    keyring: &Keyring,
    intent: Intent,
) -> Result<Outcome, LedgerError> {
    let request = sha256(&[intent.slug.as_bytes(), b"\0", intent.application.as_bytes()]);
    if let Some(key) = &intent.idempotency_key
        && let Some(outcome) = replay(connection, key, &request)?
    {
        return Ok(outcome);
    }
    let mut parts: Vec<&[u8]> = vec![intent.slug.as_bytes()];
    parts.extend(intent.matter.iter().map(String::as_bytes));
    let matter = keyring.blind(&parts);
    if !intent.confirmed {
        let sql = "SELECT number FROM certificate WHERE matter_index = ?1 AND state <> 'void' LIMIT 1";
        let existing = connection.prepare_cached(sql)?.query_row([matter], |r| r.get(0)).optional()?;
        if let Some(number) = existing {
            return Err(LedgerError::DuplicateMatter { number });
        }
    }
    let serial: i64 = connection
        .prepare_cached(
            "INSERT INTO sequence VALUES (?1, ?2, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last",
        )?
        .query_row(params![intent.slug, intent.year], |r| r.get(0))?;
    let (number, identifier) = (intent.naming)(u64::try_from(serial).unwrap_or(u64::MAX));
    let code = free_code(connection, intent.codes)?;
    let application =
        keyring.seal(&place(&identifier), intent.application.as_bytes()).map_err(|_| LedgerError::Sealed)?;
    connection
        .prepare_cached(
            "INSERT INTO certificate (slug, type_version, template_digest, year, serial, number, identifier, code, \
             state, reserved_at, valid_until, key_fingerprint, operator, authority, idempotency_key, request_digest, \
             matter_index, application) VALUES (?1,?2,?3,?4,?5,?6,?7,?8,'reserved',?9,?10,?11,?12,?13,?14,?15,?16,?17)",
        )?
        .execute(params![
            intent.slug,
            intent.type_version,
            intent.template_digest,
            intent.year,
            serial,
            number,
            identifier,
            code,
            intent.at.millis(),
            intent.valid_until,
            intent.key_fingerprint,
            intent.operator,
            intent.authority,
            intent.idempotency_key,
            request,
            matter,
            application,
        ])?;
    let record = connection.last_insert_rowid();
    Ok(Outcome::Fresh(Reserved { record, number, identifier, code, at: intent.at }))
}

fn replay(connection: &Connection, key: &str, request: &[u8; 32]) -> Result<Option<Outcome>, LedgerError> {
    let sql = "SELECT request_digest FROM certificate WHERE idempotency_key = ?1";
    let before: Option<[u8; 32]> =
        connection.prepare_cached(sql)?.query_row([key], |r| r.get(0)).optional()?;
    let Some(before) = before else { return Ok(None) };
    if before != *request {
        return Err(LedgerError::IdempotencyKeyReused);
    }
    let sql = format!("{SELECT} WHERE idempotency_key = ?1");
    let entry = connection.prepare_cached(&sql)?.query_row([key], from_row)?;
    match entry.state {
        State::Issued => Ok(Some(Outcome::Replay(Box::new(entry)))),
        State::Void => Err(LedgerError::ReservationVoid { number: entry.number }),
        State::Reserved => Err(LedgerError::InProgress { number: entry.number }),
    }
}

fn free_code(connection: &Connection, codes: Vec<String>) -> Result<String, LedgerError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM certificate WHERE code = ?1")?;
    for code in codes.into_iter().take(CODES) {
        if !statement.exists([&code])? {
            return Ok(code);
        }
    }
    Err(LedgerError::Closed)
}

pub(super) fn record(connection: &Connection, row: &Final) -> Result<Entry, LedgerError> {
    connection
        .prepare_cached("INSERT INTO document VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
        .execute(params![row.address, i64::try_from(row.length).unwrap_or(i64::MAX), row.body])?;
    let changed = connection
        .prepare_cached(
            "UPDATE certificate SET state = 'issued', closed_at = ?2, document = ?3, covered_digest = ?4, \
             signature_digest = ?5 WHERE record = ?1 AND state = 'reserved'",
        )?
        .execute(params![row.record, row.at.millis(), row.address, row.covered, row.signature])?;
    if changed != 1 {
        return Err(LedgerError::Closed);
    }
    let sql = format!("{SELECT} WHERE record = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([row.record], from_row)?)
}

pub(super) fn void(
    connection: &Connection,
    record: i64,
    reason: &str,
    at: Instant,
) -> Result<(), LedgerError> {
    let sql = "UPDATE certificate SET state = 'void', closed_at = ?2, void_reason = ?3 WHERE record = ?1 AND state = 'reserved'";
    let changed = connection.prepare_cached(sql)?.execute(params![record, at.millis(), reason])?;
    if changed == 1 { Ok(()) } else { Err(LedgerError::Closed) }
}

pub(super) fn unfinished(connection: &Connection, keyring: &Keyring) -> Result<Vec<Unfinished>, LedgerError> {
    let sql = "SELECT record, number, identifier, code, reserved_at, slug, type_version, template_digest, \
               application, valid_until FROM certificate WHERE state = 'reserved' ORDER BY record";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let identifier: String = row.get(2)?;
        let sealed: Vec<u8> = row.get(8)?;
        let application = keyring.open(&place(&identifier), &sealed).map_err(|_| LedgerError::Sealed)?;
        found.push(Unfinished {
            application: String::from_utf8(application).map_err(|_| LedgerError::Sealed)?,
            reserved: Reserved {
                record: row.get(0)?,
                number: row.get(1)?,
                identifier,
                code: row.get(3)?,
                at: instant(row, 4)?,
            },
            slug: row.get(5)?,
            type_version: row.get(6)?,
            template_digest: row.get(7)?,
            valid_until: row.get(9)?,
        });
    }
    Ok(found)
}

pub(super) fn document(
    connection: &Connection,
    keyring: &Keyring,
    address: &[u8; 32],
) -> Result<Option<Vec<u8>>, LedgerError> {
    let sql = "SELECT sealed FROM document WHERE address = ?1";
    let sealed: Option<Vec<u8>> =
        connection.prepare_cached(sql)?.query_row([address], |r| r.get(0)).optional()?;
    let Some(sealed) = sealed else { return Ok(None) };
    let packed = keyring.open(address, &sealed).map_err(|_| LedgerError::Sealed)?;
    let mut plain = Vec::new();
    ZlibDecoder::new(&packed[..]).take(LARGEST).read_to_end(&mut plain).map_err(|_| LedgerError::Sealed)?;
    if sha256(&[&plain]) == *address { Ok(Some(plain)) } else { Err(LedgerError::Sealed) }
}

pub(super) fn seal_document(
    keyring: &Keyring,
    address: &[u8; 32],
    pdf: &[u8],
) -> Result<Vec<u8>, LedgerError> {
    // A third of a certificate is the empty signature hole: the fastest level takes that away.
    let mut packer = ZlibEncoder::new(Vec::with_capacity(pdf.len()), Compression::fast());
    packer.write_all(pdf).map_err(|_| LedgerError::Sealed)?;
    let packed = packer.finish().map_err(|_| LedgerError::Sealed)?;
    keyring.seal(address, &packed).map_err(|_| LedgerError::Sealed)
}

pub(super) fn gaps(connection: &Connection) -> Result<Vec<(String, i32, u64)>, LedgerError> {
    let sql = "SELECT s.slug, s.year, s.last - (SELECT count(*) FROM certificate c WHERE c.slug = s.slug AND c.year = s.year) \
               AS missing FROM sequence s WHERE missing <> 0";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get::<_, i64>(2)?.unsigned_abs())))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let state: String = row.get(6)?;
    Ok(Entry {
        record: row.get::<_, i64>(0)?.unsigned_abs(),
        slug: row.get(1)?,
        type_version: row.get(2)?,
        number: row.get(3)?,
        identifier: row.get(4)?,
        code: row.get(5)?,
        state: match state.as_str() {
            "issued" => State::Issued,
            "void" => State::Void,
            _ => State::Reserved,
        },
        reserved_at: instant(row, 7)?,
        valid_until: row.get(8)?,
        closed_at: row.get::<_, Option<i64>>(9)?.and_then(Instant::from_millis),
        void_reason: row.get(10)?,
        document: row.get(11)?,
        covered_digest: row.get(12)?,
        signature_digest: row.get(13)?,
        operator: row.get(14)?,
    })
}

fn instant(row: &Row<'_>, at: usize) -> rusqlite::Result<Instant> {
    let millis = row.get(at)?;
    Instant::from_millis(millis).ok_or(rusqlite::Error::IntegralValueOutOfRange(at, millis))
}

/// Binds a sealed application to its row.
fn place(identifier: &str) -> Vec<u8> {
    format!("certificate/{identifier}/application").into_bytes()
}
