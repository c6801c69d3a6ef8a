"""The timeline of a customer, and what contacts are in it. Every function says how many queries it makes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from cordboard.interactions import history as timeline
from cordboard.interactions.models import ContextValue, Interaction, InteractionReason, Note
from cordboard.interactions.sentences import clock
from cordboard.lib.kept import Kept


def history(
    parties: Sequence[int], *, q: str = "", before: str = "", limit: int = 20, interaction: int | None = None, only: Sequence[str] = ()
) -> timeline.Page:
    """The timeline of a customer (`parties.queries.ids_of`: with merged records), newest first, across everything that packages add.
    `before` is the cursor of the page before. Raises ValueError on a cursor that is none."""
    asked = timeline.Asked(tuple(parties), " ".join(q.split()), None, limit, translation.get_language() or "en", interaction)
    return timeline.read(asked, before, only)


ICONS = {
    Interaction.Channel.VOICE: "phone",
    Interaction.Channel.EMAIL: "mail",
    Interaction.Channel.CHAT: "message",
    Interaction.Channel.SMS: "device-mobile-message",
    Interaction.Channel.LETTER: "mail-opened",
    Interaction.Channel.FAX: "printer",
    Interaction.Channel.SOCIAL: "world",
    Interaction.Channel.VIDEO: "video",
    Interaction.Channel.WEB: "forms",
}


def _contacts(parties: Sequence[int], before: datetime | None = None) -> QuerySet[Interaction]:
    rows = Interaction.objects.filter(subject_id__in=parties)
    rows = rows if before is None else rows.filter(started_at__lte=before)
    return rows.select_related("agent", "outcome").order_by("-started_at", "-id")


_CONTACTS = Kept(lambda parties, before=None, *, limit: _contacts(parties, before)[:limit])
_REASONS_OF = Kept(lambda interactions: InteractionReason.objects.filter(interaction_id__in=interactions).select_related("reason").order_by("id"))
_NOTES_OF = Kept(lambda interactions: Note.objects.filter(interaction_id__in=interactions, filed=True).exclude(text="").order_by("-id"))


def interaction_entries(asked: timeline.Asked) -> list[timeline.Entry]:
    """The contacts themselves, found by headline, filed notes, what the customer said or keyed, and reasons. Three queries."""
    if not asked.q:
        found = _CONTACTS(*asked.given, limit=asked.limit)
    else:
        notes = Note.objects.filter(interaction=OuterRef("pk"), filed=True, text__icontains=asked.q)
        said = ContextValue.objects.filter(interaction=OuterRef("pk"), value__icontains=asked.q)
        reasons = InteractionReason.objects.filter(interaction=OuterRef("pk"), reason__names__icontains=asked.q)
        rows = _contacts(*asked.given).filter(Q(headline__icontains=asked.q) | Exists(notes) | Exists(said) | Exists(reasons))
        found = list(rows[: asked.limit])
    return _shown(found, asked)


def entries_of(ids: Sequence[int], language: str) -> list[timeline.Entry]:
    """These contacts as entries of a timeline. Three queries."""
    rows = Interaction.objects.filter(pk__in=ids).select_related("agent", "outcome")
    return _shown(list(rows), timeline.Asked((), "", None, 0, language, None))


def _shown(found: Sequence[Interaction], asked: timeline.Asked) -> list[timeline.Entry]:
    ids = [row.pk for row in found]
    reasons_of: dict[int, list[str]] = {}
    for given in _REASONS_OF(ids):
        reasons_of.setdefault(given.interaction_id, []).append(given.reason.name_in(asked.language))
    noted: dict[int, str] = {}
    for note in _NOTES_OF(ids):
        noted[note.interaction_id or 0] = note.text
    return [_entry(row, reasons_of.get(row.pk, []), noted.get(row.pk, ""), asked) for row in found]


def _nameless(row: Interaction) -> str:
    """What a contact is called of which nobody noted anything: the channel; of a call that nobody answered, how the caller gave up."""
    channel = str(row.get_channel_display())
    if row.ended_at is None or row.answered_at is not None or row.direction != Interaction.Direction.INBOUND:
        return _("%(channel)s, hung up while waiting") % {"channel": channel} if row.end_cause == "abandoned" else channel
    if row.end_cause == "abandoned":
        waited = clock((row.ended_at - (row.queued_at or row.started_at)).total_seconds())
        return _("%(channel)s, hung up after waiting %(time)s") % {"channel": channel, "time": waited}
    if row.channel == Interaction.Channel.VOICE and row.queued_at is None and row.end_cause == "customer":
        return _("Call, hung up in the menu")
    return channel


def _other_end(row: Interaction) -> str:
    return row.to_address if row.direction == Interaction.Direction.OUTBOUND else row.from_address


def _entry(row: Interaction, reasons: list[str], note: str, asked: timeline.Asked) -> timeline.Entry:
    title = row.headline or note.strip().split("\n", 1)[0][:120] or ", ".join(reasons) or _nameless(row)
    parts = []
    if row.end_cause == "abandoned" and title != _nameless(row):
        parts.append(_nameless(row))
    if row.agent is not None:
        parts.append(str(row.agent))
    if row.answered_at is not None and row.ended_at is not None:
        minutes = max(1, round((row.ended_at - row.answered_at).total_seconds() / 60))
        parts.append(_("%(minutes)d min") % {"minutes": minutes})
    if row.outcome is not None:
        parts.append(row.outcome.name_in(asked.language))
    return timeline.Entry(
        kind="interaction",
        id=row.pk,
        at=row.started_at,
        title=title,
        detail=", ".join(parts),
        icon=ICONS[Interaction.Channel(row.channel)],
        tone="bad" if row.end_cause == "abandoned" else "",
        mine=row.pk == asked.interaction,
        data={
            "channel": row.channel,
            "direction": row.direction,
            "state": row.state,
            "reasons": reasons,
            "note": note,
            "number": _other_end(row) if row.channel == Interaction.Channel.VOICE else "",
        },
    )


timeline.source("interaction", interaction_entries)
