"""The only writers of API tokens. One may make and revoke one's own."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.models_token import ApiToken
from cordboard.org.tokens import PREFIX, hash_of, scopes_of

MOST = 20
"""Tokens that a user may have at a time."""


class BadToken(ValueError):
    """A token cannot be made so; the text says why."""


def make_token(user: Any, name: str, scopes: Iterable[str], *, now: datetime | None = None) -> tuple[ApiToken, str]:
    """A new token of the user, and the token itself, which is not kept. Raises BadToken."""
    now = now or timezone.now()
    name, wanted = " ".join(name.split())[:60], sorted(set(scopes))
    if not name:
        raise BadToken(_("Say what the token is for."))
    if not wanted or not set(wanted) <= set(scopes_of(user)):
        raise BadToken(_("Choose what the token may do."))
    token = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        if ApiToken.objects.filter(user=user, revoked_at=None).count() >= MOST:
            raise BadToken(_("You have %(most)d tokens. Revoke one that is not used.") % {"most": MOST})
        row = ApiToken.objects.create(user=user, name=name, hash=hash_of(token), start=token[:7], scopes=wanted, created_at=now)
        log.record("org.token_made", actor=f"user:{user.pk}", user=user.pk, token=row.pk, scopes=wanted)
    return row, token


def revoke_token(user: Any, number: int, *, now: datetime | None = None) -> bool:
    """From this moment on it opens nothing. False when there is no such token of the user, or it was revoked before."""
    with transaction.atomic():
        if not ApiToken.objects.filter(pk=number, user=user, revoked_at=None).update(revoked_at=now or timezone.now()):
            return False
        log.record("org.token_revoked", actor=f"user:{user.pk}", user=user.pk, token=number)
    return True
