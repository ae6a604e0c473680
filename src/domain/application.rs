//! An application: what the counter filled in, after every check.

use super::{CertificateType, Photo, Problem, Record, Value};
use time::Date;

/// Which characters the fonts can draw. A character no font has is a refused field.
pub trait Repertoire {
    /// True when some font has an outline for `c`.
    fn has(&self, c: char) -> bool;
}

/// What the checks need to know of the world.
pub struct AcceptContext<'a> {
    /// Today in Beijing.
    pub today: Date,
    /// Demo mode: the unreal province 99 is accepted, and only then.
    pub demo: bool,
    /// The fonts.
    pub repertoire: &'a dyn Repertoire,
}

/// 持证主体: a holder as the metadata standard (GB/T 36903) names one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// 持证主体.
    pub name: String,
    /// 持证主体代码.
    pub code: String,
    /// 持证主体代码类型代码: 001, 111, 414, 999 …
    pub code_type: &'static str,
}

/// Fields that passed their type's checks. `CertificateType::accept` is the only constructor.
#[derive(Clone, Debug, PartialEq)]
pub struct Application {
    slug: String,
    values: Record,
}

impl CertificateType {
    /// Reads a JSON application.
    ///
    /// # Errors
    /// All problems at once, in the order of the type's fields.
    pub fn accept(&self, _raw: &serde_json::Value, _context: &AcceptContext<'_>) -> Result<Application, Vec<Problem>> {
        todo!()
    }
}

impl Application {
    /// Slug of its type.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.slug
    }

    /// The value at a dotted path, as `adoptee.name` or `adopters.0.name`.
    #[must_use]
    pub fn value(&self, _path: &str) -> Option<&Value> {
        let _ = &self.values;
        todo!()
    }

    /// The value at a path as it is printed in Chinese: dates as 2026年3月17日, choices by their words,
    /// an absent optional field as `None`.
    #[must_use]
    pub fn display(&self, _path: &str) -> Option<String> {
        todo!()
    }

    /// The records at a path; empty when absent.
    #[must_use]
    pub fn records(&self, _path: &str) -> &[Record] {
        todo!()
    }

    /// The photo at a path.
    #[must_use]
    pub fn photo(&self, _path: &str) -> Option<&Photo> {
        todo!()
    }

    /// The type's sentence `id` with its law chosen by the date of the act and its placeholders filled.
    #[must_use]
    pub fn statement(&self, _id: &str) -> Option<String> {
        todo!()
    }

    /// Holders, in the order of the face.
    #[must_use]
    pub fn holders(&self) -> Vec<Holder> {
        todo!()
    }

    /// What makes a second certificate "the same": canonical text of the type's matter fields.
    #[must_use]
    pub fn matter(&self) -> String {
        todo!()
    }

    /// The last day of validity by the type's rule; `None` is 长期.
    #[must_use]
    pub fn valid_until(&self, _issued: Date) -> Option<Date> {
        todo!()
    }

    /// The application as JSON that `accept` reads back to an equal application.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        todo!()
    }
}
