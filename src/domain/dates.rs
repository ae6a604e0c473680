//! Days as they are written in applications (`2026-03-17`) and on certificates (2026年3月17日).

use super::problem::Complaint;
use time::{Date, Month};

/// Earliest and latest year that can stand on a certificate: 150 years of lives before the first registry, and two
/// centuries ahead. Anything else is a slip of the pen.
const YEARS: std::ops::RangeInclusive<i32> = 1850..=2199;

/// Reads `YYYY-MM-DD`, exactly ten ASCII characters of a real calendar day.
pub(super) fn parse(raw: &str) -> Result<Date, Complaint> {
    let raw = raw.trim();
    let parts: Vec<&str> = raw.split('-').collect();
    let [year, month, day] = parts[..] else { return Err(format_complaint()) };
    let shape = [year.len(), month.len(), day.len()] == [4, 2, 2];
    if !shape || !raw.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
        return Err(format_complaint());
    }
    let unreal = || {
        Complaint::new(
            "date.not_in_calendar",
            "日历上没有这一天，请核对",
            "is no day of the calendar; check it",
        )
    };
    let year: i32 = year.parse().map_err(|_| format_complaint())?;
    let month = month.parse::<u8>().ok().and_then(|m| Month::try_from(m).ok()).ok_or_else(unreal)?;
    let date =
        Date::from_calendar_date(year, month, day.parse().map_err(|_| unreal())?).map_err(|_| unreal())?;
    if !YEARS.contains(&year) {
        let (from, to) = (YEARS.start(), YEARS.end());
        return Err(Complaint::new(
            "date.out_of_range",
            format!("年份应在{from}与{to}之间，请核对"),
            format!("has a year outside {from} to {to}; check it"),
        ));
    }
    Ok(date)
}

fn format_complaint() -> Complaint {
    Complaint::new(
        "date.format",
        "日期应写作 年-月-日，例如 2026-03-17",
        "write the date as year-month-day, for example 2026-03-17",
    )
}

/// `2026-03-17`.
pub(super) fn iso(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
}

/// `2026年3月17日`.
pub(super) fn chinese(date: Date) -> String {
    format!("{}年{}月{}日", date.year(), u8::from(date.month()), date.day())
}

/// `2026年1月1日至2029年12月31日`, or `…至长期`.
pub(super) fn chinese_range(from: Date, to: Option<Date>) -> String {
    format!("{}至{}", chinese(from), to.map_or_else(|| "长期".to_owned(), chinese))
}

/// The same day `years` later; 29 February becomes 1 March of a common year.
pub(super) fn years_after(date: Date, years: i32) -> Option<Date> {
    let year = date.year().checked_add(years)?;
    date.replace_year(year).or_else(|_| Date::from_calendar_date(year, Month::March, 1)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn reads_only_real_days_in_one_form() {
        assert_eq!(parse("2024-02-29"), Ok(date!(2024 - 02 - 29)));
        for (raw, code) in [
            ("2023-02-29", "date.not_in_calendar"),
            ("2023-13-01", "date.not_in_calendar"),
            ("2023-1-1", "date.format"),
            ("20230101", "date.format"),
            ("二〇二三年", "date.format"),
            ("-023-01-01", "date.format"),
            ("1066-10-14", "date.out_of_range"),
            ("9999-01-01", "date.out_of_range"),
            ("", "date.format"),
        ] {
            assert_eq!(parse(raw).map_err(|c| c.code), Err(code), "{raw}");
        }
    }

    #[test]
    fn prints_as_certificates_do() {
        assert_eq!(chinese(date!(2026 - 03 - 17)), "2026年3月17日");
        assert_eq!(
            chinese_range(date!(2026 - 01 - 01), Some(date!(2029 - 12 - 31))),
            "2026年1月1日至2029年12月31日"
        );
        assert_eq!(chinese_range(date!(2026 - 01 - 01), None), "2026年1月1日至长期");
        assert_eq!(years_after(date!(2024 - 02 - 29), 1), Some(date!(2025 - 03 - 01)));
        assert_eq!(iso(date!(2026 - 03 - 07)), "2026-03-07");
    }
}
