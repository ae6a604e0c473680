//! The report as PDF/A-3a, to be filed in the case: the same sheet on paper, with the JSON and the ETSI report inside.

use super::seal::{Certificate, Seal, Stamp, StepRow};
use super::sheet::{Row, Sheet, Tone};
use super::{ReportError, Subject, object, plain, xml};
use crate::domain::drawing::Rgb;
use crate::domain::{Bilingual, Instant};
use crate::fonts::FontSet;
use crate::pdf::UnsignedPdf;
use crate::render::SealField;
use crate::render::paper::{Enclosure, Paper, Piece, Voice};
use crate::verify::Judgement;

const TITLE: &str = "核验报告 Verification report";

/// Who seals a report, and when.
#[derive(Clone, Copy, Debug)]
pub struct Sealing<'a> {
    /// 中文 name of the office.
    pub office: &'a str,
    /// The time of sealing.
    pub at: Instant,
    /// The seal.
    pub field: &'a SealField,
}

/// A report with an empty signature field for the office's seal.
///
/// # Errors
/// A font that cannot be subset, or a hole of impossible size; never for anything a document holds.
pub fn page(
    judgement: &Judgement,
    subject: Subject<'_>,
    fonts: &FontSet,
    sealing: Sealing<'_>,
) -> Result<UnsignedPdf, ReportError> {
    let notice = Bilingual::new(
        format!(
            "本报告由{}于 {} 加盖电子印章。请核验本报告自身的印章。",
            sealing.office,
            sealing.at.rfc3339()
        ),
        format!(
            "Sealed by {} at {}. Verify the seal of this report itself.",
            sealing.office,
            sealing.at.rfc3339()
        ),
    );
    with_paper(judgement, subject, (&notice, sealing.at, sealing.office), |paper| {
        Ok(paper.render(fonts, sealing.field)?)
    })
}

/// A report that says plainly that nobody sealed it.
///
/// # Errors
/// A font that cannot be subset; never for anything a document holds.
pub fn unsealed(
    judgement: &Judgement,
    subject: Subject<'_>,
    fonts: &FontSet,
) -> Result<Vec<u8>, ReportError> {
    let notice = Bilingual::new(
        "本报告没有加盖电子印章:任何人都可以改动它,它不能证明出自哪个单位。",
        "This report is NOT SEALED: anybody may change it, and it does not prove whose it is.",
    );
    // The instant of judgement was written by us; the start of time stands for what cannot be.
    let at = Instant::from_rfc3339(&judgement.at).or_else(|| Instant::from_seconds(0));
    let Some(at) = at else { return Err(ReportError::Instant) };
    with_paper(judgement, subject, (&notice, at, "印证 yinzheng"), |paper| Ok(paper.render_plain(fonts)?))
}

fn with_paper<T>(
    judgement: &Judgement,
    subject: Subject<'_>,
    (notice, instant, author): (&Bilingual, Instant, &str),
    draw: impl FnOnce(&Paper<'_>) -> Result<T, ReportError>,
) -> Result<T, ReportError> {
    let (json, etsi) = (object(judgement, subject)?.to_string(), xml(judgement)?);
    let enclosures = [
        Enclosure {
            name: "report.json",
            media_type: "application/json",
            description: "核验报告数据 report data",
            data: json.as_bytes(),
        },
        Enclosure {
            name: "report.xml",
            media_type: "text/xml",
            description: "ETSI TS 119 102-2 validation report",
            data: etsi.as_bytes(),
        },
    ];
    let foot = match &judgement.sha256 {
        Some(whole) => format!("{TITLE} · 文件 SHA-256 {}…", whole.chars().take(16).collect::<String>()),
        None => TITLE.to_owned(),
    };
    draw(&Paper {
        title: TITLE,
        author: &plain(author, 100),
        instant,
        foot: &foot,
        pieces: pieces(&Sheet::of(judgement, subject), notice),
        enclosures: &enclosures,
    })
}

fn pieces(sheet: &Sheet, notice: &Bilingual) -> Vec<Piece> {
    let mut out = vec![heading(1, TITLE.to_owned())];
    both(&mut out, notice, 0);
    out.push(heading(2, "结论 Verdict".to_owned()));
    out.push(loud(sheet.tone, format!("{} {}", sheet.word.zh, sheet.word.en)));
    both(&mut out, &sheet.headline, 0);
    if let Some(reason) = &sheet.reason {
        both(&mut out, reason, 0);
    }
    both(
        &mut out,
        &Bilingual::new(format!("下一步:{}", sheet.next.zh), format!("Next: {}", sheet.next.en)),
        0,
    );
    out.push(heading(2, "三个问题 Three questions".to_owned()));
    for light in &sheet.lights {
        let label = format!("{} {}", light.name.zh, light.name.en);
        out.push(pair(label, format!("{} {}", light.state.zh, light.state.en)));
    }
    out.push(heading(2, "文件 Document".to_owned()));
    rows(&mut out, &sheet.subject);
    sheet.seals.iter().for_each(|seal| one(&mut out, seal));
    out.push(heading(2, "整个文件 The document as a whole".to_owned()));
    sheet.document.iter().for_each(|row| step(&mut out, row));
    out.push(heading(2, "依据 Evidence".to_owned()));
    rows(&mut out, &sheet.evidence);
    out.push(Piece::Rule);
    out
}

fn one(out: &mut Vec<Piece>, seal: &Seal) {
    let (number, title) = (seal.number, &seal.title);
    out.push(heading(2, format!("签名 {number}：{} Signature {number}: {}", title.zh, title.en)));
    out.push(loud(seal.tone, seal.status.clone()));
    rows(out, &seal.facts);
    out.push(heading(3, "步骤 Steps".to_owned()));
    seal.steps.iter().for_each(|row| step(out, row));
    if !seal.chain.is_empty() {
        out.push(heading(3, "证书链,签名者在先 Chain, signer first".to_owned()));
        seal.chain.iter().enumerate().for_each(|(at, link)| certificate(out, at, link));
    }
    if !seal.stamps.is_empty() {
        out.push(heading(3, "时间戳 Time-stamps".to_owned()));
        seal.stamps.iter().for_each(|stamp| stamped(out, stamp));
    }
}

fn step(out: &mut Vec<Piece>, row: &StepRow) {
    let label = format!("{} {}", row.title.zh, row.title.en);
    out.push(pair(label, format!("【{}】{}", row.outcome.zh, row.outcome.en)));
    both(out, &row.words, 1);
    for said in &row.findings {
        both(out, &said.words, 2);
        out.push(small(said.code.to_owned(), 2));
    }
    if row.more > 0 {
        out.push(small(format!("另有 {0} 条 {0} more", row.more), 2));
    }
}

fn certificate(out: &mut Vec<Piece>, at: usize, link: &Certificate) {
    out.push(text(format!("{}. {} · {}", at + 1, link.subject, link.organisation), Voice::Plain, 1));
    for words in [
        format!("颁发者 issuer: {}", link.issuer),
        format!("序列号 serial: {}", link.serial),
        format!("有效期 valid: {}", link.valid),
        format!("SHA-256: {}", link.sha256),
    ] {
        out.push(small(words, 2));
    }
}

fn stamped(out: &mut Vec<Piece>, stamp: &Stamp) {
    let words = format!("{} {} · {} · {}", stamp.kind.zh, stamp.kind.en, stamp.at, stamp.authority);
    out.push(text(words, Voice::Plain, 1));
    both(out, &stamp.state, 2);
}

fn rows(out: &mut Vec<Piece>, rows: &[Row]) {
    let all = rows.iter().map(|row| pair(format!("{} {}", row.label.zh, row.label.en), row.value.clone()));
    out.extend(all);
}

fn both(out: &mut Vec<Piece>, words: &Bilingual, indent: u8) {
    out.push(text(words.zh.clone(), Voice::Plain, indent));
    out.push(text(words.en.clone(), Voice::English, indent));
}

fn heading(level: u8, text: String) -> Piece {
    Piece::Heading { level, text }
}

fn pair(label: String, value: String) -> Piece {
    Piece::Pair { label, value }
}

fn small(words: String, indent: u8) -> Piece {
    text(words, Voice::Small, indent)
}

fn text(text: String, voice: Voice, indent: u8) -> Piece {
    Piece::Text { text, voice, indent }
}

fn loud(tone: Tone, words: String) -> Piece {
    let colour = match tone {
        Tone::Green => Rgb(0.06, 0.34, 0.19),
        Tone::Amber => Rgb(0.43, 0.28, 0.0),
        Tone::Red => Rgb(0.56, 0.11, 0.08),
        Tone::Grey => Rgb(0.36, 0.36, 0.36),
    };
    text(words, Voice::Loud(colour), 0)
}
