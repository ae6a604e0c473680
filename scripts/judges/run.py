#!/usr/bin/env python3
"""独立评判 Outside judges over a demonstration folder: run.py DIR [--bare DIR].

Programs and libraries we did not write read what we made. Nothing here calls our own code.
DIR holds certificates/<slug>.pdf, trust/root.pem and trust/*.crl as `yinzheng demo --out DIR` leaves them.
A judge that is not installed is SKIPPED, and FAILED when CI is set. The last line is for programs.
"""

import argparse
import os
import pathlib
import sys

import programs
import signatures
import text


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--templates", type=pathlib.Path, default=pathlib.Path("certificate-templates"))
    arguments.add_argument("--bare", type=pathlib.Path, help="pages drawn without field and attachment, for PDF/A")
    options = arguments.parse_args()

    files = sorted((options.folder / "certificates").glob("*.pdf"))
    root = options.folder / "trust" / "root.pem"
    rows = []

    def judge(judge_name, subject, check, *given):
        try:
            complaints = check(*given)
        except (FileNotFoundError, ImportError) as missing:
            rows.append(("FAILED" if os.environ.get("CI") else "SKIPPED", judge_name, subject, [str(missing)]))
            return
        except Exception as error:  # a judge that stumbles has not passed the file
            complaints = [f"{type(error).__name__}: {error}"]
        rows.append(("FAILED" if complaints else "passed", judge_name, subject, complaints))

    slugs = {kind.parent.name for kind in options.templates.glob("*/type.toml")}
    missing = sorted(slugs - {file.stem for file in files})
    judge("folder", "every type", lambda: [f"no certificate of {slug}" for slug in missing] or ([] if files else ["none"]))
    for file in files:
        judge("pyHanko", file.stem, signatures.pyhanko_validates, file, root)
        judge("PAdES B-B", file.stem, signatures.pades_structure, file)
        judge("pdfsig", file.stem, programs.pdfsig, file)
        judge("qpdf", file.stem, programs.qpdf, file)
        judge("mutool", file.stem, programs.mutool, file)
        judge("pdftotext", file.stem, text.values_are_there, file, options.templates / file.stem / "example.json")
        judge("zbar", file.stem, programs.qr_code, file)
    judge("openssl chain", "trust", programs.openssl_chain, files, root)
    judge("openssl CRL", "trust", programs.openssl_crls, files, options.folder / "trust")
    for file in sorted(options.bare.glob("*.pdf")) if options.bare else []:
        judge("PDF/A", file.stem, text.pdf_a, file)

    for verdict, judge_name, subject, complaints in rows:
        print(f"{verdict:8} {judge_name:14} {subject}")
        for complaint in complaints:
            print(f"         - {complaint}")
    counts = {word: sum(row[0] == word for row in rows) for word in ("passed", "FAILED", "SKIPPED")}
    print(f"{counts['passed']} passed, {counts['FAILED']} failed, {counts['SKIPPED']} skipped")
    return 1 if counts["FAILED"] or not counts["passed"] else 0


if __name__ == "__main__":
    sys.exit(main())
