//! The integration tests: one binary, one module per subject.
#![allow(clippy::disallowed_methods, reason = "tests stand on the machine: files, clock, environment")]

mod bulk;
mod commands;
mod corpus;
mod easel;
mod every_byte;
mod fixtures;
mod floors;
mod judges;
mod ledger;
mod ledger_faults;
mod never_genuine;
mod offices;
mod pictures;
mod repertoire;
mod restore;
mod sealing;
mod service;
mod tls;
mod verdicts;
