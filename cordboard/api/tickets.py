"""Tickets for programs: list by keyset, open, read, change by version, write on."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.api import wire
from cordboard.api.wire import Endpoint, No, address, answer
from cordboard.org.models import Unit, User
from cordboard.parties import queries as parties
from cordboard.parties.models import Party
from cordboard.tickets import actions, actions_edit, actions_message, queries, queries_list
from cordboard.tickets.actions import Changed
from cordboard.tickets.actions_bulk_each import set_unit
from cordboard.tickets.filters import WrongFilter
from cordboard.tickets.models import Ticket
from cordboard.tickets.models_message import TicketMessage
from cordboard.tickets.queries_list import Line
from cordboard.tickets.search import search

VIEW, OPEN, CHANGE = "tickets.view", "tickets.open", "tickets.change"
USUAL, MOST = 50, 200
MOST_MESSAGES = 200
MOST_FILTER = 8_000
_LISTED = ("state", "kind")


def _refused(do: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What the actions refuse, as answers."""

    @wraps(do)
    def told(request: HttpRequest, **parts: Any) -> HttpResponse:
        try:
            return do(request, **parts)
        except Changed as changed:
            raise _stale(changed.ticket) from changed
        except ValidationError as wrong:
            fields = wrong.message_dict if hasattr(wrong, "error_dict") else {"": wrong.messages}
            name = next(iter(fields))
            raise No(422, _("This is not taken."), " ".join(fields[name]), **({"parameter": name} if name else {})) from wrong
        except Ticket.DoesNotExist:
            raise wire.missing() from None

    return told


def _stale(row: Ticket) -> No:
    return wire.stale(_("Somebody else has changed this ticket since."), str(row.version), version=row.version)


def _stamp(moment: Any) -> str | None:
    return moment.isoformat() if moment is not None else None


def _listed(line: Line, names: dict[str, dict[int, str]]) -> dict[str, Any]:
    return {
        "number": line.number, "title": line.title, "kind": line.kind, "state": line.state, "stage": line.stage or None, "priority": line.priority,
        "customer": names["customer"].get(line.party or 0), "customer_name": line.customer or None, "owner": names["owner"].get(line.owner_id or 0),
        "unit": names["unit"].get(line.unit_id or 0), "opened_at": _stamp(line.opened_at), "due_at": _stamp(line.due_at), "resolved_at": _stamp(line.resolved_at),
        "version": line.version,
    }  # fmt: skip


def _names(lines: list[Line]) -> dict[str, dict[int, str]]:
    """What programs call customers, colleagues and units. Three queries."""
    wanted = {name: {getattr(line, column) for line in lines} - {None} for name, column in (("customer", "party"), ("owner", "owner_id"), ("unit", "unit_id"))}
    numbers = Party.objects.filter(pk__in=wanted["customer"]).values_list("pk", "customer_number")
    return {
        "customer": {pk: number for pk, number in numbers if number},
        "owner": dict(User.objects.filter(pk__in=wanted["owner"]).values_list("pk", "username")),
        "unit": dict(Unit.objects.filter(pk__in=wanted["unit"]).values_list("pk", "code")),
    }


def _condition(request: HttpRequest) -> dict[str, Any]:
    """What the address asks for, as a view's condition. Raises No."""
    parts: list[dict[str, Any]] = []
    for name in _LISTED:
        if given := request.GET.get(name, ""):
            parts.append({"fact": f"ticket.{name}", "op": "in", "value": given.split(",")})
    if (given := request.GET.get("open", "")) in ("true", "false"):
        parts.append({"fact": "ticket.open", "op": "is", "value": given == "true"})
    if given := request.GET.get("owner", ""):
        parts.append(
            {"fact": "ticket.owner", "op": "unknown"}
            if given == "none"
            else {"fact": "ticket.owner", "op": "is", "value": "me" if given == "me" else str(_user(given).pk)}
        )
    if given := request.GET.get("unit", ""):
        parts.append({"fact": "ticket.unit", "op": "unknown"} if given == "none" else {"fact": "ticket.unit", "op": "is", "value": str(_unit(given).pk)})
    if given := request.GET.get("filter", ""):
        try:
            condition = json.loads(given) if len(given) <= MOST_FILTER else None
        except (ValueError, RecursionError):
            condition = None
        if not isinstance(condition, dict):
            raise No(422, _("This filter cannot be read."), parameter="filter")
        if condition:
            parts.append(condition)
    return {"all": parts} if parts else {}


def listing(request: HttpRequest) -> HttpResponse:
    """Four queries, whatever the page; those of a search and of names in the address beside."""
    user: Any = request.user
    sort, limit = request.GET.get("sort", "newest"), request.GET.get("limit", str(USUAL))
    if sort not in queries_list.SORTS:
        raise No(422, _("There is no such order."), _("There are: %(names)s.") % {"names": ", ".join(sorted(queries_list.SORTS))}, parameter="sort")
    if not limit.isdecimal() or not 1 <= int(limit) <= MOST:
        raise No(422, _("A page has 1 to %(most)d tickets.") % {"most": MOST}, parameter="limit")
    only = None
    if typed := request.GET.get("q", ""):
        only = Q(pk__in=search(user, typed, limit=MOST).ids)
    if number := request.GET.get("customer", ""):
        party = parties.by_customer_number(number)
        of_customer = Q(party__in=parties.ids_of(party.pk)) if party is not None else Q(pk__in=[])
        only = of_customer if only is None else only & of_customer
    try:
        page = queries_list.page(user, _condition(request), sort, timezone.now(), after=request.GET.get("cursor", ""), limit=int(limit), only=only)
    except WrongFilter as wrong:
        raise No(422, _("This filter cannot be asked."), str(wrong), parameter="filter") from wrong
    except queries_list.WrongCursor as wrong:
        raise No(422, _("This cursor is none of ours."), parameter="cursor") from wrong
    names = _names(page.lines)
    return answer({"items": [_listed(line, names) for line in page.lines], "next": page.next or None})


def _one(user: Any, number: int) -> Ticket:
    """Raises Ticket.DoesNotExist, also when the user may not see it."""
    return queries.visible(user).select_related("party", "owner", "unit", "opened_by").prefetch_related("tags").get(number=number)


def _shown(row: Ticket) -> dict[str, Any]:
    return {
        "number": row.number, "title": row.title, "text": row.text, "kind": row.kind, "state": row.state, "stage": row.stage or None, "priority": row.priority,
        "customer": row.party.customer_number if row.party is not None else None, "customer_name": row.party.name if row.party is not None else None,
        "owner": row.owner.username if row.owner is not None else None, "unit": row.unit.code if row.unit is not None else None,
        "opened_by": row.opened_by.username if row.opened_by is not None else None, "opened_at": _stamp(row.opened_at), "due_at": _stamp(row.due_at),
        "resolved_at": _stamp(row.resolved_at), "tags": [one.word for one in row.tags.all()], "values": row.values, "version": row.version,
    }  # fmt: skip


@_refused
def read(request: HttpRequest, number: int) -> HttpResponse:
    row = _one(request.user, number)
    return answer(_shown(row), etag=str(row.version))


@_refused
def make(request: HttpRequest) -> HttpResponse:
    user: Any = request.user
    known = {"title": str, "text": str, "kind": str, "customer": str, "owner": str, "unit": str, "values": dict}
    given = wire.body(request, known, ("title",))
    party = None
    if number := given.get("customer"):
        party = parties.by_customer_number(number)
        if party is None or not parties.visible(user).filter(pk=party.pk).exists():
            raise No(422, _("There is no such customer."), parameter="customer")
    made = actions.open_ticket(
        user,
        title=given["title"],
        text=given.get("text", ""),
        kind=given.get("kind", Ticket.Kind.REQUEST),
        party=party,
        owner=_user(given["owner"]) if given.get("owner") else None,
        unit=_unit(given["unit"]) if given.get("unit") else None,
        values=given.get("values"),
    )
    row = Ticket.objects.select_related("party", "owner", "unit", "opened_by").get(pk=made.pk)
    return answer(_shown(row), 201, etag=str(row.version), location=reverse("api:ticket", args=[row.number]))


@_refused
def change(request: HttpRequest, number: int) -> HttpResponse:
    """All of it or nothing, of the version that was seen."""
    user: Any = request.user
    tag = wire.wanted(request)
    known = {"title": str, "text": str, "kind": str, "priority": int, "state": str, "owner": str, "unit": str, "tags": list, "values": dict}
    given = wire.body(request, known)
    if not all(isinstance(word, str) for word in given.get("tags", [])):
        raise No(422, _("This member is of another type."), parameter="tags")
    owner = _user(given["owner"]) if "owner" in given else None
    unit = _unit(given["unit"]) if "unit" in given else None
    pk = _one(user, number).pk
    with transaction.atomic():
        row = actions.may_change(user, pk)
        if tag != str(row.version):
            raise _stale(row)
        mine: dict[str, Any] = {name: given[name] for name in ("title", "text", "kind", "priority") if name in given}
        mine |= {f"value-{code}": value for code, value in given.get("values", {}).items()}
        if mine:
            actions_edit.edit(user, pk, actions_edit.values_of(row), mine)
        if owner is not None:
            actions.give(user, pk, owner)
        if unit is not None:
            set_unit(user, pk, unit.pk)
        if "tags" in given:
            actions_edit.tag(user, pk, given["tags"])
        if "state" in given:
            actions.set_state(user, pk, given["state"])
    row = _one(user, number)
    return answer(_shown(row), etag=str(row.version))


def _message(row: TicketMessage) -> dict[str, Any]:
    author = row.author.username if row.author is not None else None
    return {"id": row.pk, "kind": row.kind, "author": author, "text": row.text, "address": row.address or None, "at": _stamp(row.at)}


@_refused
def messages(request: HttpRequest, number: int) -> HttpResponse:
    """In their order; `cursor` is the last one seen."""
    after = request.GET.get("cursor", "0")
    if not after.isdecimal() or len(after) > 18:
        raise No(422, _("This cursor is none of ours."), parameter="cursor")
    rows = list(_one(request.user, number).messages.select_related("author").filter(pk__gt=int(after)).order_by("pk")[: MOST_MESSAGES + 1])
    more = len(rows) > MOST_MESSAGES
    rows = rows[:MOST_MESSAGES]
    return answer({"items": [_message(row) for row in rows], "next": str(rows[-1].pk) if more else None})


@_refused
def write(request: HttpRequest, number: int) -> HttpResponse:
    """A note, a reply that goes to the customer by mail, or what the customer said through another system."""
    user: Any = request.user
    given = wire.body(request, {"kind": str, "text": str, "to": str, "then": str}, ("kind", "text"))
    pk = _one(user, number).pk
    match given["kind"]:
        case "note":
            row = actions_message.add_note(user, pk, given["text"])
        case "reply":
            row = actions_message.reply(user, pk, given["text"], to=given.get("to", ""), then=given.get("then", ""))
        case "received":
            row = actions_message.customer_said(user, pk, given["text"])
        case _:
            raise No(422, _("A message is a note, a reply or received from the customer."), parameter="kind")
    return answer(_message(row), 201)


def _user(name: str) -> User:
    row = User.objects.filter(username=name, is_active=True).first()
    if row is None:
        raise No(422, _("There is no such colleague."), parameter="owner")
    return row


def _unit(code: str) -> Unit:
    row = Unit.objects.filter(code=code).first()
    if row is None:
        raise No(422, _("There is no such unit."), parameter="unit")
    return row


tickets = address(
    details=True,
    GET=Endpoint(
        VIEW,
        "List tickets",
        listing,
        gives="TicketList",
        query={
            "open": "true: only open ones; false: only those that are done.",
            "state": "Only in these states, with commas between.",
            "kind": "Only of these kinds, with commas between.",
            "owner": "A user name, me, or none.",
            "unit": "A unit's code, or none.",
            "customer": "A customer number.",
            "filter": "A condition over the facts of a ticket (JSON), as views have it.",
            "q": "Words that must be in it; the newest 200 that have them.",
            "sort": "newest (as left out), oldest, due, priority or resolved.",
            "limit": "Tickets of a page, 1 to 200; 50 as left out.",
            "cursor": "next of the page before.",
        },
    ),
    POST=Endpoint(OPEN, "Open a ticket", make, takes="NewTicket", gives="Ticket", status=201),
)
ticket = address(
    details=True,
    GET=Endpoint(VIEW, "Read a ticket", read, gives="Ticket"),
    PATCH=Endpoint(CHANGE, "Change a ticket", change, takes="TicketChange", gives="Ticket", match=True),
)
ticket_messages = address(
    details=True,
    GET=Endpoint(VIEW, "Read what was written on a ticket", messages, gives="TicketMessageList", query={"cursor": "next of the page before."}),
    POST=Endpoint(
        CHANGE, "Write a note, a reply to the customer, or what the customer said", write, takes="NewTicketMessage", gives="TicketMessage", status=201
    ),
)
