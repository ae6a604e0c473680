//! Name constraints (RFC 5280 §4.2.1.10): an authority that may issue for some names only.

use x509_parser::extensions::{GeneralName, NameConstraints};
use x509_parser::x509::X509Name;

/// Subtrees of one extension that are weighed; more is a flood, and none is then permitted.
const MOST: usize = 256;

/// A name in the form in which constraints compare it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// Attributes from the root down: identifier and folded value.
    Directory(Vec<(String, String)>),
    /// A mailbox, or what a constraint says of mailboxes.
    Mail(String),
    /// A host, or what a constraint says of hosts.
    Host(String),
    /// A form that is not compared here: whoever constrains it constrains everything of it.
    Other(u8),
}

/// What an authority may and may not issue for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Constraints {
    permitted: Vec<Name>,
    excluded: Vec<Name>,
    /// Too many, or malformed: nothing is allowed.
    closed: bool,
}

impl Constraints {
    pub(super) fn of(extension: &NameConstraints<'_>) -> Self {
        let list = |subtrees: &Option<Vec<x509_parser::extensions::GeneralSubtree<'_>>>| -> Vec<Name> {
            subtrees.iter().flatten().take(MOST).map(|subtree| name(&subtree.base)).collect()
        };
        let count = |subtrees: &Option<Vec<_>>| subtrees.as_ref().map_or(0, Vec::len);
        Self {
            permitted: list(&extension.permitted_subtrees),
            excluded: list(&extension.excluded_subtrees),
            closed: count(&extension.permitted_subtrees).max(count(&extension.excluded_subtrees)) > MOST,
        }
    }

    /// Whether a certificate with these names may stand below (RFC 5280 §6.1.3 (b), (c)).
    pub(super) fn allow(&self, names: &[Name]) -> bool {
        !self.closed
            && names.iter().all(|name| {
                let mut permitted = self.permitted.iter().filter(|one| same_form(one, name)).peekable();
                let within = permitted.peek().is_none() || permitted.any(|one| holds(one, name));
                let excluded = |one: &Name| matches!(one, Name::Other(_)) || holds(one, name);
                within && !self.excluded.iter().any(|one| same_form(one, name) && excluded(one))
            })
    }
}

/// Names of a certificate that constraints speak of: its subject, mailboxes in it, and the alternative names.
pub(super) fn of(subject: &X509Name<'_>, alternative: &[GeneralName<'_>]) -> Vec<Name> {
    let mut names: Vec<Name> = Vec::new();
    let directory = directory(subject);
    if !directory.is_empty() {
        names.push(Name::Directory(directory));
    }
    let mailboxes = subject.iter_email().filter_map(|mail| mail.as_str().ok());
    names.extend(mailboxes.map(|mail| Name::Mail(mail.to_lowercase())));
    names.extend(alternative.iter().map(name));
    names
}

fn name(general: &GeneralName<'_>) -> Name {
    match general {
        GeneralName::DirectoryName(name) => Name::Directory(directory(name)),
        GeneralName::RFC822Name(mail) => Name::Mail(mail.to_lowercase()),
        GeneralName::DNSName(host) => Name::Host(host.trim_end_matches('.').to_lowercase()),
        GeneralName::URI(_) => Name::Other(6),
        GeneralName::IPAddress(_) => Name::Other(7),
        GeneralName::OtherName(..) => Name::Other(0),
        GeneralName::RegisteredID(_) => Name::Other(8),
        _ => Name::Other(9),
    }
}

fn directory(name: &X509Name<'_>) -> Vec<(String, String)> {
    let folded = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    let one = |attribute: &x509_parser::x509::AttributeTypeAndValue<'_>| {
        let value = attribute.as_str().map_or_else(|_| hex::encode(attribute.as_slice()), folded);
        (attribute.attr_type().to_id_string(), value)
    };
    name.iter_attributes().map(one).collect()
}

fn same_form(one: &Name, other: &Name) -> bool {
    match (one, other) {
        (Name::Other(one), Name::Other(other)) => one == other,
        _ => std::mem::discriminant(one) == std::mem::discriminant(other),
    }
}

/// Whether a name lies in the subtree that `base` names.
fn holds(base: &Name, name: &Name) -> bool {
    match (base, name) {
        (Name::Directory(base), Name::Directory(name)) => name.starts_with(base),
        (Name::Host(base), Name::Host(name)) => host_within(base, name),
        (Name::Mail(base), Name::Mail(name)) if base.contains('@') => base == name,
        (Name::Mail(base), Name::Mail(name)) => name.rsplit_once('@').is_some_and(|(_, host)| {
            if base.starts_with('.') { host.ends_with(base.as_str()) } else { host == base }
        }),
        // Not compared: an excluded form holds all of it, a permitted one none of it.
        _ => false,
    }
}

fn host_within(base: &str, name: &str) -> bool {
    let base = base.trim_start_matches('.');
    base.is_empty() || name == base || name.strip_suffix(base).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(parts: &[(&str, &str)]) -> Name {
        Name::Directory(parts.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect())
    }

    #[test]
    fn permitted_and_excluded() {
        let office = directory(&[("2.5.4.6", "cn"), ("2.5.4.10", "示例市民政局")]);
        let seal = directory(&[("2.5.4.6", "cn"), ("2.5.4.10", "示例市民政局"), ("2.5.4.3", "印章")]);
        let other = directory(&[("2.5.4.6", "cn"), ("2.5.4.10", "别处")]);
        let only = Constraints { permitted: vec![office.clone()], ..Constraints::default() };
        assert!(
            only.allow(std::slice::from_ref(&seal))
                && !only.allow(std::slice::from_ref(&other))
                && !only.allow(&[seal.clone(), other])
        );
        let never = Constraints { excluded: vec![office], ..Constraints::default() };
        assert!(!never.allow(std::slice::from_ref(&seal)));
        // A form nobody constrains is free; one that is not compared is closed.
        assert!(only.allow(&[Name::Host("a.example".into())]));
        let addresses = Constraints { permitted: vec![Name::Other(7)], ..Constraints::default() };
        assert!(!addresses.allow(&[Name::Other(7)]) && addresses.allow(&[seal]));
    }

    #[test]
    fn hosts_and_mailboxes() {
        let host = |text: &str| Name::Host(text.into());
        let mail = |text: &str| Name::Mail(text.into());
        assert!(
            holds(&host("example.cn"), &host("a.example.cn"))
                && holds(&host("example.cn"), &host("example.cn"))
        );
        assert!(!holds(&host("example.cn"), &host("badexample.cn")));
        assert!(
            holds(&mail("example.cn"), &mail("a@example.cn"))
                && !holds(&mail("example.cn"), &mail("a@b.example.cn"))
        );
        assert!(
            holds(&mail(".example.cn"), &mail("a@b.example.cn"))
                && !holds(&mail("a@example.cn"), &mail("b@example.cn"))
        );
    }
}
