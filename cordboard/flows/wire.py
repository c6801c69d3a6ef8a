"""Inputs and effects as JSON: for the designer's play, for test conversations, for runs that a page or another program drives. Pure.

{"is": "answered", "value": "1"}      {"do": "say", "text": "Welcome.", "language": "en", "file": ""}
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any, get_args

from cordboard.flows import effects as fx


class WrongInput(ValueError):
    """It is no input; the message says why."""


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


INPUTS: dict[str, type[Any]] = {_snake(kind.__name__): kind for kind in get_args(fx.Input)}
EFFECTS: dict[str, type[Any]] = {_snake(kind.__name__): kind for kind in get_args(fx.Effect)}


def input_from(data: Any) -> fx.Input:
    """The input that JSON tells of. Raises WrongInput."""
    if not isinstance(data, Mapping) or data.get("is") not in INPUTS:
        raise WrongInput(f"an input says what it is: {', '.join(sorted(INPUTS))}")
    kind = INPUTS[str(data["is"])]
    known = {field.name for field in fields(kind)}
    given = {name: value for name, value in data.items() if name != "is"}
    if unknown := given.keys() - known:
        raise WrongInput(f"{data['is']} has no {', '.join(sorted(map(str, unknown)))}")
    try:
        made: fx.Input = kind(**given)
    except TypeError:
        raise WrongInput(f"{data['is']} lacks {', '.join(sorted(known - given.keys()))}") from None
    return made


def input_as(given: fx.Input) -> dict[str, Any]:
    return {"is": _snake(type(given).__name__), **asdict(given)}


def effect_as(effect: fx.Effect) -> dict[str, Any]:
    return {"do": _snake(type(effect).__name__), **asdict(effect)}


def effect_from(data: Mapping[str, Any]) -> fx.Effect:
    """The effect that JSON tells of; fields that this version does not know are passed over. Raises KeyError or TypeError when it is none."""
    kind = EFFECTS[str(data["do"])]
    known = {field.name for field in fields(kind)}
    values = {name: value for name, value in data.items() if name in known}
    if "prompt" in values:
        values["prompt"] = tuple(fx.Say(**one) for one in values["prompt"])
    made: fx.Effect = kind(**values)
    return made
