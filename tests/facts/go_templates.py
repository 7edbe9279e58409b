"""Runs templates of Go with Sprig's functions, as the External Secrets Operator does, by way of Helm.

Standard input is JSON: `templates` and `data`, each a mapping of texts. Prints JSON: what each template makes of the
data, in base64.
"""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile


def main():
    given = json.load(sys.stdin)
    names = list(given["templates"])
    with tempfile.TemporaryDirectory() as folder:
        chart = pathlib.Path(folder)
        (chart / "templates").mkdir()
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: chart\nversion: 0.1.0\n")
        (chart / "values.yaml").write_text(escaped(json.dumps({"data": given["data"]}, ensure_ascii=False)))
        defined = [
            "{{ define \"t%d\" }}%s{{ end }}" % (index, given["templates"][name]) for index, name in enumerate(names)
        ]
        (chart / "templates" / "_defined.tpl").write_text("\n".join(defined), newline="")
        made = ["t%d: {{ include \"t%d\" .Values.data | b64enc | quote }}" % (index, index) for index in range(len(names))]
        (chart / "templates" / "made.yaml").write_text("\n".join(made))
        helm = pathlib.Path(sys.prefix, "bin", "helm")
        run = subprocess.run([helm, "template", "name", folder], capture_output=True, text=True, check=False)
        if run.returncode != 0:
            sys.exit(run.stderr)
    lines = [line.split(": ", 1) for line in run.stdout.splitlines() if line.startswith("t")]
    found = {key: json.loads(value) for key, value in lines}
    for value in found.values():
        base64.b64decode(value, validate=True)
    print(json.dumps({name: found["t%d" % index] for index, name in enumerate(names)}))


def escaped(text):
    """YAML has no pairs of surrogates, and takes some characters for line breaks."""
    return "".join(c if " " <= c <= "~" else f"\\U{ord(c):08x}" for c in text)


if __name__ == "__main__":
    main()
