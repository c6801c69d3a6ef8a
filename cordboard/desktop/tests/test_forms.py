"""What alice fills in during a call: who it is, what is put right, a ticket."""

from __future__ import annotations

import pytest
from django.urls import reverse

from cordboard.desktop.tests.conftest import signed_in
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction
from cordboard.org.models import Role
from cordboard.parties import actions as parties
from cordboard.parties.models import FieldChange, Party
from cordboard.routing.models import AgentState
from cordboard.routing.tests.centre import Centre
from cordboard.rules import facts, verbs
from cordboard.tickets.models import Ticket, TicketInteraction, TicketKind


@pytest.fixture
def call(centre: Centre) -> Interaction:
    role = Role.objects.get(code="agent")
    role.permissions = {**role.permissions, "parties.change": "all", "tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}
    role.save()
    centre.ready(centre.alice)
    return centre.talk(centre.alice)


@pytest.mark.django_db
def test_an_unknown_caller_is_found_and_confirmed(centre: Centre, call: Interaction) -> None:
    party = parties.create(None, name="Margaret Ashworth", country="GB", address={"street": "14 Larkfield Rd", "postcode": "LS6 3AP", "city": "Leeds"})
    client = signed_in(centre.alice)
    html = client.get(f"/desk/fragments/?names=work&interaction={call.pk}&tab=find&q=ashworth+leeds").content.decode()
    assert "Margaret Ashworth" in html
    assert "This is the customer" in html
    done = client.post(f"/desk/{call.pk}/confirm/", {"party": party.pk, "go": "1"})
    assert done.status_code == 204
    assert done["X-Desk-Go"] == f"/desk/?interaction={call.pk}"
    call.refresh_from_db()
    assert call.subject == party
    assert call.confirmed_at is not None


@pytest.mark.django_db
def test_a_customer_is_made_in_one_form_and_the_contact_is_about_them(centre: Centre, call: Interaction) -> None:
    client = signed_in(centre.alice)
    html = client.get(f"/desk/fragments/?names=work&interaction={call.pk}&tab=create").content.decode()
    assert 'value="+31 20 555 0123"' in html  # the caller's number is filled in
    faulty = client.post(f"/desk/{call.pk}/new-customer/", {"customer-name": "Daan Jansen", "customer-phone": "12 what"})
    assert faulty.status_code == 422
    assert "12 what is not a telephone number" in faulty.content.decode()
    assert 'value="Daan Jansen"' in faulty.content.decode()  # nothing typed is lost
    made = client.post(f"/desk/{call.pk}/new-customer/", {"customer-name": "Daan Jansen", "customer-phone": "+31205550123", "customer-language": "nl"})
    assert made.status_code == 204
    call.refresh_from_db()
    assert call.subject is not None
    assert (call.subject.name, call.subject.languages) == ("Daan Jansen", ["nl"])


@pytest.mark.django_db
def test_what_is_put_right_in_a_call_is_marked_for_the_next_agent(centre: Centre, call: Interaction) -> None:
    party = parties.create(None, name="Noor de Vries", country="NL", languages=["nl"], address={"city": "Amsterdam"})
    interactions.confirm_subject(centre.alice, call.pk, party.pk)
    client = signed_in(centre.alice)
    seen = {"seen-salutation": "", "seen-name": "Noor de Vries", "seen-language": "nl", "seen-street": "", "seen-postcode": "", "seen-city": "Amsterdam"}
    given = {
        "details-salutation": "mrs",
        "details-name": "Noor de Vries",
        "details-language": "nl",
        "details-street": "Keizersgracht 112",
        "details-city": "Amsterdam",
    }
    assert client.post(f"/desk/{call.pk}/details/", {**seen, **given}).status_code == 204
    assert set(FieldChange.objects.filter(origin=f"interaction:{call.pk}").values_list("field", flat=True)) == {"salutation", "address.street"}
    html = client.get("/desk/fragments/?names=account").content.decode()
    assert "<mark" in html
    assert "Keizersgracht 112" in html
    # how they want to hear from us
    assert client.post(f"/desk/{call.pk}/details/", {**seen, **given, "seen-preferred_way": "", "details-preferred_way": "post"}).status_code == 204
    assert Party.objects.get(pk=party.pk).preferred_way == "post"
    assert "By post" in client.get(reverse("desktop:customer", args=[party.pk])).content.decode()
    assert client.post(f"/desk/{call.pk}/details/", {**seen, **given, "details-preferred_way": "pigeon"}).status_code == 422
    # somebody else's change is shown, not overwritten
    parties.change(party.pk, {"name": "Noor Jansen-de Vries"}, None)
    clash = client.post(f"/desk/{call.pk}/details/", {**seen, **given, "details-name": "N. de Vries"})
    assert clash.status_code == 422
    assert "Noor Jansen-de Vries" in clash.content.decode()
    assert Party.objects.get(pk=party.pk).name == "Noor Jansen-de Vries"


@pytest.mark.django_db
def test_a_ticket_is_opened_from_the_notes(centre: Centre, call: Interaction) -> None:
    party = parties.create(None, name="Noor de Vries")
    interactions.confirm_subject(centre.alice, call.pk, party.pk)
    interactions.save_note(centre.alice, call.pk, "E18 again\nWater stays in the drum.", 1)
    client = signed_in(centre.alice)
    html = client.get(f"/desk/fragments/?names=work&interaction={call.pk}&tab=new-ticket").content.decode()
    assert 'value="E18 again"' in html
    assert "Water stays in the drum." in html
    opened = client.post(f"/desk/{call.pk}/new-ticket/", {"ticket-title": "E18 again", "ticket-kind": "incident", "ticket-text": "Water stays in the drum."})
    assert opened.status_code == 204
    ticket = Ticket.objects.get()
    assert ticket.party == party
    assert TicketInteraction.objects.filter(ticket=ticket, interaction=call).exists()
    html = client.get(opened["X-Desk-Go"].replace("/desk/?", "/desk/fragments/?names=work&")).content.decode()
    assert f"Incident {ticket.number}" in html
    assert client.post(f"/desk/{call.pk}/tickets/{ticket.pk}/note/", {"text": "Pump ordered"}).status_code == 204
    assert client.post(f"/desk/{call.pk}/tickets/{ticket.pk}/note/", {"text": " "}).status_code == 422
    html = client.get(opened["X-Desk-Go"].replace("/desk/?", "/desk/fragments/?names=work&")).content.decode()
    assert "Pump ordered" in html


@pytest.mark.django_db
def test_a_kind_with_fields_of_its_own_shows_them_and_asks_for_what_it_needs(centre: Centre, call: Interaction) -> None:
    amount = {"code": "amount", "type": "number", "names": {"en": "Amount claimed"}, "required": ["new"]}
    TicketKind.objects.create(code="claim", names={"en": "Claim"}, like="request", fields=[amount])
    client, place = signed_in(centre.alice), f"/desk/{call.pk}/new-ticket/"
    html = client.get(f"/desk/fragments/?names=work&interaction={call.pk}&tab=new-ticket").content.decode()
    assert f'hx-post="{place}?fields=1"' in html
    assert "Amount claimed" not in html
    given = {"ticket-title": "Wet floor", "ticket-kind": "claim", "ticket-text": "The floor is ruined."}
    html = client.post(f"{place}?fields=1", given).content.decode()
    assert "Amount claimed" in html
    assert "Wet floor" in html
    assert "The floor is ruined." in html
    assert not Ticket.objects.exists()
    refused = client.post(place, given)
    assert refused.status_code == 422
    assert "Amount claimed must be filled in." in refused.content.decode()
    assert client.post(place, {**given, "ticket-value-amount": "12,50"}).status_code == 204
    assert Ticket.objects.get().values == {"amount": "12.50"}


@pytest.mark.django_db
def test_rules_know_the_kinds_that_managers_added() -> None:
    TicketKind.objects.create(code="claim", names={"en": "Claim"}, like="request")
    TicketKind.objects.create(code="recall", names={"en": "Recall"}, like="request", active=False)
    asked = facts.REGISTRY.get("tickets.kinds").options
    assert asked is not None
    assert (asked()["claim"], asked()["recall"], "incident" in asked()) == ("Claim", "Recall", True)
    opens = verbs.REGISTRY["open_ticket"].options["kind"]()
    assert (opens["claim"], "recall" in opens) == ("Claim", False), "tickets that are there may be of a kind that new ones are not"


@pytest.mark.django_db
def test_bob_cannot_fill_in_anything_for_alices_contact(centre: Centre, call: Interaction) -> None:
    AgentState.objects.get_or_create(agent=centre.bob, defaults={"since": centre.now})
    client = signed_in(centre.bob)
    for verb in ("new-customer", "details", "new-ticket"):
        assert client.post(f"/desk/{call.pk}/{verb}/", {"ticket-title": "x", "ticket-kind": "incident"}).status_code == 404
    assert Ticket.objects.count() == 0


@pytest.mark.django_db
def test_what_was_made_for_a_wrong_customer_is_pointed_out(centre: Centre, call: Interaction) -> None:
    wrong, right = parties.create(None, name="Noor de Vries"), parties.create(None, name="Noor Vries")
    interactions.confirm_subject(centre.alice, call.pk, wrong.pk)
    parties.change(wrong.pk, {"name": "Noor Jansen"}, centre.alice, during=f"interaction:{call.pk}")
    interactions.change_subject(centre.alice, call.pk, right.pk)
    html = signed_in(centre.alice).get("/desk/fragments/?names=work&tab=overview").content.decode()
    assert "Made for another customer before:" in html
