//! ECDSA with any curve and digest that ring does not pair, Ed448 and DSA, for signatures of others: verified, never made.
//! The crates of RustCrypto check points and ranges; they are slower than ring, and only honest rarities meet them.

use super::suite::{KeyKind, Mismatch};

/// How r and s are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Values {
    /// SEQUENCE of two INTEGERs (RFC 3279 §2.2.3).
    Der,
    /// One after the other, each in the length of the order (BSI TR-03111 §5.2.1).
    Plain,
}

macro_rules! on {
    ($curve:ty, $key:ident, $digest:ident, $signature:ident, $values:ident) => {{
        use ecdsa::signature::hazmat::PrehashVerifier;
        let key = ecdsa::VerifyingKey::<$curve>::from_sec1_bytes($key).map_err(|_| Mismatch)?;
        let signature = match $values {
            Values::Der => ecdsa::Signature::<$curve>::from_der($signature),
            Values::Plain => ecdsa::Signature::<$curve>::from_slice($signature),
        };
        key.verify_prehash($digest, &signature.map_err(|_| Mismatch)?).map_err(|_| Mismatch)
    }};
}

/// Checks a signature over a digest under the key (a point as in SEC 1 §2.3.3).
///
/// # Errors
/// It does not verify, or the key is no point of a curve known here.
pub(super) fn verify(
    kind: KeyKind,
    key: &[u8],
    digest: &[u8],
    signature: &[u8],
    values: Values,
) -> Result<(), Mismatch> {
    match kind {
        KeyKind::P256 => on!(p256::NistP256, key, digest, signature, values),
        KeyKind::P384 => on!(p384::NistP384, key, digest, signature, values),
        KeyKind::P521 => on!(p521::NistP521, key, digest, signature, values),
        KeyKind::BrainpoolP256r1 => on!(bp256::BrainpoolP256r1, key, digest, signature, values),
        KeyKind::BrainpoolP384r1 => on!(bp384::BrainpoolP384r1, key, digest, signature, values),
        _ => Err(Mismatch),
    }
}

/// Ed448 without context (RFC 8032 §5.2).
///
/// # Errors
/// It does not verify, or this is no key.
pub(super) fn ed448(key: &[u8], message: &[u8], signature: &[u8]) -> Result<(), Mismatch> {
    use ed448_goldilocks_plus::{Signature, VerifyingKey};
    let bytes = <[u8; 57]>::try_from(key).map_err(|_| Mismatch)?;
    let key = VerifyingKey::from_bytes(&bytes).map_err(|_| Mismatch)?;
    let signature = Signature::from_slice(signature).map_err(|_| Mismatch)?;
    key.verify_raw(&signature, message).map_err(|_| Mismatch)
}

/// DSA over a digest (FIPS 186-4 §4.7); `key` is a SubjectPublicKeyInfo.
///
/// # Errors
/// It does not verify, or this is no key.
pub(super) fn dsa(key: &[u8], digest: &[u8], signature: &[u8]) -> Result<(), Mismatch> {
    use dsa::pkcs8::DecodePublicKey;
    use dsa::signature::hazmat::PrehashVerifier;
    let key = dsa::VerifyingKey::from_public_key_der(key).map_err(|_| Mismatch)?;
    let signature = dsa::Signature::try_from(signature).map_err(|_| Mismatch)?;
    key.verify_prehash(digest, &signature).map_err(|_| Mismatch)
}
