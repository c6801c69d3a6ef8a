"""What the toolbar says beside the telephone buttons: a state whose time is over, reasons to reject with."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.utils import timezone

from cordboard.desktop.tests.conftest import signed_in
from cordboard.interactions.models import Segment
from cordboard.routing import actions as routing
from cordboard.routing.models import AgentState
from cordboard.routing.tests.centre import Centre


def toolbar(browser: Client) -> str:
    return browser.get("/desk/fragments/?names=tools,comm").content.decode()


def on_a_break(centre: Centre, ended: timedelta) -> Client:
    """Alice is on a break of fifteen minutes whose end lies so long ago."""
    centre.now = timezone.now() - timedelta(minutes=15) - ended
    centre.ready(centre.alice)
    assert routing.set_not_ready(centre.alice, "break", now=centre.now).done
    return signed_in(centre.alice)


def test_a_break_that_runs_reminds_nobody(centre: Centre) -> None:
    page = toolbar(on_a_break(centre, -timedelta(minutes=5)))
    assert "over since" not in page
    assert "data-over" not in page
    assert "Break until" in page


def test_a_break_that_is_over_reminds_until_it_is_seen(centre: Centre) -> None:
    browser = on_a_break(centre, timedelta(seconds=30))
    page = toolbar(browser)
    assert "over since <time" in page
    assert "Your time for Break ended at" in page
    assert 'data-seen-url="/desk/state/seen/"' in page
    assert "Break, over since" in page

    assert browser.post("/desk/state/seen/").status_code == 204
    assert browser.post("/desk/state/seen/").status_code == 204, "twice is no harm"
    page = toolbar(browser)
    assert "data-seen-url" not in page, "no reminder any more"
    assert "over since <time" in page, "but the clock says it as long as it is so"
    assert AgentState.objects.get(agent=centre.alice).state == "not_ready"

    assert browser.post("/desk/state/", {"state": "ready"}).status_code == 204
    assert "over since" not in toolbar(browser)


def test_dave_has_no_state_to_be_reminded_of(centre: Centre) -> None:
    assert signed_in(centre.dave).post("/desk/state/seen/").status_code == 403


def test_a_ringing_call_is_rejected_with_or_without_a_reason(centre: Centre) -> None:
    centre.now = timezone.now()
    centre.ready(centre.alice)
    browser = signed_in(centre.alice)
    assert "?reason=" not in toolbar(browser), "nothing rings"
    call = centre.call()
    centre.offer(call, centre.alice)
    page = toolbar(browser)
    assert f"/desk/{call.pk}/reject/?reason=language" in page
    assert "It needs another language" in page
    assert f'data-url="/desk/{call.pk}/reject/"' in page, "one click needs no reason"

    assert browser.post(f"/desk/{call.pk}/reject/?reason=boredom").status_code == 409
    assert browser.post(f"/desk/{call.pk}/reject/?reason=language").status_code == 204
    assert Segment.objects.get(interaction=call, agent=centre.alice).end_reason == "language"

    centre.now = timezone.now()
    centre.ready(centre.bob)
    centre.offer(call, centre.bob)
    colleague = signed_in(centre.bob)
    assert "it needs another language" in colleague.get("/desk/fragments/?names=work").content.decode()
    assert colleague.post(f"/desk/{call.pk}/reject/").status_code == 204
