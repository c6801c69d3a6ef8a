"""Leave to call from a web page: given sparingly, used once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from cordboard.channels.voice import events, tokens
from cordboard.channels.voice.models import WebCall
from cordboard.events import log

WEB_CALLS_A_MINUTE = 60
WEB_CALLS_AN_ADDRESS = 6
"""Per ten minutes."""


def allow_web_call(address: str, *, language: str, name: str = "", page: str = "", now: datetime | None = None) -> str | None:
    """A token for one call, or None when this address, or everybody together, asked too often lately."""
    now = now or timezone.now()
    who = tokens.digest(address)
    with transaction.atomic():
        if WebCall.objects.filter(address=who, issued_at__gt=now - timedelta(minutes=10)).count() >= WEB_CALLS_AN_ADDRESS:
            return None
        if WebCall.objects.filter(issued_at__gt=now - timedelta(minutes=1)).count() >= WEB_CALLS_A_MINUTE:
            return None
        made = WebCall.objects.create(key=tokens.fresh_key(), address=who, issued_at=now)
        WebCall.objects.filter(issued_at__lt=now - timedelta(days=1)).delete()
        log.record(events.WEB_CALL_ALLOWED, actor="system", web_call=made.pk)
    return tokens.issue(made.key, language=language, name=name, page=page)


def use_leave(key: str, now: datetime) -> bool:
    """Use up the leave to call. Only one of two who try at once has it."""
    return bool(WebCall.objects.filter(key=key, used_at=None, issued_at__gte=now - tokens.PLACE_WITHIN).update(used_at=now)) if key else False
