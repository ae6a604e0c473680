"""Documents that must not get a seal: hostile.py YINZHENG STATE FOLDER

Makes those of fixtures/attacks/uploads.py and brings each to `stamp`. It must be refused with a code that fits, within 2 seconds
of processor time and 256 MiB, without a word of panic, and nothing must be written; what is "neutral" may be sealed. No answer
may hold a character that steers a terminal or turns the direction of words.
"""

import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

UPLOADS = pathlib.Path(__file__).resolve().parents[2] / "fixtures/attacks/uploads.py"
SECONDS, MEBIBYTES = 2.0, 256
# Control characters but the line's end, and those of writing direction.
STEERING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def brought(program: str, state: str, source: pathlib.Path, at: str = "105,148"):
    """Exit status, what was said, processor seconds and MiB of one upload."""
    out, words = source.with_suffix(".out"), source.with_suffix(".said")
    out.unlink(missing_ok=True)
    command = [program, "stamp", "--json", "--quiet", "--state", state, "--seal", "bureau", "--at", at, source, "-o", out]
    with words.open("wb") as said, words.with_suffix(".err").open("wb") as err:
        process = subprocess.Popen(command, stdout=said, stderr=err)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    spent = usage.ru_utime + usage.ru_stime
    return process.returncode, words.read_text(), words.with_suffix(".err").read_text(), spent, usage.ru_maxrss / 1024, out.exists()


def judged(program: str, state: str, folder: pathlib.Path, upload: dict):
    status, said, err, seconds, memory, written = brought(program, state, folder / f"{upload['name']}.pdf", upload["at"])
    complaints = []
    answer = json.loads(said) if said.strip() else {}
    codes = {answer.get("code"), *(hazard["code"] for hazard in answer.get("hazards", []))}
    if upload["class"] != "neutral":
        if status == 0 or written or answer.get("outcome") != "refused":
            complaints.append(f"not refused ({status}): {answer.get('outcome') or err.strip()} – {upload['why']}")
        elif codes.isdisjoint(upload["codes"]):
            complaints.append(f"refused as {', '.join(sorted(map(str, codes)))}, not {' or '.join(upload['codes'])}")
    if status not in (0, 1) or "panick" in err:
        complaints.append(f"ended with {status}: {err.strip()}")
    if STEERING.search(said + err):
        complaints.append(f"says a control character or a turn of direction as it stands: {said + err!a}")
    if seconds > SECONDS or memory > MEBIBYTES:
        complaints.append(f"{seconds:.1f} CPU-s, {memory:.0f} MiB")
    return upload, complaints, seconds, memory


def main() -> int:
    program, state, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]).resolve()
    subprocess.run([sys.executable, UPLOADS, folder], check=True)
    uploads = [json.loads(line) for line in (folder / "uploads.jsonl").read_text(encoding="utf-8").splitlines()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        found = list(pool.map(lambda upload: judged(program, state, folder, upload), uploads))
    bad = [(upload, complaint) for upload, complaints, _, _ in found for complaint in complaints]
    for upload, complaint in bad:
        print(f"✘ {upload['name']} ({upload['class']}): {complaint}")
    classes = collections.Counter(upload["class"] for upload in uploads)
    seconds, memory = max(one[2] for one in found), max(one[3] for one in found)
    print(*(f"{kind} {count}" for kind, count in sorted(classes.items())), sep=" · ")
    print(f"hostile: {len(uploads)} uploads, {len(bad)} complaints, at most {seconds:.2f} CPU-s, {memory:.0f} MiB")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
