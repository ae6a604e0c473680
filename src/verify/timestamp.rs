//! What a time-stamp token proves (RFC 3161), whether over a signature value or over the document itself.

use super::evidence::Evidence;
use super::finding::{Finding, SignedFinding};
use super::report::Link;
use super::signed::{self, Binding};
use super::sought::Open;
use super::trust;
use super::vocabulary::Integrity;
use super::{Rules, report};
use crate::cms::{self, SignedData, TstInfo};
use crate::crypto::{self, Digest, Method};
use crate::domain::Instant;
use crate::x509::{Certificate, Path};
use serde::Serialize;

/// What was found about one time-stamp.
#[derive(Debug, Serialize)]
pub struct TimestampReport {
    /// `signature` or `document`.
    pub kind: &'static str,
    /// Whether it fits what it stamps, and its authority's signature is right.
    pub integrity: Integrity,
    /// The time it states.
    #[serde(serialize_with = "report::optional_instant")]
    pub at: Option<Instant>,
    /// Words for the suite.
    pub algorithm: Option<String>,
    /// The authority's certificate.
    pub authority: Option<Link>,
    /// True when the authority is one that we trust and was good at that time and is, or is proven by a later one.
    pub trusted: bool,
    /// Why it is not.
    pub why: Option<String>,
    /// SHA-256 of the token as received.
    #[serde(skip)]
    pub token: [u8; 32],
    #[serde(skip)]
    path: Option<Path>,
    /// Certificates of its path of which nothing tells whether they are revoked, where somebody will seek.
    #[serde(skip)]
    pub(super) open: Vec<Open>,
}

impl TimestampReport {
    fn new(kind: &'static str) -> Self {
        Self {
            kind,
            integrity: Integrity::Unverifiable,
            at: None,
            algorithm: None,
            authority: None,
            trusted: false,
            why: None,
            token: [0; 32],
            path: None,
            open: Vec::new(),
        }
    }

    /// Trusts it if its authority's chain was good at its time and is still at `as_of`: now, or the time that a later
    /// time-stamp proves for this one (ETSI EN 319 102-1 §5.4, §5.6.2.3).
    pub(super) fn settle(&mut self, as_of: Instant) -> Option<Instant> {
        let at = self.at.filter(|_| self.integrity == Integrity::Ok)?;
        let path = self.path.as_ref()?;
        match path.valid_at(as_of) {
            Err(problem) => {
                self.why = Some(format!("{} expired since", problem.subject));
                None
            }
            Ok(()) if at > as_of => {
                self.why = Some("later than what proves it".to_owned());
                None
            }
            Ok(()) => {
                self.trusted = true;
                Some(at)
            }
        }
    }

    /// The finding for a person, once it is settled.
    pub(super) fn finding(&self) -> Finding {
        let document = self.kind == "document";
        match (self.integrity, self.at) {
            (Integrity::Ok, Some(at)) if self.trusted => SignedFinding::Stamped { at }.into(),
            (Integrity::Ok | Integrity::Unsupported, Some(at)) => {
                SignedFinding::StampedUntrusted { at, why: self.why.clone().unwrap_or_default() }.into()
            }
            _ => SignedFinding::StampWrong { why: self.why.clone().unwrap_or_default(), document }.into(),
        }
    }
}

/// Judges a token. `stamped` gives the digest of what it should stamp.
pub(super) fn check(
    kind: &'static str,
    der: &[u8],
    stamped: impl Fn(&Digest) -> Option<Vec<u8>>,
    evidence: &Evidence<'_>,
    rules: &Rules<'_>,
) -> TimestampReport {
    let mut report = TimestampReport::new(kind);
    report.token = crypto::sha256(&[der]);
    let again = cms::rewritten(der);
    match SignedData::read(again.as_deref().unwrap_or(der)) {
        Ok(token) => judge(&token, stamped, evidence, rules, &mut report),
        Err(why) => report.why = Some(why.to_string()),
    }
    report
}

fn judge(
    token: &SignedData<'_>,
    stamped: impl Fn(&Digest) -> Option<Vec<u8>>,
    evidence: &Evidence<'_>,
    rules: &Rules<'_>,
    report: &mut TimestampReport,
) {
    let info = match TstInfo::read(token) {
        Ok(info) => info,
        Err(why) => {
            report.why = Some(why.to_string());
            return;
        }
    };
    report.at = Some(info.at);
    let (mut authority, mut others) = (None, Vec::new());
    for certificate in token.certificates.iter().filter_map(|der| Certificate::from_der(der).ok()) {
        if authority.is_none() && signed::is_named(&certificate, token.signer) {
            authority = Some(certificate);
        } else {
            others.push(certificate);
        }
    }
    // A token may leave its certificates to the store of the document (RFC 3161 certReq).
    let authority = authority
        .or_else(|| evidence.certificates().find(|one| signed::is_named(one, token.signer)).cloned());
    report.authority = authority.as_ref().map(Link::of);
    let (integrity, why) = integrity(token, &info, authority.as_ref(), stamped, report);
    (report.integrity, report.why) = (integrity, why.map(str::to_owned));
    if report.integrity != Integrity::Ok {
        return;
    }
    let Some(authority) = authority else { return };
    match trust::stamper(&authority, &others, info.at, evidence, rules) {
        Ok(path) => {
            report.open = trust::open_questions(&path, evidence, rules);
            report.path = Some(path);
        }
        Err(why) => report.why = Some(why),
    }
}

/// RFC 3161 §2.4.2 and RFC 5652 §5.6: imprint, content digest, the authority's signature and its binding.
fn integrity(
    token: &SignedData<'_>,
    info: &TstInfo<'_>,
    authority: Option<&Certificate>,
    stamped: impl Fn(&Digest) -> Option<Vec<u8>>,
    report: &mut TimestampReport,
) -> (Integrity, Option<&'static str>) {
    let Some(authority) = authority else {
        return (Integrity::Unverifiable, Some("no certificate of the authority"));
    };
    let Some(imprint) = Digest::by_oid(info.digest) else {
        return (Integrity::Unsupported, Some("unknown digest"));
    };
    match stamped(imprint) {
        None => return (Integrity::Unverifiable, Some("its digest is another than the one handed in")),
        Some(actual) if actual != info.imprint => {
            return (Integrity::Broken, Some("it stamps something else"));
        }
        Some(_) => {}
    }
    let Some(digest) = Digest::by_oid(token.digest) else {
        return (Integrity::Unsupported, Some("unknown digest"));
    };
    let fits = token.content_type_fits()
        && token.message_digest() == Some(digest.of(&[token.content.unwrap_or_default()]).as_slice());
    let Some(message) = token.message().filter(|_| fits) else {
        return (Integrity::Broken, Some("its attributes do not fit its content"));
    };
    if matches!(signed::binding(token, Some(authority)), Binding::Wrong) {
        return (Integrity::Broken, Some("it names another authority"));
    }
    let Ok(method) = Method::recognise(token.signature_algorithm, Some(token.digest), authority.key()) else {
        return (Integrity::Unsupported, Some("unknown algorithm"));
    };
    report.algorithm = Some(method.label());
    let right = |message: &[u8]| method.verify(authority.key(), message, token.signature).is_ok();
    if right(&message) || token.message_in_order().is_some_and(|message| right(&message)) {
        (Integrity::Ok, None)
    } else {
        (Integrity::Broken, Some("its signature is wrong"))
    }
}
