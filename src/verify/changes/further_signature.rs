//! Permission: a further signature may be added (ISO 32000-1 §12.7.4.5, §12.8.1). Into an empty signature field that
//! was there, or with a field of its own; what it shows is its own widget. Signing may also set what Acrobat sets.
//! A signed field moves no more, and a field without a signature shows nothing. Weight: form.

use super::fields::Node;
use super::{Changes, Rule, Site, Step};
use crate::pdf::{Dict, Object, ReadError};
use std::collections::BTreeSet;

/// What signing a field may change beside its value: Acrobat writes these.
pub(super) const SIGNING_KEYS: [&[u8]; 4] = [b"MK", b"Lock", b"NM", b"Q"];

impl Step<'_, '_> {
    /// True when an empty signature field, or the field it belongs to, is being signed.
    pub(super) fn is_signing(node: &Node, old: &Dict, new: &Dict) -> bool {
        node.signing || node.signature && old.find(b"V").is_none() && new.find(b"V").is_some()
    }

    /// The weight of a signature in a field: form, or evidence for a document time-stamp.
    pub(super) fn signed_kind(&self, field: &Dict) -> Result<Changes, ReadError> {
        let Some(value) = field.find(b"V") else { return Ok(Changes::Form) };
        let Some(value) = self.dict(value, self.new)? else { return Ok(Changes::Forbidden) };
        Ok(if Self::is_timestamp(&value) { Changes::Evidence } else { Changes::Form })
    }

    /// A field that appeared: only for signatures.
    pub(super) fn added(&mut self, mut node: Node) -> Result<(), ReadError> {
        let Some(dict) = self.dict(&node.value, self.new)? else {
            self.note(Changes::Forbidden, Site::Field(node.name.to_string()));
            return Ok(());
        };
        let existed = match node.value.as_reference() {
            Some(reference) => self.file.by_number(reference.number, self.old)?.is_some(),
            None => false,
        };
        self.named(&mut node, &dict)?;
        let keys: BTreeSet<&[u8]> = dict.iter().map(|(key, _)| key).collect();
        let acts = keys.contains(b"A".as_slice()) || keys.contains(b"AA".as_slice());
        let kids = self.list(dict.find(b"Kids"), self.new)?;
        if existed || acts || !node.signature && kids.is_empty() {
            self.note(Changes::Forbidden, Site::Field(node.name.to_string()));
            return Ok(());
        }
        let new_value = match dict.reference(b"V") {
            Some(value) => self.file.by_number(value.number, self.old)?.is_none(),
            None => dict.find(b"V").is_some(),
        };
        let kind = match dict.find(b"V").map(|_| self.signed_kind(&dict)).transpose()? {
            // A signature that was there signs nothing new: this is a picture laid over the page.
            Some(_) if !new_value && self.visible(&dict)? => Changes::Forbidden,
            Some(Changes::Evidence) => self.new_timestamp(&dict)?,
            Some(kind) => kind,
            // A widget of its own stands under the field that holds the signature.
            None if node.signing && kids.is_empty() => Changes::Form,
            // A field without a signature that shows something is a picture laid over the page.
            None if self.visible(&dict)? => Changes::Forbidden,
            None => Changes::Form,
        };
        // Signing where nothing shows is signing, in whichever field; a field that shows is a thing of its own.
        let signs = new_value || node.signing;
        let rule = if signs && !self.visible(&dict)? { Rule::Any } else { Rule::NewField };
        self.note_under(rule, kind, Site::Field(node.name.to_string()));
        // Only under a signature that is new: one that was there has its own widget.
        node.signing |= new_value;
        self.fields(&[], &kids, &node)
    }

    pub(super) fn visible(&self, widget: &Dict) -> Result<bool, ReadError> {
        // Viewers draw a border and a background of `/MK` (§12.5.6.19) without any appearance.
        if widget.find(b"AP").is_none() && widget.find(b"MK").is_none() {
            return Ok(false);
        }
        let rectangle = self.list(widget.find(b"Rect"), self.new)?;
        let side = |from: usize, to: usize| {
            let number = |at: usize| rectangle.get(at).and_then(Object::as_number);
            number(from).zip(number(to)).is_none_or(|(from, to)| (from - to).abs() > f64::EPSILON)
        };
        Ok(side(0, 2) && side(1, 3))
    }
}
