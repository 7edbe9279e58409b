"""Holds what a fixture renders against the facts of the retail store, field by field.

    retail.py FACTS PLATFORM FOLDER

FOLDER is what `render --out-dir` wrote. Prints one line for each difference and exits with 1 if there is one.
"""

import json
import re
import sys
from pathlib import Path

import yaml

facts = json.loads(Path(sys.argv[1]).read_text())
platform, folder = sys.argv[2], Path(sys.argv[3])
expected = facts["platforms"][platform]
differences = []


def same(where, found, wanted):
    if found != wanted:
        differences.append(f"{where}: expected {json.dumps(wanted)}, found {json.dumps(found)}")


def kubernetes():
    documents = [d for path in folder.glob("*/*.yaml") for d in yaml.safe_load_all(path.read_text())]
    objects = {(d["kind"], d["metadata"]["name"]): d for d in documents}
    workloads = {name for kind, name in objects if kind in ("Deployment", "StatefulSet")}
    same("workloads", sorted(workloads), sorted(expected["objects"]))
    for name, wanted in expected["objects"].items():
        workload = objects.get((wanted["kind"], name))
        if workload is None:
            differences.append(f"{wanted['kind']}/{name} is missing")
            continue
        pod = workload["spec"]["template"]["spec"]
        container = pod["containers"][0]
        same(f"{name} image", container["image"], wanted["image"])
        if "port" not in wanted:
            continue
        env = {}
        for source in container.get("envFrom", []):
            env |= objects[("ConfigMap", source["configMapRef"]["name"])]["data"]
        same(f"{name} env", env, wanted["env"] if name != "checkout" else checkout(wanted["env"]))
        variables = container.get("env", [])
        same(f"{name} secrets", sorted(v["name"] for v in variables), sorted(wanted["secretEnv"]))
        for variable in variables:
            same(f"{name} {variable['name']} is a reference", list(variable["valueFrom"]), ["secretKeyRef"])
        same(f"{name} resources", container["resources"], wanted["resources"])
        same(f"{name} readiness", container["readinessProbe"]["httpGet"]["path"], wanted["readiness"])
        root = container["securityContext"].get("readOnlyRootFilesystem", False)
        same(f"{name} read-only root", root, wanted["readOnlyRoot"])
        mounts = {m["mountPath"]: m["name"] for m in container["volumeMounts"]}
        volume = next(v for v in pod["volumes"] if v["name"] == mounts["/tmp"])
        same(f"{name} /tmp", volume["emptyDir"], {"medium": wanted["tmp"]})
        service = objects[("Service", name)]["spec"]["ports"][0]
        target = next(p for p in container["ports"] if p["name"] == service["targetPort"])
        same(f"{name} port", target["containerPort"], wanted["port"])
        same(f"{name} service port", service["port"], wanted["servicePort"])


def checkout(env):
    """Port 80 is what a URL means that names none."""
    return {key: re.sub(r":80$", "", value) for key, value in env.items()}


def ecs():
    apps = sorted(path.parent.name for path in folder.glob("*/task-definition.json"))
    same("services", apps, sorted(expected["services"]))
    for name, wanted in expected["services"].items():
        task = json.loads((folder / name / "task-definition.json").read_text())
        service = json.loads((folder / name / "service.json").read_text())
        same(f"{name} size", [task["cpu"], task["memory"]], [wanted["cpu"], wanted["memory"]])
        same(f"{name} network", task["networkMode"], "awsvpc")
        same(f"{name} containers", [c["name"] for c in task["containerDefinitions"]], [f"{name}-service"])
        container = task["containerDefinitions"][0]
        same(f"{name} cpu", container.get("cpu", 0), 0)
        same(f"{name} image", container["image"], wanted["image"])
        env = {e["name"]: e["value"] for e in container.get("environment", [])}
        own = {"RETAIL_CHECKOUT_PERSISTENCE_REDIS_URL"} if name == "checkout" else set()
        env = {key: value for key, value in env.items() if key not in own}
        same(f"{name} env", env, checkout(wanted["env"]) if name == "checkout" else wanted["env"])
        fields = {}
        for secret in container.get("secrets", []):
            parts = secret["valueFrom"].split(":")
            same(f"{name} {secret['name']} is an ARN of a secret", parts[:3], ["arn", "aws", "secretsmanager"])
            fields[secret["name"]] = parts[7]
        same(f"{name} secrets", fields, wanted["secrets"])
        same(f"{name} health", probe(container["healthCheck"]["command"]), ["curl", wanted["health"]])
        root = container.get("readonlyRootFilesystem", False)
        same(f"{name} read-only root", root, wanted["readOnlyRoot"])
        same(f"{name} port", [p["containerPort"] for p in container["portMappings"]], [wanted["port"]])
        connect = service["serviceConnectConfiguration"]["services"]
        aliases = [alias for entry in connect for alias in entry["clientAliases"]]
        same(f"{name} alias", aliases, [{"port": wanted["aliasPort"], "dnsName": name}])
        balancers = [(b["containerName"], b["containerPort"]) for b in service.get("loadBalancers", [])]
        same(f"{name} load balancer", balancers, [(f"{name}-service", 8080)] if wanted["alb"] else [])


def compose():
    made = yaml.safe_load((folder / "compose.yaml").read_text())["services"]
    override = yaml.safe_load((folder / "compose.secrets.yaml").read_text())["services"]
    same("services", sorted(made), sorted(expected["services"]))
    for name, wanted in expected["services"].items():
        service = made.get(name)
        if service is None:
            continue
        secret = {key: "${DB_PASSWORD}" for key in override.get(name, {}).get("environment", {})}
        env = {}
        for key, value in (wanted.get("env", {}) | expected["override"].get(name, {})).items():
            value = value.replace("${SEARCH_ENABLED:-false}", expected["interpolated"]["SEARCH_ENABLED"])
            # The dummy key of the local DynamoDB is a secret by its name.
            env[key] = "${DB_PASSWORD}" if key == "AWS_SECRET_ACCESS_KEY" else value
        same(f"{name} env", service.get("environment", {}) | secret, env)
        if "image" in wanted:
            same(f"{name} image", service["image"], wanted["image"])
        same(f"{name} ports", sorted(service.get("ports", [])), sorted(wanted.get("ports", [])))
        same(f"{name} hostname", service.get("hostname", name), wanted["hostname"])
        same(f"{name} restart", service["restart"], wanted["restart"])
        same(f"{name} depends_on", sorted(service.get("depends_on", {})), sorted(wanted.get("depends_on", [])))
        same(f"{name} read_only", service.get("read_only", False), wanted.get("read_only", False))
        limit = {None: None, "512m": 512 << 20}[wanted.get("mem_limit")]
        same(f"{name} memory", service.get("mem_limit"), limit)
        same(f"{name} capabilities", capabilities(service), capabilities(wanted))
        health(name, service.get("healthcheck"), wanted.get("healthcheck"))


def probe(command):
    """What a health check runs: curl and what it asks for, or the words themselves."""
    words = " ".join(command[1:])
    asked = re.search(r"\bcurl\b.*http://[^:/]+(:\d+\S*)", words)
    return ["curl", asked.group(1)] if asked else words.removeprefix("sh -c ").split()


def capabilities(service):
    upper = lambda key: sorted(c.upper() for c in service.get(key, []))
    return [upper("cap_add"), upper("cap_drop")]


def health(name, found, wanted):
    if wanted is None or f"{name}.healthcheck" in expected["instead"]:
        return
    found, wanted = dict(found or {}), dict(wanted)
    same(f"{name} healthcheck test", probe(found.pop("test", [])), probe(wanted.pop("test")))
    for key in wanted:
        same(f"{name} healthcheck {key}", found.get(key), wanted[key])


{"kubernetes": kubernetes, "ecs": ecs, "compose": compose}[platform]()
print("\n".join(differences))
sys.exit(1 if differences else 0)
