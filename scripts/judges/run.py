#!/usr/bin/env python3
"""独立评判 Outside judges over demonstration folders: run.py [--bare DIR] FOLDER[=SUITE[,SUBFILTER]] ...

Programs and libraries we did not write read what we made; nothing here runs our own code. A FOLDER is what
`yinzheng demo --out FOLDER` leaves: certificates/<slug>.pdf, trust/root.pem, trust/*.crl; and reports/<slug>.pdf.report.xml,
what `yinzheng verify --format xml` said of each, and sealed.pdf and unsealed.pdf, the report of one on paper. SUITE and SUBFILTER are
what was asked for (ecdsa-p256-sha256, ETSI.CAdES.detached by default); a certificate sealed otherwise fails.

A judge that is not installed is SKIPPED, and FAILED when CI is set. Every judge is also shown spoiled work (teeth.py),
which it must refuse. The last line is for programs.
"""

import argparse
import concurrent.futures
import importlib.util
import logging
import os
import pathlib
import shutil
import sys
import tempfile
import typing

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent


class Asked(typing.NamedTuple):
    """A folder and what its seals were asked to be."""

    folder: pathlib.Path
    suite: str
    subfilter: str

    @classmethod
    def parse(cls, words: str) -> "Asked":
        folder, _, how = words.partition("=")
        suite, _, subfilter = how.partition(",")
        return cls(pathlib.Path(folder), suite or "ecdsa-p256-sha256", subfilter or "ETSI.CAdES.detached")

    @property
    def root(self) -> pathlib.Path:
        return self.folder / "trust" / "root.pem"

    def report(self, certificate: pathlib.Path) -> pathlib.Path:
        return self.folder / "reports" / f"{certificate.name}.report.xml"

    def certificates(self) -> list[pathlib.Path]:
        return sorted((self.folder / "certificates").glob("*.pdf"))


class Bench:
    """The judges' bench: every judgement becomes a row, in the order of asking, and none is lost."""

    def __init__(self, pool: concurrent.futures.Executor) -> None:
        self.pool = pool
        self.rows: list[tuple[str, str, concurrent.futures.Future]] = []
        self.absent: dict[str, str | None] = {}

    def missing(self, needs: tuple[str, ...]) -> str | None:
        """The first of the needed programs and Python modules that is not installed."""
        for need in needs:
            if need not in self.absent:
                there = importlib.util.find_spec(need[3:]) if need.startswith("py:") else shutil.which(need)
                self.absent[need] = None if there else f"{need.removeprefix('py:')} is not installed"
            if self.absent[need]:
                return self.absent[need]
        return None

    def judge(self, name: str, subject: str, needs: tuple[str, ...], check, *given) -> None:
        self.rows.append((name, subject, self.pool.submit(self.judgement, needs, check, *given)))

    def judgement(self, needs: tuple[str, ...], check, *given) -> tuple[str, list[str]]:
        absent = self.missing(needs)
        if absent:
            return "FAILED" if os.environ.get("CI") else "SKIPPED", [absent]
        try:
            complaints = check(*given)
        except Exception as error:  # a judge that stumbles has not passed the file
            complaints = [f"{type(error).__name__}: {error}"]
        return "FAILED" if complaints else "passed", complaints

    def report(self) -> int:
        counts = dict.fromkeys(("passed", "FAILED", "SKIPPED"), 0)
        for name, subject, row in self.rows:
            verdict, complaints = row.result()
            counts[verdict] += 1
            print(f"{verdict:8} {name:15} {subject}")
            for complaint in complaints:
                print(f"         - {complaint}")
        print(f"{counts['passed']} passed, {counts['FAILED']} failed, {counts['SKIPPED']} skipped")
        return 1 if counts["FAILED"] or not counts["passed"] else 0


def judge_folder(bench: Bench, asked: Asked, templates: pathlib.Path) -> None:
    import programs
    import reports
    import text

    files, place = asked.certificates(), asked.folder.name
    slugs = {kind.parent.name for kind in templates.glob("*/type.toml")}
    absent = sorted(slugs - {file.stem for file in files})
    bench.judge("folder", place, (), lambda: [f"no certificate of {slug}" for slug in absent] or ([] if files else ["empty"]))
    for file in files:
        subject, kind = f"{place}/{file.stem}", templates / file.stem
        if bench.missing(("py:asn1crypto", "py:pyhanko")) is None:
            import signatures

            checks = (signatures.pyhanko_validates, signatures.pades_structure, programs.openssl_cms)
        else:
            checks = (None, None, None)
        bench.judge("pyHanko", subject, ("py:pyhanko",), checks[0], file, asked.root)
        bench.judge("PAdES structure", subject, ("py:asn1crypto",), checks[1], file, asked.suite, asked.subfilter)
        bench.judge("openssl cms", subject, ("openssl", "py:asn1crypto"), checks[2], file, asked.root)
        bench.judge("pdfsig", subject, ("pdfsig",), programs.pdfsig, file, asked.subfilter)
        bench.judge("qpdf", subject, ("qpdf",), programs.qpdf, file)
        bench.judge("mutool", subject, ("mutool",), programs.mutool, file)
        bench.judge("pdftotext", subject, ("pdftotext",), text.values_are_there, file, kind)
        bench.judge("pdfdetach", subject, ("pdfdetach",), text.attachment_agrees, file, kind)
        bench.judge("pdfimages", subject, ("pdfimages",), text.photos_are_there, file, kind)
        needs = ("py:pyhanko", "py:xsdata", "py:lxml", "py:asn1crypto")
        bench.judge("ETSI report", subject, needs, reports.etsi_report, file, asked.report(file))
        bench.judge("zbar", subject, ("zbarimg", "pdftoppm", "pdftotext"), programs.qr_code, file)
    judge_papers(bench, asked)
    needs = ("openssl", "py:asn1crypto")
    bench.judge("openssl chain", place, needs, programs.openssl_chain, files, asked.folder / "trust")
    bench.judge("openssl CRL", place, needs, programs.openssl_crls, files, asked.folder / "trust")
    bench.judge("openssl keys", place, ("openssl",), programs.openssl_keys, asked.folder / "keys")


def judge_papers(bench: Bench, asked: Asked) -> None:
    """The report on paper: sealed like a certificate; and unsealed, for the PDF/A checker that knows no forms."""
    import pdf_a
    import programs

    sealed, unsealed = (asked.folder / "reports" / name for name in ("sealed.pdf", "unsealed.pdf"))
    subject, checks = f"{asked.folder.name}/report", (None, None)
    if bench.missing(("py:asn1crypto", "py:pyhanko")) is None:
        import signatures

        checks = (signatures.pyhanko_validates, signatures.pades_structure)
    bench.judge("pyHanko", subject, ("py:pyhanko",), checks[0], sealed, asked.root)
    bench.judge("PAdES structure", subject, ("py:asn1crypto",), checks[1], sealed, asked.suite, asked.subfilter)
    bench.judge("pdfsig", subject, ("pdfsig",), programs.pdfsig, sealed, asked.subfilter)
    bench.judge("qpdf", subject, ("qpdf",), programs.qpdf, sealed)
    bench.judge("mutool", subject, ("mutool",), programs.mutool, sealed)
    bench.judge("PDF/A", subject, ("py:pikepdf", "py:fontTools", "py:jsonschema"), pdf_a.complaints, unsealed)


def judge_bare(bench: Bench, folder: pathlib.Path, templates: pathlib.Path) -> None:
    import pdf_a

    needs = ("py:pikepdf", "py:fontTools", "py:jsonschema")
    pages = sorted(folder.glob("*.pdf"))
    slugs = {kind.parent.name for kind in templates.glob("*/type.toml")}
    absent = sorted(slugs - {page.stem for page in pages})
    bench.judge("bare pages", folder.name, (), lambda: [f"no bare page of {slug}" for slug in absent])
    for page in pages:
        bench.judge("PDF/A", f"{folder.name}/{page.stem}", needs, pdf_a.complaints, page)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Asked.parse, metavar="FOLDER[=SUITE[,SUBFILTER]]")
    parser.add_argument("--templates", type=pathlib.Path, default=ROOT / "certificate-templates")
    parser.add_argument("--bare", type=pathlib.Path, help="pages drawn without field and attachment, for PDF/A")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))

    # pyHanko tells its log of each certificate it does not trust; here that is a judgement, not an incident.
    logging.disable(logging.CRITICAL)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool, tempfile.TemporaryDirectory() as spoiled:
        bench = Bench(pool)
        for asked in options.folders:
            judge_folder(bench, asked, options.templates)
        if options.bare:
            judge_bare(bench, options.bare, options.templates)
        import teeth

        teeth.judge_the_judges(bench, options.folders[0], options.templates, options.bare, pathlib.Path(spoiled))
        return bench.report()


if __name__ == "__main__":
    sys.exit(main())
