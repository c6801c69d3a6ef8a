"""Ties between tickets go up and never round. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

MOST_UP = 20
"""Ties above one another that are followed when they are read."""


def circle(above: Mapping[int, Iterable[int]], ticket: int, other: int) -> list[int]:
    """The tickets that a tie from `ticket` up to `other` would close into a circle, from `ticket` round to itself; empty when it closes none. `above`: for each ticket
    those that it is tied to already."""
    if ticket == other:
        return [ticket, other]
    came: dict[int, int] = {other: ticket}
    todo = [other]
    while todo:
        now = todo.pop()
        for up in above.get(now, ()):
            if up == ticket:
                way = [ticket, now]
                while (now := came[now]) != ticket:
                    way.append(now)
                return [ticket, *way[:0:-1], ticket]
            if up not in came:
                came[up] = now
                todo.append(up)
    return []
