//! A policy as typed in TOML → what it means; every problem at once.

use super::{
    Algorithm, ChangeRules, Combination, Demand, Policy, PolicyProblem, RevocationRule, SecondReader, Sunset,
    Tolerance, TrustRules, plain,
};
use crate::crypto;
use crate::domain::Bilingual;
use serde::Deserialize;
use time::Date;
use time::macros::format_description;

/// The file as typed. Words are read as text, so that every wrong one is told at once.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyFile {
    name: Option<String>,
    version: Option<String>,
    words: Option<Bilingual>,
    signatures: Option<String>,
    second_reader: Option<String>,
    ledger: Option<String>,
    weak_algorithms: Option<String>,
    encryption: Option<String>,
    trust: Option<TrustFile>,
    changes: Option<ChangesFile>,
    #[serde(rename = "algorithm", default)]
    algorithms: Vec<AlgorithmFile>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrustFile {
    path: Option<String>,
    expiry: Option<String>,
    revocation: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct ChangesFile {
    annotations: Option<String>,
    form_filling: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlgorithmFile {
    suite: Option<String>,
    digest: Option<String>,
    rsa_bits: Option<u32>,
    until: Option<String>,
}

const DEMANDS: [(&str, Demand); 3] =
    [("demanded", Demand::Demanded), ("refused", Demand::Refused), ("reported", Demand::Reported)];
const LEDGER: [(&str, Demand); 2] = [("demanded", Demand::Demanded), ("reported", Demand::Reported)];
const REVOCATION: [(&str, RevocationRule); 3] = [
    ("required", RevocationRule::Required),
    ("when_available", RevocationRule::WhenAvailable),
    ("reported", RevocationRule::Reported),
];
const TOLERANCES: [(&str, Tolerance); 2] = [("accept", Tolerance::Accept), ("report", Tolerance::Report)];
const COMBINATIONS: [(&str, Combination); 3] =
    [("all", Combination::All), ("last", Combination::Last), ("any", Combination::Any)];
const SECOND_READERS: [(&str, SecondReader); 3] =
    [("demanded", SecondReader::Demanded), ("reported", SecondReader::Reported), ("off", SecondReader::Off)];
/// Digests that a date may name; those not verified here are named in vain, which is no mistake.
const DIGESTS: [&str; 10] =
    ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3256", "sha3384", "sha3512", "sm3"];
/// Sizes that a date may name, in bits.
const RSA_BITS: std::ops::RangeInclusive<u32> = 512..=16_384;
/// Longest name, in characters.
const LONGEST_NAME: usize = 40;

/// All problems of a file.
#[derive(Default)]
struct Problems(Vec<PolicyProblem>);

impl Problems {
    fn add(&mut self, field: &str, what: impl Into<String>) {
        self.0.push(PolicyProblem { field: field.to_owned(), what: what.into() });
    }

    /// One of a few words.
    fn word<T: Copy>(&mut self, field: &str, typed: Option<&String>, words: &[(&str, T)]) -> Option<T> {
        let found = typed.and_then(|typed| words.iter().find(|(word, _)| word == typed));
        if found.is_none() {
            let listed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let wrong = typed.map_or("没有写 missing".to_owned(), |typed| format!("“{typed}”"));
            self.add(field, format!("{wrong};须为其一 must be one of: {}", listed.join(", ")));
        }
        found.map(|(_, meant)| *meant)
    }

    fn day(&mut self, field: &str, typed: Option<&String>) -> Option<Date> {
        let format = format_description!("[year]-[month]-[day]");
        let day = typed.and_then(|typed| Date::parse(typed, format).ok());
        if day.is_none() {
            self.add(field, "须为日期,如 \"2026-11-25\" / must be a day, as \"2026-11-25\"");
        }
        day
    }

    fn algorithm(&mut self, at: usize, typed: &AlgorithmFile) -> Option<Sunset> {
        let until = self.day(&format!("algorithm[{at}].until"), typed.until.as_ref());
        let algorithm = match (&typed.suite, &typed.digest, typed.rsa_bits) {
            (Some(id), None, None) => {
                let suite = crypto::by_id(id);
                if suite.is_none() {
                    let known: Vec<&str> = crypto::ALL.iter().map(|suite| suite.id).collect();
                    let words = format!("须为其一 must be one of: {}", known.join(", "));
                    self.add(&format!("algorithm[{at}].suite"), words);
                }
                suite.map(|suite| Algorithm::Suite(suite.id))
            }
            (None, Some(name), None) => {
                let known = DIGESTS.contains(&plain(name).as_str());
                if !known {
                    let words = format!("须为其一 must be one of: {}", DIGESTS.join(", "));
                    self.add(&format!("algorithm[{at}].digest"), words);
                }
                known.then(|| Algorithm::Digest(plain(name)))
            }
            (None, None, Some(bits)) if RSA_BITS.contains(&bits) => Some(Algorithm::RsaBelow(bits)),
            (None, None, Some(_)) => {
                let (least, most) = (RSA_BITS.start(), RSA_BITS.end());
                let words = format!("须在 {least} 至 {most} 之间 / must lie between {least} and {most}");
                self.add(&format!("algorithm[{at}].rsa_bits"), words);
                None
            }
            _ => {
                let words =
                    "须且只须写 suite、digest、rsa_bits 之一 / name exactly one of suite, digest, rsa_bits";
                self.add(&format!("algorithm[{at}]"), words);
                None
            }
        };
        Some(Sunset { algorithm: algorithm?, until: until? })
    }

    /// What stands beside a path that is only reported must be reported too: there is no light left to lower.
    fn together(&mut self, trust: &TrustRules) {
        if trust.path != Demand::Reported {
            return;
        }
        let words = "path 为 reported 时也须为 reported / must be reported where path is";
        if trust.expiry != Demand::Reported {
            self.add("trust.expiry", words);
        }
        if trust.revocation != RevocationRule::Reported {
            self.add("trust.revocation", words);
        }
    }
}

/// The policy that a file means.
pub(super) fn weigh(file: PolicyFile, digest: [u8; 32]) -> Result<Policy, Vec<PolicyProblem>> {
    let mut problems = Problems::default();
    let (trust, changes) = (file.trust.unwrap_or_default(), file.changes.unwrap_or_default());
    let fits = |name: &String| {
        (1..=LONGEST_NAME).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    let name = file.name.filter(fits);
    if name.is_none() {
        problems.add(
            "name",
            "须为 1 至 40 个小写字母、数字、连字符 / must be 1 to 40 small letters, digits, hyphens",
        );
    }
    let words = file.words.filter(|words| !words.zh.trim().is_empty() && !words.en.trim().is_empty());
    if words.is_none() {
        problems.add("words", "须写明用途:{ zh = …, en = … } / say what it is for, in both languages");
    }
    let version = problems.day("version", file.version.as_ref());
    let signatures = problems.word("signatures", file.signatures.as_ref(), &COMBINATIONS);
    let second_reader = problems.word("second_reader", file.second_reader.as_ref(), &SECOND_READERS);
    let ledger = problems.word("ledger", file.ledger.as_ref(), &LEDGER);
    let weak_algorithms = problems.word("weak_algorithms", file.weak_algorithms.as_ref(), &DEMANDS);
    let encryption = problems.word("encryption", file.encryption.as_ref(), &DEMANDS);
    let path = problems.word("trust.path", trust.path.as_ref(), &DEMANDS);
    let expiry = problems.word("trust.expiry", trust.expiry.as_ref(), &DEMANDS);
    let revocation = problems.word("trust.revocation", trust.revocation.as_ref(), &REVOCATION);
    let annotations = problems.word("changes.annotations", changes.annotations.as_ref(), &TOLERANCES);
    let form_filling = problems.word("changes.form_filling", changes.form_filling.as_ref(), &TOLERANCES);
    let sunsets: Vec<Sunset> =
        file.algorithms.iter().enumerate().filter_map(|(at, typed)| problems.algorithm(at, typed)).collect();
    let policy = || {
        Some(Policy {
            name: name?,
            version: version?,
            words: words?,
            signatures: signatures?,
            second_reader: second_reader?,
            ledger: ledger?,
            weak_algorithms: weak_algorithms?,
            encryption: encryption?,
            trust: TrustRules { path: path?, expiry: expiry?, revocation: revocation? },
            changes: ChangeRules { annotations: annotations?, form_filling: form_filling? },
            sunsets,
            digest,
        })
    };
    let policy = policy();
    if let Some(policy) = &policy {
        problems.together(&policy.trust);
    }
    match policy {
        Some(policy) if problems.0.is_empty() => Ok(policy),
        _ => Err(problems.0),
    }
}
