//! The use cases, one file each: found, keys, doctor, issue, check. Here the clock, the disk and the keys meet the core.

pub mod access;
pub mod assets;
#[cfg(feature = "preview")]
pub mod batches;
pub mod bench;
pub mod bulk;
pub mod check;
pub mod check_code;
pub mod clock;
pub mod doctor;
pub mod download;
mod files;
mod filing;
pub mod found;
pub mod issue;
pub mod key_count;
pub mod keys;
pub mod lives;
pub mod look_up;
#[cfg(feature = "preview")]
pub mod national;
pub mod office;
pub mod officer_key;
pub mod orders;
#[cfg(feature = "preview")]
pub mod placement;
pub mod policies;
mod press;
pub mod report;
pub mod restore;
pub mod revocation;
mod seal_key;
#[cfg(feature = "preview")]
pub mod seal_requests;
pub mod seals;
pub mod selftest;
#[cfg(feature = "preview")]
pub mod stamp;
mod standing;
pub mod starter;
pub mod unseen;

pub use office::{Kind, Office, OpenError};
