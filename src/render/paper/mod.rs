//! Plain papers of as many A4 pages as they need: headings, paragraphs and lines of a label and its value.
//!
//! For what the house writes about documents, where a certificate has a layout of its own. The same fonts, the same
//! PDF/A-3a and PDF/UA-1 frame, the same signature field; equal input, equal bytes. Unlike a certificate a paper repeats
//! strangers' words, so a character that no font has is written by its code point instead of being refused.

mod compose;
mod structure;
mod write;

use super::RenderError;
use super::seal::SealField;
use crate::domain::Instant;
use crate::domain::drawing::Rgb;
use crate::fonts::FontSet;
use crate::pdf::UnsignedPdf;

/// One piece of a paper, set below the one before.
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// A heading of level 1 to 3, numbered by nobody.
    Heading {
        /// Level; the first heading has level 1 and none is skipped.
        level: u8,
        /// Its words.
        text: String,
    },
    /// A paragraph.
    Text {
        /// Its words.
        text: String,
        /// How it looks and is read aloud.
        voice: Voice,
        /// Steps of indentation, 5 mm each.
        indent: u8,
    },
    /// A label on the left, its value on the right.
    Pair {
        /// Label.
        label: String,
        /// Value.
        value: String,
    },
    /// A thin rule with room around it.
    Rule,
}

/// How a paragraph looks and is read aloud.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Voice {
    /// Text.
    Plain,
    /// English beside the Chinese: smaller, and marked as English.
    English,
    /// What matters most, in a colour.
    Loud(Rgb),
    /// Digests and codes: small.
    Small,
}

/// A file that travels inside the paper.
#[derive(Clone, Copy, Debug)]
pub struct Enclosure<'a> {
    /// ASCII name.
    pub name: &'a str,
    /// Media type.
    pub media_type: &'a str,
    /// What it is.
    pub description: &'a str,
    /// Its bytes.
    pub data: &'a [u8],
}

/// A paper to be drawn.
#[derive(Clone, Debug)]
pub struct Paper<'a> {
    /// Title in the file's metadata.
    pub title: &'a str,
    /// Author in the file's metadata.
    pub author: &'a str,
    /// The instant it speaks of: its date in the metadata, and the claimed time of a seal.
    pub instant: Instant,
    /// Words at the foot of every page, before the page's number.
    pub foot: &'a str,
    /// From top to bottom.
    pub pieces: Vec<Piece>,
    /// Files inside, in the order of their names.
    pub enclosures: &'a [Enclosure<'a>],
}

impl Paper<'_> {
    /// The paper with an empty signature field on its last page, whose picture is the seal.
    ///
    /// # Errors
    /// A font that cannot be subset, or a hole of impossible size.
    pub fn render(&self, fonts: &FontSet, field: &SealField) -> Result<UnsignedPdf, RenderError> {
        write::with_field(self, compose::pages(self, fonts, Some(field.seal.size()))?, fonts, field)
    }

    /// The paper without a field: nothing in it claims to be sealed.
    ///
    /// # Errors
    /// A font that cannot be subset.
    pub fn render_plain(&self, fonts: &FontSet) -> Result<Vec<u8>, RenderError> {
        write::plain(self, compose::pages(self, fonts, None)?, fonts)
    }
}
