//! What a key itself counted, beside the ledger and not in it: one byte appended before each use, so that several
//! processes count as one and a kill loses none.
//!
//! Every use is on record before it happens. So a key that counted more than there is on record was used by somebody who
//! keeps no record, or the record lost its end (a backup put in its place); one that counted less lost its count.

use super::Office;
use super::files::{self, Readers};
use super::report::RIGHT;
use crate::ledger::{KeyEntries, LedgerError};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{Error, Write};
use std::path::{Path, PathBuf};

/// What the file begins with: uses before anything was counted.
const HEAD: usize = "base 00000000000000000000\n".len();

/// The count of one key.
pub(super) struct KeyCount(File);

impl KeyCount {
    /// Opens the count, or begins it with what is on record so far.
    pub(super) fn open(
        path: &Path,
        so_far: impl FnOnce() -> Result<u64, LedgerError>,
    ) -> Result<Option<Self>, LedgerError> {
        if !path.exists() {
            let head = format!("base {:020}\n", so_far()?);
            // Another process that begins it at this moment says the same.
            let made = path.parent().map(files::folder).transpose();
            if made.is_err() || (files::create(path, &head, Readers::Owner).is_err() && !path.exists()) {
                return Ok(None);
            }
        }
        Ok(OpenOptions::new().append(true).open(path).ok().map(Self))
    }

    /// Counts one use, before it.
    pub(super) fn one_more(&self) -> Result<(), Error> {
        (&self.0).write_all(b".")
    }
}

#[expect(clippy::disallowed_methods, reason = "the count is a file of the state folder")]
fn read(path: &Path) -> Option<u64> {
    let bytes = std::fs::read(path).ok()?;
    let head = std::str::from_utf8(bytes.get(..HEAD)?).ok()?;
    let base: u64 = head.strip_prefix("base ")?.trim_end().parse().ok()?;
    base.checked_add(u64::try_from(bytes.len() - HEAD).ok()?)
}

/// How a key's count and the record stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Balance {
    /// The same number, and nothing void or open.
    Equal,
    /// Apart by what became void, is open or was interrupted.
    Explained,
    /// So many signatures more than there is on record: not to be explained.
    Unrecorded(u64),
    /// So many fewer than what is on record: the count was lost or put back.
    Uncounted(u64),
    /// There is no count.
    Unknown,
}

impl Balance {
    /// Of a count from before and one from after the record was read: work goes on meanwhile.
    fn of(before: Option<u64>, after: Option<u64>, entries: &KeyEntries) -> Self {
        let Some((before, after)) = before.zip(after) else { return Self::Unknown };
        if before > entries.most() {
            return Self::Unrecorded(before - entries.most());
        }
        if after < entries.least() {
            return Self::Uncounted(entries.least() - after);
        }
        let whole = entries.void == 0 && entries.open == 0 && after == entries.most();
        if whole { Self::Equal } else { Self::Explained }
    }

    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Equal => "equal",
            Self::Explained => "explained",
            Self::Unrecorded(_) => "unrecorded",
            Self::Uncounted(_) => "uncounted",
            Self::Unknown => "unknown",
        }
    }

    /// Whether somebody must look.
    #[must_use]
    pub fn is_alarming(self) -> bool {
        matches!(self, Self::Unrecorded(_) | Self::Uncounted(_))
    }
}

/// One key and its record.
#[derive(Clone, Debug)]
pub struct KeyAudit {
    /// Role of the seal; none for a key that was renewed since.
    pub seal: Option<String>,
    /// SHA-256 of its certificate.
    pub fingerprint: [u8; 32],
    /// Signatures by its own count.
    pub made: Option<u64>,
    /// What is on record.
    pub entries: KeyEntries,
    /// How they stand to each other.
    pub balance: Balance,
}

impl KeyAudit {
    /// For programs.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let KeyEntries { issued, stamped, void, open, attempts, reports } = self.entries;
        let apart = match self.balance {
            Balance::Unrecorded(apart) | Balance::Uncounted(apart) => apart,
            _ => 0,
        };
        json!({
            "seal": self.seal, "certificate_sha256": hex::encode(self.fingerprint), "made": self.made,
            "issued": issued, "stamped": stamped, "reports": reports, "void": void, "open": open,
            "attempts": attempts, "balance": self.balance.word(), "apart": apart,
        })
    }

    /// For people.
    #[must_use]
    pub fn words(&self) -> String {
        match self.balance {
            Balance::Equal => "相符 equal".to_owned(),
            Balance::Explained => {
                "相差之数均有作废或中断的编号可对 explained by void or interrupted numbers".to_owned()
            }
            Balance::Unrecorded(apart) => format!(
                "✘ 密钥多用了 {apart} 次而台账没有:密钥可能已外流,或台账是旧备份 / the key was used {apart} times more than is on record: in other hands, or the ledger is an older backup"
            ),
            Balance::Uncounted(apart) => format!(
                "✘ 计数少了 {apart}:计数文件被换过 / the count lacks {apart}: its file was put back or replaced"
            ),
            Balance::Unknown => "没有计数 no count".to_owned(),
        }
    }
}

impl Office {
    fn count_of(&self, fingerprint: &[u8; 32]) -> PathBuf {
        self.config.state().join("key-counts").join(&hex::encode(fingerprint)[..32])
    }

    /// Opens the counts of all seals, or begins them.
    pub(super) fn open_counts(&mut self) -> Result<(), LedgerError> {
        let mut known = None;
        let places: Vec<_> = self
            .seals
            .iter()
            .map(|(role, seal)| (role.clone(), seal.certificate.fingerprint()))
            .map(|(role, key)| (role, key, self.count_of(&key)))
            .collect();
        for (role, key, path) in places {
            let so_far = || {
                let entries = match known.take() {
                    Some(entries) => entries,
                    None => self.ledger.key_entries(RIGHT)?,
                };
                let most = entries.get(&key).map_or(0, KeyEntries::most);
                known = Some(entries);
                Ok(most)
            };
            let count = KeyCount::open(&path, so_far)?;
            if let Some(seal) = self.seals.get_mut(&role) {
                seal.count = count;
            }
        }
        Ok(())
    }

    /// What each key counted itself, beside what is on record for it.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn audit_keys(&self) -> Result<Vec<KeyAudit>, LedgerError> {
        let own = self.seals.iter().map(|(role, seal)| (seal.certificate.fingerprint(), role.clone()));
        let mut roles: BTreeMap<[u8; 32], String> = own.collect();
        let counted = |key: &[u8; 32]| read(&self.count_of(key));
        let before: BTreeMap<_, _> = roles.keys().map(|key| (*key, counted(key))).collect();
        let mut entries = self.ledger.key_entries(RIGHT)?;
        for key in roles.keys() {
            entries.entry(*key).or_default();
        }
        let mut found: Vec<KeyAudit> = Vec::new();
        for (fingerprint, entries) in entries {
            let made = counted(&fingerprint);
            let balance = Balance::of(before.get(&fingerprint).copied().unwrap_or(made), made, &entries);
            found.push(KeyAudit { seal: roles.remove(&fingerprint), fingerprint, made, entries, balance });
        }
        // Seals by name, keys that were renewed behind them.
        found.sort_by(|one, other| (one.seal.is_none(), &one.seal).cmp(&(other.seal.is_none(), &other.seal)));
        Ok(found)
    }
}
