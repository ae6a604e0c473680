//! A point in time, always handed in as an argument; only the service floor asks the machine.

use time::{Date, OffsetDateTime, UtcOffset};

/// Milliseconds since 1970-01-01T00:00:00Z. Range: the years 1 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

/// Beijing time, UTC+08:00: the day borders of every Chinese certificate.
const BEIJING: UtcOffset = time::macros::offset!(+8);

impl Instant {
    /// From milliseconds since the epoch; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_millis(millis: i64) -> Option<Self> {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok()?;
        Some(Self(millis))
    }

    /// From seconds since the epoch; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_seconds(seconds: i64) -> Option<Self> {
        Self::from_millis(seconds.checked_mul(1000)?)
    }

    /// From GeneralizedTime as DER and RFC 3161 write it, `YYYYMMDDHHMMSS[.f…]Z`, fractions cut off; `None` otherwise.
    #[must_use]
    pub fn from_generalized(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
        let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.len() != 14 || !digits(whole) || !digits(fraction) {
            return None;
        }
        let small = |from: usize, to: usize| whole.get(from..to)?.parse::<u8>().ok();
        let year = whole.get(..4)?.parse::<i32>().ok()?;
        let day = Date::from_calendar_date(year, time::Month::try_from(small(4, 6)?).ok()?, small(6, 8)?);
        let clock = time::Time::from_hms(small(8, 10)?, small(10, 12)?, small(12, 14)?);
        Self::from_seconds(day.ok()?.with_time(clock.ok()?).assume_utc().unix_timestamp())
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The same point in time as civil date and time in Beijing.
    #[must_use]
    pub fn beijing(self) -> OffsetDateTime {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(self.0) * 1_000_000)
            .unwrap_or(OffsetDateTime::UNIX_EPOCH)
            .to_offset(BEIJING)
    }

    /// The day in Beijing on which this instant lies.
    #[must_use]
    pub fn beijing_date(self) -> Date {
        self.beijing().date()
    }

    /// RFC 3339 in Beijing time with whole seconds, as `2026-11-24T12:00:00+08:00`.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let t = self.beijing();
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}+08:00",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )
    }

    /// As GeneralizedTime of DER: UTC, whole seconds, `20261124040000Z`.
    #[must_use]
    pub fn generalized(self) -> String {
        let t = self.beijing().to_offset(UtcOffset::UTC);
        let (month, day) = (u8::from(t.month()), t.day());
        format!("{:04}{month:02}{day:02}{:02}{:02}{:02}Z", t.year(), t.hour(), t.minute(), t.second())
    }

    /// As ISO 32000-1 §7.9.4 writes it, in Beijing time: `D:20261124120000+08'00'`.
    #[must_use]
    pub fn pdf_date(self) -> String {
        let t = self.beijing();
        format!(
            "D:{:04}{:02}{:02}{:02}{:02}{:02}+08'00'",
            t.year(),
            u8::from(t.month()),
            t.day(),
            t.hour(),
            t.minute(),
            t.second()
        )
    }

    /// RFC 3339 in Beijing time with milliseconds, as `2026-11-24T12:00:00.000+08:00`: read back, it is the same instant.
    #[must_use]
    pub fn rfc3339_millis(self) -> String {
        let whole = self.rfc3339();
        let (seconds, zone) = whole.split_at(whole.len() - "+08:00".len());
        format!("{seconds}.{:03}{zone}", self.0.rem_euclid(1000))
    }

    /// Reads RFC 3339 with any zone; parts of a millisecond are cut off.
    #[must_use]
    pub fn from_rfc3339(text: &str) -> Option<Self> {
        let parsed = OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339).ok()?;
        Self::from_millis(i64::try_from(parsed.unix_timestamp_nanos().div_euclid(1_000_000)).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_written_so_that_it_can_be_read_back() {
        for millis in [0, 1, -1, 1_795_000_000_123, -62_135_596_800_000] {
            let instant = Instant::from_millis(millis).unwrap();
            assert_eq!(Instant::from_rfc3339(&instant.rfc3339_millis()), Some(instant));
        }
        let noon = Instant::from_rfc3339("2026-11-24T04:00:00Z").unwrap();
        assert_eq!(noon.rfc3339_millis(), "2026-11-24T12:00:00.000+08:00");
        assert_eq!(Instant::from_rfc3339("2026-11-24"), None);
    }
}
