"""Where seals land when they are asked for in words: placing.py YINZHENG STATE FOLDER

Several pages, words, the date line, empty fields, page edges. Every stamped file must satisfy pyHanko, pdfsig and qpdf (see
stamping.py); pictures by poppler say where the seals are; poppler's own text extraction says where the words are; the slices of
a seal over page edges, cut out of the pictures and put side by side, must be the seal.
"""

import io
import json
import logging
import pathlib
import re
import subprocess
import sys

import bases
import pikepdf
from PIL import Image, ImageChops, ImageFilter
from pikepdf import Array, Stream
from programs import run
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields
from stamping import DPI, SEAL_MM, SLACK_MM, Judge, page_size, plain, saved

PAGE = "<meta charset=utf-8><style>@page{{size:A4;margin:20mm}}body{{font-size:14pt}}</style>{}"
CHROMIUM = (
    "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--no-pdf-header-footer",
)  # fmt: skip
# From the middle of the words to that of the seal: fonts say differently how high a letter is.
WORDS_MM = (1.0, 1.8)


def printed(folder: pathlib.Path, name: str, body: str) -> bytes:
    page, made = folder / f"{name}.html", folder / f"{name}-printed.pdf"
    page.write_text(PAGE.format(body), encoding="utf-8")
    command = [*CHROMIUM, f"--user-data-dir={folder / 'profile'}", f"--print-to-pdf={made}", page.as_uri()]
    subprocess.run(command, capture_output=True, timeout=120, check=True)
    return made.read_bytes()


def odd_contents() -> bytes:
    """Pages whose content leaves the graphics state in every state."""
    pdf = plain(pages=7)
    contents = [
        b"q 2 0 0 2 40 40 cm", b"Q Q 0.5 0 0 0.5 99 99 cm", b"q q q 1 0 0 -1 0 800 cm BT ET", b"BI /W 1 /H 1 /BPC 8 /CS /G ID Q Q EI q",
        b"(Q) Tj [(Q)] TJ % Q\nq 3 0 0 3 0 0 cm",
    ]  # fmt: skip
    for page, content in zip(pdf.pages, contents, strict=False):
        page.obj.Contents = pdf.make_indirect(Stream(pdf, content))
    del pdf.pages[5].obj.Contents
    pdf.pages[6].obj.Contents = Array([pdf.make_indirect(Stream(pdf, b"q 2 0 0 2 0 0 cm")), pdf.make_indirect(Stream(pdf, b"q"))])
    return saved(pdf)


def turned() -> bytes:
    """Pages turned, cropped and of other sizes, with shared and inherited resources."""
    pdf = plain(pages=5)
    for page, degrees in zip(pdf.pages, (90, 180, 270, 0, 0), strict=True):
        page.obj.Rotate = degrees
    pdf.pages[3].obj.MediaBox, pdf.pages[3].obj.CropBox = Array([0, 0, 700, 1000]), Array([60, 90, 560, 890])
    pdf.pages[4].obj.MediaBox = Array([0, 0, 841.89, 595.28])
    pdf.Root.Pages.Resources = pdf.pages[0].obj.Resources
    del pdf.pages[0].obj.Resources
    return saved(pdf, object_stream_mode=pikepdf.ObjectStreamMode.generate)


class Placing(Judge):
    def placed(self, name: str, document: bytes, *how: str, before=0):
        """Stamps as asked; the file, what was said, and what pyHanko, pdfsig and qpdf complain of."""
        source, out = self.folder / f"{name}.pdf", self.folder / f"{name}-out.pdf"
        source.write_bytes(document)
        out.unlink(missing_ok=True)
        command = (self.program, "stamp", "--json", "--quiet", "--state", self.state, "--seal", "bureau", *how, "-o", out, source)
        status, said, err = run(*command)
        said = json.loads(said) if said.strip() else {"code": err.strip()}
        if status:
            return source, out, said, [f"refused: {said}"]
        return source, out, said, self.pyhanko(out, before) + self.programs(source, out, before)

    def picture(self, file: pathlib.Path, page: int) -> Image.Image:
        picture = self.folder / "page"
        command = ("pdftoppm", "-r", DPI, "-cropbox", "-f", page, "-l", page, "-singlefile", "-png", file, picture)
        run(*command)
        return Image.open(picture.with_suffix(".png")).convert("RGB")

    def red(self, file: pathlib.Path, page: int, clip=None):
        """The box of what is red, in mm."""
        picture = self.picture(file, page)
        red = picture.split()[0].point(lambda value: 255 * (value > 150))
        other = picture.split()[1].point(lambda value: 255 * (value < 120))
        ink = ImageChops.darker(red, other)
        box = (ink.crop([int(side * DPI / 25.4) for side in clip]) if clip else ink).getbbox()
        return box and tuple(side * 25.4 / DPI + (clip[at % 2] if clip else 0) for at, side in enumerate(box))

    def everywhere(self, name: str, document: bytes) -> None:
        count = len(pikepdf.open(io.BytesIO(document)).pages)
        place = (70.0, 100.0)
        source, out, said, complaints = self.placed(name, document, "--page", "all", "--at", "70,100")
        for page in range(1, count + 1) if not complaints else ():
            complaints += [f"page {page}: {complaint}" for complaint in self.seen(source, out, page, place)]
        self.say(f"{name} on all pages", complaints)

    def some(self, document: bytes) -> None:
        for pages, on in (("odd", {1, 3, 5}), ("even", {2, 4}), ("2-3", {2, 3}), ("1,5", {1, 5})):
            source, out, said, complaints = self.placed(f"pages-{pages}", document, "--page", pages, "--at", "60,60")
            if not complaints:
                found = {page for page in range(1, 6) if self.red(out, page)}
                complaints = [] if found == on else [f"seals on {found}"]
            self.say(f"pages {pages}", complaints)

    def edge(self, name: str, document: bytes, side: str, *how: str, odd=False, margin=0.0, centre=None) -> None:
        name = f"edge-{name}-{side}"
        options = ("--page", "1", "--at", "60,40", "--edge", side, *how)
        source, out, said, complaints = self.placed(name, document, *options)
        if complaints:
            return self.say(name, complaints)
        pages = len(pikepdf.open(io.BytesIO(document)).pages)
        on = list(range(1, pages + 1, 2 if odd else 1))
        if [one["page"] for one in said["page_edges"]] != on:
            complaints.append(f"slices on {said['page_edges']}")
        most = int(SEAL_MM / 3)
        imprints = -(-len(on) // most)
        shares = [on[len(on) * at // imprints : len(on) * (at + 1) // imprints] for at in range(imprints)]
        for sheets in shares:
            complaints += self.whole(out, document, sheets, side, margin, centre)
        self.say(name, complaints + self.explained(out, said))

    def whole(self, out, document: bytes, sheets: list[int], side: str, margin: float, centre) -> list[str]:
        """The slices side by side are the seal."""
        width = SEAL_MM / len(sheets)
        scale = DPI / 25.4
        joined = Image.new("RGB", (round(SEAL_MM * scale), round(SEAL_MM * scale)), "white")
        for at, page in enumerate(sheets):
            page_width, page_height = page_size(document, page)
            left = page_width - margin - width if side == "right" else margin
            top = (centre or page_height / 2) - SEAL_MM / 2
            slice_ = self.picture(out, page).crop([round(value * scale) for value in (left, top, left + width, top + SEAL_MM)])
            place = at * width if side == "right" else SEAL_MM - (at + 1) * width
            joined.paste(slice_, (round(place * scale), 0))
        seal = self.picture(out, 1).crop([round(value * scale) for value in (60 - SEAL_MM / 2, 40 - SEAL_MM / 2, 60 + SEAL_MM / 2, 40 + SEAL_MM / 2)])
        seal = seal.resize(joined.size)
        far = ImageChops.difference(*(one.filter(ImageFilter.GaussianBlur(2.5)) for one in (joined, seal))).convert("L")
        apart = sum(1 for value in far.get_flattened_data() if value > 70) / (far.size[0] * far.size[1])
        joined.save(out.with_name(f"{out.stem}-{sheets[0]}.png"))
        return [f"slices of {sheets}: {apart:.1%} of the seal differs"] if apart > 0.01 else []

    def explained(self, out, said) -> list[str]:
        _, told, _ = run(self.program, "verify", "--format", "json", "--state", self.state, out)
        edge = json.loads(told)["signatures"][-1]["page_edge"] or {"slices": []}
        told = [(one["page"], one["code"], one["fits"]) for one in edge["slices"]]
        made = [(one["page"], one["code"], True) for one in said["page_edges"]]
        return [] if told == made else [f"verify says {told}, made was {made}"]

    def words(self, name: str, document: bytes, word: str, *how: str, offset=(0.0, 0.0), nth=-1) -> None:
        source, out, said, complaints = self.placed(name, document, *how)
        if not complaints:
            boxes = found(source, word)
            page, left, top, right, bottom = boxes[nth]
            box = self.red(out, page)
            if said["page"] != page or not box:
                complaints = [f"on page {said['page']}, not {page}"]
            else:
                asked = ((left + right) / 2 + offset[0], (top + bottom) / 2 + offset[1])
                centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
                far = [abs(one - other) for one, other in zip(centre, asked, strict=True)]
                if far[0] > WORDS_MM[0] or far[1] > WORDS_MM[1]:
                    complaints = [f"{far[0]:.2f}, {far[1]:.2f} mm from the words"]
        self.say(name, complaints)

    def dated(self, name: str, document: bytes, date: str) -> None:
        source, out, said, complaints = self.placed(name, document, "--date-line")
        if not complaints:
            page, left, top, right, bottom = found(source, date)[-1]
            box = self.red(out, page)
            centre = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
            if abs(centre[0] - (left + right) / 2) > 1:
                complaints.append(f"{centre[0]} mm, the date at {left} to {right}")
            if not centre[1] < top < bottom < box[3]:
                complaints.append(f"the date at {top} to {bottom} is not in the lower half of {box}")
        self.say(name, complaints)

    def field(self, name: str, document: bytes, before: int, middle, lock=None) -> None:
        source, out, said, complaints = self.placed(name, document, "--field", "Here", before=before)
        if not complaints:
            box = self.red(out, said["page"])
            far = max(abs((box[at] + box[at + 2]) / 2 - middle[at]) for at in (0, 1))
            if far > SLACK_MM:
                complaints.append(f"{far:.2f} mm from the middle of the field")
            with out.open("rb") as stream:
                own = PdfFileReader(stream, strict=False).embedded_signatures[-1]
                if (own.fieldmdp and own.fieldmdp.action) != lock:
                    complaints.append(f"FieldMDP: {own.fieldmdp}")
        self.say(name, complaints)

    def refusal(self, name: str, document: bytes, code: str, *how: str) -> None:
        _, out, said, _ = self.placed(f"wrong-{name}", document, *how)
        self.say(name, [] if said.get("code") == code and not out.exists() else [f"{said}, not {code}"])


def found(file: pathlib.Path, word: str):
    """Page and box in mm of each place where poppler's text has the word; letters of other boxes count as one word."""
    _, text, _ = run("pdftotext", "-bbox", file, "-")
    places = []
    for page, (body) in enumerate(text.split("<page ")[1:], 1):
        boxes = re.findall(r'xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">([^<]*)<', body)
        letters = []
        for left, top, right, bottom, said in boxes:
            step = (float(right) - float(left)) / max(len(said), 1)
            letters += [(c, float(left) + at * step, float(top), float(left) + (at + 1) * step, float(bottom)) for at, c in enumerate(said)]
        line = "".join(letter[0] for letter in letters)
        for match in re.finditer(re.escape(word), line):
            part = letters[match.start() : match.end()]
            box = (min(p[1] for p in part), part[0][2], max(p[3] for p in part), part[0][4])
            places.append((page, *(side * 25.4 / 72 for side in box)))
    return places


def with_field(document: bytes, box=(150, 300, 350, 460), **more) -> bytes:
    writer = IncrementalPdfFileWriter(io.BytesIO(document), strict=False)
    fields.append_signature_field(writer, fields.SigFieldSpec("Here", on_page=0, box=box, **more))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def fields_of(judge: Placing) -> None:
    base, signer = saved(plain(pages=2)), judge.authority.signer()
    middle = (250 * 25.4 / 72, (841.89 - 380) * 25.4 / 72)
    judge.field("field", with_field(base), 0, middle)
    lock = fields.FieldMDPSpec(fields.FieldMDPAction.ALL)
    judge.field("field-locking", with_field(base, field_mdp_spec=lock), 0, middle, fields.FieldMDPAction.ALL)
    judge.field("field-small", with_field(base, box=(150, 300, 240, 380)), 0, (195 * 25.4 / 72, (841.89 - 340) * 25.4 / 72))
    signed = bases.sign(with_field(base), signer)
    judge.field("field-signed", signed, 1, middle)
    certified = bases.sign(with_field(base), signer, certify=fields.MDPPerm.FILL_FORMS)
    judge.field("field-certified", certified, 1, middle)
    judge.refusal("certified-no-field", certified, "document.certified", "--at", "60,60")
    judge.refusal("tiny-field", with_field(base, box=(150, 300, 200, 330)), "place.field_small", "--field", "Here")
    judge.refusal("no-field", base, "place.no_field", "--field", "Here")
    judge.refusal("all-after-signature", signed, "place.signed_before", "--at", "60,60", "--page", "all")
    judge.refusal("edge-after-signature", signed, "place.signed_before", "--at", "60,60", "--page", "1", "--edge", "right")


def words_of(judge: Placing) -> None:
    body = (
        "<p>第一条 甲方(盖章处)</p><p style='break-before:page'>乙方(盖章处)</p><div style='columns:2;margin-top:60mm'><p>左栏文字内容</p>"
        "<p style='break-before:column'>右栏盖章</p></div><p style='letter-spacing:2mm;margin:50mm 40mm'>分 开 的 字</p><p style='margin:20mm 50mm'>编号2026</p>"
    )
    printed_ = printed(judge.folder, "words", body)
    judge.words("words-last", printed_, "盖章处", "--keyword", "盖章处", "--offset", "20,30", offset=(20, 30))
    judge.words("words-first", printed_, "盖章处", "--keyword", "盖章 处", "--occurrence", "1", "--offset", "0,10", offset=(0, 10), nth=0)
    judge.words("words-column", printed_, "右栏盖章", "--keyword", "右栏盖章")
    judge.words("words-spaced", printed_, "分开的字", "--keyword", "分开的字")
    judge.words("words-wide-digits", printed_, "编号2026", "--keyword", "编号\uff12\uff10\uff12\uff16")
    pdf = pikepdf.open(io.BytesIO(printed_))
    for page in pdf.pages:
        page.obj.CropBox = Array([30, 40, 560, 820])
    cropped = saved(pdf)
    # pdftotext counts from the media box.
    shift = (-30 * 25.4 / 72, -(page_size(printed_, 1)[1] - 820 * 25.4 / 72))
    judge.words("words-cropped", cropped, "右栏盖章", "--keyword", "右栏盖章", offset=shift)
    right = "<p>正文</p><div style='text-align:right;margin:90mm 15mm'><p>示例市民政局</p><p>{}</p></div>"
    for name, date in (("digits", "2026年11月26日"), ("hanzi", "二〇二六年十一月二十六日")):
        judge.dated(f"date-{name}", printed(judge.folder, f"date-{name}", right.format(date)), date)
    judge.refusal("no-date", saved(plain()), "place.no_date", "--date-line")
    judge.refusal("no-words", printed_, "place.no_words", "--keyword", "没有")


def main() -> int:
    # pyHanko reports at length that it knows no root of the others.
    logging.disable(logging.CRITICAL)
    program, state, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    judge = Placing(program, state, folder)
    for name, document in (("odd-contents", odd_contents()), ("turned", turned())):
        judge.everywhere(name, document)
    judge.some(saved(plain(pages=5)))
    for pages in (2, 5, 14, 15, 31):
        judge.edge(f"{pages}", saved(plain(pages=pages)), "right")
    judge.edge("5", saved(plain(pages=5)), "left")
    judge.edge("odd", saved(plain(pages=9)), "left", "--edge-odd", odd=True)
    judge.edge("margin", saved(plain(pages=4)), "right", "--edge-margin", "4", "--edge-centre", "120", margin=4.0, centre=120.0)
    judge.edge("turned", turned(), "right")
    judge.edge("contents", odd_contents(), "left")
    judge.refusal("edge-one-page", saved(plain()), "place.page_edge", "--at", "60,60", "--edge", "right")
    words_of(judge)
    fields_of(judge)
    print(*judge.complaints, sep="\n")
    print(f"placing: {judge.judged} judged, {len(judge.complaints)} complaints")
    return 1 if judge.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
