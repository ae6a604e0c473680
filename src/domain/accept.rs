//! Reads an application: the one door through which outside data becomes an [`Application`].
//!
//! Every field is read whatever the others were like, then the cross-checks run over what could be read, so that all
//! problems come back together, in the order of the type's fields.

use super::field::{Field, Kind, Presence};
use super::identity_document::{IdentityDocument, IdentityKind};
use super::problem::{Complaint, Place, Problem};
use super::text::{self, TextRules};
use super::value::{Record, Value};
use super::{
    AcceptContext, Application, Bilingual, CertificateType, CitizenId, Number, Repertoire, Uscc, dates, photo,
};
use base64::Engine as _;
use serde_json::{Map, Value as Json};

/// Unknown members reported one by one; a file of another type would otherwise list hundreds.
const UNKNOWN_REPORTED: usize = 20;

type Read = Result<Value, Vec<Complaint>>;

impl CertificateType {
    /// Reads a JSON application.
    ///
    /// # Errors
    /// All problems at once, in the order of the type's fields.
    pub fn accept(&self, raw: &Json, context: &AcceptContext<'_>) -> Result<Application, Vec<Problem>> {
        let Json::Object(members) = raw else {
            let complaint = Complaint::new(
                "application.not_an_object",
                "申请应为一个 JSON 对象",
                "the application must be a JSON object",
            );
            return Err(vec![Place::root().problem(complaint)]);
        };
        let definition = self.definition();
        let mut reader = Reader { context, problems: Vec::new() };
        let values = reader.record(&definition.fields, members, &Place::root());
        let mut problems = reader.problems;
        for rule in &definition.rules {
            rule.check(&definition.fields, &values, context.today, &mut problems);
        }
        if problems.is_empty() {
            return Ok(Application::new(self.clone(), values));
        }
        problems.sort_by_cached_key(|problem| order(&definition.fields, &problem.pointer));
        Err(problems)
    }
}

/// Position of a pointer in the order of the fields; what no field explains comes last.
fn order(fields: &[Field], pointer: &str) -> Vec<usize> {
    let mut fields = fields;
    let mut key = Vec::new();
    for segment in pointer.split('/').skip(1) {
        let position = fields.iter().position(|field| field.name == segment);
        match (position, segment.parse()) {
            (Some(position), _) => {
                key.push(position);
                fields = fields[position].kind.inner();
            }
            (None, Ok(index)) => key.push(index),
            (None, Err(_)) => key.push(usize::MAX),
        }
    }
    key
}

/// A default of a type file must pass its own field's checks. The reason is for the type's author.
pub(super) fn check_default(field: &Field, value: &Json) -> Result<(), String> {
    struct All;
    impl Repertoire for All {
        fn has(&self, _: char) -> bool {
            true
        }
    }
    let context = AcceptContext { today: time::macros::date!(2199 - 12 - 31), demo: true, repertoire: &All };
    let mut reader = Reader { context: &context, problems: Vec::new() };
    reader.value(field, value, &Place::root());
    match reader.problems.first() {
        None => Ok(()),
        Some(problem) => Err(problem.message.en.clone()),
    }
}

/// ASCII as in the names of fields, and no room for a number.
fn like_a_field(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let letters = name.bytes().all(|byte| byte.is_ascii_graphic());
    (1..=64).contains(&name.len()) && letters && digits <= 3
}

struct Reader<'a> {
    context: &'a AcceptContext<'a>,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    /// What could be read of the record; what could not is in `problems`.
    fn record(&mut self, fields: &[Field], members: &Map<String, Json>, place: &Place) -> Record {
        let mut record = Record::new();
        for field in fields {
            let place = place.member(&field.name, Some(&field.label));
            let raw = match (members.get(&field.name), &field.presence) {
                (Some(raw), _) => raw,
                (None, Presence::Default(value)) => value,
                (None, Presence::Optional) => continue,
                (None, Presence::Required) => {
                    self.refuse(
                        &place,
                        Complaint::new("field.required", "必填，请填写", "is required; fill it in"),
                    );
                    continue;
                }
            };
            if let Some(value) = self.value(field, raw, &place) {
                record.insert(field.name.clone(), value);
            }
        }
        let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        self.unknown(members, &known, place);
        record
    }

    fn unknown(&mut self, members: &Map<String, Json>, known: &[&str], place: &Place) {
        for name in members.keys().filter(|name| !known.contains(&name.as_str())).take(UNKNOWN_REPORTED) {
            // A pointer must not become a way to echo arbitrary text, as a person's name or number.
            let place = if like_a_field(name) { place.member(name, None) } else { place.clone() };
            self.refuse(
                &place,
                Complaint::new(
                    "field.unknown",
                    "此类证照没有这一项，请删除或者核对名称",
                    "is not a field of this type; remove it or check its name",
                ),
            );
        }
    }

    fn refuse(&mut self, place: &Place, complaint: Complaint) {
        self.problems.push(place.problem(complaint));
    }

    fn value(&mut self, field: &Field, raw: &Json, place: &Place) -> Option<Value> {
        match &field.kind {
            Kind::Record { fields } => {
                let members = self.object(raw, place)?;
                Some(Value::Record(self.record(fields, members, place)))
            }
            Kind::Records { fields, min_items, max_items } => {
                self.records(fields, raw, *min_items..=*max_items, place).map(Value::Records)
            }
            Kind::DateRange { open_end } => self.date_range(raw, *open_end, place),
            Kind::IdentityDocument { accepted } => self.identity_document(raw, accepted, place),
            kind => match scalar(kind, raw, self.context) {
                Ok(value) => Some(value),
                Err(complaints) => {
                    complaints.into_iter().for_each(|complaint| self.refuse(place, complaint));
                    None
                }
            },
        }
    }

    fn object<'j>(&mut self, raw: &'j Json, place: &Place) -> Option<&'j Map<String, Json>> {
        if let Json::Object(members) = raw {
            return Some(members);
        }
        self.refuse(place, wrong_type("一个对象（{…}）", "an object ({…})"));
        None
    }

    fn records(
        &mut self,
        fields: &[Field],
        raw: &Json,
        count: std::ops::RangeInclusive<usize>,
        place: &Place,
    ) -> Option<Vec<Record>> {
        let Json::Array(items) = raw else {
            self.refuse(place, wrong_type("一个列表（[…]）", "a list ([…])"));
            return None;
        };
        let (min, max) = (count.start(), count.end());
        if items.len() < *min {
            let complaint =
                Complaint::new("records.too_few", format!("至少{min}项"), format!("needs at least {min}"));
            self.refuse(place, complaint);
        }
        if items.len() > *max {
            let complaint =
                Complaint::new("records.too_many", format!("最多{max}项"), format!("holds at most {max}"));
            self.refuse(place, complaint);
        }
        let mut records = Vec::new();
        for (index, item) in items.iter().take(*max).enumerate() {
            let place = place.item(index);
            // A refused item keeps its seat, so that the cross-checks count as the application does.
            let record = self.object(item, &place).map(|members| self.record(fields, members, &place));
            records.push(record.unwrap_or_default());
        }
        Some(records)
    }

    fn date_range(&mut self, raw: &Json, open_end: bool, place: &Place) -> Option<Value> {
        let members = self.object(raw, place)?;
        self.unknown(members, &["from", "to"], place);
        let from =
            self.day(members.get("from"), &place.member("from", Some(&Bilingual::new("开始", "first day"))));
        let to_place = place.member("to", Some(&Bilingual::new("截止", "last day")));
        let to = match members.get("to") {
            Some(Json::Null) if open_end => Some(None),
            other => self.day(other, &to_place).map(Some),
        };
        let (from, to) = (from?, to?);
        if to.is_some_and(|to| to < from) {
            self.refuse(
                &to_place,
                Complaint::new(
                    "date_range.reversed",
                    "早于开始日期，请核对",
                    "lies before the first day; check both",
                ),
            );
            return None;
        }
        Some(Value::DateRange(from, to))
    }

    fn day(&mut self, raw: Option<&Json>, place: &Place) -> Option<time::Date> {
        let read = match raw {
            None => Err(Complaint::new("field.required", "必填，请填写", "is required; fill it in")),
            Some(Json::String(text)) => dates::parse(text),
            Some(_) => Err(wrong_type("文字，例如 \"2026-03-17\"", "text such as \"2026-03-17\"")),
        };
        read.map_err(|complaint| self.refuse(place, complaint)).ok()
    }

    fn identity_document(&mut self, raw: &Json, accepted: &[IdentityKind], place: &Place) -> Option<Value> {
        let members = self.object(raw, place)?;
        self.unknown(members, &["type", "number"], place);
        let kind_place = place.member("type", Some(&Bilingual::new("种类", "kind")));
        let kind = match members.get("type") {
            None => Err(Complaint::new("field.required", "必填，请选择", "is required; choose one")),
            Some(Json::String(code)) => IdentityKind::from_code(code)
                .filter(|kind| accepted.contains(kind))
                .ok_or_else(|| not_listed(accepted.iter().map(|kind| (kind.code(), kind.words())))),
            Some(_) => Err(wrong_type("文字", "text")),
        };
        let kind = kind.map_err(|complaint| self.refuse(&kind_place, complaint)).ok();
        let number_place = place.member("number", Some(&Bilingual::new("号码", "number")));
        let number = match members.get("number") {
            None => Err(Complaint::new("field.required", "必填，请填写", "is required; fill it in")),
            Some(Json::String(number)) => Ok(number),
            Some(_) => Err(wrong_type("文字，号码要加引号", "text; put the number in quotes")),
        };
        let number = number.map_err(|complaint| self.refuse(&number_place, complaint)).ok();
        match IdentityDocument::parse(kind?, number?, self.context) {
            Ok(document) => Some(Value::Identity(document)),
            Err(complaints) => {
                complaints.into_iter().for_each(|complaint| self.refuse(&number_place, complaint));
                None
            }
        }
    }
}

/// Kinds that are one JSON string or number.
fn scalar(kind: &Kind, raw: &Json, context: &AcceptContext<'_>) -> Read {
    if let Kind::Number(rules) = kind {
        let Json::Number(number) = raw else {
            return Err(vec![wrong_type("数字，不加引号", "a number, without quotes")]);
        };
        return Number::parse(number, rules).map(Value::Number).map_err(one);
    }
    let Json::String(raw) = raw else {
        return Err(vec![wrong_type("文字，即引号中的内容", "text in quotes")]);
    };
    let clean = |multiline, max_length, raw: &str| {
        text::clean(raw, &TextRules { multiline, max_length, repertoire: context.repertoire })
    };
    match kind {
        Kind::Text { max_length, multiline } => clean(*multiline, *max_length, raw).map(Value::Text),
        Kind::PersonName { max_length } => {
            let name = clean(false, *max_length, &text::unify_name_dots(raw))?;
            text::person_name(&name).map_err(one)?;
            Ok(Value::Text(name))
        }
        Kind::OrganisationName { max_length } | Kind::Place { max_length } => {
            let name = clean(false, *max_length, raw)?;
            text::has_two_letters(&name).map_err(one)?;
            Ok(Value::Text(name))
        }
        Kind::CitizenId => CitizenId::parse(raw, context).map(Value::CitizenId).map_err(one),
        Kind::Uscc { prefixes } => {
            let code = Uscc::parse(raw, context.demo).map_err(one)?;
            if !prefixes.is_empty()
                && !prefixes.iter().any(|prefix| code.as_str().starts_with(prefix.as_str()))
            {
                return Err(vec![wrong_prefix(prefixes)]);
            }
            Ok(Value::Uscc(code))
        }
        Kind::Date => dates::parse(raw).map(Value::Date).map_err(one),
        Kind::Choice { choices } => {
            let chosen = choices.iter().find(|choice| choice.code == *raw).ok_or_else(|| {
                let words = choices.iter().map(|c| (c.code.as_str(), Bilingual::new(&*c.zh, &*c.en)));
                one(not_listed(words))
            })?;
            Ok(Value::Choice { code: chosen.code.clone(), zh: chosen.zh.clone(), en: chosen.en.clone() })
        }
        Kind::Photo { min_width, min_height } => picture(raw, (*min_width, *min_height)),
        Kind::Number(_)
        | Kind::DateRange { .. }
        | Kind::IdentityDocument { .. }
        | Kind::Record { .. }
        | Kind::Records { .. } => Err(vec![wrong_type("文字", "text")]),
    }
}

fn picture(raw: &str, least: (u32, u32)) -> Read {
    // Base64 is a third longer than what it carries; longer text is not decoded at all.
    if raw.len() > photo::BYTES_LIMIT / 3 * 4 + 8 {
        return Err(vec![photo::too_large()]);
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(raw).map_err(|_| {
        one(Complaint::new(
            "photo.base64",
            "照片应为图片文件的 Base64 编码（不含“data:”前缀）",
            "the photo must be the picture file in Base64, without a “data:” prefix",
        ))
    })?;
    photo::read(&bytes, least).map(Value::Photo).map_err(one)
}

fn one(complaint: Complaint) -> Vec<Complaint> {
    vec![complaint]
}

fn wrong_type(zh: &str, en: &str) -> Complaint {
    Complaint::new("field.wrong_type", format!("应为{zh}"), format!("must be {en}"))
}

fn wrong_prefix(prefixes: &[String]) -> Complaint {
    Complaint::new(
        "uscc.prefix",
        format!("前两位应为{}，请核对是否为此类组织", prefixes.join("、")),
        format!("must begin with {}; is it this kind of organisation?", prefixes.join(", ")),
    )
}

fn not_listed<'a>(choices: impl Iterator<Item = (&'a str, Bilingual)>) -> Complaint {
    let words: Vec<Bilingual> = choices
        .map(|(code, words)| {
            Bilingual::new(format!("{code}（{}）", words.zh), format!("{code} ({})", words.en))
        })
        .collect();
    let words = text::alternatives(&words);
    Complaint::new(
        "choice.not_listed",
        format!("应为下列之一：{}", words.zh),
        format!("must be one of: {}", words.en),
    )
}
