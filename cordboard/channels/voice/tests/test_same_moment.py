"""Every pair of an act of an agent and something that happens to the call, in the same moment and in both orders: rows stay whole, sound follows them, and
nobody is left alone. The matrix is generated: situations x acts that somebody there could press x what else happens."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from cordboard.channels.voice.tests.mirror import Mirror
from cordboard.interactions.models import Interaction, OutsideParty, Segment
from cordboard.org.models import Role
from cordboard.routing import actions
from cordboard.routing.models import AgentState, Entry, Parked
from cordboard.routing.tests.centre import Centre, make_centre

NUMBER = "+31101234567"


class Undo(Exception):
    pass


@pytest.fixture
def centre(db: None) -> Centre:
    made = make_centre()
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "routing.listen_in": "all"}
    role.save()
    made.ready(made.alice, made.bob)
    return made


# ---- acts and events ----------------------------------------------------------------------------------------------

ACTS: dict[str, Callable[[Centre, Interaction], Any]] = {
    "accept": lambda c, call: actions.accept_offer(c.alice, call.pk, now=c.now),
    "reject": lambda c, call: actions.reject_offer(c.alice, call.pk, now=c.now),
    "bob accepts": lambda c, call: actions.accept_offer(c.bob, call.pk, now=c.now),
    "bob rejects": lambda c, call: actions.reject_offer(c.bob, call.pk, now=c.now),
    "hold": lambda c, call: actions.hold(c.alice, call.pk, now=c.now),
    "resume": lambda c, call: actions.resume(c.alice, call.pk, now=c.now),
    "transfer": lambda c, call: actions.transfer(c.alice, call.pk, to_agent=c.bob.pk, now=c.now),
    "transfer to queue": lambda c, call: actions.transfer(c.alice, call.pk, to_queue=c.sales.pk, now=c.now),
    "transfer outside": lambda c, call: actions.dial_outside(c.alice, call.pk, NUMBER, "transfer", now=c.now),
    "consult": lambda c, call: actions.consult(c.alice, call.pk, to_agent=c.bob.pk, now=c.now),
    "invite": lambda c, call: actions.invite(c.alice, call.pk, to_agent=c.bob.pk, now=c.now),
    "complete": lambda c, call: actions.complete_consult(c.alice, call.pk, now=c.now),
    "back out": lambda c, call: actions.back_out_of_consult(c.alice, call.pk, now=c.now),
    "swap": lambda c, call: actions.swap(c.alice, call.pk, now=c.now),
    "merge": lambda c, call: actions.merge(c.alice, call.pk, now=c.now),
    "leave": lambda c, call: actions.leave_conference(c.alice, call.pk, now=c.now),
    "bob leaves": lambda c, call: actions.hang_up(c.bob, call.pk, now=c.now),
    "park": lambda c, call: actions.park(c.alice, call.pk, now=c.now),
    "bob picks up": lambda c, call: actions.pick_up(c.bob, 701, now=c.now),
    "listen in": lambda c, call: actions.supervise(c.carol, call.pk, now=c.now),
    "stop listening": lambda c, call: actions.stop_supervising(c.carol, call.pk, now=c.now),
}

DIALS: dict[str, Callable[[Centre, Interaction], Any]] = {
    "consult outside": lambda c, call: actions.dial_outside(c.alice, call.pk, NUMBER, "consult", now=c.now),
    "invite outside": lambda c, call: actions.dial_outside(c.alice, call.pk, NUMBER, "conference", now=c.now),
}
"""Acts that only lead to a situation."""

FROM_TALKING: dict[str, tuple[str, ...]] = {
    "talking": (),
    "held": ("hold",),
    "asking": ("consult",),
    "consulting": ("consult", "bob accepts"),
    "swapped": ("consult", "bob accepts", "swap"),
    "inviting": ("invite",),
    "conference": ("consult", "bob accepts", "merge"),
    "parked": ("park",),
    "listened_to": ("listen in",),
    "dialling_consult": ("consult outside",),
    "dialling_transfer": ("transfer outside",),
    "dialling_conference": ("invite outside",),
}
"""Situations, by the acts that lead to them from alice's talk with the customer."""


def begin(centre: Centre, situation: str) -> Interaction:
    if situation in FROM_TALKING:
        call = centre.talk(centre.alice)
        for act in FROM_TALKING[situation]:
            assert (ACTS | DIALS)[act](centre, call).done, act
        return call
    call = centre.call()
    if situation == "ringing":
        centre.offer(call, centre.alice)
    return call


HAPPENS: dict[str, Callable[[Centre, Interaction], Any]] = {
    "customer hangs up": lambda c, call: actions.customer_left(call.pk, now=c.now),
    "alice is lost": lambda c, call: actions.lose_agent(call.pk, c.alice.pk, "media_lost", now=c.now),
    "bob is lost": lambda c, call: actions.lose_agent(call.pk, c.bob.pk, "media_lost", now=c.now),
    "outside answers": lambda c, call: outside(c, call, "answered"),
    "outside is busy": lambda c, call: outside(c, call, "gone"),
    "it rings too long": lambda c, call: actions.expire_offers(c.later(25)),
    "it is parked too long": lambda c, call: actions.sweep_parked(c.later(130)),
}


def outside(centre: Centre, call: Interaction, what: str) -> None:
    party = OutsideParty.objects.filter(interaction=call).last()
    if party is not None and what == "answered":
        actions.outside_answered(party.pk, now=centre.now)
    elif party is not None:
        actions.outside_gone(party.pk, "busy", now=centre.now)


def tell(mirror: Mirror, what: str) -> None:
    """What happens outside happens in the sound first."""
    legs = [agent.leg for agent in mirror.call.agents if agent.outside and not agent.accepted and agent.leg]
    from cordboard.telephony import driver
    from cordboard.telephony.driver import Cause

    for leg in legs:
        if what == "outside answers":
            mirror.put(driver.LegUp(leg))
        elif what == "outside is busy":
            mirror.put(driver.LegEnded(leg, Cause.BUSY, True))


# ---- what always holds --------------------------------------------------------------------------------------------


def rows_are_whole(centre: Centre, call: Interaction) -> None:
    call.refresh_from_db()
    parts = list(Segment.objects.filter(interaction=call).exclude(state="ended"))
    live = [part for part in parts if part.state in ("active", "held")]
    owners = [part for part in live if part.kind not in ("consult", "conference", "supervise")]
    entries = list(Entry.objects.filter(interaction=call, state__in=("waiting", "offered")))
    parties = list(OutsideParty.objects.filter(interaction=call).exclude(state="ended"))
    places = Parked.objects.filter(interaction=call, ended_at=None).count()
    if call.ended_at is not None:
        assert not live, "somebody talks to nobody"
        assert not entries, "somebody waits who has left"
        assert not parties
        assert not places
    else:
        waits = sum(entry.kind != "consult" for entry in entries)
        theirs = sum(party.purpose == "transfer" and party.state == "active" for party in parties)
        assert len(owners) + waits + places + theirs == 1, f"one has the customer: {owners}, {entries}, {parties}, {places} parked"
        assert all(one.supervises is not None and one.supervises.state in ("active", "held") for one in live if one.kind == "supervise")
        if owners and owners[0].state == "active":
            assert call.state == "active"
    for agent in AgentState.objects.filter(agent__in=(centre.alice, centre.bob)):
        own = [part for part in parts if part.agent_id == agent.agent_id and part.kind != "supervise"]
        assert agent.voice_load == len(own), f"{agent.agent}: {agent.voice_load} of {own}"
        busy = {"offered": "offered", "active": "talking", "held": "talking", "wrapup": "wrapup"}
        assert not own or agent.state == busy[own[0].state], f"{agent.agent} is {agent.state} with {own}"
        assert own or agent.state in ("ready", "not_ready", "offline"), f"{agent.agent} is {agent.state} without a contact"


@pytest.mark.django_db
@pytest.mark.parametrize("situation", ["waiting", "ringing", *FROM_TALKING])
def test_every_pair_in_the_same_moment(centre: Centre, situation: str) -> None:
    begun = centre.now
    call = begin(centre, situation)
    standing = Mirror(call.pk).follow()
    rows_are_whole(centre, call)
    standing.agrees()
    tried, changes = 0, {name for name, do in ACTS.items() if alone(centre, call, do)}
    for (act, do), (event, happen), first in itertools.product(ACTS.items(), HAPPENS.items(), ("act", "event")):
        if not meant(situation, act, event) or (first == "act" and act not in changes):
            continue  # an act that is refused comes to the event alone
        tried += 1
        mirror = Mirror(call.pk)
        mirror.call, mirror.read = standing.call, standing.read
        try:
            with transaction.atomic():
                if first == "act":
                    do(centre, call)
                    tell(mirror, event)
                    happen(centre, call)
                else:
                    tell(mirror, event)
                    happen(centre, call)
                    do(centre, call)
                try:
                    rows_are_whole(centre, call)
                    mirror.follow().agrees()
                except AssertionError as problem:
                    raise AssertionError(f"{situation}: {act} and {event}, {first} first: {problem}") from problem
                raise Undo
        except Undo:
            centre.now = begun
    assert tried


def alone(centre: Centre, call: Interaction, do: Callable[[Centre, Interaction], Any]) -> bool:
    """Whether the act is done there."""
    done = False
    try:
        with transaction.atomic():
            done = do(centre, call).done
            raise Undo
    except Undo:
        return done


def meant(situation: str, act: str, event: str) -> bool:
    """Leaves out what says nothing: events that cannot happen there, and acts of people who have nothing to do with it."""
    if "outside" in event and not situation.startswith("dialling"):
        return False
    if event == "it rings too long" and situation not in ("ringing", "asking", "inviting"):
        return False
    if event == "it is parked too long" and situation != "parked":
        return False
    if event == "bob is lost" and situation not in ("consulting", "swapped", "conference"):
        return False
    if event == "alice is lost" and situation in ("waiting", "ringing", "parked"):
        return False
    if situation in ("waiting", "ringing", "parked"):
        return act in ("accept", "reject", "bob accepts", "bob picks up", "listen in", "park", "transfer")
    if act in ("accept", "reject"):
        return situation == "held"
    return not (act.startswith("bob") and situation not in ("asking", "consulting", "swapped", "inviting", "conference"))
