"""A client written from openapi.yaml alone, with the standard library: issue, look up, verify, download once."""
import json
import urllib.error
import urllib.request


def call(base, method, path, key=None, body=None, kind="application/json", **headers):
    """Status, headers and body of one request; an error status is an answer like any other."""
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    if body is not None:
        headers["Content-Type"] = kind
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data=body, headers=headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as why:
        return why.code, why.headers, why.read()


def expect(name, got, wanted):
    if got != wanted:
        raise AssertionError(f"{name}: {got!r}, expected {wanted!r}")


def day(base, keys):
    """One day with the service; says what was asserted."""
    application = {
        "institution_name": "示例市朝晖养老服务中心", "uscc": "52990000000002110B", "person_in_charge": "吴𫖯",
        "address": "示例市示例区朝晖路 99 号", "registration_kind": "non_profit", "beds": 180, "floor_area": 9860.75,
        "service_scope": "生活照料", "filing_date": "2026-03-02",
    }
    body = {"type": "elder-care-filing-receipt", "application": application}
    status, headers, issued = call(base, "POST", "/v1/certificates", keys["issuer"], body, Idempotency_Key="client")
    expect("issue", status, 201)
    issued = json.loads(issued)
    expect("Location", headers["Location"], f"/v1/certificates/{issued['identifier']}")
    status, headers, again = call(base, "POST", "/v1/certificates", keys["issuer"], body, Idempotency_Key="client")
    expect("again", (status, headers["Idempotent-Replayed"]), (201, "true"))
    expect("again, the same", json.loads(again)["identifier"], issued["identifier"])
    body["application"]["beds"] = 0
    status, _, problem = call(base, "POST", "/v1/certificates", keys["issuer"], body, Idempotency_Key="other")
    expect("wrong field", (status, json.loads(problem)["errors"][0]["pointer"]), (422, "/beds"))
    asked = {
        "subject": {"document": "uscc", "number": application["uscc"], "name": application["institution_name"]},
        "certificate_type": "elder-care-filing-receipt", "item_code": "1", "case_number": "2", "operator": "窗口",
        "legal_basis": "示例条例", "purpose": "年检", "fields": ["institution_name"],
    }
    status, _, found = call(base, "POST", "/v1/lookups", keys["counter"], asked)
    expect("look-up", (status, json.loads(found)["exempt"]), (200, True))
    expect("look-up by the wrong role", call(base, "POST", "/v1/lookups", keys["issuer"], asked)[0], 403)
    place = f"/v1/certificates/{issued['identifier']}"
    status, _, offer = call(base, "POST", f"{place}/downloads", keys["issuer"], {"minutes": 5})
    expect("offer", status, 201)
    link = json.loads(offer)["link"]
    expect("a look at the link", call(base, "GET", link)[0], 200)
    status, headers, pdf = call(base, "POST", link)
    expect("download", (status, headers["Content-Type"], pdf[:5]), (200, "application/pdf", b"%PDF-"))
    expect("download again", call(base, "POST", link)[0], 410)
    status, _, verdict = call(base, "POST", "/v1/verifications", None, pdf, "application/pdf")
    expect("verify", (status, json.loads(verdict)["verdict"]), (200, "genuine_in_force"))
    wrong = bytearray(pdf)
    wrong[2000] ^= 1
    status, _, verdict = call(base, "POST", "/v1/verifications", None, bytes(wrong), "application/pdf")
    expect("verify, one bit changed", (status, json.loads(verdict)["verdict"]), (200, "not_trusted"))
    status, headers, page = call(base, "GET", "/v1/certificates?limit=2", keys["issuer"])
    expect("list", (status, len(json.loads(page)["items"])), (200, 2))
    following = f"</v1/certificates?after={json.loads(page)['next']}&limit=2>; rel=\"next\""
    expect("Link", headers["Link"], following)
    status, headers, _ = call(base, "PATCH", place)
    expect("405", (status, "GET" in (headers["Allow"] or "")), (405, True))
    return "issue, replay, refusal, look-up, one-time download, verdicts, cursor link, Allow"
