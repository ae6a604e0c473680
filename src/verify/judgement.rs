//! All of it together: three lights, five verdicts, one sentence.
//!
//! The verdict is the worst of the lights; of several signatures the worst counts. A document that is not one of our
//! certificates has no third light: intact and trusted, it is genuine for what it is. `not_trusted` is said only of
//! what is broken, forbiddenly changed, distrusted or contradicted by the ledger; what cannot be known is
//! `indeterminate`.

use super::claim::Claim;
use super::finding::{Effect, Finding, LedgerFinding, Question, TrustFinding};
use super::report::{Report, SignatureReport, Trusted, Unreadable};
use super::trust::Trust;
use super::vocabulary::{Light, Lights, SecondReader, Verdict};
use crate::domain::{Bilingual, Instant, Status};
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

/// Why it is not in force, for people.
fn not_in_force(word: &LedgerWord) -> Bilingual {
    match word {
        LedgerWord::OnRecord { state: LedgerState::Expired { since }, .. } => {
            Bilingual::new(format!("有效期已于{since}届满"), format!("its validity ended on {since}"))
        }
        LedgerWord::OnRecord { state: LedgerState::NotInForce { status: Some(status) }, .. } => {
            let name = status.name();
            Bilingual::new(format!("证照目前无效:{}", name.zh), format!("no longer in force: {}", name.en))
        }
        _ => Bilingual::new("证照目前无效", "the certificate is no longer in force"),
    }
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
    /// One of five.
    pub verdict: Verdict,
    /// One sentence.
    pub headline: Bilingual,
    /// Three lights.
    pub lights: Lights,
    /// What was found about each signature.
    pub signatures: Vec<SignatureReport>,
    /// Findings about the document as a whole and the certificate.
    pub findings: Vec<Finding>,
    /// The certificate the document says it is.
    pub claim: Option<Claim>,
    /// The ledger's word.
    pub ledger: Ledger,
    /// Whether the second reader was asked.
    pub second_reader: SecondReader,
    /// SHA-256 of the file, hexadecimal.
    pub sha256: String,
    /// Size of the file in bytes.
    pub bytes: usize,
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
        let certificate = self.certificate(&word);
        let lights = Lights { file: self.file_light(), seal: self.seal_light(), certificate };
        let verdict = self.verdict(lights, &word);
        let headline = headline(verdict, &self, &word);
        Judgement {
            verdict,
            headline,
            lights: if verdict == Verdict::Unsigned {
                Lights { file: Light::None, seal: Light::None, certificate: Light::None }
            } else {
                lights
            },
            sha256: hex::encode(self.sha256),
            bytes: self.bytes,
            signatures: self.signatures,
            findings: self.findings,
            claim: self.claim,
            ledger: Ledger::of(word),
            second_reader: self.second_reader,
        }
    }

    /// The ledger's durable time proves when the seal was used, of the very file it recorded only.
    fn vouch(&mut self, word: &LedgerWord) {
        let LedgerWord::OnRecord { recorded_at, same_file: SameFile::Identical, .. } = word else { return };
        for signature in &mut self.signatures {
            match signature.trust {
                Trust::Not => continue,
                Trust::Now(_) => {}
                Trust::Between { from, until } => match Trusted::by_ledger(from, until, *recorded_at) {
                    Some(trusted) => signature.trust = Trust::Now(trusted),
                    None => continue,
                },
            }
            // What the ledger proves is no longer a claim, and what came after the sealing no longer counts.
            let outdated = |finding: &Finding| {
                matches!(
                    finding,
                    Finding::Trust(
                        TrustFinding::ExpiredNow { .. }
                            | TrustFinding::Revoked { .. }
                            | TrustFinding::TimeOnlyClaimed
                    )
                )
            };
            signature.findings.retain(|finding| !outdated(finding));
            signature.findings.push(TrustFinding::LedgerVouches { at: *recorded_at }.into());
        }
    }

    fn seals(&self) -> impl Iterator<Item = &SignatureReport> {
        self.signatures.iter().filter(|signature| !signature.is_timestamp)
    }

    /// 文件完整, before the ledger speaks: it can only lower this light.
    #[must_use]
    pub fn file_light(&self) -> Light {
        let proven = self.unreadable.is_none() && self.seals().all(|seal| seal.intact.is_some());
        self.lowered(if proven { Light::Green } else { Light::Amber }, Question::File)
    }

    fn seal_light(&self) -> Light {
        let proven =
            self.seals().next().is_some() && self.seals().all(|seal| matches!(seal.trust, Trust::Now(_)));
        self.lowered(if proven { Light::Green } else { Light::Amber }, Question::Seal)
    }

    fn lowered(&self, light: Light, question: Question) -> Light {
        self.all_findings().fold(light, |light, finding| match finding.effect() {
            Effect::Amber(asked) if asked == question => light.max(Light::Amber),
            Effect::Red(asked) if asked == question => light.max(Light::Red),
            _ => light,
        })
    }

    fn certificate(&mut self, word: &LedgerWord) -> Light {
        match word {
            LedgerWord::NotAsked | LedgerWord::NotOnRecord if self.claim.is_none() => {
                return if self.findings.iter().any(|finding| finding.lowers(Question::Certificate)) {
                    Light::Amber
                } else {
                    Light::None
                };
            }
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
        self.lowered(Light::Green, Question::Certificate)
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
            let hidden = self.findings.iter().any(|finding| {
                matches!(
                    finding,
                    Finding::Document(
                        super::DocumentFinding::FormUnreadable(_)
                            | super::DocumentFinding::Limit { .. }
                            | super::DocumentFinding::StrayByteRange { .. }
                    )
                )
            });
            return if hidden { Verdict::Indeterminate } else { Verdict::Unsigned };
        }
        if lights.file != Light::Green || lights.seal != Light::Green {
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
            matches!(finding, Finding::Ledger(LedgerFinding::OtherFile | LedgerFinding::NumberDiffers))
        })
    }
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
            LedgerWord::OnRecord { number, recorded_at, state, same_file, type_name } => Self {
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

fn headline(verdict: Verdict, report: &Report, word: &LedgerWord) -> Bilingual {
    let seal = report.seals().last();
    let who = seal.and_then(|seal| seal.signer.as_ref());
    let who =
        who.map_or_else(|| "?".to_owned(), |link| link.organisation.clone().unwrap_or(link.subject.clone()));
    let day = seal.and_then(|seal| seal.signed_at_claimed).map(Instant::beijing_date);
    let (day_zh, day_en) = day.map_or((String::new(), String::new()), |day| {
        let (year, month, number) = (day.year(), u8::from(day.month()), day.day());
        (format!("于{year}年{month}月{number}日"), format!(" on {day}"))
    });
    let sealed_zh = format!("本文件由{who}{day_zh}加盖电子印章,此后未被改动");
    let sealed_en = format!("sealed by {who}{day_en} and not changed since");
    match verdict {
        Verdict::GenuineInForce if matches!(word, LedgerWord::OnRecord { .. }) => Bilingual::new(
            format!("真实有效 — {sealed_zh};证照目前有效。"),
            format!("Genuine and in force — {sealed_en}; the certificate is in force."),
        ),
        Verdict::GenuineInForce => {
            Bilingual::new(format!("真实有效 — {sealed_zh}。"), format!("Genuine — {sealed_en}."))
        }
        Verdict::GenuineNotInForce => {
            let why = not_in_force(word);
            Bilingual::new(
                format!("真实,但已失效 — {sealed_zh};{}。", why.zh),
                format!("Genuine, but not in force — {sealed_en}; {}.", why.en),
            )
        }
        Verdict::Indeterminate | Verdict::NotTrusted => doubtful(verdict, report),
        Verdict::Unsigned => Bilingual::new(
            "没有电子印章 — 页面上的印章图样不能证明任何事。",
            "No electronic seal — a picture of a seal on the page proves nothing.",
        ),
    }
}

/// The gravest finding says why; among equals what is wrong with the file itself comes before what others say of it.
fn doubtful(verdict: Verdict, report: &Report) -> Bilingual {
    let grave = |finding: &&Finding| match finding.effect() {
        Effect::Red(_) => 2,
        Effect::Amber(_) => 1,
        Effect::Note => 0,
    };
    let of_seals = report.signatures.iter().flat_map(|signature| &signature.findings);
    let worst = of_seals.chain(&report.findings).fold(None::<&Finding>, |worst, finding| match worst {
        Some(known) if grave(&known) >= grave(&finding) => Some(known),
        _ => Some(finding),
    });
    let why = worst.map_or_else(|| Bilingual::new("", ""), Finding::words);
    if verdict == Verdict::NotTrusted {
        Bilingual::new(
            format!("不可信 — {}请勿采信本文件。", why.zh),
            format!("Not to be trusted — {} Do not accept this document.", why.en),
        )
    } else {
        Bilingual::new(format!("暂时无法确定 — {}", why.zh), format!("Cannot be determined — {}", why.en))
    }
}
