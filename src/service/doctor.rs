//! What an operator wants to know at night: is everything where it should be, and what is to be done next?
//!
//! Every check runs, whatever the others found. Nothing is created, repaired or issued.

use super::assets::{Assets, FONT_FILES};
use super::selftest::{SelfTest, Set};
use super::{Office, clock, files, office, policies};
use crate::config::{Config, ConfigError, Mode};
use crate::domain::{Bilingual, Instant};
use crate::fonts::FontSet;
use crate::ledger::{Keyring, Ledger};
use crate::x509::{Certificate, Crl};
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it should be.
    Good,
    /// Works now; something is to be done.
    Attention,
    /// Does not work, or must not be used.
    Bad,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Examined {
    /// Stable name, as `seal.bureau`.
    pub subject: String,
    /// How it is.
    pub health: Health,
    /// What was found.
    pub found: Bilingual,
    /// What to do, unless it is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<Bilingual>,
}

/// A seal certificate's successor takes weeks to arrange; a list's takes a day.
const CERTIFICATE_NOTICE_DAYS: i64 = 60;
const LIST_NOTICE_DAYS: i64 = 7;
const DAY: i64 = 86_400;

#[derive(Default)]
struct Notes(Vec<Examined>);

impl Notes {
    fn good(&mut self, subject: &str, zh: impl Into<String>, en: impl Into<String>) {
        self.add(subject, Health::Good, Bilingual::new(zh, en), None);
    }

    fn attention(&mut self, subject: &str, found: (String, String), next: (&str, &str)) {
        let (found, next) = (Bilingual::new(found.0, found.1), Bilingual::new(next.0, next.1));
        self.add(subject, Health::Attention, found, Some(next));
    }

    /// Errors of the house say both languages in one sentence.
    fn bad(&mut self, subject: &str, why: &dyn std::error::Error, next: (&str, &str)) {
        let (found, next) = (Bilingual::new(why.to_string(), ""), Bilingual::new(next.0, next.1));
        self.add(subject, Health::Bad, found, Some(next));
    }

    fn add(&mut self, subject: &str, health: Health, found: Bilingual, next: Option<Bilingual>) {
        self.0.push(Examined { subject: subject.to_owned(), health, found, next });
    }
}

/// Examines the program's own files and, if one is named, a state folder.
#[must_use]
pub fn examine(state: Option<&Path>, mut folders: Vec<PathBuf>) -> Vec<Examined> {
    let mut notes = Notes::default();
    notes.good("program", concat!("yinzheng ", env!("CARGO_PKG_VERSION")), "");
    verifier(&mut notes);
    let config = state.and_then(|state| configuration(&mut notes, state));
    folders.extend(config.as_ref().and_then(Config::templates));
    folders.extend(state.map(|state| state.join("certificate-templates")));
    let templates = folders.clone();
    let assets = Assets::new(folders, config.as_ref().and_then(Config::fonts));
    let fonts = fonts(&mut notes, &assets);
    if let Some(fonts) = &fonts {
        types(&mut notes, &assets, fonts);
    }
    if let (Some(config), Some(fonts)) = (&config, &fonts) {
        trust_and_seals(&mut notes, config, fonts);
    }
    if let Some(config) = &config {
        policy(&mut notes, config);
        ledger(&mut notes, config);
        officers(&mut notes, config, templates);
        secrets(&mut notes, config);
    }
    notes.0
}

/// Does the verifier see through the shipped attacks?
fn verifier(notes: &mut Notes) {
    let next = (
        "停止核验,换回发布的程序;`yinzheng verify --selftest` 逐条说明",
        "stop verifying and restore the released program; `yinzheng verify --selftest` says which",
    );
    match Set::shipped().run() {
        Err(why) => notes.bad("verifier", &why, next),
        Ok(tested) => {
            let SelfTest { refused, recognised, failed, .. } = tested;
            let found = (
                format!("自检:拒绝 {refused} 份攻击样本,识别 {recognised} 份真实文件,判错 {failed} 份"),
                format!(
                    "self-test: {refused} attacks refused, {recognised} honest files recognised, {failed} wrong"
                ),
            );
            if tested.passed {
                notes.good("verifier", found.0, found.1);
            } else {
                let (found, next) = (Bilingual::new(found.0, found.1), Bilingual::new(next.0, next.1));
                notes.add("verifier", Health::Bad, found, Some(next));
            }
        }
    }
}

/// The policy that documents are judged under.
fn policy(notes: &mut Notes, config: &Config) {
    match policies::find(&config.resolve_policy()) {
        Err(why) => notes.bad("policy", &why, ("改正所列各处", "correct the listed places")),
        Ok(policy) if policy.reports_trust() => notes.attention(
            "policy",
            (format!("{}:{}", policy.name, policy.words.zh), format!("{}: {}", policy.name, policy.words.en)),
            (
                "窗口不用这种策略:[verify] policy = \"strict\"",
                "not for a counter: [verify] policy = \"strict\"",
            ),
        ),
        Ok(policy) => notes.good(
            "policy",
            format!("{} {},{}", policy.name, policy.version, policy.words.zh),
            policy.words.en,
        ),
    }
}

fn configuration(notes: &mut Notes, state: &Path) -> Option<Config> {
    match Config::read(state) {
        Ok(config) => {
            let mode = match config.mode() {
                Mode::Demo => ("演示模式,一切均为样例", "demonstration: everything is a specimen"),
                Mode::Production => ("正式模式", "production"),
            };
            let name = &config.issuer().name;
            notes.good(
                "configuration",
                format!("{};{}", name.zh, mode.0),
                format!("{}; {}", name.en, mode.1),
            );
            if config.mode() == Mode::Production && config.issuer().region.starts_with("99") {
                notes.attention(
                    "configuration.issuer.region",
                    ("行政区划 99 是虚构的".into(), "region 99 is fictional".into()),
                    ("改为真实的行政区划代码", "write the real GB/T 2260 code"),
                );
            }
            Some(config)
        }
        Err(why) => {
            let next = match why {
                ConfigError::Unreadable { .. } => (
                    "用 `yinzheng init` 新建,或改正 --state",
                    "make one with `yinzheng init`, or correct --state",
                ),
                _ => ("改正 yinzheng.toml 中所列各处", "correct the listed places of yinzheng.toml"),
            };
            notes.bad("configuration", &why, next);
            None
        }
    }
}

fn fonts(notes: &mut Notes, assets: &Assets) -> Option<Arc<FontSet>> {
    for name in FONT_FILES {
        match assets.font(name) {
            Ok(found) => notes.good(&format!("font.{name}"), found.place, ""),
            Err(why) => notes.bad(
                &format!("font.{name}"),
                &why,
                ("把字体文件放到所列位置之一", "put the font file into one of these places"),
            ),
        }
    }
    match office::load_fonts(assets) {
        Ok(fonts) => Some(fonts),
        Err(why) => {
            notes.bad("fonts", &why, ("换回随程序发布的字体", "restore the fonts shipped with the program"));
            None
        }
    }
}

fn types(notes: &mut Notes, assets: &Assets, fonts: &Arc<FontSet>) {
    for slug in assets.slugs() {
        let place = assets.find(&format!("{slug}/type.toml")).map(|found| found.place).unwrap_or_default();
        let subject = format!("type.{slug}");
        match office::load_kind(assets, fonts, &slug) {
            Ok(kind) => {
                let name = kind.template.kind().name();
                notes.good(&subject, format!("{}({place})", name.zh), name.en.clone());
            }
            Err(why) => notes.bad(
                &subject,
                &why,
                (
                    "改正该目录的文件,再 `yinzheng template check`",
                    "correct its files, then `yinzheng template check`",
                ),
            ),
        }
    }
    if let Err(why @ office::OpenError::TypeCode { .. }) = office::load_kinds(assets, fonts) {
        notes.bad("types", &why, ("改一个 type_code", "change one type_code"));
    }
}

fn trust_and_seals(notes: &mut Notes, config: &Config, fonts: &FontSet) {
    let make = (
        "用 `yinzheng keys ceremony` 生成,或放入发证机构给的文件",
        "hold `yinzheng keys ceremony`, or put your CA's files there",
    );
    let anchors = match office::own_anchors(config.state()) {
        Ok(anchors) => anchors,
        Err(why) => return notes.bad("trust", &why, make),
    };
    for anchor in &anchors {
        certificate(notes, "trust.root", anchor);
    }
    match office::revocation_lists(&config.state().join("trust")) {
        Ok(lists) => lists.iter().enumerate().for_each(|(at, list)| revocation_list(notes, at, list)),
        Err(why) => notes.bad("trust.crl", &why, make),
    }
    for seal in config.seals() {
        let subject = format!("seal.{}", seal.role);
        match office::open_seal(config, seal, fonts, &anchors) {
            Ok(open) => certificate(notes, &subject, &open.certificate),
            Err(why) => notes.bad(
                &subject,
                &why,
                (
                    "若证书与密钥不是一对或已过期:`yinzheng keys rotate`;写了 national = true 而尚未制作国密印章:`yinzheng keys national`",
                    "if key and certificate differ or are out of date: `yinzheng keys rotate`; if national = true and its seal was not made yet: `yinzheng keys national`",
                ),
            ),
        }
    }
}

fn days_until(end: Instant) -> i64 {
    (end.seconds() - clock::now().seconds()).div_euclid(DAY)
}

fn certificate(notes: &mut Notes, subject: &str, certificate: &Certificate) {
    let days = days_until(certificate.not_after());
    let (name, until) = (certificate.subject(), certificate.not_after().beijing_date());
    let found =
        (format!("{name},有效至 {until},还有 {days} 天"), format!("valid until {until}, {days} days left"));
    if days < CERTIFICATE_NOTICE_DAYS {
        notes.attention(
            subject,
            found,
            ("请及时更换证书:`yinzheng keys rotate`", "renew it: `yinzheng keys rotate`"),
        );
    } else {
        notes.good(subject, found.0, found.1);
    }
}

fn revocation_list(notes: &mut Notes, at: usize, list: &Crl) {
    let subject = format!("trust.crl[{at}]");
    let Some(next) = list.next_update() else {
        return notes.attention(
            &subject,
            ("吊销列表没有下次更新时间".into(), "the revocation list names no next update".into()),
            ("换用写明下次更新时间的列表", "use a list that names it"),
        );
    };
    let days = days_until(next);
    let (until, revoked) = (next.beijing_date(), list.revoked().len());
    let found = (
        format!("吊销列表有效至 {until},还有 {days} 天;已吊销 {revoked} 张"),
        format!("revocation list good until {until}, {days} days left; {revoked} revoked"),
    );
    if days < LIST_NOTICE_DAYS {
        notes.attention(
            &subject,
            found,
            (
                "更新吊销列表:`yinzheng keys crl`;过期后核验会说吊销状态未知",
                "renew it: `yinzheng keys crl`; once stale, verdicts call revocation unknown",
            ),
        );
    } else {
        notes.good(&subject, found.0, found.1);
    }
}

fn ledger(notes: &mut Notes, config: &Config) {
    let restore = (
        "从备份恢复数据库与密钥文件,二者须是一对",
        "restore database and key file from one backup: they belong together",
    );
    let ring = files::text(&config.state().join("ledger-keys.json"));
    let ring = match ring.map(|text| Keyring::read(&text)) {
        Ok(Ok(ring)) => ring,
        Ok(Err(why)) => return notes.bad("ledger.keys", &why, restore),
        Err(why) => return notes.bad("ledger.keys", &why, restore),
    };
    let open = Ledger::open(&config.state().join("ledger.db"), ring);
    let counted = open.and_then(|ledger| Ok((ledger.open_reservations()?, ledger.gaps()?)));
    match counted {
        Err(why) => notes.bad("ledger", &why, restore),
        Ok((_, gaps)) if !gaps.is_empty() => notes.attention(
            "ledger",
            (format!("编号有缺口:{gaps:?}"), format!("numbers are missing: {gaps:?}")),
            ("立即停用并查明:编号从不会缺", "stop and find out: numbers never go missing"),
        ),
        Ok((0, _)) => notes.good(
            "ledger",
            "打得开,编号无缺,没有未了结的预留",
            "opens, no number missing, nothing unfinished",
        ),
        Ok((open, _)) => notes.attention(
            "ledger",
            (format!("{open} 份预留未了结"), format!("{open} reservations are unfinished")),
            (
                "任何打开状态目录的命令都会补办,例如 `yinzheng list`",
                "any verb that opens the state folder finishes them, as `yinzheng list`",
            ),
        ),
    }
}

/// Whether class C changes take two of three officers, and whether something waits for them.
fn officers(notes: &mut Notes, config: &Config, templates: Vec<PathBuf>) {
    // What keeps it from opening is told above.
    let Ok(office) = Office::open(config.state(), templates) else { return };
    let asked = office.ledger().officers().and_then(|officers| Ok((officers.len(), office.differences()?)));
    match asked {
        Err(why) => notes.bad("officers", &why, ("查看台账", "look at the ledger")),
        Ok((0, _)) if office.is_demo() => notes.good("officers", "演示不设主管", "none in a demonstration"),
        Ok((0, _)) => notes.attention(
            "officers",
            (
                "尚未任命主管:密钥、印章、模板、信任由一人即可变更".into(),
                "no officers: one person can change keys, seals, templates and trust".into(),
            ),
            ("任命三位主管:`yinzheng orders appoint`", "appoint three: `yinzheng orders appoint`"),
        ),
        Ok((_, differ)) if differ.is_empty() => notes.good(
            "officers",
            "三位主管在任,现有内容均经两位签署",
            "three officers; everything here was signed for",
        ),
        Ok((_, differ)) => {
            let items: Vec<&str> = differ.iter().map(|one| one.item.as_str()).collect();
            let items = items.join("、");
            notes.attention(
                "officers",
                (format!("与签署的不同:{items}"), format!("not what was signed for: {items}")),
                (
                    "确系本机构的变更:`yinzheng orders propose`;否则恢复原文件并查明",
                    "if it is meant: `yinzheng orders propose`; else restore the files and find out",
                ),
            );
        }
    }
}

fn secrets(notes: &mut Notes, config: &Config) {
    let mut paths = vec![config.state().join("ledger-keys.json")];
    for seal in config.seals() {
        paths.extend(seal.key.as_ref().map(|path| config.resolve(path)));
        paths.extend(seal.passphrase_file.as_ref().map(|path| config.resolve(path)));
    }
    paths.sort();
    paths.dedup();
    let open: Vec<_> = paths.iter().filter(|path| files::others_may_read(path).unwrap_or(false)).collect();
    if open.is_empty() {
        notes.good("secrets", "密钥文件仅属主可读", "key files are readable by their owner only");
    }
    for path in open {
        notes.attention(
            "secrets",
            (format!("{} 他人可读", path.display()), format!("{} is readable by others", path.display())),
            ("chmod 600", "chmod 600"),
        );
    }
}
