//! `verify --digest … --cms …`: judging without the file; and `--extract-cms`, by which its owner gets both.

use super::output::Output;
use super::verify::{Judge, exit, line, show};
use super::verify_reports::Reports;
use super::{Answer, Exit, read, verify_arguments::Verify, write};
use crate::service::unseen::{Sent, from_file};
use serde_json::json;
use std::path::Path;

/// Judges the digest and the CMS value that were given.
pub(super) fn run(
    output: Output,
    verify: &Verify,
    digest: &str,
    judge: &Judge<'_>,
    reports: Option<&mut Reports<'_>>,
) -> Answer {
    let path = verify.cms.as_deref().ok_or("--digest 须与 --cms 同用 / --digest needs --cms")?;
    let sent = Sent::typed(digest, read(path)?, verify.sub_filter.clone())?;
    let judgement = judge.unseen(&sent)?;
    let name = path.display().to_string();
    if let Some(reports) = reports {
        reports.report(output, path, &judgement)?;
    } else if output.json {
        output.object(&line(&name, &judgement)?);
    } else {
        show(output, &name, &judgement);
    }
    Ok(exit(judgement.verdict))
}

/// Writes the CMS value of signature `which` and prints what its owner sends beside it.
pub(super) fn extract(output: Output, verify: &Verify, which: usize) -> Answer {
    let (Some(out), [file]) = (verify.out.as_deref(), &verify.files[..]) else {
        return Err("--extract-cms 须给出一个文件和 -o / --extract-cms takes one file, and -o".into());
    };
    let handed = from_file(&read(file)?, which)?;
    write(out, &handed.cms)?;
    let digest = format!("{}:{}", handed.algorithm, handed.digest);
    if output.json {
        output.object(&json!({ "file": file, "signature": which, "digest": digest,
            "sub_filter": handed.sub_filter, "cms": out }));
        return Ok(Exit::Ok);
    }
    output.line(&digest);
    output.remark(&format!(
        "✔ 签名值已写入 {0},文件本身不必交出;核验 / written; the file itself stays here. To verify:\n  yinzheng verify --digest {digest} --cms {0} --sub-filter {1}",
        shown(out), handed.sub_filter
    ));
    Ok(Exit::Ok)
}

/// The national signature inside another one, as a file of its own.
pub(super) fn extract_ses(output: Output, verify: &Verify, which: usize) -> Answer {
    let (Some(out), [file]) = (verify.out.as_deref(), &verify.files[..]) else {
        return Err("--extract-ses 须给出一个文件和 -o / --extract-ses takes one file, and -o".into());
    };
    let pressing = from_file(&read(file)?, which)?.pressing;
    let pressing =
        pressing.ok_or("这个签名里没有国密电子签章 / there is no national signature inside this one")?;
    write(out, &pressing.der)?;
    let digest = format!("{}:{}", pressing.algorithm, pressing.digest);
    if output.json {
        output.object(&json!({ "file": file, "signature": which, "digest": digest, "ses": out }));
    } else {
        output.line(&digest);
    }
    Ok(Exit::Ok)
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
