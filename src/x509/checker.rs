//! Who signed which certificate and which list, each question answered by the key once.
//!
//! A bureau's documents carry the same three certificates and are weighed against the same lists: remembering that
//! a signature was right saves most of the work of a verdict and changes none, since the answer depends on nothing
//! but the bytes. Only right ones are remembered, so that nobody can fill the memory without real signatures.

use super::Certificate;
use crate::crypto::{Method, Suite};
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

    /// Whether `issuer`'s key signed this, with one of the suites.
    pub(super) fn signed(&self, part: &SignedPart<'_>, issuer: &Certificate) -> Result<(), NotSigned> {
        let method = method(part, issuer)?;
        let allowed =
            method.suite().is_some_and(|suite| self.suites.iter().any(|known| known.id == suite.id));
        if allowed { self.check(&method, part, issuer) } else { Err(NotSigned::Unsupported) }
    }

    /// Whether `issuer`'s key signed this, with whatever can be checked.
    pub(super) fn bound(&self, part: &SignedPart<'_>, issuer: &Certificate) -> Result<(), NotSigned> {
        self.check(&method(part, issuer)?, part, issuer)
    }

    fn check(&self, method: &Method, part: &SignedPart<'_>, issuer: &Certificate) -> Result<(), NotSigned> {
        let pair = (part.digest, issuer.fingerprint());
        if self.right.lock().unwrap_or_else(PoisonError::into_inner).contains(&pair) {
            return Ok(());
        }
        method.verify(issuer.key(), part.tbs, part.signature).map_err(|_| NotSigned::Wrong)?;
        let mut right = self.right.lock().unwrap_or_else(PoisonError::into_inner);
        if right.len() >= MOST {
            right.clear();
        }
        right.insert(pair);
        Ok(())
    }
}

fn method(part: &SignedPart<'_>, issuer: &Certificate) -> Result<Method, NotSigned> {
    Method::recognise(part.algorithm, None, issuer.key()).map_err(|_| NotSigned::Unsupported)
}
