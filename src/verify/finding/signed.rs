//! Findings about what was signed and how (RFC 5652, RFC 5035, ETSI EN 319 142-1).

use super::{FILE_AMBER, FILE_RED, NOTE, Row, SEAL_AMBER, row};
use crate::domain::Instant;

/// About the signature value.
#[derive(Clone, Debug, PartialEq)]
pub enum SignedFinding {
    /// The value is no CMS SignedData in DER.
    Malformed {
        /// What the reader said.
        why: String,
    },
    /// Not exactly one SignerInfo.
    SignerCount {
        /// How many.
        count: usize,
    },
    /// The value carries content of its own.
    EncapsulatedContent,
    /// A version number, a content type or a digest algorithm that does not fit the rest.
    Inconsistent {
        /// Which rule, in RFC 5652 words.
        rule: &'static str,
    },
    /// No signed attributes.
    NoSignedAttributes,
    /// A signed attribute is missing, doubled or malformed.
    AttributeWrong {
        /// Its name.
        name: &'static str,
    },
    /// The digest of the covered bytes is not the signed one.
    DigestDiffers,
    /// The signature value does not verify under the signer's key.
    SignatureWrong,
    /// An algorithm we do not verify.
    AlgorithmUnsupported {
        /// Dotted identifier.
        oid: String,
    },
    /// The signer's certificate is not inside, or cannot be read.
    SignerCertificateMissing,
    /// No signing-certificate attribute binds the signer's certificate.
    SignerNotBound,
    /// The signing-certificate attribute names another certificate.
    SignerBindingDiffers,
    /// signing-time stands among the signed attributes of a PAdES signature.
    SigningTimeAttribute,
    /// A certificate inside that no verified chain binds.
    UnboundCertificate {
        /// Its place in the set, from 0.
        index: usize,
    },
    /// The digest that was handed in is of another algorithm than the signature's.
    OtherDigest {
        /// What the signature names.
        needed: &'static str,
        /// What was handed in.
        given: &'static str,
    },
    /// A form that RFC 5652 allows and that our own signatures never have.
    OtherForm {
        /// Which element, in RFC 5652 words.
        what: &'static str,
    },
    /// A suite that the rules do not let sign documents, or that is no longer approved for anything.
    AlgorithmNotAllowed {
        /// Its name.
        what: String,
    },
    /// An algorithm or a key that counts as weak, and nothing proves that the signature is older.
    WeakAlgorithm {
        /// Which, as `SHA-1` or `RSA 1024`.
        what: String,
        /// The last day it was strong enough, by the policy.
        until: time::Date,
    },
    /// Unsigned attributes that say nothing a verdict rests on.
    UnsignedAttributes {
        /// Dotted identifier of the first.
        oid: String,
    },
    /// A time-stamp of an authority that we trust.
    Stamped {
        /// Its time.
        at: Instant,
    },
    /// A time-stamp that fits, of an authority that is not known to us or was not good then.
    StampedUntrusted {
        /// Its time.
        at: Instant,
        /// Why not.
        why: String,
    },
    /// A time-stamp that does not fit what it stands on, or is broken.
    StampWrong {
        /// What is wrong.
        why: String,
        /// True for a document time-stamp: the file itself is then not what was stamped.
        document: bool,
    },
}

impl SignedFinding {
    pub(super) fn row(&self) -> Row {
        match self {
            Self::Malformed { why } => row(
                "signed.malformed",
                FILE_AMBER,
                "签名值不是规范的 CMS 结构,无法核验。",
                format!("The signature value is no well-formed CMS and cannot be checked ({why})."),
            ),
            Self::SignerCount { count } => row(
                "signed.signer_count",
                FILE_AMBER,
                format!("签名值里有 {count} 个签名者,应当恰好一个。"),
                format!("The signature value has {count} signers where exactly one must stand."),
            ),
            Self::EncapsulatedContent => row(
                "signed.encapsulated_content",
                FILE_AMBER,
                "签名值自带内容,而不是只签文件。",
                "The signature value carries content of its own.",
            ),
            Self::Inconsistent { rule } => row(
                "signed.inconsistent",
                FILE_AMBER,
                format!("签名值自相矛盾({rule})。"),
                format!("The signature value contradicts itself ({rule})."),
            ),
            Self::NoSignedAttributes => row(
                "signed.no_attributes",
                NOTE,
                "签名没有签名属性。",
                "The signature has no signed attributes.",
            ),
            Self::AttributeWrong { name } => row(
                "signed.attribute",
                FILE_AMBER,
                format!("签名属性 {name} 缺失、重复或不合规。"),
                format!("The signed attribute {name} is missing, doubled or malformed."),
            ),
            Self::DigestDiffers => row(
                "signed.digest_differs",
                FILE_RED,
                "被签名覆盖的内容已被改动。",
                "The bytes that the signature covers were changed.",
            ),
            Self::SignatureWrong => row(
                "signed.signature_wrong",
                FILE_RED,
                "签名值与签名者的密钥不符。",
                "The signature does not verify under the signer's key.",
            ),
            Self::AlgorithmUnsupported { oid } => row(
                "signed.algorithm_unsupported",
                FILE_AMBER,
                format!("签名算法({oid})本版本不能核验。"),
                format!("The signature is present, but its algorithm ({oid}) is not supported."),
            ),
            _ => self.about_signer(),
        }
    }

    fn about_signer(&self) -> Row {
        match self {
            Self::SignerCertificateMissing => row(
                "signed.signer_certificate_missing",
                FILE_AMBER,
                "签名里没有可读的签名者证书。",
                "The signer's certificate is missing or unreadable.",
            ),
            Self::SignerNotBound => row(
                "signed.signer_not_bound",
                NOTE,
                "签名没有绑定签名者证书(不是 PAdES 基线)。",
                "No signed attribute binds the signer's certificate (not PAdES baseline).",
            ),
            Self::SignerBindingDiffers => row(
                "signed.signer_binding_differs",
                FILE_RED,
                "签名绑定的是另一张证书。",
                "The signature binds another certificate than the signer's.",
            ),
            Self::UnboundCertificate { index } => row(
                "signed.unbound_certificate",
                NOTE,
                format!("签名随附的第 {} 张证书无法核对。", index.saturating_add(1)),
                format!(
                    "Certificate {} inside the signature is bound by nothing that was checked.",
                    index.saturating_add(1)
                ),
            ),
            Self::WeakAlgorithm { what, until } => row(
                "signed.weak_algorithm",
                FILE_AMBER,
                format!("签名所用的 {what} 在 {until} 之后算弱算法,而没有什么能证明签名更早。"),
                format!(
                    "The signature rests on {what}, which counts as weak after {until}, and nothing proves that it is older."
                ),
            ),
            _ => self.about_more(),
        }
    }

    fn about_more(&self) -> Row {
        match self {
            Self::OtherDigest { needed, given } => row(
                "signed.other_digest",
                FILE_AMBER,
                format!("交来的是 {given} 摘要,而签名用的是 {needed}:无从比较。"),
                format!(
                    "The digest handed in is {given}, the signature's is {needed}: they cannot be compared."
                ),
            ),
            Self::OtherForm { what } => row(
                "signed.other_form",
                NOTE,
                format!("签名值的写法与本局签发的不同({what}),但合乎标准。"),
                format!(
                    "The signature value is written otherwise than ours ({what}), as the standard allows."
                ),
            ),
            Self::AlgorithmNotAllowed { what } => row(
                "signed.algorithm_not_allowed",
                SEAL_AMBER,
                format!("签名所用的 {what} 不在允许之列。"),
                format!("The signature rests on {what}, which may not sign documents here."),
            ),
            Self::UnsignedAttributes { oid } => row(
                "signed.unsigned_attributes",
                NOTE,
                format!("签名带有未签名的属性({oid})。"),
                format!("The signature carries attributes that are not signed ({oid})."),
            ),
            Self::Stamped { at } => row(
                "signed.stamped",
                NOTE,
                format!("可信时间戳:{}。", at.rfc3339()),
                format!("A trusted time-stamp says {}.", at.rfc3339()),
            ),
            Self::StampedUntrusted { at, why } => row(
                "signed.stamped_untrusted",
                NOTE,
                format!("有时间戳({}),但其签发机构不在信任之列。", at.rfc3339()),
                format!("A time-stamp says {}, but its authority is not trusted ({why}).", at.rfc3339()),
            ),
            Self::StampWrong { why, document } => row(
                "signed.stamp_wrong",
                if *document { FILE_AMBER } else { SEAL_AMBER },
                "时间戳与文件不符或已损坏。",
                format!("A time-stamp does not fit or is broken ({why})."),
            ),
            _ => row(
                "signed.signing_time",
                NOTE,
                "签名属性里带有 signing-time(不是 PAdES 基线)。",
                "The signed attributes hold signing-time (not PAdES baseline).",
            ),
        }
    }
}
