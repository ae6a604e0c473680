//! Keys on a token (PKCS#11, OASIS v2.40): a key that is made there, never leaves, and signs there.
//!
//! [`TokenKey`] is a [`Signer`] like any other. It keeps a few sessions open, each with the handle of its key, for as many
//! signatures at once; one that the token no longer knows is opened anew, once, so that a token that was away and came
//! back goes on. A PIN that was refused is never sent again by this process: three wrong ones lock a token.

mod pool;
mod refusal;

pub use refusal::TokenError;

use crate::asn1::write;
use crate::crypto::{self, KeyKind, PublicKey, SignError, Signer, Suite};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::Session;
use pool::Pool;
use std::path::PathBuf;
use zeroize::Zeroizing;

/// Where a key lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenPlace {
    /// The vendor's PKCS#11 library.
    pub module: PathBuf,
    /// Label of the token.
    pub token: String,
    /// Label of the key (`CKA_LABEL`).
    pub key: String,
    /// Sessions open at most: signatures at once.
    pub sessions: usize,
}

/// A key on a token, with its certificate.
pub struct TokenKey {
    suite: &'static Suite,
    pool: Pool,
    certificate: Vec<u8>,
    chain: Vec<Vec<u8>>,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "TokenKey({}, {:?})", self.suite.id, self.pool.place())
    }
}

impl TokenKey {
    /// Opens a key and lets it sign a challenge that `public` must verify: what it is said to be, and not merely there.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn open(
        place: TokenPlace,
        pin: Zeroizing<String>,
        suite: &'static Suite,
        public: &PublicKey,
        certificate: Vec<u8>,
        chain: Vec<Vec<u8>>,
    ) -> Result<Self, TokenError> {
        let (kind, _) = mechanism(suite).ok_or(TokenError::Suite { suite: suite.id })?;
        let pool = Pool::open(place, pin)?;
        pool.offers(kind, suite)?;
        let key = Self { suite, pool, certificate, chain };
        let challenge: [u8; 32] = crypto::random().ok_or(TokenError::Random)?;
        let signature = key.signature(&challenge)?;
        suite.verify(public, &challenge, &signature).map_err(|_| TokenError::OtherKey)?;
        Ok(key)
    }

    /// One signature, as the suite's verifiers want it.
    fn signature(&self, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let (_, mechanism) = mechanism(self.suite).ok_or(TokenError::Suite { suite: self.suite.id })?;
        if self.suite.key == KeyKind::Rsa {
            return self.pool.sign(&mechanism, message);
        }
        // CKM_ECDSA signs a digest and gives r‖s (PKCS#11 §2.3.1).
        let raw = self.pool.sign(&mechanism, &self.suite.digest.of(&[message]))?;
        let (r, s) = raw.split_at_checked(raw.len() / 2).ok_or(TokenError::Answer)?;
        Ok(write::sequence(&[&write::unsigned(r), &write::unsigned(s)]))
    }
}

impl Signer for TokenKey {
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
        self.signature(message).map_err(|why| SignError::Device(why.to_string()))
    }
}

/// Makes a key pair on a token under a label that is free there. It is sensitive and not extractable.
///
/// # Errors
/// [`TokenError`].
pub fn generate(place: TokenPlace, pin: Zeroizing<String>, suite: &Suite) -> Result<PublicKey, TokenError> {
    let pool = Pool::writing(place, pin)?;
    let label = pool.place().key.clone();
    let session = pool.session()?;
    if !session.find_objects(&[Attribute::Label(label.clone().into_bytes())])?.is_empty() {
        return Err(TokenError::Exists { key: label });
    }
    let id: [u8; 16] = crypto::random().ok_or(TokenError::Random)?;
    let named = [Attribute::Token(true), Attribute::Label(label.into_bytes()), Attribute::Id(id.to_vec())];
    let mut public = named.to_vec();
    public.extend([Attribute::Private(false), Attribute::Verify(true)]);
    let making = match suite.key {
        KeyKind::P256 | KeyKind::P384 => {
            public.push(Attribute::EcParams(curve(suite.key).to_vec()));
            Mechanism::EccKeyPairGen
        }
        KeyKind::Rsa => {
            public.extend([Attribute::ModulusBits(3072.into()), Attribute::PublicExponent(vec![1, 0, 1])]);
            Mechanism::RsaPkcsKeyPairGen
        }
        _ => return Err(TokenError::Suite { suite: suite.id }),
    };
    let mut private = named.to_vec();
    private.extend([
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        Attribute::Sign(true),
    ]);
    let (public, _) = session.generate_key_pair(&making, &public, &private)?;
    read(&session, public, suite)
}

/// The public half of a key that is there.
///
/// # Errors
/// [`TokenError`]; [`TokenError::NoKey`] when neither half is there.
pub fn public_key(place: TokenPlace, pin: Zeroizing<String>, suite: &Suite) -> Result<PublicKey, TokenError> {
    let pool = Pool::writing(place, pin)?;
    let session = pool.session()?;
    pool.key(&session)?;
    let label = Attribute::Label(pool.place().key.clone().into_bytes());
    match session.find_objects(&[Attribute::Class(ObjectClass::PUBLIC_KEY), label])?.as_slice() {
        [public] => read(&session, *public, suite),
        _ => Err(TokenError::Ambiguous { key: pool.place().key.clone() }),
    }
}

/// Gives a key another label, both halves of it.
///
/// # Errors
/// [`TokenError`].
pub fn rename(place: TokenPlace, pin: Zeroizing<String>, label: &str) -> Result<(), TokenError> {
    let pool = Pool::writing(place, pin)?;
    let session = pool.session()?;
    let of = |label: &str| Attribute::Label(label.as_bytes().to_vec());
    if !session.find_objects(&[of(label)])?.is_empty() {
        return Err(TokenError::Exists { key: label.to_owned() });
    }
    for half in session.find_objects(&[of(&pool.place().key)])? {
        session.update_attributes(half, &[of(label)])?;
    }
    Ok(())
}

/// The public half as certificates hold it: the point, or RSAPublicKey.
fn read(session: &Session, key: ObjectHandle, suite: &Suite) -> Result<PublicKey, TokenError> {
    let wanted = match suite.key {
        KeyKind::Rsa => vec![AttributeType::Modulus, AttributeType::PublicExponent],
        _ => vec![AttributeType::EcPoint],
    };
    let octets = match session.get_attributes(key, &wanted)?.as_slice() {
        [Attribute::Modulus(modulus), Attribute::PublicExponent(exponent)] => {
            write::sequence(&[&write::unsigned(modulus), &write::unsigned(exponent)])
        }
        // An OCTET STRING with the point inside; some tokens give the bare point.
        [Attribute::EcPoint(point)] => match point.as_slice() {
            [0x04, length, inner @ ..] if usize::from(*length) == inner.len() => inner.to_vec(),
            bare => bare.to_vec(),
        },
        _ => return Err(TokenError::Answer),
    };
    Ok(PublicKey { kind: suite.key, octets })
}

/// What signs for a suite: its kind, to ask for, and with its parameters. None that a token is known to offer signs SM2.
fn mechanism(suite: &Suite) -> Option<(MechanismType, Mechanism<'static>)> {
    let pss =
        PkcsPssParams { hash_alg: MechanismType::SHA256, mgf: PkcsMgfType::MGF1_SHA256, s_len: 32.into() };
    match (suite.key, suite.id) {
        (KeyKind::P256 | KeyKind::P384, _) => Some((MechanismType::ECDSA, Mechanism::Ecdsa)),
        (KeyKind::Rsa, id) if id == crypto::RSA_PSS_SHA256.id => {
            Some((MechanismType::SHA256_RSA_PKCS_PSS, Mechanism::Sha256RsaPkcsPss(pss)))
        }
        (KeyKind::Rsa, id) if id == crypto::RSA_PKCS1_SHA256.id => {
            Some((MechanismType::SHA256_RSA_PKCS, Mechanism::Sha256RsaPkcs))
        }
        _ => None,
    }
}

/// DER of the curve's object identifier.
fn curve(kind: KeyKind) -> &'static [u8] {
    match kind {
        KeyKind::P384 => &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22],
        _ => &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
    }
}
