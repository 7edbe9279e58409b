"""Reads rendered documents on standard input and uses their typed Secrets as what they are for.

Usage: typed_secrets.py < rendered.yaml

Prints what each holds, one line a Secret, as docker, TLS and git clients would see it.
"""

import base64
import json
import ssl
import sys
import tempfile

import yaml


def main():
    for document in yaml.safe_load_all(sys.stdin.buffer.read().decode("utf-8")):
        if document["kind"] == "Secret" and document["type"] != "Opaque":
            data = {key: base64.b64decode(text, validate=True) for key, text in document["data"].items()}
            print(document["metadata"]["name"], document["type"], READERS[document["type"]](data))


def docker(data):
    auths = json.loads(data.pop(".dockerconfigjson"))["auths"]
    assert not data
    said = []
    for server, login in auths.items():
        user, _, password = base64.b64decode(login["auth"], validate=True).decode().partition(":")
        assert (user, password) == (login["username"], login["password"]), "auth says the same"
        said.append(f"{server} {user} {password}")
    return "; ".join(said)


def tls(data):
    with tempfile.NamedTemporaryFile() as certificate, tempfile.NamedTemporaryFile() as key:
        certificate.write(data.pop("tls.crt"))
        key.write(data.pop("tls.key"))
        assert not data
        certificate.flush()
        key.flush()
        # Fails when the key isn't the certificate's.
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate.name, key.name)
    return "a key that fits its certificate"


def basic(data):
    assert set(data) == {"username", "password"}
    return f"{data['username'].decode()} {data['password'].decode()}"


def ssh(data):
    lines = data.pop("ssh-privatekey").decode().splitlines()
    assert not data
    assert lines[0] == "-----BEGIN OPENSSH PRIVATE KEY-----" and lines[-1] == "-----END OPENSSH PRIVATE KEY-----"
    return base64.b64decode("".join(lines[1:-1]), validate=True)[:14].decode()


READERS = {
    "kubernetes.io/dockerconfigjson": docker,
    "kubernetes.io/tls": tls,
    "kubernetes.io/basic-auth": basic,
    "kubernetes.io/ssh-auth": ssh,
}

main()
