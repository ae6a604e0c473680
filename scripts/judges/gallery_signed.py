"""gallery.py: findings about signature, trust, claim and ledger (form.*, signed.*, trust.*, claim.*, ledger.*)."""

import json

import forge
from der import number, octets, oid, sequence, set_of, value
from gallery_case import Case
from gallery_pages import (
    DETACHED, FIELD, FREE, VALUE, WIDGET,
    changed, dictionary, plain, sealed, signed, written,
)  # fmt: skip
from gallery_people import SERVER, SIGNED_DATA, Cms, attribute, dsa1024, moment, p256, person, rsa2048, stamped, utc

OURS = {"anchors": ("../../trust/root.pem",), "lists": ("../../trust/root.crl", "../../trust/issuing.crl"), "at": "2026-11-25 01:55:59"}


def cases(people):
    made = Cms(people.signer).over
    yield from values(made)
    yield from ranges(made)
    yield from dictionaries(made)
    yield from fields(made)
    yield from signers(people)
    yield from contents(people)
    yield from algorithms(people)
    yield from stamps(people)
    yield from trust(people)
    yield from revoked(people)
    yield from claims(made)
    yield from ledger()


# --- form.* ------------------------------------------------------------------------------------------------------------


def values(made):
    """/Contents, however it is written."""
    missing = sealed(dictionary(ranges=b"[0 10 20 10]", contents=b"null"))
    yield Case("form.contents_missing", "签名值是 null the value is null", written(missing))
    honest = signed(made)
    yield Case("form.contents_not_hex", "签名值末尾夹有空格 blanks inside the value", honest.replace(b"0000>", b"00  >", 1))
    yield Case("form.padding_not_zero", "签名值之后的填充不是零 bytes behind the value", honest.replace(b"000000>", b"00004F>", 1))
    yield Case("form.contents_compressed", "签名值放在压缩对象里 the value stands in an object stream", compressed())
    words = octets("不是签名 no signature".encode())
    nobody = sequence(words)
    yield Case("form.contents_unknown", "签名值不是签名 the value is no signature", signed(lambda *_: nobody))


def compressed():
    """An object stream with the signature dictionary, and the cross-reference stream that it takes."""
    objects = sealed()
    inner = dictionary(hole=40, ranges=b"[0 100 200 100]")
    objects[VALUE] = forge.stream(b"/Type /ObjStm /N 1 /First 5", b"9 0  " + inner)
    objects[FIELD] = WIDGET % (b"Seal", b"9 0 R")

    def nothing(places, _):
        return b""

    data = written(objects, table=nothing)
    data = data[: data.rindex(b"trailer")]
    places = {number: (data.index(b"%d 0 obj" % number), 0) for number in objects}
    at = len(data)
    stream = forge.xref_stream(10, at, {**places, 0: None, 9: ("in", VALUE, 0)}, b"/Size 11 /Root 1 0 R")
    return data + stream + b"startxref\n%d\n%%%%EOF\n" % at


def ranges(made):
    """/ByteRange, however it is wrong."""

    def with_(text):
        return signed(made, ranges=lambda begin, end, size: text(begin, end, size))

    yield Case("form.byte_range_malformed", "字节范围只有三个数 three numbers", with_(lambda begin, end, _: b"[0 %d %d]" % (begin, end)))
    yield Case(
        "form.byte_range_outside", "字节范围超出文件 reaches outside the file", with_(lambda begin, end, size: b"[0 %d %d %d]" % (begin, end, size))
    )
    yield Case(
        "form.gap_not_contents",
        "空隙比签名值宽 the gap is wider than the value",
        with_(lambda begin, end, size: b"[0 %d %d %d]" % (begin - 10, end, size - end)),
    )
    yield Case(
        "form.ends_inside_revision",
        "字节范围没有到文件末尾 ends before the end",
        with_(lambda begin, end, size: b"[0 %d %d %d]" % (begin, end, size - end - 40)),
    )


def dictionaries(made):
    """What else the signature dictionary says."""
    yield Case("form.subfilter_unknown", "签名形式不认识 an unknown /SubFilter", signed(made, sealed(dictionary(subfilter=b"Example.Other"))))
    yield Case("form.cert_entry", "PAdES 签名带有 /Cert /Cert in a PAdES signature", signed(made, sealed(dictionary(more=b"/Cert <3000> "))))
    yield Case("form.no_claimed_time", "签名没有声明时间 no /M", signed(made, sealed(dictionary(when=None))))
    yield Case("form.claimed_time_malformed", "声明的时间不是时间 /M is no date", signed(made, sealed(dictionary(when=b"(in spring)"))))


def fields(made):
    """Which fields hold the signature, and which no longer do."""
    twice = sealed(fields=b"9 0 R", annotations=b"9 0 R", further={FREE: WIDGET % (b"Other", b"8 0 R")})
    yield Case("form.shared_value", "两个签名域共用一个签名 two fields with one value", signed(made, twice))
    alone = plain(further={VALUE: dictionary()})
    yield Case("form.unreferenced", "签名不属于任何签名域 a signature that no field holds", signed(made, alone))
    removed = WIDGET.replace(b"/V %s ", b"") % b"Seal"
    yield Case("form.vanished", "后来的修订移除了签名 an update removes the signature", written({FIELD: removed}, signed(made)))


# --- signed.* ----------------------------------------------------------------------------------------------------------


def signers(people):
    """Who signed, as the value says."""
    who, other = people.signer, people.stranger
    passer_by = person("样例路人 Passer-by", p256(), other)
    for code, about, how in (
        ("signed.signer_count", "签名值里有两个签名者 two signers", {"signers": 2}),
        ("signed.signer_certificate_missing", "没有随附签名者证书 without the signer's certificate", {"carried": ()}),
        ("signed.signer_not_bound", "没有绑定签名者证书 nothing binds the signer's certificate", {"bound": False}),
        ("signed.signer_binding_differs", "绑定的是另一张证书 another certificate is bound", {"binds": other}),
        ("signed.unbound_certificate", "随附了一张无关的证书 a certificate that belongs to nothing", {"carried": (who.der, passer_by.der)}),
        ("signed.other_form", "签名者以密钥标识指明 the signer named by its key identifier", {"by_identifier": True}),
        ("signed.signature_wrong", "签名值改动一位 one bit of the value changed", {"spoil": True}),
    ):  # fmt: skip
        yield Case(code, about, signed(Cms(who, **how).over, sealed(dictionary(hole=1400))))


def contents(people):
    """What was signed, as the value says."""
    who = people.signer
    broken = sequence(oid(SIGNED_DATA), value(0xA0, sequence(number(1))))
    yield Case("signed.malformed", "签名值残缺 a value that ends too soon", signed(lambda *_: broken))
    bare = sealed(dictionary(subfilter=DETACHED))
    signing_time = attribute("1.2.840.113549.1.9.5", utc(moment("2026-03-01 10:00")))
    note = attribute("2.999.7", value(0x0C, b"note"))
    for code, about, how, objects in (
        ("signed.encapsulated_content", "签名值自带内容 content of its own", {"content": b"other words"}, None),
        ("signed.inconsistent", "没有列出所用的摘要算法 digestAlgorithms lists none", {"declared": set_of()}, None),
        ("signed.no_attributes", "没有签名属性 no signed attributes", {"attributes": False}, bare),
        ("signed.attribute", "没有 content-type content-type is missing", {"typed": False}, None),
        ("signed.signing_time", "签名属性里带有 signing-time signing-time among the attributes", {"further": (signing_time,)}, None),
        ("signed.unsigned_attributes", "带有未签名的属性 an attribute that is not signed", {"unsigned": lambda _: note}, None),
    ):  # fmt: skip
        yield Case(code, about, signed(Cms(who, **how).over, objects))
    yield Case(
        "signed.digest_differs", "金额改动一位 one digit of the amount changed", changed(signed(Cms(who).over), b"Amount: 100", b"Amount: 900")
    )


def algorithms(people):
    unknown = Cms(people.signer, algorithm=sequence(oid("2.999.4")))
    yield Case("signed.algorithm_unsupported", "签名算法不认识 an unknown algorithm", signed(unknown.over))
    rsa = Cms(person("样例印章 RSA Seal", rsa2048(), people.root))
    yield Case(
        "signed.weak_algorithm", "2031 年核验 RSA 2048 RSA 2048, judged in 2031",
        signed(rsa.over, sealed(dictionary(hole=1300))), at="2031-06-01 12:00",
    )  # fmt: skip
    old = Cms(person("样例印章 DSA Seal", dsa1024(), people.root))
    yield Case("signed.algorithm_not_allowed", "以 DSA 签名 signed with DSA", signed(old.over, sealed(dictionary(hole=1400))))


def stamps(people):
    room = sealed(dictionary(hole=2300))
    when = moment("2026-03-01 10:01")
    stranger = people.stamper_of(people.stranger)
    for code, about, unsigned in (
        ("signed.stamped", "带有可信时间戳 a trusted time-stamp", stamped(people.stamper, when)),
        ("signed.stamped_untrusted", "时间戳的机构不在信任之列 a time-stamp by a stranger", stamped(stranger, when)),
        ("signed.stamp_wrong", "时间戳盖的是别的内容 a time-stamp over something else", stamped(people.stamper, when, b"other")),
    ):
        yield Case(code, about, signed(Cms(people.signer, unsigned=unsigned).over, room))
    again = {"document": "trust.revocation_unknown.pdf"}
    yield Case("trust.revocation_not_fetched", "吊销列表的地址连接不上 the place of the list cannot be reached", **again, lists=(), unreachable=True)
    yield Case("document.not_seen", "只交来摘要和签名值 digest and signature value alone were handed in", **again, by_digest="sha256")
    yield Case("signed.other_digest", "交来的摘要是另一种算法的 a digest by another algorithm was handed in", **again, by_digest="sha512")
    short = person("样例短期印章 Short-lived Seal", p256(), people.root, end=moment("2027-01-01 00:00"))
    proven = Cms(short, unsigned=stamped(people.stamper, when))
    yield Case(
        "trust.timestamp_vouches", "证书已过期,时间戳证明盖章在前 expired since, a time-stamp proves that the seal is older",
        signed(proven.over, room), at="2028-06-01 12:00",
    )  # fmt: skip


# --- trust.* -----------------------------------------------------------------------------------------------------------


def trust(people):
    honest = signed(Cms(people.signer).over)
    yield Case("trust.time_only_claimed", "如实盖章,没有时间戳 honest, without a time-stamp", honest)
    yield Case("trust.no_anchors", "没有给出信任锚 no anchor is given", honest, anchors=())
    people.trust("stranger", people.stranger)
    yield Case("trust.no_path", "信任的是另一家机构 another authority is trusted", honest, anchors=("stranger.pem",))
    yield Case("trust.not_yet_valid", "在证书生效之前核验 judged before the certificate begins", honest, at="2025-06-01 12:00")
    yield Case("trust.revocation_unknown", "没有吊销列表 no revocation list", honest, lists=())
    short = person("样例短期印章 Short-lived Seal", p256(), people.root, end=moment("2027-01-01 00:00"))
    yield Case("trust.expired_now", "证书已过期 the certificate has expired", signed(Cms(short).over), at="2028-06-01 12:00")
    server = person("样例服务器 Server", p256(), people.root, purposes=(SERVER,))
    yield Case("trust.wrong_use", "服务器证书盖的章 sealed with a server's certificate", signed(Cms(server).over))


def revoked(people):
    lost = person("样例失窃印章 Lost Seal", p256(), people.root)
    data = signed(Cms(lost).over)
    yield Case("trust.revoked", "证书已被吊销 the certificate is revoked", data, lists=(people.list("lost", people.root, lost),))
    yield Case("trust.distrusted", "证书在不信任名单上 the certificate is distrusted", data, distrusted=(people.trust("lost", lost),))


# --- claim.*, ledger.* -------------------------------------------------------------------------------------------------


def attached(*claims: dict | str) -> dict[int, bytes]:
    """A sealed page with a `metadata.json` for each claim."""
    further, listed = {}, b""
    for place, claim in enumerate(claims):
        at = FREE + 2 * place
        further[at] = b"<< /Type /Filespec /F (metadata.json) /UF (metadata.json) /AFRelationship /Data /EF << /F %d 0 R >> >>" % (at + 1)
        further[at + 1] = forge.stream(b"/Type /EmbeddedFile /Subtype /application#2Fjson", json.dumps(claim).encode())
        listed += b"%d 0 R " % at
    return sealed(catalog=b"/AF [%s]" % listed, further=further)


def claim(number: str) -> dict:
    return {
        "schema": "yinzheng/1", "identifier": "1.2.156.3005.2.00000000", "number": number, "code": "0000-0000", "type": "sample",
    }  # fmt: skip


def claims(made):
    yield Case("claim.malformed", "自带的证照信息残缺 certificate data that lack their fields", signed(made, attached({"schema": "yinzheng/1"})))
    yield Case(
        "claim.ambiguous", "两份互相竞争的证照信息 two sets of certificate data", signed(made, attached(claim("样字第1号"), claim("样字第2号")))
    )
    forged = changed(signed(made, attached(claim("样字第1号"))), b"Amount: 100", b"Amount: 900")
    yield Case("claim.not_covered", "印章不再盖住证照信息 no whole seal covers the certificate data", forged)
    yield Case("claim.specimen", "样例证照 a specimen", document="../ours/genuine.pdf", ledger=record(), **OURS)


def record(**changes) -> dict[str, str]:
    return {
        "number": "示民婚撤字〔2026〕第001号", "recorded_at": "2026-11-25T00:55:59+08:00", "state": "in_force", "same_file": "identical",
    } | changes  # fmt: skip


def ledger():
    for code, about, word in (
        ("ledger.not_asked", "没有查询台账 the ledger is not asked", None),
        ("ledger.not_on_record", "台账里没有 not on record", "not_on_record"),
        ("ledger.in_force", "台账:有效 on record and in force", record()),
        ("ledger.expired", "台账:有效期已满 expired", record(state="expired:2026-11-24")),
        ("ledger.void", "台账:编号已作废 void", record(state="void")),
        ("ledger.not_in_force", "台账:已吊销 revoked", record(state="not_in_force:revoked")),
        ("ledger.other_file", "台账里是另一个文件 another file is on record", record(same_file="different")),
        ("ledger.signature_only", "台账里的文件字节不同 on record with other bytes around the signature", record(same_file="signature_only")),
        ("ledger.number_differs", "台账里是另一个编号 on record under another number", record(number="示民婚撤字〔2026〕第002号")),
        ("trust.ledger_vouches", "台账证明盖章时间 the ledger proves the time", record()),
    ):
        yield Case(code, about, document="../ours/genuine.pdf", ledger=word, **OURS)
    yield Case(
        "trust.seal_not_in_use", "印章登记:盖章时已停用 the seal was suspended when it was used",
        document="../ours/genuine.pdf", ledger=record(), register="suspended", **OURS,
    )  # fmt: skip
