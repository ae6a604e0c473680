//! Tables, and the steps that led to them. A step that was ever released is never edited; one is added.

use super::LedgerError;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, TransactionBehavior};

/// Step n makes version n out of version n − 1.
pub(super) const STEPS: [&str; 12] = [
    FIRST,
    OWNERS_AND_KEYS,
    VERSIONS_AND_EVENTS,
    CALLERS_AND_USES,
    LOOKUPS_APPENDED,
    STAMPINGS,
    SEALS_AND_GRANTS,
    CEILING,
    BATCHES,
    FILINGS,
    ATTEMPTS,
    ORDERS,
];

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

/// A number may have several versions; what happens to a certificate after its issue; its holders, findable but not
/// readable. SQLite cannot loosen a UNIQUE in place, so the table is made anew.
const VERSIONS_AND_EVENTS: &str = "
CREATE TABLE certificate_next (
    record           INTEGER PRIMARY KEY,
    slug             TEXT NOT NULL,
    type_version     INTEGER NOT NULL,
    template_digest  BLOB NOT NULL,
    year             INTEGER NOT NULL,
    serial           INTEGER NOT NULL,
    version          INTEGER NOT NULL DEFAULT 1 CHECK (version BETWEEN 1 AND 999),
    replaces         INTEGER,
    number           TEXT NOT NULL,
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
    owner            TEXT,
    UNIQUE (slug, year, serial, version),
    UNIQUE (number, version),
    CHECK ((version = 1) = (replaces IS NULL)),
    CHECK ((state = 'issued') = (document IS NOT NULL)),
    CHECK ((state = 'reserved') = (closed_at IS NULL))
) STRICT;
INSERT INTO certificate_next SELECT record, slug, type_version, template_digest, year, serial, 1, NULL, number,
    identifier, code, state, reserved_at, valid_until, key_fingerprint, operator, authority, idempotency_key,
    request_digest, matter_index, application, closed_at, void_reason, document, covered_digest, signature_digest,
    owner FROM certificate;
DROP TABLE certificate;
ALTER TABLE certificate_next RENAME TO certificate;
CREATE INDEX certificate_matter ON certificate (matter_index);
CREATE INDEX certificate_open ON certificate (record) WHERE state = 'reserved';
CREATE TRIGGER certificate_stays BEFORE DELETE ON certificate
BEGIN SELECT RAISE(ABORT, 'a record is never deleted'); END;
CREATE TRIGGER certificate_closed BEFORE UPDATE OF type_version, template_digest, state, valid_until,
    key_fingerprint, operator, authority, idempotency_key, request_digest, matter_index, closed_at, void_reason,
    document, covered_digest, signature_digest, owner ON certificate WHEN OLD.state <> 'reserved'
BEGIN SELECT RAISE(ABORT, 'a closed record is never changed'); END;
CREATE TRIGGER certificate_identity BEFORE UPDATE OF record, slug, year, serial, version, replaces, number,
    identifier, code, reserved_at ON certificate
BEGIN SELECT RAISE(ABORT, 'the identity of a record is never changed'); END;

CREATE TABLE event (
    event     INTEGER PRIMARY KEY,
    record    INTEGER NOT NULL REFERENCES certificate (record),
    at        INTEGER NOT NULL,
    act       TEXT NOT NULL,
    reason    TEXT NOT NULL,
    detail    TEXT,
    successor TEXT,
    operator  TEXT NOT NULL,
    authority TEXT NOT NULL
) STRICT;
CREATE INDEX event_record ON event (record, event);
CREATE TRIGGER event_changed BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'history is never changed'); END;
CREATE TRIGGER event_stays BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'history is never deleted'); END;

CREATE TABLE holder (
    subject BLOB NOT NULL,
    slug    TEXT NOT NULL,
    record  INTEGER NOT NULL REFERENCES certificate (record),
    PRIMARY KEY (subject, slug, record)
) STRICT, WITHOUT ROWID;
";

/// Who may call, what was decided, what was looked up, and the links that citizens download through.
const CALLERS_AND_USES: &str = "
CREATE TABLE caller (
    caller       TEXT PRIMARY KEY,
    digest       BLOB NOT NULL,
    role         TEXT NOT NULL,
    organisation TEXT NOT NULL,
    label        TEXT NOT NULL,
    slugs        TEXT,
    items        TEXT,
    created_at   INTEGER NOT NULL,
    created_by   TEXT NOT NULL,
    expires_at   INTEGER NOT NULL,
    revoked_at   INTEGER
) STRICT, WITHOUT ROWID;
CREATE TRIGGER caller_stays BEFORE DELETE ON caller
BEGIN SELECT RAISE(ABORT, 'a caller is never deleted'); END;

CREATE TABLE decision (
    decision  INTEGER PRIMARY KEY,
    at        INTEGER NOT NULL,
    caller    TEXT NOT NULL,
    right     TEXT NOT NULL,
    target    TEXT,
    granted   INTEGER NOT NULL CHECK (granted IN (0, 1)),
    reason    TEXT NOT NULL
) STRICT;
CREATE TRIGGER decision_changed BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;
CREATE TRIGGER decision_stays BEFORE DELETE ON decision
BEGIN SELECT RAISE(ABORT, 'a decision is never deleted'); END;

CREATE TABLE lookup (
    lookup       INTEGER PRIMARY KEY,
    receipt      TEXT NOT NULL UNIQUE,
    at           INTEGER NOT NULL,
    caller       TEXT NOT NULL,
    organisation TEXT NOT NULL,
    operator     TEXT NOT NULL,
    slug         TEXT NOT NULL,
    item         TEXT NOT NULL,
    case_number  TEXT NOT NULL,
    subject      BLOB NOT NULL,
    outcome      TEXT NOT NULL,
    record       INTEGER REFERENCES certificate (record),
    request      BLOB NOT NULL
) STRICT;
CREATE INDEX lookup_subject ON lookup (subject, lookup);
CREATE TRIGGER lookup_changed BEFORE UPDATE OF lookup, receipt, at, caller, organisation, operator, slug, item,
    case_number, subject, outcome, record ON lookup
BEGIN SELECT RAISE(ABORT, 'a look-up is never changed'); END;
CREATE TRIGGER lookup_stays BEFORE DELETE ON lookup
BEGIN SELECT RAISE(ABORT, 'a look-up is never deleted'); END;

CREATE TABLE download (
    token      BLOB PRIMARY KEY,
    record     INTEGER NOT NULL REFERENCES certificate (record),
    created_at INTEGER NOT NULL,
    created_by TEXT NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT, WITHOUT ROWID;
";

/// Look-ups are written many times a second and never searched by subject: an index of digests, which fall anywhere,
/// makes each one dirty a page of its own.
const LOOKUPS_APPENDED: &str = "DROP INDEX lookup_subject;";

/// Uses of a seal on documents that somebody brought; each seal numbers its own.
const STAMPINGS: &str = "
CREATE TABLE stamping (
    stamping         INTEGER PRIMARY KEY,
    seal             TEXT NOT NULL,
    use_number       INTEGER NOT NULL CHECK (use_number > 0),
    state            TEXT NOT NULL CHECK (state IN ('reserved', 'stamped', 'void')),
    source           BLOB NOT NULL,
    place            TEXT NOT NULL,
    key_fingerprint  BLOB NOT NULL,
    operator         TEXT NOT NULL,
    authority        TEXT NOT NULL,
    idempotency_key  TEXT UNIQUE,
    request_digest   BLOB NOT NULL,
    reserved_at      INTEGER NOT NULL,
    closed_at        INTEGER,
    void_reason      TEXT,
    document         BLOB REFERENCES document (address),
    covered_digest   BLOB,
    signature_digest BLOB,
    owner            TEXT NOT NULL,
    UNIQUE (seal, use_number),
    CHECK ((state = 'stamped') = (document IS NOT NULL)),
    CHECK ((state = 'reserved') = (closed_at IS NULL))
) STRICT;
CREATE INDEX stamping_open ON stamping (stamping) WHERE state = 'reserved';
CREATE TRIGGER stamping_stays BEFORE DELETE ON stamping
BEGIN SELECT RAISE(ABORT, 'a use of a seal is never deleted'); END;
CREATE TRIGGER stamping_closed BEFORE UPDATE ON stamping WHEN OLD.state <> 'reserved'
BEGIN SELECT RAISE(ABORT, 'a closed use of a seal is never changed'); END;
CREATE TRIGGER stamping_identity BEFORE UPDATE OF stamping, seal, use_number, source, place, reserved_at ON stamping
BEGIN SELECT RAISE(ABORT, 'the identity of a use is never changed'); END;
";

/// The register of seals, and who asked for and who granted the use of one.
const SEALS_AND_GRANTS: &str = "
CREATE TABLE seal_event (
    event       INTEGER PRIMARY KEY,
    seal        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    act         TEXT NOT NULL,
    reason      TEXT NOT NULL,
    certificate BLOB,
    operator    TEXT NOT NULL,
    authority   TEXT NOT NULL
) STRICT;
CREATE INDEX seal_event_seal ON seal_event (seal, event);
CREATE TRIGGER seal_event_changed BEFORE UPDATE ON seal_event
BEGIN SELECT RAISE(ABORT, 'the register is never changed'); END;
CREATE TRIGGER seal_event_stays BEFORE DELETE ON seal_event
BEGIN SELECT RAISE(ABORT, 'the register is never deleted from'); END;

CREATE TABLE seal_request (
    number             INTEGER PRIMARY KEY,
    request            TEXT NOT NULL UNIQUE,
    seal               TEXT NOT NULL,
    source             BLOB NOT NULL,
    place              TEXT NOT NULL,
    placement          TEXT NOT NULL,
    reason             TEXT NOT NULL,
    brought            BLOB,
    applicant          TEXT NOT NULL,
    authority          TEXT NOT NULL,
    idempotency_key    TEXT NOT NULL UNIQUE,
    request_digest     BLOB NOT NULL,
    requested_at       INTEGER NOT NULL,
    expires_at         INTEGER NOT NULL,
    approved           INTEGER CHECK (approved IN (0, 1)),
    decision_reason    TEXT,
    approver           TEXT,
    approver_authority TEXT,
    decided_at         INTEGER,
    CHECK ((approved IS NULL) = (decided_at IS NULL)),
    CHECK (approver <> applicant AND approver_authority <> authority)
) STRICT;
CREATE INDEX seal_request_kept ON seal_request (expires_at) WHERE brought IS NOT NULL;
CREATE TRIGGER seal_request_stays BEFORE DELETE ON seal_request
BEGIN SELECT RAISE(ABORT, 'a request is never deleted'); END;
CREATE TRIGGER seal_request_identity BEFORE UPDATE OF number, request, seal, source, place, placement, reason, applicant,
    authority, idempotency_key, request_digest, requested_at ON seal_request
BEGIN SELECT RAISE(ABORT, 'what was asked is never changed'); END;
CREATE TRIGGER seal_request_decided BEFORE UPDATE OF approved, decision_reason, approver, approver_authority, decided_at,
    expires_at ON seal_request WHEN OLD.approved IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END;

ALTER TABLE stamping ADD COLUMN request TEXT REFERENCES seal_request (request);
CREATE INDEX stamping_covered ON stamping (covered_digest) WHERE covered_digest IS NOT NULL;
CREATE UNIQUE INDEX stamping_request ON stamping (request) WHERE request IS NOT NULL AND state <> 'void';
";

/// The hour's numbers of a type, for its ceiling.
const CEILING: &str = "
CREATE INDEX certificate_hour ON certificate (slug, reserved_at);
";

/// Requests that are decided together; file names are sealed in `about`.
const BATCHES: &str = "
CREATE TABLE batch (
    number          INTEGER PRIMARY KEY,
    batch           TEXT NOT NULL UNIQUE,
    digest          BLOB NOT NULL,
    idempotency_key TEXT NOT NULL UNIQUE,
    request_digest  BLOB NOT NULL,
    halt            TEXT CHECK (halt IN ('paused', 'cancelled')),
    halted_by       TEXT
) STRICT;
CREATE TRIGGER batch_stays BEFORE DELETE ON batch
BEGIN SELECT RAISE(ABORT, 'a batch is never deleted'); END;
CREATE TRIGGER batch_identity BEFORE UPDATE OF number, batch, digest, idempotency_key, request_digest ON batch
BEGIN SELECT RAISE(ABORT, 'what was asked is never changed'); END;
CREATE TRIGGER batch_cancelled BEFORE UPDATE OF halt ON batch WHEN OLD.halt = 'cancelled'
BEGIN SELECT RAISE(ABORT, 'what was called off stays so'); END;

CREATE TABLE batch_item (
    batch   TEXT NOT NULL REFERENCES batch (batch),
    item    INTEGER NOT NULL CHECK (item > 0),
    about   BLOB NOT NULL,
    request TEXT UNIQUE REFERENCES seal_request (request),
    code    TEXT,
    PRIMARY KEY (batch, item),
    CHECK (request IS NOT NULL OR code IS NOT NULL)
) STRICT;
CREATE TRIGGER batch_item_stays BEFORE DELETE ON batch_item
BEGIN SELECT RAISE(ABORT, 'a file of a batch is never deleted'); END;
CREATE TRIGGER batch_item_identity BEFORE UPDATE OF batch, item, request ON batch_item
BEGIN SELECT RAISE(ABORT, 'what was asked is never changed'); END;

CREATE INDEX stamping_void ON stamping (request) WHERE request IS NOT NULL AND state = 'void';
DROP INDEX seal_request_kept;
CREATE INDEX seal_request_kept ON seal_request (expires_at, approved, authority, request) WHERE brought IS NOT NULL;
";

/// 备案: what is on file of a seal, with what it looks like.
const FILINGS: &str = "
ALTER TABLE seal_event ADD COLUMN filing TEXT;
CREATE TABLE seal_picture (vector BLOB PRIMARY KEY, svg TEXT NOT NULL, png BLOB NOT NULL) STRICT;
CREATE TRIGGER seal_picture_changed BEFORE UPDATE ON seal_picture
BEGIN SELECT RAISE(ABORT, 'a picture is never changed'); END;
CREATE TRIGGER seal_picture_stays BEFORE DELETE ON seal_picture
BEGIN SELECT RAISE(ABORT, 'a picture is never deleted'); END;
";

/// How often the work on a number was begun: the key was used at most so often for it.
const ATTEMPTS: &str = "
ALTER TABLE certificate ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1;
ALTER TABLE stamping ADD COLUMN attempts INTEGER NOT NULL DEFAULT 1;
";

/// 变更令: what two of three officers signed, who they are, and what holds by it.
const ORDERS: &str = "
CREATE TABLE change_order (
    number         INTEGER PRIMARY KEY,
    name           TEXT NOT NULL UNIQUE,
    text           TEXT NOT NULL,
    authority      TEXT NOT NULL,
    expires_at     INTEGER NOT NULL,
    carried_out_at INTEGER
) STRICT;
CREATE TRIGGER change_order_stays BEFORE DELETE ON change_order
BEGIN SELECT RAISE(ABORT, 'an order is never deleted'); END;
CREATE TRIGGER change_order_identity BEFORE UPDATE OF number, name, text, authority, expires_at ON change_order
BEGIN SELECT RAISE(ABORT, 'an order is never changed'); END;
CREATE TRIGGER change_order_done BEFORE UPDATE OF carried_out_at ON change_order WHEN OLD.carried_out_at IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an order is carried out once'); END;

CREATE TABLE order_signature (
    number    INTEGER NOT NULL REFERENCES change_order (number),
    officer   TEXT NOT NULL,
    key       TEXT NOT NULL,
    signature BLOB NOT NULL,
    signed_at INTEGER NOT NULL,
    authority TEXT NOT NULL,
    PRIMARY KEY (number, key)
) STRICT;
CREATE TABLE officer (
    number INTEGER NOT NULL REFERENCES change_order (number),
    name   TEXT NOT NULL,
    key    TEXT NOT NULL,
    PRIMARY KEY (number, name)
) STRICT;
CREATE TABLE adopted (
    adoption INTEGER PRIMARY KEY,
    number   INTEGER NOT NULL REFERENCES change_order (number),
    item     TEXT NOT NULL,
    digest   BLOB NOT NULL,
    content  TEXT
) STRICT;
CREATE INDEX adopted_item ON adopted (item, adoption);
CREATE TRIGGER order_signature_stays BEFORE DELETE ON order_signature
BEGIN SELECT RAISE(ABORT, 'a signature is never deleted'); END;
CREATE TRIGGER order_signature_identity BEFORE UPDATE ON order_signature
BEGIN SELECT RAISE(ABORT, 'a signature is never changed'); END;
CREATE TRIGGER officer_stays BEFORE DELETE ON officer
BEGIN SELECT RAISE(ABORT, 'an officer is never deleted'); END;
CREATE TRIGGER officer_identity BEFORE UPDATE ON officer
BEGIN SELECT RAISE(ABORT, 'an officer is never changed'); END;
CREATE TRIGGER adopted_stays BEFORE DELETE ON adopted
BEGIN SELECT RAISE(ABORT, 'what held is never deleted'); END;
CREATE TRIGGER adopted_identity BEFORE UPDATE ON adopted
BEGIN SELECT RAISE(ABORT, 'what held is never changed'); END;
";

/// Settings of every connection.
pub(super) fn settle(connection: &Connection) -> Result<(), LedgerError> {
    connection.busy_timeout(super::PATIENCE)?;
    // One plan for one statement: without it SQLite plans anew for every value that is bound beside a partial index.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Settings of a connection that writes, then the steps that the file lacks.
pub(super) fn prepare(connection: &mut Connection) -> Result<(), LedgerError> {
    settle(connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // FULL: an answered commit survives power loss; NORMAL was measured to lose answered ones.
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // Pages before the log is folded back: a hundred documents. Folding flushes the whole database file.
    connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
    // What a savepoint may have to undo is kept in memory, not in a temporary file.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // In KiB, and of this one connection: the upper floors of every index of a million certificates.
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.set_prepared_statement_cache_capacity(64);
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

/// The version this program makes.
pub(super) fn known() -> u32 {
    short(STEPS.len())
}

fn version(connection: &Connection) -> Result<usize, LedgerError> {
    let found: u32 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    Ok(usize::try_from(found).unwrap_or(usize::MAX))
}

fn short(version: usize) -> u32 {
    u32::try_from(version).unwrap_or(u32::MAX)
}
