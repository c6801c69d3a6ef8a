"""Template tags of the policy workbench: `{% load workbench %}`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

register = template.Library()

_TO_STAGE = mark_safe('hx-boost="true" hx-target="#stage" hx-select="#stage" hx-swap="outerHTML show:none"')
SIGNS = {"new": _("new"), "added": _("new"), "changed": _("changed"), "moved": _("moved"), "removed": _("deleted")}
KINDS = {"match": _("Who got it"), "routing": _("Routing"), "recording": _("Recording"), "callback": _("Callback")}


@register.simple_tag
def to_stage() -> SafeString:
    """Attributes by which a link, a form or what is in them puts the next page into the standing shell."""
    return _TO_STAGE


@register.filter
def daybefore(moment: datetime) -> datetime:
    """The end of a range, not included, as its last day."""
    return moment - timedelta(seconds=1)


@register.simple_tag
def act(policy: Any, what: str) -> str:
    """Where an act on this policy is posted to."""
    return reverse("workbench:act", args=[policy.code, what])


@register.simple_tag
def sign(what: str) -> Any:
    """What became of a rule, in a word."""
    return SIGNS.get(what, what)


@register.simple_tag
def kind(code: str) -> Any:
    """A kind of decision in words."""
    return KINDS.get(code, code)
