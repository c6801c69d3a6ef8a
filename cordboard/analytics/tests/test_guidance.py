"""How well guidance is followed, as carol sees it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cordboard.guidance import actions
from cordboard.guidance.models import Alert
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction
from cordboard.routing.tests.centre import Centre


def alert(centre: Centre, rule: str, **fields: Any) -> Alert:
    row = interactions.open_interaction(channel="voice", now=timezone.now())
    Interaction.objects.filter(pk=row.pk).update(agent=centre.alice, closed_at=timezone.now())
    now = timezone.now()
    return Alert.objects.create(interaction=row, kind="suggestion", reason=rule, texts={}, rule=rule, policy="g", raised_at=now, shown_at=now, **fields)


@pytest.fixture
def carol(centre: Centre) -> Client:
    client = Client()
    role = centre.carol.roles.get()
    role.permissions = {**role.permissions, "analytics.view": "all"}
    role.save()
    client.force_login(centre.carol)
    return client


@pytest.mark.django_db
def test_the_tables_agree_and_take_the_same_queries_for_any_number(centre: Centre, carol: Client) -> None:
    assert "No guidance in these days" in carol.get("/figures/guidance/").content.decode()
    done = alert(centre, "Say the offer")
    actions.follow(centre.alice, done.pk)
    for _ in range(3):
        alert(centre, "Say the offer")
    html = carol.get("/figures/guidance/").content.decode()
    assert html.count("25%") == 3, "by rule, by queue and by agent"
    few = _queries(carol)
    for number in range(12):
        alert(centre, f"Rule {number}")
    assert _queries(carol) == few


def _queries(client: Client) -> int:
    with CaptureQueriesContext(connection) as seen:
        client.get("/figures/guidance/")
    return len(seen)


@pytest.mark.django_db
def test_who_may_not_see_figures_does_not_see_these(centre: Centre) -> None:
    client = Client()
    client.force_login(centre.dave)
    assert client.get("/figures/guidance/").status_code == 403


@pytest.mark.django_db
def test_other_days_are_other_figures(centre: Centre, carol: Client) -> None:
    old = alert(centre, "Long ago")
    Alert.objects.filter(pk=old.pk).update(raised_at=timezone.now() - timedelta(days=30))
    assert "Long ago" not in carol.get("/figures/guidance/").content.decode()
    day = (timezone.now() - timedelta(days=30)).date()
    assert "Long ago" in carol.get(f"/figures/guidance/?from={day - timedelta(days=1)}&to={day + timedelta(days=1)}").content.decode()
