from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from cordboard.org.models import Role, User
from cordboard.routing.tests.centre import Centre, make_centre


@pytest.fixture
def centre(db: None) -> Centre:
    """alice and bob answer, carol sees the figures of all, dave of none."""
    made = make_centre()
    made.unit.timezone = "Europe/Amsterdam"
    made.unit.save()
    role = Role.objects.get(code="manager")
    role.permissions = {**role.permissions, "analytics.view": "all"}
    role.save()
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def scope(user: User, scope: str) -> Any:
    """Give this user, by a role of its own, a view of figures in this scope."""
    role = Role.objects.create(code=f"figures-{scope}-{user.pk}", name="Figures", permissions={"analytics.view": scope})
    user.roles.set([role])
    return user
