//! What was found, as data. [`Report::weigh`] adds the ledger's word and the verdict.

use super::Rules;
use super::claim::Claim;
use super::finding::{DocumentFinding, Effect, Finding, Question, SignedFinding, TrustFinding};
use super::form::Covered;
use super::indication::{Indication, SubIndication};
use super::page_edge::PageEdgeReport;
use super::policy::Policy;
use super::ses::{SealMatches, SealReport};
use super::signature::Untouched;
use super::signed::DigestMatches;
use super::sought::Open;
use super::steps::Checked;
use super::timestamp::TimestampReport;
use super::trust::Trust;
use super::vocabulary::{Changes, Coverage, Integrity, Level, SecondReader};
use crate::crypto::Method;
use crate::domain::{Instant, SealStatus};
use crate::pdf::ReadError;
use crate::x509::Certificate;
use serde::{Serialize, Serializer};

/// Proof that a signature value fits what it covers, whichever form it has.
#[derive(Debug)]
pub(super) enum Fits {
    Value(DigestMatches),
    Seal(SealMatches),
}

/// Proof that a signature covers its revision, fits it, and that nothing was changed since beyond what is allowed.
/// Made only from the three proofs of its checks.
#[derive(Debug)]
pub struct Intact {
    _covered: Covered,
    _fits: Fits,
    _untouched: Untouched,
}

impl Intact {
    pub(super) fn of(covered: Covered, fits: Fits, untouched: Untouched) -> Self {
        Self { _covered: covered, _fits: fits, _untouched: untouched }
    }
}

/// Proof that the signer's chain led to an anchor and was good at a proven time or at the instant of judgement.
#[derive(Debug)]
pub struct Trusted(());

impl Trusted {
    pub(super) fn at_judgement() -> Self {
        Self(())
    }

    /// A time that the ledger or a trusted time-stamp proves lies in the span in which the chain was good.
    pub(super) fn within(from: Instant, until: Instant, proven: Instant) -> Option<Self> {
        (from <= proven && proven <= until).then_some(Self(()))
    }
}

/// One certificate of a chain, for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Link {
    /// Common name.
    pub subject: String,
    /// Organisation.
    pub organisation: Option<String>,
    /// Common name of the issuer.
    pub issuer: String,
    /// Serial number, hexadecimal.
    pub serial: String,
    /// First instant of validity.
    #[serde(serialize_with = "instant")]
    pub not_before: Instant,
    /// Last instant of validity.
    #[serde(serialize_with = "instant")]
    pub not_after: Instant,
    /// SHA-256 of the certificate, hexadecimal.
    pub sha256: String,
    /// The certificate itself, for reports that stand alone.
    #[serde(skip)]
    pub der: Vec<u8>,
}

impl Link {
    pub(super) fn of(certificate: &Certificate) -> Self {
        Self {
            subject: certificate.subject().to_owned(),
            organisation: certificate.organisation().map(str::to_owned),
            issuer: certificate.issuer().to_owned(),
            serial: hex::encode(certificate.serial()),
            not_before: certificate.not_before(),
            not_after: certificate.not_after(),
            sha256: hex::encode(certificate.fingerprint()),
            der: certificate.der().to_vec(),
        }
    }
}

/// What the office's register of seals says of the certificate of a signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RegisteredSeal {
    /// Role of the seal.
    pub seal: String,
    /// How it stood when it was used, by the ledger, or else at the time that the signature claims; `None` when it was
    /// not in the register then.
    pub at_signing: Option<SealStatus>,
    /// How it stands at the instant of judgement.
    pub now: Option<SealStatus>,
    /// The seal's own running number of this use, where it is on record as a use on a document that somebody brought.
    pub use_number: Option<u64>,
}

/// What was found about one signature.
#[derive(Debug, Serialize)]
pub struct SignatureReport {
    /// Name of its field.
    pub field: Option<String>,
    /// Status by ETSI EN 319 102-1 §5.1.3, under the policy.
    pub indication: Indication,
    /// Why it is not TOTAL-PASSED.
    pub sub_indication: Option<SubIndication>,
    /// Whether it fits the bytes it covers.
    pub integrity: Integrity,
    /// Which bytes it covers.
    pub coverage: Coverage,
    /// Where the bytes it covers end, in bytes from the start of the file, its own value among them; `None` when its
    /// byte range makes no sense. The file up to here is what was signed, if `coverage` is not partial.
    pub covered_bytes: Option<usize>,
    /// What was appended after them.
    pub changes: Changes,
    /// The form it keeps.
    pub level: Level,
    /// `/SubFilter` as written.
    pub subfilter: String,
    /// Words for the suite.
    pub algorithm: Option<String>,
    /// The signer's certificate.
    pub signer: Option<Link>,
    /// `/M`: the time the file claims.
    #[serde(serialize_with = "optional_instant")]
    pub signed_at_claimed: Option<Instant>,
    /// Time-stamps over the signature, or over the document if this is one.
    pub timestamps: Vec<TimestampReport>,
    /// The seal by GB/T 38540 or GM/T 0031 that this is, or that it carries.
    pub seal: Option<SealReport>,
    /// The register's word, where this office keeps the register of that seal. Filled by who asks the ledger.
    pub registered: Option<RegisteredSeal>,
    /// 骑缝章: the slices that it put on the edges of pages.
    pub page_edge: Option<PageEdgeReport>,
    /// `/P` of DocMDP if this certifies the document.
    pub certified: Option<u8>,
    /// Signer first, anchor last, as far as it was built.
    pub chain: Vec<Link>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// The same by step, in the order of the walk.
    pub steps: Vec<Checked>,
    /// SHA-256 of the covered bytes: what the ledger keeps.
    #[serde(serialize_with = "digest")]
    pub covered_digest: Option<[u8; 32]>,
    /// SHA-256 of the signature value: what the ledger keeps.
    #[serde(serialize_with = "digest")]
    pub signature_digest: Option<[u8; 32]>,
    /// Certificates of its path of which nothing tells whether they are revoked, where somebody will seek.
    #[serde(skip)]
    pub(super) open: Vec<Open>,
    /// The signature value as received; empty where none was read.
    #[serde(skip)]
    pub value: Vec<u8>,
    /// SHA-256 of what the signature value was made over (the DTBSR of EN 319 102-1 §4.1).
    #[serde(skip)]
    pub signed_digest: Option<[u8; 32]>,
    /// The proof behind a green file light.
    #[serde(skip)]
    pub intact: Option<Intact>,
    #[serde(skip)]
    pub(super) trust: Trust,
    #[serde(skip)]
    pub(super) revision: Option<usize>,
    /// A time-stamp over the document, and no seal.
    #[serde(skip)]
    pub is_timestamp: bool,
    #[serde(skip)]
    pub(super) own_form: bool,
    /// What B-LT asks for came along.
    #[serde(skip)]
    pub(super) long_term: bool,
    #[serde(skip)]
    pub(super) method: Option<Method>,
    /// How the maker of the seal by GB/T 38540 signed it.
    #[serde(skip)]
    pub(super) maker_method: Option<Method>,
    /// How the seal that it carries among its attributes was pressed.
    #[serde(skip)]
    pub(super) seal_method: Option<Method>,
    /// Digest of what was signed where that is another than the method's, as under `adbe.pkcs7.sha1`.
    #[serde(skip)]
    pub(super) content_digest: Option<&'static str>,
    /// By this instant the signature existed; proven by somebody else than the file, the earliest if there are more.
    #[serde(skip)]
    pub proven_by: Option<Instant>,
    /// Before this instant the key was not used for it; proven by somebody else than the file.
    #[serde(skip)]
    pub(super) not_before: Option<Instant>,
    /// False when the policy's combination passes over this signature.
    #[serde(skip)]
    pub(super) counts: bool,
}

impl SignatureReport {
    pub(super) fn new(field: Option<String>, subfilter: String) -> Self {
        Self {
            field,
            indication: Indication::Indeterminate,
            sub_indication: None,
            integrity: Integrity::Unverifiable,
            coverage: Coverage::Partial,
            covered_bytes: None,
            changes: Changes::None,
            level: Level::Unknown,
            subfilter,
            algorithm: None,
            signer: None,
            signed_at_claimed: None,
            timestamps: Vec::new(),
            seal: None,
            registered: None,
            page_edge: None,
            certified: None,
            chain: Vec::new(),
            findings: Vec::new(),
            steps: Vec::new(),
            covered_digest: None,
            signature_digest: None,
            open: Vec::new(),
            value: Vec::new(),
            signed_digest: None,
            intact: None,
            trust: Trust::Not,
            revision: None,
            is_timestamp: false,
            own_form: false,
            long_term: false,
            method: None,
            maker_method: None,
            seal_method: None,
            content_digest: None,
            proven_by: None,
            not_before: None,
            counts: true,
        }
    }

    /// The method as a URI (RFC 9231 §2), if it has one.
    #[must_use]
    pub fn algorithm_uri(&self) -> Option<String> {
        self.method.and_then(|method| method.uri())
    }

    /// A path to an anchor was found.
    #[must_use]
    pub fn is_rooted(&self) -> bool {
        let unrooted = |finding: &Finding| {
            matches!(finding.plain(), Finding::Trust(TrustFinding::NoPath { .. } | TrustFinding::NoAnchors))
        };
        !self.chain.is_empty() && !self.findings.iter().any(unrooted)
    }
}

/// What was found about a document. Data, with the proofs beside it.
#[derive(Debug)]
pub struct Report {
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
    /// Size of the file in bytes.
    pub bytes: usize,
    /// Signatures in the order of the revisions.
    pub signatures: Vec<SignatureReport>,
    /// Findings about the document as a whole.
    pub findings: Vec<Finding>,
    /// The same by step; filled when it is weighed.
    pub(super) steps: Vec<Checked>,
    /// Pages were drawn and compared, if anything was appended.
    pub(super) rendered: bool,
    /// The certificate the document says it is.
    pub claim: Option<Claim>,
    /// The instant of judgement.
    pub at: Instant,
    pub(super) policy: Policy,
    /// Whether the second reader was asked.
    pub second_reader: SecondReader,
    pub(super) unreadable: Option<Unreadable>,
}

/// How a file could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Not even a PDF.
    NotPdf,
    /// A damaged one.
    Damaged,
}

impl Report {
    pub(super) fn new(bytes: usize, rules: &Rules<'_>) -> Self {
        Self {
            sha256: [0; 32],
            bytes,
            signatures: Vec::new(),
            findings: Vec::new(),
            steps: Vec::new(),
            rendered: rules.rendering,
            claim: None,
            at: rules.at,
            policy: rules.policy.clone(),
            second_reader: SecondReader::NotAsked,
            unreadable: None,
        }
    }

    pub(super) fn unreadable(&mut self, why: ReadError, traces: bool) {
        self.unreadable =
            Some(if why == ReadError::NotPdf { Unreadable::NotPdf } else { Unreadable::Damaged });
        let finding = DocumentFinding::limit(why).unwrap_or(DocumentFinding::Unreadable { why, traces });
        self.findings.push(finding.into());
    }

    /// What only shows when all signatures are known.
    pub(super) fn conclude(&mut self, newest: usize) {
        self.say_limits_once();
        if self.signatures.is_empty() {
            if !self.findings.iter().any(Finding::may_hide_a_seal) {
                self.findings.push(DocumentFinding::NoSignature.into());
            }
            return;
        }
        // A time-stamp says when, and never that anybody stands for what was filled in.
        let seals = || self.signatures.iter().filter(|signature| !signature.is_timestamp);
        let last = seals().filter_map(|signature| signature.revision).max();
        let uncovered = seals().filter(|signature| signature.revision == last);
        if last.is_some_and(|last| last < newest)
            && uncovered.map(|signature| signature.changes).max() == Some(Changes::Form)
        {
            self.findings.push(DocumentFinding::UncoveredForm.into());
        }
        if self.claim.is_some() {
            let weighed = !self.policy.reports_trust();
            let known = self
                .signatures
                .iter_mut()
                .filter(|signature| signature.algorithm.is_some() && !signature.is_timestamp);
            known.for_each(|signature| own_form(signature, weighed));
        }
    }

    /// A limit reached in one place is mostly reached in many.
    fn say_limits_once(&mut self) {
        let mut said: Vec<Finding> = Vec::new();
        let mut fresh = |finding: &Finding| {
            if !DocumentFinding::is_limit(finding) {
                return true;
            }
            let fresh = !said.contains(finding);
            if fresh {
                said.push(finding.clone());
            }
            fresh
        };
        self.findings.retain(&mut fresh);
        self.signatures.iter_mut().for_each(|signature| signature.findings.retain(&mut fresh));
    }

    /// False when a digest was handed in instead of the file.
    pub(super) fn was_seen(&self) -> bool {
        !self.findings.iter().any(|finding| *finding.plain() == DocumentFinding::NotSeen.into())
    }

    /// What may be sought outside and handed in again ([`Rules::sought`]), each certificate once.
    #[must_use]
    pub fn open(&self) -> Vec<&Open> {
        let mut open: Vec<&Open> = Vec::new();
        for signature in &self.signatures {
            let of_stamps = signature.timestamps.iter().flat_map(|stamp| &stamp.open);
            for question in signature.open.iter().chain(of_stamps) {
                if open.iter().all(|known| known.certificate != question.certificate) {
                    open.push(question);
                }
            }
        }
        open
    }

    /// Every finding, of the document and of its signatures.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().chain(self.signatures.iter().flat_map(|signature| signature.findings.iter()))
    }
}

/// What claims to be ours is written as ours are: what stands outside the signature leaves no room for a choice.
///
/// A certificate beside the signature counts only where trust is weighed.
fn own_form(signature: &mut SignatureReport, trust_weighed: bool) {
    let unbound =
        |finding: &Finding| matches!(finding, Finding::Signed(SignedFinding::UnboundCertificate { .. }));
    if !signature.own_form {
        signature.findings.push(SignedFinding::Inconsistent { rule: "signatureAlgorithm" }.into());
        signature.intact = None;
    } else if trust_weighed && signature.findings.iter().any(unbound) {
        signature.intact = None;
    }
}

impl Finding {
    /// True for what may hide a seal, or is what was left of one: then nobody may say that there is none.
    pub(super) fn may_hide_a_seal(&self) -> bool {
        matches!(
            self.plain(),
            Self::Document(
                DocumentFinding::FormUnreadable(_)
                    | DocumentFinding::Limit { .. }
                    | DocumentFinding::StrayByteRange { .. }
                    | DocumentFinding::BrokenField { .. }
                    | DocumentFinding::NotSeen
            )
        )
    }

    /// The light it lowers.
    pub(super) fn lowers(&self, question: Question) -> bool {
        matches!(self.effect(), Effect::Amber(asked) | Effect::Red(asked) if asked == question)
    }
}

pub(super) fn instant<S: Serializer>(value: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&value.rfc3339())
}

pub(super) fn optional_instant<S: Serializer>(
    value: &Option<Instant>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.serialize_some(&value.rfc3339()),
        None => serializer.serialize_none(),
    }
}

fn digest<S: Serializer>(value: &Option<[u8; 32]>, serializer: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.serialize_some(&hex::encode(value)),
        None => serializer.serialize_none(),
    }
}
