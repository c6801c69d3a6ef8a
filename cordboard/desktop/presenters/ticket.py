"""A ticket's page as plain values: the conversation, what can be done, what stands around it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from cordboard.desktop.presenters import say, ticket_changes
from cordboard.desktop.presenters.masking import OPEN, Mask
from cordboard.lib.addresses import reverse
from cordboard.lib.kept import Kept
from cordboard.mail.models import OutgoingMail
from cordboard.org.models import User
from cordboard.tickets.actions_access import ways_in
from cordboard.tickets.actions_attachment import largest
from cordboard.tickets.actions_message import addresses, may_write
from cordboard.tickets.models import Ticket, TicketAttachment, TicketLink, TicketMessage, TicketMove
from cordboard.tickets.queries_ticket import Page, colleagues, positions

MOST_SINCE = 3
"""Messages that are quoted, the newest."""
BY_PLACE = "#"
"""Before the place of an address among those of the customer: what a form posts where the reader does not see the address itself."""


def address_meant(given: str, ticket: Ticket) -> str:
    """The address that a form means: itself, or by its place."""
    at = given.removeprefix(BY_PLACE)
    known = addresses(ticket) if given.startswith(BY_PLACE) and at.isdecimal() else []
    return known[int(at)] if len(at) < 4 and int(at or 0) < len(known) else given


def shown(user: User, found: Page, now: datetime, mask: Mask = OPEN) -> dict[str, Any]:
    """Four queries where the reader may write, five where a reply went out, one else."""
    row = found.ticket
    may = may_write(user, row)
    return {
        "ticket": row,
        "text": "" if any(one.kind == TicketMessage.Kind.RECEIVED and one.text == row.text for one in found.messages) else row.text,
        "mask": mask,
        "topic": f"ticket:{row.pk}",
        "kind": row.get_kind_display(),
        "state": row.get_state_display(),
        "opened": say.when(row.opened_at, now),
        "lines": _lines(found, now, mask),
        "more": found.more,
        "may": may,
        "base": reverse("desktop:ticket", args=[row.number]),
        "next": _following(found) if may else [],
        "write": _write(user, found, mask) if may else None,
        "people": colleagues(user) if may else [],
        "positions": positions(user) if may else [],
        "watching": any(one.user_id == user.pk for one in found.watchers),
        "watchers": [str(one.user) for one in found.watchers],
        "tags": found.tags,
        "checks": [{"pk": one.pk, "text": one.text, "done": one.done_at is not None, "by": str(one.done_by or "")} for one in found.checks],
        "checks_done": sum(one.done_at is not None for one in found.checks),
        "ties": mask.within([_tie(one, row) for one in found.links]),
        "tie_kinds": TicketLink.Kind.choices,
        "moves": [_move(one, row, now) for one in found.moves],
        "viewers": [
            {"name": str(one.user), "words": _("%(name)s is writing") % {"name": one.user} if one.writes else _("%(name)s is looking") % {"name": one.user}}
            for one in found.viewers
        ],
        "context": [{"name": one.name, "value": mask(_plain(one.value)), "by": one.get_by_display()} for one in found.context],
        "ways_in": _ways_in(found, now, mask) if may else [],
        "merged": {"number": row.merged_into.number, "url": reverse("desktop:ticket", args=[row.merged_into.number])} if row.merged_into is not None else None,
    }


_WAYS_IN = Kept(lambda ticket: ways_in(Ticket(pk=ticket)).filter(withdrawn_at=None))


def _ways_in(found: Page, now: datetime, mask: Mask) -> list[dict[str, Any]]:
    """Links with which customers read and write. One query where a reply went out, else none."""
    if not any(one.kind == TicketMessage.Kind.REPLY for one in found.messages):
        return []
    return [{"pk": one.pk, "address": mask.code(one.address), "since": say.when(one.made_at, now)} for one in _WAYS_IN(found.ticket.pk)]


def _following(found: Page) -> list[dict[str, Any]]:
    """The states that it may get now. `command`: how the palette says it."""
    row = found.ticket
    following = [(one, found.terms.state_name(one.code)) for one in found.terms.machine.following(row.stage or row.state)]
    return [
        {"code": one.code, "words": words, "done": one.like == "resolved", "waits": one.like == "waiting", "command": _("State: %(state)s") % {"state": words}}
        for one, words in following
    ]


def _plain(value: Any) -> str:
    return ", ".join(str(one) for one in value) if isinstance(value, list) else str(value)[:200]


def _write(user: User, found: Page, mask: Mask) -> dict[str, Any]:
    row = found.ticket
    draft = found.draft
    waiting = [one for one in found.terms.machine.following(row.stage or row.state) if one.like in ("waiting", "resolved")]
    return {
        "kind": draft.kind if draft is not None else "reply",
        "text": draft.text if draft is not None else "",
        "revision": draft.revision if draft is not None else 0,
        "addresses": [(f"{BY_PLACE}{at}" if mask.on else one, mask.code(one)) for at, one in enumerate(addresses(row))],
        "files": [_file(one) for one in found.files if one.message_id is None],
        "largest": filesizeformat(largest()),
        "then": [{"code": one.code, "words": found.terms.state_name(one.code)} for one in waiting],
        "seen": max((one.pk for one in found.messages), default=0),
    }


def _file(one: TicketAttachment) -> dict[str, Any]:
    return {"pk": one.pk, "name": one.name, "size": filesizeformat(one.size), "url": reverse("desktop:ticket_file", args=[one.pk])}


def _lines(found: Page, now: datetime, mask: Mask) -> list[dict[str, Any]]:
    """Messages, contacts, changes, merges and splits in the order of time; messages as they were written, also where the clock was set back in between."""
    files: dict[int, list[TicketAttachment]] = {}
    for file in found.files:
        if file.message_id is not None:
            files.setdefault(file.message_id, []).append(file)
    sent = _sent([one for one in found.messages if one.kind == TicketMessage.Kind.REPLY])
    lines: list[tuple[datetime, int, dict[str, Any]]] = []
    at = datetime.min.replace(tzinfo=UTC)
    for one in found.messages:
        at = max(at, one.at)
        lines.append((at, one.pk, _message(one, files.get(one.pk, []), sent.get(one.message_id), now, mask)))
    for contact in found.contacts:
        row = contact.interaction
        words = _("%(channel)s with %(agent)s") if row.agent is not None else _("%(channel)s")
        line = {"event": True, "icon": "history", "words": words % {"channel": row.get_channel_display(), "agent": row.agent}, "at": say.when(contact.at, now)}
        lines.append((contact.at, contact.pk, line))
    oldest = found.messages[0].at if found.more else None
    for change in found.changes:
        if oldest is None or change.at >= oldest:
            lines.append((change.at, change.pk, ticket_changes.line(change, found.terms, now, mask)))
    for move in found.moves:
        shown_move = _move(move, found.ticket, now)
        lines.append((move.at, move.pk, {"event": True, "icon": "arrows-exchange", "words": shown_move["words"], "at": shown_move["at"]}))
    return [line for _at, _pk, line in sorted(lines, key=lambda each: each[:2])]


def _sent(replies: list[TicketMessage]) -> dict[str, OutgoingMail]:
    """What became of the mail that carried them. One query."""
    ids = [one.message_id for one in replies if one.message_id]
    return {one.message_id: one for one in _MAILS(ids)}


_MAILS = Kept(lambda ids: OutgoingMail.objects.filter(message_id__in=ids).only("message_id", "state", "error"))


def _message(one: TicketMessage, files: list[TicketAttachment], mail: OutgoingMail | None, now: datetime, mask: Mask) -> dict[str, Any]:
    who = (
        str(one.author or _("a colleague who left"))
        if one.kind != TicketMessage.Kind.RECEIVED
        else (one.party.name if one.party else mask.code(one.address) or _("The customer"))
    )
    note = {
        TicketMessage.Kind.NOTE: _("internal note"),
        TicketMessage.Kind.REPLY: _("to %(address)s") % {"address": mask.code(one.address)},
        TicketMessage.Kind.RECEIVED: _("written down by %(name)s") % {"name": one.author} if one.author is not None else mask.code(one.address),
    }[TicketMessage.Kind(one.kind)]
    state = ""
    if mail is not None and mail.state != OutgoingMail.State.SENT:
        state = _("waits to be sent") if mail.state == OutgoingMail.State.QUEUED else _("not sent")
    return {
        "pk": one.pk,
        "kind": one.kind,
        "who": who,
        "note": note,
        "state": state,
        "failed": mail is not None and mail.state == OutgoingMail.State.FAILED,
        "at": say.when(one.at, now),
        "text": mask(one.text),
        "files": [_file(file) for file in files],
    }


def written_since(messages: list[TicketMessage], mask: Mask) -> str:
    """What somebody who replies has not seen, and what they can do now."""
    said = []
    for one in messages[-MOST_SINCE:]:
        who = str(one.author or "") if one.kind == TicketMessage.Kind.REPLY else _("The customer")
        said.append(_("%(name)s: “%(text)s”") % {"name": who or _("a colleague who left"), "text": Truncator(mask(one.text)).chars(160)})
    return " ".join([*said, _("Your text is kept. Send it again if it still fits.")])


def _tie(one: TicketLink, row: Ticket) -> dict[str, Any]:
    up = one.ticket_id == row.pk
    other = one.other if up else one.ticket
    down = {
        "parent": pgettext("tie of tickets", "has as part"),
        "duplicate": pgettext("tie of tickets", "has as duplicate"),
        "cause": pgettext("tie of tickets", "cause of"),
    }
    return {
        "pk": one.pk,
        "words": one.get_kind_display() if up else down[one.kind],
        "number": other.number,
        "title": other.title,
        "state": other.get_state_display(),
        "url": reverse("desktop:ticket", args=[other.number]),
        "mine": up,
    }


def _move(one: TicketMove, row: Ticket, now: datetime) -> dict[str, Any]:
    other = one.target if one.source_id == row.pk else one.source
    out = one.source_id == row.pk
    if one.kind == TicketMove.Kind.MERGE:
        words = _("Merged into %(number)s by %(name)s") if out else _("%(number)s was merged into this by %(name)s")
    else:
        words = _("%(number)s was split off by %(name)s") if out else _("Split off from %(number)s by %(name)s")
    return {
        "pk": one.pk,
        "words": words % {"number": other.number, "name": one.by or ""},
        "at": say.when(one.at, now),
        "url": reverse("desktop:ticket", args=[other.number]),
        "number": other.number,
        "merge": one.kind == TicketMove.Kind.MERGE,
    }
