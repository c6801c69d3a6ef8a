"""The navigation bar: what a role may open, in the order of the day's work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from cordboard.desktop.cards import NavItem
from cordboard.lib.addresses import reverse
from cordboard.org.permissions import user_may
from cordboard.routing.permissions import AGENT, CALLBACKS, SUPERVISE, WATCH

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from cordboard.org.models import User


@dataclass(frozen=True, slots=True)
class Place:
    code: str
    icon: str
    name: str | StrPromise
    view: str
    permissions: tuple[str, ...]
    """One of them is enough."""
    also: tuple[str, ...] = ()
    """Beginnings of other addresses that lie in it."""


FITS = 11
"""So many places stand in the bar on a low screen (768 points), the menu of the others counted."""
SELDOM = ("incidents", "workload", "policies", "flows", "cases", "service-orders", "handover", "recordings")
"""Places that give way to a menu, for those who may open more than fit."""
NEXT = ("my-day", "my-customers", "approvals", "figures")
"""Who may open more than that still (a team lead, who is an agent too) has these in the menu, the first ones first, until the others fit."""

PLACES: list[Place] = []
"""Filled by `offer`, in order."""


def offer(code: str, icon: str, name: str | StrPromise, view: str, *permissions: str, also: tuple[str, ...] = ()) -> None:
    """Put a place on the navigation bar, for those who have one of the permissions. `view` is a URL name."""
    if all(place.code != code for place in PLACES):
        PLACES.append(Place(code, icon, name, view, permissions, also))


def items(user: User, path: str) -> list[NavItem]:
    """The places that `user` may open; the one that `path` lies in is marked."""
    found = []
    for place in PLACES:
        if all(user_may(user, permission) is None for permission in place.permissions):
            continue
        url = reverse(place.view)
        found.append(NavItem(place.code, place.icon, str(place.name), url, current=path.startswith((url, *place.also)), also=" ".join(place.also)))
    away = giving_way([item.code for item in found])
    return [replace(item, more=item.code in away) for item in found]


def giving_way(codes: Sequence[str]) -> frozenset[str]:
    """Which of these places stand in the menu, so that what stays fits into the bar. Pure."""
    if len(codes) <= FITS:
        return frozenset()
    away = [code for code in SELDOM if code in codes]
    rest = [code for code in NEXT if code in codes]
    while rest and len(codes) - len(away) > FITS - 1:
        away.append(rest.pop(0))
    return frozenset(away)


offer("desk", "headset", _("Desk"), "desktop:desk", AGENT)
offer("my-day", "clock", _("My day"), "analytics:my_day", AGENT)
offer("worklist", "list-check", _("Work list"), "desktop:worklist", CALLBACKS, "tickets.view", AGENT, "knowledge.write")
offer("tickets", "ticket", _("Tickets"), "desktop:tickets", "tickets.view")
offer("appointments", "calendar", _("Calendar"), "desktop:appointments", "appointments.view")
offer("incidents", "alert-triangle", _("Mass incidents"), "desktop:incidents", "tickets.incidents")
offer("approvals", "clipboard-check", _("Approvals"), "desktop:approvals", AGENT, SUPERVISE)
offer("workload", "stack-2", _("Workload"), "desktop:workload", "org.hand_over")
offer("board", "layout-dashboard", _("Live board"), "desktop:board", WATCH)
offer("figures", "chart-bar", _("Figures"), "analytics:figures", "analytics.view")
offer("policies", "scale", _("Policies"), "workbench:policies", "rules.view")
offer("flows", "sitemap", _("Flows"), "flows:list", "flows.view")
offer("my-customers", "star", _("My customers"), "desktop:my_customers", "parties.own")
offer("customers", "users", _("Customers"), "desktop:customers", "parties.view")
offer("cases", "stack-2", _("Cases"), "desktop:cases", "tickets.cases")
offer("service-orders", "tool", _("Service orders"), "desktop:service_orders", "tickets.orders")
offer("knowledge", "book-2", _("Knowledge"), "desktop:knowledge", "knowledge.view")
offer("handover", "users-group", _("Hand over"), "desktop:handover", "org.hand_over")
offer("recordings", "microphone", _("Recordings"), "desktop:recordings", "voice.hear_recordings")
offer(
    "settings",
    "settings",
    _("Settings"),
    "desktop:settings",
    "routing.manage",
    "voice.manage",
    "org.manage",
    "rules.edit",
    "mail.manage",
    "tickets.complaints",
    "tickets.service_levels",
    "tickets.kinds",
    "tickets.levels",
    "appointments.manage",
    also=("/announcements/",),
)
