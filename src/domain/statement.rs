//! Sentences that cite law: which wording applies is decided by the date of the act, never by today.
//!
//! 收养法 and 婚姻法 hold for acts before 2021-01-01, 民法典 from that day. A statement lists its wordings in order;
//! the first that applies is printed. A wording applies when the act is before its `before`, its `when` holds and every
//! field it names has a value.

use super::value::{Record, Value, expand, find};
use time::Date;

/// A sentence of a type.
#[derive(Debug)]
pub(super) struct Statement {
    pub(super) id: String,
    /// Path of the date of the act.
    pub(super) by: Option<String>,
    pub(super) variants: Vec<Variant>,
}

/// One wording.
#[derive(Debug)]
pub(super) struct Variant {
    pub(super) before: Option<Date>,
    /// A choice field and the code it must have.
    pub(super) when: Option<(String, String)>,
    /// Words, each followed by the path of a field, save the last.
    pub(super) parts: Vec<(String, Option<String>)>,
}

impl Statement {
    /// The wording that applies, filled in.
    pub(super) fn print(&self, values: &Record) -> Option<String> {
        let act = self.by.as_ref().and_then(|path| find(values, path)).and_then(Value::day);
        self.variants.iter().find_map(|variant| variant.print(values, act))
    }
}

impl Variant {
    fn print(&self, values: &Record, act: Option<Date>) -> Option<String> {
        if self.before.is_some_and(|before| act.is_none_or(|act| act >= before)) {
            return None;
        }
        if let Some((path, wanted)) = &self.when {
            let Some(Value::Choice { code, .. }) = find(values, path) else { return None };
            if code != wanted {
                return None;
            }
        }
        let mut text = String::new();
        for (words, path) in &self.parts {
            text.push_str(words);
            if let Some(path) = path {
                text.push_str(&display(values, path)?);
            }
        }
        Some(text)
    }
}

/// The value at a path as printed; the items of a `*` joined by 、.
pub(super) fn display(values: &Record, path: &str) -> Option<String> {
    let printed: Vec<String> =
        expand(values, path).iter().filter_map(|path| find(values, path).and_then(Value::display)).collect();
    if printed.is_empty() { None } else { Some(printed.join("、")) }
}

/// Splits `words{path}words{path}words`. A brace cannot be printed.
pub(super) fn split_placeholders(text: &str) -> Result<Vec<(String, Option<String>)>, String> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((words, after)) = rest.split_once('{') {
        let (path, after) = after.split_once('}').ok_or_else(|| format!("a {{ is not closed in: {text}"))?;
        if words.contains('}') {
            return Err(format!("a }} is not opened in: {text}"));
        }
        parts.push((words.to_owned(), Some(path.to_owned())));
        rest = after;
    }
    if rest.contains('}') {
        return Err(format!("a }} is not opened in: {text}"));
    }
    parts.push((rest.to_owned(), None));
    Ok(parts)
}
