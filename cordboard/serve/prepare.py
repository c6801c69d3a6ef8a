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
            demo(again="migrate" not in steps)
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


def demo(*, again: bool) -> None:
    """Fill the centre. A start (`again` false) leaves one that is filled already alone."""
    from cordboard import demo as package
    from cordboard.lib.config import config
    from cordboard.org.models import User
    from cordboard.serve.command import SIGN_INS

    if not again and (config().data / SIGN_INS).exists() and User.objects.exists():
        return
    print("Filling the centre with demo data ...", flush=True)

    loaded = package.load()
    width = max(len(one.email) for one in loaded.sign_ins)
    lines = [f"Sign in as (password {loaded.password}):", *(f"  {one.email:<{width}}  {one.name}, {one.role}" for one in loaded.sign_ins)]
    (config().data / SIGN_INS).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
