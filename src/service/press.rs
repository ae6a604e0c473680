//! A seal pressed on a page that is ready for it.

use super::office::Seal;
use crate::cms::IssuerAndSerial;
use crate::crypto::SignError;
use crate::domain::Instant;
use crate::pdf;
use crate::render::SubFilter;
use crate::sign::{self, Beside, SealError, SealedPdf};

impl Seal {
    /// Seals a page whose signature says `at`, with the electronic seal where there is one.
    pub(super) fn press(&self, page: pdf::UnsignedPdf, at: Instant) -> Result<SealedPdf, SealError> {
        let uncounted =
            || SignError::Device("计数写不了,未用印 / the use cannot be counted: not sealed".to_owned());
        self.count.as_ref().ok_or_else(uncounted)?.one_more().map_err(|_| uncounted())?;
        let name =
            IssuerAndSerial { issuer: self.certificate.issuer_raw(), serial: self.certificate.serial() };
        let beside = self.national.as_ref().map(|national| Beside {
            version: national.version,
            seal: &national.seal,
            signer: &national.signer,
            at,
        });
        match beside {
            Some(national) if self.field.subfilter == SubFilter::GmSm2 => {
                sign::seal_national(page, &national)
            }
            beside => sign::seal_beside(page, &*self.key, &name, self.shape, beside.as_ref()),
        }
    }
}
