"""One centre for all tests that kill nothing; one each for those that do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cordboard.lib.testing.centre import Centre
from tests.voice import house
from tests.voice.hands import Hands


@pytest.fixture(scope="session")
def shared_hands(shared_centre: Centre) -> Iterator[Hands]:
    made = Hands(shared_centre)
    house.furnish(made)
    yield made
    made.close()


@pytest.fixture
def hands(centre: Centre) -> Iterator[Hands]:
    made = Hands(centre)
    house.furnish(made)
    yield made
    made.close()
