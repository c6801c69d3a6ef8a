"""Who is asked which survey after a contact: by link, by keys, by an agent; and who is not."""

from __future__ import annotations

import dataclasses
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from cordboard.flows import actions
from cordboard.guidance import actions as guidance
from cordboard.guidance import actions_script as scripts
from cordboard.guidance import actions_survey as surveys
from cordboard.guidance import actions_survey_call as by_keys
from cordboard.guidance import actions_survey_plan as plans
from cordboard.guidance.models import SurveyAnswer, SurveyInvitation, SurveyPlan
from cordboard.interactions.finishing import what_follows
from cordboard.interactions.history import Asked, read
from cordboard.interactions.models import ContextValue, Deed, Interaction
from cordboard.lib import config as configuration
from cordboard.lib.keeping import BadValue, Changed, mark
from cordboard.lib.testing.mailbox import mailbox
from cordboard.mail import actions as mail
from cordboard.mail import sending
from cordboard.mail.models import OutgoingMail
from cordboard.parties import actions as parties
from cordboard.parties.models import Party
from cordboard.routing import actions as routing
from cordboard.routing.tests.centre import Centre, told
from cordboard.rules import published
from cordboard.rules.models import Policy

SURVEY: dict[str, Any] = {
    "schema": 1, "languages": ["en", "nl"], "start": "rate", "person_key": "0", "person": "person", "on_error": "person",
    "variables": {"rating": {"type": "number"}, "why": {"type": "text"}},
    "steps": {
        "rate": {"type": "ask", "kind": "rating", "max": 5, "texts": {"en": "How did we do?", "nl": "Hoe deden wij het?"}, "into": "rating", "next": "end", "give_up": "end"},
        "end": {"type": "end", "reason": "thanks"},
        "person": {"type": "hand_over"},
    },
}  # fmt: skip


@pytest.fixture
def thanks(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> Centre:
    made = dataclasses.replace(configuration.config(), smtp="smtp://127.0.0.1:1", public_url="https://service.lampketel.example")
    for module in (mail, plans):
        monkeypatch.setattr(module, "config", lambda: made)
    actions.publish(actions.create("thanks", "How were we", ["survey", "ivr", "script"], None, graph=SURVEY).pk, None)
    centre.ready(centre.alice)
    return centre


def noor(language: str = "nl") -> Party:
    party = Party.objects.create(name="Noor de Vries", languages=[language], created_at=timezone.now())
    parties.add_contact_point(party.pk, "email", "noor@example.com", None)
    return party


def talked(centre: Centre, party: Party | None = None) -> Interaction:
    """A call that alice has, about this customer."""
    call = centre.talk(centre.alice)
    Interaction.objects.filter(pk=call.pk).update(subject=party, language="nl" if party else "", answered_at=centre.now)
    call.refresh_from_db()
    return call


def plan(centre: Centre, way: str, **more: Any) -> None:
    assert plans.set_plan(centre.support.pk, {"code": "thanks", "way": way, **more}, centre.carol) is not None


def test_after_the_contact_the_link_goes_out_in_the_customers_language(thanks: Centre) -> None:
    plan(thanks, "link", valid_days=5)
    call = talked(thanks, noor())
    routing.customer_left(call.pk, "customer", now=thanks.now)
    message = plans.after_contact(call.pk, now=thanks.now)
    assert message is not None
    assert (message.address, message.language, message.subject) == ("noor@example.com", "nl", message.subject)
    link = re.search(r"https://service\.lampketel\.example(/survey/\S+)\n", message.text)
    assert link is not None
    row = SurveyInvitation.objects.get()
    assert (row.way, row.queue, row.agent, row.interaction) == ("link", thanks.support, thanks.alice, call)
    assert row.expires_at == thanks.now + timedelta(days=5)
    assert surveys.open_survey(link[1].split("/")[2], now=thanks.now).question is not None
    assert plans.after_contact(call.pk, now=thanks.now) is None, "once for each contact"
    assert OutgoingMail.objects.count() == 1
    titles = [entry.title for entry in read(Asked([row.party_id], "", None, 10, "en", None)).entries]
    assert message.subject in titles


def test_the_link_in_the_mail_opens_the_survey(thanks: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    plan(thanks, "link")
    call = talked(thanks, noor())
    routing.customer_left(call.pk, "customer", now=thanks.now)
    with mailbox() as box:
        made = dataclasses.replace(configuration.config(), smtp=box.url, public_url="https://service.lampketel.example")
        for module in (mail, plans, sending):
            monkeypatch.setattr(module, "config", lambda: made)
        assert plans.after_contact(call.pk) is not None
        sending.work()
        _sender, to, message = box.received[0]
    assert to == ["noor@example.com"]
    link = re.search(r"https://service\.lampketel\.example(/survey/\S+/)\s", message.get_content())
    assert link is not None
    page = Client().get(link[1])
    assert (page.status_code, "Hoe deden wij het?" in page.content.decode()) == (200, True)
    assert message["List-Unsubscribe"].strip() == f"<https://service.lampketel.example{link[1]}stop/>"


def test_nobody_is_asked_twice_within_the_days_of_rest(thanks: Centre) -> None:
    plan(thanks, "link", rest_days=30)
    party = noor()
    first, second = talked(thanks, party), thanks
    routing.customer_left(first.pk, "customer", now=thanks.now)
    routing.wrap_up(thanks.alice, first.pk, now=thanks.now)
    assert plans.after_contact(first.pk, now=thanks.now) is not None
    again = talked(second, party)
    assert plans.after_contact(again.pk, now=thanks.now + timedelta(days=29)) is None
    assert plans.after_contact(again.pk, now=thanks.now + timedelta(days=31)) is not None


@pytest.mark.parametrize("why", ["consent", "flag", "no address", "closed plan", "nobody answered"])
def test_who_is_not_asked(thanks: Centre, why: str) -> None:
    plan(thanks, "link", active=why != "closed plan")
    party = noor()
    call = talked(thanks, party)
    if why == "consent":
        parties.record_consent(party.pk, "any", "survey", False, "said so", None)
    elif why == "flag":
        Party.objects.filter(pk=party.pk).update(flags=["deceased"])
    elif why == "no address":
        party.contact_points.all().delete()
    elif why == "nobody answered":
        Interaction.objects.filter(pk=call.pk).update(answered_at=None)
    assert plans.after_contact(call.pk, now=thanks.now) is None
    assert not SurveyInvitation.objects.exists()


def test_the_customer_says_no_by_the_link(thanks: Centre) -> None:
    plan(thanks, "link", rest_days=0)
    party = noor()
    call = talked(thanks, party)
    message = plans.after_contact(call.pk, now=thanks.now)
    assert message is not None
    stop = message.headers["List-Unsubscribe"].strip("<>").removeprefix("https://service.lampketel.example")
    assert "Not be asked again" in Client(headers={"accept-language": "en"}).get(stop).content.decode()
    assert not party.consents.exists(), "looking does nothing"
    page = Client(enforce_csrf_checks=True, headers={"accept-language": "en"}).post(stop, {"List-Unsubscribe": "One-Click"})
    assert (page.status_code, "You are not asked again" in page.content.decode()) == (200, True)
    consent = party.consents.get()
    assert (consent.purpose, consent.granted) == ("survey", False)
    assert Client().get(stop.removesuffix("stop/")).status_code == 410
    assert Client().post("/survey/1:made-up/stop/").status_code == 404
    with pytest.raises(plans.NotAsked):
        plans.may_ask(party.pk, 0, thanks.now)


def test_the_caller_is_led_to_the_keys_when_the_agent_hangs_up(thanks: Centre) -> None:
    call = talked(thanks, noor())
    assert what_follows(call.pk) == ""
    plan(thanks, "keys")
    assert what_follows(call.pk) == "thanks"
    routing.hang_up(thanks.alice, call.pk, now=thanks.now)
    assert told("interactions.hang_up_requested")[-1]["then"] == "thanks"
    run = by_keys.begin(call.pk, "thanks", "nl", now=thanks.now)
    assert run is not None
    assert by_keys.begin(call.pk, "thanks", "nl", now=thanks.now) == run, "a switch that asks again goes on with it"
    assert what_follows(call.pk) == "", "asked once for each contact"
    assert plans.after_contact(call.pk) is None


def test_answers_by_keys_are_kept_even_when_the_caller_leaves(thanks: Centre) -> None:
    from cordboard.flows import effects as fx
    from cordboard.flows import engine
    from cordboard.flows.compiled import compiled

    call = talked(thanks, noor())
    run = by_keys.begin(call.pk, "thanks", "nl", now=thanks.now)
    assert run is not None
    flow = compiled(run.flow)
    state, _ = engine.step(flow, engine.begin(flow), fx.Started({}, "nl", "UTC"), thanks.now)
    state, _ = engine.step(flow, state, fx.Answered("3"), thanks.now)
    by_keys.keep(run.pk, state, ended_by="thanks", now=thanks.now)
    row = SurveyInvitation.objects.get()
    assert (row.way, row.answered_at) == ("keys", thanks.now)
    assert SurveyAnswer.objects.get().number == 3
    by_keys.keep(run.pk, state, ended_by="hung_up", now=thanks.now)
    run.refresh_from_db()
    assert run.ended_by == "thanks", "once ended it stays ended"
    assert len(told("guidance.survey_answered")) == 1


def test_an_agent_asks_the_survey_as_a_script(thanks: Centre) -> None:
    call = talked(thanks, noor())
    page = scripts.start_script(call.pk, "thanks", thanks.alice, now=thanks.now)
    assert scripts.answer(page.run, "5", thanks.alice, now=thanks.now).ended == "thanks"
    row = SurveyInvitation.objects.get()
    assert (row.way, row.by, row.answered_at) == ("agent", thanks.alice, thanks.now)
    assert SurveyAnswer.objects.get(invitation=row).value == 5
    kept = ContextValue.objects.get(interaction=call, name="rating")
    assert (kept.by, kept.user) == ("agent", thanks.alice)


def test_plans_are_managers_and_name_surveys_that_fit(thanks: Centre) -> None:
    actions.publish(actions.create("by-link", "By link", ["survey"], None, graph=SURVEY).pk, None)
    with pytest.raises(PermissionDenied):
        plans.set_plan(thanks.support.pk, {"code": "thanks", "way": "link"}, thanks.alice)
    for values, field in (
        ({"code": "by-link", "way": "keys"}, "code"), ({"code": "no-such", "way": "link"}, "code"), ({"code": "thanks", "way": "pigeon"}, "way"),
        ({"code": "thanks", "way": "link", "rest_days": 400}, "rest_days"), ({"code": "thanks", "way": "link", "valid_days": 0}, "valid_days"),
    ):  # fmt: skip
        with pytest.raises(BadValue) as refused:
            plans.set_plan(thanks.support.pk, values, thanks.carol)
        assert refused.value.field == field
    blank = mark(plans.plan_values(None))
    plan(thanks, "link")
    with pytest.raises(Changed):
        plans.set_plan(thanks.support.pk, {"code": "thanks", "way": "keys"}, thanks.carol, seen=blank)
    assert plans.set_plan(thanks.support.pk, {"code": ""}, thanks.carol) is None
    assert not SurveyPlan.objects.exists()


def test_a_flow_sends_the_link(thanks: Centre) -> None:
    from cordboard.flows import effects as fx
    from cordboard.flows import errands
    from cordboard.flows.steps import About

    call = talked(thanks, noor())
    about = About(f"interaction:{call.pk}", "script", "nl", thanks.alice, 7)
    for _twice in range(2):
        found = errands.run(fx.Perform("ask", "survey_link", {"survey": "thanks"}, "ask"), about)
        assert found.result["to"] == "noor@example.com"
    assert (SurveyInvitation.objects.count(), OutgoingMail.objects.count()) == (1, 1)
    assert errands.run(fx.Perform("ask", "survey_link", {"survey": "no-such"}, "other"), about).failed == "refused"


# -- what rules say of a contact


def says(*actions_: dict[str, Any]) -> None:
    published.forget()
    Policy.objects.filter(code="asks").delete()
    body = {"mode": "all", "rules": [{"id": f"r{at}", "name": f"Rule {at}", "actions": [one]} for at, one in enumerate(actions_)]}
    Policy.objects.create(area="guidance", code="asks", name="Asks", version=1, state="published", body=body)


def ruled(centre: Centre, party: Party | None = None) -> Interaction:
    call = talked(centre, party)
    guidance.evaluate(call.pk, now=centre.now)
    return call


def test_a_rule_asks_a_survey_where_the_queue_plans_none(thanks: Centre) -> None:
    says({"do": "ask_survey", "survey": "thanks"})
    call = ruled(thanks, noor())
    assert Deed.objects.get().came == {"survey": "thanks", "way": "link"}
    assert what_follows(call.pk) == "", "by a link, not by keys"
    routing.customer_left(call.pk, "customer", now=thanks.now)
    assert plans.after_contact(call.pk, now=thanks.now) is not None
    assert SurveyInvitation.objects.get().code == "thanks"


def test_a_rule_counts_before_the_queues_plan_and_keeps_its_days(thanks: Centre) -> None:
    actions.publish(actions.create("long", "At length", ["survey", "ivr"], None, graph=SURVEY).pk, None)
    plan(thanks, "link", valid_days=5, rest_days=9)
    says({"do": "ask_survey", "survey": "long", "way": "keys"})
    call = ruled(thanks, noor())
    assert what_follows(call.pk) == "long"
    assert plans.after_contact(call.pk, now=thanks.now) is None, "one way is enough"
    by_rule = plans._plan(call, "keys")
    assert by_rule is not None
    assert (by_rule.rest_days, by_rule.valid_days) == (9, 5)


def test_a_rule_that_asks_nobody_counts_before_all(thanks: Centre) -> None:
    plan(thanks, "link")
    says({"do": "ask_no_survey"}, {"do": "ask_survey", "survey": "thanks"})
    call = ruled(thanks, noor())
    routing.customer_left(call.pk, "customer", now=thanks.now)
    assert plans.after_contact(call.pk, now=thanks.now) is None


def test_a_survey_that_is_not_there_is_told_in_why_and_the_queues_plan_holds(thanks: Centre) -> None:
    plan(thanks, "link")
    says({"do": "ask_survey", "survey": "gone"})
    call = ruled(thanks, noor())
    assert "no published survey gone" in Deed.objects.get().failed
    routing.customer_left(call.pk, "customer", now=thanks.now)
    assert plans.after_contact(call.pk, now=thanks.now) is not None


def test_a_customer_who_does_not_want_it_is_not_asked_by_a_rule_either(thanks: Centre) -> None:
    says({"do": "ask_survey", "survey": "thanks"})
    party = noor()
    parties.record_consent(party.pk, "any", "survey", False, "said so", None)
    call = ruled(thanks, party)
    routing.customer_left(call.pk, "customer", now=thanks.now)
    assert plans.after_contact(call.pk, now=thanks.now) is None
