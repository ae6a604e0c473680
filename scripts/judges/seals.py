"""Electronic seals by GB/T 38540-2020 and GM/T 0031: SESeal and SES_Signature, every part of which may be another."""

import datetime
import math
import typing
import zlib

import forge
from der import bits, ia5, number, octets, oid, sequence, value
from gallery_people import SEALED, Person, general, moment, token, utc

MADE, START, STOP = moment("2026-02-01 10:00"), moment("2026-02-01 00:00"), moment("2046-02-01 00:00")
SIDE, RED = 128, b"\xc0\x10\x10"


def drawn(shape: typing.Callable[[float, float], bool]) -> list[bytes]:
    """Rows of one bit a pixel, 1 where there is ink; `shape` is asked between -1 and 1."""
    steps = [(2 * at + 1) / SIDE - 1 for at in range(SIDE)]
    rows = ["".join("1" if shape(x, y) else "0" for x in steps) for y in steps]
    return [int(row, 2).to_bytes(SIDE // 8, "big") for row in rows]


def ring(x: float, y: float) -> bool:
    return 0.85 < math.hypot(x, y) < 0.98


def star(x: float, y: float) -> bool:
    """A ring with a star of five points inside."""
    turn = (math.atan2(x, -y) / (2 * math.pi / 5) + 0.5) % 1 - 0.5
    return ring(x, y) or math.hypot(x, y) < 0.45 * (1 - 1.1 * abs(turn))


def square(x: float, y: float) -> bool:
    """The ring of another office, with a square inside."""
    return ring(x, y) or max(abs(x), abs(y)) < 0.35


def png(rows: list[bytes]) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    head = SIDE.to_bytes(4, "big") * 2 + b"\x01\x03\x00\x00\x00"
    data = zlib.compress(b"".join(b"\x00" + row for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"PLTE", b"\xff" * 3 + RED) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


PICTURE, OTHER = png(drawn(star)), png(drawn(square))


def appearance(number: int, side: float) -> dict[int, bytes]:
    """Objects `number` and the next: PICTURE as it is shown, so many points wide."""
    data = zlib.compress(b"".join(drawn(star)), 9)
    colours = b"[/Indexed /DeviceRGB 1 <ffffff%s>]" % RED.hex().encode()
    image = b"/Subtype /Image /Width %d /Height %d /BitsPerComponent 1 /ColorSpace %s /Filter /FlateDecode" % (SIDE, SIDE, colours)
    form = b"/Subtype /Form /BBox [0 0 %g %g] /Resources << /XObject << /I %d 0 R >> >>" % (side, side, number + 1)
    return {number: forge.stream(form, b"%g 0 0 %g 0 0 cm /I Do" % (side, side)), number + 1: forge.stream(image, data)}


class Seal(typing.NamedTuple):
    """SESeal; every part may be another."""

    maker: Person
    listed: bytes
    version: int = 4
    header: int | None = None
    kind: int = 1
    created: datetime.datetime = MADE
    start: datetime.datetime = START
    stop: datetime.datetime = STOP
    picture: tuple[str, bytes, int, int] = ("png", PICTURE, 42, 42)
    certificate: bytes | None = None
    algorithm: str | None = None
    says: bytes | None = None
    token: bytes = b""

    def der(self) -> bytes:
        clock = utc if self.version == 1 else general
        kind, data, width, height = self.picture
        info = sequence(
            sequence(ia5("ES"), number(self.header or self.version), ia5("EXAMPLE")), ia5("99000000000001"),
            sequence(
                number(1), value(0x0C, "样例印章".encode()), b"" if self.version == 1 else number(self.kind), sequence(self.listed),
                *map(clock, (self.created, self.start, self.stop)),
            ),
            sequence(ia5(kind), octets(data), number(width), number(height)),
        )  # fmt: skip
        by = octets(self.maker.der if self.certificate is None else self.certificate), oid(self.algorithm or self.maker.key.name)
        signed = bits(self.maker.key.sign(self.says or (sequence(info, *by) if self.version == 1 else info)))
        return sequence(info, sequence(*by, signed)) if self.version == 1 else sequence(info, *by, signed, self.token)


class Pressing(typing.NamedTuple):
    """SES_Signature; every part may be another."""

    who: Person
    seal: bytes
    version: int = 4
    time: bytes | None = None
    when: datetime.datetime = SEALED
    hashed: bytes | None = None
    property: str | None = None
    extensions: bytes = b""
    certificate: bytes | None = None
    algorithm: str | None = None
    raw: bool = False
    spoil: bool = False
    stamper: Person | None = None

    def over(self, covered: bytes, ranges: bytes) -> bytes:
        key = self.who.key
        by = octets(self.who.der if self.certificate is None else self.certificate), oid(self.algorithm or key.name)
        time = self.time or (bits(utc(self.when)) if self.version == 1 else general(self.when))
        parts = (
            number(self.version), self.seal, time, bits(self.hashed or key.hash(covered)),
            ia5(self.property or ranges.decode()), self.extensions,
        )  # fmt: skip
        message = sequence(*parts, *by) if self.version == 1 else sequence(*parts)
        signature = key.raw(message) if self.raw else key.sign(message)
        if self.spoil:
            signature = signature[:-1] + bytes([signature[-1] ^ 1])
        stamp = value(0xA0, bits(token(self.stamper, signature, SEALED))) if self.stamper else b""
        return sequence(message, *(() if self.version == 1 else by), bits(signature), stamp)
