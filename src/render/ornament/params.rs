//! Parameters of an ornament: read once, each within its limits, unknown names refused with the known ones listed.

use super::OrnamentError;
use crate::domain::drawing::Rgb;
use std::cell::RefCell;
use std::ops::RangeInclusive;

/// One ornament's parameters and the size of its page.
pub(super) struct Params<'a> {
    kind: &'static str,
    table: &'a toml::Table,
    known: RefCell<Vec<&'static str>>,
    pub(super) page_w: f64,
    pub(super) page_h: f64,
}

impl<'a> Params<'a> {
    pub(super) fn new(kind: &'static str, table: &'a toml::Table, page_w: f64, page_h: f64) -> Self {
        Self { kind, table, known: RefCell::default(), page_w, page_h }
    }

    /// A number within limits; whole numbers are numbers too.
    pub(super) fn number(
        &self,
        name: &'static str,
        default: f64,
        limits: RangeInclusive<f64>,
    ) -> Result<f64, OrnamentError> {
        let value = match self.lookup(name) {
            None => return Ok(default),
            Some(toml::Value::Float(v)) => *v,
            // whole numbers in a layout are millimetres: far below 2^52
            Some(toml::Value::Integer(v)) => f64::from(i32::try_from(*v).unwrap_or(i32::MAX)),
            Some(_) => return Err(self.bad(name, "a number")),
        };
        if limits.contains(&value) {
            Ok(value)
        } else {
            Err(self.bad(name, &format!("{} to {}", limits.start(), limits.end())))
        }
    }

    /// A whole number within limits.
    pub(super) fn count(
        &self,
        name: &'static str,
        default: u32,
        limits: RangeInclusive<u32>,
    ) -> Result<u32, OrnamentError> {
        let value = match self.lookup(name) {
            None => return Ok(default),
            Some(toml::Value::Integer(v)) => u32::try_from(*v).ok(),
            Some(_) => None,
        };
        value.filter(|v| limits.contains(v)).ok_or_else(|| {
            self.bad(name, &format!("a whole number from {} to {}", limits.start(), limits.end()))
        })
    }

    /// A colour `"#rrggbb"`.
    pub(super) fn colour(&self, name: &'static str, default: &str) -> Result<Rgb, OrnamentError> {
        let text = match self.lookup(name) {
            None => default,
            Some(toml::Value::String(s)) => s.as_str(),
            Some(_) => "",
        };
        rgb(text).ok_or_else(|| self.bad(name, "a colour as \"#rrggbb\""))
    }

    /// A colour that may be left out.
    pub(super) fn optional_colour(&self, name: &'static str) -> Result<Option<Rgb>, OrnamentError> {
        self.lookup(name).map(|_| self.colour(name, "")).transpose()
    }

    /// One of a few words.
    pub(super) fn choice(
        &self,
        name: &'static str,
        words: &[&'static str],
    ) -> Result<&'static str, OrnamentError> {
        let given = match self.lookup(name) {
            None => return Ok(words.first().copied().unwrap_or_default()),
            Some(toml::Value::String(s)) => s.as_str(),
            Some(_) => "",
        };
        words
            .iter()
            .copied()
            .find(|w| *w == given)
            .ok_or_else(|| self.bad(name, &format!("one of {}", words.join(", "))))
    }

    /// Refuses names that nobody asked for.
    pub(super) fn finish(&self) -> Result<(), OrnamentError> {
        let known = self.known.borrow();
        match self.table.keys().find(|key| !known.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => Err(OrnamentError::UnknownParameter {
                kind: self.kind,
                name: key.clone(),
                known: known.join(", "),
            }),
        }
    }

    fn lookup(&self, name: &'static str) -> Option<&'a toml::Value> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&name) {
            known.push(name);
        }
        self.table.get(name)
    }

    pub(super) fn bad(&self, name: &'static str, wanted: &str) -> OrnamentError {
        OrnamentError::BadParameter { kind: self.kind, name, wanted: wanted.to_owned() }
    }
}

fn rgb(text: &str) -> Option<Rgb> {
    let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.is_ascii())?;
    let part = |i: usize| u8::from_str_radix(digits.get(i..i + 2)?, 16).ok().map(|v| f32::from(v) / 255.0);
    Some(Rgb(part(0)?, part(2)?, part(4)?))
}
