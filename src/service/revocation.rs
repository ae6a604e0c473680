//! Seeking what no list at hand and no evidence in the document tells: whether the certificates of a path are revoked.
//!
//! Off unless it was asked for. Addresses are taken only from certificates whose path to an anchor stands, asked only where
//! the allow-list says so, OCSP first, then lists. What came is handed to the verifier, which believes what the issuer
//! signed; what did not come is handed in too. Answers are kept until their successors are due, failures for a minute.

use super::clock;
use crate::domain::Instant;
use crate::net::{AllowList, Client, NetError, Place};
use crate::verify::{Miss, MissReason, Open, Report, Rules, Sought};
use crate::x509::{Checker, Crl, Ocsp, Revocation, ocsp_request};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Largest list fetched, in bytes: what the reader of lists takes.
const LARGEST_LIST: usize = 8 << 20;
/// Largest answer fetched, in bytes: what the reader of answers takes.
const LARGEST_ANSWER: usize = 256 << 10;
/// Milliseconds after which one judgement begins no further request.
const PATIENCE: i64 = 10_000;
/// Milliseconds for which a failure is not tried again, and an answer without a next update is kept.
const QUIET: i64 = 60_000;
/// Answers kept, and bytes of them.
const MOST: usize = 512;
const ROOM: usize = 64 << 20;

/// What came from a place.
#[derive(Clone, Debug)]
enum Answer {
    List(Arc<Crl>),
    Single(Arc<Ocsp>),
    Nothing(MissReason),
}

/// A place, and for answers about one certificate its SHA-256.
type Key = (String, Option<[u8; 32]>);

/// An answer in memory.
#[derive(Debug)]
struct Kept {
    until: Instant,
    /// Bytes that came.
    size: usize,
    answer: Answer,
}

/// Fetches within an allow-list, and remembers.
#[derive(Debug)]
pub struct Fetcher {
    allowed: AllowList,
    client: Client,
    kept: Mutex<BTreeMap<Key, Kept>>,
}

impl Fetcher {
    /// One that asks where the list allows it.
    #[must_use]
    pub fn new(allowed: AllowList) -> Self {
        Self { allowed, client: Client::default(), kept: Mutex::default() }
    }

    /// Judges; where something is open, seeks it and judges again. `live`: the instant of judgement is now, and moves on
    /// while others answer.
    pub(super) fn judge(
        &self,
        rules: &Rules<'_>,
        live: bool,
        judge: impl Fn(&Rules<'_>) -> Report,
    ) -> Report {
        let nothing = Sought::default();
        let quick = Rules { sought: Some(&nothing), second_opinion: false, rendering: false, ..*rules };
        let first = judge(&quick);
        let at = || if live { clock::now() } else { rules.at };
        let sought = self.seek(&first.open(), rules.checker, at);
        judge(&Rules { sought: Some(&sought), at: at(), ..*rules })
    }

    fn seek(&self, open: &[&Open], checker: &Checker, at: impl Fn() -> Instant) -> Sought {
        let begun = clock::now();
        let mut sought = Sought::default();
        for question in open {
            let certificate = &question.certificate;
            let answers = certificate.ocsp_addresses().iter().map(|address| (address, true));
            let lists = certificate.crl_addresses().iter().map(|address| (address, false));
            let mut misses = Vec::new();
            let mut told = false;
            for (address, single) in answers.chain(lists) {
                if clock::now().millis() - begun.millis() > PATIENCE {
                    misses.push(miss(question, address, MissReason::Unreachable));
                    break;
                }
                let answer =
                    self.answer(question, address, single, |answer| weigh(answer, question, checker, at()));
                match weigh(&answer, question, checker, at()) {
                    Ok(()) => told = true,
                    Err(why) => misses.push(miss(question, address, why)),
                }
                match answer {
                    Answer::List(list) => sought.crls.push((*list).clone()),
                    Answer::Single(single) => sought.ocsps.push((*single).clone()),
                    Answer::Nothing(_) => {}
                }
                if told {
                    break;
                }
            }
            if !told {
                sought.misses.extend(misses);
            }
        }
        sought
    }

    /// From memory, else from the place. What tells nothing is kept no longer than a failure: on the way anybody may have
    /// put it in the place of what would tell.
    fn answer(
        &self,
        question: &Open,
        address: &str,
        single: bool,
        weigh: impl Fn(&Answer) -> Result<(), MissReason>,
    ) -> Answer {
        let Some(place) = Place::read(address).ok().filter(|place| self.allowed.allows(place)) else {
            return Answer::Nothing(MissReason::NotAllowed);
        };
        let key = (place.url(), single.then(|| question.certificate.fingerprint()));
        let now = clock::now();
        let known = self.lock().get(&key).filter(|kept| now <= kept.until).map(|kept| kept.answer.clone());
        if let Some(answer) = known {
            return answer;
        }
        let (answer, size) =
            self.fetch(question, &place, single).unwrap_or_else(|why| (Answer::Nothing(why), 0));
        let soon = Instant::from_millis(clock::now().millis().saturating_add(QUIET)).unwrap_or(now);
        let until = match &answer {
            _ if weigh(&answer).is_err() => soon,
            Answer::List(list) => list.next_update().unwrap_or(soon),
            Answer::Single(single) => single.next_update().unwrap_or(soon),
            Answer::Nothing(_) => soon,
        };
        self.keep(key, Kept { until, size, answer: answer.clone() }, now);
        answer
    }

    fn fetch(&self, question: &Open, place: &Place, single: bool) -> Result<(Answer, usize), MissReason> {
        if single {
            let request = ocsp_request(&question.certificate, &question.issuer);
            let der = self.client.ask(place, "application/ocsp-request", &request, LARGEST_ANSWER);
            let der = der.map_err(reason)?;
            let answer = Ocsp::from_der(&der).map_err(|_| MissReason::NoEvidence)?;
            return Ok((Answer::Single(Arc::new(answer.received(clock::now(), QUIET))), der.len()));
        }
        let der = self.client.get(place, LARGEST_LIST).map_err(reason)?;
        let list = Crl::from_der(&der).map_err(|_| MissReason::NoEvidence)?;
        Ok((Answer::List(Arc::new(list)), der.len()))
    }

    fn keep(&self, key: Key, fresh: Kept, now: Instant) {
        let mut kept = self.lock();
        let full = |kept: &BTreeMap<Key, Kept>| {
            let bytes = kept.values().map(|one| one.size).sum::<usize>();
            kept.len() >= MOST || bytes.saturating_add(fresh.size) > ROOM
        };
        if full(&kept) {
            kept.retain(|_, one| now <= one.until);
            if full(&kept) {
                kept.clear();
            }
        }
        kept.insert(key, fresh);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Key, Kept>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn reason(why: NetError) -> MissReason {
    match why {
        NetError::Private => MissReason::Private,
        NetError::TooLarge => MissReason::TooLarge,
        NetError::Unreachable | NetError::Status(_) => MissReason::Unreachable,
    }
}

fn miss(question: &Open, address: &str, why: MissReason) -> Miss {
    let host = Place::read(address).map_or_else(|_| "?".to_owned(), |place| place.host().to_owned());
    Miss { certificate: question.certificate.fingerprint(), host, why }
}

/// Whether an answer tells something at this instant.
fn weigh(answer: &Answer, question: &Open, checker: &Checker, at: Instant) -> Result<(), MissReason> {
    let Open { certificate, issuer } = question;
    let said = match answer {
        Answer::List(list) => list.says(certificate, issuer, checker, at).ok(),
        Answer::Single(single) => single.says(certificate, issuer, checker, at).ok(),
        Answer::Nothing(why) => return Err(*why),
    };
    match said {
        None => Err(MissReason::NoEvidence),
        Some(Revocation::Revoked { .. }) => Ok(()),
        Some(Revocation::Good { until }) if at <= until => Ok(()),
        Some(_) => Err(MissReason::Silent),
    }
}
