//! The form: which fields may be filled, signed or added (ISO 32000-1 §12.7).

use super::core::equal_but;
use super::{Changes, Site, Step};
use crate::pdf::{Dict, Object, ReadError, Reference};
use std::collections::{BTreeSet, HashSet};

/// What filling a field changes.
const VALUE_KEYS: [&[u8]; 8] = [b"V", b"AP", b"AS", b"M", b"RV", b"I", b"F", b"DA"];
/// What signing a field may change besides: Acrobat writes these.
const SIGNING_KEYS: [&[u8]; 4] = [b"MK", b"Lock", b"NM", b"Q"];

/// A field on the way down.
struct Node {
    value: Object,
    name: String,
    signature: bool,
    /// The field, or the one it belongs to, is being signed.
    signing: bool,
    depth: u8,
}

impl Node {
    fn kid(&self, value: Object) -> Self {
        let depth = self.depth.saturating_add(1);
        Self { value, name: self.name.clone(), signature: self.signature, signing: self.signing, depth }
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

    fn list(&self, value: Option<&Object>, as_of: usize) -> Result<Vec<Object>, ReadError> {
        let Some(value) = value else { return Ok(Vec::new()) };
        Ok(self.file.resolve(value, as_of)?.as_array().unwrap_or_default().to_vec())
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
        self.push_dict(&new, &[b"Fields", b"DR"]);
        let fields = new.find(b"Fields").map(|fields| self.file.resolve(fields, self.new)).transpose()?;
        if fields.is_some_and(|fields| fields.as_array().is_none()) {
            self.note(Changes::Forbidden, Site::Form);
        }
        let old = self.list(old.find(b"Fields"), self.old)?;
        let new = self.list(new.find(b"Fields"), self.new)?;
        let root =
            Node { value: Object::Null, name: String::new(), signature: false, signing: false, depth: 0 };
        self.fields(&old, &new, &root)
    }

    fn fields(&mut self, old: &[Object], new: &[Object], above: &Node) -> Result<(), ReadError> {
        // A field tree deeper than this has no honest purpose; the parser's own bound is for direct nesting only.
        if above.depth > 32 {
            self.note(Changes::Forbidden, Site::Field(above.name.clone()));
            return Ok(());
        }
        let twice = |list: &[Object]| {
            let references: Vec<_> = list.iter().filter_map(Object::as_reference).collect();
            references.len() != references.iter().collect::<HashSet<_>>().len()
        };
        if old.iter().any(|field| !new.contains(field)) || (twice(new) && !twice(old)) {
            self.note(Changes::Forbidden, Site::Field(above.name.clone()));
        }
        for value in new {
            // A node met twice was judged the first time; loops end here.
            if value.as_reference().is_some_and(|reference| !self.judged.insert(reference.number)) {
                continue;
            }
            let node = above.kid(value.clone());
            if old.contains(value) {
                self.kept(node)?;
            } else {
                self.added(node)?;
            }
        }
        Ok(())
    }

    fn named(&self, node: &mut Node, dict: &Dict) -> Result<(), ReadError> {
        if let Some(partial) = dict.find(b"T")
            && let Some(partial) = self.file.resolve(partial, self.new)?.as_text()
        {
            let dot = if node.name.is_empty() { "" } else { "." };
            node.name = format!("{}{dot}{}", node.name, partial.display());
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
                self.note(Changes::Forbidden, Site::Field(node.name));
            }
            return Ok(());
        };
        self.named(&mut node, &new)?;
        let signing = node.signing || node.signature && old.find(b"V").is_none() && new.find(b"V").is_some();
        node.signing = signing;
        let mut free: Vec<&[u8]> = VALUE_KEYS.to_vec();
        free.push(b"Kids");
        if signing {
            free.extend(SIGNING_KEYS);
        }
        if !equal_but(&old, &new, &free) {
            self.note(Changes::Forbidden, Site::Field(node.name.clone()));
        }
        let differs = !equal_but(&old, &new, &[b"Kids"]);
        let below = VALUE_KEYS.iter().filter_map(|key| new.find(key)).any(|value| self.touched_below(value));
        if differs || below {
            self.filled(&node, &old, &new)?;
        }
        let mut judged = free;
        judged.extend([b"P".as_slice(), b"Parent"]);
        self.push_dict(&new, &judged);
        let old_kids = self.list(old.find(b"Kids"), self.old)?;
        let new_kids = self.list(new.find(b"Kids"), self.new)?;
        if old.find(b"Kids").is_some() != new.find(b"Kids").is_some()
            || new.find(b"Kids").is_some() && old_kids.is_empty() != new_kids.is_empty()
        {
            self.note(Changes::Forbidden, Site::Field(node.name.clone()));
        }
        self.fields(&old_kids, &new_kids, &node)
    }

    fn filled(&mut self, node: &Node, old: &Dict, new: &Dict) -> Result<(), ReadError> {
        let kind = if self.takes_a_shared_face(old, new) {
            Changes::Forbidden
        } else if node.signing {
            self.signed_kind(new)?
        } else if node.signature {
            // Nothing moves once it is signed, and an unsigned field has no reason to change its face.
            Changes::Forbidden
        } else if new.find(b"AP").is_some_and(|appearance| self.replaced_below(appearance)) {
            // Filling writes a new appearance; replacing one in place also changes whatever else shows it.
            Changes::Forbidden
        } else {
            Changes::Form
        };
        let locked = self.permission.locked.holds(&node.name) && kind != Changes::Evidence;
        self.note(if locked { Changes::Forbidden } else { kind }, Site::Field(node.name.clone()));
        Ok(())
    }

    /// An appearance dictionary that something else shows too is no field's own to replace: whoever prepared it may
    /// switch what the others show.
    fn takes_a_shared_face(&mut self, old: &Dict, new: &Dict) -> bool {
        let Some(face) = old.reference(b"AP") else { return false };
        let replaced = new.reference(b"AP") != Some(face) || self.touched_below(&Object::Reference(face));
        replaced && self.uses_before(face) > 1
    }

    /// Evidence for a document time-stamp, whose dictionary may lack its `/Type`.
    fn signed_kind(&self, field: &Dict) -> Result<Changes, ReadError> {
        let Some(value) = field.find(b"V") else { return Ok(Changes::Form) };
        let Some(value) = self.dict(value, self.new)? else { return Ok(Changes::Forbidden) };
        let stamp = value.name(b"SubFilter") == Some(b"ETSI.RFC3161");
        Ok(if stamp { Changes::Evidence } else { Changes::Form })
    }

    /// A field that appeared: only for signatures.
    fn added(&mut self, mut node: Node) -> Result<(), ReadError> {
        let Some(dict) = self.dict(&node.value, self.new)? else {
            self.note(Changes::Forbidden, Site::Field(node.name));
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
            self.note(Changes::Forbidden, Site::Field(node.name));
            return Ok(());
        }
        let signed = dict.find(b"V").is_some();
        // A widget of its own stands under the field that holds the signature.
        let under = node.signing && !signed && kids.is_empty();
        node.signing |= signed;
        let kind = match signed {
            _ if under => Changes::Form,
            // A time-stamp has nothing to show.
            true => match self.signed_kind(&dict)? {
                Changes::Evidence if self.visible(&dict)? => Changes::Forbidden,
                kind => kind,
            },
            // A field without a signature that shows something is a picture laid over the page.
            false if self.visible(&dict)? => Changes::Forbidden,
            false => Changes::Form,
        };
        // Under certification a new field is refused even where filling is allowed.
        let kind = match (self.permission.certified, kind) {
            (Some(_), Changes::Form) => Changes::Forbidden,
            (_, kind) => kind,
        };
        self.note(kind, Site::Field(node.name.clone()));
        self.fields(&[], &kids, &node)
    }

    fn visible(&self, widget: &Dict) -> Result<bool, ReadError> {
        if widget.find(b"AP").is_none() {
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
