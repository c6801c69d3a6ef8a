"""What rules may have done with any contact: a tag added, somebody's approval asked, an act forbidden. Loaded with the facts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from cordboard.interactions import actions_approval, actions_tags, prohibitions
from cordboard.interactions.deeds import deed
from cordboard.org.models import Unit, User
from cordboard.rules import verbs


def people() -> dict[str, Any]:
    """Colleagues by "user:<name of sign-in>", for editors."""
    rows = User.objects.filter(is_active=True).order_by("name", "username").only("name", "username")
    return {f"user:{row.username}": str(row) for row in rows}


def approvers() -> Mapping[str, Any]:
    """Heads of units first, then colleagues."""
    heads = {f"unit:{unit.code}": _now("head of %(unit)s") % {"unit": unit.name} for unit in Unit.objects.exclude(head=None)}
    return {**heads, **people()}


verbs.declare(
    "add_tag",
    _("add a tag"),
    fields={"tag": str},
    optional={"on": str},
    sentence=_("add the tag %(tag)s"),
    more={"on": _("to the %(on)s")},
    options={"on": lambda: {"contact": pgettext_lazy("tag", "contact"), "customer": pgettext_lazy("tag", "customer")}},
    labels={"tag": _("tag"), "on": _("on")},
)
deed("add_tag", actions_tags.by_rule, per_party=True)

verbs.declare(
    "ask_approval",
    _("ask for approval"),
    fields={"texts": dict},
    optional={"of": str, "amount": str, "minutes": float},
    sentence=_("ask for approval"),
    more={"of": _("of %(of)s"), "amount": _("for %(amount)s"), "minutes": _("within %(minutes)s minutes")},
    options={"of": approvers},
    labels={"texts": _("what is asked"), "of": _("of whom"), "amount": _("amount"), "minutes": _("within minutes")},
)
deed("ask_approval", actions_approval.by_rule)

verbs.declare(
    "forbid",
    _("forbid an act"),
    fields={"act": str, "texts": dict},
    sentence=_("forbid to %(act)s"),
    options={"act": lambda: dict(prohibitions.ACTS)},
    labels={"act": _("act"), "texts": _("why")},
)
