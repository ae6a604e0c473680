//! Addresses that a certificate gives for its revocation. They are a stranger's words: whoever asks there weighs them first.

use x509_parser::extensions::{
    AuthorityInfoAccess, CRLDistributionPoints, DistributionPointName, GeneralName,
};

/// Addresses of one kind that are kept; honest certificates give one or two.
const MOST: usize = 4;
/// id-ad-ocsp.
const OCSP: &str = "1.3.6.1.5.5.7.48.1";

/// Full lists of the issuer's own: neither split by reasons nor signed by another.
pub(super) fn of_lists(points: &CRLDistributionPoints<'_>) -> Vec<String> {
    let own = points.iter().filter(|point| point.reasons.is_none() && point.crl_issuer.is_none());
    let names = own.filter_map(|point| match &point.distribution_point {
        Some(DistributionPointName::FullName(names)) => Some(names.iter()),
        _ => None,
    });
    names.flatten().filter_map(uri).take(MOST).collect()
}

pub(super) fn of_responders(access: &AuthorityInfoAccess<'_>) -> Vec<String> {
    let responders = access.iter().filter(|one| one.access_method.to_id_string() == OCSP);
    responders.filter_map(|one| uri(&one.access_location)).take(MOST).collect()
}

pub(super) fn uri(name: &GeneralName<'_>) -> Option<String> {
    if let GeneralName::URI(uri) = name { Some((*uri).to_owned()) } else { None }
}
