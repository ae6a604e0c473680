//! The register of seals: every act in the life of each, appended and never changed.

use super::rows::instant;
use super::{Ledger, LedgerError, orders};
use crate::crypto::sha256;
use crate::domain::{Instant, OrderFault, SealAct, SealStatus};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// An act in the life of a seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealEvent {
    /// Role of the seal.
    pub seal: String,
    /// When.
    pub at: Instant,
    /// What was done.
    pub act: SealAct,
    /// Why.
    pub reason: String,
    /// Fingerprint of the seal certificate that holds from here on, where there is one.
    pub certificate: Option<[u8; 32]>,
    /// What is on file of the seal from here on, where that changed: JSON.
    pub filing: Option<String>,
    /// Who did it.
    pub operator: String,
    /// On what authority.
    pub authority: String,
}

const SELECT: &str = "SELECT seal, at, act, reason, certificate, operator, authority, filing FROM seal_event";

impl Ledger {
    /// Appends an act, if the seal's status allows it; its status then. Where there are officers, this way a seal is only
    /// stopped: everything else takes their order.
    ///
    /// # Errors
    /// [`LedgerError::SealAct`], [`OrderFault::Needed`], or a failure.
    pub fn act_on_seal(&self, event: SealEvent) -> Result<SealStatus, LedgerError> {
        self.writer.run(move |connection| {
            if event.act != SealAct::Suspend && orders::has_panel(connection)? {
                return Err(OrderFault::Needed.into());
            }
            append(connection, event)
        })
    }

    /// Whether the register lets a seal be used now, as a reservation asks inside its transaction.
    ///
    /// # Errors
    /// [`LedgerError::SealNotInUse`], [`OrderFault::NotAdopted`], or a failure.
    pub fn seal_in_use(&self, seal: &str, filing: &[u8; 32]) -> Result<(), LedgerError> {
        self.read(|connection| in_use(connection, seal, filing))
    }

    /// The life of a seal, oldest act first; empty when it is not in the register.
    ///
    /// # Errors
    /// A failure.
    pub fn seal_history(&self, seal: &str) -> Result<Vec<SealEvent>, LedgerError> {
        self.read(|connection| history(connection, seal))
    }

    /// Keeps what a seal looks like, as vectors and as the picture drawn of them.
    ///
    /// # Errors
    /// A failure.
    pub fn keep_seal_picture(&self, svg: &str, png: &[u8]) -> Result<(), LedgerError> {
        let (svg, png) = (svg.to_owned(), png.to_vec());
        self.writer.run(move |connection| {
            let sql =
                "INSERT INTO seal_picture (vector, svg, png) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            connection.prepare_cached(sql)?.execute(params![sha256(&[svg.as_bytes()]), svg, png])?;
            Ok(())
        })
    }

    /// What a seal looks like, by the SHA-256 of its vectors: SVG and PNG.
    ///
    /// # Errors
    /// A failure.
    pub fn seal_picture(&self, vector: &[u8; 32]) -> Result<Option<(String, Vec<u8>)>, LedgerError> {
        self.read(|connection| {
            let sql = "SELECT svg, png FROM seal_picture WHERE vector = ?1";
            let row =
                connection.prepare_cached(sql)?.query_row([vector], |row| Ok((row.get(0)?, row.get(1)?)));
            Ok(row.optional()?)
        })
    }

    /// How a seal stands at an instant; `None` when it was not in the register then.
    ///
    /// # Errors
    /// A failure.
    pub fn seal_status(&self, seal: &str, at: Instant) -> Result<Option<SealStatus>, LedgerError> {
        let past = self.seal_history(seal)?;
        Ok(SealStatus::at(past.iter().map(|event| (event.at, event.act)), at))
    }

    /// The seal that a certificate belongs to or belonged to.
    ///
    /// # Errors
    /// A failure.
    pub fn seal_of(&self, certificate: &[u8; 32]) -> Result<Option<String>, LedgerError> {
        self.read(|connection| {
            let sql = "SELECT seal FROM seal_event WHERE certificate = ?1 ORDER BY event DESC LIMIT 1";
            Ok(connection.prepare_cached(sql)?.query_row([certificate], |row| row.get(0)).optional()?)
        })
    }

    /// Seals of the register, by name.
    ///
    /// # Errors
    /// A failure.
    pub fn registered_seals(&self) -> Result<Vec<String>, LedgerError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT DISTINCT seal FROM seal_event ORDER BY seal")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

pub(super) fn history(connection: &Connection, seal: &str) -> Result<Vec<SealEvent>, LedgerError> {
    let mut statement = connection.prepare_cached(&format!("{SELECT} WHERE seal = ?1 ORDER BY event"))?;
    let rows = statement.query_map([seal], from_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Appends an act that the seal's status allows. A clock that stepped back reorders nothing.
pub(super) fn append(connection: &Connection, event: SealEvent) -> Result<SealStatus, LedgerError> {
    let past = history(connection, &event.seal)?;
    let at = past.last().map_or(event.at, |last| event.at.max(last.at));
    let from = SealStatus::at(past.iter().map(|event| (event.at, event.act)), at);
    let status = SealStatus::after(from, event.act).map_err(LedgerError::SealAct)?;
    let sql = "INSERT INTO seal_event (seal, at, act, reason, certificate, operator, authority, filing) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    connection.prepare_cached(sql)?.execute(params![
        event.seal,
        at.millis(),
        event.act.word(),
        event.reason,
        event.certificate,
        event.operator,
        event.authority,
        event.filing,
    ])?;
    Ok(status)
}

/// Whether a seal may be used: with the filing (its SHA-256) that the officers signed for, where there are any, and as
/// its last act left it, whatever the clock says. One that the register does not know is as good as its certificate.
pub(super) fn in_use(connection: &Connection, seal: &str, filing: &[u8; 32]) -> Result<(), LedgerError> {
    orders::weigh(connection, &format!("seal:{seal}"), filing)?;
    let past = history(connection, seal)?;
    let Some(last) = past.last().map(|event| event.at) else { return Ok(()) };
    match SealStatus::at(past.iter().map(|event| (event.at, event.act)), last) {
        Some(status) if status != SealStatus::InUse => {
            Err(LedgerError::SealNotInUse { seal: seal.to_owned(), status })
        }
        _ => Ok(()),
    }
}

/// Whether somebody manages the seal: who does must not use it.
pub(super) fn manages(connection: &Connection, seal: &str, operator: &str) -> Result<bool, LedgerError> {
    // What officers ordered has all their names.
    let sql = "SELECT EXISTS (SELECT 1 FROM seal_event WHERE seal = ?1 \
               AND instr('、' || operator || '、', '、' || ?2 || '、') > 0)";
    Ok(connection.prepare_cached(sql)?.query_row([seal, operator], |row| row.get(0))?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<SealEvent> {
    let word: String = row.get(2)?;
    let unknown = || rusqlite::Error::InvalidColumnType(2, word.clone(), rusqlite::types::Type::Text);
    Ok(SealEvent {
        seal: row.get(0)?,
        at: instant(row, 1)?,
        act: SealAct::of_word(&word).ok_or_else(unknown)?,
        reason: row.get(3)?,
        certificate: row.get(4)?,
        operator: row.get(5)?,
        authority: row.get(6)?,
        filing: row.get(7)?,
    })
}
