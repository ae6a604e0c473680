//! One-time links: an office makes one, the citizen sees a button, and pressing it uses the link up.

use super::access::{AccessError, Mandate, Right};
use super::clock;
use super::office::Office;
use crate::crypto;
use crate::domain::Instant;
use crate::ledger::{Entry, LedgerError, LinkRefusal};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Longest life of a link: a week.
pub const LONGEST_MINUTES: u16 = 10_080;

/// Why no link was made, or nothing came of it.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Not covered by the mandate.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A life that is too short or too long.
    #[error("有效时间须在 1 至 {LONGEST_MINUTES} 分钟之间 / a link lives 1 to {LONGEST_MINUTES} minutes")]
    Minutes,
    /// The link gives nothing (any more). Strangers are told one thing.
    #[error(
        "链接无效、已用过或已过期,请向签发窗口索取新链接 / this link is unknown, used or expired: ask the office for another"
    )]
    Spent(LinkRefusal),
    /// No randomness for a token.
    #[error("没有随机数 / no randomness")]
    Random,
}

impl Office {
    /// Makes a link to a certificate's PDF; answers with its token, which is kept nowhere, and its last instant.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn offer_download(
        &self,
        mandate: &Mandate,
        which: &str,
        minutes: u16,
    ) -> Result<(String, Instant), LinkError> {
        if !(1..=LONGEST_MINUTES).contains(&minutes) {
            return Err(LinkError::Minutes);
        }
        let entry = self.ledger.find(which)?.filter(|entry| entry.document.is_some());
        self.authorise_record(mandate, Right::Offer, entry.as_ref())?;
        let entry = entry.ok_or(LedgerError::NotOnRecord)?;
        let token = crypto::random::<32>().ok_or(LinkError::Random)?;
        let now = clock::now();
        let until =
            Instant::from_seconds(now.seconds() + i64::from(minutes) * 60).ok_or(LinkError::Minutes)?;
        self.ledger.offer_download(&token, &entry, mandate.authority(), now, until)?;
        Ok((URL_SAFE_NO_PAD.encode(token), until))
    }

    /// Whether a link would give something; looking does not use it up.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn see_download(&self, token: &str) -> Result<Entry, LinkError> {
        self.ledger.see_download(&decoded(token)?, clock::now())?.map_err(LinkError::Spent)
    }

    /// Uses a link up and hands out the PDF.
    ///
    /// # Errors
    /// [`LinkError`].
    pub fn take_download(&self, token: &str) -> Result<(Entry, Vec<u8>), LinkError> {
        let taken = self.ledger.take_download(&decoded(token)?, clock::now())?;
        let entry = taken.map_err(LinkError::Spent)?;
        let pdf = self.pdf(&entry)?;
        Ok((entry, pdf))
    }

    /// The sealed file of a record.
    ///
    /// # Errors
    /// Nothing was issued, or the ledger failed.
    pub fn pdf(&self, entry: &Entry) -> Result<Vec<u8>, LedgerError> {
        let address = entry.document.ok_or(LedgerError::NotOnRecord)?;
        self.ledger.document(&address)?.ok_or(LedgerError::Sealed)
    }
}

fn decoded(token: &str) -> Result<Vec<u8>, LinkError> {
    let sound = URL_SAFE_NO_PAD.decode(token).ok().filter(|bytes| bytes.len() == 32);
    sound.ok_or(LinkError::Spent(LinkRefusal::Unknown))
}
