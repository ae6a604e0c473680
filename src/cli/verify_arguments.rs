//! What the user types after `verify`.

use crate::domain::Instant;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

pub(super) const VERIFY_HELP: &str = "\
例 Examples:
  yinzheng verify --state DIR FILE.pdf                        # 带台账 with the ledger
  yinzheng verify --trust root.pem FILE.pdf                   # 只凭信任锚 anchors alone
  yinzheng verify --policy integrity-only *.pdf               # 只判完整,不判信任 integrity, not trust
  yinzheng verify --state DIR --at 2026-11-25T09:00:00+08:00 FILE.pdf   # 重放 replay
  yinzheng verify --state DIR --format html -o report.html FILE.pdf     # 一页报告 a report
  yinzheng verify --state DIR --format pdf -o report.pdf FILE.pdf       # 盖章入卷 sealed, for the case
  yinzheng verify --selftest                                  # 每天上班先自检 first thing in the morning

第一行是给窗口的话:可收、不可收、转人工;→ 之后是下一步。
The first line is for the counter: accept, refuse, refer; the next step follows the arrow.

策略 Policies (docs/policies.md):
  strict          缺省:文件、印章、证照都须有据 the default: file, seal and certificate need proof
  counter         窗口:吊销状态须知道,弱算法不收 revocation must be known, weak algorithms are refused
  integrity-only  只判完整;信任、期限、吊销只说明 trust, expiry and revocation are reported, not demanded
  FILE.toml       自己的策略,照 policies/strict.toml 改 your own, written like policies/strict.toml

退出码 Exit codes: 0 真实有效 genuine · 1 做不到 could not · 2 用法 usage · 10 不可信 not trusted ·
  11 无法确定 indeterminate · 12 没有电子签名 no signature · 13 真实但已失效 not in force
多个文件取最严重的一个;一个文件也没有,不算成功。自检:0 通过,1 未通过。
The worst file decides; no file at all is never success. Self-test: 0 passed, 1 not.";

/// Forms of a report. Words beside the values would make clap print the long help for every option.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Text,
    Json,
    Html,
    Xml,
    Pdf,
}

/// `verify`.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    /// 状态目录:带来信任锚和台账 / a state folder brings its anchors and its ledger
    #[arg(long, value_name = "DIR")]
    pub(crate) state: Option<PathBuf>,
    /// 信任锚:PEM/DER 文件或目录,可重复 / trust anchors: PEM or DER file, or a folder; repeatable
    #[arg(long, value_name = "FILE|DIR")]
    pub(crate) trust: Vec<PathBuf>,
    /// 策略:内置的名字,或 .toml 文件;缺省为机构配置的,没有机构则 strict / policy: a shipped one or a .toml file; default: the office's, else strict
    #[arg(long, value_name = "NAME|FILE.toml")]
    pub(crate) policy: Option<PathBuf>,
    /// 按这个时刻判断(RFC 3339),用于重放 / judge as of this instant, to replay a verdict
    #[arg(long, value_name = "INSTANT", value_parser = instant)]
    pub(crate) at: Option<Instant>,
    /// 整份报告,逐章逐步;xml 为 ETSI TS 119 102-2,pdf 有 --state 则盖章 / the whole report, step by step; a pdf is sealed with --state
    #[arg(long, value_name = "FORMAT", group = "written")]
    pub(crate) format: Option<ReportFormat>,
    /// 给 PDF 报告加盖的印章;缺省 bureau / the seal of a PDF report; default: bureau
    #[arg(long, value_name = "ROLE", requires = "format", requires = "state")]
    pub(crate) seal: Option<String>,
    /// 写出第 N 个印章所盖的那一版文件,从 1 数起 / write out the revision that signature N was made over, from 1
    #[arg(long, value_name = "N", requires = "out", group = "written")]
    pub(crate) extract: Option<usize>,
    /// 报告或那一版写到这里;多个文件的报告写进目录 / write the report or that revision here; reports of several files go to a folder
    #[arg(long, short, value_name = "FILE|DIR", requires = "written")]
    pub(crate) out: Option<PathBuf>,
    /// 自检:用随程序的攻击样本试本核验器 / try this verifier on the attacks shipped with it
    #[arg(long, conflicts_with_all = ["files", "state", "trust", "policy", "at"])]
    pub(crate) selftest: bool,
    /// 自检改用这个目录的样本(attacks、ours、trust)/ the set of this folder instead, laid out like fixtures/
    #[arg(long, value_name = "DIR", requires = "selftest")]
    pub(crate) cases: Option<PathBuf>,
    /// 要核验的文件,- 表示标准输入 / files to verify, - for standard input
    #[arg(required_unless_present = "selftest")]
    pub(crate) files: Vec<PathBuf>,
}

/// Reads `--at`.
fn instant(text: &str) -> Result<Instant, String> {
    Instant::from_rfc3339(text).ok_or_else(|| {
        "须为 RFC 3339 时刻,如 2026-11-25T09:00:00+08:00 / must be an RFC 3339 instant".to_owned()
    })
}
