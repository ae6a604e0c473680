use super::*;
use serde_json::json;

fn refused(kind: &str, options: &str, raw: Json) -> Vec<(String, &'static str)> {
    try_field(kind, options, raw).unwrap_err()
}

/// The one code reported at `/x`.
fn code(kind: &str, options: &str, raw: Json) -> &'static str {
    let problems = refused(kind, options, raw);
    assert_eq!(problems.len(), 1, "{problems:?}");
    problems[0].1
}

fn shown(kind: &str, options: &str, raw: Json) -> String {
    try_field(kind, options, raw).unwrap().unwrap()
}

#[test]
fn names() {
    for name in [
        "张䶮",
        "王㛃",
        "𬭎",
        "买买提·艾力",
        "John A. O’Brien-Smith",
        "〇",
        "隣",
        "兀",
        "Nguyễn Thị",
        "𠮷𪸩",
        "㐀",
    ] {
        assert_eq!(shown("person_name", "", json!(name)), name);
    }
    assert_eq!(shown("person_name", "", json!("  阿依古丽•买买提 ")), "阿依古丽·买买提");
    assert_eq!(shown("person_name", "", json!("Zoe\u{308}\u{A0}Li")), "Zoë Li");
    assert_eq!(code("person_name", "", json!("张3")), "person_name.character");
    assert_eq!(code("person_name", "", json!("张<b>")), "person_name.character");
    assert_eq!(code("person_name", "", json!("··")), "person_name.no_letter");
    assert_eq!(code("person_name", "", json!("   ")), "text.empty");
    assert_eq!(code("person_name", "", json!("张".repeat(51))), "text.too_long");
    assert_eq!(code("person_name", "", json!(7)), "field.wrong_type");
    assert_eq!(code("organisation_name", "", json!("馆")), "text.too_short");
    assert_eq!(shown("place", "", json!("示例市青松路 188 号")), "示例市青松路 188 号");
}

#[test]
fn identity_numbers() {
    assert_eq!(shown("citizen_id", "", json!("11010519491231002x")), "11010519491231002X");
    assert_eq!(shown("citizen_id", "", json!("１１０１０５ 19491231 002X")), "11010519491231002X");
    assert_eq!(shown("citizen_id", "", json!("990101202002290010")), "990101202002290010");
    for (number, expected) in [
        ("110105491231002", "citizen_id.fifteen_digits"),
        ("1101051949123100", "citizen_id.format"),
        ("11010519491231002Y", "citizen_id.format"),
        ("110105194912310021", "citizen_id.check_digit"),
        ("110105194912330029", "citizen_id.birth_date"),
        ("010105194912310020", "citizen_id.province"),
        ("110105203012310020", "citizen_id.birth_date"),
        ("110105180012310020", "citizen_id.birth_date"),
        ("日日日日日日", "citizen_id.format"),
    ] {
        assert_eq!(code("citizen_id", "", json!(number)), expected, "{number}");
    }
}

#[test]
fn identity_documents() {
    let document = |kind: &str, number: &str| json!({ "type": kind, "number": number });
    for (kind, number) in [
        ("hk_macau_permit", "H12345678"),
        ("hk_macau_permit", "m1234567890"),
        ("taiwan_permit", "12345678"),
        ("cn_passport", "EA1234567"),
        ("cn_passport", "E12345678"),
        ("foreign_passport", "X1234567Z"),
        ("foreign_permanent_residence", "USA310012345678"),
        ("other", "出生医学证明 A33000"),
    ] {
        assert_eq!(
            shown("identity_document", "", document(kind, number)).to_lowercase(),
            number.to_lowercase()
        );
    }
    for (kind, number, expected) in [
        ("hk_macau_permit", "X12345678", "identity_document.format"),
        ("taiwan_permit", "1234567", "identity_document.format"),
        ("cn_passport", "EAB123456", "identity_document.format"),
        ("foreign_passport", "X12-4567", "identity_document.format"),
        ("foreign_permanent_residence", "912345199003071230", "citizen_id.check_digit"),
        ("hk_macau_taiwan_residence_permit", "11010519491231002X", "identity_document.format"),
        ("citizen_id", "110105194912310021", "citizen_id.check_digit"),
        ("other", "A", "identity_document.format"),
        ("other", "A\u{202E}BC", "text.bidi_control"),
    ] {
        let problems = refused("identity_document", "", document(kind, number));
        assert_eq!(problems, [("/x/number".to_owned(), expected)], "{kind}");
    }
    let problems = refused("identity_document", "", json!({ "type": "library_card", "extra": 1 }));
    let expected =
        [("/x/type", "choice.not_listed"), ("/x/number", "field.required"), ("/x/extra", "field.unknown")];
    for (pointer, code) in expected {
        assert!(problems.contains(&(pointer.to_owned(), code)), "{problems:?}");
    }
    let accepted = r#"accepted = ["cn_passport"]"#;
    let problems = refused("identity_document", accepted, document("other", "ABC"));
    assert_eq!(problems, [("/x/type".to_owned(), "choice.not_listed")]);
    assert_eq!(code("identity_document", "", json!("H12345678")), "field.wrong_type");
}

#[test]
fn credit_codes() {
    assert_eq!(shown("uscc", "", json!("11310000002420447t")), "11310000002420447T");
    assert_eq!(code("uscc", "", json!("113100000024204471")), "uscc.check_digit");
    assert_eq!(code("uscc", "", json!("1131000000242O447T")), "uscc.symbol");
    assert_eq!(code("uscc", "", json!("1131")), "uscc.format");
    assert_eq!(code("uscc", r#"prefixes = ["51"]"#, json!("11310000002420447T")), "uscc.prefix");
}

#[test]
fn an_odd_organisation_code_is_a_remark_only() {
    let eighth = eighth(&field_toml("uscc", "")).unwrap();
    // Right by GB 32100, wrong by GB 11714.
    let raw = json!({ "name": "张䶮", "id": "990101199003071237", "x": "92310000000000015B" });
    let mut code = "92310000000000015".to_owned();
    code.push(crate::domain::check_digits::uscc(&code).unwrap());
    let mut raw = raw;
    raw["x"] = json!(code);
    let remarks = eighth.accept(&raw, &context()).unwrap().remarks();
    assert_eq!(codes(&remarks), [("/x", "uscc.organisation_code")]);
}

#[test]
fn dates_ranges_choices_numbers() {
    assert_eq!(shown("date", "", json!("2026-03-17")), "2026年3月17日");
    assert_eq!(code("date", "", json!("2026-02-29")), "date.not_in_calendar");
    assert_eq!(code("date", "", json!(20260229)), "field.wrong_type");
    let range = |from: &str, to: Json| json!({ "from": from, "to": to });
    assert_eq!(
        refused("date_range", "", range("2026-03-17", json!("2026-03-16"))),
        [("/x/to".to_owned(), "date_range.reversed")]
    );
    assert_eq!(
        refused("date_range", "", range("2026-03-17", Json::Null)),
        [("/x/to".to_owned(), "field.wrong_type")]
    );
    assert_eq!(
        refused("date_range", "open_end = true", json!({ "from": "2026-3-17" })),
        [("/x/from".to_owned(), "date.format"), ("/x/to".to_owned(), "field.required")]
    );
    let choices = r#"choices = [{ code = "a", zh = "甲", en = "A" }]"#;
    assert_eq!(shown("choice", choices, json!("a")), "甲");
    assert_eq!(code("choice", choices, json!("甲")), "choice.not_listed");
    let number = "min = 1\nmax = 10\nunit = { zh = \"张\", en = \"beds\" }";
    assert_eq!(shown("number", number, json!(7)), "7张");
    assert_eq!(code("number", number, json!("7")), "field.wrong_type");
    assert_eq!(code("number", number, json!(11)), "number.out_of_range");
    assert_eq!(code("number", number, json!(1.5)), "number.not_whole");
}

#[test]
fn lists_and_records() {
    let list = "min_items = 1\nmax_items = 2\n[[field.fields]]\nname = \"y\"\nlabel = { zh = \"内\", en = \"Inner\" }\nkind = \"date\"";
    assert!(try_field("records", list, json!([{ "y": "2026-01-01" }])).is_ok());
    assert_eq!(code("records", list, json!([])), "records.too_few");
    assert_eq!(code("records", list, json!({})), "field.wrong_type");
    let many = vec![json!({ "y": "2026-01-01" }); 3];
    assert_eq!(code("records", list, json!(many)), "records.too_many");
    assert_eq!(
        refused("records", list, json!([{ "y": "soon", "z": 1 }, 7])),
        [
            ("/x/0/y".to_owned(), "date.format"),
            ("/x/0/z".to_owned(), "field.unknown"),
            ("/x/1".to_owned(), "field.wrong_type")
        ]
    );
}

#[test]
fn optional_fields_and_defaults() {
    assert_eq!(try_field("text", "optional = true", json!("有")), Ok(Some("有".to_owned())));
    let eighth = eighth(&field_toml("text", "default = \"中国\"")).unwrap();
    let raw = json!({ "name": "张䶮", "id": "990101199003071237" });
    assert_eq!(eighth.accept(&raw, &context()).unwrap().display("x").as_deref(), Some("中国"));
    assert_eq!(code("text", "optional = true", Json::Null), "field.wrong_type");
}

#[test]
fn all_problems_come_together_in_the_order_of_the_fields() {
    let (kind, _) = shipped("elder-care-filing-receipt");
    let raw = json!({
        "zzz": 1, "filing_date": "2030-01-01", "beds": 0, "uscc": "52990000000000035R", "person_in_charge": "a\u{7}1",
    });
    let problems = kind.accept(&raw, &context()).unwrap_err();
    assert_eq!(
        codes(&problems),
        [
            ("/institution_name", "field.required"),
            ("/uscc", "uscc.check_digit"),
            ("/person_in_charge", "text.control_character"),
            ("/address", "field.required"),
            ("/registration_kind", "field.required"),
            ("/beds", "number.out_of_range"),
            ("/service_scope", "field.required"),
            ("/filing_date", "date.in_future"),
            ("/zzz", "field.unknown"),
        ]
    );
    let problems = kind.accept(&json!([]), &context()).unwrap_err();
    assert_eq!(codes(&problems), [("", "application.not_an_object")]);
}
