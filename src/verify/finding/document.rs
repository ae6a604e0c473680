//! Findings about the file as a whole.

use super::{Effect, FILE_AMBER, FILE_RED, Finding, NOTE, Row, row};
use crate::pdf::{Bound, Disagreement, Irregularity, ReadError};
use crate::verify::changes::Site;
use crate::verify::vocabulary::Changes;

/// About the file as a whole and what was appended.
#[derive(Clone, Debug, PartialEq)]
pub enum DocumentFinding {
    /// The structure cannot be walked.
    Unreadable {
        /// Why.
        why: ReadError,
        /// True when it nevertheless shows traces of a signature.
        traces: bool,
    },
    /// A limit of the reader was reached: what lies beyond was not looked at. Says nothing against the file.
    Limit {
        /// Which.
        bound: Bound,
        /// What it was.
        most: usize,
    },
    /// A part of the form cannot be read: a signature may hide there.
    FormUnreadable(ReadError),
    /// Something readers disagree about.
    Irregular(Irregularity),
    /// `/ByteRange` outside any dictionary that can be read.
    StrayByteRange {
        /// Offset.
        at: usize,
    },
    /// A signature field whose value is no dictionary.
    BrokenField {
        /// Its name.
        field: String,
    },
    /// Only white space stands after the last revision.
    WhiteAfterEnd {
        /// Bytes.
        count: usize,
        /// No more than a line end, as mail and transfer programs add one.
        line_end: bool,
    },
    /// Bytes that no revision explains stand after the last one.
    BytesAfterEnd {
        /// Bytes.
        count: usize,
    },
    /// Something changed after a covered revision.
    Changed {
        /// How grave, once what the signer allows is taken into account.
        kind: Changes,
        /// Where.
        site: Site,
    },
    /// Pages look different from what was signed, outside the widgets that were signed or filled since.
    LooksDifferent {
        /// Counted from 1, sorted.
        pages: Vec<usize>,
        /// True when no rule forbids what was changed.
        allowed: bool,
    },
    /// Pages that could not be drawn, or that are too many to be drawn.
    PagesNotCompared {
        /// Counted from 1, sorted.
        pages: Vec<usize>,
    },
    /// The last signature does not reach the end of the file, and what follows is filled-in form.
    UncoveredForm,
    /// The file stayed with its owner: a digest was handed in instead.
    NotSeen,
    /// No signature of any kind.
    NoSignature,
}

impl DocumentFinding {
    /// White space behind the last revision.
    pub(in crate::verify) fn white(tail: &[u8]) -> Self {
        Self::WhiteAfterEnd { count: tail.len(), line_end: matches!(tail, b"\n" | b"\r" | b"\r\n") }
    }

    /// What running out of a limit is, and nothing else.
    pub(in crate::verify) fn limit(why: ReadError) -> Option<Self> {
        if let ReadError::Limit { bound, most } = why { Some(Self::Limit { bound, most }) } else { None }
    }

    pub(in crate::verify) fn is_limit(finding: &Finding) -> bool {
        matches!(finding, Finding::Document(Self::Limit { .. }))
    }

    pub(in crate::verify) fn form_unreadable(why: ReadError) -> Self {
        Self::limit(why).unwrap_or(Self::FormUnreadable(why))
    }

    pub(in crate::verify) fn changed(kind: Changes, site: Site) -> Self {
        let limit = if let Site::Unreadable(why) = &site { Self::limit(*why) } else { None };
        limit.unwrap_or(Self::Changed { kind, site })
    }

    pub(super) fn row(&self) -> Row {
        match self {
            Self::Unreadable { why, traces } => unreadable(why, *traces),
            Self::Limit { bound, most } => row(
                "document.limit",
                FILE_AMBER,
                format!("文件超出本核验程序的上限({} 最多 {most}),其余部分没有核对。", bound.name()),
                format!(
                    "The file exceeds a limit of this verifier ({}: at most {most}); the rest was not checked.",
                    bound.name()
                ),
            ),
            Self::FormUnreadable(why) => row(
                "document.form_unreadable",
                FILE_AMBER,
                "文件的表单部分无法读取,可能藏有印章。",
                format!("Part of the form cannot be read; a seal may hide there ({why})."),
            ),
            Self::Irregular(irregularity) => irregular(irregularity),
            Self::StrayByteRange { at } => row(
                "document.stray_byte_range",
                FILE_AMBER,
                format!("第 {at} 字节处有签名的痕迹,但读不出签名。"),
                format!("A trace of a signature stands at byte {at}, but no signature can be read there."),
            ),
            Self::BrokenField { field } => row(
                "document.broken_field",
                FILE_RED,
                format!("签名域“{field}”里的签名已被破坏或移除。"),
                format!("The signature in field “{field}” has been destroyed or removed."),
            ),
            Self::WhiteAfterEnd { count, line_end } => row(
                "document.white_after_end",
                if *line_end { NOTE } else { FILE_AMBER },
                format!("文件末尾多出 {count} 个空白字节。"),
                format!("{count} bytes of white space follow the end of the document."),
            ),
            Self::BytesAfterEnd { count } => row(
                "document.bytes_after_end",
                FILE_RED,
                format!("文件末尾多出 {count} 个来历不明的字节。"),
                format!("{count} unexplained bytes follow the end of the document."),
            ),
            Self::Changed { kind, site } => changed(*kind, site),
            _ => self.about_pages(),
        }
    }

    fn about_pages(&self) -> Row {
        match self {
            Self::LooksDifferent { pages, allowed } => row(
                "document.looks_different",
                // Beside a forbidden change it only says what that looks like.
                if *allowed { FILE_AMBER } else { NOTE },
                format!("第 {} 页看起来与盖章时不同。", list(pages, "、")),
                format!("Page {} looks different from what was sealed.", list(pages, ", ")),
            ),
            Self::PagesNotCompared { pages } => row(
                "document.pages_not_compared",
                NOTE,
                format!("第 {} 页的样子没有与盖章时比较。", list(pages, "、")),
                format!("The look of page {} was not compared with what was sealed.", list(pages, ", ")),
            ),
            Self::UncoveredForm => row(
                "document.uncovered_form",
                FILE_AMBER,
                "盖章之后填写了表单,这些内容没有任何印章覆盖。",
                "Form fields were filled after sealing, and no seal covers them.",
            ),
            Self::NotSeen => row(
                "document.not_seen",
                FILE_AMBER,
                "没有见到文件:印章覆盖哪些内容、盖章之后有无改动,都没有判断。",
                "Not judged: file not seen. What the signature covers and what was appended behind it only the file can tell.",
            ),
            _ => row(
                "document.no_signature",
                NOTE,
                "文件里没有电子印章;页面上的印章图样不能证明任何事。",
                "The file holds no electronic seal; a picture of a seal on the page proves nothing.",
            ),
        }
    }
}

/// Page numbers, neighbours joined: `1, 3–5`; the first few runs of them.
fn list(pages: &[usize], comma: &str) -> String {
    let runs = pages.chunk_by(|one, next| one.saturating_add(1) == *next);
    let words = runs.map(|run| match run {
        [first, .., last] => format!("{first}–{last}"),
        _ => run.first().map(usize::to_string).unwrap_or_default(),
    });
    let mut words: Vec<String> = words.take(21).collect();
    if words.len() > 20 {
        words.truncate(20);
        words.push("…".into());
    }
    words.join(comma)
}

fn unreadable(why: &ReadError, traces: bool) -> Row {
    if traces {
        row(
            "document.unreadable",
            FILE_RED,
            "文件已损坏:里面有签名的痕迹,但结构无法读取。",
            format!("The file is damaged: it shows traces of a signature but cannot be read ({why})."),
        )
    } else {
        row(
            "document.unreadable",
            FILE_AMBER,
            "这不是可读取的 PDF 文件,或者文件已损坏。",
            format!("This is not a readable PDF, or it is damaged ({why})."),
        )
    }
}

fn changed(kind: Changes, site: &Site) -> Row {
    let (zh, en) = site.words();
    match kind {
        Changes::None | Changes::Evidence if *site == Site::Nothing => row(
            "document.evidence_added",
            NOTE,
            format!("盖章之后又存了一次,{zh}。"),
            format!("The document was saved again after sealing, with {en}."),
        ),
        Changes::None | Changes::Evidence => row(
            "document.evidence_added",
            NOTE,
            format!("盖章之后补充了验证材料({zh})。"),
            format!("Evidence was added after sealing ({en})."),
        ),
        Changes::Form => row(
            "document.form_filled",
            NOTE,
            format!("盖章之后填写了表单或加盖了其他印章({zh})。"),
            format!("Fields were filled or signed after sealing ({en})."),
        ),
        Changes::Annotations => row(
            "document.annotated",
            FILE_AMBER,
            format!("盖章之后添加了批注({zh})。"),
            format!("Annotations were added after sealing ({en})."),
        ),
        Changes::Forbidden | Changes::NotJudged => row(
            "document.changed",
            FILE_RED,
            format!("盖章之后文件被改动({zh})。"),
            format!("The document was changed after sealing ({en})."),
        ),
    }
}

/// What readers disagree about makes the file ambiguous; what all of them read alike is a note.
fn irregular(irregularity: &Irregularity) -> Row {
    let (effect, zh, en) = ambiguous(irregularity).unwrap_or_else(|| unread(irregularity));
    match place(irregularity) {
        Some((zh_place, en_place)) => row(
            irregularity.code(),
            effect,
            format!("{}({zh_place})。", zh.trim_end_matches('。')),
            format!("{} ({en_place}).", en.trim_end_matches('.')),
        ),
        None => row(irregularity.code(), effect, zh, en),
    }
}

/// What was read, and others may read otherwise.
fn ambiguous(irregularity: &Irregularity) -> Option<(Effect, &'static str, &'static str)> {
    Some(match irregularity {
        Irregularity::BytesBeforeHeader { .. } => {
            (FILE_AMBER, "PDF 标头之前有多余字节。", "Bytes stand before the PDF header.")
        }
        Irregularity::BytesAfterEnd { .. } => {
            (NOTE, "最后一个修订之后还有字节。", "Bytes follow the last revision.")
        }
        Irregularity::StartxrefDisplaced { .. } => (
            FILE_AMBER,
            "文件结尾指向的位置与最新修订不符。",
            "The end of the file does not belong to its newest revision.",
        ),
        Irregularity::DuplicateEntry { .. } => (
            FILE_AMBER,
            "同一对象被登记两次,不同软件会显示不同内容。",
            "One object is listed twice; programs may show different content.",
        ),
        Irregularity::DuplicateKey { .. } => (
            FILE_AMBER,
            "同一键出现两次,不同软件会显示不同内容。",
            "A key appears twice; programs may show different content.",
        ),
        Irregularity::EntryBeyondRevision { .. } => (
            FILE_RED,
            "较早的修订指向了后来才有的字节。",
            "An earlier revision points at bytes that came later.",
        ),
        Irregularity::EmptyUpdate { .. } => {
            (NOTE, "有一个不含任何对象的修订。", "One revision lists no object at all.")
        }
        Irregularity::Hybrid { .. } => {
            (NOTE, "文件同时使用两种交叉引用。", "The file uses both kinds of cross-reference.")
        }
        Irregularity::LooseEntries { .. } => (
            NOTE,
            "交叉引用表的格式不规范。",
            "Entries of the cross-reference table are not in the standard form.",
        ),
        Irregularity::StartxrefMismatch { .. } => (
            FILE_AMBER,
            "startxref 与交叉引用的位置不符。",
            "startxref names another place than the cross-reference.",
        ),
        _ => return None,
    })
}

/// What could not be read, or is read differently by others.
fn unread(irregularity: &Irregularity) -> (Effect, &'static str, &'static str) {
    match irregularity {
        Irregularity::Encrypted => (
            FILE_AMBER,
            "文件已加密,没有密码,部分内容无法核对。",
            "The file is encrypted and needs a password; parts of it cannot be checked.",
        ),
        Irregularity::EncryptedOpened => (
            NOTE,
            "文件已加密,用空密码即可打开,已照常核对。",
            "The file is encrypted; it opens without a password and was checked like any other.",
        ),
        Irregularity::UnreadableObject { .. } => {
            (FILE_AMBER, "文件中有无法读取的对象。", "An object of the file cannot be read.")
        }
        _ => (
            FILE_AMBER,
            "另一个解析器读到的内容与我们不同。",
            "A second reader sees another document than we do.",
        ),
    }
}

/// Where it stands, for whoever wants to look.
fn place(irregularity: &Irregularity) -> Option<(String, String)> {
    match irregularity {
        Irregularity::DuplicateEntry { number, .. } | Irregularity::EntryBeyondRevision { number, .. } => {
            Some((format!("对象 {number}"), format!("object {number}")))
        }
        Irregularity::UnreadableObject { number, why } => {
            Some((format!("对象 {number}"), format!("object {number}: {why}")))
        }
        Irregularity::SecondOpinion { about } => {
            let (zh, en) = match about {
                Disagreement::Refused => ("它不肯读", "it refuses the file"),
                Disagreement::Catalog => ("另一个根", "another root"),
                Disagreement::Objects => ("少了对象", "objects are missing"),
                Disagreement::Value { number } => {
                    return Some((format!("对象 {number}"), format!("object {number}")));
                }
            };
            Some((zh.to_owned(), en.to_owned()))
        }
        Irregularity::DuplicateKey { at } | Irregularity::StartxrefDisplaced { at } => {
            Some((format!("第 {at} 字节"), format!("byte {at}")))
        }
        _ => None,
    }
}
