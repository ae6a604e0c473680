//! What a certificate type, an application, a person, a number and a code are.
//!
//! Outside data is parsed into these types once, and all its problems come back together.
//! Codes and check digits obey GB 11643, GB 32100, GB 11714, GB/T 36903 and GB/T 36904.
//! No input or output, no clock, no cryptography, no drawing.

mod accept;
mod application;
mod bilingual;
mod certificate_type;
mod check_digits;
mod citizen_id;
mod dates;
pub mod drawing;
mod field;
mod identifier;
mod identity_document;
mod instant;
mod metadata;
mod number;
mod number_pattern;
mod order;
mod own_jpeg;
mod particulars;
mod photo;
pub mod plain;
mod problem;
mod rules;
mod schema;
mod seal_life;
mod statement;
mod status;
mod subject;
mod text;
mod type_fields;
mod type_file;
mod type_paths;
mod uscc;
mod value;
mod verification_code;

pub use application::{AcceptContext, Application, Holder, Repertoire};
pub use bilingual::Bilingual;
pub use certificate_type::{CertificateType, HolderKind, PublicLookup, Sensitivity, TypeError, Validity};
pub use citizen_id::{CitizenId, Sex};
pub use identifier::{CertificateIdentifier, IdentifierError};
pub use identity_document::{IdentityDocument, IdentityKind};
pub use instant::Instant;
pub use metadata::metadata_pairs;
pub use number::Number;
pub use order::{ActOnSeal, Adoption, NEEDED, ORDER_LIFE, Officer, Order, OrderFault, PANEL};
pub use particulars::{Issuer, Particulars};
pub use photo::Photo;
pub use problem::Problem;
pub use seal_life::{SealAct, SealActRefused, SealStatus};
pub use status::{Act, NotAllowed, Status};
pub use text::plain_form;
pub use uscc::Uscc;
pub use value::{Record, Value};
pub use verification_code::{CodeError, VerificationCode};

#[cfg(test)]
mod tests;
