"""Holds what docker-compose and podman-compose make of the service `web` against variables, arguments and labels that
are expected, to the byte.

Usage: read.py FOLDER < EXPECTED.json
"""

import json
import pathlib
import sys

from implementations import docker, podman


def main():
    folder = pathlib.Path(sys.argv[1])
    expected = json.load(sys.stdin)
    wrong = 0
    for read in [docker, lambda folder: podman(folder, {"web": "web:1"})]:
        name = "docker" if read is docker else "podman"
        found = read(folder)["web"]
        found["labels"] = {key: value for key, value in found["labels"].items() if key.startswith("shop/")}
        for part, values in expected.items():
            if found[part] != values:
                wrong += 1
                print(f"{name}: {part}: {found[part]!r} in place of {values!r}")
    sys.exit(wrong > 0)


main()
