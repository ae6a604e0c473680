//! Does another reader see the same document? lopdf, asked but never believed: strictly first, and where it refuses, as
//! leniently as it can.
//!
//! Compared are the catalog, the numbers in use, and the value of every object on which a signature or what it shows
//! depends: form, fields, signature values, evidence, page tree, pages, their content, annotations and appearances. What
//! a page merely uses (fonts, pictures), outlines and structure are left to one reader. A disagreement is a finding, an
//! agreement proves nothing. It costs about what all the rest costs, so the verifier asks only where its rules say so.

use super::file::File;
use super::object::{Dict, Object, Reference};
use super::objects::Indirect;
use super::{Disagreement, Irregularity};
use lopdf::Object as Theirs;
use std::collections::HashSet;

/// Bytes of a file up to which the second reader keeps everything that it reads. Of larger ones it keeps no data of
/// streams, so that its memory stays below [`LARGEST_OBJECT`] and what the dictionaries take.
const WHOLE_BYTES: usize = 20 << 20;

/// Bytes of one object up to which the second reader is asked: it copies an object before it forgets it.
const LARGEST_OBJECT: usize = 24 << 20;

/// Where nothing that decides about a signature stands, and where the way leads back up.
const ASIDE: [&[u8]; 16] = [
    b"Parent",
    b"P",
    b"Prev",
    b"Next",
    b"Dest",
    b"Dests",
    b"Outlines",
    b"Names",
    b"StructTreeRoot",
    b"PageLabels",
    b"Threads",
    b"Metadata",
    b"PieceInfo",
    b"OutputIntents",
    b"Font",
    b"Thumb",
];

/// Compares the newest revision with lopdf's view and names what differs. `None`: an object is too large for it. Files
/// that neither can open are not compared.
#[must_use]
pub fn second_opinion(file: &File<'_>) -> Option<Vec<Irregularity>> {
    let whole = file.bytes().len() <= WHOLE_BYTES;
    if !whole && largest(file) > LARGEST_OBJECT {
        return None;
    }
    if file.is_locked() {
        return Some(Vec::new());
    }
    let filter: Option<lopdf::FilterFunc> = if whole { None } else { Some(without_data) };
    let read = |strict| {
        let options = lopdf::LoadOptions {
            strict,
            max_decompressed_size: Some(file.limits.stream_output),
            filter,
            ..lopdf::LoadOptions::default()
        };
        lopdf::Document::load_mem_with_options(file.bytes(), options)
    };
    let note = |about| Irregularity::SecondOpinion { about };
    let Ok(document) = read(true).or_else(|_| read(false)) else {
        return Some(vec![note(Disagreement::Refused)]);
    };
    let mut notes = Vec::new();
    let root = document.trailer.get(b"Root").and_then(Theirs::as_reference).ok();
    let ours = file.revisions().last().and_then(|revision| revision.trailer.reference(b"Root"));
    if root != ours.map(id) {
        notes.push(note(Disagreement::Catalog));
    }
    let comparison = Comparison { file, theirs: &document, whole };
    if comparison.lacks_objects() {
        notes.push(note(Disagreement::Objects));
    }
    if let Some(number) = ours.and_then(|root| comparison.differing(root)) {
        notes.push(note(Disagreement::Value { number }));
    }
    Some(notes)
}

/// lopdf's filter for large files: streams lose their data, save those that hold objects.
fn without_data((number, generation): (u32, u16), object: &mut Theirs) -> Option<((u32, u16), Theirs)> {
    if let Theirs::Stream(stream) = object
        && !stream.dict.has_type(b"ObjStm")
    {
        stream.content = Vec::new();
        // Where it does not know where the data began, it does not read it again.
        stream.start_position = None;
    }
    // Of an object of its own `object` is kept, of one in an object stream what is returned.
    Some(((number, generation), object.clone()))
}

/// Bytes that the largest object can take at most: up to where the next one begins.
fn largest(file: &File<'_>) -> usize {
    let mut begins: Vec<usize> = file
        .revisions()
        .iter()
        .flat_map(|revision| revision.entries())
        .filter_map(|(_, entry)| super::file::offset_of(*entry))
        .collect();
    begins.sort_unstable();
    let ends = begins.iter().skip(1).copied().chain([file.bytes().len()]);
    begins.iter().zip(ends).map(|(begin, end)| end.saturating_sub(*begin)).max().unwrap_or(0)
}

fn id(reference: Reference) -> (u32, u16) {
    (reference.number, reference.generation)
}

/// Two views of one revision.
struct Comparison<'c, 'a> {
    file: &'c File<'a>,
    theirs: &'c lopdf::Document,
    /// The other kept the data of streams.
    whole: bool,
}

impl Comparison<'_, '_> {
    /// True when an object is in use for us and unknown to the other.
    fn lacks_objects(&self) -> bool {
        let newest = self.file.newest();
        let known: HashSet<u32> = self.theirs.objects.keys().map(|(number, _)| *number).collect();
        let numbers = self.file.revisions().iter().flat_map(|revision| revision.entries());
        let unknown: HashSet<u32> =
            numbers.map(|(number, _)| *number).filter(|number| !known.contains(number)).collect();
        // Object and cross-reference streams and the lock are structure: lopdf drops them once they are read.
        let lock = self.file.revisions().last().and_then(|revision| revision.trailer.reference(b"Encrypt"));
        let lock = lock.map(|lock| lock.number);
        unknown.into_iter().filter(|number| Some(*number) != lock).any(|number| {
            self.file.by_number(number, newest).ok().flatten().is_some_and(|object| {
                let kind = object.value.as_dict().and_then(|dict| dict.name(b"Type"));
                !matches!(kind, Some(b"ObjStm" | b"XRef"))
            })
        })
    }

    /// Number of the first object from `root` on that both read and read differently.
    fn differing(&self, root: Reference) -> Option<u32> {
        let mut seen = HashSet::from([root]);
        let mut stack = vec![root];
        while let Some(reference) = stack.pop() {
            // What cannot be read has been said by then.
            let Ok(Some(ours)) = self.file.object(reference, self.file.newest()) else { continue };
            let Some(theirs) = self.theirs.objects.get(&id(reference)) else { continue };
            if !self.same_object(&ours, theirs) {
                return Some(reference.number);
            }
            down(&ours.value, &mut |below| {
                if seen.insert(below) {
                    stack.push(below);
                }
            });
        }
        None
    }

    fn same_object(&self, ours: &Indirect, theirs: &Theirs) -> bool {
        let (Some(_), Theirs::Stream(stream)) = (ours.data_at, theirs) else {
            return ours.data_at.is_none() && self.same(&ours.value, theirs);
        };
        let Some(dict) = ours.value.as_dict() else { return false };
        let data = || self.file.raw_data(ours, self.file.newest());
        // The other writes down how long the data turned out to be; that is compared by the data.
        self.same_dict(dict, &stream.dict, &[b"Length"])
            && (!self.whole
                || self.file.is_encrypted()
                || data().is_ok_and(|(data, _)| data == stream.content))
    }

    fn same(&self, ours: &Object, theirs: &Theirs) -> bool {
        match (ours, theirs) {
            (Object::Null, Theirs::Null) => true,
            (Object::Bool(ours), Theirs::Boolean(theirs)) => ours == theirs,
            (Object::Integer(ours), Theirs::Integer(theirs)) => ours == theirs,
            (Object::Integer(_) | Object::Real(_), Theirs::Integer(_) | Theirs::Real(_)) => {
                same_number(ours, theirs)
            }
            (Object::Name(ours), Theirs::Name(theirs)) => ours.as_slice() == theirs,
            // Each undoes encryption in its own way, and leaves out other things.
            (Object::Text(ours), Theirs::String(theirs, _)) => {
                self.file.is_encrypted() || ours.bytes() == *theirs
            }
            (Object::Array(ours), Theirs::Array(theirs)) => {
                ours.len() == theirs.len()
                    && ours.iter().zip(theirs).all(|(ours, theirs)| self.same(ours, theirs))
            }
            (Object::Dict(ours), Theirs::Dictionary(theirs)) => self.same_dict(ours, theirs, &[]),
            (Object::Reference(ours), Theirs::Reference(theirs)) => id(*ours) == *theirs,
            _ => false,
        }
    }

    /// `null` counts as absent (ISO 32000-1 §7.3.7).
    fn same_dict(&self, ours: &Dict, theirs: &lopdf::Dictionary, but: &[&[u8]]) -> bool {
        let mut ours = ours.by_key();
        ours.retain(|key, _| !but.contains(key));
        let theirs = || {
            let counts = |(key, value): &(&Vec<u8>, &Theirs)| {
                !matches!(value, Theirs::Null) && !but.contains(&key.as_slice())
            };
            theirs.iter().filter(counts)
        };
        theirs().count() == ours.len()
            && theirs().all(|(key, theirs)| ours.get(&key[..]).is_some_and(|ours| self.same(ours, theirs)))
    }
}

/// lopdf keeps seven digits.
fn same_number(ours: &Object, theirs: &Theirs) -> bool {
    let theirs = match theirs {
        Theirs::Integer(number) => Object::Integer(*number).as_number(),
        Theirs::Real(number) => Some(f64::from(*number)),
        _ => None,
    };
    let pair = ours.as_number().zip(theirs);
    pair.is_some_and(|(ours, theirs)| (ours - theirs).abs() <= 1e-6 * ours.abs().max(1.0))
}

/// References below a value, save those that stand aside.
fn down(value: &Object, found: &mut dyn FnMut(Reference)) {
    match value {
        Object::Reference(reference) => found(*reference),
        Object::Array(items) => items.iter().for_each(|item| down(item, found)),
        Object::Dict(dict) => {
            let kids = dict.iter().filter(|(key, _)| !ASIDE.contains(key));
            kids.for_each(|(_, value)| down(value, found));
        }
        _ => {}
    }
}
