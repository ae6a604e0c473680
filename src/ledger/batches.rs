//! 批次用印: hundreds of documents asked for in one go, granted by one decision, stamped one after the other.
//!
//! Each document that may be stamped is a [`SealRequest`] of its own, so that what guards one use guards each of these.
//! The batch adds what they share: their order, one digest that the decision is bound to, and whether they wait. How far
//! it got is counted from the uses on record, never kept beside them. File names may name people and are kept sealed.

use super::rows::kept_key;
use super::seal_requests::{self, GrantFault, SealGrant, SealRequest, SealWish};
use super::{Keyring, Ledger, LedgerError};
use crate::crypto::sha256;
use crate::domain::{Bilingual, Instant};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

/// A file of a batch as it goes on record.
#[derive(Clone, Debug)]
pub struct ItemWish {
    /// The name it came under.
    pub name: String,
    /// The request for its seal, or why it cannot be stamped: codes and words.
    pub outcome: Result<SealWish, (String, String)>,
}

/// A batch as it goes on record. All requests in it ask for the same, but for their documents.
#[derive(Clone, Debug)]
pub struct BatchWish {
    /// Its name: fresh, and not to be guessed.
    pub batch: String,
    /// Its files, in order.
    pub items: Vec<ItemWish>,
    /// The caller's idempotency key.
    pub idempotency_key: String,
}

/// What stops a batch from going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Halt {
    Paused,
    Cancelled,
}

/// How far a batch got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchState {
    /// Nobody decided yet.
    Requested,
    /// Granted, being stamped.
    Running,
    /// Granted, and held.
    Paused,
    /// Nothing is left to be stamped.
    Finished,
    /// Not granted.
    Rejected,
    /// Called off; what was stamped before stays stamped.
    Cancelled,
    /// Its time was over before it was decided or finished.
    Expired,
}

impl BatchState {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Finished => "finished",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The same for people.
    #[must_use]
    pub fn name(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Requested => ("待审批", "waiting for a decision"),
            Self::Running => ("盖章中", "being stamped"),
            Self::Paused => ("已暂停", "paused"),
            Self::Finished => ("已办结", "finished"),
            Self::Rejected => ("未获批准", "not approved"),
            Self::Cancelled => ("已取消", "called off"),
            Self::Expired => ("已过 24 小时", "older than 24 hours"),
        };
        Bilingual::new(zh, en)
    }

    /// Whether nothing more will happen unless somebody asks for it.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Finished | Self::Rejected | Self::Cancelled | Self::Expired)
    }
}

/// What somebody does to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchAct {
    /// Holds it; what is under way is finished.
    Pause,
    /// Lets it go on.
    Resume,
    /// Calls it off.
    Cancel,
    /// Tries what failed once more.
    Retry,
}

/// How many files are where. `total` is the sum of the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BatchCounts {
    /// Files brought.
    pub total: u32,
    /// Refused before anybody was asked.
    pub refused: u32,
    /// Not stamped yet.
    pub waiting: u32,
    /// Stamped.
    pub stamped: u32,
    /// Tried, and not stamped.
    pub failed: u32,
}

/// A batch on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Running number.
    pub number: u64,
    /// Its name.
    pub batch: String,
    /// SHA-256 over the digests of the files that may be stamped, in order: what a decision is bound to.
    pub digest: [u8; 32],
    /// Its first request: seal, place, reason, applicant, times and decision are those of all.
    pub asked: SealRequest,
    /// Files.
    pub counts: BatchCounts,
    /// Why it is held, when the service held it: a stable code.
    pub halted_by: Option<String>,
    halt: Option<Halt>,
}

impl Batch {
    /// How it stands at an instant.
    #[must_use]
    pub fn state(&self, at: Instant) -> BatchState {
        let late = at > self.asked.expires_at;
        match (&self.asked.grant, self.halt) {
            (Some(grant), _) if !grant.approved => BatchState::Rejected,
            (_, Some(Halt::Cancelled)) => BatchState::Cancelled,
            (Some(_), _) if self.counts.waiting == 0 => BatchState::Finished,
            _ if late => BatchState::Expired,
            (None, _) => BatchState::Requested,
            (Some(_), Some(Halt::Paused)) => BatchState::Paused,
            (Some(_), None) => BatchState::Running,
        }
    }
}

/// A file of a batch on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BatchItem {
    /// Its place in the batch, from 1.
    pub item: u32,
    /// The name it came under.
    pub name: String,
    /// SHA-256 of the document as it was brought; none when it was refused.
    pub source: Option<[u8; 32]>,
    /// Its request; none when it was refused.
    pub request: Option<String>,
    /// Why it was refused or failed: stable codes, and words.
    pub fault: Option<(String, String)>,
    /// Its use: the seal's own number, and SHA-256 of the stamped document.
    pub used: Option<(u64, [u8; 32])>,
}

impl BatchItem {
    /// The stable word for what became of it; `over` when its batch is.
    #[must_use]
    pub fn word(&self, over: bool) -> &'static str {
        match (&self.used, &self.request, &self.fault) {
            (Some(_), _, _) => "stamped",
            (None, None, _) => "refused",
            (None, Some(_), Some(_)) => "failed",
            (None, Some(_), None) if over => "unstamped",
            (None, Some(_), None) => "waiting",
        }
    }
}

/// What is kept sealed of a file.
#[derive(Deserialize, Serialize)]
struct About {
    name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    words: String,
}

impl Ledger {
    /// Puts a batch and its requests on record, all or none; true when the same batch was there already.
    ///
    /// # Errors
    /// [`LedgerError::IdempotencyKeyReused`], [`LedgerError::Grant`], or a failure.
    pub fn request_batch(&self, wish: BatchWish) -> Result<(Batch, bool), LedgerError> {
        let keyring = self.keyring()?;
        let mut rows = Vec::with_capacity(wish.items.len());
        let (mut digests, mut asked) = (Vec::new(), Vec::new());
        for (item, wanted) in (1_u32..).zip(wish.items) {
            let (request, code, words) = match wanted.outcome {
                Ok(request) => {
                    let sealed = seal_requests::sealed(&keyring, &request)?;
                    digests.extend(sha256(&[&request.document]));
                    asked.extend([request.seal.as_bytes(), b"\0", request.place.as_bytes(), b"\0"].concat());
                    (Some((request, sealed)), None, String::new())
                }
                Err((code, words)) => (None, Some(code), words),
            };
            let about = about(&keyring, &wish.batch, item, &About { name: wanted.name, words })?;
            rows.push((item, about, request, code));
        }
        let digest = sha256(&[&digests]);
        let request_digest = sha256(&[&digest, &asked]);
        let (batch, key) = (wish.batch, kept_key(&keyring, &wish.idempotency_key));
        self.writer.run(move |connection| {
            let sql = "SELECT batch, request_digest FROM batch WHERE idempotency_key = ?1";
            let before: Option<(String, [u8; 32])> = connection
                .prepare_cached(sql)?
                .query_row([&key], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if let Some((batch, before)) = before {
                if before != request_digest {
                    return Err(LedgerError::IdempotencyKeyReused);
                }
                return Ok((find(connection, &batch)?.ok_or(LedgerError::NotOnRecord)?, true));
            }
            let wishes = rows.iter().filter_map(|row| row.2.as_ref());
            let fresh = u32::try_from(wishes.clone().count()).unwrap_or(u32::MAX);
            for (first, _) in wishes.take(1) {
                seal_requests::may_ask(connection, first, fresh)?;
            }
            let sql =
                "INSERT INTO batch (batch, digest, idempotency_key, request_digest) VALUES (?1, ?2, ?3, ?4)";
            connection.prepare_cached(sql)?.execute(params![batch, digest, key, request_digest])?;
            let sql =
                "INSERT INTO batch_item (batch, item, about, request, code) VALUES (?1, ?2, ?3, ?4, ?5)";
            for (item, about, request, code) in rows {
                let name = request.as_ref().map(|(wish, _)| wish.request.clone());
                if let Some((wish, sealed)) = request {
                    seal_requests::put(connection, &keyring, &wish, sealed)?;
                }
                connection.prepare_cached(sql)?.execute(params![batch, item, about, name, code])?;
            }
            Ok((find(connection, &batch)?.ok_or(LedgerError::NotOnRecord)?, false))
        })
    }

    /// Decides a batch that was looked at under this digest. The same decision by the same person again is answered as
    /// before.
    ///
    /// # Errors
    /// [`LedgerError::Grant`], not on record, or a failure.
    pub fn decide_batch(
        &self,
        batch: &str,
        digest: [u8; 32],
        grant: SealGrant,
    ) -> Result<Batch, LedgerError> {
        let batch = batch.to_owned();
        self.writer.run(move |connection| {
            let found = find(connection, &batch)?.ok_or(LedgerError::NotOnRecord)?;
            if found.digest != digest {
                return Err(LedgerError::Grant(GrantFault::Differs));
            }
            if found.halt == Some(Halt::Cancelled) {
                return Err(LedgerError::Grant(GrantFault::Withdrawn));
            }
            if seal_requests::may_decide(connection, &found.asked, &grant)? {
                for request in requests(connection, &batch)? {
                    seal_requests::decide(connection, &request, &grant)?;
                }
            }
            find(connection, &batch)?.ok_or(LedgerError::NotOnRecord)
        })
    }

    /// Acts on a batch. An act that changes nothing is no error.
    ///
    /// # Errors
    /// [`LedgerError::BatchState`] when it is too late or too early for the act, not on record, or a failure.
    pub fn act_on_batch(&self, batch: &str, act: BatchAct, at: Instant) -> Result<Batch, LedgerError> {
        let batch = batch.to_owned();
        self.writer.run(move |connection| {
            let found = find(connection, &batch)?.ok_or(LedgerError::NotOnRecord)?;
            let state = found.state(at);
            match (act, state) {
                (BatchAct::Pause, BatchState::Paused)
                | (BatchAct::Resume, BatchState::Running)
                | (BatchAct::Cancel, BatchState::Cancelled) => {}
                (BatchAct::Pause, BatchState::Running) => halt(connection, &batch, Some("paused"), None)?,
                (BatchAct::Resume, BatchState::Paused) => halt(connection, &batch, None, None)?,
                (BatchAct::Cancel, BatchState::Requested | BatchState::Running | BatchState::Paused) => {
                    halt(connection, &batch, Some("cancelled"), None)?;
                    for request in requests(connection, &batch)? {
                        seal_requests::forget(connection, &request)?;
                    }
                }
                (BatchAct::Retry, BatchState::Running | BatchState::Paused | BatchState::Finished)
                    if at <= found.asked.expires_at =>
                {
                    let sql = "UPDATE batch_item SET code = NULL WHERE batch = ?1 AND request IS NOT NULL";
                    connection.prepare_cached(sql)?.execute([&batch])?;
                }
                _ => return Err(LedgerError::BatchState(state)),
            }
            find(connection, &batch)?.ok_or(LedgerError::NotOnRecord)
        })
    }

    /// Holds a batch that cannot go on for a reason that is not one file's, under a stable code.
    ///
    /// # Errors
    /// A failure.
    pub fn hold_batch(&self, batch: &str, code: &str) -> Result<(), LedgerError> {
        let (batch, code) = (batch.to_owned(), code.to_owned());
        self.writer.run(move |connection| match find(connection, &batch)? {
            Some(found) if found.halt.is_none() => halt(connection, &batch, Some("paused"), Some(&code)),
            _ => Ok(()),
        })
    }

    /// Notes why a file of a batch was not stamped.
    ///
    /// # Errors
    /// A failure.
    pub fn fail_item(
        &self,
        batch: &str,
        item: &BatchItem,
        code: &str,
        words: &str,
    ) -> Result<(), LedgerError> {
        let keyring = self.keyring()?;
        let known = About { name: item.name.clone(), words: words.to_owned() };
        let about = about(&keyring, batch, item.item, &known)?;
        let (batch, item, code) = (batch.to_owned(), item.item, code.to_owned());
        self.writer.run(move |connection| {
            let sql = "UPDATE batch_item SET code = ?3, about = ?4 WHERE batch = ?1 AND item = ?2 AND request IS NOT NULL";
            Ok(connection.prepare_cached(sql)?.execute(params![batch, item, code, about]).map(drop)?)
        })
    }

    /// A batch.
    ///
    /// # Errors
    /// A failure.
    pub fn batch(&self, batch: &str) -> Result<Option<Batch>, LedgerError> {
        self.read(|connection| find(connection, batch))
    }

    /// Batches after a running number, oldest first.
    ///
    /// # Errors
    /// A failure.
    pub fn batches(&self, after: u64, limit: u32) -> Result<Vec<Batch>, LedgerError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.read(|connection| {
            let sql = "SELECT batch FROM batch WHERE number > ?1 ORDER BY number LIMIT ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let names = statement.query_map(params![after, limit], |row| row.get(0))?;
            let names: Vec<String> = names.collect::<Result<_, _>>()?;
            let found = names.iter().map(|name| find(connection, name)?.ok_or(LedgerError::NotOnRecord));
            found.collect()
        })
    }

    /// Files of a batch after a place in it, in order.
    ///
    /// # Errors
    /// A failure, or data that no longer opens.
    pub fn batch_items(&self, batch: &str, after: u32, limit: u32) -> Result<Vec<BatchItem>, LedgerError> {
        let keyring = self.keyring()?;
        let sql = "SELECT i.item, i.about, i.request, i.code, s.use_number, s.document, r.source FROM batch_item i \
                   LEFT JOIN seal_request r ON r.request = i.request LEFT JOIN stamping s ON s.request = i.request AND s.state <> 'void' AND s.state = 'stamped' \
                   WHERE i.batch = ?1 AND i.item > ?2 ORDER BY i.item LIMIT ?3";
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let mut rows = statement.query(params![batch, after, limit])?;
            let mut found = Vec::new();
            while let Some(row) = rows.next()? {
                let item: u32 = row.get(0)?;
                let sealed: Vec<u8> = row.get(1)?;
                let plain = keyring.open(&place(batch, item), &sealed).map_err(|_| LedgerError::Sealed)?;
                let known: About = serde_json::from_slice(&plain).map_err(|_| LedgerError::Sealed)?;
                let code: Option<String> = row.get(3)?;
                let number: Option<i64> = row.get(4)?;
                let document: Option<[u8; 32]> = row.get(5)?;
                found.push(BatchItem {
                    item,
                    name: known.name,
                    source: row.get(6)?,
                    request: row.get(2)?,
                    fault: code.map(|code| (code, known.words)),
                    used: number.map(i64::unsigned_abs).zip(document),
                });
            }
            Ok(found)
        })
    }

    /// Batches that were granted and have something left to be stamped at this instant.
    ///
    /// # Errors
    /// A failure.
    pub fn running_batches(&self, at: Instant) -> Result<Vec<String>, LedgerError> {
        let sql = "SELECT DISTINCT i.batch FROM seal_request r JOIN batch_item i ON i.request = r.request \
                   JOIN batch b ON b.batch = i.batch WHERE r.brought IS NOT NULL AND r.expires_at >= ?1 \
                   AND r.approved = 1 AND i.code IS NULL AND b.halt IS NULL ORDER BY b.number";
        self.read(|connection| {
            let mut statement = connection.prepare_cached(sql)?;
            let rows = statement.query_map([at.millis()], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Whether a batch may go on this moment: granted, and not held.
    ///
    /// # Errors
    /// A failure.
    pub fn batch_goes_on(&self, batch: &str) -> Result<bool, LedgerError> {
        self.read(|connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM batch WHERE batch = ?1 AND halt IS NULL)";
            Ok(connection.prepare_cached(sql)?.query_row([batch], |row| row.get(0))?)
        })
    }
}

/// What binds the sealed words about a file to its row.
fn place(batch: &str, item: u32) -> Vec<u8> {
    format!("batch_item/{batch}/{item}/about").into_bytes()
}

fn about(keyring: &Keyring, batch: &str, item: u32, known: &About) -> Result<Vec<u8>, LedgerError> {
    let plain = serde_json::to_vec(known).map_err(|_| LedgerError::Sealed)?;
    keyring.seal(&place(batch, item), &plain).map_err(|_| LedgerError::Sealed)
}

fn halt(
    connection: &Connection,
    batch: &str,
    word: Option<&str>,
    by: Option<&str>,
) -> Result<(), LedgerError> {
    let sql = "UPDATE batch SET halt = ?2, halted_by = ?3 WHERE batch = ?1";
    Ok(connection.prepare_cached(sql)?.execute(params![batch, word, by]).map(drop)?)
}

fn requests(connection: &Connection, batch: &str) -> Result<Vec<String>, LedgerError> {
    let sql = "SELECT request FROM batch_item WHERE batch = ?1 AND request IS NOT NULL ORDER BY item";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([batch], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn find(connection: &Connection, batch: &str) -> Result<Option<Batch>, LedgerError> {
    let sql = "SELECT b.number, b.batch, b.digest, b.halt, b.halted_by, (SELECT i.request FROM batch_item i \
               WHERE i.batch = b.batch AND i.request IS NOT NULL ORDER BY i.item LIMIT 1) FROM batch b WHERE b.batch = ?1";
    let found = connection.prepare_cached(sql)?.query_row([batch], |row| {
        let halt: Option<String> = row.get(3)?;
        let halt = halt.map(|word| if word == "paused" { Halt::Paused } else { Halt::Cancelled });
        let request: String = row.get(5)?;
        Ok((row.get::<_, i64>(0)?, row.get(2)?, halt, row.get(4)?, request))
    });
    let Some((number, digest, halt, halted_by, request)) = found.optional()? else { return Ok(None) };
    let asked = seal_requests::find(connection, &request)?.ok_or(LedgerError::NotOnRecord)?;
    let counts = count(connection, batch)?;
    Ok(Some(Batch {
        number: number.unsigned_abs(),
        batch: batch.to_owned(),
        digest,
        asked,
        counts,
        halted_by,
        halt,
    }))
}

fn count(connection: &Connection, batch: &str) -> Result<BatchCounts, LedgerError> {
    let sql = "SELECT count(*), sum(i.request IS NULL), sum(s.document IS NOT NULL), \
               sum(i.request IS NOT NULL AND s.document IS NULL AND i.code IS NOT NULL) FROM batch_item i \
               LEFT JOIN stamping s ON s.request = i.request AND s.state <> 'void' AND s.state = 'stamped' \
               WHERE i.batch = ?1";
    Ok(connection.prepare_cached(sql)?.query_row([batch], |row| {
        let (total, refused, stamped, failed): (u32, u32, u32, u32) =
            (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        let waiting = total.saturating_sub(refused).saturating_sub(stamped).saturating_sub(failed);
        Ok(BatchCounts { total, refused, waiting, stamped, failed })
    })?)
}
