"""Walking the pages of the demo centre by their links."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date

from django.test import Client
from django.urls import resolve

from cordboard.parties import identity
from cordboard.parties.models import Party

LINKS = re.compile(r'(?:href|hx-get)="(/[^"#]*)')
EACH = 3
"""Pages of one kind that are looked at."""
PAGES = 5000
OUT = ("/account/", "/static/", "/figures/", "/settings/", "/flows/", "/policies/")
WORDS = {"city"}
"""Answers that are words of other things as well: a unit of that city."""


def answers() -> dict[str, str]:
    """Everything that could be asked of any customer: answer -> which question, and whose."""
    found: dict[str, str] = {}
    for party in Party.objects.values_list("pk", flat=True):
        for one in identity.known([party], date(2026, 11, 17)):
            if one.code not in WORDS and len(one.answer) > 4:
                found[one.answer] = f"{one.code} of customer {party}"
    return found


def pages(client: Client, first: list[str]) -> Iterator[tuple[str, str]]:
    """The pages that can be reached, by their addresses; a few of each kind."""
    waiting, known, kinds = list(first), set(first), Counter[str]()
    while waiting and len(known) < PAGES:
        path = waiting.pop(0)
        name = resolve(path.partition("?")[0]).view_name
        kinds[name] += 1
        if kinds[name] > EACH:
            continue
        answer = client.get(path, follow=True)
        if answer.status_code != 200 or "text/html" not in answer["Content-Type"]:
            continue
        text = answer.content.decode()
        yield path, text
        for link in LINKS.findall(text):
            link = link.replace("&amp;", "&")
            if link not in known and not link.startswith(OUT):
                known.add(link)
                waiting.append(link)
