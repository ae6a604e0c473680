//! What the user types after `verify`.

use crate::domain::Instant;
use clap::{ArgGroup, Args, ValueEnum};
use std::path::PathBuf;

pub(super) const VERIFY_HELP: &str = "\
例 Examples:
  yinzheng verify --state DIR FILE.pdf                        # 带台账 with the ledger
  yinzheng verify --trust root.pem FILE.pdf                   # 只凭信任锚 anchors alone
  yinzheng verify --policy integrity-only *.pdf               # 只判完整,不判信任 integrity, not trust
  yinzheng verify --state DIR --at 2026-11-25T09:00:00+08:00 FILE.pdf   # 重放 replay
  yinzheng verify --state DIR --format html -o report.html FILE.pdf     # 一页报告 a report
  yinzheng verify --state DIR --format pdf -o report.pdf FILE.pdf       # 盖章入卷 sealed, for the case
  yinzheng verify --state DIR 收件/ --results 结果.csv        # 整个目录 a whole folder
  yinzheng verify --state DIR --fetch-revocation http://crl.example FILE.pdf   # 查吊销 revocation
  yinzheng verify --extract-cms 1 -o 签名.p7s FILE.pdf        # 文件保密 a confidential file
  yinzheng verify --state DIR --digest sha256:HEX --cms 签名.p7s   # 不见文件 without it
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
The worst file decides; no file at all is never success. Self-test: 0 passed, 1 not.

目录 Folders:其中及其下各级的 .pdf,按名排序,全部核心同时核验;读不了的、指向目录之外的链接,列为未核验(退出码 1)。
Every .pdf in it and below, in the order of the names, on all cores; what cannot be read and links
that lead out of the folder are listed as not judged (exit code 1). The list of results may be .csv
or .jsonl and is never overwritten.";

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
#[command(group(ArgGroup::new("written").args(["format", "extract", "extract_cms", "extract_ses"])))]
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
    #[arg(long, value_name = "FORMAT", conflicts_with = "results")]
    pub(crate) format: Option<ReportFormat>,
    /// 给 PDF 报告加盖的印章;缺省 bureau / the seal of a PDF report; default: bureau
    #[arg(long, value_name = "ROLE", requires = "format", requires = "state")]
    pub(crate) seal: Option<String>,
    /// 吊销状态不明时,可向 http://主机[/路径] 取列表与 OCSP 应答,可重复;缺省不联网 / http://host[/path] where lists and OCSP answers may be fetched; repeatable; default: nowhere
    #[arg(long, value_name = "URL")]
    pub(crate) fetch_revocation: Vec<String>,
    /// 写出第 N 个印章所盖的那一版文件,从 1 数起 / write out the revision that signature N was made over, from 1
    #[arg(long, value_name = "N", requires = "out")]
    pub(crate) extract: Option<usize>,
    /// 报告、那一版或签名值写到这里;多个文件的报告写进目录 / write the report, that revision or that value here; reports of several files go to a folder
    #[arg(long, short, value_name = "FILE|DIR", requires = "written")]
    pub(crate) out: Option<PathBuf>,
    /// 写出第 N 个印章的签名值,并打印它所盖内容的摘要:文件不必交出 / write out the CMS value of signature N and print the digest of what it covers; the file stays here
    #[arg(long, value_name = "N", requires = "out", conflicts_with_all = ["results", "digest"])]
    pub(crate) extract_cms: Option<usize>,
    /// 写出第 N 个印章里的国密电子签章(SES_Signature,.ses),供国密软件验;并打印它所盖内容的摘要 / write out the national signature inside signature N, for national software, and print the digest of what it covers
    #[arg(long, value_name = "N", requires = "out", conflicts_with_all = ["results", "digest"])]
    pub(crate) extract_ses: Option<usize>,
    /// 不交文件,只交摘要 / judge by digest, without the file: of both ranges of /ByteRange, by the signature's algorithm
    #[arg(long, value_name = "sha256:HEX", requires = "cms", conflicts_with_all = ["files", "extract", "results"])]
    pub(crate) digest: Option<String>,
    /// 与摘要同交的签名值(DER)/ the signature value (DER) that goes with the digest
    #[arg(long, value_name = "FILE.p7s", requires = "digest")]
    pub(crate) cms: Option<PathBuf>,
    /// 签名在文件里的 /SubFilter,如知道 / the signature's /SubFilter, where it is known
    #[arg(long, value_name = "NAME", requires = "digest")]
    pub(crate) sub_filter: Option<String>,
    /// 结果清单(.csv 或 .jsonl),一行一份 / list of results (.csv or .jsonl), one line a file
    #[arg(long, value_name = "FILE", conflicts_with = "extract")]
    pub(crate) results: Option<PathBuf>,
    /// 自检:用随程序的攻击样本试本核验器 / try this verifier on the attacks shipped with it
    #[arg(long, conflicts_with_all = ["files", "state", "trust", "policy", "at", "fetch_revocation"])]
    pub(crate) selftest: bool,
    /// 自检改用这个目录的样本(attacks、ours、trust)/ the set of this folder instead, laid out like fixtures/
    #[arg(long, value_name = "DIR", requires = "selftest")]
    pub(crate) cases: Option<PathBuf>,
    /// 要核验的文件或目录,- 表示标准输入 / files or folders to verify, - for standard input
    #[arg(required_unless_present_any = ["selftest", "digest"])]
    pub(crate) files: Vec<PathBuf>,
}

/// Reads `--at`.
fn instant(text: &str) -> Result<Instant, String> {
    Instant::from_rfc3339(text).ok_or_else(|| {
        "须为 RFC 3339 时刻,如 2026-11-25T09:00:00+08:00 / must be an RFC 3339 instant".to_owned()
    })
}
