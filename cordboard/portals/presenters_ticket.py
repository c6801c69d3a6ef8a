"""A ticket as its customer sees it: what was written, in order, and how it stands, in plain words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _

from cordboard.lib.config import config
from cordboard.org.languages import LANGUAGES, OWN_NAMES, html_lang
from cordboard.tickets.actions_attachment import largest
from cordboard.tickets.models import Ticket
from cordboard.tickets.queries_access import Conversation

State = Ticket.State
Spoken = tuple[tuple[str, str, str, bool], ...]
"""(code, its own name, lang, whether it is spoken now)"""


@dataclass(frozen=True, slots=True)
class File:
    name: str
    size: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    who: str
    ours: bool
    at: datetime
    text: str
    files: tuple[File, ...]


@dataclass(frozen=True, slots=True)
class Page:
    number: int
    title: str
    opened: datetime
    state: str
    waits: bool
    """We wait for the customer."""
    goes_on: str
    """Said where the ticket that they know was merged into another."""
    lines: tuple[Line, ...]
    more: bool
    largest: str
    languages: Spoken


def of_conversation(found: Conversation, token: str, language: str) -> Page:
    """In the language that is active."""
    house = parseaddr(config().mail_from)[0] or config().mail_domain
    row = found.shown
    lines = tuple(
        Line(
            who=house if one.ours else _("You"),
            ours=one.ours,
            at=one.message.at,
            text=one.message.text,
            files=tuple(File(each.name, filesizeformat(each.size), reverse("portals:ticket_file", args=[token, each.pk])) for each in one.files),
        )
        for one in found.said
    )
    merged = found.ticket.pk != found.about.pk and found.whole
    return Page(
        number=row.number,
        title=row.title,
        opened=found.about.opened_at,
        state=state_words(found.ticket.state),
        waits=found.ticket.state == State.WAITING,
        goes_on=_("Number %(old)s goes on here, together with number %(new)s.") % {"old": found.about.number, "new": row.number} if merged else "",
        lines=lines,
        more=found.more,
        largest=largest_words(),
        languages=languages(language),
    )


def state_words(state: str) -> str:
    """How it stands, for the customer."""
    return {
        State.NEW: _("We have received it. A colleague takes it up."),
        State.OPEN: _("We are working on it."),
        State.WAITING: _("We wait for your answer."),
        State.RESOLVED: _("We think that it is solved. If it is not, write to us below."),
        State.CLOSED: _("It is closed. If you write to us below, it is opened again."),
    }[State(state)]


def largest_words() -> str:
    return filesizeformat(largest())


def languages(spoken: str) -> Spoken:
    return tuple((code, OWN_NAMES[code], html_lang(code), code == spoken) for code in LANGUAGES)
