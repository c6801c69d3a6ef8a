"""The only writers of who answers for a customer: the account owner, the deputies, and the log of hand-offs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from cordboard.events import log
from cordboard.org.models import User
from cordboard.org.permissions import require
from cordboard.parties import ownership, queries, queries_ownership
from cordboard.parties.models import Deputy, FieldChange, HandOff, Party

How = HandOff.How
MOST_DEPUTIES = 5
MOST_AT_ONCE = 1000
"""Customers whom one press of the button gives out; the page says how many are left."""


def set_account_owner(party_id: int, owner: User | None, by: User | None, *, why: str = "", how: str = How.HAND, now: datetime | None = None) -> None:
    """Give the customer an account owner by hand, or, with None, the one whom the rules pick; `why` stands in the log of hand-offs. Raises PermissionDenied."""
    if by is not None:
        require(by, "parties.assign")
    with transaction.atomic():
        party = Party.objects.select_for_update().get(pk=queries.root_id(party_id))
        if owner is not None:
            _hand(party, owner.pk, by, how=how, why=why, because={}, now=now)
            return
        choice = ownership.assign(queries.owner_candidates(now), queries_ownership.customer(party, now))
        _hand(party, choice.user, by, how=How.RULE, why=why, because=choice.because, now=now)


def assign_new(party: Party, *, now: datetime | None = None) -> None:
    """A new customer gets an account owner by the rules, in the caller's transaction; nobody where there is nobody to be had."""
    choice = ownership.assign(queries.owner_candidates(now), queries_ownership.customer(party, now))
    if choice.user is not None:
        _hand(party, choice.user, None, how=How.RULE, why="", because=choice.because, now=now, version=False)
        party.account_owner_id = choice.user


def assign_many(by: Any, parties: Sequence[int], *, why: str = "", now: datetime | None = None) -> dict[int, int]:
    """Give these customers to whom the rules pick, at most MOST_AT_ONCE of them, in short transactions; who has them already is passed over. Returns how many each
    user got. Raises PermissionDenied."""
    require(by, "parties.assign")
    got: dict[int, int] = {}
    for customer, choice in queries_ownership.planned(parties[:MOST_AT_ONCE], now):
        if choice.user is None or choice.user == customer.owner:
            continue
        with transaction.atomic():
            party = Party.objects.select_for_update().get(pk=customer.party)
            if party.account_owner_id != customer.owner:
                continue  # somebody gave it away meanwhile: theirs holds
            _hand(party, choice.user, by, how=How.BULK, why=why, because=choice.because, now=now)
        got[choice.user] = got.get(choice.user, 0) + 1
    return got


def set_deputies(party_id: int, users: Sequence[int], by: Any, *, now: datetime | None = None) -> bool:
    """Who answers when the account owner is away, in this order. True when it changed. Raises ValidationError, PermissionDenied."""
    require(by, "parties.assign")
    wanted = list(dict.fromkeys(users))
    with transaction.atomic():
        party = Party.objects.select_for_update().get(pk=queries.root_id(party_id))
        if party.account_owner_id in wanted:
            raise ValidationError({"deputies": _("The account owner cannot be the deputy too.")})
        if len(wanted) > MOST_DEPUTIES:
            raise ValidationError({"deputies": _("At most %(most)d deputies.") % {"most": MOST_DEPUTIES}})
        names = dict(User.objects.filter(pk__in=wanted, is_active=True).values_list("pk", "name"))
        if len(names) < len(wanted):
            raise ValidationError({"deputies": _("This colleague has no account any more.")})
        before = list(Deputy.objects.filter(party=party).order_by("order").values_list("user_id", "user__name"))
        if [user for user, _name in before] == wanted:
            return False
        Deputy.objects.filter(party=party).delete()
        Deputy.objects.bulk_create(Deputy(party=party, user_id=user, order=place) for place, user in enumerate(wanted, 1))
        FieldChange.objects.create(
            party=party, field="deputies", old=", ".join(name for _user, name in before), new=", ".join(names[user] for user in wanted), by=by, at=now or timezone.now()
        )  # fmt: skip
        log.record("parties.deputies_set", actor=_actor(by), party=party.pk, deputies=wanted)
    return True


def _hand(party: Party, new: int | None, by: Any, *, how: str, why: str, because: dict[str, Any], now: datetime | None, version: bool = True) -> None:
    """The row, the log of hand-offs, the profile's changes and the event; nothing where it stays as it was."""
    old = party.account_owner_id
    if new == old:
        return
    at = now or timezone.now()
    why = " ".join(why.split())[:200]
    if version:
        names = dict(User.objects.filter(pk__in=[pk for pk in (new, old) if pk]).values_list("pk", "name"))
        FieldChange.objects.create(party=party, field="account_owner", old=names.get(old or 0, ""), new=names.get(new or 0, ""), by=by, at=at)
    Deputy.objects.filter(party=party, user=new).delete()
    HandOff.objects.create(party=party, how=how, old_id=old, new_id=new, by=by, why=why, because=because, at=at)
    Party.objects.filter(pk=party.pk).update(account_owner=new, version=party.version + (1 if version else 0))
    log.record("parties.owner_set", actor=_actor(by), why=why, party=party.pk, owner=new, by_rule=how in (How.RULE, How.BULK))


def _actor(by: Any) -> str:
    return f"user:{by.pk}" if by is not None else "system"
