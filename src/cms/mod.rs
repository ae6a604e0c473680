//! What a SignedData says (RFC 5652), and building one for PAdES baseline B-B (ETSI EN 319 142-1 §6).
//!
//! The reader is strict: DER, one signer, no content inside, every field as our profile writes it. What
//! deviates is "present, not understood", never "unsigned". Signed attributes are hashed as received.

#![deny(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod build;
mod read;

pub use build::{IssuerAndSerial, SignedAttributes, assemble};
pub use read::{CmsError, EssCertificate, SignedData};

/// Fuzz entry: reads, and asks everything that may be asked.
pub fn fuzz(bytes: &[u8]) {
    let Ok(read) = SignedData::read(bytes) else { return };
    let _ = (read.message(), read.message_digest(), read.signing_certificate());
    let _ = (read.content_type_is_data(), read.has_signing_time());
}
