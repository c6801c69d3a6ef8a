"""A desk telephone's own keys: what an agent does there is done as on the desktop, by the same actions and under the same rules."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from cordboard.channels.voice.models import Line, Phone
from cordboard.interactions.acts import Came
from cordboard.interactions.models import OutsideParty, Segment
from cordboard.org.models import User
from cordboard.routing import actions_call, actions_conference, actions_outside, actions_transfer

logger = logging.getLogger(__name__)


def _agent(interaction: int, segment: int) -> User | None:
    found = Segment.objects.select_related("agent").filter(pk=segment, interaction=interaction).first()
    return found.agent if found is not None else None


def phone_holds(interaction: int, segment: int, held: bool) -> bool:
    """The hold key: the customer hears music until it is pressed again. False when that may not be (now)."""
    agent = _agent(interaction, segment)
    if agent is None:
        return False
    try:
        came = actions_call.hold(agent, interaction) if held else actions_call.resume(agent, interaction)
    except PermissionDenied:
        return False
    return came.done


def _meant(dialled: str) -> dict[str, Any]:
    """Whom a telephone of ours dials: a colleague's telephone, or the queue of one of our lines; {} for a number outside. Two queries at most."""
    colleague = Phone.objects.filter(account=dialled).exclude(user=None).values_list("user_id", flat=True).first()
    if colleague is not None:
        return {"to_agent": colleague}
    line = Line.objects.filter(number=dialled).values_list("queue_id", flat=True).first()
    return {"to_queue": line} if line is not None else {}


def _dialled(interaction: int, segment: int, number: str, purpose: str) -> bool:
    agent = _agent(interaction, segment)
    if agent is None or not number:
        return False
    to = _meant(number)
    act = actions_transfer.transfer if purpose == OutsideParty.Purpose.TRANSFER else actions_transfer.consult
    try:
        came = act(agent, interaction, **to) if to else actions_outside.dial_outside(agent, interaction, number, purpose)
    except PermissionDenied:
        return False
    if not came.done:
        logger.info("%s from a desk telephone is refused: %s", purpose, came.came)
    return came.done


def phone_transfers(interaction: int, segment: int, target: str) -> bool:
    """The transfer key: blind, to a colleague's telephone, to the queue of one of our lines, or to a number outside. False when it is refused."""
    return _dialled(interaction, segment, target, OutsideParty.Purpose.TRANSFER)


def phone_asks(interaction: int, segment: int, number: str) -> bool:
    """A number dialled on another line while the customer is on the first: a consultation. False when it is refused."""
    return _dialled(interaction, segment, number, OutsideParty.Purpose.CONSULT)


def phone_swaps(interaction: int, segment: int, to_customer: bool) -> bool:
    """The agent took the other line: swaps between customer and colleague. Whoever goes back to the customer before the colleague has answered has given it up:
    False then, since the line on which the colleague was asked is of no more use."""
    agent = _agent(interaction, segment)
    if agent is None:
        return False
    with transaction.atomic():
        held = Segment.objects.filter(pk=segment, state=Segment.State.HELD).exists()
        if held is not to_customer or actions_conference.swap(agent, interaction).done:
            return True
        if to_customer:
            actions_transfer.back_out_of_consult(agent, interaction)
    return False


def phone_joins(interaction: int, segment: int) -> bool:
    """The conference key: customer, agent and colleague hear one another. False when the colleague has not answered yet."""
    agent = _agent(interaction, segment)
    return agent is not None and actions_conference.merge(agent, interaction).done


def phone_completes(interaction: int, segment: int) -> bool:
    """The transfer key with both lines in use: the colleague (or whoever rings for it) has the customer. Out of a conference the agent just leaves."""
    agent = _agent(interaction, segment)
    if agent is None:
        return False
    return actions_transfer.complete_consult(agent, interaction).done or actions_conference.leave_conference(agent, interaction).done


def phone_stops_asking(interaction: int, segment: int, parked: bool) -> bool:
    """The agent hung up the line on which a colleague was asked: back to the customer, who stays on hold as long as the telephone has them there (`parked`)."""
    agent = _agent(interaction, segment)
    if agent is None:
        return False
    with transaction.atomic():
        came = actions_transfer.back_out_of_consult(agent, interaction)
        if came.came == Came.DONE and parked:
            actions_call.hold(agent, interaction)
    return came.done
