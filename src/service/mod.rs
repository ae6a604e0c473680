//! The use cases, one file each: found, issue, check. Here the clock, the disk and the keys meet the core.

pub mod access;
pub mod assets;
pub mod check;
pub mod clock;
pub mod found;
pub mod issue;
pub mod office;

pub use office::{Kind, Office, OpenError};
