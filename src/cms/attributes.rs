//! Attributes of a SignerInfo, signed and unsigned (RFC 5652 §5.3, §11).

use super::CmsError;
use crate::asn1::{Reader, Tlv, tag, write};

/// Attributes of one kind; CAdES defines about 20.
const MOST: usize = 64;

/// What the attributes of RFC 5652, RFC 5035 and CAdES begin with: pkcs-9.
const PKCS9: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09];

/// An attribute: type and one value.
#[derive(Clone, Copy, Debug)]
pub struct Attribute<'a> {
    /// OID content.
    pub name: &'a [u8],
    /// Its value.
    pub value: Tlv<'a>,
}

/// The signed attributes, as received.
#[derive(Clone, Debug)]
pub(super) struct Attributes<'a> {
    raw: &'a [u8],
    all: Vec<Attribute<'a>>,
    /// They stand in the order of DER.
    pub(super) in_order: bool,
}

impl<'a> Attributes<'a> {
    pub(super) fn find(&self, name: &[u8]) -> Option<Tlv<'a>> {
        self.all.iter().find(|attribute| attribute.name == name).map(|attribute| attribute.value)
    }

    /// As received, under the SET OF tag.
    pub(super) fn message(&self) -> Vec<u8> {
        let mut message = self.raw.to_vec();
        if let Some(first) = message.first_mut() {
            *first = tag::SET;
        }
        message
    }

    pub(super) fn message_in_order(&self) -> Vec<u8> {
        let mut reader = Reader::new(self.raw).any().and_then(|set| set.open()).ok();
        let mut parts = Vec::new();
        while let Some(Ok(part)) = reader.as_mut().filter(|reader| !reader.is_empty()).map(Reader::any) {
            parts.push(part.raw.to_vec());
        }
        write::set_of(tag::SET, parts)
    }
}

/// Signed attributes, each with one value (§5.3); those that a verdict rests on once (§11). Private ones are met twice.
pub(super) fn attributes(set: Tlv<'_>) -> Result<Attributes<'_>, CmsError> {
    let mut reader = set.open()?;
    let mut found = Attributes { raw: set.raw, all: Vec::new(), in_order: true };
    let mut before: &[u8] = &[];
    while !reader.is_empty() {
        let attribute = reader.expect(tag::SEQUENCE)?;
        found.in_order &= before <= attribute.raw;
        before = attribute.raw;
        let mut parts = attribute.open()?;
        let name = parts.oid()?;
        let mut values = parts.expect(tag::SET)?.open()?;
        parts.finish()?;
        let value = values.any()?;
        let weighed = name.starts_with(PKCS9);
        if weighed && found.find(name).is_some() || !values.is_empty() || found.all.len() >= MOST {
            return Err(CmsError::Attributes);
        }
        found.all.push(Attribute { name, value });
    }
    Ok(found)
}

/// Unsigned attributes: every value of each, as time-stamps may come several at once.
pub(super) fn unsigned(set: Tlv<'_>) -> Result<Vec<Attribute<'_>>, CmsError> {
    let mut reader = set.open()?;
    let mut found = Vec::new();
    while !reader.is_empty() {
        let mut parts = reader.expect(tag::SEQUENCE)?.open()?;
        let name = parts.oid()?;
        let mut values = parts.expect(tag::SET)?.open()?;
        parts.finish()?;
        while !values.is_empty() {
            if found.len() >= MOST {
                return Err(CmsError::Attributes);
            }
            found.push(Attribute { name, value: values.any()? });
        }
    }
    Ok(found)
}
