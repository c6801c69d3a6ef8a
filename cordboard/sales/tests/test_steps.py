"""What a flow may look up of a customer's orders, and the demo's service that tells it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cordboard.demo.sources import folder
from cordboard.flows import effects as fx
from cordboard.flows import engine
from cordboard.flows.steps import LOOKUPS, About
from cordboard.routing.tests.centre import Centre, make_centre, party
from cordboard.sales.models import Order

NOW = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)


def look_up(about: About, **args: Any) -> Any:
    read = LOOKUPS["last_order"].read
    assert read is not None
    return read(about, args)


@pytest.fixture
def centre(db: None) -> Centre:
    return make_centre()


def order(customer: Any, number: str, state: str, **more: Any) -> Order:
    return Order.objects.create(number=number, party=customer, state=state, ordered_at=NOW, total=Decimal(10), currency="EUR", **more)


def test_the_last_order_is_told_in_the_language_of_the_run(centre: Centre) -> None:
    customer = party("Margaret Ashworth")
    call = centre.call()
    assert look_up(About(f"interaction:{call.pk}", "ivr", "nl")) is None, "nobody is known"
    call.subject = customer
    call.save()
    assert look_up(About(f"interaction:{call.pk}", "ivr", "nl")) is None, "nothing was ordered"
    order(customer, "100931", "shipped", expected_on=date(2026, 11, 23))
    found = look_up(About(f"interaction:{call.pk}", "ivr", "nl"))
    assert found == {"number": "100931", "spoken": "1 0 0 9 3 1", "state": "shipped", "when": "23 november", "expected": "2026-11-23"}
    assert json.loads(json.dumps(found)) == found, "a run is kept as JSON"
    said = {language: look_up(About("", "script", language), customer=customer.pk)["when"] for language in ("en", "ru", "th", "zh-hans")}
    assert said == {"en": "23 November", "ru": "23 ноября", "th": "23 พฤศจิกายน", "zh-hans": "11月23日"}


def _service() -> engine.Flow:
    return engine.compile_flow(next(spec["graph"] for spec in folder("flows") if spec["code"] == "order-status"))


def _told(state: Any, flow: engine.Flow, given: fx.Input) -> tuple[Any, list[Any]]:
    state, effects = engine.step(flow, state, given, NOW)
    return state, list(effects)


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (
            {"spoken": "1 2", "state": "shipped", "when": "23 november", "expected": "2026-11-23"},
            "Uw bestelling 1 2 is onderweg en wordt verwacht op 23 november.",
        ),
        ({"spoken": "1 2", "state": "shipped", "when": ""}, "Uw bestelling 1 2 is onderweg."),
        ({"spoken": "1 2", "state": "open", "when": ""}, "Uw bestelling 1 2 wordt klaargemaakt."),
        ({"spoken": "1 2", "state": "delivered", "when": ""}, "Uw bestelling 1 2 is bezorgd."),
    ],
)
def test_the_demos_service_says_how_it_stands(found: dict[str, str], words: str) -> None:
    flow = _service()
    state, effects = _told(engine.begin(flow), flow, fx.Started({"queue.code": "orders"}, "nl", "UTC"))
    assert isinstance(effects[-1], fx.Ask)
    state, effects = _told(state, flow, fx.Answered("1"))
    assert isinstance(effects[-1], fx.LookUp)
    state, effects = _told(state, flow, fx.LookedUp(found))
    assert [one.text for one in effects if isinstance(one, fx.Say)][0] == words
    assert isinstance(effects[-1], fx.Ask)
    _state, effects = _told(state, flow, fx.NoAnswer())
    assert isinstance(effects[-1], fx.End)


@pytest.mark.parametrize("given", [fx.LookedUp(None), fx.LookedUp(failed="timeout"), fx.LookedUp({"spoken": "1", "state": "returned", "when": ""})])
def test_what_the_service_cannot_tell_goes_to_a_person(given: fx.LookedUp) -> None:
    flow = _service()
    state, _effects = _told(engine.begin(flow), flow, fx.Started({"queue.code": "orders"}, "en", "UTC"))
    state, _effects = _told(state, flow, fx.Answered("1"))
    _state, effects = _told(state, flow, given)
    assert isinstance(effects[-1], fx.Enqueue)
