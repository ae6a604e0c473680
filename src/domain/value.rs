//! Values of fields that passed their checks.

use super::{CitizenId, IdentityDocument, Number, Photo, Uscc, dates};
use base64::Engine as _;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;
use std::fmt;

/// Field name → value, of one record.
pub type Record = BTreeMap<String, Value>;

/// A checked value. The kinds are a closed set; the type file names them. `Debug` is elided.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// Text that is printed as it stands: text, name, place.
    Text(String),
    /// 公民身份号码.
    CitizenId(CitizenId),
    /// An identity document of one of several kinds.
    Identity(IdentityDocument),
    /// 统一社会信用代码.
    Uscc(Uscc),
    /// A day.
    Date(time::Date),
    /// First and last day, both included; an open end is 长期.
    DateRange(time::Date, Option<time::Date>),
    /// A member of the field's list: code and printed words.
    Choice {
        /// Stable code.
        code: String,
        /// Printed words.
        zh: String,
        /// English words.
        en: String,
    },
    /// An exact decimal number.
    Number(Number),
    /// A picture of the holder.
    Photo(Photo),
    /// One person, event or other record.
    Record(Record),
    /// Persons, events or other records, in the order given.
    Records(Vec<Record>),
}

impl Value {
    /// As printed in Chinese: dates as 2026年3月17日, choices by their words, documents by their number.
    /// `None` for what is not printed as one text: photos and records.
    #[must_use]
    pub fn display(&self) -> Option<String> {
        Some(match self {
            Self::Text(text) => text.clone(),
            Self::CitizenId(id) => id.as_str().to_owned(),
            Self::Identity(document) => document.number().to_owned(),
            Self::Uscc(code) => code.as_str().to_owned(),
            Self::Date(date) => dates::chinese(*date),
            Self::DateRange(from, to) => dates::chinese_range(*from, *to),
            Self::Choice { zh, .. } => zh.clone(),
            Self::Number(number) => number.display(),
            Self::Photo(_) | Self::Record(_) | Self::Records(_) => return None,
        })
    }

    /// The day, or the first day of a range.
    pub(super) fn day(&self) -> Option<time::Date> {
        match self {
            Self::Date(date) | Self::DateRange(date, _) => Some(*date),
            _ => None,
        }
    }

    /// As an application writes it.
    pub(super) fn to_json(&self) -> Json {
        match self {
            Self::Text(text) => json!(text),
            Self::CitizenId(id) => json!(id.as_str()),
            Self::Identity(document) => {
                json!({ "type": document.kind().code(), "number": document.number() })
            }
            Self::Uscc(code) => json!(code.as_str()),
            Self::Date(date) => json!(dates::iso(*date)),
            Self::DateRange(from, to) => json!({ "from": dates::iso(*from), "to": to.map(dates::iso) }),
            Self::Choice { code, .. } => json!(code),
            Self::Number(number) => number.to_json(),
            Self::Photo(photo) => json!(base64::engine::general_purpose::STANDARD.encode(&photo.jpeg)),
            Self::Record(record) => record_to_json(record),
            Self::Records(records) => Json::Array(records.iter().map(record_to_json).collect()),
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "Text",
            Self::CitizenId(_) => "CitizenId",
            Self::Identity(_) => "Identity",
            Self::Uscc(_) => "Uscc",
            Self::Date(_) => "Date",
            Self::DateRange(..) => "DateRange",
            Self::Choice { .. } => "Choice",
            Self::Number(_) => "Number",
            Self::Photo(_) => "Photo",
            Self::Record(_) => "Record",
            Self::Records(_) => "Records",
        }
    }
}

pub(super) fn record_to_json(record: &Record) -> Json {
    Json::Object(record.iter().map(|(name, value)| (name.clone(), value.to_json())).collect())
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}(elided)", self.kind())
    }
}

/// The value at a dotted path, list items by their index from 0.
pub(super) fn find<'a>(record: &'a Record, path: &str) -> Option<&'a Value> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let value = record.get(name)?;
    let Some(rest) = rest else { return Some(value) };
    match value {
        Value::Record(inner) => find(inner, rest),
        Value::Records(items) => {
            let (index, rest) = rest.split_once('.')?;
            find(items.get(index.parse::<usize>().ok()?)?, rest)
        }
        _ => None,
    }
}

/// Every concrete path that a path with at most one `*` stands for, in order.
pub(super) fn expand(record: &Record, path: &str) -> Vec<String> {
    let Some((list, rest)) = path.split_once(".*") else { return vec![path.to_owned()] };
    let count = match find(record, list) {
        Some(Value::Records(items)) => items.len(),
        _ => 0,
    };
    (0..count).map(|index| format!("{list}.{index}{rest}")).collect()
}
