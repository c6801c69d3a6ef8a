"""A contact report as a document: what the script noted, its answers, the customer, the contact; in the customer's language."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _

from cordboard.flows.answered import in_words
from cordboard.flows.compiled import compiled
from cordboard.flows.models import Run
from cordboard.guidance.models import ContactReport
from cordboard.interactions.models import Interaction
from cordboard.org.languages import LANGUAGES
from cordboard.parties.models import ContactPoint, Party

Rows = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Document:
    """`language` is the one it is in; `parts` are headings with their rows of name and value."""

    number: int
    language: str
    title: str
    kind: str
    text: str
    parts: list[tuple[str, Rows]]
    foot: str


def of_report(report: ContactReport, language: str = "") -> Document:
    """In the customer's language, or in another of ours. A fixed number of queries."""
    contact = Interaction.objects.select_related("subject", "agent", "outcome").get(pk=report.interaction_id)
    own = language if language in LANGUAGES else _theirs(contact)
    with translation.override(own):
        parts = [
            (_("Customer"), _customer(contact.subject)),
            (_("Contact"), _contact(contact, own)),
            (_("What was asked and answered"), _answers(report, own)),
        ]
        changed = formats.date_format(timezone.localtime(report.changed_at), "SHORT_DATETIME_FORMAT")
        foot = _("Contact report %(number)s, as it stood on %(moment)s.") % {"number": report.pk, "moment": changed}
        return Document(report.pk, own, report.title, _("Contact report"), report.text, [(name, rows) for name, rows in parts if rows], foot)


def _theirs(contact: Interaction) -> str:
    for one in (contact.subject.language if contact.subject is not None else "", contact.language):
        if one in LANGUAGES:
            return str(one)
    return "en"


def _customer(party: Party | None) -> Rows:
    if party is None:
        return []
    rows = [(_("Name"), party.name), (_("Customer number"), party.customer_number or "")]
    names = {"phone": _("Telephone"), "email": _("E-mail")}
    points = ContactPoint.objects.filter(party=party, kind__in=names).order_by("kind", "-primary", "pk")
    rows += [(names[kind], shown) for kind, shown in points.values_list("kind", "display")]
    return [(name, value) for name, value in rows if value]


def _contact(contact: Interaction, language: str) -> Rows:
    reasons = [one.reason.name_in(language) for one in contact.given_reasons.select_related("reason").order_by("pk")]
    rows = [
        (_("Begun"), formats.date_format(timezone.localtime(contact.started_at), "DATETIME_FORMAT")),
        (_("Channel"), str(contact.get_channel_display())),
        (_("Handled by"), str(contact.agent or "")),
        (_("About"), ", ".join(reasons)),
        (_("Came to"), contact.outcome.name_in(language) if contact.outcome is not None else ""),
    ]
    return [(name, value) for name, value in rows if value]


def _answers(report: ContactReport, language: str) -> Rows:
    run = run_of(report)
    if run is None:
        return []
    return [(one.question, one.answer) for one in in_words(compiled(run.flow), run.state, report.changed_at, language) if one.answer]


def run_of(report: ContactReport) -> Run | None:
    """The run of the script that made it. One query."""
    number = report.key.partition(":")[0]
    return Run.objects.select_related("flow").filter(pk=int(number), subject=f"interaction:{report.interaction_id}").first() if number.isdecimal() else None
