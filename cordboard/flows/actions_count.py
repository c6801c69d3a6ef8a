"""Counting what became of runs: by the clock, in chunks, so that no call waits for a figure."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date

from django.db import transaction
from django.db.models import F

from cordboard.flows.models import Passage, Run
from cordboard.flows.passages import passages, summed

CHUNK = 200


def count(chunk: int = CHUNK) -> int:
    """Add the paths of runs that ended since the last time to their flows' passages; how many there were. Each run once: it is marked in the same
    transaction. Two who count at the same time do not add one twice."""
    with transaction.atomic():
        rows = list(
            Run.objects.select_for_update(skip_locked=True)
            .filter(counted=False, ended_at__isnull=False)
            .order_by("id")
            .values_list("id", "flow_id", "started_at", "state", "ended_by")[:chunk]
        )
        if not rows:
            return 0
        Run.objects.filter(pk__in=[row[0] for row in rows]).update(counted=True)
        of: dict[tuple[int, date], list[dict]] = defaultdict(list)  # type: ignore[type-arg]
        for _id, flow, started, state, ended_by in rows:
            of[flow, started.astimezone(UTC).date()].append(passages(state if isinstance(state, dict) else {}, ended_by))
        for (flow, day), several in of.items():
            total = summed(several)
            known = {(row.step, row.exit, row.ended): row for row in Passage.objects.select_for_update().filter(flow_id=flow, day=day)}
            for key, tally in total.items():
                if key in known:
                    Passage.objects.filter(pk=known[key].pk).update(
                        runs=F("runs") + tally.runs, times=F("times") + tally.times, seconds=F("seconds") + tally.seconds
                    )
            Passage.objects.bulk_create(
                Passage(flow_id=flow, day=day, step=key[0], exit=key[1], ended=key[2], runs=tally.runs, times=tally.times, seconds=tally.seconds)
                for key, tally in total.items()
                if key not in known
            )
    return len(rows)


def count_all() -> None:
    """All that is there now, a chunk after the other."""
    while count() == CHUNK:
        pass
