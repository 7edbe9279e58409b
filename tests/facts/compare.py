"""Compares rendered Kubernetes YAML on standard input with facts, as sets of objects, field by field.

Usage: compare.py FACTS.json [PLATFORM] < rendered.yaml

Prints one line a difference and exits with 1 if there is one. What Kubernetes would fill in is filled in
on both sides; names of ports, order and extra ConfigMaps, Secrets and ServiceAccounts don't matter.
"""

import base64
import json
import sys

import yaml

# What must come from a Secret by secretKeyRef, by platform: (workload, variable).
SECRET = {
    "k8s_complete_demo_HEAD": [("catalogue-db", "MYSQL_ROOT_PASSWORD")],
    "k8s": [("db", "POSTGRES_PASSWORD")],
}

KINDS = {"Namespace", "Deployment", "Service", "ConfigMap", "Secret", "ServiceAccount"}
# Fields that are compared, or that can't change what runs. Any other one is a difference.
DEPLOYMENT = {"replicas", "selector", "template"}
POD = {
    "automountServiceAccountToken", "containers", "nodeSelector", "securityContext", "serviceAccountName", "volumes",
}
CONTAINER = {
    "args", "command", "env", "envFrom", "image", "livenessProbe", "name", "ports", "readinessProbe", "resources",
    "securityContext", "volumeMounts",
}
SERVICE = {"ports", "selector", "type"}
# What a container's security context inherits from its pod's.
INHERITED = {"runAsUser", "runAsGroup", "runAsNonRoot", "seccompProfile", "seLinuxOptions", "appArmorProfile"}
PROBE = {
    "initialDelaySeconds": 0, "periodSeconds": 10, "timeoutSeconds": 1, "successThreshold": 1, "failureThreshold": 3,
}


class Differences:
    """The lines to print, in the order in which they were found."""

    def __init__(self):
        self.lines = []

    def add(self, place, text):
        self.lines.append(f"{place}: {text}")

    def equal(self, place, expected, found):
        if expected != found:
            self.add(place, f"expected {show(expected)}, found {show(found)}")

    def known(self, place, found, known):
        for field in sorted(set(found) - known):
            self.add(place, f"unexpected field {field}: {show(found[field])}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        platforms = json.load(file)["platforms"]
    platform = sys.argv[2] if len(sys.argv) > 2 else "k8s_complete_demo_HEAD"
    facts = platforms[platform]
    documents = [document for document in yaml.safe_load_all(sys.stdin.buffer) if document is not None]
    differences = Differences()
    compare(facts, documents, SECRET[platform], differences)
    for line in differences.lines:
        print(line)
    sys.exit(1 if differences.lines else 0)


def compare(facts, documents, secrets, differences):
    objects = collect(documents, differences)
    namespaces = [other.removeprefix("Namespace/") for other in facts["other"]]
    namespace = namespaces[0] if namespaces else None
    differences.equal("Namespace", namespaces, sorted(objects["Namespace"]))
    for kind in KINDS - {"Namespace"}:
        for name, document in objects[kind].items():
            differences.equal(f"{kind}/{name} namespace", namespace, document["metadata"].get("namespace"))

    same_names("Deployment", facts["workloads"], objects, differences)
    for name, fact in facts["workloads"].items():
        if name in objects["Deployment"]:
            deployment(name, fact, objects, differences)

    same_names("Service", facts["services"], objects, differences)
    for name, fact in facts["services"].items():
        if name in objects["Service"]:
            workload = facts["workloads"][selector_of(fact)]
            service(name, fact, workload["containers"], objects, differences)

    for name, variable in secrets:
        variables = facts["workloads"][name]["containers"][0]["env"]
        value = variables.pop(variable)
        # A value that is a word of the description itself can't be looked for.
        is_public = any(value in text for text in strings(facts))
        secret(name, variable, None if is_public else value, objects, documents, differences)


def collect(documents, differences):
    """Kind to name to document."""
    objects = {kind: {} for kind in KINDS}
    for document in documents:
        kind, name = document["kind"], document["metadata"]["name"]
        if kind not in KINDS:
            differences.add(f"{kind}/{name}", "unexpected kind")
        elif name in objects[kind]:
            differences.add(f"{kind}/{name}", "stands there twice")
        else:
            objects[kind][name] = document
    return objects


def same_names(kind, expected, objects, differences):
    differences.equal(f"{kind} count", len(expected), len(objects[kind]))
    for name in sorted(set(expected) - set(objects[kind])):
        differences.add(f"{kind}/{name}", "missing")
    for name in sorted(set(objects[kind]) - set(expected)):
        differences.add(f"{kind}/{name}", "unexpected")


def deployment(name, fact, objects, differences):
    place = f"Deployment/{name}"
    spec = objects["Deployment"][name]["spec"]
    pod = spec["template"]["spec"]
    differences.known(place, spec, DEPLOYMENT)
    differences.known(f"{place} pod", pod, POD)
    differences.equal(f"{place} replicas", fact["replicas"], spec.get("replicas", 1))
    differences.equal(f"{place} selects", [name], selected(spec["selector"].get("matchLabels"), objects))
    differences.known(f"{place} selector", spec["selector"], {"matchLabels"})
    differences.equal(f"{place} nodeSelector", fact["nodeSelector"] or {}, pod.get("nodeSelector") or {})
    differences.equal(f"{place} volumes", by_name(fact["volumes"]), by_name(pod.get("volumes")))
    account = pod.get("serviceAccountName", "default")
    if account != "default" and account not in objects["ServiceAccount"]:
        differences.add(f"{place} serviceAccountName", f"no ServiceAccount {account}")

    expected, found = by_name(fact["containers"]), by_name(pod["containers"])
    # The name of the only container is nobody's business.
    if len(expected) == len(found) == 1:
        expected = dict(zip(found, expected.values()))
    differences.equal(f"{place} containers", sorted(expected), sorted(found))
    pod_security = dict(pod.get("securityContext") or {})
    inherited = {key: pod_security.pop(key) for key in INHERITED & set(pod_security)}
    differences.equal(f"{place} pod securityContext", {}, pod_security)
    for key in sorted(set(expected) & set(found)):
        container(f"{place} {key}", expected[key], found[key], inherited, objects, differences)


def container(place, fact, found, inherited, objects, differences):
    differences.known(place, found, CONTAINER)
    differences.equal(f"{place} image", fact["image"], found.get("image"))
    for field in ("command", "args"):
        differences.equal(f"{place} {field}", fact[field] or [], found.get(field) or [])
    differences.equal(f"{place} ports", ports(fact), ports(found))
    variables = environment(place, found, objects, differences)
    for name in sorted(set(fact["env"]) | set(variables)):
        differences.equal(f"{place} env {name}", fact["env"].get(name), variables.get(name))
    differences.equal(f"{place} resources", resources(fact), resources(found))
    differences.equal(f"{place} securityContext", security(fact), security(found, inherited))
    for field in ("livenessProbe", "readinessProbe"):
        expected, actual = probe(fact[field], fact), probe(found.get(field), found)
        differences.equal(f"{place} {field}", expected, actual)
    differences.equal(f"{place} volumeMounts", mounts(fact), mounts(found))


def environment(place, found, objects, differences):
    """What the process sees: `envFrom` first, then `env`; a value that can't be found is None."""
    variables = {}
    for source in found.get("envFrom") or []:
        prefix = source.get("prefix", "")
        for key, value in data(place, source, "Ref", objects, differences).items():
            variables[prefix + key] = value
    for entry in found.get("env") or []:
        name, source = entry["name"], entry.get("valueFrom")
        if source is None:
            variables[name] = entry.get("value", "")
        else:
            key = next(iter(source.values())).get("key")
            variables[name] = data(place, source, "KeyRef", objects, differences).get(key)
            if variables[name] is None:
                differences.add(f"{place} env {name}", f"nothing behind {show(source)}")
    return variables


def data(place, source, suffix, objects, differences):
    """The decoded data of the ConfigMap or Secret that `source` names."""
    for kind in ("ConfigMap", "Secret"):
        reference = source.get(kind[0].lower() + kind[1:] + suffix)
        if reference is None:
            continue
        document = objects[kind].get(reference["name"])
        if document is None:
            differences.add(place, f"no {kind} {reference['name']}")
            return {}
        plain = document.get("data") or {}
        if kind == "ConfigMap":
            return plain
        decoded = {key: base64.b64decode(value, validate=True).decode() for key, value in plain.items()}
        return decoded | (document.get("stringData") or {})
    differences.add(place, f"unexpected source {show(source)}")
    return {}


def service(name, fact, containers, objects, differences):
    place = f"Service/{name}"
    document = objects["Service"][name]
    spec = document["spec"]
    differences.known(place, spec, SERVICE)
    differences.equal(f"{place} type", fact["type"], spec.get("type", "ClusterIP"))
    annotations = document["metadata"].get("annotations") or {}
    differences.equal(f"{place} annotations", fact["annotations"] or {}, annotations)
    differences.equal(f"{place} selector", {"app.kubernetes.io/name": name}, spec.get("selector"))
    pods = selected(spec.get("selector"), objects)
    differences.equal(f"{place} selects", [selector_of(fact)], pods)

    names = [port.get("name") for port in spec["ports"]]
    if len(names) > 1 and (None in names or len(set(names)) != len(names)):
        differences.add(f"{place} ports", "more than one port, so each needs a name of its own")
    found = [container for pod in pods for container in pod_of(pod, objects)["containers"]]
    expected = service_ports(fact["ports"], containers)
    differences.equal(f"{place} ports", expected, service_ports(spec["ports"], found))


def secret(name, variable, value, objects, documents, differences):
    """The variable comes from a Secret, and its value stands nowhere but in the data of one."""
    place = f"Deployment/{name} env {variable}"
    for container in pod_of(name, objects)["containers"] if name in objects["Deployment"] else []:
        entries = [entry for entry in container.get("env") or [] if entry["name"] == variable]
        if len(entries) != 1 or "secretKeyRef" not in (entries[0].get("valueFrom") or {}):
            differences.add(place, "doesn't come from a Secret by secretKeyRef")
    if value is None:
        return
    encoded = base64.b64encode(value.encode()).decode()
    for document in documents:
        document = {k: v for k, v in document.items() if document["kind"] != "Secret" or k != "data"}
        if any(form in text for text in strings(document) for form in (value, encoded)):
            differences.add(f"{document['kind']}/{document['metadata']['name']}", f"holds the value of {variable}")


def selector_of(fact):
    """The workload that a Service of the facts selects: its pods carry its own name as their one label."""
    (name,) = fact["selector"].values()
    return name


def selected(labels, objects):
    """The Deployments whose pods a selector picks; an empty one picks none."""
    if not labels:
        return []
    return sorted(
        name
        for name, document in objects["Deployment"].items()
        if labels.items() <= (document["spec"]["template"]["metadata"].get("labels") or {}).items()
    )


def pod_of(name, objects):
    return objects["Deployment"][name]["spec"]["template"]["spec"]


def ports(container):
    return sorted((port["containerPort"], port.get("protocol", "TCP")) for port in container.get("ports") or [])


def service_ports(listed, containers):
    return sorted(
        (port["port"], port.get("protocol", "TCP"), number(port.get("targetPort", port["port"]), containers),
         port.get("nodePort", 0))
        for port in listed
    )


def number(port, containers):
    """A port by number or name, as a number; -1 for a name that no container has."""
    names = {p.get("name"): p["containerPort"] for c in containers for p in c.get("ports") or []}
    return port if isinstance(port, int) else names.get(port, -1)


def resources(container):
    listed = container.get("resources") or {}
    return {key: value for key, value in listed.items() if value}


def security(container, inherited=None):
    context = {**(inherited or {}), **(container.get("securityContext") or {})}
    capabilities = context.pop("capabilities", None) or {}
    return context | {key: sorted(value) for key, value in capabilities.items() if value}


def probe(found, container):
    if found is None:
        return None
    found = PROBE | found
    for check in ("httpGet", "tcpSocket"):
        if check in found:
            found[check] = {"scheme": "HTTP"} | found[check] if check == "httpGet" else dict(found[check])
            found[check]["port"] = number(found[check]["port"], [container])
    return found


def mounts(container):
    return {mount["mountPath"]: {"readOnly": False} | mount for mount in container.get("volumeMounts") or []}


def by_name(items):
    return {item["name"]: item for item in items or []}


def strings(node):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from strings(key)
            yield from strings(value)
    elif isinstance(node, list):
        for item in node:
            yield from strings(item)
    elif isinstance(node, str):
        yield node


def show(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)


if __name__ == "__main__":
    main()
