"""What support levels declare to the log."""

from __future__ import annotations

from cordboard.events.catalogue import declare
from cordboard.tickets.events import of_ticket as _topics

_step = {"ticket": int, "party": int | None, "step": int, "way": str, "from_rank": int, "to_rank": int, "unit": int | None, "circle": bool}
HANDED = declare("tickets.handed_on", version=1, fields={**_step, "owner": int | None, "old_owner": int | None, "old_unit": int | None}, topics=_topics)
"""Moved to another level, for good (a live hand-off once somebody took the call)."""
HANDING = declare("tickets.handing_on", version=1, fields={"ticket": int, "party": int | None, "step": int, "interaction": int}, topics=_topics)
"""The call goes to the next level; the ticket follows whoever takes it."""
DROPPED = declare("tickets.hand_on_dropped", version=1, fields={"ticket": int, "party": int | None, "step": int, "interaction": int}, topics=_topics)
LEVEL_CHANGED = declare("tickets.levels_changed", version=1, fields={"what": str, "row": int, "change": str})
"""Settings: a unit at a level ("place"), or what a level asks for ("item")."""
SOLUTION = declare("tickets.solution_said", version=1, fields={"ticket": int, "party": int | None, "article": int | None}, topics=_topics)
"""An agent said what closed a ticket; a measure's words live in the row."""
