//! Outside judges: programs we did not write. Missing on a laptop they are named; missing in CI they fail.

use std::process::{Command, Output};

/// Runs a judge and returns its output, or `None` when it is not installed and this is not CI.
pub(crate) fn run(program: &str, arguments: &[&str]) -> Option<Output> {
    match Command::new(program).args(arguments).output() {
        Ok(output) => Some(output),
        Err(_) if std::env::var_os("CI").is_none() => {
            eprintln!("SKIPPED: {program} is not installed");
            None
        }
        Err(why) => panic!("{program} is missing in CI: {why}"),
    }
}

/// Standard output and error together, for messages.
pub(crate) fn words(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}
