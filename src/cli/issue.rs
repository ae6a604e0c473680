//! `issue`: one file, or many with a bar, all cores at work and a list of results.

use super::arguments::Issue;
use super::output::{Exit, Output};
use super::progress::Progress;
use super::results::{Outcome, Results};
use super::{Answer, inputs, mandate, open, write};
use crate::service::issue::{IssueError, Issued, Request};
use crate::service::{Office, bulk};
use inputs::{Input, Inputs};
use serde_json::json;
use std::path::{Path, PathBuf};

pub(super) fn run(output: Output, issue: &Issue, templates: &[PathBuf]) -> Answer {
    let office = open(output, &issue.state.state, templates)?;
    let kind =
        office.kinds().get(&issue.r#type).ok_or_else(|| IssueError::NoSuchType(issue.r#type.clone()))?;
    let inputs = inputs::open(&issue.input, kind.template.kind().schema())?;
    if inputs.many {
        return many(output, issue, &office, inputs);
    }
    if issue.results.is_some() {
        return Err("--results 只用于批量 / --results is for bulk only".into());
    }
    let mut each = inputs.each;
    let Some(input) = each.next() else {
        return Err("没有申请 / no application".into());
    };
    let outcome = match one(&office, issue, &input, issue.idempotency_key.clone()) {
        Ok(issued) => {
            if let Some(out) = &issue.out {
                write(out, &issued.pdf)?;
            }
            Outcome::issued(input.origin, &issued, issue.out.clone())
        }
        Err(refused) => refused.outcome(input.origin),
    };
    if output.json {
        output.object(&outcome.object());
    } else {
        outcome.say(output);
    }
    Ok(if outcome.is_issued() { Exit::Ok } else { Exit::Failed })
}

enum Refused {
    Unreadable(String),
    Issue(IssueError),
}

impl Refused {
    fn outcome(self, origin: String) -> Outcome {
        match self {
            Self::Unreadable(why) => Outcome::failed(origin, "unreadable", why),
            Self::Issue(IssueError::Fields(problems)) => Outcome::refused(origin, problems),
            Self::Issue(why @ IssueError::Ledger(_)) => Outcome::failed(origin, "ledger", why.to_string()),
            Self::Issue(why @ IssueError::Interrupted { .. }) => {
                Outcome::failed(origin, "interrupted", why.to_string())
            }
            Self::Issue(why) => Outcome::failed(origin, "not_issued", why.to_string()),
        }
    }
}

fn one(office: &Office, issue: &Issue, input: &Input, key: Option<String>) -> Result<Issued, Refused> {
    let application = input.application.as_ref().map_err(|why| Refused::Unreadable(why.clone()))?;
    let request = Request {
        slug: &issue.r#type,
        application,
        idempotency_key: key,
        confirm_duplicate: issue.confirm_duplicate,
        replaces: None,
    };
    office.issue(&mandate(), request).map_err(Refused::Issue)
}

fn many(output: Output, issue: &Issue, office: &Office, inputs: Inputs) -> Answer {
    let folder = issue.out.clone().ok_or("批量签发请用 --out 给出目录 / bulk needs --out FOLDER")?;
    std::fs::create_dir_all(&folder)?;
    let mut results = Results::begin(issue.results.as_deref(), &folder)?;
    let progress = Progress::new(output, inputs.count, "签发 issuing");
    let work = |at: u64, input: Input| {
        let key = issue.idempotency_key.as_ref().map(|k| format!("{k}/{}", at + 1));
        match one(office, issue, &input, key) {
            Ok(issued) => kept(&folder, input.origin, &issued),
            Err(refused) => refused.outcome(input.origin),
        }
    };
    let mut broken = None;
    bulk::in_order(bulk::under_way(), inputs.each, work, |outcome| {
        if output.json {
            output.object(&outcome.object());
        }
        progress.step();
        broken = results.add(outcome).err();
        broken.is_none()
    });
    let seconds = progress.finish();
    if let Some(why) = broken {
        return Err(format!(
            "结果清单写不了,已停止;已签发的均在台账 / the list of results cannot be written, stopped; what was issued is on record: {why}"
        )
        .into());
    }
    let (issued, failed) = results.finish()?;
    results.say(output, seconds);
    if output.json {
        output.object(&json!({ "summary": {
            "issued": issued, "failed": failed, "seconds": seconds, "results": results.path() } }));
    }
    Ok(match (issued, failed) {
        (0, _) => Exit::Failed,
        (_, 0) => Exit::Ok,
        _ => Exit::SomeFailed,
    })
}

fn kept(folder: &Path, origin: String, issued: &Issued) -> Outcome {
    let file = folder.join(format!("{}.pdf", issued.entry.identifier));
    match write(&file, &issued.pdf) {
        Ok(()) => Outcome::issued(origin, issued, Some(file)),
        Err(why) => Outcome::unwritten(origin, issued, why),
    }
}
