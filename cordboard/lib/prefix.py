"""Beginnings of words, found by an index on either database."""

from __future__ import annotations

from django.db import connection
from django.db.models import Q


def starts_with(field: str, text: str) -> Q:
    """`field` begins with `text`, so that an index serves it.

    On SQLite LIKE folds case and so passes the index over; a range does not, since its text is compared byte by byte. On PostgreSQL
    the order depends on the collation, so there it is LIKE, with an index of the class varchar_pattern_ops."""
    if connection.vendor == "sqlite":
        return Q(**{f"{field}__gte": text, f"{field}__lt": text + "\U0010ffff"})
    return Q(**{f"{field}__startswith": text})
