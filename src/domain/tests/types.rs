use super::*;
use crate::domain::metadata_pairs;
use serde_json::json;

#[test]
fn every_shipped_example_is_accepted_and_comes_back_equal() {
    for (slug, file, example) in SHIPPED {
        let kind = CertificateType::from_toml(slug, file).unwrap_or_else(|error| panic!("{error}"));
        let raw: Json = serde_json::from_str(example).unwrap();
        let application =
            kind.accept(&raw, &context()).unwrap_or_else(|problems| panic!("{slug}: {problems:#?}"));
        assert_eq!(kind.accept(&application.to_json(), &context()), Ok(application.clone()), "{slug}");
        assert_eq!(application.remarks(), [], "{slug}");
        for id in kind.statement_ids() {
            let text =
                application.statement(id).unwrap_or_else(|| panic!("{slug}: no wording of {id} applies"));
            assert!(!text.contains(['{', '}']), "{text}");
        }
        let mut aside = raw.clone();
        if let Some(photo) = application.photo("photo") {
            aside["photo"] = application.to_json()["photo"].clone();
            assert_eq!((photo.width, photo.height), (413, 531));
        }
        for (member, value) in aside.as_object().unwrap() {
            assert_eq!(&application.to_json()[member], value, "{slug}/{member}");
        }
    }
}

#[test]
fn demonstration_people_are_refused_outside_demo_mode() {
    for (slug, ..) in SHIPPED {
        let (kind, example) = shipped(slug);
        let problems = kind.accept(&example, &AcceptContext { demo: false, ..context() }).unwrap_err();
        assert!(problems.iter().all(|problem| problem.code.ends_with(".unreal_region")), "{problems:?}");
    }
}

#[test]
fn codes_and_identifiers_are_those_of_the_fixtures() {
    for ((slug, file, _), (code, check)) in
        SHIPPED.into_iter().zip((901..).zip(["0", "V", "J", "N", "V", "Q", "5"]))
    {
        let kind = CertificateType::from_toml(slug, file).unwrap();
        assert_eq!(kind.type_code(), code.to_string());
        let serial = code - 900;
        assert_eq!(
            kind.identifier(&issuer(), 2026, serial, 1),
            format!(
                "1.2.156.3005.2.11990000000000019A{code}.11990000000000019A.20260000000{serial}.001.{check}"
            )
        );
    }
    let (adoption, _) = shipped("adoption-registration");
    assert_eq!(adoption.number(&issuer(), 2026, 7), "（2026）示民收字第00007号");
    let (passport, _) = shipped("volunteer-passport");
    assert_eq!(passport.number(&issuer(), 2026, 7), "GY990000202600000007");
}

#[test]
fn holders_and_matter() {
    let (_, application) = accepted("adoption-registration");
    let holders = application.holders();
    let names: Vec<&str> = holders.iter().map(|holder| holder.name.as_str()).collect();
    assert_eq!(names, ["李𫖯", "沈若兰", "李安𡐓"]);
    assert!(holders.iter().all(|holder| holder.code_type == "111"));
    assert_eq!(
        application.matter(),
        "adoptee.document={\"type\":\"citizen_id\",\"number\":\"990101201806010016\"}\nregistration_date=\"2021-09-15\"\n"
    );
    let (_, application) = accepted("funeral-service-licence");
    assert_eq!(application.holders()[0].code_type, "001");
    assert_eq!(application.valid_until(date!(2026 - 03 - 17)), Some(date!(2029 - 12 - 31)));
    assert_eq!(application.display("site_area").as_deref(), Some("68250.5平方米"));
    assert_eq!(application.display("valid_period").as_deref(), Some("2026年1月1日至2029年12月31日"));
    assert_eq!(application.display("inspections.1.result").as_deref(), Some("整改后合格"));
    assert_eq!(application.records("inspections").len(), 3);
    let (_, application) = accepted("elder-care-filing-receipt");
    assert_eq!(application.valid_until(date!(2026 - 03 - 17)), None);
}

#[test]
fn the_law_is_chosen_by_the_date_of_the_act() {
    let (kind, example) = shipped("adoption-registration");
    for (day, law) in [
        ("1998-01-01", "《中华人民共和国收养法》"),
        ("2020-12-31", "《中华人民共和国收养法》第十五条"),
        ("2021-01-01", "《中华人民共和国民法典》第一千一百零五条"),
    ] {
        let mut raw = example.clone();
        raw["registration_date"] = json!(day);
        raw["adoptee"]["birth_date"] = json!("1996-05-05");
        raw["adoptee"]["document"] = json!({ "type": "other", "number": "出生医学证明 A330000001" });
        let application = kind.accept(&raw, &context()).unwrap();
        assert!(application.statement("basis").unwrap().contains(law), "{day}");
    }
    assert_eq!(accepted("adoption-registration").1.statement("no such sentence"), None);
}

#[test]
fn a_registry_revokes_no_marriage_after_2020() {
    let (kind, example) = shipped("marriage-annulment-decision");
    let mut raw = example.clone();
    raw["decision_date"] = json!("2021-01-01");
    raw["delivery_date"] = json!("2021-01-02");
    let problems = kind.accept(&raw, &context()).unwrap_err();
    assert_eq!(codes(&problems), [("/decision_date", "date.too_late")]);
    assert!(problems[0].message.zh.contains("人民法院") && problems[0].message.en.contains("court"));

    raw["decision_date"] = json!("2000-01-01");
    raw["delivery_date"] = json!("1999-01-01");
    let problems = kind.accept(&raw, &context()).unwrap_err();
    let found = codes(&problems);
    assert_eq!(
        found,
        [
            ("/decision_date", "date.too_early"),
            ("/decision_date", "date.too_early"),
            ("/delivery_date", "date.too_early")
        ]
    );
}

#[test]
fn birth_date_and_sex_must_be_those_of_the_number() {
    let (kind, example) = shipped("adoption-registration");
    let mut raw = example.clone();
    raw["adopters"][1]["sex"] = json!("male");
    raw["adopters"][0]["birth_date"] = json!("1983-06-13");
    raw["adoptee"]["document"] = raw["adopters"][0]["document"].clone();
    let problems = kind.accept(&raw, &context()).unwrap_err();
    assert_eq!(
        codes(&problems),
        [
            ("/adopters/0/birth_date", "citizen_id.birth_date_differs"),
            ("/adopters/0/document", "field.same_as_other"),
            ("/adopters/1/sex", "citizen_id.sex_differs"),
            ("/adoptee/birth_date", "citizen_id.birth_date_differs"),
        ]
    );
    let said = serde_json::to_string(&problems).unwrap();
    for personal in ["990101", "1983", "李", "沈若兰", "2018"] {
        assert!(!said.contains(personal), "{said}");
    }
    assert!(problems[0].message.zh.starts_with("收养人（第1项） · 出生日期："), "{}", problems[0].message.zh);
}

#[test]
fn metadata_has_the_standard_keys() {
    for (slug, ..) in SHIPPED {
        let (kind, application) = accepted(slug);
        let pairs = metadata_pairs(&kind, &application, &particulars(&kind, &application));
        for key in
            ["ZZMC", "ZZLXDM", "ZZBH", "ZZBS", "ZZBFJG", "ZZBFJGDM", "ZZBFRQ", "CZZT", "CZZTDM", "CZZTDMLXDM"]
        {
            let found: Vec<_> = pairs.iter().filter(|(k, _)| k == key).collect();
            assert!(found.len() == 1 && !found[0].1.is_empty(), "{slug}: {key}");
        }
        let mut keys: Vec<&String> = pairs.iter().map(|(key, _)| key).collect();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), pairs.len(), "{slug}");
    }
    let (kind, application) = accepted("adoption-registration");
    let pairs = metadata_pairs(&kind, &application, &particulars(&kind, &application));
    let value = |key: &str| pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v.as_str());
    assert_eq!(value("CZZT"), Some("李𫖯^沈若兰^李安𡐓"));
    assert_eq!(value("ZZLXDM"), Some("11990000000000019A903"));
    assert_eq!(value("ZZYXQJZRQ"), Some("长期"));
    assert_eq!(value("KZ_SYRXM"), Some("李𫖯^沈若兰"));
    assert_eq!(value("KZ_DJRQ"), Some("2021年9月15日"));
}

#[test]
fn an_eighth_type_needs_no_rust() {
    let eighth = eighth(&field_toml("date_range", "open_end = true")).unwrap();
    let raw =
        json!({ "name": "王㛃", "id": "990101199501010023", "x": { "from": "2026-01-01", "to": null } });
    let application = eighth.accept(&raw, &context()).unwrap();
    assert_eq!(application.display("x").as_deref(), Some("2026年1月1日至长期"));
    assert_eq!(application.valid_until(date!(2024 - 02 - 29)), Some(date!(2025 - 02 - 28)));
    assert_eq!(application.valid_until(date!(2026 - 03 - 17)), Some(date!(2027 - 03 - 16)));
    assert_eq!(eighth.number(&issuer(), 2026, 1234), "示民字（2026）1234号");
    assert_eq!(eighth.labels().len(), 3);
}

#[test]
fn an_issuer_is_checked_before_it_issues() {
    assert_eq!(issuer().check(true), []);
    let problems = issuer().check(false);
    assert_eq!(codes(&problems), [("/uscc", "uscc.unreal_region"), ("/definer_uscc", "uscc.unreal_region")]);
    let bad = Issuer { region: "99".to_owned(), uscc: "11990000000000019a".to_owned(), ..issuer() };
    let problems = bad.check(true);
    assert_eq!(codes(&problems), [("/uscc", "uscc.format"), ("/region", "issuer.region")]);
    assert_eq!(shipped("volunteer-passport").0.identifier(&bad, 2026, 1, 1), "");
}

#[test]
fn nothing_personal_in_debug_output() {
    for (slug, ..) in SHIPPED {
        let (_, application) = accepted(slug);
        let shown = format!("{application:?}{:?}{:?}", application.holders(), application.value("adoptee"));
        for holder in application.holders() {
            assert!(!shown.contains(&holder.name) && !shown.contains(&holder.code), "{shown}");
        }
    }
}
