"""Fields in cells of a table, whose head and row name them."""

from __future__ import annotations

from django import template
from django.forms import BoundField, Select
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def cell(bound: BoundField) -> SafeString:
    """The control, named for screen readers by its label, with what is wrong with it below."""
    attrs: dict[str, str | bool] = {
        "aria-label": str(bound.label),
        "class": "form-control form-select" if isinstance(bound.field.widget, Select) else "form-control",
    }
    if not bound.errors:
        return SafeString(bound.as_widget(attrs=attrs))
    attrs |= {"class": f"{attrs['class']} cb-bad-field", "aria-invalid": "true", "aria-describedby": f"{bound.auto_id}-error"}
    return format_html('{}<span class="cb-field-error" id="{}-error">{}</span>', bound.as_widget(attrs=attrs), bound.auto_id, bound.errors[0])
