//! TLS as the configuration asks for it: its files read and weighed, every fault at once.

use crate::config::{Config, TlsFile};
use crate::domain::Bilingual;
use crate::service::clock;
use crate::service::doctor::{Examined, Health};
use crate::x509::Certificate;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::CertifiedKey;
use rustls::{RootCertStore, ServerConfig};
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

/// Days before its end from which a certificate is to be renewed.
const NOTICE_DAYS: i64 = 30;
const DAY: i64 = 86_400;

/// One thing that keeps TLS from being spoken.
#[derive(Debug, thiserror::Error)]
pub(super) enum Fault {
    /// A file that is missing, unreadable or not PEM.
    #[error("{0}: 读不出 PEM:{1} / not readable as PEM")]
    Pem(&'static str, String),
    /// A PEM file without what was looked for.
    #[error("{0}: 文件里没有证书 / no certificate in the file")]
    Empty(&'static str),
    /// Key and certificate, or an authority, that cannot be used.
    #[error("{0}: 不能使用(证书与私钥须是一对):{1} / cannot be used; certificate and key must be a pair")]
    Unusable(&'static str, String),
}

impl Fault {
    fn key(&self) -> &'static str {
        match self {
            Self::Pem(key, _) | Self::Empty(key) | Self::Unusable(key, _) => key,
        }
    }
}

const CERTIFICATE: &str = "server.tls.certificate";
const KEY: &str = "server.tls.key";
const CLIENTS: &str = "server.tls.client_authorities";

/// Every fault on a line of its own.
pub(super) fn words(faults: &[Fault]) -> String {
    let lines: String = faults.iter().map(|fault| format!("\n  {fault}")).collect();
    format!("TLS 配置有 {} 处不可用 / {} faults of the TLS configuration:{lines}", faults.len(), faults.len())
}

/// The TLS of `[server.tls]`: HTTP/2 and HTTP/1.1, TLS 1.2 and 1.3, client certificates if authorities are named.
///
/// # Errors
/// Every fault of the three files.
pub(super) fn load(config: &Config, files: &TlsFile) -> Result<ServerConfig, Vec<Fault>> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut faults = Vec::new();
    let mut keep = |fault| faults.push(fault);
    let chain = chain(CERTIFICATE, &config.resolve(&files.certificate)).map_err(&mut keep).ok();
    let key = PrivateKeyDer::from_pem_file(config.resolve(&files.key));
    let key = key.map_err(|why| keep(Fault::Pem(KEY, why.to_string()))).ok();
    let clients = files.client_authorities.as_ref().map(|path| {
        let roots = chain_of_roots(&config.resolve(path))?;
        let built =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
        built.map_err(|why| Fault::Unusable(CLIENTS, why.to_string()))
    });
    let clients = clients.transpose().map_err(&mut keep).ok();
    let pair = chain.zip(key).and_then(|(chain, key)| {
        pair(&provider, chain, key).map_err(|why| keep(Fault::Unusable(KEY, why.to_string()))).ok()
    });
    let (Some((chain, key)), Some(clients), true) = (pair, clients, faults.is_empty()) else {
        return Err(faults);
    };
    let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions();
    let built = versions.and_then(|builder| {
        match clients {
            None => builder.with_no_client_auth(),
            Some(verifier) => builder.with_client_cert_verifier(verifier),
        }
        .with_single_cert(chain, key)
    });
    let mut built = built.map_err(|why| vec![Fault::Unusable(CERTIFICATE, why.to_string())])?;
    built.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(built)
}

type Pair = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn pair(
    provider: &CryptoProvider,
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
) -> Result<Pair, rustls::Error> {
    CertifiedKey::from_der(chain.clone(), key.clone_key(), provider)?;
    Ok((chain, key))
}

fn chain(key: &'static str, path: &Path) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let read = CertificateDer::pem_file_iter(path).and_then(|all| all.collect::<Result<Vec<_>, _>>());
    let chain = read.map_err(|why| Fault::Pem(key, why.to_string()))?;
    if chain.is_empty() { Err(Fault::Empty(key)) } else { Ok(chain) }
}

fn chain_of_roots(path: &Path) -> Result<RootCertStore, Fault> {
    let mut roots = RootCertStore::empty();
    for authority in chain(CLIENTS, path)? {
        roots.add(authority).map_err(|why| Fault::Unusable(CLIENTS, why.to_string()))?;
    }
    Ok(roots)
}

/// What `doctor` says of the service: its address, and its TLS files if it is to speak TLS.
pub(super) fn examine(config: &Config) -> Vec<Examined> {
    let mut said = vec![address(&config.server().listen)];
    let Some(files) = &config.server().tls else { return said };
    let faults = load(config, files).map(drop).err().unwrap_or_default();
    let next = Bilingual::new(
        "换上可读的 PEM 文件;证书链末端证书在前,私钥与之成对",
        "put readable PEM files there: the chain with the leaf first, the key that belongs to it",
    );
    for fault in &faults {
        said.push(Examined {
            subject: fault.key().to_owned(),
            health: Health::Bad,
            found: Bilingual::new(fault.to_string(), ""),
            next: Some(next.clone()),
        });
    }
    let certificates =
        [Some((CERTIFICATE, &files.certificate)), files.client_authorities.as_ref().map(|p| (CLIENTS, p))];
    for (key, path) in certificates.into_iter().flatten() {
        for one in chain(key, &config.resolve(path)).unwrap_or_default() {
            said.extend(Certificate::from_der(&one).ok().map(|certificate| period(key, &certificate)));
        }
    }
    said
}

fn period(key: &str, certificate: &Certificate) -> Examined {
    let now = clock::now();
    let days = (certificate.not_after().seconds() - now.seconds()).div_euclid(DAY);
    let (from, until) = (certificate.not_before().beijing_date(), certificate.not_after().beijing_date());
    let (health, zh, en) = if now < certificate.not_before() {
        (Health::Bad, "尚未生效", "not valid yet")
    } else if days < 0 {
        (Health::Bad, "已过期", "expired")
    } else if days < NOTICE_DAYS {
        (Health::Attention, "即将过期", "about to expire")
    } else {
        (Health::Good, "有效", "valid")
    };
    Examined {
        subject: key.to_owned(),
        health,
        found: Bilingual::new(
            format!("{},{zh}:{from} 至 {until}", certificate.subject()),
            format!("{en}: {from} to {until}"),
        ),
        next: (health != Health::Good)
            .then(|| Bilingual::new("更换证书后重启服务", "renew it, then restart the service")),
    }
}

fn address(listen: &str) -> Examined {
    let (health, found, next) = match TcpListener::bind(listen) {
        Ok(_) => (Health::Good, Bilingual::new(format!("{listen} 可监听"), "free to listen on"), None),
        // Most likely the service itself, at work.
        Err(why) if why.kind() == ErrorKind::AddrInUse => (
            Health::Good,
            Bilingual::new(format!("{listen} 正在使用(服务在运行?)"), "in use, by the service itself?"),
            None,
        ),
        Err(why) => {
            let next = Bilingual::new(
                "改为本机的地址与可用的端口",
                "name an address of this machine and a port it may use",
            );
            (Health::Bad, Bilingual::new(format!("{listen}: {why}"), ""), Some(next))
        }
    };
    Examined { subject: "server.listen".to_owned(), health, found, next }
}
