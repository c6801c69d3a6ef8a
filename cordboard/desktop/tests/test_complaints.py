"""Complaints on screens: a ticket's part for them, the settings, the report and what is behind its figures."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from cordboard.interactions.models import ContactReason
from cordboard.org.models import Absence, Unit, User
from cordboard.org.tests.people import person, unit
from cordboard.parties.models import Party
from cordboard.tickets import actions_complaint as complaints
from cordboard.tickets import actions_task
from cordboard.tickets.actions import open_ticket
from cordboard.tickets.models import Complaint, ComplaintScheme, Task, Ticket

RIGHTS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}


@pytest.fixture
def carol(db: None) -> User:
    service = unit()
    found = person("carol", {**RIGHTS, "tickets.complaints": "all", "analytics.view": "all"}, unit=service)
    Unit.objects.filter(pk=service.pk).update(head=found)
    return found


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def complain(user: User, title: str = "Smoke from the kettle", text: str = "It is dangerous and I am angry.") -> Ticket:
    noor, _made = Party.objects.get_or_create(name="Noor de Vries", defaults={"languages": ["en"], "value_segment": "gold", "created_at": timezone.now()})
    reason, _made = ContactReason.objects.get_or_create(code="product-fault", defaults={"names": {"en": "Fault"}})
    ticket = open_ticket(user, title=title, text=text, kind="complaint", party=noor, reason=reason, now=timezone.now() - timedelta(hours=1))
    complaints.weigh_complaint(ticket.pk)
    complaints.hand_complaint(ticket.pk)
    return ticket


def post(client: Client, ticket: Ticket, verb: str, **given: str) -> tuple[int, str]:
    answer = client.post(f"/tickets/{ticket.number}/complaint/{verb}/", given, headers={"HX-Request": "true"})
    return answer.status_code, answer.content.decode()


def test_the_ticket_shows_the_score_and_leads_to_the_result(carol: User) -> None:
    ticket, client = complain(carol), signed_in(carol)
    page = client.get(f"/tickets/{ticket.number}/").content.decode()
    row = Complaint.objects.get()
    for words in (
        "Severity",
        f"{row.score}<small>",
        "Harm: Danger, “smoke”",
        "Customer: Gold",
        "At least so much, for the harm",
        "Type: Fault",
        "Follow a complaint",
    ):
        assert words in page, words
    status, part = post(client, ticket, "decide", due="2020-01-01T10:00", handler=str(carol.pk), measure="")
    assert (status, "cannot be due before it came in" in part) == (422, True)
    status, part = post(client, ticket, "decide", due=(timezone.localtime() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M"), handler=str(carol.pk), measure="")
    assert (status, "Decided by Carol" in part) == (200, True)
    status, part = post(client, ticket, "answer", result="", way="phone")
    assert (status, "Write what the customer is told" in part) == (422, True)
    status, part = post(client, ticket, "answer", result="We are sorry.", way="phone", language="en")
    assert (status, "see the task" in part) == (200, True)
    call = Task.objects.get(kind="call")
    answer = client.post(f"/tasks/{call.pk}/done/", {"outcome": "Reached her"}, headers={"HX-Request": "true"})
    assert "Reached her" in answer.content.decode()
    status, part = post(client, ticket, "rate", rating="1", comment="Too late <b>")
    assert (status, "1 of 5" in part, "Too late &lt;b&gt;" in part) == (200, True, True)
    assert Task.objects.filter(kind="track", state="open").count() == 1
    status, part = post(client, ticket, "rate", rating="5")
    assert (status, "already" in part) == (422, True)


def test_who_may_not_change_it_sees_it_and_cannot_act(carol: User) -> None:
    ticket = complain(carol)
    dave = person("dave", {"tickets.view": "all"})
    page = signed_in(dave).get(f"/tickets/{ticket.number}/").content.decode()
    assert ("Severity" in page, "Tell the customer" in page) == (True, False)
    assert post(signed_in(dave), ticket, "answer", result="x")[0] == 403


def test_an_incident_has_no_such_part(carol: User) -> None:
    ticket = open_ticket(carol, title="It squeaks", kind="incident")
    assert "Severity" not in signed_in(carol).get(f"/tickets/{ticket.number}/").content.decode()
    assert post(signed_in(carol), ticket, "weigh")[0] == 404


def test_a_manager_sets_the_weights_and_takes_an_older_version_up_again(carol: User) -> None:
    client = signed_in(carol)
    assert "Weights" in client.get("/settings/complaints/").content.decode()
    page = client.get("/settings/complaints/1/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    weights = {"weights-reason": "10", "weights-product": "10", "weights-harm": "50", "weights-value": "10", "weights-repeat": "10", "weights-wording": "10"}
    kept = client.post("/settings/complaints/1/", {"seen": seen[1], "note": "Harm first", **weights})
    assert kept.status_code == 302
    first = ComplaintScheme.objects.get()
    assert (first.body["weights"]["harm"], first.note, first.by) == (50, "Harm first", carol)
    late = client.post("/settings/complaints/1/", {"seen": seen[1], **weights, "weights-harm": "60"})
    assert late.status_code == 409
    none = client.post("/settings/complaints/1/", {**dict.fromkeys(weights, "0")})
    assert (none.status_code, "at least one part a weight" in none.content.decode()) == (422, True)
    for number in range(2, 9):
        page = client.get(f"/settings/complaints/{number}/").content.decode()
        fields = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', page))
        assert "seen" in fields, number
    measures = {"measures-0-code": "apology", "measures-0-en": "Apology", "measures-1-code": "", "measures-1-en": ""}
    assert client.post("/settings/complaints/6/", measures).status_code == 302
    assert ComplaintScheme.objects.count() == 2
    client.post("/settings/complaints/again/1/")
    assert [row.body["measures"] for row in ComplaintScheme.objects.order_by("version")] == [[], [{"code": "apology", "names": {"en": "Apology"}}], []]
    assert signed_in(person("bob", RIGHTS)).get("/settings/complaints/").status_code == 403


def test_the_report_agrees_with_its_lists_and_its_file(carol: User) -> None:
    client = signed_in(carol)
    assert "No complaint came in on these days" in client.get("/figures/complaints/").content.decode()
    first = complain(carol)
    with CaptureQueriesContext(connection) as few:
        client.get("/figures/complaints/")
    complain(carol, "The door squeaks", "")
    third = complain(carol, "=1+1", "")
    with CaptureQueriesContext(connection) as many:
        page = client.get("/figures/complaints/").content.decode()
    assert len(many) == len(few)
    complaints.answer(carol, first.pk, "Sorry.", way="post")
    complaints.rate(first.pk, 1, by=carol)
    page = client.get("/figures/complaints/").content.decode()
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="(/figures/complaints/tickets/[^"]*)">\d+</a>', page)]
    figures = [int(one) for one in re.findall(r'href="/figures/complaints/tickets/[^"]*">(\d+)</a>', page)]
    assert len(links) > 20
    for link, figure in dict(zip(links, figures, strict=True)).items():
        listed = client.get(link).content.decode()
        assert len(set(re.findall(r'href="/tickets/(\d+)/"', listed))) == figure, link
    text = b"".join(client.get("/figures/complaints/export.csv").streaming_content).decode()  # type: ignore[attr-defined]
    lines = text.strip().split("\r\n")
    assert len(lines) == 4
    assert {line.split(",")[0] for line in lines[1:]} >= {str(first.number), str(third.number)}
    elsewhere = person("erin", {"analytics.view": "unit", "tickets.view": "own"}, unit=unit("elsewhere"))
    assert "No complaint came in" in signed_in(elsewhere).get("/figures/complaints/").content.decode()
    assert signed_in(person("dave", {})).get("/figures/complaints/").status_code == 403


def test_a_task_without_a_ticket_has_a_page_to_be_done_on(carol: User) -> None:
    bob = person("bob", {"tickets.view": "own", "tickets.change": "own"}, unit=unit())
    task = actions_task.make_task(carol, "Order brushes", unit=unit(), text="Twelve of them.")
    client = signed_in(bob)
    page = client.get(f"/tasks/{task.pk}/").content.decode()
    assert ("Order brushes" in page, "Twelve of them." in page) == (True, True)
    refused = client.post(f"/tasks/{task.pk}/", {"verb": "dropped", "outcome": ""})
    assert (refused.status_code, "Say why" in refused.content.decode()) == (422, True)
    assert client.post(f"/tasks/{task.pk}/", {"verb": "done", "outcome": "Ordered"}).status_code == 302
    task.refresh_from_db()
    assert (task.state, task.done_by, task.outcome) == ("done", bob, "Ordered")
    elsewhere = person("erin", {"tickets.view": "own", "tickets.change": "own"}, unit=unit("elsewhere"))
    assert signed_in(elsewhere).get(f"/tasks/{task.pk}/").status_code == 404


def test_while_the_head_is_away_the_task_reaches_who_is_at_work(carol: User) -> None:
    dave, today = person("dave", RIGHTS, unit=unit()), timezone.now().date()
    around = {"first_day": today - timedelta(days=2), "last_day": today + timedelta(days=2), "made_at": timezone.now()}
    absence = Absence.objects.create(user=carol, deputy=dave, **around)
    ticket = complain(dave)
    row, task = Complaint.objects.get(), Task.objects.get(kind="track")
    assert (row.head, task.owner) == (carol, dave), "the head stays the head"
    page = signed_in(dave).get(f"/tickets/{ticket.number}/").content.decode()
    assert "; Dave sees to it meanwhile." in page
    assert "For Carol, who was away." in page
    assert re.search(r"</b>, Dave, <span>due", page), "with a comma before when it is due"
    # nobody was named: the task goes to the head above who is at work, and where there is none it is the head's all the same
    absence.delete()
    Absence.objects.create(user=carol, **around)
    assert "and nobody stands in." in signed_in(dave).get(f"/tickets/{ticket.number}/").content.decode()
    erin = person("erin", RIGHTS)
    above = Unit.objects.create(code="house", name="House", head=erin)
    Unit.objects.filter(pk=row.unit_id).update(parent=above)
    complain(dave, "Smoke again")
    latest = Complaint.objects.order_by("-pk")[0]
    assert (latest.head, Task.objects.filter(kind="track").order_by("-pk")[0].owner) == (carol, erin)
