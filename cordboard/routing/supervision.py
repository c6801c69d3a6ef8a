"""Whether a caller is told before a supervisor listens in. Pure.

A centre that asks nobody decides by the country of its queue's unit. The list below has the countries where both sides of a conversation must know of a
third who listens, so far as this program dares to say; a queue's own setting goes before it, and the centre's lawyers before both.
"""

from __future__ import annotations

BY_COUNTRY, ALWAYS, NEVER = "country", "always", "never"

TELL: frozenset[str] = frozenset({"AT", "BE", "CH", "DE", "DK", "ES", "FR", "IT", "NL", "PL", "PT", "SE", "RU"})
"""ISO 3166 codes where callers are told unless the queue says otherwise."""


def must_tell(setting: str, country: str) -> bool:
    """`setting`: of the queue (country, always, never). A country that is not known is told: it is the safe side."""
    if setting == ALWAYS:
        return True
    if setting == NEVER:
        return False
    return not country or country.upper() in TELL
