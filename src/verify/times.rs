//! Which times are proven, and what that makes good: document time-stamps from the newest to the oldest, then the
//! time-stamps of each signature, then the signature itself (ETSI EN 319 102-1 §5.6.3: proofs of existence).

use super::finding::{Finding, TrustFinding};
use super::report::{Report, SignatureReport, Trusted};
use super::trust::Trust;
use super::vocabulary::{Coverage, Integrity, Level};
use crate::domain::Instant;
use std::cmp::Reverse;

/// A document time-stamp that fits: the revision it covers, and its time if it is trusted.
struct Stamp {
    revision: usize,
    trusted: Option<Instant>,
}

impl Report {
    /// Settles every time-stamp as of `at`, and what they prove. `evidence_since` is the first revision with a store.
    pub(super) fn settle(&mut self, at: Instant, evidence_since: Option<usize>) {
        let mut stamps: Vec<Stamp> = Vec::new();
        let all = self.signatures.iter_mut();
        let mut documents: Vec<_> = all.filter(|signature| signature.is_timestamp).collect();
        documents.sort_by_key(|signature| Reverse(signature.revision));
        for signature in documents {
            let as_of = proven(&stamps, signature.revision).unwrap_or(at);
            let trusted = signature.timestamps.iter_mut().filter_map(|stamp| stamp.settle(as_of)).min();
            let fits = signature.integrity == Integrity::Ok && signature.coverage != Coverage::Partial;
            if let Some(revision) = signature.revision.filter(|_| fits) {
                stamps.push(Stamp { revision, trusted });
            }
            note(signature);
        }
        for signature in self.signatures.iter_mut().filter(|signature| !signature.is_timestamp) {
            let documents = proven(&stamps, signature.revision);
            let as_of = documents.unwrap_or(at);
            let own = signature.timestamps.iter_mut().filter_map(|stamp| stamp.settle(as_of)).min();
            note(signature);
            signature.level = level(signature, &stamps, evidence_since);
            if let Some(time) = [documents, own].into_iter().flatten().min() {
                signature.proven_by = Some(time);
                vouch(signature, time);
            }
        }
    }
}

/// The earliest time that a trusted document time-stamp proves for what stands in a revision.
fn proven(stamps: &[Stamp], revision: Option<usize>) -> Option<Instant> {
    let revision = revision?;
    stamps.iter().filter(|stamp| stamp.revision > revision).filter_map(|stamp| stamp.trusted).min()
}

fn note(signature: &mut SignatureReport) {
    let found: Vec<Finding> = signature.timestamps.iter().map(|stamp| stamp.finding()).collect();
    signature.findings.extend(found);
}

/// The baseline level that is actually reached (ETSI EN 319 142-1 §6.3).
fn level(signature: &SignatureReport, stamps: &[Stamp], evidence_since: Option<usize>) -> Level {
    let Some(revision) = signature.revision.filter(|_| signature.level == Level::BaselineB) else {
        return signature.level;
    };
    let own = signature.timestamps.iter().any(|stamp| stamp.integrity == Integrity::Ok);
    let later = |since: usize| stamps.iter().any(|stamp| stamp.revision > since);
    match evidence_since.filter(|_| signature.long_term) {
        _ if !own && !later(revision) => Level::BaselineB,
        Some(since) if stamps.iter().any(|stamp| stamp.revision >= since.max(revision.saturating_add(1))) => {
            Level::BaselineLta
        }
        Some(_) => Level::BaselineLt,
        None => Level::BaselineT,
    }
}

/// A proven time outlives certificate and revocation, as the ledger's word does.
fn vouch(signature: &mut SignatureReport, at: Instant) {
    match signature.trust {
        Trust::Not => return,
        Trust::Now(_) => {}
        Trust::Between { from, until } => match Trusted::within(from, until, at) {
            Some(trusted) => signature.trust = Trust::Now(trusted),
            None => return,
        },
    }
    signature.findings.retain(|finding| !finding.is_outlived());
    signature.findings.push(TrustFinding::TimestampVouches { at }.into());
}

impl Finding {
    /// True for what no longer counts once a time within the certificate's good days is proven.
    pub(super) fn is_outlived(&self) -> bool {
        matches!(
            self,
            Self::Trust(
                TrustFinding::ExpiredNow { .. }
                    | TrustFinding::Revoked { .. }
                    | TrustFinding::RevocationUnknown { demanded: true, .. }
                    | TrustFinding::TimeOnlyClaimed
            )
        ) || matches!(self, Self::Seal(finding) if finding.is_outlived())
    }
}
