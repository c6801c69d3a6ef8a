"""Templates whose variables are looked up the short way. A page says five hundred values and asks four hundred conditions; Django tries of each value whether it is a key, an attribute or a place,
whether it can be called, and what it is in the reader's country, though nearly all are texts in a dict. Here these go straight; everything else goes Django's way, from the start. Stands in for
Django's loaders (settings: TEMPLATES); what templates mean does not change.
"""

from __future__ import annotations

from html import escape
from typing import Any

from django.conf import settings
from django.template import base
from django.template.base import DebugLexer, FilterExpression, Lexer, Node, NodeList, Origin, Parser, Template, Token, Variable, VariableNode
from django.template.context import Context
from django.template.exceptions import TemplateDoesNotExist
from django.template.loaders import base as loaders_base
from django.template.loaders import cached
from django.utils.safestring import SafeData, SafeString, mark_safe
from django.utils.timezone import template_localtime  # type: ignore[attr-defined]  # the stubs leave it out

_AGAIN = object()
"""Not for the short way."""
_MISSING = object()
_attributes: dict[type, bool] = {}


def _has_attributes(kind: type) -> bool:
    """Whether Django would look for an attribute: a kind of value without keys, or a tuple, whose keys are numbers."""
    known = _attributes[kind] = not hasattr(kind, "__getitem__") or issubclass(kind, tuple)
    return known


class Expression(FilterExpression):
    """A value with its filters."""

    def __init__(self, token: str, parser: Parser) -> None:
        super().__init__(token, parser)
        var: Any = self.var
        names = var.lookups if type(var) is Variable and not var.translate else None
        # what a dict has itself, and places in lists, are Django's to find
        self._names = names if names is not None and not any(name.isdecimal() or hasattr(dict, name) for name in names[1:]) else None

    def resolve(self, context: Context, ignore_failures: bool = False) -> Any:
        names = self._names
        if names is None:
            return super().resolve(context, ignore_failures)
        value = _look(names, context)
        if value is _AGAIN:
            return super().resolve(context, ignore_failures)
        if value is _MISSING:
            template: Any = context.template
            if ignore_failures:
                value = None
            elif template is not None and template.engine.string_if_invalid == "":
                value = ""
            else:
                return super().resolve(context, ignore_failures)
        for function, arguments in self.filters:
            given = [argument.resolve(context) if looked_up else mark_safe(argument) for looked_up, argument in arguments]
            if getattr(function, "expects_localtime", False):
                value = template_localtime(value, context.use_tz)
            new = function(value, autoescape=context.autoescape, *given) if getattr(function, "needs_autoescape", False) else function(value, *given)  # noqa: B026  as Django's
            value = mark_safe(new) if getattr(function, "is_safe", False) and isinstance(value, SafeData) else new
        return value


def _look(names: tuple[str, ...], context: Any) -> Any:
    first = names[0]
    for values in reversed(context.dicts):
        if first in values:
            value = values[first]
            break
    else:
        return _MISSING
    if callable(value):
        return _AGAIN
    for name in names[1:]:
        kind = type(value)
        if kind is dict:
            if name not in value:
                return _MISSING
            value = value[name]
        else:
            known = _attributes.get(kind)
            if not (_has_attributes(kind) if known is None else known):
                return _AGAIN
            try:
                value = getattr(value, name)
            except (AttributeError, TypeError):
                return _AGAIN
        if callable(value):
            return _AGAIN
    return value


class Value(VariableNode):
    """`{{ ... }}`: texts are escaped and whole numbers written without asking how the reader's country writes them, which is the same everywhere (settings: USE_THOUSAND_SEPARATOR)."""

    def render(self, context: Context) -> str:
        try:
            value = self.filter_expression.resolve(context)
        except UnicodeDecodeError:  # as Django's
            return ""
        kind = type(value)
        if kind is SafeString:
            return str.__str__(value)
        if kind is str and context.autoescape:
            return escape(value)
        if kind is int and not settings.USE_THOUSAND_SEPARATOR:
            return str(value)
        return base.render_value_in_context(value, context)


class KeptParser(Parser):
    def compile_filter(self, token: str) -> FilterExpression:
        return Expression(token, self)

    def extend_nodelist(self, nodelist: NodeList, node: Node, token: Token) -> None:
        super().extend_nodelist(nodelist, Value(node.filter_expression) if type(node) is VariableNode else node, token)


class KeptTemplate(Template):
    def compile_nodelist(self) -> NodeList:
        """As Django's, with our parser."""
        lexer = DebugLexer(self.source) if self.engine.debug else Lexer(self.source)
        parser = KeptParser(lexer.tokenize(), self.engine.template_libraries, self.engine.template_builtins, self.origin)
        try:
            nodes = parser.parse()
        except Exception as problem:
            if self.engine.debug:
                problem.template_debug = self.get_exception_info(problem, problem.token)  # type: ignore[attr-defined]
            raise
        self.extra_data = parser.extra_data
        return nodes


class _Making(loaders_base.Loader):
    def get_template(self, template_name: str, skip: list[Origin] | None = None) -> Template:
        """As Django's, with our template."""
        tried: list[tuple[Origin, str]] = []
        for origin in self.get_template_sources(template_name):
            if skip is not None and origin in skip:
                tried.append((origin, "Skipped to avoid recursion"))
                continue
            try:
                contents: str = self.get_contents(origin)  # type: ignore[attr-defined]
            except TemplateDoesNotExist:
                tried.append((origin, "Source does not exist"))
                continue
            return KeptTemplate(contents, origin, str(origin.template_name), self.engine)
        raise TemplateDoesNotExist(template_name, tried=tried)


class Loader(cached.Loader, _Making):
    """Of files and of packages' files, read once."""
