//! What happened to the document after a covered revision? (ISO 32000-1 §12.8.2, DocMDP and FieldMDP.)
//!
//! Each later revision is compared with the one before it, object by object. What is reachable from the catalog
//! must be equal, save for what a rule names: evidence, the form, annotations, metadata. What no rule names is
//! forbidden, and so is what cannot be read. The list of rules is a list of permissions, never of prohibitions.

mod annotations;
mod core;
mod evidence;
mod form;
mod unlisted;

use super::vocabulary::Changes;
use crate::pdf::{Dict, Entry, File, Indirect, Object, ReadError, Reference};
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// Where a change was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Site {
    /// The document security store.
    Evidence,
    /// Metadata or the document information dictionary.
    Metadata,
    /// A key of the trailer.
    Trailer(&'static str),
    /// A key of the catalog.
    Catalog(String),
    /// A page.
    Page(u32),
    /// Annotations of a page; object number of the page.
    Annotations(u32),
    /// A form field.
    Field(String),
    /// The form itself.
    Form,
    /// Any other object.
    Object(u32),
    /// Bytes of an update that its cross-reference does not list.
    Unlisted(usize),
    /// Something that could not be read.
    Unreadable(ReadError),
}

impl Site {
    /// 中文 and English.
    pub(super) fn words(&self) -> (String, String) {
        match self {
            Self::Evidence => ("验证材料".into(), "security store".into()),
            Self::Metadata => ("元数据".into(), "metadata".into()),
            Self::Trailer(key) => (format!("文件尾 {key}"), format!("trailer /{key}")),
            Self::Catalog(key) => (format!("文档目录 {key}"), format!("catalog /{key}")),
            Self::Page(number) => (format!("页面对象 {number}"), format!("page object {number}")),
            Self::Annotations(number) => {
                (format!("页面对象 {number} 的批注"), format!("annotations of page object {number}"))
            }
            Self::Field(name) => (format!("表单域“{name}”"), format!("field “{name}”")),
            Self::Form => ("表单".into(), "the form".into()),
            Self::Object(number) => (format!("对象 {number}"), format!("object {number}")),
            Self::Unlisted(at) => (
                format!("第 {at} 字节起藏有未登记的对象,会自行修复文件的软件会显示它"),
                format!("an unlisted object from byte {at}, which programs that repair files will show"),
            ),
            Self::Unreadable(why) => ("无法读取的部分".into(), format!("unreadable: {why}")),
        }
    }
}

/// What the signer allows others to change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Permission {
    /// `/P` of DocMDP, 1 to 3; `None` for an approval signature.
    pub(super) certified: Option<u8>,
    /// Fields that FieldMDP locks.
    pub(super) locked: Locked,
}

/// FieldMDP (§12.8.2.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Locked {
    /// No field.
    #[default]
    None,
    /// Every field.
    All,
    /// These fields (and those under them).
    Include(Vec<String>),
    /// All but these.
    Exclude(Vec<String>),
}

impl Locked {
    fn holds(&self, field: &str) -> bool {
        let under = |name: &String| {
            field == name || field.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'))
        };
        match self {
            Self::None => false,
            Self::All => true,
            Self::Include(names) => names.iter().any(under),
            Self::Exclude(names) => !names.iter().any(under),
        }
    }
}

impl Permission {
    /// The kind a change has once the permission is applied.
    fn judged(&self, kind: Changes) -> Changes {
        match (self.certified, kind) {
            (Some(0 | 1), Changes::Form | Changes::Annotations) | (Some(2), Changes::Annotations) => {
                Changes::Forbidden
            }
            _ => kind,
        }
    }
}

/// A change as found, with its kind after permission.
pub(super) type Change = (Changes, Site);

/// All changes after a revision, each once, gravest first.
pub(super) fn after(file: &File<'_>, covered: usize, permission: &Permission) -> Vec<Change> {
    let mut all: Vec<Change> = Vec::new();
    for new in covered.saturating_add(1)..=file.newest() {
        for change in step(file, new.saturating_sub(1), new, permission) {
            if !all.contains(&change) {
                all.push(change);
            }
        }
    }
    all.sort_by_key(|(kind, _)| std::cmp::Reverse(*kind));
    // Enough to understand; a rewritten book would name thousands.
    all.truncate(40);
    all
}

fn step(file: &File<'_>, old: usize, new: usize, permission: &Permission) -> Vec<Change> {
    let mut step = Step {
        file,
        old,
        new,
        permission,
        changed: HashSet::new(),
        form_nodes: HashSet::new(),
        annotations: HashSet::new(),
        judged: HashSet::new(),
        queue: Vec::new(),
        uses: None,
        found: Vec::new(),
    };
    if let Err(why) = step.run() {
        step.note(Changes::Forbidden, Site::Unreadable(why));
    }
    step.found
}

/// Keys of a trailer or cross-reference stream that have a meaning of their own (ISO 32000-1 §7.5.5, §7.5.8.2).
const TRAILER_KEYS: [&[u8]; 5] = [b"Root", b"Info", b"ID", b"Encrypt", b"Prev"];

/// One revision against the one before it.
struct Step<'f, 'a> {
    file: &'f File<'a>,
    old: usize,
    new: usize,
    permission: &'f Permission,
    /// Objects whose value differs, appeared or disappeared.
    changed: HashSet<u32>,
    /// Fields and their widgets, judged by the rules of the form.
    form_nodes: HashSet<u32>,
    /// Annotations, judged by their own rule.
    annotations: HashSet<u32>,
    /// Fields already judged by the rules of the form.
    judged: HashSet<u32>,
    /// Values that must be equal all the way down.
    queue: Vec<Object>,
    /// References to each object in the older revision, once somebody asks.
    uses: Option<HashMap<Reference, usize>>,
    found: Vec<Change>,
}

impl Step<'_, '_> {
    fn note(&mut self, kind: Changes, site: Site) {
        let change = (self.permission.judged(kind), site);
        if !self.found.contains(&change) {
            self.found.push(change);
        }
    }

    fn run(&mut self) -> Result<(), ReadError> {
        self.find_changed()?;
        self.unlisted();
        self.trailers();
        let old = self.file.catalog(self.old)?;
        let new = self.file.catalog(self.new)?;
        let (Some(old), Some(new)) = (old.value.as_dict(), new.value.as_dict()) else {
            self.note(Changes::Forbidden, Site::Trailer("Root"));
            return Ok(());
        };
        self.pages(old, new)?;
        self.catalogs(old, new)?;
        self.walk()
    }

    fn find_changed(&mut self) -> Result<(), ReadError> {
        let revisions = self.file.revisions();
        let Some(revision) = revisions.get(self.new) else { return Ok(()) };
        let mut moved: BTreeSet<u32> = BTreeSet::new();
        for (number, entry) in revision.entries() {
            if self.file.entry(*number, self.old) != Some(*entry) {
                moved.insert(*number);
            }
        }
        // Replacing an object stream replaces what older revisions said stands in it.
        let earlier = revisions.get(..=self.new).unwrap_or_default();
        let held: Vec<u32> = earlier
            .iter()
            .flat_map(|revision| revision.entries())
            .filter(|(_, entry)| matches!(entry, Entry::Within { stream, .. } if moved.contains(stream)))
            .map(|(number, _)| *number)
            .collect();
        moved.extend(held);
        for number in moved {
            let old = self.file.by_number(number, self.old);
            let new = self.file.by_number(number, self.new);
            let same = match (&old, &new) {
                (Ok(None), Ok(None)) => true,
                (Ok(Some(old)), Ok(Some(new))) => self.same(old, new)?,
                _ => false,
            };
            if !same {
                self.changed.insert(number);
            }
        }
        Ok(())
    }

    fn same(&self, old: &Rc<Indirect>, new: &Rc<Indirect>) -> Result<bool, ReadError> {
        if old.place.same(new.place) {
            return Ok(true);
        }
        if old.reference != new.reference
            || old.value != new.value
            || old.data_at.is_some() != new.data_at.is_some()
        {
            return Ok(false);
        }
        if old.data_at.is_none() {
            return Ok(true);
        }
        if self.file.is_locked() {
            return Ok(self.file.raw_data(old, self.old)?.0 == self.file.raw_data(new, self.new)?.0);
        }
        Ok(self.file.plain_data(old, self.old)? == self.file.plain_data(new, self.new)?)
    }

    fn trailers(&mut self) {
        let revisions = self.file.revisions();
        let (Some(old), Some(new)) = (revisions.get(self.old), revisions.get(self.new)) else { return };
        let (old, new) = (&old.trailer, &new.trailer);
        let first_id = |trailer: &Dict| {
            trailer.find(b"ID").and_then(Object::as_array).and_then(|id| id.first().cloned())
        };
        if old.reference(b"Root") != new.reference(b"Root") {
            self.note(Changes::Forbidden, Site::Trailer("Root"));
        }
        // A new lock makes another text of every string and stream, however little was written.
        let relocked = new.reference(b"Encrypt").is_some_and(|lock| self.is_changed(lock));
        if old.find(b"Encrypt") != new.find(b"Encrypt") || relocked {
            self.note(Changes::Forbidden, Site::Trailer("Encrypt"));
        }
        if first_id(old).is_some() && first_id(old) != first_id(new) {
            self.note(Changes::Forbidden, Site::Trailer("ID"));
        }
        // What no reader knows must still not change what it names.
        let named =
            new.iter().filter(|(key, value)| !TRAILER_KEYS.contains(key) && old.find(key) == Some(value));
        self.queue.extend(named.map(|(_, value)| value.clone()));
        let info = |trailer: &Dict| trailer.find(b"Info").cloned();
        let touched =
            info(new).and_then(|info| info.as_reference()).is_some_and(|info| self.is_changed(info));
        if info(old) != info(new) || touched {
            self.note(Changes::Evidence, Site::Metadata);
        }
    }

    fn catalogs(&mut self, old: &Dict, new: &Dict) -> Result<(), ReadError> {
        let keys: BTreeSet<&[u8]> = old.iter().chain(new.iter()).map(|(key, _)| key).collect();
        for key in keys {
            let (before, now) = (old.find(key), new.find(key));
            match key {
                b"DSS" => self.evidence(before, now)?,
                b"AcroForm" => self.form(before, now)?,
                b"Metadata" => {
                    if before != now || now.is_some_and(|now| self.touched_below(now)) {
                        self.metadata(now)?;
                    }
                }
                b"Extensions" | b"Version" if before != now => self.note(Changes::Evidence, Site::Metadata),
                b"Perms" if before.is_none() && now.is_some() => self.note(Changes::Form, Site::Form),
                // An empty or renewed list of requirements and the like is equal or it is not.
                _ if before == now => self.queue.extend(now.cloned()),
                _ => self.note(Changes::Forbidden, Site::Catalog(String::from_utf8_lossy(key).into_owned())),
            }
        }
        Ok(())
    }

    /// Metadata may be renewed; it must still be metadata that a reader can look at.
    fn metadata(&mut self, now: Option<&Object>) -> Result<(), ReadError> {
        let object = match now.and_then(Object::as_reference) {
            Some(reference) => self.file.object(reference, self.new)?,
            None => None,
        };
        let fine = object.is_some_and(|object| {
            object.value.as_dict().is_some_and(|dict| dict.name(b"Type") == Some(b"Metadata"))
                && (self.file.is_locked() || self.file.decoded(&object, self.new).is_ok())
        });
        self.note(if fine { Changes::Evidence } else { Changes::Forbidden }, Site::Metadata);
        Ok(())
    }

    fn is_changed(&self, reference: Reference) -> bool {
        self.changed.contains(&reference.number)
    }

    fn dict(&self, value: &Object, as_of: usize) -> Result<Option<Dict>, ReadError> {
        Ok(self.file.resolve(value, as_of)?.as_dict().cloned())
    }
}
