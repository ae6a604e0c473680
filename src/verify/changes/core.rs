//! The core of the document: everything reachable that no permission exempts must be equal.

use super::{Changes, Site, Step};
use crate::pdf::{Dict, Object, ReadError, Reference, equal_but};
use std::collections::{HashMap, HashSet};

impl Step<'_, '_> {
    /// Walks the queue down to the last object.
    pub(super) fn walk(&mut self) -> Result<(), ReadError> {
        while let Some(reference) = self.queue.pop() {
            self.visit(reference)?;
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
            Object::Dict(dict) if dict.name(b"Type") == Some(b"Page") => self.follow_dict(dict, &[b"Annots"]),
            other => self.follow(other),
        }
    }

    /// Queues every object that a value leads to, each once. Direct nesting is bounded by the parser.
    pub(super) fn follow(&mut self, value: &Object) -> Result<(), ReadError> {
        match value {
            Object::Reference(reference) => {
                self.file.compared(1)?;
                if self.queued.insert(*reference) {
                    self.queue.push(*reference);
                }
                Ok(())
            }
            Object::Array(items) => items.iter().try_for_each(|item| self.follow(item)),
            Object::Dict(dict) => self.follow_dict(dict, &[]),
            _ => Ok(()),
        }
    }

    /// The same for the values of all keys but these.
    pub(super) fn follow_dict(&mut self, dict: &Dict, but: &[&[u8]]) -> Result<(), ReadError> {
        dict.iter().filter(|(key, _)| !but.contains(key)).try_for_each(|(_, value)| self.follow(value))
    }

    /// A page whose dictionary differs in `/Annots` alone (and `/Tabs`, which orders them).
    fn only_annotations_changed(&self, reference: Reference) -> Result<bool, ReadError> {
        self.only_changed(reference, b"Page", &[b"Annots", b"Tabs"])
    }

    /// A node of the page tree where a program left its mark: old iText writes `/ITXT` into every one it passes.
    fn only_marked(&self, reference: Reference) -> Result<bool, ReadError> {
        self.only_changed(reference, b"Pages", &[b"ITXT"])
    }

    /// An object of this type before and now, that differs in these keys alone.
    fn only_changed(&self, reference: Reference, kind: &[u8], keys: &[&[u8]]) -> Result<bool, ReadError> {
        let old = self.file.object(reference, self.old)?;
        let new = self.file.object(reference, self.new)?;
        let (Some(old), Some(new)) = (old, new) else { return Ok(false) };
        let (Some(old), Some(new)) = (old.value.as_dict(), new.value.as_dict()) else { return Ok(false) };
        let typed = |dict: &Dict| dict.name(b"Type") == Some(kind);
        Ok(typed(old) && typed(new) && equal_but(old, new, keys))
    }

    /// True when a changed object hangs below a value. Does not climb to parents and pages.
    pub(super) fn touched_below(&self, value: &Object) -> Result<bool, ReadError> {
        self.below(value, |reference| self.is_changed(reference))
    }

    /// References below a value that existed before and do not lead back up.
    pub(super) fn references_below(&self, value: &Object) -> Vec<Reference> {
        let mut found = Vec::new();
        references(value, true, &mut |reference| {
            if self.file.entry(reference.number, self.old).is_some() {
                found.push(reference);
            }
        });
        found
    }

    /// How often the older revision refers to an object, its trailer included. Counted once for all objects.
    pub(super) fn uses_before(&mut self, wanted: Reference) -> Result<usize, ReadError> {
        let counts = match self.uses.take() {
            Some(counts) => counts,
            None => self.count_uses()?,
        };
        let found = counts.get(&wanted).copied().unwrap_or(0);
        self.uses = Some(counts);
        Ok(found)
    }

    fn count_uses(&self) -> Result<HashMap<Reference, usize>, ReadError> {
        let mut counts = HashMap::new();
        let revisions = self.file.revisions().get(..=self.old).unwrap_or_default();
        let numbers: HashSet<u32> =
            revisions.iter().flat_map(|revision| revision.entries()).map(|(number, _)| *number).collect();
        for number in numbers {
            self.file.compared(1)?;
            // What cannot be read is a finding of the sweep.
            if let Ok(Some(object)) = self.file.by_number(number, self.old) {
                references(&object.value, false, &mut |reference| self.count(reference, &mut counts));
            }
        }
        for (_, value) in revisions.last().into_iter().flat_map(|revision| revision.trailer.iter()) {
            references(value, false, &mut |reference| self.count(reference, &mut counts));
        }
        Ok(counts)
    }

    fn count(&self, reference: Reference, counts: &mut HashMap<Reference, usize>) {
        if self.file.entry(reference.number, self.old).is_some() {
            let known = counts.entry(reference).or_default();
            *known = known.saturating_add(1);
        }
    }

    fn below(&self, value: &Object, wanted: impl Fn(Reference) -> bool) -> Result<bool, ReadError> {
        let mut seen: HashSet<Reference> = HashSet::new();
        let mut stack: Vec<Reference> = Vec::new();
        let mut gather = |value: &Object, stack: &mut Vec<Reference>| {
            references(value, true, &mut |reference| {
                if self.file.entry(reference.number, self.new).is_some() && seen.insert(reference) {
                    stack.push(reference);
                }
            });
        };
        gather(value, &mut stack);
        while let Some(reference) = stack.pop() {
            self.file.compared(1)?;
            if wanted(reference) {
                return Ok(true);
            }
            // Pages are compared as pages. Only the page tree says what is one: anything may call itself so.
            if self.pages.contains(&reference) {
                continue;
            }
            match self.file.object(reference, self.new) {
                Ok(Some(object)) => gather(&object.value, &mut stack),
                Ok(None) => {}
                Err(why @ ReadError::Limit { .. }) => return Err(why),
                Err(_) => return Ok(true),
            }
        }
        Ok(false)
    }
}

/// Every reference written in a value; `down` leaves out what leads back up to pages.
fn references(value: &Object, down: bool, found: &mut dyn FnMut(Reference)) {
    match value {
        Object::Reference(reference) => found(*reference),
        Object::Array(items) => items.iter().for_each(|item| references(item, down, found)),
        Object::Dict(dict) => {
            // A signature reference names what its transform looked at: mostly the whole document (Table 253).
            let looked_at = dict.find(b"TransformMethod").is_some();
            let leads_up = |key: &[u8]| matches!(key, b"P" | b"Parent") || looked_at && key == b"Data";
            dict.iter()
                .filter(|(key, _)| !(down && leads_up(key)))
                .for_each(|(_, value)| references(value, down, found));
        }
        _ => {}
    }
}
