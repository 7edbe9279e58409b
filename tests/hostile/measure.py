"""Runs a command with bounded memory and time and writes what it took: measure.py REPORT SECONDS COMMAND…

REPORT gets one line: the wall time in seconds, the peak of resident memory in KiB, whether it was stopped.
"""

import os
import resource
import signal
import sys
import time

report, limit, command = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
began = time.monotonic()
child = os.fork()
if child == 0:
    # A bound far above what is allowed, so that a bomb ends itself and not the machine.
    resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
    os.execv(command[0], command)
stopped = False


def stop(*_):
    global stopped
    stopped = True
    os.kill(child, signal.SIGKILL)


signal.signal(signal.SIGALRM, stop)
signal.alarm(limit)
_, status, usage = os.wait4(child, 0)
with open(report, "w") as file:
    print(f"{time.monotonic() - began:.3f} {usage.ru_maxrss} {int(stopped)}", file=file)
code = os.waitstatus_to_exitcode(status)
# A signal is more than any exit code.
sys.exit(code if code >= 0 else 128 - code)
