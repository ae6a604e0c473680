//! What is true of this document? Bytes and evidence in, a report out; it never fails and never fetches.
//!
//! One straight line for each signature: format → coverage → digest → signer → path → revocation → changes, then
//! all of them together against the ledger's word and under a policy ([`Report::weigh`]). A light is green only while
//! the proof types behind it exist, and each proof is made by its own check alone. Obeys ISO 32000-1 §12.8, RFC 5652, RFC 5280 and
//! ETSI EN 319 142-1 §6.3, RFC 3161 for time-stamps. GB/T 38540 and GM/T 0031 for electronic seals.

mod changes;
mod claim;
mod counter;
mod digests;
mod evidence;
mod finding;
mod form;
mod headline;
mod indication;
mod judgement;
mod looks;
pub mod page_edge;
pub mod policy;
mod report;
mod ses;
mod signature;
mod signed;
mod sought;
mod steps;
mod steps_words;
mod times;
mod timestamp;
mod trust;
mod unseen;
mod vocabulary;

pub use changes::Site;
pub use claim::Claim;
pub use counter::{Counter, Word};
pub use finding::{
    DocumentFinding, Effect, Finding, FormFinding, LedgerFinding, Party, Question, SealFinding,
    SignedFinding, TrustFinding,
};
pub use indication::{Indication, SubIndication};
pub use judgement::{Judgement, LedgerState, LedgerWord, SameFile};
pub use page_edge::{EdgeSlice, PageEdgeReport};
pub use policy::Policy;
pub use report::{Intact, Link, RegisteredSeal, Report, SignatureReport, Trusted};
pub use ses::{PictureFacts, SealFacts, SealReport, Shown};
pub use sought::{Miss, MissReason, Open, Sought};
pub use steps::{Checked, Outcome, Step};
pub use timestamp::TimestampReport;
pub use unseen::{HandOverError, HandedOver, Unseen, UnseenError, hand_over, verify_unseen};
pub use vocabulary::{Changes, Coverage, Integrity, Level, Light, Lights, SecondReader, Verdict};

#[cfg(test)]
mod tests;

use crate::crypto::Suite;
use crate::domain::Instant;
use crate::pdf::{self, Irregularity};
use crate::x509::{Certificate, Checker, Crl};
use changes::History;
use digests::Digests;
use evidence::Store;

/// Everything a verdict depends on besides the bytes. Nothing is trusted by default.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'r> {
    /// Certificates trusted as they stand.
    pub anchors: &'r [Certificate],
    /// Certificates of authorities at hand: on the way to an anchor, never trusted as they stand.
    pub known: &'r [Certificate],
    /// Revocation lists at hand.
    pub crls: &'r [Crl],
    /// What was sought outside the document; `None` while nobody will seek, so that nothing is written down for that.
    pub sought: Option<&'r Sought>,
    /// Suites that may sign documents.
    pub suites: &'r [&'static Suite],
    /// Weighs who signed certificates and lists; kept from one verdict to the next, it answers from memory.
    pub checker: &'r Checker,
    /// The instant of judgement.
    pub at: Instant,
    /// What must hold.
    pub policy: &'r Policy,
    /// SHA-256 of certificates never to be trusted again.
    pub distrusted: &'r [[u8; 32]],
    /// Bounds of the reading.
    pub limits: pdf::Limits,
    /// Asks lopdf as well; costs many times the rest, so it is for reports that a person reads.
    pub second_opinion: bool,
    /// Draws the pages as they were signed and as they are, when something was appended; costs more still. Needs the
    /// feature `preview`, without which the report says that no page was compared.
    pub rendering: bool,
}

/// Judges a document. Never fails, never panics; what cannot be read is a finding.
#[must_use]
pub fn verify(bytes: &[u8], rules: &Rules<'_>) -> Report {
    let mut digests = Digests::of(bytes);
    let mut report = read(bytes, &mut digests, rules);
    report.sha256 = digests.whole();
    report
}

fn read(bytes: &[u8], digests: &mut Digests<'_>, rules: &Rules<'_>) -> Report {
    let mut report = Report::new(bytes.len(), rules);
    let file = match pdf::open(bytes, &rules.limits) {
        Ok(file) => file,
        Err(why) => {
            report.unreadable(why, pdf::holds_trace(bytes));
            return report;
        }
    };
    let traces = file.signatures();
    let store = if traces.values.is_empty() { Store::default() } else { Store::read(&file) };
    let history = History::of(&file);
    for value in &traces.values {
        report.signatures.push(signature::judge(&file, &history, digests, value, &store, rules));
    }
    report.settle(rules.at, store.since);
    let obstacles = traces.unreadable.iter().map(|why| DocumentFinding::form_unreadable(*why).into());
    report.findings.extend(obstacles);
    report.findings.extend(traces.stray.iter().map(|at| DocumentFinding::StrayByteRange { at: *at }.into()));
    let broken =
        traces.broken_fields.iter().map(|field| DocumentFinding::BrokenField { field: field.clone() }.into());
    report.findings.extend(broken);
    let mut notes = file.sweep();
    notes.extend(file.irregularities());
    report.findings.extend(document(&file, notes));
    let exhausted = report.all_findings().any(DocumentFinding::is_limit);
    let asks = rules.second_opinion && rules.policy.second_reader != policy::SecondReader::Off;
    report.second_reader = match asks {
        false => SecondReader::NotAsked,
        true if exhausted => SecondReader::Exhausted,
        true => match pdf::second_opinion(&file) {
            Some(notes) => {
                report.findings.extend(document(&file, notes));
                SecondReader::Asked
            }
            None => SecondReader::TooLarge,
        },
    };
    // What exhausts this reader is not given to those that have fewer limits.
    if rules.rendering && !exhausted {
        for (value, signature) in traces.values.iter().zip(&mut report.signatures) {
            ses::compare(&file, value, signature);
        }
        let looks = looks::compared(&file, &report);
        report.findings.extend(looks.into_iter().map(Finding::from));
    }
    report.claim = claim::read(&file, &report.signatures, &mut report.findings);
    report.conclude(file.newest());
    report
}

fn document(file: &pdf::File<'_>, notes: Vec<Irregularity>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for note in notes {
        let finding = match note {
            Irregularity::BytesAfterEnd { at, count } => {
                let tail = file.bytes().get(at..).unwrap_or_default();
                if tail.iter().all(|byte| byte.is_ascii_whitespace() || *byte == 0) {
                    DocumentFinding::white(tail)
                } else {
                    DocumentFinding::BytesAfterEnd { count }
                }
            }
            Irregularity::UnreadableObject { why, .. } => {
                DocumentFinding::limit(why).unwrap_or(DocumentFinding::Irregular(note))
            }
            other => DocumentFinding::Irregular(other),
        };
        findings.push(finding.into());
    }
    findings
}

/// Fuzz entry: a verdict with no anchors and no ledger, on a file and on a value without one. What pages look like is
/// found out as far as that goes without drawing.
pub fn fuzz(bytes: &[u8]) {
    let Some(at) = Instant::from_seconds(1_800_000_000) else { return };
    let rules = Rules {
        anchors: &[],
        crls: &[],
        sought: None,
        suites: crate::crypto::ALL,
        checker: &Checker::new(crate::crypto::ALL),
        at,
        policy: Policy::strict(),
        known: &[],
        distrusted: &[],
        limits: pdf::Limits::DEFAULT,
        second_opinion: false,
        rendering: true,
    };
    let _ = serde_json::to_string(&verify(bytes, &rules).weigh(LedgerWord::NotAsked));
    if let Ok(given) = Unseen::new("sha256", &[0; 32], bytes, None) {
        let judgement = verify_unseen(&given, &rules).weigh(LedgerWord::NotAsked);
        assert_ne!(judgement.lights.file, Light::Green);
    }
}
