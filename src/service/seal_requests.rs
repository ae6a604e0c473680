//! 用印审批: a document is brought, somebody asks for a seal on it, somebody else looks at what it would be and grants it; then
//! it is stamped, once.
//!
//! What the approver is shown is drawn from the bytes that would be sealed. What he grants is that document by its
//! SHA-256, that seal, that place, for 24 hours; the ledger looks again in the transaction that takes the seal's number.

use super::access::{AccessError, Mandate, Right};
use super::placement::Placement;
use super::seals::reason;
use super::stamp::{StampRequest, Stamped, StampingError};
use super::{Office, clock};
use crate::crypto;
use crate::ledger::{GrantFault, LedgerError, RequestState, SealGrant, SealRequest, SealWish};
use crate::pdf::{self, Limits};
use crate::preview::{self, PreviewError};
use crate::stamp::{Changes, Landed};
use crate::verify::hand_over;
use std::borrow::Cow;

/// What is asked for.
pub struct Asked<'a> {
    /// The document.
    pub document: &'a [u8],
    /// Role of the seal.
    pub seal: &'a str,
    /// Where it goes.
    pub placement: &'a Placement,
    /// What for.
    pub reason: &'a str,
    /// Who asks: a person of the caller's organisation.
    pub applicant: &'a str,
    /// Whether what would be refused is written anew: then that is what is shown, granted and stamped.
    pub rewrite: bool,
    /// The caller's idempotency key.
    pub idempotency_key: String,
}

/// A decision.
pub struct Decided<'a> {
    /// Whether it is granted.
    pub approved: bool,
    /// SHA-256 of the document that was looked at.
    pub source: [u8; 32],
    /// Who decides: a person of the caller's organisation.
    pub approver: &'a str,
    /// Why.
    pub reason: &'a str,
}

/// Why a request did not go on.
#[derive(Debug, thiserror::Error)]
pub enum SealRequestError {
    /// Not covered by the mandate.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// On record already, not there, not granted, or a failure.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// It cannot be stamped.
    #[error(transparent)]
    Stamping(#[from] StampingError),
    /// No reason or no name, or one that is too long.
    #[error("须写明{0},200 字以内 / {0} is needed, of at most 200 characters")]
    Member(&'static str),
    /// Its pages cannot be shown.
    #[error(transparent)]
    Preview(#[from] PreviewError),
    /// What was brought is not kept any more.
    #[error("文件已不再保存:申请已结束 / the document is not kept any more: the request has ended")]
    Gone,
    /// Not one file of a batch can be stamped: their names, with codes and words.
    #[error("没有一份文件可以盖章 / not one of the files can be stamped")]
    NoneFits(Vec<(String, (String, String))>),
}

/// A document as it would be stamped, and where.
pub struct Fitted<'d> {
    /// The document; another one where it was written anew.
    pub document: Cow<'d, [u8]>,
    /// Where the seal goes, and whether it certifies.
    pub placement: Placement,
    /// What became of it when it was written anew.
    pub changes: Option<Changes>,
}

/// What a document would be.
pub struct Rehearsed {
    /// Where everything would land.
    pub landed: Landed,
    /// PNG of each page that gets something, with its number from 1.
    pub pages: Vec<(usize, Vec<u8>)>,
}

/// Part of the list of requests.
pub struct Seen {
    /// Those that may be seen.
    pub requests: Vec<SealRequest>,
    /// How many were read for them.
    pub read: usize,
    /// Running number of the last of those.
    pub last: Option<u64>,
}

/// Pictures of one rehearsal.
const PICTURES: usize = 12;
/// Dots per inch of a picture.
const DPI: f32 = 96.0;

impl Office {
    /// What the document would be, without a key, a number or a record.
    ///
    /// # Errors
    /// [`SealRequestError`]: what stamping it would say, and pages that cannot be shown.
    pub fn rehearse(
        &self,
        document: &[u8],
        seal: &str,
        placement: &Placement,
    ) -> Result<Rehearsed, SealRequestError> {
        let request = StampRequest { document, seal, placement, idempotency_key: None, request: None };
        let (page, landed) = self.would_be_stamped(&request)?;
        let mut wanted = vec![landed.spot.page];
        wanted.extend(&landed.also_on);
        wanted.extend(landed.slices.iter().map(|slice| slice.page));
        wanted.sort_unstable();
        wanted.dedup();
        wanted.truncate(PICTURES);
        let pictures = preview::pages(&page.bytes, &wanted, DPI)?;
        if let Some(page) = preview::blank(&page.bytes, &wanted) {
            return Err(PreviewError::Blank { page }.into());
        }
        Ok(Rehearsed { landed, pages: wanted.into_iter().zip(pictures).collect() })
    }

    /// The document as it would be stamped, and where: written anew and certified where that is asked for and needed.
    ///
    /// # Errors
    /// What keeps it from being written anew.
    pub fn fitted<'d>(
        &self,
        document: &'d [u8],
        placement: &Placement,
        rewrite: bool,
    ) -> Result<Fitted<'d>, StampingError> {
        let mut placement = placement.clone();
        match if rewrite { self.rewritten(document)? } else { None } {
            None => Ok(Fitted { document: Cow::Borrowed(document), placement, changes: None }),
            Some(made) => {
                placement.certify = true;
                Ok(Fitted { document: Cow::Owned(made.bytes), placement, changes: Some(made.changes) })
            }
        }
    }

    /// Asks for a seal; true when the same was asked before.
    ///
    /// # Errors
    /// [`SealRequestError`]; nothing is on record then.
    pub fn ask_for_seal(
        &self,
        mandate: &Mandate,
        asked: &Asked<'_>,
    ) -> Result<(SealRequest, bool), SealRequestError> {
        self.authorise(mandate, Right::Stamp, None, Some(asked.seal))?;
        let why = reason(asked.reason).ok_or(SealRequestError::Member("reason"))?;
        let applicant = reason(asked.applicant).ok_or(SealRequestError::Member("applicant"))?;
        let fitted = self.fitted(asked.document, asked.placement, asked.rewrite)?;
        let Fitted { document, placement, .. } = fitted;
        // What cannot be stamped or shown is not asked for.
        self.rehearse(&document, asked.seal, &placement)?;
        let name: [u8; 16] = crypto::random().ok_or(AccessError::Random)?;
        let wish = SealWish {
            request: hex::encode(name),
            seal: asked.seal.to_owned(),
            document: document.into_owned(),
            place: placement.to_string(),
            placement: placement.json().to_string(),
            reason: why,
            applicant,
            authority: mandate.authority().to_owned(),
            idempotency_key: asked.idempotency_key.clone(),
            at: clock::now(),
        };
        Ok(self.ledger.request_seal(wish)?)
    }

    /// A request that the mandate may see: its own, any for who grants, any for an auditor.
    ///
    /// # Errors
    /// Not covered, not on record, or a failure.
    pub fn seal_request(&self, mandate: &Mandate, request: &str) -> Result<SealRequest, SealRequestError> {
        self.authorise(mandate, sight(mandate), None, Some(request))?;
        self.seen(mandate, request)
    }

    fn seen(&self, mandate: &Mandate, request: &str) -> Result<SealRequest, SealRequestError> {
        let found = self.ledger.seal_request(request)?.filter(|found| may_see(mandate, found));
        Ok(found.ok_or(LedgerError::NotOnRecord)?)
    }

    /// Requests that the mandate may see, after a running number.
    ///
    /// # Errors
    /// Not covered, or a failure.
    pub fn seal_requests(&self, mandate: &Mandate, after: u64, limit: u32) -> Result<Seen, SealRequestError> {
        self.authorise(mandate, sight(mandate), None, Some("stampings"))?;
        let mut rows = self.ledger.seal_requests(after, limit)?;
        let (read, last) = (rows.len(), rows.last().map(|last| last.number));
        rows.retain(|request| may_see(mandate, request));
        Ok(Seen { requests: rows, read, last })
    }

    /// PNG of a page of a request, as it would be or as it was stamped.
    ///
    /// # Errors
    /// Not to be seen, no such page, or what was brought is not kept any more.
    pub fn page_of_request(
        &self,
        mandate: &Mandate,
        request: &str,
        page: usize,
    ) -> Result<Vec<u8>, SealRequestError> {
        let found = self.seal_request(mandate, request)?;
        let bytes = match found.used {
            Some((_, address)) => self.ledger.document(&address)?.ok_or(LedgerError::Sealed)?,
            None => {
                let (document, placement) = self.brought(&found)?;
                let request = StampRequest {
                    document: &document,
                    seal: &found.seal,
                    placement: &placement,
                    idempotency_key: None,
                    request: None,
                };
                self.would_be_stamped(&request)?.0.bytes
            }
        };
        preview::pages(&bytes, &[page], DPI)?.pop().ok_or(SealRequestError::Preview(PreviewError::Page))
    }

    /// Decides a request and, when it is granted, stamps. The same again goes on where an interruption left it.
    ///
    /// # Errors
    /// [`SealRequestError`]. A decision stands once it is on record, whatever becomes of the stamping.
    pub fn decide_seal(
        &self,
        mandate: &Mandate,
        request: &str,
        decided: &Decided<'_>,
    ) -> Result<(SealRequest, Option<Stamped>), SealRequestError> {
        self.authorise(mandate, Right::Approve, None, Some(request))?;
        let why = reason(decided.reason).ok_or(SealRequestError::Member("reason"))?;
        let approver = reason(decided.approver).ok_or(SealRequestError::Member("approver"))?;
        let found = self.seen(mandate, request)?;
        if found.source != decided.source {
            return Err(LedgerError::Grant(GrantFault::Differs).into());
        }
        let grant = SealGrant {
            approved: decided.approved,
            reason: why,
            approver,
            authority: mandate.authority().to_owned(),
            at: clock::now(),
        };
        let found = self.ledger.decide_seal(request, grant)?;
        match found.state(clock::now()) {
            RequestState::Approved => {
                let stamped = self.stamp_granted(&found)?;
                let found = self.ledger.seal_request(request)?.ok_or(LedgerError::NotOnRecord)?;
                Ok((found, Some(stamped)))
            }
            _ => Ok((found, None)),
        }
    }

    /// Stamps what was granted, in the name of who asked and on the authority of who granted.
    pub(super) fn stamp_granted(&self, found: &SealRequest) -> Result<Stamped, SealRequestError> {
        let grant = found.grant.as_ref().ok_or(LedgerError::Grant(GrantFault::NotApproved))?;
        let (document, placement) = self.brought(found)?;
        // What became void is tried under a key of its own; what was interrupted is finished under the same one.
        let key = match self.ledger.void_uses(&found.request)? {
            0 => format!("seal request/{}", found.request),
            void => format!("seal request/{}/{void}", found.request),
        };
        let request = StampRequest {
            document: &document,
            seal: &found.seal,
            placement: &placement,
            idempotency_key: Some(key),
            request: Some(&found.request),
        };
        Ok(self.stamp(&Mandate::on_record(&found.applicant, &grant.authority), request)?)
    }

    /// The stamped document of a request; `None` until it is stamped.
    ///
    /// # Errors
    /// Not to be seen, or a failure.
    pub fn stamped_by_request(
        &self,
        mandate: &Mandate,
        request: &str,
    ) -> Result<Option<Vec<u8>>, SealRequestError> {
        let found = self.seal_request(mandate, request)?;
        let Some((_, address)) = found.used else { return Ok(None) };
        Ok(Some(self.ledger.document(&address)?.ok_or(LedgerError::Sealed)?))
    }

    /// The national signature inside the seal of a request (SES_Signature), for national software; `None` until it is
    /// stamped, and where the seal has no national half.
    ///
    /// # Errors
    /// Not to be seen, or a failure.
    pub fn pressed_by_request(
        &self,
        mandate: &Mandate,
        request: &str,
    ) -> Result<Option<Vec<u8>>, SealRequestError> {
        let Some(pdf) = self.stamped_by_request(mandate, request)? else { return Ok(None) };
        let last = pdf::open(&pdf, &Limits::DEFAULT).map_or(0, |file| file.signatures().values.len());
        let handed = hand_over(&pdf, &Limits::DEFAULT, last).ok();
        Ok(handed.and_then(|handed| handed.pressing).map(|pressing| pressing.der))
    }

    fn brought(&self, found: &SealRequest) -> Result<(Vec<u8>, Placement), SealRequestError> {
        let document = self.ledger.brought(&found.request)?.ok_or(SealRequestError::Gone)?;
        let placement = Placement::from_json(&found.placement).ok_or(LedgerError::Sealed)?;
        Ok((document, placement))
    }
}

/// The right by which a mandate sees requests.
pub(super) fn sight(mandate: &Mandate) -> Right {
    let rights = [Right::Stamp, Right::Approve, Right::Audit];
    rights.into_iter().find(|right| mandate.covers(*right, None)).unwrap_or(Right::Stamp)
}

pub(super) fn may_see(mandate: &Mandate, found: &SealRequest) -> bool {
    mandate.covers(Right::Approve, None)
        || mandate.covers(Right::Audit, None)
        || (mandate.covers(Right::Stamp, None) && mandate.authority() == found.authority)
}
