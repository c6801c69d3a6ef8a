"""The people of the tests: alice and bob serve customers, carol manages them, dave may do nothing."""

from __future__ import annotations

from typing import Any

from cordboard.org.models import Role, Unit, User


def person(name: str, permissions: dict[str, str], **fields: Any) -> User:
    """A user called `name` with a role of exactly these permissions (code -> scope)."""
    user = User.objects.create(username=name, name=name.title(), email=f"{name}@example.org", **fields)
    if permissions:
        role, _made = Role.objects.get_or_create(code=f"of-{name}", defaults={"name": name, "permissions": permissions})
        user.roles.add(role)
    return user


def unit(code: str = "service-nl", country: str = "NL") -> Unit:
    return Unit.objects.get_or_create(code=code, defaults={"name": code, "country": country})[0]
