//! 变更令: orders as they were proposed, the officers' signatures over them, and what holds by those that were carried out.
//!
//! The transaction that takes the last signature needed also carries the order out. What is in force is read from here in
//! the transaction of each use of a seal, so that a file that was exchanged on the disk seals nothing.

use super::rows::instant;
use super::{Ledger, LedgerError, SealEvent, seals};
use crate::crypto;
use crate::domain::{Adoption, Instant, NEEDED, Officer, Order, OrderFault, PANEL, SealAct, SealStatus};
use crate::x509;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

/// An order with what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderRecord {
    /// Running number.
    pub number: u64,
    /// What it orders.
    pub order: Order,
    /// The text whose bytes are signed.
    pub text: String,
    /// On what authority it was proposed.
    pub authority: String,
    /// Until when it may be signed.
    pub expires_at: Instant,
    /// When it was carried out.
    pub carried_out_at: Option<Instant>,
    /// Who signed it, and when.
    pub signatures: Vec<(String, Instant)>,
}

/// What holds of an item: its SHA-256, and the thing itself where it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adopted {
    /// SHA-256.
    pub digest: [u8; 32],
    /// The thing.
    pub content: Option<String>,
}

/// Longest public key, in octets of PEM: RSA of 16,384 bits.
const LONGEST_KEY: usize = 4096;
/// Longest name of an officer, in characters.
const LONGEST_NAME: usize = 50;

const SELECT: &str = "SELECT number, text, authority, expires_at, carried_out_at FROM change_order";

impl Ledger {
    /// Puts an order on record; it waits for its signatures.
    ///
    /// # Errors
    /// A key that cannot sign, a panel that is none, or a failure.
    pub fn propose_order(&self, order: &Order, authority: &str) -> Result<OrderRecord, LedgerError> {
        if !order.officers.is_empty() {
            a_panel(&order.officers)?;
        }
        let expires = order.expires().ok_or(OrderFault::Expired)?;
        let (name, text, authority) = (order.order.clone(), order.text(), authority.to_owned());
        self.writer.run(move |connection| {
            let sql = "INSERT INTO change_order (name, text, authority, expires_at) VALUES (?1, ?2, ?3, ?4)";
            connection.prepare_cached(sql)?.execute(params![name, text, authority, expires.millis()])?;
            find(connection, &name)?.ok_or(LedgerError::NotOnRecord)
        })
    }

    /// Takes an officer's signature, and carries the order out if it was the last one needed.
    ///
    /// # Errors
    /// [`LedgerError::Order`], [`LedgerError::SealAct`], or a failure; the signature is not on record then.
    pub fn sign_order(
        &self,
        name: &str,
        signature: Vec<u8>,
        authority: &str,
        at: Instant,
    ) -> Result<OrderRecord, LedgerError> {
        let (name, authority) = (name.to_owned(), authority.to_owned());
        self.writer.run(move |connection| {
            let found = find(connection, &name)?.ok_or(LedgerError::NotOnRecord)?;
            let signer = signer(connection, &found, &signature)?;
            if found.carried_out_at.is_some() {
                return Err(OrderFault::Done.into());
            }
            if at > found.expires_at {
                return Err(OrderFault::Expired.into());
            }
            let number = i64::try_from(found.number).unwrap_or(i64::MAX);
            let sql = "INSERT INTO order_signature (number, officer, key, signature, signed_at, authority) \
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT DO NOTHING";
            let row = params![number, signer.name, signer.key, signature, at.millis(), authority];
            connection.prepare_cached(sql)?.execute(row)?;
            let keys: Vec<String> = signed(connection, number)?.into_iter().map(|(key, _)| key).collect();
            if enough(&panel(connection)?, &keys, &found.order) {
                carry_out(connection, number, &found.order, at)?;
            }
            find(connection, &name)?.ok_or(LedgerError::NotOnRecord)
        })
    }

    /// An order by its name.
    ///
    /// # Errors
    /// A failure.
    pub fn order(&self, name: &str) -> Result<Option<OrderRecord>, LedgerError> {
        self.read(|connection| find(connection, name))
    }

    /// Orders, newest first.
    ///
    /// # Errors
    /// A failure.
    pub fn orders(&self, limit: u32) -> Result<Vec<OrderRecord>, LedgerError> {
        self.read(|connection| {
            let sql = format!("{SELECT} ORDER BY number DESC LIMIT ?1");
            let mut statement = connection.prepare_cached(&sql)?;
            let rows = statement.query_map([limit], from_row)?.collect::<Result<Vec<_>, _>>()?;
            rows.into_iter().map(|row| with_signatures(connection, row)).collect()
        })
    }

    /// Who signs orders now; nobody before the first panel was founded.
    ///
    /// # Errors
    /// A failure.
    pub fn officers(&self) -> Result<Vec<Officer>, LedgerError> {
        self.read(panel)
    }

    /// What holds of an item.
    ///
    /// # Errors
    /// A failure.
    pub fn adopted(&self, item: &str) -> Result<Option<Adopted>, LedgerError> {
        self.read(|connection| adopted(connection, item))
    }

    /// What holds, by name of the item.
    ///
    /// # Errors
    /// A failure.
    pub fn adopted_items(&self) -> Result<Vec<String>, LedgerError> {
        self.read(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT DISTINCT item FROM adopted ORDER BY item")?;
            let rows = statement.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

/// What a public key in PEM checks signatures of, and how.
fn key_of(officer: &Officer) -> Option<(crypto::PublicKey, &'static crypto::Suite)> {
    let spki = x509::pem_blocks(&officer.key, "PUBLIC KEY").into_iter().next()?;
    let key = x509::public_key(&spki)?;
    let suite = match key.kind {
        crypto::KeyKind::P256 => &crypto::ECDSA_P256_SHA256,
        crypto::KeyKind::P384 => &crypto::ECDSA_P384_SHA384,
        crypto::KeyKind::Rsa => &crypto::RSA_PKCS1_SHA256,
        crypto::KeyKind::Sm2 => &crypto::SM2_SM3,
        _ => return None,
    };
    Some((key, suite))
}

/// Three names, three keys that can be checked.
fn a_panel(officers: &[Officer]) -> Result<(), OrderFault> {
    let mut keys = Vec::new();
    for officer in officers {
        if officer.key.len() > LONGEST_KEY || officer.name.chars().count() > LONGEST_NAME {
            return Err(OrderFault::Key(officer.name.chars().take(LONGEST_NAME).collect()));
        }
        keys.push(key_of(officer).ok_or_else(|| OrderFault::Key(officer.name.clone()))?.0.octets);
    }
    let names = officers.iter().map(|officer| officer.name.trim()).filter(|name| !name.is_empty());
    let names: std::collections::BTreeSet<&str> = names.collect();
    keys.sort();
    keys.dedup();
    let whole = officers.len() == PANEL && names.len() == PANEL && keys.len() == PANEL;
    if whole { Ok(()) } else { Err(OrderFault::Panel) }
}

/// Who of the panel, or of the panel to come, made a signature over the order.
fn signer(connection: &Connection, found: &OrderRecord, signature: &[u8]) -> Result<Officer, LedgerError> {
    let mut all = panel(connection)?.into_iter().chain(found.order.officers.iter().cloned());
    let made = all.find(|officer| signs(officer, &found.text, signature));
    Ok(made.ok_or(OrderFault::Signature)?)
}

/// Two of the panel, and each new officer for himself.
fn enough(panel: &[Officer], signed: &[String], order: &Order) -> bool {
    let has = |officer: &&Officer| signed.contains(&officer.key);
    let known = |officer: &&Officer| panel.iter().any(|one| one.key == officer.key);
    let founds = panel.is_empty() && !order.officers.is_empty();
    let by_panel = founds || panel.iter().filter(has).count() >= NEEDED;
    by_panel && order.officers.iter().filter(|officer| !known(officer)).all(|officer| has(&officer))
}

fn signed(connection: &Connection, number: i64) -> Result<Vec<(String, Vec<u8>)>, LedgerError> {
    let sql = "SELECT key, signature FROM order_signature WHERE number = ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([number], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Orders that were carried out without the signatures they need, or of which something else is on record than was
/// signed: by name. The panels are followed from the founding on.
pub(super) fn unsound(connection: &Connection) -> Result<Vec<String>, LedgerError> {
    let sql = format!("{SELECT} ORDER BY carried_out_at, number");
    let mut statement = connection.prepare(&sql)?;
    let all = statement.query_map([], from_row)?.collect::<Result<Vec<_>, _>>()?;
    let mut panel: Vec<Officer> = Vec::new();
    let mut wrong = Vec::new();
    for record in all {
        let number = i64::try_from(record.number).unwrap_or(i64::MAX);
        let named = |key: &str| Officer { name: String::new(), key: key.to_owned() };
        let signed = signed(connection, number)?;
        let genuine = signed.iter().all(|(key, signature)| signs(&named(key), &record.text, signature));
        let keys: Vec<String> = signed.into_iter().map(|(key, _)| key).collect();
        let done = record.carried_out_at.is_some();
        let (officers, adopts) = (officers_of(connection, number)?, adopted_by(connection, number)?);
        let sound = if done {
            enough(&panel, &keys, &record.order)
                && officers == record.order.officers
                && adopts.len() == record.order.adopts.len()
                && adopts.iter().zip(&record.order.adopts).all(|(held, one)| {
                    (&held.0, hex::encode(held.1), &held.2) == (&one.item, one.sha256.clone(), &one.content)
                })
        } else {
            officers.is_empty() && adopts.is_empty()
        };
        if done && !officers.is_empty() {
            panel = officers;
        }
        if !(genuine && sound) {
            wrong.push(record.order.order);
        }
    }
    Ok(wrong)
}

fn officers_of(connection: &Connection, number: i64) -> Result<Vec<Officer>, LedgerError> {
    let mut statement =
        connection.prepare_cached("SELECT name, key FROM officer WHERE number = ?1 ORDER BY rowid")?;
    let rows = statement.query_map([number], |row| Ok(Officer { name: row.get(0)?, key: row.get(1)? }))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

type Row3 = (String, [u8; 32], Option<String>);

fn adopted_by(connection: &Connection, number: i64) -> Result<Vec<Row3>, LedgerError> {
    let sql = "SELECT item, digest, content FROM adopted WHERE number = ?1 ORDER BY adoption";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([number], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn signs(officer: &Officer, text: &str, signature: &[u8]) -> bool {
    key_of(officer).is_some_and(|(key, suite)| suite.verify(&key, text.as_bytes(), signature).is_ok())
}

fn carry_out(connection: &Connection, number: i64, order: &Order, at: Instant) -> Result<(), LedgerError> {
    // Each after the one before, also where the clock stepped back: the record is read in this order.
    let sql = "SELECT max(carried_out_at) FROM change_order";
    let last: Option<i64> = connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
    let at =
        last.and_then(|last| Instant::from_millis(last.saturating_add(1))).map_or(at, |next| next.max(at));
    let mut statement = connection
        .prepare_cached("SELECT officer FROM order_signature WHERE number = ?1 ORDER BY signed_at")?;
    let signers: Vec<String> = statement.query_map([number], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let event = |seal: &str, act: SealAct| SealEvent {
        seal: seal.to_owned(),
        at,
        act,
        reason: order.reason.clone(),
        certificate: None,
        filing: None,
        operator: signers.join("、"),
        authority: format!("order:{}", order.order),
    };
    for one in &order.adopts {
        adopt(connection, number, one)?;
        let filed = one.item.strip_prefix("seal:").zip(one.content.as_deref());
        if let Some((seal, filing)) = filed {
            file(connection, filing, event(seal, SealAct::Change))?;
        }
    }
    if let Some(act) = &order.act {
        seals::append(connection, event(&act.seal, act.act))?;
    }
    for officer in &order.officers {
        let sql = "INSERT INTO officer (number, name, key) VALUES (?1, ?2, ?3)";
        connection.prepare_cached(sql)?.execute(params![number, officer.name, officer.key])?;
    }
    let sql = "UPDATE change_order SET carried_out_at = ?2 WHERE number = ?1";
    connection.prepare_cached(sql)?.execute(params![number, at.millis()])?;
    Ok(())
}

fn adopt(connection: &Connection, number: i64, one: &Adoption) -> Result<(), LedgerError> {
    let stale = || OrderFault::Stale(one.item.clone());
    let held = adopted(connection, &one.item)?.map(|held| hex::encode(held.digest));
    if held != one.before {
        return Err(stale().into());
    }
    let mut digest = [0; 32];
    hex::decode_to_slice(&one.sha256, &mut digest).map_err(|_| stale())?;
    if one.content.as_ref().is_some_and(|content| crypto::sha256(&[content.as_bytes()]) != digest) {
        return Err(stale().into());
    }
    let sql = "INSERT INTO adopted (number, item, digest, content) VALUES (?1, ?2, ?3, ?4)";
    connection.prepare_cached(sql)?.execute(params![number, one.item, digest, one.content])?;
    Ok(())
}

/// A filing that was adopted goes into the register: the seal comes on file, or its change does.
fn file(connection: &Connection, filing: &str, event: SealEvent) -> Result<(), LedgerError> {
    let past = seals::history(connection, &event.seal)?;
    if past.iter().rev().find_map(|event| event.filing.as_deref()) == Some(filing) {
        return Ok(());
    }
    let status = SealStatus::at(past.iter().map(|event| (event.at, event.act)), event.at);
    let on_file = matches!(status, Some(SealStatus::InUse | SealStatus::Suspended));
    let read: Option<Value> = serde_json::from_str(filing).ok();
    let named = read.as_ref().and_then(|read| read.pointer("/certificates/0/sha256")?.as_str());
    let mut certificate = [0; 32];
    let named = named.filter(|named| hex::decode_to_slice(named, &mut certificate).is_ok()).is_some();
    seals::append(
        connection,
        SealEvent {
            act: if on_file { SealAct::Change } else { SealAct::File },
            certificate: named.then_some(certificate),
            filing: Some(filing.to_owned()),
            ..event
        },
    )?;
    Ok(())
}

fn adopted(connection: &Connection, item: &str) -> Result<Option<Adopted>, LedgerError> {
    let sql = "SELECT digest, content FROM adopted WHERE item = ?1 ORDER BY adoption DESC LIMIT 1";
    let row = |row: &Row<'_>| Ok(Adopted { digest: row.get(0)?, content: row.get(1)? });
    Ok(connection.prepare_cached(sql)?.query_row([item], row).optional()?)
}

/// Whether this is what the officers signed for; always so where there are none.
pub(super) fn weigh(connection: &Connection, item: &str, digest: &[u8; 32]) -> Result<(), LedgerError> {
    if !has_panel(connection)? || adopted(connection, item)?.is_some_and(|held| held.digest == *digest) {
        return Ok(());
    }
    Err(OrderFault::NotAdopted(item.to_owned()).into())
}

/// Whether class C acts take an order.
pub(super) fn has_panel(connection: &Connection) -> Result<bool, LedgerError> {
    let sql = "SELECT EXISTS (SELECT 1 FROM officer)";
    Ok(connection.prepare_cached(sql)?.query_row([], |row| row.get(0))?)
}

fn panel(connection: &Connection) -> Result<Vec<Officer>, LedgerError> {
    // The order that was carried out last: the numbers are those of the proposals.
    let sql = "SELECT number FROM officer ORDER BY rowid DESC LIMIT 1";
    let number = connection.prepare_cached(sql)?.query_row([], |row| row.get(0)).optional()?;
    number.map_or_else(|| Ok(Vec::new()), |number| officers_of(connection, number))
}

fn find(connection: &Connection, name: &str) -> Result<Option<OrderRecord>, LedgerError> {
    let sql = format!("{SELECT} WHERE name = ?1");
    let row = connection.prepare_cached(&sql)?.query_row([name], from_row).optional()?;
    row.map(|row| with_signatures(connection, row)).transpose()
}

fn with_signatures(connection: &Connection, record: OrderRecord) -> Result<OrderRecord, LedgerError> {
    let sql = "SELECT officer, signed_at FROM order_signature WHERE number = ?1 ORDER BY signed_at, rowid";
    let mut statement = connection.prepare_cached(sql)?;
    let number = i64::try_from(record.number).unwrap_or(i64::MAX);
    let rows = statement.query_map([number], |row| Ok((row.get(0)?, instant(row, 1)?)))?;
    Ok(OrderRecord { signatures: rows.collect::<Result<_, _>>()?, ..record })
}

fn from_row(row: &Row<'_>) -> rusqlite::Result<OrderRecord> {
    let text: String = row.get(1)?;
    let unknown = || rusqlite::Error::InvalidColumnType(1, "text".to_owned(), rusqlite::types::Type::Text);
    let done: Option<i64> = row.get(4)?;
    Ok(OrderRecord {
        number: row.get::<_, i64>(0)?.unsigned_abs(),
        order: Order::read(&text).ok_or_else(unknown)?,
        text,
        authority: row.get(2)?,
        expires_at: instant(row, 3)?,
        carried_out_at: done.and_then(Instant::from_millis),
        signatures: Vec::new(),
    })
}
