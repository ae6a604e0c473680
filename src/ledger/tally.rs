//! What is on record for each key: the other side of what the key itself counted.

use super::{Ledger, LedgerError};
use rusqlite::params;
use std::collections::BTreeMap;

/// What is on record for one key, by the fingerprint of its certificate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyEntries {
    /// Certificates issued.
    pub issued: u64,
    /// Documents stamped.
    pub stamped: u64,
    /// Numbers that became void: the key was used at most once for each attempt.
    pub void: u64,
    /// Numbers that are not closed yet.
    pub open: u64,
    /// Attempts: one for each number, and one more each time that an interrupted one was taken up again.
    pub attempts: u64,
    /// Reports that were to be sealed.
    pub reports: u64,
}

impl KeyEntries {
    /// Signatures that there must have been at least.
    #[must_use]
    pub fn least(&self) -> u64 {
        self.issued.saturating_add(self.stamped)
    }

    /// Signatures that there can have been at most: each was on record before the key was used.
    #[must_use]
    pub fn most(&self) -> u64 {
        self.attempts.saturating_add(self.reports)
    }
}

impl Ledger {
    /// What is on record for every key that was ever used. `right` is what decisions to seal a report are called; their
    /// targets end in the fingerprint.
    ///
    /// # Errors
    /// A failure.
    pub fn key_entries(&self, right: &str) -> Result<BTreeMap<[u8; 32], KeyEntries>, LedgerError> {
        self.read(|connection| {
            let mut found: BTreeMap<[u8; 32], KeyEntries> = BTreeMap::new();
            for (table, done) in [("certificate", "issued"), ("stamping", "stamped")] {
                let sql = format!(
                    "SELECT key_fingerprint, sum(state = '{done}'), sum(state = 'void'), sum(state = 'reserved'), \
                     sum(attempts) FROM {table} GROUP BY key_fingerprint"
                );
                let mut statement = connection.prepare(&sql)?;
                let mut rows = statement.query([])?;
                while let Some(row) = rows.next()? {
                    let count = |column| row.get::<_, i64>(column).map(i64::unsigned_abs);
                    let entries = found.entry(row.get(0)?).or_default();
                    if table == "certificate" { entries.issued = count(1)? } else { entries.stamped = count(1)? }
                    entries.void += count(2)?;
                    entries.open += count(3)?;
                    entries.attempts += count(4)?;
                }
            }
            let sql = "SELECT substr(target, -64), count(*) FROM decision WHERE right = ?1 AND granted = 1 GROUP BY 1";
            let mut statement = connection.prepare(sql)?;
            let mut rows = statement.query(params![right])?;
            while let Some(row) = rows.next()? {
                let (mut key, text) = ([0; 32], row.get::<_, Option<String>>(0)?.unwrap_or_default());
                if hex::decode_to_slice(&text, &mut key).is_ok() {
                    found.entry(key).or_default().reports += row.get::<_, i64>(1)?.unsigned_abs();
                }
            }
            Ok(found)
        })
    }
}
