"""Who answers for a customer, in words: owner, deputies, who stands in now, and the log of hand-offs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.desktop.presenters import say
from cordboard.org.languages import OWN_NAMES
from cordboard.org.permissions import user_may
from cordboard.parties.models import HandOff, Party
from cordboard.parties.queries_ownership import owners, responsible

SHOWN = 8


def shown(party: Party, user: Any, now: datetime) -> dict[str, Any]:
    """The section of the customer's page. Five queries, one more for who may change it."""
    found = responsible(party, now)
    may = user_may(user, "parties.assign") is not None
    today = timezone.localdate()
    if found.owner is None:
        note = (
            _("Nobody is the account owner yet.")
            if found.answers is None
            else _("Nobody is the account owner yet; %(name)s answers.") % {"name": found.answers}
        )
    elif found.away is None:
        note = ""
    else:
        given = {"owner": found.owner, "day": say.day(found.away.last_day, today), "name": found.answers}
        note = (
            _("%(owner)s is away until %(day)s; %(name)s answers for this customer.") % given
            if found.answers is not None
            else _("%(owner)s is away until %(day)s and nobody stands in: name a deputy.") % given
        )
    people = owners(()) if may else []
    return {
        "party": party.pk,
        "owner": found.owner,
        "deputies": found.deputies,
        "note": note,
        "warn": found.answers is None,
        "log": [hand_off(one, now) for one in found.log[:SHOWN]],
        "may": may,
        "people": people,
        "others": [one for one in people if found.owner is None or one.pk != found.owner.pk],
        "chosen": [*(one.pk for one in found.deputies[:2]), 0, 0][:2],
    }


def hand_off(row: HandOff, now: datetime) -> dict[str, str]:
    if row.old is not None and row.new is not None:
        what = _("From %(old)s to %(new)s") % {"old": row.old, "new": row.new}
    elif row.new is not None:
        what = _("To %(new)s") % {"new": row.new}
    else:
        what = _("From %(old)s to nobody") % {"old": row.old or _("nobody")}
    return {
        "at": say.moment(row.at, now),
        "what": what,
        "how": str(row.get_how_display()),
        "by": str(row.by or _("The system")),
        "why": row.why or because(row.because),
    }


def because(given: Mapping[str, Any]) -> str:
    """How the rule came to it, in a sentence."""
    rule, language = str(given.get("rule") or ""), OWN_NAMES.get(str(given.get("language") or ""), "")
    match given.get("code"):
        case "by_rule":
            first = _("the rule %(rule)s") % {"rule": rule}
        case "rule_left_nobody":
            first = _("the rule %(rule)s left nobody") % {"rule": rule}
        case "by_language":
            first = ""
        case _:
            return ""
    parts = [first] if first else []
    if language:
        parts.append(_("speaks %(language)s") % {"language": language})
    if given.get("country"):
        parts.append(_("works in the customer's country"))
    parts.append(_("had %(n)d customers") % {"n": int(given.get("customers") or 0)})
    return ", ".join(parts)
