"""What rules may say of handing contacts over and telling colleagues: acts that can be forbidden, and a notice on the desk with a receipt from each. Loaded with the facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cordboard.interactions import prohibitions
from cordboard.interactions.deeds import CannotBeDone, Doing, deed
from cordboard.interactions.rule_verbs import people
from cordboard.org.models import Position, Unit, User
from cordboard.parties.models import Party
from cordboard.parties.queries_ownership import answers
from cordboard.routing.actions_broadcast import notify
from cordboard.routing.models import Broadcast, Queue
from cordboard.rules import verbs

To = Broadcast.To

for _act, _words in {
    "transfer": _("transfer it to a colleague or queue"),
    "transfer_outside": _("transfer it to somebody outside"),
    "consult": _("consult a colleague"),
    "conference": _("ask others into the conversation"),
    "dial_outside": _("dial anybody outside"),
    "park": _("park it"),
}.items():
    prohibitions.declare(_act, _words)


def readers() -> Mapping[str, Any]:
    """To whom a notice may go, for editors."""
    found: dict[str, Any] = {
        "agent": pgettext_lazy("notice", "whoever has the contact"),
        "account_owner": pgettext_lazy("notice", "the account owner"),
        "agent_head": pgettext_lazy("notice", "the head of the agent's unit"),
    }
    units = list(Unit.objects.values_list("code", "name"))
    found |= {f"unit:{code}": name for code, name in units}
    found |= {f"head:{code}": _now("head of %(unit)s") % {"unit": name} for code, name in units}
    found |= {f"position:{code}": name for code, name in Position.objects.values_list("code", "name")}
    found |= {f"queue:{code}": _now("agents of %(queue)s") % {"queue": name} for code, name in Queue.objects.values_list("code", "name")}
    return {**found, **people()}


verbs.declare(
    "notify",
    _("tell a colleague"),
    fields={"to": str, "texts": dict},
    sentence=_("tell %(to)s"),
    options={"to": readers},
    labels={"to": _("whom"), "texts": _("what")},
)


def by_rule(doing: Doing) -> dict[str, Any]:
    to, unit, queue, people = readers_of(str(doing.action["to"]), doing.row.agent_id, doing.party, doing.now)
    made = notify(doing.texts(), people, rule=doing.rule, to=to, unit=unit, queue=queue, interaction=doing.row, tell=doing.tell, now=doing.now)
    if made is None:
        raise CannotBeDone(_now("Nobody would get it."))
    return {"broadcast": made.pk, "readers": made.receipts.count()}


def readers_of(to: str, agent: int | None, party: Party | None, now: datetime) -> tuple[str, Unit | None, Queue | None, QuerySet[User]]:
    """To what kind of place a notice goes, its unit or queue, and who reads it there; `agent` has the matter. Raises CannotBeDone."""
    everybody = User.objects.filter(is_active=True)
    kind, _colon, code = to.partition(":")
    match kind:
        case "agent":
            return To.PERSON, None, None, everybody.filter(pk=agent or 0)
        case "account_owner":
            owner = answers(party, now) if party is not None else None
            return To.PERSON, None, None, everybody.filter(pk=owner.pk if owner is not None else 0)
        case "agent_head":
            return To.HEAD, None, None, everybody.filter(heads__members=agent or 0).distinct()
        case "unit":
            unit = Unit.objects.filter(code=code).first()
            return To.UNIT, unit, None, everybody.filter(unit=unit, unit__isnull=False)
        case "head":
            unit = Unit.objects.filter(code=code).first()
            return To.HEAD, unit, None, everybody.filter(heads=unit or 0)
        case "position":
            return To.POSITION, None, None, _holders(everybody, code)
        case "queue":
            queue = Queue.objects.filter(code=code).first()
            return To.QUEUE, None, queue, everybody.filter(queues__queue=queue, queues__isnull=False).distinct()
        case "user":
            return To.PERSON, None, None, everybody.filter(username=code)
    raise CannotBeDone(_now("Say to whom it goes."))


def _holders(everybody: QuerySet[User], code: str) -> QuerySet[User]:
    """Who holds the position; while nobody does, who holds its deputy."""
    held = everybody.filter(position__code=code)
    return held if held.exists() else everybody.filter(Q(position__stands_in_for__code=code)).distinct()


deed("notify", by_rule)
