"""Shadow attacks: the author prepares a page, somebody honest signs it, the author switches it afterwards.

Each attack names the levels of certification it is tried under; None is an approval signature. The signed page must
be accepted before the switch, or the attack shows nothing.
"""

import asyncio
import hashlib
import re
import typing

import bases
import forge
from forge import Update
from pyhanko.sign.fields import MDPPerm

NEVER = (None, 1, 2)  # under no level may this pass

CATALOG, PAGES, PAGE, CONTENT, FONT, FORM, FIRST = range(1, 8)


def drawing(words: bytes, room: int = 0) -> bytes:
    """Content of a page; blanks make it as long as another."""
    return (b"BT /F 14 Tf 72 740 Td (" + words + b") Tj ET").ljust(room)


class Draft(typing.NamedTuple):
    """An unsigned page by the author: further entries of the objects every page has, and further objects (from 7)."""

    page: bytes = b""
    catalog: bytes = b""
    form: bytes = b""
    fields: bytes = b""
    annotations: bytes = b""
    content: bytes = forge.stream(b"", drawing(b"Amount: 100"))
    font: bytes = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    resources: bytes = b""
    trailer: bytes = b""
    objects: tuple[bytes, ...] = ()
    entries: dict[int, tuple[int, int]] = {}

    def written(self) -> bytes:
        resources = b"/Resources << /Font << /F %d 0 R >> %s >>" % (FONT, self.resources)
        head = b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R " % (PAGES, CONTENT)
        objects = [
            b"<< /Type /Catalog /Pages %d 0 R /AcroForm %d 0 R %s >>" % (PAGES, FORM, self.catalog),
            b"<< /Type /Pages /Count 1 /Kids [ %d 0 R ] >>" % PAGE,
            head + resources + b" /Annots [ %s ] %s >>" % (self.annotations, self.page),
            self.content,
            self.font,
            b"<< /Fields [ %s ] /DA (/F 10 Tf 0 g) %s >>" % (self.fields, self.form),
            *self.objects,
        ]
        data, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", {}
        for number, body in enumerate(objects, 1):
            places[number] = (len(data), 0)
            data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
        places.update(self.entries)
        size = max(places) + 1
        words = b"xref\n0 1\n0000000000 65535 f \n" + forge.table(places)[5:]
        words += b"trailer\n<< /Size %d /Root 1 0 R %s >>\n" % (size, self.trailer)
        return data + words + b"startxref\n%d\n%%%%EOF\n" % len(data)


class Prepared(typing.NamedTuple):
    name: str
    about: str
    levels: tuple[int | None, ...]
    draft: typing.Callable[[], Draft]
    switch: typing.Callable[[forge.Signed, "Desk"], bytes]
    expects: str = "reject"


class Desk(typing.NamedTuple):
    """The honest signer's authority, and a stranger's."""

    honest: bases.Authority
    stranger: bases.Authority

    def sealed(self, draft: Draft, level: int | None) -> bytes:
        certify = MDPPerm(level) if level else None
        return bases.sign(draft.written(), self.honest.signer(), certify=certify, strict=False)


SHADOWS: list[Prepared] = []


def shadow(name, about, draft, switch, levels=NEVER, expects="reject"):
    SHADOWS.append(Prepared(name, about, levels, draft if callable(draft) else lambda: draft, switch, expects))


def put(number, body):
    """A switch that gives an object another body."""
    return lambda of, _: Update(of).set(number, body() if callable(body) else body).done()


COVER = forge.stream(b"/Type /XObject /Subtype /Form /BBox [0 0 300 30]", b"1 1 1 rg 0 0 300 30 re f")
BARE = forge.stream(b"/Type /XObject /Subtype /Form /BBox [0 0 600 850]", b"")
FORGED = drawing(b"Amount: 999")
ROOM = len(drawing(b"Amount: 100"))

# ------------------------------------------------------------------ hide: a picture over the text goes away

covered = Draft(
    resources=b"/XObject << /C 7 0 R >>",
    content=forge.stream(b"", drawing(b"Amount: 999") + b" q 1 0 0 1 72 735 cm /C Do Q " + drawing(b"")),
    objects=(COVER,),
)
shadow("cover_null", "the picture over the text becomes null", covered, put(7, b"null"))
shadow("cover_empty", "the picture over the text becomes empty", covered, put(7, BARE))


def free(of, _):
    update = Update(of)
    update.entries[7] = None
    return update.done()


shadow("cover_freed", "the picture over the text is freed", covered, free)

layered = covered._replace(
    catalog=b"/OCProperties << /OCGs [ 8 0 R ] /D 9 0 R >>",
    objects=(
        forge.stream(b"/Type /XObject /Subtype /Form /BBox [0 0 300 30] /OC 8 0 R", b"1 1 1 rg 0 0 300 30 re f"),
        b"<< /Type /OCG /Name (cover) >>", b"<< /ON [ 8 0 R ] >>",
    ),
)  # fmt: skip
shadow("layer_off", "the layer over the text is switched off", layered, put(9, b"<< /OFF [ 8 0 R ] >>"))

# ------------------------------------------------------------------ replace: what shows the text changes

shadow("font", "the font is replaced", Draft(), put(FONT, b"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>"))
lengthy = Draft(content=b"<< /Length 7 0 R >>\nstream\n" + FORGED[:-3].ljust(60) + b"\nendstream", objects=(b"60",))
shadow("length", "the length of the content changes", lengthy, put(7, b"20"))
small = b"/Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray"
thumb = Draft(page=b"/Thumb 7 0 R", objects=(forge.stream(small, b"0"),))
shadow("thumb", "the page's small picture is replaced", thumb, put(7, forge.stream(small, b"9")))
attached = Draft(
    catalog=b"/AF [ 7 0 R ]",
    objects=(
        b"<< /Type /Filespec /F (a.json) /UF (a.json) /AFRelationship /Data /EF << /F 8 0 R >> >>",
        forge.stream(b"/Type /EmbeddedFile", b"amount: 100"),
    ),
)
shadow("attachment", "the attached file is replaced", attached, put(8, forge.stream(b"/Type /EmbeddedFile", b"amount: 999")))
as_info = Draft(trailer=b"/Info 5 0 R")
shadow("font_is_info", "the font is also the document information", as_info, put(FONT, b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>"))

# What the rules of form and annotations exempt must not be what the page shows.
shadow(
    "content_is_page", "the page's content says that it is a page",
    Draft(content=forge.stream(b"/Type /Page", drawing(b"Amount: 100"))),
    put(CONTENT, forge.stream(b"/Type /Page", FORGED)),
)  # fmt: skip
as_field = Draft(fields=b"4 0 R", content=forge.stream(b"/FT /Tx /T (x)", drawing(b"Amount: 100")))
shadow("content_is_field", "the page's content is a field of the form", as_field, put(CONTENT, forge.stream(b"/FT /Tx /T (x)", FORGED)))
as_annotation = Draft(annotations=b"4 0 R", content=forge.stream(b"/Subtype /Text", drawing(b"Amount: 100")))
shadow(
    "content_is_annotation", "the page's content is one of its annotations", as_annotation,
    put(CONTENT, forge.stream(b"/Subtype /Text", FORGED)),
)  # fmt: skip
picture_listed = covered._replace(annotations=b"7 0 R")
shadow("cover_is_annotation", "the picture over the text is one of the annotations", picture_listed, put(7, COVER.replace(b"1 1 1 rg", b"3 Tr    ")))


def faced(kind: bytes, key: bytes = b"P", type_: bytes = b"/XObject") -> Draft:
    """An annotation or field whose picture shows a second picture under a name that walkers skip."""
    inner = b"/Resources << /XObject << /%s 9 0 R >> >>" % key
    return Draft(
        annotations=b"7 0 R",
        fields=b"7 0 R" if b"/FT" in kind else b"",
        objects=(
            b"<< /Type /Annot %s /Rect [72 700 372 730] /F 4 /AP << /N 8 0 R >> >>" % kind,
            forge.stream(b"/Type %s /Subtype /Form /BBox [0 0 300 30] %s" % (type_, inner), b"/%s Do" % key),
            forge.stream(b"/Type /XObject /Subtype /Form /BBox [0 0 300 30]", b"0 1 0 rg 0 0 300 30 re f"),
        ),
    )


STAMP, TEXT = b"/Subtype /Stamp /Contents (a)", b"/Subtype /Widget /FT /Tx /T (x) /V (100)"
RED = forge.stream(b"/Type /XObject /Subtype /Form /BBox [0 0 300 30]", b"1 0 0 rg 0 0 300 30 re f")
shadow("annotation_face", "a picture inside an annotation's picture is replaced", faced(STAMP, b"X"), put(9, RED))
shadow("annotation_face_p", "the same under the name /P", faced(STAMP), put(9, RED))
shadow("annotation_face_parent", "the same under the name /Parent", faced(STAMP, b"Parent"), put(9, RED))
shadow("annotation_face_page", "the same below a picture that says it is a page", faced(STAMP, b"X", b"/Page"), put(9, RED))
shadow("field_face", "a picture inside a field's picture is replaced", faced(TEXT, b"X"), put(9, RED))
shadow("field_face_p", "the same under the name /P", faced(TEXT), put(9, RED))
shadow("field_face_page", "the same below a picture that says it is a page", faced(TEXT, b"X", b"/Page"), put(9, RED))

# ------------------------------------------------------------------ fields and annotations prepared and switched on


def widget(entries: bytes) -> bytes:
    return b"<< /Type /Annot /Subtype /Widget /Rect [0 0 595 842] %s >>" % entries


def one_field(entries: bytes, pinned=True, *further: bytes) -> Draft:
    return Draft(fields=b"7 0 R", annotations=b"7 0 R" if pinned else b"", objects=(widget(entries), *further))


OVER = forge.picture()
empty = one_field(b"/FT /Tx /T (over) /F 4 /AP << /N 8 0 R >>", True, BARE)
full = widget(b"/FT /Tx /T (over) /F 4 /V (FORGED) /AP << /N 20 0 R >>")


def filled(of, _=None):
    update = Update(of)
    update.next = 21
    return update.set(20, OVER).set(7, full).done()


shadow("field_filled", "an empty field over the page is filled", empty, filled)
shadow("field_picture", "the field's picture is replaced in place", empty, put(8, OVER))
hidden = one_field(b"/FT /Tx /T (over) /F 2 /AP << /N 8 0 R >>", True, OVER)
shadow("field_shown", "a hidden field over the page is shown", hidden, put(7, widget(b"/FT /Tx /T (over) /F 4 /AP << /N 8 0 R >>")))
states = b"/FT /Btn /T (over) /F 4 /AS /%s /V /%s /AP << /N << /Off 8 0 R /On 9 0 R >> >>"
shadow(
    "button_on", "a check box over the page is switched on",
    one_field(states % (b"Off", b"Off"), True, BARE, OVER), put(7, widget(states % (b"On", b"On"))),
)  # fmt: skip


def pin(of, _):
    return Update(of).pinned(b"7 0 R").done()


shadow("field_pinned", "a field that was on no page is pinned to one", one_field(b"/FT /Tx /T (over) /F 4 /AP << /N 8 0 R >>", False, OVER), pin)
shadow("seal_field_pinned", "an unsigned signature field likewise", one_field(b"/FT /Sig /T (over) /F 4 /AP << /N 8 0 R >>", False, OVER), pin)
two = Draft(annotations=b"7 0 R 8 0 R", objects=tuple(
    b"<< /Type /Annot /Subtype /Stamp /Rect [72 700 372 730] /F 4 /AP << /N %d 0 R >> >>" % face for face in (9, 10)
) + (RED, RED.replace(b"1 0 0", b"0 1 0")))  # fmt: skip
two_fields = one_field(b"/FT /Btn /Ff 65536 /T (a) /F 4 /AP << /N 9 0 R >>")._replace(
    fields=b"7 0 R 8 0 R", annotations=b"7 0 R 8 0 R", objects=tuple(
        widget(b"/FT /Btn /Ff 65536 /T (%s) /F 4 /AP << /N %d 0 R >>" % pair) for pair in ((b"a", 9), (b"b", 10))
    ) + (RED, RED.replace(b"1 0 0", b"0 1 0")),
)  # fmt: skip


def reordered(of, _):
    annotations = [forge.written(one) for one in of.page.Annots]
    annotations[0], annotations[1] = annotations[1], annotations[0]
    return Update(of).page(("/Annots",), b"/Annots [ " + b" ".join(annotations) + b" ]").done()


shadow("annotations_reordered", "the annotation below is put on top", two, reordered)
shadow("fields_reordered", "the field below is put on top", two_fields, reordered)
shadow("kid_added", "a field gets one more widget, over the page", Draft(
    fields=b"7 0 R", annotations=b"8 0 R", objects=(
        b"<< /FT /Tx /T (a) /Kids [ 8 0 R ] >>", widget(b"/Parent 7 0 R").replace(b"595 842", b"9 9"))), lambda of, _: kid(of))  # fmt: skip


def kid(of):
    update = Update(of)
    face = update.add(OVER)
    other = update.add(widget(b"/Parent 7 0 R /F 4 /AP << /N %d 0 R >>" % face))
    return update.set(7, b"<< /FT /Tx /T (a) /Kids [ 8 0 R %d 0 R ] >>" % other).pinned(b"%d 0 R" % other).done()


shadow("value_changed", "the value of a filled field changes", one_field(
    b"/FT /Tx /T (a) /F 4 /V (100) /AP << /N 8 0 R >>", True, forge.picture(b"100", b"0 0 99 20")), filled)  # fmt: skip
shared = Draft(
    fields=b"7 0 R", annotations=b"7 0 R", resources=b"/XObject << /C 8 0 R >>",
    content=forge.stream(b"", b"q 1 0 0 1 0 0 cm /C Do Q"),
    objects=(widget(b"/FT /Tx /T (a) /AP << /N 8 0 R >>"), forge.picture(b"Amount: 100")),
)  # fmt: skip
shadow("face_shared", "the field's picture is also the page's", shared, put(8, OVER))
fonts = one_field(b"/FT /Tx /T (a) /F 4 /V (100) /DA (/Z 12 Tf 0 g)", True, b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>")
fonts = fonts._replace(form=b"/NeedAppearances true /DR << /Font << /Z 8 0 R >> >>")
shadow("form_font", "the form's own font is replaced in place", fonts, put(8, b"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>"))


def default_resources(of, _):
    update = Update(of)
    font = update.add(b"<< /Type /Font /Subtype /Type1 /BaseFont /ZapfDingbats >>")
    return update.form(b"", ("/DR",), b"/DR << /Font << /Z %d 0 R >> >>" % font).done()


shadow("form_other_font", "the form names another font", fonts, default_resources)
xfa = Draft(form=b"/XFA 7 0 R", objects=(forge.stream(b"", b"<xdp:xdp>100</xdp:xdp>"),))
shadow("xfa", "the XFA form, which Acrobat shows instead of the page, is replaced", xfa, put(7, forge.stream(b"", b"<xdp:xdp>999</xdp:xdp>")))
shadow("xfa_added", "an XFA form is added", Draft(), lambda of, _: xfa_added(of))


def xfa_added(of):
    update = Update(of)
    return update.form(b"", (), b"/XFA %d 0 R" % update.add(forge.stream(b"", b"<xdp:xdp>999</xdp:xdp>"))).done()


# ------------------------------------------------------------------ a later signature that vouches for nothing

seal_field = one_field(b"/FT /Sig /T (over) /F 4")


def false_stamp(of, _):
    update = Update(of)
    face = update.add(OVER)
    value = update.add(FALSE_STAMP)
    return update.set(7, widget(b"/FT /Sig /T (over) /F 4 /V %d 0 R /AP << /N %d 0 R >>" % (value, face))).done()


FALSE_STAMP = b"<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange [0 9 20 9] /Contents <3000> >>"
shadow("false_stamp_with_face", "an empty signature field over the page gets a false time-stamp and a picture", seal_field, false_stamp)


def stamped_by_stranger(of, desk):
    return bases.stamped(filled(of), desk.stranger.stamper())


def with_token(of, update, field: typing.Callable[[int], None], stamper) -> bytes:
    """A document time-stamp written by hand: a true token of anybody's, in a field that `field` makes of its number."""
    blank = b"0" * 16_000
    zero = b"[0 %010d %010d %010d]" % (0, 0, 0)
    head = b"<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange %s /Contents <%s> >>"
    field(update.add(head % (zero, blank)))
    data = update.done()
    begin = data.index(b"<" + blank)
    end = begin + len(blank) + 2
    data = data.replace(zero, b"[0 %010d %010d %010d]" % (begin, end, len(data) - end))
    digest = hashlib.sha256(data[:begin] + data[end:]).digest()
    token = asyncio.run(stamper.async_timestamp(digest, "sha256")).dump() if stamper else b"\x30\x00"
    return data[:begin] + b"<" + token.hex().encode().ljust(len(blank), b"0") + b">" + data[end:]


def stamped_falsely(of, _):
    """Behind the forged value a time-stamp that covers the whole file and holds nothing."""
    data = filled(of)
    update = Update(of, base=data, prev=int(re.findall(rb"startxref\s+(\d+)", data)[-1]))
    update.next = 30
    invisible = b"<< /FT /Sig /T (Stamp) /Type /Annot /Subtype /Widget /F 132 /Rect [0 0 0 0] /V %d 0 R >>"
    return with_token(of, update, lambda value: update.form(b"%d 0 R" % update.add(invisible % value)), None)


def stamp_with_face(of, desk):
    """A true token in the field over the page, and a picture with it."""
    update = Update(of)
    face = update.add(OVER)
    shown = b"/FT /Sig /T (over) /F 4 /V %d 0 R /AP << /N %d 0 R >>"
    return with_token(of, update, lambda value: update.set(7, widget(shown % (value, face))), desk.stranger.stamper())


shadow("stamp_with_face", "an empty signature field over the page gets a true time-stamp and a picture", seal_field, stamp_with_face)
shadow("filled_then_stamped", "the field over the page is filled, a stranger's time-stamp covers it", empty, stamped_by_stranger)
shadow("filled_then_stamped_falsely", "the field is filled, a time-stamp of nothing covers it", empty, stamped_falsely)


def signed_by_stranger(of, desk):
    return bases.sign(of.data, desk.stranger.signer(), "over", existing=True, strict=False)


shadow("stranger_signs", "a stranger signs the empty field over the page", seal_field, signed_by_stranger, (None, 2), "untrusted")


def new_seal_by_stranger(of, desk):
    return bases.sign(of.data, desk.stranger.signer(), "Sneaky", box=(0, 0, 595, 842))


shadow("stranger_adds_seal", "SSA: a stranger adds a signature the size of the page", Draft(), new_seal_by_stranger, (None,), "untrusted")
shadow("stranger_adds_seal_certified", "SSA on a certified page", Draft(), new_seal_by_stranger, (2, 3))
# pyHanko itself refuses to sign where nobody may.
shadow("stranger_adds_seal_forbidden", "a stranger's signature where nobody may sign", Draft(), lambda of, desk: bases.by_openssl(
    of.data, desk.stranger), (1,))  # fmt: skip


def filled_and_signed_by_stranger(of, desk):
    return bases.sign(filled(of), desk.stranger.signer(), "Sneaky", box=None, strict=False)


shadow("filled_then_signed", "the field over the page is filled, a stranger signs that", empty, filled_and_signed_by_stranger, (None, 2), "untrusted")

# ------------------------------------------------------------------ what is already in the signed bytes


class Rolled(Draft):
    """Two revisions of the content before the seal: the older one lies in the signed bytes."""

    def written(self) -> bytes:
        before = Draft(content=forge.stream(b"", FORGED)).written()
        at = len(before)
        data = before + b"%d 0 obj\n" % CONTENT + forge.stream(b"", drawing(b"Amount: 100")) + b"\nendobj\n"
        xref = len(data)
        prev = int(re.findall(rb"startxref\s+(\d+)", before)[-1])
        words = forge.table({CONTENT: (at, 0)}) + b"trailer\n<< /Size %d /Root 1 0 R /Prev %d >>\n" % (FIRST, prev)
        return data + words + b"startxref\n%d\n%%%%EOF\n" % xref


def rolled_back(of, _):
    update = Update(of)
    update.entries[CONTENT] = (of.data.index(b"\n%d 0 obj" % CONTENT) + 1, 0)
    return update.done()


shadow("rolled_back", "the cross-reference alone points at an older content", Rolled, rolled_back)

dormant_catalog = Draft(objects=(
    b"<< /Type /Catalog /Pages 8 0 R >>", b"<< /Type /Pages /Count 1 /Kids [ 9 0 R ] >>",
    b"<< /Type /Page /Parent 8 0 R /MediaBox [0 0 595 842] /Contents 10 0 R /Resources << /Font << /F 5 0 R >> >> >>",
    forge.stream(b"", FORGED),
))  # fmt: skip
shadow("second_catalog", "the trailer names a second catalog that was always there", dormant_catalog, lambda of, _: Update(of).done(root=7))
shadow("second_pages", "the catalog names a second page tree", dormant_catalog, lambda of, _: Update(of).catalog(("/Pages",), b"/Pages 8 0 R").done())


class Dormant(Draft):
    """A whole update lies in a stream of the signed bytes: another content, its cross-reference, its trailer."""

    def written(self) -> bytes:
        plain = Draft(objects=(b"",)).written()
        start = plain.index(b"7 0 obj\n") + len(b"7 0 obj\n")
        for _ in range(2):
            head = b"<< /Length %010d >>\nstream\n" % 0
            at = start + len(head)
            body = b"%d 0 obj\n" % CONTENT + forge.stream(b"", FORGED) + b"\nendobj\n"
            xref = at + len(body)
            body += forge.table({CONTENT: (at, 0)})
            body += b"trailer\n<< /Size 8 /Root 1 0 R /Prev %010d >>\nstartxref\n%d\n%%%%EOF\n" % (0, xref)
        stream = b"<< /Length %d >>\nstream\n" % len(body)
        stream = stream.replace(b"%d" % len(body), b"%010d" % len(body)) + body + b"\nendstream"
        data = Draft(objects=(stream,)).written()
        prev = b"%010d" % int(re.findall(rb"startxref\s+(\d+)", data)[-1])
        return data.replace(b"/Prev 0000000000", b"/Prev " + prev)


def awake(of, _):
    return of.data + b"startxref\n%d\n%%%%EOF\n" % dormant_at(of)


def dormant_at(of):
    return of.data.index(b"xref\n", of.data.index(b"\n7 0 obj"))


def awake_by_update(of, _):
    """An update without objects whose /Prev is the dormant cross-reference."""
    update = Update(of, prev=dormant_at(of))
    update.next += 1
    return update.page().done()


shadow("dormant_update", "the last startxref names a cross-reference hidden in a stream", Dormant, awake)
shadow("dormant_prev", "the /Prev of an update names it", Dormant, awake_by_update)

ahead = covered._replace(objects=(), entries={7: (40_000, 0)})
shadow(
    "entry_ahead", "the signed cross-reference already lists an object that comes later", ahead,
    lambda of, _: of.data.ljust(40_000) + b"7 0 obj\n" + OVER + b"\nendobj\n",
)  # fmt: skip


# ------------------------------------------------------------------ ambiguous from the start: readers disagree about the signed bytes


def same(of, _):
    return of.data


TWO_FONTS = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /%s /ZapfDingbats >>"
shadow("key_twice", "/BaseFont twice in the font", Draft(font=TWO_FONTS % b"BaseFont"), same)
shadow("key_escaped", "/BaseFont twice, once as /Base#46ont", Draft(font=TWO_FONTS % b"Base#46ont"), same)


class ListedTwice(Draft):
    def written(self) -> bytes:
        data = Draft(objects=(forge.stream(b"", FORGED),)).written()
        line = re.search(rb"\n%d 1\n(\d{10} 00000 n \n)" % FIRST, data).group(1)
        return data.replace(b"trailer", b"%d 1\n" % CONTENT + line + b"trailer", 1)


shadow("listed_twice", "one object listed twice in the cross-reference", ListedTwice, same)

assert len({one.name for one in SHADOWS}) == len(SHADOWS), "two shadows of one name"
