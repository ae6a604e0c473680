//! Is this document what the seal was pressed on? SES_Signature against the covered bytes (GB/T 38540-2020,
//! GM/T 0031-2014, GM/T 0031-2025).
//!
//! The steps: structure → versions → digest of the document → signer's signature → the seal itself (maker's signature,
//! maker's chain, picture) → signer among those who may press it → period and times → what it says that it covers.
//! None hides another. The signer's own chain is judged as any signer's (`verify/trust.rs`). A signature value that
//! fits says that the document is whole; only a seal that holds in every step lets its signer be trusted.

mod report;
mod seal;
mod shown;
mod value;

pub use report::{PictureFacts, SealFacts, SealReport, Shown};
pub(super) use shown::compare;

use super::Rules;
use super::evidence::Evidence;
use super::finding::{Finding, Party, Question, SealFinding, SignedFinding};
use super::form::Form;
use super::report::Link;
use super::signed::Covering;
use super::timestamp::{self, TimestampReport};
use super::trust::{self, Trust};
use super::vocabulary::Integrity;
use crate::asn1::oid;
use crate::crypto::{self, Digest, Method};
use crate::domain::Instant;
use crate::ses::{Deviation, Seal, Signature, SigningTime, Version};
use crate::x509::Certificate;
use std::ops::Range;
use value::Answer;

/// Clocks that differ less than this agree: five minutes, as in Kerberos (RFC 4120 §8.2).
const SKEW_MILLIS: i64 = 300_000;

/// Proof that the digest of the covered bytes is the one signed, by the key of the certificate inside.
#[derive(Debug)]
pub(super) struct SealMatches(());

/// What a pressing is judged against.
pub(super) struct Sealed<'s> {
    /// What it should be pressed on.
    pub(super) covering: &'s Covering<'s>,
    /// The signature dictionary around it.
    pub(super) form: &'s Form,
    /// `/M`, the time that the file claims.
    pub(super) claimed: Option<Instant>,
    /// Certificates beside it, which may help to build chains.
    pub(super) others: &'s [(usize, Option<Certificate>)],
}

/// In which span the seal can be relied on, before its signer's chain is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// In none: something about the seal is wrong or not known.
    Not,
    /// In this one.
    Within {
        /// First instant.
        from: Instant,
        /// Last instant.
        until: Instant,
    },
}

/// What was learned of a pressing.
pub(super) struct Judged {
    pub(super) integrity: Integrity,
    pub(super) proof: Option<SealMatches>,
    pub(super) signer: Option<Certificate>,
    pub(super) method: Option<Method>,
    /// How the maker signed the seal.
    pub(super) maker_method: Option<Method>,
    /// What stands outside the signed part is written as the standard writes it.
    pub(super) own_form: bool,
    pub(super) signature_digest: Option<[u8; 32]>,
    pub(super) standing: Standing,
    /// The time-stamp over the signature value (v4, v5), if there is one.
    pub(super) stamp: Option<TimestampReport>,
    pub(super) report: Option<SealReport>,
}

impl Judged {
    fn nothing() -> Self {
        Self {
            integrity: Integrity::Unverifiable,
            proof: None,
            signer: None,
            method: None,
            maker_method: None,
            own_form: false,
            signature_digest: None,
            standing: Standing::Not,
            stamp: None,
            report: None,
        }
    }
}

impl Standing {
    /// The trust in the signer, held to the span of the seal.
    pub(super) fn limit(self, trust: Trust, chain: &[Link], at: Instant) -> Trust {
        let Self::Within { from, until } = self else { return Trust::Not };
        match trust {
            Trust::Not => Trust::Not,
            Trust::Now(trusted) if from <= at && at <= until => Trust::Now(trusted),
            Trust::Now(_) => {
                let begin = chain.iter().map(|link| link.not_before).fold(from, Instant::max);
                let end = chain.iter().map(|link| link.not_after).fold(until, Instant::min);
                Trust::Between { from: begin, until: end }
            }
            Trust::Between { from: begin, until: end } => {
                Trust::Between { from: begin.max(from), until: end.min(until) }
            }
        }
    }
}

/// Judges SES_Signature. Every step that can be taken is taken.
pub(super) fn check(
    der: &[u8],
    sealed: &Sealed<'_>,
    evidence: &Evidence<'_>,
    rules: &Rules<'_>,
    findings: &mut Vec<Finding>,
) -> Judged {
    let mut judged = Judged::nothing();
    // What was rewritten from BER is no longer what was signed.
    let read = if sealed.form.ber {
        Err("BER".to_owned())
    } else {
        Signature::read(der).map_err(|why| why.to_string())
    };
    let signature = match read {
        Ok(signature) => signature,
        Err(why) => {
            findings.push(SealFinding::Malformed { why }.into());
            return judged;
        }
    };
    let mut said: Vec<Finding> = Vec::new();
    let mut report = SealReport::of(&signature);
    let mut deviations = signature.deviations.clone();
    judged.signature_digest = Some(crypto::sha256(&[signature.signature]));
    value_of(&signature, sealed, rules, &mut judged, &mut deviations, &mut said);
    judged.own_form &= deviations.is_empty();
    judged.stamp = signature.time_stamp().map(|stamp| {
        timestamp::check("signature", stamp.token, |digest| Some(digest.of(&[stamp.over])), evidence, rules)
    });
    said.extend(critical(&signature));
    if matches!(sealed.covering, Covering::Bytes { .. }) {
        said.extend(property(&signature, &sealed.form.ranges));
    }
    report.signer = judged.signer.as_ref().map(Link::of);
    match Seal::read(signature.seal) {
        Ok(seal) => {
            let pool = evidence.pool(sealed.others.iter().filter_map(|(_, one)| one.as_ref()), rules.known);
            let made = seal::check(&seal, &pool, evidence, rules, &mut said);
            judged.maker_method = made.method;
            deviations.extend(seal.deviations.iter().copied().chain(made.raw));
            if !versions_agree(&signature, &seal) {
                said.push(SealFinding::VersionDiffers.into());
            }
            seal::listed(&seal.signers, signature.certificate, &mut said);
            times(&signature, &seal, judged.signer.as_ref(), sealed.claimed, rules.at, &mut said);
            report.facts = Some(SealFacts::of(&seal, made.maker.as_ref().map(Link::of)));
            if holds(&said) && !made.silent {
                let until = made.until.map_or(seal.valid_until, |until| until.min(seal.valid_until));
                judged.standing = Standing::Within { from: seal.valid_from, until };
            }
        }
        Err(why) => said.push(SealFinding::SealMalformed { why: why.to_string() }.into()),
    }
    let noted = deviations.into_iter().filter(|deviation| report.deviates(*deviation));
    let noted: Vec<Deviation> = noted.collect();
    said.extend(noted.into_iter().map(|deviation| Finding::from(SealFinding::Tolerated(deviation))));
    if judged.integrity == Integrity::Ok && !said.iter().any(|finding| finding.lowers(Question::File)) {
        judged.proof = Some(SealMatches(()));
    }
    judged.report = Some(report);
    findings.append(&mut said);
    judged
}

/// The digest by which a pressing covers its document.
pub(super) fn digest(der: &[u8]) -> Option<&'static Digest> {
    let signature = Signature::read(der).ok()?;
    let signer = Certificate::from_der(signature.certificate).ok()?;
    let method =
        value::method(Party::Signer, signature.signature_algorithm, &signer, crypto::ALL, &mut Vec::new());
    method.map(|method| method.digest)
}

/// Digest of the document and signature of its signer.
fn value_of(
    signature: &Signature<'_>,
    sealed: &Sealed<'_>,
    rules: &Rules<'_>,
    judged: &mut Judged,
    deviations: &mut Vec<Deviation>,
    said: &mut Vec<Finding>,
) {
    let Ok(signer) = Certificate::from_der(signature.certificate) else {
        said.push(SealFinding::CertificateUnreadable(Party::Signer).into());
        return;
    };
    judged.method = value::method(Party::Signer, signature.signature_algorithm, &signer, rules.suites, said);
    let Some(method) = judged.method else {
        judged.integrity = Integrity::Unsupported;
        judged.signer = Some(signer);
        return;
    };
    let same = sealed.covering.digest(method.digest).map(|digest| digest == signature.data_hash);
    said.extend(match same {
        Some(true) => None,
        Some(false) => Some(SealFinding::DataHashDiffers.into()),
        None => Some(sealed.covering.wanting(method.digest)),
    });
    let right = match value::check(&method, &signer, signature.message(), signature.signature) {
        Answer::Right { raw } => {
            deviations.extend(raw.then_some(Deviation::RawSignature));
            judged.own_form = signature.signature_algorithm == oid::SM2_WITH_SM3;
            true
        }
        Answer::Wrong => {
            said.push(SealFinding::SignatureWrong.into());
            false
        }
    };
    judged.integrity = match same {
        Some(true) if right => Integrity::Ok,
        None if right => Integrity::Unverifiable,
        _ => Integrity::Broken,
    };
    judged.signer = Some(signer);
}

/// Whether structure, header and TBS_Sign name one version. v1 leaves the numbers free.
fn versions_agree(signature: &Signature<'_>, seal: &Seal<'_>) -> bool {
    let numbers = match signature.version {
        Version::V1 => seal.header_version != 4 && seal.header_version != 5,
        Version::V4 => signature.declared_version == 4 && seal.header_version == 4,
        Version::V5 => seal.header_version == 5,
    };
    signature.version == seal.version && numbers
}

fn critical(signature: &Signature<'_>) -> impl Iterator<Item = Finding> {
    let critical = signature.extensions.iter().filter(|extension| extension.critical);
    critical.map(|extension| SealFinding::CriticalExtension { oid: oid::dotted(extension.id) }.into())
}

/// What the signer says that it covers, against what the file says.
fn property(signature: &Signature<'_>, [first, second]: &[Range<usize>; 2]) -> Option<Finding> {
    let length = second.end.checked_sub(second.start)?;
    match signature.byte_range() {
        Some(numbers) if numbers == [first.start, first.end, second.start, length] => None,
        Some(_) => Some(SealFinding::PropertyDiffers.into()),
        None => Some(SealFinding::PropertyFree.into()),
    }
}

/// The seal's period, and whether the time of pressing is plausible.
fn times(
    signature: &Signature<'_>,
    seal: &Seal<'_>,
    signer: Option<&Certificate>,
    claimed: Option<Instant>,
    at: Instant,
    said: &mut Vec<Finding>,
) {
    if at < seal.valid_from {
        said.push(SealFinding::PeriodNotBegun { from: seal.valid_from }.into());
    }
    if at > seal.valid_until {
        said.push(SealFinding::PeriodOver { since: seal.valid_until }.into());
    }
    // v1 says nowhere what a time-stamp in the place of the time is over.
    if matches!(signature.time, SigningTime::Token(_)) {
        said.push(SealFinding::TimeStampPresent(Party::Signer).into());
    }
    let SigningTime::At(pressed) = signature.time else {
        said.push(SealFinding::TimeUnreadable.into());
        return;
    };
    if pressed < seal.valid_from || pressed > seal.valid_until {
        said.push(SealFinding::PressedOutsidePeriod.into());
    }
    if signer.is_some_and(|signer| pressed < signer.not_before() || pressed > signer.not_after()) {
        said.push(SealFinding::PressedOutsideCertificate.into());
    }
    let later = |one: Instant, other: Instant| one.millis().saturating_sub(other.millis());
    if later(seal.created, pressed) > SKEW_MILLIS {
        said.push(SealFinding::PressedBeforeMade.into());
    }
    if later(pressed, at) > SKEW_MILLIS {
        said.push(SealFinding::PressedInFuture.into());
    }
    if claimed.is_some_and(|claimed| later(pressed, claimed).abs() > SKEW_MILLIS) {
        said.push(SealFinding::TimeDiffers.into());
    }
}

/// Nothing is wrong or unknown about the seal but what a proven time makes good.
fn holds(said: &[Finding]) -> bool {
    said.iter().all(|finding| !finding.lowers(Question::Seal) || finding.is_outlived())
}

/// Judges a pressing that stands as a signed attribute in another signature: the same bytes must be covered, and its
/// own signer and seal are judged by their own rules. Returns what was learned, and what is left of `trust`.
pub(super) fn attribute(
    der: &[u8],
    sealed: &Sealed<'_>,
    trust: Trust,
    evidence: &Evidence<'_>,
    rules: &Rules<'_>,
    findings: &mut Vec<Finding>,
) -> (Judged, Trust) {
    let judged = check(der, sealed, evidence, rules, findings);
    // It proves when the seal was pressed, and nothing of the signature around it.
    if judged.stamp.is_some() {
        findings.push(SealFinding::TimeStampPresent(Party::Signer).into());
    }
    let Some(signer) = &judged.signer else { return (judged, Trust::Not) };
    let mut said = Vec::new();
    let (own, chain, _) = trust::check(signer, sealed.others, evidence, rules, &mut said);
    if !matches!(own, Trust::Not) {
        // A certificate beside the signature that the seal's own path goes through is bound by that path.
        let carried = |index: usize| sealed.others.iter().find(|(place, _)| *place == index);
        let in_path = |index: usize| match carried(index) {
            Some((_, Some(certificate))) => chain.iter().any(|link| link.der == certificate.der()),
            _ => false,
        };
        findings.retain(|finding| match finding {
            Finding::Signed(SignedFinding::UnboundCertificate { index }) => !in_path(*index),
            _ => true,
        });
    }
    findings.extend(said.into_iter().filter_map(|finding| match finding {
        Finding::Trust(finding) => Some(SealFinding::Chain { of: Party::Signer, finding }.into()),
        _ => None,
    }));
    let left = match judged.standing.limit(own, &chain, rules.at) {
        _ if judged.integrity != Integrity::Ok => Trust::Not,
        Trust::Now(_) => trust,
        Trust::Between { from, until } => Standing::Within { from, until }.limit(trust, &chain, rules.at),
        Trust::Not => Trust::Not,
    };
    (judged, left)
}
