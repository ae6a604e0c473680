//! A finished page file whose signature is still a hole of zeros.

use std::ops::Range;

/// A complete first revision with one empty signature field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnsignedPdf {
    /// The whole file. `/ByteRange` is already right; the hole holds `0` digits.
    pub bytes: Vec<u8>,
    /// The value of `/Contents` with its `<` and `>`.
    pub contents: Range<usize>,
}
