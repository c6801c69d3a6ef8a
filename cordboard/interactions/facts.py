"""What rules may ask about a contact. Their situation has: "interaction" (the row), "party" (whom it is about, or None), "context" (the values
that hold, by name), "now". Whatever is read from the database is read when a rule asks for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.interactions.models import Interaction
from cordboard.rules.facts import BOOLEAN, CHOICE, DURATION, NUMBER, TEXT, Situation, declare

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
