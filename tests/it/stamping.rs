//! Stamping documents that somebody brought, as the office does it: what is on record, what is answered again, what
//! takes no number. Whether others accept the files is asked in `scripts/judges/stamping.py`.

use crate::offices::demonstration;
use std::path::Path;
use std::process::{Command, Stdio};
use yinzheng::domain::SealAct;
use yinzheng::ledger::{LedgerError, StampIntent, StampOutcome, StampState};
use yinzheng::pdf::{self, Limits, XrefKind};
use yinzheng::report::Subject;
use yinzheng::service::access::Mandate;
use yinzheng::service::key_count::Balance;
use yinzheng::service::placement::{Anchor, Placement};
use yinzheng::service::stamp::{StampRequest, Stamped, StampingError};
use yinzheng::service::{Office, clock};
use yinzheng::stamp::{PageEdge, Pages, Place, PlaceFault, Side, StampError};
use yinzheng::verify::{Changes, Coverage, Integrity, Light};

/// Two A4 pages; the second is turned and its boxes do not begin at the origin.
pub(crate) fn brought(stream: bool) -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]/MediaBox[0 0 595 842]>>",
        "<</Type/Page/Parent 2 0 R>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[-100 -50 800 900]/CropBox[0 0 595 842]/Rotate 90>>",
    ];
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (index, body) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{body}\nendobj\n", index + 1).bytes());
    }
    let at = out.len();
    if stream {
        offsets.push(at);
        let mut entries = vec![0, 0, 0, 255];
        for offset in &offsets {
            let [_, _, high, low] = u32::try_from(*offset).unwrap().to_be_bytes();
            entries.extend([1, high, low, 0]);
        }
        let length = entries.len();
        out.extend(
            format!("5 0 obj\n<</Type/XRef/W[1 2 1]/Size 6/Root 1 0 R/Length {length}>>\nstream\n").bytes(),
        );
        out.extend(entries);
        out.extend(b"\nendstream\nendobj\n");
    } else {
        out.extend(b"xref\n0 5\n0000000000 65535 f \n");
        offsets.iter().for_each(|offset| out.extend(format!("{offset:010} 00000 n \n").bytes()));
        out.extend(b"trailer\n<</Size 5/Root 1 0 R/ID[<01><02>]>>\n");
    }
    out.extend(format!("startxref\n{at}\n%%EOF").bytes());
    out
}

/// A document of one page with these contents, and something more in its catalog.
fn of_contents(contents: &str, catalog: &str, more: &str) -> Vec<u8> {
    let objects = [
        format!("<</Type/Catalog/Pages 2 0 R{catalog}>>"),
        "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 595 842]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R>>".to_owned(),
        contents.to_owned(),
        more.to_owned(),
    ];
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut rows = String::new();
    for (index, body) in objects.iter().enumerate() {
        rows += &format!("{:010} 00000 n \n", out.len());
        out.extend(format!("{} 0 obj\n{body}\nendobj\n", index + 1).bytes());
    }
    let at = out.len();
    out.extend(format!("xref\n0 6\n0000000000 65535 f \n{rows}").bytes());
    out.extend(format!("trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n").bytes());
    out
}

#[test]
fn a_list_of_itself_and_filters_in_another_order_are_unreadable() {
    let hazards = |document: &[u8]| {
        let file = pdf::open(document, &Limits::DEFAULT).unwrap();
        let found = yinzheng::stamp::gate::hazards(&file);
        found.iter().map(|hazard| (hazard.kind.code(), hazard.detail.clone())).collect::<Vec<_>>()
    };
    let plain = "<</Length 3>>\nstream\nq Q\nendstream";
    let itself = format!("[{}]", "5 0 R ".repeat(100_000));
    for key in ["Outlines", "PageLabels"] {
        let found = hazards(&of_contents(plain, &format!("/{key} 5 0 R"), &itself));
        assert!(found.contains(&("document.unreadable", key.to_owned())), "{found:?}");
    }
    assert_eq!(hazards(&of_contents(plain, "/PageLabels 5 0 R", "<</Nums[0<<>>]>>")), []);
    // 71 20 51 in hexadecimal, said to be runs of it: readers undo both, in this order.
    let runs = "<</Length 8/Filter[/RunLengthDecode/ASCIIHexDecode]>>\nstream\n\u{6}712051>\nendstream";
    let found = hazards(&of_contents(runs, "", "null"));
    assert!(found.contains(&("document.unreadable", "Contents".to_owned())), "{found:?}");
}

pub(crate) fn centre() -> Placement {
    point(Pages::Last, 148.0, 105.0)
}

fn point(pages: Pages, x_mm: f64, y_mm: f64) -> Placement {
    Placement { anchor: Anchor::Place(Place::Point { pages, x_mm, y_mm }), edge: None, certify: false }
}

fn first() -> Pages {
    Pages::Listed(vec![(1, 1)])
}

pub(crate) fn stamp(
    office: &Office,
    document: &[u8],
    placement: &Placement,
    key: Option<&str>,
) -> Result<Stamped, StampingError> {
    let request = StampRequest {
        document,
        seal: "bureau",
        placement,
        idempotency_key: key.map(str::to_owned),
        request: None,
    };
    office.stamp(&Mandate::at_console(None), request)
}

fn founded(folder: &Path) -> Office {
    demonstration(folder);
    Office::open(folder, Vec::new()).unwrap()
}

#[test]
fn a_document_is_stamped_and_stamped_again_behind_its_own_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let office = founded(folder.path());
    for stream in [false, true] {
        let document = brought(stream);
        let once = stamp(&office, &document, &centre(), None).unwrap();
        assert!(once.pdf.starts_with(&document));
        assert_eq!(once.landed.spot.page, 2);
        let second = stamp(&office, &once.pdf, &point(first(), 60.0, 60.0), None).unwrap();
        assert!(second.pdf.starts_with(&once.pdf));
        let file = pdf::open(&second.pdf, &Limits::DEFAULT).unwrap();
        let kind = if stream { XrefKind::Stream } else { XrefKind::Table };
        assert_eq!(file.revisions().iter().map(|one| one.kind).collect::<Vec<_>>(), [kind; 3]);
        assert_eq!(file.irregularities(), []);
        assert_eq!(pdf::second_opinion(&file), Some(vec![]));
        let judgement = office.check(&second.pdf).unwrap();
        let [one, two] = &judgement.signatures[..] else { panic!("{}", judgement.signatures.len()) };
        assert_eq!((one.integrity, two.integrity), (Integrity::Ok, Integrity::Ok));
        assert_eq!((one.coverage, two.coverage), (Coverage::Revision, Coverage::Whole));
        assert_eq!((one.changes, two.changes), (Changes::Form, Changes::None));
        assert_eq!((one.field.as_deref(), two.field.as_deref()), (Some("Seal1"), Some("Seal2")));
    }
    let uses: Vec<_> = office.ledger().stampings(0, 100).unwrap();
    assert_eq!(uses.iter().map(|one| one.use_number).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(uses.iter().all(|one| one.state == StampState::Stamped && one.document.is_some()));
}

#[test]
fn the_same_request_is_answered_with_the_same_file() {
    let folder = tempfile::tempdir().unwrap();
    let office = founded(folder.path());
    let document = brought(false);
    let first = stamp(&office, &document, &centre(), Some("case 7")).unwrap();
    let again = stamp(&office, &document, &centre(), Some("case 7")).unwrap();
    assert!(!first.replayed && again.replayed);
    assert!(first.pdf == again.pdf);
    assert_eq!(first.stamping, again.stamping);
    let elsewhere = point(Pages::Last, 100.0, 105.0);
    let other = stamp(&office, &document, &elsewhere, Some("case 7")).map(|_| ()).unwrap_err();
    assert!(matches!(other, StampingError::Ledger(LedgerError::IdempotencyKeyReused)), "{other}");
    assert_eq!(office.ledger().stampings(0, 100).unwrap().len(), 1);
    // The text of the key is not on record: callers make it of a case's number.
    let database = std::fs::read(folder.path().join("ledger.db")).unwrap();
    assert!(!database.windows(6).any(|six| six == b"case 7"));
}

#[test]
fn what_is_refused_takes_no_number() {
    let folder = tempfile::tempdir().unwrap();
    let office = founded(folder.path());
    let document = brought(false);
    let codes: Vec<&str> = [
        point(Pages::Listed(vec![(3, 3)]), 100.0, 100.0),
        point(Pages::Last, 10.0, 100.0),
        point(Pages::Last, 100.0, 200.0),
        point(first(), 200.0, 100.0),
    ]
    .iter()
    .map(|place| stamp(&office, &document, place, None).map(|_| ()).unwrap_err().code())
    .collect();
    assert_eq!(codes, ["place.no_page", "place.off_page", "place.off_page", "place.off_page"]);
    let request = StampRequest {
        document: &document,
        seal: "nobody",
        placement: &centre(),
        idempotency_key: None,
        request: None,
    };
    let unknown = office.stamp(&Mandate::at_console(None), request).map(|_| ()).unwrap_err();
    assert_eq!(unknown.code(), "seal.unknown");
    let junk = stamp(&office, b"no document", &centre(), None).map(|_| ()).unwrap_err();
    assert_eq!(junk.code(), "document.unreadable");
    assert_eq!(office.ledger().stampings(0, 100).unwrap(), []);
    let once = stamp(&office, &document, &centre(), None).unwrap();
    let over = stamp(&office, &once.pdf, &centre(), None).map(|_| ()).unwrap_err();
    let covers = PlaceFault::Covers { field: "Seal1".to_owned() };
    assert!(matches!(over, StampingError::Stamp(StampError::Place(why)) if why == covers));
    assert_eq!(office.ledger().stampings(0, 100).unwrap().len(), 1);
}

/// Two pages with a form whose field for signatures is empty.
fn with_field(field: &str, certified: bool) -> Vec<u8> {
    let permissions = if certified { "/Perms<</DocMDP 7 0 R>>" } else { "" };
    let objects = [
        format!("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>{permissions}>>"),
        "<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]/MediaBox[0 0 595 842]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/Annots[5 0 R]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R>>".to_owned(),
        format!("<</Type/Annot/Subtype/Widget/FT/Sig/T(Here){field}>>"),
    ];
    file_of(&objects)
}

fn file_of(objects: &[String]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (index, body) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n{body}\nendobj\n", index + 1).bytes());
    }
    let (at, size) = (out.len(), objects.len() + 1);
    out.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").bytes());
    offsets.iter().for_each(|offset| out.extend(format!("{offset:010} 00000 n \n").bytes()));
    out.extend(format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{at}\n%%EOF").bytes());
    out
}

#[test]
fn a_field_that_is_there_is_filled_as_it_asks_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let office = founded(folder.path());
    let here = |name: &str| Placement {
        anchor: Anchor::Place(Place::Field { name: name.to_owned() }),
        edge: None,
        certify: false,
    };
    let lock = "/F 4/Rect[100 100 300 260]/Lock<</Type/SigFieldLock/Action/All>>";
    let stamped = stamp(&office, &with_field(lock, false), &here("Here"), None).unwrap();
    assert_eq!(stamped.landed.spot.rectangle, [100.0, 100.0, 300.0, 260.0]);
    let judgement = office.check(&stamped.pdf).unwrap();
    let [one] = &judgement.signatures[..] else { panic!("{}", judgement.signatures.len()) };
    assert_eq!((one.field.as_deref(), one.integrity), (Some("Here"), Integrity::Ok));
    let text = String::from_utf8_lossy(&stamped.pdf);
    assert!(text.contains("/FieldMDP") && text.contains("/All"));
    let code = |field: &str, name: &str| {
        stamp(&office, &with_field(field, false), &here(name), None).map(|_| ()).unwrap_err().code()
    };
    let rect = "/Rect[100 100 300 260]";
    assert_eq!(code("/F 4/Rect[100 100 300 260]", "There"), "place.no_field");
    assert_eq!(code("/F 6/Rect[100 100 300 260]", "Here"), "place.field_hidden");
    assert_eq!(code(rect, "Here"), "place.field_hidden");
    assert_eq!(code("/F 4/Rect[0 0 0 0]", "Here"), "place.field_hidden");
    assert_eq!(code("/F 4/Rect[100 100 300 140]", "Here"), "place.field_small");
    let demanding = format!("/F 4{rect}/SV<</Ff 2/SubFilter[/adbe.x509.rsa_sha1]>>");
    assert_eq!(code(&demanding, "Here"), "place.field_demands");
    let again = stamp(&office, &stamped.pdf, &here("Here"), None).map(|_| ()).unwrap_err();
    assert_eq!(again.code(), "place.field_signed");
}

#[test]
fn slices_on_page_edges_say_which_sheet_they_belong_to() {
    let folder = tempfile::tempdir().unwrap();
    let office = founded(folder.path());
    let document = brought(true);
    let mut placement = point(Pages::All, 100.0, 100.0);
    placement.edge = Some(PageEdge { side: Side::Left, ..PageEdge::default() });
    let stamped = stamp(&office, &document, &placement, None).unwrap();
    assert_eq!(stamped.landed.also_on, [1]);
    let judgement = office.check(&stamped.pdf).unwrap();
    let [one] = &judgement.signatures[..] else { panic!("{}", judgement.signatures.len()) };
    let edge = one.page_edge.as_ref().unwrap();
    let found: Vec<(usize, &str, bool)> =
        edge.slices.iter().map(|slice| (slice.page, slice.code.as_str(), slice.fits)).collect();
    let made: Vec<(usize, &str, bool)> =
        stamped.landed.slices.iter().map(|slice| (slice.page, slice.code.as_str(), true)).collect();
    assert_eq!((edge.pages, &found), (2, &made));
    assert!(found[0].1 != found[1].1);
    // A later seal leaves them be, and does not draw on pages that are signed.
    let later = stamp(&office, &stamped.pdf, &point(first(), 160.0, 60.0), None).unwrap();
    let judgement = office.check(&later.pdf).unwrap();
    assert_eq!(judgement.signatures[0].page_edge.as_ref(), Some(edge));
    assert_eq!(judgement.signatures[1].page_edge, None);
    placement.anchor = Anchor::Place(Place::Point { pages: first(), x_mm: 160.0, y_mm: 60.0 });
    let refused = stamp(&office, &stamped.pdf, &placement, None).map(|_| ()).unwrap_err();
    assert_eq!(refused.code(), "place.signed_before");
    let (mut forged, code) = (stamped.pdf.clone(), hex::encode(found[1].1));
    let at = forged.windows(code.len()).position(|window| window == code.as_bytes()).unwrap();
    forged[at..at + code.len()].copy_from_slice(b"3030302d303030");
    let judged = office.check(&forged).unwrap();
    assert!(judged.signatures.iter().all(|one| one.page_edge.is_none()), "not signed, not believed");
}

#[test]
fn words_and_dates_are_found_where_they_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let office = founded(folder.path());
    let content = "BT /F 12 Tf 200 700 Td (Seal here) Tj 0 -300 Td (and seal) Tj ( here too) Tj ET";
    let document = file_of(&[
        "<</Type/Catalog/Pages 2 0 R>>".to_owned(),
        "<</Type/Pages/Count 1/Kids[3 0 R]/MediaBox[0 0 595 842]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>>".to_owned(),
        format!("<</Length {}>>\nstream\n{content}\nendstream", content.len()),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
    ]);
    let words = |words: &str, occurrence| Placement {
        anchor: Anchor::Words { words: words.to_owned(), occurrence, offset_mm: (0.0, 0.0) },
        edge: None,
        certify: false,
    };
    let missing = stamp(&office, &document, &words("没有这些字", None), None).map(|_| ()).unwrap_err();
    assert_eq!(missing.code(), "place.no_words");
    let empty = stamp(&office, &document, &words("  ", None), None).map(|_| ()).unwrap_err();
    assert_eq!(empty.code(), "place.words");
    let middle = |asked: &str, occurrence| {
        let found = stamp(&office, &document, &words(asked, occurrence), None).unwrap();
        let [left, bottom, right, top] = found.landed.spot.rectangle;
        (f64::midpoint(left, right), f64::midpoint(bottom, top))
    };
    let (x, y) = middle("Seal here", None);
    // Helvetica's widths by its own measure: 51.36 points at 12.
    assert!((x - 225.7).abs() < 1.0 && (y - 704.3).abs() < 1.0, "{x} {y}");
    let (_, second) = middle("here", Some(2));
    assert!((second - 404.3).abs() < 1.0, "{second}");
    assert_eq!(middle("here", None), middle("here", Some(2)));
    let dated = Placement { anchor: Anchor::DateLine, edge: None, certify: false };
    let undated = stamp(&office, &document, &dated, None).map(|_| ()).unwrap_err();
    assert_eq!(undated.code(), "place.no_date");
}

/// A use that a crash left open: without a key it is void at the next start; under its key it is finished, at its own
/// instant and with its own number.
#[test]
fn an_interrupted_use_is_finished_or_void() {
    let folder = tempfile::tempdir().unwrap();
    let office = founded(folder.path());
    let document = brought(false);
    let place = centre();
    let left = |key: Option<&str>| {
        let intent = StampIntent {
            request: None,
            seal: "bureau".to_owned(),
            source: yinzheng::crypto::sha256(&[&document[..]]),
            place: place.to_string(),
            key_fingerprint: [0; 32],
            seal_filing: [0; 32],
            operator: "test".to_owned(),
            authority: "test".to_owned(),
            idempotency_key: key.map(str::to_owned),
            at: clock::now(),
        };
        match office.ledger().reserve_stamping(intent).unwrap() {
            // Dropped unspent, as a crash would.
            StampOutcome::Reserved(reserved) => (reserved.use_number, reserved.at),
            StampOutcome::Replay(_) => panic!("nothing was stamped"),
        }
    };
    let (nameless, _) = left(None);
    let (named, at) = left(Some("case 8"));
    std::thread::sleep(std::time::Duration::from_millis(5));
    drop(office);
    let office = Office::open(folder.path(), Vec::new()).unwrap();
    let said = office.recover().unwrap();
    assert!(said.iter().any(|line| line.contains(&format!("bureau {nameless}"))), "{said:?}");
    let finished = stamp(&office, &document, &place, Some("case 8")).unwrap();
    assert_eq!((finished.stamping.use_number, finished.stamping.reserved_at), (named, at));
    let states: Vec<_> = office.ledger().stampings(0, 9).unwrap().iter().map(|one| one.state).collect();
    assert_eq!(states, [StampState::Void, StampState::Stamped]);
    assert_eq!(office.recover().unwrap(), Vec::<String>::new());
}

/// A folder is stamped by all cores; a run that is killed goes on where it was, and nothing is stamped twice.
#[test]
fn a_folder_is_stamped_once_however_often_the_run_is_begun() {
    const FILES: usize = 600;
    let folder = tempfile::tempdir().unwrap();
    let (state, brought_in, out) =
        (folder.path().join("state"), folder.path().join("in"), folder.path().join("in/out"));
    demonstration(&state);
    std::fs::create_dir_all(brought_in.join("below")).unwrap();
    for number in 0..FILES {
        let id = format!("/ID[<{number:04x}><02>]");
        let document = String::from_utf8(brought(false)).unwrap().replace("/ID[<01><02>]", &id);
        let place = if number % 2 == 0 { format!("{number}.pdf") } else { format!("below/{number}.PDF") };
        std::fs::write(brought_in.join(place), document).unwrap();
    }
    // As long as what it takes the place of, so that every offset stays right.
    let acting = String::from_utf8(brought(false)).unwrap().replace("/Rotate 90", "/AA<<>>   ");
    std::fs::write(brought_in.join("bad.pdf"), acting).unwrap();
    let run = || {
        let mut command = Command::new(env!("CARGO_BIN_EXE_yinzheng"));
        command.args(["stamp", "--quiet", "--seal", "bureau", "--at", "148,105", "--state"]).arg(&state);
        command.arg(&brought_in).arg("-o").arg(&out).stdout(Stdio::null()).stderr(Stdio::null());
        command
    };
    let office = Office::open(&state, Vec::new()).unwrap();
    let done = || office.ledger().stampings(0, 10_000).unwrap();
    let mut killed = run().spawn().unwrap();
    while done().len() < FILES / 20 {
        assert!(killed.try_wait().unwrap().is_none(), "too quick to be killed");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    let before = done().len();
    assert!(before < FILES, "{before} were stamped before it was killed");
    for _ in 0..2 {
        let ended = run().status().unwrap();
        assert_eq!(ended.code(), Some(14), "one file is refused");
        let uses = done();
        let sources: std::collections::BTreeSet<_> = uses.iter().map(|one| one.source).collect();
        assert_eq!((uses.len(), sources.len()), (FILES, FILES));
        assert!(uses.iter().all(|one| one.state == StampState::Stamped));
        assert!(uses.iter().zip(1..).all(|(one, number)| one.use_number == number));
    }
    for number in [0, 1, FILES - 1] {
        let place = if number % 2 == 0 { format!("{number}.pdf") } else { format!("below/{number}.PDF") };
        let judgement = office.check(&std::fs::read(out.join(place)).unwrap()).unwrap();
        assert_eq!(judgement.signatures.len(), 1);
        assert_eq!(judgement.signatures[0].coverage, Coverage::Whole);
    }
    let list = std::fs::read_to_string(out.join("results-2.csv")).unwrap();
    assert_eq!(list.lines().count(), FILES + 2);
    assert!(list.contains("document.hazards; gate.action"), "{}", list.lines().last().unwrap());
    assert!(!out.join("bad.pdf").exists());
}

/// The key's own count and the record: equal; explained by what is void; and told apart when either lost something.
#[test]
fn a_key_counts_its_uses_and_the_record_is_held_against_it() {
    let folder = tempfile::tempdir().unwrap();
    demonstration(folder.path());
    let office = Office::open(folder.path(), Vec::new()).unwrap();
    let bureau = || {
        let keys = office.audit_keys().unwrap();
        keys.into_iter().find(|key| key.seal.as_deref() == Some("bureau")).unwrap()
    };
    let stamped = || stamp(&office, &brought(false), &centre(), None).unwrap();
    assert_eq!((bureau().made, bureau().balance), (Some(0), Balance::Equal));
    crate::offices::issue(&office, "volunteer-passport", &crate::offices::example("volunteer-passport"));
    stamped();
    let judgement = office.check(&stamped().pdf).unwrap();
    let subject = Subject { name: None, office: None };
    office.sealed_report(&Mandate::at_console(None), &judgement, subject, None).unwrap();
    let found = bureau();
    assert_eq!((found.made, found.entries.least(), found.entries.reports), (Some(4), 3, 1));
    assert_eq!(found.balance, Balance::Equal, "{found:?}");
    // A number that became void without the key: explained.
    let intent = StampIntent {
        seal: "bureau".to_owned(),
        source: [1; 32],
        place: "test".to_owned(),
        key_fingerprint: found.fingerprint,
        seal_filing: [0; 32],
        operator: "test".to_owned(),
        authority: "console".to_owned(),
        idempotency_key: None,
        request: None,
        at: clock::now(),
    };
    let StampOutcome::Reserved(reserved) = office.ledger().reserve_stamping(intent).unwrap() else {
        panic!()
    };
    office.ledger().void_stamping(reserved, "test", clock::now()).unwrap();
    assert_eq!(bureau().balance, Balance::Explained);
    let count = folder.path().join("key-counts").join(&hex::encode(found.fingerprint)[..32]);
    let counted = std::fs::read(&count).unwrap();
    // Somebody used the key and kept no record.
    std::fs::write(&count, [&counted[..], b"..."].concat()).unwrap();
    assert_eq!(bureau().balance, Balance::Unrecorded(2));
    // The count was put back.
    std::fs::write(&count, &counted[..counted.len() - 3]).unwrap();
    assert_eq!(bureau().balance, Balance::Uncounted(2));
    std::fs::remove_file(&count).unwrap();
    assert_eq!(bureau().balance, Balance::Unknown);
    drop(office);
    let office = Office::open(folder.path(), Vec::new()).unwrap();
    let keys = office.audit_keys().unwrap();
    assert!(keys.iter().all(|key| !key.balance.is_alarming()), "it begins anew from the record: {keys:?}");
}

/// A key used where the register does not reach: an office whose own register says that the seal was suspended then
/// finds the signature red, and only from then on.
#[test]
fn what_was_sealed_while_the_seal_was_suspended_is_red() {
    let folder = tempfile::tempdir().unwrap();
    let (stolen, state) = (folder.path().join("stolen"), folder.path().join("state"));
    demonstration(&stolen);
    let copied = Command::new("cp").arg("-r").args([&stolen, &state]).status().unwrap();
    assert!(copied.success());
    let office = Office::open(&state, Vec::new()).unwrap();
    office.register_seals().unwrap();
    let thief = Office::open(&stolen, Vec::new()).unwrap();
    let sealed = |x_mm| {
        let placement = point(Pages::Last, x_mm, 105.0);
        let request = StampRequest {
            document: &brought(false),
            seal: "bureau",
            placement: &placement,
            idempotency_key: None,
            request: None,
        };
        thief.stamp(&Mandate::at_console(None), request).unwrap().pdf
    };
    let said = |pdf: &[u8]| {
        let judgement = office.check(pdf).unwrap();
        let codes = crate::expectations::codes(&judgement);
        (judgement.lights.seal, codes.contains(&"trust.seal_not_in_use"))
    };
    let before = sealed(140.0);
    // The signature tells whole seconds, and what the register did in that second counts as before it.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let keeper = Mandate::at_console(Some("保管丙".to_owned()));
    office.act_on_seal(&keeper, "bureau", SealAct::Suspend, "密钥外流").unwrap();
    let after = sealed(150.0);
    assert_eq!(said(&before), (Light::Green, false));
    assert_eq!(said(&after), (Light::Red, true));
}
