//! The page tree, read by the letter (ISO 32000-1 §7.7.3): a tree that each reader mends its own way shows other pages in
//! each.

use super::{Kind, Walk};
use crate::pdf::{Object, ReadError, Reference};
use std::collections::HashSet;

/// Levels of a tree.
const DEEPEST: usize = 64;

impl Walk<'_, '_> {
    /// Every node once, each under the parent that it names, with the count of its leaves.
    pub(super) fn page_tree(&mut self, root: &Object, catalog: u32) -> Result<(), ReadError> {
        match root.as_reference() {
            Some(root) => self.node(root, None, 0, &mut HashSet::new()).map(drop),
            None => {
                self.note(Kind::Unreadable, catalog, b"Pages");
                Ok(())
            }
        }
    }

    /// Leaves below a node.
    fn node(
        &mut self,
        own: Reference,
        parent: Option<Reference>,
        depth: usize,
        seen: &mut HashSet<Reference>,
    ) -> Result<i64, ReadError> {
        let (file, newest) = (self.file, self.file.newest());
        file.compared(1)?;
        let object = file.object(own, newest)?;
        let dict = object.as_ref().and_then(|object| object.value.as_dict());
        let Some(dict) = dict.filter(|_| depth <= DEEPEST && seen.insert(own)) else {
            self.note(Kind::Unreadable, own.number, b"Pages");
            return Ok(0);
        };
        let above = dict.find(b"Parent").map(|above| above.as_reference());
        if above.is_some_and(|above| above != parent) {
            self.note(Kind::Unreadable, own.number, b"Parent");
        }
        let Some(kids) = dict.find(b"Kids") else {
            self.leaves.push(own);
            return Ok(1);
        };
        if dict.find(b"Contents").is_some() || self.named(dict, b"Type")?.as_deref() == Some(b"Page") {
            self.note(Kind::Unreadable, own.number, b"Kids");
        }
        let held = file.resolve(kids, newest)?;
        let mut leaves = 0_i64;
        for kid in held.as_array().unwrap_or_default() {
            match kid.as_reference() {
                Some(kid) => leaves = leaves.saturating_add(self.node(kid, Some(own), depth + 1, seen)?),
                None => self.note(Kind::Unreadable, own.number, b"Kids"),
            }
        }
        let count = dict.find(b"Count").map(|count| file.resolve(count, newest)).transpose()?;
        if count.and_then(|count| count.as_integer()) != Some(leaves) {
            self.note(Kind::Unreadable, own.number, b"Count");
        }
        Ok(leaves)
    }
}
