"""Makes `schemas.txt` beside it from the schemas in the package kubernetes-validate.

Usage: python schemas/kubernetes/regenerate.py [--print]

Runs in an environment that has the package in the version below, such as the one that the tests make from
tests/tools/requirements.txt. With `--print` the file goes to standard output and nothing is written. What
the lines mean stands in README.md. The same package makes the same bytes.
"""

import json
import pathlib
import sys
from importlib import metadata, resources

PACKAGE = "kubernetes-validate"
PACKAGE_VERSION = "1.37.0"
# The supported minor versions and two before them.
MINORS = (33, 34, 35, 36, 37)
# What the names of definitions begin with, none of which is needed to tell them apart.
PREFIXES = (
    "io.k8s.api.",
    "io.k8s.apimachinery.pkg.apis.",
    "io.k8s.apimachinery.pkg.",
    "io.k8s.apiextensions-apiserver.pkg.apis.",
    "io.k8s.kube-aggregator.pkg.apis.",
)
SCALARS = {
    ("string", None): "s",
    ("string", "date-time"): "t",
    ("string", "byte"): "y",
    ("integer", None): "i",
    ("integer", "int32"): "i32",
    ("integer", "int64"): "i64",
    ("number", None): "n",
    ("number", "double"): "n",
    ("boolean", None): "b",
}
# `oneOf` of two types, as it is written for a Quantity and for an IntOrString.
UNIONS = {("string", "number"): "q", ("string", "integer"): "x"}
# Says nothing about what is valid.
SILENT = {"description", "format", "type", "properties", "required", "items", "additionalProperties", "$ref"}


def main():
    installed = metadata.version(PACKAGE)
    if installed != PACKAGE_VERSION:
        sys.exit(f"{PACKAGE} {installed} is installed; this file is made from {PACKAGE_VERSION}")
    text = table()
    if sys.argv[1:] == ["--print"]:
        sys.stdout.buffer.write(text.encode())
    else:
        pathlib.Path(__file__).with_name("schemas.txt").write_text(text, encoding="utf-8", newline="\n")


def table():
    lines = {}
    for minor in MINORS:
        for full_name, schema in definitions(minor).items():
            line = lines.setdefault(short(full_name), {})
            group = short(full_name).rsplit(".", 1)[0] + "."
            for part in definition(schema, group):
                line.setdefault(part, []).append(minor)
    head = [
        f"# Kubernetes {', '.join(f'1.{minor}' for minor in MINORS)}",
        f"# made by regenerate.py from {PACKAGE} {PACKAGE_VERSION} (Apache-2.0); README.md says how to read it",
    ]
    return "\n".join(head + [written(name, lines[name]) for name in sorted(lines)]) + "\n"


def definitions(minor):
    root = resources.files("kubernetes_validate").joinpath("kubernetes-json-schema")
    text = root.joinpath(f"v1.{minor}.0-local-strict", "_definitions.json").read_text(encoding="utf-8")
    found = json.loads(text)["$defs"]
    names = {short(name) for name in found}
    assert len(names) == len(found), "two definitions have one short name"
    return found


def short(name):
    prefix = next((prefix for prefix in PREFIXES if name.startswith(prefix)), "")
    return name[len(prefix):]


def written(name, parts):
    """A line: the name, the versions that have it, then each part with the versions that have that."""
    own = {minor for minors in parts.values() for minor in minors}
    fields = [name + versions(own, set(MINORS))]
    order = sorted(parts, key=lambda part: (part[0] != "=", part.lstrip("+").split(":")[0], part))
    return " ".join(fields + [part + versions(set(parts[part]), own) for part in order])


def versions(some, of):
    """The versions as a range, empty when they are all that there could be."""
    if some == of:
        return ""
    first, last = min(some), max(some)
    assert {minor for minor in of if first <= minor <= last} == some, "versions aren't a range"
    return f"@{first if first > min(of) else ''}-{last if last < max(of) else ''}"


def definition(schema, group):
    """What a definition of a group is made of: `=GROUP/VERSION,KIND`, then `:TYPE`, or `NAME:TYPE` for each
    property."""
    kinds = schema.get("x-kubernetes-group-version-kind", [])
    names = [("/".join(filter(None, (kind["group"], kind["version"]))), kind["kind"]) for kind in kinds]
    # What has several is a request, such as DeleteOptions, and no object.
    if len(names) == 1:
        yield f"={names[0][0]},{names[0][1]}"
    if "properties" not in schema:
        yield f":{type_of(schema, group)}"
        return
    assert schema.get("additionalProperties") is False
    assert scalar_type(schema) == ("object", True), schema
    required = schema.get("required", [])
    assert set(required) <= set(schema["properties"])
    for name, one in schema["properties"].items():
        if "enum" in one:
            # Follows from the kinds that it is.
            expected = {"apiVersion": {version for version, _ in names}, "kind": {kind for _, kind in names}}
            assert set(one["enum"]) == expected[name], one
        yield f"{'+' if name in required else ''}{name}:{type_of(one, group)}"
    if not schema["properties"]:
        yield "."


def type_of(schema, group):
    """A type; a definition of the same group is named without it."""
    said = {key for key in schema if key not in SILENT and not key.startswith("x-kubernetes-")}
    if "$ref" in schema:
        assert not said, said
        name = short(schema["$ref"].rsplit("/", 1)[1])
        return name[len(group) - 1:] if name.startswith(group) else name
    if "oneOf" in schema:
        kinds = [scalar_type(one) for one in schema["oneOf"]]
        assert all(nullable for _, nullable in kinds)
        return UNIONS[tuple(kind for kind, _ in kinds)]
    if "type" not in schema:
        assert not said, said
        return "*"
    assert said <= {"enum"}, said
    kind, nullable = scalar_type(schema)
    end = "" if nullable else "!"
    if kind == "array":
        return f"[{type_of(schema['items'], group)}]{end}"
    if kind == "object":
        values = schema.get("additionalProperties")
        assert "properties" not in schema and values is not False, schema
        return f"{{{type_of(values, group) if values else '*'}}}{end}"
    return SCALARS[kind, schema.get("format")] + end


def scalar_type(schema):
    kind = schema["type"]
    if isinstance(kind, str):
        return kind, False
    assert len(kind) == 2 and kind[1] == "null", kind
    return kind[0], True


if __name__ == "__main__":
    main()
