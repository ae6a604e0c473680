//! Founds a state folder: configuration, ledger and its keys. Nothing else ever creates state.
//!
//! A demonstration gets its seals at once; a real office holds its key ceremony apart (`super::keys`), on the
//! machine and before the witnesses it chooses.

use super::files::{self, FileError, Readers};
use super::keys::{self, CaPlace, KeysError};
use crate::config::{
    CmsName, ConfigFile, ConfigProblem, FILE_NAME, Mode, SealFile, ServerFile, Shape, SubFilterName,
    VerifyFile,
};
use crate::crypto::{self, KeyError, Suite};
use crate::domain::{Bilingual, Issuer};
use crate::ledger::{Keyring, KeyringError, Ledger, LedgerError};
use std::fs;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why no state folder was founded.
#[derive(Debug, thiserror::Error)]
pub enum FoundError {
    /// The folder holds something already.
    #[error("{0} 不是空目录,不会覆盖 / is not an empty folder; nothing is overwritten")]
    NotEmpty(PathBuf),
    /// What was given cannot be meant.
    #[error("有 {} 处须改 / {} things to correct:{}", .0.len(), .0.len(), crate::config::Listed(.0))]
    Wrong(Vec<ConfigProblem>),
    /// The disk.
    #[error(transparent)]
    File(#[from] FileError),
    /// The key ceremony.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The national seals.
    #[cfg(feature = "preview")]
    #[error(transparent)]
    National(#[from] super::national::NationalError),
    /// No randomness.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The ledger's key file.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What a state folder begins with.
#[derive(Clone, Debug)]
pub struct Foundation {
    /// Demonstration or real.
    pub mode: Mode,
    /// The authority.
    pub issuer: Issuer,
    /// Address of the QR codes, `https://…/`.
    pub verify_url: String,
    /// Suite of every seal.
    pub suite: &'static Suite,
    /// Signature form of every seal.
    pub sub_filter: SubFilterName,
    /// Where a seal's passphrase is found: a file of the state folder, or an environment variable.
    pub passphrase: PassphrasePlace,
    /// Whether every seal is an electronic seal by GB/T 38540 too.
    pub national: bool,
}

/// Where a seal's passphrase is found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PassphrasePlace {
    /// A file, relative to the state folder.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
}

/// Roles of the seals our seven types ask for, with the straight line of each.
const SEALS: [(&str, Option<&str>); 3] =
    [("bureau", None), ("adoption", Some("收养登记专用章")), ("marriage", Some("婚姻登记专用章"))];

impl Foundation {
    /// The invented bureau of every demonstration.
    #[must_use]
    pub fn demonstration(suite: &'static Suite, sub_filter: SubFilterName) -> Self {
        Self {
            mode: Mode::Demo,
            issuer: Issuer {
                name: Bilingual::new("示例市民政局", "Civil Affairs Bureau of Shili (specimen)"),
                short_name: "示民".to_owned(),
                uscc: "11990000000000019A".to_owned(),
                definer_uscc: "11990000000000019A".to_owned(),
                region: "990000".to_owned(),
            },
            verify_url: "https://zz.example/v/".to_owned(),
            suite,
            sub_filter,
            passphrase: PassphrasePlace::File("keys/passphrase".into()),
            national: false,
        }
    }

    fn configuration(&self) -> ConfigFile {
        let (passphrase_file, passphrase_env) = match &self.passphrase {
            PassphrasePlace::File(path) => (Some(path.clone()), None),
            PassphrasePlace::Environment(name) => (None, Some(name.clone())),
        };
        let seals = SEALS.map(|(role, line)| SealFile {
            role: role.to_owned(),
            name: self.issuer.name.zh.clone(),
            sub_line: line.map(str::to_owned),
            shape: Shape::Circle,
            width_mm: 42.0,
            height_mm: None,
            suite: self.suite.id.to_owned(),
            certificate: format!("keys/{role}.pem").into(),
            key: Some(format!("keys/{role}.key").into()),
            token: None,
            passphrase_file: passphrase_file.clone(),
            passphrase_env: passphrase_env.clone(),
            sub_filter: self.sub_filter,
            cms: CmsName::default(),
            national: self.national,
        });
        ConfigFile {
            revocation: crate::config::RevocationFile::default(),
            mode: self.mode,
            verify_url: self.verify_url.clone(),
            templates: None,
            fonts: None,
            issuer: self.issuer.clone(),
            server: ServerFile::default(),
            verify: VerifyFile::default(),
            hourly_ceilings: std::collections::BTreeMap::new(),
            seals: seals.to_vec(),
        }
    }
}

/// Founds a state folder without seals: configuration, ledger, the ledger's keys.
///
/// # Errors
/// [`FoundError`]; a folder that was not empty is left as it was.
pub fn found(state: &Path, foundation: &Foundation) -> Result<(), FoundError> {
    if fs::read_dir(state).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(FoundError::NotEmpty(state.to_owned()));
    }
    let file = foundation.configuration();
    crate::config::Config::weigh(state, file.clone()).map_err(FoundError::Wrong)?;
    for folder in ["keys", "trust", "certificate-templates"] {
        files::folder(&state.join(folder))?;
    }
    let ring = Keyring::generate()?;
    files::create(&state.join("ledger-keys.json"), &ring, Readers::Owner)?;
    drop(Ledger::create(&state.join("ledger.db"), Keyring::read(&ring)?)?);
    let words = match foundation.mode {
        Mode::Demo => "演示:一切均为样例。\n# A demonstration: everything is a specimen.",
        Mode::Production => {
            "改好后运行 `yinzheng doctor --state 本目录`。\n# After editing run `yinzheng doctor --state THIS_FOLDER`."
        }
    };
    let body = toml::to_string_pretty(&file).unwrap_or_default();
    // The configuration is written last: a folder that has one is whole.
    files::create(
        &state.join(FILE_NAME),
        &format!(
            "# 印证状态目录的配置;路径相对于本目录。Paths are relative to this folder.\n# {words}\n\n{body}"
        ),
        Readers::All,
    )?;
    Ok(())
}

/// Founds a demonstration: an invented bureau, its authority, three seals, an empty ledger.
///
/// # Errors
/// [`FoundError`]; a folder that was not empty is left as it was.
pub fn demonstration(
    state: &Path,
    suite: &'static Suite,
    sub_filter: SubFilterName,
) -> Result<(), FoundError> {
    let ca = demonstrate(state, &Foundation::demonstration(suite, sub_filter))?;
    keys::ceremony(state, &ca)?;
    Ok(())
}

/// The same with national seals.
///
/// # Errors
/// [`FoundError`].
#[cfg(feature = "preview")]
pub fn national_demonstration(
    state: &Path,
    suite: &'static Suite,
    sub_filter: SubFilterName,
) -> Result<(), FoundError> {
    let foundation = Foundation { national: true, ..Foundation::demonstration(suite, sub_filter) };
    let ca = demonstrate(state, &foundation)?;
    keys::ceremony(state, &ca)?;
    super::national::ceremony(state, &ca, Vec::new(), crate::ses::Version::V4)?;
    Ok(())
}

/// All of a demonstration but its keys; where those of its authority go.
fn demonstrate(state: &Path, foundation: &Foundation) -> Result<CaPlace, FoundError> {
    found(state, foundation)?;
    files::folder(&state.join("certificates"))?;
    let passphrase: [u8; 24] = crypto::random().ok_or(KeyError::Generation)?;
    let passphrase = Zeroizing::new(hex::encode(Zeroizing::new(passphrase)));
    files::create(&state.join("keys/passphrase"), &passphrase, Readers::Owner)?;
    Ok(CaPlace { folder: state.join("ca"), passphrase })
}
