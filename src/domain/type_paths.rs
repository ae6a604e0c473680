//! The `[[holder]]`, `[[rule]]` and `[[statement]]` tables of a `type.toml`: every path they name must lead to a field of the
//! right kind, so that a certificate never fails at print time for what its type file says.

use super::field::{self, Field, Kind, Presence};
use super::rules::{Check, Limit, Rule};
use super::statement::{Statement, Variant, split_placeholders};
use super::type_file::HolderPaths;
use super::{Bilingual, dates};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(tag = "check", rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum RuleEntry {
    MatchesCitizenId { document: String, birth_date: Option<String>, sex: Option<String> },
    NotAfter { field: String, other: Option<String>, date: Option<String>, message: Option<Bilingual> },
    NotBefore { field: String, other: Option<String>, date: Option<String>, message: Option<Bilingual> },
    NotInFuture { field: String, message: Option<Bilingual> },
    Differs { field: String, other: String, message: Option<Bilingual> },
    Unique { field: String, message: Option<Bilingual> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatementEntry {
    id: String,
    by: Option<String>,
    variant: Vec<VariantEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VariantEntry {
    before: Option<String>,
    when: Option<WhenEntry>,
    text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WhenEntry {
    field: String,
    is: String,
}

/// The fields a path may lead to.
pub(super) struct Paths<'a>(pub(super) &'a [Field]);

impl Paths<'_> {
    pub(super) fn of_kind(
        &self,
        path: &str,
        place: &str,
        wanted: &str,
        fits: impl Fn(&Field) -> bool,
    ) -> Result<(), String> {
        match field::lookup(self.0, path) {
            Some(_) if path.split('.').any(|segment| segment.parse::<usize>().is_ok()) => {
                Err(format!("{place}: `{path}` names one item of a list; write `*`"))
            }
            None => Err(format!("{place}: there is no field `{path}`")),
            Some(found) if fits(found) => Ok(()),
            Some(_) => Err(format!("{place}: `{path}` must be {wanted}")),
        }
    }

    pub(super) fn printable(&self, path: &str, place: &str) -> Result<(), String> {
        self.of_kind(path, place, "a field that is printed as text", |field| {
            !matches!(field.kind, Kind::Photo { .. } | Kind::Record { .. } | Kind::Records { .. })
        })
    }

    /// A path to one value, not to one in every item of a list.
    fn single(path: &str, place: &str) -> Result<(), String> {
        if path.contains('*') {
            Err(format!("{place}: `{path}` must be one value, without `*`"))
        } else {
            Ok(())
        }
    }

    fn date(&self, path: &str, place: &str) -> Result<(), String> {
        self.of_kind(path, place, "a date or date_range", |field| {
            matches!(field.kind, Kind::Date | Kind::DateRange { .. })
        })
    }

    pub(super) fn holder(&self, holder: &HolderPaths) -> Result<(), String> {
        let required = |field: &Field| !matches!(field.presence, Presence::Optional);
        self.of_kind(&holder.name, "holder", "a required name", |field| {
            required(field)
                && matches!(
                    field.kind,
                    Kind::PersonName { .. } | Kind::OrganisationName { .. } | Kind::Text { .. }
                )
        })?;
        self.of_kind(&holder.code, "holder", "a required citizen_id, identity_document or uscc", |field| {
            required(field)
                && matches!(field.kind, Kind::CitizenId | Kind::IdentityDocument { .. } | Kind::Uscc { .. })
        })?;
        same_list(&holder.name, &holder.code, "holder")
    }

    pub(super) fn rule(&self, entry: RuleEntry) -> Result<Rule, String> {
        Ok(match entry {
            RuleEntry::MatchesCitizenId { document, birth_date, sex } => {
                let place = "rule matches_citizen_id";
                self.of_kind(&document, place, "a citizen_id or identity_document", |field| {
                    matches!(field.kind, Kind::CitizenId | Kind::IdentityDocument { .. })
                })?;
                if let Some(path) = &birth_date {
                    same_list(&document, path, place)?;
                    self.of_kind(path, place, "a date", |field| matches!(field.kind, Kind::Date))?;
                }
                if let Some(path) = &sex {
                    same_list(&document, path, place)?;
                    self.of_kind(path, place, "a choice of male and female", is_sex)?;
                }
                Rule { check: Check::MatchesCitizenId { birth_date, sex }, field: document, message: None }
            }
            RuleEntry::NotAfter { field, other, date, message } => {
                let check = Check::NotAfter(self.limit(&field, other, date, "rule not_after")?);
                Rule { check, field, message }
            }
            RuleEntry::NotBefore { field, other, date, message } => {
                let check = Check::NotBefore(self.limit(&field, other, date, "rule not_before")?);
                Rule { check, field, message }
            }
            RuleEntry::NotInFuture { field, message } => {
                self.date(&field, "rule not_in_future")?;
                Rule { check: Check::NotInFuture, field, message }
            }
            RuleEntry::Differs { field, other, message } => {
                self.printable(&field, "rule differs")?;
                self.printable(&other, "rule differs")?;
                same_list(&field, &other, "rule differs")?;
                Rule { check: Check::Differs { other }, field, message }
            }
            RuleEntry::Unique { field, message } => {
                self.printable(&field, "rule unique")?;
                if !field.contains(".*.") {
                    return Err(format!("rule unique: `{field}` names no items of a list"));
                }
                Rule { check: Check::Unique, field, message }
            }
        })
    }

    fn limit(
        &self,
        field: &str,
        other: Option<String>,
        date: Option<String>,
        place: &str,
    ) -> Result<Limit, String> {
        self.date(field, place)?;
        match (other, date) {
            (Some(other), None) => {
                self.date(&other, place)?;
                same_list(field, &other, place)?;
                Ok(Limit::Field(other))
            }
            (None, Some(date)) => Ok(Limit::Date(day(&date, place)?)),
            _ => Err(format!("{place}: either `other` or `date`")),
        }
    }

    pub(super) fn statement(&self, entry: StatementEntry) -> Result<Statement, String> {
        let place = format!("statement `{}`", entry.id);
        if let Some(path) = &entry.by {
            Self::single(path, &place)?;
            self.date(path, &place)?;
        }
        if entry.variant.is_empty() {
            return Err(format!("{place}: no [[statement.variant]]"));
        }
        let mut variants = Vec::new();
        for variant in entry.variant {
            if variant.before.is_some() && entry.by.is_none() {
                return Err(format!("{place}: `before` needs `by`, the date of the act"));
            }
            let before = variant.before.map(|date| day(&date, &place)).transpose()?;
            let when = variant.when.map(|when| (when.field, when.is));
            if let Some((path, code)) = &when {
                Self::single(path, &place)?;
                self.of_kind(path, &place, &format!("a choice with `{code}`"), |field| {
                    has_choice(field, code)
                })?;
            }
            let parts = split_placeholders(&variant.text).map_err(|reason| format!("{place}: {reason}"))?;
            for path in parts.iter().filter_map(|(_, path)| path.as_ref()) {
                self.printable(path, &place)?;
            }
            variants.push(Variant { before, when, parts });
        }
        Ok(Statement { id: entry.id, by: entry.by, variants })
    }
}

fn day(text: &str, place: &str) -> Result<time::Date, String> {
    dates::parse(text).map_err(|complaint| format!("{place}: {}", complaint.message.en))
}

fn has_choice(field: &Field, code: &str) -> bool {
    matches!(&field.kind, Kind::Choice { choices } if choices.iter().any(|choice| choice.code == code))
}

fn is_sex(field: &Field) -> bool {
    has_choice(field, "male") && has_choice(field, "female")
}

/// A `*` in the second path means the item of the first path's `*`.
fn same_list(first: &str, second: &str, place: &str) -> Result<(), String> {
    let list = |path: &str| path.split_once(".*").map(|(list, _)| list.to_owned());
    if list(second).is_none() || list(first) == list(second) {
        return Ok(());
    }
    Err(format!("{place}: `{second}` must walk the same list as `{first}`"))
}
