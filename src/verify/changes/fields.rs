//! The form, field by field (ISO 32000-1 §12.7.2, §12.7.3). A field that was there may be filled (`form_filling.rs`)
//! or signed, one that appeared holds a signature (`further_signature.rs`); everything else about it stays.

use super::form_filling::VALUE_KEYS;
use super::further_signature::SIGNING_KEYS;
use super::{Changes, Members, Site, Step};
use crate::pdf::{Bound, Dict, Object, ReadError, Reference, equal_but};
use std::collections::HashSet;
use std::rc::Rc;

/// A field on the way down.
pub(super) struct Node {
    pub(super) value: Object,
    /// Full name, partial names joined by dots.
    pub(super) name: Rc<str>,
    pub(super) signature: bool,
    /// The field, or the one it belongs to, is being signed.
    pub(super) signing: bool,
    depth: u8,
}

impl Node {
    fn kid(&self, value: Object) -> Self {
        let depth = self.depth.saturating_add(1);
        let name = Rc::clone(&self.name);
        Self { value, name, signature: self.signature, signing: self.signing, depth }
    }
}

impl Step<'_, '_> {
    /// Learns which objects are fields and widgets, so that the core leaves them to this rule.
    pub(super) fn known_fields(&mut self, catalog: &Dict, as_of: usize) -> Result<(), ReadError> {
        let Some(form) = catalog.find(b"AcroForm") else { return Ok(()) };
        let Some(form) = self.dict(form, as_of)? else { return Ok(()) };
        let mut seen: HashSet<Reference> = HashSet::new();
        let mut stack = self.list(form.find(b"Fields"), as_of)?;
        while let Some(node) = stack.pop() {
            if let Some(reference) = node.as_reference() {
                if !seen.insert(reference) {
                    continue;
                }
                self.form_nodes.insert(reference.number);
            }
            if let Some(dict) = self.dict(&node, as_of)? {
                stack.extend(self.list(dict.find(b"Kids"), as_of)?);
            }
        }
        Ok(())
    }

    pub(super) fn form(&mut self, before: Option<&Object>, now: Option<&Object>) -> Result<(), ReadError> {
        let old = before.map(|form| self.dict(form, self.old)).transpose()?.flatten().unwrap_or_default();
        let new = now.map(|form| self.dict(form, self.new)).transpose()?.flatten();
        let Some(new) = new else {
            if before.is_some() {
                self.note(Changes::Forbidden, Site::Form);
            }
            return Ok(());
        };
        if !equal_but(&old, &new, &[b"Fields", b"SigFlags", b"DR", b"DA", b"NeedAppearances"]) {
            self.note(Changes::Forbidden, Site::Form);
        }
        if !equal_but(&old, &new, &[b"Fields", b"SigFlags"]) && before.is_some() {
            self.note(Changes::Form, Site::Form);
        }
        self.follow_dict(&new, &[b"Fields", b"DR"])?;
        self.resources(&old)?;
        let fields = new.find(b"Fields").map(|fields| self.file.resolve(fields, self.new)).transpose()?;
        if fields.is_some_and(|fields| fields.as_array().is_none()) {
            self.note(Changes::Forbidden, Site::Form);
        }
        let old = self.list(old.find(b"Fields"), self.old)?;
        let new = self.list(new.find(b"Fields"), self.new)?;
        let root = Node { value: Object::Null, name: "".into(), signature: false, signing: false, depth: 0 };
        self.fields(&old, &new, &root)
    }

    /// Resources of the form (§12.7.2) may grow; a font or a picture that was there shows what it showed.
    fn resources(&mut self, old: &Dict) -> Result<(), ReadError> {
        let Some(resources) = old.find(b"DR") else { return Ok(()) };
        let Some(resources) = self.dict(resources, self.old)? else { return Ok(()) };
        for (_, kind) in resources.iter() {
            let Some(kind) = self.dict(kind, self.old)? else { continue };
            self.follow_dict(&kind, &[])?;
        }
        Ok(())
    }

    pub(super) fn fields(&mut self, old: &[Object], new: &[Object], above: &Node) -> Result<(), ReadError> {
        // A field tree deeper than this has no honest purpose; the parser's own bound is for direct nesting only.
        if above.depth > 32 {
            self.note(Changes::Forbidden, Site::Field(above.name.to_string()));
            return Ok(());
        }
        let twice = |list: &[Object]| {
            let references: Vec<_> = list.iter().filter_map(Object::as_reference).collect();
            references.len() != references.iter().collect::<HashSet<_>>().len()
        };
        let (before, now) = (Members::of(old), Members::of(new));
        if !now.contain_all(self.file, old)? || (twice(new) && !twice(old)) {
            self.note(Changes::Forbidden, Site::Field(above.name.to_string()));
        }
        for value in new {
            // A node met twice was judged the first time; loops end here.
            if value.as_reference().is_some_and(|reference| !self.judged.insert(reference.number)) {
                continue;
            }
            let node = above.kid(value.clone());
            if before.contain(self.file, value)? {
                self.kept(node)?;
            } else {
                self.added(node)?;
            }
        }
        Ok(())
    }

    pub(super) fn named(&self, node: &mut Node, dict: &Dict) -> Result<(), ReadError> {
        if let Some(partial) = dict.find(b"T")
            && let Some(partial) = self.file.resolve(partial, self.new)?.as_text()
        {
            let dot = if node.name.is_empty() { "" } else { "." };
            let limits = self.file.limits();
            if node.name.len().saturating_add(partial.raw.len()) > limits.field_name {
                return Err(limits.reached(Bound::FieldName));
            }
            node.name = format!("{}{dot}{}", node.name, partial.display()).into();
        }
        if let Some(kind) = dict.find(b"FT") {
            node.signature = self.file.resolve(kind, self.new)?.as_name() == Some(b"Sig");
        }
        Ok(())
    }

    /// A field that was there before.
    fn kept(&mut self, mut node: Node) -> Result<(), ReadError> {
        let (Some(old), Some(new)) = (self.dict(&node.value, self.old)?, self.dict(&node.value, self.new)?)
        else {
            if node.value.as_reference().is_some_and(|reference| self.is_changed(reference)) {
                self.note(Changes::Forbidden, Site::Field(node.name.to_string()));
            }
            return Ok(());
        };
        self.named(&mut node, &new)?;
        node.signing = Self::is_signing(&node, &old, &new);
        let mut free: Vec<&[u8]> = VALUE_KEYS.to_vec();
        free.push(b"Kids");
        if node.signing {
            free.extend(SIGNING_KEYS);
        }
        if !equal_but(&old, &new, &free) {
            self.note(Changes::Forbidden, Site::Field(node.name.to_string()));
        }
        if !equal_but(&old, &new, &[b"Kids"]) || self.value_touched(&new)? {
            self.filled(&node, &old, &new)?;
        }
        free.extend([b"P".as_slice(), b"Parent"]);
        self.follow_dict(&new, &free)?;
        let old_kids = self.list(old.find(b"Kids"), self.old)?;
        let new_kids = self.list(new.find(b"Kids"), self.new)?;
        if old.find(b"Kids").is_some() != new.find(b"Kids").is_some()
            || new.find(b"Kids").is_some() && old_kids.is_empty() != new_kids.is_empty()
        {
            self.note(Changes::Forbidden, Site::Field(node.name.to_string()));
        }
        self.fields(&old_kids, &new_kids, &node)
    }

    /// True when something below what filling changes was changed.
    fn value_touched(&self, field: &Dict) -> Result<bool, ReadError> {
        for value in VALUE_KEYS.iter().filter_map(|key| field.find(key)) {
            if self.touched_below(value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
