//! Pages written anew: one more widget, or one more drawing behind what they show.
//!
//! A page's content is not touched: its streams stay, one opens and one closes around them, so that whatever state they
//! leave, the drawing stands upright in millimetres (ISO 32000-1 §7.8.2, §8.4.2). Its resources are its own copy then.

use super::StampError;
use crate::domain::Instant;
use crate::pdf::{Dict, File, Object, PRIVATE_DATA, Reference, Text, Update};
use crate::render::deflated;
use std::collections::BTreeMap;

/// Pages in the making.
pub(super) struct Sheets<'f, 'a> {
    file: &'f File<'a>,
    pages: BTreeMap<Reference, Dict>,
    drawn: BTreeMap<Reference, String>,
}

/// The seal's form has this name among the resources of a page.
pub(super) const FORM: &str = "YinzhengSeal";

impl<'f, 'a> Sheets<'f, 'a> {
    pub(super) fn of(file: &'f File<'a>) -> Self {
        Self { file, pages: BTreeMap::new(), drawn: BTreeMap::new() }
    }

    /// The page's dictionary, to be changed.
    pub(super) fn page(&mut self, page: Reference) -> Result<&mut Dict, StampError> {
        if !self.pages.contains_key(&page) {
            let object = self.file.object(page, self.file.newest())?.ok_or(StampError::Shape("page"))?;
            let dict = object.value.as_dict().ok_or(StampError::Shape("page"))?.clone();
            self.pages.insert(page, dict);
        }
        self.pages.get_mut(&page).ok_or(StampError::Shape("page"))
    }

    /// Draws on a page, behind what was drawn before.
    pub(super) fn draw(&mut self, page: Reference, operators: &str) {
        let content = self.drawn.entry(page).or_default();
        content.push_str(operators);
        content.push('\n');
    }

    /// Keeps private data with a page (§14.5).
    pub(super) fn keep(&mut self, page: Reference, private: Dict, at: Instant) -> Result<(), StampError> {
        let newest = self.file.newest();
        let file = self.file;
        let dict = self.page(page)?;
        let modified = || Object::from(Text::of_bytes(at.pdf_date().as_bytes()));
        let held = dict.find(b"PieceInfo").map(|info| file.resolve(info, newest)).transpose()?;
        let mut info = held.as_deref().and_then(Object::as_dict).cloned().unwrap_or_default();
        let own = Dict::of([(b"LastModified", modified()), (b"Private", private.into())]);
        info.set(PRIVATE_DATA, own.into());
        dict.set(b"PieceInfo", info.into());
        dict.set(b"LastModified", modified());
        Ok(())
    }

    /// Writes them. `form` is the upright seal.
    pub(super) fn finish(mut self, update: &mut Update<'_, '_>, form: Reference) -> Result<(), StampError> {
        let mut opening: BTreeMap<usize, Reference> = BTreeMap::new();
        for (page, operators) in std::mem::take(&mut self.drawn) {
            let balance = self.file.balance(page, self.file.newest())?;
            // What is closed too often closes ours.
            let opened = balance.overclosed.saturating_add(1);
            let before = match opening.get(&opened) {
                Some(before) => *before,
                None => {
                    let fresh = update.fresh()?;
                    update.put_stream(fresh, Dict::default(), "q\n".repeat(opened).as_bytes());
                    opening.insert(opened, fresh);
                    fresh
                }
            };
            // No part of the text: an artifact in a tagged document (§14.8.2.2).
            let closed = "Q\n".repeat(balance.open.saturating_add(1));
            let drawing = deflated(format!("{closed}/Artifact BMC\n{operators}EMC\n").as_bytes(), 6);
            let behind = update.fresh()?;
            let packed = Dict::of([(b"Filter", Object::name(b"FlateDecode"))]);
            update.put_stream(behind, packed, &drawing);
            let resources = self.resources(page, form)?;
            let mut content = vec![before.into()];
            content.extend(self.content(page)?);
            content.push(behind.into());
            let dict = self.page(page)?;
            dict.set(b"Contents", Object::Array(content));
            dict.set(b"Resources", resources.into());
        }
        for (page, dict) in self.pages {
            update.put(page, &dict.into());
        }
        Ok(())
    }

    /// The streams of a page.
    fn content(&mut self, page: Reference) -> Result<Vec<Object>, StampError> {
        let file = self.file;
        let Some(contents) = self.page(page)?.find(b"Contents") else { return Ok(Vec::new()) };
        let held = file.resolve(contents, file.newest())?;
        Ok(match &*held {
            Object::Array(parts) => parts.clone(),
            Object::Null => Vec::new(),
            _ => vec![contents.clone()],
        })
    }

    /// Its resources with the seal among them.
    fn resources(&mut self, page: Reference, form: Reference) -> Result<Dict, StampError> {
        let (file, newest) = (self.file, self.file.newest());
        let held = file.inherited(page, b"Resources", newest)?;
        let mut resources = held.as_ref().and_then(Object::as_dict).cloned().unwrap_or_default();
        let forms = resources.find(b"XObject").map(|forms| file.resolve(forms, newest)).transpose()?;
        let mut forms = forms.as_deref().and_then(Object::as_dict).cloned().unwrap_or_default();
        if forms.find(FORM.as_bytes()).is_some() {
            return Err(StampError::Shape("/XObject"));
        }
        forms.set(FORM.as_bytes(), form.into());
        resources.set(b"XObject", forms.into());
        Ok(resources)
    }
}
