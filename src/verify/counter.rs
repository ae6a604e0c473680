//! The word for the window: 可收, 不可收 or 转人工; why; and what the clerk does next.
//!
//! The verdict decides the word; the gravest finding decides the next step. Where the seal has no light, because the
//! policy does not demand all of trust, the word is never 可收: whoever accepts must know whose seal it is.

use super::finding::{Finding, LedgerFinding};
use super::headline::gravest;
use super::report::{Link, Report, SignatureReport};
use super::vocabulary::{Light, Lights, Verdict};
use crate::domain::Bilingual;
use crate::domain::plain::is_plain;
use serde::Serialize;

/// What the clerk does with the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Word {
    /// 可收.
    Accept,
    /// 不可收.
    Refuse,
    /// 转人工.
    Refer,
}

impl Word {
    /// 中文.
    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::Accept => "可收",
            Self::Refuse => "不可收",
            Self::Refer => "转人工",
        }
    }

    /// English.
    #[must_use]
    pub fn en(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Refuse => "refuse",
            Self::Refer => "refer",
        }
    }
}

/// The word, its reason and the next step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counter {
    /// One of three.
    pub word: Word,
    /// The same in 中文.
    pub zh: &'static str,
    /// Why.
    pub reason: Bilingual,
    /// What the clerk does next.
    pub next_step: Bilingual,
}

/// Codes of findings and what a clerk does about them, 中文 then English. `{signer}` and `{issuer}` are the names in the
/// seal's certificate.
const STEPS: &[(&[&str], &str, &str)] = &[
    (
        &[
            "document.changed",
            "signed.digest_differs",
            "signed.signature_wrong",
            "ses.data_hash_differs",
            "ses.signature_wrong",
            "form.vanished",
            "document.broken_field",
            "document.bytes_after_end",
            "pdf.entry_beyond_revision",
        ],
        "不收。请当事人交来下载时的原文件:不打印、不编辑、不另存。仍是如此,报告签发机关。",
        "Refuse. Ask for the file as it was downloaded: not printed, not edited, not saved anew. If it is the same again, report it to the issuing office.",
    ),
    (
        &[
            "form.contents_missing",
            "form.contents_not_hex",
            "form.contents_compressed",
            "form.padding_not_zero",
            "form.byte_range_malformed",
            "form.byte_range_outside",
            "form.gap_not_contents",
            "form.ends_inside_revision",
            "signed.signer_binding_differs",
        ],
        "不收。签名的写法正常软件不会产生:留存文件,报告签发机关。请当事人重新下载原文件。",
        "Refuse. No honest program writes a signature like this: keep the file and report it to the issuing office. Ask for the original, downloaded anew.",
    ),
    (
        &["document.unreadable", "document.form_unreadable", "pdf.unreadable_object"],
        "文件损坏或不是 PDF。请当事人重新下载后交来;微信等会压缩或截断文件,请用原文件方式发送。",
        "The file is damaged or no PDF. Ask for it downloaded anew; chat programs may cut files short, so have it sent as a file.",
    ),
    (
        &["document.limit"],
        "文件超出本程序的上限,没有全部核对。转技术人员,或用出具单位自己的核验途径。",
        "The file exceeds what this program checks, and was not checked in full. Refer to the technical desk, or use the issuing office's own way to verify.",
    ),
    (
        &[
            "document.annotated",
            "document.uncovered_form",
            "document.white_after_end",
            "document.looks_different",
        ],
        "盖章之后有人添加了内容。请当事人交来未添加批注、未填写的原文件;没有原文件,转技术人员看添加了什么。",
        "Something was added after sealing. Ask for the file without notes and entries; if there is none, let the technical desk see what was added.",
    ),
    (
        &["document.no_signature"],
        "不作为电子证照收取:打印或图片上的印章不能证明任何事。请当事人交来带电子印章的原文件,或改交纸质原件;纸面有核验码的,查核验码。",
        "Refuse as an electronic certificate: a printed or pictured seal proves nothing. Ask for the file with its electronic seal or for the paper original; if it bears a verification code, check the code.",
    ),
    (
        &["trust.no_path", "trust.no_anchors", "ses.signer_no_path"],
        "转技术人员:确认签发机构“{issuer}”是否应当信任。窗口不自行决定。",
        "Refer to the technical desk: is the authority “{issuer}” to be trusted? The counter does not decide that.",
    ),
    (
        &["trust.expired_now", "trust.not_yet_valid", "ses.signer_out_of_date", "ses.period_over"],
        "请当事人从签发机关的网站重新下载一份最新的文件。重新下载的仍是如此,转技术人员。",
        "Ask for a copy freshly downloaded from the issuing office's site. If that one says the same, refer to the technical desk.",
    ),
    (
        &["trust.revocation_unknown", "ses.signer_revocation_unknown", "ses.maker_revocation_unknown"],
        "请稍后再验一次。仍不能得知,转技术人员更新“{issuer}”的吊销列表。",
        "Verify again later. If it is still not known, the technical desk renews the revocation list of “{issuer}”.",
    ),
    (
        &["trust.revoked", "trust.distrusted", "ses.signer_revoked", "ses.signer_distrusted"],
        "不收。该印章的证书已被吊销或列为不信任:请当事人向“{signer}”换取新文件,并告知技术人员。",
        "Refuse. The seal's certificate is revoked or distrusted: the holder asks “{signer}” for a new file; tell the technical desk.",
    ),
    (
        &["trust.seal_not_in_use"],
        "不收。该印章当时已停用或未启用:请当事人向“{signer}”换取新文件,并告知印章管理人,密钥可能已外流。",
        "Refuse. The seal was not to be used then: the holder asks “{signer}” for a new file; tell the keeper of seals, its key may be in other hands.",
    ),
    (
        &["trust.wrong_use", "ses.signer_wrong_use"],
        "转技术人员:“{signer}”的证书不是签署文件用的。请当事人确认文件来自何处。",
        "Refer to the technical desk: the certificate of “{signer}” is not for signing documents. Ask where the file comes from.",
    ),
    (
        &["signed.weak_algorithm", "ses.signer_weak_algorithm", "ses.maker_weak_algorithm"],
        "请当事人换取用现行算法重新签发的文件;不能换的,转技术人员。",
        "Ask for the document issued again under a present algorithm; if that cannot be had, refer to the technical desk.",
    ),
    (
        &[
            "signed.algorithm_unsupported",
            "signed.algorithm_not_allowed",
            "signed.stamp_wrong",
            "signed.malformed",
            "signed.signer_count",
            "signed.encapsulated_content",
            "signed.signer_certificate_missing",
            "signed.attribute",
            "signed.no_attributes",
            "signed.inconsistent",
            "signed.unbound_certificate",
            "form.subfilter_unknown",
            "ses.malformed",
            "ses.seal_malformed",
            "ses.signer_certificate_unreadable",
            "ses.maker_certificate_unreadable",
            "ses.algorithm_unsupported",
            "ses.maker_algorithm_unsupported",
            "ses.algorithm_not_allowed",
            "ses.maker_algorithm_not_allowed",
            "ses.signers_not_comparable",
            "ses.critical_extension",
            "form.contents_unknown",
            "form.shared_value",
            "form.unreferenced",
            "document.stray_byte_range",
        ],
        "文件里有签名,但本程序不能核验。转技术人员,或用出具单位自己的核验途径。",
        "A signature is present that this program cannot check. Refer to the technical desk, or use the issuing office's own way to verify.",
    ),
    (
        &[
            "ses.maker_signature_wrong",
            "ses.signer_not_listed",
            "ses.made_outside_validity",
            "ses.pressed_outside_period",
            "ses.pressed_outside_certificate",
            "ses.maker_revoked",
            "ses.maker_distrusted",
        ],
        "不收。电子印章本身不可信:留存文件,向“{signer}”核实,并告知技术人员。",
        "Refuse. The seal itself cannot be trusted: keep the file, ask “{signer}” about it, and tell the technical desk.",
    ),
    (
        &["ses.maker_no_path", "ses.maker_wrong_use", "ses.maker_revoked_later"],
        "转技术人员:确认这枚电子印章的制章者是否应当信任。窗口不自行决定。",
        "Refer to the technical desk: is the maker of this seal to be trusted? The counter does not decide that.",
    ),
    (
        &[
            "ses.version_differs",
            "ses.period_not_begun",
            "ses.pressed_before_made",
            "ses.pressed_in_future",
            "ses.time_unreadable",
            "ses.picture_missing",
            "ses.property_differs",
        ],
        "电子印章的写法或时间不合规。请当事人重新下载原文件;仍是如此,向“{signer}”核实。",
        "The seal is written or dated against the rules. Ask for the file downloaded anew; if it is the same, ask “{signer}” about it.",
    ),
    (
        &["ses.picture_differs"],
        "文件上画的图样不是电子印章里封存的那一枚。不要凭图样办理:核对报告里印章的名称和单位,有疑问向“{signer}”核实。",
        "What is drawn in the file is not the picture inside the seal. Do not go by the picture: look at the seal's name and office in the report, and in doubt ask “{signer}”.",
    ),
    (
        &[
            "pdf.bytes_before_header",
            "pdf.startxref_displaced",
            "pdf.startxref_mismatch",
            "pdf.duplicate_entry",
            "pdf.duplicate_key",
            "pdf.second_opinion",
        ],
        "不同软件打开这个文件可能看到不同内容。不要只看屏幕;请当事人重新下载原文件,仍是如此,转技术人员。",
        "Different programs may show different content in this file. Do not rely on the screen; ask for it downloaded anew, and if it is the same, refer to the technical desk.",
    ),
    (
        &["document.not_seen"],
        "只凭摘要不能收取。请持有文件的人把原文件交来核验;文件须保密的,由他在自己的电脑上用本程序核验:yinzheng verify 文件。",
        "Do not accept on a digest alone. Have the file itself verified here, or, where it is confidential, by its owner with this program: yinzheng verify FILE.",
    ),
    (
        &["signed.other_digest"],
        "请持有文件的人按签名所用的摘要算法重新计算:yinzheng verify --extract-cms N -o 签名.p7s 文件。",
        "Have the owner of the file compute the digest that the signature names: yinzheng verify --extract-cms N -o signature.p7s FILE.",
    ),
    (&["pdf.encrypted"], "请当事人交来不加密的文件。", "Ask for the file without encryption."),
    (
        &["ledger.not_asked"],
        "没有查台账。请在本机构的核验页上再验,或查核验码。",
        "The ledger was not asked. Verify on this office's own page, or check the verification code.",
    ),
    (
        &["ledger.not_on_record", "ledger.other_file", "ledger.number_differs", "ledger.signature_only"],
        "与台账不符。请当事人从本机构重新下载;报告签发科室核对编号。",
        "It does not agree with the ledger. Have it downloaded from this office anew; report the number to the issuing desk.",
    ),
    (
        &["ledger.expired"],
        "不收:有效期已满。请当事人办理换发后交新证照。",
        "Refuse: its validity has ended. The holder has it renewed and brings the new one.",
    ),
    (
        &["ledger.void", "ledger.not_in_force"],
        "不收:证照目前无效。请当事人到签发机关查明状态;已换发的,交最新一份。",
        "Refuse: it is not in force. The holder asks the issuing office about its status; if it was replaced, the newest one is needed.",
    ),
    (
        &["claim.malformed", "claim.ambiguous", "claim.not_covered"],
        "文件自带的证照信息不可靠。转技术人员,并查纸面上的核验码。",
        "The document's own certificate data cannot be relied on. Refer to the technical desk, and check the verification code on its face.",
    ),
];

/// What a clerk does about a code that has no step of its own.
fn by_word(word: Word) -> (&'static str, &'static str) {
    match word {
        Word::Accept => ("按事项办理。", "Go on with the matter."),
        Word::Refuse => {
            ("不收。留存文件,报告技术人员。", "Refuse. Keep the file and report it to the technical desk.")
        }
        Word::Refer => (
            "转技术人员。也可请当事人重新下载原文件再验。",
            "Refer to the technical desk; or ask for the file downloaded anew and verify that.",
        ),
    }
}

fn step(code: Option<&str>, word: Word) -> (&'static str, &'static str) {
    let own = STEPS.iter().find(|(codes, _, _)| code.is_some_and(|code| codes.contains(&code)));
    own.map_or_else(|| by_word(word), |(_, zh, en)| (zh, en))
}

impl Counter {
    /// The word on a judged report.
    pub(super) fn of(verdict: Verdict, lights: Lights, report: &Report, headline: &Bilingual) -> Self {
        let (worst, place) = gravest(report).unzip();
        let signature = place.flatten().and_then(|at| report.signatures.get(at));
        let signature = signature.or_else(|| report.seals().last());
        let reason = || worst.map_or_else(|| headline.clone(), Finding::words);
        let steps = |word| (word, reason(), step(worst.map(Finding::code), word));
        let (word, reason, steps) = match verdict {
            Verdict::GenuineInForce if lights.seal == Light::None => {
                (Word::Refer, headline.clone(), UNJUDGED)
            }
            Verdict::GenuineInForce => (Word::Accept, headline.clone(), accepted(report)),
            Verdict::Indeterminate => steps(Word::Refer),
            Verdict::NotTrusted | Verdict::GenuineNotInForce => steps(Word::Refuse),
            Verdict::Unsigned => {
                let code =
                    if report.unreadable.is_some() { "document.unreadable" } else { "document.no_signature" };
                (Word::Refuse, headline.clone(), step(Some(code), Word::Refuse))
            }
        };
        let doubted =
            matches!(verdict, Verdict::Indeterminate | Verdict::NotTrusted | Verdict::GenuineNotInForce);
        let about = whom(worst.filter(|_| doubted).map(Finding::code), signature);
        let next_step = Bilingual::new(named(steps.0, about), named(steps.1, about));
        Self { word, zh: word.zh(), reason, next_step }
    }
}

const UNJUDGED: (&str, &str) = (
    "本策略不判断(或不全判断)印章是否可信,不能据此收取。请用 strict 或 counter 策略再验。",
    "This policy does not judge, or not fully, whether the seal can be trusted: do not accept on its word. Verify again under strict or counter.",
);

/// What is left for a person to see to.
fn accepted(report: &Report) -> (&'static str, &'static str) {
    let says = |wanted: LedgerFinding| {
        let wanted = Finding::from(wanted);
        report.findings.iter().any(|finding| *finding.plain() == wanted)
    };
    if says(LedgerFinding::Specimen) {
        (
            "样例:演示中可收;真实窗口不凭样例办事。",
            "A specimen: accepted in this demonstration; a real counter does nothing on the strength of it.",
        )
    } else if says(LedgerFinding::InForce) {
        ("对照持证人,按事项办理。", "Compare the holder, then go on with the matter.")
    } else {
        (
            "看清盖章单位“{signer}”是否就是应当出具本文件的单位,再按事项办理。",
            "See whether “{signer}” is the office that should have issued this document, then go on with the matter.",
        )
    }
}

/// Longest name shown, in characters: what RFC 5280 allows a common name.
const LONGEST_NAME: usize = 64;

/// The certificates of which a step names holder and issuer: those of a seal where the finding is about its signer or
/// its maker.
fn whom<'r>(code: Option<&str>, signature: Option<&'r SignatureReport>) -> [Option<&'r Link>; 2] {
    let code = code.unwrap_or_default();
    let seal = signature.and_then(|signature| signature.seal.as_ref()).filter(|_| code.starts_with("ses."));
    let maker = seal.and_then(|seal| seal.facts.as_ref()?.maker.as_ref());
    let holder = seal.and_then(|seal| seal.signer.as_ref());
    let holder = holder.or_else(|| signature.and_then(|signature| signature.signer.as_ref()));
    [holder, maker.filter(|_| code.starts_with("ses.maker_")).or(holder)]
}

/// The names of the certificates in their places.
fn named(text: &str, [holder, issued]: [Option<&Link>; 2]) -> String {
    let name = |found: Option<&str>| {
        let name: String = found.unwrap_or("?").chars().filter(|c| is_plain(*c)).take(LONGEST_NAME).collect();
        if name.is_empty() { "?".to_owned() } else { name }
    };
    let organisation = holder.map(|link| link.organisation.as_deref().unwrap_or(&link.subject));
    text.replace("{issuer}", &name(issued.map(|link| link.issuer.as_str())))
        .replace("{signer}", &name(organisation))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::tests::{codes_of_findings, lower_no_light};

    #[test]
    fn every_code_that_lowers_a_light_has_a_step_of_its_own() {
        let known: Vec<&str> = STEPS.iter().flat_map(|(codes, _, _)| codes.iter().copied()).collect();
        for code in codes_of_findings() {
            assert!(known.contains(&code.as_str()) || lower_no_light(&code), "{code}");
        }
        let all = codes_of_findings();
        assert!(known.iter().all(|code| all.contains(*code)), "a step for a code that nothing says");
        assert_eq!(known.iter().collect::<std::collections::BTreeSet<_>>().len(), known.len());
        for (_, zh, en) in STEPS {
            assert!(zh.ends_with('。') && en.ends_with('.'), "{zh} {en}");
        }
    }

    #[test]
    fn a_stranger_s_name_does_not_steer_the_screen() {
        assert_eq!(named("“{issuer}”", [None, None]), "“?”");
        let stranger = Link {
            subject: "\u{1b}[2J可信\u{202e}机构".to_owned(),
            organisation: None,
            issuer: "长".repeat(500),
            serial: String::new(),
            not_before: crate::domain::Instant::from_seconds(0).unwrap(),
            not_after: crate::domain::Instant::from_seconds(0).unwrap(),
            sha256: String::new(),
            der: Vec::new(),
        };
        let about = [Some(&stranger), Some(&stranger)];
        assert_eq!(named("{signer}", about), "[2J可信机构");
        assert_eq!(named("{issuer}", about).chars().count(), LONGEST_NAME);
    }
}
