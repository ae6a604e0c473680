"""National algorithms and seals made by others under our verifier: national.py YINZHENG [FOLDER]

SM2 signatures in CMS by BouncyCastle and by gmssl (RFC 5652 and GB/T 35275 shapes), electronic seals by GM/T 0031-2014,
GB/T 38540-2020 and GM/T 0031-2025 with every signature value by gmssl. Keys and certificates are openssl's. Each honest
file must be genuine, and each wrong one must show its own finding.
"""

import datetime
import hashlib
import io
import itertools
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import bases
import signatures
import stamping
from asn1crypto import cms as asn1_cms
from asn1crypto import pem as asn1_pem
from der import digest, octets, oid, sequence, value
from gallery_people import SM3, Cms, Person, Sm2Key
from PIL import Image
from programs import openssl_chain, openssl_cms, parts, pdfsig, qpdf, run
from seals import Pressing, Seal

HERE = pathlib.Path(__file__).resolve().parent
JARS = [pathlib.Path("/usr/share/java") / name for name in ("bcprov.jar", "bcpkix.jar", "bcutil.jar")]
IDENTITY = "distid:1234567812345678"
GBT35275 = {"kind": "1.2.156.10197.6.1.4.2.1", "outer": "1.2.156.10197.6.1.4.2.2"}
SM2_SIGN = "1.2.156.10197.1.301.1"
EXTENSIONS = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
authorityKeyIdentifier = keyid
"""
# The program that is judged.
PROGRAM: list[str] = []


class People:
    """A root and those it certifies: a maker of seals, a signer, a stranger to the seal. By openssl, with SM2 and SM3."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder
        (folder / "extensions").write_text(EXTENSIONS)
        for serial, name in enumerate(("root", "maker", "signer", "other"), 1):
            self.make(name, serial)
        # Certificates of openssl begin when they are made; what they sign comes after.
        self.now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)

    def make(self, name: str, serial: int) -> None:
        key, request, certificate = (self.path(f"{name}.{ending}") for ending in ("key", "csr", "pem"))
        config, signing = self.path("extensions"), ("-sm3", "-sigopt", IDENTITY)
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-pkeyopt", "ec_param_enc:named_curve", "-out", key)
        subject = ("-utf8", "-config", config, "-subj", f"/C=CN/O=示例机构/CN=样例 {name}", "-key", key, *signing)
        if name == "root":
            openssl("req", "-new", "-x509", *subject, "-extensions", "authority", "-days", "30", "-set_serial", serial, "-out", certificate)
            return
        openssl("req", "-new", *subject, "-out", request)
        by = ("-CA", self.path("root.pem"), "-CAkey", self.path("root.key"), "-vfyopt", IDENTITY, *signing)
        openssl("x509", "-req", "-in", request, *by, "-extfile", config, "-extensions", "signer", "-days", "30", "-set_serial", serial, "-out", certificate)

    def path(self, name: str) -> pathlib.Path:
        return self.folder / name

    def person(self, name: str) -> Person:
        """openssl's certificate and key; what he signs is signed by gmssl, with the usual identity in Z."""
        text = openssl("ec", "-in", self.path(f"{name}.key"), "-text", "-noout").decode()
        private = "".join(text.split()).replace(":", "").split("priv")[1][:64]
        return Person(Sm2Key(private), b"", openssl("x509", "-in", self.path(f"{name}.pem"), "-outform", "DER"))


def openssl(*words) -> bytes:
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, timeout=60, check=True).stdout


def by_gmssl(people: People, covered: bytes, hashed: bytes | None = None, **how) -> bytes:
    """A SignedData around gmssl's value; without attributes the value is over the document itself."""
    return Cms(people.person("signer"), bound=False, version=1, **how).around(hashed or digest(covered), covered)


def by_bouncycastle(people: People, covered: bytes) -> bytes:
    content, out = people.path("covered"), people.path("value")
    content.write_bytes(covered)
    subprocess.run([
        "java", "-cp", ":".join(map(str, JARS)), HERE / "SignSm2.java", content, out,
        people.path("signer.key"), people.path("signer.pem"), people.path("root.pem"),
    ], capture_output=True, timeout=120, check=True)  # fmt: skip
    return out.read_bytes()


def pressed(people: People, covered: bytes, ranges: bytes, version=4, signer="signer", allowed=None, by_digest=False, days=20, says=None, **how) -> bytes:
    """A seal of the maker's for whoever is allowed, pressed by the signer."""
    who = people.person(signer)
    listed = people.person(allowed or "signer").der
    entry = sequence(value(0x13, SM3.encode()), octets(digest(listed))) if by_digest else octets(listed)
    made = people.now
    seal = Seal(
        people.person("maker"), entry, version, kind=2 if by_digest else 1, created=made, start=made,
        stop=made + datetime.timedelta(days=days), says=says,
    )  # fmt: skip
    return Pressing(who, seal.der(), version, when=made, **how).over(covered, ranges.strip())


# --- what each must be -------------------------------------------------------------------------------------------------


def cases(people: People):
    """Name, /SubFilter, maker of the value, the finding that must be said (None: genuine)."""

    def of_cms(**how):
        return lambda covered, _: by_gmssl(people, covered, **how)

    def of_seal(**how):
        return lambda covered, ranges: pressed(people, covered, ranges.encode(), **how)

    p7, pades, national = b"adbe.pkcs7.detached", b"ETSI.CAdES.detached", b"GM.PKILite"
    yield "bouncycastle-cms", p7, lambda covered, _: by_bouncycastle(people, covered), None
    yield "bouncycastle-cms-other-bytes", p7, lambda covered, _: by_bouncycastle(people, covered + b" "), "signed.digest_differs"
    yield "gmssl-rfc5652", p7, of_cms(), None
    yield "gmssl-cades", pades, of_cms(), None
    yield "gmssl-gbt35275", p7, of_cms(**GBT35275), None
    yield "gmssl-gbt35275-no-attributes", p7, of_cms(**GBT35275, algorithm=sequence(oid(SM2_SIGN)), attributes=False), None
    yield "gmssl-other-digest", p7, of_cms(hashed=bytes(32)), "signed.digest_differs"
    for version in (1, 4, 5):
        yield f"ses-v{version}", national, of_seal(version=version), None
        yield f"ses-v{version}-raw", national, of_seal(version=version, raw=True), None
        yield f"ses-v{version}-other-bytes", national, of_seal(version=version, hashed=bytes(32)), "ses.data_hash_differs"
        yield f"ses-v{version}-maker-did-not-sign", national, of_seal(version=version, says=b"x"), "ses.maker_signature_wrong"
        yield f"ses-v{version}-not-listed", national, of_seal(version=version, signer="other"), "ses.signer_not_listed"
        yield f"ses-v{version}-period-over", national, of_seal(version=version, days=-1), "ses.pressed_outside_period"
    yield "ses-v4-digest-list", national, of_seal(by_digest=True), None
    yield "ses-v4-digest-list-other", national, of_seal(by_digest=True, allowed="other"), "ses.signer_not_listed"
    yield "ses-under-pades", pades, of_seal(), None


def judge(program: str, people: People, file: pathlib.Path, wanted: str | None) -> list[str]:
    done = subprocess.run(
        [program, "verify", "--json", "--trust", people.path("root.pem"), file], capture_output=True, text=True, timeout=60, check=False
    )
    said = json.loads(done.stdout)
    codes = {finding["code"] for one in (said, *said["signatures"]) for finding in one["findings"]}
    genuine = said["verdict"] == "genuine_in_force" and said["signatures"][0]["indication"] == "TOTAL-PASSED"
    if wanted is None:
        return [] if genuine else [f"{said['verdict']}: {sorted(codes)}"]
    complaints = [] if wanted in codes else [f"does not say {wanted}: {sorted(codes)}"]
    return complaints + (["genuine"] if genuine else [])


# --- ours, judged by others --------------------------------------------------------------------------------------------


def ours(program: str, place: pathlib.Path):
    """An office whose every key is SM2: what it issues under BouncyCastle, openssl and gmssl. Yields name and complaints."""
    state = place / "office"
    subprocess.run([program, "demo", "--quiet", "--no-serve", "--suite", "sm2-sm3", "--out", state], capture_output=True, timeout=300, check=True)
    pairs = []
    for file in sorted((state / "certificates").glob("*.pdf")):
        at = place / f"parts-{file.stem}"
        at.mkdir()
        parts(file, at)
        pairs.append((file.stem, at / "covered", at / "cms.der", at))
    other = place / "other-bytes"
    other.write_bytes(pairs[0][1].read_bytes() + b" ")
    asked = [*pairs, ("other bytes", other, pairs[0][2], pairs[0][3])]
    trust, issuing = state / "trust", state / "keys" / "issuing-ca.pem"
    done = subprocess.run([
        "java", "-cp", ":".join(map(str, JARS)), HERE / "VerifySm2.java", trust / "root.pem", issuing, trust / "root.crl",
        trust / "issuing.crl", *(path for _, content, cms, _ in asked for path in (content, cms)),
    ], capture_output=True, text=True, timeout=120, check=True)  # fmt: skip
    for (name, *_), said in zip(asked, done.stdout.splitlines(), strict=True):
        wrong = name == "other bytes"
        yield f"ours by BouncyCastle: {name}", [] if (said == "ok") != wrong else [said]
    for name, _, cms, at in pairs:
        yield f"ours by openssl: {name}", by_openssl(at, cms, trust, issuing)
        yield f"ours by gmssl: {name}", by_gmssl_alone(at, cms)
    for key in sorted((state / "keys").glob("*.key")):
        opened = run("openssl", "pkey", "-in", key, "-passin", f"file:{state / 'keys' / 'passphrase'}", "-pubout")
        certified = run("openssl", "x509", "-in", key.with_suffix(".pem"), "-noout", "-pubkey")
        yield f"ours by openssl: {key.name}", [] if opened[0] == 0 and opened[1] == certified[1] else [opened[2]]


# --- both seals in one signature ---------------------------------------------------------------------------------------


SEAL_ATTRIBUTE, BESIDE = "2.999.990000.2", "2.999.990000.3"


def elements(der: bytes) -> list[tuple[int, bytes, bytes]]:
    """What stands inside a value: tag, content, and the whole of each."""
    _, content, _ = element(der)
    found = []
    while content:
        tag, inside, whole = element(content)
        found.append((tag, inside, whole))
        content = content[len(whole) :]
    return found


def element(der: bytes) -> tuple[int, bytes, bytes]:
    length, header = der[1], 2
    if length & 0x80:
        header += length & 0x7F
        length = int.from_bytes(der[2:header], "big")
    return der[0], der[header : header + length], der[: header + length]


def dual(program: str, place: pathlib.Path):
    """An office with both: every reader abroad sees one good signature, and the seal in it is right by GB/T 38540."""
    state = place / "dual"
    subprocess.run([program, "demo", "--quiet", "--no-serve", "--national", "--out", state], capture_output=True, timeout=300, check=True)
    trust, root = state / "trust", state / "trust" / "root.pem"
    files = sorted((state / "certificates").glob("*.pdf"))
    for file in files:
        at = place / f"dual-{file.stem}"
        at.mkdir()
        parts(file, at)
        yield f"both by pyHanko: {file.stem}", signatures.pyhanko_validates(file, root)
        yield f"both by pdfsig, qpdf: {file.stem}", pdfsig(file) + qpdf(file)
        yield f"both by openssl: {file.stem}", openssl_cms(file, root)
        yield f"the seal by gmssl: {file.stem}", electronic_seal(file, at, state)
    yield "paths and lists by openssl", openssl_chain(files, trust)
    data = files[0].read_bytes()
    # The name of the attribute begins with these octets; the pressing follows it.
    inside = data.upper().index(oid(SEAL_ATTRIBUTE).hex().upper().encode()) + 400
    for what, changed in {
        "a digit of the seal is changed": data[:inside] + (b"0" if data[inside : inside + 1] != b"0" else b"1") + data[inside + 1 :],
        "a byte of the page is changed": data.replace(b"/Type/Page", b"/Type/page", 1),
    }.items():
        file = place / "dual-changed.pdf"
        file.write_bytes(changed)
        unnoticed = [judge for judge, said in (("openssl", openssl_cms(file, root)), ("pdfsig", pdfsig(file))) if not said]
        yield f"both: {what}", [f"{judge} notices nothing" for judge in unnoticed]
    yield "a seal of version 5, by choice, by gmssl", by_choice(program, place, state)
    yield "a seal alone, GM.SM2, by gmssl and qpdf", alone(program, place, state)
    yield "the content types of GB/T 35275, by gmssl", shaped(program, place)


def by_choice(program: str, place: pathlib.Path, state: pathlib.Path) -> list[str]:
    """Another office's seals, by GM/T 0031-2025, pressed on a document of others."""
    other, at, file = place / "dual-v5", place / "dual-v5-stamped", place / "dual-v5.pdf"
    shutil.copytree(state, other)
    for old in [*other.glob("keys/*.sm2.*"), *other.glob("keys/*.esl"), *other.glob("*/national-*"), other / "ca" / "maker.key"]:
        old.unlink()
    secret = other / "keys" / "passphrase"
    for command in (
        ("keys", "national", "--state", other, "--seal-version", "v5", "--ca-passphrase-file", secret),
        ("stamp", "--state", other, "--seal", "bureau", "--at", "100,150", "-o", file, place / "brought.pdf"),
    ):
        (place / "brought.pdf").write_bytes(stamping.saved(stamping.plain()))
        subprocess.run([program, *command, "--quiet"], capture_output=True, timeout=60, check=True)
    at.mkdir()
    parts(file, at)
    said = json.loads(run(program, "verify", "--json", "--state", other, file)[1])
    standard = said["signatures"][0]["seal"]["standard"]
    return electronic_seal(file, at, other, version_wanted=5) + ([] if standard.startswith("GM/T 0031-2025") else [standard])


def stamped(program: str, state: pathlib.Path, file: pathlib.Path) -> bytes:
    """What stands in the signature of a document of others that this office stamped."""
    brought = file.with_suffix(".brought.pdf")
    brought.write_bytes(stamping.saved(stamping.plain()))
    run(program, "stamp", "--quiet", "--state", state, "--seal", "bureau", "--at", "100,150", "-o", file, brought)
    [digits] = re.findall(rb"/Contents\s*<([0-9a-fA-F]+)>", file.read_bytes())
    whole = bytes.fromhex(digits.decode())
    return whole[: len(element(whole)[2])]


def configured(state: pathlib.Path, old: str, new: str) -> None:
    file = state / "yinzheng.toml"
    text = file.read_text(encoding="utf-8")
    if old not in text:
        raise ValueError(f"no {old} in the configuration")
    file.write_text(text.replace(old, new), encoding="utf-8")


def covered_of(file: pathlib.Path) -> tuple[bytes, list[int]]:
    data = file.read_bytes()
    [stated] = re.findall(rb"/ByteRange\s*\[\s*(\d+\s+\d+\s+\d+\s+\d+)\s*\]", data)
    a, b, c, d = ranges = [*map(int, stated.split())]
    return data[a : a + b] + data[c : c + d], ranges


def alone(program: str, place: pathlib.Path, state: pathlib.Path) -> list[str]:
    """The export profile for national software: SES_Signature itself under GM.PKILite and GM.SM2."""
    other, file = place / "alone", place / "alone.pdf"
    shutil.copytree(state, other)
    configured(other, '"ETSI.CAdES.detached"', '"GM.SM2"')
    (_, _, signed), (_, signer_der, _), (_, _, algorithm), (_, value_bits, _) = elements(stamped(program, other, file))
    version, seal, _, data_hash, stated = elements(signed)
    covered, ranges = covered_of(file)
    said = json.loads(run(program, "verify", "--json", "--state", other, file)[1])["signatures"][0]
    facts = {
        "named": b"/GM.PKILite" in file.read_bytes() and b"/GM.SM2" in file.read_bytes(),
        "version 4": version[1] == b"\4",
        "dataHash": data_hash[1] == b"\0" + digest(covered),
        "propertyInfo": [*map(int, stated[1].decode().strip("[]").split())] == ranges,
        "the algorithm": algorithm == oid("1.2.156.10197.1.501"),
        "the signer's value": by_key(signer_der, value_bits[1:], signed),
        "nothing else passes": not by_key(signer_der, value_bits[1:], signed + b" "),
        "the seal is the office's": seal[2] == (other / "keys" / "bureau.esl").read_bytes(),
        "our verifier agrees": (said["integrity"], said["seal"]["picture"]["shown"]) == ("ok", "same"),
    }
    return qpdf(file) + [f"not {words}" for words, holds in facts.items() if not holds]


def shaped(program: str, place: pathlib.Path) -> list[str]:
    """SignedData by GB/T 35275, taken apart by hand; its value by gmssl."""
    state, file = place / "shaped", place / "shaped.pdf"
    run(program, "init", "--demo", "--suite", "sm2-sm3", state)
    configured(state, 'suite = "sm2-sm3"', 'suite = "sm2-sm3"\ncms = "gbt35275"')
    (_, _, outer), (_, _, inner) = elements(stamped(program, state, file))
    [(_, _, signed_data)] = elements(inner)
    _, _, content, certificates, infos = elements(signed_data)
    leaves = [whole for _, _, whole in elements(certificates[2])]
    [info] = elements(infos[2])
    _, _, hashed, attributes, algorithm, made = elements(info[2])
    signed = b"\x31" + attributes[2][1:]
    values = {elements(one)[0][2]: elements(elements(one)[1][2])[0] for _, _, one in elements(signed)}
    covered, _ = covered_of(file)
    said = json.loads(run(program, "verify", "--json", "--state", state, file)[1])["signatures"][0]
    facts = {
        "signedData": outer == oid("1.2.156.10197.6.1.4.2.2"),
        "data, in both places": elements(content[2])[0][2] == values[oid("1.2.840.113549.1.9.3")][2] == oid("1.2.156.10197.6.1.4.2.1"),
        "SM3": elements(hashed[2])[0][2] == oid("1.2.156.10197.1.401"),
        "SM2": elements(algorithm[2])[0][2] == oid("1.2.156.10197.1.301.1"),
        "messageDigest": values[oid("1.2.840.113549.1.9.4")][1] == digest(covered),
        "the value": sum(by_key(leaf, made[1], signed) for leaf in leaves) == 1,
        "nothing else passes": not any(by_key(leaf, made[1], signed + b" ") for leaf in leaves),
        "our verifier agrees": said["integrity"] == "ok",
    }
    return [f"not {words}" for words, holds in facts.items() if not holds]


def electronic_seal(file: pathlib.Path, at: pathlib.Path, state: pathlib.Path, version_wanted: int = 4) -> list[str]:
    """SES_Signature v4 or v5, field by field; and the same handed out as a file of its own."""
    [signer] = asn1_cms.ContentInfo.load((at / "cms.der").read_bytes())["content"]["signer_infos"]
    [pressing] = [one["values"][0].dump() for one in signer["signed_attrs"] if one["type"].dotted == SEAL_ATTRIBUTE]
    (_, _, signed), (_, signer_der, _), (_, _, algorithm), (_, value_bits, _) = elements(pressing)
    version, seal, when, data_hash, ranges, extensions = elements(signed)
    (_, _, info), (_, maker_der, _), (_, _, maker_algorithm), (_, maker_bits, _) = elements(seal[2])
    header, _, described, picture = elements(info)
    listed = [content for _, content, _ in elements(elements(described[2])[3][2])]
    kind, image, width, height = (content for _, content, _ in elements(picture[2]))
    covered = (at / "covered").read_bytes()
    [stated] = re.findall(rb"/ByteRange\s*\[\s*(\d+\s+\d+\s+\d+\s+\d+)\s*\]", file.read_bytes())
    sm2_with_sm3, leaf = oid("1.2.156.10197.1.501"), asn1_pem.unarmor((at / "leaf.pem").read_bytes())[2]
    drawn = Image.open(io.BytesIO(image))
    beside = [elements(one) for _, _, one in elements(elements(extensions[2])[0][2])]
    facts = {
        "the version in both": version[1] == elements(header[2])[1][1] == bytes([version_wanted]),
        "handed out alike": handed_out(file, at) == (pressing, digest(covered).hex()),
        "GeneralizedTime": when[0] == 0x18 and when[1].endswith(b"Z"),
        "dataHash": data_hash[1] == b"\0" + digest(covered),
        "propertyInfo": [*map(int, ranges[1].decode().strip("[]").split())] == [*map(int, stated.split())],
        "the signer is listed": listed == [signer_der],
        "algorithms": algorithm == sm2_with_sm3 == maker_algorithm,
        "the signer's value": by_key(signer_der, value_bits[1:], signed),
        "the maker's value": by_key(maker_der, maker_bits[1:], info),
        "a PNG of 42 mm at 600 dpi": (kind, width, height, drawn.size) == (b"PNG", b"\x2a", b"\x2a", (992, 992)),
        "the certificate beside it": [one[1][1] for one in beside if one[0][2] == oid(BESIDE)] == [hashlib.sha256(leaf).digest()],
        "nothing else passes": not by_key(signer_der, value_bits[1:], signed + b" "),
    }
    complaints = [f"not {words}" for words, holds in facts.items() if not holds]
    issuing, root = state / "keys" / "national-issuing-ca.pem", state / "trust" / "national-root.pem"
    for name, der in (("signer", signer_der), ("maker", maker_der)):
        (at / f"{name}.pem").write_bytes(signatures.pem(der))
        complaints += linked([(at / f"{name}.pem", issuing), (issuing, root), (root, root)])
    return complaints


def handed_out(file: pathlib.Path, at: pathlib.Path) -> tuple[bytes, str]:
    """The detached signature for national software, and the digest that the program prints with it."""
    out = at / "pressing.ses"
    _, said, err = run(PROGRAM[0], "verify", "--quiet", "--extract-ses", "1", "-o", out, file)
    return out.read_bytes(), said.strip().removeprefix("sm3:") or err


def by_key(certificate: bytes, value: bytes, message: bytes) -> bool:
    from asn1crypto import x509
    from gmssl import sm2

    point = x509.Certificate.load(certificate)["tbs_certificate"]["subject_public_key_info"]["public_key"].native
    judge = sm2.CryptSM2(private_key="", public_key="", asn1=True)
    # Handed over here, since gmssl strips every leading 0 and 4 of a point that begins with 04.
    judge.public_key = point[1:].hex()
    return bool(judge.verify_with_sm3(value.hex(), message))


def linked(links) -> list[str]:
    """Link by link, since openssl takes the identity for the lowest certificate alone."""
    complaints = []
    for below, above in links:
        status, out, err = run("openssl", "verify", "-vfyopt", IDENTITY, "-partial_chain", "-trusted", above, below)
        complaints += [(out + err).strip()] if status else []
    return complaints


def signed_attributes(cms: pathlib.Path):
    """What the key signed, and the signature over it, by asn1crypto's reading."""
    [signer] = asn1_cms.ContentInfo.load(cms.read_bytes())["content"]["signer_infos"]
    return b"\x31" + signer["signed_attrs"].dump()[1:], signer["signature"].native


def by_openssl(at, cms, trust, issuing) -> list[str]:
    """The path, and the value over the attributes."""
    root = trust / "root.pem"
    complaints = linked([(at / "leaf.pem", issuing), (issuing, root), (root, root)])
    message, value = signed_attributes(cms)
    (at / "attributes").write_bytes(message)
    (at / "value").write_bytes(value)
    (at / "leaf.pub").write_bytes(openssl("x509", "-in", at / "leaf.pem", "-noout", "-pubkey"))
    wanted = (("-sigopt", IDENTITY), 0), ((), 1)
    for identity, expected in wanted:
        # Under openssl's own identity, the empty one, the same value must be wrong.
        status, out, err = run(
            "openssl", "dgst", "-sm3", "-verify", at / "leaf.pub", *identity, "-signature", at / "value", at / "attributes"
        )  # fmt: skip
        complaints += [f"dgst {identity}: {out}{err}"] if status != expected else []
    return complaints


def by_gmssl_alone(at, cms) -> list[str]:
    _, _, der = asn1_pem.unarmor((at / "leaf.pem").read_bytes())
    message, value = signed_attributes(cms)
    complaints = [] if by_key(der, value, message) else ["gmssl: the signature is wrong"]
    return complaints + (["gmssl: other words pass"] if by_key(der, value, message + b" ") else [])


def main(program: str, folder: str | None = None) -> int:
    PROGRAM.append(program)
    if not shutil.which("java") or not all(jar.exists() for jar in JARS):
        print("没有 is missing: java, BouncyCastle (libbcpkix-java)")
        return 1
    failed = count = 0
    with tempfile.TemporaryDirectory() as made:
        place = pathlib.Path(folder or made)
        place.mkdir(parents=True, exist_ok=True)
        people, plain = People(place), bases.paper(1)
        for name, subfilter, make, wanted in cases(people):
            honest = bases.around(plain, make, subfilter=subfilter)
            tries = [(name, honest, wanted)]
            if wanted is None:
                digest_code = "ses.data_hash_differs" if name.startswith("ses") else "signed.digest_differs"
                if name.endswith("no-attributes"):
                    digest_code = "signed.signature_wrong"
                tries.append((f"{name}-changed", honest.replace(b"Amount: 100", b"Amount: 900", 1), digest_code))
            for what, content, expected in tries:
                file = place / f"{what}.pdf"
                file.write_bytes(content)
                complaints = judge(program, people, file, expected)
                count, failed = count + 1, failed + bool(complaints)
                print(f"{'✘' if complaints else '✔'} {what}: {'; '.join(complaints) or expected or 'genuine'}")
        for what, complaints in itertools.chain(ours(program, place), dual(program, place)):
            count, failed = count + 1, failed + bool(complaints)
            print(f"{'✘' if complaints else '✔'} {what}{': ' if complaints else ''}{'; '.join(complaints)}")
    print(f"national: {count - failed} passed, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
