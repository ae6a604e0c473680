//! The `[[field]]` tables of a `type.toml`: their serde shape, and the checks that turn them into fields.
//!
//! An option that means nothing for the kind it stands on is refused, so that a slip is not silently ignored.

use super::field::{Choice, Field, Kind, Presence};
use super::number::NumberRules;
use super::type_file::unique;
use super::{Bilingual, IdentityKind, accept};
use serde::Deserialize;

/// More would not fit on a certificate; stops a slip from costing memory.
const MOST_FIELDS: usize = 60;
const MOST_ITEMS: usize = 100;
const LONGEST_TEXT: usize = 2000;

#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum KindName {
    Text,
    PersonName,
    OrganisationName,
    Place,
    CitizenId,
    IdentityDocument,
    Uscc,
    Date,
    DateRange,
    Choice,
    Number,
    Photo,
    Record,
    Records,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldEntry {
    name: String,
    label: Bilingual,
    hint: Option<Bilingual>,
    key: Option<String>,
    kind: KindName,
    #[serde(default)]
    optional: bool,
    default: Option<toml::Value>,
    max_length: Option<usize>,
    multiline: Option<bool>,
    accepted: Option<Vec<String>>,
    prefixes: Option<Vec<String>>,
    open_end: Option<bool>,
    choices: Option<Vec<Choice>>,
    decimals: Option<u8>,
    min: Option<f64>,
    max: Option<f64>,
    unit: Option<Bilingual>,
    min_width: Option<u32>,
    min_height: Option<u32>,
    min_items: Option<usize>,
    max_items: Option<usize>,
    fields: Option<Vec<FieldEntry>>,
}

pub(super) fn fields(entries: Vec<FieldEntry>, place: &str) -> Result<Vec<Field>, String> {
    if entries.is_empty() || entries.len() > MOST_FIELDS {
        return Err(format!("{place}: between 1 and {MOST_FIELDS} fields, not {}", entries.len()));
    }
    let fields = entries.into_iter().map(|entry| field_of(entry, place)).collect::<Result<Vec<_>, _>>()?;
    unique(fields.iter().map(|field| field.name.as_str()), place)?;
    Ok(fields)
}

fn field_of(mut entry: FieldEntry, place: &str) -> Result<Field, String> {
    let place = format!("{place} `{}`", entry.name);
    let sound = entry.name.starts_with(|c: char| c.is_ascii_lowercase())
        && entry.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !sound {
        return Err(format!("{place}: names are lower-case ASCII letters, digits and _"));
    }
    let presence = match (entry.optional, entry.default.take()) {
        (true, Some(_)) => return Err(format!("{place}: optional and default exclude each other")),
        (true, None) => Presence::Optional,
        (false, Some(value)) => Presence::Default(
            serde_json::to_value(value).map_err(|_| format!("{place}: default cannot be read"))?,
        ),
        (false, None) => Presence::Required,
    };
    let kind = kind_of(&mut entry, &place)?;
    if let Some(option) = entry.left_over() {
        return Err(format!("{place}: `{option}` means nothing for this kind"));
    }
    if entry.key.as_ref().is_some_and(|key| key.is_empty() || !key.bytes().all(|b| b.is_ascii_uppercase())) {
        return Err(format!("{place}: key must be capital letters"));
    }
    let field =
        Field { name: entry.name, label: entry.label, hint: entry.hint, key: entry.key, presence, kind };
    if let Presence::Default(value) = &field.presence {
        accept::check_default(&field, value).map_err(|reason| format!("{place}: default: {reason}"))?;
    }
    Ok(field)
}

impl FieldEntry {
    /// An option that the kind did not take.
    fn left_over(&self) -> Option<&'static str> {
        let options = [
            ("max_length", self.max_length.is_some()),
            ("multiline", self.multiline.is_some()),
            ("accepted", self.accepted.is_some()),
            ("prefixes", self.prefixes.is_some()),
            ("open_end", self.open_end.is_some()),
            ("choices", self.choices.is_some()),
            ("decimals", self.decimals.is_some()),
            ("min", self.min.is_some()),
            ("max", self.max.is_some()),
            ("unit", self.unit.is_some()),
            ("min_width", self.min_width.is_some()),
            ("min_height", self.min_height.is_some()),
            ("min_items", self.min_items.is_some()),
            ("max_items", self.max_items.is_some()),
            ("fields", self.fields.is_some()),
        ];
        options.into_iter().find_map(|(name, left)| left.then_some(name))
    }

    fn length(&mut self, usual: usize, place: &str) -> Result<usize, String> {
        let length = self.max_length.take().unwrap_or(usual);
        let sound = (1..=LONGEST_TEXT).contains(&length);
        sound
            .then_some(length)
            .ok_or_else(|| format!("{place}: max_length must lie between 1 and {LONGEST_TEXT}"))
    }
}

fn kind_of(entry: &mut FieldEntry, place: &str) -> Result<Kind, String> {
    Ok(match entry.kind {
        KindName::Text => Kind::Text {
            max_length: entry.length(100, place)?,
            multiline: entry.multiline.take().unwrap_or_default(),
        },
        KindName::PersonName => Kind::PersonName { max_length: entry.length(50, place)? },
        KindName::OrganisationName => Kind::OrganisationName { max_length: entry.length(80, place)? },
        KindName::Place => Kind::Place { max_length: entry.length(100, place)? },
        KindName::CitizenId => Kind::CitizenId,
        KindName::IdentityDocument => {
            Kind::IdentityDocument { accepted: accepted(entry.accepted.take(), place)? }
        }
        KindName::Uscc => Kind::Uscc { prefixes: prefixes(entry.prefixes.take(), place)? },
        KindName::Date => Kind::Date,
        KindName::DateRange => Kind::DateRange { open_end: entry.open_end.take().unwrap_or_default() },
        KindName::Choice => Kind::Choice { choices: choices(entry.choices.take(), place)? },
        KindName::Number => Kind::Number(number_rules(entry, place)?),
        KindName::Photo => Kind::Photo {
            // 25 × 35 mm at 300 dpi is the least that prints well at 35 × 45 mm.
            min_width: entry.min_width.take().unwrap_or(295),
            min_height: entry.min_height.take().unwrap_or(378),
        },
        KindName::Record => Kind::Record { fields: fields(entry.fields.take().unwrap_or_default(), place)? },
        KindName::Records => records(entry, place)?,
    })
}

fn accepted(codes: Option<Vec<String>>, place: &str) -> Result<Vec<IdentityKind>, String> {
    let Some(codes) = codes else { return Ok(IdentityKind::ALL.to_vec()) };
    unique(codes.iter().map(String::as_str), &format!("{place}: accepted"))?;
    let kind = |code: &String| {
        IdentityKind::from_code(code)
            .ok_or_else(|| format!("{place}: no identity document is called `{code}`"))
    };
    if codes.is_empty() {
        return Err(format!("{place}: accepted is empty"));
    }
    codes.iter().map(kind).collect()
}

fn prefixes(prefixes: Option<Vec<String>>, place: &str) -> Result<Vec<String>, String> {
    let prefixes = prefixes.unwrap_or_default();
    let sound = |prefix: &String| prefix.len() == 2 && prefix.bytes().all(|b| b.is_ascii_alphanumeric());
    if prefixes.iter().all(sound) {
        Ok(prefixes)
    } else {
        Err(format!("{place}: prefixes have two characters"))
    }
}

fn choices(choices: Option<Vec<Choice>>, place: &str) -> Result<Vec<Choice>, String> {
    let choices = choices.unwrap_or_default();
    if choices.is_empty() || choices.len() > MOST_ITEMS {
        return Err(format!("{place}: between 1 and {MOST_ITEMS} choices"));
    }
    unique(choices.iter().map(|choice| choice.code.as_str()), &format!("{place}: choice"))?;
    Ok(choices)
}

fn number_rules(entry: &mut FieldEntry, place: &str) -> Result<NumberRules, String> {
    let decimals = entry.decimals.take().unwrap_or_default();
    let (min, max) = (entry.min.take().unwrap_or(0.0), entry.max.take().unwrap_or(1e9));
    if decimals > 6 || !min.is_finite() || !max.is_finite() || min > max || max.abs().max(min.abs()) > 1e9 {
        return Err(format!("{place}: decimals up to 6, and -1e9 ≤ min ≤ max ≤ 1e9"));
    }
    Ok(NumberRules { decimals, min, max, unit_zh: entry.unit.take().map(|unit| unit.zh) })
}

fn records(entry: &mut FieldEntry, place: &str) -> Result<Kind, String> {
    let fields = fields(entry.fields.take().unwrap_or_default(), place)?;
    if fields.iter().any(|field| matches!(field.kind, Kind::Records { .. })) {
        return Err(format!("{place}: a list inside a list cannot be printed"));
    }
    let (min_items, max_items) = (entry.min_items.take().unwrap_or(1), entry.max_items.take().unwrap_or(20));
    if min_items > max_items || max_items == 0 || max_items > MOST_ITEMS {
        return Err(format!("{place}: min_items ≤ max_items, 1 ≤ max_items ≤ {MOST_ITEMS}"));
    }
    Ok(Kind::Records { fields, min_items, max_items })
}
