"""`{% translate %}` and `{% url %}` that remember what they said. A page says a hundred words and fifty addresses that are the same for every reader of a language; Django looks
up each anew. Stand in for Django's own (settings: TEMPLATES): the catalogues and the addresses of a running process do not change."""

from __future__ import annotations

from html import escape
from typing import Any

from django.conf import settings
from django.template import Library, Node
from django.template.base import Parser, Token
from django.template.context import Context
from django.template.defaulttags import URLNode
from django.template.defaulttags import url as django_url
from django.templatetags import i18n
from django.utils import translation
from django.utils.safestring import SafeString

from cordboard.lib.addresses import reverse

MOST = 500
"""Addresses that one place of a template remembers: more than that, and it begins anew."""

register = Library()


class KeptTranslate(Node):
    """Constant words, by language."""

    child_nodelists = ()

    def __init__(self, node: i18n.TranslateNode) -> None:
        self.node = node
        self.said: dict[tuple[str | None, bool], str] = {}

    def render(self, context: Context) -> str:
        # what the context processor found is what holds: no template changes the language half way
        key = (context.get("LANGUAGE_CODE") or translation.get_language(), context.autoescape)
        found = self.said.get(key)
        if found is None:
            found = self.said[key] = self.node.render(context)
        return found


def _constant(expression: Any) -> bool:
    """Whether an expression of a template is written out and goes through no filter."""
    return not expression.filters and (isinstance(expression.var, str) or getattr(expression.var, "literal", None) is not None)


def translate(parser: Parser, token: Token) -> Node:
    node: Any = i18n.do_translate(parser, token)
    plain = node.asvar is None and not node.noop and _constant(node.filter_expression) and (node.message_context is None or _constant(node.message_context))
    return KeptTranslate(node) if plain else node


class KeptUrl(URLNode):
    """An address without named parts, by what stands in it."""

    def __init__(self, node: URLNode) -> None:
        super().__init__(node.view_name, node.args, node.kwargs, node.asvar)
        self.said: dict[tuple[Any, ...], str] = {}

    def render(self, context: Context) -> str:
        request: Any = getattr(context, "request", None)
        if getattr(request, "current_app", None) is not None:
            return super().render(context)
        name = self.view_name.resolve(context)
        given = [arg.resolve(context) for arg in self.args]
        if all(type(one) is int for one in given) and type(name) in (str, SafeString):
            return escape(reverse(name, args=given)) if context.autoescape else reverse(name, args=given)
        key = (settings.ROOT_URLCONF, context.autoescape, name, *given)
        found = self.said.get(key)
        if found is None:
            if len(self.said) >= MOST:
                self.said.clear()
            found = self.said[key] = super().render(context)
        return found


def url(parser: Parser, token: Token) -> Node:
    node = django_url(parser, token)
    return KeptUrl(node) if node.asvar is None and not node.kwargs else node


register.tags.update(i18n.register.tags)
register.filters.update(i18n.register.filters)
register.tag("translate", translate)
register.tag("trans", translate)
register.tag("url", url)
