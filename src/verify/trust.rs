//! Do we trust whose seal it is? Path, use, time and revocation (RFC 5280 §6).

use super::Rules;
use super::evidence::Evidence;
use super::finding::{Finding, TrustFinding};
use super::policy::RevocationRule;
use super::report::{Link, Trusted};
use super::sought::Open;
use crate::domain::Instant;
use crate::x509::{self, Certificate, Checker, Path, Revocation};

/// What can be said before the ledger and the time-stamps speak.
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
    evidence: &Evidence<'_>,
    rules: &Rules<'_>,
    findings: &mut Vec<Finding>,
) -> (Trust, Vec<Link>, Vec<Open>) {
    let pool = evidence.pool(others.iter().filter_map(|(_, certificate)| certificate.as_ref()), rules.known);
    let path = match x509::build(signer, &pool, rules.anchors, rules.checker) {
        Ok(path) => path,
        Err(why) => {
            let finding =
                if rules.anchors.is_empty() { TrustFinding::NoAnchors } else { TrustFinding::NoPath { why } };
            findings.push(finding.into());
            bind(signer, others, None, rules.checker, findings);
            return (Trust::Not, vec![Link::of(signer)], Vec::new());
        }
    };
    bind(signer, others, Some(&path), rules.checker, findings);
    let links = path.certificates().iter().map(Link::of).collect();
    if distrusted(&path, rules) {
        findings.push(TrustFinding::Distrusted.into());
        return (Trust::Not, links, Vec::new());
    }
    if !signer.may_sign_documents() {
        findings.push(TrustFinding::WrongUse.into());
        return (Trust::Not, links, Vec::new());
    }
    let open = open_questions(&path, evidence, rules);
    (time(&path, evidence, rules, findings), links, open)
}

pub(super) fn distrusted(path: &Path, rules: &Rules<'_>) -> bool {
    path.certificates().iter().any(|certificate| rules.distrusted.contains(&certificate.fingerprint()))
}

/// Certificates of a path of which nothing at hand tells whether they are revoked; none where nobody will seek.
pub(super) fn open_questions(path: &Path, evidence: &Evidence<'_>, rules: &Rules<'_>) -> Vec<Open> {
    if rules.sought.is_none() {
        return Vec::new();
    }
    let answers = standing(path, evidence, rules).into_iter();
    let pairs = path.certificates().windows(2).zip(answers);
    let open = pairs.filter(|(_, answer)| match answer {
        Revocation::Good { until } => rules.at > *until,
        Revocation::Revoked { .. } => false,
        Revocation::Unknown => true,
    });
    open.filter_map(|(pair, _)| match pair {
        [certificate, issuer] => Some(Open { certificate: certificate.clone(), issuer: issuer.clone() }),
        _ => None,
    })
    .collect()
}

/// The path of a time-stamping authority, if it is one that we trust and that nobody revoked before `at`.
///
/// # Errors
/// Why not, for the report.
pub(super) fn stamper(
    authority: &Certificate,
    others: &[Certificate],
    at: Instant,
    evidence: &Evidence<'_>,
    rules: &Rules<'_>,
) -> Result<Path, String> {
    let pool = evidence.pool(others.iter(), rules.known);
    let path = x509::build(authority, &pool, rules.anchors, rules.checker).map_err(|why| why.to_string())?;
    if distrusted(&path, rules) {
        return Err("distrusted".to_owned());
    }
    if !authority.may_sign_timestamps() {
        return Err("not made for time-stamps".to_owned());
    }
    path.valid_at(at).map_err(|problem| format!("{} was not valid then", problem.subject))?;
    let revoked = standing(&path, evidence, rules)
        .into_iter()
        .any(|answer| matches!(answer, Revocation::Revoked { since } if since <= at));
    if revoked { Err("revoked".to_owned()) } else { Ok(path) }
}

fn time(path: &Path, evidence: &Evidence<'_>, rules: &Rules<'_>, findings: &mut Vec<Finding>) -> Trust {
    let dates = path.certificates().iter();
    let from = dates.clone().map(Certificate::not_before).max();
    let until = dates.map(Certificate::not_after).min();
    let (Some(from), Some(until)) = (from, until) else { return Trust::Not };
    let Some((known, revoked)) = revocation(path, evidence, rules, findings) else { return Trust::Not };
    if rules.at < from {
        findings.push(TrustFinding::NotYetValid { from }.into());
        return Trust::Not;
    }
    if rules.at > until {
        findings.push(TrustFinding::ExpiredNow { since: until }.into());
    }
    let limit = [Some(until), known, revoked].into_iter().flatten().min().unwrap_or(until);
    if revoked.is_none() && rules.at <= limit {
        return Trust::Now(Trusted::at_judgement());
    }
    Trust::Between { from, until: limit }
}

/// What all evidence together says of each certificate of a path but the anchor.
fn standing(path: &Path, evidence: &Evidence<'_>, rules: &Rules<'_>) -> Vec<Revocation> {
    let mut found = Vec::new();
    for pair in path.certificates().windows(2) {
        let [certificate, issuer] = pair else { continue };
        let sought = || rules.sought.iter();
        let lists = rules.crls.iter().chain(evidence.crls()).chain(sought().flat_map(|found| &found.crls));
        let of_lists = lists.map(|crl| crl.says(certificate, issuer, rules.checker, rules.at).ok());
        let answers = evidence.ocsps().chain(sought().flat_map(|found| &found.ocsps));
        let answers = answers.map(|ocsp| ocsp.says(certificate, issuer, rules.checker, rules.at).ok());
        found.push(of_lists.chain(answers).flatten().fold(Revocation::Unknown, graver));
    }
    found
}

/// The earlier revocation, else the answer that speaks for longer.
fn graver(one: Revocation, other: Revocation) -> Revocation {
    match (one, other) {
        (Revocation::Revoked { since: one }, Revocation::Revoked { since: other }) => {
            Revocation::Revoked { since: one.min(other) }
        }
        (revoked @ Revocation::Revoked { .. }, _) | (_, revoked @ Revocation::Revoked { .. }) => revoked,
        (Revocation::Good { until: one }, Revocation::Good { until: other }) => {
            Revocation::Good { until: one.max(other) }
        }
        (good @ Revocation::Good { .. }, _) | (_, good @ Revocation::Good { .. }) => good,
        (Revocation::Unknown, Revocation::Unknown) => Revocation::Unknown,
    }
}

/// Until when the chain is known to be good (none: nothing demands to know), and its earliest revocation. `None` when
/// nothing at all is known and the rules demand it.
pub(super) fn revocation(
    path: &Path,
    evidence: &Evidence<'_>,
    rules: &Rules<'_>,
    findings: &mut Vec<Finding>,
) -> Option<(Option<Instant>, Option<Instant>)> {
    let demanded = rules.policy.trust.revocation == RevocationRule::Required;
    let (mut silent, mut known, mut revoked) = (false, None::<Instant>, None::<Instant>);
    let earlier = |known: Option<Instant>, at: Instant| Some(known.map_or(at, |known| known.min(at)));
    for (place, answer) in standing(path, evidence, rules).into_iter().enumerate() {
        let told = matches!(answer, Revocation::Revoked { .. })
            || matches!(answer, Revocation::Good { until } if rules.at <= until);
        if !told {
            findings.extend(missed(path, place, rules));
        }
        match answer {
            Revocation::Good { until } if rules.at <= until => {}
            Revocation::Revoked { since } => {
                findings.push(TrustFinding::Revoked { since, place }.into());
                revoked = earlier(revoked, since);
            }
            Revocation::Good { until } => {
                findings.push(TrustFinding::RevocationUnknown { place, demanded }.into());
                known = if demanded { earlier(known, until) } else { known };
            }
            Revocation::Unknown => {
                findings.push(TrustFinding::RevocationUnknown { place, demanded }.into());
                silent |= demanded;
            }
        }
    }
    (!silent).then_some((known, revoked))
}

/// Where it was asked for in vain.
fn missed(path: &Path, place: usize, rules: &Rules<'_>) -> Vec<Finding> {
    let about = path.certificates().get(place).map(Certificate::fingerprint);
    let misses = rules.sought.iter().flat_map(|sought| &sought.misses);
    let misses = misses.filter(|miss| Some(miss.certificate) == about);
    let not_fetched = |miss: &super::sought::Miss| {
        TrustFinding::RevocationNotFetched { place, host: miss.host.clone(), why: miss.why }.into()
    };
    misses.map(not_fetched).collect()
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
                        && certificate.bound_by(issuer, checker).is_ok()
                })
        });
        if !bound && certificate.as_ref().is_none_or(|certificate| certificate.der() != signer.der()) {
            findings.push(super::finding::SignedFinding::UnboundCertificate { index: *index }.into());
        }
    }
}
