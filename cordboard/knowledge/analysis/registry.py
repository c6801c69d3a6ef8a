"""Named analysers of texts: one kind may have several, one of them is used. A package or an installation may add its own:

offer("sentiment", "house", judge)
use("sentiment", "house")
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

logger = logging.getLogger(__name__)

Kind = Literal["language", "sentiment", "intent"]
KINDS: tuple[Kind, ...] = ("language", "sentiment", "intent")
BUILT_IN = "built-in"


@dataclass(frozen=True, slots=True)
class Found:
    """What an analyser makes of a text: `value` (a language, "positive", a contact reason), and how sure it is, 0 to 1. `score` of a mood: -1 to 1."""

    value: str
    sure: float = 1.0
    score: float = 0.0


@dataclass(frozen=True, slots=True)
class Example:
    """For intents: a text that belongs to a contact reason."""

    reason: str
    text: str
    language: str


Analyser = Callable[..., Found | None]
"""language: (text); sentiment: (text, language); intent: (text, language, examples: Sequence[Example]). None: it cannot tell."""

_offered: dict[tuple[str, str], Analyser] = {}
_used: dict[str, str] = {}


def offer(kind: Kind, name: str, analyser: Analyser) -> None:
    """Make an analyser known; the first of a kind is used until another is chosen."""
    _offered[kind, name] = analyser
    _used.setdefault(kind, name)


def use(kind: Kind, name: str) -> None:
    """Choose. KeyError when nobody offers it."""
    _offered[kind, name]
    _used[kind] = name


def offered(kind: Kind) -> list[str]:
    return sorted(name for of, name in _offered if of == kind)


def analyse(kind: Kind, *given: Any) -> Found | None:
    """What the analyser in use says. One that fails is passed over for the one built in, and the log says so."""
    name = _used.get(kind, BUILT_IN)
    for one in dict.fromkeys((name, BUILT_IN)):
        analyser = _offered.get((kind, one))
        if analyser is None:
            continue
        try:
            return analyser(*given)
        except Exception:
            logger.exception("the analyser %s of %s failed", one, kind)
    return None


def language(text: str) -> Found | None:
    return analyse("language", text)


def sentiment(text: str, language: str) -> Found | None:
    return analyse("sentiment", text, language)


def intent(text: str, language: str, examples: Sequence[Example]) -> Found | None:
    return analyse("intent", text, language, examples)
