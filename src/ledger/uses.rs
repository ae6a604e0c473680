//! 用证: look-ups, each on record before its answer leaves, and the links through which citizens download.
//!
//! A subject is found through a keyed digest of (kind of document, number, name): who reads the file learns nothing,
//! and a right number under a wrong name finds nothing. What was asked stays sealed.

use super::{Entry, Keyring, Ledger, LedgerError, lives, rows};
use crate::crypto::sha256;
use crate::domain::{Holder, Instant, Status};
use rusqlite::{Connection, OptionalExtension, params};

/// A look-up as it goes on record.
#[derive(Clone, Debug)]
pub struct Use {
    /// Receipt number: fresh, and not to be guessed.
    pub receipt: String,
    /// When.
    pub at: Instant,
    /// Key of the caller.
    pub caller: String,
    /// Organisation that asks.
    pub organisation: String,
    /// Person that asks.
    pub operator: String,
    /// Type asked for.
    pub slug: String,
    /// 事项编码.
    pub item: String,
    /// 办件编号.
    pub case_number: String,
    /// The request as JSON; sealed before it touches the disk.
    pub request: String,
}

/// What a look-up found and may tell: the newest certificate in force, else the newest.
#[derive(Clone, Debug)]
pub struct Held {
    /// Its record.
    pub entry: Entry,
    /// Its status at the look-up's instant.
    pub status: Status,
    /// Its application, as JSON.
    pub application: String,
}

/// A look-up read back, without what is sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Used {
    /// Running number.
    pub lookup: u64,
    /// Receipt number.
    pub receipt: String,
    /// When.
    pub at: Instant,
    /// Key of the caller.
    pub caller: String,
    /// Organisation that asked.
    pub organisation: String,
    /// Person that asked.
    pub operator: String,
    /// Type asked for.
    pub slug: String,
    /// 事项编码.
    pub item: String,
    /// 办件编号.
    pub case_number: String,
    /// Outcome in one word.
    pub outcome: String,
}

/// Why a download link gives nothing. Strangers are told one and the same of all three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkRefusal {
    /// No such link.
    Unknown,
    /// Its time is over.
    Expired,
    /// It was used.
    Used,
}

/// The keyed digest under which a holder is found.
pub(super) fn subject(keyring: &Keyring, holder: &Holder) -> [u8; 32] {
    let name: String = holder.name.chars().filter(|c| !c.is_whitespace()).collect();
    keyring.blind(&[b"holder", holder.code_type.as_bytes(), holder.code.as_bytes(), name.as_bytes()])
}

/// Puts a certificate's holders where look-ups find them.
pub(super) fn index_holders(
    connection: &Connection,
    record: i64,
    slug: &str,
    subjects: &[[u8; 32]],
) -> Result<(), LedgerError> {
    let sql = "INSERT INTO holder VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    let mut statement = connection.prepare_cached(sql)?;
    subjects.iter().try_for_each(|subject| statement.execute(params![subject, slug, record]).map(drop))?;
    Ok(())
}

impl Ledger {
    /// The holder's certificates of a type that are on record, newest first, with their status at `at`.
    ///
    /// # Errors
    /// A failure.
    pub fn held_by(
        &self,
        holder: &Holder,
        slug: &str,
        at: Instant,
    ) -> Result<Vec<(Entry, Status)>, LedgerError> {
        let subject = subject(&*self.keyring()?, holder);
        self.read(|connection| held(connection, &subject, slug, at))
    }

    /// The application behind a record, as JSON.
    ///
    /// # Errors
    /// A failure, or data that no longer opens.
    pub fn application(&self, entry: &Entry) -> Result<String, LedgerError> {
        let keyring = self.keyring()?;
        let sealed = self.read(|connection| sealed_application(connection, entry))?;
        opened(&keyring, entry, &sealed)
    }

    /// Looks a holder's certificates of a type up and puts that on record, in one commit shared with whoever else waits.
    /// Its answer may leave once this has returned. When it may not be told, the ledger is asked all the same, so that
    /// the time taken tells nothing.
    ///
    /// # Errors
    /// A failure: then nothing may be answered. An application that does not open any more is one too, though the
    /// look-up stands on record.
    pub fn look_up(&self, holder: &Holder, may_tell: bool, used: Use) -> Result<Option<Held>, LedgerError> {
        let keyring = self.keyring()?;
        let subject = subject(&keyring, holder);
        let place = format!("lookup/{}/request", used.receipt);
        let request =
            keyring.seal(place.as_bytes(), used.request.as_bytes()).map_err(|_| LedgerError::Sealed)?;
        // On the writer's connection: its pages stay warm, a reader's are void after every commit.
        let found = self.writer.run(move |connection| {
            let held = held(connection, &subject, &used.slug, used.at)?;
            let at = held.iter().position(|(_, status)| *status == Status::InForce).unwrap_or(0);
            let best = held.into_iter().nth(at).filter(|_| may_tell);
            insert(connection, &used, &subject, &request, may_tell, best.as_ref())?;
            let Some((entry, status)) = best else { return Ok(None) };
            let sealed = sealed_application(connection, &entry)?;
            Ok(Some((entry, status, sealed)))
        })?;
        let Some((entry, status, sealed)) = found else { return Ok(None) };
        let application = opened(&keyring, &entry, &sealed)?;
        Ok(Some(Held { entry, status, application }))
    }

    /// Look-ups after a running number, oldest first.
    ///
    /// # Errors
    /// A failure.
    pub fn uses(&self, after: u64, limit: u32) -> Result<Vec<Used>, LedgerError> {
        let after = i64::try_from(after).unwrap_or(i64::MAX);
        self.read(|connection| {
            let sql = "SELECT lookup, receipt, at, caller, organisation, operator, slug, item, case_number, outcome \
                       FROM lookup WHERE lookup > ?1 ORDER BY lookup LIMIT ?2";
            let mut statement = connection.prepare_cached(sql)?;
            let used = statement.query_map(params![after, limit], |row| {
                Ok(Used {
                    lookup: row.get::<_, i64>(0)?.unsigned_abs(),
                    receipt: row.get(1)?,
                    at: rows::instant(row, 2)?,
                    caller: row.get(3)?,
                    organisation: row.get(4)?,
                    operator: row.get(5)?,
                    slug: row.get(6)?,
                    item: row.get(7)?,
                    case_number: row.get(8)?,
                    outcome: row.get(9)?,
                })
            })?;
            Ok(used.collect::<Result<_, _>>()?)
        })
    }

    /// Makes a one-time link; only the digest of its token is kept.
    ///
    /// # Errors
    /// A failure.
    pub fn offer_download(
        &self,
        token: &[u8],
        entry: &Entry,
        created_by: &str,
        at: Instant,
        expires_at: Instant,
    ) -> Result<(), LedgerError> {
        let (token, record, created_by) = (sha256(&[token]), entry.record, created_by.to_owned());
        self.writer.run(move |connection| {
            let sql = "INSERT INTO download VALUES (?1, ?2, ?3, ?4, ?5, NULL)";
            let record = i64::try_from(record).unwrap_or(i64::MAX);
            connection.prepare_cached(sql)?.execute(params![
                token,
                record,
                at.millis(),
                created_by,
                expires_at.millis()
            ])?;
            Ok(())
        })
    }

    /// Whether a link would still give something; using it up is [`Ledger::take_download`]'s.
    ///
    /// # Errors
    /// A failure.
    pub fn see_download(&self, token: &[u8], at: Instant) -> Result<Result<Entry, LinkRefusal>, LedgerError> {
        let token = sha256(&[token]);
        self.read(|connection| link(connection, &token, at))
    }

    /// Uses a link up and answers with its certificate. Of two at once one gets it.
    ///
    /// # Errors
    /// A failure: then the link is not used up, or its use is not settled.
    pub fn take_download(
        &self,
        token: &[u8],
        at: Instant,
    ) -> Result<Result<Entry, LinkRefusal>, LedgerError> {
        let token = sha256(&[token]);
        self.writer.run(move |connection| {
            let answer = link(connection, &token, at)?;
            if answer.is_ok() {
                let sql = "UPDATE download SET used_at = ?2 WHERE token = ?1";
                connection.prepare_cached(sql)?.execute(params![token, at.millis()])?;
            }
            Ok(answer)
        })
    }
}

fn held(
    connection: &Connection,
    subject: &[u8; 32],
    slug: &str,
    at: Instant,
) -> Result<Vec<(Entry, Status)>, LedgerError> {
    let sql = format!(
        "{} WHERE state = 'issued' AND record IN \
         (SELECT record FROM holder WHERE subject = ?1 AND slug = ?2) ORDER BY record DESC LIMIT 50",
        rows::SELECT
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let entries = statement.query_map(params![subject, slug], rows::from_row)?;
    let mut held = Vec::new();
    for entry in entries {
        let entry = entry?;
        let history = lives::history(connection, entry.record)?;
        held.extend(lives::status(&entry, &history, at).map(|status| (entry, status)));
    }
    Ok(held)
}

fn insert(
    connection: &Connection,
    used: &Use,
    subject: &[u8; 32],
    request: &[u8],
    may_tell: bool,
    best: Option<&(Entry, Status)>,
) -> Result<(), LedgerError> {
    let outcome = match best {
        None if !may_tell => "not_covered",
        None => "not_found",
        Some((_, Status::InForce)) => "exempt",
        Some(_) => "not_in_force",
    };
    let sql = "INSERT INTO lookup (receipt, at, caller, organisation, operator, slug, item, case_number, subject, \
               outcome, record, request) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    connection.prepare_cached(sql)?.execute(params![
        used.receipt,
        used.at.millis(),
        used.caller,
        used.organisation,
        used.operator,
        used.slug,
        used.item,
        used.case_number,
        subject,
        outcome,
        best.and_then(|(entry, _)| i64::try_from(entry.record).ok()),
        request,
    ])?;
    Ok(())
}

fn sealed_application(connection: &Connection, entry: &Entry) -> Result<Vec<u8>, LedgerError> {
    let sql = "SELECT application FROM certificate WHERE record = ?1";
    let record = i64::try_from(entry.record).unwrap_or(i64::MAX);
    Ok(connection.prepare_cached(sql)?.query_row([record], |row| row.get(0))?)
}

fn opened(keyring: &Keyring, entry: &Entry, sealed: &[u8]) -> Result<String, LedgerError> {
    let plain = keyring.open(&rows::place(&entry.identifier), sealed).map_err(|_| LedgerError::Sealed)?;
    String::from_utf8(plain).map_err(|_| LedgerError::Sealed)
}

fn link(
    connection: &Connection,
    token: &[u8; 32],
    at: Instant,
) -> Result<Result<Entry, LinkRefusal>, LedgerError> {
    let sql = "SELECT record, expires_at, used_at FROM download WHERE token = ?1";
    let found: Option<(i64, i64, Option<i64>)> = connection
        .prepare_cached(sql)?
        .query_row([token], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    Ok(match found {
        None => Err(LinkRefusal::Unknown),
        Some((_, _, Some(_))) => Err(LinkRefusal::Used),
        Some((_, expires_at, None)) if at.millis() > expires_at => Err(LinkRefusal::Expired),
        Some((record, _, None)) => {
            let sql = format!("{} WHERE record = ?1", rows::SELECT);
            Ok(connection.prepare_cached(&sql)?.query_row([record], rows::from_row)?)
        }
    })
}
