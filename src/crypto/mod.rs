//! Signature suites, digests, keys that sign, and sealed columns.
//!
//! A suite is a plain struct in a static table; a key is whatever implements [`Signer`]. Hardware tokens join the
//! trait without changing a caller. All primitives that sign are ring's, save SM2 (sm2); ring does neither PKCS#8
//! encryption (pkcs8) nor the generation of RSA keys (rsa).
//! A [`Method`] is what is checked in documents of others, whether a suite of ours or not.

mod aead;
mod curves;
mod digest;
mod key;
mod method;
mod rsa_key;
pub mod sm2;
mod suite;

pub use aead::{AeadError, BlindKey, DataKey, random};
pub use digest::{
    Digest, SHA1, SHA3_256, SHA3_384, SHA3_512, SHA224, SHA256, SHA384, SHA512, SHAKE256, SHAKE256_LENGTH,
    SM3, Sha256, sha256,
};
pub use key::{KeyError, KeyPurpose, SoftwareKey, decrypt_pkcs8, encrypt_pkcs8, generate_pkcs8, pem};
pub use method::Method;
pub use suite::{
    ALL, ECDSA_P256_SHA256, ECDSA_P256_SHA384, ECDSA_P384_SHA256, ECDSA_P384_SHA384, ECDSA_P384_SHA512,
    ECDSA_P521_SHA512, ED25519_SHA512, KeyKind, Mismatch, PublicKey, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, SM2_SM3, Suite, Unsupported, by_id,
};

/// Why a key did not sign.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The primitive refused, as ring does on a failed self-check.
    #[error("the key refused to sign")]
    Refused,
    /// The device that holds the key did not; in its words.
    #[error("{0}")]
    Device(String),
}

/// A key that can sign, wherever it lives.
pub trait Signer: Send + Sync {
    /// The suite its signatures belong to.
    fn suite(&self) -> &'static Suite;
    /// DER of the certificate of this key.
    fn certificate(&self) -> &[u8];
    /// DER of the issuing certificates, nearest first, without the root.
    fn chain(&self) -> &[Vec<u8>];
    /// Signs `message` (the signed attributes, never a document).
    ///
    /// # Errors
    /// The key or its device refused.
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;
}
