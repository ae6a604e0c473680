"""Outside judges of the service: the lines it prints and the README's, a client of its own, the pages, the contract.

service.py YINZHENG WORK: starts `demo`, lets everybody at it, stops it with SIGTERM (it must end well), opens the same
state folder with `serve` and a wider limit for strangers, and sends schemathesis.
"""
import json
import os
import re
import signal
import subprocess
import sys
import time
import shutil
import urllib.request
import zipfile
from pathlib import Path

import client
import pages

HERE = Path(__file__).resolve().parent
README = HERE.parent.parent / "README.md"


def shell(line, folder, **variables):
    done = subprocess.run(["bash", "-c", line], cwd=folder, env={**os.environ, **variables}, capture_output=True, timeout=60)
    if done.returncode:
        raise AssertionError(f"{line}\n{done.stderr.decode()}")
    return done.stdout


def pasted(told, folder):
    """The four lines that the demonstration prints."""
    lines = told["lines"]
    issued = json.loads(shell(lines["issue"], folder))
    client.expect("printed: issue", issued["type"], "elder-care-filing-receipt")
    client.expect("printed: look up", json.loads(shell(lines["lookup"], folder))["exempt"], True)
    client.expect("printed: verify", json.loads(shell(lines["verify"], folder))["verdict"], "genuine_in_force")
    shell(lines["download"], folder)
    client.expect("printed: download", (folder / "certificate.pdf").read_bytes()[:5], b"%PDF-")
    return f"{len(lines)} lines"


def readme(told, folder):
    """The README's lines, with the keys and the identifier put in."""
    blocks = re.findall(r"```sh\n(.*?)```", README.read_text(), re.S)
    text = "".join(block for block in blocks if "/v1/" in block).replace("\\\n", " ")
    lines = [line.replace("http://127.0.0.1:8080", told["service"]) for line in text.splitlines() if line.startswith("curl")]
    client.expect("README: lines", len(lines), 11)
    roles = ("issuer", "counter", "stamper", "approver")
    keys = {role.upper(): told["keys"][role] for role in roles}
    # The printed line issued this application before, under another idempotency key: a duplicate must be another matter.
    request = folder / "demo/request-issue.json"
    body = json.loads(request.read_text())
    body["application"]["address"] = "示例市示例区朝晖路 70 号"
    request.write_text(json.dumps(body))
    issued = json.loads(shell(lines[0], folder, **keys))
    client.expect("README: issue", issued.get("type"), "elder-care-filing-receipt")
    client.expect("README: look up", json.loads(shell(lines[1], folder, **keys))["exempt"], True)
    client.expect("README: verify", json.loads(shell(lines[2], folder, **keys))["verdict"], "genuine_in_force")
    offered = json.loads(shell(lines[3], folder, ID=issued["identifier"], **keys))
    client.expect("README: download", offered["link"][:3], "/d/")
    articles(folder)
    asked = json.loads(shell(lines[4], folder, **keys))
    client.expect("README: ask for a seal", asked["state"], "requested")
    named = {"REQUEST": asked["id"], "SHA256": asked["sha256"]}
    client.expect("README: grant", json.loads(shell(lines[5], folder, **keys, **named))["state"], "stamped")
    shell(lines[6], folder, **keys, **named)
    said = shell("pdfsig -nocert 章程-已盖章.pdf", folder).decode()
    client.expect("README: stamped", said.count("Signature is Valid."), 1)
    shutil.copy(folder / "章程.pdf", folder / "年检.pdf")
    batch = json.loads(shell(lines[7], folder, **keys))
    client.expect("README: batch", batch["counts"]["waiting"], 2)
    named = {"BATCH": batch["id"], "BATCH_SHA256": batch["sha256"]}
    client.expect("README: grant the batch", json.loads(shell(lines[8], folder, **keys, **named))["counts"]["total"], 2)
    client.expect("README: listen", shell(lines[9], folder, **keys, **named).decode().count("event: end"), 1)
    shell(lines[10], folder, **keys, **named)
    zipped = zipfile.ZipFile(folder / "已盖章.zip")
    client.expect("README: zip", sorted(zipped.namelist()), ["results.csv", "年检.pdf", "章程.pdf"])
    return f"{len(lines)} lines"


def articles(folder):
    """章程.pdf of three pages with a dated last line."""
    page = folder / "articles.html"
    page.write_text(
        "<meta charset=utf-8><style>@page{size:A4}p{font-size:16pt}p+p{break-before:page}</style><p>第一章 总则</p><p>第二章 业务范围</p>"
        "<p>第三章 附则</p><div style='text-align:right;margin:80mm 20mm;font-size:16pt'>示例市民政局<br>2026年11月26日</div>",
        encoding="utf-8",
    )
    shell(
        "chromium --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
        f" --user-data-dir={folder / 'articles-profile'} --no-pdf-header-footer --print-to-pdf=章程.pdf {page.resolve().as_uri()}",
        folder,
    )


def look(told, made, folder):
    passport = Path(folder / "demo/certificates/volunteer-passport.pdf")
    tampered = bytearray(passport.read_bytes())
    tampered[2000] ^= 1
    (folder / "tampered.pdf").write_bytes(tampered)
    files = {"genuine": passport, "tampered": folder / "tampered.pdf", "not-a-pdf": README}
    issuer, base = told["keys"]["issuer"], told["service"]
    links = []
    for _ in range(2):
        offer = client.call(base, "POST", f"/v1/certificates/{made['volunteer-passport']['identifier']}/downloads", issuer, {})
        links.append(json.loads(offer[2])["link"])
    client.call(base, "POST", links[1])
    codes = {slug: one["code"] for slug, one in made.items()}
    problems, seen = pages.judge(base, codes, files, links[0], links[1], folder.parent / "pages")
    if problems:
        raise AssertionError("\n".join(problems))
    return f"{seen} pages, 0 violations, console empty; {folder.parent / 'pages'}"


def contract(base, told, folder):
    """schemathesis reads openapi.yaml; each part with the key of the role it is for."""
    program = Path(sys.executable).parent / "schemathesis"
    parts = [
        ("auditor", "^/v1/audit"), ("counter", "^/v1/lookups"), ("stamper", "^/v1/(stampings|batches)"), ("seal_manager", "^/v1/(seals|orders)"),
        ("issuer", "^/(?!v1/(audit|lookups|stampings|batches|seals|orders))"),
    ]
    for role, paths in parts:
        command = [
            program, "run", HERE.parent.parent / "openapi.yaml", "--url", base, "--include-path-regex", paths,
            "-H", f"Authorization: Bearer {told['keys'][role]}", "--max-examples", "12", "--seed", "7",
            "--phases", "examples,coverage,fuzzing", "--checks", "all", "--exclude-checks",
            "positive_data_acceptance", "--no-color",
        ]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)
        (folder / f"schemathesis-{role}.txt").write_text(done.stdout + done.stderr)
        if done.returncode:
            raise AssertionError(f"schemathesis as {role}:\n{(done.stdout + done.stderr)[-6000:]}")
    return "0 failures"


def step(name, work, *arguments):
    begun = time.monotonic()
    try:
        words, good = work(*arguments), True
    except Exception as why:  # one judge's failure does not silence the next
        words, good = f"{type(why).__name__}: {why}", False
    print(f"{'✔' if good else '✘'} {name} ({time.monotonic() - begun:.1f} s): {words}", flush=True)
    return good


def ended(process):
    process.send_signal(signal.SIGTERM)
    client.expect("exit code after SIGTERM", process.wait(timeout=70), 0)
    return "exit code 0"


def serve(yinzheng, folder):
    """The same folder with `serve`: strangers may ask more often, as schemathesis does."""
    path = folder / "demo/yinzheng.toml"
    text, count = re.subn(r"public_per_minute = \d+", "public_per_minute = 60000", path.read_text())
    client.expect("public_per_minute in the configuration", count, 1)
    path.write_text(text)
    errors = folder / "serve.log"
    process = subprocess.Popen([yinzheng, "serve", "--state", folder / "demo", "--listen", "127.0.0.1:0"], stderr=errors.open("w"))
    for _ in range(100):
        found = re.search(r"http://[0-9.]+:\d+", errors.read_text())
        if found:
            return process, found[0]
        time.sleep(0.1)
    process.kill()
    raise AssertionError(f"serve did not start: {errors.read_text()}")


def main(yinzheng, work):
    folder = Path(work).resolve() / "service"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    yinzheng = Path(yinzheng).resolve()
    process = subprocess.Popen(
        [yinzheng, "--json", "demo", "--out", "demo", "--listen", "127.0.0.1:0"],
        cwd=folder, stdout=subprocess.PIPE, stderr=(folder / "demo.log").open("w"), text=True)
    good, told, made = [], None, {}
    try:
        for line in process.stdout:
            one = json.loads(line)
            if "service" in one:
                told = one
                break
            made[one["type"]] = one
        if told is None:
            raise SystemExit(f"demo did not open its doors:\n{(folder / 'demo.log').read_text()}")
        good.append(step("printed lines", pasted, told, folder))
        good.append(step("README lines", readme, told, folder))
        good.append(step("client", client.day, told["service"], told["keys"]))
        good.append(step("pages", look, told, made, folder))
        good.append(step("SIGTERM", ended, process))
        process, base = serve(yinzheng, folder)
        good.append(step("schemathesis", contract, base, told, folder))
        good.append(step("SIGTERM of serve", ended, process))
    finally:
        if process.poll() is None:
            process.kill()
    print(f"service: {sum(good)} passed, {len(good) - sum(good)} failed")
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
