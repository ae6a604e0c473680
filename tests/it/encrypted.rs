//! Encrypted by qpdf in every way it knows: read like the plain file when no password is asked, locked otherwise.

use crate::judges;
use std::collections::BTreeMap;
use std::path::Path;
use yinzheng::pdf::{File, Limits, Object, open};

const WAYS: [(&str, &[&str]); 6] = [
    ("RC4, 40 bits", &["40", "--allow-weak-crypto"]),
    ("RC4, 128 bits", &["128", "--use-aes=n", "--allow-weak-crypto"]),
    ("AES, 128 bits", &["128", "--use-aes=y"]),
    ("AES, 128 bits, metadata in the clear", &["128", "--use-aes=y", "--cleartext-metadata"]),
    ("AES, 256 bits, revision 5", &["256", "--force-R5"]),
    ("AES, 256 bits, revision 6", &["256"]),
];

/// Strings and decoded data of each object.
type Content = BTreeMap<u32, (Vec<Vec<u8>>, Option<Vec<u8>>)>;

/// Everything that can be read: each object's strings and decoded data.
fn content(file: &File<'_>) -> Content {
    let newest = file.newest();
    let numbers = file.revisions().iter().flat_map(|revision| revision.entries()).map(|(number, _)| *number);
    let mut all = BTreeMap::new();
    for number in numbers {
        let Some(object) = file.by_number(number, newest).unwrap() else { continue };
        let kind = object.value.as_dict().and_then(|dict| dict.name(b"Type"));
        // How a file is packed is the writer's business.
        let filter = object.value.as_dict().and_then(|dict| dict.name(b"Filter"));
        if matches!(kind, Some(b"XRef" | b"ObjStm")) || filter == Some(b"Standard") {
            continue;
        }
        let mut strings = Vec::new();
        gather(&object.value, &mut strings);
        all.insert(number, (strings, object.data_at.and_then(|_| file.decoded(&object, newest).ok())));
    }
    all
}

fn gather(value: &Object, strings: &mut Vec<Vec<u8>>) {
    match value {
        Object::Text(text) => strings.push(text.bytes()),
        Object::Array(items) => items.iter().for_each(|item| gather(item, strings)),
        Object::Dict(dict) => dict.iter().for_each(|(_, value)| gather(value, strings)),
        _ => {}
    }
}

fn qpdf(arguments: &[&str], from: &Path, to: &Path) -> Option<()> {
    let ends = [from.to_str().unwrap(), to.to_str().unwrap()];
    let output = judges::run("qpdf", &[arguments, &ends[..]].concat())?;
    // 3 is a warning, here about weak methods.
    assert!(matches!(output.status.code(), Some(0 | 3)), "{}", judges::words(&output));
    Some(())
}

#[test]
fn every_way_of_qpdf() {
    let folder = tempfile::tempdir().unwrap();
    let (source, plain, locked) =
        (folder.path().join("source.pdf"), folder.path().join("plain.pdf"), folder.path().join("locked.pdf"));
    let ours = std::fs::read_dir("fixtures/ours").unwrap().map(|entry| entry.unwrap().path());
    let ours = ours.filter(|path| path.extension().is_some_and(|e| e == "pdf")).min().unwrap();
    std::fs::copy(ours, &source).unwrap();
    for objects in ["--object-streams=disable", "--object-streams=generate"] {
        let fixed = ["--static-id", objects];
        let Some(()) = qpdf(&fixed, &source, &plain) else { return };
        let bytes = std::fs::read(&plain).unwrap();
        let wanted = content(&open(&bytes, &Limits::DEFAULT).unwrap());
        assert!(wanted.values().filter(|(_, data)| data.is_some()).count() > 3);
        for (way, options) in WAYS {
            for (user, shut) in [("", false), ("user", true)] {
                let encrypt = [&["--encrypt", user, "owner"], options, &["--"]].concat();
                // Weak methods are asked for before the words of the method.
                let (weak, encrypt): (Vec<_>, Vec<_>) =
                    encrypt.into_iter().partition(|word| *word == "--allow-weak-crypto");
                qpdf(&[&fixed[..], &weak, &encrypt].concat(), &source, &locked).unwrap();
                let bytes = std::fs::read(&locked).unwrap();
                let file = open(&bytes, &Limits::DEFAULT).unwrap();
                assert_eq!((file.is_encrypted(), file.is_locked()), (true, shut), "{way}");
                if !shut {
                    let read: Vec<_> = content(&file).into_values().collect();
                    assert_eq!(read, wanted.values().cloned().collect::<Vec<_>>(), "{way} {objects}");
                }
            }
        }
    }
}
