"""Programs of other people: poppler, qpdf, mupdf, zbar, openssl. Each check returns its complaints."""

import pathlib
import re
import subprocess
import tempfile

import signatures


def run(*command, given=None):
    done = subprocess.run([str(part) for part in command], input=given, capture_output=True, timeout=120)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def pdfsig(file):
    _, out, _ = run("pdfsig", "-nocert", file)
    wanted = ["Signature is Valid", "Total document signed"]
    return [f"does not say: {words}" for words in wanted if words not in out]


def qpdf(file):
    status, out, err = run("qpdf", "--check", file)
    return [] if status == 0 else [(out + err).strip()]


def mutool(file):
    complaints = []
    for command in (("info", file), ("draw", "-q", "-r", "36", "-F", "png", "-o", "/dev/null", file)):
        status, _, err = run("mutool", *command)
        # Debian builds mupdf without colour management and says so at every file; that is a word on mupdf, not on us.
        said = [line for line in err.splitlines() if line.strip() and line != "warning: ICC support is not available"]
        if status or said:
            complaints.append(f"{command[0]}: {' / '.join(said) or status}")
    return complaints


def qr_code(file):
    """The QR code, read from the drawn page, holds an address that ends with the printed code."""
    _, text, _ = run("pdftotext", "-raw", file, "-")
    printed = re.findall(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b", text)
    with tempfile.TemporaryDirectory() as folder:
        run("pdftoppm", "-r", "150", "-png", file, f"{folder}/page")
        pages = sorted(pathlib.Path(folder).glob("*.png"))
        read = [line for page in pages for line in run("zbarimg", "-q", "--raw", page)[1].splitlines()]
    if not printed:
        return ["no verification code is printed"]
    codes = {code.replace("-", "") for code in printed}
    if not any(line.replace("-", "").upper().endswith(code) for line in read for code in codes):
        return [f"the QR codes read ({len(read)}) do not end with the printed code"]
    return []


def openssl_chain(files, root):
    """The certificates inside each signature lead to the root, for openssl."""
    if not files:
        return ["no files"]
    complaints = []
    for file in files:
        leaf, others = signatures.embedded_certificates(file)
        with tempfile.TemporaryDirectory() as folder:
            paths = pathlib.Path(folder) / "leaf.pem", pathlib.Path(folder) / "others.pem"
            paths[0].write_bytes(signatures.pem(leaf))
            paths[1].write_bytes(b"".join(signatures.pem(other) for other in others))
            extra = ["-untrusted", paths[1]] if others else []
            status, out, err = run("openssl", "verify", "-x509_strict", "-CAfile", root, *extra, paths[0])
        if status:
            complaints.append(f"{file.stem}: {(out + err).strip()}")
    return complaints


def openssl_crls(files, trust):
    """Each CRL is signed by the root or by an authority that the signatures carry."""
    crls = sorted(trust.rglob("*.crl"))
    if not crls:
        return ["there is no CRL"]
    carried = {other for file in files for other in signatures.embedded_certificates(file)[1]}
    authorities = [path.read_bytes() for path in sorted(trust.rglob("*.pem"))] + [signatures.pem(c) for c in carried]
    return [f"{crl.name}: no known authority signed it" for crl in crls if not any(signed(crl, a) for a in authorities)]


def signed(crl, authority):
    form = "PEM" if b"-----BEGIN" in crl.read_bytes() else "DER"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "authority.pem"
        path.write_bytes(authority)
        _, out, err = run("openssl", "crl", "-inform", form, "-in", crl, "-noout", "-CAfile", path)
    return "verify OK" in out + err
