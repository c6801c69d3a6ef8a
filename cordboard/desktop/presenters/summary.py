"""What the next agent must know at one look before answering: who, why, what was tried, what changed in the profile and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from cordboard.desktop.presenters import say
from cordboard.interactions import queries as interactions
from cordboard.interactions import queries_changes as contact_changes
from cordboard.interactions.models import Interaction, Segment
from cordboard.interactions.queries import Detail
from cordboard.interactions.queries_changes import Change
from cordboard.interactions.sentences import clock
from cordboard.knowledge.models import ArticleUse


@dataclass(frozen=True, slots=True)
class Line:
    """One thing: what was done or is known, and beside it by whom or since when."""

    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """Nothing in `tried` and `changed` means that nobody has had the contact before."""

    who: tuple[Line, ...]
    why: tuple[Line, ...]
    tried: tuple[Line, ...]
    changed: tuple[Line, ...]

    @property
    def handled(self) -> bool:
        return bool(self.tried or self.changed)


def summary(detail: Detail, user: Any, language: str) -> Summary:
    """Six queries, whatever happened in the contact."""
    row = detail.interaction
    return Summary(
        who=_who(row, detail),
        why=_why(row, detail, language),
        tried=(*_handled(detail), *_outside(row.pk), *_solutions(row.pk, language)),
        changed=tuple(_change(one) for one in contact_changes.changes_since(row.pk, but=user.pk, values=detail.values)),
    )


def _who(row: Interaction, detail: Detail) -> tuple[Line, ...]:
    name = str(row.subject) if row.subject else _("Not known who it is about")
    how = str(row.get_identified_by_display()) if row.subject else say.telephone(row.from_address)
    if row.subject and row.confirmed_at is not None:
        how = _("confirmed by an agent")
    lines = [Line(name, how)]
    if row.reporter_id is not None and row.reporter_id != row.subject_id:
        lines.append(Line(_("%(name)s is the one who talks") % {"name": row.reporter}))
    checked = detail.context.get("identity")
    if checked is not None and isinstance(checked.value, dict):
        text = _("Identity checked") if checked.value.get("passed") else _("Identity not proven")
        lines.append(Line(text, str(checked.user or "")))
    return tuple(lines)


def _why(row: Interaction, detail: Detail, language: str) -> tuple[Line, ...]:
    lines = [Line(row.headline)] if row.headline else []
    lines.extend(Line(reason.name_in(language)) for reason in detail.reasons)
    return tuple(lines)


ENDED = {
    "transferred": lambda: _("handed it on"),
    "left": lambda: _("left the conference"),
    "removed": lambda: _("left the conference"),
    "parked": lambda: _("parked it"),
    "media_lost": lambda: _("lost the connection"),
    "no_media": lambda: _("lost the connection"),
}


def _handled(detail: Detail) -> list[Line]:
    """Who had it, for how long, and how it went on; who has it now."""
    lines = []
    for part in detail.segments:
        if part.accepted_at is None or part.kind == Segment.Kind.SUPERVISE:
            continue
        if part.ended_at is None:
            lines.append(Line(_("on the line now") if part.state == Segment.State.ACTIVE else _("has it on hold"), str(part.agent)))
            continue
        spent = clock((part.ended_at - part.accepted_at).total_seconds())
        how = ENDED.get(part.end_cause)
        text = _("%(how)s after %(time)s") % {"how": how(), "time": spent} if how is not None else _("spoke for %(time)s") % {"time": spent}
        lines.append(Line(text, str(part.agent)))
    return lines


def _outside(interaction: int) -> list[Line]:
    words = {"busy": _("busy"), "no_answer": _("no answer"), "called_off": _("called off"), "backed_out": _("spoke with the agent")}
    lines = []
    for party in interactions.outside_parties(interaction):
        came = words.get(party.cause) or (_("answered") if party.answered_at is not None else _("not reached"))
        lines.append(Line(_("%(number)s was called: %(came)s") % {"number": say.telephone(party.number), "came": came}, str(party.segment.agent)))
    return lines


def _solutions(interaction: int, language: str) -> list[Line]:
    words = {"given": _("given"), "helped": _("it helped"), "not_helped": _("it did not help")}
    uses = ArticleUse.objects.filter(interaction_id=interaction, kind__in=list(words)).select_related("by", "article").prefetch_related("article__texts")
    lines = []
    for use in uses.order_by("pk"):
        texts = {text.language: text.title for text in use.article.texts.all()}
        title = texts.get(language) or texts.get("en") or next(iter(texts.values()), "")
        lines.append(Line(_("%(title)s: %(came)s") % {"title": title, "came": words[use.kind]}, str(use.by or "")))
    return lines


def _change(one: Change) -> Line:
    name = one.name.replace("address.", "").replace("_", " ").capitalize()
    if not one.old:
        return Line(_("%(field)s: %(new)s") % {"field": name, "new": one.new or "–"}, one.by)
    return Line(_("%(field)s: %(new)s, was %(old)s") % {"field": name, "new": one.new or "–", "old": one.old}, one.by)
