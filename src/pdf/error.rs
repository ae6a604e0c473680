//! Why a file cannot be walked, and what is odd about one that can.

use serde::Serialize;

/// What broke the syntax of an object (ISO 32000-1 §7.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum SyntaxFault {
    /// The file ends inside an object.
    #[error("the input ends inside an object")]
    Truncated,
    /// A character that starts no object.
    #[error("no object starts here")]
    Unexpected,
    /// A number that is none, or leaves its range.
    #[error("malformed number")]
    BadNumber,
    /// A malformed name.
    #[error("malformed name")]
    BadName,
    /// A string that does not end, or holds what it may not.
    #[error("malformed string")]
    BadString,
    /// A dictionary key that is no name.
    #[error("a dictionary key that is no name")]
    BadKey,
    /// `N G obj` is missing or names another object.
    #[error("not the object that the cross-reference promised")]
    BadObjectHeader,
    /// An encrypted string that does not decrypt.
    #[error("an encrypted string that does not decrypt")]
    BadCipher,
    /// `endobj` is missing.
    #[error("endobj is missing")]
    NoEndobj,
}

/// What is wrong with a cross-reference section (§7.5.4, §7.5.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum XrefFault {
    /// Neither a table nor a stream stands at the offset.
    #[error("neither a cross-reference table nor a cross-reference stream")]
    Neither,
    /// A malformed subsection or entry.
    #[error("malformed entry")]
    BadEntry,
    /// The trailer dictionary is missing or misses what it must have.
    #[error("malformed trailer")]
    BadTrailer,
    /// `/W`, `/Index` or `/Size` of a stream make no sense.
    #[error("malformed layout of the cross-reference stream")]
    BadLayout,
    /// `startxref`, its offset or `%%EOF` do not follow the section.
    #[error("startxref or %%EOF does not follow")]
    NoEnd,
}

/// What is wrong with a stream (§7.3.8, §7.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum StreamFault {
    /// `/Length` is missing, negative, or not the distance to `endstream`.
    #[error("the length is wrong")]
    BadLength,
    /// A filter we do not undo.
    #[error("unknown filter")]
    UnknownFilter,
    /// The compressed data is damaged.
    #[error("damaged data")]
    Damaged,
    /// Impossible predictor parameters.
    #[error("impossible predictor")]
    BadPredictor,
    /// The header of an object stream does not describe its content.
    #[error("malformed object stream")]
    BadObjectStream,
    /// Encrypted under a password, or in a way we do not know.
    #[error("encrypted")]
    Encrypted,
}

/// A limit that was reached; the fields of [`Limits`](super::Limits).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// [`Limits::file_bytes`](super::Limits::file_bytes).
    FileBytes,
    /// [`Limits::sections`](super::Limits::sections).
    Sections,
    /// [`Limits::xref_entries`](super::Limits::xref_entries).
    XrefEntries,
    /// [`Limits::nesting`](super::Limits::nesting).
    Nesting,
    /// [`Limits::items`](super::Limits::items).
    Items,
    /// [`Limits::text_bytes`](super::Limits::text_bytes).
    TextBytes,
    /// [`Limits::stream_output`](super::Limits::stream_output).
    StreamOutput,
    /// [`Limits::total_output`](super::Limits::total_output).
    TotalOutput,
    /// [`Limits::parsed_bytes`](super::Limits::parsed_bytes).
    ParsedBytes,
    /// [`Limits::row_bytes`](super::Limits::row_bytes).
    RowBytes,
    /// [`Limits::tree_nodes`](super::Limits::tree_nodes).
    TreeNodes,
    /// [`Limits::field_name`](super::Limits::field_name).
    FieldName,
    /// [`Limits::stream_objects`](super::Limits::stream_objects).
    StreamObjects,
    /// [`Limits::signatures`](super::Limits::signatures).
    Signatures,
    /// [`Limits::compared_values`](super::Limits::compared_values).
    ComparedValues,
}

impl Bound {
    /// The name of the field of [`Limits`](super::Limits).
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FileBytes => "file_bytes",
            Self::Sections => "sections",
            Self::XrefEntries => "xref_entries",
            Self::Nesting => "nesting",
            Self::Items => "items",
            Self::TextBytes => "text_bytes",
            Self::StreamOutput => "stream_output",
            Self::TotalOutput => "total_output",
            Self::ParsedBytes => "parsed_bytes",
            Self::RowBytes => "row_bytes",
            Self::TreeNodes => "tree_nodes",
            Self::FieldName => "field_name",
            Self::StreamObjects => "stream_objects",
            Self::Signatures => "signatures",
            Self::ComparedValues => "compared_values",
        }
    }
}

/// Why the structure of a file cannot be walked. Never repaired, never guessed. Offsets are bytes from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ReadError {
    /// No `%PDF-` in the first 1,024 bytes.
    #[error("no PDF header")]
    NotPdf,
    /// A limit was reached. Says nothing against the file.
    #[error("the limit {} of {most} was reached", bound.name())]
    Limit {
        /// Which.
        bound: Bound,
        /// What it was.
        most: usize,
    },
    /// No `startxref` with an offset inside the file.
    #[error("no usable startxref")]
    NoStartxref,
    /// A cross-reference section is malformed.
    #[error("cross-reference at byte {at}: {fault}")]
    Xref {
        /// Offset.
        at: usize,
        /// Rule.
        fault: XrefFault,
    },
    /// `/Prev` returns to a section already read, or leads forward where only linearization may.
    #[error("the chain of cross-references returns or leads forward at byte {at}")]
    PrevChain {
        /// Offset of the section that `/Prev` names.
        at: usize,
    },
    /// An object is malformed.
    #[error("object at byte {at}: {fault}")]
    Syntax {
        /// Offset.
        at: usize,
        /// Rule.
        fault: SyntaxFault,
    },
    /// A stream cannot be read.
    #[error("stream at byte {at}: {fault}")]
    Stream {
        /// Offset of its object.
        at: usize,
        /// Rule.
        fault: StreamFault,
    },
    /// A chain of references that does not end.
    #[error("object {number} refers to itself")]
    ReferenceLoop {
        /// Object number.
        number: u32,
    },
}

impl ReadError {
    /// Stable code of the kind.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotPdf => "pdf.not_pdf",
            Self::Limit { .. } => "pdf.limit",
            Self::NoStartxref => "pdf.no_startxref",
            Self::Xref { .. } => "pdf.xref",
            Self::PrevChain { .. } => "pdf.prev_chain",
            Self::Syntax { .. } => "pdf.syntax",
            Self::Stream { .. } => "pdf.stream",
            Self::ReferenceLoop { .. } => "pdf.reference_loop",
        }
    }
}

/// Something that readers disagree about, or that a signed file need not have. A finding, not an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Irregularity {
    /// Bytes stand before `%PDF-`.
    BytesBeforeHeader {
        /// How many.
        count: usize,
    },
    /// Bytes stand after the last revision's `%%EOF` and its line end.
    BytesAfterEnd {
        /// Where they begin.
        at: usize,
        /// How many.
        count: usize,
    },
    /// The last `startxref` is not the one that ends the newest revision.
    StartxrefDisplaced {
        /// Where it stands.
        at: usize,
    },
    /// A section names one object twice.
    DuplicateEntry {
        /// Object number.
        number: u32,
        /// Index of the revision, oldest 0.
        revision: usize,
    },
    /// A dictionary names one key twice.
    DuplicateKey {
        /// Offset of the object (or of the object stream that holds it).
        at: usize,
    },
    /// An entry points outside the bytes that its revision ends with.
    EntryBeyondRevision {
        /// Object number.
        number: u32,
        /// Index of the revision, oldest 0.
        revision: usize,
    },
    /// An update lists no object at all: viewers may repair such a file and show something else.
    EmptyUpdate {
        /// Index of the revision, oldest 0.
        revision: usize,
    },
    /// A table together with a stream (`/XRefStm`): old and new readers see different objects.
    Hybrid {
        /// Index of the revision, oldest 0.
        revision: usize,
    },
    /// Entries that are not the 20 bytes of §7.5.4.
    LooseEntries {
        /// Index of the revision, oldest 0.
        revision: usize,
    },
    /// `startxref` after a section names another place than the section's.
    StartxrefMismatch {
        /// Index of the revision, oldest 0.
        revision: usize,
    },
    /// The document is encrypted and does not open with the empty user password: strings and streams stay unread.
    Encrypted,
    /// The document is encrypted and opens with the empty user password, as in every viewer.
    EncryptedOpened,
    /// An object that the cross-reference promises cannot be read.
    UnreadableObject {
        /// Object number.
        number: u32,
        /// Why.
        why: ReadError,
    },
    /// The second reader (lopdf) sees another document.
    SecondOpinion {
        /// What it disagrees about.
        about: Disagreement,
    },
}

/// What two readers may see differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Disagreement {
    /// The second reader refuses the file.
    Refused,
    /// Another catalog object.
    Catalog,
    /// Other objects in use.
    Objects,
    /// Another value of an object both can read.
    Value {
        /// Its number.
        number: u32,
    },
}

impl Irregularity {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::BytesBeforeHeader { .. } => "pdf.bytes_before_header",
            Self::BytesAfterEnd { .. } => "pdf.bytes_after_end",
            Self::StartxrefDisplaced { .. } => "pdf.startxref_displaced",
            Self::DuplicateEntry { .. } => "pdf.duplicate_entry",
            Self::DuplicateKey { .. } => "pdf.duplicate_key",
            Self::EntryBeyondRevision { .. } => "pdf.entry_beyond_revision",
            Self::EmptyUpdate { .. } => "pdf.empty_update",
            Self::Hybrid { .. } => "pdf.hybrid",
            Self::LooseEntries { .. } => "pdf.loose_entries",
            Self::StartxrefMismatch { .. } => "pdf.startxref_mismatch",
            Self::Encrypted => "pdf.encrypted",
            Self::EncryptedOpened => "pdf.encrypted_opened",
            Self::UnreadableObject { .. } => "pdf.unreadable_object",
            Self::SecondOpinion { .. } => "pdf.second_opinion",
        }
    }
}
