//! One signature as the report shows it: what it is, its steps, its chain, its time-stamps.

use super::sheet::{MOST_FINDINGS, Row, Said, Tone, cleaned, row};
use super::{LONGEST, plain};
use crate::domain::{Bilingual, SealStatus};
use crate::verify::{
    Checked, Finding, Indication, Judgement, Level, Link, SealReport, Shown, SignatureReport, Step,
    TimestampReport,
};

/// One signature.
pub(super) struct Seal {
    /// From 1.
    pub(super) number: usize,
    pub(super) title: Bilingual,
    pub(super) tone: Tone,
    /// In the words of ETSI EN 319 102-1.
    pub(super) status: String,
    pub(super) facts: Vec<Row>,
    pub(super) steps: Vec<StepRow>,
    pub(super) chain: Vec<Certificate>,
    pub(super) stamps: Vec<Stamp>,
}

/// One step.
pub(super) struct StepRow {
    pub(super) tone: Tone,
    pub(super) title: Bilingual,
    pub(super) outcome: Bilingual,
    pub(super) words: Bilingual,
    pub(super) findings: Vec<Said>,
    /// Findings that are not written out.
    pub(super) more: usize,
}

/// One certificate of a chain.
pub(super) struct Certificate {
    pub(super) subject: String,
    pub(super) organisation: String,
    pub(super) issuer: String,
    pub(super) serial: String,
    pub(super) valid: String,
    pub(super) sha256: String,
}

/// One time-stamp.
pub(super) struct Stamp {
    pub(super) tone: Tone,
    pub(super) kind: Bilingual,
    pub(super) at: String,
    pub(super) authority: String,
    pub(super) state: Bilingual,
}

impl Seal {
    pub(super) fn of(at: usize, signature: &SignatureReport) -> Self {
        let why = signature.sub_indication.map_or_else(String::new, |why| format!(" / {}", why.name()));
        let (zh, en) = if signature.is_timestamp {
            ("文件时间戳", "document time-stamp")
        } else {
            ("印章", "seal")
        };
        Self {
            number: at + 1,
            title: Bilingual::new(zh, en),
            tone: match signature.indication {
                Indication::TotalPassed => Tone::Green,
                Indication::Indeterminate => Tone::Amber,
                Indication::TotalFailed => Tone::Red,
            },
            status: format!("{}{why}", signature.indication.name()),
            facts: facts(signature),
            steps: steps(&signature.steps, &signature.findings, Step::of_signature),
            chain: chain(signature),
            stamps: signature.timestamps.iter().map(Stamp::of).collect(),
        }
    }
}

fn facts(signature: &SignatureReport) -> Vec<Row> {
    let unknown = || "?".to_owned();
    let signer = signature.signer.as_ref();
    let mut rows = vec![row("签名者", "signer", signer.map_or_else(unknown, |link| link.subject.clone()))];
    rows.extend(
        signer.and_then(|link| link.organisation.as_ref()).map(|name| row("单位", "organisation", name)),
    );
    rows.extend(signature.seal.as_ref().map(sealed).unwrap_or_default());
    rows.extend(signature.seal.as_ref().and_then(|_| two_seals(signature)));
    rows.extend(signature.registered.as_ref().map(|registered| {
        let words = |status: Option<SealStatus>| {
            status.map_or_else(|| Bilingual::new("不在册", "not in the register"), SealStatus::name)
        };
        let (then, now) = (words(registered.at_signing), words(registered.now));
        let (zh, en) =
            (format!("盖章时{},现{}", then.zh, now.zh), format!("then {}, now {}", then.en, now.en));
        let number = registered
            .use_number
            .map_or_else(String::new, |number| format!(",第 {number} 次用印 use {number}"));
        row("印章登记", "register of seals", format!("{}: {zh} / {en}{number}", registered.seal))
    }));
    rows.extend(signature.page_edge.as_ref().map(|edge| {
        let (zh, en) = edge.words();
        row("骑缝章", "page edges", format!("{zh} / {en}"))
    }));
    rows.push(row("算法", "algorithm", signature.algorithm.clone().unwrap_or_else(unknown)));
    rows.push(row("级别", "level", signature.level.name()));
    rows.push(row("签名域", "field", signature.field.clone().unwrap_or_else(unknown)));
    let claimed = signature.signed_at_claimed.map_or_else(unknown, |at| at.rfc3339());
    rows.push(row("自称的签名时间", "time it claims", claimed));
    rows.extend(
        signature.proven_by.map(|at| row("已证明不晚于", "proven to be no later than", at.rfc3339())),
    );
    rows.extend(
        signature
            .covered_digest
            .map(|digest| row("所覆盖字节的 SHA-256", "SHA-256 of the covered bytes", hex::encode(digest))),
    );
    rows
}

/// An electronic seal within another signature: one picture, two that answer for it.
fn two_seals(signature: &SignatureReport) -> Option<Row> {
    let words = "同一处盖有两种签章:数字签名与国密电子印章,两者相互绑定,缺一即可发现 / two seals in one: a digital signature and an electronic seal by GB/T 38540, bound to each other";
    (signature.level != Level::Ses).then(|| row("双章", "dual seal", words))
}

/// What the electronic seal says of itself (GB/T 38540, GM/T 0031).
fn sealed(seal: &SealReport) -> Vec<Row> {
    let mut rows = vec![row("签章标准", "seal by", format!("{} ({})", seal.standard, seal.version))];
    let Some(facts) = &seal.facts else { return rows };
    let picture = &facts.picture;
    rows.push(row("印章名称", "name of the seal", &facts.name));
    rows.push(row("印章编码", "code of the seal", &facts.id));
    rows.extend(facts.maker.as_ref().map(|maker| row("制章者", "maker", &maker.subject)));
    let (from, until) = (facts.valid_from.rfc3339(), facts.valid_until.rfc3339());
    rows.push(row("印章有效期", "period of the seal", format!("{from} – {until}")));
    let size = format!("{} {} × {} mm", picture.kind, picture.width_mm, picture.height_mm);
    rows.push(row("印模", "picture", format!("{size}, SHA-256 {}", picture.sha256)));
    let shown = match picture.shown {
        Shown::NotAsked => None,
        Shown::Nothing => Some("没有显示 not shown"),
        Shown::Same => Some("就是封存的印模 the picture that was sealed"),
        Shown::NotCompared => Some("没有能够比对 could not be compared"),
        Shown::Different => Some("另一个图样 another picture"),
    };
    rows.extend(shown.map(|shown| row("文件上显示的", "shown in the file", shown)));
    rows.extend(
        seal.pressed_at_claimed.map(|at| row("自称的盖章时间", "time of pressing it claims", at.rfc3339())),
    );
    rows
}

fn chain(signature: &SignatureReport) -> Vec<Certificate> {
    let links: Vec<&Link> = match (signature.chain.is_empty(), &signature.signer) {
        (true, Some(signer)) => vec![signer],
        _ => signature.chain.iter().collect(),
    };
    links.into_iter().map(Certificate::of).collect()
}

impl Certificate {
    fn of(link: &Link) -> Self {
        Self {
            subject: plain(&link.subject, LONGEST),
            organisation: plain(link.organisation.as_deref().unwrap_or("–"), LONGEST),
            issuer: plain(&link.issuer, LONGEST),
            serial: plain(&link.serial, LONGEST),
            valid: format!("{} – {}", link.not_before.rfc3339(), link.not_after.rfc3339()),
            sha256: link.sha256.clone(),
        }
    }
}

impl Stamp {
    fn of(stamp: &TimestampReport) -> Self {
        let (tone, zh, en) = if stamp.trusted {
            (Tone::Green, "可信".to_owned(), "trusted".to_owned())
        } else {
            let why = plain(stamp.why.as_deref().unwrap_or("?"), LONGEST);
            (Tone::Grey, "不作证明".to_owned(), format!("proves nothing ({why})"))
        };
        let (kind_zh, kind_en) = match stamp.kind {
            "document" => ("文件时间戳", "document time-stamp"),
            _ => ("签名时间戳", "signature time-stamp"),
        };
        Self {
            tone,
            kind: Bilingual::new(kind_zh, kind_en),
            at: stamp.at.map_or_else(|| "?".to_owned(), |at| at.rfc3339()),
            authority: stamp
                .authority
                .as_ref()
                .map_or_else(|| "?".to_owned(), |link| plain(&link.subject, LONGEST)),
            state: Bilingual::new(zh, en),
        }
    }
}

/// Steps of the document as a whole.
pub(super) fn document_steps(judgement: &Judgement) -> Vec<StepRow> {
    steps(&judgement.steps, &judgement.findings, Step::of_document)
}

fn steps(checked: &[Checked], findings: &[Finding], step_of: fn(&Finding) -> Step) -> Vec<StepRow> {
    let row = |checked: &Checked| {
        let own: Vec<&Finding> = findings.iter().filter(|finding| step_of(finding) == checked.step).collect();
        StepRow {
            tone: Tone::of_outcome(checked.outcome),
            title: checked.step.title(),
            outcome: checked.outcome.title(),
            words: cleaned(&checked.words),
            more: own.len().saturating_sub(MOST_FINDINGS),
            findings: own.into_iter().take(MOST_FINDINGS).map(Said::of).collect(),
        }
    };
    checked.iter().map(row).collect()
}
