//! Forms of file that honest writers produce, and their spoiled brothers (ISO 32000-1 §7.5, Annex F).

use super::*;

/// Object bodies with their numbers, written one after the other; offsets in the order given.
fn written(out: &mut Vec<u8>, objects: &[(u32, &str)]) -> Vec<(u32, usize)> {
    let mut places = Vec::new();
    for (number, body) in objects {
        places.push((*number, out.len()));
        out.extend(format!("{number} 0 obj\n{body}\nendobj\n").bytes());
    }
    places
}

fn table(out: &mut Vec<u8>, places: &[(u32, usize)]) {
    out.extend(b"xref\n");
    for (number, offset) in places {
        let kind = if *number == 0 { "65535 f" } else { "00000 n" };
        out.extend(format!("{number} 1\n{offset:010} {kind} \n").bytes());
    }
}

fn end(out: &mut Vec<u8>, trailer: &str, startxref: usize) {
    out.extend(format!("trailer\n<<{trailer}>>\nstartxref\n{startxref}\n%%EOF\n").bytes());
}

/// Annex F: the first page's section at the front, the rest of the table at the end.
fn linearized() -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    written(&mut out, &[(4, "<</Linearized 1>>")]);
    let front = out.len();
    // The section says where the objects behind it stand and where the other one begins: two passes.
    let section = |catalog: usize, page: usize, prev: usize| {
        let mut section = Vec::new();
        table(&mut section, &[(1, catalog), (3, page)]);
        end(&mut section, &format!("/Size 5/Root 1 0 R/Prev {prev:010}"), 0);
        section
    };
    let mut places = Vec::new();
    for _ in 0..2 {
        let (catalog, page, prev) = match places[..] {
            [(_, catalog), (_, page), prev] => (catalog, page, prev.1),
            _ => (0, 0, 0),
        };
        out.truncate(front);
        out.extend(section(catalog, page, prev));
        places =
            written(&mut out, &[(1, "<</Type/Catalog/Pages 2 0 R>>"), (3, "<</Type/Page/Parent 2 0 R>>")]);
        let rest = written(&mut out, &[(2, "<</Type/Pages/Kids[3 0 R]/Count 1>>")]);
        let back = out.len();
        places.push((0, back));
        table(&mut out, &[(0, 0), (rest[0].0, rest[0].1), (4, 9)]);
        end(&mut out, "/Size 5/Root 1 0 R", front);
    }
    out
}

#[test]
fn a_linearized_file_is_one_revision() {
    let bytes = linearized();
    let file = read(&bytes).unwrap();
    assert_eq!(file.revisions().len(), 1);
    assert!(file.revisions()[0].ends_at(bytes.len()));
    assert!(file.irregularities().is_empty(), "{:?}", file.irregularities());
    for number in 1..=4 {
        assert!(file.by_number(number, 0).unwrap().is_some(), "{number}");
    }
    assert_eq!(file.revision_bytes(0), Some(&bytes[..]));
    // An update on top of it is the second revision.
    let prev = bytes.windows(5).position(|five| five == b"\nxref").unwrap() + 1;
    let more = updated(bytes.clone(), 3, "<</Type/Page/Parent 2 0 R/Rotate 90>>", prev);
    let file = read(&more).unwrap();
    assert_eq!(file.revisions().len(), 2);
    assert_eq!(file.revision_bytes(0), Some(&bytes[..]));
    assert_eq!(file.revision_bytes(1), Some(&more[..]));
    assert_eq!(file.revision_bytes(2), None);
    let rotated =
        |revision| file.by_number(3, revision).unwrap().unwrap().value.as_dict().unwrap().count(b"Rotate");
    assert_eq!((rotated(0), rotated(1)), (None, Some(90)));
}

#[test]
fn forward_again_is_no_linearization() {
    // The update's `/Prev` leads to a section behind the update: only the oldest link may lead forward.
    let mut out = b"%PDF-1.7\n".to_vec();
    let places = written(&mut out, &[(1, "<</Type/Catalog>>")]);
    let first = out.len();
    table(&mut out, &[(0, 0), places[0]]);
    let hole = out.len();
    end(&mut out, "/Size 2/Root 1 0 R/Prev 0000000000", first);
    let second = out.len();
    table(&mut out, &[places[0]]);
    end(&mut out, &format!("/Size 2/Root 1 0 R/Prev {first}"), second);
    let third = out.len();
    table(&mut out, &[places[0]]);
    end(&mut out, "/Size 2/Root 1 0 R", third);
    let fourth = out.len();
    table(&mut out, &[places[0]]);
    end(&mut out, &format!("/Size 2/Root 1 0 R/Prev {second}"), fourth);
    // 4 → 2 → 1 → 3: the last step leads forward over an update.
    let text = String::from_utf8(out).unwrap();
    let looped = text.replacen("/Prev 0000000000", &format!("/Prev {third:010}"), 1);
    assert!(hole < second);
    assert!(matches!(read(looped.as_bytes()), Err(ReadError::PrevChain { .. })));
}

/// A table whose trailer names a stream with an object that the table calls free.
fn hybrid(hidden: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let places = written(&mut out, &[(1, "<</Type/Catalog/Hidden 2 0 R>>"), (2, hidden)]);
    let stream = out.len();
    let rows: Vec<u8> = [(1_u8, places[1].1), (1, stream)]
        .iter()
        .flat_map(|(kind, offset)| {
            let [.., high, low] = u32::try_from(*offset).unwrap().to_be_bytes();
            [*kind, high, low, 0]
        })
        .collect();
    out.extend(
        format!(
            "3 0 obj\n<</Type/XRef/Size 4/W[1 2 1]/Index[2 2]/Root 1 0 R/Length {}>>stream\n",
            rows.len()
        )
        .bytes(),
    );
    out.extend(&rows);
    out.extend(b"\nendstream\nendobj\n");
    let at = out.len();
    out.extend(b"xref\n0 3\n0000000002 65535 f \n");
    out.extend(format!("{:010} 00000 n \n0000000000 00000 f \n", places[0].1).bytes());
    end(&mut out, &format!("/Size 4/Root 1 0 R/XRefStm {stream}"), at);
    out
}

#[test]
fn a_hybrid_file_shows_what_new_readers_see_and_says_so() {
    let bytes = hybrid("(seen by new readers)");
    let file = read(&bytes).unwrap();
    assert_eq!(file.revisions().len(), 1);
    assert_eq!(file.irregularities(), [Irregularity::Hybrid { revision: 0 }]);
    let hidden = file.by_number(2, 0).unwrap().unwrap();
    assert_eq!(hidden.value.as_text().unwrap().bytes(), b"seen by new readers");
    assert_eq!(second_opinion(&file).unwrap(), []);
}

#[test]
fn bytes_around_the_document_are_named() {
    let plain = built(&["<</Type/Catalog>>"]);
    // White space and zeros at the end, as mail and disks leave them.
    for tail in [&b"\r\n"[..], b"\0\0\0\0", b" ", b"%comment", b"startxref\n9\n%%EOF\n"] {
        let mut bytes = plain.clone();
        bytes.extend(tail);
        let file = read(&bytes).map(|file| file.irregularities());
        match (tail, file) {
            // Another end leads elsewhere: to the header, where no cross-reference stands.
            (b"startxref\n9\n%%EOF\n", outcome) => assert!(outcome.is_err()),
            (_, Ok(notes)) => {
                let after = Irregularity::BytesAfterEnd { at: plain.len(), count: tail.len() };
                assert_eq!(notes, [after], "{tail:?}");
            }
            (_, Err(why)) => panic!("{tail:?}: {why}"),
        }
    }
    // Before the header: offsets still count from the first byte of the file (§7.5.5).
    let mut out = b"\xef\xbb\xbf%PDF-1.7\n".to_vec();
    let places = written(&mut out, &[(1, "<</Type/Catalog>>")]);
    let at = out.len();
    table(&mut out, &[(0, 0), places[0]]);
    end(&mut out, "/Size 2/Root 1 0 R", at);
    let file = read(&out).unwrap();
    assert_eq!(file.irregularities(), [Irregularity::BytesBeforeHeader { count: 3 }]);
    assert!(file.catalog(0).is_ok());
    // Or from the header, as many writers and readers have it.
    let displaced = [b"junk\n", &plain[..]].concat();
    let file = read(&displaced).unwrap();
    assert_eq!(file.irregularities(), [Irregularity::BytesBeforeHeader { count: 5 }]);
    assert!(file.catalog(0).is_ok());
    let mut far = vec![b'x'; 1025];
    far.extend(&out);
    assert_eq!(read(&far).err(), Some(ReadError::NotPdf));
}

#[test]
fn every_turn_of_a_chain_is_found() {
    // A section that names itself, two that name each other, and one that names the first of three.
    let mut out = b"%PDF-1.7\n".to_vec();
    let places = written(&mut out, &[(1, "<</Type/Catalog>>")]);
    let mut starts = Vec::new();
    for _ in 0..3 {
        starts.push(out.len());
        table(&mut out, &[(0, 0), places[0]]);
        let own = *starts.last().unwrap();
        end(&mut out, "/Size 2/Root 1 0 R/Prev 0000000000", own);
    }
    let text = String::from_utf8(out).unwrap();
    let with = |prevs: [usize; 3]| {
        prevs.iter().fold(text.clone(), |text, prev| {
            text.replacen("/Prev 0000000000", &format!("/Prev {prev:010} "), 1)
        })
    };
    let [one, two, three] = starts[..] else { panic!() };
    for prevs in [[one, one, three], [two, one, two], [three, one, two]] {
        let bytes = with(prevs);
        let outcome = read(bytes.as_bytes());
        assert!(
            matches!(outcome, Err(ReadError::PrevChain { .. } | ReadError::Xref { .. })),
            "{prevs:?}: {:?}",
            outcome.err()
        );
    }
}
