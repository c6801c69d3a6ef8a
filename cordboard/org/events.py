"""What org declares to the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare
from cordboard.events.topics import closes_session, closes_user


def _session_ended(body: dict[str, Any]) -> list[str]:
    return [f"user:{body['user']}", closes_session(body["session"])]


def _access_changed(body: dict[str, Any]) -> list[str]:
    return [f"user:{body['user']}", closes_user(body["user"])]


declare("org.signed_in", version=1, fields={"user": int}, topics=lambda body: [f"user:{body['user']}"])
declare("org.session_ended", version=1, fields={"user": int, "session": str}, topics=_session_ended)
declare("org.access_changed", version=1, fields={"user": int}, topics=_access_changed)
declare("org.settings_changed", version=1, fields={"user": int, "fields": list}, topics=lambda body: [f"user:{body['user']}"])
declare("org.token_made", version=1, fields={"user": int, "token": int, "scopes": list[str]}, topics=lambda body: [f"user:{body['user']}"])
declare("org.token_revoked", version=1, fields={"user": int, "token": int}, topics=lambda body: [f"user:{body['user']}"])
declare("org.handed_over", version=1, fields={"agent": int, "counts": dict[str, int]}, topics=lambda body: [f"user:{body['agent']}"])
declare("org.unit_changed", version=1, fields={"unit": int, "change": str})
declare("org.position_changed", version=1, fields={"position": int, "change": str})
declare("org.role_changed", version=1, fields={"role": int, "change": str, "masks": bool, "given": list[str], "taken": list[str]})
declare("org.person_changed", version=1, fields={"user": int, "change": str, "fields": list[str]}, topics=lambda body: [f"user:{body['user']}"])
"""change: as in `staff.Change`; fields: names of what is otherwise."""


def _work_moved(body: dict[str, Any]) -> list[str]:
    people = dict.fromkeys(body[name] for name in ("owner", "old") if body[name] is not None)
    return [*(f"user:{user}" for user in people), *(f"{name}:{body[name]}" for name in ("unit", "position") if body[name] is not None)]


declare(
    "org.work_moved",
    version=1,
    fields={"kind": str, "number": int, "act": str, "owner": int | None, "old": int | None, "unit": int | None, "position": int | None},
    topics=_work_moved,
)
"""act: take, release, give, stand (in the list of a position); of the row `number` of the work list's `kind`."""
declare(
    "org.absence_changed",
    version=1,
    fields={"user": int, "deputy": int | None, "absence": int, "change": str},
    topics=lambda body: [f"user:{body['user']}", *([f"user:{body['deputy']}"] if body["deputy"] is not None else [])],
)
"""change: added, ended, removed."""
