use super::*;

pub(super) fn rules(at: Instant) -> Rules<'static> {
    Rules {
        anchors: &[],
        crls: &[],
        sought: None,
        suites: crate::crypto::ALL,
        checker: Box::leak(Box::new(Checker::new(crate::crypto::ALL))),
        at,
        policy: Policy::built_in("counter").unwrap(),
        known: &[],
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
            reserved_at: at,
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

/// Every code that a finding can have, read from the sources that name them.
pub(super) fn codes_of_findings() -> std::collections::BTreeSet<String> {
    let sources = [
        include_str!("finding/document.rs"),
        include_str!("finding/form.rs"),
        include_str!("finding/ses.rs"),
        include_str!("finding/signed.rs"),
        include_str!("finding/trusted.rs"),
        include_str!("finding/weighed.rs"),
        include_str!("../pdf/error.rs").split("pub enum Irregularity").nth(1).unwrap(),
    ];
    let code =
        regex::Regex::new(r#""((document|form|ses|signed|trust|ledger|claim|pdf)\.[a-z0-9_]+)""#).unwrap();
    let codes = sources.iter().flat_map(|text| code.captures_iter(text));
    let codes: std::collections::BTreeSet<String> = codes.map(|found| found[1].to_owned()).collect();
    assert!(codes.len() > 60, "{codes:?}");
    codes
}

/// Codes of notes, which lower no light under any policy.
pub(super) fn lower_no_light(code: &str) -> bool {
    [
        "claim.specimen",
        "document.evidence_added",
        "document.form_filled",
        "document.pages_not_compared",
        "ses.picture_not_compared",
        "ses.picture_not_shown",
        "ses.picture_scaled",
        "form.cert_entry",
        "form.claimed_time_malformed",
        "form.no_claimed_time",
        "ledger.in_force",
        // Said as document.bytes_after_end or document.white_after_end.
        "pdf.bytes_after_end",
        "pdf.empty_update",
        "pdf.encrypted_opened",
        "pdf.hybrid",
        "pdf.loose_entries",
        "ses.maker_expired",
        "ses.maker_time_stamp",
        "ses.picture_kind",
        "ses.picture_size",
        "ses.property_free",
        "ses.time_differs",
        "ses.time_stamp",
        "ses.tolerated",
        "signed.no_attributes",
        "signed.signer_not_bound",
        "signed.signing_time",
        "signed.other_form",
        "signed.stamped",
        "signed.stamped_untrusted",
        "signed.unbound_certificate",
        "signed.unsigned_attributes",
        "trust.ledger_vouches",
        "trust.timestamp_vouches",
        "trust.revocation_not_fetched",
        "trust.time_only_claimed",
    ]
    .contains(&code)
}

#[test]
fn what_a_report_says_depends_on_bytes_evidence_policy_and_instant_alone() {
    let at = Instant::from_seconds(1_800_000_000).unwrap();
    for bytes in [&b"%PDF-"[..], b"%PDF-1.7\n/ByteRange[0 1 2 3]"] {
        let said = || serde_json::to_string(&verify(bytes, &rules(at)).weigh(LedgerWord::NotAsked)).unwrap();
        assert_eq!(said(), said());
        assert!(said().contains("\"at\":\"2027-01-15T16:00:00.000+08:00\""), "{}", said());
        assert!(said().contains("\"policy\":{\"name\":\"counter\""), "{}", said());
    }
}

/// One of each, so that the table of `docs/standards/findings.md` cannot fall behind.
fn every_document_finding() -> Vec<Finding> {
    use crate::pdf::{Bound, Disagreement, ReadError};
    let why = ReadError::NoStartxref;
    let changed = |kind| DocumentFinding::Changed { kind, site: Site::Form };
    let saved = DocumentFinding::Changed { kind: Changes::Evidence, site: Site::Nothing };
    let mut all = vec![
        DocumentFinding::Unreadable { why, traces: true },
        DocumentFinding::Unreadable { why, traces: false },
        DocumentFinding::Limit { bound: Bound::Items, most: 1 },
        DocumentFinding::FormUnreadable(why),
        DocumentFinding::StrayByteRange { at: 1 },
        DocumentFinding::BrokenField { field: String::new() },
        DocumentFinding::white(b"\n"),
        DocumentFinding::white(b"\0"),
        DocumentFinding::BytesAfterEnd { count: 1 },
        changed(Changes::Evidence),
        saved,
        changed(Changes::Form),
        changed(Changes::Annotations),
        changed(Changes::Forbidden),
        DocumentFinding::UncoveredForm,
        DocumentFinding::LooksDifferent { pages: vec![1], allowed: true },
        DocumentFinding::LooksDifferent { pages: vec![1], allowed: false },
        DocumentFinding::PagesNotCompared { pages: vec![1] },
        DocumentFinding::NotSeen,
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
            Effect::Note | Effect::Warning => "note",
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

#[test]
fn every_code_has_a_row() {
    let tables = [
        include_str!("../../docs/standards/findings.md"),
        include_str!("../../docs/standards/findings-signature.md"),
    ];
    // Those of the seals have a page of their own, held by the test below.
    for code in codes_of_findings().into_iter().filter(|code| !code.starts_with("ses.")) {
        let row = format!("| `{code}` | ");
        assert!(tables.iter().any(|table| table.contains(&row)), "{code}");
    }
}

/// The page of the seals names every code that is said of them, and none that is not.
#[test]
fn the_page_of_the_seals_lists_their_codes() {
    let page = include_str!("../../docs/standards/ses.md");
    let code = regex::Regex::new(r"`(ses\.[a-z_]+)`").unwrap();
    let listed: std::collections::BTreeSet<String> =
        code.captures_iter(page).map(|found| found[1].to_owned()).collect();
    let said: std::collections::BTreeSet<String> =
        codes_of_findings().into_iter().filter(|code| code.starts_with("ses.")).collect();
    assert_eq!(listed, said);
}
