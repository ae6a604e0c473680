//! What can be wrong with a layout, and why a certificate cannot be drawn.

use super::ornament::OrnamentError;

/// A layout that cannot be used. Found when the template is compiled, never when a certificate is issued.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum LayoutError {
    /// Not the TOML that `docs/layout.md` describes.
    #[error("{place}: {message}")]
    Syntax {
        /// Block name, or the file.
        place: String,
        /// What the reader says.
        message: String,
    },
    /// Page size missing, unknown or absurd.
    #[error("page: give size = \"A4\", \"A4-landscape\", or width and height from 20 to 2000 mm")]
    PageSize,
    /// A margin that leaves no page.
    #[error("page: margin is from 0 to a third of the page's shorter side")]
    PageMargin,
    /// A heading that skips a level.
    #[error("block {block}: headings begin at 1 and skip no level")]
    Heading {
        /// Block name.
        block: String,
    },
    /// A block's name is used twice, or there are too many blocks.
    #[error("block {name}: the name is used twice, or there are more than 400 blocks")]
    Name {
        /// The name.
        name: String,
    },
    /// A size that no page can hold, or a table without columns.
    #[error("block {block}: a size is out of range, or rows or columns are missing")]
    Unsound {
        /// Block name.
        block: String,
    },
    /// A picture that does not stand on the page.
    #[error("block {block}: it does not lie on the page")]
    OutsidePage {
        /// Block name.
        block: String,
    },
    /// A placeholder that the type has no field for.
    #[error("block {block}: the type has no field {path}")]
    UnknownPath {
        /// Block name.
        block: String,
        /// The path as written.
        path: String,
    },
    /// The seal needs exactly one place.
    #[error("{count} blocks place the seal; exactly one issuer or seal block must")]
    SealPlaces {
        /// How many do.
        count: usize,
    },
    /// An ornament cannot be drawn.
    #[error("ornament: {0}")]
    Ornament(#[from] OrnamentError),
}

/// A certificate that cannot be drawn. Values are never repeated: they may be personal.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// No font has this character; a blank box is never printed.
    #[error("no font has the character U+{code_point:04X}")]
    MissingCharacter {
        /// The code point.
        code_point: u32,
    },
    /// A block's words need more room than it has.
    #[error("block {block}: the words do not fit")]
    DoesNotFit {
        /// Block name.
        block: String,
    },
    /// Two blocks run into each other: words, the quiet zone of a QR code, a photo, the seal.
    #[error("blocks {block} and {other} run into each other")]
    Collides {
        /// Block name.
        block: String,
        /// The other block's name.
        other: String,
    },
    /// A table has more records than its layout allows.
    #[error("block {block}: {count} records, at most {most} fit")]
    TooManyRecords {
        /// Block name.
        block: String,
        /// Records given.
        count: usize,
        /// Records that fit.
        most: usize,
    },
    /// The block that places the seal vanished.
    #[error("no block of this certificate places the seal")]
    NoSealPlace,
    /// The address is too long for a QR code.
    #[error("the address of {length} bytes does not fit a QR code")]
    Address {
        /// Its length.
        length: usize,
    },
    /// A font could not be subset.
    #[error("font {font} could not be embedded")]
    Subset {
        /// Index of the face.
        font: usize,
    },
    /// The reserved room is none, or more than a PDF/A string may have.
    #[error("{bytes} bytes cannot be reserved for a signature (1 to 32767)")]
    Hole {
        /// Bytes asked for.
        bytes: usize,
    },
}
