//! Indirect objects: read where the cross-reference says, remembered, paid for from one budget.

use super::file::File;
use super::object::{Object, Reference};
use super::parser::Parser;
use super::xref::{stream_end, stream_start};
use super::{Bound, Dict, Limits, ReadError, StreamFault, SyntaxFault, filters, grown};
use foldhash::fast::RandomState;
use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::rc::Rc;

/// An indirect object.
#[derive(Debug)]
pub struct Indirect {
    /// Its number and generation.
    pub reference: Reference,
    /// Its value; for a stream, the dictionary.
    pub value: Object,
    /// Where the data of a stream begins.
    pub data_at: Option<usize>,
    /// Where it was read.
    pub place: Place,
    /// From `N G obj` to behind `endobj`; for a stream, to where its data begins; empty inside an object stream.
    pub span: Range<usize>,
    /// Memory it takes, roughly, in bytes.
    weight: usize,
}

/// Where an object stands. Two objects at the same place are the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// In the file.
    File {
        /// Offset of `N G obj`, or of white space before it.
        offset: usize,
    },
    /// In an object stream.
    Stream {
        /// The object stream.
        holder: Reference,
        /// Where that stands.
        offset: usize,
        /// Place in it.
        index: usize,
        /// Revision as of which the stream's length was resolved.
        as_of: usize,
    },
}

/// Offset of the object or of its object stream, and the place in that.
type Key = (usize, Option<usize>);

impl Place {
    fn key(self) -> Key {
        match self {
            Self::File { offset } => (offset, None),
            Self::Stream { offset, index, .. } => (offset, Some(index)),
        }
    }

    /// True when both are the same bytes.
    #[must_use]
    pub fn same(self, other: Self) -> bool {
        self.key() == other.key()
    }
}

/// Memory of one value, with what its array or dictionary holds in reserve.
const VALUE: usize = 2 * size_of::<Object>();

/// Dictionaries with doubled keys that are named: one tells as much as a thousand.
const DOUBLED: usize = 64;

/// What was read, as far as there is room, and what is left to spend.
#[derive(Debug)]
pub(super) struct Cache {
    objects: Shelf<(u32, Key), Rc<Indirect>>,
    holders: Shelf<usize, Rc<Holder>>,
    doubled: BTreeSet<usize>,
    parse_left: usize,
    output_left: usize,
    compare_left: usize,
}

/// Results within a bound of memory. A full shelf is cleared: what is asked for again is read again, and paid for.
#[derive(Debug)]
struct Shelf<K, V> {
    known: HashMap<K, Result<V, ReadError>, RandomState>,
    weight: usize,
    most: usize,
}

impl<K: Eq + std::hash::Hash, V: Clone> Shelf<K, V> {
    fn of(most: usize) -> Self {
        Self { known: HashMap::default(), weight: 0, most }
    }

    fn find(&self, key: &K) -> Option<Result<V, ReadError>> {
        self.known.get(key).cloned()
    }

    fn put(&mut self, key: K, value: Result<V, ReadError>, weight: usize) {
        let room = size_of::<K>().saturating_add(size_of::<Result<V, ReadError>>()).saturating_add(weight);
        if self.weight.saturating_add(room) > self.most {
            self.known = HashMap::default();
            self.weight = 0;
        }
        if room <= self.most {
            self.weight = self.weight.saturating_add(room);
            self.known.insert(key, value);
        }
    }
}

impl Cache {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            objects: Shelf::of(limits.kept_objects),
            holders: Shelf::of(limits.kept_streams),
            doubled: BTreeSet::new(),
            parse_left: limits.parsed_bytes,
            output_left: limits.total_output,
            compare_left: limits.compared_values,
        }
    }

    fn note_doubled(&mut self, at: usize) {
        if self.doubled.len() < DOUBLED {
            self.doubled.insert(at);
        }
    }

    pub(super) fn doubled_keys(&self) -> impl Iterator<Item = usize> {
        self.doubled.iter().copied()
    }

    fn spend(&mut self, bytes: usize, limits: &Limits) -> Result<(), ReadError> {
        let left = self.parse_left.checked_sub(bytes.max(16));
        self.parse_left = left.unwrap_or(0);
        left.map(drop).ok_or_else(|| limits.reached(Bound::ParsedBytes))
    }
}

/// An inflated object stream (§7.5.7).
#[derive(Debug)]
struct Holder {
    data: Vec<u8>,
    /// Object number and offset in `data`.
    index: Vec<(u32, usize)>,
}

impl File<'_> {
    /// Pays for values looked at in comparing revisions, from the file's budget.
    ///
    /// # Errors
    /// [`Bound::ComparedValues`].
    pub fn compared(&self, values: usize) -> Result<(), ReadError> {
        let mut cache = self.cache.borrow_mut();
        let left = cache.compare_left.checked_sub(values);
        cache.compare_left = left.unwrap_or(0);
        left.map(drop).ok_or_else(|| self.limits.reached(Bound::ComparedValues))
    }
}

impl Holder {
    fn weight(&self) -> usize {
        self.data.capacity().saturating_add(self.index.capacity().saturating_mul(size_of::<(u32, usize)>()))
    }
}

/// `N G obj`, a value, and `endobj` or the beginning of a stream's data.
fn indirect(parser: &mut Parser<'_>, offset: usize) -> Result<Indirect, ReadError> {
    parser.skip_white();
    let start = parser.pos();
    let bad = ReadError::Syntax { at: offset, fault: SyntaxFault::BadObjectHeader };
    let reference = parser.object_header().ok_or(bad)?;
    let value = parser.object()?;
    let weight = weight(parser, parser.pos().saturating_sub(start));
    parser.skip_white();
    let stream = matches!(value, Object::Dict(_)) && parser.rest().starts_with(b"stream");
    let data_at = if stream {
        let bad = ReadError::Stream { at: start, fault: StreamFault::BadLength };
        Some(stream_start(parser).ok_or(bad)?)
    } else if parser.keyword(b"endobj") {
        None
    } else {
        return Err(parser.fault(SyntaxFault::NoEndobj));
    };
    Ok(Indirect {
        reference,
        value,
        data_at,
        place: Place::File { offset },
        span: start..parser.pos(),
        weight,
    })
}

/// Memory of what was parsed: its values, and its strings and long names at most as long as the text.
fn weight(parser: &Parser<'_>, length: usize) -> usize {
    parser.items().saturating_mul(VALUE).saturating_add(length)
}

impl<'a> File<'a> {
    /// The object at a place, from memory or from the bytes.
    pub(super) fn read(&self, wanted: Reference, place: Place) -> Result<Rc<Indirect>, ReadError> {
        let key = (wanted.number, place.key());
        let known = self.cache.borrow().objects.find(&key);
        if let Some(known) = known {
            return known;
        }
        let read = match place {
            Place::File { offset } => self.read_at(offset, wanted),
            Place::Stream { holder, offset, index, as_of } => self
                .holder(holder, offset, as_of)
                .and_then(|held| self.read_within(&held, wanted, place, index)),
        };
        let read = read.map(Rc::new);
        let weight = read.as_ref().map_or(0, |object| object.weight);
        self.cache.borrow_mut().objects.put(key, read.clone(), weight);
        read
    }

    fn read_at(&self, offset: usize, wanted: Reference) -> Result<Indirect, ReadError> {
        let object = self.parse_at(offset)?;
        if object.reference != wanted {
            return Err(ReadError::Syntax { at: offset, fault: SyntaxFault::BadObjectHeader });
        }
        Ok(object)
    }

    /// Whatever indirect object stands at an offset.
    pub(super) fn parse_at(&self, offset: usize) -> Result<Indirect, ReadError> {
        let mut parser = Parser::new(self.bytes, offset, &self.limits);
        let read = indirect(&mut parser, offset);
        // Paid for whatever came of it, white space before and behind included.
        self.cache.borrow_mut().spend(parser.pos().saturating_sub(offset), &self.limits)?;
        let mut object = read?;
        if parser.doubled {
            self.cache.borrow_mut().note_doubled(object.span.start);
        }
        if let Some(key) = &self.key {
            key.strings(&mut object.value, object.reference, object.span.start)?;
        }
        Ok(object)
    }

    /// From `N G obj` to behind `endobj` of whatever object stands at an offset; `None` when none can be read.
    #[must_use]
    pub fn extent(&self, offset: usize, as_of: usize) -> Option<Range<usize>> {
        let object = self.parse_at(offset).ok()?;
        let end = match object.data_at {
            Some(_) => self.raw_data(&object, as_of).ok()?.1,
            None => object.span.end,
        };
        Some(object.span.start..end)
    }

    fn read_within(
        &self,
        holder: &Holder,
        wanted: Reference,
        place: Place,
        index: usize,
    ) -> Result<Indirect, ReadError> {
        let at = place.key().0;
        let bad = ReadError::Stream { at, fault: StreamFault::BadObjectStream };
        let (number, offset) = *holder.index.get(index).ok_or(bad)?;
        if number != wanted.number {
            return Err(bad);
        }
        let mut parser = Parser::new(&holder.data, offset, &self.limits);
        let value = parser.object();
        let length = parser.pos().saturating_sub(offset);
        self.cache.borrow_mut().spend(length, &self.limits)?;
        if parser.doubled {
            self.cache.borrow_mut().note_doubled(at);
        }
        let weight = weight(&parser, length);
        Ok(Indirect { reference: wanted, value: value?, data_at: None, place, span: at..at, weight })
    }

    fn holder(&self, holder: Reference, offset: usize, as_of: usize) -> Result<Rc<Holder>, ReadError> {
        let known = self.cache.borrow().holders.find(&offset);
        if let Some(known) = known {
            return known;
        }
        let read = self.read_holder(holder, offset, as_of).map(Rc::new);
        let weight = read.as_ref().map_or(0, |held| held.weight());
        self.cache.borrow_mut().holders.put(offset, read.clone(), weight);
        read
    }

    fn read_holder(&self, holder: Reference, offset: usize, as_of: usize) -> Result<Holder, ReadError> {
        let bad = ReadError::Stream { at: offset, fault: StreamFault::BadObjectStream };
        let object = self.read(holder, Place::File { offset })?;
        let dict = object.value.as_dict().ok_or(bad)?;
        if dict.name(b"Type") != Some(b"ObjStm") {
            return Err(bad);
        }
        let data = self.decoded(&object, as_of)?;
        let count = dict.count(b"N").ok_or(bad)?;
        let first = dict.count(b"First").ok_or(bad)?;
        if count > self.limits.stream_objects {
            return Err(self.limits.reached(Bound::StreamObjects));
        }
        let mut parser = Parser::new(&data, 0, &self.limits);
        let mut index = Vec::new();
        for _ in 0..count {
            parser.skip_white();
            let number = parser.unsigned().and_then(|n| u32::try_from(n).ok()).ok_or(bad)?;
            parser.skip_white();
            let place = parser.unsigned().and_then(|n| usize::try_from(n).ok()).ok_or(bad)?;
            index.push((number, first.checked_add(place).ok_or(bad)?));
        }
        if parser.pos() > first {
            return Err(bad);
        }
        Ok(Holder { data, index })
    }

    /// The data of a stream as it stands in the file, and the end of its object.
    ///
    /// # Errors
    /// [`StreamFault::BadLength`]; not a stream; a limit.
    pub fn raw_data(&self, object: &Indirect, as_of: usize) -> Result<(&'a [u8], usize), ReadError> {
        let at = object.span.start;
        let bad = ReadError::Stream { at, fault: StreamFault::BadLength };
        let (Some(dict), Some(start)) = (object.value.as_dict(), object.data_at) else { return Err(bad) };
        let length = dict.find(b"Length").ok_or(bad)?;
        let length = self.resolve(length, as_of)?.as_count().ok_or(bad)?;
        let end = start.checked_add(length).ok_or(bad)?;
        let data = self.bytes.get(start..end).ok_or(bad)?;
        let mut parser = Parser::new(self.bytes, end, &self.limits);
        let behind = stream_end(&mut parser);
        // Many streams may end in front of the same white space.
        self.cache.borrow_mut().spend(parser.pos().saturating_sub(end), &self.limits)?;
        Ok((data, behind.ok_or(bad)?))
    }

    /// The data of a stream decrypted, its filters not undone.
    ///
    /// # Errors
    /// As [`File::raw_data`]; [`StreamFault::Encrypted`] in a locked file; damaged ciphertext.
    pub fn plain_data(&self, object: &Indirect, as_of: usize) -> Result<Cow<'a, [u8]>, ReadError> {
        let at = object.span.start;
        let (data, _) = self.raw_data(object, as_of)?;
        let Some(key) = &self.key else {
            let locked = ReadError::Stream { at, fault: StreamFault::Encrypted };
            return if self.is_encrypted() { Err(locked) } else { Ok(Cow::Borrowed(data)) };
        };
        let dict = object.value.as_dict().ok_or(ReadError::Stream { at, fault: StreamFault::BadLength })?;
        let direct = self.direct_filters(dict, as_of)?;
        key.stream(dict, filters::crypt(&direct), object.reference, data, at)
    }

    /// The data of a stream with its filters undone, paid for from the file's budget.
    ///
    /// # Errors
    /// [`ReadError::Stream`], [`ReadError::Limit`].
    pub fn decoded(&self, object: &Indirect, as_of: usize) -> Result<Vec<u8>, ReadError> {
        let at = object.span.start;
        let dict = object.value.as_dict().ok_or(ReadError::Stream { at, fault: StreamFault::BadLength })?;
        let mut direct = self.direct_filters(dict, as_of)?;
        let data = self.plain_data(object, as_of)?;
        if self.key.is_some() {
            filters::without_crypt(&mut direct);
        }
        let mut limits = self.limits;
        let left = self.cache.borrow().output_left;
        limits.stream_output = limits.stream_output.min(left);
        let out = filters::decode(&data, &direct, &limits, at).map_err(|why| match why {
            ReadError::Limit { bound: Bound::StreamOutput, .. } if left < self.limits.stream_output => {
                self.limits.reached(Bound::TotalOutput)
            }
            ReadError::Limit { bound, .. } => self.limits.reached(bound),
            other => other,
        });
        // What was inflated for nothing was inflated all the same.
        let spent = out.as_ref().map_or(limits.stream_output, Vec::len);
        self.cache.borrow_mut().output_left = left.saturating_sub(spent);
        out
    }

    /// The content of a page: as [`File::decoded`], behind the filters that write octets as text too.
    ///
    /// # Errors
    /// As [`File::decoded`].
    pub fn content(&self, object: &Indirect, as_of: usize) -> Result<Vec<u8>, ReadError> {
        let at = object.span.start;
        let fault = |fault| ReadError::Stream { at, fault };
        let dict = object.value.as_dict().ok_or(fault(StreamFault::BadLength))?;
        let names = self.filters(dict, as_of)?;
        let plain = names.iter().all(|name| matches!(name.as_slice(), b"FlateDecode" | b"Fl"));
        if plain || self.is_encrypted() {
            return self.decoded(object, as_of);
        }
        // Behind those that write text, one that makes more of it and nothing else: no other order is undone here.
        let behind: Vec<_> = names.iter().skip_while(|name| filters::is_text(name)).collect();
        let undone = match behind.as_slice() {
            [] => true,
            [one] => grown::grows(one),
            _ => false,
        };
        if !undone || self.parameter(dict, b"Predictor", as_of)?.is_some_and(|p| p != 1) {
            return Err(fault(StreamFault::UnknownFilter));
        }
        let most = self.limits.stream_output;
        self.undone(object, as_of, most)?.ok_or(fault(StreamFault::Damaged))
    }

    /// The names of a stream's filters, in the order in which they are undone.
    ///
    /// # Errors
    /// A malformed object, a limit.
    pub fn filters(&self, dict: &Dict, as_of: usize) -> Result<Vec<Vec<u8>>, ReadError> {
        let direct = self.direct_filters(dict, as_of)?;
        let held = direct.find(b"Filter");
        let several = held.and_then(Object::as_array).unwrap_or_default();
        let one = held.filter(|held| held.as_name().is_some());
        Ok(several.iter().chain(one).filter_map(Object::as_name).map(<[u8]>::to_vec).collect())
    }

    /// `/Filter` and `/DecodeParms` without references.
    fn direct_filters(&self, dict: &Dict, as_of: usize) -> Result<Dict, ReadError> {
        let mut direct = Dict::default();
        for key in [b"Filter".as_slice(), b"DecodeParms"] {
            let Some(value) = dict.find(key) else { continue };
            let value = self.resolve(value, as_of)?;
            let value = match &*value {
                Object::Array(items) => {
                    let items = items
                        .iter()
                        .take(4)
                        .map(|item| self.resolve(item, as_of).map(|held| (*held).clone()));
                    Object::Array(items.collect::<Result<_, _>>()?)
                }
                other => other.clone(),
            };
            direct.entries.push((key.into(), value));
        }
        Ok(direct)
    }
}
