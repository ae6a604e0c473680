"""Validation reports by ETSI TS 119 102-2 V1.2.1, judged with bindings of the schema that we did not write.

pyHanko ships classes made from the standard's schema by xsdata. The report is parsed strictly: an element, an attribute
or an order that the schema does not know is a complaint, and so is a required one that is missing. Then its key fields
are held against the document itself, as asn1crypto and pyHanko read it.
"""

import base64
import dataclasses
import hashlib

MAIN = "urn:etsi:019102:mainindication:"


def read(report):
    from pyhanko.generated.etsi import ts_11910202 as etsi
    from xsdata.formats.dataclass.parsers import XmlParser
    from xsdata.formats.dataclass.parsers.config import ParserConfig

    strict = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True)
    return XmlParser(config=strict).parse(str(report), etsi.ValidationReport)


def etsi_report(file, report):
    """The report of a certificate of ours: found genuine, and every identifier in it leads somewhere."""
    parsed = read(report)
    # What does not follow the schema is not read further.
    return missing(parsed) + unordered(report) + unresolved(parsed) or differences(file, parsed)


def missing(node, path="ValidationReport"):
    """Required elements and attributes that are not there: xsdata fills them with nothing and says no word."""
    if isinstance(node, (list, tuple)):
        return [words for at, one in enumerate(node) for words in missing(one, f"{path}[{at}]")]
    if not dataclasses.is_dataclass(node) or type(node).__module__.startswith("xsdata"):
        return []
    found = []
    for field in dataclasses.fields(node):
        value = getattr(node, field.name, None)
        if field.metadata.get("required") and value is None:
            found.append(f"{path} lacks {field.metadata.get('name', field.name)}")
        if (least := field.metadata.get("min_occurs", 0)) and len(value or ()) < least:
            found.append(f"{path} has fewer than {least} of {field.metadata.get('name', field.name)}")
        found += missing(value, f"{path}/{field.metadata.get('name', field.name)}")
    return found


def unordered(report):
    """Sequences of the schema are in its order; xsdata's parser takes any."""
    from lxml import etree
    from pyhanko.generated.etsi import ts_11910202 as etsi

    sequences = {
        "SignatureValidationReport": etsi.SignatureValidationReportType,
        "SignatureIdentifier": etsi.SignatureIdentifierType,
        "ValidationTimeInfo": etsi.ValidationTimeInfoType,
        "SignersDocument": etsi.SignersDocumentType,
        "SignerInformation": etsi.SignerInformationType,
        "SignatureValidationStatus": etsi.ValidationStatusType,
        "ValidationStatus": etsi.ValidationStatusType,
        "AssociatedValidationReportData": etsi.ValidationReportDataType,
        "CertificateChain": etsi.CertificateChainType,
        "CryptoInformation": etsi.CryptoInformationType,
        "ValidationConstraint": etsi.IndividualValidationConstraintReportType,
        "ValidationObject": etsi.ValidationObjectType,
        "ValidationReport": etsi.ValidationReportType,
    }
    found = []
    for element in etree.parse(str(report)).getroot().iter("{http://uri.etsi.org/19102/v1.2.1#}*"):
        kind = sequences.get(etree.QName(element).localname)
        if kind is None:
            continue
        order = [field.metadata.get("name") for field in dataclasses.fields(kind)]
        names = [etree.QName(child).localname for child in element]
        places = [order.index(name) if name in order else -1 for name in names]
        if -1 in places or places != sorted(places):
            found.append(f"{etree.QName(element).localname}: {names}")
    return found


def references(node):
    if isinstance(node, (list, tuple)):
        return [one for item in node for one in references(item)]
    if not dataclasses.is_dataclass(node):
        return []
    own = list(node.voreference) if type(node).__name__ == "VOReferenceType" else []
    return own + [one for field in dataclasses.fields(node) for one in references(getattr(node, field.name, None))]


def unresolved(parsed):
    objects = parsed.signature_validation_objects.validation_object
    known = [one.id for one in objects]
    found = [f"identifier {one} twice" for one in set(known) if known.count(one) > 1]
    return found + [f"no object {one}" for one in sorted(set(references(parsed)) - set(known))]


def differences(file, parsed):
    """What the report says of a certificate of ours, against the certificate."""
    import signatures
    from asn1crypto import cms

    covered, contents = signatures.container(file)
    signed = cms.ContentInfo.load(contents, strict=False)["content"]
    signer = signed["signer_infos"][0]
    reports = parsed.signature_validation_report
    if len(reports) != 1:
        return [f"{len(reports)} signatures"]
    one = reports[0]
    objects = {one.id: one for one in parsed.signature_validation_objects.validation_object}
    certificate = objects[one.signer_information.signer_certificate.voreference[0]]
    chain = one.signature_validation_status.associated_validation_report_data[0].certificate_chain
    attributes = b"\x31" + signer["signed_attrs"].dump()[1:]
    sha256 = lambda data: hashlib.sha256(data).digest()  # noqa: E731
    named = next(c.chosen for c in signed["certificates"] if c.chosen.serial_number == signer["sid"].chosen["serial_number"].native)
    facts = {
        "total-passed": one.signature_validation_status.main_indication == MAIN + "total-passed",
        "without sub-indication": not one.signature_validation_status.sub_indication,
        "its signature value": one.signature_identifier.signature_value.value == signer["signature"].native,
        "the digest of what was signed": value(one.signature_identifier) == sha256(attributes),
        "the digest of what is covered": value(one.signers_document) == sha256(covered),
        "the digest of the file": digest_of(objects["document"]) == sha256(file.read_bytes()),
        "the signer's certificate": certificate.validation_object_representation.base64 == named.dump(),
        "an anchor that signed itself": self_signed(objects[chain.trust_anchor.voreference[0]]),
        "a proof of time before the validation": time(one.validation_time_info.best_signature_time.poetime)
        <= time(one.validation_time_info.validation_time),
        "thirteen steps of the signature": sum(
            c.validation_constraint_identifier.startswith("urn:yinzheng:step:signature:")
            for c in one.validation_constraints_evaluation_report.validation_constraint
        )
        == 13,
        "no step that failed": all(
            c.validation_status is None or c.validation_status.main_indication == MAIN + "passed"
            for c in one.validation_constraints_evaluation_report.validation_constraint
        ),
    }
    return [f"not {words}" for words, holds in facts.items() if not holds]


def value(holder):
    return holder.digest_alg_and_value.digest_value.value


def digest_of(object_):
    return object_.validation_object_representation.digest_alg_and_value.digest_value.value


def self_signed(object_):
    from asn1crypto import x509

    return x509.Certificate.load(object_.validation_object_representation.base64).self_signed in ("yes", "maybe")


def time(at):
    return at.to_datetime()


def spoiled(report, folder):
    """Reports that no judge may pass: (what, path)."""
    text = report.read_text(encoding="utf-8")
    forged = base64.b64encode(b"another value").decode()
    begin = text.index("<ds:SignatureValue>") + len("<ds:SignatureValue>")
    changes = {
        "an element of our own": text.replace("<HashOnly>", "<Surely>yes</Surely><HashOnly>", 1),
        "a required element missing": text.replace("<HashOnly>false</HashOnly>", "", 1),
        "another order": text.replace("<HashOnly>false</HashOnly>", "", 1).replace("<ds:SignatureValue>", "<HashOnly>false</HashOnly><ds:SignatureValue>", 1),
        "another verdict": text.replace(MAIN + "total-passed", MAIN + "total-failed", 1),
        "another signature value": text[:begin] + forged + text[text.index("</ds:SignatureValue>") :],
        "a reference to nothing": text.replace('TrustAnchor VOReference="C-', 'TrustAnchor VOReference="X-', 1),
    }
    for what, changed in changes.items():
        path = folder / f"{what}.xml"
        path.write_text(changed, encoding="utf-8")
        yield what, path
