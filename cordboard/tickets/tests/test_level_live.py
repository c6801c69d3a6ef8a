"""A ticket is handed on with the call: alice has the customer on the line, the next level's queue rings, and the ticket follows whoever takes the call."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from cordboard.events.feed import FeedEvent
from cordboard.events.models import Event
from cordboard.interactions.models import Interaction
from cordboard.org.models import Role, Unit, User
from cordboard.routing import actions as routing
from cordboard.routing.models import Entry
from cordboard.routing.tests.centre import Centre, make_centre
from cordboard.tickets import actions, following_level
from cordboard.tickets import actions_level as level
from cordboard.tickets.models import LevelItem, LevelStep, SupportLevel, Ticket, TicketInteraction
from cordboard.tickets.queries_level import came_with, where


@dataclasses.dataclass
class House:
    centre: Centre
    call: Interaction
    ticket: Ticket
    second: Unit
    seen: int = 0

    @property
    def alice(self) -> User:
        return self.centre.alice

    @property
    def bob(self) -> User:
        return self.centre.bob

    def hand_on(self, **more: object) -> LevelStep | None:
        code = LevelItem.objects.get().pk
        _act, step = level.hand_on_call(self.alice, self.ticket.pk, self.call.pk, answers={code: "E18"}, why="pump does not turn", now=self.centre.now, **more)  # type: ignore[arg-type]
        return step

    def work(self) -> None:
        """The worker: what happened since goes to the tickets that follow calls."""
        for row in Event.objects.filter(pk__gt=self.seen).order_by("pk"):
            self.seen = row.pk
            if row.kind in following_level.KINDS:
                following_level.follow(FeedEvent(row.pk, row.kind, row.version, self.centre.now, row.actor, "", (), row.body, row.pk, ""))
        self.ticket.refresh_from_db()

    def hears_late(self, kind: str) -> None:
        """Of what happened a minute ago the worker is told only now."""
        row = Event.objects.filter(kind=kind).latest("pk")
        following_level.follow(FeedEvent(row.pk, row.kind, row.version, self.centre.now - timedelta(minutes=1), row.actor, "", (), row.body, row.pk, ""))
        self.ticket.refresh_from_db()

    def takes_again(self) -> None:
        """The worker died over it, and is told once more."""
        self.seen = Event.objects.filter(kind="interactions.segment_accepted").latest("pk").pk - 1
        self.work()

    def takes(self, user: User) -> None:
        self.centre.offer(self.call, user)
        assert routing.accept_offer(user, self.call.pk, now=self.centre.later(3)).done
        self.work()


@pytest.fixture
def house(db: None) -> House:
    """alice talks to a customer about a ticket of hers; level 2 is another unit, with the queue sales, and asks for the code on the display."""
    centre = make_centre()
    role = Role.objects.get(code="agent")
    role.permissions = {**role.permissions, "tickets.view": "all", "tickets.open": "all", "tickets.change": "all"}
    role.save()
    second = Unit.objects.create(code="second", name="Technical desk", parent=centre.unit)
    SupportLevel.objects.create(rank=1, unit=centre.unit)
    SupportLevel.objects.create(rank=2, unit=second, queue=centre.sales)
    LevelItem.objects.create(rank=2, asks="text", names={"en": "The code on the display"})
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    ticket = actions.open_ticket(centre.alice, title="Machine shows E18", now=centre.now)
    return House(centre, call, ticket, second, seen=Event.objects.latest("pk").pk)


def test_the_ticket_follows_whoever_takes_the_call(house: House) -> None:
    step = house.hand_on()
    assert step is not None
    # While it rings the ticket is where it was, and nobody can hand it on a second time.
    house.work()
    assert (step.state, house.ticket.owner, house.ticket.unit) == ("pending", house.alice, house.centre.unit)
    assert Entry.objects.get(interaction=house.call, left_at=None).queue == house.centre.sales
    assert TicketInteraction.objects.get(ticket=house.ticket).interaction == house.call
    with pytest.raises(ValidationError, match="at this moment"):
        level.send_on(house.alice, house.ticket.pk, now=house.centre.now)
    found = came_with(house.call.pk, house.bob)
    assert found is not None
    assert [(one["names"]["en"], one["answer"]) for one in found.answers] == [("The code on the display", "E18")]
    assert came_with(house.call.pk, house.alice) is None, "nothing came to her"

    house.centre.ready(house.bob)
    house.takes(house.bob)
    step.refresh_from_db()
    assert (step.state, step.to_owner, step.way) == ("done", house.bob, "live")
    assert (house.ticket.owner, house.ticket.unit, where(house.ticket).rank) == (house.bob, house.second, 2)
    told = Event.objects.get(kind="tickets.handed_on")
    assert (told.body["owner"], told.body["old_owner"], told.why) == (house.bob.pk, house.alice.pk, "pump does not turn")
    # The same once more changes nothing.
    house.takes_again()
    assert Event.objects.filter(kind="tickets.handed_on").count() == 1
    # He may hand it back to her, with a reason.
    level.hand_back(house.bob, house.ticket.pk, "The hose was shut", now=house.centre.now)
    house.ticket.refresh_from_db()
    assert house.ticket.owner == house.alice


def test_nothing_goes_while_the_level_misses_an_answer(house: House) -> None:
    with pytest.raises(level.Missing):
        level.hand_on_call(house.alice, house.ticket.pk, house.call.pk, now=house.centre.now)
    assert not LevelStep.objects.exists()
    assert not Entry.objects.filter(interaction=house.call, left_at=None).exists()


def test_a_closed_queue_leaves_call_and_ticket_where_they_are(house: House) -> None:
    house.centre.sales.open = False
    house.centre.sales.save()
    act, step = level.hand_on_call(house.alice, house.ticket.pk, house.call.pk, answers={LevelItem.objects.get().pk: "E18"}, now=house.centre.now)
    assert (str(act.came), step, LevelStep.objects.exists()) == ("closed", None, False)
    assert level.send_on(house.alice, house.ticket.pk, answers={LevelItem.objects.get().pk: "E18"}, now=house.centre.now).to_rank == 2


def test_a_level_without_a_queue_takes_no_calls(house: House) -> None:
    SupportLevel.objects.filter(rank=2).update(queue=None)
    with pytest.raises(ValidationError, match="takes no calls"):
        house.hand_on()


def test_the_customer_hangs_up_before_somebody_takes_it(house: House) -> None:
    step = house.hand_on()
    assert step is not None
    routing.customer_left(house.call.pk, "customer", now=house.centre.later(5))
    house.work()
    step.refresh_from_db()
    assert (step.state, house.ticket.owner, house.ticket.unit) == ("dropped", house.alice, house.centre.unit)
    assert where(house.ticket).pending is None


def test_the_call_comes_back_to_who_gave_it_and_can_be_handed_on_again(house: House) -> None:
    """Nobody of the next level was free, and she serves that queue too."""
    first = house.hand_on()
    assert first is not None
    assert routing.wrap_up(house.alice, house.call.pk, now=house.centre.now).done
    house.centre.ready(house.alice)
    house.takes(house.alice)
    first.refresh_from_db()
    assert (first.state, house.ticket.owner) == ("dropped", house.alice)
    again = house.hand_on()
    assert again is not None
    house.centre.ready(house.bob)
    house.takes(house.bob)
    assert house.ticket.owner == house.bob


def test_who_is_asked_first_has_it_when_the_call_is_handed_over(house: House) -> None:
    step = house.hand_on(warm=True)
    assert step is not None
    house.centre.ready(house.bob)
    house.takes(house.bob)
    step.refresh_from_db()
    assert (step.state, house.ticket.owner) == ("pending", house.alice), "he is asked and has taken nothing yet"
    assert came_with(house.call.pk, house.bob) == step, "and sees it while he is asked"
    assert routing.complete_consult(house.alice, house.call.pk, now=house.centre.later(20)).done
    house.work()
    step.refresh_from_db()
    assert (step.state, step.to_owner, house.ticket.owner) == ("done", house.bob, house.bob)


def test_who_was_asked_and_does_not_take_it_leaves_it_with_her(house: House) -> None:
    step = house.hand_on(warm=True)
    assert step is not None
    house.centre.ready(house.bob)
    house.takes(house.bob)
    assert routing.back_out_of_consult(house.alice, house.call.pk, now=house.centre.later(20)).done
    house.work()
    step.refresh_from_db()
    assert (step.state, house.ticket.owner) == ("dropped", house.alice)


def test_who_took_the_call_before_it_was_handed_on_has_not_taken_the_ticket(house: House) -> None:
    """The worker is late: that alice took the call it hears after she has handed it on."""
    step = house.hand_on()
    assert step is not None
    house.hears_late("interactions.segment_accepted")
    step.refresh_from_db()
    assert (step.state, house.ticket.owner) == ("pending", house.alice)
