//! Every parser of the house under libFuzzer. `YINZHENG_FUZZ` names the target; `scripts/fuzz-smoke` runs each of
//! them for some seconds over seeds made from our own documents.
//!
//! One binary, since building dominates: `cargo fuzz run parsers` works where cargo-fuzz is installed.
#![no_main]

mod targets;

use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

static TARGET: LazyLock<fn(&[u8])> = LazyLock::new(|| {
    let name = std::env::var("YINZHENG_FUZZ").unwrap_or_default();
    match targets::ALL.iter().find(|(known, _)| *known == name) {
        Some((_, target)) => *target,
        None => {
            let names: Vec<&str> = targets::ALL.iter().map(|(name, _)| *name).collect();
            eprintln!("YINZHENG_FUZZ names no target; known: {}", names.join(" "));
            std::process::exit(2);
        }
    }
});

fuzz_target!(|bytes: &[u8]| TARGET(bytes));
