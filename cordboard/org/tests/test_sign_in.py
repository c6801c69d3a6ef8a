"""Coming in, the second factor, the lock against guessing, sessions here and elsewhere."""

from __future__ import annotations

import pytest
from allauth.mfa.totp.internal import auth as totp
from allauth.usersessions.models import UserSession
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from cordboard.events.models import Event
from cordboard.org import actions
from cordboard.org.models import User

PASSWORD = "an honest passphrase"
pytestmark = pytest.mark.django_db


@pytest.fixture
def alice() -> User:
    return actions.create_user(username="alice", name="Alice Agent", email="Alice@Centre.example", password=PASSWORD)


def sign_in(client: Client, login: str, password: str = PASSWORD):
    return client.post("/account/login/", {"login": login, "password": password}, REMOTE_ADDR="127.0.0.9")


@pytest.mark.parametrize("login", ["alice", "alice@centre.example", "ALICE@CENTRE.EXAMPLE"])
def test_alice_comes_in_by_name_or_address(client: Client, alice: User, login: str) -> None:
    assert sign_in(client, login).status_code == 302
    assert client.get("/account/settings/").status_code == 200


def test_a_wrong_password_is_told_and_opens_nothing(client: Client, alice: User) -> None:
    answer = sign_in(client, "alice", "wrong")
    assert answer.status_code == 200
    assert 'role="alert"' in answer.content.decode()
    assert client.get("/account/settings/").status_code == 302


def test_guessing_is_stopped_even_with_the_right_password_at_last(client: Client, alice: User) -> None:
    for _ in range(6):
        sign_in(client, "alice", "guess")
    answer = sign_in(client, "alice")
    assert answer.status_code == 429
    assert "Too many wrong tries" in answer.content.decode()
    assert client.get("/account/settings/").status_code == 302


def test_nobody_makes_an_account_for_himself(client: Client) -> None:
    assert client.get("/account/signup/").status_code == 404


def test_alice_sets_up_an_authenticator_and_needs_it_from_then_on(client: Client, alice: User) -> None:
    sign_in(client, "alice")
    asked = client.get("/account/2fa/app/activate/")
    assert asked.headers["Location"].startswith("/account/reauthenticate/"), "first it must be her"
    assert client.get(asked.headers["Location"]).status_code == 200
    client.post(asked.headers["Location"], {"password": PASSWORD})
    page = client.get("/account/2fa/app/activate/")
    secret = page.context["form"].secret
    code = totp.format_hotp_value(totp.hotp_value(secret, totp.yield_hotp_counters_from_time().__next__()))
    assert client.post("/account/2fa/app/activate/", {"code": code}).status_code == 302
    codes = client.get("/account/2fa/codes/").context["unused_codes"]
    elsewhere = Client()
    answer = sign_in(elsewhere, "alice")
    assert answer.headers["Location"].startswith("/account/2fa/authenticate/")
    assert elsewhere.get("/account/settings/").status_code == 302, "the password alone opens nothing"
    assert elsewhere.post("/account/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert elsewhere.post("/account/2fa/authenticate/", {"code": codes[0]}).status_code == 302
    assert elsewhere.get("/account/settings/").status_code == 200


def test_alice_ends_the_session_she_forgot_at_another_desk(client: Client, alice: User) -> None:
    forgotten = Client()
    sign_in(forgotten, "alice")
    forgotten.get("/account/settings/")
    sign_in(client, "alice")
    listed = client.get("/account/sessions/").context["sessions"]
    assert len(listed) == 2
    other = next(row for row, _browser in listed if row.session_key != client.session.session_key)
    client.post("/account/sessions/end/", {"session": other.pk})
    assert forgotten.get("/account/settings/").status_code == 302
    assert Event.objects.filter(kind="org.session_ended", body__user=alice.pk).count() == 1


def test_bob_cannot_end_a_session_of_alices(client: Client, alice: User) -> None:
    actions.create_user(username="bob", name="Bob", email="bob@centre.example", password=PASSWORD)
    hers = Client()
    sign_in(hers, "alice")
    hers.get("/account/settings/")
    sign_in(client, "bob")
    client.post("/account/sessions/end/", {"session": UserSession.objects.get(user=alice).pk})
    assert hers.get("/account/settings/").status_code == 200


def test_a_visitor_picks_a_language_and_the_page_follows(client: Client) -> None:
    client.post("/account/language/", {"language": "th", "next": "/account/login/"})
    page = client.get("/account/login/")
    assert '<html lang="th"' in page.content.decode()
    assert client.post("/account/language/", {"language": "xx"}).status_code == 400


def test_the_language_switch_never_sends_anybody_to_a_strangers_page(client: Client) -> None:
    answer = client.post("/account/language/", {"language": "nl", "next": "https://evil.example/"})
    assert answer.headers["Location"] == "/"


def test_pages_allow_no_script_but_our_own(client: Client) -> None:
    policy = client.get("/account/login/").headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_own_settings_are_checked_before_they_are_kept(client: Client, alice: User) -> None:
    sign_in(client, "alice")
    assert client.post("/account/settings/", {"language": "nl", "timezone": "Europe/Amsterdam", "theme": "dark"}).status_code == 302
    alice.refresh_from_db()
    assert (alice.language, alice.timezone, alice.theme) == ("nl", "Europe/Amsterdam", "dark")
    assert client.post("/account/settings/", {"language": "nl", "timezone": "Moon/Base", "theme": "dark"}).status_code == 400


def test_a_sessions_last_use_is_noted_once_a_minute(client: Client, alice: User) -> None:
    client.force_login(alice)
    client.get("/account/settings/")
    assert UserSession.objects.filter(user=alice).count() == 1
    with CaptureQueriesContext(connection) as queries:
        client.get("/account/settings/")
    assert not [query for query in queries if "usersessions" in query["sql"]]
    client.get("/account/settings/", headers={"User-Agent": "another browser"})
    assert UserSession.objects.get(user=alice).user_agent == "another browser"
