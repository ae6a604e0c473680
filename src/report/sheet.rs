//! What every form of the report says, in its order, as cleaned text. Nothing of it decides anything.

use super::seal::{Seal, StepRow, document_steps};
use super::{LONGEST, Subject, plain};
use crate::domain::Bilingual;
use crate::verify::{Effect, Finding, Judgement, Light, Outcome, SecondReader, Word};

/// Findings of one step that are written out; of more, their number.
pub(super) const MOST_FINDINGS: usize = 40;

/// How something is to be seen: its colour has a mark and words beside it everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tone {
    Green,
    Amber,
    Red,
    Grey,
}

impl Tone {
    /// Name of the style class.
    #[cfg(feature = "server")]
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
            Self::Grey => "grey",
        }
    }

    /// A mark that needs no colour.
    pub(super) fn mark(self) -> &'static str {
        match self {
            Self::Green => "✔",
            Self::Amber => "?",
            Self::Red => "✘",
            Self::Grey => "–",
        }
    }

    pub(super) fn of_outcome(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Passed | Outcome::Noted => Self::Green,
            Outcome::Doubtful => Self::Amber,
            Outcome::Failed => Self::Red,
            Outcome::NotEstablished | Outcome::NotApplicable => Self::Grey,
        }
    }
}

/// A label and what it names.
pub(super) struct Row {
    pub(super) label: Bilingual,
    pub(super) value: String,
}

pub(super) fn row(zh: &str, en: &str, value: impl AsRef<str>) -> Row {
    Row { label: Bilingual::new(zh, en), value: plain(value.as_ref(), LONGEST) }
}

/// One light with its answer.
pub(super) struct LightRow {
    pub(super) name: Bilingual,
    pub(super) tone: Tone,
    pub(super) state: Bilingual,
}

/// One finding as it is shown.
pub(super) struct Said {
    pub(super) code: &'static str,
    pub(super) tone: Tone,
    pub(super) words: Bilingual,
}

impl Said {
    pub(super) fn of(finding: &Finding) -> Self {
        let words = finding.words();
        let tone = match finding.effect() {
            Effect::Note | Effect::Warning => Tone::Grey,
            Effect::Amber(_) => Tone::Amber,
            Effect::Red(_) => Tone::Red,
        };
        Self { code: finding.code(), tone, words: cleaned(&words) }
    }
}

pub(super) fn cleaned(words: &Bilingual) -> Bilingual {
    Bilingual::new(plain(&words.zh, LONGEST), plain(&words.en, LONGEST))
}

/// The whole report.
pub(super) struct Sheet {
    pub(super) subject: Vec<Row>,
    pub(super) tone: Tone,
    pub(super) word: Bilingual,
    pub(super) headline: Bilingual,
    pub(super) reason: Option<Bilingual>,
    pub(super) next: Bilingual,
    pub(super) lights: Vec<LightRow>,
    pub(super) seals: Vec<Seal>,
    pub(super) document: Vec<StepRow>,
    pub(super) evidence: Vec<Row>,
}

impl Sheet {
    pub(super) fn of(judgement: &Judgement, subject: Subject<'_>) -> Self {
        let counter = &judgement.counter;
        let tone = match counter.word {
            Word::Accept => Tone::Green,
            Word::Refer => Tone::Amber,
            Word::Refuse => Tone::Red,
        };
        Self {
            subject: about(judgement, subject),
            tone,
            word: Bilingual::new(counter.word.zh(), counter.word.en()),
            headline: cleaned(&judgement.headline),
            reason: (!judgement.headline.zh.contains(&counter.reason.zh)).then(|| cleaned(&counter.reason)),
            next: cleaned(&counter.next_step),
            lights: lights(judgement),
            seals: judgement.signatures.iter().enumerate().map(|(at, one)| Seal::of(at, one)).collect(),
            document: document_steps(judgement),
            evidence: evidence(judgement),
        }
    }

    /// One mark of the verdict.
    pub(super) fn mark(&self) -> &'static str {
        self.tone.mark()
    }
}

fn lights(judgement: &Judgement) -> Vec<LightRow> {
    let lights = judgement.lights;
    let all = [
        ("文件完整", "file intact", lights.file),
        ("印章可信", "seal trusted", lights.seal),
        ("证照有效", "certificate in force", lights.certificate),
    ];
    let shown = |(zh, en, light)| {
        let (tone, state_zh, state_en) = match light {
            Light::None => (Tone::Grey, "不适用", "not weighed"),
            Light::Green => (Tone::Green, "是", "yes"),
            Light::Amber => (Tone::Amber, "未能确定", "unknown"),
            Light::Red => (Tone::Red, "否", "no"),
        };
        LightRow { name: Bilingual::new(zh, en), tone, state: Bilingual::new(state_zh, state_en) }
    };
    all.into_iter().map(shown).collect()
}

/// What was judged, when and under what.
fn about(judgement: &Judgement, subject: Subject<'_>) -> Vec<Row> {
    let policy = &judgement.policy;
    let mut rows: Vec<Row> = Vec::new();
    rows.extend(subject.name.map(|name| row("文件", "file", name)));
    rows.extend(judgement.sha256.as_ref().map(|whole| row("文件 SHA-256", "SHA-256 of the file", whole)));
    rows.extend(judgement.bytes.map(|bytes| row("大小", "size", format!("{bytes} 字节 bytes"))));
    rows.push(row("判断的时刻", "judged as of", &judgement.at));
    rows.push(row("策略", "policy", format!("{} {}", policy.name, policy.version)));
    rows.extend(subject.office.map(|office| row("核验单位", "verified at", office)));
    rows
}

/// What the verdict rests on besides the file.
fn evidence(judgement: &Judgement) -> Vec<Row> {
    let (ledger, policy) = (&judgement.ledger, &judgement.policy);
    let mut rows = vec![row("策略 SHA-256", "SHA-256 of the policy", &policy.sha256)];
    rows.push(row(
        "第二个解析器",
        "second reader",
        match judgement.second_reader {
            SecondReader::Asked => "已对照 asked",
            SecondReader::NotAsked => "没有对照 not asked",
            SecondReader::TooLarge => "有对象太大,没有对照 an object is too large, not asked",
            SecondReader::Exhausted => "文件超出上限,没有对照 beyond the limits, not asked",
        },
    ));
    if let Some(claim) = &judgement.claim {
        rows.push(row("文件自称的证照编号", "number it claims", &claim.number));
        rows.push(row("文件自称的证照标识", "identifier it claims", &claim.identifier));
    }
    let asked = match (ledger.asked, ledger.on_record) {
        (false, _) => "没有查 not asked",
        (true, false) => "查过,没有 asked, not on record",
        (true, true) => "查过,在案 asked, on record",
    };
    rows.push(row("台账", "ledger", asked));
    let optional = [
        ("台账所载编号", "number on record", ledger.number.as_deref()),
        ("台账所载状态", "state on record", ledger.state),
        ("入账时刻", "on record since", ledger.recorded_at.as_deref()),
        ("与所存文件", "the file on record", ledger.same_file),
    ];
    rows.extend(optional.into_iter().filter_map(|(zh, en, value)| value.map(|value| row(zh, en, value))));
    rows
}
