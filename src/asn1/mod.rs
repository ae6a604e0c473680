//! What stands in these DER bytes, without losing the bytes received.
//!
//! The only reader of what the verifier judges: X.690 DER, definite minimal lengths, low tag numbers,
//! bounded depth. Every value keeps its exact input slice, so that a hash is always taken over received
//! bytes and never over a re-encoding. The writer produces canonical DER. BER is refused, with its place.

#![deny(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

pub mod oid;
mod reader;
pub mod write;

pub use reader::{DerError, Reader, Tlv, tag};
