//! RSA verification where ring has no algorithm or refuses the form: SHA-1, SHA-224, SHA-3, short keys, a modulus
//! without its sign octet. Public operations only, by the `rsa` crate; its timing attack concerns private ones.

use super::digest::{Digest, SHA1, SHA224, SHA256, SHA384, SHA512};
use super::suite::Mismatch;
use crate::asn1::{Reader, tag, write};
use rsa::{BigUint, Pkcs1v15Sign, Pss, RsaPublicKey};

/// Bits of a modulus that is looked at. Below, factoring is a matter of days; above, one signature costs more than a
/// document may (ring's own bound).
const SIZES: std::ops::RangeInclusive<usize> = 1024..=8192;

/// Modulus and exponent of an RSAPublicKey (RFC 8017 A.1.1).
fn parts(octets: &[u8]) -> Option<(BigUint, BigUint)> {
    let mut parts = Reader::new(octets).expect(tag::SEQUENCE).ok()?.open().ok()?;
    // Some writers leave the sign octet out; nobody means a negative modulus.
    let modulus = BigUint::from_bytes_be(parts.expect(tag::INTEGER).ok()?.content);
    let exponent = BigUint::from_bytes_be(parts.expect(tag::INTEGER).ok()?.content);
    parts.finish().ok()?;
    Some((modulus, exponent))
}

/// Bits of the modulus; `None` when this is no key, or one of a size not weighed here.
pub(super) fn bits(octets: &[u8]) -> Option<usize> {
    let (modulus, _) = parts(octets)?;
    Some(modulus.bits()).filter(|bits| SIZES.contains(bits))
}

fn key(octets: &[u8]) -> Result<RsaPublicKey, Mismatch> {
    let (modulus, exponent) = parts(octets).ok_or(Mismatch)?;
    RsaPublicKey::new_with_max_size(modulus, exponent, *SIZES.end()).map_err(|_| Mismatch)
}

/// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2.2) over a digest.
pub(super) fn pkcs1(octets: &[u8], digest: &Digest, hashed: &[u8], signature: &[u8]) -> Result<(), Mismatch> {
    let key = key(octets)?;
    // DigestInfo with NULL parameters, and without, as §9.2 note 1 asks verifiers to take.
    let matches = [&[tag::NULL, 0][..], &[]].into_iter().any(|parameters| {
        let algorithm = write::sequence(&[&write::oid(digest.oid), parameters]);
        let whole = write::sequence(&[&algorithm, &write::octet_string(hashed)]);
        let prefix = whole.get(..whole.len().saturating_sub(hashed.len())).unwrap_or_default();
        let scheme = Pkcs1v15Sign { hash_len: Some(hashed.len()), prefix: prefix.into() };
        key.verify(scheme, hashed, signature).is_ok()
    });
    if matches { Ok(()) } else { Err(Mismatch) }
}

/// RSASSA-PSS (RFC 8017 §8.1.2) over a digest, MGF1 with the same digest.
pub(super) fn pss(
    octets: &[u8],
    digest: &Digest,
    salt: usize,
    hashed: &[u8],
    signature: &[u8],
) -> Result<(), Mismatch> {
    let scheme = match digest.oid {
        oid if oid == SHA1.oid => Pss::new_with_salt::<sha1::Sha1>(salt),
        oid if oid == SHA224.oid => Pss::new_with_salt::<rsa::sha2::Sha224>(salt),
        oid if oid == SHA256.oid => Pss::new_with_salt::<rsa::sha2::Sha256>(salt),
        oid if oid == SHA384.oid => Pss::new_with_salt::<rsa::sha2::Sha384>(salt),
        oid if oid == SHA512.oid => Pss::new_with_salt::<rsa::sha2::Sha512>(salt),
        _ => return Err(Mismatch),
    };
    key(octets)?.verify(scheme, hashed, signature).map_err(|_| Mismatch)
}
