//! 变更令: what changes a key, a seal, a template or what is trusted is signed by two of three officers (主管) before it holds.
//!
//! An order is a text. Each officer signs its bytes with a key of his own, here or with any tool that signs a file, so
//! that nobody who merely reaches the machine can make one. Founding a panel takes the signatures of all three.

use super::{Instant, SealAct};
use serde::{Deserialize, Serialize};

/// Officers of a panel.
pub const PANEL: usize = 3;
/// Officers of the panel who must sign.
pub const NEEDED: usize = 2;
/// How long an order waits for its signatures: 72 hours, in milliseconds.
pub const ORDER_LIFE: i64 = 72 * 3600 * 1000;

/// Somebody who signs orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Officer {
    /// His name.
    pub name: String,
    /// His public key: SubjectPublicKeyInfo as PEM (RFC 7468 §13).
    pub key: String,
}

/// Something that holds from then on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    /// What: `template:…`, `seal:…`, `trust` or `policy`.
    pub item: String,
    /// SHA-256 of it, in hex.
    pub sha256: String,
    /// SHA-256 of what it takes the place of; none where it is new.
    pub before: Option<String>,
    /// The thing itself, where it is short enough to be read: the filing of a seal, certificates that are trusted.
    pub content: Option<String>,
}

/// What is to be done to a seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActOnSeal {
    /// Role of the seal.
    pub seal: String,
    /// What.
    pub act: SealAct,
}

/// An order as it is signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Its name: fresh.
    pub order: String,
    /// 统一社会信用代码 of the issuer whose order it is.
    pub issuer: String,
    /// Why.
    pub reason: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// When, RFC 3339.
    pub proposed_at: String,
    /// Until when it may be signed, RFC 3339.
    pub expires_at: String,
    /// The panel from then on; empty where it stays.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub officers: Vec<Officer>,
    /// What holds from then on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adopts: Vec<Adoption>,
    /// What is done to a seal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub act: Option<ActOnSeal>,
}

impl Order {
    /// The text whose bytes are signed.
    #[must_use]
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// The order of a text.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Until when it may be signed.
    #[must_use]
    pub fn expires(&self) -> Option<Instant> {
        Instant::from_rfc3339(&self.expires_at)
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.officers.is_empty() && self.adopts.is_empty() && self.act.is_none()
    }
}

/// Why an order was not proposed, signed or carried out, or why something waits for one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrderFault {
    /// This is done by order only.
    #[error(
        "此事须三位主管中两位签署:`yinzheng orders propose` / two of three officers must sign this: `yinzheng orders propose`"
    )]
    Needed,
    /// What is there is not what was signed for.
    #[error(
        "{0} 与主管签署的不同,签署之前不用:`yinzheng orders propose` / {0} is not what the officers signed for and is not used until they do: `yinzheng orders propose`"
    )]
    NotAdopted(String),
    /// Nothing differs from what was signed for.
    #[error("没有要签署的变更 / nothing differs from what was signed for")]
    Nothing,
    /// There is no panel yet.
    #[error("尚未任命主管:`yinzheng orders appoint` / no officers yet: `yinzheng orders appoint`")]
    NoPanel,
    /// Not three officers with three keys.
    #[error("主管须为三人、三把不同的密钥 / a panel is three officers with three different keys")]
    Panel,
    /// A key that signs nothing we can check.
    #[error(
        "{0} 的公钥不能用:须为 P-256、P-384、RSA 或 SM2 的 PUBLIC KEY(PEM)/ the public key of {0} cannot be used: PUBLIC KEY in PEM of P-256, P-384, RSA or SM2"
    )]
    Key(String),
    /// No officer's key made the signature over this text.
    #[error(
        "签名不是主管对这份变更令所签;请对 `yinzheng orders show … -o` 存出的文件原样签名 / no officer's signature over this order: sign the file of `yinzheng orders show … -o` as it is"
    )]
    Signature,
    /// Its time is over.
    #[error("变更令已过 72 小时,请重新提出 / the order is older than 72 hours: propose it anew")]
    Expired,
    /// It was carried out before.
    #[error("变更令已执行 / the order was carried out before")]
    Done,
    /// What it was made for has changed.
    #[error("{0} 在提出之后又有变更,请重新提出 / {0} has changed since it was proposed: propose it anew")]
    Stale(String),
}

impl OrderFault {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Needed => "order.needed",
            Self::NotAdopted(_) => "order.not_adopted",
            Self::Nothing => "order.nothing",
            Self::NoPanel => "order.no_panel",
            Self::Panel => "order.panel",
            Self::Key(_) => "order.key",
            Self::Signature => "order.signature",
            Self::Expired => "order.expired",
            Self::Done => "order.done",
            Self::Stale(_) => "order.stale",
        }
    }
}
