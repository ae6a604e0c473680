use super::*;

pub(super) fn rules(at: Instant) -> Rules<'static> {
    Rules {
        anchors: &[],
        crls: &[],
        suites: crate::crypto::ALL,
        checker: Box::leak(Box::new(Checker::new(crate::crypto::ALL))),
        at,
        policy: Policy::built_in("counter").unwrap(),
        distrusted: &[],
        limits: pdf::Limits::DEFAULT,
        second_opinion: false,
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
        "form.cert_entry",
        "form.claimed_time_malformed",
        "form.no_claimed_time",
        "ledger.in_force",
        // Said as document.bytes_after_end or document.white_after_end.
        "pdf.bytes_after_end",
        "pdf.empty_update",
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
        "signed.timestamp_not_judged",
        "trust.ledger_vouches",
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
