//! An authority for SM2 seals: root → issuing CA → seal certificates → revocation lists, in the shape of GB/T 20518.
//!
//! rcgen knows no SM2, so the parts to be signed are written here: RFC 5280 with the algorithm SM2-with-SM3, its
//! parameters absent as openssl and BouncyCastle write them. The same extensions as `ceremony.rs` gives the others.

use super::Certificate;
use super::ceremony::{
    Authority, CeremonyError, DEMONSTRATION_POLICIES, LIST_DAYS, Plan, SealFiles, SealKey, common_name,
    serial,
};
use crate::asn1::{oid, tag, write};
use crate::crypto::{self, KeyError, KeyPurpose, SM2_SM3, Signer, SoftwareKey};
use crate::domain::Instant;
use time::OffsetDateTime;
use zeroize::Zeroizing;

/// Extensions, RFC 5280 §4.2.1, §5.2.
mod extension {
    pub(super) const SUBJECT_KEY: &[u8] = &[0x55, 0x1d, 0x0e];
    pub(super) const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
    pub(super) const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
    pub(super) const LIST_NUMBER: &[u8] = &[0x55, 0x1d, 0x14];
    pub(super) const POLICIES: &[u8] = &[0x55, 0x1d, 0x20];
    pub(super) const AUTHORITY_KEY: &[u8] = &[0x55, 0x1d, 0x23];
    pub(super) const PURPOSES: &[u8] = &[0x55, 0x1d, 0x25];
}

/// id-kp-documentSigning, RFC 9336.
const DOCUMENT_SIGNING: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x24];
/// KeyUsage: digitalSignature and contentCommitment; keyCertSign and cRLSign. Unused bits, then the bits.
const SIGNS_DOCUMENTS: &[u8] = &[6, 0b1100_0000];
const SIGNS_CERTIFICATES: &[u8] = &[1, 0b0000_0110];
/// Octets of a key identifier, as rcgen takes them of a SHA-256 (RFC 7093 §2, method 1).
const IDENTIFIER: usize = 20;

/// A key that signs certificates, and the name it signs under.
pub(super) struct Issuing {
    key: SoftwareKey,
    name: Vec<u8>,
}

/// What a certificate is for.
enum Purpose {
    /// An authority with so many authorities below it.
    Authority(u8),
    /// A seal.
    Seal,
}

impl Issuing {
    /// From the authority's certificate and its private key (PKCS#8 DER).
    pub(super) fn new(certificate: &Certificate, pkcs8: &[u8]) -> Result<Self, CeremonyError> {
        let key = SoftwareKey::from_pkcs8(pkcs8, &SM2_SM3, certificate.der().to_vec(), Vec::new())?;
        Ok(Self { key, name: certificate.subject_raw().to_vec() })
    }

    pub(super) fn public_octets(&self) -> Vec<u8> {
        self.key.public_key().octets
    }

    /// Fresh keys and certificates for the plan's seals; `above` is the PEM of this authority's certificate.
    pub(super) fn seals(&self, plan: &Plan, above: &str) -> Result<Vec<SealFiles>, CeremonyError> {
        let one = |(role, name, _): &(String, String, SealKey)| {
            let pkcs8 = crypto::generate_pkcs8(KeyPurpose::Sm2)?;
            let public = public_octets(&pkcs8)?;
            let subject = distinguished(plan, &common_name(plan, name));
            let der = self.certificate(plan, &subject, &public, &Purpose::Seal, 3)?;
            Ok(SealFiles {
                role: role.clone(),
                certificates: format!("{}{above}", pem(CERTIFICATE, &der)?),
                key: Some(pkcs8),
            })
        };
        plan.seals.iter().map(one).collect()
    }

    /// PEM of a revocation list (RFC 5280 §5.1).
    pub(super) fn list(
        &self,
        at: Instant,
        number: u64,
        revoked: &[(Vec<u8>, Instant)],
    ) -> Result<String, CeremonyError> {
        let entry = |(serial, since): &(Vec<u8>, Instant)| {
            write::sequence(&[&write::value(tag::INTEGER, serial), &time(*since)])
        };
        let entries: Vec<Vec<u8>> = revoked.iter().map(entry).collect();
        let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        let entries = if entries.is_empty() { Vec::new() } else { write::sequence(&entries) };
        let own = key_identifier(&self.public_octets());
        let extensions = write::sequence(&[
            &extension(extension::AUTHORITY_KEY, false, &write::sequence(&[&write::value(0x80, &own)])),
            &extension(extension::LIST_NUMBER, false, &write::unsigned(&number.to_be_bytes())),
        ]);
        let tbs = write::sequence(&[
            &write::small_integer(1),
            SM2_SM3.identifier,
            &self.name,
            &time(at),
            &time(later(at, LIST_DAYS)),
            &entries,
            &write::value(tag::CONTEXT_0, &extensions),
        ]);
        pem("X509 CRL", &self.signed(&tbs)?)
    }

    fn certificate(
        &self,
        plan: &Plan,
        subject: &[u8],
        public: &[u8],
        purpose: &Purpose,
        years: i64,
    ) -> Result<Vec<u8>, CeremonyError> {
        let algorithm = write::sequence(&[&write::oid(oid::EC_PUBLIC_KEY), &write::oid(oid::SM2)]);
        let above = write::sequence(&[&write::value(0x80, &key_identifier(&self.public_octets()))]);
        let mut extensions = vec![
            extension(extension::SUBJECT_KEY, false, &write::octet_string(&key_identifier(public))),
            extension(extension::AUTHORITY_KEY, false, &above),
        ];
        let (usage, constraints) = match purpose {
            Purpose::Authority(below) => {
                let is_authority = write::value(tag::BOOLEAN, &[0xff]);
                let constraints = write::sequence(&[&is_authority, &write::small_integer(*below)]);
                (SIGNS_CERTIFICATES, constraints)
            }
            Purpose::Seal => {
                let purposes = write::sequence(&[&write::oid(DOCUMENT_SIGNING)]);
                extensions.push(extension(extension::PURPOSES, false, &purposes));
                (SIGNS_DOCUMENTS, write::sequence(&[]))
            }
        };
        extensions.push(extension(extension::KEY_USAGE, true, &write::value(tag::BIT_STRING, usage)));
        extensions.push(extension(extension::BASIC_CONSTRAINTS, true, &constraints));
        if plan.demonstration {
            extensions.push(extension(extension::POLICIES, false, DEMONSTRATION_POLICIES));
        }
        let days = years * 365 + years / 4;
        let tbs = write::sequence(&[
            &write::value(tag::CONTEXT_0, &write::small_integer(2)),
            &write::unsigned(&serial()?),
            SM2_SM3.identifier,
            &self.name,
            &write::sequence(&[&time(plan.at), &time(later(plan.at, days))]),
            subject,
            &write::sequence(&[&algorithm, &write::bit_string(public)]),
            &write::value(TAG_3, &write::value(tag::SEQUENCE, &extensions.concat())),
        ]);
        self.signed(&tbs)
    }

    /// SEQUENCE { what is signed, algorithm, signature }.
    fn signed(&self, tbs: &[u8]) -> Result<Vec<u8>, CeremonyError> {
        let signature = self.key.sign(tbs).map_err(|_| KeyError::Generation)?;
        Ok(write::sequence(&[tbs, SM2_SM3.identifier, &write::bit_string(&signature)]))
    }
}

/// Context tag [3], constructed: the extensions of a certificate.
const TAG_3: u8 = 0xa3;
const CERTIFICATE: &str = "CERTIFICATE";

/// Holds a ceremony in which every key is SM2.
pub(super) fn hold(plan: &Plan) -> Result<Authority, CeremonyError> {
    let root_key = crypto::generate_pkcs8(KeyPurpose::Sm2)?;
    let issuing_key = crypto::generate_pkcs8(KeyPurpose::Sm2)?;
    let named =
        |name: &str| distinguished(plan, &common_name(plan, &format!("{} {name}", plan.organisation)));
    let own = |pkcs8: &[u8], name: Vec<u8>| -> Result<Issuing, CeremonyError> {
        Ok(Issuing { key: SoftwareKey::from_pkcs8(pkcs8, &SM2_SM3, Vec::new(), Vec::new())?, name })
    };
    let root = own(&root_key, named("国密根 SM2 Root CA"))?;
    let issuing = own(&issuing_key, named("国密印章签发 SM2 Issuing CA"))?;
    let root_der = root.certificate(plan, &root.name, &root.public_octets(), &Purpose::Authority(1), 20)?;
    let issuing_der =
        root.certificate(plan, &issuing.name, &issuing.public_octets(), &Purpose::Authority(0), 10)?;
    let issuing_pem = pem(CERTIFICATE, &issuing_der)?;
    Ok(Authority {
        seals: issuing.seals(plan, &issuing_pem)?,
        root_crl: root.list(plan.at, 1, &[])?,
        issuing_crl: issuing.list(plan.at, 1, &[])?,
        root: pem(CERTIFICATE, &root_der)?,
        root_key,
        issuing: issuing_pem,
        issuing_key,
    })
}

fn public_octets(pkcs8: &Zeroizing<Vec<u8>>) -> Result<Vec<u8>, CeremonyError> {
    Ok(SoftwareKey::from_pkcs8(pkcs8, &SM2_SM3, Vec::new(), Vec::new())?.public_key().octets)
}

fn pem(label: &str, der: &[u8]) -> Result<String, CeremonyError> {
    Ok(crypto::pem(label, der).ok_or(KeyError::Form)?)
}

/// C, O, CN; the country a PrintableString, the rest UTF8String (RFC 5280 Appendix A.1).
fn distinguished(plan: &Plan, common: &str) -> Vec<u8> {
    let part = |attribute: u8, tag: u8, words: &str| {
        let pair =
            write::sequence(&[&write::oid(&[0x55, 0x04, attribute]), &write::value(tag, words.as_bytes())]);
        write::value(tag::SET, &pair)
    };
    write::sequence(&[
        &part(6, tag::PRINTABLE_STRING, "CN"),
        &part(10, tag::UTF8_STRING, &plan.organisation),
        &part(3, tag::UTF8_STRING, common),
    ])
}

fn extension(name: &[u8], critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { write::value(tag::BOOLEAN, &[0xff]) } else { Vec::new() };
    write::sequence(&[&write::oid(name), &critical, &write::octet_string(value)])
}

fn key_identifier(public: &[u8]) -> Vec<u8> {
    crypto::sha256(&[public]).into_iter().take(IDENTIFIER).collect()
}

fn later(at: Instant, days: i64) -> Instant {
    Instant::from_seconds(at.seconds() + days * 86_400).unwrap_or(at)
}

/// UTCTime up to 2049, GeneralizedTime after (RFC 5280 §4.1.2.5).
fn time(at: Instant) -> Vec<u8> {
    let at = OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month) = (at.year(), u8::from(at.month()));
    let rest = format!("{month:02}{:02}{:02}{:02}{:02}Z", at.day(), at.hour(), at.minute(), at.second());
    if (1950..2050).contains(&year) {
        write::value(tag::UTC_TIME, format!("{:02}{rest}", year % 100).as_bytes())
    } else {
        write::value(tag::GENERALIZED_TIME, format!("{year:04}{rest}").as_bytes())
    }
}
