"""Trunks: which there are, and what the switch tells of them."""

from __future__ import annotations

import dataclasses
import re
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.channels.voice import events
from cordboard.channels.voice.actions_call import SWITCH
from cordboard.channels.voice.models import Trunk, TrunkStanding
from cordboard.channels.voice.permissions import MANAGE
from cordboard.events import log
from cordboard.lib.sealed import seal
from cordboard.org.permissions import require
from cordboard.telephony import driver

NUMBER = re.compile(r"\+[1-9]\d{5,14}")
TRANSPORTS = ("udp", "tcp", "tls", driver.PRACTICE)
FORMATS = ("+", "digits", "00")


class BadTrunk(ValueError):
    """It cannot be used like this; the text says why, for people."""


def _actor(user: Any) -> str:
    return f"user:{user.pk}" if user is not None else "system"


def _check(code: str, given: driver.Trunk) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,29}", code):
        raise BadTrunk(_("A trunk's code has small letters, digits and dashes, 30 at most."))
    if given.transport not in TRANSPORTS:
        raise BadTrunk(_("A trunk is reached over udp, tcp or tls, or is a practice trunk."))
    if given.transport != driver.PRACTICE and not given.host:
        raise BadTrunk(_("A trunk needs a numeric address."))
    if not 0 < given.port < 65536:
        raise BadTrunk(_("The port must be from 1 to 65535."))
    if given.number_format not in FORMATS:
        raise BadTrunk(_("Numbers are written with +, as digits, or with 00."))
    if given.register and not given.username:
        raise BadTrunk(_("Registering needs a user name."))
    wrong = next((number for number in given.numbers if not NUMBER.fullmatch(number)), None)
    if wrong is not None:
        raise BadTrunk(_("%(number)s is no number with its country, such as +31205550123.") % {"number": wrong})
    if any(not re.fullmatch(r"\+\d{0,14}", prefix) for prefix in given.redirects):
        raise BadTrunk(_("A redirection is allowed by the beginning of a number, such as +31."))
    if re.search(r"[\s<>\"@;]", given.username + given.domain):
        raise BadTrunk(_("User name and domain may not contain spaces, quotes or any of < > @ ;"))
    if not 60 <= given.expires <= 86400 or not 0 <= given.keepalive <= 3600:
        raise BadTrunk(_("A registration holds for 60 to 86400 seconds, and the trunk is asked every 3600 seconds at least."))


def set_trunk(user: Any, given: driver.Trunk, *, name: str = "", position: int | None = None, keep_secret: bool = False) -> Trunk:
    """Make the trunk of this code, or change it; `keep_secret` leaves its password as it is. `user` needs voice.manage; None is the one at the server's
    console. Raises BadTrunk, PermissionDenied."""
    if user is not None:
        require(user, MANAGE)
    _check(given.code, given)
    try:
        Trunk._meta.get_field("host").clean(given.host or None, None) if given.host else None
    except ValidationError as problem:
        raise BadTrunk(_("A trunk needs a numeric address.")) from problem
    fields: dict[str, Any] = {field.name: getattr(given, field.name) for field in dataclasses.fields(given) if field.name not in ("code", "password", "spent")}
    fields |= {"host": given.host or None, "numbers": list(given.numbers), "redirects": list(given.redirects), "identity": str(given.identity), "active": True}
    if not keep_secret:
        fields["secret"] = seal(given.password)
    with transaction.atomic():
        if name:
            fields["name"] = name
        if position is not None:
            fields["position"] = position
        row = Trunk.objects.select_for_update().filter(code=given.code).first()
        what = "changed" if row is not None else "added"
        if row is None:
            last = Trunk.objects.order_by("-position").values_list("position", flat=True).first()
            row = Trunk(code=given.code, name=given.code, position=0 if last is None else last + 1)
        for field, value in fields.items():
            setattr(row, field, value)
        row.save()
        log.record(events.TRUNK_CHANGED, actor=_actor(user), trunk=row.pk, code=row.code, what=what)
    return row


def remove_trunk(user: Any, row: Trunk) -> None:
    """Calls on it go on; no new one is placed over it. Raises PermissionDenied."""
    if user is not None:
        require(user, MANAGE)
    with transaction.atomic():
        log.record(events.TRUNK_CHANGED, actor=_actor(user), trunk=row.pk, code=row.code, what="removed")
        row.delete()


def trunk_state(node: str, code: str, up: bool, reason: str, now: datetime | None = None) -> bool:
    """What the switch of a node tells. False when there is no such trunk any more, or nothing is new."""
    with transaction.atomic():
        row = Trunk.objects.filter(code=code).first()
        if row is None:
            return False
        known = TrunkStanding.objects.select_for_update().filter(trunk=row, node=node).first()
        if known is not None and (known.up, known.reason) == (up, reason[:80]):
            return False
        since = known.since if known is not None and known.up == up else (now or timezone.now())
        TrunkStanding.objects.update_or_create(trunk=row, node=node, defaults={"up": up, "reason": reason[:80], "since": since})
        log.record(events.TRUNK_STATE, actor=SWITCH, trunk=row.pk, node=node, up=up, reason=reason[:80])
    return True
