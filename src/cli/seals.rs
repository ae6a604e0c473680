//! `seals`: the register of seals.

use super::arguments::State;
use super::output::{Exit, Output};
use super::{Answer, mandate, open, write};
use crate::domain::{Instant, SealAct};
use crate::service::seals::Registered;
use clap::Subcommand;
use serde_json::{Value, json};
use std::path::PathBuf;

/// `seals …`.
#[derive(Debug, Subcommand)]
pub(crate) enum SealsVerb {
    /// 列出各枚印章在某一时刻的状态与履历 / list the seals as of an instant, with their lives
    List {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
        /// 时刻(RFC 3339),缺省为现在 / the instant, RFC 3339; now if not named
        #[arg(long, value_name = "INSTANT")]
        at: Option<String>,
    },
    /// 导出印模:矢量与 600 dpi 图片 / export what a seal looks like: vectors, and a picture at 600 dpi
    Export {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
        /// 印章角色 / role of the seal
        seal: String,
        /// 时刻(RFC 3339),缺省为现在 / the instant, RFC 3339; now if not named
        #[arg(long, value_name = "INSTANT")]
        at: Option<String>,
        /// 放入的目录 / folder to put them into
        #[arg(short, long, value_name = "DIR")]
        out: PathBuf,
    },
    /// 办理一步 / do one thing to a seal
    Act {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
        /// 印章角色 / role of the seal
        seal: String,
        /// 办什么 / what is done
        #[arg(value_parser = ["apply", "approve", "make", "file", "suspend", "lift", "change", "destroy"])]
        act: String,
        /// 理由 / why
        #[arg(long)]
        reason: String,
    },
}

pub(super) fn run(output: Output, verb: &SealsVerb, templates: &[PathBuf]) -> Answer {
    match verb {
        SealsVerb::List { state, at } => {
            let at = at.as_deref().map(instant).transpose()?;
            let office = open(output, &state.state, templates)?;
            for seal in office.registered(at)? {
                if output.json {
                    output.object(&seal.to_json());
                    continue;
                }
                shown(output, &seal);
            }
        }
        SealsVerb::Export { state, seal, at, out } => {
            let at = at.as_deref().map(instant).transpose()?;
            let (svg, png) = open(output, &state.state, templates)?.seal_picture(seal, at)?;
            std::fs::create_dir_all(out)?;
            for (ending, bytes) in [("svg", svg.as_bytes()), ("png", &png[..])] {
                let path = out.join(format!("{seal}.{ending}"));
                write(&path, bytes)?;
                output.line(&path.display().to_string());
            }
        }
        SealsVerb::Act { state, seal, act, reason } => {
            let office = open(output, &state.state, templates)?;
            let act = SealAct::of_word(act).ok_or("不认识的动作 / no such act")?;
            let status = office.act_on_seal(&mandate(), seal, act, reason)?;
            if output.json {
                output.object(&json!({ "seal": seal, "act": act.word(), "status": status.word() }));
            } else {
                output.line(&format!("✔ {seal}: {} / {}", status.name().zh, status.name().en));
            }
        }
    }
    Ok(Exit::Ok)
}

fn shown(output: Output, seal: &Registered) {
    let status = seal.status.map_or_else(
        || "当时不在册 not in the register then".to_owned(),
        |status| format!("{} {}", status.name().zh, status.name().en),
    );
    output.line(&format!("{}: {status}", seal.seal));
    if let Some(filing) = seal.filing() {
        filed(output, &filing);
    }
    for event in &seal.history {
        let (act, at) = (event.act.name(), event.at.rfc3339());
        output.line(&format!("  {at}  {} {}  {}({})", act.zh, act.en, event.reason, event.operator));
    }
}

/// 备案事项, for people.
fn filed(output: Output, filing: &Value) {
    let word = |pointer: &str| filing.pointer(pointer).and_then(Value::as_str).unwrap_or("—").to_owned();
    let (owner, uscc, purpose) = (word("/owner/name/zh"), word("/owner/uscc"), word("/purpose"));
    let size = |pointer: &str| filing.pointer(pointer).and_then(Value::as_f64).unwrap_or_default();
    let (width, height) = (size("/picture/width_mm"), size("/picture/height_mm"));
    output
        .line(&format!("  {}  {owner} {uscc}  用途 purpose {purpose}  {width} × {height} mm", word("/name")));
    output.line(&format!("  有效期 valid {} – {}", word("/valid_from"), word("/valid_until")));
    for one in filing["certificates"].as_array().into_iter().flatten() {
        let part = |name: &str| one[name].as_str().unwrap_or("—");
        output.line(&format!(
            "  证书 certificate {} {} sha256:{}",
            part("suite"),
            part("subject"),
            part("sha256")
        ));
    }
    if filing["electronic_seal"].is_object() {
        let (id, maker) = (word("/electronic_seal/id"), word("/electronic_seal/maker/name"));
        output.line(&format!("  电子印章 electronic seal {id}  制作 maker {maker}"));
    }
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::from_rfc3339(text).ok_or_else(|| "--at 须为 RFC 3339 时刻 / an RFC 3339 instant".to_owned())
}
