"""How well scripts are followed, as carol sees it: by script, queue and agent, down to the contacts, and as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cordboard.guidance.models import ScriptRecord
from cordboard.interactions import actions as interactions
from cordboard.routing.tests.centre import Centre

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol(centre: Centre) -> Client:
    client = Client()
    role = centre.carol.roles.get()
    role.permissions = {**role.permissions, "analytics.view": "all", "interactions.view": "all"}
    role.save()
    client.force_login(centre.carol)
    return client


def record(centre: Centre, script: str = "move", **fields: Any) -> ScriptRecord:
    now = timezone.now()
    given = {"agent": centre.alice, "queue": centre.support, "ended": "done", "followed": True, "name": script.capitalize(), "given_by": "queue", **fields}
    return ScriptRecord.objects.create(interaction=interactions.open_interaction(channel="voice", now=now), script=script, begun_at=now, ended_at=now, **given)


def test_shares_by_script_queue_and_agent_and_the_contacts_behind_them(centre: Centre, carol: Client) -> None:
    assert "No scripts in these days" in carol.get("/figures/scripts/").content.decode()
    record(centre)
    record(centre, followed=False, skipped=2, ended="left", excuse="=Hung up")
    record(centre, followed=False, late=1, agent=centre.bob)
    record(centre, followed=False, ended="not_begun", agent=centre.bob)
    record(centre, script="noise", queue=None)
    page = carol.get("/figures/scripts/").content.decode()
    assert page.count("25%") == 2, "Move, and the queue"
    assert page.count("67%") == 1, "alice"
    assert page.count("0%</td>") >= 3, "bob's too"
    assert "No queue" in page
    few = carol.get(f"/figures/scripts/contacts/?agent={centre.bob.pk}").content.decode()
    assert (few.count("<tr>") - 1, "not begun" in few) == (2, True)
    assert "No scripts behind this figure" in carol.get("/figures/scripts/contacts/?script=none").content.decode()
    rows = list(csv.DictReader(io.StringIO(carol.get("/figures/scripts/export.csv?script=move").content.decode())))
    assert [row["how"] for row in rows] == ["done", "left", "done", "not_begun"]
    assert rows[1]["excuse"] == "'=Hung up", "no spreadsheet runs it"
    assert carol.get("/figures/scripts/export.csv?from=nonsense").status_code == 422


def test_as_many_queries_for_many(centre: Centre, carol: Client) -> None:
    counts = []
    for more in (1, 8):
        for number in range(more):
            record(centre, script=f"script-{more}-{number}")
        for path in ("/figures/scripts/", "/figures/scripts/contacts/"):
            carol.get(path)
            with CaptureQueriesContext(connection) as made:
                assert carol.get(path).status_code == 200
            counts.append(len(made))
    assert counts[:2] == counts[2:]


def test_who_may_not_see_figures_does_not_see_these(centre: Centre) -> None:
    client = Client()
    client.force_login(centre.dave)
    for path in ("/figures/scripts/", "/figures/scripts/contacts/", "/figures/scripts/export.csv"):
        assert client.get(path).status_code == 403
