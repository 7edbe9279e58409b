"""The services that docker-compose finds in a rendered folder or, for `-`, in a rendered stream.

Usage: takes.py FOLDER|-
"""

import json
import subprocess
import sys

from implementations import DOCKER_COMPOSE


def main():
    where = sys.argv[1]
    files = ["-f", "-"] if where == "-" else ["-f", "compose.yaml", "-f", "compose.secrets.yaml"]
    command = [DOCKER_COMPOSE, *files, "--profile", "*", "config", "--format", "json"]
    folder = "." if where == "-" else where
    stream = sys.stdin.read()
    done = subprocess.run(command, cwd=folder, input=stream, capture_output=True, text=True, timeout=120)
    if done.returncode:
        sys.exit(done.stderr)
    services = json.loads(done.stdout)["services"]
    print(" ".join(sorted(services)))
    for name, service in sorted(services.items()):
        for variable in service.get("environment") or {}:
            print(name, variable)


main()
