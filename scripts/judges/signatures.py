"""Signatures judged by pyHanko, and their structure by asn1crypto alone (ETSI EN 319 142-1, level B-B).

pyHanko says whether a certificate is trusted; `pades_structure` says whether it is what we promise, clause by clause.
docs/standards/pades.md names the clauses and the code that obeys each.
"""

import hashlib
import re
import typing

from asn1crypto import cms
from asn1crypto import pem as asn1_pem
from asn1crypto import tsp  # noqa: F401  teaches cms signing-certificate-v2


class Suite(typing.NamedTuple):
    """What a suite's name promises: digest, signature algorithm, and key (kind, curve or modulus bits)."""

    digest: str
    algorithms: tuple[str, ...]
    key: tuple[str, object]


SUITES = {
    "ecdsa-p256-sha256": Suite("sha256", ("sha256_ecdsa",), ("ec", "secp256r1")),
    "ecdsa-p384-sha384": Suite("sha384", ("sha384_ecdsa",), ("ec", "secp384r1")),
    "rsa-pkcs1-sha256": Suite("sha256", ("rsassa_pkcs1v15", "sha256_rsa"), ("rsa", 3072)),
    "rsa-pss-sha256": Suite("sha256", ("rsassa_pss",), ("rsa", 3072)),
}

# Signed attributes of a baseline signature of ours: exactly these. signing-time is forbidden (EN 319 142-1 6.3, the
# time stands in /M); a commitment or a policy would be a promise that nobody made.
ATTRIBUTES = ["content_type", "message_digest", "signing_certificate_v2"]


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
        certification = reader.root["/Perms"]["/DocMDP"]
        facts = {
            "intact": status.intact,
            "valid": status.valid,
            "trusted": status.trusted,
            "covers the whole file": status.coverage == SignatureCoverageLevel.ENTIRE_FILE,
            # pyHanko leaves the level open when no revision follows the signed one: there is nothing to compare.
            "nothing changed after": status.modification_level == ModificationLevel.NONE
            or status.modification_level is None and reader.total_revisions == 1,
            "the certification of /Perms": certification.raw_get("/Contents") == found[0].sig_object.raw_get("/Contents"),
            "DocMDP P=1": found[0].docmdp_level is not None and found[0].docmdp_level.value == 1,
            "DocMDP kept": status.docmdp_ok is True or status.docmdp_ok is None and reader.total_revisions == 1,
            "one revision": reader.total_revisions == 1,
        }
    return [f"not {words}" for words, holds in facts.items() if not holds]


def container(file):
    """The bytes the signature covers, and the value of /Contents as bytes, by the byte range alone."""
    data = file.read_bytes()
    ranges = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", data)
    if len(ranges) != 1:
        raise ValueError(f"{len(ranges)} byte ranges")
    start, first, second, rest = map(int, ranges[0])
    if start != 0 or second + rest != len(data):
        raise ValueError("the byte range does not cover the file")
    hole = data[first:second]
    if not re.fullmatch(rb"<(?:[0-9a-fA-F]{2})*>", hole):
        raise ValueError("the gap is more or less than the value of /Contents")
    return data[:first] + data[second:], bytes.fromhex(hole[1:-1].decode())


def pades_structure(file, suite="ecdsa-p256-sha256", subfilter="ETSI.CAdES.detached"):
    covered, raw = container(file)
    complaints = dictionary(file.read_bytes(), subfilter)
    content = cms.ContentInfo.load(raw)
    der = content.dump(force=True)
    if set(raw[len(der):]) - {0}:
        complaints.append("the hole is padded with something else than zeros")
    if not raw.startswith(der):
        complaints.append("the container is not DER")
    if content["content_type"].native != "signed_data":
        return complaints + [f"the container is {content['content_type'].native}"]
    signed = content["content"]
    return complaints + signed_data(signed, covered) + of_suite(signed, SUITES[suite])


def dictionary(data, subfilter):
    """The signature dictionary: EN 319 142-1 6.3 and ISO 32000-1 table 252."""
    found = re.findall(rb"/Type\s*/Sig\b.*?/TransformParams\s*<<.*?>>", data, re.DOTALL)
    if len(found) != 1:
        return [f"{len(found)} signature dictionaries"]
    words = re.sub(rb"/Contents\s*<[^>]*>", b"", found[0])
    complaints = []
    if re.findall(rb"/SubFilter\s*/([A-Za-z.0-9]+)", words) != [subfilter.encode()]:
        complaints.append(f"the subfilter is not {subfilter}")
    if not re.search(rb"/M\s*\(D:\d{14}\+08'00'?\)", words):
        complaints.append("no /M with the hours of Beijing")
    # /Cert is forbidden by PAdES; /Reason would be a second word on why, which nobody gave.
    complaints += [f"/{key.decode()} in the dictionary" for key in re.findall(rb"/(Cert|Reason|Location|Changes)\b", words)]
    if re.search(rb"/Digest(Method|Value|Location)\b", words):
        complaints.append("a digest in the signature reference, which ISO 19005-3 6.4.3 forbids")
    if not re.search(rb"/TransformMethod\s*/DocMDP\b", words) or not re.search(rb"/P\s+1\b", words):
        complaints.append("not a certification with P=1")
    return complaints


def signed_data(signed, covered):
    complaints = []
    if signed["encap_content_info"]["content"].native is not None:
        complaints.append("not detached")
    if signed["encap_content_info"]["content_type"].native != "data":
        complaints.append("the content is not of type data")
    if signed["version"].native != "v1":
        complaints.append(f"version {signed['version'].native} where RFC 5652 5.1 asks for v1")
    if len(signed["signer_infos"]) != 1:
        return complaints + [f"{len(signed['signer_infos'])} signers"]
    signer = signed["signer_infos"][0]
    kinds = sorted(attribute["type"].native for attribute in signer["signed_attrs"])
    if kinds != ATTRIBUTES:
        return complaints + [f"the signed attributes are {kinds}"]
    if signer["unsigned_attrs"].native:
        complaints.append("unsigned attributes where none was added yet")
    values = {attribute["type"].native: attribute["values"] for attribute in signer["signed_attrs"]}
    complaints += [f"{kind} has {len(value)} values" for kind, value in values.items() if len(value) != 1]
    algorithm = signer["digest_algorithm"]["algorithm"].native
    if values["message_digest"][0].native != hashlib.new(algorithm, covered).digest():
        complaints.append("the message digest is not that of the byte range")
    if values["content_type"][0].native != "data":
        complaints.append("content type is not data")
    encoded = [attribute.dump() for attribute in signer["signed_attrs"]]
    if encoded != sorted(encoded):
        complaints.append("the signed attributes are not in the order of DER")
    return complaints + signing_certificate(values["signing_certificate_v2"][0], leaf_of(signed))


def signing_certificate(attribute, leaf):
    """RFC 5035: one ESSCertIDv2, the hash of the signer's certificate."""
    if len(attribute["certs"]) != 1:
        return [f"signing-certificate-v2 names {len(attribute['certs'])} certificates"]
    identity, complaints = attribute["certs"][0], []
    algorithm = identity["hash_algorithm"]["algorithm"].native
    if identity["cert_hash"].native != hashlib.new(algorithm, leaf.dump()).digest():
        complaints.append("signing-certificate-v2 names another certificate")
    # The default must not be written (X.690 11.5): the sequence then begins with the hash itself.
    if algorithm == "sha256" and identity.contents[:1] != b"\x04":
        complaints.append("the default hash algorithm is written out")
    return complaints


def of_suite(signed, suite):
    """The container is of the suite that was asked for: digest, algorithm with its parameters, key."""
    signer, complaints = signed["signer_infos"][0], []
    if signer["digest_algorithm"]["algorithm"].native != suite.digest:
        complaints.append(f"digest {signer['digest_algorithm']['algorithm'].native}, not {suite.digest}")
    if [a["algorithm"].native for a in signed["digest_algorithms"]] != [suite.digest]:
        complaints.append("digestAlgorithms is not the signer's digest alone")
    algorithm = signer["signature_algorithm"]
    if algorithm["algorithm"].native not in suite.algorithms:
        complaints.append(f"signature algorithm {algorithm['algorithm'].native}, not {' or '.join(suite.algorithms)}")
    elif algorithm["algorithm"].native == "rsassa_pss":
        parameters = algorithm["parameters"]
        stated = (
            parameters["hash_algorithm"]["algorithm"].native,
            parameters["mask_gen_algorithm"]["parameters"]["algorithm"].native,
            parameters["salt_length"].native,
        )
        if stated != ("sha256", "sha256", 32):
            complaints.append(f"PSS parameters {stated}")
    key = leaf_of(signed).public_key
    size = key.curve[1] if key.algorithm == "ec" else key.bit_size
    if (key.algorithm, size) != suite.key:
        complaints.append(f"key {key.algorithm} {size}, not {suite.key[0]} {suite.key[1]}")
    return complaints


def leaf_of(signed):
    sid = signed["signer_infos"][0]["sid"].chosen
    certificates = [choice.chosen for choice in signed["certificates"]]
    return next(c for c in certificates if c.serial_number == sid["serial_number"].native and c.issuer == sid["issuer"])


def embedded_certificates(file):
    """The signer's certificate and the others, in DER."""
    signed = cms.ContentInfo.load(container(file)[1])["content"]
    leaf = leaf_of(signed)
    return leaf.dump(), [c.chosen.dump() for c in signed["certificates"] if c.chosen.dump() != leaf.dump()]


def pem(der):
    return asn1_pem.armor("CERTIFICATE", der)
