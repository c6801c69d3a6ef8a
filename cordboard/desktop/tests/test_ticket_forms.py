"""Settings > Ticket forms: a manager makes a public form for a unit and switches it on."""

from __future__ import annotations

import pytest
from django.test import Client

from cordboard.desktop.tests.conftest import signed_in
from cordboard.events.models import Event
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.tickets import kinds
from cordboard.tickets.models import TicketForm, TicketKind

pytestmark = pytest.mark.django_db


@pytest.fixture
def carol() -> User:
    kinds.forget()
    return person("carol", {"tickets.kinds": "all"}, unit=unit())


def test_carol_makes_a_form_and_switches_it_on(carol: User) -> None:
    client, place = signed_in(carol), "/settings/ticket-forms/"
    given = {"code": "service", "name-en": "Ask our service", "name-nl": "Vraag het onze service", "unit_id": carol.unit_id, "kind": "question", "seen": ""}
    assert client.post(f"{place}new/", given).status_code == 302
    assert Client().get("/ask/service/").status_code == 404, "nobody has switched it on"
    row = TicketForm.objects.get()
    shown = client.get(f"{place}{row.pk}/")
    assert client.post(f"{place}{row.pk}/", {**given, "active": "on", "seen": shown.context["seen"]}).status_code == 302
    assert "/ask/service/" in client.get(place).content.decode()
    assert "Vraag het onze service" in Client().get("/ask/service/?language=nl").content.decode()
    assert client.post(f"{place}{row.pk}/", {**given, "seen": shown.context["seen"]}).status_code == 409, "somebody changed it meanwhile"
    assert Event.objects.filter(kind="tickets.form_kept").latest("pk").body["fields"] == ["active"]


def test_what_is_no_form_is_refused_with_what_was_typed(carol: User) -> None:
    fields = [{"code": "shelf", "type": "text", "names": {"en": "Shelf"}, "required": ["new"], "choices": []}]
    TicketKind.objects.create(code="repair", names={"en": "Repair"}, like="return", fields=fields)
    kinds.forget()
    client, given = signed_in(carol), {"code": "bench", "name-en": "Bench", "unit_id": carol.unit_id, "kind": "repair", "seen": ""}
    refused = client.post("/settings/ticket-forms/new/", given)
    assert (refused.status_code, "the form does not ask for them" in refused.content.decode()) == (422, True)
    assert 'value="Bench"' in refused.content.decode()
    assert signed_in(person("dave", {})).get("/settings/ticket-forms/").status_code == 403
    assert not TicketForm.objects.exists()
