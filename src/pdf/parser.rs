//! Bytes to values: lexer and object parser in one pass, without backtracking over more than `N G R`.

use super::object::{Dict, Name, Object, Reference, Text, all_hex, hex_value};
use super::{Bound, Limits, ReadError, SyntaxFault};

/// A position in bytes, with what is left of the limits of one object.
pub(super) struct Parser<'a> {
    bytes: &'a [u8],
    pos: usize,
    depth: usize,
    items: usize,
    /// Bytes of names and strings so far.
    kept: usize,
    limits: Limits,
    /// True once a dictionary with a doubled key was read.
    pub(super) doubled: bool,
}

/// White space (§7.2.2, table 1).
pub(super) fn is_white(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

/// Delimiters (§7.2.2, table 2).
pub(super) fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn is_regular(byte: u8) -> bool {
    !is_white(byte) && !is_delimiter(byte)
}

impl<'a> Parser<'a> {
    pub(super) fn new(bytes: &'a [u8], pos: usize, limits: &Limits) -> Self {
        Self { bytes, pos, depth: 0, items: 0, kept: 0, limits: *limits, doubled: false }
    }

    /// How many values were read.
    pub(super) fn items(&self) -> usize {
        self.items
    }

    pub(super) fn pos(&self) -> usize {
        self.pos
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.pos..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn bump(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.pos = self.pos.saturating_add(1);
        Some(byte)
    }

    pub(super) fn fault(&self, fault: SyntaxFault) -> ReadError {
        ReadError::Syntax { at: self.pos, fault }
    }

    pub(super) fn skip_white(&mut self) {
        while let Some(byte) = self.peek() {
            if is_white(byte) {
                self.bump();
            } else if byte == b'%' {
                while self.peek().is_some_and(|byte| byte != b'\r' && byte != b'\n') {
                    self.bump();
                }
            } else {
                return;
            }
        }
    }

    /// Takes exact bytes if they stand here.
    pub(super) fn take(&mut self, wanted: &[u8]) -> bool {
        let found = self.rest().starts_with(wanted);
        if found {
            self.pos = self.pos.saturating_add(wanted.len());
        }
        found
    }

    /// Takes a keyword if it stands here and ends here.
    pub(super) fn keyword(&mut self, wanted: &[u8]) -> bool {
        let rest = self.rest();
        let ends = rest.get(wanted.len()).is_none_or(|byte| !is_regular(*byte));
        ends && self.take(wanted)
    }

    /// A run of regular characters.
    fn regular(&mut self) -> &'a [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !is_regular(*byte)).unwrap_or(rest.len());
        self.pos = self.pos.saturating_add(length);
        rest.get(..length).unwrap_or_default()
    }

    /// An unsigned whole number of at most 19 digits, ended by no regular character.
    pub(super) fn unsigned(&mut self) -> Option<u64> {
        // No look further than at one digit too many: whoever asks may ask again at the next byte.
        let digits = self.rest().get(..20).unwrap_or(self.rest());
        let length = digits.iter().position(|byte| !is_regular(*byte)).unwrap_or(digits.len());
        let value = decimal(digits.get(..length)?)?;
        self.pos = self.pos.saturating_add(length);
        Some(value)
    }

    /// Any value. A stream is a dictionary here; the caller looks for the keyword.
    pub(super) fn object(&mut self) -> Result<Object, ReadError> {
        self.skip_white();
        self.items = self.items.saturating_add(1);
        if self.items > self.limits.items {
            return Err(self.limits.reached(Bound::Items));
        }
        match self.peek().ok_or_else(|| self.fault(SyntaxFault::Truncated))? {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal().map(Object::Text),
            b'[' => self.nested(Self::array),
            b'<' if self.rest().starts_with(b"<<") => self.nested(Self::dict),
            b'<' => self.hex().map(Object::Text),
            b'0'..=b'9' => self.number_or_reference(),
            b'+' | b'-' | b'.' => self.number(),
            _ => self.word(),
        }
    }

    fn word(&mut self) -> Result<Object, ReadError> {
        for (word, value) in [
            (b"null".as_slice(), Object::Null),
            (b"true".as_slice(), Object::Bool(true)),
            (b"false".as_slice(), Object::Bool(false)),
        ] {
            if self.keyword(word) {
                return Ok(value);
            }
        }
        Err(self.fault(SyntaxFault::Unexpected))
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Object, ReadError>,
    ) -> Result<Object, ReadError> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > self.limits.nesting {
            return Err(self.limits.reached(Bound::Nesting));
        }
        let value = read(self)?;
        self.depth = self.depth.saturating_sub(1);
        Ok(value)
    }

    fn array(&mut self) -> Result<Object, ReadError> {
        self.bump();
        let mut items = Vec::new();
        loop {
            self.skip_white();
            if self.take(b"]") {
                return Ok(Object::Array(items));
            }
            items.push(self.object()?);
        }
    }

    fn dict(&mut self) -> Result<Object, ReadError> {
        let start = self.pos;
        self.take(b"<<");
        let mut entries: Vec<(Name, Object)> = Vec::new();
        loop {
            self.skip_white();
            if self.take(b">>") {
                break;
            }
            if self.peek() != Some(b'/') {
                let fault = if self.peek().is_none() { SyntaxFault::Truncated } else { SyntaxFault::BadKey };
                return Err(self.fault(fault));
            }
            let key = self.name()?;
            let value = self.object()?;
            entries.push((key, value));
        }
        self.doubled |= has_doubled_key(&entries);
        Ok(Object::Dict(Dict { entries, span: start..self.pos }))
    }

    fn name(&mut self) -> Result<Name, ReadError> {
        self.bump();
        let raw = self.regular();
        self.keep(raw.len())?;
        if !raw.contains(&b'#') {
            return Ok(raw.into());
        }
        let mut out = Name::with_capacity(raw.len());
        let mut bytes = raw.iter().copied();
        while let Some(byte) = bytes.next() {
            if byte != b'#' {
                out.push(byte);
                continue;
            }
            let high = bytes.next().and_then(hex_value);
            let low = bytes.next().and_then(hex_value);
            let (Some(high), Some(low)) = (high, low) else { return Err(self.fault(SyntaxFault::BadName)) };
            out.push((high << 4) | low);
        }
        Ok(out)
    }

    fn literal(&mut self) -> Result<Text, ReadError> {
        let start = self.pos;
        let mut open = 0_usize;
        loop {
            match self.bump().ok_or_else(|| self.fault(SyntaxFault::Truncated))? {
                b'\\' => {
                    self.bump();
                }
                b'(' => open = open.saturating_add(1),
                b')' => {
                    open = open.saturating_sub(1);
                    if open == 0 {
                        return self.text(start);
                    }
                }
                _ => {}
            }
        }
    }

    fn hex(&mut self) -> Result<Text, ReadError> {
        let start = self.pos;
        let rest = self.rest();
        let rest = rest.get(..self.limits.text_bytes).unwrap_or(rest);
        let found = memchr::memchr(b'>', rest).and_then(|end| end.checked_add(1));
        // What was walked is paid for, found or not.
        self.pos = self.pos.saturating_add(found.unwrap_or(rest.len()));
        let Some(length) = found else {
            let ended = self.peek().is_none();
            return Err(if ended {
                self.fault(SyntaxFault::Truncated)
            } else {
                self.limits.reached(Bound::TextBytes)
            });
        };
        let digits = rest.get(1..length.saturating_sub(1)).unwrap_or_default();
        if !all_hex(digits) && !digits.iter().all(|byte| byte.is_ascii_hexdigit() || is_white(*byte)) {
            return Err(ReadError::Syntax { at: start, fault: SyntaxFault::BadString });
        }
        self.text(start)
    }

    fn text(&mut self, start: usize) -> Result<Text, ReadError> {
        let raw = self.bytes.get(start..self.pos).unwrap_or_default();
        self.keep(raw.len())?;
        Ok(Text { raw: raw.into(), at: start, plain: None })
    }

    /// Counts what is copied out of the file.
    fn keep(&mut self, bytes: usize) -> Result<(), ReadError> {
        self.kept = self.kept.saturating_add(bytes);
        if self.kept > self.limits.text_bytes { Err(self.limits.reached(Bound::TextBytes)) } else { Ok(()) }
    }

    fn number(&mut self) -> Result<Object, ReadError> {
        let at = self.pos;
        let raw = self.regular();
        parse_number(raw).ok_or(ReadError::Syntax { at, fault: SyntaxFault::BadNumber })
    }

    fn number_or_reference(&mut self) -> Result<Object, ReadError> {
        let value = self.number()?;
        let Object::Integer(first) = value else { return Ok(value) };
        let after = self.pos;
        let Ok(number) = u32::try_from(first) else { return Ok(value) };
        self.skip_white();
        if let Some(generation) = self.unsigned().and_then(|g| u16::try_from(g).ok()) {
            self.skip_white();
            if self.keyword(b"R") {
                return Ok(Object::Reference(Reference { number, generation }));
            }
        }
        self.pos = after;
        Ok(value)
    }

    /// `N G obj` at this very place.
    pub(super) fn object_header(&mut self) -> Option<Reference> {
        let number = u32::try_from(self.unsigned()?).ok()?;
        self.skip_white();
        let generation = u16::try_from(self.unsigned()?).ok()?;
        self.skip_white();
        self.keyword(b"obj").then_some(Reference { number, generation })
    }
}

/// How a viewer opens its window (ISO 32000-1 Table 28): neither content nor signature.
const WINDOW: [&[u8]; 2] = [b"PageMode", b"PageLayout"];

/// A key twice with two values: readers disagree which one counts. The same value twice is only untidy.
/// Small dictionaries are compared pairwise, large ones by sorting.
fn has_doubled_key(entries: &[(Name, Object)]) -> bool {
    let mut rest = entries;
    if entries.len() > 24 {
        let mut sorted: Vec<&(Name, Object)> = entries.iter().collect();
        sorted.sort_by(|(one, _), (other, _)| one.cmp(other));
        return sorted
            .array_windows()
            .any(|[one, other]| one.0 == other.0 && one.1 != other.1 && !WINDOW.contains(&&*one.0));
    }
    while let Some(((key, value), more)) = rest.split_first() {
        if !WINDOW.contains(&&**key) && more.iter().any(|(other, held)| other == key && held != value) {
            return true;
        }
        rest = more;
    }
    false
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, digit| {
        let value = digit.checked_sub(b'0').filter(|value| *value <= 9)?;
        sum.checked_mul(10)?.checked_add(u64::from(value))
    })
}

fn parse_number(raw: &[u8]) -> Option<Object> {
    let (negative, digits) = match raw.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, raw),
    };
    if let Some(value) = decimal(digits) {
        let value = i64::try_from(value).ok()?;
        return Some(Object::Integer(if negative { value.checked_neg()? } else { value }));
    }
    let point = digits.iter().filter(|byte| **byte == b'.').count();
    let number = digits.iter().filter(|byte| byte.is_ascii_digit()).count();
    if point != 1 || number == 0 || point.saturating_add(number) != digits.len() || digits.len() > 64 {
        return None;
    }
    let value: f64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    Some(Object::Real(if negative { -value } else { value }))
}
