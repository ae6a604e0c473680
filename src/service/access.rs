//! Who acts, and on what authority. Every use case demands a [`Mandate`]; only this file makes one.
//!
//! The command line's mandate is the operating-system account in front of the machine. A remote caller's comes from his
//! key: `yz_test_…` or `yz_live_…`, a public name and a secret of 256 random bits. Every decision about a known caller is
//! on record before the request goes on; unknown keys are counted, not recorded, so that strangers cannot fill the disk.

use super::clock;
use super::office::Office;
use crate::crypto;
use crate::domain::{CertificateType, Instant, Sensitivity};
use crate::ledger::{Caller, Decision, Entry, LedgerError};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// What a caller is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Issues certificates and acts on them.
    Issuer,
    /// Looks up and verifies at a counter.
    Counter,
    /// Reads the records of uses and decisions.
    Auditor,
    /// Runs the service.
    Operator,
    /// Asks for a seal on documents that somebody brought (用印经办).
    Stamper,
    /// Grants what a stamper asked for (用印审批).
    Approver,
    /// Keeps the register of seals; never uses one.
    SealManager,
}

/// What may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Issue a certificate of a type, or replace one.
    Issue,
    /// Act on a certificate.
    Act,
    /// Read a certificate and its history.
    Read,
    /// Make a download link.
    Offer,
    /// Look up for a matter.
    LookUp,
    /// Read the records of uses and decisions.
    Audit,
    /// Manage keys, read metrics.
    Operate,
    /// Ask for a seal on a document.
    Stamp,
    /// Grant the use of a seal.
    Approve,
    /// Act on the register of seals.
    ManageSeals,
}

/// Proof that somebody with a name may ask. Its constructors are in this file only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    operator: String,
    authority: String,
    caller: Option<Caller>,
}

/// Why a request was not let through.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// No key, or none we know.
    #[error("没有密钥,或密钥不对 / no key, or not one of ours")]
    Unknown,
    /// The key's time is over.
    #[error("密钥已过期 / the key has expired")]
    Expired,
    /// The key was revoked.
    #[error("密钥已吊销 / the key was revoked")]
    Revoked,
    /// The key does not cover this.
    #[error("密钥无权{} / the key may not {}", .0.words().0, .0.words().1)]
    Denied(Right),
    /// The decision could not be put on record.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// No randomness for a key.
    #[error("没有随机数 / no randomness")]
    Random,
    /// A wish for a key that cannot be meant.
    #[error("密钥须有机构名,期限 1 至 1096 天 / a key needs an organisation and lives 1 to 1096 days")]
    Wish,
}

/// What a new key is to be.
#[derive(Clone, Debug)]
pub struct KeyWish {
    /// Its role.
    pub role: Role,
    /// Whose it is.
    pub organisation: String,
    /// What for.
    pub label: String,
    /// Types it may touch; `None` is all but secret ones.
    pub slugs: Option<Vec<String>>,
    /// 事项编码 it may look up for; `None` is all.
    pub items: Option<Vec<String>>,
    /// Days it lives, 1 to 1096.
    pub days: u16,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 7] = [
        Self::Issuer,
        Self::Counter,
        Self::Auditor,
        Self::Operator,
        Self::Stamper,
        Self::Approver,
        Self::SealManager,
    ];

    /// The stable word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::Counter => "counter",
            Self::Auditor => "auditor",
            Self::Operator => "operator",
            Self::Stamper => "stamper",
            Self::Approver => "approver",
            Self::SealManager => "seal_manager",
        }
    }

    /// The role of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.word() == word)
    }

    fn has(self, right: Right) -> bool {
        match self {
            Self::Issuer => matches!(right, Right::Issue | Right::Act | Right::Read | Right::Offer),
            Self::Counter => matches!(right, Right::LookUp),
            Self::Auditor => matches!(right, Right::Read | Right::Audit),
            Self::Operator => matches!(right, Right::Operate),
            Self::Stamper => matches!(right, Right::Stamp),
            Self::Approver => matches!(right, Right::Approve),
            Self::SealManager => matches!(right, Right::ManageSeals),
        }
    }
}

impl Right {
    /// The stable word, as it goes on record.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Issue => "issue",
            Self::Act => "act",
            Self::Read => "read",
            Self::Offer => "offer",
            Self::LookUp => "look_up",
            Self::Audit => "audit",
            Self::Operate => "operate",
            Self::Stamp => "stamp",
            Self::Approve => "approve",
            Self::ManageSeals => "manage_seals",
        }
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Issue => ("签发这类证照", "issue this type"),
            Self::Act => ("变更这类证照的状态", "act on this type"),
            Self::Read => ("查阅这类证照", "read this type"),
            Self::Offer => ("为这类证照制作下载链接", "make download links for this type"),
            Self::LookUp => ("查询", "look up"),
            Self::Audit => ("查阅使用记录", "read the records of uses"),
            Self::Operate => ("管理服务", "manage the service"),
            Self::Stamp => ("申请用印", "ask for a seal"),
            Self::Approve => ("审批用印", "grant the use of a seal"),
            Self::ManageSeals => ("管理印章", "act on the register of seals"),
        }
    }
}

impl Mandate {
    /// The person at this machine: rights are those of the account that can read the state folder.
    #[must_use]
    pub fn at_console(account: Option<String>) -> Self {
        Self {
            operator: account.unwrap_or_else(|| "console".to_owned()),
            authority: "console".to_owned(),
            caller: None,
        }
    }

    /// Who acts and on what authority, as the record has it: for what was decided before and asks for no right now.
    #[cfg(feature = "preview")]
    pub(super) fn on_record(operator: &str, authority: &str) -> Self {
        Self { operator: operator.to_owned(), authority: authority.to_owned(), caller: None }
    }

    /// Who acts, as it goes on record.
    #[must_use]
    pub fn operator(&self) -> &str {
        &self.operator
    }

    /// On what authority, as it goes on record: `console`, or the public name of a key.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }

    /// The caller's organisation; the console's is the office itself.
    #[must_use]
    pub fn organisation(&self) -> &str {
        self.caller.as_ref().map_or("console", |caller| &caller.organisation)
    }

    /// The same mandate used by a named person of the caller's organisation.
    #[must_use]
    pub fn used_by(mut self, operator: &str) -> Self {
        operator.clone_into(&mut self.operator);
        self
    }

    /// Whether it covers a right, on a type if one is named. Secret types must be named in the key.
    #[must_use]
    pub fn covers(&self, right: Right, kind: Option<&CertificateType>) -> bool {
        let Some(caller) = &self.caller else { return true };
        let role = Role::of_word(&caller.role).is_some_and(|role| role.has(right));
        let covered = kind.is_none_or(|kind| match &caller.slugs {
            Some(slugs) => slugs.iter().any(|slug| slug == kind.slug()),
            None => kind.sensitivity() != Sensitivity::Secret,
        });
        role && covered
    }

    /// Whether it covers look-ups for a matter.
    #[must_use]
    pub fn covers_item(&self, item: &str) -> bool {
        let items = self.caller.as_ref().and_then(|caller| caller.items.as_ref());
        items.is_none_or(|items| items.iter().any(|covered| covered == item))
    }
}

impl Office {
    /// Makes a key for a caller and puts it on record. Its text is shown this once.
    ///
    /// # Errors
    /// A wish that cannot be meant, no randomness, or the ledger failed.
    pub fn create_key(
        &self,
        mandate: &Mandate,
        wish: KeyWish,
    ) -> Result<(Caller, Zeroizing<String>), AccessError> {
        let sound = |text: &str| !text.trim().is_empty() && text.chars().count() <= 100;
        if !sound(&wish.organisation) || !(1..=1096).contains(&wish.days) {
            return Err(AccessError::Wish);
        }
        let name: [u8; 6] = crypto::random().ok_or(AccessError::Random)?;
        let secret = Zeroizing::new(crypto::random::<32>().ok_or(AccessError::Random)?);
        let kind = if self.is_demo() { "test" } else { "live" };
        let now = clock::now();
        let lives = i64::from(wish.days) * 86_400;
        let caller = Caller {
            caller: format!("yz_{kind}_{}", hex::encode(name)),
            role: wish.role.word().to_owned(),
            organisation: wish.organisation,
            label: wish.label,
            slugs: wish.slugs,
            items: wish.items,
            created_at: now,
            created_by: mandate.operator().to_owned(),
            expires_at: Instant::from_seconds(now.seconds() + lives).ok_or(AccessError::Wish)?,
            revoked_at: None,
        };
        self.ledger.add_caller(caller.clone(), &*secret)?;
        let text = Zeroizing::new(format!("{}_{}", caller.caller, URL_SAFE_NO_PAD.encode(*secret)));
        Ok((caller, text))
    }

    /// The mandate of a key as it was sent.
    ///
    /// # Errors
    /// Unknown, expired, revoked; the last two are on record.
    pub fn admit(&self, key: &str) -> Result<Mandate, AccessError> {
        let (name, secret) = split(key).ok_or(AccessError::Unknown)?;
        let caller = self.ledger.caller(name, &secret)?.ok_or(AccessError::Unknown)?;
        let refused = match (&caller.revoked_at, clock::now() > caller.expires_at) {
            (Some(_), _) => Some((AccessError::Revoked, "revoked")),
            (None, true) => Some((AccessError::Expired, "expired")),
            (None, false) => None,
        };
        if let Some((why, word)) = refused {
            self.decided(&caller.caller, "admit", None, false, word)?;
            return Err(why);
        }
        let operator = caller.organisation.clone();
        Ok(Mandate { operator, authority: caller.caller.clone(), caller: Some(caller) })
    }

    /// Decides whether a mandate covers a right on a type, and puts the decision on record. While the disk takes
    /// nothing, a read that was granted on record within the hour goes on.
    ///
    /// # Errors
    /// Denied, or the ledger failed; then nothing may go on.
    pub fn authorise(
        &self,
        mandate: &Mandate,
        right: Right,
        kind: Option<&CertificateType>,
        target: Option<&str>,
    ) -> Result<(), AccessError> {
        let granted = mandate.covers(right, kind);
        let reason = if granted { "covered" } else { "not_covered" };
        let target = target.or(kind.map(CertificateType::slug));
        let (caller, now) = (mandate.authority(), clock::now());
        match self.decided(caller, right.word(), target, granted, reason) {
            Ok(()) if granted => self.standing.note(caller, right, target, now),
            Ok(()) => return Err(AccessError::Denied(right)),
            // The decision that is on record already stands while the disk takes no other.
            Err(why)
                if granted && why.keeps_from_writing() && self.standing.holds(caller, right, target, now) => {
            }
            Err(why) => return Err(why.into()),
        }
        Ok(())
    }

    /// Decides about one record. One that is not there and one of a type that the mandate does not cover are answered
    /// alike, after the same work: who may not read a certificate does not learn that there is one.
    ///
    /// # Errors
    /// Denied when the role lacks the right; else not on record; or the ledger failed.
    pub fn authorise_record(
        &self,
        mandate: &Mandate,
        right: Right,
        found: Option<&Entry>,
    ) -> Result<(), AccessError> {
        let kind = found.and_then(|entry| self.type_of(&entry.slug));
        let target = found.map(|entry| entry.identifier.as_str());
        if !mandate.covers(right, None) || (found.is_some() && mandate.covers(right, kind)) {
            return self.authorise(mandate, right, kind, target);
        }
        let reason = if found.is_some() { "not_covered" } else { "not_on_record" };
        self.decided(mandate.authority(), right.word(), target, false, reason)?;
        Err(LedgerError::NotOnRecord.into())
    }

    pub(super) fn decided(
        &self,
        caller: &str,
        right: &str,
        target: Option<&str>,
        granted: bool,
        reason: &str,
    ) -> Result<(), LedgerError> {
        self.ledger.record_decision(Decision {
            at: clock::now(),
            caller: caller.to_owned(),
            right: right.to_owned(),
            target: target.map(str::to_owned),
            granted,
            reason: reason.to_owned(),
        })
    }
}

/// `yz_test_0a1b2c3d4e5f_SECRET` → public name and secret.
fn split(key: &str) -> Option<(&str, Zeroizing<Vec<u8>>)> {
    let name_ends = key.match_indices('_').nth(2)?.0;
    let (name, secret) = key.split_at(name_ends);
    let known = name.starts_with("yz_test_") || name.starts_with("yz_live_");
    let secret = Zeroizing::new(URL_SAFE_NO_PAD.decode(&secret[1..]).ok()?);
    (known && secret.len() == 32).then_some((name, secret))
}
