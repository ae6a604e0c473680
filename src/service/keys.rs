//! The keys of an office: the ceremony, what there is, renewing a seal, renewing the revocation lists.
//!
//! A ceremony makes root → issuing CA → one certificate per seal of the configuration → revocation lists. The two
//! authority keys go, encrypted, into a folder of their own that is meant to leave the machine; only renewals need
//! the issuing key again. No key file is ever overwritten by a ceremony.

use super::clock;
use super::files::{self, FileError, Readers};
use super::office::{self, OpenError};
use super::seal_key;
use crate::config::{Config, Mode, SealFile};
use crate::crypto::{self, KeyError, KeyKind, KeyPurpose, PublicKey, Suite};
use crate::domain::Instant;
use crate::ledger::{Keyring, Ledger, LedgerError, Resealing};
use crate::x509::ceremony::{self, CeremonyError, Continued, Plan, SealFiles, SealKey};
use crate::x509::{Certificate, Crl, pem_blocks};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Where the authority's keys lie, and what opens them.
pub struct CaPlace {
    /// Folder with `root.key` and `issuing.key`.
    pub folder: PathBuf,
    /// Passphrase of both.
    pub passphrase: Zeroizing<String>,
}

/// Why a key was not made or renewed.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The state folder.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The disk.
    #[error(transparent)]
    File(#[from] FileError),
    /// The ceremony.
    #[error(transparent)]
    Ceremony(#[from] CeremonyError),
    /// A key file.
    #[error("{path}: {why}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: KeyError,
    },
    /// No randomness, or no such key.
    #[error(transparent)]
    Generation(#[from] KeyError),
    /// Keys are there already.
    #[error(
        "{0} 已存在;仪式不覆盖任何密钥 / exists already: a ceremony overwrites no key. To renew a seal: `keys rotate`"
    )]
    Exists(PathBuf),
    /// The passphrase is too short for a file that may be copied.
    #[error("口令太短(至少 {least} 个字符)/ the passphrase needs at least {least} characters")]
    ShortPassphrase {
        /// Characters needed.
        least: usize,
    },
    /// No seal of that role.
    #[error("配置中没有“{0}”印章 / no seal of role {0} in the configuration")]
    NoSeal(String),
    /// The suite only verifies.
    #[error("算法 {0} 只用于核验 / suite {0} is for verifying only")]
    VerifyOnly(String),
    /// A token.
    #[error("印章 seal {role}: {why}")]
    Token {
        /// Role of the seal.
        role: String,
        /// What it says.
        why: String,
    },
    /// The authority's key is not the one of its certificate.
    #[error("{0} 与证书不是一对 / is not the key of the issuing certificate")]
    OtherAuthority(PathBuf),
    /// Certificates are being made at this moment.
    #[error(
        "还有 {0} 份预留未了结,请先运行 `yinzheng list` 或重启服务补办 / {0} reservations are open: finish them first (any opening of the state folder does)"
    )]
    Unfinished(usize),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Characters of the shortest passphrase: twelve from a keyboard stand against 600,000 rounds each.
const LEAST_PASSPHRASE: usize = 12;

/// One key of an office, as `keys list` shows it.
#[derive(Clone, Debug)]
pub struct KeyRow {
    /// `root`, `issuing`, or the seal's role.
    pub role: String,
    /// Subject of its certificate.
    pub subject: String,
    /// Suite id of a seal; empty for authorities.
    pub suite: String,
    /// First instant of validity.
    pub not_before: Instant,
    /// Last instant of validity.
    pub not_after: Instant,
    /// SHA-256 of the certificate.
    pub fingerprint: [u8; 32],
    /// True for demonstration certificates.
    pub demonstration: bool,
}

/// Holds the ceremony for the seals of a state folder's configuration.
///
/// # Errors
/// [`KeysError`]; keys that exist stay as they are.
pub fn ceremony(state: &Path, ca: &CaPlace) -> Result<Vec<KeyRow>, KeysError> {
    let config = Config::read(state).map_err(OpenError::from)?;
    let places = Places::of(state);
    let own = [&places.root, &places.issuing].map(PathBuf::clone);
    let authority = [ca.folder.join("root.key"), ca.folder.join("issuing.key")];
    let files =
        |seal: &SealFile| [Some(&seal.certificate), seal.key.as_ref()].map(Option::<&PathBuf>::cloned);
    let seals = config.seals().iter().flat_map(files).flatten().map(|path| config.resolve(&path));
    if let Some(there) = own.into_iter().chain(authority).chain(seals).find(|path| path.exists()) {
        return Err(KeysError::Exists(there));
    }
    strong(&ca.passphrase)?;
    let passphrases: Vec<_> =
        config.seals().iter().map(|seal| office::passphrase(&config, seal)).collect::<Result<_, _>>()?;
    let made = ceremony::hold(&plan(&config, config.seals())?)?;
    files::folder(&ca.folder)?;
    let [root_key, issuing_key] = [("root.key", &made.root_key), ("issuing.key", &made.issuing_key)];
    for (name, key) in [root_key, issuing_key] {
        let sealed = crypto::encrypt_pkcs8(key, ca.passphrase.as_bytes())?;
        files::create(&ca.folder.join(name), &sealed, Readers::Owner)?;
    }
    for ((files, seal), passphrase) in made.seals.iter().zip(config.seals()).zip(&passphrases) {
        if let Some((path, key)) = seal.key.as_ref().zip(files.key.as_ref()) {
            strong(passphrase)?;
            let sealed = crypto::encrypt_pkcs8(key, passphrase.trim_end().as_bytes())?;
            files::create(&config.resolve(path), &sealed, Readers::Owner)?;
        }
        files::create(&config.resolve(&seal.certificate), &files.certificates, Readers::All)?;
    }
    files::create(&places.issuing, &made.issuing, Readers::All)?;
    files::create(&places.root_list, &made.root_crl, Readers::All)?;
    files::create(&places.issuing_list, &made.issuing_crl, Readers::All)?;
    files::create(&places.root, &made.root, Readers::All)?;
    list(state)
}

/// Every certificate of an office.
///
/// # Errors
/// A file that is missing or unreadable.
pub fn list(state: &Path) -> Result<Vec<KeyRow>, KeysError> {
    let config = Config::read(state).map_err(OpenError::from)?;
    let (places, national) = (Places::of(state), Places::national(state));
    let mut rows = Vec::new();
    let authorities = [
        ("root", &places.root),
        ("issuing", &places.issuing),
        ("root (SM2)", &national.root),
        ("issuing (SM2)", &national.issuing),
    ];
    for (role, path) in authorities.into_iter().filter(|(_, path)| path.is_file()) {
        rows.extend(office::anchors(path)?.first().map(|certificate| row(role, "", certificate)));
    }
    for seal in config.seals() {
        let chain = office::anchors(&config.resolve(&seal.certificate))?;
        rows.extend(chain.first().map(|certificate| row(&seal.role, &seal.suite, certificate)));
        let signer = config.resolve(&seal.certificate).with_extension("sm2.pem");
        if seal.national && signer.is_file() {
            let role = format!("{} (SM2)", seal.role);
            rows.extend(office::anchors(&signer)?.first().map(|one| row(&role, crypto::SM2_SM3.id, one)));
        }
    }
    Ok(rows)
}

/// A fresh key and certificate for one seal, from the same issuing authority. The old certificate is kept beside it,
/// the old key is gone: what it sealed stays verifiable. `revoke` also puts it on the revocation list. The national half
/// of a seal is renewed by [`super::national::rotate`].
///
/// # Errors
/// [`KeysError`]; unless the last step was reached the old key stays in use.
pub fn rotate(state: &Path, role: &str, ca: &CaPlace, revoke: bool) -> Result<KeyRow, KeysError> {
    let config = Config::read(state).map_err(OpenError::from)?;
    let seal = config.seals().iter().find(|s| s.role == role);
    let seal = seal.ok_or_else(|| KeysError::NoSeal(role.to_owned()))?;
    let open = ledger(state)?.unfinished()?.len();
    if open > 0 {
        return Err(KeysError::Unfinished(open));
    }
    let passphrase = office::passphrase(&config, seal)?;
    let places = Places::of(state);
    let authority = continued(&places, ca)?;
    let certificate_path = config.resolve(&seal.certificate);
    let old_text = files::text(&certificate_path)?;
    let old = office::anchors(&certificate_path)?;
    let next = |seal: &SealFile, suite| seal_key::next(&config, seal, suite);
    let mut made = authority.seals(&planned(&config, std::slice::from_ref(seal), next)?)?;
    let SealFiles { certificates, key, .. } = made.pop().ok_or(KeyError::Generation)?;
    let sealed = key.map(|key| crypto::encrypt_pkcs8(&key, passphrase.trim_end().as_bytes())).transpose()?;
    if let Some(old) = old.first() {
        if revoke {
            renew(&places, &authority, Some((old.serial().to_vec(), clock::now())))?;
        }
        let name = format!("{}-{}.pem", seal.role, &hex::encode(old.fingerprint())[..16]);
        files::replace(&certificate_path.with_file_name(name), &old_text, Readers::All)?;
    }
    files::replace(&certificate_path, &certificates, Readers::All)?;
    match seal.key.as_ref().zip(sealed) {
        Some((path, sealed)) => files::replace(&config.resolve(path), &sealed, Readers::Owner)?,
        None => {
            let retired = old.first().map(|old| hex::encode(old.fingerprint())[..16].to_owned());
            seal_key::take_over(&config, seal, &retired.unwrap_or_default())?;
        }
    }
    let fresh = office::anchors(&certificate_path)?;
    let fresh = fresh.first().ok_or(KeyError::Generation)?;
    Ok(row(role, &seal.suite, fresh))
}

/// Renews the revocation lists of the issuing authorities; everything revoked stays on them. Until when the first to end
/// is good.
///
/// # Errors
/// [`KeysError`]; the old list stays then.
pub fn renew_list(state: &Path, ca: &CaPlace) -> Result<Instant, KeysError> {
    let places = Places::of(state);
    let until = renew(&places, &continued(&places, ca)?, None)?;
    let national = Places::national(state);
    if !national.issuing.is_file() {
        return Ok(until);
    }
    Ok(until.min(renew(&national, &continued(&national, ca)?, None)?))
}

/// Gives the ledger a fresh data key and seals everything under it. Older keys stay in the file: older
/// backups need them. A crash in between leaves a ledger that opens; the verb is then run again.
///
/// # Errors
/// [`KeysError`]: another process has the ledger open, the disk.
pub fn rotate_ledger(state: &Path) -> Result<Resealing, KeysError> {
    const AT_ONCE: u32 = 64;
    let path = state.join("ledger-keys.json");
    let text = Zeroizing::new(files::text(&path)?);
    let ledger = Ledger::open(&state.join("ledger.db"), Keyring::read(&text).map_err(OpenError::from)?)
        .map_err(OpenError::from)?;
    if ledger.others_at_work().map_err(OpenError::from)? {
        return Err(OpenError::from(LedgerError::NotAlone).into());
    }
    let fresh = Keyring::rotated(&text).map_err(OpenError::from)?;
    files::replace(&path, &fresh, Readers::Owner)?;
    ledger.adopt(Keyring::read(&fresh).map_err(OpenError::from)?).map_err(OpenError::from)?;
    let mut progress = Resealing::default();
    while ledger.reseal(&mut progress, AT_ONCE).map_err(OpenError::from)? {}
    Ok(progress)
}

/// Where an authority's public files lie, and what its key file is called.
pub(super) struct Places {
    pub(super) root: PathBuf,
    pub(super) issuing: PathBuf,
    pub(super) root_list: PathBuf,
    pub(super) issuing_list: PathBuf,
    key: &'static str,
}

impl Places {
    fn of(state: &Path) -> Self {
        Self {
            root: state.join("trust/root.pem"),
            issuing: state.join("keys/issuing-ca.pem"),
            root_list: state.join("trust/root.crl"),
            issuing_list: state.join("trust/issuing.crl"),
            key: "issuing.key",
        }
    }

    /// Those of the second authority, of national seals.
    pub(super) fn national(state: &Path) -> Self {
        Self {
            root: state.join("trust/national-root.pem"),
            issuing: state.join("keys/national-issuing-ca.pem"),
            root_list: state.join("trust/national-root.crl"),
            issuing_list: state.join("trust/national-issuing.crl"),
            key: "national-issuing.key",
        }
    }
}

pub(super) fn strong(passphrase: &str) -> Result<(), KeysError> {
    if passphrase.trim_end().chars().count() < LEAST_PASSPHRASE {
        return Err(KeysError::ShortPassphrase { least: LEAST_PASSPHRASE });
    }
    Ok(())
}

fn ledger(state: &Path) -> Result<Ledger, KeysError> {
    let ring = Keyring::read(&files::text(&state.join("ledger-keys.json"))?).map_err(OpenError::from)?;
    Ok(Ledger::open(&state.join("ledger.db"), ring)?)
}

fn plan(config: &Config, seals: &[SealFile]) -> Result<Plan, KeysError> {
    planned(config, seals, |seal, suite| seal_key::held(config, seal, suite))
}

/// The plan, with what gives the keys that lie on a token.
fn planned(
    config: &Config,
    seals: &[SealFile],
    held: impl Fn(&SealFile, &'static Suite) -> Result<PublicKey, KeysError>,
) -> Result<Plan, KeysError> {
    let purpose = |seal: &SealFile| {
        let unknown = || KeysError::VerifyOnly(seal.suite.clone());
        let suite = crypto::by_id(&seal.suite).ok_or_else(unknown)?;
        if seal.token.is_some() {
            return Ok(SealKey::Held(held(seal, suite)?));
        }
        match suite.key {
            KeyKind::P256 => Ok(SealKey::Fresh(KeyPurpose::P256)),
            KeyKind::P384 => Ok(SealKey::Fresh(KeyPurpose::P384)),
            KeyKind::Rsa => Ok(SealKey::Fresh(KeyPurpose::Rsa3072)),
            KeyKind::Sm2 => Ok(SealKey::Fresh(KeyPurpose::Sm2)),
            _ => Err(unknown()),
        }
    };
    let one = |seal: &SealFile| {
        let name = format!("{} {}", seal.name, seal.sub_line.as_deref().unwrap_or("电子印章"));
        Ok((seal.role.clone(), name, purpose(seal)?))
    };
    Ok(Plan {
        organisation: config.issuer().name.zh.clone(),
        demonstration: config.mode() == Mode::Demo,
        at: clock::now(),
        seals: seals.iter().map(one).collect::<Result<_, KeysError>>()?,
    })
}

pub(super) fn continued(places: &Places, ca: &CaPlace) -> Result<Continued, KeysError> {
    let path = ca.folder.join(places.key);
    let pem = Zeroizing::new(files::text(&path)?);
    let key = crypto::decrypt_pkcs8(&pem, ca.passphrase.trim_end().as_bytes())
        .map_err(|why| KeysError::Key { path: path.clone(), why })?;
    let certificate = files::text(&places.issuing)?;
    let authority = Continued::new(&certificate, &key)?;
    let own = office::anchors(&places.issuing)?;
    if own.first().is_none_or(|own| own.key().octets != authority.public_key()) {
        return Err(KeysError::OtherAuthority(path));
    }
    Ok(authority)
}

pub(super) fn renew(
    places: &Places,
    authority: &Continued,
    revoked: Option<(Vec<u8>, Instant)>,
) -> Result<Instant, KeysError> {
    let path = places.issuing_list.clone();
    let blocks = pem_blocks(&files::text(&path)?, "X509 CRL");
    let before = blocks.first().and_then(|der| Crl::from_der(der).ok());
    let before = before.ok_or_else(|| OpenError::Certificate(path.clone()))?;
    let all: Vec<_> = before.revoked().iter().cloned().chain(revoked).collect();
    let next = authority.list(clock::now(), before.number().unwrap_or(0).saturating_add(1), &all)?;
    files::replace(&path, &next, Readers::All)?;
    let made = pem_blocks(&next, "X509 CRL").first().and_then(|der| Crl::from_der(der).ok());
    made.and_then(|list| list.next_update()).ok_or(KeysError::Open(OpenError::Certificate(path)))
}

pub(super) fn row(role: &str, suite: &str, certificate: &Certificate) -> KeyRow {
    KeyRow {
        role: role.to_owned(),
        subject: certificate.subject().to_owned(),
        suite: suite.to_owned(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        fingerprint: certificate.fingerprint(),
        demonstration: certificate.is_demonstration(),
    }
}
