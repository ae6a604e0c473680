//! How much of a file we are willing to look at. Running out is its own [`ReadError`](super::ReadError), and says
//! which bound it was.

use super::{Bound, ReadError};

/// Bounds of one reading. Every number says where it comes from; tests may lower them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Size of the file in bytes.
    pub file_bytes: usize,
    /// Cross-reference sections along `/Prev` (and `/XRefStm`).
    pub sections: usize,
    /// Entries of all cross-reference sections together.
    pub xref_entries: usize,
    /// Arrays and dictionaries inside one another.
    pub nesting: usize,
    /// Values inside one object, and inside all trailers together.
    pub items: usize,
    /// Bytes of names and strings inside one object.
    pub text_bytes: usize,
    /// Bytes that one stream may inflate to.
    pub stream_output: usize,
    /// Bytes that all streams we inflate may come to, counted each time.
    pub total_output: usize,
    /// Bytes the object parser may walk over, counted each time.
    pub parsed_bytes: usize,
    /// Bytes of one row under a PNG or TIFF predictor.
    pub row_bytes: usize,
    /// Nodes of the form's field trees in all revisions together, or of one name tree.
    pub tree_nodes: usize,
    /// Bytes of the full name of a form field.
    pub field_name: usize,
    /// Objects held in one object stream.
    pub stream_objects: usize,
    /// Signature values in one file.
    pub signatures: usize,
    /// Values looked at where revisions are compared, all comparisons of a file together.
    pub compared_values: usize,
    /// Memory for objects that were read, in bytes; beyond it they are forgotten and read again. Never an error.
    pub kept_objects: usize,
    /// The same for inflated object streams.
    pub kept_streams: usize,
}

impl Limits {
    /// The limits of production.
    pub const DEFAULT: Self = Self {
        // Whoever holds the bytes has decided already: web uploads stop at 20 MiB, the command line at the memory.
        // The walk itself needs none in proportion, so this only keeps offsets far from their range.
        file_bytes: 1 << 30,
        // Honest files stay below 40 (each signature, evidence or time-stamp adds one); `/Prev` chains are the classic loop.
        sections: 256,
        // ISO 32000-1 Annex C names 8,388,607 objects; nothing under 64 MiB we met has 200,000.
        xref_entries: 500_000,
        // Outline and structure trees are references, not nesting. PDFBOX-4348-like bombs nest by the million.
        nesting: 48,
        // A `/Kids` or `/Nums` array of a long book has some 100,000; a value takes 56 bytes of memory.
        items: 300_000,
        // A `/Contents` with all evidence inside reaches some MB; each signature's is kept.
        text_bytes: 8 << 20,
        // Metadata, object and cross-reference streams only: page content and pictures have bounds of their own
        // where they are looked into. The cross-reference stream of 500,000 entries has 5 MB.
        stream_output: 16 << 20,
        // Many small bombs make a large one. Half a second of inflating; honest object streams come to a tenth of it.
        total_output: 256 << 20,
        // Some seconds of the slowest machine; a walk of an honest file reads each object two or three times.
        parsed_bytes: 256 << 20,
        // `/Columns` of a cross-reference stream is below 20; a huge one held pyHanko for 19 s.
        row_bytes: 1 << 16,
        // A tax form has some 3,000 fields; forty revisions of it stay below.
        tree_nodes: 200_000,
        // Acrobat's longest names of nested fields stay below 300 bytes; names are handed down to every kid.
        field_name: 4096,
        // Producers put 100 to 200 objects into a stream.
        stream_objects: 50_000,
        // Long approval chains stay below 100.
        signatures: 256,
        // A book of 100,000 objects compared over ten revisions. Some seconds of the slowest machine.
        compared_values: 2_000_000,
        // A certificate's objects take 0.2 MB; with the next line it keeps a file of any size under 64 MiB.
        kept_objects: 16 << 20,
        // A hundred object streams of an ordinary producer.
        kept_streams: 16 << 20,
    };

    /// The number behind a bound.
    #[must_use]
    pub fn of(&self, bound: Bound) -> usize {
        match bound {
            Bound::FileBytes => self.file_bytes,
            Bound::Sections => self.sections,
            Bound::XrefEntries => self.xref_entries,
            Bound::Nesting => self.nesting,
            Bound::Items => self.items,
            Bound::TextBytes => self.text_bytes,
            Bound::StreamOutput => self.stream_output,
            Bound::TotalOutput => self.total_output,
            Bound::ParsedBytes => self.parsed_bytes,
            Bound::RowBytes => self.row_bytes,
            Bound::TreeNodes => self.tree_nodes,
            Bound::FieldName => self.field_name,
            Bound::StreamObjects => self.stream_objects,
            Bound::Signatures => self.signatures,
            Bound::ComparedValues => self.compared_values,
        }
    }

    /// The error that says that a bound was reached.
    #[must_use]
    pub fn reached(&self, bound: Bound) -> ReadError {
        ReadError::Limit { bound, most: self.of(bound) }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
