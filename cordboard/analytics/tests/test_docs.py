"""The examples of docs/api.md, run against a centre in which that happened."""

from __future__ import annotations

import json
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from cordboard.analytics.actions import recount
from cordboard.interactions.models import Interaction, Segment
from cordboard.org.actions_tokens import make_token
from cordboard.routing.models import Entry, NotReadyReason, StateLog
from cordboard.routing.tests.centre import START, Centre

TEXT = (Path(__file__).parents[3] / "docs" / "api.md").read_text()
EXAMPLES = re.findall(r"```http\nGET (\S+)\n```\n\n```json\n(.*?)\n```", TEXT, re.DOTALL)


def after(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def happened(centre: Centre) -> None:
    """Two answered, one in time; two gave up, one at once; alice was ready for seven minutes and had a break."""
    made = []
    for waited, fate in ((10, "answered"), (40, "answered"), (2, "abandoned"), (90, "abandoned")):
        row = Interaction.objects.create(channel="voice", state="ended", started_at=START)
        made.append(row.pk)
        part = None
        if fate == "answered":
            part = Segment.objects.create(
                interaction=row, agent=centre.alice, state="ended", offered_at=after(5), accepted_at=after(waited), ended_at=after(waited + 135),
                wrapped_up_at=after(waited + 145), held_seconds=15, end_cause="hung_up",
            )  # fmt: skip
        Entry.objects.create(
            interaction=row, queue=centre.support, state=fate, entered_at=START, waiting_since=START, left_at=after(waited), segment=part,
            in_target=waited <= 20, short=waited < 5 if fate == "abandoned" else None,
        )  # fmt: skip
    recount(made)
    log = (("ready", 0, None), ("not_ready", 420, NotReadyReason.objects.get(code="break")), ("offline", 1320, None))
    for state, seconds, reason in log:
        StateLog.objects.create(agent=centre.alice, state=state, reason=reason, at=after(seconds))


def test_there_are_examples() -> None:
    assert len(EXAMPLES) == 3


@pytest.mark.parametrize(("address", "wanted"), EXAMPLES)
def test_an_example_of_the_page_is_what_a_program_gets(centre: Centre, address: str, wanted: str) -> None:
    happened(centre)
    _row, token = make_token(centre.carol, "planning", ["analytics.view"])
    answer: Any = Client(headers={"Authorization": f"Bearer {token}"}).get(address)
    assert answer.json() == json.loads(wanted)


def test_the_parameters_of_the_page_are_those_that_there_are(centre: Centre) -> None:
    from cordboard.analytics.api import KNOWN, STATES

    table = TEXT.split("| parameter | what")[1].split("```")[0]
    named = {name for line in table.splitlines() if line.startswith("| `") for name in re.findall(r"`(\w+)`", line.split("|")[1])}
    assert named == KNOWN
    assert set(re.findall(r"`(\w+)`", TEXT.split("Parameters: ")[1].split("\n")[0])) == STATES
