//! From a certificate to an anchor (RFC 5280 §6). Policies are not mapped: a critical extension that constrains them is
//! unknown. Time is weighed separately, since a seal outlives its certificate.

use super::{Certificate, Checker, NotSigned};
use crate::domain::Instant;

/// Certificates in a path, anchor included. Public hierarchies use 4; rustls-webpki allows 6.
const LONGEST: usize = 6;
/// Signature checks in one search: enough for every order of 6 honest certificates. rustls-webpki's
/// budget (CVE-2023-48795's neighbour, 100) serves TLS chains with cross-signing; ours are short.
const SIGNATURES: usize = 40;
/// Candidates looked at; more in one signature is a flood.
const CANDIDATES: usize = 64;

/// A path whose every signature was checked. Only [`build`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    certificates: Vec<Certificate>,
}

/// Why no path leads to an anchor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Nothing connects the certificate to any anchor.
    #[error("no path to an anchor")]
    NoAnchor,
    /// An issuer was found by name, but its key did not sign.
    #[error("{subject}: signature of its issuer does not verify")]
    BadSignature {
        /// Whose certificate.
        subject: String,
    },
    /// An issuer that is no authority, or may not sign certificates, or not at this depth.
    #[error("{subject} may not issue this certificate")]
    NotAnAuthority {
        /// Whose certificate.
        subject: String,
    },
    /// An authority that may not issue for a name below it.
    #[error("the name constraints of {issuer} do not allow {subject}")]
    Names {
        /// Whose constraints.
        issuer: String,
        /// Whose name.
        subject: String,
    },
    /// A critical extension that is not understood.
    #[error("{subject}: unknown critical extension {extension}")]
    CriticalExtension {
        /// Whose certificate.
        subject: String,
        /// Dotted identifier.
        extension: String,
    },
    /// Signed with a suite that is not allowed.
    #[error("{subject}: unsupported signature algorithm")]
    Unsupported {
        /// Whose certificate.
        subject: String,
    },
    /// The search ran out of its budget.
    #[error("too many certificates")]
    Budget,
}

/// A certificate of the path outside its validity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeProblem {
    /// Whose certificate.
    pub subject: String,
    /// First instant of its validity.
    pub not_before: Instant,
    /// Last instant of its validity.
    pub not_after: Instant,
}

impl Path {
    /// Certificates, signer first, anchor last.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// Whether all certificates but the anchor were valid at an instant.
    ///
    /// # Errors
    /// The first that was not.
    pub fn valid_at(&self, at: Instant) -> Result<(), TimeProblem> {
        let outside = self.certificates.iter().find(|c| at < c.not_before() || at > c.not_after());
        outside.map_or(Ok(()), |c| {
            Err(TimeProblem {
                subject: c.subject().to_owned(),
                not_before: c.not_before(),
                not_after: c.not_after(),
            })
        })
    }
}

/// Looks for a path from `leaf` over `candidates` to one of `anchors`.
///
/// # Errors
/// The most telling reason why there is none.
pub fn build(
    leaf: &Certificate,
    candidates: &[Certificate],
    anchors: &[Certificate],
    checker: &Checker,
) -> Result<Path, PathError> {
    if candidates.len() > CANDIDATES {
        return Err(PathError::Budget);
    }
    let mut search =
        Search { candidates, anchors, checker, signatures: SIGNATURES, why: PathError::NoAnchor };
    let mut certificates = vec![leaf.clone()];
    if anchors.iter().any(|a| a.der() == leaf.der()) || search.extend(&mut certificates) {
        return Ok(Path { certificates });
    }
    Err(search.why)
}

struct Search<'a> {
    candidates: &'a [Certificate],
    anchors: &'a [Certificate],
    checker: &'a Checker,
    signatures: usize,
    why: PathError,
}

impl Search<'_> {
    fn extend(&mut self, path: &mut Vec<Certificate>) -> bool {
        let Some(last) = path.last().cloned() else { return false };
        if let Some(extension) = last.unknown_critical() {
            self.why = PathError::CriticalExtension {
                subject: last.subject().to_owned(),
                extension: extension.to_owned(),
            };
            return false;
        }
        if path.len() >= LONGEST {
            self.why = PathError::Budget;
            return false;
        }
        for anchor in self.anchors {
            if anchor.subject_raw() == last.issuer_raw() && self.issued(anchor, &last, path) {
                path.push(anchor.clone());
                return true;
            }
        }
        for candidate in self.candidates {
            let fits = candidate.subject_raw() == last.issuer_raw() && !path.contains(candidate);
            if fits && self.issued(candidate, &last, path) {
                path.push(candidate.clone());
                if self.extend(path) {
                    return true;
                }
                path.pop();
            }
        }
        false
    }

    /// Whether `issuer` may have signed and did sign `subject`, the last of those that stand below it.
    fn issued(&mut self, issuer: &Certificate, subject: &Certificate, below: &[Certificate]) -> bool {
        let Some(left) = self.signatures.checked_sub(1) else {
            self.why = PathError::Budget;
            return false;
        };
        self.signatures = left;
        // The signer itself does not count against an authority's path length (RFC 5280 §4.2.1.9).
        let authorities_below = below.len().saturating_sub(1);
        let allowed = match issuer.authority() {
            None => false,
            Some(None) => true,
            Some(Some(most)) => usize::try_from(most).is_ok_and(|most| authorities_below <= most),
        };
        if !(allowed && issuer.may_sign_certificates()) {
            self.why = PathError::NotAnAuthority { subject: issuer.subject().to_owned() };
            return false;
        }
        // A certificate that names itself as issuer is exempt, save the last one (RFC 5280 §6.1.3).
        let weighed =
            |(place, one): &(usize, &Certificate)| *place == 0 || one.subject_raw() != one.issuer_raw();
        let refused = below.iter().enumerate().filter(weighed).find(|(_, one)| !issuer.names_allow(one));
        if let Some((_, one)) = refused {
            self.why =
                PathError::Names { issuer: issuer.subject().to_owned(), subject: one.subject().to_owned() };
            return false;
        }
        match subject.signed_by(issuer, self.checker) {
            Ok(()) => true,
            Err(NotSigned::Unsupported) => {
                self.why = PathError::Unsupported { subject: subject.subject().to_owned() };
                false
            }
            Err(NotSigned::Wrong) => {
                self.why = PathError::BadSignature { subject: subject.subject().to_owned() };
                false
            }
        }
    }
}
