//! Which signature algorithm is this? Any AlgorithmIdentifier met in CMS, certificates and lists → digest, scheme, key.
//!
//! The suites of the table are what this program signs with and trusts; a method is whatever it can check. What it
//! cannot check is [`Unsupported`], never a verdict on the signature.

use super::curves::{self, Values};
use super::digest::Digest;
use super::suite::{ALL, KeyKind, Mismatch, PublicKey, Suite, Unsupported};
use super::{
    SHA1, SHA3_256, SHA3_384, SHA3_512, SHA224, SHA256, SHA384, SHA512, SHAKE256, SM3, rsa_key, sm2,
};
use crate::asn1::{Reader, oid, tag};

/// One signature algorithm, recognised together with the key it is to be checked under.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Digest of the message.
    pub digest: &'static Digest,
    scheme: Scheme,
    key: KeyKind,
    /// Bits of an RSA modulus.
    bits: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scheme {
    Pkcs1,
    Pss { salt: usize },
    Ecdsa(Values),
    Ed25519,
    Ed448,
    Dsa,
    Sm2,
}

/// RSA moduli shorter than this are weak (NIST SP 800-131A rev. 2, SOG-IS 1.3).
const SHORT: usize = 2048;

impl Method {
    /// The algorithm of an AlgorithmIdentifier (DER). `digest` is what CMS names beside it (OID content): it must
    /// agree with what the identifier implies, and decides where that implies none.
    ///
    /// # Errors
    /// [`Unsupported`]: unknown, contradictory, or for another kind or size of key.
    pub fn recognise(identifier: &[u8], digest: Option<&[u8]>, key: &PublicKey) -> Result<Self, Unsupported> {
        let named = digest.map(|oid| Digest::by_oid(oid).ok_or(Unsupported)).transpose()?;
        let (scheme, implied) = parse(identifier).ok_or(Unsupported)?;
        let digest = match (implied, named) {
            (Some(implied), Some(named)) if implied.oid != named.oid => return Err(Unsupported),
            (Some(digest), _) | (None, Some(digest)) => digest,
            (None, None) if scheme == Scheme::Ed448 => &SHAKE256,
            (None, None) => return Err(Unsupported),
        };
        let bits = match (scheme, key.kind) {
            (Scheme::Pkcs1, KeyKind::Rsa) | (Scheme::Pss { .. }, KeyKind::Rsa | KeyKind::RsaPss) => {
                Some(rsa_key::bits(&key.octets).ok_or(Unsupported)?)
            }
            (Scheme::Ecdsa(_), kind) if kind.is_curve() => None,
            (Scheme::Ed25519, KeyKind::Ed25519) | (Scheme::Ed448, KeyKind::Ed448) => None,
            (Scheme::Dsa, KeyKind::Dsa) | (Scheme::Sm2, KeyKind::Sm2) => None,
            _ => return Err(Unsupported),
        };
        Ok(Self { digest, scheme, key: key.kind, bits })
    }

    /// The suite of the table that this is, whatever way its identifier was written.
    #[must_use]
    pub fn suite(&self) -> Option<&'static Suite> {
        let strong = self.bits.is_none_or(|bits| bits >= SHORT);
        let same = |suite: &&&'static Suite| {
            suite.key == self.key
                && suite.digest.oid == self.digest.oid
                && parse(suite.identifier).is_some_and(|(scheme, _)| scheme == self.scheme)
        };
        ALL.iter().find(same).copied().filter(|_| strong)
    }

    /// Words for a person, as `RSA PKCS#1 v1.5, SHA-1`.
    #[must_use]
    pub fn label(&self) -> String {
        if let Some(suite) = self.suite() {
            return suite.label.to_owned();
        }
        let digest = self.digest.name;
        let size =
            self.bits.filter(|bits| *bits < SHORT).map_or(String::new(), |bits| format!(" ({bits} bit)"));
        match self.scheme {
            Scheme::Pkcs1 => format!("RSA PKCS#1 v1.5{size}, {digest}"),
            Scheme::Pss { .. } => format!("RSA-PSS{size}, {digest}"),
            Scheme::Ecdsa(Values::Der) => format!("ECDSA {}, {digest}", self.key.name()),
            Scheme::Ecdsa(Values::Plain) => format!("plain ECDSA {}, {digest}", self.key.name()),
            Scheme::Ed25519 => "Ed25519".to_owned(),
            Scheme::Ed448 => "Ed448".to_owned(),
            Scheme::Dsa => format!("DSA, {digest}"),
            Scheme::Sm2 => format!("SM2, {digest}"),
        }
    }

    /// The URI by which XML names it (RFC 9231 §2), if it has one.
    #[must_use]
    pub fn uri(&self) -> Option<String> {
        const OLD: &str = "http://www.w3.org/2000/09/xmldsig#";
        const MORE: &str = "http://www.w3.org/2001/04/xmldsig-more#";
        const LATER: &str = "http://www.w3.org/2007/05/xmldsig-more#";
        const LATEST: &str = "http://www.w3.org/2021/04/xmldsig-more#";
        let digest = self.digest.plain_name();
        let sha3 = digest.starts_with("sha3");
        Some(match self.scheme {
            Scheme::Pkcs1 if digest == "sha1" => format!("{OLD}rsa-sha1"),
            Scheme::Pkcs1 if !sha3 => format!("{MORE}rsa-{digest}"),
            Scheme::Pss { .. } => format!("{LATER}{digest}-rsa-MGF1"),
            Scheme::Ecdsa(Values::Der | Values::Plain) if sha3 => format!("{LATEST}ecdsa-{digest}"),
            Scheme::Ecdsa(Values::Der | Values::Plain) => format!("{MORE}ecdsa-{digest}"),
            Scheme::Ed25519 => format!("{LATEST}eddsa-ed25519"),
            Scheme::Ed448 => format!("{LATEST}eddsa-ed448"),
            Scheme::Dsa if digest == "sha1" => format!("{OLD}dsa-sha1"),
            Scheme::Dsa if digest == "sha256" => "http://www.w3.org/2009/xmldsig11#dsa-sha256".to_owned(),
            Scheme::Pkcs1 | Scheme::Dsa | Scheme::Sm2 => return None,
        })
    }

    /// Bits of an RSA modulus.
    #[must_use]
    pub fn rsa_bits(&self) -> Option<u32> {
        self.bits.and_then(|bits| u32::try_from(bits).ok())
    }

    /// True for what is no longer approved for anything: DSA (FIPS 186-5).
    #[must_use]
    pub fn is_retired(&self) -> bool {
        self.scheme == Scheme::Dsa
    }

    /// Checks a signature over `message`.
    ///
    /// # Errors
    /// It does not verify under this key.
    pub fn verify(&self, key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<(), Mismatch> {
        // ring first: it is the fastest, and what it accepts is right. What it refuses may be a matter of form.
        if self.scheme != Scheme::Sm2
            && let Some(suite) = self.suite()
            && suite.verify(key, message, signature).is_ok()
        {
            return Ok(());
        }
        match self.scheme {
            Scheme::Ed25519 => Err(Mismatch),
            Scheme::Ed448 => curves::ed448(&key.octets, message, signature),
            // The bare r‖s that some writers put in the place of DER.
            Scheme::Sm2 => sm2::verify(&key.octets, sm2::DEFAULT_ID, &[message], signature).map(drop),
            _ => self.verify_digest(key, &self.digest.of(&[message]), signature),
        }
    }

    /// The same over a message in parts, which are joined only where the scheme needs the message itself.
    ///
    /// # Errors
    /// It does not verify under this key.
    pub fn verify_parts(&self, key: &PublicKey, parts: &[&[u8]], signature: &[u8]) -> Result<(), Mismatch> {
        match self.scheme {
            Scheme::Ed25519 | Scheme::Ed448 => self.verify(key, &parts.concat(), signature),
            Scheme::Sm2 => sm2::verify(&key.octets, sm2::DEFAULT_ID, parts, signature).map(drop),
            _ => self.verify_digest(key, &self.digest.of(parts), signature),
        }
    }

    /// True for what signs the message itself, or more than it, so that its digest is not enough: Ed25519 and Ed448
    /// (RFC 8032), and SM2, whose digest begins with the signer (GB/T 32918.2 §5.5).
    #[must_use]
    pub fn needs_message(&self) -> bool {
        matches!(self.scheme, Scheme::Ed25519 | Scheme::Ed448 | Scheme::Sm2)
    }

    /// The same over a message of which the digest is known.
    ///
    /// # Errors
    /// It does not verify under this key, or the scheme needs the message.
    pub fn verify_digest(&self, key: &PublicKey, hashed: &[u8], signature: &[u8]) -> Result<(), Mismatch> {
        match self.scheme {
            Scheme::Pkcs1 => rsa_key::pkcs1(&key.octets, self.digest, hashed, signature),
            Scheme::Pss { salt } => rsa_key::pss(&key.octets, self.digest, salt, hashed, signature),
            Scheme::Ecdsa(values) => curves::verify(key.kind, &key.octets, hashed, signature, values),
            Scheme::Dsa => curves::dsa(&key.octets, hashed, signature),
            Scheme::Ed25519 | Scheme::Ed448 | Scheme::Sm2 => Err(Mismatch),
        }
    }
}

/// Scheme and implied digest of an AlgorithmIdentifier.
fn parse(identifier: &[u8]) -> Option<(Scheme, Option<&'static Digest>)> {
    let mut parts = Reader::new(identifier).expect(tag::SEQUENCE).ok()?.open().ok()?;
    let name = parts.oid().ok()?;
    if name == oid::RSA_PSS {
        return pss(parts);
    }
    // Parameters are absent or NULL; a curve beside ECDSA is met and means nothing.
    let null = parts.optional(tag::NULL).ok()?;
    let beside = parts.optional(tag::OID).ok()?;
    parts.finish().ok()?;
    (null.is_none_or(|null| null.content.is_empty()) && !(null.is_some() && beside.is_some()))
        .then_some(())?;
    let (scheme, digest) = named(name, null.is_none())?;
    (beside.is_none() || matches!(scheme, Scheme::Ecdsa(_))).then_some((scheme, digest))
}

fn named(name: &[u8], bare: bool) -> Option<(Scheme, Option<&'static Digest>)> {
    let (last, family) = name.split_last()?;
    if name == oid::ED25519 {
        return bare.then_some((Scheme::Ed25519, Some(&SHA512)));
    }
    if name == oid::ED448 {
        return bare.then_some((Scheme::Ed448, None));
    }
    if name == oid::DSA {
        return Some((Scheme::Dsa, None));
    }
    if name == oid::DSA_WITH_SHA1 {
        return Some((Scheme::Dsa, Some(&SHA1)));
    }
    // GB/T 35275 writers name the algorithm or even the curve, without a digest: it is SM3 then as well.
    if [oid::SM2_WITH_SM3, oid::SM2_SIGN, oid::SM2].contains(&name) {
        return Some((Scheme::Sm2, Some(&SM3)));
    }
    if name == oid::RSA_ENCRYPTION {
        return Some((Scheme::Pkcs1, None));
    }
    if name == oid::EC_PUBLIC_KEY || name == oid::ECDSA {
        return Some((Scheme::Ecdsa(Values::Der), None));
    }
    if name == oid::ECDSA_WITH_SHA1 {
        return Some((Scheme::Ecdsa(Values::Der), Some(&SHA1)));
    }
    let known: &[(&[u8], u8, Scheme, &'static Digest)] = &[
        (oid::RSA, 5, Scheme::Pkcs1, &SHA1),
        (oid::RSA, 11, Scheme::Pkcs1, &SHA256),
        (oid::RSA, 12, Scheme::Pkcs1, &SHA384),
        (oid::RSA, 13, Scheme::Pkcs1, &SHA512),
        (oid::RSA, 14, Scheme::Pkcs1, &SHA224),
        (oid::NIST_SIGNATURES, 1, Scheme::Dsa, &SHA224),
        (oid::NIST_SIGNATURES, 2, Scheme::Dsa, &SHA256),
        (oid::NIST_SIGNATURES, 3, Scheme::Dsa, &SHA384),
        (oid::NIST_SIGNATURES, 4, Scheme::Dsa, &SHA512),
        (oid::NIST_SIGNATURES, 14, Scheme::Pkcs1, &SHA3_256),
        (oid::NIST_SIGNATURES, 15, Scheme::Pkcs1, &SHA3_384),
        (oid::NIST_SIGNATURES, 16, Scheme::Pkcs1, &SHA3_512),
        (oid::ECDSA_WITH_SHA2, 1, Scheme::Ecdsa(Values::Der), &SHA224),
        (oid::ECDSA_WITH_SHA2, 2, Scheme::Ecdsa(Values::Der), &SHA256),
        (oid::ECDSA_WITH_SHA2, 3, Scheme::Ecdsa(Values::Der), &SHA384),
        (oid::ECDSA_WITH_SHA2, 4, Scheme::Ecdsa(Values::Der), &SHA512),
        (oid::NIST_SIGNATURES, 10, Scheme::Ecdsa(Values::Der), &SHA3_256),
        (oid::NIST_SIGNATURES, 11, Scheme::Ecdsa(Values::Der), &SHA3_384),
        (oid::NIST_SIGNATURES, 12, Scheme::Ecdsa(Values::Der), &SHA3_512),
        (oid::PLAIN_ECDSA, 1, Scheme::Ecdsa(Values::Plain), &SHA1),
        (oid::PLAIN_ECDSA, 2, Scheme::Ecdsa(Values::Plain), &SHA224),
        (oid::PLAIN_ECDSA, 3, Scheme::Ecdsa(Values::Plain), &SHA256),
        (oid::PLAIN_ECDSA, 4, Scheme::Ecdsa(Values::Plain), &SHA384),
        (oid::PLAIN_ECDSA, 5, Scheme::Ecdsa(Values::Plain), &SHA512),
    ];
    let found = known.iter().find(|(names, number, ..)| *names == family && number == last)?;
    Some((found.2, Some(found.3)))
}

/// RSASSA-PSS-params (RFC 8017 A.2.3): MGF1 with the same digest, trailer 0xbc. Defaults are SHA-1 and 20 octets.
fn pss(mut parts: Reader<'_>) -> Option<(Scheme, Option<&'static Digest>)> {
    let (mut digest, mut mask, mut salt) = (&SHA1, &SHA1, 20_usize);
    if let Some(parameters) = parts.optional(tag::SEQUENCE).ok()? {
        let mut fields = parameters.open().ok()?;
        if let Some(field) = fields.optional(tag::CONTEXT_0).ok()? {
            digest = hash(field.open().ok()?)?;
        }
        if let Some(field) = fields.optional(tag::CONTEXT_1).ok()? {
            let mut generator = field.open().ok()?.expect(tag::SEQUENCE).ok()?.open().ok()?;
            if generator.oid().ok()? != oid::MGF1 {
                return None;
            }
            mask = hash(generator)?;
        }
        if let Some(field) = fields.optional(0xa2).ok()? {
            salt = match field.open().ok()?.integer().ok()?.content {
                [low] if *low < 0x80 => usize::from(*low),
                [high, low] if *high < 0x80 => usize::from(u16::from_be_bytes([*high, *low])),
                _ => return None,
            };
        }
        if let Some(field) = fields.optional(0xa3).ok()? {
            (field.open().ok()?.small_integer().ok()? == 1).then_some(())?;
        }
        fields.finish().ok()?;
    }
    parts.finish().ok()?;
    (digest.oid == mask.oid).then_some((Scheme::Pss { salt }, Some(digest)))
}

fn hash(mut field: Reader<'_>) -> Option<&'static Digest> {
    let mut algorithm = field.expect(tag::SEQUENCE).ok()?.open().ok()?;
    field.finish().ok()?;
    Digest::by_oid(algorithm.oid().ok()?)
}
