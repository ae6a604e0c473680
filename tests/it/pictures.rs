//! What a person sees: reference pictures, codes that scanners read, and pages stretched to their limits.
//!
//! The reference pictures stand in `tests/golden/`. After a wanted change of a layout, look at what changed in
//! `target/pictures/` and renew them with `YINZHENG_RENEW_PICTURES=1 cargo test --test it pictures`.

use crate::easel::{ADDRESS, Easel, Picture, Sitting, TYPES, draw, home};
use crate::judges;
use serde_json::{Value, json};
use yinzheng::render::RenderError;

/// Fine enough that a missing stroke of a name is seen, coarse enough to be small.
const DPI: f32 = 54.0;
/// A pixel differs when a colour is further off than this, of 255: two levels of the reduced palette.
const LEVELS: u8 = 40;
/// Pixels that may differ, of some 290,000: rounding of another processor. One lost ideograph of body text is 40 or more.
const PIXELS: usize = 12;

fn compare(name: &str, sitting: &Sitting, easel: &Easel) -> Result<(), String> {
    let pdf = easel.render(sitting).map_err(|e| format!("{name}: {e}"))?;
    let drawn = draw(pdf, DPI).remove(0).reduced();
    let stored = home("tests/golden").join(format!("{name}.png"));
    if std::env::var_os("YINZHENG_RENEW_PICTURES").is_some() {
        drawn.save(&stored);
        return Ok(());
    }
    let different = Picture::open(&stored).map_or(usize::MAX, |stored| differences(&stored, &drawn));
    if different <= PIXELS {
        return Ok(());
    }
    let folder = home("target/pictures");
    std::fs::create_dir_all(&folder).unwrap();
    drawn.save(&folder.join(format!("{name}.png")));
    Err(format!(
        "{name}: {different} pixels differ from tests/golden/{name}.png; the new picture is target/pictures/{name}.png. \
         If it is wanted: YINZHENG_RENEW_PICTURES=1 cargo test --test it pictures"
    ))
}

fn differences(one: &Picture, other: &Picture) -> usize {
    if (one.width, one.height) != (other.width, other.height) {
        return usize::MAX;
    }
    let pixels = one.rgb.chunks(3).zip(other.rgb.chunks(3));
    pixels.filter(|(a, b)| a.iter().zip(*b).any(|(a, b)| a.abs_diff(*b) > LEVELS)).count()
}

#[test]
fn every_type_looks_like_its_reference_picture() {
    let wrong: Vec<String> = TYPES
        .iter()
        .filter_map(|slug| {
            let easel = Easel::new(slug);
            compare(slug, &easel.example(), &easel).err()
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_with_rare_characters_look_like_their_reference_picture() {
    let easel = Easel::new("adoption-registration");
    let mut sitting = easel.example();
    set(
        &mut sitting.application,
        &[
            ("/adopters/0/name", json!("㛃䶮𬭎𫖯𡐓𠅤")),
            ("/adopters/1/name", json!("张𠮷𪸩")),
            ("/adoptee/name", json!("𠮷㛃·𪸩䶮")),
        ],
    );
    compare("rare-names", &sitting, &easel).unwrap();
}

#[test]
fn a_lost_character_is_a_different_picture() {
    let easel = Easel::new("adoption-registration");
    let draw_name = |name: &str| {
        let mut sitting = easel.example();
        set(&mut sitting.application, &[("/adoptee/former_name", json!(name))]);
        draw(easel.render(&sitting).unwrap(), DPI).remove(0).reduced()
    };
    assert!(differences(&draw_name("福小安"), &draw_name("福安")) > PIXELS);
}

#[test]
fn every_code_is_read_at_every_usual_resolution() {
    for slug in TYPES {
        let easel = Easel::new(slug);
        let pdf = easel.render(&easel.example()).unwrap();
        // Big pictures are slow without optimisation: two types stand for all then.
        let fine = !cfg!(debug_assertions) || ["adoption-registration", "volunteer-passport"].contains(&slug);
        for dpi in [100.0, 150.0, 300.0].into_iter().take(if fine { 3 } else { 2 }) {
            let picture = draw(pdf.clone(), dpi).remove(0);
            assert_eq!(picture.codes(), [ADDRESS], "{slug} at {dpi} dpi, read by rqrr");
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("page.png");
            picture.save(&file);
            let Some(said) = judges::run("zbarimg", &["-q", "--raw", file.to_str().unwrap()]) else {
                continue;
            };
            assert_eq!(
                String::from_utf8_lossy(&said.stdout).trim(),
                ADDRESS,
                "{slug} at {dpi} dpi, read by zbarimg"
            );
        }
    }
}

/// Applications at the limits of their types; `true` when the page must hold them, `false` when refusing them is right.
fn stretched(slug: &str, example: &Value) -> Vec<(&'static str, Value)> {
    let name = "欧阳㛃䶮𬭎𫖯𡐓𠅤";
    let long_name = "阿卜杜热合曼·买买提艾力·吾买尔江·努尔买买提·𠮷㛃";
    let place = "示例省示例自治州示例市示例区示例街道示例路一千二百三十四弄五百六十七号八幢九单元一千零一室";
    let organisation = "示例市示例区长者照护与社区居家养老综合为老服务及心理慰藉促进中心有限责任公司";
    let text = |count: usize| {
        "面向自理、部分自理和完全不能自理的老年人提供生活照料服务，"
            .chars()
            .cycle()
            .take(count)
            .collect::<String>()
    };
    let passport = json!({ "type": "foreign_passport", "number": "E12345678" });
    let with = |changes: &[(&str, Value)]| {
        let mut changed = example.clone();
        set(&mut changed, changes);
        changed
    };
    let without = |fields: &[&str]| {
        let mut changed = example.clone();
        fields.iter().for_each(|field| {
            let (parent, field) = field.rsplit_once('/').unwrap();
            changed.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(field);
        });
        changed
    };
    let adopters = |long: bool| {
        let who = if long { long_name } else { name };
        with(&[
            ("/adopters/0/name", json!(who)),
            ("/adopters/1/name", json!(who)),
            ("/adoptee/name", json!(who)),
        ])
    };
    match slug {
        "adoption-registration" => {
            let mut full = adopters(true);
            set(
                &mut full,
                &[
                    ("/adopters/0/address", json!(place)),
                    ("/adopters/1/address", json!(place)),
                    ("/adopters/0/nationality", json!("大不列颠及北爱尔兰联合王国")),
                    ("/adoptee/former_name", json!(long_name)),
                    ("/relinquisher", json!(text(100))),
                    ("/registry", json!(organisation)),
                    ("/original_number", json!("（1998）示例市示例区民政局收养登记处收字第00000123456号")),
                    ("/remarks", json!(text(120))),
                ],
            );
            let mut single = without(&["/adoptee/former_name", "/relinquisher", "/remarks"]);
            single["adopters"].as_array_mut().unwrap().pop();
            let mut foreign = with(&[]);
            foreign["adopters"][1] = json!({ "name": "MARIA FERNANDA DE LA CRUZ", "sex": "female", "nationality": "西班牙",
                "birth_date": "1985-11-23", "document": passport, "address": "12 Example Road, Shili District, Shili City" });
            vec![("full", full), ("single", single), ("rare", adopters(false)), ("foreign", foreign)]
        }
        "adoption-dissolution" => {
            let mut full = adopters(true);
            set(
                &mut full,
                &[
                    ("/relinquisher", json!(text(100))),
                    ("/registry", json!(organisation)),
                    ("/adoption_registry", json!(organisation)),
                    ("/adoption_number", json!("（1996）示例市示例区民政局收养登记处收字第00000123456号")),
                ],
            );
            let mut single = with(&[]);
            single["adopters"].as_array_mut().unwrap().pop();
            vec![("full", full), ("single", single), ("rare", adopters(false))]
        }
        "elder-care-filing-receipt" => vec![
            (
                "full",
                with(&[
                    ("/institution_name", json!(organisation)),
                    ("/person_in_charge", json!(long_name)),
                    ("/address", json!(place)),
                    ("/beds", json!(5000)),
                    ("/service_scope", json!(text(160))),
                ]),
            ),
            ("least", without(&["/floor_area"])),
        ],
        "funeral-service-licence" => {
            let mut full = with(&[
                ("/unit_name", json!(organisation)),
                ("/legal_representative", json!(long_name)),
                ("/address", json!(place)),
                ("/service_scope", json!(text(160))),
                ("/approval_number", json!("示例市民政局示民殡〔2019〕第00000000027号")),
            ]);
            let years = (2018..2026).map(|year| {
                json!({ "year": year, "result": "passed_after_correction",
                "date": format!("{year}-12-31"), "inspector": long_name })
            });
            full["inspections"] = years.collect();
            vec![("full", full), ("least", without(&["/inspections", "/site_area", "/approval_number"]))]
        }
        "marriage-annulment-decision" => vec![
            (
                "full",
                with(&[
                    ("/party_one/name", json!(long_name)),
                    ("/party_two/name", json!(long_name)),
                    ("/party_one/nationality", json!("大不列颠及北爱尔兰联合王国")),
                    ("/marriage_certificate_number", json!("J990101-2019-000520-000000000000")),
                    ("/registry", json!(organisation)),
                    ("/facts", json!(text(400))),
                ]),
            ),
            ("least", without(&["/delivery_date"])),
        ],
        "public-fundraising-qualification" => vec![(
            "full",
            with(&[
                ("/organisation_name", json!(organisation)),
                ("/legal_representative", json!(long_name)),
                ("/domicile", json!(place)),
                ("/business_scope", json!(text(160))),
                ("/registry", json!(organisation)),
            ]),
        )],
        _ => vec![
            (
                "full",
                with(&[
                    ("/name", json!(long_name)),
                    ("/nationality", json!("大不列颠及北爱尔兰联合王国")),
                    ("/organisation", json!(organisation)),
                ]),
            ),
            ("rare", with(&[("/name", json!(name))])),
            ("least", without(&["/organisation", "/document_period"])),
        ],
    }
}

fn set(value: &mut Value, changes: &[(&str, Value)]) {
    for (pointer, new) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        value.pointer_mut(parent).unwrap()[field] = new.clone();
    }
}

/// Long values, all records, absent fields: the page holds them, or the block that cannot is named.
#[test]
fn stretched_applications_fit_or_are_refused_by_name() {
    let folder = home("target/pictures");
    std::fs::create_dir_all(&folder).unwrap();
    let mut wrong = Vec::new();
    for slug in TYPES {
        let easel = Easel::new(slug);
        let example = easel.example();
        for (name, application) in stretched(slug, &example.application) {
            let pdf = match easel.render(&Sitting { application, ..easel.example() }) {
                Ok(pdf) => pdf,
                Err(e) => {
                    wrong.push(format!("{slug}, {name}: {e}"));
                    continue;
                }
            };
            let picture = draw(pdf, 100.0).remove(0);
            picture.save(&folder.join(format!("{slug}-{name}.png")));
            if picture.codes() != [ADDRESS] {
                wrong.push(format!("{slug}, {name}: the code is not read"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_cannot_be_held_is_refused_by_name() {
    for slug in TYPES {
        let easel = Easel::new(slug);
        let endless = Sitting { issuer: "示例市".repeat(8), ..easel.example() };
        match easel.render(&endless) {
            Ok(pdf) => assert_eq!(draw(pdf, 100.0).remove(0).codes(), [ADDRESS], "{slug}"),
            Err(RenderError::DoesNotFit { block } | RenderError::Collides { block, .. }) => {
                assert!(!block.is_empty(), "{slug}");
            }
            Err(other) => panic!("{slug}: {other}"),
        }
    }
}

/// The largest seal a bureau has leaves code, photo and facts free on every page.
#[test]
fn a_seal_of_45_mm_covers_nothing_but_issuer_and_date() {
    for slug in TYPES {
        let easel = Easel::new(slug);
        let sitting = Sitting { seal_mm: 45.0, ..easel.example() };
        easel.render(&sitting).unwrap_or_else(|e| panic!("{slug}: {e}"));
    }
}
