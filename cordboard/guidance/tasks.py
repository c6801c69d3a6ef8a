"""By the clock, and at the end of a contact."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language, ngettext

from cordboard.guidance import watch
from cordboard.guidance.queries import unsettled
from cordboard.interactions.finishing import gate

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


gate("guidance.required", required)
