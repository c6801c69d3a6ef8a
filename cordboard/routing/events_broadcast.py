"""Messages to many colleagues at once. The text is in the rows, not in the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _sender(body: dict[str, Any]) -> list[int]:
    """Who sent it; nobody when a rule did."""
    return [body["sender"]] if body["sender"] is not None else []


def _readers(body: dict[str, Any]) -> list[str]:
    return [f"user:{one}" for one in sorted({*body["readers"], *_sender(body)})]


def _one(body: dict[str, Any]) -> list[str]:
    return [f"user:{one}" for one in sorted({body["reader"], *_sender(body)})]


BROADCAST_SENT = declare("routing.broadcast_sent", fields={"broadcast": int, "sender": int | None, "readers": list[int]}, topics=_readers)
BROADCAST_READ = declare("routing.broadcast_read", fields={"broadcast": int, "sender": int | None, "reader": int}, topics=_one)
