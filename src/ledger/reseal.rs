//! Changing the ledger's data key while it works.
//!
//! 1. The service writes a key file with one more key ([`Keyring::rotated`]).
//! 2. [`Ledger::adopt`] takes it up: everything new is sealed under the newest key, old keys still open.
//! 3. [`Ledger::reseal`] seals old columns anew, a bounded batch a call, between other people's work.
//! 4. [`Ledger::retire_old_keys`] finds nothing left under old keys; then they may leave the file
//!    ([`Keyring::retired`]).
//!
//! A crash between any two steps leaves a ledger that opens with the key file as it then is.

use super::rows::place;
use super::{Keyring, Ledger, LedgerError};
use rusqlite::{Connection, params};
use std::sync::Arc;

/// How far re-sealing has come. Begin with `default()`; losing it costs time only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealing {
    applications_after: i64,
    documents_after: i64,
    items_after: i64,
    /// Columns sealed anew so far.
    pub resealed: u64,
    /// Columns that did not open under any key: damaged, left as they are.
    pub damaged: u64,
}

/// A sealed column and its place.
struct Column {
    row: i64,
    place: Vec<u8>,
    sealed: Vec<u8>,
}

impl Ledger {
    /// Seals under the newest key of this key file from now on. Only alone: another process that does not
    /// know the new key could read nothing of what is sealed next.
    ///
    /// # Errors
    /// Not alone, not this ledger's key file, or a failure; the keys are then as before.
    pub fn adopt(&self, keyring: Keyring) -> Result<(), LedgerError> {
        self.admit(&keyring)?;
        *self.keyring.write().map_err(|_| LedgerError::Stopped)? = Arc::new(keyring);
        Ok(())
    }

    /// Seals up to `most` old columns anew and returns true while there may be more.
    ///
    /// # Errors
    /// A failure; what was done before stays done.
    pub fn reseal(&self, progress: &mut Resealing, most: u32) -> Result<bool, LedgerError> {
        let keyring = self.keyring()?;
        let sql = "SELECT record, identifier, application FROM certificate \
                   WHERE record > ?1 AND substr(application, 1, 4) <> ?2 ORDER BY record LIMIT ?3";
        let old = self.old_columns(sql, progress.applications_after, &keyring, most)?;
        if let Some(last) = old.last() {
            progress.applications_after = last.row;
            let sql = "UPDATE certificate SET application = ?2 WHERE record = ?1 AND application = ?3";
            self.seal_anew(sql, old, &keyring, progress)?;
            return Ok(true);
        }
        let sql = "SELECT rowid, address, sealed FROM document \
                   WHERE rowid > ?1 AND substr(sealed, 1, 4) <> ?2 ORDER BY rowid LIMIT ?3";
        let old = self.old_columns(sql, progress.documents_after, &keyring, most)?;
        if let Some(last) = old.last() {
            progress.documents_after = last.row;
            let sql = "UPDATE document SET sealed = ?2 WHERE rowid = ?1 AND sealed = ?3";
            self.seal_anew(sql, old, &keyring, progress)?;
            return Ok(true);
        }
        let sql = "SELECT rowid, CAST('batch_item/' || batch || '/' || item || '/about' AS BLOB), about FROM batch_item \
                   WHERE rowid > ?1 AND substr(about, 1, 4) <> ?2 ORDER BY rowid LIMIT ?3";
        let old = self.old_columns(sql, progress.items_after, &keyring, most)?;
        let Some(last) = old.last() else { return Ok(false) };
        progress.items_after = last.row;
        let sql = "UPDATE batch_item SET about = ?2 WHERE rowid = ?1 AND about = ?3";
        self.seal_anew(sql, old, &keyring, progress)?;
        Ok(true)
    }

    /// Forgets every key but the newest, after which the key file may do so too. Only alone.
    ///
    /// # Errors
    /// Not alone, columns still sealed under old keys, or a failure.
    pub fn retire_old_keys(&self) -> Result<(), LedgerError> {
        if self.presence.others_at_work()? {
            return Err(LedgerError::NotAlone);
        }
        let newest = self.keyring()?.newest();
        let sql = "SELECT (SELECT count(*) FROM certificate WHERE substr(application, 1, 4) <> ?1) + \
                   (SELECT count(*) FROM document WHERE substr(sealed, 1, 4) <> ?1) + \
                   (SELECT count(*) FROM batch_item WHERE substr(about, 1, 4) <> ?1) + \
                   (SELECT count(*) FROM seal_request WHERE brought IS NOT NULL AND substr(brought, 1, 4) <> ?1)";
        let columns = self.read(|connection| {
            Ok(connection.query_row(sql, [newest.to_be_bytes()], |row| row.get::<_, i64>(0))?.unsigned_abs())
        })?;
        if columns > 0 {
            return Err(LedgerError::StillSealed { columns });
        }
        self.writer.run(move |connection| {
            Ok(connection.execute("DELETE FROM key_check WHERE id <> ?1", [newest]).map(drop)?)
        })
    }

    /// Lets a key file in if it opens what every key so far has left, and leaves a value of its newest key.
    pub(super) fn admit(&self, keyring: &Keyring) -> Result<(), LedgerError> {
        let values: Vec<(u32, Vec<u8>)> = self.read(|connection| {
            let mut statement = connection.prepare("SELECT id, sealed FROM key_check ORDER BY id")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })?;
        if let Some((id, _)) = values.iter().find(|(_, value)| !keyring.passes(value)) {
            return Err(LedgerError::WrongKeys { id: *id });
        }
        let newest = keyring.newest();
        if values.iter().any(|(id, _)| *id == newest) {
            return Ok(());
        }
        if self.presence.others_at_work()? {
            return Err(LedgerError::NotAlone);
        }
        let value = keyring.check_value().map_err(|_| LedgerError::Random)?;
        self.writer.run(move |connection| {
            let sql = "INSERT INTO key_check VALUES (?1, ?2) ON CONFLICT DO NOTHING";
            Ok(connection.execute(sql, params![newest, value]).map(drop)?)
        })
    }

    fn old_columns(
        &self,
        sql: &str,
        after: i64,
        keyring: &Keyring,
        most: u32,
    ) -> Result<Vec<Column>, LedgerError> {
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![after, keyring.newest().to_be_bytes(), most])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let place = match row.get_ref(1)?.as_str() {
                    Ok(identifier) => place(identifier),
                    Err(_) => row.get(1)?,
                };
                found.push(Column { row: row.get(0)?, place, sealed: row.get(2)? });
            }
            Ok(found)
        })
    }

    fn seal_anew(
        &self,
        sql: &'static str,
        old: Vec<Column>,
        keyring: &Keyring,
        progress: &mut Resealing,
    ) -> Result<(), LedgerError> {
        let mut fresh = Vec::with_capacity(old.len());
        for column in old {
            match keyring.open(&column.place, &column.sealed) {
                Ok(plain) => {
                    let sealed = keyring.seal(&column.place, &plain).map_err(|_| LedgerError::Random)?;
                    fresh.push((column.row, sealed, column.sealed));
                }
                Err(_) => progress.damaged += 1,
            }
        }
        progress.resealed += self.writer.run(move |connection| update(connection, sql, &fresh))?;
        Ok(())
    }
}

/// Compares with the old bytes, so that two who re-seal at once do no harm.
fn update(connection: &Connection, sql: &str, fresh: &[(i64, Vec<u8>, Vec<u8>)]) -> Result<u64, LedgerError> {
    let mut statement = connection.prepare_cached(sql)?;
    let mut changed = 0;
    for (row, sealed, old) in fresh {
        changed += u64::try_from(statement.execute(params![row, sealed, old])?).unwrap_or(0);
    }
    Ok(changed)
}
