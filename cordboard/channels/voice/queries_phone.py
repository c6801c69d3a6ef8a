"""What is known of desk telephones."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from cordboard.channels.voice.models import Phone, PhoneContact
from cordboard.lib.config import config
from cordboard.telephony import handsets

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """`chosen`: user's id as text, account, whether it answers by itself."""

    phones: tuple[handsets.Phone, ...]
    contacts: tuple[tuple[str, handsets.PhoneContact], ...]
    chosen: tuple[tuple[str, str, bool], ...]


def known(node: str, now: datetime | None = None) -> Known:
    """All that a switch must know. Two queries."""
    realm = config().sip_realm
    rows = list(Phone.objects.select_related("user"))
    strange = [one.account for one in rows if one.realm != realm]
    if strange:
        logger.warning("%d telephones have a secret for another realm than %s and cannot register: %s", len(strange), realm, ", ".join(strange[:10]))
    usable = [one for one in rows if one.realm == realm]
    phones = tuple(handsets.Phone(one.account, tuple(sorted(one.digests.items())), one.name or str(one.user or "")) for one in usable)
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
