//! The seven types as they are shipped, and an eighth from a string.

mod fields;
mod hostile;
mod photos;
mod schema;
mod type_files;
mod types;

use super::{AcceptContext, Application, CertificateType, Instant, Issuer, Particulars, Problem, Repertoire};
use serde_json::Value as Json;
use time::macros::date;

/// Every assigned-looking character: fonts are tested with the fonts.
pub(super) struct AllCharacters;

impl Repertoire for AllCharacters {
    fn has(&self, c: char) -> bool {
        c != '\u{378}'
    }
}

pub(super) fn context() -> AcceptContext<'static> {
    AcceptContext { today: date!(2026 - 03 - 17), demo: true, repertoire: &AllCharacters }
}

macro_rules! shipped {
    ($($slug:literal),* $(,)?) => {
        /// Slug, type file and example of each shipped type, in the order of their codes.
        pub(super) const SHIPPED: [(&str, &str, &str); 7] = [$((
            $slug,
            include_str!(concat!("../../../certificate-templates/", $slug, "/type.toml")),
            include_str!(concat!("../../../certificate-templates/", $slug, "/example.json")),
        )),*];
    };
}

shipped![
    "funeral-service-licence",
    "marriage-annulment-decision",
    "adoption-registration",
    "volunteer-passport",
    "adoption-dissolution",
    "elder-care-filing-receipt",
    "public-fundraising-qualification",
];

pub(super) fn shipped(slug: &str) -> (CertificateType, Json) {
    let (_, file, example) = SHIPPED.into_iter().find(|(s, ..)| *s == slug).unwrap();
    (CertificateType::from_toml(slug, file).unwrap(), serde_json::from_str(example).unwrap())
}

pub(super) fn accepted(slug: &str) -> (CertificateType, Application) {
    let (kind, example) = shipped(slug);
    let application = kind.accept(&example, &context()).unwrap();
    (kind, application)
}

/// Pointer and code of every problem, in the order reported.
pub(super) fn codes(problems: &[Problem]) -> Vec<(&str, &str)> {
    problems.iter().map(|problem| (problem.pointer.as_str(), problem.code)).collect()
}

pub(super) fn issuer() -> Issuer {
    Issuer {
        name: super::Bilingual::new("示例市民政局", "Civil Affairs Bureau of Example City"),
        short_name: "示民".to_owned(),
        uscc: "11990000000000019A".to_owned(),
        definer_uscc: "11990000000000019A".to_owned(),
        region: "990000".to_owned(),
    }
}

pub(super) fn particulars(kind: &CertificateType, application: &Application) -> Particulars {
    let issued_at = Instant::from_seconds(1_773_700_000).unwrap();
    Particulars {
        number: kind.number(&issuer(), 2026, 1),
        identifier: kind.identifier(&issuer(), 2026, 1, 1),
        code: "7K3M-9QXR-2H5D".to_owned(),
        verify_url: String::new(),
        issued_at,
        issuer: issuer(),
        valid_until: application.valid_until(issued_at.beijing_date()),
        specimen: true,
    }
}

/// An eighth type: one field of the given TOML, beside a name and a code that make a holder.
pub(super) fn eighth(more: &str) -> Result<CertificateType, super::TypeError> {
    CertificateType::from_toml("eighth", &eighth_toml(more))
}

pub(super) fn eighth_toml(more: &str) -> String {
    format!(
        r#"
version = 1
type_code = "908"
name = {{ zh = "第八种证照", en = "An eighth type" }}
holder_kind = "natural_person"
issuer_role = "bureau"
seal_role = "bureau"
number = "{{short}}字（{{year}}）{{serial:03}}号"
sensitivity = "personal"
public_lookup = "none"
validity = {{ years = 1 }}
matter = ["id"]

[[holder]]
name = "name"
code = "id"

[[field]]
name = "name"
label = {{ zh = "姓名", en = "Name" }}
kind = "person_name"

[[field]]
name = "id"
label = {{ zh = "身份号码", en = "Identity number" }}
kind = "citizen_id"
{more}
"#
    )
}

/// A field of the eighth type, called `x`.
pub(super) fn field_toml(kind: &str, options: &str) -> String {
    format!(
        "[[field]]\nname = \"x\"\nlabel = {{ zh = \"某项\", en = \"Item\" }}\nkind = \"{kind}\"\n{options}\n"
    )
}

/// What becomes of `x` in an otherwise good application of the eighth type.
pub(super) fn try_field(
    kind: &str,
    options: &str,
    raw: Json,
) -> Result<Option<String>, Vec<(String, &'static str)>> {
    let eighth = eighth(&field_toml(kind, options)).unwrap();
    let application = serde_json::json!({ "name": "张䶮", "id": "990101199003071237", "x": raw });
    match eighth.accept(&application, &context()) {
        Ok(application) => {
            assert_eq!(eighth.accept(&application.to_json(), &context()), Ok(application.clone()));
            Ok(application.display("x"))
        }
        Err(problems) => {
            for problem in &problems {
                assert!(!problem.message.zh.is_empty() && !problem.message.en.is_empty());
            }
            Err(problems.into_iter().map(|problem| (problem.pointer, problem.code)).collect())
        }
    }
}
