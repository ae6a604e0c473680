//! The house keeps its floors: imports point down, each outside crate is used in its own room only, files stay short.

use std::fs;
use std::path::{Path, PathBuf};

/// Lowest first. Rooms of one floor do not import each other.
const FLOORS: [&[&str]; 11] = [
    &["domain", "asn1"],
    &["crypto", "pdf", "fonts"],
    &["x509", "cms", "ses", "seal_art", "preview", "token"],
    &["render", "sign", "verify"],
    &["ledger", "report", "net", "stamp"],
    &["config"],
    &["service"],
    &["http"],
    &["web"],
    &["cli"],
    &["main", "lib"],
];

/// Outside crate and the rooms that own it. Crates not named here may be used anywhere.
const OWNERS: [(&str, &[&str]); 60] = [
    ("aes", &["pdf"]),
    ("askama", &["report", "web"]),
    ("axum", &["http", "web"]),
    ("axum_server", &["cli"]),
    ("cryptoki", &["token"]),
    ("futures_util", &["http"]),
    ("governor", &["http"]),
    ("zip", &["http"]),
    ("hayro", &["preview"]),
    ("metrics", &["http"]),
    ("metrics_exporter_prometheus", &["http", "cli"]),
    ("rustls", &["cli"]),
    ("tower_http", &["http"]),
    ("base64", &["domain", "report", "config", "service", "http", "cli"]),
    ("bp256", &["crypto"]),
    ("bp384", &["crypto"]),
    ("cbc", &["pdf"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("csv", &["http", "cli"]),
    ("dsa", &["crypto"]),
    ("ecdsa", &["crypto"]),
    ("ed448_goldilocks_plus", &["crypto"]),
    ("fast_qr", &["render"]),
    ("image", &["domain", "preview"]),
    ("indicatif", &["cli"]),
    ("jpeg_encoder", &["domain"]),
    ("rpassword", &["cli"]),
    ("lopdf", &["pdf"]),
    ("md5", &["pdf"]),
    ("memchr", &["pdf"]),
    ("p256", &["crypto"]),
    ("p384", &["crypto"]),
    ("p521", &["crypto"]),
    ("pdf_writer", &["render"]),
    ("pkcs8", &["crypto"]),
    ("png", &["preview"]),
    ("quick_xml", &["report"]),
    ("rc4", &["pdf"]),
    ("rcgen", &["x509"]),
    // Digests of encrypted files, in `pdf`.
    ("ring", &["crypto", "pdf"]),
    ("rsa", &["crypto"]),
    ("rusqlite", &["ledger"]),
    ("sha1", &["crypto"]),
    ("sha2", &["crypto"]),
    ("sha3", &["crypto"]),
    ("shake", &["crypto"]),
    ("skrifa", &["fonts"]),
    ("sm2", &["crypto"]),
    ("sm3", &["crypto"]),
    ("smallvec", &["pdf"]),
    ("subsetter", &["render"]),
    ("toml", &["domain", "render", "verify", "config", "service"]),
    ("unicode_normalization", &["domain"]),
    ("unicode_width", &["cli"]),
    ("ureq", &["net"]),
    ("weezl", &["pdf"]),
    ("x509_parser", &["x509"]),
    ("zeroize", &["crypto", "x509", "ledger", "service", "cli", "token"]),
    ("zstd", &["fonts", "ledger"]),
];

const LONGEST_FILE: usize = 600;

struct Source {
    path: PathBuf,
    room: String,
    /// Without comments, text literals and unit tests.
    code: String,
    lines: usize,
}

#[test]
fn imports_point_down() {
    let mut wrong = Vec::new();
    let mut imports = 0;
    for source in sources() {
        let own = floor(&source.room)
            .unwrap_or_else(|| panic!("{}: no floor for {}", source.path.display(), source.room));
        for target in words_after(&source.code, "crate::") {
            let Some(below) = floor(&target) else { continue };
            imports += 1;
            if target != source.room && below >= own {
                wrong.push(format!("{}: {} imports {target}", source.path.display(), source.room));
            }
        }
    }
    assert!(imports > 50, "only {imports} imports seen: the test looks in the wrong place");
    assert!(wrong.is_empty(), "imports that do not point down:\n{}", wrong.join("\n"));
}

#[test]
fn outside_crates_stay_in_their_rooms() {
    let mut wrong = Vec::new();
    let mut uses = 0;
    for source in sources() {
        for (name, rooms) in OWNERS {
            if !uses_crate(&source.code, name) {
                continue;
            }
            uses += 1;
            if !rooms.contains(&source.room.as_str()) {
                wrong.push(format!("{}: {name} belongs to {}", source.path.display(), rooms.join(", ")));
            }
        }
    }
    assert!(uses > 20, "only {uses} uses seen: the test looks in the wrong place");
    assert!(wrong.is_empty(), "outside crates out of their rooms:\n{}", wrong.join("\n"));
}

#[test]
fn sign_and_verify_do_not_know_each_other() {
    for source in sources() {
        let other = match source.room.as_str() {
            "sign" => "verify",
            "verify" => "sign",
            _ => continue,
        };
        let met = words_after(&source.code, "crate::").contains(&other.to_owned());
        assert!(!met, "{}: imports {other}", source.path.display());
    }
}

#[test]
fn files_stay_short() {
    let long: Vec<String> = sources()
        .into_iter()
        .filter(|source| source.lines > LONGEST_FILE)
        .map(|source| format!("{}: {} lines", source.path.display(), source.lines))
        .collect();
    assert!(long.is_empty(), "longer than {LONGEST_FILE} lines:\n{}", long.join("\n"));
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

/// All of `src/`, save files that hold unit tests only.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(folder).unwrap() {
            let path = item.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            if name == "tests" {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let first = path.strip_prefix(&root).unwrap().components().next().unwrap();
                let room = first.as_os_str().to_string_lossy().trim_end_matches(".rs").to_owned();
                found.push(Source { room, code: code(&text), lines: text.lines().count(), path });
            }
        }
    }
    assert!(found.len() > 30, "only {} files under {}", found.len(), root.display());
    found
}

/// The lines before the unit tests, without comments and without what stands between quotes.
fn code(text: &str) -> String {
    let product = text.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let lines = product.lines().map(|line| line.split("//").next().unwrap_or(""));
    lines.map(|line| line.split('"').step_by(2).collect::<Vec<_>>().join(" ")).collect::<Vec<_>>().join("\n")
}

/// The word behind each `prefix`, and each word of `{a::…, b::…}` behind it.
fn words_after(code: &str, prefix: &str) -> Vec<String> {
    let mut words = Vec::new();
    for rest in code.split(prefix).skip(1) {
        match rest.strip_prefix('{') {
            None => words.push(first_word(rest)),
            Some(list) => {
                let mut depth = 0_usize;
                let mut fresh = true;
                for (at, c) in list.char_indices() {
                    match c {
                        '{' => depth += 1,
                        '}' if depth == 0 => break,
                        '}' => depth -= 1,
                        ',' if depth == 0 => fresh = true,
                        _ if fresh && is_word(c) => {
                            words.push(first_word(&list[at..]));
                            fresh = false;
                        }
                        _ => {}
                    }
                }
            }
        }
    }
    words
}

/// `name::` or `use name` with nothing of a path or word before it.
fn uses_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + name.len()..];
        let whole = !before.is_some_and(|c| is_word(c) || c == ':' || c == '.');
        whole && (after.starts_with("::") || (code[..at].ends_with("use ") && after.starts_with(';')))
    })
}

fn first_word(text: &str) -> String {
    text.chars().take_while(|c| is_word(*c)).collect()
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[test]
fn the_reader_of_imports_sees_them_all() {
    let text = "use crate::{pdf::{File, Limits}, asn1::oid};\n// crate::cli\nlet x = crate::crypto::sha256(\"crate::sign\");";
    assert_eq!(words_after(&code(text), "crate::"), ["pdf", "asn1", "crypto"]);
    assert!(uses_crate("use ring::aead;", "ring"));
    assert!(!uses_crate("use string::aead; my::ring::x", "ring"));
}
