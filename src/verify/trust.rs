//! Do we trust whose seal it is? Path, use, time and revocation (RFC 5280 §6).

use super::Rules;
use super::finding::{Finding, TrustFinding};
use super::policy::RevocationRule;
use super::report::{Link, Trusted};
use crate::domain::Instant;
use crate::x509::{self, Certificate, Checker, Path, Revocation};

/// What can be said before the ledger speaks.
#[derive(Debug)]
pub(crate) enum Trust {
    /// Good at the instant of judgement.
    Now(Trusted),
    /// Good in this span only: whoever proves that the seal was used within it makes it good.
    Between {
        /// First instant.
        from: Instant,
        /// Last instant.
        until: Instant,
    },
    /// Not trusted, or not known.
    Not,
}

/// Judges the signer's chain. Returns the chain for the report.
pub(super) fn check(
    signer: &Certificate,
    others: &[(usize, Option<Certificate>)],
    rules: &Rules<'_>,
    findings: &mut Vec<Finding>,
) -> (Trust, Vec<Link>) {
    let pool: Vec<Certificate> = others.iter().filter_map(|(_, certificate)| certificate.clone()).collect();
    let path = match x509::build(signer, &pool, rules.anchors, rules.checker) {
        Ok(path) => path,
        Err(why) => {
            let finding =
                if rules.anchors.is_empty() { TrustFinding::NoAnchors } else { TrustFinding::NoPath { why } };
            findings.push(finding.into());
            bind(signer, others, None, rules.checker, findings);
            return (Trust::Not, vec![Link::of(signer)]);
        }
    };
    bind(signer, others, Some(&path), rules.checker, findings);
    let links = path.certificates().iter().map(Link::of).collect();
    if path.certificates().iter().any(|certificate| rules.distrusted.contains(&certificate.fingerprint())) {
        findings.push(TrustFinding::Distrusted.into());
        return (Trust::Not, links);
    }
    if !signer.may_sign_documents() {
        findings.push(TrustFinding::WrongUse.into());
        return (Trust::Not, links);
    }
    (time(&path, rules, findings), links)
}

fn time(path: &Path, rules: &Rules<'_>, findings: &mut Vec<Finding>) -> Trust {
    let known = revocation(path, rules, findings);
    let dates = path.certificates().iter();
    let from = dates.clone().map(Certificate::not_before).max();
    let until = dates.map(Certificate::not_after).min();
    let (Some(from), Some(until)) = (from, until) else { return Trust::Not };
    let (known, revoked) = known;
    if !known {
        return Trust::Not;
    }
    if rules.at < from {
        findings.push(TrustFinding::NotYetValid { from }.into());
        return Trust::Not;
    }
    if rules.at > until {
        findings.push(TrustFinding::ExpiredNow { since: until }.into());
    }
    match revoked {
        Some(since) => Trust::Between { from, until: since.min(until) },
        None if rules.at > until => Trust::Between { from, until },
        None => Trust::Now(Trusted::at_judgement()),
    }
}

/// Whether enough is known, and the earliest revocation in the chain.
fn revocation(path: &Path, rules: &Rules<'_>, findings: &mut Vec<Finding>) -> (bool, Option<Instant>) {
    let demanded = rules.policy.trust.revocation == RevocationRule::Required;
    let mut known = true;
    let mut earliest: Option<Instant> = None;
    for (place, pair) in path.certificates().windows(2).enumerate() {
        let [certificate, issuer] = pair else { continue };
        let mut answer = Revocation::Unknown;
        for crl in rules.crls {
            match crl.says(certificate, issuer, rules.checker, rules.at) {
                Ok(revoked @ Revocation::Revoked { .. }) => {
                    answer = revoked;
                    break;
                }
                Ok(Revocation::Good) => answer = Revocation::Good,
                Ok(Revocation::Unknown) | Err(_) => {}
            }
        }
        match answer {
            Revocation::Good => {}
            Revocation::Revoked { since } => {
                findings.push(TrustFinding::Revoked { since, place }.into());
                earliest = Some(earliest.map_or(since, |known| known.min(since)));
            }
            Revocation::Unknown => {
                findings.push(TrustFinding::RevocationUnknown { place, demanded }.into());
                known &= !demanded;
            }
        }
    }
    (known, earliest)
}

/// Every certificate inside must be bound: by the verified path, or by a chain of signatures that ends in one that
/// signs itself. Otherwise a changed byte in it would go unnoticed.
fn bind(
    signer: &Certificate,
    others: &[(usize, Option<Certificate>)],
    path: Option<&Path>,
    checker: &Checker,
    findings: &mut Vec<Finding>,
) {
    let in_path = |certificate: &Certificate| {
        path.is_some_and(|path| path.certificates().iter().any(|known| known.der() == certificate.der()))
    };
    let pool: Vec<&Certificate> = others.iter().filter_map(|(_, certificate)| certificate.as_ref()).collect();
    for (index, certificate) in others {
        let bound = certificate.as_ref().is_some_and(|certificate| {
            in_path(certificate)
                || pool.iter().any(|issuer| {
                    issuer.subject_raw() == certificate.issuer_raw()
                        && issuer.subject_raw() == issuer.issuer_raw()
                        && certificate.signed_by(issuer, checker).is_ok()
                })
        });
        if !bound && certificate.as_ref().is_none_or(|certificate| certificate.der() != signer.der()) {
            findings.push(super::finding::SignedFinding::UnboundCertificate { index: *index }.into());
        }
    }
}
