"""What flows and policies have in common for programs: versions that are written as drafts, and changed by who has seen them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _

from cordboard.api import wire
from cordboard.api.wire import No

MOST_VERSIONS = 1_000
"""In one listing."""


class Versioned(Protocol):
    """A flow or a policy, read with who changed and published it."""

    code: Any
    name: Any
    version: Any
    state: Any
    revision: Any
    comment: Any
    changed_by: Any
    changed_at: Any
    published_by: Any
    published_at: Any


Row = TypeVar("Row", bound=Versioned)


def tag(row: Versioned) -> str:
    return f"{row.version}-{row.revision}"


def meta(row: Versioned) -> dict[str, Any]:
    """What is said of every version."""
    return {
        "code": row.code, "name": row.name, "version": row.version, "state": row.state, "revision": row.revision, "comment": row.comment,
        "changed_by": name_of(row.changed_by), "changed_at": moment(row.changed_at), "published_by": name_of(row.published_by), "published_at": moment(row.published_at),
    }  # fmt: skip


def name_of(user: Any) -> str | None:
    return user.username if user is not None else None


def moment(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def overtaken(row: Versioned, detail: str) -> No:
    """Somebody else was faster."""
    return wire.stale(detail, tag(row), revision=row.revision, changed_by=name_of(row.changed_by))


def seen(request: HttpRequest, row: Row) -> Row:
    """The draft, when it is the one that was seen. Raises No."""
    if wire.wanted(request) != tag(row):
        raise overtaken(row, _("Somebody else has saved this draft since."))
    return row


def may_save(wanted: str | None, found: Versioned | None) -> None:
    """Who saves has seen the draft that there is, `wanted` by its tag, or begins one where there is none. Raises No."""
    if found is not None and wanted != tag(found):
        raise overtaken(found, _("Somebody else has saved this draft since.") if wanted is not None else _("There is a draft already."))
    if found is None and wanted is not None:
        raise wire.missing()
