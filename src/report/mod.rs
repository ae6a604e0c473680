//! A judgement → a report that somebody reads: plain text, one HTML page, JSON, ETSI TS 119 102-2 XML, PDF/A.
//!
//! A pure function: the same judgement gives the same bytes in every form. All forms say the same in the same order —
//! the sentence, the lights, the signatures, the steps of each, the evidence. Words of documents and certificates are
//! strangers' words: they are cleaned and shortened here ([`plain`]), and escaped where they are written.

mod etsi;
#[cfg(feature = "server")]
mod html;
mod pdf;
mod seal;
mod sheet;
mod text;

#[cfg(feature = "server")]
pub use html::{html, style_source};
pub use pdf::{Sealing, page, unsealed};

pub use crate::domain::plain::plain;

use crate::verify::Judgement;
use serde_json::{Value, json};

/// Longest text of a stranger that a report repeats, in characters.
const LONGEST: usize = 400;

/// What a report can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Lines for a terminal or a file.
    Text,
    /// One JSON object.
    Json,
    /// One page that stands alone.
    Html,
    /// ETSI TS 119 102-2.
    Xml,
    /// PDF/A-3a.
    Pdf,
}

impl Format {
    /// Media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
            Self::Xml => "application/xml",
            Self::Pdf => "application/pdf",
        }
    }

    /// Ending of a file's name.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Json => "json",
            Self::Html => "html",
            Self::Xml => "xml",
            Self::Pdf => "pdf",
        }
    }
}

/// What was judged, as far as the judgement itself does not say. The default: nothing more is known.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'s> {
    /// Name of the file as it was handed in.
    pub name: Option<&'s str>,
    /// Who verified, 中文 name.
    pub office: Option<&'s str>,
}

/// Why a report could not be written. Nothing in a document leads here.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// JSON.
    #[error("the report cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
    /// XML.
    #[error("the report cannot be written as XML: {0}")]
    Xml(#[from] std::io::Error),
    /// HTML.
    #[error("the report cannot be written as HTML: {0}")]
    Html(String),
    /// PDF.
    #[error("the report cannot be drawn: {0}")]
    Pdf(#[from] crate::render::RenderError),
    /// An instant outside the years 1 to 9999.
    #[error("the instant of judgement cannot be read")]
    Instant,
}

/// The report as one JSON object: `file` first if its name is known, then the judgement.
///
/// # Errors
/// Never for anything a document holds.
pub fn object(judgement: &Judgement, subject: Subject<'_>) -> Result<Value, ReportError> {
    let mut object = subject.name.map_or_else(|| json!({}), |name| json!({ "file": name }));
    if let (Value::Object(object), Value::Object(rest)) = (&mut object, serde_json::to_value(judgement)?) {
        object.extend(rest);
    }
    Ok(object)
}

/// The report as lines of text.
#[must_use]
pub fn text(judgement: &Judgement, subject: Subject<'_>) -> String {
    text::write(&sheet::Sheet::of(judgement, subject))
}

/// The report as ETSI TS 119 102-2 XML.
///
/// # Errors
/// Never for anything a document holds.
pub fn xml(judgement: &Judgement) -> Result<String, ReportError> {
    Ok(etsi::write(judgement)?)
}
