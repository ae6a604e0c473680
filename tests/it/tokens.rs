//! A seal whose key lies on a token, with SoftHSM2 as the token: made there by the ceremony, used by the program as any
//! other, renewed; and what is said of a wrong PIN, a missing key, a token that is away. The program runs as a process of
//! its own: the token's library reads its environment.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use yinzheng::config::SubFilterName;
use yinzheng::crypto;
use yinzheng::service::Office;
use yinzheng::service::found::{Foundation, found};

const PIN: &str = "an invented PIN";
const MODULES: [&str; 3] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
];

/// An office of which one seal is to have its key on a token.
struct Bench {
    folder: tempfile::TempDir,
    module: &'static str,
}

impl Bench {
    /// `None` where there is no SoftHSM2 and this is not CI.
    fn new(suite: &'static crypto::Suite) -> Option<Self> {
        let module = MODULES.into_iter().find(|path| Path::new(path).exists());
        let Some(module) = module else {
            assert!(std::env::var_os("CI").is_none(), "SoftHSM2 is missing in CI");
            eprintln!("SKIPPED: SoftHSM2 is not installed");
            return None;
        };
        let bench = Self { folder: tempfile::tempdir().unwrap(), module };
        std::fs::create_dir(bench.tokens()).unwrap();
        let settings =
            format!("directories.tokendir = {}\nobjectstore.backend = file\n", bench.tokens().display());
        std::fs::write(bench.path("softhsm2.conf"), settings).unwrap();
        let token =
            ["--init-token", "--free", "--label", "yinzheng", "--so-pin", "invented too", "--pin", PIN];
        assert!(bench.run("softhsm2-util", &token).status.success());
        found(&bench.state(), &Foundation::demonstration(suite, SubFilterName::EtsiCades)).unwrap();
        std::fs::write(bench.state().join("keys/passphrase"), "an invented passphrase").unwrap();
        std::fs::write(bench.state().join("keys/pin"), PIN).unwrap();
        bench.configure(
            "key = \"keys/bureau.key\"\npassphrase_file = \"keys/passphrase\"",
            &bench.on_token("bureau"),
        );
        Some(bench)
    }

    fn on_token(&self, key: &str) -> String {
        format!(
            "token = {{ module = \"{}\", token = \"yinzheng\", key = \"{key}\" }}\npassphrase_file = \"keys/pin\"",
            self.module
        )
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn state(&self) -> PathBuf {
        self.path("state")
    }

    fn tokens(&self) -> PathBuf {
        self.path("tokens")
    }

    fn configure(&self, from: &str, to: &str) {
        let path = self.state().join("yinzheng.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "no {from} in {text}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.env("SOFTHSM2_CONF", self.path("softhsm2.conf"));
        command.env("YINZHENG_CA_PASSPHRASE", "an invented passphrase").current_dir(self.folder.path());
        command.args(arguments).output().unwrap()
    }

    fn yinzheng(&self, arguments: &[&str]) -> (bool, String) {
        let mut all = arguments.to_vec();
        all.extend(["--state", "state", "--quiet"]);
        let output = self.run(env!("CARGO_BIN_EXE_yinzheng"), &all);
        let said = [output.stdout, output.stderr].concat();
        (output.status.success(), String::from_utf8(said).unwrap())
    }

    fn succeeds(&self, arguments: &[&str]) -> String {
        let (good, said) = self.yinzheng(arguments);
        assert!(good, "{arguments:?}: {said}");
        said
    }

    fn fails(&self, arguments: &[&str], words: &str) {
        let (good, said) = self.yinzheng(arguments);
        assert!(!good && said.contains(words), "{arguments:?}: {said}");
    }

    /// Stamps a document and has it judged, here and by poppler.
    fn stamps(&self, name: &str) {
        std::fs::write(self.path("brought.pdf"), crate::stamping::brought(false)).unwrap();
        let out = format!("{name}.pdf");
        self.succeeds(&["stamp", "--seal", "bureau", "--at", "140,100", "-o", &out, "brought.pdf"]);
        let said = self.succeeds(&["verify", "--json", &out]);
        let judgement: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
        assert_eq!(judgement["lights"]["seal"], "green", "{said}");
        if let Some(pdfsig) = crate::judges::run("pdfsig", &["-nocert", self.path(&out).to_str().unwrap()]) {
            let said = String::from_utf8(pdfsig.stdout).unwrap();
            assert!(said.contains("Signature is Valid."), "{said}");
        }
    }
}

#[test]
fn seals_on_a_token_are_made_used_and_renewed() {
    for suite in [
        &crypto::ECDSA_P256_SHA256,
        &crypto::ECDSA_P384_SHA384,
        &crypto::RSA_PKCS1_SHA256,
        &crypto::RSA_PSS_SHA256,
    ] {
        let Some(bench) = Bench::new(suite) else { return };
        bench.succeeds(&["keys", "ceremony"]);
        assert!(!bench.state().join("keys/bureau.key").exists(), "the key is on the token alone");
        bench.stamps("first");
        bench.succeeds(&["keys", "rotate", "bureau"]);
        bench.stamps("second");
        let said = bench.succeeds(&["verify", "--json", "first.pdf"]);
        assert!(said.contains("\"seal\":\"green\""), "what the old key sealed stays good: {said}");
        let listed =
            bench.run("pkcs11-tool", &["--module", bench.module, "-l", "-p", PIN, "-O", "--type", "privkey"]);
        let listed = String::from_utf8(listed.stdout).unwrap();
        assert_eq!(listed.matches("label:").count(), 2, "{listed}");
        assert!(listed.contains("never extractable") && !listed.contains(".next"), "{listed}");
    }
}

#[test]
fn what_a_token_refuses_is_said_in_words() {
    let Some(bench) = Bench::new(&crypto::ECDSA_P256_SHA256) else { return };
    bench.succeeds(&["keys", "ceremony"]);
    bench.fails(&["keys", "ceremony"], "exists already");
    let rows = ["list"];
    std::fs::write(bench.state().join("keys/pin"), "not the PIN").unwrap();
    bench.fails(&rows, "wrong PIN, not tried again");
    std::fs::write(bench.state().join("keys/pin"), PIN).unwrap();
    bench.configure("key = \"bureau\"", "key = \"other\"");
    bench.fails(&rows, "the token has no private key “other”; it has: bureau");
    bench.configure("key = \"other\"", "key = \"bureau\"");
    bench.configure("token = \"yinzheng\"", "token = \"elsewhere\"");
    bench.fails(&rows, "no token “elsewhere” is there; these are: yinzheng");
    bench.configure("token = \"elsewhere\"", "token = \"yinzheng\"");
    bench.configure(bench.module, "/nowhere.so");
    bench.fails(&rows, "the PKCS#11 module cannot be loaded");
    bench.configure("/nowhere.so", bench.module);
    // Another key under the label: the certificate is not its own.
    let certificate = std::fs::read(bench.state().join("keys/bureau.pem")).unwrap();
    bench.succeeds(&["keys", "rotate", "bureau"]);
    std::fs::write(bench.state().join("keys/bureau.pem"), certificate).unwrap();
    bench.fails(&rows, "the key on the token is not the one of the seal's certificate");
    // Nobody opens it where the token is not known.
    assert!(Office::open(&bench.state(), Vec::new()).is_err());
}

/// A token that is away refuses, with its number void and a word that says why; when it is back the same service goes on.
#[test]
fn a_token_that_comes_back_is_used_again() {
    let Some(bench) = Bench::new(&crypto::ECDSA_P256_SHA256) else { return };
    bench.succeeds(&["keys", "ceremony"]);
    let key = {
        let said =
            bench.succeeds(&["apikey", "create", "--json", "--role", "issuer", "--organisation", "示例机构"]);
        let made: serde_json::Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
        made["key"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_yinzheng"));
    command.env("SOFTHSM2_CONF", bench.path("softhsm2.conf"));
    let service = crate::process::Process::over(command, &bench.state(), bench.path("service.log"));
    let client = service.client();
    let issue = |idempotency: &str| {
        let application = crate::offices::example("volunteer-passport");
        client.issue(&key, "volunteer-passport", &application, idempotency).unwrap()
    };
    assert_eq!(issue("a").status, 201);
    let away = bench.path("away");
    let token = std::fs::read_dir(bench.tokens()).unwrap().next().unwrap().unwrap().path();
    std::fs::rename(&token, &away).unwrap();
    let refused = issue("b");
    assert_eq!(refused.status, 503, "{}", refused.text());
    let log = std::fs::read_to_string(&service.log).unwrap();
    assert!(log.contains("no token “yinzheng” is there"), "{log}");
    assert!(!log.contains(PIN) && !refused.text().contains("token"), "{log}");
    std::fs::rename(&away, &token).unwrap();
    assert_eq!(issue("c").status, 201);
}
