"""Reading services and look-ups: which there are, and who uses them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from cordboard.flows.lookup_terms import PREFIX
from cordboard.flows.models import Flow, Lookup, WebService
from cordboard.rules.models import Policy


def policies_of(code: str) -> dict[str, str]:
    """Facts of a look-up that policies in force, or about to be, ask for, with the name of the first that does. One query."""
    found: dict[str, str] = {}
    states = (Policy.State.PUBLISHED, Policy.State.APPROVED)
    pattern = re.compile(re.escape(f"{PREFIX}{code}.") + r"[a-z][a-z0-9_]*")
    for row in Policy.objects.filter(state__in=states).order_by("name"):
        for fact in pattern.findall(json.dumps(row.body)):
            found.setdefault(fact, row.name)
    return found


def flows_of(service: str) -> list[str]:
    """Names of the published flows that ask a service. One query."""
    rows = Flow.objects.filter(state=Flow.State.PUBLISHED).order_by("name")
    return [row.name for row in rows if asks(row.graph, service) or asks(row.linked, service)]


def asks(graph: Any, service: str) -> bool:
    """Whether a step of a graph calls the service. Pure."""
    steps = graph.get("steps") if isinstance(graph, Mapping) else None
    return isinstance(steps, Mapping) and any(
        isinstance(step, Mapping) and step.get("type") == "web_service" and step.get("service") == service for step in steps.values()
    )


def lookups_of(service: WebService) -> list[str]:
    """Names of the look-ups that ask a service."""
    return list(service.lookups.order_by("name").values_list("name", flat=True))


def lookup(number: int) -> Lookup | None:
    return Lookup.objects.select_related("service").filter(pk=number).first()
