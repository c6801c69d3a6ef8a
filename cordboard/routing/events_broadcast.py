"""Messages to many colleagues at once. The text is in the rows, not in the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _readers(body: dict[str, Any]) -> list[str]:
    return [f"user:{one}" for one in sorted({*body["readers"], body["sender"]})]


def _one(body: dict[str, Any]) -> list[str]:
    return [f"user:{one}" for one in sorted({body["reader"], body["sender"]})]


BROADCAST_SENT = declare("routing.broadcast_sent", fields={"broadcast": int, "sender": int, "readers": list[int]}, topics=_readers)
BROADCAST_READ = declare("routing.broadcast_read", fields={"broadcast": int, "sender": int, "reader": int}, topics=_one)
