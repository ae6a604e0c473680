"""gallery.py: findings about electronic seals by GB/T 38540-2020 and GM/T 0031-2014 (ses.*).

The seal in /Contents, and the same as a signed attribute of another signature. Signatures are by gmssl.
"""

from der import bits, number, octets, oid, sequence, value
from gallery_case import Case, weak
from gallery_pages import SEALS, changed, dictionary, sealed, signed
from gallery_people import SEALED, Cms, Person, Sm2Key, attribute, dsa1024, moment, person, token
from seals import MADE, OTHER, PICTURE, Pressing, Seal, appearance

AS_ATTRIBUTE = "2.999.990000.2"
UNKNOWN = "2.999.4"
SHOWN = {"area": b"[110 20 229.055 139.055] /AP << /N 20 0 R >>", "further": appearance(20, 119.055)}
NATIONAL = {"anchors": ("national.pem",), "lists": ("national.crl",)}


class Desk:
    """An honest seal of an honest maker for an honest signer."""

    def __init__(self, people) -> None:
        self.people, self.maker, self.presser = people, people.maker, people.presser

    def seal(self, **how) -> Seal:
        who = how.pop("who", self.presser)
        return Seal(**{"maker": self.maker, "listed": octets(who.der)} | how)

    def press(self, seal: Seal | None = None, **how) -> Pressing:
        return Pressing(**{"who": self.presser, "seal": (seal or self.seal()).der()} | how)

    def file(self, pressing: Pressing, hole=2600, **page) -> bytes:
        return signed(pressing.over, sealed(dictionary(hole=hole, subfilter=SEALS), **SHOWN | page))

    def case(self, code: str, about: str, seal: dict | None = None, press: dict | None = None, **circumstances) -> Case:
        seal, press, hole = seal or {}, press or {}, circumstances.pop("hole", 2600)
        page = circumstances.pop("page", {})
        if "who" in press:
            seal = {"who": press["who"]} | seal
        data = self.file(self.press(self.seal(**seal), **press), hole, **page)
        return Case(code, about, data, **NATIONAL | circumstances)

    def inside(
        self,
        code: str,
        about: str,
        who: Person | None = None,
        anchors=("root.pem", "national.pem"),
        lists=("root.crl", "national.crl"),
        **circumstances,
    ) -> Case:
        """The seal as a signed attribute of another signature."""
        presser = who or self.presser
        pressing = self.press(self.seal(who=presser), who=presser)

        def both(covered: bytes, ranges: bytes) -> bytes:
            return Cms(self.people.signer, further=(attribute(AS_ATTRIBUTE, pressing.over(covered, ranges)),)).over(covered)

        return Case(code, about, signed(both, sealed(dictionary(hole=3500), **SHOWN)), anchors=anchors, lists=lists, **circumstances)

    def certified(self, name: str, **how) -> Person:
        by = how.pop("by", self.people.national)
        return person(name, how.pop("key", None) or Sm2Key(), by, **how)


def cases(people):
    desk = Desk(people)
    yield from values(desk)
    yield from parties(desk)
    yield from seals(desk)
    yield from makers(desk)
    yield from times(desk)
    yield from stamps(desk)
    yield from attributes(desk)


def values(desk):
    """The pressing and its value."""
    broken = sequence(sequence(number(4)), octets(b""), oid(UNKNOWN), bits(b""))
    yield Case(
        "ses.malformed",
        "电子签章数据残缺 a seal signature that ends too soon",
        signed(lambda *_: broken, sealed(dictionary(subfilter=SEALS), **SHOWN)),
        **NATIONAL,
    )
    honest = desk.file(desk.press())
    yield Case("ses.data_hash_differs", "金额改动一位 one digit of the amount changed", changed(honest, b"Amount: 100", b"Amount: 900"), **NATIONAL)
    unknown = sequence(sequence(oid(UNKNOWN), b"\x01\x01\xff", octets(b"")))
    yield desk.case("ses.signature_wrong", "签章值改动一位 one bit of the value changed", press={"spoil": True})
    yield desk.case("ses.tolerated", "签章值写成 r‖s the value is the bare r and s", press={"raw": True})
    yield desk.case("ses.critical_extension", "不认识的关键扩展 an unknown critical extension", press={"extensions": value(0xA0, unknown)})
    yield desk.case("ses.property_differs", "写明的是别的范围 names another range", press={"property": "[0 10 20 10]"})
    yield desk.case("ses.property_free", "写明的不是数字 names its range in words", press={"property": "ALL"})
    yield desk.case("ses.version_differs", "v4 的签章里是 v1 的印章 a seal of v1 in a pressing of v4", seal={"version": 1})


def parties(desk):
    """Certificates and algorithms of signer and maker."""
    old = [person(name, dsa1024(), desk.people.national) for name in ("样例制章者 DSA Maker", "样例签章者 DSA Signer")]
    yield desk.case(
        "ses.signer_certificate_unreadable",
        "签章者证书读不出来 the signer's certificate cannot be read",
        seal={"listed": octets(b"none")},
        press={"certificate": b"none"},
    )
    yield desk.case("ses.maker_certificate_unreadable", "制章者证书读不出来 the maker's certificate cannot be read", seal={"certificate": b"none"})
    yield desk.case("ses.algorithm_unsupported", "签章者的算法不认识 an unknown algorithm of the signer", press={"algorithm": UNKNOWN})
    yield desk.case("ses.maker_algorithm_unsupported", "制章者的算法不认识 an unknown algorithm of the maker", seal={"algorithm": UNKNOWN})
    yield desk.case("ses.maker_algorithm_not_allowed", "制章者用 DSA a maker with DSA", seal={"maker": old[0]}, hole=3000)
    yield desk.case("ses.algorithm_not_allowed", "签章者用 DSA a signer with DSA", press={"who": old[1]}, hole=3400)
    ended = weak("sm2-sm3", "2026-04-30")
    yield desk.case("ses.maker_weak_algorithm", "策略规定 SM2 的末日已过 a policy that no longer takes SM2", policy=ended)
    other = octets(desk.people.signer.der)
    yield desk.case("ses.signer_not_listed", "签章者不在名单里 the signer is not on the list", seal={"listed": other})
    foreign = sequence(value(0x13, b"MD5"), octets(bytes(16)))
    yield desk.case("ses.signers_not_comparable", "名单用的是 MD5 摘要 a list of MD5 digests", seal={"listed": foreign, "kind": 2})


def seals(desk):
    """The seal itself."""
    picture = ("png", PICTURE, 42, 42)
    pressing = desk.press()._replace(seal=sequence(octets(b"none")))
    yield Case("ses.seal_malformed", "电子印章数据残缺 the seal inside is malformed", desk.file(pressing), **NATIONAL)
    yield desk.case("ses.maker_signature_wrong", "制章者没有签过这枚印章 the maker signed something else", seal={"says": b"something else"})
    yield desk.case("ses.picture_missing", "没有印模图像 no picture", seal={"picture": ("png", b"", 42, 42)})
    yield desk.case("ses.picture_kind", "PNG 图像自称 GIF a PNG said to be a GIF", seal={"picture": ("gif", *picture[1:])})
    yield desk.case("ses.picture_differs", "画的是另一枚印章 another seal is drawn", seal={"picture": ("png", OTHER, 42, 42)})
    yield desk.case("ses.picture_scaled", "印章画大了 drawn larger than it was made", seal={"picture": ("png", PICTURE, 30, 30)})
    yield desk.case("ses.picture_not_shown", "签名域不可见 an invisible field", page={"area": b"[0 0 0 0]"})
    vector = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 42 42"><circle cx="21" cy="21" r="20"/></svg>'
    yield desk.case("ses.picture_not_compared", "印模是 SVG a picture in SVG", seal={"picture": ("svg", vector, 42, 42)})
    yield desk.case("ses.picture_size", "印模宽 420 毫米 a picture 420 mm wide", seal={"picture": ("png", PICTURE, 420, 42)})


def makers(desk):
    """The maker's chain."""
    people = desk.people
    elsewhere = desk.certified("样例外来制章者 Other Maker", by=people.stranger)
    yield desk.case("ses.maker_no_path", "制章者追溯不到信任锚 the maker leads to no anchor", seal={"maker": elsewhere})
    server = desk.certified("样例加密证书 Enciphering", usage=bytes.fromhex("03020520"))
    yield desk.case("ses.maker_wrong_use", "制章者的证书用于加密 the maker's certificate is for enciphering", seal={"maker": server})
    lost = desk.certified("样例失窃制章者 Lost Maker")
    yield desk.case(
        "ses.maker_distrusted", "制章者在不信任名单上 the maker is distrusted", seal={"maker": lost}, distrusted=(people.trust("lost-maker", lost),)
    )
    early = people.list("maker-lost", people.national, lost, "2026-01-15 00:00")
    late = people.list("maker-lost-later", people.national, lost)
    yield desk.case("ses.maker_revoked", "制章之前制章者已被吊销 the maker was revoked before it made the seal", seal={"maker": lost}, lists=(early,))
    yield desk.case(
        "ses.maker_revoked_later", "制章之后制章者被吊销 the maker was revoked after it made the seal", seal={"maker": lost}, lists=(late,)
    )
    yield desk.case("ses.maker_revocation_unknown", "没有吊销列表 no revocation list", lists=())
    short = desk.certified("样例短期制章者 Short-lived Maker", end=moment("2026-05-01 00:00"))
    yield desk.case("ses.maker_expired", "制章者的证书后来过期 the maker expired since", seal={"maker": short})
    yield desk.case(
        "ses.made_outside_validity",
        "制章时制章者证书尚未生效 made before the maker's certificate began",
        seal={"created": moment("2025-12-01 10:00")},
    )


def times(desk):
    """Periods, and when it was pressed."""
    short = {"stop": moment("2026-05-01 00:00")}
    yield desk.case("ses.period_over", "印章有效期已满 the seal's period is over", seal=short)
    yield desk.case("ses.pressed_outside_period", "盖章时印章有效期已满 pressed after the seal's period", seal={"stop": moment("2026-02-20 00:00")})
    yield desk.case("ses.period_not_begun", "在印章生效之前核验 judged before the seal's period", at="2026-01-20 12:00")
    late = desk.certified("样例晚到签章者 Late Signer", begin=moment("2026-04-01 00:00"))
    yield desk.case("ses.pressed_outside_certificate", "盖章时签章者证书尚未生效 pressed before the signer's certificate began", press={"who": late})
    yield desk.case("ses.pressed_before_made", "盖章早于制章 pressed before it was made", seal={"created": moment("2026-03-02 10:00")})
    yield desk.case("ses.pressed_in_future", "盖章晚于核验 pressed later than now", press={"when": moment("2027-03-01 10:00")})
    yield desk.case("ses.time_unreadable", "盖章时间读不出来 the time of pressing cannot be read", press={"time": value(0x18, b"in spring")})
    yield desk.case("ses.time_differs", "签章与文件的时间不同 another time than the file's", press={"when": moment("2026-03-02 10:00")})


def stamps(desk):
    """Time-stamps that prove nothing of the whole."""
    stamper = desk.people.stamper
    in_place = bits(token(stamper, b"anything", SEALED))
    yield desk.case(
        "ses.time_stamp", "v1 以时间戳代替时间 a time-stamp in the place of v1's time",
        seal={"version": 1}, press={"version": 1, "time": in_place}, hole=3500,
    )  # fmt: skip
    of_maker = value(0xA0, bits(token(stamper, b"anything", MADE)))
    yield desk.case(
        "ses.maker_time_stamp", "制章者的签名带有时间戳 a time-stamp over the maker's signature",
        seal={"version": 5, "token": of_maker}, press={"version": 5}, hole=3500,
    )  # fmt: skip


def attributes(desk):
    """A seal inside another signature, pressed by somebody whom that signature does not vouch for."""
    people = desk.people
    strange = desk.certified("样例外来签章者 Other Signer", by=people.stranger)
    yield desk.inside("ses.signer_no_path", "签章者追溯不到信任锚 the signer of the seal leads to no anchor", strange)
    enciphers = desk.certified("样例加密证书 Enciphering", usage=bytes.fromhex("03020520"))
    yield desk.inside("ses.signer_wrong_use", "签章者的证书用于加密 the signer's certificate is for enciphering", enciphers)
    short = desk.certified("样例短期签章者 Short-lived Signer", end=moment("2026-05-01 00:00"))
    yield desk.inside("ses.signer_out_of_date", "签章者的证书已过期 the signer's certificate has expired", short)
    lost = desk.certified("样例失窃签章者 Lost Signer")
    yield desk.inside(
        "ses.signer_revoked", "签章者已被吊销 the signer is revoked", lost, lists=("root.crl", people.list("presser-lost", people.national, lost))
    )
    yield desk.inside(
        "ses.signer_distrusted", "签章者在不信任名单上 the signer is distrusted", lost, distrusted=(people.trust("lost-presser", lost),)
    )
    yield desk.inside("ses.signer_revocation_unknown", "没有国密的吊销列表 no list of the seal's authority", lists=("root.crl",))
    yield desk.inside("ses.signer_weak_algorithm", "策略规定 SM2 的末日已过 a policy that no longer takes SM2", policy=weak("sm2-sm3", "2026-04-30"))
