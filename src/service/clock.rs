//! The machine's clock: the one place that asks it what time it is.

use crate::domain::Instant;

/// Now, in whole milliseconds.
///
/// # Panics
/// Never on a machine whose clock stands between 1970 and 9999.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "every other room is handed the instant")]
pub fn now() -> Instant {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis())
        .ok()
        .and_then(Instant::from_millis)
        .unwrap_or_else(|| Instant::from_seconds(0).expect("the epoch is an instant"))
}
