use super::*;
use serde_json::json;

fn set(mut json: Json, pointer: &str, value: Json) -> Json {
    *json.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    json
}

#[test]
fn examples_validate() {
    for (slug, ..) in SHIPPED {
        let (kind, example) = shipped(slug);
        let schema = kind.schema();
        assert!(jsonschema::meta::is_valid(&schema), "{slug}");
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let errors: Vec<String> = validator.iter_errors(&example).map(|error| error.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new(), "{slug}");
        let (_, application) = accepted(slug);
        assert!(validator.is_valid(&application.to_json()), "{slug}");
    }
}

/// Structure that `accept` refuses is refused by the schema too: every member dropped, of a wrong type, or unknown.
#[test]
fn mutated_examples_fail_both() {
    for (slug, ..) in SHIPPED {
        let (kind, example) = shipped(slug);
        let validator = jsonschema::draft202012::new(&kind.schema()).unwrap();
        let both_refuse = |raw: &Json, what: &str| {
            let refused = kind.accept(raw, &context()).is_err();
            assert_eq!(!validator.is_valid(raw), refused, "{slug}: {what}");
        };
        let members: Vec<String> = example.as_object().unwrap().keys().cloned().collect();
        for member in &members {
            let mut without = example.clone();
            without.as_object_mut().unwrap().remove(member);
            both_refuse(&without, &format!("without {member}"));
            for wrong in
                [Json::Null, json!(true), json!([]), json!([7]), json!({}), json!(-1), json!(""), json!("\n")]
            {
                both_refuse(
                    &set(example.clone(), &format!("/{member}"), wrong.clone()),
                    &format!("{member} = {wrong}"),
                );
            }
        }
        let mut more = example.clone();
        more["surplus"] = json!(1);
        both_refuse(&more, "surplus");
    }
}

#[test]
fn what_structure_can_say_of_values() {
    let (kind, example) = shipped("adoption-registration");
    let validator = jsonschema::draft202012::new(&kind.schema()).unwrap();
    for (pointer, value) in [
        ("/adopters/0/document/type", json!("library_card")),
        ("/adopters/0/document/number", json!("H123")),
        ("/adopters/0/sex", json!("男")),
        ("/adoptee/birth_date", json!("2018-13-01")),
        ("/adoptee/birth_date", json!("1066-10-14")),
        ("/adoptee/name", json!("字".repeat(51))),
        ("/registry", json!("一\n二")),
    ] {
        let raw = set(example.clone(), pointer, value);
        assert!(!validator.is_valid(&raw), "{pointer}");
        assert!(kind.accept(&raw, &context()).is_err(), "{pointer}");
    }
}
