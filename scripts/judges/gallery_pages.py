"""Small pages for gallery.py: written object by object, with one seal, and everything that may be wrong about it."""

import re
import typing

import forge

CATALOG, PAGES, PAGE, CONTENT, FONT, FORM, FIELD, VALUE, FREE = range(1, 10)
HEAD = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
RANGES = b"[0 0000000000 0000000000 0000000000]"
DETACHED, CADES, SEALS = b"adbe.pkcs7.detached", b"ETSI.CAdES.detached", b"Example.SES"
AREA = b"/MediaBox [0 0 240 160]"
WIDGET = b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /F 132 /Rect [0 0 0 0] /P 3 0 R /V %s >>"

Objects = dict[int, bytes]
Value = typing.Callable[[bytes, bytes], bytes]


def dictionary(hole=1100, subfilter=CADES, when: bytes | None = b"(D:20260301100000+08'00')", more=b"", ranges=RANGES, contents=None) -> bytes:
    """A signature dictionary with an empty hole."""
    claimed = b"/M %s " % when if when is not None else b""
    contents = b"<%s>" % (b"0" * hole * 2) if contents is None else contents
    return b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /%s %s%s /ByteRange %s /Contents %s >>" % (subfilter, claimed, more, ranges, contents)


def plain(words=b"Amount: 100", catalog=b"", page=b"", fields=b"", annotations=b"", further: Objects | None = None) -> Objects:
    """A page that nobody sealed."""
    return {
        CATALOG: b"<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R %s >>" % catalog,
        PAGES: b"<< /Type /Pages /Count 1 /Kids [3 0 R] >>",
        PAGE: b"<< /Type /Page /Parent 2 0 R %s /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> /Annots [%s] %s >>" % (AREA, annotations, page),
        CONTENT: drawn(words),
        FONT: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        FORM: b"<< /Fields [%s] /DA (/F 10 Tf 0 g) >>" % fields,
        **(further or {}),
    }


def drawn(words: bytes) -> bytes:
    return forge.stream(b"", b"BT /F 14 Tf 20 120 Td (%s) Tj ET" % words)


def sealed(value=None, fields=b"", annotations=b"", area=b"[0 0 0 0]", **of_page) -> Objects:
    """A page with a seal; its value is filled in when it is written. `area` may have entries of the widget behind it."""
    further = of_page.pop("further", {}) or {}
    own = {FIELD: WIDGET.replace(b"[0 0 0 0]", area) % (b"Seal", b"8 0 R"), VALUE: value or dictionary(), **further}
    return plain(fields=b"7 0 R " + fields, annotations=b"7 0 R " + annotations, further=own, **of_page)


def section(places: dict, first: bool) -> bytes:
    free = b"0 1\n0000000000 65535 f \n" if first else b""
    return b"xref\n" + free + forge.table(places)[5:]


def written(objects: Objects, base=b"", head=HEAD, places=None, trailer=b"", table=section, start: int | None = None) -> bytes:
    """A revision: the first one, or one behind `base`. `places` are further entries, `start` another startxref."""
    data = base or head
    found = {}
    for number, body in sorted(objects.items()):
        found[number] = (len(data), 0)
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    found.update(places or {})
    at = len(data)
    previous = re.findall(rb"startxref\s+(\d+)", base)
    before = b"/Prev %d " % int(previous[-1]) if previous else b""
    size = max([*found, 0, *map(int, re.findall(rb"/Size (\d+)", base))]) + (0 if base else 1)
    size = max(size, max([*found, 0]) + 1)
    data += table(found, not base) + b"trailer\n<< /Size %d /Root 1 0 R %s%s >>\n" % (size, before, trailer)
    return data + b"startxref\n%d\n%%%%EOF\n" % (at if start is None else start)


def filled(data: bytes, value: Value, since=0, ranges=None) -> bytes:
    """The first empty hole behind `since` filled with `value(covered, text of the byte range)`."""
    begin = data.index(b"<" + b"0" * 64, since)
    end = data.index(b">", begin) + 1
    text = (ranges or usual)(begin, end, len(data))
    data = data[:since] + data[since:].replace(RANGES, text.ljust(len(RANGES)), 1)
    der = value(covered(data, text) or data[:begin] + data[end:], text).hex().encode()
    room = end - begin - 2
    if len(der) > room:
        raise ValueError(f"a value of {len(der) // 2} octets, a hole of {room // 2}")
    return data[: begin + 1] + der.ljust(room, b"0") + data[end - 1 :]


def covered(data: bytes, text: bytes) -> bytes | None:
    """What a byte range covers, where it is one."""
    numbers = [int(number) for number in re.findall(rb"\d+", text)]
    if len(numbers) != 4 or numbers[2] + numbers[3] > len(data):
        return None
    first, length, second, rest = numbers
    return data[first : first + length] + data[second : second + rest]


def usual(begin: int, end: int, size: int) -> bytes:
    return b"[0 %d %d %d]" % (begin, end, size - end)


def signed(value: Value, objects: Objects | None = None, base=b"", ranges=None, **how) -> bytes:
    """A revision with its seal."""
    return filled(written(sealed() if objects is None else objects, base, **how), value, len(base), ranges)


def changed(signed: bytes, what: bytes, into: bytes) -> bytes:
    """Another few bytes in the place of the same number."""
    assert len(what) == len(into) and signed.count(what) == 1, (what, signed.count(what))
    return signed.replace(what, into)
