//! What a seal says of itself, for the report.

use super::super::report::{Link, instant, optional_instant};
use crate::domain::Instant;
use crate::ses::{Deviation, Seal, Signature, SigningTime};
use serde::Serialize;

/// A seal by GB/T 38540 or GM/T 0031, as its maker and its signer wrote it. What of it is right, the findings say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SealReport {
    /// Structure of the pressing: `v1`, `v4` or `v5`.
    pub version: &'static str,
    /// The standard that defines it.
    pub standard: &'static str,
    /// When it was pressed, as the signer says.
    #[serde(serialize_with = "optional_instant")]
    pub pressed_at_claimed: Option<Instant>,
    /// What the signer says that it covers.
    pub property: String,
    /// The signer's certificate.
    pub signer: Option<Link>,
    /// The seal itself, if it can be read; beside the rest in JSON.
    #[serde(flatten)]
    pub facts: Option<SealFacts>,
    /// Names of the ways in which it differs from the text of the standard, with the field where that matters.
    pub deviations: Vec<String>,
}

/// What the maker wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SealFacts {
    /// Its unique code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Structure of the seal: `v1`, `v4` or `v5`.
    pub seal_version: &'static str,
    /// Vendor of the maker's software.
    pub vendor: String,
    /// The maker's certificate, if it can be read.
    pub maker: Option<Link>,
    /// When it was made, as the maker says.
    #[serde(serialize_with = "instant")]
    pub created: Instant,
    /// First instant at which it may be pressed.
    #[serde(serialize_with = "instant")]
    pub valid_from: Instant,
    /// Last instant at which it may be pressed.
    #[serde(serialize_with = "instant")]
    pub valid_until: Instant,
    /// Its picture.
    pub picture: PictureFacts,
}

/// The picture of a seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PictureFacts {
    /// Its kind as written.
    pub kind: String,
    /// Size of its data in bytes.
    pub bytes: usize,
    /// Width in millimetres.
    pub width_mm: u32,
    /// Height in millimetres.
    pub height_mm: u32,
    /// SHA-256 of its data, hexadecimal.
    pub sha256: String,
    /// Whether the file shows it.
    pub shown: Shown,
    /// Its data.
    #[serde(skip)]
    pub(super) data: Box<[u8]>,
}

/// Does the file show the picture that was sealed?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The rules did not ask, or there is no file.
    NotAsked,
    /// It shows nothing where the seal belongs.
    Nothing,
    /// It does.
    Same,
    /// Shown is something that cannot be compared with it.
    NotCompared,
    /// It shows another one.
    Different,
}

impl SealReport {
    pub(super) fn of(signature: &Signature<'_>) -> Self {
        Self {
            version: signature.version.name(),
            standard: signature.version.standard(),
            pressed_at_claimed: match signature.time {
                SigningTime::At(at) => Some(at),
                SigningTime::Token(_) | SigningTime::Unreadable => None,
            },
            property: signature.property.clone(),
            signer: None,
            facts: None,
            deviations: Vec::new(),
        }
    }

    /// Each once, in the order met.
    pub(super) fn deviates(&mut self, deviation: Deviation) -> bool {
        let name = deviation
            .field()
            .map_or_else(|| deviation.name().to_owned(), |field| format!("{}:{field}", deviation.name()));
        let new = !self.deviations.contains(&name);
        if new {
            self.deviations.push(name);
        }
        new
    }
}

impl SealFacts {
    pub(super) fn of(seal: &Seal<'_>, maker: Option<Link>) -> Self {
        Self {
            id: seal.id.clone(),
            name: seal.name.clone(),
            seal_version: seal.version.name(),
            vendor: seal.vendor.clone(),
            maker,
            created: seal.created,
            valid_from: seal.valid_from,
            valid_until: seal.valid_until,
            picture: PictureFacts {
                kind: seal.picture.kind.clone(),
                bytes: seal.picture.data.len(),
                width_mm: seal.picture.width_mm,
                height_mm: seal.picture.height_mm,
                sha256: hex::encode(crate::crypto::sha256(&[seal.picture.data])),
                shown: Shown::NotAsked,
                data: seal.picture.data.into(),
            },
        }
    }
}
