"""Signatures judged by pyHanko, and their structure by asn1crypto alone (ETSI EN 319 142-1, level B-B)."""

import hashlib
import re

from asn1crypto import cms
from asn1crypto import pem as asn1_pem
from asn1crypto import tsp  # noqa: F401  teaches cms signing-certificate-v2


def pyhanko_validates(file, root):
    from pyhanko.keys import load_cert_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko.sign.validation.status import SignatureCoverageLevel
    from pyhanko_certvalidator import ValidationContext

    with open(file, "rb") as stream:
        reader = PdfFileReader(stream, strict=True)
        found = reader.embedded_signatures
        if len(found) != 1:
            return [f"{len(found)} signatures"]
        context = ValidationContext(trust_roots=[load_cert_from_pemder(str(root))], allow_fetching=False)
        status = validate_pdf_signature(found[0], signer_validation_context=context)
        facts = {
            "intact": status.intact,
            "valid": status.valid,
            "trusted": status.trusted,
            "covers the whole file": status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
            "nothing changed after": status.modification_level in (None, ModificationLevel.NONE),
            "a certification": found[0].sig_object.get("/Reference") is not None and reader.root.get("/Perms") is not None,
            "DocMDP allows no change": found[0].docmdp_level is not None and found[0].docmdp_level.value == 1,
            "DocMDP kept": status.docmdp_ok is not False,
        }
    return [f"not {words}" for words, holds in facts.items() if not holds]


def pades_structure(file):
    data = file.read_bytes()
    ranges = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data)
    if len(ranges) != 1:
        return [f"{len(ranges)} byte ranges"]
    start, first, second, rest = map(int, ranges[0])
    hole = data[first:second]
    complaints = []
    if start != 0 or second + rest != len(data):
        complaints.append("the byte range does not cover the file")
    if not (hole.startswith(b"<") and hole.endswith(b">")):
        complaints.append("the gap is more or less than the value of /Contents")
    subfilters = re.findall(rb"/SubFilter\s*/([A-Za-z.0-9]+)", data)
    if subfilters != [b"ETSI.CAdES.detached"]:
        complaints.append(f"subfilter {subfilters}")
    if not re.search(rb"/M\s*\(D:\d{14}", data):
        complaints.append("no /M in the signature dictionary")
    raw = bytes.fromhex(hole[1:-1].decode())
    content = cms.ContentInfo.load(raw)
    length = len(content.dump())
    if set(raw[length:]) - {0}:
        complaints.append("the hole is padded with something else than zeros")
    return complaints + signed_data(content["content"], data[:first] + data[second:])


def signed_data(signed, covered):
    complaints = []
    if signed["encap_content_info"]["content"].native is not None:
        complaints.append("not detached")
    if len(signed["signer_infos"]) != 1:
        return complaints + [f"{len(signed['signer_infos'])} signers"]
    signer = signed["signer_infos"][0]
    kinds = [attribute["type"].native for attribute in signer["signed_attrs"]]
    for wanted in ("content_type", "message_digest", "signing_certificate_v2"):
        if kinds.count(wanted) != 1:
            complaints.append(f"{kinds.count(wanted)} attributes {wanted}")
    if "signing_time" in kinds:
        complaints.append("a signing-time attribute, which PAdES forbids")
    values = {attribute["type"].native: attribute["values"] for attribute in signer["signed_attrs"]}
    algorithm = signer["digest_algorithm"]["algorithm"].native
    if values["message_digest"][0].native != hashlib.new(algorithm, covered).digest():
        complaints.append("the message digest is not that of the byte range")
    if values["content_type"][0].native != "data":
        complaints.append("content type is not data")
    leaf = leaf_of(signed)
    identity = values["signing_certificate_v2"][0]["certs"][0]
    ess_algorithm = identity["hash_algorithm"]["algorithm"].native
    if identity["cert_hash"].native != hashlib.new(ess_algorithm, leaf.dump()).digest():
        complaints.append("signing-certificate-v2 names another certificate")
    return complaints


def leaf_of(signed):
    sid = signed["signer_infos"][0]["sid"].chosen
    certificates = [choice.chosen for choice in signed["certificates"]]
    return next(
        c for c in certificates if c.serial_number == sid["serial_number"].native and c.issuer == sid["issuer"]
    )


def embedded_certificates(file):
    """The signer's certificate and the others, in DER."""
    data = file.read_bytes()
    _, first, second, _ = map(int, re.search(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data).groups())
    signed = cms.ContentInfo.load(bytes.fromhex(data[first + 1 : second - 1].decode()))["content"]
    leaf = leaf_of(signed)
    return leaf.dump(), [c.chosen.dump() for c in signed["certificates"] if c.chosen.dump() != leaf.dump()]


def pem(der):
    return asn1_pem.armor("CERTIFICATE", der)
