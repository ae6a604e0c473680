//! What a large file costs to verify: time against plain SHA-256, and memory above the file itself.
//!
//! `cargo run --release --example large -- [MEGABYTES]` makes a sealed file of that size (100), of pictures that cannot
//! be compressed, and verifies it. Memory is the process's own high-water mark (Linux).
#![allow(clippy::disallowed_methods, reason = "a measurement needs the clock and the disk")]

use std::time::{Duration, Instant as Clock};
use yinzheng::cms::IssuerAndSerial;
use yinzheng::crypto::{self, KeyPurpose, SoftwareKey, sha256};
use yinzheng::domain::Instant;
use yinzheng::pdf::{Limits, UnsignedPdf};
use yinzheng::verify::{Integrity, LedgerWord, Light, Policy, Rules, verify};
use yinzheng::x509::ceremony::{Plan, SealKey, certificates, hold};
use yinzheng::x509::{Certificate, Checker};

/// An instant within the life of the certificates made here: 2026-09-21.
const AT: i64 = 1_790_000_000;

/// Each picture of the file.
const PICTURE: usize = 1 << 20;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let megabytes = std::env::args().nth(1).map_or(Ok(100), |word| word.parse())?;
    let (file, anchors) = sealed(megabytes)?;
    let cost = measure(&file, &anchors)?;
    println!("{} bytes with one signature", cost.bytes);
    println!("SHA-256      {:>8.0} MB/s", cost.rate(cost.hashed));
    println!("verification {:>8.0} MB/s, {:.0} % of it", cost.rate(cost.verified), 100.0 * cost.share());
    println!("memory above the file: {:.1} MiB", cost.above as f64 / f64::from(1 << 20));
    Ok(())
}

/// What was measured.
pub(crate) struct Cost {
    /// Size of the file.
    pub(crate) bytes: usize,
    /// Memory above it, in bytes, at the worst moment.
    pub(crate) above: usize,
    hashed: Duration,
    verified: Duration,
}

impl Cost {
    /// Speed of verification as a share of plain SHA-256.
    pub(crate) fn share(&self) -> f64 {
        self.hashed.as_secs_f64() / self.verified.as_secs_f64()
    }

    fn rate(&self, time: Duration) -> f64 {
        self.bytes as f64 / 1e6 / time.as_secs_f64()
    }
}

/// Verifies a sealed file.
pub(crate) fn measure(bytes: &[u8], anchors: &[Certificate]) -> Result<Cost, Box<dyn std::error::Error>> {
    let checker = Checker::new(crypto::ALL);
    let rules = Rules {
        anchors,
        crls: &[],
        sought: None,
        suites: crypto::ALL,
        checker: &checker,
        at: Instant::from_seconds(AT).ok_or("an instant")?,
        policy: Policy::strict(),
        known: &[],
        distrusted: &[],
        limits: Limits::DEFAULT,
        second_opinion: true,
        rendering: true,
    };
    // The fastest of three: a busy machine only ever adds.
    let mut hashed = Duration::MAX;
    let mut verified = Duration::MAX;
    // What making the file took is forgotten first.
    high_water()?;
    let before = high_water()?;
    for _ in 0..3 {
        let clock = Clock::now();
        std::hint::black_box(sha256(&[bytes]));
        hashed = hashed.min(clock.elapsed());
        let clock = Clock::now();
        let judgement = verify(bytes, &rules).weigh(LedgerWord::NotAsked);
        verified = verified.min(clock.elapsed());
        let signature = judgement.signatures.first().ok_or("no signature was found")?;
        if signature.integrity != Integrity::Ok || judgement.lights.file != Light::Green {
            return Err(serde_json::to_string(&judgement)?.into());
        }
    }
    Ok(Cost { bytes: bytes.len(), above: high_water()?.saturating_sub(before), hashed, verified })
}

/// The most memory the process ever had, after which counting begins anew.
fn high_water() -> Result<usize, Box<dyn std::error::Error>> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("VmHWM")?;
    let kilobytes: usize = line.trim().trim_end_matches(" kB").parse()?;
    std::fs::write("/proc/self/clear_refs", "5")?;
    Ok(kilobytes << 10)
}

/// A page with pictures, sealed by a throw-away authority, and that authority's anchor.
pub(crate) fn sealed(megabytes: usize) -> Result<(Vec<u8>, Vec<Certificate>), Box<dyn std::error::Error>> {
    let at = Instant::from_seconds(AT - 3600).ok_or("an instant")?;
    let seals =
        vec![("seal".to_owned(), "示例市民政局 电子印章(样例)".to_owned(), SealKey::Fresh(KeyPurpose::P256))];
    let made = hold(&Plan { organisation: "示例市民政局".to_owned(), demonstration: true, at, seals })?;
    let files = made.seals.first().ok_or("a seal")?;
    let chain = certificates(&files.certificates)?;
    let (own, issuing) = chain.split_first().ok_or("a chain")?;
    let issuing = issuing.iter().map(|one| one.der().to_vec()).collect();
    let key = SoftwareKey::from_pkcs8(
        files.key.as_ref().ok_or("a key")?,
        &crypto::ECDSA_P256_SHA256,
        own.der().to_vec(),
        issuing,
    )?;
    let name = IssuerAndSerial { issuer: own.issuer_raw(), serial: own.serial() };
    let sealed = yinzheng::sign::seal(page(megabytes), &key, &name)?;
    Ok((sealed.bytes().to_vec(), certificates(&made.root)?))
}

/// Writes the next object and where it stands.
fn object(bytes: &mut Vec<u8>, offsets: &mut Vec<usize>, body: &[&[u8]]) {
    offsets.push(bytes.len());
    bytes.extend_from_slice(format!("{} 0 obj\n", offsets.len()).as_bytes());
    body.iter().for_each(|part| bytes.extend_from_slice(part));
    bytes.extend_from_slice(b"\nendobj\n");
}

fn page(megabytes: usize) -> UnsignedPdf {
    let mut bytes = Vec::with_capacity((megabytes + 1) << 20);
    bytes.extend_from_slice(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    let mut offsets = Vec::new();
    object(
        &mut bytes,
        &mut offsets,
        &[b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R]/SigFlags 3>>>>"],
    );
    object(&mut bytes, &mut offsets, &[b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]);
    let pictures: String = (0..megabytes).map(|n| format!("/P{n} {} 0 R", n + 6)).collect();
    let resources = format!("/Resources<</XObject<<{pictures}>>>>");
    object(
        &mut bytes,
        &mut offsets,
        &[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]/Annots[4 0 R]", resources.as_bytes(), b">>"],
    );
    object(
        &mut bytes,
        &mut offsets,
        &[b"<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal1)/V 5 0 R/P 3 0 R/Rect[0 0 0 0]/F 132>>"],
    );
    // The signature itself comes last, as every program that signs writes it.
    offsets.push(0);
    let mut state = 1_u64;
    let mut picture = vec![0_u8; PICTURE];
    for _ in 0..megabytes {
        for octets in picture.chunks_mut(8) {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            octets.copy_from_slice(&(state ^ state >> 33).to_le_bytes());
        }
        let head = format!(
            "<</Type/XObject/Subtype/Image/Width 1024/Height 1024/ColorSpace/DeviceGray/BitsPerComponent 8/Length {PICTURE}>>stream\n"
        );
        object(&mut bytes, &mut offsets, &[head.as_bytes(), &picture, b"\nendstream"]);
    }
    offsets[4] = bytes.len();
    closed(bytes, &offsets)
}

/// The signature with its hole, the table and the end.
fn closed(mut bytes: Vec<u8>, offsets: &[usize]) -> UnsignedPdf {
    let range = " ".repeat(60);
    bytes.extend_from_slice(
        format!("5 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(D:20260921120000+08'00')/ByteRange[{range}]/Contents<")
            .as_bytes(),
    );
    let start = bytes.len() - 1;
    bytes.extend_from_slice("0".repeat(16_384).as_bytes());
    bytes.extend_from_slice(b">>>\nendobj\n");
    let contents = start..start + 16_386;
    let xref = bytes.len();
    bytes.extend_from_slice(format!("xref\n0 {}\n0000000000 65535 f \n", offsets.len() + 1).as_bytes());
    offsets.iter().for_each(|o| bytes.extend_from_slice(format!("{o:010} 00000 n \n").as_bytes()));
    bytes.extend_from_slice(
        format!("trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{xref}\n%%EOF\n", offsets.len() + 1).as_bytes(),
    );
    let range =
        format!("{:<60}", format!("0 {} {} {}", contents.start, contents.end, bytes.len() - contents.end));
    let place = start - "]/Contents".len() - 60;
    bytes[place..place + 60].copy_from_slice(range.as_bytes());
    UnsignedPdf { bytes, contents }
}
