//! What can be said about a document: data, a stable code, an effect on a light, and words in 中文 and English.

mod document;
mod form;
mod ses;
mod signed;
mod trusted;
mod weighed;

pub use document::DocumentFinding;
pub use form::FormFinding;
pub use ses::{Party, SealFinding};
pub use signed::SignedFinding;
pub use trusted::TrustFinding;
pub use weighed::LedgerFinding;

use crate::domain::Bilingual;
use serde::ser::{Serialize, SerializeStruct, Serializer};

/// One finding. Never an `Err`: a bad document gets a report.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// About the file as a whole and what was appended.
    Document(DocumentFinding),
    /// About a signature dictionary.
    Form(FormFinding),
    /// About what was signed, and how.
    Signed(SignedFinding),
    /// About a seal by GB/T 38540 or GM/T 0031.
    Seal(SealFinding),
    /// About the signer, the time and the chain.
    Trust(TrustFinding),
    /// About the certificate and the ledger's word on it.
    Ledger(LedgerFinding),
    /// One of the others, with the effect that the policy gives it.
    UnderPolicy {
        /// What was found.
        finding: Box<Finding>,
        /// What it does under the policy.
        effect: Effect,
    },
}

/// Which light a finding speaks to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// 文件完整.
    File,
    /// 印章可信.
    Seal,
    /// 证照有效.
    Certificate,
}

/// What a finding does to a light.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Worth knowing, changes nothing.
    Note,
    /// Worth attention, lowers no light.
    Warning,
    /// At best amber.
    Amber(Question),
    /// Red.
    Red(Question),
}

impl Effect {
    fn severity(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning | Self::Amber(_) => "warning",
            Self::Red(_) => "error",
        }
    }

    fn light(self) -> Option<&'static str> {
        match self {
            Self::Note | Self::Warning => None,
            Self::Amber(question) | Self::Red(question) => Some(match question {
                Question::File => "file",
                Question::Seal => "seal",
                Question::Certificate => "certificate",
            }),
        }
    }
}

/// Code, effect and words of one finding.
pub(super) struct Row {
    code: &'static str,
    effect: Effect,
    words: Bilingual,
}

pub(super) fn row(code: &'static str, effect: Effect, zh: impl Into<String>, en: impl Into<String>) -> Row {
    Row { code, effect, words: Bilingual::new(zh, en) }
}

const NOTE: Effect = Effect::Note;
const FILE_AMBER: Effect = Effect::Amber(Question::File);
const FILE_RED: Effect = Effect::Red(Question::File);
const SEAL_AMBER: Effect = Effect::Amber(Question::Seal);
const SEAL_RED: Effect = Effect::Red(Question::Seal);
const CERTIFICATE_AMBER: Effect = Effect::Amber(Question::Certificate);
const CERTIFICATE_RED: Effect = Effect::Red(Question::Certificate);

impl Finding {
    fn row(&self) -> Row {
        match self {
            Self::Document(finding) => finding.row(),
            Self::Form(finding) => finding.row(),
            Self::Signed(finding) => finding.row(),
            Self::Seal(finding) => finding.row(),
            Self::Trust(finding) => finding.row(),
            Self::Ledger(finding) => finding.row(),
            Self::UnderPolicy { finding, effect } => Row { effect: *effect, ..finding.row() },
        }
    }

    /// Gives it the effect that it has under a policy.
    pub(super) fn set_effect(&mut self, wanted: Effect) {
        if self.effect() == wanted {
            return;
        }
        if let Self::UnderPolicy { effect, .. } = self {
            *effect = wanted;
            return;
        }
        let plain = std::mem::replace(self, Self::Document(DocumentFinding::NoSignature));
        *self = Self::UnderPolicy { finding: Box::new(plain), effect: wanted };
    }

    /// What was found, whatever the policy makes of it.
    #[must_use]
    pub fn plain(&self) -> &Self {
        match self {
            Self::UnderPolicy { finding, .. } => finding,
            plain => plain,
        }
    }

    /// Stable code, as `signed.digest_differs`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.row().code
    }

    /// What it does to the lights.
    #[must_use]
    pub fn effect(&self) -> Effect {
        self.row().effect
    }

    /// One plain sentence.
    #[must_use]
    pub fn words(&self) -> Bilingual {
        self.row().words
    }
}

impl Serialize for Finding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let row = self.row();
        let mut out = serializer.serialize_struct("Finding", 5)?;
        out.serialize_field("code", row.code)?;
        out.serialize_field("severity", row.effect.severity())?;
        out.serialize_field("light", &row.effect.light())?;
        out.serialize_field("zh", &row.words.zh)?;
        out.serialize_field("en", &row.words.en)?;
        out.end()
    }
}

impl From<DocumentFinding> for Finding {
    fn from(finding: DocumentFinding) -> Self {
        Self::Document(finding)
    }
}
impl From<FormFinding> for Finding {
    fn from(finding: FormFinding) -> Self {
        Self::Form(finding)
    }
}
impl From<SignedFinding> for Finding {
    fn from(finding: SignedFinding) -> Self {
        Self::Signed(finding)
    }
}
impl From<SealFinding> for Finding {
    fn from(finding: SealFinding) -> Self {
        Self::Seal(finding)
    }
}
impl From<TrustFinding> for Finding {
    fn from(finding: TrustFinding) -> Self {
        Self::Trust(finding)
    }
}
impl From<LedgerFinding> for Finding {
    fn from(finding: LedgerFinding) -> Self {
        Self::Ledger(finding)
    }
}
