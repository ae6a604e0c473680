//! Reads a SignedData strictly, keeping raw slices.

use crate::asn1::{DerError, Reader, Tlv, oid, tag};

/// Certificates in one signature; real ones carry fewer than 8.
const MOST_CERTIFICATES: usize = 32;
/// Signed attributes; CAdES defines about 20.
const MOST_ATTRIBUTES: usize = 32;

/// Why bytes are not a SignedData of the form we judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CmsError {
    /// Not DER at this place.
    #[error("not DER: {0}")]
    Der(#[from] DerError),
    /// A ContentInfo of another type.
    #[error("not a SignedData")]
    NotSignedData,
    /// A version other than the one its form demands (RFC 5652 §5.1, §5.3).
    #[error("unexpected version")]
    Version,
    /// Content inside a detached signature, or a content type other than id-data.
    #[error("content inside, or not id-data")]
    Content,
    /// No signer, or more than one.
    #[error("{0} signers where one belongs")]
    Signers(usize),
    /// The signer is named by key identifier, which our profile does not use.
    #[error("signer named by key identifier")]
    KeyIdentifier,
    /// No signed attributes.
    #[error("no signed attributes")]
    NoSignedAttributes,
    /// An attribute twice, with no or several values, or too many attributes.
    #[error("malformed signed attributes")]
    Attributes,
    /// digestAlgorithms is not exactly the signer's digest, or has odd parameters.
    #[error("digest algorithms differ")]
    DigestAlgorithm,
    /// Too many certificates.
    #[error("too many certificates")]
    Certificates,
    /// An element no profile of ours has, as crls or attribute certificates.
    #[error("unexpected element")]
    Unexpected,
}

/// A signed attribute: type and single value.
#[derive(Clone, Copy, Debug)]
struct Attribute<'a> {
    name: &'a [u8],
    value: Tlv<'a>,
}

/// ESSCertIDv2: which certificate the signer meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EssCertificate<'a> {
    /// OID content of the hash; `None` is SHA-256 by default.
    pub digest: Option<&'a [u8]>,
    /// The hash of the certificate.
    pub hash: &'a [u8],
    /// True when an issuerSerial stands beside it, which must then match.
    pub issuer_serial: Option<&'a [u8]>,
}

/// One signature as read. All slices are the received bytes.
#[derive(Clone, Debug)]
pub struct SignedData<'a> {
    /// Length of the DER in the input; what follows is padding.
    pub length: usize,
    /// Certificates, DER.
    pub certificates: Vec<&'a [u8]>,
    /// Issuer name of the signer's certificate, DER.
    pub issuer: &'a [u8],
    /// Content of its serial number.
    pub serial: &'a [u8],
    /// OID content of the digest.
    pub digest: &'a [u8],
    /// Signature AlgorithmIdentifier, DER.
    pub signature_algorithm: &'a [u8],
    /// Signature value.
    pub signature: &'a [u8],
    /// True when unsigned attributes stand behind the signature.
    pub unsigned_attributes: bool,
    signed_attributes: &'a [u8],
    attributes: Vec<Attribute<'a>>,
}

impl<'a> SignedData<'a> {
    /// Reads a ContentInfo at the start of `input`; what follows it is the caller's.
    ///
    /// # Errors
    /// [`CmsError`]: the first deviation from the form above.
    pub fn read(input: &'a [u8]) -> Result<Self, CmsError> {
        let mut top = Reader::new(input);
        let whole = top.expect(tag::SEQUENCE)?;
        let mut info = whole.open()?;
        if info.oid()? != oid::SIGNED_DATA {
            return Err(CmsError::NotSignedData);
        }
        let mut wrapped = info.expect(tag::CONTEXT_0)?.open()?;
        info.finish()?;
        let mut data = wrapped.expect(tag::SEQUENCE)?.open()?;
        wrapped.finish()?;
        if data.small_integer()? != 1 {
            return Err(CmsError::Version);
        }
        let mut digests = data.expect(tag::SET)?.open()?;
        let declared = digest_algorithm(digests.expect(tag::SEQUENCE)?)?;
        digests.finish().map_err(|_| CmsError::DigestAlgorithm)?;
        let mut content = data.expect(tag::SEQUENCE)?.open()?;
        if content.oid()? != oid::DATA || !content.is_empty() {
            return Err(CmsError::Content);
        }
        let certificates = match data.optional(tag::CONTEXT_0)? {
            Some(set) => certificates(set)?,
            None => Vec::new(),
        };
        let signers = data.expect(tag::SET).map_err(|_| CmsError::Unexpected)?;
        data.finish()?;
        let count = count(signers)?;
        if count != 1 {
            return Err(CmsError::Signers(count));
        }
        let mut read = Self::signer(signers.open()?.expect(tag::SEQUENCE)?.open()?)?;
        if read.digest != declared {
            return Err(CmsError::DigestAlgorithm);
        }
        read.certificates = certificates;
        read.length = whole.raw.len();
        Ok(read)
    }

    fn signer(mut info: Reader<'a>) -> Result<Self, CmsError> {
        let version = info.small_integer()?;
        if info.peek() == Some(0x80) {
            return Err(CmsError::KeyIdentifier);
        }
        if version != 1 {
            return Err(CmsError::Version);
        }
        let mut name = info.expect(tag::SEQUENCE)?.open()?;
        let issuer = name.expect(tag::SEQUENCE)?.raw;
        let serial = name.integer()?.content;
        name.finish()?;
        let digest = digest_algorithm(info.expect(tag::SEQUENCE)?)?;
        let signed = info.optional(tag::CONTEXT_0)?.ok_or(CmsError::NoSignedAttributes)?;
        let signature_algorithm = info.expect(tag::SEQUENCE)?.raw;
        let signature = info.expect(tag::OCTET_STRING)?.content;
        let unsigned_attributes = info.optional(tag::CONTEXT_1)?.is_some();
        info.finish()?;
        Ok(Self {
            length: 0,
            certificates: Vec::new(),
            issuer,
            serial,
            digest,
            signature_algorithm,
            signature,
            unsigned_attributes,
            signed_attributes: signed.raw,
            attributes: attributes(signed)?,
        })
    }

    /// The message the signature is over: the received attributes under the SET OF tag (RFC 5652 §5.4).
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        let mut message = self.signed_attributes.to_vec();
        if let Some(first) = message.first_mut() {
            *first = tag::SET;
        }
        message
    }

    /// True when the content-type attribute says id-data.
    #[must_use]
    pub fn content_type_is_data(&self) -> bool {
        self.value(oid::CONTENT_TYPE).is_some_and(|v| v.tag == tag::OID && v.content == oid::DATA)
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

    /// The first ESSCertIDv2 of the signing-certificate-v2 attribute.
    #[must_use]
    pub fn signing_certificate(&self) -> Option<EssCertificate<'a>> {
        let value = self.value(oid::SIGNING_CERTIFICATE_V2)?;
        let mut list = value.open().ok()?.expect(tag::SEQUENCE).ok()?.open().ok()?;
        let mut entry = list.expect(tag::SEQUENCE).ok()?.open().ok()?;
        let digest = match entry.optional(tag::SEQUENCE).ok()? {
            Some(algorithm) => Some(digest_algorithm(algorithm).ok()?),
            None => None,
        };
        let hash = entry.expect(tag::OCTET_STRING).ok()?.content;
        let issuer_serial = entry.optional(tag::SEQUENCE).ok()?.map(|t| t.raw);
        entry.finish().ok()?;
        Some(EssCertificate { digest, hash, issuer_serial })
    }

    fn value(&self, name: &[u8]) -> Option<Tlv<'a>> {
        self.attributes.iter().find(|a| a.name == name).map(|a| a.value)
    }
}

/// OID content of an AlgorithmIdentifier whose parameters are absent or NULL.
fn digest_algorithm(value: Tlv<'_>) -> Result<&[u8], CmsError> {
    let mut parts = value.open()?;
    let name = parts.oid()?;
    if let Some(null) = parts.optional(tag::NULL)?
        && !null.content.is_empty()
    {
        return Err(CmsError::DigestAlgorithm);
    }
    parts.finish().map_err(|_| CmsError::DigestAlgorithm)?;
    Ok(name)
}

fn certificates(set: Tlv<'_>) -> Result<Vec<&[u8]>, CmsError> {
    let mut reader = set.open()?;
    let mut found = Vec::new();
    while !reader.is_empty() {
        if found.len() >= MOST_CERTIFICATES {
            return Err(CmsError::Certificates);
        }
        found.push(reader.expect(tag::SEQUENCE).map_err(|_| CmsError::Unexpected)?.raw);
    }
    Ok(found)
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

fn attributes(set: Tlv<'_>) -> Result<Vec<Attribute<'_>>, CmsError> {
    let mut reader = set.open()?;
    let mut found: Vec<Attribute<'_>> = Vec::new();
    while !reader.is_empty() {
        let mut parts = reader.expect(tag::SEQUENCE)?.open()?;
        let name = parts.oid()?;
        let mut values = parts.expect(tag::SET)?.open()?;
        parts.finish()?;
        let value = values.any()?;
        let twice = found.iter().any(|a| a.name == name);
        if twice || !values.is_empty() || found.len() >= MOST_ATTRIBUTES {
            return Err(CmsError::Attributes);
        }
        found.push(Attribute { name, value });
    }
    Ok(found)
}
