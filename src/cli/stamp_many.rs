//! `stamp` of folders: every file is looked at before the first is stamped, then all cores are at work; the list of
//! results is in the order of the names.
//!
//! A file's idempotency key is made of the run's key, its name and its bytes: the same command again answers what was
//! stamped with the same file, finishes what was interrupted and stamps the rest.

use super::list::List;
use super::output::{Exit, Output};
use super::pdfs::{self, Found};
use super::progress::Progress;
use super::stamp::{Stamp, printable};
use super::{Answer, mandate, write};
use crate::crypto::sha256;
use crate::service::placement::Placement;
use crate::service::seal_requests::Fitted;
use crate::service::stamp::{StampRequest, Stamped, StampingError};
use crate::service::{Office, bulk};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const HEADS: [&str; 8] = ["file", "result", "seal", "use_number", "page", "sha256", "code", "words"];
/// Failures shown on the screen; the list has all of them.
const SHOWN: usize = 20;

/// A file, where it goes, and what became of it.
struct Outcome {
    name: String,
    result: Result<Done, (String, String)>,
}

/// What the list says of a stamped file.
struct Done {
    seal: String,
    use_number: u64,
    page: usize,
    sha256: String,
    replayed: bool,
}

/// What is the same for every file of a run.
struct Run<'r> {
    office: &'r Office,
    stamp: &'r Stamp,
    key: String,
}

impl Run<'_> {
    fn request<'a>(
        &'a self,
        document: &'a [u8],
        placement: &'a Placement,
        key: Option<String>,
    ) -> StampRequest<'a> {
        StampRequest { document, seal: &self.stamp.seal, placement, idempotency_key: key, request: None }
    }

    /// Whether a file would be stamped.
    fn look(&self, found: &Found) -> Result<(), (String, String)> {
        let document = found.read().map_err(unreadable)?;
        let fitted = self.office.fitted(&document, &self.stamp.placement(), self.stamp.rewrite);
        let Fitted { document, placement, .. } = fitted.map_err(|why| told(&why))?;
        self.office
            .may_be_stamped(&self.request(&document, &placement, None))
            .map(drop)
            .map_err(|why| told(&why))
    }

    fn carry_out(&self, found: &Found, target: &Path) -> Result<Done, (String, String)> {
        let document = found.read().map_err(unreadable)?;
        let fitted = self.office.fitted(&document, &self.stamp.placement(), self.stamp.rewrite);
        let Fitted { document, placement, .. } = fitted.map_err(|why| told(&why))?;
        let path = std::path::absolute(&found.path).unwrap_or_else(|_| found.path.clone());
        let key = format!("{}/{}/{}", self.key, path.display(), hex::encode(sha256(&[&document])));
        let stamped = self.office.stamp(&mandate(), self.request(&document, &placement, Some(key)));
        let stamped = stamped.map_err(|why| told(&why))?;
        written(target, &stamped.pdf).map_err(|why| ("file_not_written".to_owned(), why))?;
        Ok(Done::of(&stamped))
    }
}

impl Done {
    fn of(stamped: &Stamped) -> Self {
        Self {
            seal: stamped.stamping.seal.clone(),
            use_number: stamped.stamping.use_number,
            page: stamped.landed.spot.page,
            sha256: stamped.stamping.document.map(hex::encode).unwrap_or_default(),
            replayed: stamped.replayed,
        }
    }
}

impl Outcome {
    fn word(&self) -> &'static str {
        match &self.result {
            Ok(done) if done.replayed => "replayed",
            Ok(_) => "stamped",
            Err(_) => "refused",
        }
    }

    fn row(&self) -> [String; 8] {
        let (name, word) = (self.name.clone(), self.word().to_owned());
        let none = String::new;
        match &self.result {
            Ok(done) => {
                let (number, page) = (done.use_number.to_string(), done.page.to_string());
                [name, word, done.seal.clone(), number, page, done.sha256.clone(), none(), none()]
            }
            Err((code, why)) => [name, word, none(), none(), none(), none(), code.clone(), why.clone()],
        }
    }

    fn object(&self) -> Value {
        match &self.result {
            Ok(done) => json!({
                "file": self.name, "result": self.word(), "seal": done.seal, "use_number": done.use_number,
                "page": done.page, "sha256": done.sha256 }),
            Err((code, words)) => {
                json!({ "file": self.name, "result": self.word(), "error": { "code": code, "words": words } })
            }
        }
    }
}

pub(super) fn run(output: Output, stamp: &Stamp, office: &Office) -> Answer {
    folder(&stamp.out)?;
    let own = std::path::absolute(&stamp.out)?;
    let mut found = pdfs::find(&stamp.documents)?;
    // What an earlier run put there is not brought again.
    found.retain(|one| std::path::absolute(&one.path).is_ok_and(|path| !path.starts_with(&own)));
    let key = stamp.idempotency_key.clone().unwrap_or_else(|| format!("stamp into {}", own.display()));
    let run = Run { office, stamp, key };
    let total = u64::try_from(found.len()).ok();
    let looking = Progress::new(output, total, "预检 looking");
    let (mut ready, mut outcomes) = (Vec::new(), Vec::new());
    let look = |_, found: Found| (run.look(&found), found);
    bulk::in_order(bulk::cores(), found.into_iter(), look, |(looked, found)| {
        looking.step();
        match looked {
            Ok(()) => ready.push(found),
            Err(why) => outcomes.push(Outcome { name: found.path.display().to_string(), result: Err(why) }),
        }
        true
    });
    looking.finish();
    output.remark(&format!("预检 looked at: {} 份可盖 ready,{} 份不盖 refused", ready.len(), outcomes.len()));
    let targets = targets(stamp, &ready)?;
    let mut list = List::begin_in(&stamp.out, &HEADS)?;
    let progress = Progress::new(output, u64::try_from(ready.len()).ok(), "盖章 stamping");
    let mut stamped = 0_u64;
    let mut broken = None;
    let work = |_, (found, target): (Found, PathBuf)| Outcome {
        result: run.carry_out(&found, &target),
        name: found.path.display().to_string(),
    };
    bulk::in_order(bulk::under_way(), ready.into_iter().zip(targets), work, |outcome| {
        progress.step();
        broken = list.add(&outcome.row(), &outcome.object()).err();
        if output.json {
            output.object(&outcome.object());
        }
        match outcome.result {
            Ok(_) => stamped += 1,
            Err(_) => outcomes.push(outcome),
        }
        broken.is_none()
    });
    let seconds = progress.finish();
    if let Some(why) = broken {
        return Err(format!("结果清单写不了,已停止;已盖的均在台账 / the list cannot be written, stopped; what was stamped is on record: {why}").into());
    }
    refusals(output, &mut list, &outcomes)?;
    list.finish()?;
    say(output, stamped, outcomes.len(), seconds, &list);
    Ok(match (stamped, outcomes.len()) {
        (0, _) => Exit::Failed,
        (_, 0) => Exit::Ok,
        _ => Exit::SomeFailed,
    })
}

/// What was not stamped, behind what was.
fn refusals(output: Output, list: &mut List, outcomes: &[Outcome]) -> Result<(), String> {
    for (at, outcome) in outcomes.iter().enumerate() {
        let Err((code, why)) = &outcome.result else { continue };
        list.add(&outcome.row(), &outcome.object())?;
        if output.json {
            output.object(&outcome.object());
        } else if at < SHOWN {
            output.problem(&format!("✘ {} [{code}]: {}", printable(&outcome.name), printable(why)));
        }
    }
    if outcomes.len() > SHOWN && !output.json {
        output.problem(&format!("… 另有 {} 份,见清单 / and {0} more, see the list", outcomes.len() - SHOWN));
    }
    Ok(())
}

fn say(output: Output, stamped: u64, refused: usize, seconds: f64, list: &List) {
    if output.json {
        output.object(&json!({ "summary": {
            "stamped": stamped, "refused": refused, "seconds": seconds, "results": list.path() } }));
    } else {
        output.line(&format!(
            "未盖章 not stamped: {refused} · 已盖章 stamped: {stamped} · {seconds} s\n清单 list of results: {}",
            list.path().display()
        ));
    }
}

/// Where each file goes: under the output folder as it lay under the folder that was named.
///
/// # Errors
/// In words: two files would go to one place.
fn targets(stamp: &Stamp, ready: &[Found]) -> Result<Vec<PathBuf>, String> {
    let inside = |path: &Path| {
        let below = stamp
            .documents
            .iter()
            .filter(|named| named.is_dir())
            .find_map(|named| path.strip_prefix(named).ok());
        below.map(Path::to_owned).or_else(|| path.file_name().map(PathBuf::from)).unwrap_or_default()
    };
    let targets: Vec<PathBuf> = ready.iter().map(|found| stamp.out.join(inside(&found.path))).collect();
    let mut sorted: Vec<&PathBuf> = targets.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|two| two[0] == two[1]) {
        Some(two) => Err(format!(
            "两份文件会写到同一处 {},请分次盖章 / two files would be written to this one place: stamp them in two runs",
            two[0].display()
        )),
        None => Ok(targets),
    }
}

fn told(why: &StampingError) -> (String, String) {
    (why.codes(), why.to_string())
}

fn unreadable(why: String) -> (String, String) {
    ("file_not_read".to_owned(), why)
}

fn folder(path: &Path) -> Result<(), String> {
    std::fs::create_dir_all(path)
        .map_err(|e| format!("建不了 {} / cannot make the folder: {e}", path.display()))
}

fn written(target: &Path, pdf: &[u8]) -> Result<(), String> {
    target.parent().map_or(Ok(()), folder)?;
    write(target, pdf)
}
