//! Sessions with a token, each with the handle of its key.

use super::refusal::is_lost;
use super::{TokenError, TokenPlace};
use crate::crypto::Suite;
use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError, RwLock};
use zeroize::Zeroizing;

/// Most sessions of one key.
const MOST: usize = 64;

/// A library is initialised once in a process, however many keys use it.
static LOADED: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());

/// How often a library was begun anew. Whoever is inside one holds this for reading.
static GENERATION: RwLock<u64> = RwLock::new(0);

/// A session that is logged in, and its key.
struct Hand {
    session: Session,
    key: ObjectHandle,
    generation: u64,
}

#[derive(Default)]
struct Hands {
    idle: Vec<Hand>,
    open: usize,
}

/// Sessions with one key of one token.
pub(super) struct Pool {
    place: TokenPlace,
    context: Pkcs11,
    pin: AuthPin,
    writes: bool,
    /// The PIN was refused: it is not sent again.
    barred: AtomicBool,
    hands: Mutex<Hands>,
    given_back: Condvar,
}

impl Pool {
    /// Loads the library, logs in and finds the key.
    pub(super) fn open(place: TokenPlace, pin: Zeroizing<String>) -> Result<Self, TokenError> {
        let pool = Self::over(place, pin, false)?;
        let generation = GENERATION.read().unwrap_or_else(PoisonError::into_inner);
        let first = pool.hand(*generation)?;
        drop(generation);
        *pool.hands.lock().unwrap_or_else(PoisonError::into_inner) = Hands { idle: vec![first], open: 1 };
        Ok(pool)
    }

    /// For making a key.
    pub(super) fn writing(place: TokenPlace, pin: Zeroizing<String>) -> Result<Self, TokenError> {
        Self::over(place, pin, true)
    }

    fn over(place: TokenPlace, pin: Zeroizing<String>, writes: bool) -> Result<Self, TokenError> {
        let context = load(&place.module)?;
        let pin = AuthPin::new(pin.trim_end().to_owned().into());
        let barred = AtomicBool::new(false);
        let (hands, given_back) = (Mutex::default(), Condvar::new());
        Ok(Self { place, context, pin, writes, barred, hands, given_back })
    }

    pub(super) fn place(&self) -> &TokenPlace {
        &self.place
    }

    /// Whether the token signs by this mechanism.
    pub(super) fn offers(&self, kind: MechanismType, suite: &'static Suite) -> Result<(), TokenError> {
        let slot = self.slot()?;
        let signs = self.context.get_mechanism_info(slot, kind).is_ok_and(|about| about.sign());
        if signs { Ok(()) } else { Err(TokenError::Mechanism { suite: suite.id }) }
    }

    /// Signs: with what is at hand, else with a fresh session, else after the library was begun anew.
    pub(super) fn sign(&self, mechanism: &Mechanism<'_>, data: &[u8]) -> Result<Vec<u8>, TokenError> {
        let first = match self.attempt(mechanism, data) {
            Err(why @ (TokenError::Lost { .. } | TokenError::NoToken { .. })) => why,
            other => return other,
        };
        // What this session has lost the others have lost too.
        self.clear();
        let second = match self.attempt(mechanism, data) {
            Err(why @ (TokenError::Lost { .. } | TokenError::NoToken { .. })) => why,
            other => return other,
        };
        // Some libraries see a token that came back only after this. It ends every session, so it waits until there is
        // none to end.
        if !matches!(&second, TokenError::NoToken { found, .. } if found.is_empty()) {
            return Err(first);
        }
        self.begin_anew()?;
        self.attempt(mechanism, data)
    }

    fn attempt(&self, mechanism: &Mechanism<'_>, data: &[u8]) -> Result<Vec<u8>, TokenError> {
        let generation = GENERATION.read().unwrap_or_else(PoisonError::into_inner);
        let hand = self.take(*generation)?;
        match hand.session.sign(mechanism, hand.key, data) {
            Ok(signature) => {
                self.give_back(hand);
                Ok(signature)
            }
            Err(why) if is_lost(&why) => {
                drop(hand);
                self.forget(1);
                Err(TokenError::Lost { token: self.place.token.clone(), why: value(&why) })
            }
            Err(why) => {
                self.give_back(hand);
                Err(why.into())
            }
        }
    }

    /// A session of this generation, idle or fresh; waits where as many are open as may be.
    fn take(&self, generation: u64) -> Result<Hand, TokenError> {
        let mut hands = self.hands.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            match hands.idle.pop() {
                Some(hand) if hand.generation == generation => return Ok(hand),
                Some(old) => {
                    // Its number may be another session's now: nothing is to be closed under it.
                    std::mem::forget(old.session);
                    hands.open = hands.open.saturating_sub(1);
                }
                None if hands.open < self.place.sessions.clamp(1, MOST) => {
                    hands.open += 1;
                    break;
                }
                None => hands = self.given_back.wait(hands).unwrap_or_else(PoisonError::into_inner),
            }
        }
        drop(hands);
        self.hand(generation).inspect_err(|_| self.forget(1))
    }

    /// Closes the idle ones.
    fn clear(&self) {
        let _generation = GENERATION.read().unwrap_or_else(PoisonError::into_inner);
        let idle = std::mem::take(&mut self.hands.lock().unwrap_or_else(PoisonError::into_inner).idle);
        self.forget(idle.len());
    }

    /// Ends the library and begins it again, while nobody is in it.
    fn begin_anew(&self) -> Result<(), TokenError> {
        let mut generation = GENERATION.write().unwrap_or_else(PoisonError::into_inner);
        // Another key's signature may have done it while this one waited.
        if self.context.get_slots_with_token().is_ok_and(|slots| self.among(&slots).is_ok()) {
            return Ok(());
        }
        *generation += 1;
        self.context.clone().finalize()?;
        self.context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK))?;
        Ok(())
    }

    fn give_back(&self, hand: Hand) {
        self.hands.lock().unwrap_or_else(PoisonError::into_inner).idle.push(hand);
        self.given_back.notify_one();
    }

    /// So many sessions fewer are open.
    fn forget(&self, gone: usize) {
        let mut hands = self.hands.lock().unwrap_or_else(PoisonError::into_inner);
        hands.open = hands.open.saturating_sub(gone);
        self.given_back.notify_all();
    }

    /// A session that is logged in, with the key.
    fn hand(&self, generation: u64) -> Result<Hand, TokenError> {
        let session = self.session()?;
        let key = self.key(&session)?;
        Ok(Hand { session, key, generation })
    }

    /// A session that is logged in.
    pub(super) fn session(&self) -> Result<Session, TokenError> {
        let slot = self.slot()?;
        if self.barred.load(Ordering::SeqCst) {
            return Err(TokenError::Pin { last: self.is_last_try(slot) });
        }
        let session = if self.writes {
            self.context.open_rw_session(slot)
        } else {
            self.context.open_ro_session(slot)
        }?;
        match session.login(UserType::User, Some(&self.pin)) {
            // All sessions of a process with a token share one login.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(session),
            Err(why) => match TokenError::from(why) {
                TokenError::Pin { .. } => {
                    self.barred.store(true, Ordering::SeqCst);
                    Err(TokenError::Pin { last: self.is_last_try(slot) })
                }
                other => Err(other),
            },
        }
    }

    fn is_last_try(&self, slot: Slot) -> bool {
        self.context.get_token_info(slot).is_ok_and(|about| about.user_pin_final_try())
    }

    /// Where the token is now: it may have been put into another slot.
    fn slot(&self) -> Result<Slot, TokenError> {
        self.among(&self.context.get_slots_with_token()?)
    }

    fn among(&self, slots: &[Slot]) -> Result<Slot, TokenError> {
        let mut found = Vec::new();
        for slot in slots {
            let Ok(about) = self.context.get_token_info(*slot) else { continue };
            if about.label() == self.place.token {
                return Ok(*slot);
            }
            if about.token_initialized() {
                found.push(about.label().to_owned());
            }
        }
        Err(TokenError::NoToken { token: self.place.token.clone(), found })
    }

    /// The private key.
    pub(super) fn key(&self, session: &Session) -> Result<ObjectHandle, TokenError> {
        let private = Attribute::Class(ObjectClass::PRIVATE_KEY);
        let label = Attribute::Label(self.place.key.clone().into_bytes());
        match session.find_objects(&[private.clone(), label])?.as_slice() {
            [key] => Ok(*key),
            [] => {
                let all = session.find_objects(&[private])?;
                let found = all.into_iter().filter_map(|key| label_of(session, key)).collect();
                Err(TokenError::NoKey { key: self.place.key.clone(), found })
            }
            _ => Err(TokenError::Ambiguous { key: self.place.key.clone() }),
        }
    }
}

fn label_of(session: &Session, key: ObjectHandle) -> Option<String> {
    match session.get_attributes(key, &[AttributeType::Label]).ok()?.pop()? {
        Attribute::Label(label) => Some(String::from_utf8_lossy(&label).into_owned()),
        _ => None,
    }
}

fn value(why: &Error) -> String {
    match why {
        Error::Pkcs11(value, _) => format!("{value:?}"),
        other => other.to_string(),
    }
}

fn load(module: &Path) -> Result<Pkcs11, TokenError> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(context) = loaded.get(module) {
        return Ok(context.clone());
    }
    let failed = |why: Error| TokenError::Module { module: module.to_owned(), why: value(&why) };
    let context = Pkcs11::new(module).map_err(failed)?;
    match context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(why) => return Err(failed(why)),
    }
    loaded.insert(module.to_owned(), context.clone());
    Ok(context)
}
