//! The list of results of a bulk run: one line for each application, in the order of the input. Names and identity
//! numbers do not go into it: the origin says whose line it is.

use super::list::List;
use super::output::Output;
use crate::domain::Problem;
use crate::service::issue::Issued;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// Failures shown on the screen; the list has all of them.
const SHOWN: usize = 20;
const HEADS: [&str; 8] = ["origin", "result", "number", "identifier", "code", "file", "problem", "words"];

/// What became of one application.
pub(crate) struct Outcome {
    origin: String,
    on_record: Option<OnRecord>,
    file: Option<PathBuf>,
    problems: Vec<Problem>,
    /// A code and words, when it is not the fields.
    failure: Option<(&'static str, String)>,
}

struct OnRecord {
    number: String,
    identifier: String,
    code: String,
    replayed: bool,
}

impl Outcome {
    pub(crate) fn issued(origin: String, issued: &Issued, file: Option<PathBuf>) -> Self {
        let on_record = OnRecord {
            number: issued.entry.number.clone(),
            identifier: issued.entry.identifier.clone(),
            code: issued.entry.code.clone(),
            replayed: issued.replayed,
        };
        Self { origin, on_record: Some(on_record), file, problems: Vec::new(), failure: None }
    }

    /// On record, but its file could not be written where it was asked for: `show --out` brings it.
    pub(crate) fn unwritten(origin: String, issued: &Issued, why: String) -> Self {
        Self { failure: Some(("file_not_written", why)), ..Self::issued(origin, issued, None) }
    }

    pub(crate) fn refused(origin: String, problems: Vec<Problem>) -> Self {
        Self { origin, on_record: None, file: None, problems, failure: None }
    }

    pub(crate) fn failed(origin: String, code: &'static str, why: String) -> Self {
        Self { origin, on_record: None, file: None, problems: Vec::new(), failure: Some((code, why)) }
    }

    pub(crate) fn is_issued(&self) -> bool {
        self.on_record.is_some() && self.failure.is_none()
    }

    fn result(&self) -> &'static str {
        match &self.on_record {
            Some(record) if record.replayed => "replayed",
            Some(_) => "issued",
            None => "failed",
        }
    }

    pub(crate) fn object(&self) -> Value {
        let mut object = json!({ "origin": self.origin, "result": self.result() });
        if let Some(record) = &self.on_record {
            object["number"] = json!(record.number);
            object["identifier"] = json!(record.identifier);
            object["code"] = json!(record.code);
            object["replayed"] = json!(record.replayed);
            object["file"] = json!(self.file);
        }
        if !self.problems.is_empty() {
            object["problems"] = json!(self.problems);
        }
        if let Some((code, words)) = &self.failure {
            object["error"] = json!({ "code": code, "words": words });
        }
        object
    }

    /// One application to the screen: a success as a result, a failure as a problem.
    pub(crate) fn say(&self, output: Output) {
        if let Some(record) = &self.on_record {
            output.line(&format!("✔ {}  {}  {}", self.origin, record.number, record.code));
        } else if self.failure.is_none() {
            output.problem(&format!("✘ {}: {} 个问题 / problems", self.origin, self.problems.len()));
        }
        for p in &self.problems {
            output.problem(&format!("  {} [{}] {} / {}", p.pointer, p.code, p.message.zh, p.message.en));
        }
        if let Some((_, words)) = &self.failure {
            output.problem(&format!("✘ {}: {words}", self.origin));
        }
    }

    fn row(&self) -> [String; 8] {
        let record = self.on_record.as_ref();
        let codes = self.problems.iter().map(|p| format!("{} {}", p.pointer, p.code));
        let words =
            self.problems.iter().map(|p| format!("{}: {} / {}", p.pointer, p.message.zh, p.message.en));
        let codes: Vec<String> =
            codes.chain(self.failure.iter().map(|(code, _)| (*code).to_owned())).collect();
        let words: Vec<String> = words.chain(self.failure.iter().map(|(_, words)| words.clone())).collect();
        [
            self.origin.clone(),
            self.result().to_owned(),
            record.map(|r| r.number.clone()).unwrap_or_default(),
            record.map(|r| r.identifier.clone()).unwrap_or_default(),
            record.map(|r| r.code.clone()).unwrap_or_default(),
            self.file.as_ref().map(|f| f.display().to_string()).unwrap_or_default(),
            codes.join("; "),
            words.join("; "),
        ]
    }
}

/// The list being written, and what the summary needs of it.
pub(crate) struct Results {
    list: List,
    issued: u64,
    failed: u64,
    first_failures: Vec<Outcome>,
}

impl Results {
    /// At the named path, or in `folder` under the first free of `results.csv`, `results-2.csv`, …
    ///
    /// # Errors
    /// In words: the file exists or cannot be made.
    pub(crate) fn begin(named: Option<&Path>, folder: &Path) -> Result<Self, String> {
        let list = match named {
            Some(path) => List::begin(path, &HEADS)?,
            None => List::begin_in(folder, &HEADS)?,
        };
        Ok(Self { list, issued: 0, failed: 0, first_failures: Vec::new() })
    }

    pub(crate) fn path(&self) -> &Path {
        self.list.path()
    }

    /// # Errors
    /// In words: the disk.
    pub(crate) fn add(&mut self, outcome: Outcome) -> Result<(), String> {
        self.list.add(&outcome.row(), &outcome.object())?;
        if outcome.is_issued() {
            self.issued += 1;
        } else {
            self.failed += 1;
            if self.first_failures.len() < SHOWN {
                self.first_failures.push(outcome);
            }
        }
        Ok(())
    }

    /// Brings the list to the disk; numbers of issued and failed.
    ///
    /// # Errors
    /// In words: the disk.
    pub(crate) fn finish(&mut self) -> Result<(u64, u64), String> {
        self.list.finish()?;
        Ok((self.issued, self.failed))
    }

    /// Failures first, then how many were issued and where the list is.
    pub(crate) fn say(&self, output: Output, seconds: f64) {
        self.first_failures.iter().for_each(|outcome| outcome.say(output));
        let shown = u64::try_from(self.first_failures.len()).unwrap_or(0);
        if self.failed > shown {
            output.problem(&format!("… 另有 {} 份,见清单 / and {0} more, see the list", self.failed - shown));
        }
        if !output.json {
            output.line(&format!(
                "未签发 not issued: {} · 已签发 issued: {} · {seconds} s\n清单 list of results: {}",
                self.failed,
                self.issued,
                self.path().display()
            ));
        }
    }
}
