"""Programs of other people: poppler, qpdf, mupdf, zbar, openssl. Each check returns its complaints."""

import pathlib
import re
import subprocess
import tempfile


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, timeout=120)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def pdfsig(file, subfilter="ETSI.CAdES.detached"):
    # -nocert: poppler asks the machine's own certificate store, which knows no demonstration root. Whether the
    # certificate is trusted is said by pyHanko and openssl against trust/root.pem.
    _, out, _ = run("pdfsig", "-nocert", file)
    wanted = ["Signature is Valid.", "Total document signed", f"Signature Type: {subfilter}"]
    complaints = [f"does not say: {words}" for words in wanted if words not in out]
    if out.count("Signature #") != 1:
        complaints.append(f"{out.count('Signature #')} signatures")
    return complaints


def qpdf(file):
    # Exit 3 is a warning, and no warning is passed over.
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


def printed_code(file):
    """The verification code as the page prints it, without its hyphens."""
    _, text, _ = run("pdftotext", "-raw", file, "-")
    crockford = "[0-9A-HJKMNP-TV-Z]{4}"
    # In its own line or cell; the address below the code contains it too.
    codes = set(re.findall(rf"(?<![/\w-])({crockford}-{crockford}-{crockford})(?![\w-])", text))
    if len(codes) != 1:
        raise ValueError(f"{len(codes)} verification codes are printed")
    return codes.pop().replace("-", "")


def scanned(file):
    """What zbar reads off the drawn pages, at the resolution of an office scanner."""
    with tempfile.TemporaryDirectory() as folder:
        run("pdftoppm", "-r", "150", "-png", file, f"{folder}/page")
        pages = sorted(pathlib.Path(folder).glob("*.png"))
        return [line for page in pages for line in run("zbarimg", "-q", "--raw", page)[1].splitlines()]


def qr_code(file):
    """The QR code, read from the drawn page, is an address that ends with the printed code."""
    return qr_complaints(scanned(file), printed_code(file))


def qr_complaints(read, code):
    if len(read) != 1:
        return [f"{len(read)} QR codes are read"]
    address = read[0].upper()
    if not address.startswith("HTTPS://") or address.rsplit("/", 1)[-1].replace("-", "") != code:
        return [f"the QR code says {read[0]}, which does not end with the printed code"]
    return []


def parts(file, folder):
    """The signature of a file as openssl wants it: covered bytes, DER, certificates."""
    import signatures
    from asn1crypto import cms

    covered, raw = signatures.container(file)
    leaf, others = signatures.embedded_certificates(file)
    written = {
        "covered": covered,
        "cms.der": cms.ContentInfo.load(raw).dump(),
        "leaf.pem": signatures.pem(leaf),
        "others.pem": b"".join(signatures.pem(other) for other in others),
    }
    for name, content in written.items():
        (folder / name).write_bytes(content)
    return folder


def openssl_cms(file, root):
    """openssl agrees that the signature is over these bytes, by a certificate that leads to the root."""
    with tempfile.TemporaryDirectory() as folder:
        at = parts(file, pathlib.Path(folder))
        # -purpose any: openssl's default asks for e-mail protection, which a seal is not for (RFC 9336 documentSigning).
        status, out, err = run(
            "openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", at / "cms.der", "-content", at / "covered",
            "-CAfile", root, "-purpose", "any", "-out", at / "out",
        )  # fmt: skip
    return [] if status == 0 else [(out + err).strip()]


def openssl_chain(files, trust):
    """The certificates inside each signature lead to the root and none of them is revoked, for openssl, strictly."""
    if not files:
        return ["no files"]
    complaints = []
    for file in files:
        with tempfile.TemporaryDirectory() as folder:
            at = parts(file, pathlib.Path(folder))
            lists = [word for crl in sorted(trust.glob("*.crl")) for word in ("-CRLfile", crl)]
            status, out, err = run(
                "openssl", "verify", "-x509_strict", "-crl_check_all", "-check_ss_sig", "-CAfile", trust / "root.pem",
                *lists, "-untrusted", at / "others.pem", at / "leaf.pem",
            )  # fmt: skip
        if status:
            complaints.append(f"{file.stem}: {(out + err).strip()}")
    return complaints


def openssl_crls(files, trust):
    """Each revocation list is signed by the root or by an authority that the signatures carry."""
    import signatures

    lists = sorted(trust.glob("*.crl"))
    if not lists:
        return ["there is no CRL"]
    carried = {other for file in files for other in signatures.embedded_certificates(file)[1]}
    authorities = [(trust / "root.pem").read_bytes()] + [signatures.pem(other) for other in sorted(carried)]
    return [f"{crl.name}: no known authority signed it" for crl in lists if not any(signed(crl, a) for a in authorities)]


def signed(crl, authority):
    form = "PEM" if b"-----BEGIN" in crl.read_bytes() else "DER"
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "authority.pem"
        path.write_bytes(authority)
        _, out, err = run("openssl", "crl", "-inform", form, "-in", crl, "-noout", "-CAfile", path)
    return "verify OK" in out + err


def openssl_keys(folder):
    """Each seal's key file opens with its passphrase only, and is the key of its certificate."""
    keys, complaints = sorted(folder.glob("*.key")), []
    for key in keys:
        right = run("openssl", "pkey", "-in", key, "-passin", f"file:{folder / 'passphrase'}", "-pubout")
        wrong = run("openssl", "pkey", "-in", key, "-passin", "pass:", "-pubout")
        certified = run("openssl", "x509", "-in", key.with_suffix(".pem"), "-noout", "-pubkey")
        if right[0] or right[1] != certified[1]:
            complaints.append(f"{key.name} is not the key of its certificate, or does not open: {right[2].strip()}")
        if wrong[0] == 0:
            complaints.append(f"{key.name} opens without its passphrase")
    return complaints + ([] if keys else ["no key files"])
