//! Revocation fetched from outside: lists from a small server of our own, answers from `openssl ocsp`, all on 127.0.0.1.

use crate::judges::{run, words};
use crate::sealing::press_as;
use serde_json::Value;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use yinzheng::net::AllowList;
use yinzheng::service::check::{Asked, without_office};
use yinzheng::service::revocation::Fetcher;
use yinzheng::verify::{Finding, Judgement, Policy, Verdict};
use yinzheng::x509::{Certificate, pem_blocks};

const PROGRAM: &str = env!("CARGO_BIN_EXE_yinzheng");

/// What the server says at a path.
#[derive(Clone)]
enum Reply {
    Body(Vec<u8>),
    /// A status line and a header.
    Head(String),
    /// Nothing, for longer than anybody waits.
    Silence,
}

/// A server that counts who asks.
struct Server {
    port: u16,
    replies: Arc<Mutex<Vec<(String, Reply)>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (replies, asked) =
            (Arc::<Mutex<Vec<(String, Reply)>>>::default(), Arc::<Mutex<Vec<String>>>::default());
        let (told, heard) = (Arc::clone(&replies), Arc::clone(&asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let (told, heard) = (Arc::clone(&told), Arc::clone(&heard));
                std::thread::spawn(move || {
                    let mut request = [0; 4096];
                    let count = stream.read(&mut request).unwrap_or(0);
                    let text = String::from_utf8_lossy(&request[..count]).into_owned();
                    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
                    heard.lock().unwrap().push(path.clone());
                    let reply =
                        told.lock().unwrap().iter().rev().find(|(at, _)| *at == path).map(|(_, r)| r.clone());
                    let _ = match reply {
                        Some(Reply::Body(body)) => {
                            let head = format!(
                                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                                body.len()
                            );
                            stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body))
                        }
                        Some(Reply::Head(head)) => stream.write_all(
                            format!("HTTP/1.1 {head}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
                                .as_bytes(),
                        ),
                        Some(Reply::Silence) => {
                            std::thread::sleep(Duration::from_secs(8));
                            Ok(())
                        }
                        None => stream.write_all(
                            b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
                        ),
                    };
                });
            }
        });
        Self { port, replies, asked }
    }

    fn says(&self, path: &str, reply: Reply) {
        self.replies.lock().unwrap().push((path.to_owned(), reply));
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

/// An authority kept by `openssl ca`.
struct Authority {
    folder: tempfile::TempDir,
    root: Certificate,
}

impl Authority {
    /// `None` without openssl.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().to_str().unwrap();
        let config = format!(
            "[req]\ndistinguished_name=dn\n[dn]\n[root]\nbasicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign,digitalSignature\nsubjectKeyIdentifier=hash\n[ca]\ndefault_ca=one\n[one]\ndatabase={place}/index.txt\nserial={place}/serial\nnew_certs_dir={place}\ncertificate={place}/root.pem\nprivate_key={place}/root.key\ndefault_md=sha256\ndefault_days=30\ndefault_crl_days=1\npolicy=any\nunique_subject=no\n[any]\ncommonName=supplied\n"
        );
        std::fs::write(folder.path().join("c.cnf"), config).unwrap();
        std::fs::write(folder.path().join("index.txt"), "").unwrap();
        std::fs::write(folder.path().join("serial"), "01\n").unwrap();
        let one = Self { root: any_certificate(), folder };
        one.openssl(&[
            "req",
            "-x509",
            "-days",
            "30",
            "-subj",
            "/CN=Example Root",
            "-extensions",
            "root",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-config",
            "c.cnf",
            "-keyout",
            "root.key",
            "-out",
            "root.pem",
        ])?;
        Some(Self { root: one.certificate("root.pem"), ..one })
    }

    fn openssl(&self, arguments: &[&str]) -> Option<()> {
        run("openssl", &["version"])?;
        let done = Command::new("openssl").args(arguments).current_dir(self.folder.path()).output().unwrap();
        assert!(done.status.success(), "{arguments:?}: {}", words(&done));
        Some(())
    }

    fn certificate(&self, name: &str) -> Certificate {
        let text = std::fs::read_to_string(self.folder.path().join(name)).unwrap();
        Certificate::from_der(&pem_blocks(&text, "CERTIFICATE")[0]).unwrap()
    }

    /// A page signed by somebody whose certificate names these addresses.
    fn sealed(&self, name: &str, extensions: &str) -> Vec<u8> {
        let at = |ending: &str| format!("{name}.{ending}");
        let text = format!("keyUsage=critical,digitalSignature\nsubjectKeyIdentifier=hash\n{extensions}");
        std::fs::write(self.folder.path().join(at("ext")), text).unwrap();
        self.openssl(&[
            "req",
            "-new",
            "-subj",
            &format!("/CN={name}"),
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-config",
            "c.cnf",
            "-keyout",
            &at("key"),
            "-out",
            &at("csr"),
        ]);
        self.openssl(&[
            "ca",
            "-batch",
            "-notext",
            "-config",
            "c.cnf",
            "-in",
            &at("csr"),
            "-out",
            &at("pem"),
            "-extfile",
            &at("ext"),
        ]);
        self.openssl(&[
            "pkcs8",
            "-topk8",
            "-nocrypt",
            "-in",
            &at("key"),
            "-outform",
            "DER",
            "-out",
            &at("p8"),
        ]);
        let key = std::fs::read(self.folder.path().join(at("p8"))).unwrap();
        press_as("ETSI.CAdES.detached", &key, &[self.certificate(&at("pem"))]).bytes().to_vec()
    }

    fn revoke(&self, name: &str) {
        self.openssl(&["ca", "-config", "c.cnf", "-revoke", &format!("{name}.pem")]);
    }

    /// The list as it stands.
    fn list(&self, more: &[&str]) -> Vec<u8> {
        let whole = [&["ca", "-config", "c.cnf", "-gencrl", "-out", "list.pem"], more].concat();
        self.openssl(&whole);
        self.openssl(&["crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der"]);
        std::fs::read(self.folder.path().join("list.der")).unwrap()
    }

    /// `openssl ocsp` on a port; it knows the certificates issued so far.
    fn responder(&self, port: u16, more: &[&str]) -> Responder {
        let mut command = Command::new("openssl");
        command.args(["ocsp", "-port", &port.to_string(), "-index", "index.txt", "-CA", "root.pem"]);
        command
            .args(["-rsigner", "root.pem", "-rkey", "root.key"])
            .args(more)
            .current_dir(self.folder.path());
        // It ends when somebody connects and says nothing, so its own words are waited for.
        let log = self.folder.path().join(format!("responder-{port}.log"));
        let said = std::fs::File::create(&log).unwrap();
        let child = command.stdout(said.try_clone().unwrap()).stderr(said).spawn().unwrap();
        let responder = Responder(child);
        for _ in 0..200 {
            if std::fs::read_to_string(&log).unwrap().contains("waiting for OCSP") {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        responder
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

struct Responder(Child);

impl Drop for Responder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Stands in until the root is made.
fn any_certificate() -> Certificate {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/trust/root.pem")).unwrap();
    Certificate::from_der(&pem_blocks(&text, "CERTIFICATE")[0]).unwrap()
}

fn fetcher(allowed: &[String]) -> Fetcher {
    Fetcher::new(AllowList::read(allowed).unwrap())
}

fn judge(pdf: &[u8], root: &Certificate, policy: &str, fetcher: Option<&Fetcher>) -> Judgement {
    let anchors = [root.clone()];
    without_office(pdf, &Asked { policy: Policy::built_in(policy), at: None, anchors: &anchors, fetcher })
}

fn says(judgement: &Judgement, code: &str) -> Vec<String> {
    let of_signatures = judgement.signatures.iter().flat_map(|signature| &signature.findings);
    let all = of_signatures.chain(&judgement.findings);
    all.filter(|finding| Finding::code(finding) == code).map(|finding| finding.words().en).collect()
}

const MISSED: &str = "trust.revocation_not_fetched";
const UNKNOWN: &str = "trust.revocation_unknown";

#[test]
fn a_list_tells_and_is_kept_until_its_successor_is_due() {
    let Some(authority) = Authority::new() else { return };
    let server = Server::new();
    let base = format!("http://127.0.0.1:{}", server.port);
    let pdf = authority.sealed("one", &format!("crlDistributionPoints=URI:{base}/ca/one.crl\n"));
    server.says("/ca/one.crl", Reply::Body(authority.list(&[])));
    let root = &authority.root;
    // Off by default; and an allow-list that names another place, port or path lets nothing out.
    assert_eq!(judge(&pdf, root, "counter", None).verdict, Verdict::Indeterminate);
    for elsewhere in ["http://127.0.0.1".to_owned(), format!("{base}/cab"), "http://crl.example".to_owned()] {
        let judgement = judge(&pdf, root, "counter", Some(&fetcher(&[elsewhere])));
        assert_eq!(judgement.verdict, Verdict::Indeterminate);
        let said = says(&judgement, MISSED);
        assert!(said.len() == 1 && said[0].contains("its address is not allowed"), "{said:?}");
    }
    assert_eq!(server.asked(), 0);
    let allowed = fetcher(&[format!("{base}/ca")]);
    for _ in 0..3 {
        let judgement = judge(&pdf, root, "counter", Some(&allowed));
        assert_eq!(judgement.verdict, Verdict::GenuineInForce, "{:?}", judgement.headline);
        assert!(says(&judgement, UNKNOWN).is_empty() && says(&judgement, MISSED).is_empty());
    }
    assert_eq!(server.asked(), 1, "the list is kept");
    // Somebody who asks afresh learns of the revocation.
    authority.revoke("one");
    server.says("/ca/one.crl", Reply::Body(authority.list(&[])));
    for policy in ["counter", "strict"] {
        let judgement = judge(&pdf, root, policy, Some(&fetcher(std::slice::from_ref(&base))));
        assert_eq!(judgement.verdict, Verdict::NotTrusted, "{policy}");
        assert_eq!(says(&judgement, "trust.revoked").len(), 1);
    }
}

#[test]
fn what_was_not_brought_is_said_and_the_policy_decides() {
    let Some(authority) = Authority::new() else { return };
    let server = Server::new();
    let base = format!("http://127.0.0.1:{}", server.port);
    let pdf = authority.sealed("two", &format!("crlDistributionPoints=URI:{base}/list\n"));
    let stranger = Authority::new().unwrap();
    // Far past: its successor was due long ago.
    let old = authority.list(&["-crl_lastupdate", "200101000000Z", "-crl_nextupdate", "200102000000Z"]);
    let good = authority.list(&[]);
    server.says("/elsewhere", Reply::Body(good));
    let cases = [
        (Reply::Head(format!("302 Found\r\nLocation: {base}/elsewhere")), "cannot be reached"),
        (Reply::Head("500 Oh".to_owned()), "cannot be reached"),
        (Reply::Body(b"<html>not a list</html>".to_vec()), "no evidence of the issuer"),
        (Reply::Body(vec![0x30; (8 << 20) + 1]), "too large"),
        (Reply::Body(stranger.list(&[])), "no evidence of the issuer"),
        (Reply::Body(old), "has run out"),
        (Reply::Silence, "cannot be reached"),
    ];
    for (reply, why) in cases {
        server.says("/list", reply);
        let (allowed, before) = (fetcher(std::slice::from_ref(&base)), server.asked());
        let judgement = judge(&pdf, &authority.root, "counter", Some(&allowed));
        let said = says(&judgement, MISSED);
        assert!(said.len() == 1 && said[0].contains(why) && said[0].contains("127.0.0.1"), "{why}: {said:?}");
        assert_eq!(
            (says(&judgement, UNKNOWN).len(), judgement.verdict),
            (1, Verdict::Indeterminate),
            "{why}"
        );
        assert_eq!(judgement.signatures[0].sub_indication.map(|s| s.name()), Some("TRY_LATER"));
        // A policy that does not demand to know says so all the same; and a failure is not tried again at once.
        let judgement = judge(&pdf, &authority.root, "strict", Some(&allowed));
        assert_eq!(
            (judgement.verdict, says(&judgement, MISSED).len()),
            (Verdict::GenuineInForce, 1),
            "{why}"
        );
        assert_eq!(server.asked(), before + 1, "{why}");
    }
    assert!(!server.asked.lock().unwrap().contains(&"/elsewhere".to_owned()), "no redirect is followed");
    // A name that leads inside is refused, although the list allows the name; so is a closed port.
    let closed = free_port();
    let before = server.asked();
    for (name, address, why) in [
        ("three", format!("http://localhost:{}/list", server.port), "private network"),
        ("four", format!("http://127.0.0.1:{closed}/list"), "cannot be reached"),
    ] {
        let pdf = authority.sealed(name, &format!("crlDistributionPoints=URI:{address}\n"));
        let judgement = judge(&pdf, &authority.root, "counter", Some(&fetcher(&[address])));
        let said = says(&judgement, MISSED);
        assert!(said.len() == 1 && said[0].contains(why), "{said:?}");
        assert_eq!(judgement.verdict, Verdict::Indeterminate);
    }
    assert_eq!(server.asked(), before);
}

#[test]
fn a_list_of_some_certificates_says_nothing_of_the_others() {
    let Some(authority) = Authority::new() else { return };
    let server = Server::new();
    let base = format!("http://127.0.0.1:{}", server.port);
    let pdf = authority.sealed("five", &format!("crlDistributionPoints=URI:{base}/list\n"));
    let config = authority.folder.path().join("c.cnf");
    let text = std::fs::read_to_string(&config).unwrap();
    for (scope, verdict) in [
        ("onlyCA=TRUE".to_owned(), Verdict::Indeterminate),
        ("onlyAA=TRUE".to_owned(), Verdict::Indeterminate),
        ("indirectCRL=TRUE".to_owned(), Verdict::Indeterminate),
        ("onlysomereasons=keyCompromise".to_owned(), Verdict::Indeterminate),
        ("fullname=URI:http://crl.example/other".to_owned(), Verdict::Indeterminate),
        (format!("fullname=URI:{base}/list\nonlyuser=TRUE"), Verdict::GenuineInForce),
    ] {
        std::fs::write(
            &config,
            format!("{text}[scoped]\nissuingDistributionPoint=critical,@idp\n[idp]\n{scope}\n"),
        )
        .unwrap();
        server.says("/list", Reply::Body(authority.list(&["-crlexts", "scoped"])));
        let judgement = judge(&pdf, &authority.root, "counter", Some(&fetcher(std::slice::from_ref(&base))));
        assert_eq!(judgement.verdict, verdict, "{scope}");
    }
}

#[test]
fn a_responder_tells_and_a_list_is_asked_when_it_does_not() {
    let Some(authority) = Authority::new() else { return };
    let server = Server::new();
    let list = format!("http://127.0.0.1:{}", server.port);
    for (n, next) in [&["-nmin", "60"][..], &[]].into_iter().enumerate() {
        let port = free_port();
        let base = format!("http://127.0.0.1:{port}");
        let name = format!("ocsp{n}");
        let extensions =
            format!("authorityInfoAccess=OCSP;URI:{base}\ncrlDistributionPoints=URI:{list}/list\n");
        let pdf = authority.sealed(&name, &extensions);
        let allowed = fetcher(&[base.clone(), list.clone()]);
        let responder = authority.responder(port, next);
        let judgement = judge(&pdf, &authority.root, "counter", Some(&allowed));
        assert_eq!(judgement.verdict, Verdict::GenuineInForce, "{next:?} {:?}", says(&judgement, MISSED));
        assert_eq!(server.asked(), 0, "the responder told");
        drop(responder);
        let kept = judge(&pdf, &authority.root, "counter", Some(&allowed));
        assert_eq!(kept.verdict, Verdict::GenuineInForce, "{next:?}");
        authority.revoke(&name);
        let _responder = authority.responder(port, next);
        let judgement = judge(&pdf, &authority.root, "strict", Some(&fetcher(&[base])));
        assert_eq!(judgement.verdict, Verdict::NotTrusted, "{:?}", says(&judgement, MISSED));
        assert_eq!(says(&judgement, "trust.revoked").len(), 1);
    }
    // A responder that does not know the certificate.
    let port = free_port();
    let _responder = authority.responder(port, &[]);
    let base = format!("http://127.0.0.1:{port}");
    let pdf = authority.sealed("six", &format!("authorityInfoAccess=OCSP;URI:{base}\n"));
    let judgement = judge(&pdf, &authority.root, "counter", Some(&fetcher(&[base])));
    assert_eq!((judgement.verdict, says(&judgement, MISSED).len()), (Verdict::Indeterminate, 1));
    // Nobody answers: the list does.
    let closed = free_port();
    let base = format!("http://127.0.0.1:{closed}");
    let extensions = format!("authorityInfoAccess=OCSP;URI:{base}\ncrlDistributionPoints=URI:{list}/list\n");
    let pdf = authority.sealed("seven", &extensions);
    server.says("/list", Reply::Body(authority.list(&[])));
    let judgement = judge(&pdf, &authority.root, "counter", Some(&fetcher(&[base, list])));
    assert_eq!((judgement.verdict, says(&judgement, MISSED).len()), (Verdict::GenuineInForce, 0));
    assert_eq!(server.asked(), 1);
}

#[test]
fn the_command_line_and_an_office_fetch_where_they_were_told() {
    let Some(authority) = Authority::new() else { return };
    let server = Server::new();
    let base = format!("http://127.0.0.1:{}", server.port);
    let pdf = authority.sealed("eight", &format!("crlDistributionPoints=URI:{base}/list\n"));
    server.says("/list", Reply::Body(authority.list(&[])));
    let place = authority.folder.path();
    std::fs::write(place.join("sealed.pdf"), &pdf).unwrap();
    let verify = |more: &[&str]| {
        let mut command = Command::new(PROGRAM);
        command
            .args(["--json", "verify", "--policy", "counter", "--trust", "root.pem"])
            .args(more)
            .arg("sealed.pdf");
        let done = command.current_dir(place).output().unwrap();
        (done.status.code(), String::from_utf8_lossy(&done.stdout).into_owned(), words(&done))
    };
    assert_eq!((verify(&[]).0, server.asked()), (Some(11), 0));
    let (code, said, _) = verify(&["--fetch-revocation", &base]);
    let object: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((code, &object["verdict"]), (Some(0), &Value::from("genuine_in_force")));
    assert_eq!(server.asked(), 1);
    let (code, _, why) = verify(&["--fetch-revocation", "https://crl.example"]);
    assert!(code == Some(1) && why.contains("must begin with http://"), "{why}");
    office(place, &pdf, &base, &server);
}

/// The same by `[revocation]` of a state folder, with the authority among its anchors.
fn office(place: &Path, pdf: &[u8], base: &str, server: &Server) {
    let state = place.join("state");
    let made = Command::new(PROGRAM).args(["init", "--demo"]).arg(&state).output().unwrap();
    assert!(made.status.success(), "{}", words(&made));
    let path = state.join("yinzheng.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("[revocation]\nfetch = false\nallow = []\n"), "{text}");
    let verify = || {
        let mut command = Command::new(PROGRAM);
        command
            .args(["verify", "--policy", "counter", "--state"])
            .arg(&state)
            .arg("--trust")
            .arg(place.join("root.pem"));
        let done = command.arg(place.join("sealed.pdf")).output().unwrap();
        (done.status.code(), words(&done))
    };
    assert!(!pdf.is_empty());
    let before = server.asked();
    assert_eq!((verify().0, server.asked()), (Some(11), before), "off by default");
    let on =
        |allow: &str| text.replace("fetch = false\nallow = []", &format!("fetch = true\nallow = [{allow}]"));
    std::fs::write(&path, on(&format!("{base:?}"))).unwrap();
    assert_eq!((verify().0, server.asked()), (Some(0), before + 1));
    for (allow, why) in [("", "must name addresses"), ("\"https://crl.example/\"", "revocation.allow[0]")] {
        std::fs::write(&path, on(allow)).unwrap();
        let (code, said) = verify();
        assert!(code == Some(1) && said.contains(why), "{said}");
    }
}
