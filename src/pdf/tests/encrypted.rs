//! Encrypted by lopdf, which shares no line of the security handler with us.

use super::*;
use lopdf::encryption::crypt_filters::{Aes128CryptFilter, Aes256CryptFilter, CryptFilter, Rc4CryptFilter};
use lopdf::{Document, EncryptionState, EncryptionVersion, Permissions, dictionary};
use std::collections::BTreeMap;
use std::sync::Arc;

const KEY: [u8; 32] = [7; 32];
const SECRET: &[u8] = b"what the stream says, longer than one block";

fn plain() -> Document {
    let mut document = Document::with_version("1.7");
    let stream = lopdf::Stream::new(dictionary! {}, SECRET.to_vec());
    let stream = document.add_object(stream);
    let metadata = lopdf::Stream::new(dictionary! { "Type" => "Metadata" }, b"<x:xmpmeta/>".to_vec());
    let metadata = document.add_object(metadata);
    let root = document.add_object(dictionary! {
        "Type" => "Catalog",
        "Said" => lopdf::Object::string_literal("a (word) of \\ it"),
        "Deep" => vec![dictionary! { "Empty" => lopdf::Object::string_literal("") }.into()],
        "Data" => stream,
        "Metadata" => metadata,
    });
    document.trailer.set("Root", root);
    let id = lopdf::Object::string_literal("sixteen octets!!");
    document.trailer.set("ID", vec![id.clone(), id]);
    document
}

fn encrypted(version: impl FnOnce(&Document) -> EncryptionState) -> Vec<u8> {
    let mut document = plain();
    let state = version(&document);
    document.encrypt(&state).unwrap();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).unwrap();
    bytes
}

fn filters(one: Arc<dyn CryptFilter>) -> BTreeMap<Vec<u8>, Arc<dyn CryptFilter>> {
    BTreeMap::from([(b"StdCF".to_vec(), one)])
}

fn fourth(one: Arc<dyn CryptFilter>, user: &'static str, metadata: bool) -> Vec<u8> {
    encrypted(|document| {
        EncryptionState::try_from(EncryptionVersion::V4 {
            document,
            encrypt_metadata: metadata,
            crypt_filters: filters(one),
            stream_filter: b"StdCF".to_vec(),
            string_filter: b"StdCF".to_vec(),
            owner_password: "owner",
            user_password: user,
            permissions: Permissions::all(),
        })
        .unwrap()
    })
}

#[allow(deprecated)]
fn fifth(hardened: bool, user: &'static str) -> Vec<u8> {
    // Two variants with the same fields.
    macro_rules! version {
        ($revision:ident) => {
            EncryptionVersion::$revision {
                encrypt_metadata: true,
                crypt_filters: filters(Arc::new(Aes256CryptFilter)),
                file_encryption_key: &KEY,
                stream_filter: b"StdCF".to_vec(),
                string_filter: b"StdCF".to_vec(),
                owner_password: "owner",
                user_password: user,
                permissions: Permissions::all(),
            }
        };
    }
    let version = if hardened { version!(V5) } else { version!(R5) };
    encrypted(|_| EncryptionState::try_from(version).unwrap())
}

fn older(key_length: Option<usize>, user: &'static str) -> Vec<u8> {
    encrypted(|document| {
        let (owner_password, user_password, permissions) = ("owner", user, Permissions::all());
        let version = match key_length {
            None => EncryptionVersion::V1 { document, owner_password, user_password, permissions },
            Some(key_length) => {
                EncryptionVersion::V2 { document, owner_password, user_password, key_length, permissions }
            }
        };
        EncryptionState::try_from(version).unwrap()
    })
}

/// Name of the method, and the file under a user password.
fn every_method(user: &'static str) -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("V1", older(None, user)),
        ("V2 40", older(Some(40), user)),
        ("V2 128", older(Some(128), user)),
        ("V4 RC4", fourth(Arc::new(Rc4CryptFilter), user, true)),
        ("V4 AES", fourth(Arc::new(Aes128CryptFilter), user, true)),
        ("V4 AES, metadata in the clear", fourth(Arc::new(Aes128CryptFilter), user, false)),
        ("R5", fifth(false, user)),
        ("R6", fifth(true, user)),
    ]
}

#[test]
fn what_opens_without_a_password_is_read_like_any_other() {
    for (method, bytes) in every_method("") {
        let file = read(&bytes).unwrap();
        assert!(file.is_encrypted() && !file.is_locked(), "{method}");
        assert!(file.irregularities().contains(&Irregularity::EncryptedOpened), "{method}");
        let catalog = file.catalog(0).unwrap();
        let dict = catalog.value.as_dict().unwrap();
        let said = dict.find(b"Said").unwrap().as_text().unwrap();
        assert_eq!(said.bytes(), b"a (word) of \\ it", "{method}");
        let deep = dict.find(b"Deep").unwrap().as_array().unwrap()[0].as_dict().unwrap();
        assert_eq!(deep.find(b"Empty").unwrap().as_text().unwrap().bytes(), b"", "{method}");
        for (key, wanted) in [(b"Data".as_slice(), SECRET), (b"Metadata", b"<x:xmpmeta/>")] {
            let stream = file.object(dict.reference(key).unwrap(), 0).unwrap().unwrap();
            assert_eq!(file.decoded(&stream, 0).unwrap(), wanted, "{method}");
        }
        assert!(file.sweep().is_empty(), "{method}");
        assert_eq!(second_opinion(&file).unwrap(), [], "{method}");
    }
}

#[test]
fn a_password_keeps_strings_and_streams_shut() {
    for (method, bytes) in every_method("user") {
        let file = read(&bytes).unwrap();
        assert!(file.is_locked(), "{method}");
        assert!(file.irregularities().contains(&Irregularity::Encrypted), "{method}");
        let catalog = file.catalog(0).unwrap();
        let stream = catalog.value.as_dict().unwrap().reference(b"Data").unwrap();
        let stream = file.object(stream, 0).unwrap().unwrap();
        let locked = Err(ReadError::Stream { at: stream.span.start, fault: StreamFault::Encrypted });
        assert_eq!(file.decoded(&stream, 0), locked, "{method}");
    }
}

#[test]
fn the_value_of_a_signature_is_never_decrypted() {
    for (method, bytes) in every_method("") {
        let file = read(&bytes).unwrap();
        let (root, lock) = (file.catalog(0).unwrap().reference.number, file.revisions()[0].trailer.clone());
        let lock = lock.reference(b"Encrypt").unwrap().number;
        let offset = bytes.len();
        let mut signed = bytes.clone();
        signed.extend(b"50 0 obj\n<</Type/Sig/ByteRange[0 1 2 3]/Contents<0102>>>\nendobj\n");
        let at = signed.len();
        let prev = read(&bytes).unwrap().revisions()[0].xref_at;
        let trailer = format!(
            "xref\n50 1\n{offset:010} 00000 n \ntrailer\n<</Size 51/Root {root} 0 R/Encrypt {lock} 0 R\
             /ID[(sixteen octets!!)(sixteen octets!!)]/Prev {prev}>>\nstartxref\n{at}\n%%EOF\n"
        );
        signed.extend(trailer.bytes());
        let file = read(&signed).unwrap();
        assert!(!file.is_locked(), "{method}");
        let traces = file.signatures();
        let contents = traces.values[0].dict.find(b"Contents").unwrap().as_text().unwrap();
        assert_eq!(contents.bytes(), [1, 2], "{method}");
    }
}

#[test]
fn damaged_ciphertext_is_an_error_and_every_flip_is_survived() {
    let bytes = fifth(true, "");
    let file = read(&bytes).unwrap();
    let catalog = file.catalog(0).unwrap();
    let dict = catalog.value.as_dict().unwrap();
    let stream = file.object(dict.reference(b"Data").unwrap(), 0).unwrap().unwrap();
    let mut damaged = bytes.clone();
    // The last block carries the padding.
    let last = stream.data_at.unwrap() + stream.value.as_dict().unwrap().count(b"Length").unwrap() - 17;
    damaged[last] ^= 0xff;
    let file = read(&damaged).unwrap();
    let stream = file.object(stream.reference, 0).unwrap().unwrap();
    assert!(matches!(file.decoded(&stream, 0), Err(ReadError::Stream { fault: StreamFault::Damaged, .. })));
    // One in three, for the hash of revision 6 costs a millisecond.
    for at in (0..bytes.len()).step_by(3) {
        let mut other = bytes.clone();
        other[at] ^= 0x11;
        fuzz(&other);
    }
}
