//! What the reader makes of each version, of what real writers do differently, and of what nobody may write.

use super::*;
use crate::asn1::{oid, tag, write};

const DAY: &str = "20240301000000Z";
const PNG: &[u8] = &[0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a];

fn ia5(text: &str) -> Vec<u8> {
    write::value(tag::IA5_STRING, text.as_bytes())
}
fn utf8(text: &str) -> Vec<u8> {
    write::value(tag::UTF8_STRING, text.as_bytes())
}
fn at(text: &str) -> Vec<u8> {
    write::value(tag::GENERALIZED_TIME, text.as_bytes())
}
fn utc(text: &str) -> Vec<u8> {
    write::value(tag::UTC_TIME, text.as_bytes())
}
fn bits(octets: &[u8]) -> Vec<u8> {
    write::value(tag::BIT_STRING, &[&[0], octets].concat())
}
fn number(value: u8) -> Vec<u8> {
    write::small_integer(value)
}
fn all(parts: &[Vec<u8>]) -> Vec<u8> {
    write::value(tag::SEQUENCE, &parts.concat())
}
fn algorithm() -> Vec<u8> {
    write::oid(oid::SM2_WITH_SM3)
}

/// SES_SealInfo of a version; `more` goes behind the picture.
fn info(version: u8, more: &[Vec<u8>]) -> Vec<u8> {
    let list = all(&[write::octet_string(b"certificate")]);
    let property = if version == 1 {
        let times = [utc("240301000000Z"), utc("240301000000Z"), utc("270301000000Z")];
        [vec![number(1), utf8("样例局"), list], times.to_vec()].concat()
    } else {
        vec![number(1), utf8("样例局"), number(1), list, at(DAY), at(DAY), at("20270301000000Z")]
    };
    let picture = all(&[ia5("PNG"), write::octet_string(PNG), number(42), number(42)]);
    let header = all(&[ia5("ES"), number(version), ia5("EXAMPLE")]);
    all(&[&[header, ia5("99000000000001"), all(&property), picture], more].concat())
}

fn seal(version: u8, info: Vec<u8>, more: &[Vec<u8>]) -> Vec<u8> {
    let maker = [write::octet_string(b"maker"), algorithm(), bits(b"signature of the maker")];
    if version == 1 { all(&[info, all(&maker)]) } else { all(&[&[info], &maker[..], more].concat()) }
}

fn pressed(version: u8, seal: Vec<u8>, time: Vec<u8>, more: &[Vec<u8>]) -> Vec<u8> {
    let hash = bits(&[7; 32]);
    let names = [write::octet_string(b"signer"), algorithm()];
    let signature = bits(b"signature of the signer");
    if version == 1 {
        let tbs = [&[number(1), seal, bits(&time), hash, ia5("[0 1 2 3]")], &names[..]].concat();
        return all(&[all(&tbs), signature]);
    }
    let tbs = all(&[&[number(version), seal, time, hash, ia5("[0 1 2 3]")], more].concat());
    all(&[&[tbs], &names[..], &[signature]].concat())
}

fn seconds(time: SigningTime<'_>) -> Option<i64> {
    match time {
        SigningTime::At(at) => Some(at.seconds()),
        _ => None,
    }
}

#[test]
fn every_version_is_read_and_none_for_another() -> Result<(), SesError> {
    let versions = [(1, Version::V1), (4, Version::V4), (5, Version::V5)];
    for (number, version) in versions {
        let (info, time) = (info(number, &[]), if number == 1 { utc("240302000000Z") } else { at(DAY) });
        let bytes = seal(number, info.clone(), &[]);
        let whole = pressed(number, bytes.clone(), time, &[]);
        let read = Signature::read(&whole)?;
        assert_eq!((read.version, read.declared_version), (version, number.into()));
        assert_eq!((read.seal, read.data_hash), (&bytes[..], &[7; 32][..]));
        assert_eq!((read.certificate, read.signature), (&b"signer"[..], &b"signature of the signer"[..]));
        assert_eq!((read.byte_range(), seconds(read.time).is_some()), (Some([0, 1, 2, 3]), true));
        assert!(read.deviations.is_empty() && read.time_stamp().is_none());
        let inside = Seal::read(read.seal)?;
        assert_eq!((inside.version, inside.header_version), (version, number.into()));
        assert_eq!((inside.id.as_str(), inside.name.as_str()), ("99000000000001", "样例局"));
        assert_eq!(inside.signers, Signers::Certificates(vec![b"certificate"]));
        assert_eq!((inside.picture.declared(), inside.picture.width_mm), (Some(PictureKind::Png), 42));
        assert_eq!(inside.picture.declared(), inside.picture.sniffed());
        assert_eq!(inside.valid_from, inside.created);
        assert!(inside.deviations.is_empty());
        // v1 signs more than the information, v4 and v5 the information alone.
        let names = [write::octet_string(b"maker"), algorithm()];
        let signed = if number == 1 { all(&[&[info], &names[..]].concat()) } else { info };
        assert_eq!(inside.message(), signed);
    }
    Ok(())
}

#[test]
fn what_real_writers_do_differently_is_noted() -> Result<(), SesError> {
    let entry =
        |critical: &[u8]| all(&[write::oid(&[42, 3]), critical.to_vec(), write::octet_string(b"value")]);
    let extension = |critical: &[u8]| all(&[entry(critical)]);
    let odd = |field| Deviation::OptionalTag { field };
    let cases: [(Vec<u8>, &[Deviation]); 7] = [
        (extension(&[]), &[]),
        (extension(&[1, 1, 0xff]), &[]),
        (extension(&[1, 1, 0]), &[Deviation::ExplicitFalse]),
        (write::value(tag::CONTEXT_0, &extension(&[])), &[odd("extDatas")]),
        (write::value(tag::CONTEXT_0, &entry(&[])), &[odd("extDatas")]),
        (write::value(tag::CONTEXT_0, &[]), &[odd("extDatas")]),
        (all(&[]), &[]),
    ];
    for (extensions, noted) in cases {
        let bytes = seal(4, info(4, std::slice::from_ref(&extensions)), &[]);
        let read = Seal::read(&bytes)?;
        assert_eq!(read.deviations, noted, "{extensions:x?}");
        let known = read.extensions.first().is_none_or(|one| one.id == [42, 3] && one.value == b"value");
        assert!(known, "{extensions:x?}");
    }
    // In a signature the place of extensions is under [0].
    let explicit = write::value(tag::CONTEXT_0, &extension(&[]));
    for (extensions, noted) in [(explicit, vec![]), (extension(&[]), vec![odd("extDatas")])] {
        let bytes = pressed(4, seal(4, info(4, &[]), &[]), at(DAY), &[extensions]);
        let read = Signature::read(&bytes)?;
        assert_eq!((&read.deviations, read.extensions.len()), (&noted, 1));
    }
    // AlgorithmIdentifiers, with NULL and without.
    for parameters in [write::null(), Vec::new()] {
        let identifier = all(&[algorithm(), parameters]);
        let parts = [info(4, &[]), write::octet_string(b"maker"), identifier, bits(b"s")];
        let bytes = all(&parts);
        let read = Seal::read(&bytes)?;
        assert_eq!(read.signature_algorithm, oid::SM2_WITH_SM3);
        assert_eq!(read.deviations, [Deviation::AlgorithmIdentifier]);
    }
    // Time-stamps over signatures: explicit, implicit, bare.
    let token = bits(b"token");
    let implicit = write::value(0x80, &[&[0], &b"token"[..]].concat());
    for (stamp, noted) in [
        (write::value(tag::CONTEXT_0, &token), vec![]),
        (implicit, vec![odd("timeStamp")]),
        (token, vec![odd("timeStamp")]),
    ] {
        let bytes = seal(5, info(5, &[]), &[stamp]);
        let read = Seal::read(&bytes)?;
        assert_eq!(read.deviations, noted);
        let stamp = TimeStamp { token: b"token", over: b"signature of the maker" };
        assert_eq!(read.time_stamp(), Some(stamp));
    }
    Ok(())
}

#[test]
fn texts_and_times_of_other_types_are_noted() -> Result<(), SesError> {
    let text = |field| Deviation::TextType { field };
    let mut notes = Vec::new();
    let cases = [
        (tag::IA5_STRING, tag::UTF8_STRING, "plain", true),
        (tag::IA5_STRING, tag::IA5_STRING, "样例", true),
        (tag::PRINTABLE_STRING, tag::PRINTABLE_STRING, "plain", false),
        (tag::UTF8_STRING, tag::UTF8_STRING, "样例", false),
    ];
    for (written, wanted, words, noted) in cases {
        let bytes = write::value(written, words.as_bytes());
        notes.clear();
        let value = crate::asn1::Reader::new(&bytes).any()?;
        assert_eq!(fields::text(value, wanted, "name", &mut notes)?, words);
        assert_eq!(notes.contains(&text("name")), noted, "{written:x} {wanted:x}");
    }
    let moment = 1_709_251_200;
    let cases: [(Vec<u8>, Option<Deviation>, Option<i64>); 6] = [
        (utc("240301000000Z"), None, Some(moment)),
        (at(DAY), Some(Deviation::TimeType { field: "timeInfo" }), Some(moment)),
        (b"2024-03-01 08:00:00".to_vec(), Some(Deviation::TimeText { field: "timeInfo" }), Some(moment)),
        (b"20240301000000Z".to_vec(), Some(Deviation::TimeText { field: "timeInfo" }), Some(moment)),
        (b"0 o'clock".to_vec(), None, None),
        (all(&[number(3)]), None, None),
    ];
    for (time, noted, moment) in cases {
        let bytes = pressed(1, seal(1, info(1, &[]), &[]), time.clone(), &[]);
        let read = Signature::read(&bytes)?;
        assert_eq!((read.deviations.first().copied(), seconds(read.time)), (noted, moment), "{time:x?}");
        let token = matches!(read.time, SigningTime::Token(token) if token == time);
        assert_eq!(token, time.first() == Some(&0x30) && time.len() == 5);
    }
    let bytes = pressed(4, seal(4, info(4, &[]), &[]), utc("240301000000Z"), &[]);
    let read = Signature::read(&bytes)?;
    assert_eq!(read.deviations, [Deviation::TimeType { field: "timeInfo" }]);
    Ok(())
}

#[test]
fn digests_of_certificates_are_read_where_the_type_says_so() -> Result<(), SesError> {
    let list = |kind: u8, entry: Vec<u8>| {
        let property = [number(1), utf8("样例局"), number(kind), all(&[entry])];
        let times = [at(DAY), at(DAY), at(DAY)];
        let picture = all(&[ia5("PNG"), write::octet_string(PNG), number(42), number(42)]);
        let header = all(&[ia5("ES"), number(4), ia5("EXAMPLE")]);
        let property = all(&[&property[..], &times].concat());
        seal(4, all(&[header, ia5("1"), property, picture]), &[])
    };
    let entry = || all(&[write::value(tag::PRINTABLE_STRING, b"SM3"), write::octet_string(&[9; 32])]);
    let bytes = list(2, entry());
    let digest = CertificateDigest { kind: "SM3".to_owned(), value: &[9; 32] };
    assert_eq!(Seal::read(&bytes)?.signers, Signers::Digests(vec![digest]));
    assert!(matches!(Seal::read(&list(1, entry())), Err(SesError::Der(_))));
    assert!(matches!(Seal::read(&list(2, write::octet_string(b"c"))), Err(SesError::Der(_))));
    assert_eq!(Seal::read(&list(3, entry())).err(), Some(SesError::Number { field: "certListType" }));
    Ok(())
}

#[test]
fn byte_ranges_are_read_in_the_ways_they_are_written() -> Result<(), SesError> {
    let texts = [
        ("[0 840 960 240]", true),
        ("0 840 960 240", true),
        ("[0,840,960,240]", true),
        ("/ByteRange [ 0 840 960 240 ]", true),
        ("[0 840 960]", false),
        ("[0 840 960 240 1]", false),
        ("[0 -840 960 240]", false),
        ("/Doc_0/Signs/Sign_0/Signature.xml", false),
        ("", false),
    ];
    let bytes = pressed(4, seal(4, info(4, &[]), &[]), at(DAY), &[]);
    let mut read = Signature::read(&bytes)?;
    for (text, known) in texts {
        text.clone_into(&mut read.property);
        assert_eq!(read.byte_range(), known.then_some([0, 840, 960, 240]), "{text}");
    }
    Ok(())
}

#[test]
fn what_no_version_has_is_refused() {
    let good = seal(4, info(4, &[]), &[]);
    assert!(Seal::read(&good).is_ok());
    for end in 0..good.len() {
        assert!(Seal::read(good.get(..end).unwrap_or_default()).is_err(), "cut at {end}");
    }
    let whole = pressed(5, good.clone(), at(DAY), &[]);
    for end in 0..whole.len() {
        assert!(Signature::read(whole.get(..end).unwrap_or_default()).is_err(), "cut at {end}");
    }
    assert!(matches!(Seal::read(&[&good[..], &[0]].concat()), Err(SesError::Der(_))));
    assert!(matches!(Seal::read(&all(&[info(4, &[])])), Err(SesError::Elements { found: 1, .. })));
    let many = all(&vec![all(&[]); 100]);
    assert!(matches!(Signature::read(&many), Err(SesError::Elements { found: 16, .. })));
    assert_eq!(Seal::read(&vec![0; LARGEST + 1]).err(), Some(SesError::Large));
    // Too many signers, a picture too large, a width below zero.
    let field = |at: usize, value: Vec<u8>| {
        let mut property = vec![number(1), utf8("样例局"), number(1), all(&[]), at_day(), at_day(), at_day()];
        let mut picture = vec![ia5("PNG"), write::octet_string(PNG), number(42), number(42)];
        match at {
            0..7 => property.splice(at..=at, [value]).for_each(drop),
            _ => picture.splice(at - 7..=at - 7, [value]).for_each(drop),
        }
        let header = all(&[ia5("ES"), number(4), ia5("EXAMPLE")]);
        seal(4, all(&[header, ia5("1"), all(&property), all(&picture)]), &[])
    };
    let refused = |at, value| Seal::read(&field(at, value)).err();
    assert_eq!(refused(3, all(&[])), None);
    let signers = all(&vec![write::octet_string(b"c"); 65]);
    assert_eq!(refused(3, signers), Some(SesError::Flood { field: "certList" }));
    let large = write::octet_string(&vec![0; (2 << 20) + 1]);
    assert_eq!(refused(8, large), Some(SesError::Flood { field: "picture" }));
    assert_eq!(refused(9, vec![2, 1, 0xff]), Some(SesError::Number { field: "width" }));
    assert_eq!(refused(10, vec![2, 5, 1, 0, 0, 0, 0]), Some(SesError::Number { field: "height" }));
    assert_eq!(refused(1, write::octet_string(b"name")), Some(SesError::Text { field: "name" }));
    assert_eq!(refused(1, write::value(tag::UTF8_STRING, &[0xff])), Some(SesError::Text { field: "name" }));
    assert_eq!(refused(1, utf8(&"局".repeat(1366))), Some(SesError::Text { field: "name" }));
    assert_eq!(refused(6, at("20241301000000Z")), Some(SesError::Time { field: "validEnd" }));
    let header = all(&[ia5("SE"), number(4), ia5("EXAMPLE")]);
    let other = all(&[all(&[header]), write::octet_string(b"m"), algorithm(), bits(b"s")]);
    assert_eq!(Seal::read(&other).err(), Some(SesError::Header));
}

fn at_day() -> Vec<u8> {
    at(DAY)
}
