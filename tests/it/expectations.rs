//! What is expected of a document: `NAME.expect.toml` beside it names its circumstances and what the verifier must say.
//! Shared by `fixtures.rs` and `findings.rs`.

use serde::Deserialize;
use std::path::{Path, PathBuf};
use yinzheng::crypto;
use yinzheng::domain::{Bilingual, Instant, SealStatus, Status};
use yinzheng::pdf::Limits;
use yinzheng::verify::{
    Effect, Finding, Indication, Judgement, LedgerState, LedgerWord, Light, Miss, MissReason, Open, Policy,
    Question, RegisteredSeal, Report, Rules, SameFile, Sought, Unseen, Verdict, Word, hand_over, verify,
    verify_unseen,
};
use yinzheng::x509::ceremony::certificates;
use yinzheng::x509::{Certificate, Checker, Crl, pem_blocks};

/// The file. Anchors, lists and distrusted certificates are files of `trust/` beside it or above it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expectation {
    about: String,
    at: String,
    anchor: Option<String>,
    #[serde(default)]
    anchors: Vec<String>,
    #[serde(default)]
    lists: Vec<String>,
    #[serde(default)]
    distrusted: Vec<String>,
    /// A shipped policy, or the text of one. Strict where nothing is said.
    policy: Option<String>,
    /// Another file than `NAME.pdf`.
    document: Option<String>,
    /// Judged without the file: by this digest of what its first signature covers.
    by_digest: Option<String>,
    /// Revocation data are sought and the place cannot be reached.
    #[serde(default)]
    unreachable: bool,
    /// How the register of seals says that the seal of the first signature stood.
    register: Option<SealStatus>,
    expect: Expected,
    ledger: Option<Ledger>,
}

/// What the verifier must say.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expected {
    pub(crate) verdict: String,
    /// File, seal, certificate.
    pub(crate) lights: [String; 3],
    /// Every finding's code, sorted, each once.
    pub(crate) findings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Ledger {
    /// `not_on_record`.
    Word(String),
    Record(Record),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    number: String,
    recorded_at: String,
    state: String,
    same_file: String,
}

/// A document in its circumstances.
pub(crate) struct Case {
    pub(crate) about: String,
    pub(crate) document: PathBuf,
    pub(crate) at: Instant,
    pub(crate) anchors: Vec<Certificate>,
    pub(crate) lists: Vec<Crl>,
    pub(crate) distrusted: Vec<[u8; 32]>,
    pub(crate) policy: &'static Policy,
    pub(crate) word: LedgerWord,
    by_digest: Option<String>,
    unreachable: bool,
    register: Option<SealStatus>,
    pub(crate) expect: Expected,
}

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn instant(text: &str) -> Instant {
    Instant::from_rfc3339(text).unwrap_or_else(|| panic!("instant {text}"))
}

impl Ledger {
    fn word(self) -> LedgerWord {
        match self {
            Self::Word(word) if word == "not_on_record" => LedgerWord::NotOnRecord,
            Self::Word(word) => panic!("ledger {word}"),
            Self::Record(record) => record.word(),
        }
    }
}

impl Record {
    fn word(self) -> LedgerWord {
        let state = match (self.state.as_str(), self.state.split_once(':')) {
            ("in_force", _) => LedgerState::InForce,
            ("void", _) => LedgerState::Void,
            (_, Some(("expired", day))) => {
                let format = time::macros::format_description!("[year]-[month]-[day]");
                LedgerState::Expired { since: time::Date::parse(day, format).unwrap() }
            }
            (_, Some(("not_in_force", status))) => {
                let status: Status = serde_json::from_value(status.into()).unwrap();
                LedgerState::NotInForce { status: Some(status) }
            }
            _ => panic!("state {}", self.state),
        };
        let same_file = match self.same_file.as_str() {
            "identical" => SameFile::Identical,
            "signature_only" => SameFile::SignatureOnly,
            "different" => SameFile::Different,
            other => panic!("same_file {other}"),
        };
        LedgerWord::OnRecord {
            number: self.number,
            reserved_at: instant(&self.recorded_at),
            recorded_at: instant(&self.recorded_at),
            state,
            same_file,
            type_name: Bilingual::new("样例", "specimen"),
        }
    }
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

fn lists(path: &Path) -> Vec<Crl> {
    pem_blocks(&text(path), "X509 CRL").iter().map(|der| Crl::from_der(der).unwrap()).collect()
}

impl Case {
    pub(crate) fn read(path: &Path) -> Self {
        let read: Expectation =
            toml::from_str(&text(path)).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
        assert!(!read.about.is_empty(), "{}", path.display());
        let beside = path.parent().unwrap();
        let trust = [beside.join("trust"), beside.join("../trust")];
        let trust = trust.iter().find(|place| place.is_dir()).unwrap();
        let known = |name: &String| certificates(&text(&trust.join(name))).unwrap();
        let policy = match read.policy.as_deref() {
            None => Policy::strict(),
            Some(name) if !name.contains('\n') => Policy::built_in(name).unwrap(),
            Some(own) => Box::leak(Box::new(Policy::read(own).unwrap())),
        };
        let own = path.with_extension("").with_extension("pdf");
        Self {
            about: read.about,
            document: read.document.map_or(own, |name| beside.join(name)),
            at: instant(&read.at),
            anchors: read.anchor.iter().chain(&read.anchors).flat_map(known).collect(),
            lists: read.lists.iter().flat_map(|name| lists(&trust.join(name))).collect(),
            distrusted: read.distrusted.iter().flat_map(known).map(|one| one.fingerprint()).collect(),
            policy,
            word: read.ledger.map_or(LedgerWord::NotAsked, Ledger::word),
            by_digest: read.by_digest,
            unreachable: read.unreachable,
            register: read.register,
            expect: read.expect,
        }
    }
}

impl Case {
    fn report(&self, bytes: &[u8], rules: &Rules<'_>) -> Report {
        let Some(algorithm) = &self.by_digest else { return verify(bytes, rules) };
        let handed = hand_over(bytes, &Limits::DEFAULT, 1).unwrap();
        let own = *algorithm == handed.algorithm;
        let digest = if own { hex::decode(&handed.digest).unwrap() } else { vec![0; 64] };
        let unseen = Unseen::new(algorithm, &digest, &handed.cms, Some(&handed.sub_filter)).unwrap();
        verify_unseen(&unseen, rules)
    }
}

/// Judges documents.
pub(crate) struct Bench {
    checker: Checker,
    crls: Vec<Crl>,
    distrusted: Vec<[u8; 32]>,
}

impl Bench {
    /// With the lists of `fixtures/trust`.
    pub(crate) fn of_fixtures() -> Self {
        let crls = ["root.crl", "issuing.crl"].map(|name| lists(&folder().join("trust").join(name)));
        Self { checker: Checker::new(crypto::ALL), crls: crls.concat(), distrusted: Vec::new() }
    }

    /// With the lists and the distrusted of a case.
    pub(crate) fn of(case: &Case) -> Self {
        Self {
            checker: Checker::new(crypto::ALL),
            crls: case.lists.clone(),
            distrusted: case.distrusted.clone(),
        }
    }

    pub(crate) fn judge(
        &self,
        bytes: &[u8],
        at: Instant,
        anchors: &[Certificate],
        word: LedgerWord,
        (policy, second): (&Policy, bool),
    ) -> Judgement {
        verify(bytes, &self.rules(at, anchors, (policy, second))).weigh(word)
    }

    /// In all its circumstances.
    pub(crate) fn judge_case(&self, case: &Case, bytes: &[u8]) -> Judgement {
        let mut rules = self.rules(case.at, &case.anchors, (case.policy, true));
        let asked = Sought::default();
        rules.sought = case.unreachable.then_some(&asked);
        let mut report = case.report(bytes, &rules);
        if let Some(status) = case.register {
            let (at_signing, now) = (Some(status), Some(status));
            report.enter(0, RegisteredSeal { seal: "bureau".to_owned(), at_signing, now, use_number: None });
        }
        let miss = |open: &Open| Miss {
            certificate: open.certificate.fingerprint(),
            host: "crl.example".to_owned(),
            why: MissReason::Unreachable,
        };
        let misses = report.open().into_iter().map(miss).collect();
        let sought = Sought { misses, ..Sought::default() };
        if !case.unreachable {
            return report.weigh(case.word.clone());
        }
        rules.sought = Some(&sought);
        case.report(bytes, &rules).weigh(case.word.clone())
    }

    fn rules<'r>(
        &'r self,
        at: Instant,
        anchors: &'r [Certificate],
        (policy, second): (&'r Policy, bool),
    ) -> Rules<'r> {
        Rules {
            anchors,
            crls: &self.crls,
            sought: None,
            suites: crypto::ALL,
            checker: &self.checker,
            at,
            policy,
            known: &[],
            distrusted: &self.distrusted,
            limits: Limits::DEFAULT,
            second_opinion: second,
            rendering: second,
        }
    }
}

pub(crate) fn word_of(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap().to_owned()
}

/// All findings: of each signature, then of the document.
pub(crate) fn findings(judgement: &Judgement) -> impl Iterator<Item = &Finding> {
    let of_signatures = judgement.signatures.iter().flat_map(|signature| &signature.findings);
    of_signatures.chain(&judgement.findings)
}

/// Their codes, sorted, each once.
pub(crate) fn codes(judgement: &Judgement) -> Vec<&'static str> {
    let mut codes: Vec<&str> = findings(judgement).map(Finding::code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// What the verdict, the lights, the words of the standard and the counter's word must not say beside each other.
pub(crate) fn contradictions(judgement: &Judgement) -> Vec<String> {
    let mut found = Vec::new();
    for signature in &judgement.signatures {
        let passed = signature.indication == Indication::TotalPassed;
        if passed != signature.sub_indication.is_none() {
            found.push("a passed signature gives a reason, or a doubtful one none".to_owned());
        }
        let lowers = |finding: &Finding| {
            let files = [Effect::Amber(Question::File), Effect::Red(Question::File)];
            let seals = [Effect::Amber(Question::Seal), Effect::Red(Question::Seal)];
            files.contains(&finding.effect()) || seals.contains(&finding.effect())
        };
        let of_all = signature.findings.iter().chain(&judgement.findings);
        if passed && (signature.intact.is_none() || of_all.into_iter().any(lowers)) {
            found.push("TOTAL-PASSED without proof, or against a finding".to_owned());
        }
        if signature.indication == Indication::TotalFailed && judgement.verdict != Verdict::NotTrusted {
            found.push(format!("TOTAL-FAILED beside {:?}", judgement.verdict));
        }
    }
    let all_passed = judgement.signatures.iter().all(|one| one.indication == Indication::TotalPassed);
    let lights = (judgement.lights.file, judgement.lights.seal);
    let fine = lights.0 == Light::Green && lights.1 <= Light::Green;
    if !judgement.signatures.is_empty() && all_passed != fine {
        found.push(format!("lights {lights:?} beside the indications"));
    }
    let wanted = match judgement.verdict {
        Verdict::GenuineInForce if judgement.lights.seal == Light::None => Word::Refer,
        Verdict::GenuineInForce => Word::Accept,
        Verdict::Indeterminate => Word::Refer,
        _ => Word::Refuse,
    };
    let counter = &judgement.counter;
    if counter.word != wanted || counter.zh != wanted.zh() {
        found.push(format!("counter {:?} beside {:?}", counter.word, judgement.verdict));
    }
    let words = [&counter.reason, &counter.next_step];
    if words.iter().any(|words| words.zh.is_empty() || words.en.is_empty() || words.zh.contains('{')) {
        found.push(format!("counter {counter:?}"));
    }
    found
}
