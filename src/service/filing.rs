//! 备案事项: what the register keeps of a seal — owner, kind, purpose, picture, size, certificates, maker, periods.
//!
//! Computed from the configuration, the certificates and the electronic seal, never typed in twice; entered when the seal
//! comes on file and again when any of it changes, so that the register answers what held at an instant.

use super::Office;
use super::office::{National, Seal};
use crate::config::SealFile;
use crate::crypto::sha256;
use crate::domain::Instant;
use crate::ledger::LedgerError;
use crate::ses;
use crate::x509::Certificate;
use serde_json::{Value, json};

/// Purpose of a seal that names none: the unit's own.
const OWN_PURPOSE: &str = "单位公章";

impl Office {
    /// What is to be on file of a seal; the same words for the same facts.
    ///
    /// # Errors
    /// The ledger failed.
    pub(super) fn filed<'a>(&self, role: &str, seal: &'a Seal) -> Result<&'a str, LedgerError> {
        match seal.filing.get() {
            Some(filing) => Ok(filing),
            None => {
                let filing = self.filing(role, seal)?;
                Ok(seal.filing.get_or_init(|| filing))
            }
        }
    }

    fn filing(&self, role: &str, seal: &Seal) -> Result<String, LedgerError> {
        let file =
            self.config.seals().iter().find(|file| file.role == role).ok_or(LedgerError::NotOnRecord)?;
        let issuer = self.config.issuer();
        let mut certificates = vec![described(&seal.certificate, &file.suite)];
        certificates.extend(seal.national.as_ref().and_then(signer));
        let filing = json!({
            "name": format!("{}{}", file.name, file.sub_line.as_deref().unwrap_or_default()),
            "owner": { "name": issuer.name, "uscc": issuer.uscc },
            "kind": if file.sub_line.is_some() { "special" } else { "unit" },
            "purpose": file.sub_line.as_deref().unwrap_or(OWN_PURPOSE),
            "picture": self.picture(file, seal)?,
            "certificates": certificates,
            "electronic_seal": seal.national.as_ref().and_then(electronic),
            "valid_from": seal.certificate.not_before().rfc3339(),
            "valid_until": seal.certificate.not_after().rfc3339(),
        });
        Ok(filing.to_string())
    }

    /// Drawn once: whatever has these vectors has this picture.
    fn picture(&self, file: &SealFile, seal: &Seal) -> Result<Value, LedgerError> {
        let vector = sha256(&[seal.svg.as_bytes()]);
        let png = match self.ledger.seal_picture(&vector)? {
            Some((_, png)) => Some(png),
            None => drawn(seal),
        };
        if let Some(png) = &png {
            self.ledger.keep_seal_picture(&seal.svg, png)?;
        }
        Ok(json!({
            "width_mm": file.width_mm, "height_mm": file.height_mm.unwrap_or(file.width_mm), "dpi": 600,
            "svg_sha256": hex::encode(vector), "png_sha256": png.map(|png| hex::encode(sha256(&[&png]))),
        }))
    }
}

#[cfg(feature = "preview")]
fn drawn(seal: &Seal) -> Option<Vec<u8>> {
    use super::national::{DPI, ink};
    crate::preview::imprint(seal.field.seal.sheet(), DPI, ink()).ok()
}

/// Without the means to draw, vectors are all there is.
#[cfg(not(feature = "preview"))]
fn drawn(_: &Seal) -> Option<Vec<u8>> {
    None
}

fn described(certificate: &Certificate, suite: &str) -> Value {
    json!({
        "sha256": hex::encode(certificate.fingerprint()), "suite": suite, "subject": certificate.subject(),
        "issuer": certificate.issuer(), "not_before": certificate.not_before().rfc3339(),
        "not_after": certificate.not_after().rfc3339(),
    })
}

fn signer(national: &National) -> Option<Value> {
    use crate::crypto::Signer;
    let certificate = Certificate::from_der(national.signer.certificate()).ok()?;
    Some(described(&certificate, national.signer.suite().id))
}

/// The seal by GB/T 38540, and who made it.
fn electronic(national: &National) -> Option<Value> {
    let seal = ses::Seal::read(&national.seal).ok()?;
    let maker = Certificate::from_der(seal.maker_certificate).ok()?;
    let at = Instant::rfc3339;
    Some(json!({
        "id": seal.id, "version": national.version.name(), "sha256": hex::encode(sha256(&[&national.seal])),
        "valid_from": at(seal.valid_from), "valid_until": at(seal.valid_until),
        "maker": { "name": maker.subject(), "sha256": hex::encode(maker.fingerprint()) },
    }))
}
