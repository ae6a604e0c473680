//! One signature, one straight line. `?` only where the next step needs the value; every other answer is kept, so
//! that one failure hides no other.

use super::Rules;
use super::changes::{self, History};
use super::digests::Digests;
use super::finding::{DocumentFinding, Finding, FormFinding, TrustFinding};
use super::form::Form;
use super::form::{self, Covered, Kind, SubFilter};
use super::report::{Intact, Link, SignatureReport};
use super::signed::{self, Signed};
use super::trust::{self, Trust};
use super::vocabulary::{Changes, Coverage, Integrity, Level};
use crate::pdf::{File, Origin, SignatureValue};

/// Proof that nothing forbidden and nothing of an annotation's weight was appended.
#[derive(Debug)]
pub(super) struct Untouched(());

/// Judges one signature value.
pub(super) fn judge(
    file: &File<'_>,
    history: &History<'_, '_>,
    digests: &mut Digests<'_>,
    value: &SignatureValue,
    rules: &Rules<'_>,
) -> SignatureReport {
    let mut report = SignatureReport::new(value.fields.first().cloned(), form::sub_filter_name(&value.dict));
    place(file, value, &mut report.findings);
    report.signed_at_claimed = form::claimed_time(&value.dict, &mut report.findings);
    let permission = form::permission(file, value);
    report.certified = permission.certified;
    report.is_timestamp = value.dict.name(b"SubFilter") == Some(b"ETSI.RFC3161");
    let Some(form) = form::read(file, value, &mut report.findings) else {
        report.integrity = Integrity::Broken;
        return report;
    };
    let (coverage, revision, covered) = form::coverage(file, &form, &mut report.findings);
    report.coverage = coverage;
    report.revision = revision;
    report.covered_bytes = form.ranges.last().map(|range| range.end);
    let signed = integrity(file, digests, &form, rules, &mut report);
    if let Some(signed) = signed {
        finish(history, &form, signed, covered, &permission, rules, &mut report);
    } else {
        let _ = untouched(history, &permission, &mut report);
    }
    report
}

fn place(file: &File<'_>, value: &SignatureValue, findings: &mut Vec<Finding>) {
    if value.fields.len() > 1 {
        findings.push(FormFinding::SharedValue { fields: value.fields.len() }.into());
    }
    if value.origin == Origin::Scan {
        findings.push(FormFinding::Unreferenced.into());
    } else if value.last < file.newest() {
        findings.push(FormFinding::Vanished.into());
    }
    if value.dict.find(b"Cert").is_some() {
        findings.push(FormFinding::CertEntry.into());
    }
}

fn integrity(
    file: &File<'_>,
    digests: &mut Digests<'_>,
    form: &Form,
    rules: &Rules<'_>,
    report: &mut SignatureReport,
) -> Option<Signed> {
    match form.kind {
        Kind::Cms if form.sub_filter == SubFilter::Rfc3161 => {
            report.level = Level::DocumentTimestamp;
            report.integrity = Integrity::Unsupported;
            report.findings.push(super::SignedFinding::TimestampNotJudged.into());
            None
        }
        Kind::Cms if form.sub_filter == SubFilter::Other => {
            report.integrity = Integrity::Unsupported;
            Some(signed::check(file.bytes(), digests, form, rules.suites, &mut report.findings))
        }
        Kind::Cms => Some(signed::check(file.bytes(), digests, form, rules.suites, &mut report.findings)),
        Kind::Ses => {
            report.level = Level::Ses;
            report.integrity = Integrity::Unsupported;
            None
        }
        Kind::Unknown => {
            report.integrity = Integrity::Unverifiable;
            None
        }
    }
}

fn finish(
    history: &History<'_, '_>,
    form: &Form,
    signed: Signed,
    covered: Option<Covered>,
    permission: &changes::Permission,
    rules: &Rules<'_>,
    report: &mut SignatureReport,
) {
    report.integrity = signed.integrity;
    report.algorithm = signed.suite.map(|suite| suite.label);
    report.covered_digest = Some(signed.covered_digest);
    report.signature_digest = signed.signature_digest;
    report.own_form = signed.own_form;
    report.level = level(form, &signed, report);
    if let Some(signer) = &signed.signer {
        let (trust, chain) = trust::check(signer, &signed.others, rules, &mut report.findings);
        report.signer = Some(Link::of(signer));
        report.chain = chain;
        report.trust = trust;
        report.findings.push(TrustFinding::TimeOnlyClaimed.into());
    }
    let untouched = untouched(history, permission, report);
    let unbound = report
        .findings
        .iter()
        .any(|finding| matches!(finding, Finding::Signed(super::SignedFinding::UnboundCertificate { .. })));
    // The proof of a green file light: all of them, or none.
    let proofs = (covered, signed.proof, untouched);
    if let (Some(covered), Some(digest), Some(untouched)) = proofs
        && !unbound
    {
        report.intact = Some(Intact::of(covered, digest, untouched));
    }
    if !matches!(report.integrity, Integrity::Ok) {
        // Whoever did not sign is not trusted for it.
        report.trust = Trust::Not;
    }
}

fn level(form: &Form, signed: &Signed, report: &SignatureReport) -> Level {
    let flawed = report.findings.iter().any(|finding| {
        matches!(
            finding,
            Finding::Form(
                FormFinding::CertEntry | FormFinding::NoClaimedTime | FormFinding::ClaimedTimeMalformed
            )
        )
    });
    match form.sub_filter {
        SubFilter::Cades if signed.baseline && !flawed => Level::BaselineB,
        SubFilter::Cades | SubFilter::Pkcs7 => Level::Cms,
        SubFilter::Rfc3161 => Level::DocumentTimestamp,
        SubFilter::Other => Level::Unknown,
    }
}

fn untouched(
    history: &History<'_, '_>,
    permission: &changes::Permission,
    report: &mut SignatureReport,
) -> Option<Untouched> {
    let Some(covered) = report.revision else {
        report.changes = Changes::Forbidden;
        return None;
    };
    let found = history.after(covered, permission);
    report.changes = found.iter().map(|(kind, _)| *kind).max().unwrap_or(Changes::None);
    if report.coverage == Coverage::Partial {
        report.changes = report.changes.max(Changes::None);
    }
    for (kind, site) in found {
        report.findings.push(DocumentFinding::changed(kind, site).into());
    }
    (report.changes < Changes::Annotations).then_some(Untouched(()))
}
