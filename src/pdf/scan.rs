//! The raw scan: `/ByteRange` anywhere in the bytes that no field explains, and objects that no cross-reference lists.
//! Linear in the size of the file, whatever it holds.

use super::file::{File, offset_of};
use super::object::{Dict, Object, Reference};
use super::objects::Indirect;
use super::signatures::{Origin, SignatureValue, Traces};
use super::{Bound, parser};
use std::collections::{HashMap, HashSet};
use std::ops::Range;

/// How far before a `/ByteRange` its object may begin: `/Contents` with 64 KiB of digits and more may stand between.
const WINDOW: usize = 1 << 20;

/// Whether a word stands somewhere in bytes.
#[must_use]
pub fn holds(bytes: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(bytes, word).is_some()
}

impl File<'_> {
    /// Adds what the bytes show and no known value explains.
    pub(super) fn scan(&self, traces: &mut Traces) {
        let values = traces.values.iter().filter(|value| !value.compressed);
        // `/AuthCode` of an encrypted file (ISO/TS 32004) has a byte range and is no signature.
        let trailers = self.revisions().iter().map(|revision| revision.trailer.span.clone());
        let mut known = Spans::of(values.map(|value| value.dict.span.clone()).chain(trailers).collect());
        let mut streams: Option<Spans> = None;
        let mut left = self.limits.signatures;
        let mut around = Around::default();
        for hit in byte_ranges(self.bytes) {
            if known.contain(hit) || streams.get_or_insert_with(|| self.stream_spans()).contain(hit) {
                continue;
            }
            let Some(less) = left.checked_sub(1) else {
                traces.obstacle(self.limits.reached(Bound::Signatures));
                return;
            };
            left = less;
            match self.enclosing(hit, &mut around) {
                Some((dict, reference)) => {
                    known.add(dict.span.clone());
                    traces.add(self.scanned(dict, reference, hit), &self.limits);
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
    fn enclosing(&self, hit: usize, around: &mut Around) -> Option<(Dict, Reference)> {
        let from = hit.saturating_sub(WINDOW);
        let mut window = self.bytes.get(from..hit)?;
        for _ in 0..8 {
            let at = memchr::memmem::rfind(window, b"obj")?;
            window = window.get(..at)?;
            let Some(start) = header_start(window).and_then(|start| start.checked_add(from)) else {
                continue;
            };
            let object = around.0.entry(start).or_insert_with(|| self.parse_at(start).ok());
            let Some(object) = object else { continue };
            if let Some(dict) = innermost(&object.value, hit) {
                return Some((dict.clone(), object.reference));
            }
            // Nothing stands around it but this object.
            if object.span.contains(&hit) {
                return None;
            }
        }
        None
    }

    /// Where the data of the streams stands that any cross-reference names.
    fn stream_spans(&self) -> Spans {
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
        Spans::of(spans)
    }
}

/// Objects before the traces met so far: many traces may stand in one object.
#[derive(Default)]
struct Around(HashMap<usize, Option<Indirect>>);

/// Places in the file, sorted and joined, so that each question costs a few steps.
struct Spans(Vec<Range<usize>>);

impl Spans {
    fn of(mut all: Vec<Range<usize>>) -> Self {
        all.sort_unstable_by_key(|span| span.start);
        let mut joined: Vec<Range<usize>> = Vec::with_capacity(all.len());
        for span in all {
            match joined.last_mut() {
                Some(last) if span.start <= last.end => last.end = last.end.max(span.end),
                _ => joined.push(span),
            }
        }
        Self(joined)
    }

    fn contain(&self, at: usize) -> bool {
        let behind = self.0.partition_point(|span| span.start <= at);
        behind.checked_sub(1).and_then(|index| self.0.get(index)).is_some_and(|span| span.contains(&at))
    }

    fn add(&mut self, span: Range<usize>) {
        let mut all = std::mem::take(&mut self.0);
        all.push(span);
        *self = Self::of(all);
    }
}

/// Offsets of the name `/ByteRange`.
fn byte_ranges(bytes: &[u8]) -> impl Iterator<Item = usize> {
    memchr::memmem::find_iter(bytes, b"/ByteRange")
}

/// True when bytes that could not be walked hold `/ByteRange`: the trace of a signature all the same.
#[must_use]
pub fn holds_trace(bytes: &[u8]) -> bool {
    byte_ranges(bytes).next().is_some()
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
    let white = |byte: &u8| parser::is_white(*byte);
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
