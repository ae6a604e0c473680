//! Where policies come from: the shipped ones by name, an office's own from a file.

use super::files;
use crate::verify::Policy;
use crate::verify::policy::PolicyError;
use std::path::{Path, PathBuf};

/// Largest policy read, in bytes: the shipped ones have 2 KB.
const LARGEST: usize = 64 << 10;

/// Why there is no such policy.
#[derive(Debug, thiserror::Error)]
pub enum PolicyFileError {
    /// Neither a shipped one nor a file.
    #[error(
        "没有策略 {named};内置的有 {known},或给出一个 .toml 文件 / no policy {named}: name one of these, or a .toml file"
    )]
    Unknown {
        /// What was asked for.
        named: String,
        /// The shipped ones.
        known: String,
    },
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] files::FileError),
    /// Larger than any policy can be.
    #[error("{0} 超过 64 KiB / is larger than 64 KiB")]
    TooLarge(PathBuf),
    /// The file is no policy.
    #[error("{path}: {why}")]
    Wrong {
        /// The file.
        path: PathBuf,
        /// All that is wrong.
        why: PolicyError,
    },
}

/// A shipped policy by its name, or the one in a file whose name ends in `.toml`.
///
/// # Errors
/// [`PolicyFileError`], in words.
pub fn find(named: &Path) -> Result<Policy, PolicyFileError> {
    let wording = wording(named)?;
    of_wording(&wording).map_err(|why| PolicyFileError::Wrong { path: named.to_owned(), why })
}

/// The policy of a wording.
///
/// # Errors
/// All that is wrong with it.
pub(super) fn of_wording(wording: &str) -> Result<Policy, PolicyError> {
    Policy::built_in(wording).map_or_else(|| Policy::read(wording), |policy| Ok(policy.clone()))
}

/// What says which policy it is: the name of a shipped one, the text of a file.
///
/// # Errors
/// There is none, or it is too large.
pub(super) fn wording(named: &Path) -> Result<String, PolicyFileError> {
    if let Some(policy) = named.to_str().and_then(Policy::built_in) {
        return Ok(policy.name.clone());
    }
    if named.extension().is_none_or(|extension| extension != "toml") {
        let known: Vec<&str> = Policy::all().iter().map(|policy| policy.name.as_str()).collect();
        return Err(PolicyFileError::Unknown {
            named: named.display().to_string(), known: known.join("、")
        });
    }
    let text = files::text(named)?;
    if text.len() > LARGEST {
        return Err(PolicyFileError::TooLarge(named.to_owned()));
    }
    Ok(text)
}
