"""Writes an authority and certificates of servers into a folder: ca.pem, and NAME.pem with NAME.key."""

import datetime
import ipaddress
import pathlib
import sys

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

folder = pathlib.Path(sys.argv[1])
now = datetime.datetime.now(datetime.timezone.utc)
day = datetime.timedelta(days=1)
loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def builder(subject, key, begin, end, issuer="authority"):
    made = x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer))
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    return made.not_valid_before(begin).not_valid_after(end)


def write(path, certificate):
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


authority = ec.generate_private_key(ec.SECP256R1())
made = builder("authority", authority, now - 9 * day, now + 9 * day)
made = made.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
write(folder / "ca.pem", made.sign(authority, hashes.SHA256()))

for kind, host, begin, end in [
    ("good", loopback, now - day, now + day),
    ("expired", loopback, now - 3 * day, now - 2 * day),
    ("later", loopback, now + 2 * day, now + 3 * day),
    ("other", x509.DNSName("other.example"), now - day, now + day),
    ("itself", loopback, now - day, now + day),
]:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer, signer = ("itself", key) if kind == "itself" else ("authority", authority)
    made = builder(kind, key, begin, end, issuer)
    made = made.add_extension(x509.SubjectAlternativeName([host]), critical=False)
    write(folder / f"{kind}.pem", made.sign(signer, hashes.SHA256()))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / f"{kind}.key").write_bytes(private)
