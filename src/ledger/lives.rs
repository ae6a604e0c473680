//! What happens to a certificate after its issue: acts, each with who, on what authority, when and why.
//!
//! A history only grows. The act is weighed against the status in the same transaction that records it, so that two
//! offices cannot both end one certificate.

use super::{Entry, Ledger, LedgerError, State, rows};
use crate::domain::{Act, Instant, Status};
use rusqlite::{Connection, OptionalExtension, Row, params};
use time::Date;
use time::macros::format_description;

/// One act of a certificate's history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: Instant,
    /// What.
    pub act: Act,
    /// Why, in the office's words; holds no personal data.
    pub reason: String,
    /// Particulars of an inspection, as JSON.
    pub detail: Option<String>,
    /// Identifier of the version that replaces it.
    pub successor: Option<String>,
    /// Who.
    pub operator: String,
    /// On what authority.
    pub authority: String,
}

/// A certificate's record, its history and its status as of an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// The record.
    pub entry: Entry,
    /// Its acts, oldest first.
    pub history: Vec<Event>,
    /// Status as of the instant asked for; `None` when it was not yet issued then, or never was.
    pub status: Option<Status>,
}

impl Ledger {
    /// The record with this identifier, verification code or number (its newest version), and its status at `at`.
    ///
    /// # Errors
    /// A failure.
    pub fn life(&self, which: &str, at: Instant) -> Result<Option<Life>, LedgerError> {
        self.read(|connection| {
            let Some(entry) = rows::find(connection, which)? else { return Ok(None) };
            let history = history(connection, entry.record)?;
            let status = status(&entry, &history, at);
            Ok(Some(Life { entry, history, status }))
        })
    }

    /// Records an act on the certificate with this identifier, verification code or number, and answers with its life
    /// after it. [`Act::Replace`] is recorded by issuing the successor, never here.
    ///
    /// # Errors
    /// No such certificate on record, the act is not allowed from where it stands, or a failure.
    pub fn act(&self, which: &str, event: Event) -> Result<Life, LedgerError> {
        let which = which.to_owned();
        self.writer.run(move |connection| {
            let entry = rows::find(connection, &which)?.ok_or(LedgerError::NotOnRecord)?;
            apply(connection, &entry, event)?;
            let history = history(connection, entry.record)?;
            let at = history.last().map_or(entry.reserved_at, |last| last.at);
            let status = status(&entry, &history, at);
            Ok(Life { entry, history, status })
        })
    }
}

/// Weighs an act and appends it. A clock that stepped back does not reorder history.
pub(super) fn apply(connection: &Connection, entry: &Entry, event: Event) -> Result<(), LedgerError> {
    let past = history(connection, entry.record)?;
    let newest = past.last().map_or(entry.reserved_at, |last| last.at);
    let at = event.at.max(newest);
    let status = status(entry, &past, at).ok_or(LedgerError::NotOnRecord)?;
    status.after(event.act).map_err(LedgerError::NotAllowed)?;
    let sql = "INSERT INTO event (record, at, act, reason, detail, successor, operator, authority) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute(params![
        i64::try_from(entry.record).unwrap_or(i64::MAX),
        at.millis(),
        event.act.word(),
        event.reason,
        event.detail,
        event.successor,
        event.operator,
        event.authority,
    ])?;
    Ok(())
}

pub(super) fn history(connection: &Connection, record: u64) -> Result<Vec<Event>, LedgerError> {
    let sql = "SELECT at, act, reason, detail, successor, operator, authority FROM event WHERE record = ?1 ORDER BY event";
    let mut statement = connection.prepare_cached(sql)?;
    let events = statement.query_map([i64::try_from(record).unwrap_or(i64::MAX)], read)?;
    Ok(events.collect::<Result<_, _>>()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Event> {
    let word: String = row.get(1)?;
    let unknown = || rusqlite::Error::InvalidColumnType(1, word.clone(), rusqlite::types::Type::Text);
    Ok(Event {
        at: rows::instant(row, 0)?,
        act: Act::of_word(&word).ok_or_else(unknown)?,
        reason: row.get(2)?,
        detail: row.get(3)?,
        successor: row.get(4)?,
        operator: row.get(5)?,
        authority: row.get(6)?,
    })
}

/// Status at an instant; issued means recorded, and counts from the instant printed on it.
pub(super) fn status(entry: &Entry, history: &[Event], at: Instant) -> Option<Status> {
    if entry.state != State::Issued {
        return None;
    }
    let format = format_description!("[year]-[month]-[day]");
    let until = entry.valid_until.as_deref().and_then(|text| Date::parse(text, format).ok());
    Status::at(entry.reserved_at, history.iter().map(|event| (event.at, event.act)), until, at)
}

/// Appends the replacement of a predecessor, when its successor is put on record.
pub(super) fn replaced(
    connection: &Connection,
    predecessor: i64,
    successor: &Entry,
    at: Instant,
) -> Result<(), LedgerError> {
    let sql = format!("{} WHERE record = ?1", rows::SELECT);
    let entry = connection.prepare_cached(&sql)?.query_row([predecessor], rows::from_row).optional()?;
    let entry = entry.ok_or(LedgerError::NotOnRecord)?;
    let authority: String = connection
        .prepare_cached("SELECT authority FROM certificate WHERE record = ?1")?
        .query_row([i64::try_from(successor.record).unwrap_or(i64::MAX)], |row| row.get(0))?;
    let event = Event {
        at,
        act: Act::Replace,
        reason: "换发 replaced".to_owned(),
        detail: None,
        successor: Some(successor.identifier.clone()),
        operator: successor.operator.clone(),
        authority,
    };
    apply(connection, &entry, event)
}
