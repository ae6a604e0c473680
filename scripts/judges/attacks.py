#!/usr/bin/env python3
"""攻击 Attacks on signed files, judged by our own verifier: attacks.py PROGRAM WORK [--demo DIR] [--only REGEX]

Signed files by other people's programs (bases.py) and the seven types of a demonstration are attacked: variants.py and
surgery.py change any signed file, prepared.py switches what an author prepared before an honest signer signed,
torture.py means to hang or fill the reader. When YINZHENG_CORPUS names the corpus of signed files, the generator that
lies beside it (../oracles/gen_attacks.py) attacks the same files as well.

The untouched files must be accepted first: a verifier that refuses everything proves nothing. Then no attack may be
called genuine, none may get a green light of the file, and every answer comes within 2 s and 256 MiB. Failures are
listed with the file that shows them, kept in WORK/failed; WORK/attacks.jsonl has every judgement. Exit 1 on any.
"""

import argparse
import collections
import concurrent.futures
import json
import logging
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import typing

HERE = pathlib.Path(__file__).resolve().parent
SECONDS, MEBIBYTES = 2.0, 256
GENUINE = ("genuine_in_force", "genuine_not_in_force")


class Case(typing.NamedTuple):
    """A file to judge, and what must hold of it.

    `reject`: not genuine, and no green light of the file. `untrusted`: not genuine, and no green light of the seal.
    `flag`: not genuine, and no green light of the file, by the generator's word. `survive`: not genuine. `stranger`: not genuine where trust is weighed. `accept`: the
    file intact and the seal trusted. `filled`: the same, with a word on what no seal covers. `genuine`: in force for the
    ledger. `answer`: any. `before`: prepared for a switch, and of interest only if it is accepted. Time and memory count for all.
    """

    source: str
    family: str
    name: str
    expects: str
    about: str
    file: pathlib.Path
    trust: tuple[str, ...]
    ledger: tuple[str, ...] = ()  # asked as well, many files at a time: opening a state folder is no part of a verdict
    policy: str = ""

    @property
    def title(self) -> str:
        return f"{self.source}/{self.name}" + (f" ({self.policy})" if self.policy else "")


class Judges:
    """The program under judgement, as many at once as there are cores, each under limits (limited.py)."""

    def __init__(self, program: pathlib.Path) -> None:
        self.program = program
        self.idle: queue.SimpleQueue = queue.SimpleQueue()
        self.count = os.cpu_count() or 1
        for _ in range(self.count):
            self.idle.put(subprocess.Popen(
                [sys.executable, "-S", "-E", HERE / "limited.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ))  # fmt: skip
        words = subprocess.run([program, "verify", "--help"], capture_output=True, text=True, check=True).stdout
        self.policies = ["", "integrity-only"] if "integrity-only" in words else [""]

    def run(self, argv, seconds=SECONDS) -> dict:
        worker = self.idle.get()
        try:
            words = [str(word) for word in (self.program, "verify", "--json", *argv)]
            worker.stdin.write(json.dumps({"argv": words, "seconds": seconds, "mebibytes": MEBIBYTES}) + "\n")
            worker.stdin.flush()
            return json.loads(worker.stdout.readline())
        finally:
            self.idle.put(worker)

    def judged(self, case: Case) -> tuple[dict, dict | None]:
        """How the program ran, and what it said; None when that is no judgement."""
        argv = [*case.trust, *(["--policy", case.policy] if case.policy else []), case.file]
        ran = self.run(argv)
        for _ in range(2):
            # A busy machine is no fault of the program: only what it needs for itself counts.
            if ran["seconds"] <= SECONDS or ran["processor"] > SECONDS:
                break
            ran = min(ran, self.run(argv), key=lambda one: one["seconds"])
        try:
            said = json.loads(ran["out"])
            assert said["verdict"] and said["lights"]
        except (ValueError, KeyError, TypeError, AssertionError):
            said = None
        return ran, said

    def with_ledger(self, cases: list[Case]) -> list[dict | None]:
        """What it says of each when the ledger is asked too."""
        ran = self.run(["--quiet", *cases[0].trust, *cases[0].ledger, *(case.file for case in cases)], 30 * SECONDS)
        said = [json.loads(line) for line in ran["out"].splitlines()]
        by_file = {one["file"]: one for one in said}
        return [by_file.get(str(case.file)) for case in cases]

    def close(self) -> None:
        for _ in range(self.count):
            worker = self.idle.get()
            worker.stdin.close()
            worker.wait()


def complaints(case: Case, ran: dict, said: dict | None) -> list[str]:
    """What does not hold."""
    found = []
    if not ran["ended"] or ran["seconds"] > SECONDS:
        found.append(f"{ran['seconds']:.1f} s" + ("" if ran["ended"] else ", then killed"))
    if ran["mebibytes"] > MEBIBYTES:
        found.append(f"{ran['mebibytes']:.0f} MiB")
    if said is None:
        if ran["ended"]:
            found.append(f"crash or no answer: exit {ran['status']}: {ran['err'].strip()[-300:]}")
        return found
    return found + unlike(case.expects, said)


def unlike(expects: str, said: dict) -> list[str]:
    verdict, lights = said["verdict"], said["lights"]
    summary = f"{verdict}, lights {lights['file']}/{lights['seal']}/{lights['certificate']}"
    genuine = verdict in GENUINE
    if expects == "answer":
        return []
    if expects == "genuine":
        return [] if verdict == "genuine_in_force" else [f"not genuine: {summary}"]
    if expects == "accept":
        trusted = lights["seal"] == ("none" if said["policy"]["name"] == "integrity-only" else "green")
        kept = lights["file"] == "green" and trusted and verdict != "not_trusted"
        return [] if kept else [f"honest and refused: {summary}"]
    if expects == "filled":
        intact = all(one["integrity"] == "ok" for one in said["signatures"]) and "red" not in (lights["file"], lights["seal"])
        warned = {finding["code"] for finding in findings(said) if finding["severity"] != "note"} & ABOUT_THE_FILE
        return [] if intact and warned <= {"document.uncovered_form"} else [f"honest and refused: {summary}"]
    if expects == "stranger" and lights["seal"] == "none":
        return []
    found = [f"genuine: {summary}"] if genuine else []
    if expects == "reject" and lights["file"] == "green":
        found.append(f"file light green: {summary}")
    if expects == "untrusted" and lights["seal"] == "green":
        found.append(f"seal light green: {summary}")
    if expects == "flag" and lights["file"] == "green":
        found.append(f"no word on it: {summary}")
    return found


ABOUT_THE_FILE = {"document.uncovered_form", "document.annotated", "document.changed", "document.white_after_end", "document.bytes_after_end"}


def findings(said: dict) -> list[dict]:
    return [finding for one in [said, *said["signatures"]] for finding in one["findings"]]


# ------------------------------------------------------------------ what is attacked


class Work:
    """The folder of one run: keys, bases, the cases in the order they are judged."""

    def __init__(self, folder: pathlib.Path, only: str | None) -> None:
        self.folder, self.only = folder, re.compile(only or "")
        self.variants = folder / "variants"
        self.variants.mkdir(parents=True)

    def wanted(self, source: str, name: str) -> bool:
        return bool(self.only.search(f"{source}/{name}"))

    def write(self, source: str, name: str, data: bytes) -> pathlib.Path:
        path = self.variants / f"{source}--{name}.pdf"
        path.write_bytes(data)
        return path


def bases_of(work: Work, authority, demo: pathlib.Path):
    """Name of the base, its file, how it is trusted, and the ledger that knows it."""
    import bases

    trust = ("--trust", str(authority.path("root")))
    folder = work.folder / "bases"
    folder.mkdir()
    for name, data in bases.all_bases(authority).items():
        if data is None:
            print(f"SKIPPED: no base {name}: its maker is not installed")
            continue
        path = folder / f"{name}.pdf"
        path.write_bytes(data)
        yield name, path, trust, ()
    for path in sorted((demo / "certificates").glob("*.pdf")):
        yield path.stem, path, ("--trust", str(demo / "trust" / "root.pem")), ("--state", str(demo))


def variants_of(work: Work, name: str, path: pathlib.Path, trust, ledger=()) -> typing.Iterator[Case]:
    import forge
    import surgery
    import variants

    of = forge.Signed(path)
    for attack in [*variants.ATTACKS, *surgery.ATTACKS]:
        if not work.wanted(name, attack.name):
            continue
        try:
            data = attack.make(of)
        except forge.Skip:
            continue
        assert data != of.data, f"{attack.name} changes nothing"
        yield Case(name, attack.family, attack.name, attack.expects, attack.about, work.write(name, attack.name, data), trust, ledger)


def shadows(work: Work, desk) -> typing.Iterator[Case]:
    import forge
    import prepared

    trust = ("--trust", str(desk.honest.path("root")))
    for shadow in prepared.SHADOWS:
        for level in shadow.levels:
            source = f"certified-{level}" if level else "approved"
            if not work.wanted(f"prepared-{source}", shadow.name):
                continue
            base = desk.sealed(shadow.draft(), level)
            before = work.write(source, f"{shadow.name}.before", base)
            data = shadow.switch(forge.Signed(before), desk)
            if data != base:
                yield Case(f"prepared-{source}", "before", shadow.name, "before", "before the switch", before, trust)
            else:
                before.unlink()
            family = "ambiguous" if data == base else "shadow"
            file = work.write(source, shadow.name, data)
            yield Case(f"prepared-{source}", family, shadow.name, shadow.expects, shadow.about, file, trust)


def tortures(work: Work, stranger, honest) -> typing.Iterator[Case]:
    import torture

    trust = ("--trust", str(honest.path("root")))
    for one in torture.TORTURES:
        if work.wanted("torture", one.name):
            file = work.write("torture", one.name, one.make(stranger))
            yield Case("torture", "torture", one.name, "stranger", one.about, file, trust)


def additions(work: Work, found, demo: pathlib.Path, honest, disputed: list[str]) -> typing.Iterator[Case]:
    """Honest later additions to ours and theirs; what is expected of each is what pyHanko says as well."""
    import later

    root = honest.path("root")
    lists = {"certified-1": later.ON_CERTIFIED, "certified-2": later.ON_CERTIFIED_2}
    lists |= dict.fromkeys(("approval", "openssl", "pdfbox", "xref-stream", "rsa"), later.ON_APPROVED)
    for name, path, trust, ledger in found:
        for one in later.ON_CERTIFIED if ledger else lists.get(name, []):
            if not work.wanted(f"later-{name}", one.name):
                continue
            data = one.make(path.read_bytes(), honest)
            kept, words = later.pyhanko_says(data, [root, demo / "trust" / "root.pem"])
            if kept != (one.expects == "accept"):
                disputed.append(f"{name}/{one.name}: pyHanko says {words}")
            both = (*trust, "--trust", str(root)) if ledger else trust
            file = work.write(f"later-{name}", one.name, data)
            yield Case(f"later-{name}", "later", one.name, one.expects, one.about, file, both, ledger)


def impostors(work: Work, stranger, honest) -> typing.Iterator[Case]:
    """Whole signatures by keys that nobody trusts, under the names of those who are."""
    import bases

    trust = ("--trust", str(honest.path("root")))
    made = {
        "same_names": ("an authority of the same names with other keys", lambda: bases.sign(bases.paper(), stranger.signer())),
        "honest_issuer_carried": (
            "a stranger who carries the honest authority's certificates",
            lambda: bases.sign(bases.paper(), stranger.signer(further=[honest.certificate("middle"), honest.certificate("root")])),
        ),
        "leaf_as_authority": (
            "a certificate issued by an honest signer's own",
            lambda: bases.sign(bases.paper(), honest.signer("below", carry=("middle", "signer"))),
        ),
        "stamper_signs": ("a time-stamping authority that seals", lambda: bases.sign(bases.paper(), honest.signer("stamper"))),
    }
    for name, (about, make) in made.items():
        if work.wanted("impostor", name):
            yield Case("impostor", "impostor", name, "untrusted", about, work.write("impostor", name, make()), trust)


EXPECTED = {"no-crash": "survive", "untrusted": "untrusted", "reject": "reject", "flag": "flag", "accept": "accept"}


def expected(row: dict, of) -> str | None:
    """What must hold of a generated variant, in our words; None where it does not mean what its class says."""
    import variants

    if row["variant"] == "ctl_formfill":
        return "reject" if any(variants.locks(seal) for seal in of.seals) else "filled"
    if row["variant"] == "control_copy" or row["class"] == "control" and row["expect"] == "flag":
        # A copy is the file itself. One line end more may be accepted or noted, by the generator's own words.
        return "answer"
    if row["variant"] == "cms_no_certs" and "/DSS" in of.pdf.Root:
        return None  # the certificates stand in the security store as well
    if row["class"] == "tampered" and of.seal.covered_to < len(of.data):
        return None  # evidence that nobody signed
    return EXPECTED[row["expect"]]


def generated(work: Work, corpus: pathlib.Path, found) -> typing.Iterator[Case]:
    """The variants of the generator that lies beside the corpus, of the same bases and of its own."""
    import forge

    generator = corpus.parent / "oracles" / "gen_attacks.py"
    own = work.folder / "generator"
    subprocess.run([sys.executable, generator, "--make-bases", own], capture_output=True, check=True)
    found = [*found, *((path.stem, path, ("--trust", str(own / "root.pem")), ()) for path in sorted(own.glob("*.pdf")))]
    for name, path, trust, ledger in found:
        folder = work.folder / "generated" / name
        subprocess.run([sys.executable, generator, path, folder], capture_output=True, check=True)
        of = forge.Signed(path)
        for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            expects = expected(row, of)
            if expects is None or not work.wanted(f"generator-{name}", row["variant"]):
                (folder / row["file"]).unlink()
                continue
            family = "generator: " + row["class"]
            yield Case(f"generator-{name}", family, row["variant"], expects, row["why"], folder / row["file"], trust, ledger)


# ------------------------------------------------------------------ judging


class Tally:
    """Judgements as they come: a line each in the log, the failures with their files."""

    def __init__(self, work: Work) -> None:
        self.kept = work.folder / "failed"
        self.kept.mkdir()
        self.log = (work.folder / "attacks.jsonl").open("w", encoding="utf-8")
        self.families: dict[str, collections.Counter] = {}
        self.slowest: dict[str, tuple[float, float]] = {}
        self.failures: list[tuple[Case, list[str], list[str]]] = []
        self.refused_before: list[str] = []
        self.disputed: list[str] = []

    def add(self, case: Case, ran: dict, said: dict | None) -> None:
        found = complaints(case, ran, said)
        codes = sorted({finding["code"] for finding in findings(said) if finding["severity"] != "note"}) if said else []
        if case.expects == "before":
            # A page that was refused before the switch says nothing about the switch.
            found = [] if said and said["lights"]["file"] == "green" else ["refused before the attack"]
            if found:
                self.refused_before.append(f"{case.title}: {' '.join(codes)}")
                found = []
        counter = self.families.setdefault(case.family, collections.Counter())
        counter["right" if not found else "WRONG"] += 1
        seconds, mebibytes = self.slowest.get(case.family, (0.0, 0.0))
        self.slowest[case.family] = (max(seconds, ran["seconds"]), max(mebibytes, ran["mebibytes"]))
        row = {
            "case": case.title, "family": case.family, "expects": case.expects, "about": case.about, "wrong": found,
            "verdict": said and said["verdict"], "lights": said and said["lights"], "findings": codes,
            "seconds": round(ran["seconds"], 3), "mebibytes": round(ran["mebibytes"], 1),
        }  # fmt: skip
        self.log.write(json.dumps(row, ensure_ascii=False) + "\n")
        if found:
            if case.file.exists():
                shutil.copy(case.file, self.kept / f"{case.source}--{case.name}.pdf")
            self.failures.append((case, found, codes))

    def report(self) -> int:
        self.log.close()
        print(f"\n{'family':30} {'right':>6} {'WRONG':>6}  {'slowest':>9}  {'largest':>9}")
        for family, counter in self.families.items():
            seconds, mebibytes = self.slowest[family]
            print(f"{family:30} {counter['right']:6} {counter['WRONG']:6}  {seconds:7.2f} s  {mebibytes:5.0f} MiB")
        for line in self.refused_before:
            print(f"already refused before the attack: {line}")
        for line in self.disputed:
            print(f"FAILED another expectation than pyHanko's: {line}")
        for case, found, codes in self.failures:
            print(f"FAILED {case.title}: {case.about} [{case.family}, must be: {case.expects}]")
            print(f"       {'; '.join(found)}")
            print(f"       findings: {' '.join(codes) or 'none'}")
            print(f"       {self.kept / f'{case.source}--{case.name}.pdf'}")
        right = sum(counter["right"] for counter in self.families.values())
        wrong = sum(counter["WRONG"] for counter in self.families.values()) + len(self.disputed)
        print(f"{right} right, {wrong} wrong")
        return 1 if wrong or not right else 0


# Fields that an author laid over the page, filled or switched on after signing: form filling by the letter. Strict calls
# them amber and compares the pages; integrity-only, a policy for collections, takes what is filled, and its word is never accept.
FILLING = ("field_face", "field_filled", "field_picture", "field_shown", "button_on", "filled_then_signed", "filled_then_stamped", "form_other_font")


def under(policy: str, case: Case) -> str:
    """What must hold under another policy than strict: integrity-only weighs no trust, and takes fields that are filled."""
    filling = case.family == "shadow" and case.name.startswith(FILLING)
    return "answer" if policy == "integrity-only" and (filling or case.family == "impostor") else case.expects


BATCH = 50


def judge_all(judges: Judges, tally: Tally, cases: typing.Iterable[Case]) -> None:
    """Judges while more are being made; a file is deleted once it is judged."""
    waiting: collections.deque = collections.deque()
    on_record: list[Case] = []

    def settle():
        future, case, last = waiting.popleft()
        tally.add(case, *future.result())
        if last and case.ledger:
            if len(on_record) == BATCH or on_record and on_record[0].trust != case.trust:
                ask_ledger()
            on_record.append(case)
        elif last:
            case.file.unlink(missing_ok=True)

    def ask_ledger():
        for case, said in zip(on_record, judges.with_ledger(on_record), strict=True):
            # Other bytes than those on record, however honest: the seal stands, and nobody calls the file the one issued.
            expects = "survive" if case.expects in ("accept", "filled") else case.expects
            tally.add(case._replace(policy="with ledger", expects=expects), IN_TIME, said)
            case.file.unlink(missing_ok=True)
        on_record.clear()

    with concurrent.futures.ThreadPoolExecutor(judges.count) as pool:
        for case in cases:
            for policy in judges.policies:
                asked = case._replace(policy=policy, expects=under(policy, case))
                waiting.append((pool.submit(judges.judged, asked), asked, policy == judges.policies[-1]))
            while len(waiting) > 32 * judges.count:
                settle()
        while waiting:
            settle()
    if on_record:
        ask_ledger()


IN_TIME = {"ended": True, "seconds": 0.0, "mebibytes": 0.0, "status": 0, "err": ""}


def untouched(judges: Judges, tally: Tally, found) -> None:
    """Before anything is attacked: each base is accepted as it stands, and ours are genuine for the ledger."""
    for name, path, trust, ledger in found:
        case = Case(name, "untouched", "untouched", "accept", "nothing was done to it", path, trust, ledger)
        tally.add(case, *judges.judged(case))
        if ledger:
            known = case._replace(expects="genuine", policy="with ledger")
            tally.add(known, IN_TIME, judges.with_ledger([known])[0])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("work", type=pathlib.Path, help="a folder to be made")
    parser.add_argument("--demo", type=pathlib.Path, help="a demonstration that is there already")
    parser.add_argument("--only", help="SOURCE/NAME must match this expression")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    logging.disable(logging.CRITICAL)
    import bases
    import prepared

    shutil.rmtree(options.work, ignore_errors=True)
    work = Work(options.work, options.only)
    demo = options.demo or work.folder / "demo"
    if not options.demo:
        subprocess.run([options.program, "demo", "--no-serve", "--quiet", "--out", demo], capture_output=True, check=True)
    judges, tally = Judges(options.program.resolve()), Tally(work)
    honest, stranger = (bases.Authority(work.folder / role) for role in ("honest", "stranger"))
    found = list(bases_of(work, honest, demo))
    untouched(judges, tally, found)

    def cases():
        for base in found:
            yield from variants_of(work, *base)
        yield from shadows(work, prepared.Desk(honest, stranger))
        yield from additions(work, found, demo, honest, tally.disputed)
        yield from impostors(work, stranger, honest)
        yield from tortures(work, stranger, honest)
        if corpus := os.environ.get("YINZHENG_CORPUS"):
            yield from generated(work, pathlib.Path(corpus), found)

    judge_all(judges, tally, cases())
    judges.close()
    return tally.report()


if __name__ == "__main__":
    sys.exit(main())
