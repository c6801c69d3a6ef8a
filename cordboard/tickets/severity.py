"""How much a complaint weighs: a score of 0 to 100 from what it is about, what it did, who complains, how often, and in what words. Pure.

Every part has a weight (of the scheme, set by managers) and a value of 0 to 100; the score is their weighted mean, and never below the floor of the
harm done. The points shown for the parts add up to the score, to the point.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PARTS = ("reason", "product", "harm", "value", "repeat", "wording")
HARMS = ("none", "money", "damage", "injury", "safety")
"""From the least to the worst."""
BANDS = ("low", "medium", "high", "critical")
GRADES = ("A", "B", "C", "D")
"""Business grade: how much a matter weighs, by value segment and contract; A the most."""
FLOOR = "floor"
"""In place of a part: what the harm's floor adds."""
GRADE_OF = {"gold": 1, "silver": 2}
"""Place in GRADES by value segment; any other one is C, without a contract one lower."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """What managers have set. Values of reasons, families, harms and segments are 0 to 100."""

    weights: Mapping[str, int]
    reasons: Mapping[str, int]
    """By code of a contact reason, or of its group; "" for all others."""
    families: Mapping[str, int]
    """By product family; "" for all others."""
    harms: Mapping[str, int]
    segments: Mapping[str, int]
    """By value segment; "" for all others."""
    bands: tuple[int, int, int]
    """Scores from which on a complaint is medium, high, critical."""
    floors: Mapping[str, int] = field(default_factory=dict)
    """By harm: the score is at least this."""
    repeat_full: int = 3
    """So many earlier contacts or complaints about the same count as 100."""


@dataclass(frozen=True, slots=True)
class Matter:
    """A complaint as far as it is known. `mood` is -1 (bad) to 1, None where the text says nothing."""

    reason: str = ""
    group: str = ""
    family: str = ""
    harm: str = "none"
    harm_from: str = ""
    """ "agent", "reason" or "words"; with words the word stands in `harm_word`."""
    harm_word: str = ""
    segment: str = ""
    complaints: int = 0
    """Earlier complaints of the customer, in the time that the scheme looks back."""
    contacts: int = 0
    """Earlier contacts about the same."""
    mood: float | None = None
    language: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """`given`: what the value comes from, as codes and numbers, for words.py of the screen."""

    name: str
    weight: int
    value: int
    points: int
    given: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Weighed:
    score: int
    band: str
    parts: tuple[Part, ...]


def weigh(matter: Matter, scheme: Scheme) -> Weighed:
    """The score with its parts. Raises ValueError when every weight is 0."""
    whole = sum(max(0, scheme.weights.get(name, 0)) for name in PARTS)
    if whole <= 0:
        raise ValueError("some part must have a weight")
    found = [(name, max(0, scheme.weights.get(name, 0)), *_value(name, matter, scheme)) for name in PARTS]
    total = sum(weight * value for _name, weight, value, _given in found)
    plain = (2 * total + whole) // (2 * whole)  # rounded half up, in whole numbers
    score = min(100, max(plain, scheme.floors.get(matter.harm, 0)))
    shares = _shared(plain, [weight * value for _name, weight, value, _given in found])
    parts = [Part(name, weight, value, points, given) for (name, weight, value, given), points in zip(found, shares, strict=True)]
    if score > plain:
        parts.append(Part(FLOOR, 0, score, score - plain, {"harm": matter.harm}))
    return Weighed(score, band(score, scheme), tuple(parts))


def band(score: int, scheme: Scheme) -> str:
    return BANDS[sum(score >= begin for begin in sorted(scheme.bands))]


def grade(segment: str, contract: bool) -> str:
    """The business grade; `contract`: the customer has a warranty or a contract that covers the product."""
    return GRADES[min(3, GRADE_OF.get(segment, 3) - (1 if contract else 0))]


def worse(one: str, other: str) -> str:
    """The worse of two harms."""
    return max(one, other, key=HARMS.index)


def _value(name: str, matter: Matter, scheme: Scheme) -> tuple[int, dict[str, Any]]:
    match name:
        case "reason":
            key = next((code for code in (matter.reason, matter.group) if code and code in scheme.reasons), "")
            return _of(scheme.reasons, key), {"reason": matter.reason, "by": key}
        case "product":
            return (_of(scheme.families, matter.family) if matter.family else 0), {"family": matter.family}
        case "harm":
            return _of(scheme.harms, matter.harm), {"harm": matter.harm, "from": matter.harm_from, "word": matter.harm_word}
        case "value":
            return _of(scheme.segments, matter.segment), {"segment": matter.segment}
        case "repeat":
            times = max(0, matter.complaints) + max(0, matter.contacts)
            return min(100, 100 * times // max(1, scheme.repeat_full)), {"complaints": matter.complaints, "contacts": matter.contacts}
        case _:
            mood = matter.mood
            value = 0 if mood is None else round(50 * (1 - max(-1.0, min(1.0, mood))))
            return value, {"mood": mood, "language": matter.language}


def _of(values: Mapping[str, int], key: str) -> int:
    return max(0, min(100, values.get(key, values.get("", 0))))


def _shared(whole: int, shares: list[int]) -> list[int]:
    """`whole` split in proportion to `shares` into whole numbers that add up to it (largest remainder)."""
    total = sum(shares)
    if total <= 0:
        return [0] * len(shares)
    down = [whole * share // total for share in shares]
    rest = sorted(range(len(shares)), key=lambda at: (-(whole * shares[at] % total), at))
    for at in rest[: whole - sum(down)]:
        down[at] += 1
    return down
