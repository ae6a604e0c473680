//! ETSI TS 119 102-2 V1.2.1: the report as XML that other programs read, `ValidationReport` in the standard's namespace.
//!
//! Each step of the walk is a validation constraint; what was found stands in its `Indications`, in our own namespace.
//! Certificates are there whole, so that the report can be filed alone; the document, time-stamp tokens and covered
//! bytes are there as digests. It is not signed: whoever files it seals the PDF form, or keeps both together.

mod constraints;
mod element;
mod objects;
mod signature;

use crate::verify::{Judgement, Verdict};
use element::{Element, element};
use objects::Objects;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, Event};
use std::io;

/// Namespace of the report (TS 119 102-2 §4.2.1).
const REPORT: &str = "http://uri.etsi.org/19102/v1.2.1#";
const DSIG: &str = "http://www.w3.org/2000/09/xmldsig#";
const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
/// Namespace of what the standard leaves to the writer.
const OURS: &str = "urn:yinzheng:report:1";
const SHA256: &str = "http://www.w3.org/2001/04/xmlenc#sha256";

/// The report.
///
/// # Errors
/// Never: it is written to memory.
pub(super) fn write(judgement: &Judgement) -> io::Result<String> {
    let mut objects = Objects::default();
    let mut root = element("ValidationReport")
        .with("xmlns", REPORT)
        .with("xmlns:ds", DSIG)
        .with("xmlns:xades", XADES)
        .with("xmlns:y", OURS);
    for (at, one) in judgement.signatures.iter().enumerate() {
        root = root.child(signature::report(judgement, at, one, &mut objects));
    }
    if judgement.signatures.is_empty() {
        root = root.child(nothing_found(judgement));
    }
    let root = root.child(objects.list(judgement));
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    root.write(&mut writer)?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    String::from_utf8(bytes).map_err(io::Error::other)
}

/// An empty report is not permitted: a document without any signature has one that says so, as DSS writes it.
fn nothing_found(judgement: &Judgement) -> Element {
    let (main, sub) = match judgement.verdict {
        Verdict::Unsigned => ("urn:cef:dss:mainindication:noSignatureFound".to_owned(), None),
        Verdict::NotTrusted => (main_indication("total-failed"), Some("FORMAT_FAILURE")),
        _ => (main_indication("indeterminate"), Some("GENERIC")),
    };
    let status = element("SignatureValidationStatus").child(element("MainIndication").text(main));
    let sub = sub.map(|sub| element("SubIndication").text(sub_indication(sub)));
    element("SignatureValidationReport").child(constraints::report(judgement, None)).child(status.maybe(sub))
}

/// URN of a main indication (TS 119 102-2 §4.3.4.2).
fn main_indication(name: &str) -> String {
    format!("urn:etsi:019102:mainindication:{name}")
}

/// URN of a sub-indication (TS 119 102-2 §4.3.4.3).
fn sub_indication(name: &str) -> String {
    format!("urn:etsi:019102:subindication:{name}")
}

/// A SHA-256 with its method, as XML signatures write it.
fn digest(name: &'static str, digest: &[u8]) -> Element {
    element(name)
        .child(element("ds:DigestMethod").with("Algorithm", SHA256))
        .child(element("ds:DigestValue").base64(digest))
}
