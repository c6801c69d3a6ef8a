"""The list of tickets on the screen: views, filter, search, pages, and many changed at once."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client

from cordboard.desktop.tests.conftest import signed_in
from cordboard.events.topics import may_listen
from cordboard.org.models import Position, Role, User
from cordboard.org.tests.people import person, unit
from cordboard.tickets import actions, actions_bulk, actions_search, actions_view
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_view import BulkChange, TicketView

WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all", "tickets.share_views": "unit"}
URGENT = {"fact": "ticket.priority", "op": "at_most", "value": 2}

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return person("alice", WORKS, unit=unit())


@pytest.fixture
def screen(alice: User) -> Client:
    return signed_in(alice)


def opened(user: User, *titles: str) -> list[Ticket]:
    return [actions.open_ticket(user, title=title) for title in titles]


def seen(client: Client, address: str, **headers: str) -> str:
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_alice_sees_her_tickets_and_how_many_each_view_has(alice: User, screen: Client) -> None:
    mine, done = opened(alice, "Mine <b>", "Done")
    actions.set_state(alice, done.pk, "closed")
    page = seen(screen, "/tickets/")
    assert "Mine &lt;b&gt;" in page
    assert f"/tickets/{mine.number}/" in page
    assert "Done" not in page.split('id="ticket-rows"')[1].split("</table>")[0]
    counts = seen(screen, "/tickets/counts/")
    assert [counts.split(f'id="ticket-count-{code}"')[1].split(">")[1].split("<")[0] for code in ("mine", "open", "all")] == ["1", "1", "2"]
    assert "Nothing here" in seen(screen, "/tickets/?view=waiting")


def test_a_filter_of_the_address_is_said_and_asked(alice: User, screen: Client) -> None:
    first, second = opened(alice, "First", "Second")
    Ticket.objects.filter(pk=first.pk).update(priority=1)
    page = seen(screen, f"/tickets/?view=all&filter={quote(json.dumps(URGENT))}")
    assert "priority is at most <b>2</b>" in page
    assert "First" in page
    assert "Second" not in page.split('id="ticket-rows"')[1]
    for bad in ("{", "[]", '{"fact": "x"}', '{"all": ' * 50, "x" * 9_000):
        page = seen(screen, f"/tickets/?view=all&filter={quote(bad)}")
        assert "This filter cannot be" in page, bad
        assert "Second" in page
    editor = json.loads(seen(screen, "/tickets/filter/?view=mine").split('id="ticket-filter-data">')[1].split("</script>")[0])
    assert editor["condition"]["all"][1] == {"fact": "ticket.owner", "op": "is", "value": "me"}
    assert ["me", "me"] in next(fact["choices"] for fact in editor["facts"] if fact["name"] == "ticket.owner")


def test_what_people_call_themselves_does_not_run(alice: User, screen: Client) -> None:
    mallory = person("mallory", {}, unit=unit())
    User.objects.filter(pk=mallory.pk).update(name="</script><script>alert(1)")
    condition = {"fact": "ticket.owner", "op": "is", "value": str(mallory.pk)}
    for address in (
        f"/tickets/?view=all&filter={quote(json.dumps(condition))}",
        f"/tickets/filter/?view=all&filter={quote(json.dumps(condition))}",
        "/tickets/many/form/",
    ):
        assert "<script>alert" not in seen(screen, address)


def test_more_is_fetched_where_the_page_ends(alice: User, screen: Client) -> None:
    Ticket.objects.bulk_create(Ticket(number=20_000 + number, title=f"t{number:03}x", opened_at=alice.date_joined) for number in range(120))
    shown: list[str] = []
    page = seen(screen, "/tickets/?view=all")
    while True:
        shown += [part[:4] for part in page.split('/">t')[1:]]
        if 'class="cb-more"' not in page:
            break
        address = page.split('class="cb-more"')[1].split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
        page = seen(screen, address, HX_Target="ticket-more-1")
        assert "<nav" not in page
    assert shown == [f"{number:03}x" for number in reversed(range(120))]
    assert screen.get("/tickets/?after=nonsense").status_code == 404
    assert screen.get("/tickets/?view=nonsense").status_code == 404


def test_a_search_looks_in_all_tickets(alice: User, screen: Client) -> None:
    _mine, done = opened(alice, "The pump", "The drum squeaks")
    actions.set_state(alice, done.pk, "closed")
    for ticket in Ticket.objects.all():
        actions_search.index(ticket.pk)
    page = seen(screen, "/tickets/?view=mine&q=squeak", HX_Target="ticket-list")
    assert "The drum squeaks" in page
    assert "The pump" not in page
    assert "<nav" not in page
    assert "No ticket found" in seen(screen, "/tickets/?q=nothing")


def test_a_view_is_kept_shared_changed_and_taken_away(alice: User, screen: Client) -> None:
    bob = signed_in(person("bob", {"tickets.view": "all"}, unit=unit()))
    asked = {"name": "Urgent", "filter": json.dumps(URGENT), "sort": "priority", "share": "unit", "columns": ["number", "priority"]}
    answer = screen.post("/tickets/views/", asked)
    view = TicketView.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/tickets/?view={view.pk}")
    page = seen(bob, f"/tickets/?view={view.pk}")
    assert "by Alice" in page
    screen.post("/tickets/views/", {**asked, "name": "Very urgent", "view": view.pk, "version": 1, "share": ""})
    view.refresh_from_db()
    assert (view.name, view.unit, view.columns) == ("Very urgent", None, ["number", "priority"])
    assert bob.get(f"/tickets/?view={view.pk}").status_code == 404
    assert screen.post("/tickets/views/", {**asked, "view": view.pk, "version": 1}).status_code == 409
    assert screen.post("/tickets/views/", {**asked, "name": ""}).status_code == 422
    assert bob.post("/tickets/views/", asked).status_code == 403
    assert bob.post(f"/tickets/views/{view.pk}/remove/").status_code == 404
    assert screen.post(f"/tickets/views/{view.pk}/remove/").status_code == 302
    assert not TicketView.objects.exists()


def worked(row: BulkChange) -> None:
    while actions_bulk.work(row.pk):
        pass


def test_a_shared_view_that_asks_for_what_a_reader_sees_masked_is_not_asked_for_them(alice: User, screen: Client) -> None:
    opened(alice, "First", "Second")
    assert alice.unit is not None
    view = actions_view.keep(alice, "Old machines", {"fact": "ticket.serial", "op": "starts_with", "value": "W8-"}, unit=alice.unit)
    assert "W8-" in seen(screen, f"/tickets/?view={view.pk}")
    dave = person("dave", WORKS, unit=unit())
    Role.objects.filter(users=dave).update(masks=True)
    masked = signed_in(dave)
    page = seen(masked, f"/tickets/?view={view.pk}")
    assert "It asks for details of customers" in page
    assert "W8-" not in page, "what was asked is a detail too"
    assert f'id="ticket-count-{view.pk}"' not in seen(masked, "/tickets/counts/")
    assert '"ticket.serial"' not in seen(masked, f"/tickets/filter/?view={view.pk}")
    assert '"ticket.serial"' in seen(screen, f"/tickets/filter/?view={view.pk}")
    refused = masked.post("/tickets/many/", {"view": view.pk, "all": "1", "change": "priority:1"})
    assert (refused.status_code, BulkChange.objects.exists()) == (422, False), "not all tickets instead"


def test_many_go_to_a_position_and_to_the_next_level_from_the_list(alice: User, screen: Client) -> None:
    (row,) = opened(alice, "First")
    leads = Position.objects.create(name="Lead", code="lead", unit=unit())
    form = seen(screen, "/tickets/many/form/")
    assert f'value="position:{leads.pk}"' in form
    assert 'value="level:up"' in form
    assert "To wait in the list of: Lead" in screen.post("/tickets/many/", {"ids": [row.pk], "change": f"position:{leads.pk}"}).content.decode()
    assert "Sent on to the next level" in screen.post("/tickets/many/", {"ids": [row.pk], "change": "level:up"}).content.decode()


def test_many_are_changed_followed_and_put_back(alice: User, screen: Client) -> None:
    tickets = opened(alice, "a", "b", "c")
    actions.set_state(alice, tickets[2].pk, "closed")
    strip = screen.post("/tickets/many/", {"ids": [ticket.pk for ticket in tickets], "change": "state:waiting"}).content.decode()
    assert "0 of 3" in strip
    assert "every 1s" in strip
    row = BulkChange.objects.get()
    worked(row)
    strip = seen(screen, f"/tickets/many/{row.pk}/progress/")
    assert "2 tickets were changed." in strip
    assert "1 was left as it is." in strip
    assert "every 1s" not in strip
    page = seen(screen, f"/tickets/many/{row.pk}/")
    assert "left as it is: A ticket that is Closed cannot become Waiting for the customer." in page
    screen.post(f"/tickets/many/{row.pk}/undo/", headers={"HX-Target": "ticket-bulk"})
    worked(BulkChange.objects.get(undoes=row))
    assert [ticket.state for ticket in Ticket.objects.order_by("pk")] == ["new", "new", "closed"]
    assert screen.post(f"/tickets/many/{row.pk}/undo/").status_code == 422
    bob = signed_in(person("bob", WORKS))
    assert bob.get(f"/tickets/many/{row.pk}/").status_code == 404


def test_all_that_a_view_shows_are_changed(alice: User, screen: Client) -> None:
    opened(alice, "a", "b")
    other = actions.open_ticket(person("bob", WORKS, unit=unit("repairs")), title="not hers")
    screen.post("/tickets/many/", {"all": "1", "view": "mine", "sort": "due", "change": "owner:"})
    worked(BulkChange.objects.get())
    assert list(Ticket.objects.order_by("pk").values_list("owner", flat=True)) == [None, None, other.owner_id]
    assert screen.post("/tickets/many/", {"all": "1", "view": "mine", "filter": "{", "change": "owner:"}).status_code == 422
    assert screen.post("/tickets/many/", {"ids": [], "change": "owner:"}).status_code == 422


def test_tags_come_and_go_for_many(alice: User, screen: Client) -> None:
    ticket = opened(alice, "a")[0]
    for given, tags in (({"tag": "Recall"}, ["recall"]), ({"tag": "recall", "untag": "1"}, [])):
        screen.post("/tickets/many/", {"ids": [ticket.pk], "change": "", **given})
        worked(BulkChange.objects.latest("pk"))
        assert list(ticket.tags.values_list("word", flat=True)) == tags


@pytest.mark.parametrize("tickets", [1, 3])
def test_the_list_costs_the_same_for_one_and_for_three(tickets: int, alice: User, screen: Client, django_assert_num_queries: Any) -> None:
    opened(alice, *(f"t{number}" for number in range(tickets)))
    actions_view.keep(alice, "Urgent", URGENT)
    seen(screen, "/tickets/?view=open")
    with django_assert_num_queries(8) as asked:
        seen(screen, "/tickets/?view=open")
    assert sum("tickets_ticket" in query["sql"] for query in asked.captured_queries) == 2


def test_who_may_see_all_tickets_may_listen_to_all(alice: User) -> None:
    bob = person("bob", {"tickets.view": "unit"}, unit=unit())
    assert (may_listen(alice, "tickets"), may_listen(bob, "tickets"), may_listen(alice, "tickets:7")) == (True, False, False)


def test_who_may_see_none_sees_no_list() -> None:
    dave = signed_in(person("dave", {}))
    assert [dave.get(f"/tickets/{part}").status_code for part in ("", "counts/", "filter/", "many/form/")] == [403] * 4
