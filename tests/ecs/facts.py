"""Compares a rendered folder with facts about the same application on Kubernetes, field by field.

Usage: facts.py FACTS.json FOLDER
"""

import json
import pathlib
import sys

# What comes from a store: (workload, variable).
SECRET = {("catalogue-db", "MYSQL_ROOT_PASSWORD")}
# The set of Docker, from which an app takes away all and keeps some.
RUNTIME = {
    "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE", "NET_RAW", "SETFCAP",
    "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
}


def mebibytes(text):
    return {"Mi": 1, "Gi": 1024}[text[-2:]] * int(text[:-2])


def of_facts(workload, container):
    security = container.get("securityContext") or {}
    resources = container.get("resources") or {}
    capabilities = security.get("capabilities") or {}
    dropped = {name.upper() for name in capabilities.get("drop") or []}
    kept = RUNTIME - dropped if "ALL" not in dropped else RUNTIME & set(capabilities.get("add") or [])
    probe = container.get("livenessProbe")
    env = {k: v for k, v in (container.get("env") or {}).items() if (workload, k) not in SECRET}
    return {
        "image": container["image"],
        "ports": sorted(port["containerPort"] for port in container.get("ports") or []),
        "environment": env,
        "secrets": sorted(name for app, name in SECRET if app == workload),
        "entryPoint": container.get("command"),
        "command": container.get("args"),
        "cpu": int(float(resources["requests"]["cpu"][:-1]) / 1000 * 1024) if resources else None,
        "memory": mebibytes(resources["limits"]["memory"]) if resources else None,
        "memoryReservation": mebibytes(resources["requests"]["memory"]) if resources else None,
        "user": str(security["runAsUser"]) if "runAsUser" in security else None,
        "readonlyRootFilesystem": security.get("readOnlyRootFilesystem"),
        "capabilities": sorted(kept),
        "mounts": sorted((m["name"], m["mountPath"]) for m in container.get("volumeMounts") or []),
        "asks": f"{probe['httpGet']['port']}{probe['httpGet']['path']}" if probe else None,
        "grace": min(300, probe["initialDelaySeconds"]) if probe else None,
    }


def of_task(container):
    health = container.get("healthCheck")
    drop = set(((container.get("linuxParameters") or {}).get("capabilities") or {}).get("drop") or [])
    return {
        "image": container["image"],
        "ports": sorted(port["containerPort"] for port in container.get("portMappings") or []),
        "environment": {pair["name"]: pair["value"] for pair in container.get("environment") or []},
        "secrets": sorted(secret["name"] for secret in container.get("secrets") or []),
        **{key: container.get(key) for key in ["entryPoint", "command", "cpu", "memory", "memoryReservation", "user"]},
        "readonlyRootFilesystem": container.get("readonlyRootFilesystem"),
        "capabilities": [] if "ALL" in drop else sorted(RUNTIME - drop),
        "mounts": sorted((m["sourceVolume"], m["containerPath"]) for m in container.get("mountPoints") or []),
        "asks": health["command"][-1].removeprefix("http://127.0.0.1:") if health else None,
        "grace": health["startPeriod"] if health else None,
    }


def main(facts, folder):
    workloads = json.load(open(facts))["platforms"]["k8s_complete_demo_HEAD"]["workloads"]
    wrong = []
    compare = lambda what, fact, found: fact == found or wrong.append(f"{what}: {fact!r} became {found!r}")
    units = {path.name: path for path in pathlib.Path(folder).iterdir() if path.is_dir()}
    compare("units", sorted(workloads), sorted(units))
    for name, workload in workloads.items():
        task = json.loads((units[name] / "task-definition.json").read_text())
        service = json.loads((units[name] / "service.json").read_text())
        compare(f"{name} instances", workload["replicas"], service["desiredCount"])
        volumes = [volume["name"] for volume in workload.get("volumes") or []]
        compare(f"{name} volumes", volumes, [volume["name"] for volume in task.get("volumes", [])])
        found = {container["name"]: container for container in task["containerDefinitions"]}
        compare(f"{name} containers", sorted(c["name"] for c in workload["containers"]), sorted(found))
        for container in workload["containers"]:
            fact, said = of_facts(name, container), of_task(found.get(container["name"], {"image": None}))
            for key in fact:
                compare(f"{name} {container['name']} {key}", fact[key], said[key])
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
