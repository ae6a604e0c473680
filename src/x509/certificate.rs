//! The facts of one certificate, read once.

use super::checker::{Checker, NotSigned, SignedPart};
use super::{addresses, names};
use crate::asn1::{Reader, oid, tag};
use crate::crypto::{self, KeyKind, PublicKey};
use crate::domain::Instant;
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::{FromDer, X509Certificate};

/// Certificate policy of every demonstration certificate, under ITU-T's arc for examples (X.660).
/// Whoever carries it anywhere in its path is refused outside demo mode.
pub const DEMONSTRATION_POLICY: &str = "2.999.990000.1";

/// Largest certificate read, in bytes. OpenSSL's and Mozilla's real ones stay below 16 KiB.
const LARGEST: usize = 64 << 10;

/// Why bytes are not a certificate we can weigh.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Not DER of a certificate, or larger than 64 KiB.
    #[error("not an X.509 certificate")]
    Form,
    /// A subjectPublicKeyInfo that is none.
    #[error("malformed public key")]
    Key,
}

/// One certificate: its bytes and what they say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    fingerprint: [u8; 32],
    tbs: std::ops::Range<usize>,
    signature_algorithm: Vec<u8>,
    signature: Vec<u8>,
    issuer: Vec<u8>,
    subject: Vec<u8>,
    serial: Vec<u8>,
    names: Names,
    not_before: Instant,
    not_after: Instant,
    key: PublicKey,
    ca: Option<Option<u32>>,
    usage: Option<u16>,
    purposes: Purposes,
    key_identifier: Option<Vec<u8>>,
    policies: Vec<String>,
    constrained_names: Vec<names::Name>,
    constraints: Option<names::Constraints>,
    unknown_critical: Option<String>,
    crl_addresses: Vec<String>,
    ocsp_addresses: Vec<String>,
}

/// What ExtendedKeyUsage leaves it good for (RFC 5280 §4.2.1.12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Purposes {
    documents: bool,
    timestamps: bool,
    ocsp: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Names {
    subject: String,
    organisation: Option<String>,
    issuer: String,
}

impl Certificate {
    /// Reads DER; nothing may follow it.
    ///
    /// # Errors
    /// Not a certificate, too large, no key.
    pub fn from_der(der: &[u8]) -> Result<Self, CertificateError> {
        if der.len() > LARGEST {
            return Err(CertificateError::Form);
        }
        let (rest, parsed) = X509Certificate::from_der(der).map_err(|_| CertificateError::Form)?;
        let outer = outer(der).ok_or(CertificateError::Form)?;
        if !rest.is_empty() {
            return Err(CertificateError::Form);
        }
        let instant = |t: &x509_parser::time::ASN1Time| {
            Instant::from_seconds(t.timestamp()).ok_or(CertificateError::Form)
        };
        let mut certificate = Self {
            der: der.to_vec(),
            fingerprint: crypto::sha256(&[der]),
            tbs: outer.tbs,
            signature_algorithm: outer.algorithm.to_vec(),
            signature: outer.signature.to_vec(),
            issuer: parsed.issuer().as_raw().to_vec(),
            subject: parsed.subject().as_raw().to_vec(),
            serial: parsed.raw_serial().to_vec(),
            names: display_names(&parsed),
            not_before: instant(&parsed.validity().not_before)?,
            not_after: instant(&parsed.validity().not_after)?,
            key: public_key(parsed.public_key().raw).ok_or(CertificateError::Key)?,
            ca: None,
            usage: None,
            purposes: Purposes { documents: true, timestamps: false, ocsp: false },
            key_identifier: None,
            policies: Vec::new(),
            constrained_names: names::of(parsed.subject(), alternative(&parsed)),
            constraints: None,
            unknown_critical: None,
            crl_addresses: Vec::new(),
            ocsp_addresses: Vec::new(),
        };
        certificate.read_extensions(&parsed);
        Ok(certificate)
    }

    fn read_extensions(&mut self, parsed: &X509Certificate<'_>) {
        for extension in parsed.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::BasicConstraints(basic) => {
                    self.ca = basic.ca.then_some(basic.path_len_constraint);
                }
                ParsedExtension::KeyUsage(usage) => self.usage = Some(usage.flags),
                ParsedExtension::CertificatePolicies(policies) => {
                    self.policies = policies.iter().map(|p| oid::dotted(p.policy_id.as_bytes())).collect();
                }
                // A purpose of its own, as a server's, is none for documents; national ones are left to the anchor.
                ParsedExtension::ExtendedKeyUsage(purposes) => {
                    self.purposes = Purposes {
                        documents: purposes.any || purposes.email_protection || !purposes.other.is_empty(),
                        timestamps: purposes.time_stamping,
                        ocsp: purposes.ocsp_signing,
                    };
                }
                ParsedExtension::SubjectKeyIdentifier(identifier) => {
                    self.key_identifier = Some(identifier.0.to_vec());
                }
                ParsedExtension::NameConstraints(constraints) => {
                    self.constraints = Some(names::Constraints::of(constraints));
                }
                ParsedExtension::CRLDistributionPoints(points) => {
                    self.crl_addresses = addresses::of_lists(points);
                }
                ParsedExtension::AuthorityInfoAccess(access) => {
                    self.ocsp_addresses = addresses::of_responders(access);
                }
                ParsedExtension::AuthorityKeyIdentifier(_) | ParsedExtension::SubjectAlternativeName(_) => {}
                _ if extension.critical => self.unknown_critical = Some(extension.oid.to_id_string()),
                _ => {}
            }
        }
    }

    /// The received bytes.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }
    /// SHA-256 of the received bytes.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 32] {
        self.fingerprint
    }
    /// Issuer name, DER as received.
    #[must_use]
    pub fn issuer_raw(&self) -> &[u8] {
        &self.issuer
    }
    /// Subject name, DER as received.
    #[must_use]
    pub fn subject_raw(&self) -> &[u8] {
        &self.subject
    }
    /// Content of the serial number INTEGER.
    #[must_use]
    pub fn serial(&self) -> &[u8] {
        &self.serial
    }
    /// Common name of the subject, or the whole name.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.names.subject
    }
    /// Organisation of the subject.
    #[must_use]
    pub fn organisation(&self) -> Option<&str> {
        self.names.organisation.as_deref()
    }
    /// Common name of the issuer, or the whole name.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.names.issuer
    }
    /// First instant of validity.
    #[must_use]
    pub fn not_before(&self) -> Instant {
        self.not_before
    }
    /// Last instant of validity.
    #[must_use]
    pub fn not_after(&self) -> Instant {
        self.not_after
    }
    /// The public key.
    #[must_use]
    pub fn key(&self) -> &PublicKey {
        &self.key
    }
    /// For an authority: how many authorities may follow it, `None` for any number.
    #[must_use]
    pub fn authority(&self) -> Option<Option<u32>> {
        self.ca
    }
    /// True when it may sign documents: no KeyUsage, or digitalSignature or contentCommitment in it; and no
    /// ExtendedKeyUsage, or one that is not only for servers, clients, programs, time-stamps or OCSP.
    #[must_use]
    pub fn may_sign_documents(&self) -> bool {
        self.usage.is_none_or(|flags| flags & 0b11 != 0) && self.purposes.documents
    }
    /// True when it may issue time-stamps: timeStamping in its ExtendedKeyUsage (RFC 3161 §2.3).
    #[must_use]
    pub fn may_sign_timestamps(&self) -> bool {
        self.usage.is_none_or(|flags| flags & 0b11 != 0) && self.purposes.timestamps
    }
    /// True when its issuer made it for answering in its stead: OCSPSigning (RFC 6960 §4.2.2.2).
    #[must_use]
    pub fn may_sign_ocsp(&self) -> bool {
        self.purposes.ocsp
    }
    /// Its SubjectKeyIdentifier, if it has one.
    #[must_use]
    pub fn key_identifier(&self) -> Option<&[u8]> {
        self.key_identifier.as_deref()
    }
    /// True when it may sign certificates: no KeyUsage, or keyCertSign in it.
    #[must_use]
    pub fn may_sign_certificates(&self) -> bool {
        self.usage.is_none_or(|flags| flags & (1 << 5) != 0)
    }
    /// True when it may sign revocation lists: no KeyUsage, or cRLSign in it.
    #[must_use]
    pub fn may_sign_crls(&self) -> bool {
        self.usage.is_none_or(|flags| flags & (1 << 6) != 0)
    }
    /// True when this authority's name constraints, if it has any, let `below` stand under it (RFC 5280 §4.2.1.10).
    #[must_use]
    pub fn names_allow(&self, below: &Self) -> bool {
        self.constraints.as_ref().is_none_or(|constraints| constraints.allow(&below.constrained_names))
    }
    /// Where its issuer publishes revocation lists, as written (RFC 5280 §4.2.1.13): full lists of the issuer's own only.
    #[must_use]
    pub fn crl_addresses(&self) -> &[String] {
        &self.crl_addresses
    }
    /// Where its issuer answers about it, as written (OCSP in AuthorityInfoAccess, RFC 5280 §4.2.2.1).
    #[must_use]
    pub fn ocsp_addresses(&self) -> &[String] {
        &self.ocsp_addresses
    }
    /// A critical extension this program does not understand, dotted.
    #[must_use]
    pub fn unknown_critical(&self) -> Option<&str> {
        self.unknown_critical.as_deref()
    }
    /// True when it carries [`DEMONSTRATION_POLICY`].
    #[must_use]
    pub fn is_demonstration(&self) -> bool {
        self.policies.iter().any(|p| p == DEMONSTRATION_POLICY)
    }

    /// Checks that `issuer`'s key signed this certificate, with a suite that is allowed.
    ///
    /// # Errors
    /// No suite fits, or the signature does not verify.
    pub fn signed_by(&self, issuer: &Self, checker: &Checker) -> Result<(), NotSigned> {
        checker.signed(&self.part()?, issuer)
    }

    /// The same with any method that can be checked, a weak one too: whether bytes belong together, not whether they
    /// are trusted.
    ///
    /// # Errors
    /// No method fits, or the signature does not verify.
    pub fn bound_by(&self, issuer: &Self, checker: &Checker) -> Result<(), NotSigned> {
        checker.bound(&self.part()?, issuer)
    }

    fn part(&self) -> Result<SignedPart<'_>, NotSigned> {
        Ok(SignedPart {
            digest: self.fingerprint,
            tbs: self.der.get(self.tbs.clone()).ok_or(NotSigned::Wrong)?,
            algorithm: &self.signature_algorithm,
            signature: &self.signature,
        })
    }
}

pub(super) struct Outer<'a> {
    pub(super) tbs: std::ops::Range<usize>,
    pub(super) algorithm: &'a [u8],
    pub(super) signature: &'a [u8],
}

/// SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING } of a certificate or revocation list.
pub(super) fn outer(der: &[u8]) -> Option<Outer<'_>> {
    let mut top = Reader::new(der);
    let mut parts = top.expect(tag::SEQUENCE).ok()?.open().ok()?;
    top.finish().ok()?;
    let start = parts.offset();
    let tbs = parts.expect(tag::SEQUENCE).ok()?;
    let algorithm = parts.expect(tag::SEQUENCE).ok()?.raw;
    let signature = parts.expect(tag::BIT_STRING).ok()?.whole_octets().ok()?;
    parts.finish().ok()?;
    Some(Outer { tbs: start..start + tbs.raw.len(), algorithm, signature })
}

/// The key of a DER SubjectPublicKeyInfo; `None` where it is none.
#[must_use]
pub fn public_key(spki: &[u8]) -> Option<PublicKey> {
    let mut parts = Reader::new(spki).expect(tag::SEQUENCE).ok()?.open().ok()?;
    let mut algorithm = parts.expect(tag::SEQUENCE).ok()?.open().ok()?;
    let octets = parts.expect(tag::BIT_STRING).ok()?.whole_octets().ok()?.to_vec();
    let name = algorithm.oid().ok()?;
    let kind = match name {
        name if name == oid::RSA_ENCRYPTION => KeyKind::Rsa,
        name if name == oid::RSA_PSS => KeyKind::RsaPss,
        name if name == oid::ED25519 => KeyKind::Ed25519,
        name if name == oid::ED448 => KeyKind::Ed448,
        name if name == oid::DSA => return Some(PublicKey { kind: KeyKind::Dsa, octets: spki.to_vec() }),
        // Explicit curve parameters are no named curve: not weighed.
        name if name == oid::EC_PUBLIC_KEY => algorithm.oid().map_or(KeyKind::Other, curve),
        _ => KeyKind::Other,
    };
    Some(PublicKey { kind, octets })
}

fn alternative<'c>(parsed: &'c X509Certificate<'_>) -> &'c [x509_parser::extensions::GeneralName<'c>] {
    let found = parsed.subject_alternative_name().ok().flatten();
    found.map_or(&[], |extension| &extension.value.general_names)
}

fn curve(name: &[u8]) -> KeyKind {
    match name {
        name if name == oid::P256 => KeyKind::P256,
        name if name == oid::P384 => KeyKind::P384,
        name if name == oid::P521 => KeyKind::P521,
        name if name == oid::BRAINPOOL_P256R1 => KeyKind::BrainpoolP256r1,
        name if name == oid::BRAINPOOL_P384R1 => KeyKind::BrainpoolP384r1,
        name if name == oid::SM2 => KeyKind::Sm2,
        _ => KeyKind::Other,
    }
}

fn display_names(parsed: &X509Certificate<'_>) -> Names {
    let text = |name: &x509_parser::x509::X509Name<'_>| {
        let common = name.iter_common_name().last().and_then(|n| n.as_str().ok()).map(str::to_owned);
        common.unwrap_or_else(|| name.to_string())
    };
    let organisation =
        parsed.subject().iter_organization().next().and_then(|n| n.as_str().ok()).map(str::to_owned);
    Names { subject: text(parsed.subject()), organisation, issuer: text(parsed.issuer()) }
}

/// DER of every PEM block with this label.
#[must_use]
pub fn pem_blocks(text: &str, label: &str) -> Vec<Vec<u8>> {
    let blocks = x509_parser::pem::Pem::iter_from_buffer(text.as_bytes());
    blocks.filter_map(Result::ok).filter(|b| b.label == label).map(|b| b.contents).collect()
}
