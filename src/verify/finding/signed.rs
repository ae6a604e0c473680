//! Findings about what was signed and how (RFC 5652, RFC 5035, ETSI EN 319 142-1).

use super::{FILE_AMBER, FILE_RED, NOTE, Row, row};

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
    /// A time-stamp inside, not judged by this version.
    TimestampNotJudged,
    /// An algorithm or a key that counts as weak, and nothing proves that the signature is older.
    WeakAlgorithm {
        /// Which, as `SHA-1` or `RSA 1024`.
        what: String,
        /// The last day it was strong enough, by the policy.
        until: time::Date,
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
            Self::SigningTimeAttribute => row(
                "signed.signing_time",
                NOTE,
                "签名属性里带有 signing-time(不是 PAdES 基线)。",
                "The signed attributes hold signing-time (not PAdES baseline).",
            ),
            Self::UnboundCertificate { index } => row(
                "signed.unbound_certificate",
                FILE_AMBER,
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
            _ => row(
                "signed.timestamp_not_judged",
                NOTE,
                "签名带有时间戳或其他未签名的证据,本版本尚不核验。",
                "The signature carries a time-stamp or other unsigned evidence, which this version does not judge.",
            ),
        }
    }
}
