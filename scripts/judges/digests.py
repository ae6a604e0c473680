"""Signatures of pyHanko and openssl judged without their files: digest and CMS value are taken out here, by hand.

Usage: digests.py YINZHENG FOLDER. The program must find signer, integrity, path and time-stamp right from them alone,
never show a green file light, refuse a wrong digest, name one of another algorithm, and take the same two out of the file
itself (`verify --extract-cms`).
"""

import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import sys

import bases
from asn1crypto import cms as asn1_cms


def taken(pdf: bytes) -> tuple[bytes, bytes]:
    """What the last signature covers, and its value without the padding."""
    numbers = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]", pdf)[-1]
    start, first, second, length = map(int, numbers)
    covered = pdf[start:first] + pdf[second : second + length]
    value = bytes.fromhex(pdf[first:second].strip(b"<>").decode())
    return covered, asn1_cms.ContentInfo.load(value, strict=False).dump()


def say(program, *arguments):
    done = subprocess.run([program, "--json", "verify", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    if not done.stdout:
        raise AssertionError(f"{arguments}: {done.stderr}")
    return done.returncode, json.loads(done.stdout)


def codes(verdict):
    return {finding["code"] for finding in verdict["findings"] + [f for s in verdict["signatures"] for f in s["findings"]]}


def expect(what, found, wanted):
    if found != wanted:
        raise AssertionError(f"{what}: {found!r}, not {wanted!r}")


def judge(program, folder, root, name, pdf, level, stamps=0, seal="green", wrong=(10, "not_trusted", "refuse")):
    covered, value = taken(pdf)
    (folder / f"{name}.pdf").write_bytes(pdf)
    (folder / f"{name}.p7s").write_bytes(value)
    algorithm = asn1_cms.ContentInfo.load(value)["content"]["signer_infos"][0]["digest_algorithm"]["algorithm"].native
    digest = hashlib.new(algorithm, covered).hexdigest()
    given = ["--trust", root, "--cms", folder / f"{name}.p7s"]
    status, verdict = say(program, *given, "--digest", f"{algorithm}:{digest}")
    [signature] = verdict["signatures"]
    expect(f"{name}: exit code", status, 11)
    expect(f"{name}: verdict", (verdict["verdict"], verdict["counter"]["word"]), ("indeterminate", "refer"))
    expect(f"{name}: lights", (verdict["lights"]["file"], verdict["lights"]["seal"]), ("amber", seal))
    expect(f"{name}: integrity", signature["integrity"], "ok")
    expect(f"{name}: not seen", (signature["coverage"], signature["changes"], verdict["sha256"], verdict["bytes"]),
           ("not_judged", "not_judged", None, None))  # fmt: skip
    expect(f"{name}: level", signature["level"], level)
    expect(f"{name}: time-stamps", [stamp["trusted"] for stamp in signature["timestamps"]], [True] * stamps)
    expect(f"{name}: said", "document.not_seen" in codes(verdict), True)
    other = hashlib.new(algorithm, covered + b" ").hexdigest()
    status, verdict = say(program, *given, "--digest", f"{algorithm}:{other}")
    expect(f"{name}, wrong digest", (status, verdict["verdict"], verdict["counter"]["word"]), wrong)
    expect(f"{name}, wrong digest: integrity", verdict["signatures"][0]["integrity"], "broken")
    other = "sha512" if algorithm != "sha512" else "sha256"
    status, verdict = say(program, *given, "--digest", f"{other}:{hashlib.new(other, covered).hexdigest()}")
    expect(f"{name}, other algorithm", (status, "signed.other_digest" in codes(verdict)), (11, True))
    expect(f"{name}, other algorithm: integrity", verdict["signatures"][0]["integrity"], "unverifiable")
    count = pdf.count(b"/ByteRange")
    status, handed = say(program, "--extract-cms", count, "-o", folder / "again.p7s", folder / f"{name}.pdf")
    expect(f"{name}: --extract-cms", (status, handed["digest"]), (0, f"{algorithm}:{digest}"))
    expect(f"{name}: --extract-cms, the value", (folder / "again.p7s").read_bytes(), value)
    print(f"✔ {name}: {algorithm}, {level}")


def main(program, folder) -> int:
    program, folder = pathlib.Path(program).resolve(), pathlib.Path(folder).resolve()
    shutil.rmtree(folder, ignore_errors=True)
    authority = bases.Authority(folder)
    root, paper = authority.path("root"), bases.paper()
    # Whoever signs without the middle authority inside leaves the path open.
    of_pyhanko = bases.sign(paper, authority.signer())
    judge(program, folder, root, "pyhanko-pades", of_pyhanko, "B-B")
    judge(program, folder, root, "pyhanko-stamped", bases.sign(paper, authority.signer(), stamper=authority.stamper()), "B-T", 1)
    judge(program, folder, root, "pyhanko-rsa-pss", bases.sign(paper, authority.signer("rsa", pss=True)), "B-B")
    judge(program, folder, root, "pyhanko-pkcs7", bases.sign(paper, authority.signer("rsa"), subfilter=bases.PKCS7), "CMS")
    judge(program, folder, root, "openssl", bases.by_openssl(paper, authority), "CMS")
    judge(program, folder, root, "openssl-rsa", bases.by_openssl(paper, authority, role="rsa"), "CMS")
    judge(program, folder, root, "second", bases.sign(of_pyhanko, authority.signer("rsa"), name="Seal2"), "B-B")
    # A time-stamp that does not fit proves no time, and accuses nobody: so it is with the file too.
    judge(program, folder, root, "document-stamp", bases.stamped(of_pyhanko, authority.stamper()), "document-timestamp", 1,
          "amber", (11, "indeterminate", "refer"))  # fmt: skip
    stranger = bases.Authority(folder / "stranger", "Stranger")
    judge(program, folder, stranger.path("root"), "stranger", of_pyhanko, "B-B", seal="amber")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
