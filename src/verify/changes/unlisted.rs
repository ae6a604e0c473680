//! Objects that stand in an update and that its cross-reference does not list. Who reads by the book never sees them;
//! viewers that repair a file by looking for objects do, and show something else than what was judged.

use super::{Changes, Site, Step};
use crate::pdf::{Entry, holds_object};

impl Step<'_, '_> {
    pub(super) fn unlisted(&mut self) {
        let Some(revision) = self.file.revisions().get(self.new) else { return };
        let listed = revision.entries().iter().filter_map(|(_, entry)| match entry {
            Entry::At { offset, .. } => Some(*offset),
            _ => None,
        });
        // A cross-reference stream is an object too, and need not list itself.
        let sections = [Some(revision.xref_at), revision.trailer.count(b"XRefStm")];
        let mut extents: Vec<_> = listed
            .chain(sections.into_iter().flatten())
            .filter(|offset| (revision.start..revision.end).contains(offset))
            .filter_map(|offset| self.file.extent(offset, self.new))
            .collect();
        extents.push(revision.end..revision.end);
        extents.sort_unstable_by_key(|extent| extent.start);
        let mut at = revision.start;
        for extent in extents {
            if self.file.bytes().get(at..extent.start).is_some_and(holds_object) {
                self.note(Changes::Forbidden, Site::Unlisted(at));
            }
            at = at.max(extent.end);
        }
    }
}
