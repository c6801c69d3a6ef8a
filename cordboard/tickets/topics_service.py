"""Live topics of cases and service orders: who may see one may hear of its changes."""

from __future__ import annotations

from typing import Any

from cordboard.events.topics import topic
from cordboard.tickets import queries_case, queries_order


def _sees_case(user: Any, key: str) -> bool:
    return key.isdigit() and queries_case.visible(user).filter(pk=int(key)).exists()


def _sees_order(user: Any, key: str) -> bool:
    return key.isdigit() and queries_order.visible(user).filter(pk=int(key)).exists()


topic("case", allowed=_sees_case)
topic("service_order", allowed=_sees_order)
