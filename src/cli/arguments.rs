//! What the user types: every verb, its options and the words that teach it.

use super::stamp::{STAMP_HELP, Stamp};
use super::verify_arguments::{VERIFY_HELP, Verify};
use crate::service::restore::SAMPLE;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const EXIT_CODES: &str = "\
退出码 Exit codes:
   0  成功 / 真实有效            done / genuine and in force
   1  做不到(磁盘、密钥、状态)  could not do it (disk, key, state)
   2  用法错误                   usage
  10  不可信                     not trusted: broken, altered, distrusted
  11  暂时无法确定               indeterminate
  12  没有电子签名               no signature
  13  真实,但已失效             genuine but not in force
  14  批量签发中有未签发的       bulk: some were not issued (see the list of results)
verify 多个文件时取最严重的一个;一个文件也没有,不算成功。
With several files the worst one decides; no file at all is never success.";

/// 印证:签发、加盖、核验、留底。 Issue, seal, verify and keep on record.
#[derive(Debug, Parser)]
#[command(name = "yinzheng", version, after_help = EXIT_CODES, propagate_version = true, max_term_width = 100)]
pub(crate) struct Arguments {
    /// 每行输出一个 JSON 对象 / print JSON, one object a line
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// 不显示进度 / no progress on standard error
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// 另有证照类型的目录 / folder with further certificate types
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) templates: Vec<PathBuf>,
    /// 要做的事 / what to do
    #[command(subcommand)]
    pub(crate) verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// 一条命令看全貌:造演示机构、印章,签发七种证照并核验 / make a demonstration authority, issue all seven types, verify them
    #[command(
        after_help = "例 Example:\n  yinzheng demo --no-serve --out /tmp/demo\n  yinzheng verify --state /tmp/demo /tmp/demo/certificates/*.pdf"
    )]
    Demo(Demo),
    /// 新建一个状态目录:配置、台账、台账密钥 / found a state folder: configuration, ledger, the ledger's keys
    #[command(
        after_help = "例 Example:\n  yinzheng init --name 示例市民政局 --name-en \"Civil Affairs Bureau of Shili\" --short 示民 \\\n      --uscc 18位代码 --region 6位区划 --verify-url https://zz.example/v/ DIR\n  yinzheng keys ceremony --state DIR\n  yinzheng doctor --state DIR\n目录须是空的;从不覆盖。The folder must be empty; nothing is ever overwritten."
    )]
    Init(Init),
    /// 体检:配置、模板、字体、密钥、吊销列表、台账各在何处、是否可用 / where everything was found, and whether it works
    Doctor(Doctor),
    /// 密钥:仪式、清单、换发、吊销列表 / keys: ceremony, list, renewal, revocation lists
    #[command(subcommand)]
    Keys(KeysVerb),
    /// 签发一份或一批证照 / issue one certificate, or a folder, CSV or JSON lines in bulk
    #[command(
        after_help = "例 Examples:\n  yinzheng issue --state DIR volunteer-passport application.json --out passport.pdf\n  yinzheng issue --state DIR volunteer-passport batch.jsonl --out results/\n输入为 .json(一份)、目录(其中各 .json)、.jsonl 或 .csv(批量;列名为字段路径,如 adopters.0.name)。\nInput: one .json, a folder of them, .jsonl, or .csv with field paths as column names."
    )]
    Issue(Issue),
    /// 给带来的 PDF 加盖印章;原文件一字不动 / stamp a PDF that somebody brought; no byte of it is changed
    #[command(after_help = STAMP_HELP)]
    Stamp(Stamp),
    /// 印章登记簿:申请、审批、制作、备案、停用、恢复、变更、销毁 / the register of seals and what is done to them
    #[command(
        subcommand,
        after_help = "例 Example:\n  yinzheng seals list --state DIR --at 2026-11-26T12:00:00+08:00\n  yinzheng seals act --state DIR bureau suspend --reason 印章保管人变动\n停用的印章立即不能签发和盖章;先前所盖仍按当时的状态判断。\nA suspended seal is not used from that moment; what it sealed before is judged by the status it had then."
    )]
    Seals(super::seals::SealsVerb),
    /// 变更令:密钥、印章、模板、信任的变更由三位主管中两位签署 / orders: two of three officers sign what changes
    #[command(subcommand, after_help = super::orders::HELP)]
    Orders(super::orders::OrdersVerb),
    /// 开门办理:REST、网页 / open the doors: REST and pages
    #[command(
        after_help = "例 Example:\n  yinzheng apikey create --state DIR --role issuer --organisation 婚姻登记处\n  yinzheng serve --state DIR --listen 127.0.0.1:8080\n地址、时限、限流、TLS 在 yinzheng.toml 的 [server]。Address, deadlines, limits and TLS: [server] of yinzheng.toml."
    )]
    Serve(Serve),
    /// 变更证照状态:暂扣、发还、撤销、注销、吊销、验审 / suspend, lift, withdraw, cancel, revoke, inspect
    #[command(
        after_help = "例 Example:\n  yinzheng act --state DIR revoke GY990000202600000001 --reason 冒名申请\n历史只增不改。History only grows."
    )]
    Act(ActVerb),
    /// 吊销一份证照,即 act revoke / revoke a certificate: short for `act revoke`
    #[command(
        after_help = "例 Example:\n  yinzheng revoke --state DIR GY990000202600000001 --reason 冒名申请\n吊销不可撤回;其文件此后核验为“真实,但已失效”。There is no way back; its file is then genuine but not in force.\n暂时停用请用 act suspend。To stop one for a while: `act suspend`."
    )]
    Revoke(Revoke),
    /// 换发:以新申请签发新版本,旧版本同时失效 / replace: issue the next version, the old one ends in the same commit
    Replace(Replace),
    /// 免于提交查询;先留痕,后回答 / look up for a matter; on record before it is answered
    #[command(
        after_help = "请求为 JSON 文件,字段见 openapi.yaml 的 LookUp;身份号码不进命令行。The request is a JSON file; identity numbers stay off the command line."
    )]
    Lookup(LookUpVerb),
    /// 接口密钥 / keys of callers
    #[command(subcommand)]
    Apikey(ApiKeyVerb),
    /// 审计:查询记录与授权决定 / the records of look-ups and decisions
    #[command(subcommand)]
    Audit(AuditWhat),
    /// 台账:是否完好,有哪些编号已预留未入账 / the ledger: is it whole, which numbers were reserved and are not on record
    #[command(subcommand)]
    Ledger(LedgerVerb),
    /// 在线备份台账 / copy the ledger while it works
    #[command(
        after_help = "例 Example:\n  yinzheng backup --state DIR /backup/ledger.db\n  cp -p DIR/ledger-keys.json /other-safe/            # 密钥另存 keys apart\n  yinzheng restore /backup/ledger.db --check --state DIR"
    )]
    Backup(Backup),
    /// 检查备份,或把它恢复到没有台账的状态目录 / examine a backup, or put it into a state folder that has no ledger
    #[command(
        after_help = "例 Examples:\n  yinzheng restore BACKUP --check --state DIR        # 并与在用台账比较 and hold it against the ledger at work\n  yinzheng restore BACKUP --check --keys KEYS.json   # 只用密钥文件 with the key file alone\n  yinzheng restore BACKUP --keys KEYS.json --state NEW\n从不覆盖;损坏的备份不恢复,并给出固定代码:\nNothing is overwritten; a damaged backup is refused with a stable code:\n  unreadable newer log_beside integrity orphans gap wrong_keys sealed foreign"
    )]
    Restore(Restore),
    /// 核验任何 PDF:文件完整、印章可信、证照有效 / verify any PDF: file, seal, certificate
    #[command(after_help = VERIFY_HELP)]
    Verify(Verify),
    /// 按编号、证照标识或核验码查一份证照 / show one certificate by number, identifier or verification code
    Show(Show),
    /// 列出签发记录 / list what was issued
    List(List),
    /// 证照类型 / certificate types
    #[command(subcommand)]
    Template(TemplateVerb),
    /// 测速:用后即弃的演示 / measure this machine on a throw-away demonstration
    #[command(
        after_help = "例 Example:\n  yinzheng bench --json\n  yinzheng bench --count 100000     # 内存是否平稳 is memory flat\n请用发布构建测:cargo run --release -- bench。Measure release builds only."
    )]
    Bench(Bench),
    /// 生成命令补全脚本 / print a completion script
    Completions {
        /// bash, zsh, fish, …
        shell: clap_complete::Shell,
    },
}

/// Where the state is.
#[derive(Args, Debug)]
pub(crate) struct State {
    /// 状态目录 / the state folder
    #[arg(long, value_name = "DIR", env = "YINZHENG_STATE")]
    pub(crate) state: PathBuf,
}

/// `demo`.
#[derive(Args, Debug)]
pub(crate) struct Demo {
    /// 每枚印章同时是国密电子印章(GB/T 38540)/ every seal is an electronic seal by GB/T 38540 too
    #[arg(long)]
    pub(crate) national: bool,
    /// 写到哪里;缺省为系统临时目录下的新目录 / where to put it; default: a fresh folder under the system's temporary folder
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    /// 只签发,不启动服务 / issue only, do not start the service
    #[arg(long)]
    pub(crate) no_serve: bool,
    /// 服务的监听地址 / address the service listens on
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080", conflicts_with = "no_serve")]
    pub(crate) listen: String,
    /// 印章的签名算法 / signature suite of the seals
    #[arg(long, value_name = "SUITE", default_value = "ecdsa-p256-sha256", value_parser = SUITES)]
    pub(crate) suite: String,
    /// 签名形式:PAdES、Firefox 能验的旧形式,或只供国产软件的 GM.SM2(须 --national)/ signature form: PAdES, the older one that Firefox checks, or GM.SM2 for national software alone (with --national)
    #[arg(long, value_name = "FORM", default_value = "ETSI.CAdES.detached", value_parser = SUB_FILTERS)]
    pub(crate) sub_filter: String,
}

/// Suites a seal may be made with.
const SUITES: [&str; 5] =
    ["ecdsa-p256-sha256", "ecdsa-p384-sha384", "rsa-pkcs1-sha256", "rsa-pss-sha256", "sm2-sm3"];
const SUB_FILTERS: [&str; 3] = ["ETSI.CAdES.detached", "adbe.pkcs7.detached", "GM.SM2"];

/// `init`.
#[derive(Args, Debug)]
pub(crate) struct Init {
    /// 每枚印章同时是国密电子印章(GB/T 38540)/ every seal is an electronic seal by GB/T 38540 too
    #[arg(long)]
    pub(crate) national: bool,
    /// 空目录,没有则新建 / an empty folder, made if absent
    #[arg(value_name = "DIR")]
    pub(crate) state: PathBuf,
    /// 造演示机构:一切均为样例,连密钥一起造好 / a demonstration bureau, keys included: everything is a specimen
    #[arg(long, conflicts_with_all = ["name", "name_en", "short", "uscc", "definer_uscc", "region", "verify_url"])]
    pub(crate) demo: bool,
    /// 机构全称,印在证照和印章上 / full name, as printed and sealed
    #[arg(long, required_unless_present = "demo")]
    pub(crate) name: Option<String>,
    /// 机构英文名 / its name in English
    #[arg(long, required_unless_present = "demo")]
    pub(crate) name_en: Option<String>,
    /// 字号中的简称,如 示民 / short name inside certificate numbers
    #[arg(long, required_unless_present = "demo")]
    pub(crate) short: Option<String>,
    /// 统一社会信用代码,18 位(GB 32100)/ unified social credit code
    #[arg(long, required_unless_present = "demo")]
    pub(crate) uscc: Option<String>,
    /// 定义证照类型的机构代码;缺省同 --uscc / code of the authority that defines the types; default: --uscc
    #[arg(long)]
    pub(crate) definer_uscc: Option<String>,
    /// 行政区划代码,6 位(GB/T 2260)/ administrative division
    #[arg(long, required_unless_present = "demo")]
    pub(crate) region: Option<String>,
    /// 二维码的网址,https:// 开头、/ 结尾 / address of the QR codes
    #[arg(long, required_unless_present = "demo")]
    pub(crate) verify_url: Option<String>,
    /// 印章的签名算法 / signature suite of the seals
    #[arg(long, value_name = "SUITE", default_value = "ecdsa-p256-sha256", value_parser = SUITES)]
    pub(crate) suite: String,
    /// 签名形式 / signature form
    #[arg(long, value_name = "FORM", default_value = "ETSI.CAdES.detached", value_parser = SUB_FILTERS)]
    pub(crate) sub_filter: String,
    /// 印章口令所在的环境变量 / environment variable with the seals' passphrase
    #[arg(long, value_name = "NAME", default_value = "YINZHENG_SEAL_PASSPHRASE")]
    pub(crate) passphrase_env: String,
    /// 印章口令所在的文件(代替环境变量)/ file with the seals' passphrase, instead of the variable
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// `doctor`.
#[derive(Args, Debug)]
pub(crate) struct Doctor {
    /// 状态目录;缺省只看程序自带的字体和模板 / the state folder; without it only fonts and templates are looked at
    #[arg(long, value_name = "DIR", env = "YINZHENG_STATE")]
    pub(crate) state: Option<PathBuf>,
}

/// `keys …`.
#[derive(Debug, Subcommand)]
pub(crate) enum KeysVerb {
    /// 密钥仪式:根 → 签发机构 → 每枚印章的证书 → 吊销列表 / root → issuing CA → a certificate for each seal → revocation lists
    #[command(
        after_help = "根密钥和签发密钥加密写入 --ca 目录;仪式后请移到离线介质,换发印章时再取用。\nThe authority keys go, encrypted, into --ca: move that folder offline; only renewals need it again."
    )]
    Ceremony(Ca),
    /// 列出证书、算法、有效期 / certificates, suites and periods
    List(State),
    /// 为一枚印章换发密钥和证书;旧证书留存,旧密钥销毁 / a fresh key and certificate for one seal
    Rotate {
        /// 状态目录与签发机构 / the state folder and the authority
        #[command(flatten)]
        ca: Ca,
        /// 印章角色,见 keys list / role of the seal
        role: String,
        /// 同时吊销旧证书 / also put the old certificate on the revocation list
        #[arg(long)]
        revoke: bool,
    },
    /// 为写着 national = true 的印章制作国密电子印章(GB/T 38540):第二套机构、制章者、签章者 / electronic seals for those that say national = true
    National {
        /// 状态目录与签发机构 / the state folder and the authority
        #[command(flatten)]
        ca: Ca,
        /// 印章结构:v4(GB/T 38540-2020),或 v5(GM/T 0031-2025)/ structure of the seals
        #[arg(long, value_name = "VERSION", default_value = "v4", value_parser = ["v4", "v5"])]
        seal_version: String,
    },
    /// 更新吊销列表(有效 31 天)/ renew the revocation list, which lives 31 days
    Crl(Ca),
    /// 为台账换一把新的数据密钥 / give the ledger a fresh data key
    RotateLedger(State),
}

/// The authority's keys.
#[derive(Args, Debug)]
pub(crate) struct Ca {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub(crate) state: State,
    /// 根与签发密钥的目录;缺省为状态目录下的 ca / folder of the authority keys; default: ca in the state folder
    #[arg(long, value_name = "DIR")]
    pub(crate) ca: Option<PathBuf>,
    /// 这两把密钥的口令文件;缺省取环境变量 YINZHENG_CA_PASSPHRASE,再缺则在终端询问 / file with their passphrase; else that variable, else the terminal asks
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_passphrase_file: Option<PathBuf>,
}

/// `issue`.
#[derive(Args, Debug)]
pub(crate) struct Issue {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub(crate) state: State,
    /// 证照类型,见 template list / certificate type, see `template list`
    pub(crate) r#type: String,
    /// 申请:.json、目录、.jsonl、.csv,或 - 表示标准输入 / application(s): .json, folder, .jsonl, .csv, or - for standard input
    pub(crate) input: PathBuf,
    /// 输出:一份时为 PDF 文件,批量时为目录 / a PDF file for one, a folder for many
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
    /// 防重键:同键同申请只签发一次(批量时逐份加行号)/ idempotency key: the same key and application issue once
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,
    /// 确认同一持证人、同类、同一事项再发一份 / confirm a second certificate for the same holder, type and matter
    #[arg(long)]
    pub(crate) confirm_duplicate: bool,
    /// 批量的结果清单(.csv 或 .jsonl);缺省为输出目录下的 results.csv / list of results, default results.csv in the folder
    #[arg(long, value_name = "FILE")]
    pub(crate) results: Option<PathBuf>,
}

/// `bench`.
#[derive(Args, Debug)]
pub(crate) struct Bench {
    /// 全程签发多少份 / certificates issued end to end
    #[arg(long, default_value_t = 2_000, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    pub(crate) count: u64,
    /// 演示机构建在这里并保留(须为空目录);缺省用临时目录,用后删除 / found the demonstration here and keep it; default: a temporary folder, removed afterwards
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
}

/// `serve`.
#[derive(Args, Debug)]
pub(crate) struct Serve {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub(crate) state: State,
    /// 监听地址,代替配置 / address to listen on, instead of the configuration's
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<String>,
}

/// `act`.
#[derive(Args, Debug)]
pub(crate) struct ActVerb {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub(crate) state: State,
    /// 动作 / what to do
    #[arg(value_parser = ["suspend", "lift", "withdraw", "cancel", "revoke", "inspect"])]
    pub(crate) act: String,
    /// 证照编号、证照标识或核验码 / number, identifier or verification code
    pub(crate) which: String,
    /// 理由,不写个人信息 / why; no personal data
    #[arg(long)]
    pub(crate) reason: String,
    /// 验审结果(JSON)/ particulars of an inspection, as JSON
    #[arg(long)]
    pub(crate) detail: Option<String>,
}

/// `revoke`.
#[derive(Args, Debug)]
pub(crate) struct Revoke {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub(crate) state: State,
    /// 证照编号、证照标识或核验码 / number, identifier or verification code
    pub(crate) which: String,
    /// 理由,不写个人信息 / why; no personal data
    #[arg(long)]
    pub(crate) reason: String,
}

/// `replace`.
#[derive(Args, Debug)]
pub(crate) struct Replace {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub(crate) state: State,
    /// 被换发的证照 / the certificate to replace
    pub(crate) which: String,
    /// 新的申请 / the new application
    pub(crate) application: PathBuf,
    /// 把新 PDF 写到这里 / write the new PDF here
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// 防重键 / idempotency key
    #[arg(long, value_name = "KEY")]
    pub(crate) idempotency_key: Option<String>,
}

/// `lookup`.
#[derive(Args, Debug)]
pub(crate) struct LookUpVerb {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub(crate) state: State,
    /// 请求(JSON 文件,- 为标准输入)/ the request: a JSON file, or - for standard input
    pub(crate) request: PathBuf,
}

/// `apikey …`.
#[derive(Debug, Subcommand)]
pub(crate) enum ApiKeyVerb {
    /// 新建一把,只显示一次 / make one, shown once
    Create {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
        /// 角色 / role
        #[arg(long, value_parser = ["issuer", "counter", "auditor", "operator", "stamper", "approver", "seal_manager"])]
        role: String,
        /// 机构 / whose it is
        #[arg(long)]
        organisation: String,
        /// 用途 / what for
        #[arg(long, default_value = "")]
        label: String,
        /// 限于这些证照类型,可重复;缺省为全部非保密类型 / only these types; default: all that are not secret
        #[arg(long = "type", value_name = "TYPE")]
        types: Vec<String>,
        /// 限于这些事项编码,可重复 / only these 事项 codes
        #[arg(long = "item", value_name = "CODE")]
        items: Vec<String>,
        /// 有效天数 / days it lives
        #[arg(long, default_value_t = 365)]
        days: u16,
    },
    /// 列出(不含密钥本身)/ list, without the secrets
    List(State),
    /// 吊销 / revoke
    Revoke {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
        /// 密钥的公开名,见 apikey list / public name of the key
        caller: String,
    },
}

/// `audit …`.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditWhat {
    /// 查询记录 / look-ups
    Lookups {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
        /// 从该号之后 / after this number
        #[arg(long, default_value_t = 0)]
        after: u64,
        /// 至多几条 / at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// 授权决定 / decisions
    Decisions {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
        /// 从该号之后 / after this number
        #[arg(long, default_value_t = 0)]
        after: u64,
        /// 至多几条 / at most
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

/// `backup`.
#[derive(Args, Debug)]
pub(crate) struct Backup {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub(crate) state: State,
    /// 写到哪里,不得已存在 / where to; must not exist
    pub(crate) out: PathBuf,
}

/// `ledger …`.
#[derive(Debug, Subcommand)]
pub(crate) enum LedgerVerb {
    /// 只读检查:数据库、编号连续、密钥、抽样打开;列出已预留未入账的编号 / examine, read-only: database, numbers, keys, a sample opened; lists what is reserved and not on record
    #[command(
        after_help = "例 Example:\n  yinzheng ledger check --state DIR\n  yinzheng ledger check --state DIR --sample 4294967295    # 逐份打开 open every one\n可在服务运行时检查;什么也不修改。May run while the service works; nothing is changed. 完好退出码 0,否则 1。Exit code 0 when sound, else 1."
    )]
    Check {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
        /// 抽样打开多少份的申请和存档 / open the applications and documents of this many records
        #[arg(long, value_name = "COUNT", default_value_t = SAMPLE)]
        sample: u32,
    },
    /// 核对:每把密钥自己数的用印次数,与台账上的签发、盖章、报告之数 / audit: what each key counted itself, beside what is on record for it
    #[command(
        after_help = "例 Example:\n  yinzheng ledger audit --state DIR\n服务每天零点后也自动核对,记入日志。The service does it too, each day after midnight, into its log. 相符退出码 0,否则 1。Exit code 0 when they agree, else 1."
    )]
    Audit {
        /// 状态目录 / the state folder
        #[command(flatten)]
        state: State,
    },
}

/// `restore`.
#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// 备份文件,由 backup 写成 / the backup, as `backup` wrote it
    pub(crate) backup: PathBuf,
    /// 只检查,什么也不写 / examine only, write nothing
    #[arg(long)]
    pub(crate) check: bool,
    /// 恢复到这个目录(不得已有台账);检查时与其台账比较 / restore into this folder, which must hold no ledger; with --check: compare with its ledger
    #[arg(long, value_name = "DIR", env = "YINZHENG_STATE")]
    pub(crate) state: Option<PathBuf>,
    /// 密钥文件;缺省为状态目录的 ledger-keys.json / the key file; default: ledger-keys.json of the state folder
    #[arg(long, value_name = "FILE")]
    pub(crate) keys: Option<PathBuf>,
    /// 抽样打开多少份的申请和存档 / open the applications and documents of this many records
    #[arg(long, value_name = "COUNT", default_value_t = SAMPLE)]
    pub(crate) sample: u32,
}

/// `show`.
#[derive(Args, Debug)]
pub(crate) struct Show {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub(crate) state: State,
    /// 证照编号、证照标识或核验码 / number, identifier or verification code
    pub(crate) which: String,
    /// 把存档的 PDF 写到这里 / write the PDF on record here
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// `list`.
#[derive(Args, Debug)]
pub(crate) struct List {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub(crate) state: State,
    /// 至多列出多少条 / at most this many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) limit: u32,
    /// 从该记录号之后列起 / start after this record
    #[arg(long, default_value_t = 0)]
    pub(crate) after: u64,
}

/// `template …`.
#[derive(Debug, Subcommand)]
pub(crate) enum TemplateVerb {
    /// 列出可用类型 / list the types
    List,
    /// 检查类型目录:类型、版式、样例都能用 / check a type: its file, its layout, its example
    Check {
        /// 类型;缺省为全部 / types; default all
        slugs: Vec<String>,
    },
    /// 输出申请的 JSON Schema 2020-12 / print the JSON Schema of an application
    Schema {
        /// 类型 / type
        slug: String,
    },
    /// 用样例画一张未盖章的样张 / draw the example, unsealed
    Preview {
        /// 类型 / type
        slug: String,
        /// 写到哪里 / where to
        #[arg(short, long, value_name = "FILE")]
        out: PathBuf,
        /// 用这份申请代替样例 / this application instead of the example
        #[arg(long, value_name = "FILE")]
        application: Option<PathBuf>,
        /// 不带签名域和附件(供 PDF/A 检查)/ without signature field and attachments (for PDF/A checkers)
        #[arg(long)]
        bare: bool,
    },
    /// 新建一种证照类型的目录:可用的类型、版式、样例,照着改 / a folder for a new type: working files to change
    #[command(
        after_help = "例 Example:\n  yinzheng template new old-age-card --name 敬老卡 --name-en \"Old-age card\" --into my-types\n  yinzheng --templates my-types template check old-age-card\n  yinzheng --templates my-types issue --state DIR old-age-card my-types/old-age-card/example.json --out card.pdf"
    )]
    New {
        /// 目录名,小写字母、数字和连字符 / folder name: small letters, digits, hyphens
        slug: String,
        /// 证照名称 / its name in Chinese
        #[arg(long)]
        name: String,
        /// 英文名称 / its name in English
        #[arg(long)]
        name_en: String,
        /// 放在哪个目录下 / into which folder
        #[arg(long, value_name = "DIR", default_value = "certificate-templates")]
        into: PathBuf,
    },
}
