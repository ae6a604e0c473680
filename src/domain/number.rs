//! Numbers as certificates print them: decimal, exact, with a unit.

use super::problem::Complaint;

/// No number on a certificate is larger; also keeps every step below exact in `i64` and in JSON.
const LARGEST: i64 = 1_000_000_000_000_000;

/// An exact decimal number with the unit it is printed with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    scaled: i64,
    decimals: u8,
    unit: Option<String>,
}

/// What a field allows.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NumberRules {
    /// Most digits after the point, 0 to 6.
    pub(super) decimals: u8,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) unit_zh: Option<String>,
}

impl Number {
    pub(super) fn parse(raw: &serde_json::Number, rules: &NumberRules) -> Result<Self, Complaint> {
        let scaled = scale(&raw.to_string(), rules.decimals).ok_or_else(|| match rules.decimals {
            0 => Complaint::new("number.not_whole", "应为整数", "must be a whole number"),
            n => Complaint::new(
                "number.too_precise",
                format!("小数点后最多{n}位"),
                format!("has too many digits; at most {n} after the point"),
            ),
        })?;
        let value = raw.as_f64().unwrap_or(f64::NAN);
        if !(rules.min..=rules.max).contains(&value) {
            let (min, max) = (rules.min, rules.max);
            return Err(Complaint::new(
                "number.out_of_range",
                format!("应在{min}与{max}之间"),
                format!("must lie between {min} and {max}"),
            ));
        }
        Ok(Self { scaled, decimals: rules.decimals, unit: rules.unit_zh.clone() })
    }

    /// The digits without unit, no trailing zeros after the point.
    #[must_use]
    pub fn digits(&self) -> String {
        if self.decimals == 0 {
            return self.scaled.to_string();
        }
        let sign = if self.scaled < 0 { "-" } else { "" };
        let padded =
            format!("{:0>width$}", self.scaled.unsigned_abs(), width = usize::from(self.decimals) + 1);
        let (whole, fraction) = padded.split_at(padded.len() - usize::from(self.decimals));
        let fraction = fraction.trim_end_matches('0');
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// The Chinese unit it is printed with.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        self.unit.as_deref()
    }

    /// Digits and unit, as `12000.5平方米`.
    #[must_use]
    pub fn display(&self) -> String {
        format!("{}{}", self.digits(), self.unit.as_deref().unwrap_or_default())
    }

    pub(super) fn to_json(&self) -> serde_json::Value {
        serde_json::from_str(&self.digits()).unwrap_or(serde_json::Value::Null)
    }
}

/// `text` times 10^decimals, exactly; `None` when it has more digits than that or is out of bounds.
fn scale(text: &str, decimals: u8) -> Option<i64> {
    let (sign, text) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let missing = usize::from(decimals).checked_sub(fraction.len())?;
    if whole.len() > 16 || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
        return None;
    }
    let scaled: i64 = format!("{whole}{fraction}{}", "0".repeat(missing)).parse().ok()?;
    (scaled <= LARGEST).then_some(sign * scaled)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, decimals: u8) -> Result<Number, &'static str> {
        let rules = NumberRules { decimals, min: -5.0, max: 1e9, unit_zh: Some("平方米".to_owned()) };
        let raw: serde_json::Number = serde_json::from_str(text).unwrap();
        Number::parse(&raw, &rules).map_err(|c| c.code)
    }

    #[test]
    fn exact_decimals() {
        assert_eq!(read("12000.50", 2).unwrap().display(), "12000.5平方米");
        assert_eq!(read("0.05", 2).unwrap().digits(), "0.05");
        assert_eq!(read("-0.5", 2).unwrap().digits(), "-0.5");
        assert_eq!(read("7.0", 0).unwrap().digits(), "7");
        assert_eq!(read("7.5", 0), Err("number.not_whole"));
        assert_eq!(read("0.123", 2), Err("number.too_precise"));
        assert_eq!(read("1e300", 0), Err("number.not_whole"));
        assert_eq!(read("2000000000", 0), Err("number.out_of_range"));
        assert_eq!(read("-6", 0), Err("number.out_of_range"));
    }
}
