//! Seals by GB/T 38540 and GM/T 0031 under our verifier: honest ones of each version, each way of being wrong, each
//! way of being merely unusual. Keys, certificates, digests and signatures are openssl's.

use crate::seal_maker::{Cms, Hierarchy, Order, all, bits, hierarchy};
use crate::sealing::page_as;
use crate::timestamps::Stamper;
use std::rc::Rc;
use yinzheng::asn1::{oid, tag, write};
use yinzheng::crypto;
use yinzheng::domain::Instant;
use yinzheng::pdf::Limits;
use yinzheng::verify::{
    Changes, Coverage, Effect, Finding, Integrity, Judgement, LedgerWord, Level, Light, Policy, Question,
    Rules, Unseen, Verdict, hand_over, verify, verify_unseen,
};
use yinzheng::x509::{Certificate, Checker, Crl, pem_blocks};

const DAY: i64 = 86_400;

struct Bench {
    by: &'static Hierarchy,
    anchors: Vec<Certificate>,
    crls: Vec<Crl>,
    checker: Checker,
    now: Instant,
    at: Instant,
    second_opinion: bool,
}

impl Bench {
    fn new() -> Option<Self> {
        let by = hierarchy()?;
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let now = Instant::from_seconds(i64::try_from(since.as_secs()).unwrap()).unwrap();
        let root = Certificate::from_der(by.certificate("root")).unwrap();
        Some(Self {
            by,
            anchors: vec![root],
            crls: Vec::new(),
            checker: Checker::new(crypto::ALL),
            now,
            at: later(now, 3600),
            second_opinion: true,
        })
    }

    fn judge(&self, bytes: &[u8]) -> Judgement {
        verify(bytes, &self.rules()).weigh(LedgerWord::NotAsked)
    }

    fn rules(&self) -> Rules<'_> {
        Rules {
            anchors: &self.anchors,
            crls: &self.crls,
            sought: None,
            suites: crypto::ALL,
            checker: &self.checker,
            at: self.at,
            policy: Policy::strict(),
            known: &[],
            distrusted: &[],
            limits: Limits::DEFAULT,
            second_opinion: self.second_opinion,
            rendering: true,
        }
    }

    fn honest(&self, version: u8) -> Order {
        Order::honest(version, self.now)
    }

    /// A page with this pressing in its hole.
    fn page(&self, order: &Order, sub_filter: &str) -> Vec<u8> {
        let page = page_as(sub_filter);
        let covered = [&page.bytes[..page.contents.start], &page.bytes[page.contents.end..]];
        let hash = self.by.sm3(&covered.concat());
        let range = format!("[0 {} {} {}]", page.contents.start, page.contents.end, covered[1].len());
        filled(sub_filter, &order.pressed(self.by, &order.seal(self.by), &hash, &range))
    }

    fn judged(&self, order: &Order) -> Judgement {
        self.judge(&self.page(order, "GM.PKILite"))
    }
}

fn later(now: Instant, seconds: i64) -> Instant {
    Instant::from_seconds(now.seconds() + seconds).unwrap()
}

/// The page with this value in its hole.
fn filled(sub_filter: &str, value: &[u8]) -> Vec<u8> {
    let page = page_as(sub_filter);
    let mut bytes = page.bytes;
    let digits = hex::encode(value);
    bytes[page.contents.start + 1..][..digits.len()].copy_from_slice(digits.as_bytes());
    bytes
}

fn codes(judgement: &Judgement) -> Vec<&'static str> {
    let of_signatures = judgement.signatures.iter().flat_map(|signature| &signature.findings);
    let mut codes: Vec<&str> = of_signatures.chain(&judgement.findings).map(Finding::code).collect();
    codes.sort_unstable();
    codes.dedup();
    codes
}

/// Codes of what lowers a light.
fn grave(judgement: &Judgement) -> Vec<&'static str> {
    let of_signatures = judgement.signatures.iter().flat_map(|signature| &signature.findings);
    let all = of_signatures
        .chain(&judgement.findings)
        .filter(|finding| matches!(finding.effect(), Effect::Amber(_) | Effect::Red(_)));
    let mut codes: Vec<&str> = all.map(Finding::code).collect();
    codes.sort_unstable();
    codes
}

fn genuine(judgement: &Judgement) -> bool {
    matches!(judgement.verdict, Verdict::GenuineInForce | Verdict::GenuineNotInForce)
}

#[test]
fn an_honest_seal_of_every_version_is_genuine_under_every_subfilter() {
    let Some(bench) = Bench::new() else { return };
    for version in [1, 4, 5] {
        for sub_filter in
            ["GM.PKILite", "GM.SM2", "adbe.pkcs7.detached", "ETSI.CAdES.detached", "ETSI.RFC3161"]
        {
            let judgement = bench.judge(&bench.page(&bench.honest(version), sub_filter));
            let json = serde_json::to_string_pretty(&judgement).unwrap();
            assert_eq!(judgement.verdict, Verdict::GenuineInForce, "{sub_filter} {json}");
            let [signature] = &judgement.signatures[..] else { panic!("{json}") };
            assert_eq!(
                (signature.integrity, signature.coverage, signature.changes, signature.level),
                (Integrity::Ok, Coverage::Whole, Changes::None, Level::Ses),
                "{json}"
            );
            assert!(signature.intact.is_some() && grave(&judgement).is_empty(), "{json}");
            assert_eq!(signature.algorithm.as_deref(), Some(crypto::SM2_SM3.label));
            assert_eq!(signature.chain.len(), 2);
            let seal = signature.seal.as_ref().unwrap();
            let facts = seal.facts.as_ref().unwrap();
            let name = format!("v{version}");
            assert_eq!((seal.version, facts.seal_version), (name.as_str(), name.as_str()));
            assert_eq!((facts.id.as_str(), facts.name.as_str()), ("99000000000001", "示例市民政局"));
            assert_eq!(facts.maker.as_ref().unwrap().subject, "样例 maker");
            assert_eq!(signature.signer.as_ref().unwrap().subject, "样例 signer");
            assert_eq!(seal.pressed_at_claimed, Some(bench.now));
            assert_eq!((facts.valid_from, facts.valid_until), (bench.now, later(bench.now, 2 * 365 * DAY)));
            let picture = &facts.picture;
            assert_eq!((picture.kind.as_str(), picture.bytes, picture.width_mm), ("PNG", 12, 42));
            assert!(seal.deviations.is_empty(), "{json}");
            let shown = serde_json::to_value(&judgement).unwrap()["signatures"][0]["seal"].clone();
            assert_eq!(
                (&shown["id"], &shown["version"]),
                (&"99000000000001".into(), &name.into()),
                "{shown}"
            );
            assert_eq!(shown["picture"]["width_mm"], 42);
        }
    }
}

/// One wrong thing, the finding it must have, and the light it must lower.
type Wrong = (&'static str, fn(&mut Order), &'static [&'static str], Verdict);

const RED: Verdict = Verdict::NotTrusted;
const AMBER: Verdict = Verdict::Indeterminate;

const WRONGS: [Wrong; 17] = [
    (
        "picture swapped",
        |o| o.swapped = Some(vec![0x89, b'P', b'N', b'G', 9, 9]),
        &["ses.maker_signature_wrong"],
        RED,
    ),
    ("signer not in the list", |o| o.listed = "colleague", &["ses.signer_not_listed"], RED),
    ("maker's key another's", |o| o.maker.1 = "colleague", &["ses.maker_signature_wrong"], RED),
    ("signer's key another's", |o| o.signer.1 = "colleague", &["ses.signature_wrong"], RED),
    (
        "maker of another authority",
        |o| o.maker = ("other-maker", "other-maker"),
        &["ses.maker_no_path"],
        AMBER,
    ),
    ("maker not for signing", |o| o.maker = ("encrypter", "encrypter"), &["ses.maker_wrong_use"], AMBER),
    (
        "signer not for signing",
        |o| (o.signer, o.listed) = (("encrypter", "encrypter"), "encrypter"),
        &["trust.wrong_use"],
        AMBER,
    ),
    (
        "pressed before the period",
        |o| o.valid_from = later(o.pressed, 60),
        &["ses.pressed_outside_period"],
        RED,
    ),
    (
        "pressed after the period",
        |o| o.valid_until = later(o.pressed, -60),
        &["ses.period_over", "ses.pressed_outside_period"],
        RED,
    ),
    ("period over since", |o| o.valid_until = later(o.pressed, 60), &["ses.period_over"], AMBER),
    (
        "period not begun",
        |o| (o.valid_from, o.pressed) = (later(o.pressed, 7200), later(o.pressed, 7300)),
        &["ses.period_not_begun", "ses.pressed_in_future"],
        AMBER,
    ),
    (
        "pressed before it was made",
        |o| o.created = later(o.pressed, 1800),
        &["ses.pressed_before_made"],
        AMBER,
    ),
    (
        "made before its maker was",
        |o| o.created = later(o.pressed, -DAY),
        &["ses.made_outside_validity"],
        RED,
    ),
    ("header of another version", |o| o.header = 9, &["ses.version_differs"], AMBER),
    ("no picture", |o| o.picture = Vec::new(), &["ses.picture_missing"], AMBER),
    ("another range", |o| o.property = Some("[0 10 20 30]"), &["ses.property_differs"], AMBER),
    (
        "unknown algorithm",
        |o| o.algorithm = write::oid(&[0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x76]),
        &["ses.algorithm_unsupported", "ses.maker_algorithm_unsupported"],
        AMBER,
    ),
];

#[test]
fn each_wrong_thing_has_its_own_finding_and_none_is_genuine() {
    let Some(bench) = Bench::new() else { return };
    for version in [1, 4, 5] {
        for (name, spoil, expected, verdict) in WRONGS {
            let mut order = bench.honest(version);
            spoil(&mut order);
            let judgement = bench.judged(&order);
            let found = grave(&judgement);
            // v1 leaves the number in its header free.
            let expected = if version == 1 && name == "header of another version" { &[] } else { expected };
            assert_eq!(found, expected, "v{version} {name}");
            assert_eq!(genuine(&judgement), expected.is_empty(), "v{version} {name}");
            if !expected.is_empty() {
                assert_eq!(judgement.verdict, verdict, "v{version} {name}");
            }
            // What is wrong about the seal does not make the file a changed one, and the reverse.
            let of_file = judgement.signatures[0].findings.iter().any(|finding| {
                matches!(finding.effect(), Effect::Red(Question::File) | Effect::Amber(Question::File))
            });
            assert_eq!(judgement.lights.file != Light::Green, of_file, "v{version} {name}");
        }
    }
}

#[test]
fn a_document_other_than_the_one_sealed_is_changed() {
    let Some(bench) = Bench::new() else { return };
    for version in [1, 4, 5] {
        let order = bench.honest(version);
        let page = page_as("GM.SM2");
        let range = format!(
            "[0 {} {} {}]",
            page.contents.start,
            page.contents.end,
            page.bytes.len() - page.contents.end
        );
        let value = order.pressed(bench.by, &order.seal(bench.by), &bench.by.sm3(b"another"), &range);
        let judgement = bench.judge(&filled("GM.SM2", &value));
        assert_eq!((grave(&judgement), judgement.verdict), (vec!["ses.data_hash_differs"], RED));
        assert_eq!(judgement.signatures[0].integrity, Integrity::Broken);
        // Both at once: one does not hide the other.
        let mut order = bench.honest(version);
        order.signer.1 = "colleague";
        order.maker.1 = "colleague";
        let value = order.pressed(bench.by, &order.seal(bench.by), &[0; 31], &range);
        let found = grave(&bench.judge(&filled("GM.SM2", &value)));
        assert_eq!(found, ["ses.data_hash_differs", "ses.maker_signature_wrong", "ses.signature_wrong"]);
        // A later revision.
        let mut longer = bench.page(&bench.honest(version), "GM.SM2");
        longer.extend(b"1 0 obj null endobj");
        assert_eq!(bench.judge(&longer).verdict, RED);
    }
}

#[test]
fn the_rule_of_one_version_does_not_serve_another() {
    let Some(bench) = Bench::new() else { return };
    for (version, rule) in [(1, 4), (4, 1), (5, 1)] {
        let order = Order { maker_rule: rule, ..bench.honest(version) };
        let judgement = bench.judged(&order);
        assert_eq!(grave(&judgement), ["ses.maker_signature_wrong"], "v{version} by the rule of v{rule}");
        assert!(!genuine(&judgement));
    }
    // A seal of one version inside a pressing of another.
    let page = page_as("GM.SM2");
    let covered = [&page.bytes[..page.contents.start], &page.bytes[page.contents.end..]].concat();
    let hash = bench.by.sm3(&covered);
    for (inner, outer) in [(1, 4), (4, 1), (4, 5), (5, 4)] {
        let seal = bench.honest(inner).seal(bench.by);
        let order = Order { property: Some("the whole document"), ..bench.honest(outer) };
        let judgement = bench.judge(&filled("GM.SM2", &order.pressed(bench.by, &seal, &hash, "")));
        assert_eq!(grave(&judgement), ["ses.version_differs"], "v{inner} in v{outer}");
        assert!(codes(&judgement).contains(&"ses.property_free"));
        assert!(!genuine(&judgement));
    }
}

#[test]
fn what_is_cut_or_no_seal_is_present_and_not_understood() {
    let Some(bench) = Bench::new() else { return };
    let order = bench.honest(4);
    let value = order.pressed(bench.by, &order.seal(bench.by), &[0; 32], "");
    // From where it is known for a seal to where only the signature value is cut.
    for end in (16..value.len() - 80).step_by(97) {
        let judgement = bench.judge(&filled("GM.SM2", &value[..end]));
        assert!(!genuine(&judgement), "{end}");
        assert_eq!(judgement.signatures.len(), 1);
        assert!(codes(&judgement).contains(&"ses.malformed"), "{end} {:?}", codes(&judgement));
        assert_eq!((judgement.verdict, judgement.signatures[0].integrity), (AMBER, Integrity::Unverifiable));
    }
    // The seal inside is no seal: whether the document is whole is told all the same.
    let page = page_as("GM.SM2");
    let covered = [&page.bytes[..page.contents.start], &page.bytes[page.contents.end..]].concat();
    let order = Order { property: Some("all"), ..bench.honest(4) };
    let pressed = order.pressed(bench.by, &all(&[write::null()]), &bench.by.sm3(&covered), "");
    let judgement = bench.judge(&filled("GM.SM2", &pressed));
    assert_eq!((grave(&judgement), judgement.verdict), (vec!["ses.seal_malformed"], AMBER));
    assert_eq!((judgement.signatures[0].integrity, judgement.lights.file), (Integrity::Ok, Light::Green));
}

#[test]
fn unusual_seals_are_read_and_noted() {
    let Some(bench) = Bench::new() else { return };
    let extension = |critical: u8| {
        let parts = [write::oid(&[0x88, 0x37, 1]), vec![1, 1, critical], write::octet_string(b"2.1")];
        all(&[all(&parts)])
    };
    let identifier = |more: Vec<u8>| all(&[write::oid(oid::SM2_WITH_SM3), more]);
    type Unusual<'u> = (Box<dyn Fn(&mut Order) + 'u>, &'u str);
    let cases: [Unusual<'_>; 5] = [
        (Box::new(|o| o.raw = true), "raw_signature"),
        (Box::new(|o| o.extensions = extension(0)), "explicit_false"),
        (Box::new(|o| o.algorithm = identifier(write::null())), "algorithm_identifier"),
        (Box::new(|o| o.algorithm = identifier(Vec::new())), "algorithm_identifier"),
        (Box::new(|o| o.extensions = write::value(tag::CONTEXT_0, &extension(0))), "optional_tag:extDatas"),
    ];
    for version in [1, 4, 5] {
        for (unusual, noted) in &cases {
            let mut order = bench.honest(version);
            unusual(&mut order);
            let judgement = bench.judged(&order);
            assert!(genuine(&judgement), "v{version} {noted} {:?}", codes(&judgement));
            assert!(codes(&judgement).contains(&"ses.tolerated"), "v{version} {noted}");
            let seal = judgement.signatures[0].seal.as_ref().unwrap();
            assert!(seal.deviations.iter().any(|name| name == noted), "v{version} {:?}", seal.deviations);
        }
        let critical = Order { extensions: extension(0xff), ..bench.honest(version) };
        assert_eq!(grave(&bench.judged(&critical)), ["ses.critical_extension"]);
        let other = Order { picture_kind: "gif", millimetres: 120, ..bench.honest(version) };
        let judgement = bench.judged(&other);
        assert!(genuine(&judgement));
        let said = codes(&judgement);
        assert!(said.contains(&"ses.picture_kind") && said.contains(&"ses.picture_size"), "{said:?}");
    }
}

#[test]
fn a_time_stamp_over_the_pressing_proves_its_time() {
    let (Some(mut bench), Some(stamper)) = (Bench::new(), Stamper::new()) else { return };
    bench.anchors.push(stamper.root.clone());
    let stamper = Rc::new(stamper);
    let behind = |token: Vec<u8>| write::value(tag::CONTEXT_0, &bits(&token));
    let stamped = |version| {
        let by = Rc::clone(&stamper);
        Order { time_stamp: Rc::new(move |value| behind(by.token(value))), ..bench.honest(version) }
    };
    let pages = [4, 5].map(|version| bench.page(&stamped(version), "GM.PKILite"));
    let plain = bench.page(&bench.honest(4), "GM.PKILite");
    let nothing = Order { time_stamp: Rc::new(move |_| behind(b"a token".to_vec())), ..bench.honest(4) };
    let elsewhere = Rc::clone(&stamper);
    let other =
        Order { time_stamp: Rc::new(move |_| behind(elsewhere.token(b"another value"))), ..bench.honest(4) };
    for wrong in [nothing, other] {
        assert_eq!(grave(&bench.judged(&wrong)), ["signed.stamp_wrong"]);
    }
    for page in &pages {
        let judgement = bench.judge(page);
        let said = codes(&judgement);
        assert!(genuine(&judgement) && said.contains(&"signed.stamped"), "{said:?}");
        assert!(judgement.signatures[0].timestamps[0].trusted);
    }
    // Over the period of the seal, two years: only what is stamped still shows that it was pressed within.
    bench.at = later(bench.now, 3 * 366 * DAY);
    assert!(grave(&bench.judge(&plain)).contains(&"ses.period_over"));
    for page in &pages {
        let judgement = bench.judge(page);
        assert!(genuine(&judgement), "{:?}", grave(&judgement));
    }
}

#[test]
fn a_list_of_digests_names_signers_as_well() {
    let Some(bench) = Bench::new() else { return };
    for (kind, name) in [("1.2.156.10197.1.401", true), ("SM3", true), ("anything", true), ("SHA-256", false)]
    {
        let good = Order { digests: Some(kind), ..bench.honest(4) };
        assert_eq!(genuine(&bench.judged(&good)), name, "{kind}");
        let bad = Order { listed: "colleague", ..good };
        assert_eq!(grave(&bench.judged(&bad)), ["ses.signer_not_listed"], "{kind}");
    }
}

#[test]
fn expired_and_revoked_certificates_are_weighed_against_the_time_of_making() {
    let Some(mut bench) = Bench::new() else { return };
    // Four years on, maker's and signer's certificates and the seal's period are over, each told.
    let order = Order { valid_until: later(bench.now, 6 * 365 * DAY), ..bench.honest(4) };
    let page = bench.page(&order, "GM.SM2");
    let long = Order { signer: ("long-lived", "long-lived"), listed: "long-lived", ..order };
    let long = bench.page(&long, "GM.SM2");
    bench.at = later(bench.now, 4 * 365 * DAY);
    assert_eq!(grave(&bench.judge(&page)), ["trust.expired_now"]);
    let judgement = bench.judge(&long);
    assert!(genuine(&judgement), "{:?}", codes(&judgement));
    assert!(codes(&judgement).contains(&"ses.maker_expired"));
    bench.at = later(bench.now, 3600);
    // The list of this moment: the maker was revoked before a seal of tomorrow, and after a seal of today.
    let list = |names: &[&str]| {
        let der = pem_blocks(&bench.by.list(names), "X509 CRL").remove(0);
        Crl::from_der(&der).unwrap()
    };
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let (maker, signer, nobody) = (list(&["maker"]), list(&["signer"]), list(&[]));
    let early = Order { created: later(bench.now, 0), ..bench.honest(4) };
    let late = Order { created: later(bench.now, DAY), pressed: later(bench.now, DAY), ..bench.honest(4) };
    let (early, late) = (bench.page(&early, "GM.SM2"), bench.page(&late, "GM.SM2"));
    bench.crls = vec![maker];
    assert_eq!(grave(&bench.judge(&early)), ["ses.maker_revoked_later"]);
    bench.at = later(bench.now, 2 * DAY);
    assert_eq!(grave(&bench.judge(&late)), ["ses.maker_revoked"]);
    assert_eq!(bench.judge(&late).verdict, RED);
    bench.crls = vec![signer];
    assert_eq!(grave(&bench.judge(&late)), ["trust.revoked"]);
    bench.crls = vec![nobody];
    let judgement = bench.judge(&late);
    assert!(genuine(&judgement), "{:?}", codes(&judgement));
    assert!(!codes(&judgement).iter().any(|code| code.contains("revocation_unknown")));
}

#[test]
fn strangers_are_not_known_and_not_called_forged() {
    let Some(mut bench) = Bench::new() else { return };
    let page = bench.page(&bench.honest(4), "GM.SM2");
    bench.anchors = vec![Certificate::from_der(bench.by.certificate("other-root")).unwrap()];
    let judgement = bench.judge(&page);
    assert_eq!(grave(&judgement), ["ses.maker_no_path", "trust.no_path"]);
    assert_eq!((judgement.verdict, judgement.lights.file), (AMBER, Light::Green));
    bench.anchors = Vec::new();
    assert_eq!(grave(&bench.judge(&page)), ["ses.maker_no_path", "trust.no_anchors"]);
}

/// What the hole of a page covers, and the page with a value in it.
fn around(sub_filter: &str) -> Vec<u8> {
    let page = page_as(sub_filter);
    [&page.bytes[..page.contents.start], &page.bytes[page.contents.end..]].concat()
}

#[test]
fn sm2_signs_cms_by_rfc_5652_and_by_gbt_35275() {
    let Some(bench) = Bench::new() else { return };
    let form = "adbe.pkcs7.detached";
    let covered = around(form);
    for national in [false, true] {
        for algorithm in [oid::SM2_WITH_SM3, oid::SM2_SIGN, oid::SM2] {
            for attributes in [true, false] {
                let cms = Cms { signer: "signer", national, algorithm, seal: None, attributes };
                let judgement = bench.judge(&filled(form, &cms.over(bench.by, &covered)));
                let said = codes(&judgement);
                assert!(genuine(&judgement), "{national} {attributes} {said:?}");
                assert_eq!(judgement.signatures[0].algorithm.as_deref(), Some(crypto::SM2_SM3.label));
                assert_eq!(said.contains(&"signed.other_form"), national, "{said:?}");
                assert!(judgement.signatures[0].seal.is_none());
                let judgement = bench.judge(&filled(form, &cms.over(bench.by, b"another")));
                let wrong = if attributes { "signed.digest_differs" } else { "signed.signature_wrong" };
                assert_eq!((grave(&judgement), judgement.verdict), (vec![wrong], RED));
            }
        }
    }
}

#[test]
fn a_seal_among_signed_attributes_must_fit_the_same_bytes() {
    let Some(bench) = Bench::new() else { return };
    let form = "ETSI.CAdES.detached";
    let covered = around(form);
    let judge = |seal: Vec<u8>| {
        let algorithm = oid::SM2_WITH_SM3;
        let cms = Cms { signer: "colleague", national: false, algorithm, seal: Some(seal), attributes: true };
        bench.judge(&filled(form, &cms.over(bench.by, &covered)))
    };
    let pressed = |order: &Order, document: &[u8]| {
        let order = Order { property: Some("as around it"), ..order.clone() };
        order.pressed(bench.by, &order.seal(bench.by), &bench.by.sm3(document), "")
    };
    for version in [1, 4, 5] {
        let good = judge(pressed(&bench.honest(version), &covered));
        assert!(genuine(&good), "{:?}", codes(&good));
        let [signature] = &good.signatures[..] else { panic!("one signature") };
        let seal = signature.seal.as_ref().unwrap();
        assert_eq!(seal.signer.as_ref().unwrap().subject, "样例 signer");
        assert_eq!(signature.signer.as_ref().unwrap().subject, "样例 colleague");
        assert_eq!(signature.level, Level::Cms);
        let other = judge(pressed(&bench.honest(version), b"another"));
        assert_eq!((grave(&other), other.verdict), (vec!["ses.data_hash_differs"], RED));
        let stranger = Order { listed: "colleague", ..bench.honest(version) };
        assert_eq!(grave(&judge(pressed(&stranger, &covered))), ["ses.signer_not_listed"]);
        let unfit =
            Order { signer: ("encrypter", "encrypter"), listed: "encrypter", ..bench.honest(version) };
        assert_eq!(grave(&judge(pressed(&unfit, &covered))), ["ses.signer_wrong_use"]);
    }
    let none = judge(all(&[write::null()]));
    assert_eq!((grave(&none), none.verdict), (vec!["ses.malformed"], AMBER));
}

/// The document stays with its owner; its digest by SM3 and the pressing are handed in.
#[test]
fn a_seal_is_judged_by_digest_as_well() {
    let Some(bench) = Bench::new() else { return };
    for version in [1, 4, 5] {
        let page = bench.page(&bench.honest(version), "GM.PKILite");
        let handed = hand_over(&page, &Limits::DEFAULT, 1).unwrap();
        assert_eq!(handed.algorithm, "sm3");
        let mut digest = hex::decode(&handed.digest).unwrap();
        let judge = |algorithm: &str, digest: &[u8]| {
            let unseen = Unseen::new(algorithm, digest, &handed.cms, Some("GM.PKILite")).unwrap();
            let judgement = verify_unseen(&unseen, &bench.rules()).weigh(LedgerWord::NotAsked);
            assert!(codes(&judgement).contains(&"document.not_seen"));
            judgement
        };
        let right = judge("sm3", &digest);
        assert_eq!(grave(&right), ["document.not_seen"], "v{version}");
        assert_eq!((right.verdict, right.signatures[0].integrity), (AMBER, Integrity::Ok));
        assert!(grave(&judge("sha256", &digest)).contains(&"signed.other_digest"));
        digest[0] ^= 1;
        let wrong = judge("sm3", &digest);
        assert!(grave(&wrong).contains(&"ses.data_hash_differs"), "{:?}", grave(&wrong));
        assert_eq!(wrong.verdict, RED);
    }
}

/// Every third digit of the value, and every seventh byte of the rest of the page.
#[test]
fn no_changed_byte_of_a_pressing_stays_green() {
    let Some(mut bench) = Bench::new() else { return };
    bench.second_opinion = false;
    for version in [1, 4] {
        let whole = bench.page(&bench.honest(version), "GM.SM2");
        assert!(genuine(&bench.judge(&whole)));
        let contents = page_as("GM.SM2").contents;
        let value = whole[contents.clone()].iter().rposition(|byte| !b"0>".contains(byte)).unwrap();
        let inside = contents.start..contents.start + value + 8;
        let outside = (0..whole.len()).step_by(7).filter(|at| !contents.contains(at));
        for at in inside.step_by(3).chain(outside) {
            let mut other = whole.clone();
            other[at] = if other[at].is_ascii_hexdigit() && contents.contains(&at) {
                b"123456789abcdef0"[usize::from(char::from(other[at]).to_digit(16).unwrap() as u8)]
            } else {
                other[at] ^ 0x01
            };
            let judgement = bench.judge(&other);
            assert!(!genuine(&judgement), "v{version} byte {at} {:?}", codes(&judgement));
        }
    }
}
