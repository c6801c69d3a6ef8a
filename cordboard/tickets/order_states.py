"""Which state of a service order may follow which, and what that means. Pure."""

from __future__ import annotations

PLANNED, ON_THE_WAY, WORKING, DONE, CONFIRMED, CANCELLED = "planned", "on_the_way", "working", "done", "confirmed", "cancelled"

AFTER: dict[str, tuple[str, ...]] = {
    PLANNED: (ON_THE_WAY, WORKING, CANCELLED),
    ON_THE_WAY: (WORKING, PLANNED, CANCELLED),
    WORKING: (DONE, PLANNED),
    DONE: (WORKING,),  # confirmed by a signature alone
    CONFIRMED: (WORKING,),
    CANCELLED: (PLANNED,),
}
"""The first is what usually comes next. Back to planned: nobody was at home, a part is missing."""
OPEN = (PLANNED, ON_THE_WAY, WORKING, DONE)
"""Something is still to be done, were it only to have it signed."""
CHANGES = (PLANNED, ON_THE_WAY, WORKING, DONE)
"""In these, lines and report may be changed. What was confirmed is taken up again (working) first; the signature then shows that something changed."""


def may_follow(new: str, old: str) -> bool:
    return new in AFTER[old]
