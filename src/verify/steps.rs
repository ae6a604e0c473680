//! The same findings in the order of the walk: what each step looked at, how it ended, which findings belong to it.
//!
//! One table leads from codes to steps. A step is `passed` only where its proof exists; a step of which nothing was
//! established says so, and a finding is never lost: each belongs to exactly one step.

use super::finding::{Effect, Finding, TrustFinding};
use super::report::{Report, SignatureReport};
use super::steps_words as words;
use super::vocabulary::{Changes, Coverage, Integrity, Level as Kept, SecondReader};
use crate::domain::Bilingual;
use serde::Serialize;

/// A step of the walk, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Structure of the file, read twice (ISO 32000-1 §7.5).
    Structure,
    /// Signature dictionary and container (ISO 32000-1 §12.8.1, RFC 5652 §5; EN 319 102-1 §5.2.2).
    Format,
    /// Byte range and what it covers (ISO 32000-1 §12.8.1).
    Coverage,
    /// Digest of the covered bytes (RFC 5652 §5.4; EN 319 102-1 §5.2.7).
    Digest,
    /// Signature value under the signer's key (RFC 5652 §5.6; EN 319 102-1 §5.2.7).
    Signature,
    /// The signing-certificate attribute (RFC 5035 §3; EN 319 102-1 §5.2.3).
    SigningCertificate,
    /// The electronic seal inside: its maker, who may press it, its period (GB/T 38540-2020 §7, GM/T 0031).
    Seal,
    /// Algorithms and keys under the policy (EN 319 102-1 §5.2.8).
    Algorithms,
    /// Path to an anchor (RFC 5280 §6; EN 319 102-1 §5.2.6).
    Path,
    /// Revocation (RFC 5280 §6.3, RFC 6960; EN 319 102-1 §5.2.5).
    Revocation,
    /// Validity and proofs of time (RFC 3161; EN 319 102-1 §5.4, §5.5).
    Time,
    /// Form that is kept (EN 319 142-1 §6.3).
    Level,
    /// What the signer allows to be changed (ISO 32000-1 §12.8.2.2).
    Permissions,
    /// What was changed afterwards (ISO 32000-1 §12.8.2.2.2).
    Changes,
    /// How the pages look, then and now.
    Looks,
    /// Certificate and ledger.
    Certificate,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Established, nothing to remark.
    Passed,
    /// Lowers no light under the policy; there is something to know.
    Noted,
    /// A light is at best amber.
    Doubtful,
    /// A light is red.
    Failed,
    /// Nothing was established: an earlier step prevents it, or it was not asked for.
    NotEstablished,
    /// The question does not arise.
    NotApplicable,
}

/// One step, with what it looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// Which.
    pub step: Step,
    /// How it ended.
    pub outcome: Outcome,
    /// What it looked at, in one sentence.
    #[serde(flatten)]
    pub words: Bilingual,
    /// Codes of the findings that belong to it.
    pub findings: Vec<&'static str>,
}

use Step::{
    Algorithms, Certificate, Digest, Format, Level, Looks, Path, Permissions, Revocation, Seal, Signature,
    SigningCertificate, Structure, Time,
};

/// Steps of one signature.
const OF_SIGNATURE: [Step; 13] = [
    Format,
    Step::Coverage,
    Digest,
    Signature,
    SigningCertificate,
    Seal,
    Algorithms,
    Path,
    Revocation,
    Time,
    Level,
    Permissions,
    Step::Changes,
];

/// Steps of the document as a whole.
const OF_DOCUMENT: [Step; 4] = [Structure, Step::Changes, Looks, Certificate];

/// Codes of findings and the step that makes them.
const TABLE: &[(Step, &[&str])] = &[
    (
        Structure,
        &[
            "document.unreadable",
            "document.not_seen",
            "document.limit",
            "document.form_unreadable",
            "document.stray_byte_range",
            "document.broken_field",
            "document.white_after_end",
            "document.bytes_after_end",
            "document.no_signature",
        ],
    ),
    (
        Format,
        &[
            "form.contents_missing",
            "form.contents_not_hex",
            "form.contents_compressed",
            "form.padding_not_zero",
            "form.subfilter_unknown",
            "form.contents_unknown",
            "form.shared_value",
            "form.unreferenced",
            "signed.malformed",
            "signed.signer_count",
            "signed.encapsulated_content",
            "signed.inconsistent",
            "signed.attribute",
            "signed.no_attributes",
            "signed.other_form",
            "signed.unsigned_attributes",
            "ses.malformed",
        ],
    ),
    (
        Step::Coverage,
        &[
            "form.byte_range_malformed",
            "form.byte_range_outside",
            "form.gap_not_contents",
            "form.ends_inside_revision",
        ],
    ),
    (Digest, &["signed.digest_differs", "signed.other_digest", "ses.data_hash_differs"]),
    (Signature, &["signed.signature_wrong", "ses.signature_wrong"]),
    (
        SigningCertificate,
        &["signed.signer_certificate_missing", "signed.signer_not_bound", "signed.signer_binding_differs"],
    ),
    (Algorithms, &["signed.algorithm_unsupported", "signed.algorithm_not_allowed", "signed.weak_algorithm"]),
    (
        Path,
        &[
            "trust.no_path",
            "trust.no_anchors",
            "trust.distrusted",
            "trust.wrong_use",
            "signed.unbound_certificate",
        ],
    ),
    (
        Revocation,
        &[
            "trust.revoked",
            "trust.seal_not_in_use",
            "trust.revocation_unknown",
            "trust.revocation_not_fetched",
        ],
    ),
    (
        Time,
        &[
            "trust.expired_now",
            "trust.not_yet_valid",
            "trust.ledger_vouches",
            "trust.timestamp_vouches",
            "trust.time_only_claimed",
            "signed.stamped",
            "signed.stamped_untrusted",
            "signed.stamp_wrong",
            "form.no_claimed_time",
            "form.claimed_time_malformed",
        ],
    ),
    (Level, &["signed.signing_time", "form.cert_entry"]),
    (
        Step::Changes,
        &[
            "document.changed",
            "document.annotated",
            "document.form_filled",
            "document.evidence_added",
            "document.uncovered_form",
            "form.vanished",
        ],
    ),
    (Looks, &["document.looks_different", "document.pages_not_compared"]),
];

/// Notes that are a proof, and no reservation.
const PROOFS: [&str; 4] =
    ["signed.stamped", "trust.timestamp_vouches", "trust.ledger_vouches", "ledger.in_force"];

impl Step {
    /// Stable name, as the JSON spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        words::name(self)
    }

    /// Its title for people.
    #[must_use]
    pub fn title(self) -> Bilingual {
        words::title(self)
    }

    /// The step that a code belongs to. Codes that no row names are told by their kind.
    fn of(code: &str) -> Self {
        let own = TABLE.iter().find(|(_, codes)| codes.contains(&code)).map(|(step, _)| *step);
        own.unwrap_or_else(|| match code.split('.').next() {
            Some("ledger" | "claim") => Certificate,
            Some("document" | "pdf") => Structure,
            Some("trust") => Path,
            Some("ses") => Seal,
            _ => Format,
        })
    }

    /// The step of a finding about one signature: what bounds the reading there stops the look for changes.
    #[must_use]
    pub fn of_signature(finding: &Finding) -> Self {
        match Self::of(finding.code()) {
            step if OF_SIGNATURE.contains(&step) => step,
            _ => Self::Changes,
        }
    }

    /// The step of a finding about the document as a whole.
    #[must_use]
    pub fn of_document(finding: &Finding) -> Self {
        match Self::of(finding.code()) {
            step if OF_DOCUMENT.contains(&step) => step,
            _ => Structure,
        }
    }
}

/// Walks the steps once more, now that every finding has its effect.
pub(super) fn assign(report: &mut Report, ledger_asked: bool) {
    for signature in &mut report.signatures {
        signature.steps = OF_SIGNATURE.map(|step| of_signature(signature, step)).to_vec();
    }
    report.steps = OF_DOCUMENT.map(|step| of_document(report, step, ledger_asked)).to_vec();
}

fn of_signature(signature: &SignatureReport, step: Step) -> Checked {
    let findings: Vec<&Finding> =
        signature.findings.iter().filter(|finding| Step::of_signature(finding) == step).collect();
    let outcome = weighed(base(signature, step), &findings);
    checked(step, outcome, words::of_signature(signature, step), &findings)
}

fn of_document(report: &Report, step: Step, ledger_asked: bool) -> Checked {
    let findings: Vec<&Finding> =
        report.findings.iter().filter(|finding| Step::of_document(finding) == step).collect();
    let unread = report.unreadable.is_some() || !report.was_seen();
    let base = match step {
        Structure if !unread => Outcome::Passed,
        Step::Changes if report.signatures.is_empty() => Outcome::NotApplicable,
        // Each signature tells of its own; here stands what none of them covers.
        Step::Changes if !unread => Outcome::Passed,
        Looks if report.signatures.iter().all(|signature| signature.changes == Changes::None) => {
            Outcome::NotApplicable
        }
        Looks if report.rendered => Outcome::Passed,
        Certificate if report.claim.is_none() => Outcome::NotApplicable,
        Certificate if ledger_asked => Outcome::Passed,
        _ => Outcome::NotEstablished,
    };
    let facts = words::of_document(step, report.second_reader == SecondReader::Asked, ledger_asked);
    checked(step, weighed(base, &findings), facts, &findings)
}

fn checked(step: Step, outcome: Outcome, words: Bilingual, findings: &[&Finding]) -> Checked {
    Checked { step, outcome, words, findings: findings.iter().map(|finding| finding.code()).collect() }
}

/// The outcome that the gravest finding leaves of what the proofs say.
fn weighed(base: Outcome, findings: &[&Finding]) -> Outcome {
    let any = |wanted: fn(&Effect) -> bool| findings.iter().any(|finding| wanted(&finding.effect()));
    if any(|effect| matches!(effect, Effect::Red(_))) {
        return Outcome::Failed;
    }
    if any(|effect| matches!(effect, Effect::Amber(_))) {
        return Outcome::Doubtful;
    }
    let reserved = findings.iter().any(|finding| !PROOFS.contains(&finding.code()));
    if reserved && base != Outcome::NotEstablished { Outcome::Noted } else { base }
}

/// What the proofs say of a step, before its findings speak.
fn base(signature: &SignatureReport, step: Step) -> Outcome {
    let established = |yes: bool| if yes { Outcome::Passed } else { Outcome::NotEstablished };
    let fits = signature.integrity == Integrity::Ok;
    let seen = !matches!(signature.coverage, Coverage::Partial | Coverage::NotJudged);
    let stamp = signature.is_timestamp.then(|| signature.timestamps.iter().any(|stamp| stamp.trusted));
    let rooted = stamp.unwrap_or_else(|| signature.is_rooted());
    // Whoever is refused outright is asked no further.
    let refused = |finding: &Finding| {
        matches!(finding.plain(), Finding::Trust(TrustFinding::Distrusted | TrustFinding::WrongUse))
    };
    let asked = rooted && !signature.findings.iter().any(refused);
    match step {
        Format => established(fits || signature.algorithm.is_some()),
        Step::Coverage => established(seen),
        Digest | Signature => established(fits),
        SigningCertificate if matches!(signature.level, Kept::Pkcs1 | Kept::Ses) => Outcome::NotApplicable,
        SigningCertificate => established(fits),
        Seal => match &signature.seal {
            None => Outcome::NotApplicable,
            Some(seal) => established(seal.facts.is_some() && signature.maker_method.is_some()),
        },
        Algorithms => established(signature.algorithm.is_some()),
        Path => established(rooted),
        // Whoever is trusted as he stands is asked by nobody whether he is revoked.
        Revocation if rooted && signature.chain.len() == 1 => Outcome::NotApplicable,
        Revocation | Time => established(asked),
        Level => established(fits),
        Permissions => match (signature.certified, signature.changes) {
            (None, _) => Outcome::NotApplicable,
            (Some(_), Changes::NotJudged) => Outcome::NotEstablished,
            (Some(_), Changes::Forbidden) => Outcome::Failed,
            (Some(_), _) => Outcome::Passed,
        },
        Step::Changes => established(seen),
        Structure | Looks | Certificate => Outcome::NotApplicable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::tests::codes_of_findings;

    #[test]
    fn every_code_belongs_to_exactly_one_step() {
        let all = codes_of_findings();
        let named: Vec<&str> = TABLE.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
        assert!(named.iter().all(|code| all.contains(*code)), "a step for a code that nothing says");
        assert_eq!(named.iter().collect::<std::collections::BTreeSet<_>>().len(), named.len());
        for code in all {
            let by_kind = ["pdf.", "ledger.", "claim.", "ses."].iter().any(|kind| code.starts_with(kind));
            assert!(by_kind || named.contains(&code.as_str()), "{code} has no step");
        }
    }

    #[test]
    fn nothing_is_established_without_a_proof() {
        let signature = SignatureReport::new(None, String::new());
        for step in OF_SIGNATURE {
            assert_ne!(of_signature(&signature, step).outcome, Outcome::Passed, "{step:?}");
        }
    }
}
