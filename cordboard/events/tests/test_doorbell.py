"""The doorbell: who listens wakes at once; rings come together; what is lost costs a poll."""

from __future__ import annotations

import asyncio
import dataclasses
import threading
import time

import pytest

from cordboard.events.doorbell import AsyncListener, Bell, Listener
from cordboard.events.tests.conftest import Log


def test_everyone_who_listens_wakes(log: Log) -> None:
    listeners = [Listener(log.config), Listener(log.config)]
    Bell(log.config).ring()
    assert [listener.wait(5) for listener in listeners] == [True, True]
    assert [listener.wait(0.05) for listener in listeners] == [False, False]
    for listener in listeners:
        listener.close()


def test_a_ring_during_another_is_not_lost(log: Log) -> None:
    """Rings closer together than 10 ms are gathered, and the last one still goes out after its own commit."""
    bell, listener = Bell(log.config), Listener(log.config)
    for _ in range(20):
        bell.ring()
        assert listener.wait(5)
    listener.close()


def test_a_thousand_rings_are_few_messages(log: Log) -> None:
    bell, listener = Bell(log.config), Listener(log.config)
    sent = []
    bell._send, send = lambda: (sent.append(1), send())[1], bell._send  # type: ignore[method-assign]
    begun = time.monotonic()
    for _ in range(1000):
        bell.ring()
    bell.flush()
    assert 1 <= len(sent) <= 2 + (time.monotonic() - begun) / 0.010
    listener.close()


def test_threads_ring_together(log: Log) -> None:
    bell, listener = Bell(log.config), Listener(log.config)
    threads = [threading.Thread(target=bell.ring) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert listener.wait(5)
    listener.close()


def test_nobody_listens_or_one_has_died(log: Log) -> None:
    bell = Bell(log.config)
    bell.ring()
    dead = Listener(log.config)
    if dead._socket is not None:
        dead._socket.close()  # as kill -9 does: the file stays
        time.sleep(0.02)
        bell.ring()
        assert list(log.config.bells.iterdir()) == []


def test_a_full_listener_does_not_hold_the_ringer(log: Log) -> None:
    bell, listener = Bell(log.config), Listener(log.config)
    begun = time.monotonic()
    for _ in range(600):
        bell._send()
    assert time.monotonic() - begun < 10
    assert listener.wait(5)
    listener.close()


def test_asyncio_listens_too(log: Log) -> None:
    async def story() -> None:
        listener = AsyncListener(log.config)
        await listener.start()
        bell = Bell(log.config)
        if log.config.database_url:
            assert await listener.wait(5), "once when the line stands"
        for _ in range(3):
            await asyncio.to_thread(bell.ring)
            assert await listener.wait(5)
            await asyncio.sleep(0.02)
        assert not await listener.wait(0.05)
        await listener.stop()

    asyncio.run(story())


def test_a_database_that_is_gone_is_not_called_at_every_ring(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def refused(url: str) -> None:
        tries.append(url)
        raise OSError("nobody answers")

    monkeypatch.setattr("cordboard.events.feed.connect_postgres", refused)
    bell = Bell(dataclasses.replace(log.config, database_url="postgresql://nobody@127.0.0.1:1/none"))
    for _ring in range(3):
        bell._send()
    assert len(tries) == 1, "once more in a second; the readers poll as often"
    bell._silent_until = 0.0
    bell._send()
    assert len(tries) == 2
