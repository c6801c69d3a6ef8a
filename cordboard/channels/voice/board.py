"""Trunks and recordings as they stand, as values for the live board. Events keep them up to date (`reduce.py`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cordboard.channels.voice import reduce
from cordboard.channels.voice.models import Recording, Trunk, TrunkStanding
from cordboard.interactions.tell import stamp


def snapshot(since: datetime) -> reduce.Telephony:
    """The trunks in use, the recordings that run, and those that failed since `since`. Four queries. Take the cursor of the live feed before calling."""
    trunks: dict[str, dict[str, Any]] = {
        str(pk): {"id": pk, "code": code, "name": name, "nodes": {}} for pk, code, name in Trunk.objects.filter(active=True).values_list("pk", "code", "name")
    }
    for one in TrunkStanding.objects.filter(trunk__active=True).order_by("node"):
        trunks[str(one.trunk_id)]["nodes"][one.node] = {"up": one.up, "reason": one.reason, "since": stamp(one.since)}
    running = Recording.objects.filter(ended_at=None, call__ended_at=None).values_list("pk", "call_id")
    failed = Recording.objects.filter(ended_at__gte=since).exclude(error="").values_list("pk", flat=True)
    return {
        "since": stamp(since),
        "trunks": trunks,
        "running": {str(recording): interaction for recording, interaction in running},
        "failed": {str(recording): True for recording in failed},
    }
