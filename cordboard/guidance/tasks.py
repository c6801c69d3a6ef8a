"""By the clock, and at the end of a contact."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, ngettext

from cordboard.guidance import watch
from cordboard.guidance.actions_survey import close_expired
from cordboard.guidance.actions_survey_plan import flow_after
from cordboard.guidance.missing import of_contact
from cordboard.guidance.queries import unsettled
from cordboard.interactions.finishing import after_talk, gate
from cordboard.interactions.models import Segment
from cordboard.lib.clock import every

__all__ = ["watch"]


def required(interaction: int, user: Any) -> str:
    """What the rules require and nobody has done yet."""
    standing = unsettled(interaction, user)
    if not standing:
        return ""
    language = get_language() or "en"
    names = [(row.texts.get(language) or row.texts.get("en") or {}).get("strong", row.rule).rstrip(".") for row in standing]
    return ngettext(
        "Still to do before the end: %(what)s. Do it, or say why not.", "Still to do before the end: %(what)s. Do them, or say why not.", len(names)
    ) % {"what": "; ".join(names)}


def scripts(interaction: int, user: Any) -> str:
    """What of the contact's scripts must still be done, by who has it last: who gave it to a colleague left the script to them as well."""
    mine = Segment.objects.filter(interaction_id=interaction, agent=user, interaction__agent=user).order_by("-pk").first()
    if mine is None or mine.end_cause == "transferred":
        return ""
    return " ".join(one.words for one in of_contact(interaction))


gate("guidance.required", required)
gate("guidance.scripts", scripts)
after_talk("guidance.survey", flow_after)
every(300.0, "guidance.surveys_over", close_expired)
