"""What docker-compose and podman-compose make of a rendered folder: variables, arguments and labels of the service `web`.

Usage: read.py FOLDER < EXPECTED.json

docker-compose prints the configuration that it would run, in which each `$` stands twice; podman-compose runs a
`podman` that only notes its arguments. Both have to agree with what is expected, to the byte.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import compose

# The package holds the program itself.
DOCKER_COMPOSE = str(pathlib.Path(compose.__file__).parent / "docker-compose")
# What a value must never become: these are set where the tools run.
SHELL = {"HOME": "/nowhere", "X": "from the shell", "PATH": "/usr/bin:/bin"}
PODMAN = """#!{python}
import json, sys
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
print("podman version 5.4.0" if "--version" in sys.argv else "[]")
"""


def files(folder):
    names = ["compose.yaml", "compose.secrets.yaml"]
    return [part for name in names if (folder / name).exists() for part in ["-f", str(folder / name)]]


def run(command, folder, **more):
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, **more)
    if done.returncode:
        sys.exit(f"{command[0]}: {done.stdout}\n{done.stderr}")
    return done.stdout


def single(value):
    if isinstance(value, str):
        return value.replace("$$", "$")
    if isinstance(value, list):
        return [single(item) for item in value]
    if isinstance(value, dict):
        return {key: single(item) for key, item in value.items()}
    return value


def docker(folder):
    command = [DOCKER_COMPOSE, *files(folder), "config", "--format", "json"]
    web = single(json.loads(run(command, folder, env=SHELL))["services"]["web"])
    labels = {key: value for key, value in web["labels"].items() if not key.startswith("sealwright.")}
    return {"environment": web["environment"], "command": web["command"], "labels": labels}


def podman(folder):
    with tempfile.TemporaryDirectory() as aside:
        log = pathlib.Path(aside) / "log"
        tool = pathlib.Path(aside) / "podman"
        tool.write_text(PODMAN.format(python=sys.executable, log=str(log)))
        tool.chmod(0o755)
        env = {**SHELL, "PATH": f"{aside}:{os.environ['PATH']}"}
        run([sys.executable, "-m", "podman_compose", *files(folder), "up", "-d", "--no-start"], folder, env=env)
        calls = [json.loads(line) for line in log.read_text().splitlines()]
    made = [call for call in calls if "create" in call and any(arg.startswith("--name=") for arg in call)]
    call = next(call for call in made if any(arg.endswith("_web_1") or arg.endswith("-web-1") for arg in call))
    pairs = lambda flag: dict(call[i + 1].split("=", 1) for i, arg in enumerate(call[:-1]) if arg == flag)
    own = {key: value for key, value in pairs("--label").items() if key.startswith("shop/")}
    return {"environment": pairs("-e"), "command": call[call.index("web:1") + 1 :], "labels": own}


def main():
    folder = pathlib.Path(sys.argv[1])
    expected = json.load(sys.stdin)
    wrong = 0
    for read in [docker, podman]:
        found = read(folder)
        for part, values in expected.items():
            if found[part] != values:
                wrong += 1
                print(f"{read.__name__}: {part}: {found[part]!r} in place of {values!r}")
    sys.exit(wrong > 0)


main()
