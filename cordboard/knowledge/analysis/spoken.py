"""Which of a contact's values are the customer's own words. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

NAMED = ("words", "message", "question", "complaint", "text", "about", "comment", "remark")
"""Names of values that are free text, whatever they look like; the first that is there counts."""
LONGEST = 20_000
_SPACELESS = re.compile(r"[\u0e00-\u0e7f\u3400-\u9fff]")
_WORD = re.compile(r"[^\W\d_]{2,}")


def free_text(value: Any) -> bool:
    """Whether a value is somebody's sentence and no code, number, date or name of a choice: three words at least, or four signs of a script without spaces."""
    if not isinstance(value, str):
        return False
    head = value[:400]
    if len(_SPACELESS.findall(head)) >= 4:
        return True
    return " " in head.strip() and len(_WORD.findall(head)) >= 3


def customer_text(context: Mapping[str, Any]) -> str:
    """The customer's words among the values of a contact (the newest of a name holds; they come in the order in which they were set), "" when there are none."""
    for name in NAMED:
        value = context.get(name)
        if isinstance(value, str) and value.strip():
            return value[:LONGEST]
    for name in reversed(list(context)):
        value = context[name]
        if not name.startswith("_") and free_text(value):
            return str(value)[:LONGEST]
    return ""
