//! `init` and `keys`: a state folder, its ceremony, and what comes after.

use super::arguments::{Ca, Init, KeysVerb};
use super::output::{Exit, Output};
use super::{Answer, read, seal_form};
use crate::config::{Mode, from_environment};
use crate::domain::{Bilingual, Issuer};
use crate::service::found::{self, Foundation, PassphrasePlace};
use crate::service::keys::{self, CaPlace, KeyRow};
use crate::service::national::{self, NationalError};
use crate::ses::Version;
use serde_json::json;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

pub(super) fn init(output: Output, init: &Init) -> Answer {
    let (suite, sub_filter) = seal_form(&init.suite, &init.sub_filter, init.national)?;
    let at = init.state.display();
    if init.demo {
        if init.national {
            found::national_demonstration(&init.state, suite, sub_filter)?;
        } else {
            found::demonstration(&init.state, suite, sub_filter)?;
        }
        output.line(&format!("✔ {at}:演示状态目录已建好 / a demonstration state folder"));
        return Ok(Exit::Ok);
    }
    // clap demands these unless --demo is given.
    let given = |value: &Option<String>| value.clone().unwrap_or_default();
    let uscc = given(&init.uscc);
    let foundation = Foundation {
        mode: Mode::Production,
        issuer: Issuer {
            name: Bilingual::new(given(&init.name), given(&init.name_en)),
            short_name: given(&init.short),
            definer_uscc: init.definer_uscc.clone().unwrap_or_else(|| uscc.clone()),
            uscc,
            region: given(&init.region),
        },
        verify_url: given(&init.verify_url),
        suite,
        sub_filter,
        passphrase: match &init.passphrase_file {
            Some(path) => PassphrasePlace::File(std::path::absolute(path)?),
            None => PassphrasePlace::Environment(init.passphrase_env.clone()),
        },
        national: init.national,
    };
    found::found(&init.state, &foundation)?;
    let second =
        if init.national { format!("  yinzheng keys national --state {at}\n") } else { String::new() };
    output.line(&format!(
        "✔ {at}:状态目录已建好,尚无密钥 / a state folder, without keys yet\n接着 Next:\n  \
         yinzheng keys ceremony --state {at}\n{second}  yinzheng doctor --state {at}\n\
         请分开备份 {at}/ledger.db 与 {at}/ledger-keys.json。Back these two files up apart."
    ));
    Ok(Exit::Ok)
}

pub(super) fn run(output: Output, verb: &KeysVerb, templates: &[PathBuf]) -> Answer {
    match verb {
        KeysVerb::Ceremony(ca) => {
            let place = place(ca, true)?;
            let rows = keys::ceremony(&ca.state.state, &place)?;
            table(output, &rows);
            output.remark(&format!(
                "根密钥与签发密钥在 {},请移到离线介质。Move these authority keys offline.",
                place.folder.display()
            ));
        }
        KeysVerb::National { ca, seal_version } => {
            let place = place(ca, false)?;
            let version = if seal_version == "v5" { Version::V5 } else { Version::V4 };
            table(output, &national::ceremony(&ca.state.state, &place, templates.to_vec(), version)?);
            output.remark(&format!(
                "国密机构与制章者的密钥在 {},请移到离线介质。Move these keys of the authority and the maker offline.",
                place.folder.display()
            ));
        }
        KeysVerb::List(state) => {
            let rows = keys::list(&state.state)?;
            table(output, &rows);
            if rows.is_empty() {
                return Err("还没有密钥;先 `yinzheng keys ceremony` / no keys yet".into());
            }
        }
        KeysVerb::Rotate { ca, role, revoke } => {
            table(output, &rotated(ca, role, *revoke, templates)?);
        }
        KeysVerb::Crl(ca) => {
            let until = keys::renew_list(&ca.state.state, &place(ca, false)?)?;
            output.line(&format!(
                "✔ 吊销列表已更新,有效至 / revocation list renewed, good until {}",
                until.rfc3339()
            ));
        }
        KeysVerb::RotateLedger(state) => {
            let done = keys::rotate_ledger(&state.state)?;
            output.line(&format!(
                "✔ 台账已换用新密钥,{} 处重新加密;旧密钥留在文件中供旧备份使用。请立即重新备份 ledger-keys.json。\n  \
                 The ledger has a fresh key, {0} columns were sealed anew; older keys stay for older backups. \
                 Back the key file up again now.",
                done.resealed
            ));
            if done.damaged > 0 {
                output.problem(&format!(
                    "✘ {} 处密文已损坏,打不开,原样保留 / {0} sealed columns are damaged and were left as they are",
                    done.damaged
                ));
                return Ok(Exit::Failed);
            }
        }
    }
    Ok(Exit::Ok)
}

/// Both halves of a seal, where it has two.
fn rotated(
    ca: &Ca,
    role: &str,
    revoke: bool,
    templates: &[PathBuf],
) -> Result<Vec<KeyRow>, Box<dyn std::error::Error>> {
    let (state, place) = (&ca.state.state, place(ca, false)?);
    let mut rows = vec![keys::rotate(state, role, &place, revoke)?];
    match national::rotate(state, role, &place, templates.to_vec(), revoke) {
        Ok(row) => rows.push(row),
        Err(NationalError::None) => {}
        Err(why) => return Err(why.into()),
    }
    Ok(rows)
}

/// Where the authority's keys are, and their passphrase: file, variable, or the terminal.
fn place(ca: &Ca, fresh: bool) -> Result<CaPlace, Box<dyn std::error::Error>> {
    let folder = ca.ca.clone().unwrap_or_else(|| ca.state.state.join("ca"));
    let passphrase = passphrase(ca.ca_passphrase_file.as_deref(), &AUTHORITY, fresh)?;
    Ok(CaPlace { folder, passphrase })
}

/// Where a passphrase may come from: an option that names a file, a variable, or the terminal.
pub(super) struct Sources {
    pub(super) option: &'static str,
    pub(super) variable: &'static str,
    /// Whose it is, in words.
    pub(super) of: &'static str,
}

const AUTHORITY: Sources = Sources {
    option: "--ca-passphrase-file",
    variable: "YINZHENG_CA_PASSPHRASE",
    of: "签发机构口令 passphrase of the authority keys",
};

/// A passphrase; from the terminal twice, where a key is made with it.
pub(super) fn passphrase(
    file: Option<&Path>,
    sources: &Sources,
    twice: bool,
) -> Result<Zeroizing<String>, Box<dyn std::error::Error>> {
    if let Some(path) = file {
        return Ok(Zeroizing::new(String::from_utf8(read(path)?)?.trim_end().to_owned()));
    }
    if let Some(text) = from_environment(sources.variable) {
        return Ok(Zeroizing::new(text));
    }
    let Sources { option, variable, of } = sources;
    if !std::io::stdin().is_terminal() {
        return Err(format!(
            "没有口令({of}):用 {option}、环境变量 {variable},或在终端运行 / no passphrase: use {option}, {variable}, or a terminal"
        )
        .into());
    }
    let first = Zeroizing::new(rpassword::prompt_password(format!("{of}: "))?);
    if twice && *first != *Zeroizing::new(rpassword::prompt_password("再输一遍 once more: ")?) {
        return Err("两次口令不同 / the two differ".into());
    }
    Ok(first)
}

fn table(output: Output, rows: &[KeyRow]) {
    if output.json {
        for row in rows {
            output.object(&json!({
                "role": row.role, "subject": row.subject, "suite": row.suite,
                "not_before": row.not_before.rfc3339(), "not_after": row.not_after.rfc3339(),
                "fingerprint": hex::encode(row.fingerprint), "demonstration": row.demonstration,
            }));
        }
        return;
    }
    let cells = |row: &KeyRow| {
        let period = format!("{} – {}", row.not_before.beijing_date(), row.not_after.beijing_date());
        let mark = &hex::encode(row.fingerprint)[..16];
        vec![row.role.clone(), row.subject.clone(), row.suite.clone(), period, mark.to_owned()]
    };
    let rows: Vec<_> = rows.iter().map(cells).collect();
    output.table(&["角色 role", "主体 subject", "算法 suite", "有效期 period", "指纹 SHA-256"], &rows);
}
