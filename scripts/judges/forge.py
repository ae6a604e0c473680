"""A signed PDF taken apart, and updates appended to it by hand: the tools of attacks.py.

pikepdf and qpdf read, so that nothing of ours explains the file to its own judge. Writing is done here, byte by byte,
because no library writes what an attacker writes.
"""

import io
import pathlib
import re
import subprocess
import typing
import zlib

import pikepdf
from asn1crypto import cms


class Skip(Exception):
    """This attack has no meaning for this file; the reason is in the words."""


class Attack(typing.NamedTuple):
    """What is done to a signed file, and what must hold of it afterwards (attacks.py)."""

    name: str
    family: str
    expects: str
    about: str
    make: typing.Callable[["Signed"], bytes]


class Attacks(list[Attack]):
    """A list of them, filled by the functions that make them."""

    def one(self, family, about, expects="reject"):
        def keep(make):
            self.append(Attack(make.__name__, family, expects, about, make))
            return make

        return keep

    def each(self, family, expects, cases) -> None:
        """Many small ones: name → (what it does, how)."""
        self.extend(Attack(name, family, expects, about, make) for name, (about, make) in cases.items())


class Seal(typing.NamedTuple):
    """A signature of the file: its field, its dictionary and where both stand."""

    name: str
    field: pikepdf.Dictionary
    value: pikepdf.Dictionary
    ranges: tuple[int, int, int, int]
    der: bytes

    @property
    def begin(self) -> int:
        """Where the value of /Contents begins: the first byte that is not covered."""
        return self.ranges[1]

    @property
    def end(self) -> int:
        """Behind it."""
        return self.ranges[2]

    @property
    def signature_at(self) -> int:
        """Where in the value the signature itself stands."""
        signer = cms.ContentInfo.load(self.der)["content"]["signer_infos"][0]
        return self.der.index(signer["signature"].native)

    @property
    def is_stamp(self) -> bool:
        return str(self.value.get("/SubFilter", "")) == "/ETSI.RFC3161"

    @property
    def covered_to(self) -> int:
        return self.ranges[2] + self.ranges[3]


class Signed:
    """What an attacker knows of a file: its objects, its cross-reference, its seals."""

    def __init__(self, path: pathlib.Path) -> None:
        self.path = path
        self.data = path.read_bytes()
        self.pdf = pikepdf.open(io.BytesIO(self.data), suppress_warnings=True)
        self.offsets, self.compressed = cross_reference(path)
        self.start = int(re.findall(rb"startxref\s+(\d+)", self.data)[-1])
        self.as_stream = self.data[self.start : self.start + 4] != b"xref"
        self.size = max([*self.offsets, *self.compressed]) + 1
        self.root = self.pdf.Root.objgen[0]
        self.seals = sorted(self.find_seals(), key=lambda seal: seal.covered_to)
        if not self.seals:
            raise ValueError(f"{path}: no signature")

    def find_seals(self):
        found, stack = [], [(field, "") for field in self.pdf.Root.AcroForm.Fields]
        while stack:
            field, above = stack.pop()
            name = ".".join(part for part in (above, str(field.get("/T", ""))) if part)
            stack.extend((kid, name) for kid in field.get("/Kids", []))
            value = field.get("/V")
            if not isinstance(value, pikepdf.Dictionary) or "/ByteRange" not in value:
                continue
            ranges = tuple(int(number) for number in value.ByteRange)
            hole = self.data[ranges[1] : ranges[2]]
            raw = bytes.fromhex(hole[1:-1].decode())
            found.append(Seal(name, field, value, ranges, raw[: der_length(raw)]))
        return found

    @property
    def seal(self) -> Seal:
        """The last one: what a forger must get past."""
        return self.seals[-1]

    @property
    def page(self):
        return self.pdf.pages[0].obj

    @property
    def certified(self) -> int | None:
        """/P of the certification, 1 to 3."""
        for seal in self.seals:
            for reference in seal.value.get("/Reference", []):
                if str(reference.get("/TransformMethod", "")) == "/DocMDP":
                    return int(reference.get("/TransformParams", {}).get("/P", 2))
        return None

    def number(self, value) -> int:
        """The object number of an indirect value."""
        if not value.is_indirect:
            raise Skip("written directly inside another object")
        return value.objgen[0]

    def content(self):
        """The first content stream of the first page."""
        content = self.page.Contents
        content = content[0] if isinstance(content, pikepdf.Array) else content
        self.number(content)
        return content

    def extent(self, number: int) -> tuple[int, int]:
        """From `N G obj` to `endobj` of an object that stands in the file itself."""
        if number not in self.offsets:
            raise Skip("the object is compressed")
        begin = self.offsets[number][0]
        return begin, self.data.index(b"endobj", begin)

    def body(self, number: int) -> bytes:
        begin, end = self.extent(number)
        return re.sub(rb"^\s*\d+\s+\d+\s+obj\s*", b"", self.data[begin:end]).rstrip()

    def trailer(self, size: int, prev: int | None, root: int | None = None) -> bytes:
        """Entries of a trailer that continues this file."""
        words = b"/Size %d /Root %d 0 R" % (size, self.root if root is None else root)
        for key in ("/Info", "/ID"):
            value = self.pdf.trailer.get(key)
            if value is not None:
                words += b" %s %s" % (key.encode(), written(value))
        return words + (b"" if prev is None else b" /Prev %d" % prev)

    def with_hole(self, text: bytes) -> bytes:
        """The file with other bytes in the hole, blanks up to its end."""
        room = self.seal.end - self.seal.begin
        if len(text) > room:
            raise Skip("the hole is too small")
        return self.data[: self.seal.begin] + text.ljust(room) + self.data[self.seal.end :]

    def with_value(self, der: bytes) -> bytes:
        """The file with another CMS in the hole, zeros up to its end."""
        room = (self.seal.end - self.seal.begin) // 2 - 1
        if len(der) > room:
            raise Skip("the value does not fit the hole")
        return self.with_hole(b"<" + der.ljust(room, b"\0").hex().encode() + b">")

    def with_ranges(self, text: bytes) -> bytes:
        """The file with another /ByteRange in the place of the last seal's, of the same length."""
        begin, end = self.extent(self.number(self.seal.value))
        found = [m for m in re.finditer(rb"/ByteRange\s*\[[^\]]*\] *", self.data) if begin <= m.start() < end]
        if len(found) != 1:
            raise Skip(f"{len(found)} byte ranges in the dictionary")
        begin, end = found[0].span()
        if len(text) > end - begin:
            raise Skip("no room for the byte range")
        return self.data[:begin] + text.ljust(end - begin) + self.data[end:]


def cross_reference(path: pathlib.Path):
    """Object number → (offset, generation) of what stands in the file, and the numbers of what is compressed."""
    done = subprocess.run(["qpdf", "--show-xref", str(path)], capture_output=True, timeout=60, check=False)
    offsets, compressed = {}, set()
    for number, generation, rest in re.findall(rb"^(\d+)/(\d+): (.*)$", done.stdout, re.MULTILINE):
        place = re.search(rb"offset = (\d+)", rest)
        if place:
            offsets[int(number)] = (int(place.group(1)), int(generation))
        else:
            compressed.add(int(number))
    return offsets, compressed


def der_length(raw: bytes) -> int:
    """How long the DER value is that these bytes begin with."""
    if raw[1] < 0x80:
        return 2 + raw[1]
    count = raw[1] & 0x7F
    return 2 + count + int.from_bytes(raw[2 : 2 + count], "big")


def written(value) -> bytes:
    """A value as it is written where it is used: a reference if it is indirect."""
    if isinstance(value, pikepdf.Object):
        return b"%d %d R" % value.objgen if value.is_indirect else value.unparse()
    return b"null" if value is None else str(value).lower().encode()


def dictionary(value, without=(), add: bytes = b"") -> bytes:
    """A dictionary copied, less some keys, with others behind."""
    kept = b" ".join(key.encode() + b" " + written(value[key]) for key in value.keys() if key not in without)
    return b"<< " + kept + b" " + add + b" >>"


def stream(entries: bytes, data: bytes) -> bytes:
    return b"<< %s /Length %d >>\nstream\n" % (entries, len(data)) + data + b"\nendstream"


def picture(words: bytes = b"FORGED", box: bytes = b"0 0 600 850") -> bytes:
    """A form XObject that hides what is below and shows its own words."""
    font = b"/Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
    return stream(b"/Type /XObject /Subtype /Form /BBox [%s] %s" % (box, font), ink(words))


def ink(words: bytes = b"FORGED") -> bytes:
    return b"q 1 1 1 rg 0 0 3000 3000 re f Q BT /F 30 Tf 60 600 Td (" + words + b") Tj ET"


def table(entries: dict[int, tuple[int, int] | None]) -> bytes:
    """A cross-reference table; None frees the object."""
    lines = []
    for number in sorted(entries):
        place = entries[number]
        lines.append(b"%d 1\n" % number)
        lines.append(b"%010d %05d n \n" % place if place else b"0000000000 00001 f \n")
    return b"xref\n" + b"".join(lines)


def xref_stream(number: int, at: int, entries: dict, trailer: bytes) -> bytes:
    """A cross-reference stream. An entry is None, (offset, generation) or ("in", object stream, index)."""
    rows, index = b"", b""
    for key, place in sorted({**entries, number: (at, 0)}.items()):
        index += b"%d 1 " % key
        kind, second, third = (0, 0, 1) if place is None else (2, *place[1:]) if place[0] == "in" else (1, *place)
        rows += bytes([kind]) + second.to_bytes(8, "big") + third.to_bytes(4, "big")
    packed = zlib.compress(rows)
    head = b"%d 0 obj\n<< /Type /XRef /W [1 8 4] /Index [%s] /Filter /FlateDecode /Length %d %s >>\nstream\n"
    return head % (number, index, len(packed), trailer) + packed + b"\nendstream\nendobj\n"


class Update:
    """An incremental update (ISO 32000-1 7.5.6) of a signed file."""

    def __init__(self, of: Signed, base: bytes | None = None, prev: int | None = None) -> None:
        self.of = of
        self.base = of.data if base is None else base
        self.prev = of.start if prev is None else prev
        self.objects: dict[int, bytes] = {}
        self.entries: dict[int, tuple | None] = {}
        self.next = of.size

    def add(self, body: bytes) -> int:
        """A new object; its number."""
        self.next += 1
        self.objects[self.next - 1] = body
        return self.next - 1

    def set(self, value, body: bytes) -> "Update":
        """Another body for an object that is there."""
        self.objects[value if isinstance(value, int) else self.of.number(value)] = body
        return self

    def generation(self, number: int) -> int:
        return self.of.offsets.get(number, (0, 0))[1]

    def written(self) -> tuple[bytes, dict]:
        """The file with the new objects behind it, and where they stand."""
        data = self.base if self.base[-1:] in b"\r\n" else self.base + b"\n"
        places = {}
        for number, body in sorted(self.objects.items()):
            generation = self.generation(number)
            places[number] = (len(data), generation)
            data += b"%d %d obj\n" % (number, generation) + body + b"\nendobj\n"
        return data, places

    def done(self, as_stream: bool | None = None, root: int | None = None, extra: bytes = b"") -> bytes:
        data, places = self.written()
        places.update(self.entries)
        at = len(data)
        if self.of.as_stream if as_stream is None else as_stream:
            trailer = self.of.trailer(self.next + 1, self.prev, root) + extra
            data += xref_stream(self.next, at, places, trailer)
        else:
            data += table(places) + b"trailer\n<< " + self.of.trailer(self.next, self.prev, root) + extra + b" >>\n"
        return data + b"startxref\n%d\n%%%%EOF\n" % at

    # What is done again and again.

    def page(self, without=(), add: bytes = b"", page=None) -> "Update":
        page = self.of.page if page is None else page
        return self.set(page, dictionary(page, without, add))

    def forged_page(self) -> "Update":
        """The first page with other content."""
        content = self.add(stream(b"", ink()))
        font = b"<< /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>"
        return self.page(("/Contents", "/Resources"), b"/Contents %d 0 R /Resources %s" % (content, font))

    def pinned(self, reference: bytes) -> "Update":
        """The first page with one more annotation."""
        annotations = self.of.page.get("/Annots")
        known = b" ".join(written(item) for item in annotations) if annotations is not None else b""
        if annotations is not None and annotations.is_indirect:
            return self.set(annotations, b"[ " + known + b" " + reference + b" ]")
        return self.page(("/Annots",), b"/Annots [ " + known + b" " + reference + b" ]")

    def catalog(self, without=(), add: bytes = b"") -> "Update":
        root = self.of.pdf.Root
        return self.set(root, dictionary(root, without, add))

    def form(self, fields: bytes, without=(), add: bytes = b"") -> "Update":
        """The form with further fields."""
        form = self.of.pdf.Root.AcroForm
        known = b" ".join(written(field) for field in form.Fields)
        body = dictionary(form, ("/Fields", *without), b"/Fields [ " + known + b" " + fields + b" ] " + add)
        if form.is_indirect:
            return self.set(form, body)
        return self.catalog(("/AcroForm",), b"/AcroForm " + body)

    def field(self, body: bytes) -> "Update":
        """One more field, pinned to the first page."""
        reference = b"%d 0 R" % self.add(body)
        return self.form(reference).pinned(reference)
