//! What a certificate type, an application, a person, a number and a code are.
//!
//! Outside data is parsed into these types once, and all its problems come back together.
//! No input or output, no clock, no cryptography, no drawing.

mod bilingual;
mod instant;
mod particulars;

pub use bilingual::Bilingual;
pub use instant::Instant;
pub use particulars::{Issuer, Particulars};

mod application;
mod certificate_type;
pub mod drawing;
mod problem;
mod value;

pub use application::{AcceptContext, Application, Holder, Repertoire};
pub use certificate_type::{CertificateType, HolderKind, Sensitivity, TypeError, Validity};
pub use problem::Problem;
pub use value::{Photo, Record, Value};
