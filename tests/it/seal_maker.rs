//! A maker of seals by GB/T 38540 and GM/T 0031: openssl makes keys, certificates and SM2 signatures, the structures
//! are put together here, octet by octet as the standards write them, so that each part can also be written wrongly.

use crate::judges::{run, words};
use std::collections::HashMap;
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use yinzheng::asn1::{oid, tag, write};
use yinzheng::domain::Instant;
use yinzheng::x509::{Certificate, pem_blocks};

const IDENTITY: &str = "distid:1234567812345678";
const EXTENSIONS: &str = "[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n\
    [sign]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n\
    [encrypt]\nbasicConstraints=critical,CA:FALSE\nkeyUsage=critical,keyEncipherment\n\
    [req]\ndistinguished_name=dn\n[dn]\n";

/// An authority of SM2 with the keys that seals need; another authority of the same form beside it.
pub(crate) struct Hierarchy {
    folder: tempfile::TempDir,
    certificates: HashMap<&'static str, Vec<u8>>,
    count: AtomicUsize,
}

/// Who is who: name, issuer, extensions, days.
const PEOPLE: [(&str, &str, &str, &str); 8] = [
    ("root", "root", "ca", "7300"),
    ("maker", "root", "sign", "1095"),
    ("signer", "root", "sign", "1095"),
    ("colleague", "root", "sign", "1095"),
    ("encrypter", "root", "encrypt", "1095"),
    ("long-lived", "root", "sign", "3650"),
    ("other-root", "other-root", "ca", "7300"),
    ("other-maker", "other-root", "sign", "1095"),
];

/// The hierarchy of this run; `None` where openssl is missing, or knows no SM2, and this is not CI.
pub(crate) fn hierarchy() -> Option<&'static Hierarchy> {
    static MADE: OnceLock<Option<Hierarchy>> = OnceLock::new();
    MADE.get_or_init(Hierarchy::make).as_ref()
}

impl Hierarchy {
    fn make() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut made = Self { folder, certificates: HashMap::new(), count: AtomicUsize::new(0) };
        std::fs::write(made.path("extensions"), EXTENSIONS).unwrap();
        for (serial, (name, issuer, extensions, days)) in PEOPLE.into_iter().enumerate() {
            made.person(name, issuer, extensions, days, &(serial + 1).to_string())?;
            let pem = std::fs::read_to_string(made.path(&format!("{name}.pem"))).unwrap();
            made.certificates.insert(name, pem_blocks(&pem, "CERTIFICATE").remove(0));
        }
        Some(made)
    }

    fn person(&self, name: &str, issuer: &str, extensions: &str, days: &str, serial: &str) -> Option<()> {
        self.key(name)?;
        let file = |ending: &str| self.text(&format!("{name}.{ending}"));
        let (key, request, certificate) = (file("key"), file("csr"), file("pem"));
        let subject = format!("/C=CN/O=示例机构 {name}/CN=样例 {name}");
        let config = self.text("extensions");
        let asked = ["-utf8", "-config", &config, "-subj", &subject, "-key", &key];
        let with = ["-extensions", extensions, "-days", days, "-set_serial", serial, "-out", &certificate];
        let sign = ["-sm3", "-sigopt", IDENTITY];
        if name == issuer {
            done(&[&["req", "-new", "-x509"], &asked[..], &with, &sign].concat());
            return Some(());
        }
        done(&[&["req", "-new", "-out", &request], &asked[..], &sign].concat());
        let (ca, ca_key) = (self.text(&format!("{issuer}.pem")), self.text(&format!("{issuer}.key")));
        let by = ["-in", &request, "-vfyopt", IDENTITY, "-CA", &ca, "-CAkey", &ca_key, "-extfile", &config];
        done(&[&["x509", "-req"], &by[..], &with, &sign].concat());
        Some(())
    }

    /// `None`, and said so, when this openssl knows no SM2; in CI that fails.
    fn key(&self, name: &str) -> Option<()> {
        let key = self.text(&format!("{name}.key"));
        let curve = ["-pkeyopt", "ec_paramgen_curve:SM2", "-pkeyopt", "ec_param_enc:named_curve"];
        let made = run("openssl", &[&["genpkey", "-algorithm", "EC"], &curve[..], &["-out", &key]].concat())?;
        if !made.status.success() && std::env::var_os("CI").is_none() {
            eprintln!("SKIPPED: this openssl knows no SM2: {}", words(&made));
            return None;
        }
        assert!(made.status.success(), "{}", words(&made));
        Some(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// DER of a certificate.
    pub(crate) fn certificate(&self, name: &str) -> &[u8] {
        &self.certificates[name]
    }

    /// The SM2 signature of `name` over `message`, DER, under the usual identity.
    pub(crate) fn sign(&self, name: &str, message: &[u8]) -> Vec<u8> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let (input, output) = (self.text(&format!("{number}.in")), self.text(&format!("{number}.sig")));
        std::fs::write(&input, message).unwrap();
        let key = self.text(&format!("{name}.key"));
        done(&["dgst", "-sm3", "-sign", &key, "-sigopt", IDENTITY, "-out", &output, &input]);
        std::fs::read(output).unwrap()
    }

    /// A revocation list of the root that names these people, PEM.
    pub(crate) fn list(&self, revoked: &[&str]) -> String {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let place = |name: &str| self.text(&format!("{number}.{name}"));
        std::fs::write(place("index"), "").unwrap();
        std::fs::write(place("number"), "01\n").unwrap();
        let config = format!(
            "[ca]\ndefault_ca=d\n[d]\ndatabase={}\ncrlnumber={}\ndefault_md=sm3\ndefault_crl_days=30\n",
            place("index"),
            place("number")
        );
        std::fs::write(place("cnf"), config).unwrap();
        let (config, key, root) = (place("cnf"), self.text("root.key"), self.text("root.pem"));
        let common = ["ca", "-config", &config, "-keyfile", &key, "-cert", &root, "-sigopt", IDENTITY];
        for name in revoked {
            let certificate = self.text(&format!("{name}.pem"));
            done(&[&common[..], &["-revoke", &certificate]].concat());
        }
        let output = place("crl");
        done(&[&common[..], &["-gencrl", "-out", &output]].concat());
        std::fs::read_to_string(output).unwrap()
    }

    /// SM3 of `message`, by openssl.
    pub(crate) fn sm3(&self, message: &[u8]) -> Vec<u8> {
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let input = self.text(&format!("{number}.in"));
        std::fs::write(&input, message).unwrap();
        let output = run("openssl", &["dgst", "-sm3", "-binary", &input]).unwrap();
        assert_eq!((output.status.success(), output.stdout.len()), (true, 32), "{}", words(&output));
        output.stdout
    }
}

fn done(arguments: &[&str]) {
    let output = run("openssl", arguments).unwrap();
    assert!(output.status.success(), "openssl {arguments:?}: {}", words(&output));
}

/// What to put behind a signature value.
pub(crate) type Behind = Rc<dyn Fn(&[u8]) -> Vec<u8>>;

/// An order for one seal and one pressing. Whatever is not said is as an honest maker would have it.
#[derive(Clone)]
pub(crate) struct Order {
    /// 1, 4 or 5.
    pub(crate) version: u8,
    /// The version that its header names.
    pub(crate) header: u8,
    /// By which version's rule the maker signs.
    pub(crate) maker_rule: u8,
    /// Whose certificate stands as the maker's, and whose key signs for it.
    pub(crate) maker: (&'static str, &'static str),
    /// Whose certificate stands as the signer's, and whose key signs for it.
    pub(crate) signer: (&'static str, &'static str),
    /// Who may press it.
    pub(crate) listed: &'static str,
    /// The list holds digests under this name.
    pub(crate) digests: Option<&'static str>,
    pub(crate) created: Instant,
    pub(crate) valid_from: Instant,
    pub(crate) valid_until: Instant,
    pub(crate) pressed: Instant,
    pub(crate) picture: Vec<u8>,
    pub(crate) picture_kind: &'static str,
    pub(crate) millimetres: u8,
    /// Put in the place of the picture after the maker has signed.
    pub(crate) swapped: Option<Vec<u8>>,
    /// extDatas of the seal, whole.
    pub(crate) extensions: Vec<u8>,
    /// Signature values as bare r‖s.
    pub(crate) raw: bool,
    /// The algorithm named, DER.
    pub(crate) algorithm: Vec<u8>,
    /// What stands behind a signature value: a time-stamp over it, or nothing.
    pub(crate) time_stamp: Behind,
    /// propertyInfo; none: the byte range.
    pub(crate) property: Option<&'static str>,
}

impl Order {
    /// An honest seal, made an hour ago, and pressed now.
    pub(crate) fn honest(version: u8, now: Instant) -> Self {
        let later = |seconds: i64| Instant::from_seconds(now.seconds() + seconds).unwrap();
        Self {
            version,
            header: version,
            maker_rule: version,
            maker: ("maker", "maker"),
            signer: ("signer", "signer"),
            listed: "signer",
            digests: None,
            created: now,
            valid_from: now,
            valid_until: later(2 * 365 * 86_400),
            pressed: now,
            picture: vec![0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 1, 2, 3, 4],
            picture_kind: "PNG",
            millimetres: 42,
            swapped: None,
            extensions: Vec::new(),
            raw: false,
            algorithm: write::oid(oid::SM2_WITH_SM3),
            time_stamp: Rc::new(|_| Vec::new()),
            property: None,
        }
    }

    /// SESeal.
    pub(crate) fn seal(&self, by: &Hierarchy) -> Vec<u8> {
        let info = self.info(by, &self.picture);
        let names = [octets(by.certificate(self.maker.0)), self.algorithm.clone()];
        let message = if self.maker_rule == 1 {
            all(&[std::slice::from_ref(&info), &names].concat())
        } else {
            info.clone()
        };
        let value = bits(&self.form(by.sign(self.maker.1, &message)));
        let info = self.swapped.as_ref().map_or(info, |picture| self.info(by, picture));
        if self.version == 1 {
            all(&[info, all(&[&names[..], &[value]].concat())])
        } else {
            all(&[&[info], &names[..], &[value]].concat())
        }
    }

    /// SES_Signature over a document of which `hash` is the digest and `range` the byte range.
    pub(crate) fn pressed(&self, by: &Hierarchy, seal: &[u8], hash: &[u8], range: &str) -> Vec<u8> {
        let names = [octets(by.certificate(self.signer.0)), self.algorithm.clone()];
        let time = if self.version == 1 { bits(&time(1, self.pressed)) } else { time(4, self.pressed) };
        let property = ia5(self.property.unwrap_or(range));
        let mut parts = vec![write::small_integer(self.version), seal.to_vec(), time, bits(hash), property];
        if self.version == 1 {
            parts.extend(names.clone());
        }
        let tbs = all(&parts);
        let octets = self.form(by.sign(self.signer.1, &tbs));
        let value = bits(&octets);
        if self.version == 1 {
            all(&[tbs, value])
        } else {
            all(&[&[tbs], &names[..], &[value, (self.time_stamp)(&octets)]].concat())
        }
    }

    fn form(&self, der: Vec<u8>) -> Vec<u8> {
        if !self.raw {
            return der;
        }
        let mut reader = yinzheng::asn1::Reader::new(&der).expect(tag::SEQUENCE).unwrap().open().unwrap();
        let mut half = || {
            let content = reader.integer().unwrap().content;
            let digits = &content[content.len().saturating_sub(32)..];
            [&vec![0; 32 - digits.len()][..], digits].concat()
        };
        [half(), half()].concat()
    }

    fn info(&self, by: &Hierarchy, picture: &[u8]) -> Vec<u8> {
        let listed = by.certificate(self.listed);
        let list = match self.digests {
            None => all(&[octets(listed)]),
            Some(kind) => {
                let kind = write::value(tag::PRINTABLE_STRING, kind.as_bytes());
                all(&[all(&[kind, octets(&by.sm3(listed))])])
            }
        };
        let mut property =
            vec![write::small_integer(1), write::value(tag::UTF8_STRING, "示例市民政局".as_bytes())];
        if self.version != 1 {
            property.push(write::small_integer(if self.digests.is_some() { 2 } else { 1 }));
        }
        property.push(list);
        property.extend([self.created, self.valid_from, self.valid_until].map(|at| time(self.version, at)));
        let size = write::small_integer(self.millimetres);
        let header = all(&[ia5("ES"), write::small_integer(self.header), ia5("EXAMPLE")]);
        let picture = all(&[ia5(self.picture_kind), octets(picture), size.clone(), size]);
        all(&[header, ia5("99000000000001"), all(&property), picture, self.extensions.clone()])
    }
}

/// A detached SignedData of SM2 by `signer`, by RFC 5652 or with the content types of GB/T 35275.
pub(crate) struct Cms {
    /// The signer.
    pub(crate) signer: &'static str,
    /// GB/T 35275.
    pub(crate) national: bool,
    /// OID content of the signature algorithm.
    pub(crate) algorithm: &'static [u8],
    /// SES_Signature as a signed attribute.
    pub(crate) seal: Option<Vec<u8>>,
    /// False: the signature is over what is covered.
    pub(crate) attributes: bool,
}

impl Cms {
    /// The ContentInfo over what is covered.
    pub(crate) fn over(&self, by: &Hierarchy, covered: &[u8]) -> Vec<u8> {
        let (data, signed_data) = match self.national {
            true => (oid::GBT_DATA, oid::GBT_SIGNED_DATA),
            false => (oid::DATA, oid::SIGNED_DATA),
        };
        let attribute =
            |name: &[u8], value: Vec<u8>| all(&[write::oid(name), write::set_of(tag::SET, vec![value])]);
        let mut attributes = vec![
            attribute(oid::CONTENT_TYPE, write::oid(data)),
            attribute(oid::MESSAGE_DIGEST, octets(&by.sm3(covered))),
        ];
        attributes.extend(self.seal.iter().map(|seal| attribute(oid::SES_SIGNATURE, seal.clone())));
        let message = write::set_of(tag::SET, attributes.clone());
        let der = by.certificate(self.signer);
        let certificate = Certificate::from_der(der).unwrap();
        let serial = write::value(tag::INTEGER, certificate.serial());
        let digest = all(&[write::oid(oid::SM3), write::null()]);
        let mut info =
            vec![write::small_integer(1), all(&[certificate.issuer_raw().to_vec(), serial]), digest.clone()];
        if self.attributes {
            info.push(write::set_of(tag::CONTEXT_0, attributes));
        }
        let value = by.sign(self.signer, if self.attributes { &message } else { covered });
        info.extend([all(&[write::oid(self.algorithm)]), octets(&value)]);
        let inside = all(&[
            write::small_integer(1),
            write::set_of(tag::SET, vec![digest]),
            all(&[write::oid(data)]),
            write::value(tag::CONTEXT_0, der),
            write::set_of(tag::SET, vec![all(&info)]),
        ]);
        all(&[write::oid(signed_data), write::value(tag::CONTEXT_0, &inside)])
    }
}

/// UTCTime in v1, GeneralizedTime since.
fn time(version: u8, at: Instant) -> Vec<u8> {
    let utc = time::OffsetDateTime::from_unix_timestamp(at.seconds()).unwrap();
    let format = time::macros::format_description!("[year][month][day][hour][minute][second]Z");
    let text = utc.format(format).unwrap();
    match version {
        1 => write::value(tag::UTC_TIME, &text.as_bytes()[2..]),
        _ => write::value(tag::GENERALIZED_TIME, text.as_bytes()),
    }
}

pub(crate) fn all(parts: &[Vec<u8>]) -> Vec<u8> {
    write::value(tag::SEQUENCE, &parts.concat())
}

pub(crate) fn bits(octets: &[u8]) -> Vec<u8> {
    write::value(tag::BIT_STRING, &[&[0], octets].concat())
}

fn octets(content: &[u8]) -> Vec<u8> {
    write::octet_string(content)
}

fn ia5(text: &str) -> Vec<u8> {
    write::value(tag::IA5_STRING, text.as_bytes())
}
