"""Which users' pages are there. The front asks every page for a heartbeat (`hub.BEAT_EVERY`) and hands in every second whom it heard
(`views.heard`). What counts is the time of the last heartbeat, with ten seconds' grace.

A restart of the front makes nobody vanish: silence counts only while somebody could have been heard. So the front of each node says when it
hands in since when it hears without a gap (`Listening`), and

- while it is away (not heard of for `AWAY`), those whom it heard last are given `PATIENCE` to come back, there or at another front;
- after it came up, they have the whole grace from that moment, since their pages come back one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from cordboard.events.models import Listening, Presence

GRACE = timedelta(seconds=10)
"""Heartbeats come every 2.5 s and are handed in every second; a page that lost its line comes back within seconds."""

AWAY = timedelta(seconds=4)
"""A front that has not handed in for so long hears nobody: it hands in every second, even that there is nothing."""

PATIENCE = timedelta(seconds=60)
"""How long nobody is missed for want of a front. A node that stays away so long has lost its pages."""


@dataclass(frozen=True, slots=True)
class Ear:
    """What is known of the front that heard a page last."""

    since: datetime
    """It hears without a gap since then."""
    seen_at: datetime
    """It handed in last."""


def is_there(seen_at: datetime, ear: Ear | None, now: datetime, grace: timedelta = GRACE) -> bool:
    """Whether a page heard last at `seen_at`, by the front `ear` (None: none is known), counts as there. Pure."""
    if now - seen_at <= grace:
        return True
    if ear is None:
        return False
    if now - ear.seen_at > AWAY:
        return now - ear.seen_at <= PATIENCE and seen_at >= ear.seen_at - grace  # it was there when the front was last heard of
    return now - ear.since <= grace and seen_at >= ear.since - PATIENCE - grace


def heard(users: Iterable[int], now: datetime, front: str = "") -> None:
    """Note that pages of these users are there. `front`: the node whose front heard them; left out (a page was fetched), that of before stays."""
    rows = [Presence(user=user, seen_at=now, front=front) for user in sorted(set(users))]
    fields = ["seen_at", "front"] if front else ["seen_at"]
    Presence.objects.bulk_create(rows, update_conflicts=True, unique_fields=["user"], update_fields=fields)


def listening(front: str, run: str, now: datetime) -> None:
    """The front of this node hears pages. `run` names this start of its process: a new one, or one that was away, hears from now on only."""
    known = Listening.objects.filter(front=front).first()
    unbroken = known is not None and known.run == run and now - known.seen_at <= AWAY
    since = known.since if known is not None and unbroken else now
    Listening.objects.update_or_create(front=front, defaults={"run": run, "since": since, "seen_at": now})


def last_seen(users: Iterable[int]) -> dict[int, datetime]:
    """When each of these users was last heard; those who never were are missing."""
    return dict(Presence.objects.filter(user__in=list(users)).values_list("user", "seen_at"))


def present(users: Iterable[int], now: datetime, grace: timedelta = GRACE) -> set[int]:
    """Those of `users` who are there. Two queries."""
    ears = {one.front: Ear(one.since, one.seen_at) for one in Listening.objects.all()}
    rows = Presence.objects.filter(user__in=list(users)).values_list("user", "seen_at", "front")
    return {user for user, seen_at, front in rows if is_there(seen_at, ears.get(front), now, grace)}
