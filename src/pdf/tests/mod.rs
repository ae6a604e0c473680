#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::as_conversions
)]

use super::*;

mod encrypted;
mod hostile;
mod structure;

/// A file from object bodies 1…n, with a classic table; the trailer names object 1 as the catalog.
fn built(objects: &[&str]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (index, body) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{body}\nendobj\n", index + 1).bytes());
    }
    let at = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for offset in offsets {
        out.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    out.extend(
        format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n", objects.len() + 1).bytes(),
    );
    out
}

/// An update with one object and a `/Prev`.
fn updated(mut out: Vec<u8>, number: u32, body: &str, prev: usize) -> Vec<u8> {
    let offset = out.len();
    out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    let at = out.len();
    out.extend(format!("xref\n{number} 1\n{offset:010} 00000 n \ntrailer\n").bytes());
    out.extend(format!("<</Size 9/Root 1 0 R/Prev {prev}>>\nstartxref\n{at}\n%%EOF\n").bytes());
    out
}

fn xref_at(bytes: &[u8]) -> usize {
    bytes.windows(5).rposition(|five| five == b"\nxref").unwrap() + 1
}

fn read(bytes: &[u8]) -> Result<File<'_>, ReadError> {
    open(bytes, &Limits::DEFAULT)
}

#[test]
fn objects_are_read_as_of_a_revision() {
    let first = built(&["<</Type/Catalog/Mark 1>>", "(two)"]);
    let at = xref_at(&first);
    let bytes = updated(first.clone(), 1, "<</Type/Catalog/Mark 2>>", at);
    let file = read(&bytes).unwrap();
    assert_eq!(file.revisions().len(), 2);
    assert!(file.revisions()[0].ends_at(first.len()) && file.revisions()[0].ends_at(first.len() - 1));
    assert!(file.revisions()[1].ends_at(bytes.len()));
    for (revision, mark) in [(0, 1), (1, 2)] {
        let catalog = file.catalog(revision).unwrap();
        assert_eq!(catalog.value.as_dict().unwrap().count(b"Mark"), Some(mark));
    }
    let two = file.by_number(2, 1).unwrap().unwrap();
    assert_eq!(two.value.as_text().unwrap().bytes(), b"two");
    assert!(file.irregularities().is_empty());
}

#[test]
fn loops_and_forward_chains_are_refused() {
    let first = built(&["<</Type/Catalog>>"]);
    let looped = updated(first.clone(), 1, "<</Type/Catalog>>", 0);
    let own = xref_at(&looped).to_string();
    let text = String::from_utf8(looped).unwrap().replace("/Prev 0", &format!("/Prev {own}"));
    assert!(matches!(read(text.as_bytes()), Err(ReadError::PrevChain { .. } | ReadError::Xref { .. })));
    let outside = updated(first, 1, "<</Type/Catalog>>", 999_999_999);
    assert!(matches!(read(&outside), Err(ReadError::Xref { fault: XrefFault::BadTrailer, .. })));
}

#[test]
fn nesting_counts_and_sizes_are_bounded() {
    let deep = "[".repeat(100_000);
    let bytes = built(&["<</Type/Catalog>>", &deep]);
    let file = read(&bytes).unwrap();
    assert!(matches!(file.by_number(2, 0), Err(ReadError::Limit { bound: Bound::Nesting, most: 48 })));
    let huge = b"%PDF-1.7\nxref\n0 4294967295\n0000000000 65535 f \ntrailer <</Size 1>> startxref\n9\n%%EOF";
    assert!(matches!(read(huge), Err(ReadError::Xref { fault: XrefFault::BadEntry, .. })));
    let small = Limits { file_bytes: 10, ..Limits::DEFAULT };
    assert!(matches!(open(huge, &small), Err(ReadError::Limit { bound: Bound::FileBytes, most: 10 })));
}

#[test]
fn a_bomb_stops_at_the_limit() {
    use std::io::Write;
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(&vec![0_u8; 4 << 20]).unwrap();
    let packed = packed.finish().unwrap();
    let mut out = b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\n".to_vec();
    let offset = out.len();
    out.extend(format!("2 0 obj\n<</Length {}/Filter/FlateDecode>>stream\n", packed.len()).bytes());
    out.extend(&packed);
    out.extend(b"\nendstream\nendobj\n");
    let at = out.len();
    out.extend(
        format!("xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n{offset:010} 00000 n \n").bytes(),
    );
    out.extend(format!("trailer\n<</Size 3/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n").bytes());
    let limits = Limits { stream_output: 1 << 20, ..Limits::DEFAULT };
    let file = open(&out, &limits).unwrap();
    let bomb = file.by_number(2, 0).unwrap().unwrap();
    assert_eq!(file.decoded(&bomb, 0), Err(ReadError::Limit { bound: Bound::StreamOutput, most: 1 << 20 }));
    let file = read(&out).unwrap();
    let bomb = file.by_number(2, 0).unwrap().unwrap();
    assert_eq!(file.decoded(&bomb, 0).unwrap().len(), 4 << 20);
}

#[test]
fn what_readers_disagree_about_is_named() {
    let doubled = built(&["<</Type/Catalog/A 1/A 2>>"]);
    let file = read(&doubled).unwrap();
    let _ = file.sweep();
    assert!(file.irregularities().iter().any(|note| matches!(note, Irregularity::DuplicateKey { .. })));
    let mut tail = built(&["<</Type/Catalog>>"]);
    tail.extend(b"more");
    let file = read(&tail).unwrap();
    assert!(matches!(file.irregularities()[..], [Irregularity::BytesAfterEnd { count: 4, .. }]));
    let mut early = b"xx".to_vec();
    early.extend(built(&["<</Type/Catalog>>"]));
    let file = read(&early).unwrap();
    assert_eq!(file.irregularities(), [Irregularity::BytesBeforeHeader { count: 2 }]);
    let first = built(&["<</Type/Catalog>>"]);
    let at = xref_at(&first);
    let twice = String::from_utf8(updated(first, 1, "<</Type/Catalog>>", at)).unwrap();
    let line = twice.rfind("1 1\n").map(|from| &twice[from + 4..from + 24]).unwrap().to_owned();
    let twice = twice.replacen(&format!("1 1\n{line}"), &format!("1 1\n{line}1 1\n{line}"), 1);
    let file = read(twice.as_bytes()).unwrap();
    assert!(
        file.irregularities()
            .iter()
            .any(|note| matches!(note, Irregularity::DuplicateEntry { number: 1, .. }))
    );
}

#[test]
fn no_signature_vanishes() {
    let value = "<</Type/Sig/Filter/Adobe.PPKLite/ByteRange[0 1 2 3]/Contents<00>>>";
    let form = "<</Type/Catalog/AcroForm<</Fields[3 0 R]>>>>";
    let first = built(&[form, value, "<</FT/Sig/T(s)/V 2 0 R>>"]);
    let at = xref_at(&first);
    let bytes = updated(first, 3, "<</FT/Sig/T(s)>>", at);
    let traces = read(&bytes).unwrap().signatures();
    assert_eq!(traces.values.len(), 1);
    assert_eq!((traces.values[0].first, traces.values[0].last), (0, 0));
    // No field at all: the scan finds it.
    let hidden = built(&["<</Type/Catalog>>", value]);
    let traces = read(&hidden).unwrap().signatures();
    assert_eq!(traces.values[0].origin, Origin::Scan);
    // A field that is its own parent ends.
    let looped =
        built(&["<</Type/Catalog/AcroForm<</Fields[3 0 R]>>>>", value, "<</FT/Sig/Kids[3 0 R]/V 2 0 R>>"]);
    assert_eq!(read(&looped).unwrap().signatures().values.len(), 1);
}

#[test]
fn strings_and_names_are_read_as_written() {
    let bytes = built(&["<</Type/Catalog/A#42 (a\\)\\(\\101\\n(in)\\\r\nx)/H <41 4>>>"]);
    let file = read(&bytes).unwrap();
    let catalog = file.catalog(0).unwrap();
    let dict = catalog.value.as_dict().unwrap();
    assert_eq!(dict.find(b"AB").unwrap().as_text().unwrap().bytes(), b"a)(A\n(in)x");
    let hex = dict.find(b"H").unwrap().as_text().unwrap();
    assert_eq!((hex.bytes(), hex.strict_hex()), (b"A@".to_vec(), None));
}

#[test]
fn every_cut_and_every_flip_is_survived() {
    let first = built(&[
        "<</Type/Catalog/AcroForm<</Fields[2 0 R]>>>>",
        "<</FT/Sig/T(s)/V<</ByteRange[0 1 2 3]/Contents<00>>>>>",
    ]);
    let at = xref_at(&first);
    let bytes = updated(first, 1, "<</Type/Catalog>>", at);
    for cut in 0..bytes.len() {
        fuzz(&bytes[..cut]);
        for flip in [1, 0x20, 0x80] {
            let mut other = bytes.clone();
            other[cut] ^= flip;
            fuzz(&other);
        }
    }
}
