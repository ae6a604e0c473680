//! `verify` of folders: all cores at work, one line a file in the order of the names, then what it comes to.
//!
//! A file that cannot be read is a result like any other and makes the run fail; nothing stops the rest. As many files are
//! in memory as there are cores.

use super::list::List;
use super::output::{Exit, Output};
use super::pdfs::{self, Found};
use super::verify::{Judge, exit, line, plain, word};
use super::{Answer, verify_arguments::Verify};
use crate::report::ReportError;
use crate::service::bulk;
use crate::verify::{Finding, Judgement, Word};
use serde_json::{Value, json};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

const HEADS: [&str; 10] = [
    "file",
    "result",
    "verdict",
    "file_light",
    "seal_light",
    "certificate_light",
    "codes",
    "reason",
    "sha256",
    "seconds",
];
/// Slow files and failures that the summary names; the list has all of them.
const NAMED: usize = 3;
const FAILURES: usize = 20;

/// What became of one file.
struct Outcome {
    name: String,
    judged: Result<Judgement, String>,
    seconds: f64,
}

impl Outcome {
    #[expect(clippy::disallowed_methods, reason = "a face tells how long it took")]
    fn of(judge: &Judge<'_>, found: &Found) -> Self {
        let begun = Instant::now();
        let name = found.path.display().to_string();
        let judged = found.read().and_then(|bytes| {
            // The verifier does not panic; if it did, one file would not take the others with it.
            let judged = catch_unwind(AssertUnwindSafe(|| judge.judge(&bytes)));
            let judged = judged.map_err(|_| format!("{name}:核验程序出错 / the verifier failed"))?;
            judged.map_err(|why| format!("{name}: {why}"))
        });
        Self { name, judged, seconds: (begun.elapsed().as_secs_f64() * 1e3).round() / 1e3 }
    }

    fn exit(&self) -> Exit {
        self.judged.as_ref().map_or(Exit::Failed, |judgement| exit(judgement.verdict))
    }

    fn object(&self) -> Result<Value, ReportError> {
        match &self.judged {
            Ok(judgement) => line(&self.name, judgement),
            Err(why) => Ok(json!({ "file": self.name, "error": { "code": "not_judged", "words": why } })),
        }
    }

    /// What the list holds; names out of certificates and documents do not go into it.
    fn row(&self) -> [String; 10] {
        let name = self.name.clone();
        let seconds = self.seconds.to_string();
        let Ok(judgement) = &self.judged else {
            let why = self.judged.as_ref().err().cloned().unwrap_or_default();
            let none = String::new;
            let result = "not_judged".to_owned();
            return [name, result, none(), none(), none(), none(), none(), why, none(), seconds];
        };
        let of_signatures = judgement.signatures.iter().flat_map(|signature| &signature.findings);
        let mut codes: Vec<&str> = of_signatures.chain(&judgement.findings).map(Finding::code).collect();
        codes.sort_unstable();
        codes.dedup();
        let reason = &judgement.counter.reason;
        [
            name,
            word(judgement.counter.word),
            word(judgement.verdict),
            word(judgement.lights.file),
            word(judgement.lights.seal),
            word(judgement.lights.certificate),
            codes.join("; "),
            format!("{} / {}", reason.zh, reason.en),
            judgement.sha256.clone().unwrap_or_default(),
            seconds,
        ]
    }

    /// One line, and for what is not accepted the reason.
    fn say(&self, output: Output) {
        let name = plain(&self.name);
        match &self.judged {
            Ok(judgement) => {
                let counter = &judgement.counter;
                let mark = match counter.word {
                    Word::Accept => "✔",
                    Word::Refuse => "✘",
                    Word::Refer => "?",
                };
                output.line(&format!("{mark} {} {}  {name}", counter.zh, counter.word.en()));
                if counter.word != Word::Accept {
                    output.line(&format!(
                        "    {} / {}",
                        plain(&counter.reason.zh),
                        plain(&counter.reason.en)
                    ));
                }
            }
            Err(why) => output.line(&format!("✘ 未核验 not judged  {name}\n    {}", plain(why))),
        }
    }
}

/// What all of it comes to.
struct Summary {
    accept: u64,
    refuse: u64,
    refer: u64,
    failures: Vec<String>,
    not_judged: u64,
    slowest: Vec<(f64, String)>,
    worst: Exit,
}

impl Summary {
    fn add(&mut self, outcome: Outcome) {
        let exit = outcome.exit();
        if exit.weight() > self.worst.weight() {
            self.worst = exit;
        }
        match &outcome.judged {
            Ok(judgement) => match judgement.counter.word {
                Word::Accept => self.accept += 1,
                Word::Refuse => self.refuse += 1,
                Word::Refer => self.refer += 1,
            },
            Err(_) => {
                self.not_judged += 1;
                if self.failures.len() < FAILURES {
                    self.failures.push(outcome.name.clone());
                }
            }
        }
        self.slowest.push((outcome.seconds, outcome.name));
        self.slowest.sort_by(|one, other| other.0.total_cmp(&one.0));
        self.slowest.truncate(NAMED);
    }

    fn object(&self, seconds: f64, list: Option<&List>) -> Value {
        let slowest = self.slowest.iter().map(|(seconds, file)| json!({ "file": file, "seconds": seconds }));
        json!({ "summary": {
            "files": self.accept + self.refuse + self.refer + self.not_judged,
            "accept": self.accept, "refuse": self.refuse, "refer": self.refer, "not_judged": self.not_judged,
            "slowest": slowest.collect::<Vec<_>>(), "seconds": seconds, "results": list.map(List::path) } })
    }

    fn say(&self, output: Output, seconds: f64, list: Option<&List>) {
        output.line("");
        for name in &self.failures {
            output.problem(&format!("✘ 未核验 not judged: {}", plain(name)));
        }
        let shown = u64::try_from(self.failures.len()).unwrap_or(0);
        if self.not_judged > shown {
            output.problem(&format!("… 另有 {} 个 / and {0} more", self.not_judged - shown));
        }
        output.line(&format!(
            "共 files: {} · 可收 accept: {} · 不可收 refuse: {} · 转人工 refer: {} · 未核验 not judged: {} · {seconds} s",
            self.accept + self.refuse + self.refer + self.not_judged,
            self.accept, self.refuse, self.refer, self.not_judged
        ));
        let slowest = self.slowest.iter().map(|(seconds, name)| format!("{seconds} s {}", plain(name)));
        output.line(&format!("最慢 slowest: {}", slowest.collect::<Vec<_>>().join(" · ")));
        if let Some(list) = list {
            output.line(&format!("清单 list of results: {}", list.path().display()));
        }
    }
}

/// Judges every file of what was named.
#[expect(clippy::disallowed_methods, reason = "a face tells how long it took")]
pub(super) fn run(output: Output, verify: &Verify, judge: &Judge<'_>) -> Answer {
    let found = pdfs::find(&verify.files)?;
    let mut list = verify.results.as_deref().map(|path| List::begin(path, &HEADS)).transpose()?;
    let begun = Instant::now();
    let bar = output.progress(u64::try_from(found.len()).unwrap_or(0), "核验 verifying");
    let (accept, refuse, refer, not_judged) = (0, 0, 0, 0);
    let (failures, slowest, worst) = (Vec::new(), Vec::new(), Exit::Ok);
    let mut summary = Summary { accept, refuse, refer, failures, not_judged, slowest, worst };
    let mut broken = None;
    bulk::in_order(
        bulk::cores(),
        found.into_iter(),
        |_, found: Found| Outcome::of(judge, &found),
        |outcome| {
            let shown = bar.suspend(|| show(output, &outcome, list.as_mut()));
            bar.inc(1);
            summary.add(outcome);
            broken = shown.err();
            broken.is_none()
        },
    );
    bar.finish_and_clear();
    if let Some(why) = broken {
        return Err(why.into());
    }
    if let Some(list) = &mut list {
        list.finish()?;
    }
    let seconds = (begun.elapsed().as_secs_f64() * 10.0).round() / 10.0;
    if output.json {
        output.object(&summary.object(seconds, list.as_ref()));
    } else {
        summary.say(output, seconds, list.as_ref());
    }
    Ok(summary.worst)
}

fn show(output: Output, outcome: &Outcome, list: Option<&mut List>) -> Result<(), String> {
    let object = outcome.object().map_err(|why| why.to_string())?;
    if output.json {
        output.object(&object);
    } else {
        outcome.say(output);
    }
    list.map_or(Ok(()), |list| list.add(&outcome.row(), &object))
}
