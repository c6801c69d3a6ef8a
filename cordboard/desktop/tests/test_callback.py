"""A callback that is offered: looked at before anybody is dialled, then dialled, put off or given back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from cordboard.desktop.later import laters
from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_desk import usable
from cordboard.events import presence
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Interaction, Note, Segment
from cordboard.routing import actions as routing
from cordboard.routing import actions_callback, actions_outbound
from cordboard.routing.models import Callback, Outgoing
from cordboard.routing.tests.centre import Centre, party
from cordboard.rules.models import Policy

NUMBER = "+31205550123"
TERMS = {"quiet": {"*": ["00:00", "00:00"]}, "intervals": [1]}


def policy(**callback: object) -> None:
    body = {"rules": [], "parameters": {"callback": {**TERMS, **callback}}}
    Policy.objects.create(area="dialling", code="dialling", name="Dialling", version=1, state="published", body=body)


def offered(centre: Centre, **more: object) -> tuple[Callback, Interaction]:
    """Alice is ready, and what is due rings at her."""
    centre.now = timezone.now()
    presence.heard([centre.alice.pk], centre.now)
    centre.ready(centre.alice)
    row = actions_callback.request(NUMBER, centre.support, origin="agent", **more)  # type: ignore[arg-type]
    assert row is not None
    row.refresh_from_db()
    assert row.attempt is not None
    centre.offer(row.attempt, centre.alice)
    return row, row.attempt


def card(centre: Centre) -> str:
    return " ".join(signed_in(centre.alice).get("/desk/fragments/?names=tools,comm,itabs,work").content.decode().split())


@pytest.mark.django_db
def test_the_card_says_whom_why_for_when_and_what_was_tried(centre: Centre) -> None:
    policy()
    centre.support.caller_id = "+31850001000"
    centre.support.save()
    noor = party("Noor de Vries")
    centre.now = timezone.now()
    asked = interactions.open_interaction(channel="voice", from_address=NUMBER, to_address="100", now=centre.now)
    Note.objects.create(interaction=asked, author=centre.bob, text="Wants to know when the pump comes.", saved_at=centre.now)
    assert routing.customer_left(asked.pk, "customer", now=centre.now)
    row, first = offered(centre, party=noor.pk, about="The new pump", interaction=asked.pk, user=centre.bob)
    assert routing.accept_offer(centre.alice, first.pk).done
    assert routing.customer_left(first.pk, "busy")
    assert routing.wrap_up(centre.alice, first.pk).done
    later = timezone.now() + timedelta(minutes=2)
    assert actions_callback.sweep_callbacks(later) == 1
    row.refresh_from_db()
    assert row.attempt is not None
    centre.offer(row.attempt, centre.alice)

    page = card(centre)
    for words in (
        "Call Noor de Vries back",
        "+31 20 555 0123",
        "+31 85 000 1000",
        "Support, we pay",
        "The new pump",
        "with Bob",
        "agreed with an agent",
        "Wants to know when the pump comes.",
        "Noted by Bob",
        'busy <span class="cb-soft">Alice</span>',
        "1 try counted",
    ):
        assert words in page, words
    assert usable(page) == {"accept", "reject", "more"}
    assert ">Dial now</span>" in page
    assert ">Give back</span>" in page
    assert "data-dial-at" not in page, "nobody is dialled by itself unless the policy says so"
    assert "Waits since" not in page


@pytest.mark.django_db
def test_who_kept_the_place_waits_since_then(centre: Centre) -> None:
    policy()
    offered(centre, waiting_since=timezone.now() - timedelta(minutes=12, seconds=30))
    page = card(centre)
    assert "Waits since" in page
    assert "12:3" in page
    assert "Not tried yet" in page


@pytest.mark.django_db
def test_alice_puts_it_off_and_is_free_again(centre: Centre) -> None:
    policy()
    row, attempt = offered(centre)
    alice = signed_in(centre.alice)
    at = timezone.now() + timedelta(hours=3)
    assert alice.post(f"/desk/{attempt.pk}/later/", {"at": "soon"}).status_code == 409
    answer = alice.post(f"/desk/{attempt.pk}/later/", {"at": at.isoformat()})
    assert answer.status_code == 204
    assert timezone.localtime(at).strftime("%H:%M") in answer.headers["HX-Trigger"]
    row.refresh_from_db()
    assert (row.state, row.attempt) == ("scheduled", None)
    assert row.due_at is not None
    assert abs(row.due_at - at) < timedelta(minutes=1)
    assert centre.state(centre.alice).state == "ready"
    assert alice.post(f"/desk/{attempt.pk}/later/", {"at": at.isoformat()}).status_code == 409, "it rings no more"


@pytest.mark.django_db
def test_who_stands_in_may_put_off_what_is_anothers(centre: Centre) -> None:
    """It rings at Alice since Bob, whose promise it is, is away."""
    policy()
    row, attempt = offered(centre, owner=centre.bob.pk)
    assert signed_in(centre.bob).post(f"/desk/{attempt.pk}/later/", {"at": "2099-01-01T10:00"}).status_code == 409, "it does not ring at him"
    assert signed_in(centre.alice).post(f"/desk/{attempt.pk}/later/", {"at": (timezone.now() + timedelta(hours=1)).isoformat()}).status_code == 204
    row.refresh_from_db()
    assert (row.state, row.owner) == ("scheduled", centre.bob), "it stays his"


@pytest.mark.django_db
def test_given_back_with_a_reason_it_goes_on_to_the_next(centre: Centre) -> None:
    policy()
    row, attempt = offered(centre)
    page = card(centre)
    assert f"/desk/{attempt.pk}/reject/?reason=language" in page
    assert signed_in(centre.alice).post(f"/desk/{attempt.pk}/reject/?reason=language").status_code == 204
    assert Segment.objects.get(interaction=attempt, agent=centre.alice).end_reason == "language"
    row.refresh_from_db()
    assert row.state == "queued", "the promise stands"
    assert centre.state(centre.alice).state == "ready"


@pytest.mark.django_db
def test_the_policy_may_dial_by_itself_after_a_look(centre: Centre) -> None:
    policy(preview=15)
    centre.support.auto_answer = True
    centre.support.save()
    _, attempt = offered(centre)
    page = card(centre)
    entry = attempt.entries.latest("pk")
    assert entry.offered_at is not None
    wanted = round((entry.offered_at + timedelta(seconds=15)).timestamp() * 1000)
    assert f'data-dial-at="{wanted}"' in page
    assert "dialled by itself in <time" in page
    assert 'data-auto-answer=""' in page, "a callback is looked at even where calls are answered by themselves"

    Policy.objects.all().delete()
    policy(preview=600)
    entry.refresh_from_db()
    assert entry.offer_until is not None
    wanted = round((entry.offer_until - timedelta(seconds=2)).timestamp() * 1000)
    assert f'data-dial-at="{wanted}"' in card(centre), "never after the offer has gone on to the next"


@pytest.mark.django_db
def test_beside_the_talk_the_page_stays_and_its_buttons_go(centre: Centre) -> None:
    policy()
    row, attempt = offered(centre)
    assert routing.accept_offer(centre.alice, attempt.pk).done
    assert actions_outbound.begun(attempt.pk, timezone.now())
    page = " ".join(signed_in(centre.alice).get(f"/desk/fragments/?names=work,tools&interaction={attempt.pk}&tab=callback").content.decode().split())
    assert 'data-tab="callback"' in page
    assert f'data-dial="{NUMBER}" data-queue="{centre.support.pk}"' in page
    assert "callback-later" not in page
    assert "Not tried yet" in page, "the call at hand is no try yet"
    call = signed_in(centre.alice).get(f"/desk/fragments/?names=work&interaction={attempt.pk}&tab=overview").content.decode()
    assert ">Callback</a>" in call


@pytest.mark.django_db
def test_a_call_that_was_dialled_shows_its_own_queue(centre: Centre) -> None:
    """Alice serves Support and Sales; she calls on behalf of Sales."""
    centre.now = timezone.now()
    centre.sales.greeting = {"en": "Good {daypart}, {agent} of Sales."}
    centre.sales.save()
    centre.ready(centre.alice)
    act = actions_outbound.dial(centre.alice, NUMBER, queue=centre.sales.pk, now=centre.now)
    page = signed_in(centre.alice).get(f"/desk/fragments/?names=comm,greeting&interaction={act.interaction}").content.decode()
    assert f"queue:{centre.sales.pk}.waiting" in page
    assert f"queue:{centre.support.pk}.waiting" not in page
    assert "Alice of Sales." in page
    assert Outgoing.objects.get().queue == centre.sales


def test_times_to_choose_from_keep_the_customers_night() -> None:
    amsterdam, bangkok = ZoneInfo("Europe/Amsterdam"), ZoneInfo("Asia/Bangkok")
    morning = datetime(2026, 11, 17, 8, 12, 40, tzinfo=UTC)  # 9:12 in Amsterdam, 15:12 in Bangkok
    shown = [f"{one:%d %H:%M}" for one in laters(morning, amsterdam)]
    assert shown == ["17 09:27", "17 10:12", "17 12:12", "18 09:00"]
    evening = datetime(2026, 11, 17, 13, 0, tzinfo=UTC)  # 14:00 in Amsterdam, 20:00 in Bangkok: quiet from 21:00
    shown = [f"{one:%d %H:%M}" for one in laters(evening, amsterdam, country="TH", zone=bangkok)]
    assert shown == ["17 14:15", "18 02:00", "18 09:00"], "8:00 there is 2:00 here, named once"


def test_whoever_answers_may_say_that_the_call_settles_a_colleagues_promise(centre: Centre) -> None:
    at = timezone.now() + timedelta(hours=2)
    callback = actions_callback.request(
        "+31205550123", centre.support, origin="agent", owner=centre.bob.pk, at=at, until=at + timedelta(days=1), about="The drum", now=centre.now
    )
    centre.ready(centre.alice)
    centre.later(60)
    call = centre.talk(centre.alice)
    browser = signed_in(centre.alice)
    page = browser.get(f"/desk/fragments/?names=work&interaction={call.pk}").content.decode()
    assert "Bob has promised a callback" in page
    assert "This call settles it" in page
    url = f"/desk/{call.pk}/settle-callback/?callback={callback.pk}"
    assert f'hx-post="{url}"' in page
    assert signed_in(centre.bob).post(url).status_code == 409, "not his call"

    assert browser.post(url).status_code == 204
    callback.refresh_from_db()
    assert (callback.state, callback.settled_in) == ("done", call)
    page = browser.get(f"/desk/fragments/?names=work&interaction={call.pk}").content.decode()
    assert "which this call settles." in page
    assert "This call settles it" not in page
    assert browser.post(url).status_code == 204, "twice is no harm"
