"""What rules may have done with tickets: opening one, or a task. Once for each contact and rule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cordboard.interactions.deeds import CannotBeDone, Doing, deed
from cordboard.interactions.models import InteractionReason
from cordboard.org.models import Unit, User
from cordboard.org.queries_absence import away, instead
from cordboard.parties.queries_ownership import answers
from cordboard.rules import areas, verbs
from cordboard.tickets.actions import open_ticket
from cordboard.tickets.queries_kind import choosable

OWNERS = {
    "agent": pgettext_lazy("ticket's owner", "whoever has the contact"),
    "account_owner": pgettext_lazy("ticket's owner", "the account owner"),
    "head": pgettext_lazy("ticket's owner", "the head of the unit"),
    "unit": pgettext_lazy("ticket's owner", "anybody of the unit"),
}
MOST_HOURS = 24 * 365


def units() -> Mapping[str, Any]:
    return dict(Unit.objects.values_list("code", "name"))


def kinds() -> Mapping[str, Any]:
    """Those that a new ticket can have, also those that managers added."""
    return dict(choosable(get_language() or "en"))


verbs.declare(
    "open_ticket",
    _("open a ticket or task"),
    fields={"kind": str, "title": str},
    optional={"text": str, "owner": str, "unit": str, "hours": float},
    sentence=_("open a ticket (%(kind)s): %(title)s"),
    more={"owner": _("for %(owner)s"), "unit": _("in %(unit)s"), "hours": _("due in %(hours)s hours")},
    options={"kind": kinds, "owner": lambda: OWNERS, "unit": units},
    labels={"kind": _("kind"), "title": _("title"), "text": _("text"), "owner": _("owner"), "unit": _("unit"), "hours": _("due in hours")},
)


def by_rule(doing: Doing) -> dict[str, Any]:
    action, row, party = doing.action, doing.row, doing.party
    unit = Unit.objects.select_related("head").filter(code=action["unit"]).first() if action.get("unit") else None
    if action.get("unit") and unit is None:
        raise CannotBeDone(_now("There is no unit %(code)s any more.") % {"code": action["unit"]})
    agent = User.objects.select_related("unit__head").filter(pk=row.agent_id, is_active=True).first() if row.agent_id is not None else None
    owner = owner_of(str(action.get("owner") or "agent"), agent, unit, doing)
    if owner is None and unit is None and (unit := agent.unit if agent is not None else None) is None:
        raise CannotBeDone(_now("Nobody is there to own it: no agent has the contact yet, and the rule names no unit."))
    language = owner.language if owner is not None else "en"
    hours = float(action.get("hours") or 0)
    reason = InteractionReason.objects.filter(interaction=row).order_by("-at", "-pk").values_list("reason_id", flat=True).first()
    made = open_ticket(
        None,
        title=doing.text("title", language),
        text=doing.text("text", language),
        kind=str(action["kind"]),
        party=party,
        reason=reason,
        interaction=row,
        owner=owner,
        unit=unit,
        due_at=doing.now + timedelta(hours=min(hours, MOST_HOURS)) if hours > 0 else None,
        now=doing.now,
    )
    return {"ticket": made.pk, "number": made.number}


def owner_of(who: str, agent: User | None, unit: Unit | None, doing: Doing) -> User | None:
    """Whose it is; None: the unit's."""
    if who == "unit":
        return None
    if who == "account_owner":
        return answers(doing.party, doing.now) if doing.party is not None else None
    if who == "head":
        head = unit.head if unit is not None else (agent.unit.head if agent is not None and agent.unit is not None else None)
        return instead(head.pk, away(doing.now)) if head is not None else None
    return agent


deed("open_ticket", by_rule)

areas.declare(
    "mail",
    _("Mail"),
    _("What is done with a message that comes in: where it goes, how urgent it is, what is answered."),
    verbs=("queue", "priority", "target", "require", "prefer", "add_tag", "open_ticket", "notify", "ask_approval"),
    order=30,
    asleep=_("Nothing asks these rules yet: no mailbox is read."),
)
