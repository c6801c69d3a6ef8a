"""Which numbers this centre dials, and what it says of those that it does not: the published policy of the area "dialling" asked."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from cordboard.parties.queries import DEFAULT_REGION
from cordboard.routing.callbacks import Terms
from cordboard.rules.published import published
from cordboard.telephony.numbers import Rules, Verdict, Why, judge

AREA = "dialling"


def parameters() -> dict[str, Any]:
    """What the policy says, beside its rules. One query."""
    for policy in published(AREA):
        if policy.compiled is not None:
            return dict(policy.compiled.parameters)
    return {}


def rules() -> Rules:
    return Rules.of(parameters())


def terms() -> Terms:
    """How callbacks are made."""
    return Terms.of(parameters())


def region_of(user: Any) -> str:
    """The country in which a person's national numbers are read."""
    return str(user.unit.country) if getattr(user, "unit", None) is not None and user.unit.country else DEFAULT_REGION


def verdict(given: str, region: str) -> Verdict:
    """One query."""
    return judge(given, region, rules())


def words(why: Why) -> str:
    match why:
        case Why.NO_NUMBER:
            return _("This is no telephone number that can be called.")
        case Why.EMERGENCY:
            return _("Emergency numbers are not dialled from here: help would be sent to this building, not to the customer.")
        case Why.PREMIUM:
            return _("This is a premium-rate number; this centre does not dial those.")
        case Why.SATELLITE:
            return _("This is a satellite or international network number; this centre does not dial those.")
        case Why.REFUSED | Why.NOT_ALLOWED:
            return _("The rules of this centre do not allow calls to this number.")
