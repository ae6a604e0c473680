//! Is this a signature dictionary that leaves no room for forgery? (ISO 32000-1 §12.8.1, §12.8.3.)

use super::changes::{Locked, Permission};
use super::finding::{DocumentFinding, Finding, FormFinding};
use super::vocabulary::Coverage;
use crate::asn1::{Reader, ber, oid, tag};
use crate::cms;
use crate::domain::Instant;
use crate::pdf::{Dict, File, Object, SignatureValue};
use std::ops::Range;

/// Proof that all bytes of a revision are covered, save the hexadecimal value of `/Contents` itself.
#[derive(Debug)]
pub(super) struct Covered(());

/// What `/SubFilter` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SubFilter {
    /// `ETSI.CAdES.detached`.
    Cades,
    /// `adbe.pkcs7.detached`.
    Pkcs7,
    /// `adbe.pkcs7.sha1`: the content inside is the SHA-1 digest of what is covered.
    Pkcs7Sha1,
    /// `adbe.x509.rsa_sha1`: the value is a bare PKCS#1 signature.
    X509RsaSha1,
    /// `ETSI.RFC3161`.
    Rfc3161,
    /// Anything else.
    Other,
}

/// What the value itself is, whatever `/SubFilter` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A CMS ContentInfo.
    Cms,
    /// SES_Signature of GB/T 38540.
    Ses,
    /// An OCTET STRING: a bare PKCS#1 signature (ISO 32000-1 §12.8.3.2).
    Pkcs1,
    /// None of them.
    Unknown,
}

/// A signature dictionary as read.
#[derive(Debug)]
pub(super) struct Form {
    /// Both covered ranges, inside the file.
    pub(super) ranges: [Range<usize>; 2],
    /// The value as DER, cut at its own length.
    pub(super) der: Vec<u8>,
    /// It was written in BER.
    pub(super) ber: bool,
    pub(super) kind: Kind,
    pub(super) sub_filter: SubFilter,
}

/// `/SubFilter` as it may be printed.
pub(super) fn sub_filter_name(dict: &Dict) -> String {
    let name = dict.name(b"SubFilter").unwrap_or_default();
    String::from_utf8_lossy(name.get(..64).unwrap_or(name)).into_owned()
}

/// Reads the dictionary. `None` when nothing can be verified; the findings say why.
pub(super) fn read(file: &File<'_>, value: &SignatureValue, findings: &mut Vec<Finding>) -> Option<Form> {
    let dict = &value.dict;
    if value.compressed {
        findings.push(FormFinding::ContentsCompressed.into());
    }
    let sub_filter = match dict.name(b"SubFilter") {
        Some(b"ETSI.CAdES.detached") => SubFilter::Cades,
        Some(b"adbe.pkcs7.detached") => SubFilter::Pkcs7,
        Some(b"adbe.pkcs7.sha1") => SubFilter::Pkcs7Sha1,
        Some(b"adbe.x509.rsa_sha1") => SubFilter::X509RsaSha1,
        Some(b"ETSI.RFC3161") => SubFilter::Rfc3161,
        _ => SubFilter::Other,
    };
    // No standard names the form of a seal by GB/T 38540: its own bytes tell.
    let strange = (sub_filter == SubFilter::Other)
        .then(|| Finding::from(FormFinding::SubFilterUnknown { name: sub_filter_name(dict) }));
    let contents = dict.find(b"Contents").and_then(Object::as_text);
    let ranges = byte_range(file, dict, findings);
    let Some(contents) = contents else {
        findings.extend(strange);
        findings.push(FormFinding::ContentsMissing.into());
        return None;
    };
    let octets = match contents.strict_hex().and_then(octets) {
        Some(octets) => octets,
        None => {
            findings.push(FormFinding::ContentsNotHex.into());
            contents.bytes()
        }
    };
    let Some(ranges) = ranges else {
        findings.extend(strange);
        return None;
    };
    let gap = ranges.first().map(|range| range.end)..ranges.last().map(|range| range.start);
    if gap != (Some(contents.span().start)..Some(contents.span().end)) {
        findings.push(FormFinding::GapNotContents.into());
    }
    let (der, ber) = cut(octets, findings);
    let kind = sniff(&der);
    findings.extend(strange.filter(|_| kind != Kind::Ses));
    match kind {
        Kind::Unknown => findings.push(FormFinding::ContentsUnknown.into()),
        Kind::Pkcs1 if sub_filter != SubFilter::X509RsaSha1 => {
            findings.push(FormFinding::ContentsUnknown.into())
        }
        Kind::Cms if sub_filter == SubFilter::X509RsaSha1 => {
            findings.push(FormFinding::ContentsUnknown.into())
        }
        Kind::Cms | Kind::Ses | Kind::Pkcs1 => {}
    }
    Some(Form { ranges, der, ber, kind, sub_filter })
}

/// A value that was handed in without its file: no ranges, and padding is no harm.
pub(super) fn handed_in(octets: Vec<u8>, sub_filter: SubFilter, findings: &mut Vec<Finding>) -> Form {
    let (der, ber) = cut(octets, findings);
    Form { ranges: [0..0, 0..0], kind: sniff(&der), der, ber, sub_filter }
}

/// The value of `/Contents` as received, without what follows it.
pub(super) fn received(value: &SignatureValue) -> Option<Vec<u8>> {
    let mut octets = value.dict.find(b"Contents").and_then(Object::as_text)?.bytes();
    let length = Reader::new(&octets).any().ok().map(|value| value.raw.len());
    octets.truncate(length.or_else(|| ber::to_der(&octets).map(|(_, length)| length))?);
    Some(octets)
}

/// `/ByteRange`: two ranges, the first from 0, in order and inside the file.
fn byte_range(file: &File<'_>, dict: &Dict, findings: &mut Vec<Finding>) -> Option<[Range<usize>; 2]> {
    let numbers: Option<Vec<usize>> = dict
        .find(b"ByteRange")
        .and_then(Object::as_array)
        .and_then(|items| items.iter().map(Object::as_count).collect());
    let Some(&[0, first, second, length]) = numbers.as_deref() else {
        findings.push(FormFinding::ByteRangeMalformed.into());
        return None;
    };
    match second.checked_add(length) {
        Some(end) if first <= second && end <= file.bytes().len() => Some([0..first, second..end]),
        _ => {
            findings.push(FormFinding::ByteRangeOutside.into());
            None
        }
    }
}

/// Pairs of digits to octets. Most of a hole is padding, which needs no decoding.
fn octets(digits: &[u8]) -> Option<Vec<u8>> {
    let padding =
        digits.rchunks(64).take_while(|block| **block == [b'0'; 64][..block.len()]).map(<[u8]>::len);
    let padding = padding.sum::<usize>();
    let mut octets = hex::decode(digits.get(..digits.len() - padding)?).ok()?;
    octets.resize(digits.len() / 2, 0);
    Some(octets)
}

/// The value at the start as DER, and whether it was BER; nothing but zeros may follow.
///
/// What is neither is left to the reader of the value, which names it; its end is then unknown.
fn cut(mut octets: Vec<u8>, findings: &mut Vec<Finding>) -> (Vec<u8>, bool) {
    let (length, der) = match Reader::new(&octets).any() {
        Ok(value) => (value.raw.len(), cms::rewritten(value.raw)),
        Err(_) => match ber::to_der(&octets) {
            Some((der, length)) => (length, Some(der)),
            None => return (octets, false),
        },
    };
    let padding = octets.get(length..).unwrap_or_default();
    if padding.iter().fold(0, |sum, octet| sum | octet) != 0 {
        findings.push(FormFinding::PaddingNotZero.into());
    }
    octets.truncate(length);
    der.map_or((octets, false), |der| (der, true))
}

/// The first inner tag tells: an OID begins a ContentInfo, a SEQUENCE that begins with an INTEGER a SES_Signature.
fn sniff(der: &[u8]) -> Kind {
    if Reader::new(der).expect(tag::OCTET_STRING).is_ok() {
        return Kind::Pkcs1;
    }
    let inner = || Reader::new(der).expect(tag::SEQUENCE).ok()?.open().ok()?.any().ok();
    match inner() {
        Some(first)
            if first.tag == tag::OID && [oid::SIGNED_DATA, oid::GBT_SIGNED_DATA].contains(&first.content) =>
        {
            Kind::Cms
        }
        Some(first) if first.tag == tag::SEQUENCE => {
            let integer = first.open().ok().and_then(|reader| reader.peek()) == Some(tag::INTEGER);
            if integer { Kind::Ses } else { Kind::Unknown }
        }
        _ => Kind::Unknown,
    }
}

/// Which bytes are covered, up to which revision, and the proof if that is beyond doubt.
pub(super) fn coverage(
    file: &File<'_>,
    form: &Form,
    findings: &mut Vec<Finding>,
) -> (Coverage, Option<usize>, Option<Covered>) {
    let end = form.ranges.last().map_or(0, |range| range.end);
    let size = file.bytes().len();
    let revision = file.revisions().iter().rposition(|revision| revision.ends_at(end));
    let forged = findings.iter().any(|finding| {
        matches!(
            finding,
            Finding::Form(
                FormFinding::GapNotContents
                    | FormFinding::ContentsNotHex
                    | FormFinding::ContentsCompressed
                    | FormFinding::PaddingNotZero
            )
        )
    });
    let (coverage, revision) = match revision {
        _ if forged => (Coverage::Partial, revision),
        _ if end == size => (Coverage::Whole, Some(file.newest())),
        Some(revision) => {
            // The line end behind `%%EOF` belongs to the revision; nobody sealed it all the same.
            if revision == file.newest() && file.revisions().last().is_some_and(|last| last.end == size) {
                findings.push(DocumentFinding::white(file.bytes().get(end..).unwrap_or_default()).into());
            }
            (Coverage::Revision, Some(revision))
        }
        None => {
            findings.push(FormFinding::EndsInsideRevision.into());
            (Coverage::Partial, None)
        }
    };
    let proof = (!forged && coverage != Coverage::Partial).then_some(Covered(()));
    (coverage, revision, proof)
}

/// `/M`, the time the file claims.
pub(super) fn claimed_time(dict: &Dict, findings: &mut Vec<Finding>) -> Option<Instant> {
    let Some(text) = dict.find(b"M").and_then(Object::as_text) else {
        findings.push(FormFinding::NoClaimedTime.into());
        return None;
    };
    let time = date(&text.bytes());
    if time.is_none() {
        findings.push(FormFinding::ClaimedTimeMalformed.into());
    }
    time
}

/// `D:YYYYMMDDHHmmSS` with `Z` or `+HH'mm'` (§7.9.4); seconds are demanded, an absent zone is UTC.
fn date(raw: &[u8]) -> Option<Instant> {
    let text = std::str::from_utf8(raw).ok()?;
    let text = text.strip_prefix("D:").unwrap_or(text);
    let number = |from: usize, to: usize| {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse::<u8>().ok()).flatten()
    };
    let year = i32::from(number(0, 2)?) * 100 + i32::from(number(2, 4)?);
    let month = time::Month::try_from(number(4, 6)?).ok()?;
    let day = time::Date::from_calendar_date(year, month, number(6, 8)?).ok()?;
    let clock = time::Time::from_hms(number(8, 10)?, number(10, 12)?, number(12, 14)?).ok()?;
    let utc = day.with_time(clock).assume_utc().unix_timestamp();
    let zone = match text.get(14..15) {
        None | Some("Z") => 0,
        Some(sign @ ("+" | "-")) => {
            let minutes = i64::from(number(15, 17)?) * 60 + i64::from(number(18, 20).unwrap_or(0));
            if sign == "+" { minutes * 60 } else { -minutes * 60 }
        }
        Some(_) => return None,
    };
    Instant::from_seconds(utc - zone)
}

/// What the signer allows to be changed afterwards (§12.8.2.2, §12.8.2.4), and whether this certifies.
pub(super) fn permission(file: &File<'_>, value: &SignatureValue) -> Permission {
    let mut permission = Permission::default();
    let references = value.dict.find(b"Reference").and_then(|list| file.resolve(list, value.first).ok());
    for reference in references.as_ref().and_then(|list| list.as_array()).unwrap_or_default() {
        let Ok(reference) = file.resolve(reference, value.first) else { continue };
        let Some(reference) = reference.as_dict() else { continue };
        let parameters =
            reference.find(b"TransformParams").and_then(|found| file.resolve(found, value.first).ok());
        let parameters = parameters.as_ref().and_then(|found| found.as_dict());
        match reference.name(b"TransformMethod") {
            Some(b"DocMDP") => {
                let level = parameters.and_then(|found| found.count(b"P")).unwrap_or(2);
                permission.certified = Some(u8::try_from(level).unwrap_or(1).clamp(1, 3));
            }
            Some(b"FieldMDP") => permission.locked = locked(parameters),
            _ => {}
        }
    }
    permission
}

fn locked(parameters: Option<&Dict>) -> Locked {
    let names = || {
        let list = parameters.and_then(|found| found.find(b"Fields")).and_then(Object::as_array);
        list.unwrap_or_default().iter().filter_map(Object::as_text).map(crate::pdf::Text::display).collect()
    };
    match parameters.and_then(|found| found.name(b"Action")) {
        Some(b"Include") => Locked::Include(names()),
        Some(b"Exclude") => Locked::Exclude(names()),
        _ => Locked::All,
    }
}
