"""A flow as a file: JSON that another centre, or this one, can take in. Pure.

{"cordboard": "flow", "schema": 1, "code": "service-line", "name": "Service line", "surfaces": ["ivr"], "graph": {...}, "tests": [...]}
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cordboard.flows.engine import SCHEMA
from cordboard.flows.graph import MAX_STEPS, has_markup
from cordboard.lib import strictly

MAX_BYTES = 8_000_000
MAX_DEPTH = 40
MAX_TESTS = 500
SURFACES = ("ivr", "bot", "script", "survey", "journey")

_CODE = re.compile(r"[a-z0-9][a-z0-9_-]{0,59}")


class WrongFile(ValueError):
    """A file that cannot be taken in. `phrase` is English with placeholders for `values`; `say` puts it in another language."""

    def __init__(self, phrase: str, **values: Any) -> None:
        self.phrase, self.values = phrase, values
        super().__init__(phrase % values if values else phrase)

    def say(self, translate: Callable[[str], str]) -> str:
        return translate(self.phrase) % self.values if self.values else translate(self.phrase)


def _(text: str) -> str:
    """Marks a text for the catalogues; `say` translates it."""
    return text


@dataclass(frozen=True, slots=True)
class Given:
    """What a file had in it. The graph is an object of a size that can be handled; whether it is right says `graph.validate`."""

    code: str
    name: str
    surfaces: list[str]
    graph: dict[str, Any]
    tests: list[dict[str, Any]] = field(default_factory=list)


def read(content: bytes | str) -> Given:
    """Take a file in. Raises WrongFile: too large, not JSON, no flow, made by a later version, too many steps, nested too deep, markup in its texts."""
    if len(content) > MAX_BYTES:
        raise WrongFile(_("The file is larger than %(megabytes)s MB."), megabytes=MAX_BYTES // 1_000_000)
    try:
        data = strictly.taken(content, MAX_DEPTH + 2)
    except strictly.NotSound as fault:
        if fault.fault == "deep":
            raise WrongFile(_("The flow is nested more than %(most)s deep."), most=MAX_DEPTH) from None
        if fault.fault == "twice":
            raise WrongFile(
                _("The name %(name)s stands twice in one object of the file. Give one of them another name; nothing was taken in."), name=fault.name
            ) from None
        raise WrongFile(_("The file is not JSON, so nothing was taken in.")) from None
    if not isinstance(data, dict) or data.get("cordboard", "flow") != "flow" or not isinstance(data.get("graph"), dict):
        raise WrongFile(_("There is no flow in this file."))
    schema = data.get("schema", SCHEMA)
    if not isinstance(schema, int) or isinstance(schema, bool) or schema < 1:
        raise WrongFile(_("There is no flow in this file."))
    if schema > SCHEMA:
        raise WrongFile(_("The file was made by a later version (schema %(theirs)s, this one knows %(ours)s)."), theirs=schema, ours=SCHEMA)
    graph = check(data["graph"], plain=True)
    code, name = data.get("code") or graph.get("code") or "", data.get("name") or ""
    if not isinstance(code, str) or not is_code(code):
        raise WrongFile(_("The flow has no code (lower case letters, digits, hyphens)."))
    if not isinstance(name, str) or not name.strip() or len(name) > 120:
        name = code
    surfaces = data.get("surfaces")
    if not isinstance(surfaces, list) or not surfaces or not all(one in SURFACES for one in surfaces):
        raise WrongFile(_("The file does not say where the flow runs (%(surfaces)s)."), surfaces=", ".join(SURFACES))
    tests = data.get("tests", [])
    if not isinstance(tests, list) or len(tests) > MAX_TESTS or not all(isinstance(one, dict) for one in tests):
        raise WrongFile(_("The test conversations are not a list of at most %(most)s."), most=MAX_TESTS)
    return Given(code, name.strip(), list(dict.fromkeys(surfaces)), graph, tests)


def check(graph: Any, *, plain: bool = False) -> dict[str, Any]:
    """Whether something may be kept as a draft, right or wrong: an object that the database can hold and a screen can draw. `plain`: no text in it
    may have markup. Raises WrongFile."""
    if not isinstance(graph, dict):
        raise WrongFile(_("There is no flow in this file."))
    steps = graph.get("steps")
    if isinstance(steps, dict | list) and len(steps) > MAX_STEPS:
        raise WrongFile(_("A flow has at most %(most)s steps; this one has %(number)s."), most=MAX_STEPS, number=len(steps))
    _walk(graph, plain)
    try:
        size = len(json.dumps(graph, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise WrongFile(_("The flow has values that cannot be kept.")) from None
    if size > MAX_BYTES:
        raise WrongFile(_("The file is larger than %(megabytes)s MB."), megabytes=MAX_BYTES // 1_000_000)
    return graph


def is_code(text: str) -> bool:
    """Whether this can be a flow's code."""
    return _CODE.fullmatch(text) is not None


def write(code: str, name: str, surfaces: Sequence[str], graph: Mapping[str, Any], tests: Sequence[Mapping[str, Any]] = ()) -> str:
    """The file of a flow; what `read` takes in again."""
    data = {"cordboard": "flow", "schema": SCHEMA, "code": code, "name": name, "surfaces": list(surfaces), "graph": graph, "tests": list(tests)}
    return json.dumps(data, ensure_ascii=False, indent=2) + "\n"


def _walk(graph: dict[str, Any], plain: bool) -> None:
    todo: list[tuple[Any, int, str]] = [(graph, 0, "")]
    while todo:
        value, depth, where = todo.pop()
        if depth > MAX_DEPTH:
            raise WrongFile(_("The flow is nested more than %(most)s deep."), most=MAX_DEPTH)
        if isinstance(value, dict):
            for name, inner in value.items():
                if not isinstance(name, str) or len(name) > 200 or "\x00" in name:
                    raise WrongFile(_("The flow has values that cannot be kept."))
                todo.append((inner, depth + 1, where if depth > 2 else f"{where}.{name}".lstrip(".")))
        elif isinstance(value, list):
            todo += [(inner, depth + 1, where) for inner in value]
        elif isinstance(value, str):
            if "\x00" in value:
                raise WrongFile(_("The flow has values that cannot be kept."))
            if plain and ("<" in value or ":" in value) and has_markup(value):
                raise WrongFile(_("Texts of a flow are plain: %(where)s has tags or a script in it."), where=where)
        elif value is not None and not isinstance(value, bool | int | float):
            raise WrongFile(_("The flow has values that cannot be kept."))
