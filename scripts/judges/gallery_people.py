"""Invented people for gallery.py: keys, certificates, revocation lists, CMS values and time-stamps, byte by byte.

Every key is fresh and forgotten; certificates run from 2026 to 2049, so that what is judged at a fixed instant stays as
it is whatever the clock says.
"""

import datetime
import hashlib
import secrets
import typing

from asn1crypto import pem
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from der import bits, digest, number, octets, oid, sequence, set_of, value
from gmssl import sm2

BEIJING = datetime.timezone(datetime.timedelta(hours=8))
NULL = b"\x05\x00"
SHA256, SM3 = "2.16.840.1.101.3.4.2.1", "1.2.156.10197.1.401"
DATA, SIGNED_DATA, TST_INFO = "1.2.840.113549.1.7.1", "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
STAMPING, SERVER = "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.1"


def moment(text: str) -> datetime.datetime:
    """`2026-03-01 10:00` in Beijing."""
    return datetime.datetime.fromisoformat(text).replace(tzinfo=BEIJING)


BEGIN, END = moment("2026-01-01 00:00"), moment("2049-12-31 00:00")
SEALED, AT = moment("2026-03-01 10:00"), moment("2026-06-01 12:00")


def general(at: datetime.datetime) -> bytes:
    return value(0x18, at.astimezone(datetime.UTC).strftime("%Y%m%d%H%M%SZ").encode())


def utc(at: datetime.datetime) -> bytes:
    return value(0x17, at.astimezone(datetime.UTC).strftime("%y%m%d%H%M%SZ").encode())


class Key:
    """A key with the algorithm it signs with; `hash` is what it hashes with."""

    hash_name = SHA256

    def __init__(self, private, algorithm: str, null=False) -> None:
        self.private, self.name = private, algorithm
        self.algorithm = sequence(oid(algorithm), NULL if null else b"")

    def hash(self, message: bytes) -> bytes:
        return hashlib.sha256(message).digest()

    def spki(self) -> bytes:
        return self.private.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def sign(self, message: bytes) -> bytes:
        match self.private:
            case ec.EllipticCurvePrivateKey():
                return self.private.sign(message, ec.ECDSA(hashes.SHA256()))
            case rsa.RSAPrivateKey():
                return self.private.sign(message, padding.PKCS1v15(), hashes.SHA256())
            case _:
                return self.private.sign(message, hashes.SHA256())


def p256() -> Key:
    return Key(ec.generate_private_key(ec.SECP256R1()), "1.2.840.10045.4.3.2")


def rsa2048() -> Key:
    return Key(rsa.generate_private_key(public_exponent=65537, key_size=2048), "1.2.840.113549.1.1.11", null=True)


def dsa1024() -> Key:
    return Key(dsa.generate_private_key(key_size=1024), "2.16.840.1.101.3.4.3.2")


class Sm2Key(Key):
    """SM2 with SM3, by gmssl."""

    hash_name = SM3

    def __init__(self, private: str | None = None) -> None:
        """A fresh one, or this one, 64 hexadecimal digits."""
        self.name, self.algorithm = "1.2.156.10197.1.501", sequence(oid("1.2.156.10197.1.501"))
        scalar = int(private, 16) if private else 1 + secrets.randbelow(int(sm2.default_ecc_table["n"], 16) - 2)
        private = f"{scalar:064x}"
        self.private = sm2.CryptSM2(private_key=private, public_key="")
        self.public = self.private._kg(scalar, sm2.default_ecc_table["g"])
        # gmssl strips every leading 0 and 4 of a point that begins with 04, and then signs for another one.
        self.private.public_key = self.public

    def hash(self, message: bytes) -> bytes:
        return digest(message)

    def spki(self) -> bytes:
        curve = sequence(oid("1.2.840.10045.2.1"), oid("1.2.156.10197.1.301"))
        return sequence(curve, bits(b"\x04" + bytes.fromhex(self.public)))

    def raw(self, message: bytes) -> bytes:
        return bytes.fromhex(self.private.sign_with_sm3(message))

    def sign(self, message: bytes) -> bytes:
        both = self.raw(message)
        return sequence(*(number(int.from_bytes(half, "big")) for half in (both[:32], both[32:])))


class Person(typing.NamedTuple):
    """A key, its name and its certificate."""

    key: Key
    name: bytes
    der: bytes

    @property
    def serial(self) -> int:
        return asn1_x509.Certificate.load(self.der).serial_number

    @property
    def identifier(self) -> bytes:
        return hashlib.sha1(self.key.spki()).digest()


def named(common: str) -> bytes:
    def part(kind: str, tag: int, text: str) -> bytes:
        return set_of(sequence(oid(kind), value(tag, text.encode())))

    return sequence(part("2.5.4.6", 0x13, "CN"), part("2.5.4.10", 0x0C, "示例机构"), part("2.5.4.3", 0x0C, common))


def extension(name: str, critical: bool, content: bytes) -> bytes:
    return sequence(oid(name), b"\x01\x01\xff" if critical else b"", octets(content))


SIGNS, ISSUES, ENCIPHERS = bytes.fromhex("030206c0"), bytes.fromhex("03020106"), bytes.fromhex("03020520")
SERIAL = iter(range(1, 10_000))


def person(common: str, key: Key, by: Person | None = None, begin=BEGIN, end=END, usage=SIGNS, purposes=()) -> Person:
    """A certificate by an authority, or an authority of its own."""
    name, spki = named(common), key.spki()
    authority = by is None
    own = [
        extension("2.5.29.19", True, sequence(b"\x01\x01\xff") if authority else sequence()),
        extension("2.5.29.15", True, ISSUES if authority else usage),
        extension("2.5.29.14", False, octets(hashlib.sha1(spki).digest())),
    ]
    if by:
        own.append(extension("2.5.29.35", False, sequence(value(0x80, by.identifier))))
    if purposes:
        own.append(extension("2.5.29.37", True, sequence(*map(oid, purposes))))
    signing = by.key if by else key
    tbs = sequence(
        value(0xA0, number(2)), number(next(SERIAL)), signing.algorithm, by.name if by else name,
        sequence(utc(begin), utc(end)), name, spki, value(0xA3, sequence(*own)),
    )  # fmt: skip
    return Person(key, name, sequence(tbs, signing.algorithm, bits(signing.sign(tbs))))


def revocation_list(by: Person, *revoked: tuple[Person, datetime.datetime]) -> bytes:
    """A list that stays fresh until 2049."""
    entries = [sequence(number(who.serial), utc(since)) for who, since in revoked]
    further = sequence(extension("2.5.29.20", False, number(1)), extension("2.5.29.35", False, sequence(value(0x80, by.identifier))))
    tbs = sequence(
        number(1), by.key.algorithm, by.name, utc(BEGIN), utc(END),
        sequence(*entries) if entries else b"", value(0xA0, further),
    )  # fmt: skip
    return sequence(tbs, by.key.algorithm, bits(by.key.sign(tbs)))


def armoured(kind: str, der: bytes) -> bytes:
    return pem.armor(kind, der)


# --- CMS ---------------------------------------------------------------------------------------------------------------


def attribute(name: str, *content: bytes) -> bytes:
    return sequence(oid(name), set_of(*content))


def content_type(name: str = DATA) -> bytes:
    return attribute("1.2.840.113549.1.9.3", oid(name))


def message_digest(hashed: bytes) -> bytes:
    return attribute("1.2.840.113549.1.9.4", octets(hashed))


def binding(to: Person) -> bytes:
    """signing-certificate-v2, with the default SHA-256."""
    return attribute("1.2.840.113549.1.9.16.2.47", sequence(sequence(sequence(octets(hashlib.sha256(to.der).digest())))))


class Cms(typing.NamedTuple):
    """A SignedData of baseline form; every part may be another."""

    who: Person
    binds: Person | None = None
    bound: bool = True
    typed: bool = True
    further: tuple[bytes, ...] = ()
    attributes: bool = True
    carried: tuple[bytes, ...] | None = None
    unsigned: typing.Callable[[bytes], bytes] | None = None
    content: bytes | None = None
    kind: str = DATA
    outer: str = SIGNED_DATA
    version: int | None = None
    by_identifier: bool = False
    algorithm: bytes | None = None
    spoil: bool = False
    signers: int = 1
    declared: bytes | None = None

    def over(self, covered: bytes, _ranges=b"") -> bytes:
        return self.around(self.who.key.hash(covered), covered)

    def around(self, hashed: bytes, message: bytes) -> bytes:
        """For a digest; `message` is what is signed where there are no attributes."""
        key = self.who.key
        signed = [content_type(self.kind)] if self.typed else []
        signed += [message_digest(hashed), *([binding(self.binds or self.who)] if self.bound else []), *self.further]
        signature = key.sign(set_of(*signed) if self.attributes else message)
        if self.spoil:
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        by = value(0x80, self.who.identifier) if self.by_identifier else self.issued()
        info = sequence(
            number(3 if self.by_identifier else 1), by, sequence(oid(key.hash_name)),
            b"\xa0" + set_of(*signed)[1:] if self.attributes else b"", self.algorithm or key.algorithm, octets(signature),
            b"\xa1" + set_of(self.unsigned(signature))[1:] if self.unsigned else b"",
        )  # fmt: skip
        version = self.version or (3 if self.by_identifier or self.kind != DATA else 1)
        inner = sequence(oid(self.kind), value(0xA0, octets(self.content)) if self.content is not None else b"")
        carried = (self.who.der,) if self.carried is None else self.carried
        declared = set_of(sequence(oid(key.hash_name))) if self.declared is None else self.declared
        data = sequence(number(version), declared, inner, value(0xA0, b"".join(carried)) if carried else b"", value(0x31, info * self.signers))
        return sequence(oid(self.outer), value(0xA0, data))

    def issued(self) -> bytes:
        read = asn1_x509.Certificate.load(self.who.der)
        return sequence(read.issuer.dump(), number(read.serial_number))


def token(stamper: Person, over: bytes, at: datetime.datetime) -> bytes:
    """A time-stamp by RFC 3161."""
    imprint = sequence(sequence(oid(SHA256)), octets(hashlib.sha256(over).digest()))
    info = sequence(number(1), oid("2.999.1"), imprint, number(1), general(at))
    return Cms(stamper, content=info, kind=TST_INFO).over(info)


def stamped(stamper: Person, at: datetime.datetime, over: bytes | None = None) -> typing.Callable[[bytes], bytes]:
    """An unsigned attribute with a token over the signature value, or over something else."""
    return lambda signature: attribute("1.2.840.113549.1.9.16.2.14", token(stamper, over or signature, at))
