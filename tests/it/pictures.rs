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

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Stretched {
    r#type: String,
    name: String,
    #[serde(default)]
    set: toml::Table,
    #[serde(default)]
    remove: Vec<String>,
}

#[derive(serde::Deserialize)]
struct StretchedFile {
    case: Vec<Stretched>,
}

impl Stretched {
    fn all() -> Vec<Self> {
        toml::from_str::<StretchedFile>(include_str!("stretched.toml")).unwrap().case
    }

    fn application(&self, mut example: Value) -> Value {
        for (pointer, new) in &self.set {
            set(&mut example, &[(pointer, serde_json::to_value(new).unwrap())]);
        }
        for pointer in &self.remove {
            let (parent, last) = pointer.rsplit_once('/').unwrap();
            match example.pointer_mut(parent).unwrap() {
                Value::Array(items) => drop(items.remove(last.parse().unwrap())),
                Value::Object(fields) => drop(fields.remove(last).unwrap()),
                _ => panic!("{pointer}"),
            }
        }
        example
    }
}

fn set(value: &mut Value, changes: &[(&str, Value)]) {
    for (pointer, new) in changes {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        value.pointer_mut(parent).unwrap()[field] = new.clone();
    }
}

/// Long values, all records, absent fields: every page holds them, with a code that is read.
#[test]
fn stretched_applications_fit() {
    let folder = home("target/pictures");
    std::fs::create_dir_all(&folder).unwrap();
    let mut wrong = Vec::new();
    let cases = Stretched::all();
    for slug in TYPES {
        let easel = Easel::new(slug);
        let own: Vec<_> = cases.iter().filter(|case| case.r#type == slug).collect();
        assert!(!own.is_empty(), "{slug}");
        for case in own {
            let application = case.application(easel.example().application);
            let pdf = match easel.render(&Sitting { application, ..easel.example() }) {
                Ok(pdf) => pdf,
                Err(e) => {
                    wrong.push(format!("{slug}, {}: {e}", case.name));
                    continue;
                }
            };
            let picture = draw(pdf, 100.0).remove(0);
            picture.save(&folder.join(format!("{slug}-{}.png", case.name)));
            if picture.codes() != [ADDRESS] {
                wrong.push(format!("{slug}, {}: the code is not read", case.name));
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

/// Poppler, which we did not write, reads the structure tree: title first, every table of rows of cells, figures placed.
#[test]
fn the_structure_is_read_by_another_program() {
    for slug in TYPES {
        let easel = Easel::new(slug);
        let pdf = easel.render(&easel.example()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.pdf");
        std::fs::write(&file, pdf).unwrap();
        let Some(said) = judges::run("pdfinfo", &["-struct-text", file.to_str().unwrap()]) else { return };
        let tree = String::from_utf8(said.stdout).unwrap();
        assert!(said.stderr.is_empty(), "{slug}: {}", String::from_utf8_lossy(&said.stderr));
        let elements: Vec<&str> = tree
            .lines()
            .map(str::trim)
            .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
            .map(|line| line.split([' ', ':']).next().unwrap())
            .collect();
        let count = |name: &str| elements.iter().filter(|element| **element == name).count();
        let known = ["Document", "H1", "H2", "P", "Table", "TR", "TH", "TD", "Figure"];
        assert!(elements.iter().all(|element| known.contains(element)), "{slug}: {elements:?}");
        assert_eq!((elements[0], count("H1")), ("Document", 1), "{slug}");
        assert!(count("TH") <= count("TD") + count("TR") && count("TR") >= count("Table"), "{slug}");
        // Code and seal; the passport has a photo too.
        assert_eq!(count("Figure"), if slug == "volunteer-passport" { 3 } else { 2 }, "{slug}");
        let title = format!("\"{}\"", easel.kind.name().zh);
        let after = tree.lines().skip_while(|line| !line.trim().starts_with("H1")).nth(1).unwrap();
        assert_eq!(after.trim(), title, "{slug}");
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
