from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

import pytest

from cordboard.lib import config as configuration
from cordboard.lib.testing.mailbox import Mailbox, mailbox
from cordboard.mail import actions, sending
from cordboard.routing.tests.centre import Centre, make_centre


@pytest.fixture
def centre(db: None) -> Centre:
    return make_centre()


@pytest.fixture
def post() -> Iterator[Mailbox]:
    with mailbox() as box:
        yield box


@pytest.fixture
def mail_server(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Says where mail is handed over; "" for nowhere."""

    def at(url: str) -> None:
        made = dataclasses.replace(configuration.config(), smtp=url, mail_from="Lamp en Ketel <hello@lampketel.example>")
        for module in (actions, sending):
            monkeypatch.setattr(module, "config", lambda: made)

    return at
