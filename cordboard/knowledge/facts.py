"""What rules may ask about the customer's own words: their language, mood and intent. The situation is that of a contact: "interaction", "context".

The text is the latest that the customer said, wrote or keyed (a question of the IVR or a survey, a web form); where there is none, what the agent noted of it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from cordboard.interactions.models import ContactReason, Interaction, InteractionReason, Note
from cordboard.knowledge.analysis import intent as _intent  # noqa: F401  the built-in analysers make themselves known
from cordboard.knowledge.analysis import language as _language  # noqa: F401
from cordboard.knowledge.analysis import registry
from cordboard.knowledge.analysis import sentiment as _sentiment  # noqa: F401
from cordboard.knowledge.analysis.registry import Example, Found
from cordboard.knowledge.analysis.spoken import customer_text
from cordboard.org.languages import LANGUAGES, OWN_NAMES
from cordboard.rules.facts import CHOICE, NUMBER, TEXT, Situation, declare

SURE = 0.45
"""What is less sure counts as not known."""
PAST = 1_000
"""Past contacts from whose headlines intents are learnt."""
LEARN_EVERY = 600.0

_learnt: tuple[float, tuple[Example, ...]] = (0.0, ())


def forget() -> None:
    """Learn the contact reasons anew."""
    global _learnt
    _learnt = (0.0, ())


def examples() -> tuple[Example, ...]:
    """Texts by contact reason: its names, and the headlines of past contacts that had this reason. Two queries, every ten minutes in each process."""
    global _learnt
    until, known = _learnt
    if time.monotonic() < until:
        return known
    found: list[Example] = []
    rows = ContactReason.objects.filter(active=True, children=None).select_related("parent")
    for row in rows:
        for language, name in row.names.items():
            above = row.parent.names.get(language, "") if row.parent is not None else ""
            found.append(Example(row.code, f"{name}. {above}", language))
    leaves = {row.code for row in rows}
    past = (
        InteractionReason.objects.exclude(interaction__headline="")
        .order_by("-pk")
        .values_list("reason__code", "interaction__headline", "interaction__language")
    )
    found += [Example(code, headline, language or "en") for code, headline, language in past[:PAST] if code in leaves]
    _learnt = (time.monotonic() + LEARN_EVERY, tuple(found))
    return _learnt[1]


def _once(at: Situation, key: str, make: Any) -> Any:
    kept: dict[str, Any] = at.get("_text_read") or {}
    if isinstance(at, dict):
        kept = at.setdefault("_text_read", {})
    if key not in kept:
        kept[key] = make()
    return kept[key]


def _text(at: Situation) -> str | None:
    """The customer's words; at most one query."""

    def look() -> str | None:
        context: Mapping[str, Any] = at.get("context") or {}
        if said := customer_text(context):
            return said
        row: Interaction | None = at.get("interaction")
        if row is None:
            return None
        noted = Note.objects.filter(interaction=row).exclude(text="").order_by("-saved_at").values_list("text", flat=True).first()
        return str(noted) if noted else None

    found: str | None = _once(at, "text", look)
    return found


def _found_language(at: Situation) -> Found | None:
    text = _text(at)
    found: Found | None = _once(at, "language", lambda: registry.language(text) if text else None)
    return found


def _spoken(at: Situation) -> str:
    """The language to read the text in: its own, else the contact's."""
    found = _found_language(at)
    if found is not None and found.sure >= SURE:
        return found.value
    row: Interaction | None = at.get("interaction")
    return row.language if row is not None and row.language else "en"


def _language_of(at: Situation) -> str | None:
    found = _found_language(at)
    return found.value if found is not None and found.sure >= SURE else None


def _mood(at: Situation) -> Found | None:
    text = _text(at)
    found: Found | None = _once(at, "mood", lambda: registry.sentiment(text, _spoken(at)) if text else None)
    return found


def _about(at: Situation) -> Found | None:
    text = _text(at)

    def look() -> Found | None:
        spoken = _spoken(at)
        return registry.intent(text or "", spoken if spoken in LANGUAGES else "en", examples()) if text else None

    found: Found | None = _once(at, "intent", look)
    return found


def _reasons() -> dict[str, Any]:
    language = get_language() or "en"
    return {row.code: row.name_in(language) for row in ContactReason.objects.filter(active=True, children=None)}


LANGUAGE_NAMES = {
    **OWN_NAMES,
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
    "uk": "Українська",
    "ja": "日本語",
    "ko": "한국어",
    "ar": "العربية",
    "el": "Ελληνικά",
    "he": "עברית",
}
MOODS = {
    "positive": pgettext_lazy("mood of a text", "positive"),
    "neutral": pgettext_lazy("mood of a text", "neutral"),
    "negative": pgettext_lazy("mood of a text", "negative"),
}

declare("text.words", TEXT, _("the customer's words"), read=_text)
declare("text.language", CHOICE, _("language of the customer's words"), read=_language_of, choices=LANGUAGE_NAMES)
declare("text.sentiment", CHOICE, _("mood of the customer's words"), read=lambda at: mood.value if (mood := _mood(at)) is not None else None, choices=MOODS)
declare("text.sentiment_score", NUMBER, _("mood of the customer's words, -1 to 1"), read=lambda at: mood.score if (mood := _mood(at)) is not None else None)
declare(
    "text.intent", TEXT, _("what the customer's words are about"), read=lambda at: about.value if (about := _about(at)) is not None else None, options=_reasons
)
