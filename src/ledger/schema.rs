//! Tables and their versions.

use super::LedgerError;
use rusqlite::Connection;

/// Version of the tables below.
const VERSION: u32 = 1;

/// Triggers guard against accidents, not against whoever can write the file.
const TABLES: &str = "
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

pub(super) fn create(connection: &Connection) -> Result<(), LedgerError> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.execute_batch(&format!("BEGIN; {TABLES} PRAGMA user_version = {VERSION}; COMMIT"))?;
    Ok(())
}

pub(super) fn prepare(connection: &Connection) -> Result<(), LedgerError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > VERSION {
        return Err(LedgerError::Newer { found, known: VERSION });
    }
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL: an answered commit survives power loss; NORMAL was measured to lose answered ones.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(())
}
