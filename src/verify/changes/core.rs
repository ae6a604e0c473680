//! The core of the document: everything reachable that no rule exempts must be equal.

use super::{Changes, Site, Step};
use crate::pdf::{Dict, Object, ReadError, Reference};
use std::collections::{HashMap, HashSet};

/// References followed in one comparison; more is treated as unreadable by the reader's own budget.
const STEPS: usize = 2_000_000;

impl Step<'_, '_> {
    /// Walks the queue down to the last object.
    pub(super) fn walk(&mut self) -> Result<(), ReadError> {
        let mut seen: HashSet<Reference> = HashSet::new();
        let mut steps = 0_usize;
        while let Some(value) = self.queue.pop() {
            steps = steps.saturating_add(1);
            if steps > STEPS {
                self.note(Changes::Forbidden, Site::Form);
                return Ok(());
            }
            match value {
                Object::Array(items) => self.queue.extend(items.into_iter().filter(leads_on)),
                Object::Dict(dict) => self.push_dict(&dict, &[]),
                Object::Reference(reference) if seen.insert(reference) => self.visit(reference)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn visit(&mut self, reference: Reference) -> Result<(), ReadError> {
        // Nodes of the form and annotations are judged by their own rules, which queue what must stay equal.
        if self.form_nodes.contains(&reference.number) || self.annotations.contains(&reference.number) {
            return Ok(());
        }
        let changed = self.is_changed(reference);
        if changed && !self.only_annotations_changed(reference)? && !self.only_marked(reference)? {
            let page = self.file.object(reference, self.new).ok().flatten().is_some_and(|object| {
                object.value.as_dict().is_some_and(|dict| dict.name(b"Type") == Some(b"Page"))
            });
            let site = if page { Site::Page(reference.number) } else { Site::Object(reference.number) };
            self.note(Changes::Forbidden, site);
            return Ok(());
        }
        let Some(object) = self.file.object(reference, self.new)? else { return Ok(()) };
        match &object.value {
            Object::Dict(dict) if dict.name(b"Type") == Some(b"Page") => self.push_dict(dict, &[b"Annots"]),
            Object::Dict(dict) => self.push_dict(dict, &[]),
            Object::Array(items) => self.queue.extend(items.iter().filter(|item| leads_on(item)).cloned()),
            other => self.queue.push(other.clone()),
        }
        Ok(())
    }

    pub(super) fn push_dict(&mut self, dict: &Dict, but: &[&[u8]]) {
        let values = dict.iter().filter(|(key, value)| !but.contains(key) && leads_on(value));
        self.queue.extend(values.map(|(_, value)| value.clone()));
    }

    /// A page whose dictionary differs in `/Annots` alone (and `/Tabs`, which orders them).
    fn only_annotations_changed(&self, reference: Reference) -> Result<bool, ReadError> {
        let old = self.file.object(reference, self.old)?;
        let new = self.file.object(reference, self.new)?;
        let (Some(old), Some(new)) = (old, new) else { return Ok(false) };
        let (Some(old), Some(new)) = (old.value.as_dict(), new.value.as_dict()) else { return Ok(false) };
        let page = |dict: &Dict| dict.name(b"Type") == Some(b"Page");
        Ok(page(old) && page(new) && equal_but(old, new, &[b"Annots", b"Tabs"]))
    }

    /// A node of the page tree where a program left its mark: old iText writes `/ITXT` into every one it passes.
    fn only_marked(&self, reference: Reference) -> Result<bool, ReadError> {
        let old = self.file.object(reference, self.old)?;
        let new = self.file.object(reference, self.new)?;
        let (Some(old), Some(new)) = (old, new) else { return Ok(false) };
        let (Some(old), Some(new)) = (old.value.as_dict(), new.value.as_dict()) else { return Ok(false) };
        let node = |dict: &Dict| dict.name(b"Type") == Some(b"Pages");
        Ok(node(old) && node(new) && equal_but(old, new, &[b"ITXT"]))
    }

    /// True when a changed object hangs below a value. Does not climb to parents and pages.
    pub(super) fn touched_below(&self, value: &Object) -> bool {
        self.below(value, |reference| self.is_changed(reference))
    }

    /// True when an object that was there before was changed in place below a value.
    pub(super) fn replaced_below(&self, value: &Object) -> bool {
        let before = |reference| !matches!(self.file.object(reference, self.old), Ok(None));
        self.below(value, |reference| self.is_changed(reference) && before(reference))
    }

    /// How often the older revision refers to an object, its trailer included. Counted once for all objects.
    pub(super) fn uses_before(&mut self, wanted: Reference) -> usize {
        let counts = match self.uses.take() {
            Some(counts) => counts,
            None => self.count_uses(),
        };
        let found = counts.get(&wanted).copied().unwrap_or(0);
        self.uses = Some(counts);
        found
    }

    fn count_uses(&self) -> HashMap<Reference, usize> {
        let mut counts = HashMap::new();
        let revisions = self.file.revisions().get(..=self.old).unwrap_or_default();
        let numbers: HashSet<u32> =
            revisions.iter().flat_map(|revision| revision.entries()).map(|(number, _)| *number).collect();
        for number in numbers {
            // What cannot be read is a finding of the sweep.
            if let Ok(Some(object)) = self.file.by_number(number, self.old) {
                count(&object.value, &mut counts);
            }
        }
        for (_, value) in revisions.last().into_iter().flat_map(|revision| revision.trailer.iter()) {
            count(value, &mut counts);
        }
        counts
    }

    fn below(&self, value: &Object, wanted: impl Fn(Reference) -> bool) -> bool {
        let mut seen: HashSet<u32> = HashSet::new();
        let mut stack = vec![value.clone()];
        while let Some(value) = stack.pop() {
            match value {
                Object::Reference(reference) => {
                    if wanted(reference) {
                        return true;
                    }
                    if seen.insert(reference.number) {
                        match self.file.object(reference, self.new) {
                            Ok(Some(object)) => stack.push(object.value.clone()),
                            Ok(None) => {}
                            Err(_) => return true,
                        }
                    }
                }
                Object::Array(items) => stack.extend(items.into_iter().filter(leads_on)),
                Object::Dict(dict) if dict.name(b"Type") != Some(b"Page") => {
                    // A signature reference names what its transform looked at: mostly the whole document (Table 253).
                    let looked_at = dict.find(b"TransformMethod").is_some();
                    stack.extend(
                        dict.iter()
                            .filter(|(key, value)| !matches!(*key, b"P" | b"Parent") && leads_on(value))
                            .filter(|(key, _)| !(looked_at && *key == b"Data"))
                            .map(|(_, value)| value.clone()),
                    );
                }
                _ => {}
            }
        }
        false
    }
}

/// Both dictionaries agree on every key but these.
pub(super) fn equal_but(old: &Dict, new: &Dict, but: &[&[u8]]) -> bool {
    let within = |one: &Dict, other: &Dict| {
        one.iter().all(|(key, _)| but.contains(&key) || one.find(key) == other.find(key))
    };
    within(old, new) && within(new, old)
}

fn count(value: &Object, counts: &mut HashMap<Reference, usize>) {
    match value {
        Object::Reference(reference) => {
            let known = counts.entry(*reference).or_default();
            *known = known.saturating_add(1);
        }
        Object::Array(items) => items.iter().for_each(|item| count(item, counts)),
        Object::Dict(dict) => dict.iter().for_each(|(_, value)| count(value, counts)),
        _ => {}
    }
}

fn leads_on(value: &Object) -> bool {
    matches!(value, Object::Reference(_) | Object::Array(_) | Object::Dict(_))
}
