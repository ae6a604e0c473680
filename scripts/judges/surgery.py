"""Attacks on the signature value, on what stands around a file, and on single bytes. attacks.py has them judged."""

import hashlib
import random
import re

from asn1crypto import algos, cms, core

import forge
from forge import Skip

ATTACKS = forge.Attacks()


# ------------------------------------------------------------------ CMS surgery, inside the gap


def surgery(change):
    def make(of):
        whole = cms.ContentInfo.load(of.seal.der)
        change(whole["content"], whole["content"]["signer_infos"][0])
        return of.with_value(whole.dump(force=True))

    return make


def set_(name, value):
    def change(signed, signer):
        signer[name] = value

    return change


def stripped(signed, signer):
    del signer["signed_attrs"]


def no_signers(signed, signer):
    signed["signer_infos"] = cms.SignerInfos([])


def two_signers(signed, signer):
    other = signer.copy()
    other["signature"] = bytes(len(signer["signature"].native))
    signed["signer_infos"] = cms.SignerInfos([signer, other])


def two_signers_first(signed, signer):
    other = signer.copy()
    other["signature"] = bytes(len(signer["signature"].native))
    signed["signer_infos"] = cms.SignerInfos([other, signer])


def encapsulated(signed, signer):
    signed["encap_content_info"] = {"content_type": "data", "content": b"other words"}


def no_certificates(signed, signer):
    signed["certificates"] = cms.CertificateSet([])


def md5(signed, signer):
    signer["digest_algorithm"] = algos.DigestAlgorithm({"algorithm": "md5"})


def zero_signature(signed, signer):
    if "ecdsa" not in signer["signature_algorithm"]["algorithm"].native:
        raise Skip("not ECDSA")
    signer["signature"] = core.Sequence.load(bytes.fromhex("3006020100020100")).dump()


def doubled_digest(signed, signer):
    attributes = [attribute.copy() for attribute in signer["signed_attrs"]]
    false = next(one for one in attributes if one["type"].native == "message_digest").copy()
    false["values"] = [bytes(32)]
    signer["signed_attrs"] = cms.CMSAttributes([*attributes, false])


def zero_digest(signed, signer):
    for attribute in signer["signed_attrs"]:
        if attribute["type"].native == "message_digest":
            attribute["values"] = [bytes(len(attribute["values"][0].native))]


ATTACKS.each("CMS", "reject", {
    "cms_no_value": ("the signature value is empty", surgery(set_("signature", b""))),
    "cms_zero_value": ("ECDSA with r = s = 0", surgery(zero_signature)),
    "cms_zeros": ("a value of zeros", surgery(set_("signature", bytes(64)))),
    "cms_no_attributes": ("signed attributes taken out", surgery(stripped)),
    "cms_no_signers": ("no signer", surgery(no_signers)),
    "cms_two_signers": ("a second, false signer", surgery(two_signers)),
    "cms_two_signers_first": ("a false signer before the true one", surgery(two_signers_first)),
    "cms_encapsulated": ("other content carried inside", surgery(encapsulated)),
    "cms_md5": ("the digest algorithm is said to be MD5", surgery(md5)),
    "cms_two_digests": ("two message digests", surgery(doubled_digest)),
    "cms_zero_digest": ("the message digest is zero", surgery(zero_digest)),
    "cms_empty": ("an empty SEQUENCE", lambda of: of.with_value(b"\x30\x00")),
    "cms_other_type": (
        "said to be plain data",
        lambda of: of.with_value(of.seal.der.replace(bytes.fromhex("06092a864886f70d010702"), bytes.fromhex("06092a864886f70d010701"), 1)),
    ),
    "cms_huge_length": ("a length of 2^31", lambda of: of.with_value(b"\x30\x84\x7f\xff\xff\xff" + of.seal.der[4:])),
    "cms_endless": ("indefinite lengths, never ended", lambda of: of.with_value(b"\x30\x80" * 2000)),
    "cms_deep": ("2,000 SEQUENCEs in one another", lambda of: of.with_value(deep(2000))),
})  # fmt: skip



@ATTACKS.one("CMS", "no certificates", "untrusted")
def cms_no_certificates(of):
    if of.seal.is_stamp or "/DSS" in of.pdf.Root:
        raise Skip("they are known from elsewhere, or it is no seal")
    return surgery(no_certificates)(of)


def deep(levels):
    value = b""
    for _ in range(levels):
        length = len(value)
        head = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")
        value = b"\x30" + head + value
        if len(value) > 7900:
            break
    return value


@ATTACKS.one("CMS", "the page is forged and the digest with it, the value is the old one")
def cms_new_digest(of):
    data = bytearray(of.data)
    begin, _ = of.extent(of.number(of.content()))
    data[data.index(b"stream", begin) + 9] ^= 1
    covered = bytes(data[: of.seal.begin]) + bytes(data[of.seal.end : of.seal.covered_to])
    whole = cms.ContentInfo.load(of.seal.der)
    signer = whole["content"]["signer_infos"][0]
    digest = hashlib.new(signer["digest_algorithm"]["algorithm"].native, covered).digest()
    for attribute in signer["signed_attrs"]:
        if attribute["type"].native == "message_digest":
            attribute["values"] = [digest]
    return bytes(data[: of.seal.begin]) + of.with_value(whole.dump(force=True))[of.seal.begin : of.seal.end] + bytes(data[of.seal.end :])


# ------------------------------------------------------------------ polyglots, tails, cuts and single bytes

ZIP_END = b"PK\x05\x06" + bytes(18)

ATTACKS.each("polyglot", "reject", {
    "head_comment": ("a comment before the header", lambda of: b"%" + b"A" * 98 + b"\n" + of.data),
    "head_html": ("a page of HTML before the header", lambda of: b"<html><body>forged</body></html>\n" + of.data),
    "head_gif": ("GIF89a before the header", lambda of: b"GIF89a" + bytes(10) + of.data),
    "tail_zip": ("a ZIP archive behind the end", lambda of: of.data + ZIP_END),
    "tail_html": ("a page of HTML behind the end", lambda of: of.data + b"<html><body>forged</body></html>\n"),
    "tail_noise": ("noise behind the end", lambda of: of.data + random.Random(7).randbytes(1000)),
    "tail_comment": ("a comment and a second %%EOF", lambda of: of.data + b"% more\n%%EOF\n"),
    "tail_zeros": ("zeros behind the end", lambda of: of.data + bytes(64)),
    "tail_other_file": ("another PDF behind the end", lambda of: of.data + other_file(len(of.data))),
    "head_other_file": ("another PDF before it", lambda of: other_file(0) + of.data),
    "inside_other_file": ("as an attachment inside another PDF", lambda of: other_file(0, of.data)),
})  # fmt: skip


def other_file(at, within=b""):
    """A small unsigned file, its offsets right when it begins at `at`."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Count 1 /Kids [ 3 0 R ] >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>", forge.stream(b"", forge.ink()),
        forge.stream(b"/Type /EmbeddedFile", within),
    ]  # fmt: skip
    data, places = b"%PDF-1.7\n", {}
    for number, body in enumerate(objects, 1):
        places[number] = (at + len(data), 0)
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    xref = at + len(data)
    return data + forge.table(places) + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % xref


ATTACKS.each("truncated", "reject", {
    f"cut_{name}": (f"cut {where}", lambda of, at=at: of.data[: at(of)])
    for name, where, at in (
        ("last", "before the last byte but the line end", lambda of: len(of.data.rstrip()) - 1),
        ("tail", "20 bytes before the end", lambda of: of.seal.covered_to - 20),
        ("value", "inside the value", lambda of: (of.seal.begin + of.seal.end) // 2),
        ("begin", "before the value", lambda of: of.seal.begin),
        ("half", "in the middle", lambda of: len(of.data) // 2),
        ("head", "behind the header", lambda of: 9),
        ("all", "to nothing", lambda of: 0),
    )
})  # fmt: skip


def flipped(place):
    def make(of):
        at = place(of)
        data = bytearray(of.data)
        data[at] = (ord("1") if data[at] == ord("0") else ord("0")) if of.seal.begin < at < of.seal.end else data[at] ^ 1
        return bytes(data)

    return make


def within(pattern, value):
    """Behind a pattern inside an object."""

    def place(of):
        begin, end = of.extent(of.number(value(of)))
        found = re.compile(pattern, re.DOTALL).search(of.data, begin, end)
        if not found:
            raise Skip("not there")
        return found.end() - 1

    return place


def in_value(part):
    """The middle of a part of the CMS."""

    def place(of):
        whole = cms.ContentInfo.load(of.seal.der)["content"]
        octets = part(whole)
        return of.seal.begin + 1 + 2 * (of.seal.der.index(octets) + len(octets) // 2)

    return place


ATTACKS.each("tampered", "reject", {
    f"flip_{name}": (f"one bit of {where}", flipped(place))
    for name, where, place in (
        ("header", "the header", lambda of: of.data.index(b"%PDF-") + 7),
        ("catalog", "the catalog", within(rb"/Type\s*/C", lambda of: of.pdf.Root)),
        ("page", "the page", within(rb"/Type\s*/P", lambda of: of.page)),
        ("content", "the page's content", within(rb"stream.{9}", lambda of: of.content())),
        ("field", "the field's name", within(rb"/T\s*\(.", lambda of: of.seal.field)),
        ("filter", "/SubFilter", within(rb"/SubFilter\s*/..", lambda of: of.seal.value)),
        ("value", "the signature value", in_value(lambda signed: signed["signer_infos"][0]["signature"].native)),
        ("digest", "the message digest", in_value(lambda signed: next(
            one["values"][0].native for one in signed["signer_infos"][0]["signed_attrs"] if one["type"].native == "message_digest"))),
        ("startxref", "startxref", lambda of: of.data.rindex(b"startxref") + 10),
        ("eof", "%%EOF", lambda of: of.data.rindex(b"%%EOF") + 3),
    )
})  # fmt: skip
