//! Keys in encrypted files (PKCS#8, PBES2: PBKDF2-HMAC-SHA-256 and AES-256-CBC).

use super::suite::{ECDSA_P256_SHA256, ECDSA_P384_SHA384, KeyKind, PublicKey, RSA_PSS_SHA256, Suite};
use super::{SignError, Signer, sm2};
use pkcs8::der::pem::LineEnding;
use pkcs8::pkcs5::pbes2;
use pkcs8::{EncryptedPrivateKeyInfo, PrivateKeyInfo, SecretDocument};
use ring::rand::SystemRandom;
use ring::signature::{self as alg, EcdsaKeyPair, KeyPair, RsaKeyPair};
use zeroize::Zeroizing;

/// OWASP's figure for PBKDF2-HMAC-SHA-256 (2023): about 0.1 s once at start-up.
const ROUNDS: u32 = 600_000;

/// Why a key cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not PEM of an encrypted PKCS#8 key.
    #[error("不是加密的 PKCS#8 PEM / not an encrypted PKCS#8 PEM")]
    Form,
    /// The passphrase does not open it.
    #[error("口令不对 / wrong passphrase")]
    Passphrase,
    /// Not a key of the suite.
    #[error("密钥与算法不符 / not a key of this suite")]
    Kind,
    /// The suite cannot sign here.
    #[error("该算法只用于核验 / this suite is verified only")]
    VerifyOnly,
    /// No randomness, or generation failed.
    #[error("生成密钥失败 / key generation failed")]
    Generation,
}

/// What a fresh key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPurpose {
    /// ECDSA P-256.
    P256,
    /// ECDSA P-384.
    P384,
    /// RSA with 3072 bits.
    Rsa3072,
    /// SM2.
    Sm2,
}

enum Pair {
    Ecdsa(EcdsaKeyPair),
    Rsa(RsaKeyPair),
    Sm2(sm2::PrivateKey),
}

/// A private key in this process, with its certificate.
pub struct SoftwareKey {
    suite: &'static Suite,
    pair: Pair,
    random: SystemRandom,
    certificate: Vec<u8>,
    chain: Vec<Vec<u8>>,
}

impl std::fmt::Debug for SoftwareKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SoftwareKey({}, private key elided)", self.suite.id)
    }
}

impl SoftwareKey {
    /// Opens an encrypted PKCS#8 PEM.
    ///
    /// # Errors
    /// Form, passphrase, kind of key.
    pub fn open(
        pem: &str,
        passphrase: &[u8],
        suite: &'static Suite,
        certificate: Vec<u8>,
        chain: Vec<Vec<u8>>,
    ) -> Result<Self, KeyError> {
        Self::from_pkcs8(&decrypt_pkcs8(pem, passphrase)?, suite, certificate, chain)
    }

    /// From a plain PKCS#8 key that never leaves memory.
    ///
    /// # Errors
    /// Kind of key.
    pub fn from_pkcs8(
        pkcs8: &[u8],
        suite: &'static Suite,
        certificate: Vec<u8>,
        chain: Vec<Vec<u8>>,
    ) -> Result<Self, KeyError> {
        let random = SystemRandom::new();
        let ecdsa =
            |algorithm| EcdsaKeyPair::from_pkcs8(algorithm, pkcs8, &random).map_err(|_| KeyError::Kind);
        let pair = match suite.key {
            KeyKind::P256 if suite.id == ECDSA_P256_SHA256.id => {
                Pair::Ecdsa(ecdsa(&alg::ECDSA_P256_SHA256_ASN1_SIGNING)?)
            }
            KeyKind::P384 if suite.id == ECDSA_P384_SHA384.id => {
                Pair::Ecdsa(ecdsa(&alg::ECDSA_P384_SHA384_ASN1_SIGNING)?)
            }
            KeyKind::Rsa if suite.digest.oid == super::SHA256.oid => {
                Pair::Rsa(RsaKeyPair::from_pkcs8(pkcs8).map_err(|_| KeyError::Kind)?)
            }
            KeyKind::Sm2 => Pair::Sm2(sm2::PrivateKey::from_pkcs8(pkcs8).ok_or(KeyError::Kind)?),
            _ => return Err(KeyError::VerifyOnly),
        };
        Ok(Self { suite, pair, random, certificate, chain })
    }

    /// The public half, to be compared with the certificate's.
    #[must_use]
    pub fn public_key(&self) -> PublicKey {
        let octets = match &self.pair {
            Pair::Ecdsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Rsa(pair) => pair.public_key().as_ref().to_vec(),
            Pair::Sm2(key) => key.public(),
        };
        PublicKey { kind: self.suite.key, octets }
    }
}

impl Signer for SoftwareKey {
    fn suite(&self) -> &'static Suite {
        self.suite
    }
    fn certificate(&self) -> &[u8] {
        &self.certificate
    }
    fn chain(&self) -> &[Vec<u8>] {
        &self.chain
    }
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.pair {
            Pair::Ecdsa(pair) => {
                pair.sign(&self.random, message).map(|s| s.as_ref().to_vec()).map_err(|_| SignError::Refused)
            }
            Pair::Rsa(pair) => {
                let padding: &dyn alg::RsaEncoding = if self.suite.id == RSA_PSS_SHA256.id {
                    &alg::RSA_PSS_SHA256
                } else {
                    &alg::RSA_PKCS1_SHA256
                };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &self.random, message, &mut signature).map_err(|_| SignError::Refused)?;
                Ok(signature)
            }
            Pair::Sm2(key) => key.sign(message).ok_or(SignError::Refused),
        }
    }
}

/// A fresh private key as plain PKCS#8 DER. RSA keys come from the `rsa` crate (ring makes none); their
/// private operations stay in ring, which is not open to the timing attack on that crate.
///
/// # Errors
/// The machine gave no randomness.
pub fn generate_pkcs8(purpose: KeyPurpose) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let ecdsa = |algorithm| {
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &SystemRandom::new());
        document.map(|d| Zeroizing::new(d.as_ref().to_vec())).map_err(|_| KeyError::Generation)
    };
    match purpose {
        KeyPurpose::P256 => ecdsa(&alg::ECDSA_P256_SHA256_ASN1_SIGNING),
        KeyPurpose::P384 => ecdsa(&alg::ECDSA_P384_SHA384_ASN1_SIGNING),
        KeyPurpose::Rsa3072 => {
            use rsa::pkcs8::EncodePrivateKey;
            let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 3072)
                .map_err(|_| KeyError::Generation)?;
            let document = key.to_pkcs8_der().map_err(|_| KeyError::Generation)?;
            Ok(Zeroizing::new(document.as_bytes().to_vec()))
        }
        KeyPurpose::Sm2 => Ok(sm2::PrivateKey::generate().ok_or(KeyError::Generation)?.to_pkcs8()),
    }
}

/// PEM of DER under a label, as `CERTIFICATE`; `None` for a label that PEM cannot have.
#[must_use]
pub fn pem(label: &str, der: &[u8]) -> Option<String> {
    pkcs8::der::pem::encode_string(label, LineEnding::LF, der).ok()
}

/// The private key (PKCS#8 DER) of an encrypted PEM.
///
/// # Errors
/// Form, passphrase.
pub fn decrypt_pkcs8(pem: &str, passphrase: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let (label, document) = SecretDocument::from_pem(pem).map_err(|_| KeyError::Form)?;
    if label != "ENCRYPTED PRIVATE KEY" {
        return Err(KeyError::Form);
    }
    let sealed = EncryptedPrivateKeyInfo::try_from(document.as_bytes()).map_err(|_| KeyError::Form)?;
    let opened = sealed.decrypt(passphrase).map_err(|_| KeyError::Passphrase)?;
    Ok(Zeroizing::new(opened.as_bytes().to_vec()))
}

/// PEM of a private key, encrypted under a passphrase.
///
/// # Errors
/// Not a PKCS#8 key, or no randomness.
pub fn encrypt_pkcs8(pkcs8: &[u8], passphrase: &[u8]) -> Result<Zeroizing<String>, KeyError> {
    let salt: [u8; 16] = super::random().ok_or(KeyError::Generation)?;
    let vector: [u8; 16] = super::random().ok_or(KeyError::Generation)?;
    let parameters = pbes2::Parameters::pbkdf2_sha256_aes256cbc(ROUNDS, &salt, &vector)
        .map_err(|_| KeyError::Generation)?;
    let key = PrivateKeyInfo::try_from(pkcs8).map_err(|_| KeyError::Form)?;
    let sealed = key.encrypt_with_params(parameters, passphrase).map_err(|_| KeyError::Generation)?;
    sealed.to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF).map_err(|_| KeyError::Form)
}
