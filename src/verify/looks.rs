//! Does every page look as it did when it was signed? Shadow attacks prepare content before signing and switch it on
//! afterwards by a change that each rule for itself permits; a picture shows it all the same.
//!
//! The earliest revision that a fitting signature covers is held against the file as it is, page by page, outside the
//! widgets that were signed or filled since (ISO 32000-1 §12.5.6.19). A page that cannot be drawn proves nothing.

use super::finding::DocumentFinding;
use super::report::{Report, SignatureReport};
use super::vocabulary::{Changes, Coverage, Integrity};
use crate::pdf::{Dict, File, Object, ReadError, Reference};
use std::collections::HashSet;

/// What is asked of the preview room, and answered.
#[cfg(feature = "preview")]
mod drawn {
    pub(super) use crate::preview::{Area, Likeness, MOST_PAGES, Sheet, compare};
}

/// Without pictures no page can be compared, and the report says so.
#[cfg(not(feature = "preview"))]
#[allow(dead_code, reason = "nothing is drawn")]
mod drawn {
    pub(super) const MOST_PAGES: usize = 0;
    pub(super) struct Area {
        pub(super) corners: [(f64, f64); 2],
        pub(super) may_fill: bool,
    }
    pub(super) struct Sheet {
        pub(super) page: usize,
        pub(super) excused: Vec<Area>,
    }
    #[derive(PartialEq, Eq)]
    pub(super) enum Likeness {
        Different,
        NotDrawn,
    }
    pub(super) fn compare(_: &[u8], _: usize, _: &[Sheet]) -> Vec<Likeness> {
        Vec::new()
    }
}

use drawn::{Area, Likeness, MOST_PAGES, Sheet, compare};

/// Parents and kids followed from one widget.
const STEPS: usize = 256;

/// Compares the pages, when something was appended after a signature that fits.
pub(super) fn compared(file: &File<'_>, report: &Report) -> Vec<DocumentFinding> {
    let fits = |signature: &&SignatureReport| {
        signature.integrity == Integrity::Ok && signature.coverage != Coverage::Partial
    };
    let fitting = || report.signatures.iter().filter(fits);
    let covered =
        fitting().filter_map(|signature| Some((signature.revision?, signature.covered_bytes?))).min();
    let Some((revision, end)) = covered.filter(|(_, end)| *end < file.bytes().len()) else {
        return Vec::new();
    };
    let since = Since { file, old: revision, new: file.newest() };
    let pages = match since.pages() {
        Ok(pages) => pages,
        Err(why) => return DocumentFinding::limit(why).into_iter().collect(),
    };
    let (asked, left_out) = pages.split_at(pages.len().min(MOST_PAGES));
    let sheets: Vec<Sheet> = asked
        .iter()
        .map(|(page, reference)| Sheet {
            page: *page,
            excused: since.excused(*reference).unwrap_or_default(),
        })
        .collect();
    let answers = compare(file.bytes(), end, &sheets);
    let of = |wanted: Likeness| {
        let pages = sheets.iter().zip(&answers).filter(|(_, answer)| **answer == wanted);
        pages.map(|(sheet, _)| sheet.page.saturating_add(1)).collect::<Vec<_>>()
    };
    let forbidden = fitting().any(|signature| signature.changes == Changes::Forbidden);
    let different = sorted(of(Likeness::Different));
    let left_out = left_out.iter().map(|(page, _)| page.saturating_add(1));
    let not_compared = sorted(of(Likeness::NotDrawn).into_iter().chain(left_out).collect());
    let mut findings = Vec::new();
    if !different.is_empty() {
        findings.push(DocumentFinding::LooksDifferent { pages: different, allowed: !forbidden });
    }
    if !not_compared.is_empty() {
        findings.push(DocumentFinding::PagesNotCompared { pages: not_compared });
    }
    findings
}

fn sorted(mut pages: Vec<usize>) -> Vec<usize> {
    pages.sort_unstable();
    pages
}

/// Two revisions, and what lies between them.
struct Since<'f, 'a> {
    file: &'f File<'a>,
    old: usize,
    new: usize,
}

impl Since<'_, '_> {
    /// Pages with their place from 0: those first below which an object was written since, then the others.
    fn pages(&self) -> Result<Vec<(usize, Reference)>, ReadError> {
        let mut pages = Vec::new();
        for (place, page) in self.file.pages(self.new)?.into_iter().enumerate() {
            pages.push((!self.written_below(page)?, place, page));
        }
        pages.sort_unstable_by_key(|(untouched, place, _)| (*untouched, *place));
        Ok(pages.into_iter().map(|(_, place, page)| (place, page)).collect())
    }

    /// True when an object was written anew since the covered revision.
    fn is_written(&self, reference: Reference) -> bool {
        self.file.entry(reference.number, self.old) != self.file.entry(reference.number, self.new)
    }

    /// True when that is so of an object or of one below it. Stops early at what is shared widely.
    fn written_below(&self, from: Reference) -> Result<bool, ReadError> {
        let mut seen = HashSet::from([from]);
        let mut stack = vec![from];
        while let Some(reference) = stack.pop() {
            self.file.compared(1)?;
            if self.is_written(reference) || seen.len() > STEPS {
                return Ok(true);
            }
            let Some(object) = self.file.object(reference, self.new)? else { continue };
            down(&object.value, &mut |reference| {
                if seen.insert(reference) {
                    stack.push(reference);
                }
            });
        }
        Ok(false)
    }

    /// The rectangles of widgets that were signed or filled.
    fn excused(&self, page: Reference) -> Result<Vec<Area>, ReadError> {
        let mut areas = Vec::new();
        let Some(page) = self.file.object(page, self.new)? else { return Ok(areas) };
        let Some(list) = page.value.as_dict().and_then(|page| page.find(b"Annots")) else { return Ok(areas) };
        let list = self.file.resolve(list, self.new)?;
        for reference in list.as_array().unwrap_or_default().iter().filter_map(Object::as_reference) {
            let Some(object) = self.file.object(reference, self.new)? else { continue };
            let Some(widget) = object.value.as_dict() else { continue };
            if widget.name(b"Subtype") != Some(b"Widget") || !self.is_rewritten(reference, widget)? {
                continue;
            }
            let Some(rectangle) = widget.find(b"Rect") else { continue };
            let rectangle = self.file.resolve(rectangle, self.new)?;
            let numbers: Vec<f64> =
                rectangle.as_array().unwrap_or_default().iter().filter_map(Object::as_number).collect();
            if let [x0, y0, x1, y1] = numbers[..] {
                let may_fill = self.inherited(widget, b"FT")?.as_deref() != Some(b"Sig");
                areas.push(Area { corners: [(x0, y0), (x1, y1)], may_fill });
            }
        }
        Ok(areas)
    }

    /// True when the widget, its appearance or a field above it was written since.
    fn is_rewritten(&self, reference: Reference, widget: &Dict) -> Result<bool, ReadError> {
        if self.is_written(reference) {
            return Ok(true);
        }
        let mut below = Vec::new();
        if let Some(appearance) = widget.find(b"AP") {
            down(appearance, &mut |reference| below.push(reference));
        }
        for reference in below {
            if self.written_below(reference)? {
                return Ok(true);
            }
        }
        let mut above = widget.reference(b"Parent");
        for _ in 0..STEPS {
            let Some(parent) = above else { break };
            if self.is_written(parent) {
                return Ok(true);
            }
            let object = self.file.object(parent, self.new)?;
            above = object.and_then(|object| object.value.as_dict()?.reference(b"Parent"));
        }
        Ok(false)
    }

    /// A name that a field has itself or from the field above it (§12.7.3.1).
    fn inherited(&self, widget: &Dict, key: &[u8]) -> Result<Option<Vec<u8>>, ReadError> {
        let mut dict = widget.clone();
        for _ in 0..STEPS {
            if let Some(value) = dict.find(key) {
                return Ok(self.file.resolve(value, self.new)?.as_name().map(<[u8]>::to_vec));
            }
            let Some(parent) = dict.reference(b"Parent") else { break };
            let Some(object) = self.file.object(parent, self.new)? else { break };
            let Some(parent) = object.value.as_dict() else { break };
            dict = parent.clone();
        }
        Ok(None)
    }
}

/// References below a value that do not lead back up.
fn down(value: &Object, found: &mut dyn FnMut(Reference)) {
    match value {
        Object::Reference(reference) => found(*reference),
        Object::Array(items) => items.iter().for_each(|item| down(item, found)),
        Object::Dict(dict) => {
            let kids = dict.iter().filter(|(key, _)| !matches!(*key, b"P" | b"Parent"));
            kids.for_each(|(_, value)| down(value, found));
        }
        _ => {}
    }
}
