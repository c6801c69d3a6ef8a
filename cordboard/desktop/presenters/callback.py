"""The preview of a callback: whom to call, why, since when it is promised, what was tried; read before anybody is dialled, and beside the talk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from cordboard.channels.voice.queries_voicemail import of_callbacks
from cordboard.desktop import queries
from cordboard.desktop.later import laters
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.panels import Work, keyed, last_contacts, panel, reasons
from cordboard.desktop.presenters.telephone import preview_until
from cordboard.interactions.queries import notes_in
from cordboard.interactions.sentences import clock
from cordboard.org.permissions import user_may
from cordboard.parties.normalise import phone_country
from cordboard.routing import dialling
from cordboard.routing.callbacks import zone_of
from cordboard.routing.models import Callback, Outgoing
from cordboard.routing.queries_callbacks import tries_of

CALLBACK = "callback"
"""The value of a contact's context that names its callback."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the preview: `number` is one that can be called (E.164)."""

    label: str
    text: str
    note: str = ""
    number: str = ""
    warn: bool = False


@dataclass(frozen=True, slots=True)
class Later:
    """A time to put it off to: `key` is the number of its line in the menu."""

    key: int
    words: str
    at: str


def _who(row: Callback) -> str:
    return row.party.name if row.party is not None else row.name or say.telephone(row.number)


def facts(row: Callback, now: datetime) -> list[Fact]:
    """Whom, why, since when, for when. No query."""
    whose = _("promised by %(name)s") % {"name": row.owner} if row.owner is not None else ""
    asked = say.when(row.created_at, now)
    shown = say.telephone(row.queue.caller_id) if row.queue.caller_id else _("the trunk's own number")
    if row.asked_by is not None:
        asked = _("%(when)s, with %(name)s") % {"when": asked, "name": row.asked_by}
    found = [
        Fact(_("Number"), "", number=row.number),
        Fact(_("They see"), shown, _("%(queue)s, we pay") % {"queue": row.queue.name}),
        Fact(_("Left") if row.origin == Callback.Origin.VOICEMAIL else _("Asked"), asked, str(row.get_origin_display())),
        _promised(row, now, whose),
    ]
    if row.about:
        found.insert(0, Fact(_("About"), row.about))
    return found


def _promised(row: Callback, now: datetime, whose: str) -> Fact:
    if row.waiting_since is not None:
        waited = clock((now - row.waiting_since).total_seconds())
        return Fact(_("Waits since"), say.when(row.waiting_since, now), _("%(time)s by now, the place was kept") % {"time": waited})
    late = row.due_at is not None and now - row.due_at > timedelta(minutes=5)
    between = _("%(from)s to %(until)s") % {"from": say.when(row.not_before, now), "until": say.when(row.not_after, now)}
    return Fact(_("Promised for"), between, _("late since %(when)s") % {"when": say.when(row.due_at, now)} if late and row.due_at else whose, warn=late)


def tries(row: Callback, now: datetime) -> list[dict[str, str]]:
    """What was tried, the newest first: when, by whom, what came of it. One query."""
    words = dict(Outgoing.Outcome.choices)
    return [
        {"at": say.when(one.asked_at or now, now), "by": str(one.interaction.agent or ""), "outcome": str(words.get(one.outcome, _("in progress")))}
        for one in tries_of(row.pk)
        if one.interaction_id != row.attempt_id
    ]


def _laters(row: Callback, user: Any, now: datetime) -> tuple[Later, ...]:
    zone = zone_of(row.number, row.party.timezone if row.party is not None else "", row.queue.unit.timezone if row.queue.unit is not None else "UTC")
    reader = timezone.get_current_timezone_name()
    found = laters(now, ZoneInfo(reader), country=phone_country(row.number), zone=zone, quiet=dialling.terms().quiet)
    return tuple(Later(key, say.when(at, now), at.isoformat()) for key, at in enumerate(found, 1))


def _message(row: Callback) -> dict[str, Any] | None:
    """What the caller left. One query for a callback that stands for a message."""
    held = of_callbacks([row.pk]).get(row.pk) if row.origin == Callback.Origin.VOICEMAIL else None
    if held is None:
        return None
    return {
        "name": f"message-{held.pk}",
        "sound": reverse("voice:message", args=[held.pk]),
        "seconds": held.recording.seconds or held.seconds,
        "heard": _("Heard by %(name)s") % {"name": held.heard_by} if held.heard_by is not None else "",
    }


def callback(work: Work) -> dict[str, Any]:
    """Read before anybody is dialled, with the ways to decide; a message while it is heard; beside the talk and after it the same without buttons. Ten queries when offered."""
    assert work.detail is not None
    segment = work.one.segment if work.one is not None else None
    row = queries.callback(int(work.detail.context[CALLBACK].value)) if CALLBACK in work.detail.context else None
    if row is None:
        return {"row": None, "tries": [], "notes": [], "keyed": keyed(work.detail.context), **last_contacts(work)}
    what = "message" if segment is not None and segment.kind == "message" else "callback"
    phase = ""
    if segment is not None and segment.state == "offered":
        phase = "offered"
    elif what == "message" and segment is not None and segment.state == "active":
        phase = "heard"
    message = _message(row)
    said = [note for note in notes_in(row.asked_in_id) if note.text] if row.asked_in_id is not None else []
    shown: dict[str, Any] = {
        "row": row,
        "what": what,
        "phase": phase,
        "who": _who(row),
        "facts": facts(row, work.now),
        "tries": tries(row, work.now),
        "tries_line": ngettext("%(n)d try counted", "%(n)d tries counted", row.tries) % {"n": row.tries} if row.tries else "",
        "notes": [{"by": str(note.author or _("The system")), "text": note.text} for note in said],
        "message": {**message, "new": phase == "heard" and not message["heard"]} if message is not None else None,
        "keyed": keyed(work.detail.context),
        **last_contacts(work),
    }
    if phase == "heard":
        shown["ticket_url"] = work.url("new-ticket") if user_may(work.user, "tickets.open") is not None else ""
    if phase == "offered" and work.one is not None:
        shown |= {
            "dial_at": preview_until(work.one, work.extra["call"]) if "call" in work.extra else None,
            "laters": _laters(row, work.user, work.now),
            "later_url": work.act("later"),
            "now_local": timezone.localtime(work.now + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"),
            **reasons(work),
        }
    return shown


panel("callback", callback, "desktop/panels/callback.html")
