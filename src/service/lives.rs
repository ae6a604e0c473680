//! What happens to certificates after their issue: acts, replacement, status at any instant.

use super::access::{AccessError, Mandate, Right};
use super::clock;
use super::issue::{IssueError, Issued, Request};
use super::office::Office;
use super::seals::reason as sound_reason;
use crate::domain::{Act, CertificateType, Instant};
use crate::ledger::{Event, LedgerError, Life};

/// Why an act was not done.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// Not covered by the mandate.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// Not on record, not allowed from there, or a failure.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No reason, or one that is too long.
    #[error("须写明理由,200 字以内 / a reason is needed, of at most 200 characters")]
    Reason,
    /// A replacement is issued, not recorded.
    #[error("换发请用换发接口(须附新的申请)/ to replace, issue the new version with its application")]
    Replace,
    /// The successor could not be issued.
    #[error(transparent)]
    Issue(#[from] IssueError),
}

impl Office {
    /// A certificate's record, history and status at an instant, by identifier, verification code or number.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn life(&self, which: &str, at: Option<Instant>) -> Result<Option<Life>, LedgerError> {
        self.ledger.life(which, at.unwrap_or_else(clock::now))
    }

    /// The type of a record.
    #[must_use]
    pub fn type_of(&self, slug: &str) -> Option<&CertificateType> {
        self.kinds.get(slug).map(|kind| kind.template.kind())
    }

    /// Acts on a certificate: suspend, lift, withdraw, cancel, revoke, inspect.
    ///
    /// # Errors
    /// [`ActError`]; nothing is on record then.
    pub fn act(
        &self,
        mandate: &Mandate,
        which: &str,
        act: Act,
        reason: &str,
        detail: Option<String>,
    ) -> Result<Life, ActError> {
        if act == Act::Replace {
            return Err(ActError::Replace);
        }
        let reason = sound_reason(reason).ok_or(ActError::Reason)?;
        let life = self.life(which, None)?;
        self.authorise_record(mandate, Right::Act, life.as_ref().map(|life| &life.entry))?;
        let life = life.ok_or(LedgerError::NotOnRecord)?;
        let event = Event {
            at: clock::now(),
            act,
            reason,
            detail,
            successor: None,
            operator: mandate.operator().to_owned(),
            authority: mandate.authority().to_owned(),
        };
        Ok(self.ledger.act(&life.entry.identifier, event)?)
    }

    /// Issues the next version of a certificate; the old one is replaced in the same commit.
    ///
    /// # Errors
    /// [`ActError`].
    pub fn replace(
        &self,
        mandate: &Mandate,
        which: &str,
        application: &serde_json::Value,
        idempotency_key: Option<String>,
    ) -> Result<Issued, ActError> {
        let life = self.life(which, None)?;
        self.authorise_record(mandate, Right::Issue, life.as_ref().map(|life| &life.entry))?;
        let life = life.ok_or(LedgerError::NotOnRecord)?;
        let request = Request {
            idempotency_key,
            replaces: Some(life.entry.record),
            ..Request::new(&life.entry.slug, application)
        };
        Ok(self.issue(mandate, request)?)
    }
}
