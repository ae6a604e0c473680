//! The second straight line: bytes → report, weighed with what the ledger says.

use super::clock;
use super::office::Office;
use super::revocation::Fetcher;
use crate::crypto::{self, sha256};
use crate::domain::{Bilingual, Instant, Particulars, SealStatus, Status};
use crate::ledger::{Entry, LedgerError, Life, State};
use crate::pdf::Limits;
use crate::verify::{
    Integrity, Judgement, LedgerState, LedgerWord, Policy, RegisteredSeal, Report, Rules, SameFile,
    SignatureReport, verify,
};
use crate::x509::{Certificate, Checker};
use time::Date;
use time::macros::format_description;

/// What a verdict is asked under. The default: the office's own policy, now, no anchors beside the office's.
#[derive(Clone, Copy, Debug, Default)]
pub struct Asked<'a> {
    /// Another policy; without an office `strict` is the default.
    pub policy: Option<&'a Policy>,
    /// Another instant: what could be said then, of evidence and ledger as they are known today.
    pub at: Option<Instant>,
    /// Further anchors.
    pub anchors: &'a [Certificate],
    /// Who may seek revocation outside; none: the office's own, if it has one.
    pub fetcher: Option<&'a Fetcher>,
}

/// What `judge` finds under the rules, with what may be sought outside.
fn sought(
    fetcher: Option<&Fetcher>,
    rules: &Rules<'_>,
    live: bool,
    judge: impl Fn(&Rules<'_>) -> Report,
) -> Report {
    match fetcher {
        Some(fetcher) => fetcher.judge(rules, live, judge),
        None => judge(rules),
    }
}

impl Asked<'_> {
    /// What `judge` finds as asked, without an office.
    pub(super) fn judge(&self, judge: impl Fn(&Rules<'_>) -> Report) -> Judgement {
        let checker = Checker::new(crypto::ALL);
        sought(self.fetcher, &self.rules(&checker), self.at.is_none(), judge).weigh(LedgerWord::NotAsked)
    }

    /// Everything of it, for whoever has no office.
    fn rules<'r>(&'r self, checker: &'r Checker) -> Rules<'r> {
        Rules {
            anchors: self.anchors,
            crls: &[],
            sought: None,
            suites: crypto::ALL,
            checker,
            at: self.at.unwrap_or_else(clock::now),
            policy: self.policy.unwrap_or(Policy::strict()),
            known: &[],
            distrusted: &[],
            limits: Limits::DEFAULT,
            second_opinion: true,
            rendering: true,
        }
    }
}

/// Judges with anchors alone, under the default policy; the ledger is not asked.
#[must_use]
pub fn with_anchors(bytes: &[u8], anchors: &[Certificate]) -> Judgement {
    without_office(bytes, &Asked { anchors, ..Asked::default() })
}

/// Judges as asked; the ledger is not asked.
#[must_use]
pub fn without_office(bytes: &[u8], asked: &Asked<'_>) -> Judgement {
    asked.judge(|rules| verify(bytes, rules))
}

/// What this house seals is held to the default policy, whatever the office asks of others.
fn own_rules(office: &Office) -> Rules<'_> {
    Rules { policy: Policy::strict(), ..office.rules(false) }
}

/// With the office's anchors and lists, without ledger and second opinion.
pub(super) fn unrecorded(office: &Office, bytes: &[u8]) -> Judgement {
    verify(bytes, &own_rules(office)).weigh(LedgerWord::NotAsked)
}

/// What the verdict will be once the file is on record with these particulars.
pub(super) fn as_recorded(office: &Office, bytes: &[u8], particulars: &Particulars) -> Judgement {
    let report = verify(bytes, &own_rules(office));
    let state = particulars.valid_until.map_or(LedgerState::InForce, validity_state);
    let word = LedgerWord::OnRecord {
        number: particulars.number.clone(),
        reserved_at: particulars.issued_at,
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
        self.check_asked(bytes, &Asked::default())
    }

    /// The same under another policy, at another instant, with further anchors.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn check_asked(&self, bytes: &[u8], asked: &Asked<'_>) -> Result<Judgement, LedgerError> {
        self.weigh(self.asked(asked, |rules| verify(bytes, rules)))
    }

    /// What `judge` finds under this office's rules with what was asked beside them.
    pub(super) fn asked(&self, asked: &Asked<'_>, judge: impl Fn(&Rules<'_>) -> Report) -> Report {
        let anchors = [&self.anchors[..], asked.anchors].concat();
        let own = self.rules(true);
        let (policy, at) = (asked.policy.unwrap_or(own.policy), asked.at.unwrap_or(own.at));
        let fetcher = asked.fetcher.or(self.fetcher.as_ref());
        sought(fetcher, &Rules { anchors: &anchors, policy, at, ..own }, asked.at.is_none(), judge)
    }

    /// The same for many documents in a row: without the second reader, which costs many times the rest.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn check_in_bulk(&self, bytes: &[u8]) -> Result<Judgement, LedgerError> {
        self.weigh(verify(bytes, &self.rules(false)))
    }

    /// This office's anchors, revocation lists and policy, now.
    #[must_use]
    pub fn rules(&self, second_opinion: bool) -> Rules<'_> {
        Rules {
            anchors: &self.anchors,
            crls: &self.crls,
            sought: None,
            suites: crypto::ALL,
            checker: &self.checker,
            at: clock::now(),
            policy: &self.policy,
            known: &self.known,
            distrusted: &[],
            limits: Limits::DEFAULT,
            second_opinion,
            // Both are for the reports that a person reads.
            rendering: second_opinion,
        }
    }

    /// What was found, weighed with this office's ledger as of the instant of judgement.
    ///
    /// # Errors
    /// The ledger failed.
    pub fn weigh(&self, report: Report) -> Result<Judgement, LedgerError> {
        let (word, at) = (self.word(&report)?, report.at);
        let mut report = report;
        for number in 0..report.signatures.len() {
            if let Some(registered) = self.registered_seal(&report.signatures[number], at)? {
                report.enter(number, registered);
            }
        }
        Ok(report.weigh(word))
    }

    /// What the register says of the certificate of a signature that fits, if the seal is one of ours.
    fn registered_seal(
        &self,
        signature: &SignatureReport,
        at: Instant,
    ) -> Result<Option<RegisteredSeal>, LedgerError> {
        let signer = signature.signer.as_ref().filter(|_| signature.integrity == Integrity::Ok);
        let Some(signer) = signer else { return Ok(None) };
        let Some(seal) = self.ledger.seal_of(&sha256(&[&signer.der]))? else { return Ok(None) };
        let history = self.ledger.seal_history(&seal)?;
        let status = |at| SealStatus::at(history.iter().map(|event| (event.at, event.act)), at);
        let used =
            signature.covered_digest.map(|digest| self.ledger.stamping_of(&digest)).transpose()?.flatten();
        // A file tells whole seconds; the register's acts of that second came before.
        let claimed =
            signature.signed_at_claimed.and_then(|at| Instant::from_millis(at.seconds() * 1000 + 999));
        let at_signing = used.as_ref().map(|used| used.reserved_at).or(claimed).and_then(status);
        let use_number = used.filter(|used| used.seal == seal).map(|used| used.use_number);
        Ok(Some(RegisteredSeal { at_signing, now: status(at), use_number, seal }))
    }

    fn word(&self, report: &Report) -> Result<LedgerWord, LedgerError> {
        let Some(claim) = &report.claim else { return Ok(LedgerWord::NotAsked) };
        let Some(life) = self.life(&claim.identifier, Some(report.at))? else {
            return Ok(LedgerWord::NotOnRecord);
        };
        if report.at < life.entry.reserved_at {
            // A verdict of an instant before there was anything on record.
            return Ok(LedgerWord::NotOnRecord);
        }
        let state = state_of(&life);
        let entry = life.entry;
        let same_file = same_file(&entry, report);
        let type_name = self.kinds.get(&entry.slug).map(|k| k.template.kind().name().clone());
        Ok(LedgerWord::OnRecord {
            state,
            number: entry.number,
            // The reservation was durable before the key was used: it proves the seal is not older.
            reserved_at: entry.reserved_at,
            recorded_at: entry.closed_at.unwrap_or(entry.reserved_at),
            same_file,
            type_name: type_name.unwrap_or_else(|| Bilingual::new(entry.slug.clone(), entry.slug)),
        })
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
