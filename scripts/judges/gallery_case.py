"""One fixture of gallery.py: a document, its circumstances, and the file that names them."""

import json
import pathlib
import re
import typing

from gallery_people import AT, moment

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
KEPT = re.compile(r"^\[expect\]\n(?:[^\[\n].*\n)*", re.MULTILINE)
UNKNOWN = '[expect]\nverdict = "?"\nlights = ["?", "?", "?"]\nfindings = []\n'


class Case(typing.NamedTuple):
    """Named by the code that must be said; `data` or the `document` that it is about."""

    code: str
    about: str
    data: bytes | None = None
    document: str | None = None
    at: str | None = None
    anchors: tuple[str, ...] = ("root.pem",)
    lists: tuple[str, ...] = ("root.crl",)
    distrusted: tuple[str, ...] = ()
    policy: str | None = None
    ledger: dict[str, str] | str | None = None
    by_digest: str | None = None
    unreachable: bool = False
    register: str | None = None

    def circumstances(self) -> str:
        at = moment(self.at) if self.at else AT
        lines = [f"about = {text(self.about)}", f"at = {text(at.isoformat())}"]
        if self.document:
            lines.append(f"document = {text(self.document)}")
        lines.append(f"anchors = {names(self.anchors)}")
        if self.lists:
            lines.append(f"lists = {names(self.lists)}")
        if self.distrusted:
            lines.append(f"distrusted = {names(self.distrusted)}")
        if self.policy:
            lines.append(f"policy = '''\n{self.policy}'''" if "\n" in self.policy else f"policy = {text(self.policy)}")
        if self.by_digest:
            lines.append(f"by_digest = {text(self.by_digest)}")
        if self.unreachable:
            lines.append("unreachable = true")
        if self.register:
            lines.append(f"register = {text(self.register)}")
        if isinstance(self.ledger, str):
            lines.append(f"ledger = {text(self.ledger)}")
        return "\n".join(lines) + "\n"

    def expectation(self) -> str:
        """What must be said was read and agreed to once; it stands beside the document and is kept."""
        beside = ROOT / "fixtures" / "findings" / f"{self.code}.expect.toml"
        found = KEPT.search(beside.read_text()) if beside.exists() else None
        return found.group() if found else UNKNOWN

    def written(self) -> str:
        parts = [self.circumstances(), self.expectation()]
        if isinstance(self.ledger, dict):
            record = "".join(f"{key} = {text(word)}\n" for key, word in self.ledger.items())
            parts.append(f"[ledger]\n{record}")
        return "\n".join(parts)

    def keep(self, folder: pathlib.Path) -> None:
        if self.data is not None:
            (folder / f"{self.code}.pdf").write_bytes(self.data)
        (folder / f"{self.code}.expect.toml").write_text(self.written())


def text(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)


def names(of: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(text, of)) + "]"


def policy(**changes: str) -> str:
    """The strict policy without its comments, some of its lines written otherwise."""
    lines = (ROOT / "policies" / "strict.toml").read_text().splitlines()
    lines = [line.split(" #")[0] for line in lines if line and not line.startswith("#")]
    for key, words in changes.items():
        matches = [at for at, line in enumerate(lines) if line.startswith(f"{key} = ")]
        assert len(matches) == 1, key
        lines[matches[0]] = f"{key} = {words}"
    return "\n".join(lines) + "\n"


def weak(suite: str, until: str) -> str:
    """The same with a last day for one suite."""
    own = policy(name=text("sample"), words='{ zh = "样例策略", en = "A sample" }')
    return f"{own}[[algorithm]]\nsuite = {text(suite)}\nuntil = {text(until)}\n"
