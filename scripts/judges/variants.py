"""Attacks on the structure of any signed file, one function each. attacks.py makes them and has them judged."""

import re

import forge
from forge import Skip, Update

ATTACKS = forge.Attacks()


# ------------------------------------------------------------------ honest, so that strictness alone wins nothing


@ATTACKS.one("honest", "a security store is added", "accept")
def honest_evidence(of):
    if "/DSS" in of.pdf.Root:
        raise Skip("has one")
    update = Update(of)
    store = update.add(b"<< /Type /DSS /Certs [ ] >>")
    return update.catalog(add=b"/DSS %d 0 R" % store).done()


@ATTACKS.one("honest", "the catalog is written again, unchanged", "accept")
def honest_rewrite(of):
    return Update(of).catalog().done()


@ATTACKS.one("honest", "an empty text field is filled", "filled")
def honest_fill(of):
    if of.certified == 1 or any("/Lock" in seal.field or locks(seal) for seal in of.seals):
        raise Skip("locked")
    return fill(of)


def locks(seal):
    return any(str(one.get("/TransformMethod", "")) == "/FieldMDP" for one in seal.value.get("/Reference", []))


def fill(of):
    field = next((one for one in of.pdf.Root.AcroForm.Fields if str(one.get("/FT", "")) == "/Tx"), None)
    if field is None:
        raise Skip("no text field")
    update = Update(of)
    face = update.add(forge.picture(b"filled", b"0 0 200 20"))
    return update.set(field, forge.dictionary(field, ("/V", "/AP"), b"/V (filled) /AP << /N %d 0 R >>" % face)).done()


# ------------------------------------------------------------------ USF: a signature that cannot be read


def ranges_of(text):
    def make(of):
        first, second, rest = of.seal.begin, of.seal.end, len(of.data) - of.seal.end
        return of.with_ranges(text.format(a=first, b=second, c=rest).encode())

    return make


ATTACKS.each("USF", "reject", {
    "range_null": ("/ByteRange null", ranges_of("/ByteRange null")),
    "range_gone": ("no /ByteRange", ranges_of("")),
    "range_empty": ("/ByteRange []", ranges_of("/ByteRange []")),
    "range_three": ("three numbers", ranges_of("/ByteRange[0 {a} {b}]")),
    "range_name": ("a name", ranges_of("/ByteRange/None")),
    "range_minus": ("negative numbers", ranges_of("/ByteRange[0 -{a} {b} 9]")),
    "range_real": ("real numbers", ranges_of("/ByteRange[0. 1. 2. 3.]")),
    "range_words": ("strings", ranges_of("/ByteRange[(0)(9)(99)(9)]")),
    "range_nested": ("arrays in the array", ranges_of("/ByteRange[[0][1][2][3]]")),
    "range_overflow": ("the sum leaves 64 bits", ranges_of("/ByteRange[0 1 18446744073709551615 9]")),
    "range_beyond": ("ends behind the file", ranges_of("/ByteRange[0 {a} {b} 9999999]")),
    "range_no_gap": ("no gap", ranges_of("/ByteRange[0 {a} {a} 9]")),
    "range_backwards": ("second range before the first", ranges_of("/ByteRange[{b} {c} 0 {a}]")),
    "range_overlapping": ("ranges overlap", ranges_of("/ByteRange[0 {b} {a} 9]")),
    "range_short": ("covers the first 9 bytes", ranges_of("/ByteRange[0 9 {b} {c}]")),
    "range_first_only": ("nothing behind the gap", ranges_of("/ByteRange[0 {a} {b} 0]")),
    "range_not_from_start": ("begins at 1", ranges_of("/ByteRange[1 {a} {b} 9]")),
    "range_digits": ("a thousand digits", ranges_of("/ByteRange[0 1 2 99999999999999999999999]")),
})  # fmt: skip

ATTACKS.each("USF", "reject", {
    "contents_null": ("/Contents null", lambda of: of.with_hole(b"null")),
    "contents_none": ("no value", lambda of: of.with_hole(b"")),
    "contents_empty": ("<>", lambda of: of.with_hole(b"<>")),
    "contents_zeros": ("zeros alone", lambda of: of.with_value(b"")),
    "contents_name": ("a name", lambda of: of.with_hole(b"/None")),
    "contents_array": ("an array", lambda of: of.with_hole(b"[<" + of.seal.der.hex().encode() + b">]")),
    "contents_dictionary": ("a dictionary", lambda of: of.with_hole(b"<< /A <" + of.seal.der.hex().encode() + b"> >>")),
    "contents_part": ("the value is cut before its signature", lambda of: of.with_value(of.seal.der[: of.seal.signature_at])),
    "contents_open": ("no closing bracket", lambda of: of.data[: of.seal.end - 1] + b"0" + of.data[of.seal.end :]),
    "contents_open_begin": ("no opening bracket", lambda of: of.data[: of.seal.begin] + b"0" + of.data[of.seal.begin + 1 :]),
})  # fmt: skip


@ATTACKS.one("USF", "the key /Contents is spoiled")
def contents_key(of):
    at = of.data.rindex(b"/Contents", 0, of.seal.begin)
    return of.data[:at] + b"/Contentz" + of.data[at + 9 :]


def value_without(key):
    def make(of):
        number = of.number(of.seal.value)
        body = re.sub(rb"/%s\s*(\[[^\]]*\]|<[0-9a-fA-F]*>|/[A-Za-z.0-9]+)" % key, b"", of.body(number), count=1)
        return Update(of).set(number, body).done()

    return make


ATTACKS.each("USF", "reject", {
    "update_without_range": ("an update drops /ByteRange", value_without(b"ByteRange")),
    "update_without_contents": ("an update drops /Contents", value_without(b"Contents")),
    "update_without_filter": ("an update drops /SubFilter", value_without(b"SubFilter")),
    "update_null_value": ("an update makes the signature null", lambda of: Update(of).set(of.seal.value, b"null").done()),
    "update_number": ("an update makes it a number", lambda of: Update(of).set(of.seal.value, b"7").done()),
    "update_loop": (
        "an update makes it a reference to itself",
        lambda of: Update(of).set(of.seal.value, b"%d 0 R" % of.number(of.seal.value)).done(),
    ),
    "field_without_value": (
        "an update takes /V out of the field",
        lambda of: Update(of).set(of.seal.field, forge.dictionary(of.seal.field, ("/V",))).done(),
    ),
    "field_other_type": (
        "an update makes it a text field",
        lambda of: Update(of).set(of.seal.field, forge.dictionary(of.seal.field, ("/FT",), b"/FT /Tx")).done(),
    ),
    "field_renamed": (
        "an update renames the field",
        lambda of: Update(of).set(of.seal.field, forge.dictionary(of.seal.field, ("/T",), b"/T (Mayor)")).done(),
    ),
    "field_freed": ("an update frees the field", lambda of: freed(of, of.number(of.seal.field))),
    "value_freed": ("an update frees the signature", lambda of: freed(of, of.number(of.seal.value))),
    "form_without_fields": ("an update empties the form", lambda of: form_replaced(of, b"<< /Fields [ ] /SigFlags 3 >>")),
    "form_gone": ("an update removes the form", lambda of: Update(of).catalog(("/AcroForm",)).done()),
})  # fmt: skip


def freed(of, number):
    update = Update(of)
    update.entries[number] = None
    return update.done()


def form_replaced(of, body):
    return Update(of).catalog(("/AcroForm",), b"/AcroForm " + body).done()


# ------------------------------------------------------------------ the gap: measured by many, read by few


@ATTACKS.one("Contents", "the value as a literal string, forged keys in the room it frees")
def gap_literal(of):
    return of.with_hole(b"(" + escaped(of.seal.der) + b") /Reason (FORGED) /Name (Mayor)")


def escaped(der):
    return re.sub(rb"[\\()\r\n]", lambda found: b"\\%03o" % found.group()[0], der)


@ATTACKS.one("Contents", "a literal string padded to the full length with zeros, forged keys behind")
def gap_literal_padded(of):
    forged = b" /Reason (FORGED) /M (D:19990101000000Z)"
    text = escaped(of.seal.der)
    room = of.seal.end - of.seal.begin - len(text) - len(forged) - 2
    if room < 0:
        raise Skip("the hole is too small")
    return of.with_hole(b"(" + text + bytes(room) + b")" + forged)


ATTACKS.each("Contents", "reject", {
    "gap_keys": ("forged keys behind a shorter value", lambda of: of.with_hole(short(of) + b"/Reason (FORGED) /Name (Mayor)")),
    "gap_range": ("a second /ByteRange behind it", lambda of: of.with_hole(short(of) + b"/ByteRange [0 1 1 1]")),
    "gap_contents": ("a second /Contents behind it", lambda of: of.with_hole(short(of) + b"/Contents <3000>")),
    "gap_contents_before": ("a second /Contents before it", lambda of: of.with_hole(b"<3000> /Contents " + short(of))),
    "gap_comment": ("a comment behind it", lambda of: of.with_hole(short(of) + b"% forged")),
    "gap_blanks": ("blanks behind it", lambda of: of.with_hole(short(of))),
    "gap_blanks_inside": ("blanks between the digits", lambda of: of.with_hole(b"<" + of.seal.der.hex(" ").encode() + b">")),
    "gap_object_end": (
        "the dictionary ends in the gap, another object begins",
        lambda of: of.with_hole(short(of) + b">> endobj %d 0 obj << /Forged " % of.size),
    ),
    "padding_not_zero": ("bytes behind the value", lambda of: of.with_value(of.seal.der + b"\x01FORGED")),
    "padding_second_value": ("a second value behind the first", lambda of: of.with_value(of.seal.der + b"\x30\x03\x02\x01\x01")),
})  # fmt: skip


def short(of):
    return b"<" + of.seal.der.hex().encode() + b"> "


@ATTACKS.one("Contents", "the gap is made wider, forged keys in it, /ByteRange written anew")
def gap_wider(of):
    forged = b"/Reason (FORGED)".ljust(500)
    first, second, rest = of.seal.begin, of.seal.end, len(of.data) - of.seal.end
    moved = of.with_ranges(b"/ByteRange[0 %d %d %d]" % (first, second + len(forged), rest))
    return moved[:second] + forged + moved[second:]


@ATTACKS.one("SWA", "the second part is moved away, forged objects between, a new /ByteRange in the gap")
def wrapped(of):
    return wrap(of, b"/ByteRange [0 %d %d %d] ")


@ATTACKS.one("SWA", "the same with the old /ByteRange, which then covers forged bytes")
def wrapped_old_range(of):
    return wrap(of, b"")


def wrap(of, said):
    """Signature wrapping: what was signed is still there, at another place; readers see what stands between."""
    seal, data = of.seal, of.data
    if seal.covered_to != len(data) or of.as_stream:
        raise Skip("not the last revision, or no table")
    first, second, rest = seal.begin, seal.end, len(data) - seal.end
    begin, end = of.extent(of.number(seal.value))
    moved_to = len(data) + 6000
    tail = re.sub(rb"/ByteRange\s*\[[^\]]*\]", b"", data[second:end]) if said else data[second:end]
    forged = data[:first] + short(of) + (said % (first, moved_to, rest) if said else b"") + tail + b"endobj\n"
    places = {number: place for number, place in of.offsets.items() if place[0] < first}
    places = {number: place for number, place in places.items() if place[0] <= begin}
    for number, (at, generation) in of.offsets.items():
        if at >= second:
            places[number] = (at - second + moved_to, generation)
    page = of.number(of.page)
    update = Update(of, base=forged)
    update.forged_page()
    for number, body in update.objects.items():
        places[number] = (len(forged), places.get(number, (0, 0))[1])
        forged += b"%d %d obj\n" % (number, places[number][1]) + body + b"\nendobj\n"
    assert page in places
    at = len(forged)
    forged += forge.table(places) + b"trailer\n<< " + of.trailer(update.next, None) + b" >>\nstartxref\n%d\n%%%%EOF\n" % at
    return forged.ljust(moved_to) + data[second:]


# ------------------------------------------------------------------ ISA: an update that changes the page


ATTACKS.each("ISA", "reject", {
    "update_page": ("other content on the page", lambda of: Update(of).forged_page().done()),
    "update_other_xref": ("the same, by the other kind of cross-reference", lambda of: Update(of).forged_page().done(not of.as_stream)),
    "update_content": ("the content stream replaced", lambda of: Update(of).set(of.content(), forge.stream(b"", forge.ink())).done()),
    "update_content_freed": ("the content stream freed", lambda of: freed(of, of.number(of.content()))),
    "update_box": ("the page is cropped", lambda of: Update(of).page(("/MediaBox", "/CropBox"), b"/MediaBox [0 0 90 90]").done()),
    "update_turned": ("the page is turned", lambda of: Update(of).page(("/Rotate",), b"/Rotate 180").done()),
    "update_action": (
        "a script that runs when the page is opened",
        lambda of: Update(of).page(("/AA",), b"/AA << /O << /S /JavaScript /JS (app.alert\\(1\\)) >> >>").done(),
    ),
    "update_open_action": (
        "a script that runs when the file is opened",
        lambda of: Update(of).catalog(("/OpenAction",), b"/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >>").done(),
    ),
    "update_perms_gone": ("/Perms removed or invented", lambda of: perms(of)),
    "update_layers": (
        "layers that hide content",
        lambda of: Update(of).catalog(("/OCProperties",), b"/OCProperties << /OCGs [ ] /D << >> >>").done(),
    ),
    "update_names": ("an attachment is added", lambda of: attachment(of)),
    "update_no_xref": ("objects, then the old startxref again", lambda of: bare(of, b"startxref\n%d\n%%%%EOF\n" % of.start)),
    "update_no_tail": ("objects and nothing else", lambda of: bare(of, b"")),
    "update_only_eof": ("objects and %%EOF", lambda of: bare(of, b"%%EOF\n")),
    "update_trailer_only": (
        "objects and a trailer without cross-reference",
        lambda of: bare(of, b"trailer\n<< " + of.trailer(of.size + 1, of.start) + b" >>\nstartxref\n0\n%%EOF\n"),
    ),
    "update_empty_xref": ("objects and an empty cross-reference", lambda of: empty_xref(of)),
    "update_wrong_offset": ("startxref beside the new cross-reference", lambda of: shifted(of)),
    "update_prev_skips": ("/Prev passes over the signed revision", lambda of: Update(of, prev=first_section(of)).forged_page().done()),
    "update_no_prev": ("a whole new file behind, no /Prev", lambda of: new_file(of)),
    "update_generation": ("the page in a new generation", lambda of: generation(of)),
    "update_signature_copied": (
        "other content, and the signature written again",
        lambda of: Update(of).forged_page().set(of.seal.value, of.body(of.number(of.seal.value))).done(),
    ),
    "update_reason": (
        "another /Reason and /Name in the signature",
        lambda of: Update(of).set(of.seal.value, of.body(of.number(of.seal.value))[:-2] + b"/Reason (FORGED) /Name (Mayor) >>").done(),
    ),
    "update_copied_range": ("other content, and a second field with the same value", lambda of: second_field(of, False)),
    "update_copied_value": ("a second field with a copy of the value", lambda of: second_field(of, True)),
    "update_pages_tree": ("a new root with a new page", lambda of: new_root(of)),
    "update_evidence_is_content": ("the page's content replaced as a part of the security store", lambda of: false_evidence(of)),
    "update_twice": ("forged, and put back: the forged revision stays in the file", lambda of: there_and_back(of)),
    "dormant_start": ("the older cross-reference named again at the end", lambda of: of.data + b"startxref\n%d\n%%%%EOF\n" % first_section(of)),
})  # fmt: skip


def perms(of):
    if "/Perms" in of.pdf.Root:
        return Update(of).catalog(("/Perms",)).done()
    return Update(of).catalog(add=b"/Perms << /DocMDP %d 0 R >>" % of.number(of.seal.value)).done()


def attachment(of):
    update = Update(of)
    file = update.add(forge.stream(b"/Type /EmbeddedFile", b"forged"))
    names = b"/Names << /EmbeddedFiles << /Names [ (a) << /Type /Filespec /F (a) /EF << /F %d 0 R >> >> ] >> >>" % file
    return update.catalog(("/Names",), names).done()


def bare(of, tail):
    return Update(of).forged_page().written()[0] + tail


def empty_xref(of):
    data = Update(of).forged_page().written()[0]
    trailer = of.trailer(of.size + 1, of.start)
    return data + b"xref\n0 0\ntrailer\n<< " + trailer + b" >>\nstartxref\n%d\n%%%%EOF\n" % len(data)


def shifted(of):
    data = Update(of).forged_page().done()
    at = data.rindex(b"startxref")
    return data[:at] + b"startxref\n%d\n%%%%EOF\n" % (int(data[at:].split()[1]) - 7)


def first_section(of):
    """The oldest cross-reference that the file names."""
    found = [int(number) for number in re.findall(rb"startxref\s+(\d+)\s+%%EOF", of.data)]
    found = [at for at in found if 0 < at < len(of.data) and at != of.start]
    if not found:
        raise Skip("one revision")
    return min(found)


def new_file(of):
    update = Update(of).forged_page()
    for number in of.offsets:
        if number not in update.objects:
            update.entries[number] = of.offsets[number]
    update.prev = None
    if of.compressed:
        raise Skip("compressed objects")
    return update.done()


def generation(of):
    number = of.number(of.page)
    data, body = of.data, Update(of).forged_page().objects[number]
    at = len(data)
    data += b"%d 1 obj\n" % number + body + b"\nendobj\n"
    xref = len(data)
    words = forge.table({number: (at, 1)}) + b"trailer\n<< " + of.trailer(of.size + 1, of.start)
    return data + words + b" >>\nstartxref\n%d\n%%%%EOF\n" % xref


def second_field(of, copied):
    update = Update(of)
    value = update.add(of.body(of.number(of.seal.value))) if copied else of.number(of.seal.value)
    return update.field(b"<< /FT /Sig /T (Other) /Type /Annot /Subtype /Widget /Rect [0 0 0 0] /V %d 0 R >>" % value).done()


def new_root(of):
    update = Update(of)
    content = update.add(forge.stream(b"", forge.ink()))
    pages = update.next + 1
    page = update.add(b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 595 842] /Contents %d 0 R >>" % (pages, content))
    update.add(b"<< /Type /Pages /Count 1 /Kids [ %d 0 R ] >>" % page)
    root = update.add(forge.dictionary(of.pdf.Root, ("/Pages",), b"/Pages %d 0 R" % pages))
    return update.done(root=root)


def false_evidence(of):
    content = of.number(of.content())
    update = Update(of).set(content, forge.stream(b"", forge.ink()))
    store = update.add(b"<< /Type /DSS /Certs [ %d 0 R ] >>" % content)
    return update.catalog(("/DSS",), b"/DSS %d 0 R" % store).done()


def there_and_back(of):
    forged = Update(of).forged_page().done()
    back = Update(of, base=forged, prev=int(re.findall(rb"startxref\s+(\d+)", forged)[-1]))
    back.next += 1
    return back.page().done(as_stream=of.as_stream)


# ------------------------------------------------------------------ annotations and fields laid over the page


def annotated(kind, extra=b""):
    def make(of):
        update = Update(of)
        face = update.add(forge.picture())
        body = b"<< /Type /Annot /Subtype /%s /Rect [0 0 600 850] /F 4 /Contents (FORGED) /AP << /N %d 0 R >> %s >>"
        return update.pinned(b"%d 0 R" % update.add(body % (kind, face, extra))).done()

    return make


ATTACKS.each("EAA", "reject", {
    "annotation_freetext": ("FreeText over the page", annotated(b"FreeText", b"/DA (/F 9 Tf)")),
    "annotation_stamp": ("a stamp over the page", annotated(b"Stamp")),
    "annotation_redact": ("a redaction over the page", annotated(b"Redact", b"/OverlayText (FORGED)")),
    "annotation_ink": ("ink over the page", annotated(b"Ink", b"/InkList [[0 0 9 9]]")),
    "annotation_watermark": ("a watermark over the page", annotated(b"Watermark")),
    "annotation_screen": ("a screen with a script", annotated(b"Screen", b"/A << /S /JavaScript /JS (app.alert\\(1\\)) >>")),
    "annotation_link": ("a link over the page", annotated(b"Link", b"/A << /S /URI /URI (https://evil.example) >>")),
    "annotation_widget": ("a widget that belongs to no field", annotated(b"Widget", b"/FT /Tx /T (x) /V (FORGED)")),
    "annotation_direct": ("written directly into the page", lambda of: Update(of).pinned(
        b"<< /Type /Annot /Subtype /FreeText /Rect [0 0 600 850] /F 4 /DA (/F 40 Tf) /C [1 1 1] /Contents (FORGED) >>").done()),
})  # fmt: skip


def overlaid(body, value=b""):
    """A new field over the page; {face} is its picture, {value} an object beside it."""

    def make(of):
        update = Update(of)
        face = update.add(forge.picture())
        other = update.add(value % of.number(of.seal.value) if b"%d" in value else value) if value else 0
        names = {b"{face}": b"%d 0 R" % face, b"{value}": b"%d 0 R" % other, b"{seal}": b"%d 0 R" % of.number(of.seal.value)}
        text = body
        for name, reference in names.items():
            text = text.replace(name, reference)
        return update.field(b"<< /Type /Annot /Subtype /Widget /Rect [0 0 600 850] /F 4 " + text + b" >>").done()

    return make


ATTACKS.each("SSA", "reject", {
    "field_text": ("a text field over the page", overlaid(b"/FT /Tx /T (Over) /V (FORGED) /AP << /N {face} >>")),
    "field_button": ("a button over the page", overlaid(b"/FT /Btn /Ff 65536 /T (Over) /AP << /N {face} >>")),
    "field_unsigned": ("an unsigned signature field over the page", overlaid(b"/FT /Sig /T (Over) /AP << /N {face} >>")),
    "field_unsigned_coloured": (
        "the same without appearance, with a background",
        overlaid(b"/FT /Sig /T (Over) /MK << /BG [1 1 1] /CA (FORGED) >> /DA (/F 40 Tf 0 g)"),
    ),
    "field_garbage": (
        "a signed field over the page, its value garbage",
        overlaid(
            b"/FT /Sig /T (Over) /V {value} /AP << /N {face} >>",
            b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 9 20 9] /Contents <3000> >>",
        ),
    ),
    "field_same_value": ("a field over the page with the honest value", overlaid(b"/FT /Sig /T (Over) /V {seal} /AP << /N {face} >>")),
    "field_false_stamp": (
        "a field over the page that calls itself a time-stamp",
        overlaid(
            b"/FT /Sig /T (Over) /V {value} /AP << /N {face} >>",
            b"<< /Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161 /ByteRange [0 9 20 9] /Contents <3000> >>",
        ),
    ),
    "field_value_elsewhere": (
        "a text field over the page whose value is the honest signature",
        overlaid(b"/FT /Tx /T (Over) /V {seal} /AP << /N {face} >>"),
    ),
    "field_kid": (
        "a text field over the page, an invisible signature field below it",
        overlaid(b"/FT /Tx /T (Over) /V {seal} /AP << /N {face} >> /Kids [ {value} ]", b"<< /FT /Sig /T (k) /V %d 0 R >>"),
    ),
})  # fmt: skip


@ATTACKS.one("shadow", "the seal's own picture is replaced")
def seal_face(of):
    face = of.seal.field.get("/AP", {}).get("/N")
    if face is None or not face.is_indirect:
        raise Skip("no picture")
    return Update(of).set(face, forge.picture(b"Signed by the Mayor", b"0 0 300 60")).done()


@ATTACKS.one("shadow", "the page's font is replaced by one with other digits")
def font(of):
    fonts = of.page.get("/Resources", {}).get("/Font", {})
    font = next((fonts[key] for key in fonts.keys() if fonts[key].is_indirect), None)
    if font is None:
        raise Skip("no font of its own")
    swapped = b"/Differences [ 48 /nine /eight /seven /six /five /four /three /two /one /zero ]"
    body = b"<< /Type /Font /Subtype /Type1 /BaseFont /Courier /Encoding << /Type /Encoding %s >> >>" % swapped
    return Update(of).set(font, body).done()


@ATTACKS.one("shadow", "the font's letters-to-characters map is replaced: what is copied is not what is shown")
def font_map(of):
    fonts = of.page.get("/Resources", {}).get("/Font", {})
    maps = [fonts[key].get("/ToUnicode") for key in fonts.keys()]
    found = next((one for one in maps if one is not None), None)
    if found is None:
        raise Skip("no map")
    return Update(of).set(found, forge.stream(b"", b"begincmap endcmap")).done()
