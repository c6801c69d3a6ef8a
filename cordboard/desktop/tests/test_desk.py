"""The desk as alice sees it, from idle to wrap-up."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from cordboard.desktop.tests.conftest import signed_in
from cordboard.events import presence
from cordboard.interactions import actions as interactions
from cordboard.interactions.models import Note
from cordboard.parties.models import ContactPoint, Party
from cordboard.routing import actions as routing
from cordboard.routing.models import AgentState
from cordboard.routing.tests.centre import Centre

ALL = "tools,comm,itabs,account,work,alerts,greeting,pad"


def usable(html: str) -> set[str]:
    """The telephone buttons that can be pressed."""
    tags = re.findall(r'<button class="cb-tool[^>]*>', html)
    return {re.search(r'data-tool="(\w+)"', tag).group(1) for tag in tags if " disabled" not in tag}  # type: ignore[union-attr]


def noor(**fields: object) -> Party:
    party = Party.objects.create(
        name="Noor de Vries", family_name="de Vries", salutation="Mrs", customer_number="44710938", languages=["nl"], created_at=timezone.now(), **fields
    )
    ContactPoint.objects.create(party=party, kind="phone", value="+31205550123", display="020 555 0123", created_at=timezone.now())
    return party


@pytest.mark.django_db
def test_dave_may_not_open_the_desk(centre: Centre) -> None:
    assert signed_in(centre.dave).get("/desk/").status_code == 403


@pytest.mark.django_db
def test_opening_the_desk_signs_alice_in_and_says_what_to_do_next(centre: Centre) -> None:
    page = signed_in(centre.alice).get("/desk/")
    html = page.content.decode()
    assert page.status_code == 200
    assert AgentState.objects.get(agent=centre.alice).state == "not_ready"
    assert "Set yourself ready" in html
    assert usable(html) == {"dial", "more"}
    # every one of the seven areas
    for area in ("nav", "tools", "comm", "account", "work", "alerts", "pad"):
        assert f'id="{area}"' in html


@pytest.mark.django_db
def test_no_page_has_inline_styles_or_scripts(centre: Centre) -> None:
    centre.ready(centre.alice)
    centre.talk(centre.alice)
    html = signed_in(centre.alice).get("/desk/").content.decode()
    assert not re.search(r"\sstyle=", html)
    assert not re.search(r"\son[a-z]+=", html)
    assert all('type="module" src=' in tag or 'type="application/json"' in tag for tag in re.findall(r"<script[^>]*>", html))


@pytest.mark.django_db
def test_a_ringing_call_shows_who_calls_and_can_be_accepted(centre: Centre) -> None:
    party = noor(value_segment="gold")
    centre.ready(centre.alice)
    call = centre.call()
    interactions.identify(call.pk, [party.pk], by="ani")
    centre.offer(call, centre.alice)
    client = signed_in(centre.alice)
    html = client.get(f"/desk/fragments/?names={ALL}").content.decode()
    assert usable(html) == {"accept", "reject", "more"}
    assert "Noor de Vries" in html
    assert 'data-segment="gold">Gold<' in html
    assert "Customer 4471 0938" in html
    assert "+31 20 555 0123" in html
    assert "Incoming call" in html
    assert client.post(f"/desk/{call.pk}/accept/").status_code == 204
    html = client.get(f"/desk/fragments/?names={ALL}").content.decode()
    assert usable(html) == {"hold", "mute", "keypad", "transfer", "consult", "conference", "dial", "hangup", "wrapup", "more"}
    assert f'data-topics="user:{centre.alice.pk} interaction:{call.pk} party:{party.pk}"' in html


@pytest.mark.django_db
def test_who_accepts_what_went_on_is_told_who_has_it(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.call()
    centre.offer(call, centre.bob)
    assert signed_in(centre.bob).post(f"/desk/{call.pk}/reject/").status_code == 204
    centre.offer(call, centre.alice)
    assert signed_in(centre.alice).post(f"/desk/{call.pk}/accept/").status_code == 204
    refused = signed_in(centre.bob).post(f"/desk/{call.pk}/accept/")
    assert refused.status_code == 409
    assert "Alice has taken this one" in refused.content.decode()
    assert "Nothing was changed" in refused.content.decode()


@pytest.mark.django_db
def test_an_unknown_caller_is_no_dead_end(centre: Centre) -> None:
    centre.ready(centre.alice)
    centre.talk(centre.alice)
    html = signed_in(centre.alice).get("/desk/fragments/?names=account").content.decode()
    assert "Unknown caller" in html
    assert "New customer" in html
    assert "data-find" in html


@pytest.mark.django_db
def test_several_customers_on_one_number_are_offered_and_none_is_guessed(centre: Centre) -> None:
    party = noor()
    other = Party.objects.create(name="Daan Jansen", customer_number="44712211", created_at=timezone.now())
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    interactions.identify(call.pk, [party.pk, other.pk], by="ani")
    client = signed_in(centre.alice)
    html = client.get("/desk/fragments/?names=account").content.decode()
    assert "2 customers have this number" in html
    assert "Noor de Vries" in html
    assert "Daan Jansen" in html
    assert client.post(f"/desk/{call.pk}/confirm/", {"party": other.pk}).status_code == 204
    html = client.get("/desk/fragments/?names=account").content.decode()
    assert "<h1>Daan Jansen</h1>" in html
    assert "Confirmed by Alice" in html
    cleared = client.post(f"/desk/{call.pk}/clear/")
    assert cleared.status_code == 204
    assert "taken off" in json.loads(cleared["HX-Trigger"])["cb:notice"]["title"]
    assert "<h1>Daan Jansen</h1>" not in client.get("/desk/fragments/?names=account").content.decode()


@pytest.mark.django_db
def test_the_pad_is_kept_and_an_older_text_never_overwrites_a_newer(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    client = signed_in(centre.alice)
    assert client.post(f"/desk/{call.pk}/note/", {"text": "E18, water in the drum", "revision": 2}).json()["revision"] == 2
    late = client.post(f"/desk/{call.pk}/note/", {"text": "E18", "revision": 1})
    assert late.status_code == 409
    assert late.json() == {"text": "E18, water in the drum", "revision": 2, "at": late.json()["at"]}
    assert Note.objects.get(interaction=call).text == "E18, water in the drum"
    assert "E18, water in the drum</textarea>" in client.get("/desk/fragments/?names=pad").content.decode()
    assert signed_in(centre.bob).post(f"/desk/{call.pk}/note/", {"text": "mine", "revision": 9}).status_code == 403


@pytest.mark.django_db
def test_a_fragment_that_did_not_change_is_not_sent_again(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    client = signed_in(centre.alice)
    first = client.get("/desk/fragments/?names=tools,work,account")
    again = client.get("/desk/fragments/?names=tools,work,account", headers={"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    client.post(f"/desk/{call.pk}/hold/")
    assert client.get("/desk/fragments/?names=tools,work,account", headers={"If-None-Match": first["ETag"]}).status_code == 200


@pytest.mark.django_db
def test_hold_resume_hang_up_wrap_up(centre: Centre) -> None:
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    client = signed_in(centre.alice)
    assert client.post(f"/desk/{call.pk}/hold/").status_code == 204
    assert "Resume" in client.get("/desk/fragments/?names=tools").content.decode()
    assert client.post(f"/desk/{call.pk}/resume/").status_code == 204
    assert client.post(f"/desk/{call.pk}/hang-up/").status_code == 204
    routing.customer_left(call.pk, "agent")
    html = client.get("/desk/fragments/?names=tools,work").content.decode()
    assert usable(html) == {"dial", "wrapup", "more"}
    assert "Why did the customer contact us?" in html
    assert "Time left" in html
    assert client.post(f"/desk/{call.pk}/finish/").status_code == 204
    assert usable(client.get("/desk/fragments/?names=tools").content.decode()) == {"more"}


@pytest.mark.django_db
def test_a_warm_transfer_from_both_sides(centre: Centre) -> None:
    centre.ready(centre.alice, centre.bob)
    call = centre.talk(centre.alice)
    alice, bob = signed_in(centre.alice), signed_in(centre.bob)
    dialog = alice.get(f"/desk/transfer/?mode=consult&interaction={call.pk}").content.decode()
    url = re.search(rf'hx-post="([^"]*agent={centre.bob.pk})"', dialog)
    assert url
    assert alice.post(url.group(1)).status_code == 204
    html = alice.get("/desk/fragments/?names=tools,work").content.decode()
    assert "Bob is being rung" in html
    assert usable(html) == {"mute", "transfer", "consult", "more"}
    html = bob.get("/desk/fragments/?names=tools,work").content.decode()
    assert "Alice asks for your help" in html
    assert usable(html) == {"accept", "reject", "more"}
    assert bob.post(f"/desk/{call.pk}/accept/").status_code == 204
    assert usable(bob.get("/desk/fragments/?names=tools").content.decode()) == {"mute", "hangup", "more"}
    # what alice wrote down goes along, and her toolbar hears of what bob does
    interactions.save_note(centre.alice, call.pk, "Wants a mechanic, no exchange", 1)
    assert "Wants a mechanic, no exchange" in bob.get("/desk/fragments/?names=work").content.decode()
    assert f"interaction:{call.pk}" in re.search(r'id="tools"[^>]*data-topics="([^"]*)"', alice.get("/desk/fragments/?names=tools").content.decode()).group(1)  # type: ignore[union-attr]
    assert alice.post(f"/desk/{call.pk}/complete/").status_code == 204
    assert "hold" in usable(bob.get("/desk/fragments/?names=tools").content.decode())


@pytest.mark.django_db
def test_every_page_of_the_work_area_opens(centre: Centre) -> None:
    party = noor()
    centre.ready(centre.alice)
    call = centre.talk(centre.alice)
    interactions.identify(call.pk, [party.pk], by="ani")
    client = signed_in(centre.alice)
    from cordboard.desktop.presenters.panels import PANELS

    for tab in sorted(set(PANELS) - {"idle", "offer", "callback"}):
        answer = client.get(f"/desk/fragments/?names=work&interaction={call.pk}&tab={tab}")
        assert answer.status_code == 200, tab
        assert f'data-tab="{tab}"' in answer.content.decode(), tab


@pytest.mark.django_db
def test_states_are_chosen_and_wait_for_the_end_of_a_call(centre: Centre) -> None:
    client = signed_in(centre.alice)
    client.get("/desk/")
    assert client.post("/desk/state/", {"state": "ready"}).status_code == 204
    assert AgentState.objects.get(agent=centre.alice).state == "ready"
    assert client.post("/desk/state/", {"state": "ready", "toggle": "1"}).status_code == 204
    assert AgentState.objects.get(agent=centre.alice).state == "not_ready"
    assert client.post("/desk/state/", {"state": "asleep"}).status_code == 400
    centre.ready(centre.alice)
    centre.talk(centre.alice)
    assert client.post("/desk/state/", {"state": "ready", "toggle": "1"}).status_code == 204
    assert AgentState.objects.get(agent=centre.alice).pending
    assert "then not ready" in client.get("/desk/fragments/?names=comm").content.decode()


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_what_is_shown(centre: Centre, django_assert_num_queries: Any) -> None:
    party = noor()
    centre.ready(centre.alice)
    client = signed_in(centre.alice)
    client.get("/desk/")  # notes the session, which is done once a minute
    for contacts in (1, 2):
        for _each in range(contacts):
            done = centre.talk(centre.alice)
            interactions.identify(done.pk, [party.pk], by="ani")
            routing.customer_left(done.pk, "customer", now=centre.later(60))
            routing.wrap_up(centre.alice, done.pk, now=centre.later(5))
        call = centre.talk(centre.alice)
        interactions.identify(call.pk, [party.pk], by="ani")
        presence.heard([centre.alice.pk], timezone.now() + timedelta(minutes=1))  # the desk is open: nothing to write
        with django_assert_num_queries(43):
            client.get(f"/desk/?interaction={call.pk}")
        with django_assert_num_queries(40):
            client.get(f"/desk/fragments/?names={ALL}")
        with django_assert_num_queries(15):
            client.get("/desk/fragments/?names=account")
        with django_assert_num_queries(25):
            client.get("/desk/fragments/?names=work&tab=history")
        routing.customer_left(call.pk, "customer", now=centre.later(60))
        routing.wrap_up(centre.alice, call.pk, now=centre.later(5))


@pytest.mark.django_db
def test_the_ringing_sound_is_ones_own(centre: Centre) -> None:
    client = signed_in(centre.alice)
    assert client.post("/desk/ring-tone/", {"tone": "classic"}).status_code == 204
    assert 'data-ring="classic"' in client.get("/desk/").content.decode()
    assert client.post("/desk/ring-tone/", {"tone": "fanfare"}).status_code == 400


@pytest.mark.django_db
def test_a_queue_that_answers_by_itself_says_so_to_the_page(centre: Centre) -> None:
    centre.support.auto_answer = True
    centre.support.save()
    centre.ready(centre.alice)
    centre.offer(centre.call(), centre.alice)
    assert 'data-auto-answer="1"' in signed_in(centre.alice).get("/desk/fragments/?names=tools").content.decode()
