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

import pytest

from cordboard.lib.testing import centre as centres
from cordboard.lib.testing import postgres
from cordboard.lib.testing.centre import Centre
from cordboard.lib.testing.postgres import Cluster


def _prepare() -> str:
    wanted = os.environ.get("CORDBOARD_TEST_DATABASE", "sqlite")
    if wanted not in ("sqlite", "postgresql"):
        raise pytest.UsageError("CORDBOARD_TEST_DATABASE is sqlite or postgresql")
    folder = Path(tempfile.mkdtemp(prefix="cb-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ["CORDBOARD_DATA"] = str(folder / "data")
    os.environ["CORDBOARD_RUN"] = str(folder / "run")
    os.environ["CORDBOARD_SECRET_KEY"] = "for tests only"
    os.environ["CORDBOARD_NODE"] = "test"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cordboard.settings")
    if "PYTEST_XDIST_WORKER" not in os.environ:  # workers have got the server of the process that started them
        os.environ.pop("CORDBOARD_DATABASE_URL", None)
        if wanted == "postgresql":
            os.environ["CORDBOARD_DATABASE_URL"] = postgres.start().url("cordboard")
    for part in ("data", "run"):
        (folder / part).mkdir()
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
    made = postgres.start()
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
def demo_centre(server: Cluster | None) -> Iterator[Centre]:
    """A running centre with the demo data, shared by all tests of this process: what a test changes, the next one finds."""
    made = centres.make(cluster=server, arguments=("--demo",)).start().up(180)
    yield made
    centres.discard(made)


@pytest.fixture(scope="session")
def shared_centre(server: Cluster | None, migrated_centre: Centre) -> Iterator[Centre]:
    """A running centre, migrated and empty, shared by all tests of this process: they add what they need and kill nothing."""
    made = centres.make(cluster=server, source=migrated_centre).start().up()
    yield made
    centres.discard(made)


@pytest.fixture
def centre(server: Cluster | None, migrated_centre: Centre) -> Iterator[Centre]:
    """A running centre of this test alone, migrated and empty; for tests that kill, stop or restart."""
    made = centres.make(cluster=server, source=migrated_centre).start().up()
    yield made
    centres.discard(made)


@pytest.fixture(scope="session")
def migrated_centre(server: Cluster | None) -> Iterator[Centre]:
    """A centre with its tables and nothing else, that does not run: to copy."""
    made = centres.make(cluster=server)
    made.cordboard("migrate", timeout=300)
    yield made
    centres.discard(made)


IN_REAL_TIME = {"demo_centre", "shared_centre", "migrated_centre"}


SOUND = ("cordboard/telephony/tests/test_driver_", "cordboard/telephony/tests/test_media_")
"""Media and switch processes with sound that must come in time: a processor that is taken away for a tenth of a second changes what is heard."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of a whole running centre (browsers, sound, a dozen processes on two cores that others use too) may be tried again, and the summary
    names each that was; every other test has one try."""
    again = pytest.mark.flaky(reruns=2, reruns_delay=2)
    for item in items:
        if IN_REAL_TIME.intersection(getattr(item, "fixturenames", ())) or item.nodeid.startswith(SOUND):
            item.add_marker(again)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the centre said lately, under a test that failed with one."""
    report = yield
    if report.failed:
        for name, value in getattr(item, "funcargs", {}).items():
            if isinstance(value, Centre) and (value.folder / "log").exists():
                report.sections.append((f"the log of {name}", "\n".join(value.log.splitlines()[-60:])))
    return report
