"""Django's sessions in the database, read with a query that is built once: every request begins with it."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from cordboard.lib.kept import Kept

_SESSION = Kept(lambda key, now: Session.objects.filter(session_key=key, expire_date__gt=now))


class SessionStore(db.SessionStore):
    def _get_session_from_db(self) -> Any:
        """As Django's: a session that is over, or is none, loses its key."""
        key = self.session_key
        row = _SESSION.first(key, timezone.now()) if key else None
        if row is None:
            self._session_key = None
        return row
