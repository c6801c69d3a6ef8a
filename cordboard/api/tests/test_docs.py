"""The examples of docs/api.md about flows and policies, one after another, as a program sends them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cordboard.api.tests.conftest import Program
from cordboard.flows.models import Flow

TEXT = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
PART = TEXT[TEXT.index("## Flows and policies") : TEXT.index("## When it says no")]
EXAMPLES = re.findall(r"```http\n(\w+) (\S+)\n(.*?)```\n\n```json\n(.*?)\n```", PART, re.DOTALL)


def like(got: Any, wanted: Any) -> Any:
    """What was got, with the example's moments in place of the real ones."""
    if isinstance(got, dict) and isinstance(wanted, dict):
        return {name: wanted.get(name) if name.endswith("_at") and value is not None else like(value, wanted.get(name)) for name, value in got.items()}
    return got


@pytest.mark.django_db
def test_the_examples_of_the_page_are_what_a_program_gets(ask: Program) -> None:
    Flow.objects.all().delete()
    assert len(EXAMPLES) == 9
    for method, path, rest, wanted in EXAMPLES:
        head, _gap, body = rest.partition("\n\n") if not rest.startswith("\n") else ("", "", rest)
        headers = dict(line.split(": ", 1) for line in head.split("\n") if ": " in line)
        answer = ask(method, path, body.strip().encode(), **headers)
        expected = json.loads(wanted)
        assert like(json.loads(answer.content), expected) == expected, (method, path)
        assert answer.status_code == expected.get("status", 201 if method == "POST" and path.count("/") == 3 else 200)


def test_every_address_of_the_table_is_there() -> None:
    from cordboard.api.openapi import described

    known = set(described()["paths"])
    named = {
        one.replace("...", "/api/v1/flows/{code}" if "version" in one else "/api/v1/policies/{code}")
        for one in re.findall(r"`((?:/api/v1|\.\.\.)/[^`]+)`", PART.split("Make a flow")[0])
    }
    assert named <= known, named - known
