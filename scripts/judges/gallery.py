#!/usr/bin/env python3
"""每个发现码一份样本 A document for every finding: gallery.py OUT

OUT gets CODE.pdf, its circumstances in CODE.expect.toml, and trust/ with the anchors and lists that they name. Made for
fixtures/findings, where tests/it/findings.rs judges them. What must be said ([expect]) is not made here: it was read
and agreed to once, stands there and is kept. A new case says "?"; the test then tells what the verifier says of it. Keys
are fresh each time and forgotten.
"""

import pathlib
import sys

import gallery_pdf
import gallery_seals
import gallery_signed
from gallery_people import END, Person, Sm2Key, armoured, moment, p256, person, revocation_list


class People:
    """Two roots, by P-256 and by SM2, and a stranger's; everybody else is certified where he is needed."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder / "trust"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.root, self.stranger = person("样例根 Root", p256()), person("样例外人 Stranger", p256())
        self.national = person("样例国密根 SM2 Root", Sm2Key())
        self.signer = person("样例印章 Seal", p256(), self.root)
        self.stamper = self.stamper_of(self.root)
        self.maker, self.presser = (person(name, Sm2Key(), self.national) for name in ("样例制章者 Maker", "样例签章者 Signer"))
        for name, of in (("root", self.root), ("national", self.national)):
            self.trust(name, of)
            self.list(name, of)

    @staticmethod
    def stamper_of(by: Person, end=END) -> Person:
        return person("样例时间戳 Time-stamps", p256(), by, end=end, purposes=("1.3.6.1.5.5.7.3.8",))

    def trust(self, name: str, who: Person) -> str:
        """A file of trust/; its name."""
        (self.folder / f"{name}.pem").write_bytes(armoured("CERTIFICATE", who.der))
        return f"{name}.pem"

    def list(self, name: str, by: Person, revoked: Person | None = None, since: str = "2026-04-01 00:00") -> str:
        entries = [(revoked, moment(since))] if revoked else []
        (self.folder / f"{name}.crl").write_bytes(armoured("X509 CRL", revocation_list(by, *entries)))
        return f"{name}.crl"


def main(out: str) -> int:
    folder = pathlib.Path(out)
    people = People(folder)
    made: set[str] = set()
    for cases in (gallery_pdf.cases, gallery_signed.cases, gallery_seals.cases):
        for case in cases(people):
            if case.code in made:
                raise ValueError(f"{case.code} twice")
            made.add(case.code)
            case.keep(folder)
    print(f"gallery: {len(made)} 份样本 documents")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
