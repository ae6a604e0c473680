//! What the user types: every verb, its options and the words that teach it.

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
verify 多个文件时取最严重的一个;一个文件也没有,不算成功。
With several files the worst one decides; no file at all is never success.";

/// 印证:签发、加盖、核验、留底。 Issue, seal, verify and keep on record.
#[derive(Debug, Parser)]
#[command(name = "yinzheng", version, after_help = EXIT_CODES, propagate_version = true, max_term_width = 100)]
pub struct Arguments {
    /// 每行输出一个 JSON 对象 / print JSON, one object a line
    #[arg(long, global = true)]
    pub json: bool,
    /// 不显示进度 / no progress on standard error
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// 另有证照类型的目录 / folder with further certificate types
    #[arg(long, global = true, value_name = "DIR")]
    pub templates: Vec<PathBuf>,
    /// 要做的事 / what to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// 一条命令看全貌:造演示机构、印章,签发七种证照并核验 / make a demonstration authority, issue all seven types, verify them
    #[command(after_help = "例 Example:\n  yinzheng demo --no-serve --out /tmp/demo\n  yinzheng verify --state /tmp/demo /tmp/demo/certificates/*.pdf")]
    Demo(Demo),
    /// 签发一份或一批证照 / issue one certificate, or a folder, CSV or JSON lines in bulk
    #[command(after_help = "例 Examples:\n  yinzheng issue --state DIR volunteer-passport application.json --out passport.pdf\n  yinzheng issue --state DIR volunteer-passport batch.jsonl --out results/\n输入为 .json(一份)、目录(其中各 .json)、.jsonl 或 .csv(批量;列名为字段路径,如 adopters.0.name)。\nInput: one .json, a folder of them, .jsonl, or .csv with field paths as column names.")]
    Issue(Issue),
    /// 核验任何 PDF:文件完整、印章可信、证照有效 / verify any PDF: file, seal, certificate
    #[command(after_help = EXIT_CODES)]
    Verify(Verify),
    /// 按编号、证照标识或核验码查一份证照 / show one certificate by number, identifier or verification code
    Show(Show),
    /// 列出签发记录 / list what was issued
    List(List),
    /// 证照类型 / certificate types
    #[command(subcommand)]
    Template(TemplateVerb),
    /// 生成命令补全脚本 / print a completion script
    Completions {
        /// bash, zsh, fish, …
        shell: clap_complete::Shell,
    },
}

/// Where the state is.
#[derive(Args, Debug)]
pub struct State {
    /// 状态目录 / the state folder
    #[arg(long, value_name = "DIR", env = "YINZHENG_STATE")]
    pub state: PathBuf,
}

/// `demo`.
#[derive(Args, Debug)]
pub struct Demo {
    /// 写到哪里;缺省为系统临时目录下的新目录 / where to put it; default: a fresh folder under the system's temporary folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// 只签发,不启动网页服务(本版尚无网页服务)/ never start a web server (this version has none yet)
    #[arg(long)]
    pub no_serve: bool,
}

/// `issue`.
#[derive(Args, Debug)]
pub struct Issue {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub state: State,
    /// 证照类型,见 template list / certificate type, see `template list`
    pub r#type: String,
    /// 申请:.json、目录、.jsonl、.csv,或 - 表示标准输入 / application(s): .json, folder, .jsonl, .csv, or - for standard input
    pub input: PathBuf,
    /// 输出:一份时为 PDF 文件,批量时为目录 / a PDF file for one, a folder for many
    #[arg(long, value_name = "PATH")]
    pub out: Option<PathBuf>,
    /// 防重键:同键同申请只签发一次(批量时逐份加行号)/ idempotency key: the same key and application issue once
    #[arg(long, value_name = "KEY")]
    pub idempotency_key: Option<String>,
    /// 确认同一持证人、同类、同一事项再发一份 / confirm a second certificate for the same holder, type and matter
    #[arg(long)]
    pub confirm_duplicate: bool,
}

/// `verify`.
#[derive(Args, Debug)]
pub struct Verify {
    /// 状态目录:带来信任锚和台账 / a state folder brings its anchors and its ledger
    #[arg(long, value_name = "DIR")]
    pub state: Option<PathBuf>,
    /// 信任锚:PEM/DER 文件或目录,可重复 / trust anchors: PEM or DER file, or a folder; repeatable
    #[arg(long, value_name = "FILE|DIR")]
    pub trust: Vec<PathBuf>,
    /// 要核验的文件,- 表示标准输入 / files to verify, - for standard input
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
}

/// `show`.
#[derive(Args, Debug)]
pub struct Show {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub state: State,
    /// 证照编号、证照标识或核验码 / number, identifier or verification code
    pub which: String,
    /// 把存档的 PDF 写到这里 / write the PDF on record here
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// `list`.
#[derive(Args, Debug)]
pub struct List {
    /// 状态目录 / the state folder
    #[command(flatten)]
    pub state: State,
    /// 至多列出多少条 / at most this many
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// 从该记录号之后列起 / start after this record
    #[arg(long, default_value_t = 0)]
    pub after: u64,
}

/// `template …`.
#[derive(Debug, Subcommand)]
pub enum TemplateVerb {
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
}
