"""The demo's own words and figures, as JSON beside the code."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def data(name: str) -> Any:
    return json.loads((HERE / "data" / f"{name}.json").read_text(encoding="utf-8"))


def folder(name: str) -> list[Any]:
    """All JSON files of demo/<name>, in the order of their names."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted((HERE / name).glob("*.json"))]
