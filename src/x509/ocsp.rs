//! Answers about single certificates (RFC 6960), as they are kept inside signed documents, and the question to ask. Nothing is asked for here.

use super::checker::SignedPart;
use super::{Certificate, Checker, Revocation};
use crate::asn1::{DerError, Reader, Tlv, oid, tag, write};
use crate::crypto::{self, Digest, SHA1};
use crate::domain::Instant;

/// Largest answer read, in bytes; real ones stay below 8 KiB, with certificates.
const LARGEST: usize = 256 << 10;
/// Answers in one response; responders of authorities give one.
const MOST: usize = 64;

/// Why bytes are no answer of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OcspError {
    /// No OCSP response with a basic answer inside, or too large.
    #[error("not an OCSP response")]
    Form,
    /// Not signed by the issuer or by whom it made for that.
    #[error("OCSP response not signed by the issuer")]
    Signature,
}

impl From<DerError> for OcspError {
    fn from(_: DerError) -> Self {
        Self::Form
    }
}

/// One response, as received.
#[derive(Clone, Debug)]
pub struct Ocsp {
    digest: [u8; 32],
    tbs: Vec<u8>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    produced: Instant,
    answers: Vec<Answer>,
    certificates: Vec<Certificate>,
}

/// What it says of one certificate.
#[derive(Clone, Debug)]
struct Answer {
    hash: &'static Digest,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Vec<u8>,
    status: Status,
    this_update: Instant,
    next_update: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    Good,
    Revoked { since: Instant },
    Unknown,
}

impl Ocsp {
    /// Reads an OCSPResponse, or the BasicOCSPResponse that stands in one.
    ///
    /// # Errors
    /// Neither, too large, or an answer that is an error.
    pub fn from_der(der: &[u8]) -> Result<Self, OcspError> {
        if der.len() > LARGEST {
            return Err(OcspError::Form);
        }
        let basic = basic(der)?;
        let mut parts = Reader::new(&basic).expect(tag::SEQUENCE)?.open()?;
        let tbs = parts.expect(tag::SEQUENCE)?;
        let algorithm = parts.expect(tag::SEQUENCE)?.raw.to_vec();
        let signature = parts.expect(tag::BIT_STRING)?.whole_octets()?.to_vec();
        let certificates = parts.optional(tag::CONTEXT_0)?.map(certificates).transpose()?.unwrap_or_default();
        let mut data = tbs.open()?;
        data.optional(tag::CONTEXT_0)?;
        // Which responder answers is told by the signature, not by its name.
        data.any()?;
        let produced = time(data.any()?)?;
        let mut list = data.expect(tag::SEQUENCE)?.open()?;
        let mut answers = Vec::new();
        while !list.is_empty() {
            if answers.len() >= MOST {
                return Err(OcspError::Form);
            }
            answers.extend(answer(list.expect(tag::SEQUENCE)?)?);
        }
        let (digest, tbs) = (crypto::sha256(&[&basic]), tbs.raw.to_vec());
        Ok(Self { digest, tbs, algorithm, signature, produced, answers, certificates })
    }

    /// The same, known to have come from its responder at `at`: what names no next update is then current (§4.2.2.1), and
    /// speaks for `millis` more. Only an answer made within five minutes of `at` is.
    #[must_use]
    pub fn received(mut self, at: Instant, millis: i64) -> Self {
        let fresh = at.millis().abs_diff(self.produced.millis()) <= 300_000;
        let until = Instant::from_millis(at.millis().saturating_add(millis)).filter(|_| fresh);
        for answer in &mut self.answers {
            answer.next_update = answer.next_update.or(until);
        }
        self
    }

    /// When its first answer's successor is due, if it says so.
    #[must_use]
    pub fn next_update(&self) -> Option<Instant> {
        self.answers.iter().filter_map(|answer| answer.next_update).min()
    }

    /// What this response says of `certificate` to whoever asks at `at`, if `issuer` answers for it.
    ///
    /// # Errors
    /// The response is not this issuer's.
    pub fn says(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        checker: &Checker,
        at: Instant,
    ) -> Result<Revocation, OcspError> {
        let about = |answer: &&Answer| {
            answer.serial == certificate.serial()
                && answer.issuer_name == answer.hash.of(&[issuer.subject_raw()])
                && answer.issuer_key == answer.hash.of(&[&issuer.key().octets])
        };
        let Some(answer) = self.answers.iter().find(about) else { return Ok(Revocation::Unknown) };
        if certificate.issuer_raw() != issuer.subject_raw() || !self.signed_for(issuer, checker) {
            return Err(OcspError::Signature);
        }
        Ok(match answer.status {
            Status::Revoked { since } => Revocation::Revoked { since },
            Status::Good if answer.this_update <= at => Revocation::Good {
                until: answer.next_update.unwrap_or(answer.this_update).max(self.produced),
            },
            Status::Good | Status::Unknown => Revocation::Unknown,
        })
    }

    /// Signed by the issuer itself, or by whom it made for that (RFC 6960 §4.2.2.2).
    fn signed_for(&self, issuer: &Certificate, checker: &Checker) -> bool {
        let part = SignedPart {
            digest: self.digest,
            tbs: &self.tbs,
            algorithm: &self.algorithm,
            signature: &self.signature,
        };
        let delegate = |one: &&Certificate| {
            one.may_sign_ocsp()
                && one.issuer_raw() == issuer.subject_raw()
                && (one.not_before()..=one.not_after()).contains(&self.produced)
                && one.signed_by(issuer, checker).is_ok()
        };
        checker.signed(&part, issuer).is_ok()
            || self.certificates.iter().filter(delegate).any(|one| checker.signed(&part, one).is_ok())
    }
}

/// The question about one certificate (§4.1.1), DER: SHA-1 names the issuer, as every responder understands (RFC 5019 §2.1.1);
/// no nonce, so that responders may answer from memory.
#[must_use]
pub fn ocsp_request(certificate: &Certificate, issuer: &Certificate) -> Vec<u8> {
    let hash = write::sequence(&[&write::oid(SHA1.oid), &write::null()]);
    let name = write::octet_string(&SHA1.of(&[issuer.subject_raw()]));
    let key = write::octet_string(&SHA1.of(&[&issuer.key().octets]));
    let serial = write::value(tag::INTEGER, certificate.serial());
    let identifier = write::sequence(&[&hash, &name, &key, &serial]);
    let list = write::sequence(&[&write::sequence(&[&identifier])]);
    write::sequence(&[&write::sequence(&[&list])])
}

/// The BasicOCSPResponse inside (§4.2.1): responseStatus successful, responseType basic.
fn basic(der: &[u8]) -> Result<Vec<u8>, OcspError> {
    let mut top = Reader::new(der);
    let whole = top.expect(tag::SEQUENCE)?;
    top.finish()?;
    let mut parts = whole.open()?;
    // Revocation values of CAdES hold the basic answer alone.
    if parts.peek() == Some(tag::SEQUENCE) {
        return Ok(whole.raw.to_vec());
    }
    if parts.expect(ENUMERATED)?.content != [0] {
        return Err(OcspError::Form);
    }
    let mut bytes = parts.expect(tag::CONTEXT_0)?.open()?.expect(tag::SEQUENCE)?.open()?;
    if bytes.oid()? != oid::OCSP_BASIC {
        return Err(OcspError::Form);
    }
    Ok(bytes.expect(tag::OCTET_STRING)?.content.to_vec())
}

const ENUMERATED: u8 = 0x0a;

fn certificates(explicit: Tlv<'_>) -> Result<Vec<Certificate>, OcspError> {
    let mut list = explicit.open()?.expect(tag::SEQUENCE)?.open()?;
    let mut found = Vec::new();
    while !list.is_empty() && found.len() < 8 {
        found.extend(Certificate::from_der(list.expect(tag::SEQUENCE)?.raw).ok());
    }
    Ok(found)
}

/// A SingleResponse; `None` where the issuer is named under a digest that is not known here.
fn answer(value: Tlv<'_>) -> Result<Option<Answer>, OcspError> {
    let mut parts = value.open()?;
    let mut name = parts.expect(tag::SEQUENCE)?.open()?;
    let hash = name.expect(tag::SEQUENCE)?.open()?.oid()?;
    let issuer_name = name.expect(tag::OCTET_STRING)?.content.to_vec();
    let issuer_key = name.expect(tag::OCTET_STRING)?.content.to_vec();
    let serial = name.expect(tag::INTEGER)?.content.to_vec();
    let status = parts.any()?;
    let status = match status.tag {
        0x80 => Status::Good,
        tag::CONTEXT_1 => Status::Revoked { since: time(status.open()?.any()?)? },
        0x82 => Status::Unknown,
        _ => return Err(OcspError::Form),
    };
    let this_update = time(parts.any()?)?;
    let next_update = parts.optional(tag::CONTEXT_0)?;
    let next_update = next_update.map(|next| time(next.open()?.any()?)).transpose()?;
    let hash = Digest::by_oid(hash);
    Ok(hash.map(|hash| Answer { hash, issuer_name, issuer_key, serial, status, this_update, next_update }))
}

fn time(value: Tlv<'_>) -> Result<Instant, OcspError> {
    if value.tag != tag::GENERALIZED_TIME {
        return Err(OcspError::Form);
    }
    Instant::from_generalized(value.content).ok_or(OcspError::Form)
}
