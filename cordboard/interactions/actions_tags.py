"""Tags of contacts: added by agents and by rules, taken away by agents."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.interactions import events
from cordboard.interactions.deeds import CannotBeDone, Doing
from cordboard.interactions.models import Interaction, InteractionTag
from cordboard.interactions.permissions import HANDLE, require_part
from cordboard.interactions.tell import Tell
from cordboard.parties import actions_tags as of_parties
from cordboard.parties.tags import tidy


def tag(user: Any, interaction: int, words: str, *, now: datetime | None = None) -> bool:
    """Returns whether it is new. Raises ValidationError, PermissionDenied, Interaction.DoesNotExist."""
    with transaction.atomic():
        row = Interaction.objects.select_related("agent").get(pk=interaction)
        require_part(user, HANDLE, row)
        tell = Tell.of(user)
        made = _tag(row, words, tell, now or timezone.now(), user=user)
        tell.write()
    return made


def untag(user: Any, interaction: int, words: str) -> bool:
    """Returns whether it was there. Raises PermissionDenied, Interaction.DoesNotExist."""
    with transaction.atomic():
        row = Interaction.objects.select_related("agent").get(pk=interaction)
        require_part(user, HANDLE, row)
        gone, _each = InteractionTag.objects.filter(interaction=row, tag=tidy(words)).delete()
        if gone:
            tell = Tell.of(user)
            tell.add(events.TAGGED, interaction=row.pk, added=False, agent=row.agent_id)
            tell.write()
    return bool(gone)


def _tag(row: Interaction, words: str, tell: Tell, now: datetime, *, user: Any = None, rule: str = "") -> bool:
    clean = tidy(words)
    if not clean:
        raise ValidationError({"tag": _("Write a tag first.")})
    _row, made = InteractionTag.objects.get_or_create(interaction=row, tag=clean, defaults={"by": user, "rule": rule[:120], "at": now})
    if made:
        tell.add(events.TAGGED, interaction=row.pk, added=True, agent=row.agent_id)
    return made


def by_rule(doing: Doing) -> dict[str, Any]:
    """The rule's action `add_tag`: on the contact, or on its customer."""
    words = doing.text("tag")
    if doing.action.get("on") != "customer":
        return {"tag": tidy(words), "new": _tag(doing.row, words, doing.tell, doing.now, rule=doing.rule)}
    if doing.party is None:
        raise CannotBeDone(_("Nobody knows the customer."))
    during = f"interaction:{doing.row.pk}"
    new = of_parties.tag(None, doing.party, words, rule=doing.rule, during=during, now=doing.now)
    return {"tag": tidy(words), "party": doing.party.pk, "new": new}
