//! A document written anew without what could change its face: for those that the gate would refuse.
//!
//! Pages keep what they show: what lies on them (annotations, form fields) and shows now is drawn into their content
//! (ISO 32000-1 §12.5.5). Scripts, actions, attachments, forms and whatever nothing leads to stay behind. Nothing is taken
//! for harmless here: [`super::gate::hazards`] looks at what was made, and what would have to be guessed is refused.

use super::StampError;
use crate::crypto::sha256;
use crate::pdf::{Dict, File, Fresh, Object, ReadError, Reference, Text};
use crate::render::deflated;
use std::collections::{BTreeSet, HashMap, HashSet};

/// What was left behind or drawn in, and how often.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Annotations and fields whose look is now part of a page.
    pub drawn: usize,
    /// Annotations that showed nothing.
    pub dropped: usize,
    /// Actions, scripts and attachments of the document, its pages and its outline.
    pub silenced: usize,
}

/// A document written anew.
#[derive(Debug)]
pub struct Rewritten {
    /// The file.
    pub bytes: Vec<u8>,
    /// What became of it.
    pub changes: Changes,
}

/// Why a document was not written anew.
#[derive(Debug, thiserror::Error)]
pub enum RewriteFault {
    /// It cannot be walked.
    #[error("文件读不懂,不能重写({0:?})/ the document cannot be read and is not rewritten ({0:?})")]
    Unreadable(#[from] ReadError),
    /// It needs a password.
    #[error("文件有口令,不能重写 / the document needs a password and is not rewritten")]
    Locked,
    /// Writing it anew would break its signatures.
    #[error("文件中有签名,重写会使其失效 / the document is signed: rewriting would break that")]
    Signed,
    /// Not as the standard says.
    #[error("文件结构不合标准({0})/ the document's {0} is not as the standard says")]
    Shape(&'static str),
    /// What a field or an annotation shows is left to each reader.
    #[error(
        "第 {object} 号对象没有自己的外观,各阅读器显示不一;请先打印成 PDF / object {object} has no look of its own and shows differently in each reader: print the document to PDF first"
    )]
    NoLook {
        /// Its number.
        object: u32,
    },
    /// Too many objects.
    #[error("对象太多 / too many objects")]
    Full,
}

impl RewriteFault {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable(_) => "document.unreadable",
            Self::Locked => "document.encrypted",
            Self::Signed => "rewrite.signed",
            Self::Shape(_) => "document.shape",
            Self::NoLook { .. } => "rewrite.no_look",
            Self::Full => "document.full",
        }
    }
}

/// Flags of annotations (Table 165).
const HIDDEN: i64 = 2;
const NO_VIEW: i64 = 32;

/// What a page keeps as it is (Table 30).
const OF_PAGE: [&[u8]; 9] = [
    b"BleedBox",
    b"TrimBox",
    b"ArtBox",
    b"Group",
    b"Tabs",
    b"StructParents",
    b"UserUnit",
    b"LastModified",
    b"Metadata",
];
/// What a page has from itself or from above.
const INHERITED: [&[u8]; 3] = [b"MediaBox", b"CropBox", b"Rotate"];
/// What the catalog keeps (Table 28). Layers are kept so that the gate sees them: without them all would show.
const OF_CATALOG: [&[u8]; 10] = [
    b"PageLabels",
    b"PageLayout",
    b"Outlines",
    b"Dests",
    b"MarkInfo",
    b"StructTreeRoot",
    b"Lang",
    b"OutputIntents",
    b"Metadata",
    b"OCProperties",
];
/// What a link keeps (Table 173).
const OF_LINK: [&[u8]; 10] =
    [b"Type", b"Subtype", b"Rect", b"Border", b"BS", b"C", b"H", b"Dest", b"A", b"QuadPoints"];
/// What is said of the document (Table 317).
const OF_INFO: [&[u8]; 8] =
    [b"Title", b"Author", b"Subject", b"Keywords", b"Creator", b"Producer", b"CreationDate", b"ModDate"];

/// Writes a document anew.
///
/// # Errors
/// [`RewriteFault`]; nothing was made then.
pub fn rewrite(file: &File<'_>) -> Result<Rewritten, RewriteFault> {
    if file.is_locked() {
        return Err(RewriteFault::Locked);
    }
    let mut copy = Copy {
        file,
        newest: file.newest(),
        fresh: Fresh::default(),
        numbers: HashMap::new(),
        waiting: Vec::new(),
        left: HashSet::new(),
        made_up: false,
        changes: Changes::default(),
    };
    let root = copy.document()?;
    copy.rest()?;
    let info = copy.info()?;
    let digest = Text::of_bytes(sha256(&[file.bytes()]).get(..16).unwrap_or_default());
    let identifier = Object::Array(vec![digest.clone().into(), digest.into()]);
    let mut trailer = Dict::of([(b"Root", root.into()), (b"ID", identifier)]);
    if let Some(info) = info {
        trailer.set(b"Info", info.into());
    }
    Ok(Rewritten { bytes: copy.fresh.finish(trailer), changes: copy.changes })
}

struct Copy<'f, 'a> {
    file: &'f File<'a>,
    newest: usize,
    fresh: Fresh,
    /// What was met, and its new number.
    numbers: HashMap<Reference, Reference>,
    /// Met, not written yet.
    waiting: Vec<(Reference, Reference)>,
    /// What stays behind, whoever leads there.
    left: HashSet<Reference>,
    /// Readers are asked to make the looks of fields themselves.
    made_up: bool,
    changes: Changes,
}

impl Copy<'_, '_> {
    /// The catalog and the pages; the catalog's new number.
    fn document(&mut self) -> Result<Reference, RewriteFault> {
        let catalog = self.file.catalog(self.newest)?;
        let old = catalog.value.as_dict().ok_or(RewriteFault::Shape("/Root"))?;
        let (root, tree) = (self.take()?, self.take()?);
        self.numbers.insert(catalog.reference, root);
        if let Some(form) = old.find(b"AcroForm") {
            let form = self.file.resolve(form, self.newest)?;
            let asked = form.as_dict().and_then(|form| form.find(b"NeedAppearances"));
            self.made_up = matches!(asked, Some(Object::Bool(true)));
        }
        let pages = self.file.pages(self.newest)?;
        // Whatever points at a page points at the new one.
        let mut new = Vec::with_capacity(pages.len());
        for page in &pages {
            let number = self.take()?;
            self.numbers.insert(*page, number);
            new.push(number);
        }
        for (old, new) in pages.iter().zip(&new) {
            self.page(*old, *new, tree)?;
        }
        let kids = new.iter().map(|page| Object::from(*page)).collect();
        let count = Object::Integer(i64::try_from(new.len()).unwrap_or(i64::MAX));
        let node =
            Dict::of([(b"Type", Object::name(b"Pages")), (b"Kids", Object::Array(kids)), (b"Count", count)]);
        self.fresh.put(tree, &node.into());
        let mut dict = Dict::of([(b"Type", Object::name(b"Catalog")), (b"Pages", tree.into())]);
        self.keep(old, &mut dict, &OF_CATALOG)?;
        if let Some(begin) = old.find(b"OpenAction") {
            let begin = (*self.file.resolve(begin, self.newest)?).clone();
            if matches!(&begin, Object::Array(_)) || self.leads_inside(&begin)? {
                dict.set(b"OpenAction", self.mapped(&begin)?);
            } else {
                self.changes.silenced += 1;
            }
        }
        self.names(old, &mut dict)?;
        self.fresh.put(root, &dict.into());
        Ok(root)
    }

    /// Named destinations; scripts and attachments are named there too, and stay behind.
    fn names(&mut self, old: &Dict, dict: &mut Dict) -> Result<(), RewriteFault> {
        for key in [&b"AA"[..], b"AcroForm", b"Collection", b"AF"] {
            self.changes.silenced += usize::from(old.find(key).is_some());
        }
        let Some(names) = old.find(b"Names") else { return Ok(()) };
        let names = self.file.resolve(names, self.newest)?;
        let Some(names) = names.as_dict() else { return Ok(()) };
        for (key, value) in names.iter() {
            if key == b"Dests" {
                let kept = self.mapped(value)?;
                dict.set(b"Names", Dict::of([(b"Dests", kept)]).into());
            } else {
                self.changes.silenced += 1;
            }
        }
        Ok(())
    }

    fn page(&mut self, old: Reference, new: Reference, tree: Reference) -> Result<(), RewriteFault> {
        let object = self.file.object(old, self.newest)?.ok_or(RewriteFault::Shape("/Page"))?;
        let from = object.value.as_dict().ok_or(RewriteFault::Shape("/Page"))?;
        let mut dict = Dict::of([(b"Type", Object::name(b"Page")), (b"Parent", tree.into())]);
        self.changes.silenced += usize::from(from.find(b"AA").is_some());
        self.keep(from, &mut dict, &OF_PAGE)?;
        for key in INHERITED {
            if let Some(value) = self.file.inherited(old, key, self.newest)? {
                dict.set(key, self.mapped(&value)?);
            }
        }
        let (links, looks) = self.annotations(from)?;
        if !links.is_empty() {
            dict.set(b"Annots", Object::Array(links));
        }
        let held = self.file.inherited(old, b"Resources", self.newest)?;
        let resources = held.as_ref().and_then(Object::as_dict).cloned().unwrap_or_default();
        let mut resources = match self.mapped(&resources.into())? {
            Object::Dict(resources) => resources,
            _ => return Err(RewriteFault::Shape("/Resources")),
        };
        let mut content = self.content(from)?;
        if !looks.is_empty() {
            let (before, behind) = self.around(old, &looks, &mut resources)?;
            content.insert(0, before.into());
            content.push(behind.into());
        }
        if !content.is_empty() {
            dict.set(b"Contents", Object::Array(content));
        }
        dict.set(b"Resources", resources.into());
        self.fresh.put(new, &dict.into());
        Ok(())
    }

    fn content(&mut self, page: &Dict) -> Result<Vec<Object>, RewriteFault> {
        let Some(contents) = page.find(b"Contents") else { return Ok(Vec::new()) };
        let held = self.file.resolve(contents, self.newest)?;
        match &*held {
            Object::Array(parts) => {
                let parts = parts.iter().map(|part| self.mapped(part)).collect::<Result<Vec<_>, _>>()?;
                // What leads nowhere is no content.
                Ok(parts.into_iter().filter(|part| !matches!(part, Object::Null)).collect())
            }
            Object::Null => Ok(Vec::new()),
            _ => Ok(vec![self.mapped(contents)?]),
        }
    }

    /// Draws looks behind what the page shows; the streams before and behind its content.
    fn around(
        &mut self,
        page: Reference,
        looks: &[(Reference, [f64; 6])],
        resources: &mut Dict,
    ) -> Result<(Reference, Reference), RewriteFault> {
        let forms = resources.find(b"XObject").map(|forms| self.old_dict(forms)).transpose()?;
        let mut forms = forms.unwrap_or_default();
        let taken: BTreeSet<Vec<u8>> = forms.iter().map(|(name, _)| name.to_vec()).collect();
        let free = |number: usize| format!("YinzhengLook{number}");
        let mut names = (1..).map(free).filter(|name| !taken.contains(name.as_bytes()));
        let balance = self.file.balance(page, self.newest)?;
        let mut drawing = "Q\n".repeat(balance.open.saturating_add(1));
        for (look, matrix) in looks {
            let name = names.next().ok_or(RewriteFault::Full)?;
            let numbers: Vec<String> = matrix.iter().map(|number| format!("{number:.5}")).collect();
            drawing.push_str(&format!("q {} cm /{name} Do Q\n", numbers.join(" ")));
            forms.set(name.as_bytes(), (*look).into());
        }
        resources.set(b"XObject", forms.into());
        let (before, behind) = (self.take()?, self.take()?);
        let opened = "q\n".repeat(balance.overclosed.saturating_add(1));
        self.fresh.put_stream(before, Dict::default(), opened.as_bytes());
        let packed = Dict::of([(b"Filter", Object::name(b"FlateDecode"))]);
        self.fresh.put_stream(behind, packed, &deflated(drawing.as_bytes(), 6));
        Ok((before, behind))
    }

    /// A dictionary of the new file that was mapped already, or one that its reference stood for.
    fn old_dict(&mut self, mapped: &Object) -> Result<Dict, RewriteFault> {
        match mapped {
            Object::Dict(dict) => Ok(dict.clone()),
            Object::Reference(new) => {
                // Its own object in the old file: found by its new number, and mapped where it stands.
                let old = self.numbers.iter().find(|(_, number)| *number == new).map(|(old, _)| *old);
                let old = old.ok_or(RewriteFault::Shape("/XObject"))?;
                let held = self.file.object(old, self.newest)?.ok_or(RewriteFault::Shape("/XObject"))?;
                match self.mapped(&held.value)? {
                    Object::Dict(dict) => Ok(dict),
                    _ => Err(RewriteFault::Shape("/XObject")),
                }
            }
            _ => Err(RewriteFault::Shape("/XObject")),
        }
    }

    /// Links that stay, and the looks of what does not, each with its matrix.
    #[expect(clippy::type_complexity, reason = "two lists of one walk")]
    fn annotations(
        &mut self,
        page: &Dict,
    ) -> Result<(Vec<Object>, Vec<(Reference, [f64; 6])>), RewriteFault> {
        let (mut links, mut looks) = (Vec::new(), Vec::new());
        let Some(list) = page.find(b"Annots") else { return Ok((links, looks)) };
        let list = self.file.resolve(list, self.newest)?;
        for item in list.as_array().unwrap_or_default() {
            let held = self.file.resolve(item, self.newest)?;
            let Some(dict) = held.as_dict() else { continue };
            let own = held.reference();
            if dict.name(b"Subtype") == Some(b"Link") && self.may_stay(dict)? {
                let (mut kept, new) = (Dict::default(), self.take()?);
                self.keep(dict, &mut kept, &OF_LINK)?;
                if let Some(own) = own {
                    self.numbers.insert(own, new);
                }
                self.fresh.put(new, &kept.into());
                links.push(new.into());
                continue;
            }
            self.left.extend(own);
            match self.look(dict, own)? {
                Some(look) => {
                    self.changes.drawn += 1;
                    looks.push(look);
                }
                None => self.changes.dropped += 1,
            }
        }
        Ok((links, looks))
    }

    /// Whether a link leads inside the document or to an address that the reader is shown.
    fn may_stay(&self, link: &Dict) -> Result<bool, RewriteFault> {
        let looks = link.find(b"AP").is_some() || link.find(b"AA").is_some();
        let Some(action) = link.find(b"A") else { return Ok(!looks) };
        let action = self.file.resolve(action, self.newest)?;
        Ok(!looks && self.is_tame(&action)?)
    }

    fn is_tame(&self, action: &Object) -> Result<bool, RewriteFault> {
        let Some(dict) = action.as_dict() else { return Ok(false) };
        let kind = dict.find(b"S").map(|kind| self.file.resolve(kind, self.newest)).transpose()?;
        let tame = kind.is_some_and(|kind| matches!(kind.as_name(), Some(b"GoTo" | b"URI")));
        Ok(tame && dict.find(b"Next").is_none())
    }

    fn leads_inside(&self, action: &Object) -> Result<bool, RewriteFault> {
        let dict = action.as_dict();
        Ok(self.is_tame(action)? && dict.is_some_and(|dict| dict.name(b"S") == Some(b"GoTo")))
    }

    /// What an annotation shows on the screen now: its form in the new file, and the matrix under which it is drawn
    /// (§12.5.5, algorithm 8.1).
    fn look(
        &mut self,
        dict: &Dict,
        own: Option<Reference>,
    ) -> Result<Option<(Reference, [f64; 6])>, RewriteFault> {
        let flags = dict.find(b"F").and_then(Object::as_integer).unwrap_or(0);
        if flags & (HIDDEN | NO_VIEW) != 0 || dict.name(b"Subtype") == Some(b"Popup") {
            return Ok(None);
        }
        let number = own.map_or(0, |own| own.number);
        if self.made_up && dict.name(b"Subtype") == Some(b"Widget") && self.has_value(dict)? {
            return Err(RewriteFault::NoLook { object: number });
        }
        let Some(form) = self.normal(dict)? else {
            return if self.shows_without(dict)? {
                Err(RewriteFault::NoLook { object: number })
            } else {
                Ok(None)
            };
        };
        let object = self.file.object(form, self.newest)?.ok_or(RewriteFault::Shape("/AP"))?;
        let look = object.value.as_dict().ok_or(RewriteFault::Shape("/AP"))?;
        let rect = self.numbers_of(dict.find(b"Rect"))?.ok_or(RewriteFault::Shape("/Rect"))?;
        let bounds = self.numbers_of(look.find(b"BBox"))?.ok_or(RewriteFault::Shape("/BBox"))?;
        let matrix = self.numbers_of(look.find(b"Matrix"))?.unwrap_or([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        let Some(onto) = placed(matrix, bounds, rect) else { return Ok(None) };
        Ok(Some((self.met(form)?, onto)))
    }

    /// The normal appearance, of its state where there are several.
    fn normal(&self, dict: &Dict) -> Result<Option<Reference>, RewriteFault> {
        let Some(looks) = dict.find(b"AP") else { return Ok(None) };
        let looks = self.file.resolve(looks, self.newest)?;
        let Some(normal) = looks.as_dict().and_then(|looks| looks.find(b"N")) else { return Ok(None) };
        let held = self.file.resolve(normal, self.newest)?;
        let stream = |reference: Reference| -> Result<bool, RewriteFault> {
            Ok(self.file.object(reference, self.newest)?.is_some_and(|object| object.data_at.is_some()))
        };
        if let Some(reference) = held.reference()
            && stream(reference)?
        {
            return Ok(Some(reference));
        }
        let state = dict.name(b"AS").and_then(|state| held.as_dict()?.reference(state));
        match state {
            Some(reference) if stream(reference)? => Ok(Some(reference)),
            _ => Ok(None),
        }
    }

    /// Whether readers would make up a look: of a value, of a text, of a mark.
    fn shows_without(&self, dict: &Dict) -> Result<bool, RewriteFault> {
        if dict.find(b"AP").is_some() {
            // Of a state that has none, or of an empty one: nothing shows.
            return Ok(false);
        }
        match dict.name(b"Subtype") {
            Some(b"Link" | b"FileAttachment" | b"Sound" | b"Movie" | b"Screen" | b"TrapNet") => Ok(false),
            Some(b"Widget") => self.has_value(dict),
            _ => Ok(true),
        }
    }

    /// Whether a field has something to show; what its parents say is taken for something.
    fn has_value(&self, dict: &Dict) -> Result<bool, RewriteFault> {
        let value = dict.find(b"V").map(|value| self.file.resolve(value, self.newest)).transpose()?;
        Ok(match value.as_deref() {
            None | Some(Object::Null) => dict.find(b"Parent").is_some() && dict.name(b"FT") != Some(b"Sig"),
            Some(Object::Text(text)) => !text.bytes().is_empty(),
            Some(_) => true,
        })
    }

    fn numbers_of<const N: usize>(&self, value: Option<&Object>) -> Result<Option<[f64; N]>, RewriteFault> {
        let Some(value) = value else { return Ok(None) };
        let held = self.file.resolve(value, self.newest)?;
        let mut numbers = Vec::with_capacity(N);
        for item in held.as_array().unwrap_or_default() {
            numbers.extend(self.file.resolve(item, self.newest)?.as_number());
        }
        Ok(numbers.try_into().ok())
    }

    /// Text about the document.
    fn info(&mut self) -> Result<Option<Reference>, RewriteFault> {
        let trailer = self.file.revisions().last().and_then(|revision| revision.trailer.find(b"Info"));
        let Some(info) = trailer else { return Ok(None) };
        let info = self.file.resolve(info, self.newest)?;
        let Some(info) = info.as_dict() else { return Ok(None) };
        let mut kept = Dict::default();
        for key in OF_INFO {
            let Some(value) = info.find(key) else { continue };
            if let Some(text) = self.file.resolve(value, self.newest)?.as_text() {
                kept.set(key, Text::of_bytes(&text.bytes()).into());
            }
        }
        let new = self.take()?;
        self.fresh.put(new, &kept.into());
        Ok(Some(new))
    }

    /// These entries, mapped.
    fn keep(&mut self, from: &Dict, to: &mut Dict, keys: &[&[u8]]) -> Result<(), RewriteFault> {
        for key in keys {
            if let Some(value) = from.find(key) {
                to.set(key, self.mapped(value)?);
            }
        }
        Ok(())
    }

    /// Everything that was met and is not written yet.
    fn rest(&mut self) -> Result<(), RewriteFault> {
        while let Some((old, new)) = self.waiting.pop() {
            let Some(object) = self.file.object(old, self.newest)? else { continue };
            let value = self.mapped(&object.value)?;
            match (object.data_at, value) {
                (Some(_), Object::Dict(dict)) => {
                    let data = self.file.plain_data(&object, self.newest)?;
                    self.fresh.put_stream(new, dict, &data);
                }
                (_, value) => self.fresh.put(new, &value),
            }
        }
        Ok(())
    }

    /// A value in the numbers of the new file, without what acts.
    fn mapped(&mut self, value: &Object) -> Result<Object, RewriteFault> {
        Ok(match value {
            Object::Reference(reference) if self.left.contains(reference) => Object::Null,
            Object::Reference(reference) => match self.file.object(*reference, self.newest)? {
                None => Object::Null,
                Some(_) => self.met(*reference)?.into(),
            },
            Object::Array(items) => {
                Object::Array(items.iter().map(|item| self.mapped(item)).collect::<Result<_, _>>()?)
            }
            Object::Dict(dict) => {
                let mut kept = Dict::default();
                for (key, value) in dict.iter() {
                    if self.acts(key, value)? {
                        self.changes.silenced += 1;
                    } else {
                        kept.set(key, self.mapped(value)?);
                    }
                }
                kept.into()
            }
            Object::Text(text) => Text::of_bytes(&text.bytes()).into(),
            other => other.clone(),
        })
    }

    /// Whether an entry acts: of outlines and whatever else names an action. Attributes of the structure are called `/A`
    /// too and have no `/S`.
    fn acts(&self, key: &[u8], value: &Object) -> Result<bool, RewriteFault> {
        match key {
            b"AA" => Ok(true),
            // What a press is asked to do and a screen does not show.
            b"OP" | b"op" => Ok(matches!(value, Object::Bool(true))),
            b"A" => {
                let held = self.file.resolve(value, self.newest)?;
                let action = held.as_dict().is_some_and(|dict| dict.find(b"S").is_some());
                Ok(action && !self.is_tame(&held)?)
            }
            _ => Ok(false),
        }
    }

    /// The new number of an object that will be written.
    fn met(&mut self, old: Reference) -> Result<Reference, RewriteFault> {
        if let Some(new) = self.numbers.get(&old) {
            return Ok(*new);
        }
        let new = self.take()?;
        self.numbers.insert(old, new);
        self.waiting.push((old, new));
        Ok(new)
    }

    fn take(&mut self) -> Result<Reference, RewriteFault> {
        self.fresh.take().ok_or(RewriteFault::Full)
    }
}

/// What moves a form with this matrix and these bounds onto a rectangle; none where either has no area.
fn placed([a, b, c, d, e, f]: [f64; 6], bounds: [f64; 4], rect: [f64; 4]) -> Option<[f64; 6]> {
    let corner = |x: f64, y: f64| (a * x + c * y + e, b * x + d * y + f);
    let [left, bottom, right, top] = bounds;
    let corners = [corner(left, bottom), corner(left, top), corner(right, bottom), corner(right, top)];
    let span = |of: fn(&(f64, f64)) -> f64| {
        let values = corners.iter().map(of);
        (values.clone().fold(f64::INFINITY, f64::min), values.fold(f64::NEG_INFINITY, f64::max))
    };
    let ((x0, x1), (y0, y1)) = (span(|corner| corner.0), span(|corner| corner.1));
    let (rx, ry) =
        ((rect[0].min(rect[2]), rect[0].max(rect[2])), (rect[1].min(rect[3]), rect[1].max(rect[3])));
    let (sx, sy) = ((rx.1 - rx.0) / (x1 - x0), (ry.1 - ry.0) / (y1 - y0));
    let sound = [sx, sy].iter().all(|scale| scale.is_finite() && *scale != 0.0);
    sound.then_some([sx, 0.0, 0.0, sy, rx.0 - x0 * sx, ry.0 - y0 * sy])
}

impl From<RewriteFault> for StampError {
    fn from(why: RewriteFault) -> Self {
        Self::Rewrite(why)
    }
}
