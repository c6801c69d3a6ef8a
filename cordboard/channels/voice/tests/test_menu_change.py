"""A menu that is changed while people are in it: who is in it finishes the old one, who comes next follows the new."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from cordboard.channels.voice import actions
from cordboard.channels.voice.models import Line
from cordboard.demo.sources import folder
from cordboard.flows import actions as flows
from cordboard.flows import effects as fx
from cordboard.flows import engine
from cordboard.routing.models import Queue

pytestmark = pytest.mark.django_db

WELCOME: dict[str, Any] = next(spec["graph"] for spec in folder("flows") if spec["code"] == "service-line")


@pytest.fixture
def line() -> Line:
    queue = Queue.objects.create(code="service", name="Service", hours={"timezone": "Europe/Amsterdam"})
    return Line.objects.create(number="100", name="Service", flow="menu", queue=queue, country="NL", languages=["en"])


class Caller:
    """Somebody in the menu, as the switch leads them: the version is asked for anew before each key, as after a restart."""

    def __init__(self, reference: str, now: Any) -> None:
        opened = actions.open_call(reference, ani="0205550123", dnis="100", kind="sip")
        assert opened is not None
        begun = actions.begin_run(opened.interaction, opened.flow)
        assert begun is not None
        self.flow, self.version, self.now = begun.flow, begun.version, now
        values = {**begun.values, "queue.open": True, "call.recorded": False}
        self.state, self.heard = engine.step(self.compiled(), engine.begin(self.compiled()), fx.Started(values, "en"), now)

    def compiled(self) -> engine.Flow:
        graph, version = actions.graph_of(self.flow)
        return engine.compile_flow(graph, version)

    def press(self, key: str) -> list[Any]:
        self.state, self.heard = engine.step(self.compiled(), self.state, fx.Answered(key), self.now)
        return self.heard


def test_a_caller_in_the_old_menu_stays_in_it_and_the_next_hears_the_new_one(line: Line) -> None:
    first = flows.publish(flows.create("menu", "Menu", ["ivr"], None, graph=WELCOME).pk, None)
    assert first.published_at is not None
    early = Caller("early", first.published_at)
    assert (early.version, early.state["at"]) == (1, "matter")
    graph = copy.deepcopy(WELCOME)
    graph["steps"]["matter"]["choices"].append({"key": "4", "value": "other", "next": "to_person"})
    draft = flows.open_draft("menu", None)
    flows.publish(flows.save_draft(draft.pk, graph, draft.revision, None).pk, None)
    late = Caller("late", first.published_at)
    assert (late.version, late.state["at"]) == (2, "matter")
    late.press("4")
    assert late.state["ended"] == "handed_over"
    early.press("4")
    assert (early.state["ended"], early.state["at"]) == ("", "matter"), "there is no 4 in the menu that this caller hears"
    early.press("1")
    assert early.state["vars"]["matter"]["value"] == "product"
