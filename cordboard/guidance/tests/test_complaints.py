"""A complaint from its first word to a satisfied customer: weighed, proposed for, with the head of the department, answered by mail, rated, taken up again."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from cordboard.catalogue import actions as catalogue
from cordboard.catalogue.models import Product
from cordboard.events.feed import FeedEvent
from cordboard.events.models import Event
from cordboard.events.subscribers import subscriptions
from cordboard.flows import actions as flows
from cordboard.guidance import actions_complaint
from cordboard.guidance import actions_survey as surveys
from cordboard.guidance.models import SurveyInvitation
from cordboard.interactions import deeds
from cordboard.interactions.models import ContactReason, Interaction, InteractionReason
from cordboard.interactions.tell import Tell
from cordboard.lib import config as configuration
from cordboard.lib.keeping import BadValue, Changed, mark
from cordboard.lib.testing.mailbox import Mailbox, mailbox
from cordboard.mail import actions as mail
from cordboard.mail import sending
from cordboard.mail.models import OutgoingMail
from cordboard.org.models import Absence, Unit, User
from cordboard.org.tests.people import person
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.rules.models import Policy
from cordboard.tickets import actions_complaint as complaints
from cordboard.tickets import actions_scheme, actions_task, queries_complaint, queries_complaint_report
from cordboard.tickets.actions import open_ticket
from cordboard.tickets.actions_message import receive_reply
from cordboard.tickets.actions_move import merge, undo
from cordboard.tickets.models import Complaint, Task, Ticket, TicketKind

NOW = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)  # a Tuesday, ten o'clock in Amsterdam
WORKS = {"tickets.view": "all", "tickets.open": "all", "tickets.change": "unit"}
MANAGES = {**WORKS, "tickets.change": "all", "tickets.complaints": "all"}
SURVEY: dict[str, Any] = {
    "schema": 1, "languages": ["en", "nl"], "start": "rate", "person_key": "0", "person": "person", "on_error": "person",
    "variables": {"rating": {"type": "number"}, "why": {"type": "text"}},
    "steps": {
        "rate": {"type": "ask", "kind": "rating", "min": 1, "max": 5, "texts": {"en": "How satisfied are you?", "nl": "Hoe tevreden bent u?"}, "into": "rating", "next": "why", "give_up": "end"},
        "why": {"type": "ask", "kind": "text", "optional": True, "texts": {"en": "Why?", "nl": "Waarom?"}, "into": "why", "next": "end", "give_up": "end"},
        "end": {"type": "end", "reason": "answered"},
        "person": {"type": "hand_over"},
    },
}  # fmt: skip
POLICY = {
    "schema": 1, "mode": "first", "timezone": "Europe/Amsterdam",
    "rules": [
        {"id": "repair", "name": "Faults of good customers", "when": {"all": [{"fact": "complaint.group", "op": "is", "value": "product"}, {"fact": "complaint.grade", "op": "in", "value": ["A", "B"]}]},
         "actions": [{"do": "complete_within", "hours": 8}, {"do": "department", "unit": "repairs"}, {"do": "handled_by", "who": "account_owner"}, {"do": "measure", "measure": "replacement"}]},
    ],
}  # fmt: skip


@dataclasses.dataclass
class House:
    alice: User
    bob: User
    carol: User
    service: Unit
    repairs: Unit
    noor: Party
    reason: ContactReason

    def complain(self, **more: Any) -> Ticket:
        given = {
            "title": "De wasmachine lekt weer", "text": "Dit is de derde keer. De keuken is overstroomd en niemand belt terug. Waardeloos en heel slecht geregeld.",
            "kind": "complaint", "party": self.noor, "reason": self.reason, "now": NOW, **more,
        }  # fmt: skip
        return open_ticket(self.alice, **given)


@pytest.fixture
def house(db: None, monkeypatch: pytest.MonkeyPatch) -> House:
    """A service department under carol, and a workshop under it without a head; Noor is gold, and bob is her account owner."""
    carol = person("carol", MANAGES)
    service = Unit.objects.create(code="service-nl", name="Service", country="NL", timezone="Europe/Amsterdam", head=carol)
    repairs = Unit.objects.create(code="repairs", name="Repairs", country="NL", timezone="Europe/Amsterdam", parent=service)
    carol.unit = service
    carol.save(update_fields=["unit"])
    alice, bob = person("alice", WORKS, unit=service), person("bob", WORKS, unit=repairs)
    noor = Party.objects.create(name="Noor de Vries", languages=["nl"], value_segment="gold", account_owner=bob, created_at=NOW)
    parties.add_contact_point(noor.pk, "email", "noor@example.com", None)
    group = ContactReason.objects.create(code="product", names={"en": "Product"})
    reason = ContactReason.objects.create(code="product-fault", names={"en": "Fault"}, parent=group)
    flows.publish(flows.create("how-satisfied", "How satisfied", ["survey"], None, graph=SURVEY).pk, None)
    Policy.objects.create(area="complaints", code="complaints", name="Complaints", version=1, state=Policy.State.PUBLISHED, body=POLICY, published_at=NOW)
    measures = [{"code": "replacement", "names": {"en": "Replacement", "nl": "Vervanging"}}, {"code": "apology", "names": {"en": "Apology"}}]
    actions_scheme.keep_scheme(carol, {"survey": "how-satisfied", "measures": measures}, now=NOW)
    return House(alice, bob, carol, service, repairs, noor, reason)


@pytest.fixture
def post(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mailbox() as box:
        made = dataclasses.replace(
            configuration.config(), smtp=box.url, mail_from="Lamp en Ketel <hello@lampketel.example>", public_url="https://service.lampketel.example"
        )
        for module in (mail, sending, actions_complaint):
            monkeypatch.setattr(module, "config", lambda: made)
        yield box


def work() -> None:
    """The worker: every event that was not dealt with yet goes to those who follow it, as often as new ones come."""
    seen: int = getattr(work, "seen", 0)
    for _round in range(5):
        rows = list(Event.objects.filter(pk__gt=seen).order_by("pk"))
        if not rows:
            break
        for row in rows:
            event = FeedEvent(row.pk, row.kind, row.version, NOW, row.actor, "", (), row.body, row.pk, "")
            for one in subscriptions():
                if one.name in ("tickets.complaints", "tickets.complaints_told", "guidance.complaints", "guidance.complaints_told") and row.kind in one.kinds:
                    one.handler(event)
            seen = row.pk
    work.seen = seen  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _from_the_beginning() -> None:
    work.seen = 0  # type: ignore[attr-defined]


def tracking() -> list[Task]:
    return list(Task.objects.filter(kind=Task.Kind.TRACK).order_by("pk"))


def test_from_complaint_to_a_low_rating_and_a_new_task(house: House, post: Mailbox) -> None:
    product = Product.objects.create(code="w8", names={"en": "W8"}, family="washing-machine")
    machine = catalogue.register(house.noor.pk, product, "W8-2510-110001", NOW.date() - timedelta(days=400), None)
    ticket = house.complain(product=machine)
    work()
    # weighed, with every part to be seen
    row = Complaint.objects.get(ticket=ticket)
    assert {part["name"]: part["points"] for part in row.parts}.keys() >= {"reason", "product", "harm", "value", "repeat", "wording"}
    assert sum(part["points"] for part in row.parts) == row.score
    assert (row.harm, row.parts[2]["given"]["word"], row.language) == ("damage", "lekt", "nl")
    assert next(part for part in row.parts if part["name"] == "wording")["value"] > 50, "the words are angry"
    # proposed by the policy: eight working hours from ten o'clock on Tuesday are ten o'clock on Wednesday
    assert (row.grade, row.proposed_hours, row.proposed_measure, row.proposed_handler) == ("A", 8, "replacement", house.bob)
    assert row.proposed_due_at == NOW + timedelta(days=1)
    assert row.proposed_by["rules"] == [{"id": "repair", "name": "Faults of good customers"}]
    # handed to the head: the workshop has none, so it goes up, and says so
    assert (row.unit, row.head, row.head_unit, row.passed) == (house.repairs, house.carol, house.service, ["Repairs"])
    (task,) = tracking()
    assert (task.owner, task.unit, task.ticket, task.due_at) == (house.carol, house.repairs, ticket, NOW + timedelta(hours=4))
    assert task.why["passed"] == ["Repairs"]
    # the head takes the proposal: it is the ticket's own now
    complaints.decide(house.carol, ticket.pk, now=NOW + timedelta(hours=1))
    ticket.refresh_from_db()
    assert (ticket.owner, ticket.unit, ticket.due_at) == (house.bob, house.repairs, row.proposed_due_at)
    # the result goes to the customer by mail, in Dutch
    complaints.answer(house.bob, ticket.pk, "U krijgt morgen een nieuwe machine.", now=NOW + timedelta(hours=2))
    work()
    row.refresh_from_db()
    assert row.told_at is None, "it is written down and not sent yet"
    assert sending.work() == 1
    work()
    row.refresh_from_db()
    assert row.told_at is not None
    ((_sender, to, message),) = post.received
    text = message.get_content()
    assert (to, message["Subject"]) == (["noor@example.com"], f"Uw klacht {ticket.number}: ons besluit")
    assert "Beste Noor de Vries," in text
    assert "U krijgt morgen een nieuwe machine." in text
    ticket.refresh_from_db()
    assert (ticket.state, tracking()[0].state) == ("resolved", "done")
    # the customer opens the link and is not satisfied
    link = re.search(r"https://service\.lampketel\.example(/survey/\S+/)", text)
    assert link is not None
    token, later = link[1].split("/")[2], NOW + timedelta(days=1)
    asked = surveys.open_survey(token, now=later).question
    assert asked is not None
    assert [one.text for one in asked.prompt] == ["Hoe tevreden bent u?"]
    surveys.answer(token, "2", now=later)
    surveys.answer(token, "Het duurde te lang.", now=later)
    work()
    row.refresh_from_db()
    assert (row.rating, row.comment, row.rated_by) == (2.0, "Het duurde te lang.", None)
    # so that somebody looks at it again
    old, new = tracking()
    assert (old.state, new.state, new.owner, new.after, new.unit) == ("done", "open", house.carol, old, house.repairs)
    assert new.why == {"code": "low_rating", "rating": 2.0, "low": 2}
    # all of it twice: nothing is done twice
    work.seen = 0  # type: ignore[attr-defined]
    work()
    sending.work()
    assert (len(tracking()), len(post.received), OutgoingMail.objects.count(), SurveyInvitation.objects.count()) == (2, 1, 1, 1)


def test_by_telephone_it_becomes_a_task_to_call_and_the_agent_writes_the_rating_down(house: House, post: Mailbox) -> None:
    ticket = house.complain(text="De deur klemt.", title="Deur klemt")
    work()
    row = complaints.answer(house.bob, ticket.pk, "Wij sturen een monteur.", way="phone", now=NOW)
    assert (row.told_at, OutgoingMail.objects.exists()) == (None, False)
    call = Task.objects.get(kind=Task.Kind.CALL)
    assert (call.owner, "Wij sturen een monteur." in call.text, call.why["language"]) == (house.alice, True, "nl")
    actions_task.finish_task(house.alice, call.pk, "Spoke to her husband.", now=NOW + timedelta(hours=1))
    work()
    row.refresh_from_db()
    assert row.told_at == NOW + timedelta(hours=1)
    rated = complaints.rate(ticket.pk, 5, by=house.bob, now=NOW + timedelta(hours=1))
    assert (rated.rating, rated.rated_by, len(tracking())) == (5.0, house.bob, 1)
    with pytest.raises(ValidationError, match="already"):
        complaints.rate(ticket.pk, 1, by=house.bob)


def test_where_nobody_heads_any_unit_the_task_stands_in_the_departments_list(house: House) -> None:
    Unit.objects.update(head=None)
    ticket = house.complain()
    work()
    row = Complaint.objects.get(ticket=ticket)
    assert (row.head, row.passed) == (None, ["Repairs", "Service"])
    (task,) = tracking()
    assert (task.owner, task.unit) == (None, house.repairs)


def test_a_department_that_is_not_in_charge_hands_it_on(house: House) -> None:
    ticket = house.complain()
    work()
    complaints.hand_complaint(ticket.pk, unit=house.service, by=house.carol, now=NOW)
    old, new = tracking()
    assert (old.state, new.state, new.unit, new.owner) == ("dropped", "open", house.service, house.carol)
    with pytest.raises(PermissionDenied):
        complaints.hand_complaint(ticket.pk, unit=house.service, by=person("dave", {}))


def test_what_the_customer_adds_later_and_every_earlier_complaint_weigh(house: House) -> None:
    TicketKind.objects.create(code="grief", names={"en": "Grief"}, like="complaint")
    house.complain(kind="grief", now=NOW - timedelta(days=3))
    top = house.reason.parent
    assert top is not None
    for days in (1, 2):
        call = Interaction.objects.create(channel="voice", direction="inbound", started_at=NOW - timedelta(days=days), subject=house.noor)
        InteractionReason.objects.create(interaction=call, reason=top, at=NOW)
    ticket = house.complain(title="Slecht geholpen", text="Niemand belt terug.", reason=top)
    work()
    row = Complaint.objects.get(ticket=ticket)
    assert next(one["given"] for one in row.parts if one["name"] == "repeat") == {"complaints": 1, "contacts": 2}
    assert row.harm == "none"
    receive_reply(ticket, house.noor, "Nu staat de keuken onder water: de machine lekt.", now=NOW + timedelta(hours=1))
    work()
    row.refresh_from_db()
    assert (row.harm, row.parts[2]["given"]["word"]) == ("damage", "lekt")


def test_figures_go_by_the_account_owner_when_it_was_answered(house: House, post: Mailbox) -> None:
    ticket, still_open = house.complain(), house.complain(now=NOW + timedelta(minutes=1))
    work()
    complaints.answer(house.carol, ticket.pk, "Sorry", way="phone", now=NOW)
    Party.objects.filter(pk=house.noor.pk).update(account_owner=house.alice)
    asked = queries_complaint_report.Asked(NOW - timedelta(days=1), NOW + timedelta(days=1), ZoneInfo("Europe/Amsterdam"))
    owners = queries_complaint_report.figures(asked, 2, NOW).parts["owner"]
    assert {owner: (sums.number, sums.answered) for owner, sums in owners.items()} == {house.bob.pk: (1, 1), house.alice.pk: (1, 0)}
    of_alice = queries_complaint_report.rows_of(dataclasses.replace(asked, owner=house.alice.pk), 2)
    assert [row.ticket_id for row in of_alice] == [still_open.pk]


def test_who_wants_to_be_called_is_told_by_telephone(house: House) -> None:
    parties.change(house.noor.pk, {"preferred_way": "phone"}, None, now=NOW)
    ticket = house.complain()
    work()
    assert complaints.answer(house.carol, ticket.pk, "Sorry", now=NOW).way == "phone"
    assert Task.objects.get(key=f"complaint:{ticket.pk}:tell").kind == "call"
    with pytest.raises(ValidationError):
        parties.change(house.noor.pk, {"preferred_way": "pigeon"}, None, now=NOW)


def test_while_the_account_owner_is_away_who_stands_in_is_proposed(house: House) -> None:
    Absence.objects.create(user=house.bob, deputy=house.alice, first_day=NOW.date(), last_day=NOW.date(), made_by=house.carol, made_at=NOW)
    house.complain(owner=house.carol)
    work()
    row = Complaint.objects.get()
    assert (row.proposed_by["rules"][0]["id"], row.proposed_handler) == ("repair", house.alice)


def test_a_complaint_that_comes_back_to_a_department_is_followed_there_again(house: House) -> None:
    ticket = house.complain()
    work()
    for unit in (house.service, house.repairs, house.service):
        complaints.hand_complaint(ticket.pk, unit=unit, by=house.carol, now=NOW)
        complaints.hand_complaint(ticket.pk, unit=unit, by=house.carol, now=NOW)
        assert [task.unit for task in tracking() if task.state == "open"] == [unit]


def test_a_complaint_that_is_merged_is_followed_and_answered_once(house: House, post: Mailbox) -> None:
    first, second = house.complain(), house.complain(title="De wasmachine lekt nog steeds")
    work()
    assert [task.ticket_id for task in tracking()] == [first.pk, second.pk]
    move = merge(house.carol, first.pk, second.pk, now=NOW)
    work()
    assert [(task.ticket_id, task.state) for task in tracking()] == [(first.pk, "dropped"), (second.pk, "open")]
    assert str(second.number) in tracking()[0].outcome
    for act in (complaints.answer, complaints.decide):
        with pytest.raises(ValidationError, match=str(second.number)):
            act(house.carol, first.pk, *(("Sorry",) if act is complaints.answer else ()), now=NOW)
    with pytest.raises(ValidationError, match=str(second.number)):
        complaints.hand_complaint(first.pk, unit=house.service, now=NOW)
    assert complaints.weigh_complaint(first.pk, now=NOW) is None
    undo(house.carol, move.pk, now=NOW)
    work()
    assert [(task.ticket_id, task.state, task.outcome) for task in tracking()] == [(first.pk, "open", ""), (second.pk, "open", "")]
    with pytest.raises(ValidationError, match="complaint goes on in another complaint"):
        merge(house.carol, first.pk, open_ticket(house.alice, title="A question", kind="question", party=house.noor, now=NOW).pk, now=NOW)
    # one that was answered can go anywhere, and what is owed to the customer still goes along
    complaints.answer(house.carol, first.pk, "U krijgt een nieuwe machine.", way="phone", now=NOW)
    merge(house.carol, first.pk, second.pk, now=NOW)
    call = Task.objects.get(key=f"complaint:{first.pk}:tell")
    assert call.ticket_id == second.pk
    actions_task.finish_task(house.carol, call.pk, "Told", now=NOW)
    work()
    assert Complaint.objects.get(ticket=first).told_at == NOW


def test_who_does_not_want_to_be_asked_gets_the_result_without_a_link(house: House, post: Mailbox) -> None:
    parties.record_consent(house.noor.pk, "any", "survey", False, "told us", None, now=NOW)
    ticket = house.complain()
    work()
    complaints.answer(house.bob, ticket.pk, "Excuses.", now=NOW)
    text = OutgoingMail.objects.get().text
    assert ("Excuses." in text, "/survey/" in text) == (True, False)
    with pytest.raises(ValidationError, match="already"):
        complaints.answer(house.bob, ticket.pk, "Nogmaals.", now=NOW)


def test_without_an_address_nothing_is_said_to_be_sent(house: House) -> None:
    house.noor.contact_points.all().delete()
    ticket = house.complain()
    work()
    with pytest.raises(ValidationError, match="address"):
        complaints.answer(house.bob, ticket.pk, "Excuses.", way="email", now=NOW)
    assert complaints.answer(house.bob, ticket.pk, "Excuses.", now=NOW).way == "phone"


def test_harm_that_somebody_set_stays_and_earlier_complaints_weigh(house: House) -> None:
    first = house.complain(title="The door squeaks", text="")
    work()
    assert Complaint.objects.get(ticket=first).harm == "none"
    row = complaints.weigh_complaint(first.pk, harm="injury", by=house.alice, now=NOW)
    assert row is not None
    assert (row.harm, row.band, row.harm_by) == ("injury", "critical", house.alice)
    again = complaints.weigh_complaint(first.pk, now=NOW)
    assert again is not None
    assert again.harm == "injury"
    second = house.complain(title="The door squeaks", text="", now=NOW + timedelta(days=3))
    work()
    repeat = next(part for part in Complaint.objects.get(ticket=second).parts if part["name"] == "repeat")
    assert (repeat["given"]["complaints"], repeat["value"]) == (1, 33)


def test_only_complaints_are_weighed(house: House) -> None:
    ticket = house.complain(kind="incident")
    work()
    assert complaints.weigh_complaint(ticket.pk) is None
    assert (Complaint.objects.count(), Task.objects.count()) == (0, 0)


def test_a_scheme_is_kept_in_versions_and_refused_where_it_cannot_hold(house: House) -> None:
    weights = {"reason": 0, "product": 0, "harm": 100, "value": 0, "repeat": 0, "wording": 0}
    before = queries_complaint.body_of(queries_complaint.newest_scheme())
    seen = mark({"weights": before["weights"]})
    assert actions_scheme.keep_scheme(house.carol, {"weights": weights}, seen=seen, now=NOW).version == 2
    assert actions_scheme.keep_scheme(house.carol, {"weights": weights}, now=NOW).version == 2, "the same makes no version"
    with pytest.raises(Changed):
        actions_scheme.keep_scheme(house.carol, {"weights": before["weights"]}, seen=seen)
    ticket = house.complain()
    work()
    row = Complaint.objects.get(ticket=ticket)
    assert (row.score, row.scheme and row.scheme.version) == (60, 2), "damage, and nothing else counts"
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"weights": dict.fromkeys(weights, 0)}, "weights"), ({"bands": [50, 25, 75]}, "bands"), ({"texts": {"en": {"subject": "a", "text": "no result"}}}, "texts.en"),
        ({"texts": {"en": {"subject": "{who}", "text": "{result}"}}}, "texts.en"), ({"measures": [{"code": "A b", "names": {"en": "x"}}]}, "measures"), ({"colour": 1}, "colour"),
    ]  # fmt: skip
    for values, field in wrong:
        with pytest.raises(BadValue) as refused:
            actions_scheme.keep_scheme(house.carol, values)
        assert refused.value.field == field
    with pytest.raises(PermissionDenied):
        actions_scheme.keep_scheme(house.alice, {"low": 1})
    assert actions_scheme.take_up_again(house.carol, 1, now=NOW).version == 3
    assert queries_complaint.body_of(queries_complaint.newest_scheme())["weights"] == before["weights"]


def test_a_rule_opens_a_complaint_and_puts_a_task_into_a_list_once(house: House) -> None:
    row = Interaction.objects.create(channel="voice", direction="in", started_at=NOW, subject=house.noor, agent=house.alice)
    asked = [
        deeds.Wanted({"do": "open_complaint", "title": "Angry caller", "harm": "safety", "unit": "service-nl", "rule": "angry"}, "Angry", "escalation", 1),
        deeds.Wanted({"do": "add_task", "title": "Look at it", "owner": "head", "unit": "service-nl", "hours": 4, "rule": "angry"}, "Angry", "escalation", 1),
    ]
    for _again in range(2):
        tell = Tell("rule")
        deeds.perform(row, house.noor, asked, {"interaction": row, "party": house.noor, "now": NOW}, tell, NOW)
        tell.write()
    made = Complaint.objects.get()
    assert (made.harm, made.band, made.unit, made.head) == ("safety", "critical", house.service, house.carol)
    assert [(task.kind, task.owner) for task in Task.objects.order_by("kind")] == [("other", house.carol), ("track", house.carol)]
