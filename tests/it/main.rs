//! The integration tests: one binary, one module per subject.
#![allow(clippy::disallowed_methods, reason = "tests stand on the machine: files, clock, environment")]

mod batches;
mod bulk;
mod canaries;
mod commands;
mod corpus;
mod digests;
mod disk_full;
mod easel;
mod encrypted;

mod every_byte;
mod expectations;
mod findings;
mod fixtures;
mod floors;
mod folders;
mod guesses;
mod judges;
mod killed;
mod large;
mod ledger;
mod ledger_faults;
mod looks;
mod national;
mod never_genuine;
mod offices;
mod pictures;
mod policies;
mod process;
mod repertoire;
mod reports;
mod restore;
mod revocation;
mod seal_maker;
mod seal_pictures;
mod sealing;
mod secret_types;
mod service;
mod ses;
mod stamping;
mod timestamps;
mod tls;
mod traces;
mod verdicts;
mod wycheproof;
