//! Whether a ledger file is whole: a live one, or a backup before it is trusted. Reads only; nothing is repaired.
//!
//! Every check runs as far as the file lets it. Damage has a stable code, so that a script can tell one from another.

use super::presence::owner_lives;
use super::{Entry, Keyring, LedgerError, State, orders, rows, schema};
use crate::domain::Instant;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::{Path, PathBuf};

/// Complaints of SQLite that are told; one is enough to refuse a file.
const MOST_TOLD: usize = 10;

/// What a ledger file holds, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examination {
    /// Version of its tables; 0 when it is no ledger.
    pub schema: u32,
    /// Certificates issued.
    pub issued: u64,
    /// Numbers voided.
    pub void: u64,
    /// Documents kept.
    pub documents: u64,
    /// Acts after issue.
    pub events: u64,
    /// Look-ups on record.
    pub lookups: u64,
    /// Uses of seals on documents that somebody brought.
    pub stampings: u64,
    /// Uses that were begun and neither finished nor voided.
    pub open_stampings: Vec<OpenStamping>,
    /// The last record, if there is any.
    pub last: Option<Entry>,
    /// Reserved, and neither issued nor void.
    pub open: Vec<Open>,
    /// Records whose application and document were opened with the keys.
    pub sampled: u64,
    /// What is wrong; empty in a sound ledger.
    pub damage: Vec<Damage>,
}

/// A number that was taken and not yet used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The number.
    pub number: String,
    /// Its type.
    pub slug: String,
    /// Since when.
    pub since: Instant,
    /// Whether a living process works on it. If not, the next verb that opens the folder finishes or voids it.
    pub in_hand: bool,
}

/// A use of a seal that was begun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenStamping {
    /// Role of the seal.
    pub seal: String,
    /// The seal's own running number.
    pub use_number: u64,
    /// Since when.
    pub since: Instant,
    /// Whether a living process works on it. If not, the same request under its idempotency key finishes it.
    pub in_hand: bool,
}

/// One thing that is wrong with a ledger file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Not a database, or not a ledger's.
    #[error("不是台账,或已读不出:{0} / not a ledger, or not readable any more")]
    Unreadable(String),
    /// Made by a newer program.
    #[error("版本 {found} 比程序新({known})/ version {found} is newer than this program ({known})")]
    Newer {
        /// Version of the file.
        found: u32,
        /// Version this program knows.
        known: u32,
    },
    /// A copy of a file at work: what was answered last lies in the log beside it, or is lost.
    #[error(
        "旁边有 -wal 文件:这是工作中文件的拷贝,不是备份 / a -wal file beside it: a copy of a file at work, not a backup"
    )]
    LogBeside,
    /// SQLite's own check.
    #[error("数据库完整性检查:{0} / integrity check of the database")]
    Integrity(String),
    /// A row that points nowhere.
    #[error("{0} 中有行指向不存在的记录 / rows of {0} point to records that do not exist")]
    Orphans(String),
    /// Numbers that are missing from their sequence.
    #[error("{slug} {year} 年缺 {missing} 个编号 / {slug} {year}: {missing} numbers are missing")]
    Gap {
        /// Type.
        slug: String,
        /// Year.
        year: i32,
        /// How many.
        missing: u64,
    },
    /// Uses of a seal that are missing from its own sequence.
    #[error("印章 {seal} 缺 {missing} 次用印 / seal {seal}: {missing} of its uses are missing")]
    UseGap {
        /// Role of the seal.
        seal: String,
        /// How many.
        missing: u64,
    },
    /// An order that was carried out without the officers' signatures, or as something else than they signed.
    #[error("变更令 {0} 与主管所签不符 / order {0} is not what the officers signed")]
    Order(String),
    /// Files that are missing from a batch.
    #[error("批次 {batch} 缺 {missing} 份文件 / batch {batch}: {missing} of its files are missing")]
    BatchGap {
        /// The batch.
        batch: String,
        /// How many.
        missing: u64,
    },
    /// The key file is another ledger's, or older.
    #[error("密钥文件不是这本台账的(第 {0} 号密钥)/ the key file is not this ledger's (key {0})")]
    WrongKeys(u32),
    /// An application or document that does not open, or is not there.
    #[error("记录 {0} 的申请或存档打不开 / the application or document of record {0} does not open")]
    Sealed(u64),
    /// Not a copy of the ledger it is held against.
    #[error(
        "记录 {0} 与在用台账不同:不是它的备份 / record {0} differs from the live ledger: not a backup of it"
    )]
    Foreign(u64),
}

impl Damage {
    /// The stable word.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "unreadable",
            Self::Newer { .. } => "newer",
            Self::LogBeside => "log_beside",
            Self::Integrity(_) => "integrity",
            Self::Orphans(_) => "orphans",
            Self::Gap { .. } => "gap",
            Self::UseGap { .. } => "use_gap",
            Self::Order(_) => "order",
            Self::BatchGap { .. } => "batch_gap",
            Self::WrongKeys(_) => "wrong_keys",
            Self::Sealed(_) => "sealed",
            Self::Foreign(_) => "foreign",
        }
    }
}

/// Examines a ledger that may be at work, and opens `sample` records (0 to all) with the keys.
///
/// # Errors
/// There is no such file. Whatever is wrong with it is [`Examination::damage`].
pub fn examine(path: &Path, keyring: &Keyring, sample: u32) -> Result<Examination, LedgerError> {
    exists(path)?;
    let opened = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY);
    Ok(walk(opened, path, keyring, sample))
}

/// Examines a backup: a file that nobody writes and that stands alone.
///
/// # Errors
/// There is no such file.
pub fn examine_backup(path: &Path, keyring: &Keyring, sample: u32) -> Result<Examination, LedgerError> {
    exists(path)?;
    let mut examination = walk(open_backup(path), path, keyring, sample);
    if wal(path).exists() {
        examination.damage.push(Damage::LogBeside);
    }
    Ok(examination)
}

/// Holds a backup against the ledger it should be a copy of: `sample` of its records must stand there unchanged.
///
/// # Errors
/// There is no such file, or the live ledger does not answer.
pub fn compare(backup: &Path, live: &Path, sample: u32) -> Result<Vec<Damage>, LedgerError> {
    exists(backup)?;
    exists(live)?;
    let (backup, live) =
        (open_backup(backup)?, Connection::open_with_flags(live, OpenFlags::SQLITE_OPEN_READ_ONLY)?);
    let mut damage = Vec::new();
    for entry in spread(&backup, sample)? {
        let there = by_record(&live, entry.record)?;
        // Since the backup was taken a reservation may have been issued or voided; nothing else may change.
        let same = there.is_some_and(|there| match entry.state {
            State::Reserved => there.identifier == entry.identifier,
            State::Issued | State::Void => there == entry,
        });
        if !same {
            damage.push(Damage::Foreign(entry.record));
        }
    }
    Ok(damage)
}

fn exists(path: &Path) -> Result<(), LedgerError> {
    if path.is_file() { Ok(()) } else { Err(LedgerError::Missing(path.to_owned())) }
}

fn wal(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

/// Immutable: neither locks nor a log are looked for, and none are left behind.
fn open_backup(path: &Path) -> rusqlite::Result<Connection> {
    let text = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
    Connection::open_with_flags(format!("file:{text}?immutable=1"), flags)
}

fn walk(opened: rusqlite::Result<Connection>, path: &Path, keyring: &Keyring, sample: u32) -> Examination {
    let mut found = Examination::default();
    let walked = opened.map_err(LedgerError::from).and_then(|connection| {
        connection.busy_timeout(super::PATIENCE)?;
        found.schema = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        let known = schema::known();
        if found.schema > known {
            found.damage.push(Damage::Newer { found: found.schema, known });
            return Ok(());
        }
        structure(&connection, &mut found)?;
        counts(&connection, path, &mut found)?;
        keys(&connection, keyring, sample, &mut found)
    });
    if let Err(why) = walked {
        found.damage.push(Damage::Unreadable(why.to_string()));
    }
    found
}

fn structure(connection: &Connection, found: &mut Examination) -> Result<(), LedgerError> {
    let mut statement = connection.prepare("PRAGMA integrity_check(10)")?;
    let words = statement.query_map([], |row| row.get::<_, String>(0))?;
    for word in words.take(MOST_TOLD) {
        let word = word?;
        if word != "ok" {
            found.damage.push(Damage::Integrity(word));
        }
    }
    let mut statement = connection.prepare("PRAGMA foreign_key_check")?;
    let orphans = statement.query_map([], |row| row.get::<_, String>(0))?;
    let mut tables = orphans.take(MOST_TOLD).collect::<Result<Vec<_>, _>>()?;
    tables.dedup();
    found.damage.extend(tables.into_iter().map(Damage::Orphans));
    Ok(())
}

fn counts(connection: &Connection, path: &Path, found: &mut Examination) -> Result<(), LedgerError> {
    let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
    found.issued = count("SELECT count(*) FROM certificate WHERE state = 'issued'")?;
    found.void = count("SELECT count(*) FROM certificate WHERE state = 'void'")?;
    found.documents = count("SELECT count(*) FROM document")?;
    // Tables of later versions: an older ledger has none, and is migrated when it is opened.
    let later = |table: &str| {
        let there = connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?1")?.exists([table])?;
        if there { count(&format!("SELECT count(*) FROM {table}")) } else { Ok(0) }
    };
    (found.events, found.lookups) = (later("event")?, later("lookup")?);
    if found.schema != schema::known() {
        return Ok(());
    }
    let sql = format!("{} ORDER BY record DESC LIMIT 1", rows::SELECT);
    found.last = connection.query_row(&sql, [], rows::from_row).optional()?;
    let gaps = rows::gaps(connection)?;
    found.damage.extend(gaps.into_iter().map(|(slug, year, missing)| Damage::Gap { slug, year, missing }));
    let sql =
        "SELECT number, slug, reserved_at, owner FROM certificate WHERE state = 'reserved' ORDER BY record";
    let mut statement = connection.prepare(sql)?;
    let open = statement.query_map([], |row| {
        let owner: Option<String> = row.get(3)?;
        Ok(Open {
            number: row.get(0)?,
            slug: row.get(1)?,
            since: rows::instant(row, 2)?,
            in_hand: owner.is_some_and(|owner| owner_lives(path, &owner)),
        })
    })?;
    found.open = open.collect::<Result<_, _>>()?;
    stampings(connection, path, found)
}

/// Each seal counts its uses from 1 without a gap.
fn stampings(connection: &Connection, path: &Path, found: &mut Examination) -> Result<(), LedgerError> {
    let sql = "SELECT seal, sum(state = 'stamped'), max(use_number) - count(*) FROM stamping GROUP BY seal ORDER BY seal";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        Ok((
            row.get::<_, String>(0)?,
            row.get::<_, i64>(1)?.unsigned_abs(),
            row.get::<_, i64>(2)?.unsigned_abs(),
        ))
    })?;
    for row in rows {
        let (seal, stamped, missing) = row?;
        found.stampings = found.stampings.saturating_add(stamped);
        if missing > 0 {
            found.damage.push(Damage::UseGap { seal, missing });
        }
    }
    let sql = "SELECT seal, use_number, reserved_at, owner FROM stamping WHERE state = 'reserved' ORDER BY stamping";
    let mut statement = connection.prepare(sql)?;
    let open = statement.query_map([], |row| {
        Ok(OpenStamping {
            seal: row.get(0)?,
            use_number: row.get::<_, i64>(1)?.unsigned_abs(),
            since: rows::instant(row, 2)?,
            in_hand: owner_lives(path, &row.get::<_, String>(3)?),
        })
    })?;
    found.open_stampings = open.collect::<Result<_, _>>()?;
    found.damage.extend(orders::unsound(connection)?.into_iter().map(Damage::Order));
    batches(connection, found)
}

/// Each batch counts its files from 1 without a gap.
fn batches(connection: &Connection, found: &mut Examination) -> Result<(), LedgerError> {
    let sql = "SELECT b.batch, coalesce(max(i.item), 0) - count(i.item), count(i.item) FROM batch b \
               LEFT JOIN batch_item i USING (batch) GROUP BY b.batch";
    let mut statement = connection.prepare(sql)?;
    let rows = statement.query_map([], |row| {
        let (missing, files): (i64, i64) = (row.get(1)?, row.get(2)?);
        // A batch has a file at least.
        Ok((row.get::<_, String>(0)?, if files == 0 { 1 } else { missing.unsigned_abs() }))
    })?;
    for row in rows {
        let (batch, missing) = row?;
        if missing > 0 {
            found.damage.push(Damage::BatchGap { batch, missing });
        }
    }
    Ok(())
}

fn keys(
    connection: &Connection,
    keyring: &Keyring,
    sample: u32,
    found: &mut Examination,
) -> Result<(), LedgerError> {
    if found.schema != schema::known() {
        return Ok(());
    }
    let mut statement = connection.prepare("SELECT id, sealed FROM key_check ORDER BY id")?;
    let values = statement.query_map([], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
    for value in values {
        let (id, sealed) = value?;
        if !keyring.passes(&sealed) {
            found.damage.push(Damage::WrongKeys(id));
            return Ok(());
        }
    }
    for entry in spread(connection, sample)? {
        found.sampled += 1;
        if !opens(connection, keyring, &entry)? {
            found.damage.push(Damage::Sealed(entry.record));
        }
    }
    Ok(())
}

fn opens(connection: &Connection, keyring: &Keyring, entry: &Entry) -> Result<bool, LedgerError> {
    let record = i64::try_from(entry.record).unwrap_or(i64::MAX);
    let sql = "SELECT application FROM certificate WHERE record = ?1";
    let sealed: Vec<u8> = connection.prepare_cached(sql)?.query_row([record], |row| row.get(0))?;
    let application = keyring.open(&rows::place(&entry.identifier), &sealed).is_ok();
    Ok(application
        && match &entry.document {
            None => true,
            Some(address) => match rows::document(connection, keyring, address) {
                Ok(document) => document.is_some(),
                Err(LedgerError::Sealed) => false,
                Err(why) => return Err(why),
            },
        })
}

/// Up to `most` records, the first and the last among them, the others at even distances.
fn spread(connection: &Connection, most: u32) -> Result<Vec<Entry>, LedgerError> {
    let last: Option<i64> =
        connection.query_row("SELECT max(record) FROM certificate", [], |row| row.get(0))?;
    let (Some(last), true) = (last, most > 0) else { return Ok(Vec::new()) };
    let steps = i64::from(most).min(last);
    let sql = format!("{} WHERE record >= ?1 ORDER BY record LIMIT 1", rows::SELECT);
    let mut statement = connection.prepare_cached(&sql)?;
    let mut found: Vec<Entry> = Vec::new();
    for step in 0..steps {
        let at = if steps == 1 { last } else { 1 + step * (last - 1) / (steps - 1) };
        let entry = statement.query_row([at], rows::from_row).optional()?;
        found.extend(entry.filter(|entry| found.last().is_none_or(|before| before.record < entry.record)));
    }
    Ok(found)
}

fn by_record(connection: &Connection, record: u64) -> Result<Option<Entry>, LedgerError> {
    let sql = format!("{} WHERE record = ?1", rows::SELECT);
    let record = i64::try_from(record).unwrap_or(i64::MAX);
    Ok(connection.prepare_cached(&sql)?.query_row([record], rows::from_row).optional()?)
}
