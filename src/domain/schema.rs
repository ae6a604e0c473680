//! JSON Schema 2020-12 of an application: what a form or a client can know before it asks.
//!
//! The schema says no more than structure can: what it refuses `accept` refuses too, save that `accept` forgives outer
//! white space and full-width digits. Check digits, calendars, fonts and cross-checks are `accept`'s alone.

use super::field::{Field, Kind, Presence};
use super::{CertificateType, IdentityKind, photo};
use serde_json::{Map, Value as Json, json};

impl CertificateType {
    /// JSON Schema 2020-12 of an application.
    #[must_use]
    pub fn schema(&self) -> Json {
        let mut schema = Map::new();
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema
            .insert("$id".to_owned(), json!(format!("urn:yinzheng:type:{}:{}", self.slug(), self.version())));
        schema.insert("title".to_owned(), json!(format!("{} {}", self.name().zh, self.name().en)));
        schema.insert("description".to_owned(), json!("签发申请 Application for a certificate of this type"));
        schema.extend(object(&self.definition().fields));
        Json::Object(schema)
    }
}

fn object(fields: &[Field]) -> Map<String, Json> {
    let properties: Map<String, Json> =
        fields.iter().map(|field| (field.name.clone(), property(field))).collect();
    let required: Vec<&str> = fields
        .iter()
        .filter(|field| matches!(field.presence, Presence::Required))
        .map(|field| field.name.as_str())
        .collect();
    let mut object = Map::new();
    object.insert("type".to_owned(), json!("object"));
    object.insert("properties".to_owned(), Json::Object(properties));
    object.insert("required".to_owned(), json!(required));
    object.insert("additionalProperties".to_owned(), json!(false));
    object
}

fn property(field: &Field) -> Json {
    let mut property = Map::new();
    property.insert("title".to_owned(), json!(format!("{} {}", field.label.zh, field.label.en)));
    if let Some(hint) = &field.hint {
        property.insert("description".to_owned(), json!(format!("{} {}", hint.zh, hint.en)));
    }
    if let Presence::Default(value) = &field.presence {
        property.insert("default".to_owned(), value.clone());
    }
    if let Json::Object(kind) = kind(&field.kind) {
        property.extend(kind);
    }
    Json::Object(property)
}

fn kind(kind: &Kind) -> Json {
    match kind {
        Kind::Text { max_length, multiline: false }
        | Kind::PersonName { max_length }
        | Kind::OrganisationName { max_length }
        | Kind::Place { max_length } => {
            json!({ "type": "string", "minLength": 1, "maxLength": max_length, "pattern": r"^[^\r\n]*\S[^\r\n]*$" })
        }
        Kind::Text { max_length, multiline: true } => {
            json!({ "type": "string", "minLength": 1, "maxLength": max_length, "pattern": r"\S" })
        }
        Kind::CitizenId => json!({ "type": "string", "pattern": IdentityKind::CitizenId.pattern() }),
        Kind::IdentityDocument { accepted } => identity_document(accepted),
        Kind::Uscc { prefixes } => json!({ "type": "string", "pattern": uscc_pattern(prefixes) }),
        Kind::Date => date(),
        Kind::DateRange { open_end } => date_range(*open_end),
        Kind::Choice { choices } => {
            let alternatives: Vec<Json> = choices
                .iter()
                .map(
                    |choice| json!({ "const": choice.code, "title": format!("{} {}", choice.zh, choice.en) }),
                )
                .collect();
            let codes: Vec<&str> = choices.iter().map(|choice| choice.code.as_str()).collect();
            json!({ "type": "string", "enum": codes, "oneOf": alternatives })
        }
        Kind::Number(rules) => {
            let kind = if rules.decimals == 0 { "integer" } else { "number" };
            json!({ "type": kind, "minimum": bound(rules.min), "maximum": bound(rules.max) })
        }
        Kind::Photo { .. } => json!({
            "type": "string",
            "contentEncoding": "base64",
            "contentMediaType": "image/jpeg",
            "maxLength": photo::BYTES_LIMIT / 3 * 4 + 8,
            "pattern": "^[A-Za-z0-9+/]+={0,2}$",
        }),
        Kind::Record { fields } => Json::Object(object(fields)),
        Kind::Records { fields, min_items, max_items } => {
            json!({ "type": "array", "minItems": min_items, "maxItems": max_items, "items": object(fields) })
        }
    }
}

/// A whole bound without `.0`.
fn bound(value: f64) -> Json {
    serde_json::from_str(&value.to_string()).unwrap_or_else(|_| json!(value))
}

fn identity_document(accepted: &[IdentityKind]) -> Json {
    let alternatives: Vec<Json> = accepted
        .iter()
        .map(|kind| {
            let words = kind.words();
            json!({
                "title": format!("{} {}", words.zh, words.en),
                "properties": { "type": { "const": kind.code() }, "number": { "pattern": kind.pattern() } },
            })
        })
        .collect();
    let codes: Vec<&str> = accepted.iter().map(|kind| kind.code()).collect();
    json!({
        "type": "object",
        "properties": {
            "type": { "type": "string", "enum": codes },
            "number": { "type": "string", "minLength": 3, "maxLength": 40 },
        },
        "required": ["type", "number"],
        "additionalProperties": false,
        "oneOf": alternatives,
    })
}

fn uscc_pattern(prefixes: &[String]) -> String {
    const SYMBOL: &str = "[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]";
    if prefixes.is_empty() {
        return format!("^{SYMBOL}{{18}}$");
    }
    format!("^({}){SYMBOL}{{16}}$", prefixes.join("|"))
}

fn date() -> Json {
    json!({ "type": "string", "format": "date", "pattern": "^(18[5-9][0-9]|19[0-9]{2}|2[01][0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$" })
}

fn date_range(open_end: bool) -> Json {
    let to = if open_end {
        json!({ "anyOf": [date(), { "type": "null", "title": "长期 no end" }] })
    } else {
        date()
    };
    json!({
        "type": "object",
        "properties": { "from": date(), "to": to },
        "required": ["from", "to"],
        "additionalProperties": false,
    })
}
