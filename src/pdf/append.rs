//! A further revision behind a file as it stands (ISO 32000-1 §7.5.6): objects made or written anew, a cross-reference
//! section of the form that the last one has, and no byte before them touched.
//!
//! What goes into the objects is somebody else's business. A file whose end or beginning readers may disagree about
//! is not added to.

use super::Irregularity;
use super::file::File;
use super::object::{Dict, Object, Reference, Text};
use super::unsigned::UnsignedPdf;
use super::write::{begin, write, write_dict};
use super::xref::XrefKind;
use md5::{Digest, Md5};
use std::collections::BTreeMap;
use std::io::Write;
use std::ops::Range;

/// Why nothing can be added to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// Strings and streams would have to be encrypted too.
    #[error("the file is encrypted")]
    Encrypted,
    /// Bytes before its header or after its end, or an end that readers place elsewhere.
    #[error("the file's beginning or end is not where every reader finds it")]
    Ends,
    /// No numbers, or no room for offsets.
    #[error("the file has no room for more objects")]
    Full,
    /// The hole for a signature was not made, or made twice.
    #[error("one signature dictionary is written in a revision")]
    Signature,
}

/// Digits of an offset in a byte range: files below 10 GB.
const OFFSET: usize = 10;

/// Keys of a trailer or of a cross-reference stream that belong to one section alone.
const OF_ONE_SECTION: [&[u8]; 12] = [
    b"Size",
    b"Prev",
    b"XRefStm",
    b"Type",
    b"W",
    b"Index",
    b"Length",
    b"Filter",
    b"DecodeParms",
    b"F",
    b"FFilter",
    b"FDecodeParms",
];

/// A revision in the making.
#[derive(Debug)]
pub struct Update<'f, 'a> {
    file: &'f File<'a>,
    next: u32,
    bodies: BTreeMap<u32, (Reference, Vec<u8>)>,
    hole: Option<Hole>,
}

/// Where, in the body of one object, a signature goes.
#[derive(Debug)]
struct Hole {
    number: u32,
    range: Range<usize>,
    contents: Range<usize>,
}

impl<'f, 'a> Update<'f, 'a> {
    /// Nothing added yet.
    ///
    /// # Errors
    /// [`AppendError::Encrypted`], [`AppendError::Ends`], [`AppendError::Full`].
    pub fn new(file: &'f File<'a>) -> Result<Self, AppendError> {
        if file.is_encrypted() {
            return Err(AppendError::Encrypted);
        }
        let displaced = |note: &Irregularity| {
            matches!(
                note,
                Irregularity::BytesBeforeHeader { .. }
                    | Irregularity::BytesAfterEnd { .. }
                    | Irregularity::StartxrefDisplaced { .. }
                    | Irregularity::StartxrefMismatch { .. }
            )
        };
        if file.irregularities().iter().any(displaced) {
            return Err(AppendError::Ends);
        }
        let mut next = 1;
        for revision in file.revisions() {
            let size = revision.trailer.count(b"Size").and_then(|size| u32::try_from(size).ok()).unwrap_or(0);
            let last = revision.entries().last().map_or(0, |(number, _)| number.saturating_add(1));
            next = next.max(size).max(last);
            // LibreOffice names an object in its trailer that is not there: it must not appear either.
            for (_, value) in revision.trailer.iter() {
                named(value, &mut next);
            }
        }
        Ok(Self { file, next, bodies: BTreeMap::new(), hole: None })
    }

    /// A number that no revision has used.
    ///
    /// # Errors
    /// [`AppendError::Full`].
    pub fn fresh(&mut self) -> Result<Reference, AppendError> {
        let number = self.next;
        // The largest number that Annex C promises of readers.
        self.next = number.checked_add(1).filter(|next| *next <= 8_388_607).ok_or(AppendError::Full)?;
        Ok(Reference { number, generation: 0 })
    }

    /// Writes an object: a fresh one, or one of the file anew.
    pub fn put(&mut self, reference: Reference, value: &Object) {
        let mut body = Vec::new();
        write(&mut body, value);
        self.bodies.insert(reference.number, (reference, body));
    }

    /// Writes a stream; its length is stated here.
    pub fn put_stream(&mut self, reference: Reference, mut dict: Dict, data: &[u8]) {
        dict.set(b"Length", Object::Integer(i64::try_from(data.len()).unwrap_or(i64::MAX)));
        let mut body = Vec::with_capacity(data.len().saturating_add(256));
        write_dict(&mut body, &dict);
        body.extend_from_slice(b"\nstream\n");
        body.extend_from_slice(data);
        body.extend_from_slice(b"\nendstream");
        self.bodies.insert(reference.number, (reference, body));
    }

    /// Writes the dictionary of a signature: these entries, a byte range, and `hole` bytes of zeros for its value.
    ///
    /// # Errors
    /// [`AppendError::Signature`] for a second one.
    pub fn put_signature(
        &mut self,
        reference: Reference,
        dict: &Dict,
        hole: usize,
    ) -> Result<(), AppendError> {
        if self.hole.is_some() {
            return Err(AppendError::Signature);
        }
        let mut body = Vec::with_capacity(hole.saturating_mul(2).saturating_add(512));
        write_dict(&mut body, dict);
        body.truncate(body.len().saturating_sub(2));
        body.extend_from_slice(b"/ByteRange ");
        let range = body.len()..body.len().saturating_add(stated(0, 0, 0).len());
        body.resize(range.end, b' ');
        body.extend_from_slice(b"/Contents ");
        let contents = body.len()..body.len().saturating_add(hole.saturating_mul(2)).saturating_add(2);
        body.push(b'<');
        body.resize(contents.end.saturating_sub(1), b'0');
        body.extend_from_slice(b">>>");
        self.hole = Some(Hole { number: reference.number, range, contents });
        self.bodies.insert(reference.number, (reference, body));
        Ok(())
    }

    /// The whole file with the new revision behind it, ready to be signed.
    ///
    /// # Errors
    /// [`AppendError::Signature`] where [`Update::put_signature`] was not called, [`AppendError::Full`].
    pub fn finish(mut self) -> Result<UnsignedPdf, AppendError> {
        let hole = self.hole.take().ok_or(AppendError::Signature)?;
        let stream = match self.last().map(|last| last.kind) {
            Some(XrefKind::Stream) => Some(self.fresh()?),
            _ => None,
        };
        let mut out = self.file.bytes().to_vec();
        if !out.ends_with(b"\n") && !out.ends_with(b"\r") {
            out.push(b'\n');
        }
        let begun = out.len();
        let mut places: Vec<(Reference, usize)> = Vec::with_capacity(self.bodies.len());
        let mut signature = 0;
        for (number, (reference, body)) in &self.bodies {
            places.push((*reference, out.len()));
            begin(&mut out, *reference);
            if *number == hole.number {
                signature = out.len();
            }
            out.extend_from_slice(body);
            out.extend_from_slice(b"\nendobj\n");
        }
        let at = out.len();
        if at.to_string().len() > OFFSET {
            return Err(AppendError::Full);
        }
        let trailer = self.trailer(out.get(begun..).unwrap_or_default());
        match stream {
            Some(own) => {
                places.push((own, at));
                xref_stream(&mut out, own, trailer, &places);
            }
            None => xref_table(&mut out, &trailer, &places),
        }
        let _ = write!(out, "startxref\n{at}\n%%EOF\n");
        let shifted =
            |span: Range<usize>| signature.saturating_add(span.start)..signature.saturating_add(span.end);
        let (range, contents) = (shifted(hole.range), shifted(hole.contents));
        let stated = stated(contents.start, contents.end, out.len().saturating_sub(contents.end));
        out.get_mut(range).ok_or(AppendError::Signature)?.copy_from_slice(stated.as_bytes());
        Ok(UnsignedPdf { bytes: out, contents })
    }

    fn last(&self) -> Option<&super::Revision> {
        self.file.revisions().last()
    }

    /// The trailer of the last revision, carried on; `written` makes the second half of its identifier.
    fn trailer(&self, written: &[u8]) -> Dict {
        let mut trailer = self.last().map(|last| last.trailer.clone()).unwrap_or_default();
        let first = trailer.find(b"ID").and_then(Object::as_array).and_then(<[Object]>::first).cloned();
        trailer.remove(&OF_ONE_SECTION);
        if let Some(first @ Object::Text(_)) = first {
            let second = Text::of_bytes(&Md5::digest(written));
            trailer.set(b"ID", Object::Array(vec![first, second.into()]));
        }
        trailer.set(b"Size", Object::Integer(self.next.into()));
        let before = self.last().map_or(0, |last| last.xref_at);
        trailer.set(b"Prev", Object::Integer(i64::try_from(before).unwrap_or(i64::MAX)));
        trailer
    }
}

/// The number behind every object that a trailer names, directly or in its arrays and dictionaries.
fn named(value: &Object, next: &mut u32) {
    match value {
        Object::Reference(reference) => *next = (*next).max(reference.number.saturating_add(1)),
        Object::Array(items) => items.iter().for_each(|item| named(item, next)),
        Object::Dict(dict) => dict.iter().for_each(|(_, item)| named(item, next)),
        _ => {}
    }
}

/// A byte range at its full width.
fn stated(before: usize, after: usize, rest: usize) -> String {
    format!("[0 {before:0OFFSET$} {after:0OFFSET$} {rest:0OFFSET$}]")
}

/// Numbers that follow each other, each run once.
fn runs(places: &[(Reference, usize)]) -> impl Iterator<Item = &[(Reference, usize)]> {
    places.chunk_by(|(one, _), (next, _)| one.number.checked_add(1) == Some(next.number))
}

fn xref_table(out: &mut Vec<u8>, trailer: &Dict, places: &[(Reference, usize)]) {
    out.extend_from_slice(b"xref\n");
    for run in runs(places) {
        let first = run.first().map_or(0, |(reference, _)| reference.number);
        let _ = writeln!(out, "{first} {}", run.len());
        for (reference, offset) in run {
            let _ = write!(out, "{offset:010} {:05} n\r\n", reference.generation);
        }
    }
    out.extend_from_slice(b"trailer\n");
    write_dict(out, trailer);
    out.push(b'\n');
}

/// Entries of one octet kind, eight octets offset, two octets generation.
fn xref_stream(out: &mut Vec<u8>, own: Reference, mut dict: Dict, places: &[(Reference, usize)]) {
    let number = |value: usize| Object::Integer(i64::try_from(value).unwrap_or(i64::MAX));
    let mut index = Vec::new();
    let mut data = Vec::new();
    for run in runs(places) {
        let first = run.first().map_or(0, |(reference, _)| reference.number);
        index.extend([Object::Integer(first.into()), number(run.len())]);
        for (reference, offset) in run {
            data.push(1);
            data.extend_from_slice(&u64::try_from(*offset).unwrap_or(u64::MAX).to_be_bytes());
            data.extend_from_slice(&reference.generation.to_be_bytes());
        }
    }
    dict.set(b"Type", Object::name(b"XRef"));
    dict.set(b"W", Object::Array([1, 8, 2].map(Object::Integer).to_vec()));
    dict.set(b"Index", Object::Array(index));
    dict.set(b"Length", number(data.len()));
    begin(out, own);
    write_dict(out, &dict);
    out.extend_from_slice(b"\nstream\n");
    out.extend_from_slice(&data);
    out.extend_from_slice(b"\nendstream\nendobj\n");
}
