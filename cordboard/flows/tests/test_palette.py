"""What the designer is told of types of steps: everything that a step may have, with words."""

from __future__ import annotations

import json

import pytest

from cordboard.flows import steps
from cordboard.flows.palette import palette


@pytest.mark.django_db
def test_the_palette_has_a_form_for_every_type_of_step():
    told = palette()
    json.dumps(told)
    types = {one["type"]: one for one in told["types"]}
    assert {
        "say",
        "ask",
        "look_up",
        "search",
        "web_service",
        "document",
        "book",
        "send",
        "set",
        "score",
        "decide",
        "wait",
        "sub_flow",
        "enqueue",
    } <= types.keys()
    assert "enter" not in types  # what linking puts in
    for one in types.values():
        assert one["words"] != one["type"], one["type"]
        for field in one["fields"]:
            assert field["words"] != field["name"], (one["type"], field["name"])
            assert field["kind"] in steps.KINDS
        for exit in one["exits"]:
            assert exit["words"] or exit["name"] == "next", (one["type"], exit["name"])


@pytest.mark.django_db
def test_only_what_a_surface_can_perform_is_offered_for_it():
    told = {one["type"] for one in palette("survey")["types"]}
    assert "ask" in told
    assert told.isdisjoint({"voicemail", "collect_secret", "transfer"})
