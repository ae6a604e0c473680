//! Tables, and the steps that led to them. A step that was ever released is never edited; one is added.

use super::LedgerError;
use rusqlite::{Connection, TransactionBehavior};

/// Step n makes version n out of version n − 1.
pub(super) const STEPS: [&str; 2] = [FIRST, OWNERS_AND_KEYS];

/// Triggers guard against accidents, not against whoever can write the file.
const FIRST: &str = "
CREATE TABLE sequence (
    slug TEXT NOT NULL, year INTEGER NOT NULL, last INTEGER NOT NULL CHECK (last > 0),
    PRIMARY KEY (slug, year)
) STRICT, WITHOUT ROWID;

CREATE TABLE certificate (
    record           INTEGER PRIMARY KEY,
    slug             TEXT NOT NULL,
    type_version     INTEGER NOT NULL,
    template_digest  BLOB NOT NULL,
    year             INTEGER NOT NULL,
    serial           INTEGER NOT NULL,
    number           TEXT NOT NULL UNIQUE,
    identifier       TEXT NOT NULL UNIQUE,
    code             TEXT NOT NULL UNIQUE,
    state            TEXT NOT NULL CHECK (state IN ('reserved', 'issued', 'void')),
    reserved_at      INTEGER NOT NULL,
    valid_until      TEXT,
    key_fingerprint  BLOB NOT NULL,
    operator         TEXT NOT NULL,
    authority        TEXT NOT NULL,
    idempotency_key  TEXT UNIQUE,
    request_digest   BLOB NOT NULL,
    matter_index     BLOB NOT NULL,
    application      BLOB NOT NULL,
    closed_at        INTEGER,
    void_reason      TEXT,
    document         BLOB REFERENCES document (address),
    covered_digest   BLOB,
    signature_digest BLOB,
    UNIQUE (slug, year, serial),
    CHECK ((state = 'issued') = (document IS NOT NULL)),
    CHECK ((state = 'reserved') = (closed_at IS NULL))
) STRICT;
CREATE INDEX certificate_matter ON certificate (matter_index);
CREATE INDEX certificate_open ON certificate (record) WHERE state = 'reserved';

CREATE TABLE document (address BLOB PRIMARY KEY, length INTEGER NOT NULL, sealed BLOB NOT NULL) STRICT;

CREATE TRIGGER certificate_stays BEFORE DELETE ON certificate
BEGIN SELECT RAISE(ABORT, 'a record is never deleted'); END;
CREATE TRIGGER certificate_closed BEFORE UPDATE ON certificate WHEN OLD.state <> 'reserved'
BEGIN SELECT RAISE(ABORT, 'a closed record is never changed'); END;
CREATE TRIGGER document_stays BEFORE UPDATE ON document
BEGIN SELECT RAISE(ABORT, 'a document is never changed'); END;
";

/// Reservations have an owner; sealed columns may be sealed anew, and nothing else of a closed record.
const OWNERS_AND_KEYS: &str = "
ALTER TABLE certificate ADD COLUMN owner TEXT;
CREATE TABLE worker (owner TEXT PRIMARY KEY, batch INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE key_check (id INTEGER PRIMARY KEY, sealed BLOB NOT NULL) STRICT;

DROP TRIGGER certificate_closed;
CREATE TRIGGER certificate_closed BEFORE UPDATE OF type_version, template_digest, state, valid_until,
    key_fingerprint, operator, authority, idempotency_key, request_digest, matter_index, closed_at, void_reason,
    document, covered_digest, signature_digest, owner ON certificate WHEN OLD.state <> 'reserved'
BEGIN SELECT RAISE(ABORT, 'a closed record is never changed'); END;
CREATE TRIGGER certificate_identity BEFORE UPDATE OF record, slug, year, serial, number, identifier, code,
    reserved_at ON certificate
BEGIN SELECT RAISE(ABORT, 'the identity of a record is never changed'); END;
DROP TRIGGER document_stays;
CREATE TRIGGER document_stays BEFORE UPDATE OF address, length ON document
BEGIN SELECT RAISE(ABORT, 'a document is never changed'); END;
CREATE TRIGGER document_kept BEFORE DELETE ON document
BEGIN SELECT RAISE(ABORT, 'a document is never deleted'); END;
";

/// Settings of a connection that writes, then the steps that the file lacks.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), LedgerError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL: an answered commit survives power loss; NORMAL was measured to lose answered ones.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Pages before the log is folded back: a hundred documents. Folding flushes the whole database file.
    connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
    connection.set_prepared_statement_cache_capacity(32);
    if version(connection)? == STEPS.len() {
        return Ok(());
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found = version(&transaction)?;
    let missing =
        STEPS.get(found..).ok_or(LedgerError::Newer { found: short(found), known: short(STEPS.len()) })?;
    for step in missing {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", short(STEPS.len()))?;
    Ok(transaction.commit()?)
}

fn version(connection: &Connection) -> Result<usize, LedgerError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(found).unwrap_or(usize::MAX))
}

fn short(version: usize) -> u32 {
    u32::try_from(version).unwrap_or(u32::MAX)
}
