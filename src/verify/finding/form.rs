//! Findings about a signature dictionary (ISO 32000-1 §12.8.1).

use super::{FILE_AMBER, FILE_RED, NOTE, Row, row};

/// About a signature dictionary.
#[derive(Clone, Debug, PartialEq)]
pub enum FormFinding {
    /// `/Contents` is missing or no string.
    ContentsMissing,
    /// `/Contents` is not byte for byte `<` pairs of hexadecimal digits `>`.
    ContentsNotHex,
    /// `/Contents` stands where no byte range can reach it.
    ContentsCompressed,
    /// Bytes other than zero follow the signature inside `/Contents`.
    PaddingNotZero,
    /// `/ByteRange` is not four whole numbers from 0 upwards.
    ByteRangeMalformed,
    /// `/ByteRange` reaches outside the file.
    ByteRangeOutside,
    /// What the byte range leaves out is not exactly the value of `/Contents`.
    GapNotContents,
    /// The byte range ends in the middle of a revision.
    EndsInsideRevision,
    /// `/SubFilter` (or `/Filter`) names a form we do not know.
    SubFilterUnknown {
        /// The name.
        name: String,
    },
    /// The value is neither CMS nor a GB/T 38540 seal.
    ContentsUnknown,
    /// `/Cert` stands in a PAdES signature.
    CertEntry,
    /// `/M` is missing.
    NoClaimedTime,
    /// `/M` is no date.
    ClaimedTimeMalformed,
    /// One value serves several fields.
    SharedValue {
        /// How many.
        fields: usize,
    },
    /// No field of any revision leads to this signature.
    Unreferenced,
    /// A later revision removed or replaced this signature.
    Vanished,
}

impl FormFinding {
    pub(super) fn row(&self) -> Row {
        match self {
            Self::ContentsMissing => {
                row("form.contents_missing", FILE_RED, "签名值缺失。", "The signature value is missing.")
            }
            Self::ContentsNotHex => row(
                "form.contents_not_hex",
                FILE_RED,
                "签名值的写法给伪造留下了空隙。",
                "The signature value is written in a form that leaves room for forgery.",
            ),
            Self::ContentsCompressed => row(
                "form.contents_compressed",
                FILE_RED,
                "签名值放在压缩对象里,无法被覆盖。",
                "The signature value stands in a compressed object.",
            ),
            Self::PaddingNotZero => row(
                "form.padding_not_zero",
                FILE_RED,
                "签名值之后的填充不全为零。",
                "The padding behind the signature is not all zero.",
            ),
            Self::ByteRangeMalformed => row(
                "form.byte_range_malformed",
                FILE_RED,
                "签名的字节范围不合规。",
                "The byte range is malformed.",
            ),
            Self::ByteRangeOutside => row(
                "form.byte_range_outside",
                FILE_RED,
                "签名的字节范围超出文件。",
                "The byte range reaches outside the file.",
            ),
            Self::GapNotContents => row(
                "form.gap_not_contents",
                FILE_RED,
                "未被签名覆盖的空隙不等于签名值本身。",
                "The gap in the byte range is not exactly the signature value.",
            ),
            Self::EndsInsideRevision => row(
                "form.ends_inside_revision",
                FILE_RED,
                "签名只覆盖了修订的一部分。",
                "The byte range ends in the middle of a revision.",
            ),
            _ => self.milder(),
        }
    }

    fn milder(&self) -> Row {
        match self {
            Self::SubFilterUnknown { name } => row(
                "form.subfilter_unknown",
                FILE_AMBER,
                format!("有签名,但其形式“{name}”不能识别。"),
                format!("A signature is present, but its form “{name}” is not understood."),
            ),
            Self::ContentsUnknown => row(
                "form.contents_unknown",
                FILE_AMBER,
                "有签名,但签名值无法识别。",
                "A signature is present, but its value is not understood.",
            ),
            Self::CertEntry => {
                row("form.cert_entry", NOTE, "签名字典带有 /Cert。", "The signature dictionary holds /Cert.")
            }
            Self::NoClaimedTime => {
                row("form.no_claimed_time", NOTE, "签名没有声明时间。", "The signature claims no time.")
            }
            Self::ClaimedTimeMalformed => row(
                "form.claimed_time_malformed",
                NOTE,
                "签名声明的时间格式不正确。",
                "The time that the signature claims is malformed.",
            ),
            Self::SharedValue { fields } => row(
                "form.shared_value",
                FILE_AMBER,
                format!("同一个签名被 {fields} 个签名域共用。"),
                format!("One signature is shared by {fields} fields."),
            ),
            Self::Unreferenced => row(
                "form.unreferenced",
                FILE_AMBER,
                "文件里有一个不属于任何签名域的签名。",
                "The file holds a signature that belongs to no field.",
            ),
            _ => row(
                "form.vanished",
                FILE_RED,
                "后来的修订移除或替换了这个签名。",
                "A later revision removed or replaced this signature.",
            ),
        }
    }
}
