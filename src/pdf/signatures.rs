//! Every signature that any revision of the file holds, so that none can vanish.
//!
//! The union of: form fields of type `/Sig` as of every revision, the values of `/Perms` as of every revision,
//! and whatever a raw scan for `/ByteRange` turns up. A removed `/V`, an unlisted field or a forgotten revision
//! hides nothing (ISO 32000-1 §12.7.4.5, §12.8).

use super::file::{File, offset_of};
use super::object::{Dict, Object, Reference};
use super::{Bound, Irregularity, ReadError};
use std::collections::HashSet;

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
#[derive(Clone, Default)]
struct Inherited {
    name: String,
    signature: bool,
}

impl File<'_> {
    /// All signatures of all revisions.
    #[must_use]
    pub fn signatures(&self) -> Traces {
        let mut traces = Traces::default();
        for revision in 0..self.revisions().len() {
            // An unreadable catalog is noted once, not once a revision.
            if let Err(why) = self.form(revision, &mut traces) {
                traces.obstacle(why);
            }
        }
        self.scan(&mut traces);
        traces
    }

    fn form(&self, revision: usize, traces: &mut Traces) -> Result<(), ReadError> {
        let catalog = self.catalog(revision)?;
        let Some(catalog) = catalog.value.as_dict() else { return Ok(()) };
        if let Some(form) = catalog.find(b"AcroForm") {
            let form = self.resolve(form, revision)?;
            let fields = form.as_dict().and_then(|form| form.find(b"Fields"));
            if let Some(fields) = fields {
                self.fields(&*self.resolve(fields, revision)?, revision, traces);
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

    fn fields(&self, roots: &Object, revision: usize, traces: &mut Traces) {
        let mut seen: HashSet<Reference> = HashSet::new();
        let mut stack: Vec<(Object, Inherited)> = Vec::new();
        push_kids(&mut stack, roots, &Inherited::default());
        let mut nodes = 0_usize;
        while let Some((node, inherited)) = stack.pop() {
            nodes = nodes.saturating_add(1);
            if nodes > self.limits.tree_nodes {
                traces.obstacle(ReadError::Limit { bound: Bound::TreeNodes });
                return;
            }
            if node.as_reference().is_some_and(|reference| !seen.insert(reference)) {
                continue;
            }
            if let Err(why) = self.field(&node, inherited, revision, &mut stack, traces) {
                traces.obstacle(why);
            }
        }
    }

    fn field(
        &self,
        node: &Object,
        mut inherited: Inherited,
        revision: usize,
        stack: &mut Vec<(Object, Inherited)>,
        traces: &mut Traces,
    ) -> Result<(), ReadError> {
        let node = self.resolve(node, revision)?;
        let Some(field) = node.as_dict() else { return Ok(()) };
        if let Some(partial) = field.find(b"T")
            && let Some(partial) = self.resolve(partial, revision)?.as_text()
        {
            let dot = if inherited.name.is_empty() { "" } else { "." };
            inherited.name = format!("{}{dot}{}", inherited.name, partial.display());
        }
        if let Some(kind) = field.find(b"FT") {
            inherited.signature = self.resolve(kind, revision)?.as_name() == Some(b"Sig");
        }
        if let Some(kids) = field.find(b"Kids") {
            push_kids(stack, &*self.resolve(kids, revision)?, &inherited);
        }
        match field.find(b"V") {
            Some(value) if inherited.signature => {
                self.value(value, Some(&inherited.name), revision, Origin::Field, traces)
            }
            _ => Ok(()),
        }
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
            self.limits.signatures,
        );
        Ok(())
    }

    /// `/ByteRange` anywhere in the bytes that no known value explains.
    fn scan(&self, traces: &mut Traces) {
        let mut hits = byte_ranges(self.bytes);
        hits.retain(|hit| {
            let known = traces.values.iter().any(|value| !value.compressed && value.dict.span.contains(hit));
            // `/AuthCode` of an encrypted file (ISO/TS 32004) has a byte range and is no signature.
            let trailer = self.revisions().iter().any(|revision| revision.trailer.span.contains(hit));
            !known && !trailer
        });
        if hits.is_empty() {
            return;
        }
        let streams = self.stream_spans();
        hits.retain(|hit| !streams.iter().any(|span| span.contains(hit)));
        if hits.len() > self.limits.signatures {
            traces.obstacle(ReadError::Limit { bound: Bound::Signatures });
            hits.truncate(self.limits.signatures);
        }
        for hit in hits {
            if traces.values.iter().any(|value| !value.compressed && value.dict.span.contains(&hit)) {
                continue;
            }
            match self.enclosing(hit) {
                Some((dict, reference)) => {
                    traces.add(self.scanned(dict, reference, hit), self.limits.signatures)
                }
                // Ciphertext of an object stream that could not be told from the rest.
                None if self.is_locked() => {}
                None => traces.stray.push(hit),
            }
        }
    }

    fn scanned(&self, dict: Dict, reference: Reference, hit: usize) -> SignatureValue {
        let revision = self.revisions().iter().position(|revision| hit < revision.end);
        let revision = revision.unwrap_or(self.newest());
        SignatureValue {
            fields: Vec::new(),
            dict,
            reference: Some(reference),
            compressed: false,
            first: revision,
            last: revision,
            origin: Origin::Scan,
        }
    }

    /// The dictionary with `/ByteRange` and `/Contents` around an offset, if an object header stands before it.
    fn enclosing(&self, hit: usize) -> Option<(Dict, Reference)> {
        // Contents may precede the byte range: 64 KiB of digits and more.
        let from = hit.saturating_sub(1 << 20);
        let mut window = self.bytes.get(from..hit)?;
        for _ in 0..8 {
            let at = window.windows(3).rposition(|three| three == b"obj")?;
            window = window.get(..at)?;
            let Some(start) = header_start(window).and_then(|start| start.checked_add(from)) else {
                continue;
            };
            let Ok(object) = self.parse_at(start) else { continue };
            if let Some(dict) = innermost(&object.value, hit) {
                return Some((dict.clone(), object.reference));
            }
        }
        None
    }

    /// Where the data of the streams stands that any cross-reference names.
    fn stream_spans(&self) -> Vec<std::ops::Range<usize>> {
        let mut spans = Vec::new();
        let mut seen = HashSet::new();
        for (index, revision) in self.revisions().iter().enumerate() {
            for offset in revision.entries().iter().filter_map(|(_, entry)| offset_of(*entry)) {
                if !seen.insert(offset) {
                    continue;
                }
                let Ok(object) = self.parse_at(offset) else { continue };
                if let (Some(start), Ok((_, end))) = (object.data_at, self.raw_data(&object, index)) {
                    spans.push(start..end);
                }
            }
        }
        spans
    }

    /// Reads every object that the newest revision has in use and notes those that cannot be read.
    #[must_use]
    pub fn sweep(&self) -> Vec<Irregularity> {
        let mut notes = Vec::new();
        let mut seen = HashSet::new();
        for revision in self.revisions().iter().rev() {
            for (number, _) in revision.entries() {
                if seen.insert(*number)
                    && let Err(why) = self.by_number(*number, self.newest())
                {
                    notes.push(Irregularity::UnreadableObject { number: *number, why });
                }
            }
        }
        notes
    }
}

impl Traces {
    fn obstacle(&mut self, why: ReadError) {
        if !self.unreadable.contains(&why) {
            self.unreadable.push(why);
        }
    }

    fn add(&mut self, value: SignatureValue, limit: usize) {
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
        } else if self.values.len() < limit {
            self.values.push(value);
        } else {
            self.obstacle(ReadError::Limit { bound: Bound::Signatures });
        }
    }
}

fn push_kids(stack: &mut Vec<(Object, Inherited)>, kids: &Object, inherited: &Inherited) {
    // Reversed, so that the stack gives them back in order.
    for kid in kids.as_array().unwrap_or_default().iter().rev() {
        if matches!(kid, Object::Reference(_) | Object::Dict(_)) {
            stack.push((kid.clone(), inherited.clone()));
        }
    }
}

/// Offsets of the name `/ByteRange`.
fn byte_ranges(bytes: &[u8]) -> Vec<usize> {
    memchr::memmem::find_iter(bytes, b"/ByteRange").collect()
}

/// True when an object begins somewhere in these bytes, as a reader that repairs would look for one.
#[must_use]
pub fn holds_object(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, b"obj").any(|at| bytes.get(..at).and_then(header_start).is_some())
}

/// Where `N G ` begins that ends these bytes.
fn header_start(before: &[u8]) -> Option<usize> {
    let trim = |bytes: &[u8], keep: fn(&u8) -> bool| {
        bytes.iter().rposition(|byte| !keep(byte)).map_or(0, |at| at.saturating_add(1))
    };
    let white = |byte: &u8| super::parser::is_white(*byte);
    let end = trim(before, white);
    let generation = trim(before.get(..end)?, u8::is_ascii_digit);
    let gap = trim(before.get(..generation)?, white);
    let number = trim(before.get(..gap)?, u8::is_ascii_digit);
    (number < gap && gap < generation && generation < end).then_some(number)
}

/// The smallest dictionary around an offset that has `/ByteRange` and `/Contents`.
fn innermost(value: &Object, hit: usize) -> Option<&Dict> {
    match value {
        Object::Dict(dict) if dict.span.contains(&hit) => {
            let deeper = dict.iter().find_map(|(_, value)| innermost(value, hit));
            let own = dict.find(b"ByteRange").is_some() && dict.find(b"Contents").is_some();
            deeper.or(own.then_some(dict))
        }
        Object::Array(items) => items.iter().find_map(|item| innermost(item, hit)),
        _ => None,
    }
}

/// Offsets of `/ByteRange` in bytes that could not be walked: traces of a signature all the same.
#[must_use]
pub fn raw_traces(bytes: &[u8]) -> Vec<usize> {
    byte_ranges(bytes)
}
