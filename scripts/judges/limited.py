"""Runs programs under limits and measures them: a line of JSON in, {"argv", "seconds", "mebibytes"}, a line out.

A process of its own, and a small one: Linux counts the memory of whoever forked as the child's own peak until the
program is loaded, and a Python with pikepdf in it is larger than what is measured here.
"""

import json
import os
import resource
import select
import subprocess
import sys
import tempfile
import time


def limits(job):
    # Room to overstep the bound and be measured; the machine itself is not put at risk.
    def set_limits():
        space = job["mebibytes"] * 8 << 20
        resource.setrlimit(resource.RLIMIT_AS, (space, space))
        resource.setrlimit(resource.RLIMIT_CPU, (int(job["seconds"] * 4) + 1,) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

    return set_limits


def run(job):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        begun = time.monotonic()
        child = subprocess.Popen(job["argv"], stdout=out, stderr=err, preexec_fn=limits(job))
        watched = os.pidfd_open(child.pid)
        poll = select.poll()
        poll.register(watched, select.POLLIN)
        ended = poll.poll(job["seconds"] * 4000)
        took = time.monotonic() - begun
        os.close(watched)
        if not ended:
            child.kill()
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = status
        out.seek(0)
        err.seek(0)
        return {
            "status": os.waitstatus_to_exitcode(status),
            "ended": bool(ended),
            "seconds": took,
            "processor": used.ru_utime + used.ru_stime,
            "mebibytes": used.ru_maxrss / 1024,
            "out": out.read(64 << 20).decode("utf-8", "replace"),
            "err": err.read(4000).decode("utf-8", "replace"),
        }


for line in sys.stdin:
    print(json.dumps(run(json.loads(line))), flush=True)
