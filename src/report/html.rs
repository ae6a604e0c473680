//! The report as one HTML page that stands alone: no script, nothing from outside, made to be printed.

use super::sheet::Sheet;
use super::{ReportError, Subject};
use crate::crypto::sha256;
use crate::verify::Judgement;
use askama::Template;
use base64::Engine;

const STYLE: &str = include_str!("pages/report.css");

#[derive(Template)]
#[template(path = "report.html")]
struct Page {
    sheet: Sheet,
    style: &'static str,
}

/// The report as a page.
///
/// # Errors
/// Never for anything a document holds.
pub fn html(judgement: &Judgement, subject: Subject<'_>) -> Result<String, ReportError> {
    let page = Page { sheet: Sheet::of(judgement, subject), style: STYLE };
    page.render().map_err(|why| ReportError::Html(why.to_string()))
}

/// The source that a Content-Security-Policy names for the page's own style (CSP level 3 §2.3.1).
#[must_use]
pub fn style_source() -> String {
    let digest = base64::engine::general_purpose::STANDARD.encode(sha256(&[STYLE.as_bytes()]));
    format!("'sha256-{digest}'")
}
