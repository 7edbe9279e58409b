"""Documents made at random from the schema of the Compose Specification, some then broken, with what jsonschema
says of each.

Usage: compose_oracle.py SEED COUNT BROKEN

Writes COUNT documents that fit and BROKEN that were changed in one place, a line each: `{"document": …, "change": …,
"valid": …, "why": …}`. The same seed makes the same lines. The schema is the original one in check-jsonschema.
"""

import copy
import json
import pathlib
import random
import sys
from importlib import metadata

import jsonschema

FILE = "check_jsonschema/builtin_schemas/vendor/compose-spec.json"
TEXTS = ["", "a", "x y", "80", "10s", "8080:80", "./data:/data", "é\n\"'#", "true", "no", "~", "1.10"]
ODD = [None, True, -1, 1.5, 70000, 2.0, "", "80", "x y", [], [None], {}, {"name": "x"}, ["a", "a"], [1, 1.0]]
# Texts that match each pattern of a string, and keys that match each pattern of a key.
MATCHING = {
    "^(always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+)$": ["never", "every_1h"],
    "[a-zA-Z0-9][a-zA-Z0-9_.-]+": ["shop", "shop.web-1"],
    "^x-": ["x-mine"],
    "^[a-zA-Z0-9._-]+$": ["web", "db_1", "a.b-c"],
    "^[a-z]+$": ["nofile", "nproc"],
    "^.+$": ["key", "an other"],
    ".+": ["KEY", "a=b", "9"],
}


def main():
    seed, count, broken = (int(argument) for argument in sys.argv[1:])
    schema = json.loads(pathlib.Path(metadata.distribution("check-jsonschema").locate_file(FILE)).read_text("utf-8"))
    # Without it a document that is no mapping would fit.
    schema["type"] = "object"
    validator = jsonschema.Draft202012Validator(schema)
    make = Make(schema, random.Random(seed))
    documents = [make.value(schema, 0) for _ in range(count)]
    for document in documents:
        say(validator, document, "nothing")
    for _ in range(broken):
        document = copy.deepcopy(make.random.choice(documents))
        change = make.broken(document)
        say(validator, document, change)


def say(validator, document, change):
    errors = sorted(validator.iter_errors(document), key=lambda error: list(map(str, error.absolute_path)))
    why = [f"/{'/'.join(map(str, error.absolute_path))} {error.message}" for error in errors[:1]]
    print(json.dumps({"document": document, "change": change, "valid": not errors, "why": "".join(why)[:300]}))


class Make:
    def __init__(self, root, source):
        self.root = root
        self.random = source

    def value(self, schema, depth):
        if "$ref" in schema:
            return self.value(self.root["$defs"][schema["$ref"].rsplit("/", 1)[1]], depth)
        for key in ("oneOf", "enum"):
            if key in schema:
                one = self.random.choice(schema[key])
                return self.value(one, depth) if key == "oneOf" else one
        kinds = schema.get("type", "object" if "properties" in schema else "string")
        kind = self.random.choice(kinds) if isinstance(kinds, list) else kinds
        return getattr(self, "a_" + kind)(schema, depth)

    def a_object(self, schema, depth):
        properties, patterns, required = {}, {}, list(schema.get("required", []))
        for part in [self.root["$defs"][part["$ref"].rsplit("/", 1)[1]] for part in schema.get("allOf", [])] + [schema]:
            properties.update(part.get("properties", {}))
            patterns.update(part.get("patternProperties", {}))
        if "anyOf" in schema:
            required += self.random.choice(schema["anyOf"])["required"]
        share = 0.6 if depth == 0 else 0.2
        made = {}
        for key, value in properties.items():
            if key in required or self.random.random() < share:
                made[key] = self.value(value, depth + 1)
        for pattern, value in patterns.items():
            for key in MATCHING[pattern]:
                if self.random.random() < (0.1 if pattern == "^x-" else 0.7):
                    made[key] = self.value(value, depth + 1)
        return made

    def a_array(self, schema, depth):
        items = [self.value(schema.get("items", {}), depth + 1) for _ in range(self.random.randrange(4))]
        if schema.get("uniqueItems"):
            items = list({json.dumps(item, sort_keys=True): item for item in items}.values())
        return items

    def a_string(self, schema, depth):
        return self.random.choice(MATCHING[schema["pattern"]] if "pattern" in schema else TEXTS)

    def a_integer(self, schema, depth):
        return self.random.randint(schema.get("minimum", -5), schema.get("maximum", 5000))

    def a_number(self, schema, depth):
        return self.random.choice([0, 3, 0.5, 1e3, -2])

    def a_boolean(self, schema, depth):
        return self.random.random() < 0.5

    def a_null(self, schema, depth):
        return None

    def broken(self, document):
        """Changes one thing in a document, and says what."""
        parent, key = self.random.choice(list(places(document, None, None)) or [(document, "services")])
        odd = copy.deepcopy(self.random.choice(ODD))
        what = self.random.randrange(8)
        if isinstance(parent, dict) and what < 2:
            parent.pop(key, None)
            return f"{key} removed"
        if isinstance(parent, dict) and what < 4:
            place = self.random.randrange(len(key) + 1)
            other = key[:place] + self.random.choice("xZ !") + key[place:]
            parent[other] = parent.pop(key, None)
            return f"{key} renamed to {other}"
        if isinstance(parent, dict) and what == 4:
            parent["unheardOf"] = odd
            return f"a key added beside {key}"
        if isinstance(parent, list) and what < 4:
            parent.append(copy.deepcopy(parent[key]))
            return "an item repeated"
        parent[key] = [parent[key]] if what == 5 and isinstance(parent, list) else odd
        return f"{key} replaced by {parent[key]!r}"


def places(value, parent, key):
    """Where anything stands in a value: its parent and its key there."""
    if parent is not None:
        yield parent, key
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in list(entries):
        yield from places(below, value, key)


if __name__ == "__main__":
    main()
