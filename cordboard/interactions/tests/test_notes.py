"""What the agent writes down is kept, in the order in which it was typed."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.interactions import actions
from cordboard.interactions.acts import Came
from cordboard.interactions.models import Interaction, Note
from cordboard.interactions.queries import note_of
from cordboard.interactions.queries_reasons import favourites, outcomes, reasons_in_levels
from cordboard.routing import actions as routing
from cordboard.routing.tests.centre import Centre, told


@pytest.fixture
def call(centre: Centre) -> Interaction:
    centre.ready(centre.alice)
    return centre.talk(centre.alice)


def test_an_older_text_never_overwrites_a_newer(centre: Centre, call: Interaction) -> None:
    assert actions.save_note(centre.alice, call.pk, "Water", 1, now=centre.now).saved
    assert actions.save_note(centre.alice, call.pk, "Water in the drum", 3, now=centre.now).saved
    late = actions.save_note(centre.alice, call.pk, "Water in", 2, now=centre.now)
    assert (late.saved, late.text, late.revision) == (False, "Water in the drum", 3)
    again = actions.save_note(centre.alice, call.pk, "Water in the drum", 3, now=centre.now)
    assert again.saved
    assert not actions.save_note(centre.alice, call.pk, "from another window", 3, now=centre.now).saved
    assert len(told("interactions.note_saved")) == 2
    kept = note_of(centre.alice, call.pk)
    assert kept is not None
    assert kept.text == "Water in the drum"


def test_the_loose_pad_is_ones_own(centre: Centre) -> None:
    assert note_of(centre.alice, None) is None
    actions.save_note(centre.alice, None, "Buy milk", 1, now=centre.now)
    actions.save_note(centre.bob, None, "Call home", 1, now=centre.now)
    actions.save_note(centre.alice, None, "Buy milk and tea", 2, now=centre.now)
    kept = note_of(centre.alice, None)
    assert kept is not None
    assert kept.text == "Buy milk and tea"
    assert Note.objects.count() == 2


def test_what_was_typed_without_a_network_comes_after_the_end(centre: Centre, call: Interaction) -> None:
    routing.customer_left(call.pk, now=centre.now)
    routing.wrap_up(centre.alice, call.pk, now=centre.now)
    assert actions.save_note(centre.alice, call.pk, "He calls again tomorrow", 9, now=centre.now).saved


def test_filing_the_note(centre: Centre, call: Interaction) -> None:
    assert actions.file_note(centre.alice, call.pk).came == Came.NO_SUCH
    actions.save_note(centre.alice, call.pk, "Done", 1, now=centre.now)
    assert actions.file_note(centre.alice, call.pk).came == Came.DONE
    assert actions.file_note(centre.alice, call.pk).came == Came.ALREADY
    actions.save_note(centre.alice, call.pk, "Done and more", 2, now=centre.now)
    assert actions.file_note(centre.alice, call.pk).came == Came.DONE


def test_others_may_not_write_there(centre: Centre, call: Interaction) -> None:
    for who in (centre.bob, centre.dave):
        with pytest.raises(PermissionDenied):
            actions.save_note(who, call.pk, "x", 1, now=centre.now)
        with pytest.raises(PermissionDenied):
            actions.add_reason(who, call.pk, "defect", now=centre.now)
    with pytest.raises(PermissionDenied):
        actions.save_note(centre.dave, None, "x", 1, now=centre.now)
    assert actions.save_note(centre.carol, call.pk, "Well done", 1, now=centre.now).saved


def test_several_reasons_and_favourites(centre: Centre, call: Interaction) -> None:
    assert actions.add_reason(centre.alice, call.pk, "defect", now=centre.now).came == Came.DONE
    assert actions.add_reason(centre.alice, call.pk, "defect", now=centre.now).came == Came.ALREADY
    assert actions.add_reason(centre.alice, call.pk, "nothing", now=centre.now).came == Came.NO_SUCH
    assert actions.add_reason(centre.alice, call.pk, "noise", now=centre.now).done
    assert actions.remove_reason(centre.alice, call.pk, "defect").came == Came.DONE
    assert actions.remove_reason(centre.alice, call.pk, "defect").came == Came.ALREADY
    assert len(told("interactions.reasons_changed")[-1]["reasons"]) == 1
    assert [one.code for one in favourites(centre.alice, now=centre.now)] == ["noise", "defect"]
    assert [(top.code, [one.code for one in below]) for top, below in reasons_in_levels()] == [("product", ["defect", "noise"])]


def test_outcome_and_headline(centre: Centre, call: Interaction) -> None:
    assert actions.set_outcome(centre.alice, call.pk, "solved", now=centre.now).came == Came.DONE
    assert actions.set_outcome(centre.alice, call.pk, "solved", now=centre.now).came == Came.ALREADY
    assert actions.set_outcome(centre.alice, call.pk, "flown", now=centre.now).came == Came.NO_SUCH
    assert actions.set_outcome(centre.alice, call.pk, None, now=centre.now).came == Came.DONE
    assert [one.code for one in outcomes()] == ["solved"]
    assert actions.set_headline(centre.alice, call.pk, " E18,\n does not drain ").done
    call.refresh_from_db()
    assert call.headline == "E18, does not drain"
