//! Permission: evidence may be added to the document security store (ISO 32000-2 §12.8.4.3, ETSI EN 319 142-1 §5.4).
//! It may grow, and nothing else; entries for one signature may be renewed, as long-term renewals do. A store that
//! takes the place of something else is no evidence. Weight: evidence.

use super::{Changes, Members, Site, Step};
use crate::pdf::{Dict, Object, ReadError};

impl Step<'_, '_> {
    pub(super) fn security_store(
        &mut self,
        before: Option<&Object>,
        now: Option<&Object>,
    ) -> Result<(), ReadError> {
        if before == now && !now.map_or(Ok(false), |now| self.touched_below(now))? {
            return Ok(());
        }
        let old = before.map(|store| self.dict(store, self.old)).transpose()?.flatten().unwrap_or_default();
        let new = now.map(|store| self.dict(store, self.new)).transpose()?.flatten();
        let grown = match &new {
            None => false,
            // A store that takes the place of something else is no evidence but a rewritten object.
            Some(_) if before != now && self.was_something_else(now)? => false,
            Some(new) => self.grown(&old, new)?,
        };
        self.note(if grown { Changes::Evidence } else { Changes::Forbidden }, Site::Evidence);
        Ok(())
    }

    fn was_something_else(&self, now: Option<&Object>) -> Result<bool, ReadError> {
        let Some(reference) = now.and_then(Object::as_reference) else { return Ok(false) };
        Ok(self.file.by_number(reference.number, self.old)?.is_some())
    }

    /// Every list keeps what it had; what it gained are streams.
    fn grown(&self, old: &Dict, new: &Dict) -> Result<bool, ReadError> {
        for (key, value) in new.iter() {
            let fine = match key {
                b"Type" => value.as_name() == Some(b"DSS"),
                b"Certs" | b"CRLs" | b"OCSPs" => self.list_grown(old.find(key), value)?,
                b"VRI" => self.related(old.find(key), value)?,
                _ => false,
            };
            if !fine {
                return Ok(false);
            }
        }
        Ok(keeps_keys(old, new))
    }

    fn list_grown(&self, old: Option<&Object>, new: &Object) -> Result<bool, ReadError> {
        let new = self.file.resolve(new, self.new)?;
        let Some(new) = new.as_array() else { return Ok(false) };
        self.file.compared(new.len())?;
        let old = old.map(|old| self.file.resolve(old, self.old)).transpose()?;
        let old = old.as_ref().and_then(|old| old.as_array()).unwrap_or_default();
        for item in new {
            let Some(reference) = item.as_reference() else { return Ok(false) };
            let object = self.file.object(reference, self.new)?;
            let existed = self.file.object(reference, self.old)?.is_some();
            if object.is_none_or(|object| object.data_at.is_none()) || existed && self.is_changed(reference) {
                return Ok(false);
            }
        }
        Members::of(new).contain_all(self.file, old)
    }

    /// Validation-related information: entries may be added, and renewed as long-term renewals do.
    fn related(&self, old: Option<&Object>, new: &Object) -> Result<bool, ReadError> {
        let Some(new) = self.dict(new, self.new)? else { return Ok(false) };
        let old = old.map(|old| self.dict(old, self.old)).transpose()?.flatten().unwrap_or_default();
        for (_, entry) in new.iter() {
            let Some(entry) = self.dict(entry, self.new)? else { return Ok(false) };
            for (key, value) in entry.iter() {
                let fine = match key {
                    b"Cert" | b"CRL" | b"OCSP" => self.list_grown(None, value)?,
                    b"TS" | b"TU" | b"Type" => true,
                    _ => false,
                };
                if !fine {
                    return Ok(false);
                }
            }
        }
        Ok(keeps_keys(&old, &new))
    }
}

fn keeps_keys(old: &Dict, new: &Dict) -> bool {
    let new = new.by_key();
    old.iter().all(|(key, _)| new.contains_key(key))
}
