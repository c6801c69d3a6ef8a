"""What rules may ask about a contact. Their situation has: "interaction" (the row), "party" (whom it is about, or None), "context" (the values
that hold, by name), "now". Whatever is read from the database is read when a rule asks for it."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from cordboard.interactions import rule_verbs  # noqa: F401  it registers its verbs
from cordboard.interactions.models import Interaction, InteractionTag, Outcome
from cordboard.parties.facts import ids_of, now_of, once
from cordboard.rules.facts import BOOLEAN, CHOICE, DATETIME, DURATION, LIST, NUMBER, REGISTRY, TEXT, Fact, Situation, declare

WEEK = timedelta(days=7)


def _row(at: Situation) -> Interaction | None:
    row: Interaction | None = at.get("interaction")
    return row


def _of_row(name: str) -> Any:
    def read(at: Situation) -> Any:
        row = _row(at)
        return getattr(row, name) or None if row is not None else None

    return read


def _waited(at: Situation) -> Any:
    row = _row(at)
    return at["now"] - row.queued_at if row is not None and row.queued_at is not None else None


def contacts_of(party: int, since: datetime) -> int:
    """How often the customer turned to us since then, the present contact included. One query."""
    return Interaction.objects.filter(subject_id=party, direction=Interaction.Direction.INBOUND, started_at__gte=since).count()


def _this_week(at: Situation) -> int | None:
    party = at.get("party")
    return contacts_of(party.pk, at["now"] - WEEK) if party is not None else None


def _last(at: Situation) -> tuple[datetime, str, str] | None:
    """The customer's contact before this one: when, outcome, channel."""

    def look(_party: Any) -> tuple[datetime, str, str] | None:
        row = _row(at)
        before = Interaction.objects.filter(subject_id__in=ids_of(at), started_at__lt=row.started_at if row is not None else now_of(at))
        found = before.order_by("-started_at").values_list("started_at", "outcome__code", "channel").first()
        return (found[0], found[1] or "", found[2]) if found is not None else None

    return once(at, f"last_contact:{row.pk if (row := _row(at)) is not None else now_of(at)}", look)


def _outcomes() -> dict[str, Any]:
    return {row.code: row.name_in(get_language() or "en") for row in Outcome.objects.filter(active=True)}


def _customer_number(at: Situation) -> str | None:
    """As keyed, else of the customer as identified."""
    context = at.get("context") or {}
    keyed = context.get("customer_number") or context.get("customer.number")
    party = at.get("party")
    return str(keyed) if keyed else (party.customer_number or None if party is not None else None)


KEYED = re.compile(r"context\.[a-z0-9_][a-z0-9_.-]{0,59}")


def _keyed(name: str) -> Fact | None:
    """Whatever a flow, a bot or an agent set on the contact, by its name: "context.invoice_number"."""
    if not KEYED.fullmatch(name):
        return None
    short = name.removeprefix("context.")

    def read(at: Situation) -> Any:
        value = (at.get("context") or {}).get(short)
        return value if value is None or isinstance(value, str) else str(value)

    return Fact(name, TEXT, _now("answer: %(name)s") % {"name": short.replace("_", " ")}, read, lasting=True)


REGISTRY.source("context.", _keyed)


def _from_context(name: str) -> Any:
    return lambda at: (at.get("context") or {}).get(name)


declare("interaction.channel", CHOICE, _("channel"), read=_of_row("channel"), choices=dict(Interaction.Channel.choices), lasting=True)
declare("interaction.language", TEXT, _("language of the contact"), read=_of_row("language"))
declare("interaction.from", TEXT, _("caller's number"), read=_of_row("from_address"), lasting=True)
declare("interaction.dialled", TEXT, _("number dialled"), read=_of_row("to_address"), lasting=True)
declare("interaction.identified", BOOLEAN, _("the customer is known"), read=lambda at: at.get("party") is not None)
declare(
    "interaction.confirmed", BOOLEAN, _("the customer is confirmed by an agent"), read=lambda at: (row := _row(at)) is not None and row.confirmed_at is not None
)
declare(
    "interaction.on_behalf",
    BOOLEAN,
    _("somebody talks on behalf of the customer"),
    read=lambda at: (row := _row(at)) is not None and row.reporter_id not in (None, row.subject_id),
)
declare("interaction.waited", DURATION, _("time waited"), read=_waited)
declare("interaction.contacts_this_week", NUMBER, _("contacts of this customer in seven days"), read=_this_week)
declare("context.matter", TEXT, _("matter chosen by the caller"), read=_from_context("matter"), lasting=True)
declare("context.product", TEXT, _("product that it is about"), read=_from_context("product"), lasting=True)
declare("context.words", TEXT, _("what the caller said"), read=_from_context("words"), lasting=True)
declare("interaction.customer_number", TEXT, _("customer number"), read=_customer_number)
declare("interaction.last_contact", DATETIME, _("last contact"), read=lambda at: last[0] if (last := _last(at)) is not None else None)
declare(
    "interaction.last_outcome",
    TEXT,
    _("outcome of the last contact"),
    read=lambda at: last[1] or None if (last := _last(at)) is not None else None,
    options=_outcomes,
)
declare(
    "interaction.last_channel",
    CHOICE,
    _("channel of the last contact"),
    read=lambda at: last[2] if (last := _last(at)) is not None else None,
    choices=dict(Interaction.Channel.choices),
)


def _tags(at: Situation) -> list[str] | None:
    row = _row(at)
    return sorted(InteractionTag.objects.filter(interaction=row).values_list("tag", flat=True)) if row is not None else None


def _known_tags() -> dict[str, Any]:
    return {tag: tag for tag in InteractionTag.objects.order_by("tag").values_list("tag", flat=True).distinct()[:200]}


declare("interaction.tags", LIST, _("tags of the contact"), read=_tags, options=_known_tags)
