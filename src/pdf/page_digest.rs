//! A digest of what a page is made of: its own entries and everything they refer to, without its place in the document.
//!
//! Two readers of one file get the same digest whatever numbers and offsets its objects have. Left out is what does not
//! belong to the printed sheet or comes later: the page tree, annotations, private data, and the links of structure.

use super::file::File;
use super::object::{Dict, Object, Reference};
use super::write::write;
use super::{Bound, Indirect, ReadError};
use ring::digest::{Context, SHA256};
use std::collections::HashMap;
use std::rc::Rc;

/// Entries of a page that are left out.
const LEFT_OUT: [&[u8]; 9] = [
    b"Parent",
    b"Annots",
    b"PieceInfo",
    b"LastModified",
    b"StructParents",
    b"StructParent",
    b"B",
    b"Metadata",
    b"Thumb",
];

/// Values that the digests of one document may look at: 2,000 pages that share an exuberant set of resources.
const MOST: usize = 20_000_000;

/// Digests of the pages of a file as of a revision. The data of a stream that many pages share is hashed once.
pub struct PageDigests<'f, 'a> {
    file: &'f File<'a>,
    as_of: usize,
    data: HashMap<Reference, [u8; 32]>,
    left: usize,
}

struct Walk<'w, 'f, 'a> {
    of: &'w mut PageDigests<'f, 'a>,
    seen: HashMap<Reference, u32>,
    waiting: Vec<(Reference, Rc<Indirect>)>,
    sum: Context,
}

impl<'f, 'a> PageDigests<'f, 'a> {
    /// None yet.
    #[must_use]
    pub fn new(file: &'f File<'a>, as_of: usize) -> Self {
        Self { file, as_of, data: HashMap::new(), left: MOST }
    }

    /// SHA-256 over a page. Each object is taken once, in the order in which it is first named; of a stream's data the
    /// SHA-256.
    ///
    /// # Errors
    /// An object that cannot be read; a limit.
    pub fn of(&mut self, page: Reference) -> Result<[u8; 32], ReadError> {
        let sum = Context::new(&SHA256);
        let mut walk = Walk { of: self, seen: HashMap::new(), waiting: Vec::new(), sum };
        walk.name(page)?;
        let mut at = 0;
        while let Some((reference, object)) = walk.waiting.get(at).cloned() {
            at = at.saturating_add(1);
            walk.value(&object.value)?;
            if object.data_at.is_some() {
                let data = walk.of.data(reference, &object)?;
                walk.part(&data);
            }
        }
        Ok(finished(walk.sum))
    }

    fn data(&mut self, reference: Reference, stream: &Indirect) -> Result<[u8; 32], ReadError> {
        if let Some(known) = self.data.get(&reference) {
            return Ok(*known);
        }
        let mut sum = Context::new(&SHA256);
        sum.update(self.file.raw_data(stream, self.as_of)?.0);
        let digest = finished(sum);
        self.data.insert(reference, digest);
        Ok(digest)
    }

    fn pay(&mut self, values: usize) -> Result<(), ReadError> {
        let left = self.left.checked_sub(values.saturating_add(1));
        self.left = left.unwrap_or(0);
        left.map(drop).ok_or_else(|| self.file.limits().reached(Bound::ComparedValues))
    }
}

impl File<'_> {
    /// Whether the house may have kept something with a page: its name stands somewhere in the file.
    #[must_use]
    pub fn has_private_data(&self) -> bool {
        memchr::memmem::find(self.bytes(), PRIVATE_DATA).is_some()
    }
}

impl Walk<'_, '_, '_> {
    /// Octets with their length before them.
    fn part(&mut self, octets: &[u8]) {
        self.sum.update(&u64::try_from(octets.len()).unwrap_or(u64::MAX).to_be_bytes());
        self.sum.update(octets);
    }

    /// A reference becomes the place in the order of first naming.
    fn name(&mut self, reference: Reference) -> Result<(), ReadError> {
        let next = u32::try_from(self.seen.len()).unwrap_or(u32::MAX);
        let number = match self.seen.get(&reference) {
            Some(number) => *number,
            None => {
                self.seen.insert(reference, next);
                if let Some(object) =
                    self.of.file.object(reference, self.of.as_of)?.filter(|object| !is_other(object, next))
                {
                    self.waiting.push((reference, object));
                }
                next
            }
        };
        self.part(b"R");
        self.part(&number.to_be_bytes());
        Ok(())
    }

    fn value(&mut self, value: &Object) -> Result<(), ReadError> {
        match value {
            Object::Reference(reference) => self.name(*reference)?,
            Object::Array(items) => {
                self.of.pay(items.len())?;
                self.part(b"[");
                for item in items {
                    self.value(item)?;
                }
                self.part(b"]");
            }
            Object::Dict(dict) => self.dict(dict)?,
            plain => {
                let mut written = Vec::new();
                write(&mut written, plain);
                self.part(&written);
            }
        }
        Ok(())
    }

    fn dict(&mut self, dict: &Dict) -> Result<(), ReadError> {
        let entries = dict.by_key();
        self.of.pay(entries.len())?;
        self.part(b"<<");
        for (key, value) in entries {
            // A length may be an object of its own and says nothing that the data does not.
            if LEFT_OUT.contains(&key) || key == b"Length" {
                continue;
            }
            self.part(key);
            self.value(value)?;
        }
        self.part(b">>");
        Ok(())
    }
}

fn finished(sum: Context) -> [u8; 32] {
    let mut digest = [0; 32];
    digest.copy_from_slice(sum.finish().as_ref());
    digest
}

/// A page or a node of the tree that another page names: its number stands for it.
fn is_other(object: &Indirect, place: u32) -> bool {
    let kind = object.value.as_dict().and_then(|dict| dict.name(b"Type"));
    place > 0 && matches!(kind, Some(b"Page" | b"Pages" | b"Catalog" | b"StructElem" | b"StructTreeRoot"))
}

/// The name under which the house keeps private data with a page (ISO 32000-1 §14.5).
pub const PRIVATE_DATA: &[u8] = b"Yinzheng";

/// What a page is called on paper: the first 30 bits of its digest in the alphabet of Crockford's base 32, which has no
/// I, L, O, U; as `7KQ-2M9`.
#[must_use]
pub fn page_code(digest: &[u8; 32]) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let [a, b, c, d, ..] = *digest;
    let bits = u32::from_be_bytes([a, b, c, d]);
    let sign = |place: u32| {
        let five = usize::try_from(bits.unbounded_shr(27_u32.saturating_sub(place.saturating_mul(5))) & 31);
        char::from(five.ok().and_then(|five| ALPHABET.get(five)).copied().unwrap_or(b'0'))
    };
    let signs: String = (0..6).map(sign).collect();
    let (first, last) = signs.split_at(3);
    format!("{first}-{last}")
}
