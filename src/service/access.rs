//! Who acts, and on what authority. Every use case demands a [`Mandate`]; only this file makes one.
//!
//! The command line's mandate is the operating-system account in front of the machine. Roles and
//! tokens for remote callers join here, not in the use cases.

/// Proof that somebody with a name asked for an act. Its constructor is in this file only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    operator: String,
    authority: String,
}

impl Mandate {
    /// The person at this machine: rights are those of the account that can read the state folder.
    #[must_use]
    pub fn at_console(account: Option<String>) -> Self {
        Self { operator: account.unwrap_or_else(|| "console".to_owned()), authority: "console".to_owned() }
    }

    /// Who acts, as it goes on record.
    #[must_use]
    pub fn operator(&self) -> &str {
        &self.operator
    }

    /// On what authority, as it goes on record.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }
}
