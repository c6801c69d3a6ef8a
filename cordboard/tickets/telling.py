"""Colleagues hear of what concerns them on a ticket, as a notice over whatever they are doing."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from django.utils import translation
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.interactions.tell import Tell
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import User
from cordboard.routing.actions_broadcast import notify
from cordboard.routing.models import Broadcast
from cordboard.tickets.models import Ticket, TicketWatcher

Words = Callable[[], str]
"""Makes the sentence in the language that is active."""


def tell(sender: User | None, ticket: Ticket, people: Collection[int], words: Words, now: datetime) -> None:
    """These people are told, each in their language; who does it is not. In the caller's transaction."""
    people = set(people) - ({sender.pk} if sender is not None else set())
    if not people:
        return
    texts = {}
    for language in LANGUAGES:
        with translation.override(language):
            texts[language] = {"strong": _("Ticket %(number)s, %(title)s:") % {"number": ticket.number, "title": ticket.title[:80]}, "text": words()}
    told = Tell.of(sender) if sender is not None else Tell("system")
    readers = User.objects.filter(pk__in=people, is_active=True)
    notify(texts, readers, sender=sender, to=Broadcast.To.PERSON, tell=told, now=now)
    told.write()


def watchers(ticket: Ticket) -> list[int]:
    """Those who follow it. One query."""
    return list(TicketWatcher.objects.filter(ticket=ticket).values_list("user_id", flat=True))


def follow(ticket: Ticket, users: Iterable[int], actor: str, now: datetime) -> list[int]:
    """They follow the ticket from now on; returns who did not before. In the caller's transaction."""
    had = set(watchers(ticket))
    new = [one for one in dict.fromkeys(users) if one not in had]
    TicketWatcher.objects.bulk_create([TicketWatcher(ticket=ticket, user_id=one, at=now) for one in new], ignore_conflicts=True)
    log.record_all([("tickets.watched", {"ticket": ticket.pk, "user": one, "on": True}) for one in new], actor=actor) if new else None
    return new
