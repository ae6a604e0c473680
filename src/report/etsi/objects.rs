//! Validation objects (TS 119 102-2 §4.4): what the report refers to, each once, under an identifier.

use super::digest;
use super::element::{Element, element};
use crate::verify::{Judgement, Link, SignatureReport, TimestampReport};

/// Objects that were referred to so far, in order.
#[derive(Default)]
pub(super) struct Objects {
    listed: Vec<(String, Element)>,
}

/// Identifier of the document itself.
const DOCUMENT: &str = "document";

impl Objects {
    /// A certificate, whole.
    pub(super) fn certificate(&mut self, link: &Link) -> String {
        let id = format!("C-{}", link.sha256);
        self.list_once(&id, "certificate", || element("base64").base64(&link.der));
        id
    }

    /// A time-stamp token, by its digest.
    pub(super) fn stamp(&mut self, stamp: &TimestampReport) -> String {
        let id = format!("T-{}", hex::encode(stamp.token));
        self.list_once(&id, "timestamp", || digest("DigestAlgAndValue", &stamp.token));
        id
    }

    /// What a signature covers, by its digest.
    pub(super) fn covered(&mut self, signature: &SignatureReport) -> Option<String> {
        let covered = signature.covered_digest?;
        let id = format!("D-{}", hex::encode(covered));
        self.list_once(&id, "signedData", || digest("DigestAlgAndValue", &covered));
        Some(id)
    }

    /// A signature value, by its digest.
    pub(super) fn value(&mut self, signature: &SignatureReport) -> Option<String> {
        let value = signature.signature_digest?;
        let id = format!("S-{}", hex::encode(value));
        self.list_once(&id, "other", || digest("DigestAlgAndValue", &value));
        Some(id)
    }

    fn list_once(&mut self, id: &str, kind: &str, represented: impl FnOnce() -> Element) {
        if self.listed.iter().any(|(known, _)| known == id) {
            return;
        }
        self.listed.push((id.to_owned(), object(id, kind, represented())));
    }

    /// The list, the document first.
    pub(super) fn list(self, judgement: &Judgement) -> Element {
        let whole = judgement.sha256.as_deref().and_then(|digits| hex::decode(digits).ok());
        let document = whole.map(|whole| object(DOCUMENT, "other", digest("DigestAlgAndValue", &whole)));
        let listed = self.listed.into_iter().map(|(_, object)| object);
        element("SignatureValidationObjects").all(document).all(listed)
    }
}

fn object(id: &str, kind: &str, represented: Element) -> Element {
    element("ValidationObject")
        .with("id", id)
        .child(element("ObjectType").text(format!("urn:etsi:019102:validationObject:{kind}")))
        .child(element("ValidationObjectRepresentation").child(represented))
}

/// A reference to one object.
pub(super) fn reference(name: &'static str, id: &str) -> Element {
    element(name).with("VOReference", id)
}
