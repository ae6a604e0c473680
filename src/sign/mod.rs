//! Unsigned page → sealed page: the digest over everything but the hole, a CMS signature into the hole.
//!
//! PAdES baseline B-B (ETSI EN 319 142-1): one field, one revision, nothing appended. A national seal (GB/T 38540) may be
//! pressed in the same stroke: over the same bytes, as a signed attribute, so that neither can be taken away unnoticed.
//! The room neither draws nor records; whether the result is right is judged by `verify`, which shares no code with it.

use crate::asn1::oid;
use crate::cms::{IssuerAndSerial, SignedAttributes, assemble};
use crate::crypto::{SignError, Signer, sha256};
use crate::domain::Instant;
use crate::pdf::UnsignedPdf;
use crate::ses::Version;
use crate::ses::make::{PressingPlan, press};

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

/// A national seal to be pressed beside the signature.
pub struct Beside<'a> {
    /// Structure of the seal.
    pub version: Version,
    /// SESeal, DER.
    pub seal: &'a [u8],
    /// Whoever the seal lists.
    pub signer: &'a dyn Signer,
    /// When; the same as `/M`.
    pub at: Instant,
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
    seal_beside(page, signer, name, None)
}

/// The same with a national seal pressed beside it.
///
/// # Errors
/// [`SealError`].
pub fn seal_beside(
    page: UnsignedPdf,
    signer: &dyn Signer,
    name: &IssuerAndSerial<'_>,
    beside: Option<&Beside<'_>>,
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
    let range = format!("[0 {} {} {}]", contents.start, contents.end, after.len());
    let pressing = beside.map(|beside| pressed(beside, signer, [before, after], &range)).transpose()?;
    let further = pressing.map(|pressing| (oid::SES_SIGNATURE, pressing));
    let covered = digest.of(&[before, after]);
    let attributes = SignedAttributes::with(&covered, digest, signer.certificate(), further);
    let signature = signer.sign(attributes.message())?;
    let further = beside.map_or(&[][..], |beside| beside.signer.chain());
    let cms = assemble(signer, name, &attributes, &signature, further);
    let covered_digest = sha256(&[before, after]);
    let room = digits.len() / 2;
    if cms.len() > room {
        return Err(SealError::HoleTooSmall { room, needed: cms.len() });
    }
    let end = digits.start + cms.len() * 2;
    hex::encode_to_slice(&cms, &mut bytes[digits.start..end]).map_err(|_| SealError::NoHole)?;
    Ok(SealedPdf { bytes, covered_digest, signature_digest: sha256(&[&signature]) })
}

/// SES_Signature over the bytes around the hole. Its propertyInfo is the text of the byte range.
fn pressed(
    beside: &Beside<'_>,
    signer: &dyn Signer,
    covered: [&[u8]; 2],
    range: &str,
) -> Result<Vec<u8>, SignError> {
    let data_hash = beside.signer.suite().digest.of(&covered);
    let plan = PressingPlan {
        version: beside.version,
        seal: beside.seal,
        at: beside.at,
        data_hash: &data_hash,
        property: range,
        beside: Some(&sha256(&[signer.certificate()])),
    };
    press(&plan, beside.signer)
}
