//! What a time-stamp token states: TSTInfo (RFC 3161 §2.4.2).

use super::read::digest_algorithm;
use super::{CmsError, SignedData};
use crate::asn1::{DerError, Reader, oid, tag};
use crate::domain::Instant;

/// The statement of a time-stamping authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TstInfo<'a> {
    /// OID content of the digest.
    pub digest: &'a [u8],
    /// The digest of what was stamped.
    pub imprint: &'a [u8],
    /// genTime, to the second.
    pub at: Instant,
    /// Content of the serial number.
    pub serial: &'a [u8],
}

impl<'a> TstInfo<'a> {
    /// Reads the content of a token.
    ///
    /// # Errors
    /// The content is none, or malformed.
    pub fn read(token: &SignedData<'a>) -> Result<Self, CmsError> {
        let content = token.content.filter(|_| token.content_type == oid::TST_INFO);
        let mut top = Reader::new(content.ok_or(CmsError::Content)?);
        let mut info = top.expect(tag::SEQUENCE)?.open()?;
        top.finish()?;
        if info.small_integer()? != 1 {
            return Err(CmsError::Version);
        }
        info.oid()?;
        let mut imprint = info.expect(tag::SEQUENCE)?.open()?;
        let digest = digest_algorithm(imprint.expect(tag::SEQUENCE)?)?;
        let hash = imprint.expect(tag::OCTET_STRING)?.content;
        imprint.finish()?;
        let serial = info.expect(tag::INTEGER)?.content;
        let place = info.offset();
        let at = Instant::from_generalized(info.expect(tag::GENERALIZED_TIME)?.content);
        // Accuracy, ordering, nonce, tsa and extensions say nothing that a verdict rests on.
        Ok(Self { digest, imprint: hash, at: at.ok_or(DerError::Content { at: place })?, serial })
    }
}
