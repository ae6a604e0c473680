//! Encryption at rest, blind indexes and randomness.

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use ring::rand::{SecureRandom, SystemRandom};

/// A sealed column that does not open: another key, another place, or altered bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sealed data does not open")]
pub struct AeadError;

/// Fresh random bytes; `None` when the operating system gives none.
#[must_use]
pub fn random<const N: usize>() -> Option<[u8; N]> {
    let mut out = [0; N];
    SystemRandom::new().fill(&mut out).ok().map(|()| out)
}

/// AES-256-GCM with random nonces. NIST SP 800-38D bounds one key to 2^32 such uses; rotate before.
pub struct DataKey(LessSafeKey);

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("DataKey(elided)")
    }
}

impl DataKey {
    /// From 32 bytes.
    ///
    /// # Errors
    /// Never for 32 bytes; ring's constructor can fail on other lengths.
    pub fn new(bytes: &[u8; 32]) -> Result<Self, AeadError> {
        UnboundKey::new(&AES_256_GCM, bytes).map(|k| Self(LessSafeKey::new(k))).map_err(|_| AeadError)
    }

    /// Nonce, ciphertext and tag of `plain`, bound to `place` (table, row, column).
    ///
    /// # Errors
    /// No randomness.
    pub fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, AeadError> {
        let nonce: [u8; NONCE_LEN] = random().ok_or(AeadError)?;
        let mut out = Vec::with_capacity(NONCE_LEN + plain.len() + AES_256_GCM.tag_len());
        out.extend_from_slice(&nonce);
        out.extend_from_slice(plain);
        let tag = self
            .0
            .seal_in_place_separate_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(place),
                &mut out[NONCE_LEN..],
            )
            .map_err(|_| AeadError)?;
        out.extend_from_slice(tag.as_ref());
        Ok(out)
    }

    /// What `seal` was given, if place and bytes are the same.
    ///
    /// # Errors
    /// Another key, another place, altered or truncated bytes.
    pub fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, AeadError> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE_LEN>().ok_or(AeadError)?;
        let mut rest = rest.to_vec();
        let plain = self
            .0
            .open_in_place(Nonce::assume_unique_for_key(*nonce), Aad::from(place), &mut rest)
            .map_err(|_| AeadError)?
            .len();
        rest.truncate(plain);
        Ok(rest)
    }
}

/// Key of a blind index: equal inputs are found again, and nothing else is learnt from the column.
pub struct BlindKey(hmac::Key);

impl std::fmt::Debug for BlindKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("BlindKey(elided)")
    }
}

impl BlindKey {
    /// From 32 bytes.
    #[must_use]
    pub fn new(bytes: &[u8; 32]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, bytes))
    }

    /// HMAC-SHA-256 of the parts, each preceded by its length so that no two lists collide.
    #[must_use]
    pub fn index(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut context = hmac::Context::with_key(&self.0);
        for part in parts {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part);
        }
        let mut out = [0; 32];
        out.copy_from_slice(context.sign().as_ref());
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_columns_open_only_in_their_place() {
        let key = DataKey::new(&[7; 32]).unwrap();
        let sealed = key.seal(b"row 1", b"secret").unwrap();
        assert_eq!(key.open(b"row 1", &sealed).unwrap(), b"secret");
        assert!(key.open(b"row 2", &sealed).is_err());
        assert!(DataKey::new(&[8; 32]).unwrap().open(b"row 1", &sealed).is_err());
        for at in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[at] ^= 1;
            assert!(key.open(b"row 1", &altered).is_err(), "byte {at}");
        }
    }

    #[test]
    fn blind_indexes_do_not_collide_across_borders() {
        let key = BlindKey::new(&[1; 32]);
        assert_ne!(key.index(&[b"ab", b"c"]), key.index(&[b"a", b"bc"]));
    }
}
