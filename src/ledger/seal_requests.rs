//! 用印申请: somebody asks for a seal on a document, somebody else grants it, and it is used once.
//!
//! What was granted is this document (by its SHA-256), this seal and this place, for 24 hours. The same transaction that
//! takes the seal's number looks at the grant again: no use without it, no second use under it. What was brought is kept
//! sealed until it is stamped or its time is over.

use super::rows::{instant, kept_key};
use super::{Keyring, Ledger, LedgerError, StampIntent, seals};
use crate::crypto::sha256;
use crate::domain::Instant;
use rusqlite::{Connection, OptionalExtension, Row, params};

/// How long a request waits for its decision, and a grant for its use: 24 hours, in milliseconds.
const LIFE: i64 = 24 * 3600 * 1000;

/// Requests of one key whose documents are kept at a time.
const MOST_OPEN: u32 = 2000;

/// A request as it goes on record.
#[derive(Clone, Debug)]
pub struct SealWish {
    /// Its name: fresh, and not to be guessed.
    pub request: String,
    /// Role of the seal.
    pub seal: String,
    /// The document as it was brought.
    pub document: Vec<u8>,
    /// Where the seal goes, in words that the same place always has.
    pub place: String,
    /// The same for a program.
    pub placement: String,
    /// What for.
    pub reason: String,
    /// Who asks.
    pub applicant: String,
    /// On what authority.
    pub authority: String,
    /// The caller's idempotency key.
    pub idempotency_key: String,
    /// When.
    pub at: Instant,
}

/// What was decided of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealGrant {
    /// Whether it was granted.
    pub approved: bool,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub approver: String,
    /// On what authority.
    pub authority: String,
    /// When.
    pub at: Instant,
}

/// How far a request got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestState {
    /// Nobody decided yet.
    Requested,
    /// Granted, not used yet.
    Approved,
    /// Not granted.
    Rejected,
    /// Its time was over before it was decided or used.
    Expired,
    /// Used.
    Stamped,
}

impl RequestState {
    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Stamped => "stamped",
        }
    }
}

/// A request on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealRequest {
    /// Running number.
    pub number: u64,
    /// Its name.
    pub request: String,
    /// Role of the seal.
    pub seal: String,
    /// SHA-256 of the document as it was brought.
    pub source: [u8; 32],
    /// Where the seal goes, in words.
    pub place: String,
    /// The same for a program.
    pub placement: String,
    /// What for.
    pub reason: String,
    /// Who asked.
    pub applicant: String,
    /// On what authority.
    pub authority: String,
    /// When.
    pub requested_at: Instant,
    /// When it, or its grant, is over.
    pub expires_at: Instant,
    /// What was decided.
    pub grant: Option<SealGrant>,
    /// The use under it, where it was finished: the seal's own number, and SHA-256 of the stamped document.
    pub used: Option<(u64, [u8; 32])>,
    /// The batch it is part of.
    pub batch: Option<String>,
}

/// Why a request was not decided or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GrantFault {
    /// Whoever asks does not grant.
    #[error("申请人与审批人须是两个人、两把密钥 / who asks does not approve: two persons, two keys")]
    SamePerson,
    /// Whoever manages a seal does not use it.
    #[error("印章的管理人不得申请或审批用印 / who manages the seal neither asks for its use nor approves it")]
    Manages,
    /// It was decided before.
    #[error("申请已有决定 / the request was decided before")]
    Decided,
    /// Its time is over.
    #[error("申请已过 24 小时 / the request is older than 24 hours")]
    Expired,
    /// Not granted.
    #[error("申请未获批准 / the request was not approved")]
    NotApproved,
    /// Another document, seal or place than what was granted.
    #[error("文件、印章或位置与所批准的不同 / document, seal or place differ from what was approved")]
    Differs,
    /// So many wait already.
    #[error(
        "这把密钥已有 {MOST_OPEN} 份申请待办,请先办结 / {MOST_OPEN} requests of this key wait already: have them decided first"
    )]
    TooMany,
    /// It is decided with its batch.
    #[error("属于批次,须随批次一并审批 / part of a batch: it is decided with it")]
    OfBatch,
    /// It was called off.
    #[error("申请已取消 / the request was called off")]
    Withdrawn,
    /// It was used before.
    #[error("批准只能用一次 / an approval is good for one use")]
    Used,
}

impl GrantFault {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::SamePerson => "approval.same_person",
            Self::Manages => "approval.manages_seal",
            Self::Decided => "approval.decided",
            Self::Expired => "approval.expired",
            Self::NotApproved => "approval.missing",
            Self::Differs => "approval.differs",
            Self::TooMany => "approval.too_many",
            Self::OfBatch => "approval.of_batch",
            Self::Withdrawn => "approval.withdrawn",
            Self::Used => "approval.used",
        }
    }
}

impl SealRequest {
    /// How it stands at an instant.
    #[must_use]
    pub fn state(&self, at: Instant) -> RequestState {
        match (&self.grant, &self.used) {
            (_, Some(_)) => RequestState::Stamped,
            (Some(grant), None) if !grant.approved => RequestState::Rejected,
            _ if at > self.expires_at => RequestState::Expired,
            (Some(_), None) => RequestState::Approved,
            (None, None) => RequestState::Requested,
        }
    }
}

const SELECT: &str = "SELECT r.number, r.request, r.seal, r.source, r.place, r.placement, r.reason, r.applicant, r.authority, \
    r.requested_at, r.expires_at, r.approved, r.decision_reason, r.approver, r.approver_authority, r.decided_at, \
    s.use_number, s.document, (SELECT i.batch FROM batch_item i WHERE i.request = r.request) FROM seal_request r \
    LEFT JOIN stamping s ON s.request = r.request AND s.state <> 'void' AND s.state = 'stamped'";

impl Ledger {
    /// Puts a request on record; true when the same request was there already.
    ///
    /// # Errors
    /// [`LedgerError::IdempotencyKeyReused`], [`LedgerError::Grant`], or a failure.
    pub fn request_seal(&self, wish: SealWish) -> Result<(SealRequest, bool), LedgerError> {
        let keyring = self.keyring()?;
        let brought = sealed(&keyring, &wish)?;
        self.writer.run(move |connection| {
            let key = kept_key(&keyring, &wish.idempotency_key);
            let sql = "SELECT request, request_digest FROM seal_request WHERE idempotency_key = ?1";
            let before: Option<(String, [u8; 32])> = connection
                .prepare_cached(sql)?
                .query_row([&key], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if let Some((request, before)) = before {
                if before != request_digest(&wish) {
                    return Err(LedgerError::IdempotencyKeyReused);
                }
                return Ok((find(connection, &request)?.ok_or(LedgerError::NotOnRecord)?, true));
            }
            may_ask(connection, &wish, 1)?;
            put(connection, &keyring, &wish, brought)?;
            Ok((find(connection, &wish.request)?.ok_or(LedgerError::NotOnRecord)?, false))
        })
    }

    /// Decides a request. The same decision by the same person again is answered as before.
    ///
    /// # Errors
    /// [`LedgerError::Grant`], not on record, or a failure.
    pub fn decide_seal(&self, request: &str, grant: SealGrant) -> Result<SealRequest, LedgerError> {
        let request = request.to_owned();
        self.writer.run(move |connection| {
            let found = find(connection, &request)?.ok_or(LedgerError::NotOnRecord)?;
            if found.batch.is_some() {
                return Err(LedgerError::Grant(GrantFault::OfBatch));
            }
            if may_decide(connection, &found, &grant)? {
                decide(connection, &request, &grant)?;
            }
            find(connection, &request)?.ok_or(LedgerError::NotOnRecord)
        })
    }

    /// A request.
    ///
    /// # Errors
    /// A failure.
    pub fn seal_request(&self, request: &str) -> Result<Option<SealRequest>, LedgerError> {
        self.read(|connection| find(connection, request))
    }

    /// Requests after a running number, oldest first.
    ///
    /// # Errors
    /// A failure.
    pub fn seal_requests(&self, after: u64, limit: u32) -> Result<Vec<SealRequest>, LedgerError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.read(|connection| {
            let sql = format!("{SELECT} WHERE r.number > ?1 ORDER BY r.number LIMIT ?2");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map(params![after, limit], from_row)?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The document as it was brought; `None` when it is not kept any more.
    ///
    /// # Errors
    /// A failure, or data that no longer opens.
    pub fn brought(&self, request: &str) -> Result<Option<Vec<u8>>, LedgerError> {
        let keyring = self.keyring()?;
        let sealed: Option<Option<Vec<u8>>> = self.read(|connection| {
            let sql = "SELECT brought FROM seal_request WHERE request = ?1";
            Ok(connection.prepare_cached(sql)?.query_row([request], |row| row.get(0)).optional()?)
        })?;
        let Some(sealed) = sealed.flatten() else { return Ok(None) };
        let packed = keyring.open(&place_of(request), &sealed).map_err(|_| LedgerError::Sealed)?;
        let plain = zstd::stream::decode_all(packed.as_slice()).map_err(|_| LedgerError::Sealed)?;
        Ok(Some(plain))
    }

    /// Forgets what was brought for requests whose time is over; how many.
    ///
    /// # Errors
    /// A failure.
    pub fn forget_brought(&self, at: Instant) -> Result<usize, LedgerError> {
        self.writer.run(move |connection| forget_expired(connection, at))
    }
}

/// What was brought, as it is kept.
pub(super) fn sealed(keyring: &Keyring, wish: &SealWish) -> Result<Vec<u8>, LedgerError> {
    let packed = zstd::bulk::compress(&wish.document, 1).map_err(|_| LedgerError::Sealed)?;
    keyring.seal(&place_of(&wish.request), &packed).map_err(|_| LedgerError::Sealed)
}

/// What makes two requests the same.
fn request_digest(wish: &SealWish) -> [u8; 32] {
    sha256(&[wish.seal.as_bytes(), b"\0", &sha256(&[&wish.document]), wish.place.as_bytes()])
}

/// Whether as many requests like this one may be asked now.
pub(super) fn may_ask(connection: &Connection, wish: &SealWish, fresh: u32) -> Result<(), LedgerError> {
    if seals::manages(connection, &wish.seal, &wish.applicant)? {
        return Err(LedgerError::Grant(GrantFault::Manages));
    }
    forget_expired(connection, wish.at)?;
    let sql = "SELECT count(*) FROM seal_request WHERE brought IS NOT NULL AND authority = ?1";
    let kept: u32 = connection.prepare_cached(sql)?.query_row([&wish.authority], |row| row.get(0))?;
    if kept.saturating_add(fresh) > MOST_OPEN {
        return Err(LedgerError::Grant(GrantFault::TooMany));
    }
    Ok(())
}

/// Puts a fresh request on record.
pub(super) fn put(
    connection: &Connection,
    keyring: &Keyring,
    wish: &SealWish,
    brought: Vec<u8>,
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO seal_request (request, seal, source, place, placement, reason, brought, applicant, \
               authority, idempotency_key, request_digest, requested_at, expires_at) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)";
    connection.prepare_cached(sql)?.execute(params![
        wish.request,
        wish.seal,
        sha256(&[&wish.document]),
        wish.place,
        wish.placement,
        wish.reason,
        brought,
        wish.applicant,
        wish.authority,
        kept_key(keyring, &wish.idempotency_key),
        request_digest(wish),
        wish.at.millis(),
        wish.at.millis().saturating_add(LIFE),
    ])?;
    Ok(())
}

/// Whether a decision may be taken; false when the same one was taken before.
pub(super) fn may_decide(
    connection: &Connection,
    found: &SealRequest,
    grant: &SealGrant,
) -> Result<bool, LedgerError> {
    let refused = |fault| Err(LedgerError::Grant(fault));
    if grant.authority == found.authority || grant.approver == found.applicant {
        return refused(GrantFault::SamePerson);
    }
    if let Some(before) = &found.grant {
        let same = before.approved == grant.approved
            && before.authority == grant.authority
            && before.approver == grant.approver;
        return if same { Ok(false) } else { refused(GrantFault::Decided) };
    }
    if grant.at > found.expires_at {
        return refused(GrantFault::Expired);
    }
    if seals::manages(connection, &found.seal, &grant.approver)? {
        return refused(GrantFault::Manages);
    }
    Ok(true)
}

/// Puts a decision on record.
pub(super) fn decide(connection: &Connection, request: &str, grant: &SealGrant) -> Result<(), LedgerError> {
    let sql = "UPDATE seal_request SET approved = ?2, decision_reason = ?3, approver = ?4, approver_authority = ?5, \
               decided_at = ?6, expires_at = ?7 WHERE request = ?1 AND approved IS NULL";
    connection.prepare_cached(sql)?.execute(params![
        request,
        grant.approved,
        grant.reason,
        grant.approver,
        grant.authority,
        grant.at.millis(),
        grant.at.millis().saturating_add(LIFE),
    ])?;
    if grant.approved { Ok(()) } else { forget(connection, request) }
}

fn forget_expired(connection: &Connection, at: Instant) -> Result<usize, LedgerError> {
    let sql = "UPDATE seal_request SET brought = NULL WHERE brought IS NOT NULL AND expires_at < ?1";
    Ok(connection.prepare_cached(sql)?.execute([at.millis()])?)
}

/// What binds the sealed document to its row.
fn place_of(request: &str) -> Vec<u8> {
    format!("seal_request/{request}/brought").into_bytes()
}

/// Whether a use that is to be reserved was granted, this moment and for this.
pub(super) fn weigh(connection: &Connection, request: &str, intent: &StampIntent) -> Result<(), LedgerError> {
    let found = find(connection, request)?.ok_or(LedgerError::NotOnRecord)?;
    let refused = |fault| Err(LedgerError::Grant(fault));
    match &found.grant {
        Some(grant) if grant.approved => {}
        _ => return refused(GrantFault::NotApproved),
    }
    if found.seal != intent.seal || found.source != intent.source || found.place != intent.place {
        return refused(GrantFault::Differs);
    }
    if intent.at > found.expires_at {
        return refused(GrantFault::Expired);
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM stamping WHERE request = ?1 AND state <> 'void')";
    if connection.prepare_cached(sql)?.query_row([request], |row| row.get(0))? {
        return refused(GrantFault::Used);
    }
    // What was called off between its reading and this moment.
    let sql = "SELECT brought IS NULL FROM seal_request WHERE request = ?1";
    match connection.prepare_cached(sql)?.query_row([request], |row| row.get(0))? {
        true => refused(GrantFault::Withdrawn),
        false => Ok(()),
    }
}

impl Ledger {
    /// How many uses under a request became void.
    ///
    /// # Errors
    /// A failure.
    pub fn void_uses(&self, request: &str) -> Result<u32, LedgerError> {
        self.read(|connection| {
            let sql = "SELECT count(*) FROM stamping WHERE request = ?1 AND state = 'void'";
            Ok(connection.prepare_cached(sql)?.query_row([request], |row| row.get(0))?)
        })
    }
}

/// What was brought is not needed any more.
pub(super) fn forget(connection: &Connection, request: &str) -> Result<(), LedgerError> {
    let sql = "UPDATE seal_request SET brought = NULL WHERE request = ?1";
    connection.prepare_cached(sql)?.execute([request])?;
    Ok(())
}

pub(super) fn find(connection: &Connection, request: &str) -> Result<Option<SealRequest>, LedgerError> {
    let sql = format!("{SELECT} WHERE r.request = ?1");
    Ok(connection.prepare_cached(&sql)?.query_row([request], from_row).optional()?)
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<SealRequest> {
    let approved: Option<bool> = row.get(11)?;
    let grant = match approved {
        None => None,
        Some(approved) => Some(SealGrant {
            approved,
            reason: row.get(12)?,
            approver: row.get(13)?,
            authority: row.get(14)?,
            at: instant(row, 15)?,
        }),
    };
    let number: Option<i64> = row.get(16)?;
    let document: Option<[u8; 32]> = row.get(17)?;
    Ok(SealRequest {
        number: row.get::<_, i64>(0)?.unsigned_abs(),
        request: row.get(1)?,
        seal: row.get(2)?,
        source: row.get(3)?,
        place: row.get(4)?,
        placement: row.get(5)?,
        reason: row.get(6)?,
        applicant: row.get(7)?,
        authority: row.get(8)?,
        requested_at: instant(row, 9)?,
        expires_at: instant(row, 10)?,
        grant,
        used: number.map(i64::unsigned_abs).zip(document),
        batch: row.get(18)?,
    })
}
