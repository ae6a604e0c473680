//! `issue`: one file, or many with a bar, a list of results and as many threads as keep the disk busy.

use super::arguments::Issue;
use super::output::{Exit, Output};
use super::{Answer, inputs, mandate, open, write};
use crate::service::Office;
use crate::service::issue::{IssueError, Issued, Request};
use inputs::Input;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

/// Certificates under way at once: two waits for the disk each, shared by the ledger's group commit.
const UNDER_WAY: usize = 16;

pub(super) fn run(output: Output, issue: &Issue, templates: &[PathBuf]) -> Answer {
    let office = open(output, &issue.state.state, templates)?;
    let kind = office.kinds().get(&issue.r#type).ok_or_else(|| IssueError::NoSuchType(issue.r#type.clone()))?;
    let inputs = inputs::open(&issue.input, kind.template.kind().schema())?;
    if inputs.many {
        return bulk(output, issue, &office, inputs);
    }
    let Some(input) = inputs.each.into_iter().next() else { return Err("没有申请 / no application".into()) };
    let result = one(&office, issue, &input, issue.idempotency_key.clone());
    if let (Ok(issued), Some(out)) = (&result, &issue.out) {
        write(out, &issued.pdf)?;
    }
    report(output, &input.origin, &result);
    Ok(if result.is_ok() { Exit::Ok } else { Exit::Failed })
}

fn one(office: &Office, issue: &Issue, input: &Input, key: Option<String>) -> Result<Issued, Refused> {
    let application = input.application.as_ref().map_err(|why| Refused::Unreadable(why.clone()))?;
    let request = Request {
        slug: &issue.r#type,
        application,
        idempotency_key: key,
        confirm_duplicate: issue.confirm_duplicate,
    };
    office.issue(&mandate(), request).map_err(Refused::Issue)
}

enum Refused {
    Unreadable(String),
    Issue(IssueError),
}

fn bulk(output: Output, issue: &Issue, office: &Office, inputs: inputs::Inputs) -> Answer {
    let folder = issue.out.clone().ok_or("批量签发请用 --out 给出目录 / bulk needs --out FOLDER")?;
    std::fs::create_dir_all(&folder)?;
    let progress = output.progress(inputs.count.unwrap_or(0), "签发 issuing");
    let queue = Mutex::new(inputs.each.enumerate());
    let failed = Mutex::new(0_u64);
    std::thread::scope(|scope| {
        for _ in 0..UNDER_WAY {
            scope.spawn(|| {
                while let Some((at, input)) = queue.lock().ok().and_then(|mut q| q.next()) {
                    let key = issue.idempotency_key.as_ref().map(|k| format!("{k}/{}", at + 1));
                    let result = one(office, issue, &input, key);
                    let kept = result.as_ref().ok().map(|issued| keep(&folder, issued));
                    if let Some(Err(why)) = &kept {
                        output.problem(&format!("✘ {why}"));
                    }
                    if result.is_err() || matches!(kept, Some(Err(_))) {
                        failed.lock().map(|mut n| *n += 1).ok();
                    }
                    report(output, &input.origin, &result);
                    progress.inc(1);
                }
            });
        }
    });
    progress.finish_and_clear();
    let failed = failed.into_inner().unwrap_or(u64::MAX);
    output.remark(&format!("未签发 not issued: {failed}"));
    Ok(if failed == 0 && progress.position() > 0 { Exit::Ok } else { Exit::Failed })
}

fn keep(folder: &Path, issued: &Issued) -> Result<(), String> {
    write(&folder.join(format!("{}.pdf", issued.entry.identifier)), &issued.pdf)
}

fn report(output: Output, origin: &str, result: &Result<Issued, Refused>) {
    match result {
        Ok(issued) if output.json => output.object(&json!({
            "origin": origin, "number": issued.entry.number, "identifier": issued.entry.identifier,
            "code": issued.entry.code, "replayed": issued.replayed,
        })),
        Ok(issued) => output.line(&format!("✔ {origin}  {}  {}", issued.entry.number, issued.entry.code)),
        Err(Refused::Issue(IssueError::Fields(problems))) => {
            if output.json {
                output.object(&json!({ "origin": origin, "problems": problems }));
                return;
            }
            output.problem(&format!("✘ {origin}: {} 个问题 / problems", problems.len()));
            for p in problems {
                output.problem(&format!("  {} [{}] {} / {}", p.pointer, p.code, p.message.zh, p.message.en));
            }
        }
        Err(refused) => {
            let why = match refused {
                Refused::Unreadable(why) => why.clone(),
                Refused::Issue(why) => why.to_string(),
            };
            if output.json {
                output.object(&json!({ "origin": origin, "error": Value::String(why) }));
            } else {
                output.problem(&format!("✘ {origin}: {why}"));
            }
        }
    }
}
