//! Whom a look-up is about, as a counter names him: kind of document, number and name.

use super::certificate_type::Sensitivity;
use super::text::{code, normalise, unify_name_dots};
use super::{CertificateType, Holder, IdentityKind};
use serde_json::{Map, Value as Json};

/// Longest name or number looked for, in characters: longer ones are nobody's.
const LONGEST: usize = 100;

impl Holder {
    /// The holder a counter names; `None` when the kind of document is unknown or a part is empty. `uscc` is the kind of
    /// organisations; the others are those of an application. Whether such a holder exists is not asked here.
    #[must_use]
    pub fn named(document: &str, number: &str, name: &str) -> Option<Self> {
        let code_type = match document {
            "uscc" => "001",
            other => IdentityKind::from_code(other)?.holder_code_type(),
        };
        let name = unify_name_dots(&normalise(name, false));
        let number = if document == "other" { normalise(number, false) } else { code(number) };
        let sound = |text: &str| !text.is_empty() && text.chars().count() <= LONGEST;
        (sound(&name) && sound(&number)).then_some(Self { name, code: number, code_type })
    }
}

impl CertificateType {
    /// The top-level fields a look-up may hand out: photos and identity numbers never, and of secret types nothing but
    /// what proves the matter (dates, choices, names of registries).
    #[must_use]
    pub fn lookup_fields(&self) -> Vec<String> {
        let secret = self.sensitivity() == Sensitivity::Secret;
        let kind = |name: &str| self.field_kind(name).unwrap_or_default();
        let open = |name: &String| match kind(name) {
            "photo" | "citizen_id" | "identity_document" | "record" | "records" => false,
            "date" | "date_range" | "choice" | "organisation_name" => true,
            _ => !secret,
        };
        let top = self.labels().into_iter().map(|(path, _)| path).filter(|path| !path.contains('.'));
        top.filter(open).collect()
    }

    /// Of an application of this type as it is kept, the fields asked for that may be handed out, in face order.
    #[must_use]
    pub fn handed_out(&self, kept: &str, wanted: &[String]) -> Json {
        let Ok(Json::Object(all)) = serde_json::from_str(kept) else { return Json::Object(Map::new()) };
        let open = self.lookup_fields();
        let fields = all.into_iter().filter(|(name, _)| wanted.contains(name) && open.contains(name));
        Json::Object(fields.collect())
    }
}
