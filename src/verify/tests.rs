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
