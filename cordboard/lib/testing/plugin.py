"""A pytest plugin that comes before everything else (`-p cordboard.lib.testing.plugin`): tests get a data folder and sockets of their own, and,
with CORDBOARD_TEST_DATABASE=postgresql, a PostgreSQL server to throw away. Without it they run on SQLite."""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest

from cordboard.lib.testing import centre as centres
from cordboard.lib.testing import order, prepared, reaper
from cordboard.lib.testing.centre import Centre
from cordboard.lib.testing.postgres import Cluster
from cordboard.lib.testing.prepared import Source


def _prepare() -> str:
    wanted = os.environ.get("CORDBOARD_TEST_DATABASE", "sqlite")
    if wanted not in ("sqlite", "postgresql"):
        raise pytest.UsageError("CORDBOARD_TEST_DATABASE is sqlite or postgresql")
    # A whole centre is a dozen processes: what one has compiled the next one finds, whatever the environment says about that.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    folder = Path(tempfile.mkdtemp(prefix="cb-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    reaper.watch_folder(folder)
    os.environ["CORDBOARD_DATA"] = str(folder / "data")
    os.environ["CORDBOARD_RUN"] = str(folder / "run")
    os.environ["CORDBOARD_SECRET_KEY"] = "for tests only"
    os.environ["CORDBOARD_NODE"] = "test"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cordboard.settings")
    for part in ("data", "run", "prepared"):
        (folder / part).mkdir()
    if "PYTEST_XDIST_WORKER" not in os.environ:  # workers have got these of the process that started them
        prepared.share(folder / "prepared")
        os.environ.pop("CORDBOARD_DATABASE_URL", None)
        if wanted == "postgresql":
            os.environ["CORDBOARD_DATABASE_URL"] = prepared.server().url("cordboard")
    return wanted


_database = _prepare()


def pytest_report_header() -> str:
    return f"cordboard: database {_database}"


@pytest.fixture(autouse=True)
def policies_anew() -> None:
    """Compiled policies are kept by row: a rolled back test leaves its numbers to the next one's rows."""
    if (published := sys.modules.get("cordboard.rules.published")) is not None:
        published.forget()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server of this process's own, whatever the suite's database is."""
    made = prepared.server()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Cluster | None:
    """The PostgreSQL server for whole centres, or None where the suite runs on SQLite."""
    if _database == "sqlite":
        return None
    made: Cluster = request.getfixturevalue("cluster")
    return made


@pytest.fixture(scope="session")
def migrated(server: Cluster | None) -> Source:
    """A centre with its tables and nothing else: to copy."""
    return prepared.source(on_server=server is not None)


@pytest.fixture(scope="session")
def shared_centre(server: Cluster | None, migrated: Source) -> Iterator[Centre]:
    """A running centre, migrated and empty, shared by all tests of this process: they add what they need and kill nothing."""
    made = centres.make(cluster=server, source=migrated).start().up()
    yield made
    centres.discard(made)


@pytest.fixture
def centre(server: Cluster | None, migrated: Source) -> Iterator[Centre]:
    """A running centre of this test alone, migrated and empty; for tests that kill, stop or restart."""
    made = centres.make(cluster=server, source=migrated).start().up()
    yield made
    centres.discard(made)


SOUND = ("tests/scene/", "tests/voice/", "cordboard/telephony/tests/test_driver_", "cordboard/telephony/tests/test_media_")
"""Sound that must come in time: a processor that is taken away for a tenth of a second changes what is heard."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Which tests come first, and which may be tried again.

    Files that go to one process whole (`order.py`) come first, the slow ones next, and the many quick ones fill up what the processes have left at the end.
    Tests in real time (browsers and sound, with a dozen processes on two cores that others use too) may be tried again, and the summary names each that was;
    every other test has one try.
    """
    again = pytest.mark.flaky(reruns=2, reruns_delay=2)
    for item in items:
        if "cast" in getattr(item, "fixturenames", ()) or item.nodeid.startswith(SOUND):
            item.add_marker(again)
    items.sort(key=lambda item: (order.rank(item.nodeid), item.get_closest_marker("slow") is None))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadgroup`: what goes together is said by `order.py`. (The marks of xdist 3.8 reach no scheduler under pytest 9.)"""
    return order.scheduler(config, log) if config.getvalue("dist") == "loadgroup" else None


RUNNING = ("shared_centre", "running_demo_centre")


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """A running centre takes a twentieth of a processor while nobody wants it: it goes with the last of its tests."""
    request: pytest.FixtureRequest | None = getattr(item, "_request", None)
    if not request or (nextitem is not None and order.group(nextitem.nodeid.partition("::")[0]) == order.group(item.nodeid.partition("::")[0])):
        return
    for name in RUNNING:
        if (fixture := request._fixture_defs.get(name)) is not None:
            fixture.finish(request)  # type: ignore[arg-type]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the centre said lately, under a test that failed with one."""
    report = yield
    if report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, Centre) and (value.folder / "log").exists():
                report.sections.append((f"the log of {name}", "\n".join(value.log.splitlines()[-60:])))
    return report
