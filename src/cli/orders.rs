//! `orders`: what two of three officers sign before it holds.

use super::arguments::State;
use super::keys::{Sources, passphrase};
use super::output::{Exit, Output};
use super::{Answer, mandate, open, read, write};
use crate::domain::{ActOnSeal, NEEDED, Officer, SealAct};
use crate::ledger::OrderRecord;
use crate::service::officer_key::OfficerKey;
use crate::service::orders::{OrderWish, state as state_of, to_json};
use clap::Subcommand;
use serde_json::json;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// Examples.
pub(super) const HELP: &str = "例 Example:
  yinzheng orders key -o 甲.key                        # 每位主管各自制作 / each officer for himself
  yinzheng orders appoint --state DIR --officer 甲=甲.pub.pem --officer 乙=乙.pub.pem --officer 丙=丙.pub.pem --reason 首次任命
  yinzheng orders sign --state DIR ORDER --key 甲.key   # 首次须三人都签 / the first time all three
  yinzheng orders propose --state DIR --reason 换发印章密钥
  yinzheng orders show --state DIR ORDER -o order.json && openssl dgst -sha256 -sign 乙.pem -out 乙.sig order.json
  yinzheng orders sign --state DIR ORDER --signature 乙.sig
任命之后,换过的密钥、印章、模板在两位主管签署之前不能使用,信任与核验策略以签署的为准;停用印章随时可办,不须变更令。
From the appointment on, a key, seal or template that was exchanged is not used until two officers sign, and documents are
judged by what was signed for. Suspending a seal never waits.";

const OFFICER: Sources = Sources {
    option: "--passphrase-file",
    variable: "YINZHENG_OFFICER_PASSPHRASE",
    of: "主管密钥口令 passphrase of the officer's key",
};

/// `orders …`.
#[derive(Debug, Subcommand)]
pub(crate) enum OrdersVerb {
    /// 列出变更令、主管和尚未签署的差异 / list orders, the officers, and what was not signed for
    List {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
    },
    /// 查看一份变更令;-o 存出待签的原文 / show an order; -o saves the text that is signed
    Show {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
        /// 变更令 / the order
        order: String,
        /// 存出待签原文的文件 / file for the text that is signed
        #[arg(short, long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// 为一位主管制作密钥(也可用 openssl 或密码卡)/ make an officer's key; openssl or a token will do as well
    Key {
        /// 密钥文件(口令加密),公钥写入同名 .pub.pem / the key file, encrypted; its public half goes to .pub.pem
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
        /// 口令文件,缺省读 YINZHENG_OFFICER_PASSPHRASE 或询问 / file with the passphrase; else the variable, or asked for
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
    },
    /// 任命三位主管:第一次须三人都签署 / appoint three officers: all three sign the first time
    Appoint {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
        /// 姓名=公钥文件,三次 / NAME=PUBLIC-KEY-FILE, three times
        #[arg(long = "officer", value_name = "NAME=FILE", required = true)]
        officers: Vec<String>,
        /// 理由 / why
        #[arg(long)]
        reason: String,
    },
    /// 提出变更令:缺省为现有的全部差异 / propose an order: whatever differs, if no act is named
    Propose {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
        /// 印章角色 / role of a seal
        #[arg(long, requires = "act")]
        seal: Option<String>,
        /// 办什么 / what is done to it
        #[arg(long, requires = "seal",
              value_parser = ["apply", "approve", "make", "file", "suspend", "lift", "change", "destroy"])]
        act: Option<String>,
        /// 理由 / why
        #[arg(long)]
        reason: String,
    },
    /// 签署变更令 / sign an order
    Sign {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
        /// 变更令 / the order
        order: String,
        /// 主管的密钥文件 / an officer's key file
        #[arg(long, value_name = "FILE", required_unless_present = "signature")]
        key: Option<PathBuf>,
        /// 口令文件,缺省读 YINZHENG_OFFICER_PASSPHRASE 或询问 / file with the passphrase; else the variable, or asked for
        #[arg(long, value_name = "FILE")]
        passphrase_file: Option<PathBuf>,
        /// 别处对原文所作的签名 / a signature over the text that was made elsewhere
        #[arg(long, value_name = "FILE", conflicts_with = "key")]
        signature: Option<PathBuf>,
    },
}

pub(super) fn run(output: Output, verb: &OrdersVerb, templates: &[PathBuf]) -> Answer {
    match verb {
        OrdersVerb::List { state } => list(output, state, templates),
        OrdersVerb::Show { state, order, out } => {
            let record = open(output, &state.state, templates)?.order(&mandate(), order)?;
            match out {
                Some(path) => {
                    write(path, record.text.as_bytes())?;
                    output.line(&path.display().to_string());
                }
                None => shown(output, &record),
            }
            Ok(Exit::Ok)
        }
        OrdersVerb::Key { out, passphrase_file } => key(output, out, passphrase_file.as_deref()),
        OrdersVerb::Appoint { state, officers, reason } => {
            let officers = officers.iter().map(|text| officer(text)).collect::<Result<_, _>>()?;
            propose(output, state, templates, OrderWish { reason: reason.clone(), officers, act: None })
        }
        OrdersVerb::Propose { state, seal, act, reason } => {
            let act = act.as_deref().map(|act| SealAct::of_word(act).ok_or("不认识的动作 / no such act"));
            let act = act.transpose()?.zip(seal.clone()).map(|(act, seal)| ActOnSeal { seal, act });
            propose(output, state, templates, OrderWish { reason: reason.clone(), officers: Vec::new(), act })
        }
        OrdersVerb::Sign { state, order, key, passphrase_file, signature } => {
            let office = open(output, &state.state, templates)?;
            let signature = match (key, signature) {
                (_, Some(path)) => read(path)?,
                (Some(path), None) => {
                    let passphrase = passphrase(passphrase_file.as_deref(), &OFFICER, false)?;
                    let text = office.order(&mandate(), order)?.text;
                    let pem = Zeroizing::new(String::from_utf8(read(path)?)?);
                    OfficerKey::open(&pem, &passphrase)?.sign(&text)?
                }
                (None, None) => {
                    return Err("须有 --key 或 --signature / --key or --signature is needed".into());
                }
            };
            shown(output, &office.sign_order(&mandate(), order, signature)?);
            Ok(Exit::Ok)
        }
    }
}

fn list(output: Output, state: &State, templates: &[PathBuf]) -> Answer {
    let office = open(output, &state.state, templates)?;
    let (orders, officers) = (office.orders(&mandate(), 100)?, office.ledger().officers()?);
    let differ = if officers.is_empty() { Vec::new() } else { office.differences()? };
    if output.json {
        let orders: Vec<_> = orders.iter().map(to_json).collect();
        output.object(&json!({ "officers": officers, "differences": differ, "items": orders }));
        return Ok(Exit::Ok);
    }
    if officers.is_empty() {
        output.line("尚未任命主管:密钥、印章、模板的变更由一人办理 / no officers yet: one person changes keys, seals, templates");
    } else {
        let names: Vec<&str> = officers.iter().map(|officer| officer.name.as_str()).collect();
        output.line(&format!("主管 officers: {}", names.join("、")));
    }
    for one in &differ {
        output.line(&format!("✘ 未签署 not signed for: {}", one.item));
    }
    for record in &orders {
        shown(output, record);
    }
    Ok(Exit::Ok)
}

fn propose(output: Output, state: &State, templates: &[PathBuf], wish: OrderWish) -> Answer {
    let record = open(output, &state.state, templates)?.propose_order(&mandate(), wish)?;
    shown(output, &record);
    Ok(Exit::Ok)
}

/// `NAME=FILE` as an officer.
fn officer(text: &str) -> Result<Officer, String> {
    let (name, path) = text.split_once('=').ok_or("--officer 须为 姓名=公钥文件 / must be NAME=FILE")?;
    let key = String::from_utf8(read(Path::new(path))?).map_err(|_| format!("{path}: 不是 PEM / not PEM"))?;
    Ok(Officer { name: name.trim().to_owned(), key })
}

fn key(output: Output, out: &Path, passphrase_file: Option<&Path>) -> Answer {
    let public = OfficerKey::make(out, &passphrase(passphrase_file, &OFFICER, true)?)?;
    output.line(&format!(
        "✔ {}:由主管本人保管 / the officer keeps it to himself\n  {}:任命时用 / for the appointment",
        out.display(),
        public.display()
    ));
    Ok(Exit::Ok)
}

fn shown(output: Output, record: &OrderRecord) {
    if output.json {
        return output.object(&to_json(record));
    }
    let order = &record.order;
    let (mark, words) = match state_of(record) {
        "carried_out" => ("✔", "已执行 carried out"),
        "expired" => ("✘", "已过期 expired"),
        _ => ("…", "待签署 waits for signatures"),
    };
    output.line(&format!("{mark} {}  {words}  {}({})", order.order, order.reason, order.proposed_by));
    for officer in &order.officers {
        output.line(&format!("    任命 appoints {}", officer.name));
    }
    for one in &order.adopts {
        let short = |digest: &str| digest.get(..16).unwrap_or(digest).to_owned();
        let before = one.before.as_deref().map_or_else(|| "—".to_owned(), short);
        output.line(&format!("    采用 adopts {}  {before} → {}", one.item, short(&one.sha256)));
    }
    if let Some(act) = &order.act {
        output.line(&format!("    印章 seal {}: {} {}", act.seal, act.act.name().zh, act.act.name().en));
    }
    for (officer, at) in &record.signatures {
        output.line(&format!("    签署 signed by {officer}  {}", at.rfc3339()));
    }
    if record.carried_out_at.is_none() {
        let all = order.officers.len().max(NEEDED);
        output.line(&format!(
            "    已签 {} 人,须 {all} 人,{} 前有效 / {0} signed of {all}, open until {1}",
            record.signatures.len(),
            order.expires_at
        ));
    }
}
