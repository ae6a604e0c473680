//! What a certificate says: the value at each path a layout may name.

use super::LayoutError;
use super::layout::{Body, Condition, Layout, Phrase};
use crate::domain::{Application, CertificateType, Particulars, Photo, Value};
use time::Date;

/// Everything a layout can ask about one certificate.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) kind: &'a CertificateType,
    pub(super) application: &'a Application,
    pub(super) particulars: &'a Particulars,
    item: Option<(&'a str, usize)>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(
        kind: &'a CertificateType,
        application: &'a Application,
        particulars: &'a Particulars,
    ) -> Self {
        Self { kind, application, particulars, item: None }
    }

    /// The same facts seen from record `index` of a list: `item.…` means its fields.
    pub(super) fn of_item(self, list: &'a str, index: usize) -> Self {
        Self { item: Some((list, index)), ..self }
    }

    /// How many records a list has.
    pub(super) fn count(&self, list: &str) -> usize {
        self.application.records(list).len()
    }

    /// The photo at a path.
    pub(super) fn photo(&self, path: &str) -> Option<&'a Photo> {
        self.application.photo(path)
    }

    /// The words at a path.
    pub(super) fn value(&self, path: &str) -> Option<String> {
        let p = self.particulars;
        let day = p.issued_at.beijing_date();
        let words = match path {
            "certificate.number" => p.number.clone(),
            "certificate.code" => p.code.clone(),
            "certificate.identifier" => p.identifier.clone(),
            "certificate.verify_url" => p.verify_url.clone(),
            "certificate.type" => self.kind.name().zh.clone(),
            "certificate.type_en" => self.kind.name().en.clone(),
            "certificate.valid_from" | "issued_on" => chinese_date(day),
            "certificate.valid_until" => chinese_date(p.valid_until?),
            "issuer.name" => p.issuer.name.zh.clone(),
            "issuer.name_en" => p.issuer.name.en.clone(),
            "issuer.uscc" => p.issuer.uscc.clone(),
            "issued_on_iso" => format!("{:04}-{:02}-{:02}", day.year(), u8::from(day.month()), day.day()),
            "issued_on_en" => format!("{} {} {}", day.day(), day.month(), day.year()),
            "issued_on_hanzi" => hanzi_date(day),
            _ => return self.field(path),
        };
        Some(words)
    }

    fn field(&self, path: &str) -> Option<String> {
        if let Some(id) = path.strip_prefix("statement.") {
            return self.application.statement(id);
        }
        let Some(field) = path.strip_prefix("item.") else {
            return self.application.display(path);
        };
        let (list, index) = self.item?;
        match field {
            "number" => Some((index + 1).to_string()),
            "hanzi" => Some(hanzi_number(u32::try_from(index + 1).ok()?)),
            _ => self.application.display(&format!("{list}.{index}.{field}")),
        }
    }

    /// True when a condition holds; no condition always does.
    pub(super) fn holds(&self, condition: Option<&Condition>) -> bool {
        let Some(condition) = condition else { return true };
        match condition {
            Condition::Has(path) => self.has(path),
            Condition::Lacks(path) => !self.has(path),
            Condition::Is(path, words) => self.is(path, words),
            Condition::IsNot(path, words) => !self.is(path, words),
        }
    }

    fn has(&self, path: &str) -> bool {
        self.value(path).is_some() || self.count(path) > 0 || self.photo(path).is_some()
    }

    fn is(&self, path: &str, words: &str) -> bool {
        let full = match (path.strip_prefix("item."), self.item) {
            (Some(field), Some((list, index))) => format!("{list}.{index}.{field}"),
            _ => path.to_owned(),
        };
        matches!(self.application.value(&full), Some(Value::Choice { code, .. }) if code == words)
            || self.value(path).as_deref() == Some(words)
    }

    /// A phrase with its placeholders filled.
    pub(super) fn fill(&self, phrase: &Phrase) -> Option<String> {
        phrase.fill(|path| self.value(path))
    }
}

/// 2026年3月17日.
fn chinese_date(day: Date) -> String {
    format!("{}年{}月{}日", day.year(), u8::from(day.month()), day.day())
}

const HANZI: [char; 10] = ['〇', '一', '二', '三', '四', '五', '六', '七', '八', '九'];

/// 二〇二六年三月十七日.
fn hanzi_date(day: Date) -> String {
    let year: String = day
        .year()
        .to_string()
        .chars()
        .filter_map(|c| c.to_digit(10))
        .filter_map(|d| HANZI.get(usize::try_from(d).ok()?))
        .collect();
    format!(
        "{year}年{}月{}日",
        hanzi_number(u32::from(u8::from(day.month()))),
        hanzi_number(u32::from(day.day()))
    )
}

/// 1 to 99 as 一, 十, 十二, 二十, 九十九; larger numbers as digits.
fn hanzi_number(number: u32) -> String {
    let digit = |d: u32| HANZI.get(usize::try_from(d).unwrap_or(0)).copied().unwrap_or('〇');
    let mut words = String::new();
    match (number / 10, number % 10) {
        (0, ones) => words.push(digit(ones)),
        (tens, ones) if tens < 10 => {
            if tens > 1 {
                words.push(digit(tens));
            }
            words.push('十');
            if ones > 0 {
                words.push(digit(ones));
            }
        }
        _ => words = number.to_string(),
    }
    words
}

/// Paths that belong to every certificate.
const COMMON: [&str; 14] = [
    "certificate.number",
    "certificate.code",
    "certificate.identifier",
    "certificate.verify_url",
    "certificate.type",
    "certificate.type_en",
    "certificate.valid_from",
    "certificate.valid_until",
    "issuer.name",
    "issuer.name_en",
    "issuer.uscc",
    "issued_on",
    "issued_on_iso",
    "issued_on_en",
];

/// Refuses a layout that names a path its type does not have, so that a misspelt field is found when the
/// service starts and not as a line missing from a certificate.
pub(super) fn check_paths(layout: &Layout, kind: &CertificateType) -> Result<(), LayoutError> {
    let known: Vec<String> = kind.labels().into_iter().map(|(path, _)| path).collect();
    let check = |block: &str, path: &str, list: Option<&str>| {
        if is_known(path, list, &known) {
            Ok(())
        } else {
            Err(LayoutError::UnknownPath { block: block.to_owned(), path: path.to_owned() })
        }
    };
    for block in layout.all_blocks() {
        if let Some(condition) = &block.when {
            check(&block.name, condition.path(), None)?;
        }
        for (list, paths) in block.body.paths() {
            for path in paths {
                check(&block.name, path, list)?;
            }
        }
    }
    Ok(())
}

fn is_known(path: &str, list: Option<&str>, known: &[String]) -> bool {
    if COMMON.contains(&path) || path == "issued_on_hanzi" || path.starts_with("statement.") {
        return true;
    }
    let full = match (path.strip_prefix("item."), list) {
        (Some("number" | "hanzi"), Some(_)) => return true,
        (Some(field), Some(list)) => format!("{list}.*.{field}"),
        (Some(_), None) => return false,
        (None, _) => path.to_owned(),
    };
    let pattern: Vec<&str> = full
        .split('.')
        .map(|part| if part.bytes().all(|b| b.is_ascii_digit()) { "*" } else { part })
        .collect();
    let pattern = pattern.join(".");
    known.iter().any(|known| {
        *known == pattern || known.strip_prefix(pattern.as_str()).is_some_and(|rest| rest.starts_with('.'))
    })
}

impl Body {
    /// The paths a block names, each group with the list its `item.…` paths speak of.
    fn paths(&self) -> Vec<(Option<&str>, Vec<&str>)> {
        match self {
            Self::Text(b) => vec![(None, b.text.paths().collect())],
            Self::Paragraph(b) => vec![(None, b.text.paths().collect())],
            Self::Issuer(b) => vec![(None, b.text.paths().chain(b.date.paths()).collect())],
            Self::Qr(b) => vec![(None, b.caption.iter().flat_map(Phrase::paths).collect())],
            Self::Photo(b) => vec![(None, vec![b.path.as_str()])],
            Self::Rows(b) => {
                let cells = b.row.iter().flat_map(|row| {
                    row.label.paths().chain(row.value.paths()).chain(row.when.iter().map(Condition::path))
                });
                vec![
                    (b.each.as_deref(), cells.collect()),
                    (None, b.each.iter().map(String::as_str).collect()),
                ]
            }
            Self::Table(b) => {
                let cells = b.column.iter().flat_map(|column| column.value.paths());
                vec![(Some(b.each.as_str()), cells.collect()), (None, vec![b.each.as_str()])]
            }
            Self::Seal(_) | Self::Line(_) | Self::Box(_) | Self::Flow(_) | Self::Space(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_dates_in_hanzi() {
        let words: Vec<String> = [1, 10, 12, 20, 31, 99, 100].into_iter().map(hanzi_number).collect();
        assert_eq!(words, ["一", "十", "十二", "二十", "三十一", "九十九", "100"]);
        assert_eq!(hanzi_date(time::macros::date!(2020 - 10 - 21)), "二〇二〇年十月二十一日");
        assert_eq!(chinese_date(time::macros::date!(2020 - 03 - 07)), "2020年3月7日");
    }

    #[test]
    fn paths_are_known_by_the_type() {
        let known = ["adoptee.name".to_owned(), "adopters.*.name".to_owned(), "photo".to_owned()];
        for (path, list) in [
            ("adoptee.name", None),
            ("adoptee", None),
            ("adopters", None),
            ("adopters.0.name", None),
            ("item.name", Some("adopters")),
            ("item.number", Some("adopters")),
            ("issued_on", None),
        ] {
            assert!(is_known(path, list, &known), "{path}");
        }
        for (path, list) in
            [("adoptee.nmae", None), ("adopt", None), ("item.name", None), ("item.nmae", Some("adopters"))]
        {
            assert!(!is_known(path, list, &known), "{path}");
        }
    }
}
