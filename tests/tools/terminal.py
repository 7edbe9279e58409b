"""Runs a command whose standard output is a terminal.

Usage: terminal.py COMMAND…

Prints what the terminal showed; the command's standard error and exit code are this script's own.
"""

import os
import pty
import subprocess
import sys


def main():
    ours, theirs = pty.openpty()
    child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, stdout=theirs)
    os.close(theirs)
    shown = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:  # the last one that held the terminal has closed it
            break
        if not chunk:
            break
        shown += chunk
    sys.stdout.buffer.write(shown.replace(b"\r\n", b"\n"))
    sys.stdout.flush()
    sys.exit(child.wait())


if __name__ == "__main__":
    main()
