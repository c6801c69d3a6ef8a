"""Live topics: what a page may listen to. Each package registers its own in its `topics.py`:

    topic("queue", allowed=lambda user, key: user_may(user, "routing.watch") is not None, values=lambda user, key: board.of_queue(int(key)))

"queue:3" has the kind "queue" and the key "3"; "board" has the key "". `allowed` is asked at every subscription, `values` for a page that
comes without a cursor; what it returns must be what a page that saw all events since would know (a test proves it).

A **closing topic** ends sockets: an event that goes to `closes_user(7)` or `closes_session(key)` closes all sockets of that user or
session within a second.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cordboard.events.catalogue import is_topic

Allowed = Callable[[Any, str], bool]
Values = Callable[[Any, str], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Topic:
    kind: str
    allowed: Allowed
    values: Values | None = None


_topics: dict[str, Topic] = {}


def topic(kind: str, *, allowed: Allowed, values: Values | None = None) -> None:
    """Register topics of `kind`. `allowed(user, key)` says whether a user may listen, `values(user, key)` what stands now."""
    if kind in _topics and (_topics[kind].allowed, _topics[kind].values) != (allowed, values):
        raise ValueError(f"topics of kind {kind!r} are registered twice")
    _topics[kind] = Topic(kind, allowed, values)


def kinds() -> list[str]:
    return sorted(_topics)


def may_listen(user: Any, name: str) -> bool:
    """Whether `user` may listen to the topic `name`. False for what does not exist."""
    kind, _, key = name.partition(":")
    found = _topics.get(kind)
    return found is not None and is_topic(name) and bool(found.allowed(user, key))


def values(user: Any, name: str) -> dict[str, Any] | None:
    """What stands now under the topic `name`; None when it has no values. Ask `may_listen` first."""
    kind, _, key = name.partition(":")
    read = _topics[kind].values
    return read(user, key) if read is not None else None


def own_topics(user: Any) -> list[str]:
    """What every page of this user hears without asking."""
    return [f"user:{user.pk}"]


def closes_user(user_id: int) -> str:
    return f"close:user:{user_id}"


def closes_session(session_key: str) -> str:
    """Of a session, by the start of its key: the whole key would be a credential in the log."""
    return f"close:session:{session_key[:8]}"


topic("user", allowed=lambda user, key: str(user.pk) == key)
