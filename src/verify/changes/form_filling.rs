//! Permission: fields that were there may be filled (ISO 32000-1 §12.7.3.1, §12.8.2.2.2). A value, its appearance and
//! what goes with them may change; a new appearance may take the place of the old one, never of an object that something
//! else shows too.
//! Signature fields are not filled but signed. Weight: form.

use super::fields::Node;
use super::{Changes, Rule, Site, Step};
use crate::pdf::{Dict, Object, ReadError, Reference};
use std::collections::HashSet;

/// What filling a field changes.
pub(super) const VALUE_KEYS: [&[u8]; 8] = [b"V", b"AP", b"AS", b"M", b"RV", b"I", b"F", b"DA"];

impl Step<'_, '_> {
    /// A field that was there before got another value or face.
    pub(super) fn filled(&mut self, node: &Node, old: &Dict, new: &Dict) -> Result<(), ReadError> {
        let kind = if self.takes_a_shared_face(old, new)? {
            Changes::Forbidden
        } else if node.signing {
            self.signed_kind(new)?
        } else if node.signature {
            // Nothing moves once it is signed, and an unsigned field has no reason to change its face.
            Changes::Forbidden
        } else if old.find(b"AP").map_or(Ok(false), |face| self.replaces_what_others_show(face))? {
            Changes::Forbidden
        } else {
            Changes::Form
        };
        self.note_under(Rule::Filling, kind, Site::Field(node.name.to_string()));
        Ok(())
    }

    /// An appearance dictionary that something else shows too is no field's own to replace: whoever prepared it may
    /// switch what the others show.
    fn takes_a_shared_face(&mut self, old: &Dict, new: &Dict) -> Result<bool, ReadError> {
        let Some(face) = old.reference(b"AP") else { return Ok(false) };
        let replaced = new.reference(b"AP") != Some(face) || self.touched_below(&Object::Reference(face))?;
        Ok(replaced && self.uses_before(face)? > 1)
    }

    /// A new appearance may be written over the old one, as some programs do, if nothing else shows that: an object
    /// below it with a second use must not change, nor what hangs below such an object.
    fn replaces_what_others_show(&mut self, face: &Object) -> Result<bool, ReadError> {
        let mut seen: HashSet<Reference> = HashSet::new();
        let mut stack = self.references_below(face);
        while let Some(reference) = stack.pop() {
            if !seen.insert(reference) {
                continue;
            }
            self.file.compared(1)?;
            if self.uses_before(reference)? > 1 {
                if self.touched_below(&Object::Reference(reference))? {
                    return Ok(true);
                }
            } else if let Some(object) = self.file.object(reference, self.old)? {
                stack.extend(self.references_below(&object.value));
            }
        }
        Ok(false)
    }
}
