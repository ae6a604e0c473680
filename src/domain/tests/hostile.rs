use super::*;
use crate::domain::text::{self, TextRules};
use proptest::prelude::*;
use serde_json::json;

fn text_code(text: &str) -> Vec<(String, &'static str)> {
    try_field("text", "", json!(text)).map(|_| Vec::new()).unwrap_or_else(|problems| problems)
}

#[test]
fn what_prints_nothing_or_lies_is_refused() {
    for (text, code) in [
        ("a\u{0}b", "text.control_character"),
        ("a\u{1B}[31mb", "text.control_character"),
        ("a\u{7F}b", "text.control_character"),
        ("a\nb", "text.line_break"),
        ("a\u{2028}b", "text.line_break"),
        ("a\u{202E}b", "text.bidi_control"),
        ("a\u{2066}b", "text.bidi_control"),
        ("a\u{200F}b", "text.bidi_control"),
        ("a\u{200B}b", "text.invisible_character"),
        ("a\u{FEFF}b", "text.invisible_character"),
        ("a\u{3164}b", "text.invisible_character"),
        ("a\u{E0041}b", "text.invisible_character"),
        ("葛\u{E0100}", "text.variation_selector"),
        ("葛\u{FE00}", "text.variation_selector"),
        ("a\u{E000}b", "text.private_use"),
        ("a\u{F0000}b", "text.private_use"),
        ("a\u{FFFD}b", "text.not_a_character"),
        ("a\u{1FFFE}b", "text.not_a_character"),
        ("a\u{378}b", "text.character_not_drawable"),
        ("", "text.empty"),
        (" \u{3000}\t", "text.empty"),
    ] {
        assert_eq!(text_code(text), [("/x".to_owned(), code)], "{text:?}");
    }
    let problems = text_code("\u{200B}x\u{202E}\u{E000}\u{E001}");
    assert_eq!(problems.len(), 3, "each code once: {problems:?}");
}

#[test]
fn the_character_is_named_but_the_value_is_not() {
    let eighth = eighth(&field_toml("text", "")).unwrap();
    let raw = json!({ "name": "张䶮", "id": "990101199003071237", "x": "秘密\u{378}" });
    let problems = eighth.accept(&raw, &context()).unwrap_err();
    assert!(problems[0].message.zh.contains("U+0378") && problems[0].message.en.contains("U+0378"));
    assert!(!problems[0].message.zh.contains("秘密"));
}

#[test]
fn long_text_is_refused_early() {
    assert_eq!(text_code(&"字".repeat(101)), [("/x".to_owned(), "text.too_long")]);
    assert_eq!(text_code(&"\u{200B}".repeat(1_000_000)), [("/x".to_owned(), "text.too_long")]);
    assert!(text_code(&"字".repeat(100)).is_empty());
}

#[test]
fn text_is_composed_except_compatibility_ideographs() {
    let shown = |text: &str| try_field("text", "", json!(text)).unwrap().unwrap();
    assert_eq!(shown("e\u{301}"), "é");
    assert_eq!(shown("\u{F9F1}e\u{301}\u{FA18}"), "\u{F9F1}é\u{FA18}");
    assert_eq!(try_field("text", "multiline = true", json!("一\r\n二\n")).unwrap().unwrap(), "一\n二");
}

/// All Han of GB 18030-2022 and its 21 compatibility ideographs come back as they were typed.
#[test]
fn every_han_character_can_be_in_a_name() {
    let compatibility = "\u{F92C}\u{F979}\u{F995}\u{F9E7}\u{F9F1}\u{FA0C}\u{FA0D}\u{FA0E}\u{FA0F}\u{FA11}\u{FA13}\u{FA14}\
                         \u{FA18}\u{FA1F}\u{FA20}\u{FA21}\u{FA23}\u{FA24}\u{FA27}\u{FA28}\u{FA29}";
    let blocks = ['㐀'..='\u{4DBF}', '一'..='\u{9FFF}', '\u{20000}'..='\u{2A6DF}', '\u{2A700}'..='\u{2EBE0}'];
    let blocks = blocks.into_iter().flatten().chain(['〇']).chain(compatibility.chars());
    let rules = TextRules { multiline: false, max_length: 3, repertoire: &AllCharacters };
    for c in blocks {
        let name = format!("张{c}明");
        assert_eq!(text::clean(&name, &rules), Ok(name.clone()), "U+{:04X}", u32::from(c));
        assert_eq!(text::person_name(&name), Ok(()), "U+{:04X}", u32::from(c));
    }
}

#[test]
fn unknown_members_are_reported_within_bounds_and_without_echo() {
    let eighth = eighth("").unwrap();
    let mut raw = json!({ "name": "张䶮", "id": "990101199003071237", "a/b~c": 1 });
    raw["y".repeat(5000)] = json!(1);
    for index in 0..500 {
        raw[format!("member{index}")] = json!(1);
    }
    let problems = eighth.accept(&raw, &context()).unwrap_err();
    assert_eq!(problems.len(), 20);
    assert!(problems.iter().any(|problem| problem.pointer == "/a~1b~0c"));
    assert!(problems.iter().all(|problem| problem.pointer.len() < 80));
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<f64>().prop_map(|f| json!(f)),
        any::<String>().prop_map(Json::from),
        "[0-9X]{15,18}".prop_map(Json::from),
        "[0-9]{4}-[0-9]{2}-[0-9]{2}".prop_map(Json::from),
        "[A-Za-z0-9+/]{0,64}={0,2}".prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            prop::collection::vec((member(), inner), 0..6)
                .prop_map(|members| Json::Object(members.into_iter().collect())),
        ]
    })
}

fn member() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        prop::sample::select(vec![
            "name",
            "document",
            "type",
            "number",
            "from",
            "to",
            "sex",
            "birth_date",
            "year"
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Arbitrary JSON in the place of any one field, or of the whole application, never panics; and whatever is
    /// accepted comes back equal from its own JSON.
    #[test]
    fn arbitrary_json_never_panics(which in 0usize..7, at in any::<prop::sample::Index>(), raw in any_json()) {
        let (slug, ..) = SHIPPED[which];
        let (kind, example) = shipped(slug);
        let _ = kind.accept(&raw, &context());
        let mut changed = example;
        let members: Vec<String> = changed.as_object().unwrap().keys().cloned().collect();
        changed[&members[at.index(members.len())]] = raw;
        if let Ok(application) = kind.accept(&changed, &context()) {
            let again = kind.accept(&application.to_json(), &context());
            prop_assert_eq!(again.as_ref(), Ok(&application));
        }
    }

    /// Whatever text is accepted is already in the form it is stored in.
    #[test]
    fn accepted_text_is_stable(text in any::<String>()) {
        if let Ok(Some(shown)) = try_field("text", "multiline = true", json!(text)) {
            prop_assert_eq!(try_field("text", "multiline = true", json!(shown.clone())), Ok(Some(shown)));
        }
    }

    /// A type file that is not one is refused, never a panic.
    #[test]
    fn arbitrary_type_files_never_panic(text in any::<String>(), cut in any::<prop::sample::Index>()) {
        let _ = CertificateType::from_toml("x", &text);
        let whole: Vec<char> = SHIPPED[0].1.chars().collect();
        let part: String = whole[..cut.index(whole.len())].iter().collect();
        let _ = CertificateType::from_toml("x", &part);
    }
}
