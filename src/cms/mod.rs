//! What a SignedData says (RFC 5652), what a time-stamp token states (RFC 3161), and building a SignedData for PAdES
//! baseline B-B (ETSI EN 319 142-1 §6).
//!
//! The reader takes what RFC 5652 allows, one signer, and names what our own profile would not write. Signed
//! attributes are hashed as received. What is written in BER is [`rewritten`] before it is read.

#![deny(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod attributes;
mod build;
mod read;
mod timestamp;

pub use attributes::Attribute;
pub use build::{IssuerAndSerial, Shape, SignedAttributes, assemble};
pub use read::{CmsError, Deviation, EssCertificate, SignedData, SignerName, rewritten};
pub use timestamp::TstInfo;

/// Fuzz entry: reads, and asks everything that may be asked.
pub fn fuzz(bytes: &[u8]) {
    let again = rewritten(bytes);
    let Ok(read) = SignedData::read(again.as_deref().unwrap_or(bytes)) else { return };
    let _ = (read.message(), read.message_in_order(), read.message_digest(), read.signing_certificate());
    let _ = (read.content_type_fits(), read.has_signing_time(), TstInfo::read(&read));
}
