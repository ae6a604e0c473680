//! An application: what the counter filled in, after every check.

use super::problem::{Complaint, Place};
use super::value::{expand, find, record_to_json};
use super::{CertificateType, Photo, Problem, Record, Validity, Value, dates, field, statement};
use std::fmt;
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

/// 持证主体: a holder as the metadata standard (GB/T 36903) names one. `Debug` is elided.
#[derive(Clone, PartialEq, Eq)]
pub struct Holder {
    /// 持证主体.
    pub name: String,
    /// 持证主体代码.
    pub code: String,
    /// 持证主体代码类型代码: 001, 111, 414, 999 …
    pub code_type: &'static str,
}

impl Holder {
    /// 持证主体代码类型: the words of GB/T 36903 Annex A for its code type.
    #[must_use]
    pub fn code_type_name(&self) -> &'static str {
        match self.code_type {
            "001" => "统一社会信用代码",
            "111" => "公民身份号码",
            "414" => "普通护照号码",
            "511" => "台湾居民来往大陆通行证号码",
            "516" => "港澳居民来往内地通行证号码",
            _ => "其他自然人有效证件代码",
        }
    }
}

impl fmt::Debug for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Holder({}, elided)", self.code_type)
    }
}

/// Fields that passed their type's checks. [`CertificateType::accept`] is the only constructor. `Debug` is elided.
#[derive(Clone)]
pub struct Application {
    certificate_type: CertificateType,
    values: Record,
}

impl PartialEq for Application {
    fn eq(&self, other: &Self) -> bool {
        let kind = |a: &Self| (a.certificate_type.slug().to_owned(), a.certificate_type.version());
        kind(self) == kind(other) && self.values == other.values
    }
}

impl fmt::Debug for Application {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Application({}, elided)", self.slug())
    }
}

impl Application {
    pub(super) fn new(certificate_type: CertificateType, values: Record) -> Self {
        Self { certificate_type, values }
    }

    /// Slug of its type.
    #[must_use]
    pub fn slug(&self) -> &str {
        self.certificate_type.slug()
    }

    /// The type it was accepted for.
    #[must_use]
    pub fn certificate_type(&self) -> &CertificateType {
        &self.certificate_type
    }

    /// The value at a dotted path, as `adoptee.name` or `adopters.0.name`.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<&Value> {
        find(&self.values, path)
    }

    /// The value at a path as it is printed in Chinese: dates as 2026年3月17日, choices by their words,
    /// the items of `adopters.*.name` joined by 、, an absent optional field as `None`.
    #[must_use]
    pub fn display(&self, path: &str) -> Option<String> {
        statement::display(&self.values, path)
    }

    /// The records at a path; empty when absent.
    #[must_use]
    pub fn records(&self, path: &str) -> &[Record] {
        match self.value(path) {
            Some(Value::Records(records)) => records,
            Some(Value::Record(record)) => std::slice::from_ref(record),
            _ => &[],
        }
    }

    /// The photo at a path.
    #[must_use]
    pub fn photo(&self, path: &str) -> Option<&Photo> {
        match self.value(path) {
            Some(Value::Photo(photo)) => Some(photo),
            _ => None,
        }
    }

    /// The type's sentence `id` with its law chosen by the date of the act and its placeholders filled.
    #[must_use]
    pub fn statement(&self, id: &str) -> Option<String> {
        let statements = &self.certificate_type.definition().statements;
        statements.iter().find(|statement| statement.id == id)?.print(&self.values)
    }

    /// Holders, in the order of the face.
    #[must_use]
    pub fn holders(&self) -> Vec<Holder> {
        let mut holders = Vec::new();
        for paths in &self.certificate_type.definition().holders {
            let names = expand(&self.values, &paths.name);
            for (name, code) in names.iter().zip(expand(&self.values, &paths.code)) {
                let Some(name) = find(&self.values, name).and_then(Value::display) else { continue };
                let (code, code_type) = match find(&self.values, &code) {
                    Some(Value::Uscc(code)) => (code.as_str(), "001"),
                    Some(Value::CitizenId(id)) => (id.as_str(), "111"),
                    Some(Value::Identity(document)) => {
                        (document.number(), document.kind().holder_code_type())
                    }
                    _ => continue,
                };
                holders.push(Holder { name, code: code.to_owned(), code_type });
            }
        }
        holders
    }

    /// What makes a second certificate "the same": canonical text of the type's matter fields, one
    /// `path=JSON` a line. Holds personal data: keep it only under a keyed digest.
    #[must_use]
    pub fn matter(&self) -> String {
        let mut text = String::new();
        for path in &self.certificate_type.definition().matter {
            for path in expand(&self.values, path) {
                let value = find(&self.values, &path).map_or(serde_json::Value::Null, Value::to_json);
                text.push_str(&format!("{path}={value}\n"));
            }
        }
        text
    }

    /// The last day of validity by the type's rule; `None` is 长期.
    #[must_use]
    pub fn valid_until(&self, issued: Date) -> Option<Date> {
        match self.certificate_type.validity() {
            Validity::Unlimited => None,
            Validity::Years(years) => dates::years_after(issued, i32::from(*years))?.previous_day(),
            Validity::Field(path) => match self.value(path) {
                Some(Value::DateRange(_, to)) => *to,
                _ => None,
            },
        }
    }

    /// The first day of validity by the type's rule.
    #[must_use]
    pub fn valid_from(&self, issued: Date) -> Date {
        match self.certificate_type.validity() {
            Validity::Field(path) => self.value(path).and_then(Value::day).unwrap_or(issued),
            Validity::Unlimited | Validity::Years(_) => issued,
        }
    }

    /// What is worth a second look but no reason to refuse, as an organisation code inside a
    /// unified social credit code that does not fit GB 11714.
    #[must_use]
    pub fn remarks(&self) -> Vec<Problem> {
        let mut remarks = Vec::new();
        for (path, label) in self.certificate_type.labels() {
            for path in expand(&self.values, &path) {
                let Some(Value::Uscc(code)) = find(&self.values, &path) else { continue };
                if code.organisation_code_fits() {
                    continue;
                }
                let place = path.split('.').fold(Place::root(), |place, segment| place.member(segment, None));
                remarks.push(place.problem_verbatim(Complaint::new(
                    "uscc.organisation_code",
                    format!("{}：第9至17位不符合组织机构代码的校验规则（GB 11714），请核对", label.zh),
                    format!("{}: characters 9 to 17 fail the check of GB 11714; check them", label.en),
                )));
            }
        }
        remarks
    }

    /// The application as JSON that `accept` reads back to an equal application, fields in face order.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        ordered(&self.certificate_type.definition().fields, record_to_json(&self.values))
    }

    /// Every printed text with its concrete path, in face order.
    pub(super) fn printed(&self) -> Vec<(String, String)> {
        let labels = self.certificate_type.labels();
        let paths = labels.iter().flat_map(|(path, _)| expand(&self.values, path));
        paths
            .filter_map(|path| Some((find(&self.values, &path)?.display()?, path)))
            .map(|(v, p)| (p, v))
            .collect()
    }
}

/// Members in the order of the fields instead of the alphabet.
fn ordered(fields: &[field::Field], json: serde_json::Value) -> serde_json::Value {
    use serde_json::Value as Json;
    let Json::Object(mut members) = json else { return json };
    let mut sorted = serde_json::Map::new();
    for field in fields {
        let Some(member) = members.remove(&field.name) else { continue };
        let inner = field.kind.inner();
        let member = match member {
            Json::Array(items) => Json::Array(items.into_iter().map(|item| ordered(inner, item)).collect()),
            other if !inner.is_empty() => ordered(inner, other),
            other => other,
        };
        sorted.insert(field.name.clone(), member);
    }
    Json::Object(sorted)
}
