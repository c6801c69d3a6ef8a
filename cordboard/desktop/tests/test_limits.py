"""Limits of calls out in the settings: each change is a version of the policy, in force at once or after a review."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_settings import last, shown
from cordboard.interactions.models import Interaction
from cordboard.org.models import Role, Unit, User
from cordboard.org.tests.people import person
from cordboard.routing import dialling
from cordboard.routing.models import Outgoing
from cordboard.routing.tests.centre import Centre
from cordboard.rules.models import Policy
from cordboard.telephony.numbers import Why

LIST = "/settings/limits/"
CENTRE = "/settings/limits/0/"


@pytest.fixture
def policy(centre: Centre) -> Policy:
    body = {"schema": 1, "mode": "all", "rules": [], "parameters": {"numbers": {"allowed": ["+31", "+44"], "refused": ["+31900"]}, "callback": {"tries": 3}}}
    return Policy.objects.create(area="dialling", code="dialling", name="Calling out", version=1, state="published", body=body)


@pytest.fixture
def boss(centre: Centre) -> Client:
    return signed_in(person("boss", {"rules.edit": "all", "rules.publish": "all", "rules.publish_alone": "all"}, unit=centre.unit))


def role_path(code: str) -> str:
    return f"/settings/limits/{2 * Role.objects.get(code=code).pk + 2}/"


def called(user: User, minutes: float) -> None:
    """Today, over and done."""
    ended = timezone.now()
    began = max(ended - timedelta(minutes=minutes), dialling.midnight(user, ended))
    call = Interaction.objects.create(
        channel="voice", direction="outbound", state="ended", agent=user, started_at=began, ended_at=began + timedelta(minutes=minutes)
    )
    Outgoing.objects.create(interaction=call, number="+31205550123", answered_at=began)


@pytest.mark.django_db
def test_the_minutes_of_a_role_are_set_and_hold_at_once(centre: Centre, policy: Policy, boss: Client) -> None:
    called(centre.alice, 31)
    assert dialling.verdict_for(centre.alice, "+31205550123").allowed
    path = role_path("agent")
    assert boss.post(path, shown(boss, path) | {"minutes": "30"}).status_code == 302
    said = dialling.verdict_for(centre.alice, "+31205550123")
    assert (said.why, said.by) == (Why.SPENT, "role")
    assert dialling.verdict_for(centre.bob, "+31205550123").allowed
    now = Policy.objects.get(code="dialling", state="published")
    assert now.version == 2
    assert now.body["parameters"]["roles"] == {"agent": {"numbers": {"minutes": 30.0}}}
    assert now.body["parameters"]["callback"] == {"tries": 3}, "what else the policy says stays"
    told = last("routing.limits_changed")
    assert (told["whom"], told["code"], told["fields"], told["in_force"]) == ("role", "agent", ["minutes"], True)
    assert last("rules.published")["version"] == 2
    page = boss.get(LIST).content.decode()
    assert "Role: Agent" in page
    assert '<td>Alice</td><td class="num">31</td><td class="num">30</td>' in page
    assert boss.post(path, shown(boss, path) | {"minutes": ""}).status_code == 302
    assert Policy.objects.get(code="dialling", state="published").body["parameters"]["roles"] == {}


@pytest.mark.django_db
def test_the_centre_the_units_and_what_they_used(centre: Centre, policy: Policy, boss: Client) -> None:
    called(centre.alice, 12)
    given = shown(boss, CENTRE)
    assert (given["allowed"], given["refused"], given["minutes"], given["abroad"]) == ("+31, +44", "+31900", "", "")
    assert boss.post(CENTRE, given | {"allowed": "", "refused": "+31 900, +882", "abroad": "no", "home": "nl, be", "minutes": "600"}).status_code == 302
    numbers = dialling.parameters()["numbers"]
    assert numbers == {"refused": ["+31900", "+882"], "abroad": False, "home": ["NL", "BE"], "minutes": 600.0}
    assert dialling.verdict("+441632960961", "NL").why == Why.ABROAD
    unit = f"/settings/limits/{2 * centre.unit.pk + 1}/"
    assert boss.post(unit, shown(boss, unit) | {"abroad": "yes", "minutes": "10"}).status_code == 302
    said = dialling.verdict_for(centre.bob, "+31205550123")
    assert (said.why, said.by) == (Why.SPENT, "unit")
    row = html.unescape(boss.get(LIST).content.decode()).split("Unit: Service")[1].split("</tr>")[0]
    assert ">10<" in row
    assert ">12<" in row


@pytest.mark.django_db
def test_who_may_not_publish_alone_asks_for_a_review(centre: Centre, policy: Policy, boss: Client) -> None:
    writer = signed_in(person("writer", {"rules.edit": "all"}, unit=centre.unit))
    assert writer.post(CENTRE, shown(writer, CENTRE) | {"minutes": "60"}).status_code == 302
    assert "minutes" not in dialling.parameters()["numbers"]
    assert Policy.objects.get(code="dialling", version=2).state == "review"
    assert last("routing.limits_changed")["in_force"] is False
    assert "Version 2 of the policy is not in force yet" in writer.get(LIST).content.decode()
    refused = boss.post(CENTRE, shown(boss, CENTRE) | {"minutes": "90"})
    assert refused.status_code == 422
    assert "Publish or discard it first" in refused.content.decode()


@pytest.mark.django_db
def test_nobody_overwrites_limits_they_did_not_see(centre: Centre, policy: Policy, boss: Client) -> None:
    hers, other = shown(boss, CENTRE), shown(boss, CENTRE)
    assert boss.post(CENTRE, other | {"minutes": "60"}).status_code == 302
    refused = boss.post(CENTRE, hers | {"minutes": "90"})
    assert refused.status_code == 409
    assert "<dd>60</dd>" in refused.content.decode()
    assert dialling.parameters()["numbers"]["minutes"] == 60


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"allowed": "0031"}, "is no beginning of a number"),
        ({"refused": "+31, all"}, "is no beginning of a number"),
        ({"home": "Holland"}, "A country has two letters"),
        ({"minutes": "-1"}, "greater than or equal to 0"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(centre: Centre, policy: Policy, boss: Client, wrong: dict[str, str], words: str) -> None:
    answer = boss.post(CENTRE, shown(boss, CENTRE) | wrong)
    assert answer.status_code == 422
    assert words in html.unescape(answer.content.decode())
    assert Policy.objects.count() == 1


@pytest.mark.django_db
def test_a_centre_without_a_policy_gets_one(centre: Centre, boss: Client) -> None:
    assert boss.post(CENTRE, shown(boss, CENTRE) | {"allowed": "+31"}).status_code == 302
    assert dialling.verdict("+441632960961", "NL").why == Why.NOT_ALLOWED
    assert boss.post(CENTRE, shown(boss, CENTRE)).status_code == 302
    assert Policy.objects.count() == 1, "a page that nobody touched changes nothing"


@pytest.mark.django_db
def test_carol_and_dave_set_no_limits(centre: Centre, policy: Policy) -> None:
    for user in (centre.carol, centre.dave):
        client = signed_in(user)
        assert client.get(LIST).status_code == 403
        assert client.post(CENTRE, {"minutes": "1"}).status_code == 403


@pytest.mark.django_db
def test_the_list_makes_as_many_queries_for_many_rows(centre: Centre, policy: Policy, boss: Client) -> None:
    counts = []
    for extra in (range(1), range(1, 6)):
        for at in extra:
            unit = Unit.objects.create(code=f"u{at}", name=f"Unit {at}")
            Role.objects.create(code=f"r{at}", name=f"Role {at}")
            called(User.objects.create(username=f"x{at}", name="X", unit=unit), 2)
        boss.get(LIST)
        with CaptureQueriesContext(connection) as made:
            assert boss.get(LIST).status_code == 200
        counts.append(len(made))
    assert counts[0] == counts[1], counts
