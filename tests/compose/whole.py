"""Holds every service that docker-compose and podman-compose see in a rendered folder against what stands there, read
as plain YAML, and variables of some services against values that are expected.

Usage: whole.py FOLDER [docker|podman] < {"SERVICE": {"VARIABLE": "VALUE"}}
"""

import json
import pathlib
import sys

import yaml

from implementations import docker, podman, single


def written(folder):
    services = yaml.safe_load((folder / "compose.yaml").read_text())["services"]
    override = folder / "compose.secrets.yaml"
    if override.exists():
        for name, service in yaml.safe_load(override.read_text())["services"].items():
            services[name].setdefault("environment", {}).update(service["environment"])
    parts = {"environment": {}, "entrypoint": [], "command": [], "labels": {}}
    return {
        name: {"image": service["image"], **{part: service.get(part, none) for part, none in parts.items()}}
        for name, service in single(services).items()
    }


def main():
    folder = pathlib.Path(sys.argv[1])
    expected = json.load(sys.stdin)
    of_file = written(folder)
    images = {name: service["image"] for name, service in of_file.items()}
    wrong = []
    readers = {"docker": docker, "podman": lambda folder: podman(folder, images)}
    for reader in sys.argv[2:] or readers:
        found = readers[reader](folder)
        if sorted(found) != sorted(of_file):
            wrong.append(f"{reader}: services: {sorted(found)} in place of {sorted(of_file)}")
        for name, service in of_file.items():
            for part, value in service.items():
                if found[name][part] != value:
                    wrong.append(f"{reader}: {name}: {part}: {found[name][part]!r} in place of {value!r}")
        for name, variables in expected.items():
            for variable, value in variables.items():
                if found[name]["environment"].get(variable) != value:
                    wrong.append(f"{reader}: {name}: {variable} has another value")
    print("\n".join(wrong))
    print(len(of_file), "services")
    sys.exit(bool(wrong))


main()
