//! Rows of the ledger: what the writer's jobs and the readers do with them.

use super::entry::{Entry, Intent, Outcome, Reserved, State, Unfinished};
use super::presence::{Hold, Presence};
use super::{Keyring, LedgerError, lives, orders, seals, uses};
use crate::crypto::sha256;
use crate::domain::{Act, Instant};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Largest document taken back from the store, in bytes.
const LARGEST: usize = 64 << 20;
/// Fresh codes tried before giving up: 2^55 codes make one collision in ten million years at our rate.
const CODES: usize = 4;

pub(super) const SELECT: &str = "SELECT record, slug, type_version, number, identifier, code, state, reserved_at, \
     valid_until, closed_at, void_reason, document, covered_digest, signature_digest, operator, version \
     FROM certificate";

/// What `unfinished` and `resume` read of an open reservation.
const OPEN: &str = "SELECT record, number, identifier, code, reserved_at, slug, type_version, template_digest, \
     application, owner FROM certificate WHERE state = 'reserved'";

pub(super) struct Final {
    pub(super) owner: String,
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
    presence: &Presence,
    intent: Intent,
) -> Result<Outcome, LedgerError> {
    let replaces = intent.replaces.map_or_else(String::new, |record| record.to_string());
    let request =
        sha256(&[intent.slug.as_bytes(), b"\0", intent.application.as_bytes(), replaces.as_bytes()]);
    let key = intent.idempotency_key.as_deref().map(|key| kept_key(keyring, key));
    if let Some(key) = &key
        && let Some(outcome) = replay(connection, keyring, presence, (key, &intent), &request)?
    {
        return Ok(outcome);
    }
    may_be_sealed(connection, &intent)?;
    below_ceiling(connection, &intent)?;
    let mut parts: Vec<&[u8]> = vec![intent.slug.as_bytes()];
    parts.extend(intent.matter.iter().map(String::as_bytes));
    let matter = keyring.blind(&parts);
    if !intent.confirmed && intent.replaces.is_none() {
        let sql = "SELECT number FROM certificate c WHERE matter_index = ?1 AND state <> 'void' AND NOT EXISTS \
                   (SELECT 1 FROM event e WHERE e.record = c.record AND e.act IN ('withdraw', 'cancel', 'revoke')) \
                   LIMIT 1";
        let existing = connection.prepare_cached(sql)?.query_row([matter], |r| r.get(0)).optional()?;
        if let Some(number) = existing {
            return Err(LedgerError::DuplicateMatter { number });
        }
    }
    insert(connection, keyring, presence, Intent { idempotency_key: key, ..intent }, request, matter)
        .map(Outcome::Fresh)
}

/// Seal and template as they are on file, and the seal in use.
fn may_be_sealed(connection: &Connection, intent: &Intent) -> Result<(), LedgerError> {
    orders::weigh(connection, &format!("template:{}", intent.slug), &intent.template_digest)?;
    seals::in_use(connection, &intent.seal, &intent.seal_filing)
}

/// No more than so many numbers of a type in any hour: bulk by mistake or by theft is noticed.
fn below_ceiling(connection: &Connection, intent: &Intent) -> Result<(), LedgerError> {
    let Some(ceiling) = intent.hourly_ceiling else { return Ok(()) };
    let sql =
        "SELECT reserved_at FROM certificate WHERE slug = ?1 ORDER BY reserved_at DESC LIMIT 1 OFFSET ?2";
    let row = params![intent.slug, ceiling.saturating_sub(1)];
    let earliest = connection.prepare_cached(sql)?.query_row(row, |row| instant(row, 0)).optional()?;
    match earliest.is_some_and(|earliest| intent.at.seconds() - earliest.seconds() < 3600) {
        true => Err(LedgerError::Ceiling { slug: intent.slug.clone(), ceiling }),
        false => Ok(()),
    }
}

/// An idempotency key as it is kept: callers may have made it of a case's or a person's number.
pub(super) fn kept_key(keyring: &Keyring, key: &str) -> String {
    hex::encode(keyring.blind(&[b"idempotency", key.as_bytes()]))
}

fn insert(
    connection: &Connection,
    keyring: &Keyring,
    presence: &Presence,
    intent: Intent,
    request: [u8; 32],
    matter: [u8; 32],
) -> Result<Reserved, LedgerError> {
    let line = match intent.replaces {
        None => Line::next(connection, &intent.slug, intent.year)?,
        Some(predecessor) => Line::after(connection, predecessor, intent.at)?,
    };
    let (number, identifier) = (intent.naming)(line.year, line.serial.unsigned_abs(), line.version);
    let code = free_code(connection, intent.codes)?;
    let application =
        keyring.seal(&place(&identifier), intent.application.as_bytes()).map_err(|_| LedgerError::Sealed)?;
    let sql = "INSERT INTO certificate (slug, type_version, template_digest, year, serial, number, identifier, code, \
         state, reserved_at, valid_until, key_fingerprint, operator, authority, idempotency_key, request_digest, \
         matter_index, application, owner, version, replaces) \
         VALUES (?1,?2,?3,?4,?5,?6,?7,?8,'reserved',?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,?20)";
    connection.prepare_cached(sql)?.execute(params![
        intent.slug,
        intent.type_version,
        intent.template_digest,
        line.year,
        line.serial,
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
        presence.owner(),
        line.version,
        line.predecessor,
    ])?;
    let record = connection.last_insert_rowid();
    let subjects: Vec<_> = intent.holders.iter().map(|holder| uses::subject(keyring, holder)).collect();
    uses::index_holders(connection, record, &intent.slug, &subjects)?;
    let hold = presence.take(record).ok_or(LedgerError::Closed)?;
    Ok(Reserved { record, _hold: hold, number, identifier, code, at: intent.at })
}

/// Where a certificate stands among its like: (year, serial, version).
struct Line {
    year: i32,
    serial: i64,
    version: u32,
    predecessor: Option<i64>,
}

impl Line {
    /// The next serial of (type, year).
    fn next(connection: &Connection, slug: &str, year: i32) -> Result<Self, LedgerError> {
        let sql = "INSERT INTO sequence VALUES (?1, ?2, 1) ON CONFLICT DO UPDATE SET last = last + 1 RETURNING last";
        let serial = connection.prepare_cached(sql)?.query_row(params![slug, year], |r| r.get(0))?;
        Ok(Self { year, serial, version: 1, predecessor: None })
    }

    /// The next version of a certificate that may be replaced, and that nobody is replacing already.
    fn after(connection: &Connection, predecessor: u64, at: Instant) -> Result<Self, LedgerError> {
        let record = i64::try_from(predecessor).map_err(|_| LedgerError::NotOnRecord)?;
        let sql = format!("{SELECT} WHERE record = ?1");
        let entry = connection.prepare_cached(&sql)?.query_row([record], from_row).optional()?;
        let entry = entry.ok_or(LedgerError::NotOnRecord)?;
        let history = lives::history(connection, predecessor)?;
        let status = lives::status(&entry, &history, at).ok_or(LedgerError::NotOnRecord)?;
        status.after(Act::Replace).map_err(LedgerError::NotAllowed)?;
        let sql = "SELECT year, serial, (SELECT max(version) FROM certificate o WHERE o.slug = c.slug AND \
                   o.year = c.year AND o.serial = c.serial), EXISTS (SELECT 1 FROM certificate o \
                   WHERE o.replaces = c.record AND o.state = 'reserved') FROM certificate c WHERE record = ?1";
        let (year, serial, newest, begun): (i32, i64, u32, bool) = connection
            .prepare_cached(sql)?
            .query_row([record], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?;
        if begun {
            return Err(LedgerError::InProgress { number: entry.number });
        }
        Ok(Self { year, serial, version: newest.saturating_add(1), predecessor: Some(record) })
    }
}

fn replay(
    connection: &Connection,
    keyring: &Keyring,
    presence: &Presence,
    (key, intent): (&str, &Intent),
    request: &[u8; 32],
) -> Result<Option<Outcome>, LedgerError> {
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
        State::Reserved => {
            may_be_sealed(connection, intent)?;
            let sql = format!("{OPEN} AND idempotency_key = ?1");
            let open = connection.prepare_cached(&sql)?.query_row([key], Open::read)?;
            match open.take_over(connection, keyring, presence)? {
                Some(unfinished) => Ok(Some(Outcome::Resume(Box::new(unfinished)))),
                None => Err(LedgerError::InProgress { number: entry.number }),
            }
        }
    }
}

fn free_code(connection: &Connection, codes: Vec<String>) -> Result<String, LedgerError> {
    let mut statement = connection.prepare_cached("SELECT 1 FROM certificate WHERE code = ?1")?;
    for code in codes.into_iter().take(CODES) {
        if !statement.exists([&code])? {
            return Ok(code);
        }
    }
    Err(LedgerError::Random)
}

/// Keeps a sealed document at its address; the same bytes are kept once.
pub(super) fn keep_document(
    connection: &Connection,
    address: &[u8; 32],
    length: usize,
    body: &[u8],
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO document VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let length = i64::try_from(length).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.execute(params![address, length, body])?;
    Ok(())
}

/// Puts a document on record, if the reservation is open and still ours.
pub(super) fn record(connection: &Connection, row: &Final) -> Result<Entry, LedgerError> {
    keep_document(connection, &row.address, row.length, &row.body)?;
    let changed = connection
        .prepare_cached(
            "UPDATE certificate SET state = 'issued', closed_at = ?2, document = ?3, covered_digest = ?4, \
             signature_digest = ?5 WHERE record = ?1 AND state = 'reserved' AND owner = ?6",
        )?
        .execute(params![row.record, row.at.millis(), row.address, row.covered, row.signature, row.owner])?;
    if changed != 1 {
        return Err(LedgerError::Closed);
    }
    let sql = format!("{SELECT} WHERE record = ?1");
    let entry = connection.prepare_cached(&sql)?.query_row([row.record], from_row)?;
    let sql = "SELECT replaces FROM certificate WHERE record = ?1";
    let predecessor: Option<i64> = connection.prepare_cached(sql)?.query_row([row.record], |r| r.get(0))?;
    if let Some(predecessor) = predecessor {
        lives::replaced(connection, predecessor, &entry, row.at)?;
    }
    Ok(entry)
}

/// The record with this identifier, code or number; of several versions of a number the newest that was issued.
pub(super) fn find(connection: &Connection, which: &str) -> Result<Option<Entry>, LedgerError> {
    let sql = format!(
        "{SELECT} WHERE identifier = ?1 OR code = ?1 OR number = ?1 ORDER BY state = 'issued' DESC, version DESC LIMIT 1"
    );
    Ok(connection.prepare_cached(&sql)?.query_row([which], from_row).optional()?)
}

pub(super) fn void(
    connection: &Connection,
    record: i64,
    owner: &str,
    reason: &str,
    at: Instant,
) -> Result<(), LedgerError> {
    let sql = "UPDATE certificate SET state = 'void', closed_at = ?2, void_reason = ?3 \
               WHERE record = ?1 AND state = 'reserved' AND owner = ?4";
    let changed = connection.prepare_cached(sql)?.execute(params![record, at.millis(), reason, owner])?;
    if changed == 1 { Ok(()) } else { Err(LedgerError::Closed) }
}

/// An open reservation as it stands in the table.
struct Open {
    record: i64,
    number: String,
    identifier: String,
    code: String,
    at: Instant,
    slug: String,
    type_version: u32,
    template_digest: [u8; 32],
    sealed: Vec<u8>,
    owner: Option<String>,
}

impl Open {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            record: row.get(0)?,
            number: row.get(1)?,
            identifier: row.get(2)?,
            code: row.get(3)?,
            at: instant(row, 4)?,
            slug: row.get(5)?,
            type_version: row.get(6)?,
            template_digest: row.get(7)?,
            sealed: row.get(8)?,
            owner: row.get(9)?,
        })
    }

    /// Makes it ours, unless somebody living works on it.
    fn take_over(
        self,
        connection: &Connection,
        keyring: &Keyring,
        presence: &Presence,
    ) -> Result<Option<Unfinished>, LedgerError> {
        let ours = self.owner.as_deref() == Some(presence.owner());
        if !ours && self.owner.as_deref().is_some_and(|owner| presence.is_at_work(owner)) {
            return Ok(None);
        }
        let Some(hold) = presence.take(self.record) else { return Ok(None) };
        let sql = "UPDATE certificate SET owner = ?2, attempts = attempts + 1 WHERE record = ?1";
        connection.prepare_cached(sql)?.execute(params![self.record, presence.owner()])?;
        Ok(Some(self.unfinished(keyring, hold)))
    }

    fn unfinished(self, keyring: &Keyring, hold: Hold) -> Unfinished {
        // The keys were checked when the ledger was opened: what does not open now is damaged.
        let application = keyring.open(&place(&self.identifier), &self.sealed).ok();
        Unfinished {
            application: application.and_then(|bytes| String::from_utf8(bytes).ok()),
            reserved: Reserved {
                record: self.record,
                _hold: hold,
                number: self.number,
                identifier: self.identifier,
                code: self.code,
                at: self.at,
            },
            slug: self.slug,
            type_version: self.type_version,
            template_digest: self.template_digest,
        }
    }
}

/// Takes over open reservations that nobody living works on, oldest first.
pub(super) fn unfinished(
    connection: &Connection,
    keyring: &Keyring,
    presence: &Presence,
    most: usize,
) -> Result<Vec<Unfinished>, LedgerError> {
    let mut statement =
        connection.prepare_cached(&format!("{OPEN} AND record > ?1 ORDER BY record LIMIT 64"))?;
    let (mut found, mut after) = (Vec::new(), 0);
    while found.len() < most {
        let page: Vec<Open> = statement.query_map([after], Open::read)?.collect::<Result<_, _>>()?;
        let Some(last) = page.last() else { break };
        after = last.record;
        for open in page {
            if found.len() < most {
                found.extend(open.take_over(connection, keyring, presence)?);
            }
        }
    }
    Ok(found)
}

pub(super) fn count_open(connection: &Connection) -> Result<u64, LedgerError> {
    let sql = "SELECT count(*) FROM certificate WHERE state = 'reserved'";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
}

pub(super) fn document(
    connection: &Connection,
    keyring: &Keyring,
    address: &[u8; 32],
) -> Result<Option<Vec<u8>>, LedgerError> {
    let sql = "SELECT sealed, length FROM document WHERE address = ?1";
    let found: Option<(Vec<u8>, i64)> =
        connection.prepare_cached(sql)?.query_row([address], |r| Ok((r.get(0)?, r.get(1)?))).optional()?;
    let Some((sealed, length)) = found else { return Ok(None) };
    let packed = keyring.open(address, &sealed).map_err(|_| LedgerError::Sealed)?;
    let length =
        usize::try_from(length).ok().filter(|length| *length <= LARGEST).ok_or(LedgerError::Sealed)?;
    let plain = zstd::bulk::decompress(&packed, length).map_err(|_| LedgerError::Sealed)?;
    if sha256(&[&plain]) == *address { Ok(Some(plain)) } else { Err(LedgerError::Sealed) }
}

pub(super) fn seal_document(
    keyring: &Keyring,
    address: &[u8; 32],
    pdf: &[u8],
) -> Result<Vec<u8>, LedgerError> {
    // Most of a certificate is packed already, and zstd passes over such parts; the empty hole goes.
    let packed = zstd::bulk::compress(pdf, 1).map_err(|_| LedgerError::Sealed)?;
    keyring.seal(address, &packed).map_err(|_| LedgerError::Sealed)
}

pub(super) fn gaps(connection: &Connection) -> Result<Vec<(String, i32, u64)>, LedgerError> {
    let sql = "SELECT s.slug, s.year, s.last - (SELECT count(*) FROM certificate c WHERE c.slug = s.slug AND c.year = s.year AND c.version = 1) \
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
        version: row.get(15)?,
    })
}

pub(super) fn instant(row: &Row<'_>, at: usize) -> rusqlite::Result<Instant> {
    let millis = row.get(at)?;
    Instant::from_millis(millis).ok_or(rusqlite::Error::IntegralValueOutOfRange(at, millis))
}

/// Binds a sealed application to its row.
pub(super) fn place(identifier: &str) -> Vec<u8> {
    format!("certificate/{identifier}/application").into_bytes()
}
