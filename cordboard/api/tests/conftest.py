"""Programs at the API, with tokens of their users."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from cordboard.org.actions_tokens import make_token
from cordboard.org.models import User
from cordboard.org.tests.people import person

ALL = ("flows.view", "flows.design", "flows.publish", "rules.view", "rules.edit", "rules.publish", "rules.publish_alone", "analytics.view")
Program = Callable[..., HttpResponse]


def program_of(user: User, *scopes: str) -> Program:
    """Asks with a token of this user: `ask("PUT", "/api/v1/...", {...}, If_Match=...)`."""
    _row, token = make_token(user, "a program", list(scopes) or [code for code in ALL if code != "rules.publish_alone"])
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {token}"})

    def ask(method: str, path: str, body: Any = None, **headers: str) -> HttpResponse:
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return client.generic(method, path, data, content_type="application/json", headers={name.replace("_", "-"): value for name, value in headers.items()})

    return ask


@pytest.fixture
def carol(db: None) -> User:
    """A manager of flows and policies."""
    return person("carol", dict.fromkeys(ALL, "all"))


@pytest.fixture
def ask(carol: User) -> Program:
    return program_of(carol)
