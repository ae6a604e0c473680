//! Values of fields that passed their checks.

use std::collections::BTreeMap;

/// A decoded, re-encoded photo without any metadata.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Photo {
    /// Baseline JPEG, as written by this program.
    pub jpeg: Vec<u8>,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Field name → value, of one record.
pub type Record = BTreeMap<String, Value>;

/// A checked value. The kinds are a closed set; the type file names them.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Anything that is printed as it stands: text, name, number, code, place.
    Text(String),
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
    /// A picture of the holder.
    Photo(Photo),
    /// Persons, events or other records, in the order given.
    Records(Vec<Record>),
}
