//! Class C: keys, seals, templates and what is trusted change when two of three officers sign, one of them with openssl.

use crate::offices::{demonstration, example};
use crate::service::{as_promised, service};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use yinzheng::domain::{ActOnSeal, Officer, OrderFault, SealAct, SealStatus};
use yinzheng::ledger::{Damage, LedgerError, OrderRecord, examine};
use yinzheng::service::access::{Mandate, Role};
use yinzheng::service::issue::{IssueError, Request};
use yinzheng::service::keys::{self, CaPlace};
use yinzheng::service::officer_key::OfficerKey;
use yinzheng::service::orders::{OrderError, OrderWish};
use yinzheng::service::{Office, clock};

const PASSPHRASE: &str = "an officer's passphrase";
const SLUG: &str = "elder-care-filing-receipt";

/// Three officers, each with a key file in a folder of theirs; the third has his from openssl.
struct Panel {
    folder: tempfile::TempDir,
}

impl Panel {
    fn new() -> Self {
        let panel = Self { folder: tempfile::tempdir().unwrap() };
        for name in ["甲", "乙", "丁", "外人"] {
            OfficerKey::make(&panel.file(name, "key"), PASSPHRASE).unwrap();
        }
        let (key, public) = (panel.file("丙", "pem"), panel.file("丙", "pub.pem"));
        let key = key.to_str().unwrap();
        openssl(&["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", key]);
        openssl(&["pkey", "-in", key, "-pubout", "-out", public.to_str().unwrap()]);
        panel
    }

    fn file(&self, name: &str, ending: &str) -> PathBuf {
        self.folder.path().join(format!("{name}.{ending}"))
    }

    fn officer(&self, name: &str) -> Officer {
        let key = std::fs::read_to_string(self.file(name, "pub.pem")).unwrap();
        Officer { name: name.to_owned(), key }
    }

    fn signature(&self, name: &str, text: &str) -> Vec<u8> {
        if name == "丙" {
            let (order, signature) = (self.file("order", "json"), self.file("order", "sig"));
            std::fs::write(&order, text).unwrap();
            let [key, order, out] =
                [self.file(name, "pem"), order, signature.clone()].map(|path| path.display().to_string());
            openssl(&["dgst", "-sha256", "-sign", &key, "-out", &out, &order]);
            return std::fs::read(signature).unwrap();
        }
        let pem = std::fs::read_to_string(self.file(name, "key")).unwrap();
        OfficerKey::open(&pem, PASSPHRASE).unwrap().sign(text).unwrap()
    }

    fn sign(&self, office: &Office, name: &str, record: &OrderRecord) -> Result<OrderRecord, OrderError> {
        office.sign_order(&console(), &record.order.order, self.signature(name, &record.text))
    }

    /// The first panel: all three sign.
    fn founded(&self, office: &Office) {
        let officers = ["甲", "乙", "丙"].map(|name| self.officer(name)).to_vec();
        let wish = OrderWish { reason: "首次任命".to_owned(), officers, act: None };
        let order = office.propose_order(&console(), wish).unwrap();
        let outsider = self.sign(office, "外人", &order).map(drop);
        assert!(matches!(fault(outsider), Some(OrderFault::Signature)));
        for name in ["甲", "丙", "甲"] {
            assert_eq!(
                self.sign(office, name, &order).unwrap().carried_out_at,
                None,
                "two of the first panel"
            );
        }
        assert!(office.ledger().officers().unwrap().is_empty());
        assert!(self.sign(office, "乙", &order).unwrap().carried_out_at.is_some());
        assert!(matches!(fault(self.sign(office, "乙", &order).map(drop)), Some(OrderFault::Done)));
    }

    /// Whatever differs is signed for by two.
    fn adopt(&self, office: &Office) -> OrderRecord {
        let order = proposed(office, None).unwrap();
        assert_eq!(self.sign(office, "乙", &order).unwrap().carried_out_at, None, "one is not enough");
        let done = self.sign(office, "丙", &order).unwrap();
        assert!(done.carried_out_at.is_some());
        done
    }
}

fn openssl(arguments: &[&str]) {
    let done = Command::new("openssl").args(arguments).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn console() -> Mandate {
    Mandate::at_console(Some("值班员".to_owned()))
}

fn proposed(office: &Office, act: Option<(&str, SealAct)>) -> Result<OrderRecord, OrderError> {
    let act = act.map(|(seal, act)| ActOnSeal { seal: seal.to_owned(), act });
    office.propose_order(&console(), OrderWish { reason: "例行".to_owned(), officers: Vec::new(), act })
}

fn fault<E: std::error::Error + 'static>(done: Result<(), E>) -> Option<OrderFault> {
    let why = done.err()?;
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&why);
    while let Some(why) = cause {
        let of_order = match why.downcast_ref::<OrderError>() {
            Some(OrderError::Ledger(LedgerError::Order(fault))) => Some(fault),
            _ => None,
        };
        let of_issue = match why.downcast_ref::<IssueError>() {
            Some(IssueError::Ledger(LedgerError::Order(fault))) => Some(fault),
            _ => None,
        };
        if let Some(fault) = of_order.or(of_issue) {
            return Some(fault.clone());
        }
        cause = why.source();
    }
    None
}

fn issued(office: &Office, slug: &str) -> Result<(), IssueError> {
    let application = example(slug);
    let mut request = Request::new(slug, &application);
    request.confirm_duplicate = true;
    office.issue(&console(), request).map(drop)
}

fn reopened(state: &Path) -> Office {
    Office::open(state, Vec::new()).unwrap()
}

#[test]
fn a_rotated_key_and_an_exchanged_template_wait_for_two_of_three_officers() {
    let (folder, panel) = (tempfile::tempdir().unwrap(), Panel::new());
    let state = folder.path();
    demonstration(state);
    let office = reopened(state);
    assert!(matches!(fault(proposed(&office, None).map(drop)), Some(OrderFault::NoPanel)));
    panel.founded(&office);
    issued(&office, SLUG).unwrap();
    assert!(matches!(fault(proposed(&office, None).map(drop)), Some(OrderFault::Nothing)));

    let ca = CaPlace {
        folder: state.join("ca"),
        passphrase: std::fs::read_to_string(state.join("keys/passphrase")).unwrap().into(),
    };
    keys::rotate(state, "bureau", &ca, false).unwrap();
    let office = reopened(state);
    let refused = fault(issued(&office, SLUG));
    assert_eq!(refused, Some(OrderFault::NotAdopted("seal:bureau".to_owned())));
    office.recover().unwrap();
    let history = office.ledger().seal_history("bureau").unwrap();
    assert_eq!(history.len(), 1, "what starts does not put it on file");
    let order = panel.adopt(&office);
    assert_eq!(order.order.adopts.len(), 1);
    issued(&office, SLUG).unwrap();
    let history = office.ledger().seal_history("bureau").unwrap();
    let last = history.last().unwrap();
    assert_eq!((last.act, last.operator.as_str()), (SealAct::Change, "乙、丙"));
    assert_eq!(last.authority, format!("order:{}", order.order.order));

    let template = state.join("certificate-templates").join(SLUG);
    std::fs::create_dir_all(&template).unwrap();
    for name in ["type.toml", "layout.toml"] {
        let shipped = Path::new("certificate-templates").join(SLUG).join(name);
        let text = std::fs::read_to_string(shipped).unwrap();
        std::fs::write(template.join(name), format!("{text}\n# changed\n")).unwrap();
    }
    let office = reopened(state);
    assert_eq!(fault(issued(&office, SLUG)), Some(OrderFault::NotAdopted(format!("template:{SLUG}"))));
    issued(&office, "volunteer-passport").unwrap();
    panel.adopt(&office);
    issued(&office, SLUG).unwrap();
}

#[test]
fn what_is_trusted_is_what_officers_signed_for() {
    let (folder, other, panel) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap(), Panel::new());
    for state in [folder.path(), other.path()] {
        demonstration(state);
    }
    let foreign = {
        let office = reopened(other.path());
        crate::offices::issue(&office, SLUG, &example(SLUG)).pdf
    };
    let trusts = |office: &Office| {
        let judgement = office.check(&foreign).unwrap();
        !judgement.signatures[0].findings.iter().any(|finding| finding.code() == "trust.no_path")
    };
    let root = |state: &Path| state.join("trust/root.pem");
    panel.founded(&reopened(folder.path()));
    let (own, more) =
        [folder.path(), other.path()].map(|state| std::fs::read_to_string(root(state)).unwrap()).into();
    std::fs::write(root(folder.path()), own + &more).unwrap();
    assert!(!trusts(&reopened(folder.path())), "a root that was slipped in");
    panel.adopt(&reopened(folder.path()));
    assert!(trusts(&reopened(folder.path())));
}

#[test]
fn a_seal_is_stopped_at_once_and_goes_on_by_order_only() {
    let (folder, panel) = (tempfile::tempdir().unwrap(), Panel::new());
    demonstration(folder.path());
    let office = reopened(folder.path());
    panel.founded(&office);
    let act =
        |act| office.act_on_seal(&console(), "bureau", act, "保管人变动").map_err(|why| why.to_string());
    assert_eq!(act(SealAct::Suspend), Ok(SealStatus::Suspended));
    assert_eq!(act(SealAct::Lift), Err(OrderFault::Needed.to_string()));
    let lifting = proposed(&office, Some(("bureau", SealAct::Lift))).unwrap();
    panel.sign(&office, "甲", &lifting).unwrap();
    assert!(issued(&office, SLUG).is_err());
    // Another order of the same kind comes first: this one finds the seal in use already, and its signature is not kept.
    let again = proposed(&office, Some(("bureau", SealAct::Lift))).unwrap();
    for name in ["乙", "丙"] {
        panel.sign(&office, name, &again).unwrap();
    }
    issued(&office, SLUG).unwrap();
    assert!(panel.sign(&office, "乙", &lifting).unwrap_err().to_string().contains("不能"));
    assert_eq!(office.order(&console(), &lifting.order.order).unwrap().signatures.len(), 1);

    let late = clock::now().millis() + 73 * 3600 * 1000;
    let late = yinzheng::domain::Instant::from_millis(late).unwrap();
    let suspending = proposed(&office, Some(("bureau", SealAct::Suspend))).unwrap();
    let signature = panel.signature("甲", &suspending.text);
    let expired = office.ledger().sign_order(&suspending.order.order, signature, "console", late);
    assert!(matches!(expired, Err(LedgerError::Order(OrderFault::Expired))));
}

#[test]
fn a_panel_is_followed_by_another_and_the_record_shows_what_nobody_signed() {
    let (folder, panel) = (tempfile::tempdir().unwrap(), Panel::new());
    demonstration(folder.path());
    let office = reopened(folder.path());
    panel.founded(&office);
    let appoint = |names: [&str; 3]| {
        // Whoever wrote the file, a key is the same key.
        let other = |officer: Officer| Officer { key: officer.key.replace('\n', "\r\n"), ..officer };
        let officers = names.map(|name| other(panel.officer(name))).to_vec();
        office.propose_order(&console(), OrderWish { reason: "轮换".to_owned(), officers, act: None })
    };
    assert!(matches!(fault(appoint(["甲", "乙", "甲"]).map(drop)), Some(OrderFault::Panel)));
    let order = appoint(["甲", "乙", "丁"]).unwrap();
    for (name, done) in [("甲", false), ("丙", false), ("丁", true)] {
        assert_eq!(panel.sign(&office, name, &order).unwrap().carried_out_at.is_some(), done, "{name}");
    }
    let names: Vec<String> = office.ledger().officers().unwrap().into_iter().map(|one| one.name).collect();
    assert_eq!(names, ["甲", "乙", "丁"]);
    let act = proposed(&office, Some(("bureau", SealAct::Suspend))).unwrap();
    assert!(matches!(fault(panel.sign(&office, "丙", &act).map(drop)), Some(OrderFault::Signature)));
    drop(office);

    let (ledger, ring) = (folder.path().join("ledger.db"), folder.path().join("ledger-keys.json"));
    let ring = yinzheng::ledger::Keyring::read(&std::fs::read_to_string(ring).unwrap()).unwrap();
    assert_eq!(examine(&ledger, &ring, 0).unwrap().damage, []);
    let connection = rusqlite::Connection::open(&ledger).unwrap();
    connection
        .execute_batch(
            "DROP TRIGGER adopted_identity;
             UPDATE adopted SET digest = zeroblob(32) WHERE item = 'seal:bureau'",
        )
        .unwrap();
    let damage = examine(&ledger, &ring, 0).unwrap().damage;
    assert!(matches!(damage[..], [Damage::Order(_)]), "{damage:?}");
}

#[test]
fn officers_sign_over_the_wire() {
    let (service, panel) = (service(), Panel::new());
    let [manager, stamper, auditor] =
        [Role::SealManager, Role::Stamper, Role::Auditor].map(|role| service.key(role, None));
    let post = |key: &str, below: &str, body: &Value| {
        let answer = service.post(key, &format!("/v1/orders{below}"), body);
        let path = if below.is_empty() { "/v1/orders" } else { "/v1/orders/{order}/signatures" };
        as_promised("post", path, &answer);
        answer
    };
    let code =
        |answer: &crate::service::Answer| answer.json()["errors"][0]["code"].as_str().map(str::to_owned);
    let early = post(&manager, "", &json!({ "reason": "例行", "operator": "保管丙" }));
    assert_eq!((early.status, code(&early).as_deref()), (409, Some("order.no_panel")));
    panel.founded(&service.office);
    let lift = json!({ "act": "lift", "reason": "恢复", "operator": "保管丙" });
    let needed = service.post(&manager, "/v1/seals/bureau/acts", &lift);
    assert_eq!((needed.status, code(&needed).as_deref()), (409, Some("order.needed")));
    let wish = json!({
        "act": { "seal": "bureau", "act": "destroy" }, "reason": "机构撤并", "operator": "保管丙",
    });
    assert_eq!(post(&stamper, "", &wish).status, 403);
    let proposed = post(&manager, "", &wish);
    assert_eq!((proposed.status, proposed.json()["state"].as_str()), (202, Some("open")));
    let (order, text) = (proposed.json()["order"].as_str().unwrap().to_owned(), proposed.json());
    let text = text["text"].as_str().unwrap();
    let signed = |name: &str, text: &str| {
        let signature = STANDARD.encode(panel.signature(name, text));
        post(
            &manager,
            &format!("/{order}/signatures"),
            &json!({ "signature": signature, "operator": "保管丙" }),
        )
    };
    let other = signed("甲", &text.replace("机构撤并", "例行"));
    assert_eq!((other.status, code(&other).as_deref()), (409, Some("order.signature")));
    assert_eq!(signed("甲", text).json()["state"], "open");
    assert_eq!(signed("丙", text).json()["state"], "carried_out");
    let status = service.office.ledger().seal_status("bureau", clock::now()).unwrap();
    assert_eq!(status, Some(SealStatus::Destroyed));
    let seen = service.get(&auditor, &format!("/v1/orders/{order}"));
    as_promised("get", "/v1/orders/{order}", &seen);
    assert_eq!(seen.json()["signatures"].as_array().map(Vec::len), Some(2));
    let list = service.get(&auditor, "/v1/orders");
    as_promised("get", "/v1/orders", &list);
    assert_eq!(
        (list.json()["items"].as_array().unwrap().len(), service.get(&stamper, "/v1/orders").status),
        (2, 403)
    );
}
