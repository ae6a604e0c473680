//! Vectors of the Wycheproof project through our table of methods: what is valid verifies, what is not does not.

use yinzheng::asn1::{Reader, tag, write};
use yinzheng::crypto::{KeyKind, Method, PublicKey};

/// An identifier by its dotted name, with these parameters.
fn identifier(dotted: &str, parameters: &[u8]) -> Vec<u8> {
    write::sequence(&[&write::oid(&content(dotted)), parameters])
}

fn content(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().unwrap()).collect();
    let mut all = vec![arcs[0] * 40 + arcs[1]];
    all.extend(&arcs[2..]);
    let mut out = Vec::new();
    for arc in all {
        let mut digits = vec![u8::try_from(arc & 0x7f).unwrap()];
        let mut rest = arc >> 7;
        while rest > 0 {
            digits.push(u8::try_from(rest & 0x7f).unwrap() | 0x80);
            rest >>= 7;
        }
        out.extend(digits.iter().rev());
    }
    out
}

/// Content of the BIT STRING of a SubjectPublicKeyInfo.
fn key_of(spki: &[u8], kind: KeyKind) -> PublicKey {
    let mut parts = Reader::new(spki).any().unwrap().open().unwrap();
    parts.any().unwrap();
    PublicKey { kind, octets: parts.expect(tag::BIT_STRING).unwrap().whole_octets().unwrap().to_vec() }
}

#[derive(Default)]
struct Tally {
    right: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// `None` of `valid` is a vector that a verifier may take or leave.
    fn check(&mut self, name: &str, id: usize, valid: Option<bool>, said: bool) {
        match valid {
            Some(valid) if valid != said => self.wrong.push(format!("{name} {id}: said {said}")),
            _ => self.right += 1,
        }
    }

    fn done(self, least: usize) {
        assert!(self.wrong.is_empty(), "{} wrong\n{}", self.wrong.len(), self.wrong.join("\n"));
        assert!(self.right >= least, "only {} vectors", self.right);
    }
}

fn wanted(result: wycheproof::TestResult) -> Option<bool> {
    match result {
        wycheproof::TestResult::Valid => Some(true),
        wycheproof::TestResult::Invalid => Some(false),
        wycheproof::TestResult::Acceptable => None,
    }
}

#[test]
fn ecdsa() {
    use wycheproof::ecdsa::TestName as Name;
    let sets = [
        (Name::EcdsaSecp256r1Sha256, KeyKind::P256, "1.2.840.10045.4.3.2"),
        (Name::EcdsaSecp256r1Sha512, KeyKind::P256, "1.2.840.10045.4.3.4"),
        (Name::EcdsaSecp384r1Sha384, KeyKind::P384, "1.2.840.10045.4.3.3"),
        (Name::EcdsaSecp384r1Sha512, KeyKind::P384, "1.2.840.10045.4.3.4"),
        (Name::EcdsaSecp521r1Sha512, KeyKind::P521, "1.2.840.10045.4.3.4"),
        (Name::EcdsaBrainpool256r1Sha256, KeyKind::BrainpoolP256r1, "1.2.840.10045.4.3.2"),
        (Name::EcdsaBrainpool384r1Sha384, KeyKind::BrainpoolP384r1, "1.2.840.10045.4.3.3"),
    ];
    let mut tally = Tally::default();
    for (name, kind, oid) in sets {
        let set = wycheproof::ecdsa::TestSet::load(name).unwrap();
        for group in set.test_groups {
            let key = key_of(group.der.as_ref(), kind);
            let method = Method::recognise(&identifier(oid, &[]), None, &key).unwrap();
            for test in group.tests {
                let (message, signature) = (test.msg.as_ref(), test.sig.as_ref());
                let said = method.verify(&key, message, signature).is_ok();
                tally.check(&format!("{name:?}"), test.tc_id, wanted(test.result), said);
                // In parts it is the same message.
                let (one, other) = message.split_at(message.len() / 2);
                let said = method.verify_parts(&key, &[one, other], signature).is_ok();
                tally.check(&format!("{name:?} in parts"), test.tc_id, wanted(test.result), said);
            }
        }
    }
    tally.done(4_000);
}

#[test]
fn rsa_pkcs1() {
    use wycheproof::rsa_pkcs1_verify::TestName as Name;
    let sets = [
        (Name::Rsa2048Sha256, "1.2.840.113549.1.1.11"),
        (Name::Rsa2048Sha384, "1.2.840.113549.1.1.12"),
        (Name::Rsa2048Sha512, "1.2.840.113549.1.1.13"),
        (Name::Rsa2048Sha224, "1.2.840.113549.1.1.14"),
        (Name::Rsa2048Sha3_256, "2.16.840.1.101.3.4.3.14"),
        (Name::Rsa3072Sha256, "1.2.840.113549.1.1.11"),
        (Name::Rsa4096Sha512, "1.2.840.113549.1.1.13"),
    ];
    let mut tally = Tally::default();
    for (name, oid) in sets {
        let set = wycheproof::rsa_pkcs1_verify::TestSet::load(name).unwrap();
        for group in set.test_groups {
            let key = PublicKey { kind: KeyKind::Rsa, octets: group.asn_key.to_vec() };
            let method = Method::recognise(&identifier(oid, &write::null()), None, &key).unwrap();
            for test in group.tests {
                let (message, signature) = (test.msg.as_ref(), test.sig.as_ref());
                let said = method.verify(&key, message, signature).is_ok();
                tally.check(&format!("{name:?}"), test.tc_id, wanted(test.result), said);
                // In parts it is the same message.
                let (one, other) = message.split_at(message.len() / 2);
                let said = method.verify_parts(&key, &[one, other], signature).is_ok();
                tally.check(&format!("{name:?} in parts"), test.tc_id, wanted(test.result), said);
            }
        }
    }
    tally.done(2_000);
}

#[test]
fn rsa_pss() {
    use wycheproof::rsa_pss_verify::TestName as Name;
    use yinzheng::crypto::{RSA_PSS_SHA256, RSA_PSS_SHA512};
    let sets = [
        (Name::RsaPss2048Sha256Mgf1SaltLen32, &RSA_PSS_SHA256),
        (Name::RsaPss3072Sha256Mgf1SaltLen32, &RSA_PSS_SHA256),
        (Name::RsaPss4096Sha512Mgf1SaltLen64, &RSA_PSS_SHA512),
    ];
    let mut tally = Tally::default();
    for (name, suite) in sets {
        let set = wycheproof::rsa_pss_verify::TestSet::load(name).unwrap();
        for group in set.test_groups {
            let key = PublicKey { kind: KeyKind::Rsa, octets: group.asn_key.to_vec() };
            let method = Method::recognise(suite.identifier, None, &key).unwrap();
            for test in group.tests {
                let (message, signature) = (test.msg.as_ref(), test.sig.as_ref());
                let said = method.verify(&key, message, signature).is_ok();
                tally.check(&format!("{name:?}"), test.tc_id, wanted(test.result), said);
                // In parts it is the same message.
                let (one, other) = message.split_at(message.len() / 2);
                let said = method.verify_parts(&key, &[one, other], signature).is_ok();
                tally.check(&format!("{name:?} in parts"), test.tc_id, wanted(test.result), said);
            }
        }
    }
    tally.done(400);
}
