//! Permission: a document time-stamp may be added (ISO 32000-2 §12.8.5). It is a signature field whose value names the
//! sub-filter `ETSI.RFC3161`; the value may lack its `/Type`. A new one has nothing to show. Weight: evidence.

use super::{Changes, Step};
use crate::pdf::{Dict, ReadError};

impl Step<'_, '_> {
    pub(super) fn is_timestamp(value: &Dict) -> bool {
        value.name(b"SubFilter") == Some(b"ETSI.RFC3161")
    }

    /// The weight of a field that appeared with a time-stamp as its value.
    pub(super) fn new_timestamp(&self, field: &Dict) -> Result<Changes, ReadError> {
        Ok(if self.visible(field)? { Changes::Forbidden } else { Changes::Evidence })
    }
}
