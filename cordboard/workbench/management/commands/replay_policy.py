"""`python -m django replay_policy 7`: runs one replay that was asked for. Called by the worker's job, as a process of its own (tasks.py)."""

from __future__ import annotations

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from cordboard.workbench.replays import run


class Command(BaseCommand):
    help = "Run a replay of a policy that was asked for in the workbench."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("replay", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        os.nice(10)
        run(options["replay"])
