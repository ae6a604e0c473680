//! A certificate type as its folder describes it (`certificate-templates/<slug>/type.toml`).

use super::{Bilingual, Issuer};
use serde::{Deserialize, Serialize};

/// Who can hold a certificate of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolderKind {
    /// 自然人.
    NaturalPerson,
    /// 法人或非法人组织.
    LegalPerson,
    /// Either or both.
    Mixed,
}

/// How much a stranger may learn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// Public by nature.
    Public,
    /// Personal data.
    Personal,
    /// Secret by default (adoption, revoked marriage).
    Secret,
}

/// How long a certificate is valid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Validity {
    /// 长期.
    Unlimited,
    /// This many years from issue, last day included.
    Years(u16),
    /// Until the end of the named date-range field.
    Field(String),
}

/// A type file that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{slug}: {reason}")]
pub struct TypeError {
    /// Folder name.
    pub slug: String,
    /// What is wrong, with the place.
    pub reason: String,
}

/// One certificate type.
#[derive(Clone, Debug)]
pub struct CertificateType {
    slug: String,
    name: Bilingual,
}

impl CertificateType {
    /// Reads a `type.toml`.
    ///
    /// # Errors
    /// The first thing that makes the file unusable, with its place.
    pub fn from_toml(_slug: &str, _text: &str) -> Result<Self, TypeError> {
        todo!()
    }
    /// Folder name, lower-case ASCII with hyphens.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.slug
    }
    /// Name on the face.
    #[must_use]
    pub fn name(&self) -> &Bilingual {
        &self.name
    }
    /// Version of the type file, from 1.
    #[must_use]
    pub fn version(&self) -> u32 {
        todo!()
    }
    /// Three digits that follow the definer's code in 证照类型代码.
    #[must_use]
    pub fn type_code(&self) -> &str {
        todo!()
    }
    /// Holder kind.
    #[must_use]
    pub fn holder_kind(&self) -> HolderKind {
        todo!()
    }
    /// Sensitivity.
    #[must_use]
    pub fn sensitivity(&self) -> Sensitivity {
        todo!()
    }
    /// Which of the configured seals is pressed on it, by role, as `bureau` or `adoption`.
    #[must_use]
    pub fn seal_role(&self) -> &str {
        todo!()
    }
    /// The printed number (字号) for a year and a serial from 1.
    #[must_use]
    pub fn number(&self, _issuer: &Issuer, _year: i32, _serial: u64) -> String {
        todo!()
    }
    /// 证照标识 by GB/T 36904 with its check character, version 001.
    #[must_use]
    pub fn identifier(&self, _issuer: &Issuer, _year: i32, _serial: u64) -> String {
        todo!()
    }
    /// Every field path with its label, in face order; list items appear once with `*` for the index.
    #[must_use]
    pub fn labels(&self) -> Vec<(String, Bilingual)> {
        todo!()
    }
    /// JSON Schema 2020-12 of an application.
    #[must_use]
    pub fn schema(&self) -> serde_json::Value {
        todo!()
    }
}
