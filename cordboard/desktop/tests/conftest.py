from __future__ import annotations

import pytest
from django.test import Client

from cordboard.org.models import Role, User
from cordboard.routing.tests.centre import Centre, make_centre


@pytest.fixture
def centre(db: None) -> Centre:
    made = make_centre()
    role = Role.objects.get(code="agent")
    role.permissions = {**role.permissions, "parties.view": "all", "parties.create": "all", "knowledge.view": "all", "knowledge.use": "all"}
    role.save()
    return made


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client
