//! The keys of sealed columns, kept in a file outside the database.
//!
//! `{"data":[{"id":1,"key":"hex"}],"blind":"hex"}`. The highest id seals; every id opens. Rotation appends
//! a key. The blind key never changes while its indexes live. Back up this file apart from the database:
//! together they are the personal data, either alone is nothing.

use crate::crypto::{AeadError, BlindKey, DataKey, random};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

const CHECK: &[u8] = b"key_check";

/// Why a key file cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringError {
    /// Not the JSON above, or no data key.
    #[error("台账密钥文件格式不对 / malformed ledger key file")]
    Form,
    /// The machine gave no randomness.
    #[error("没有随机数 / no randomness")]
    Random,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    data: Vec<DataEntry>,
    blind: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DataEntry {
    id: u32,
    key: String,
}

/// Data keys by id, newest last, and the blind-index key.
#[derive(Debug)]
pub struct Keyring {
    data: Vec<(u32, DataKey)>,
    blind: BlindKey,
}

impl Keyring {
    /// Text of a fresh key file.
    ///
    /// # Errors
    /// No randomness.
    pub fn generate() -> Result<Zeroizing<String>, KeyringError> {
        let key = || random::<32>().map(|k| hex::encode(Zeroizing::new(k))).ok_or(KeyringError::Random);
        let file = KeyFile { data: vec![DataEntry { id: 1, key: key()? }], blind: key()? };
        serde_json::to_string(&file).map(Zeroizing::new).map_err(|_| KeyringError::Form)
    }

    /// The text of a key file with one more data key, which seals from now on.
    ///
    /// # Errors
    /// Malformed file, no randomness.
    pub fn rotated(text: &str) -> Result<Zeroizing<String>, KeyringError> {
        let mut file: KeyFile = serde_json::from_str(text).map_err(|_| KeyringError::Form)?;
        let id = file.data.iter().map(|d| d.id).max().ok_or(KeyringError::Form)?;
        let key = random::<32>().ok_or(KeyringError::Random)?;
        file.data.push(DataEntry { id: id.checked_add(1).ok_or(KeyringError::Form)?, key: hex::encode(key) });
        serde_json::to_string(&file).map(Zeroizing::new).map_err(|_| KeyringError::Form)
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// Malformed file.
    pub fn read(text: &str) -> Result<Self, KeyringError> {
        let file: KeyFile = serde_json::from_str(text).map_err(|_| KeyringError::Form)?;
        let bytes = |text: &str| {
            let mut key = Zeroizing::new([0_u8; 32]);
            hex::decode_to_slice(text, &mut *key).map(|()| key).map_err(|_| KeyringError::Form)
        };
        let mut data = Vec::new();
        for entry in &file.data {
            let key = DataKey::new(&*bytes(&entry.key)?).map_err(|_| KeyringError::Form)?;
            data.push((entry.id, key));
        }
        data.sort_by_key(|(id, _)| *id);
        if data.is_empty() || data.windows(2).any(|pair| pair[0].0 == pair[1].0) {
            return Err(KeyringError::Form);
        }
        Ok(Self { data, blind: BlindKey::new(&*bytes(&file.blind)?) })
    }

    /// The text of a key file without the keys that no longer seal. Only when nothing is sealed under them
    /// any more, which [`Ledger::retire_old_keys`](super::Ledger::retire_old_keys) finds out.
    ///
    /// # Errors
    /// Malformed file.
    pub fn retired(text: &str) -> Result<Zeroizing<String>, KeyringError> {
        let mut file: KeyFile = serde_json::from_str(text).map_err(|_| KeyringError::Form)?;
        let newest = file.data.iter().map(|d| d.id).max().ok_or(KeyringError::Form)?;
        file.data.retain(|d| d.id == newest);
        serde_json::to_string(&file).map(Zeroizing::new).map_err(|_| KeyringError::Form)
    }

    /// Number of the key that seals.
    #[must_use]
    pub fn newest(&self) -> u32 {
        self.data.last().map_or(0, |(id, _)| *id)
    }

    /// What a ledger keeps of key `id`, to recognise its key file: nothing about the keys can be learnt from it.
    pub(super) fn check_value(&self) -> Result<Vec<u8>, AeadError> {
        self.seal(CHECK, &self.blind.index(&[CHECK]))
    }

    pub(super) fn passes(&self, check_value: &[u8]) -> bool {
        self.open(CHECK, check_value).is_ok_and(|blind| blind == self.blind.index(&[CHECK]))
    }

    pub(super) fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, AeadError> {
        let (id, key) = self.data.last().ok_or(AeadError)?;
        let mut out = id.to_be_bytes().to_vec();
        out.extend(key.seal(place, plain)?);
        Ok(out)
    }

    pub(super) fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, AeadError> {
        let (id, rest) = sealed.split_first_chunk::<4>().ok_or(AeadError)?;
        let id = u32::from_be_bytes(*id);
        let (_, key) = self.data.iter().find(|(known, _)| *known == id).ok_or(AeadError)?;
        key.open(place, rest)
    }

    pub(super) fn blind(&self, parts: &[&[u8]]) -> [u8; 32] {
        self.blind.index(parts)
    }
}
