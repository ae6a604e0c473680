use super::*;

fn reason(toml: &str) -> String {
    CertificateType::from_toml("eighth", toml).unwrap_err().reason
}

fn reason_of_field(kind: &str, options: &str) -> String {
    reason(&eighth_toml(&field_toml(kind, options)))
}

#[test]
fn a_slip_is_reported_with_its_place() {
    assert!(CertificateType::from_toml("eighth", &eighth_toml("")).is_ok());
    let good = eighth_toml("");
    for (from, to, words) in [
        ("version = 1", "version = 0", "version begins with 1"),
        ("version = 1", "version = 1\ncolour = \"red\"", "line 3: unknown field `colour`"),
        ("\"908\"", "\"98\"", "type_code must be three digits"),
        ("{serial:03}", "{serial}{serial}", "number needs"),
        ("{serial:03}", "{serial:3}", "number has {serial:3}"),
        ("{year}", "{year", "number"),
        ("years = 1", "years = 0", "validity"),
        ("{ years = 1 }", "{ field = \"name\" }", "validity: `name` must be a required date_range"),
        ("matter = [\"id\"]", "matter = [\"di\"]", "matter: there is no field `di`"),
        ("matter = [\"id\"]", "matter = []", "matter names no field"),
        ("code = \"id\"", "code = \"name\"", "holder: `name` must be"),
        ("kind = \"citizen_id\"", "kind = \"magic\"", "unknown variant `magic`"),
        (
            "kind = \"citizen_id\"",
            "kind = \"citizen_id\"\noptional = true",
            "holder: `id` must be a required",
        ),
        ("name = \"id\"", "name = \"ID\"", "lower-case"),
    ] {
        assert!(good.contains(from), "{from}");
        let found = reason(&good.replacen(from, to, 1));
        assert!(found.contains(words), "{from} → {to}: {found}");
    }
    assert!(CertificateType::from_toml("Eighth", &good).unwrap_err().reason.contains("folder"));
}

#[test]
fn field_options_belong_to_their_kind() {
    assert!(reason_of_field("date", "max_length = 3").contains("field `x`: `max_length` means nothing"));
    assert!(reason_of_field("text", "max_length = 0").contains("max_length must lie"));
    assert!(reason_of_field("text", "optional = true\ndefault = \"a\"").contains("exclude each other"));
    assert!(reason_of_field("date", "default = \"tomorrow\"").contains("field `x`: default:"));
    assert!(reason_of_field("choice", "").contains("choices"));
    assert!(
        reason_of_field(
            "choice",
            "choices = [{ code = \"a\", zh = \"\", en = \"\" }, { code = \"a\", zh = \"\", en = \"\" }]"
        )
        .contains("`a` occurs twice")
    );
    assert!(reason_of_field("identity_document", "accepted = [\"x\"]").contains("`x`"));
    assert!(reason_of_field("number", "min = 3\nmax = 2").contains("min ≤ max"));
    assert!(reason_of_field("records", "").contains("fields"));
    assert!(reason_of_field("text", "key = \"gj\"").contains("key"));
    let twice = format!("{0}{0}", field_toml("text", ""));
    assert!(reason(&eighth_toml(&twice)).contains("`x` occurs twice"));
}

#[test]
fn rules_and_statements_name_real_fields() {
    let with = |more: &str| reason(&eighth_toml(&format!("{}{more}", field_toml("date", ""))));
    assert!(with("[[rule]]\ncheck = \"not_in_future\"\nfield = \"name\"").contains("`name` must be a date"));
    assert!(with("[[rule]]\ncheck = \"not_after\"\nfield = \"x\"").contains("either `other` or `date`"));
    assert!(with("[[rule]]\ncheck = \"unique\"\nfield = \"x\"").contains("items of a list"));
    assert!(with("[[rule]]\ncheck = \"guess\"\nfield = \"x\"").contains("guess"));
    assert!(
        with("[[rule]]\ncheck = \"matches_citizen_id\"\ndocument = \"id\"\nsex = \"x\"")
            .contains("male and female")
    );
    let statement = |text: &str| with(&format!("[[statement]]\nid = \"s\"\n[[statement.variant]]\n{text}"));
    assert!(statement("text = \"{nobody}\"").contains("statement `s`: there is no field `nobody`"));
    assert!(statement("text = \"{x\"").contains("not closed"));
    assert!(statement("before = \"2021-01-01\"\ntext = \"\"").contains("needs `by`"));
    assert!(statement("when = { field = \"x\", is = \"a\" }\ntext = \"\"").contains("a choice with `a`"));
}
