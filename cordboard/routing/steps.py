"""What routing offers to flows: its queues, and booking a call back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.flows.steps import About, Act, declare_act, offer_options


def queues() -> list[tuple[str, str]]:
    """(code, name) of every queue. One query."""
    from cordboard.routing.models import Queue

    return list(Queue.objects.order_by("name").values_list("code", "name"))


def book_callback(about: About, args: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Promise to call back. The same contact has one promise: asked again, it is the one that stands. Raises ValueError when it cannot be promised."""
    from cordboard.routing.actions_callback import request
    from cordboard.routing.models import Callback, Queue

    queue = Queue.objects.filter(code=str(args.get("queue") or "")).first()
    if queue is None:
        raise ValueError("there is no such queue")
    at = None
    if args.get("at"):
        at = datetime.fromisoformat(str(args["at"]))
        if at.tzinfo is None:
            raise ValueError("a moment has its time zone")
    made = request(
        str(args.get("number") or ""),
        queue,
        origin=Callback.Origin.AGENT if about.by is not None else Callback.Origin.WEB,
        interaction=about.id_of("interaction"),
        at=at,
        about=str(args.get("about") or "")[:200],
        language=about.language,
        user=about.by,
        actor=f"user:{about.by.pk}" if about.by is not None else "system",
    )
    if made is None:
        raise ValueError("this number is none that this centre dials")
    return {"id": made.pk}


offer_options("queue", queues)
declare_act(
    Act(
        "callback",
        "book",
        _("a call back"),
        args={"number": str, "queue": str, "about": str, "at": str},
        gives={"id": "number"},
        do=book_callback,
        optional=frozenset({"about", "at"}),
    )
)
