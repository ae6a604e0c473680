//! Who is at work on which reservation, in this process and in others on the same ledger.
//!
//! Every open ledger has a random owner name and holds a lock on `<ledger>-owners/<name>` for as long as
//! it lives; the system drops the lock when the process dies, however it dies. A reservation carries its
//! owner. Whoever finds a reservation may take it over when its owner is dead, or when it is our own and
//! nobody here has it in hand. Names are never used twice, so the dead stay dead.

use super::LedgerError;
use crate::crypto::random;
use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// This process's sign of life, and what it has in hand.
pub(super) struct Presence {
    owner: String,
    folder: PathBuf,
    in_hand: Arc<InHand>,
    /// Held, never read.
    _lock: File,
}

#[derive(Debug, Default)]
struct InHand(Mutex<BTreeSet<i64>>);

/// A record somebody in this process is working on; given back when dropped.
#[derive(Debug)]
pub(super) struct Hold {
    all: Arc<InHand>,
    record: i64,
}

impl Drop for Hold {
    fn drop(&mut self) {
        if let Ok(mut records) = self.all.0.lock() {
            records.remove(&self.record);
        }
    }
}

impl Presence {
    pub(super) fn begin(ledger: &Path) -> Result<Self, LedgerError> {
        let folder = folder_of(ledger);
        let owner = hex::encode(random::<16>().ok_or(LedgerError::Random)?);
        let path = folder.join(&owner);
        let lock = fs::create_dir_all(&folder).and_then(|()| locked(&path));
        let lock = lock.map_err(|source| LedgerError::Owners { path, source })?;
        Ok(Self { owner, folder, in_hand: Arc::default(), _lock: lock })
    }

    pub(super) fn owner(&self) -> &str {
        &self.owner
    }

    /// Takes a record in hand; `None` when somebody in this process has it.
    pub(super) fn take(&self, record: i64) -> Option<Hold> {
        let fresh = self.in_hand.0.lock().ok()?.insert(record);
        fresh.then(|| Hold { all: Arc::clone(&self.in_hand), record })
    }

    /// True when this is ourselves, a living process, or when the system does not tell.
    pub(super) fn is_at_work(&self, owner: &str) -> bool {
        owner == self.owner || lives(&self.folder.join(owner))
    }

    /// True when another living process has the ledger open. Removes what dead ones left.
    pub(super) fn others_at_work(&self) -> Result<bool, LedgerError> {
        let failed = |source| LedgerError::Owners { path: self.folder.clone(), source };
        let mut others = false;
        for file in fs::read_dir(&self.folder).map_err(failed)? {
            let path = file.map_err(failed)?.path();
            if path == self.folder.join(&self.owner) {
                continue;
            }
            if lives(&path) {
                others = true;
            } else {
                let _ = fs::remove_file(&path);
            }
        }
        Ok(others)
    }
}

impl Drop for Presence {
    fn drop(&mut self) {
        let _ = fs::remove_file(self.folder.join(&self.owner));
    }
}

fn folder_of(ledger: &Path) -> PathBuf {
    let mut folder = ledger.as_os_str().to_owned();
    folder.push("-owners");
    PathBuf::from(folder)
}

/// True when an owner of a ledger file lives, for those who do not open the ledger themselves.
pub(super) fn owner_lives(ledger: &Path, owner: &str) -> bool {
    lives(&folder_of(ledger).join(owner))
}

/// Makes the file and locks it. Between the two a sweeper may have removed it as dead; then once more.
fn locked(path: &Path) -> io::Result<File> {
    loop {
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(path)?;
        file.lock()?;
        if fs::metadata(path).is_ok_and(|named| named.ino() == file.metadata().map_or(0, |own| own.ino())) {
            return Ok(file);
        }
    }
}

fn lives(path: &Path) -> bool {
    match OpenOptions::new().read(true).open(path) {
        Ok(file) => match file.try_lock_shared() {
            Ok(()) => false,
            Err(TryLockError::WouldBlock | TryLockError::Error(_)) => true,
        },
        Err(e) => e.kind() != io::ErrorKind::NotFound,
    }
}
