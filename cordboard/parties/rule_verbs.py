"""What rules may say of who becomes a customer's account owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from cordboard.org.models import Unit, User
from cordboard.rules import areas, verbs


def units() -> Mapping[str, Any]:
    return dict(Unit.objects.values_list("code", "name"))


def people() -> Mapping[str, Any]:
    """Who may own customers."""
    return dict(User.objects.filter(is_active=True, roles__permissions__has_key="parties.own").distinct().order_by("name").values_list("username", "name"))


verbs.declare(
    "owner_unit",
    _("account owner from a unit"),
    fields={"unit": str},
    sentence=_("account owner from %(unit)s"),
    options={"unit": units},
    labels={"unit": _("unit")},
)
verbs.declare(
    "owner_person",
    _("one person as account owner"),
    fields={"person": str},
    sentence=_("account owner %(person)s"),
    options={"person": people},
    labels={"person": _("person")},
)
verbs.declare(
    "owner_most",
    _("so many customers at most"),
    fields={"customers": int},
    sentence=_("nobody with more than %(customers)s customers"),
    labels={"customers": _("customers")},
    single=True,
)

areas.declare(
    "ownership",
    _("Account owners"),
    _(
        "Who becomes a customer's account owner: from which unit, which person, with how many customers at most. Among those whom a rule allows, language, country and load decide."
    ),
    verbs=("owner_unit", "owner_person", "owner_most"),
    prefix="party.",
    order=75,
)
