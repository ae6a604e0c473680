//! SES_Signature: one pressing of a seal.

use super::deviation::{Deviation, note};
use super::fields::{self, Extension};
use super::{LARGEST, SesError, TimeStamp, Version, times};
use crate::asn1::{Reader, Tlv, tag};
use crate::domain::Instant;

/// timeInfo: when the seal was pressed, in whichever way it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SigningTime<'a> {
    /// The signer's own word.
    At(Instant),
    /// A time-stamp token (v1 allows it in this place), DER.
    Token(&'a [u8]),
    /// Neither.
    Unreadable,
}

/// One seal signature as read. All slices are the received bytes; the seal inside is read by [`super::Seal`], so that
/// a broken seal does not hide whether the signature fits.
#[derive(Clone, Debug)]
pub struct Signature<'a> {
    /// Which structure it is.
    pub version: Version,
    /// The version that TBS_Sign names.
    pub declared_version: u32,
    /// SESeal, DER.
    pub seal: &'a [u8],
    /// When the seal was pressed.
    pub time: SigningTime<'a>,
    /// dataHash: digest of what was sealed.
    pub data_hash: &'a [u8],
    /// propertyInfo: in words of the writer's own, which bytes are covered.
    pub property: String,
    /// Extensions (v4, v5).
    pub extensions: Vec<Extension<'a>>,
    /// The signer's certificate, DER.
    pub certificate: &'a [u8],
    /// OID content of the signature algorithm.
    pub signature_algorithm: &'a [u8],
    /// The signature value.
    pub signature: &'a [u8],
    /// How it differs from the text of the standard without meaning anything else.
    pub deviations: Vec<Deviation>,
    token: Option<&'a [u8]>,
    signed: &'a [u8],
}

/// TBS_Sign and what v1 keeps inside it.
struct Tbs<'a> {
    version: Version,
    declared_version: u32,
    seal: &'a [u8],
    time: SigningTime<'a>,
    data_hash: &'a [u8],
    property: String,
    extensions: Vec<Extension<'a>>,
    inside: Option<(&'a [u8], &'a [u8])>,
}

impl<'a> Signature<'a> {
    /// Reads SES_Signature; nothing may follow it.
    ///
    /// # Errors
    /// [`SesError`]: the first thing that no version has.
    pub fn read(input: &'a [u8]) -> Result<Self, SesError> {
        if input.len() > LARGEST {
            return Err(SesError::Large);
        }
        let mut top = Reader::new(input);
        let whole = top.expect(tag::SEQUENCE)?;
        top.finish()?;
        let found = fields::elements(whole)?;
        let mut parts = whole.open()?;
        let signed = parts.expect(tag::SEQUENCE)?;
        let mut deviations = Vec::new();
        let tbs = match found {
            2 => tbs(signed, true, &mut deviations)?,
            4 | 5 => tbs(signed, false, &mut deviations)?,
            _ => return Err(SesError::Elements { what: "SES_Signature", found }),
        };
        let (certificate, signature_algorithm) = match tbs.inside {
            Some(inside) => inside,
            None => {
                let certificate = parts.expect(tag::OCTET_STRING)?.content;
                (certificate, fields::algorithm(&mut parts, &mut deviations)?)
            }
        };
        let signature = parts.expect(tag::BIT_STRING)?.whole_octets()?;
        let token = fields::time_stamp(&mut parts, &mut deviations)?;
        parts.finish()?;
        Ok(Self {
            version: tbs.version,
            declared_version: tbs.declared_version,
            seal: tbs.seal,
            time: tbs.time,
            data_hash: tbs.data_hash,
            property: tbs.property,
            extensions: tbs.extensions,
            certificate,
            signature_algorithm,
            signature,
            deviations,
            token,
            signed: signed.raw,
        })
    }

    /// The message that the signature is over: TBS_Sign as received.
    #[must_use]
    pub fn message(&self) -> &'a [u8] {
        self.signed
    }

    /// The time-stamp over the signature, if there is one (v4, v5).
    #[must_use]
    pub fn time_stamp(&self) -> Option<TimeStamp<'a>> {
        self.token.map(|token| TimeStamp { token, over: self.signature })
    }

    /// The four numbers of a `/ByteRange`, if propertyInfo is these and nothing else.
    #[must_use]
    pub fn byte_range(&self) -> Option<[usize; 4]> {
        let text = self.property.trim().trim_start_matches("/ByteRange").trim();
        let text = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
        let separated = text.split(|c: char| c == ',' || c.is_ascii_whitespace());
        let numbers = separated.filter(|word| !word.is_empty()).map(str::parse);
        let numbers: Vec<usize> = numbers.take(5).collect::<Result<_, _>>().ok()?;
        numbers.try_into().ok()
    }
}

/// TBS_Sign. v1 holds certificate and algorithm inside, v4 and v5 outside.
fn tbs<'a>(signed: Tlv<'a>, first: bool, notes: &mut Vec<Deviation>) -> Result<Tbs<'a>, SesError> {
    let mut parts = signed.open()?;
    let declared_version = fields::number(&mut parts, "version")?;
    let seal = parts.expect(tag::SEQUENCE)?.raw;
    let time = if first {
        SigningTime::in_bits(parts.expect(tag::BIT_STRING)?.whole_octets()?, notes)
    } else {
        SigningTime::plainly(parts.any()?, notes)
    };
    let data_hash = parts.expect(tag::BIT_STRING)?.whole_octets()?;
    let property = fields::text(parts.any()?, tag::IA5_STRING, "propertyInfo", notes)?;
    let (extensions, inside) = if first {
        let certificate = parts.expect(tag::OCTET_STRING)?.content;
        (Vec::new(), Some((certificate, fields::algorithm(&mut parts, notes)?)))
    } else {
        (fields::extensions(&mut parts, false, notes)?, None)
    };
    parts.finish()?;
    let version = match declared_version {
        _ if first => Version::V1,
        5 => Version::V5,
        _ => Version::V4,
    };
    Ok(Tbs { version, declared_version, seal, time, data_hash, property, extensions, inside })
}

impl<'a> SigningTime<'a> {
    /// v4 and v5: GeneralizedTime.
    fn plainly(value: Tlv<'a>, notes: &mut Vec<Deviation>) -> Self {
        times::time(value, tag::GENERALIZED_TIME, "timeInfo", notes).map_or(Self::Unreadable, Self::At)
    }

    /// v1: a BIT STRING with a UTCTime or a time-stamp in it; the text of a time was seen too.
    fn in_bits(octets: &'a [u8], notes: &mut Vec<Deviation>) -> Self {
        let field = "timeInfo";
        let mut reader = Reader::new(octets);
        match reader.peek() {
            Some(tag::SEQUENCE) if reader.any().is_ok() && reader.is_empty() => Self::Token(octets),
            Some(tag::UTC_TIME | tag::GENERALIZED_TIME) => {
                let value = reader.any().ok().filter(|_| reader.is_empty());
                let time = value.and_then(|value| times::time(value, tag::UTC_TIME, field, notes).ok());
                time.map_or(Self::Unreadable, Self::At)
            }
            _ => {
                let bare = times::utc_time(octets).or_else(|| times::generalized(octets));
                let time = bare.or_else(|| times::plain(octets));
                if time.is_some() {
                    note(notes, Deviation::TimeText { field });
                }
                time.map_or(Self::Unreadable, Self::At)
            }
        }
    }
}
