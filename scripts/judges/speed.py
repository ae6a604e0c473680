"""Verifications a second, side by side; called by scripts/speed: speed.py BINARIES WORK SECONDS.

Everything here and every process it starts stays on the core it was put on. Processes are measured with their start,
libraries after warming up; ours is measured both ways.
"""

import concurrent.futures
import io
import json
import logging
import os
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
LARGE = 100_000_000
MIB = 1 << 20


def spawn(argv) -> dict:
    """A process, its time and its peak of memory, by the small helper (limited.py)."""
    job = {"argv": [str(part) for part in argv], "seconds": 120, "mebibytes": 2048}
    done = subprocess.run([sys.executable, "-S", "-E", HERE / "limited.py"], input=json.dumps(job), capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def repeated(what, seconds: float) -> float:
    """How often a second."""
    what()
    begun, count = time.perf_counter(), 0
    while time.perf_counter() - begun < seconds:
        what()
        count += 1
    return count / (time.perf_counter() - begun)


def process(argv):
    def once():
        subprocess.run(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)

    return once


def pyhanko(file: pathlib.Path, root: pathlib.Path):
    from pyhanko.keys import load_cert_from_pemder
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    data, anchor = file.read_bytes(), load_cert_from_pemder(str(root))

    def once():
        # A context remembers what it validated; a new document deserves a new one, as for any other file.
        context = ValidationContext(trust_roots=[anchor], allow_fetching=False)
        status = validate_pdf_signature(PdfFileReader(io.BytesIO(data)).embedded_signatures[0], context)
        assert status.intact and status.valid and status.trusted

    return once


def our_library(binaries: pathlib.Path, demo: pathlib.Path, slug: str) -> tuple[float, float]:
    """Verdicts of examples/verifications.rs for one type: without and with the second reader."""
    program = binaries / "examples" / "verifications"
    if not program.exists():
        print("SKIPPED: examples/verifications is not built")
        return float("nan"), float("nan")
    out = subprocess.run([program, demo], capture_output=True, text=True, check=True).stdout
    found = re.search(rf"^{re.escape(slug)}\.pdf +\d+ bytes +(\d+)/s, with the second reader +(\d+)/s", out, re.MULTILINE)
    return float(found.group(1)), float(found.group(2))


def our_program(binaries: pathlib.Path, demo: pathlib.Path, file: pathlib.Path, seconds: float) -> float:
    """One process over many files: the time of one is taken off, which is the start."""
    argv = [binaries / "yinzheng", "verify", "--json", "--quiet", "--state", demo]

    def took(count):
        begun = time.perf_counter()
        subprocess.run([*argv, *[file] * count], stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - begun

    alone = min(took(1) for _ in range(3))
    per_file = max((took(101) - alone) / 100, 1e-6)
    count = max(100, min(20_000, int(seconds / per_file)))
    return count / (took(count + 1) - alone)


def certificate(binaries, work, seconds) -> None:
    demo = work / "demo"
    file = min((demo / "certificates").glob("*.pdf"), key=lambda path: path.stat().st_size)
    root = demo / "trust" / "root.pem"
    print(f"\n{file.name}, {file.stat().st_size:,} bytes, one P-256 signature, on one core:")
    bulk, close = our_library(binaries, demo, file.stem)
    rates = {
        "yinzheng, in process, with ledger": bulk,
        "yinzheng, in process, with ledger and second reader": close,
        "yinzheng verify, many files, with ledger and second reader": our_program(binaries, demo, file, seconds),
        "yinzheng verify, a process each": repeated(process([binaries / "yinzheng", "verify", "--quiet", "--trust", root, file]), seconds),
        "pyHanko, in process": repeated(pyhanko(file, root), seconds),
        "pdfsig, a process each": repeated(process(["pdfsig", "-nocert", file]), seconds),
    }
    for name, rate in rates.items():
        print(f"{name:60} {rate:10.1f}/s")
    ratio("in process: yinzheng to pyHanko", bulk / rates["pyHanko, in process"])
    ratio("in process with second reader: yinzheng to pyHanko", close / rates["pyHanko, in process"])
    ratio("a process each: yinzheng to pdfsig", rates["yinzheng verify, a process each"] / rates["pdfsig, a process each"])


def ratio(name, value) -> None:
    print(f"ratio {name}: {value:.1f}")


def large_file(work: pathlib.Path) -> tuple[pathlib.Path, pathlib.Path]:
    """100 MB with one signature, by openssl; made in a process of its own, for the memory."""
    import bases

    authority = bases.Authority(work / "keys")
    import pikepdf

    pdf = pikepdf.open(io.BytesIO(bases.paper()))
    pdf.attachments["scan.bin"] = pikepdf.AttachedFileSpec(pdf, os.urandom(LARGE), filename="scan.bin")
    out = io.BytesIO()
    pdf.save(out, compress_streams=False, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    path = work / "large.pdf"
    path.write_bytes(bases.by_openssl(out.getvalue(), authority))
    return path, authority.path("root")


def large(binaries, work) -> None:
    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        path, root = pool.submit(large_file, work).result()
    size = path.stat().st_size
    print(f"\n{path.name}, {size:,} bytes, one signature, on one core, best of three:")
    path.read_bytes()
    best = lambda argv: min((spawn(argv) for _ in range(3)), key=lambda ran: ran["processor"])  # noqa: E731
    ours = best([binaries / "yinzheng", "verify", "--json", "--trust", root, path])
    said = json.loads(ours["out"])
    hashed = best(["openssl", "dgst", "-sha256", path])
    summed = best(["sha256sum", path])
    theirs = best(["pdfsig", "-nocert", path])
    hanko = best([sys.executable, HERE / "speed.py", "--pyhanko", path, root])
    print(f"yinzheng: {said['verdict']}, file {said['lights']['file']}, {[one['integrity'] for one in said['signatures']]}")
    for name, ran in (("yinzheng", ours), ("pyHanko", hanko), ("pdfsig", theirs), ("openssl dgst -sha256", hashed), ("sha256sum", summed)):
        above = ran["mebibytes"] - size / MIB
        print(f"{name:22} {ran['processor']:7.2f} s, {size / ran['processor'] / 1e6:7.0f} MB/s, peak {ran['mebibytes']:5.0f} MiB, above the file {above:+.0f} MiB")
    ratio("100 MB: plain SHA-256 (openssl dgst) to yinzheng, processor time", hashed["processor"] / ours["processor"])
    ratio("100 MB: plain SHA-256 (sha256sum) to yinzheng, processor time", summed["processor"] / ours["processor"])
    ratio("100 MB: yinzheng to pyHanko, processor time", hanko["processor"] / ours["processor"])


def main() -> int:
    logging.disable(logging.CRITICAL)
    sys.path.insert(0, str(HERE))
    if sys.argv[1] == "--pyhanko":
        pyhanko(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))()
        return 0
    binaries, work = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
    certificate(binaries, work, float(sys.argv[3]))
    large(binaries, work)
    return 0


if __name__ == "__main__":
    sys.exit(main())
