"""The only writers of units, positions, users and roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from cordboard.events import log
from cordboard.org import permissions
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import Position, Role, Unit, User

SETTINGS = ("language", "timezone", "theme", "preferences")


class UnknownPermission(ValueError):
    """A role names an operation that no package declares."""


def change_own_settings(user: User, changes: Mapping[str, object]) -> list[str]:
    """Set some of a user's own settings; returns the names of those that changed.

    Raises ValueError for a setting or value that does not exist."""
    changed = []
    for name, value in changes.items():
        if name not in SETTINGS:
            raise ValueError(f"no such setting: {name}")
        if name == "language" and value not in LANGUAGES:
            raise ValueError(f"no such language: {value}")
        if name == "theme" and value not in User.Theme.values:
            raise ValueError(f"no such theme: {value}")
        if getattr(user, name) != value:
            setattr(user, name, value)
            changed.append(name)
    if changed:
        with transaction.atomic():
            user.save(update_fields=changed)
            log.record("org.settings_changed", actor=f"user:{user.pk}", user=user.pk, fields=changed)
    return changed


def set_role(code: str, name: str, codes: Mapping[str, permissions.Scope]) -> Role:
    """Make or change a role; everybody who has it loses or gains at once (their sockets close and come back with the new rights)."""
    unknown = set(codes) - set(permissions.declared())
    if unknown:
        raise UnknownPermission(", ".join(sorted(unknown)))
    with transaction.atomic():
        role, _ = Role.objects.update_or_create(code=code, defaults={"name": name, "permissions": dict(codes)})
        for user_id in role.users.values_list("pk", flat=True):
            log.record("org.access_changed", actor="system", user=user_id)
    return role


def set_user_roles(user: User, codes: Iterable[str], *, by: str = "system") -> None:
    wanted = set(codes)
    with transaction.atomic():
        roles = list(Role.objects.filter(code__in=wanted))
        missing = wanted - {role.code for role in roles}
        if missing:
            raise ValueError(f"no such role: {', '.join(sorted(missing))}")
        user.roles.set(roles)
        log.record("org.access_changed", actor=by, user=user.pk)


def create_user(
    *,
    username: str,
    name: str,
    email: str,
    password: str,
    language: str = "en",
    timezone: str = "UTC",
    unit: Unit | None = None,
    position: Position | None = None,
    roles: Iterable[str] = (),
    superuser: bool = False,
) -> User:
    """A new user who can sign in with e-mail or user name."""
    from allauth.account.models import EmailAddress

    first, _, last = name.partition(" ")
    with transaction.atomic():
        user = User(
            username=username,
            name=name,
            email=email.lower(),
            first_name=first,
            last_name=last,
            language=language,
            timezone=timezone,
            unit=unit,
            position=position,
        )
        user.is_superuser = user.is_staff = superuser
        user.set_password(password)
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
        set_user_roles(user, roles)
    return user


def end_session(user: User, session_key: str, *, by: str) -> bool:
    """Sign a session out, wherever it is; its sockets close within a second. False when it was gone already."""
    from allauth.usersessions.models import UserSession
    from django.contrib.sessions.models import Session

    with transaction.atomic():
        found = UserSession.objects.filter(user=user, session_key=session_key).delete()[0]
        found += Session.objects.filter(session_key=session_key).delete()[0]
        if found:
            log.record("org.session_ended", actor=by, user=user.pk, session=session_key[:8])
    return bool(found)
