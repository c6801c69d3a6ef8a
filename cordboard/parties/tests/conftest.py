"""alice and bob serve customers, carol manages them, dave may do nothing."""

from __future__ import annotations

from typing import Any

import pytest

from cordboard.org.models import Role, Unit, User

AGENT = {"parties.view": "all", "parties.create": "all", "parties.change": "all", "parties.own": "own"}
MANAGER = {"parties.view": "all", "parties.change": "all", "parties.assign": "all", "parties.merge": "all"}


def make_user(name: str, permissions: dict[str, str], **fields: Any) -> User:
    user = User.objects.create(username=name, name=name.title(), email=f"{name}@example.org", **fields)
    if permissions:
        role, _ = Role.objects.get_or_create(code=f"of-{name}", defaults={"name": name, "permissions": permissions})
        user.roles.add(role)
    return user


@pytest.fixture
def service(db: None) -> Unit:
    return Unit.objects.create(name="Service NL", code="service-nl", country="NL")


@pytest.fixture
def alice(service: Unit) -> User:
    return make_user("alice", AGENT, language="nl", unit=service)


@pytest.fixture
def bob(service: Unit) -> User:
    return make_user("bob", AGENT, language="en", unit=service)


@pytest.fixture
def carol(service: Unit) -> User:
    return make_user("carol", MANAGER, language="en", unit=service)


@pytest.fixture
def dave(service: Unit) -> User:
    return make_user("dave", {}, language="en", unit=service)
