"""When the guidance rules are asked: as soon as it is known, or becomes other, whom the contact is about and why, and, where rules ask for it, with every
turn of the talk. In the worker, milliseconds after the event: long before the contact rings at somebody."""

from __future__ import annotations

from cordboard.events.feed import FeedEvent
from cordboard.events.subscribers import subscribe
from cordboard.guidance import events
from cordboard.guidance.actions import evaluate, shown
from cordboard.guidance.actions_complaint import answered, sent
from cordboard.guidance.actions_given import begin_given
from cordboard.guidance.actions_script import close_all
from cordboard.guidance.actions_survey_plan import after_contact
from cordboard.guidance.actions_ticket_survey import after_ticket, rated
from cordboard.guidance.watch import asks_for
from cordboard.mail.events import SENT
from cordboard.tickets import states

KINDS = ("interactions.identified", "interactions.subject_changed", "interactions.reporter_set", "interactions.context_set")

APPEARS = ("interactions.segment_offered", "interactions.segment_accepted")
TURNS = (
    *APPEARS,
    "interactions.segment_held",
    "interactions.segment_resumed",
    "interactions.segment_ended",
    "interactions.reasons_changed",
    "interactions.outcome_set",
    "interactions.note_filed",
    "interactions.ended",
    "guidance.happened",
)
"""What rules hear of that ask for the talk itself (`talk.stage`, `talk.reasons`, `guidance.happened`, ...) or the customer's words (`text.sentiment`)."""
IN_CONTACT = "interaction:"


def follow(event: FeedEvent) -> None:
    evaluate(event.body["interaction"])


def turn(event: FeedEvent) -> None:
    number = event.body["interaction"]
    if asks_for("talk.", "guidance.", "text."):
        evaluate(number)
    if event.kind in APPEARS:
        shown(number)


def profile(event: FeedEvent) -> None:
    """The customer's details were changed in the course of a contact."""
    during = event.body["during"] or ""
    if during.startswith(IN_CONTACT) and during.removeprefix(IN_CONTACT).isdecimal():
        evaluate(int(during.removeprefix(IN_CONTACT)))


def given(event: FeedEvent) -> None:
    """An agent has got the contact, or its reasons or what rules give became other: what it is given begins."""
    begin_given(event.body["interaction"])


def closed(event: FeedEvent) -> None:
    """The contact is closed: so are its scripts."""
    close_all(event.body["interaction"])


def survey(event: FeedEvent) -> None:
    """The customer has left: whoever's queue says so is sent the link to a survey."""
    after_contact(event.body["interaction"])


def resolved(event: FeedEvent) -> None:
    """A ticket is done: whoever's kind says so is sent the link to a survey."""
    if event.body["new"] in states.DONE and event.body["old"] in states.OPEN:
        after_ticket(event.body["ticket"], now=event.at)


def mailed(event: FeedEvent) -> None:
    """A message has gone out: it may be the result of a complaint."""
    sent(event.body["message"], now=event.at)


def complaint(event: FeedEvent) -> None:
    """A survey was answered: it may be about a complaint."""
    answered(event.body["invitation"], now=event.at)


def ticket(event: FeedEvent) -> None:
    """A survey was answered: it may be about a ticket."""
    rated(event.body["invitation"], now=event.at)


subscribe("guidance.rules", KINDS, follow)
subscribe("guidance.turns", TURNS, turn)
subscribe("guidance.profiles", ("parties.changed",), profile)
subscribe("guidance.given", ("interactions.segment_accepted", "interactions.reasons_changed", "guidance.script_given"), given)
subscribe("guidance.scripts", ("interactions.closed",), closed)
subscribe("guidance.surveys", ("interactions.ended",), survey)
subscribe("guidance.ticket_surveys", ("tickets.state_changed",), resolved)
subscribe("guidance.tickets_rated", (events.SURVEY_ANSWERED,), ticket)
subscribe("guidance.complaints", (events.SURVEY_ANSWERED,), complaint)
subscribe("guidance.complaints_told", (SENT,), mailed)
