//! Encrypted files (ISO 32000-2 §7.6): what opens with the empty user password is read like any other.
//!
//! Strings and streams are decrypted as they are read, by the method that their crypt filter names. The value of
//! `/Contents` in a signature dictionary, cross-reference streams, the encryption dictionary and what stands in an
//! object stream are never encrypted on their own (§7.6.2).

use super::file_key;
use super::object::{Dict, Name, Object, Reference, Text};
use super::{ReadError, StreamFault, SyntaxFault};
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, KeyIvInit};
use md5::{Digest, Md5};
use std::borrow::Cow;

/// How bytes of one kind are encrypted (§7.6.6, table 25).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    /// Not at all.
    Identity,
    /// `V2`: RC4 with a key of its own for each object.
    Rc4,
    /// `AESV2`: AES-128 in CBC mode with a key of its own for each object.
    Aes128,
    /// `AESV3`: AES-256 in CBC mode under the file's key.
    Aes256,
}

/// The opened lock of a file.
#[derive(Debug)]
pub(super) struct Key {
    key: Vec<u8>,
    strings: Method,
    streams: Method,
    attachments: Method,
    filters: Vec<(Name, Method)>,
    metadata: bool,
    /// The encryption dictionary's own number, when it is an object.
    own: Option<Reference>,
}

impl Key {
    /// Opens with the empty user password. `None`: another password, another handler, or nothing we understand.
    pub(super) fn open(encrypt: &Dict, own: Option<Reference>, id: &[u8]) -> Option<Self> {
        if encrypt.name(b"Filter") != Some(b"Standard") {
            return None;
        }
        let metadata = match encrypt.find(b"EncryptMetadata") {
            None => true,
            Some(Object::Bool(value)) => *value,
            Some(_) => return None,
        };
        let key = file_key::of(encrypt, id, metadata)?;
        if encrypt.count(b"V")? < 4 {
            let (strings, streams, attachments) = (Method::Rc4, Method::Rc4, Method::Rc4);
            return Some(Self {
                key,
                strings,
                streams,
                attachments,
                filters: Vec::new(),
                metadata: true,
                own,
            });
        }
        let named = encrypt.find(b"CF").and_then(Object::as_dict);
        let filters: Vec<(Name, Method)> = named
            .into_iter()
            .flat_map(Dict::iter)
            .map(|(name, filter)| Some((name.into(), method(filter.as_dict()?)?)))
            .collect::<Option<_>>()?;
        let of = |key: &[u8], absent: Method| match encrypt.find(key) {
            None => Some(absent),
            Some(value) => by_name(&filters, value.as_name()?),
        };
        let streams = of(b"StmF", Method::Identity)?;
        let (strings, attachments) = (of(b"StrF", Method::Identity)?, of(b"EFF", streams)?);
        Some(Self { key, strings, streams, attachments, filters, metadata, own })
    }

    /// Decrypts the strings of an object that stands in the file itself. `at` is its offset, for the error.
    pub(super) fn strings(&self, value: &mut Object, of: Reference, at: usize) -> Result<(), ReadError> {
        let cross_reference = value.as_dict().is_some_and(|dict| dict.name(b"Type") == Some(b"XRef"));
        if self.strings == Method::Identity || self.own == Some(of) || cross_reference {
            return Ok(());
        }
        self.within(value, of).ok_or(ReadError::Syntax { at, fault: SyntaxFault::BadCipher })
    }

    fn within(&self, value: &mut Object, of: Reference) -> Option<()> {
        match value {
            Object::Text(text) => text.plain = Some(self.decrypt(self.strings, of, &text.bytes())?.into()),
            Object::Array(items) => return items.iter_mut().try_for_each(|item| self.within(item, of)),
            Object::Dict(dict) => {
                let signature = is_signature(dict);
                for (key, value) in &mut dict.entries {
                    let seal =
                        signature && **key == *b"Contents" && value.as_text().is_some_and(Text::is_hex);
                    if !seal {
                        self.within(value, of)?;
                    }
                }
            }
            _ => {}
        }
        Some(())
    }

    /// The data of a stream before its filters.
    pub(super) fn stream<'d>(
        &self,
        dict: &Dict,
        crypt: Option<&[u8]>,
        of: Reference,
        data: &'d [u8],
        at: usize,
    ) -> Result<Cow<'d, [u8]>, ReadError> {
        let fault = |fault| ReadError::Stream { at, fault };
        let method = match (crypt, dict.name(b"Type")) {
            (_, Some(b"XRef")) => Method::Identity,
            (Some(name), _) => by_name(&self.filters, name).ok_or(fault(StreamFault::UnknownFilter))?,
            (None, Some(b"Metadata")) if !self.metadata => Method::Identity,
            (None, Some(b"EmbeddedFile")) => self.attachments,
            (None, _) => self.streams,
        };
        if method == Method::Identity {
            return Ok(Cow::Borrowed(data));
        }
        self.decrypt(method, of, data).map(Cow::Owned).ok_or(fault(StreamFault::Damaged))
    }

    fn decrypt(&self, method: Method, of: Reference, data: &[u8]) -> Option<Vec<u8>> {
        // Writers leave what is empty as it is.
        if data.is_empty() {
            return Some(Vec::new());
        }
        match method {
            Method::Identity => Some(data.to_vec()),
            Method::Rc4 => file_key::rc4(&self.of_object(of, b""), data),
            Method::Aes128 => cbc::<aes::Aes128>(&self.of_object(of, b"sAlT"), data),
            Method::Aes256 => cbc::<aes::Aes256>(&self.key, data),
        }
    }

    /// Algorithm 1, steps a to c (§7.6.3.2).
    fn of_object(&self, of: Reference, salt: &[u8]) -> Vec<u8> {
        let ([n1, n2, n3, _], [g1, g2]) = (of.number.to_le_bytes(), of.generation.to_le_bytes());
        let hash = Md5::new().chain_update(&self.key).chain_update([n1, n2, n3, g1, g2]).chain_update(salt);
        let mut key = hash.finalize().to_vec();
        key.truncate(self.key.len().saturating_add(5));
        key
    }
}

/// A signature dictionary, whether or not it says so.
fn is_signature(dict: &Dict) -> bool {
    let named = matches!(dict.name(b"Type"), Some(b"Sig" | b"DocTimeStamp"));
    named || dict.find(b"ByteRange").is_some()
}

/// `/CFM` of a crypt filter. `None` of the standard means another program decrypts: not ours.
fn method(filter: &Dict) -> Option<Method> {
    match filter.name(b"CFM")? {
        b"V2" => Some(Method::Rc4),
        b"AESV2" => Some(Method::Aes128),
        b"AESV3" => Some(Method::Aes256),
        _ => None,
    }
}

fn by_name(filters: &[(Name, Method)], name: &[u8]) -> Option<Method> {
    if name == b"Identity" {
        return Some(Method::Identity);
    }
    filters.iter().find(|(known, _)| **known == *name).map(|(_, method)| *method)
}

/// The vector first, then whole blocks, the last one filled up.
fn cbc<C>(key: &[u8], data: &[u8]) -> Option<Vec<u8>>
where
    cbc::Decryptor<C>: KeyIvInit + BlockModeDecrypt,
    C: cbc::cipher::BlockCipherDecrypt,
{
    let (vector, data) = data.split_at_checked(16)?;
    cbc::Decryptor::<C>::new_from_slices(key, vector).ok()?.decrypt_padded_vec::<Pkcs7>(data).ok()
}
