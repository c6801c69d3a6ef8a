"""Settings that are rows with a code: made, or changed by whoever has seen how they are (keeping.py)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.db.models import Model
from django.utils.translation import gettext as _

from cordboard.lib.keeping import BadValue, check

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
Row = TypeVar("Row", bound=Model)


def row_of(model: type[Row], number: int | None, values: Callable[[Row], Mapping[str, Any]], *, code: str = "", seen: str = "") -> Row:
    """In the caller's transaction: a new row (`number` None) with a code that no other has, not saved yet; or the one that is to be changed, locked, and still as it was `seen`. `values`: what
    can be set of it, as it is kept. Raises BadValue ("code"), Changed, the model's DoesNotExist."""
    rows = model._default_manager
    if number is not None:
        row = rows.select_for_update().get(pk=number)
        check(seen, values(row))
        return row
    if not CODE.fullmatch(code):
        raise BadValue("code", _("A code has small letters, digits and dashes, 40 at most."))
    if rows.filter(code=code).exists():
        raise BadValue("code", _("This code is taken."))
    return model(code=code)


def named(name: Any, most: int) -> str:
    """Without needless blanks, of so many characters at most. Raises BadValue ("name")."""
    found = " ".join(str(name).split())[:most]
    if not found:
        raise BadValue("name", _("Give it a name."))
    return found
