"""Outgoing mail and the plans of surveys among the settings, as carol sees them."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cordboard.desktop import views_mail
from cordboard.flows import actions as flows
from cordboard.guidance.models import SurveyPlan
from cordboard.lib import config as configuration
from cordboard.mail import actions as mail
from cordboard.mail.models import OutgoingMail
from cordboard.routing.tests.centre import Centre, make_centre

SURVEY: dict[str, Any] = {
    "schema": 1, "languages": ["en"], "start": "rate", "variables": {"rating": {"type": "number"}},
    "steps": {
        "rate": {"type": "ask", "kind": "rating", "max": 5, "texts": {"en": "How did we do?"}, "into": "rating", "next": "end"},
        "end": {"type": "end", "reason": "thanks"},
    },
}  # fmt: skip


@pytest.fixture
def centre(db: None) -> Centre:
    return make_centre()


@pytest.fixture
def carol(centre: Centre) -> Client:
    client = Client(headers={"accept-language": "en"})
    role = centre.carol.roles.get()
    role.permissions = {**role.permissions, "mail.manage": "all"}
    role.save()
    client.force_login(centre.carol)
    return client


def failed(number: int, error: str) -> OutgoingMail:
    return OutgoingMail.objects.create(
        address=f"c{number}@example.com", subject=f"Subject {number}", text="T", state="failed", error=error, made_at=timezone.now(), message_id=f"<{number}@x>"
    )


def server(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    made = dataclasses.replace(configuration.config(), smtp=url)
    for module in (mail, views_mail):
        monkeypatch.setattr(module, "config", lambda: made)


def test_it_says_that_no_mail_server_is_set_and_loses_nothing(carol: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    server(monkeypatch, "")
    page = carol.get("/settings/mail/").content.decode()
    assert "No mail server is set." in page
    assert "No mail yet" in page
    failed(1, mail.NO_SERVER)
    page = carol.get("/settings/mail/").content.decode()
    assert "No mail server was set." in page
    assert "Send again" not in page
    carol.post("/settings/mail/again/")
    assert OutgoingMail.objects.get().state == "failed"


def test_what_failed_is_sent_again_by_hand(carol: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    server(monkeypatch, "smtp+starttls://me:secret@mx.example:587")
    one, two = failed(1, "550 no such user"), failed(2, mail.NO_SERVER)
    page = carol.get("/settings/mail/?state=failed").content.decode()
    assert "550 no such user" in page
    assert "mx.example:587" in page
    assert "secret" not in page
    assert "1 message is sent again." in carol.post("/settings/mail/again/", {"message": str(one.pk)}, follow=True).content.decode()
    assert set(OutgoingMail.objects.values_list("pk", "state")) == {(one.pk, "queued"), (two.pk, "failed")}
    carol.post("/settings/mail/again/")
    assert not OutgoingMail.objects.filter(state="failed").exists()


def test_who_may_not_see_mail_does_not(centre: Centre) -> None:
    client = Client()
    client.force_login(centre.alice)
    assert client.get("/settings/mail/").status_code == 403
    assert client.post("/settings/mail/again/").status_code == 403


def test_a_manager_says_what_a_queue_asks(centre: Centre, carol: Client) -> None:
    flows.publish(flows.create("thanks", "How were we", ["survey"], None, graph=SURVEY).pk, None)
    assert "Support" in carol.get("/settings/surveys/").content.decode()
    path = f"/settings/surveys/{centre.support.pk}/"
    page = carol.get(path).content.decode()
    assert "How were we" in page
    seen = page.split('name="seen" value="')[1].split('"')[0]
    sent = {"seen": seen, "survey": "thanks", "way": "keys", "rest_days": "14", "valid_days": "7", "active": "on"}
    assert "not drawn for the telephone" in carol.post(path, sent).content.decode()
    assert carol.post(path, {**sent, "way": "link"}, follow=True).status_code == 200
    plan = SurveyPlan.objects.get()
    assert (plan.code, plan.way, plan.rest_days, plan.valid_days, plan.active) == ("thanks", "link", 14, 7, True)
    assert "How were we" in carol.get("/settings/surveys/").content.decode()
    assert carol.post(path, {**sent, "way": "link", "rest_days": "3"}).status_code == 409, "somebody has changed it since"
