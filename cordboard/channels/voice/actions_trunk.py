"""Trunks: which there are, and what the switch tells of them."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.channels.voice import events
from cordboard.channels.voice.actions_call import SWITCH
from cordboard.channels.voice.models import Trunk, TrunkStanding, TrunkTest
from cordboard.channels.voice.permissions import MANAGE
from cordboard.events import log
from cordboard.lib.keeping import BadValue, check
from cordboard.lib.sealed import seal
from cordboard.org.permissions import require
from cordboard.telephony import driver

NUMBER = re.compile(r"\+[1-9]\d{5,14}")
TRANSPORTS = ("udp", "tcp", "tls", driver.PRACTICE)
FORMATS = ("+", "digits", "00")


FIELDS = (
    "name", "active", "position", "host", "port", "transport", "domain", "register", "expires", "username", "numbers", "any_caller_id", "identity", "number_format", "limit",
    "minutes", "redirects", "keepalive", "tell_hold",
)  # fmt: skip
"""What can be set of a trunk beside its code and its password."""


class BadTrunk(BadValue):
    """It cannot be used like this; the text says why, for people."""


def _actor(user: Any) -> str:
    return f"user:{user.pk}" if user is not None else "system"


def _check(code: str, given: driver.Trunk) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,29}", code):
        raise BadTrunk("code", _("A trunk's code has small letters, digits and dashes, 30 at most."))
    if given.transport not in TRANSPORTS:
        raise BadTrunk("transport", _("A trunk is reached over udp, tcp or tls, or is a practice trunk."))
    if given.transport != driver.PRACTICE and not _numeric(given.host):
        raise BadTrunk("host", _("A trunk needs a numeric address."))
    if not 0 < given.port < 65536:
        raise BadTrunk("port", _("The port must be from 1 to 65535."))
    if given.number_format not in FORMATS:
        raise BadTrunk("number_format", _("Numbers are written with +, as digits, or with 00."))
    if given.register and not given.username:
        raise BadTrunk("username", _("Registering needs a user name."))
    wrong = next((number for number in given.numbers if not NUMBER.fullmatch(number)), None)
    if wrong is not None:
        raise BadTrunk("numbers", _("%(number)s is no number with its country, such as +31205550123.") % {"number": wrong})
    if any(not re.fullmatch(r"\+\d{0,14}", prefix) for prefix in given.redirects):
        raise BadTrunk("redirects", _("A redirection is allowed by the beginning of a number, such as +31."))
    for field, text in (("username", given.username), ("domain", given.domain)):
        if re.search(r"[\s<>\"@;]", text):
            raise BadTrunk(field, _("User name and domain may not contain spaces, quotes or any of < > @ ;"))
    if not 60 <= given.expires <= 86400 or not 0 <= given.keepalive <= 3600:
        field = "keepalive" if 60 <= given.expires <= 86400 else "expires"
        raise BadTrunk(field, _("A registration holds for 60 to 86400 seconds, and the trunk is asked every 3600 seconds at least."))


def _numeric(host: str) -> bool:
    try:
        Trunk._meta.get_field("host").clean(host, None)
    except ValidationError:
        return False
    return bool(host)


def set_trunk(user: Any, given: driver.Trunk, *, name: str = "", position: int | None = None, keep_secret: bool = False) -> Trunk:
    """Make the trunk of this code, or change it; `keep_secret` leaves its password as it is. `user` needs voice.manage; None is the one at the server's
    console. Raises BadTrunk, PermissionDenied."""
    if user is not None:
        require(user, MANAGE)
    _check(given.code, given)
    fields: dict[str, Any] = {field.name: getattr(given, field.name) for field in dataclasses.fields(given) if field.name not in ("code", "password", "spent")}
    fields |= {"host": given.host or None, "numbers": list(given.numbers), "redirects": list(given.redirects), "identity": str(given.identity), "active": True}
    if name:
        fields["name"] = name
    if position is not None:
        fields["position"] = position
    with transaction.atomic():
        return _write(
            user, Trunk.objects.select_for_update().filter(code=given.code).first() or Trunk(code=given.code), fields, None if keep_secret else given.password
        )


def trunk_values(row: Trunk) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in FIELDS}, "host": row.host or "", "has_password": bool(row.secret)}


def keep_trunk(user: Any, number: int | None, values: Mapping[str, Any], *, code: str = "", password: str = "", seen: str = "") -> Trunk:
    """Make a trunk or change it from the settings; `values` by the names of FIELDS. `password` "" leaves the one that is kept, which goes when there is no user name any more. The
    switch uses it at once; one that is not active is used for no new call. Raises BadTrunk, BadValue, Changed, PermissionDenied, Trunk.DoesNotExist."""
    require(user, MANAGE)
    given = {name: values[name] for name in FIELDS}
    given["name"] = " ".join(str(given["name"]).split())[:80]
    if not given["name"]:
        raise BadTrunk("name", _("Give it a name."))
    if given["identity"] not in [str(one) for one in driver.Identity]:
        raise BadTrunk("identity", _("Choose one of the list."))
    if given["transport"] == driver.PRACTICE:
        given["host"] = ""
    with transaction.atomic():
        row = Trunk(code=code) if number is None else Trunk.objects.select_for_update().get(pk=number)
        if number is not None:
            check(seen, trunk_values(row))
        shown = {name: given[name] for name in FIELDS if name not in ("name", "active", "position", "numbers", "redirects", "identity")}
        _check(row.code, driver.Trunk(row.code, **shown, numbers=tuple(given["numbers"]), redirects=tuple(given["redirects"])))
        if number is None and Trunk.objects.filter(code=code).exists():
            raise BadTrunk("code", _("This code is taken."))
        secret = password if password else None if given["username"] else ""
        if number is not None and given == {name: trunk_values(row)[name] for name in FIELDS} and not password and (given["username"] or not row.secret):
            return row
        return _write(user, row, {**given, "host": given["host"] or None}, secret)


def _write(user: Any, row: Trunk, fields: Mapping[str, Any], password: str | None) -> Trunk:
    """In the caller's transaction. `password` None leaves the one that is kept."""
    made = row.pk is None
    changed = [name for name, value in fields.items() if getattr(row, name) != value]
    if made:
        last = Trunk.objects.order_by("-position").values_list("position", flat=True).first()
        row.name, row.position = row.code, 0 if last is None else last + 1
    for name, value in fields.items():
        setattr(row, name, value)
    if password is not None:
        row.secret = seal(password)
        changed.append("password")
    row.save()
    what = "added" if made else "changed"
    log.record(events.TRUNK_CHANGED, actor=_actor(user), trunk=row.pk, code=row.code, what=what, fields=None if made else sorted(changed))
    return row


def ask_trunk(user: Any, number: int, *, now: datetime | None = None) -> TrunkTest:
    """Every switch asks the trunk whether it answers (OPTIONS), now; what came back is kept with the test. Raises BadTrunk (it is switched off), PermissionDenied,
    Trunk.DoesNotExist."""
    require(user, MANAGE)
    with transaction.atomic():
        row = Trunk.objects.select_for_update().get(pk=number)
        if not row.active:
            raise BadTrunk("", _("The trunk is switched off. Switch it on first."))
        TrunkTest.objects.filter(trunk=row).delete()
        test = TrunkTest.objects.create(trunk=row, asked_by=user, asked_at=now or timezone.now())
        log.record(events.TRUNK_ASKED, actor=_actor(user), trunk=row.pk, code=row.code, test=test.pk)
    return test


def trunk_answered(node: str, number: int, answer: str, seconds: float) -> bool:
    """What the switch of a node heard. False when nobody waits for it any more."""
    with transaction.atomic():
        test = TrunkTest.objects.select_for_update().filter(pk=number).first()
        if test is None:
            return False
        test.answers = {**test.answers, node: {"answer": answer[:120], "seconds": round(seconds, 3)}}
        test.save(update_fields=["answers"])
        log.record(events.TRUNK_ANSWERED, actor=SWITCH, trunk=test.trunk_id, test=test.pk, node=node, answer=answer[:120], seconds=round(seconds, 3))
    return True


def remove_trunk(user: Any, row: Trunk) -> None:
    """Calls on it go on; no new one is placed over it. Raises PermissionDenied."""
    if user is not None:
        require(user, MANAGE)
    with transaction.atomic():
        log.record(events.TRUNK_CHANGED, actor=_actor(user), trunk=row.pk, code=row.code, what="removed", fields=None)
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
