//! 变更令 (class C): what is to change is proposed, two of three officers sign it, and from then on it holds.
//!
//! What holds is named by digest: the template of each type, what is on file of each seal (certificates, electronic seal,
//! picture, owner), the certificates that are trusted, the policy of verdicts. Whatever differs from that — a file that was
//! exchanged, a key that was rotated — waits: the seal and the type are not used, and judged is by what was signed for.

use super::access::{AccessError, Mandate, Right};
use super::seals::reason;
use super::{Office, clock};
use crate::crypto::{self, sha256};
use crate::domain::{ActOnSeal, Adoption, Instant, ORDER_LIFE, Officer, Order, OrderFault, SealStatus};
use crate::ledger::{LedgerError, OrderRecord};
use crate::x509::{self, Certificate};
use serde_json::{Value, json};

/// What is proposed.
#[derive(Clone, Debug, Default)]
pub struct OrderWish {
    /// Why.
    pub reason: String,
    /// A panel of officers; none where it stays.
    pub officers: Vec<Officer>,
    /// What is to be done to a seal; where that is none and the panel stays, whatever differs is to hold.
    pub act: Option<ActOnSeal>,
}

/// Why an order did not go on.
#[derive(Debug, thiserror::Error)]
pub enum OrderError {
    /// Not covered by the mandate.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Not as orders are, or a failure.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No reason, or one that is too long.
    #[error("须写明理由,200 字以内 / a reason is needed, of at most 200 characters")]
    Reason,
}

impl From<OrderFault> for OrderError {
    fn from(fault: OrderFault) -> Self {
        Self::Ledger(fault.into())
    }
}

/// Everything of an order, for programs.
#[must_use]
pub fn to_json(record: &OrderRecord) -> Value {
    let order = &record.order;
    let (sign, state) = (|at: &Instant| at.rfc3339(), state(record));
    let signatures = record.signatures.iter();
    json!({
        "order": order.order, "state": state, "reason": order.reason, "proposed_by": order.proposed_by,
        "authority": record.authority, "proposed_at": order.proposed_at, "expires_at": order.expires_at,
        "carried_out_at": record.carried_out_at.as_ref().map(sign),
        "signatures": signatures.map(|(officer, at)| json!({ "officer": officer, "at": sign(at) })).collect::<Vec<_>>(),
        "officers": order.officers, "adopts": order.adopts, "act": order.act, "text": record.text,
    })
}

/// `open`, `carried_out` or `expired`.
#[must_use]
pub fn state(record: &OrderRecord) -> &'static str {
    match record.carried_out_at {
        Some(_) => "carried_out",
        None if clock::now() > record.expires_at => "expired",
        None => "open",
    }
}

/// An officer with his key as one PEM that the same key always has; what is none stays, and is refused.
fn plain(officer: Officer) -> Officer {
    let der = x509::pem_blocks(&officer.key, "PUBLIC KEY").into_iter().next();
    let key = der.and_then(|der| crypto::pem("PUBLIC KEY", &der)).unwrap_or(officer.key);
    Officer { name: officer.name.trim().to_owned(), key }
}

/// Certificates as one text that the same certificates always have.
pub(super) fn pem_of(certificates: &[Certificate]) -> String {
    certificates.iter().filter_map(|one| crypto::pem("CERTIFICATE", one.der())).collect()
}

impl Office {
    /// What is there and not what was signed for; everything there is before the first panel.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn differences(&self) -> Result<Vec<Adoption>, LedgerError> {
        let mut there: Vec<(String, [u8; 32], Option<String>)> = Vec::new();
        for (slug, kind) in &self.kinds {
            there.push((format!("template:{slug}"), kind.digest, None));
        }
        let mut texts = vec![
            ("trust".to_owned(), self.found.trust.clone()),
            ("policy".to_owned(), self.found.policy.clone()),
        ];
        for (role, seal) in &self.seals {
            // One that the register lets go no further is not used, whatever its files say.
            let ended = [SealStatus::Applied, SealStatus::Approved, SealStatus::Destroyed];
            if self.ledger.seal_status(role, clock::now())?.is_some_and(|status| ended.contains(&status)) {
                continue;
            }
            texts.push((format!("seal:{role}"), self.filed(role, seal)?.to_owned()));
        }
        there.extend(texts.into_iter().map(|(item, text)| (item, sha256(&[text.as_bytes()]), Some(text))));
        let mut differ = Vec::new();
        for (item, digest, content) in there {
            let before = self.ledger.adopted(&item)?.map(|held| held.digest);
            if before != Some(digest) {
                let (sha256, before) = (hex::encode(digest), before.map(hex::encode));
                differ.push(Adoption { item, sha256, before, content });
            }
        }
        Ok(differ)
    }

    /// Proposes an order. The first panel is founded with everything as it is.
    ///
    /// # Errors
    /// [`OrderError`]; nothing is on record then.
    pub fn propose_order(&self, mandate: &Mandate, wish: OrderWish) -> Result<OrderRecord, OrderError> {
        let target = wish.act.as_ref().map(|act| act.seal.clone());
        self.authorise(mandate, Right::ManageSeals, None, target.as_deref())?;
        let reason = reason(&wish.reason).ok_or(OrderError::Reason)?;
        let founds = self.ledger.officers()?.is_empty();
        if founds && wish.officers.is_empty() {
            return Err(OrderFault::NoPanel.into());
        }
        let adopts = match (founds, wish.officers.is_empty() && wish.act.is_none()) {
            (true, _) | (_, true) => self.differences()?,
            _ => Vec::new(),
        };
        let now = clock::now();
        let until = Instant::from_millis(now.millis().saturating_add(ORDER_LIFE)).unwrap_or(now);
        let name: [u8; 5] = crypto::random().ok_or(AccessError::Random)?;
        let officers = wish.officers.into_iter().map(plain).collect();
        let order = Order {
            order: hex::encode(name),
            issuer: self.config.issuer().uscc.clone(),
            reason,
            proposed_by: mandate.operator().to_owned(),
            proposed_at: now.rfc3339(),
            expires_at: until.rfc3339(),
            officers,
            adopts,
            act: wish.act,
        };
        if order.is_empty() {
            return Err(OrderFault::Nothing.into());
        }
        Ok(self.ledger.propose_order(&order, mandate.authority())?)
    }

    /// Takes an officer's signature over the text of an order; who it is, the key tells.
    ///
    /// # Errors
    /// [`OrderError`]; the signature is not on record then.
    pub fn sign_order(
        &self,
        mandate: &Mandate,
        name: &str,
        signature: Vec<u8>,
    ) -> Result<OrderRecord, OrderError> {
        self.authorise(mandate, Right::ManageSeals, None, Some(name))?;
        Ok(self.ledger.sign_order(name, signature, mandate.authority(), clock::now())?)
    }

    /// Orders, newest first.
    ///
    /// # Errors
    /// Not covered, or the ledger failed.
    pub fn orders(&self, mandate: &Mandate, limit: u32) -> Result<Vec<OrderRecord>, OrderError> {
        self.may_read_orders(mandate, "orders")?;
        Ok(self.ledger.orders(limit)?)
    }

    /// One order.
    ///
    /// # Errors
    /// Not covered, not there, or the ledger failed.
    pub fn order(&self, mandate: &Mandate, name: &str) -> Result<OrderRecord, OrderError> {
        self.may_read_orders(mandate, name)?;
        Ok(self.ledger.order(name)?.ok_or(LedgerError::NotOnRecord)?)
    }

    fn may_read_orders(&self, mandate: &Mandate, target: &str) -> Result<(), AccessError> {
        let audits = mandate.covers(Right::Audit, None);
        let right = if audits { Right::Audit } else { Right::ManageSeals };
        self.authorise(mandate, right, None, Some(target))
    }
}
