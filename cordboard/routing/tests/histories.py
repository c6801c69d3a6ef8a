"""Writes histories of the live board for the tests of both languages: `python -m cordboard.routing.tests.histories` makes
islands/tests/histories.jsonl anew, from random but repeatable days of a small centre.

One a line: {"snapshot": board, "events": [{"kind", "body"}, ...], "after": board}, where `after` is a fresh snapshot from the rows.
"""

from __future__ import annotations

import copy
import json
import os
import random
import tempfile
from pathlib import Path

FILE = Path(__file__).parents[3] / "islands" / "tests" / "histories.jsonl"
HISTORIES = 6
LENGTH = 160


def write() -> None:
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", verbosity=0)
    from cordboard.events.models import Event
    from cordboard.routing import board
    from cordboard.routing.tests.centre import START
    from cordboard.routing.tests.test_histories import Dice, Undo, World

    made = []
    for seed in range(HISTORIES):
        try:
            with transaction.atomic():
                world = World()
                snapshot, begun = copy.deepcopy(world.board), world.read
                dice = Dice(random.Random(seed).randbytes(LENGTH))
                while dice:
                    world.step(dice)
                events = [{"kind": event.kind, "body": event.body} for event in Event.objects.filter(pk__gt=begun, kind__startswith="routing.").order_by("pk")]
                made.append({"snapshot": snapshot, "events": events, "after": board.snapshot(START)})
                raise Undo
        except Undo:
            pass
    FILE.write_text("".join(json.dumps(one, separators=(",", ":"), sort_keys=True) + "\n" for one in made))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(
            CORDBOARD_DATA=folder, CORDBOARD_RUN=f"{folder}/run", CORDBOARD_SECRET_KEY="for tests only", DJANGO_SETTINGS_MODULE="cordboard.settings"
        )
        os.environ.pop("CORDBOARD_DATABASE_URL", None)
        import django

        django.setup()
        write()


if __name__ == "__main__":
    main()
