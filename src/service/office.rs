//! An open state folder: configuration, fonts, types, seals, anchors and ledger, all weighed before first use.

use super::assets::{AssetError, Assets, FONT_FILES};
use super::clock;
use super::key_count::KeyCount;
use super::orders;
use super::policies::{self, PolicyFileError};
use super::revocation::Fetcher;
use super::seal_key;
use super::standing::Standing;
use crate::cms;
use crate::config::{CmsName, Config, ConfigError, Mode, SealFile, Shape, SubFilterName, from_environment};
use crate::crypto::{self, KeyError, Signer, SoftwareKey};
use crate::domain::drawing::{Drawing, PathStep};
use crate::domain::{CertificateType, OrderFault, TypeError};
use crate::fonts::{FontError, FontSet, FontSource, Role};
use crate::ledger::{Keyring, KeyringError, Ledger, LedgerError};
use crate::render::{CompiledSeal, DEFAULT_HOLE, LayoutError, MAX_HOLE, SealField, SubFilter, Template};
use crate::seal_art::{self, GlyphSource, SealArtError, SealDesign, SealShape};
use crate::ses::{self, Version};
use crate::verify::Policy;
use crate::x509::{self, Certificate, Checker, Crl, KeyRefusal, ceremony};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use zeroize::Zeroizing;

/// A type ready to be drawn, and the digest of its files.
pub struct Kind {
    /// The compiled layout with its type.
    pub template: Template,
    /// SHA-256 of type file and layout: what a reservation was made for.
    pub digest: [u8; 32],
}

/// A seal ready to be pressed.
pub struct Seal {
    pub(super) key: Box<dyn Signer>,
    pub(super) certificate: Certificate,
    pub(super) field: SealField,
    /// What its key counts of itself; none where that cannot be written, and then it is not used.
    pub(super) count: Option<KeyCount>,
    /// How its CMS names its parts.
    pub(super) shape: cms::Shape,
    /// What it looks like, as vectors.
    pub(super) svg: String,
    /// What is to be on file of it, once that was asked for.
    pub(super) filing: OnceLock<String>,
    /// The electronic seal that is pressed with it, and who presses it.
    pub(super) national: Option<National>,
}

/// An electronic seal by GB/T 38540, and the key of whom it lists.
pub(super) struct National {
    pub(super) version: Version,
    pub(super) seal: Vec<u8>,
    pub(super) signer: SoftwareKey,
}

/// What the state folder says is trusted and how it is judged. Where there are officers, what they signed for holds.
pub(super) struct Found {
    pub(super) trust: String,
    pub(super) policy: String,
}

/// An open state folder.
pub struct Office {
    pub(super) config: Config,
    pub(super) ledger: Ledger,
    pub(super) fonts: Arc<FontSet>,
    pub(super) kinds: BTreeMap<String, Kind>,
    pub(super) seals: BTreeMap<String, Seal>,
    pub(super) anchors: Vec<Certificate>,
    /// Issuing authorities of its own: a national seal that stands alone does not bring them.
    pub(super) known: Vec<Certificate>,
    pub(super) crls: Vec<Crl>,
    pub(super) checker: Checker,
    pub(super) policy: Policy,
    pub(super) found: Found,
    pub(super) standing: Standing,
    /// Seeks revocation outside, where the configuration lets it.
    pub(super) fetcher: Option<Fetcher>,
}

/// Why a state folder cannot be opened: what, where, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A template or font file.
    #[error(transparent)]
    Asset(#[from] AssetError),
    /// A type file.
    #[error(transparent)]
    Type(#[from] TypeError),
    /// A layout.
    #[error("{slug}/layout.toml: {why}")]
    Layout {
        /// The type.
        slug: String,
        /// What is wrong.
        why: LayoutError,
    },
    /// Two types with one code: their identifiers (GB/T 36904) would be the same.
    #[error(
        "{slug} 与 {other} 的 type_code 都是 {code},须改一个 / {slug} and {other} share type_code {code}: change one"
    )]
    TypeCode {
        /// The later type.
        slug: String,
        /// The earlier type.
        other: String,
        /// The code.
        code: String,
    },
    /// The policy of verdicts.
    #[error(transparent)]
    Policy(#[from] PolicyFileError),
    /// A font.
    #[error(transparent)]
    Font(#[from] FontError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The ledger's key file.
    #[error(transparent)]
    Keyring(#[from] KeyringError),
    /// A file of the state folder.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A certificate or revocation list of the state folder that cannot be read.
    #[error("{0}: 不是可用的证书或吊销列表 / not a usable certificate or revocation list")]
    Certificate(PathBuf),
    /// A seal's drawing.
    #[error("印章 seal {role}: {why}")]
    Drawing {
        /// The role.
        role: String,
        /// What is wrong.
        why: SealArtError,
    },
    /// A seal's key file.
    #[error("印章 seal {role}: {why}")]
    Key {
        /// The role.
        role: String,
        /// What is wrong.
        why: KeyError,
    },
    /// The token that holds a seal's key.
    #[error("印章 seal {role}: {why}")]
    Token {
        /// The role.
        role: String,
        /// What it says.
        why: String,
    },
    /// A seal that must not be used.
    #[error("印章 seal {role}: {why}")]
    Refused {
        /// The role.
        role: String,
        /// Why.
        why: KeyRefusal,
    },
    /// No passphrase where the configuration says.
    #[error("印章 seal {role}: 没有口令({place})/ no passphrase in {place}")]
    Passphrase {
        /// The role.
        role: String,
        /// File or variable.
        place: String,
    },
    /// An electronic seal that is none, or that does not list its signer.
    #[error(
        "印章 seal {role}: {path} 不是列有其签章证书的电子印章 / is no electronic seal that lists its signer"
    )]
    Electronic {
        /// The role.
        role: String,
        /// The file.
        path: PathBuf,
    },
    /// An unknown suite name.
    #[error("印章 seal {role}: 不认识的算法 {suite} / unknown suite {suite}")]
    Suite {
        /// The role.
        role: String,
        /// What the file says.
        suite: String,
    },
}

/// Letters of seals.
pub(super) struct Bold<'a>(pub(super) &'a FontSet);

impl GlyphSource for Bold<'_> {
    fn outline(&self, c: char) -> Option<(Vec<PathStep>, f32)> {
        Some((self.0.outline(Role::Bold, c)?, self.0.glyph(Role::Bold, c)?.advance))
    }
}

impl Office {
    /// Opens a state folder and weighs everything in it.
    ///
    /// # Errors
    /// The first thing that must not be used, with its place.
    pub fn open(state: &Path, mut folders: Vec<PathBuf>) -> Result<Self, OpenError> {
        let config = Config::read(state)?;
        folders.extend(config.templates());
        folders.push(state.join("certificate-templates"));
        let assets = Assets::new(folders, config.fonts());
        let fonts = load_fonts(&assets)?;
        let kinds = load_kinds(&assets, &fonts)?;
        let anchors = own_anchors(state)?;
        let crls = revocation_lists(&state.join("trust"))?;
        let issuing = ["keys/issuing-ca.pem", "keys/national-issuing-ca.pem"].map(|file| state.join(file));
        let known = issuing.iter().filter(|file| file.is_file()).map(|file| self::anchors(file));
        let known: Vec<Certificate> = known.collect::<Result<Vec<_>, _>>()?.concat();
        let checker = Checker::new(crypto::ALL);
        let named = config.resolve_policy();
        let policy = policies::find(&named)?;
        let found = Found { trust: orders::pem_of(&anchors), policy: policies::wording(&named)? };
        let mut seals = BTreeMap::new();
        for file in config.seals() {
            seals.insert(file.role.clone(), open_seal(&config, file, &fonts, &anchors)?);
        }
        let keyring = Keyring::read(&text(&state.join("ledger-keys.json"))?)?;
        let ledger = Ledger::open(&state.join("ledger.db"), keyring)?;
        let standing = Standing::default();
        let fetcher = config.revocation().map(Fetcher::new);
        let mut office = Self {
            config,
            ledger,
            fonts,
            kinds,
            seals,
            anchors,
            known,
            crls,
            checker,
            policy,
            found,
            standing,
            fetcher,
        };
        office.open_counts()?;
        office.judge_by_order()?;
        Ok(office)
    }

    /// Where officers signed for what is trusted and for a policy, those hold, whatever the folder says.
    fn judge_by_order(&mut self) -> Result<(), OpenError> {
        let signed =
            |item: &str| Ok::<_, LedgerError>(self.ledger.adopted(item)?.and_then(|held| held.content));
        let lost = |item: &str| LedgerError::from(OrderFault::NotAdopted(item.to_owned()));
        let (trust, policy) = (signed("trust")?, signed("policy")?);
        if let Some(trust) = trust.filter(|trust| *trust != self.found.trust) {
            self.anchors = ceremony::certificates(&trust).map_err(|_| lost("trust"))?;
        }
        if let Some(policy) = policy.filter(|policy| *policy != self.found.policy) {
            self.policy = policies::of_wording(&policy).map_err(|_| lost("policy"))?;
        }
        Ok(())
    }

    /// Types by slug.
    #[must_use]
    pub fn kinds(&self) -> &BTreeMap<String, Kind> {
        &self.kinds
    }

    /// The ledger, for look-ups.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The policy of its verdicts.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// True in demo mode.
    #[must_use]
    pub fn is_demo(&self) -> bool {
        self.config.mode() == Mode::Demo
    }

    /// Seal certificates by role.
    pub fn seal_certificates(&self) -> impl Iterator<Item = (&str, &Certificate, &'static str)> {
        self.seals.iter().map(|(role, seal)| (role.as_str(), &seal.certificate, seal.key.suite().id))
    }
}

/// The house's fonts.
///
/// # Errors
/// Not found, unreadable, not a font.
pub fn load_fonts(assets: &Assets) -> Result<Arc<FontSet>, OpenError> {
    let source = |name: &str| -> Result<FontSource, OpenError> {
        let label = name.trim_end_matches(".ttf.zst").to_owned();
        Ok(FontSource { name: label, bytes: assets.font(name)?.bytes.into_owned() })
    };
    let [regular, bold, rare] = FONT_FILES;
    Ok(Arc::new(FontSet::new(source(regular)?, source(bold)?, source(rare)?)?))
}

/// Every type of the assets, compiled.
///
/// # Errors
/// A type or layout that cannot be used, with its name.
pub fn load_kinds(assets: &Assets, fonts: &Arc<FontSet>) -> Result<BTreeMap<String, Kind>, OpenError> {
    let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
    for slug in assets.slugs() {
        let kind = load_kind(assets, fonts, &slug)?;
        let code = kind.template.kind().type_code();
        if let Some((other, _)) = kinds.iter().find(|(_, other)| other.template.kind().type_code() == code) {
            return Err(OpenError::TypeCode { slug, other: other.clone(), code: code.to_owned() });
        }
        kinds.insert(slug, kind);
    }
    Ok(kinds)
}

/// One type of the assets, compiled.
///
/// # Errors
/// A type or layout that cannot be used, with its name.
pub fn load_kind(assets: &Assets, fonts: &Arc<FontSet>, slug: &str) -> Result<Kind, OpenError> {
    let part = |name: &str| -> Result<String, OpenError> {
        let found = assets.find(&format!("{slug}/{name}"))?;
        Ok(String::from_utf8_lossy(&found.bytes).into_owned())
    };
    let (type_toml, layout) = (part("type.toml")?, part("layout.toml")?);
    let kind = CertificateType::from_toml(slug, &type_toml)?;
    let template = Template::compile(&kind, &layout, Arc::clone(fonts))
        .map_err(|why| OpenError::Layout { slug: slug.to_owned(), why })?;
    let digest = crypto::sha256(&[type_toml.as_bytes(), b"\0", layout.as_bytes()]);
    Ok(Kind { template, digest })
}

/// What an office trusts: its root, and that of its national seals where it has any.
///
/// # Errors
/// Unreadable, or not certificates.
pub(super) fn own_anchors(state: &Path) -> Result<Vec<Certificate>, OpenError> {
    let trust = state.join("trust");
    let mut all = anchors(&trust.join("root.pem"))?;
    let national = trust.join("national-root.pem");
    if national.is_file() {
        all.extend(anchors(&national)?);
    }
    Ok(all)
}

/// The certificates of a PEM file or of every `.pem` and `.crt` in a folder.
///
/// # Errors
/// Unreadable, or not certificates.
pub fn anchors(path: &Path) -> Result<Vec<Certificate>, OpenError> {
    let read = |path: &Path| -> Result<Vec<Certificate>, OpenError> {
        let bytes = bytes(path)?;
        let found = match std::str::from_utf8(&bytes) {
            Ok(text) => ceremony::certificates(text),
            Err(_) => Certificate::from_der(&bytes).map(|c| vec![c]),
        };
        found.ok().filter(|c| !c.is_empty()).ok_or_else(|| OpenError::Certificate(path.to_owned()))
    };
    if !path.is_dir() {
        return read(path);
    }
    let mut all = Vec::new();
    for file in files_of(path, &["pem", "crt", "cer", "der"])? {
        all.extend(read(&file)?);
    }
    Ok(all)
}

pub(super) fn revocation_lists(folder: &Path) -> Result<Vec<Crl>, OpenError> {
    let mut all = Vec::new();
    for file in files_of(folder, &["crl"])? {
        for der in x509::pem_blocks(&text(&file)?, "X509 CRL") {
            all.push(Crl::from_der(&der).map_err(|_| OpenError::Certificate(file.clone()))?);
        }
    }
    Ok(all)
}

pub(super) fn open_seal(
    config: &Config,
    file: &SealFile,
    fonts: &FontSet,
    anchors: &[Certificate],
) -> Result<Seal, OpenError> {
    let role = || file.role.clone();
    let suite = crypto::by_id(&file.suite)
        .ok_or_else(|| OpenError::Suite { role: role(), suite: file.suite.clone() })?;
    let chain_path = config.resolve(&file.certificate);
    let mut chain = self::anchors(&chain_path)?;
    if chain.is_empty() {
        return Err(OpenError::Certificate(chain_path));
    }
    let certificate = chain.remove(0);
    let passphrase = passphrase(config, file)?;
    let (key, public) = seal_key::open(config, file, suite, &certificate, &chain)?;
    let demo = config.mode() == Mode::Demo;
    let checker = Checker::new(crypto::ALL);
    x509::seal_ready(&public, &certificate, &chain, anchors, &checker, clock::now(), demo)
        .map_err(|why| OpenError::Refused { role: role(), why })?;
    let national = file.national.then(|| open_national(config, file, anchors, &passphrase)).transpose()?;
    let drawing = drawn(file, fonts)?;
    let name_zh = format!("{}{}", file.name, file.sub_line.as_deref().unwrap_or("印章"));
    let subfilter = match file.sub_filter {
        SubFilterName::EtsiCades => SubFilter::EtsiCades,
        SubFilterName::AdbePkcs7 => SubFilter::AdbePkcs7,
        SubFilterName::GmSm2 => SubFilter::GmSm2,
    };
    let shape = match file.cms {
        CmsName::Rfc5652 => cms::Shape::Rfc5652,
        CmsName::Gbt35275 => cms::Shape::Gbt35275,
    };
    let hole = if national.is_some() { MAX_HOLE } else { DEFAULT_HOLE };
    let field = SealField { seal: CompiledSeal::new(&drawing), name_zh, subfilter, hole };
    Ok(Seal {
        key,
        certificate,
        field,
        svg: seal_art::svg(&drawing),
        filing: OnceLock::new(),
        shape,
        count: None,
        national,
    })
}

/// The electronic seal of a role with its signer's key, weighed like the other one.
fn open_national(
    config: &Config,
    file: &SealFile,
    anchors: &[Certificate],
    passphrase: &str,
) -> Result<National, OpenError> {
    let role = || file.role.clone();
    let beside = |ending: &str| config.resolve(&file.certificate).with_extension(ending);
    let path = beside("sm2.pem");
    let mut chain = self::anchors(&path)?;
    if chain.is_empty() {
        return Err(OpenError::Certificate(path));
    }
    let certificate = chain.remove(0);
    let pem = Zeroizing::new(text(&beside("sm2.key"))?);
    let (der, issuing) = (certificate.der().to_vec(), chain.iter().map(|one| one.der().to_vec()).collect());
    let signer = SoftwareKey::open(&pem, passphrase.trim_end().as_bytes(), &crypto::SM2_SM3, der, issuing)
        .map_err(|why| OpenError::Key { role: role(), why })?;
    let demo = config.mode() == Mode::Demo;
    let checker = Checker::new(crypto::ALL);
    x509::seal_ready(&signer.public_key(), &certificate, &chain, anchors, &checker, clock::now(), demo)
        .map_err(|why| OpenError::Refused { role: role(), why })?;
    let path = beside("esl");
    let seal = bytes(&path)?;
    let read = ses::Seal::read(&seal).ok();
    let listed = read.as_ref().is_some_and(|read| match &read.signers {
        ses::Signers::Certificates(all) => all.contains(&certificate.der()),
        ses::Signers::Digests(_) => false,
    });
    let (true, Some(version)) = (listed, read.map(|read| read.version)) else {
        return Err(OpenError::Electronic { role: role(), path });
    };
    Ok(National { version, seal, signer })
}

/// What a seal of the configuration looks like.
pub(super) fn drawn(file: &SealFile, fonts: &FontSet) -> Result<Drawing, OpenError> {
    let shape = match (file.shape, file.height_mm) {
        (Shape::Oval, Some(height_mm)) => SealShape::Oval { width_mm: file.width_mm, height_mm },
        _ => SealShape::Circle { diameter_mm: file.width_mm },
    };
    let mut design = SealDesign::round(file.name.clone(), file.width_mm);
    design.shape = shape;
    design.star = file.shape == Shape::Circle;
    design.sub_line = file.sub_line.clone();
    seal_art::draw(&design, &Bold(fonts)).map_err(|why| OpenError::Drawing { role: file.role.clone(), why })
}

pub(super) fn passphrase(config: &Config, file: &SealFile) -> Result<Zeroizing<String>, OpenError> {
    let missing = |place: &str| OpenError::Passphrase { role: file.role.clone(), place: place.to_owned() };
    match (&file.passphrase_env, &file.passphrase_file) {
        (Some(name), _) => from_environment(name).map(Zeroizing::new).ok_or_else(|| missing(name)),
        (None, Some(path)) => Ok(Zeroizing::new(text(&config.resolve(path))?)),
        (None, None) => Err(missing("passphrase_file")),
    }
}

fn files_of(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, OpenError> {
    let entries =
        fs::read_dir(folder).map_err(|source| OpenError::File { path: folder.to_owned(), source })?;
    let fits =
        |path: &PathBuf| path.extension().and_then(|e| e.to_str()).is_some_and(|e| extensions.contains(&e));
    let mut files: Vec<PathBuf> = entries.filter_map(|e| Some(e.ok()?.path())).filter(fits).collect();
    files.sort();
    Ok(files)
}

#[expect(clippy::disallowed_methods, reason = "the state folder is this file's purpose")]
fn bytes(path: &Path) -> Result<Vec<u8>, OpenError> {
    fs::read(path).map_err(|source| OpenError::File { path: path.to_owned(), source })
}

pub(super) fn text(path: &Path) -> Result<String, OpenError> {
    String::from_utf8(bytes(path)?).map_err(|_| OpenError::Certificate(path.to_owned()))
}
