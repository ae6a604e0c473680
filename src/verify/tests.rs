use super::*;

fn rules(at: Instant) -> Rules<'static> {
    Rules {
        anchors: &[],
        crls: &[],
        suites: crate::crypto::ALL,
        checker: Box::leak(Box::new(Checker::new(crate::crypto::ALL))),
        at,
        revocation: RevocationRule::Required,
        distrusted: &[],
        limits: pdf::Limits::DEFAULT,
        second_opinion: false,
        rendering: false,
    }
}

#[test]
fn an_empty_input_is_unsigned_and_never_genuine() {
    let at = Instant::from_seconds(1_800_000_000).unwrap();
    for bytes in [&b""[..], b"%PDF-", b"hello", &[0; 4096]] {
        let judgement = verify(bytes, &rules(at)).weigh(LedgerWord::NotAsked);
        assert!(matches!(judgement.verdict, Verdict::Unsigned | Verdict::Indeterminate));
        assert_ne!(judgement.lights.file, Light::Green);
    }
}

#[test]
fn traces_in_a_damaged_file_are_not_called_unsigned() {
    let at = Instant::from_seconds(1_800_000_000).unwrap();
    let bytes = b"%PDF-1.7\n5 0 obj <</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>> endobj";
    let judgement = verify(bytes, &rules(at)).weigh(LedgerWord::NotAsked);
    assert_eq!(judgement.verdict, Verdict::NotTrusted);
}

#[test]
fn the_ledger_only_speaks_of_the_file_it_holds() {
    let at = Instant::from_seconds(1_800_000_000).unwrap();
    for same_file in [SameFile::Identical, SameFile::SignatureOnly, SameFile::Different] {
        let word = LedgerWord::OnRecord {
            number: "1".into(),
            recorded_at: at,
            state: LedgerState::InForce,
            same_file,
            type_name: crate::domain::Bilingual::new("样例", "specimen"),
        };
        // No seal: the ledger's good word does not make it genuine.
        let judgement = verify(b"%PDF-1.7", &rules(at)).weigh(word);
        assert!(!matches!(judgement.verdict, Verdict::GenuineInForce | Verdict::GenuineNotInForce));
    }
}

/// One of each, so that the table of `docs/standards/findings.md` cannot fall behind.
fn every_document_finding() -> Vec<Finding> {
    use crate::pdf::{Bound, Disagreement, ReadError};
    let why = ReadError::NoStartxref;
    let changed = |kind| DocumentFinding::Changed { kind, site: Site::Form };
    let mut all = vec![
        DocumentFinding::Unreadable { why, traces: true },
        DocumentFinding::Unreadable { why, traces: false },
        DocumentFinding::Limit { bound: Bound::Items, most: 1 },
        DocumentFinding::FormUnreadable(why),
        DocumentFinding::StrayByteRange { at: 1 },
        DocumentFinding::BrokenField { field: String::new() },
        DocumentFinding::WhiteAfterEnd { count: 1 },
        DocumentFinding::BytesAfterEnd { count: 1 },
        changed(Changes::Evidence),
        changed(Changes::Form),
        changed(Changes::Annotations),
        changed(Changes::Forbidden),
        DocumentFinding::UncoveredForm,
        DocumentFinding::LooksDifferent { pages: vec![1], allowed: true },
        DocumentFinding::LooksDifferent { pages: vec![1], allowed: false },
        DocumentFinding::PagesNotCompared { pages: vec![1] },
        DocumentFinding::NoSignature,
    ];
    let (revision, number, at, count) = (0, 1, 1, 1);
    let irregularities = [
        Irregularity::BytesBeforeHeader { count },
        Irregularity::BytesAfterEnd { at, count },
        Irregularity::StartxrefDisplaced { at },
        Irregularity::DuplicateEntry { number, revision },
        Irregularity::DuplicateKey { at },
        Irregularity::EntryBeyondRevision { number, revision },
        Irregularity::EmptyUpdate { revision },
        Irregularity::Hybrid { revision },
        Irregularity::LooseEntries { revision },
        Irregularity::StartxrefMismatch { revision },
        Irregularity::Encrypted,
        Irregularity::EncryptedOpened,
        Irregularity::UnreadableObject { number, why },
        Irregularity::SecondOpinion { about: Disagreement::Refused },
    ];
    all.extend(irregularities.map(DocumentFinding::Irregular));
    all.into_iter().map(Finding::from).collect()
}

#[test]
fn the_table_of_findings_is_the_programs() {
    let table = include_str!("../../docs/standards/findings.md");
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| `")).collect();
    let findings = every_document_finding();
    for finding in &findings {
        let light = match finding.effect() {
            Effect::Note => "note",
            Effect::Amber(_) => "file amber",
            Effect::Red(_) => "file red",
        };
        let start = format!("| `{}` | {light} | ", finding.code());
        let words = finding.words();
        // Up to what varies.
        let fits = |row: &&str| {
            let mut cells = row.split(" | ").skip(2);
            let mut same = |words: &str| {
                cells.next().is_some_and(|cell| cell.split('…').all(|part| words.contains(part)))
            };
            row.starts_with(&start) && same(&words.zh) && same(&words.en)
        };
        assert_eq!(rows.iter().filter(|row| fits(row)).count(), 1, "{start}{} | {}", words.zh, words.en);
    }
    assert_eq!(rows.len(), findings.len());
}
