//! The register of seals: what is done to a seal, and whether it may be used now.
//!
//! A seal that the configuration names and the register does not is put on file when the office begins its work; a renewed
//! certificate is entered as a change. Managing is one right, using another: `access` gives no key both.

use super::access::{AccessError, Mandate, Right};
use super::clock;
use super::office::{Office, Seal};
use crate::crypto::sha256;
use crate::domain::{Instant, SealAct, SealStatus};
use crate::ledger::{LedgerError, SealEvent};
use serde_json::{Value, json};

/// Why an act on a seal was not done.
#[derive(Debug, thiserror::Error)]
pub enum SealRegisterError {
    /// Not covered by the mandate.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Not allowed from there, or a failure.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No reason, or one that is too long.
    #[error("须写明理由,200 字以内 / a reason is needed, of at most 200 characters")]
    Reason,
    /// A name that no seal has.
    #[error(
        "印章名须为 1 至 32 个小写字母、数字、连字符 / a seal's name has 1 to 32 lower-case letters, digits, hyphens"
    )]
    Name,
}

/// A seal of the register.
#[derive(Clone, Debug)]
pub struct Registered {
    /// Its role.
    pub seal: String,
    /// How it stands; `None` when it was not in the register then.
    pub status: Option<SealStatus>,
    /// Its life.
    pub history: Vec<SealEvent>,
    /// As of when.
    pub at: Instant,
}

impl Registered {
    /// 备案事项: what was on file at that instant.
    #[must_use]
    pub fn filing(&self) -> Option<Value> {
        let known = self.history.iter().rev().filter(|event| event.at <= self.at);
        known.filter_map(|event| event.filing.as_deref()).next().and_then(read)
    }

    /// For programs, here and over REST.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let event = |event: &SealEvent| {
            json!({
                "at": event.at.rfc3339(), "act": event.act.word(), "reason": event.reason,
                "operator": event.operator, "certificate_sha256": event.certificate.map(hex::encode),
                "filing": event.filing.as_deref().and_then(read),
            })
        };
        let history: Vec<Value> = self.history.iter().map(event).collect();
        let filing = self.filing();
        json!({ "seal": self.seal, "status": self.status.map(SealStatus::word), "filing": filing, "history": history })
    }
}

fn read(filing: &str) -> Option<Value> {
    serde_json::from_str(filing).ok()
}

/// Longest reason, in characters.
const LONGEST_REASON: usize = 200;

/// A reason as it goes on record: trimmed, not empty, of one line.
pub(super) fn reason(text: &str) -> Option<String> {
    let text = text.trim();
    let sound =
        !text.is_empty() && text.chars().count() <= LONGEST_REASON && !text.contains(char::is_control);
    sound.then(|| text.to_owned())
}

impl Office {
    /// Enters into the register what the configuration has and it lacks; what was entered, in words.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn register_seals(&self) -> Result<Vec<String>, LedgerError> {
        let mut said = Vec::new();
        // Where there are officers, what goes on file takes their order.
        let seals = if self.ledger.officers()?.is_empty() { Some(&self.seals) } else { None };
        for (role, seal) in seals.into_iter().flatten() {
            let certificate = sha256(&[seal.certificate.der()]);
            let past = self.ledger.seal_history(role)?;
            let known = past.iter().rev().find_map(|event| event.certificate);
            let filing = self.filed(role, seal)?.to_owned();
            let filed = past.iter().rev().find_map(|event| event.filing.as_deref());
            let status = SealStatus::at(past.iter().map(|event| (event.at, event.act)), clock::now());
            let (act, reason) = match (status, known) {
                (None, _) => (SealAct::File, "随配置启用 taken over from the configuration"),
                (Some(SealStatus::InUse | SealStatus::Suspended), known) if known != Some(certificate) => {
                    (SealAct::Change, "证书更新 renewed certificate")
                }
                (Some(SealStatus::InUse | SealStatus::Suspended), _) if filed != Some(&filing) => {
                    (SealAct::Change, "备案事项变更 the filing changed")
                }
                _ => continue,
            };
            let event = SealEvent {
                seal: role.clone(),
                at: clock::now(),
                act,
                reason: reason.to_owned(),
                certificate: Some(certificate),
                filing: Some(filing),
                operator: "yinzheng".to_owned(),
                authority: "console".to_owned(),
            };
            match self.ledger.act_on_seal(event) {
                // Another process that opens at this moment was first.
                Err(LedgerError::SealAct(_)) => continue,
                other => other?,
            };
            said.push(format!("印章 seal {role}: {} {}", act.name().zh, act.word()));
        }
        Ok(said)
    }

    /// Acts on a seal.
    ///
    /// # Errors
    /// [`SealRegisterError`]; nothing is on record then.
    pub fn act_on_seal(
        &self,
        mandate: &Mandate,
        seal: &str,
        act: SealAct,
        why: &str,
    ) -> Result<SealStatus, SealRegisterError> {
        let sound = (1..=32).contains(&seal.len())
            && seal.bytes().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_');
        if !sound {
            return Err(SealRegisterError::Name);
        }
        self.authorise(mandate, Right::ManageSeals, None, Some(seal))?;
        let reason = reason(why).ok_or(SealRegisterError::Reason)?;
        let held = self.seals.get(seal);
        let certificate = held.map(|seal| sha256(&[seal.certificate.der()]));
        let filing = held.map(|held| self.filed(seal, held).map(str::to_owned)).transpose()?;
        let made = matches!(act, SealAct::Make | SealAct::File | SealAct::Change);
        let event = SealEvent {
            seal: seal.to_owned(),
            at: clock::now(),
            act,
            reason,
            certificate: certificate.filter(|_| made),
            filing: filing.filter(|_| made),
            operator: mandate.operator().to_owned(),
            authority: mandate.authority().to_owned(),
        };
        Ok(self.ledger.act_on_seal(event)?)
    }

    /// Whether a seal may be used now as it is here: on file, as the officers signed for it, and in use. One that is not
    /// here is somebody else's question.
    ///
    /// # Errors
    /// [`LedgerError::SealNotInUse`], [`LedgerError::Order`], or a failure.
    pub(super) fn seal_in_use(&self, role: &str) -> Result<(), LedgerError> {
        self.seals
            .get(role)
            .map_or(Ok(()), |seal| self.ledger.seal_in_use(role, &self.filing_digest(role, seal)?))
    }

    pub(super) fn filing_digest(&self, role: &str, seal: &Seal) -> Result<[u8; 32], LedgerError> {
        Ok(sha256(&[self.filed(role, seal)?.as_bytes()]))
    }

    /// What a seal looked like at an instant, as SVG and as PNG at 600 dpi.
    ///
    /// # Errors
    /// Not on record, or a failure.
    pub fn seal_picture(&self, seal: &str, at: Option<Instant>) -> Result<(String, Vec<u8>), LedgerError> {
        let found = self.registered(at)?.into_iter().find(|found| found.seal == seal);
        let filing = found.and_then(|found| found.filing()).ok_or(LedgerError::NotOnRecord)?;
        let mut vector = [0; 32];
        let digest = filing["picture"]["svg_sha256"].as_str().unwrap_or_default();
        hex::decode_to_slice(digest, &mut vector).map_err(|_| LedgerError::NotOnRecord)?;
        self.ledger.seal_picture(&vector)?.ok_or(LedgerError::NotOnRecord)
    }

    /// The register as of an instant, by name; now if none is given.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn registered(&self, at: Option<Instant>) -> Result<Vec<Registered>, LedgerError> {
        let at = at.unwrap_or_else(clock::now);
        let seals = self.ledger.registered_seals()?.into_iter();
        let entry = |seal: String| {
            let history = self.ledger.seal_history(&seal)?;
            let status = SealStatus::at(history.iter().map(|event| (event.at, event.act)), at);
            Ok(Registered { seal, status, history, at })
        };
        seals.map(entry).collect()
    }
}
