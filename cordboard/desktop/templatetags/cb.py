"""Template tags of every screen: `{% load cb %}`.

{% icon "phone" %}  {% icon "phone" 18 %}  {% icon "trending-down" 14 label=_("below target") %}
<script type="module" src="{% island 'desk.js' %}"></script>
{% since call.answered_at %}   ticks up in the browser from the server's time: 2:13
{% until offer.until %}        runs down: 14
{{ seconds|clock }}            4 -> 0:04, 3725 -> 1:02:05
{% standing "desktop/parts/palette.html" %}   a part that is the same for all readers of a language
{% field form.email %}         label, field, help and error of one form field
<button {% command "take" %}>   an act of the page, for the palette and the keyboard (commands.py)
{% phone "+31205550123" party=7 %}  a telephone number: a button that calls it, for those who may
{{ order.title|masked:mask }}  a text of people, as presenters/masking.Mask lets the reader see it; {{ row.serial|masked_code:mask }} a detail
"""

from __future__ import annotations

import json
import time
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, Select
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone, translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from cordboard.desktop.commands import attributes
from cordboard.desktop.presenters import say
from cordboard.desktop.presenters.masking import Mask
from cordboard.desktop.words import words
from cordboard.org.permissions import user_may
from cordboard.routing.permissions import DIAL

register = template.Library()


@register.filter
def masked(text: str, mask: Mask) -> str:
    return mask(text)


@register.filter
def masked_code(value: str, mask: Mask) -> str:
    return mask.code(value)


_SIZES = {10, 12, 14, 16, 18, 20, 24, 28}


@lru_cache(maxsize=256)
def _built(name: str) -> bool:
    return isinstance(finders.find(name), str)


def address(name: str) -> str:
    """The address of a static file; the storage makes it change with the content. Raises FileNotFoundError when it is not there."""
    if not _built(name):
        _built.cache_clear()
        raise FileNotFoundError(f"{name} is not among the static files; `make setup` builds the islands")
    return _address(name, int(time.monotonic()))


@lru_cache(maxsize=256)
def _address(name: str, _second: int) -> str:
    """Asked of the storage once a second at most: a page shows fifty icons of one file."""
    return str(static(name))


@register.simple_tag
def island(name: str) -> str:
    """The address of a built script or style sheet."""
    return address(f"islands/{name}")


@register.simple_tag
def icon(name: str, size: int = 16, label: str = "", kind: str = "") -> SafeString:
    """An icon of the sprite. Without a label it is decoration and hidden from screen readers."""
    if size not in _SIZES:
        raise ValueError(f"icons come in {sorted(_SIZES)}, not {size}")
    return _icon(f"{address('cordboard/icons.svg')}#i-{name}", size, label, kind)


@lru_cache(maxsize=2000)
def _icon(href: str, size: int, label: str, kind: str) -> SafeString:
    classes = "cb-i" + ("" if size == 16 else f" cb-i-{size}") + (f" {kind}" if kind else "")
    if label:
        return format_html('<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>', classes, label, href)
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}"></use></svg>', classes, href)


@register.simple_tag
def command(code: str, words: str = "", menu: str = "") -> SafeString:
    return attributes(code, words, menu)


@register.filter
def clock(seconds: float | None) -> str:
    """Seconds as people read a clock: 0:04, 2:13, 1:02:05. Empty for None."""
    if seconds is None:
        return ""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def _stamp(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@register.simple_tag
def since(moment: datetime | None, kind: str = "") -> SafeString | str:
    """A time that ticks up. The page's one clock redraws it, corrected by the server's time."""
    if moment is None:
        return ""
    return format_html(
        '<time class="{}" datetime="{}" data-since="{}">{}</time>',
        kind,
        moment.isoformat(),
        _stamp(moment),
        clock((timezone.now() - moment).total_seconds()),
    )


@register.simple_tag
def until(moment: datetime | None, kind: str = "") -> SafeString | str:
    """A time that runs down to zero."""
    if moment is None:
        return ""
    return format_html(
        '<time class="{}" datetime="{}" data-until="{}">{}</time>',
        kind,
        moment.isoformat(),
        _stamp(moment),
        clock((moment - timezone.now()).total_seconds()),
    )


@register.simple_tag
def stamp(moment: datetime | None) -> str:
    """A moment as milliseconds since 1970, for data attributes."""
    return "" if moment is None else str(_stamp(moment))


@register.simple_tag
def words_block() -> SafeString:
    """The words that scripts need, in the reader's language."""
    return _words_block(translation.get_language() or "en")


@lru_cache(maxsize=16)
def _words_block(language: str) -> SafeString:
    with translation.override(language):
        text = json.dumps(words(), ensure_ascii=False)
    return mark_safe(f'<script type="application/json" id="cb-words">{text.replace("<", chr(92) + "u003c")}</script>')


@register.simple_tag
def standing(template: str, **values: str) -> SafeString:
    """A part of the page that depends on the reader's language and these few values alone: rendered once, not for every page."""
    once = _standing.__wrapped__ if settings.DEBUG else _standing
    return once(template, translation.get_language() or "en", address("cordboard/icons.svg"), tuple(sorted(values.items())))


@lru_cache(maxsize=200)
def _standing(template: str, language: str, _icons: str, values: tuple[tuple[str, str], ...]) -> SafeString:
    with translation.override(language):
        return mark_safe(render_to_string(template, dict(values)))


@register.simple_tag
def json_block(name: str, value: Any) -> SafeString:
    """Data for a script: `<script type="application/json" id="name">`."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return format_html('<script type="application/json" id="{}">{}</script>', name, mark_safe(text.replace("<", "\\u003c")))


@register.filter
def telephone(number: str) -> str:
    """+31205550123 -> +31 20 555 0123"""
    return say.telephone(number)


@register.simple_tag(takes_context=True)
def phone(context: dict[str, Any], number: str, party: int | None = None, queue: int | None = None, callback: int | None = None) -> SafeString:
    """A telephone number wherever one stands on a screen (E.164, else it is only shown): for those who may dial a button that opens the dial box, which knows about whom
    it is, on whose behalf, and which callback is made with it. "" says that the number is withheld."""
    shown = say.telephone(number)
    user = getattr(context.get("request"), "user", None)
    if not number.startswith("+") or user is None or user_may(user, DIAL) is None:
        return format_html('<span class="num">{}</span>', shown)
    about = {"party": party, "queue": queue, "callback": callback}
    data = format_html_join("", ' data-{}="{}"', ((name, value) for name, value in about.items() if value))
    title = _("Call %(number)s") % {"number": shown}
    return format_html('<button class="cb-dial-number num" type="button" data-dial="{}"{} title="{}">{}</button>', number, data, title, shown)


@register.inclusion_tag("parts/field.html")
def field(bound: BoundField, label: str = "", **attrs: str) -> dict[str, Any]:
    """One form field with its label, help and errors, joined for screen readers. Further attributes go to the control."""
    given: dict[str, str | bool] = {name.replace("_", "-"): value for name, value in attrs.items()}
    check = isinstance(bound.field.widget, CheckboxInput)
    several = isinstance(bound.field.widget, CheckboxSelectMultiple)
    if not check and not several:
        given.setdefault("class", "form-control form-select" if isinstance(bound.field.widget, Select) else "form-control")
        if bound.errors:
            given["class"] = f"{given['class']} cb-bad-field"
    described = []
    if bound.errors:
        given["aria-invalid"] = "true"
        described.append(f"{bound.auto_id}-error")
    if bound.help_text:
        described.append(f"{bound.auto_id}-help")
    if described:
        given["aria-describedby"] = " ".join(described)
    return {"bound": bound, "control": bound.as_widget(attrs=given), "label": label or bound.label, "check": check, "several": several}
