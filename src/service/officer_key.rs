//! The key of an officer: P-256, in a file under his passphrase. Any tool that signs a file will do in its place.

use super::files::{self, FileError, Readers};
use super::keys::{KeysError, strong};
use crate::crypto::{self, KeyError, KeyPurpose, Signer, SoftwareKey};
use std::path::{Path, PathBuf};

/// DER of a SubjectPublicKeyInfo for P-256 (RFC 5480 §2) up to its 65 octets.
const P256_INFO: [u8; 26] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86,
    0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
];

/// An open key of an officer.
pub struct OfficerKey(SoftwareKey);

/// Why an officer's key did not do.
#[derive(Debug, thiserror::Error)]
pub enum OfficerKeyError {
    /// Form, passphrase, randomness.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The passphrase is too short.
    #[error(transparent)]
    Passphrase(#[from] KeysError),
    /// A file that is there already, or cannot be written.
    #[error(transparent)]
    File(#[from] FileError),
    /// It did not sign.
    #[error("密钥没有签名 / the key did not sign")]
    Refused,
}

impl OfficerKey {
    /// Makes a key file, and beside it `.pub.pem`, whose path is the answer. Nothing is overwritten.
    ///
    /// # Errors
    /// [`OfficerKeyError`].
    pub fn make(path: &Path, passphrase: &str) -> Result<PathBuf, OfficerKeyError> {
        strong(passphrase)?;
        let pkcs8 = crypto::generate_pkcs8(KeyPurpose::P256)?;
        let key = SoftwareKey::from_pkcs8(&pkcs8, &crypto::ECDSA_P256_SHA256, Vec::new(), Vec::new())?;
        let info = [&P256_INFO[..], &key.public_key().octets].concat();
        let public = path.with_extension("pub.pem");
        let sealed = crypto::encrypt_pkcs8(&pkcs8, passphrase.as_bytes())?;
        files::create(path, &sealed, Readers::Owner)?;
        files::create(&public, &crypto::pem("PUBLIC KEY", &info).unwrap_or_default(), Readers::All)?;
        Ok(public)
    }

    /// Opens a key file: P-256 in encrypted PKCS#8.
    ///
    /// # Errors
    /// Form, passphrase, kind of key.
    pub fn open(pem: &str, passphrase: &str) -> Result<Self, OfficerKeyError> {
        let suite = &crypto::ECDSA_P256_SHA256;
        Ok(Self(SoftwareKey::open(pem, passphrase.as_bytes(), suite, Vec::new(), Vec::new())?))
    }

    /// Signs the text of an order.
    ///
    /// # Errors
    /// The key did not sign.
    pub fn sign(&self, text: &str) -> Result<Vec<u8>, OfficerKeyError> {
        self.0.sign(text.as_bytes()).map_err(|_| OfficerKeyError::Refused)
    }
}
