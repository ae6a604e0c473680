//! The words of a report, as they appear in its JSON.

use serde::Serialize;

/// Does the signature fit the bytes it covers?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// Digest and signature value are right.
    Ok,
    /// They are wrong, or the signature is malformed in a way that no honest writer produces.
    Broken,
    /// An algorithm or a form we do not verify.
    Unsupported,
    /// Something needed to tell is missing or unreadable.
    Unverifiable,
}

/// Which bytes does the signature cover?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Coverage {
    /// All but its own value, to the last byte of the file.
    Whole,
    /// All but its own value, to the end of a revision; more was appended.
    Revision,
    /// Anything else.
    Partial,
    /// Not judged: the file was not seen.
    NotJudged,
}

/// What was appended after the covered revision? Each kind includes the ones before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Changes {
    /// Nothing.
    None,
    /// Evidence only: certificates, revocation data, document time-stamps.
    Evidence,
    /// Fields were filled or signed.
    Form,
    /// Annotations were added or changed.
    Annotations,
    /// Anything else, something that the signer did not allow, or something that could not be examined.
    Forbidden,
    /// Not judged: the file was not seen.
    NotJudged,
}

/// The form the signature claims and keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Level {
    /// PAdES B-B (ETSI EN 319 142-1 §6.3).
    #[serde(rename = "B-B")]
    BaselineB,
    /// PAdES B-T: a time-stamp proves when it existed at the latest.
    #[serde(rename = "B-T")]
    BaselineT,
    /// PAdES B-LT: certificates and revocation data came along.
    #[serde(rename = "B-LT")]
    BaselineLt,
    /// PAdES B-LTA: a document time-stamp protects those too.
    #[serde(rename = "B-LTA")]
    BaselineLta,
    /// A bare PKCS#1 signature (ISO 32000-1 §12.8.3.2).
    #[serde(rename = "PKCS1")]
    Pkcs1,
    /// CMS, not PAdES baseline (ISO 32000-1 §12.8.3.3).
    #[serde(rename = "CMS")]
    Cms,
    /// A document time-stamp (ISO 32000-2 §12.8.5).
    #[serde(rename = "document-timestamp")]
    DocumentTimestamp,
    /// A seal by GB/T 38540.
    #[serde(rename = "SES")]
    Ses,
    /// Not understood.
    #[serde(rename = "unknown")]
    Unknown,
}

/// Was the second reader asked whether it sees the same document?
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SecondReader {
    /// Yes; where it disagrees, a finding says so.
    Asked,
    /// The rules did not ask for it, or the file could not be read at all.
    NotAsked,
    /// No: an object of the file is larger than what the second reader is given.
    TooLarge,
    /// It was to be asked, and the file exhausts the limits of the first already.
    Exhausted,
}

/// One of the three lights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Not weighed: the question does not arise.
    None,
    /// Yes.
    Green,
    /// Cannot be told, or with reservations.
    Amber,
    /// No.
    Red,
}

/// The five verdicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// 真实有效.
    GenuineInForce,
    /// 真实,但已失效.
    GenuineNotInForce,
    /// 暂时无法确定.
    Indeterminate,
    /// 不可信.
    NotTrusted,
    /// 没有电子印章.
    Unsigned,
}

/// 文件完整 · 印章可信 · 证照有效.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Lights {
    /// Was the file changed?
    pub file: Light,
    /// Whose seal is it, and do we trust it?
    pub seal: Light,
    /// Is the certificate in force? `none` for a document that is not our certificate.
    pub certificate: Light,
}
