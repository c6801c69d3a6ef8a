"""What guidance rules may say, and what they may ask about the talk itself. Their situation has "interaction", "party" (or None), "context", "now"; the
other facts are everybody's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from cordboard.catalogue.models import Product
from cordboard.guidance.models import Happening
from cordboard.guidance.queries_script import available
from cordboard.interactions.models import Interaction, InteractionReason, Segment
from cordboard.parties.models import FieldChange
from cordboard.rules import areas, verbs
from cordboard.rules.facts import BOOLEAN, CHOICE, DURATION, LIST, Situation, declare

SCREENS = {
    "overview": _("Overview"),
    "history": _("History"),
    "knowledge": _("Knowledge"),
    "new-ticket": _("New ticket"),
    "wrapup": _("Wrap-up"),
}
"""Pages of the work area that a rule may open."""

KINDS = {"suggestion": _("suggestion"), "reminder": _("reminder"), "warning": _("warning")}


def products() -> dict[str, Any]:
    """What we sell, by code, for editors and sentences."""
    language = get_language() or "en"
    return {product.code: product.name_in(language) for product in Product.objects.order_by("code")[:1_000]}


verbs.declare(
    "alert",
    _("raise an alert"),
    fields={"reason": str, "kind": str, "texts": dict},
    optional={"required": bool, "minutes": float},
    sentence=_("raise a %(kind)s"),
    more={"minutes": _("for %(minutes)s minutes")},
    options={"kind": lambda: KINDS},
    labels={"reason": _("reason"), "kind": _("kind"), "texts": _("text"), "required": _("required"), "minutes": _("for minutes")},
)
verbs.declare(
    "withdraw_alert",
    _("take an alert back"),
    fields={"reason": str},
    sentence=_("take back the alert %(reason)s"),
    labels={"reason": _("reason")},
)
verbs.declare(
    "propose_product",
    _("propose a product"),
    fields={"product": str, "texts": dict},
    optional={"reason": str},
    sentence=_("propose %(product)s"),
    options={"product": products},
    labels={"product": _("product"), "texts": _("text"), "reason": _("reason")},
)
verbs.declare(
    "open_screen",
    _("offer to open a page"),
    fields={"screen": str, "texts": dict},
    optional={"reason": str, "required": bool},
    sentence=_("offer to open %(screen)s"),
    options={"screen": lambda: SCREENS},
)
verbs.declare(
    "start_script",
    _("offer to start a script"),
    fields={"script": str, "texts": dict},
    optional={"reason": str, "required": bool},
    sentence=_("offer to start the script %(script)s"),
)
verbs.declare(
    "begin_script",
    _("begin a script by itself"),
    fields={"script": str},
    optional={"required": bool},
    sentence=_("begin the script %(script)s"),
    more={"required": _("it must be gone through to its end")},
    options={"script": lambda: dict(available(limit=500))},
)
verbs.declare(
    "confirm_account", _("offer to confirm the account"), fields={"texts": dict}, optional={"reason": str}, sentence=_("offer to confirm the account")
)
verbs.declare(
    "checklist",
    _("add to the wrap-up checklist"),
    fields={"texts": dict},
    optional={"reason": str, "required": bool},
    sentence=_("add to the wrap-up checklist"),
)
verbs.declare("raise_event", _("raise an event for other rules"), fields={"event": str}, sentence=_("raise the event %(event)s"))

areas.declare(
    "guidance",
    _("Guidance"),
    _("What agents are told and offered during a contact."),
    verbs=("alert", "open_screen", "start_script", "begin_script", "confirm_account", "checklist", "raise_event"),
    order=20,
)
areas.add_verbs("guidance", "withdraw_alert", "propose_product", "add_tag", "open_ticket", "ask_approval", "notify", "forbid")

STAGES = {
    "waiting": _("waiting"),
    "ringing": _("ringing"),
    "talking": _("talking"),
    "held": _("on hold"),
    "wrapup": _("in wrap-up"),
    "over": _("over"),
}


def _parts(at: Situation) -> list[Segment]:
    """The agents' parts of the contact that are not over. Read once for a situation."""
    kept = at.get("_parts")
    if kept is not None:
        return list(kept)
    row: Interaction | None = at.get("interaction")
    found = list(Segment.objects.filter(interaction=row).exclude(state=Segment.State.ENDED).exclude(kind=Segment.Kind.SUPERVISE)) if row is not None else []
    if isinstance(at, dict):
        at["_parts"] = found
    return found


def _stage(at: Situation) -> str | None:
    row: Interaction | None = at.get("interaction")
    if row is None:
        return None
    states = {one.state for one in _parts(at)}
    for state, stage in (("active", "talking"), ("held", "held"), ("offered", "ringing"), ("wrapup", "wrapup")):
        if state in states:
            return stage
    return "waiting" if row.ended_at is None else "over"


def _held_for(at: Situation) -> timedelta | None:
    held = [one.held_at for one in _parts(at) if one.state == Segment.State.HELD and one.held_at is not None]
    return at["now"] - min(held) if held else None


def _lasted(at: Situation) -> timedelta | None:
    talks = [one.accepted_at for one in _parts(at) if one.accepted_at is not None and one.ended_at is None]
    return at["now"] - min(talks) if talks else None


def _profile_changed(at: Situation) -> bool | None:
    row, party = at.get("interaction"), at.get("party")
    return FieldChange.objects.filter(party=party, origin=f"interaction:{row.pk}").exists() if row is not None and party is not None else None


def _reasons(at: Situation) -> list[str] | None:
    row = at.get("interaction")
    return list(InteractionReason.objects.filter(interaction=row).values_list("reason__code", flat=True)) if row is not None else None


def _happened(at: Situation) -> list[str] | None:
    row = at.get("interaction")
    return list(Happening.objects.filter(interaction=row).values_list("name", flat=True)) if row is not None else None


def _has_outcome(at: Situation) -> Any:
    row = at.get("interaction")
    return row.outcome_id is not None if row is not None else None


def _answers(at: Situation) -> list[str]:
    """Everything answered in scripts and menus, looked up and noted, as "name=value"."""
    return [f"{name}={value}" for name, value in (at.get("context") or {}).items() if isinstance(value, str | int | float) and value != ""]


declare("talk.answers", LIST, _("answers given in scripts and menus, as name=value"), read=_answers)
declare("talk.stage", CHOICE, _("stage of the contact"), read=_stage, choices=STAGES)
declare("talk.held_for", DURATION, _("on hold since"), read=_held_for)
declare("talk.lasted", DURATION, _("length of the talk"), read=_lasted)
declare("talk.profile_changed", BOOLEAN, _("the profile was changed in this contact"), read=_profile_changed)
declare("talk.reasons", LIST, _("contact reasons given"), read=_reasons)
declare("talk.has_outcome", BOOLEAN, _("an outcome is given"), read=_has_outcome)
declare("guidance.happened", LIST, _("events raised by rules"), read=_happened)

TIMED = frozenset({"talk.held_for", "talk.lasted", "interaction.waited"})
"""Facts that change by themselves as time passes: rules that ask for them are asked again by the clock."""

import cordboard.guidance.filters  # noqa: E402  offers its own
import cordboard.guidance.rule_verbs  # noqa: E402, F401
