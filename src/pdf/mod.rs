//! What stands in these bytes, revision by revision? The strict walker that the verifier judges by, and the
//! document with a hole that the signer fills.
//!
//! Obeys ISO 32000-1 §7.3 (objects), §7.4.4 (Flate), §7.5 (file structure). Objects are read where the
//! cross-reference says, as of any revision; nothing is searched for, repaired or guessed. What cannot be
//! walked is a [`ReadError`], what readers may disagree about is an [`Irregularity`].
//! Encrypted files are read when they open with the empty user password (§7.6). Of a page's content only the balance
//! of graphics states is looked into. [`Update`] writes a further revision behind a file; no byte of it is ever changed.

#![deny(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

mod append;
mod attachments;
mod balance;
mod content;
mod encryption;
mod error;
mod excerpt;
mod file;
mod file_key;
mod filters;
mod fresh;
mod geometry;
mod grown;
mod limits;
mod object;
mod objects;
mod page_digest;
mod pages;
mod parser;
mod scan;
mod second_opinion;
mod signatures;
mod unsigned;
mod write;
mod xref;

pub use append::{AppendError, Update};
pub use balance::Balance;
pub use content::{Sign, Signs, plain_name};
pub use error::{Bound, Disagreement, Irregularity, ReadError, StreamFault, SyntaxFault, XrefFault};
pub use excerpt::Frame;
pub use file::{File, Held, Revision};
pub use fresh::Fresh;
pub use geometry::Geometry;
pub use grown::grows;
pub use limits::Limits;
pub use object::{Dict, Name, Object, Reference, Text, equal_but};
pub use objects::{Indirect, Place};
pub use page_digest::{PRIVATE_DATA, PageDigests, page_code};
pub use scan::{holds, holds_object, holds_trace};
pub use second_opinion::second_opinion;
pub use signatures::{Origin, SignatureValue, Traces};
pub use unsigned::UnsignedPdf;
pub use xref::{Entry, XrefKind};

#[cfg(test)]
mod tests;

/// Walks a file. The bytes are borrowed and never changed.
///
/// # Errors
/// [`ReadError`] where the structure cannot be walked without guessing, or a limit is reached.
pub fn open<'a>(bytes: &'a [u8], limits: &Limits) -> Result<File<'a>, ReadError> {
    File::open(bytes, limits)
}

/// Fuzz entry: opens, and reads every object of every revision, every signature and every attachment.
pub fn fuzz(bytes: &[u8]) {
    let Ok(file) = open(bytes, &Limits::DEFAULT) else { return };
    for revision in 0..=file.newest() {
        for (number, _) in file.revisions().get(revision).map(Revision::entries).unwrap_or_default() {
            for generation in [0, 1] {
                if let Ok(Some(object)) = file.object(Reference { number: *number, generation }, revision) {
                    let _ = file.decoded(&object, revision);
                }
            }
        }
        let _ = file.attachment("metadata.json", revision, 1 << 20);
    }
    let _ = file.signatures();
    let _ = second_opinion(&file);
}
