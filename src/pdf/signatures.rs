//! Every signature that any revision of the file holds, so that none can vanish.
//!
//! The union of: form fields of type `/Sig` as of every revision, the values of `/Perms` as of every revision,
//! and whatever a raw scan for `/ByteRange` turns up. A removed `/V`, an unlisted field or a forgotten revision
//! hides nothing (ISO 32000-1 §12.7.4.5, §12.8).

use super::file::File;
use super::object::{Dict, Object, Reference};
use super::{Bound, Irregularity, Limits, ReadError};
use std::collections::HashSet;
use std::rc::Rc;

/// How a signature value was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The value of a form field, in at least one revision.
    Field,
    /// Named by `/Perms` of a catalog only.
    Permissions,
    /// Found by the raw scan only: no field of any revision leads to it.
    Scan,
}

/// A signature dictionary.
#[derive(Clone, Debug)]
pub struct SignatureValue {
    /// Names of the fields that hold it, each once, in the order met.
    pub fields: Vec<String>,
    /// The dictionary as written. Its spans are offsets in the file unless `compressed`.
    pub dict: Dict,
    /// Its object number; `None` when it is written directly inside the field.
    pub reference: Option<Reference>,
    /// True when it stands in an object stream, where no byte range can reach it.
    pub compressed: bool,
    /// First revision in which it was seen.
    pub first: usize,
    /// Last revision in which it was still held.
    pub last: usize,
    /// How it was found.
    pub origin: Origin,
}

/// What was found, and what stood in the way.
#[derive(Debug, Default)]
pub struct Traces {
    /// Signature values in the order of the revisions.
    pub values: Vec<SignatureValue>,
    /// Names of signature fields whose `/V` is there but no dictionary.
    pub broken_fields: Vec<String>,
    /// Offsets of `/ByteRange` that belong to no dictionary we could read.
    pub stray: Vec<usize>,
    /// Parts of the form that could not be read.
    pub unreadable: Vec<ReadError>,
}

/// What a field passes down to its kids (§12.7.3.1).
#[derive(Clone)]
struct Inherited {
    name: Rc<str>,
    signature: bool,
}

/// A walk down a field tree.
struct Walk<'t> {
    revision: usize,
    stack: Vec<(Object, Inherited)>,
    /// Nodes that all walks of the file may still meet.
    left: &'t mut usize,
}

/// Obstacles and broken fields that are named: they tell as much as a thousand.
const NAMED: usize = 64;
/// The same for objects that cannot be read.
const SWEPT: usize = 8;

impl File<'_> {
    /// All signatures of all revisions.
    #[must_use]
    pub fn signatures(&self) -> Traces {
        let mut traces = Traces::default();
        let mut left = self.limits.tree_nodes;
        for revision in 0..self.revisions().len() {
            // An unreadable catalog is noted once, not once a revision.
            if let Err(why) = self.form(revision, &mut left, &mut traces) {
                traces.obstacle(why);
            }
        }
        self.scan(&mut traces);
        traces
    }

    fn form(&self, revision: usize, left: &mut usize, traces: &mut Traces) -> Result<(), ReadError> {
        let catalog = self.catalog(revision)?;
        let Some(catalog) = catalog.value.as_dict() else { return Ok(()) };
        if let Some(form) = catalog.find(b"AcroForm") {
            let form = self.resolve(form, revision)?;
            let fields = form.as_dict().and_then(|form| form.find(b"Fields"));
            if let Some(fields) = fields {
                self.fields(&*self.resolve(fields, revision)?, revision, left, traces);
            }
        }
        if let Some(permissions) = catalog.find(b"Perms") {
            let permissions = self.resolve(permissions, revision)?;
            for (_, value) in permissions.as_dict().into_iter().flat_map(Dict::iter) {
                self.value(value, None, revision, Origin::Permissions, traces)?;
            }
        }
        Ok(())
    }

    fn fields(&self, roots: &Object, revision: usize, left: &mut usize, traces: &mut Traces) {
        let mut seen: HashSet<Reference> = HashSet::new();
        let mut walk = Walk { revision, stack: Vec::new(), left };
        let root = Inherited { name: "".into(), signature: false };
        if let Err(why) = self.push_kids(&mut walk, roots, &root) {
            traces.obstacle(why);
        }
        while let Some((node, inherited)) = walk.stack.pop() {
            if node.as_reference().is_some_and(|reference| !seen.insert(reference)) {
                continue;
            }
            if let Err(why) = self.field(&node, inherited, &mut walk, traces) {
                traces.obstacle(why);
            }
        }
    }

    fn field(
        &self,
        node: &Object,
        mut inherited: Inherited,
        walk: &mut Walk<'_>,
        traces: &mut Traces,
    ) -> Result<(), ReadError> {
        let revision = walk.revision;
        let node = self.resolve(node, revision)?;
        let Some(field) = node.as_dict() else { return Ok(()) };
        if let Some(partial) = field.find(b"T")
            && let Some(partial) = self.resolve(partial, revision)?.as_text()
        {
            let dot = if inherited.name.is_empty() { "" } else { "." };
            if inherited.name.len().saturating_add(partial.raw.len()) > self.limits.field_name {
                return Err(self.limits.reached(Bound::FieldName));
            }
            inherited.name = format!("{}{dot}{}", inherited.name, partial.display()).into();
        }
        if let Some(kind) = field.find(b"FT") {
            inherited.signature = self.resolve(kind, revision)?.as_name() == Some(b"Sig");
        }
        if let Some(kids) = field.find(b"Kids") {
            self.push_kids(walk, &*self.resolve(kids, revision)?, &inherited)?;
        }
        match field.find(b"V") {
            Some(value) if inherited.signature => {
                self.value(value, Some(&inherited.name), revision, Origin::Field, traces)
            }
            _ => Ok(()),
        }
    }

    /// Counted before they are kept: many fields may share one long list of kids.
    fn push_kids(&self, walk: &mut Walk<'_>, kids: &Object, inherited: &Inherited) -> Result<(), ReadError> {
        let kids = kids.as_array().unwrap_or_default();
        *walk.left =
            walk.left.checked_sub(kids.len()).ok_or_else(|| self.limits.reached(Bound::TreeNodes))?;
        // Reversed, so that the stack gives them back in order.
        for kid in kids.iter().rev().filter(|kid| matches!(kid, Object::Reference(_) | Object::Dict(_))) {
            walk.stack.push((kid.clone(), inherited.clone()));
        }
        Ok(())
    }

    fn value(
        &self,
        value: &Object,
        field: Option<&str>,
        revision: usize,
        origin: Origin,
        traces: &mut Traces,
    ) -> Result<(), ReadError> {
        let held = self.resolve(value, revision);
        let dict = held.as_ref().ok().and_then(|held| held.as_dict()).cloned();
        let (Ok(held), Some(dict)) = (&held, dict) else {
            if let Some(name) = field
                && traces.broken_fields.len() < NAMED
                && !traces.broken_fields.iter().any(|known| known == name)
            {
                traces.broken_fields.push(name.to_owned());
            }
            return held.map(drop);
        };
        let (reference, compressed) = match held {
            super::Held::There(object) => (Some(object.reference), object.span.is_empty()),
            _ => (None, false),
        };
        traces.add(
            SignatureValue {
                fields: field.map(str::to_owned).into_iter().collect(),
                dict,
                reference,
                compressed,
                first: revision,
                last: revision,
                origin,
            },
            &self.limits,
        );
        Ok(())
    }

    /// Reads every object that the newest revision has in use and notes those that cannot be read: the first few, and
    /// each limit that was reached.
    #[must_use]
    pub fn sweep(&self) -> Vec<Irregularity> {
        let mut notes: Vec<Irregularity> = Vec::new();
        let mut limits: Vec<ReadError> = Vec::new();
        let mut seen = HashSet::new();
        for (number, _) in self.revisions().iter().rev().flat_map(|revision| revision.entries()) {
            let fresh = seen.insert(*number);
            let Some(why) = fresh.then(|| self.by_number(*number, self.newest()).err()).flatten() else {
                continue;
            };
            let named = match why {
                ReadError::Limit { .. } => limits.contains(&why),
                _ => notes.len() >= SWEPT,
            };
            if matches!(why, ReadError::Limit { .. }) && !named {
                limits.push(why);
            }
            if !named {
                notes.push(Irregularity::UnreadableObject { number: *number, why });
            }
            if matches!(why, ReadError::Limit { bound: Bound::ParsedBytes, .. }) {
                break;
            }
        }
        notes
    }
}

impl Traces {
    pub(super) fn obstacle(&mut self, why: ReadError) {
        let room = self.unreadable.len() < NAMED || matches!(why, ReadError::Limit { .. });
        if room && !self.unreadable.contains(&why) {
            self.unreadable.push(why);
        }
    }

    pub(super) fn add(&mut self, value: SignatureValue, limits: &Limits) {
        let same = |known: &&mut SignatureValue| {
            known.compressed == value.compressed
                && known.dict.span == value.dict.span
                && (!value.compressed || known.reference == value.reference && known.dict == value.dict)
        };
        if let Some(known) = self.values.iter_mut().find(same) {
            known.last = known.last.max(value.last);
            if value.origin == Origin::Field {
                known.origin = Origin::Field;
            }
            for field in value.fields {
                if !known.fields.contains(&field) {
                    known.fields.push(field);
                }
            }
        } else if self.values.len() < limits.signatures {
            self.values.push(value);
        } else {
            self.obstacle(limits.reached(Bound::Signatures));
        }
    }
}
