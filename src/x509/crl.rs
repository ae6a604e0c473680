//! Certificate revocation lists (RFC 5280 §5). Only a list that speaks of a certificate says that it is good.

use super::certificate::outer;
use super::checker::SignedPart;
use super::scope::Scope;
use super::{Certificate, Checker};
use crate::crypto;
use crate::domain::Instant;
use x509_parser::prelude::{CertificateRevocationList, FromDer};

/// Largest list read, in bytes: a national CA's list of a million serials is about 40 MB; ours are tiny.
const LARGEST: usize = 8 << 20;

/// Why bytes are not a revocation list of an issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CrlError {
    /// Not DER of a revocation list, or too large.
    #[error("not a revocation list")]
    Form,
    /// Not signed by the issuer, or the issuer may not sign lists.
    #[error("revocation list not signed by its issuer")]
    Signature,
}

/// One list, as received.
#[derive(Clone, Debug)]
pub struct Crl {
    der: Vec<u8>,
    digest: [u8; 32],
    issuer: Vec<u8>,
    this_update: Instant,
    next_update: Option<Instant>,
    number: Option<u64>,
    revoked: Vec<(Vec<u8>, Instant)>,
    scope: Scope,
}

/// What a list says of one certificate at an instant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// Not revoked, so far as this evidence speaks.
    Good {
        /// The last instant that the evidence speaks for.
        until: Instant,
    },
    /// Revoked since.
    Revoked {
        /// When.
        since: Instant,
    },
    /// It says nothing about this certificate at this instant.
    Unknown,
}

impl Crl {
    /// Reads DER.
    ///
    /// # Errors
    /// Not a list, too large.
    pub fn from_der(der: &[u8]) -> Result<Self, CrlError> {
        if der.len() > LARGEST {
            return Err(CrlError::Form);
        }
        let (rest, parsed) = CertificateRevocationList::from_der(der).map_err(|_| CrlError::Form)?;
        if !rest.is_empty() {
            return Err(CrlError::Form);
        }
        let instant =
            |t: x509_parser::time::ASN1Time| Instant::from_seconds(t.timestamp()).ok_or(CrlError::Form);
        let revoked = parsed
            .iter_revoked_certificates()
            .map(|entry| Ok((entry.raw_serial().to_vec(), instant(entry.revocation_date)?)));
        Ok(Self {
            der: der.to_vec(),
            digest: crypto::sha256(&[der]),
            issuer: parsed.issuer().as_raw().to_vec(),
            this_update: instant(parsed.last_update())?,
            next_update: parsed.next_update().map(instant).transpose()?,
            number: parsed.crl_number().and_then(|number| u64::try_from(number).ok()),
            revoked: revoked.collect::<Result<_, _>>()?,
            scope: Scope::of(&parsed),
        })
    }

    /// Name of the authority it speaks for, in DER.
    #[must_use]
    pub fn issuer_raw(&self) -> &[u8] {
        &self.issuer
    }

    /// When its successor is due; after that it says nothing.
    #[must_use]
    pub fn next_update(&self) -> Option<Instant> {
        self.next_update
    }

    /// CRL number (RFC 5280 §5.2.3), if it has one below 2^64.
    #[must_use]
    pub fn number(&self) -> Option<u64> {
        self.number
    }

    /// Revoked serials and since when.
    #[must_use]
    pub fn revoked(&self) -> &[(Vec<u8>, Instant)] {
        &self.revoked
    }

    /// What this list says of `certificate` to whoever asks at `at`, if `issuer` signed both.
    ///
    /// # Errors
    /// The list is not this issuer's.
    pub fn says(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        checker: &Checker,
        at: Instant,
    ) -> Result<Revocation, CrlError> {
        let named = self.issuer == issuer.subject_raw() && certificate.issuer_raw() == self.issuer;
        if !named || !issuer.may_sign_crls() {
            return Err(CrlError::Signature);
        }
        let parts = outer(&self.der).ok_or(CrlError::Form)?;
        let part = SignedPart {
            digest: self.digest,
            tbs: self.der.get(parts.tbs).ok_or(CrlError::Form)?,
            algorithm: parts.algorithm,
            signature: parts.signature,
        };
        checker.signed(&part, issuer).map_err(|_| CrlError::Signature)?;
        if self.scope.is_indirect() {
            return Ok(Revocation::Unknown);
        }
        if let Some((_, since)) = self.revoked.iter().find(|(serial, _)| serial == certificate.serial()) {
            return Ok(Revocation::Revoked { since: *since });
        }
        if at < self.this_update || !self.scope.covers(certificate) {
            return Ok(Revocation::Unknown);
        }
        Ok(Revocation::Good { until: self.next_update.unwrap_or(self.this_update) })
    }
}
