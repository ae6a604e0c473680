//! One sentence on the verdict, 中文 and English. It promises nothing that was not judged.

use super::finding::{Effect, Finding};
use super::judgement::{LedgerState, LedgerWord};
use super::report::Report;
use super::vocabulary::{Light, Lights, Verdict};
use crate::domain::{Bilingual, Instant};

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

/// One sentence on the verdict.
pub(super) fn headline(verdict: Verdict, lights: Lights, report: &Report, word: &LedgerWord) -> Bilingual {
    let seal = report.seals().last();
    let who = seal.and_then(|seal| seal.signer.as_ref());
    let who =
        who.map_or_else(|| "?".to_owned(), |link| link.organisation.clone().unwrap_or(link.subject.clone()));
    let day = seal.and_then(|seal| seal.signed_at_claimed).map(Instant::beijing_date);
    let (day_zh, day_en) = day.map_or((String::new(), String::new()), |day| {
        let (year, month, number) = (day.year(), u8::from(day.month()), day.day());
        (format!("于{year}年{month}月{number}日"), format!(" on {day}"))
    });
    if verdict == Verdict::GenuineInForce && lights.seal == Light::None {
        return unjudged(report, &who);
    }
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

/// Intact, and that is all that the policy asks: whose seal it is was not judged, and neither was what the ledger says
/// unless it was asked.
fn unjudged(report: &Report, who: &str) -> Bilingual {
    let policy = &report.policy.name;
    if !report.policy.reports_trust() {
        return Bilingual::new(
            format!(
                "文件完整 — 签名相符,此后未被改动,证书追溯到信任的机构,持有者“{who}”;其期限或吊销状态策略 {policy} 只作说明,不要求。"
            ),
            format!(
                "Intact — the signature fits, nothing was changed since, and the certificate of “{who}” leads to a trusted authority; its validity or revocation is reported under the policy {policy}, not demanded."
            ),
        );
    }
    Bilingual::new(
        format!("文件完整 — 签名相符,此后未被改动;证书自称“{who}”,策略 {policy} 不判断是否可信。"),
        format!(
            "Intact — the signature fits and nothing was changed since. Its certificate says “{who}”; whether that can be trusted was not judged under the policy {policy}."
        ),
    )
}

/// The gravest finding; among equals what is wrong with a signature comes before what others say of the document.
/// With it the index of the signature it belongs to.
pub(super) fn gravest(report: &Report) -> Option<(&Finding, Option<usize>)> {
    let grave = |finding: &Finding| match finding.effect() {
        Effect::Red(_) => 3,
        Effect::Amber(_) => 2,
        Effect::Warning => 1,
        Effect::Note => 0,
    };
    let of_seals = report.signatures.iter().enumerate();
    let of_seals = of_seals.flat_map(|(at, signature)| signature.findings.iter().map(move |f| (f, Some(at))));
    of_seals.chain(report.findings.iter().map(|f| (f, None))).fold(None, |worst, found| match worst {
        Some((known, _)) if grave(known) >= grave(found.0) => worst,
        _ => Some(found),
    })
}

/// The gravest finding says why.
fn doubtful(verdict: Verdict, report: &Report) -> Bilingual {
    let why = gravest(report).map_or_else(|| Bilingual::new("", ""), |(finding, _)| finding.words());
    if verdict == Verdict::NotTrusted {
        Bilingual::new(
            format!("不可信 — {}请勿采信本文件。", why.zh),
            format!("Not to be trusted — {} Do not accept this document.", why.en),
        )
    } else {
        Bilingual::new(format!("暂时无法确定 — {}", why.zh), format!("Cannot be determined — {}", why.en))
    }
}
