//! The allow-list: where this machine may ask. An entry is `http://host`, `http://host:port` or one with a path, which
//! then covers itself and what lies below it.

use std::net::IpAddr;

/// Entries of one list.
const MOST: usize = 256;
/// Longest address in octets.
const LONGEST: usize = 1024;

/// Why an address is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AllowError {
    /// Another scheme.
    #[error(
        "须以 http:// 开头:吊销列表与 OCSP 应答自带签名,不经 TLS / must begin with http://: lists and answers are signed, and published without TLS"
    )]
    Scheme,
    /// No host, a user name, a port that is none, or characters that have no place in an address.
    #[error("不是可用的地址(http://主机[:端口][/路径])/ not a usable address: http://host[:port][/path]")]
    Form,
    /// More entries than a list has.
    #[error("至多 256 个地址 / at most 256 addresses")]
    TooMany,
}

/// One address of plain HTTP, read strictly, so that whoever weighs it and whoever asks see the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    host: String,
    port: u16,
    /// Begins with `/`.
    path: String,
    /// Begins with `?`, or is empty.
    query: String,
}

impl Place {
    /// Reads an address.
    ///
    /// # Errors
    /// [`AllowError`].
    pub fn read(url: &str) -> Result<Self, AllowError> {
        let scheme = url.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://"));
        if scheme.is_none() {
            return Err(AllowError::Scheme);
        }
        let rest = url.get(7..).unwrap_or_default();
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let (path, query) = path.split_at(path.find('?').unwrap_or(path.len()));
        let (host, port) = authority_of(authority).ok_or(AllowError::Form)?;
        let path = if path.is_empty() { "/" } else { path };
        // Nothing that a server could read as another path than it looks.
        let plain = |c: u8| c.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%".contains(&c);
        let lower = path.to_ascii_lowercase();
        let steps = lower.split('/').any(|step| matches!(step, "." | ".."));
        let hidden = ["%2e", "%2f", "%5c", "%00"].iter().any(|code| lower.contains(code));
        let whole = path.bytes().all(plain) && query.bytes().all(|c| plain(c) || c == b'?');
        if url.len() > LONGEST || !path.starts_with('/') || steps || hidden || !whole {
            return Err(AllowError::Form);
        }
        Ok(Self { host, port, path: path.to_owned(), query: query.to_owned() })
    }

    /// The address, normalised.
    #[must_use]
    pub fn url(&self) -> String {
        let port = if self.port == 80 { String::new() } else { format!(":{}", self.port) };
        format!("http://{}{port}{}{}", self.host, self.path, self.query)
    }

    /// Its host, as it may be shown.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// True when `other` is this place or lies below it.
    fn covers(&self, other: &Self) -> bool {
        let below = match self.path.strip_suffix('/') {
            Some(folder) => other.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
            None => {
                let rest = other.path.strip_prefix(&self.path);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            }
        };
        self.host == other.host && self.port == other.port && below
    }
}

/// Host in lower case and port. No user names, no names of other alphabets (they travel as `xn--`).
fn authority_of(authority: &str) -> Option<(String, u16)> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            address.parse::<std::net::Ipv6Addr>().ok()?;
            (format!("[{}]", address.to_ascii_lowercase()), port)
        }
        None => {
            let (host, port) = authority.split_at(authority.find(':').unwrap_or(authority.len()));
            (host.to_ascii_lowercase(), port)
        }
    };
    let named = |host: &str| {
        let label = |label: &str| {
            !label.is_empty() && label.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-' || c == b'_')
        };
        // What is all digits and dots is an address, and nothing but a whole one.
        let digits = host.bytes().all(|c| c.is_ascii_digit() || c == b'.');
        let last = host.rsplit('.').next().unwrap_or_default();
        let number = last.starts_with("0x") || last.bytes().all(|c| c.is_ascii_digit());
        host.split('.').all(label) && (!(digits || number) || host.parse::<IpAddr>().is_ok())
    };
    if host.len() > 253 || !(host.starts_with('[') || named(&host)) {
        return None;
    }
    let port = match port {
        "" => 80,
        _ => port.strip_prefix(':')?.parse().ok().filter(|port| *port != 0)?,
    };
    Some((host, port))
}

/// Where this machine may ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowList {
    places: Vec<Place>,
}

impl AllowList {
    /// Reads the entries.
    ///
    /// # Errors
    /// Each entry that is wrong, by its place in the list.
    pub fn read(entries: &[String]) -> Result<Self, Vec<(usize, AllowError)>> {
        if entries.len() > MOST {
            return Err(vec![(MOST, AllowError::TooMany)]);
        }
        let (mut places, mut wrong) = (Vec::new(), Vec::new());
        for (at, entry) in entries.iter().enumerate() {
            match Place::read(entry) {
                Ok(place) if place.query.is_empty() => places.push(place),
                Ok(_) => wrong.push((at, AllowError::Form)),
                Err(why) => wrong.push((at, why)),
            }
        }
        if wrong.is_empty() { Ok(Self { places }) } else { Err(wrong) }
    }

    /// True when it allows this place.
    #[must_use]
    pub fn allows(&self, place: &Place) -> bool {
        self.places.iter().any(|entry| entry.covers(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[&str]) -> AllowList {
        AllowList::read(&entries.iter().map(|e| (*e).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn an_entry_covers_itself_and_what_is_below() {
        let list = list(&[
            "http://crl.example/ca",
            "http://OCSP.example",
            "http://127.0.0.1:8080/",
            "http://[::1]/x/",
        ]);
        let allows = |url: &str| Place::read(url).is_ok_and(|place| list.allows(&place));
        for good in [
            "http://crl.example/ca",
            "http://CRL.example:80/ca/one.crl",
            "http://ocsp.example/",
            "http://ocsp.example",
            "http://ocsp.example/a?b=c",
            "http://127.0.0.1:8080/a",
            "HTTP://[::1]/x/y",
        ] {
            assert!(allows(good), "{good}");
        }
        for bad in [
            "http://crl.example/cab",
            "http://crl.example/",
            "http://crl.example:81/ca",
            "https://ocsp.example/",
            "http://ocsp.example.evil.example/",
            "http://ocsp.example@evil.example/",
            "http://evil.example/ocsp.example",
            "http://crl.example/ca/../x",
            "http://crl.example/ca/%2e%2e/x",
            "http://crl.example/ca%2f..",
            "http://127.0.0.1/a",
            "http://127.0.0.1:8081/",
            "http://127.1:8080/",
            "http://2130706433:8080/",
            "http://0x7f000001:8080/",
            "http://ocsp.example\\@evil.example/",
            "http://ocsp.example/ x",
            "ldap://ocsp.example/",
            "http://ocsp.example/#x",
            "http://ocsp.example:0/",
            "http:///x",
            "http://ocsp.example./",
            "http://例.example/",
            "file:///etc/passwd",
            "http://[::1]/xy",
        ] {
            assert!(!allows(bad), "{bad}");
        }
        assert!(!AllowList::default().allows(&Place::read("http://ocsp.example/").unwrap()));
    }

    #[test]
    fn every_wrong_entry_is_named() {
        let entries =
            ["https://a.example/", "http://b.example/", "http://", "http://c.example/?q"].map(str::to_owned);
        let wrong = AllowList::read(&entries).unwrap_err();
        assert_eq!(wrong, [(0, AllowError::Scheme), (2, AllowError::Form), (3, AllowError::Form)]);
        assert_eq!(
            AllowList::read(&vec!["http://a.example".to_owned(); 257]).unwrap_err(),
            [(256, AllowError::TooMany)]
        );
    }
}
