//! A document that somebody brought, under one of this office's seals: gate → prepare → reserve → seal → inspect → record.
//!
//! Nothing is sealed that is not on record, nothing leaves that our own verifier does not find right, and no earlier
//! signature leaves worse than it came. The document is added to, never changed.

use super::access::Mandate;
use super::office::{Bold, Office, Seal};
use super::placement::{Anchor, AnchorError, Placement};
use super::{check, clock};
use crate::crypto::sha256;
use crate::domain::Instant;
use crate::domain::plain::plain;
use crate::ledger::{LedgerError, ReservedStamping, Sealed, StampIntent, StampOutcome, Stamping};
use crate::pdf::{self, Limits};
use crate::sign::{SealError, SealedPdf};
use crate::stamp::gate::{self, Hazard};
use crate::stamp::{self, Landed, Place, RewriteFault, Rewritten, StampError, Wish};
use crate::verify::{
    Changes, Coverage, Finding, Indication, Integrity, Judgement, Level, SignatureReport, SubIndication,
};

/// Largest document that is taken, in bytes: what the ledger gives back.
pub const LARGEST: usize = 64 << 20;

/// Longest name of a field that is repeated, in characters.
const LONGEST_FIELD: usize = 80;

/// What is asked for.
pub struct StampRequest<'a> {
    /// The document as it was brought.
    pub document: &'a [u8],
    /// Role of the seal.
    pub seal: &'a str,
    /// Where it goes.
    pub placement: &'a Placement,
    /// The caller's idempotency key.
    pub idempotency_key: Option<String>,
    /// The request under which the use was granted; who stands at the console needs none.
    pub request: Option<&'a str>,
}

/// A stamped document. The file is what the ledger holds.
pub struct Stamped {
    /// The record.
    pub stamping: Stamping,
    /// The sealed file.
    pub pdf: Vec<u8>,
    /// Where everything stands.
    pub landed: Landed,
    /// True when an earlier answer was repeated.
    pub replayed: bool,
}

/// Why a document was not stamped. Until [`StampingError::Ledger`] nothing was reserved.
#[derive(Debug, thiserror::Error)]
pub enum StampingError {
    /// No such seal.
    #[error("没有“{asked}”印章;有 {} / no seal {asked}: name one of these", .known.join("、"))]
    NoSeal {
        /// What was asked for.
        asked: String,
        /// Roles that have one.
        known: Vec<String>,
    },
    /// More than is taken.
    #[error("文件超过 {} MB / the document is larger than {} MB", LARGEST >> 20, LARGEST >> 20)]
    TooLarge,
    /// Not a document that can be walked.
    #[error("文件读不懂,不能加盖({0:?})/ the document cannot be read ({0:?})")]
    Unreadable(pdf::ReadError),
    /// Something in it could change what it shows after it was sealed.
    #[error("文件盖章后仍可能变样,共 {} 处 / {} things could change what it shows after it is sealed", .0.len(), .0.len())]
    Hazards(Vec<Hazard>),
    /// A signature of it does not fit any more: nobody can tell what would be sealed.
    #[error(
        "文件中的签名“{field}”已不相符,不能再盖章 / its signature “{field}” does not fit any more; it is not sealed again"
    )]
    Broken {
        /// The field.
        field: String,
    },
    /// A signature of a kind that is not read here: nobody could tell afterwards whether it was kept.
    #[error(
        "文件中的签名“{field}”是本程序不认识的一种,不能再盖章 / its signature “{field}” is of a kind that is not known here; it is not sealed again"
    )]
    Unsupported {
        /// The field.
        field: String,
    },
    /// Its maker allows no further signature.
    #[error(
        "文件已认证,不允许再加签章(DocMDP {level};2、3 级只许签已有的空签名域)/ its maker allows no further signature (DocMDP {level}; levels 2 and 3 allow empty fields that are there to be signed)"
    )]
    Certified {
        /// The level.
        level: u8,
    },
    /// The words to stand by are not there.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// The field could not be added.
    #[error(transparent)]
    Stamp(#[from] StampError),
    /// The ledger refused or failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It was not sealed; its number is void.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// Our own verifier did not find it right; nothing left the house and its number is void.
    #[error("自检未通过({}),未放行 / failed inspection, nothing was released", .0.join(", "))]
    Inspection(Vec<String>),
}

impl StampingError {
    /// Stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSeal { .. } => "seal.unknown",
            Self::TooLarge => "document.too_large",
            Self::Unreadable(_) => "document.unreadable",
            Self::Hazards(_) => "document.hazards",
            Self::Broken { .. } => "document.signature_broken",
            Self::Unsupported { .. } => "document.signature_unsupported",
            Self::Certified { .. } => "document.certified",
            Self::Anchor(why) => why.code(),
            Self::Stamp(why) => why.code(),
            Self::Ledger(LedgerError::Grant(fault)) => fault.code(),
            Self::Ledger(LedgerError::SealNotInUse { .. }) => "seal.not_in_use",
            Self::Ledger(LedgerError::Order(fault)) => fault.code(),
            Self::Ledger(_) => "ledger",
            Self::Seal(_) => "seal.failed",
            Self::Inspection(_) => "inspection",
        }
    }

    /// The code and, of hazards, theirs: `; ` between.
    #[must_use]
    pub fn codes(&self) -> String {
        let mut codes = vec![self.code()];
        if let Self::Hazards(hazards) = self {
            codes.extend(hazards.iter().map(|hazard| hazard.kind.code()));
            codes.dedup();
        }
        codes.join("; ")
    }
}

impl Office {
    /// Stamps one document.
    ///
    /// # Errors
    /// [`StampingError`]. After a reservation, an error of sealing or inspection voids it.
    pub fn stamp(&self, mandate: &Mandate, request: StampRequest<'_>) -> Result<Stamped, StampingError> {
        let (seal, file) = self.let_in(&request)?;
        let before = check::unrecorded(self, request.document);
        may_be_signed(&before, request.placement)?;
        let now = clock::now();
        let place = request.placement.anchor.resolve(&file, seal.field.seal.size())?;
        // A place that cannot be had takes no number.
        let prepared = self.prepared(&file, seal, &place, request.placement, now)?;
        let intent = StampIntent {
            seal: request.seal.to_owned(),
            source: sha256(&[request.document]),
            place: request.placement.to_string(),
            key_fingerprint: sha256(&[seal.certificate.der()]),
            seal_filing: self.filing_digest(request.seal, seal)?,
            operator: mandate.operator().to_owned(),
            authority: mandate.authority().to_owned(),
            idempotency_key: request.idempotency_key,
            request: request.request.map(str::to_owned),
            at: now,
        };
        match self.ledger.reserve_stamping(intent)? {
            StampOutcome::Replay(stamping) => {
                let address = stamping.document.ok_or(LedgerError::Closed)?;
                let pdf = self.ledger.document(&address)?.ok_or(LedgerError::Sealed)?;
                Ok(Stamped { stamping: *stamping, pdf, landed: prepared.1, replayed: true })
            }
            StampOutcome::Reserved(reserved) => {
                let (page, landed) = if reserved.at == now {
                    prepared
                } else {
                    self.prepared(&file, seal, &place, request.placement, reserved.at)?
                };
                let made = seal
                    .press(page, reserved.at)
                    .map_err(StampingError::from)
                    .and_then(|sealed| self.inspect_stamped(&before, &sealed).map(|()| sealed));
                self.close(reserved, made, landed)
            }
        }
    }

    /// Whether a document would be stamped, as far as that can be told without touching a key or the ledger.
    ///
    /// # Errors
    /// [`StampingError`]: what [`Office::stamp`] would say.
    pub fn may_be_stamped(&self, request: &StampRequest<'_>) -> Result<Landed, StampingError> {
        Ok(self.would_be_stamped(request)?.1)
    }

    /// The document as it would be sealed, its hole empty.
    pub(super) fn would_be_stamped(
        &self,
        request: &StampRequest<'_>,
    ) -> Result<(pdf::UnsignedPdf, Landed), StampingError> {
        self.seal_in_use(request.seal)?;
        let (seal, file) = self.let_in(request)?;
        may_be_signed(&check::unrecorded(self, request.document), request.placement)?;
        let place = request.placement.anchor.resolve(&file, seal.field.seal.size())?;
        Ok(self.prepared(&file, seal, &place, request.placement, clock::now())?)
    }

    fn prepared(
        &self,
        file: &pdf::File<'_>,
        seal: &Seal,
        place: &Place,
        placement: &Placement,
        at: Instant,
    ) -> Result<(pdf::UnsignedPdf, Landed), StampError> {
        let letters = &Bold(&self.fonts);
        let (edge, certify) = (placement.edge.as_ref(), placement.certify);
        let wish = Wish { seal: &seal.field, place, edge, certify, letters };
        stamp::prepare(file, wish, at)
    }

    /// The document written anew where the gate would refuse it; none where it is as it may be. What is shown, granted
    /// and certified is the new one.
    ///
    /// # Errors
    /// [`StampingError`]: what is still in the way, or keeps it from being written anew.
    pub fn rewritten(&self, document: &[u8]) -> Result<Option<Rewritten>, StampingError> {
        if document.len() > LARGEST {
            return Err(StampingError::TooLarge);
        }
        let file = pdf::open(document, &Limits::DEFAULT).map_err(StampingError::Unreadable)?;
        if gate::hazards(&file).is_empty() && pdf::Update::new(&file).is_ok() {
            return Ok(None);
        }
        if !file.signatures().values.is_empty() {
            return Err(StampError::from(RewriteFault::Signed).into());
        }
        let made = stamp::rewrite(&file).map_err(StampError::from)?;
        if made.bytes.len() > LARGEST {
            return Err(StampingError::TooLarge);
        }
        let file = pdf::open(&made.bytes, &Limits::DEFAULT).map_err(StampingError::Unreadable)?;
        let hazards = gate::hazards(&file);
        if hazards.is_empty() { Ok(Some(made)) } else { Err(StampingError::Hazards(hazards)) }
    }

    /// The seal of a role.
    pub(super) fn seal_of(&self, role: &str) -> Result<&Seal, StampingError> {
        self.seals.get(role).ok_or_else(|| StampingError::NoSeal {
            asked: role.to_owned(),
            known: self.seals.keys().cloned().collect(),
        })
    }

    /// The seal, and the document if nothing in it could change its face.
    fn let_in<'a>(&self, request: &StampRequest<'a>) -> Result<(&Seal, pdf::File<'a>), StampingError> {
        let seal = self.seal_of(request.seal)?;
        if request.document.len() > LARGEST {
            return Err(StampingError::TooLarge);
        }
        let file = pdf::open(request.document, &Limits::DEFAULT).map_err(StampingError::Unreadable)?;
        let hazards = gate::hazards(&file);
        if hazards.is_empty() { Ok((seal, file)) } else { Err(StampingError::Hazards(hazards)) }
    }

    fn close(
        &self,
        reserved: ReservedStamping,
        made: Result<SealedPdf, StampingError>,
        landed: Landed,
    ) -> Result<Stamped, StampingError> {
        match made {
            Ok(sealed) => {
                let row = Sealed {
                    pdf: sealed.bytes(),
                    covered_digest: sealed.covered_digest(),
                    signature_digest: sealed.signature_digest(),
                };
                let stamping = self.ledger.record_stamping(reserved, &row, clock::now())?;
                Ok(Stamped { stamping, pdf: sealed.bytes().to_vec(), landed, replayed: false })
            }
            Err(why) => {
                self.ledger.void_stamping(reserved, why.code(), clock::now())?;
                Err(why)
            }
        }
    }

    /// Our own verifier reads what was just sealed: ours is right and covers the whole file, and every signature that
    /// was there is what it was.
    fn inspect_stamped(&self, before: &Judgement, sealed: &SealedPdf) -> Result<(), StampingError> {
        let after = check::unrecorded(self, sealed.bytes());
        let same = |one: &SignatureReport, other: &SignatureReport| {
            one.covered_digest == other.covered_digest && one.signature_digest == other.signature_digest
        };
        let own =
            after.signatures.iter().find(|found| found.covered_digest == Some(*sealed.covered_digest()));
        let right = own.is_some_and(|own| {
            own.indication == Indication::TotalPassed
                && own.integrity == Integrity::Ok
                && own.coverage == Coverage::Whole
        });
        let kept = before.signatures.iter().all(|old| {
            after.signatures.iter().any(|new| {
                same(old, new)
                    && new.integrity == old.integrity
                    && new.changes <= Changes::Form.max(old.changes)
            })
        });
        let all = after.signatures.len() == before.signatures.len().saturating_add(1);
        if right && kept && all {
            return Ok(());
        }
        let findings = after.signatures.iter().flat_map(|found| &found.findings).chain(&after.findings);
        Err(StampingError::Inspection(findings.map(|finding| Finding::code(finding).to_owned()).collect()))
    }
}

/// Every signature of the document fits, and none forbids another: a certified document that may be filled in has its
/// empty fields signed, and gets no new ones (ISO 32000-1 Table 254).
fn may_be_signed(before: &Judgement, placement: &Placement) -> Result<(), StampingError> {
    let fills = matches!(placement.anchor, Anchor::Place(Place::Field { .. }));
    for signature in &before.signatures {
        let field = || plain(signature.field.as_deref().unwrap_or_default(), LONGEST_FIELD);
        if matches!(signature.integrity, Integrity::Unsupported | Integrity::Unverifiable) {
            return Err(StampingError::Unsupported { field: field() });
        }
        if signature.level == Level::Unknown {
            return Err(StampingError::Unsupported { field: field() });
        }
        let malformed = signature.sub_indication == Some(SubIndication::FormatFailure);
        if malformed || signature.integrity != Integrity::Ok || signature.changes == Changes::Forbidden {
            return Err(StampingError::Broken { field: field() });
        }
        if let Some(level) = signature.certified.filter(|level| *level < 2 || !fills) {
            return Err(StampingError::Certified { level });
        }
    }
    Ok(())
}
