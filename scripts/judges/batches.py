"""A batch over REST, judged by others: batches.py YINZHENG FOLDER

Three hundred two-page documents by pikepdf and one that is cut are brought in one form, granted by another key, and
stamped by the service, which is killed (SIGKILL) in the midst and started again. A client that knows openapi.yaml alone
listens to the events until the end; Python's own zip reader opens the results; the table and the zip must agree; pyHanko,
pdfsig and qpdf judge a sample, and every stamped file must begin with the document it was made of. Prints the figures.
"""

import csv
import hashlib
import io
import json
import logging
import pathlib
import random
import subprocess
import sys
import time
import urllib.request
import zipfile

import client
import stamping
from service import serve

DOCUMENTS = 300
SAMPLE = 40
BOUNDARY = "b2d7c1e0"


def documents() -> dict[str, bytes]:
    made = {}
    for number in range(1, DOCUMENTS + 1):
        pdf = stamping.plain(pages=2)
        pdf.docinfo["/Title"] = f"No. {number}"
        made[f"章程 {number:03}.pdf"] = stamping.saved(pdf)
    made["cut.pdf"] = made["章程 001.pdf"][:-300]
    return made


def form(files: dict[str, bytes], request: dict) -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="request"\r\nContent-Type: application/json\r\n\r\n'
    parts = [head.encode() + json.dumps(request).encode()]
    for name, file in files.items():
        head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: application/pdf\r\n\r\n'
        parts.append(head.encode() + file)
    return b"\r\n".join(parts) + f"\r\n--{BOUNDARY}--\r\n".encode()


def demonstration(program: str, folder: pathlib.Path):
    """An office with its doors open, and a key of each role."""
    command = [program, "--json", "demo", "--out", "demo", "--listen", "127.0.0.1:0"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=(folder / "demo.log").open("w"), text=True)
    for line in process.stdout:
        told = json.loads(line)
        if "service" in told:
            return process, told["service"], told["keys"]
    raise SystemExit((folder / "demo.log").read_text())


def memory(process) -> float:
    """Most memory that a process has held, in MiB."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def listen(base: str, place: str, key: str) -> list[dict]:
    request = urllib.request.Request(f"{base}{place}/events", headers={"Authorization": f"Bearer {key}"})
    told = []
    with urllib.request.urlopen(request, timeout=120) as answer:
        client.expect("Content-Type of events", answer.headers["Content-Type"], "text/event-stream")
        for line in answer.read().decode().split("\n"):
            if line.startswith("data: "):
                told.append(json.loads(line[6:]))
    return told


def killed_in_the_midst(process, base: str, place: str, key: str) -> int:
    while True:
        counts = json.loads(client.call(base, "GET", place, key)[2])["counts"]
        if counts["stamped"] >= DOCUMENTS // 6:
            process.kill()
            process.wait()
            return counts["stamped"]


def results(base: str, place: str, key: str, files: dict[str, bytes], folder: pathlib.Path) -> list[pathlib.Path]:
    """The table and the zip agree with each other and with what was brought."""
    rows = list(csv.DictReader(io.StringIO(client.call(base, "GET", f"{place}/results.csv", key)[2].decode("utf-8-sig"))))
    client.expect("rows", len(rows), DOCUMENTS + 1)
    client.expect("the cut one", (rows[-1]["result"], rows[-1]["code"]), ("refused", "document.unreadable"))
    client.expect("numbers", sorted(int(row["use_number"]) for row in rows[:-1]), list(range(1, DOCUMENTS + 1)))
    zipped = zipfile.ZipFile(io.BytesIO(client.call(base, "GET", f"{place}/results.zip", key)[2]))
    client.expect("damaged in the zip", zipped.testzip(), None)
    client.expect("names", sorted(zipped.namelist()), sorted([*(row["file"] for row in rows[:-1]), "results.csv"]))
    made = []
    for row in rows[:-1]:
        pdf = zipped.read(row["file"])
        client.expect("digest", hashlib.sha256(pdf).hexdigest(), row["sha256"])
        client.expect("beginning", pdf[: len(files[row["file"]])] == files[row["file"]], True)
        (folder / row["file"]).write_bytes(files[row["file"]])
        made.append(folder / f"stamped-{row['file']}")
        made[-1].write_bytes(pdf)
    return made


def main() -> int:
    logging.disable(logging.CRITICAL)
    program, folder = str(pathlib.Path(sys.argv[1]).resolve()), pathlib.Path(sys.argv[2]).resolve()
    folder.mkdir(parents=True)
    files = documents()
    process, base, keys = demonstration(program, folder)
    try:
        asked = {"seal": "bureau", "placement": {"x_mm": 140, "y_mm": 220, "page_edge": {"side": "right"}},
                 "reason": "章程核准", "applicant": "经办甲"}  # fmt: skip
        begun = time.monotonic()
        status, headers, taken = client.call(
            base, "POST", "/v1/batches", keys["stamper"], form(files, asked),
            f"multipart/form-data; boundary={BOUNDARY}", Idempotency_Key="batch")  # fmt: skip
        client.expect(f"taken: {taken[:500]}", status, 202)
        looked, place, batch = time.monotonic() - begun, headers["Location"], json.loads(taken)
        digests = b"".join(hashlib.sha256(file).digest() for name, file in files.items() if name != "cut.pdf")
        client.expect("digest of the batch", batch["sha256"], hashlib.sha256(digests).hexdigest())
        decision = {"decision": "approve", "sha256": batch["sha256"], "approver": "审批乙", "reason": "材料齐全"}
        client.expect("granted", client.call(base, "POST", f"{place}/approval", keys["approver"], decision)[0], 200)
        before = killed_in_the_midst(process, base, place, keys["stamper"])
        process, base = serve(program, folder)
        begun = time.monotonic()
        told = listen(base, place, keys["stamper"])
        took = time.monotonic() - begun
        wanted = {"total": DOCUMENTS + 1, "refused": 1, "waiting": 0, "stamped": DOCUMENTS, "failed": 0}
        client.expect("at the end", (told[-1]["state"], told[-1]["counts"]), ("finished", wanted))
        made = results(base, place, keys["stamper"], files, folder)
        most = memory(process)
    finally:
        process.kill()
    judge = stamping.Judge(program, str(folder / "demo"), folder)
    for file in random.Random(7).sample(made, SAMPLE):
        source = folder / file.name.removeprefix("stamped-")
        judge.say(file.name, judge.pyhanko(file, 0) + judge.programs(source, file, 0))
    print(*judge.complaints, sep="\n")
    print(f"batches: {DOCUMENTS} documents looked at in {looked:.1f} s; killed after {before}, the rest {took:.1f} s after the start; "
          f"{most:.0f} MiB; {judge.judged} judged, {len(judge.complaints)} complaints")  # fmt: skip
    return 1 if judge.complaints else 0


if __name__ == "__main__":
    sys.exit(main())
