#!/usr/bin/env python3
"""对照 Side by side: our verifier, pyHanko and pdfsig over the same files: compare.py PROGRAM [--attacks WORK] [--into PAGE]

With YINZHENG_CORPUS set: every document of the corpus, whose manifest says what is right. With --attacks instead: the
attacks of attacks.py on an approval and on a certification by pyHanko, the shadow attacks and the files that are meant to
hang a reader; right is never to accept. Trust is not asked of anybody: what is compared is whether the file is taken as whole
and unchanged. Five seconds a file; more is no answer. docs/comparison.md has the figures of one run.
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
import time
import typing

HERE = pathlib.Path(__file__).resolve().parent
SECONDS = 5.0
WORDS = ("agree", "too strict", "too lenient", "no answer", "crash", "over 5 s")


class Answer(typing.NamedTuple):
    """accept, reject, none (cannot tell), crash, slow."""

    word: str
    why: str = ""
    seconds: float = 0.0
    mebibytes: float = 0.0


class Question(typing.NamedTuple):
    name: str
    group: str
    file: pathlib.Path
    right: str  # accept, reject, or answer: any, in time
    password: str | None = None


class Forks:
    """A helper process for each thread that asks."""

    def __init__(self, script: str, count: int, *flags: str) -> None:
        self.idle: queue.SimpleQueue = queue.SimpleQueue()
        for _ in range(count):
            self.idle.put(subprocess.Popen(
                [sys.executable, *flags, HERE / script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            ))  # fmt: skip

    def ask(self, job: dict) -> dict:
        worker = self.idle.get()
        try:
            worker.stdin.write(json.dumps(job) + "\n")
            worker.stdin.flush()
            return json.loads(worker.stdout.readline())
        finally:
            self.idle.put(worker)


class Tools:
    def __init__(self, program: pathlib.Path) -> None:
        count = os.cpu_count() or 1
        self.program = program
        self.limited = Forks("limited.py", count, "-S", "-E")
        self.hanko = Forks("pyhanko_forks.py", count)
        said = subprocess.run([program, "verify", "--help"], capture_output=True, text=True, check=True).stdout
        self.policy = ["--policy", "integrity-only"] if "integrity-only" in said else []
        self.names = {"yinzheng": self.ours, "pyHanko": self.pyhanko, "pdfsig": self.pdfsig}

    def run(self, *argv) -> dict:
        # The helper waits four times as long as it is told, to measure what oversteps.
        return self.limited.ask({"argv": [str(part) for part in argv], "seconds": SECONDS / 4, "mebibytes": 1024})

    def ours(self, question: Question) -> Answer:
        """The light of the file: green accepts; amber for what cannot be told is no answer, amber for the rest refuses."""
        ran = self.run(self.program, "verify", "--json", *self.policy, question.file)
        figures = ran["seconds"], ran["mebibytes"]
        if not ran["ended"]:
            return Answer("slow", "", *figures)
        try:
            said = json.loads(ran["out"])
        except ValueError:
            return Answer("crash", ran["err"][:200], *figures)
        codes = [f for one in [said, *said["signatures"]] for f in one["findings"] if f["severity"] != "note"]
        why = " ".join(sorted({finding["code"] for finding in codes}))
        light = said["lights"]["file"]
        if light == "green":
            return Answer("accept", "", *figures)
        unknown = any(one["integrity"] in ("unsupported", "unverifiable") for one in said["signatures"])
        return Answer("none" if light == "amber" and unknown else "reject", why, *figures)

    def pyhanko(self, question: Question) -> Answer:
        said = self.hanko.ask({"file": str(question.file), "seconds": SECONDS, "password": question.password})
        return Answer(said["answer"], said["why"], said["seconds"], said["mebibytes"])

    def pdfsig(self, question: Question) -> Answer:
        """Accepted: every signature is called valid. Poppler compares no revisions and does not say more."""
        ran, out = {}, ""
        for option in ("-upw", "-opw") if question.password else ("",):
            password = [option, question.password] if option else []
            ran = self.run("pdfsig", "-nocert", *password, question.file)
            out = ran["out"]
            if "Incorrect password" not in ran["err"]:
                break
        figures = ran["seconds"], ran["mebibytes"]
        if not ran["ended"]:
            return Answer("slow", "", *figures)
        if ran["status"] < 0:
            return Answer("crash", f"signal {-ran['status']}", *figures)
        if "Incorrect password" in ran["err"]:
            return Answer("none", "password", *figures)
        found = out.count("Signature #") - out.count("The signature form field is not signed")
        verdicts = re.findall(r"Signature Validation: (.*)", out)
        if not found:
            return Answer("reject", "no signature", *figures)
        if len(verdicts) == found and all(verdict == VALID for verdict in verdicts):
            whole = re.search(r"^ *- Total document signed", out, re.MULTILINE)
            return Answer("accept", "" if whole else NOT_TOTAL, *figures)
        bad = any("invalid" in verdict.lower() or "mismatch" in verdict.lower() for verdict in verdicts)
        return Answer("reject" if bad else "none", "; ".join(sorted(set(verdicts)))[:200], *figures)


VALID, NOT_TOTAL = "Signature is Valid.", "not total document"


def strictly(answer: Answer) -> Answer:
    """The second reading of pdfsig: one signature must also cover the total document."""
    return answer._replace(word="reject") if answer.why == NOT_TOTAL else answer


def weighed(right: str, answer: Answer) -> str:
    if answer.word in ("crash", "slow"):
        return {"crash": "crash", "slow": "over 5 s"}[answer.word]
    if right == "answer":
        return "agree"
    if right == "reject":
        # Who cannot tell has not accepted: that is right for a forged file.
        return "too lenient" if answer.word == "accept" else "agree"
    return {"accept": "agree", "reject": "too strict", "none": "no answer"}[answer.word]


def corpus(folder: pathlib.Path) -> typing.Iterator[Question]:
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        right = "reject" if row["expected"]["overall"] == "reject" else "accept"
        yield Question(row["id"], f"{row['class']}, {right}", folder / row["file"], right, row.get("password"))


def attacks(work: pathlib.Path) -> typing.Iterator[Question]:
    """What attacks.py makes of two bases, and the rest of it."""
    import attacks as ours
    import bases
    import prepared

    shutil.rmtree(work, ignore_errors=True)
    place = ours.Work(work, None)
    honest, stranger = (bases.Authority(work / role) for role in ("honest", "stranger"))
    every = bases.all_bases(honest)
    cases: list = []
    for name in ("approval", "certified-1"):
        path = work / f"{name}.pdf"
        path.write_bytes(every[name])
        yield Question(name, "untouched", path, "accept")
        cases.append(ours.variants_of(place, name, path, ()))
    cases += [ours.shadows(place, prepared.Desk(honest, stranger)), ours.tortures(place, stranger, honest)]
    for made in cases:
        for case in made:
            if case.expects in ("reject", "survive"):
                # A torture is a stranger's whole signature as often as not: only time and memory are compared.
                yield Question(case.title, case.family, case.file, "reject" if case.expects == "reject" else "answer")
            elif case.expects in ("accept", "filled"):
                yield Question(case.title, "honest", case.file, "accept")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--attacks", type=pathlib.Path, metavar="WORK", help="attack as well; a folder to be made")
    parser.add_argument("--into", type=pathlib.Path, help="put the table into this page, between its markers")
    parser.add_argument("--rows", type=pathlib.Path, help="write every answer as a line of JSON")
    options = parser.parse_args()
    sys.path.insert(0, str(HERE))
    logging.disable(logging.CRITICAL)
    questions: list[Question] = []
    if options.attacks:
        questions += attacks(options.attacks)
    elif folder := os.environ.get("YINZHENG_CORPUS"):
        questions += corpus(pathlib.Path(folder))
    if not questions:
        print("没有可比的 nothing to compare: set YINZHENG_CORPUS, or give --attacks WORK", file=sys.stderr)
        return 2
    tools = Tools(options.program.resolve())
    begun = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        answers = {name: list(pool.map(ask, questions)) for name, ask in tools.names.items()}
    answers["pdfsig, total"] = [strictly(answer) for answer in answers["pdfsig"]]
    report(questions, answers, options)
    print(f"{len(questions)} files, {time.monotonic() - begun:.0f} s")
    return 0


def counted(questions, answers) -> dict[str, dict[str, collections.Counter]]:
    table: dict[str, dict[str, collections.Counter]] = {}
    for tool, given in answers.items():
        for question, answer in zip(questions, given, strict=True):
            counter = table.setdefault(question.group, {}).setdefault(tool, collections.Counter())
            counter[weighed(question.right, answer)] += 1
    return table


def lines(questions, answers) -> list[str]:
    out = [f"| class | tool | {' | '.join(WORDS)} |", f"|---|---|{'---:|' * len(WORDS)}"]
    total = {tool: collections.Counter() for tool in answers}
    for group, tools in counted(questions, answers).items():
        for tool, counter in tools.items():
            total[tool] += counter
            out.append(f"| {group} | {tool} | {' | '.join(str(counter[word] or '') for word in WORDS)} |")
    for tool, counter in total.items():
        out.append(f"| **all {len(questions)}** | {tool} | {' | '.join(str(counter[word] or '') for word in WORDS)} |")
    out.append("")
    for tool, given in answers.items():
        slowest, largest = max(answer.seconds for answer in given), max(answer.mebibytes for answer in given)
        out.append(f"- {tool}: slowest {slowest:.2f} s, largest {largest:.0f} MiB")
    return out


def report(questions, answers, options) -> None:
    words = "\n".join(lines(questions, answers))
    print(words)
    if options.into:
        name = "attacks" if options.attacks else "corpus"
        text = options.into.read_text(encoding="utf-8")
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, rest = text.split(begin)
        after = rest.split(end)[1]
        options.into.write_text(f"{before}{begin}\n{words}\n{end}{after}", encoding="utf-8")
    if options.rows:
        with options.rows.open("w", encoding="utf-8") as out:
            for at, question in enumerate(questions):
                said = {tool: [weighed(question.right, given[at]), *given[at]] for tool, given in answers.items()}
                out.write(json.dumps({"name": question.name, "class": question.group, "right": question.right} | said) + "\n")


if __name__ == "__main__":
    sys.exit(main())
