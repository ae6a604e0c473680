"""Documents that are sealed only after they were written anew: rewriting.py YINZHENG STATE FOLDER

Forms, comments, scripts, attachments, actions, encryption and junk, by pikepdf and by the generator of crafty uploads. With
`stamp --rewrite` each is refused with a code, or what comes out must satisfy pyHanko, pdfsig and qpdf, certify the document
(DocMDP), be clean to `stamp` (no hazard of the gate is left: a second seal is refused for the certification and nothing
else), and show what the document showed before, but for the seal: compared as pictures by poppler.
"""

import concurrent.futures
import json
import logging
import os
import pathlib
import random
import subprocess
import sys

import hostile
import pikepdf
import stamping
from PIL import Image, ImageChops, ImageDraw
from pikepdf import Array, Dictionary, Name, Stream, String
from programs import run
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature

DPI = 72
# Crafty uploads in the ordinary run; all of them with YINZHENG_FULL=1.
SAMPLE = 130
# The seal stands here, in mm; what lies under it is not compared.
PLACE, REACH = (40.0, 165.0), 23.0


def form(pdf, width, height, words, **more):
    """An appearance: a frame and words."""
    font = pdf.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    content = f"0.9 g 0 0 {width} {height} re f 0 g BT /F 10 Tf 3 4 Td ({words}) Tj ET".encode()
    resources = Dictionary(Font=Dictionary(F=font))
    return pdf.make_indirect(Stream(pdf, content, Type=Name.XObject, Subtype=Name.Form, BBox=[0, 0, width, height], Resources=resources, **more))


def lay(pdf, page=0, **annotation):
    annotation.setdefault("Type", Name.Annot)
    one = pdf.make_indirect(Dictionary(**annotation))
    page = pdf.pages[page].obj
    page.Annots = Array([*page.get("/Annots", []), one])
    return one


def filled(pdf, **more):
    """A text field, a box that is ticked, one that is not, and a hidden one."""
    text = lay(pdf, Subtype=Name.Widget, FT=Name.Tx, T=String("name"), V=String("A. N. Other"), F=4, Rect=[50, 700, 250, 720], AP=Dictionary(N=form(pdf, 200, 20, "A. N. Other")))
    states = Dictionary(Yes=form(pdf, 12, 12, "x"), Off=form(pdf, 12, 12, ""))
    ticked = lay(pdf, Subtype=Name.Widget, FT=Name.Btn, T=String("yes"), V=Name.Yes, AS=Name.Yes, F=4, Rect=[50, 660, 62, 672], AP=Dictionary(N=states))
    bare = lay(pdf, Subtype=Name.Widget, FT=Name.Btn, T=String("no"), AS=Name.Off, F=4, Rect=[80, 660, 92, 672], AP=Dictionary(N=states))
    hidden = lay(pdf, Subtype=Name.Widget, FT=Name.Tx, T=String("secret"), V=String("unseen"), F=2, Rect=[50, 620, 250, 640], AP=Dictionary(N=form(pdf, 200, 20, "unseen")))
    pdf.Root.AcroForm = Dictionary(Fields=[text, ticked, bare, hidden], **more)


def scripted(pdf):
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=[String("a"), Dictionary(S=Name.JavaScript, JS=String("0"))]))
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=String("app.alert(1)"))
    pdf.pages[0].obj.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("cmd.exe")))


def linked(pdf):
    for number, action in enumerate((
        Dictionary(S=Name.URI, URI=String("https://zz.example/")), Dictionary(S=Name.Launch, F=String("cmd.exe")),
        Dictionary(S=Name.GoTo, D=[pdf.pages[1].obj, Name.Fit]), Dictionary(S=Name.SubmitForm, F=String("https://zz.example/")),
    )):  # fmt: skip
        lay(pdf, Subtype=Name.Link, Rect=[50, 500 - 30 * number, 150, 520 - 30 * number], Border=[0, 0, 0], A=action)
    with pdf.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem("one", 0))
    first = pdf.Root.Outlines.First
    first.A = Dictionary(S=Name.JavaScript, JS=String("0"))


def commented(pdf):
    note = form(pdf, 100, 30, "comment", Matrix=[0, 1, -1, 0, 0, 0])
    lay(pdf, Subtype=Name.FreeText, F=4, Contents=String("comment"), Rect=[300, 500, 330, 600], AP=Dictionary(N=note, R=form(pdf, 100, 30, "other")))
    lay(pdf, Subtype=Name.Stamp, F=4, Rect=[300, 400, 500, 460], AP=Dictionary(N=form(pdf, 100, 30, "stretched")))
    lay(pdf, Subtype=Name.Popup, Rect=[0, 0, 10, 10])


def attached(pdf):
    pdf.attachments["a.txt"] = b"attachment"
    lay(pdf, Subtype=Name.FileAttachment, F=4, Rect=[400, 700, 420, 720], FS=Dictionary(F=String("b")), AP=Dictionary(N=form(pdf, 20, 20, "@")))


def made() -> dict[str, tuple[bytes, str | None]]:
    """Each document, and the code with which it must be refused if it must."""

    def of(*doings, **how):
        pdf = stamping.plain(pages=2)
        for doing in doings:
            doing(pdf)
        return stamping.saved(pdf, **how)

    def turned(pdf):
        pdf.pages[0].obj.Rotate = 90
        pdf.pages[0].obj.CropBox = [20, 30, 560, 800]

    def open_states(pdf):
        """Content that leaves its states open."""
        pdf.pages[0].obj.Contents = pdf.make_indirect(Stream(pdf, b"q 0.5 0 0 0.5 40 40 cm " + stamping.WORDS + b" q q"))

    def layers(pdf):
        layer = pdf.make_indirect(Dictionary(Type=Name.OCG, Name=String("x")))
        pdf.Root.OCProperties = Dictionary(OCGs=[layer], D=Dictionary(OFF=[layer]))

    secret = pikepdf.Encryption(owner="o", user="u")
    good = of()
    return {
        "form": (of(filled), None),
        "form-turned": (of(turned, filled), None),
        "form-open-states": (of(open_states, filled), None),
        "form-by-readers": (of(lambda pdf: filled(pdf, NeedAppearances=True)), "rewrite.no_look"),
        "field-without-look": (of(lambda pdf: lay(pdf, Subtype=Name.Widget, FT=Name.Tx, T=String("a"), V=String("b"), Rect=[50, 50, 90, 60])), "rewrite.no_look"),
        "scripts": (of(scripted), None),
        "links": (of(linked), None),
        "comments": (of(commented), None),
        "attachments": (of(attached), None),
        "all": (of(filled, scripted, linked, commented, attached, object_stream_mode=pikepdf.ObjectStreamMode.generate), None),
        "encrypted": (of(filled, encryption=pikepdf.Encryption(owner="o", user="")), None),
        "locked": (of(encryption=secret), "document.encrypted"),
        "layers": (of(layers), "gate.optional_content"),
        "junk-before": (b"#!/bin/sh\n" + good, None),
        "junk-after": (good + b"\n<html></html>\n", None),
    }  # fmt: skip


class Judge(stamping.Judge):
    def rewritten(self, source: pathlib.Path, out: pathlib.Path):
        out.unlink(missing_ok=True)
        command = (self.program, "stamp", "--rewrite", "--json", "--quiet", "--state", self.state, "--seal", "bureau", "--page", "1",
                   "--at", f"{PLACE[0]},{PLACE[1]}", "-o", out, source)  # fmt: skip
        status, said, err = run(*command)
        return status, json.loads(said) if said.strip() else {"code": err.strip()}

    def good(self, source: pathlib.Path, out: pathlib.Path) -> list[str]:
        complaints = self.certified(out)
        if (status := run("qpdf", "--check", out))[0]:
            complaints.append(f"qpdf: {status[1]}{status[2]}".strip())
        _, said, _ = run("pdfsig", "-nocert", out)
        if said.count("Signature is Valid.") != 1 or "Total document signed" not in said:
            complaints.append(f"pdfsig: {said}")
        again, answer = self.stamp(out, (60.0, 60.0), out.with_suffix(".again"))
        if not again or answer.get("code") != "document.certified":
            complaints.append(f"not clean: {answer}")
        return complaints

    def certified(self, out: pathlib.Path) -> list[str]:
        with out.open("rb") as stream:
            found = PdfFileReader(stream, strict=True).embedded_signatures
            if len(found) != 1 or found[0].docmdp_level is not MDPPerm.NO_CHANGES:
                return [f"pyHanko: {len(found)} signatures, certified {[one.docmdp_level for one in found]}"]
            status = validate_pdf_signature(found[0], signer_validation_context=self.context)
            return [] if status.bottom_line else [f"pyHanko: {status.summary()}"]

    def same(self, source: pathlib.Path, out: pathlib.Path, far: int = 24) -> list[str]:
        """Every page looks as before, but for the seal on the first."""
        pages = []
        for one in (source, out):
            prefix = self.folder / f"{one.stem}-page"
            for old in self.folder.glob(f"{prefix.name}-*.png"):
                old.unlink()
            status, _, err = run("pdftoppm", "-r", DPI, "-cropbox", "-png", one, prefix)
            if status:
                return [f"pdftoppm: {err}"]
            pages.append([Image.open(page).convert("RGB") for page in sorted(self.folder.glob(f"{prefix.name}-*.png"))])
        if [page.size for page in pages[0]] != [page.size for page in pages[1]]:
            return ["other pages"]
        complaints = []
        for number, (before, after) in enumerate(zip(*pages, strict=True), 1):
            difference = ImageChops.difference(before, after).convert("L").point(lambda apart: 255 * (apart > far))
            if number == 1:
                box = [side * DPI / 25.4 for side in (PLACE[0] - REACH, PLACE[1] - REACH, PLACE[0] + REACH, PLACE[1] + REACH)]
                ImageDraw.Draw(difference).rectangle(box, fill=0)
            if box := difference.getbbox():
                complaints.append(f"page {number} looks different in {box}")
        return complaints

    def judge(self, name: str, source: pathlib.Path, code: str | None, looks: bool) -> str:
        out = self.folder / f"{name}-rewritten.pdf"
        status, said = self.rewritten(source, out)
        codes = {said.get("code"), *(hazard["code"] for hazard in said.get("hazards", []))}
        if status:
            wrong = code is None or code not in codes
            self.say(name, [f"refused as {codes}"] if wrong and looks else [])
            return "refused"
        if code:
            self.say(name, [f"stamped, not refused as {code}"])
            return "stamped"
        self.say(name, self.good(source, out) + (self.same(source, out) if looks else []))
        return "rewritten"


def crafty(judge: Judge, folder: pathlib.Path) -> dict[str, int]:
    """Every upload that the gate refuses: refused again, or clean and certified."""
    subprocess.run([sys.executable, hostile.UPLOADS, folder], check=True)
    uploads = [json.loads(line) for line in (folder / "uploads.jsonl").read_text(encoding="utf-8").splitlines()]
    wanted = [one for one in uploads if one["class"] != "neutral"]
    if "YINZHENG_FULL" not in os.environ:
        wanted = random.Random(7).sample(wanted, SAMPLE)

    def one(upload):
        source = folder / f"{upload['name']}.pdf"
        out = folder / f"{upload['name']}-rewritten.pdf"
        status, said = judge.rewritten(source, out)
        return upload["name"], status, said, judge.good(source, out) if not status else []

    counts = {"refused": 0, "rewritten": 0}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for name, status, said, complaints in pool.map(one, wanted):
            counts["refused" if status else "rewritten"] += 1
            if status not in (0, 1):
                complaints = [f"ended with {status}: {said}"]
            judge.say(name, complaints)
    return counts


def main() -> int:
    logging.disable(logging.CRITICAL)
    program, state, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    judge = Judge(program, state, folder)
    counts = {}
    for name, (document, code) in made().items():
        source = folder / f"{name}.pdf"
        source.write_bytes(document)
        became = judge.judge(name, source, code, looks=True)
        counts[became] = counts.get(became, 0) + 1
    uploads = crafty(judge, folder / "uploads")
    print(*judge.complaints, sep="\n")
    print(f"rewriting: {counts}, crafty uploads {uploads}, {judge.judged} judged, {len(judge.complaints)} complaints")
    return 1 if judge.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
