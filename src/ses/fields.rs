//! Fields that seal and signature share: texts, numbers, algorithms, extensions, time-stamps.

use super::SesError;
use super::deviation::{Deviation, note};
use crate::asn1::{Reader, Tlv, tag};

/// Longest text in octets. The longest met is a property of some 60; names of units stay below 300.
const LONGEST_TEXT: usize = 4096;
/// Extensions in one list; real seals have 4 at most.
const MOST_EXTENSIONS: usize = 32;
/// [0], primitive: a BIT STRING under an implicit tag.
const CONTEXT_0_PRIMITIVE: u8 = 0x80;

/// ExtData: an extension of a seal or a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    /// OID content of extnID.
    pub id: &'a [u8],
    /// Whoever does not know it must not accept.
    pub critical: bool,
    /// Content of extnValue.
    pub value: &'a [u8],
}

/// A text of the type the standards name, or of another that holds the same characters.
pub(super) fn text(
    value: Tlv<'_>,
    wanted: u8,
    field: &'static str,
    deviations: &mut Vec<Deviation>,
) -> Result<String, SesError> {
    let known = matches!(value.tag, tag::IA5_STRING | tag::UTF8_STRING | tag::PRINTABLE_STRING);
    if !known || value.content.len() > LONGEST_TEXT {
        return Err(SesError::Text { field });
    }
    let text = std::str::from_utf8(value.content).map_err(|_| SesError::Text { field })?;
    // IA5String holds ASCII; some writers put the octets of UTF-8 into it.
    if value.tag != wanted || (wanted != tag::UTF8_STRING && !text.is_ascii()) {
        note(deviations, Deviation::TextType { field });
    }
    Ok(text.to_owned())
}

/// A whole number from 0 to 2^31-1, as versions, types and millimetres are.
pub(super) fn number(reader: &mut Reader<'_>, field: &'static str) -> Result<u32, SesError> {
    let content = reader.integer()?.content;
    let small = content.len() <= 4 && content.first().is_some_and(|first| *first < 0x80);
    if !small {
        return Err(SesError::Number { field });
    }
    Ok(content.iter().fold(0_u32, |sum, octet| (sum << 8) | u32::from(*octet)))
}

/// OID content of a signature algorithm.
pub(super) fn algorithm<'a>(
    reader: &mut Reader<'a>,
    deviations: &mut Vec<Deviation>,
) -> Result<&'a [u8], SesError> {
    let Some(identifier) = reader.optional(tag::SEQUENCE)? else { return Ok(reader.oid()?) };
    note(deviations, Deviation::AlgorithmIdentifier);
    let mut parts = identifier.open()?;
    let name = parts.oid()?;
    if let Some(null) = parts.optional(tag::NULL)?
        && !null.content.is_empty()
    {
        return Err(SesError::Number { field: "parameters" });
    }
    parts.finish()?;
    Ok(name)
}

/// ExtensionDatas, if they stand here: bare, or under an explicit or implicit [0].
pub(super) fn extensions<'a>(
    reader: &mut Reader<'a>,
    bare: bool,
    deviations: &mut Vec<Deviation>,
) -> Result<Vec<Extension<'a>>, SesError> {
    let field = "extDatas";
    let list = match reader.peek() {
        Some(tag::SEQUENCE) => {
            if !bare {
                note(deviations, Deviation::OptionalTag { field });
            }
            reader.any()?
        }
        Some(tag::CONTEXT_0) => {
            let tagged = reader.any()?;
            let first = tagged.open()?.any().ok();
            let holds =
                |first: &Tlv<'_>, inner| first.open().ok().and_then(|list| list.peek()) == Some(inner);
            let implicit = first.is_none_or(|first| holds(&first, tag::OID));
            if bare || implicit {
                note(deviations, Deviation::OptionalTag { field });
            }
            if implicit {
                tagged
            } else {
                let mut inner = tagged.open()?;
                let list = inner.expect(tag::SEQUENCE)?;
                inner.finish()?;
                list
            }
        }
        _ => return Ok(Vec::new()),
    };
    let mut entries = list.open()?;
    let mut found = Vec::new();
    while !entries.is_empty() {
        if found.len() >= MOST_EXTENSIONS {
            return Err(SesError::Flood { field });
        }
        found.push(extension(&mut entries, deviations)?);
    }
    Ok(found)
}

fn extension<'a>(
    entries: &mut Reader<'a>,
    deviations: &mut Vec<Deviation>,
) -> Result<Extension<'a>, SesError> {
    let mut parts = entries.expect(tag::SEQUENCE)?.open()?;
    let id = parts.oid()?;
    let critical = match parts.optional(tag::BOOLEAN)?.map(|value| value.content) {
        None => false,
        Some([0x00]) => {
            note(deviations, Deviation::ExplicitFalse);
            false
        }
        Some([_]) => true,
        Some(_) => return Err(SesError::Number { field: "critical" }),
    };
    let value = parts.expect(tag::OCTET_STRING)?.content;
    parts.finish()?;
    Ok(Extension { id, critical, value })
}

/// timeStamp, if it stands here: a BIT STRING under an explicit [0], or however else it was written.
pub(super) fn time_stamp<'a>(
    reader: &mut Reader<'a>,
    deviations: &mut Vec<Deviation>,
) -> Result<Option<&'a [u8]>, SesError> {
    let odd = Deviation::OptionalTag { field: "timeStamp" };
    match reader.peek() {
        None => Ok(None),
        Some(tag::CONTEXT_0) => {
            let mut inner = reader.any()?.open()?;
            let token = inner.expect(tag::BIT_STRING)?.whole_octets()?;
            inner.finish()?;
            Ok(Some(token))
        }
        Some(CONTEXT_0_PRIMITIVE) => {
            note(deviations, odd);
            match reader.any()?.content.split_first() {
                Some((0, token)) => Ok(Some(token)),
                _ => Err(SesError::Number { field: "timeStamp" }),
            }
        }
        Some(_) => {
            note(deviations, odd);
            Ok(Some(reader.expect(tag::BIT_STRING)?.whole_octets()?))
        }
    }
}

/// How many values stand in this one.
pub(super) fn elements(value: Tlv<'_>) -> Result<usize, SesError> {
    // No type of the standards has more than 7 elements; who writes more is told so, not counted to the end.
    let mut reader = value.open()?;
    let mut count = 0_usize;
    while !reader.is_empty() && count < 16 {
        reader.any()?;
        count = count.saturating_add(1);
    }
    Ok(count)
}
