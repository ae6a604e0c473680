//! First inputs for the fuzz targets, made from a demonstration: `cargo run --example fuzz_seeds -- fuzz/corpus`.
#![allow(clippy::disallowed_methods, reason = "a generator of files needs the disk")]

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use yinzheng::asn1::{oid, tag, write};
use yinzheng::cms::SignedData;
use yinzheng::config::SubFilterName;
use yinzheng::crypto;
use yinzheng::domain::{ActOnSeal, Adoption, Officer, Order, SealAct};
use yinzheng::pdf::{self, Limits};
use yinzheng::service::access::Mandate;
use yinzheng::service::assets::Assets;
use yinzheng::service::issue::Request;
use yinzheng::service::{Office, found};
use yinzheng::x509::pem_blocks;

type Done = Result<(), Box<dyn Error>>;

struct Seeds(PathBuf);

impl Seeds {
    fn put(&self, target: &str, name: &str, bytes: &[u8]) -> Done {
        let folder = self.0.join(target);
        fs::create_dir_all(&folder)?;
        Ok(fs::write(folder.join(name), bytes)?)
    }
}

fn main() -> Done {
    let seeds = Seeds(std::env::args().nth(1).map(PathBuf::from).ok_or("fuzz_seeds FOLDER")?);
    documents(&seeds)?;
    pressings(&seeds)?;
    kept(&seeds)?;
    let state = std::env::temp_dir().join(format!("yinzheng-seeds-{}", std::process::id()));
    let done = from_demonstration(&seeds, &state);
    fs::remove_dir_all(&state)?;
    done
}

fn from_demonstration(seeds: &Seeds, state: &Path) -> Done {
    found::demonstration(state, &crypto::ECDSA_P256_SHA256, SubFilterName::EtsiCades)?;
    let office = Office::open(state, Vec::new())?;
    let assets = Assets::new(Vec::new(), None);
    for (at, slug) in office.kinds().keys().enumerate() {
        let file = |name: &str| assets.find(&format!("{slug}/{name}"));
        let example = file("example.json")?.bytes;
        // The target takes the first byte for the type, in the order of their names.
        seeds.put("application", slug, &[&[u8::try_from(at)?], &example[..]].concat())?;
        seeds.put("type", slug, &file("type.toml")?.bytes)?;
        seeds.put("layout", slug, &file("layout.toml")?.bytes)?;
        let application = serde_json::from_slice(&example)?;
        let issued = office.issue(&Mandate::at_console(None), Request::new(slug, &application))?;
        seeds.put("identifiers", &format!("{slug}.code"), issued.entry.code.as_bytes())?;
        seeds.put("identifiers", slug, issued.entry.identifier.as_bytes())?;
        document(seeds, slug, &issued.pdf)?;
    }
    for name in ["root.crl", "issuing.crl"] {
        let text = fs::read_to_string(state.join("trust").join(name))?;
        for list in pem_blocks(&text, "X509 CRL") {
            seeds.put("crl", name, &list)?;
            seeds.put("asn1", name, &list)?;
        }
    }
    let officer = |name: &str| Officer { name: name.to_owned(), key: OFFICER.to_owned() };
    let order = Order {
        order: "0123456789".to_owned(),
        issuer: "12990000000000000X".to_owned(),
        reason: "例行".to_owned(),
        proposed_by: "值班员".to_owned(),
        proposed_at: "2026-01-01T00:00:00+08:00".to_owned(),
        expires_at: "2026-01-04T00:00:00+08:00".to_owned(),
        officers: vec![officer("甲"), officer("乙")],
        adopts: vec![Adoption {
            item: "trust".to_owned(),
            sha256: "00".to_owned(),
            before: None,
            content: None,
        }],
        act: Some(ActOnSeal { seal: "bureau".to_owned(), act: SealAct::Lift }),
    };
    seeds.put("order", "whole", order.text().as_bytes())?;
    let root = fs::read(state.join("trust/root.pem"))?;
    seeds.put("pem", "root", &root)?;
    seeds.put("config", "demonstration", &fs::read(state.join(yinzheng::config::FILE_NAME))?)?;
    seeds.put("keyring", "demonstration", &fs::read(state.join("ledger-keys.json"))?)
}

/// The public key of an officer.
const OFFICER: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEMbECOHFdCpESXb10GDzETEbuF4ZU\n\
    fyB1WGRQyn8glj/gbzfHEAWp35+s4bi2yIlOwl/RRRyVs3WjHXQyqMxu5A==\n\
    -----END PUBLIC KEY-----\n";

/// What stands in its signature.
fn document(seeds: &Seeds, slug: &str, bytes: &[u8]) -> Done {
    let file = pdf::open(bytes, &Limits::DEFAULT)?;
    for value in file.signatures().values {
        let digits = value.dict.find(b"Contents").and_then(pdf::Object::as_text).ok_or("no contents")?;
        let mut der = digits.bytes();
        let read = SignedData::read(&der)?;
        for (at, certificate) in read.certificates.iter().enumerate() {
            seeds.put("certificate", &format!("{slug}-{at}"), certificate)?;
            seeds.put("asn1", &format!("{slug}-{at}"), certificate)?;
        }
        let length = read.length;
        der.truncate(length);
        seeds.put("cms", slug, &der)?;
        seeds.put("asn1", slug, &der)?;
    }
    Ok(())
}

/// Whole documents: mutations find little in a hundred kilobytes of fonts, so only the small fixtures, one for each
/// finding among them, and one certificate.
fn documents(seeds: &Seeds) -> Done {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for folder in ["ours", "attacks", "findings"] {
        for entry in fs::read_dir(fixtures.join(folder))? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != "pdf") {
                continue;
            }
            let bytes = fs::read(&path)?;
            let name = path.file_stem().and_then(|name| name.to_str()).ok_or("a name")?;
            if bytes.len() < 32 << 10 || name == "genuine" {
                seeds.put("pdf", name, &bytes)?;
                seeds.put("verify", name, &bytes)?;
                seeds.put("report", name, &bytes)?;
                seeds.put("stamp", name, &bytes)?;
                seeds.put("rewrite", name, &bytes)?;
            }
        }
    }
    Ok(())
}

/// What only other programs make, as a time-stamp token and answers of OCSP, and the policies.
fn kept(seeds: &Seeds) -> Done {
    let house = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (at, address) in ["http://crl.example/ca/one.crl", "http://[::1]:8080/a?b=c"].into_iter().enumerate()
    {
        seeds.put("address", &at.to_string(), address.as_bytes())?;
    }
    for (target, folder) in [("cms", "fuzz/seeds/cms"), ("ocsp", "fuzz/seeds/ocsp"), ("policy", "policies")] {
        for entry in fs::read_dir(house.join(folder))? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).ok_or("a name")?;
            seeds.put(target, name, &fs::read(&path)?)?;
        }
    }
    Ok(())
}

/// Pressings of seals by GM/T 0031-2014 (1), GB/T 38540-2020 (4) and GM/T 0031-2025 (5), signed by nobody.
fn pressings(seeds: &Seeds) -> Done {
    let ia5 = |text: &str| write::value(tag::IA5_STRING, text.as_bytes());
    let bits = |octets: &[u8]| write::value(tag::BIT_STRING, &[&[0], octets].concat());
    let all = |parts: &[Vec<u8>]| write::value(tag::SEQUENCE, &parts.concat());
    let octets = write::octet_string;
    for version in [1, 4, 5] {
        let (clock, text) = if version == 1 {
            (tag::UTC_TIME, "240301000000Z")
        } else {
            (tag::GENERALIZED_TIME, "20240301000000Z")
        };
        let time = write::value(clock, text.as_bytes());
        let number = write::small_integer;
        let mut property = vec![number(1), write::value(tag::UTF8_STRING, "样例".as_bytes())];
        property.extend((version != 1).then(|| number(1)));
        property.extend([all(&[octets(b"signer")]), time.clone(), time.clone(), time.clone()]);
        let picture = all(&[ia5("PNG"), octets(b"\x89PNG"), number(42), number(42)]);
        let extension = all(&[write::oid(&[0x88, 0x37, 1]), vec![1, 1, 0], octets(b"2.1")]);
        let header = all(&[ia5("ES"), number(version), ia5("EXAMPLE")]);
        let info = all(&[header, ia5("1"), all(&property), picture, all(&[extension])]);
        let names = [octets(b"certificate"), write::oid(oid::SM2_WITH_SM3)];
        let maker = [&names[..], &[bits(b"value")]].concat();
        let stamp = write::value(tag::CONTEXT_0, &bits(b"token"));
        let (seal, time) = match version {
            1 => (all(&[info, all(&maker)]), bits(&time)),
            4 => (all(&[&[info], &maker[..]].concat()), time),
            _ => (all(&[&[info], &maker[..], &[stamp]].concat()), time),
        };
        let mut parts = vec![number(version), seal.clone(), time, bits(&[7; 32]), ia5("[0 1 2 3]")];
        if version == 1 {
            parts.extend(names.clone());
        }
        let behind = if version == 1 { Vec::new() } else { names.to_vec() };
        let pressing = all(&[&[all(&parts)], &behind[..], &[bits(b"value")]].concat());
        seeds.put("ses", &format!("seal-{version}"), &seal)?;
        seeds.put("ses", &format!("pressing-{version}"), &pressing)?;
    }
    Ok(())
}
