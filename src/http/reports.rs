//! The form of a verification report: what `Accept` asks for (RFC 9110 §12.5.1).

use super::{House, Problem};
use crate::report::{self, Format, Subject};
use crate::verify::Judgement;
use axum::Json;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// The form that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wanted(Format);

/// What is offered; among equals the first.
const OFFERED: [(Format, &str); 5] = [
    (Format::Json, "application/json"),
    (Format::Html, "text/html"),
    (Format::Text, "text/plain"),
    (Format::Xml, "application/xml"),
    (Format::Xml, "text/xml"),
];

/// Ranges of one header that are looked at; browsers send some eight.
const MOST_RANGES: usize = 32;

impl FromRequestParts<Arc<House>> for Wanted {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<House>) -> Result<Self, Problem> {
        Self::of(&parts.headers).ok_or_else(|| {
            let words = "只有 application/json、text/html、text/plain、application/xml / only these four";
            Problem::new(StatusCode::NOT_ACCEPTABLE, "unsupported", words)
        })
    }
}

impl Wanted {
    fn of(headers: &HeaderMap) -> Option<Self> {
        let lines = headers.get_all(header::ACCEPT).iter().map(|line| line.to_str().unwrap_or_default());
        let ranges: Vec<(String, u16)> =
            lines.flat_map(|line| line.split(',')).take(MOST_RANGES).filter_map(range).collect();
        if ranges.is_empty() {
            return Some(Self(Format::Json));
        }
        let best = OFFERED.iter().rev().map(|(format, kind)| (quality(&ranges, kind), *format));
        // Of equals `max_by_key` takes the last: the first that is offered.
        best.max_by_key(|(quality, _)| *quality)
            .filter(|(quality, _)| *quality > 0)
            .map(|(_, format)| Self(format))
    }

    /// The judgement in that form.
    pub(super) fn answer(self, judgement: &Judgement, office: &str) -> Result<Response, Problem> {
        let subject = Subject { office: Some(office), ..Subject::default() };
        let failed = |why: report::ReportError| Problem::failure(&why);
        let body = match self.0 {
            Format::Html => report::html(judgement, subject).map_err(failed)?,
            Format::Text => report::text(judgement, subject),
            Format::Xml => report::xml(judgement).map_err(failed)?,
            Format::Json | Format::Pdf => return Ok(varied(Json(judgement).into_response())),
        };
        let mut response = ([(header::CONTENT_TYPE, self.0.media_type())], body).into_response();
        if self.0 == Format::Html {
            let policy = format!(
                "default-src 'none'; style-src {}; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
                report::style_source()
            );
            if let Ok(policy) = HeaderValue::from_str(&policy) {
                response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            }
        }
        Ok(varied(response))
    }
}

fn varied(mut response: Response) -> Response {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("Accept"));
    response
}

/// One media range and its weight in thousandths; `None` for what is no range.
fn range(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let kind = parts.next()?.to_ascii_lowercase();
    kind.contains('/').then_some(())?;
    let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
    let weight = weight.map_or(1000, |weight| thousandths(weight).unwrap_or(0));
    Some((kind, weight))
}

fn thousandths(weight: &str) -> Option<u16> {
    let (whole, fraction) = weight.split_once('.').unwrap_or((weight, ""));
    let fraction: u16 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    Some((whole.parse::<u16>().ok()?.min(1) * 1000 + fraction).min(1000))
}

/// The most specific range that covers a kind gives its weight.
fn quality(ranges: &[(String, u16)], kind: &str) -> u16 {
    let family = kind.split_once('/').map_or(String::new(), |(family, _)| format!("{family}/*"));
    let named =
        |wanted: &str| ranges.iter().filter(|(range, _)| range == wanted).map(|(_, weight)| *weight).max();
    named(kind).or_else(|| named(&family)).or_else(|| named("*/*")).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(accept: &str) -> Option<Format> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        Wanted::of(&headers).map(|wanted| wanted.0)
    }

    #[test]
    fn the_form_that_is_asked_for() {
        assert_eq!(Wanted::of(&HeaderMap::new()).map(|wanted| wanted.0), Some(Format::Json));
        for (accept, format) in [
            ("*/*", Some(Format::Json)),
            ("application/*", Some(Format::Json)),
            ("text/*", Some(Format::Html)),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some(Format::Html)),
            ("application/xml", Some(Format::Xml)),
            ("text/xml", Some(Format::Xml)),
            ("text/plain;q=0.5, text/html;q=0.4", Some(Format::Text)),
            ("application/json;q=0, */*", Some(Format::Html)),
            ("image/png", None),
            ("*/*;q=0", None),
            ("nonsense", Some(Format::Json)),
        ] {
            assert_eq!(wanted(accept), format, "{accept}");
        }
    }
}
