//! The built program as a service: a process of its own on a free port, over a demonstration state folder.
//!
//! Tests that use it are quick in the ordinary run; with `YINZHENG_FULL=1` in the environment they run at full length.

use crate::offices::demonstration;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use yinzheng::service::Office;
use yinzheng::service::access::{KeyWish, Mandate, Role};

const PROGRAM: &str = env!("CARGO_BIN_EXE_yinzheng");

/// `full` when the environment asks for it, else `ordinary`.
pub(crate) fn length(ordinary: usize, full: usize) -> usize {
    if std::env::var_os("YINZHENG_FULL").is_some() { full } else { ordinary }
}

/// A state folder, with the logs of the services over it beside it.
pub(crate) struct Estate {
    pub(crate) state: PathBuf,
    folder: PathBuf,
    _kept: tempfile::TempDir,
}

impl Estate {
    pub(crate) fn new() -> Self {
        let kept = tempfile::tempdir().unwrap();
        let (state, folder) = (kept.path().join("state"), kept.path().to_owned());
        demonstration(&state);
        Self { state, folder, _kept: kept }
    }

    pub(crate) fn ledger(&self) -> PathBuf {
        self.state.join("ledger.db")
    }

    /// Rewrites one line of `[server]`.
    pub(crate) fn configure(&self, key: &str, value: &str) {
        let path = self.state.join("yinzheng.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let begins = format!("{key} = ");
        assert!(text.contains(&begins), "no {key} in the configuration");
        let line = |line: &str| {
            if line.starts_with(&begins) { format!("{begins}{value}\n") } else { format!("{line}\n") }
        };
        std::fs::write(&path, text.lines().map(line).collect::<String>()).unwrap();
    }

    /// Keys for callers: role, types named, matters covered.
    pub(crate) fn keys(&self, wishes: &[(Role, Option<&[&str]>)]) -> Vec<String> {
        let office = Office::open(&self.state, Vec::new()).unwrap();
        let owned = |slugs: &[&str]| slugs.iter().map(|slug| (*slug).to_owned()).collect();
        let key = |(role, slugs): &(Role, Option<&[&str]>)| {
            let wish = KeyWish {
                role: *role,
                organisation: "示例机构".to_owned(),
                label: "test".to_owned(),
                slugs: slugs.map(owned),
                items: None,
                days: 1,
            };
            office.create_key(&Mandate::at_console(None), wish).unwrap().1.to_string()
        };
        wishes.iter().map(key).collect()
    }

    /// Starts the service and waits until it says where it listens.
    pub(crate) fn serve(&self) -> Process {
        let nth = std::fs::read_dir(&self.folder).unwrap().count();
        let log = self.folder.join(format!("service-{nth}.log"));
        Process::over(Command::new(PROGRAM), &self.state, log)
    }

    /// Starts the service over a copy of the state in a file system of its own of `mib` MiB, its log beside the ledger,
    /// and answers with the folder where that file system is seen from outside. `None`, with a word on standard error,
    /// where the system lets nobody mount.
    pub(crate) fn serve_in_little_room(&self, mib: u32) -> Option<(Process, PathBuf)> {
        let room = self.folder.join("room");
        std::fs::create_dir(&room).unwrap();
        let alone = ["--user", "--map-root-user", "--mount"];
        let may =
            Command::new("unshare").args(alone).args(["mount", "-t", "tmpfs", "none"]).arg(&room).output();
        if !may.as_ref().is_ok_and(|output| output.status.success()) {
            eprintln!("SKIPPED: unshare and mount are not allowed here: {may:?}");
            return None;
        }
        let script = "mount -t tmpfs -o size=$1m none \"$2\" && cp -a \"$3/.\" \"$2\" && \
                      exec \"$4\" serve --listen 127.0.0.1:0 --state \"$2\" 2>\"$2/service.log\"";
        let mut command = Command::new("unshare");
        command.args(alone).args(["sh", "-c", script, "sh"]).arg(mib.to_string());
        command.arg(&room).arg(&self.state).arg(PROGRAM).stdout(Stdio::null());
        let mut seen = PathBuf::new();
        let process = Process::start(command, |id| {
            seen = PathBuf::from(format!("/proc/{id}/root{}", room.display()));
            seen.join("service.log")
        });
        Some((process, seen))
    }
}

/// A running service. Dropping it kills it.
pub(crate) struct Process {
    child: Child,
    pub(crate) base: String,
    pub(crate) log: PathBuf,
    begun: Instant,
}

impl Process {
    /// The program as a service over a state folder.
    pub(crate) fn over(mut command: Command, state: &Path, log: PathBuf) -> Self {
        command.args(["serve", "--listen", "127.0.0.1:0", "--state"]).arg(state);
        command.stdout(Stdio::null()).stderr(std::fs::File::create(&log).unwrap());
        Self::start(command, |_| log)
    }

    fn start(mut command: Command, log: impl FnOnce(u32) -> PathBuf) -> Self {
        let begun = Instant::now();
        let child = command.spawn().unwrap();
        let log = log(child.id());
        let mut process = Self { child, base: String::new(), log, begun };
        process.base = process.listening();
        process
    }

    fn listening(&mut self) -> String {
        loop {
            let said = std::fs::read_to_string(&self.log).unwrap_or_default();
            if let Some((_, rest)) = said.split_once("http://127.0.0.1:")
                && let Some(port) =
                    rest.split(|c: char| !c.is_ascii_digit()).next().filter(|p| rest.len() > p.len())
            {
                return format!("http://127.0.0.1:{port}");
            }
            assert!(self.child.try_wait().unwrap().is_none(), "the service ended: {said}");
            assert!(self.begun.elapsed() < Duration::from_secs(120), "the service does not start: {said}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// From the start of the process to `/readyz` saying so.
    pub(crate) fn ready_after(&self) -> Duration {
        let client = self.client();
        while client.send("GET", "/readyz", &[], b"").map_or(0, |reply| reply.status) != 200 {
            assert!(self.begun.elapsed() < Duration::from_secs(120), "never ready");
            std::thread::sleep(Duration::from_millis(2));
        }
        self.begun.elapsed()
    }

    /// SIGKILL, and no more of it.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// A client with connections of its own.
    pub(crate) fn client(&self) -> Client {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(60)))
            .build();
        Client { agent: agent.into(), base: self.base.clone() }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

pub(crate) struct Client {
    agent: ureq::Agent,
    base: String,
}

/// An answer of the service.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: ureq::http::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }
}

impl Client {
    pub(crate) fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Result<Reply, ureq::Error> {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, ureq::http::HeaderValue::from_bytes(value.as_bytes()).unwrap());
        }
        let request = request.body(body.to_vec())?;
        let mut response = match self.agent.run(request.clone()) {
            // A refusal may leave before the body has come; the service then ends the connection, which is found out
            // when it is used again.
            Err(ureq::Error::Io(_)) => self.agent.run(request)?,
            other => other?,
        };
        Ok(Reply {
            status: response.status().as_u16(),
            headers: response.headers().clone(),
            body: response.body_mut().with_config().limit(64 << 20).read_to_vec()?,
        })
    }

    pub(crate) fn get(&self, key: &str, path: &str) -> Reply {
        self.send("GET", path, &[("Authorization", &format!("Bearer {key}"))], b"").unwrap()
    }

    /// A JSON body under a key and an idempotency key.
    pub(crate) fn post(
        &self,
        key: &str,
        path: &str,
        body: &Value,
        more: &[(&str, &str)],
    ) -> Result<Reply, ureq::Error> {
        let bearer = format!("Bearer {key}");
        let mut headers = vec![("Authorization", bearer.as_str()), ("Content-Type", "application/json")];
        headers.extend_from_slice(more);
        self.send("POST", path, &headers, body.to_string().as_bytes())
    }

    /// Issues, and answers with the PDF at once.
    pub(crate) fn issue(
        &self,
        key: &str,
        slug: &str,
        application: &Value,
        idempotency: &str,
    ) -> Result<Reply, ureq::Error> {
        let body = json!({ "type": slug, "application": application, "confirm_duplicate": true });
        let headers = [("Idempotency-Key", idempotency), ("Accept", "application/pdf")];
        self.post(key, "/v1/certificates", &body, &headers)
    }
}

/// The identifier in the `Location` of what was created.
pub(crate) fn identifier(created: &Reply) -> String {
    assert_eq!(created.status, 201, "{}", created.text());
    created.header("location").trim_start_matches("/v1/certificates/").to_owned()
}

/// A citizen number of the unreal region with its check character (GB 11643), computed here and not by the product.
pub(crate) fn citizen(birth: &str, order: &str) -> String {
    let seventeen = format!("990101{birth}{order}");
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = seventeen.chars().zip(weights).map(|(c, w)| c.to_digit(10).unwrap() * w).sum();
    format!("{seventeen}{}", &"10X98765432"[(sum % 11) as usize..=(sum % 11) as usize])
}
