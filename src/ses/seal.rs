//! SESeal: the seal as its maker made it.

use super::deviation::Deviation;
use super::fields::{self, Extension};
use super::picture::Picture;
use super::{LARGEST, SesError, TimeStamp, Version, times};
use crate::asn1::{Reader, Tlv, tag, write};
use crate::domain::Instant;

/// Signers in one list. A bureau's seal has one or two; every renewal makes a new seal.
const MOST_SIGNERS: usize = 64;
/// Largest picture in bytes: 42 mm at 600 dpi is 46 KB in 256 greys, scans stay below 300 KB.
const LARGEST_PICTURE: usize = 2 << 20;

/// One entry of CertDigestList.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateDigest<'a> {
    /// What it is said to be: a name or an object identifier, free text.
    pub kind: String,
    /// The digest of a certificate.
    pub value: &'a [u8],
}

/// Who may press the seal (certList).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signers<'a> {
    /// Certificates, DER.
    Certificates(Vec<&'a [u8]>),
    /// Digests of certificates.
    Digests(Vec<CertificateDigest<'a>>),
}

/// One seal as read. All slices are the received bytes.
#[derive(Clone, Debug)]
pub struct Seal<'a> {
    /// Which structure it is.
    pub version: Version,
    /// The version that its header names; of v1 not always 1.
    pub header_version: u32,
    /// Vid: who made the software of its maker.
    pub vendor: String,
    /// esID: its unique code.
    pub id: String,
    /// Its name, as 上海市某某局.
    pub name: String,
    /// Who may press it.
    pub signers: Signers<'a>,
    /// When it was made, as its maker says.
    pub created: Instant,
    /// First instant at which it may be pressed.
    pub valid_from: Instant,
    /// Last instant at which it may be pressed.
    pub valid_until: Instant,
    /// What it looks like.
    pub picture: Picture<'a>,
    /// Extensions.
    pub extensions: Vec<Extension<'a>>,
    /// The maker's certificate, DER.
    pub maker_certificate: &'a [u8],
    /// OID content of the maker's signature algorithm.
    pub signature_algorithm: &'a [u8],
    /// The maker's signature value.
    pub signature: &'a [u8],
    /// How it differs from the text of the standard without meaning anything else.
    pub deviations: Vec<Deviation>,
    token: Option<&'a [u8]>,
    signed: Signed<'a>,
}

/// The parts that the maker signed, as received.
#[derive(Clone, Copy, Debug)]
enum Signed<'a> {
    /// v4, v5: SES_SealInfo alone.
    Info(&'a [u8]),
    /// v1: SEQUENCE { SES_SealInfo, cert, signatureAlgorithm }.
    InfoAndNames([&'a [u8]; 3]),
}

impl<'a> Seal<'a> {
    /// Reads SESeal; nothing may follow it.
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
        let info = parts.expect(tag::SEQUENCE)?;
        let mut deviations = Vec::new();
        let first = found == 2;
        if !(first || found == 4 || found == 5) {
            return Err(SesError::Elements { what: "SESeal", found });
        }
        let mut maker = if first {
            let inner = parts.expect(tag::SEQUENCE)?.open()?;
            parts.finish()?;
            inner
        } else {
            parts
        };
        let certificate = maker.expect(tag::OCTET_STRING)?;
        let before = maker.clone();
        let signature_algorithm = fields::algorithm(&mut maker, &mut deviations)?;
        let algorithm = before.clone().any()?.raw;
        let signature = maker.expect(tag::BIT_STRING)?.whole_octets()?;
        let token = if first { None } else { fields::time_stamp(&mut maker, &mut deviations)? };
        maker.finish()?;
        let signed = if first {
            Signed::InfoAndNames([info.raw, certificate.raw, algorithm])
        } else {
            Signed::Info(info.raw)
        };
        let maker = Maker { certificate: certificate.content, signature_algorithm, signature, token, signed };
        Self::info(info, found, maker, deviations)
    }

    /// SES_SealInfo.
    fn info(
        info: Tlv<'a>,
        found: usize,
        maker: Maker<'a>,
        mut deviations: Vec<Deviation>,
    ) -> Result<Self, SesError> {
        let notes = &mut deviations;
        let mut parts = info.open()?;
        let mut header = parts.expect(tag::SEQUENCE)?.open()?;
        if fields::text(header.any()?, tag::IA5_STRING, "ID", notes)? != "ES" {
            return Err(SesError::Header);
        }
        let header_version = fields::number(&mut header, "version")?;
        let vendor = fields::text(header.any()?, tag::IA5_STRING, "Vid", notes)?;
        header.finish()?;
        let version = match found {
            2 => Version::V1,
            4 if header_version != 5 => Version::V4,
            _ => Version::V5,
        };
        let id = fields::text(parts.any()?, tag::IA5_STRING, "esID", notes)?;
        let property = property(parts.expect(tag::SEQUENCE)?, version, notes)?;
        let picture = picture(parts.expect(tag::SEQUENCE)?, notes)?;
        let extensions = fields::extensions(&mut parts, true, notes)?;
        parts.finish()?;
        Ok(Self {
            version,
            header_version,
            vendor,
            id,
            name: property.name,
            signers: property.signers,
            created: property.created,
            valid_from: property.valid_from,
            valid_until: property.valid_until,
            picture,
            extensions,
            maker_certificate: maker.certificate,
            signature_algorithm: maker.signature_algorithm,
            signature: maker.signature,
            deviations,
            token: maker.token,
            signed: maker.signed,
        })
    }

    /// The message that the maker's signature is over, from the received bytes.
    ///
    /// v1 signs SEQUENCE { sealInfo, cert, algorithm } (GM/T 0031-2014), v4 and v5 sign sealInfo alone.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        match self.signed {
            Signed::Info(info) => info.to_vec(),
            Signed::InfoAndNames(parts) => write::sequence(&parts),
        }
    }

    /// The time-stamp over the maker's signature, if there is one (v5).
    #[must_use]
    pub fn time_stamp(&self) -> Option<TimeStamp<'a>> {
        self.token.map(|token| TimeStamp { token, over: self.signature })
    }
}

/// What the maker put beside SES_SealInfo.
struct Maker<'a> {
    certificate: &'a [u8],
    signature_algorithm: &'a [u8],
    signature: &'a [u8],
    token: Option<&'a [u8]>,
    signed: Signed<'a>,
}

/// SES_ESPropertyInfo, without its type: v1 and v4 give that other meanings, and makers others again.
struct Property<'a> {
    name: String,
    signers: Signers<'a>,
    created: Instant,
    valid_from: Instant,
    valid_until: Instant,
}

fn property<'a>(
    value: Tlv<'a>,
    version: Version,
    notes: &mut Vec<Deviation>,
) -> Result<Property<'a>, SesError> {
    let mut parts = value.open()?;
    parts.integer()?;
    let name = fields::text(parts.any()?, tag::UTF8_STRING, "name", notes)?;
    let (digests, clock) = match version {
        Version::V1 => (false, tag::UTC_TIME),
        Version::V4 | Version::V5 => match fields::number(&mut parts, "certListType")? {
            1 => (false, tag::GENERALIZED_TIME),
            2 => (true, tag::GENERALIZED_TIME),
            _ => return Err(SesError::Number { field: "certListType" }),
        },
    };
    let list = parts.expect(tag::SEQUENCE)?;
    let signers = if digests {
        Signers::Digests(entries(list, |entries| digest(entries, notes))?)
    } else {
        Signers::Certificates(entries(list, |entries| Ok(entries.expect(tag::OCTET_STRING)?.content))?)
    };
    let created = times::time(parts.any()?, clock, "createDate", notes)?;
    let valid_from = times::time(parts.any()?, clock, "validStart", notes)?;
    let valid_until = times::time(parts.any()?, clock, "validEnd", notes)?;
    parts.finish()?;
    Ok(Property { name, signers, created, valid_from, valid_until })
}

fn entries<'a, T>(
    list: Tlv<'a>,
    mut one: impl FnMut(&mut Reader<'a>) -> Result<T, SesError>,
) -> Result<Vec<T>, SesError> {
    let mut reader = list.open()?;
    let mut found = Vec::new();
    while !reader.is_empty() {
        if found.len() >= MOST_SIGNERS {
            return Err(SesError::Flood { field: "certList" });
        }
        found.push(one(&mut reader)?);
    }
    Ok(found)
}

fn digest<'a>(
    entries: &mut Reader<'a>,
    notes: &mut Vec<Deviation>,
) -> Result<CertificateDigest<'a>, SesError> {
    let mut parts = entries.expect(tag::SEQUENCE)?.open()?;
    let kind = fields::text(parts.any()?, tag::PRINTABLE_STRING, "type", notes)?;
    let value = parts.expect(tag::OCTET_STRING)?.content;
    parts.finish()?;
    Ok(CertificateDigest { kind, value })
}

fn picture<'a>(value: Tlv<'a>, notes: &mut Vec<Deviation>) -> Result<Picture<'a>, SesError> {
    let mut parts = value.open()?;
    let kind = fields::text(parts.any()?, tag::IA5_STRING, "type", notes)?;
    let data = parts.expect(tag::OCTET_STRING)?.content;
    if data.len() > LARGEST_PICTURE {
        return Err(SesError::Flood { field: "picture" });
    }
    let width_mm = fields::number(&mut parts, "width")?;
    let height_mm = fields::number(&mut parts, "height")?;
    parts.finish()?;
    Ok(Picture { kind, data, width_mm, height_mm })
}
