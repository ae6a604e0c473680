"""Honest signed files by other people's programs: pyHanko, openssl, PDFBox. attacks.py attacks them.

Each maker keeps the keys in the folder it is given; all of them are thrown away with it.
"""

import datetime
import io
import pathlib
import re
import shutil
import subprocess

import forge
import pikepdf
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import dss
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

HERE = pathlib.Path(__file__).resolve().parent
NOW = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
PADES, PKCS7 = fields.SigSeedSubFilter.PADES, fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED


class Authority:
    """A root, a middle authority, one signer of each kind of key, and a time-stamping authority."""

    def __init__(self, folder: pathlib.Path, name: str = "Attack Judges") -> None:
        self.folder, self.name, self.serial = folder, name, 0
        folder.mkdir(parents=True, exist_ok=True)
        self.keys: dict[str, object] = {}
        self.certificates: dict[str, x509.Certificate] = {}
        self.make("root", None, ec.generate_private_key(ec.SECP256R1()), authority=True)
        self.make("middle", "root", ec.generate_private_key(ec.SECP256R1()), authority=True)
        self.make("signer", "middle", ec.generate_private_key(ec.SECP256R1()))
        self.make("rsa", "middle", rsa.generate_private_key(public_exponent=65537, key_size=2048))
        # pyHanko's dummy authority stamps with RSA alone.
        self.make("stamper", "root", rsa.generate_private_key(public_exponent=65537, key_size=2048), stamps=True)
        # What an attacker who has one honest certificate can make: a certificate below a leaf.
        self.make("below", "signer", ec.generate_private_key(ec.SECP256R1()))
        self.lists = {issuer: self.revocation_list(issuer) for issuer in ("root", "middle")}

    def make(self, role, issuer, key, authority=False, stamps=False) -> None:
        self.serial += 1
        name = x509.Name([
            x509.NameAttribute(NameOID.COUNTRY_NAME, "CN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, self.name),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{self.name} {role}"),
        ])  # fmt: skip
        above = self.certificates.get(issuer)
        usage = dict.fromkeys((
            "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
            "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
        ), False)  # fmt: skip
        usage |= dict.fromkeys(("key_cert_sign", "crl_sign") if authority else ("digital_signature", "content_commitment"), True)
        if stamps:
            usage["content_commitment"] = False
        builder = (
            x509.CertificateBuilder().subject_name(name).issuer_name(above.subject if above else name)
            .public_key(key.public_key()).serial_number(self.serial)
            .not_valid_before(NOW - datetime.timedelta(days=1)).not_valid_after(NOW + datetime.timedelta(days=3650))
            .add_extension(x509.BasicConstraints(authority, None), True).add_extension(x509.KeyUsage(**usage), True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )  # fmt: skip
        if stamps:
            builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), True)
        if above:
            by = above.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
            builder = builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(by), False)
        certificate = builder.sign(self.keys.get(issuer, key), hashes.SHA256())
        self.keys[role], self.certificates[role] = key, certificate
        self.path(role).write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        self.key_path(role).write_bytes(key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ))  # fmt: skip

    def revocation_list(self, issuer):
        builder = (
            x509.CertificateRevocationListBuilder().issuer_name(self.certificates[issuer].subject)
            .last_update(NOW - datetime.timedelta(hours=1)).next_update(NOW + datetime.timedelta(days=30))
            .add_extension(x509.CRLNumber(1), False)
        )  # fmt: skip
        return builder.sign(self.keys[issuer], hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def path(self, role) -> pathlib.Path:
        return self.folder / f"{role}.pem"

    def key_path(self, role) -> pathlib.Path:
        return self.folder / f"{role}.key"

    def certificate(self, role):
        return asn1_x509.Certificate.load(self.certificates[role].public_bytes(serialization.Encoding.DER))

    def store(self, *roles, further=()):
        known = SimpleCertificateStore()
        known.register_multiple([self.certificate(role) for role in roles])
        known.register_multiple(further)
        return known

    def key(self, role):
        return asn1_keys.PrivateKeyInfo.load(self.keys[role].private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ))  # fmt: skip

    def signer(self, role="signer", pss=False, further=(), carry=("middle",)):
        return signers.SimpleSigner(
            self.certificate(role), self.key(role), self.store(*carry, further=further), prefer_pss=pss, embed_roots=False
        )

    def stamper(self):
        return DummyTimeStamper(self.certificate("stamper"), self.key("stamper"), self.store("root"))

    def context(self):
        return ValidationContext(
            trust_roots=[self.certificate("root")], other_certs=[self.certificate("middle")], crls=list(self.lists.values()),
            allow_fetching=False, revocation_mode="soft-fail",
        )  # fmt: skip


def paper(pages=2, **how) -> bytes:
    """An unsigned page or two with a form: a text field, and a picture over part of the text."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica))
    for number in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
        page = pdf.pages[number].obj
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F=font))
        words = b"BT /F 14 Tf 72 770 Td (Certificate, page %d) Tj ET BT /F 14 Tf 72 740 Td (Amount: 100) Tj ET" % (number + 1)
        page.Contents = pdf.make_indirect(pikepdf.Stream(pdf, words))
    first = pdf.pages[0].obj
    text = pdf.make_indirect(pikepdf.Dictionary(
        FT=pikepdf.Name.Tx, T=pikepdf.String("applicant"), Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget,
        Rect=[72, 600, 272, 620], F=4, DA=pikepdf.String("/Helv 10 Tf 0 g"), P=first,
    ))  # fmt: skip
    first.Annots = [text]
    pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(
        Fields=[text], DA=pikepdf.String("/Helv 10 Tf 0 g"), DR=pikepdf.Dictionary(Font=pikepdf.Dictionary(Helv=font)),
    ))  # fmt: skip
    out = io.BytesIO()
    how.setdefault("object_stream_mode", pikepdf.ObjectStreamMode.disable)
    pdf.save(out, static_id=True, compress_streams=False, **how)
    return out.getvalue()


def sign(
    unsigned: bytes, signer, name="Seal1", certify=None, stamper=None, box=(72, 100, 372, 160), page=0,
    lock=None, level=None, strict=True, subfilter=PADES, existing=False, room=None, **more,
) -> bytes:  # fmt: skip
    """Signed by pyHanko."""
    writer = IncrementalPdfFileWriter(io.BytesIO(unsigned), strict=strict)
    if not existing:
        spec = fields.SigFieldSpec(name, on_page=page, box=box, field_mdp_spec=lock, doc_mdp_update_value=level)
        fields.append_signature_field(writer, spec)
    said = signers.PdfSignatureMetadata(
        field_name=name, subfilter=subfilter, md_algorithm="sha256", certify=certify is not None, reason="Test",
        docmdp_permissions=certify or fields.MDPPerm.FILL_FORMS, **more,
    )  # fmt: skip
    maker = signers.PdfSigner(said, signer=signer, timestamper=stamper, stamp_style=TextStampStyle(stamp_text="Signed by %(signer)s"))
    out = io.BytesIO()
    maker.sign_pdf(writer, output=out, existing_fields_only=existing, bytes_reserved=room)
    return out.getvalue()


def with_field(unsigned: bytes, name: str) -> bytes:
    """An empty signature field, for somebody later."""
    writer = IncrementalPdfFileWriter(io.BytesIO(unsigned))
    fields.append_signature_field(writer, fields.SigFieldSpec(name, box=(72, 200, 372, 260)))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def stamped(signed: bytes, stamper, context=None) -> bytes:
    """A document time-stamp added by pyHanko."""
    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    signers.PdfTimeStamper(stamper).timestamp_pdf(writer, "sha256", validation_context=context, output=out)
    return out.getvalue()


def with_evidence(signed: bytes, certificates, lists=()) -> bytes:
    """A document security store added by pyHanko, for the last signature."""
    from asn1crypto import crl
    from pyhanko.pdf_utils.reader import PdfFileReader

    last = PdfFileReader(io.BytesIO(signed)).embedded_signatures[-1]
    out = io.BytesIO(signed)
    dss.DocumentSecurityStore.add_dss(
        out, last.pkcs7_content.hex().encode().upper(), certs=certificates, crls=[crl.CertificateList.load(one) for one in lists]
    )
    return out.getvalue()


def by_openssl(unsigned: bytes, authority: Authority, hybrid=False, role="signer", name=b"Seal1") -> bytes:
    """An update with an empty hole, written here; the value in it made by `openssl cms -sign`."""

    def value(covered, _):
        (authority.folder / "covered").write_bytes(covered)
        return subprocess.run([
            "openssl", "cms", "-sign", "-binary", "-md", "sha256", "-outform", "DER", "-in", authority.folder / "covered",
            "-signer", authority.path(role), "-inkey", authority.key_path(role), "-certfile", authority.path("middle"),
            "-nosmimecap", "-cades",
        ], capture_output=True, timeout=60, check=True).stdout  # fmt: skip

    return around(unsigned, value, hybrid, name)


def around(unsigned: bytes, make, hybrid=False, name=b"Seal1", subfilter=b"adbe.pkcs7.detached") -> bytes:
    """An update with an empty hole; what fills it is `make(covered bytes, the text of the byte range)`."""
    hole, pdf = 8192, pikepdf.open(io.BytesIO(unsigned))
    prev = int(re.findall(rb"startxref\s+(\d+)", unsigned)[-1])
    size, root = int(pdf.trailer.Size), pdf.Root.objgen[0]
    page, form = pdf.pages[0].obj, pdf.Root.AcroForm
    when = NOW.strftime("D:%Y%m%d%H%M%SZ").encode()

    def listed(items):
        return b"[ " + b" ".join(forge.written(item) for item in items) + b" %d 0 R ]" % size

    form_body = forge.dictionary(form, ("/Fields", "/SigFlags"), b"/SigFlags 3 /Fields " + listed(form.Fields))
    page_body = forge.dictionary(page, ("/Annots",), b"/Annots " + listed(page.get("/Annots", [])))
    with_form = {form.objgen[0]: form_body}
    if not form.is_indirect:
        with_form = {root: forge.dictionary(pdf.Root, ("/AcroForm",), b"/AcroForm " + form_body)}
    value = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /%s /M (%s) /ByteRange %s /Contents <%s> >>"
    objects = {
        page.objgen[0]: page_body,
        **with_form,
        size: b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (%s) /F 132 /Rect [0 0 0 0] /P %d 0 R /V %d 0 R >>"
        % (name, page.objgen[0], size + 1),
        size + 1: value % (subfilter, when, b"[0 0000000000 0000000000 0000000000]", b"0" * hole * 2),
    }
    data, places = unsigned, {}
    for number, body in objects.items():
        places[number] = len(data)
        data += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    further = b""
    if hybrid:
        # The field stands in a cross-reference stream alone, which old readers do not look at (7.5.8.4).
        at = len(data)
        data += forge.xref_stream(size + 2, at, {size: (places.pop(size), 0)}, b"/Size %d /Root %d 0 R" % (size + 3, root))
        further = b" /XRefStm %d" % at
    at = len(data)
    data += b"xref\n"
    for number in sorted(places):
        data += b"%d 1\n%010d 00000 n \n" % (number, places[number])
    data += b"trailer\n<< /Size %d /Root %d 0 R /Prev %d%s >>\nstartxref\n%d\n%%%%EOF\n" % (size + 3, root, prev, further, at)
    begin = data.index(b"/Contents <00", len(unsigned)) + len(b"/Contents ")
    end = begin + hole * 2 + 2
    ranges = b"[0 %d %d %d]" % (begin, end, len(data) - end)
    data = data[: len(unsigned)] + data[len(unsigned) :].replace(b"[0 0000000000 0000000000 0000000000]", ranges.ljust(36))
    value = make(data[:begin] + data[end:], ranges.decode())
    return data[:begin] + b"<" + value.ljust(hole, b"\0").hex().encode() + b">" + data[end:]


PDFBOX = [pathlib.Path("/usr/share/java") / name for name in ("pdfbox2.jar", "fontbox2.jar", "commons-logging.jar")]


def by_pdfbox(unsigned: bytes, authority: Authority, certify: int | None = None) -> bytes | None:
    """Signed by PDFBox, which asks openssl for the value; None when Java or the library is not there."""
    if not shutil.which("java") or not all(jar.exists() for jar in PDFBOX):
        return None
    before, after = authority.folder / "unsigned.pdf", authority.folder / "signed.pdf"
    before.write_bytes(unsigned)
    subprocess.run([
        "java", "-cp", ":".join(map(str, PDFBOX)), HERE / "SignWithPdfBox.java", before, after,
        authority.path("signer"), authority.key_path("signer"), authority.path("middle"), str(certify or 0),
    ], capture_output=True, timeout=120, check=True)  # fmt: skip
    return after.read_bytes()


def all_bases(authority: Authority) -> dict[str, bytes | None]:
    """Name → signed file; None where its maker is not installed."""
    signer, stamper, plain = authority.signer(), authority.stamper(), paper()
    certified = {level.value: sign(plain, signer, certify=level) for level in fields.MDPPerm}
    approved = sign(plain, signer)
    everything = fields.FieldMDPSpec(fields.FieldMDPAction.ALL)
    one_field = fields.FieldMDPSpec(fields.FieldMDPAction.INCLUDE, ["applicant"])
    packed = paper(object_stream_mode=pikepdf.ObjectStreamMode.generate)
    carried = [authority.certificate(role) for role in ("root", "middle", "signer")]
    lta = {"embed_validation_info": True, "use_pades_lta": True}
    bases = {
        "approval": approved,
        "invisible": sign(plain, signer, box=None),
        "pkcs7": sign(plain, signer, subfilter=PKCS7),
        "rsa": sign(plain, authority.signer("rsa")),
        "rsa-pss": sign(plain, authority.signer("rsa", pss=True)),
        "certified-1": certified[1],
        "certified-2": certified[2],
        "certified-3": certified[3],
        "two-signatures": sign(approved, signer, "Seal2", page=1),
        "certified-then-approved": sign(sign(with_field(plain, "Seal2"), signer, certify=fields.MDPPerm.FILL_FORMS), signer, "Seal2", existing=True),
        "field-lock-all": sign(plain, signer, lock=everything),
        "field-lock-one": sign(plain, signer, lock=one_field),
        # An approval that allows nothing after it (ISO 32000-2 table 236, /P of the lock).
        "document-lock": sign(plain, signer, lock=everything, level=fields.MDPPerm.NO_CHANGES),
        "xref-stream": sign(packed, signer),
        "linearized": sign(paper(linearize=True), signer),
        "with-evidence": with_evidence(approved, carried, authority.lists.values()),
        "signature-time-stamp": sign(plain, signer, stamper=stamper),
        "document-time-stamp": stamped(approved, stamper),
        "long-term": sign(plain, signer, stamper=stamper, validation_context=authority.context(), **lta),
        "openssl": by_openssl(plain, authority),
        "openssl-hybrid": by_openssl(plain, authority, hybrid=True),
        "openssl-rsa": by_openssl(plain, authority, role="rsa"),
        "pdfbox": by_pdfbox(plain, authority),
        "pdfbox-certified-1": by_pdfbox(plain, authority, 1),
        "pdfbox-certified-2": by_pdfbox(plain, authority, 2),
    }
    return bases
