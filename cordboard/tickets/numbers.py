"""Numbers that people say: each document gets the next one of its kind."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, models, transaction


def save_numbered(row: Any, first: int) -> None:
    """Save a new row under the next free `number` of its model, in the caller's transaction; two who take the same one at a time: the second takes the next."""
    model: type[models.Model] = type(row)
    for _try in range(20):
        last = model._default_manager.order_by("-number").values_list("number", flat=True).first()
        row.number = max(first, (last or 0) + 1)
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError:
            if not model._default_manager.filter(number=row.number).exists():
                raise
            continue
        return
    raise RuntimeError(f"no free number of {model.__name__} after twenty tries")
