"""pyHanko's judgement of one file a line, each in a process of its own with a limit: JSON in, JSON out.

In: {"file", "seconds", "password"}. Out: {"answer": accept, reject, none, crash, slow; "why", "seconds", "mebibytes"}.
Accepted means: every signature and document time-stamp is intact and valid over a whole revision, and what follows is
allowed. Trust is not asked.
"""

import json
import logging
import os
import select
import sys
import time

from pyhanko.pdf_utils.crypt import SecurityHandler  # noqa: F401  loads the handlers
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

WHOLE = (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)


def judge(path, password):
    with open(path, "rb") as stream:
        reader = PdfFileReader(stream, strict=True)
        if reader.encrypted:
            reader.decrypt((password or "").encode())
        found = reader.embedded_signatures
        if not found:
            return "reject", "no signature"
        context = ValidationContext(trust_roots=[], allow_fetching=False)
        for one in found:
            if one.sig_object_type == "/DocTimeStamp":
                status = validate_pdf_timestamp(one, context)
                changed = status.modification_level
            else:
                status = validate_pdf_signature(one, context)
                changed = status.modification_level
                if status.docmdp_ok is False:
                    return "reject", f"{one.field_name}: DocMDP"
            if not (status.intact and status.valid):
                return "reject", f"{one.field_name}: broken"
            if status.coverage not in WHOLE:
                return "reject", f"{one.field_name}: covers {status.coverage.name}"
            if changed == ModificationLevel.OTHER:
                return "reject", f"{one.field_name}: changed"
        return "accept", ""


def guarded(path, password):
    try:
        return judge(path, password)
    except RecursionError as error:
        return "crash", f"{type(error).__name__}"
    except Exception as error:  # whatever pyHanko's own library says of a file is its answer: it could not judge it
        return "none", f"{type(error).__name__}: {str(error)[:200]}"


def forked(job):
    out, into = os.pipe()
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(out)
        answer, why = guarded(job["file"], job.get("password"))
        os.write(into, json.dumps([answer, why]).encode())
        os._exit(0)
    os.close(into)
    poll = select.poll()
    poll.register(out, select.POLLIN | select.POLLHUP)
    ended = poll.poll(job["seconds"] * 1000)
    raw = os.read(out, 65536) if ended else b""
    took = time.monotonic() - begun
    if not ended:
        os.kill(child, 9)
    os.close(out)
    _, _, used = os.wait4(child, 0)
    answer, why = json.loads(raw) if raw else ("slow" if not ended else "crash", "")
    return {"answer": answer, "why": why, "seconds": took, "mebibytes": used.ru_maxrss / 1024}


logging.disable(logging.CRITICAL)
for line in sys.stdin:
    print(json.dumps(forked(json.loads(line))), flush=True)
