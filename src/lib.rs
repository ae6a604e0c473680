//! 印证 (yinzheng): electronic certificates that carry a bureau's electronic seal,
//! a verifier that says plainly what is true of any PDF, and a ledger of what was issued.
//!
//! One package, floors of rooms; a room imports only rooms on floors below it:
//! `domain ← {asn1, crypto, pdf, fonts} ← {x509, cms, ses, seal_art, preview} ← {render, sign, verify} ← {ledger, report, net} ← config ← service ← http ← web ← cli`.
//! `ARCHITECTURE.md` is the page to read first; `tests/it/floors.rs` enforces it.

pub mod domain;

pub mod asn1;
pub mod crypto;
pub mod fonts;
pub mod pdf;

pub mod cms;
#[cfg(feature = "preview")]
pub mod preview;
pub mod seal_art;
pub mod ses;
pub mod x509;

pub mod render;
pub mod sign;
pub mod verify;

pub mod ledger;
pub mod net;
pub mod report;
pub mod stamp;
#[cfg(feature = "token")]
pub mod token;

pub mod config;
pub mod service;

#[cfg(feature = "server")]
pub mod cli;
#[cfg(feature = "server")]
pub mod http;
#[cfg(feature = "server")]
pub mod web;
