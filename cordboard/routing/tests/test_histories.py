"""Random histories of a small centre: whatever people, callers and the switch do in whatever order, no contact is lost, nobody has more than
they can take, every wait counts, and the live board from events says the same as the rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cordboard.events.models import Event
from cordboard.interactions.models import Interaction, Segment
from cordboard.routing import actions, board, reduce
from cordboard.routing.models import AgentState, Entry
from cordboard.routing.router import Router
from cordboard.routing.tests.centre import START, Centre, make_centre

LIVE = ("active", "held")
T = TypeVar("T")

ANYTHING = [
    "call",
    "tick",
    "later",
    "accept",
    "reject",
    "ready",
    "not_ready",
    "sign_out",
    "silent",
    "customer_left",
    "hang_up",
    "hold",
    "resume",
    "wrap_up",
    "transfer",
    "transfer_queue",
    "consult",
    "consult_queue",
    "complete",
    "back_out",
    "leave_consult",
    "media_lost",
    "media_back",
    "withdraw",
    "return",
    "agent_left",
    "join",
    "leave_queue",
    "first",
    "priority",
    "move",
]
SENSIBLE = {
    "offline": ["ready"],
    "not_ready": ["ready", "ready", "later"],
    "ready": ["tick", "tick", "call", "not_ready", "sign_out", "silent"],
    "offered": ["accept", "accept", "accept", "accept", "reject", "later", "customer_left", "withdraw", "not_ready", "sign_out"],
    "talking": [
        "consult",
        "consult",
        "consult_queue",
        "transfer",
        "transfer_queue",
        "complete",
        "complete",
        "back_out",
        "leave_consult",
        "hold",
        "resume",
        "hang_up",
        "customer_left",
        "media_lost",
        "media_back",
        "later",
        "agent_left",
        "return",
        "not_ready",
        "silent",
        "tick",
        "call",
        "first",
        "priority",
        "move",
    ],
    "wrapup": ["wrap_up", "wrap_up", "later", "silent", "not_ready"],
}


class Dice:
    """Choices out of a string of bytes, so that hypothesis can shorten a history that fails."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def __bool__(self) -> bool:
        return self.at + 6 < len(self.data)

    def of(self, options: Sequence[T]) -> T:
        self.at += 1
        return options[self.data[self.at - 1] % len(options)]


class World:
    def __init__(self, calls: int = 3) -> None:
        self.centre: Centre = make_centre()
        self.people = [self.centre.alice, self.centre.bob, self.centre.agent("erin")]
        self.centre.ready(*self.people)
        self.queues = [self.centre.support, self.centre.sales]
        self.calls: list[Interaction] = []
        self.first_wait: dict[int, Any] = {}
        self.router = Router()
        self.router.rebuild(self.centre.now)
        for queue in (0, 1, 0)[:calls]:  # so that most histories have somebody to talk to
            self.do("call", queue)
        self.router.step(self.centre.now)
        self.board = board.snapshot(START)
        self.read = Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0

    def settle(self) -> None:
        """Everybody's calls end, and everybody is ready."""
        for call in self.calls:
            actions.customer_left(call.pk, now=self.centre.now)
        actions.sweep_wrapup(self.centre.now.replace(year=2027))
        self.centre.later(1)
        for user in self.people:
            actions.sign_in(user, now=self.centre.now)
            actions.set_ready(user, now=self.centre.now)

    def has(self, person: int) -> int:
        """The interaction of this agent's latest open segment; one that does not exist when there is none."""
        mine = Segment.objects.filter(agent=self.people[person], state__in=("offered", "active", "held", "wrapup")).order_by("-pk").first()
        return mine.interaction_id if mine is not None else 0

    def call(self, number: int) -> int:
        return self.calls[-1 - number].pk if number < len(self.calls) else 0

    def step(self, dice: Dice) -> None:
        """Three times in four something that fits the state of somebody, else anything at all."""
        person = dice.of(range(3))
        state = self.centre.state(self.people[person]).state
        name = dice.of(dice.of([SENSIBLE[state]] * 3 + [ANYTHING]))
        match name:
            case "call":
                self.do(name, dice.of(range(2)))
            case "tick":
                self.do(name)
            case "later":
                self.do(name, dice.of([1, 5, 21, 61]))
            case "customer_left" | "withdraw" | "return":
                self.do(name, dice.of(range(4)))
            case "first":
                self.do(name, dice.of(range(4)))
            case "priority" | "move":
                self.do(name, dice.of(range(4)), dice.of(range(2)))
            case "join" | "leave_queue":
                self.do(name, person, dice.of(range(2)))
            case "transfer" | "consult":
                self.do(name, person, dice.of(range(3)))
            case "transfer_queue" | "consult_queue":
                self.do(name, person, dice.of(range(2)))
            case _:
                self.do(name, person)

    def do(self, name: str, *given: int) -> None:
        now = self.centre.now
        if name in ("ready", "not_ready", "sign_out", "silent"):
            user = self.people[given[0]]
            match name:
                case "ready":
                    actions.sign_in(user, now=now)
                    actions.set_ready(user, now=now)
                case "not_ready":
                    actions.set_not_ready(user, "break", now=now)
                case "sign_out":
                    actions.sign_out(user, now=now)
                case "silent":
                    from cordboard.events.models import Presence

                    Presence.objects.filter(user=user.pk).delete()
                    actions.sweep_presence(now)
            return
        match name:
            case "call":
                if len(self.calls) < 12:
                    self.calls.append(self.centre.call(self.queues[given[0]]))
                    self.first_wait[self.calls[-1].pk] = now
            case "tick":
                if connection.vendor == "postgresql":
                    self.router.rebuild(now)  # the history is one transaction here, of which the log shows nothing yet
                self.router.step(now)
            case "later":
                self.centre.later(given[0])
                self.sweep()
            case "customer_left" | "withdraw" | "return":
                number = self.call(given[0])
                if name == "customer_left":
                    actions.customer_left(number, now=now)
                elif name == "withdraw":
                    actions.withdraw_offer(number, "agent_unreachable", now=now)
                else:
                    actions.return_to_queue(number, "failed", now=now)
            case "join" | "leave_queue" | "first" | "priority" | "move":
                self.manage(name, given)
            case _:
                self.act(name, given)

    def manage(self, name: str, given: tuple[int, ...]) -> None:
        """What carol does on the live board."""
        carol, now = self.centre.carol, self.centre.now
        match name:
            case "join":
                actions.join_queue(carol, self.people[given[0]].pk, self.queues[given[1]].pk)
            case "leave_queue":
                actions.leave_queue(carol, self.people[given[0]].pk, self.queues[given[1]].pk)
            case "first":
                actions.move_first(carol, self.call(given[0]))
            case "priority":
                actions.set_priority(carol, self.call(given[0]), (1, 7)[given[1]])
            case "move":
                actions.move_to_queue(carol, self.call(given[0]), self.queues[given[1]].pk, now=now)

    def sweep(self) -> None:
        now = self.centre.now
        actions.expire_offers(now)
        actions.sweep_wrapup(now)
        actions.sweep_media(now)
        actions.sweep_presence(now)

    def act(self, name: str, given: tuple[int, ...]) -> None:
        user, now, it = self.people[given[0]], self.centre.now, self.has(given[0])
        match name:
            case "accept":
                actions.accept_offer(user, it, now=now)
            case "reject":
                actions.reject_offer(user, it, now=now)
            case "hang_up":
                actions.hang_up(user, it, now=now)
                if Interaction.objects.filter(pk=it, agent=user, state="active").exists():
                    actions.customer_left(it, "agent", now=now)
            case "hold":
                actions.hold(user, it, now=now)
            case "resume":
                actions.resume(user, it, now=now)
            case "wrap_up":
                actions.wrap_up(user, it, now=now)
            case "transfer":
                actions.transfer(user, it, to_agent=self.people[given[1]].pk, now=now)
            case "transfer_queue":
                actions.transfer(user, it, to_queue=self.queues[given[1]].pk, now=now)
            case "consult":
                actions.consult(user, it, to_agent=self.people[given[1]].pk, now=now)
            case "consult_queue":
                actions.consult(user, it, to_queue=self.queues[given[1]].pk, now=now)
            case "complete":
                actions.complete_consult(user, it, now=now)
            case "back_out":
                actions.back_out_of_consult(user, it, now=now)
            case "leave_consult":
                actions.leave_consult(user, it, now=now)
            case "media_lost":
                actions.agent_media_lost(user.pk, it, now=now)
            case "media_back":
                actions.agent_media_back(user.pk, it, now=now)
            case "agent_left":
                actions.agent_left(user.pk, it, now=now)
            case _:
                raise AssertionError(name)

    # -- what must hold ------------------------------------------------------------------------------------------

    def check(self) -> None:
        self.nobody_is_lost()
        self.nobody_has_too_much()
        self.offers_are_single()
        for event in Event.objects.filter(pk__gt=self.read).order_by("pk"):
            reduce.apply(self.board, event.kind, event.body)
            self.read = event.pk
        assert self.board == board.snapshot(START)

    def nobody_is_lost(self) -> None:
        for call in Interaction.objects.filter(pk__in=[one.pk for one in self.calls]):
            waits = Entry.objects.filter(interaction=call, state__in=("waiting", "offered")).exclude(kind="consult")
            with_agent = Segment.objects.filter(interaction=call, state__in=LIVE).exclude(kind="consult")
            if call.ended_at is None:
                assert len(waits) + len(with_agent) == 1, (call.state, list(waits), list(with_agent))
                for entry in waits:
                    assert call.state == {"waiting": "waiting", "offered": "offered"}[entry.state]
                    assert entry.waiting_since <= entry.entered_at
                    if entry.kind == "offer" and entry.counted:
                        assert entry.waiting_since == self.first_wait[call.pk]
                for segment in with_agent:
                    assert (call.state, call.agent_id) == ("active", segment.agent_id)
            else:
                assert not waits
                assert not with_agent
                wrapping = Segment.objects.filter(interaction=call, state="wrapup").exists()
                assert call.state == ("wrapup" if wrapping else "ended")
                assert (call.closed_at is None) == wrapping

    def nobody_has_too_much(self) -> None:
        for row in AgentState.objects.all():
            parts = list(Segment.objects.filter(agent_id=row.agent_id).exclude(state="ended").values_list("state", flat=True))
            assert row.voice_load == len(parts) <= row.voice_capacity
            wanted = {"offered": ["offered"], "talking": ["active", "held"], "wrapup": ["wrapup"]}.get(row.state)
            assert (parts == []) if wanted is None else (parts[0] in wanted), (row.state, parts)
            assert (row.idle_since is not None) or row.state != "ready"

    def offers_are_single(self) -> None:
        rings = sorted(Segment.objects.filter(state="offered").values_list("pk", flat=True))
        assert rings == sorted(Entry.objects.filter(state="offered").values_list("segment_id", flat=True))
        consults = Segment.objects.filter(kind="consult", state__in=("offered", *LIVE)).values_list("interaction_id", flat=True)
        for interaction in consults:
            main = Segment.objects.get(interaction_id=interaction, agent_id=Interaction.objects.get(pk=interaction).agent_id, state__in=LIVE)
            assert main.state == "held"


class Undo(Exception):
    pass


@pytest.mark.django_db
@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.binary(min_size=100, max_size=240))
def test_whatever_happens_nothing_is_lost(data: bytes) -> None:
    dice = Dice(data)
    try:
        with transaction.atomic():
            world = World()
            world.check()
            while dice:
                world.step(dice)
                world.check()
            raise Undo
    except Undo:
        pass
