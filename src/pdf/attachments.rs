//! Files inside the file (ISO 32000-1 §7.11.4): found by name, as of a revision.

use super::file::File;
use super::object::{Dict, Object, Reference};
use super::objects::Indirect;
use super::{Bound, ReadError};
use std::collections::HashSet;
use std::rc::Rc;

/// Attachments of one name that are listed at most.
const SAME_NAME: usize = 64;

impl File<'_> {
    /// The data of the one attachment of this name; `None` when there is none. Of at most `limit` bytes.
    ///
    /// # Errors
    /// [`ReadError::Limit`] for a larger one; whatever keeps it from being read.
    pub fn attachment(&self, name: &str, as_of: usize, limit: usize) -> Result<Option<Vec<u8>>, ReadError> {
        let found = self.attachments(name, as_of)?;
        let Some(object) = found.first() else { return Ok(None) };
        let data = self.decoded(object, as_of)?;
        let too_large = ReadError::Limit { bound: Bound::StreamOutput, most: limit };
        if data.len() > limit { Err(too_large) } else { Ok(Some(data)) }
    }

    /// Every embedded file stream of this name, each once, from `/AF` of the catalog and from `/EmbeddedFiles`.
    ///
    /// # Errors
    /// Whatever keeps the lists from being read.
    pub fn attachments(&self, name: &str, as_of: usize) -> Result<Vec<Rc<Indirect>>, ReadError> {
        let mut found: Vec<Rc<Indirect>> = Vec::new();
        let catalog = self.catalog(as_of)?;
        let Some(catalog) = catalog.value.as_dict() else { return Ok(found) };
        if let Some(files) = catalog.find(b"AF") {
            for file in self.resolve(files, as_of)?.as_array().unwrap_or_default() {
                self.specification(file, name, as_of, &mut found)?;
            }
        }
        if let Some(names) = catalog.find(b"Names") {
            let names = self.resolve(names, as_of)?;
            if let Some(tree) = names.as_dict().and_then(|names| names.find(b"EmbeddedFiles")) {
                self.name_tree(tree, name, as_of, &mut found)?;
            }
        }
        Ok(found)
    }

    fn name_tree(
        &self,
        root: &Object,
        name: &str,
        as_of: usize,
        found: &mut Vec<Rc<Indirect>>,
    ) -> Result<(), ReadError> {
        let mut seen: HashSet<Reference> = HashSet::new();
        let mut stack = vec![root.clone()];
        let mut nodes = 0_usize;
        while let Some(node) = stack.pop() {
            if node.as_reference().is_some_and(|reference| !seen.insert(reference)) {
                continue;
            }
            let node = self.resolve(&node, as_of)?;
            let Some(node) = node.as_dict() else { continue };
            if let Some(kids) = node.find(b"Kids") {
                let kids = self.resolve(kids, as_of)?;
                let kids = kids.as_array().unwrap_or_default();
                // Counted before they are kept: many nodes may share one long list.
                nodes = nodes.saturating_add(kids.len());
                if nodes > self.limits.tree_nodes {
                    return Err(self.limits.reached(Bound::TreeNodes));
                }
                stack.extend(kids.iter().cloned());
            }
            if let Some(names) = node.find(b"Names") {
                let names = self.resolve(names, as_of)?;
                let (pairs, _) = names.as_array().unwrap_or_default().as_chunks::<2>();
                nodes = nodes.saturating_add(pairs.len());
                if nodes > self.limits.tree_nodes {
                    return Err(self.limits.reached(Bound::TreeNodes));
                }
                for [_, file] in pairs {
                    self.specification(file, name, as_of, found)?;
                }
            }
        }
        Ok(())
    }

    fn specification(
        &self,
        file: &Object,
        name: &str,
        as_of: usize,
        found: &mut Vec<Rc<Indirect>>,
    ) -> Result<(), ReadError> {
        let file = self.resolve(file, as_of)?;
        let Some(file) = file.as_dict() else { return Ok(()) };
        if !self.is_named(file, name, as_of)? {
            return Ok(());
        }
        let Some(embedded) = file.find(b"EF") else { return Ok(()) };
        let embedded = self.resolve(embedded, as_of)?;
        for key in [b"UF".as_slice(), b"F"] {
            let reference = embedded.as_dict().and_then(|embedded| embedded.reference(key));
            let Some(object) =
                reference.map(|reference| self.object(reference, as_of)).transpose()?.flatten()
            else {
                continue;
            };
            // Nobody asks for more than a few of one name.
            if found.len() < SAME_NAME && !found.iter().any(|known| known.place.same(object.place)) {
                found.push(object);
            }
        }
        Ok(())
    }

    fn is_named(&self, file: &Dict, name: &str, as_of: usize) -> Result<bool, ReadError> {
        for key in [b"UF".as_slice(), b"F"] {
            let Some(value) = file.find(key) else { continue };
            if self.resolve(value, as_of)?.as_text().is_some_and(|text| text.display() == name) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
