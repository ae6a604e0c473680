//! Unsigned page → sealed page: the digest over everything but the hole, a CMS signature into the hole.
//!
//! PAdES baseline B-B (ETSI EN 319 142-1): one field, one revision, nothing appended. The room neither
//! draws nor records; whether the result is right is judged by `verify`, which shares no code with it.

use crate::cms::{IssuerAndSerial, SignedAttributes, assemble};
use crate::crypto::{SignError, Signer, sha256};
use crate::pdf::UnsignedPdf;

/// A sealed file. Only [`seal`] makes one.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedPdf {
    bytes: Vec<u8>,
    covered_digest: [u8; 32],
    signature_digest: [u8; 32],
}

impl std::fmt::Debug for SealedPdf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedPdf({} bytes)", self.bytes.len())
    }
}

/// Why a page was not sealed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key refused.
    #[error(transparent)]
    Signer(#[from] SignError),
    /// The signature does not fit its hole.
    #[error("signature needs {needed} bytes, the hole has {room}")]
    HoleTooSmall {
        /// Bytes in the hole.
        room: usize,
        /// Bytes of the signature.
        needed: usize,
    },
    /// The hole is not `<` zeros `>` inside the file.
    #[error("the page has no signature hole")]
    NoHole,
}

impl SealedPdf {
    /// The file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
    /// SHA-256 of the bytes the signature covers.
    #[must_use]
    pub fn covered_digest(&self) -> &[u8; 32] {
        &self.covered_digest
    }
    /// SHA-256 of the signature value.
    #[must_use]
    pub fn signature_digest(&self) -> &[u8; 32] {
        &self.signature_digest
    }
}

/// Seals a page with a key; `name` is issuer and serial of its certificate.
///
/// # Errors
/// [`SealError`].
pub fn seal(
    page: UnsignedPdf,
    signer: &dyn Signer,
    name: &IssuerAndSerial<'_>,
) -> Result<SealedPdf, SealError> {
    let UnsignedPdf { mut bytes, contents } = page;
    let hole = bytes.get(contents.clone()).ok_or(SealError::NoHole)?;
    let empty = hole.starts_with(b"<") && hole.ends_with(b">");
    let digits = contents.start + 1..contents.end.saturating_sub(1);
    if !empty || bytes[digits.clone()].iter().any(|b| *b != b'0') {
        return Err(SealError::NoHole);
    }
    let (before, after) = (&bytes[..contents.start], &bytes[contents.end..]);
    let digest = signer.suite().digest;
    let attributes = SignedAttributes::new(&digest.of(&[before, after]), digest, signer.certificate());
    let signature = signer.sign(attributes.message())?;
    let cms = assemble(signer, name, &attributes, &signature);
    let covered_digest = sha256(&[before, after]);
    let room = digits.len() / 2;
    if cms.len() > room {
        return Err(SealError::HoleTooSmall { room, needed: cms.len() });
    }
    let end = digits.start + cms.len() * 2;
    hex::encode_to_slice(&cms, &mut bytes[digits.start..end]).map_err(|_| SealError::NoHole)?;
    Ok(SealedPdf { bytes, covered_digest, signature_digest: sha256(&[&signature]) })
}
