//! `type.toml` as written: the serde shape, and the checks that turn it into a definition.
//!
//! The first thing wrong is reported with its place.

use super::certificate_type::Definition;
use super::field::{Kind, Presence};
use super::number_pattern::NumberPattern;
use super::type_fields::{FieldEntry, fields};
use super::type_paths::{Paths, RuleEntry, StatementEntry};
use super::{Bilingual, HolderKind, PublicLookup, Sensitivity, Validity};
use serde::Deserialize;

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

/// Reads a type file; the error is the reason with its place.
pub(super) fn read(slug: &str, text: &str) -> Result<Definition, String> {
    let mut file: TypeFile = toml::from_str(text).map_err(|error| toml_reason(text, &error))?;
    check_head(slug, &file)?;
    let number = NumberPattern::parse(&file.number)?;
    let fields = fields(std::mem::take(&mut file.field), "field")?;
    let paths = Paths(&fields);
    check_paths(&file, &paths)?;
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

fn check_head(slug: &str, file: &TypeFile) -> Result<(), String> {
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
    Ok(())
}

fn check_paths(file: &TypeFile, paths: &Paths<'_>) -> Result<(), String> {
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
                && !path.contains('*')
        })?;
    }
    if matches!(file.validity, Validity::Years(0 | 101..)) {
        return Err("validity: years must lie between 1 and 100".to_owned());
    }
    Ok(())
}

fn toml_reason(text: &str, error: &toml::de::Error) -> String {
    let line =
        error.span().map(|span| text.get(..span.start).map_or(0, |before| before.matches('\n').count() + 1));
    match line {
        Some(line) => format!("line {line}: {}", error.message()),
        None => error.message().to_owned(),
    }
}

pub(super) fn unique<'a>(names: impl Iterator<Item = &'a str>, what: &str) -> Result<(), String> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(format!("{what} `{name}` occurs twice"));
        }
    }
    Ok(())
}
