//! Words of the steps: titles, and what each looked at.

use super::report::SignatureReport;
use super::steps::{Outcome, Step};
use super::vocabulary::{Changes, Coverage, Integrity, Level};
use crate::domain::Bilingual;

/// Names, and titles in 中文 and English.
const TITLES: [(Step, &str, &str, &str); 16] = [
    (Step::Structure, "structure", "文件结构", "file structure"),
    (Step::Format, "format", "签名格式", "signature format"),
    (Step::Coverage, "coverage", "字节范围与覆盖", "byte range and coverage"),
    (Step::Digest, "digest", "摘要", "digest"),
    (Step::Signature, "signature", "签名值", "signature value"),
    (Step::SigningCertificate, "signing_certificate", "签名者证书的绑定", "signing-certificate attribute"),
    (Step::Seal, "seal", "电子印章", "electronic seal"),
    (Step::Algorithms, "algorithms", "算法与密钥", "algorithms and keys"),
    (Step::Path, "path", "证书路径", "certificate path"),
    (Step::Revocation, "revocation", "吊销状态", "revocation"),
    (Step::Time, "time", "时间", "time"),
    (Step::Level, "level", "签名级别", "signature level"),
    (Step::Permissions, "permissions", "允许的修改", "permissions"),
    (Step::Changes, "changes", "盖章之后的修改", "changes since"),
    (Step::Looks, "looks", "页面外观", "look of the pages"),
    (Step::Certificate, "certificate", "证照与台账", "certificate and ledger"),
];

fn row(step: Step) -> (&'static str, &'static str, &'static str) {
    let found = TITLES.iter().find(|(known, ..)| *known == step);
    found.map_or(("", "", ""), |(_, name, zh, en)| (name, zh, en))
}

pub(super) fn name(step: Step) -> &'static str {
    row(step).0
}

pub(super) fn title(step: Step) -> Bilingual {
    let (_, zh, en) = row(step);
    Bilingual::new(zh, en)
}

impl Outcome {
    /// For people.
    #[must_use]
    pub fn title(self) -> Bilingual {
        let (zh, en) = match self {
            Self::Passed => ("通过", "passed"),
            Self::Noted => ("有说明", "noted"),
            Self::Doubtful => ("存疑", "doubtful"),
            Self::Failed => ("未通过", "failed"),
            Self::NotEstablished => ("未得出", "not established"),
            Self::NotApplicable => ("不适用", "not applicable"),
        };
        Bilingual::new(zh, en)
    }

    /// Stable name, as the JSON spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Noted => "noted",
            Self::Doubtful => "doubtful",
            Self::Failed => "failed",
            Self::NotEstablished => "not_established",
            Self::NotApplicable => "not_applicable",
        }
    }
}

impl Level {
    /// As the JSON spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::BaselineB => "B-B",
            Self::BaselineT => "B-T",
            Self::BaselineLt => "B-LT",
            Self::BaselineLta => "B-LTA",
            Self::Pkcs1 => "PKCS1",
            Self::Cms => "CMS",
            Self::DocumentTimestamp => "document-timestamp",
            Self::Ses => "SES",
            Self::Unknown => "unknown",
        }
    }
}

/// What a step of one signature looked at.
pub(super) fn of_signature(signature: &SignatureReport, step: Step) -> Bilingual {
    let subfilter = &signature.subfilter;
    match step {
        Step::Format => Bilingual::new(
            format!("签名形式 /SubFilter {subfilter}。"),
            format!("The form is /SubFilter {subfilter}."),
        ),
        Step::Coverage => coverage(signature),
        Step::Digest => integrity(
            signature,
            &["signed.digest_differs", "ses.data_hash_differs"],
            ("所覆盖内容的摘要与签名中的一致。", "The digest of the covered bytes is the signed one."),
            (
                "所覆盖内容的摘要与签名中的不同。",
                "The digest of the covered bytes is another than the signed one.",
            ),
        ),
        Step::Signature => integrity(
            signature,
            &["signed.signature_wrong", "ses.signature_wrong"],
            ("签名值与签名者的密钥相符。", "The signature value verifies under the signer's key."),
            ("签名值与签名者的密钥不符。", "The signature value does not verify under the signer's key."),
        ),
        Step::SigningCertificate => integrity(
            signature,
            &["signed.signer_binding_differs"],
            ("签名者的证书读出,公钥与签名相符。", "The signer's certificate was read; its key fits."),
            ("签名绑定的是另一张证书。", "The signature binds another certificate."),
        ),
        Step::Seal => seal(signature),
        Step::Algorithms => match &signature.algorithm {
            Some(words) => Bilingual::new(format!("{words}。"), format!("{words}.")),
            None => Bilingual::new("没有认出算法。", "No algorithm was recognised."),
        },
        Step::Path => path(signature),
        Step::Revocation => match (signature.proven_by, signature.chain.len()) {
            (_, 0 | 1) => Bilingual::new(
                "没有可问吊销的证书路径。",
                "There is no path of which revocation could be asked.",
            ),
            (Some(at), _) => Bilingual::new(
                format!("问到 {} 为止:其后的吊销不再影响这个签名。", at.rfc3339()),
                format!("Asked as of {}: what came later no longer affects this signature.", at.rfc3339()),
            ),
            (None, _) => Bilingual::new("问判断时刻的吊销状态。", "Asked as of the instant of judgement."),
        },
        Step::Time => time(signature),
        Step::Level => {
            let level = signature.level.name();
            Bilingual::new(format!("达到 {level}。"), format!("It keeps {level}."))
        }
        Step::Permissions => match signature.certified {
            Some(p) => Bilingual::new(
                format!("认证签名,DocMDP P={p}。"),
                format!("It certifies the document, DocMDP P={p}."),
            ),
            None => Bilingual::new("不是认证签名。", "It does not certify the document."),
        },
        _ => changes(signature),
    }
}

/// Words of a step that integrity decides; `wrong` are those of its own finding.
fn integrity(
    signature: &SignatureReport,
    codes: &[&str],
    ok: (&str, &str),
    wrong: (&str, &str),
) -> Bilingual {
    let (zh, en) = match signature.integrity {
        Integrity::Ok => ok,
        Integrity::Broken if signature.findings.iter().any(|finding| codes.contains(&finding.code())) => {
            wrong
        }
        Integrity::Broken => {
            ("另一步没有通过,这里不下结论。", "Another step failed; nothing is concluded here.")
        }
        Integrity::Unsupported => {
            ("本程序不能计算这种签名。", "This program cannot compute this kind of signature.")
        }
        Integrity::Unverifiable => ("缺少核对所需的内容。", "Something needed to tell is missing."),
    };
    Bilingual::new(zh, en)
}

fn seal(signature: &SignatureReport) -> Bilingual {
    let Some(seal) = &signature.seal else {
        return Bilingual::new(
            "没有国标电子印章。",
            "There is no electronic seal by the national standards.",
        );
    };
    let Some(facts) = &seal.facts else {
        return Bilingual::new("电子印章读不出。", "The electronic seal cannot be read.");
    };
    let maker = facts.maker.as_ref().map_or("?", |maker| maker.subject.as_str());
    let (name, standard) = (&facts.name, seal.standard);
    Bilingual::new(
        format!("{name},{standard},制章者 {maker}。"),
        format!("{name}, {standard}, made by {maker}."),
    )
}

fn coverage(signature: &SignatureReport) -> Bilingual {
    let end = signature.covered_bytes.unwrap_or(0);
    match signature.coverage {
        Coverage::Whole => Bilingual::new(
            format!("覆盖全部 {end} 字节,签名值自身除外。"),
            format!("All {end} bytes but its own value are covered."),
        ),
        Coverage::Revision => Bilingual::new(
            format!("覆盖前 {end} 字节,即完整的一版,签名值自身除外;其后另有追加。"),
            format!(
                "The first {end} bytes, a whole revision, are covered but for its own value; more was appended."
            ),
        ),
        Coverage::NotJudged => Bilingual::new(
            "没有见到文件,不知道覆盖了哪些字节。",
            "The file was not seen: which bytes are covered is not known.",
        ),
        Coverage::Partial => {
            Bilingual::new("没有覆盖完整的一版文件。", "No whole revision of the file is covered.")
        }
    }
}

fn path(signature: &SignatureReport) -> Bilingual {
    let stamped = signature.timestamps.iter().any(|stamp| stamp.trusted);
    match signature.chain.len() {
        0 if signature.is_timestamp && stamped => {
            Bilingual::new("时间戳机构在信任之列。", "The time-stamping authority is trusted.")
        }
        0 => Bilingual::new("没有建立证书路径。", "No path was built."),
        _ if !signature.is_rooted() => Bilingual::new("没有通到信任锚。", "No path leads to an anchor."),
        count => Bilingual::new(
            format!("{count} 张证书,从签名者通到信任锚。"),
            format!("{count} certificates lead from the signer to an anchor."),
        ),
    }
}

fn time(signature: &SignatureReport) -> Bilingual {
    let (claimed_zh, claimed_en) = match signature.signed_at_claimed {
        Some(at) => (format!("自称 {}", at.rfc3339()), format!("It claims {}", at.rfc3339())),
        None => ("没有自称的时间".to_owned(), "It claims no time".to_owned()),
    };
    match signature.proven_by {
        Some(at) => Bilingual::new(
            format!("{claimed_zh};已证明不晚于 {}。", at.rfc3339()),
            format!("{claimed_en}; proven to be no later than {}.", at.rfc3339()),
        ),
        None => Bilingual::new(
            format!("{claimed_zh};没有别人证明。"),
            format!("{claimed_en}; nobody else proves it."),
        ),
    }
}

fn changes(signature: &SignatureReport) -> Bilingual {
    if signature.coverage == Coverage::Partial {
        return Bilingual::new("无从比较。", "There is nothing to compare with.");
    }
    let (zh, en) = match signature.changes {
        Changes::None => ("此后没有改动。", "Nothing was changed since."),
        Changes::Evidence => ("此后只补充了验证材料。", "Only evidence was added since."),
        Changes::Form => ("此后填写了表单或加盖了其他印章。", "Fields were filled or signed since."),
        Changes::Annotations => ("此后添加了批注。", "Annotations were added since."),
        Changes::NotJudged => ("没有见到文件,没有比较。", "The file was not seen; nothing was compared."),
        Changes::Forbidden => (
            "此后有不允许的或无法查明的改动。",
            "Something was changed since that is not allowed or cannot be told.",
        ),
    };
    Bilingual::new(zh, en)
}

/// What a step of the document looked at.
pub(super) fn of_document(step: Step, second: bool, ledger_asked: bool) -> Bilingual {
    let (zh, en) = match (step, second || ledger_asked) {
        (Step::Structure, _) if second => (
            "按修订逐版读出,并与另一个解析器对照。",
            "Read revision by revision, and compared with a second reader.",
        ),
        (Step::Structure, _) => ("按修订逐版读出。", "Read revision by revision."),
        (Step::Changes, _) => (
            "最后一个印章之后是否还有未被覆盖的内容。",
            "Whether anything stands behind the last seal that none covers.",
        ),
        (Step::Looks, _) => ("比较页面在盖章时和现在的样子。", "Pages as they were sealed and as they are."),
        (_, _) if ledger_asked => ("查过台账。", "The ledger was asked."),
        _ => (
            "没有查台账,或文件不是本机构的证照。",
            "The ledger was not asked, or this is none of our certificates.",
        ),
    };
    Bilingual::new(zh, en)
}
