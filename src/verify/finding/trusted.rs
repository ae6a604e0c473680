//! Findings about the signer, the chain and the time (RFC 5280).

use super::{NOTE, Row, SEAL_AMBER, SEAL_RED, row};
use crate::domain::{Instant, SealStatus};
use crate::verify::sought::MissReason;
use crate::x509::PathError;

/// About the signer, the time and the chain.
#[derive(Clone, Debug, PartialEq)]
pub enum TrustFinding {
    /// No chain to an anchor we were given.
    NoPath {
        /// What the path builder said.
        why: PathError,
    },
    /// No anchors were given at all.
    NoAnchors,
    /// A certificate of the chain is out of date now, and only `/M` claims an earlier time.
    ExpiredNow {
        /// Since when.
        since: Instant,
    },
    /// A certificate of the chain is not valid yet.
    NotYetValid {
        /// From when.
        from: Instant,
    },
    /// It was good at the time that the ledger proves.
    LedgerVouches {
        /// When the ledger made the certificate durable.
        at: Instant,
    },
    /// It was good at the time that a trusted time-stamp proves.
    TimestampVouches {
        /// The proven time.
        at: Instant,
    },
    /// A certificate of the chain is revoked.
    Revoked {
        /// Since when.
        since: Instant,
        /// Place in the chain, 0 the signer.
        place: usize,
    },
    /// The office's register says that the seal was not to be used then.
    SealNotInUse {
        /// How it stood.
        status: SealStatus,
    },
    /// Whether a certificate is revoked could not be learned.
    RevocationUnknown {
        /// Place in the chain, 0 the signer.
        place: usize,
        /// True when the rules demand to know.
        demanded: bool,
    },
    /// It was asked for, and could not be had. What that means the policy decides, by [`Self::RevocationUnknown`].
    RevocationNotFetched {
        /// Place in the chain, 0 the signer.
        place: usize,
        /// Host that was to be asked.
        host: String,
        /// Why.
        why: MissReason,
    },
    /// A certificate of the chain is on our list of the distrusted.
    Distrusted,
    /// The certificate was not made for signing documents.
    WrongUse,
    /// The time of sealing is claimed, not proven.
    TimeOnlyClaimed,
}

impl TrustFinding {
    pub(super) fn row(&self) -> Row {
        match self {
            Self::NoPath { why } => row(
                "trust.no_path",
                SEAL_AMBER,
                "印章的证书不能追溯到我们信任的机构。",
                format!("The seal's certificate leads to no authority we were told to trust ({why})."),
            ),
            Self::NoAnchors => row(
                "trust.no_anchors",
                SEAL_AMBER,
                "没有给出任何信任的根证书。",
                "No trust anchor was given.",
            ),
            Self::ExpiredNow { since } => row(
                "trust.expired_now",
                SEAL_AMBER,
                format!("印章证书已于 {} 过期,而盖章时间只有文件自己的说法。", since.beijing_date()),
                format!(
                    "The seal's certificate expired on {}, and only the file itself says that it was used before.",
                    since.beijing_date()
                ),
            ),
            Self::NotYetValid { from } => row(
                "trust.not_yet_valid",
                SEAL_AMBER,
                format!("印章证书自 {} 起才有效。", from.beijing_date()),
                format!("The seal's certificate is valid from {} only.", from.beijing_date()),
            ),
            Self::LedgerVouches { at } => row(
                "trust.ledger_vouches",
                NOTE,
                format!("台账证明盖章时间不晚于 {},其时印章证书有效。", at.rfc3339()),
                format!(
                    "The ledger proves that the seal was used by {}, while its certificate was good.",
                    at.rfc3339()
                ),
            ),
            _ => self.about_standing(),
        }
    }

    fn about_standing(&self) -> Row {
        match self {
            Self::Revoked { since, place } => row(
                "trust.revoked",
                SEAL_RED,
                format!("证书链第 {} 张证书已于 {} 被吊销。", place.saturating_add(1), since.beijing_date()),
                format!(
                    "Certificate {} of the chain was revoked on {}.",
                    place.saturating_add(1),
                    since.beijing_date()
                ),
            ),
            Self::SealNotInUse { status } => row(
                "trust.seal_not_in_use",
                SEAL_RED,
                format!("印章登记:盖章时该印章{},不得使用。", status.name().zh),
                format!("By the register of seals this seal was {} when it was used.", status.name().en),
            ),
            Self::RevocationUnknown { place, demanded } => row(
                "trust.revocation_unknown",
                if *demanded { SEAL_AMBER } else { NOTE },
                format!("无法得知证书链第 {} 张证书是否被吊销。", place.saturating_add(1)),
                format!(
                    "Whether certificate {} of the chain is revoked could not be learned.",
                    place.saturating_add(1)
                ),
            ),
            Self::RevocationNotFetched { place, host, why } => row(
                "trust.revocation_not_fetched",
                NOTE,
                format!(
                    "没能从 {host} 取得证书链第 {} 张证书的吊销状态:{}。",
                    place.saturating_add(1),
                    why.words().0
                ),
                format!(
                    "Whether certificate {} of the chain is revoked could not be fetched from {host}: {}.",
                    place.saturating_add(1),
                    why.words().1
                ),
            ),
            _ => self.about_more(),
        }
    }

    fn about_more(&self) -> Row {
        match self {
            Self::TimestampVouches { at } => row(
                "trust.timestamp_vouches",
                NOTE,
                format!("可信时间戳证明盖章时间不晚于 {},其时印章证书有效。", at.rfc3339()),
                format!(
                    "A trusted time-stamp proves that the seal was used by {}, while its certificate was good.",
                    at.rfc3339()
                ),
            ),
            Self::Distrusted => row(
                "trust.distrusted",
                SEAL_RED,
                "印章的证书在不信任名单上。",
                "The seal's certificate is distrusted.",
            ),
            Self::WrongUse => row(
                "trust.wrong_use",
                SEAL_AMBER,
                "该证书不是用来签署文件的。",
                "The certificate was not made for signing documents.",
            ),
            _ => row(
                "trust.time_only_claimed",
                NOTE,
                "盖章时间是文件自己的说法,没有时间戳证明。",
                "The time of sealing is the file's own claim; no time-stamp proves it.",
            ),
        }
    }
}
