//! What a certificate says, whether a path leads from it to an anchor, what a revocation list says
//! (RFC 5280), and how a certification authority for seals is made.
//!
//! Nothing is fetched and nothing is trusted by default: anchors, suites and the instant are arguments.
//! Signatures are checked by our suite table over the received bytes, whatever library read the fields.

mod addresses;
pub mod ceremony;
mod certificate;
mod checker;
mod crl;
mod names;
mod national;
mod ocsp;
mod path;
mod readiness;
mod scope;

pub use certificate::{Certificate, CertificateError, DEMONSTRATION_POLICY, pem_blocks, public_key};
pub use checker::{Checker, NotSigned};
pub use crl::{Crl, CrlError, Revocation};
pub use ocsp::{Ocsp, OcspError, ocsp_request};
pub use path::{Path, PathError, TimeProblem, build};
pub use readiness::{KeyRefusal, seal_ready};
