"""Templates say what Django's own would say of the same values."""

from __future__ import annotations

from collections import namedtuple
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.template import Context, Engine, Template, engines
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st

from cordboard.lib.kept_templates import KeptTemplate

Pair = namedtuple("Pair", "code words")


class Person:
    name = "Alice <b>"
    none = None

    def greeting(self) -> str:
        return "Hello & good day"

    def needs(self, what: str) -> str:
        return what

    def erase(self) -> str:
        raise AssertionError("a template must not call this")

    erase.alters_data = True  # type: ignore[attr-defined]

    @property
    def broken(self) -> str:
        raise AttributeError("inside")

    def __str__(self) -> str:
        return "<Person>"


VALUES: dict[str, Any] = {
    "text": "a < b & \"c\" 'd'", "safe": mark_safe("<b>x</b>"), "number": 1234567, "minus": -3, "yes": True, "nothing": None, "amount": Decimal("1234.5"), "part": 0.5,
    "at": datetime(2026, 11, 22, 20, 5, tzinfo=UTC), "lazy": gettext_lazy("Work list"), "person": Person(), "call": lambda: "called <i>", "one": {"name": "<Bob>", "items": "own", "deep": {"list": ["x", "y"]}},
    "rows": [{"pk": 1, "words": "Eins"}, {"pk": 2}], "pair": Pair("c", "w<"), "pairs": [("a", "b")], "kind": Person, "empty": {},
}  # fmt: skip
SAYINGS = [
    "{{ text }}", "{{ safe }}", "{{ number }} {{ minus }} {{ yes }} {{ nothing }}", "{{ amount }} {{ part }} {{ at }}", "{{ lazy }}", "{{ person }} {{ person.name }} {{ person.none }}",
    "{{ person.greeting }} {{ person.needs }} {{ person.erase }} {{ person.missing }}", "{{ call }}", "{{ one.name }} {{ one.items }} {{ one.nothing }} {{ one.deep.list.1 }} {{ one.deep.list.7 }}",
    "{{ empty.items }}{{ empty.keys }}", "{{ pair.words }} {{ pair.1 }} {{ pair.missing }}", "{{ pairs.0.1 }} {{ rows.1.pk }} {{ rows.5.pk }}", "{{ missing }} {{ missing.more }} {{ kind.name }}",
    "{{ text|upper }} {{ missing|default:'–' }} {{ safe|upper }} {{ text|truncatechars:5 }} {{ number|stringformat:'d' }} {{ at|date:'H:i' }} {{ one.name|default:text }}",
    "{% autoescape off %}{{ text }}{{ one.name }}{{ number }}{% endautoescape %}", "{% if one.name and not one.nothing %}a{% endif %}{% if missing == None %}b{% endif %}{% if person.missing %}c{% else %}d{% endif %}",
    "{% for row in rows %}{{ forloop.counter }}{{ row.words }}{% if row.missing %}!{% endif %}{% endfor %}", "{% for a, b in pairs %}{{ a }}{{ b }}{% endfor %}{% for x in missing %}{% empty %}none{% endfor %}",
    "{% with x=one.deep %}{{ x.list|join:', ' }}{% endwith %}", "{{ 'fixed <' }} {{ 12 }} {{ _('Work list') }}", "{{ True }} {{ None }}", "{{ person.name|add:text }}",
]  # fmt: skip


def engine() -> Engine:
    found: Any = engines["django"]
    made: Engine = found.engine
    return made


@pytest.mark.parametrize("language", ["en", "nl", "th"])
@pytest.mark.parametrize("saying", SAYINGS)
def test_the_short_way_says_the_same(saying: str, language: str) -> None:
    with translation.override(language):
        assert KeptTemplate(saying, engine=engine()).render(Context(VALUES)) == Template(saying, engine=engine()).render(Context(VALUES))


_TEXTS = st.text(alphabet="<&>\"'ab é", max_size=6)
_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | _TEXTS | _TEXTS.map(mark_safe) | st.decimals(allow_nan=False, allow_infinity=False, places=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "0", "items"]), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(["a", "b"]), _ANY, max_size=2), st.sampled_from(["a", "a.a", "a.b", "a.0", "a.items", "b.a.b", "a.0.b"]))
def test_of_any_values(values: dict[str, Any], name: str) -> None:
    saying = "{{ NAME }}{% if NAME %}yes{% else %}no{% endif %}{{ NAME|default:'none' }}".replace("NAME", name)
    assert KeptTemplate(saying, engine=engine()).render(Context(values)) == Template(saying, engine=engine()).render(Context(values))


def test_the_program_renders_with_them() -> None:
    assert isinstance(engine().get_template("shell.html"), KeptTemplate)


def test_a_mistake_in_a_property_is_heard() -> None:
    for kind in (KeptTemplate, Template):
        with pytest.raises(AttributeError, match="inside"):
            kind("{{ person.broken }}", engine=engine()).render(Context(VALUES))
