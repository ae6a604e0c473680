//! A writer of canonical DER: values are built from the inside out.

use super::tag;

/// A value of any tag.
#[must_use]
pub fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len().saturating_add(6));
    out.push(tag);
    match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let length = content.len().to_be_bytes();
            let octets: Vec<u8> = length.into_iter().skip_while(|b| *b == 0).collect();
            out.push(0x80 | u8::try_from(octets.len()).unwrap_or(8));
            out.extend_from_slice(&octets);
        }
    }
    out.extend_from_slice(content);
    out
}

/// SEQUENCE of finished values.
#[must_use]
pub fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    value(tag::SEQUENCE, &parts.concat())
}

/// SET OF finished values, in the ascending order DER demands (X.690 §11.6), under any tag.
#[must_use]
pub fn set_of(tag: u8, mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    value(tag, &parts.concat())
}

/// OBJECT IDENTIFIER from its content octets.
#[must_use]
pub fn oid(content: &[u8]) -> Vec<u8> {
    value(tag::OID, content)
}

/// INTEGER of one octet below 128, as version fields are.
#[must_use]
pub fn small_integer(number: u8) -> Vec<u8> {
    value(tag::INTEGER, &[number & 0x7f])
}

/// INTEGER of an unsigned number, big-endian; shortest, with a leading zero where its highest bit is set.
#[must_use]
pub fn unsigned(number: &[u8]) -> Vec<u8> {
    let mut content: Vec<u8> = number.iter().copied().skip_while(|octet| *octet == 0).collect();
    if content.first().is_none_or(|first| *first >= 0x80) {
        content.insert(0, 0);
    }
    value(tag::INTEGER, &content)
}

/// BIT STRING of whole octets.
#[must_use]
pub fn bit_string(octets: &[u8]) -> Vec<u8> {
    value(tag::BIT_STRING, &[&[0], octets].concat())
}

/// OCTET STRING.
#[must_use]
pub fn octet_string(content: &[u8]) -> Vec<u8> {
    value(tag::OCTET_STRING, content)
}

/// NULL.
#[must_use]
pub fn null() -> Vec<u8> {
    value(tag::NULL, &[])
}
