"""Acts that rules may forbid in a contact. The package that performs one declares it, and asks before it acts:

prohibitions.declare("transfer", _("transfer it"))
if (why := prohibitions.refused(interaction, "transfer")) is not None: return why
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cordboard.interactions import events
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import Interaction, Prohibition
from cordboard.interactions.tell import Tell
from cordboard.lib.kept import Kept
from cordboard.rules import texts

ACTS: dict[str, Any] = {}
"""Code -> words, as a rule names them."""


def declare(act: str, words: Any) -> None:
    ACTS[act] = words


@dataclass(frozen=True, slots=True)
class Forbidden:
    """As a rule wants it; the texts have the facts put in."""

    act: str
    texts: Mapping[str, Mapping[str, str]]
    rule: str
    rule_id: str
    policy: str
    version: int


def bring_in_line(row: Interaction, wanted: Iterable[Forbidden], tell: Tell, now: datetime) -> int:
    """What rules forbid now is forbidden, what none forbids any more is lifted. In the caller's transaction, `row` locked. Returns how many changed. One query, and one a change."""
    asked: dict[str, Forbidden] = {}
    for one in wanted:
        asked.setdefault(one.act, one)
    there = {one.act: one for one in Prohibition.objects.filter(interaction=row)}
    changed = 0
    for act, one in asked.items():
        held = there.get(act)
        fields: dict[str, Any] = {"texts": {language: dict(text) for language, text in one.texts.items()}, "rule": one.rule[:120], "rule_id": one.rule_id[:80]}
        fields |= {"policy": one.policy, "policy_version": one.version}
        if held is not None and held.lifted_at is None and all(getattr(held, name) == value for name, value in fields.items()):
            continue
        Prohibition.objects.update_or_create(interaction=row, act=act, defaults={**fields, "at": now, "lifted_at": None})
        tell.add(events.FORBIDDEN, interaction=row.pk, act=act, forbidden=True, agent=row.agent_id)
        changed += 1
    for act, held in there.items():
        if act not in asked and held.lifted_at is None:
            held.lifted_at = now
            held.save(update_fields=["lifted_at"])
            tell.add(events.FORBIDDEN, interaction=row.pk, act=act, forbidden=False, agent=row.agent_id)
            changed += 1
    return changed


def standing(interaction: int) -> dict[str, str]:
    """What is forbidden in this contact, with the reason in the reader's language. One query."""
    return {row.act: why(row) for row in _STANDING(interaction)}


_STANDING = Kept(lambda interaction: Prohibition.objects.filter(interaction_id=interaction, lifted_at=None).order_by("pk"))


def why(row: Prohibition) -> str:
    said = texts.in_language(row.texts, get_language() or "en")
    reason = " ".join(part for part in (said.get("strong", ""), said.get("text", "")) if part)
    return reason or _("The rule “%(rule)s” does not allow it.") % {"rule": row.rule}


def refused(interaction: int, *acts: str) -> Act | None:
    """The answer to who tries a forbidden act (the first of these that is), or None when nothing stands against it. One query."""
    row = Prohibition.objects.filter(interaction_id=interaction, act__in=acts, lifted_at=None).order_by("pk").first()
    return Act(Came.FORBIDDEN, interaction, why=why(row)) if row is not None else None
