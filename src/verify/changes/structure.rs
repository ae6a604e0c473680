//! Trailer and catalog: which key may change by which permission (ISO 32000-1 §7.5.5, §7.7.2). A key that no
//! permission names must stay equal, and so must everything it leads to.

use super::{Changes, Site, Step};
use crate::pdf::{Dict, Object, ReadError};
use std::collections::BTreeSet;

/// Keys of a trailer or cross-reference stream that have a meaning of their own (ISO 32000-1 §7.5.5, §7.5.8.2).
const TRAILER_KEYS: [&[u8]; 5] = [b"Root", b"Info", b"ID", b"Encrypt", b"Prev"];

impl Step<'_, '_> {
    pub(super) fn trailers(&mut self) -> Result<(), ReadError> {
        let revisions = self.file.revisions();
        let (Some(old), Some(new)) = (revisions.get(self.old), revisions.get(self.new)) else {
            return Ok(());
        };
        let (old, new) = (&old.trailer, &new.trailer);
        let first_id = |trailer: &Dict| {
            trailer.find(b"ID").and_then(Object::as_array).and_then(|id| id.first().cloned())
        };
        // Another object as catalog is compared with the old one, key by key, as if it had been replaced in place.
        if new.reference(b"Root").is_none() {
            self.note(Changes::Forbidden, Site::Trailer("Root"));
        }
        // A new lock makes another text of every string and stream, however little was written.
        let relocked = new.reference(b"Encrypt").is_some_and(|lock| self.is_changed(lock));
        if old.find(b"Encrypt") != new.find(b"Encrypt") || relocked {
            self.note(Changes::Forbidden, Site::Trailer("Encrypt"));
        }
        if first_id(old).is_some() && first_id(old) != first_id(new) {
            // It names the file and shows nothing; in an encrypted one it is part of the key.
            let kind = if self.file.is_encrypted() { Changes::Forbidden } else { Changes::Evidence };
            self.note(kind, Site::Trailer("ID"));
        }
        // What no reader knows must still not change what it names.
        let (before, now) = (old.by_key(), new.by_key());
        for (key, value) in now {
            if !TRAILER_KEYS.contains(&key) && before.get(key) == Some(&value) {
                self.follow(value)?;
            }
        }
        self.information(old, new);
        Ok(())
    }

    pub(super) fn catalogs(&mut self, old: &Dict, new: &Dict) -> Result<(), ReadError> {
        let (old, new) = (old.by_key(), new.by_key());
        let keys: BTreeSet<&[u8]> = old.keys().chain(new.keys()).copied().collect();
        for key in keys {
            let (before, now) = (old.get(key).copied(), new.get(key).copied());
            match key {
                b"DSS" => self.security_store(before, now)?,
                b"AcroForm" => self.form(before, now)?,
                b"Metadata" => self.metadata(before, now)?,
                b"Extensions" | b"Version" => {
                    if before != now || now.map_or(Ok(false), |now| self.touched_below(now))? {
                        self.note(Changes::Evidence, Site::Metadata);
                    }
                }
                b"Perms" if before.is_none() && self.permits_anew(now)? => {
                    self.note(Changes::Form, Site::Form)
                }
                // An empty or renewed list of requirements and the like is equal or it is not.
                _ if before == now => now.map_or(Ok(()), |now| self.follow(now))?,
                _ => self.note(Changes::Forbidden, Site::Catalog(String::from_utf8_lossy(key).into_owned())),
            }
        }
        Ok(())
    }

    /// Permissions that came with a signature of this revision; none may be read into one that was there.
    fn permits_anew(&self, permissions: Option<&Object>) -> Result<bool, ReadError> {
        let Some(permissions) = permissions.map(|held| self.dict(held, self.new)).transpose()?.flatten()
        else {
            return Ok(false);
        };
        for (_, value) in permissions.iter() {
            let anew = match value.as_reference() {
                Some(value) => self.file.by_number(value.number, self.old)?.is_none(),
                None => false,
            };
            if !anew {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
