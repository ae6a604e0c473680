//! Reads a SignedData (RFC 5652 §5), keeping raw slices. What RFC 5652 forbids is an error; what it allows and our
//! own profile does not write is a [`Deviation`].

use super::attributes::{Attribute, Attributes, attributes, unsigned};
use crate::asn1::{DerError, Reader, Tlv, ber, oid, tag};

/// Certificates in one signature; real ones carry fewer than 8, time-stamps with archives some 20.
const MOST_CERTIFICATES: usize = 64;
/// Revocation lists and answers in one signature.
const MOST_LISTS: usize = 64;

/// Why bytes are not a SignedData that can be judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CmsError {
    /// Not DER at this place.
    #[error("not DER: {0}")]
    Der(#[from] DerError),
    /// A ContentInfo of another type.
    #[error("not a SignedData")]
    NotSignedData,
    /// A version that no form demands (RFC 5652 §5.1, §5.3).
    #[error("unexpected version")]
    Version,
    /// The content is no OCTET STRING.
    #[error("the content is no string of octets")]
    Content,
    /// No signer, or more than one.
    #[error("{0} signers where one belongs")]
    Signers(usize),
    /// An attribute twice, with no or several values, or too many attributes.
    #[error("malformed attributes")]
    Attributes,
    /// digestAlgorithms does not name the signer's digest, or has odd parameters.
    #[error("digest algorithms differ")]
    DigestAlgorithm,
    /// Too many certificates or lists.
    #[error("too many certificates or lists")]
    Flood,
    /// An element that RFC 5652 does not know.
    #[error("unexpected element")]
    Unexpected,
}

/// What is allowed, and not as our own profile writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deviation {
    /// The signer is named by key identifier.
    KeyIdentifier,
    /// Certificates of other kinds than X.509, as attribute certificates.
    OtherCertificates,
    /// Revocation lists or answers inside.
    Lists,
    /// More digest algorithms than the signer's.
    DigestAlgorithms,
    /// A version that is not the one that the rest demands.
    Version,
    /// The signed attributes are not in DER order.
    AttributeOrder,
    /// No signed attributes: the signature is over the content itself.
    NoSignedAttributes,
    /// Content types of GB/T 35275 instead of RFC 5652's; the structure is the same.
    Gbt35275,
}

impl Deviation {
    /// Name of the rule, in RFC 5652 words.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::KeyIdentifier => "subjectKeyIdentifier",
            Self::OtherCertificates => "certificates",
            Self::Lists => "crls",
            Self::DigestAlgorithms => "digestAlgorithms",
            Self::Version => "version",
            Self::AttributeOrder => "signedAttrs",
            Self::NoSignedAttributes => "no signedAttrs",
            Self::Gbt35275 => "GB/T 35275",
        }
    }
}

/// How a SignerInfo names its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignerName<'a> {
    /// By issuer and serial number.
    Issued {
        /// Issuer name, DER.
        issuer: &'a [u8],
        /// Content of the serial number.
        serial: &'a [u8],
    },
    /// By SubjectKeyIdentifier.
    KeyIdentifier(&'a [u8]),
}

/// ESSCertID or ESSCertIDv2: which certificate the signer meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EssCertificate<'a> {
    /// OID content of the hash; `None` is the default: SHA-256, or SHA-1 in the first version.
    pub digest: Option<&'a [u8]>,
    /// True for RFC 2634's first version.
    pub first_version: bool,
    /// The hash of the certificate.
    pub hash: &'a [u8],
    /// Content of the serial number, if an issuerSerial stands beside it: it must then match.
    pub serial: Option<&'a [u8]>,
}

/// One signature as read. All slices are the received bytes.
#[derive(Clone, Debug)]
pub struct SignedData<'a> {
    /// Length of the DER in the input; what follows is padding.
    pub length: usize,
    /// Certificates, DER.
    pub certificates: Vec<&'a [u8]>,
    /// Revocation lists, DER.
    pub crls: Vec<&'a [u8]>,
    /// OCSP responses, DER (RFC 5940).
    pub ocsps: Vec<&'a [u8]>,
    /// OID content of eContentType.
    pub content_type: &'a [u8],
    /// The content, if it stands inside.
    pub content: Option<&'a [u8]>,
    /// Whose signature it is.
    pub signer: SignerName<'a>,
    /// OID content of the digest.
    pub digest: &'a [u8],
    /// Signature AlgorithmIdentifier, DER.
    pub signature_algorithm: &'a [u8],
    /// Signature value.
    pub signature: &'a [u8],
    /// Attributes that are not signed.
    pub unsigned: Vec<Attribute<'a>>,
    /// What our own profile does not write.
    pub deviations: Vec<Deviation>,
    signed: Option<Attributes<'a>>,
}

/// A SignedData in BER as DER. `None` when it reads as it stands, or is no BER either.
#[must_use]
pub fn rewritten(input: &[u8]) -> Option<Vec<u8>> {
    if SignedData::read(input).is_ok() {
        return None;
    }
    // BER may begin deeper than at the first length.
    ber::to_der(input).map(|(der, _)| der).filter(|der| der != input)
}

impl<'a> SignedData<'a> {
    /// Reads a ContentInfo at the start of `input`; what follows it is the caller's.
    ///
    /// # Errors
    /// [`CmsError`]: the first thing that RFC 5652 does not allow, or that cannot be judged.
    pub fn read(input: &'a [u8]) -> Result<Self, CmsError> {
        let mut top = Reader::new(input);
        let whole = top.expect(tag::SEQUENCE)?;
        let mut info = whole.open()?;
        let national = match info.oid()? {
            name if name == oid::SIGNED_DATA => false,
            name if name == oid::GBT_SIGNED_DATA => true,
            _ => return Err(CmsError::NotSignedData),
        };
        let mut wrapped = info.expect(tag::CONTEXT_0)?.open()?;
        info.finish()?;
        let mut data = wrapped.expect(tag::SEQUENCE)?.open()?;
        wrapped.finish()?;
        let version = data.small_integer()?;
        let declared = digest_algorithms(data.expect(tag::SET)?)?;
        let mut encapsulated = data.expect(tag::SEQUENCE)?.open()?;
        let content_type = encapsulated.oid()?;
        let content = encapsulated.optional(tag::CONTEXT_0)?.map(octets).transpose()?;
        encapsulated.finish().map_err(|_| CmsError::Content)?;
        let certificates = data.optional(tag::CONTEXT_0)?;
        let lists = data.optional(tag::CONTEXT_1)?;
        let signers = data.expect(tag::SET).map_err(|_| CmsError::Unexpected)?;
        data.finish()?;
        let count = count(signers)?;
        if count != 1 {
            return Err(CmsError::Signers(count));
        }
        let mut read = Self::signer(signers.open()?.expect(tag::SEQUENCE)?.open()?)?;
        (read.content_type, read.content, read.length) = (content_type, content, whole.raw.len());
        match declared.as_slice() {
            [one] if *one == read.digest => {}
            several if several.contains(&read.digest) => read.deviations.push(Deviation::DigestAlgorithms),
            _ => return Err(CmsError::DigestAlgorithm),
        }
        if national || content_type == oid::GBT_DATA {
            read.note(Deviation::Gbt35275);
        }
        if let Some(set) = certificates {
            read.read_certificates(set)?;
        }
        if let Some(set) = lists {
            read.read_lists(set)?;
        }
        read.weigh_version(version)?;
        Ok(read)
    }

    fn signer(mut info: Reader<'a>) -> Result<Self, CmsError> {
        let version = info.small_integer()?;
        let mut deviations = Vec::new();
        let signer = match info.optional(0x80)? {
            Some(identifier) => {
                deviations.push(Deviation::KeyIdentifier);
                SignerName::KeyIdentifier(identifier.content)
            }
            None => {
                let mut name = info.expect(tag::SEQUENCE)?.open()?;
                let issuer = name.expect(tag::SEQUENCE)?.raw;
                let serial = name.expect(tag::INTEGER)?.content;
                name.finish()?;
                SignerName::Issued { issuer, serial }
            }
        };
        match (version, signer) {
            (1, SignerName::Issued { .. }) | (3, SignerName::KeyIdentifier(_)) => {}
            (1 | 3, _) => deviations.push(Deviation::Version),
            _ => return Err(CmsError::Version),
        }
        let digest = digest_algorithm(info.expect(tag::SEQUENCE)?)?;
        let signed = info.optional(tag::CONTEXT_0)?.map(attributes).transpose()?;
        match &signed {
            None => deviations.push(Deviation::NoSignedAttributes),
            Some(signed) if !signed.in_order => deviations.push(Deviation::AttributeOrder),
            Some(_) => {}
        }
        let signature_algorithm = info.expect(tag::SEQUENCE)?.raw;
        let signature = info.expect(tag::OCTET_STRING)?.content;
        let unsigned = info.optional(tag::CONTEXT_1)?.map(unsigned).transpose()?.unwrap_or_default();
        info.finish()?;
        Ok(Self {
            length: 0,
            certificates: Vec::new(),
            crls: Vec::new(),
            ocsps: Vec::new(),
            content_type: &[],
            content: None,
            signer,
            digest,
            signature_algorithm,
            signature,
            unsigned,
            deviations,
            signed,
        })
    }

    /// CertificateChoices (§10.2.2): certificates, and others that are only noted.
    fn read_certificates(&mut self, set: Tlv<'a>) -> Result<(), CmsError> {
        let mut reader = set.open()?;
        while !reader.is_empty() {
            let choice = reader.any()?;
            match choice.tag {
                tag::SEQUENCE if self.certificates.len() < MOST_CERTIFICATES => {
                    self.certificates.push(choice.raw);
                }
                tag::SEQUENCE => return Err(CmsError::Flood),
                tag::CONTEXT_0..=0xa3 => self.note(Deviation::OtherCertificates),
                _ => return Err(CmsError::Unexpected),
            }
        }
        Ok(())
    }

    /// RevocationInfoChoices (§10.2.1): lists, and OCSP responses (RFC 5940).
    fn read_lists(&mut self, set: Tlv<'a>) -> Result<(), CmsError> {
        self.note(Deviation::Lists);
        let mut reader = set.open()?;
        while !reader.is_empty() {
            if self.crls.len().saturating_add(self.ocsps.len()) >= MOST_LISTS {
                return Err(CmsError::Flood);
            }
            let choice = reader.any()?;
            match choice.tag {
                tag::SEQUENCE => self.crls.push(choice.raw),
                tag::CONTEXT_1 => {
                    let mut other = choice.open()?;
                    let form = other.oid()?;
                    let value = other.any()?;
                    if form == oid::OCSP_IN_CMS {
                        self.ocsps.push(value.raw);
                    }
                }
                _ => return Err(CmsError::Unexpected),
            }
        }
        Ok(())
    }

    fn note(&mut self, deviation: Deviation) {
        if !self.deviations.contains(&deviation) {
            self.deviations.push(deviation);
        }
    }

    /// §5.1: 1 for the plain form, 3 for key identifiers or other content, 4 and 5 for other certificates and lists.
    fn weigh_version(&mut self, version: u8) -> Result<(), CmsError> {
        let plain = self.has_plain_content() && matches!(self.signer, SignerName::Issued { .. });
        let others = self
            .deviations
            .iter()
            .any(|deviation| matches!(deviation, Deviation::OtherCertificates | Deviation::Lists));
        match version {
            1 => {}
            3..=5 if others || !plain => {}
            3..=5 => self.note(Deviation::Version),
            _ => return Err(CmsError::Version),
        }
        Ok(())
    }

    /// True when the content is plain data, by the name of RFC 5652 or of GB/T 35275.
    #[must_use]
    pub fn has_plain_content(&self) -> bool {
        self.content_type == oid::DATA || self.content_type == oid::GBT_DATA
    }

    /// The message the signature is over: the received attributes under the SET OF tag (RFC 5652 §5.4). `None` without
    /// signed attributes: then it is over the content.
    #[must_use]
    pub fn message(&self) -> Option<Vec<u8>> {
        self.signed.as_ref().map(Attributes::message)
    }

    /// The same in the order that DER demands, where the received order is another.
    #[must_use]
    pub fn message_in_order(&self) -> Option<Vec<u8>> {
        self.signed.as_ref().filter(|signed| !signed.in_order).map(Attributes::message_in_order)
    }

    /// True when the content-type attribute names the type of the content.
    #[must_use]
    pub fn content_type_fits(&self) -> bool {
        self.value(oid::CONTENT_TYPE).is_some_and(|v| v.tag == tag::OID && v.content == self.content_type)
    }

    /// The message-digest attribute.
    #[must_use]
    pub fn message_digest(&self) -> Option<&'a [u8]> {
        self.value(oid::MESSAGE_DIGEST).filter(|v| v.tag == tag::OCTET_STRING).map(|v| v.content)
    }

    /// True when a signing-time attribute is present, which PAdES baseline forbids.
    #[must_use]
    pub fn has_signing_time(&self) -> bool {
        self.value(oid::SIGNING_TIME).is_some()
    }

    /// The first certificate that the signing-certificate attribute names, of the second version if both are there.
    #[must_use]
    pub fn signing_certificate(&self) -> Option<EssCertificate<'a>> {
        let (value, first_version) = match self.value(oid::SIGNING_CERTIFICATE_V2) {
            Some(value) => (value, false),
            None => (self.value(oid::SIGNING_CERTIFICATE)?, true),
        };
        let mut list = value.open().ok()?.expect(tag::SEQUENCE).ok()?.open().ok()?;
        let mut entry = list.expect(tag::SEQUENCE).ok()?.open().ok()?;
        let digest = match entry.optional(tag::SEQUENCE).ok()? {
            Some(algorithm) if !first_version => Some(digest_algorithm(algorithm).ok()?),
            Some(_) => return None,
            None => None,
        };
        let hash = entry.expect(tag::OCTET_STRING).ok()?.content;
        let serial = match entry.optional(tag::SEQUENCE).ok()? {
            Some(issuer_serial) => {
                let mut parts = issuer_serial.open().ok()?;
                parts.expect(tag::SEQUENCE).ok()?;
                Some(parts.expect(tag::INTEGER).ok()?.content)
            }
            None => None,
        };
        entry.finish().ok()?;
        Some(EssCertificate { digest, first_version, hash, serial })
    }

    /// The value of a signed attribute.
    #[must_use]
    pub fn value(&self, name: &[u8]) -> Option<Tlv<'a>> {
        self.signed.as_ref()?.find(name)
    }

    /// True when it has signed attributes.
    #[must_use]
    pub fn has_signed_attributes(&self) -> bool {
        self.signed.is_some()
    }

    /// Values of the unsigned attributes of this name.
    pub fn unsigned_values(&self, name: &[u8]) -> impl Iterator<Item = Tlv<'a>> {
        self.unsigned.iter().filter(move |attribute| attribute.name == name).map(|attribute| attribute.value)
    }
}

/// An OCTET STRING under an explicit tag.
fn octets(explicit: Tlv<'_>) -> Result<&[u8], CmsError> {
    let mut inner = explicit.open()?;
    let value = inner.expect(tag::OCTET_STRING)?;
    inner.finish()?;
    Ok(value.content)
}

fn digest_algorithms(set: Tlv<'_>) -> Result<Vec<&[u8]>, CmsError> {
    let mut reader = set.open()?;
    let mut found = Vec::new();
    while !reader.is_empty() && found.len() < 8 {
        found.push(digest_algorithm(reader.expect(tag::SEQUENCE)?)?);
    }
    reader.finish().map_err(|_| CmsError::DigestAlgorithm)?;
    Ok(found)
}

/// OID content of an AlgorithmIdentifier whose parameters are absent or NULL.
pub(super) fn digest_algorithm(value: Tlv<'_>) -> Result<&[u8], CmsError> {
    let mut parts = value.open()?;
    let name = parts.oid()?;
    if let Some(null) = parts.optional(tag::NULL)?
        && !null.content.is_empty()
    {
        return Err(CmsError::DigestAlgorithm);
    }
    // RFC 8702 writes no length beside plain SHAKE256; met all the same.
    if name == oid::SHAKE256 || name == oid::SHAKE256_LENGTH {
        parts.optional(tag::INTEGER)?;
    }
    parts.finish().map_err(|_| CmsError::DigestAlgorithm)?;
    Ok(name)
}

fn count(set: Tlv<'_>) -> Result<usize, CmsError> {
    let mut reader = set.open()?;
    let mut count = 0_usize;
    while !reader.is_empty() {
        reader.expect(tag::SEQUENCE)?;
        count = count.saturating_add(1);
    }
    Ok(count)
}
