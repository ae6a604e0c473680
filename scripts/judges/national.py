"""National algorithms and seals made by others under our verifier: national.py YINZHENG [FOLDER]

SM2 signatures in CMS by BouncyCastle and by gmssl (RFC 5652 and GB/T 35275 shapes), electronic seals by GM/T 0031-2014,
GB/T 38540-2020 and GM/T 0031-2025 with every signature value by gmssl. Keys and certificates are openssl's. Each honest
file must be genuine, and each wrong one must show its own finding.
"""

import datetime
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import bases
from asn1crypto import core, x509
from gmssl import sm2, sm3

HERE = pathlib.Path(__file__).resolve().parent
JARS = [pathlib.Path("/usr/share/java") / name for name in ("bcprov.jar", "bcpkix.jar", "bcutil.jar")]
IDENTITY = "distid:1234567812345678"
PKCS7, GBT35275 = "1.2.840.113549.1.7.", "1.2.156.10197.6.1.4.2."
SM3, SM2_SM3, SM2_SIGN = "1.2.156.10197.1.401", "1.2.156.10197.1.501", "1.2.156.10197.1.301.1"
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

    def certificate(self, name: str) -> bytes:
        return openssl("x509", "-in", self.path(f"{name}.pem"), "-outform", "DER")

    def sign(self, name: str, message: bytes, raw=False) -> bytes:
        """By gmssl, with the usual identity in Z."""
        text = openssl("ec", "-in", self.path(f"{name}.key"), "-text", "-noout").decode()
        fields = "".join(text.split()).replace(":", "")
        private = fields.split("priv")[1][:64]
        public = fields.split("pub")[1][2:130]
        raw_value = bytes.fromhex(sm2.CryptSM2(private_key=private, public_key=public).sign_with_sm3(message))
        if raw:
            return raw_value
        return sequence(*(core.Integer(int.from_bytes(half, "big")).dump() for half in (raw_value[:32], raw_value[32:])))


def openssl(*words) -> bytes:
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, timeout=60, check=True).stdout


def digest(message: bytes) -> bytes:
    return bytes.fromhex(sm3.sm3_hash(list(message)))


def value(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = bytes([size]) if size < 128 else (b := size.to_bytes((size.bit_length() + 7) // 8, "big")) and bytes([0x80 | len(b)]) + b
    return bytes([tag]) + length + content


def sequence(*parts: bytes) -> bytes:
    return value(0x30, b"".join(parts))


def set_of(*parts: bytes) -> bytes:
    return value(0x31, b"".join(sorted(parts)))


def oid(name: str) -> bytes:
    return core.ObjectIdentifier(name).dump()


def number(of: int) -> bytes:
    return core.Integer(of).dump()


def octets(content: bytes) -> bytes:
    return value(4, content)


def bits(content: bytes) -> bytes:
    return value(3, b"\0" + content)


def ia5(text: str) -> bytes:
    return value(0x16, text.encode("ascii"))


# --- CMS ---------------------------------------------------------------------------------------------------------------


def cms(people: People, covered: bytes, names=PKCS7, algorithm=SM2_SM3, attributes=True, hashed=None) -> bytes:
    """A SignedData around gmssl's value; without attributes the value is over the document itself."""
    signed = set_of(
        sequence(oid("1.2.840.113549.1.9.3"), set_of(oid(names + "1"))),
        sequence(oid("1.2.840.113549.1.9.4"), set_of(octets(hashed or digest(covered)))),
    )
    certificate = people.certificate("signer")
    read = x509.Certificate.load(certificate)
    by = sequence(
        number(1), sequence(read.issuer.dump(), number(read.serial_number)), sequence(oid(SM3)),
        b"\xa0" + signed[1:] if attributes else b"", sequence(oid(algorithm)),
        octets(people.sign("signer", signed if attributes else covered)),
    )  # fmt: skip
    data = sequence(number(1), set_of(sequence(oid(SM3))), sequence(oid(names + "1")), value(0xA0, certificate), set_of(by))
    return sequence(oid(names + "2"), value(0xA0, data))


def by_bouncycastle(people: People, covered: bytes) -> bytes:
    content, out = people.path("covered"), people.path("value")
    content.write_bytes(covered)
    subprocess.run([
        "java", "-cp", ":".join(map(str, JARS)), HERE / "SignSm2.java", content, out,
        people.path("signer.key"), people.path("signer.pem"), people.path("root.pem"),
    ], capture_output=True, timeout=120, check=True)  # fmt: skip
    return out.read_bytes()


# --- seals -------------------------------------------------------------------------------------------------------------

PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f0005000180a1d6f2b40000000049454e44ae426082"
)


def moment(version: int, at: datetime.datetime) -> bytes:
    if version == 1:
        return value(0x17, at.strftime("%y%m%d%H%M%SZ").encode())
    return value(0x18, at.strftime("%Y%m%d%H%M%SZ").encode())


def seal(people: People, version: int, allowed="signer", by_digest=False, maker_signs=None, days=20) -> bytes:
    """SESeal; `maker_signs` is what the maker puts its value over instead."""
    made = people.now
    until = made + datetime.timedelta(days=days)
    listed = octets(people.certificate(allowed))
    if by_digest:
        listed = sequence(value(0x13, SM3.encode()), octets(digest(people.certificate(allowed))))
    kind = b"" if version == 1 else number(2 if by_digest else 1)
    info = sequence(
        sequence(ia5("ES"), number(version), ia5("EXAMPLE")), ia5("99000000000001"),
        sequence(number(1), value(0x0C, "样例印章".encode()), kind, sequence(listed), *(moment(version, at) for at in (made, made, until))),
        sequence(ia5("png"), octets(PICTURE), number(42), number(42)),
    )  # fmt: skip
    maker = octets(people.certificate("maker")), oid(SM2_SM3)
    message = maker_signs or (sequence(info, *maker) if version == 1 else info)
    signed = *maker, bits(people.sign("maker", message))
    return sequence(info, sequence(*signed)) if version == 1 else sequence(info, *signed)


def pressed(people: People, covered: bytes, ranges: str, version=4, raw=False, hashed=None, signer="signer", **of_seal) -> bytes:
    """SES_Signature."""
    by = octets(people.certificate(signer)), oid(SM2_SM3)
    when = moment(version, people.now)
    parts = (
        number(version), seal(people, version, **of_seal), bits(when) if version == 1 else when,
        bits(hashed or digest(covered)), ia5(ranges.strip()),
    )  # fmt: skip
    if version == 1:
        message = sequence(*parts, *by)
        return sequence(message, bits(people.sign(signer, message, raw)))
    message = sequence(*parts)
    return sequence(message, *by, bits(people.sign(signer, message, raw)))


# --- what each must be -------------------------------------------------------------------------------------------------


def cases(people: People):
    """Name, /SubFilter, maker of the value, the finding that must be said (None: genuine)."""

    def of_cms(**how):
        return lambda covered, _: cms(people, covered, **how)

    def of_seal(**how):
        return lambda covered, ranges: pressed(people, covered, ranges, **how)

    p7, pades, national = b"adbe.pkcs7.detached", b"ETSI.CAdES.detached", b"GM.PKILite"
    yield "bouncycastle-cms", p7, lambda covered, _: by_bouncycastle(people, covered), None
    yield "bouncycastle-cms-other-bytes", p7, lambda covered, _: by_bouncycastle(people, covered + b" "), "signed.digest_differs"
    yield "gmssl-rfc5652", p7, of_cms(), None
    yield "gmssl-cades", pades, of_cms(), None
    yield "gmssl-gbt35275", p7, of_cms(names=GBT35275), None
    yield "gmssl-gbt35275-no-attributes", p7, of_cms(names=GBT35275, algorithm=SM2_SIGN, attributes=False), None
    yield "gmssl-other-digest", p7, of_cms(hashed=bytes(32)), "signed.digest_differs"
    for version in (1, 4, 5):
        yield f"ses-v{version}", national, of_seal(version=version), None
        yield f"ses-v{version}-raw", national, of_seal(version=version, raw=True), None
        yield f"ses-v{version}-other-bytes", national, of_seal(version=version, hashed=bytes(32)), "ses.data_hash_differs"
        yield f"ses-v{version}-maker-did-not-sign", national, of_seal(version=version, maker_signs=b"x"), "ses.maker_signature_wrong"
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


def main(program: str, folder: str | None = None) -> int:
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
    print(f"national: {count - failed} passed, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
