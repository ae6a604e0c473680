//! The configuration file of a state folder: what the operator typed, then what the program means.
//!
//! `yinzheng.toml` lies in the state folder; every path in it is relative to that folder. All problems
//! are reported together, each with its key, so that an operator mends the file once. This is the only
//! room that reads environment variables. Nothing here creates or trusts anything by default.

use crate::domain::Issuer;
use crate::net::AllowList;
use crate::verify::Policy;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Name of the file in the state folder.
pub const FILE_NAME: &str = "yinzheng.toml";

/// Whether papers are real.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Everything says 样例; demonstration keys and the unreal province 99 are accepted.
    Demo,
    /// Real papers: demonstration keys are refused.
    Production,
}

/// The file as typed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ConfigFile {
    /// `demo` or `production`.
    pub mode: Mode,
    /// Address that the QR code opens, ending in `/`; the verification code is appended.
    pub verify_url: String,
    /// Folder of further certificate types, relative to the state folder; beside the built-in ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub templates: Option<PathBuf>,
    /// Folder with fonts that replace the built-in ones of the same file name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fonts: Option<PathBuf>,
    /// The authority.
    pub issuer: Issuer,
    /// The service; every key has a default.
    #[serde(default)]
    pub server: ServerFile,
    /// How documents are judged.
    #[serde(default)]
    pub verify: VerifyFile,
    /// Whether revocation may be asked for outside.
    #[serde(default)]
    pub revocation: RevocationFile,
    /// Certificates that a type may have issued in any hour; a type that is not named has no ceiling.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hourly_ceilings: BTreeMap<String, u32>,
    /// The seals, one per role.
    #[serde(rename = "seal", default)]
    pub seals: Vec<SealFile>,
}

/// How documents are judged, as typed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct VerifyFile {
    /// A shipped policy, or a file `….toml` relative to the state folder.
    pub policy: String,
}

impl Default for VerifyFile {
    fn default() -> Self {
        Self { policy: Policy::strict().name.clone() }
    }
}

/// Whether and where revocation lists and OCSP answers may be fetched, as typed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RevocationFile {
    /// Off by default: then nothing is ever fetched.
    pub fetch: bool,
    /// `http://host[:port][/path]`: each covers itself and what lies below it.
    pub allow: Vec<String>,
}

/// The service as typed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerFile {
    /// Address and port.
    pub listen: String,
    /// Largest request body in MiB, 1 to 64.
    pub body_mib: u16,
    /// Seconds a request may take, 1 to 300.
    pub deadline_seconds: u16,
    /// Requests that may wait for a free worker before 503 is answered, 1 to 10,000.
    pub queue: u16,
    /// Public requests a minute from one address, 1 to 1,000,000.
    pub public_per_minute: u32,
    /// Requests a minute of one key, 1 to 1,000,000.
    pub key_per_minute: u32,
    /// `human` or `json`.
    pub log: LogForm,
    /// TLS, if the service is to speak it itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<TlsFile>,
}

/// TLS as typed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsFile {
    /// PEM: certificate chain, leaf first.
    pub certificate: PathBuf,
    /// PEM: private key.
    pub key: PathBuf,
    /// PEM: authorities of client certificates; if given, a client without one is refused (mutual TLS).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client_authorities: Option<PathBuf>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogForm {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

impl Default for ServerFile {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            body_mib: 20,
            deadline_seconds: 30,
            queue: 256,
            public_per_minute: 120,
            key_per_minute: 6_000,
            log: LogForm::Human,
            tls: None,
        }
    }
}

/// One seal as typed.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SealFile {
    /// The role types ask for: `bureau`, `adoption`, …
    pub role: String,
    /// Name around the rim.
    pub name: String,
    /// Straight line below the star, as 收养登记专用章.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sub_line: Option<String>,
    /// `circle` or `oval`.
    #[serde(default)]
    pub shape: Shape,
    /// Width in millimetres: the diameter of a circle.
    pub width_mm: f32,
    /// Height in millimetres, ovals only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height_mm: Option<f32>,
    /// Signature suite, as `ecdsa-p256-sha256`.
    pub suite: String,
    /// PEM: the seal certificate, then its issuing authorities without the root.
    pub certificate: PathBuf,
    /// PEM: encrypted PKCS#8 (PBES2). None when the key lies on a token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<PathBuf>,
    /// The token that the key lies on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<TokenFile>,
    /// File with the key's passphrase, or the token's PIN; readable by its owner only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase_file: Option<PathBuf>,
    /// Environment variable with the key's passphrase, or the token's PIN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passphrase_env: Option<String>,
    /// `ETSI.CAdES.detached` (PAdES, default), `adbe.pkcs7.detached` (readable by Firefox), or `GM.SM2`: the electronic
    /// seal alone, for national software; readers from abroad find no signature then.
    #[serde(default)]
    pub sub_filter: SubFilterName,
    /// Content types of the CMS: `rfc5652` (default), or `gbt35275` with the suite `sm2-sm3`.
    #[serde(default, skip_serializing_if = "CmsName::is_usual")]
    pub cms: CmsName,
    /// True when an electronic seal by GB/T 38540 is pressed with it: `.esl`, `.sm2.pem` and `.sm2.key` beside the
    /// certificate, made by `keys national`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub national: bool,
}

/// Where a key lies on a token (PKCS#11).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenFile {
    /// The vendor's library, as `/usr/lib/softhsm/libsofthsm2.so`.
    pub module: PathBuf,
    /// Label of the token.
    pub token: String,
    /// Label of the key.
    pub key: String,
    /// Signatures at once.
    #[serde(default = "four")]
    pub sessions: usize,
}

fn four() -> usize {
    4
}

/// Outline of a seal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Round, with a star.
    #[default]
    Circle,
    /// Oval, without a star.
    Oval,
}

/// The PDF SubFilter of a seal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SubFilterName {
    /// PAdES baseline.
    #[default]
    #[serde(rename = "ETSI.CAdES.detached")]
    EtsiCades,
    /// The older form that pdf.js can check.
    #[serde(rename = "adbe.pkcs7.detached")]
    AdbePkcs7,
    /// GB/T 38540 alone, under GM.PKILite.
    #[serde(rename = "GM.SM2")]
    GmSm2,
}

/// By which standard the CMS of a seal names its parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CmsName {
    /// RFC 5652.
    #[default]
    Rfc5652,
    /// GB/T 35275.
    Gbt35275,
}

impl CmsName {
    fn is_usual(&self) -> bool {
        *self == Self::Rfc5652
    }
}

/// What the program means: a file without problems, and where it stands.
#[derive(Clone, Debug)]
pub struct Config {
    state: PathBuf,
    file: ConfigFile,
}

/// One problem of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// Key, as `seal[1].width_mm`.
    pub key: String,
    /// What is wrong and what to write, 中文 then English.
    pub what: String,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error(
        "读不到配置文件 {path}:{source}(这是状态目录吗?用 `yinzheng init` 或 `yinzheng demo` 新建)/ cannot read {path}: is this a state folder? Make one with `yinzheng init` or `yinzheng demo`"
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not TOML of the right shape.
    #[error("{path}: {reason}")]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The parser's words with line and column.
        reason: String,
    },
    /// Well formed, but it cannot be meant.
    #[error("{path} 有 {} 个问题 / has {} problems:{}", .problems.len(), .problems.len(), Listed(.problems))]
    Wrong {
        /// The file.
        path: PathBuf,
        /// All of them.
        problems: Vec<ConfigProblem>,
    },
}

/// Problems, one a line.
pub(crate) struct Listed<'a>(pub(crate) &'a [ConfigProblem]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|p| write!(f, "\n  {}: {}", p.key, p.what))
    }
}

impl Config {
    /// Reads and weighs the file of a state folder.
    ///
    /// # Errors
    /// [`ConfigError`], with all problems at once.
    #[expect(clippy::disallowed_methods, reason = "the configuration file is this room's purpose")]
    pub fn read(state: &Path) -> Result<Self, ConfigError> {
        let path = state.join(FILE_NAME);
        let text = std::fs::read_to_string(&path)
            .map_err(|source| ConfigError::Unreadable { path: path.clone(), source })?;
        let file: ConfigFile = match toml::from_str(&text) {
            Ok(file) => file,
            Err(why) => return Err(malformed(path, &text, &why)),
        };
        Self::weigh(state, file).map_err(|problems| ConfigError::Wrong { path, problems })
    }

    /// Checks a file's content without the disk.
    ///
    /// # Errors
    /// Every problem of the file, in its order.
    pub fn weigh(state: &Path, file: ConfigFile) -> Result<Self, Vec<ConfigProblem>> {
        let mut problems = Vec::new();
        let mut add = |key: String, what: &str| problems.push(ConfigProblem { key, what: what.to_owned() });
        if !(file.verify_url.starts_with("https://") && file.verify_url.ends_with('/')) {
            add(
                "verify_url".into(),
                "须以 https:// 开头、以 / 结尾 / must begin with https:// and end with /",
            );
        }
        for problem in file.issuer.check(file.mode == Mode::Demo) {
            let words = format!("{} / {}", problem.message.zh, problem.message.en);
            add(format!("issuer.{}", problem.pointer.trim_start_matches('/')), &words);
        }
        weigh_server(&file.server, &mut add);
        if Policy::built_in(&file.verify.policy).is_none() && !file.verify.policy.ends_with(".toml") {
            let known: Vec<&str> = Policy::all().iter().map(|policy| policy.name.as_str()).collect();
            let known = known.join("、");
            add(
                "verify.policy".into(),
                &format!("须为 {known} 之一,或一个 .toml 文件 / must be one of these, or a .toml file"),
            );
        }
        weigh_revocation(&file.revocation, &mut add);
        for (slug, _) in file.hourly_ceilings.iter().filter(|(_, most)| **most == 0) {
            add(format!("hourly_ceilings.{slug}"), "须为 1 以上的整数 / must be 1 or more");
        }
        for (at, seal) in file.seals.iter().enumerate() {
            weigh_seal(at, seal, &file.seals, &mut add);
        }
        if problems.is_empty() { Ok(Self { state: state.to_owned(), file }) } else { Err(problems) }
    }

    /// How many certificates of a type may be issued in any hour, if that is limited.
    #[must_use]
    pub fn hourly_ceiling(&self, slug: &str) -> Option<u32> {
        self.file.hourly_ceilings.get(slug).copied()
    }

    /// The state folder.
    #[must_use]
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// Whether papers are real.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.file.mode
    }

    /// The authority.
    #[must_use]
    pub fn issuer(&self) -> &Issuer {
        &self.file.issuer
    }

    /// The service.
    #[must_use]
    pub fn server(&self) -> &ServerFile {
        &self.file.server
    }

    /// Where revocation may be asked for; none when it may not.
    #[must_use]
    pub fn revocation(&self) -> Option<AllowList> {
        // Weighed when the file was read.
        self.file.revocation.fetch.then(|| AllowList::read(&self.file.revocation.allow).unwrap_or_default())
    }

    /// The seals, each role once.
    #[must_use]
    pub fn seals(&self) -> &[SealFile] {
        &self.file.seals
    }

    /// The address a QR code holds for a printed verification code; upper case, so that it stays small.
    #[must_use]
    pub fn verify_url(&self, code: &str) -> String {
        format!("{}{code}", self.file.verify_url).to_uppercase()
    }

    /// Folder of further types, if one is named.
    #[must_use]
    pub fn templates(&self) -> Option<PathBuf> {
        self.file.templates.as_ref().map(|p| self.state.join(p))
    }

    /// Folder of replacing fonts, if one is named.
    #[must_use]
    pub fn fonts(&self) -> Option<PathBuf> {
        self.file.fonts.as_ref().map(|p| self.state.join(p))
    }

    /// The policy of verdicts: the name of a shipped one, or a file, made absolute by the state folder.
    #[must_use]
    pub fn resolve_policy(&self) -> PathBuf {
        let named = Path::new(&self.file.verify.policy);
        if Policy::built_in(&self.file.verify.policy).is_some() {
            named.to_owned()
        } else {
            self.resolve(named)
        }
    }

    /// A path of the file, made absolute by the state folder.
    #[must_use]
    pub fn resolve(&self, path: &Path) -> PathBuf {
        self.state.join(path)
    }
}

/// A parser stops at its first word; of the service's table the rest is told too.
fn malformed(path: PathBuf, text: &str, why: &toml::de::Error) -> ConfigError {
    let reason = why.to_string();
    let table = toml::from_str::<toml::Table>(text).ok();
    let server = table.as_ref().and_then(|table| table.get("server")).and_then(toml::Value::as_table);
    let mut problems = server.map(weigh_loosely).unwrap_or_default();
    if problems.is_empty() {
        return ConfigError::Malformed { path, reason };
    }
    problems.insert(0, ConfigProblem { key: FILE_NAME.to_owned(), what: reason.trim_end().to_owned() });
    ConfigError::Wrong { path, problems }
}

/// Limits of the service: key, least, most.
const RANGES: [(&str, u32, u32); 5] = [
    ("body_mib", 1, 64),
    ("deadline_seconds", 1, 300),
    ("queue", 1, 10_000),
    ("public_per_minute", 1, 1_000_000),
    ("key_per_minute", 1, 1_000_000),
];

/// The service's table when it is not of the right shape: each member by itself.
fn weigh_loosely(server: &toml::Table) -> Vec<ConfigProblem> {
    let mut problems = Vec::new();
    let mut add =
        |key: &str, what: String| problems.push(ConfigProblem { key: format!("server.{key}"), what });
    for (key, value) in server {
        let range = RANGES.iter().find(|(name, _, _)| name == key);
        match (key.as_str(), range) {
            (_, Some((_, least, most))) => {
                if !value
                    .as_integer()
                    .is_some_and(|value| (i64::from(*least)..=i64::from(*most)).contains(&value))
                {
                    add(key, between(*least, *most));
                }
            }
            ("listen", _) => {
                if !value.as_str().is_some_and(is_address) {
                    add(key, ADDRESS.to_owned());
                }
            }
            ("log", _) => {
                if !matches!(value.as_str(), Some("human" | "json")) {
                    add(key, "须为 human 或 json / must be human or json".to_owned());
                }
            }
            ("tls", _) => {
                for (needed, is_needed) in
                    [("certificate", true), ("key", true), ("client_authorities", false)]
                {
                    let given = value.get(needed);
                    if given.is_none() && is_needed || given.is_some_and(|given| given.as_str().is_none()) {
                        add(
                            &format!("tls.{needed}"),
                            "须为 PEM 文件的路径 / must be the path of a PEM file".to_owned(),
                        );
                    }
                }
            }
            _ => add(key, "没有这一项 / no such key".to_owned()),
        }
    }
    problems
}

const ADDRESS: &str = "须为 地址:端口,如 127.0.0.1:8080 / must be ADDRESS:PORT, as 127.0.0.1:8080";

fn is_address(text: &str) -> bool {
    text.parse::<std::net::SocketAddr>().is_ok()
}

fn between(least: u32, most: u32) -> String {
    format!("须在 {least} 至 {most} 之间 / must lie between {least} and {most}")
}

fn weigh_server(server: &ServerFile, add: &mut impl FnMut(String, &str)) {
    if !is_address(&server.listen) {
        add("server.listen".into(), ADDRESS);
    }
    let values = [
        u32::from(server.body_mib),
        u32::from(server.deadline_seconds),
        u32::from(server.queue),
        server.public_per_minute,
        server.key_per_minute,
    ];
    for ((key, least, most), value) in RANGES.into_iter().zip(values) {
        if !(least..=most).contains(&value) {
            add(format!("server.{key}"), &between(least, most));
        }
    }
}

fn weigh_revocation(revocation: &RevocationFile, add: &mut impl FnMut(String, &str)) {
    if revocation.fetch && revocation.allow.is_empty() {
        add("revocation.allow".into(), "允许取用时,须列出地址 / must name addresses when fetching is on");
    }
    for (at, why) in AllowList::read(&revocation.allow).err().unwrap_or_default() {
        add(format!("revocation.allow[{at}]"), &why.to_string());
    }
}

fn weigh_seal(at: usize, seal: &SealFile, all: &[SealFile], add: &mut impl FnMut(String, &str)) {
    if all.iter().take(at).any(|other| other.role == seal.role) {
        add(format!("seal[{at}].role"), "同一角色只能有一枚印章 / each role has one seal");
    }
    if !(10.0..=60.0).contains(&seal.width_mm) {
        add(format!("seal[{at}].width_mm"), "须在 10 至 60 毫米之间 / must lie between 10 and 60 mm");
    }
    match (seal.shape, seal.height_mm) {
        (Shape::Oval, None) => {
            add(format!("seal[{at}].height_mm"), "椭圆章须给出高度 / an oval needs its height")
        }
        (Shape::Circle, Some(_)) => {
            add(format!("seal[{at}].height_mm"), "圆章只有直径 / a circle has only a width")
        }
        _ => {}
    }
    if seal.sub_filter == SubFilterName::GmSm2 && !seal.national {
        add(format!("seal[{at}].sub_filter"), "GM.SM2 须有 national = true / GM.SM2 needs national = true");
    }
    if seal.cms == CmsName::Gbt35275 && seal.suite != "sm2-sm3" {
        add(format!("seal[{at}].cms"), "gbt35275 只用于 sm2-sm3 / is for the suite sm2-sm3 alone");
    }
    if seal.key.is_some() == seal.token.is_some() {
        add(format!("seal[{at}]"), "key 与 token 须且只须给出一个 / give exactly one of key and token");
    }
    if seal.token.as_ref().is_some_and(|token| !(1..=64).contains(&token.sessions)) {
        add(format!("seal[{at}].token.sessions"), "须在 1 至 64 之间 / must lie between 1 and 64");
    }
    if seal.passphrase_file.is_some() == seal.passphrase_env.is_some() {
        add(
            format!("seal[{at}]"),
            "passphrase_file 与 passphrase_env 须且只须给出一个 / give exactly one of passphrase_file and passphrase_env",
        );
    }
}

/// Looks up the passphrase a seal's file names in the environment.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn from_environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
