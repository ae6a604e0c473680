//! What must hold for a verdict: a policy with a name and a date, written out rule by rule (ETSI EN 319 102-1 §5.1.4).
//!
//! Three policies are shipped: `strict`, the default; `counter`, stricter; `integrity-only`, which reports trust
//! instead of demanding it. An office may write its own. No rule has a hidden default, and all problems of a file are
//! said together, each with its key and what to write.

mod file;

use super::finding::{
    DocumentFinding, Effect, Finding, LedgerFinding, Question, SealFinding, SignedFinding, TrustFinding,
};
use super::vocabulary::Changes;
use crate::crypto::{Suite, sha256};
use crate::domain::{Bilingual, Instant};
use crate::pdf::Irregularity;
use serde::Serialize;
use std::fmt;
use std::sync::LazyLock;
use time::Date;

/// What happens when something that a rule speaks of does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// The light is amber at best: it cannot be told.
    Demanded,
    /// The light is red.
    Refused,
    /// It is said, and lowers nothing.
    Reported,
}

/// What to do when nothing says whether a certificate is revoked, and when something says that it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationRule {
    /// Not knowing makes the seal amber; a known revocation counts.
    Required,
    /// Not knowing is said, and nothing more; a known revocation counts.
    WhenAvailable,
    /// Both are said, and nothing more.
    Reported,
}

/// What to do with changes after signing that the signer did not forbid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tolerance {
    /// Accepted; said in a note.
    Accept,
    /// The file light is amber.
    Report,
}

/// How several seals of one document combine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Combination {
    /// The worst counts.
    All,
    /// The last one counts.
    Last,
    /// One good one is enough.
    Any,
}

/// Whether another parser is asked, and what its disagreement does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondReader {
    /// Disagreement makes the file amber.
    Demanded,
    /// Disagreement is said.
    Reported,
    /// It is not asked.
    Off,
}

/// Rules of trust in the seal's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrustRules {
    /// A path to an anchor, for signing documents, over nothing distrusted.
    pub path: Demand,
    /// Every certificate of the path valid when the seal was used, or now.
    pub expiry: Demand,
    /// Revocation.
    pub revocation: RevocationRule,
}

/// Rules of changes after signing. What the signer forbids is forbidden under every policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangeRules {
    /// Annotations added or changed.
    pub annotations: Tolerance,
    /// Fields filled in, and covered by no later signature.
    pub form_filling: Tolerance,
}

/// What a date of the table is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// One suite, by its stable id.
    Suite(&'static str),
    /// Every suite with this digest; small letters and digits only, as `sha1`.
    Digest(String),
    /// RSA keys of fewer bits.
    RsaBelow(u32),
}

/// The last day on which an algorithm may have been used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sunset {
    /// Which.
    pub algorithm: Algorithm,
    /// Last day, in Beijing.
    pub until: Date,
}

/// A policy. [`Policy::read`] makes one; [`Policy::built_in`] knows the shipped ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Name, as `strict`.
    pub name: String,
    /// Day of the version.
    pub version: Date,
    /// What it is for.
    pub words: Bilingual,
    /// How several seals combine.
    pub signatures: Combination,
    /// Whether another parser is asked.
    pub second_reader: SecondReader,
    /// The ledger must be asked about what claims to be ours.
    pub ledger: Demand,
    /// Weak algorithms.
    pub weak_algorithms: Demand,
    /// Encrypted files: the signature covers their bytes, and only who has the password sees what they show.
    pub encryption: Demand,
    /// Trust in the seal's certificate.
    pub trust: TrustRules,
    /// Changes after signing.
    pub changes: ChangeRules,
    /// Last days of algorithms.
    pub sunsets: Vec<Sunset>,
    digest: [u8; 32],
}

/// Which policy judged, for the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyName {
    /// Name.
    pub name: String,
    /// Day of the version, `YYYY-MM-DD`.
    pub version: String,
    /// SHA-256 of the policy's text, hexadecimal.
    pub sha256: String,
}

/// One problem of a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyProblem {
    /// Key, as `trust.path` or `algorithm[1].until`.
    pub field: String,
    /// What is wrong and what to write, 中文 then English.
    pub what: String,
}

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// Not TOML of the right shape; the parser's words name line and key.
    #[error("不是策略文件 / not a policy: {0}")]
    Malformed(String),
    /// Well formed, but it cannot be meant.
    #[error("策略有 {} 个问题 / the policy has {} problems:{}", .0.len(), .0.len(), Listed(.0))]
    Wrong(Vec<PolicyProblem>),
}

struct Listed<'a>(&'a [PolicyProblem]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|problem| write!(f, "\n  {}: {}", problem.field, problem.what))
    }
}

/// Names and texts of the shipped policies, the default first.
const SHIPPED: [(&str, &str); 3] = [
    ("strict", include_str!("../../../policies/strict.toml")),
    ("counter", include_str!("../../../policies/counter.toml")),
    ("integrity-only", include_str!("../../../policies/integrity-only.toml")),
];

static BUILT_IN: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    let read = |(name, text): &(&str, &str)| {
        Policy::read(text).unwrap_or_else(|why| unreachable!("{name}, which a unit test reads: {why}"))
    };
    SHIPPED.iter().map(read).collect()
});

impl Policy {
    /// The policies shipped with the program, the default first.
    #[must_use]
    pub fn all() -> &'static [Self] {
        &BUILT_IN
    }

    /// A shipped policy by its name.
    #[must_use]
    pub fn built_in(name: &str) -> Option<&'static Self> {
        BUILT_IN.iter().find(|policy| policy.name == name)
    }

    /// The default.
    #[must_use]
    pub fn strict() -> &'static Self {
        &BUILT_IN[0]
    }

    /// Reads a policy from TOML.
    ///
    /// # Errors
    /// Not TOML of the right shape, or all rules that cannot be meant.
    pub fn read(text: &str) -> Result<Self, PolicyError> {
        let file: file::PolicyFile = toml::from_str(text)
            .map_err(|why| PolicyError::Malformed(why.to_string().trim_end().to_owned()))?;
        file::weigh(file, sha256(&[text.as_bytes()])).map_err(PolicyError::Wrong)
    }

    /// For the report.
    #[must_use]
    pub fn named(&self) -> PolicyName {
        PolicyName {
            name: self.name.clone(),
            version: self.version.to_string(),
            sha256: hex::encode(self.digest),
        }
    }

    /// True when the seal light is not weighed at all.
    #[must_use]
    pub fn reports_trust(&self) -> bool {
        self.trust.path == Demand::Reported
    }

    /// True when what was appended leaves the file as it was signed.
    pub(super) fn tolerates(&self, changes: Changes) -> bool {
        match changes {
            Changes::None | Changes::Evidence | Changes::Form => true,
            Changes::Annotations => self.changes.annotations == Tolerance::Accept,
            Changes::Forbidden | Changes::NotJudged => false,
        }
    }

    /// What a finding does to the lights under this policy.
    #[must_use]
    pub fn effect(&self, finding: &Finding) -> Effect {
        let own = finding.effect();
        match finding {
            Finding::Trust(_) if self.reports_trust() => Effect::Note,
            Finding::Trust(
                TrustFinding::NoPath { .. }
                | TrustFinding::NoAnchors
                | TrustFinding::WrongUse
                | TrustFinding::Distrusted,
            ) => weighed(self.trust.path, own, Effect::Note),
            Finding::Trust(TrustFinding::ExpiredNow { .. } | TrustFinding::NotYetValid { .. }) => {
                weighed(self.trust.expiry, own, Effect::Note)
            }
            Finding::Trust(TrustFinding::Revoked { .. } | TrustFinding::RevocationUnknown { .. })
                if self.trust.revocation == RevocationRule::Reported =>
            {
                Effect::Note
            }
            Finding::Signed(SignedFinding::WeakAlgorithm { .. }) => {
                weighed(self.weak_algorithms, own, Effect::Warning)
            }
            Finding::Document(DocumentFinding::UncoveredForm)
                if self.changes.form_filling == Tolerance::Accept =>
            {
                Effect::Note
            }
            Finding::Document(DocumentFinding::Changed { kind: Changes::Annotations, .. })
                if self.changes.annotations == Tolerance::Accept =>
            {
                Effect::Note
            }
            Finding::Document(DocumentFinding::Irregular(Irregularity::SecondOpinion { .. }))
                if self.second_reader != SecondReader::Demanded =>
            {
                Effect::Warning
            }
            Finding::Document(DocumentFinding::Irregular(Irregularity::Encrypted)) => {
                weighed(self.encryption, own, Effect::Warning)
            }
            Finding::Seal(finding) => self.of_seal(finding, own),
            // Weighed already.
            Finding::UnderPolicy { effect, .. } => *effect,
            Finding::Ledger(LedgerFinding::NotAsked) => weighed(self.ledger, own, Effect::Note),
            _ => own,
        }
    }

    /// The same for a seal by GB/T 38540: its chains as any chain, its period as the validity of a certificate.
    fn of_seal(&self, finding: &SealFinding, own: Effect) -> Effect {
        match finding {
            SealFinding::Chain { finding, .. } => self.effect(&Finding::Trust(finding.clone())),
            _ if self.reports_trust()
                && matches!(own, Effect::Amber(Question::Seal) | Effect::Red(Question::Seal)) =>
            {
                Effect::Warning
            }
            SealFinding::PeriodOver { .. } | SealFinding::PeriodNotBegun { .. } => {
                weighed(self.trust.expiry, own, Effect::Note)
            }
            SealFinding::MakerRevokedLater { .. } if self.trust.revocation == RevocationRule::Reported => {
                Effect::Note
            }
            SealFinding::WeakAlgorithm { .. } => weighed(self.weak_algorithms, own, Effect::Warning),
            _ => own,
        }
    }

    /// The weakness of a signature with this suite and key, if there is one: what is weak, and since when it is.
    pub(super) fn weakness(&self, signed: &Used<'_>, proven: Instant) -> Option<(String, Date)> {
        let used = proven.beijing_date();
        let digest = plain(signed.digest);
        let weak = self.sunsets.iter().filter_map(|sunset| {
            let what = match &sunset.algorithm {
                Algorithm::Suite(weak) => {
                    signed.suite.filter(|suite| *weak == suite.id).map(|suite| suite.label.to_owned())
                }
                Algorithm::Digest(weak) => (*weak == digest).then(|| signed.digest.to_owned()),
                Algorithm::RsaBelow(least) => {
                    signed.rsa_bits.filter(|bits| bits < least).map(|bits| format!("RSA {bits}"))
                }
            };
            what.filter(|_| used > sunset.until).map(|what| (what, sunset.until))
        });
        weak.min_by_key(|(_, until)| *until)
    }
}

/// What a signature rests on.
pub(super) struct Used<'u> {
    /// Its suite, if it is one of the table.
    pub(super) suite: Option<&'static Suite>,
    /// Name of its digest.
    pub(super) digest: &'u str,
    /// Bits of its RSA key.
    pub(super) rsa_bits: Option<u32>,
}

/// The effect of a finding once the demand behind it is known. Never milder than its own unless it is reported.
fn weighed(demand: Demand, own: Effect, reported: Effect) -> Effect {
    match (demand, own) {
        (Demand::Reported, _) => reported,
        (Demand::Refused, Effect::Amber(question)) => Effect::Red(question),
        _ => own,
    }
}

/// `SHA-1` and `sha1` are one name.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto;

    #[test]
    fn the_shipped_ones_are_read_under_their_names() {
        for (name, text) in SHIPPED {
            let policy = Policy::read(text).unwrap_or_else(|why| panic!("{name}: {why}"));
            assert_eq!(policy.name, name);
            assert_eq!(Policy::built_in(name), Some(&policy));
        }
        assert_eq!(Policy::strict().name, "strict");
        assert!(Policy::built_in("integrity-only").is_some_and(Policy::reports_trust));
        assert!(Policy::built_in("lenient").is_none());
    }

    fn problems(text: &str) -> Vec<String> {
        match Policy::read(text) {
            Err(PolicyError::Wrong(problems)) => problems.into_iter().map(|problem| problem.field).collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn all_problems_are_said_together_each_with_its_key() {
        let wrong = SHIPPED[0]
            .1
            .replace("name = \"strict\"", "name = \"Strict policy\"")
            .replace("path = \"demanded\"", "path = \"sometimes\"")
            .replace("revocation = \"when_available\"\n", "")
            .replace("until = \"2030-12-31\"", "until = \"2030-02-30\"")
            .replace("digest = \"md5\"", "digest = \"crc32\"");
        let expected =
            ["name", "trust.path", "trust.revocation", "algorithm[1].digest", "algorithm[3].until"];
        assert_eq!(problems(&wrong), expected);
        assert_eq!(problems("").len(), 13, "nothing has a hidden default");
        let both = "[[algorithm]]\nsuite = \"ed25519\"\ndigest = \"sha1\"\nuntil = \"2030-01-01\"\n";
        assert!(problems(both).contains(&"algorithm[0]".to_owned()));
    }

    #[test]
    fn an_unknown_key_is_named() {
        let why = Policy::read("nmae = \"strict\"").unwrap_err().to_string();
        assert!(why.contains("nmae") && why.contains("`name`"), "{why}");
    }

    #[test]
    fn what_hangs_on_the_path_is_reported_with_it() {
        let text = SHIPPED[2].1.replace("expiry = \"reported\"", "expiry = \"demanded\"");
        assert_eq!(problems(&text), ["trust.expiry"]);
        let text = SHIPPED[2].1.replace("revocation = \"reported\"", "revocation = \"required\"");
        assert_eq!(problems(&text), ["trust.revocation"]);
    }

    #[test]
    fn weak_only_after_its_last_day_in_beijing() {
        let policy = Policy::strict();
        let at = |text: &str| {
            let parsed = time::OffsetDateTime::parse(text, &time::format_description::well_known::Rfc3339);
            Instant::from_seconds(parsed.unwrap().unix_timestamp()).unwrap()
        };
        let used = |suite: &'static Suite, rsa_bits| Used {
            suite: Some(suite),
            digest: suite.digest.name,
            rsa_bits,
        };
        let weak =
            |suite, bits, text: &str| policy.weakness(&used(suite, bits), at(text)).map(|(what, _)| what);
        let rsa = &crypto::RSA_PKCS1_SHA256;
        assert_eq!(weak(rsa, Some(2048), "2030-12-31T23:59:59+08:00"), None);
        assert_eq!(weak(rsa, Some(2048), "2031-01-01T00:00:00+08:00"), Some("RSA 2048".to_owned()));
        assert_eq!(weak(rsa, Some(3072), "2031-01-01T00:00:00+08:00"), None);
        assert_eq!(weak(&crypto::ECDSA_P256_SHA256, None, "2099-01-01T00:00:00+08:00"), None);
        let text = SHIPPED[0].1.replace("digest = \"sha1\"", "suite = \"ed25519\"");
        let other = Policy::read(&text).unwrap();
        let weakness = other.weakness(&used(&crypto::ED25519_SHA512, None), at("2020-01-01T00:00:00Z"));
        assert_eq!(weakness.map(|(what, until)| (what, until.year())), Some(("Ed25519".to_owned(), 2017)));
    }
}
