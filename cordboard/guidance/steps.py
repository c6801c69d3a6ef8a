"""What may be made of a contact from a flow: a report of it, a contact reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.flows.steps import About, Act, declare_act, declare_variable


def _interaction(about: About) -> int:
    found = about.id_of("interaction")
    if found is None:
        raise ValueError("this run is about no contact")
    return found


def contact_report(about: About, args: Mapping[str, Any], key: str) -> dict[str, Any]:
    from cordboard.guidance.actions_report import keep_report

    report = keep_report(_interaction(about), key, str(args.get("title") or ""), str(args.get("text") or ""), about.by)
    return {"id": report.pk, "title": report.title}


def contact_reason(about: About, args: Mapping[str, Any], key: str) -> dict[str, Any]:
    from cordboard.interactions.actions import add_reason
    from cordboard.interactions.acts import Came

    if about.by is None:
        raise ValueError("nobody is there to give a reason")
    if add_reason(about.by, _interaction(about), str(args.get("reason") or "")).came == Came.NO_SUCH:
        raise ValueError("there is no such reason")
    return {"reason": str(args["reason"])}


def survey_link(about: About, args: Mapping[str, Any], key: str) -> dict[str, Any]:
    """To the customer's own address; to another one only where an agent is there who was told it."""
    from cordboard.guidance.actions_survey import SurveyClosed
    from cordboard.guidance.actions_survey_plan import NotAsked, send_link
    from cordboard.mail.actions import NO_SERVER

    try:
        address = str(args.get("to") or "") if about.by is not None else ""
        made = send_link(str(args.get("survey") or ""), about.by, interaction=_interaction(about), address=address, key=key)
    except (NotAsked, SurveyClosed) as why:
        raise ValueError(f"the survey is not sent: {why.code}") from why
    if made.error == NO_SERVER:
        raise ValueError("no mail server is set")
    return {"id": made.pk, "to": made.address}


declare_act(
    Act(
        "survey_link",
        "send",
        _("a link to a survey, by e-mail"),
        args={"survey": str, "to": str},
        gives={"id": "number", "to": "text"},
        do=survey_link,
        optional=frozenset({"to"}),
    )
)
declare_act(
    Act(
        "contact_report",
        "document",
        _("a report of the contact"),
        args={"title": str, "text": str},
        gives={"id": "number", "title": "text"},
        do=contact_report,
    )
)
declare_act(Act("contact_reason", "document", _("a reason of the contact"), args={"reason": str}, gives={"reason": "text"}, do=contact_reason))

for _name, _type, _words in (
    ("customer.id", "number", _("the customer, for look-ups")),
    ("customer.name", "text", _("name of the customer")),
    ("customer.number", "text", _("customer number")),
    ("customer.segment", "text", _("value segment of the customer")),
    ("customer.language", "text", _("language of the customer")),
    ("customer.known", "boolean", _("the customer is known")),
    ("agent.name", "text", _("name of the agent")),
    ("agent.language", "text", _("language of the agent")),
    ("contact.channel", "text", _("channel of the contact")),
    ("contact.from", "text", _("number or address of the customer")),
    ("contact.date", "date", _("day of the contact")),
):
    declare_variable(_name, _type, _words, surfaces=frozenset({"script", "survey"}))
