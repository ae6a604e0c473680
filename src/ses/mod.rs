//! What an electronic seal and an electronic seal signature say (GB/T 38540-2020, GM/T 0031-2014, GM/T 0031-2025), and
//! making them ([`make`]).
//!
//! SESeal is the seal: picture, name, who may press it, signed by its maker. SES_Signature is one pressing: the seal,
//! the digest of a document, the time, signed by the presser. Both are read in the three forms met, v1, v4 and v5.
//! Every slice is the received bytes, and what a key signed is put together from them, never from a re-encoding.
//!
//! The reader says what stands there and judges nothing. Where real seals deviate from the text of the standards in
//! ways that change no meaning, it reads on and notes the [`Deviation`]; anything else is a [`SesError`].

#![deny(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod deviation;
mod fields;
pub mod make;
mod picture;
mod seal;
mod signature;
#[cfg(test)]
mod tests;
mod times;

pub use deviation::Deviation;
pub use fields::Extension;
pub use picture::{Picture, PictureKind};
pub use seal::{CertificateDigest, Seal, Signers};
pub use signature::{Signature, SigningTime};

use crate::asn1::DerError;

/// Largest SES_Signature or SESeal read, in bytes: the largest picture, 64 certificates and room for both.
const LARGEST: usize = 8 << 20;

/// Which structure it is. The number of elements and the header decide, not a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// GM/T 0031-2014.
    V1,
    /// GB/T 38540-2020.
    V4,
    /// GM/T 0031-2025.
    V5,
}

impl Version {
    /// As people call it: `v1`, `v4`, `v5`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::V1 => "v1",
            Self::V4 => "v4",
            Self::V5 => "v5",
        }
    }

    /// The standard that defines it.
    #[must_use]
    pub fn standard(self) -> &'static str {
        match self {
            Self::V1 => "GM/T 0031-2014",
            Self::V4 => "GB/T 38540-2020",
            Self::V5 => "GM/T 0031-2025",
        }
    }
}

/// Why bytes are not a seal or a seal signature that can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SesError {
    /// Not DER at this place, or another type than belongs there.
    #[error("not DER: {0}")]
    Der(#[from] DerError),
    /// Larger than 8 MiB.
    #[error("larger than 8 MiB")]
    Large,
    /// Another number of elements than any version has.
    #[error("{found} elements in {what}")]
    Elements {
        /// Name of the type in the standards.
        what: &'static str,
        /// How many.
        found: usize,
    },
    /// The header does not begin with `ES`.
    #[error("the header does not say ES")]
    Header,
    /// A text in no string type of the standards, not in its characters, or longer than 4,096 octets.
    #[error("{field} is no text")]
    Text {
        /// Name of the field in the standards.
        field: &'static str,
    },
    /// A time that is none.
    #[error("{field} is no time")]
    Time {
        /// Name of the field in the standards.
        field: &'static str,
    },
    /// A number outside what the field can mean.
    #[error("{field} is out of range")]
    Number {
        /// Name of the field in the standards.
        field: &'static str,
    },
    /// More entries or bytes than any real seal has.
    #[error("too much in {field}")]
    Flood {
        /// Name of the field in the standards.
        field: &'static str,
    },
}

/// What a time-stamp inside is, and over which bytes it must be (GB/T 20520, RFC 3161).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeStamp<'a> {
    /// DER of the token.
    pub token: &'a [u8],
    /// The signature value it is over.
    pub over: &'a [u8],
}

/// Fuzz entry: reads both structures, and asks everything that may be asked.
pub fn fuzz(bytes: &[u8]) {
    let inner = |seal: &Seal<'_>| {
        let _ = (seal.message(), seal.time_stamp(), seal.picture.sniffed(), seal.picture.declared());
    };
    if let Ok(signature) = Signature::read(bytes) {
        let _ = (signature.message(), signature.time_stamp(), signature.byte_range());
        let _ = Seal::read(signature.seal).map(|seal| inner(&seal));
    }
    let _ = Seal::read(bytes).map(|seal| inner(&seal));
}
