//! Which certificates a revocation list speaks of (RFC 5280 §5.2.4, §5.2.5). A list that speaks of some never says that
//! another is good.

use super::{Certificate, addresses};
use x509_parser::extensions::{DistributionPointName, ParsedExtension};
use x509_parser::prelude::CertificateRevocationList;

/// What stands in the extensions of a list.
#[derive(Clone, Debug, Default)]
pub(super) struct Scope {
    /// Only what changed, only some reasons, or a critical extension that is not understood.
    partial: bool,
    /// Entries may be of other issuers.
    indirect: bool,
    users_only: bool,
    authorities_only: bool,
    /// Addresses of the one distribution point that it is for.
    point: Option<Vec<String>>,
}

impl Scope {
    pub(super) fn of(list: &CertificateRevocationList<'_>) -> Self {
        let mut scope = Self::default();
        for extension in list.extensions() {
            match extension.parsed_extension() {
                ParsedExtension::IssuingDistributionPoint(point) => {
                    scope.indirect |= point.indirect_crl;
                    scope.partial |= point.only_some_reasons.is_some() || point.only_contains_attribute_certs;
                    scope.users_only |= point.only_contains_user_certs;
                    scope.authorities_only |= point.only_contains_ca_certs;
                    match &point.distribution_point {
                        None => {}
                        Some(DistributionPointName::FullName(names)) => {
                            scope.point = Some(names.iter().filter_map(addresses::uri).collect());
                        }
                        Some(_) => scope.partial = true,
                    }
                }
                ParsedExtension::AuthorityKeyIdentifier(_) | ParsedExtension::CRLNumber(_) => {}
                // A delta CRL indicator is critical, and one of these.
                _ => scope.partial |= extension.critical,
            }
        }
        scope
    }

    /// True when its entries may name certificates of others than its signer.
    pub(super) fn is_indirect(&self) -> bool {
        self.indirect
    }

    /// True when a certificate that it does not name is good.
    pub(super) fn covers(&self, certificate: &Certificate) -> bool {
        let authority = certificate.authority().is_some();
        let here = self
            .point
            .as_ref()
            .is_none_or(|point| certificate.crl_addresses().iter().any(|address| point.contains(address)));
        let kind = !(self.users_only && authority || self.authorities_only && !authority);
        !self.partial && kind && here
    }
}
