//! Keys of callers, and every decision about what they asked for.
//!
//! A key is shown once when it is made; only the digest of its secret stays. A secret has 256 random bits, so a plain
//! digest is enough: there is nothing to guess.

use super::{Ledger, LedgerError, rows};
use crate::crypto::sha256;
use crate::domain::Instant;
use rusqlite::{OptionalExtension, Row, params};

/// A caller's key as it stands on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Public name of the key.
    pub caller: String,
    /// `issuer`, `counter`, `auditor` or `operator`.
    pub role: String,
    /// Whose it is.
    pub organisation: String,
    /// What for, in the operator's words.
    pub label: String,
    /// Types it may touch; `None` is all.
    pub slugs: Option<Vec<String>>,
    /// 事项编码 it may look up for; `None` is all.
    pub items: Option<Vec<String>>,
    /// When made.
    pub created_at: Instant,
    /// By whom.
    pub created_by: String,
    /// Last instant.
    pub expires_at: Instant,
    /// When revoked.
    pub revoked_at: Option<Instant>,
}

/// A decision about one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// When.
    pub at: Instant,
    /// Key of the caller, or `console`.
    pub caller: String,
    /// What was asked, as `issue`.
    pub right: String,
    /// On what: a type, an identifier.
    pub target: Option<String>,
    /// Whether it was granted.
    pub granted: bool,
    /// Why, in one word.
    pub reason: String,
}

const SELECT: &str = "SELECT caller, role, organisation, label, slugs, items, created_at, created_by, expires_at, \
                      revoked_at FROM caller";

impl Ledger {
    /// Puts a key on record.
    ///
    /// # Errors
    /// A failure.
    pub fn add_caller(&self, caller: Caller, secret: &[u8]) -> Result<(), LedgerError> {
        let digest = sha256(&[secret]);
        self.writer.run(move |connection| {
            let joined = |list: Option<Vec<String>>| list.map(|list| list.join("\n"));
            let sql = "INSERT INTO caller VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, NULL)";
            connection.prepare_cached(sql)?.execute(params![
                caller.caller,
                digest,
                caller.role,
                caller.organisation,
                caller.label,
                joined(caller.slugs),
                joined(caller.items),
                caller.created_at.millis(),
                caller.created_by,
                caller.expires_at.millis(),
            ])?;
            Ok(())
        })
    }

    /// The key of this name, if the secret is its own. Whether it is good now is the caller's question.
    ///
    /// # Errors
    /// A failure.
    pub fn caller(&self, name: &str, secret: &[u8]) -> Result<Option<Caller>, LedgerError> {
        let digest = sha256(&[secret]);
        self.read(|connection| {
            // The digest of a random secret: where the comparison stops tells nothing about the secret.
            let sql = format!("{SELECT} WHERE caller = ?1 AND digest = ?2");
            Ok(connection.prepare_cached(&sql)?.query_row(params![name, digest], read).optional()?)
        })
    }

    /// Every key, oldest first.
    ///
    /// # Errors
    /// A failure.
    pub fn callers(&self) -> Result<Vec<Caller>, LedgerError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached(&format!("{SELECT} ORDER BY created_at, caller"))?;
            let callers = statement.query_map([], read)?;
            Ok(callers.collect::<Result<_, _>>()?)
        })
    }

    /// Ends a key; false when there is none of this name or it had ended before.
    ///
    /// # Errors
    /// A failure.
    pub fn revoke_caller(&self, name: &str, at: Instant) -> Result<bool, LedgerError> {
        let name = name.to_owned();
        self.writer.run(move |connection| {
            let sql = "UPDATE caller SET revoked_at = ?2 WHERE caller = ?1 AND revoked_at IS NULL";
            Ok(connection.prepare_cached(sql)?.execute(params![name, at.millis()])? == 1)
        })
    }

    /// Puts a decision on record.
    ///
    /// # Errors
    /// A failure: then the request may not go on.
    pub fn record_decision(&self, decision: Decision) -> Result<(), LedgerError> {
        self.writer.run(move |connection| {
            let sql = "INSERT INTO decision (at, caller, right, target, granted, reason) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
            connection.prepare_cached(sql)?.execute(params![
                decision.at.millis(),
                decision.caller,
                decision.right,
                decision.target,
                i64::from(decision.granted),
                decision.reason,
            ])?;
            Ok(())
        })
    }

    /// Decisions after a running number, oldest first, with their numbers.
    ///
    /// # Errors
    /// A failure.
    pub fn decisions(&self, after: u64, limit: u32) -> Result<Vec<(u64, Decision)>, LedgerError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.read(|connection| {
            let sql = "SELECT decision, at, caller, right, target, granted, reason FROM decision \
                       WHERE decision > ?1 ORDER BY decision LIMIT ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let decisions = statement.query_map(params![after, limit], |row| {
                let decision = Decision {
                    at: rows::instant(row, 1)?,
                    caller: row.get(2)?,
                    right: row.get(3)?,
                    target: row.get(4)?,
                    granted: row.get::<_, i64>(5)? == 1,
                    reason: row.get(6)?,
                };
                Ok((row.get::<_, i64>(0)?.unsigned_abs(), decision))
            })?;
            Ok(decisions.collect::<Result<_, _>>()?)
        })
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Caller> {
    let list = |text: Option<String>| text.map(|text| text.split('\n').map(str::to_owned).collect());
    Ok(Caller {
        caller: row.get(0)?,
        role: row.get(1)?,
        organisation: row.get(2)?,
        label: row.get(3)?,
        slugs: list(row.get(4)?),
        items: list(row.get(5)?),
        created_at: rows::instant(row, 6)?,
        created_by: row.get(7)?,
        expires_at: rows::instant(row, 8)?,
        revoked_at: row.get::<_, Option<i64>>(9)?.and_then(Instant::from_millis),
    })
}
