//! The morning's question: does this verifier refuse forgeries today? The shipped documents are judged at the instants
//! they name, each attack must be refused and each honest document recognised.
//!
//! The set is `fixtures/` (`attacks/`, `ours/`, `trust/`), carried inside a release build. Another folder of the same
//! shape may be tried instead: an auditor brings his own attacks.

use crate::crypto;
use crate::domain::{Bilingual, Instant};
use crate::pdf::Limits;
use crate::verify::policy::PolicyName;
use crate::verify::{LedgerState, LedgerWord, Policy, Rules, SameFile, Verdict, verify};
use crate::x509::ceremony::certificates;
use crate::x509::{Checker, Crl, pem_blocks};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use time::macros::format_description;

#[derive(rust_embed::RustEmbed)]
#[folder = "fixtures/attacks/"]
#[prefix = "attacks/"]
struct Attacks;

#[derive(rust_embed::RustEmbed)]
#[folder = "fixtures/ours/"]
#[prefix = "ours/"]
struct Ours;

#[derive(rust_embed::RustEmbed)]
#[folder = "fixtures/trust/"]
#[prefix = "trust/"]
struct Anchors;

/// Files of a folder that are read: the shipped set has some 50.
const MOST: usize = 10_000;
/// Largest file of a set, in bytes.
const LARGEST: u64 = 64 << 20;

/// What a document of the set is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Made to deceive.
    Attack,
    /// As it was sealed.
    Honest,
}

/// One document of the set, judged.
#[derive(Clone, Debug, Serialize)]
pub struct Tried {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// What was done to it, 中文 and English in one line.
    pub about: String,
    /// The verdict it must get, in the words of the JSON.
    pub expected: String,
    /// The verdict it got.
    pub verdict: Verdict,
    /// As it must be; an attack is never genuine.
    pub passed: bool,
}

/// All of the set.
#[derive(Clone, Debug, Serialize)]
pub struct SelfTest {
    /// Every document was judged as it must be, and there was at least one of each kind.
    pub passed: bool,
    /// Attacks refused.
    pub refused: usize,
    /// Honest documents recognised.
    pub recognised: usize,
    /// Documents judged otherwise.
    pub failed: usize,
    /// The policy.
    pub policy: PolicyName,
    /// Version of the program.
    pub program: &'static str,
    /// One by one.
    pub cases: Vec<Tried>,
}

/// Why a set cannot be tried.
#[derive(Debug, thiserror::Error)]
pub enum SelfTestError {
    /// A file that must be there.
    #[error("自检样本缺少 {0} / the set lacks {0}")]
    Missing(String),
    /// An expectation that cannot be read.
    #[error("{name}: {why}")]
    Expectation {
        /// The file.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// The disk.
    #[error("{path}: {source}")]
    File {
        /// The place.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// More than anybody reads.
    #[error("{0} 里的文件太多或太大 / too many files, or too large ones")]
    TooMuch(PathBuf),
}

/// A set of documents: file names with forward slashes, and bytes.
pub struct Set(BTreeMap<String, Cow<'static, [u8]>>);

#[derive(Deserialize)]
struct Expectation {
    about: String,
    at: String,
    anchor: String,
    expect: Expected,
    ledger: Option<Ledger>,
}

#[derive(Deserialize)]
struct Expected {
    verdict: String,
}

#[derive(Deserialize)]
struct Ledger {
    number: String,
    recorded_at: String,
    state: String,
    same_file: String,
}

impl Set {
    /// The set inside the program.
    #[must_use]
    pub fn shipped() -> Self {
        let attacks = Attacks::iter().map(|name| (Attacks::get(&name), name));
        let ours = Ours::iter().map(|name| (Ours::get(&name), name));
        let anchors = Anchors::iter().map(|name| (Anchors::get(&name), name));
        let files = attacks.chain(ours).chain(anchors);
        Self(files.filter_map(|(file, name)| Some((name.into_owned(), file?.data))).collect())
    }

    /// The set in a folder: `attacks/`, `ours/` and `trust/`, as in `fixtures/`.
    ///
    /// # Errors
    /// A folder or file that cannot be read, or too much of it.
    #[expect(clippy::disallowed_methods, reason = "an auditor's own set lies on the disk")]
    pub fn read(folder: &Path) -> Result<Self, SelfTestError> {
        let mut files = BTreeMap::new();
        for part in ["attacks", "ours", "trust"] {
            let place = folder.join(part);
            let failed = |source| SelfTestError::File { path: place.clone(), source };
            for entry in fs::read_dir(&place).map_err(failed)? {
                let entry = entry.map_err(failed)?;
                let small = entry.metadata().is_ok_and(|facts| facts.len() <= LARGEST);
                if files.len() >= MOST || !small {
                    return Err(SelfTestError::TooMuch(place));
                }
                let name = format!("{part}/{}", entry.file_name().to_string_lossy());
                files.insert(name, Cow::Owned(fs::read(entry.path()).map_err(failed)?));
            }
        }
        Ok(Self(files))
    }

    fn text(&self, name: &str) -> Result<&str, SelfTestError> {
        let bytes = self.0.get(name).ok_or_else(|| SelfTestError::Missing(name.to_owned()))?;
        let why = || SelfTestError::Expectation { name: name.to_owned(), why: "not UTF-8".to_owned() };
        std::str::from_utf8(bytes).map_err(|_| why())
    }

    /// Judges every document of the set under the default policy, with the second reader.
    ///
    /// # Errors
    /// A document without a readable expectation or anchor: what cannot be tried is no success.
    pub fn run(&self) -> Result<SelfTest, SelfTestError> {
        let mut bench = Bench { checker: Checker::new(crypto::ALL), crls: Vec::new() };
        for name in self.0.keys().filter(|name| name.starts_with("trust/") && name.ends_with(".crl")) {
            let wrong = || SelfTestError::Expectation { name: name.clone(), why: "not a list".to_owned() };
            for der in pem_blocks(self.text(name)?, "X509 CRL") {
                bench.crls.push(Crl::from_der(&der).map_err(|_| wrong())?);
            }
        }
        let mut cases = Vec::new();
        for (folder, kind) in [("attacks/", Kind::Attack), ("ours/", Kind::Honest)] {
            let stems: BTreeSet<&str> = self.0.keys().filter_map(|name| stem(name, folder)).collect();
            for stem in stems {
                cases.push(self.try_one(&bench, folder, stem, kind)?);
            }
        }
        let count = |kind| cases.iter().filter(|case| case.passed && case.kind == kind).count();
        let (refused, recognised) = (count(Kind::Attack), count(Kind::Honest));
        let failed = cases.len() - refused - recognised;
        Ok(SelfTest {
            // Nothing tried is never success.
            passed: failed == 0 && refused > 0 && recognised > 0,
            refused,
            recognised,
            failed,
            policy: Policy::strict().named(),
            program: env!("CARGO_PKG_VERSION"),
            cases,
        })
    }

    fn try_one(&self, bench: &Bench, folder: &str, stem: &str, kind: Kind) -> Result<Tried, SelfTestError> {
        let pdf = format!("{folder}{stem}.pdf");
        let bytes = self.0.get(&pdf).ok_or_else(|| SelfTestError::Missing(pdf.clone()))?;
        let name = format!("{folder}{stem}.expect.toml");
        let wrong = |why: String| SelfTestError::Expectation { name: name.clone(), why };
        let expectation: Expectation =
            toml::from_str(self.text(&name)?).map_err(|why| wrong(why.to_string()))?;
        let anchor = format!("trust/{}", expectation.anchor);
        let anchors = certificates(self.text(&anchor)?).map_err(|why| wrong(why.to_string()))?;
        let at = Instant::from_rfc3339(&expectation.at).ok_or_else(|| wrong("at".to_owned()))?;
        let word = match &expectation.ledger {
            None => LedgerWord::NotAsked,
            Some(ledger) => ledger.word().ok_or_else(|| wrong("ledger".to_owned()))?,
        };
        let rules = Rules {
            anchors: &anchors,
            crls: &bench.crls,
            sought: None,
            suites: crypto::ALL,
            checker: &bench.checker,
            at,
            policy: Policy::strict(),
            known: &[],
            distrusted: &[],
            limits: Limits::DEFAULT,
            second_opinion: true,
            rendering: false,
        };
        let verdict = verify(bytes, &rules).weigh(word).verdict;
        let expected = expectation.expect.verdict;
        let as_expected = serde_json::to_value(verdict).is_ok_and(|said| said == expected.as_str());
        let genuine = matches!(verdict, Verdict::GenuineInForce | Verdict::GenuineNotInForce);
        let passed = as_expected && (kind == Kind::Honest || !genuine);
        Ok(Tried { name: stem.to_owned(), kind, about: expectation.about, expected, verdict, passed })
    }
}

/// A document and its expectation each name the case: whichever lacks the other is missed.
fn stem<'n>(name: &'n str, folder: &str) -> Option<&'n str> {
    let file = name.strip_prefix(folder)?;
    file.strip_suffix(".pdf").or_else(|| file.strip_suffix(".expect.toml"))
}

struct Bench {
    checker: Checker,
    crls: Vec<Crl>,
}

impl Ledger {
    fn word(&self) -> Option<LedgerWord> {
        let state = match self.state.split_once(':') {
            None if self.state == "in_force" => LedgerState::InForce,
            Some(("expired", day)) => {
                let format = format_description!("[year]-[month]-[day]");
                LedgerState::Expired { since: time::Date::parse(day, format).ok()? }
            }
            _ => return None,
        };
        let same_file = match self.same_file.as_str() {
            "identical" => SameFile::Identical,
            "signature_only" => SameFile::SignatureOnly,
            "different" => SameFile::Different,
            _ => return None,
        };
        let recorded_at = Instant::from_rfc3339(&self.recorded_at)?;
        Some(LedgerWord::OnRecord {
            number: self.number.clone(),
            reserved_at: recorded_at,
            recorded_at,
            state,
            same_file,
            type_name: Bilingual::new("样例", "specimen"),
        })
    }
}
