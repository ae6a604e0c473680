//! Evidence that came with the document: certificates, revocation lists and OCSP answers of the document security store
//! (ISO 32000-2 §12.8.4.3) and of the CMS values. Nothing of it is believed but what an issuer signed.

use super::Rules;
use super::signed::Carried;
use crate::pdf::{Dict, File};
use crate::x509::{Certificate, Crl, Ocsp, Revocation};

/// Streams of one list that are read; long-term archives of ten renewals hold fewer.
const MOST: usize = 128;
/// Certificates beside those of the signature that a path is sought over; the search itself takes no more than 64.
const POOL: usize = 48;

/// What the document security store holds.
#[derive(Debug, Default)]
pub(super) struct Store {
    certificates: Vec<Certificate>,
    crls: Vec<Crl>,
    ocsps: Vec<Ocsp>,
    /// True when there is one.
    pub(super) present: bool,
    /// The first revision that has one.
    pub(super) since: Option<usize>,
}

impl Store {
    /// Reads the store of the newest revision. What cannot be read is no evidence.
    pub(super) fn read(file: &File<'_>) -> Self {
        let mut store = Self::default();
        let newest = file.newest();
        let Ok(catalog) = file.catalog(newest) else { return store };
        let Some(found) = catalog.value.as_dict().and_then(|catalog| catalog.find(b"DSS")) else {
            return store;
        };
        let Ok(found) = file.resolve(found, newest) else { return store };
        let Some(found) = found.as_dict() else { return store };
        store.present = true;
        store.since = (0..=newest).find(|revision| {
            let catalog = file.catalog(*revision).ok();
            catalog.is_some_and(|one| one.value.as_dict().is_some_and(|one| one.find(b"DSS").is_some()))
        });
        store.certificates =
            streams(file, found, b"Certs").iter().filter_map(|der| Certificate::from_der(der).ok()).collect();
        store.crls = streams(file, found, b"CRLs").iter().filter_map(|der| Crl::from_der(der).ok()).collect();
        store.ocsps =
            streams(file, found, b"OCSPs").iter().filter_map(|der| Ocsp::from_der(der).ok()).collect();
        store
    }
}

fn streams(file: &File<'_>, store: &Dict, key: &[u8]) -> Vec<Vec<u8>> {
    let newest = file.newest();
    let Some(Ok(list)) = store.find(key).map(|list| file.resolve(list, newest)) else { return Vec::new() };
    let references = list.as_array().unwrap_or_default().iter().filter_map(crate::pdf::Object::as_reference);
    let objects = references.take(MOST).filter_map(|reference| file.object(reference, newest).ok().flatten());
    objects.filter_map(|object| file.decoded(&object, newest).ok()).collect()
}

/// All evidence for one signature.
pub(super) struct Evidence<'s> {
    store: &'s Store,
    crls: Vec<Crl>,
    ocsps: Vec<Ocsp>,
}

impl<'s> Evidence<'s> {
    /// The store together with what the signature itself carries.
    pub(super) fn with(store: &'s Store, carried: &Carried) -> Self {
        Self {
            store,
            crls: carried.crls.iter().filter_map(|der| Crl::from_der(der).ok()).collect(),
            ocsps: carried.ocsps.iter().filter_map(|der| Ocsp::from_der(der).ok()).collect(),
        }
    }

    pub(super) fn crls(&self) -> impl Iterator<Item = &Crl> {
        self.crls.iter().chain(&self.store.crls)
    }

    pub(super) fn ocsps(&self) -> impl Iterator<Item = &Ocsp> {
        self.ocsps.iter().chain(&self.store.ocsps)
    }

    pub(super) fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.store.certificates.iter()
    }

    /// True when the store holds what a later reader needs: every certificate up to one that signs itself or is an
    /// anchor, and for each but that one what its issuer says of its revocation (ETSI EN 319 142-1 §6.3, B-LT).
    pub(super) fn reaches(
        &self,
        signer: &Certificate,
        others: &[(usize, Option<Certificate>)],
        rules: &Rules<'_>,
    ) -> bool {
        if !self.store.present {
            return false;
        }
        let pool = self.pool(others.iter().filter_map(|(_, certificate)| certificate.as_ref()), &[]);
        let mut last = signer.clone();
        for _ in 0..6 {
            if last.subject_raw() == last.issuer_raw() || rules.anchors.contains(&last) {
                return last.der() != signer.der();
            }
            let issued = |issuer: &&Certificate| {
                issuer.subject_raw() == last.issuer_raw() && last.bound_by(issuer, rules.checker).is_ok()
            };
            let Some(issuer) = pool.iter().chain(rules.anchors).find(issued).cloned() else { return false };
            let known =
                |answer: Option<Revocation>| answer.is_some_and(|answer| answer != Revocation::Unknown);
            let spoken = self.crls().any(|crl| known(crl.says(&last, &issuer, rules.checker, rules.at).ok()))
                || self.ocsps().any(|ocsp| known(ocsp.says(&last, &issuer, rules.checker, rules.at).ok()));
            if !spoken {
                return false;
            }
            last = issuer;
        }
        false
    }

    /// Candidates for a path: certificates of the signature, those at hand, then those of the store.
    pub(super) fn pool<'c>(
        &self,
        own: impl Iterator<Item = &'c Certificate>,
        known: &[Certificate],
    ) -> Vec<Certificate> {
        let mut pool: Vec<Certificate> = own.cloned().collect();
        let further = self.store.certificates.iter().filter(|one| one.authority().is_some());
        for one in known.iter().chain(further).take(POOL) {
            if pool.len() >= POOL {
                break;
            }
            if !pool.contains(one) {
                pool.push(one.clone());
            }
        }
        pool
    }
}
