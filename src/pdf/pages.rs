//! The page tree (ISO 32000-1 §7.7.3).

use super::ReadError;
use super::file::File;
use super::object::{Object, Reference};
use std::collections::HashSet;

impl File<'_> {
    /// The pages as of a revision, in order, each once. Its nodes are paid for from the budget of comparisons.
    ///
    /// Only what says that it is a page, or has no kids, ends the descent: a node that hides its kids behind another
    /// type hides no page.
    ///
    /// # Errors
    /// A catalog or a node that cannot be read; [`Bound::ComparedValues`](super::Bound::ComparedValues).
    pub fn pages(&self, as_of: usize) -> Result<Vec<Reference>, ReadError> {
        let catalog = self.catalog(as_of)?;
        let root = catalog.value.as_dict().and_then(|catalog| catalog.reference(b"Pages"));
        let mut pages = Vec::new();
        let mut seen = HashSet::new();
        let mut stack: Vec<Reference> = root.into_iter().collect();
        while let Some(node) = stack.pop() {
            if !seen.insert(node) {
                continue;
            }
            let Some(object) = self.object(node, as_of)? else { continue };
            let Some(dict) = object.value.as_dict() else { continue };
            match dict.find(b"Kids") {
                Some(kids) if dict.name(b"Type") != Some(b"Page") => {
                    let kids = self.resolve(kids, as_of)?;
                    let kids = kids.as_array().unwrap_or_default();
                    self.compared(kids.len())?;
                    stack.extend(kids.iter().rev().filter_map(Object::as_reference));
                }
                _ => pages.push(node),
            }
        }
        Ok(pages)
    }
}
