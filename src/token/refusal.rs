//! What a token refuses, in words that say what to do.

use cryptoki::error::{Error, RvError};
use std::path::PathBuf;

/// Why a key on a token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The library.
    #[error(
        "PKCS#11 模块 {module} 装不上:{why} / the PKCS#11 module cannot be loaded: is `module` the vendor's library?"
    )]
    Module {
        /// Its path.
        module: PathBuf,
        /// What the loader said.
        why: String,
    },
    /// No token of that label.
    #[error("找不到密码钥匙“{token}”;在位的有:{} / no token “{token}” is there; these are: {}", listed(.found), listed(.found))]
    NoToken {
        /// The label.
        token: String,
        /// Labels of those that are.
        found: Vec<String>,
    },
    /// The PIN.
    #[error(
        "PIN 不对,未再尝试{};请改正口令文件后重启 / wrong PIN, not tried again{}: mend the passphrase file and start again",
        if *.last { "(再错一次即锁死)" } else { "" },
        if *.last { " (one more wrong one locks the token)" } else { "" }
    )]
    Pin {
        /// True when the next wrong one locks the token.
        last: bool,
    },
    /// The token is locked.
    #[error("PIN 已锁死,须由安全官解锁 / the PIN is locked: the token's security officer unlocks it")]
    Locked,
    /// No private key of that label.
    #[error("密码钥匙上没有私钥“{key}”;有:{} / the token has no private key “{key}”; it has: {}", listed(.found), listed(.found))]
    NoKey {
        /// The label.
        key: String,
        /// Labels of those that there are.
        found: Vec<String>,
    },
    /// More than one.
    #[error(
        "密码钥匙上有不止一把私钥叫“{key}” / more than one private key of the token is called “{key}”: give each a label of its own"
    )]
    Ambiguous {
        /// The label.
        key: String,
    },
    /// The label is taken.
    #[error("密码钥匙上已有“{key}”;不覆盖任何密钥 / the token has “{key}” already: no key is overwritten")]
    Exists {
        /// The label.
        key: String,
    },
    /// Its key is not the certificate's.
    #[error(
        "密码钥匙上的密钥与印章证书不是一对 / the key on the token is not the one of the seal's certificate"
    )]
    OtherKey,
    /// The token does not do it.
    #[error("密码钥匙不会 {suite} / the token does not offer {suite}")]
    Mechanism {
        /// The suite.
        suite: &'static str,
    },
    /// Tokens are not known to do it.
    #[error("算法 {suite} 尚不能放在密码钥匙上 / suite {suite} is not supported on tokens")]
    Suite {
        /// The suite.
        suite: &'static str,
    },
    /// Gone, or the session with it.
    #[error(
        "与密码钥匙“{token}”的会话断了({why});插回后自动恢复 / the token “{token}” does not answer ({why}); it is tried again with the next signature"
    )]
    Lost {
        /// The label.
        token: String,
        /// The return value.
        why: String,
    },
    /// Another return value.
    #[error("密码钥匙报错 {0} / the token says {0}")]
    Device(String),
    /// Not what the standard says.
    #[error("密码钥匙的回答不合标准 / the token's answer is not as the standard says")]
    Answer,
    /// No randomness.
    #[error("没有随机数 / no randomness")]
    Random,
}

fn listed(names: &[String]) -> String {
    if names.is_empty() { "无 none".to_owned() } else { names.join("、") }
}

impl From<Error> for TokenError {
    fn from(why: Error) -> Self {
        match &why {
            Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => {
                Self::Pin { last: false }
            }
            Error::Pkcs11(RvError::PinLocked, _) => Self::Locked,
            Error::Pkcs11(value, _) => Self::Device(format!("{value:?}")),
            other => Self::Device(other.to_string()),
        }
    }
}

/// Whether a session, or the token with it, is gone: opening another one may help.
pub(super) fn is_lost(why: &Error) -> bool {
    let Error::Pkcs11(value, _) = why else { return false };
    matches!(
        value,
        RvError::SessionHandleInvalid
            | RvError::SessionClosed
            | RvError::DeviceRemoved
            | RvError::DeviceError
            | RvError::TokenNotPresent
            | RvError::TokenNotRecognized
            | RvError::UserNotLoggedIn
            | RvError::KeyHandleInvalid
            | RvError::ObjectHandleInvalid
            | RvError::GeneralError
            | RvError::FunctionFailed
    )
}
