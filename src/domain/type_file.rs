//! `type.toml` as written: the serde shape, and the checks that turn it into a definition.
//!
//! Every path a type names must exist and be of the right kind, so that a certificate never fails at print time for
//! what its type file says. The first thing wrong is reported with its place.

use super::certificate_type::Definition;
use super::field::{self, Choice, Field, Kind, Presence};
use super::number::NumberRules;
use super::number_pattern::NumberPattern;
use super::rules::{Check, Limit, Rule};
use super::statement::{Statement, Variant, split_placeholders};
use super::{Bilingual, HolderKind, IdentityKind, PublicLookup, Sensitivity, Validity, dates};
use serde::Deserialize;

/// More would not fit on a certificate; stops a slip from costing memory.
const MOST_FIELDS: usize = 60;
const MOST_ITEMS: usize = 100;
const LONGEST_TEXT: usize = 2000;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypeFile {
    version: u32,
    type_code: String,
    name: Bilingual,
    subtitle: Option<Bilingual>,
    holder_kind: HolderKind,
    issuer_role: String,
    seal_role: String,
    number: String,
    sensitivity: Sensitivity,
    public_lookup: PublicLookup,
    validity: Validity,
    matter: Vec<String>,
    holder: Vec<HolderPaths>,
    field: Vec<FieldEntry>,
    #[serde(default)]
    rule: Vec<RuleEntry>,
    #[serde(default)]
    statement: Vec<StatementEntry>,
}

/// Which fields name a holder.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HolderPaths {
    pub(super) name: String,
    pub(super) code: String,
}

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
struct FieldEntry {
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

#[derive(Deserialize)]
#[serde(tag = "check", rename_all = "snake_case", deny_unknown_fields)]
enum RuleEntry {
    MatchesCitizenId { document: String, birth_date: Option<String>, sex: Option<String> },
    NotAfter { field: String, other: Option<String>, date: Option<String>, message: Option<Bilingual> },
    NotBefore { field: String, other: Option<String>, date: Option<String>, message: Option<Bilingual> },
    NotInFuture { field: String, message: Option<Bilingual> },
    Differs { field: String, other: String, message: Option<Bilingual> },
    Unique { field: String, message: Option<Bilingual> },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatementEntry {
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

/// Reads a type file; the error is the reason with its place.
pub(super) fn read(slug: &str, text: &str) -> Result<Definition, String> {
    let file: TypeFile = toml::from_str(text).map_err(|error| toml_reason(text, &error))?;
    let sound_slug =
        !slug.is_empty() && slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if !sound_slug {
        return Err("the folder's name must be lower-case ASCII letters, digits and hyphens".to_owned());
    }
    if file.version == 0 {
        return Err("version begins with 1".to_owned());
    }
    if file.type_code.len() != 3 || !file.type_code.bytes().all(|b| b.is_ascii_digit()) {
        return Err("type_code must be three digits".to_owned());
    }
    let number = NumberPattern::parse(&file.number)?;
    let fields = fields(file.field, "field")?;
    let paths = Paths(&fields);
    for holder in &file.holder {
        paths.holder(holder)?;
    }
    if file.holder.is_empty() {
        return Err("a certificate needs a [[holder]]".to_owned());
    }
    if file.matter.is_empty() {
        return Err("matter names no field".to_owned());
    }
    for path in &file.matter {
        paths.printable(path, "matter")?;
    }
    if let Validity::Field(path) = &file.validity {
        paths.of_kind(path, "validity", "a required date_range", |field| {
            matches!((&field.kind, &field.presence), (Kind::DateRange { .. }, Presence::Required))
        })?;
    }
    if matches!(file.validity, Validity::Years(0 | 101..)) {
        return Err("validity: years must lie between 1 and 100".to_owned());
    }
    let rules = file.rule.into_iter().map(|entry| paths.rule(entry)).collect::<Result<_, _>>()?;
    let statements =
        file.statement.into_iter().map(|entry| paths.statement(entry)).collect::<Result<Vec<_>, _>>()?;
    unique(statements.iter().map(|s| s.id.as_str()), "statement id")?;
    Ok(Definition {
        slug: slug.to_owned(),
        version: file.version,
        type_code: file.type_code,
        name: file.name,
        subtitle: file.subtitle,
        holder_kind: file.holder_kind,
        issuer_role: file.issuer_role,
        seal_role: file.seal_role,
        number,
        sensitivity: file.sensitivity,
        public_lookup: file.public_lookup,
        validity: file.validity,
        matter: file.matter,
        holders: file.holder,
        fields,
        rules,
        statements,
    })
}

fn toml_reason(text: &str, error: &toml::de::Error) -> String {
    let line =
        error.span().map(|span| text.get(..span.start).map_or(0, |before| before.matches('\n').count() + 1));
    match line {
        Some(line) => format!("line {line}: {}", error.message()),
        None => error.message().to_owned(),
    }
}

fn unique<'a>(names: impl Iterator<Item = &'a str>, what: &str) -> Result<(), String> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("{what} `{name}` occurs twice"));
        }
    }
    Ok(())
}

fn fields(entries: Vec<FieldEntry>, place: &str) -> Result<Vec<Field>, String> {
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
        super::accept::check_default(&field, value)
            .map_err(|reason| format!("{place}: default: {reason}"))?;
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

/// The fields a path may lead to.
struct Paths<'a>(&'a [Field]);

impl Paths<'_> {
    fn of_kind(
        &self,
        path: &str,
        place: &str,
        wanted: &str,
        fits: impl Fn(&Field) -> bool,
    ) -> Result<(), String> {
        match field::lookup(self.0, path) {
            None => Err(format!("{place}: there is no field `{path}`")),
            Some(found) if fits(found) => Ok(()),
            Some(_) => Err(format!("{place}: `{path}` must be {wanted}")),
        }
    }

    fn printable(&self, path: &str, place: &str) -> Result<(), String> {
        self.of_kind(path, place, "a field that is printed as text", |field| {
            !matches!(field.kind, Kind::Photo { .. } | Kind::Record { .. } | Kind::Records { .. })
        })
    }

    fn date(&self, path: &str, place: &str) -> Result<(), String> {
        self.of_kind(path, place, "a date or date_range", |field| {
            matches!(field.kind, Kind::Date | Kind::DateRange { .. })
        })
    }

    fn holder(&self, holder: &HolderPaths) -> Result<(), String> {
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

    fn rule(&self, entry: RuleEntry) -> Result<Rule, String> {
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

    fn statement(&self, entry: StatementEntry) -> Result<Statement, String> {
        let place = format!("statement `{}`", entry.id);
        if let Some(path) = &entry.by {
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
