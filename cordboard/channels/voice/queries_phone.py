"""What is known of desk telephones."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.utils import timezone

from cordboard.channels.voice.models import Phone, PhoneContact
from cordboard.lib.config import config
from cordboard.lib.sealed import Unreadable, unseal
from cordboard.telephony import handsets

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """`chosen`: user's id as text, account, whether it answers by itself."""

    phones: tuple[handsets.Phone, ...]
    contacts: tuple[tuple[str, handsets.PhoneContact], ...]
    chosen: tuple[tuple[str, str, bool], ...]


@lru_cache(maxsize=50_000)
def _unsealed(text: str) -> str:
    return unseal(text)


def _opened(phone: Phone) -> tuple[tuple[str, str], ...]:
    """The digests; none when they were sealed with another key."""
    try:
        return tuple(sorted((algorithm, _unsealed(text)) for algorithm, text in phone.digests.items()))
    except Unreadable:
        return ()


def known(node: str, now: datetime | None = None) -> Known:
    """All that a switch must know. Two queries."""
    realm = config().sip_realm
    rows = list(Phone.objects.select_related("user"))
    digests = {one.pk: _opened(one) for one in rows if one.realm == realm}
    usable = [one for one in rows if digests.get(one.pk)]
    if len(usable) < len(rows):
        strange = ", ".join([one.account for one in rows if not digests.get(one.pk)][:10])
        logger.warning("%d telephones have a secret for another realm than %s or another key, and cannot register: %s", len(rows) - len(usable), realm, strange)
    phones = tuple(handsets.Phone(one.account, digests[one.pk], one.name or str(one.user or "")) for one in usable)
    contacts = PhoneContact.objects.filter(node=node, until__gt=now or timezone.now()).values_list("phone__account", "address", "until", "q", "agent", "memo")
    return Known(
        phones,
        tuple((account, handsets.PhoneContact(address, until.timestamp(), q, agent, memo)) for account, address, until, q, agent, memo in contacts),
        tuple((str(one.user_id), one.account, one.answers_itself) for one in usable if one.chosen_at is not None and one.user_id is not None),
    )


def devices_of(user: Any, now: datetime | None = None) -> list[dict[str, Any]]:
    """The user's desk telephones: account, name, whether they work on it, and how many telephones are registered for it. Two queries."""
    now = now or timezone.now()
    rows = list(Phone.objects.filter(user=user))
    there: dict[int, list[str]] = {}
    for phone, agent in PhoneContact.objects.filter(phone__in=rows, until__gt=now).order_by("id").values_list("phone", "agent"):
        there.setdefault(phone, []).append(agent)
    return [{"account": one.account, "name": one.name or one.account, "chosen": one.chosen_at is not None, "telephones": there.get(one.pk, [])} for one in rows]
