//! One cross-reference section: a table (ISO 32000-1 §7.5.4) or a stream (§7.5.8), and the end of its revision.

use super::parser::{Parser, is_white};
use super::{Bound, Dict, Limits, ReadError, StreamFault, XrefFault, filters};

/// What a section says about one object number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Entry {
    /// Not in use any more.
    Free,
    /// Stands in the file.
    At {
        /// Offset of `N G obj` in bytes.
        offset: usize,
        /// Generation.
        generation: u16,
    },
    /// Stands inside an object stream.
    Within {
        /// Number of the object stream.
        stream: u32,
        /// Place in it, from 0.
        index: usize,
    },
}

/// Which form a section has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XrefKind {
    /// The classic table.
    Table,
    /// A cross-reference stream.
    Stream,
}

/// `startxref N %%EOF` behind a section.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tail {
    /// Where `startxref` stands.
    pub(super) at: usize,
    /// Its number.
    pub(super) value: usize,
    /// Behind `%%EOF`.
    pub(super) eof: usize,
    /// Behind the line end that follows `%%EOF`, if one does.
    pub(super) end: usize,
}

/// What the sections of a file may still take, all together.
#[derive(Debug)]
pub(super) struct Left {
    entries: usize,
    items: usize,
    output: usize,
    bytes: usize,
    /// Where offsets count from.
    base: usize,
}

impl Left {
    pub(super) fn of(limits: &Limits, base: usize) -> Self {
        Self {
            base,
            entries: limits.xref_entries,
            items: limits.items,
            output: limits.stream_output,
            bytes: limits.parsed_bytes,
        }
    }
}

/// A section as read.
#[derive(Debug)]
pub(super) struct Section {
    pub(super) at: usize,
    pub(super) kind: XrefKind,
    /// Sorted by object number, each number once (the first mention is kept).
    pub(super) entries: Vec<(u32, Entry)>,
    pub(super) trailer: Dict,
    pub(super) tail: Option<Tail>,
    pub(super) loose: bool,
    pub(super) doubled_key: bool,
    pub(super) duplicate: Option<u32>,
}

impl Section {
    /// Reads the section at an offset, and takes what it needs from what is left.
    pub(super) fn read(bytes: &[u8], at: usize, left: &mut Left, limits: &Limits) -> Result<Self, ReadError> {
        let within = Limits { items: left.items, stream_output: left.output, ..*limits };
        let mut parser = Parser::new(bytes, at, &within);
        parser.skip_white();
        // One byte behind the keyword's first: a writer that miscounted, and no reader finds anything else there.
        let miscounted = at
            .checked_sub(1)
            .filter(|before| bytes.get(*before..).is_some_and(|rest| rest.starts_with(b"xref")));
        let read = if parser.keyword(b"xref") {
            table(&mut parser, at, left, limits)
        } else if let Some(before) = miscounted {
            parser = Parser::new(bytes, before, &within);
            parser.keyword(b"xref");
            table(&mut parser, at, left, limits).map(|section| Self { loose: true, ..section })
        } else {
            stream(bytes, &mut parser, at, left, &within)
        };
        left.items = left.items.saturating_sub(parser.items());
        left.bytes = left.bytes.saturating_sub(parser.pos().saturating_sub(at));
        if left.bytes == 0 {
            return Err(limits.reached(Bound::ParsedBytes));
        }
        let mut section = read.map_err(|why| match why {
            ReadError::Limit { bound, .. } => limits.reached(bound),
            other => other,
        })?;
        left.entries = left.entries.saturating_sub(section.entries.len());
        section.shift(left.base);
        section.entries.sort_by_key(|(number, _)| *number);
        section.duplicate =
            section.entries.array_windows().find(|[(a, _), (b, _)]| a == b).map(|[(number, _), _]| *number);
        section.entries.dedup_by_key(|(number, _)| *number);
        Ok(section)
    }

    /// Makes its offsets count from the first byte of the file.
    fn shift(&mut self, base: usize) {
        for (_, entry) in &mut self.entries {
            if let Entry::At { offset, .. } = entry {
                *offset = offset.saturating_add(base);
            }
        }
        if let Some(tail) = &mut self.tail {
            tail.value = tail.value.saturating_add(base);
        }
    }
}

fn table(parser: &mut Parser<'_>, at: usize, left: &Left, limits: &Limits) -> Result<Section, ReadError> {
    let bad = ReadError::Xref { at, fault: XrefFault::BadEntry };
    let mut entries = Vec::new();
    let mut loose = false;
    loop {
        parser.skip_white();
        if parser.keyword(b"trailer") {
            break;
        }
        let first = parser.unsigned().and_then(|n| u32::try_from(n).ok()).ok_or(bad)?;
        parser.skip_white();
        let count = parser.unsigned().and_then(|n| u32::try_from(n).ok()).ok_or(bad)?;
        parser.skip_white();
        for number in first..first.checked_add(count).ok_or(bad)? {
            if entries.len() >= left.entries {
                return Err(limits.reached(Bound::XrefEntries));
            }
            let entry = match strict_entry(parser) {
                Some(entry) => entry,
                None => {
                    loose = true;
                    loose_entry(parser).ok_or(bad)?
                }
            };
            entries.push((number, entry));
        }
    }
    let bad = ReadError::Xref { at, fault: XrefFault::BadTrailer };
    let trailer = match parser.object()? {
        super::Object::Dict(dict) => dict,
        _ => return Err(bad),
    };
    Ok(Section {
        at,
        kind: XrefKind::Table,
        entries,
        trailer,
        tail: tail(parser),
        loose,
        doubled_key: parser.doubled,
        duplicate: None,
    })
}

/// The 20 bytes of §7.5.4: `nnnnnnnnnn ggggg n` and a two-byte line end.
fn strict_entry(parser: &mut Parser<'_>) -> Option<Entry> {
    let line = parser.rest().first_chunk::<20>()?;
    let [offset @ .., b' ', g1, g2, g3, g4, g5, b' ', kind, e1, e2] = line else { return None };
    if !matches!((e1, e2), (b' ', b'\r' | b'\n') | (b'\r', b'\n')) {
        return None;
    }
    let offset = digits(offset)?;
    let generation = digits(&[*g1, *g2, *g3, *g4, *g5])?;
    let entry = entry(*kind, offset, generation)?;
    parser.take(line);
    Some(entry)
}

fn loose_entry(parser: &mut Parser<'_>) -> Option<Entry> {
    parser.skip_white();
    let offset = usize::try_from(parser.unsigned()?).ok()?;
    parser.skip_white();
    let generation = usize::try_from(parser.unsigned()?).ok()?;
    parser.skip_white();
    let kind = if parser.keyword(b"n") {
        b'n'
    } else if parser.keyword(b"f") {
        b'f'
    } else {
        return None;
    };
    entry(kind, offset, generation)
}

fn entry(kind: u8, offset: usize, generation: usize) -> Option<Entry> {
    match kind {
        b'n' => Some(Entry::At { offset, generation: u16::try_from(generation).ok()? }),
        b'f' => Some(Entry::Free),
        _ => None,
    }
}

fn digits(raw: &[u8]) -> Option<usize> {
    raw.iter().try_fold(0_usize, |sum, digit| {
        let value = digit.checked_sub(b'0').filter(|value| *value <= 9)?;
        sum.checked_mul(10)?.checked_add(usize::from(value))
    })
}

fn stream(
    bytes: &[u8],
    parser: &mut Parser<'_>,
    at: usize,
    left: &mut Left,
    limits: &Limits,
) -> Result<Section, ReadError> {
    let neither = ReadError::Xref { at, fault: XrefFault::Neither };
    parser.object_header().ok_or(neither)?;
    let super::Object::Dict(trailer) = parser.object()? else { return Err(neither) };
    if trailer.name(b"Type") != Some(b"XRef") {
        return Err(neither);
    }
    parser.skip_white();
    let start = stream_start(parser).ok_or(neither)?;
    let length = trailer.count(b"Length");
    let length = length.ok_or(ReadError::Stream { at, fault: StreamFault::BadLength })?;
    let data = start.checked_add(length).and_then(|end| bytes.get(start..end));
    let data = data.ok_or(ReadError::Stream { at, fault: StreamFault::BadLength })?;
    let mut behind = Parser::new(bytes, start.saturating_add(length), limits);
    stream_end(&mut behind).ok_or(ReadError::Stream { at, fault: StreamFault::BadLength })?;
    let data = filters::decode(data, &trailer, limits, at)?;
    left.output = left.output.saturating_sub(data.len());
    let entries = layout(&data, &trailer, at, left.entries, limits)?;
    let tail = tail(&mut behind);
    left.bytes = left.bytes.saturating_sub(behind.pos().saturating_sub(start));
    Ok(Section {
        at,
        kind: XrefKind::Stream,
        entries,
        doubled_key: parser.doubled,
        trailer,
        tail,
        loose: false,
        duplicate: None,
    })
}

/// Behind `stream` and its line end; a lone carriage return is not one (§7.3.8.1).
pub(super) fn stream_start(parser: &mut Parser<'_>) -> Option<usize> {
    (parser.take(b"stream") && (parser.take(b"\r\n") || parser.take(b"\n"))).then(|| parser.pos())
}

/// Behind `endstream endobj`, if they stand where the data ends.
pub(super) fn stream_end(parser: &mut Parser<'_>) -> Option<usize> {
    while parser.peek().is_some_and(is_white) {
        if !parser.take(b"\r") && !parser.take(b"\n") && !parser.take(b" ") {
            return None;
        }
    }
    if !parser.keyword(b"endstream") {
        return None;
    }
    parser.skip_white();
    parser.keyword(b"endobj").then(|| parser.pos())
}

fn layout(
    data: &[u8],
    trailer: &Dict,
    at: usize,
    allowed: usize,
    limits: &Limits,
) -> Result<Vec<(u32, Entry)>, ReadError> {
    let bad = ReadError::Xref { at, fault: XrefFault::BadLayout };
    let size = trailer.count(b"Size").ok_or(bad)?;
    let widths: Vec<usize> = trailer
        .find(b"W")
        .and_then(super::Object::as_array)
        .map(|items| items.iter().filter_map(super::Object::as_count).collect())
        .unwrap_or_default();
    let [kind, second, third] = widths.as_slice() else { return Err(bad) };
    let (kind, second, third) = (*kind, *second, *third);
    if kind > 1 || second > 8 || third > 8 || second == 0 {
        return Err(bad);
    }
    let row = kind.saturating_add(second).saturating_add(third);
    let pairs: Vec<usize> = match trailer.find(b"Index") {
        None => vec![0, size],
        Some(index) => {
            let items = index.as_array().ok_or(bad)?;
            items.iter().map(super::Object::as_count).collect::<Option<_>>().ok_or(bad)?
        }
    };
    let (pairs, []) = pairs.as_chunks::<2>() else { return Err(bad) };
    let mut rows = data.chunks_exact(row);
    let mut entries = Vec::new();
    for [first, count] in pairs {
        // The rows bound the loop, whatever `/Index` claims.
        for step in 0..*count {
            if entries.len() >= allowed {
                return Err(limits.reached(Bound::XrefEntries));
            }
            let row = rows.next().ok_or(bad)?;
            let number = first.checked_add(step).and_then(|n| u32::try_from(n).ok()).ok_or(bad)?;
            if let Some(entry) = stream_entry(row, kind, second).ok_or(bad)? {
                entries.push((number, entry));
            }
        }
    }
    if rows.next().is_some() { Err(bad) } else { Ok(entries) }
}

/// `Some(None)` for an entry of a type that is not defined: a reference to the null object (§7.5.8.3).
fn stream_entry(row: &[u8], kind: usize, second: usize) -> Option<Option<Entry>> {
    let (kind, rest) = row.split_at_checked(kind)?;
    let (second, third) = rest.split_at_checked(second)?;
    let number = |octets: &[u8]| {
        octets.iter().try_fold(0_usize, |sum, octet| sum.checked_mul(256)?.checked_add(usize::from(*octet)))
    };
    let second = number(second)?;
    let third = number(third)?;
    Some(match kind.first().copied().unwrap_or(1) {
        0 => Some(Entry::Free),
        1 => Some(Entry::At { offset: second, generation: u16::try_from(third).ok()? }),
        2 => Some(Entry::Within { stream: u32::try_from(second).ok()?, index: third }),
        _ => None,
    })
}

fn tail(parser: &mut Parser<'_>) -> Option<Tail> {
    parser.skip_white();
    let at = parser.pos();
    if !parser.keyword(b"startxref") {
        return None;
    }
    parser.skip_white();
    let value = usize::try_from(parser.unsigned()?).ok()?;
    while parser.peek().is_some_and(is_white) {
        let [byte, ..] = parser.rest() else { break };
        parser.take(std::slice::from_ref(byte));
    }
    if !parser.take(b"%%EOF") {
        return None;
    }
    let eof = parser.pos();
    let _ = parser.take(b"\r\n") || parser.take(b"\n") || parser.take(b"\r");
    Some(Tail { at, value, eof, end: parser.pos() })
}

/// The last `startxref` of the file: where it stands and its number.
pub(super) fn last_startxref(bytes: &[u8], limits: &Limits) -> Option<(usize, usize)> {
    let at = memchr::memmem::rfind(bytes, b"startxref")?;
    let mut parser = Parser::new(bytes, at, limits);
    parser.keyword(b"startxref").then_some(())?;
    parser.skip_white();
    let value = usize::try_from(parser.unsigned()?).ok()?;
    (value < bytes.len()).then_some((at, value))
}
