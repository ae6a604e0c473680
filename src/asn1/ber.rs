//! From BER to DER, for values that honest writers put out in BER: indefinite lengths, lengths with leading zeros,
//! strings in pieces (X.690 §8.1.3, §8.7, §8.21). The content of primitive values is kept as received.

use super::{tag, write};

/// Deepest nesting followed; as the reader's own bound.
const DEEPEST: usize = 32;
/// Values in one input. A signature with certificates and lists inside has some 100,000; more is a flood.
const MOST: usize = 1 << 20;

/// The first value of `input` as DER, and how many octets of the input it took. `None` when it is no BER, or is nested
/// deeper than 32 levels or holds more than 2^20 values.
#[must_use]
pub fn to_der(input: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut walk = Walk { left: MOST };
    let (value, rest) = walk.value(input, 0)?;
    Some((value, input.len().checked_sub(rest.len())?))
}

struct Walk {
    left: usize,
}

impl Walk {
    fn value<'a>(&mut self, input: &'a [u8], depth: usize) -> Option<(Vec<u8>, &'a [u8])> {
        self.left = self.left.checked_sub(1)?;
        let (&tag, rest) = input.split_first()?;
        if depth > DEEPEST || tag & 0x1f == 0x1f {
            return None;
        }
        let constructed = tag & 0x20 != 0;
        let (&first, rest) = rest.split_first()?;
        if first == 0x80 {
            if !constructed {
                return None;
            }
            let (parts, rest) = self.until_end(rest, depth)?;
            return Some((joined(tag, parts)?, rest));
        }
        let (length, rest) = length(first, rest)?;
        let content = rest.get(..length)?;
        let rest = rest.get(length..)?;
        if !constructed {
            return Some((write::value(tag, content), rest));
        }
        let mut parts = Vec::new();
        let mut inner = content;
        while !inner.is_empty() {
            let (part, next) = self.value(inner, depth.checked_add(1)?)?;
            parts.push(part);
            inner = next;
        }
        Some((joined(tag, parts)?, rest))
    }

    /// Values up to the two zero octets that end an indefinite length.
    fn until_end<'a>(&mut self, mut rest: &'a [u8], depth: usize) -> Option<(Vec<Vec<u8>>, &'a [u8])> {
        let mut parts = Vec::new();
        loop {
            if let Some(after) = rest.strip_prefix(&[0, 0]) {
                return Some((parts, after));
            }
            let (part, next) = self.value(rest, depth.checked_add(1)?)?;
            parts.push(part);
            rest = next;
        }
    }
}

/// A definite length, which BER may write in more octets than it needs.
fn length(first: u8, rest: &[u8]) -> Option<(usize, &[u8])> {
    if first < 0x80 {
        return Some((usize::from(first), rest));
    }
    let count = usize::from(first & 0x7f);
    let octets = rest.get(..count)?;
    if count > 8 {
        return None;
    }
    let mut length = 0_usize;
    for octet in octets {
        length = length.checked_mul(256)?.checked_add(usize::from(*octet))?;
    }
    Some((length, rest.get(count..)?))
}

/// Pieces of a string become one; everything else keeps its parts.
fn joined(tag: u8, parts: Vec<Vec<u8>>) -> Option<Vec<u8>> {
    if tag != tag::OCTET_STRING | 0x20 {
        return Some(write::value(tag, &parts.concat()));
    }
    let mut content = Vec::new();
    for part in &parts {
        let piece = super::Reader::new(part).expect(tag::OCTET_STRING).ok()?;
        content.extend_from_slice(piece.content);
    }
    Some(write::octet_string(&content))
}

#[cfg(test)]
mod tests {
    use super::to_der;

    #[test]
    fn indefinite_lengths_and_pieces_become_der() {
        // SEQUENCE (indefinite) { OCTET STRING (indefinite) { 01 02, 03 }, INTEGER 5 with a length of two octets }.
        let ber = [0x30, 0x80, 0x24, 0x80, 4, 2, 1, 2, 4, 1, 3, 0, 0, 2, 0x82, 0, 1, 5, 0, 0, 0xaa, 0xbb];
        assert_eq!(to_der(&ber), Some((vec![0x30, 8, 4, 3, 1, 2, 3, 2, 1, 5], 20)));
        let der = [0x30, 3, 2, 1, 5];
        assert_eq!(to_der(&der), Some((der.to_vec(), 5)));
    }

    #[test]
    fn what_is_no_ber_is_refused() {
        for bad in [&[0x30_u8, 0x80, 2, 1, 5][..], &[4, 0x80, 0, 0], &[0x30, 5, 2, 1], &[0x1f, 1, 0], &[]] {
            assert_eq!(to_der(bad), None, "{bad:x?}");
        }
        let mut deep = vec![0x30_u8, 0];
        for _ in 0..60 {
            deep = crate::asn1::write::sequence(&[&deep]);
        }
        assert_eq!(to_der(&deep), None);
    }
}
