//! A field as its type declares it: name, label, presence, and one of a closed set of kinds.

use super::number::NumberRules;
use super::{Bilingual, IdentityKind};

/// One field of a type or of a record inside it.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: Bilingual,
    pub(super) hint: Option<Bilingual>,
    /// Suffix of its `KZ_` key in GB/T 36903 metadata.
    pub(super) key: Option<String>,
    pub(super) presence: Presence,
    pub(super) kind: Kind,
}

/// Whether an application must state the field.
#[derive(Debug)]
pub(super) enum Presence {
    Required,
    Optional,
    /// Taken when the application does not state it.
    Default(serde_json::Value),
}

/// The closed set of field kinds.
#[derive(Debug)]
pub(super) enum Kind {
    Text { max_length: usize, multiline: bool },
    PersonName { max_length: usize },
    OrganisationName { max_length: usize },
    Place { max_length: usize },
    CitizenId,
    IdentityDocument { accepted: Vec<IdentityKind> },
    Uscc { prefixes: Vec<String> },
    Date,
    DateRange { open_end: bool },
    Choice { choices: Vec<Choice> },
    Number(NumberRules),
    Photo { min_width: u32, min_height: u32 },
    Record { fields: Vec<Field> },
    Records { fields: Vec<Field>, min_items: usize, max_items: usize },
}

/// One alternative of a choice.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choice {
    pub(super) code: String,
    pub(super) zh: String,
    pub(super) en: String,
}

impl Kind {
    /// The word type files use.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Text { .. } => "text",
            Self::PersonName { .. } => "person_name",
            Self::OrganisationName { .. } => "organisation_name",
            Self::Place { .. } => "place",
            Self::CitizenId => "citizen_id",
            Self::IdentityDocument { .. } => "identity_document",
            Self::Uscc { .. } => "uscc",
            Self::Date => "date",
            Self::DateRange { .. } => "date_range",
            Self::Choice { .. } => "choice",
            Self::Number(_) => "number",
            Self::Photo { .. } => "photo",
            Self::Record { .. } => "record",
            Self::Records { .. } => "records",
        }
    }

    /// The fields inside, of a record or a list of records.
    pub(super) fn inner(&self) -> &[Field] {
        match self {
            Self::Record { fields } | Self::Records { fields, .. } => fields,
            _ => &[],
        }
    }
}

/// The field at a dotted path, `*` or an index standing for the items of a list.
pub(super) fn lookup<'a>(fields: &'a [Field], path: &str) -> Option<&'a Field> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let field = fields.iter().find(|field| field.name == name)?;
    let Some(rest) = rest else { return Some(field) };
    match &field.kind {
        Kind::Record { fields } => lookup(fields, rest),
        Kind::Records { fields, .. } => {
            let (item, rest) = rest.split_once('.')?;
            (item == "*" || item.parse::<usize>().is_ok()).then(|| lookup(fields, rest))?
        }
        _ => None,
    }
}
