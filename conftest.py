"""What whole centres and the test database begin with. Settings of the process come earlier: cordboard/lib/testing/plugin.py."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest

from cordboard.lib.testing import centre as centres
from cordboard.lib.testing import prepared
from cordboard.lib.testing.centre import Centre
from cordboard.lib.testing.mailbox import Mailbox, mailbox
from cordboard.lib.testing.postgres import Cluster
from tests.voice.hands import Hands

if TYPE_CHECKING:
    from tests.scene.people import Cast

# No test is about how quick a machine is: a busy one may take its time for an example.
hypothesis.settings.register_profile("unhurried", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
hypothesis.settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database is a copy of one that was migrated once in this run: migrations take longer than most files of tests."""
    from django.conf import settings
    from django.db import connections
    from django.test.utils import setup_databases

    connection = connections["default"]
    with django_db_blocker.unblock():
        if connection.vendor == "postgresql":
            name = f"test_{os.getpid()}"
            with connection._nodb_cursor() as cursor:
                cursor.execute(f"CREATE DATABASE {name} TEMPLATE {prepared.MIGRATED}")
        elif "PYTEST_XDIST_WORKER" in os.environ:
            name = str(settings.DATABASES["default"]["TEST"]["NAME"])
            shutil.copy(prepared.data() / "cordboard.sqlite3", name)
        else:  # alone, it is quicker to migrate here
            setup_databases(verbosity=0, interactive=False)
            name = str(connection.settings_dict["NAME"])
        connection.close()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
        _rows_of_migrations.extend(_rows())
    yield
    with django_db_blocker.unblock():
        connections.close_all()


_rows_of_migrations: list[dict[str, Any]] = []
"""What migrations put into tables, as the "python" serializer writes it: the built-in kinds of tickets, say."""


def _rows() -> list[dict[str, Any]]:
    """All rows but those that Django itself writes again after a flush."""
    from django.apps import apps
    from django.core import serializers

    kept = (model for model in apps.get_models() if model._meta.managed and model._meta.app_label not in ("contenttypes", "auth"))
    return [row for model in kept for row in serializers.serialize("python", model._base_manager.all())]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Generator[None]:
    """A test that commits empties every table when it ends, those that migrations filled too: the next test finds them as a new installation has them."""
    done = yield
    mark = item.get_closest_marker("django_db")
    if nextitem is not None and ("transactional_db" in getattr(item, "fixturenames", ()) or (mark is not None and mark.kwargs.get("transaction"))):
        from django.core import serializers
        from pytest_django.plugin import blocking_manager_key

        with item.config.stash[blocking_manager_key].unblock():
            for row in serializers.deserialize("python", _rows_of_migrations):
                row.save()
    return done


@pytest.fixture(scope="session")
def demo_post() -> Iterator[Mailbox]:
    """The mail server of the demo centre: what it sends to customers is received here."""
    with mailbox() as box:
        yield box


@pytest.fixture(scope="session")
def running_demo_centre(demo_post: Mailbox) -> Iterator[Centre]:
    server: Cluster | None = prepared.server(demo=True) if (on_server := os.environ.get("CORDBOARD_TEST_DATABASE") == "postgresql") else None
    source = prepared.source(on_server=on_server, demo=True)
    mail = {"smtp": demo_post.url, "mail_from": "Lamp & Ketel <service@lampketel.example>"}
    made = centres.make(cluster=server, source=source, arguments=("--demo",), **mail).start().up(180)
    yield made
    centres.discard(made)
    if server is not None:
        server.stop()


@pytest.fixture(scope="session")
def demo_hands(running_demo_centre: Centre) -> Iterator[Hands]:
    made = Hands(running_demo_centre)
    yield made
    made.close()


@pytest.fixture
def demo_centre(running_demo_centre: Centre, demo_hands: Hands) -> Centre:
    """A running centre with the demo data, shared by all tests of this process: what a test changes of customers, the next one finds. Nobody is in a call
    and nobody is at work, whatever a test before left standing."""
    demo_hands.do(ALL_GO_HOME)
    return running_demo_centre


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cast]:
    from tests.scene.people import Cast

    with pytest.importorskip("playwright.sync_api").sync_playwright() as play:
        made = Cast(play, tmp_path_factory.mktemp("voices"))
        yield made
        made.close()


@pytest.fixture
def cast(stage: Cast) -> Iterator[Cast]:
    """Lets people in at browsers; all leave at the end of the test."""
    yield stage
    stage.leave()


ALL_GO_HOME = """
import time
from cordboard.routing.models import AgentState
for part in Segment.objects.filter(state__in=("active", "held"), agent__isnull=False).select_related("agent"):
    routing.hang_up(part.agent, part.interaction_id)
until = time.monotonic() + 10
while (standing := list(Interaction.objects.exclude(state="ended").exclude(state="wrapup").values_list("pk", flat=True))) and time.monotonic() < until:
    time.sleep(0.1)
for interaction in standing:
    routing.customer_left(interaction, "customer")
for part in Segment.objects.filter(state="wrapup").select_related("agent"):
    routing.wrap_up(part.agent, part.interaction_id)
for at in AgentState.objects.exclude(state="offline").select_related("agent"):
    routing.sign_out(at.agent)
"""
