"""Validates every document of YAML on standard input against the strict schemas of a Kubernetes version.

Usage: validate.py [VERSION] < rendered.yaml

The absence of VERSION means the newest that kubernetes-validate knows. Prints one line a problem and exits
with 1 if there is one; a kind without a schema is a problem, and so is an empty stream.
"""

import sys

import kubernetes_validate
import yaml


def main():
    version = sys.argv[1] if len(sys.argv) > 1 else kubernetes_validate.latest_version()
    documents = [document for document in yaml.safe_load_all(sys.stdin.buffer) if document is not None]
    lines = [line for document in documents for line in problems(document, version)]
    for line in lines or ([] if documents else ["no documents"]):
        print(line)
    sys.exit(1 if lines or not documents else 0)


def problems(document, version):
    name = f"{document.get('kind')}/{(document.get('metadata') or {}).get('name')}"
    try:
        kubernetes_validate.validate(document, version, strict=True)
    except kubernetes_validate.ValidationError as error:
        path = "/".join(str(step) for step in error.absolute_path)
        yield f"{name}: {path}: {error.message}"
    except kubernetes_validate.SchemaNotFoundError as error:
        yield f"{name}: {error.message}"


if __name__ == "__main__":
    main()
