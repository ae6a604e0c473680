//! The same verdict in the words of ETSI EN 319 102-1 §5.1.3, one indication for each signature.
//!
//! One table leads from findings to indications, most telling first; each rule names the clause it obeys. TOTAL-PASSED
//! is no rule of the table: it is said only where nothing lowers the file light, the proof behind that light exists, and
//! the seal is trusted as far as the policy demands. TOTAL-FAILED is said only of what is red.

use super::finding::{Effect, Finding, Question, TrustFinding};
use super::report::{Report, SignatureReport};
use crate::domain::Instant;
use crate::x509::PathError;
use serde::{Serialize, Serializer};

/// Main status indication (table 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indication {
    /// Every check succeeded, and the policy is satisfied.
    TotalPassed,
    /// A check failed, whatever else may be learned.
    TotalFailed,
    /// What is known is not enough to say either.
    Indeterminate,
}

/// Sub-indication (table 6), as far as our findings lead to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SubIndication {
    /// Not in the form that the standard of signatures asks for, or changed beyond it.
    FormatFailure,
    /// The digest of what was signed differs.
    HashFailure,
    /// The signature value does not verify under the signer's key.
    SigCryptoFailure,
    /// Used after the certificate was revoked.
    Revoked,
    /// Used after the certificate expired.
    Expired,
    /// Used before the certificate was valid.
    NotYetValid,
    /// An attribute or a property of the signature is not as the policy demands.
    SigConstraintsFailure,
    /// The chain is not as the policy demands.
    ChainConstraintsFailure,
    /// The chain does not validate.
    CertificateChainGeneralFailure,
    /// An algorithm that was never allowed, or is not known.
    CryptoConstraintsFailure,
    /// An algorithm or key that is no longer allowed, without proof that the signature is older.
    CryptoConstraintsFailureNoPoe,
    /// The signer's certificate is not to be found, or not the one that was signed for.
    NoSigningCertificateFound,
    /// No path to an anchor.
    NoCertificateChainFound,
    /// The signer's certificate is revoked, without proof that the signature is older.
    RevokedNoPoe,
    /// A certificate above the signer's is revoked, without proof that the signature is older.
    RevokedCaNoPoe,
    /// Outside the validity of the certificate, not revoked, without proof that the signature lies inside.
    OutOfBoundsNotRevoked,
    /// Outside the validity of the certificate, without proof that the signature lies inside.
    OutOfBoundsNoPoe,
    /// Revocation is not known now and may be known later.
    TryLater,
    /// What was signed is not there.
    SignedDataNotFound,
    /// Anything else. V1.3.1 and later spell it `CUSTOM`.
    Generic,
}

impl Indication {
    /// As the standard spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TotalPassed => "TOTAL-PASSED",
            Self::TotalFailed => "TOTAL-FAILED",
            Self::Indeterminate => "INDETERMINATE",
        }
    }
}

impl Serialize for Indication {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl SubIndication {
    /// As the standard spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::FormatFailure => "FORMAT_FAILURE",
            Self::HashFailure => "HASH_FAILURE",
            Self::SigCryptoFailure => "SIG_CRYPTO_FAILURE",
            Self::Revoked => "REVOKED",
            Self::Expired => "EXPIRED",
            Self::NotYetValid => "NOT_YET_VALID",
            Self::SigConstraintsFailure => "SIG_CONSTRAINTS_FAILURE",
            Self::ChainConstraintsFailure => "CHAIN_CONSTRAINTS_FAILURE",
            Self::CertificateChainGeneralFailure => "CERTIFICATE_CHAIN_GENERAL_FAILURE",
            Self::CryptoConstraintsFailure => "CRYPTO_CONSTRAINTS_FAILURE",
            Self::CryptoConstraintsFailureNoPoe => "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
            Self::NoSigningCertificateFound => "NO_SIGNING_CERTIFICATE_FOUND",
            Self::NoCertificateChainFound => "NO_CERTIFICATE_CHAIN_FOUND",
            Self::RevokedNoPoe => "REVOKED_NO_POE",
            Self::RevokedCaNoPoe => "REVOKED_CA_NO_POE",
            Self::OutOfBoundsNotRevoked => "OUT_OF_BOUNDS_NOT_REVOKED",
            Self::OutOfBoundsNoPoe => "OUT_OF_BOUNDS_NO_POE",
            Self::TryLater => "TRY_LATER",
            Self::SignedDataNotFound => "SIGNED_DATA_NOT_FOUND",
            Self::Generic => "GENERIC",
        }
    }
}

impl Serialize for SubIndication {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// What a rule may ask beside the code of a finding.
struct Facts {
    /// Before this instant the key was not used for this signature; proven by somebody else than the file.
    not_before: Option<Instant>,
    /// Nothing says that revocation is unknown.
    revocation_known: bool,
}

/// One rule of the table.
struct Rule {
    /// Codes of findings.
    codes: &'static [&'static str],
    /// When the code alone does not decide.
    when: fn(&Finding, &Facts) -> bool,
    indication: Indication,
    sub_indication: SubIndication,
    /// Clause of EN 319 102-1.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "for the reader; a test holds the page of the standard to it")
    )]
    clause: &'static str,
}

use Indication::{Indeterminate, TotalFailed};
use SubIndication as Sub;

const fn rule(
    codes: &'static [&'static str],
    indication: Indication,
    sub_indication: SubIndication,
    clause: &'static str,
) -> Rule {
    Rule { codes, when: |_, _| true, indication, sub_indication, clause }
}

const fn rule_when(
    codes: &'static [&'static str],
    when: fn(&Finding, &Facts) -> bool,
    indication: Indication,
    sub_indication: SubIndication,
    clause: &'static str,
) -> Rule {
    Rule { codes, when, indication, sub_indication, clause }
}

/// Most telling first.
const TABLE: &[Rule] = &[
    // What failed.
    rule(&["signed.digest_differs", "ses.data_hash_differs"], TotalFailed, Sub::HashFailure, "5.2.7"),
    rule(&["signed.signature_wrong", "ses.signature_wrong"], TotalFailed, Sub::SigCryptoFailure, "5.2.7"),
    rule(
        &["form.byte_range_outside", "signed.other_digest"],
        Indeterminate,
        Sub::SignedDataNotFound,
        "5.2.7",
    ),
    rule(
        &[
            "form.contents_missing",
            "form.contents_not_hex",
            "form.contents_compressed",
            "form.padding_not_zero",
            "form.byte_range_malformed",
            "form.gap_not_contents",
            "form.ends_inside_revision",
            "form.vanished",
            "document.changed",
            "document.bytes_after_end",
            "document.broken_field",
            "pdf.entry_beyond_revision",
        ],
        TotalFailed,
        Sub::FormatFailure,
        "5.2.2",
    ),
    rule_when(&["document.unreadable"], is_red, TotalFailed, Sub::FormatFailure, "5.2.2"),
    // Who signed.
    rule(
        &[
            "signed.signer_certificate_missing",
            "signed.signer_binding_differs",
            "ses.signer_certificate_unreadable",
        ],
        Indeterminate,
        Sub::NoSigningCertificateFound,
        "5.2.3",
    ),
    // The chain, and when.
    rule_when(&["trust.revoked"], is_proven_later, TotalFailed, Sub::Revoked, "5.5"),
    rule_when(&["trust.revoked"], is_of_signer, Indeterminate, Sub::RevokedNoPoe, "5.2.6"),
    rule(&["trust.revoked"], Indeterminate, Sub::RevokedCaNoPoe, "5.2.6"),
    rule(&["ses.signer_revoked"], Indeterminate, Sub::RevokedNoPoe, "5.2.6"),
    rule(
        &[
            "trust.distrusted",
            "trust.wrong_use",
            "trust.seal_not_in_use",
            "ses.signer_distrusted",
            "ses.signer_wrong_use",
        ],
        Indeterminate,
        Sub::ChainConstraintsFailure,
        "5.2.6",
    ),
    rule_when(&["trust.no_path"], breaks_constraint, Indeterminate, Sub::ChainConstraintsFailure, "5.2.6"),
    rule_when(
        &["trust.no_path"],
        fails_to_validate,
        Indeterminate,
        Sub::CertificateChainGeneralFailure,
        "5.2.6",
    ),
    rule_when(&["trust.no_path"], is_unsupported, Indeterminate, Sub::CryptoConstraintsFailure, "5.2.6"),
    rule(
        &["trust.no_path", "trust.no_anchors", "ses.signer_no_path"],
        Indeterminate,
        Sub::NoCertificateChainFound,
        "5.2.6",
    ),
    rule_when(&["trust.not_yet_valid"], is_red, TotalFailed, Sub::NotYetValid, "5.5"),
    rule_when(&["trust.expired_now"], is_proven_later, TotalFailed, Sub::Expired, "5.5"),
    rule_when(
        &["trust.expired_now", "trust.not_yet_valid"],
        |_, facts| facts.revocation_known,
        Indeterminate,
        Sub::OutOfBoundsNotRevoked,
        "5.2.6",
    ),
    rule(
        &["trust.expired_now", "trust.not_yet_valid", "ses.signer_out_of_date"],
        Indeterminate,
        Sub::OutOfBoundsNoPoe,
        "5.2.6",
    ),
    rule(
        &["trust.revocation_unknown", "ses.signer_revocation_unknown", "ses.maker_revocation_unknown"],
        Indeterminate,
        Sub::TryLater,
        "5.2.6",
    ),
    // Algorithms.
    rule(
        &[
            "signed.algorithm_unsupported",
            "signed.algorithm_not_allowed",
            "ses.algorithm_unsupported",
            "ses.maker_algorithm_unsupported",
            "ses.algorithm_not_allowed",
            "ses.maker_algorithm_not_allowed",
        ],
        Indeterminate,
        Sub::CryptoConstraintsFailure,
        "5.2.8",
    ),
    rule(
        &["signed.weak_algorithm", "ses.signer_weak_algorithm", "ses.maker_weak_algorithm"],
        Indeterminate,
        Sub::CryptoConstraintsFailureNoPoe,
        "5.2.8",
    ),
    // What the policy demands of the signature.
    rule(
        &[
            "signed.attribute",
            "signed.inconsistent",
            "form.shared_value",
            "form.unreferenced",
            "document.annotated",
            "document.uncovered_form",
            "document.looks_different",
            "signed.stamp_wrong",
        ],
        Indeterminate,
        Sub::SigConstraintsFailure,
        "5.2.8",
    ),
    // What GB/T 38540 demands of a seal.
    rule(
        &[
            "ses.maker_signature_wrong",
            "ses.signer_not_listed",
            "ses.signers_not_comparable",
            "ses.maker_certificate_unreadable",
            "ses.maker_no_path",
            "ses.maker_wrong_use",
            "ses.maker_distrusted",
            "ses.maker_revoked",
            "ses.maker_revoked_later",
            "ses.made_outside_validity",
            "ses.pressed_outside_period",
            "ses.pressed_outside_certificate",
            "ses.pressed_before_made",
            "ses.pressed_in_future",
            "ses.period_over",
            "ses.period_not_begun",
            "ses.time_unreadable",
            "ses.version_differs",
            "ses.critical_extension",
            "ses.picture_missing",
            "ses.picture_differs",
            "ses.property_differs",
        ],
        Indeterminate,
        Sub::SigConstraintsFailure,
        "5.2.8",
    ),
    // What is not understood, or read in two ways.
    rule(
        &[
            "form.subfilter_unknown",
            "ses.malformed",
            "ses.seal_malformed",
            "form.contents_unknown",
            "signed.malformed",
            "signed.signer_count",
            "signed.encapsulated_content",
            "document.unreadable",
            "document.form_unreadable",
            "document.limit",
            "document.stray_byte_range",
            "document.white_after_end",
            "pdf.bytes_before_header",
            "pdf.startxref_displaced",
            "pdf.startxref_mismatch",
            "pdf.duplicate_entry",
            "pdf.duplicate_key",
            "pdf.encrypted",
            "pdf.unreadable_object",
            "pdf.second_opinion",
            "ledger.signature_only",
        ],
        Indeterminate,
        Sub::Generic,
        "5.2.2",
    ),
    // Last, since anything else tells more.
    rule(&["document.not_seen"], Indeterminate, Sub::SignedDataNotFound, "5.2.7"),
];

fn is_red(finding: &Finding, _: &Facts) -> bool {
    matches!(finding.effect(), Effect::Red(_))
}

/// Not merely unproven: the key is proven to have been used after the revocation or the end of validity.
fn is_proven_later(finding: &Finding, facts: &Facts) -> bool {
    let since = match finding.plain() {
        Finding::Trust(TrustFinding::Revoked { since, .. } | TrustFinding::ExpiredNow { since }) => *since,
        _ => return false,
    };
    is_red(finding, facts) && facts.not_before.is_some_and(|proven| proven > since)
}

fn is_of_signer(finding: &Finding, _: &Facts) -> bool {
    matches!(finding.plain(), Finding::Trust(TrustFinding::Revoked { place: 0, .. }))
}

fn why(finding: &Finding) -> Option<&PathError> {
    match finding.plain() {
        Finding::Trust(TrustFinding::NoPath { why }) => Some(why),
        _ => None,
    }
}

fn breaks_constraint(finding: &Finding, _: &Facts) -> bool {
    matches!(
        why(finding),
        Some(
            PathError::NotAnAuthority { .. } | PathError::CriticalExtension { .. } | PathError::Names { .. }
        )
    )
}

fn fails_to_validate(finding: &Finding, _: &Facts) -> bool {
    matches!(why(finding), Some(PathError::BadSignature { .. } | PathError::Budget))
}

fn is_unsupported(finding: &Finding, _: &Facts) -> bool {
    matches!(why(finding), Some(PathError::Unsupported { .. }))
}

/// Gives every signature of a report its indication. Findings have their effects under the policy by then.
pub(super) fn assign(report: &mut Report) {
    let of_file: Vec<Finding> =
        report.findings.iter().filter(|finding| finding.lowers(Question::File)).cloned().collect();
    let said: Vec<_> =
        report.signatures.iter().map(|signature| indicate(report, signature, &of_file)).collect();
    for (signature, (indication, sub_indication)) in report.signatures.iter_mut().zip(said) {
        signature.indication = indication;
        signature.sub_indication = sub_indication;
    }
}

fn indicate(
    report: &Report,
    signature: &SignatureReport,
    of_file: &[Finding],
) -> (Indication, Option<SubIndication>) {
    let lowering = |finding: &&Finding| finding.lowers(Question::File) || finding.lowers(Question::Seal);
    let counting: Vec<&Finding> = signature.findings.iter().filter(lowering).chain(of_file).collect();
    let unknown =
        |finding: &Finding| matches!(finding.plain(), Finding::Trust(TrustFinding::RevocationUnknown { .. }));
    let facts =
        Facts { not_before: signature.not_before, revocation_known: !signature.findings.iter().any(unknown) };
    if let Some((indication, sub_indication)) = look_up(&counting, &facts) {
        return (indication, Some(sub_indication));
    }
    let proven = signature.counts && signature.intact.is_some() && report.is_trusted(signature);
    if proven && counting.is_empty() {
        return (Indication::TotalPassed, None);
    }
    (Indeterminate, Some(Sub::Generic))
}

fn look_up(counting: &[&Finding], facts: &Facts) -> Option<(Indication, SubIndication)> {
    let applies = |rule: &&Rule| {
        counting.iter().any(|finding| rule.codes.contains(&finding.code()) && (rule.when)(finding, facts))
    };
    TABLE.iter().find(applies).map(|rule| (rule.indication, rule.sub_indication))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Site;
    use crate::verify::finding::{DocumentFinding, FormFinding, SignedFinding};
    use crate::verify::tests::{codes_of_findings, lower_no_light, rules};
    use crate::verify::vocabulary::Changes;

    fn at(seconds: i64) -> Instant {
        Instant::from_seconds(seconds).unwrap()
    }

    fn said(findings: &[Finding], not_before: Option<i64>, revocation_known: bool) -> String {
        let facts = Facts { not_before: not_before.map(at), revocation_known };
        let counting: Vec<&Finding> = findings.iter().collect();
        look_up(&counting, &facts)
            .map_or_else(String::new, |(main, sub)| format!("{} {}", main.name(), sub.name()))
    }

    fn alone(finding: impl Into<Finding>) -> String {
        said(&[finding.into()], None, true)
    }

    fn red(finding: impl Into<Finding>) -> Finding {
        let mut finding = finding.into();
        finding.set_effect(Effect::Red(Question::Seal));
        finding
    }

    #[test]
    fn every_code_that_lowers_the_file_or_the_seal_light_has_a_rule() {
        let known: Vec<&str> = TABLE.iter().flat_map(|rule| rule.codes.iter().copied()).collect();
        let all = codes_of_findings();
        assert!(known.iter().all(|code| all.contains(*code)), "a rule for a code that nothing says");
        for code in all {
            // Neither what the ledger says of a certificate nor the want of any signature is said of a signature.
            let of_certificate = ["ledger.", "claim."].iter().any(|start| code.starts_with(start))
                && code != "ledger.signature_only";
            let of_certificate = of_certificate || code == "document.no_signature";
            assert!(known.contains(&code.as_str()) != (lower_no_light(&code) || of_certificate), "{code}");
        }
        assert!(TABLE.iter().all(|rule| rule.indication != Indication::TotalPassed));
    }

    #[test]
    fn the_document_lists_the_table() {
        let page = include_str!("../../docs/standards/en-319-102.md");
        for rule in TABLE {
            let line = |code: &&str| {
                page.lines().any(|line| {
                    line.contains(&format!("`{code}`"))
                        && line.contains(&format!(
                            "{} / {} ",
                            rule.indication.name(),
                            rule.sub_indication.name()
                        ))
                        && line.contains(&format!(" {} ", rule.clause))
                })
            };
            let missing: Vec<_> = rule.codes.iter().filter(|code| !line(code)).collect();
            assert!(missing.is_empty(), "{} {missing:?}", rule.sub_indication.name());
        }
    }

    #[test]
    fn what_failed_comes_first() {
        let all = [
            TrustFinding::NoAnchors.into(),
            SignedFinding::SignatureWrong.into(),
            FormFinding::SharedValue { fields: 2 }.into(),
            SignedFinding::DigestDiffers.into(),
        ];
        assert_eq!(said(&all, None, true), "TOTAL-FAILED HASH_FAILURE");
        assert_eq!(said(&all[..3], None, true), "TOTAL-FAILED SIG_CRYPTO_FAILURE");
        assert_eq!(said(&all[..1], None, true), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND");
        let changed = DocumentFinding::Changed { kind: Changes::Forbidden, site: Site::Metadata };
        assert_eq!(alone(changed), "TOTAL-FAILED FORMAT_FAILURE");
        let annotated = DocumentFinding::Changed { kind: Changes::Annotations, site: Site::Metadata };
        assert_eq!(alone(annotated), "INDETERMINATE SIG_CONSTRAINTS_FAILURE");
        assert_eq!(alone(FormFinding::ByteRangeOutside), "INDETERMINATE SIGNED_DATA_NOT_FOUND");
        assert_eq!(
            alone(SignedFinding::SignerCertificateMissing),
            "INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND"
        );
        assert_eq!(said(&[], None, true), "");
    }

    #[test]
    fn a_chain_fails_in_its_own_way() {
        let subject = || "示例".to_owned();
        let extension = "1.2.3".to_owned();
        for (why, expected) in [
            (PathError::NoAnchor, "NO_CERTIFICATE_CHAIN_FOUND"),
            (PathError::BadSignature { subject: subject() }, "CERTIFICATE_CHAIN_GENERAL_FAILURE"),
            (PathError::Budget, "CERTIFICATE_CHAIN_GENERAL_FAILURE"),
            (PathError::NotAnAuthority { subject: subject() }, "CHAIN_CONSTRAINTS_FAILURE"),
            (PathError::CriticalExtension { subject: subject(), extension }, "CHAIN_CONSTRAINTS_FAILURE"),
            (PathError::Names { issuer: subject(), subject: subject() }, "CHAIN_CONSTRAINTS_FAILURE"),
            (PathError::Unsupported { subject: subject() }, "CRYPTO_CONSTRAINTS_FAILURE"),
        ] {
            assert_eq!(alone(TrustFinding::NoPath { why }), format!("INDETERMINATE {expected}"));
        }
        assert_eq!(alone(TrustFinding::Distrusted), "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE");
        assert_eq!(alone(TrustFinding::WrongUse), "INDETERMINATE CHAIN_CONSTRAINTS_FAILURE");
    }

    #[test]
    fn revoked_and_expired_need_proof_of_the_time_of_use() {
        let revoked = |place| Finding::from(TrustFinding::Revoked { since: at(1_000), place });
        assert_eq!(said(&[revoked(0)], None, true), "INDETERMINATE REVOKED_NO_POE");
        assert_eq!(said(&[revoked(1)], None, true), "INDETERMINATE REVOKED_CA_NO_POE");
        assert_eq!(said(&[revoked(0)], Some(999), true), "INDETERMINATE REVOKED_NO_POE");
        assert_eq!(said(&[revoked(0)], Some(1_001), true), "TOTAL-FAILED REVOKED");
        let expired = || TrustFinding::ExpiredNow { since: at(1_000) };
        assert_eq!(said(&[expired().into()], None, true), "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED");
        assert_eq!(said(&[expired().into()], None, false), "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
        assert_eq!(said(&[red(expired())], Some(999), true), "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED");
        assert_eq!(said(&[red(expired())], Some(1_001), true), "TOTAL-FAILED EXPIRED");
        let early = || TrustFinding::NotYetValid { from: at(1_000) };
        assert_eq!(said(&[early().into()], None, false), "INDETERMINATE OUT_OF_BOUNDS_NO_POE");
        assert_eq!(said(&[red(early())], None, false), "TOTAL-FAILED NOT_YET_VALID");
        let unknown = TrustFinding::RevocationUnknown { place: 0, demanded: true };
        assert_eq!(alone(unknown), "INDETERMINATE TRY_LATER");
    }

    #[test]
    fn algorithms_and_what_is_not_understood() {
        let until = time::macros::date!(2017 - 02 - 23);
        let weak = SignedFinding::WeakAlgorithm { what: "SHA-1".to_owned(), until };
        assert_eq!(alone(weak), "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE");
        let unsupported = SignedFinding::AlgorithmUnsupported { oid: "1.2".to_owned() };
        assert_eq!(alone(unsupported), "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE");
        assert_eq!(alone(FormFinding::ContentsUnknown), "INDETERMINATE GENERIC");
    }

    /// No finding, and no proof either: nothing passes for want of complaints.
    #[test]
    fn nothing_passes_without_its_proof() {
        let mut report = Report::new(0, &rules(at(1_800_000_000)));
        report.signatures.push(SignatureReport::new(None, String::new()));
        assign(&mut report);
        let [signature] = &report.signatures[..] else { panic!() };
        assert_eq!(signature.indication, Indication::Indeterminate);
        assert_eq!(signature.sub_indication, Some(Sub::Generic));
    }
}
