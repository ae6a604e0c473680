//! A real certificate through the whole house, then changed byte by byte: no change is ever called genuine.
//!
//! Release builds change every offset in every way listed; debug builds a stated sample. Each variant is judged by
//! the file light alone, as somebody without the ledger sees it, and by the office with its ledger.

use std::sync::atomic::{AtomicUsize, Ordering};
use yinzheng::config::SubFilterName;
use yinzheng::crypto;
use yinzheng::domain::Instant;
use yinzheng::pdf::Limits;
use yinzheng::service::access::Mandate;
use yinzheng::service::assets::Assets;
use yinzheng::service::issue::Request;
use yinzheng::service::{Office, clock, found};
use yinzheng::verify::{Judgement, LedgerWord, Light, Policy, Rules, Verdict, verify};
use yinzheng::x509::{Certificate, Checker};

/// Every offset in release; every so many in debug.
const STEP: usize = if cfg!(debug_assertions) { 211 } else { 1 };
/// Each so-manieth variant is also judged by the anchor alone from the start, and with the second reader, which is
/// slower and only ever lowers a light.
const CLOSELY: usize = 997;

/// What is written over a byte: one of eight in turn by offset, a flipped low, letter-case or high bit at every other
/// offset among them; all of them everywhere when the environment has `YINZHENG_EVERY_BYTE`. Only what differs counts.
fn replacements(at: usize, byte: u8, all: bool) -> impl Iterator<Item = u8> {
    let ways = [byte ^ 0x01, 0, byte ^ 0x20, b'0', byte ^ 0x80, b'9', byte ^ 0x01, b' '];
    let mut ways: Vec<u8> = if all { ways.to_vec() } else { vec![ways[at % ways.len()], byte ^ 0x20] };
    ways.sort_unstable();
    ways.dedup();
    ways.into_iter().filter(move |other| *other != byte)
}

/// One certificate of each type; the smallest file.
fn smallest(office: &Office) -> Vec<u8> {
    let assets = Assets::new(Vec::new(), None);
    let issued = office.kinds().keys().map(|slug| {
        let example = assets.find(&format!("{slug}/example.json")).unwrap();
        let application = serde_json::from_slice(&example.bytes).unwrap();
        let request = Request::new(slug, &application);
        office.issue(&Mandate::at_console(None), request).unwrap().pdf
    });
    issued.min_by_key(Vec::len).unwrap()
}

fn genuine(judgement: &Judgement) -> bool {
    matches!(judgement.verdict, Verdict::GenuineInForce | Verdict::GenuineNotInForce)
}

struct Judges<'o> {
    office: &'o Office,
    anchors: Vec<Certificate>,
    checker: Checker,
    at: Instant,
}

impl Judges<'_> {
    fn anchors_alone(&self, bytes: &[u8]) -> Judgement {
        let rules = Rules {
            anchors: &self.anchors,
            crls: &[],
            sought: None,
            checker: &self.checker,
            suites: crypto::ALL,
            at: self.at,
            policy: Policy::strict(),
            known: &[],
            distrusted: &[],
            limits: Limits::DEFAULT,
            second_opinion: false,
            rendering: false,
        };
        verify(bytes, &rules).weigh(LedgerWord::NotAsked)
    }
}

#[test]
fn no_changed_byte_of_a_certificate_is_genuine() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    found::demonstration(&state, &crypto::ECDSA_P256_SHA256, SubFilterName::EtsiCades).unwrap();
    let office = Office::open(&state, Vec::new()).unwrap();
    let whole = smallest(&office);
    let anchors = yinzheng::service::office::anchors(&state.join("trust/root.pem")).unwrap();
    let judges = Judges { office: &office, anchors, checker: Checker::new(crypto::ALL), at: clock::now() };
    assert_eq!(office.check(&whole).unwrap().verdict, Verdict::GenuineInForce);
    let alone = judges.anchors_alone(&whole);
    assert_eq!((alone.verdict, alone.lights.file), (Verdict::Indeterminate, Light::Green));

    let hole = hole(&whole);
    // Only where a letter of the signature's hexadecimal digits changes its case does the signature stay the same.
    let listed: Vec<usize> = hole.clone().filter(|at| whole[*at].is_ascii_alphabetic()).collect();
    assert!(listed.len() > 500 && listed.len() < hole.len());
    let all = std::env::var_os("YINZHENG_EVERY_BYTE").is_some();
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let (variants, case_only) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (whole, judges, listed, variants, case_only) =
                (&whole, &judges, &listed, &variants, &case_only);
            scope.spawn(move || {
                let mut other = whole.clone();
                for at in (0..whole.len()).step_by(STEP).skip(thread).step_by(threads) {
                    for byte in replacements(at, whole[at], all) {
                        other[at] = byte;
                        let case = byte.eq_ignore_ascii_case(&whole[at]) && listed.binary_search(&at).is_ok();
                        case_only.fetch_add(usize::from(case), Ordering::Relaxed);
                        let count = variants.fetch_add(1, Ordering::Relaxed);
                        weigh(
                            judges,
                            &other,
                            case,
                            count,
                            &format!("byte {at}: {:#04x} for {:#04x}", byte, whole[at]),
                        );
                    }
                    other[at] = whole[at];
                }
            });
        }
    });
    let (variants, case_only) = (variants.into_inner(), case_only.into_inner());
    eprintln!(
        "{variants} variants of {} bytes, every {STEP}. offset; {case_only} in letter case only",
        whole.len()
    );
    assert!(variants > whole.len() / STEP * 3 / 2);
    assert!(STEP > 1 || case_only == listed.len());
}

fn weigh(judges: &Judges<'_>, other: &[u8], case: bool, count: usize, what: &str) {
    let report = verify(other, &judges.office.rules(false));
    // What the file light says to somebody without the ledger.
    assert_eq!(report.file_light() == Light::Green, case, "{what}");
    let asked = judges.office.weigh(report).unwrap();
    assert!(!genuine(&asked) && asked.lights.file != Light::Green, "{what}");
    if case {
        // The signature is the issued one, the file is not: said, and left undecided.
        assert_eq!((asked.verdict, asked.lights.file), (Verdict::Indeterminate, Light::Amber), "{what}");
        assert_eq!(asked.ledger.same_file, Some("signature_only"), "{what}");
    }
    if count.is_multiple_of(CLOSELY) {
        let alone = judges.anchors_alone(other);
        assert!(!genuine(&alone) && (alone.lights.file == Light::Green) == case, "{what}");
        assert!(!genuine(&judges.office.check(other).unwrap()), "{what}");
    }
}

/// Where the hexadecimal digits of the one signature stand, padding included.
fn hole(whole: &[u8]) -> std::ops::Range<usize> {
    let name = b"/Contents<";
    let at = whole.windows(name.len()).position(|window| window == name).unwrap() + name.len();
    at..at + whole[at..].iter().position(|byte| *byte == b'>').unwrap()
}
