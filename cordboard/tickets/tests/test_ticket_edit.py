"""Fields are changed by several at a time, and what stands around a ticket: kinds, tags, watchers, checklist, ties."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.events.models import Event
from cordboard.interactions.models import ContactReason, ContextValue, Interaction, InteractionReason
from cordboard.org.models import User
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.sales.models import Order
from cordboard.tickets import actions, kinds
from cordboard.tickets.actions_edit import Clashed, check, check_add, check_remove, edit, tag, tie, untie, values_of, watch
from cordboard.tickets.models import Ticket, TicketCheck, TicketKind, TicketLink, TicketWatcher

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def repair() -> TicketKind:
    kinds.forget()
    return TicketKind.objects.create(
        code="repair",
        names={"en": "Repair", "nl": "Reparatie"},
        like="return",
        fields=[
            {"code": "shelf", "type": "text", "names": {"en": "Shelf"}, "required": ["bench"]},
            {"code": "cost", "type": "number", "names": {"en": "Cost"}, "required": ["resolved"]},
        ],
        states=[
            {"code": "asked", "like": "new", "names": {"en": "Asked for"}, "after": ["bench"]},
            {"code": "bench", "like": "open", "names": {"en": "On the bench"}, "after": ["done"]},
            {"code": "done", "like": "resolved", "names": {}, "after": ["bench"]},
        ],
    )


def stands(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def test_two_who_change_different_fields_both_succeed(alice: User, bob: User) -> None:
    ticket = actions.open_ticket(alice, title="E18")
    seen = values_of(ticket)
    assert edit(alice, ticket.pk, seen, {**seen, "title": "E18, third time"}) == ["title"]
    assert edit(bob, ticket.pk, seen, {**seen, "priority": 2}) == ["priority"]
    row = stands(ticket)
    assert (row.title, row.priority, row.version) == ("E18, third time", 2, 3)
    assert [event.body["fields"] for event in Event.objects.filter(kind="tickets.edited").order_by("pk")] == [["title"], ["priority"]]


def test_two_who_change_the_same_field_are_shown_both_and_one_decides(alice: User, bob: User) -> None:
    ticket = actions.open_ticket(alice, title="E18")
    seen = values_of(ticket)
    edit(alice, ticket.pk, seen, {"title": "Drain blocked"})
    with pytest.raises(Clashed) as clashed:
        edit(bob, ticket.pk, seen, {"title": "Pump worn", "text": "Third visit"})
    (clash,) = clashed.value.clashes
    assert (clash.field, clash.theirs, clash.mine) == ("title", "Drain blocked", "Pump worn")
    assert stands(ticket).text == "", "nothing was saved"
    edit(bob, ticket.pk, {**seen, "title": clash.theirs}, {"title": "Pump worn", "text": "Third visit"})
    assert (stands(ticket).title, stands(ticket).text) == ("Pump worn", "Third visit")


@pytest.mark.parametrize(("field", "value"), [("title", "  "), ("kind", "banana"), ("priority", 0), ("product", 999), ("reason", 999)])
def test_a_bad_value_is_refused_by_its_field(alice: User, field: str, value: object) -> None:
    ticket = actions.open_ticket(alice, title="E18")
    with pytest.raises(ValidationError) as fault:
        edit(alice, ticket.pk, values_of(ticket), {field: value})
    assert set(fault.value.message_dict) == {field}


def test_a_kind_of_its_own_has_states_words_and_fields_that_are_required(alice: User, repair: TicketKind) -> None:
    ticket = actions.open_ticket(alice, title="Kettle", kind="repair", now=NOW)
    assert (ticket.state, ticket.stage, ticket.get_kind_display(), ticket.get_state_display()) == ("new", "asked", "Repair", "Asked for")
    with pytest.raises(ValidationError) as fault:
        actions.set_state(alice, ticket.pk, "bench")
    assert fault.value.message_dict == {"value-shelf": ["Shelf must be filled in."]}
    edit(alice, ticket.pk, {}, {"value-shelf": "B4"})
    moved = actions.set_state(alice, ticket.pk, "open")
    assert (moved.state, moved.stage, moved.get_state_display()) == ("open", "bench", "On the bench")
    with pytest.raises(ValidationError) as fault:
        edit(alice, ticket.pk, values_of(stands(ticket)), {"value-shelf": ""})
    assert set(fault.value.message_dict) == {"value-shelf"}, "what the state asks for stays filled in"
    with pytest.raises(ValidationError) as fault:
        actions.set_state(alice, ticket.pk, "resolved")
    assert set(fault.value.message_dict) == {"value-cost"}
    with pytest.raises(ValidationError) as fault:
        edit(alice, ticket.pk, {}, {"value-cost": "a lot"})
    assert fault.value.message_dict == {"value-cost": ["Cost must be a number."]}
    edit(alice, ticket.pk, {}, {"value-cost": "12,50"})
    done = actions.set_state(alice, ticket.pk, "resolved", now=NOW)
    assert (done.state, done.stage, done.values, done.resolved_at) == ("resolved", "done", {"shelf": "B4", "cost": "12.50"}, NOW)
    with pytest.raises(ValidationError):
        actions.set_state(alice, ticket.pk, "closed")


def test_a_kind_that_is_put_away_is_not_chosen_any_more(alice: User, repair: TicketKind) -> None:
    ticket = actions.open_ticket(alice, title="Kettle", kind="repair")
    TicketKind.objects.filter(pk=repair.pk).update(active=False)
    with pytest.raises(ValidationError):
        actions.open_ticket(alice, title="Another", kind="repair")
    edit(alice, ticket.pk, values_of(ticket), {"title": "The kettle"})
    assert stands(ticket).kind == "repair"


def test_a_ticket_that_changes_its_kind_keeps_its_place_among_the_five(alice: User, repair: TicketKind) -> None:
    ticket = actions.open_ticket(alice, title="Kettle", kind="repair", values={"shelf": "B4"})
    edit(alice, ticket.pk, values_of(ticket), {"kind": "incident"})
    assert (stands(ticket).state, stands(ticket).stage, stands(ticket).values) == ("new", "", {"shelf": "B4"})
    actions.set_state(alice, ticket.pk, "waiting")
    with pytest.raises(ValidationError) as fault:
        actions.set_state(alice, ticket.pk, "new")
    assert set(fault.value.message_dict) == {"state"}


def test_a_contact_brings_its_reason_order_and_words(alice: User, noor: Party) -> None:
    order = Order.objects.create(number="SO-7", party=noor, ordered_at=NOW, total=10)
    reason = ContactReason.objects.create(code="pump", names={"en": "Pump"})
    call = Interaction.objects.create(channel="voice", state="active", subject=noor, agent=alice, started_at=NOW)
    InteractionReason.objects.create(interaction=call, reason=reason, by=alice, at=NOW)
    ContextValue.objects.create(interaction=call, name="order_number", value="SO-7", by="ivr", at=NOW)
    ticket = actions.open_ticket(alice, title="Where is it?", interaction=call)
    assert (ticket.order, ticket.reason, ticket.party) == (order, reason, noor)
    with pytest.raises(ValidationError) as fault:
        actions.open_ticket(alice, title="x", party=parties.create(None, name="Else", country="NL"), order=order)
    assert set(fault.value.message_dict) == {"order"}


def test_tags_are_words_in_small_letters_each_once(alice: User) -> None:
    ticket = actions.open_ticket(alice, title="E18")
    assert tag(alice, ticket.pk, ["Pump ", "pump", "third  Visit", ""]) == ["pump", "third visit"]
    assert tag(alice, ticket.pk, ["pump"]) == ["pump"]
    tag(alice, ticket.pk, ["pump"])
    assert Event.objects.filter(kind="tickets.tagged").count() == 2, "the same again is nothing new"
    with pytest.raises(ValidationError):
        tag(alice, ticket.pk, [str(number) for number in range(21)])


def test_who_may_see_a_ticket_may_follow_it(alice: User) -> None:
    ticket = actions.open_ticket(alice, title="E18")
    erin = person("erin", {"tickets.view": "all"}, unit=unit())
    dave = person("dave", {"tickets.view": "own"}, unit=unit())
    watch(erin, ticket.pk)
    watch(erin, ticket.pk)
    assert TicketWatcher.objects.get().user == erin
    with pytest.raises(Ticket.DoesNotExist):
        watch(dave, ticket.pk)
    watch(erin, ticket.pk, False)
    assert not TicketWatcher.objects.exists()


def test_a_checklist_says_who_did_what(alice: User, bob: User) -> None:
    ticket = actions.open_ticket(alice, title="E18")
    one, two = check_add(alice, ticket.pk, "Ask for a picture"), check_add(alice, ticket.pk, "Order the part")
    check(bob, two.pk, now=NOW)
    assert [(row.text, row.done_by) for row in TicketCheck.objects.all()] == [("Ask for a picture", None), ("Order the part", bob)]
    check(bob, two.pk, False)
    check_remove(alice, one.pk)
    assert TicketCheck.objects.get().done_at is None
    with pytest.raises(ValidationError):
        check_add(alice, ticket.pk, " ")
    with pytest.raises(PermissionDenied):
        check(person("carol", {"tickets.view": "all"}), two.pk)


def test_ties_that_go_round_are_refused_with_their_way(alice: User) -> None:
    one, two, three = (actions.open_ticket(alice, title=name) for name in ("one", "two", "three"))
    tie(alice, one.pk, two.pk, "parent")
    made = tie(alice, two.pk, three.pk, "cause")
    assert tie(alice, two.pk, three.pk, "cause").pk == made.pk
    with pytest.raises(ValidationError) as fault:
        tie(alice, three.pk, one.pk, "duplicate")
    assert f"{three.number} → {one.number} → {two.number} → {three.number}" in fault.value.messages[0]
    with pytest.raises(ValidationError):
        tie(alice, one.pk, one.pk, "parent")
    untie(alice, made.pk)
    tie(alice, three.pk, one.pk, "duplicate")
    assert TicketLink.objects.count() == 2
