"""Bringing the database up to date, and filling it with the demo: `python -m cordboard.serve.prepare migrate [demo]`."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence


def main(steps: Sequence[str]) -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "cordboard.settings")
    from cordboard.lib.config import config
    from cordboard.lib.logs import configure
    from cordboard.serve.supervisor import prepare_folders

    configure(os.environ.get("CORDBOARD_LOG_LEVEL", "WARNING"))
    prepare_folders(config())
    import django
    from django.db.utils import OperationalError

    django.setup()
    try:
        if "migrate" in steps:
            migrate()
        if "demo" in steps:
            demo()
    except OperationalError as problem:
        print(f"The database does not answer: {str(problem).strip()}", file=sys.stderr)
        return 1
    return 0


def pending() -> list[str]:
    """Migrations that this version of the program has and the database has not."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def migrate() -> None:
    from django.core.management import call_command

    if pending():
        print("Preparing the database ...", flush=True)
        call_command("migrate", interactive=False, verbosity=0)


def demo() -> None:
    from cordboard import demo as package

    package.prepare()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
