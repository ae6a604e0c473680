//! Makes seals and pressings as GB/T 38540-2020 (v4) and GM/T 0031-2025 (v5) write them: DER, every field in the type of
//! the standard, signed by SM2 with SM3 or by whatever suite the key has.

use super::Version;
use crate::asn1::{oid, tag, write};
use crate::crypto::{SignError, Signer};
use crate::domain::Instant;

/// A seal to be made.
#[derive(Clone, Debug)]
pub struct SealPlan<'a> {
    /// v4 or v5; v1 is read only and made as v4.
    pub version: Version,
    /// Vid: who makes the maker's software; ASCII.
    pub vendor: &'a str,
    /// esID: its unique code; ASCII.
    pub id: &'a str,
    /// type, free by the standard: 1 for a unit's own seal, 2 to 5 for special purposes.
    pub kind: u8,
    /// Its name.
    pub name: &'a str,
    /// Certificates, DER, of those who may press it.
    pub signers: &'a [&'a [u8]],
    /// First instant at which it may be pressed; also when it is made.
    pub valid_from: Instant,
    /// Last instant at which it may be pressed.
    pub valid_until: Instant,
    /// What it looks like.
    pub picture: PicturePlan<'a>,
}

/// A picture to be put into a seal.
#[derive(Clone, Copy, Debug)]
pub struct PicturePlan<'a> {
    /// PNG.
    pub png: &'a [u8],
    /// Width in millimetres.
    pub width_mm: u8,
    /// Height in millimetres.
    pub height_mm: u8,
}

/// A pressing to be made.
#[derive(Clone, Copy, Debug)]
pub struct PressingPlan<'a> {
    /// Of the seal.
    pub version: Version,
    /// SESeal, DER.
    pub seal: &'a [u8],
    /// When.
    pub at: Instant,
    /// Digest of the covered bytes, by the signer's own digest.
    pub data_hash: &'a [u8],
    /// propertyInfo: which bytes are covered, as the text of a `/ByteRange`.
    pub property: &'a str,
    /// DER of the certificate of the signature that this pressing stands in; its SHA-256 goes into an extension.
    pub beside: Option<&'a [u8; 32]>,
}

/// SESeal, signed by its maker.
///
/// # Errors
/// The maker's key refused.
pub fn seal(plan: &SealPlan<'_>, maker: &dyn Signer) -> Result<Vec<u8>, SignError> {
    let header =
        write::sequence(&[&ia5("ES"), &write::small_integer(number(plan.version)), &ia5(plan.vendor)]);
    let listed: Vec<u8> = plan.signers.iter().flat_map(|one| write::octet_string(one)).collect();
    let property = write::sequence(&[
        &write::small_integer(plan.kind),
        &write::value(tag::UTF8_STRING, plan.name.as_bytes()),
        // certListType 1: certificates.
        &write::small_integer(1),
        &write::value(tag::SEQUENCE, &listed),
        &time(plan.valid_from),
        &time(plan.valid_from),
        &time(plan.valid_until),
    ]);
    let picture = write::sequence(&[
        &ia5("PNG"),
        &write::octet_string(plan.picture.png),
        &write::unsigned(&[plan.picture.width_mm]),
        &write::unsigned(&[plan.picture.height_mm]),
    ]);
    let info = write::sequence(&[&header, &ia5(plan.id), &property, &picture]);
    let signature = maker.sign(&info)?;
    Ok(write::sequence(&[
        &info,
        &write::octet_string(maker.certificate()),
        &algorithm(maker),
        &write::bit_string(&signature),
    ]))
}

/// SES_Signature: a seal pressed on bytes.
///
/// # Errors
/// The signer's key refused.
pub fn press(plan: &PressingPlan<'_>, signer: &dyn Signer) -> Result<Vec<u8>, SignError> {
    let extensions = plan.beside.map_or_else(Vec::new, |certificate| {
        let one = write::sequence(&[&write::oid(oid::SES_BESIDE), &write::octet_string(certificate)]);
        write::value(tag::CONTEXT_0, &write::sequence(&[&one]))
    });
    let signed = write::sequence(&[
        &write::small_integer(number(plan.version)),
        plan.seal,
        &time(plan.at),
        &write::bit_string(plan.data_hash),
        &ia5(plan.property),
        &extensions,
    ]);
    let signature = signer.sign(&signed)?;
    Ok(write::sequence(&[
        &signed,
        &write::octet_string(signer.certificate()),
        &algorithm(signer),
        &write::bit_string(&signature),
    ]))
}

fn number(version: Version) -> u8 {
    match version {
        Version::V1 | Version::V4 => 4,
        Version::V5 => 5,
    }
}

fn ia5(text: &str) -> Vec<u8> {
    write::value(tag::IA5_STRING, text.as_bytes())
}

/// The bare identifier of the suite's signature algorithm: the standards name no parameters.
fn algorithm(signer: &dyn Signer) -> Vec<u8> {
    let mut parts = crate::asn1::Reader::new(signer.suite().identifier);
    let name = parts.expect(tag::SEQUENCE).and_then(|found| found.open()?.oid());
    write::oid(name.unwrap_or_default())
}

/// GeneralizedTime, UTC, whole seconds.
fn time(at: Instant) -> Vec<u8> {
    write::value(tag::GENERALIZED_TIME, at.generalized().as_bytes())
}
