"""Accounts of people: made, changed, closed and opened again by whoever may (org.manage); a password is set by nobody but the person, with a one-time link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.lib.keeping import BadValue, check, differences
from cordboard.lib.keeping_rows import named
from cordboard.org import links
from cordboard.org.actions_settings import MANAGE, MOST_NAME, somebody_manages
from cordboard.org.actions_tokens import revoke_token
from cordboard.org.languages import LANGUAGES
from cordboard.org.models import Position, Role, Unit, User
from cordboard.org.models_token import ApiToken
from cordboard.org.permissions import require
from cordboard.org.staff import Change, changed

FIELDS = ("name", "email", "language", "timezone", "unit_id", "position_id")
ACCESS = ("unit_id", "position_id", "roles")
"""What somebody may do and see depends on these."""
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")


def person_values(row: User) -> dict[str, Any]:
    return {**{name: getattr(row, name) for name in FIELDS}, "roles": sorted(row.roles.values_list("pk", flat=True))}


def keep_person(user: Any, number: int | None, values: Mapping[str, Any], *, username: str = "", seen: str = "", now: datetime | None = None) -> User:
    """Make somebody's account (`number` None; without a password: see :func:`new_link`) or change it; `values` by the names of FIELDS, and "roles" (ids). `username` is made of
    the e-mail address where it is left out, and stays. Raises BadValue, Changed, PermissionDenied, User.DoesNotExist."""
    require(user, MANAGE)
    with transaction.atomic():
        row = User() if number is None else _locked(user, number)
        before = {} if number is None else person_values(row)
        if number is not None:
            check(seen, before)
        given = _checked(dict(values), row)
        if given == before:
            return row
        if number is None:
            row.username = _username(username) if username else _free_username(given["email"].partition("@")[0])
            row.set_unusable_password()
        for name in FIELDS:
            setattr(row, name, given[name])
        row.first_name, _space, row.last_name = (part[:150] for part in row.name.partition(" "))
        row.save()
        row.roles.set(given["roles"])
        if row.email != before.get("email", ""):
            EmailAddress.objects.filter(user=row).delete()
            if row.email:
                EmailAddress.objects.create(user=row, email=row.email, primary=True, verified=True)
        somebody_manages()
        fields = [*FIELDS, "roles"] if number is None else differences(given, before)
        what = Change.MADE if number is None else Change.RENAMED if "name" in fields else Change.CHANGED
        _tell(user, row.pk, what, fields, now)
        if number is None or set(fields) & set(ACCESS):
            log.record("org.access_changed", actor=f"user:{user.pk}", user=row.pk)
    return row


def close_account(user: Any, number: int, *, now: datetime | None = None) -> None:
    """Nobody signs in with it from now on; wherever the person is signed in, that ends at once, and so do their tokens. What they did stays, what they own waits for a hand-over.
    Closed already: nothing happens. Raises BadValue for oneself and the last who manages, PermissionDenied, User.DoesNotExist."""
    require(user, MANAGE)
    now = now or timezone.now()
    with transaction.atomic():
        row = _locked(user, number)
        if row.pk == user.pk:
            raise BadValue("", _("Your own account is closed by somebody else."))
        if not row.is_active:
            return
        row.is_active = False
        row.save(update_fields=["is_active"])
        somebody_manages()
        for token in ApiToken.objects.filter(user=row, revoked_at=None).values_list("pk", flat=True):
            revoke_token(row, token, now=now)
        _end_sessions(user, row)
        _tell(user, row.pk, Change.CLOSED, [], now)


def open_account(user: Any, number: int, *, now: datetime | None = None) -> None:
    """A closed account can be used again, with its password and roles of before. Open already: nothing happens. Raises PermissionDenied, User.DoesNotExist."""
    require(user, MANAGE)
    with transaction.atomic():
        row = _locked(user, number)
        if row.is_active:
            return
        row.is_active = True
        row.save(update_fields=["is_active"])
        _tell(user, row.pk, Change.OPENED, [], now)


def new_link(user: Any, number: int, *, second_factor: bool = False, now: datetime | None = None) -> tuple[str, str]:
    """Take the password away (signed out everywhere, links of before open nothing) and give the parts of a one-time link (`links.parts_of`) with which the person sets
    another. `second_factor`: the authenticator goes too, where the telephone was lost. Raises BadValue (the account is closed), PermissionDenied, User.DoesNotExist."""
    from allauth.mfa.models import Authenticator

    require(user, MANAGE)
    with transaction.atomic():
        row = _locked(user, number)
        if not row.is_active:
            raise BadValue("", _("The account is closed. Open it first."))
        row.set_unusable_password()
        row.save(update_fields=["password"])
        if second_factor:
            Authenticator.objects.filter(user=row).delete()
        _end_sessions(user, row)
        _tell(user, row.pk, Change.RESET, ["password", "second_factor"] if second_factor else ["password"], now)
    return links.parts_of(row)


def choose_password(name: str, token: str, password: str, *, now: datetime | None = None) -> User | None:
    """Whoever has the link sets the password; the link opens nothing after that. None: it opened nothing before either. Raises ValidationError for a password that is too easy."""
    with transaction.atomic():
        found = links.whose(name, token)
        if found is None:
            return None
        row = User.objects.select_for_update().get(pk=found.pk)
        if links.whose(name, token) is None:  # somebody was faster with the same link
            return None
        validate_password(password, row)
        row.set_password(password)
        row.save(update_fields=["password"])
        _tell(row, row.pk, Change.CHOSEN, ["password"], now)
    return row


def _locked(user: Any, number: int) -> User:
    """The accounts of those who may do everything are changed by their like only: who resets a password could sign in with it."""
    row = User.objects.select_for_update().get(pk=number)
    if row.is_superuser and not user.is_superuser:
        raise PermissionDenied(_("Change the account of an administrator of the installation"))
    return row


def _checked(given: dict[str, Any], row: User) -> dict[str, Any]:
    given["name"], given["email"], given["roles"] = named(given["name"], MOST_NAME), str(given["email"]).strip().lower(), sorted(set(given["roles"]))
    if given["email"] or row.pk is None or row.email:
        try:
            validate_email(given["email"])
        except ValidationError as problem:
            raise BadValue("email", _("An e-mail address is needed, such as name@example.org.")) from problem
        if User.objects.filter(email__iexact=given["email"]).exclude(pk=row.pk).exists():
            raise BadValue("email", _("Somebody else signs in with this address."))
    if given["language"] not in LANGUAGES:
        raise BadValue("language", _("There is no such language."))
    if given["timezone"] not in available_timezones():
        raise BadValue("timezone", _("There is no such time zone."))
    if given["unit_id"] is not None and not Unit.objects.filter(pk=given["unit_id"]).exists():
        raise BadValue("unit_id", _("There is no such unit."))
    if given["position_id"] is not None and not Position.objects.filter(pk=given["position_id"]).exists():
        raise BadValue("position_id", _("There is no such position."))
    if Role.objects.filter(pk__in=given["roles"]).count() != len(given["roles"]):
        raise BadValue("roles", _("There is no such role."))
    return given


def _username(wanted: str) -> str:
    wanted = wanted.strip().lower()
    if not _USERNAME.fullmatch(wanted):
        raise BadValue("username", _("A user name has small letters, digits, dots and dashes, 60 at most."))
    if User.objects.filter(username=wanted).exists():
        raise BadValue("username", _("Somebody has this user name already."))
    return wanted


def _free_username(base: str) -> str:
    """Of the e-mail address; with a number where that is taken."""
    base = re.sub(r"[^a-z0-9._-]", "", base)[:56].lstrip("._-") or "user"
    taken = set(User.objects.filter(username__startswith=base).values_list("username", flat=True))
    return base if base not in taken else next(found for at in range(2, len(taken) + 3) if (found := f"{base}{at}") not in taken)


def _end_sessions(user: Any, row: User) -> None:
    """Everywhere; the sockets of all of them close within a second."""
    keys = list(UserSession.objects.filter(user=row).values_list("session_key", flat=True))
    UserSession.objects.filter(user=row).delete()
    Session.objects.filter(session_key__in=keys).delete()
    log.record("org.access_changed", actor=f"user:{user.pk}", user=row.pk)


def _tell(user: Any, number: int, what: Change, fields: list[str], now: datetime | None) -> None:
    log.record("org.person_changed", actor=f"user:{user.pk}", user=number, change=str(what), fields=fields)
    changed(user, number, what, now or timezone.now())
