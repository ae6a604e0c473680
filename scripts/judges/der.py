"""DER, written by hand, and SM3: what the makers of strange certificates, signatures and seals are built of."""

from asn1crypto import core
from gmssl import sm3


def digest(message: bytes) -> bytes:
    """SM3, by gmssl."""
    return bytes.fromhex(sm3.sm3_hash(list(message)))


def value(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else (b := size.to_bytes((size.bit_length() + 7) // 8, "big")) and bytes([0x80 | len(b)]) + b
    return bytes([tag]) + length + content


def sequence(*parts: bytes) -> bytes:
    return value(0x30, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    return value(0x31, b"".join(sorted(parts)))


def oid(name: str) -> bytes:
    return core.ObjectIdentifier(name).dump()


def number(of: int) -> bytes:
    return core.Integer(of).dump()


def octets(content: bytes) -> bytes:
    return value(4, content)


def bits(content: bytes) -> bytes:
    return value(3, b"\0" + content)


def ia5(text: str) -> bytes:
    return value(0x16, text.encode("ascii"))
