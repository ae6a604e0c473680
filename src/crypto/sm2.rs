//! SM2 signatures with SM3 (GB/T 32918.2, GB/T 32905, GB/T 35276).
//!
//! The arithmetic is the crate `sm2`'s; signing is too. Verifying puts its fast operations together by itself. Here stand the forms in which a signature
//! arrives: DER as GB/T 35276 §7.3 writes it, and the bare r‖s that some seal makers write instead.

#![deny(
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic
)]

use super::random;
use super::suite::Mismatch;
use crate::asn1::{Reader, oid, tag, write};
use ::sm2::dsa::signature::MultipartSigner;
use ::sm2::dsa::{Signature, SigningKey};
use ::sm2::elliptic_curve::group::Group;
use ::sm2::elliptic_curve::ops::{MulByGeneratorVartime, Reduce};
use ::sm2::elliptic_curve::point::AffineCoordinates;
use ::sm2::{FieldBytes, ProjectivePoint, PublicKey, Scalar};
use sm3::{Digest, Sm3};
use std::ops::Add;
use std::sync::LazyLock;
use zeroize::Zeroizing;

/// The user's identity where none was agreed on (GB/T 35276 §10). OpenSSL's own default is the empty one.
pub const DEFAULT_ID: &str = "1234567812345678";

/// Octets of a coordinate and of either half of a signature.
const FIELD: usize = 32;

/// How a signature was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureForm {
    /// DER of `SEQUENCE { r INTEGER, s INTEGER }`, as GB/T 35276 demands.
    Der,
    /// 64 octets r‖s, as bare devices give it.
    Raw,
}

/// Scalars tried before giving up: one in 2^32 is none.
const TRIES: usize = 8;

/// A private key of a user under the usual identity.
pub(super) struct PrivateKey(SigningKey);

impl PrivateKey {
    /// A fresh one; `None` without randomness.
    pub(super) fn generate() -> Option<Self> {
        (0..TRIES).find_map(|_| {
            let scalar = Zeroizing::new(random::<FIELD>()?);
            SigningKey::from_slice(DEFAULT_ID, &*scalar).ok().map(Self)
        })
    }

    /// From PKCS#8 (RFC 5958) with ECPrivateKey (RFC 5915), as openssl and the national tools write it.
    pub(super) fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        let mut top = Reader::new(pkcs8);
        let mut parts = top.expect(tag::SEQUENCE).ok()?.open().ok()?;
        top.finish().ok()?;
        parts.integer().ok()?;
        let mut algorithm = parts.expect(tag::SEQUENCE).ok()?.open().ok()?;
        let named = algorithm.oid().ok()? == oid::EC_PUBLIC_KEY && algorithm.oid().ok()? == oid::SM2;
        let inner = parts.expect(tag::OCTET_STRING).ok()?.content;
        let mut key = Reader::new(inner).expect(tag::SEQUENCE).ok()?.open().ok()?;
        key.integer().ok()?;
        let scalar = key.expect(tag::OCTET_STRING).ok()?.content;
        if !named || scalar.len() != FIELD {
            return None;
        }
        SigningKey::from_slice(DEFAULT_ID, scalar).ok().map(Self)
    }

    /// The same as PKCS#8.
    pub(super) fn to_pkcs8(&self) -> Zeroizing<Vec<u8>> {
        let scalar = Zeroizing::new(self.0.to_bytes().to_vec());
        let public = write::value(tag::CONTEXT_1, &write::bit_string(&self.public()));
        let inner = Zeroizing::new(write::sequence(&[
            &write::small_integer(1),
            &Zeroizing::new(write::octet_string(&scalar)),
            &public,
        ]));
        let algorithm = write::sequence(&[&write::oid(oid::EC_PUBLIC_KEY), &write::oid(oid::SM2)]);
        let outer = Zeroizing::new(write::octet_string(&inner));
        Zeroizing::new(write::sequence(&[&write::small_integer(0), &algorithm, &outer]))
    }

    /// The point 04‖x‖y.
    pub(super) fn public(&self) -> Vec<u8> {
        self.0.verifying_key().to_sec1_bytes().to_vec()
    }

    /// Signs; the nonce is made from key and message (RFC 6979 with SM3), so that no source of randomness can give the
    /// key away. DER, as GB/T 35276 demands.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let signature = self.0.try_multipart_sign(&[message]).ok()?.to_bytes();
        let (r, s) = signature.split_at_checked(FIELD)?;
        Some(write::sequence(&[&write::unsigned(r), &write::unsigned(s)]))
    }
}

/// Checks a signature over the concatenation of `parts` by the user `id` and tells in which form it was written.
///
/// `key` is the point as a certificate gives it: 65 octets 04‖x‖y.
///
/// # Errors
/// The signature does not verify, is in neither form, or the key is no point of the curve.
pub fn verify(key: &[u8], id: &str, parts: &[&[u8]], signature: &[u8]) -> Result<SignatureForm, Mismatch> {
    let uncompressed = matches!(key, [0x04, point @ ..] if point.len() == 2 * FIELD);
    if !uncompressed {
        return Err(Mismatch);
    }
    let (octets, form) = match from_der(signature) {
        Some(octets) => (octets, SignatureForm::Der),
        None => (signature.try_into().map_err(|_| Mismatch)?, SignatureForm::Raw),
    };
    // Refuses r and s outside 1..n, as the standard's steps B1 and B2 do.
    let signature = Signature::from_slice(&octets).map_err(|_| Mismatch)?;
    let point = PublicKey::from_sec1_bytes(key).map_err(|_| Mismatch)?;
    let hashed = hashed(key, id, parts).ok_or(Mismatch)?;
    if equation(&point, &hashed, &signature) { Ok(form) } else { Err(Mismatch) }
}

/// a‖b‖xG‖yG of the recommended curve (GB/T 32918.5 §2).
const CURVE: &str = "\
    FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC\
    28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93\
    32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7\
    BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0";

/// e of GB/T 32918.2 §7.1: SM3 over the user's Z (§5.5) and the message.
fn hashed(key: &[u8], id: &str, parts: &[&[u8]]) -> Option<FieldBytes> {
    static FIXED: LazyLock<Vec<u8>> = LazyLock::new(|| hex::decode(CURVE).unwrap_or_default());
    let bits = u16::try_from(id.len().checked_mul(8)?).ok()?;
    let mut user = Sm3::new();
    user.update(bits.to_be_bytes());
    user.update(id.as_bytes());
    user.update(&*FIXED);
    user.update(key.get(1..)?);
    let mut message = Sm3::new();
    message.update(user.finalize());
    parts.iter().for_each(|part| message.update(part));
    Some(message.finalize())
}

/// Steps B5 to B7 of GB/T 32918.2 §7.1. Everything here is public, so that the fast multiplications that tell their
/// scalars by their time may be used; the crate's own verification uses others.
fn equation(key: &PublicKey, hashed: &FieldBytes, signature: &Signature) -> bool {
    let (r, s) = (signature.r(), signature.s());
    let t = Add::add(*r, &*s);
    if t.is_zero().into() {
        return false;
    }
    let point = ProjectivePoint::mul_by_generator_and_mul_add_vartime(&s, &t, &key.to_projective());
    if point.is_identity().into() {
        return false;
    }
    let x = point.to_affine().x();
    *r == Add::add(Scalar::reduce(hashed), &Scalar::reduce(&x))
}

/// r‖s of a signature in DER.
fn from_der(signature: &[u8]) -> Option<[u8; 2 * FIELD]> {
    let mut top = Reader::new(signature);
    let mut parts = top.expect(tag::SEQUENCE).ok()?.open().ok()?;
    top.finish().ok()?;
    let (r, s) = (scalar(&mut parts)?, scalar(&mut parts)?);
    parts.finish().ok()?;
    [r, s].concat().try_into().ok()
}

/// A positive INTEGER as 32 octets.
fn scalar(parts: &mut Reader<'_>) -> Option<[u8; FIELD]> {
    let content = parts.integer().ok()?.content;
    let digits = match content {
        [0x00, digits @ ..] => digits,
        [first, ..] if *first < 0x80 => content,
        _ => return None,
    };
    let mut octets = [0; FIELD];
    octets.get_mut(FIELD.checked_sub(digits.len())?..)?.copy_from_slice(digits);
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hexadecimal: &str) -> Vec<u8> {
        hex::decode(hexadecimal.replace(char::is_whitespace, "")).unwrap_or_default()
    }

    /// GB/T 32918.5-2017 A.2: public key, r‖s over "message digest" under the default identity.
    fn published() -> (Vec<u8>, Vec<u8>) {
        let key = bytes(
            "04 09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020
             CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13",
        );
        let signature = bytes(
            "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
             B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA",
        );
        (key, signature)
    }

    /// The same, both numbers in DER: each has its highest bit set and takes a leading zero.
    fn published_der() -> Vec<u8> {
        let (_, raw) = published();
        let (r, s) = raw.split_at(FIELD);
        [&[0x30, 70, 0x02, 33, 0x00], r, &[0x02, 33, 0x00], s].concat()
    }

    #[test]
    fn the_published_signature_verifies_in_both_forms() {
        let (key, raw) = published();
        assert_eq!(verify(&key, DEFAULT_ID, &[b"message digest"], &raw), Ok(SignatureForm::Raw));
        assert_eq!(verify(&key, DEFAULT_ID, &[b"message digest"], &published_der()), Ok(SignatureForm::Der));
        assert_eq!(verify(&key, DEFAULT_ID, &[b"message", b"", b" digest"], &raw), Ok(SignatureForm::Raw));
    }

    #[test]
    fn nothing_else_verifies() {
        let (key, raw) = published();
        let good = published_der();
        assert_eq!(verify(&key, DEFAULT_ID, &[b"message digests"], &good), Err(Mismatch));
        assert_eq!(verify(&key, "", &[b"message digest"], &good), Err(Mismatch));
        assert_eq!(verify(&key, "ALICE123@YAHOO.COM", &[b"message digest"], &good), Err(Mismatch));
        for place in 0..raw.len() {
            let mut other = raw.clone();
            if let Some(octet) = other.get_mut(place) {
                *octet ^= 1;
            }
            assert_eq!(verify(&key, DEFAULT_ID, &[b"message digest"], &other), Err(Mismatch), "{place}");
        }
        for place in 0..key.len() {
            let mut other = key.clone();
            if let Some(octet) = other.get_mut(place) {
                *octet ^= 1;
            }
            assert_eq!(verify(&other, DEFAULT_ID, &[b"message digest"], &raw), Err(Mismatch), "{place}");
        }
    }

    #[test]
    fn only_shortest_positive_integers_are_der() {
        let good = published_der();
        let (key, raw) = published();
        let (r, s) = raw.split_at(FIELD);
        let longer = [&good[..], &[0]].concat();
        let shorter = good.get(..good.len().saturating_sub(1)).unwrap_or_default();
        let negative = [&[0x30, 68, 0x02, 32], r, &[0x02, 32], s].concat();
        let padded = [&[0x30, 72, 0x02, 34, 0, 0], r, &[0x02, 34, 0, 0], s].concat();
        let third = [&[0x30, 73, 0x02, 33, 0], r, &[0x02, 33, 0], s, &[0x02, 1, 1]].concat();
        for wrong in [&longer[..], shorter, &negative, &padded, &third, &[], &[0x30, 0], &[0x30, 2, 2, 0]] {
            assert_eq!(verify(&key, DEFAULT_ID, &[b"message digest"], wrong), Err(Mismatch), "{wrong:x?}");
        }
    }

    #[test]
    fn numbers_outside_the_group_and_other_points_are_refused() {
        let (key, raw) = published();
        let (r, s) = raw.split_at(FIELD);
        let order = bytes("FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123");
        for pair in [[&[0; FIELD], s], [r, &[0; FIELD]], [&order, s], [r, &order]] {
            assert_eq!(verify(&key, DEFAULT_ID, &[b"message digest"], &pair.concat()), Err(Mismatch));
        }
        // r + s = n: step B5 refuses t = 0.
        let sum = [&order.iter().take(31).copied().collect::<Vec<_>>()[..], &[0x22]].concat();
        let one = [&[0; 31][..], &[1]].concat();
        assert_eq!(verify(&key, DEFAULT_ID, &[b"message digest"], &[one, sum].concat()), Err(Mismatch));
        let x = key.get(1..=FIELD).unwrap_or_default();
        for other in [[&[0x02], x].concat(), [&[0x03], x].concat(), vec![0], vec![], vec![4; 65]] {
            assert_eq!(verify(&other, DEFAULT_ID, &[b"message digest"], &raw), Err(Mismatch), "{other:x?}");
        }
    }

    #[test]
    fn what_is_signed_verifies_and_a_key_reads_itself_back() {
        let key = PrivateKey::generate().unwrap_or_else(|| unreachable!());
        let again = PrivateKey::from_pkcs8(&key.to_pkcs8()).unwrap_or_else(|| unreachable!());
        assert_eq!(key.public(), again.public());
        for length in 0..300 {
            let message = vec![0x61; length];
            let signature = key.sign(&message).unwrap_or_default();
            assert_eq!(verify(&again.public(), DEFAULT_ID, &[&message], &signature), Ok(SignatureForm::Der));
            assert_eq!(again.sign(&message), Some(signature));
        }
        let whole = key.to_pkcs8();
        for cut in 0..whole.len() {
            assert!(PrivateKey::from_pkcs8(whole.get(..cut).unwrap_or_default()).is_none(), "{cut}");
        }
    }

    /// GB/T 32918.5-2017 A.2: the private key belongs to the public one.
    #[test]
    fn the_published_private_key_has_the_published_point() {
        let scalar = bytes("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8");
        let key = SigningKey::from_slice(DEFAULT_ID, &scalar).map(PrivateKey).ok();
        assert_eq!(key.map(|key| key.public()), Some(published().0));
    }

    /// Made by OpenSSL 3.0: `pkeyutl -sign -rawin -digest sm3`, with and without `-pkeyopt distid:`.
    #[test]
    fn signatures_of_openssl_verify_under_the_identity_they_were_made_with() {
        let key = bytes(
            "04b83e694cac773bf49c4c09e95e96bd8b7d977a4b3c37bca13e968720fbd86111
             4cf63d66d38ae5e4db1d25e23ca4eda7b8a14ec83c23fc115e5470ee9c1e8fb6",
        );
        let of_nobody = bytes(
            "3044022067ef356e071182cfdd3e3f26fe25bea3daeacee6510dd56bd9dd88ef38e8f58e
             02206ce35f5932c6c547d50bfd21d08711181ca2943c4841e03892b8fb19f6e4f640",
        );
        let by_default = bytes(
            "3045022100f91fe7ee12225d4f7924049f6686bb6765a6e6b14d681600c5a0374703244cd3
             022001386706752ec8c86516c98217090146a1f060eba5ea4e32426387f8256198d7",
        );
        // s has 31 octets.
        let short = bytes(
            "304302201f7eb27069c1579d534467795da1055defbc7535a09dbce83e595bea6f8eb0ea
             021f4bc96c972d0584c27b983712acce88b05a53669a1c08422374b0766d176d3d",
        );
        let message = b"message by nobody";
        assert_eq!(verify(&key, DEFAULT_ID, &[message], &short), Ok(SignatureForm::Der));
        assert_eq!(verify(&key, "", &[message], &of_nobody), Ok(SignatureForm::Der));
        assert_eq!(verify(&key, DEFAULT_ID, &[message], &by_default), Ok(SignatureForm::Der));
        assert_eq!(verify(&key, DEFAULT_ID, &[message], &of_nobody), Err(Mismatch));
        assert_eq!(verify(&key, "", &[message], &by_default), Err(Mismatch));
    }
}
