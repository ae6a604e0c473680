//! One signature, one straight line. `?` only where the next step needs the value; every other answer is kept, so
//! that one failure hides no other.

use super::Rules;
use super::changes::{self, History};
use super::digests::Digests;
use super::evidence::{Evidence, Store};
use super::finding::{DocumentFinding, Finding, FormFinding, TrustFinding};
use super::form::Form;
use super::form::{self, Covered, Kind, SubFilter};
use super::page_edge;
use super::report::{Fits, Intact, Link, SignatureReport};
use super::ses::{self, Sealed};
use super::signed::{self, Carried, Covering, Signed};
use super::timestamp;
use super::trust::{self, Trust};
use super::vocabulary::{Changes, Integrity, Level};
use crate::pdf::{File, Object, Origin, SignatureValue};

/// Proof that nothing was appended beyond what the signer and the policy allow.
#[derive(Debug)]
pub(super) struct Untouched(());

/// What a signature is judged by, besides itself.
pub(super) struct Around<'a> {
    pub(super) covering: &'a Covering<'a>,
    pub(super) form: &'a Form,
    pub(super) store: &'a Store,
    pub(super) rules: &'a Rules<'a>,
}

/// Judges one signature value.
pub(super) fn judge(
    file: &File<'_>,
    history: &History<'_, '_>,
    digests: &mut Digests<'_>,
    value: &SignatureValue,
    store: &Store,
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
    let covering = Covering::of(file.bytes(), digests, &form);
    let around = Around { covering: &covering, form: &form, store, rules };
    if form.kind == Kind::Ses {
        let fits = seal(&around, &mut report);
        let untouched = untouched(history, &permission, rules, &mut report);
        conclude(covered, fits, untouched, &mut report);
        return report;
    }
    let signed = integrity(&around, file, value, &mut report);
    if let Some(signed) = signed {
        learn(&around, &signed, &mut report);
        let untouched = untouched(history, &permission, rules, &mut report);
        conclude(covered, signed.proof.map(Fits::Value), untouched, &mut report);
        report.page_edge = page_edge::read(file, &report);
    } else {
        // The only CMS value that is no signature over the file.
        if form.kind == Kind::Cms {
            document_timestamp(&around, &mut report);
        }
        let _ = untouched(history, &permission, rules, &mut report);
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
    around: &Around<'_>,
    file: &File<'_>,
    value: &SignatureValue,
    report: &mut SignatureReport,
) -> Option<Signed> {
    let Around { covering, form, rules, .. } = *around;
    match (form.kind, form.sub_filter) {
        (Kind::Cms, SubFilter::Rfc3161) => None,
        (Kind::Cms, _) => Some(signed::check(covering, form, rules.suites, &mut report.findings)),
        (Kind::Pkcs1, SubFilter::X509RsaSha1) => {
            let certificates = certificate_entry(file, value);
            Some(signed::bare(covering, form, &certificates, &mut report.findings))
        }
        (Kind::Ses | Kind::Pkcs1 | Kind::Unknown, _) => {
            report.integrity = Integrity::Unverifiable;
            None
        }
    }
}

/// `/Cert`: one string or several, the signer's first (ISO 32000-1 Table 252).
fn certificate_entry(file: &File<'_>, value: &SignatureValue) -> Vec<Vec<u8>> {
    let Some(entry) = value.dict.find(b"Cert").and_then(|entry| file.resolve(entry, value.first).ok()) else {
        return Vec::new();
    };
    let one = entry.as_text().map(|text| text.bytes());
    let several = entry.as_array().unwrap_or_default().iter().filter_map(Object::as_text);
    one.into_iter().chain(several.map(|text| text.bytes())).take(16).collect()
}

/// A time-stamp over the document (ISO 32000-2 §12.8.5).
pub(super) fn document_timestamp(around: &Around<'_>, report: &mut SignatureReport) {
    let Around { covering, form, store, rules } = *around;
    let evidence = Evidence::with(store, &Carried::default());
    let stamp = timestamp::check("document", &form.der, |digest| covering.digest(digest), &evidence, rules);
    report.level = Level::DocumentTimestamp;
    report.integrity = stamp.integrity;
    report.algorithm.clone_from(&stamp.algorithm);
    report.signer.clone_from(&stamp.authority);
    report.timestamps.push(stamp);
}

/// The proof of a green file light: all of them, or none.
fn conclude(
    covered: Option<Covered>,
    fits: Option<Fits>,
    untouched: Option<Untouched>,
    report: &mut SignatureReport,
) {
    let of_seal =
        |finding: &Finding| matches!(finding, Finding::Seal(_)) && finding.lowers(super::Question::File);
    if let (Some(covered), Some(fits), Some(untouched)) = (covered, fits, untouched)
        && !report.findings.iter().any(of_seal)
    {
        report.intact = Some(Intact::of(covered, fits, untouched));
    }
}

/// What the value itself tells: integrity, signer, chain, times, level, and the seal that it carries.
pub(super) fn learn(around: &Around<'_>, signed: &Signed, report: &mut SignatureReport) {
    let Around { form, store, rules, .. } = *around;
    report.integrity = signed.integrity;
    report.algorithm = signed.method.map(|method| method.label());
    report.method = signed.method;
    report.content_digest = signed.content_digest;
    report.covered_digest = signed.covered_digest;
    report.signature_digest = signed.signature_digest;
    report.signed_digest = signed.signed_digest;
    report.value.clone_from(&signed.carried.signature);
    report.own_form = signed.own_form;
    report.level = level(form, signed, report);
    if let Some(signer) = &signed.signer {
        let evidence = Evidence::with(store, &signed.carried);
        let carried = &signed.carried;
        report.timestamps.extend(carried.stamps.iter().map(|token| {
            let stamped = |digest: &crate::crypto::Digest| Some(digest.of(&[&carried.signature]));
            timestamp::check("signature", token, stamped, &evidence, rules)
        }));
        report.long_term = evidence.reaches(signer, &signed.others, rules);
        let (trust, chain, open) =
            trust::check(signer, &signed.others, &evidence, rules, &mut report.findings);
        report.open = open;
        report.signer = Some(Link::of(signer));
        report.chain = chain;
        report.trust = trust;
        report.findings.push(TrustFinding::TimeOnlyClaimed.into());
    }
    if let Some(der) = &signed.carried.seal {
        carried_seal(around, der, signed, report);
    }
    trust_only_who_signed(report);
}

/// Whoever did not sign is not trusted for it.
fn trust_only_who_signed(report: &mut SignatureReport) {
    if report.integrity != Integrity::Ok {
        report.trust = Trust::Not;
    }
}

/// A seal by GB/T 38540 or GM/T 0031 as the value itself.
pub(super) fn seal(around: &Around<'_>, report: &mut SignatureReport) -> Option<Fits> {
    let Around { covering, form, store, rules } = *around;
    report.level = Level::Ses;
    report.is_timestamp = false;
    report.covered_digest = covering.sha256();
    let evidence = Evidence::with(store, &Carried::default());
    let sealed = Sealed { covering, form, claimed: report.signed_at_claimed, others: &[] };
    let judged = ses::check(&form.der, &sealed, &evidence, rules, &mut report.findings);
    report.integrity = judged.integrity;
    report.algorithm = judged.method.map(|method| method.label());
    report.method = judged.method;
    report.maker_method = judged.maker_method;
    report.signature_digest = judged.signature_digest;
    report.own_form = judged.own_form;
    report.seal = judged.report;
    report.timestamps.extend(judged.stamp);
    if report.signed_at_claimed.is_none() {
        report.signed_at_claimed = report.seal.as_ref().and_then(|seal| seal.pressed_at_claimed);
    }
    if let Some(signer) = &judged.signer {
        let (trust, chain, open) = trust::check(signer, &[], &evidence, rules, &mut report.findings);
        report.open = open;
        report.trust = judged.standing.limit(trust, &chain, rules.at);
        report.signer = Some(Link::of(signer));
        report.chain = chain;
        report.findings.push(TrustFinding::TimeOnlyClaimed.into());
    }
    trust_only_who_signed(report);
    judged.proof.map(Fits::Seal)
}

/// A seal as a signed attribute: it must fit the same bytes, and is trusted by its own rules.
fn carried_seal(around: &Around<'_>, der: &[u8], signed: &Signed, report: &mut SignatureReport) {
    let Around { covering, form, store, rules } = *around;
    let evidence = Evidence::with(store, &signed.carried);
    let sealed = Sealed { covering, form, claimed: report.signed_at_claimed, others: &signed.others };
    let trust = std::mem::replace(&mut report.trust, Trust::Not);
    let (judged, trust) = ses::attribute(der, &sealed, trust, &evidence, rules, &mut report.findings);
    report.maker_method = judged.maker_method;
    report.seal_method = judged.method;
    report.seal = judged.report;
    report.trust = trust;
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
        SubFilter::Cades | SubFilter::Pkcs7 | SubFilter::Pkcs7Sha1 => Level::Cms,
        SubFilter::X509RsaSha1 => Level::Pkcs1,
        SubFilter::Rfc3161 => Level::DocumentTimestamp,
        SubFilter::Other => Level::Unknown,
    }
}

fn untouched(
    history: &History<'_, '_>,
    permission: &changes::Permission,
    rules: &Rules<'_>,
    report: &mut SignatureReport,
) -> Option<Untouched> {
    let Some(covered) = report.revision else {
        report.changes = Changes::Forbidden;
        return None;
    };
    let found = history.after(covered, permission);
    report.changes = found.iter().map(|(kind, _)| *kind).max().unwrap_or(Changes::None);
    for (kind, site) in found {
        report.findings.push(DocumentFinding::changed(kind, site).into());
    }
    rules.policy.tolerates(report.changes).then_some(Untouched(()))
}
