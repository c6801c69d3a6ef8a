"""JSON from outside, taken strictly: no name twice in one object, no NaN, not nested too deep, no characters that no text has. Pure."""

from __future__ import annotations

import json
from typing import Any, Literal

Fault = Literal["malformed", "twice", "deep"]


class NotSound(ValueError):
    """`fault` says what is wrong; `name` which name stands twice."""

    def __init__(self, fault: Fault, name: str = "") -> None:
        self.fault, self.name = fault, name
        super().__init__(f"{fault}: {name}" if name else fault)


def taken(content: bytes | str, deepest: int) -> Any:
    """What the JSON says. The usual reader lets the second of two equal names win, so that half of a file would vanish unseen. Raises NotSound. Whoever calls it looks at the size first."""
    try:
        data = json.loads(content, parse_constant=_constant, object_pairs_hook=_once)
    except NotSound:
        raise
    except RecursionError:
        raise NotSound("deep") from None
    except ValueError:
        raise NotSound("malformed") from None
    if deeper_than(data, deepest):
        raise NotSound("deep")
    return data


def deeper_than(data: Any, deepest: int) -> bool:
    """Whether lists and objects stand in one another on more levels than that. Does not recurse, and ends for one that has itself in it."""
    level = [data]
    for _depth in range(deepest + 1):
        level = [inner for one in level if isinstance(one, dict | list) for inner in (one.values() if isinstance(one, dict) else one)]
        level = [one for one in level if isinstance(one, dict | list)]
        if not level:
            return False
    return True


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        raise NotSound("twice", next(name for name, _value in pairs if name in seen or seen.add(name))[:80])  # type: ignore[func-returns-value]
    return made


def _constant(name: str) -> Any:
    raise NotSound("malformed")
