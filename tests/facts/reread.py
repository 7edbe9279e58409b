"""Reads YAML on standard input with a YAML 1.1 reader (PyYAML) and a YAML 1.2 reader (ruamel.yaml).

Usage: reread.py < rendered.yaml

Prints one line a difference and exits with 1 if there is one; types count, so `true` isn't `1`.
"""

import sys

import yaml
from ruamel.yaml import YAML


def main():
    text = sys.stdin.buffer.read().decode("utf-8")
    old = list(yaml.safe_load_all(text))
    new = list(YAML(typ="safe", pure=True).load_all(text))
    lines = list(differences("", old, new))
    for line in lines:
        print(line)
    sys.exit(1 if lines or not old else 0)


def differences(path, old, new):
    if type(old) is not type(new):
        yield f"{path or '/'}: YAML 1.1 reads {old!r}, YAML 1.2 reads {new!r}"
    elif isinstance(old, dict):
        for key in [*old, *(key for key in new if key not in old)]:
            if key not in old or key not in new:
                yield f"{path}/{key}: only YAML {'1.1' if key in old else '1.2'} reads this key"
            else:
                yield from differences(f"{path}/{key}", old[key], new[key])
    elif isinstance(old, list):
        if len(old) != len(new):
            yield f"{path or '/'}: YAML 1.1 reads {len(old)} items, YAML 1.2 reads {len(new)}"
        for index, (one, other) in enumerate(zip(old, new)):
            yield from differences(f"{path}/{index}", one, other)
    elif old != new:
        yield f"{path}: YAML 1.1 reads {old!r}, YAML 1.2 reads {new!r}"


if __name__ == "__main__":
    main()
