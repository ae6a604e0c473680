//! `yinzheng serve` with TLS, asked by programs that are not ours: curl over HTTP/2 and HTTP/1.1, and openssl.

use crate::offices::demonstration;
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_yinzheng");

/// An authority made for one test.
struct Authority {
    pem: PathBuf,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new(folder: &Path, name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let key = KeyPair::generate().unwrap();
        let pem = folder.join(format!("{name}.pem"));
        std::fs::write(&pem, params.self_signed(&key).unwrap().pem()).unwrap();
        Self { pem, issuer: Issuer::new(params, key) }
    }

    /// Certificate and key of a server on this machine, or of a client.
    fn issue(&self, folder: &Path, name: &str, purpose: ExtendedKeyUsagePurpose) -> (PathBuf, PathBuf) {
        let mut params =
            CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().unwrap();
        let (certificate, secret) = (folder.join(format!("{name}.crt")), folder.join(format!("{name}.key")));
        std::fs::write(&certificate, params.signed_by(&key, &self.issuer).unwrap().pem()).unwrap();
        std::fs::write(&secret, key.serialize_pem()).unwrap();
        (certificate, secret)
    }
}

/// The program itself, serving; stopped at the end of the test.
struct Served {
    child: Child,
    port: u16,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes `[server.tls]` and starts the program on a port of the system's choice.
fn serve(state: &Path, certificate: &Path, key: &Path, clients: Option<&Path>) -> Served {
    let path = state.join("yinzheng.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut tls = format!("[server.tls]\ncertificate = {certificate:?}\nkey = {key:?}\n");
    if let Some(clients) = clients {
        tls.push_str(&format!("client_authorities = {clients:?}\n"));
    }
    std::fs::write(&path, format!("{text}\n{tls}")).unwrap();
    let mut child = Command::new(PROGRAM)
        .args(["serve", "--listen", "127.0.0.1:0", "--state"])
        .arg(state)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let line = lines.by_ref().map(Result::unwrap).find(|line| line.contains("https://127.0.0.1:"));
    let line = line.expect("the program did not begin to serve");
    let port = line.split("127.0.0.1:").nth(1).unwrap();
    let port = port.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap();
    // The log goes on; somebody must read it.
    std::thread::spawn(move || lines.for_each(drop));
    Served { child, port }
}

/// Answer's status and HTTP version, or how curl failed.
fn curl(served: &Served, authority: &Path, more: &[&str]) -> Result<String, Output> {
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "20", "--noproxy", "*", "--output", "/dev/null"])
        .args(["--write-out", "%{http_code} %{http_version}", "--cacert"])
        .arg(authority)
        .args(more)
        .arg(format!("https://localhost:{}/readyz", served.port))
        .output()
        .expect("curl is needed");
    if output.status.success() { Ok(String::from_utf8(output.stdout).unwrap()) } else { Err(output) }
}

fn openssl(served: &Served, authority: &Path, more: &[&str]) -> String {
    let output = Command::new("openssl")
        .args(["s_client", "-verify_return_error", "-servername", "localhost", "-CAfile"])
        .arg(authority)
        .args(["-connect", &format!("127.0.0.1:{}", served.port)])
        .args(more)
        .stdin(Stdio::null())
        .output()
        .expect("openssl is needed");
    String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
}

#[test]
fn tls_is_spoken_over_both_http_versions() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    demonstration(&state);
    let (ours, other) = (Authority::new(folder.path(), "ours"), Authority::new(folder.path(), "other"));
    let (certificate, key) = ours.issue(folder.path(), "server", ExtendedKeyUsagePurpose::ServerAuth);
    let served = serve(&state, &certificate, &key, None);
    assert_eq!(curl(&served, &ours.pem, &["--http2"]).unwrap(), "200 2");
    assert_eq!(curl(&served, &ours.pem, &["--http1.1"]).unwrap(), "200 1.1");
    assert_eq!(curl(&served, &ours.pem, &["--tlsv1.2", "--tls-max", "1.2"]).unwrap(), "200 2");
    let distrusted = curl(&served, &other.pem, &[]).unwrap_err();
    assert_eq!(distrusted.status.code(), Some(60), "curl's word for a server it does not trust");
    let shaken = openssl(&served, &ours.pem, &["-tls1_3", "-alpn", "h2,http/1.1"]);
    assert!(shaken.contains("Verify return code: 0 (ok)") || shaken.contains("Verification: OK"), "{shaken}");
    assert!(shaken.contains("TLSv1.3") && shaken.contains("ALPN protocol: h2"), "{shaken}");
    let old = openssl(&served, &ours.pem, &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]);
    assert!(!old.contains("Verification: OK") || old.contains("Cipher is (NONE)"), "{old}");
    // In the clear nobody is answered.
    let clear = Command::new("curl")
        .args(["--silent", "--max-time", "20", "--noproxy", "*"])
        .arg(format!("http://127.0.0.1:{}/readyz", served.port))
        .output()
        .unwrap();
    assert!(!String::from_utf8_lossy(&clear.stdout).contains("ready"), "{clear:?}");
}

#[test]
fn with_client_authorities_only_their_clients_are_served() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    demonstration(&state);
    let (ours, other) = (Authority::new(folder.path(), "ours"), Authority::new(folder.path(), "other"));
    let (certificate, key) = ours.issue(folder.path(), "server", ExtendedKeyUsagePurpose::ServerAuth);
    let counters = Authority::new(folder.path(), "counters");
    let known = counters.issue(folder.path(), "counter", ExtendedKeyUsagePurpose::ClientAuth);
    let stranger = other.issue(folder.path(), "stranger", ExtendedKeyUsagePurpose::ClientAuth);
    let served = serve(&state, &certificate, &key, Some(&counters.pem));
    let with = |(certificate, key): &(PathBuf, PathBuf), version| {
        let (certificate, key) = (certificate.to_string_lossy(), key.to_string_lossy());
        curl(&served, &ours.pem, &["--cert", &certificate, "--key", &key, version])
    };
    assert_eq!(with(&known, "--http2").unwrap(), "200 2");
    assert_eq!(with(&known, "--http1.1").unwrap(), "200 1.1");
    let nameless = curl(&served, &ours.pem, &[]).unwrap_err();
    let foreign = with(&stranger, "--http2").unwrap_err();
    for refused in [&nameless, &foreign] {
        // TLS itself refuses: no status of HTTP. Curl's words differ with who notices first.
        assert!(String::from_utf8_lossy(&refused.stdout).starts_with("000"), "{refused:?}");
    }
}

/// What `doctor` says of the service: subject and health.
fn examined(state: &Path) -> Vec<(String, String, String)> {
    let output = Command::new(PROGRAM).args(["doctor", "--json", "--state"]).arg(state).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let one = |line: &str| {
        let said: serde_json::Value = serde_json::from_str(line).unwrap();
        let word = |name: &str| said[name].as_str().unwrap().to_owned();
        (word("subject"), word("health"), said["found"]["zh"].as_str().unwrap().to_owned())
    };
    text.lines().map(one).collect()
}

fn configure(state: &Path, original: &str, server: &str) {
    let (before, rest) = original.split_once("[server]").unwrap();
    let after = rest.find("\n[").map_or("", |at| &rest[at..]);
    std::fs::write(state.join("yinzheng.toml"), format!("{before}[server]\n{server}\n{after}")).unwrap();
}

#[test]
fn doctor_tells_every_problem_of_the_service_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    demonstration(&state);
    let original = std::fs::read_to_string(state.join("yinzheng.toml")).unwrap();
    // Typed wrongly: numbers out of range, words that are none, members that are missing or unknown.
    let wrong =
        "listen = \"everywhere\"\nqueue = 0\nbody_mib = \"much\"\nlog = \"xml\"\nport = 1\ntls = { key = 3 }";
    configure(&state, &original, wrong);
    let said = examined(&state);
    let (_, health, words) = said.iter().find(|(subject, _, _)| subject == "configuration").unwrap();
    assert_eq!(health, "bad");
    for key in ["listen", "queue", "body_mib", "log", "port", "tls.key", "tls.certificate"] {
        assert!(words.contains(&format!("server.{key}: ")), "{key} is not told: {words}");
    }
    configure(&state, &original, "listen = \"everywhere\"\nqueue = 0\nkey_per_minute = 0\nbody_mib = 65");
    let said = examined(&state);
    let (_, _, words) = said.iter().find(|(subject, _, _)| subject == "configuration").unwrap();
    for key in ["listen", "queue", "key_per_minute", "body_mib"] {
        assert!(words.contains(&format!("server.{key}: ")), "{key} is not told: {words}");
    }
    faults_of_tls(&state, &original, folder.path());
}

/// Files that are there and wrong: each told under its own key.
fn faults_of_tls(state: &Path, original: &str, folder: &Path) {
    let ours = Authority::new(folder, "ours");
    let (good, key) = ours.issue(folder, "server", ExtendedKeyUsagePurpose::ServerAuth);
    let (_, other_key) = ours.issue(folder, "other", ExtendedKeyUsagePurpose::ServerAuth);
    let mut params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(2020, 1, 1);
    params.not_after = rcgen::date_time_ymd(2021, 1, 1);
    let pair = KeyPair::from_pem(&std::fs::read_to_string(&key).unwrap()).unwrap();
    let old = folder.join("old.crt");
    std::fs::write(&old, params.signed_by(&pair, &ours.issuer).unwrap().pem()).unwrap();
    let none = folder.join("none.pem");
    let told = |certificate: &Path, key: &Path, clients: &Path| {
        let tls = format!("certificate = {certificate:?}, key = {key:?}, client_authorities = {clients:?}");
        configure(state, original, &format!("listen = \"127.0.0.1:0\"\ntls = {{ {tls} }}"));
        let said = examined(state).into_iter().filter(|(subject, _, _)| subject.starts_with("server."));
        let bad = said.filter(|(_, health, _)| health == "bad").map(|(subject, _, _)| subject);
        bad.collect::<Vec<_>>()
    };
    assert_eq!(told(&good, &key, &ours.pem), Vec::<String>::new());
    let all = ["server.tls.certificate", "server.tls.key", "server.tls.client_authorities"];
    assert_eq!(told(&none, &none, &none), all);
    assert_eq!(told(&good, &other_key, &ours.pem), ["server.tls.key"], "a pair that is none");
    assert_eq!(told(&old, &key, &ours.pem), ["server.tls.certificate"], "out of date");
    assert_eq!(told(&good, &key, &key), ["server.tls.client_authorities"], "no certificate in it");
    // And the service does not start with them.
    told(&none, &none, &none);
    let refused = Command::new(PROGRAM).args(["serve", "--state"]).arg(state).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    let words = crate::judges::words(&refused);
    assert!(all.iter().all(|key| words.contains(key)), "{words}");
}
