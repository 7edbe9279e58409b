"""Compares a rendered compose.yaml and what overrides it with the facts, service by service and field by field.

Usage: facts.py FACTS.json < {"compose": TEXT, "secrets": TEXT}
"""

import json
import sys

import yaml


def of_facts(service):
    # What the file takes from the shell is a secret here.
    env = service.get("env") or {}
    secrets = {name for name, value in env.items() if value.startswith("${")}
    command = service.get("command")
    return {
        "image": service["image"],
        "ports": service.get("ports", []),
        "environment": {name: value for name, value in env.items() if name not in secrets},
        "secrets": sorted(secrets),
        "command": command.split() if isinstance(command, str) else command,
        "capabilities": (service.get("cap_drop"), service.get("cap_add")),
        "read_only": service.get("read_only", False),
        "memory": [path.split(":")[0] for path in service.get("tmpfs", [])],
        "host": [path.split(":")[0] for path in service.get("volumes", [])],
        "restart": service.get("restart", "no"),
        "hostname": service["hostname"],
    }


def of_rendered(service, override):
    volumes = service.get("volumes", [])
    return {
        "image": service["image"],
        "ports": service.get("ports", []),
        "environment": service.get("environment", {}),
        "secrets": sorted(override.get("environment", {})),
        "command": service.get("command"),
        "capabilities": (service.get("cap_drop"), service.get("cap_add")),
        "read_only": service.get("read_only", False),
        "memory": [volume["target"] for volume in volumes if volume["type"] == "tmpfs"],
        "host": [volume["source"] for volume in volumes if volume["type"] == "bind"],
        "restart": service["restart"],
        "hostname": service["hostname"],
    }


def main():
    facts = json.load(open(sys.argv[1]))["platforms"]["compose_HEAD"]["services"]
    given = json.load(sys.stdin)
    services = yaml.safe_load(given["compose"])["services"]
    overrides = yaml.safe_load(given["secrets"])["services"]
    wrong = [f"services: {sorted(services)} in place of {sorted(facts)}"] if set(services) != set(facts) else []
    for name in sorted(set(facts) & set(services)):
        expected, found = of_facts(facts[name]), of_rendered(services[name], overrides.get(name, {}))
        for key, value in expected.items():
            if found[key] != value:
                wrong.append(f"{name} {key}: {found[key]!r} in place of {value!r}")
    print("\n".join(wrong))
    sys.exit(bool(wrong))


main()
