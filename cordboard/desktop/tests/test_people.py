"""People in the settings: somebody new gets an account and a way in, somebody who leaves is out at once, wherever they were signed in."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cordboard.channels.voice.models import Phone
from cordboard.desktop.tests.conftest import signed_in
from cordboard.desktop.tests.test_settings import admin, last, shown  # noqa: F401  `admin` is a fixture
from cordboard.events.models import Event
from cordboard.org.actions_people import keep_person
from cordboard.org.models import Role, User
from cordboard.org.models_token import ApiToken
from cordboard.org.tests.people import person
from cordboard.routing import actions as routing
from cordboard.routing import board, reduce
from cordboard.routing.actions_member import set_skill
from cordboard.routing.models import AgentSkill, AgentState, Callback, QueueMember, Skill
from cordboard.routing.tests.centre import START, Centre, told

NEW = {"name": "Erin Example", "email": "Erin@Example.org", "language": "nl", "timezone": "Europe/Amsterdam", "capacity": "1"}
PASSWORD = "seven quiet lamps"


def path(user: User, rest: str = "") -> str:
    return f"/settings/people/{user.pk}/{rest}"


def link_in(page: str) -> str:
    found = re.search(r'id="link">([^<]+)<', page)
    assert found is not None
    return urlsplit(html.unescape(found[1])).path


@pytest.mark.django_db
def test_somebody_new_gets_an_account_and_a_way_in(centre: Centre, admin: Client) -> None:  # noqa: F811
    Skill.objects.create(code="repairs", kind="product", names={"en": "Repairs"})
    Role.objects.filter(code="admin").update(permissions={"org.manage": "all", "routing.supervise": "all"})
    agent = Role.objects.get(code="agent")
    given = shown(admin, "/settings/people/new/") | NEW | {"roles": [str(agent.pk)], "queues": [str(centre.support.pk)], "skill-repairs": "4"}
    answer = admin.post("/settings/people/new/", given)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    erin = User.objects.get(username="erin")
    assert (erin.name, erin.email, erin.language, erin.unit_id, list(erin.roles.all())) == (
        "Erin Example",
        "erin@example.org",
        "nl",
        int(given["unit_id"]),
        [agent],
    )
    assert not erin.has_usable_password()
    assert list(QueueMember.objects.filter(agent=erin).values_list("queue_id", flat=True)) == [centre.support.pk]
    assert AgentSkill.objects.get(agent=erin).proficiency == 4
    assert last("org.person_changed")["change"] == "made"
    page = admin.get(answer["Location"]).content.decode()
    assert "Erin Example has an account, with the user name erin." in page

    way = link_in(admin.post(path(erin, "link/")).content.decode())
    assert way not in admin.get(path(erin)).content.decode(), "it is shown once"
    erins = Client()
    asked = erins.get(way)
    assert "erin@example.org" in asked.content.decode()
    assert asked["Referrer-Policy"] == "same-origin", "a browser would send the form without its origin, and be refused"
    assert erins.post(way, {"password1": PASSWORD, "password2": "otherwise"}).status_code == 422
    assert erins.post(way, {"password1": "123456", "password2": "123456"}).status_code == 422
    assert erins.post(way, {"password1": PASSWORD, "password2": PASSWORD}).status_code == 302
    assert erins.get(way).status_code == 410, "it opens one time"
    assert erins.post("/account/login/", {"login": "Erin@example.org", "password": PASSWORD}).status_code == 302
    assert erins.get("/desk/").status_code == 200
    for event in ("org.person_changed", "org.access_changed"):
        assert "example" not in str(told(event)), "names and addresses stand in rows that can be erased"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": " "}, "required"),
        ({"email": "erin at example"}, "An e-mail address is needed"),
        ({"email": ""}, "An e-mail address is needed"),
        ({"email": "ALICE@example.org"}, "Somebody else signs in with this address."),
        ({"username": "alice"}, "Somebody has this user name already."),
        ({"username": "Erin Example"}, "A user name has small letters"),
        ({"language": "tlh"}, "valid choice"),
    ],
)
def test_what_cannot_be_an_account_is_refused_at_its_field(centre: Centre, admin: Client, wrong: dict[str, str], words: str) -> None:  # noqa: F811
    User.objects.filter(pk=centre.alice.pk).update(email="alice@example.org")
    answer = admin.post("/settings/people/new/", shown(admin, "/settings/people/new/") | NEW | wrong)
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert words in page
    assert f'id="id_{next(iter(wrong))}-error"' in page
    assert not User.objects.filter(username="erin").exists()


@pytest.mark.django_db
def test_who_leaves_is_out_at_once(centre: Centre, admin: Client) -> None:  # noqa: F811
    centre.ready(centre.alice, centre.bob)
    bobs, elsewhere = signed_in(centre.bob), signed_in(centre.bob)
    assert bobs.get("/account/settings/").status_code == 200
    assert elsewhere.get("/account/settings/").status_code == 200
    ApiToken.objects.create(user=centre.bob, name="planning", hash="0" * 64, start="cb_1234", scopes=["analytics.view"], created_at=START)
    Callback.objects.create(origin="agent", number="+31205550123", queue=centre.support, owner=centre.bob, created_at=START, not_before=START, not_after=START)
    call = centre.call()
    centre.offer(call, centre.bob)
    live = board.snapshot(START)
    cursor = log_position()
    assert admin.post(path(centre.bob, "close/")).status_code == 302
    assert bobs.get("/account/settings/").status_code == 302, "to the sign-in"
    assert elsewhere.get("/account/settings/").status_code == 302
    assert ApiToken.objects.get(user=centre.bob).revoked_at is not None
    assert centre.state(centre.bob).state == AgentState.State.OFFLINE
    assert centre.bob.pk not in [row["id"] for row in board.snapshot(START)["agents"].values()]
    changes = told("routing.agent_changed", since=cursor)
    assert [one["change"] for one in changes] == ["closed"]
    assert reduce.stale(live, "routing.agent_changed", changes[0]), "open boards read afresh"
    assert any(f"close:user:{centre.bob.pk}" in event for event in topics_since(cursor)), "sockets close"
    assert told("routing.returned", since=cursor)[0]["interaction"] == call.pk, "what rang at bob goes to the next"
    page = admin.get(path(centre.bob)).content.decode()
    assert "The account of Bob is closed." in page
    assert "1 thing that was promised or owned waits for somebody else." in page
    assert "closed" in admin.get("/settings/people/").content.decode()

    assert admin.post(path(centre.bob, "open/")).status_code == 302
    bob = User.objects.get(pk=centre.bob.pk)
    assert bob.is_active
    assert routing.set_ready(bob, now=centre.later(1)).done
    assert bobs.get("/account/settings/").status_code == 302, "the old sessions stay over"


def log_position() -> int:
    return Event.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def topics_since(position: int) -> list[list[str]]:
    return [list(event.topics) for event in Event.objects.filter(pk__gt=position)]


@pytest.mark.django_db
def test_a_call_that_stands_goes_on_and_nothing_follows_it(centre: Centre, admin: Client) -> None:  # noqa: F811
    centre.ready(centre.bob)
    call = centre.talk(centre.bob)
    assert admin.post(path(centre.bob, "close/")).status_code == 302
    state = centre.state(centre.bob)
    assert (state.state, state.pending) == (AgentState.State.TALKING, True)
    call.refresh_from_db()
    assert call.ended_at is None, "the customer is not cut off"


@pytest.mark.django_db
def test_nobody_locks_themselves_or_everybody_out(centre: Centre, admin: Client) -> None:  # noqa: F811
    me = User.objects.get(username="admin")
    refused = admin.post(path(me, "close/"))
    assert refused.status_code == 422
    assert "Your own account is closed by somebody else." in refused.content.decode()
    root = User.objects.create(username="root", name="Root", is_superuser=True)
    for verb in ("close/", "link/"):
        assert admin.post(path(root, verb)).status_code == 403, "who resets a password could sign in with it"
    assert admin.post(path(root), shown(admin, path(root)) | {"email": "mine@example.org"}).status_code == 403
    other = person("zoe", {"org.manage": "all"})
    User.objects.filter(pk=root.pk).delete()
    Role.objects.filter(code="admin").update(permissions={})
    zoes = signed_in(other)
    assert zoes.post(path(other, "close/")).status_code == 422
    assert User.objects.get(pk=other.pk).is_active


@pytest.mark.django_db
def test_a_reset_ends_the_password_the_sessions_and_links_of_before(centre: Centre, admin: Client) -> None:  # noqa: F811
    alice = centre.alice
    alice.set_password(PASSWORD)
    alice.save()
    alices = Client()
    assert alices.post("/account/login/", {"login": "alice", "password": PASSWORD}).status_code == 302
    first = link_in(admin.post(path(alice, "link/")).content.decode())
    assert alices.get("/account/settings/").status_code == 302
    assert alices.post("/account/login/", {"login": "alice", "password": PASSWORD}).status_code == 200, "the old one opens nothing"
    second = link_in(admin.post(path(alice, "link/")).content.decode())
    assert alices.get(first).status_code == 410
    assert alices.get(second).status_code == 200
    admin.post(path(alice, "close/"))
    assert alices.get(second).status_code == 410, "a closed account has no way in"
    assert admin.post(path(alice, "link/")).status_code == 422
    for nonsense in ("/account/password/x/y/", "/account/password/OTk5OTk5/abc-def/", f"/account/password/{'9' * 60}/a-b/"):
        assert alices.get(nonsense).status_code == 410


@pytest.mark.django_db
def test_a_new_name_reaches_open_boards(centre: Centre, admin: Client) -> None:  # noqa: F811
    live = board.snapshot(START)
    assert admin.post(path(centre.alice), shown(admin, path(centre.alice)) | {"name": "Alice Anders"}).status_code == 302
    change = last("routing.agent_changed")
    assert change["change"] == "renamed"
    assert reduce.stale(live, "routing.agent_changed", change)
    assert board.snapshot(START)["agents"][str(centre.alice.pk)]["name"] == "Alice Anders"


@pytest.mark.django_db
def test_a_seat_is_kept_whole_or_not_at_all(centre: Centre, admin: Client) -> None:  # noqa: F811
    for code in ("repairs", "dutch"):
        Skill.objects.create(code=code, names={"en": code.title()})
    later = centre.later(600)
    assert routing_skill(centre, "dutch", 5, later)
    Role.objects.filter(code="admin").update(permissions={"org.manage": "all", "routing.supervise": "all"})
    hers = shown(admin, path(centre.alice))
    assert hers["skill-dutch"] == "", "she has it for a while only"
    change = {"queues": [str(centre.sales.pk)], "skill-repairs": "2", "skill-dutch": "3", "capacity": "2"}
    assert admin.post(path(centre.alice), hers | change | {"email": "no address"}).status_code == 422
    assert QueueMember.objects.filter(agent=centre.alice).count() == 2
    assert admin.post(path(centre.alice), hers | change | {"email": "alice@example.org"}).status_code == 302
    assert list(QueueMember.objects.filter(agent=centre.alice).values_list("queue_id", flat=True)) == [centre.sales.pk]
    dutch = AgentSkill.objects.get(agent=centre.alice, skill__code="dutch")
    assert (dutch.proficiency, dutch.before, dutch.until) == (5, 3, later), "what holds for a while goes on holding"
    assert AgentState.objects.get(agent=centre.alice).voice_capacity == 2
    assert admin.post(path(centre.alice), hers | change).status_code == 409, "she was changed since"


def routing_skill(centre: Centre, code: str, level: int, until: Any) -> bool:
    return set_skill(centre.carol, centre.alice.pk, code, level, until=until, now=START).done


@pytest.mark.django_db
def test_who_may_not_supervise_sees_no_seat(centre: Centre, admin: Client) -> None:  # noqa: F811
    page = admin.get(path(centre.alice)).content.decode()
    assert 'name="capacity"' not in page
    assert admin.post(path(centre.alice), shown(admin, path(centre.alice)) | {"queues": [], "capacity": "5"}).status_code == 302
    assert QueueMember.objects.filter(agent=centre.alice).count() == 2


@pytest.mark.django_db
def test_a_desk_telephones_secret_is_shown_once(centre: Centre, admin: Client) -> None:  # noqa: F811
    made = admin.post(path(centre.alice, "phone/"), {"account": "desk-7", "called": "Window"})
    found = re.search(r'id="secret">(\w+)<', made.content.decode())
    assert found is not None
    row = Phone.objects.get(account="desk-7")
    assert (row.user, row.name) == (centre.alice, "Window")
    assert found[1] not in admin.get(path(centre.alice)).content.decode()
    assert admin.post(path(centre.alice, "phone/"), {"account": "desk-7"}).status_code == 422
    anew = admin.post(path(centre.alice, f"phones/{row.pk}/secret/"))
    assert anew.status_code == 200
    assert found[1] not in anew.content.decode()
    assert admin.post(path(centre.bob, f"phones/{row.pk}/remove/")).status_code == 404, "it is not bob's"
    assert admin.post(path(centre.alice, f"phones/{row.pk}/remove/")).status_code == 302
    assert not Phone.objects.exists()


@pytest.mark.django_db
def test_carol_and_dave_change_no_accounts(centre: Centre) -> None:
    for user in (centre.carol, centre.dave):
        client = signed_in(user)
        for rest in ("close/", "open/", "link/", "phone/"):
            assert client.post(path(centre.alice, rest)).status_code == 403
        with pytest.raises(PermissionDenied):
            keep_person(user, None, {})
    assert User.objects.get(pk=centre.alice.pk).is_active


@pytest.mark.django_db
def test_a_persons_page_makes_as_many_queries_for_many_things(centre: Centre, admin: Client) -> None:  # noqa: F811
    Role.objects.filter(code="admin").update(permissions={"org.manage": "all", "routing.supervise": "all", "voice.manage": "all"})
    counts = []
    for some in (range(1), range(1, 6)):
        for at in some:
            skill = Skill.objects.create(code=f"s{at}", names={"en": "Skill"})
            AgentSkill.objects.create(agent=centre.alice, skill=skill)
            Phone.objects.create(account=f"p{at}", user=centre.alice, realm="r", made_at=START)
            centre.alice.roles.add(Role.objects.create(code=f"r{at}", name="Role"))
        admin.get(path(centre.alice))
        with CaptureQueriesContext(connection) as made:
            assert admin.get(path(centre.alice)).status_code == 200
        counts.append(len(made))
    assert counts[0] == counts[1], counts
