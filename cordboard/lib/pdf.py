"""Documents as PDF, set by typst, an optional library (`cordboard[documents]`). Its templates read their data as JSON: a text can never become markup.

Fonts are those of the machine; a document names several, so that Thai and Chinese have theirs where the machine has any (the Noto fonts, say).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def available() -> bool:
    """Whether the library is installed."""
    return find_spec("typst") is not None


def made(template: Path, data: Mapping[str, Any]) -> bytes:
    """The PDF of a typst template, whose `sys.inputs.data` is this data as JSON. Raises RuntimeError when the template does not compile."""
    import typst

    try:
        found = typst.compile(template.read_bytes(), sys_inputs={"data": json.dumps(data, ensure_ascii=False, default=str)}, font_paths=_fonts())
    except typst.TypstError as wrong:
        raise RuntimeError(f"{template.name}: {wrong}") from wrong
    assert isinstance(found, bytes)
    return found


@cache
def _fonts() -> Any:
    """Looked for once in a process: that takes a second or more where there are many."""
    import typst

    return typst.Fonts(include_system_fonts=True)
