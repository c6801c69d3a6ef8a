"""The examples of docs/api.md about flows, policies and tickets, one after another, as a program sends them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cordboard.api.openapi import described
from cordboard.api.tests.conftest import Program, program_of
from cordboard.flows.models import Flow
from cordboard.org.tests.people import person, unit
from cordboard.parties import actions as parties
from cordboard.parties.models import Party

TEXT = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
PART = TEXT[TEXT.index("## Flows and policies") : TEXT.index("## Tickets")]
TICKETS = TEXT[TEXT.index("## Tickets") : TEXT.index("## When it says no")]


def examples(part: str) -> list[tuple[str, str, str, str]]:
    return re.findall(r"```http\n(\w+) (\S+)\n(.*?)```\n\n```json\n(.*?)\n```", part, re.DOTALL)


def like(got: Any, wanted: Any) -> Any:
    """What was got, with the example's moments and numbers of rows in place of the real ones."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        own = {name for name in got if (name.endswith("_at") or name in ("at", "id")) and got[name] is not None and wanted.get(name) is not None}
        return {name: wanted[name] if name in own else like(value, wanted.get(name)) for name, value in got.items()}
    if isinstance(got, list) and isinstance(wanted, list) and len(got) == len(wanted):
        return [like(*pair) for pair in zip(got, wanted, strict=True)]
    return got


def go_through(ask: Program, part: str) -> int:
    """Asks as the page does; each answer is the page's. Returns how many examples there were."""
    found = examples(part)
    for method, path, rest, wanted in found:
        head, _gap, body = rest.partition("\n\n") if not rest.startswith("\n") else ("", "", rest)
        headers = dict(line.split(": ", 1) for line in head.split("\n") if ": " in line)
        answer = ask(method, path, body.strip().encode(), **headers)
        expected = json.loads(wanted)
        assert like(json.loads(answer.content), expected) == expected, (method, path)
        made = method == "POST" and (path.count("/") == 3 or path.endswith("/messages"))
        assert answer.status_code == expected.get("status", 201 if made else 200)
    return len(found)


@pytest.mark.django_db
def test_the_examples_of_the_page_are_what_a_program_gets(ask: Program) -> None:
    Flow.objects.all().delete()
    assert go_through(ask, PART) == 9


@pytest.mark.django_db
def test_the_examples_about_tickets_are_what_a_program_gets() -> None:
    scopes = ("tickets.view", "tickets.open", "tickets.change")
    alice = person("alice", {**dict.fromkeys(scopes, "all"), "parties.view": "all"}, unit=unit())
    noor = parties.create(None, name="Noor de Vries", email="noor@example.org", country="NL")
    Party.objects.filter(pk=noor.pk).update(customer_number="10042")
    assert go_through(program_of(alice, *scopes), TICKETS) == 6


def test_every_address_of_the_table_is_there() -> None:
    known = set(described()["paths"])
    named = {
        one.replace("...", "/api/v1/flows/{code}" if "version" in one else "/api/v1/policies/{code}")
        for one in re.findall(r"`((?:/api/v1|\.\.\.)/[^`]+)`", PART.split("Make a flow")[0] + TICKETS.split("Open a ticket")[0])
    }
    assert named <= known, named - known


def test_the_parameters_of_the_list_of_tickets_are_those_that_there_are() -> None:
    table = TICKETS.split("| parameter | what")[1]
    named = {name for line in table.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert named == {one["name"] for one in described()["paths"]["/api/v1/tickets"]["get"]["parameters"] if one["in"] == "query"}
