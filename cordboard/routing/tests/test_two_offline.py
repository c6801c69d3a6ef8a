"""Whoever had two contacts and is gone has room again when they come back."""

from __future__ import annotations

import pytest
from django.db import transaction

from cordboard.interactions.tell import Tell
from cordboard.routing import actions, actions_state
from cordboard.routing.models import AgentState
from cordboard.routing.tests.centre import Centre


@pytest.mark.django_db
def test_somebody_who_is_not_there_holds_no_load(centre: Centre) -> None:
    centre.ready(centre.alice)
    AgentState.objects.filter(agent=centre.alice).update(state="wrapup", voice_capacity=2, voice_load=2)
    with transaction.atomic():
        tell = Tell("worker")
        actions_state.offline(actions_state.lock_agents([centre.alice.pk])[centre.alice.pk], tell, centre.now)
        tell.write()
    actions.sweep_wrapup(centre.now)
    row = AgentState.objects.get(agent=centre.alice)
    assert (row.state, row.voice_load) == ("offline", 0)
