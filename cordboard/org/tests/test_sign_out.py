"""Signing out ends the session everywhere: in the log, and so on the sockets."""

from __future__ import annotations

import pytest
from django.test import Client

from cordboard.events import topics
from cordboard.events.models import Event
from cordboard.org import actions


@pytest.mark.django_db
def test_signing_out_is_recorded_and_closes_the_sessions_sockets(client: Client) -> None:
    alice = actions.create_user(username="alice", name="Alice", email="alice@example.com", password="a long pass phrase")
    client.force_login(alice, backend="django.contrib.auth.backends.ModelBackend")
    key = client.session.session_key
    assert key
    assert client.post("/account/logout/").status_code == 302
    event = Event.objects.get(kind="org.session_ended")
    assert event.actor == f"user:{alice.pk}"
    assert topics.closes_session(key) in event.topics
    assert key not in str(event.body)
    assert "_auth_user_id" not in client.session
