"""Makes `schemas.txt` beside it from the API models in the package botocore.

Usage: python schemas/ecs/regenerate.py [--print]

Runs in an environment that has the package in the version below, such as the one that the tests make from
tests/tools/requirements.txt. With `--print` the file goes to standard output and nothing is written. What
the lines mean stands in README.md. The same package makes the same bytes.
"""

import pathlib
import sys
from importlib import metadata

from botocore import loaders

PACKAGE = "botocore"
PACKAGE_VERSION = "1.44.8"
# The documents of the platform: kind, whether it is a list of inputs, service, operation.
DOCUMENTS = (
    ("task-definition", False, "ecs", "RegisterTaskDefinition"),
    ("service", False, "ecs", "CreateService"),
    ("run-task", False, "ecs", "RunTask"),
    ("scalable-target", False, "application-autoscaling", "RegisterScalableTarget"),
    ("scaling-policies", True, "application-autoscaling", "PutScalingPolicy"),
    ("schedule", False, "scheduler", "CreateSchedule"),
    ("secrets", True, "ssm", "PutParameter"),
)
SCALARS = {"string": "s", "integer": "i", "long": "l", "double": "n", "boolean": "b", "timestamp": "t"}
# How patterns of Java become those of the regex crate.
PATTERNS = {r"\uD800\uDC00-\uDBFF\uDFFF": r"\U00010000-\U0010FFFF", r"\p{Print}": "[[:print:]]", "0-9-_": r"0-9\-_",
            "a-zA-Z-_": r"a-zA-Z\-_"}
# What is said of a shape besides its type.
SAID = {"enum", "min", "max", "pattern", "union"}
# What says nothing about what is valid.
SILENT = {"type", "documentation", "sensitive", "box", "deprecated", "deprecatedMessage", "deprecatedSince"}


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
    loader = loaders.Loader()
    lines = {}
    for kind, is_list, service, operation in DOCUMENTS:
        model = loader.load_service_model(service, "service-2")
        shapes = Shapes(service, model["shapes"])
        root = model["operations"][operation]["input"]["shape"]
        for name, line in shapes.reachable(root).items():
            lines.setdefault(f"{service}.{name}", line)
        mark = f"=[{kind}]" if is_list else f"={kind}"
        lines[f"{service}.{root}"] = f"{mark} {lines[f'{service}.{root}']}"
    head = [
        f"# {PACKAGE} {PACKAGE_VERSION}",
        "# made by regenerate.py (Apache-2.0); README.md says how to read it",
    ]
    return "\n".join(head + [f"{name} {lines[name]}" for name in sorted(lines)]) + "\n"


class Shapes:
    """The shapes of one service."""

    def __init__(self, service, shapes):
        self.service = service
        self.shapes = shapes

    def reachable(self, root):
        """The lines of a shape and of all that it leads to, by name."""
        lines, ahead = {}, [root]
        while ahead:
            name = ahead.pop()
            if name in lines:
                continue
            shape = self.shapes[name]
            lines[name] = self.line(shape)
            ahead += [below for below in self.named(shape) if below not in lines]
        return lines

    def line(self, shape):
        said = {key for key in shape if key not in SILENT}
        if shape["type"] == "structure" and not shape.get("document"):
            assert said <= {"members", "required", "union"}, said
            required = shape.get("required", [])
            assert set(required) <= set(shape["members"])
            parts = [
                f"{'+' if name in required else ''}{name}:{self.type_of(member['shape'])}"
                for name, member in sorted(shape["members"].items())
            ]
            return " ".join((["|"] if shape.get("union") else []) + (parts or ["."]))
        return " ".join([f":{self.own_type(shape)}", *self.bounds(shape)])

    def bounds(self, shape):
        assert {key for key in shape if key not in SILENT} <= SAID | {"member", "key", "value", "members", "document"}
        if "enum" in shape:
            assert shape["type"] == "string" and not any(set(" |") & set(one) for one in shape["enum"])
            yield f"={'|'.join(sorted(shape['enum']))}"
        if "min" in shape or "max" in shape:
            yield f"#{shape.get('min', '')}..{shape.get('max', '')}"
        if "pattern" in shape:
            pattern = shape["pattern"]
            for java, other in PATTERNS.items():
                pattern = pattern.replace(java, other)
            assert " " not in pattern
            yield f"~{pattern}"

    def own_type(self, shape):
        """The type of a shape that isn't a structure."""
        kind = shape["type"]
        if kind == "list":
            return f"[{self.type_of(shape['member']['shape'])}]"
        if kind == "map":
            return f"{{{self.type_of(shape['value']['shape'])}}}"
        if kind == "structure":
            return "*"
        return SCALARS[kind]

    def type_of(self, name):
        """A type where it is used: written out, unless the shape has a line of its own."""
        return f".{name}" if self.has_line(name) else self.own_type(self.shapes[name])

    def has_line(self, name):
        shape = self.shapes[name]
        is_object = shape["type"] == "structure" and not shape.get("document")
        return is_object or bool(SAID & set(shape))

    def named(self, shape):
        """The shapes with lines of their own that a shape uses, through those without."""
        below = [member["shape"] for member in shape.get("members", {}).values()]
        below += [shape[key]["shape"] for key in ("member", "value") if key in shape]
        for name in [] if shape.get("document") else below:
            if self.has_line(name):
                yield name
            else:
                yield from self.named(self.shapes[name])


if __name__ == "__main__":
    main()
