//! One thing wrong with an application, for a person and for a program.

use super::Bilingual;
use serde::Serialize;

/// A refusal of one field. All problems of an application come back together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// RFC 6901 pointer into the application, as `/adopters/0/citizen_id`.
    pub pointer: String,
    /// Stable code, as `citizen_id.check_digit`.
    pub code: &'static str,
    /// What is wrong and what to do. Never repeats a personal value.
    pub message: Bilingual,
}
