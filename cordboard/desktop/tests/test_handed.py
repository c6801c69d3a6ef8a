"""A call handed on with its ticket, at bob's desk: the ticket is told while it rings, and open once he has taken it."""

from __future__ import annotations

from cordboard.desktop.tests.conftest import signed_in
from cordboard.org.models import Role
from cordboard.routing import actions as routing
from cordboard.routing.tests.centre import Centre
from cordboard.tickets import actions_level as level
from cordboard.tickets.tests.test_level_live import House, house

__all__ = ("house",)
COMES = "The ticket that comes with the call"


def desk(centre: Centre, name: str, tab: str = "") -> str:
    return signed_in(centre.people[name]).get(f"/desk/?tab={tab}" if tab else "/desk/").content.decode()


def test_it_is_told_while_it_rings_and_open_once_he_has_it(house: House) -> None:
    assert house.hand_on() is not None
    house.centre.ready(house.bob)
    house.centre.offer(house.call, house.bob)
    offered = desk(house.centre, "bob")
    for words in (
        COMES,
        "Machine shows E18",
        "Alice hands it to Level 2.",
        "pump does not turn",
        "The code on the display",
        "E18",
        "Why this call came to you",
    ):
        assert words in offered, words
    assert routing.accept_offer(house.bob, house.call.pk, now=house.centre.later(3)).done
    house.work()
    taken = desk(house.centre, "bob")
    assert COMES in taken
    assert f"Incident {house.ticket.number}" in taken
    assert "Why this call came to you" not in taken
    assert COMES not in desk(house.centre, "bob", "overview"), "where he goes, he stays"
    # In wrap-up it is about the contact again.
    routing.customer_left(house.call.pk, "customer", now=house.centre.later(30))
    assert COMES not in desk(house.centre, "bob")


def test_who_is_asked_first_sees_it_too(house: House) -> None:
    assert house.hand_on(warm=True) is not None
    house.centre.ready(house.bob)
    house.centre.offer(house.call, house.bob)
    assert COMES in desk(house.centre, "bob")
    assert routing.accept_offer(house.bob, house.call.pk, now=house.centre.later(3)).done
    assert COMES in desk(house.centre, "bob")
    assert COMES not in desk(house.centre, "alice")


def test_an_ordinary_transfer_opens_no_ticket_and_who_sees_no_tickets_sees_none(house: House) -> None:
    assert house.hand_on() is not None
    house.centre.ready(house.bob)
    house.centre.offer(house.call, house.bob)
    role = Role.objects.get(code="agent")
    role.permissions = {code: scope for code, scope in role.permissions.items() if not code.startswith("tickets.")}
    role.save()
    assert "Machine shows E18" not in desk(house.centre, "bob")
    role.permissions = {**role.permissions, "tickets.view": "all"}
    role.save()
    assert COMES in desk(house.centre, "bob")
    level.dropped(house.call.pk)
    assert COMES not in desk(house.centre, "bob")
