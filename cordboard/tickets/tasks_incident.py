"""What the worker does of mass incidents: it looks for them, and answers their tickets."""

from __future__ import annotations

from django_tasks import task

from cordboard.lib.clock import every
from cordboard.tickets import actions_incident
from cordboard.tickets.suggesting import look


@task()
def carry(number: int) -> None:
    """Some tickets of a run; the rest is enqueued anew, so that other jobs have their turn in between."""
    if actions_incident.work(number):
        carry.enqueue(number)


every(15.0, "tickets.incidents", look)
every(60.0, "tickets.incident_runs", actions_incident.take_up)
