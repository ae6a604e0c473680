//! 公民身份号码: the 18-character number of GB 11643, which also stands on 港澳台居民居住证.

use super::problem::Complaint;
use super::{AcceptContext, check_digits, dates, text};
use std::fmt;
use time::{Date, Month};

/// First two digits in use: the provinces, 71 (Taiwan), 81–83 (residents of Hong Kong, Macao, Taiwan).
/// Districts below are not checked: people keep the code of a district that no longer exists.
const PROVINCES: [&str; 35] = [
    "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
    "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
    "83",
];
/// The province of the invented people of the demonstration.
pub(super) const UNREAL_PROVINCE: &str = "99";
const OLDEST_YEARS: i32 = 150;

/// Sex, as the identity number records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sex {
    /// 男.
    Male,
    /// 女.
    Female,
}

/// A citizen identity number with right check character and a real birth date. `Debug` is elided.
#[derive(Clone, PartialEq, Eq)]
pub struct CitizenId {
    number: String,
    birth_date: Date,
}

impl CitizenId {
    pub(super) fn parse(raw: &str, context: &AcceptContext<'_>) -> Result<Self, Complaint> {
        let number = text::code(raw);
        shape(&number)?;
        let province = &number[..2];
        if province == UNREAL_PROVINCE && !context.demo {
            return Err(unreal_region());
        }
        if province != UNREAL_PROVINCE && !PROVINCES.contains(&province) {
            return Err(Complaint::new(
                "citizen_id.province",
                "前两位不是任何省级地区的代码，请核对身份证",
                "the first two digits are no province's code; check the card",
            ));
        }
        let birth_date = birth_date(&number, 6, context.today)?;
        if check_digits::citizen_id(&number[..17]) != number.chars().last() {
            return Err(check_digit());
        }
        Ok(Self { number, birth_date })
    }

    /// The 18 characters, `X` in upper case.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.number
    }

    /// Digits 7 to 14.
    #[must_use]
    pub fn birth_date(&self) -> Date {
        self.birth_date
    }

    /// Digit 17: odd for men.
    #[must_use]
    pub fn sex(&self) -> Sex {
        sex_of(&self.number)
    }
}

impl fmt::Debug for CitizenId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CitizenId(elided)")
    }
}

pub(super) fn sex_of(number: &str) -> Sex {
    let odd = number.as_bytes().get(16).is_some_and(|digit| digit % 2 == 1);
    if odd { Sex::Male } else { Sex::Female }
}

pub(super) fn check_digit() -> Complaint {
    Complaint::new(
        "citizen_id.check_digit",
        "号码有误：最后一位校验码与前17位不符，请逐位核对",
        "a digit is wrong: the last character does not fit the first 17; compare digit by digit",
    )
}

fn unreal_region() -> Complaint {
    Complaint::new(
        "citizen_id.unreal_region",
        "99开头的地区是虚构的，只能用于演示",
        "region 99 is invented and accepted in demonstrations only",
    )
}

fn shape(number: &str) -> Result<(), Complaint> {
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if number.len() == 15 && digits(number) {
        return Err(Complaint::new(
            "citizen_id.fifteen_digits",
            "15位旧号码自2013年起停用，请按现行身份证填写18位号码",
            "15-digit numbers ended in 2013; give the 18 characters of the present card",
        ));
    }
    let well_formed = number.len() == 18
        && number.is_ascii()
        && digits(&number[..17])
        && matches!(number.as_bytes()[17], b'0'..=b'9' | b'X');
    if well_formed {
        return Ok(());
    }
    Err(Complaint::new(
        "citizen_id.format",
        "应为18位：前17位数字，最后一位是数字或X",
        "must be 18 characters: 17 digits, then a digit or X",
    ))
}

/// The birth date in eight digits of an all-ASCII `number` from byte `at`.
pub(super) fn birth_date(number: &str, at: usize, today: Date) -> Result<Date, Complaint> {
    let unreal = || {
        Complaint::new(
            "citizen_id.birth_date",
            "号码中的出生日期不存在、在将来或者早于150年前，请核对",
            "the birth date in the number does not exist, lies ahead, or more than 150 years back; check it",
        )
    };
    let part = |from: usize, to: usize| number.get(at + from..at + to).ok_or_else(unreal);
    let month = part(4, 6)?.parse::<u8>().ok().and_then(|m| Month::try_from(m).ok()).ok_or_else(unreal)?;
    let year = part(0, 4)?.parse().map_err(|_| unreal())?;
    let day = part(6, 8)?.parse().map_err(|_| unreal())?;
    let date = Date::from_calendar_date(year, month, day).map_err(|_| unreal())?;
    let oldest = dates::years_after(today, -OLDEST_YEARS).unwrap_or(Date::MIN);
    if date > today || date < oldest { Err(unreal()) } else { Ok(date) }
}
