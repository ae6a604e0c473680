//! Where a seal's key lies: in an encrypted file of the state folder, or on a token (PKCS#11).

use super::keys::KeysError;
use super::office::{self, OpenError};
use crate::config::{Config, SealFile};
use crate::crypto::{PublicKey, Signer, SoftwareKey, Suite};
use crate::x509::Certificate;
use zeroize::Zeroizing;

/// How the label of a key ends that is to take over.
const NEXT: &str = ".next";

/// Opens the key of a seal; what signs, and its public half.
pub(super) fn open(
    config: &Config,
    file: &SealFile,
    suite: &'static Suite,
    certificate: &Certificate,
    chain: &[Certificate],
) -> Result<(Box<dyn Signer>, PublicKey), OpenError> {
    let role = || file.role.clone();
    let passphrase = office::passphrase(config, file)?;
    let issuing = chain.iter().map(|one| one.der().to_vec()).collect();
    let own = certificate.der().to_vec();
    let Some(path) = &file.key else {
        let held = token::open(config, file, suite, certificate.key(), (own, issuing));
        let held = held.map_err(|why| OpenError::Token { role: role(), why })?;
        return Ok((held, certificate.key().clone()));
    };
    let pem = Zeroizing::new(office::text(&config.resolve(path))?);
    let key = SoftwareKey::open(&pem, passphrase.trim_end().as_bytes(), suite, own, issuing)
        .map_err(|why| OpenError::Key { role: role(), why })?;
    let public = key.public_key();
    Ok((Box::new(key), public))
}

/// The public half of the key on a token, which is made there unless it is there already.
pub(super) fn held(config: &Config, file: &SealFile, suite: &'static Suite) -> Result<PublicKey, KeysError> {
    token::held(config, file, suite, "").map_err(|why| of(file, why))
}

/// A fresh key on a token, beside the one in use, until [`take_over`].
pub(super) fn next(config: &Config, file: &SealFile, suite: &'static Suite) -> Result<PublicKey, KeysError> {
    token::held(config, file, suite, NEXT).map_err(|why| of(file, why))
}

/// The fresh key takes the label of the one in use, which is kept under a label that ends in `retired`.
pub(super) fn take_over(config: &Config, file: &SealFile, retired: &str) -> Result<(), KeysError> {
    token::take_over(config, file, retired).map_err(|why| of(file, why))
}

fn of(file: &SealFile, why: String) -> KeysError {
    KeysError::Token { role: file.role.clone(), why }
}

#[cfg(feature = "token")]
mod token {
    use crate::config::{Config, SealFile};
    use crate::crypto::{PublicKey, Signer, Suite};
    use crate::service::office;
    use crate::token::{self, TokenError, TokenKey, TokenPlace};
    use zeroize::Zeroizing;

    type Certificates = (Vec<u8>, Vec<Vec<u8>>);

    fn place(
        config: &Config,
        file: &SealFile,
        ending: &str,
    ) -> Result<(TokenPlace, Zeroizing<String>), String> {
        let named = file.token.as_ref().ok_or("没有 token 一节 / there is no [seal.token]")?;
        let place = TokenPlace {
            module: config.resolve(&named.module),
            token: named.token.clone(),
            key: format!("{}{ending}", named.key),
            sessions: named.sessions,
        };
        Ok((place, office::passphrase(config, file).map_err(|why| why.to_string())?))
    }

    pub(super) fn open(
        config: &Config,
        file: &SealFile,
        suite: &'static Suite,
        public: &PublicKey,
        (own, chain): Certificates,
    ) -> Result<Box<dyn Signer>, String> {
        let (place, pin) = place(config, file, "")?;
        let key = TokenKey::open(place, pin, suite, public, own, chain).map_err(said)?;
        Ok(Box::new(key))
    }

    pub(super) fn held(
        config: &Config,
        file: &SealFile,
        suite: &'static Suite,
        ending: &str,
    ) -> Result<PublicKey, String> {
        let (place, pin) = place(config, file, ending)?;
        match token::public_key(place.clone(), pin.clone(), suite) {
            Err(TokenError::NoKey { .. }) => token::generate(place, pin, suite).map_err(said),
            // Put there by the token's keeper, or by a ceremony that was interrupted.
            other => other.map_err(said),
        }
    }

    pub(super) fn take_over(config: &Config, file: &SealFile, retired: &str) -> Result<(), String> {
        let (old, pin) = place(config, file, "")?;
        let (next, _) = place(config, file, super::NEXT)?;
        let label = old.key.clone();
        token::rename(old, pin.clone(), &format!("{label}.{retired}")).map_err(said)?;
        token::rename(next, pin, &label).map_err(said)
    }

    fn said(why: TokenError) -> String {
        why.to_string()
    }
}

/// Without the means to load a vendor's library.
#[cfg(not(feature = "token"))]
mod token {
    use crate::config::{Config, SealFile};
    use crate::crypto::{PublicKey, Signer, Suite};

    const WITHOUT: &str = "本程序编译时未带密码钥匙功能 / built without the feature `token`";

    pub(super) fn open(
        _: &Config,
        _: &SealFile,
        _: &'static Suite,
        _: &PublicKey,
        _: (Vec<u8>, Vec<Vec<u8>>),
    ) -> Result<Box<dyn Signer>, String> {
        Err(WITHOUT.to_owned())
    }

    pub(super) fn held(_: &Config, _: &SealFile, _: &'static Suite, _: &str) -> Result<PublicKey, String> {
        Err(WITHOUT.to_owned())
    }

    pub(super) fn take_over(_: &Config, _: &SealFile, _: &str) -> Result<(), String> {
        Err(WITHOUT.to_owned())
    }
}
