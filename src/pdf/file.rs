//! A file as a row of revisions, and its objects as of any of them.

use super::encryption::Key;
use super::object::{Object, Reference};
use super::objects::{Cache, Indirect, Place};
use super::xref::{Entry, Left, Section, XrefKind, last_startxref};
use super::{Bound, Dict, Irregularity, Limits, ReadError, XrefFault};
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;

/// How far from the start a header may stand; the tolerance every reader has (ISO 32000-1 Annex H.3, note 13).
const HEADER_WINDOW: usize = 1024;

/// A walked file. Objects are read on demand and remembered.
#[derive(Debug)]
pub struct File<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) limits: Limits,
    pub(super) cache: RefCell<Cache>,
    revisions: Vec<Revision>,
    /// Number, revision and entry, sorted; kept where asking one revision after the other would take long.
    index: Vec<(u32, usize, Entry)>,
    irregularities: Vec<Irregularity>,
    encrypted: bool,
    pub(super) key: Option<Key>,
}

/// One revision: what the file was when it ended here.
#[derive(Debug)]
pub struct Revision {
    /// Offset of its (first) cross-reference section.
    pub xref_at: usize,
    /// Form of that section.
    pub kind: XrefKind,
    /// Where its bytes begin: the end of the revision before, 0 for the first.
    pub start: usize,
    /// Behind its `%%EOF`.
    pub eof: usize,
    /// Behind the line end after `%%EOF`; equal to `eof` when there is none.
    pub end: usize,
    /// Its trailer (of a cross-reference stream: the stream's dictionary).
    pub trailer: Dict,
    startxref_at: usize,
    entries: Vec<(u32, Entry)>,
}

impl Revision {
    /// What this revision says about its objects, sorted by number. Not what it inherits.
    #[must_use]
    pub fn entries(&self) -> &[(u32, Entry)] {
        &self.entries
    }

    /// True when a byte range that ends here ends with this revision.
    #[must_use]
    pub fn ends_at(&self, offset: usize) -> bool {
        (self.eof..=self.end).contains(&offset)
    }

    fn find(&self, number: u32) -> Option<Entry> {
        let at = self.entries.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        self.entries.get(at).map(|(_, entry)| *entry)
    }
}

impl<'a> File<'a> {
    /// Walks the cross-reference sections from the last to the first. See [`super::open`].
    pub(super) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, ReadError> {
        if bytes.len() > limits.file_bytes {
            return Err(limits.reached(Bound::FileBytes));
        }
        let window = bytes.get(..HEADER_WINDOW.min(bytes.len())).unwrap_or_default();
        let header = window.windows(5).position(|five| five == b"%PDF-").ok_or(ReadError::NotPdf)?;
        let (startxref_at, newest) = last_startxref(bytes, limits).ok_or(ReadError::NoStartxref)?;
        let mut notes = Vec::new();
        if header > 0 {
            notes.push(Irregularity::BytesBeforeHeader { count: header });
        }
        let revisions = match revisions(bytes, newest, 0, limits, &mut notes) {
            // Many writers and readers count from the header, wherever it stands.
            Err(why) if header > 0 => {
                notes.truncate(1);
                revisions(bytes, newest, header, limits, &mut notes).map_err(|_| why)?
            }
            read => read?,
        };
        let mut file = Self {
            bytes,
            limits: *limits,
            cache: RefCell::new(Cache::new(limits)),
            encrypted: revisions.iter().any(|revision| revision.trailer.find(b"Encrypt").is_some()),
            index: index(&revisions),
            revisions,
            irregularities: notes,
            key: None,
        };
        if file.encrypted {
            file.key = file.unlocked();
            // What was read on the way was read as it stands.
            file.cache = RefCell::new(Cache::new(limits));
        }
        file.note_end(startxref_at);
        Ok(file)
    }

    fn note_end(&mut self, startxref_at: usize) {
        if self.encrypted {
            let opened = self.key.is_some();
            self.irregularities.push(if opened {
                Irregularity::EncryptedOpened
            } else {
                Irregularity::Encrypted
            });
        }
        let Some(last) = self.revisions.last() else { return };
        if last.startxref_at != startxref_at {
            self.irregularities.push(Irregularity::StartxrefDisplaced { at: startxref_at });
        }
        if last.end < self.bytes.len() {
            let count = self.bytes.len().saturating_sub(last.end);
            self.irregularities.push(Irregularity::BytesAfterEnd { at: last.end, count });
        }
    }

    /// The key, if every revision names one encryption dictionary and the empty user password opens it.
    fn unlocked(&self) -> Option<Key> {
        let id = |revision: &Revision| {
            let id = revision.trailer.find(b"ID").and_then(Object::as_array);
            id.and_then(|id| id.first()?.as_text()).map(super::Text::bytes).unwrap_or_default()
        };
        let last = self.revisions.last()?;
        let named = last.trailer.find(b"Encrypt")?;
        let own = named.as_reference();
        for (index, revision) in self.revisions.iter().enumerate() {
            let moved =
                own.is_some_and(|own| self.entry(own.number, index) != self.entry(own.number, self.newest()));
            if revision.trailer.find(b"Encrypt") != Some(named) || id(revision) != id(last) || moved {
                return None;
            }
        }
        let encrypt = self.resolve(named, self.newest()).ok()?;
        Key::open(encrypt.as_dict()?, own, &id(last))
    }

    /// The bounds it is read within.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The whole file.
    #[must_use]
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// The file as it was when a revision ended (an index from 0, oldest first): what a signature that covers the
    /// revision was made over, its own value included. `None` for a revision that does not exist.
    ///
    /// It ends behind the line end after `%%EOF`, if one follows. A signature may end before that line end: its own
    /// byte range tells.
    #[must_use]
    pub fn revision_bytes(&self, revision: usize) -> Option<&'a [u8]> {
        self.bytes.get(..self.revisions.get(revision)?.end)
    }

    /// Revisions, oldest first; at least one.
    #[must_use]
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }

    /// Index of the newest revision.
    #[must_use]
    pub fn newest(&self) -> usize {
        self.revisions.len().saturating_sub(1)
    }

    /// What is odd about the structure, so far as it was walked.
    #[must_use]
    pub fn irregularities(&self) -> Vec<Irregularity> {
        let mut all = self.irregularities.clone();
        all.extend(self.cache.borrow().doubled_keys().map(|at| Irregularity::DuplicateKey { at }));
        all
    }

    /// True when any revision is encrypted, opened or not.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    /// True when it is encrypted and the empty user password does not open it. Strings and streams are then not
    /// readable here.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.encrypted && self.key.is_none()
    }

    /// What the cross-reference says about an object number as of a revision.
    #[must_use]
    pub fn entry(&self, number: u32, as_of: usize) -> Option<Entry> {
        if !self.index.is_empty() {
            let behind = self.index.partition_point(|(known, at, _)| (*known, *at) <= (number, as_of));
            let (known, _, entry) = self.index.get(behind.checked_sub(1)?)?;
            return (*known == number).then_some(*entry);
        }
        let upto = self.revisions.get(..as_of.saturating_add(1)).unwrap_or(&self.revisions);
        upto.iter().rev().find_map(|revision| revision.find(number))
    }

    /// An object as of a revision; `None` when it does not exist (a reference to it is `null`, §7.3.10).
    ///
    /// # Errors
    /// A malformed object, a limit.
    pub fn object(&self, wanted: Reference, as_of: usize) -> Result<Option<Rc<Indirect>>, ReadError> {
        match self.entry(wanted.number, as_of) {
            None | Some(Entry::Free) => Ok(None),
            Some(Entry::At { offset, generation }) if generation == wanted.generation => {
                self.read(wanted, Place::File { offset }).map(Some)
            }
            Some(Entry::Within { stream, index }) if wanted.generation == 0 => {
                let Some(Entry::At { offset, generation }) = self.entry(stream, as_of) else {
                    return Ok(None);
                };
                let holder = Reference { number: stream, generation };
                self.read(wanted, Place::Stream { holder, offset, index, as_of }).map(Some)
            }
            Some(_) => Ok(None),
        }
    }

    /// An object by its number alone, in the generation that the cross-reference names.
    ///
    /// # Errors
    /// As [`File::object`].
    pub fn by_number(&self, number: u32, as_of: usize) -> Result<Option<Rc<Indirect>>, ReadError> {
        let generation = match self.entry(number, as_of) {
            Some(Entry::At { generation, .. }) => generation,
            _ => 0,
        };
        self.object(Reference { number, generation }, as_of)
    }

    /// Follows references until a value that is none.
    ///
    /// # Errors
    /// A malformed object, a loop, a limit.
    pub fn resolve<'o>(&self, value: &'o Object, as_of: usize) -> Result<Held<'o>, ReadError> {
        let Some(mut reference) = value.as_reference() else { return Ok(Held::Here(value)) };
        for _ in 0..16 {
            match self.object(reference, as_of)? {
                None => return Ok(Held::Nothing),
                Some(object) => match object.value.as_reference() {
                    Some(next) => reference = next,
                    None => return Ok(Held::There(object)),
                },
            }
        }
        Err(ReadError::ReferenceLoop { number: reference.number })
    }

    /// The catalog as of a revision.
    ///
    /// # Errors
    /// No catalog, or a malformed one.
    pub fn catalog(&self, as_of: usize) -> Result<Rc<Indirect>, ReadError> {
        let bad = |at| ReadError::Xref { at, fault: XrefFault::BadTrailer };
        let revision = self.revisions.get(as_of).ok_or(bad(0))?;
        let root = revision.trailer.reference(b"Root").ok_or(bad(revision.xref_at))?;
        self.object(root, as_of)?.ok_or(bad(revision.xref_at))
    }
}

/// A value found directly, behind a reference, or nowhere.
#[derive(Clone, Debug)]
pub enum Held<'o> {
    /// Written where it was asked for.
    Here(&'o Object),
    /// An object of its own.
    There(Rc<Indirect>),
    /// No such object.
    Nothing,
}

impl Held<'_> {
    /// The object it was found in, where it has one of its own.
    #[must_use]
    pub fn reference(&self) -> Option<Reference> {
        if let Self::There(object) = self { Some(object.reference) } else { None }
    }
}

impl std::ops::Deref for Held<'_> {
    type Target = Object;
    fn deref(&self) -> &Object {
        match self {
            Self::Here(value) => value,
            Self::There(object) => &object.value,
            Self::Nothing => &Object::Null,
        }
    }
}

/// Revisions that are asked one after the other without an index.
const FEW: usize = 8;

fn index(revisions: &[Revision]) -> Vec<(u32, usize, Entry)> {
    if revisions.len() <= FEW {
        return Vec::new();
    }
    let all = revisions.iter().enumerate();
    let mut index: Vec<(u32, usize, Entry)> = all
        .flat_map(|(at, revision)| revision.entries.iter().map(move |(number, entry)| (*number, at, *entry)))
        .collect();
    index.sort_unstable_by_key(|(number, at, _)| (*number, *at));
    index
}

/// Reads the chain and joins its sections into revisions, oldest first. `base` is where offsets count from.
fn revisions(
    bytes: &[u8],
    newest: usize,
    base: usize,
    limits: &Limits,
    notes: &mut Vec<Irregularity>,
) -> Result<Vec<Revision>, ReadError> {
    let mut chain = chain(bytes, newest, base, limits)?;
    let mut revisions: Vec<Revision> = Vec::new();
    let mut doubled = Vec::new();
    while let Some((section, hybrid)) = chain.pop() {
        let index = revisions.len();
        // Linearization (Annex F): the first-page section stands before the section it continues.
        let main = match chain.last() {
            Some((first_page, _)) if revisions.is_empty() && first_page.at < section.at => chain.pop(),
            _ => None,
        };
        note_section(&section, index, hybrid.is_some(), notes);
        if section.doubled_key {
            doubled.push(section.at);
        }
        let no_end = ReadError::Xref { at: section.at, fault: XrefFault::NoEnd };
        let tail = section.tail.ok_or(no_end)?;
        let mut entries = merged(section.entries, hybrid);
        let (mut at, mut kind, mut trailer) = (section.at, section.kind, section.trailer);
        if let Some((first_page, hybrid)) = main {
            note_section(&first_page, index, hybrid.is_some(), notes);
            entries = overlaid(entries, merged(first_page.entries, hybrid));
            (at, kind, trailer) = (first_page.at, first_page.kind, first_page.trailer);
        }
        if tail.value != at {
            notes.push(Irregularity::StartxrefMismatch { revision: index });
        }
        let start = revisions.last().map_or(0, |older: &Revision| older.end);
        if index > 0 && at < start {
            return Err(ReadError::PrevChain { at });
        }
        let (eof, end) = (tail.eof, tail.end);
        let revision =
            Revision { xref_at: at, kind, start, eof, end, trailer, startxref_at: tail.at, entries };
        note_revision(&revision, index, notes);
        revisions.push(revision);
    }
    notes.extend(doubled.into_iter().map(|at| Irregularity::DuplicateKey { at }));
    if revisions.is_empty() { Err(ReadError::NoStartxref) } else { Ok(revisions) }
}

fn note_section(section: &Section, revision: usize, hybrid: bool, notes: &mut Vec<Irregularity>) {
    if let Some(number) = section.duplicate {
        notes.push(Irregularity::DuplicateEntry { number, revision });
    }
    if section.loose {
        notes.push(Irregularity::LooseEntries { revision });
    }
    if hybrid {
        notes.push(Irregularity::Hybrid { revision });
    }
}

fn note_revision(revision: &Revision, index: usize, notes: &mut Vec<Irregularity>) {
    let own = |entry: &Entry| match entry {
        Entry::At { offset, .. } => *offset != revision.xref_at,
        Entry::Within { .. } => true,
        Entry::Free => false,
    };
    if index > 0 && !revision.entries.iter().any(|(_, entry)| own(entry)) {
        notes.push(Irregularity::EmptyUpdate { revision: index });
    }
    let beyond = revision.entries.iter().find(|(_, entry)| match entry {
        Entry::At { offset, .. } => *offset >= revision.eof,
        _ => false,
    });
    if let Some((number, _)) = beyond {
        notes.push(Irregularity::EntryBeyondRevision { number: *number, revision: index });
    }
}

/// A table with the stream its trailer names: the stream fills what the table leaves free (§7.5.8.4).
fn merged(table: Vec<(u32, Entry)>, hybrid: Option<Section>) -> Vec<(u32, Entry)> {
    let Some(hybrid) = hybrid else { return table };
    let used = table.iter().filter(|(_, entry)| *entry != Entry::Free).copied().collect();
    overlaid(overlaid(table, hybrid.entries), used)
}

/// Both sorted by number; the upper wins.
fn overlaid(lower: Vec<(u32, Entry)>, upper: Vec<(u32, Entry)>) -> Vec<(u32, Entry)> {
    let mut all = upper;
    all.extend(lower);
    all.sort_by_key(|(number, _)| *number);
    all.dedup_by_key(|(number, _)| *number);
    all
}

type Link = (Section, Option<Section>);

/// Sections along `/Prev`, newest first, each with the stream of its `/XRefStm`.
fn chain(bytes: &[u8], newest: usize, base: usize, limits: &Limits) -> Result<Vec<Link>, ReadError> {
    let mut seen = HashSet::new();
    let mut chain: Vec<Link> = Vec::new();
    let mut left = Left::of(limits, base);
    let mut next = Some(newest.saturating_add(base));
    while let Some(at) = next {
        if !seen.insert(at) {
            return Err(ReadError::PrevChain { at });
        }
        if seen.len() > limits.sections {
            return Err(limits.reached(Bound::Sections));
        }
        let section = Section::read(bytes, at, &mut left, limits)?;
        let offset = |key: &[u8]| match section.trailer.find(key) {
            None => Ok(None),
            Some(value) => match value.as_count().and_then(|offset| offset.checked_add(base)) {
                Some(offset) if offset < bytes.len() => Ok(Some(offset)),
                _ => Err(ReadError::Xref { at, fault: XrefFault::BadTrailer }),
            },
        };
        next = offset(b"Prev")?;
        let hybrid = match (section.kind, offset(b"XRefStm")?) {
            (XrefKind::Table, Some(at)) => Some(Section::read(bytes, at, &mut left, limits)?),
            _ => None,
        };
        // Forward only once, to the oldest section: anything else is no update and no linearization.
        let forward = chain.len() > 1
            && chain.last().zip(chain.iter().rev().nth(1)).is_some_and(|((b, _), (a, _))| b.at > a.at);
        if forward {
            return Err(ReadError::PrevChain { at });
        }
        chain.push((section, hybrid));
    }
    Ok(chain)
}

pub(super) fn offset_of(entry: Entry) -> Option<usize> {
    if let Entry::At { offset, .. } = entry { Some(offset) } else { None }
}
