"""gallery.py: findings about the file as a whole (document.*, pdf.*)."""

import io
import re

import forge
import pikepdf
from gallery_case import Case
from gallery_pages import (
    CONTENT, DETACHED, FIELD, FONT, FORM, FREE, HEAD, PAGE, PAGES, VALUE, WIDGET,
    dictionary, drawn, filled, plain, sealed, section, signed, written,
)  # fmt: skip
from gallery_people import Cms

TEXT = b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (applicant) /F 4 /Rect [20 20 120 40] /P 3 0 R /DA (/F 10 Tf 0 g) %s>>"
NOTE = b"<< /Type /Annot /Subtype /%s /F 4 /Rect [20 60 200 140] /Contents (note) %s>>"
OTHER = 10


def cases(people):
    value = Cms(people.signer).over
    yield from whole(value)
    yield from later(value)
    yield from damaged()
    yield from reading(value)
    yield from encrypted(value)


def whole(value):
    honest = signed(value)
    yield Case("document.white_after_end", "文件末尾多出空白 white space behind the end", honest + b"\n   \n")
    yield Case("document.bytes_after_end", "文件末尾附加了内容 something appended behind the end", honest + b"% a word more\n")
    yield Case("document.no_signature", "没有签名的普通文件 a page that nobody sealed", written(plain()))
    deep = b"[" * 60 + b"]" * 60
    yield Case(
        "document.limit", "对象嵌套 60 层,超出上限 arrays nested 60 deep, beyond the limit",
        signed(value, sealed(further={FREE: deep})),
    )  # fmt: skip


def later(value):
    """What was done after sealing."""
    field = sealed(fields=b"9 0 R", annotations=b"9 0 R", further={FREE: TEXT % b""})
    filled = written({FREE: TEXT % b"/V (100) "}, signed(value, field))
    second = {
        PAGE: field[PAGE].replace(b"/Annots [7 0 R 9 0 R]", b"/Annots [7 0 R 9 0 R 10 0 R]"),
        FORM: field[FORM].replace(b"7 0 R 9 0 R", b"7 0 R 9 0 R 10 0 R"),
        OTHER: WIDGET % (b"Second", b"11 0 R"), 11: dictionary(),
    }  # fmt: skip
    honest = signed(value)
    yield Case(
        "document.form_filled",
        "盖章之后填表,再加盖第二枚印章 a field filled after sealing, then a second seal over it",
        signed(value, second, filled),
    )
    yield Case("document.uncovered_form", "盖章之后填表,没有印章覆盖 a field filled after sealing, which no seal covers", filled)
    yield Case("document.changed", "盖章之后改了金额 the amount changed after sealing", written({CONTENT: drawn(b"Amount: 900")}, honest))
    catalog = sealed(catalog=b"/DSS 9 0 R")[1]
    evidence = written({1: catalog, FREE: b"<< /Type /DSS /Certs [] >>"}, honest)
    yield Case("document.evidence_added", "盖章之后补充验证材料 a security store added after sealing", evidence)
    page = sealed(annotations=b"9 0 R")[PAGE]
    link = written({PAGE: page, FREE: NOTE % (b"Link", b"")}, honest)
    yield Case("document.annotated", "盖章之后添加批注 an annotation added after sealing", link)
    face = forge.stream(b"/Type /XObject /Subtype /Form /BBox [0 0 180 80]", b"1 0 0 rg 0 0 180 80 re f")
    laid = written({PAGE: page, FREE: NOTE % (b"Stamp", b"/AP << /N 10 0 R >> "), OTHER: face}, honest)
    yield Case("document.looks_different", "盖章之后添加的批注盖住了金额 an annotation added after sealing hides the amount", laid)
    many = sealed(further={
        PAGES: b"<< /Type /Pages /Count 22 /Kids [3 0 R %s] >>" % b" ".join(b"%d 0 R" % number for number in range(20, 41)),
        **{number: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 10 10] >>" for number in range(20, 41)},
    })  # fmt: skip
    store = {1: catalog, FREE: b"<< /Type /DSS /Certs [] >>"}
    yield Case("document.pages_not_compared", "22 页,盖章之后补充了材料 22 pages, evidence added after sealing", written(store, signed(value, many)))


def damaged():
    """What nobody can read."""
    trace = b"%PDF-1.7\n8 0 obj\n<< /Type /Sig /ByteRange [0 10 20 10] /Contents <00> >>\nendobj\n"
    yield Case("document.unreadable", "有签名痕迹,却没有交叉引用 a trace of a signature, and no cross-reference", trace)
    broken = plain() | {FORM: b"<< /Fields [7 0 R) >>"}
    yield Case("document.form_unreadable", "表单写坏了 the form is malformed", written(broken))
    stray = written(plain(), head=HEAD + b"% /ByteRange [0 10 20 10]\n")
    yield Case("document.stray_byte_range", "注释里有签名的痕迹 a trace of a signature in a comment", stray)
    number = plain(fields=b"7 0 R", annotations=b"7 0 R", further={FIELD: WIDGET % (b"Seal", b"7")})
    yield Case("document.broken_field", "签名域的值是个数字 the value of the signature field is a number", written(number))


def reading(value):
    """What programs may read differently."""
    honest = signed(value)
    yield Case("pdf.bytes_before_header", "标头之前有注释 a comment before the header", signed(value, head=b"% before\n" + HEAD))
    start = int(re.findall(rb"startxref\s+(\d+)", honest)[-1])
    yield Case("pdf.startxref_displaced", "末尾再写一个 startxref one more startxref at the end", honest + b"startxref\n%d\n%%%%EOF\n" % start)

    def doubled(places, first):
        line = b"%d 1\n%010d 00000 n \n" % (CONTENT, places[CONTENT][0])
        return section(places, first) + line

    yield Case("pdf.duplicate_entry", "同一对象登记两次 one object listed twice", signed(value, table=doubled))
    fonts = sealed(further={FONT: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /BaseFont /Courier >>"})
    yield Case("pdf.duplicate_key", "字体的名字写了两次 the font is named twice", signed(value, fonts))
    ahead = signed(value, places={FREE: (12_000, 0)})
    yield Case(
        "pdf.entry_beyond_revision", "交叉引用先登记了以后才写的对象 the cross-reference lists an object that is written later",
        ahead.ljust(12_000) + b"9 0 obj\n<< >>\nendobj\n",
    )  # fmt: skip
    nothing = written({}, honest, table=lambda *_: b"xref\n0 0\n")
    yield Case("pdf.empty_update", "不含对象的修订 an update without objects", nothing)
    yield Case("pdf.hybrid", "同时使用两种交叉引用 both kinds of cross-reference", hybrid(value))

    def loose(places, first):
        return section(places, first).replace(b" n \n", b" n\n")

    yield Case("pdf.loose_entries", "登记行少一个字节 entries one byte short", signed(value, table=loose))
    # The first revision, unsigned, names the wrong place; the update that seals it is right, and so is its /Prev.
    before = written(plain())
    start = re.findall(rb"startxref\n(\d+)", before)[-1]
    sealing = {number: body for number, body in sealed().items() if number in (PAGE, FORM, FIELD, VALUE)}
    update = written(sealing, before)
    wrong = b"startxref\n%0*d" % (len(start), int(start) - 3)
    yield Case(
        "pdf.startxref_mismatch",
        "较早的 startxref 指错了位置 an earlier startxref names another place",
        filled(update.replace(b"startxref\n" + start, wrong, 1), value),
    )
    broken = sealed(further={FREE: b"<< /Broken ("})
    yield Case("pdf.unreadable_object", "有一个写坏的对象 one object is malformed", signed(value, broken))
    yield Case("pdf.second_opinion", "页面的朝向写了两次,两个解析器各取其一 two readers see the page turned differently", second(value))


def hybrid(value):
    """The free object stands in a cross-reference stream alone."""

    def both(places, first):
        return section({number: place for number, place in places.items() if number != FREE}, first)

    objects = sealed(further={FREE: b"(an object more)"})
    head = HEAD
    for _ in range(4):
        at = written(objects, head=head, table=both).index(b"9 0 obj")
        head = HEAD + forge.xref_stream(OTHER, len(HEAD), {FREE: (at, 0)}, b"/Size 11 /Root 1 0 R")
    return signed(value, objects, head=head, table=both, trailer=b"/XRefStm %d " % len(HEAD))


def second(value):
    """One key twice: we take the first, another reader the last."""
    return signed(value, sealed(page=b"/Rotate 0 /Rotate 90"))


def encrypted(value):
    """Strings and streams in the clear, and a lock all the same: with a password, and without."""
    for code, about, password in (
        ("pdf.encrypted", "文件已加密,须有密码 encrypted, with a password", "secret"),
        ("pdf.encrypted_opened", "文件已加密,空密码即可打开 encrypted, opens without a password", ""),
    ):
        locked = io.BytesIO()
        blank = pikepdf.new()
        blank.add_blank_page()
        blank.save(locked, encryption=pikepdf.Encryption(owner="owner", user=password, R=4))
        read = pikepdf.open(locked, password=password)
        lock = read.trailer.Encrypt
        keys = b"/O <%s> /U <%s> /P %d" % (bytes(lock.O).hex().encode(), bytes(lock.U).hex().encode(), int(lock.P))
        own = b"<< /Filter /Standard /V 4 /R 4 /Length 128 %s /CF << >> /StmF /Identity /StrF /Identity >>" % keys
        name = b"<%s>" % bytes(read.trailer.ID[0]).hex().encode()
        objects = sealed(dictionary(subfilter=DETACHED), further={FREE: own})
        data = signed(value, objects, trailer=b"/Encrypt 9 0 R /ID [%s %s] " % (name, name))
        yield Case(code, about, data)
