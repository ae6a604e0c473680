//! How much of a file we are willing to look at. Running out is its own [`ReadError`](super::ReadError).

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
    /// Values inside one object.
    pub items: usize,
    /// Bytes that one stream may inflate to.
    pub stream_output: usize,
    /// Bytes that all streams we inflate may come to.
    pub total_output: usize,
    /// Bytes the object parser may walk over, counted each time.
    pub parsed_bytes: usize,
    /// Bytes of one row under a PNG or TIFF predictor.
    pub row_bytes: usize,
    /// Nodes of the form's field tree, or of a name tree, in one revision.
    pub tree_nodes: usize,
    /// Objects held in one object stream.
    pub stream_objects: usize,
    /// Signature values in one file.
    pub signatures: usize,
}

impl Limits {
    /// The limits of production.
    pub const DEFAULT: Self = Self {
        // Web uploads stop at 20 MiB; the largest honest signed file we met has 1.4 MB, scans reach 60 MB.
        file_bytes: 64 << 20,
        // Honest files stay below 40 (each signature, evidence or time-stamp adds one); `/Prev` chains are the classic loop.
        sections: 256,
        // ISO 32000-1 Annex C names 8,388,607 objects; nothing under 64 MiB we met has 200,000.
        xref_entries: 500_000,
        // Outline and structure trees are references, not nesting. PDFBOX-4348-like bombs nest by the million.
        nesting: 48,
        // A `/Kids` or `/Nums` array of a long book has some 100,000.
        items: 1_000_000,
        // Metadata, object and cross-reference streams only: page content is never inflated here.
        stream_output: 32 << 20,
        // Many small bombs make a large one.
        total_output: 96 << 20,
        // Some seconds of the slowest machine; a walk of an honest file reads each object once.
        parsed_bytes: 256 << 20,
        // `/Columns` of a cross-reference stream is below 20; a huge one held pyHanko for 19 s.
        row_bytes: 1 << 16,
        // A tax form has some 3,000 fields.
        tree_nodes: 50_000,
        // Producers put 100 to 200 objects into a stream.
        stream_objects: 50_000,
        // Long approval chains stay below 100.
        signatures: 256,
    };
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
