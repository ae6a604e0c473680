//! The second straight line: bytes → report, weighed with what the ledger says.

use super::clock;
use super::office::Office;
use crate::crypto;
use crate::domain::{Bilingual, Particulars, Status};
use crate::ledger::{Entry, LedgerError, Life, State};
use crate::pdf::Limits;
use crate::verify::{Judgement, LedgerState, LedgerWord, Report, RevocationRule, Rules, SameFile, verify};
use crate::x509::{Certificate, Checker, Crl};
use time::Date;
use time::macros::format_description;

/// Judges with anchors alone; the ledger is not asked.
#[must_use]
pub fn with_anchors(bytes: &[u8], anchors: &[Certificate]) -> Judgement {
    verify(bytes, &rules(anchors, &[], &Checker::new(crypto::ALL), true)).weigh(LedgerWord::NotAsked)
}

/// With the office's anchors and lists, without ledger and second opinion.
pub(super) fn unrecorded(office: &Office, bytes: &[u8]) -> Judgement {
    verify(bytes, &office.rules(false)).weigh(LedgerWord::NotAsked)
}

/// What the verdict will be once the file is on record with these particulars.
pub(super) fn as_recorded(office: &Office, bytes: &[u8], particulars: &Particulars) -> Judgement {
    let report = verify(bytes, &office.rules(false));
    let state = particulars.valid_until.map_or(LedgerState::InForce, validity_state);
    let word = LedgerWord::OnRecord {
        number: particulars.number.clone(),
        recorded_at: particulars.issued_at,
        state,
        same_file: SameFile::Identical,
        type_name: Bilingual::new("", ""),
    };
    report.weigh(word)
}

impl Office {
    /// Judges a document with this office's anchors, lists and ledger.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn check(&self, bytes: &[u8]) -> Result<Judgement, LedgerError> {
        self.check_trusting(bytes, &[])
    }

    /// The same with further anchors beside the office's own.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn check_trusting(&self, bytes: &[u8], further: &[Certificate]) -> Result<Judgement, LedgerError> {
        let anchors = [&self.anchors[..], further].concat();
        self.weigh(verify(bytes, &Rules { anchors: &anchors, ..self.rules(true) }))
    }

    /// The same for many documents in a row: without the second reader, which costs many times the rest.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn check_in_bulk(&self, bytes: &[u8]) -> Result<Judgement, LedgerError> {
        self.weigh(verify(bytes, &self.rules(false)))
    }

    /// This office's anchors and revocation lists, now.
    #[must_use]
    pub fn rules(&self, second_opinion: bool) -> Rules<'_> {
        rules(&self.anchors, &self.crls, &self.checker, second_opinion)
    }

    /// What was found, weighed with this office's ledger.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn weigh(&self, report: Report) -> Result<Judgement, LedgerError> {
        let word = self.word(&report)?;
        Ok(report.weigh(word))
    }

    fn word(&self, report: &Report) -> Result<LedgerWord, LedgerError> {
        let Some(claim) = &report.claim else { return Ok(LedgerWord::NotAsked) };
        let Some(life) = self.life(&claim.identifier, None)? else { return Ok(LedgerWord::NotOnRecord) };
        let state = state_of(&life);
        let entry = life.entry;
        let same_file = same_file(&entry, report);
        let type_name = self.kinds.get(&entry.slug).map(|k| k.template.kind().name().clone());
        Ok(LedgerWord::OnRecord {
            state,
            number: entry.number,
            // The reservation was durable before the key was used: it proves the seal is not older.
            recorded_at: entry.closed_at.unwrap_or(entry.reserved_at),
            same_file,
            type_name: type_name.unwrap_or_else(|| Bilingual::new(entry.slug.clone(), entry.slug)),
        })
    }
}

fn rules<'r>(
    anchors: &'r [Certificate],
    crls: &'r [Crl],
    checker: &'r Checker,
    second_opinion: bool,
) -> Rules<'r> {
    Rules {
        anchors,
        crls,
        suites: crypto::ALL,
        checker,
        at: clock::now(),
        revocation: RevocationRule::WhenAvailable,
        distrusted: &[],
        limits: Limits::DEFAULT,
        second_opinion,
        // Both are for the reports that a person reads.
        rendering: second_opinion,
    }
}

fn same_file(entry: &Entry, report: &Report) -> SameFile {
    if entry.document == Some(report.sha256) {
        return SameFile::Identical;
    }
    let on_record = entry.covered_digest.zip(entry.signature_digest);
    let same = report
        .signatures
        .iter()
        .any(|s| on_record.is_some() && s.covered_digest.zip(s.signature_digest) == on_record);
    if same { SameFile::SignatureOnly } else { SameFile::Different }
}

fn state_of(life: &Life) -> LedgerState {
    match (life.entry.state, life.status) {
        (State::Void, _) => LedgerState::Void,
        (State::Issued, Some(Status::InForce)) => LedgerState::InForce,
        (State::Issued, Some(Status::Expired)) => {
            let format = format_description!("[year]-[month]-[day]");
            let until = life.entry.valid_until.as_deref().and_then(|text| Date::parse(text, format).ok());
            until.map_or(LedgerState::NotInForce { status: Some(Status::Expired) }, |since| {
                LedgerState::Expired { since }
            })
        }
        (State::Issued, Some(status)) => LedgerState::NotInForce { status: Some(status) },
        (State::Reserved | State::Issued, _) => LedgerState::NotInForce { status: None },
    }
}

fn validity_state(until: Date) -> LedgerState {
    if clock::now().beijing_date() > until {
        LedgerState::Expired { since: until }
    } else {
        LedgerState::InForce
    }
}
