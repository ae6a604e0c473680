//! `verify` of a folder through the command line: every file judged as it would be alone, in one order, whatever else lies there.

use serde_json::Value;
use std::collections::BTreeMap;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const PROGRAM: &str = env!("CARGO_BIN_EXE_yinzheng");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn verify(arguments: &[&str], more: &[&Path]) -> Output {
    let trust = Path::new(ROOT).join("fixtures/trust/root.pem");
    let mut command = Command::new(PROGRAM);
    command.args(["verify", "--at", "2027-01-15T16:00:00+08:00", "--trust"]).arg(trust);
    command.args(arguments).args(more).output().unwrap()
}

fn objects(output: &Output) -> Vec<Value> {
    String::from_utf8_lossy(&output.stdout).lines().map(|l| serde_json::from_str(l).unwrap()).collect()
}

/// The shipped fixtures in folders of three levels, some names in capitals; and what each is called.
fn furnished(folder: &Path) -> Vec<PathBuf> {
    std::fs::create_dir_all(folder.join("b/c.pdf")).unwrap();
    let mut files = Vec::new();
    for (at, kind) in ["attacks", "ours"].iter().enumerate() {
        let fixtures = std::fs::read_dir(Path::new(ROOT).join("fixtures").join(kind)).unwrap();
        for path in fixtures.map(|entry| entry.unwrap().path()) {
            if path.extension().is_some_and(|e| e == "pdf") {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                let below = [folder.to_owned(), folder.join("b"), folder.join("b/c.pdf")];
                let place = &below[(files.len() + at) % 3];
                let name = if files.len() % 2 == 0 { name.replace(".pdf", ".PDF") } else { name };
                std::fs::copy(&path, place.join(&name)).unwrap();
                files.push(place.join(name));
            }
        }
    }
    assert!(files.len() > 15, "{files:?}");
    files.sort();
    files
}

#[test]
fn every_file_is_judged_as_alone_and_none_stops_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let (inside, outside) = (folder.path().join("in"), folder.path().join("out"));
    std::fs::create_dir_all(&outside).unwrap();
    let files = furnished(&inside);
    let alone: BTreeMap<String, Value> =
        objects(&verify(&["--json"], &files.iter().map(PathBuf::as_path).collect::<Vec<_>>()))
            .into_iter()
            .map(|object| (object["file"].as_str().unwrap().to_owned(), object))
            .collect();
    std::fs::copy(&files[0], outside.join("secret.pdf")).unwrap();
    std::fs::write(inside.join("notes.txt"), "no PDF").unwrap();
    symlink(&files[1], inside.join("z-link-inside.pdf")).unwrap();
    symlink(outside.join("secret.pdf"), inside.join("z-link-outside.pdf")).unwrap();
    symlink(&outside, inside.join("z-folder-outside")).unwrap();
    symlink(&inside, inside.join("z-folder-inside")).unwrap();
    symlink(inside.join("nothing"), inside.join("z-broken.pdf")).unwrap();
    assert!(Command::new("mkfifo").arg(inside.join("z-pipe.pdf")).status().unwrap().success());
    std::fs::write(inside.join("z-empty.pdf"), "").unwrap();
    let closed = inside.join("z-closed.pdf");
    std::fs::copy(&files[0], &closed).unwrap();
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o0)).unwrap();
    let closed = std::fs::read(&closed).is_err();
    let list = folder.path().join("results.csv");
    let run = verify(&["--json", "--results", list.to_str().unwrap()], &[&inside]);
    assert_eq!(run.status.code(), Some(1), "what was not judged is the worst");
    assert_eq!(String::from_utf8_lossy(&run.stderr), "", "no bar without a terminal");
    let mut said = objects(&run);
    let summary = said.pop().unwrap()["summary"].clone();
    let names: Vec<&str> = said.iter().map(|object| object["file"].as_str().unwrap()).collect();
    assert!(names.is_sorted_by_key(Path::new), "{names:?}");
    for file in &files {
        let name = file.to_str().unwrap();
        let object = said.iter().find(|object| object["file"] == name).unwrap();
        assert_eq!(object, &alone[name]);
    }
    let not_judged: Vec<&str> = said
        .iter()
        .filter(|object| object["error"]["code"] == "not_judged")
        .map(|object| Path::new(object["file"].as_str().unwrap()).file_name().unwrap().to_str().unwrap())
        .collect();
    let mut expected =
        vec!["z-broken.pdf", "z-closed.pdf", "z-folder-outside", "z-link-outside.pdf", "z-pipe.pdf"];
    expected.retain(|name| closed || *name != "z-closed.pdf");
    assert_eq!(not_judged, expected);
    let count = |word: &str| summary[word].as_u64().unwrap();
    assert_eq!(usize::try_from(count("files")).unwrap(), said.len());
    assert_eq!(usize::try_from(count("not_judged")).unwrap(), expected.len());
    assert_eq!(count("accept") + count("refuse") + count("refer") + count("not_judged"), count("files"));
    assert!(count("refuse") > 8, "{summary}");
    assert_eq!(summary["slowest"].as_array().unwrap().len(), 3);
    let mut rows = csv::Reader::from_path(&list).unwrap();
    let rows: Vec<csv::StringRecord> = rows.records().map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|row| row[0].to_owned()).collect::<Vec<_>>(), names);
    let again = verify(&["--results", list.to_str().unwrap()], &[&inside]);
    assert_eq!((again.status.code(), again.stdout.len()), (Some(1), 0), "a list is never overwritten");
}

#[test]
fn the_worst_decides_and_an_empty_folder_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let own = Path::new(ROOT).join("fixtures/ours/sealed-page.pdf");
    let attack = Path::new(ROOT).join("fixtures/attacks/one-byte-changed.pdf");
    let empty = verify(&[], &[folder.path()]);
    assert_eq!(empty.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&empty.stderr).contains("no PDF in this folder"));
    std::fs::copy(&own, folder.path().join("1.pdf")).unwrap();
    let alone = verify(&[], &[&own]).status.code();
    let good = verify(&[], &[folder.path()]);
    assert_eq!(good.status.code(), alone);
    let said = String::from_utf8_lossy(&good.stdout).into_owned();
    assert!(said.contains("共 files: 1") && said.contains("最慢 slowest: "), "{said}");
    std::fs::copy(&attack, folder.path().join("2.pdf")).unwrap();
    assert_eq!(verify(&[], &[folder.path()]).status.code(), Some(10));
    // A folder and a file, and an empty folder among full ones.
    assert_eq!(verify(&["--json"], &[&own, folder.path()]).status.code(), Some(10));
    let none = folder.path().join("none");
    std::fs::create_dir(&none).unwrap();
    assert_eq!(verify(&[], &[folder.path(), &none]).status.code(), Some(1));
    assert_eq!(verify(&["--extract", "1", "-o", "/dev/null"], &[folder.path()]).status.code(), Some(1));
}

#[test]
fn every_file_of_a_folder_has_its_report() {
    let folder = tempfile::tempdir().unwrap();
    let (inside, out) = (folder.path().join("in"), folder.path().join("out"));
    let files = furnished(&inside);
    let run = verify(&["--format", "xml", "-o", out.to_str().unwrap()], &[&inside]);
    assert_eq!(run.status.code(), Some(10), "the worst decides here as well");
    assert_eq!(std::fs::read_dir(&out).unwrap().count(), files.len());
    for file in &files {
        let report = out.join(format!("{}.report.xml", file.file_name().unwrap().to_str().unwrap()));
        assert!(std::fs::read_to_string(report).unwrap().contains("<ValidationReport "));
    }
    assert_eq!(verify(&["--format", "xml"], &[&inside]).status.code(), Some(1), "no place for several");
}

#[test]
fn a_name_does_not_steer_the_screen() {
    let folder = tempfile::tempdir().unwrap();
    let own = Path::new(ROOT).join("fixtures/ours/sealed-page.pdf");
    let name = folder.path().join("a\u{1b}[2J\u{202e}b.pdf");
    std::fs::copy(&own, &name).unwrap();
    for named in [&name, &folder.path().to_owned()] {
        let said = String::from_utf8(verify(&[], &[named]).stdout).unwrap();
        assert!(said.contains("a[2Jb.pdf") && !said.contains(['\u{1b}', '\u{202e}']), "{said:?}");
    }
}
