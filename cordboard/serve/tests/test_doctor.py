"""What the doctor finds."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from cordboard.lib import sqlite
from cordboard.lib.config import load
from cordboard.lib.testing.centre import Centre
from cordboard.serve import doctor
from cordboard.serve.tls import own_certificate


def about(found, name: str):
    return next(one for one in found if one.about == name)


def test_a_running_centre_is_well(shared_centre: Centre) -> None:
    found = json.loads(shared_centre.cordboard("doctor", "--json").stdout)
    assert not [one for one in found if one["level"] == "bad"]
    assert {"database", "tables", "front", "django", "worker", "disk"} <= {one["about"] for one in found}


def test_dead_letters_and_failing_subscribers_are_shown(shared_centre: Centre) -> None:
    shared_centre.python("""
from django.db import transaction
from cordboard.events import log
from cordboard.events.models import DeadLetter, Subscriber
with transaction.atomic():
    event = log.record("org.access_changed", actor="system", user=1)
DeadLetter.objects.create(subscriber="test.index", event=event, tries=8, error="ValueError: never")
Subscriber.objects.create(name="test.hook", cursor="1:0", failures=3, last_error="Traceback\\nOSError: nobody there")
""")
    text = shared_centre.cordboard("doctor", check=False).stdout
    shared_centre.python("""
from cordboard.events.models import DeadLetter, Subscriber
DeadLetter.objects.all().delete()
Subscriber.objects.filter(name="test.hook").delete()
""")
    assert "1 events that test.index could not take" in text
    assert "test.hook fails: OSError: nobody there" in text


def test_an_old_library_a_network_disk_and_a_long_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    conf = replace(load(), data=tmp_path, run=tmp_path / ("x" * 120), database_url="")
    monkeypatch.setattr(sqlite, "version", lambda: (3, 51, 2))
    monkeypatch.setattr(sqlite, "file_system", lambda path: "nfs4")
    assert about(doctor._library(conf), "SQLite library").level == "bad"
    found = about(doctor._folders(conf), "data folder")
    assert found.level == "bad"
    assert "nfs4" in found.text
    assert about(doctor._sockets(conf), "run folder").level == "bad"


def test_the_file_system_of_a_folder_is_known(tmp_path: Path) -> None:
    assert sqlite.file_system(tmp_path / "not" / "there") == sqlite.file_system(tmp_path) != ""
    assert sqlite.file_system(Path("/proc/self")) == "proc"


def test_a_taken_port_is_found(tmp_path: Path) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        conf = replace(load(), run=tmp_path, port=taken.getsockname()[1])
        assert about(doctor._ports(conf), "port for browsers").level == "bad"


def test_our_own_certificate_is_made_once_and_again_before_it_runs_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import ssl

    from cordboard.serve import tls

    conf = replace(load(), data=tmp_path, host="192.0.2.7")
    certificate, key = own_certificate(conf)
    first = certificate.read_bytes()
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    assert key.stat().st_mode & 0o077 == 0
    own_certificate(conf)
    assert certificate.read_bytes() == first
    own_certificate(replace(conf, host="192.0.2.8"))
    second = certificate.read_bytes()
    assert second != first
    monkeypatch.setattr(tls, "DAYS", 1)
    tls._make(certificate, key, tls.names())
    monkeypatch.undo()
    own_certificate(conf)
    from cryptography import x509

    made = x509.load_pem_x509_certificate(certificate.read_bytes())
    assert made.not_valid_after_utc - made.not_valid_before_utc > timedelta(days=300)


def test_serving_with_our_own_certificate(server) -> None:
    import ssl
    import urllib.request

    from cordboard.lib.testing import centre as centres

    centre = centres.make(cluster=server, arguments=("--tls", "auto"))
    try:
        centre.start().up()
        context = ssl.create_default_context(cafile=str(centre.data / "keys" / "tls.pem"))
        with urllib.request.urlopen(f"https://localhost:{centre.port}/account/login/", context=context, timeout=20) as answer:
            assert answer.status == 200
            assert "Secure" in answer.headers["set-cookie"]
    finally:
        centres.discard(centre)
