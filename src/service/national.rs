//! The national seals of an office (GB/T 38540-2020): a second authority with SM2, a maker of seals, and for every seal
//! whose configuration says `national = true` a signer and the electronic seal that lists him.
//!
//! They are pressed in the same stroke as the office's signatures, over the same bytes, as a signed attribute
//! (`sign::seal_beside`). The maker's key goes, encrypted, with the authority's keys; the picture inside the seal is what
//! documents show.

use super::assets::Assets;
use super::clock;
use super::files::{self, FileError, Readers};
use super::keys::{CaPlace, KeyRow, KeysError, Places, continued, renew, row, strong};
use super::office::{self, OpenError, drawn, load_fonts};
use crate::config::{Config, Mode, SealFile};
use crate::crypto::{self, KeyPurpose, SM2_SM3, SoftwareKey};
use crate::domain::Instant;
use crate::preview::{PreviewError, imprint};
use crate::render::CompiledSeal;
use crate::seal_art::SEAL_RED;
use crate::ses::make::{self, PicturePlan, SealPlan};
use crate::ses::{self, Version};
use crate::x509::Certificate;
use crate::x509::ceremony::{self, Plan, SealFiles, SealKey};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Vid: the software that makes the seals.
const VENDOR: &str = "yinzheng";
/// What the picture is drawn at: 42 mm are 992 pixels.
pub(super) const DPI: f32 = 600.0;
/// type of a unit's own seal; nobody may decide by it (GB/T 38540 leaves it free).
const OWN: u8 = 1;
/// type of a seal for a special purpose.
const SPECIAL: u8 = 5;

/// Why there are no national seals.
#[derive(Debug, thiserror::Error)]
pub enum NationalError {
    /// Keys and certificates.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The disk.
    #[error(transparent)]
    File(#[from] FileError),
    /// Fonts and drawings.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// No seal is to be national.
    #[error("配置中没有一枚印章写着 national = true / no [[seal]] of the configuration says national = true")]
    None,
    /// The picture.
    #[error("印模画不出:{0} / the picture of the seal: {0}")]
    Picture(#[from] PreviewError),
}

/// Makes the second authority, its lists, the signers and the seals, these by GB/T 38540 (v4) or GM/T 0031-2025 (v5).
///
/// # Errors
/// [`NationalError`]; keys that exist stay as they are.
pub fn ceremony(
    state: &Path,
    ca: &CaPlace,
    folders: Vec<PathBuf>,
    version: Version,
) -> Result<Vec<KeyRow>, NationalError> {
    let config = Config::read(state).map_err(OpenError::from)?;
    let seals: Vec<&SealFile> = config.seals().iter().filter(|seal| seal.national).collect();
    if seals.is_empty() {
        return Err(NationalError::None);
    }
    let places = Places::national(state);
    let authority =
        ["national-root.key", "national-issuing.key", "maker.key"].map(|name| ca.folder.join(name));
    let own = seals.iter().flat_map(|seal| NationalPlaces::of(&config, seal).all());
    let there = authority.iter().cloned().chain([places.root.clone()]).chain(own).find(|path| path.exists());
    if let Some(there) = there {
        return Err(KeysError::Exists(there).into());
    }
    strong(&ca.passphrase)?;
    let fonts = load_fonts(&Assets::new(folders, config.fonts()))?;
    let plan = plan(&config, &seals);
    let mut made = ceremony::hold(&plan).map_err(KeysError::from)?;
    let maker = made.seals.pop().ok_or(NationalError::None)?;
    files::folder(&ca.folder)?;
    let secrets = [&made.root_key, &made.issuing_key, key_of(&maker)?];
    for (path, key) in authority.iter().zip(secrets) {
        let sealed = crypto::encrypt_pkcs8(key, ca.passphrase.as_bytes()).map_err(KeysError::from)?;
        files::create(path, &sealed, Readers::Owner)?;
    }
    let maker = opened(key_of(&maker)?, &maker.certificates)?;
    let mut rows = Vec::new();
    for (seal, files) in seals.iter().zip(&made.seals) {
        let drawing = drawn(seal, &fonts)?;
        let picture = imprint(CompiledSeal::new(&drawing).sheet(), DPI, ink())?;
        let made = Made { signer: files, png: &picture, at: plan.at, version };
        let electronic = electronic(&config, seal, &made, &maker)?;
        rows.extend(write(&config, seal, files, &electronic)?);
    }
    files::create(&places.issuing, &made.issuing, Readers::All)?;
    files::create(&places.root_list, &made.root_crl, Readers::All)?;
    files::create(&places.issuing_list, &made.issuing_crl, Readers::All)?;
    files::create(&places.root, &made.root, Readers::All)?;
    Ok(rows)
}

/// A fresh signer for the national half of a seal, and with him the seal made anew (变更: who is listed has changed), by the
/// same maker and the same version. What it had before is kept beside it under the fingerprint of its certificate.
///
/// # Errors
/// [`NationalError`]; unless the last step was reached the old half stays in use.
pub fn rotate(
    state: &Path,
    role: &str,
    ca: &CaPlace,
    folders: Vec<PathBuf>,
    revoke: bool,
) -> Result<KeyRow, NationalError> {
    let config = Config::read(state).map_err(OpenError::from)?;
    let seal =
        config.seals().iter().find(|seal| seal.role == role && seal.national).ok_or(NationalError::None)?;
    let (own_places, places) = (NationalPlaces::of(&config, seal), Places::national(state));
    let passphrase = office::passphrase(&config, seal)?;
    let authority = continued(&places, ca)?;
    let fonts = load_fonts(&Assets::new(folders, config.fonts()))?;
    let picture = imprint(CompiledSeal::new(&drawn(seal, &fonts)?).sheet(), DPI, ink())?;
    let before = files::bytes(&own_places.seal)?;
    let old = ses::Seal::read(&before).map_err(|_| OpenError::Certificate(own_places.seal.clone()))?;
    let maker = maker(ca, old.maker_certificate)?;
    let mut plan = plan(&config, &[seal]);
    plan.seals.truncate(1);
    let signer = authority.seals(&plan).map_err(KeysError::from)?.pop().ok_or(NationalError::None)?;
    let made = Made { signer: &signer, png: &picture, at: plan.at, version: old.version };
    let electronic = electronic(&config, seal, &made, &maker)?;
    let sealed =
        crypto::encrypt_pkcs8(key_of(&signer)?, passphrase.trim_end().as_bytes()).map_err(KeysError::from)?;
    let certificates = files::text(&own_places.certificate)?;
    let retired = own(&certificates)?;
    if revoke {
        renew(&places, &authority, Some((retired.serial().to_vec(), clock::now())))?;
    }
    let name = format!("{role}-{}", &hex::encode(retired.fingerprint())[..16]);
    files::replace(
        &own_places.certificate.with_file_name(format!("{name}.sm2.pem")),
        &certificates,
        Readers::All,
    )?;
    files::replace_bytes(&own_places.seal.with_file_name(format!("{name}.esl")), &before, Readers::All)?;
    files::replace_bytes(&own_places.seal, &electronic, Readers::All)?;
    files::replace(&own_places.certificate, &signer.certificates, Readers::All)?;
    files::replace(&own_places.key, &sealed, Readers::Owner)?;
    Ok(row(&format!("{role} (SM2)"), SM2_SM3.id, &own(&signer.certificates)?))
}

/// The maker's key, which lies with the authority's.
fn maker(ca: &CaPlace, certificate: &[u8]) -> Result<SoftwareKey, KeysError> {
    let path = ca.folder.join("maker.key");
    let pem = Zeroizing::new(files::text(&path)?);
    let passphrase = ca.passphrase.trim_end().as_bytes();
    SoftwareKey::open(&pem, passphrase, &SM2_SM3, certificate.to_vec(), Vec::new())
        .map_err(|why| KeysError::Key { path, why })
}

/// Where the national half of a seal lies: beside its certificate.
pub(super) struct NationalPlaces {
    pub(super) certificate: PathBuf,
    pub(super) key: PathBuf,
    pub(super) seal: PathBuf,
}

impl NationalPlaces {
    pub(super) fn of(config: &Config, seal: &SealFile) -> Self {
        let beside = |ending: &str| config.resolve(&seal.certificate).with_extension(ending);
        Self { certificate: beside("sm2.pem"), key: beside("sm2.key"), seal: beside("esl") }
    }

    fn all(self) -> [PathBuf; 3] {
        [self.certificate, self.key, self.seal]
    }
}

/// A signer for every seal, and the maker last.
fn plan(config: &Config, seals: &[&SealFile]) -> Plan {
    let signer = |seal: &&SealFile| {
        let name = format!("{} {}", seal.name, seal.sub_line.as_deref().unwrap_or("电子印章"));
        (seal.role.clone(), name, SealKey::Fresh(KeyPurpose::Sm2))
    };
    let maker = (
        "maker".to_owned(),
        format!("{} 电子印章制作", config.issuer().name.zh),
        SealKey::Fresh(KeyPurpose::Sm2),
    );
    Plan {
        organisation: config.issuer().name.zh.clone(),
        demonstration: config.mode() == Mode::Demo,
        at: clock::now(),
        seals: seals.iter().map(signer).chain([maker]).collect(),
    }
}

/// The key that the ceremony made.
fn key_of(files: &SealFiles) -> Result<&Zeroizing<Vec<u8>>, KeysError> {
    Ok(files.key.as_ref().ok_or(crypto::KeyError::Generation)?)
}

fn opened(pkcs8: &Zeroizing<Vec<u8>>, certificates: &str) -> Result<SoftwareKey, KeysError> {
    let certificate = own(certificates)?;
    Ok(SoftwareKey::from_pkcs8(pkcs8, &SM2_SM3, certificate.der().to_vec(), Vec::new())?)
}

fn own(certificates: &str) -> Result<Certificate, KeysError> {
    let all = ceremony::certificates(certificates).map_err(ceremony::CeremonyError::from)?;
    Ok(all.into_iter().next().ok_or(crypto::KeyError::Form)?)
}

/// What an electronic seal is made of.
struct Made<'m> {
    signer: &'m SealFiles,
    png: &'m [u8],
    at: Instant,
    version: Version,
}

/// SESeal for one role, good for as long as its signer's certificate.
fn electronic(
    config: &Config,
    seal: &SealFile,
    made: &Made<'_>,
    maker: &SoftwareKey,
) -> Result<Vec<u8>, KeysError> {
    let (certificate, at, png) = (own(&made.signer.certificates)?, made.at, made.png);
    let whole = |mm: f32| mm.round() as u8;
    let plan = SealPlan {
        version: made.version,
        vendor: VENDOR,
        // A seal made anew is another seal: its code is its own.
        id: &format!(
            "{}-{}-{}",
            config.issuer().uscc,
            seal.role,
            &hex::encode(certificate.fingerprint())[..8]
        ),
        kind: if seal.sub_line.is_some() { SPECIAL } else { OWN },
        name: &format!("{}{}", seal.name, seal.sub_line.as_deref().unwrap_or_default()),
        signers: &[certificate.der()],
        valid_from: at,
        valid_until: certificate.not_after(),
        picture: PicturePlan {
            png,
            width_mm: whole(seal.width_mm),
            height_mm: whole(seal.height_mm.unwrap_or(seal.width_mm)),
        },
    };
    Ok(make::seal(&plan, maker).map_err(|_| crypto::KeyError::Generation)?)
}

fn write(
    config: &Config,
    seal: &SealFile,
    signer: &SealFiles,
    electronic: &[u8],
) -> Result<Option<KeyRow>, NationalError> {
    let places = NationalPlaces::of(config, seal);
    let passphrase = office::passphrase(config, seal)?;
    strong(&passphrase)?;
    let sealed =
        crypto::encrypt_pkcs8(key_of(signer)?, passphrase.trim_end().as_bytes()).map_err(KeysError::from)?;
    files::create(&places.key, &sealed, Readers::Owner)?;
    files::create(&places.certificate, &signer.certificates, Readers::All)?;
    files::create_bytes(&places.seal, electronic, Readers::All)?;
    let certificate = own(&signer.certificates)?;
    Ok(Some(row(&format!("{} (SM2)", seal.role), SM2_SM3.id, &certificate)))
}

/// The colour of seals.
pub(super) fn ink() -> [u8; 3] {
    [SEAL_RED.0, SEAL_RED.1, SEAL_RED.2].map(|part| (part * 255.0).round() as u8)
}
