"""The router: makes the pure matcher follow the rows, and reserves what it finds. A thread of the worker; one leads, by lease.

The rows are the truth, the matcher is a picture of them. An event of the log only says which rows to read again, so it does not matter whether
it is read late or twice. A tick, in steps between which the process may die:

1. read what committed since the cursor, read the rows that it names again, tell the matcher;
2. let it match;
3. reserve all matches in one transaction, in which the lease is checked: what became of the rows meanwhile decides (`actions_reserve`);
4. what was lost is read again.

Whoever leads next begins with step 0: the cursor first, then every row that counts. Nothing else is remembered.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from cordboard.events import feed, lease
from cordboard.events.doorbell import POLL, Listener
from cordboard.interactions.tell import stamp
from cordboard.routing import matching, relaxation
from cordboard.routing.actions_offer import expire_offers
from cordboard.routing.actions_reserve import Match, reserve
from cordboard.routing.models import AgentSkill, AgentState, Entry, QueueMember
from cordboard.routing.policy import AREA
from cordboard.rules.events import PUBLISHED as POLICY_PUBLISHED
from cordboard.rules.published import published

logger = logging.getLogger(__name__)

LEASE = "routing.router"
RENEW = 1.0
"""Seconds between renewals of the lease (which runs out after `lease.SECONDS`)."""
TICK = 0.020
"""Seconds between two ticks, at least."""
AFRESH = 300.0
"""Seconds after which everything is read again, whatever the log said."""
MOST = 200
"""Matches in one transaction, at most: a tick stays short."""

State = AgentState.State
_BUSY = (State.OFFERED, State.TALKING, State.WRAPUP)


class Router:
    """One reign: from the moment somebody leads until they do not. `now` is aware; the matcher counts in seconds since 1970."""

    def __init__(self, settings: matching.Settings | None = None) -> None:
        self._settings = settings
        self.matcher = matching.Matcher(settings)
        self._cursor = ""
        self._log = feed.of_django()
        self._known: dict[int, tuple[Any, ...]] = {}
        self._own: set[int] = set()
        """Entries that we offered and whose event we have not read yet."""
        self._rethink: dict[int, float] = {}
        """Entries with an exclusion that ends then."""
        self._backlog: list[matching.Match] = []
        self._next_expiry: float | None = None
        self.stale = False
        """Another version of the routing policy is in force: it may want to match in another way."""

    def rebuild(self, now: datetime) -> None:
        """Step 0. The cursor is taken first: what commits while we read is read again."""
        self.matcher = matching.Matcher(self._settings)
        self._known, self._own, self._rethink, self._backlog = {}, set(), {}, []
        self._cursor = self._log.now_cursor()
        self._read_agents(None, now)
        self._read_entries(None, now)

    def step(self, now: datetime, held: lease.Held | None = None) -> int:
        """One tick. Returns how many offers were made. Raises lease.LeaseLost, feed.OtherEpoch."""
        self.follow(now)
        if self._next_expiry is None or self._next_expiry <= now.timestamp():
            if expire_offers(now):
                self.follow(now)
            self._next_expiry = self._read_next_expiry()
        self._backlog += self.matcher.tick(now.timestamp())
        if not self._backlog:
            return 0
        found, self._backlog = self._backlog[:MOST], self._backlog[MOST:]
        done = reserve([Match(one.contact.id, one.agent, one.reasons()) for one in found], now, held=held)
        self._own.update(match.entry for match in done.won)
        if done.won:
            self._next_expiry = None
        if done.lost:
            for match in done.lost:
                self._known.pop(match.agent, None)
            self._read_agents({match.agent for match in done.lost}, now)
            self._read_entries({match.entry for match in done.lost}, now)
        return len(done.won)

    def follow(self, now: datetime) -> None:
        """Step 1."""
        agents: set[int] = set()
        entries: set[int] = set()
        while True:
            events, self._cursor = self._log.read_since(self._cursor)
            for event in events:
                if event.kind == POLICY_PUBLISHED and event.body.get("area") == AREA:
                    self.stale = True
                if not event.kind.startswith("routing."):
                    continue
                entry = event.body.get("entry")
                if event.kind == "routing.offer_made" and entry in self._own:
                    self._own.discard(entry)  # the matcher has taken both off its books already
                    self._next_expiry = None
                    continue
                if event.kind == "routing.offer_made":
                    self._next_expiry = None
                if entry is not None:
                    entries.add(entry)
                agents.update(event.body[name] for name in ("agent", "to_agent") if event.body.get(name) is not None)
            if len(events) < feed.PAGE:
                break
        entries.update(entry for entry, at in self._rethink.items() if at <= now.timestamp())
        if agents:
            self._read_agents(agents, now)
        if entries:
            self._read_entries(entries, now)

    def sleep(self, now: datetime) -> float:
        """Seconds until something is due by the clock."""
        if self._backlog:
            return 0.0
        due = [one for one in (self.matcher.next_deadline(), self._next_expiry) if one is not None]
        due += self._rethink.values()
        return max(0.0, min([POLL, *(at - now.timestamp() for at in due)]))

    # -- reading rows -------------------------------------------------------------------------------------------

    def _read_agents(self, ids: Iterable[int] | None, now: datetime) -> None:
        """None: everybody."""
        rows = AgentState.objects.filter(agent__is_active=True)
        skilled, membership = AgentSkill.objects.all(), QueueMember.objects.all()
        wanted = None
        if ids is not None:
            wanted = sorted(set(ids))
            rows, skilled, membership = rows.filter(agent_id__in=wanted), skilled.filter(agent_id__in=wanted), membership.filter(agent_id__in=wanted)
        skills: dict[int, dict[str, int]] = {}
        for skill in skilled.select_related("skill"):
            if (level := skill.at(now)) is not None:
                skills.setdefault(skill.agent_id, {})[skill.skill.code] = level
        queues: dict[int, set[int]] = {}
        for agent, queue in membership.values_list("agent_id", "queue_id"):
            queues.setdefault(agent, set()).add(queue)
        found = set()
        for agent, state, idle_since, pending, load, capacity in rows.values_list("agent_id", "state", "idle_since", "pending", "voice_load", "voice_capacity"):
            found.add(agent)
            self._tell_agent(agent, skills.get(agent, {}), queues.get(agent, set()), state, idle_since, pending, load, capacity)
        for agent in set(wanted or ()) - found:
            self._known.pop(agent, None)
            self.matcher.agent_gone(agent)

    def _tell_agent(
        self, agent: int, skills: dict[str, int], queues: set[int], state: str, idle_since: datetime | None, pending: bool, load: int, capacity: int
    ) -> None:
        free = state == State.READY and not pending and load < capacity
        since = idle_since.timestamp() if idle_since is not None else 0.0
        now_is = (frozenset(skills.items()), frozenset(queues), "free" if free else "busy" if state in _BUSY else "gone", since, load, capacity)
        was = self._known.get(agent)
        if was == now_is and not free:  # a free one may be off the matcher's books by a match that was lost
            return
        self._known[agent] = now_is
        self.matcher.agent_here(matching.Agent(agent, skills, frozenset(queues), {"voice": capacity}))
        if free:
            self.matcher.agent_free(agent, since, {"voice": capacity - load})
        elif state in _BUSY:
            self.matcher.agent_busy(agent)
        else:
            self.matcher.agent_gone(agent)

    def _read_entries(self, ids: Iterable[int] | None, now: datetime) -> None:
        rows = Entry.objects.filter(left_at=None, state=Entry.State.WAITING)
        gone: set[int] = set()
        if ids is not None:
            gone = set(ids)
            rows = rows.filter(pk__in=sorted(gone))
        for entry in rows.order_by("pk"):
            gone.discard(entry.pk)
            self.matcher.contact_waiting(self._contact(entry, now))
        for number in gone:
            self._rethink.pop(number, None)
            self.matcher.contact_gone(number)

    def _contact(self, entry: Entry, now: datetime) -> matching.Contact:
        ends = [float(one["until"]) for one in entry.excluded if one["until"] > now.timestamp()]
        if ends:
            self._rethink[entry.pk] = min(ends)
        else:
            self._rethink.pop(entry.pk, None)
        return contact(entry, now)

    def _read_next_expiry(self) -> float:
        first = Entry.objects.filter(state=Entry.State.OFFERED).order_by("offer_until").values_list("offer_until", flat=True).first()
        return first.timestamp() if first is not None else float("inf")


def contact(entry: Entry, now: datetime) -> matching.Contact:
    """A waiting entry as the matcher takes it."""
    excluded = [one for one in entry.excluded if one["until"] > now.timestamp()]
    try:
        plan = relaxation.plan(entry.requirements, entry.relaxation)
    except ValueError:
        logger.exception("entry %d asks for what nobody understands; anyone of its queue may take it", entry.pk)
        plan = relaxation.ANYONE
    return matching.Contact(
        id=entry.pk,
        waiting_since=stamp(entry.waiting_since),
        queue=entry.queue_id,
        channel=entry.channel,
        priority=entry.priority,
        plan=plan,
        preferred=tuple((one["agent"], one["as"]) for one in entry.preferred),
        preferred_until=stamp(entry.preferred_until) if entry.preferred_until else None,
        excluded=frozenset(one["agent"] for one in excluded),
        only=entry.only_id,
        earlier=float(entry.earlier),
    )


def _settings() -> matching.Settings:
    """How the centre wants to match: said by its routing policy, beside the rules."""
    for policy in published(AREA):
        if policy.compiled is not None:
            return matching.Settings.of(policy.compiled.parameters)
    return matching.Settings()


def run(stop: threading.Event, settings: matching.Settings | None = None) -> None:
    """Lead while the lease is ours, else stand by. Returns when `stop` is set; raises when the database is gone (the worker starts us again)."""
    listener = Listener()
    held: lease.Held | None = None
    router: Router | None = None
    renewed = rebuilt = 0.0
    try:
        while not stop.is_set():
            begun = time.monotonic()
            if held is None or begun - renewed >= RENEW:
                fresh = lease.hold(LEASE)
                if fresh is None or held is None or fresh.epoch != held.epoch:
                    router = None
                held, renewed = fresh, begun
            if held is None:
                listener.wait(POLL)
                continue
            now = timezone.now().astimezone(UTC)
            if router is None or router.stale or begun - rebuilt >= AFRESH:
                router = Router(settings or _settings())
                router.rebuild(now)
                rebuilt = begun
            try:
                made = router.step(now, held)
            except (lease.LeaseLost, feed.OtherEpoch) as doubt:
                logger.warning("the router begins anew: %s", doubt)
                router = None
                held = held if isinstance(doubt, feed.OtherEpoch) else None
                continue
            if made:
                stop.wait(max(0.0, begun + TICK - time.monotonic()))
            else:
                listener.wait(max(TICK, router.sleep(now)))
    finally:
        listener.close()
        if held is not None:
            held.release()
