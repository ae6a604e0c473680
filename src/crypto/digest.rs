//! Message digests, one shot over several slices.

/// A digest algorithm with everything the formats need to name it.
#[derive(Debug)]
pub struct Digest {
    /// Name, as `SHA-256`.
    pub name: &'static str,
    /// Content octets of its object identifier.
    pub oid: &'static [u8],
    algorithm: &'static ring::digest::Algorithm,
}

impl Digest {
    /// Digest of the concatenation of `parts`.
    #[must_use]
    pub fn of(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut context = ring::digest::Context::new(self.algorithm);
        parts.iter().for_each(|part| context.update(part));
        context.finish().as_ref().to_vec()
    }
}

/// SHA-256.
pub static SHA256: Digest = Digest {
    name: "SHA-256",
    oid: &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01],
    algorithm: &ring::digest::SHA256,
};
/// SHA-384.
pub static SHA384: Digest = Digest {
    name: "SHA-384",
    oid: &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02],
    algorithm: &ring::digest::SHA384,
};
/// SHA-512.
pub static SHA512: Digest = Digest {
    name: "SHA-512",
    oid: &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03],
    algorithm: &ring::digest::SHA512,
};

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
