//! Permission: metadata may be renewed (ISO 32000-1 §14.3, §12.8.2.2.2). The document information dictionary, the
//! metadata stream of the catalog, its version and its extensions say things about the document and show nothing.
//! What takes the stream's place must still be metadata that a reader can look at. Weight: evidence.

use super::{Changes, Site, Step};
use crate::pdf::{Dict, Object, ReadError};

impl Step<'_, '_> {
    /// `/Info` of the trailer.
    pub(super) fn information(&mut self, old: &Dict, new: &Dict) {
        let (before, now) = (old.find(b"Info"), new.find(b"Info"));
        let touched = now.and_then(Object::as_reference).is_some_and(|info| self.is_changed(info));
        if before != now || touched {
            self.note(Changes::Evidence, Site::Metadata);
        }
    }

    /// `/Metadata` of the catalog.
    pub(super) fn metadata(
        &mut self,
        before: Option<&Object>,
        now: Option<&Object>,
    ) -> Result<(), ReadError> {
        let touched = match now {
            Some(now) => before != Some(now) || self.touched_below(now)?,
            None => before.is_some(),
        };
        if !touched {
            return Ok(());
        }
        let object = match now.and_then(Object::as_reference) {
            Some(reference) => self.file.object(reference, self.new)?,
            None => None,
        };
        let fine = object.is_some_and(|object| {
            object.value.as_dict().is_some_and(|dict| dict.name(b"Type") == Some(b"Metadata"))
                && (self.file.is_locked() || self.file.decoded(&object, self.new).is_ok())
        });
        self.note(if fine { Changes::Evidence } else { Changes::Forbidden }, Site::Metadata);
        Ok(())
    }
}
