//! A certificate type as its folder describes it (`certificate-templates/<slug>/type.toml`).
//!
//! Adding a type is adding a folder. What a type can say is closed: kinds of fields, cross-checks and sentences are
//! written here in Rust; the file only chooses among them.

use super::field::{Field, Kind};
use super::number_pattern::NumberPattern;
use super::rules::Rule;
use super::statement::Statement;
use super::type_file::{self, HolderPaths};
use super::{Bilingual, CertificateIdentifier, Issuer};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

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

/// What a look-up by verification code shows to whoever asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PublicLookup {
    /// The face: holders are organisations and the register is public.
    Open,
    /// Status, issuer and dates; names and numbers masked.
    Masked,
    /// Only that the code exists, until the asker proves to hold the certificate.
    Possession,
    /// Nothing.
    None,
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

/// Everything a type file says, checked.
#[derive(Debug)]
pub(super) struct Definition {
    pub(super) slug: String,
    pub(super) version: u32,
    pub(super) type_code: String,
    pub(super) name: Bilingual,
    pub(super) subtitle: Option<Bilingual>,
    pub(super) holder_kind: HolderKind,
    pub(super) issuer_role: String,
    pub(super) seal_role: String,
    pub(super) number: NumberPattern,
    pub(super) sensitivity: Sensitivity,
    pub(super) public_lookup: PublicLookup,
    pub(super) validity: Validity,
    pub(super) matter: Vec<String>,
    pub(super) holders: Vec<HolderPaths>,
    pub(super) fields: Vec<Field>,
    pub(super) rules: Vec<Rule>,
    pub(super) statements: Vec<Statement>,
}

/// One certificate type. Cloning is cheap.
#[derive(Clone)]
pub struct CertificateType(Arc<Definition>);

impl fmt::Debug for CertificateType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CertificateType({} {})", self.0.slug, self.0.version)
    }
}

impl CertificateType {
    /// Reads a `type.toml`.
    ///
    /// # Errors
    /// The first thing that makes the file unusable, with its place.
    pub fn from_toml(slug: &str, text: &str) -> Result<Self, TypeError> {
        match type_file::read(slug, text) {
            Ok(definition) => Ok(Self(Arc::new(definition))),
            Err(reason) => Err(TypeError { slug: slug.to_owned(), reason }),
        }
    }

    pub(super) fn definition(&self) -> &Definition {
        &self.0
    }

    /// Folder name, lower-case ASCII with hyphens.
    #[must_use]
    pub fn slug(&self) -> &str {
        &self.0.slug
    }

    /// Name on the face.
    #[must_use]
    pub fn name(&self) -> &Bilingual {
        &self.0.name
    }

    /// A line under the name.
    #[must_use]
    pub fn subtitle(&self) -> Option<&Bilingual> {
        self.0.subtitle.as_ref()
    }

    /// Version of the type file, from 1.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.0.version
    }

    /// Three digits that follow the definer's code in 证照类型代码.
    #[must_use]
    pub fn type_code(&self) -> &str {
        &self.0.type_code
    }

    /// Holder kind.
    #[must_use]
    pub fn holder_kind(&self) -> HolderKind {
        self.0.holder_kind
    }

    /// Sensitivity.
    #[must_use]
    pub fn sensitivity(&self) -> Sensitivity {
        self.0.sensitivity
    }

    /// What a look-up by verification code shows.
    #[must_use]
    pub fn public_lookup(&self) -> PublicLookup {
        self.0.public_lookup
    }

    /// Validity rule.
    #[must_use]
    pub fn validity(&self) -> &Validity {
        &self.0.validity
    }

    /// Which of the configured authorities issues it, by role.
    #[must_use]
    pub fn issuer_role(&self) -> &str {
        &self.0.issuer_role
    }

    /// Which of the configured seals is pressed on it, by role, as `bureau` or `adoption`.
    #[must_use]
    pub fn seal_role(&self) -> &str {
        &self.0.seal_role
    }

    /// 证照类型代码 (GB/T 36904): the definer's code and the three digits.
    #[must_use]
    pub fn full_type_code(&self, issuer: &Issuer) -> String {
        format!("{}{}", issuer.definer_uscc, self.0.type_code)
    }

    /// The printed number (字号) for a year and a serial from 1.
    #[must_use]
    pub fn number(&self, issuer: &Issuer, year: i32, serial: u64) -> String {
        self.0.number.print(issuer, year, serial)
    }

    /// 证照标识 by GB/T 36904 with its check character. The serial is the year and eight digits; versions run from 1 to 999.
    /// Empty when a code of the issuer is not digits and capital letters ([`Issuer::check`] refuses such an issuer), or
    /// when the version has no three digits.
    #[must_use]
    pub fn identifier(&self, issuer: &Issuer, year: i32, serial: u64, version: u32) -> String {
        let serial = format!("{year:04}{serial:08}");
        CertificateIdentifier::of_version(&self.full_type_code(issuer), &issuer.uscc, &serial, version)
            .map_or_else(|_| String::new(), |identifier| identifier.to_string())
    }

    /// Every field path with its label, in face order; list items appear once with `*` for the index.
    #[must_use]
    pub fn labels(&self) -> Vec<(String, Bilingual)> {
        let mut labels = Vec::new();
        self.walk(|path, field| labels.push((path.to_owned(), field.label.clone())));
        labels
    }

    /// Ids of its sentences, in file order.
    #[must_use]
    pub fn statement_ids(&self) -> Vec<&str> {
        self.0.statements.iter().map(|statement| statement.id.as_str()).collect()
    }

    /// The field at a path as a word of the closed set of kinds, as `date` or `records`; `None` when there is no such
    /// field. `*` or an index stands for list items.
    #[must_use]
    pub fn field_kind(&self, path: &str) -> Option<&'static str> {
        super::field::lookup(&self.0.fields, path).map(|field| field.kind.word())
    }

    /// Calls `visit` for every field with its path, in face order.
    pub(super) fn walk(&self, mut visit: impl FnMut(&str, &Field)) {
        walk(&self.0.fields, "", &mut visit);
    }
}

fn walk(fields: &[Field], prefix: &str, visit: &mut impl FnMut(&str, &Field)) {
    for field in fields {
        let path = format!("{prefix}{}", field.name);
        visit(&path, field);
        match &field.kind {
            Kind::Record { fields } => walk(fields, &format!("{path}."), visit),
            Kind::Records { fields, .. } => walk(fields, &format!("{path}.*."), visit),
            _ => {}
        }
    }
}
