//! Who signed which certificate and which list, each question answered by the key once.
//!
//! A bureau's documents carry the same three certificates and are weighed against the same lists: remembering that
//! a signature was right saves most of the work of a verdict and changes none, since the answer depends on nothing
//! but the bytes. Only right ones are remembered, so that nobody can fill the memory without real signatures.

use super::Certificate;
use crate::crypto::{self, Suite};
use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

/// Pairs remembered before all are forgotten: 64 KiB of digests. A bureau has some tens.
const MOST: usize = 1024;

/// SHA-256 of what was signed, and of the certificate whose key signed it.
type Pair = ([u8; 32], [u8; 32]);

/// The suites that may sign certificates and lists, and what was already found right under them.
#[derive(Debug)]
pub struct Checker {
    suites: Vec<&'static Suite>,
    right: Mutex<HashSet<Pair>>,
}

/// A certificate or list as its issuer signed it.
pub(super) struct SignedPart<'s> {
    /// SHA-256 of the whole.
    pub(super) digest: [u8; 32],
    /// What the signature is over.
    pub(super) tbs: &'s [u8],
    /// AlgorithmIdentifier, DER.
    pub(super) algorithm: &'s [u8],
    pub(super) signature: &'s [u8],
}

/// Why an issuer is not who signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotSigned {
    /// No suite fits: not a verdict on the signature.
    Unsupported,
    /// The signature does not verify.
    Wrong,
}

impl Checker {
    /// A checker that knows these suites and has seen nothing.
    #[must_use]
    pub fn new(suites: &[&'static Suite]) -> Self {
        Self { suites: suites.to_vec(), right: Mutex::default() }
    }

    /// Whether `issuer`'s key signed this.
    pub(super) fn signed(&self, part: &SignedPart<'_>, issuer: &Certificate) -> Result<(), NotSigned> {
        let suite = crypto::certificate_suite(&self.suites, part.algorithm, issuer.key().kind)
            .map_err(|_| NotSigned::Unsupported)?;
        let pair = (part.digest, issuer.fingerprint());
        if self.right.lock().unwrap_or_else(PoisonError::into_inner).contains(&pair) {
            return Ok(());
        }
        suite.verify(issuer.key(), part.tbs, part.signature).map_err(|_| NotSigned::Wrong)?;
        let mut right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        if right.len() >= MOST {
            right.clear();
        }
        right.insert(pair);
        Ok(())
    }
}
