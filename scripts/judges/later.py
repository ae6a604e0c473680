"""Honest later additions: a second signature, evidence, a document time-stamp, long-term renewal.

On our own certificates, which are certified with P=1, ISO 32000-2 table 257 (as corrected by pdf-issues 131) and
12.8.5.3 allow evidence and document time-stamps and nothing else; a second signature invalidates the certification.
On an approval signature all of them are allowed. pyHanko makes the additions and is asked what it thinks of each, so
that what is expected here is not our word alone.
"""

import io
import pathlib
import typing

import bases
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext


class Addition(typing.NamedTuple):
    name: str
    about: str
    expects: str
    make: typing.Callable[[bytes, bases.Authority], bytes]


def evidence(signed, by):
    return bases.with_evidence(signed, [by.certificate(role) for role in ("root", "middle", "signer")], by.lists.values())


def stamp(signed, by):
    return bases.stamped(signed, by.stamper())


def stamp_with_evidence(signed, by):
    return bases.stamped(signed, by.stamper(), by.context())


def renewed(signed, by):
    """Long-term: evidence, a time-stamp over it, later evidence for that one and a second time-stamp."""
    return stamp(evidence(stamp_with_evidence(evidence(signed, by), by), by), by)


def second_seal(signed, by):
    return bases.sign(signed, by.signer(), "Seal2", box=None)


def second_seal_visible(signed, by):
    return bases.sign(signed, by.signer(), "Seal2", box=(72, 300, 272, 360))


def second_seal_by_force(signed, by):
    """pyHanko refuses to sign where nobody may; openssl does not ask."""
    return bases.by_openssl(signed, by, name=b"Seal2")


EVIDENCE = [
    Addition("evidence", "a security store", "accept", evidence),
    Addition("time_stamp", "a document time-stamp", "accept", stamp),
    Addition("evidence_and_time_stamp", "both", "accept", lambda signed, by: stamp_with_evidence(evidence(signed, by), by)),
    Addition("renewed", "both, and both again", "accept", renewed),
]
ON_CERTIFIED = [*EVIDENCE, Addition("second_seal", "a second signature, which P=1 forbids", "reject", second_seal_by_force)]
ON_APPROVED = [
    *EVIDENCE,
    Addition("second_seal", "a second signature", "accept", second_seal),
    Addition("second_seal_visible", "a second signature that shows itself", "accept", second_seal_visible),
    Addition("second_seal_then_evidence", "a second signature, then evidence and a time-stamp", "accept", lambda signed, by: renewed(second_seal(signed, by), by)),
    Addition("evidence_then_second_seal", "evidence and a time-stamp, then a second signature", "accept", lambda signed, by: second_seal(renewed(signed, by), by)),
]  # fmt: skip
# Under P=2 "signing" is allowed. A new field that shows something is refused by pyHanko as well.
ON_CERTIFIED_2 = [
    one._replace(expects="reject") if one.name == "second_seal_visible" else one for one in ON_APPROVED
]


def pyhanko_says(data: bytes, roots: list[pathlib.Path]) -> tuple[bool, str]:
    """Whether pyHanko takes every signature as whole and every later change as allowed."""
    reader = PdfFileReader(io.BytesIO(data), strict=True)
    context = ValidationContext(trust_roots=[load_cert_from_pemder(str(root)) for root in roots], allow_fetching=False)
    kept, words = True, []
    for found in reader.embedded_regular_signatures:
        status = validate_pdf_signature(found, signer_validation_context=context)
        level = status.modification_level.name if status.modification_level else "nothing to compare"
        good = status.intact and status.valid and status.docmdp_ok is not False and level != "OTHER"
        kept, words = kept and good, [*words, f"{found.field_name}: {'' if good else 'not '}kept, {level}"]
    return kept, "; ".join(words)
