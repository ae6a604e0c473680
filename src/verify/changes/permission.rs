//! What the signer allows: DocMDP and FieldMDP (ISO 32000-1 §12.8.2.2, §12.8.2.4).

use super::{Changes, Fact, Rule, Site};

/// What the signer allows others to change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::verify) struct Permission {
    /// `/P` of DocMDP, 1 to 3; `None` for an approval signature.
    pub(in crate::verify) certified: Option<u8>,
    /// Fields that FieldMDP locks.
    pub(in crate::verify) locked: Locked,
}

/// FieldMDP (§12.8.2.4).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::verify) enum Locked {
    /// No field.
    #[default]
    None,
    /// Every field.
    All,
    /// These fields (and those under them).
    Include(Vec<String>),
    /// All but these.
    Exclude(Vec<String>),
}

impl Locked {
    fn holds(&self, field: &str) -> bool {
        let under = |name: &String| {
            field == name || field.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('.'))
        };
        match self {
            Self::None => false,
            Self::All => true,
            Self::Include(names) => names.iter().any(under),
            Self::Exclude(names) => !names.iter().any(under),
        }
    }
}

impl Permission {
    /// The kind a change has once the permission is applied.
    pub(super) fn judged(&self, fact: &Fact) -> Changes {
        let kind = match fact.rule {
            // A locked field may take evidence, and nothing else.
            Rule::Filling if fact.kind != Changes::Evidence && self.holds(&fact.site) => Changes::Forbidden,
            // Under certification a new field that shows is refused even where filling and signing are allowed.
            Rule::NewField if fact.kind == Changes::Form && self.certified.is_some() => Changes::Forbidden,
            _ => fact.kind,
        };
        match (self.certified, kind) {
            (Some(0 | 1), Changes::Form | Changes::Annotations) | (Some(2), Changes::Annotations) => {
                Changes::Forbidden
            }
            _ => kind,
        }
    }

    fn holds(&self, site: &Site) -> bool {
        matches!(site, Site::Field(name) if self.locked.holds(name))
    }
}
