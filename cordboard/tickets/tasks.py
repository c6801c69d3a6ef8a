"""What the worker does of tickets: changes of many at once, and what is left lying."""

from __future__ import annotations

from django_tasks import task

from cordboard.lib.clock import every
from cordboard.tickets import actions_bulk, tasks_incident  # noqa: F401  it has jobs of its own
from cordboard.tickets.actions_attachment import sweep_waiting
from cordboard.tickets.actions_search import left_out


@task()
def bulk(number: int) -> None:
    """Some tickets of a bulk change; the rest is enqueued anew, so that other jobs have their turn in between."""
    if actions_bulk.work(number):
        bulk.enqueue(number)


def take_up() -> None:
    """Bulk changes that a worker left in the middle."""
    for number in actions_bulk.given_up():
        bulk.enqueue(number)


every(10, "tickets.take_up_bulk", take_up)
every(5, "tickets.index_left_out", left_out)
every(3600, "tickets.files_never_sent", sweep_waiting)
