//! The targets: each takes bytes from anywhere and must come back, whatever they are.

use std::path::Path;
use std::sync::{Arc, LazyLock};
use time::macros::date;
use yinzheng::config::{Config, ConfigFile};
use yinzheng::domain::drawing::Drawing;
use yinzheng::domain::drawing::PathStep;
use yinzheng::domain::{
    AcceptContext, CertificateIdentifier, CertificateType, Instant, Order, Repertoire, VerificationCode,
};
use yinzheng::fonts::FontSet;
use yinzheng::ledger::Keyring;
use yinzheng::render::{CompiledSeal, SealField, SubFilter, Template};
use yinzheng::report::{self, Subject};
use yinzheng::seal_art::GlyphSource;
use yinzheng::service::assets::Assets;
use yinzheng::service::check::{self, Asked};
use yinzheng::service::office::load_fonts;
use yinzheng::stamp::{self, PageEdge, Pages, Place, Wish, gate};
use yinzheng::{asn1, cms, net, pdf, ses, verify, x509};

/// Name and function of every target.
pub const ALL: [(&str, fn(&[u8])); 21] = [
    ("pdf", pdf::fuzz),
    ("verify", verify::fuzz),
    ("asn1", asn1::fuzz),
    ("cms", cms::fuzz),
    ("ses", ses::fuzz),
    ("certificate", certificate),
    ("crl", crl),
    ("ocsp", ocsp),
    ("pem", pem),
    ("application", application),
    ("type", kind),
    ("layout", layout),
    ("config", config),
    ("policy", policy),
    ("address", address),
    ("report", report),
    ("stamp", stamp),
    ("rewrite", rewrite),
    ("order", order),
    ("identifiers", identifiers),
    ("keyring", keyring),
];

/// Every character is drawable: what the fonts lack is refused early and would hide the rest.
struct Everything;

impl Repertoire for Everything {
    fn has(&self, _: char) -> bool {
        true
    }
}

static KINDS: LazyLock<Vec<CertificateType>> = LazyLock::new(|| {
    let assets = Assets::new(Vec::new(), None);
    let read = |slug: &String| {
        let text = assets.find(&format!("{slug}/type.toml")).ok()?;
        CertificateType::from_toml(slug, std::str::from_utf8(&text.bytes).ok()?).ok()
    };
    let kinds: Vec<CertificateType> = assets.slugs().iter().filter_map(read).collect();
    assert_eq!(kinds.len(), 7, "the seven types must be read, or nothing is fuzzed");
    kinds
});

static FONTS: LazyLock<Arc<FontSet>> =
    LazyLock::new(|| load_fonts(&Assets::new(Vec::new(), None)).expect("the house has its fonts"));

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap_or_default()
}

fn certificate(bytes: &[u8]) {
    if let Ok(certificate) = x509::Certificate::from_der(bytes) {
        let checker = x509::Checker::new(yinzheng::crypto::ALL);
        let _ = x509::build(&certificate, std::slice::from_ref(&certificate), &[], &checker);
        let _ = certificate.signed_by(&certificate, &checker);
    }
}

fn crl(bytes: &[u8]) {
    let _ = x509::Crl::from_der(bytes);
}

/// What an answer is asked about: the certificate that the seeds answer for, and its issuer.
static ASKED: LazyLock<[x509::Certificate; 2]> = LazyLock::new(|| {
    [include_str!("../seeds/trust/leaf.pem"), include_str!("../seeds/trust/root.pem")].map(|text| {
        let der = x509::pem_blocks(text, "CERTIFICATE");
        x509::Certificate::from_der(&der[0]).expect("a certificate made by openssl")
    })
});

fn ocsp(bytes: &[u8]) {
    let Ok(response) = x509::Ocsp::from_der(bytes) else { return };
    let at = Instant::from_seconds(1_800_000_000).expect("an instant of 2027");
    let [leaf, issuer] = &*ASKED;
    let _ = response.says(leaf, issuer, &x509::Checker::new(yinzheng::crypto::ALL), at);
}

fn pem(bytes: &[u8]) {
    let _ = x509::pem_blocks(text(bytes), "CERTIFICATE");
    let _ = x509::ceremony::certificates(text(bytes));
}

/// The first byte chooses the type.
fn application(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let Ok(raw) = serde_json::from_slice::<serde_json::Value>(rest) else { return };
    let Some(kind) = KINDS.get(usize::from(*first) % KINDS.len()) else { return };
    for demo in [true, false] {
        let context = AcceptContext { today: date!(2026 - 03 - 04), demo, repertoire: &Everything };
        if let Ok(application) = kind.accept(&raw, &context) {
            let again = kind.accept(&application.to_json(), &context);
            assert!(again.is_ok(), "what was accepted is accepted again");
        }
    }
}

fn kind(bytes: &[u8]) {
    let _ = CertificateType::from_toml("fuzz", text(bytes));
}

fn layout(bytes: &[u8]) {
    for kind in KINDS.iter() {
        let _ = Template::compile(kind, text(bytes), Arc::clone(&FONTS));
    }
}

fn config(bytes: &[u8]) {
    if let Ok(file) = toml::from_str::<ConfigFile>(text(bytes)) {
        let _ = Config::weigh(Path::new("state"), file);
    }
}

fn policy(bytes: &[u8]) {
    let _ = verify::Policy::read(text(bytes));
}

/// What a certificate gives as the place of its revocation data.
fn address(bytes: &[u8]) {
    let Ok(place) = net::Place::read(text(bytes)) else { return };
    assert_eq!(net::Place::read(&place.url()), Ok(place), "an address reads itself back");
}

/// Words of strangers in the forms of the report that need no templates, and that the second reader does not fall over.
fn report(bytes: &[u8]) {
    let at = Instant::from_seconds(1_800_000_000).expect("an instant of 2027");
    let asked = Asked { at: Some(at), ..Asked::default() };
    let judgement = check::without_office(bytes, &asked);
    let subject = Subject { name: Some(text(bytes)), ..Subject::default() };
    let _ = report::text(&judgement, subject);
    report::xml(&judgement).expect("XML");
}

/// What is stamped begins with what was brought, can be walked, and has one revision more.
fn stamp(bytes: &[u8]) {
    static FIELD: LazyLock<SealField> = LazyLock::new(|| SealField {
        seal: CompiledSeal::new(&Drawing { width: 42.0, height: 42.0, shapes: Vec::new() }),
        name_zh: "示例".to_owned(),
        subfilter: SubFilter::EtsiCades,
        hole: 64,
    });
    let Ok(file) = pdf::open(bytes, &pdf::Limits::DEFAULT) else { return };
    let _ = gate::hazards(&file);
    let at = Instant::from_seconds(1_800_000_000).expect("an instant of 2027");
    let (x_mm, y_mm) = (100.0, 100.0);
    let edge = PageEdge::default();
    let ways = [
        (Place::Point { pages: Pages::Last, x_mm, y_mm }, None),
        (Place::Point { pages: Pages::All, x_mm, y_mm }, Some(&edge)),
        (Place::Field { name: "Signature1".to_owned() }, None),
    ];
    for (place, edge) in &ways {
        let wish = Wish { seal: &FIELD, place, edge: *edge, certify: false, letters: &Squares };
        if let Ok((page, _)) = stamp::prepare(&file, wish, at) {
            grown(bytes, &file, &page);
        }
    }
}

/// What is written anew is a document of as many pages, and the same each time.
fn rewrite(bytes: &[u8]) {
    let Ok(file) = pdf::open(bytes, &pdf::Limits::DEFAULT) else { return };
    let Ok(made) = stamp::rewrite(&file) else { return };
    let again = pdf::open(bytes, &pdf::Limits::DEFAULT).ok().and_then(|file| stamp::rewrite(&file).ok());
    assert_eq!(again.map(|again| again.bytes).as_ref(), Some(&made.bytes));
    let anew = pdf::open(&made.bytes, &pdf::Limits::DEFAULT).expect("a document written anew can be opened");
    let pages = |file: &pdf::File<'_>| file.pages(file.newest()).ok().map(|pages| pages.len());
    assert_eq!(pages(&anew), pages(&file));
    let _ = gate::hazards(&anew);
}

/// An order's text, and the keys of its officers.
fn order(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Some(read) = Order::read(text) else { return };
    assert_eq!(Order::read(&read.text()).as_ref(), Some(&read));
    for officer in &read.officers {
        x509::pem_blocks(&officer.key, "PUBLIC KEY").iter().for_each(|key| drop(x509::public_key(key)));
    }
}

/// Every letter is a square.
struct Squares;

impl GlyphSource for Squares {
    fn outline(&self, _: char) -> Option<(Vec<PathStep>, f32)> {
        Some((vec![PathStep::Move(0.0, 0.0), PathStep::Line(0.5, 0.5), PathStep::Close], 0.6))
    }
}

fn grown(bytes: &[u8], file: &pdf::File<'_>, page: &pdf::UnsignedPdf) {
    assert!(page.bytes.starts_with(bytes), "the document is the beginning of the stamped one");
    assert!(page.bytes[page.contents.clone()].starts_with(b"<00"), "the hole is where it is said to be");
    let stamped = pdf::open(&page.bytes, &pdf::Limits::DEFAULT).expect("a document that can be walked");
    assert_eq!(stamped.revisions().len(), file.revisions().len() + 1);
}

fn identifiers(bytes: &[u8]) {
    let text = text(bytes);
    if let Ok(code) = text.parse::<VerificationCode>() {
        assert_eq!(code.to_string().parse(), Ok(code), "a code reads itself back");
    }
    if let Ok(identifier) = text.parse::<CertificateIdentifier>() {
        assert_eq!(identifier.to_string().parse(), Ok(identifier), "an identifier reads itself back");
    }
    if let Ok(pages) = text.parse::<Pages>() {
        assert_eq!(pages.to_string().parse(), Ok(pages.clone()), "pages read themselves back");
        let chosen = pages.among(bytes.len());
        assert!(chosen.is_err() || chosen.is_ok_and(|chosen| chosen.iter().all(|page| *page < bytes.len())));
    }
    let _ = CertificateIdentifier::parse_own(text);
    let _ = yinzheng::domain::Uscc::is_well_formed(text);
}

fn keyring(bytes: &[u8]) {
    let _ = Keyring::read(text(bytes));
    let _ = Keyring::rotated(text(bytes));
}
