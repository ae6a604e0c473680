//! Times as seals write them.

use super::SesError;
use super::deviation::{Deviation, note};
use crate::asn1::{Tlv, tag};
use crate::domain::Instant;
use time::{Date, Month, Time, UtcOffset};

/// A UTCTime or GeneralizedTime, whichever stands there.
pub(super) fn time(
    value: Tlv<'_>,
    wanted: u8,
    field: &'static str,
    deviations: &mut Vec<Deviation>,
) -> Result<Instant, SesError> {
    let found = match value.tag {
        tag::UTC_TIME => utc_time(value.content),
        tag::GENERALIZED_TIME => generalized(value.content),
        _ => None,
    };
    let found = found.ok_or(SesError::Time { field })?;
    if value.tag != wanted {
        note(deviations, Deviation::TimeType { field });
    }
    Ok(found)
}

/// `YYMMDDHHMMSSZ` or with `+hhmm`; 50 to 99 are the last century's (X.509, RFC 5280 §4.1.2.5.1).
pub(super) fn utc_time(content: &[u8]) -> Option<Instant> {
    let text = std::str::from_utf8(content).ok()?;
    let short = two(text, 0)?;
    let year = i32::from(short).checked_add(if short < 50 { 2000 } else { 1900 })?;
    moment(year, text.get(2..)?)
}

/// `YYYYMMDDHHMMSSZ`, with a fraction of a second or `+hhmm`.
pub(super) fn generalized(content: &[u8]) -> Option<Instant> {
    let text = std::str::from_utf8(content).ok()?;
    let year = i32::from(two(text, 0)?).checked_mul(100)?.checked_add(i32::from(two(text, 2)?))?;
    moment(year, text.get(4..)?)
}

/// `yyyy-MM-dd HH:mm:ss` without a zone, taken as Beijing time.
pub(super) fn plain(content: &[u8]) -> Option<Instant> {
    let text = std::str::from_utf8(content).ok()?;
    let shape = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        10 => byte == b' ' || byte == b'T',
        13 | 16 => byte == b':',
        _ => byte.is_ascii_digit(),
    });
    if !shape || text.len() != 19 {
        return None;
    }
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    generalized(format!("{digits}+0800").as_bytes())
}

/// `MMDDHHMMSS`, perhaps a fraction, and the zone, which must be there.
fn moment(year: i32, text: &str) -> Option<Instant> {
    let month = Month::try_from(two(text, 0)?).ok()?;
    let day = Date::from_calendar_date(year, month, two(text, 2)?).ok()?;
    let clock = Time::from_hms(two(text, 4)?, two(text, 6)?, two(text, 8)?).ok()?;
    let mut zone = text.get(10..)?;
    if let Some(fraction) = zone.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        zone = if digits > 0 { fraction.get(digits..)? } else { return None };
    }
    let offset = match zone.as_bytes() {
        [b'Z'] => UtcOffset::UTC,
        [sign @ (b'+' | b'-'), _, _, _, _] => {
            let (hours, minutes) = (two(zone, 1)?, two(zone, 3)?);
            let seconds =
                i32::from(hours).checked_mul(60)?.checked_add(i32::from(minutes))?.checked_mul(60)?;
            UtcOffset::from_whole_seconds(if *sign == b'+' { seconds } else { seconds.checked_neg()? })
                .ok()?
        }
        _ => return None,
    };
    Instant::from_seconds(day.with_time(clock).assume_offset(offset).unix_timestamp())
}

fn two(text: &str, from: usize) -> Option<u8> {
    let digits = text.get(from..from.checked_add(2)?)?;
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: Option<Instant>) -> String {
        time.map_or_else(|| "none".to_owned(), Instant::rfc3339)
    }

    #[test]
    fn times_are_read_as_they_are_met() {
        assert_eq!(at(generalized(b"20240229160000Z")), "2024-03-01T00:00:00+08:00");
        assert_eq!(at(generalized(b"20240229160000.125Z")), "2024-03-01T00:00:00+08:00");
        assert_eq!(at(generalized(b"20240301000000+0800")), "2024-03-01T00:00:00+08:00");
        assert_eq!(at(utc_time(b"140101000000Z")), "2014-01-01T08:00:00+08:00");
        assert_eq!(at(utc_time(b"991231235959Z")), "2000-01-01T07:59:59+08:00");
        assert_eq!(at(plain(b"2024-03-01 00:00:00")), "2024-03-01T00:00:00+08:00");
    }

    #[test]
    fn what_is_no_time_is_none() {
        let texts: [&[u8]; 10] = [
            b"",
            b"20240230000000Z",
            b"20240229240000Z",
            b"20240229000060Z",
            b"20240229000000",
            b"20240229000000.Z",
            b"20240229000000Zx",
            b"2024022900000aZ",
            b"20240229000000+9900",
            "2024022900000零Z".as_bytes(),
        ];
        for text in texts {
            assert_eq!(generalized(text), None, "{}", String::from_utf8_lossy(text));
            assert_eq!(plain(text), None);
        }
        assert_eq!(utc_time(b"20240229000000Z"), None);
        assert_eq!(plain(b"2024/03/01 00:00:00"), None);
    }
}
