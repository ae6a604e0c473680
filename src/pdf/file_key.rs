//! The file encryption key of the standard security handler, from the empty user password (ISO 32000-2 §7.6.4).
//! MD5 and RC4 protect nothing any more; they are here because older files use them.

use super::object::{Dict, Object};
use cbc::cipher::block_padding::NoPadding;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyInit, KeyIvInit, StreamCipher};
use md5::{Digest, Md5};
use ring::digest::{SHA256, SHA384, SHA512, digest};

/// What a password is filled up with (§7.6.4.3.2, step a): the whole of an empty one.
const PADDING: [u8; 32] = [
    0x28, 0xbf, 0x4e, 0x5e, 0x4e, 0x75, 0x8a, 0x41, 0x64, 0x00, 0x4e, 0x56, 0xff, 0xfa, 0x01, 0x08, 0x2e,
    0x2e, 0x00, 0xb6, 0xd0, 0x68, 0x3e, 0x80, 0x2f, 0x0c, 0xa9, 0xfe, 0x64, 0x53, 0x69, 0x7a,
];

/// Rounds of the hash of revision 6 at most. It ends by chance after 64, hardly ever beyond 110: each further round
/// ends it with a chance of one in eight and more, and a quarter thousand ends it surely (§7.6.4.3.4).
const ROUNDS: u16 = 288;

/// The key of a file that opens with the empty user password; `None` for any other.
///
/// `id` is the first string of the trailer's `/ID`, `metadata` what `/EncryptMetadata` says.
pub(super) fn of(encrypt: &Dict, id: &[u8], metadata: bool) -> Option<Vec<u8>> {
    match (encrypt.count(b"V")?, encrypt.count(b"R")?) {
        (1, revision @ 2..=3) => older(encrypt, id, metadata, revision, 5),
        (2, revision @ 2..=3) => older(encrypt, id, metadata, revision, length(encrypt)?),
        // Writers disagree on whether `/Length` counts here; the right key is the one that fits `/U`.
        (4, 4) => older(encrypt, id, metadata, 4, 16)
            .or_else(|| older(encrypt, id, metadata, 4, length(encrypt).filter(|length| *length < 16)?)),
        (5, revision @ 5..=6) => newer(encrypt, revision == 6, metadata),
        _ => None,
    }
}

/// `/Length` in bytes: 40 to 128 bits, 40 when it is absent (§7.6.2, table 20).
fn length(encrypt: &Dict) -> Option<usize> {
    let bits = encrypt.find(b"Length").map_or(Some(40), Object::as_count)?;
    ((40..=128).contains(&bits) && bits.is_multiple_of(8)).then_some(bits / 8)
}

fn text(dict: &Dict, key: &[u8]) -> Option<Vec<u8>> {
    dict.find(key)?.as_text().map(super::Text::bytes)
}

/// Algorithm 2 (§7.6.4.3.2), then the check of algorithms 4 and 5 against `/U`.
fn older(encrypt: &Dict, id: &[u8], metadata: bool, revision: usize, length: usize) -> Option<Vec<u8>> {
    let (owner, user) = (text(encrypt, b"O")?, text(encrypt, b"U")?);
    let permissions = encrypt.find(b"P")?.as_integer()?.to_le_bytes();
    let mut hash = Md5::new();
    hash.update(PADDING);
    hash.update(owner.get(..32)?);
    // Thirty-two bits, however the number is written.
    hash.update(permissions.get(..4)?);
    hash.update(id);
    if revision >= 4 && !metadata {
        hash.update([0xff; 4]);
    }
    let mut key = hash.finalize().to_vec();
    key.truncate(length);
    if revision >= 3 {
        for _ in 0..50 {
            key = Md5::digest(&key).to_vec();
            key.truncate(length);
        }
    }
    let fits = if revision == 2 {
        rc4(&key, &PADDING)? == user.get(..32)?
    } else {
        let mut value = Md5::new().chain_update(PADDING).chain_update(id).finalize().to_vec();
        for round in 0..20_u8 {
            let turned: Vec<u8> = key.iter().map(|byte| byte ^ round).collect();
            value = rc4(&turned, &value)?;
        }
        value == user.get(..16)?
    };
    fits.then_some(key)
}

/// Algorithms 2.A, 11 and 13 (§7.6.4.3.3, §7.6.4.4.9, §7.6.4.4.11).
fn newer(encrypt: &Dict, hardened: bool, metadata: bool) -> Option<Vec<u8>> {
    let user = text(encrypt, b"U")?;
    let (hash, salts) = user.get(..48)?.split_at_checked(32)?;
    let (check, salt) = salts.split_at_checked(8)?;
    let of =
        |salt| if hardened { hardened_hash(salt) } else { Some(digest(&SHA256, salt).as_ref().to_vec()) };
    if of(check)? != hash {
        return None;
    }
    let wrapped = text(encrypt, b"UE")?;
    let machine = cbc::Decryptor::<aes::Aes256>::new_from_slices(&of(salt)?, &[0; 16]).ok()?;
    let key = machine.decrypt_padded_vec::<NoPadding>(wrapped.get(..32)?).ok()?;
    let sealed = text(encrypt, b"Perms")?;
    // One block with a zero vector is the electronic code book.
    let machine = cbc::Decryptor::<aes::Aes256>::new_from_slices(&key, &[0; 16]).ok()?;
    let opened = machine.decrypt_padded_vec::<NoPadding>(sealed.get(..16)?).ok()?;
    let [p1, p2, p3, p4, _, _, _, _, flag, b'a', b'd', b'b', ..] = opened.as_slice() else { return None };
    let permissions = encrypt.find(b"P")?.as_integer()?.to_le_bytes();
    let same = permissions.starts_with(&[*p1, *p2, *p3, *p4]) && *flag == if metadata { b'T' } else { b'F' };
    same.then_some(key)
}

/// Algorithm 2.B for the empty user password (§7.6.4.3.4).
fn hardened_hash(salt: &[u8]) -> Option<Vec<u8>> {
    let mut key = digest(&SHA256, salt).as_ref().to_vec();
    for round in 1..=ROUNDS {
        let block = key.repeat(64);
        let (cipher_key, vector) = key.get(..32)?.split_at_checked(16)?;
        let machine = cbc::Encryptor::<aes::Aes128>::new_from_slices(cipher_key, vector).ok()?;
        let out = machine.encrypt_padded_vec::<NoPadding>(&block);
        // Sixteen bytes as a number modulo 3: 256 is 1 modulo 3, so the digits' sum tells.
        let sum: u32 = out.get(..16)?.iter().copied().map(u32::from).sum();
        let algorithm = match sum % 3 {
            0 => &SHA256,
            1 => &SHA384,
            _ => &SHA512,
        };
        key = digest(algorithm, &out).as_ref().to_vec();
        if round >= 64 && u16::from(*out.last()?) <= round.saturating_sub(32) {
            key.truncate(32);
            return Some(key);
        }
    }
    None
}

/// RC4 both ways.
pub(super) fn rc4(key: &[u8], data: &[u8]) -> Option<Vec<u8>> {
    let mut out = data.to_vec();
    rc4::Rc4::new_from_slice(key).ok()?.try_apply_keystream(&mut out).ok()?;
    Some(out)
}
