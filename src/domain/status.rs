//! The life of a certificate: its status, what may be done from there, and its status at any instant.
//!
//! Statuses are those of the national collection (国家归集): 01 有效, 02 暂扣, 03 撤销, 04 注销, 05 失效, 07 吊销. Nothing is
//! ever taken back: a history only grows, and the status is read off it. Expiry is no event: it follows from the last day
//! of validity, in Beijing time, both ends included.

use super::{Bilingual, Instant};
use serde::{Deserialize, Serialize};
use time::Date;

/// Whether a certificate is good, as of an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 01 有效.
    InForce,
    /// 02 暂扣: withheld for a time; may be given back.
    Suspended,
    /// 03 撤销: it should never have been issued. Final.
    Withdrawn,
    /// 04 注销: ended on request or because its ground is gone. Final.
    Cancelled,
    /// 05 失效: its last day is past.
    Expired,
    /// 05 失效: a newer version stands in its place. Final.
    Replaced,
    /// 07 吊销: taken away as a penalty. Final.
    Revoked,
}

/// What an office may do to a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// 暂扣.
    Suspend,
    /// 暂扣发还: ends a suspension.
    Lift,
    /// 撤销.
    Withdraw,
    /// 注销.
    Cancel,
    /// 吊销.
    Revoke,
    /// 变更 or 延续: a newer version takes its place.
    Replace,
    /// 验审: the yearly inspection; leaves the status as it is.
    Inspect,
}

/// An act that cannot be done from where the certificate stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}的证照不能{};可以:{} / a certificate that is {} cannot be acted on by {}; allowed: {}", .from.name().zh, .act.name().zh, .from.allowed_words().zh, .from.name().en, .act.name().en, .from.allowed_words().en)]
pub struct NotAllowed {
    /// Where it stands.
    pub from: Status,
    /// What was asked.
    pub act: Act,
}

impl Status {
    /// Two-digit code of the national collection.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::InForce => "01",
            Self::Suspended => "02",
            Self::Withdrawn => "03",
            Self::Cancelled => "04",
            Self::Expired | Self::Replaced => "05",
            Self::Revoked => "07",
        }
    }

    /// The stable word, as in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::InForce => "in_force",
            Self::Suspended => "suspended",
            Self::Withdrawn => "withdrawn",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
            Self::Replaced => "replaced",
            Self::Revoked => "revoked",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn name(self) -> Bilingual {
        let (zh, en) = match self {
            Self::InForce => ("有效", "in force"),
            Self::Suspended => ("暂扣", "suspended"),
            Self::Withdrawn => ("撤销", "withdrawn"),
            Self::Cancelled => ("注销", "cancelled"),
            Self::Expired => ("失效(期满)", "expired"),
            Self::Replaced => ("失效(已换发)", "replaced"),
            Self::Revoked => ("吊销", "revoked"),
        };
        Bilingual::new(zh, en)
    }

    /// What may be done from here. An expired certificate may be renewed, and may still turn out to be wrong.
    #[must_use]
    pub fn allowed(self) -> &'static [Act] {
        match self {
            Self::InForce => {
                &[Act::Suspend, Act::Withdraw, Act::Cancel, Act::Revoke, Act::Replace, Act::Inspect]
            }
            Self::Suspended => &[Act::Lift, Act::Withdraw, Act::Cancel, Act::Revoke],
            Self::Expired => &[Act::Withdraw, Act::Cancel, Act::Replace],
            Self::Withdrawn | Self::Cancelled | Self::Replaced | Self::Revoked => &[],
        }
    }

    /// Where the act leads.
    ///
    /// # Errors
    /// [`NotAllowed`], which says what is allowed from here.
    pub fn after(self, act: Act) -> Result<Self, NotAllowed> {
        if !self.allowed().contains(&act) {
            return Err(NotAllowed { from: self, act });
        }
        Ok(match act {
            Act::Suspend => Self::Suspended,
            Act::Lift => Self::InForce,
            Act::Withdraw => Self::Withdrawn,
            Act::Cancel => Self::Cancelled,
            Act::Revoke => Self::Revoked,
            Act::Replace => Self::Replaced,
            Act::Inspect => self,
        })
    }

    /// The status at `at` of a certificate issued at `issued` with this history, oldest first; `None` before it was
    /// issued. Acts after `at` do not count yet.
    #[must_use]
    pub fn at(
        issued: Instant,
        history: impl IntoIterator<Item = (Instant, Act)>,
        valid_until: Option<Date>,
        at: Instant,
    ) -> Option<Self> {
        if at < issued {
            return None;
        }
        let before = history.into_iter().take_while(|(when, _)| *when <= at);
        let status = before.fold(Self::InForce, |status, (_, act)| match act {
            Act::Inspect => status,
            Act::Suspend => Self::Suspended,
            Act::Lift => Self::InForce,
            Act::Withdraw => Self::Withdrawn,
            Act::Cancel => Self::Cancelled,
            Act::Revoke => Self::Revoked,
            Act::Replace => Self::Replaced,
        });
        let past = valid_until.is_some_and(|last| at.beijing_date() > last);
        Some(match status {
            Self::InForce | Self::Suspended if past => Self::Expired,
            other => other,
        })
    }

    fn allowed_words(self) -> Bilingual {
        let names: Vec<Bilingual> = self.allowed().iter().map(|act| act.name()).collect();
        if names.is_empty() {
            return Bilingual::new("无", "nothing");
        }
        let zh: Vec<&str> = names.iter().map(|name| name.zh.as_str()).collect();
        let en: Vec<&str> = names.iter().map(|name| name.en.as_str()).collect();
        Bilingual::new(zh.join("、"), en.join(", "))
    }
}

impl Act {
    /// Every act, in the order of the help texts.
    pub const ALL: [Self; 7] =
        [Self::Suspend, Self::Lift, Self::Withdraw, Self::Cancel, Self::Revoke, Self::Replace, Self::Inspect];

    /// The stable word, as in JSON and in the ledger.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Suspend => "suspend",
            Self::Lift => "lift",
            Self::Withdraw => "withdraw",
            Self::Cancel => "cancel",
            Self::Revoke => "revoke",
            Self::Replace => "replace",
            Self::Inspect => "inspect",
        }
    }

    /// The act of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.word() == word)
    }

    /// Its name for people.
    #[must_use]
    pub fn name(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Suspend => ("暂扣", "suspend"),
            Self::Lift => ("发还", "lift"),
            Self::Withdraw => ("撤销", "withdraw"),
            Self::Cancel => ("注销", "cancel"),
            Self::Revoke => ("吊销", "revoke"),
            Self::Replace => ("换发", "replace"),
            Self::Inspect => ("验审", "inspect"),
        };
        Bilingual::new(zh, en)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_seconds(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn every_act_from_every_status() {
        let statuses = [
            Status::InForce,
            Status::Suspended,
            Status::Withdrawn,
            Status::Cancelled,
            Status::Expired,
            Status::Replaced,
            Status::Revoked,
        ];
        for from in statuses {
            for act in Act::ALL {
                assert_eq!(Act::of_word(act.word()), Some(act));
                match from.after(act) {
                    Ok(_) => assert!(from.allowed().contains(&act)),
                    Err(why) => {
                        assert!(!from.allowed().contains(&act));
                        assert!(why.to_string().contains(&from.name().zh), "{why}");
                    }
                }
            }
        }
        assert_eq!(Status::Suspended.after(Act::Lift), Ok(Status::InForce));
        assert_eq!(Status::Revoked.after(Act::Lift).unwrap_err().from, Status::Revoked);
        assert_eq!(Status::Suspended.after(Act::Inspect).unwrap_err().act, Act::Inspect);
    }

    #[test]
    fn the_status_of_any_instant_is_read_off_the_history() {
        let history =
            [(at(100), Act::Suspend), (at(200), Act::Lift), (at(300), Act::Inspect), (at(400), Act::Revoke)];
        let status = |when| Status::at(at(0), history, None, at(when));
        assert_eq!(status(-1), None);
        assert_eq!(status(0), Some(Status::InForce));
        assert_eq!(status(100), Some(Status::Suspended));
        assert_eq!(status(350), Some(Status::InForce));
        assert_eq!(status(400), Some(Status::Revoked));
        let last = at(0).beijing_date();
        assert_eq!(Status::at(at(0), [], Some(last), at(0)), Some(Status::InForce));
        let later = at(2 * 86_400);
        assert_eq!(Status::at(at(0), [], Some(last), later), Some(Status::Expired));
        assert_eq!(Status::at(at(0), [(at(5), Act::Suspend)], Some(last), later), Some(Status::Expired));
        assert_eq!(Status::at(at(0), [(at(5), Act::Cancel)], Some(last), later), Some(Status::Cancelled));
    }
}
