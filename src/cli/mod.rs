//! The command line: what was typed, the use case it means, how the answer looks.

mod arguments;
mod bench;
mod demo;
mod doctor;
mod inputs;
mod invitation;
mod issue;
mod keys;
mod ledger;
mod list;
mod lives;
mod orders;
mod output;
mod pdfs;
mod progress;
mod records;
mod results;
mod seals;
mod serve;
mod stamp;
mod stamp_many;
mod template;
mod tls;
mod verify;
mod verify_arguments;
mod verify_digest;
mod verify_many;
mod verify_reports;

use crate::config::SubFilterName;
use crate::crypto::{self, Suite};
use crate::pdf::Limits;
use crate::service::access::Mandate;
use crate::service::{Office, OpenError};
use arguments::{Arguments, Verb};
use clap::{CommandFactory, Parser};
use output::{Exit, Output};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Runs the program with the process's arguments.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let output = Output { json: arguments.json, quiet: arguments.quiet };
    let exit = match arguments.verb {
        Verb::Demo(demo) => demo::run(output, &demo, &arguments.templates),
        Verb::Init(init) => keys::init(output, &init),
        Verb::Doctor(doctor) => doctor::run(output, &doctor, &arguments.templates),
        Verb::Keys(verb) => keys::run(output, &verb, &arguments.templates),
        Verb::Issue(issue) => issue::run(output, &issue, &arguments.templates),
        Verb::Orders(verb) => orders::run(output, &verb, &arguments.templates),
        Verb::Seals(verb) => seals::run(output, &verb, &arguments.templates),
        Verb::Stamp(stamp) => stamp::run(output, &stamp, &arguments.templates),
        Verb::Serve(serve) => serve::run(output, &serve, &arguments.templates),
        Verb::Act(verb) => lives::act(output, &verb, &arguments.templates),
        Verb::Revoke(verb) => lives::revoke(output, &verb, &arguments.templates),
        Verb::Replace(replace) => lives::replace(output, &replace, &arguments.templates),
        Verb::Lookup(verb) => lives::look_up(output, &verb, &arguments.templates),
        Verb::Apikey(verb) => lives::api_key(output, &verb, &arguments.templates),
        Verb::Audit(what) => lives::audit(output, &what, &arguments.templates),
        Verb::Ledger(verb) => ledger::run(output, &verb, &arguments.templates),
        Verb::Backup(backup) => ledger::backup(output, &backup, &arguments.templates),
        Verb::Restore(restore) => ledger::restore(output, &restore),
        Verb::Verify(verify) => verify::run(output, &verify, &arguments.templates),
        Verb::Show(show) => records::show(output, &show, &arguments.templates),
        Verb::List(list) => records::list(output, &list, &arguments.templates),
        Verb::Template(verb) => template::run(output, &verb, &arguments.templates),
        Verb::Bench(bench) => bench::run(output, &bench, &arguments.templates),
        Verb::Completions { shell } => {
            clap_complete::generate(shell, &mut Arguments::command(), "yinzheng", &mut std::io::stdout());
            Ok(Exit::Ok)
        }
    };
    let exit = exit.unwrap_or_else(|why| {
        output.problem(&format!("✘ {why}\n  用法见 --help / see --help"));
        Exit::Failed
    });
    ExitCode::from(exit.code())
}

type Answer = Result<Exit, Box<dyn std::error::Error>>;

/// Opens a state folder and finishes what a crash interrupted, saying so.
fn open(output: Output, state: &Path, templates: &[PathBuf]) -> Result<Office, Box<dyn std::error::Error>> {
    let office: Result<Office, OpenError> = Office::open(state, templates.to_vec());
    let office = office?;
    office.recover()?.iter().for_each(|line| output.remark(line));
    Ok(office)
}

fn mandate() -> Mandate {
    Mandate::at_console(crate::config::from_environment("USER"))
}

/// The suite and signature form of a verb's options, which clap has already held to the known ones.
fn seal_form(suite: &str, form: &str, national: bool) -> Result<(&'static Suite, SubFilterName), String> {
    let suite = crypto::by_id(suite).ok_or_else(|| format!("不认识的算法 {suite} / unknown suite"))?;
    let form = match form {
        "adbe.pkcs7.detached" => SubFilterName::AdbePkcs7,
        "GM.SM2" if !national => {
            return Err("GM.SM2 须与 --national 同用 / GM.SM2 goes with --national".to_owned());
        }
        "GM.SM2" => SubFilterName::GmSm2,
        _ => SubFilterName::EtsiCades,
    };
    Ok((suite, form))
}

#[expect(clippy::disallowed_methods, reason = "the command line reads what the user names")]
fn read(path: &Path) -> Result<Vec<u8>, String> {
    use std::io::Read;
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        // One byte too many is enough to be told that it is too large.
        let most = u64::try_from(Limits::DEFAULT.file_bytes).unwrap_or(u64::MAX).saturating_add(1);
        std::io::stdin().take(most).read_to_end(&mut bytes).map_err(|e| e.to_string())?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(|e| format!("打不开 {} / cannot open: {e}", path.display()))
}

#[expect(clippy::disallowed_methods, reason = "the command line writes where the user says")]
fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    std::fs::write(path, bytes).map_err(|e| format!("写不了 {} / cannot write: {e}", path.display()))
}
