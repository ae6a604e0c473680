//! Cross-checks between fields: a closed set that type files choose from.

use super::field::{self, Field};
use super::problem::{Complaint, Place, Problem};
use super::value::{Record, Value, expand, find};
use super::{Bilingual, Sex, dates};
use time::Date;

/// One cross-check. Paths may hold one `*`; then it is checked for every item of that list.
#[derive(Debug)]
pub(super) struct Rule {
    pub(super) check: Check,
    /// The field the problem is reported at.
    pub(super) field: String,
    /// Words that replace the standard ones.
    pub(super) message: Option<Bilingual>,
}

/// The closed set of cross-checks.
#[derive(Debug)]
pub(super) enum Check {
    /// Birth date and sex are those of the identity number, when the document has one.
    MatchesCitizenId {
        birth_date: Option<String>,
        sex: Option<String>,
    },
    NotAfter(Limit),
    NotBefore(Limit),
    NotInFuture,
    /// Two documents, names or other values are not the same.
    Differs {
        other: String,
    },
    /// No two items of the list have the same value.
    Unique,
}

/// What a date is compared with.
#[derive(Debug)]
pub(super) enum Limit {
    Date(Date),
    Field(String),
}

impl Rule {
    /// Checks what was read; fields that are absent or were refused are passed over.
    pub(super) fn check(&self, fields: &[Field], values: &Record, today: Date, problems: &mut Vec<Problem>) {
        let paths = expand(values, &self.field);
        for (index, path) in paths.iter().enumerate() {
            let Some(value) = find(values, path) else { continue };
            match &self.check {
                Check::MatchesCitizenId { birth_date, sex } => {
                    for (other, complaint) in self.citizen_id(value, birth_date, sex, index, values) {
                        problems.push(self.problem(fields, &other, complaint));
                    }
                }
                Check::Unique => {
                    let earlier = paths.iter().take(index).filter_map(|path| find(values, path));
                    if earlier.into_iter().any(|other| other == value) {
                        problems.push(self.problem(fields, path, repeated()));
                    }
                }
                check => {
                    let other = check.other().map(|other| at(other, index));
                    if let Some(complaint) = check.simple(value, other.as_deref(), fields, values, today) {
                        problems.push(self.problem(fields, path, complaint));
                    }
                }
            }
        }
    }

    fn citizen_id(
        &self,
        document: &Value,
        birth_date: &Option<String>,
        sex: &Option<String>,
        index: usize,
        values: &Record,
    ) -> Vec<(String, Complaint)> {
        let (born, of_sex) = match document {
            Value::CitizenId(id) => (Some(id.birth_date()), Some(id.sex())),
            Value::Identity(document) => (document.birth_date(), document.sex()),
            _ => (None, None),
        };
        let mut found = Vec::new();
        let stated = |path: &Option<String>| {
            let path = at(path.as_ref()?, index);
            Some((find(values, &path)?, path))
        };
        if let (Some(born), Some((Value::Date(date), path))) = (born, stated(birth_date))
            && *date != born
        {
            found.push((path, mismatch("出生日期", "date of birth", "citizen_id.birth_date_differs")));
        }
        if let (Some(of_sex), Some((Value::Choice { code, .. }, path))) = (of_sex, stated(sex))
            && code != of_sex.code()
        {
            found.push((path, mismatch("性别", "sex", "citizen_id.sex_differs")));
        }
        found
    }

    fn problem(&self, fields: &[Field], path: &str, complaint: Complaint) -> Problem {
        let place = place_of(fields, path);
        match &self.message {
            None => place.problem(complaint),
            Some(words) => place.problem_verbatim(Complaint { code: complaint.code, message: words.clone() }),
        }
    }
}

impl Check {
    fn other(&self) -> Option<&str> {
        match self {
            Self::NotAfter(Limit::Field(other))
            | Self::NotBefore(Limit::Field(other))
            | Self::Differs { other } => Some(other),
            _ => None,
        }
    }

    fn simple(
        &self,
        value: &Value,
        other: Option<&str>,
        fields: &[Field],
        values: &Record,
        today: Date,
    ) -> Option<Complaint> {
        let other_value = other.and_then(|path| find(values, path));
        let label = other.map(|path| label_of(fields, path));
        match self {
            Self::NotAfter(limit) => {
                let bound = limit.day(other_value)?;
                (value.day()? > bound)
                    .then(|| limit.complaint(label, bound, "date.too_late", "不得晚于", "must not be after"))
            }
            Self::NotBefore(limit) => {
                let bound = limit.day(other_value)?;
                (value.day()? < bound).then(|| {
                    limit.complaint(label, bound, "date.too_early", "不得早于", "must not be before")
                })
            }
            Self::NotInFuture => (value.day()? > today).then(|| {
                Complaint::new("date.in_future", "不得晚于今天，请核对", "must not be after today; check it")
            }),
            Self::Differs { .. } => (other_value? == value).then(|| {
                let label = label.unwrap_or_else(|| Bilingual::new("", ""));
                Complaint::new(
                    "field.same_as_other",
                    format!("不得与“{}”相同，请核对", label.zh),
                    format!("must not be the same as “{}”; check it", label.en),
                )
            }),
            Self::MatchesCitizenId { .. } | Self::Unique => None,
        }
    }
}

impl Limit {
    fn day(&self, other: Option<&Value>) -> Option<Date> {
        match self {
            Self::Date(date) => Some(*date),
            Self::Field(_) => other?.day(),
        }
    }

    /// A field is named, never its value; a fixed day is the rule's own and is stated.
    fn complaint(
        &self,
        label: Option<Bilingual>,
        bound: Date,
        code: &'static str,
        zh: &str,
        en: &str,
    ) -> Complaint {
        let bound = match label {
            Some(label) => Bilingual::new(format!("“{}”", label.zh), format!("“{}”", label.en)),
            None => Bilingual::new(dates::chinese(bound), dates::iso(bound)),
        };
        Complaint::new(code, format!("{zh}{}，请核对", bound.zh), format!("{en} {}; check it", bound.en))
    }
}

impl Sex {
    fn code(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
        }
    }
}

fn mismatch(zh: &str, en: &str, code: &'static str) -> Complaint {
    Complaint::new(
        code,
        format!("与身份证件号码中的{zh}不一致，请核对二者"),
        format!("is not the {en} in the identity number; check both"),
    )
}

fn repeated() -> Complaint {
    Complaint::new("field.repeated", "与前面一项重复，请核对", "repeats an item above; check it")
}

/// `*` replaced by the index of the item under check.
fn at(path: &str, index: usize) -> String {
    path.replacen('*', &index.to_string(), 1)
}

/// Pointer and labels of a concrete dotted path.
fn place_of(fields: &[Field], path: &str) -> Place {
    let mut place = Place::root();
    let mut walked = String::new();
    for segment in path.split('.') {
        walked = if walked.is_empty() { segment.to_owned() } else { format!("{walked}.{segment}") };
        place = match (segment.parse::<usize>(), field::lookup(fields, &walked)) {
            (_, Some(field)) => place.member(segment, Some(&field.label)),
            (Ok(index), None) => place.item(index),
            (Err(_), None) => place.member(segment, None),
        };
    }
    place
}

fn label_of(fields: &[Field], path: &str) -> Bilingual {
    place_of(fields, path).label()
}
