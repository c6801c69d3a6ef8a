"""`cordboard serve`: from its options to running roles."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from cordboard.lib import config as settings
from cordboard.lib.config import Config
from cordboard.serve.supervisor import CannotStart, Supervisor, open_port, prepare_folders

SIGN_INS = "sign-ins.txt"
"""In the data folder: what the demo wants people to know. Printed with the address."""


def serve(options: argparse.Namespace) -> int:
    """Prepare the database, start the roles, wait for the signal to stop. Returns the exit code."""
    begun = time.monotonic()
    os.umask(0o077)  # recordings, uploads, keys, the database: what any role writes is its owner's alone
    try:
        conf = _configured(options)
        prepare_folders(conf)
        if options.role in ("all", "web", "front"):
            open_port(conf).close()  # say it before the long work, not after
        supervisor = Supervisor(conf, options.role)
        if not supervisor.watched:
            raise CannotStart(f"There is nothing to start for --role {options.role}.")
        if options.role in ("all", "web", "django", "worker"):
            _prepare(demo=options.demo)
        return asyncio.run(supervisor.run(lambda: _welcome(conf, begun)))
    except CannotStart as problem:
        print(f"cordboard: {problem}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _configured(options: argparse.Namespace) -> Config:
    """The configuration with what the command line says, which also goes to the roles by their environment."""
    if options.demo:  # its customers read who writes to them
        os.environ.setdefault("CORDBOARD_MAIL_FROM", "Lamp & Ketel <noreply@localhost>")
    conf = settings.load()
    if options.host:
        conf = replace(conf, host=options.host)
    if options.port is not None:
        conf = replace(conf, port=options.port)
    if options.tls:
        conf = _with_tls(conf, options.tls)
    if options.demo and not conf.sip_tls_certificate:
        conf = _with_sip_tls(conf)
    os.environ.update(
        CORDBOARD_DATA=str(conf.data),
        CORDBOARD_RUN=str(conf.run),
        CORDBOARD_HOST=conf.host,
        CORDBOARD_PORT=str(conf.port),
        CORDBOARD_TLS_CERTIFICATE=conf.tls_certificate,
        CORDBOARD_TLS_KEY=conf.tls_key,
        CORDBOARD_SIP_TLS_CERTIFICATE=conf.sip_tls_certificate or conf.tls_certificate,
        CORDBOARD_SIP_TLS_KEY=conf.sip_tls_key or conf.tls_key,
    )
    settings.config.cache_clear()
    return conf


def _with_tls(conf: Config, given: list[str]) -> Config:
    if given == ["auto"]:
        from cordboard.serve.tls import own_certificate

        certificate, key = own_certificate(conf)
    elif len(given) == 2:
        certificate, key = Path(given[0]).absolute(), Path(given[1]).absolute()
        for path in (certificate, key):
            if not path.is_file():
                raise CannotStart(f"There is no file {path}.")
    else:
        raise CannotStart("--tls takes a certificate and a key, or the word auto.")
    return replace(conf, tls_certificate=str(certificate), tls_key=str(key))


def _with_sip_tls(conf: Config) -> Config:
    """A demo's telephones can use TLS from the start."""
    from cordboard.serve.tls import own_certificate

    certificate, key = own_certificate(conf)
    return replace(conf, sip_tls_certificate=str(certificate), sip_tls_key=str(key))


def _prepare(*, demo: bool) -> None:
    """In a process of its own, so that the supervisor stays free of Django."""
    done = subprocess.run([sys.executable, "-m", "cordboard.serve.prepare", "migrate", *(["demo"] if demo else [])], check=False)
    if done.returncode != 0:
        raise CannotStart("The database could not be prepared; see above.")


def _welcome(conf: Config, begun: float) -> None:
    lines = [f"Cordboard is up after {time.monotonic() - begun:.1f} s: {conf.url}"]
    with contextlib.suppress(FileNotFoundError):
        lines += (conf.data / SIGN_INS).read_text().splitlines()
    lines.append("Ctrl-C stops it.")
    print("\n" + "\n".join(f"  {line}" for line in lines) + "\n", flush=True)
