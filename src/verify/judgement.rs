//! All of it together, under a policy: three lights, five verdicts, one sentence, one word for the counter.
//!
//! The verdict is the worst of the lights; of several signatures the worst counts, unless the policy says otherwise. A
//! document that is not one of our certificates has no third light: intact and trusted, it is genuine for what it is.
//! `not_trusted` is said only of what is broken, forbiddenly changed, distrusted or contradicted by the ledger; what
//! cannot be known is `indeterminate`. Where the policy only reports trust, the seal has no light either.

use super::claim::Claim;
use super::counter::Counter;
use super::finding::{
    Effect, Finding, LedgerFinding, Party, Question, SealFinding, SignedFinding, TrustFinding,
};
use super::headline::headline;
use super::indication;
use super::policy::{Combination, Demand, PolicyName, Used};
use super::report::{RegisteredSeal, Report, SignatureReport, Trusted, Unreadable};
use super::steps::{self, Checked};
use super::trust::Trust;
use super::vocabulary::{Integrity, Light, Lights, SecondReader, Verdict};
use crate::crypto::Method;
use crate::domain::{Bilingual, Instant, SealStatus, Status};
use serde::Serialize;

/// What the ledger says of the certificate's state at the instant of judgement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LedgerState {
    /// In force.
    InForce,
    /// Its validity ended.
    Expired {
        /// Last day of validity.
        since: time::Date,
    },
    /// Never came into force.
    Void,
    /// Revoked, suspended or replaced.
    NotInForce {
        /// Where it stands; none: reserved, never issued.
        status: Option<Status>,
    },
}

/// Whether this is the file that was issued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameFile {
    /// Byte for byte.
    Identical,
    /// Same covered bytes and signature value, other bytes around them.
    SignatureOnly,
    /// Another file.
    Different,
}

/// The ledger's word on a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LedgerWord {
    /// No ledger was asked.
    NotAsked,
    /// It holds nothing of the kind.
    NotOnRecord,
    /// It holds the certificate.
    OnRecord {
        /// 证照编号 on record.
        number: String,
        /// When its number was reserved, before the key was used.
        reserved_at: Instant,
        /// When the record became durable.
        recorded_at: Instant,
        /// State at the instant of judgement.
        state: LedgerState,
        /// Whether this is the file on record.
        same_file: SameFile,
        /// Name of the type.
        type_name: Bilingual,
    },
}

/// The verdict with everything it rests on. Serialises to the line that `verify --json` prints.
#[derive(Debug, Serialize)]
pub struct Judgement {
    /// What the clerk does with it.
    pub counter: Counter,
    /// One of five.
    pub verdict: Verdict,
    /// One sentence.
    pub headline: Bilingual,
    /// Three lights.
    pub lights: Lights,
    /// The policy that it was judged under.
    pub policy: PolicyName,
    /// The instant of judgement, RFC 3339 with milliseconds.
    pub at: String,
    /// What was found about each signature.
    pub signatures: Vec<SignatureReport>,
    /// Findings about the document as a whole and the certificate.
    pub findings: Vec<Finding>,
    /// The same by step.
    pub steps: Vec<Checked>,
    /// The certificate the document says it is.
    pub claim: Option<Claim>,
    /// The ledger's word.
    pub ledger: Ledger,
    /// Whether the second reader was asked.
    pub second_reader: SecondReader,
    /// SHA-256 of the file, hexadecimal; none when it was not seen.
    pub sha256: Option<String>,
    /// Size of the file in bytes; none when it was not seen.
    pub bytes: Option<usize>,
}

/// The ledger's word, for the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// Whether a ledger was asked.
    pub asked: bool,
    /// Whether it holds the certificate.
    pub on_record: bool,
    /// State: `in_force`, `expired`, `void`, or the ledger's own word.
    pub state: Option<&'static str>,
    /// Number on record.
    pub number: Option<String>,
    /// When the record became durable, RFC 3339.
    pub recorded_at: Option<String>,
    /// `identical`, `signature_only`, `different`.
    pub same_file: Option<&'static str>,
    /// Name of the type.
    pub type_name: Option<Bilingual>,
}

impl Report {
    /// The verdict, once the ledger has spoken or is known not to be asked.
    #[must_use]
    pub fn weigh(mut self, word: LedgerWord) -> Judgement {
        self.vouch(&word);
        self.find_weakness();
        self.hear(&word);
        self.apply_policy();
        indication::assign(&mut self);
        steps::assign(&mut self, word != LedgerWord::NotAsked);
        let certificate = self.certificate(&word);
        let lights = Lights { file: self.file_light(), seal: self.seal_light(), certificate };
        let verdict = self.verdict(lights, &word);
        let lights = if verdict == Verdict::Unsigned {
            Lights { file: Light::None, seal: Light::None, certificate: Light::None }
        } else {
            lights
        };
        let headline = headline(verdict, lights, &self, &word);
        let seen = self.was_seen();
        Judgement {
            counter: Counter::of(verdict, lights, &self, &headline),
            verdict,
            headline,
            lights,
            policy: self.policy.named(),
            at: self.at.rfc3339_millis(),
            sha256: seen.then(|| hex::encode(self.sha256)),
            bytes: seen.then_some(self.bytes),
            signatures: self.signatures,
            findings: self.findings,
            steps: self.steps,
            claim: self.claim,
            ledger: Ledger::of(word),
            second_reader: self.second_reader,
        }
    }

    /// What the register of seals says of the signature at a place in the report. A seal that was not to be used then is
    /// a finding: the office itself would not have used it.
    pub fn enter(&mut self, signature: usize, registered: RegisteredSeal) {
        let Some(signature) = self.signatures.get_mut(signature) else { return };
        if let Some(status) = registered.at_signing.filter(|status| *status != SealStatus::InUse) {
            signature.findings.push(TrustFinding::SealNotInUse { status }.into());
        }
        signature.registered = Some(registered);
    }

    /// The ledger's durable time proves when the seal was used, of the very file it recorded only.
    fn vouch(&mut self, word: &LedgerWord) {
        let LedgerWord::OnRecord { reserved_at, recorded_at, same_file: SameFile::Identical, .. } = word
        else {
            return;
        };
        for signature in &mut self.signatures {
            signature.proven_by =
                Some(signature.proven_by.map_or(*recorded_at, |known| known.min(*recorded_at)));
            signature.not_before = Some(*reserved_at);
            match signature.trust {
                Trust::Not => continue,
                Trust::Now(_) => {}
                Trust::Between { from, until } => match Trusted::within(from, until, *recorded_at) {
                    Some(trusted) => signature.trust = Trust::Now(trusted),
                    None => continue,
                },
            }
            // What the ledger proves is no longer a claim, and what came after the sealing no longer counts.
            signature.findings.retain(|finding| !finding.is_outlived());
            signature.findings.push(TrustFinding::LedgerVouches { at: *recorded_at }.into());
        }
    }

    /// What is weak by the policy's table, unless the signature is proven to be older.
    fn find_weakness(&mut self) {
        for signature in &mut self.signatures {
            let proven = signature.proven_by.map_or(self.at, |proven| proven.min(self.at));
            let weak = |method: Option<Method>, content: Option<&'static str>| {
                let method = method?;
                let used = Used {
                    suite: method.suite(),
                    digest: content.unwrap_or(method.digest.name),
                    rsa_bits: method.rsa_bits(),
                };
                self.policy.weakness(&used, proven)
            };
            let own = weak(signature.method, signature.content_digest);
            signature
                .findings
                .extend(own.map(|(what, until)| SignedFinding::WeakAlgorithm { what, until }.into()));
            for (of, method) in
                [(Party::Maker, signature.maker_method), (Party::Signer, signature.seal_method)]
            {
                let found = weak(method, None);
                signature
                    .findings
                    .extend(found.map(|(what, until)| SealFinding::WeakAlgorithm { of, what, until }.into()));
            }
        }
    }

    /// Gives every finding the effect it has under the policy, and passes over signatures that do not count.
    fn apply_policy(&mut self) {
        let Self { policy, findings, signatures, .. } = self;
        let of_signatures = signatures.iter_mut().flat_map(|signature| signature.findings.iter_mut());
        for finding in findings.iter_mut().chain(of_signatures) {
            let effect = policy.effect(finding);
            finding.set_effect(effect);
        }
        self.pass_over();
    }

    fn pass_over(&mut self) {
        let seals = || self.signatures.iter().enumerate().filter(|(_, signature)| !signature.is_timestamp);
        let counting = match self.policy.signatures {
            Combination::All => None,
            Combination::Last => seals().max_by_key(|(_, seal)| seal.revision).map(|(at, _)| at),
            Combination::Any => seals().find(|(_, seal)| self.is_good(seal)).map(|(at, _)| at),
        };
        let Some(counting) = counting else { return };
        for (at, signature) in self.signatures.iter_mut().enumerate() {
            if at == counting || signature.is_timestamp {
                continue;
            }
            signature.counts = false;
            for finding in &mut signature.findings {
                if matches!(finding.effect(), Effect::Amber(_) | Effect::Red(_)) {
                    finding.set_effect(Effect::Warning);
                }
            }
        }
    }

    /// Whether a seal by itself lets both lights stand.
    pub(super) fn is_good(&self, seal: &SignatureReport) -> bool {
        seal.intact.is_some()
            && self.is_trusted(seal)
            && !seal.findings.iter().any(|f| f.lowers(Question::File) || f.lowers(Question::Seal))
    }

    /// Trusted, or the policy demands no more than was found.
    pub(super) fn is_trusted(&self, seal: &SignatureReport) -> bool {
        matches!(seal.trust, Trust::Now(_)) || self.policy.reports_trust() || excused(seal)
    }

    /// The seals that count, in the order of the revisions.
    pub(super) fn seals(&self) -> impl Iterator<Item = &SignatureReport> {
        self.signatures.iter().filter(|signature| !signature.is_timestamp && signature.counts)
    }

    /// 文件完整, before the ledger speaks: it can only lower this light.
    #[must_use]
    pub fn file_light(&self) -> Light {
        let proven = self.unreadable.is_none() && self.seals().all(|seal| seal.intact.is_some());
        self.lowered(if proven { Light::Green } else { Light::Amber }, Question::File)
    }

    /// Green needs the proof; where the policy asks for less, the light is off and never green.
    fn seal_light(&self) -> Light {
        if self.policy.reports_trust() {
            return Light::None;
        }
        let sealed = self.seals().next().is_some();
        let proven = sealed && self.seals().all(|seal| matches!(seal.trust, Trust::Now(_)));
        let light = match proven {
            true => Light::Green,
            false if sealed && self.seals().all(|seal| self.is_trusted(seal)) => Light::None,
            false => Light::Amber,
        };
        self.lowered(light, Question::Seal)
    }

    fn lowered(&self, light: Light, question: Question) -> Light {
        self.all_findings().fold(light, |light, finding| match self.policy.effect(finding) {
            Effect::Amber(asked) if asked == question => light.max(Light::Amber),
            Effect::Red(asked) if asked == question => light.max(Light::Red),
            _ => light,
        })
    }

    /// What the ledger says becomes findings.
    fn hear(&mut self, word: &LedgerWord) {
        match word {
            LedgerWord::NotAsked | LedgerWord::NotOnRecord if self.claim.is_none() => {}
            LedgerWord::NotAsked => self.findings.push(LedgerFinding::NotAsked.into()),
            LedgerWord::NotOnRecord => self.findings.push(LedgerFinding::NotOnRecord.into()),
            LedgerWord::OnRecord { number, state, same_file, .. } => {
                match same_file {
                    SameFile::Identical => {}
                    SameFile::SignatureOnly => self.findings.push(LedgerFinding::SignatureOnly.into()),
                    SameFile::Different => self.findings.push(LedgerFinding::OtherFile.into()),
                }
                if self.claim.as_ref().is_some_and(|claim| claim.number != *number) {
                    self.findings.push(LedgerFinding::NumberDiffers.into());
                }
                self.findings.push(match state {
                    LedgerState::InForce => LedgerFinding::InForce.into(),
                    LedgerState::Expired { since } => LedgerFinding::Expired { since: *since }.into(),
                    LedgerState::Void => LedgerFinding::Void.into(),
                    LedgerState::NotInForce { status } => {
                        LedgerFinding::NotInForce { status: *status }.into()
                    }
                });
            }
        }
    }

    /// 证照有效. None: the question does not arise, or the policy does not demand an answer and there is none.
    fn certificate(&self, word: &LedgerWord) -> Light {
        let excused = *word == LedgerWord::NotAsked && self.policy.ledger == Demand::Reported;
        let silent = matches!(word, LedgerWord::NotAsked | LedgerWord::NotOnRecord) && self.claim.is_none();
        let light = if silent || excused { Light::None } else { Light::Green };
        self.lowered(light, Question::Certificate)
    }

    fn verdict(&self, lights: Lights, word: &LedgerWord) -> Verdict {
        let red = lights.file == Light::Red || lights.seal == Light::Red;
        if red || self.contradicted() {
            return Verdict::NotTrusted;
        }
        match self.unreadable {
            Some(Unreadable::NotPdf) => return Verdict::Unsigned,
            Some(Unreadable::Damaged) => return Verdict::Indeterminate,
            None => {}
        }
        if self.seals().next().is_none() {
            // Something that cannot be read may hide a seal: then nobody may say that there is none.
            let hidden = self.findings.iter().any(Finding::may_hide_a_seal);
            return if hidden { Verdict::Indeterminate } else { Verdict::Unsigned };
        }
        if lights.file != Light::Green || !matches!(lights.seal, Light::Green | Light::None) {
            return Verdict::Indeterminate;
        }
        match (lights.certificate, word) {
            (Light::None, _) => Verdict::GenuineInForce,
            (Light::Green, LedgerWord::OnRecord { same_file: SameFile::Identical, .. }) => {
                Verdict::GenuineInForce
            }
            (Light::Red, LedgerWord::OnRecord { same_file: SameFile::Identical, .. }) => {
                Verdict::GenuineNotInForce
            }
            _ => Verdict::Indeterminate,
        }
    }

    /// The ledger holds the certificate, and this is not it.
    fn contradicted(&self) -> bool {
        self.findings.iter().any(|finding| {
            let known = [LedgerFinding::OtherFile, LedgerFinding::NumberDiffers].map(Finding::from);
            known.contains(finding.plain())
        })
    }
}

/// The path was found and the signature verifies; what is wanting is nothing that the policy demands.
fn excused(seal: &SignatureReport) -> bool {
    let eased = |finding: &Finding| match finding {
        Finding::UnderPolicy { finding, .. } => match &**finding {
            Finding::Trust(_) => true,
            Finding::Seal(finding) => finding.is_about_standing(),
            _ => false,
        },
        _ => false,
    };
    seal.integrity == Integrity::Ok
        && seal.findings.iter().any(eased)
        && !seal.findings.iter().any(|finding| finding.lowers(Question::Seal))
}

impl Ledger {
    fn of(word: LedgerWord) -> Self {
        let silent = Self {
            asked: false,
            on_record: false,
            state: None,
            number: None,
            recorded_at: None,
            same_file: None,
            type_name: None,
        };
        match word {
            LedgerWord::NotAsked => silent,
            LedgerWord::NotOnRecord => Self { asked: true, ..silent },
            LedgerWord::OnRecord { number, recorded_at, state, same_file, type_name, .. } => Self {
                asked: true,
                on_record: true,
                state: Some(match state {
                    LedgerState::InForce => "in_force",
                    LedgerState::Expired { .. } => "expired",
                    LedgerState::Void => "void",
                    LedgerState::NotInForce { status } => status.map_or("reserved", Status::word),
                }),
                number: Some(number),
                recorded_at: Some(recorded_at.rfc3339()),
                same_file: Some(match same_file {
                    SameFile::Identical => "identical",
                    SameFile::SignatureOnly => "signature_only",
                    SameFile::Different => "different",
                }),
                type_name: Some(type_name),
            },
        }
    }
}
