//! Makes a certification authority for seals: root → issuing CA → seal certificates → revocation lists.
//!
//! Extensions follow RFC 5280: critical KeyUsage and BasicConstraints, key identifiers, documentSigning
//! (RFC 9336) and, for demonstrations, the policy that keeps them out of production. No input or output.

use super::certificate::pem_blocks;
use super::national;
use crate::crypto::{self, KeyError, KeyKind, KeyPurpose, PublicKey};
use crate::domain::Instant;
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension, DistinguishedName,
    DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyPair, KeyUsagePurpose, RevokedCertParams,
    SerialNumber,
};
use time::{Duration, OffsetDateTime};
use zeroize::Zeroizing;

/// id-kp-documentSigning, RFC 9336.
const DOCUMENT_SIGNING: &[u64] = &[1, 3, 6, 1, 5, 5, 7, 3, 36];
/// SEQUENCE { SEQUENCE { 2.999.990000.1 } }.
pub(super) const DEMONSTRATION_POLICIES: &[u8] =
    &[0x30, 0x0a, 0x30, 0x08, 0x06, 0x06, 0x88, 0x37, 0xbc, 0xb6, 0x30, 0x01];

/// What the authority is called and when it begins.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Organisation in every name.
    pub organisation: String,
    /// Adds 样例 to names and the demonstration policy.
    pub demonstration: bool,
    /// Begin of validity.
    pub at: Instant,
    /// Key of each seal, in order: role, common name, key.
    pub seals: Vec<(String, String, SealKey)>,
}

/// The key of a seal that is to be.
#[derive(Clone, Debug)]
pub enum SealKey {
    /// Made here, and handed out.
    Fresh(KeyPurpose),
    /// Held elsewhere, as by a token; its public half.
    Held(PublicKey),
}

/// A key of which only the public half is known.
struct Held<'a>(&'a PublicKey);

impl rcgen::PublicKeyData for Held<'_> {
    fn der_bytes(&self) -> &[u8] {
        &self.0.octets
    }
    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        match self.0.kind {
            KeyKind::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
            KeyKind::Rsa => &rcgen::PKCS_RSA_SHA256,
            _ => &rcgen::PKCS_ECDSA_P256_SHA256,
        }
    }
}

/// One seal's files.
pub struct SealFiles {
    /// Its role.
    pub role: String,
    /// PEM: seal certificate, then the issuing CA.
    pub certificates: String,
    /// PKCS#8 DER of its private key, not encrypted yet; none of one that is held elsewhere.
    pub key: Option<Zeroizing<Vec<u8>>>,
}

/// What a ceremony yields.
pub struct Authority {
    /// PEM of the root: the trust anchor.
    pub root: String,
    /// PKCS#8 DER of the root's key: to be locked away.
    pub root_key: Zeroizing<Vec<u8>>,
    /// PEM of the issuing CA.
    pub issuing: String,
    /// PKCS#8 DER of the issuing CA's key.
    pub issuing_key: Zeroizing<Vec<u8>>,
    /// PEM of the root's revocation list.
    pub root_crl: String,
    /// PEM of the issuing CA's revocation list.
    pub issuing_crl: String,
    /// The seals.
    pub seals: Vec<SealFiles>,
}

/// Why a ceremony failed. No key of it may be used then.
#[derive(Debug, thiserror::Error)]
pub enum CeremonyError {
    /// Key generation.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Certificate generation.
    #[error("certificate generation failed: {0}")]
    Certificate(#[from] rcgen::Error),
    /// SM2 certificates verify under SM2 alone, others under others.
    #[error(
        "SM2 印章须由 SM2 机构签发,不与其他算法混用 / seals with SM2 need an authority with SM2: no mixture"
    )]
    Mixed,
    /// Not the certificate of an authority.
    #[error("not a certificate: {0}")]
    Form(#[from] super::CertificateError),
}

/// Holds a ceremony.
///
/// # Errors
/// No randomness, or a name that a certificate cannot hold.
pub fn hold(plan: &Plan) -> Result<Authority, CeremonyError> {
    if is_national(plan)? {
        return national::hold(plan);
    }
    let root_key = crypto::generate_pkcs8(KeyPurpose::P384)?;
    let issuing_key = crypto::generate_pkcs8(KeyPurpose::P256)?;
    let root_pair = pair(&root_key, KeyPurpose::P384)?;
    let issuing_pair = pair(&issuing_key, KeyPurpose::P256)?;

    let root_params = authority(plan, "根 Root CA", 20, BasicConstraints::Constrained(1))?;
    let root_certificate = root_params.self_signed(&root_pair)?;
    let root = Issuer::new(root_params, root_pair);
    let issuing_params = authority(plan, "电子印章签发 Issuing CA", 10, BasicConstraints::Constrained(0))?;
    let issuing_certificate = issuing_params.signed_by(&issuing_pair, &root)?;
    let issuing = Issuer::new(issuing_params, issuing_pair);

    let seals = seals(plan, &issuing, &issuing_certificate.pem())?;
    Ok(Authority {
        root_crl: list(plan.at, 1, &[])?.signed_by(&root)?.pem()?,
        issuing_crl: list(plan.at, 1, &[])?.signed_by(&issuing)?.pem()?,
        root: root_certificate.pem(),
        root_key,
        issuing: issuing_certificate.pem(),
        issuing_key,
        seals,
    })
}

/// True when every seal of the plan is to have SM2.
fn is_national(plan: &Plan) -> Result<bool, CeremonyError> {
    let is_sm2 = |key: &SealKey| matches!(key, SealKey::Fresh(KeyPurpose::Sm2));
    let national = plan.seals.iter().filter(|(_, _, key)| is_sm2(key)).count();
    if national != 0 && national != plan.seals.len() { Err(CeremonyError::Mixed) } else { Ok(national != 0) }
}

/// An authority whose key is at hand again, for what comes after the ceremony.
pub struct Continued {
    hand: Hand,
    certificate: String,
}

/// What writes its certificates.
enum Hand {
    Usual(Box<Issuer<'static, KeyPair>>),
    National(Box<national::Issuing>),
}

impl Continued {
    /// From the authority's certificate (PEM) and its private key (PKCS#8 DER).
    ///
    /// # Errors
    /// Not a certificate and its key.
    pub fn new(certificate: &str, key: &[u8]) -> Result<Self, CeremonyError> {
        let own = certificates(certificate)?;
        let own = own.first().ok_or(super::CertificateError::Form)?;
        let hand = if own.key().kind == KeyKind::Sm2 {
            Hand::National(Box::new(national::Issuing::new(own, key)?))
        } else {
            let pair = KeyPair::try_from(key)?;
            Hand::Usual(Box::new(Issuer::from_ca_cert_pem(certificate, pair)?))
        };
        Ok(Self { hand, certificate: certificate.to_owned() })
    }

    /// The public key, as it stands in the certificate this authority's key belongs to.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        match &self.hand {
            Hand::Usual(issuer) => issuer.key().public_key_raw().to_vec(),
            Hand::National(issuing) => issuing.public_octets(),
        }
    }

    /// Fresh keys and certificates for the plan's seals.
    ///
    /// # Errors
    /// No randomness, a name that a certificate cannot hold, seals of another kind than the authority.
    pub fn seals(&self, plan: &Plan) -> Result<Vec<SealFiles>, CeremonyError> {
        match (&self.hand, is_national(plan)?) {
            (Hand::Usual(issuer), false) => seals(plan, issuer, &self.certificate),
            (Hand::National(issuing), true) => issuing.seals(plan, &self.certificate),
            _ => Err(CeremonyError::Mixed),
        }
    }

    /// PEM of a revocation list with this number that names the revoked serials.
    ///
    /// # Errors
    /// The key does not sign.
    pub fn list(
        &self,
        at: Instant,
        number: u64,
        revoked: &[(Vec<u8>, Instant)],
    ) -> Result<String, CeremonyError> {
        match &self.hand {
            Hand::Usual(issuer) => Ok(list(at, number, revoked)?.signed_by(issuer)?.pem()?),
            Hand::National(issuing) => issuing.list(at, number, revoked),
        }
    }
}

fn seals(
    plan: &Plan,
    issuing: &Issuer<'_, KeyPair>,
    issuing_pem: &str,
) -> Result<Vec<SealFiles>, CeremonyError> {
    let one = |(role, name, key): &(String, String, SealKey)| {
        let (key, certificate) = match key {
            SealKey::Fresh(purpose) => {
                let key = crypto::generate_pkcs8(*purpose)?;
                let certificate = seal(plan, name)?.signed_by(&pair(&key, *purpose)?, issuing)?;
                (Some(key), certificate)
            }
            SealKey::Held(public) => (None, seal(plan, name)?.signed_by(&Held(public), issuing)?),
        };
        Ok(SealFiles { role: role.clone(), certificates: format!("{}{issuing_pem}", certificate.pem()), key })
    };
    plan.seals.iter().map(one).collect()
}

fn pair(pkcs8: &[u8], purpose: KeyPurpose) -> Result<KeyPair, CeremonyError> {
    let algorithm = match purpose {
        KeyPurpose::P256 => &rcgen::PKCS_ECDSA_P256_SHA256,
        KeyPurpose::P384 => &rcgen::PKCS_ECDSA_P384_SHA384,
        KeyPurpose::Rsa3072 => &rcgen::PKCS_RSA_SHA256,
        KeyPurpose::Sm2 => return Err(CeremonyError::Mixed),
    };
    Ok(KeyPair::from_pkcs8_der_and_sign_algo(&pkcs8.into(), algorithm)?)
}

/// A name that says so where it is a demonstration's.
pub(super) fn common_name(plan: &Plan, name: &str) -> String {
    format!("{name}{}", if plan.demonstration { "(样例)" } else { "" })
}

/// 16 octets of randomness with the sign bit clear (CA/Browser Forum BR 7.1: at least 64 bits).
pub(super) fn serial() -> Result<[u8; 16], CeremonyError> {
    let mut serial: [u8; 16] = crypto::random().ok_or(KeyError::Generation)?;
    serial[0] = serial[0] & 0x7f | 0x40;
    Ok(serial)
}

fn basis(plan: &Plan, name: &str, years: i64) -> Result<CertificateParams, CeremonyError> {
    let mut params = CertificateParams::default();
    let mut names = DistinguishedName::new();
    names.push(DnType::CountryName, "CN");
    names.push(DnType::OrganizationName, plan.organisation.as_str());
    names.push(DnType::CommonName, common_name(plan, name));
    params.distinguished_name = names;
    params.not_before = whole_second(plan.at);
    params.not_after = params.not_before + Duration::days(years * 365 + years / 4);
    params.serial_number = Some(SerialNumber::from_slice(&serial()?));
    params.key_identifier_method = KeyIdMethod::Sha256;
    if plan.demonstration {
        params
            .custom_extensions
            .push(CustomExtension::from_oid_content(&[2, 5, 29, 32], DEMONSTRATION_POLICIES.to_vec()));
    }
    Ok(params)
}

fn authority(
    plan: &Plan,
    name: &str,
    years: i64,
    below: BasicConstraints,
) -> Result<CertificateParams, CeremonyError> {
    let mut params = basis(plan, &format!("{} {name}", plan.organisation), years)?;
    params.is_ca = IsCa::Ca(below);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

fn seal(plan: &Plan, name: &str) -> Result<CertificateParams, CeremonyError> {
    let mut params = basis(plan, name, 3)?;
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::ContentCommitment];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::Other(DOCUMENT_SIGNING.to_vec())];
    params.use_authority_key_identifier_extension = true;
    Ok(params)
}

/// A list lives a month: an office that forgets to renew it is told by `doctor` before it runs out.
pub(super) const LIST_DAYS: i64 = 31;

fn list(
    at: Instant,
    number: u64,
    revoked: &[(Vec<u8>, Instant)],
) -> Result<CertificateRevocationListParams, CeremonyError> {
    let this_update = whole_second(at);
    let entry = |(serial, since): &(Vec<u8>, Instant)| RevokedCertParams {
        serial_number: SerialNumber::from_slice(serial),
        revocation_time: whole_second(*since),
        reason_code: None,
        invalidity_date: None,
    };
    Ok(CertificateRevocationListParams {
        this_update,
        next_update: this_update + Duration::days(LIST_DAYS),
        crl_number: SerialNumber::from(number),
        issuing_distribution_point: None,
        revoked_certs: revoked.iter().map(entry).collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    })
}

fn whole_second(at: Instant) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The certificates of a PEM file, in its order.
///
/// # Errors
/// A block that is no certificate.
pub fn certificates(pem: &str) -> Result<Vec<super::Certificate>, super::CertificateError> {
    pem_blocks(pem, "CERTIFICATE").iter().map(|der| super::Certificate::from_der(der)).collect()
}
