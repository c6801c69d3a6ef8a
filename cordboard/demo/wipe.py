"""Emptying the database before a fresh start. The log is kept: it says that this happened."""

from __future__ import annotations

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection

from cordboard.tickets.models import TicketKind
from cordboard.tickets.models_sla import ServicePlan
from cordboard.tickets.sla import BUILT_IN

KEPT = {"events", "contenttypes"}


def everything() -> None:
    """Delete every row of every table but those of the log and Django's own register of models; the built-in kinds of tickets and service levels are there again, as in a new installation."""
    kinds = list(TicketKind.objects.filter(built_in=True).order_by("pk"))
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label not in KEPT and model._meta.managed]
    tables = sorted({model._meta.db_table for model in models} & set(connection.introspection.table_names()))
    statements = connection.ops.sql_flush(no_style(), tables, reset_sequences=True, allow_cascade=False)
    connection.ops.execute_sql_flush(statements)
    TicketKind.objects.bulk_create(TicketKind(code=row.code, like=row.like, built_in=True, names=row.names, order=row.order) for row in kinds)
    ServicePlan.objects.bulk_create(
        ServicePlan(code=one.code, name=one.name, targets=one.targets, around_the_clock=one.around_the_clock) for one in BUILT_IN.values()
    )
