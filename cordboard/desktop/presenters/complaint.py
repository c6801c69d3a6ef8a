"""The complaint on a ticket's page: the score with its parts, what is proposed and decided, who answers for the department, the tasks, the result, the rating."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.masking import mask_of_customer
from cordboard.interactions.models import ContactReason
from cordboard.lib.kept import Kept
from cordboard.org.languages import LANGUAGES, OWN_NAMES
from cordboard.org.models import Unit, User
from cordboard.org.permissions import user_may
from cordboard.org.queries_absence import away
from cordboard.parties.models import Party
from cordboard.tickets import complaint_ways, queries_complaint
from cordboard.tickets.actions_complaint import is_complaint
from cordboard.tickets.models import Complaint, Task, Ticket
from cordboard.tickets.queries_heads import head_now

TEMPLATE = "desktop/ticket/complaint.html"


_PEOPLE = Kept(lambda: User.objects.filter(is_active=True).order_by("name", "username").only("name", "username"))
_UNITS = Kept(lambda: Unit.objects.order_by("name").only("name"))
_REASONS = Kept(lambda codes: ContactReason.objects.filter(code__in=codes).order_by("pk")[:1])


def section(user: User, ticket: Ticket, language: str, *, typed: Mapping[str, str] | None = None, problem: str = "", done: str = "") -> dict[str, Any] | None:
    """None for what is no complaint. `typed`: what stood in a form that was refused. Ten queries at most, and six more while the head is away."""
    if not is_complaint(ticket):
        return None
    found = queries_complaint.of_ticket(ticket)
    if found is None:
        return {"template": TEMPLATE, "ticket": ticket, "row": None, "problem": problem, "done": done}
    row, now = found.complaint, timezone.now()
    body = queries_complaint.body_of(queries_complaint.newest_scheme())
    measures = {one["code"]: str(one["names"].get(language) or one["names"]["en"]) for one in body["measures"]}
    may = user_may(user, "tickets.change") is not None
    address = complaint_ways.address_of(ticket) if row.answered_at is None else ""
    mask = mask_of_customer(user, ticket.party_id)
    return {
        "template": TEMPLATE, "ticket": ticket, "row": row, "problem": problem, "done": done, "typed": typed or {}, "may": may,
        "parts": parts(row, ticket, language), "band": row.get_band_display(), "version": row.scheme.version if row.scheme is not None else 0,
        "harms": [(code, words, code == row.harm) for code, words in Complaint.Harm.choices],
        "proposed": proposed(row, measures, now), "head": head(row, now), "tasks": [task(one, now) for one in found.tasks],
        "measures": list(measures.items()), "measure": row.measure if row.decided_at else row.proposed_measure,
        "measure_words": measures.get(row.measure, row.measure),
        "people": _PEOPLE() if may and row.answered_at is None else [],
        "handler": ticket.owner_id if row.decided_at else row.proposed_handler_id,
        "units": _UNITS() if may and row.answered_at is None else [],
        "due": timezone.localtime((ticket.due_at if row.decided_at else row.proposed_due_at) or now).strftime("%Y-%m-%dT%H:%M"),
        "ways": [(code, words, code == complaint_ways.way_for(ticket, address)) for code, words in Complaint.Way.choices if code != "email" or address],
        "languages": [(code, OWN_NAMES[code], code == row.language) for code in LANGUAGES],
        "address": mask.code(address), "mask": mask, "decided": say.when(row.decided_at, now) if row.decided_at else "", "answered": say.when(row.answered_at, now) if row.answered_at else "",
        "told": say.when(row.told_at, now) if row.told_at else "", "due_words": say.when(ticket.due_at, now) if ticket.due_at else "",
        "rating": rating(row.rating) if row.rating is not None else "", "rated": say.when(row.rated_at, now) if row.rated_at else "",
        "low": row.rating is not None and row.rating <= body["low"], "numbers": range(1, 6),
    }  # fmt: skip


def rating(value: float) -> str:
    return _("%(n)s of 5") % {"n": number_format(round(value, 1), 0 if float(value).is_integer() else 1)}


def parts(row: Complaint, ticket: Ticket, language: str) -> list[dict[str, Any]]:
    """Each part with words that say what it comes from; `most` is what it could have given. Two queries."""
    whole = sum(one["weight"] for one in row.parts) or 1
    codes = [one["given"].get("reason") for one in row.parts if one["name"] == "reason"]
    reason = _REASONS.first([code for code in codes if code])
    name = reason.name_in(language) if reason is not None else ""
    product = ticket.product.product.name_in(language) if ticket.product is not None else ""
    return [
        {
            "words": words(one, name, product), "points": one["points"], "most": round(100 * one["weight"] / whole) if one["weight"] else 0, "width": round(46 * one["value"] / 100),
            "weight": one["weight"],
        }
        for one in row.parts
        if one["weight"] or one["points"]
    ]  # fmt: skip


def words(part: Mapping[str, Any], reason: str, product: str) -> str:
    given = part["given"]
    harms: Mapping[str, Any] = dict(Complaint.Harm.choices)
    match part["name"]:
        case "reason":
            return _("Type: %(reason)s") % {"reason": reason} if reason else _("Type: not said")
        case "product":
            return _("Product: %(product)s") % {"product": product or given["family"]} if given["family"] else _("Product: none named")
        case "harm":
            harm = str(harms.get(given["harm"], given["harm"]))
            if given["from"] == "words":
                return _("Harm: %(harm)s, “%(word)s”") % {"harm": harm, "word": given["word"]}
            if given["from"] == "reason":
                return _("Harm: %(harm)s, by its type") % {"harm": harm}
            return _("Harm: %(harm)s") % {"harm": harm}
        case "value":
            segment = dict(Party.Segment.choices).get(given["segment"], given["segment"])
            return _("Customer: %(segment)s") % {"segment": segment} if segment else _("Customer: not known")
        case "repeat":
            times = given["complaints"] + given["contacts"]
            return ngettext("Repeated: %(n)d time before", "Repeated: %(n)d times before", times) % {"n": times} if times else _("Repeated: no")
        case "wording":
            mood = given["mood"]
            if mood is None:
                return _("Wording: not read")
            return _("Wording: %(mood)s") % {
                "mood": pgettext("wording", "angry") if mood < -0.15 else pgettext("wording", "kind") if mood > 0.15 else pgettext("wording", "plain")
            }
        case _:
            return _("At least so much, for the harm")


def proposed(row: Complaint, measures: Mapping[str, str], now: datetime) -> dict[str, Any]:
    names = [one["name"] or one["id"] for one in row.proposed_by.get("rules", ())]
    return {
        "hours": row.proposed_hours, "due": say.when(row.proposed_due_at, now) if row.proposed_due_at else _("never: the department's calendar has no open hour"),
        "handler": str(row.proposed_handler or ""), "measure": measures.get(row.proposed_measure, row.proposed_measure), "grade": row.grade,
        "unit": row.unit.name if row.unit is not None else "",
        "why": _("Rule: %(rules)s (%(policy)s, version %(version)s)") % {"rules": ", ".join(names), "policy": row.proposed_by.get("name", ""), "version": row.proposed_by.get("version", 0)}
        if names else _("No rule says otherwise: the time of the severity."),
    }  # fmt: skip


def head(row: Complaint, now: datetime) -> dict[str, str]:
    """Who answers for the department, how that came where it has no head, and who stands in while the head is away. One query, six more where the head is away."""
    passed = ", ".join(row.passed)
    if row.head is None:
        why = (
            _("Nobody: %(units)s has no head, and there is nobody above. The task stands in the department's work list.") % {"units": passed} if passed else ""
        )
        return {"name": "", "why": why}
    said = (
        _("%(units)s has no head: it went up to %(unit)s.") % {"units": passed, "unit": row.head_unit.name} if row.passed and row.head_unit is not None else ""
    )
    return {"name": str(row.head), "why": " ".join(part for part in (said, _away(row, row.head, now)) if part)}


def _away(row: Complaint, known: User, now: datetime) -> str:
    absence = away(now).get(known.pk)
    if absence is None:
        return ""
    found, _whose = head_now(row.unit_id, now)
    values = {"head": known, "day": date_format(absence.last_day, "DATE_FORMAT"), "who": found}
    if found is None or found.pk == known.pk:
        return _("%(head)s is away until %(day)s, and nobody stands in.") % values
    return _("%(head)s is away until %(day)s; %(who)s sees to it meanwhile.") % values


def task(row: Task, now: datetime) -> dict[str, Any]:
    open_ = row.state == Task.State.OPEN
    return {
        "pk": row.pk, "kind": row.get_kind_display(), "open": open_, "state": row.get_state_display(), "late": open_ and row.due_at is not None and row.due_at < now,
        "who": str(row.owner or row.position or row.unit or ""), "due": say.when(row.due_at, now) if row.due_at else "", "why": because(row),
        "outcome": row.outcome, "text": row.text if open_ else "",
        "done": _("%(name)s, %(when)s") % {"name": row.done_by or _("the system"), "when": say.when(row.done_at, now)} if row.done_at else "",
    }  # fmt: skip


def because(row: Task) -> str:
    """What led to it."""
    why = row.why
    match why.get("code"):
        case "complaint":
            said = _("A complaint of %(score)s points for %(unit)s.") % {"score": why["score"], "unit": why["unit"]}
            return " ".join(part for part in (said, _instead(why)) if part)
        case "low_rating":
            said = _("The customer rated the result %(rating)s.") % {"rating": rating(float(why["rating"]))}
            return " ".join(part for part in (said, _instead(why)) if part)
        case "rated_low":
            return _("The customer rated the ticket %(rating)s; a rating up to %(low)s is followed up.") % {
                "rating": rating(float(why["rating"])), "low": rating(float(why["low"]))
            }  # fmt: skip
        case "result":
            return _("The result is to be told in %(language)s.") % {"language": OWN_NAMES.get(why.get("language", ""), why.get("language", ""))}
        case "appointment":
            return _("The customer is to be told of a visit, in %(language)s.") % {"language": OWN_NAMES.get(why.get("language", ""), why.get("language", ""))}
        case "rule":
            return _("Rule: %(rule)s.") % {"rule": why.get("rule", "")}
    return ""


def _instead(why: Mapping[str, Any]) -> str:
    """For whom, where somebody stood in when the task was made."""
    return _("For %(head)s, who was away.") % {"head": why["instead_of"]} if why.get("instead_of") else ""
