//! What stands in these DER bytes, without losing the bytes received.
//!
//! The only reader of what the verifier judges: X.690 DER, definite minimal lengths, low tag numbers,
//! bounded depth. Every value keeps its exact input slice, so that a hash is always taken over received
//! bytes and never over a re-encoding. The writer produces canonical DER. The reader refuses BER, with its place; [`ber`]
//! rewrites it for formats that honest writers put out so.

#![deny(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

pub mod ber;
pub mod oid;
mod reader;
pub mod write;

pub use reader::{DerError, Reader, Tlv, tag};

/// Fuzz entry: walks every value that its tag calls constructed, down to the depth allowed.
pub fn fuzz(bytes: &[u8]) {
    let _ = ber::to_der(bytes);
    let mut stack = vec![Reader::new(bytes)];
    while let Some(mut reader) = stack.pop() {
        let _ = reader.clone().integer();
        let _ = reader.clone().small_integer();
        let _ = reader.clone().oid().map(oid::dotted);
        while let Ok(value) = reader.any() {
            let _ = value.whole_octets();
            if value.tag & 0x20 != 0
                && let Ok(inner) = value.open()
            {
                stack.push(inner);
            }
        }
    }
}
