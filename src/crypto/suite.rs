//! The static table of signature suites.
//!
//! Ed25519 is only ever verified: pdfsig and openssl refuse it in PDF 1.7, so nothing is issued with it.

use super::curves::{self, Values};
use super::digest::{Digest, SHA256, SHA384, SHA512, SM3};
use super::sm2::{self, SignatureForm};
use ring::signature as alg;

/// What a public key is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// ECDSA on secp256r1.
    P256,
    /// ECDSA on secp384r1.
    P384,
    /// ECDSA on secp521r1.
    P521,
    /// ECDSA on brainpoolP256r1.
    BrainpoolP256r1,
    /// ECDSA on brainpoolP384r1.
    BrainpoolP384r1,
    /// RSA.
    Rsa,
    /// RSA for RSASSA-PSS only.
    RsaPss,
    /// Ed25519.
    Ed25519,
    /// Ed448.
    Ed448,
    /// DSA; the octets are then the whole SubjectPublicKeyInfo, which holds the domain.
    Dsa,
    /// SM2 (GB/T 32918).
    Sm2,
    /// A kind that no method here works with.
    Other,
}

impl KeyKind {
    /// True for curves of ECDSA.
    pub(super) fn is_curve(self) -> bool {
        matches!(self, Self::P256 | Self::P384 | Self::P521 | Self::BrainpoolP256r1 | Self::BrainpoolP384r1)
    }

    /// The name that people know it by.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
            Self::BrainpoolP256r1 => "brainpoolP256r1",
            Self::BrainpoolP384r1 => "brainpoolP384r1",
            Self::Rsa => "RSA",
            Self::RsaPss => "RSA-PSS",
            Self::Ed25519 => "Ed25519",
            Self::Ed448 => "Ed448",
            Self::Dsa => "DSA",
            Self::Sm2 => "SM2",
            Self::Other => "?",
        }
    }
}

/// A public key as its certificate gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    /// What it is.
    pub kind: KeyKind,
    /// Content of the subjectPublicKey BIT STRING.
    pub octets: Vec<u8>,
}

/// The signature does not belong to this message and key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mismatch;

/// No suite of the table fits. Not a verdict on the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unsupported;

/// One signature algorithm with everything the formats need to name it and check it.
pub struct Suite {
    /// Stable id, as `ecdsa-p256-sha256`.
    pub id: &'static str,
    /// Words for a person.
    pub label: &'static str,
    /// Digest of the message.
    pub digest: &'static Digest,
    /// Key it works with.
    pub key: KeyKind,
    /// DER AlgorithmIdentifier written into signatures.
    pub identifier: &'static [u8],
    /// ring's own; none where ring does not pair this curve and digest.
    check: Option<&'static dyn alg::VerificationAlgorithm>,
}

impl std::fmt::Debug for Suite {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.id)
    }
}

impl Suite {
    /// Checks a signature over `message`.
    ///
    /// # Errors
    /// The signature does not verify, or the key is of another kind or size.
    pub fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), Mismatch> {
        if key.kind != self.key {
            return Err(Mismatch);
        }
        if key.kind == KeyKind::Sm2 {
            let form = sm2::verify(&key.octets, sm2::DEFAULT_ID, &[message], signature)?;
            return if form == SignatureForm::Der { Ok(()) } else { Err(Mismatch) };
        }
        let Some(check) = self.check else {
            let hashed = self.digest.of(&[message]);
            return curves::verify(key.kind, &key.octets, &hashed, signature, Values::Der);
        };
        alg::UnparsedPublicKey::new(check, &key.octets).verify(message, signature).map_err(|_| Mismatch)
    }
}

const ECDSA_WITH_SHA256: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const ECDSA_WITH_SHA384: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x03];
const RSA_WITH_SHA256: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00];
const RSA_WITH_SHA384: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0c, 0x05, 0x00];
const RSA_WITH_SHA512: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0d, 0x05, 0x00];
/// RFC 4055: SHA-256, MGF1 with SHA-256, salt 32, trailer omitted, NULL parameters.
const RSA_PSS_WITH_SHA256: &[u8] = &[
    0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0, 0x0f,
    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa1, 0x1c,
    0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x20,
];
const RSA_PSS_WITH_SHA384: &[u8] = &[
    0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0, 0x0f,
    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa1, 0x1c,
    0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x30,
];
const RSA_PSS_WITH_SHA512: &[u8] = &[
    0x30, 0x41, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x34, 0xa0, 0x0f,
    0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0xa1, 0x1c,
    0x30, 0x1a, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08, 0x30, 0x0d, 0x06, 0x09,
    0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03, 0x05, 0x00, 0xa2, 0x03, 0x02, 0x01, 0x40,
];
const ECDSA_WITH_SHA512: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x04];
const SM2_WITH_SM3: &[u8] = &[0x30, 0x0a, 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75];
const ED25519: &[u8] = &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];

macro_rules! suite {
    ($(#[$doc:meta])* $name:ident, $id:literal, $label:literal, $digest:ident, $key:ident, $identifier:expr, $check:expr) => {
        $(#[$doc])*
        pub static $name: Suite = Suite {
            id: $id, label: $label, digest: &$digest, key: KeyKind::$key,
            identifier: $identifier, check: $check,
        };
    };
}

suite!(/// The default.
    ECDSA_P256_SHA256, "ecdsa-p256-sha256", "ECDSA P-256, SHA-256", SHA256, P256, ECDSA_WITH_SHA256, Some(&alg::ECDSA_P256_SHA256_ASN1));
suite!(/// For seals that must outlive P-256.
    ECDSA_P384_SHA384, "ecdsa-p384-sha384", "ECDSA P-384, SHA-384", SHA384, P384, ECDSA_WITH_SHA384, Some(&alg::ECDSA_P384_SHA384_ASN1));
suite!(/// Default of RSA keys: PKCS#1 v1.5.
    RSA_PKCS1_SHA256, "rsa-pkcs1-sha256", "RSA PKCS#1 v1.5, SHA-256", SHA256, Rsa, RSA_WITH_SHA256, Some(&alg::RSA_PKCS1_2048_8192_SHA256));
suite!(/// RSA-PSS with the parameters every reader takes.
    RSA_PSS_SHA256, "rsa-pss-sha256", "RSA-PSS, SHA-256", SHA256, Rsa, RSA_PSS_WITH_SHA256, Some(&alg::RSA_PSS_2048_8192_SHA256));
suite!(/// Verified only.
    RSA_PKCS1_SHA384, "rsa-pkcs1-sha384", "RSA PKCS#1 v1.5, SHA-384", SHA384, Rsa, RSA_WITH_SHA384, Some(&alg::RSA_PKCS1_2048_8192_SHA384));
suite!(/// Verified only.
    RSA_PKCS1_SHA512, "rsa-pkcs1-sha512", "RSA PKCS#1 v1.5, SHA-512", SHA512, Rsa, RSA_WITH_SHA512, Some(&alg::RSA_PKCS1_2048_8192_SHA512));
suite!(/// Verified only.
    ECDSA_P256_SHA384, "ecdsa-p256-sha384", "ECDSA P-256, SHA-384", SHA384, P256, ECDSA_WITH_SHA384, Some(&alg::ECDSA_P256_SHA384_ASN1));
suite!(/// Verified only.
    ECDSA_P384_SHA256, "ecdsa-p384-sha256", "ECDSA P-384, SHA-256", SHA256, P384, ECDSA_WITH_SHA256, Some(&alg::ECDSA_P384_SHA256_ASN1));
suite!(/// Verified only.
    ECDSA_P384_SHA512, "ecdsa-p384-sha512", "ECDSA P-384, SHA-512", SHA512, P384, ECDSA_WITH_SHA512, None);
suite!(/// Verified only.
    ECDSA_P521_SHA512, "ecdsa-p521-sha512", "ECDSA P-521, SHA-512", SHA512, P521, ECDSA_WITH_SHA512, None);
suite!(/// Verified only.
    RSA_PSS_SHA384, "rsa-pss-sha384", "RSA-PSS, SHA-384", SHA384, Rsa, RSA_PSS_WITH_SHA384, Some(&alg::RSA_PSS_2048_8192_SHA384));
suite!(/// Verified only.
    RSA_PSS_SHA512, "rsa-pss-sha512", "RSA-PSS, SHA-512", SHA512, Rsa, RSA_PSS_WITH_SHA512, Some(&alg::RSA_PSS_2048_8192_SHA512));
suite!(/// Verified only.
    ED25519_SHA512, "ed25519", "Ed25519", SHA512, Ed25519, ED25519, Some(&alg::ED25519));
suite!(/// SM2 with SM3, the user's identity the usual one (GB/T 35276 §10).
    SM2_SM3, "sm2-sm3", "SM2, SM3", SM3, Sm2, SM2_WITH_SM3, None);

/// Every suite this program verifies.
pub static ALL: &[&Suite] = &[
    &ECDSA_P256_SHA256,
    &ECDSA_P384_SHA384,
    &RSA_PKCS1_SHA256,
    &RSA_PSS_SHA256,
    &RSA_PKCS1_SHA384,
    &RSA_PKCS1_SHA512,
    &ECDSA_P256_SHA384,
    &ECDSA_P384_SHA256,
    &ECDSA_P384_SHA512,
    &ECDSA_P521_SHA512,
    &RSA_PSS_SHA384,
    &RSA_PSS_SHA512,
    &ED25519_SHA512,
    &SM2_SM3,
];

/// The suite with this id.
#[must_use]
pub fn by_id(id: &str) -> Option<&'static Suite> {
    ALL.iter().copied().find(|s| s.id == id)
}
