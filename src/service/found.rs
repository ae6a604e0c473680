//! Founds a state folder: configuration, key ceremony, ledger. Nothing else ever creates state.

use super::clock;
use crate::config::{ConfigFile, FILE_NAME, Mode, SealFile, Shape, SubFilterName};
use crate::crypto::{self, KeyError, KeyPurpose};
use crate::domain::{Bilingual, Issuer};
use crate::ledger::{Keyring, KeyringError, Ledger, LedgerError};
use crate::x509::ceremony::{self, CeremonyError, Plan};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Why no state folder was founded.
#[derive(Debug, thiserror::Error)]
pub enum FoundError {
    /// The folder holds something already.
    #[error("{0} 不是空目录,不会覆盖 / is not an empty folder; nothing is overwritten")]
    NotEmpty(PathBuf),
    /// The disk.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The key ceremony.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// A key file.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The ledger's key file.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The invented bureau of every demonstration.
fn demonstration_issuer() -> Issuer {
    Issuer {
        name: Bilingual::new("示例市民政局", "Civil Affairs Bureau of Shili (specimen)"),
        short_name: "示民".to_owned(),
        uscc: "11990000000000019A".to_owned(),
        definer_uscc: "11990000000000019A".to_owned(),
        region: "990000".to_owned(),
    }
}

/// Roles of the demonstration's seals, with the straight line of each.
const SEALS: [(&str, Option<&str>); 3] =
    [("bureau", None), ("adoption", Some("收养登记专用章")), ("marriage", Some("婚姻登记专用章"))];

/// Founds a demonstration: an invented bureau, its authority, three seals, an empty ledger.
///
/// # Errors
/// [`FoundError`]; a folder that was not empty is left as it was.
pub fn demonstration(state: &Path) -> Result<(), FoundError> {
    let occupied = fs::read_dir(state).is_ok_and(|mut entries| entries.next().is_some());
    if occupied {
        return Err(FoundError::NotEmpty(state.to_owned()));
    }
    for folder in ["keys", "trust", "certificates"] {
        let path = state.join(folder);
        fs::create_dir_all(&path).map_err(|source| FoundError::File { path, source })?;
    }
    let issuer = demonstration_issuer();
    let passphrase: [u8; 24] = crypto::random().ok_or(KeyError::Generation)?;
    let passphrase = Zeroizing::new(hex::encode(passphrase));
    let seals = SEALS.map(|(role, line)| {
        (role.to_owned(), format!("{} {}", issuer.name.zh, line.unwrap_or("电子印章")), KeyPurpose::P256)
    });
    let plan = Plan {
        organisation: issuer.name.zh.clone(),
        demonstration: true,
        at: clock::now(),
        seals: seals.to_vec(),
    };
    let authority = ceremony::hold(&plan)?;
    secret(&state.join("keys/passphrase"), &passphrase)?;
    for seal in &authority.seals {
        let sealed = crypto::encrypt_pkcs8(&seal.key, passphrase.as_bytes())?;
        secret(&state.join(format!("keys/{}.key", seal.role)), &sealed)?;
        public(&state.join(format!("keys/{}.pem", seal.role)), &seal.certificates)?;
    }
    public(&state.join("trust/root.pem"), &authority.root)?;
    public(&state.join("trust/root.crl"), &authority.root_crl)?;
    public(&state.join("trust/issuing.crl"), &authority.issuing_crl)?;
    public(&state.join("keys/issuing-ca.pem"), &authority.issuing)?;
    let keys = Keyring::generate()?;
    secret(&state.join("ledger-keys.json"), &keys)?;
    drop(Ledger::create(&state.join("ledger.db"), Keyring::read(&keys)?)?);
    public(&state.join(FILE_NAME), &configuration(issuer))
}

fn configuration(issuer: Issuer) -> String {
    let seals = SEALS.map(|(role, line)| SealFile {
        role: role.to_owned(),
        name: issuer.name.zh.clone(),
        sub_line: line.map(str::to_owned),
        shape: Shape::Circle,
        width_mm: 42.0,
        height_mm: None,
        suite: crypto::ECDSA_P256_SHA256.id.to_owned(),
        certificate: format!("keys/{role}.pem").into(),
        key: format!("keys/{role}.key").into(),
        passphrase_file: Some("keys/passphrase".into()),
        passphrase_env: None,
        sub_filter: SubFilterName::EtsiCades,
    });
    let file = ConfigFile {
        mode: Mode::Demo,
        verify_url: "https://zz.example/v/".to_owned(),
        templates: None,
        fonts: None,
        issuer,
        seals: seals.to_vec(),
    };
    let body = toml::to_string_pretty(&file).unwrap_or_default();
    format!("# 印证状态目录的配置;路径相对于本目录。演示:一切均为样例。\n# Configuration of this state folder; paths are relative to it. A demonstration: everything is a specimen.\n\n{body}")
}

/// Writes a file that only its owner may read.
fn secret(path: &Path, text: &str) -> Result<(), FoundError> {
    write(path, text, 0o600)
}

fn public(path: &Path, text: &str) -> Result<(), FoundError> {
    write(path, text, 0o644)
}

fn write(path: &Path, text: &str, mode: u32) -> Result<(), FoundError> {
    use std::os::unix::fs::OpenOptionsExt;
    let done = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    done.map_err(|source| FoundError::File { path: path.to_owned(), source })
}
