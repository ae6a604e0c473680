//! What happened to the document after a covered revision? (ISO 32000-1 §12.8.2, DocMDP and FieldMDP.)
//!
//! Each later revision is compared with the one before it, object by object. What is reachable from the catalog
//! must be equal, save for what a rule permits; each permission is a file of its own:
//!
//! | what | where | weight |
//! |---|---|---|
//! | a further signature | `further_signature.rs` | form |
//! | evidence in the document security store | `security_store.rs` | evidence |
//! | a document time-stamp | `document_timestamp.rs` | evidence |
//! | filling fields | `form_filling.rs` | form |
//! | annotations | `annotations.rs` | annotations |
//! | metadata | `metadata.rs` | evidence |
//!
//! What no rule names is forbidden, and so is what cannot be read. The list of rules is a list of permissions, never
//! of prohibitions. `permission.rs` then applies what the signer allowed.

mod annotations;
mod core;
mod document_timestamp;
mod fields;
mod form_filling;
mod further_signature;
mod metadata;
mod permission;
mod security_store;
mod site;
mod structure;
mod unlisted;

pub use site::Site;

pub(super) use permission::{Locked, Permission};

use super::vocabulary::Changes;
use crate::pdf::{Dict, Entry, File, Indirect, Object, ReadError, Reference};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::rc::Rc;

/// A change as found, with its kind after permission.
pub(super) type Change = (Changes, Site);

/// Changes that are named: enough to understand; a rewritten book would name thousands.
const NAMED: usize = 40;

/// A change before any signer's permission is applied.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Fact {
    kind: Changes,
    site: Site,
    rule: Rule,
}

/// What a permission must know of a change besides its kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Nothing more.
    Any,
    /// A field that was there got a value or a signature: FieldMDP may lock it.
    Filling,
    /// A field appeared, and not only to sign where nothing shows: a certification forbids it.
    NewField,
}

/// The revisions of a file, each compared once with the one before it, however many signatures ask.
pub(super) struct History<'f, 'a> {
    file: &'f File<'a>,
    steps: RefCell<BTreeMap<usize, Rc<[Fact]>>>,
}

impl<'f, 'a> History<'f, 'a> {
    pub(super) fn of(file: &'f File<'a>) -> Self {
        Self { file, steps: RefCell::default() }
    }

    /// All changes after a revision, each once, gravest first.
    pub(super) fn after(&self, covered: usize, permission: &Permission) -> Vec<Change> {
        let mut all: Vec<Change> = Vec::new();
        for new in covered.saturating_add(1)..=self.file.newest() {
            for fact in self.step(new).iter() {
                let change = (permission.judged(fact), fact.site.clone());
                if !all.contains(&change) {
                    all.push(change);
                }
            }
        }
        if all.is_empty() && covered < self.file.newest() {
            all.push((Changes::Evidence, Site::Nothing));
        }
        all.sort_by_key(|(kind, _)| std::cmp::Reverse(*kind));
        all.truncate(NAMED);
        all
    }

    fn step(&self, new: usize) -> Rc<[Fact]> {
        if let Some(known) = self.steps.borrow().get(&new) {
            return Rc::clone(known);
        }
        let mut step = Step::of(self.file, new);
        if let Err(why) = step.run() {
            step.note(Changes::Forbidden, Site::Unreadable(why));
        }
        let found: Rc<[Fact]> = step.found.into();
        self.steps.borrow_mut().insert(new, Rc::clone(&found));
        found
    }
}

/// One revision against the one before it.
struct Step<'f, 'a> {
    file: &'f File<'a>,
    old: usize,
    new: usize,
    /// Objects whose value differs, appeared or disappeared.
    changed: HashSet<u32>,
    /// Fields and their widgets, judged by the rules of the form.
    form_nodes: HashSet<u32>,
    /// Pages of either revision, as the page tree names them.
    pages: HashSet<Reference>,
    /// Annotations, judged by their own rule.
    annotations: HashSet<u32>,
    /// Fields already judged by the rules of the form.
    judged: HashSet<u32>,
    /// Objects that must be equal all the way down, and all that ever stood in this list.
    queue: Vec<Reference>,
    queued: HashSet<Reference>,
    /// References to each object in the older revision, once somebody asks.
    uses: Option<HashMap<Reference, usize>>,
    found: Vec<Fact>,
}

impl<'f, 'a> Step<'f, 'a> {
    fn of(file: &'f File<'a>, new: usize) -> Self {
        Self {
            file,
            old: new.saturating_sub(1),
            new,
            changed: HashSet::new(),
            form_nodes: HashSet::new(),
            pages: HashSet::new(),
            annotations: HashSet::new(),
            judged: HashSet::new(),
            queue: Vec::new(),
            queued: HashSet::new(),
            uses: None,
            found: Vec::new(),
        }
    }

    fn note(&mut self, kind: Changes, site: Site) {
        self.note_under(Rule::Any, kind, site);
    }

    fn note_under(&mut self, rule: Rule, kind: Changes, site: Site) {
        let fact = Fact { kind, site, rule };
        let alike = self.found.iter().filter(|known| known.kind == kind && known.rule == rule).count();
        if alike < NAMED && !self.found.contains(&fact) {
            self.found.push(fact);
        }
    }

    fn run(&mut self) -> Result<(), ReadError> {
        self.find_changed()?;
        self.unlisted();
        self.trailers()?;
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
        self.file.compared(earlier.iter().map(|revision| revision.entries().len()).sum::<usize>() / 16)?;
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

    fn is_changed(&self, reference: Reference) -> bool {
        self.changed.contains(&reference.number)
    }

    fn dict(&self, value: &Object, as_of: usize) -> Result<Option<Dict>, ReadError> {
        Ok(self.file.resolve(value, as_of)?.as_dict().cloned())
    }

    fn list(&self, value: Option<&Object>, as_of: usize) -> Result<Vec<Object>, ReadError> {
        let Some(value) = value else { return Ok(Vec::new()) };
        let list = self.file.resolve(value, as_of)?.as_array().unwrap_or_default().to_vec();
        self.file.compared(list.len())?;
        Ok(list)
    }
}

/// A list that is asked again and again whether it holds a value: nearly all are references.
struct Members<'l> {
    references: HashSet<Reference>,
    direct: Vec<&'l Object>,
}

impl<'l> Members<'l> {
    fn of(list: &'l [Object]) -> Self {
        let references = list.iter().filter_map(Object::as_reference).collect();
        Self { references, direct: list.iter().filter(|item| item.as_reference().is_none()).collect() }
    }

    fn contain(&self, file: &File<'_>, value: &Object) -> Result<bool, ReadError> {
        if let Some(reference) = value.as_reference() {
            return Ok(self.references.contains(&reference));
        }
        file.compared(self.direct.len())?;
        Ok(self.direct.contains(&value))
    }

    fn contain_all(&self, file: &File<'_>, values: &[Object]) -> Result<bool, ReadError> {
        for value in values {
            if !self.contain(file, value)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
