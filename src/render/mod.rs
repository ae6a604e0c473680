//! What a certificate looks like.
pub mod ornament;
