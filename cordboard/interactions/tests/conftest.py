from __future__ import annotations

import pytest

from cordboard.routing.tests.centre import Centre, make_centre


@pytest.fixture
def centre(db: None) -> Centre:
    return make_centre()
