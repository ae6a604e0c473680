//! Judging without the file: its owner sends the digest of what is covered and the CMS value, and keeps the rest.

use super::check::Asked;
use super::office::Office;
use crate::ledger::LedgerError;
use crate::pdf::Limits;
use crate::verify::{HandOverError, HandedOver, Judgement, Unseen, UnseenError, hand_over, verify_unseen};
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;

/// Largest CMS value in bytes: what the reader of files takes for one `/Contents`.
pub const LARGEST: usize = Limits::DEFAULT.text_bytes;

/// A request as it travels.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Handed {
    /// `sha256`, …
    pub digest_algorithm: String,
    /// Hexadecimal.
    pub digest: String,
    /// The value of `/Contents`, base64.
    pub cms: String,
    /// `/SubFilter`, where it is known.
    #[serde(default)]
    pub sub_filter: Option<String>,
}

/// The same, decoded.
#[derive(Clone, Debug)]
pub struct Sent {
    /// Name of the digest algorithm.
    pub algorithm: String,
    /// Octets of the digest.
    pub digest: Vec<u8>,
    /// The CMS value, DER or BER.
    pub cms: Vec<u8>,
    /// `/SubFilter`, where it is known.
    pub sub_filter: Option<String>,
}

/// Why it cannot be judged: the sender's mistake.
#[derive(Debug, thiserror::Error)]
pub enum SentError {
    /// No hexadecimal digits.
    #[error("摘要须为十六进制 / the digest must be hexadecimal")]
    Digest,
    /// No base64.
    #[error("cms 须为 base64(不换行)/ cms must be base64 without line breaks")]
    Base64,
    /// No bytes, or too many.
    #[error("签名值须在 1 字节至 {} MiB 之间 / the signature value must have 1 byte to {} MiB", LARGEST >> 20, LARGEST >> 20)]
    Size,
    /// The digest does not fit its algorithm, or the name of a form is not known.
    #[error(transparent)]
    Unseen(#[from] UnseenError),
}

impl TryFrom<Handed> for Sent {
    type Error = SentError;

    fn try_from(handed: Handed) -> Result<Self, SentError> {
        let lenient =
            GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));
        let sent = Self {
            algorithm: handed.digest_algorithm,
            digest: hex::decode(&handed.digest).map_err(|_| SentError::Digest)?,
            cms: lenient.decode(&handed.cms).map_err(|_| SentError::Base64)?,
            sub_filter: handed.sub_filter,
        };
        sent.unseen().map(drop)?;
        Ok(sent)
    }
}

impl Sent {
    /// `ALGORITHM:HEX` as the command line takes it, with its CMS value.
    ///
    /// # Errors
    /// [`SentError`].
    pub fn typed(digest: &str, cms: Vec<u8>, sub_filter: Option<String>) -> Result<Self, SentError> {
        let (algorithm, hex) = digest.split_once(':').ok_or(SentError::Digest)?;
        let digest = hex::decode(hex.trim()).map_err(|_| SentError::Digest)?;
        let sent = Self { algorithm: algorithm.trim().to_owned(), digest, cms, sub_filter };
        sent.unseen().map(drop)?;
        Ok(sent)
    }

    fn unseen(&self) -> Result<Unseen<'_>, SentError> {
        if self.cms.is_empty() || self.cms.len() > LARGEST {
            return Err(SentError::Size);
        }
        Ok(Unseen::new(&self.algorithm, &self.digest, &self.cms, self.sub_filter.as_deref())?)
    }

    /// Judges it as asked; no ledger.
    ///
    /// # Errors
    /// [`SentError`].
    pub fn check(&self, asked: &Asked<'_>) -> Result<Judgement, SentError> {
        let unseen = self.unseen()?;
        Ok(asked.judge(|rules| verify_unseen(&unseen, rules)))
    }
}

/// Why an office gives no judgement.
#[derive(Debug, thiserror::Error)]
pub enum UnseenCheckError {
    /// The sender's mistake.
    #[error(transparent)]
    Sent(#[from] SentError),
    /// The ledger failed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Office {
    /// Judges with this office's anchors, lists and policy. What a ledger would be asked about stands in the file, which
    /// nobody saw.
    ///
    /// # Errors
    /// [`UnseenCheckError`].
    pub fn check_unseen(&self, sent: &Sent, asked: &Asked<'_>) -> Result<Judgement, UnseenCheckError> {
        let unseen = sent.unseen()?;
        let report = self.asked(asked, |rules| verify_unseen(&unseen, rules));
        Ok(self.weigh(report)?)
    }
}

/// Digest and CMS value of signature `which` of a file, for its owner to send instead of it.
///
/// # Errors
/// [`HandOverError`].
pub fn from_file(bytes: &[u8], which: usize) -> Result<HandedOver, HandOverError> {
    hand_over(bytes, &Limits::DEFAULT, which)
}
