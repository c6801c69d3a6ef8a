"""Desk telephones: their accounts, who works on which, where they are registered."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.channels.voice import events
from cordboard.channels.voice.actions_call import SWITCH
from cordboard.channels.voice.models import Phone, PhoneContact
from cordboard.channels.voice.permissions import MANAGE
from cordboard.events import log
from cordboard.interactions.models import Segment
from cordboard.lib.config import config
from cordboard.lib.sealed import seal
from cordboard.org.permissions import require
from cordboard.routing import actions as routing
from cordboard.routing.actions_call import agent_left
from cordboard.telephony import handsets
from cordboard.telephony.sip import digest, gate

SECRET = 20
"""Characters of a secret that we make: 119 bits, without those that people mistake for one another."""
LETTERS = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"


class BadAccount(ValueError):
    """The name cannot be an account's; the text says why, for people."""


def _secret() -> str:
    return "".join(secrets.choice(LETTERS) for _ in range(SECRET))


def _digests(account: str, secret: str) -> dict[str, str]:
    realm = config().sip_realm
    return {str(algorithm): seal(digest.ha1(account, realm, secret, algorithm)) for algorithm in digest.OFFERED}


def _tell(phone: Phone, what: str, actor: str) -> None:
    log.record(events.PHONE_CHANGED, actor=actor, phone=phone.pk, user=phone.user_id, what=what)


def _leave(by: Any) -> str:
    """Who does it, for the log; None is who has the machine itself."""
    if by is None:
        return "system"
    require(by, MANAGE)
    return f"user:{by.pk}"


def add_phone(by: Any, account: str, user: Any = None, *, name: str = "", answers_itself: bool = False, secret: str = "") -> tuple[Phone, str]:
    """A new account, and its secret, which is not kept and cannot be read again. Raises BadAccount."""
    actor = _leave(by)
    if not digest.plain_name(account) or gate.NUMBER.fullmatch(account):
        raise BadAccount(_("An account is called by letters, digits, dots and dashes, and not like a telephone number."))
    secret = secret or _secret()
    with transaction.atomic():
        if Phone.objects.filter(account=account).exists():
            raise BadAccount(_("There is an account of that name already."))
        phone = Phone.objects.create(
            account=account,
            name=name[:80],
            user=user,
            realm=config().sip_realm,
            digests=_digests(account, secret),
            answers_itself=answers_itself,
            made_at=timezone.now(),
        )
        _tell(phone, "added", actor)
    return phone, secret


def renew_secret(by: Any, phone: Phone) -> str:
    """A new secret for the account; its telephones must register anew with it."""
    actor = _leave(by)
    secret = _secret()
    with transaction.atomic():
        phone.realm, phone.digests = config().sip_realm, _digests(phone.account, secret)
        phone.save(update_fields=["realm", "digests"])
        _tell(phone, "secret", actor)
    return secret


def remove_phone(by: Any, phone: Phone) -> None:
    actor = _leave(by)
    with transaction.atomic():
        _tell(phone, "removed", actor)
        phone.delete()


def choose_device(user: Any, account: str, *, now: datetime | None = None) -> bool:
    """The user works on this telephone of theirs from now on, or ("") in the browser. False when they have no such telephone. What rings rings on."""
    with transaction.atomic():
        mine = list(Phone.objects.select_for_update().filter(user_id=user.pk))
        wanted = next((one for one in mine if one.account == account), None)
        if account and wanted is None:
            return False
        before = next((one for one in mine if one.chosen_at is not None), None)
        if before == wanted:
            return True
        if before is not None:
            before.chosen_at = None
            before.save(update_fields=["chosen_at"])
        if wanted is not None:
            wanted.chosen_at = now or timezone.now()
            wanted.save(update_fields=["chosen_at"])
        log.record(events.DEVICE_CHOSEN, actor=f"user:{user.pk}", user=user.pk, phone=wanted.pk if wanted is not None else None)
    return True


# ---- told by the switch -------------------------------------------------------------------------------------------


def keep_contacts(node: str, account: str, contacts: Sequence[handsets.PhoneContact]) -> None:
    """These are the account's telephones at this node now."""
    with transaction.atomic():
        phone = Phone.objects.select_for_update().filter(account=account).first()
        if phone is None:
            return
        before = {one.address: one for one in phone.contacts.filter(node=node)}
        now = {one.address[:300]: one for one in contacts}
        PhoneContact.objects.filter(pk__in=[row.pk for address, row in before.items() if address not in now]).delete()
        for address, one in now.items():
            row = before.get(address) or PhoneContact(phone=phone, node=node, address=address)
            row.until, row.q, row.agent, row.memo = datetime.fromtimestamp(one.until, UTC), one.q, one.agent[:80], one.memo
            row.save()
        if set(before) != set(now):
            log.record(events.PHONE_REGISTERED, actor=SWITCH, phone=phone.pk, user=phone.user_id, telephones=len(now))


def phone_answered(interaction: int, segment: int) -> bool:
    """The agent picked up what rings for the offer of this segment: that is accepting it."""
    row = Segment.objects.select_related("agent").filter(pk=segment, interaction=interaction, state=Segment.State.OFFERED).first()
    if row is None:
        return False
    return routing.accept_offer(row.agent, interaction).done


def phone_declined(interaction: int, segment: int) -> bool:
    """The agent pressed the telephone's key for no."""
    row = Segment.objects.select_related("agent").filter(pk=segment, interaction=interaction, state=Segment.State.OFFERED).first()
    if row is None:
        return False
    return routing.reject_offer(row.agent, interaction).done


def phone_hung_up(interaction: int, segment: int) -> bool:
    """The agent hung up in the middle of the call: as Hang up on the desktop."""
    agent = Segment.objects.filter(pk=segment, interaction=interaction).values_list("agent_id", flat=True).first()
    return agent is not None and agent_left(agent, interaction, actor=SWITCH)
