//! What goes into the ledger and comes out of it: intent → reserved → issued or void.

use super::presence::Hold;
use crate::domain::{Holder, Instant};

/// Prints number and identifier of (year, serial from 1, version from 1).
pub type Naming = Box<dyn FnOnce(i32, u64, u32) -> (String, String) + Send>;

/// What is to be issued, complete enough that start-up can finish it.
pub struct Intent {
    /// Type.
    pub slug: String,
    /// Role of the seal that it will carry.
    pub seal: String,
    /// Version of the type file.
    pub type_version: u32,
    /// SHA-256 of type file and layout.
    pub template_digest: [u8; 32],
    /// Year of the number.
    pub year: i32,
    /// Number and identifier from year, serial and version.
    pub naming: Naming,
    /// Record of the certificate this one is to replace: it takes the next version of the same number.
    pub replaces: Option<u64>,
    /// Holders, kept as keyed digests only.
    pub holders: Vec<Holder>,
    /// Fresh verification codes, tried in order.
    pub codes: Vec<String>,
    /// The application's canonical JSON; sealed before it touches the disk.
    pub application: String,
    /// Holder codes and matter: what makes a second certificate the same.
    pub matter: Vec<String>,
    /// True when a second certificate for the same matter is meant.
    pub confirmed: bool,
    /// Certificates of the type that may be issued in any hour.
    pub hourly_ceiling: Option<u32>,
    /// Last day of validity, `YYYY-MM-DD`; `None` is 长期.
    pub valid_until: Option<String>,
    /// Fingerprint of the seal certificate whose key will be used.
    pub key_fingerprint: [u8; 32],
    /// SHA-256 of what is on file of the seal as it will be used.
    pub seal_filing: [u8; 32],
    /// Who acts.
    pub operator: String,
    /// On what authority.
    pub authority: String,
    /// The caller's idempotency key.
    pub idempotency_key: Option<String>,
    /// The instant that will be printed and sealed.
    pub at: Instant,
}

/// An open reservation that is in our hands. Spent by `record` or `void`; not clonable, so recording twice
/// does not compile. Dropped unspent it stays open, and the next to ask for it may finish it.
#[derive(Debug)]
pub struct Reserved {
    pub(super) record: i64,
    /// Held, never read.
    pub(super) _hold: Hold,
    /// Printed number.
    pub number: String,
    /// GB/T 36904 identifier.
    pub identifier: String,
    /// Verification code.
    pub code: String,
    /// The instant.
    pub at: Instant,
}

/// What a reservation led to.
#[derive(Debug)]
pub enum Outcome {
    /// A fresh number: go on.
    Fresh(Reserved),
    /// The same request was answered before; here is the answer.
    Replay(Box<Entry>),
    /// The same request was begun before and nobody works on it any more: finish it.
    Resume(Box<Unfinished>),
}

/// State of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Number taken, nothing issued yet.
    Reserved,
    /// On record.
    Issued,
    /// Accounted for, never issued.
    Void,
}

/// One record, without personal data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Record number.
    pub record: u64,
    /// Type.
    pub slug: String,
    /// Version of the type file.
    pub type_version: u32,
    /// Version of this number, from 1; a replacement is the next.
    pub version: u32,
    /// Printed number.
    pub number: String,
    /// GB/T 36904 identifier.
    pub identifier: String,
    /// Verification code.
    pub code: String,
    /// State.
    pub state: State,
    /// When reserved: the durable time before the key was used.
    pub reserved_at: Instant,
    /// Last day of validity, `YYYY-MM-DD`.
    pub valid_until: Option<String>,
    /// When recorded or voided.
    pub closed_at: Option<Instant>,
    /// Why voided.
    pub void_reason: Option<String>,
    /// SHA-256 of the document.
    pub document: Option<[u8; 32]>,
    /// SHA-256 of the bytes its signature covers.
    pub covered_digest: Option<[u8; 32]>,
    /// SHA-256 of its signature value.
    pub signature_digest: Option<[u8; 32]>,
    /// Who asked for it.
    pub operator: String,
}

/// A sealed document on its way into the record.
pub struct Sealed<'a> {
    /// The file.
    pub pdf: &'a [u8],
    /// SHA-256 of the bytes its signature covers.
    pub covered_digest: &'a [u8; 32],
    /// SHA-256 of its signature value.
    pub signature_digest: &'a [u8; 32],
}

/// An open reservation of which nobody living had hold; now ours, to finish or to void.
#[derive(Debug)]
pub struct Unfinished {
    /// The reservation.
    pub reserved: Reserved,
    /// Type.
    pub slug: String,
    /// Version of the type file it was made for.
    pub type_version: u32,
    /// SHA-256 of type file and layout it was made for.
    pub template_digest: [u8; 32],
    /// The application's JSON; `None` when it does not open any more.
    pub application: Option<String>,
}
