//! Permission: annotations may be added, changed and removed (ISO 32000-1 §12.5, §12.8.2.2.2), with their appearance.
//! Not widgets: one that belongs to no field of the form is a picture laid over the page, and one that was there is
//! the form's to judge. Weight: annotations, which lowers the light.

use super::{Changes, Members, Site, Step};
use crate::pdf::{Dict, Object, ReadError, Reference, equal_but};
use std::collections::HashSet;

impl Step<'_, '_> {
    /// Compares the annotations of every page. That the pages themselves are equal is the core's business.
    pub(super) fn pages(&mut self, old: &Dict, new: &Dict) -> Result<(), ReadError> {
        let before = self.file.pages(self.old)?;
        let now = self.file.pages(self.new)?;
        self.pages.extend(before.iter().chain(&now).copied());
        // First the names of all annotations, then the judgement: the form must know its widgets by then.
        for page in &now {
            for annotation in self.annotation_list(*page, self.new)? {
                if let Some(reference) = annotation.as_reference() {
                    self.annotations.insert(reference.number);
                }
            }
        }
        self.known_fields(old, self.old)?;
        self.known_fields(new, self.new)?;
        let before: HashSet<Reference> = before.into_iter().collect();
        for page in now.into_iter().filter(|page| before.contains(page)) {
            self.page(page)?;
        }
        Ok(())
    }

    fn page(&mut self, page: Reference) -> Result<(), ReadError> {
        let old = self.annotation_list(page, self.old)?;
        let new = self.annotation_list(page, self.new)?;
        let (before, now) = (Members::of(&old), Members::of(&new));
        let site = Site::Annotations(page.number);
        for gone in &old {
            if now.contain(self.file, gone)? {
                continue;
            }
            let field = gone.as_reference().is_some_and(|gone| self.form_nodes.contains(&gone.number));
            let kind = if field { Changes::Forbidden } else { Changes::Annotations };
            self.note(kind, site.clone());
        }
        for annotation in &new {
            let known = before.contain(self.file, annotation)?;
            let Some(reference) = annotation.as_reference() else {
                if !known {
                    self.note(Changes::Annotations, site.clone());
                }
                continue;
            };
            if self.form_nodes.contains(&reference.number) {
                continue;
            }
            let widget = self.dict(annotation, self.new)?;
            let widget = widget.is_some_and(|dict| dict.name(b"Subtype") == Some(b"Widget"));
            match (known, widget) {
                // A widget that belongs to no field of the form is a picture laid over the page.
                (false, true) => self.note(Changes::Forbidden, site.clone()),
                (false, false) => self.note(Changes::Annotations, site.clone()),
                (true, widget) => self.annotation(reference, widget, &site)?,
            }
        }
        Ok(())
    }

    fn annotation(&mut self, reference: Reference, widget: bool, site: &Site) -> Result<(), ReadError> {
        let value = Object::Reference(reference);
        let (Some(old), Some(new)) = (self.dict(&value, self.old)?, self.dict(&value, self.new)?) else {
            return Ok(());
        };
        let kind = if widget { Changes::Forbidden } else { Changes::Annotations };
        let appearance = new.find(b"AP").map_or(Ok(false), |appearance| self.touched_below(appearance))?;
        if appearance || !equal_but(&old, &new, &[]) {
            self.note(kind, site.clone());
        } else {
            self.follow_dict(&new, &[b"AP", b"P", b"Parent", b"Popup"])?;
        }
        Ok(())
    }

    fn annotation_list(&self, page: Reference, as_of: usize) -> Result<Vec<Object>, ReadError> {
        let Some(page) = self.file.object(page, as_of)? else { return Ok(Vec::new()) };
        self.list(page.value.as_dict().and_then(|page| page.find(b"Annots")), as_of)
    }
}
