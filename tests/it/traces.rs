//! Finds planted values in bytes, however they are wrapped: UTF-8 and UTF-16, hexadecimal, base64, percent and JSON
//! escapes, zlib and zstd streams, and these inside one another.

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

/// Wrappings inside one another.
const DEPTH: usize = 3;
/// Most bytes taken out of one stream.
const MOST: u64 = 16 << 20;
/// Shortest run of hexadecimal digits or base64 characters that may hold a value.
const SHORTEST: usize = 8;

pub(crate) struct Traces {
    needles: Vec<(String, Vec<u8>)>,
}

fn utf16(text: &str, big: bool) -> Vec<u8> {
    text.encode_utf16().flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
}

impl Traces {
    pub(crate) fn of(values: &[&str]) -> Self {
        let forms = |value: &&str| {
            let forms = [value.as_bytes().to_vec(), utf16(value, true), utf16(value, false)];
            forms.map(|form| ((*value).to_owned(), form))
        };
        Self { needles: values.iter().flat_map(forms).collect() }
    }

    /// The values that stand in the bytes.
    pub(crate) fn found(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        self.search(bytes, DEPTH, &mut found);
        found
    }

    fn search(&self, bytes: &[u8], depth: usize, found: &mut BTreeSet<String>) {
        for (value, needle) in &self.needles {
            if memchr::memmem::find(bytes, needle).is_some() {
                found.insert(value.clone());
            }
        }
        if depth > 0 {
            for view in streams(bytes).into_iter().chain(runs(bytes)).chain(escapes(bytes)) {
                self.search(&view, depth - 1, found);
            }
        }
    }
}

fn streams(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut views = Vec::new();
    let mut keep = |reader: &mut dyn Read| {
        let mut view = Vec::new();
        // A damaged stream gives what could be read of it.
        let _ = reader.take(MOST).read_to_end(&mut view);
        if !view.is_empty() {
            views.push(view);
        }
    };
    for at in memchr::memchr_iter(0x78, bytes) {
        if bytes.get(at + 1).is_some_and(|next| (0x7800 + u32::from(*next)) % 31 == 0) {
            keep(&mut flate2::read::ZlibDecoder::new(&bytes[at..]));
        }
    }
    for at in memchr::memmem::find_iter(bytes, &[0x28, 0xb5, 0x2f, 0xfd]) {
        if let Ok(mut decoder) = zstd::stream::read::Decoder::new(&bytes[at..]) {
            keep(&mut decoder);
        }
    }
    views
}

/// What runs of hexadecimal digits and of base64 characters stand for, from each of their first four places.
fn runs(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut views = Vec::new();
    for run in bytes.split(|b| !b.is_ascii_hexdigit()).filter(|run| run.len() >= SHORTEST) {
        views.extend([0, 1].iter().filter_map(|from| {
            let digits = &run[*from..];
            hex::decode(&digits[..digits.len() / 2 * 2]).ok()
        }));
    }
    let base64 = |b: &u8| b.is_ascii_alphanumeric() || b"+/-_".contains(b);
    for run in bytes.split(|b| !base64(b)).filter(|run| run.len() >= SHORTEST) {
        let plain: Vec<u8> =
            run.iter().map(|b| [*b, b'+', b'/'][(*b == b'-') as usize + 2 * (*b == b'_') as usize]).collect();
        views.extend((0..4).filter_map(|from| {
            let rest = &plain[from..];
            let whole = if rest.len() % 4 == 1 { &rest[..rest.len() - 1] } else { rest };
            let four = &whole[..whole.len() / 4 * 4];
            STANDARD_NO_PAD.decode(whole).or_else(|_| STANDARD_NO_PAD.decode(four)).ok()
        }));
    }
    views
}

/// The bytes with percent escapes, and with JSON escapes, taken away.
fn escapes(bytes: &[u8]) -> Vec<Vec<u8>> {
    let hex = |at: usize, digits: usize| {
        let text = std::str::from_utf8(bytes.get(at..at + digits)?).ok()?;
        u32::from_str_radix(text, 16).ok()
    };
    let mut views = Vec::new();
    if memchr::memchr(b'%', bytes).is_some() {
        let (mut view, mut at) = (Vec::new(), 0);
        while at < bytes.len() {
            match (bytes[at], hex(at + 1, 2)) {
                (b'%', Some(byte)) => (view.push(byte as u8), at += 3).0,
                (byte, _) => (view.push(byte), at += 1).0,
            }
        }
        views.push(view);
    }
    if memchr::memmem::find(bytes, b"\\u").is_some() {
        let (mut units, mut view, mut at) = (Vec::new(), Vec::new(), 0);
        while at < bytes.len() {
            if bytes[at..].starts_with(b"\\u")
                && let Some(unit) = hex(at + 2, 4)
            {
                units.push(unit as u16);
                at += 6;
                continue;
            }
            view.extend(String::from_utf16_lossy(&std::mem::take(&mut units)).into_bytes());
            view.push(bytes[at]);
            at += 1;
        }
        view.extend(String::from_utf16_lossy(&units).into_bytes());
        views.push(view);
    }
    views
}

/// Every column of every table, whole: in the file long values lie in pieces.
pub(crate) fn columns(ledger: &Path) -> Vec<(String, Vec<u8>)> {
    let connection = rusqlite::Connection::open(ledger).unwrap();
    let mut statement = connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").unwrap();
    let tables: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut all = Vec::new();
    for table in tables {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            for (at, name) in names.iter().enumerate() {
                let bytes = match row.get_ref(at).unwrap() {
                    rusqlite::types::ValueRef::Text(bytes) | rusqlite::types::ValueRef::Blob(bytes) => bytes,
                    _ => continue,
                };
                all.push((format!("{table}.{name}"), bytes.to_vec()));
            }
        }
    }
    assert!(all.len() > 10, "the ledger is empty");
    all
}

/// The sentence in every wrapping that is looked through.
pub(crate) fn wrapped(sentence: &str) -> Vec<(&'static str, Vec<u8>)> {
    let plain = sentence.as_bytes();
    let shifted = |by: usize| STANDARD_NO_PAD.encode([&b"xyz"[..by], plain].concat()).into_bytes();
    let units = sentence.encode_utf16();
    let zlib = {
        let mut encoder = flate2::read::ZlibEncoder::new(plain, flate2::Compression::default());
        let mut out = Vec::new();
        encoder.read_to_end(&mut out).unwrap();
        out
    };
    let percent = plain.iter().map(|byte| format!("%{byte:02X}")).collect::<String>();
    vec![
        ("as it is", plain.to_vec()),
        ("UTF-16BE", utf16(sentence, true)),
        ("UTF-16LE", utf16(sentence, false)),
        ("hexadecimal", hex::encode(plain).into_bytes()),
        ("HEXADECIMAL", hex::encode_upper(plain).into_bytes()),
        ("a PDF string", format!("<FEFF{}>", hex::encode_upper(utf16(sentence, true))).into_bytes()),
        ("base64", shifted(0)),
        ("base64, shifted by one", shifted(1)),
        ("base64, shifted by two", shifted(2)),
        ("base64url", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(plain).into_bytes()),
        ("percent escapes", percent.into_bytes()),
        ("JSON escapes", units.map(|unit| format!("\\u{unit:04x}")).collect::<String>().into_bytes()),
        ("zstd", zstd::bulk::compress(plain, 1).unwrap()),
        ("zlib in base64", STANDARD_NO_PAD.encode(&zlib).into_bytes()),
        ("zlib in zlib's hexadecimal", hex::encode(&zlib).into_bytes()),
        ("zlib", zlib),
    ]
}
