"""What routing decides, in plain words (see `interactions/sentences.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as noop

from cordboard.flows.models import Flow
from cordboard.interactions.sentences import Names, register, register_format
from cordboard.org.models import User
from cordboard.parties.models import Party
from cordboard.routing.models import Queue, Skill
from cordboard.routing.rejection import REJECTIONS

# ---- the policy's ----------------------------------------------------------------------------------------------
register("routing.known_by_ani", noop("The caller's number belongs to {party:party}: {segment:segment}."))
register("routing.known_by_ani_priority", noop("The caller's number belongs to {party:party}: {segment:segment}, so priority {priority}."))
register("routing.known_by_customer_number", noop("The caller keyed customer number {number:groups}: {segment:segment}."))
register("routing.known_by_customer_number_priority", noop("The caller keyed customer number {number:groups}: {segment:segment}, so priority {priority}."))
register("routing.known_by_agent", noop("A colleague confirmed the customer: {party:party}, {segment:segment}."))
register("routing.known_by_agent_priority", noop("A colleague confirmed the customer: {party:party}, {segment:segment}, so priority {priority}."))
register("routing.several_known", noop("The caller's number belongs to {count} customers; you choose who it is."))
register("routing.nobody_known", noop("The caller is not known yet."))
register("routing.priority", noop("The contact has priority {priority}."))
register("routing.queue", noop("It goes to {queue:queue}, not to {asked:queue}."))
register("routing.automated", noop("The automated service {flow:flow} has the word first."))
register("routing.target", noop("It is to be answered within {seconds:clock}."))
register("routing.requires", noop("It asks for {needs:needs}."))
register("routing.prefers", noop("{agents:agents} is asked first, for {seconds:clock}."))
register("routing.prefers_several", noop("{agents:agents} are asked first, in this order, for {seconds:clock}."))
register("routing.own_terms", noop("No rule asked for anything else, so the terms of {queue:queue} hold."))
register("routing.no_policy", noop("There is no routing policy, so the terms of {queue:queue} hold."))
register("routing.policy_failed", noop("The routing policy could not be applied, so the terms of {queue:queue} hold."))
register("routing.not_looked_up", noop("{name} gave no answer in time, so what holds without it was used."))
register("routing.rule_skipped", noop("A rule was passed over, since what it asks for could not be found out."))

register(
    "routing.callback_virtual_hold", noop("This is a callback: the customer left the line and kept the place in the queue. Accept, and the customer is called.")
)
register("routing.callback_agent", noop("This is a callback that was agreed with the customer. Accept, and the customer is called."))
register("routing.callback_web", noop("This is a callback that was asked for on the web page. Accept, and the customer is called."))
register("routing.callback_lost_call", noop("This is a callback: the customer's call was lost by our fault. Accept, and the customer is called."))
register("routing.callback_voicemail", noop("This is a callback: the customer left a message. Accept, and the customer is called."))

# ---- the matcher's ---------------------------------------------------------------------------------------------
register("match.only", noop("It was handed to {agent:agent} in person."))
register("match.preferred", noop("{agent:agent} is the customer's own contact: {role:role}."))
register("match.preferred_busy", noop("{agent:agent} ({role:role}) was asked first but is at work; after {waited:clock} others were asked."))
register("match.preferred_away", noop("{agent:agent} ({role:role}) is not there."))
register("match.preferred_declined", noop("{agent:agent} ({role:role}) did not take it."))
register("match.relaxed", noop("After {after:clock} of waiting it asks for less."))
register("match.skills", noop("It asks for {needs:needs}; the agent has {needs:has}."))
register("match.declined", noop("{agents:agents} did not take it."))
register("routing.rejected", noop("{agent:agent} did not take it: {why:rejection}."))
register("match.only_candidate", noop("Nobody else is free who may take it."))
register("match.longest_idle", noop("Of {candidates} free agents this one has been ready the longest, {idle:clock}."))
register(
    "match.least_needed",
    noop("Of {candidates} free agents this one is needed least elsewhere; {kept_agent:agent}, ready longer, is kept for others."),
)


def _agent_names(ids: set[Any]) -> Names:
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids).only("name", "username")}


def _party_names(ids: set[Any]) -> Names:
    return dict(Party.objects.filter(pk__in=ids).values_list("pk", "name"))


def _queue_names(ids: set[Any]) -> Names:
    return dict(Queue.objects.filter(pk__in=ids).values_list("pk", "name"))


def _flow_names(codes: set[Any]) -> Names:
    return dict(Flow.objects.filter(code__in=codes).order_by("version").values_list("code", "name"))


def _skill_names(codes: set[Any]) -> Names:
    language = translation.get_language() or "en"
    return {skill.code: skill.name_in(language) for skill in Skill.objects.filter(code__in=codes)}


def _name(value: Any, names: Names) -> str:
    return names.get(value, str(value))


def _listed(value: Any, names: Names) -> str:
    return ", ".join(names.get(one, str(one)) for one in value) if isinstance(value, list) else str(value)


def _needed(value: Any, names: Names) -> str:
    """English 3, Dishwashers 2."""
    return ", ".join(f"{names.get(one['skill'], one['skill'])} {one.get('least', one.get('proficiency', 1))}" for one in _rows(value)) or "–"


def _had(value: Any, names: Names) -> str:
    return ", ".join(f"{names.get(one['skill'], one['skill'])} {one.get('has', 0)}" for one in _rows(value)) or "–"


def _rows(value: Any) -> list[Mapping[str, Any]]:
    return value if isinstance(value, list) else []


def _codes(value: Any) -> Iterable[Any]:
    return [one["skill"] for one in _rows(value)]


def _role(value: Any, names: Names) -> str:
    return {"owner": _("account owner"), "deputy": _("deputy of the account owner"), "last": _("had the last contact")}.get(str(value), str(value))


register_format("agent", _name, ids=lambda value: [value], load=_agent_names)
register_format("agents", _listed, ids=lambda value: value if isinstance(value, list) else [], load=_agent_names)
register_format("party", _name, ids=lambda value: [value], load=_party_names)
register_format("queue", _name, ids=lambda value: [value], load=_queue_names)
register_format("flow", _name, ids=lambda value: [value], load=_flow_names)
register_format("needs", _needed, ids=_codes, load=_skill_names)
register_format("has", _had, ids=_codes, load=_skill_names)


def _rejection(value: Any, names: Names) -> str:
    known = REJECTIONS.get(str(value))
    return str(known.said) if known is not None else str(value)


register_format("role", _role)
register_format("rejection", _rejection)
