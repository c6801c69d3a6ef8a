"""Emergency announcements: whom they concern, in which words, for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from cordboard.channels.voice import actions_emergency, queries
from cordboard.channels.voice.queries import EmergencySaid
from cordboard.routing.tests.centre import Centre, make_centre, told


@pytest.fixture
def centre(db: None) -> Centre:
    return make_centre()


def test_the_words_are_those_of_the_caller_else_english_else_any() -> None:
    said = EmergencySaid(1, {"en": "Fire", "nl": "Brand"}, None)
    assert said.words("nl") == ("Brand", "nl")
    assert said.words("th") == ("Fire", "en")
    assert EmergencySaid(1, {"ru": "Пожар"}, None).words("th") == ("Пожар", "ru")


@pytest.mark.django_db
def test_it_concerns_who_waits_in_the_queue_and_who_calls_in_for_it(centre: Centre) -> None:
    waits, elsewhere = centre.call(), centre.call(centre.sales)
    made = actions_emergency.announce(centre.carol, centre.support.pk, {"en": "Fire", "xx": "?"}, now=centre.now)
    assert queries.terms().emergencies["support"].texts == {"en": "Fire"}
    heard = queries.emergency_for(waits.pk, centre.now)
    assert heard is not None
    assert heard.id == made
    assert queries.emergency_for(elsewhere.pk, centre.now) is None
    first = queries.emergency_of("support", centre.now)
    assert first is not None
    assert first.id == made
    assert queries.emergency_of("sales", centre.now) is None
    assert actions_emergency.end(centre.carol, centre.support.pk, now=centre.now)
    assert not actions_emergency.end(centre.carol, centre.support.pk, now=centre.now)
    assert queries.terms().emergencies == {}
    assert queries.emergency_for(waits.pk, centre.now) is None
    assert [row["on"] for row in told("voice.emergency_set")] == [True, False]


@pytest.mark.django_db
def test_its_time_runs_out_and_a_new_one_takes_its_place(centre: Centre) -> None:
    waits = centre.call()
    until = centre.now + timedelta(hours=1)
    first = actions_emergency.announce(centre.carol, centre.support.pk, {"en": "Fire"}, until=until, now=centre.now)
    assert not queries.terms().emergencies["support"].at(until.timestamp())
    assert queries.emergency_for(waits.pk, until) is None
    assert queries.emergency_of("support", until) is None
    second = actions_emergency.announce(centre.carol, centre.support.pk, {"en": "Flood"}, now=until)
    assert first != second
    assert queries.terms().emergencies["support"].texts == {"en": "Flood"}


@pytest.mark.django_db
def test_nothing_to_say_and_nobody_to_say_it_are_refused(centre: Centre) -> None:
    for texts, until in (({"en": "  "}, None), ({"en": "x" * 601}, None), ({"en": "Fire"}, centre.now)):
        with pytest.raises(ValueError, match="no text"):
            actions_emergency.announce(centre.carol, centre.support.pk, texts, until=until, now=centre.now)
    with pytest.raises(PermissionDenied):
        actions_emergency.announce(centre.dave, centre.support.pk, {"en": "Fire"})
