"""What else views ask of tickets: the product, a kind's own fields and states, the support level, who follows, what changed; and what is masked is not asked for."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from cordboard.catalogue.models import Product, RegisteredProduct
from cordboard.org.models import Position, Role, User
from cordboard.org.tests.people import person, unit
from cordboard.parties.models import Party
from cordboard.tickets import actions_view, kinds, queries_list
from cordboard.tickets.filter_facts import EVERY, offered, reader_of
from cordboard.tickets.filters import MaskedFilter, WrongFilter, problems
from cordboard.tickets.models import Complaint, SupportLevel, Ticket, TicketChange, TicketKind, TicketLevel, TicketMessage, TicketWatcher

NOW = datetime(2026, 11, 17, 14, 32, tzinfo=UTC)
LOOKS = {"tickets.view": "all"}


@pytest.fixture
def alice(db: None) -> User:
    return person("alice", LOOKS, unit=unit())


@pytest.fixture
def dave(db: None) -> User:
    """His role sees details of customers masked."""
    dave = person("dave", LOOKS, unit=unit())
    Role.objects.filter(users=dave).update(masks=True)
    return dave


def made(number: int, **fields: Any) -> Ticket:
    return Ticket.objects.create(number=10_000 + number, title=f"t{number}", **{"opened_at": NOW - timedelta(days=30), **fields})


def asks(fact: str, op: str, value: Any = None) -> dict[str, Any]:
    return {"fact": fact, "op": op} | ({} if value is None else {"value": value})


def found(user: User, *tests: dict[str, Any]) -> list[int]:
    rows = queries_list.fitting(user, {"all": list(tests)}, NOW)
    return sorted(number - 10_000 for number in rows.values_list("number", flat=True))


def both(user: User, one: dict[str, Any]) -> tuple[list[int], list[int]]:
    """What fits a condition, and what fits its contrary: together all tickets, and none twice."""
    yes, no = found(user, one), found(user, {"not": one})
    assert sorted(yes + no) == sorted(number - 10_000 for number in Ticket.objects.values_list("number", flat=True))
    return yes, no


@pytest.fixture
def kettles(db: None) -> dict[str, RegisteredProduct]:
    noor = Party.objects.create(name="Noor", created_at=NOW)
    rows = {}
    for code, family, serial in (("k1", "kettle", "KE-100-7"), ("k2", "kettle", "KE-200-8"), ("t1", "toaster", "TO-100-9")):
        product = Product.objects.create(code=code, names={"en": code.upper()}, family=family)
        rows[code] = RegisteredProduct.objects.create(party=noor, product=product, serial=serial, bought_on=date(2026, 1, 2), warranty_until=date(2028, 1, 2))
    return rows


def test_the_product_its_group_and_its_serial_number(alice: User, kettles: dict[str, RegisteredProduct]) -> None:
    for number, code in enumerate(("k1", "k2", "t1"), 1):
        made(number, product=kettles[code])
    made(4)
    assert both(alice, asks("ticket.product", "is", str(kettles["k1"].product_id))) == ([1], [2, 3, 4])
    assert both(alice, asks("ticket.product_group", "is", "kettle")) == ([1, 2], [3, 4])
    assert both(alice, asks("ticket.product_group", "unknown")) == ([4], [1, 2, 3])
    assert both(alice, asks("ticket.serial", "is", "ke-200-8")) == ([2], [1, 3, 4]), "whatever the case"
    assert both(alice, asks("ticket.serial", "starts_with", "ke-")) == ([1, 2], [3, 4])
    assert both(alice, asks("ticket.serial", "contains", "100")) == ([1, 3], [2, 4])
    assert both(alice, asks("ticket.serial", "in", ["TO-100-9", "KE-100-7"])) == ([1, 3], [2, 4])
    assert both(alice, asks("ticket.serial", "known")) == ([1, 2, 3], [4])


@pytest.fixture
def returns(db: None) -> TicketKind:
    kept = [
        {"code": "why", "type": "choice", "names": {"en": "Why"}, "choices": [{"code": "broken", "names": {"en": "Broken"}}, {"code": "ugly", "names": {"en": "Ugly"}}]},
        {"code": "weight", "type": "number", "names": {"en": "Weight"}},
        {"code": "sent-on", "type": "date", "names": {"en": "Sent on"}},
        {"code": "shop", "type": "text", "names": {"en": "Shop"}},
        {"code": "opened", "type": "yes_no", "names": {"en": "Opened"}},
    ]  # fmt: skip
    states = [{"code": "sent", "like": "waiting", "names": {"en": "On its way"}}]
    row = TicketKind.objects.create(code="send-back", names={"en": "Sending back"}, fields=kept, states=states)
    kinds.forget()
    return row


def test_a_kinds_own_fields_by_their_type(alice: User, returns: TicketKind) -> None:
    own = {"kind": "send-back"}
    made(1, **own, values={"why": "broken", "weight": "2.5", "sent-on": "2026-11-02", "shop": "Lamp and Ketel", "opened": True}, stage="sent", state="waiting")
    made(2, **own, values={"why": "ugly", "weight": "12", "sent-on": "2026-11-16", "shop": "corner shop", "opened": False})
    made(3, **own, values={"weight": "heavy"})  # from before it was a number
    made(4, values={"why": "broken", "weight": "2.5", "opened": True})  # of another kind: not that field
    field = "field.send-back."
    assert both(alice, asks(field + "why", "is", "broken")) == ([1], [2, 3, 4])
    assert both(alice, asks(field + "why", "in", ["broken", "ugly"])) == ([1, 2], [3, 4])
    assert both(alice, asks(field + "weight", "less", 10)) == ([1], [2, 3, 4]), "by number, not by letters"
    assert both(alice, asks(field + "weight", "between", [2.5, 12])) == ([1, 2], [3, 4])
    assert both(alice, asks(field + "weight", "is", 12)) == ([2], [1, 3, 4])
    assert both(alice, asks(field + "sent-on", "at_most", "2026-11-02")) == ([1], [2, 3, 4])
    assert both(alice, asks(field + "sent-on", "within", "3d")) == ([2], [1, 3, 4])
    assert both(alice, asks(field + "sent-on", "older_than", "10d")) == ([1], [2, 3, 4])
    assert both(alice, asks(field + "shop", "contains", "KETEL")) == ([1], [2, 3, 4])
    assert both(alice, asks(field + "shop", "is", "Corner Shop")) == ([2], [1, 3, 4])
    assert both(alice, asks(field + "opened", "is", True)) == ([1], [2, 3, 4])
    assert both(alice, asks(field + "opened", "is", False)) == ([2], [1, 3, 4])
    assert both(alice, asks(field + "opened", "known")) == ([1, 2], [3, 4])
    assert both(alice, asks(field + "shop", "unknown")) == ([3, 4], [1, 2])
    assert both(alice, asks("ticket.stage", "is", "send-back:sent")) == ([1], [2, 3, 4])
    assert (str(EVERY[field + "weight"].fact.words), dict(EVERY[field + "why"].fact.choices)) == ("Sending back: Weight", {"broken": "Broken", "ugly": "Ugly"})
    with pytest.raises(WrongFilter):
        found(alice, asks(field + "colour", "is", "red"))
    assert problems(asks(field + "why", "is", "lost"), EVERY, NOW) or found(alice, asks(field + "why", "is", "lost")) == []


def test_the_level_is_where_it_was_handed_to_or_what_its_unit_serves(alice: User, kettles: dict[str, RegisteredProduct]) -> None:
    second, third = unit("second"), unit("third")
    SupportLevel.objects.create(rank=2, unit=second)
    SupportLevel.objects.create(rank=3, unit=third, family="kettle")
    made(1)
    made(2, unit=second)
    TicketLevel.objects.create(ticket=made(3, unit=second), rank=4, since=NOW)
    made(4, unit=third, product=kettles["k1"])
    made(5, unit=third, product=kettles["t1"])
    assert both(alice, asks("ticket.level", "is", "2")) == ([2], [1, 3, 4, 5])
    assert both(alice, asks("ticket.level", "in", ["3", "4"])) == ([3, 4], [1, 2, 5])
    assert both(alice, asks("ticket.level", "is", "1")) == ([1, 5], [2, 3, 4]), "a level that serves another group of products serves it not"


def test_followed_by_me_and_the_list_of_my_position(alice: User, dave: User) -> None:
    leads = Position.objects.create(name="Lead", code="lead", unit=unit())
    TicketWatcher.objects.create(ticket=made(1, position=leads), user=alice, at=NOW)
    TicketWatcher.objects.create(ticket=made(2), user=dave, at=NOW)
    made(3)
    assert both(alice, asks("ticket.followed", "is", True)) == ([1], [2, 3])
    assert both(alice, asks("ticket.followers", "any_of", ["me", str(dave.pk)])) == ([1, 2], [3])
    assert found(alice, asks("ticket.position", "is", "mine")) == []
    alice.position = leads
    assert both(alice, asks("ticket.position", "is", "mine")) == ([1], [2, 3])
    assert both(alice, asks("ticket.position", "is", str(leads.pk))) == ([1], [2, 3])


def test_what_changed_since_and_who_waits_for_an_answer(alice: User) -> None:
    made(1)
    TicketMessage.objects.create(ticket=made(2, unanswered_since=NOW - timedelta(hours=5)), kind="received", text="?", at=NOW - timedelta(hours=5))
    TicketChange.objects.create(ticket=made(3), what="state", at=NOW - timedelta(days=3), actor="system")
    made(4, opened_at=NOW - timedelta(minutes=5))
    assert both(alice, asks("ticket.changed_at", "within", "1d")) == ([2, 4], [1, 3])
    assert both(alice, asks("ticket.changed_at", "older_than", "2d")) == ([1, 3], [2, 4])
    assert both(alice, asks("ticket.changed_at", "between", [(NOW - timedelta(days=4)).isoformat(), (NOW - timedelta(days=2)).isoformat()])) == ([3], [1, 2, 4])
    assert both(alice, asks("ticket.unanswered_since", "older_than", "4h")) == ([2], [1, 3, 4])


def test_how_much_complaints_weigh(alice: User) -> None:
    made(1)
    Complaint.objects.create(ticket=made(4, kind="complaint"), band="high", weighed_at=NOW)
    assert both(alice, asks("ticket.severity", "in", ["high", "critical"])) == ([4], [1])


def test_who_sees_details_masked_cannot_ask_for_them(alice: User, dave: User, returns: TicketKind, kettles: dict[str, RegisteredProduct]) -> None:
    made(1, product=kettles["k1"], kind="send-back", values={"shop": "x", "weight": "3", "why": "broken"})
    asked = [
        asks("ticket.serial", "starts_with", "KE"), asks("ticket.serial", "known"), asks("field.send-back.weight", "less", 5), asks("field.send-back.shop", "contains", "x"),
        asks("field.send-back.sent-on", "known"), asks("ticket.words", "any_of", ["leaks", "1011AB"]), asks("ticket.words", "contains", "a@b.example"),
    ]  # fmt: skip
    for one in asked:
        assert not problems(one, EVERY, NOW, reader_of(alice)), one
        assert [type(wrong) for wrong in problems({"not": {"any": [one]}}, EVERY, NOW, reader_of(dave))] == [MaskedFilter], one
        with pytest.raises(MaskedFilter):
            queries_list.count(dave, one, NOW)
        with pytest.raises(ValidationError):
            actions_view.keep(dave, "v", one)
    assert found(dave, asks("field.send-back.why", "is", "broken")) == [1], "a choice tells nobody apart"
    assert not problems(asks("ticket.words", "contains", "leaks"), EVERY, NOW, reader_of(dave))
    hidden = {"ticket.serial", *(f"field.send-back.{code}" for code in ("weight", "sent-on", "shop"))}
    assert set(offered(alice)) - set(offered(dave)) == hidden


def test_own_fields_are_looked_up_only_where_one_is_asked_for(alice: User, returns: TicketKind, django_assert_num_queries: Any) -> None:
    queries_list.count(alice, {}, NOW)
    kinds.forget()
    with django_assert_num_queries(1):
        queries_list.count(alice, asks("ticket.followed", "is", True), NOW)
    with django_assert_num_queries(3):  # the fields of all kinds, and their names; both are kept for some seconds
        queries_list.count(alice, asks("field.send-back.why", "is", "broken"), NOW)
