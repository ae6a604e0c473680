//! The one room that speaks to other machines: plain HTTP, to addresses that were allowed, within bounds.
//!
//! What it brings are revocation lists (RFC 5280 §5) and OCSP answers (RFC 6960 Appendix A), which their issuers signed:
//! HTTP without TLS is how they are published, and nothing is believed for coming from here. No redirect is followed, no
//! proxy asked, no cookie kept; a name that leads into a private network is refused, so that certificates of strangers do
//! not send this machine around its own house. A private address is reached only where the list names it as a number.

mod addresses;
mod allow;

pub use allow::{AllowError, AllowList, Place};

use addresses::Outside;
use std::time::Duration;
use ureq::Agent;
use ureq::unversioned::transport::DefaultConnector;

/// Seconds that one request may take, from the name to the last byte.
pub const SECONDS: u64 = 5;

/// Why nothing was brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NetError {
    /// The name leads to an address that is not public.
    #[error("private address")]
    Private,
    /// No connection, no answer in time, or no HTTP.
    #[error("unreachable")]
    Unreachable,
    /// Another status than 200; redirects are not followed.
    #[error("HTTP {0}")]
    Status(u16),
    /// More bytes than are read.
    #[error("too large")]
    TooLarge,
}

/// Asks, and remembers nothing.
#[derive(Clone, Debug)]
pub struct Client {
    agent: Agent,
}

impl Default for Client {
    fn default() -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(Duration::from_secs(SECONDS)))
            .max_redirects(0)
            .http_status_as_error(false)
            .proxy(None)
            .user_agent(concat!("yinzheng/", env!("CARGO_PKG_VERSION")))
            .max_response_header_size(16 << 10)
            .max_idle_connections(0)
            .build();
        Self { agent: Agent::with_parts(config, DefaultConnector::default(), Outside::default()) }
    }
}

impl Client {
    /// The bytes at a place, at most `most` of them.
    ///
    /// # Errors
    /// [`NetError`].
    pub fn get(&self, place: &Place, most: usize) -> Result<Vec<u8>, NetError> {
        bring(self.agent.get(place.url()).call(), most)
    }

    /// The answer of a place to `question` of this media type, at most `most` bytes.
    ///
    /// # Errors
    /// [`NetError`].
    pub fn ask(&self, place: &Place, kind: &str, question: &[u8], most: usize) -> Result<Vec<u8>, NetError> {
        bring(self.agent.post(place.url()).header("Content-Type", kind).send(question), most)
    }
}

fn bring(
    answered: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    most: usize,
) -> Result<Vec<u8>, NetError> {
    let mut response = answered.map_err(|why| refusal(&why))?;
    if response.status() != 200 {
        return Err(NetError::Status(response.status().as_u16()));
    }
    let limit = u64::try_from(most).unwrap_or(u64::MAX);
    response.body_mut().with_config().limit(limit).read_to_vec().map_err(|why| refusal(&why))
}

fn refusal(why: &ureq::Error) -> NetError {
    match why {
        ureq::Error::BodyExceedsLimit(_) => NetError::TooLarge,
        ureq::Error::Io(why) if why.kind() == std::io::ErrorKind::PermissionDenied => NetError::Private,
        ureq::Error::Io(why) if why.get_ref().is_some_and(is_too_large) => NetError::TooLarge,
        _ => NetError::Unreachable,
    }
}

/// The limit, met while a body is read, travels inside an error of the disk's kind.
fn is_too_large(why: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    matches!(why.downcast_ref(), Some(ureq::Error::BodyExceedsLimit(_)))
}
