//! One thing wrong with an application, for a person and for a program.

use super::Bilingual;
use serde::Serialize;

/// A refusal of one field. All problems of an application come back together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// RFC 6901 pointer into the application, as `/adopters/0/document/number`.
    pub pointer: String,
    /// Stable code, as `citizen_id.check_digit`.
    pub code: &'static str,
    /// What is wrong and what to do. Never repeats a personal value.
    pub message: Bilingual,
}

/// What a check says of a value before it is known where the value stands.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Complaint {
    pub(super) code: &'static str,
    pub(super) message: Bilingual,
}

impl Complaint {
    pub(super) fn new(code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { code, message: Bilingual::new(zh, en) }
    }
}

/// Where a value stands: its pointer for programs and its labels for people.
#[derive(Clone)]
pub(super) struct Place {
    pointer: String,
    label: Bilingual,
}

impl Place {
    pub(super) fn root() -> Self {
        Self { pointer: String::new(), label: Bilingual::new("", "") }
    }

    /// The labels that lead here.
    pub(super) fn label(&self) -> Bilingual {
        self.label.clone()
    }

    /// The member `name` of the object that stands here.
    pub(super) fn member(&self, name: &str, label: Option<&Bilingual>) -> Self {
        let label = match label {
            None => self.label.clone(),
            Some(own) if self.label.zh.is_empty() => own.clone(),
            Some(own) => Bilingual::new(
                format!("{} · {}", self.label.zh, own.zh),
                format!("{}, {}", self.label.en, own.en),
            ),
        };
        Self { pointer: format!("{}/{}", self.pointer, name.replace('~', "~0").replace('/', "~1")), label }
    }

    /// Item `index`, from 0, of the list that stands here.
    pub(super) fn item(&self, index: usize) -> Self {
        let label = Bilingual::new(
            format!("{}（第{}项）", self.label.zh, index + 1),
            format!("{} ({})", self.label.en, index + 1),
        );
        Self { pointer: format!("{}/{index}", self.pointer), label }
    }

    /// The complaint as a problem at this place, led by the field's label.
    pub(super) fn problem(&self, complaint: Complaint) -> Problem {
        let Complaint { code, message } = complaint;
        if self.label.zh.is_empty() {
            return Problem { pointer: self.pointer.clone(), code, message };
        }
        let message = Bilingual::new(
            format!("{}：{}", self.label.zh, message.zh),
            format!("{}: {}", self.label.en, message.en),
        );
        Problem { pointer: self.pointer.clone(), code, message }
    }

    /// The complaint as a problem at this place, in exactly its own words.
    pub(super) fn problem_verbatim(&self, complaint: Complaint) -> Problem {
        Problem { pointer: self.pointer.clone(), code: complaint.code, message: complaint.message }
    }
}
