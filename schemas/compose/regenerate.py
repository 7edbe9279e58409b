"""Makes `schemas.txt` beside it from the schema of the Compose Specification in the package check-jsonschema.

Usage: python schemas/compose/regenerate.py [--print]

Runs in an environment that has the package in the version below, such as the one that the tests make from
tests/tools/requirements.txt. With `--print` the file goes to standard output and nothing is written. What
the lines mean stands in README.md. The same package makes the same bytes.
"""

import json
import pathlib
import re
import sys
from importlib import metadata

PACKAGE = "check-jsonschema"
PACKAGE_VERSION = "0.39.0"
FILE = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"
# The name of the whole file; no definition has it.
ROOT = "file"
SCALARS = {"string": "s", "integer": "i", "number": "n", "boolean": "b", "null": "z"}
# Says nothing about what is valid.
SILENT = {"description", "title", "default", "deprecated", "examples", "$schema", "$id", "$defs"}
OBJECT = {"type", "properties", "patternProperties", "additionalProperties", "unevaluatedProperties", "required",
          "allOf", "anyOf"}


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
    text = pathlib.Path(metadata.distribution(PACKAGE).locate_file(FILE)).read_text(encoding="utf-8")
    root = json.loads(text)
    assert ROOT not in root["$defs"]
    lines = Lines(root["$defs"])
    # What isn't a mapping would fit.
    for name, schema in {ROOT: {**root, "type": "object"}, **root["$defs"]}.items():
        lines.define(name, schema)
    head = [
        "# The Compose Specification",
        f"# made by regenerate.py from {PACKAGE} {PACKAGE_VERSION} (Apache-2.0); README.md says how to read it",
    ]
    return "\n".join(head + [f"{name} {line}" for name, line in sorted(lines.found.items())]) + "\n"


class Lines:
    def __init__(self, definitions):
        self.definitions = definitions
        self.found = {}

    def define(self, name, schema):
        """A line for a schema; what is nested in it gets lines of its own."""
        schema = {key: value for key, value in schema.items() if key not in SILENT}
        # All that is in `allOf` are mappings.
        if schema.get("type") == "object" or "allOf" in schema:
            line = self.mapping(name, schema)
        elif "enum" in schema:
            assert schema["type"] == "string" and set(schema) == {"type", "enum"}, schema
            assert not any("," in option for option in schema["enum"])
            line = "=" + ",".join(schema["enum"])
        elif "pattern" in schema:
            assert schema["type"] == "string" and set(schema) == {"type", "pattern"}, schema
            line = "~" + schema["pattern"]
        else:
            line = ":" + self.type_of(name, schema)
        self.found[name] = line

    def nested(self, name, schema):
        """The name of the line for a nested schema."""
        before = self.found.get(name)
        self.define(name, schema)
        assert before in (None, self.found[name]), name
        return name

    def type_of(self, name, schema):
        """A type as it stands behind a key; `name` is what a line for it would be called."""
        schema = {key: value for key, value in schema.items() if key not in SILENT}
        said = set(schema)
        if not said:
            return "*"
        if "$ref" in said:
            assert said == {"$ref"}, schema
            target = schema["$ref"].rsplit("/", 1)[1]
            assert target in self.definitions
            return target
        if "oneOf" in said:
            assert said == {"oneOf"}, schema
            kinds = [kind for one in schema["oneOf"] for kind in self.kinds(one)]
            # Then "exactly one" is "one", and what a value is says which.
            assert len(set(kinds)) == len(kinds), schema
            return "|".join(self.type_of(name, one) for one in schema["oneOf"])
        if "enum" in said or "pattern" in said:
            return self.nested(name + (".text" if name in self.definitions else ""), schema)
        kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        return "|".join(self.of_kind(name, schema, kind, len(kinds) == 1) for kind in kinds)

    def of_kind(self, name, schema, kind, is_only):
        if kind == "object":
            if is_only and set(schema) == {"type"}:
                return "{}"
            name += ".map" if name in self.definitions else ""
            return self.nested(name, {**{key: schema[key] for key in schema if key in OBJECT}, "type": "object"})
        if kind == "array":
            # What is said of mappings doesn't touch a list.
            assert is_only and set(schema) <= {"type", "items", "uniqueItems"} | OBJECT, schema
            item = self.type_of(f"{name}[]", schema["items"])
            return f"<{item}>" if schema.get("uniqueItems") else f"[{item}]"
        if kind == "integer" and "minimum" in schema:
            return f"i({schema['minimum']}..{schema.get('maximum', '')})"
        allowed = {"type"} if is_only else OBJECT | {"minimum", "maximum"}
        assert set(schema) <= allowed, schema
        return SCALARS[kind]

    def kinds(self, schema):
        """What values a schema takes, by their kind."""
        if "$ref" in schema:
            return self.kinds(self.definitions[schema["$ref"].rsplit("/", 1)[1]])
        if "oneOf" in schema:
            return [kind for one in schema["oneOf"] for kind in self.kinds(one)]
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        # An integer is a number.
        return ["number" if kind == "integer" else kind for kind in kinds]

    def mapping(self, name, schema):
        """The keys of a mapping: `/PATTERN/:TYPE` for those that match, `...` for any others, `?A,B` if one of
        them must be there, `&NAME` for the keys of another one."""
        assert set(schema) <= OBJECT, schema
        properties, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
        required = schema.get("required", [])
        is_open = True
        for key in ("additionalProperties", "unevaluatedProperties"):
            assert schema.get(key, False) is False, schema
            is_open &= key not in schema
        parts = []
        for part in schema.get("allOf", []):
            # With `unevaluatedProperties` it is one mapping with the keys of all.
            assert set(part) == {"$ref"} and "unevaluatedProperties" in schema
            target = part["$ref"].rsplit("/", 1)[1]
            assert not set(properties) & set(self.definitions[target]["properties"])
            parts.append("&" + target)
        if "anyOf" in schema:
            assert all(set(one) == {"required"} and len(one["required"]) == 1 for one in schema["anyOf"])
            parts.append("?" + ",".join(one["required"][0] for one in schema["anyOf"]))
        assert set(required) <= set(properties), schema
        for key in sorted(properties):
            assert not any(re.search(pattern, key) for pattern in patterns), key
            ty = self.type_of(f"{name}.{key}", properties[key])
            parts.append(f"{'+' if key in required else ''}{key}:{ty}")
        for pattern, value in sorted(patterns.items()):
            assert " " not in pattern and "/:" not in pattern
            parts.append(f"/{pattern}/:{self.type_of(f'{name}.*', value)}")
        return " ".join(parts + (["..."] if is_open else []))


if __name__ == "__main__":
    main()
