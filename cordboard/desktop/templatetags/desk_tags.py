"""Template tags of the shell: navigation, telephone, list of shortcuts."""

from __future__ import annotations

from typing import Any

from django import template

from cordboard.desktop import navigation as places
from cordboard.desktop import shortcuts
from cordboard.desktop.cards import Frame, ShortcutGroup

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
    return {"items": items, "more": [one for one in items if one.more], "user": user, "initials": user.initials}


@register.simple_tag
def shortcut_groups() -> tuple[ShortcutGroup, ...]:
    return shortcuts.groups()


@register.simple_tag(takes_context=True)
def settings_groups(context: dict[str, Any]) -> list[Any]:
    """What the reader may set, for the menu beside it."""
    from cordboard.desktop.views_settings import groups

    return groups(context["request"].user, context["request"].path)
