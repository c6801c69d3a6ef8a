"""A ticket's fields are changed, by several people at a time where it must be; and what stands around it: tags, watchers, checklist, ties."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.catalogue.models import RegisteredProduct
from cordboard.events import log
from cordboard.interactions.models import ContactReason
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.parties.queries import ids_of
from cordboard.parties.queries import visible as visible_parties
from cordboard.tickets import changes, kinds
from cordboard.tickets.actions import may_change, refuse
from cordboard.tickets.editing import Clash, put_together
from cordboard.tickets.linking import circle
from cordboard.tickets.models import Ticket, TicketCheck, TicketLink, TicketTag, TicketWatcher
from cordboard.tickets.plain import clean
from cordboard.tickets.queries import visible
from cordboard.tickets.queries_kind import Terms, terms_of, usual_terms
from cordboard.tickets.telling import follow

FIELDS = ("title", "text", "kind", "priority", "product", "reason")
MOST_TAGS = 20
MOST_CHECKS = 50


class Clashed(Exception):
    """Somebody else changed the same fields. Nothing was saved; `clashes` has both texts of each."""

    def __init__(self, ticket: Ticket, clashes: list[Clash]) -> None:
        super().__init__(f"ticket {ticket.number}: {', '.join(one.field for one in clashes)}")
        self.ticket = ticket
        self.clashes = clashes


def values_of(ticket: Ticket) -> dict[str, Any]:
    """The fields that can be changed, own ones as "value-<code>"."""
    plain = {
        "title": ticket.title,
        "text": ticket.text,
        "kind": ticket.kind,
        "priority": ticket.priority,
        "product": ticket.product_id,
        "reason": ticket.reason_id,
    }
    return plain | {f"value-{code}": value for code, value in ticket.values.items()}


def edit(user: User, ticket_id: int, seen: Mapping[str, Any], mine: Mapping[str, Any]) -> list[str]:
    """Change fields (FIELDS, and "value-<code>"): from what the page showed (`seen`) to `mine`. What others changed meanwhile stays where `mine` leaves it alone. Returns the names of
    the fields that were written. Raises Clashed when both changed the same, ValidationError by field, PermissionDenied, Ticket.DoesNotExist."""
    with transaction.atomic():
        ticket = may_change(user, ticket_id)
        terms = terms_of(str(mine.get("kind", ticket.kind))) or usual_terms(ticket.kind)
        given = {name: _tidy(name, value, terms) for name, value in mine.items() if name in FIELDS or name.startswith("value-")}
        before = {name: _tidy(name, value, terms) for name, value in seen.items()}
        write, clashes = put_together(before, values_of(ticket), given)
        if clashes:
            raise Clashed(ticket, clashes)
        if not write:
            return []
        _check(ticket, write)
        old = {name: getattr(ticket, name) for name in changes.SHOWN if name in write}
        for name, value in write.items():
            if name in ("product", "reason"):
                setattr(ticket, f"{name}_id", value)
            elif name in FIELDS:
                setattr(ticket, name, value)
        _own(ticket, {name.removeprefix("value-"): value for name, value in write.items() if name.startswith("value-")})
        ticket.version += 1
        ticket.save(update_fields=["title", "text", "kind", "stage", "priority", "product", "reason", "values", "version"])
        fields = sorted(write)
        changes.edited(ticket, fields, old, actor=f"user:{user.pk}")
    return fields


def put_customer(user: User, ticket_id: int, party_id: int) -> Ticket:
    """Whose matter it is, where nobody was known: what is computed from the customer is computed again. Raises ValidationError ("customer"), PermissionDenied, Ticket.DoesNotExist."""
    with transaction.atomic():
        ticket = may_change(user, ticket_id)
        party = visible_parties(user).filter(pk=party_id, root=None).first()
        if party is None:
            raise ValidationError({"customer": _("There is no such customer.")})
        if ticket.party_id is not None:
            if ticket.party_id == party.pk:
                return ticket
            raise ValidationError({"customer": _("Somebody has put %(name)s on it meanwhile.") % {"name": ticket.party}})
        ticket.party = party
        ticket.version += 1
        ticket.save(update_fields=["party", "version"])
        changes.edited(ticket, ["party"], actor=f"user:{user.pk}")
    return ticket


def _tidy(name: str, value: Any, terms: Terms) -> Any:
    """As it would be kept; an own value that cannot be read stays as it was typed, to be refused."""
    if name == "title":
        return " ".join(str(value).split())[:200]
    if name.startswith("value-"):
        code = name.removeprefix("value-")
        kept, wrong = kinds.read(terms.fields, {code: value})
        return value if wrong else kept.get(code)
    return clean(value) if name == "text" else value


def _check(ticket: Ticket, write: Mapping[str, Any]) -> None:
    if "title" in write and not write["title"]:
        raise ValidationError({"title": _("Say in a few words what it is about.")})
    if "kind" in write and ((terms := terms_of(str(write["kind"]))) is None or not terms.active):
        raise ValidationError({"kind": _("Choose a kind.")})
    if "priority" in write and write["priority"] not in range(1, 10):
        raise ValidationError({"priority": _("A priority is a number from 1 (first) to 9 (last).")})
    if (product := write.get("product")) is not None:
        ids = ids_of(ticket.party_id) if ticket.party_id is not None else []
        if not RegisteredProduct.objects.filter(pk=product, party__in=ids).exists():
            raise ValidationError({"product": _("This product is not the customer's.")})
    if (reason := write.get("reason")) is not None and not ContactReason.objects.filter(pk=reason).exists():
        raise ValidationError({"reason": _("There is no such reason any more.")})


def _own(ticket: Ticket, given: Mapping[str, Any]) -> None:
    """Values of own fields, and the own state, by the kind that the ticket has now. What was filled in for another kind stays kept."""
    terms = terms_of(ticket.kind) or usual_terms(ticket.kind)
    if terms.machine.get(ticket.stage or ticket.state) is None:
        found = terms.machine.towards("", ticket.state)
        ticket.stage = found.code if found is not None and found.code != found.like else ""
    kept, wrong = kinds.read(terms.fields, {**ticket.values, **given})
    values = {**{code: value for code, value in ticket.values.items() if code not in given}, **kept}
    refuse(terms, [*wrong, *kinds.missing(terms.fields, values, ticket.stage or ticket.state, ticket.state)])
    ticket.values = values


# -- around it ---------------------------------------------------------------------------------------------------------------


def word_of(text: str) -> str:
    """A tag as it is kept: small letters, one space between words, no comma."""
    return " ".join(text.replace(",", " ").lower().split())[:40]


def tag(user: User | None, ticket_id: int, words: Iterable[str]) -> list[str]:
    """These are its tags now. Returns them. Raises ValidationError ("tags") for too many."""
    wanted = sorted({word for text in words if (word := word_of(text))})
    if len(wanted) > MOST_TAGS:
        raise ValidationError({"tags": _("A ticket has at most %(n)s tags.") % {"n": MOST_TAGS}})
    with transaction.atomic():
        ticket = may_change(user, ticket_id)
        had = set(TicketTag.objects.filter(ticket=ticket).values_list("word", flat=True))
        if had == set(wanted):
            return wanted
        TicketTag.objects.filter(ticket=ticket, word__in=had - set(wanted)).delete()
        TicketTag.objects.bulk_create([TicketTag(ticket=ticket, word=word) for word in wanted if word not in had])
        actor = f"user:{user.pk}" if user is not None else "rule"
        log.record("tickets.tagged", actor=actor, ticket=ticket.pk, party=ticket.party_id, count=len(wanted))
    return wanted


def watch(user: User, ticket_id: int, on: bool = True, *, now: datetime | None = None) -> None:
    """Follow a ticket that one may see, or leave off. Raises PermissionDenied, Ticket.DoesNotExist."""
    require(user, "tickets.view")
    with transaction.atomic():
        ticket = visible(user).get(pk=ticket_id)
        if on:
            follow(ticket, [user.pk], f"user:{user.pk}", now or timezone.now())
        elif TicketWatcher.objects.filter(ticket=ticket, user=user).delete()[0]:
            log.record("tickets.watched", actor=f"user:{user.pk}", ticket=ticket.pk, user=user.pk, on=False)


def check_add(user: User | None, ticket_id: int, text: str) -> TicketCheck:
    """A line more on the checklist. Raises ValidationError ("text")."""
    text = " ".join(text.split())[:200]
    if not text:
        raise ValidationError({"text": _("Say what is to be done.")})
    with transaction.atomic():
        ticket = may_change(user, ticket_id)
        orders = list(ticket.checks.values_list("order", flat=True))
        if len(orders) >= MOST_CHECKS:
            raise ValidationError({"text": _("A checklist has at most %(n)s lines.") % {"n": MOST_CHECKS}})
        row = TicketCheck.objects.create(ticket=ticket, text=text, order=max(orders, default=0) + 1)
        _checked(user, ticket, row.pk, "added")
    return row


def check(user: User, check_id: int, done: bool = True, *, now: datetime | None = None) -> None:
    """A line is done, or is not after all. Raises TicketCheck.DoesNotExist, PermissionDenied."""
    with transaction.atomic():
        ticket = may_change(user, TicketCheck.objects.values_list("ticket_id", flat=True).get(pk=check_id))
        row = TicketCheck.objects.select_for_update().get(pk=check_id)
        if (row.done_at is not None) == done:
            return
        row.done_at, row.done_by = (now or timezone.now(), user) if done else (None, None)
        row.save(update_fields=["done_at", "done_by"])
        _checked(user, ticket, row.pk, "done" if done else "undone")


def check_remove(user: User, check_id: int) -> None:
    with transaction.atomic():
        ticket = may_change(user, TicketCheck.objects.values_list("ticket_id", flat=True).get(pk=check_id))
        TicketCheck.objects.filter(pk=check_id).delete()
        _checked(user, ticket, check_id, "removed")


def _checked(user: User | None, ticket: Ticket, number: int, what: str) -> None:
    log.record("tickets.checked", actor=f"user:{user.pk}" if user is not None else "rule", ticket=ticket.pk, check=number, what=what)


def tie(user: User, ticket_id: int, other: int, kind: str, *, now: datetime | None = None) -> TicketLink:
    """`ticket` is part of, a duplicate of, or caused by `other`, which the user may see. Once is enough. Raises ValidationError ("other") for one that would go round in a circle,
    PermissionDenied, Ticket.DoesNotExist."""
    if kind not in TicketLink.Kind.values:
        raise ValidationError({"kind": _("Choose how they belong together.")})
    with transaction.atomic():
        # Two who tie at the same time have a ticket of the circle in common: the second waits here, and sees what the first did.
        near = {ticket_id, other, *ties_above(other)}
        list(Ticket.objects.select_for_update().filter(pk__in=near).order_by("pk").values_list("pk"))
        ticket = may_change(user, ticket_id)
        above = visible(user).get(pk=other)
        round_ = circle(ties_above(above.pk), ticket.pk, above.pk)
        if round_:
            numbers = dict(Ticket.objects.filter(pk__in=round_).values_list("pk", "number"))
            way = " → ".join(str(numbers[one]) for one in round_)
            raise ValidationError({"other": _("These tickets would hang on one another in a circle: %(way)s.") % {"way": way}})
        row, made = TicketLink.objects.get_or_create(ticket=ticket, other=above, kind=kind, defaults={"by": user, "at": now or timezone.now()})
        if made:
            log.record("tickets.tied", actor=f"user:{user.pk}", ticket=ticket.pk, party=ticket.party_id, other=above.pk, link=kind, on=True)
    return row


def ties_above(start: int) -> dict[int, list[int]]:
    """The ties that go up from a ticket, and on from there. A query for each height."""
    found: dict[int, list[int]] = {}
    todo = {start}
    while todo:
        rows = list(TicketLink.objects.filter(ticket__in=todo).values_list("ticket_id", "other_id"))
        for below, above in rows:
            found.setdefault(below, []).append(above)
        todo = {above for _below, above in rows} - found.keys()
    return found


def untie(user: User, link_id: int) -> None:
    """Raises TicketLink.DoesNotExist, PermissionDenied."""
    with transaction.atomic():
        row = TicketLink.objects.get(pk=link_id)
        ticket = may_change(user, row.ticket_id)
        TicketLink.objects.filter(pk=link_id).delete()
        log.record("tickets.tied", actor=f"user:{user.pk}", ticket=ticket.pk, party=ticket.party_id, other=row.other_id, link=row.kind, on=False)
