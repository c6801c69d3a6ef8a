"""Leave to call from a web page, and the wish to be called back: given sparingly, used once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.channels.voice import events, tokens
from cordboard.channels.voice.models import Line, WebCall
from cordboard.events import log
from cordboard.interactions.tell import stamp
from cordboard.parties import queries as parties
from cordboard.routing import actions_callback, dialling, hours
from cordboard.routing.models import Callback

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


# ---- "Call me back" -----------------------------------------------------------------------------------------------------

FORM_SALT = "cordboard.web-callback"
FORM_FOR = timedelta(hours=2)
"""How long a form may lie open before it is sent."""
LEAST = timedelta(seconds=2)
"""Nobody fills it in faster; a program does."""
CALLBACKS_A_NUMBER = 3
"""A day, so that nobody has somebody else called again and again."""


class NotAsked(ValueError):
    """The wish for a callback is not taken; the words say why and what to do."""


def callback_form(now: datetime | None = None) -> str:
    """The token of a fresh form: signed, good for one wish."""
    return signing.dumps({"k": tokens.fresh_key(), "t": stamp(now or timezone.now())}, salt=FORM_SALT)


def ask_callback(
    address: str,
    token: str,
    *,
    line: Line,
    number: str,
    name: str = "",
    about: str = "",
    at: datetime | None = None,
    language: str = "",
    now: datetime | None = None,
) -> Callback:
    """A visitor of the web page wants to be called: at once, or at `at`. Raises NotAsked: a token that is not ours, too old, or used; a number that this centre does not
    call; too many lately from this address, for this number, or altogether."""
    now = now or timezone.now()
    try:
        data = signing.loads(token, salt=FORM_SALT)
        key, issued = str(data["k"]), datetime.fromtimestamp(float(data["t"]), UTC)
    except (signing.BadSignature, KeyError, TypeError, ValueError):
        raise NotAsked(_("This form is not valid any more. Fill in the new one.")) from None
    if not LEAST <= now - issued <= FORM_FOR:
        raise NotAsked(_("This form is not valid any more. Fill in the new one."))
    verdict = dialling.verdict(number, line.country)
    if verdict.why is not None:
        raise NotAsked(dialling.words(verdict.why))
    who = tokens.digest(address)
    with transaction.atomic():
        if WebCall.objects.filter(address=who, issued_at__gt=now - timedelta(minutes=10)).count() >= WEB_CALLS_AN_ADDRESS:
            raise NotAsked(_("You have asked several times already. Try again in ten minutes."))
        if WebCall.objects.filter(issued_at__gt=now - timedelta(minutes=1)).count() >= WEB_CALLS_A_MINUTE:
            raise NotAsked(_("Too many people ask at this moment. Try again in a few minutes."))
        if Callback.objects.filter(number=verdict.number, origin=Callback.Origin.WEB, created_at__gt=now - timedelta(days=1)).count() >= CALLBACKS_A_NUMBER:
            raise NotAsked(_("We have been asked to call this number several times today. Call us instead."))
        if not WebCall.objects.get_or_create(key=key, defaults={"address": who, "issued_at": now, "used_at": now})[1]:
            raise NotAsked(_("This form was sent before. Fill in the new one."))
        found = parties.identify(verdict.number).parties
        made = actions_callback.request(
            verdict.number,
            line.queue,
            origin=Callback.Origin.WEB,
            party=found[0].pk if len(found) == 1 else None,
            at=hours.next_opening(line.queue.hours, max(at or now, now)) if line.queue.open else at,
            about=about,
            name=name,
            language=language,
            now=now,
        )
        if made is None or made.state == Callback.State.EXPIRED:
            transaction.set_rollback(True)
            raise NotAsked(_("We cannot call at that time. Choose another."))
    return made
