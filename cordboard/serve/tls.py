"""A certificate of our own making, for a trial in a local network: browsers give microphones and passkeys to HTTPS or localhost only.

Browsers will warn, since nobody vouches for it. For real use give `--tls CERT KEY`.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cordboard.lib.config import Config

DAYS = 397
"""The longest that browsers accept."""


def names() -> list[str]:
    """What this machine is called: localhost, its host name, its addresses."""
    found = ["localhost", "127.0.0.1", "::1", socket.gethostname()]
    try:
        found += [str(info[4][0]).partition("%")[0] for info in socket.getaddrinfo(socket.gethostname(), None)]
    except socket.gaierror:
        return found
    return list(dict.fromkeys(found))


def own_certificate(config: Config) -> tuple[Path, Path]:
    """Paths of certificate and key (PEM), made in the data folder when they are missing, nearly run out, or for other names."""
    folder = config.data / "keys"
    certificate, key = folder / "tls.pem", folder / "tls.key"
    wanted = list(dict.fromkeys([*names(), *([config.host] if config.host not in ("0.0.0.0", "::") else [])]))
    if not (certificate.exists() and key.exists() and _good(certificate, wanted)):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(certificate, key, wanted)
    return certificate, key


def _good(path: Path, wanted: list[str]) -> bool:
    from cryptography import x509

    found = x509.load_pem_x509_certificate(path.read_bytes())
    listed = found.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    there = {str(one.value) for one in listed}
    return found.not_valid_after_utc > datetime.now(UTC) + timedelta(days=14) and set(wanted) <= there


def _make(certificate: Path, key: Path, wanted: list[str]) -> None:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Cordboard, own certificate")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=DAYS))
        .add_extension(x509.SubjectAlternativeName([_name(one) for one in wanted]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    handle = os.open(key, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(pem)
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))


def _name(text: str):  # type: ignore[no-untyped-def]
    from cryptography import x509

    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
