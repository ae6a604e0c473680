//! Builds a detached SignedData with the attributes of PAdES B-B: content-type, message-digest,
//! signing-certificate-v2, and deliberately no signing-time (the time stands in `/M`).

use crate::asn1::{oid, tag, write};
use crate::crypto::{Digest, SHA256, Signer};

/// How a SignerInfo names its certificate: issuer (DER) and content of the serial INTEGER.
#[derive(Clone, Copy, Debug)]
pub struct IssuerAndSerial<'a> {
    /// DER of the issuer name.
    pub issuer: &'a [u8],
    /// Content octets of the serial number.
    pub serial: &'a [u8],
}

/// By which standard a SignedData names its parts; the structure is the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shape {
    /// RFC 5652.
    #[default]
    Rfc5652,
    /// GB/T 35275: content types of its own, and the algorithm of SM2 signatures without the digest.
    Gbt35275,
}

impl Shape {
    fn data(self) -> &'static [u8] {
        match self {
            Self::Rfc5652 => oid::DATA,
            Self::Gbt35275 => oid::GBT_DATA,
        }
    }

    fn signed_data(self) -> &'static [u8] {
        match self {
            Self::Rfc5652 => oid::SIGNED_DATA,
            Self::Gbt35275 => oid::GBT_SIGNED_DATA,
        }
    }

    /// AlgorithmIdentifier of the signature.
    fn algorithm(self, signer: &dyn Signer) -> Vec<u8> {
        match self {
            Self::Rfc5652 => signer.suite().identifier.to_vec(),
            Self::Gbt35275 => write::sequence(&[&write::oid(oid::SM2_SIGN)]),
        }
    }
}

/// DER of the signed attributes as SET OF: the message that the key signs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedAttributes(Vec<u8>);

impl SignedAttributes {
    /// For a document digest and the signer's certificate.
    #[must_use]
    pub fn new(document_digest: &[u8], digest: &'static Digest, certificate: &[u8]) -> Self {
        Self::with(document_digest, digest, certificate, Shape::Rfc5652, None)
    }

    /// The same with one attribute more: its name (OID content) and its value, DER.
    #[must_use]
    pub fn with(
        document_digest: &[u8],
        digest: &'static Digest,
        certificate: &[u8],
        shape: Shape,
        further: Option<(&[u8], Vec<u8>)>,
    ) -> Self {
        let attribute = |name: &[u8], content: Vec<u8>| {
            write::sequence(&[&write::oid(name), &write::set_of(tag::SET, vec![content])])
        };
        let certificate_hash = write::octet_string(&digest.of(&[certificate]));
        // RFC 5035: hashAlgorithm is omitted for its default, SHA-256.
        let entry = if digest.oid == SHA256.oid {
            write::sequence(&[&certificate_hash])
        } else {
            write::sequence(&[&write::sequence(&[&write::oid(digest.oid)]), &certificate_hash])
        };
        let mut attributes = vec![
            attribute(oid::CONTENT_TYPE, write::oid(shape.data())),
            attribute(oid::MESSAGE_DIGEST, write::octet_string(document_digest)),
            attribute(oid::SIGNING_CERTIFICATE_V2, write::sequence(&[&write::sequence(&[&entry])])),
        ];
        attributes.extend(further.map(|(name, content)| attribute(name, content)));
        Self(write::set_of(tag::SET, attributes))
    }

    /// What the key signs.
    #[must_use]
    pub fn message(&self) -> &[u8] {
        &self.0
    }
}

/// The whole ContentInfo from attributes and the signature over them; `further` are certificates, DER, that whoever
/// verifies will need beside those of the signer.
#[must_use]
pub fn assemble(
    signer: &dyn Signer,
    name: &IssuerAndSerial<'_>,
    attributes: &SignedAttributes,
    signature: &[u8],
    shape: Shape,
    further: &[Vec<u8>],
) -> Vec<u8> {
    let suite = signer.suite();
    let digest = write::sequence(&[&write::oid(suite.digest.oid)]);
    let identifier = write::sequence(&[name.issuer, &write::value(tag::INTEGER, name.serial)]);
    let mut implicit = attributes.0.clone();
    if let Some(first) = implicit.first_mut() {
        *first = tag::CONTEXT_0;
    }
    let signer_info = write::sequence(&[
        &write::small_integer(1),
        &identifier,
        &digest,
        &implicit,
        &shape.algorithm(signer),
        &write::octet_string(signature),
    ]);
    let mut certificates = vec![signer.certificate().to_vec()];
    certificates.extend(signer.chain().iter().chain(further).cloned());
    let signed_data = write::sequence(&[
        &write::small_integer(1),
        &write::set_of(tag::SET, vec![digest.clone()]),
        &write::sequence(&[&write::oid(shape.data())]),
        &write::set_of(tag::CONTEXT_0, certificates),
        &write::set_of(tag::SET, vec![signer_info]),
    ]);
    write::sequence(&[&write::oid(shape.signed_data()), &write::value(tag::CONTEXT_0, &signed_data)])
}
