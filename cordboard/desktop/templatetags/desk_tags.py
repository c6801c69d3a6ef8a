"""Template tags of the shell: navigation, telephone, list of shortcuts."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString, mark_safe

from cordboard.desktop import navigation as places
from cordboard.desktop import shortcuts
from cordboard.desktop.cards import Frame, NavItem, ShortcutGroup
from cordboard.desktop.templatetags.cb import address

register = template.Library()


@register.simple_tag(takes_context=True)
def shell_frame(context: dict[str, Any]) -> Frame:
    """What the shell shows around the stage. A view (or the showcase) may have put a ready `frame` into the context."""
    given: Frame | None = context.get("frame")
    if given is not None:
        return given
    from cordboard.desktop.presenters.frame import frame

    return frame(context["request"])


@register.inclusion_tag("desktop/parts/nav.html", takes_context=True)
def navigation(context: dict[str, Any]) -> dict[str, Any]:
    request = context["request"]
    items = context.get("nav_items")
    if items is None:
        items = places.items(request.user, request.path)
    user = context.get("nav_user") or request.user
    once = _places.__wrapped__ if settings.DEBUG else _places
    return {"places": once(translation.get_language() or "en", address("cordboard/icons.svg"), tuple(items)), "user": user, "initials": user.initials}


@lru_cache(maxsize=500)
def _places(language: str, _icons: str, items: tuple[NavItem, ...]) -> SafeString:
    """The places as HTML, by what they are: the same for all of a role who are at the same place, so it is put together once and not for every page."""
    with translation.override(language):
        return mark_safe(render_to_string("desktop/parts/nav_places.html", {"items": items, "more": [one for one in items if one.more]}).strip())


@register.simple_tag
def shortcut_groups() -> tuple[ShortcutGroup, ...]:
    return shortcuts.groups()


@register.simple_tag(takes_context=True)
def settings_groups(context: dict[str, Any]) -> list[Any]:
    """What the reader may set, for the menu beside it."""
    from cordboard.desktop.views_settings import groups

    return groups(context["request"].user, context["request"].path)
