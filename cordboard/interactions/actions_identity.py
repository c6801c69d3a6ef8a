"""The identity check: the agent asks what only the customer knows, the record says whether the answer is right. The result is context of the contact, with
who asked and when, and travels with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from cordboard.interactions.actions_context import _set, newest
from cordboard.interactions.acts import Act, Came
from cordboard.interactions.models import ContextValue, Interaction
from cordboard.interactions.permissions import HANDLE, require_part
from cordboard.interactions.tell import Tell
from cordboard.parties import identity
from cordboard.parties.identity import Verdict
from cordboard.parties.queries import ids_of

IDENTITY = "identity"
"""Context value: {"party": whom it proves, "asked": [{"code": "postcode", "right": true}, ...], "passed": bool}."""


@dataclass(frozen=True, slots=True)
class Check:
    """How the check of a contact stands. `questions` are codes, without the answers."""

    verdict: Verdict
    questions: tuple[str, ...]
    asked: tuple[tuple[str, bool], ...]


def _kept(row: Interaction) -> list[dict[str, Any]]:
    """The answers so far, of the customer that it is about now."""
    value = newest(row.pk, [IDENTITY]).get(IDENTITY)
    return list(value["asked"]) if isinstance(value, dict) and value.get("party") == row.subject_id else []


def check(interaction: Interaction, now: datetime | None = None) -> Check | None:
    """None while nobody knows whom it is about. A query for the answers kept, and those of the sources."""
    if interaction.subject_id is None:
        return None
    asked = [(str(one["code"]), bool(one["right"])) for one in _kept(interaction)]
    verdict = identity.verdict(right for _, right in asked)
    questions: tuple[str, ...] = ()
    if verdict is Verdict.OPEN:
        facts = identity.known(ids_of(interaction.subject_id), (now or timezone.now()).date())
        questions = tuple(one.code for one in identity.choose(facts, [code for code, _ in asked], interaction.pk))
    return Check(verdict, questions, tuple(asked))


def passed(interaction: Interaction) -> bool:
    """Whether the customer has proven who they are in this contact. One query."""
    return identity.verdict(bool(one["right"]) for one in _kept(interaction)) is Verdict.PASSED


def answer_question(user: Any, interaction: int, code: str, given: str, *, now: datetime | None = None) -> Act:
    """What the customer answered to a question. Never says what would have been right. Came: done, already (this was asked), not_now (it is decided, or it is not
    known whom it is about), no_such (no such question)."""
    now = now or timezone.now()
    with transaction.atomic():
        row = Interaction.objects.select_for_update(of=("self",)).select_related("agent").filter(pk=interaction).first()
        if row is None:
            return Act(Came.NO_SUCH, interaction)
        require_part(user, HANDLE, row)
        if row.subject_id is None:
            return Act(Came.NOT_NOW, interaction)
        asked = _kept(row)
        if identity.verdict(bool(one["right"]) for one in asked) is not Verdict.OPEN:
            return Act(Came.NOT_NOW, interaction)
        if any(one["code"] == code for one in asked):
            return Act(Came.ALREADY, interaction)
        answers = [one.answer for one in identity.known(ids_of(row.subject_id), now.date()) if one.code == code]
        if not answers:
            return Act(Came.NO_SUCH, interaction)
        asked = [*asked, {"code": code, "right": identity.right(answers, given)}]
        done = identity.verdict(bool(one["right"]) for one in asked) is Verdict.PASSED
        tell = Tell.of(user)
        _set(row.pk, {IDENTITY: {"party": row.subject_id, "asked": asked, "passed": done}}, by=ContextValue.By.AGENT, user=user, tell=tell, now=now, write=True)
    return Act(Came.DONE, interaction)
