"""What docker-compose and podman-compose make of a rendered folder, service by service: its image, variables, command,
entrypoint and labels, as a container would get them.

docker-compose prints the configuration that it would run, in which each `$` stands twice; podman-compose runs a
`podman` that only notes its arguments.
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
SHELL = {"HOME": "/nowhere", "X": "from the shell", "db": "from the shell", "PATH": "/usr/bin:/bin"}
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
        return {single(key): single(item) for key, item in value.items()}
    return value


def docker(folder):
    """All services as docker-compose takes them."""
    command = [DOCKER_COMPOSE, *files(folder), "--profile", "*", "config", "--format", "json"]
    project = single(json.loads(run(command, folder, env=SHELL)))
    return {
        name: {
            "image": service["image"],
            "environment": service.get("environment") or {},
            "entrypoint": service.get("entrypoint") or [],
            "command": service.get("command") or [],
            "labels": service.get("labels") or {},
        }
        for name, service in project["services"].items()
    }


def podman(folder, images):
    """The services with these images as podman-compose has them made."""
    with tempfile.TemporaryDirectory() as aside:
        log = pathlib.Path(aside) / "log"
        tool = pathlib.Path(aside) / "podman"
        tool.write_text(PODMAN.format(python=sys.executable, log=str(log)))
        tool.chmod(0o755)
        env = {**SHELL, "PATH": f"{aside}:{os.environ['PATH']}"}
        up = [sys.executable, "-m", "podman_compose", *files(folder), "--profile", "*", "up", "-d", "--no-start"]
        run(up, folder, env=env)
        calls = [json.loads(line) for line in log.read_text().splitlines()]
    return {name: made(calls, name, image) for name, image in images.items()}


def made(calls, name, image):
    label = f"com.docker.compose.service={name}"
    call = next((call for call in calls if "create" in call and label in call), None)
    if call is None:
        sys.exit(f"podman-compose makes no container of {name}")
    pairs = lambda flag: dict(call[i + 1].split("=", 1) for i, arg in enumerate(call[:-1]) if arg == flag)
    entrypoint = call[call.index("--entrypoint") + 1] if "--entrypoint" in call else "[]"
    own = lambda key: not key.startswith(("io.podman.", "com.docker.", "PODMAN_"))
    return {
        "image": image,
        "environment": pairs("-e"),
        "entrypoint": json.loads(entrypoint),
        "command": call[len(call) - call[::-1].index(image) :],
        "labels": {key: value for key, value in pairs("--label").items() if own(key)},
    }
