"""What kubernetes-validate says of documents: one line of standard output for each line of standard input.

A line of input is JSON: `{"version": "1.37", "document": {…}}`. A line of output is `valid`, `unknown` (there is no
schema for it) or `invalid PATH MESSAGE`.
"""

import functools
import json
import sys

import kubernetes_validate
from kubernetes_validate import utils


def main():
    # Each call would read the same files again.
    utils.schema_contents = functools.lru_cache(maxsize=None)(utils.schema_contents)
    for line in sys.stdin:
        case = json.loads(line)
        print(verdict(case["document"], case["version"]))


def verdict(document, version):
    if not all(isinstance(document.get(key), str) for key in ("apiVersion", "kind")):
        return "unknown"
    try:
        kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        path = "/".join(str(step) for step in error.absolute_path)
        return f"invalid /{path} {error.message}".replace("\n", " ")
    except kubernetes_validate.SchemaNotFoundError:
        return "unknown"
    return "valid"


if __name__ == "__main__":
    main()
