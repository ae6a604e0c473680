//! Message digests, one shot over several slices.
//!
//! ring's where ring has them. What it has not (SHA-224, SHA-3 and SM3) is met in signatures of others and never written.

use crate::asn1::oid;

/// A digest algorithm with everything the formats need to name it.
pub struct Digest {
    /// Name, as `SHA-256`.
    pub name: &'static str,
    /// Content octets of its object identifier.
    pub oid: &'static [u8],
    compute: Compute,
}

enum Compute {
    Ring(&'static ring::digest::Algorithm),
    Other(fn(&[&[u8]]) -> Vec<u8>),
}

impl std::fmt::Debug for Digest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Digest {
    /// Digest of the concatenation of `parts`.
    #[must_use]
    pub fn of(&self, parts: &[&[u8]]) -> Vec<u8> {
        match self.compute {
            Compute::Ring(algorithm) => {
                let mut context = ring::digest::Context::new(algorithm);
                parts.iter().for_each(|part| context.update(part));
                context.finish().as_ref().to_vec()
            }
            Compute::Other(compute) => compute(parts),
        }
    }

    /// Octets of a digest.
    #[must_use]
    pub fn size(&self) -> usize {
        match self.compute {
            Compute::Ring(algorithm) => algorithm.output_len(),
            Compute::Other(compute) => compute(&[]).len(),
        }
    }

    /// Its name as programs write it: `sha256`, `sha3-256`.
    #[must_use]
    pub fn plain_name(&self) -> String {
        plain(self.name)
    }

    /// The digest that people call so: `sha256`, `SHA-256`, `sha3-256`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<&'static Self> {
        let wanted = plain(name);
        DIGESTS.iter().copied().find(|digest| digest.plain_name() == wanted)
    }

    /// The digest with this identifier (content octets), if it is known here.
    #[must_use]
    pub fn by_oid(oid: &[u8]) -> Option<&'static Self> {
        DIGESTS.iter().copied().find(|digest| digest.oid == oid)
    }
}

fn over<D: sha3::digest::Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut state = D::new();
    parts.iter().for_each(|part| state.update(part));
    state.finalize().to_vec()
}

fn plain(name: &str) -> String {
    name.to_ascii_lowercase().replace("sha-", "sha")
}

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident, $text:literal, $compute:expr) => {
        $(#[$doc])*
        pub static $name: Digest =
            Digest { name: $text, oid: oid::$name, compute: $compute };
    };
}

digest!(/// SHA-256.
    SHA256, "SHA-256", Compute::Ring(&ring::digest::SHA256));
digest!(/// SHA-384.
    SHA384, "SHA-384", Compute::Ring(&ring::digest::SHA384));
digest!(/// SHA-512.
    SHA512, "SHA-512", Compute::Ring(&ring::digest::SHA512));
digest!(/// SHA-1: read in old files, never written.
    SHA1, "SHA-1", Compute::Ring(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY));
digest!(/// SHA-224: read only.
    SHA224, "SHA-224", Compute::Other(over::<sha2::Sha224>));
digest!(/// SHA3-256: read only.
    SHA3_256, "SHA3-256", Compute::Other(over::<sha3::Sha3_256>));
digest!(/// SHA3-384: read only.
    SHA3_384, "SHA3-384", Compute::Other(over::<sha3::Sha3_384>));
digest!(/// SHA3-512: read only.
    SHA3_512, "SHA3-512", Compute::Other(over::<sha3::Sha3_512>));
digest!(/// SM3 (GB/T 32905): read only.
    SM3, "SM3", Compute::Other(over::<sm3::Sm3>));
digest!(/// SHAKE256 with 512 bits, the digest beside Ed448 (RFC 8419): read only.
    SHAKE256, "SHAKE256", Compute::Other(shake256));
digest!(/// The same under the identifier that names its length.
    SHAKE256_LENGTH, "SHAKE256", Compute::Other(shake256));

fn shake256(parts: &[&[u8]]) -> Vec<u8> {
    use sha3::digest::{ExtendableOutput, Update, XofReader};
    let mut state = shake::Shake256::default();
    parts.iter().for_each(|part| state.update(part));
    let mut out = vec![0; 64];
    state.finalize_xof().read(&mut out);
    out
}

static DIGESTS: [&Digest; 11] = [
    &SHA256,
    &SHA384,
    &SHA512,
    &SHA1,
    &SHA224,
    &SHA3_256,
    &SHA3_384,
    &SHA3_512,
    &SHAKE256,
    &SHAKE256_LENGTH,
    &SM3,
];

/// SHA-256 of bytes that share a beginning, which is hashed once. Clone it to go different ways.
#[derive(Clone)]
pub struct Sha256(ring::digest::Context);

impl Default for Sha256 {
    fn default() -> Self {
        Self(ring::digest::Context::new(&ring::digest::SHA256))
    }
}

impl Sha256 {
    /// Goes on.
    #[must_use]
    pub fn then(mut self, part: &[u8]) -> Self {
        self.0.update(part);
        self
    }

    /// The digest.
    #[must_use]
    pub fn finish(self) -> [u8; 32] {
        let mut out = [0; 32];
        out.copy_from_slice(self.0.finish().as_ref());
        out
    }
}

/// SHA-256 as an array: the address of a document, the fingerprint of a certificate.
#[must_use]
pub fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(&SHA256.of(parts));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// FIPS 180-4, FIPS 202 and GB/T 32905 examples: the digest of `abc`.
    #[test]
    fn of_abc() {
        let known = [
            (&SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (&SHA224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"),
            (&SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (&SM3, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"),
            (&SHA3_256, "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532"),
            (
                &SHA3_384,
                "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f539f1edf228376d25",
            ),
            (
                &SHA3_512,
                "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c91a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
            ),
        ];
        for (digest, wanted) in known {
            assert_eq!(hex::encode(digest.of(&[b"a", b"", b"bc"])), wanted, "{digest:?}");
            assert_eq!(Digest::by_oid(digest.oid).map(|found| found.name), Some(digest.name));
        }
    }

    /// GB/T 32905-2016 A.2, and the empty message.
    #[test]
    fn sm3_of_more_than_a_block_and_of_nothing() {
        let long = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732";
        let empty = "1ab21d8355cfa17f8e61194831e81a8f22bec8c728fefb747ed035eb5082aa2b";
        assert_eq!(hex::encode(SM3.of(&[&b"abcd"[..]; 16])), long);
        assert_eq!(hex::encode(SM3.of(&[])), empty);
    }
}
