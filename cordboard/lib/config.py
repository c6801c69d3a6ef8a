"""What an installation may set, read once from the environment. Every role reads this; none of it needs Django.

Every setting is an environment variable `CORDBOARD_<NAME>` in upper case.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from email.utils import parseaddr
from functools import cache
from pathlib import Path


def _env(name: str, default: str) -> str:
    return os.environ.get(f"CORDBOARD_{name}", default)


@dataclass(frozen=True, slots=True)
class Config:
    data: Path
    """Everything that must survive: database (when SQLite), recordings, prompts, keys."""
    run: Path
    """Unix sockets of the running roles. Short, since a socket's path may have 107 bytes at most."""
    database_url: str
    """"" for SQLite in the data folder, or postgresql://user:password@host:port/name."""
    host: str
    port: int
    django_processes: int
    media_processes: int
    sip_host: str
    """The address that the voice role binds and advertises, for SIP and for media (ICE included)."""
    sip_port: int
    media_port_low: int
    media_port_high: int
    node: str
    """The name of this machine among the centre's nodes."""
    debug: bool
    sip_trusted: tuple[str, ...] = ()
    """Networks (CIDR) of our trunks: believed about who calls, and not rate-limited."""
    sip_rate: float = 50.0
    """New SIP requests a second from any other address."""
    sip_calls: int = 100
    """Calls at a time from any other address."""
    sip_tls_port: int = 0
    """For SIP over TLS; 0 for the next one after `sip_port`."""
    sip_tls_certificate: str = ""
    """PEM file; with `sip_tls_key` telephones and trunks may use TLS."""
    sip_tls_key: str = ""
    sip_tls_authorities: str = ""
    """PEM file of those who vouch for the servers that we connect to; "" for the machine's own."""
    sip_allowed: tuple[str, ...] = ()
    """Networks (CIDR) from which calls are taken; empty for everywhere. Trunks and telephones of ours need not be in them."""
    sip_phones: tuple[str, ...] = ()
    """Networks (CIDR) from which telephones may register; empty for everywhere."""
    sip_digests: tuple[str, ...] = ("SHA-256", "MD5")
    """Algorithms by which telephones prove their secret, the preferred first."""
    sip_realm: str = "cordboard"
    """What telephones are asked their secret for. The digests kept of secrets hold for this name only."""
    sip_srtp: str = "offered"
    """Encrypted sound with telephones and trunks (SDES): "offered" (where both sides can), "required" or "off"."""
    sip_phones_hold: bool = False
    """Tell desk telephones when we have them on hold (sendonly)."""
    ice_servers: tuple[str, ...] = ()
    """STUN and TURN servers that browsers are told of (stun:192.0.2.1:3478, turn:192.0.2.1:3478?transport=tcp)."""
    turn_secret: str = field(default="", repr=False)
    """Shared with the TURN servers; short-lived credentials are made of it."""
    turn_user: str = ""
    """Fixed credentials instead, with `turn_password`."""
    turn_password: str = field(default="", repr=False)
    turn_seconds: int = 12 * 3600
    """How long a credential made of the secret holds: the longest call by TURN."""
    drain_seconds: float = 1800.0
    """How long calls may go on in a process of the voice role that is stopped politely."""
    tls_certificate: str = ""
    """PEM file; with `tls_key` the front speaks HTTPS."""
    tls_key: str = ""
    trusted_proxies: tuple[str, ...] = ()
    """Networks (CIDR) of load balancers of ours: believed about the visitor's address and whether it came by HTTPS."""
    public_url: str = ""
    """Where customers find the centre (https://service.example.com): what links in messages begin with. "" for `url`."""
    smtp: str = field(default="", repr=False)
    """The mail server that takes our mail: smtp://host:25, smtp+starttls://user:password@host:587 or smtps://user:password@host:465. "" for none."""
    mail_from: str = "Cordboard <noreply@localhost>"
    """Sender of mail that goes out: name and address."""
    attachment_types: tuple[str, ...] = ()
    """Media types of files that may be attached to tickets; empty for the usual ones (tickets/filetypes.py)."""
    attachment_mb: int = 20
    """How large one may be, in megabytes of 1024 x 1024 bytes."""

    @property
    def url(self) -> str:
        """Where browsers find the centre, as far as this machine knows."""
        host = {"0.0.0.0": "localhost", "::": "localhost"}.get(self.host, self.host)
        return f"{'https' if self.tls_certificate else 'http'}://{f'[{host}]' if ':' in host else host}:{self.port}/"

    @property
    def link(self) -> str:
        """What links in messages to customers begin with; ends in a slash."""
        return f"{self.public_url.rstrip('/')}/" if self.public_url else self.url

    @property
    def mail_domain(self) -> str:
        """The domain of our sender."""
        return parseaddr(self.mail_from)[1].rpartition("@")[2] or "localhost"

    @property
    def files(self) -> Path:
        return self.data / "files"

    @property
    def sqlite(self) -> Path:
        return self.data / "cordboard.sqlite3"

    # -- sockets: who listens where ------------------------------------------------
    @property
    def django_socket(self) -> Path:
        """gunicorn, HTTP; the front connects."""
        return self.run / "django.sock"

    @property
    def switch_socket(self) -> Path:
        """The switch, JSON lines; the front connects and passes softphone messages both ways."""
        return self.run / "switch.sock"

    def media_socket(self, number: int) -> Path:
        """Media process `number` (from 0), JSON lines; the switch connects."""
        return self.run / f"media-{number}.sock"

    @property
    def bells(self) -> Path:
        """One datagram socket per listening process (doorbell on SQLite)."""
        return self.run / "bells"


def load() -> Config:
    data = Path(_env("DATA", "data")).absolute()
    short = hashlib.sha256(str(data).encode()).hexdigest()[:10]
    run = Path(_env("RUN", str(Path(tempfile.gettempdir()) / f"cordboard-{short}")))
    return Config(
        data=data,
        run=run,
        database_url=_env("DATABASE_URL", ""),
        host=_env("HOST", "127.0.0.1"),
        port=int(_env("PORT", os.environ.get("PORT", "8000"))),
        django_processes=int(_env("DJANGO_PROCESSES", "2")),
        media_processes=int(_env("MEDIA_PROCESSES", "2")),
        sip_host=_env("SIP_HOST", "127.0.0.1"),
        sip_port=int(_env("SIP_PORT", "5060")),
        media_port_low=int(_env("MEDIA_PORT_LOW", "20000")),
        media_port_high=int(_env("MEDIA_PORT_HIGH", "29999")),
        node=_env("NODE", "node1"),
        debug=_env("DEBUG", "") == "1",
        sip_trusted=tuple(_env("SIP_TRUSTED", "").replace(",", " ").split()),
        sip_rate=float(_env("SIP_RATE", "50")),
        sip_calls=int(_env("SIP_CALLS", "100")),
        sip_tls_port=int(_env("SIP_TLS_PORT", "0")),
        sip_tls_certificate=_env("SIP_TLS_CERTIFICATE", _env("TLS_CERTIFICATE", "")),
        sip_tls_key=_env("SIP_TLS_KEY", _env("TLS_KEY", "")),
        sip_tls_authorities=_env("SIP_TLS_AUTHORITIES", ""),
        sip_allowed=tuple(_env("SIP_ALLOWED", "").replace(",", " ").split()),
        sip_phones=tuple(_env("SIP_PHONES", "").replace(",", " ").split()),
        sip_digests=tuple(_env("SIP_DIGESTS", "SHA-256,MD5").upper().replace(",", " ").split()),
        sip_realm=_env("SIP_REALM", "cordboard"),
        sip_srtp=_env("SIP_SRTP", "offered"),
        sip_phones_hold=_env("SIP_PHONES_HOLD", "") == "1",
        ice_servers=tuple(_env("ICE_SERVERS", "").replace(",", " ").split()),
        turn_secret=_env("TURN_SECRET", ""),
        turn_user=_env("TURN_USER", ""),
        turn_password=_env("TURN_PASSWORD", ""),
        turn_seconds=int(_env("TURN_SECONDS", str(12 * 3600))),
        drain_seconds=float(_env("DRAIN_SECONDS", "1800")),
        tls_certificate=_env("TLS_CERTIFICATE", ""),
        tls_key=_env("TLS_KEY", ""),
        trusted_proxies=tuple(_env("TRUSTED_PROXIES", "").replace(",", " ").split()),
        public_url=_env("PUBLIC_URL", ""),
        smtp=_env("SMTP", ""),
        mail_from=_env("MAIL_FROM", "Cordboard <noreply@localhost>"),
        attachment_types=tuple(_env("ATTACHMENT_TYPES", "").lower().replace(",", " ").split()),
        attachment_mb=int(_env("ATTACHMENT_MB", "20")),
    )


@cache
def config() -> Config:
    return load()


def secret_key(conf: Config | None = None) -> str:
    """The installation's signing key: from the environment, else made once and kept in the data folder, readable by its owner only."""
    if given := os.environ.get("CORDBOARD_SECRET_KEY"):
        return given
    conf = conf or config()
    path = conf.data / "keys" / "secret"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = secrets.token_urlsafe(48)
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:  # another role made it in the same moment
            return path.read_text().strip()
        with os.fdopen(handle, "w") as out:
            out.write(fresh)
        return fresh
