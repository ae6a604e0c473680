//! A strict reader of tag–length–value, over borrowed bytes.

/// Deepest nesting a caller may descend; X.509 and CMS need fewer than 12 levels.
const DEEPEST: u8 = 32;

/// Tag octets used by the formats we read.
pub mod tag {
    /// BOOLEAN.
    pub const BOOLEAN: u8 = 0x01;
    /// INTEGER.
    pub const INTEGER: u8 = 0x02;
    /// BIT STRING.
    pub const BIT_STRING: u8 = 0x03;
    /// OCTET STRING.
    pub const OCTET_STRING: u8 = 0x04;
    /// NULL.
    pub const NULL: u8 = 0x05;
    /// OBJECT IDENTIFIER.
    pub const OID: u8 = 0x06;
    /// UTF8String.
    pub const UTF8_STRING: u8 = 0x0c;
    /// PrintableString.
    pub const PRINTABLE_STRING: u8 = 0x13;
    /// IA5String.
    pub const IA5_STRING: u8 = 0x16;
    /// UTCTime.
    pub const UTC_TIME: u8 = 0x17;
    /// GeneralizedTime.
    pub const GENERALIZED_TIME: u8 = 0x18;
    /// SEQUENCE, constructed.
    pub const SEQUENCE: u8 = 0x30;
    /// SET, constructed.
    pub const SET: u8 = 0x31;
    /// Context tag [0], constructed.
    pub const CONTEXT_0: u8 = 0xa0;
    /// Context tag [1], constructed.
    pub const CONTEXT_1: u8 = 0xa1;
}

/// Why bytes are not the DER that was asked for. Offsets count from the reader's outermost input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DerError {
    /// The value ends beyond its container.
    #[error("value at {at} runs past its container")]
    Truncated {
        /// Offset of the value.
        at: usize,
    },
    /// A length that is indefinite, not minimal or larger than four octets.
    #[error("length at {at} is not DER")]
    Length {
        /// Offset of the value.
        at: usize,
    },
    /// Another tag than the format demands here.
    #[error("tag {found:#04x} at {at} where {wanted:#04x} belongs")]
    Tag {
        /// Offset of the value.
        at: usize,
        /// Tag octet found.
        found: u8,
        /// Tag octet wanted.
        wanted: u8,
    },
    /// Multi-octet tags do not occur in the formats we read.
    #[error("high tag number at {at}")]
    HighTag {
        /// Offset of the value.
        at: usize,
    },
    /// Bytes remain where the structure should end.
    #[error("bytes remain at {at}")]
    Trailing {
        /// Offset of the first of them.
        at: usize,
    },
    /// Content that its type does not allow, as a non-minimal INTEGER.
    #[error("content at {at} is not canonical")]
    Content {
        /// Offset of the value.
        at: usize,
    },
    /// Nested too deep.
    #[error("nesting at {at} is deeper than allowed")]
    Depth {
        /// Offset of the value.
        at: usize,
    },
}

/// One value: its tag, its content and all its bytes as received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tlv<'a> {
    /// The tag octet.
    pub tag: u8,
    /// The content octets.
    pub content: &'a [u8],
    /// Tag, length and content as received.
    pub raw: &'a [u8],
    offset: usize,
    header: usize,
    depth: u8,
}

/// Reads values one after the other.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
    offset: usize,
    depth: u8,
}

impl<'a> Reader<'a> {
    /// Over a whole input.
    #[must_use]
    pub fn new(input: &'a [u8]) -> Self {
        Self { rest: input, offset: 0, depth: 0 }
    }

    /// True when nothing remains.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Offset of what comes next.
    #[must_use]
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// Tag octet of the next value, if there is one.
    #[must_use]
    pub fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The next value whatever its tag.
    ///
    /// # Errors
    /// Truncated, not DER.
    pub fn any(&mut self) -> Result<Tlv<'a>, DerError> {
        let at = self.offset;
        let truncated = DerError::Truncated { at };
        let (&tag, after_tag) = self.rest.split_first().ok_or(truncated)?;
        if tag & 0x1f == 0x1f {
            return Err(DerError::HighTag { at });
        }
        let (&first, after_first) = after_tag.split_first().ok_or(truncated)?;
        let (length, header) = match first {
            0..=0x7f => (usize::from(first), 2_usize),
            0x81..=0x84 => {
                let count = usize::from(first & 0x7f);
                let octets = after_first.get(..count).ok_or(truncated)?;
                let length = octets.iter().fold(0_usize, |sum, b| (sum << 8) | usize::from(*b));
                let minimal = octets.first() != Some(&0) && length > 0x7f;
                if !minimal {
                    return Err(DerError::Length { at });
                }
                (length, count.saturating_add(2))
            }
            _ => return Err(DerError::Length { at }),
        };
        let total = header.checked_add(length).ok_or(truncated)?;
        let raw = self.rest.get(..total).ok_or(truncated)?;
        let content = raw.get(header..).ok_or(truncated)?;
        self.rest = self.rest.get(total..).ok_or(truncated)?;
        self.offset = at.saturating_add(total);
        Ok(Tlv { tag, content, raw, offset: at, header, depth: self.depth })
    }

    /// The next value, which must have this tag.
    ///
    /// # Errors
    /// Another tag, truncated, not DER.
    pub fn expect(&mut self, wanted: u8) -> Result<Tlv<'a>, DerError> {
        let at = self.offset;
        match self.peek() {
            Some(found) if found != wanted => Err(DerError::Tag { at, found, wanted }),
            _ => self.any(),
        }
    }

    /// The next value if it has this tag.
    ///
    /// # Errors
    /// Truncated, not DER.
    pub fn optional(&mut self, wanted: u8) -> Result<Option<Tlv<'a>>, DerError> {
        if self.peek() == Some(wanted) { self.any().map(Some) } else { Ok(None) }
    }

    /// Content of the next OBJECT IDENTIFIER.
    ///
    /// # Errors
    /// Another tag, truncated, not DER.
    pub fn oid(&mut self) -> Result<&'a [u8], DerError> {
        self.expect(tag::OID).map(|t| t.content)
    }

    /// The next INTEGER that fits a small number, as version fields do.
    ///
    /// # Errors
    /// Another tag, negative, longer than one octet, not DER.
    pub fn small_integer(&mut self) -> Result<u8, DerError> {
        let value = self.integer()?;
        match value.content {
            [one] if *one < 0x80 => Ok(*one),
            _ => Err(DerError::Content { at: value.offset }),
        }
    }

    /// The next INTEGER with minimal content.
    ///
    /// # Errors
    /// Another tag, padded content, not DER.
    pub fn integer(&mut self) -> Result<Tlv<'a>, DerError> {
        let value = self.expect(tag::INTEGER)?;
        let padded = match value.content {
            [] => true,
            [0x00, next, ..] => *next < 0x80,
            [0xff, next, ..] => *next >= 0x80,
            _ => false,
        };
        if padded { Err(DerError::Content { at: value.offset }) } else { Ok(value) }
    }

    /// Demands that nothing remains.
    ///
    /// # Errors
    /// Bytes remain.
    pub fn finish(self) -> Result<(), DerError> {
        if self.rest.is_empty() { Ok(()) } else { Err(DerError::Trailing { at: self.offset }) }
    }
}

impl<'a> Tlv<'a> {
    /// Reads the content as values.
    ///
    /// # Errors
    /// Nested deeper than 32 levels.
    pub fn open(&self) -> Result<Reader<'a>, DerError> {
        let depth = self.depth.saturating_add(1);
        if depth > DEEPEST {
            return Err(DerError::Depth { at: self.offset });
        }
        Ok(Reader { rest: self.content, offset: self.offset.saturating_add(self.header), depth })
    }

    /// Content of a BIT STRING without unused bits.
    ///
    /// # Errors
    /// Unused bits, empty content.
    pub fn whole_octets(&self) -> Result<&'a [u8], DerError> {
        match self.content.split_first() {
            Some((0, octets)) if self.tag == tag::BIT_STRING => Ok(octets),
            _ => Err(DerError::Content { at: self.offset }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_minimal_definite_lengths_are_der() {
        for bad in
            [&[0x30_u8, 0x80, 0, 0][..], &[0x04, 0x81, 0x01, 9], &[0x04, 0x82, 0x00, 0x80], &[0x04, 0x85]]
        {
            assert!(matches!(Reader::new(bad).any(), Err(DerError::Length { at: 0 })), "{bad:x?}");
        }
        assert!(matches!(Reader::new(&[0x04, 3, 1]).any(), Err(DerError::Truncated { .. })));
        assert!(matches!(Reader::new(&[0x1f, 0x81, 1, 0]).any(), Err(DerError::HighTag { .. })));
    }

    #[test]
    fn padded_integers_are_refused() {
        assert!(Reader::new(&[2, 2, 0, 0x7f]).integer().is_err());
        assert!(Reader::new(&[2, 2, 0xff, 0x80]).integer().is_err());
        assert!(Reader::new(&[2, 0]).integer().is_err());
        assert_eq!(Reader::new(&[2, 2, 0, 0x80]).integer().map(|t| t.content.len()), Ok(2));
    }

    #[test]
    fn depth_is_bounded() {
        let mut bytes = vec![0x30_u8, 0];
        for _ in 0..40 {
            bytes = super::super::write::sequence(&[&bytes]);
        }
        let mut reader = Reader::new(&bytes);
        let mut levels = 0;
        let stopped = loop {
            match reader.any().and_then(|t| t.open()) {
                Ok(next) => reader = next,
                Err(why) => break why,
            }
            levels += 1;
        };
        assert_eq!(levels, 32);
        assert!(matches!(stopped, DerError::Depth { .. }));
    }
}
