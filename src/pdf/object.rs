//! The values a PDF is made of (ISO 32000-1 §7.3). Owned, with the place they were read from.

use std::collections::BTreeMap;
use std::ops::Range;

/// An indirect reference.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Object number, from 1.
    pub number: u32,
    /// Generation, 0 to 65,535.
    pub generation: u16,
}

/// A string as it was written, delimiters included. Equal are strings that stand for the same bytes, wherever they stand
/// and however they are encrypted.
#[derive(Clone, Debug)]
pub struct Text {
    /// `(…)` or `<…>` as received.
    pub raw: Box<[u8]>,
    /// Where `raw` stands, in bytes of the file (of the inflated data inside an object stream).
    pub at: usize,
    /// What it stands for, where the file is encrypted and was opened.
    pub(super) plain: Option<Box<[u8]>>,
}

impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        match (&self.plain, &other.plain) {
            (None, None) => self.raw == other.raw || self.bytes() == other.bytes(),
            _ => self.bytes() == other.bytes(),
        }
    }
}
impl Eq for Text {}

/// A name, escapes undone, without its slash. Nearly all are short, and a document has thousands.
pub type Name = smallvec::SmallVec<[u8; 16]>;

/// A value. Equal are values that mean the same: 1 and 1.0, `(a)` and `<61>`.
#[derive(Clone, Debug)]
pub enum Object {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a point.
    Real(f64),
    /// A name.
    Name(Name),
    /// A string.
    Text(Text),
    /// An array.
    Array(Vec<Object>),
    /// A dictionary.
    Dict(Dict),
    /// A reference to another object.
    Reference(Reference),
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(one), Self::Bool(other)) => one == other,
            (Self::Integer(one), Self::Integer(other)) => one == other,
            (Self::Real(one), Self::Real(other)) => one == other,
            (Self::Integer(_), Self::Real(_)) | (Self::Real(_), Self::Integer(_)) => {
                self.as_number().is_some() && self.as_number() == other.as_number()
            }
            (Self::Name(one), Self::Name(other)) => one == other,
            (Self::Text(one), Self::Text(other)) => one == other,
            (Self::Array(one), Self::Array(other)) => one == other,
            (Self::Dict(one), Self::Dict(other)) => one == other,
            (Self::Reference(one), Self::Reference(other)) => one == other,
            _ => false,
        }
    }
}

/// A dictionary in the order written. Equality ignores where it stands.
#[derive(Clone, Debug, Default)]
pub struct Dict {
    pub(super) entries: Vec<(Name, Object)>,
    /// From `<<` to `>>`, both included, in bytes of the file.
    pub span: Range<usize>,
}

impl PartialEq for Dict {
    fn eq(&self, other: &Self) -> bool {
        let held =
            |dict: &Self| dict.entries.iter().filter(|(_, value)| !matches!(value, Object::Null)).count();
        held(self) == held(other) && equal_but(self, other, &[])
    }
}

/// Dictionaries up to here are compared pair by pair, larger ones sorted.
const SMALL: usize = 24;

/// Both dictionaries agree on every key but these. `null` counts as absent (§7.3.7), of a doubled key the first.
#[must_use]
pub fn equal_but(one: &Dict, other: &Dict, but: &[&[u8]]) -> bool {
    if one.entries.len().max(other.entries.len()) > SMALL {
        let rest = |dict| {
            let mut rest = Dict::by_key(dict);
            rest.retain(|key, _| !but.contains(key));
            rest
        };
        return rest(one) == rest(other);
    }
    let within = |one: &Dict, other: &Dict| {
        one.entries.iter().all(|(key, _)| but.contains(&&**key) || one.find(key) == other.find(key))
    };
    within(one, other) && within(other, one)
}

impl Dict {
    /// Keys and values, sorted by key. `null` counts as absent, of a doubled key the first counts.
    #[must_use]
    pub fn by_key(&self) -> BTreeMap<&[u8], &Object> {
        let mut map = BTreeMap::new();
        for (key, value) in self.iter() {
            map.entry(key).or_insert(value);
        }
        map.retain(|_, value| !matches!(value, Object::Null));
        map
    }

    /// The value of a key; the first where a key is doubled. `null` counts as absent (§7.3.7).
    #[must_use]
    pub fn find(&self, key: &[u8]) -> Option<&Object> {
        let (_, value) = self.entries.iter().find(|(name, _)| &**name == key)?;
        if matches!(value, Object::Null) { None } else { Some(value) }
    }

    /// Keys and values in the order written.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &Object)> {
        self.entries.iter().map(|(key, value)| (&**key, value))
    }

    /// A dictionary of these entries, in their order.
    #[must_use]
    pub fn of<const N: usize>(entries: [(&[u8], Object); N]) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value)).collect();
        Self { entries, span: 0..0 }
    }

    /// Gives a key this value, in the place of the one it had.
    pub fn set(&mut self, key: &[u8], value: Object) {
        self.entries.retain(|(name, _)| &**name != key);
        self.entries.push((key.into(), value));
    }

    /// Takes keys out.
    pub fn remove(&mut self, keys: &[&[u8]]) {
        self.entries.retain(|(name, _)| !keys.contains(&&**name));
    }

    /// A name value.
    #[must_use]
    pub fn name(&self, key: &[u8]) -> Option<&[u8]> {
        self.find(key)?.as_name()
    }

    /// A whole number that is not negative.
    #[must_use]
    pub fn count(&self, key: &[u8]) -> Option<usize> {
        self.find(key)?.as_count()
    }

    /// A reference.
    #[must_use]
    pub fn reference(&self, key: &[u8]) -> Option<Reference> {
        self.find(key)?.as_reference()
    }
}

impl From<Reference> for Object {
    fn from(reference: Reference) -> Self {
        Self::Reference(reference)
    }
}

impl From<Dict> for Object {
    fn from(dict: Dict) -> Self {
        Self::Dict(dict)
    }
}

impl From<Text> for Object {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

impl Object {
    /// The name of these bytes, without a slash.
    #[must_use]
    pub fn name(name: &[u8]) -> Self {
        Self::Name(name.into())
    }

    /// A dictionary.
    #[must_use]
    pub fn as_dict(&self) -> Option<&Dict> {
        if let Self::Dict(dict) = self { Some(dict) } else { None }
    }

    /// An array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Object]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// A name without its slash.
    #[must_use]
    pub fn as_name(&self) -> Option<&[u8]> {
        if let Self::Name(name) = self { Some(name) } else { None }
    }

    /// A whole number.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        if let Self::Integer(value) = self { Some(*value) } else { None }
    }

    /// A whole number that is not negative.
    #[must_use]
    pub fn as_count(&self) -> Option<usize> {
        usize::try_from(self.as_integer()?).ok()
    }

    /// A number of either kind.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Integer(value) => i32::try_from(*value).ok().map(f64::from),
            Self::Real(value) => Some(*value),
            _ => None,
        }
    }

    /// A reference.
    #[must_use]
    pub fn as_reference(&self) -> Option<Reference> {
        if let Self::Reference(reference) = self { Some(*reference) } else { None }
    }

    /// A string.
    #[must_use]
    pub fn as_text(&self) -> Option<&Text> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }
}

impl Text {
    /// A string of these bytes, in hexadecimal.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        Self { raw: format!("<{}>", hex::encode(bytes)).into_bytes().into(), at: 0, plain: None }
    }

    /// A text string (§7.9.2.2), in UTF-16BE with its mark.
    #[must_use]
    pub fn of_words(words: &str) -> Self {
        let units = std::iter::once(0xfeff).chain(words.encode_utf16());
        Self::of_bytes(&units.flat_map(u16::to_be_bytes).collect::<Vec<u8>>())
    }

    /// Where the string stands, delimiters included.
    #[must_use]
    pub fn span(&self) -> Range<usize> {
        self.at..self.at.saturating_add(self.raw.len())
    }

    /// True for `<…>`.
    #[must_use]
    pub fn is_hex(&self) -> bool {
        self.raw.first() == Some(&b'<')
    }

    /// The digits of a hexadecimal string that holds nothing but pairs of digits; `None` for every other string.
    #[must_use]
    pub fn strict_hex(&self) -> Option<&[u8]> {
        let digits = self.raw.strip_prefix(b"<")?.strip_suffix(b">")?;
        (digits.len() % 2 == 0 && all_hex(digits)).then_some(digits)
    }

    /// The bytes the string stands for (§7.3.4), decrypted.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        if let Some(plain) = &self.plain {
            return plain.to_vec();
        }
        if self.is_hex() { hex_bytes(&self.raw) } else { literal_bytes(&self.raw) }
    }

    /// The text of a text string (§7.9.2.2): UTF-16BE or UTF-8 with their marks, else Latin-1 standing in for
    /// PDFDocEncoding. For display only.
    #[must_use]
    pub fn display(&self) -> String {
        let bytes = self.bytes();
        if let Some(rest) = bytes.strip_prefix(&[0xfe, 0xff]) {
            let units: Vec<u16> =
                rest.as_chunks::<2>().0.iter().map(|pair| u16::from_be_bytes(*pair)).collect();
            return String::from_utf16_lossy(&units);
        }
        if let Some(rest) = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]) {
            return String::from_utf8_lossy(rest).into_owned();
        }
        bytes.into_iter().map(char::from).collect()
    }
}

fn hex_bytes(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len() / 2);
    let mut high: Option<u8> = None;
    for value in raw.iter().filter_map(|byte| hex_value(*byte)) {
        high = match high {
            None => Some(value << 4),
            Some(half) => {
                out.push(half | value);
                None
            }
        };
    }
    out.extend(high);
    out
}

/// Whole blocks at a time, so that the compiler may use wide registers: a hole has 32,768 digits.
pub(super) fn all_hex(digits: &[u8]) -> bool {
    digits.chunks(64).all(|block| block.iter().fold(true, |hex, byte| hex & byte.is_ascii_hexdigit()))
}

pub(super) fn hex_value(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

fn literal_bytes(raw: &[u8]) -> Vec<u8> {
    let inner = raw.strip_prefix(b"(").and_then(|rest| rest.strip_suffix(b")")).unwrap_or_default();
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => escape(&mut bytes, &mut out),
            b'\r' => {
                bytes.next_if_eq(&b'\n');
                out.push(b'\n');
            }
            other => out.push(other),
        }
    }
    out
}

fn escape(bytes: &mut std::iter::Peekable<impl Iterator<Item = u8>>, out: &mut Vec<u8>) {
    match bytes.next() {
        Some(b'n') => out.push(b'\n'),
        Some(b'r') => out.push(b'\r'),
        Some(b't') => out.push(b'\t'),
        Some(b'b') => out.push(0x08),
        Some(b'f') => out.push(0x0c),
        Some(b'\n') | None => {}
        Some(b'\r') => {
            bytes.next_if_eq(&b'\n');
        }
        Some(first @ b'0'..=b'7') => {
            let mut value = u16::from(first.saturating_sub(b'0'));
            for _ in 0..2 {
                let Some(next) = bytes.next_if(|byte| matches!(byte, b'0'..=b'7')) else { break };
                value = (value << 3) | u16::from(next.saturating_sub(b'0'));
            }
            let [_, low] = value.to_be_bytes();
            out.push(low);
        }
        Some(other) => out.push(other),
    }
}
