"""What guidance tells the log."""

from __future__ import annotations

from typing import Any

from cordboard.events.catalogue import declare


def _interaction(body: dict[str, Any]) -> list[str]:
    return [f"interaction:{body['interaction']}"] + ([f"user:{body['agent']}"] if body.get("agent") is not None else [])


_alert = {"interaction": int, "alert": int, "reason": str, "kind": str, "agent": int | None}
"""`agent`: who has the contact now, whose screen shows it."""

ALERT_RAISED = declare("guidance.alert_raised", fields=_alert, topics=_interaction)
ALERT_WITHDRAWN = declare("guidance.alert_withdrawn", fields=_alert, topics=_interaction)
ALERT_DISMISSED = declare("guidance.alert_dismissed", fields=_alert, topics=_interaction)
ALERT_FOLLOWED = declare("guidance.alert_followed", fields=_alert, topics=_interaction)
ALERT_EXCUSED = declare("guidance.alert_excused", fields=_alert, topics=_interaction)  # why is in the row: it may say something of the customer
HAPPENED = declare("guidance.happened", fields={"interaction": int, "name": str, "agent": int | None}, topics=_interaction)

_script = {"interaction": int, "run": int, "flow": str, "agent": int | None}
SCRIPT_STARTED = declare("guidance.script_started", fields=_script, topics=_interaction)
SCRIPT_TURNED = declare("guidance.script_turned", fields={**_script, "step": str, "how": str}, topics=_interaction)
"""`how`: "answered", "back", "forward", "marked" or "unmarked". The answers themselves are in the contact's context."""
SCRIPT_GIVEN = declare("guidance.script_given", fields={"interaction": int, "flow": str, "by": str, "agent": int | None}, topics=_interaction)
"""`by`: "queue", "reason" or "rule"."""
SCRIPT_EXCUSED = declare("guidance.script_excused", fields={**_script}, topics=_interaction)  # why is in the row
SCRIPTS_SET = declare("guidance.scripts_set", fields={"setting": int, "what": str})
SCRIPT_FINISHED = declare("guidance.script_finished", fields={**_script, "ended": str}, topics=_interaction)
REPORT_KEPT = declare("guidance.report_kept", fields={"interaction": int, "report": int, "new": bool, "agent": int | None}, topics=_interaction)

_survey = {"interaction": int | None, "invitation": int, "flow": str}


def _of_survey(body: dict[str, Any]) -> list[str]:
    return [f"interaction:{body['interaction']}"] if body.get("interaction") is not None else []


SATISFACTION = "satisfaction"
"""The live topic (topics.py) of what customers say today of how they were helped."""


def _given(body: dict[str, Any]) -> list[str]:
    return [*_of_survey(body), SATISFACTION]


SURVEY_INVITED = declare("guidance.survey_invited", fields=_survey, topics=_of_survey)
SURVEY_OPENED = declare("guidance.survey_opened", fields={**_survey, "run": int}, topics=_of_survey)
SURVEY_ANSWERED = declare("guidance.survey_answered", fields={**_survey, "run": int, "ended": str}, topics=_given)
SURVEY_WITHDRAWN = declare("guidance.survey_withdrawn", fields=_survey, topics=_of_survey)
SURVEY_PLANNED = declare("guidance.survey_planned", fields={"queue": int, "flow": str})
"""A manager has said what the customers of a queue are asked; `flow` is empty for nothing."""
TICKET_SURVEY_PLANNED = declare("guidance.ticket_survey_planned", fields={"kind_of_ticket": str, "flow": str})
"""What the customers of resolved tickets of a kind are asked; `flow` is empty for nothing."""


def _of_ticket(body: dict[str, Any]) -> list[str]:
    return [f"{kind}:{body[kind]}" for kind in ("ticket", "party") if body.get(kind)]


_ticket = {"ticket": int, "party": int | None, "invitation": int}
TICKET_ASKED = declare("guidance.ticket_asked", fields=_ticket, topics=_of_ticket)
TICKET_RATED = declare("guidance.ticket_rated", fields={**_ticket, "low": bool}, topics=_of_ticket)
"""The customer of a resolved ticket has said how they were helped. How they rated us stays in the row."""
