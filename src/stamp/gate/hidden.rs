//! What could be shown and is not: objects that nothing leads to, in no revision of the file.

use super::shapes::paints;
use super::{Kind, Walk};
use crate::pdf::{Dict, Object, ReadError, Reference};
use std::collections::{BTreeSet, HashSet};

/// Revisions that are followed; a file with more is told by its newest ones.
const MOST_REVISIONS: usize = 32;

/// Octets of a stream in which something is drawn, if it is content.
const CONTENT: usize = 64 << 10;

impl Walk<'_, '_> {
    /// Objects that nothing ever led to, if they could be shown one day. What an older revision showed is its history.
    pub(super) fn hidden(&mut self) -> Result<(), ReadError> {
        let newest = self.file.newest();
        let mut seen: HashSet<u32> = self.seen.iter().map(|reference| reference.number).collect();
        let first = newest.saturating_sub(MOST_REVISIONS);
        for revision in first..newest {
            self.shown_in(revision, &mut seen)?;
        }
        if first > 0 {
            return Ok(());
        }
        let entries = self.file.revisions().iter().flat_map(|revision| revision.entries());
        let numbers: BTreeSet<u32> =
            entries.map(|(number, _)| *number).filter(|number| !seen.contains(number)).collect();
        self.file.compared(numbers.len())?;
        for number in numbers {
            // What cannot be read there is never shown.
            let Ok(Some(object)) = self.file.by_number(number, newest) else { continue };
            let Some(dict) = object.value.as_dict() else { continue };
            let is_stream = object.data_at.is_some();
            let what = could_show(dict, is_stream);
            // What tools leave between revisions is not always what it could be: a form that is empty shows nothing.
            let is_bare = newest == 0 && is_stream && is_bare(dict);
            let is_left = newest > 0 && is_stream && dict.name(b"Subtype") == Some(b"Form");
            if is_bare || is_left {
                let drawn = self.file.beginning(&object, newest, CONTENT)?;
                if !drawn.is_some_and(|content| paints(&content)) {
                    continue;
                }
            }
            if let Some(what) = what.or(is_bare.then_some(b"Contents".as_slice())) {
                self.note(Kind::Unreferenced, number, what);
            }
        }
        Ok(())
    }

    /// Adds what a revision leads to.
    fn shown_in(&self, revision: usize, seen: &mut HashSet<u32>) -> Result<(), ReadError> {
        // A revision of which the catalog is lost showed nothing.
        let Ok(catalog) = self.file.catalog(revision) else { return Ok(()) };
        let trailer = self.file.revisions().get(revision).map(|revision| &revision.trailer);
        let mut stack: Vec<Reference> =
            trailer.and_then(|trailer| trailer.reference(b"Info")).into_iter().collect();
        let mut done = HashSet::from([catalog.reference]);
        seen.insert(catalog.reference.number);
        self.leads(&catalog.value, &mut stack)?;
        while let Some(next) = stack.pop() {
            if !done.insert(next) {
                continue;
            }
            seen.insert(next.number);
            if let Ok(Some(object)) = self.file.object(next, revision) {
                self.leads(&object.value, &mut stack)?;
            }
        }
        Ok(())
    }

    fn leads(&self, value: &Object, stack: &mut Vec<Reference>) -> Result<(), ReadError> {
        match value {
            Object::Reference(reference) => stack.push(*reference),
            Object::Array(items) => {
                self.file.compared(items.len())?;
                items.iter().try_for_each(|item| self.leads(item, stack))?;
            }
            Object::Dict(dict) => {
                self.file.compared(dict.iter().count())?;
                dict.iter().try_for_each(|(_, item)| self.leads(item, stack))?;
            }
            _ => {}
        }
        Ok(())
    }
}

/// What of a page an object could be, by what it holds.
fn could_show(dict: &Dict, is_stream: bool) -> Option<&[u8]> {
    let kind = dict.name(b"Type");
    let has = |keys: &[&[u8]]| keys.iter().all(|key| dict.find(key).is_some());
    if matches!(kind, Some(b"XRef" | b"ObjStm" | b"Metadata" | b"EmbeddedFile" | b"Sig" | b"DocTimeStamp")) {
        return None;
    }
    let shown = matches!(kind, Some(b"Catalog" | b"Pages" | b"Page" | b"Template" | b"Annot" | b"Action"))
        || dict.name(b"Subtype") == Some(b"Widget")
        || (is_stream && matches!(dict.name(b"Subtype"), Some(b"Form" | b"Image")))
        || has(&[b"Parent", b"Contents"])
        || (has(&[b"Pages"]) && !is_stream)
        || has(&[b"BaseFont", b"Subtype"]);
    shown.then(|| kind.or(dict.name(b"Subtype")).unwrap_or(b"Page"))
}

/// A stream that says nothing but how it is packed: contents look like that.
fn is_bare(dict: &Dict) -> bool {
    let packing = [b"Length".as_slice(), b"Filter", b"DecodeParms"];
    dict.iter().all(|(key, _)| packing.contains(&key))
}
