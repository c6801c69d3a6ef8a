"""Figures on the screen and behind the API: who sees what, what a figure opens, and files that planning can import."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

from django.test import Client
from django.utils import timezone

from cordboard.analytics.models import Cell
from cordboard.analytics.tests.conftest import scope, signed_in
from cordboard.analytics.tests.day import draw
from cordboard.org.actions_tokens import BadToken, make_token, revoke_token
from cordboard.org.models import Unit, User
from cordboard.org.models_token import ApiToken
from cordboard.routing.models import Queue, StateLog
from cordboard.routing.tests.centre import Centre

BEGIN = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)
DAY = "2026-10-25"


def text(response: Any) -> str:
    assert response.status_code == 200, response.content[:500]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


# ---- who --------------------------------------------------------------------------------------------------------------


def test_carol_sees_figures_alice_her_own_day_and_dave_nothing(centre: Centre) -> None:
    pages = ("/figures/", "/figures/contacts/", "/figures/export.csv", f"/figures/agents/{centre.alice.pk}/", "/api/v1/figures", "/api/v1/figures.csv")
    own = ("/my-day/", "/my-day/contacts/")

    def opened(user: User, addresses: tuple[str, ...]) -> set[int]:
        client = signed_in(user)
        return {client.get(address).status_code for address in addresses}

    assert opened(centre.carol, pages) == {200}
    assert opened(centre.carol, own) == {403}
    assert opened(centre.alice, own) == {200}
    assert opened(centre.alice, pages) == {403}
    assert opened(centre.dave, pages + own) == {403}
    assert {Client().get(address).status_code for address in pages[:3] + own} == {302}
    assert Client().get("/api/v1/figures").status_code == 401


def test_who_leads_a_unit_sees_its_queues_and_people_only(centre: Centre) -> None:
    draw(centre, BEGIN, contacts=40)
    other = Unit.objects.create(name="Other", code="other")
    Queue.objects.filter(pk=centre.sales.pk).update(unit=other)
    centre.sales.members.all().delete()
    centre.bob.unit = other
    centre.bob.save()
    lead = signed_in(scope(User.objects.create(username="lead", name="Lead", unit=centre.unit), "unit"))
    whole = signed_in(centre.carol)
    address = f"/api/v1/figures?from={DAY}&interval=day&rows="
    assert {row["queue"] for row in whole.get(address + "queue").json()["items"]} == {"support", "sales"}
    assert {row["queue"] for row in lead.get(address + "queue").json()["items"]} == {"support"}
    assert {row["agent"] for row in lead.get(address + "agent").json()["items"]} == {"alice"}
    offered = [client.get(address + "time").json()["items"][0]["offered"] for client in (whole, lead)]
    assert offered[1] == lead.get(address + "queue").json()["items"][0]["offered"] < offered[0]
    assert lead.get(f"{address}queue&queue=sales").status_code == 422
    assert lead.get(f"/figures/agents/{centre.bob.pk}/").status_code == 404
    assert lead.get(f"/figures/agents/{centre.alice.pk}/").status_code == 200


def test_alices_contacts_are_hers(centre: Centre) -> None:
    draw(centre, BEGIN, contacts=40)
    page = text(signed_in(centre.alice).get(f"/my-day/contacts/?from={DAY}&of=handled&agent={centre.bob.pk}"))
    assert "Bob" not in page
    assert "Handled: " in page


# ---- the page ---------------------------------------------------------------------------------------------------------


def test_every_number_on_the_page_opens_as_many_contacts(centre: Centre) -> None:
    """Follow each link of the table: the list's head says the same number as the cell that led to it."""
    draw(centre, BEGIN, contacts=25, hours=6)
    client = signed_in(centre.carol)
    followed = 0
    for rows in ("time", "agent", "reason"):
        page = client.get(f"/figures/?from={DAY}&rows={rows}&interval=60").content.decode()
        links = re.findall(r'<td class="r[^"]*"><a href="([^"]+)">([^<]+)</a>', page)
        assert links
        for address, shown in links[::2]:
            listed = client.get(unescape(address))
            of = re.search(r"of=(\w+)", address)
            assert of
            heading = re.search(r"<h1>[^:]+: ([^<]+)</h1>", listed.content.decode())
            assert heading
            if not re.search(r"[%]", shown) and (of[1].endswith("_ms") or ":" not in shown):
                assert heading[1] == shown, (address, shown)
            if not of[1].endswith("_ms"):
                lines = listed.content.decode().count("<tr data-interaction=")
                assert str(lines) == heading[1], address
            followed += 1
    assert followed > 60


def test_the_hour_that_comes_twice_is_on_two_lines(centre: Centre) -> None:
    draw(centre, BEGIN, contacts=200, hours=25)
    page = signed_in(centre.carol).get(f"/figures/?from={DAY}&interval=60").content.decode()
    names = re.findall(r'<th scope="row">([^<]+)</th>', page)
    assert names[:5] == ["00:00", "01:00", "02:00 CEST", "02:00 CET", "03:00"]
    assert len(names) == 26, "25 hours and the total"


def test_a_service_level_below_target_is_marked_where_there_is_one_target(centre: Centre) -> None:
    draw(centre, BEGIN, contacts=80)
    centre.support.target_percent = 100
    centre.support.save()
    centre.sales.target_percent = 1
    centre.sales.save()
    page = signed_in(centre.carol).get(f"/figures/?from={DAY}&rows=queue").content.decode()
    lines = re.findall(r"<tr><th scope=\"row\".*?</tr>", page)
    assert ["cb-bad" in line for line in lines] == [False, True, False], "sales, support, and a total that has no target of its own"


def test_the_variant_and_its_formula(centre: Centre) -> None:
    draw(centre, BEGIN, contacts=60)
    client = signed_in(centre.carol)
    assert "Service level = in time ÷ (offered − short abandons)" in text(client.get(f"/figures/?from={DAY}"))
    assert "Service level = in time ÷ answered," in text(client.get(f"/figures/?from={DAY}&level=of_answered"))
    levels = {
        code: client.get(f"/api/v1/figures?from={DAY}&interval=day&rows=time&level={code}").json()["items"][0]["service_level"]
        for code in ("of_offered", "of_answered")
    }
    assert levels["of_offered"] < levels["of_answered"]


def test_the_states_of_all_agents_are_the_days_of_each(centre: Centre, django_assert_max_num_queries: Any) -> None:
    """Over midnight, and for one agent and for several in as many queries."""
    for user in (centre.alice, centre.bob):
        for hours, state in ((-5, "ready"), (1, "talking"), (20, "offline"), (26, "ready")):
            StateLog.objects.create(agent=user, state=state, at=BEGIN + timedelta(hours=hours))
    client = signed_in(centre.carol)
    address = "/api/v1/agent-states?from=2026-10-24&to=2026-10-26&agent="
    client.get(address)
    with django_assert_max_num_queries(13):
        alone = client.get(address + "alice").json()["items"]
    with django_assert_max_num_queries(13):
        both = client.get(address).json()["items"]
    assert [row for row in both if row["agent"] == "alice"] == alone
    assert [(row["state"], row["seconds"] // 3600) for row in alone] == [("ready", 5), ("ready", 1), ("talking", 19), ("ready", 23)]
    lines = b"".join(client.get(address.replace("states?", "states.csv?")).streaming_content).decode().splitlines()
    assert len(lines) == len(both) + 1


def test_what_is_wrong_in_an_address_is_said_and_the_rest_holds(centre: Centre) -> None:
    response = signed_in(centre.carol).get(f"/figures/?from={DAY}&queue=support&level=moon&rows=cheese")
    assert response.status_code == 422
    assert b"It is one of" in response.content
    assert f'<option value="{centre.support.pk}" selected>' in response.content.decode()


def test_nothing_to_show_says_what_to_do(centre: Centre) -> None:
    assert "No contacts in these days" in text(signed_in(centre.carol).get("/figures/?from=2020-01-01"))
    assert "Not logged in on this day" in text(signed_in(centre.alice).get("/my-day/?day=2020-01-01"))


def test_a_long_range_is_shown_by_day(centre: Centre) -> None:
    draw(centre, BEGIN, contacts=5)
    page = text(signed_in(centre.carol).get("/figures/?from=2026-10-01&to=2026-10-31&interval=15"))
    assert "so it is shown by day" in page
    assert "Sun 25 Oct" in page


def test_as_many_queries_for_a_large_day_as_for_a_small_one(centre: Centre, django_assert_max_num_queries: Any) -> None:
    client = signed_in(centre.carol)
    for contacts in (3, 60):
        draw(centre, BEGIN, contacts=contacts, seed=contacts)
        client.get("/figures/")
        with django_assert_max_num_queries(14):
            client.get(f"/figures/?from={DAY}&rows=agent")
        with django_assert_max_num_queries(18):
            client.get(f"/figures/contacts/?from={DAY}&of=offered")


# ---- the agent's day --------------------------------------------------------------------------------------------------


def test_alices_day_adds_up_to_the_time_logged_in(centre: Centre) -> None:
    at = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    for minutes, state in (
        (9 * 60, "not_ready"),
        (9 * 60 + 1, "ready"),
        (9 * 60 + 20, "talking"),
        (9 * 60 + 25, "wrapup"),
        (9 * 60 + 26, "ready"),
        (10 * 60, "offline"),
    ):
        StateLog.objects.create(agent=centre.alice, state=state, at=at + timedelta(minutes=minutes))
    page = text(signed_in(centre.alice).get(f"/my-day/?day={at.date()}"))
    assert "Logged in 1:00:00" in page
    assert "Ready 2 53:00 88 %" in page
    assert "Talking 1 5:00 8 %" in page
    assert "Total 1:00:00" in page


# ---- files and programs -----------------------------------------------------------------------------------------------


def test_the_file_has_every_interval_of_every_queue_and_adds_up(centre: Centre) -> None:
    draw(centre, BEGIN, contacts=60, hours=25)
    response = signed_in(centre.carol).get(f"/figures/export.csv?from={DAY}&rows=queue&interval=30")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert len(rows) == 2 * 50, "two queues, 25 hours"
    assert rows[0]["interval_start"] == "2026-10-25T00:00:00+02:00"
    assert sorted({row["interval_start"] for row in rows if "T02:30" in row["interval_start"]}) == ["2026-10-25T02:30:00+01:00", "2026-10-25T02:30:00+02:00"]
    cells = Cell.objects.filter(kind=Cell.Kind.QUEUE)
    assert sum(int(row["offered"]) for row in rows) == 60
    assert round(sum(float(row["talk_seconds"]) for row in rows) * 1000) == sum(cells.values_list("talk_ms", flat=True))
    one = next(row for row in rows if int(row["handled"]))
    handling = sum(float(one[name]) for name in ("talk_seconds", "hold_seconds", "acw_seconds"))
    assert abs(float(one["aht_seconds"]) - handling / int(one["handled"])) < 0.001


def test_a_name_that_would_be_a_formula_is_text(centre: Centre) -> None:
    centre.support.name = '=HYPERLINK("http://bad.example")'
    centre.support.save()
    response = signed_in(centre.carol).get(f"/figures/export.csv?from={DAY}&rows=queue&interval=day")
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert '\'=HYPERLINK("http://bad.example")' in {row["queue_name"] for row in rows}


def test_a_program_reads_with_a_token_and_no_longer_when_it_is_revoked(centre: Centre) -> None:
    draw(centre, BEGIN, contacts=20)
    row, token = make_token(centre.carol, "planning", ["analytics.view"])
    program = Client(headers={"Authorization": f"Bearer {token}"})
    assert token not in str(ApiToken.objects.values().get()), "only its hash is kept"
    answer = program.get(f"/api/v1/figures?from={DAY}&interval=day").json()
    assert sum(item["offered"] for item in answer["items"]) == 20
    assert (answer["zone"], answer["next"]) == ("Europe/Amsterdam", None)
    row.refresh_from_db()
    assert row.used_at is not None
    assert program.get("/figures/").status_code == 302, "a token opens no screens"
    assert program.post("/api/v1/figures").status_code in (403, 405)
    assert not revoke_token(centre.alice, row.pk), "it is not hers"
    assert revoke_token(centre.carol, row.pk)
    refused = program.get("/api/v1/figures")
    assert (refused.status_code, refused["Content-Type"]) == (401, "application/problem+json; charset=utf-8")


def test_a_token_reaches_no_further_than_its_user(centre: Centre) -> None:
    _row, token = make_token(centre.carol, "planning", ["analytics.view"])
    program = Client(headers={"Authorization": f"Bearer {token}"})
    centre.carol.roles.clear()
    assert program.get("/api/v1/figures").status_code == 403
    centre.carol.is_active = False
    centre.carol.save()
    assert program.get("/api/v1/figures").status_code == 401
    try:
        make_token(centre.dave, "mine", ["analytics.view"])
        raise AssertionError("dave may not see figures")
    except BadToken:
        assert not ApiToken.objects.filter(user=centre.dave).exists()


def test_pages_of_whole_days(centre: Centre, monkeypatch: Any) -> None:
    monkeypatch.setattr("cordboard.analytics.api.PAGE", 90)
    client, found, cursor = signed_in(centre.carol), [], ""
    while cursor is not None:
        page = client.get(f"/api/v1/figures?from=2026-10-24&to=2026-10-26&cursor={cursor}").json()
        found += [item["interval_start"] for item in page["items"] if item["queue"] == "support"]
        cursor = page["next"]
    assert len(found) == len(set(found)) == 48 + 50 + 48


def test_a_program_is_told_what_it_asked_wrongly(centre: Centre) -> None:
    client = signed_in(centre.carol)
    for query, parameter in (
        ("from=yesterday", "from"),
        ("queue=moon", "queue"),
        ("colour=red", "colour"),
        ("zone=Mars/Base", "zone"),
        ("cursor=2000-01-01", "cursor"),
    ):
        response = client.get(f"/api/v1/figures?{query}")
        assert (response.status_code, response.json()["parameter"]) == (422, parameter)


def test_carol_makes_and_revokes_a_token_on_a_screen(centre: Centre) -> None:
    client = signed_in(centre.carol)
    made = client.post("/account/tokens/", {"name": "planning", "scope": ["analytics.view"]}).content.decode()
    token = re.search(r'id="token">(cb_[\w-]+)<', made)
    assert token
    assert Client(headers={"Authorization": f"Bearer {token[1]}"}).get("/api/v1/figures").status_code == 200
    assert token[1] not in client.get("/account/tokens/").content.decode(), "it is shown once"
    client.post("/account/tokens/revoke/", {"token": ApiToken.objects.get().pk})
    assert "No tokens yet" in text(client.get("/account/tokens/"))
    assert client.post("/account/tokens/", {"name": " ", "scope": ["analytics.view"]}).status_code == 422
