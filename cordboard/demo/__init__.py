"""A centre to look at: "Lamp & Ketel", a web shop for household appliances, with its people, customers and a year of history.

from cordboard import demo
loaded = demo.load()          # does only what is not there yet
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cordboard.demo.centre import Loaded


def load(fresh: bool = False, now: datetime | None = None) -> Loaded:
    """Build the demo centre and return its sign-ins. Everything is made from one seed, so that it is the same each time but for the day
    it is relative to. What is there stays as it is; `fresh` empties the database first. Chunks of some hundred rows; no chunk is left half done."""
    from cordboard.demo import centre, complaints, customers, desk, knowledge, levels, service, surveys, visits, wipe

    if fresh:
        wipe.everything()
    loaded = centre.build(now)
    knowledge.build(now)
    desk.promise()
    customers.build(now)
    surveys.build(now)
    complaints.build(now)
    visits.build(now)
    levels.build(now)
    service.build(now)
    desk.build(now)
    return loaded
