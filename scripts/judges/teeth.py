"""Judging the judges: each is shown spoiled work and must refuse it. A judge that passes everything judges nothing.

The spoiled files are made here from one good certificate, by a few bytes or by pikepdf; none is kept.
"""

import json
import re
import shutil

import pdf_a
import programs
import reports
import text

RARE = "volunteer-passport"  # its example's name has a character of CJK Extension B


def judge_the_judges(bench, asked, templates, bare, folder):
    files = asked.certificates()
    if not files:
        bench.judge("teeth", "all", (), lambda: ["no certificate to spoil"])
        return
    file = next((path for path in files if path.stem == RARE), files[0])
    other = next((path for path in files if path != file), None)
    bite = Bite(bench, file, folder)
    signed(bite, asked)
    drawn(bite, other, templates / file.stem)
    chained(bite, asked)
    reported(bite, asked)
    if bare:
        archived(bite, bare / f"{file.stem}.pdf")


class Bite:
    """Makes spoiled files and sees that a judge refuses them."""

    def __init__(self, bench, file, folder):
        self.bench, self.file, self.folder = bench, file, folder

    def spoil(self, name, data):
        path = self.folder / f"{name}.pdf"
        path.write_bytes(data)
        return path

    def refuses(self, judge, what, needs, check, *given):
        """Refusal is a complaint, or an error of the judge's own library over the file. A slip of ours is neither."""

        def controlled():
            try:
                return [] if check(*given) else [f"it passed {what}"]
            except Exception as error:
                library = type(error).__module__.partition(".")[0]
                if library in ("pyhanko", "pyhanko_certvalidator", "pikepdf", "xsdata") or isinstance(error, ValueError):
                    return []
                raise

        self.bench.judge("teeth", f"{judge}: {what}", needs, controlled)


def signed(bite, asked):
    data = bite.file.read_bytes()
    begin, end = map(int, re.search(rb"/ByteRange\s*\[\s*0\s+(\d+)\s+(\d+)", data).groups())
    # A digit of /M: the file stays well-formed, so that only the signature can tell.
    at = re.search(rb"/M\s*\(D:\d{13}", data).end()
    changed = bite.spoil("one byte changed", data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
    # The last signature byte of the container, inside the hole.
    digits = data[begin + 1 : end - 1].rstrip(b"0")
    last = begin + len(digits)
    forged = bite.spoil("signature value changed", data[:last] + (b"1" if data[last : last + 1] != b"1" else b"2") + data[last + 1 :])
    grown = bite.spoil("a revision appended", data + revision(data))

    spoiled = [("one byte changed", changed), ("signature value changed", forged), ("a revision appended", grown)]
    python = ("py:pyhanko", "py:asn1crypto")
    if bite.bench.missing(python) is None:
        import signatures

        for what, path in spoiled:
            bite.refuses("pyHanko", what, python, signatures.pyhanko_validates, path, asked.root)
        for what, path in (spoiled[0], spoiled[2]):
            bite.refuses("PAdES structure", what, python, signatures.pades_structure, path, asked.suite, asked.subfilter)
        elsewhere = "rsa-pss-sha256" if asked.suite != "rsa-pss-sha256" else "ecdsa-p256-sha256"
        for what, given in (("another suite", (elsewhere, asked.subfilter)), ("another subfilter", (asked.suite, "ETSI.RFC3161"))):
            bite.refuses("PAdES structure", what, python, signatures.pades_structure, bite.file, *given)
        for what, path in spoiled[:2]:
            bite.refuses("openssl cms", what, ("openssl", *python), programs.openssl_cms, path, asked.root)
    else:
        bite.refuses("pyHanko", "all", python, lambda: ["absent"])
    for what, path in spoiled:
        bite.refuses("pdfsig", what, ("pdfsig",), programs.pdfsig, path, asked.subfilter)
    moved = bite.spoil("an object moved", data.replace(b"\nendobj\n", b"\nendobj\n\n", 1))
    bite.refuses("qpdf", "an object moved", ("qpdf",), programs.qpdf, moved)
    table = data.rindex(b"\nxref\n")
    broken = bite.spoil("no cross-reference table", data[:table] + b"\nxrfe\n" + data[table + 6 :])
    for judge, check in (("qpdf", programs.qpdf), ("mutool", programs.mutool)):
        bite.refuses(judge, "no cross-reference table", (judge,), check, broken)


def revision(data):
    """An incremental update that adds an object nobody sees: the gentlest of appended revisions."""
    previous = int(re.findall(rb"startxref\s+(\d+)", data)[-1])
    trailer = data[data.rindex(b"trailer") : data.rindex(b"startxref")]
    size = int(re.search(rb"/Size\s+(\d+)", trailer).group(1))
    root = re.search(rb"/Root\s+\d+\s+\d+\s+R", trailer).group()
    added = b"%d 0 obj\n(nothing)\nendobj\n" % size
    table = len(data) + len(added)
    return added + b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d %s /Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        size, len(data), size + 1, root, previous, table,
    )  # fmt: skip


def drawn(bite, other, kind):
    """The judges of the page, with an application that says something else and the code of another certificate."""
    application, _ = text.read(kind)

    def altered(what):
        folder = bite.folder / what / kind.name
        folder.mkdir(parents=True)
        shutil.copy(kind / "type.toml", folder)
        (folder / "example.json").write_text(json.dumps(application), encoding="utf-8")
        return folder

    name = next(key for key, value in application.items() if isinstance(value, str) and re.search("[\u4e00-\u9fff]", value))
    application[name] = application[name][:-1] + "𪸩"
    renamed = altered("renamed")
    bite.refuses("pdftotext", "one character of a name", ("pdftotext",), text.values_are_there, bite.file, renamed)
    bite.refuses("pdfdetach", "one character of a name", ("pdfdetach",), text.attachment_agrees, bite.file, renamed)
    if application.pop("photo", None):
        bare = altered("photoless")
        bite.refuses("pdfimages", "a photo nobody sent", ("pdfimages",), text.photos_are_there, bite.file, bare)
    if other:
        needs = ("zbarimg", "pdftoppm", "pdftotext")
        bite.refuses("zbar", "another certificate's code", needs, lambda: programs.qr_complaints(
            programs.scanned(bite.file), programs.printed_code(other)))  # fmt: skip


def chained(bite, asked):
    """openssl and pyHanko with a root that has the same name and another key, and without the revocation lists."""
    stranger = bite.folder / "trust"
    stranger.mkdir()
    made = programs.run(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
        "-subj", "/O=stranger/CN=stranger", "-keyout", bite.folder / "stranger.key", "-out", stranger / "root.pem",
    ) if shutil.which("openssl") else (1, "", "")  # fmt: skip
    needs = ("openssl", "py:asn1crypto")
    if made[0] == 0 and bite.bench.missing(("py:pyhanko", "py:asn1crypto")) is None:
        import signatures

        bite.refuses("pyHanko", "a stranger's root", ("py:pyhanko",), signatures.pyhanko_validates, bite.file, stranger / "root.pem")
        bite.refuses("openssl cms", "a stranger's root", needs, programs.openssl_cms, bite.file, stranger / "root.pem")
    for crl in (asked.folder / "trust").glob("*.crl"):
        shutil.copy(crl, stranger)
    bite.refuses("openssl chain", "a stranger's root", needs, programs.openssl_chain, [bite.file], stranger)
    bite.refuses("openssl CRL", "a list of another authority", needs, programs.openssl_crls, [], stranger)
    mixed = bite.folder / "keys"
    shutil.copytree(asked.folder / "keys", mixed)
    keys = sorted(mixed.glob("*.key"))
    shutil.copy(keys[0], keys[-1])
    bite.refuses("openssl keys", "the key of another seal", ("openssl",), programs.openssl_keys, mixed)
    unlisted = bite.folder / "unlisted"
    unlisted.mkdir()
    shutil.copy(asked.root, unlisted / "root.pem")
    bite.refuses("openssl chain", "no revocation lists", needs, programs.openssl_chain, [bite.file], unlisted)


def reported(bite, asked):
    """The reader of validation reports, with reports that break the schema or say something else."""
    needs = ("py:pyhanko", "py:xsdata", "py:lxml", "py:asn1crypto")
    if bite.bench.missing(needs) is not None:
        bite.refuses("ETSI report", "all", needs, lambda: ["absent"])
        return
    for what, path in reports.spoiled(asked.report(bite.file), bite.folder):
        bite.refuses("ETSI report", what, needs, reports.etsi_report, bite.file, path)


def archived(bite, page):
    """The PDF/A checker with a page that lost its output intent, and one with a script."""
    needs = ("py:pikepdf", "py:fontTools", "py:jsonschema")
    if bite.bench.missing(needs) is not None:
        bite.refuses("PDF/A", "all", needs, lambda: ["absent"])
        return
    import pikepdf

    for what, change in (("no output intent", without_intent), ("a script", with_script)):
        path = bite.folder / f"{what}.pdf"
        with pikepdf.open(page) as pdf:
            change(pdf, pikepdf)
            pdf.save(path, fix_metadata_version=False)
        bite.refuses("PDF/A", what, needs, pdf_a.complaints, path)


def without_intent(pdf, _):
    del pdf.Root.OutputIntents


def with_script(pdf, pikepdf):
    pdf.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
