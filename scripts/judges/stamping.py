"""Seals on documents of others, judged by others: stamping.py YINZHENG STATE FOLDER

STATE is a demonstration's. Documents by Chromium, pikepdf, qpdf, pyHanko, openssl and PDFBox (where it is installed) are
stamped at five places each. Every stamped file must satisfy pyHanko (each signature of the file, the change after each
earlier one), pdfsig and qpdf; the earlier bytes must be its beginning; and what a picture of the page shows more than
before must be the seal, upright, within 0.3 mm of where it was asked. Documents that could still change their face must
be refused, each with its code.
"""

import io
import json
import logging
import os
import pathlib
import subprocess
import sys

import bases
import pikepdf
from PIL import Image, ImageChops
from pikepdf import Array, Dictionary, Name, Stream, String
from programs import run
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

MM = 25.4 / 72
DPI = 200
SEAL_MM = 42.0
SLACK_MM = 0.3
# A word in the corner so that no page is empty; the font is every reader's.
WORDS = b"q 1 0 0 1 12 12 cm BT /F 9 Tf (stamped by others) Tj ET Q"


def plain(size=(595.28, 841.89), pages=1, **entries) -> pikepdf.Pdf:
    """Pages of this size, with further entries in each."""
    pdf = pikepdf.new()
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for _ in range(pages):
        pdf.add_blank_page(page_size=size)
        page = pdf.pages[-1].obj
        page.Resources = Dictionary(Font=Dictionary(F=font))
        page.Contents = pdf.make_indirect(Stream(pdf, WORDS))
        for key, value in entries.items():
            page[f"/{key}"] = value
    return pdf


def saved(pdf: pikepdf.Pdf, **how) -> bytes:
    how.setdefault("object_stream_mode", pikepdf.ObjectStreamMode.disable)
    out = io.BytesIO()
    pdf.save(out, static_id=True, **how)
    return out.getvalue()


def chromium(folder: pathlib.Path) -> bytes:
    page, made = folder / "page.html", folder / "chromium.pdf"
    page.write_text(
        "<meta charset=utf-8><style>@page{size:A4}p{font-size:14pt}</style><h1>示例社会组织章程</h1><p>第一条 宗旨 Aims</p>"
        "<p style='break-before:page'>第二条 <a href='https://zz.example/'>业务范围</a> Scope</p>",
        encoding="utf-8",
    )
    subprocess.run(
        ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         f"--user-data-dir={folder / 'profile'}", "--no-pdf-header-footer", f"--print-to-pdf={made}", page.as_uri()],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    return made.read_bytes()


def documents(folder: pathlib.Path, authority: bases.Authority) -> dict[str, bytes]:
    """Name → what somebody brings."""
    signer = authority.signer()
    a4 = saved(plain(pages=2))
    packed = saved(plain(pages=2), object_stream_mode=pikepdf.ObjectStreamMode.generate)
    shared = plain(pages=2)
    shared.pages[0].obj.Annots = shared.pages[1].obj.Annots = shared.make_indirect(Array([]))
    form = plain()
    form.Root.AcroForm = Dictionary(Fields=form.make_indirect(Array([])))
    inherited = plain(pages=2)
    inherited.Root.Pages.MediaBox = inherited.pages[0].obj.MediaBox
    inherited.Root.Pages.Rotate = 90
    for page in inherited.pages:
        del page.obj.MediaBox
    made = {
        "chromium": chromium(folder),
        "classic": a4,
        "xref-stream": packed,
        "linearized": saved(plain(pages=3), linearize=True),
        "linearized-packed": saved(plain(pages=3), linearize=True, object_stream_mode=pikepdf.ObjectStreamMode.generate),
        "turned-90": saved(plain(Rotate=90)),
        "turned-180": saved(plain(Rotate=180)),
        "turned-270": saved(plain(Rotate=270)),
        "turned-minus-90": saved(plain(Rotate=-90)),
        "inherited": saved(inherited),
        "cropped": saved(plain(size=(700, 1000), CropBox=Array([60, 90, 560, 890]))),
        "cropped-turned": saved(plain(size=(700, 1000), CropBox=Array([60, 90, 560, 890]), Rotate=270)),
        "crop-beyond": saved(plain(CropBox=Array([-50, -50, 2000, 500]))),
        "origin": saved(plain(MediaBox=Array([-300, -400, 295, 442]))),
        "upside-down-box": saved(plain(MediaBox=Array([595, 842, 0, 0]))),
        "landscape": saved(plain(size=(841.89, 595.28))),
        "a3": saved(plain(size=(841.89, 1190.55))),
        "receipt": saved(plain(size=(130, 400))),
        "user-unit": saved(plain(size=(297.64, 420.945), UserUnit=2)),
        "shared-annotations": saved(shared),
        "indirect-fields": saved(form),
        "no-line-end": a4.rstrip(b"\r\n"),
        "pyhanko": bases.sign(a4, signer),
        "pyhanko-packed": bases.sign(packed, signer),
        "pyhanko-twice": bases.sign(bases.sign(a4, signer), signer, "Seal2", box=(72, 200, 372, 260)),
        "pyhanko-evidence": bases.with_evidence(bases.sign(a4, signer), [authority.certificate("root")]),
    }
    with_form = plain(pages=2)
    with_form.Root.AcroForm = with_form.make_indirect(Dictionary(Fields=[]))
    with_form = saved(with_form)
    made["openssl"] = bases.by_openssl(with_form, authority)
    made["hybrid"] = bases.by_openssl(with_form, authority, hybrid=True)
    boxed = bases.by_pdfbox(with_form, authority)
    if boxed:
        made["pdfbox"] = boxed
    return made


def wrong(authority: bases.Authority) -> dict[str, tuple[bytes, str]]:
    """Name → what must be refused, and the code of the refusal or of the hazard."""

    def doctored(change, **how) -> bytes:
        pdf = plain()
        change(pdf)
        return saved(pdf, **how)

    def annotated(**entries):
        def change(pdf):
            pdf.pages[0].obj.Annots = pdf.make_indirect(Array([pdf.make_indirect(Dictionary(
                Type=Name.Annot, Rect=[100, 100, 200, 200], **entries,
            ))]))  # fmt: skip

        return change

    def rooted(**entries):
        def change(pdf):
            for key, value in entries.items():
                pdf.Root[f"/{key}"] = value

        return change

    def paged(**entries):
        def change(pdf):
            for key, value in entries.items():
                pdf.pages[0].obj[f"/{key}"] = value

        return change

    def action(**entries):
        return Dictionary(Type=Name.Action, **entries)

    def font(pdf):
        pdf.pages[0].obj.Resources.Font.F = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.SimSun)

    def layers(pdf):
        group = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("layer")))
        pdf.Root.OCProperties = Dictionary(OCGs=[group], D=Dictionary(OFF=[group]))

    def field(pdf):
        one = pdf.make_indirect(Dictionary(FT=Name.Tx, T=String("amount"), V=String("100")))
        pdf.Root.AcroForm = Dictionary(Fields=[one], NeedAppearances=False)

    def attached(pdf):
        pdf.attachments["figures.xls"] = b"figures"
        # What says nothing of its part in the document.
        del pdf.Root.Names.EmbeddedFiles.Names[1].AFRelationship

    def external(pdf):
        pdf.pages[0].obj.Contents = pdf.make_indirect(Stream(pdf, b"", F=String("elsewhere.bin")))

    def scripted(pdf):
        pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=[String("a"), action(S=Name.JavaScript, JS=String("0"))]))

    def two_looks(pdf):
        look = pdf.make_indirect(Stream(pdf, b"", Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, 1, 1]))
        annotated(Subtype=Name.Stamp, AP=Dictionary(N=look, R=look))(pdf)

    signer, good = authority.signer(), saved(plain(pages=2))
    signed = bases.sign(good, signer)
    broken = signed.replace(b"595.28", b"595.27", 1)
    if broken == signed:
        raise ValueError("the page is not as it was meant to be")
    certified = {f"certified-{level.value}": (bases.sign(good, signer, certify=level), "document.certified") for level in bases.fields.MDPPerm}
    return {
        "javascript-names": (doctored(scripted), "gate.script"),
        "javascript-open": (doctored(rooted(OpenAction=action(S=Name.JavaScript, JS=String("0")))), "gate.script"),
        "launch": (doctored(rooted(OpenAction=action(S=Name.Launch, F=String("cmd.exe")))), "gate.action"),
        "page-action": (doctored(paged(AA=Dictionary(O=action(S=Name.Named, N=Name.Print)))), "gate.action"),
        "submit": (doctored(annotated(Subtype=Name.Link, A=action(S=Name.SubmitForm, F=String("https://zz.example/")))), "gate.action"),
        "remote": (doctored(annotated(Subtype=Name.Link, A=action(S=Name.GoToR, F=String("b.pdf"), D=[0, Name.Fit]))), "gate.action"),
        "hide": (doctored(annotated(Subtype=Name.Link, A=action(S=Name.Hide, T=String("x")))), "gate.action"),
        "next": (doctored(annotated(Subtype=Name.Link, A=action(S=Name.URI, URI=String("https://zz.example/"), Next=action(S=Name.Launch, F=String("x"))))), "gate.action"),
        "layers": (doctored(layers), "gate.optional_content"),
        "xfa": (doctored(rooted(AcroForm=Dictionary(Fields=[], XFA=String("<xdp/>")))), "gate.xfa"),
        "need-appearances": (doctored(rooted(AcroForm=Dictionary(Fields=[], NeedAppearances=True))), "gate.fillable"),
        "field": (doctored(field), "gate.fillable"),
        "film": (doctored(annotated(Subtype=Name.Screen)), "gate.media"),
        "attachment": (doctored(attached), "gate.embedded_file"),
        "pinned-file": (doctored(annotated(Subtype=Name.FileAttachment)), "gate.embedded_file"),
        "external-stream": (doctored(external), "gate.external"),
        "font": (doctored(font), "gate.font_not_embedded"),
        "no-look": (doctored(annotated(Subtype=Name.FreeText, Contents=String("free"))), "gate.appearance"),
        "two-looks": (doctored(two_looks), "gate.appearance"),
        "encrypted": (saved(plain(), encryption=pikepdf.Encryption(owner="o", user="")), "document.encrypted"),
        "junk-before": (b"#!/bin/sh\n" + good, "document.ends"),
        "junk-after": (good + b"\n<html><script>0</script></html>\n", "document.ends"),
        "cut": (good[:-400], "document.unreadable"),
        "not-a-pdf": (b"PK\x03\x04 no document", "document.unreadable"),
        "broken-signature": (broken, "document.signature_broken"),
        **certified,
    }  # fmt: skip


class Judge:
    def __init__(self, program: str, state: str, folder: pathlib.Path) -> None:
        self.program, self.state, self.folder = program, state, folder
        self.authority = bases.Authority(folder / "keys")
        roots = [load_cert_from_pemder(f"{state}/trust/root.pem")]
        self.context = ValidationContext(trust_roots=roots, allow_fetching=False)
        self.complaints, self.judged = [], 0

    def stamp(self, source: pathlib.Path, place, out: pathlib.Path, page="last"):
        command = (self.program, "stamp", "--json", "--quiet", "--state", self.state, "--seal", "bureau", "--page", page,
                   "--at", f"{place[0]:.3f},{place[1]:.3f}", "-o", out, source)  # fmt: skip
        status, said, err = run(*command)
        return status, json.loads(said) if said.strip() else {"code": err.strip()}

    def say(self, name: str, complaints: list[str]) -> None:
        self.judged += 1
        self.complaints += [f"{name}: {complaint}" for complaint in complaints]

    def pyhanko(self, file: pathlib.Path, before: int) -> list[str]:
        with file.open("rb") as stream:
            found = PdfFileReader(stream, strict=False).embedded_signatures
            if len(found) != before + 1:
                return [f"pyHanko finds {len(found)} signatures, not {before + 1}"]
            complaints = []
            for number, signature in enumerate(found, 1):
                own = number == len(found)
                status = validate_pdf_signature(signature, signer_validation_context=self.context)
                if not status.intact or not status.valid:
                    complaints.append(f"pyHanko: signature {number} is not valid")
                if own and (not status.trusted or status.coverage != SignatureCoverageLevel.ENTIRE_FILE):
                    complaints.append(f"pyHanko: ours: trusted {status.trusted}, {status.coverage}")
                if not own and status.modification_level not in (
                    ModificationLevel.NONE, ModificationLevel.LTA_UPDATES, ModificationLevel.FORM_FILLING
                ):  # fmt: skip
                    complaints.append(f"pyHanko: signature {number}: {status.modification_level}")
            return complaints

    def programs(self, source: pathlib.Path, file: pathlib.Path, before: int) -> list[str]:
        complaints = []
        _, said, _ = run("pdfsig", "-nocert", file)
        if said.count("Signature is Valid.") != before + 1:
            complaints.append(f"pdfsig: {said.count('Signature is Valid.')} of {before + 1} valid")
        # It tells them in the order of the fields, not of the revisions.
        if "Total document signed" not in said:
            complaints.append("pdfsig: ours does not sign the whole document")
        # What qpdf says of the document as it came is not ours.
        if run("qpdf", "--check", source)[0] == 0 and (status := run("qpdf", "--check", file))[0]:
            complaints.append(f"qpdf: {status[1]}{status[2]}".strip())
        original = source.read_bytes()
        if file.read_bytes()[: len(original)] != original:
            complaints.append("the document is not the beginning of the stamped one")
        return complaints

    def seen(self, source: pathlib.Path, file: pathlib.Path, page: int, place) -> list[str]:
        """The seal as the picture of the page shows it."""
        pictures = []
        for one in (source, file):
            picture = self.folder / f"{one.stem}.png"
            command = ("pdftoppm", "-r", DPI, "-cropbox", "-f", page, "-l", page, "-singlefile", "-png", one, picture.with_suffix(""))
            if b"/UserUnit" in source.read_bytes():
                # poppler knows no unit but its own.
                command = ("mutool", "draw", "-q", "-r", DPI, "-o", picture, one, page)
            status, _, err = run(*command)
            if status:
                return [f"{command[0]}: {err}"]
            pictures.append(Image.open(picture).convert("RGB"))
        if pictures[0].size != pictures[1].size:
            return ["the page has another size"]
        # mupdf rounds colours otherwise where something transparent lies on the page.
        box = ImageChops.difference(*pictures).convert("L").point(lambda far: 255 * (far > 8)).getbbox()
        if not box:
            return ["nothing is shown"]
        left, top, right, bottom = (side * 25.4 / DPI for side in box)
        asked = (place[0] - SEAL_MM / 2, place[1] - SEAL_MM / 2, place[0] + SEAL_MM / 2, place[1] + SEAL_MM / 2)
        far = max(abs(one - other) for one, other in zip((left, top, right, bottom), asked, strict=True))
        complaints = [f"shown {far:.2f} mm from where it was asked"] if far > SLACK_MM else []
        # Upright: the name runs along the upper rim, so that the lower rim is bare.
        crop = pictures[1].crop(box)
        width, height = crop.size

        def red(part) -> int:
            return sum(1 for r, g, _ in part.resize((60, 30)).get_flattened_data() if r > 150 and g < 150)

        band = int(height * 0.22)
        sides = {
            "above": crop.crop((0, 0, width, band)),
            "below": crop.crop((0, height - band, width, height)).transpose(Image.Transpose.ROTATE_180),
        }
        if red(sides["above"]) <= red(sides["below"]):
            complaints.append("not upright")
        return complaints

    def honest(self, name: str, document: bytes) -> None:
        source = self.folder / f"{name}.pdf"
        source.write_bytes(document)
        before = document.count(b"/ByteRange")
        pages = len(pikepdf.open(io.BytesIO(document)).pages)
        size = page_size(document, pages)
        half = SEAL_MM / 2
        width, height = size
        places = [
            (width / 2, height / 2), (half, half), (width - half, half), (half, height - half), (width - half, height - half),
        ]  # fmt: skip
        for number, place in enumerate(places, 1):
            out = self.folder / f"{name}-{number}.pdf"
            status, said = self.stamp(source, place, out)
            if status:
                self.say(f"{name} at {place}", [f"refused: {said}"])
                continue
            complaints = self.pyhanko(out, before) + self.programs(source, out, before)
            self.say(f"{name} at {place}", complaints + self.seen(source, out, said["page"], place))
        # A second seal of ours on ours: both good, and the second not over the first.
        once, twice = self.folder / f"{name}-1.pdf", self.folder / f"{name}-twice.pdf"
        status, said = self.stamp(once, places[0], twice)
        self.say(f"{name} over its own", [] if said.get("code") == "place.covers_signature" else [f"{status} {said}"])
        if width < 3 * half:
            return
        status, said = self.stamp(self.folder / f"{name}-2.pdf", places[4], twice)
        if status:
            self.say(f"{name} twice", [f"refused: {said}"])
        else:
            self.say(f"{name} twice", self.pyhanko(twice, before + 1) + self.programs(source, twice, before + 1))

    def refused(self, name: str, document: bytes, code: str) -> None:
        source, out = self.folder / f"wrong-{name}.pdf", self.folder / f"wrong-{name}-stamped.pdf"
        source.write_bytes(document)
        status, said = self.stamp(source, (105, 148), out)
        codes = {said.get("code"), *(hazard["code"] for hazard in said.get("hazards", []))}
        complaints = []
        if not status or out.exists():
            complaints.append("stamped")
        elif code not in codes:
            complaints.append(f"refused as {codes}, not {code}")
        self.say(name, complaints)


def page_size(document: bytes, number: int) -> tuple[float, float]:
    """Width and height as shown in mm, by pikepdf's own reading of the page tree."""
    pdf = pikepdf.open(io.BytesIO(document))
    page = pdf.pages[number - 1]
    media, crop = ([float(side) for side in box] for box in (page.mediabox, page.cropbox))
    (a, c), (b, d) = sorted((media[0], media[2])), sorted((media[1], media[3]))
    (e, g), (f, h) = sorted((crop[0], crop[2])), sorted((crop[1], crop[3]))
    unit = float(page.obj.get("/UserUnit", 1)) * MM
    sides = (min(c, g) - max(a, e)) * unit, (min(d, h) - max(b, f)) * unit
    turned = int(page.obj.get("/Rotate", page.obj.get("/Parent", {}).get("/Rotate", 0))) % 180
    return sides[::-1] if turned else sides


def main() -> int:
    # pyHanko reports at length that it knows no root of the others.
    logging.disable(logging.CRITICAL)
    program, state, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    judge = Judge(program, state, folder)
    made = documents(folder, judge.authority)
    for name, document in made.items():
        judge.honest(name, document)
    hostile = wrong(judge.authority)
    for name, (document, code) in hostile.items():
        judge.refused(name, document, code)
    print(*judge.complaints, sep="\n")
    print(f"stamping: {len(made)} documents, {len(hostile)} to be refused, {judge.judged} judged, {len(judge.complaints)} complaints")
    if "pdfbox" not in made:
        print("PDFBox is not installed: its documents are missing (libpdfbox2-java)")
    missing = "pdfbox" not in made and "CI" in os.environ
    return 1 if judge.complaints or missing else 0


if __name__ == "__main__":
    sys.exit(main())
