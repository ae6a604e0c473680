//! Unsigned page → sealed page: the digest over everything but the hole, a CMS signature into the hole.
//!
//! PAdES baseline B-B (ETSI EN 319 142-1): one field, one revision, nothing appended. A national seal (GB/T 38540) may be
//! pressed in the same stroke: over the same bytes, as a signed attribute, so that neither can be taken away unnoticed.
//! The room neither draws nor records; whether the result is right is judged by `verify`, which shares no code with it.

use crate::asn1::oid;
use crate::cms::{IssuerAndSerial, Shape, SignedAttributes, assemble};
use crate::crypto::{SignError, Signer, sha256};
use crate::domain::Instant;
use crate::pdf::UnsignedPdf;
use crate::ses::make::{PressingPlan, press};
use crate::ses::{self, Version};
use std::ops::Range;

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
    seal_beside(page, signer, name, Shape::Rfc5652, None)
}

/// The same with a national seal pressed beside it.
///
/// # Errors
/// [`SealError`].
pub fn seal_beside(
    page: UnsignedPdf,
    signer: &dyn Signer,
    name: &IssuerAndSerial<'_>,
    shape: Shape,
    beside: Option<&Beside<'_>>,
) -> Result<SealedPdf, SealError> {
    let hole = Hole::of(page)?;
    let covered = hole.covered();
    let digest = signer.suite().digest;
    let pressing = beside.map(|beside| pressed(beside, Some(signer), &hole)).transpose()?;
    let further = pressing.map(|pressing| (oid::SES_SIGNATURE, pressing));
    let attributes =
        SignedAttributes::with(&digest.of(&covered), digest, signer.certificate(), shape, further);
    let signature = signer.sign(attributes.message())?;
    let further = beside.map_or(&[][..], |beside| beside.signer.chain());
    let cms = assemble(signer, name, &attributes, &signature, shape, further);
    hole.filled(&cms, &signature)
}

/// Presses a national seal alone: its signature stands in the hole as it is, for software that reads `GM.SM2`.
///
/// # Errors
/// [`SealError`].
pub fn seal_national(page: UnsignedPdf, national: &Beside<'_>) -> Result<SealedPdf, SealError> {
    let hole = Hole::of(page)?;
    let pressing = pressed(national, None, &hole)?;
    let read = ses::Signature::read(&pressing).map_err(|_| SignError::Refused)?;
    hole.filled(&pressing, read.signature)
}

/// A page with room for a signature.
struct Hole {
    bytes: Vec<u8>,
    contents: Range<usize>,
}

impl Hole {
    fn of(page: UnsignedPdf) -> Result<Self, SealError> {
        let UnsignedPdf { bytes, contents } = page;
        let hole = bytes.get(contents.clone()).ok_or(SealError::NoHole)?;
        let digits = hole.strip_prefix(b"<").and_then(|hole| hole.strip_suffix(b">"));
        if !digits.is_some_and(|digits| digits.iter().all(|digit| *digit == b'0')) {
            return Err(SealError::NoHole);
        }
        Ok(Self { bytes, contents })
    }

    fn covered(&self) -> [&[u8]; 2] {
        [&self.bytes[..self.contents.start], &self.bytes[self.contents.end..]]
    }

    fn filled(mut self, container: &[u8], signature: &[u8]) -> Result<SealedPdf, SealError> {
        let covered_digest = sha256(&self.covered());
        let digits = self.contents.start + 1..self.contents.end.saturating_sub(1);
        let (room, needed) = (digits.len() / 2, container.len());
        if needed > room {
            return Err(SealError::HoleTooSmall { room, needed });
        }
        let end = digits.start + needed * 2;
        hex::encode_to_slice(container, &mut self.bytes[digits.start..end]).map_err(|_| SealError::NoHole)?;
        Ok(SealedPdf { bytes: self.bytes, covered_digest, signature_digest: sha256(&[signature]) })
    }
}

/// SES_Signature over the bytes around the hole, naming whose signature it stands beside. Its propertyInfo is the text of
/// the byte range.
fn pressed(beside: &Beside<'_>, signer: Option<&dyn Signer>, hole: &Hole) -> Result<Vec<u8>, SignError> {
    let covered = hole.covered();
    let range = format!("[0 {} {} {}]", hole.contents.start, hole.contents.end, covered[1].len());
    let data_hash = beside.signer.suite().digest.of(&covered);
    let named = signer.map(|signer| sha256(&[signer.certificate()]));
    let plan = PressingPlan {
        version: beside.version,
        seal: beside.seal,
        at: beside.at,
        data_hash: &data_hash,
        property: &range,
        beside: named.as_ref(),
    };
    press(&plan, beside.signer)
}
