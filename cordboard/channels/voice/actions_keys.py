"""A desk telephone's own keys: what an agent does there is done as on the desktop, by the same actions and under the same rules."""

from __future__ import annotations

import logging

from django.core.exceptions import PermissionDenied

from cordboard.channels.voice.models import Line, Phone
from cordboard.interactions.models import OutsideParty, Segment
from cordboard.org.models import User
from cordboard.routing import actions_call, actions_outside, actions_transfer

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


def phone_transfers(interaction: int, segment: int, target: str) -> bool:
    """The transfer key: blind, to a colleague's telephone, to the queue of one of our lines, or to a number outside. False when it is refused."""
    agent = _agent(interaction, segment)
    if agent is None or not target:
        return False
    colleague = Phone.objects.filter(account=target).exclude(user=None).values_list("user_id", flat=True).first()
    line = Line.objects.filter(number=target).values_list("queue_id", flat=True).first() if colleague is None else None
    try:
        if colleague is not None:
            came = actions_transfer.transfer(agent, interaction, to_agent=colleague)
        elif line is not None:
            came = actions_transfer.transfer(agent, interaction, to_queue=line)
        else:
            came = actions_outside.dial_outside(agent, interaction, target, OutsideParty.Purpose.TRANSFER)
    except PermissionDenied:
        return False
    if not came.done:
        logger.info("a transfer from a desk telephone is refused: %s", came.came)
    return came.done
