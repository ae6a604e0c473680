//! Findings about a seal by GB/T 38540 or GM/T 0031 and its pressing.

use super::trusted::TrustFinding;
use super::{FILE_AMBER, FILE_RED, Finding, NOTE, Row, SEAL_AMBER, SEAL_RED, row};
use crate::domain::Instant;
use crate::ses::Deviation;

/// Whose certificate or signature a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Party {
    /// 制章者: who made the seal.
    Maker,
    /// 签章者: who pressed it.
    Signer,
}

/// About a seal and its pressing. The steps are those of GM/T 0031-2014 §6.1.2, §6.2.2 and GB/T 38540-2020 §7.
#[derive(Clone, Debug, PartialEq)]
pub enum SealFinding {
    /// The value is no SES_Signature of any version.
    Malformed {
        /// What the reader said.
        why: String,
    },
    /// The seal inside cannot be read.
    SealMalformed {
        /// What the reader said.
        why: String,
    },
    /// Pressing and seal, or their structure and the version they name, do not belong together.
    VersionDiffers,
    /// Something real writers do differently, which changes no meaning.
    Tolerated(Deviation),
    /// A critical extension that nobody here knows.
    CriticalExtension {
        /// Dotted identifier.
        oid: String,
    },
    /// A certificate that cannot be read, or whose key we know nothing of.
    CertificateUnreadable(Party),
    /// An algorithm or a key we do not verify.
    AlgorithmUnsupported {
        /// Whose signature.
        of: Party,
        /// Dotted identifier.
        oid: String,
    },
    /// A suite that the rules do not let sign documents, or that is no longer approved for anything.
    AlgorithmNotAllowed {
        /// Whose signature.
        of: Party,
        /// Its name.
        what: String,
    },
    /// An algorithm or a key that counts as weak, and nothing proves that the signature is older.
    WeakAlgorithm {
        /// Whose signature.
        of: Party,
        /// Which, as `SHA-1` or `RSA 1024`.
        what: String,
        /// The last day it was strong enough, by the policy.
        until: time::Date,
    },
    /// dataHash is not the digest of the covered bytes.
    DataHashDiffers,
    /// The signer's key did not sign this.
    SignatureWrong,
    /// The maker's key did not sign this seal: picture, name or signers are not the maker's.
    MakerSignatureWrong,
    /// The signer's certificate is not among those that may press the seal.
    SignerNotListed,
    /// The seal lists digests that we cannot compare.
    SignersNotComparable,
    /// The chain of a certificate inside the seal; the words are those of the chain.
    Chain {
        /// Whose certificate.
        of: Party,
        /// What was found.
        finding: TrustFinding,
    },
    /// The maker's certificate was not valid when the seal was made.
    MadeOutsideValidity,
    /// The maker's certificate expired after the seal was made.
    MakerExpired {
        /// Since when.
        since: Instant,
    },
    /// The maker's certificate was revoked after the seal was made, as the maker says.
    MakerRevokedLater {
        /// Since when.
        since: Instant,
    },
    /// The seal's own period is over, and only the seal itself says that it was pressed before.
    PeriodOver {
        /// Since when.
        since: Instant,
    },
    /// The seal's own period has not begun.
    PeriodNotBegun {
        /// From when.
        from: Instant,
    },
    /// It was pressed, as it says itself, outside its own period.
    PressedOutsidePeriod,
    /// It was pressed, as it says itself, while the signer's certificate was not valid.
    PressedOutsideCertificate,
    /// It was pressed, as it says itself, before it was made.
    PressedBeforeMade,
    /// It was pressed, as it says itself, later than the instant of judgement.
    PressedInFuture,
    /// timeInfo is no time.
    TimeUnreadable,
    /// The time of the seal and that of the file differ.
    TimeDiffers,
    /// A time-stamp inside that proves nothing of the whole: over the maker's signature, in the place of v1's time, or
    /// within a seal that is a signed attribute.
    TimeStampPresent(Party),
    /// The seal has no picture.
    PictureMissing,
    /// The picture is not of the kind that it is said to be.
    PictureKind,
    /// The picture is larger or smaller than any seal.
    PictureSize,
    /// The file shows another picture than the seal holds.
    PictureDiffers,
    /// The picture is shown larger or smaller than the seal says.
    PictureScaled,
    /// The file shows nothing where the seal belongs.
    PictureNotShown,
    /// What the file shows could not be held against the seal's picture.
    PictureNotCompared,
    /// propertyInfo names other bytes than `/ByteRange`.
    PropertyDiffers,
    /// propertyInfo does not say in numbers which bytes are covered.
    PropertyFree,
}

impl SealFinding {
    /// True for what no longer counts once it is proven that the seal was pressed while all was good.
    pub(in crate::verify) fn is_outlived(&self) -> bool {
        match self {
            Self::PeriodOver { .. } | Self::MakerRevokedLater { .. } => true,
            // A maker revoked before it made the seal stays so.
            Self::Chain { of: Party::Maker, finding: TrustFinding::Revoked { .. } } => false,
            Self::Chain { finding, .. } => Finding::from(finding.clone()).is_outlived(),
            _ => false,
        }
    }

    /// True for chains and periods: what a policy may only report.
    pub(in crate::verify) fn is_about_standing(&self) -> bool {
        matches!(
            self,
            Self::Chain { .. }
                | Self::PeriodOver { .. }
                | Self::PeriodNotBegun { .. }
                | Self::MakerRevokedLater { .. }
        )
    }

    pub(super) fn row(&self) -> Row {
        match self {
            Self::Malformed { why } => row(
                "ses.malformed",
                FILE_AMBER,
                "电子签章数据不是规范的结构,无法核验。",
                format!("The seal signature is not well-formed and cannot be checked ({why})."),
            ),
            Self::SealMalformed { why } => row(
                "ses.seal_malformed",
                SEAL_AMBER,
                "电子印章数据不是规范的结构,无法核验。",
                format!("The seal inside is not well-formed and cannot be checked ({why})."),
            ),
            Self::VersionDiffers => row(
                "ses.version_differs",
                SEAL_AMBER,
                "电子印章与电子签章的版本不一致。",
                "The versions of the seal and of its pressing do not belong together.",
            ),
            Self::Tolerated(deviation) => tolerated(*deviation),
            Self::CriticalExtension { oid } => row(
                "ses.critical_extension",
                SEAL_AMBER,
                format!("电子印章带有本版本不能识别的关键扩展({oid})。"),
                format!("The seal has a critical extension ({oid}) that is not understood."),
            ),
            Self::CertificateUnreadable(party) => party.certificate_unreadable(),
            Self::AlgorithmUnsupported { of, oid } => of.algorithm_unsupported(oid),
            Self::AlgorithmNotAllowed { of, what } => of.algorithm_not_allowed(what),
            Self::WeakAlgorithm { of, what, until } => of.weak_algorithm(what, *until),
            Self::DataHashDiffers => row(
                "ses.data_hash_differs",
                FILE_RED,
                "电子签章所覆盖的内容已被改动。",
                "The bytes that the seal signature covers were changed.",
            ),
            Self::SignatureWrong => row(
                "ses.signature_wrong",
                FILE_RED,
                "签章值与签章者的密钥不符。",
                "The seal signature does not verify under the signer's key.",
            ),
            Self::MakerSignatureWrong => row(
                "ses.maker_signature_wrong",
                SEAL_RED,
                "制章者没有签过这枚印章:印模、名称或签章者名单不可信。",
                "The maker's signature on the seal does not verify: its picture, name or signers are not the maker's.",
            ),
            Self::Chain { of, finding } => of.chain(finding),
            _ => self.about_time(),
        }
    }

    fn about_time(&self) -> Row {
        match self {
            Self::PeriodOver { since } => row(
                "ses.period_over",
                SEAL_AMBER,
                format!("电子印章的有效期已于 {} 届满,而盖章时间只有印章自己的说法。", since.beijing_date()),
                format!(
                    "The seal's own period ended on {}, and only the seal itself says that it was pressed before.",
                    since.beijing_date()
                ),
            ),
            Self::PeriodNotBegun { from } => row(
                "ses.period_not_begun",
                SEAL_AMBER,
                format!("电子印章自 {} 起才有效。", from.beijing_date()),
                format!("The seal may be pressed from {} only.", from.beijing_date()),
            ),
            Self::PressedOutsidePeriod => row(
                "ses.pressed_outside_period",
                SEAL_RED,
                "盖章时间不在电子印章的有效期内。",
                "The seal was pressed outside its own period.",
            ),
            Self::PressedOutsideCertificate => row(
                "ses.pressed_outside_certificate",
                SEAL_RED,
                "盖章时间不在签章者证书的有效期内。",
                "The seal was pressed while the signer's certificate was not valid.",
            ),
            Self::PressedBeforeMade => row(
                "ses.pressed_before_made",
                SEAL_AMBER,
                "盖章时间早于制章时间。",
                "The seal was pressed before it was made.",
            ),
            Self::PressedInFuture => row(
                "ses.pressed_in_future",
                SEAL_AMBER,
                "盖章时间晚于核验时间。",
                "The seal says that it was pressed later than now.",
            ),
            Self::TimeUnreadable => row(
                "ses.time_unreadable",
                SEAL_AMBER,
                "盖章时间无法读取。",
                "The time of pressing cannot be read.",
            ),
            Self::TimeDiffers => row(
                "ses.time_differs",
                NOTE,
                "签章里的时间与文件声明的时间不同。",
                "The time in the seal signature is not the one that the file claims.",
            ),
            _ => self.about_making(),
        }
    }

    fn about_making(&self) -> Row {
        match self {
            Self::TimeStampPresent(party) => row(
                party.code("ses.time_stamp", "ses.maker_time_stamp"),
                NOTE,
                format!("{}带有时间戳,不作为盖章时间的证明。", party.word(("电子印章", "签章值"))),
                format!(
                    "{} carries a time-stamp, which is not taken as proof of when the document was sealed.",
                    party.word(("The seal", "The seal signature"))
                ),
            ),
            Self::MadeOutsideValidity => row(
                "ses.made_outside_validity",
                SEAL_RED,
                "制章时间不在制章者证书的有效期内。",
                "The seal was made while its maker's certificate was not valid.",
            ),
            Self::MakerExpired { since } => row(
                "ses.maker_expired",
                NOTE,
                format!("制章者的证书已于 {} 过期,制章时有效。", since.beijing_date()),
                format!(
                    "The maker's certificate expired on {}; it was valid when the seal was made.",
                    since.beijing_date()
                ),
            ),
            Self::MakerRevokedLater { since } => row(
                "ses.maker_revoked_later",
                SEAL_AMBER,
                format!("制章者的证书已于 {} 被吊销,而制章时间只有印章自己的说法。", since.beijing_date()),
                format!(
                    "The maker's certificate was revoked on {}, and only the seal itself says that it was made before.",
                    since.beijing_date()
                ),
            ),
            _ => self.about_content(),
        }
    }

    fn about_content(&self) -> Row {
        match self {
            Self::SignerNotListed => row(
                "ses.signer_not_listed",
                SEAL_RED,
                "签章者不在电子印章允许的签章者名单里。",
                "The signer is not among those who may press this seal.",
            ),
            Self::SignersNotComparable => row(
                "ses.signers_not_comparable",
                SEAL_AMBER,
                "电子印章的签章者名单使用了本版本不能核对的摘要。",
                "The seal lists its signers by digests that are not supported.",
            ),
            Self::PictureMissing => {
                row("ses.picture_missing", SEAL_AMBER, "电子印章没有印模图像。", "The seal has no picture.")
            }
            Self::PictureKind => row(
                "ses.picture_kind",
                NOTE,
                "印模图像的实际格式与声明的格式不同,或者格式不能识别。",
                "The seal's picture is not of the kind it is said to be, or of none we know.",
            ),
            Self::PictureSize => row(
                "ses.picture_size",
                NOTE,
                "印模图像的尺寸不像印章。",
                "The seal's picture has a size that no seal has.",
            ),
            Self::PictureDiffers => row(
                "ses.picture_differs",
                SEAL_AMBER,
                "文件上显示的图样与电子印章里封存的印模不同。",
                "The file shows another picture than the one inside the seal.",
            ),
            Self::PictureScaled => row(
                "ses.picture_scaled",
                NOTE,
                "文件上的印章与封存的尺寸不同,被放大或缩小了。",
                "The seal is shown larger or smaller than it was made.",
            ),
            Self::PictureNotShown => row(
                "ses.picture_not_shown",
                NOTE,
                "文件上没有显示这枚印章的图样。",
                "The file does not show the picture of this seal.",
            ),
            Self::PictureNotCompared => row(
                "ses.picture_not_compared",
                NOTE,
                "文件上显示的图样没有能够与封存的印模比对。",
                "What the file shows could not be compared with the picture inside the seal.",
            ),
            _ => self.about_coverage(),
        }
    }

    fn about_coverage(&self) -> Row {
        match self {
            Self::PropertyDiffers => row(
                "ses.property_differs",
                FILE_AMBER,
                "签章里写明的保护范围与文件的字节范围不同。",
                "The seal signature names other bytes than the file's byte range.",
            ),
            _ => row(
                "ses.property_free",
                NOTE,
                "签章以自己的方式写明保护范围,未与字节范围核对。",
                "The seal signature names what it covers in words of its own, which were not compared.",
            ),
        }
    }
}

impl Party {
    fn word<T>(self, (maker, signer): (T, T)) -> T {
        match self {
            Self::Maker => maker,
            Self::Signer => signer,
        }
    }

    fn code(self, signer: &'static str, maker: &'static str) -> &'static str {
        self.word((maker, signer))
    }

    fn certificate_unreadable(self) -> Row {
        row(
            self.code("ses.signer_certificate_unreadable", "ses.maker_certificate_unreadable"),
            self.word((SEAL_AMBER, FILE_AMBER)),
            format!("{}的证书无法读取,或者密钥种类不能核验。", self.word(("制章者", "签章者"))),
            format!(
                "The {}'s certificate is unreadable, or its key is of a kind that is not supported.",
                self.word(("maker", "signer"))
            ),
        )
    }

    fn algorithm_unsupported(self, oid: &str) -> Row {
        row(
            self.code("ses.algorithm_unsupported", "ses.maker_algorithm_unsupported"),
            self.word((SEAL_AMBER, FILE_AMBER)),
            format!("{}的签名算法({oid})本版本不能核验。", self.word(("制章者", "签章者"))),
            format!("The {}'s signature algorithm ({oid}) is not supported.", self.word(("maker", "signer"))),
        )
    }

    fn algorithm_not_allowed(self, what: &str) -> Row {
        row(
            self.code("ses.algorithm_not_allowed", "ses.maker_algorithm_not_allowed"),
            SEAL_AMBER,
            format!("{}所用的 {what} 不在允许之列。", self.word(("制章者", "签章者"))),
            format!(
                "The {}'s signature rests on {what}, which may not sign documents here.",
                self.word(("maker", "signer"))
            ),
        )
    }

    fn weak_algorithm(self, what: &str, until: time::Date) -> Row {
        row(
            self.code("ses.signer_weak_algorithm", "ses.maker_weak_algorithm"),
            SEAL_AMBER,
            format!(
                "{}所用的 {what} 在 {until} 之后算弱算法,而没有什么能证明签名更早。",
                self.word(("制章者", "签章者"))
            ),
            format!(
                "The {}'s signature rests on {what}, which counts as weak after {until}, and nothing proves that it is older.",
                self.word(("maker", "signer"))
            ),
        )
    }

    /// The words of a chain, with whose chain it is before them.
    fn chain(self, finding: &TrustFinding) -> Row {
        let inner = finding.row();
        let code = match finding {
            TrustFinding::NoPath { .. } | TrustFinding::NoAnchors => {
                self.code("ses.signer_no_path", "ses.maker_no_path")
            }
            TrustFinding::Revoked { .. } => self.code("ses.signer_revoked", "ses.maker_revoked"),
            TrustFinding::RevocationUnknown { .. } => {
                self.code("ses.signer_revocation_unknown", "ses.maker_revocation_unknown")
            }
            TrustFinding::Distrusted => self.code("ses.signer_distrusted", "ses.maker_distrusted"),
            TrustFinding::WrongUse => self.code("ses.signer_wrong_use", "ses.maker_wrong_use"),
            // Of the maker that is said against the time of making.
            _ => "ses.signer_out_of_date",
        };
        // It is his own, and not the one that a seal is pressed with.
        let zh = inner.words.zh.replace("印章的证书", "证书");
        let en = inner.words.en.replace("The seal's certificate", "The certificate");
        row(
            code,
            inner.effect,
            format!("{}:{zh}", self.word(("制章者", "签章者"))),
            format!("{}: {en}", self.word(("Maker of the seal", "Signer of the seal"))),
        )
    }
}

fn tolerated(deviation: Deviation) -> Row {
    let (zh, en) = match deviation {
        Deviation::AlgorithmIdentifier => {
            ("算法标识带有参数结构".to_owned(), "an algorithm is written with parameters".to_owned())
        }
        Deviation::ExplicitFalse => (
            "扩展写出了默认的 critical FALSE".to_owned(),
            "an extension spells out critical FALSE".to_owned(),
        ),
        Deviation::RawSignature => {
            ("签名值是 64 字节的 r‖s".to_owned(), "a signature value is the bare 64 octets r‖s".to_owned())
        }
        Deviation::TextType { field } => {
            (format!("{field} 的字符串类型不同"), format!("{field} is of another string type"))
        }
        Deviation::TimeType { field } => {
            (format!("{field} 的时间类型不同"), format!("{field} is of another type of time"))
        }
        Deviation::TimeText { field } => {
            (format!("{field} 写成了文本,按北京时间读"), format!("{field} is text, read as Beijing time"))
        }
        Deviation::OptionalTag { field } => {
            (format!("{field} 的标签不同"), format!("{field} stands under another tag"))
        }
    };
    row(
        "ses.tolerated",
        NOTE,
        format!("电子印章的写法与标准略有出入,不影响含义({zh})。"),
        format!(
            "The seal is written a little otherwise than the standard says, with the same meaning ({en})."
        ),
    )
}
