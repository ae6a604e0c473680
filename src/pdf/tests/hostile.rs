//! Files made to take long or to take much. Each ends at a bound that is named, and soon.

use super::*;
use std::time::{Duration, Instant};

/// Generous for a build without optimisation: what is quadratic takes minutes here.
const SOON: Duration = Duration::from_secs(20);

#[expect(clippy::disallowed_methods, reason = "the test is about time")]
fn soon<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let clock = Instant::now();
    let answer = work();
    assert!(clock.elapsed() < SOON, "{what} took {:?}", clock.elapsed());
    answer
}

#[test]
fn a_hundred_thousand_traces_and_as_many_streams() {
    let mut objects: Vec<String> = vec!["<</Type/Catalog>>".into()];
    objects.extend((0..20_000).map(|_| "<</Length 1>>stream\nx\nendstream".to_owned()));
    objects.push(format!("[{}]", "/ByteRange".repeat(100_000)));
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let bytes = built(&objects);
    let traces = soon("the scan", || read(&bytes).unwrap().signatures());
    assert!(traces.unreadable.contains(&ReadError::Limit { bound: Bound::Signatures, most: 256 }));
    assert_eq!(traces.stray.len(), 256);
}

#[test]
fn fields_that_share_one_long_list_of_kids() {
    let kids = "1 0 R ".repeat(100_000);
    let mut objects = vec!["<</Type/Catalog/AcroForm<</Fields 3 0 R>>>>".to_owned(), format!("[{kids}]")];
    let fields: String = (4..104).map(|number| format!("{number} 0 R ")).collect();
    objects.push(format!("[{fields}]"));
    objects.extend((0..100).map(|_| "<</FT/Sig/T(a)/Kids 2 0 R>>".to_owned()));
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let bytes = built(&objects);
    let traces = soon("the form", || read(&bytes).unwrap().signatures());
    assert!(traces.unreadable.contains(&Limits::DEFAULT.reached(Bound::TreeNodes)));
}

#[test]
fn names_that_grow_from_field_to_field() {
    let long = "n".repeat(200);
    let mut objects = vec!["<</Type/Catalog/AcroForm<</Fields[2 0 R]>>>>".to_owned()];
    objects.extend((3..2_000).map(|next| format!("<</T({long})/Kids[{next} 0 R]>>")));
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let bytes = built(&objects);
    let traces = soon("the names", || read(&bytes).unwrap().signatures());
    assert_eq!(traces.unreadable, [Limits::DEFAULT.reached(Bound::FieldName)]);
}

#[test]
fn streams_that_end_before_the_same_white_space() {
    // Each length reaches to one long run of blanks before the only `endstream`.
    let mut out = b"%PDF-1.7\n".to_vec();
    let blanks = 1 << 20;
    let count = 2_000_usize;
    let line = |number: usize, length: usize| format!("{number} 0 obj<</Length {length:010}>>stream\n");
    let each = line(1_000, 0).len();
    let mut entries = Vec::new();
    for number in 1_000..1_000 + count {
        entries.push((number, out.len()));
        let behind = (1_000 + count - number - 1) * each;
        out.extend(line(number, behind).bytes());
    }
    out.extend(vec![b' '; blanks]);
    out.extend(b"endstream endobj\n");
    let at = out.len();
    out.extend(format!("xref\n1000 {count}\n").bytes());
    entries.iter().for_each(|(_, offset)| out.extend(format!("{offset:010} 00000 n \n").bytes()));
    out.extend(format!("trailer\n<</Size 9999/Root 1000 0 R>>\nstartxref\n{at}\n%%EOF\n/ByteRange").bytes());
    // Without payment for the blanks these would be 2 GB to walk.
    let limits = Limits { parsed_bytes: 16 << 20, ..Limits::DEFAULT };
    let file = open(&out, &limits).unwrap();
    soon("the streams", || file.signatures());
    assert!(file.sweep().iter().any(|note| matches!(
        note,
        Irregularity::UnreadableObject { why: ReadError::Limit { bound: Bound::ParsedBytes, .. }, .. }
    )));
}

#[test]
fn what_was_read_is_forgotten_and_read_again() {
    // Objects of some 3 KB of memory each, three times what may be kept.
    let body = format!("[{}]", "1 ".repeat(400));
    let bodies: Vec<&str> = std::iter::once("<</Type/Catalog>>").chain((0..2_000).map(|_| &*body)).collect();
    let bytes = built(&bodies);
    let limits = Limits { kept_objects: 1 << 20, ..Limits::DEFAULT };
    let file = open(&bytes, &limits).unwrap();
    for _ in 0..2 {
        assert!(file.sweep().is_empty());
        assert!(file.catalog(0).is_ok());
    }
    // What is read again is paid for again.
    let limits = Limits { parsed_bytes: bytes.len() + 40_000, ..limits };
    let file = open(&bytes, &limits).unwrap();
    assert!(file.sweep().is_empty());
    assert!(matches!(
        file.sweep()[..],
        [Irregularity::UnreadableObject { why: ReadError::Limit { bound: Bound::ParsedBytes, .. }, .. }]
    ));
}

#[test]
fn every_bound_names_itself_and_its_number() {
    let bytes = built(&["<</Type/Catalog/A[[[1]]]/B[1 2 3 4 5 6 7 8 9]>>"]);
    let tight = |limits: Limits| open(&bytes, &limits).and_then(|file| file.catalog(0).map(drop)).err();
    let all = Limits::DEFAULT;
    let cases = [
        (Bound::FileBytes, Limits { file_bytes: 20, ..all }),
        (Bound::Sections, Limits { sections: 0, ..all }),
        (Bound::XrefEntries, Limits { xref_entries: 1, ..all }),
        (Bound::Nesting, Limits { nesting: 3, ..all }),
        (Bound::Items, Limits { items: 8, ..all }),
        (Bound::ParsedBytes, Limits { parsed_bytes: 60, ..all }),
    ];
    for (bound, limits) in cases {
        assert_eq!(tight(limits), Some(limits.reached(bound)));
    }
    assert_eq!(tight(all), None);
}
