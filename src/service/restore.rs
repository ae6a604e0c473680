//! Backups: whether one is good, and how it becomes a ledger again.
//!
//! A backup is weighed before it is trusted: opened read-only, checked by SQLite, its version known, its numbers without
//! gaps, a sample of its applications and documents opened with the keys. Nothing is ever overwritten.

use super::files::{self, FileError, Readers};
use crate::ledger::{self, Damage, Examination, Keyring, KeyringError, LedgerError};
use std::path::{Path, PathBuf};

/// Records opened with the keys when nothing else is asked for.
pub const SAMPLE: u32 = 200;

/// Why a backup was not examined or not restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It is damaged; nothing was written.
    #[error("备份不可用,未恢复 / the backup is not good, nothing was restored:{}", words(.0))]
    Damaged(Vec<Damage>),
    /// A ledger stands there.
    #[error("{0} 已存在,从不覆盖;请先移走 / exists, nothing is ever overwritten: move it away first")]
    Exists(PathBuf),
    /// Two key files, of which one would be lost.
    #[error("{0} 与 --keys 给出的不同 / differs from the one given by --keys")]
    OtherKeys(PathBuf),
    /// The disk.
    #[error(transparent)]
    File(#[from] FileError),
    /// The key file.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// There is no such file.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

fn words(damage: &[Damage]) -> String {
    damage.iter().map(|one| format!("\n  {}: {one}", one.code())).collect()
}

/// Examines the ledger of a state folder without opening it for work: nothing is finished, repaired or migrated.
///
/// # Errors
/// No ledger, or no usable key file.
pub fn check_ledger(state: &Path, sample: u32) -> Result<Examination, RestoreError> {
    let keyring = keyring(&state.join("ledger-keys.json"))?;
    Ok(ledger::examine(&state.join("ledger.db"), &keyring, sample)?)
}

/// Examines a backup with a key file, and holds it against the ledger at work if a state folder is given.
///
/// # Errors
/// No backup, no usable key file, or the ledger at work does not answer.
pub fn check_backup(
    backup: &Path,
    keys: &Path,
    live: Option<&Path>,
    sample: u32,
) -> Result<Examination, RestoreError> {
    let mut examination = ledger::examine_backup(backup, &keyring(keys)?, sample)?;
    if let Some(state) = live.filter(|_| examination.damage.is_empty()) {
        examination.damage = ledger::compare(backup, &state.join("ledger.db"), sample)?;
    }
    Ok(examination)
}

/// Puts a good backup into a state folder that has no ledger, with its key file unless that is there already.
///
/// # Errors
/// [`RestoreError`]; then no ledger stands in the folder.
pub fn restore(backup: &Path, keys: &Path, state: &Path, sample: u32) -> Result<Examination, RestoreError> {
    for name in ["ledger.db", "ledger.db-wal", "ledger.db-shm"] {
        let path = state.join(name);
        if path.exists() {
            return Err(RestoreError::Exists(path));
        }
    }
    let (text, kept) = (files::text(keys)?, state.join("ledger-keys.json"));
    if kept.exists() && files::text(&kept)? != text {
        return Err(RestoreError::OtherKeys(kept));
    }
    let examination = check_backup(backup, keys, None, sample)?;
    if !examination.damage.is_empty() {
        return Err(RestoreError::Damaged(examination.damage));
    }
    files::folder(state)?;
    if !kept.exists() {
        files::create(&kept, &text, Readers::Owner)?;
    }
    files::copy(backup, &state.join("ledger.db"))?;
    Ok(examination)
}

fn keyring(path: &Path) -> Result<Keyring, RestoreError> {
    Ok(Keyring::read(&files::text(path)?)?)
}
