"""Kinds of tickets are made and changed. What tickets were of is never deleted: a kind that is not wanted any more cannot be chosen."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.lib.keeping import BadValue, check, differences
from cordboard.org.permissions import require
from cordboard.tickets import kinds, states
from cordboard.tickets.models import TicketKind
from cordboard.tickets.permissions import KINDS

SETTABLE = ("names", "active", "like", "order", "fields", "states")
MOST_FIELDS = 30
MOST_STATES = 15
_CODE = re.compile(r"[a-z][a-z0-9-]{0,19}")


def kind_values(row: TicketKind) -> dict[str, Any]:
    """What can be set of a kind, as it is kept."""
    return {name: getattr(row, name) for name in SETTABLE}


def keep_kind(user: Any, number: int | None, values: Mapping[str, Any], *, code: str = "", seen: str = "") -> TicketKind:
    """Make a kind (`number` None, with a `code`) or change one, `values` by the names of SETTABLE. A built-in one keeps its name, deadlines and priority. Tickets that are in a state that is
    gone may go to any. Raises BadValue, Changed, PermissionDenied, TicketKind.DoesNotExist."""
    require(user, KINDS)
    given = {name: values[name] for name in SETTABLE}
    with transaction.atomic():
        if number is None:
            if not _CODE.fullmatch(code):
                raise BadValue("code", _("A code has small letters, digits and dashes, begins with a letter and has at most 20 signs."))
            if TicketKind.objects.filter(code=code).exists():
                raise BadValue("code", _("Another kind has this code."))
            row, change = TicketKind(code=code), "made"
        else:
            row, change = TicketKind.objects.select_for_update().get(pk=number), "changed"
            check(seen, kind_values(row))
        if row.built_in:
            given |= {"names": row.names, "like": row.like}
        _sound(row, given)
        fields = list(SETTABLE) if number is None else differences(given, kind_values(row))
        if not fields:
            return row
        for name, value in given.items():
            setattr(row, name, value)
        row.save()
        log.record("tickets.kind_changed", actor=f"user:{user.pk}", kind=row.pk, change=change, fields=fields)
        transaction.on_commit(kinds.forget)
    return row


def _sound(row: TicketKind, given: Mapping[str, Any]) -> None:
    if not row.built_in and not given["names"].get("en"):
        raise BadValue("names", _("Give it a name in English at least: it stands in where a language has none."))
    if given["like"] not in kinds.BUILT_IN:
        raise BadValue("like", _("Choose the kind whose deadlines it takes."))
    made = states.machine(given["states"])
    if len(given["states"]) > MOST_STATES:
        raise BadValue("states", _("A kind has at most %(n)s states.") % {"n": MOST_STATES})
    for one in given["states"]:
        if not _CODE.fullmatch(str(one["code"])):
            raise BadValue("states", _("%(code)s is no code of a state: small letters, digits and dashes, at most 20.") % {"code": one["code"] or "–"})
    if found := states.findings(made):
        raise BadValue("states", finding_words(found[0]))
    known = {one.code for one in made.states} | set(states.STATES)
    _fields_sound(given["fields"], known)


def _fields_sound(rows: list[dict[str, Any]], known: set[str]) -> None:
    if len(rows) > MOST_FIELDS:
        raise BadValue("fields", _("A kind has at most %(n)s fields.") % {"n": MOST_FIELDS})
    codes = [str(one["code"]) for one in rows]
    for one in rows:
        code = str(one["code"])
        words = {"code": code or "–"}
        if not _CODE.fullmatch(code):
            raise BadValue("fields", _("%(code)s is no code of a field: small letters, digits and dashes, at most 20.") % words)
        if codes.count(code) > 1:
            raise BadValue("fields", _("Two fields have the code %(code)s.") % words)
        if one["type"] not in kinds.TYPES:
            raise BadValue("fields", _("Choose what %(code)s holds.") % words)
        if not one["names"].get("en"):
            raise BadValue("fields", _("Give %(code)s a name in English at least.") % words)
        if one["type"] == "choice" and not one["choices"]:
            raise BadValue("fields", _("Say what can be chosen for %(code)s.") % words)
        for state in one["required"]:
            if state not in known:
                raise BadValue("fields", _("%(code)s is required in %(state)s, which is no state of this kind.") % {"code": code, "state": state})


def finding_words(found: states.Finding) -> str:
    """What is wrong with states, as a sentence."""
    words = {
        "twice": _("Two states have the code %(state)s."),
        "unknown": _("%(state)s leads to %(other)s, which is no state of this kind."),
        "like": _("Choose which of the five states %(state)s is like."),
        "start": _("The first state is where tickets begin: it must be like new, open or waiting."),
        "no_end": _("No state is like resolved or closed: such tickets would never be done."),
        "unreached": _("No ticket could ever come to %(state)s."),
        "stuck": _("From %(state)s no ticket could ever be resolved or closed."),
        "waits": _("From %(state)s nothing leads back to work, so the customer's answer could not open the ticket again."),
    }
    return words[found.code] % {"state": found.state, "other": found.other}
