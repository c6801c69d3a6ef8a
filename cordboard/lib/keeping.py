"""Settings that several people may change at the same time: nobody overwrites what they have not seen. Pure.

A page that shows settings carries the mark of the values that it shows; whoever keeps others gives it back. When the row says something else by then,
:class:`Changed` refuses, and the page shows both."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


class BadValue(ValueError):
    """A setting cannot be like this. `field` names it ("" for the whole), the text says why, for people."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


class Changed(Exception):
    """Somebody has changed the settings since the page was made; `now` is how they are kept."""

    def __init__(self, now: Mapping[str, Any]) -> None:
        super().__init__("changed meanwhile")
        self.now = dict(now)


def mark(values: Mapping[str, Any]) -> str:
    """The same for the same values, whatever their order."""
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, default=str, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def check(seen: str, now: Mapping[str, Any]) -> None:
    """:raises Changed: the values are not those that were seen."""
    if seen != mark(now):
        raise Changed(now)


def differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    """Names whose values differ, in order."""
    return [name for name in one if one[name] != other.get(name)]
