"""A complaint is weighed as soon as it is there, and anew when what it is weighed by changes; it goes to the head of the department in charge; a customer who was called has been
told."""

from __future__ import annotations

import logging
import re

from django.core.exceptions import ValidationError

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.tickets.actions_complaint import hand_complaint, told, weigh_complaint
from cordboard.tickets.models import Task, Ticket, TicketKind

logger = logging.getLogger(__name__)

WEIGHED_BY = {"kind", "title", "text", "reason", "product", "party"}
"""Fields of a ticket."""
KINDS = ("tickets.opened", "tickets.edited", "tickets.moved", "tickets.move_undone", "tickets.received")
TELL = re.compile(r"complaint:(\d+):tell")
"""Key of the task of telling the customer the result."""


def follow(event: FeedEvent) -> None:
    body = event.body
    if event.kind == "tickets.opened" and body["kind"] in Ticket.Kind.values and body["kind"] != Ticket.Kind.COMPLAINT:
        return
    if event.kind == "tickets.edited" and not WEIGHED_BY & set(body["fields"]):
        return
    ticket = Ticket.objects.filter(pk=body["ticket"]).only("kind").first()
    if ticket is None or not (ticket.kind == Ticket.Kind.COMPLAINT or TicketKind.objects.filter(code=ticket.kind, like=Ticket.Kind.COMPLAINT).exists()):
        return
    if weigh_complaint(ticket.pk, now=event.at) is None:
        return
    try:
        hand_complaint(ticket.pk, now=event.at)
    except ValidationError as problem:  # no department yet: the ticket says so, and somebody names one
        logger.info("complaint %s stays with nobody: %s", ticket.pk, " ".join(problem.messages))


def called(event: FeedEvent) -> None:
    """The task of telling the customer by telephone or post is done."""
    body = event.body
    if body["ticket"] is None or body["what"] != "done" or body["kind"] not in (Task.Kind.CALL, Task.Kind.RESULT):
        return
    task = Task.objects.select_related("done_by").get(pk=body["task"])
    if (found := TELL.fullmatch(task.key or "")) is not None:  # the complaint may have been merged since, and its task gone along
        told(int(found[1]), task.done_by, now=task.done_at)


subscribe("tickets.complaints", KINDS, follow)
subscribe("tickets.complaints_told", ("tickets.task_changed",), called)
