//! The command line as people type it: `tests/cmd/*.md` and the README's transcripts, run as they stand.
//!
//! Each file runs in a folder that holds `demo/` (a demonstration made by the program itself) and a few documents
//! made from it. `TRYCMD=overwrite` writes what was really printed into a copy, whose place the failure names.

use crate::offices::{example, issue};
use std::path::Path;
use std::process::Command;
use yinzheng::service::Office;

const PROGRAM: &str = env!("CARGO_BIN_EXE_yinzheng");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// What the files talk of.
fn furnish(folder: &Path) {
    let demo = folder.join("demo");
    let made =
        Command::new(PROGRAM).args(["demo", "--no-serve", "--quiet", "--out"]).arg(&demo).output().unwrap();
    assert!(made.status.success(), "{}", crate::judges::words(&made));
    let passport = std::fs::read(demo.join("certificates/volunteer-passport.pdf")).unwrap();
    let mut tampered = passport.clone();
    tampered[2_000] ^= 1;
    std::fs::write(folder.join("tampered.pdf"), tampered).unwrap();
    std::fs::write(folder.join("appended.pdf"), [&passport[..], b"% appended\n"].concat()).unwrap();
    let attacks = Path::new(ROOT).join("fixtures/attacks");
    std::fs::create_dir(folder.join("empty")).unwrap();
    std::fs::copy(attacks.join("literal-contents.pdf"), folder.join("partial.pdf")).unwrap();
    let office = Office::open(&demo, Vec::new()).unwrap();
    let mut old = example("volunteer-passport");
    old["name"] = "张㛃明".into();
    old["document"] = serde_json::json!({ "type": "cn_passport", "number": "E12345678" });
    old["application_date"] = "2019-03-01".into();
    old["valid_period"] = serde_json::json!({ "from": "2019-03-05", "to": "2020-03-04" });
    std::fs::write(folder.join("expired.pdf"), issue(&office, "volunteer-passport", &old).pdf).unwrap();
    let mut next = example("elder-care-filing-receipt");
    next["address"] = "示例市示例区朝晖路 68 号".into();
    let policy = std::fs::read_to_string(Path::new(ROOT).join("policies/strict.toml")).unwrap();
    let policy =
        policy.replace("ledger = \"demanded\"\n", "").replace("path = \"demanded\"", "path = \"sometimes\"");
    std::fs::write(folder.join("wrong.toml"), policy).unwrap();
    std::fs::write(folder.join("application.json"), next.to_string()).unwrap();
    next["beds"] = 3.into();
    next["uscc"] = "52990000000002110A".into();
    next.as_object_mut().unwrap().remove("address");
    std::fs::write(folder.join("wrong.json"), next.to_string()).unwrap();
    let lines = (1..=3).map(|n| {
        let mut one = example("elder-care-filing-receipt");
        one["address"] = format!("示例市示例区朝阳路 {n} 号").into();
        if n == 2 {
            one["beds"] = 0.into();
        }
        one.to_string()
    });
    std::fs::write(folder.join("batch.jsonl"), lines.collect::<Vec<_>>().join("\n")).unwrap();
}

/// The README shows real codes, days and years; each run has its own.
fn any_code_and_day(text: &str) -> String {
    let shapes = [
        r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b",
        r"\b20\d\d-\d\d-\d\d(T[0-9:.]{8,12}\+08:00)?",
        r"20\d\d年\d+月\d+日",
        r"[〔（]20\d\d[〕）]",
    ];
    let shapes = shapes.map(|shape| regex::Regex::new(shape).unwrap());
    // What is typed stays as it is.
    let lines = text.split('\n').map(|line| match line.starts_with("$ ") {
        true => line.to_owned(),
        false => {
            shapes.iter().fold(line.to_owned(), |line, shape| shape.replace_all(&line, "[..]").into_owned())
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// trycmd looks for the folder of `x.md` at `x.in`.
fn place(at: &Path, file: &Path) {
    let name = file.file_stem().unwrap();
    let text = std::fs::read_to_string(file).unwrap();
    let text = if name == "README" { any_code_and_day(&text) } else { text };
    std::fs::write(at.join(file.file_name().unwrap()), text).unwrap();
    let inside = at.join(name).with_extension("in");
    std::fs::create_dir(&inside).unwrap();
    furnish(&inside);
}

#[test]
fn what_people_type() {
    let folder = tempfile::tempdir().unwrap();
    let root = Path::new(ROOT);
    let cases = std::fs::read_dir(root.join("tests/cmd")).unwrap().map(|entry| entry.unwrap().path());
    let cases: Vec<_> = cases.filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    assert!(cases.len() >= 6, "{cases:?}");
    for file in cases.iter().chain([&root.join("README.md")]) {
        place(folder.path(), file);
    }
    let cases = trycmd::TestCases::new();
    cases.default_bin_path(PROGRAM).register_bin("yinzheng", Path::new(PROGRAM));
    cases.env("YINZHENG_CA_PASSPHRASE", "an invented passphrase").env("NO_COLOR", "1");
    cases.case(folder.path().join("*.md"));
    if std::env::var_os("TRYCMD").is_some() {
        let kept = folder.keep();
        println!("written to {}", kept.display());
    }
    cases.run();
}
