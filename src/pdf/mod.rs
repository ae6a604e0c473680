//! PDF bytes: what stands where. The strict revision walker, and the document with a hole.

mod unsigned;
pub use unsigned::UnsignedPdf;
