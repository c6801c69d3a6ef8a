"""Backup and restore, by the commands that people use."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from cordboard.lib.testing import centre as centres
from cordboard.lib.testing.centre import Centre
from cordboard.lib.testing.postgres import Cluster
from cordboard.lib.testing.prepared import Source


@pytest.fixture
def pair(server: Cluster | None, migrated: Source) -> Iterator[tuple[Centre, Centre]]:
    """A centre with something in it, and an empty one, on the suite's database; neither runs."""
    full, empty = centres.make(cluster=server, source=migrated), centres.make(cluster=server)
    full.python("""
from django.db import connection, transaction
from cordboard.events import feed, log, subscribers
from cordboard.org import actions
for n in range(1500):  # transaction ids far ahead of a new server's
    with transaction.atomic():
        connection.cursor().execute("UPDATE org_unit SET name = name WHERE 1 = 0")
alice = actions.create_user(username="alice", name="Alice", email="alice@example.com", password="a long pass phrase")
seen = []
one = subscribers.Subscription("test.reader", frozenset(["org.settings_changed"]), lambda event: seen.append(event.body["fields"]), False)
runner = subscribers.Runner(one)
runner.step()
actions.change_own_settings(alice, {"theme": "dark"})
runner.step()
assert seen == [["theme"]], seen
actions.change_own_settings(alice, {"language": "nl"})
""")
    (full.data / "files" / "prompts").mkdir(parents=True)
    (full.data / "files" / "prompts" / "hello.wav").write_bytes(b"RIFF" * 1000)
    (full.data / "files" / "recordings").mkdir()
    (full.data / "files" / "recordings" / "1.wav").write_bytes(b"secret words")
    yield full, empty
    centres.discard(full)
    centres.discard(empty)


AFTER = """
from cordboard.events import feed, subscribers
from cordboard.org import actions
from cordboard.org.models import User
alice = User.objects.get()
assert alice.check_password("a long pass phrase")
seen = []
one = subscribers.Subscription("test.reader", frozenset(["org.settings_changed"]), lambda event: seen.append(event.body["fields"]), False)
runner = subscribers.Runner(one)
while runner.step():
    pass
actions.change_own_settings(alice, {"timezone": "Asia/Bangkok"})
runner.step()
print(seen)
try:
    feed.of_django().read_since(OLD)
    print("taken")
except feed.OtherEpoch:
    print("refused")
"""


def test_everything_comes_back_and_subscribers_go_on(pair: tuple[Centre, Centre], tmp_path: Path) -> None:
    full, empty = pair
    old = full.python("from cordboard.events import feed; print(feed.of_django().now_cursor())").strip()
    file = tmp_path / "centre.tar"
    full.cordboard("backup", str(file))
    assert file.stat().st_mode & 0o077 == 0
    empty.cordboard("restore", str(file))
    assert (empty.data / "files" / "prompts" / "hello.wav").read_bytes() == b"RIFF" * 1000
    assert (empty.data / "keys" / "secret").read_text() == (full.data / "keys" / "secret").read_text()
    assert empty.python(AFTER.replace("OLD", repr(old))).split("\n")[:2] == ["[['language'], ['timezone']]", "refused"]
    empty.cordboard("migrate")

    refused = empty.cordboard("restore", str(file), check=False)
    assert refused.returncode == 1
    assert "not empty" in refused.stderr
    empty.cordboard("restore", str(file), "--force")
    refused = full.cordboard("backup", str(file), check=False)
    assert "exists already" in refused.stderr


def test_a_damaged_backup_is_refused_and_nothing_is_touched(pair: tuple[Centre, Centre], tmp_path: Path) -> None:
    full, empty = pair
    file = tmp_path / "centre.tar"
    full.cordboard("backup", str(file), "--without-recordings")
    with tarfile.open(file) as tar:
        assert "files/recordings/1.wav" not in tar.getnames()
    data = file.read_bytes()
    place = data.index(b"RIFF" * 10)
    file.write_bytes(data[:place] + b"riff" + data[place + 4 :])
    refused = empty.cordboard("restore", str(file), check=False)
    assert "damaged" in refused.stderr
    assert not (empty.data / "cordboard.sqlite3").exists()
    file.write_bytes(data[: len(data) // 2])
    assert "no whole backup" in empty.cordboard("restore", str(file), check=False).stderr


def test_a_running_centre_is_backed_up_but_not_restored(centre: Centre, tmp_path: Path) -> None:
    file = tmp_path / "centre.tar"
    centre.cordboard("backup", str(file))
    refused = centre.cordboard("restore", str(file), "--force", check=False)
    assert refused.returncode == 1
    assert "in use" in refused.stderr
    assert centre.get("/account/login/")[0] == 200
