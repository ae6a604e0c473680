//! Grants that stand: when the ledger cannot take a new decision, what it already holds still holds.
//!
//! A full disk must not keep a counter from reading what it was allowed to read a minute ago. Only the very same
//! decision stands (caller, right and target), only once it was on record, and only for a while; whatever changes
//! something is never done on the strength of it.

use super::access::Right;
use crate::domain::Instant;
use std::collections::HashMap;
use std::sync::Mutex;

/// Seconds a recorded grant stands.
const STANDS: i64 = 3600;
/// Grants remembered at most; further ones do not stand.
const MOST: usize = 10_000;

/// Recorded grants of reads.
#[derive(Default)]
pub(super) struct Standing(Mutex<HashMap<Grant, Instant>>);

/// Caller, right, target.
type Grant = (String, &'static str, String);

impl Standing {
    /// Notes a grant that is on record.
    pub(super) fn note(&self, caller: &str, right: Right, target: Option<&str>, now: Instant) {
        let (Some(grant), Ok(mut grants)) = (grant(caller, right, target), self.0.lock()) else { return };
        if grants.len() >= MOST {
            grants.retain(|_, noted| stands(*noted, now));
        }
        if grants.len() < MOST {
            grants.insert(grant, now);
        }
    }

    /// Whether the same was granted on record, not long ago.
    pub(super) fn holds(&self, caller: &str, right: Right, target: Option<&str>, now: Instant) -> bool {
        let (Some(grant), Ok(grants)) = (grant(caller, right, target), self.0.lock()) else { return false };
        grants.get(&grant).is_some_and(|noted| stands(*noted, now))
    }
}

fn stands(noted: Instant, now: Instant) -> bool {
    (0..STANDS).contains(&(now.seconds() - noted.seconds()))
}

/// Reads only: everything else must be on record each time.
fn grant(caller: &str, right: Right, target: Option<&str>) -> Option<Grant> {
    let reads = matches!(right, Right::Read | Right::Audit | Right::Operate);
    reads.then(|| (caller.to_owned(), right.word(), target.unwrap_or_default().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Instant {
        Instant::from_seconds(1_800_000_000 + seconds).unwrap()
    }

    #[test]
    fn only_the_same_read_stands_and_only_for_an_hour() {
        let standing = Standing::default();
        standing.note("a", Right::Read, Some("x"), at(0));
        standing.note("a", Right::Act, Some("x"), at(0));
        assert!(standing.holds("a", Right::Read, Some("x"), at(3599)));
        let others = [
            ("a", Right::Read, Some("x"), 3600),
            ("a", Right::Read, Some("x"), -1),
            ("a", Right::Read, Some("y"), 0),
            ("a", Right::Read, None, 0),
            ("b", Right::Read, Some("x"), 0),
            ("a", Right::Audit, Some("x"), 0),
            ("a", Right::Act, Some("x"), 0),
        ];
        for (caller, right, target, after) in others {
            assert!(
                !standing.holds(caller, right, target, at(after)),
                "{caller} {right:?} {target:?} {after}"
            );
        }
    }

    #[test]
    fn memory_is_bounded_and_old_grants_make_room() {
        let standing = Standing::default();
        let name = |n: usize| format!("caller-{n}");
        (0..=MOST).for_each(|n| standing.note(&name(n), Right::Read, None, at(0)));
        assert!(standing.holds(&name(MOST - 1), Right::Read, None, at(0)));
        assert!(!standing.holds(&name(MOST), Right::Read, None, at(0)));
        standing.note(&name(MOST), Right::Read, None, at(3600));
        assert!(standing.holds(&name(MOST), Right::Read, None, at(3600)));
    }
}
