"""What flows let rules ask: outputs of look-ups, `lookup.<code>.<output>`, and `lookup.<code>.failed`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from cordboard.flows.lookup_terms import FAILED, PREFIX, Output, outputs_of, split
from cordboard.flows.lookups import read_one
from cordboard.flows.models import Lookup
from cordboard.rules.facts import BOOLEAN, REGISTRY, Fact, Situation


def _fact(code: str, name: str, output: Output | None) -> Fact:
    full = f"{PREFIX}{code}.{output.name if output is not None else FAILED}"

    def read(at: Situation) -> Any:
        return read_one(full, at)

    if output is None:
        return Fact(full, BOOLEAN, _("%(lookup)s: the look-up failed") % {"lookup": name}, read)
    words = _("%(lookup)s: %(output)s") % {"lookup": name, "output": output.words or output.name}
    return Fact(full, output.type, words, read)


def _find(name: str) -> Fact | None:
    code, output = split(name)
    row = Lookup.objects.filter(code=code).values_list("name", "outputs").first() if code else None
    if row is None:
        return None
    found = outputs_of(row[1]).get(output)
    return _fact(code, row[0], found) if found is not None or output == FAILED else None


def _all() -> Iterator[Fact]:
    for code, name, outputs in Lookup.objects.order_by("name").values_list("code", "name", "outputs"):
        for output in outputs_of(outputs).values():
            yield _fact(code, name, output)
        yield _fact(code, name, None)


REGISTRY.source(PREFIX, _find, all=_all, ahead=True)
