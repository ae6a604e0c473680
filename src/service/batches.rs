//! 批次用印: hundreds of documents under one seal, by one decision.
//!
//! Every file is looked at before anybody is asked; what cannot be stamped is named and does not stop the rest. Once
//! granted, [`Office::carry_out_batches`] stamps one after the other, and goes on after any interruption where the record
//! says it was: a document's use is bound to its request, which is good for one use.

use super::access::{AccessError, Mandate, Right};
use super::placement::Placement;
use super::seal_requests::{Decided, Fitted, SealRequestError, may_see, sight};
use super::seals::reason;
use super::stamp::{StampRequest, StampingError};
use super::{Office, bulk, clock};
use crate::crypto;
use crate::domain::plain::plain;
use crate::ledger::{
    Batch, BatchAct, BatchItem, BatchWish, GrantFault, ItemWish, LedgerError, SealGrant, SealWish,
};

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Files of one batch.
pub const MOST_FILES: usize = 1000;
/// Longest file name that is kept, in characters.
const LONGEST_NAME: usize = 200;

/// What is asked for.
pub struct AskedBatch<'a> {
    /// The documents and the names they came under, in order.
    pub files: &'a [(String, &'a [u8])],
    /// Role of the seal.
    pub seal: &'a str,
    /// Where it goes on each.
    pub placement: &'a Placement,
    /// What for.
    pub reason: &'a str,
    /// Who asks: a person of the caller's organisation.
    pub applicant: &'a str,
    /// Whether what would be refused is written anew.
    pub rewrite: bool,
    /// The caller's idempotency key.
    pub idempotency_key: &'a str,
}

/// Part of the list of batches.
pub struct SeenBatches {
    /// Those that may be seen.
    pub batches: Vec<Batch>,
    /// How many were read for them.
    pub read: usize,
    /// Running number of the last of those.
    pub last: Option<u64>,
}

/// What a try at one file led to.
enum Tried {
    Stamped,
    /// Another process is at it, or it was called off.
    Left,
    Failed,
    /// Nothing of the batch can go on.
    Stopped(Option<LedgerError>),
}

impl Office {
    /// Asks for a seal on many documents; true when the same was asked before.
    ///
    /// # Errors
    /// [`SealRequestError`], among them [`SealRequestError::NoneFits`]; nothing is on record then.
    pub fn ask_for_batch(
        &self,
        mandate: &Mandate,
        asked: &AskedBatch<'_>,
    ) -> Result<(Batch, bool), SealRequestError> {
        self.authorise(mandate, Right::Stamp, None, Some(asked.seal))?;
        let why = reason(asked.reason).ok_or(SealRequestError::Member("reason"))?;
        let applicant = reason(asked.applicant).ok_or(SealRequestError::Member("applicant"))?;
        self.seal_in_use(asked.seal).map_err(StampingError::from)?;
        self.seal_of(asked.seal)?;
        let (batch, at) = (name()?, clock::now());
        let wish = |number: usize, fitted: Fitted<'_>| -> Result<SealWish, SealRequestError> {
            Ok(SealWish {
                request: name()?,
                seal: asked.seal.to_owned(),
                document: fitted.document.into_owned(),
                place: fitted.placement.to_string(),
                placement: fitted.placement.json().to_string(),
                reason: why.clone(),
                applicant: applicant.clone(),
                authority: mandate.authority().to_owned(),
                idempotency_key: format!("batch/{batch}/{number}"),
                at,
            })
        };
        let mut items = Vec::with_capacity(asked.files.len());
        for (number, (file, looked)) in asked.files.iter().zip(self.look_at(asked)).enumerate() {
            let outcome = match looked {
                Ok(fitted) => Ok(wish(number, fitted)?),
                Err(fault) => Err(fault),
            };
            items.push(ItemWish { name: plain(&file.0, LONGEST_NAME), outcome });
        }
        if items.iter().all(|item| item.outcome.is_err()) {
            let faults = items.into_iter().filter_map(|item| Some((item.name, item.outcome.err()?)));
            return Err(SealRequestError::NoneFits(faults.collect()));
        }
        let key = asked.idempotency_key.to_owned();
        Ok(self.ledger.request_batch(BatchWish { batch, items, idempotency_key: key })?)
    }

    /// Whether each file would be stamped, in order; a fault as codes and words.
    fn look_at<'d>(&self, asked: &AskedBatch<'d>) -> Vec<Result<Fitted<'d>, (String, String)>> {
        let mut looked = Vec::with_capacity(asked.files.len());
        let look = |_, (_, document): &'d (String, &'d [u8])| {
            let fitted = self.fitted(document, asked.placement, asked.rewrite).and_then(|fitted| {
                let (seal, placement) = (asked.seal, &fitted.placement);
                let document = &fitted.document;
                let request =
                    StampRequest { document, seal, placement, idempotency_key: None, request: None };
                self.may_be_stamped(&request).map(|_| fitted)
            });
            fitted.map_err(|why| (why.codes(), why.to_string()))
        };
        bulk::in_order(bulk::cores(), asked.files.iter(), look, |result| {
            looked.push(result);
            true
        });
        looked
    }

    /// A batch that the mandate may see.
    ///
    /// # Errors
    /// Not covered, not on record, or a failure.
    pub fn batch(&self, mandate: &Mandate, batch: &str) -> Result<Batch, SealRequestError> {
        self.authorise(mandate, sight(mandate), None, Some(batch))?;
        let found = self.ledger.batch(batch)?.filter(|found| may_see(mandate, &found.asked));
        Ok(found.ok_or(LedgerError::NotOnRecord)?)
    }

    /// How a batch that was seen stands now.
    ///
    /// # Errors
    /// Not on record, or a failure.
    pub fn batch_again(&self, batch: &str) -> Result<Batch, SealRequestError> {
        Ok(self.ledger.batch(batch)?.ok_or(LedgerError::NotOnRecord)?)
    }

    /// Batches that the mandate may see, after a running number.
    ///
    /// # Errors
    /// Not covered, or a failure.
    pub fn batches(
        &self,
        mandate: &Mandate,
        after: u64,
        limit: u32,
    ) -> Result<SeenBatches, SealRequestError> {
        self.authorise(mandate, sight(mandate), None, Some("batches"))?;
        let mut batches = self.ledger.batches(after, limit)?;
        let (read, last) = (batches.len(), batches.last().map(|last| last.number));
        batches.retain(|batch| may_see(mandate, &batch.asked));
        Ok(SeenBatches { batches, read, last })
    }

    /// A batch that the mandate may see, and its files after a place in it.
    ///
    /// # Errors
    /// As [`Office::batch`].
    pub fn batch_items(
        &self,
        mandate: &Mandate,
        batch: &str,
        after: u32,
        limit: u32,
    ) -> Result<(Batch, Vec<BatchItem>), SealRequestError> {
        let found = self.batch(mandate, batch)?;
        let items = self.ledger.batch_items(batch, after, limit)?;
        Ok((found, items))
    }

    /// Decides a batch. What is granted is stamped by [`Office::carry_out_batches`].
    ///
    /// # Errors
    /// [`SealRequestError`].
    pub fn decide_batch(
        &self,
        mandate: &Mandate,
        batch: &str,
        decided: &Decided<'_>,
    ) -> Result<Batch, SealRequestError> {
        self.authorise(mandate, Right::Approve, None, Some(batch))?;
        let grant = SealGrant {
            approved: decided.approved,
            reason: reason(decided.reason).ok_or(SealRequestError::Member("reason"))?,
            approver: reason(decided.approver).ok_or(SealRequestError::Member("approver"))?,
            authority: mandate.authority().to_owned(),
            at: clock::now(),
        };
        Ok(self.ledger.decide_batch(batch, decided.source, grant)?)
    }

    /// Acts on a batch: whoever asked for it, and whoever grants.
    ///
    /// # Errors
    /// [`SealRequestError`].
    pub fn act_on_batch(
        &self,
        mandate: &Mandate,
        batch: &str,
        act: BatchAct,
    ) -> Result<Batch, SealRequestError> {
        let approves = mandate.covers(Right::Approve, None);
        let right = if approves { Right::Approve } else { Right::Stamp };
        self.authorise(mandate, right, None, Some(batch))?;
        let found = self.ledger.batch(batch)?;
        found.filter(|found| may_see(mandate, &found.asked)).ok_or(LedgerError::NotOnRecord)?;
        Ok(self.ledger.act_on_batch(batch, act, clock::now())?)
    }

    /// Goes on with every batch that was granted, until nothing is left to do or `stop` says so; how many documents
    /// were stamped.
    ///
    /// # Errors
    /// The ledger failed; what was not reached is found again by the next call.
    pub fn carry_out_batches(&self, stop: &(dyn Fn() -> bool + Sync)) -> Result<u64, LedgerError> {
        let mut stamped = 0;
        for batch in self.ledger.running_batches(clock::now())? {
            if stop() {
                break;
            }
            stamped += self.carry_out_batch(&batch, stop)?;
        }
        Ok(stamped)
    }

    fn carry_out_batch(&self, batch: &str, stop: &(dyn Fn() -> bool + Sync)) -> Result<u64, LedgerError> {
        let Some(found) = self.ledger.batch(batch)? else { return Ok(0) };
        // What holds for all of them is looked at before the first.
        match self.seal_in_use(&found.asked.seal).map_err(StampingError::from) {
            Ok(()) if self.seal_of(&found.asked.seal).is_ok() => {}
            Ok(()) => return self.ledger.hold_batch(batch, "seal.unknown").map(|()| 0),
            Err(why @ StampingError::Ledger(LedgerError::SealNotInUse { .. } | LedgerError::Order(_))) => {
                return self.ledger.hold_batch(batch, why.code()).map(|()| 0);
            }
            Err(StampingError::Ledger(why)) => return Err(why),
            Err(_) => return Ok(0),
        }
        let most = u32::try_from(MOST_FILES).unwrap_or(u32::MAX);
        let mut items = self.ledger.batch_items(batch, 0, most)?;
        items.retain(|item| item.fault.is_none() && item.used.is_none());
        let (mut stamped, mut broken) = (0, None);
        let work = |_, item: BatchItem| {
            if stop() {
                return Tried::Stopped(None);
            }
            // One file that breaks our own program does not stop the rest.
            catch_unwind(AssertUnwindSafe(|| self.try_item(batch, &item))).unwrap_or_else(|_| {
                let noted =
                    self.ledger.fail_item(batch, &item, "failure", "处理出错 / processing broke down");
                noted.map_or_else(|why| Tried::Stopped(Some(why)), |()| Tried::Failed)
            })
        };
        bulk::in_order(bulk::cores(), items.into_iter(), work, |tried| match tried {
            Tried::Stamped => {
                stamped += 1;
                true
            }
            Tried::Left | Tried::Failed => true,
            Tried::Stopped(why) => {
                broken = why;
                false
            }
        });
        broken.map_or(Ok(stamped), Err)
    }

    fn try_item(&self, batch: &str, item: &BatchItem) -> Tried {
        match self.ledger.batch_goes_on(batch) {
            Ok(true) => {}
            Ok(false) => return Tried::Stopped(None),
            Err(why) => return Tried::Stopped(Some(why)),
        }
        let found = match item.request.as_deref().map(|request| self.ledger.seal_request(request)) {
            Some(Ok(Some(found))) => found,
            Some(Err(why)) => return Tried::Stopped(Some(why)),
            _ => return Tried::Left,
        };
        let why = match self.stamp_granted(&found) {
            Ok(_) => return Tried::Stamped,
            Err(why) => why,
        };
        let hold = |code| Tried::Stopped(self.ledger.hold_batch(batch, code).err());
        match why {
            SealRequestError::Gone => Tried::Left,
            SealRequestError::Ledger(why) => Tried::Stopped(Some(why)),
            SealRequestError::Stamping(StampingError::Ledger(why)) => match why {
                LedgerError::InProgress { .. } => Tried::Left,
                LedgerError::Grant(GrantFault::Used | GrantFault::Expired | GrantFault::Withdrawn) => {
                    Tried::Left
                }
                LedgerError::SealNotInUse { .. } => hold("seal.not_in_use"),
                LedgerError::Order(fault) => hold(fault.code()),
                why => Tried::Stopped(Some(why)),
            },
            SealRequestError::Stamping(why) => {
                // A key that does not sign will not sign the next one either.
                let key_fails = matches!(why, StampingError::Seal(_));
                match self.ledger.fail_item(batch, item, &why.codes(), &why.to_string()) {
                    Err(why) => Tried::Stopped(Some(why)),
                    Ok(()) if key_fails => hold(why.code()),
                    Ok(()) => Tried::Failed,
                }
            }
            _ => Tried::Left,
        }
    }

    /// The stamped document of a file; `None` until it is stamped.
    ///
    /// # Errors
    /// A failure, or data that no longer opens.
    pub fn stamped_item(&self, item: &BatchItem) -> Result<Option<Vec<u8>>, LedgerError> {
        let Some((_, address)) = item.used else { return Ok(None) };
        self.ledger.document(&address)?.ok_or(LedgerError::Sealed).map(Some)
    }
}

fn name() -> Result<String, AccessError> {
    crypto::random::<16>().map(hex::encode).ok_or(AccessError::Random)
}
