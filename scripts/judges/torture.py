"""Files that are meant to hang or fill whoever reads them: bombs, loops, mazes, and plain large numbers of things.

The author is the attacker, and the seal is a stranger's. Nothing here may be trusted; what is measured is
that an answer comes, in time and within the memory allowed.
"""

import re
import typing
import zlib

import bases
import forge
from prepared import CONTENT, FIRST, PAGE, Draft

PRODUCT = typing.Callable[[bases.Authority], bytes]


class Torture(typing.NamedTuple):
    name: str
    about: str
    make: PRODUCT


TORTURES: list[Torture] = []


def torture(about):
    def keep(make):
        TORTURES.append(Torture(make.__name__, about, make))
        return make

    return keep


def cases(table: dict[str, tuple[str, PRODUCT]]) -> None:
    TORTURES.extend(Torture(name, about, make) for name, (about, make) in table.items())


def sealed(draft: Draft, by: bases.Authority) -> bytes:
    return bases.by_openssl(draft.written(), by)


def last(data: bytes) -> int:
    return int(re.findall(rb"startxref\s+(\d+)", data)[-1])


def appended(data, bodies, entries=None, as_stream=False, prev=None, size=None, extra=b""):
    """An update with these objects; what it lists besides is in `entries`."""
    places = {}
    prev = last(data) if prev is None else prev
    for number, body in bodies.items():
        places[number] = (len(data), 0)
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    places |= entries or {}
    size = size or max([*places, 200]) + 2
    at = len(data)
    trailer = b"/Size %d /Root 1 0 R /Prev %d %s" % (size, prev, extra)
    if as_stream:
        data += forge.xref_stream(size - 1, at, places, trailer)
    else:
        data += forge.table(places) + b"trailer\n<< " + trailer + b" >>\n"
    return data + b"startxref\n%d\n%%%%EOF\n" % at


def catalog(extra: bytes) -> bytes:
    return b"<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R %s >>" % extra


def behind(bodies: dict[int, bytes], named=b"/Evil 100 0 R", **how) -> PRODUCT:
    """Appended to a sealed page, and named by its catalog."""
    return lambda by: appended(sealed(Draft(), by), {1: catalog(named), **bodies}, **how)


def packed(size: int, octet=b"\0") -> bytes:
    packer = zlib.compressobj(9)
    block = octet * (1 << 20)
    return b"".join(packer.compress(block) for _ in range(size >> 20)) + packer.flush()


FLATE = b"/Filter /FlateDecode"

# ------------------------------------------------------------------ nesting

cases({
    "nested_arrays": ("100,000 arrays in one another", behind({100: b"[" * 100_000 + b"]" * 100_000})),
    "nested_dictionaries": ("50,000 dictionaries in one another", behind({100: b"<</A " * 50_000 + b"null" + b">>" * 50_000})),
    "nested_unclosed": ("2,000,000 arrays opened, none closed", behind({100: b"[" * 2_000_000})),
    "nested_in_catalog": ("100,000 arrays in the catalog", behind({}, b"/Evil " + b"[" * 100_000 + b"]" * 100_000)),
    "nested_parentheses": ("a string of 1,000,000 nested parentheses", behind({100: b"(" * 1_000_000 + b")" * 1_000_000})),
    "nested_in_page": ("100,000 arrays in the page's content", behind({CONTENT: forge.stream(b"", b"[" * 100_000)}, b"")),
    "nested_compressed": ("100,000 arrays in an object stream", lambda by: object_stream(by, [b"[" * 100_000 + b"]" * 100_000])),
    "nested_in_trailer": ("100,000 arrays in the trailer", behind({}, b"", extra=b"/Evil " + b"[" * 100_000 + b"]" * 100_000)),
})  # fmt: skip


def object_stream(by, values, copies=1, entries_extra=b"", compress=True):
    """Values in object streams behind a sealed page, all of them named by the catalog."""
    bodies, entries, number = {}, {}, 1000
    for copy in range(copies):
        head, data = b"", b""
        for index, value in enumerate(values):
            head += b"%d %d " % (number, len(data))
            entries[number] = ("in", 100 + copy, index)
            data += value + b" "
            number += 1
        entry = b"/Type /ObjStm /N %d /First %d %s" % (len(values), len(head), entries_extra)
        body = head + data
        bodies[100 + copy] = forge.stream(entry + (b" " + FLATE if compress else b""), zlib.compress(body, 9) if compress else body)
    named = b"/Evil [ " + b" ".join(b"%d 0 R" % key for key in entries) + b" ]"
    return appended(sealed(Draft(), by), {1: catalog(named), **bodies}, entries, as_stream=True)


# ------------------------------------------------------------------ bombs

GIB = packed(1 << 30)


def bomb(entries, data, extra=b"/Metadata 100 0 R"):
    return behind({100: forge.stream(entries, data)}, extra)


XMP = b"/Type /Metadata /Subtype /XML "
cases({
    "bomb_metadata": ("metadata that inflate to 1 GiB", bomb(XMP + FLATE, GIB)),
    "bomb_metadata_twice": ("metadata packed twice, to 1 TiB", bomb(XMP + b"/Filter [ /FlateDecode /FlateDecode ]", zlib.compress(GIB * 3, 9))),
    "bomb_filters": ("a thousand filters", bomb(XMP + b"/Filter [ " + b"/FlateDecode " * 1000 + b"]", b"x")),
    "bomb_content": ("page content that inflates to 1 GiB", behind({CONTENT: forge.stream(FLATE, GIB)}, b"")),
    "bomb_object_stream": ("an object stream that inflates to 1 GiB", lambda by: appended(
        sealed(Draft(), by), {1: catalog(b"/Evil 101 0 R"), 100: forge.stream(b"/Type /ObjStm /N 1 /First 10 " + FLATE, GIB)},
        {101: ("in", 100, 0)}, as_stream=True)),
    "bomb_many": ("200 object streams of 30 MiB each", lambda by: many_streams(by)),
    "bomb_xref": ("a cross-reference that inflates to 1 GiB", lambda by: xref_bomb(by, GIB, b"[0 99999999]")),
    "bomb_attachments": ("200 attached files of 60 MiB each", lambda by: attachments(by, 200)),
    "bomb_count": ("an object stream that says it holds 100,000,000", lambda by: appended(
        sealed(Draft(), by), {1: catalog(b"/Evil 101 0 R"), 100: forge.stream(b"/Type /ObjStm /N 100000000 /First 10", b"1 0 2 0 3 null")},
        {101: ("in", 100, 5)}, as_stream=True)),
})  # fmt: skip


def many_streams(by):
    body = forge.stream(b"/Type /ObjStm /N 1 /First 6 " + FLATE, zlib.compress(b"1000 0 null" + b" " * (30 << 20), 9))
    bodies = {100 + copy: body for copy in range(200)}
    entries = {1000 + copy: ("in", 100 + copy, 0) for copy in range(200)}
    named = b"/Evil [ " + b" ".join(b"%d 0 R" % number for number in entries) + b" ]"
    return appended(sealed(Draft(), by), {1: catalog(named), **bodies}, entries, as_stream=True)


def xref_bomb(by, data, index, extra=b""):
    base = sealed(Draft(), by)
    head = b"200 0 obj\n<< /Type /XRef /W [1 4 2] /Index %s /Size 99999999 /Root 1 0 R /Prev %d %s %s /Length %d >>\nstream\n"
    words = head % (index, last(base), FLATE, extra, len(data))
    return base + words + data + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(base)


def attachments(by, count):
    body = forge.stream(b"/Type /EmbeddedFile " + FLATE, packed(60 << 20, b" "))
    files = tuple(
        b"<< /Type /Filespec /F (metadata.json) /UF (metadata.json) /AFRelationship /Data /EF << /F %d 0 R >> >>" % (FIRST + count + copy)
        for copy in range(count)
    )
    named = b"/AF [ " + b" ".join(b"%d 0 R" % (FIRST + copy) for copy in range(count)) + b" ]"
    return sealed(Draft(catalog=named, objects=files + (body,) * count), by)


@torture("an attached metadata.json of 100,000 nested arrays")
def attached_nesting(by):
    file = b"<< /Type /Filespec /F (metadata.json) /UF (metadata.json) /AFRelationship /Data /EF << /F 8 0 R >> >>"
    return sealed(Draft(catalog=b"/AF [ 7 0 R ]", objects=(file, forge.stream(b"/Type /EmbeddedFile", b"[" * 100_000))), by)


ZEROS = b"[" + b"0 " * 990_000 + b"]"
cases({
    "values_packed": ("45 MB of numbers in three small object streams", lambda by: object_stream(by, [ZEROS] * 15, 3)),
    "values_packed_names": ("30 MB of names in an object stream", lambda by: object_stream(by, [b"[" + b"/A" * 990_000 + b"]"] * 14, 3)),
    "values_packed_dictionaries": ("empty dictionaries by the million", lambda by: object_stream(by, [b"[" + b"<<>>" * 490_000 + b"]"] * 15, 3)),
    "values_plain": ("ten arrays of 990,000 numbers", behind({100 + at: ZEROS for at in range(10)}, b"/Evil [ %s ]" % b" ".join(
        b"%d 0 R" % (100 + at) for at in range(10)))),
    "string_long": ("a string of 16 MiB", behind({100: b"(" + b"a" * (16 << 20) + b")"})),
    "name_long": ("a name of 16 MiB", behind({100: b"/" + b"a" * (16 << 20)})),
    "number_long": ("a number of 1,000,000 digits", behind({100: b"9" * 1_000_000})),
    "comment_long": ("a comment of 16 MiB", behind({100: b"%" + b"a" * (16 << 20) + b"\nnull"})),
    "blank_long": ("16 MiB of blanks", behind({100: b" " * (16 << 20) + b"null"})),
})  # fmt: skip

# ------------------------------------------------------------------ loops and the cross-reference


def chain(by, length):
    """Empty updates, one after another."""
    data = bytearray(sealed(Draft(), by))
    prev = last(bytes(data))
    for _ in range(length):
        at = len(data)
        data += b"xref\n0 0\ntrailer\n<< /Size 20 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (prev, at)
        prev = at
    return bytes(data)


def loop(by, kind):
    base = sealed(Draft(), by)
    at = len(base)
    if kind == "self":
        return appended(base, {}, prev=at)
    first = b"xref\n0 0\ntrailer\n<< /Size 20 /Root 1 0 R /Prev %010d >>\nstartxref\n%010d\n%%%%EOF\n"
    length = len(first % (0, 0))
    return base + first % (at + length, at) + first % (at, at + length)


def stream_of(index=b"[0 1]", widths=b"[1 4 2]", size=b"20", extra=b""):
    def make(by):
        base = sealed(Draft(), by)
        data = zlib.compress(bytes(64))
        head = b"200 0 obj\n<< /Type /XRef /W %s /Index %s /Size %s /Root 1 0 R /Prev %d %s %s /Length %d >>\nstream\n"
        words = head % (widths, index, size, last(base), FLATE, extra, len(data))
        return base + words + data + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(base)

    return make


def table_of(lines):
    def make(by):
        base = sealed(Draft(), by)
        return base + b"xref\n%s\ntrailer\n<< /Size 20 /Root 1 0 R /Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (lines, last(base), len(base))

    return make


cases({
    "prev_self": ("/Prev names its own section", lambda by: loop(by, "self")),
    "prev_cycle": ("two sections name each other", lambda by: loop(by, "two")),
    "prev_long": ("20,000 empty updates", lambda by: chain(by, 20_000)),
    "prev_many": ("250 empty updates", lambda by: chain(by, 250)),
    "prev_beyond": ("/Prev beyond the file", lambda by: appended(sealed(Draft(), by), {}, prev=1 << 40)),
    "xrefstm_self": ("/XRefStm names its own table", lambda by: (lambda base: appended(base, {}, extra=b"/XRefStm %d" % len(base)))(sealed(Draft(), by))),
    "xref_index": ("/Index of 2^31", stream_of(b"[0 2147483647]", b"[1 4 2]", b"2147483647")),
    "xref_widths_zero": ("/W [0 0 0] and 2^31 entries", stream_of(b"[0 2147483647]", b"[0 0 0]", b"2147483647")),
    "xref_widths": ("/W of 2^31", stream_of(widths=b"[1 2147483647 2147483647]")),
    "xref_columns": ("a predictor of 2^31 columns", stream_of(extra=b"/DecodeParms << /Predictor 12 /Columns 2147483647 >>")),
    "xref_colours": ("a predictor of 32 colours", stream_of(extra=b"/DecodeParms << /Predictor 15 /Columns 60000 /Colors 32 /BitsPerComponent 16 >>")),
    "xref_many": ("4 million free entries, packed", lambda by: xref_bomb(by, zlib.compress(bytes(7 * 4_000_000), 9), b"[0 4000000]")),
    "table_count": ("a table of 2^32 entries", table_of(b"0 4294967295\n0000000000 65535 f ")),
    "table_sections": ("a table of 100,000 sections", table_of(b"\n".join(b"%d 0" % at for at in range(100_000)))),
    "length_huge": ("/Length 2^62", behind({100: b"<< /Length 4611686018427387904 >>\nstream\nx\nendstream"})),
    "length_self": ("/Length refers to its own stream", behind({100: b"<< /Length 100 0 R >>\nstream\nx\nendstream"})),
    "reference_self": ("an object that is a reference to itself", behind({100: b"100 0 R"}, b"/AcroForm 100 0 R")),
    "reference_chain": ("100,000 references in a row", behind({100 + at: b"%d 0 R" % (101 + at) for at in range(100_000)})),
    "stream_in_itself": ("object streams that stand in each other", lambda by: appended(
        sealed(Draft(), by), {1: catalog(b"/Evil 101 0 R")}, {101: ("in", 102, 0), 102: ("in", 101, 0)}, as_stream=True)),
    "stream_extends": ("an object stream that extends itself", lambda by: object_stream(by, [b"null"], entries_extra=b"/Extends 100 0 R")),
    "pages_loop": ("the page tree holds itself", behind({2: b"<< /Type /Pages /Count 1 /Kids [ 2 0 R ] >>"}, b"")),
    "pages_parent": ("/Parent of the page is the page", behind({PAGE: b"<< /Type /Page /Parent 3 0 R >>"}, b"")),
})  # fmt: skip

# ------------------------------------------------------------------ many things

MANY = 50_000


def numbers(first, count=MANY):
    return b" ".join(b"%d 0 R" % number for number in range(first, first + count))


def small_update(draft, by):
    """A sealed draft with an update behind it, so that revisions are compared."""
    return appended(sealed(draft, by), {CONTENT: forge.stream(b"", b"q Q")})


def fields_below(name: bytes, count: int, direct: bool):
    """Fields in one another, each with a name."""
    bodies = [b"<< /FT /Sig /T %s /Kids [ %d 0 R ] >>" % (name, FIRST + at + 1) for at in range(count)]
    return Draft(fields=b"%d 0 R" % FIRST, objects=(*bodies, b"(" + b"n" * (1 << 20) + b")" if not direct else b"null"))


def shared_names(by):
    count = 2000
    return sealed(fields_below(b"%d 0 R" % (FIRST + count), count, False), by)


def kids_and_name(by):
    field = b"<< /FT /Sig /T (" + b"n" * 200_000 + b") /Kids [ " + b"8 0 R " * 100_000 + b"] >>"
    return sealed(Draft(fields=b"7 0 R", objects=(field, b"<< >>")), by)


def many_revisions(by, revisions=150, objects=20_000):
    data = sealed(Draft(catalog=b"/Evil [ %s ]" % numbers(FIRST, objects), objects=(b"[ 1 ]",) * objects), by)
    for at in range(revisions):
        data = appended(data, {FIRST: b"[ %d ]" % at}, size=objects + 100)
    return data


def many_signatures(by, count=120):
    data = sealed(Draft(catalog=b"/Evil [ %s ]" % numbers(FIRST, 3000), objects=(b"[ 1 ]",) * 3000), by)
    for at in range(count):
        field, value = 9000 + at * 2, 9001 + at * 2
        known = b" ".join(b"%d 0 R" % (9000 + one * 2) for one in range(at + 1))
        head = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /ByteRange [0 %010d %010d %010d] /Contents <%s> >>"
        blank = b"3000" + b"0" * 60
        zero = b"[0 %010d %010d %010d]" % (0, 0, 0)
        data = appended(data, {
            6: b"<< /SigFlags 3 /Fields [ 3007 0 R %s ] >>" % known,
            field: b"<< /FT /Sig /T (S%d) /V %d 0 R >>" % (at, value),
            value: head % (0, 0, 0, blank),
        }, size=9300)  # fmt: skip
        begin = data.rindex(b"<" + blank)
        end = begin + len(blank) + 2
        data = data.replace(zero, b"[0 %010d %010d %010d]" % (begin, end, len(data) - end))
    return data


def traces(by, hits, streams):
    """/ByteRange by the hundred thousand in one stream, behind many small streams."""
    bodies = [forge.stream(b"", b"x")] * streams
    return sealed(Draft(objects=(*bodies, forge.stream(b"", b"/ByteRange " * hits))), by)


def changed(by, count):
    base = sealed(Draft(catalog=b"/Evil [ %s ]" % numbers(FIRST, count), objects=(b"1",) * count), by)
    return appended(base, {FIRST + at: b"2" for at in range(count)})


cases({
    "many_annotations": ("50,000 annotations", lambda by: small_update(Draft(annotations=numbers(FIRST), objects=(b"<< >>",) * MANY), by)),
    "many_fields": ("50,000 fields", lambda by: small_update(Draft(fields=numbers(FIRST), objects=(b"<< >>",) * MANY), by)),
    "many_pages": ("50,000 pages", lambda by: appended(sealed(Draft(), by), {2: b"<< /Type /Pages /Count 1 /Kids [ 3 0 R %s ] >>" % numbers(1000)})),
    "many_evidence": ("100,000 entries of the security store, twice", lambda by: many_evidence(by)),
    "many_names": ("fields in one another with one shared name of 1 MiB", shared_names),
    "many_kids": ("100,000 kids below a field with a name of 200 kB", kids_and_name),
    "many_levels": ("40,000 fields in one another", lambda by: sealed(fields_below(b"(n)", 40_000, True), by)),
    "many_changes": ("30,000 objects changed", lambda by: changed(by, 30_000)),
    "many_revisions": ("150 revisions of 20,000 objects", many_revisions),
    "many_signatures": ("120 signatures, each in its own revision", many_signatures),
    "many_traces": ("100,000 /ByteRange in a stream behind 20,000 streams", lambda by: traces(by, 100_000, 20_000)),
    "many_traces_loose": ("100,000 /ByteRange between the objects", lambda by: sealed(Draft(), by) + b"/ByteRange " * 100_000),
    "many_traces_open": ("300 /ByteRange, each behind an endless object", lambda by: open_objects(by)),
    "many_objects_unlisted": ("500,000 objects that no cross-reference lists", lambda by: appended(sealed(Draft(), by) + b"9 0 obj null endobj\n" * 500_000, {100: b"null"})),
    "many_starts": ("500,000 times startxref", lambda by: sealed(Draft(), by) + b"startxref\n1\n" * 500_000),
    "many_locked": ("a lock of 50,000 names over 2,000 fields", lambda by: locked(by)),
    "many_certificates": ("a maze of certificates that issued each other", lambda by: maze(by)),
    "many_references": ("50,000 signature references", lambda by: references(by)),
})  # fmt: skip


def many_evidence(by):
    streams = numbers(1000, 40_000)
    store = b"<< /Type /DSS /Certs [ %s ] >>"
    base = sealed(Draft(catalog=b"/DSS 7 0 R", objects=(store % streams,)), by)
    return appended(base, {7: store % (streams + b" 90000 0 R"), 90_000: forge.stream(b"", b"x")})


def open_objects(by):
    block = b"9 0 obj [ " + b"0 " * 400_000 + b"/ByteRange " * 40
    return sealed(Draft(), by) + block * 8


def locked(by):
    data = sealed(Draft(fields=numbers(FIRST, 2000), objects=(b"<< >>",) * 2000), by)
    names = b" ".join(b"(name%d)" % at for at in range(50_000))
    reference = b"<< /TransformMethod /FieldMDP /TransformParams << /Action /Include /Fields [ %s ] >> >>" % names
    value = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /Reference [ %s ] /ByteRange [0 9 99 9] /Contents <3000> >>"
    bodies = {FIRST + at: b"<< /FT /Tx /T (f%d) /V (x) >>" % at for at in range(2000)}
    bodies |= {5000: value % reference, 5001: b"<< /FT /Sig /T (L) /V 5000 0 R >>"}
    bodies[6] = b"<< /SigFlags 3 /Fields [ %s 5001 0 R ] >>" % numbers(FIRST, 2000)
    data = appended(data, bodies)
    return appended(data, {number: body.replace(b"(x)", b"(y)") for number, body in bodies.items() if number < 5000})


def references(by):
    one = b"<< /TransformMethod /DocMDP /TransformParams << /P 2 >> >> "
    value = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /Reference [ %s ] /ByteRange [0 9 99 9] /Contents <3000> >>"
    return appended(sealed(Draft(), by), {
        6: b"<< /SigFlags 3 /Fields [ 101 0 R ] >>", 100: value % (one * MANY), 101: b"<< /FT /Sig /T (L) /V 100 0 R >>",
    })  # fmt: skip


def maze(by):
    """The signer's issuer under one name and many keys, each signed by all the others."""
    from asn1crypto import x509 as asn1_x509
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    middle = by.certificates["middle"]
    keys = [by.keys["middle"]] + [ec.generate_private_key(ec.SECP256R1()) for _ in range(7)]
    found = []
    for subject in keys:
        for issuer in keys:
            builder = (
                x509.CertificateBuilder().subject_name(middle.subject).issuer_name(middle.subject)
                .public_key(subject.public_key()).serial_number(x509.random_serial_number())
                .not_valid_before(middle.not_valid_before_utc).not_valid_after(middle.not_valid_after_utc)
                .add_extension(x509.BasicConstraints(True, None), True)
            )  # fmt: skip
            made = builder.sign(issuer, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
            found.append(asn1_x509.Certificate.load(made))
    return bases.sign(bases.paper(), by.signer(further=found, carry=()), room=60_000)
