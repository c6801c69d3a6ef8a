"""Look-ups at the time of a decision: all that a policy may ask for are begun at one moment, side by side, and a rule that asks waits no longer than the look-up's limit, counted from that
moment. Whatever the other side does, a decision is delayed by its longest limit at most (MOST_MS), and then goes on with the default.

- `begin(names, situation)` (or `Looking`, for policies) reads the inputs, gives what is kept, and asks for the rest in threads of this process. Those never touch our database.
- The same question asked twice at once is asked once. Answers are kept in memory, per process and per inputs. Of one look-up so many are under way at a time (AT_ONCE), so that a slow
  one takes no thread from the others.
- Five failures in a row, and a look-up is left alone for half a minute: its default is used at once.

Whoever may not wait at all (a transaction is open) takes what is kept; a switch, whose threads belong to all calls, is told by `Waits` and waits by other means.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLate
from dataclasses import dataclass, field
from typing import Any

from cordboard.flows import lookup_sql, services
from cordboard.flows.effects import LookedUp
from cordboard.flows.lookup_terms import FAILED, MOST_MS, PREFIX, Breaker, Kept, Terms, WrongQuery, filled, key_of, outputs_of, plain, query_of, split, value_of
from cordboard.flows.models import Lookup, WebService
from cordboard.lib.sealed import Unreadable, unseal
from cordboard.rules import facts
from cordboard.rules.conditions import WrongValue
from cordboard.rules.published import Published

logger = logging.getLogger(__name__)

THREADS = 24
AT_ONCE = 8
SPARED = 0.008
"""Seconds of each limit kept for waking up and for the decision itself: what is promised is how long a call is delayed, not how long one waits."""
WELL = frozenset({"read", "kept", "not_asked"})
"""How an answer comes where nothing is amiss elsewhere."""

_SAID = {
    "slow": "too slow: the limit is {limit} ms",
    "resting": "left alone after repeated failures",
    "busy": "too much of it is under way",
    "off": "switched off",
    "not_asked": "not asked: {why} is not known",
    "in_a_hurry": "not asked: nothing may wait here",
    "failed": "failed: {why}",
}


@dataclass(slots=True)
class Answer:
    """What came of a look-up. `how`: "read", "kept", or why there is nothing: "slow", "failed" (`why`), "not_asked" (the input in `why` is not known), "resting", "busy", "off", "in_a_hurry"."""

    how: str
    result: Any = None
    ms: int = 0
    age: float = 0.0
    why: str = ""

    @property
    def good(self) -> bool:
        return self.how in ("read", "kept")


@dataclass(slots=True)
class _Flight:
    """A question under way."""

    code: str
    begun: float
    future: Future[Answer]
    counted: bool = False


class _Memory:
    """What this process knows of look-ups. Guarded by one lock, held for moments."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.kept = Kept()
        self.flights: dict[str, _Flight] = {}
        self.breakers: dict[str, Breaker] = {}
        self.pool: ThreadPoolExecutor | None = None

    def threads(self) -> ThreadPoolExecutor:
        if self.pool is None:
            self.pool = ThreadPoolExecutor(THREADS, thread_name_prefix="look-up")
        return self.pool

    def failed(self, flight: _Flight, now: float) -> None:
        if flight.counted:
            return
        flight.counted = True
        if self.breakers.setdefault(flight.code, Breaker()).failed(now):
            logger.warning("the look-up %s failed several times: it is left alone for a while, and its default is used", flight.code)


_memory = _Memory()


def forget() -> None:
    """Nothing is kept and nobody is left alone: for tests."""
    global _memory
    _memory = _Memory()


def rest(code: str) -> None:
    """A look-up was changed: it gets another chance."""
    with _memory.lock:
        _memory.breakers.pop(code, None)


# -- the batch of one decision ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _One:
    """A look-up within a decision."""

    terms: Terms
    answer: Answer | None = None
    flight: _Flight | None = None
    used: bool = False
    wrong: Answer | None = None
    """It answered, and a value of it was of another type."""


@dataclass(slots=True)
class Batch:
    """The look-ups of one decision (rules.facts.Ahead)."""

    begun: float
    ones: dict[str, _One] = field(default_factory=dict)
    hasty: bool = False
    """Nothing is waited for: who asks for what is not there yet gets nothing, and `missed` says so."""
    missed: bool = False

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and split(name)[0] in self.ones

    @property
    def waiting(self) -> list[Future[Answer]]:
        """Those not answered yet."""
        return [one.flight.future for one in self.ones.values() if one.answer is None and one.flight is not None and not one.flight.future.done()]

    @property
    def until(self) -> float:
        """When the last of them is not waited for any more (time.monotonic())."""
        return self.begun + max((one.terms.limit - SPARED for one in self.ones.values() if one.answer is None), default=0.0)

    def get(self, name: str) -> Any:
        """The value of an output; its default when it failed or was slow. Raises NotRead when there is no default."""
        code, output = split(name)
        one = self.ones[code]
        one.used = True
        if self.hasty and one.answer is None and one.flight is not None and not one.flight.future.done():
            self.missed = True
            raise facts.NotRead("not answered yet")
        answer = self._answer(one)
        if output == FAILED:
            return not answer.good
        wanted = one.terms.outputs.get(output)
        if wanted is None:
            raise facts.NotRead("the look-up gives this no more")
        if answer.good:
            try:
                return value_of(wanted, answer.result)
            except WrongValue as wrong:
                one.wrong = answer = Answer("failed", ms=answer.ms, why=f"{wanted.name}: {wrong}")  # its other values may be well
        if wanted.has_default:
            return wanted.default
        raise facts.NotRead(_SAID[answer.how].format(limit=round(one.terms.limit * 1000), why=answer.why))

    def _answer(self, one: _One) -> Answer:
        if one.answer is None:
            assert one.flight is not None
            try:
                one.answer = one.flight.future.result(max(0.0, self.begun + one.terms.limit - SPARED - time.monotonic()))
            except TooLate:
                one.answer = Answer("slow", ms=round(one.terms.limit * 1000))
                with _memory.lock:
                    _memory.failed(one.flight, time.monotonic())
        return one.answer

    def notes(self) -> dict[str, Any]:
        """{code: {"name", "how", "ms", "age", "limit", "why"}} of those that rules asked for; what says nothing is left out."""
        told: dict[str, Any] = {}
        for code, one in self.ones.items():
            if not one.used or one.answer is None:
                continue
            answer = one.wrong or one.answer
            more = {"ms": answer.ms, "age": round(answer.age), "why": answer.why, "limit": round(one.terms.limit * 1000) if answer.how == "slow" else 0}
            told[code] = {
                "name": one.terms.name,
                "how": answer.how,
                **{name: value for name, value in more.items() if value or (name, answer.how) in (("ms", "read"), ("age", "kept"))},
            }
        return told

    def settle(self) -> None:
        """Wait until all are answered, or not waited for any more: for whoever must not wait later."""
        for one in self.ones.values():
            self._answer(one)


KEPT, WAIT, BEGIN = "kept", "wait", "begin"
"""What a decision does about look-ups: it uses only answers that are kept (nobody may wait: a transaction is open); it asks and waits; it asks, and where a rule needs one that is not
answered yet, :class:`Waits` is raised."""


class Waits(Exception):
    """A rule needs look-ups that are under way. Wait for `batch.waiting` as suits you, until `batch.until` at most, and decide again with the batch."""

    def __init__(self, batch: Batch) -> None:
        self.batch = batch
        super().__init__("look-ups are under way")


class Looking:
    """The look-ups of one decision by some policies: `read` for them, and `done()` after they were asked."""

    def __init__(self, policies: Iterable[Published], situation: facts.Situation, look_up: str, batch: Batch | None) -> None:
        names = [name for one in policies for name in one.ahead]
        self.batch = batch if batch is not None or not names else begin(names, situation, wait=look_up != KEPT)
        if self.batch is not None:
            self.batch.hasty, self.batch.missed = look_up == BEGIN, False
        self.read = facts.REGISTRY.reader(situation, self.batch)

    def done(self) -> None:
        """Raises Waits when a rule asked for what was not there yet: what was decided does not count."""
        if self.batch is not None and self.batch.missed:
            raise Waits(self.batch)


def begin(names: Iterable[str], situation: facts.Situation, *, wait: bool = True) -> Batch | None:
    """Begin what the facts `names` need; None when none of them is a look-up's. Not to `wait`: nothing is asked, and only what is kept is given. One query."""
    codes = sorted({code for name in names if (code := split(name)[0])})
    if not codes:
        return None
    now = time.monotonic()
    batch = Batch(now)
    for row in Lookup.objects.select_related("service").filter(code__in=codes):
        batch.ones[row.code] = _begin(row, terms_of(row), situation, now, wait)
    return batch


def terms_of(row: Lookup) -> Terms:
    """As the rules of look-ups want it."""
    service = row.service
    return Terms(
        row.code, row.name, service.code, service.kind, row.path, row.post, row.query, tuple((str(one["name"]), str(one["fact"])) for one in row.inputs),
        outputs_of(row.outputs), min(row.limit_ms, MOST_MS) / 1000, float(row.keep_seconds), row.active and service.active, f"{row.pk}:{row.changed_at.timestamp()}",
    )  # fmt: skip


def _begin(row: Lookup, terms: Terms, situation: facts.Situation, now: float, wait: bool) -> _One:
    if not terms.active:
        return _One(terms, Answer("off"))
    values, unknown = inputs_of(terms, situation)
    if unknown:
        return _One(terms, Answer("not_asked", why=unknown))
    key = key_of(terms, values)
    with _memory.lock:
        found = _memory.kept.get(key, terms.keep, now)
        if found is not None:
            return _One(terms, Answer("kept", found[1], age=found[0]))
        flight = _memory.flights.get(key)
        if not wait or flight is not None:
            return _One(terms, flight=flight) if wait else _One(terms, Answer("in_a_hurry"))
        if sum(one.code == terms.code for one in _memory.flights.values()) >= AT_ONCE:
            return _One(terms, Answer("busy"))
        if not _memory.breakers.setdefault(terms.code, Breaker()).may_ask(now):
            return _One(terms, Answer("resting"))
    asking = question(row.service, terms, values)  # unseals the secret: not under the lock
    with _memory.lock:
        flight = _memory.flights.get(key)
        if flight is None:
            flight = _memory.flights[key] = _Flight(terms.code, now, Future())
            _memory.threads().submit(_fly, _memory, flight, key, terms, asking)
    return _One(terms, flight=flight)


def inputs_of(terms: Terms, situation: facts.Situation) -> tuple[dict[str, Any], str]:
    """(the inputs as they are sent, the first fact that is not known or "")."""
    read = facts.REGISTRY.reader(situation)
    values: dict[str, Any] = {}
    for name, fact in terms.inputs:
        try:
            value = plain(read(fact))
        except Exception:
            logger.exception("the input %s of the look-up %s could not be read", fact, terms.code)
            value = None
        if value is None or value == "":
            return values, fact
        values[name] = value
    return values, ""


def question(service: WebService, terms: Terms, values: Mapping[str, Any]) -> Callable[[float], LookedUp]:
    """What is done in a thread, with the seconds that it may take; reads nothing of ours any more."""
    if service.kind == WebService.Kind.HTTP:
        plan = services.plan_of(service)
        return lambda limit: services.fetch(plan, filled(terms.path, values), dict(values) if terms.post else None, limit)
    try:
        source = lookup_sql.Source(service.kind, service.base_url, unseal(service.secret), service.inside)
        query = query_of(terms.query)
    except (Unreadable, WrongQuery):
        return lambda limit: LookedUp(failed="not_allowed")
    return lambda limit: lookup_sql.ask(source, query, values, limit)


def _fly(memory: _Memory, flight: _Flight, key: str, terms: Terms, asking: Callable[[float], LookedUp]) -> None:
    """In a thread: ask, keep what came, and say so."""
    begun = time.monotonic()
    left = terms.limit - (begun - flight.begun)
    if left <= 0:  # it stood in line behind others until nobody wanted it any more
        answer = Answer("busy")
    else:
        try:
            found = asking(left)
        except Exception as problem:
            logger.exception("the look-up %s failed", terms.code)
            found = LookedUp(failed=type(problem).__name__)
        ms = round(1000 * (time.monotonic() - begun))
        answer = (
            Answer("read", found.result, ms=ms)
            if not found.failed
            else Answer("slow", ms=ms)
            if found.failed == "timeout"
            else Answer("failed", ms=ms, why=found.failed)
        )
    now = time.monotonic()
    with memory.lock:
        memory.flights.pop(key, None)
        if answer.good:
            memory.breakers.setdefault(flight.code, Breaker()).answered()
            if terms.keep > 0:
                memory.kept.put(key, answer.result, now)
        elif answer.how != "busy":
            memory.failed(flight, now)
    flight.future.set_result(answer)


def once(row: Lookup, values: Mapping[str, Any]) -> Answer:
    """Ask now, whatever is kept or left alone: for whoever tries it on a screen. Waits for its limit at most. Nothing is kept."""
    terms = terms_of(row)
    asking = question(row.service, terms, values)
    future = _memory.threads().submit(asking, terms.limit)
    begun = time.monotonic()
    try:
        found = future.result(terms.limit + 0.1)
    except TooLate:
        found = LookedUp(failed="timeout")
    ms = round(1000 * (time.monotonic() - begun))
    if found.failed:
        return Answer("slow", ms=ms) if found.failed == "timeout" else Answer("failed", ms=ms, why=found.failed)
    return Answer("read", found.result, ms=ms)


def read_one(name: str, situation: facts.Situation) -> Any:
    """A fact of a look-up for somebody who has not begun it before. Raises NotRead."""
    batch = begin((name,), situation)
    if batch is None or name not in batch:
        raise facts.NotRead("there is no such look-up")
    return batch.get(name)


__all__ = ["BEGIN", "KEPT", "PREFIX", "WAIT", "Answer", "Batch", "Looking", "Waits", "begin", "forget", "once", "read_one", "terms_of"]
