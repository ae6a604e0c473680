//! The life of a seal (印章): what may be done to it, and whether it may be used, as of any instant.
//!
//! 申请 → 审批 → 制作 → 备案 → 停用/恢复 → 变更 → 销毁. A register only grows; nothing is deleted, so that what was sealed is judged by
//! the status that the seal had then.

use super::{Bilingual, Instant};
use serde::{Deserialize, Serialize};

/// What is done to a seal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SealAct {
    /// 申请.
    Apply,
    /// 审批.
    Approve,
    /// 制作: key, certificate and picture were made.
    Make,
    /// 备案: from here on it may be used.
    File,
    /// 停用.
    Suspend,
    /// 恢复.
    Lift,
    /// 变更: a renewed certificate means a seal made anew.
    Change,
    /// 销毁. Final.
    Destroy,
}

/// How a seal stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SealStatus {
    /// Asked for.
    Applied,
    /// Granted, not made yet.
    Approved,
    /// Made, not on file yet.
    Made,
    /// On file: may be used.
    InUse,
    /// Not to be used for a time.
    Suspended,
    /// Never to be used again.
    Destroyed,
}

/// An act that cannot be done from where the seal stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("印章{},不能{} / the seal is {} and cannot be acted on by {}", standing(.from).zh, .act.name().zh, standing(.from).en, .act.word())]
pub struct SealActRefused {
    /// Where it stands; `None` when it is not in the register.
    pub from: Option<SealStatus>,
    /// What was asked.
    pub act: SealAct,
}

fn standing(from: &Option<SealStatus>) -> Bilingual {
    from.map_or_else(|| Bilingual::new("不在册", "not in the register"), SealStatus::name)
}

impl SealAct {
    /// Every act, in the order of a seal's life.
    pub const ALL: [Self; 8] = [
        Self::Apply,
        Self::Approve,
        Self::Make,
        Self::File,
        Self::Suspend,
        Self::Lift,
        Self::Change,
        Self::Destroy,
    ];

    /// The stable word, as in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Apply => "apply",
            Self::Approve => "approve",
            Self::Make => "make",
            Self::File => "file",
            Self::Suspend => "suspend",
            Self::Lift => "lift",
            Self::Change => "change",
            Self::Destroy => "destroy",
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
        let zh = match self {
            Self::Apply => "申请",
            Self::Approve => "审批",
            Self::Make => "制作",
            Self::File => "备案",
            Self::Suspend => "停用",
            Self::Lift => "恢复",
            Self::Change => "变更",
            Self::Destroy => "销毁",
        };
        Bilingual::new(zh, self.word())
    }
}

impl SealStatus {
    /// The stable word, as in JSON.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Approved => "approved",
            Self::Made => "made",
            Self::InUse => "in_use",
            Self::Suspended => "suspended",
            Self::Destroyed => "destroyed",
        }
    }

    /// Its name for people.
    #[must_use]
    pub fn name(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Applied => ("已申请", "applied for"),
            Self::Approved => ("已批准", "approved"),
            Self::Made => ("已制作,未备案", "made, not on file"),
            Self::InUse => ("在用", "in use"),
            Self::Suspended => ("停用", "suspended"),
            Self::Destroyed => ("已销毁", "destroyed"),
        };
        Bilingual::new(zh, en)
    }

    /// Where an act leads from here. A seal that was there before the register may be put on file at once.
    ///
    /// # Errors
    /// [`SealActRefused`].
    pub fn after(from: Option<Self>, act: SealAct) -> Result<Self, SealActRefused> {
        Ok(match (from, act) {
            (None, SealAct::Apply) => Self::Applied,
            (Some(Self::Applied), SealAct::Approve) => Self::Approved,
            (Some(Self::Approved), SealAct::Make) => Self::Made,
            (None | Some(Self::Made), SealAct::File) | (Some(Self::Suspended), SealAct::Lift) => Self::InUse,
            (Some(Self::InUse), SealAct::Suspend) => Self::Suspended,
            (Some(from @ (Self::InUse | Self::Suspended)), SealAct::Change) => from,
            (Some(from), SealAct::Destroy) if from != Self::Destroyed => Self::Destroyed,
            _ => return Err(SealActRefused { from, act }),
        })
    }

    /// The status as of an instant; acts of one instant count in their order. `None` before the first.
    pub fn at(acts: impl IntoIterator<Item = (Instant, SealAct)>, at: Instant) -> Option<Self> {
        let before = acts.into_iter().take_while(|(when, _)| *when <= at);
        before.fold(None, |status, (_, act)| Self::after(status, act).ok().or(status))
    }
}

#[cfg(test)]
mod tests {
    use super::{Instant, SealAct, SealStatus};

    #[test]
    fn a_life_is_read_off_its_acts() {
        let at = |seconds| Instant::from_seconds(seconds).unwrap();
        let life = [
            (at(1), SealAct::Apply),
            (at(2), SealAct::Approve),
            (at(3), SealAct::Make),
            (at(4), SealAct::File),
            (at(5), SealAct::Suspend),
            (at(6), SealAct::Lift),
            (at(7), SealAct::Change),
            (at(8), SealAct::Destroy),
        ];
        let status = |seconds| SealStatus::at(life, at(seconds));
        let words: Vec<_> = (0..9).map(|second| status(second).map(SealStatus::word)).collect();
        let expected =
            ["applied", "approved", "made", "in_use", "suspended", "in_use", "in_use", "destroyed"].map(Some);
        assert_eq!(words, [[None].as_slice(), &expected].concat());
        for act in SealAct::ALL {
            assert!(SealStatus::after(Some(SealStatus::Destroyed), act).is_err(), "{act:?}");
            assert_eq!(SealAct::of_word(act.word()), Some(act));
        }
        assert!(SealStatus::after(Some(SealStatus::Applied), SealAct::File).is_err());
    }
}
